// Twenty steps of every optimizer beside the same steps in double precision, on matrices and vectors; and
// optimizers and schedules as files of Keras say them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const STEPS = 20,
  RATE = 0.05;
const shapes = [[3, 2], [2, 3], [4]];
const starts = shapes.map((shape, k) =>
  Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(3 * i + k + 1)),
);
const slope = (k, i) => 0.5 + ((i + k) % 3);
/** Of sum(slope w^2 / 2 + w): what falls differs by place. */
const gradient = (w, k) => w.map((x, i) => slope(k, i) * x + 1);

const sum = (x) => x.reduce((a, b) => a + b, 0),
  norm = (x) => Math.sqrt(sum(x.map((v) => v * v)));
const rms = (x) => norm(x) / Math.sqrt(x.length);
const map = (f, ...lists) => lists[0].map((_, i) => f(...lists.map((l) => l[i])));
const rows = (x, n) => Array.from({ length: x.length / n }, (_, r) => x.slice(r * n, r * n + n));
const turned = (m) => m[0].map((_, c) => m.map((row) => row[c]));
const product = (a, b) => a.map((row) => b[0].map((_, c) => sum(row.map((v, k) => v * b[k][c]))));
const keep = (s, name, x, first = 0) => (s[name] ??= x.map(() => first));
const toward = (s, name, to, share) => (s[name] = map((a, b) => a + (b - a) * share, keep(s, name, to), to));
const square = (g) => g.map((x) => x * x);

