// The host in Chromium: plain and isolated pages, strict content security policies, Workers.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundle, writeParts } from '../../tools/build.mjs';
import { ISOLATED, serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const dir = join(root, 'build/probe'),
  site = join(dir, 'site');
const STRICT = {
  'Content-Security-Policy': "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
};
const KINDS = {
  plain: {},
  strict: STRICT,
  isolated: ISOLATED,
  locked: { ...ISOLATED, ...STRICT },
  lone: ISOLATED,
};
// each page says what `host` is and sets `answer`; all are on the line after the script or import
const PAGES = {
  'tag.html': '<script src="one.js"></script><script src="tag.js"></script>',
  'tag.js': 'const host = tf; globalThis.first = host.x.probe_sums(1000, 5);',
  'module.html': '<script type="module" src="module.js"></script>',
  'module.js':
    'import * as host from "./one.mjs"; Object.assign(globalThis, { host, first: host.x.probe_sums(1000, 5) });',
  'multi.html': '<script type="module" src="multi.js"></script>',
  'multi.js':
    'import * as host from "./many.mjs"; await host.ready(); Object.assign(globalThis, { host, first: host.x.probe_sums(1000, 5) });',
  'inworker.js':
    'importScripts("one.js"); const host = tf, first = host.x.probe_sums(1000, 5);' +
    'onmessage = async ({ data }) => { const report = eval(`(${data})`); postMessage(await report()); };',
  'empty.html': '<title>empty</title>',
};
let browser, server;

before(async () => {
  const entry = join(root, 'tests/wasm/entry.ts');
  await writeParts(site, dir);
  mkdirSync(site, { recursive: true });
  for (const [name, text] of Object.entries(PAGES)) writeFileSync(join(site, name), text);
  await bundle({ entry, out: join(site, 'one.js'), format: 'iife', dir });
  await bundle({ entry, out: join(site, 'one.mjs'), format: 'esm', dir });
  await bundle({ entry, out: join(site, 'many.mjs'), format: 'esm', dir, multi: true });
  // what esbuild and Bun leave of the multi-file build: the module alone
  const lone = join(dir, 'lone');
  mkdirSync(lone, { recursive: true });
  for (const name of ['multi.html', 'multi.js', 'many.mjs']) copyFileSync(join(site, name), join(lone, name));
  copyFileSync(join(site, 'tensorine-shared.wasm'), join(lone, 'tensorine-shared.wasm'));
  const folders = { ...Object.fromEntries(Object.keys(KINDS).map((kind) => [`/${kind}/`, site])), '/lone/': lone };
  server = await serve({ folders, headers: (path) => KINDS[path.split('/')[1]] });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** What a page or Worker answers: kind of memory, kernels, sums, threads after a while. */
async function report() {
  const { host, first } = { host: globalThis.host ?? globalThis.tf, first: globalThis.first };
  const { x } = host;
  x.probe_threads();
  const waits = host.features().shared ? 100 : 0;
  for (let i = 0; i < waits && x.tn_threads() < 2; i++) await new Promise((go) => setTimeout(go, 10));
  return {
    first: first ?? 0,
    ...host.features(),
    rows: x.probe_rows(),
    threads: Math.min(2, x.tn_threads()),
    wrong: x.probe_sums(3000, 2000),
    nested: x.probe_nested(200),
  };
}

const RIGHT = { first: 0, relaxed: true, rows: 6, wrong: 0, nested: 20000 };

async function open(kind, page, flags) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  if (flags) await tab.addInitScript(`globalThis.TENSORINE_FLAGS = '${flags}'`);
  await tab.goto(`${server.url}/${kind}/${page}`);
  return tab;
}

async function check(kind, page, expected, flags) {
  const tab = await open(kind, page, flags);
  while (await tab.evaluate('globalThis.first === undefined')) await new Promise((go) => setTimeout(go, 20));
  assert.deepEqual(await tab.evaluate(report), { ...RIGHT, ...expected });
  await tab.context().close();
}

for (const page of ['tag.html', 'module.html', 'multi.html']) {
  test(`${page}: plain memory on an ordinary page, also under a strict policy`, async () => {
    await check('plain', page, { shared: false, threads: 1 });
    await check('strict', page, { shared: false, threads: 1 });
    await check('plain', page, { shared: false, threads: 1, relaxed: false, rows: 4 }, 'relaxed=0');
  });

  test(`${page}: shared memory and helpers on an isolated page`, async () => {
    await check('isolated', page, { shared: true, threads: 2 }, 'threads=2');
    await check('isolated', page, { shared: true, threads: 2 }, 'threads=4');
    await check('isolated', page, { shared: false, threads: 1 }, 'shared=0');
  });
}

test('a strict policy lets helpers in from a file, not from a Blob; all works with none', async () => {
  await check('locked', 'multi.html', { shared: true, threads: 2 }, 'threads=2');
  await check('locked', 'tag.html', { shared: true, threads: 1 }, 'threads=2');
});

test('helpers come from a Blob where the file of their script was not copied', async () => {
  await check('lone', 'multi.html', { shared: true, threads: 2 }, 'threads=2');
});

test('works in a Worker, with helpers of its own where isolated', async () => {
  for (const [kind, shared] of [
    ['plain', false],
    ['isolated', true],
  ]) {
    const tab = await open(kind, 'empty.html');
    const answer = await tab.evaluate(
      (code) =>
        new Promise((resolve, reject) => {
          const worker = new Worker('inworker.js');
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(code);
        }),
      report.toString(),
    );
    const cores = await tab.evaluate('navigator.hardwareConcurrency');
    assert.deepEqual(answer, { ...RIGHT, shared, threads: shared && cores > 1 ? 2 : 1 });
    await tab.context().close();
  }
});

test('a trap on any thread reaches the caller on a page', async () => {
  for (const at of [0, 1, 500, 999]) {
    const tab = await open('isolated', 'tag.html', 'threads=3');
    assert.equal((await tab.evaluate(report)).wrong, 0);
    const name = await tab.evaluate((piece) => {
      try {
        return globalThis.tf.x.probe_trap(piece) ?? 'no trap';
      } catch (e) {
        return e.constructor.name;
      }
    }, at);
    assert.equal(name, 'RuntimeError');
    await tab.context().close();
  }
});
