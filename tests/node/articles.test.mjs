// Programs in the manner of TensorFlow.js's articles, as users have them: only the import differs.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => { before = tf.memory().numTensors; });
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

test('one neuron learns y = 2x - 1 from six points', async () => {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 1, inputShape: [1] }));
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  const xs = tf.tensor2d([-1, 0, 1, 2, 3, 4], [6, 1]);
  const ys = tf.tensor2d([-3, -1, 1, 3, 5, 7], [6, 1]);
  const losses = [];
  const history = await model.fit(xs, ys, {
    epochs: 250, callbacks: { onEpochEnd: (epoch, logs) => { losses.push(logs.loss); } },
  });
  const answer = tf.tidy(() => model.predict(tf.tensor2d([10], [1, 1])));
  const value = answer.dataSync()[0];
  assert.ok(value > 18.5 && value < 19.2, String(value));
  assert.equal(losses.length, 250);
  assert.ok(losses[249] < losses[0] / 10);
  assert.deepEqual(history.history.loss, losses);
  model.dispose();
  tf.dispose([xs, ys, answer]);
  tf.disposeVariables();
});

test('a curve is fitted to points with variables and an optimizer', async () => {
  const [a, b, c, d] = tf.tidy(() => [0.1, -0.3, 0.9, -0.2].map((value) => tf.variable(tf.scalar(value))));
  const optimizer = tf.train.sgd(0.5);
  const predict = (x) => tf.tidy(() =>
    a.mul(x.pow(tf.scalar(3, 'int32'))).add(b.mul(x.square())).add(c.mul(x)).add(d));
  const loss = (prediction, labels) => prediction.sub(labels).square().mean();
  const right = { a: -0.8, b: -0.2, c: 0.9, d: 0.5 };
  const { xs, ys } = tf.tidy(() => {
    const xs = tf.randomUniform([100], -1, 1, 'float32', 3);
    const ys = xs.pow(tf.scalar(3, 'int32')).mul(right.a).add(xs.square().mul(right.b)).add(xs.mul(right.c)).add(right.d);
    return { xs, ys: ys.add(tf.randomNormal([100], 0, 0.02, 'float32', 4)) };
  });
  for (let i = 0; i < 300; i++) {
    const cost = optimizer.minimize(() => loss(predict(xs), ys), true);
    if (i % 100 === 0) await tf.nextFrame();
    cost.dispose();
  }
  for (const [name, variable] of Object.entries({ a, b, c, d })) {
    const value = variable.dataSync()[0];
    assert.ok(Math.abs(value - right[name]) < 0.1, `${name} is ${value}`);
  }
  optimizer.dispose();
  tf.dispose([xs, ys, a, b, c, d]);
  tf.disposeVariables();
});

test('tidy and dispose count as documented', () => {
  const start = tf.memory().numTensors;
  const a = tf.tensor([1, 2, 3, 4]);
  const y = tf.tidy(() => a.square().log().neg());
  assert.equal(tf.memory().numTensors, start + 2);
  a.dispose();
  y.dispose();
  assert.equal(tf.memory().numTensors, start);
  const kept = tf.tidy(() => {
    const inner = tf.keep(tf.ones([2]));
    tf.zeros([2]);
    return { inner };
  });
  assert.equal(tf.memory().numTensors, start + 1);
  tf.dispose(kept);
});

test('XOR is learned by a small net', async () => {
  const xs = tf.tensor2d([[0, 0], [0, 1], [1, 0], [1, 1]]), ys = tf.tensor2d([[0], [1], [1], [0]]);
  const model = tf.sequential({ layers: [
    tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [2], kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
    tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
  ] });
  const optimizer = tf.train.adam(0.1);
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(xs, ys, { epochs: 200, batchSize: 4, verbose: 0, shuffle: false });
  assert.equal(history.acc.at(-1), 1);
  const answers = model.predict(xs), rounded = answers.round();
  assert.deepEqual(rounded.arraySync(), [[0], [1], [1], [0]]);
  model.dispose(), optimizer.dispose();
  tf.dispose([xs, ys, answers, rounded]);
});

test('a model is cut and its weights frozen, as in transfer learning', async () => {
  const base = tf.sequential({ layers: [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1], name: 'features' }),
    tf.layers.flatten(), tf.layers.dense({ units: 5, activation: 'softmax' }),
  ] });
  const cut = tf.model({ inputs: base.inputs, outputs: base.getLayer('features').output });
  const pictures = tf.randomUniform([6, 8, 8, 1], 0, 1, 'float32', 5), labels = tf.oneHot([0, 1, 0, 1, 0, 1], 2);
  const features = cut.predict(pictures);
  assert.deepEqual(features.shape, [6, 6, 6, 4]);
  const head = tf.sequential({ layers: [
    tf.layers.flatten({ inputShape: features.shape.slice(1) }), tf.layers.dense({ units: 2, activation: 'softmax' }),
  ] });
  const kernel = () => tf.tidy(() => base.getLayer('features').getWeights()[0].dataSync());
  const frozen = kernel();
  head.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const { history } = await head.fit(features, labels, { epochs: 60, batchSize: 6 });
  assert.ok(history.loss.at(-1) < history.loss[0]);
  assert.deepEqual(kernel(), frozen);
  head.dispose(), cut.dispose(), base.dispose();
  tf.dispose([pictures, labels, features]);
  tf.disposeVariables();
});
