// What layers do from step to step while a model trains: seeded noise goes on through its seed's numbers, a frozen
// batchNormalization stays as it is; by calls and by plans alike. And batchNormalization where the variance is tiny.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const { warn } = console;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;

const NOISE = {
  dropout: { rate: 0.5 },
  spatialDropout1d: { rate: 0.5 },
  gaussianNoise: { stddev: 1 },
  gaussianDropout: { rate: 0.5 },
  alphaDropout: { rate: 0.5 },
};
const shape = [2, 8, 16];

for (const [name, config] of Object.entries(NOISE))
  test(`${name} with a seed drops others at each step, the same in each run`, () =>
    tf.tidy(() => {
      const x = tf.ones(shape),
        draws = (seed) => {
          const layer = tf.layers[name]({ ...config, seed });
          return [0, 1, 2].map(() => [...layer.apply(x, { training: true }).dataSync()]);
        };
      const first = draws(3),
        again = draws(3),
        other = draws(4);
      assert.deepEqual(again, first);
      assert.notDeepEqual(other[0], first[0]);
      assert.notDeepEqual(first[1], first[0]);
      assert.notDeepEqual(first[2], first[1]);
      assert.notDeepEqual(first[2], first[0]);
      assert.equal(tf.layers[name]({ ...config, seed: 3 }).getConfig().seed, 3);
      if (/^dropout|spatial/.test(name)) {
        // the first step is the peer's
        const there = peer.layers[name]({ ...config, seed: 3 }).apply(peer.ones(shape), { training: true });
        assert.deepEqual(first[0], [...there.dataSync()]);
      }
    }));

for (const of of ['simpleRNN', 'gru', 'lstm', 'rnn', 'convLstm2d'])
  test(`${of} with a seed drops others at each call, the same in each run`, () =>
    tf.tidy(() => {
      const ones = {
        kernelInitializer: 'ones',
        recurrentInitializer: 'ones',
        dropout: 0.5,
        recurrentDropout: 0.5,
        seed: 3,
      };
      const make = () =>
        of === 'convLstm2d'
          ? tf.layers.convLstm2d({ filters: 2, kernelSize: 1, ...ones })
          : of === 'rnn'
            ? tf.layers.rnn({ cell: tf.layers.gruCell({ units: 4, ...ones }) })
            : tf.layers[of]({ units: 4, ...ones });
      const x = tf.ones(of === 'convLstm2d' ? [2, 3, 2, 2, 4] : [4, 3, 8]).mul(0.05),
        draws = () => {
          const layer = make(),
            y = [0, 1, 2].map(() => [...layer.apply(x, { training: true }).dataSync()]);
          layer.dispose();
          return y;
        };
      const first = draws();
      assert.deepEqual(draws(), first);
      assert.notDeepEqual(first[1], first[0]);
      assert.notDeepEqual(first[2], first[1]);
    }));

test('tf.dropout with a seed drops the same each time, between layers too', () =>
  tf.tidy(() => {
    const x = tf.ones([20]),
      first = [...tf.dropout(x, 0.5, null, 3).dataSync()],
      layer = tf.layers.dropout({ rate: 0.5, seed: 3 });
    layer.apply(x, { training: true });
    layer.apply(x, { training: true });
    assert.deepEqual([...tf.dropout(x, 0.5, null, 3).dataSync()], first);
  }));

/** Weights after each step of training a model of a seeded dropout: replayed steps draw as calls do. */
async function trained(debug) {
  const model = tf.sequential({
    layers: [
      tf.layers.dropout({ rate: 0.5, seed: 7, inputShape: [6] }),
      tf.layers.dense({ units: 2, kernelInitializer: 'ones' }),
    ],
  });
  const x = tf.tensor([
      [1, 2, 3, 4, 5, 6],
      [6, 5, 4, 3, 2, 1],
    ]),
    y = tf.zeros([2, 2]),
    steps = [];
  model.compile({ optimizer: tf.train.sgd(0.001), loss: 'meanSquaredError' });
  for (let i = 0; i < 8; i++) {
    if (debug) tf.enableDebugMode();
    steps.push(await model.trainOnBatch(x, y));
    if (debug) tf.env().set('DEBUG', false);
  }
  steps.push(...model.getWeights().map((w) => [...w.dataSync()]));
  tf.dispose([x, y]);
  model.optimizer.dispose();
  model.dispose();
  return steps;
}

