// The manual's page: it loads, finds, and runs its examples.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve, site } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

test('the manual shows, finds and runs', async (t) => {
  const server = await serve(site(root)),
    browser = await launch();
  t.after(async () => {
    await browser.close();
    server.close();
  });
  const page = await browser.newPage(),
    wrong = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  await page.goto(`${server.url}/api/`);
  const answer = async (id, code) => {
    const example = page.locator(`[id="${id}"] .example`).first();
    if (code) await example.locator('code').fill(code);
    await example.locator('.run').click();
    await example.locator('.run:enabled').waitFor();
    return example.locator('samp').textContent();
  };
  assert.equal(await answer('matMul'), '// [[19,22],[43,50]]');
  assert.equal(await answer('layers.dense'), '// [[3]]');
  assert.equal(await answer('sin', 'tf.add([1], 2)'), '// [3]');
  assert.match(await answer('cos', 'tf.matMul([[1]], [1])'), /matMul: a and b must be of rank 2/);
  assert.equal(await answer('whereAsync'), '// [[0],[2]]');
  assert.equal(await answer('data.Dataset'), '// [[2,3],[4]]');
  await page.fill('#search', 'stridedSlice');
  assert.deepEqual(await page.locator('.op:visible').evaluateAll((list) => list.map((op) => op.id)), ['stridedSlice']);
  await page.fill('#search', '');
  assert.ok((await page.locator('.op:visible').count()) > 150);
  assert.deepEqual(wrong, []);
});