/** One step: w and g lists, s what is remembered, t from 1; the new w. */
const references = {
  sgd: (w, g) => map((x, d) => x - RATE * d, w, g),
  momentum: (w, g, s) => {
    s.m = map((m, d) => 0.9 * m + d, keep(s, 'm', w), g);
    return map((x, d, m) => x - RATE * (d + 0.9 * m), w, g, s.m);
  },
  rmsprop: (w, g, s) => {
    toward(s, 'ms', square(g), 0.1);
    toward(s, 'mg', g, 0.1);
    s.mom = map((m, d, v, a) => 0.5 * m + (RATE * d) / Math.sqrt(v - a * a + 1e-7), keep(s, 'mom', w), g, s.ms, s.mg);
    return map((x, m) => x - m, w, s.mom);
  },
  adam: (w, g, s, t) => adam(w, g, s, t, RATE),
  adamw: (w, g, s, t) =>
    adam(
      w.map((x) => x * (1 - RATE * 0.004)),
      g,
      s,
      t,
      RATE,
    ),
  'adam, amsgrad': (w, g, s, t) => amsgrad(w, g, s, t),
  'adamw, amsgrad': (w, g, s, t) =>
    amsgrad(
      w.map((x) => x * (1 - RATE * 0.004)),
      g,
      s,
      t,
    ),
  adamax: (w, g, s, t) => {
    toward(s, 'm', g, 0.1);
    s.u = map((u, d) => Math.max(0.999 * u, Math.abs(d)), keep(s, 'u', w), g);
    return map((x, m, u) => x - ((RATE / (1 - 0.9 ** t)) * m) / (u + 1e-7), w, s.m, s.u);
  },
  nadam: (w, g, s, t) => {
    const mu = (k) => 0.9 * (1 - 0.5 * 0.96 ** k);
    s.p = (s.p ?? 1) * mu(t);
    toward(s, 'm', g, 0.1);
    toward(s, 'v', square(g), 0.001);
    return map(
      (x, d, m, v) =>
        x -
        (RATE * ((mu(t + 1) * m) / (1 - s.p * mu(t + 1)) + ((1 - mu(t)) * d) / (1 - s.p))) /
          (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7),
      w,
      g,
      s.m,
      s.v,
    );
  },
  lion: (w, g, s) => {
    const way = map((m, d) => Math.sign(m + (d - m) * 0.1), keep(s, 'm', w), g);
    toward(s, 'm', g, 0.01);
    return map((x, d) => x - RATE * d, w, way);
  },
  adagrad: (w, g, s) => {
    s.a = map((a, d) => a + d * d, keep(s, 'a', w, 0.1), g);
    return map((x, d, a) => x - (RATE * d) / Math.sqrt(a + 1e-7), w, g, s.a);
  },
  adadelta: (w, g, s) => {
    // As TensorFlow.js has it, the ratio is that of the means before this step.
    const step = map((u, a, d) => (Math.sqrt(u + 1e-7) / Math.sqrt(a + 1e-7)) * d, keep(s, 'u', w), keep(s, 'a', w), g);
    toward(s, 'a', square(g), 0.05);
    toward(s, 'u', square(step), 0.05);
    return map((x, d) => x - RATE * d, w, step);
  },
  adafactor: (w, g, s, t, shape) => {
    const share = t ** -0.8,
      g2 = g.map((x) => x * x + 1e-30);
    let v;
    if (shape.length === 2) {
      const m = rows(g2, shape[1]),
        mean = (x) => sum(x) / x.length;
      toward(s, 'r', m.map(mean), share);
      toward(s, 'c', turned(m).map(mean), share);
      v = s.r.flatMap((r) => s.c.map((c) => (r / mean(s.r)) * c));
    } else v = toward(s, 'v', g2, share);
    const way = map((d, x) => d / Math.sqrt(x), g, v),
      most = Math.max(1, rms(way));
    const length = Math.max(1e-3, rms(w)) * Math.min(RATE, 1 / Math.sqrt(t));
    return map((x, d) => x - (length * d) / most, w, way);
  },
  ftrl: (w, g, s) => {
    const l1 = 0.01,
      l2 = 0.02 + 0.1 / (2 * RATE),
      shrink = 0.03;
    const a = keep(s, 'a', w, 0.1),
      now = map((n, d) => n + d * d, a, g);
    s.z = map(
      (z, d, x, n, old) => z + d + 2 * shrink * x - ((Math.sqrt(n) - Math.sqrt(old)) / RATE) * x,
      keep(s, 'z', w),
      g,
      w,
      now,
      a,
    );
    s.a = now;
    return map((z, n) => (Math.min(Math.max(z, -l1), l1) - z) / (Math.sqrt(n) / RATE + 2 * l2), s.z, now);
  },
  lamb: (w, g, s, t) => {
    toward(s, 'm', g, 0.1);
    toward(s, 'v', square(g), 0.001);
    const way = map((m, v) => m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7), s.m, s.v);
    return map((x, d) => x - (norm(w) / norm(way)) * RATE * d, w, way);
  },
  muon: (w, g, s, t, shape) => {
    const kept = w.map((x) => x * (1 - RATE * 0.004));
    if (shape.length !== 2) {
      toward(s, 'm', g, 0.1);
      toward(s, 'v', square(g), 0.001);
      const rate = (RATE * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
      return map((x, m, v) => x - (rate * m) / (Math.sqrt(v) + 1e-7), kept, s.m, s.v);
    }
    s.m = map((m, d) => 0.95 * m + d, keep(s, 'm', w), g);
    let x = rows(
      map((d, m) => d + 0.95 * m, g, s.m),
      shape[1],
    );
    const tall = shape[0] > shape[1],
      length = norm(x.flat()) + 1e-7;
    x = (tall ? turned(x) : x).map((row) => row.map((v) => v / length));
    for (let i = 0; i < 5; i++) {
      const a = product(x, turned(x)),
        aa = product(a, a);
      const b = a.map((row, r) => row.map((v, c) => -4.775 * v + 2.0315 * aa[r][c])),
        bx = product(b, x);
      x = x.map((row, r) => row.map((v, c) => 3.4445 * v + bx[r][c]));
    }
    const way = (tall ? turned(x) : x).flat();
    return map((v, d) => v - RATE * Math.sqrt(Math.max(...shape)) * 0.2 * d, kept, way);
  },
  scheduleFreeAdamW: (w, g, s, t) => {
    s.z ??= [...w];
    const mean = map((y, z) => (y - 0.1 * z) / 0.9, w, s.z),
      warm = Math.min(t / 5, 1);
    toward(s, 'v', square(g), 0.001);
    s.z = map((z, d, v) => z - (RATE * warm * d) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8), s.z, g, s.v);
    s.x = map((x, z) => x + (z - x) / t, mean, s.z);
    return map((z, x) => 0.1 * z + 0.9 * x, s.z, s.x);
  },
};

function adam(w, g, s, t, rate) {
  toward(s, 'm', g, 0.1);
  toward(s, 'v', square(g), 0.001);
  return map((x, m, v) => x - (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7), w, s.m, s.v);
}

/** Means of squares that forget fast, but count as the largest so far. */
function amsgrad(w, g, s, t) {
  toward(s, 'm', g, 0.1);
  toward(s, 'v', square(g), 0.5);
  s.most = map(Math.max, keep(s, 'most', w), s.v);
  return map((x, m, v) => x - (RATE * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.5 ** t)) + 1e-7), w, s.m, s.most);
}

const variable = (w, shape) => tf.tidy(() => tf.variable(tf.tensor(w, shape), true));

/** What each is made with, where that is more than a rate. */
const configs = {
  momentum: { momentum: 0.9, useNesterov: true },
  rmsprop: { decay: 0.9, momentum: 0.5, epsilon: 1e-7, centered: true },
  adadelta: { epsilon: 1e-7 },
  ftrl: {
    l1RegularizationStrength: 0.01,
    l2RegularizationStrength: 0.02,
    l2ShrinkageRegularizationStrength: 0.03,
    beta: 0.1,
  },
  scheduleFreeAdamW: { warmupSteps: 5 },
  'adam, amsgrad': { beta2: 0.5, amsgrad: true },
  'adamw, amsgrad': { beta2: 0.5, amsgrad: true },
};

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8')).optimizer;
const make = (name, learningRate = RATE) => {
  const Class = tf[`${declared.find((d) => d.name === name.split(',')[0]).className}Optimizer`];
  return Class.fromConfig(Class, { learningRate, ...configs[name] });
};

