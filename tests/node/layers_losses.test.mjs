// Losses and metrics by themselves and under each name compile takes, against formulas reckoned here
// in double precision; optimizers by name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const near = (got, want, tolerance = 2e-5) => {
  ((got = [...got.dataSync()]), (want = [want].flat(Infinity)));
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
};
const numbers = (n, seed = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
const EPSILON = 1e-7,
  least = (v) => Math.max(v, EPSILON),
  within = (v) => Math.min(Math.fround(1 - EPSILON), least(v));
const sum = (v) => v.reduce((a, b) => a + b, 0),
  mean = (v) => sum(v) / v.length,
  argMax = (v) => v.indexOf(Math.max(...v));
const pairs = (f) => (y, p) => mean(y.map((v, i) => f(v, p[i])));
const unit = (v) => {
  const n = Math.max(Math.hypot(...v), Math.sqrt(EPSILON));
  return v.map((x) => x / n);
};
const top = (y, p, k) => Number(p.filter((v) => v > p[y]).length < k);

/** What each is of one example: y and p are rows of numbers; y is one class where `sparse`. */
const OF_A_ROW = {
  meanSquaredError: pairs((y, p) => (y - p) ** 2),
  meanAbsoluteError: pairs((y, p) => Math.abs(y - p)),
  meanAbsolutePercentageError: pairs((y, p) => 100 * Math.abs((y - p) / least(Math.abs(y)))),
  meanSquaredLogarithmicError: pairs((y, p) => (Math.log1p(least(y)) - Math.log1p(least(p))) ** 2),
  logcosh: pairs((y, p) => Math.log(Math.cosh(p - y))),
  hinge: pairs((y, p) => Math.max(0, 1 - y * p)),
  squaredHinge: pairs((y, p) => Math.max(0, 1 - y * p) ** 2),
  categoricalHinge: (y, p) =>
    Math.max(0, 1 + Math.max(...p.map((v, i) => (1 - y[i]) * v)) - sum(p.map((v, i) => y[i] * v))),
  categoricalCrossentropy: (y, p) => -sum(y.map((v, i) => v * Math.log(within(p[i] / sum(p))))),
  sparseCategoricalCrossentropy: (y, p) => -Math.log(within(p[y] / sum(p))),
  binaryCrossentropy: pairs((y, p) => -y * Math.log(within(p)) - (1 - y) * Math.log(1 - within(p))),
  kullbackLeiblerDivergence: (y, p) => sum(y.map((v, i) => within(v) * Math.log(within(v) / within(p[i])))),
  huber: pairs((y, p) => (Math.abs(p - y) <= 1 ? (p - y) ** 2 / 2 : Math.abs(p - y) - 0.5)),
  binaryFocalCrossentropy: pairs(
    (y, p) => (1 - y * p - (1 - y) * (1 - p)) ** 2 * (-y * Math.log(within(p)) - (1 - y) * Math.log(1 - within(p))),
  ),
  categoricalFocalCrossentropy: (y, p) =>
    sum(y.map((v, i) => 0.25 * (1 - within(p[i] / sum(p))) ** 2 * -v * Math.log(within(p[i] / sum(p))))),
  categoricalCrossentropyFromLogits: (y, p) => -sum(y.map((v, i) => v * (p[i] - Math.log(sum(p.map(Math.exp)))))),
  sparseCategoricalCrossentropyFromLogits: (y, p) => Math.log(sum(p.map(Math.exp))) - p[y],
  binaryCrossentropyFromLogits: pairs((y, p) => Math.log1p(Math.exp(p)) - y * p),
  categoricalGeneralizedCrossEntropy: (y, p) => 2 * (1 - Math.sqrt(p[y])),
  poisson: pairs((y, p) => p - y * Math.log(p + EPSILON)),
  cosineProximity: (y, p) => -sum(unit(y).map((v, i) => v * unit(p)[i])),
  binaryAccuracy: pairs((y, p) => Number(y === Number(p > 0.5))),
  categoricalAccuracy: (y, p) => Number(argMax(y) === argMax(p)),
  sparseCategoricalAccuracy: (y, p) => Number(y === argMax(p)),
  topKCategoricalAccuracy: (y, p) => top(argMax(y), p, 5),
  sparseTopKCategoricalAccuracy: (y, p) => top(y, p, 5),
};
/** What each is of a whole batch. */
const OF_ALL = {
  dice: (y, p) => 1 - (2 * sum(y.map((v, i) => v * p[i]))) / (sum(y) + sum(p) + EPSILON),
  tversky: (y, p) => {
    const both = sum(y.map((v, i) => v * p[i]));
    return 1 - both / (both + (sum(p) - both) / 2 + (sum(y) - both) / 2 + EPSILON);
  },
  precision: (y, p) => {
    const said = sum(p.map((v) => Number(v > 0.5)));
    return said ? sum(p.map((v, i) => Number(v > 0.5 && y[i] === 1))) / said : 0;
  },
  recall: (y, p) => {
    const there = sum(y.map((v) => Number(v === 1)));
    return there ? sum(y.map((v, i) => Number(v === 1 && p[i] > 0.5))) / there : 0;
  },
  r2Score: (y, p) => 1 - sum(y.map((v, i) => (v - p[i]) ** 2)) / sum(y.map((v) => (v - mean(y)) ** 2)),
};
const SPARSE = /^sparse|Generalized/,
  ROWS = 6,
  CLASSES = 7;
const chances = (seed) =>
  Array.from({ length: ROWS }, (_, r) => {
    const v = numbers(CLASSES, seed + r).map((x) => Math.exp(2 * x));
    return v.map((x) => x / sum(v));
  });
const hot = Array.from({ length: ROWS }, (_, r) =>
  Array.from({ length: CLASSES }, (__, c) => Number(c === (r * 3) % CLASSES)),
);
const signs = hot.map((row) => row.map((v) => 2 * v - 1)),
  plain = (seed) => Array.from({ length: ROWS }, (_, r) => numbers(CLASSES, seed + r).map((v) => 3 * v));
const CERTAIN = hot.map((row, r) => (r % 2 ? row : row.map((v) => 1 - v)));
/** y and p that suit a function: any numbers, shares that add to 1, certainties, ones and zeros. */
const SUITED = {
  ...Object.fromEntries(
    ['binary', 'categorical', 'sparseCategorical'].map((name) => [
      `${name}CrossentropyFromLogits`,
      [
        [hot, plain(3)],
        [hot, hot.map((r) => r.map((v) => 30 * v))],
      ],
    ]),
  ),
  meanSquaredLogarithmicError: [[plain(0), plain(9)]],
  hinge: [[signs, plain(3)]],
  squaredHinge: [[signs, plain(3)]],
  categoricalHinge: [[hot, plain(3)]],
  kullbackLeiblerDivergence: [
    [chances(0), chances(9)],
    [hot, chances(3)],
  ],
  poisson: [[chances(0), chances(9)]],
  cosineProximity: [
    [plain(0), plain(9)],
    [plain(0), plain(0)],
    [hot.map((r) => r.map(() => 0)), plain(1)],
  ],
};
const MEANS = /^mean|^logcosh/,
  suited = (name) =>
    SUITED[name] ??
    (MEANS.test(name)
      ? [
          [plain(0), plain(9)],
          [plain(1), plain(1)],
        ]
      : [
          [hot, chances(3)],
          [hot, CERTAIN],
          [hot, hot],
        ]);

for (const [name, want] of Object.entries(OF_A_ROW))
  test(`${name} of rows`, () =>
    tf.tidy(() => {
      const f = tf.metrics[name],
        there = peer.metrics[name];
      for (const [y, p] of suited(name)) {
        const sparse = SPARSE.test(name),
          ys = sparse ? y.map(argMax) : y,
          wants = ys.map((row, i) => want(row, p[i]));
        const count = tf.memory().numTensors,
          got = f(ys, p);
        assert.equal(tf.memory().numTensors, count + 1);
        assert.deepEqual([got.shape, got.dtype], [[ROWS], 'float32']);
        near(got, wants);
        if (there) near(got, [...there(peer.tensor(ys), peer.tensor(p)).dataSync()], 1e-4);
        const folded = (v) => tf.reshape(v, sparse && v === ys ? [2, ROWS / 2] : [2, ROWS / 2, -1]);
        if (!/^sparse|^topK/.test(name)) {
          near(f(folded(ys), folded(p)), wants);
          near(f(tf.tensor(ys[0]), tf.tensor(p[0])), wants[0]);
          assert.deepEqual(f(tf.tensor(ys[0]), tf.tensor(p[0])).shape, []);
        } else if (sparse) near(f(tf.tensor(ys, [ROWS, 1], 'int32'), p), wants);
        assert.throws(
          () => f(ys, p.slice(1)),
          (error) => error.message.includes('5') && error.message.includes('6'),
        );
      }
    }));

for (const [name, want] of Object.entries(OF_ALL))
  test(`${name} of a batch`, () =>
    tf.tidy(() => {
      const cases =
        name === 'r2Score'
          ? [
              [
                [1, 2, 3, 5],
                [1.5, 2, 2, 4],
              ],
              [
                [1, 2, 4],
                [1, 2, 4],
              ],
            ]
          : [
              [
                [0, 0, 0, 1],
                [0, 0, 0, 1],
              ],
              [
                [1, 0, 1, 0, 0, 0, 1],
                [0, 0, 1, 1, 1, 1, 0],
              ],
              [
                [1, 1],
                [0, 0],
              ],
              [
                [0, 0],
                [1, 1],
              ],
              [hot.flat(), CERTAIN.flat()],
            ];
      for (const [y, p] of cases) {
        const got = tf.metrics[name](y, p);
        assert.deepEqual([got.shape, got.dtype], [[], 'float32']);
        near(got, want(y, p));
        if (peer.metrics[name]) near(got, [...peer.metrics[name](peer.tensor(y), peer.tensor(p)).dataSync()]);
      }
    }));

/** Losses whose targets have a shape of their own: losses_pairs.test.mjs has them. */
const APART = ['circle', 'ctc'];

test('every loss and metric is in a row', () => {
  for (const { name } of [...declared.loss, ...declared.metric])
    assert.ok(name in OF_A_ROW || name in OF_ALL || APART.includes(name), name);
});

// ---- under the names of compile ----

const model = (lib, units, activation) => {
  const made = lib.sequential({ layers: [lib.layers.dense({ units, activation, inputShape: [3] })] });
  made.setWeights([lib.tensor(numbers(3 * units, 5), [3, units]), lib.zeros([units])]);
  return made;
};
const evaluated = (lib, made, y) =>
  [made.evaluate(lib.tensor(numbers(12, 2), [4, 3]), lib.tensor(y))].flat().map((t) => t.dataSync()[0]);
const Y = {
  1: [[1], [0], [1], [0]],
  3: [
    [1, 0, 0],
    [0, 0, 1],
    [0, 1, 0],
    [1, 0, 0],
  ],
};

for (const { name, also } of [...declared.loss, ...declared.metric].filter((d) => !APART.includes(d.name)))
  for (const given of [name, ...also, tf.metrics[name], ...also.map((other) => tf.metrics[other]).filter(Boolean)])
    test(`metric ${name} given as ${typeof given === 'string' ? `'${given}'` : 'a function'} is reported by that name`, () =>
      tf.tidy(() => {
        const made = model(tf, 3, 'softmax'),
          sparse = SPARSE.test(name),
          y = sparse ? Y[3].map((row) => [argMax(row)]) : Y[3];
        made.compile({
          optimizer: 'sgd',
          loss: sparse ? 'sparseCategoricalCrossentropy' : 'meanSquaredError',
          metrics: [given],
        });
        const known = [name, ...also].find((n) => (typeof given === 'string' ? n === given : tf.metrics[n] === given));
        assert.deepEqual(made.metricsNames, ['loss', known]);
        const p = made.predict(tf.tensor(numbers(12, 2), [4, 3])),
          direct = name === 'r2Score' ? new tf.metrics.R2Score().of(y, p) : tf.metrics[name](y, p).mean().dataSync()[0]; // over columns, as Keras has it
        assert.ok(Math.abs(evaluated(tf, made, y)[1] - direct) < 1e-5);
        made.optimizer.dispose();
        made.dispose();
      }));

test('accuracy and crossentropy are what fits the output', () =>
  tf.tidy(() => {
    for (const [units, activation, loss] of [
      [1, 'sigmoid', 'binaryCrossentropy'],
      [3, 'softmax', 'categoricalCrossentropy'],
      [3, 'softmax', 'sparseCategoricalCrossentropy'],
      [1, 'linear', 'meanSquaredError'],
      [3, 'sigmoid', 'binaryCrossentropy'],
    ])
      for (const metrics of [['acc'], ['accuracy', 'ce'], ['crossentropy', 'mae', 'MSE']]) {
        const results = [tf, peer].map((lib) => {
          const made = model(lib, units, activation);
          try {
            made.compile({ optimizer: 'sgd', loss, metrics });
            return [
              made.metricsNames,
              evaluated(lib, made, /^sparse/.test(loss) ? Y[3].map((row) => [argMax(row)]) : Y[units]),
            ];
          } finally {
            if (lib === tf) (made.optimizer.dispose(), made.dispose());
          }
        });
        assert.deepEqual(results[0][0], results[1][0]);
        results[1][1].forEach((want, i) =>
          assert.ok(
            Math.abs(results[0][1][i] - want) <= 1e-4 * Math.max(1, Math.abs(want)),
            `${loss}, ${metrics}: ${results[0][1]}, the peer has ${results[1][1]}`,
          ),
        );
      }
  }));

test("optimizers by name are of their classes, with the peer's numbers", () =>
  tf.tidy(() => {
    const made = model(tf, 1, 'linear'),
      theirs = model(peer, 1, 'linear');
    for (const name of [
      'SGD',
      'sgd',
      'Adam',
      'adam',
      'RMSProp',
      'rmsprop',
      'Adagrad',
      'adagrad',
      'Adadelta',
      'adadelta',
      'Adamax',
      'adamax',
    ]) {
      for (const m of [made, theirs]) m.compile({ optimizer: name, loss: 'meanSquaredError' });
      const { className } = declared.optimizer.find((d) => d.name === name.toLowerCase());
      assert.ok(made.optimizer instanceof tf[`${className}Optimizer`], name);
      assert.deepEqual(
        [made.optimizer.getClassName(), made.optimizer.getConfig()],
        [theirs.optimizer.getClassName(), theirs.optimizer.getConfig()],
      );
      made.optimizer.dispose();
    }
    const wrong = [
      [{ optimizer: 'not an optimizer', loss: 'mse' }, /Unknown Optimizer 'not an optimizer'/],
      [{ optimizer: 3, loss: 'mse' }, /User-defined optimizer must be an instance of tf.Optimizer/],
      [{ optimizer: 'sgd', loss: 'Nonsense' }, /Unknown loss 'Nonsense'/],
      [{ optimizer: 'sgd', loss: 'mse', metrics: ['Nonsense'] }, /Unknown metric 'Nonsense'/],
      [{ optimizer: 'sgd', loss: 3 }, /loss must be a name or a function/],
    ];
    for (const [config, message] of wrong) assert.throws(() => made.compile(config), message);
    made.dispose();
  }));
