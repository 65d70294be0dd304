// Programs in the manner of TensorFlow.js's articles, as users have them: only the import differs.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { SIDE, digits } from '../../demo/digits.mjs';
import { missing, mnist } from '../lib/mnist.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

test('one neuron learns y = 2x - 1 from six points', async () => {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 1, inputShape: [1] }));
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  const xs = tf.tensor2d([-1, 0, 1, 2, 3, 4], [6, 1]);
  const ys = tf.tensor2d([-3, -1, 1, 3, 5, 7], [6, 1]);
  const losses = [];
  const history = await model.fit(xs, ys, {
    epochs: 250,
    callbacks: {
      onEpochEnd: (epoch, logs) => {
        losses.push(logs.loss);
      },
    },
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
  const predict = (x) =>
    tf.tidy(() =>
      a
        .mul(x.pow(tf.scalar(3, 'int32')))
        .add(b.mul(x.square()))
        .add(c.mul(x))
        .add(d),
    );
  const loss = (prediction, labels) => prediction.sub(labels).square().mean();
  const right = { a: -0.8, b: -0.2, c: 0.9, d: 0.5 };
  const { xs, ys } = tf.tidy(() => {
    const xs = tf.randomUniform([100], -1, 1, 'float32', 3);
    const ys = xs
      .pow(tf.scalar(3, 'int32'))
      .mul(right.a)
      .add(xs.square().mul(right.b))
      .add(xs.mul(right.c))
      .add(right.d);
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
  const xs = tf.tensor2d([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]),
    ys = tf.tensor2d([[0], [1], [1], [0]]);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 8,
        activation: 'tanh',
        inputShape: [2],
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.dense({
        units: 1,
        activation: 'sigmoid',
        kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
      }),
    ],
  });
  const optimizer = tf.train.adam(0.1);
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(xs, ys, { epochs: 200, batchSize: 4, verbose: 0, shuffle: false });
  assert.equal(history.acc.at(-1), 1);
  const answers = model.predict(xs),
    rounded = answers.round();
  assert.deepEqual(rounded.arraySync(), [[0], [1], [1], [0]]);
  (model.dispose(), optimizer.dispose());
  tf.dispose([xs, ys, answers, rounded]);
});

test('a model is cut and its weights frozen, as in transfer learning', async () => {
  const base = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1], name: 'features' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  const cut = tf.model({ inputs: base.inputs, outputs: base.getLayer('features').output });
  const pictures = tf.randomUniform([6, 8, 8, 1], 0, 1, 'float32', 5),
    labels = tf.oneHot([0, 1, 0, 1, 0, 1], 2);
  const features = cut.predict(pictures);
  assert.deepEqual(features.shape, [6, 6, 6, 4]);
  const head = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: features.shape.slice(1) }),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  const kernel = () => tf.tidy(() => base.getLayer('features').getWeights()[0].dataSync());
  const frozen = kernel();
  head.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const { history } = await head.fit(features, labels, { epochs: 60, batchSize: 6 });
  assert.ok(history.loss.at(-1) < history.loss[0]);
  assert.deepEqual(kernel(), frozen);
  (head.dispose(), cut.dispose(), base.dispose());
  tf.dispose([pictures, labels, features]);
  tf.disposeVariables();
});

/** The convolutional net of the articles on handwritten digits, from fixed seeds. */
function convnet(side) {
  let seed = 0;
  const kernelInitializer = () => tf.initializers.varianceScaling({ seed: ++seed });
  const model = tf.sequential();
  model.add(
    tf.layers.conv2d({
      inputShape: [side, side, 1],
      kernelSize: 5,
      filters: 8,
      strides: 1,
      activation: 'relu',
      kernelInitializer: kernelInitializer(),
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(
    tf.layers.conv2d({
      kernelSize: 5,
      filters: 16,
      strides: 1,
      activation: 'relu',
      kernelInitializer: kernelInitializer(),
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 10, kernelInitializer: kernelInitializer(), activation: 'softmax' }));
  return model;
}

test('a convnet learns drawn digits, and says which it takes for which', async () => {
  const { images, labels } = digits(1500, 11),
    model = convnet(SIDE),
    optimizer = tf.train.adam(0.005);
  const { x, y, heldX, held } = tf.tidy(() => {
    const all = tf.tensor(images, [1500, SIDE, SIDE, 1]),
      hot = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
    return {
      x: all.slice(0, 1200),
      y: hot.slice(0, 1200),
      heldX: all.slice(1200),
      held: tf.tensor1d(labels.slice(1200), 'int32'),
    };
  });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 5, batchSize: 32, validationSplit: 0.1, verbose: 0 });
  assert.deepEqual(Object.keys(history), ['val_loss', 'val_acc', 'loss', 'acc']);
  const found = tf.tidy(() => model.predict(heldX).argMax(-1).toInt()),
    matrix = tf.math.confusionMatrix(held, found, 10);
  const counts = matrix.arraySync(),
    right = counts.reduce((sum, row, i) => sum + row[i], 0);
  assert.equal(
    counts.flat().reduce((a, b) => a + b),
    300,
  );
  assert.ok(right >= 285, `${right} of 300 are right`);
  (model.dispose(), optimizer.dispose());
  tf.dispose([x, y, heldX, held, found, matrix]);
});

test(
  'MNIST: the convnet gets 97 of 100 held-out digits right within eight epochs, and tells how far it is',
  { skip: missing, timeout: 90000 },
  async () => {
    assert.equal(tf.getBackend(), 'wasm');
    const data = mnist(tf),
      model = convnet(28),
      optimizer = tf.train.adam(0.003),
      batchSize = 64,
      progress = [];
    model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    let turns = 0;
    const timer = setInterval(() => {
      turns++;
    }, 5);
    const { epoch, history } = await model.fit(data.x, data.y, {
      epochs: 8,
      batchSize,
      validationData: [data.heldX, data.heldY],
      shuffle: true,
      callbacks: {
        onBatchEnd: (batch, { loss, acc, size }) => {
          progress.push({ seen: batch * batchSize + size, loss, acc, turns });
        },
        onEpochEnd: (e, { val_acc: accuracy }) => {
          if (accuracy >= 0.975) model.stopTraining = true;
        },
      },
    });
    clearInterval(timer);
    const batches = Math.ceil(8500 / batchSize),
      scores = model.evaluate(data.heldX, data.heldY),
      accuracy = scores[1].dataSync()[0];
    assert.ok(accuracy >= 0.97, `${accuracy} after ${epoch.length} epochs`);
    assert.ok(Math.abs(accuracy - history.val_acc.at(-1)) < 1e-6);
    assert.equal(progress.length, batches * epoch.length);
    for (const { seen } of progress.filter((_, i) => i % batches === batches - 1)) assert.equal(seen, 8500);
    assert.ok(progress.every(({ loss, acc }) => Number.isFinite(loss) && acc >= 0 && acc <= 1));
    // The event loop had its turn in the midst of every epoch, not only between them.
    for (let e = 0; e < epoch.length; e++) {
      const told = progress.slice(e * batches, (e + 1) * batches).map((p) => p.turns);
      assert.ok(new Set(told).size > 5, `the page had its turn ${new Set(told).size} times in epoch ${e}`);
    }
    (model.dispose(), optimizer.dispose());
    tf.dispose([data, scores]);
  },
);
