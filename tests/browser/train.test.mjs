// Training on the GPU in Chromium: every optimizer takes the steps that it takes on wasm.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const declared = JSON.parse(readFileSync(join(root, 'build/gen/layers.json'), 'utf8'));
const running = Promise.all([serve({ folders: { '/': root } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** Losses and metrics of some epochs with an optimizer, in the page. */
async function trained(backend, name) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const result = await page.evaluate(
    async ([on, optimizer]) => {
      const tf = await import('/dist/tensorine.mjs');
      if (!(await tf.setBackend(on))) throw new Error(`no ${on}`);
      if (on === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
      const seeded = (seed) => tf.initializers.glorotUniform({ seed });
      const model = tf.sequential({
        layers: [
          tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [4], kernelInitializer: seeded(1) }),
          tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: seeded(2) }),
        ],
      });
      const extras = { clipnorm: 3, clipvalue: 1, globalClipnorm: 5, weightDecay: 0.01, useEma: true };
      const rate = tf.train.cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 }),
        Class = tf[`${optimizer}Optimizer`];
      model.compile({
        optimizer: Class.fromConfig(Class, { learningRate: rate, momentum: 0.5, centered: true, ...extras }),
        loss: 'binaryCrossentropy',
        metrics: ['acc', new tf.metrics.AUC()],
      });
      const xs = tf.randomNormal([40, 4], 0, 1, 'float32', 3),
        ys = xs.sum(1, true).greater(0).cast('float32');
      const { history } = await model.fit(xs, ys, {
        epochs: 3,
        batchSize: 10,
        shuffle: false,
        validationData: [xs, ys],
        verbose: 0,
      });
      return Object.values(history).flat();
    },
    [backend, name],
  );
  await page.close();
  return result;
}

