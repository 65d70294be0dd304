// Layers that Keras has and TensorFlow.js lacks: values by Keras's formulas, computed here in double; gradients by
// finite differences; adapt().
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { configOf, inputsOf, LAYERS, numbers, product } from '../lib/layers.mjs';

function near(got, want, what = '', tolerance = 1e-5) {
  const a = [got instanceof tf.Tensor ? got.arraySync() : got].flat(9),
    b = [want].flat(9);
  assert.equal(a.length, b.length, `${what}: ${a.length} values, ${b.length} wanted`);
  a.forEach((v, i) =>
    assert.ok(
      Math.abs(v - b[i]) <= tolerance * Math.max(1, Math.abs(b[i])),
      `${what}: [${i}] is ${v}, should be ${b[i]}`,
    ),
  );
}
const made = [];
/** tf.layers, which remembers what it made. */
const layers = new Proxy(
  {},
  {
    get: (_, name) => (config) => {
      made.push(tf.layers[name](config));
      return made.at(-1);
    },
  },
);
/** A test that leaves no tensor. */
const clean = (name, f) =>
  test(name, async () => {
    const before = tf.memory().numTensors;
    tf.engine().startScope();
    try {
      await f();
    } finally {
      tf.engine().endScope();
    }
    for (const layer of made.splice(0)) if (layer.built) layer.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
const sum = (list) => list.reduce((a, b) => a + b, 0),
  range = (n) => Array.from({ length: n }, (_, i) => i);
const softmax = (row) => {
  const m = Math.max(...row),
    e = row.map((v) => Math.exp(v - m)),
    s = sum(e);
  return e.map((v) => v / s);
};
/** Numbers in a nested array of a shape. */
const nested = (shape, values) =>
  shape.length === 1
    ? values.slice(0, shape[0])
    : range(shape[0]).map((i) => nested(shape.slice(1), values.slice(i * product(shape.slice(1)))));
const some = (shape, scale = 1, shift = -0.5) => nested(shape, numbers(product(shape), scale, shift));

// ---- normalization ----

clean('normalization learns mean and variance, and takes them', () => {
  const x = [
      [1, 10],
      [3, 20],
      [8, 60],
    ],
    layer = layers.normalization();
  layer.adapt(x);
  const mean = [4, 30],
    deviation = [0, 1].map((j) => Math.sqrt(sum(x.map((r) => (r[j] - mean[j]) ** 2)) / 3));
  assert.deepEqual(
    layer.getWeights().map((w) => w.shape),
    [[2], [2], []],
  );
  assert.deepEqual(
    layer.weights.map((w) => w.name.split('/').pop()),
    ['mean', 'variance', 'count'],
  );
  assert.equal(layer.trainableWeights.length, 0);
  assert.equal(layer.getWeights()[2].arraySync(), 3);
  const want = x.map((r) => r.map((v, j) => (v - mean[j]) / deviation[j]));
  near(layer.apply(tf.tensor(x)), want);
  const config = { mean, variance: deviation.map((d) => d * d) };
  near(layers.normalization({ ...config, invert: true }).apply(tf.tensor(want)), x, 'inverted', 1e-4);
  near(
    layers.normalization({ axis: 1, mean: [[4, 30]], variance: [[1, 4]] }).apply(tf.tensor(x)),
    x.map(([a, b]) => [a - 4, (b - 30) / 2]),
  );
  const whole = layers.normalization({ axis: null });
  whole.adapt(x);
  const all = x.flat(),
    m = sum(all) / 6,
    s = Math.sqrt(sum(all.map((v) => (v - m) ** 2)) / 6);
  near(
    whole.apply(tf.tensor(x)),
    x.map((r) => r.map((v) => (v - m) / s)),
  );
  assert.equal(whole.getConfig().axis, null);
  assert.throws(() => layers.normalization({ mean: 1 }), /mean and variance must both be given/);
  assert.throws(() => layers.normalization(config).adapt(x), /cannot adapt/);
  assert.throws(() => layers.dense({ units: 1 }).adapt(x), /learns nothing from adapt/);
});

test('normalization learns from a dataset', async () => {
  const before = tf.memory().numTensors,
    layer = layers.normalization();
  await layer.adapt(tf.data.array([[1], [3], [5], [7]]).batch(2));
  tf.tidy(() =>
    near(
      layer.getWeights().map((w) => w.arraySync()),
      [4, 5, 4],
    ),
  );
  layer.dispose();
  made.pop();
  assert.equal(tf.memory().numTensors, before);
});

// ---- attention ----

/** [steps][channels] times kernel [channels][heads][size], plus bias. */
const projected = (x, kernel, bias) =>
  x.map((row) =>
    kernel[0].map((head, h) => head.map((_, d) => sum(row.map((v, c) => v * kernel[c][h][d])) + bias[h][d])),
  );

/** As Keras says it: for one example. */
function manyHeads(w, q, v, k, allowed, repeat = 1) {
  const Q = projected(q, w[0], w[1]),
    K = projected(k, w[2], w[3]),
    V = projected(v, w[4], w[5]),
    size = Q[0][0].length;
  const scores = range(Q[0].length).map((h) =>
    Q.map((row, t) =>
      softmax(
        K.map((key, s) =>
          allowed(t, s) ? sum(row[h].map((a, d) => a * key[Math.floor(h / repeat)][d])) / Math.sqrt(size) : -1e9,
        ),
      ),
    ),
  );
  const seen = Q.map((_, t) =>
    scores.map((of, h) => V[0][0].map((_, d) => sum(of[t].map((p, s) => p * V[s][Math.floor(h / repeat)][d])))),
  );
  return {
    scores,
    y: seen.map((heads) =>
      w[7].map((b, o) => b + sum(heads.flatMap((head, h) => head.map((a, d) => a * w[6][h][d][o])))),
    ),
  };
}
const weightsOf = (layer) => {
  layer.setWeights(layer.weights.map((w, i) => tf.tensor(numbers(product(w.shape), 1 + i / 8), w.shape)));
  return layer.getWeights().map((w) => w.arraySync());
};

clean('multiHeadAttention: values, masks, scores', () => {
  const q = some([2, 3, 4]),
    v = some([2, 5, 4], 2),
    k = some([2, 5, 4], 3),
    tensors = [q, v, k].map((x) => tf.tensor(x));
  const make = (more) => layers.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, ...more });
  const allowed = [
    [
      [1, 1, 1, 0, 0],
      [1, 0, 1, 0, 1],
      [0, 0, 0, 0, 1],
    ],
    [
      [1, 1, 1, 1, 1],
      [1, 0, 0, 0, 0],
      [0, 1, 0, 1, 0],
    ],
  ];
  const layer = make();
  layer.build([
    [null, 3, 4],
    [null, 5, 4],
  ]);
  assert.deepEqual(
    layer.weights.map((w) => w.name.split('/').slice(-2).join('/')),
    ['query', 'key', 'value', 'attention_output'].flatMap((n) => [`${n}/kernel`, `${n}/bias`]),
  );
  assert.deepEqual(
    layer.weights.map((w) => w.shape),
    [[4, 2, 3], [2, 3], [4, 2, 3], [2, 3], [4, 2, 2], [2, 2], [2, 2, 4], [4]],
  );
  const w = weightsOf(layer);
  near(
    layer.apply(tensors),
    q.map((_, i) => manyHeads(w, q[i], v[i], k[i], () => true).y),
    'query, value, key',
  );
  near(
    layer.apply(tensors.slice(0, 2)),
    q.map((_, i) => manyHeads(w, q[i], v[i], v[i], () => true).y),
    'query, value',
  );
  const mask = tf.tensor(allowed, [2, 3, 5], 'bool');
  near(
    layer.apply([...tensors, mask]),
    q.map((_, i) => manyHeads(w, q[i], v[i], k[i], (t, s) => allowed[i][t][s]).y),
    'attentionMask',
  );
  near(
    layer.apply(tensors.slice(0, 2), { attentionMask: mask }),
    q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => allowed[i][t][s]).y),
    'attentionMask by name',
  );
  const counts = [
    [1, 1, 0, 1, 0],
    [0, 1, 1, 1, 1],
  ];
  near(
    layer.apply(tensors.slice(0, 2), { mask: [null, tf.tensor(counts, [2, 5], 'bool')] }),
    q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => counts[i][s]).y),
    'mask of values',
  );
  const causal = make({ useCausalMask: true, returnAttentionScores: true });
  causal.apply(tensors);
  causal.setWeights(layer.getWeights());
  const [y, scores] = causal.apply(tensors),
    want = q.map((_, i) => manyHeads(w, q[i], v[i], k[i], (t, s) => t >= s));
  (near(
    y,
    want.map((x) => x.y),
    'causal',
  ),
    near(
      scores,
      want.map((x) => x.scores),
      'scores',
    ));
  assert.deepEqual(
    causal.computeOutputShape([
      [null, 3, 4],
      [null, 5, 4],
    ]),
    [
      [null, 3, 4],
      [null, 2, 3, 5],
    ],
  );
  const [named, itsScores] = layer.apply(tensors, { useCausalMask: true, returnAttentionScores: true });
  (near(
    named,
    want.map((x) => x.y),
    'causal, by the call',
  ),
    near(
      itsScores,
      want.map((x) => x.scores),
      'scores, by the call',
    ));
  near(
    causal.apply(tensors, { useCausalMask: false, returnAttentionScores: false }),
    q.map((_, i) => manyHeads(w, q[i], v[i], k[i], () => true).y),
    'not causal, by the call',
  );
  assert.deepEqual(
    [layer, causal].map((l) => [l.useCausalMask, l.returnAttentionScores]),
    [
      [false, false],
      [true, true],
    ],
  );
  assert.throws(() => layer.apply([tensors[0], tensors[1], tf.ones([2, 4, 4])], { useCausalMask: true }), /same steps/);
  assert.equal(layer.useCausalMask, false);
  const symbols = [
      [3, 4],
      [5, 4],
      [5, 4],
    ].map((shape) => tf.input({ shape })),
    connected = layer.apply(symbols, { useCausalMask: true, returnAttentionScores: true });
  assert.deepEqual(
    connected.map((s) => s.shape),
    [
      [null, 3, 4],
      [null, 2, 3, 5],
    ],
  );
  const model = tf.model({ inputs: symbols, outputs: connected });
  near(
    model.predict(tensors)[0],
    want.map((x) => x.y),
    'causal, in a model',
  );
  model.dispose();
  assert.throws(() => layer.apply(symbols, { useCausalMask: false }), {
    code: 'value',
    message: /useCausalMask must be the same in all its symbolic calls/,
  });
  assert.deepEqual(make({ outputShape: [6, 2] }).apply(tensors).shape, [2, 3, 6, 2]);
  assert.equal(make({ useBias: false }).apply(tensors).shape.length, 3);
  assert.throws(() => layer.apply([tensors[0], tf.ones([2, 5, 3])]), {
    code: 'shape',
    message: /input 1 has 3 channels, its kernel takes 4/,
  });
  assert.throws(() => layer.apply([tensors[0], tensors[1], tf.ones([2, 4, 4])]), /same steps/);
  assert.throws(() => layer.apply([tensors[0]]), /at least 2 inputs/);
});

