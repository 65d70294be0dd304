// Layers that Keras has and TensorFlow.js lacks: values by Keras's formulas, computed here in double; gradients by
// finite differences; adapt().
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { configOf, inputsOf, LAYERS, numbers, product } from '../lib/layers.mjs';

function near(got, want, what = '', tolerance = 1e-5) {
  const a = [got instanceof tf.Tensor ? got.arraySync() : got].flat(9), b = [want].flat(9);
  assert.equal(a.length, b.length, `${what}: ${a.length} values, ${b.length} wanted`);
  a.forEach((v, i) => assert.ok(Math.abs(v - b[i]) <= tolerance * Math.max(1, Math.abs(b[i])), `${what}: [${i}] is ${v}, should be ${b[i]}`));
}
const made = [];
/** tf.layers, which remembers what it made. */
const layers = new Proxy({}, { get: (_, name) => (config) => { made.push(tf.layers[name](config)); return made.at(-1); } });
/** A test that leaves no tensor. */
const clean = (name, f) => test(name, async () => {
  const before = tf.memory().numTensors;
  tf.engine().startScope();
  try { await f(); } finally { tf.engine().endScope(); }
  for (const layer of made.splice(0)) if (layer.built) layer.dispose();
  assert.equal(tf.memory().numTensors, before);
});
const sum = (list) => list.reduce((a, b) => a + b, 0), range = (n) => Array.from({ length: n }, (_, i) => i);
const softmax = (row) => { const m = Math.max(...row), e = row.map((v) => Math.exp(v - m)), s = sum(e); return e.map((v) => v / s); };
/** Numbers in a nested array of a shape. */
const nested = (shape, values) => (shape.length === 1 ? values.slice(0, shape[0]) : range(shape[0]).map((i) => nested(shape.slice(1), values.slice(i * product(shape.slice(1))))));
const some = (shape, scale = 1, shift = -0.5) => nested(shape, numbers(product(shape), scale, shift));

// ---- normalization ----

clean('normalization learns mean and variance, and takes them', () => {
  const x = [[1, 10], [3, 20], [8, 60]], layer = layers.normalization();
  layer.adapt(x);
  const mean = [4, 30], deviation = [0, 1].map((j) => Math.sqrt(sum(x.map((r) => (r[j] - mean[j]) ** 2)) / 3));
  assert.deepEqual(layer.getWeights().map((w) => w.shape), [[2], [2], []]);
  assert.deepEqual(layer.weights.map((w) => w.name.split('/').pop()), ['mean', 'variance', 'count']);
  assert.equal(layer.trainableWeights.length, 0);
  assert.equal(layer.getWeights()[2].arraySync(), 3);
  const want = x.map((r) => r.map((v, j) => (v - mean[j]) / deviation[j]));
  near(layer.apply(tf.tensor(x)), want);
  const config = { mean, variance: deviation.map((d) => d * d) };
  near(layers.normalization({ ...config, invert: true }).apply(tf.tensor(want)), x, 'inverted', 1e-4);
  near(layers.normalization({ axis: 1, mean: [[4, 30]], variance: [[1, 4]] }).apply(tf.tensor(x)), x.map(([a, b]) => [a - 4, (b - 30) / 2]));
  const whole = layers.normalization({ axis: null });
  whole.adapt(x);
  const all = x.flat(), m = sum(all) / 6, s = Math.sqrt(sum(all.map((v) => (v - m) ** 2)) / 6);
  near(whole.apply(tf.tensor(x)), x.map((r) => r.map((v) => (v - m) / s)));
  assert.equal(whole.getConfig().axis, null);
  assert.throws(() => layers.normalization({ mean: 1 }), /mean and variance must both be given/);
  assert.throws(() => layers.normalization(config).adapt(x), /cannot adapt/);
  assert.throws(() => layers.dense({ units: 1 }).adapt(x), /learns nothing from adapt/);
});

test('normalization learns from a dataset', async () => {
  const before = tf.memory().numTensors, layer = layers.normalization();
  await layer.adapt(tf.data.array([[1], [3], [5], [7]]).batch(2));
  tf.tidy(() => near(layer.getWeights().map((w) => w.arraySync()), [4, 5, 4]));
  layer.dispose();
  made.pop();
  assert.equal(tf.memory().numTensors, before);
});

// ---- attention ----

/** [steps][channels] times kernel [channels][heads][size], plus bias. */
const projected = (x, kernel, bias) => x.map((row) => kernel[0].map((head, h) => head.map((_, d) => sum(row.map((v, c) => v * kernel[c][h][d])) + bias[h][d])));

