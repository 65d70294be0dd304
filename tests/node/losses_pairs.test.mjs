// Losses of pairs and sequences, circle and ctc: against every path counted one by one and formulas in double
// precision, their gradients against differences, and in models that train.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const wave = (n, seed, scale = 1) =>
  Array.from({ length: n }, (_, i) => scale * Math.sin(i * 12.9898 + seed * 78.233 + 1));
const fold = (v, n) => Array.from({ length: v.length / n }, (_, i) => v.slice(i * n, (i + 1) * n));
const logSum = (v) => {
  const most = Math.max(...v);
  return most === -Infinity ? most : most + Math.log(v.reduce((a, x) => a + Math.exp(x - most), 0));
};
const logSoftmax = (v) => v.map((x) => x - logSum(v));
const near = (got, want, tolerance, what = '') => {
  ((got = [got].flat(Infinity)), (want = [want].flat(Infinity)));
  assert.equal(got.length, want.length, what);
  want.forEach((w, i) =>
    assert.ok(
      got[i] === w || Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)),
      `${what}[${i}]: ${got[i]} where ${w} should be`,
    ),
  );
};
/** f's slope in each number of x, by differences. */
const slopes = (f, x, h = 1e-5) =>
  x.map((_, i) => {
    const at = (d) => f(x.map((v, k) => (k === i ? v + d : v)));
    return (at(h) - at(-h)) / (2 * h);
  });

// ---- ctc ----

/** What a path says: repetitions are one, blanks are left out. */
const said = (path) => path.filter((c, i) => c && c !== path[i - 1]);

/** Every path of all classes by itself. */
function countedOut(labels, logits) {
  const rows = logits.map(logSoftmax),
    classes = logits[0].length,
    wanted = labels.filter(Boolean).join(),
    found = [];
  for (let code = 0; code < classes ** rows.length; code++) {
    const path = rows.map((_, t) => Math.floor(code / classes ** t) % classes);
    if (said(path).join() === wanted) found.push(path.reduce((sum, c, t) => sum + rows[t][c], 0));
  }
  return -logSum(found);
}

/** The same by going backward from the last step, for longer sequences: what is left to say, from each place. */
function backward(labels, logits) {
  const rows = logits.map(logSoftmax),
    places = [0, ...labels.filter(Boolean).flatMap((c) => [c, 0])],
    last = places.length - 1;
  let left = places.map((_, s) => (s >= last - 1 ? 0 : -Infinity));
  for (let t = rows.length - 1; t > 0; t--) {
    const at = (s) => (s <= last ? left[s] + rows[t][places[s]] : -Infinity);
    left = places.map((c, s) =>
      logSum([at(s), at(s + 1), places[s + 2] && places[s + 2] !== c ? at(s + 2) : -Infinity]),
    );
  }
  return -logSum([0, 1].filter((s) => s <= last).map((s) => left[s] + rows[0][places[s]]));
}

const CTC = [
  ['two labels', [[1, 2]], 4, 3],
  ['a repeated label', [[1, 1]], 4, 3],
  [
    'rows filled up',
    [
      [2, 0, 0],
      [1, 3, 1],
    ],
    5,
    4,
  ],
  ['no label', [[0, 0]], 3, 3],
  ['as many steps as labels', [[1, 2, 3]], 3, 4],
  ['one class', [[1]], 3, 2],
];
for (const [title, y, steps, classes] of CTC)
  test(`ctc: ${title}`, () =>
    tf.tidy(() => {
      const p = wave(y.length * steps * classes, 3, 2),
        shaped = (v) => fold(fold(v, classes), steps),
        size = steps * classes;
      const ctc = (v) => tf.metrics.ctc(y, tf.tensor(v, [y.length, steps, classes]));
      const want = y.map((labels, b) => countedOut(labels, shaped(p)[b]));
      near(ctc(p).arraySync(), want, 1e-5);
      near(
        y.map((labels, b) => backward(labels, shaped(p)[b])),
        want,
        1e-12,
      );
      const slope = (x) => tf.grad((v) => tf.metrics.ctc(y, v).sum())(tf.tensor(x, [y.length, steps, classes]));
      const exact = y.flatMap((labels, b) =>
        slopes((v) => countedOut(labels, fold(v, classes)), p.slice(b * size, (b + 1) * size)),
      );
      near([...slope(p).dataSync()], exact, 1e-4, 'gradient ');
      // Again: the gradient of a weighted sum of the gradient.
      const weights = tf.tensor(wave(p.length, 9), [y.length, steps, classes]);
      const second = tf.grad((v) =>
        tf
          .grad((x) => tf.metrics.ctc(y, x).sum())(v)
          .mul(weights)
          .sum(),
      )(tf.tensor(p, [y.length, steps, classes]));
      const bent = slopes(
        (v) => {
          const g = [...slope(v).dataSync()],
            w = wave(p.length, 9);
          return g.reduce((sum, x, i) => sum + x * w[i], 0);
        },
        p,
        1e-2,
      );
      near([...second.dataSync()], bent, 3e-3, 'second gradient ');
    }));