clean('multiHeadAttention over images: all places, or rows alone', () => {
  const x = some([1, 2, 3, 4]),
    image = tf.tensor(x),
    layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 });
  layer.apply([image, image]);
  const w = weightsOf(layer),
    flat = x[0].flat();
  near(layer.apply([image, image]), manyHeads(w, flat, flat, flat, () => true).y, 'all');
  const rows = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, attentionAxes: 2, returnAttentionScores: true });
  rows.apply([image, image]);
  rows.setWeights(layer.getWeights());
  const [y, scores] = rows.apply([image, image]),
    want = x[0].map((row) => manyHeads(w, row, row, row, () => true));
  (near(
    y,
    want.map((r) => r.y),
    'rows',
  ),
    near(
      scores,
      want.map((r) => r.scores),
    ));
  assert.deepEqual(scores.shape, [1, 2, 2, 3, 3]);
  assert.deepEqual(
    rows.computeOutputShape([
      [null, 2, 3, 4],
      [null, 2, 3, 4],
    ])[1],
    [null, 2, 2, 3, 3],
  );
});

clean('groupQueryAttention: heads of queries share keys and values', () => {
  const q = some([2, 3, 4]),
    v = some([2, 5, 4], 2),
    tensors = [q, v].map((x) => tf.tensor(x));
  const layer = layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, useCausalMask: true });
  layer.apply(tensors);
  assert.deepEqual(
    layer.weights.map((w) => w.shape),
    [[4, 4, 3], [4, 3], [4, 2, 3], [2, 3], [4, 2, 3], [2, 3], [4, 3, 4], [4]],
  );
  const w = weightsOf(layer);
  near(
    layer.apply(tensors),
    q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => t >= s, 2).y),
  );
  assert.throws(
    () => layers.groupQueryAttention({ headDim: 3, numQueryHeads: 3, numKeyValueHeads: 2 }).apply(tensors),
    /multiple of numKeyValueHeads/,
  );
});