for (const { className } of declared.optimizer)
  test(`${className} on webgl as on wasm`, async () => {
    const [want, got] = [await trained('wasm', className), await trained('webgl', className)];
    assert.equal(got.length, 18);
    want.forEach((w, i) =>
      assert.ok(Math.abs(got[i] - w) <= 1e-3 * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} on webgl, ${w} on wasm`),
    );
  });

/** What f gives in a new page. */
async function inPage(f, ...args) {
  const [server, browser] = await running,
    page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  try {
    return await page.evaluate(f, args);
  } finally {
    await page.close();
  }
}

test('fit and nextFrame go on in a page that is hidden, or becomes so: frames do not come there', async () => {
  const result = await inPage(async () => {
    const tf = await import('/dist/tensorine.mjs');
    let hidden = false,
      frames = 0;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    window.requestAnimationFrame = () => ++frames;
    const hide = (on) => {
      hidden = on;
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }),
      x = tf.ones([40, 2]),
      y = tf.ones([40, 1]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    setTimeout(() => hide(true), 50); // while fit waits for a frame
    const { epoch } = await model.fit(x, y, { epochs: 3, batchSize: 10, yieldEvery: 'batch', verbose: 0 });
    await tf.nextFrame();
    const start = performance.now();
    for (let i = 0; i < 50; i++) await tf.nextFrame();
    return { epochs: epoch.length, frames, ms: performance.now() - start };
  });
  assert.deepEqual([result.epochs, result.frames], [3, 1]);
  assert.ok(result.ms < 2000, `50 turns of a hidden page took ${result.ms} ms`);
});

test('fit goes on in a worker whose page is hidden', async () => {
  const epochs = await inPage(
    () =>
      new Promise((resolve, reject) => {
        const program = `
      self.requestAnimationFrame = () => 0;
      const tf = await import('${location.origin}/dist/tensorine.mjs');
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const { epoch } = await model.fit(tf.ones([40, 2]), tf.ones([40, 1]), { epochs: 3, batchSize: 10, yieldEvery: 'batch', verbose: 0 });
      await tf.nextFrame();
      postMessage(epoch.length);`;
        const worker = new Worker(URL.createObjectURL(new Blob([program], { type: 'text/javascript' })), {
          type: 'module',
        });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (e) => reject(new Error(e.message));
      }),
  );
  assert.equal(epochs, 3);
});

/** Training of losses that look at pairs and sequences, with masks and running means. */
const odd = (backend) =>
  inPage(async ([on]) => {
    const tf = await import('/dist/tensorine.mjs');
    if (!(await tf.setBackend(on))) throw new Error(`no ${on}`);
    if (on === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
    const seed = (s) => tf.initializers.glorotUniform({ seed: s }),
      FIT = { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 },
      numbers = [];
    const reader = tf.sequential({
      layers: [
        tf.layers.masking({ inputShape: [6, 2] }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4, kernelInitializer: seed(1) }) }),
      ],
    });
    reader.compile({ optimizer: tf.train.adam(0.05, 0.9, 0.999, 1e-7, { amsgrad: true, useEma: true }), loss: 'ctc' });
    const x = tf.randomNormal([8, 6, 2], 0, 1, 'float32', 3),
      y = tf.tensor(Array.from({ length: 8 }, (_, i) => [1 + (i % 3), i % 2 ? 2 : 0]));
    numbers.push(
      (await reader.fit(x, y, { ...FIT, callbacks: new tf.SwapEMAWeights({ swapOnEpoch: true }) })).history.loss,
      ...reader.getWeights().map((w) => [...w.dataSync()]),
    );
    const near = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: seed(2) }),
        tf.layers.unitNormalization(),
      ],
    });
    near.compile({
      optimizer: tf.train.sgd(0.01),
      loss: 'circle',
      metrics: [new tf.metrics.PearsonCorrelation(), 'circle'],
    });
    numbers.push(
      (await near.fit(tf.randomNormal([8, 2], 0, 1, 'float32', 5), tf.tensor([0, 1, 0, 1, 2, 2, 1, 0]), FIT)).history
        .loss,
    );
    return numbers.flat();
  }, backend);

test('losses of pairs and sequences on webgl as on wasm', async () => {
  const [want, got] = [await odd('wasm'), await odd('webgl')];
  assert.equal(got.length, 3 + 8 + 4 + 3);
  want.forEach((w, i) =>
    assert.ok(
      Number.isFinite(w) && Math.abs(got[i] - w) <= 2e-3 * Math.max(1, Math.abs(w)),
      `[${i}]: ${got[i]} on webgl, ${w} on wasm`,
    ),
  );
});

test('a fit goes on from a backup in IndexedDB, in a new page', async () => {
  const [server, browser] = await running,
    context = await browser.newContext(),
    results = [];
  for (const breaks of [2, -1]) {
    const page = await context.newPage();
    await page.goto(`${server.url}/tests/browser/empty.html`);
    results.push(
      await page.evaluate(async (at) => {
        const tf = await import('/dist/tensorine.mjs'),
          net = () => {
            const model = tf.sequential({
              layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })],
            });
            model.compile({ optimizer: tf.train.adam(0.1), loss: 'meanSquaredError' });
            return model;
          };
        const x = tf.tensor([
            [1, 2],
            [3, -1],
          ]),
          y = tf.tensor([[0], [1]]),
          seen = [],
          FIT = { epochs: 5, verbose: 0, shuffle: false },
          model = net(),
          whole = net();
        const callbacks = [
          new tf.BackupAndRestore('indexeddb://backup-of-fit'),
          {
            onEpochBegin: (epoch) => {
              if (epoch === at) throw new Error('closed');
              seen.push(epoch);
            },
          },
        ];
        await model.fit(x, y, { ...FIT, callbacks }).catch((error) => seen.push(error.message));
        await whole.fit(x, y, FIT);
        return [
          seen,
          [model, whole].map((one) => one.getWeights().flatMap((w) => [...w.dataSync()])),
          'indexeddb://backup-of-fit' in (await tf.io.listModels()),
        ];
      }, breaks),
    );
    await page.close();
  }
  assert.deepEqual([results[0][0], results[0][2]], [[0, 1, 'closed'], true]);
  assert.deepEqual([results[1][0], results[1][2]], [[2, 3, 4], false]);
  assert.deepEqual(results[1][1][0], results[1][1][1]);
});