/** As Keras says it: for one example. */
function manyHeads(w, q, v, k, allowed, repeat = 1) {
  const Q = projected(q, w[0], w[1]), K = projected(k, w[2], w[3]), V = projected(v, w[4], w[5]), size = Q[0][0].length;
  const scores = range(Q[0].length).map((h) => Q.map((row, t) => softmax(K.map((key, s) => (allowed(t, s)
    ? sum(row[h].map((a, d) => a * key[Math.floor(h / repeat)][d])) / Math.sqrt(size) : -1e9)))));
  const seen = Q.map((_, t) => scores.map((of, h) => V[0][0].map((_, d) => sum(of[t].map((p, s) => p * V[s][Math.floor(h / repeat)][d])))));
  return { scores, y: seen.map((heads) => w[7].map((b, o) => b + sum(heads.flatMap((head, h) => head.map((a, d) => a * w[6][h][d][o]))))) };
}
const weightsOf = (layer) => {
  layer.setWeights(layer.weights.map((w, i) => tf.tensor(numbers(product(w.shape), 1 + i / 8), w.shape)));
  return layer.getWeights().map((w) => w.arraySync());
};

clean('multiHeadAttention: values, masks, scores', () => {
  const q = some([2, 3, 4]), v = some([2, 5, 4], 2), k = some([2, 5, 4], 3), tensors = [q, v, k].map((x) => tf.tensor(x));
  const make = (more) => layers.multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, ...more });
  const allowed = [[[1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [0, 0, 0, 0, 1]], [[1, 1, 1, 1, 1], [1, 0, 0, 0, 0], [0, 1, 0, 1, 0]]];
  const layer = make();
  layer.build([[null, 3, 4], [null, 5, 4]]);
  assert.deepEqual(layer.weights.map((w) => w.name.split('/').slice(-2).join('/')), ['query', 'key', 'value', 'attention_output'].flatMap((n) => [`${n}/kernel`, `${n}/bias`]));
  assert.deepEqual(layer.weights.map((w) => w.shape), [[4, 2, 3], [2, 3], [4, 2, 3], [2, 3], [4, 2, 2], [2, 2], [2, 2, 4], [4]]);
  const w = weightsOf(layer);
  near(layer.apply(tensors), q.map((_, i) => manyHeads(w, q[i], v[i], k[i], () => true).y), 'query, value, key');
  near(layer.apply(tensors.slice(0, 2)), q.map((_, i) => manyHeads(w, q[i], v[i], v[i], () => true).y), 'query, value');
  const mask = tf.tensor(allowed, [2, 3, 5], 'bool');
  near(layer.apply([...tensors, mask]), q.map((_, i) => manyHeads(w, q[i], v[i], k[i], (t, s) => allowed[i][t][s]).y), 'attentionMask');
  near(layer.apply(tensors.slice(0, 2), { attentionMask: mask }), q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => allowed[i][t][s]).y), 'attentionMask by name');
  const counts = [[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]];
  near(layer.apply(tensors.slice(0, 2), { mask: [null, tf.tensor(counts, [2, 5], 'bool')] }), q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => counts[i][s]).y), 'mask of values');
  const causal = make({ useCausalMask: true, returnAttentionScores: true });
  causal.apply(tensors);
  causal.setWeights(layer.getWeights());
  const [y, scores] = causal.apply(tensors), want = q.map((_, i) => manyHeads(w, q[i], v[i], k[i], (t, s) => t >= s));
  near(y, want.map((x) => x.y), 'causal'), near(scores, want.map((x) => x.scores), 'scores');
  assert.deepEqual(causal.computeOutputShape([[null, 3, 4], [null, 5, 4]]), [[null, 3, 4], [null, 2, 3, 5]]);
  assert.deepEqual(make({ outputShape: [6, 2] }).apply(tensors).shape, [2, 3, 6, 2]);
  assert.equal(make({ useBias: false }).apply(tensors).shape.length, 3);
  assert.throws(() => layer.apply([tensors[0], tf.ones([2, 5, 3])]), { code: 'shape', message: /input 1 has 3 channels, its kernel takes 4/ });
  assert.throws(() => layer.apply([tensors[0], tensors[1], tf.ones([2, 4, 4])]), /same steps/);
  assert.throws(() => layer.apply([tensors[0]]), /at least 2 inputs/);
});

