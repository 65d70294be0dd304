// A page with the library on its GPU, for tests of what goes between the two.
/* global calls */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const texts = {
  '/older.mjs': readFileSync(join(root, 'dist/tensorine.mjs'), 'utf8').replaceAll(`"${version}"`, '"0.0.1"'),
};
const running = Promise.all([serve({ folders: { '/': root }, texts }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** What a function gives in a page of its own, with the library as `tf`, on webgl if `start`, small work on the GPU
 * too, after a script; `calls` counts what reads pixels. */
export async function inPage(run, { start = true, before = '' } = {}) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.route('http://other.test/*', (route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      headers: { 'cross-origin-resource-policy': 'cross-origin' },
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
    }),
  );
  await page.addInitScript(before);
  await page.goto(`${server.url}/tests/browser/empty.html`);
  await page.evaluate(async (start) => {
    globalThis.calls = {};
    for (const [type, name] of [
      [CanvasRenderingContext2D, 'getImageData'],
      [OffscreenCanvasRenderingContext2D, 'getImageData'],
      [WebGL2RenderingContext, 'readPixels'],
    ]) {
      const call = type.prototype[name];
      type.prototype[name] = function (...args) {
        calls[name] = (calls[name] ?? 0) + 1;
        return call.apply(this, args);
      };
    }
    globalThis.code = async (f) => {
      try {
        await f();
        return 'none';
      } catch (error) {
        return `${error.code}: ${error.message}`;
      }
    };
    /** The largest difference. */
    globalThis.far = (a, b) =>
      a.length === b.length ? a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0) : Infinity;
    globalThis.noise = (n, seed = 1) =>
      Uint8ClampedArray.from({ length: n }, (_, i) => (((i + seed) * 2654435761) >>> 13) & 255);
    globalThis.tf = await import('/dist/tensorine.mjs');
    if (!start) return;
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
  }, start);
  const result = await page.evaluate(run);
  await page.close();
  assert.deepEqual(errors, []);
  return result;
}
