// The convnet of TensorFlow.js's articles learns handwritten digits on the CPU, where that library's
// wasm backend cannot train it; the page stays alive meanwhile.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as tf from '../../dist/tensorine.mjs';

const TRAIN = 8500, HELD_OUT = 1500, EPOCHS = 8, GOAL = 0.97;
const data = process.env.TENSORINE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url)), folder = join(data, 'mnist_idx');
const skip = existsSync(folder) ? false : `no digits in ${folder} (set TENSORINE_DATA)`;

/** The bytes of an idx file behind its heading of so many words. */
const idx = (name, words) => gunzipSync(readFileSync(join(folder, name))).subarray(4 * words);

function digits() {
  const pixels = idx('t10k-images-idx3-ubyte.gz', 4), labels = idx('t10k-labels-idx1-ubyte.gz', 2);
  return tf.tidy(() => {
    const x = tf.tensor(Float32Array.from(pixels, (v) => v / 255), [TRAIN + HELD_OUT, 28, 28, 1]);
    const y = tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), 10).toFloat();
    return [...tf.split(x, [TRAIN, HELD_OUT]), ...tf.split(y, [TRAIN, HELD_OUT])];
  });
}

function convnet() {
  const model = tf.sequential(), kernelInitializer = tf.initializers.varianceScaling({ seed: 3 });
  const conv = (filters, more) => model.add(tf.layers.conv2d({ filters, kernelSize: 5, strides: 1, activation: 'relu', kernelInitializer, ...more }));
  const pool = () => model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  conv(8, { inputShape: [28, 28, 1] });
  pool();
  conv(16);
  pool();
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer }));
  model.compile({ optimizer: tf.train.adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

test('the convnet of the articles knows 97% of held-out digits within eight epochs', { skip, timeout: 240000 }, async () => {
  const before = tf.memory().numTensors, [x, heldX, y, heldY] = digits(), model = convnet();
  const seen = { batches: 0, accuracies: [], ticks: 0 }, ticking = setInterval(() => { seen.ticks++; }, 10);
  await model.fit(x, y, {
    batchSize: 64, epochs: EPOCHS, validationData: [heldX, heldY], shuffle: true,
    callbacks: {
      onBatchEnd: (batch, logs) => {
        seen.batches++;
        assert.ok(Number.isFinite(logs.loss) && logs.size > 0 && logs.size <= 64);
      },
      onEpochEnd: (epoch, logs) => {
        seen.accuracies.push(logs.val_acc);
        if (logs.val_acc >= GOAL) model.stopTraining = true;
      },
    },
  });
  clearInterval(ticking);
  assert.ok(seen.accuracies.at(-1) >= GOAL, `held-out accuracies by epoch: ${seen.accuracies}`);
  assert.equal(seen.batches, Math.ceil(TRAIN / 64) * seen.accuracies.length);
  assert.ok(seen.ticks > seen.accuracies.length, `timers ran ${seen.ticks} times during ${seen.accuracies.length} epochs`);
  const logits = model.evaluate(heldX, heldY, { batchSize: 500 });
  assert.ok(Math.abs(logits[1].dataSync()[0] - seen.accuracies.at(-1)) < 1e-6);
  const { optimizer } = model;
  model.dispose();
  optimizer.dispose();
  tf.dispose([x, heldX, y, heldY, logits]);
  assert.equal(tf.memory().numTensors, before);
});