for (const name of Object.keys(references))
  test(`${name}: twenty steps as in double precision`, () => {
    const variables = starts.map((w, k) => variable(w, shapes[k])),
      optimizer = make(name);
    let want = starts;
    const states = starts.map(() => ({}));
    for (let t = 1; t <= STEPS; t++) {
      tf.tidy(() =>
        optimizer.applyGradients(
          variables.map((v, k) => ({ name: v.name, tensor: tf.tensor(gradient([...v.dataSync()], k), shapes[k]) })),
        ),
      );
      want = want.map((w, k) => references[name](w, gradient(w, k), states[k], t, shapes[k]));
    }
    variables.forEach((v, k) =>
      v
        .dataSync()
        .forEach((x, i) =>
          assert.ok(
            Math.abs(x - want[k][i]) <= 2e-4 * Math.max(1, Math.abs(want[k][i])),
            `${name}, variable ${k}[${i}]: ${x} where ${want[k][i]} should be`,
          ),
        ),
    );
    optimizer.dispose();
    tf.dispose(variables);
  });

test('all optimizers and schedules of Keras are there', () => {
  for (const { name } of declared) assert.ok(name in references, `${name} has no reference`);
  const keras = [
    'Adadelta',
    'Adafactor',
    'Adagrad',
    'Adam',
    'Adamax',
    'AdamW',
    'Ftrl',
    'Lamb',
    'Lion',
    'Muon',
    'Nadam',
    'RMSprop',
    'ScheduleFreeAdamW',
    'SGD',
  ];
  for (const name of keras)
    assert.ok(
      declared.some((d) => d.className.toLowerCase() === name.toLowerCase()),
      name,
    );
  for (const name of [
    'cosineDecay',
    'cosineDecayRestarts',
    'exponentialDecay',
    'inverseTimeDecay',
    'piecewiseConstantDecay',
    'polynomialDecay',
  ])
    assert.equal(typeof tf.train[name], 'function', name);
});

// ---- states: training goes on from them ----

for (const name of Object.keys(references))
  test(`${name}: goes on from the states of another`, async () => {
    const step = (o, variables) =>
      tf.tidy(() =>
        o.applyGradients(
          variables.map((v, k) => ({ name: v.name, tensor: tf.tensor(gradient([...v.dataSync()], k), shapes[k]) })),
        ),
      );
    const variables = starts.map((w, k) => variable(w, shapes[k])),
      first = make(name),
      second = make(name);
    for (let i = 0; i < 3; i++) step(first, variables);
    const copies = variables.map((v) => tf.variable(v, true)),
      states = await first.getWeights();
    await second.setWeights(states);
    states[0].tensor.dispose();
    step(first, variables);
    step(second, copies);
    copies.forEach((c, k) => assert.deepEqual([...c.dataSync()], [...variables[k].dataSync()], name));
    for (const thing of [first, second, ...variables, ...copies]) thing.dispose();
  });

test('scheduleFreeAdamW: the mean is there to be judged, and training goes back', () => {
  const w = variable([3, 4], [2]),
    optimizer = tf.train.scheduleFreeAdamW(0.1);
  for (let i = 0; i < 3; i++) optimizer.minimize(() => w.square().sum(), false, [w]);
  const trained = [...w.dataSync()];
  optimizer.swapToEval();
  // x of three steps by hand: z moves by about 0.1 each time, x is the mean of 2.9, 2.8, 2.7.
  w.dataSync().forEach((x, i) => assert.ok(Math.abs(x - [2.8, 3.8][i]) < 2e-3, `${x}`));
  optimizer.swapToTrain();
  w.dataSync().forEach((x, i) => assert.ok(Math.abs(x - trained[i]) < 1e-5));
  optimizer.dispose();
  w.dispose();
});

test('muon: layers named so, and the Embedding, go by adam', async () => {
  const grown = async (layers) => {
    const model = tf.sequential({ layers });
    model.compile({ optimizer: tf.train.muon(0.1), loss: 'meanSquaredError' });
    const x = tf.tensor([
        [0, 1],
        [1, 0],
      ]),
      y = tf.zeros(model.outputShape.map((n) => n ?? 2));
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    const states = await model.optimizer.getWeights(),
      sizes = states.filter((w) => w.name.endsWith('/v')).map((w) => w.tensor.shape);
    tf.dispose([x, y, states[0].tensor]);
    model.optimizer.dispose();
    model.dispose();
    return sizes;
  };
  assert.deepEqual(await grown([tf.layers.embedding({ inputDim: 2, outputDim: 3, inputLength: 2 })]), [[2, 3]]);
  assert.deepEqual(await grown([tf.layers.dense({ units: 3, inputShape: [2] })]), [[], [3]]);
});
