// The parts that layers are made of: initializers, regularizers, constraints, activations, losses,
// metrics, against numbers reckoned here in double precision, and their configs against TensorFlow.js.
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

/** Rows of a table, a test each: name, then arguments. */
const rows = (title, table, f) => {
  for (const [name, ...args] of table)
    test(`${title}: ${name}`, () =>
      tf.tidy(() => {
        f(name, ...args);
      }));
};
const everyOne = (kind, named) =>
  test(`every ${kind} is in a row`, () => {
    for (const { name } of declared[kind]) assert.ok(named.includes(name), name);
  });
const flat = (x) => (x.dataSync ? [...x.dataSync()] : [x].flat(Infinity));
const near = (got, want, tolerance = 1e-5) => {
  [got, want] = [flat(got), flat(want)];
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(
      Object.is(got[i], w) || Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)),
      `[${i}]: ${got[i]} where ${w} should be`,
    ),
  );
};
const numbers = (n, seed = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
/** undefined and null are one in a config. */
const plain = (config) => JSON.parse(JSON.stringify(config, (_, v) => v ?? null));
/** A dense layer's kernel, and how it stands in the layer's config. */
function dense(lib, config, shape = [4, 3]) {
  const layer = lib.layers.dense({ units: shape[1], inputShape: [shape[0]], useBias: false, ...config });
  layer.build([null, shape[0]]);
  const kernel = layer.weights[0].read().arraySync();
  const found = plain(layer.getConfig());
  if (lib === tf) layer.dispose();
  return { kernel, config: found };
}

// ---- initializers: moments of the random ones, bits of the seeded ----

const N = [200, 200],
  CUT = 0.7737; // variance of a normal distribution cut at two deviations
const uniform = (a, b) => [(a + b) / 2, (b - a) ** 2 / 12, a, b],
  normal = (mean, sd) => [mean, sd * sd, -Infinity, Infinity];
const cut = (mean, sd) => [mean, CUT * sd * sd, mean - 2 * sd, mean + 2 * sd],
  between = (variance) => uniform(-Math.sqrt(3 * variance), Math.sqrt(3 * variance));
/** As Keras has it: what is left after the cut has the variance that was asked for. */
const scaled = (variance) => [
  0,
  variance,
  -2 * Math.sqrt(variance / CUT) * 1.001,
  2 * Math.sqrt(variance / CUT) * 1.001,
];
const MOMENTS = [
  ['randomUniform', {}, N, uniform(-0.05, 0.05)],
  ['randomUniform', { minval: 17, maxval: 47 }, N, uniform(17, 47)],
  ['randomNormal', {}, N, normal(0, 0.05)],
  ['randomNormal', { mean: 3, stddev: 2 }, N, normal(3, 2)],
  ['truncatedNormal', {}, N, cut(0, 0.05)],
  ['truncatedNormal', { mean: 1, stddev: 0.5 }, N, cut(1, 0.5)],
  ['glorotUniform', {}, [100, 400], between(2 / 500)],
  ['glorotNormal', {}, [100, 400], scaled(2 / 500)],
  ['heUniform', {}, [100, 400], between(2 / 100)],
  ['heNormal', {}, [100, 400], scaled(2 / 100)],
  ['leCunUniform', {}, [100, 400], between(1 / 100)],
  ['leCunNormal', {}, [100, 400], scaled(1 / 100)],
  ['heNormal', {}, [3, 5, 20, 100], scaled(2 / 300)],
  ['glorotUniform', {}, [40000], between(1 / 200)],
  ['leCunNormal', {}, [2, 3, 4, 20, 50], scaled(1 / 480)],
  ['varianceScaling', {}, [100, 400], scaled(1 / 100)],
  ['varianceScaling', { scale: 3, mode: 'fanOut' }, [100, 400], scaled(3 / 400)],
  ['varianceScaling', { mode: 'fanAvg', distribution: 'uniform', scale: 2 }, [100, 400], between(2 / 250)],
  ['varianceScaling', { distribution: 'truncatedNormal' }, [100, 400], scaled(1 / 100)],
  ['varianceScaling', { distribution: 'untruncatedNormal' }, [100, 400], normal(0, 0.1)],
];
rows('moments', MOMENTS, (name, config, shape, [mean, variance, least, most]) => {
  const x = tf.initializers[name](config).apply(shape),
    n = x.size,
    one = (y) => y.dataSync()[0];
  assert.deepEqual([x.shape, x.dtype], [shape, 'float32']);
  assert.ok(Math.abs(one(x.mean()) - mean) < 6 * Math.sqrt(variance / n), `mean ${one(x.mean())}, not ${mean}`);
  assert.ok(
    Math.abs(one(x.sub(mean).square().mean()) / variance - 1) < 6 * Math.sqrt(2 / n),
    `variance ${one(x.sub(mean).square().mean())}, not ${variance}`,
  );
  assert.ok(one(x.min()) >= least - 1e-6 && one(x.max()) <= most + 1e-6);
  assert.notDeepEqual(
    tf.initializers[name](config).apply([9]).dataSync(),
    tf.initializers[name](config).apply([9]).dataSync(),
  );
});

const SEEDED = [
  ...new Map(MOMENTS.map(([name, config]) => [`${name} ${JSON.stringify(config)}`, [name, config]])).values(),
].filter(([, c]) => !/runcated/.test(c.distribution));
/** These the peer draws with 0.77 of the variance. */
const CUT_THERE = ['glorotNormal', 'heNormal', 'leCunNormal', 'varianceScaling'],
  DEVIATION = 0.87962566103423978;
rows("a seed gives the peer's bits, or its numbers with the variance that is asked for", SEEDED, (name, config) => {
  const same = (got, want) =>
    CUT_THERE.includes(name) && config.distribution !== 'uniform'
      ? near(
          got,
          flat(want).map((v) => v / DEVIATION),
          1e-6,
        )
      : assert.deepEqual(flat(got), flat(want));
  for (const seed of [1, 42, -5, 1.5, 12345678901])
    for (const shape of [[30], [7, 5], [3, 3, 4, 2], [2, 2, 2, 3, 2]])
      same(
        tf.initializers[name]({ ...config, seed }).apply(shape),
        peer.initializers[name]({ ...config, seed }).apply(shape),
      );
  same(
    dense(tf, { kernelInitializer: tf.initializers[name]({ ...config, seed: 3 }) }).kernel,
    dense(peer, { kernelInitializer: peer.initializers[name]({ ...config, seed: 3 }) }).kernel,
  );
});

const FIXED = [
  ['zeros', {}, [2, 3], [0, 0, 0, 0, 0, 0]],
  ['ones', {}, [3], [1, 1, 1]],
  ['constant', { value: 5 }, [2, 2], [5, 5, 5, 5]],
  ['constant', { value: -0.5 }, [], [-0.5]],
  ['identity', {}, [2, 2], [1, 0, 0, 1]],
  ['identity', { gain: 5 }, [3, 3], [5, 0, 0, 0, 5, 0, 0, 0, 5]],
  ['zeros', {}, [0, 4], []],
];
rows('values', FIXED, (name, config, shape, want) => {
  for (const dtype of ['float32', 'int32', undefined]) {
    const x = tf.initializers[name](config).apply(shape, dtype);
    assert.deepEqual([x.shape, x.dtype], [shape, dtype ?? 'float32']);
    near(x, dtype === 'int32' ? want.map(Math.trunc) : want, 0);
  }
});

rows(
  'orthogonal',
  [[[2, 2]], [[4, 2]], [[2, 4]], [[64, 64]], [[1, 1], 3], [[3, 4, 5], 2], [[2, 3, 20]]],
  (shape, gain = 1) => {
    const q = tf.initializers.orthogonal({ gain, seed: 7 }).apply(shape),
      wide = shape.at(-1) > q.size / shape.at(-1);
    const m = q.reshape([-1, shape.at(-1)]),
      square = wide ? m.matMul(m, false, true) : m.matMul(m, true);
    near(square, tf.eye(square.shape[0]).mul(gain * gain), 1e-5);
    if (shape[0] < 64) near(q, peer.initializers.orthogonal({ gain, seed: 7 }).apply(shape), 1e-5);
  },
);

const INITIALIZERS = [...MOMENTS, ...FIXED, ['orthogonal', { gain: 2 }]];
everyOne('initializer', [...INITIALIZERS.map(([name]) => name), 'stft']); // which has its rows below

// ---- regularizers ----

const W = [
    [1, -2, 3],
    [-4, 0.5, 0],
  ],
  sumOf = (f) => W.flat().reduce((a, w) => a + f(w), 0),
  l1 = sumOf(Math.abs),
  l2 = sumOf((w) => w * w);
/** The mean of the absolute cosines between rows. */
const cosine = (rows) => {
  const found = rows.flatMap((a, i) =>
    rows
      .slice(i + 1)
      .map((b) => Math.abs(a.reduce((sum, v, k) => sum + v * b[k], 0)) / Math.hypot(...a) / Math.hypot(...b)),
  );
  return found.reduce((a, b) => a + b) / found.length;
};
const REGULARIZERS = [
  ['l1l2', undefined, 0.01 * l1 + 0.01 * l2],
  ['l1l2', { l1: 1, l2: 2 }, l1 + 2 * l2],
  ['l1l2', { l1: 0.5 }, 0.5 * l1 + 0.01 * l2],
  ['l1l2', { l1: 0, l2: 0 }, 0],
  ['orthogonalRegularizer', undefined, 0.01 * cosine(W)],
  ['orthogonalRegularizer', { factor: 2, mode: 'columns' }, 2 * cosine(W[0].map((_, i) => W.map((row) => row[i])))],
  ['l1l2', { l2: 3, l1: 0 }, 3 * l2],
  ['l1', undefined, 0.01 * l1],
  ['l1', { l1: 0.3 }, 0.3 * l1],
  ['l2', undefined, 0.01 * l2],
  ['l2', { l2: 0.3 }, 0.3 * l2],
];
rows('penalty', REGULARIZERS, (name, config, want) => {
  const made = tf.regularizers[name](config),
    count = tf.memory().numTensors;
  near(made.apply(W), want);
  assert.equal(tf.memory().numTensors, count + 1);
  assert.deepEqual(made.apply(W).shape, []);
  if (peer.regularizers[name])
    assert.deepEqual(
      [made.getClassName(), made.getConfig()],
      [peer.regularizers[name](config).getClassName(), peer.regularizers[name](config).getConfig()],
    );
});
everyOne(
  'regularizer',
  REGULARIZERS.map(([name]) => name),
);

// ---- constraints ----

const K = [
    [3, 0.1, -1],
    [4, 0.2, 2],
  ],
  VECTOR = [-1, 2, 0, 4, -5, 6];
/** Columns (axis 0) or rows (axis 1) times what their norm says. */
const byNorm = (axis, f) => K.map((row) => row.map((v, j) => v * f(Math.hypot(...(axis ? row : K.map((r) => r[j]))))));
const clip = (v, a, b) => Math.min(b, Math.max(a, v));
const CONSTRAINTS = [
  ['nonNeg', undefined, K.map((row) => row.map((v) => Math.max(0, v)))],
  ['maxNorm', {}, byNorm(0, (n) => Math.min(n, 2) / n)],
  ['maxNorm', { maxValue: 0.5 }, byNorm(0, (n) => Math.min(n, 0.5) / n)],
  ['maxNorm', { maxValue: 3, axis: 1 }, byNorm(1, (n) => Math.min(n, 3) / n)],
  ['maxNorm', { maxValue: 1, axis: [0, 1] }, K.map((row) => row.map((v) => v / Math.hypot(...K.flat())))],
  ['unitNorm', { axis: [1, 0] }, K.map((row) => row.map((v) => v / Math.hypot(...K.flat())))],
  ['unitNorm', {}, byNorm(0, (n) => 1 / n)],
  ['unitNorm', { axis: 1 }, byNorm(1, (n) => 1 / n)],
  ['minMaxNorm', {}, byNorm(0, (n) => clip(n, 0, 1) / n)],
  ['minMaxNorm', { minValue: 1, maxValue: 2 }, byNorm(0, (n) => clip(n, 1, 2) / n)],
  [
    'minMaxNorm',
    { minValue: 1, maxValue: 2, rate: 0.5, axis: 1 },
    byNorm(1, (n) => (0.5 * clip(n, 1, 2) + 0.5 * n) / n),
  ],
  ['minMaxNorm', { minValue: 0, maxValue: 2, rate: 3 }, byNorm(0, (n) => (3 * clip(n, 0, 2) - 2 * n) / n)],
];
rows('constraint', CONSTRAINTS, (name, config, want) => {
  const made = tf.constraints[name](config),
    theirs = peer.constraints[name](config ?? {}),
    count = tf.memory().numTensors;
  near(made.apply(K), want);
  assert.equal(tf.memory().numTensors, count + 1);
  if (!config?.axis) near(made.apply(VECTOR), theirs.apply(peer.tensor(VECTOR)));
  near(made.apply(tf.zeros([2, 2])), [0, 0, 0, 0]);
  assert.deepEqual([made.getClassName(), made.getConfig()], [theirs.getClassName(), theirs.getConfig()]);
});
everyOne(
  'constraint',
  CONSTRAINTS.map(([name]) => name),
);

// ---- as layers take them ----

/** The fields that must be given, with some value. */
const needed = (fields) =>
  Object.fromEntries(fields.filter((f) => f.initial === null).map((f) => [f.name, f.choices[0]]));
const PLACES = {
  initializer: ['kernelInitializer', INITIALIZERS],
  regularizer: ['kernelRegularizer', REGULARIZERS],
  constraint: ['kernelConstraint', CONSTRAINTS],
};
for (const [kind, [field, table]] of Object.entries(PLACES)) {
  const make = (lib, name, config) => lib[`${kind}s`][name](config);
  rows(`${kind} of a layer, and back from its config`, table, (name, config) => {
    const given =
      kind === 'initializer'
        ? { ...config, ...(/^(zeros|ones|constant|identity)$/.test(name) ? {} : { seed: 9 }) }
        : config;
    const square = [3, 3],
      first = dense(tf, { [field]: make(tf, name, given) }, square),
      own = make(tf, name, given);
    assert.deepEqual(first.config[field], { className: own.getClassName(), config: plain(own.getConfig()) });
    const again = dense(tf, { [field]: first.config[field] }, square),
      bySeed = kind === 'initializer';
    assert.deepEqual(again.config[field], first.config[field]);
    if (bySeed) assert.deepEqual(again.kernel, first.kernel);
    if (peer[`${kind}s`][name] && config?.distribution !== 'untruncatedNormal')
      assert.deepEqual(
        dense(peer, { [field]: make(peer, name, given ?? {}) }, square).config[field],
        first.config[field],
      );
  });
  rows(
    `${kind} by name`,
    declared[kind]
      .filter(({ fields }) => fields.every((f) => f.initial !== null))
      .map(({ name, className }) => [name, className]),
    (name, className) => {
      const snake = name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
        [want, ...others] = [name, className, snake, { className, config: {} }].map(
          (id) => dense(tf, { [field]: id }, [3, 3]).config[field],
        );
      for (const other of others) assert.deepEqual(other, want);
      if (name !== 'constant' && peer[`${kind}s`][name] && !/^l[12]$/.test(name))
        assert.deepEqual(dense(peer, { [field]: name }, [3, 3]).config[field], want);
    },
  );
  test(`${kind}: what is wrong is refused by name`, () => {
    const says =
      (...words) =>
      (error) =>
        error.code === 'value' && words.every((w) => error.message.includes(w));
    for (const id of ['nobody', 3, {}, { className: 'Nobody', config: {} }])
      assert.throws(() => dense(tf, { [field]: id }), says(field));
    for (const id of [0.001, 'much', true])
      for (const { name, fields } of declared[kind])
        if (fields.length) assert.throws(() => make(tf, name, id), says('expected to be an object', `received: ${id}`));
    const WRONG = {
      int: ['many', 'whole number'],
      float: ['much', 'a number'],
      enum: ['none', 'one of'],
      seed: [{}, 'seed'],
      ints: ['many', 'integers'],
      bool: ['maybe', 'true or false'],
    };
    for (const { name, fields } of declared[kind])
      for (const f of fields) {
        assert.throws(
          () => make(tf, name, { ...needed(fields), [f.name]: WRONG[f.kind][0] }),
          says(f.name, WRONG[f.kind][1]),
          `${name}.${f.name}`,
        );
        if (f.least !== null && f.least !== undefined)
          assert.throws(() => make(tf, name, { [f.name]: f.least - 1 }), says(f.name, `at least ${f.least}`));
      }
  });
}

test('shapes that do not fit are refused', () => {
  for (const shape of [[4], [2, 3], []]) assert.throws(() => tf.initializers.identity({}).apply(shape), /square/);
  for (const shape of [[4], []]) assert.throws(() => tf.initializers.orthogonal({}).apply(shape), /rank 2 or more/);
  for (const shape of [[-1], [1e5, 1e5]])
    assert.throws(() => tf.initializers.zeros().apply(shape), /shape|size|large|memory/);
  assert.throws(() => tf.constraints.maxNorm({ axis: 5 }).apply([[1]]), /axis|axes/);
});

test('a function is no part', () => {
  for (const field of ['kernelInitializer', 'kernelRegularizer', 'kernelConstraint', 'activation'])
    assert.throws(() => tf.layers.dense({ units: 1, [field]: () => 1 }), new RegExp(`${field}.*function`), field);
});

// ---- activations ----

/** The error function by its series, or its continued fraction: Abramowitz and Stegun 7.1.5, 7.1.14. */
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = 0,
    term = x;
  for (let n = 0; n < 200; n++) {
    sum += term / (2 * n + 1);
    term *= (-x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const sigmoid = (x) => 1 / (1 + Math.exp(-x)),
  softplus = (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0),
  ALPHA = 1.6732632423543772,
  SCALE = 1.0507009873554805;
const each = (f) => (row) => row.map(f);
const logSoftmax = (row) => {
  const most = Math.max(...row),
    sum = Math.log(row.reduce((a, v) => a + Math.exp(v - most), 0));
  return row.map((v) => v - most - sum);
};
const ACTIVATIONS = {
  linear: each((x) => x),
  relu: each((x) => Math.max(0, x)),
  relu6: each((x) => clip(x, 0, 6)),
  elu: each((x) => (x < 0 ? Math.expm1(x) : x)),
  selu: each((x) => SCALE * (x < 0 ? ALPHA * Math.expm1(x) : x)),
  sigmoid: each(sigmoid),
  hardSigmoid: each((x) => clip(0.2 * x + 0.5, 0, 1)),
  softplus: each(softplus),
  softsign: each((x) => x / (1 + Math.abs(x))),
  tanh: each(Math.tanh),
  softmax: (row) => logSoftmax(row).map(Math.exp),
  logSoftmax,
  gelu: each((x) => (x * (1 + erf(x / Math.SQRT2))) / 2),
  mish: each((x) => x * Math.tanh(softplus(x))),
  swish: each((x) => x * sigmoid(x)),
  gelu_new: each((x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
};
/** Those of Keras 3, by its documents. */
const relu6 = (x) => clip(x, 0, 6);
function sparsemax(row) {
  const sorted = [...row].sort((a, b) => b - a),
    sums = sorted.map((_, i) => sorted.slice(0, i + 1).reduce((a, b) => a + b)),
    k = sorted.filter((v, i) => 1 + (i + 1) * v > sums[i]).length;
  return row.map((v) => Math.max(0, v - (sums[k - 1] - 1) / k));
}
const KERAS = {
  hardSigmoidRelu6: each((x) => relu6(x + 3) / 6),
  hardSilu: each((x) => (x * relu6(x + 3)) / 6),
  hardTanh: each((x) => clip(x, -1, 1)),
  leakyRelu: each((x) => (x < 0 ? 0.2 * x : x)),
  celu: each((x) => Math.max(0, x) + Math.min(0, Math.expm1(x))),
  exponential: each(Math.exp),
  glu: (row) => row.slice(row.length / 2).map((v, i) => row[i] * sigmoid(v)),
  logSigmoid: each((x) => -softplus(-x)),
  hardShrink: each((x) => (Math.abs(x) > 0.5 ? x : 0)),
  softShrink: each((x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0)),
  tanhShrink: each((x) => x - Math.tanh(x)),
  threshold: each((x) => (x > 0 ? x : 0)),
  sparsePlus: each((x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x)),
  sparseSigmoid: each((x) => clip((x + 1) / 2, 0, 1)),
  sparsemax,
  squareplus: each((x) => (x + Math.sqrt(x * x + 4)) / 2),
};
const XS = [
  [[-1, 2, 0, 4, -5, 6]],
  [
    [0, 1, 3, 9],
    [-1, -1, -1, -1],
  ],
  [
    [-10, -5, 0],
    [1, 5, 15],
  ],
  [
    [30, -30],
    [80, -80],
    [1e-4, -1e-4],
  ],
  [numbers(40).map((v) => 4 * v)],
];
rows('activation', Object.entries(ACTIVATIONS), (name, want) => {
  const layer = tf.layers.activation({ activation: name });
  for (const x of XS)
    for (const shape of [
      [x.length, x[0].length],
      [1, x.length, x[0].length],
      ...(x.length === 1 ? [[x[0].length]] : []),
    ]) {
      const given = tf.tensor(x.flat(), shape),
        count = tf.memory().numTensors,
        y = layer.apply(given);
      assert.equal(tf.memory().numTensors - count, 1);
      assert.deepEqual(y.shape, shape);
      near(y, x.map(want));
      if (name !== 'logSoftmax' || shape.length > 1)
        near(y, peer.layers.activation({ activation: name }).apply(peer.tensor(x.flat(), shape)));
    }
  assert.equal(layer.getConfig().activation, name);
  assert.equal(dense(tf, { activation: name }).config.activation, dense(peer, { activation: name }).config.activation);
  assert.throws(() => tf.layers.activation({ activation: `${name}s` }), new RegExp(`Unknown activation: ${name}s`));
  layer.dispose();
});
everyOne('activation', Object.keys({ ...ACTIVATIONS, ...KERAS }));

rows('activation of Keras 3, in each spelling', Object.entries(KERAS), (name, want) => {
  const snake = name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`),
    small = XS.map((x) => x.map((row) => row.map((v) => clip(v, -20, 20))));
  for (const activation of [name, snake, ...(name === 'hardSilu' ? ['hard_swish', 'hardSwish'] : [])])
    for (const x of small.filter((rows) => name !== 'glu' || rows[0].length % 2 === 0)) {
      const layer = tf.layers.activation({ activation }),
        y = layer.apply(tf.tensor(x));
      near(y, x.map(want));
      assert.deepEqual(tf.layers.activation({ activation }).apply(tf.input({ shape: [x[0].length] })).shape, [
        null,
        y.shape[1],
      ]);
      assert.equal(layer.getConfig().activation, name);
      assert.equal(dense(tf, { activation }, [4, 4]).config.activation, name);
    }
  const at = [[0.3, -0.7, 1.4, 2.2, -1.6, 0.9]],
    gradient = tf.grad((x) =>
      tf.layers
        .activation({ activation: name })
        .apply(x)
        .mul(tf.tensor([want(at[0]).map((_, i) => i + 1)]))
        .sum(),
    )(tf.tensor(at));
  const loss = (row) => want(row).reduce((sum, v, i) => sum + v * (i + 1), 0),
    H = 1e-5,
    moved = (i, h) => at[0].map((v, k) => (k === i ? v + h : v));
  near(
    gradient,
    at[0].map((_, i) => (loss(moved(i, H)) - loss(moved(i, -H))) / (2 * H)),
    1e-4,
  );
});

test('silu is swish', () =>
  tf.tidy(() => {
    const layer = tf.layers.activation({ activation: 'silu' });
    near(
      layer.apply(tf.tensor([[-1, 2]])),
      [-1, 2].map((x) => x * sigmoid(x)),
    );
    assert.equal(layer.getConfig().activation, 'swish');
  }));

test('a layer as an activation', () =>
  tf.tidy(() => {
    const x = [[-2, 1, 3, -0.5]],
      leaky = (alpha) => ({ className: 'LeakyReLU', config: { alpha } });
    for (const [activation, want] of [
      [leaky(0.5), [-1, 1, 3, -0.25]],
      [leaky(0.1), [-0.2, 1, 3, -0.05]],
      [{ class_name: 'ReLU', config: { max_value: 2, negative_slope: 0.25 } }, [-0.5, 1, 2, -0.125]],
    ]) {
      const layer = tf.layers.dense({ units: 4, useBias: false, kernelInitializer: 'identity', activation }),
        y = layer.apply(tf.tensor(x)),
        config = layer.getConfig();
      near(y, want);
      const again = tf.layers.dense(config);
      near(again.apply(tf.tensor(x)), want);
      assert.deepEqual(again.getConfig(), config);
      assert.equal(config.activation.className, activation.className ?? activation.class_name);
      layer.dispose();
      again.dispose();
    }
    assert.throws(
      () => tf.layers.dense({ units: 1, activation: { className: 'PReLU', config: {} } }),
      /activation must be an activation or a layer without weights, but is PReLU/,
    );
  }));

test('glu wants an even number of channels, and is no activation of a state', () =>
  tf.tidy(() => {
    const three = tf.layers.dense({ units: 3, activation: 'glu' });
    for (const f of [
      () => three.apply(tf.input({ shape: [2] })),
      () => tf.layers.lstm({ units: 4, activation: 'glu' }),
    ])
      assert.throws(f, /glu.*halves/);
    const odd = tf.layers.activation({ activation: 'glu' });
    assert.throws(() => odd.apply(tf.ones([1, 3])), /glu.*halves/);
    const conv = tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'glu', dataFormat: 'channelsFirst' }),
      even = tf.layers.dense({ units: 4, activation: 'glu' });
    assert.deepEqual(conv.apply(tf.ones([1, 3, 5, 5])).shape, [1, 2, 5, 5]);
    assert.deepEqual(even.apply(tf.ones([2, 3])).shape, [2, 2]);
    for (const layer of [conv, even]) layer.dispose();
    assert.equal(three.built, false);
  }));

// ---- variables ----

const VARIABLES = [
  [
    'without a name',
    (lib, make) => {
      const a = make(lib.zeros([2])),
        b = make(lib.zeros([2, 2]));
      return [
        a.name.startsWith('Variable'),
        a.originalName,
        a.dtype,
        a.shape,
        a.trainable,
        a.read(),
        b.name !== a.name,
        b.id !== a.id,
      ];
    },
  ],
  [
    'with one',
    (lib, make) => {
      const [a, b] = [0, 1].map(() => make(lib.scalar(3), null, 'foo'));
      return [a.name.startsWith('foo'), a.name !== b.name, b.originalName, a.id !== b.id, b.read()];
    },
  ],
  [
    'of a dtype',
    (lib, make) =>
      ['int32', 'bool', 'float32', null, undefined].flatMap((d) => {
        const v = make(lib.tensor([0, 1, 2]), d);
        return [v.dtype, v.read()];
      }),
  ],
  [
    'fixed, then free',
    (lib, make) => {
      const v = make(lib.scalar(1), null, 'w', false),
        was = [v.trainable, v.val.trainable];
      v.trainable = true;
      return [was, v.trainable, v.val.trainable];
    },
  ],
  [
    'written',
    (lib, make) => {
      const v = make(lib.tensor([10, -10]), null, 'w');
      return [v.write(lib.tensor([10, 50])) === v, v.read(), v.shape];
    },
  ],
  [
    'constrained',
    (lib, make) => {
      const v = make(lib.tensor([10, -10]), null, 'w', true, lib.constraints.nonNeg()),
        was = [...v.read().dataSync()];
      return [was, v.write(lib.tensor([-1, 7])).read()];
    },
  ],
  [
    'trained',
    (lib, make) => {
      const v = make(lib.scalar(3)),
        optimizer = lib.train.sgd(0.1);
      optimizer.minimize(() => v.read().square());
      optimizer.dispose();
      return [v.read()];
    },
  ],
  [
    'memory',
    (lib, make) => {
      const t = lib.tensor([1, 2]),
        n = lib.memory().numTensors,
        v = make(t),
        one = lib.memory().numTensors - n;
      t.dispose();
      return [one, v.read()];
    },
  ],
];
rows('a variable', VARIABLES, (name, f) => {
  const told = [tf, peer].map((lib) => {
    const own = [],
      make = (...args) => {
        const v = new lib.LayerVariable(...args);
        own.push(v);
        return v;
      };
    try {
      return f(lib, make).map((x) => (x?.dataSync ? [...x.dataSync()] : x));
    } finally {
      for (const v of own) v.dispose();
    }
  });
  near(
    told[0]
      .flat()
      .map(Number)
      .filter((v) => !Number.isNaN(v)),
    told[1]
      .flat()
      .map(Number)
      .filter((v) => !Number.isNaN(v)),
  );
  assert.deepEqual(
    told[0].map((x) => typeof x),
    told[1].map((x) => typeof x),
  );
});

test('a variable that is no more, or another shape, is told', () =>
  tf.tidy(() => {
    const v = new tf.LayerVariable(tf.zeros([2, 2]), null, 'gralk');
    assert.throws(() => v.write(tf.zeros([4])), /shape \[2, 2\], the new value \[4\]/);
    v.dispose();
    for (const f of [() => v.dispose(), () => v.read(), () => v.write(tf.zeros([2, 2]))])
      assert.throws(f, /LayersVariable gralk is already disposed/);
  }));

// ---- stft ----

/** Place i of n of a raised cosine; periodic: as if one more followed. */
const fades = { hann: 0.5, hamming: 0.54 };
const windowAt = (kind, i, n, periodic) =>
  kind && n > 1 ? fades[kind] - (1 - fades[kind]) * Math.cos((2 * Math.PI * i) / (periodic ? n : n - 1)) : 1;

for (const [args, frame, bins] of [
  [{ side: 'real' }, 8, 5],
  [{ side: 'imag', window: 'hamming', periodic: true }, 6, 5],
  [{ side: 'real', window: null, scaling: 'spectrum' }, 4, 3],
  [{ side: 'imag', scaling: 'spectrum' }, 5, 9],
  [{ side: 'real', scaling: null }, 7, 2],
])
  test(`initializers.stft ${JSON.stringify(args)}`, () =>
    tf.tidy(() => {
      const { side, window = 'hann', scaling = 'density', periodic = false } = args,
        fade = Array.from({ length: frame }, (_, i) => windowAt(window, i, frame, periodic));
      const size = !window || !scaling ? 1 : scaling === 'density' ? Math.hypot(...fade) : fade.reduce((a, b) => a + b);
      const want = fade.flatMap((w, t) =>
        Array.from(
          { length: bins },
          (_, k) => (Math[side === 'real' ? 'cos' : 'sin']((-Math.PI * t * k) / (bins - 1)) * w) / size,
        ),
      );
      const initializer = tf.initializers.stft(args),
        got = initializer.apply([frame, 1, bins]);
      assert.deepEqual([got.shape, initializer.getClassName()], [[frame, 1, bins], 'STFT']);
      got
        .dataSync()
        .forEach((v, i) => assert.ok(Math.abs(v - want[i]) < 1e-6, `[${i}]: ${v} where ${want[i]} should be`));
      assert.throws(
        () => initializer.apply([frame, bins]),
        /stft: the weight must be \[frame, 1, bins\], but has shape \[/,
      );
      assert.throws(() => tf.initializers.stft({ side: 'left' }), /side/);
      // In a layer, through a file, and as Keras calls it.
      const layer = tf.layers.conv1d({
          filters: bins,
          kernelSize: frame,
          kernelInitializer: initializer,
          inputShape: [16, 1],
        }),
        { kernelInitializer } = layer.getConfig();
      const saved = { class_name: 'STFTInitializer', config: { side, window, scaling, periodic } };
      const model = tf.sequential({ layers: [layer] }),
        again = tf.layers.conv1d({
          filters: bins,
          kernelSize: frame,
          kernelInitializer: { className: saved.class_name, config: saved.config },
        });
      assert.deepEqual(
        [kernelInitializer, again.getConfig().kernelInitializer],
        [0, 0].map(() => ({ className: 'STFT', config: { side, window, scaling, periodic } })),
      );
      assert.deepEqual([...model.getWeights()[0].dataSync()], [...got.dataSync()]);
      model.dispose();
    }));
