// Copies of the library in one page, by the tag, by import, by another address, by two aliases of an import map: they
// are one engine; another version is told from a wrong argument.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../dist');
const { version } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8'));
const script = readFileSync(join(dist, 'tensorine.js'), 'utf8');
const IMPORTS = JSON.stringify({
  imports: {
    '@tensorflow/tfjs': '/dist/tensorine.mjs',
    '@tensorflow/tfjs-core': '/dist/tensorine.mjs?core',
    multi: '/dist/multi/tensorine.mjs',
  },
});
let server, browser;

before(async () => {
  server = await serve({
    folders: { '/dist/': dist },
    texts: {
      '/page.html': `<!doctype html><title>copies</title><script type="importmap">${IMPORTS}</script>`,
      '/older.js': script.replaceAll(`"${version}"`, '"0.0.1"'),
    },
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What a function gives in a page with these scripts before it. */
async function inPage(scripts, run) {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/page.html`);
    for (const url of scripts) await page.addScriptTag({ url });
    return await page.evaluate(run);
  } finally {
    await page.close();
  }
}

/** One engine behind both: tensors, classes, counts, devices and gradients of one are those of the other. */
const SHARED = `async (tf, other, device) => {
  await tf.setBackend(device);
  const before = tf.memory().numTensors, x = other.tensor([1, 2]), y = tf.add(x, other.scalar(1)), g = other.grad((a) => tf.mul(a, a))(x);
  const model = other.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' })] });
  model.compile({ loss: tf.losses.meanSquaredError, optimizer: tf.train.sgd(0.1) });
  await model.fit(tf.tensor2d([[1, 2]]), other.tensor2d([[1]]), { epochs: 1, verbose: 0 });
  return { y: [...y.dataSync()], g: [...g.dataSync()], is: x instanceof tf.Tensor, made: tf.memory().numTensors > before,
    counts: tf.memory().numTensors === other.memory().numTensors, device: other.getBackend() === tf.getBackend(),
    predicted: model.predict(x.expandDims(0)).dataSync()[0] < 3, same: Object.keys(tf).every((key) => tf[key] === other[key] || key === 'default') };
}`;
const ONE = { y: [2, 3], g: [2, 4], is: true, made: true, counts: true, device: true, predicted: true, same: true };

for (const device of ['wasm', 'webgl'])
  for (const [name, scripts, first, second] of [
    ['the tag beside import', ['/dist/tensorine.js'], 'globalThis.tf', "await import('/dist/tensorine.mjs')"],
    ['two aliases', [], "await import('@tensorflow/tfjs')", "await import('@tensorflow/tfjs-core')"],
    ['the multi-file build beside one file', [], "await import('@tensorflow/tfjs')", "await import('multi')"],
  ])
    test(`one engine on ${device}: ${name}`, async () => {
      assert.deepEqual(await inPage(scripts, `(async () => (${SHARED})(${first}, ${second}, '${device}'))()`), ONE);
    });

test('two tags: the second adopts the first, and tensors made before go on', async () => {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/page.html`);
    await page.addScriptTag({ url: '/dist/tensorine.js' });
    await page.evaluate(() => {
      globalThis.first = globalThis.tf;
      globalThis.x = globalThis.tf.tensor([1, 2]);
    });
    await page.addScriptTag({ url: '/dist/tensorine.js?again' });
    assert.deepEqual(await page.evaluate(`(${SHARED})(first, tf, 'wasm')`), ONE);
    assert.deepEqual(await page.evaluate(() => [...globalThis.tf.square(globalThis.x).dataSync()]), [1, 4]);
  } finally {
    await page.close();
  }
});

test('another version in the page is named as the cause', async () => {
  const message = await inPage(['/older.js'], async () => {
    const older = globalThis.tf,
      tf = await import('/dist/tensorine.mjs');
    try {
      return String(tf.square(older.tensor([1])));
    } catch (error) {
      return `${error.code}: ${error.message}`;
    }
  });
  assert.match(message, /^value: .*'x' passed to 'square'.* of another copy of the library/);
});
