// Training on webgl goes as on wasm: loss curves of the MNIST convnet and of the webcam page's head, batch by batch. And it
// goes on for long: after many predictions and steps there are no more textures, bytes or tensors than after the first.
// LONG=1 takes the whole epoch, 10,000 predictions and 2,000 steps.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { missing } from '../lib/mnist.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const long = Boolean(process.env.LONG);
const running = Promise.all([serve({ folders: { '/': root, '/data/': data } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** What f gives in a page of its own, with the library on a device. */
async function inPage(device, f, ...args) {
  const [server, browser] = await running,
    page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  try {
    await page.evaluate(async (name) => {
      globalThis.tf = await import('/dist/tensorine.mjs');
      if (!(await globalThis.tf.setBackend(name))) throw new Error(`no ${name}`);
      if (name === 'webgl') globalThis.tf.env().set('WEBGL_CPU_FORWARD', false);
      globalThis.seeded = (seed) => globalThis.tf.initializers.glorotUniform({ seed });
      /** The loss of each batch. */
      globalThis.curve = async (model, x, y, options) => {
        const losses = [];
        await model.fit(x, y, {
          shuffle: false,
          verbose: 0,
          ...options,
          callbacks: { onBatchEnd: (batch, { loss }) => losses.push(loss) },
        });
        return losses;
      };
    }, device);
    return await page.evaluate(f, args);
  } finally {
    await page.close();
  }
}

/** The mean of all losses so far, as fit shows it. */
const means = (losses) => {
  let sum = 0;
  return losses.map((loss, i) => (sum += loss) / (i + 1));
};
const apart = (got, want) => Math.max(...want.map((w, i) => Math.abs(got[i] - w) / w));

/** Both curves as fit shows them, the mean of an epoch so far, and how far apart they are in parts of that on wasm. */
async function same(name, bound, f, ...args) {
  const want = await inPage('wasm', f, ...args),
    got = await inPage('webgl', f, ...args),
    off = apart(means(got), means(want));
  assert.equal(got.length, want.length);
  console.log(
    `# ${name}: ${want.length} batches, ${want[0]} to ${want.at(-1)}, means ${off}, batches ${apart(got, want)} apart`,
  );
  assert.ok(off <= bound, `the curves are ${off} apart`);
  assert.ok(want.at(-1) < 0.8 * want[0], `the loss went from ${want[0]} to ${want.at(-1)} only`);
}

const digits = async ([count]) => {
  const { tf, seeded, curve } = globalThis;
  const read = async (name) => {
    const packed = (await fetch(`/data/mnist_idx/${name}.gz`)).body.pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(packed).arrayBuffer());
  };
  const images = (await read('t10k-images-idx3-ubyte')).subarray(16, 16 + count * 784),
    labels = (await read('t10k-labels-idx1-ubyte')).subarray(8, 8 + count);
  const x = tf.tensor4d(
      Float32Array.from(images, (v) => v / 255),
      [count, 28, 28, 1],
    ),
    y = tf.oneHot(tf.tensor1d(Int32Array.from(labels), 'int32'), 10).toFloat();
  const conv = (filters, more) =>
    tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', kernelInitializer: seeded(filters), ...more });
  const model = tf.sequential({
    layers: [
      conv(8, { inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      conv(16),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(3) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.003), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return curve(model, x, y, { epochs: 1, batchSize: 50 });
};

test('the loss of the MNIST convnet over an epoch is that of wasm within 1%', { skip: missing }, () =>
  same('MNIST convnet', 0.01, digits, long ? 8500 : 2000),
);

/** The webcam page's: features of MobileNet, of photographs moved by some pixels, and its head. */
const head = async ([names, epochs]) => {
  const { tf, seeded, curve } = globalThis;
  const net = await tf.loadLayersModel('/data/mobilenet_v1_025_224_layers/model.json'),
    trunk = tf.model({ inputs: net.inputs, outputs: net.getLayer('conv_pw_13_relu').output });
  const features = [],
    classes = [];
  for (const [k, name] of names.entries()) {
    const image = new Image();
    image.src = `/data/photos/${name}.jpg`;
    await image.decode();
    for (let i = 0; i < 6; i++) {
      classes.push(k);
      features.push(
        tf.tidy(() => {
          const picture = tf.image.resizeBilinear(tf.browser.fromPixels(image), [240, 240]);
          return trunk.predict(
            picture
              .slice([2 * i, 15 - 2 * i, 0], [224, 224, 3])
              .div(127.5)
              .sub(1)
              .expandDims(0),
          );
        }),
      );
    }
  }
  const x = tf.concat(features),
    y = tf.oneHot(tf.tensor1d(classes, 'int32'), names.length).toFloat();
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: trunk.outputs[0].shape.slice(1) }),
      tf.layers.dense({ units: 100, activation: 'relu', kernelInitializer: seeded(1) }),
      tf.layers.dense({ units: names.length, useBias: false, activation: 'softmax', kernelInitializer: seeded(2) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(1e-4), loss: 'categoricalCrossentropy' });
  return curve(model, x, y, { epochs, batchSize: Math.floor(x.shape[0] * 0.4) });
};
const photos = existsSync(join(data, 'photos')) ? false : `no photographs in ${data} (set TENSORINE_DATA)`;

test('the loss of the webcam head is that of wasm within 1%', { skip: photos }, () =>
  same('webcam head', 0.01, head, ['coffee', 'pizza', 'parrot', 'dog'], 10),
);

test('textures, bytes and tensors are flat over many predictions and steps', async () => {
  const seen = await inPage(
    'webgl',
    async ([predictions, steps]) => {
      const { tf, seeded } = globalThis;
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({
            filters: 4,
            kernelSize: 3,
            activation: 'relu',
            inputShape: [8, 8, 1],
            kernelInitializer: seeded(1),
          }),
          tf.layers.batchNormalization(),
          tf.layers.flatten(),
          tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(2) }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      const x = tf.randomNormal([4, 8, 8, 1], 0, 1, 'float32', 1),
        y = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3).toFloat());
      const now = () => {
        const { numTensors, numDataBuffers, numBytes, numTextures, numBytesInGPU, numBytesInGPUAllocated } =
          tf.memory();
        return { numTensors, numDataBuffers, numBytes, numTextures, numBytesInGPU, numBytesInGPUAllocated };
      };
      const predict = async () => {
        const p = model.predict(x);
        await p.data();
        p.dispose();
      };
      const step = () => model.trainOnBatch(x, y);
      for (let i = 0; i < 10; i++) await step();
      for (let i = 0; i < 10; i++) await predict();
      await new Promise((go) => setTimeout(go, 1100));
      await step(); // weights were copied twice by now
      await predict();
      const first = now();
      for (let i = 0; i < predictions; i++) await predict();
      const afterPredictions = now();
      for (let i = 0; i < steps; i++) await step();
      await predict();
      return [first, afterPredictions, now()];
    },
    ...(long ? [10000, 2000] : [1000, 200]),
  );
  console.log(`# ${JSON.stringify(seen)}`);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});
