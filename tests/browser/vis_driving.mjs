// What tests of tensorine/vis share: a page with the library and tfvis by script tags, an empty #container (`place`)
// before each test, and small functions in the page: count(selector), texts(selector), thrown(f).
import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
/** What the tests of a file work on, once useVis has opened it, and the errors of all pages. */
export let tab, browser, server;
export const errors = [];

/** Another page of this kind; options are a browser context's. */
export async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.url}/tests/browser/empty.html`);
  for (const name of ['tensorine', 'vis']) await page.addScriptTag({ url: `/dist/${name}.js` });
  await page.evaluate(() => {
    globalThis.count = (selector) => document.querySelectorAll(selector).length;
    globalThis.texts = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent);
    globalThis.thrown = async (f) => {
      try {
        await f();
        return '';
      } catch (error) {
        return error.message;
      }
    };
  });
  return page;
}

/** Opens the page before a file's tests and closes it after. */
export function useVis() {
  before(async () => {
    server = await serve({
      folders: { '/': root, '/data/': data },
      texts: { '/favicon.ico': '' },
    });
    browser = await launch();
    tab = await open();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    assert.deepEqual(errors, []);
  });
  beforeEach(() =>
    tab.evaluate(() => {
      document.body.innerHTML = '<div id="container"></div>';
      globalThis.place = document.querySelector('#container');
    }),
  );
}