test('ctc: long sequences keep their digits', () =>
  tf.tidy(() => {
    const steps = 120,
      classes = 30,
      y = [
        Array.from({ length: 25 }, (_, i) => 1 + ((i * 7) % 29)),
        Array.from({ length: 25 }, (_, i) => (i < 10 ? 1 + (i % 2) : 0)),
      ];
    const p = wave(2 * steps * classes, 5, 6),
      shaped = fold(fold(p, classes), steps),
      f = (v) => tf.metrics.ctc(y, v);
    const want = y.map((labels, b) => backward(labels, shaped[b])),
      x = tf.tensor(p, [2, steps, classes]);
    near(f(x).arraySync(), want, 2e-5);
    const slope = tf
        .grad((v) => f(v).sum())(x)
        .dataSync(),
      size = steps * classes;
    for (const i of [0, 77, 1801, 3599]) {
      const at = (d) =>
        backward(
          y[0],
          fold(
            p.slice(0, size).map((v, k) => (k === i ? v + d : v)),
            classes,
          ),
        );
      assert.ok(Math.abs(slope[i] - (at(1e-4) - at(-1e-4)) / 2e-4) < 2e-4, `${i}: ${slope[i]}`);
    }
    assert.ok(slope.every(Number.isFinite));
  }));

test('ctc: what cannot be said is Infinity without a slope; extreme logits; wrong shapes', () =>
  tf.tidy(() => {
    const y = [
        [1, 1, 2],
        [1, 0, 0],
      ],
      p = tf.tensor(wave(2 * 3 * 3, 1), [2, 3, 3]),
      loss = tf.metrics.ctc(y, p).arraySync();
    assert.equal(loss[0], Infinity); // 1, blank, 1, 2 need four steps
    near(loss[1], countedOut([1], p.arraySync()[1]), 1e-5);
    const slope = tf
      .grad((v) => tf.metrics.ctc(y, v).sum())(p)
      .arraySync();
    assert.ok(slope[0].flat().every((v) => v === 0) && slope[1].flat().some((v) => v !== 0));
    assert.equal(tf.metrics.ctc([[5]], tf.zeros([1, 2, 3])).arraySync()[0], Infinity);
    const extreme = tf.grad((v) => tf.metrics.ctc([[1]], v).sum())(
      tf.tensor([
        [
          [1e4, -1e4, 0],
          [0, 1e4, -1e4],
        ],
      ]),
    );
    assert.ok([...extreme.dataSync()].every(Number.isFinite));
    for (const [labels, logits] of [
      [[1], [[[1, 2]]]],
      [[[1]], [[1, 2]]],
      [[[1], [1]], [[[1, 2]]]],
    ])
      assert.throws(
        () => tf.metrics.ctc(labels, tf.tensor(logits)),
        (e) => e instanceof tf.TensorineError && e.code === 'shape' && /ctc: y must be/.test(e.message),
      );
  }));

const owned = (title, f) =>
  test(title, async () => {
    const own = [],
      keep = (thing) => {
        own.push(thing);
        return thing;
      };
    try {
      await f(keep);
    } finally {
      for (const thing of own) thing?.dispose();
    }
  });

owned('ctc: a model learns to read, and says which labels cannot be', async (keep) => {
  const x = keep(tf.tensor(wave(8 * 6 * 2, 2), [8, 6, 2])),
    y = keep(tf.tensor(Array.from({ length: 8 }, (_, i) => (i % 2 ? [1, 2] : [2, 0]))));
  const model = keep(
    tf.sequential({
      layers: [
        tf.layers.gru({
          units: 12,
          returnSequences: true,
          inputShape: [6, 2],
          kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
        }),
        tf.layers.dense({ units: 3 }),
      ],
    }),
  );
  for (const loss of ['ctc', 'CTC', tf.metrics.ctc]) model.compile({ optimizer: 'sgd', loss });
  model.compile({ optimizer: keep(tf.train.adam(0.03)), loss: 'ctc' });
  const { history } = await model.fit(x, y, { epochs: 60, verbose: 0 });
  assert.ok(history.loss[59] < 0.3 * history.loss[0], `${history.loss[0]} to ${history.loss[59]}`);
  const wrong = keep(tf.tidy(() => y.add(2)));
  await assert.rejects(model.fit(x, wrong, { verbose: 0 }), (e) =>
    /in row 0, but ctc takes whole numbers from 0 to 2/.test(e.message),
  );
});