clean('attention and additiveAttention', () => {
  const q = some([2, 3, 4], 2),
    v = some([2, 5, 4], 2),
    k = some([2, 5, 4], 3),
    tensors = [q, v, k].map((x) => tf.tensor(x));
  const counts = [
      [1, 1, 0, 1, 0],
      [0, 1, 1, 1, 1],
    ],
    asked = [
      [1, 0, 1],
      [1, 1, 1],
    ],
    masks = { mask: [asked, counts].map((m) => tf.tensor(m, [2, m[0].length], 'bool')) };
  const want = (score, { allowed = () => true, zero = () => false } = {}) =>
    q.map((rows, i) =>
      rows.map((row, t) => {
        const p = softmax(k[i].map((key, s) => (allowed(i, t, s) ? score(row, key) : -1e9)));
        return v[i][0].map((_, d) => (zero(i, t) ? 0 : sum(p.map((a, s) => a * v[i][s][d]))));
      }),
    );
  const dot = (a, b) => sum(a.map((x, i) => x * b[i])),
    tanhs = (a, b, f = () => 1) => sum(a.map((x, i) => f(i) * Math.tanh(x + b[i])));
  near(layers.attention().apply(tensors), want(dot), 'dot');
  near(
    layers.attention().apply(tensors, masks),
    want(dot, { allowed: (i, t, s) => counts[i][s], zero: (i, t) => !asked[i][t] }),
    'masks',
  );
  near(layers.attention({ useCausalMask: true }).apply(tensors), want(dot, { allowed: (i, t, s) => t >= s }), 'causal');
  const scaled = layers.attention({ useScale: true, scoreMode: 'concat', returnAttentionScores: true });
  scaled.apply(tensors);
  assert.deepEqual(
    scaled.weights.map((w) => [w.name.split('/').pop(), w.shape]),
    [
      ['scale', []],
      ['concat_score_weight', []],
    ],
  );
  scaled.setWeights([tf.scalar(0.5), tf.scalar(2)]);
  const [y, scores] = scaled.apply(tensors);
  near(
    y,
    want((a, b) => 2 * sum(a.map((x, i) => Math.tanh(0.5 * (x + b[i]))))),
    'concat',
  );
  assert.deepEqual(scores.shape, [2, 3, 5]);
  near(scores.sum(-1), Array(6).fill(1));
  const additive = layers.additiveAttention();
  additive.apply(tensors);
  additive.setWeights([tf.tensor([1, 2, -1, 0.5])]);
  near(
    additive.apply(tensors),
    want((a, b) => tanhs(a, b, (i) => [1, 2, -1, 0.5][i])),
    'additive',
  );
  near(
    layers.additiveAttention({ useScale: false }).apply(tensors),
    want((a, b) => tanhs(a, b)),
    'additive without scale',
  );
});

// ---- normalizations ----

clean('unitNormalization, rmsNormalization, groupNormalization', () => {
  const x = some([2, 3, 4], 4),
    t = tf.tensor(x);
  near(
    layers.unitNormalization().apply(t),
    x.map((m) => m.map((row) => row.map((v) => v / Math.hypot(...row)))),
    'unit',
  );
  near(
    layers.unitNormalization({ axis: [1, 2] }).apply(t),
    x.map((m) => m.map((row) => row.map((v) => v / Math.hypot(...m.flat())))),
    'unit of both',
  );
  near(layers.unitNormalization().apply([[0, 0]]), [0, 0]);
  const rms = layers.rmsNormalization({ epsilon: 0.1 });
  rms.apply(t);
  rms.setWeights([tf.tensor([1, 2, 3, 4])]);
  assert.equal(rms.weights[0].name.split('/').pop(), 'scale');
  near(
    rms.apply(t),
    x.map((m) => m.map((row) => row.map((v, c) => ((c + 1) * v) / Math.sqrt(sum(row.map((a) => a * a)) / 4 + 0.1)))),
    'rms',
  );
  const group = layers.groupNormalization({ groups: 2, epsilon: 0.1 });
  group.apply(t);
  group.setWeights([tf.tensor([1, 2, 3, 4]), tf.tensor([4, 3, 2, 1])]);
  near(
    group.apply(t),
    x.map((m) =>
      m.map((row) =>
        row.map((v, c) => {
          const all = m.flatMap((r) => r.slice(c < 2 ? 0 : 2, c < 2 ? 2 : 4)),
            mean = sum(all) / all.length,
            variance = sum(all.map((a) => (a - mean) ** 2)) / all.length;
          return ((c + 1) * (v - mean)) / Math.sqrt(variance + 0.1) + 4 - c;
        }),
      ),
    ),
    'group',
  );
  near(
    layers.groupNormalization({ groups: -1, axis: 1, epsilon: 0.1 }).apply(t),
    x.map((m) =>
      m.map((row) => {
        const mean = sum(row) / 4,
          variance = sum(row.map((a) => (a - mean) ** 2)) / 4;
        return row.map((v) => (v - mean) / Math.sqrt(variance + 0.1));
      }),
    ),
    'each row by itself',
  );
  assert.throws(() => layers.groupNormalization({ groups: 3 }).apply(t), /groups must divide the 4 channels, but is 3/);
});