clean('multiHeadAttention over images: all places, or rows alone', () => {
  const x = some([1, 2, 3, 4]), image = tf.tensor(x), layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 });
  layer.apply([image, image]);
  const w = weightsOf(layer), flat = x[0].flat();
  near(layer.apply([image, image]), manyHeads(w, flat, flat, flat, () => true).y, 'all');
  const rows = layers.multiHeadAttention({ numHeads: 2, keyDim: 3, attentionAxes: 2, returnAttentionScores: true });
  rows.apply([image, image]);
  rows.setWeights(layer.getWeights());
  const [y, scores] = rows.apply([image, image]), want = x[0].map((row) => manyHeads(w, row, row, row, () => true));
  near(y, want.map((r) => r.y), 'rows'), near(scores, want.map((r) => r.scores));
  assert.deepEqual(scores.shape, [1, 2, 2, 3, 3]);
  assert.deepEqual(rows.computeOutputShape([[null, 2, 3, 4], [null, 2, 3, 4]])[1], [null, 2, 2, 3, 3]);
});

clean('groupQueryAttention: heads of queries share keys and values', () => {
  const q = some([2, 3, 4]), v = some([2, 5, 4], 2), tensors = [q, v].map((x) => tf.tensor(x));
  const layer = layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2, useCausalMask: true });
  layer.apply(tensors);
  assert.deepEqual(layer.weights.map((w) => w.shape), [[4, 4, 3], [4, 3], [4, 2, 3], [2, 3], [4, 2, 3], [2, 3], [4, 3, 4], [4]]);
  const w = weightsOf(layer);
  near(layer.apply(tensors), q.map((_, i) => manyHeads(w, q[i], v[i], v[i], (t, s) => t >= s, 2).y));
  assert.throws(() => layers.groupQueryAttention({ headDim: 3, numQueryHeads: 3, numKeyValueHeads: 2 }).apply(tensors), /multiple of numKeyValueHeads/);
});

clean('attention and additiveAttention', () => {
  const q = some([2, 3, 4], 2), v = some([2, 5, 4], 2), k = some([2, 5, 4], 3), tensors = [q, v, k].map((x) => tf.tensor(x));
  const counts = [[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]], asked = [[1, 0, 1], [1, 1, 1]], masks = { mask: [asked, counts].map((m) => tf.tensor(m, [2, m[0].length], 'bool')) };
  const want = (score, { allowed = () => true, zero = () => false } = {}) => q.map((rows, i) => rows.map((row, t) => {
    const p = softmax(k[i].map((key, s) => (allowed(i, t, s) ? score(row, key) : -1e9)));
    return v[i][0].map((_, d) => (zero(i, t) ? 0 : sum(p.map((a, s) => a * v[i][s][d]))));
  }));
  const dot = (a, b) => sum(a.map((x, i) => x * b[i])), tanhs = (a, b, f = () => 1) => sum(a.map((x, i) => f(i) * Math.tanh(x + b[i])));
  near(layers.attention().apply(tensors), want(dot), 'dot');
  near(layers.attention().apply(tensors, masks), want(dot, { allowed: (i, t, s) => counts[i][s], zero: (i, t) => !asked[i][t] }), 'masks');
  near(layers.attention({ useCausalMask: true }).apply(tensors), want(dot, { allowed: (i, t, s) => t >= s }), 'causal');
  const scaled = layers.attention({ useScale: true, scoreMode: 'concat', returnAttentionScores: true });
  scaled.apply(tensors);
  assert.deepEqual(scaled.weights.map((w) => [w.name.split('/').pop(), w.shape]), [['scale', []], ['concat_score_weight', []]]);
  scaled.setWeights([tf.scalar(0.5), tf.scalar(2)]);
  const [y, scores] = scaled.apply(tensors);
  near(y, want((a, b) => 2 * sum(a.map((x, i) => Math.tanh(0.5 * (x + b[i]))))), 'concat');
  assert.deepEqual(scores.shape, [2, 3, 5]);
  near(scores.sum(-1), Array(6).fill(1));
  const additive = layers.additiveAttention();
  additive.apply(tensors);
  additive.setWeights([tf.tensor([1, 2, -1, 0.5])]);
  near(additive.apply(tensors), want((a, b) => tanhs(a, b, (i) => [1, 2, -1, 0.5][i])), 'additive');
  near(layers.additiveAttention({ useScale: false }).apply(tensors), want((a, b) => tanhs(a, b)), 'additive without scale');
});
