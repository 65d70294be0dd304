// The dev server: what it serves, under which headers, and what it keeps to itself.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let server;

before(async () => {
  const folders = { '/': join(root, 'web'), '/tools/': join(root, 'tools') };
  server = await serve({ folders, texts: { '/config.js': 'made' } });
});
after(() => server.close());

/** Asks for a path as it is written; fetch would tidy it up first. */
function ask(path, method = 'GET') {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, method }, (response) => {
      let text = '';
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });
}

test('serve: pages, scripts and texts with their types, isolated', async () => {
  const page = await ask('/webcam/?device=wasm');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(page.headers['cross-origin-embedder-policy'], 'require-corp');
  assert.match(page.text, /<title>/);
  const script = await ask('/tools/serve.mjs');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal((await ask('/config.js')).text, 'made');
  const head = await ask('/style.css', 'HEAD');
  assert.deepEqual([head.status, head.text], [200, '']);
  const moved = await ask('/webcam');
  assert.deepEqual([moved.status, moved.headers.location], [301, '/webcam/']);
});

test('serve: nothing from outside its folders, and nothing but reading', async () => {
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/tools/%2e%2e/package.json',
    '/tools/..%2fpackage.json',
    '/none',
    '/common/',
    '/a%00b',
    '/%zz',
    '//',
  ])
    assert.equal((await ask(path)).status, 404, path);
  assert.equal((await ask('/config.js', 'POST')).status, 404);
});