clean('spectralNormalization divides the kernel by its largest singular value, while training', () => {
  const inner = layers.dense({ units: 2, useBias: false }),
    layer = layers.spectralNormalization({ layer: inner, powerIterations: 30 }),
    x = tf.tensor([[1, 2]]);
  layer.apply(x);
  layer.setWeights([
    tf.tensor([
      [3, 0],
      [0, 1],
    ]),
    tf.tensor([[0.6, 0.8]]),
  ]);
  near(layer.apply(x), [3, 2], 'inference');
  near(layer.apply(x, { training: true }), [1, 2 / 3], 'training', 1e-4);
  near(layer.apply(x), [1, 2 / 3], 'after it', 1e-4);
  assert.deepEqual(
    layer.nonTrainableWeights.map((w) => [w.name.split('/').pop(), w.shape]),
    [['vector_u', [1, 2]]],
  );
});

// ---- small ones ----

clean('identity, subtract, activityRegularization, spatialDropout', async () => {
  const x = tf.tensor(some([2, 3, 3, 4]));
  near(layers.identity().apply(x), x.arraySync());
  near(layers.subtract().apply([tf.tensor([[5, 3]]), tf.tensor([[1], [2]]).slice([0], [1])]), [4, 2]);
  assert.throws(() => layers.subtract().apply([x, x, x]), /exactly 2 inputs/);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, useBias: false, kernelInitializer: 'identity', inputShape: [2] }),
      tf.layers.activityRegularization({ l1: 0.1, l2: 0.2 }),
    ],
  });
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  near(
    await model.trainOnBatch(
      tf.tensor([
        [1, -2],
        [3, 1],
      ]),
      tf.tensor([
        [1, -2],
        [3, 1],
      ]),
    ),
    (0.1 * 7 + 0.2 * 15) / 2,
  );
  model.dispose();
  model.optimizer.dispose();
  for (const [name, shape, axes] of [
    ['spatialDropout2d', [2, 3, 3, 50], [1, 2]],
    ['spatialDropout3d', [2, 2, 2, 2, 50], [1, 2, 3]],
  ]) {
    const layer = layers[name]({ rate: 0.5 }),
      y = layer.apply(tf.ones(shape), { training: true }),
      most = y.max(axes),
      least = y.min(axes);
    near(most, least.arraySync(), 'whole channels');
    assert.deepEqual([...new Set(most.dataSync())].sort(), [0, 2]);
    near(layer.apply(tf.ones(shape)).min(), 1);
  }
});

// ---- sequences and volumes ----

clean('cropping, padding, enlarging', () => {
  const sequence = some([2, 4, 3]),
    volume = some([1, 2, 3, 4, 2]),
    s = tf.tensor(sequence),
    v = tf.tensor(volume);
  near(
    layers.cropping1d({ cropping: [1, 2] }).apply(s),
    sequence.map((m) => m.slice(1, 2)),
  );
  near(
    layers.zeroPadding1d({ padding: [1, 0] }).apply(s),
    sequence.map((m) => [[0, 0, 0], ...m]),
  );
  near(
    layers.zeroPadding1d({ padding: [0, 1], dataFormat: 'channelsFirst' }).apply(s),
    sequence.map((m) => m.map((r) => [...r, 0])),
  );
  near(
    layers.upSampling1d({ size: 3 }).apply(s),
    sequence.map((m) => m.flatMap((r) => [r, r, r])),
  );
  const sides = [
    [1, 0],
    [0, 1],
    [1, 2],
  ];
  near(layers.cropping3d({ cropping: sides }).apply(v), [
    volume[0].slice(1).map((p) => p.slice(0, 2).map((r) => r.slice(1, 2))),
  ]);
  near(layers.zeroPadding3d({ padding: sides }).apply(v), v.pad([[0, 0], ...sides, [0, 0]]).arraySync());
  near(
    layers.zeroPadding3d({ padding: [0, 1, 0], dataFormat: 'channelsFirst' }).apply(v),
    v
      .pad([
        [0, 0],
        [0, 0],
        [0, 0],
        [1, 1],
        [0, 0],
      ])
      .arraySync(),
  );
  near(layers.upSampling3d({ size: [2, 1, 3] }).apply(v), [
    volume[0].flatMap((p) => {
      const q = p.map((r) => r.flatMap((c) => [c, c, c]));
      return [q, q];
    }),
  ]);
  assert.throws(() => layers.cropping3d({ cropping: [1, 2] }), /cropping must have 1, 3 or 6 numbers, but has 2/);
  assert.throws(() => layers.cropping3d({ cropping: 0.5 }), /whole numbers/);
  assert.throws(() => layers.cropping1d({ cropping: 2 }).apply(s), /leaves 0 along axis 1/);
});

clean('pooling to a size, and over whole volumes', () => {
  const x = some([2, 7, 5, 2]),
    t = tf.tensor(x),
    window = (i, from, to) =>
      range(Math.ceil(((i + 1) * from) / to) - Math.floor((i * from) / to)).map((k) => Math.floor((i * from) / to) + k);
  const want = (f) =>
    x.map((m) =>
      range(3).map((i) =>
        range(4).map((j) =>
          [0, 1].map((c) => f(window(i, 7, 3).flatMap((a) => window(j, 5, 4).map((b) => m[a][b][c])))),
        ),
      ),
    );
  const mean = (list) => sum(list) / list.length,
    most = (list) => Math.max(...list);
  near(layers.adaptiveAveragePooling2d({ outputSize: [3, 4] }).apply(t), want(mean), 'mean');
  near(layers.adaptiveMaxPooling2d({ outputSize: [3, 4] }).apply(t), want(most), 'max');
  near(
    layers.adaptiveMaxPooling2d({ outputSize: [3, 4], dataFormat: 'channelsFirst' }).apply(t.transpose([0, 3, 1, 2])),
    tf.tensor(want(most)).transpose([0, 3, 1, 2]).arraySync(),
  );
  const sequence = some([1, 5, 2]),
    volume = some([1, 2, 3, 4, 2]),
    v = tf.tensor(volume);
  near(layers.adaptiveAveragePooling1d({ outputSize: 3 }).apply(tf.tensor(sequence)), [
    range(3).map((i) => [0, 1].map((c) => mean(window(i, 5, 3).map((k) => sequence[0][k][c])))),
  ]);
  near(layers.adaptiveAveragePooling3d({ outputSize: 1 }).apply(v), v.mean([1, 2, 3]).arraySync());
  near(layers.adaptiveMaxPooling3d({ outputSize: [2, 3, 4] }).apply(v), volume);
  near(layers.globalAveragePooling3d().apply(v), v.mean([1, 2, 3]).arraySync());
  assert.deepEqual(layers.globalMaxPooling3d({ keepdims: true }).apply(v).shape, [1, 1, 1, 1, 2]);
  assert.deepEqual(
    layers.globalMaxPooling3d({ keepdims: true, dataFormat: 'channelsFirst' }).apply(v).shape,
    [1, 2, 1, 1, 1],
  );
});