// ---- circle ----

function circle(y, p, gamma = 80, margin = 0.4) {
  return y.map((label, i) => {
    const near = [],
      far = [];
    p.forEach((other, j) => {
      const d = Math.max(0, 1 - p[i].reduce((sum, v, k) => sum + v * other[k], 0));
      if (i !== j && y[j] === label) near.push(-gamma * (margin + d) * (margin - d));
      if (y[j] !== label) far.push(gamma * Math.max(0, 1 + margin - d) * (1 - margin - d));
    });
    const x = logSum(near.length ? near : [-Infinity]) + logSum(far.length ? far : [-Infinity]);
    return x > 30 ? x : Math.log1p(Math.exp(x));
  });
}
const units = (n, size, seed) => fold(wave(n * size, seed), size).map((v) => v.map((x) => x / Math.hypot(...v)));

for (const [title, y] of [
  ['pairs', [0, 0, 1, 1, 2]],
  ['one class', [3, 3, 3]],
  ['all apart', [0, 1, 2]],
  ['many', Array.from({ length: 12 }, (_, i) => i % 4)],
])
  test(`circle: ${title}`, () =>
    tf.tidy(() => {
      const p = units(y.length, 4, 3),
        want = circle(y, p);
      near(tf.metrics.circle(y, p).arraySync(), want, 1e-5);
      near(
        tf.metrics
          .circle(
            y.map((v) => [v]),
            p,
          )
          .arraySync(),
        want,
        1e-5,
      );
      const slope = [
        ...tf
          .grad((v) => tf.metrics.circle(y, v).sum())(tf.tensor(p))
          .dataSync(),
      ];
      near(
        slope,
        slopes((v) => circle(y, fold(v, 4)).reduce((a, b) => a + b), p.flat()),
        1e-3,
        'gradient ',
      );
      assert.ok(slope.every(Number.isFinite));
    }));

owned('circle: the mean is over those above 0, in fit and in evaluate', async (keep) => {
  const y = [0, 0, 1, 2],
    p = units(4, 3, 8),
    model = keep(
      tf.sequential({
        layers: [
          tf.layers.activation({ activation: 'linear', inputShape: [3] }),
          tf.layers.dense({ units: 3, useBias: false, kernelInitializer: 'identity' }),
        ],
      }),
    );
  const want = circle(y, p),
    some = want.filter((v) => v > 0),
    mean = some.reduce((a, b) => a + b) / some.length;
  assert.equal(some.length, 2);
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'circle', metrics: ['circle'] });
  const xs = keep(tf.tensor(p)),
    ys = keep(tf.tensor(y)),
    got = model.evaluate(xs, ys).map(keep);
  for (const value of got) near(value.dataSync()[0], mean, 1e-5);
  const { history } = await model.fit(xs, ys, { verbose: 0, shuffle: false });
  near([history.loss[0], history.circle[0]], [mean, mean], 1e-5);
  // An example without weight is among those above 0.
  const weighted = await model.fit(xs, ys, { verbose: 0, shuffle: false, sampleWeight: keep(tf.tensor([0, 2, 1, 1])) });
  near(weighted.history.loss, [(2 * want[1]) / 2], 1e-5);
  assert.throws(() => tf.metrics.circle([0, 1], [[1, 0]]), /circle: p must be \[examples, size\]/);
});

owned(
  'losses of class numbers take them in fit: sparseCategoricalCrossentropy, categoricalGeneralizedCrossEntropy',
  async (keep) => {
    const model = keep(
        tf.sequential({ layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })] }),
      ),
      x = keep(
        tf.tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
      y = keep(tf.tensor([0, 2]));
    for (const loss of [
      'sparseCategoricalCrossentropy',
      'categoricalGeneralizedCrossEntropy',
      'categorical_generalized_cross_entropy',
      'CategoricalGeneralizedCrossEntropy',
    ]) {
      model.compile({ optimizer: keep(tf.train.sgd(0)), loss });
      const p = model.predict(x),
        want = tf.tidy(
          () =>
            tf.metrics[/sparse/.test(loss) ? 'sparseCategoricalCrossentropy' : 'categoricalGeneralizedCrossEntropy'](
              y.expandDims(1),
              p,
            )
              .mean()
              .dataSync()[0],
        );
      p.dispose();
      near((await model.fit(x, y, { verbose: 0 })).history.loss[0], want, 1e-5);
      const wrong = keep(tf.tensor([0, 3]));
      await assert.rejects(model.fit(x, wrong, { verbose: 0 }), /takes whole numbers from 0 to 2, its 3 classes/);
    }
  },
);
