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
  const result = await page.evaluate(async ([on, optimizer]) => {
    const tf = await import('/dist/tensorine.mjs');
    if (!(await tf.setBackend(on))) throw new Error(`no ${on}`);
    if (on === 'webgl') tf.env().set('WEBGL_CPU_FORWARD', false);
    const seeded = (seed) => tf.initializers.glorotUniform({ seed });
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [4], kernelInitializer: seeded(1) }),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: seeded(2) })] });
    const extras = { clipnorm: 3, clipvalue: 1, globalClipnorm: 5, weightDecay: 0.01, useEma: true };
    const rate = tf.train.cosineDecay({ initialLearningRate: 0.1, decaySteps: 20 }), Class = tf[`${optimizer}Optimizer`];
    model.compile({ optimizer: Class.fromConfig(Class, { learningRate: rate, momentum: 0.5, centered: true, ...extras }), loss: 'binaryCrossentropy', metrics: ['acc', new tf.metrics.AUC()] });
    const xs = tf.randomNormal([40, 4], 0, 1, 'float32', 3), ys = xs.sum(1, true).greater(0).cast('float32');
    const { history } = await model.fit(xs, ys, { epochs: 3, batchSize: 10, shuffle: false, validationData: [xs, ys], verbose: 0 });
    return Object.values(history).flat();
  }, [backend, name]);
  await page.close();
  return result;
}

for (const { className } of declared.optimizer) test(`${className} on webgl as on wasm`, async () => {
  const [want, got] = [await trained('wasm', className), await trained('webgl', className)];
  assert.equal(got.length, 18);
  want.forEach((w, i) => assert.ok(Math.abs(got[i] - w) <= 1e-3 * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} on webgl, ${w} on wasm`));
});