clean('convolutions of sequences', () => {
  const x = some([2, 6, 3], 2),
    t = tf.tensor(x),
    set = (layer) => {
      layer.apply(t);
      return weightsOf(layer);
    };
  const spread = layers.conv1dTranspose({ filters: 2, kernelSize: 3, strides: 2, activation: 'tanh' }),
    [kernel, bias] = set(spread);
  near(
    spread.apply(t),
    x.map((m) => {
      const y = range(13).map(() => [...bias]);
      m.forEach((row, i) =>
        kernel.forEach((of, k) =>
          of.forEach((w, o) => {
            y[2 * i + k][o] += sum(row.map((v, c) => v * w[c]));
          }),
        ),
      );
      return y.map((r) => r.map(Math.tanh));
    }),
    'conv1dTranspose',
  );
  assert.deepEqual(
    layers.conv1dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }).apply(t).shape,
    [2, 12, 2],
  );
  assert.deepEqual(
    layers.conv1dTranspose({ filters: 2, kernelSize: 3, strides: 2, dataFormat: 'channelsFirst' }).apply(t).shape,
    [2, 2, 7],
  );
  const depth = layers.depthwiseConv1d({ kernelSize: 2, depthMultiplier: 2, dilationRate: 2 }),
    [dw, db] = set(depth);
  const depthwise = (m, w, gap, from) =>
    range(from.length).map((i) =>
      range(3).flatMap((c) =>
        range(2).map((d) => sum(range(2).map((k) => (m[from[i] + k * gap]?.[c] ?? 0) * w[k][c][d]))),
      ),
    );
  near(
    depth.apply(t),
    x.map((m) => depthwise(m, dw, 2, range(4)).map((r) => r.map((v, i) => v + db[i]))),
    'depthwiseConv1d',
  );
  const separable = layers.separableConv1d({ filters: 2, kernelSize: 2, depthMultiplier: 2, padding: 'causal' }),
    [sd, sp, sb] = set(separable);
  near(
    separable.apply(t),
    x.map((m) =>
      depthwise(
        m,
        sd,
        1,
        range(6).map((i) => i - 1),
      ).map((r) => sb.map((b, o) => b + sum(r.map((v, i) => v * sp[0][i][o])))),
    ),
    'separableConv1d',
  );
  assert.deepEqual(
    layers.separableConv1d({ filters: 2, kernelSize: 2, strides: 2, padding: 'same' }).apply(t).shape,
    [2, 3, 2],
  );
});

clean('einsumDense and ternaryDense', () => {
  const x = some([2, 3, 4], 2),
    t = tf.tensor(x);
  const dense = layers.einsumDense({
    equation: 'abc,cde->abde',
    outputShape: [null, 2, 3],
    biasAxes: 'de',
    activation: 'tanh',
  });
  dense.apply(t);
  const [k, b] = weightsOf(dense);
  near(
    dense.apply(t),
    x.map((m) =>
      m.map((row) => b.map((of, d) => of.map((v, e) => Math.tanh(v + sum(row.map((a, c) => a * k[c][d][e])))))),
    ),
  );
  assert.deepEqual(dense.computeOutputShape([null, 3, 4]), [null, 3, 2, 3]);
  const shapes = (config) => {
    const layer = layers.einsumDense(config),
      y = layer.apply(t);
    return [y.shape, ...layer.weights.map((w) => w.shape)];
  };
  assert.deepEqual(shapes({ equation: '...x,xy->...y', outputShape: 5, biasAxes: 'y' }), [[2, 3, 5], [4, 5], [5]]);
  assert.deepEqual(shapes({ equation: 'ab...,bc->ac...', outputShape: [5], biasAxes: 'c' }), [
    [2, 5, 4],
    [3, 5],
    [5, 1],
  ]);
  assert.deepEqual(shapes({ equation: 'abc,cd->abd', outputShape: [null, 5], biasAxes: 'b' }), [
    [2, 3, 5],
    [4, 5],
    [3, 1],
  ]);
  assert.throws(() => shapes({ equation: 'abc,cd-abd', outputShape: [3, 5] }), /equation must be as/);
  assert.throws(() => shapes({ equation: 'abc,cd->abd', outputShape: [5] }), /outputShape must have 2 sizes/);
  const three = layers.ternaryDense({ units: 2, useBias: false });
  three.apply(t);
  three.setWeights([
    tf.tensor([
      [1, -0.1],
      [-2, 3],
      [0.2, 0],
      [0.5, -1],
    ]),
  ]);
  const mean = 7.8 / 8,
    signs = [
      [1, 0],
      [-1, 1],
      [0, 0],
      [1, -1],
    ];
  near(
    three.apply(t),
    x.map((m) => m.map((row) => [0, 1].map((o) => mean * sum(row.map((a, c) => a * signs[c][o]))))),
  );
  const fixed = layers.ternaryDense({ units: 1, threshold: 1, useBias: false, weights: [[[1.5], [0.5], [-3], [1]]] }),
    variable = () => fixed.apply([[1, 2, 3, 4]]).sum();
  near(variable(), 1 - 3);
  const { grads } = tf.variableGrads(
    variable,
    fixed.trainableWeights.map((w) => w.read()),
  );
  near(Object.values(grads)[0], [1, 2, 3, 4], 'the gradient goes through');
});

// ---- recurrent convolutions ----

