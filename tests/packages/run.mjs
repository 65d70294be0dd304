// Published packages, unmodified and by alias, in Chromium on wasm and webgl beside TensorFlow.js on its
// CPU: npm run packages. They are installed for this alone, into the user's cache.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serve } from '../../tools/serve.mjs';
import { launch } from '../browser/chromium.mjs';
import { same } from '../lib/programs/same.mjs';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '../..');
const cache = process.env.TENSORINE_PACKAGES ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tensorine/packages');
const PACKAGES = {
  '@tensorflow-models/pose-detection': '2.1.3', '@tensorflow-models/speech-commands': '0.5.4', '@tensorflow/tfjs-vis': '1.5.1',
  '@vladmandic/face-api': '1.7.15', danfojs: '1.2.0', scikitjs: '1.24.0',
};

function install() {
  if (existsSync(join(cache, 'node_modules/scikitjs'))) return;
  mkdirSync(cache, { recursive: true });
  // danfojs names a file on another server than npm's
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES, overrides: { xlsx: '0.18.5' } }));
  execFileSync('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: cache, stdio: 'inherit' });
}

/** Every import of TensorFlow.js becomes the page's tf; what runs elsewhere than on it is left out. */
const pageTf = {
  name: 'page tf',
  setup(b) {
    b.onResolve({ filter: /^@tensorflow\/tfjs/ }, ({ path }) => (path.endsWith('tfjs-vis') ? undefined : { path, namespace: 'page' }));
    b.onLoad({ filter: /.*/, namespace: 'page' }, () => ({ contents: 'module.exports = globalThis.tf;' }));
    b.onResolve({ filter: /^(@mediapipe\/|node:|fs$|util$|path$|crypto$)/ }, ({ path }) => ({ path, namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};
const bundle = async (entry) => (await build({
  ...entry, bundle: true, write: false, format: 'iife', plugins: [pageTf], nodePaths: [join(cache, 'node_modules')],
  define: { global: 'globalThis' }, logLevel: 'error',
})).outputFiles[0].text;

let server, browser, programs;
before(async () => {
  install();
  programs = await bundle({ entryPoints: [join(here, 'programs.mjs')] });
  server = await serve({ folders: { '/': root, '/packages/': join(cache, 'node_modules') } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const peer = '/node_modules/@tensorflow/tfjs/dist/tf.min.js', ours = '/dist/tensorine.js';

/** What a function gives in a page with these scripts. */
async function inPage(scripts, device, run, ...args) {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/tests/browser/empty.html`);
    for (const script of scripts) await page.addScriptTag(script);
    await page.evaluate((device) => globalThis.tf.setBackend(device), device);
    return await page.evaluate(run, ...args);
  } finally { await page.close(); }
}

for (const program of ['faces', 'words', 'movenet', 'classical', 'frames']) test(program, async () => {
  const resultOf = (script, device) =>
    inPage([{ url: script }, { content: programs }], device, (name) => globalThis.packages[name](), program);
  const want = await resultOf(peer, 'cpu');
  assert.ok(JSON.stringify(want).length > 20);
  same(await resultOf(ours, 'wasm'), want, 1e-3, `${program} on wasm`);
  same(await resultOf(ours, 'webgl'), want, 2e-3, `${program} on webgl`);
});

const LOOK = async () => (await import('/tests/packages/vis.mjs')).look(globalThis);
test('tfjs-vis by its script, which carries a core of its own', async () => {
  const vis = { url: '/packages/@tensorflow/tfjs-vis/dist/tfjs-vis.umd.min.js' };
  const want = await inPage([{ url: peer }, vis], 'cpu', LOOK);
  assert.ok(want.drawn > 0 && want.tables.length > 1);
  for (const device of ['wasm', 'webgl']) same(await inPage([{ url: ours }, vis], device, LOOK), want, 1e-4, device);
});
test('tfjs-vis by import', async () => {
  const vis = { content: await bundle({ stdin: { contents: "import * as tfvis from '@tensorflow/tfjs-vis'; globalThis.tfvis = tfvis;", resolveDir: here } }) };
  const want = await inPage([{ url: peer }, vis], 'cpu', LOOK);
  same(await inPage([{ url: ours }, vis], 'wasm', LOOK), want, 1e-4, 'wasm');
});
