// Layers in Chromium: on the GPU they give what they give on wasm, in prediction, in training and with seeds.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const running = Promise.all([serve({ folders: { '/': root } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** What a function of the page gives on a backend, and whether it leaves tensors. */
async function on(backend, f, args) {
  const [server, browser] = await running,
    page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const result = await page.evaluate(
    async ([backend, text, args]) => {
      const tf = await import('/dist/tensorine.mjs');
      if (!(await tf.setBackend(backend))) throw new Error(`no ${backend}`);
      if (backend === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
      const before = tf.memory().numTensors,
        result = await new Function(`return (${text})`)()(tf, args);
      return { result, left: tf.memory().numTensors - before };
    },
    [backend, String(f), args],
  );
  await page.close();
  assert.equal(result.left, 0, backend);
  return result.result;
}

/** The states that a layer predicts, the losses of training it, and its weights then. */
async function trained(tf, [name, config, shape, input]) {
  const fixed = {
    kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
    recurrentInitializer: tf.initializers.glorotUniform({ seed: 4 }),
  };
  const model = tf.sequential({
    layers: [
      ...(input ?? []).map((more) => tf.layers.dropout({ inputShape: shape.slice(1), ...more })),
      tf.layers[name]({ ...config, ...(/^gru|^conv/.test(name) && fixed), inputShape: shape.slice(1) }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.001), loss: 'meanSquaredError' });
  const x = tf.randomNormal(shape, 0, 1, 'float32', 5),
    y = tf.randomNormal([shape[0], 1], 0, 1, 'float32', 6),
    found = [];
  for (let i = 0; i < 4; i++) found.push(await model.trainOnBatch(x, y));
  const last = model.predict(x);
  found.push(...(await last.data()), ...model.getWeights().flatMap((w) => [...w.dataSync()]));
  tf.dispose([x, y, last]);
  model.optimizer.dispose();
  model.dispose();
  return found;
}

const CASES = [
  ['gru', { units: 3, resetAfter: true, recurrentActivation: 'sigmoid' }, [2, 4, 3]],
  ['conv2d', { filters: 4, kernelSize: 3, groups: 2 }, [2, 6, 6, 4]],
  ['conv2d', { filters: 4, kernelSize: 3, groups: 4 }, [2, 6, 6, 4]],
  ['conv2dTranspose', { filters: 2, kernelSize: 3, strides: 2, outputPadding: 1 }, [2, 3, 3, 2]],
  ['globalAveragePooling2d', { keepdims: true }, [2, 3, 3, 4]],
  ['activation', { activation: 'sparsemax' }, [2, 5]],
  ['activation', { activation: 'glu' }, [2, 6]],
  ['activation', { activation: 'relu' }, [2, 8], [{ rate: 0.5, seed: 7 }]],
  ['batchNormalization', { trainable: false }, [4, 5]],
  ['layerNormalization', { rmsScaling: true }, [4, 5]],
];
for (const one of CASES)
  test(`${one[0]} ${JSON.stringify(one[1])} trains on the GPU as on wasm`, async () => {
    const [wasm, webgl] = await Promise.all(['wasm', 'webgl'].map((backend) => on(backend, trained, one)));
    wasm.forEach((v, i) =>
      assert.ok(Math.abs(webgl[i] - v) < 1e-3 * Math.max(1, Math.abs(v)), `[${i}]: ${webgl[i]} on webgl, ${v} on wasm`),
    );
  });

test('batchNorm where the mean is large against the deviation', async () => {
  const x = [1.00007, 1.0000701, 0.9999],
    want = x.map((v) => (Math.fround(v) - 1) / Math.sqrt(Math.fround(1e-12)));
  for (const backend of ['wasm', 'webgl']) {
    const y = await on(
      backend,
      (tf, values) =>
        tf.tidy(() => [
          ...tf.batchNorm(tf.tensor(values, [3, 1]), tf.tensor([1]), tf.tensor([1e-12]), null, null, 0).dataSync(),
        ]),
      x,
    );
    want.forEach((v, i) => assert.ok(Math.abs(y[i] - v) < 1e-5 * Math.abs(v), `${backend}: ${y[i]}, not ${v}`));
  }
});