clean('convLstm1d and convLstm3d do as convLstm2d does over images of one row, and volumes of one layer', () => {
  for (const more of [
    {},
    { returnSequences: true, strides: 2, goBackwards: true },
    { padding: 'same', useBias: false },
  ]) {
    const config = { filters: 2, kernelSize: 3, recurrentActivation: 'sigmoid', ...more },
      two = layers.convLstm2d({ ...config, kernelSize: [1, 3], strides: [1, more.strides ?? 1] });
    const x = tf.tensor(some([2, 3, 7, 4], 2)),
      rows = x.expandDims(2),
      one = layers.convLstm1d(config),
      want = two.apply(rows);
    one.apply(x);
    one.setWeights(two.getWeights().map((w) => (w.shape.length > 1 ? w.squeeze([0]) : w)));
    near(one.apply(x), want.arraySync(), 'convLstm1d');
    const three = layers.convLstm3d({ ...config, kernelSize: [1, 1, 3], strides: [1, 1, more.strides ?? 1] });
    three.apply(rows.expandDims(2));
    three.setWeights(two.getWeights().map((w) => (w.shape.length > 1 ? w.expandDims(0) : w)));
    near(three.apply(rows.expandDims(2)), want.arraySync(), 'convLstm3d');
  }
  assert.deepEqual(
    layers.convLstm1d({ filters: 4, kernelSize: 3, returnSequences: true }).computeOutputShape([null, 5, 9, 2]),
    [null, 5, 7, 4],
  );
  assert.deepEqual(layers.convLstm3d({ filters: 4, kernelSize: 2 }).computeOutputShape([null, 5, 4, 5, 6, 2]), [
    null,
    3,
    4,
    5,
    4,
  ]);
});

// ---- sound ----

/** Places of a raised cosine. */
const hann = (n, periodic) => range(n).map((i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (periodic ? n : n - 1)));
/** Parts of the frequencies of a stretch, under a window. */
const dft = (v, bins, size) =>
  range(bins).map((k) => [
    sum(v.map((a, t) => a * Math.cos((-2 * Math.PI * k * t) / size))),
    sum(v.map((a, t) => a * Math.sin((-2 * Math.PI * k * t) / size))),
  ]);

clean('stftSpectrogram', () => {
  const signal = numbers(20, 2),
    x = tf.tensor(signal, [1, 20, 1]),
    w = hann(6, false),
    power = Math.sqrt(sum(w.map((v) => v * v)));
  const waves = range(5).map((f) =>
      dft(
        w.map((v, t) => (v * signal[3 * f + t]) / power),
        5,
        8,
      ),
    ),
    magnitude = ([re, im]) => Math.hypot(re, im),
    config = { frameLength: 6, frameStep: 3 };
  const give = (more) => layers.stftSpectrogram({ ...config, ...more }).apply(x),
    all = (f) => [waves.map((bins) => bins.map(f))];
  near(
    give({ mode: 'magnitude' }),
    all((v) => Math.max(magnitude(v), Math.sqrt(1e-7))),
    'magnitude',
    1e-4,
  );
  near(
    give({}),
    all((v) => Math.log(Math.max(magnitude(v), Math.sqrt(1e-7)))),
    'log',
    1e-3,
  );
  (near(
    give({ mode: 'real' }),
    all((v) => v[0]),
    'real',
  ),
    near(
      give({ mode: 'imag' }),
      all((v) => v[1]),
      'imag',
      1e-4,
    ));
  near(
    give({ mode: 'psd' }),
    [waves.map((bins) => bins.map((v, k) => (k && k < 4 ? 2 : 1) * magnitude(v) ** 2))],
    'psd',
    1e-4,
  );
  near(
    give({ mode: 'stft' }),
    [waves.map((bins) => [...bins.map((v) => v[0]), ...bins.map((v) => v[1])])],
    'stft',
    1e-4,
  );
  const plain = layers.stftSpectrogram({ ...config, mode: 'real', window: null });
  near(
    plain.apply(x),
    [range(5).map((f) => dft(signal.slice(3 * f, 3 * f + 6), 5, 8).map((v) => v[0]))],
    'without a window',
    1e-4,
  );
  const shape = (more, s) => layers.stftSpectrogram({ ...config, ...more }).computeOutputShape(s);
  assert.deepEqual(
    [
      shape({}, [null, 20, 2]),
      shape({ expandDims: true }, [null, 20, 2]),
      shape({ dataFormat: 'channelsFirst' }, [null, 2, 20]),
      shape({ dataFormat: 'channelsFirst', expandDims: true, padding: 'same' }, [null, 2, 20]),
    ],
    [
      [null, 5, 10],
      [null, 5, 5, 2],
      [null, 10, 5],
      [null, 2, 7, 5],
    ],
  );
  assert.deepEqual(
    plain.weights.map((v) => v.name.split('/').pop()),
    ['real_kernel'],
  );
  for (const dataFormat of ['channelsLast', 'channelsFirst'])
    for (const expandDims of [true, false]) {
      const two = tf.tensor(numbers(80, 2), [2, 20, 2]),
        layer = layers.stftSpectrogram({ ...config, mode: 'magnitude', dataFormat, expandDims }),
        given = dataFormat === 'channelsFirst' ? two.transpose([0, 2, 1]) : two;
      assert.deepEqual(layer.apply(given).shape, layer.computeOutputShape(given.shape));
    }
});