test('training by plans draws as training by calls', async () => {
  const before = tf.memory().numTensors,
    info = console.log,
    seen = console.warn;
  console.log = console.warn = () => {};
  const byCalls = await trained(true);
  console.log = info;
  console.warn = seen;
  assert.deepEqual(await trained(false), byCalls);
  assert.equal(tf.memory().numTensors, before);
});

// ---- batchNormalization ----

for (const how of ['the layer', 'the model in it', 'its config'])
  test(`batchNormalization is frozen by ${how}: it takes its means in training and leaves them`, async () => {
    const before = tf.memory().numTensors;
    const inner = tf.sequential({
        layers: [tf.layers.batchNormalization({ inputShape: [2], epsilon: 0, trainable: how !== 'its config' })],
      }),
      norm = inner.layers[0];
    const model = tf.sequential({ layers: [inner, tf.layers.dense({ units: 1, kernelInitializer: 'ones' })] });
    tf.tidy(() =>
      norm.setWeights(
        [
          [2, 3],
          [1, -1],
          [4, 5],
          [0.25, 4],
        ].map((v) => tf.tensor1d(v)),
      ),
    );
    if (how === 'the layer') norm.trainable = false;
    if (how === 'the model in it') inner.trainable = false;
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    const x = tf.tensor([
        [1, 2],
        [3, 9],
      ]),
      y = tf.zeros([2, 1]);
    const z = [
        [1, 2],
        [3, 9],
      ].map(([a, b]) => ((a - 4) / 0.5) * 2 + 1 + ((b - 5) / 2) * 3 - 1),
      loss = (z[0] ** 2 + z[1] ** 2) / 2;
    for (let i = 0; i < 5; i++) assert.ok(Math.abs((await model.trainOnBatch(x, y)) - loss) < 1e-4 * loss);
    assert.deepEqual(
      norm
        .getWeights()
        .slice(2)
        .map((w) => [...w.dataSync()]),
      [
        [4, 5],
        [0.25, 4],
      ],
    );
    norm.trainable = inner.trainable = true;
    await model.trainOnBatch(x, y);
    const [mean, variance] = norm
      .getWeights()
      .slice(2)
      .map((w) => [...w.dataSync()]);
    [
      [mean, [4 - 0.02, 5 + 0.005]],
      [variance, [0.25 + 0.0075, 4 + 0.0825]],
    ].forEach(([got, want]) => want.forEach((v, i) => assert.ok(Math.abs(got[i] - v) < 1e-5, `${got}, not ${want}`)));
    tf.dispose([x, y]);
    model.optimizer.dispose();
    model.dispose();
    inner.dispose(); // the program made it and holds it
    assert.equal(tf.memory().numTensors, before);
  });

test('a mean that is large against the deviation', () =>
  tf.tidy(() => {
    const mean = Math.fround(1),
      variance = Math.fround(1e-12),
      wanted = (x, m = mean) => (Math.fround(x) - m) / Math.sqrt(variance);
    const x = [1.00007, 1.0000701, 0.9999],
      want = x.map((v) => wanted(v));
    const close = (y, what) =>
      y
        .dataSync()
        .forEach((v, i) =>
          assert.ok(
            Math.abs(v - want[i % want.length]) < 1e-5 * Math.abs(want[i % want.length]),
            `${what}: ${v}, not ${want[i % want.length]}`,
          ),
        );
    const column = tf.tensor(x, [3, 1]);
    close(tf.batchNorm(column, tf.tensor([1]), tf.tensor([1e-12]), null, null, 0), 'one value for each channel');
    close(
      tf.batchNorm(column, tf.tensor([[1], [1], [1]]), tf.tensor([[1e-12], [1e-12], [1e-12]]), null, null, 0),
      'one for each element',
    );
    close(
      tf.batchNorm(
        tf.tile(tf.tensor(x, [1, 3]), [50, 1]),
        tf.tensor([1, 1, 1]),
        tf.fill([3], 1e-12),
        tf.zeros([3]),
        tf.ones([3]),
        0,
      ),
      'channels',
    );
    const layer = tf.layers.batchNormalization({
      epsilon: 0,
      movingMeanInitializer: 'ones',
      movingVarianceInitializer: tf.initializers.constant({ value: 1e-12 }),
    });
    close(layer.apply(column), 'the layer');
    layer.dispose();
  }));
