// Packages published for TensorFlow.js in a page with one script tag changed: they do here what they do
// there, K nearest neighbours, MobileNet, and Teachable Machine with its training.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serve } from '../../tools/serve.mjs';
import { same } from '../lib/programs/same.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const missing = existsSync(join(data, 'reference'))
  ? false
  : `no models and photographs in ${data} (set TENSORINE_DATA)`;
let server, browser, bundle;

/** `import ... from '@tensorflow/tfjs-core'` and its kin become the page's tf. */
const pageTf = {
  name: 'page tf',
  setup(b) {
    b.onResolve({ filter: /^@tensorflow\/tfjs/ }, () => ({ path: 'tf', namespace: 'page' }));
    b.onLoad({ filter: /.*/, namespace: 'page' }, () => ({ contents: 'module.exports = globalThis.tf;' }));
  },
};

before(async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'tests/lib/packages.mjs')],
    bundle: true,
    write: false,
    format: 'iife',
    plugins: [pageTf],
    define: { global: 'globalThis' },
    logLevel: 'error',
  });
  bundle = outputFiles[0].text;
  server = await serve({ folders: { '/': root, '/data/': data } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What a program gives in a page with this library on this device. */
async function resultOf(script, device, program) {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/tests/browser/empty.html`);
    await page.addScriptTag({ url: script });
    await page.addScriptTag({ content: bundle });
    if (script === peer)
      await page.evaluate(async () => {
        (await import('/tests/lib/programs/differences.mjs')).asStated(globalThis.tf);
      });
    return await page.evaluate(
      async ([device, program]) => {
        if (!(await globalThis.tf.setBackend(device))) throw new Error(`no ${device} here`);
        return globalThis.packages[program]();
      },
      [device, program],
    );
  } finally {
    await page.close();
  }
}

const peer = '/node_modules/@tensorflow/tfjs/dist/tf.min.js',
  ours = '/dist/tensorine.js';
for (const [program, skip] of [
  ['neighbours', false],
  ['classes', missing],
  ['machine', missing],
  ['training', missing],
])
  test(`packages of others: ${program}`, { skip }, async () => {
    const want = await resultOf(peer, 'cpu', program);
    same(await resultOf(ours, 'wasm', program), want, 1e-4, `${program} on wasm`);
    same(await resultOf(ours, 'webgl', program), want, 1e-3, `${program} on webgl`);
  });