clean('melSpectrogram', () => {
  const signal = numbers(40, 2),
    fft = 16,
    stride = 8,
    bins = 5,
    rate = 8000,
    config = { fftLength: fft, sequenceStride: stride, numMelBins: bins, samplingRate: rate, minFreq: 100 };
  const padded = range(40 + fft).map((i) => signal[i < 8 ? 8 - i : i < 48 ? i - 8 : 39 - (i - 47)]),
    mel = (hz) => 1127 * Math.log(1 + hz / 700),
    low = mel(100),
    step = (mel(rate / 2) - low) / (bins + 1);
  const triangle = (k, m) =>
    k
      ? Math.max(
          0,
          Math.min((mel(((rate / 2) * k) / 8) - low) / step - m, 2 - ((mel(((rate / 2) * k) / 8) - low) / step - m)),
        )
      : 0;
  const of = (length) => {
    const w = hann(length, true),
      before = (fft - length) / 2;
    return range(6).map((f) =>
      dft(
        range(fft).map((t) => padded[f * stride + t] * (w[t - before] ?? 0)),
        9,
        fft,
      ),
    );
  };
  const want = (waves, exponent) => [
    range(bins).map((m) =>
      waves.map((frame) => sum(frame.map(([re, im], k) => Math.hypot(re, im) ** exponent * triangle(k, m)))),
    ),
  ];
  const x = tf.tensor([signal]),
    give = (more) => layers.melSpectrogram({ ...config, ...more }).apply(x);
  near(give({ powerToDb: false }), want(of(16), 2), 'power', 1e-4);
  near(give({ powerToDb: false, magExp: 1, sequenceLength: 12 }), want(of(12), 1), 'magnitude', 1e-4);
  const decibels = want(of(16), 2)[0].map((row) =>
      row.map((v) => 10 * Math.log10(Math.max(v, 1e-10)) - 10 * Math.log10(2)),
    ),
    top = Math.max(...decibels.flat());
  near(
    give({ refPower: 2, topDb: 10 }),
    decibels.map((row) => row.map((v) => Math.max(v, top - 10))),
    'decibels',
    1e-3,
  );
  assert.deepEqual(layers.melSpectrogram(config).apply(signal).shape, [bins, 6]);
  assert.deepEqual(layers.melSpectrogram(config).computeOutputShape([null, 40]), [null, bins, 6]);
});

// ---- pipeline, reversibleEmbedding, equalization in tiles ----

clean('pipeline, reversibleEmbedding', () => {
  const pipe = layers.pipeline({
    layers: [
      tf.layers.dense({ units: 2, kernelInitializer: 'ones', name: 'a' }),
      tf.layers.reLU(),
      tf.layers.rescaling({ scale: 3 }),
    ],
  });
  near(
    pipe.apply([
      [1, 2],
      [-3, 1],
    ]),
    [9, 9, 0, 0],
  );
  assert.deepEqual(
    pipe.trainableWeights.map((w) => w.shape),
    [[2, 2], [2]],
  );
  const both = layers.reversibleEmbedding({ inputDim: 3, outputDim: 2, reverse: true, logitSoftCap: 5 }),
    numbersOf = tf.tensor([[2, 0]], [1, 2], 'int32');
  both.apply(numbersOf);
  both.setWeights([
    tf.tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ]);
  near(both.apply(numbersOf), [5, 6, 1, 2]);
  near(
    both.apply(tf.tensor([[1, -1]])),
    [-1, -1, -1].map((v) => 5 * Math.tanh(v / 5)),
  );
  const untied = layers.reversibleEmbedding({ inputDim: 3, outputDim: 2, reverse: true, tieWeights: false });
  untied.apply(tf.tensor([[1, -1]]));
  assert.deepEqual(
    untied.weights.map((w) => [w.name.split('/').pop(), w.shape]),
    [
      ['embeddings', [3, 2]],
      ['reverse_embeddings', [2, 3]],
    ],
  );
  untied.setWeights([
    tf.zeros([3, 2]),
    tf.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ]);
  near(untied.apply(tf.tensor([[1, -1]])), [-3, -3, -3]);
});

clean('contrastLimitedAdaptiveHistogramEqualization', () => {
  const h = 5,
    w = 7,
    values = numbers(h * w, 120, 0.6).map(Math.floor),
    x = tf.tensor(values, [1, h, w, 1]),
    [gh, gw] = [2, 3],
    th = 3,
    tw = 3,
    mirror = (i, n) => (i < n ? i : 2 * n - 1 - i);
  const at = (i, j) => values[mirror(i, h) * w + mirror(j, w)],
    limit = (4 * 9) / 256;
  const table = (r, c) => {
    const counts = Array(256).fill(0);
    for (const i of range(th)) for (const j of range(tw)) counts[at(r * th + i, c * tw + j)]++;
    const more = sum(counts.map((v) => Math.max(0, v - limit))) / 256,
      kept = counts.map((v) => Math.min(v, limit) + more);
    let all = 0;
    const cdf = kept.map((v) => (all += v));
    return cdf.map((v) => Math.min(255, Math.max(0, ((v - cdf[0]) * 255) / (9 - cdf[0]))));
  };
  const tables = range(gh).map((r) => range(gw).map((c) => table(r, c))),
    tile = (i, n) => Math.min(n - 1, Math.max(0, i));
  const want = range(h).map((i) =>
    range(w).map((j) => {
      const y = i / th - 0.5,
        z = j / tw - 0.5,
        r = Math.floor(y),
        c = Math.floor(z);
      return sum(
        [0, 1].flatMap((a) =>
          [0, 1].map(
            (b) =>
              (a ? y - r : 1 - y + r) * (b ? z - c : 1 - z + c) * tables[tile(r + a, gh)][tile(c + b, gw)][at(i, j)],
          ),
        ),
      );
    }),
  );
  near(layers.contrastLimitedAdaptiveHistogramEqualization({ tileGridSize: [2, 3] }).apply(x), want, 'tiles', 1e-4);
  near(
    layers
      .contrastLimitedAdaptiveHistogramEqualization({ tileGridSize: [2, 3], valueRange: [0, 1] })
      .apply(x.add(0.25).div(255)),
    want.map((r) => r.map((v) => v / 255)),
    'another range',
    1e-4,
  );
});

// ---- files ----

const kerasTensor = (name) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3, 4], dtype: 'float32', keras_history: [name, 0, 0] },
});
const inputLayer = (name, shape) => ({
  module: 'keras.layers',
  class_name: 'InputLayer',
  name,
  config: { batch_shape: [null, ...shape], dtype: 'float32', name },
  inbound_nodes: [],
});
const functional = (layers, inputs, output) => ({
  class_name: 'Functional',
  config: {
    name: 'm',
    layers: [...inputs.map(([name, shape]) => inputLayer(name, shape)), ...layers],
    input_layers: inputs.map(([name]) => [name, 0, 0]),
    output_layers: [[output, 0, 0]],
  },
});

