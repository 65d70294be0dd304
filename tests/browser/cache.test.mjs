// Models kept in a cache of the browser: loaded once from the network, then from there; what is broken
// is not kept. And what the browser's own cache and a signal do.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';

const script = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../dist/tensorine.js'));
const SPECS = [{ name: 'w', shape: [2, 2], dtype: 'float32' }];
const MODEL = JSON.stringify({
  modelTopology: { a: 1 },
  weightsManifest: [{ paths: ['one.bin', 'two.bin'], weights: SPECS }],
});
const bytes = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
let server, browser, tab, url, files, asked;

before(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    if (path.startsWith('/m/')) asked.push(path);
    const file = files[path];
    if (typeof file === 'function') return file(response);
    response.writeHead(file === undefined ? 404 : 200, {
      'Content-Type': path.endsWith('.html') ? 'text/html' : 'application/octet-stream',
      'Cache-Control': 'max-age=60',
    });
    response.end(file);
  });
  await new Promise((go) => server.listen(0, 'localhost', go));
  url = `http://localhost:${server.address().port}`;
  files = {
    '/page.html': '<!doctype html><title>cache</title><script src="/tensorine.js"></script>',
    '/tensorine.js': script,
  };
  browser = await launch();
  tab = await (await browser.newContext()).newPage();
  await tab.goto(`${url}/page.html`);
});
beforeEach(async () => {
  Object.assign(files, { '/m/model.json': MODEL, '/m/one.bin': bytes.subarray(0, 6), '/m/two.bin': bytes.subarray(6) });
  asked = [];
  await tab.evaluate(async () => {
    for (const name of await caches.keys()) await caches.delete(name);
  });
});
after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

/** Weights of the model, or the error; and what the cache holds then. no-store: of the browser's own cache. */
const load = (options = {}) =>
  tab.evaluate(async (options) => {
    const steps = [];
    const given = { requestInit: { cache: 'no-store' }, onProgress: (fraction) => steps.push(fraction), ...options };
    const found = await tf.io
      .http('/m/model.json', given)
      .load()
      .then(
        async ({ weightData, getWeightStream }) => {
          if (!getWeightStream) return [...new Float32Array(tf.io.concatenateArrayBuffers(weightData))];
          const parts = [];
          for (const reader = getWeightStream().getReader(); ;) {
            const { done, value } = await reader.read();
            if (done) return [...new Float32Array(tf.io.concatenateArrayBuffers(parts))];
            parts.push(value);
          }
        },
        (error) => `${error.code}: ${error.message}`,
      );
    for (let i = 0; i < 20 && options.cache; i++) await new Promise((go) => setTimeout(go, 5)); // it is written meanwhile
    const kept = options.cache
      ? (await (await caches.open(options.cache)).keys()).map((request) => new URL(request.url).pathname)
      : [];
    return { found, kept: kept.sort(), last: steps.at(-1) };
  }, options);

const ALL = ['/m/model.json', '/m/one.bin', '/m/two.bin'];

test('io: a cache is filled by the first load and read by the next', async () => {
  assert.deepEqual(await load({ cache: 'v1' }), { found: [1, 2, 3, 4], kept: ALL, last: 1 });
  assert.deepEqual(asked.sort(), ALL);
  asked = [];
  files['/m/one.bin'] = undefined;
  assert.deepEqual(await load({ cache: 'v1' }), { found: [1, 2, 3, 4], kept: ALL, last: 1 });
  assert.deepEqual(await load({ cache: 'v1', streamWeights: true }), { found: [1, 2, 3, 4], kept: ALL, last: 1 });
  assert.deepEqual(asked, []);
  assert.match((await load({ cache: 'v2' })).found, /^file: .*one\.bin.*404/);
  assert.ok(asked.includes('/m/one.bin'));
});

test('io: what is broken is not kept', async () => {
  files['/m/two.bin'] = bytes.subarray(7);
  const { found, kept } = await load({ cache: 'v1' });
  assert.match(found, /^file: .*15 bytes.*16/);
  assert.deepEqual(kept, []);
  files['/m/two.bin'] = bytes.subarray(6);
  assert.deepEqual(await load({ cache: 'v1' }), { found: [1, 2, 3, 4], kept: ALL, last: 1 });
});

test("io: without a cache nothing is kept; with the browser's own it is as requestInit says", async () => {
  await load();
  await load();
  assert.equal(asked.length, 6);
  assert.deepEqual(await tab.evaluate(() => caches.keys()), []);
  asked = [];
  await load({ requestInit: { cache: 'reload' } });
  await load({ requestInit: { cache: 'force-cache' } });
  assert.equal(asked.length, 3);
});

test('io: a signal stops a load, and nothing of it is kept', async () => {
  files['/m/two.bin'] = (response) => response.writeHead(200).write(bytes.subarray(6, 8));
  const got = await tab.evaluate(async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const told = await tf.io
      .http('/m/model.json', { cache: 'v1', requestInit: { cache: 'no-store' }, signal: controller.signal })
      .load()
      .catch((error) => error.name);
    await new Promise((go) => setTimeout(go, 50));
    return [told, (await (await caches.open('v1')).keys()).length];
  });
  assert.deepEqual(got, ['AbortError', 0]);
});