test('calls of attention layers as Keras 3 and Keras 2 write them', async () => {
  const before = tf.memory().numTensors,
    INPUTS = [
      ['q', [3, 4]],
      ['v', [5, 4]],
      ['k', [5, 4]],
      ['m', [3, 5]],
    ];
  const named = {
    module: 'keras.layers',
    class_name: 'MultiHeadAttention',
    name: 'a',
    config: {
      name: 'a',
      num_heads: 2,
      key_dim: 3,
      value_dim: 3,
      dropout: 0,
      use_bias: true,
      output_shape: null,
      attention_axes: null,
      seed: null,
    },
  };
  const calls = [
    [
      {
        args: [kerasTensor('q')],
        kwargs: {
          attention_mask: kerasTensor('m'),
          use_causal_mask: false,
          key: null,
          query_mask: null,
          value: kerasTensor('v'),
        },
      },
      ['q', 'v', 'v', 'm'],
    ],
    [
      { args: [kerasTensor('q'), kerasTensor('v')], kwargs: { use_causal_mask: true, key: kerasTensor('k') } },
      ['q', 'v', 'k'],
      true,
    ],
    [{ args: [kerasTensor('q'), kerasTensor('v')], kwargs: {} }, ['q', 'v']],
    [[['q', 0, 0, { use_causal_mask: true, key: ['k', 0, 0], value: ['v', 0, 0] }]], ['q', 'v', 'k'], true],
    [[['q', 0, 0, { value: ['v', 0, 0] }]], ['q', 'v']],
  ];
  for (const [call, order, causal = false] of calls) {
    const model = await tf.models.modelFromJSON(
        functional(
          [{ ...named, inbound_nodes: [call] }],
          INPUTS.filter(([name]) => order.includes(name)),
          'a',
        ),
      ),
      layer = model.getLayer('a');
    assert.deepEqual(
      [layer.input].flat().map((s) => s.sourceLayer.name),
      order,
    );
    assert.equal(layer.getConfig().useCausalMask, causal);
    const again = await tf.models.modelFromJSON(model.toJSON(null, false));
    assert.deepEqual(again.getLayer('a').getConfig(), layer.getConfig());
    (model.dispose(), again.dispose());
  }
  const dot = {
    module: 'keras.layers',
    class_name: 'Attention',
    name: 'a',
    config: { name: 'a', use_scale: false, score_mode: 'dot', dropout: 0 },
    inbound_nodes: [
      { args: [[kerasTensor('q'), kerasTensor('v')]], kwargs: { mask: [null, null], use_causal_mask: true } },
    ],
  };
  const model = await tf.models.modelFromJSON(functional([dot], INPUTS.slice(0, 2), 'a'));
  assert.equal(model.getLayer('a').getConfig().useCausalMask, true);
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('classes under the other names that files have', async () => {
  for (const [class_name, config, name] of [
    ['Custom>Normalization', {}, 'Normalization'],
    ['keras.layers.Normalization', {}, 'Normalization'],
    ['keras.layers.experimental.preprocessing.RandomFlip', {}, 'RandomFlip'],
    ['keras.src.layers.normalization.unit_normalization.UnitNormalization', {}, 'UnitNormalization'],
  ]) {
    const model = await tf.models.modelFromJSON({
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [{ class_name, config: { ...config, name: 'it', batch_input_shape: [null, 2, 2, 3] } }],
      },
    });
    assert.equal(model.layers[0].getClassName(), name);
    model.dispose();
  }
});

test('what adapt() has found is saved and loaded', async () => {
  const model = tf.sequential({ layers: [tf.layers.normalization({ inputShape: [2], name: 'normalization' })] });
  model.layers[0].adapt([
    [1, 10],
    [3, 30],
  ]);
  let saved;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  assert.deepEqual(
    saved.weightSpecs.map((w) => [w.name, w.dtype]),
    [
      ['normalization/mean', 'float32'],
      ['normalization/variance', 'float32'],
      ['normalization/count', 'int32'],
    ],
  );
  const again = await tf.loadLayersModel(tf.io.fromMemory(saved));
  tf.tidy(() => near(again.predict(tf.tensor([[3, 20]])), [1, 0]));
  (model.dispose(), again.dispose());
});

// ---- gradients ----

/** Layers that change nothing at inference, or whose gradient is not that of their values. */
const NO_GRADIENT = [
  'ternaryDense',
  'reversibleEmbedding',
  'discretization',
  'contrastLimitedAdaptiveHistogramEqualization',
  'autoContrast',
];
const OURS = Object.keys(LAYERS)
  .slice(Object.keys(LAYERS).indexOf('normalization'))
  .filter((name) => !NO_GRADIENT.includes(name));

for (const name of OURS)
  clean(`${name}: gradients are those of finite differences`, () => {
    const layer = layers[name](configOf(tf, name)),
      xs = [inputsOf(tf, name, 2)].flat();
    if (xs.some((x) => x.dtype !== 'float32')) return;
    const run = (...v) => [layer.apply(v.length > 1 ? v : v[0])].flat()[0];
    const y = run(...xs);
    if (y.dtype !== 'float32') return;
    const c = tf.tensor(numbers(y.size, 1.7, -0.3), y.shape),
      loss = (...v) =>
        run(...v)
          .mul(c)
          .sum();
    const far = (f, x, i) => {
      const step = 1 / 64,
        at = (d) => {
          const v = Array.from(x.dataSync());
          v[i] += d;
          return f(tf.tensor(v, x.shape));
        };
      return (at(step) - at(-step)) / (2 * step);
    };
    const places = (n) => [0, Math.floor(n / 3), Math.floor(n / 2), n - 1];
    const found = tf.grads(loss)(xs);
    xs.forEach((x, k) =>
      places(x.size).forEach((i) =>
        near(
          found[k].dataSync()[i],
          far((v) => loss(...xs.map((other, j) => (j === k ? v : other))).dataSync()[0], x, i),
          `input ${k} at ${i}`,
          2e-2,
        ),
      ),
    );
    const variables = layer.trainableWeights;
    if (!variables.length) return;
    const { grads } = tf.variableGrads(() => loss(...xs), variables);
    variables.forEach((w, k) =>
      places(w.read().size).forEach((i) => {
        const value = w.read().clone(),
          want = far(
            (v) => {
              w.write(v);
              return loss(...xs).dataSync()[0];
            },
            value,
            i,
          );
        w.write(value);
        near(Object.values(grads)[k].dataSync()[i], want, `${w.name} at ${i}`, 2e-2);
      }),
    );
  });
