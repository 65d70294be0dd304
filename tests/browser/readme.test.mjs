// The page in README.md, in Chromium.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

test('the page of README.md learns its line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-readme-'));
  const [, page] = /```html\n([^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'));
  writeFileSync(join(folder, 'page.html'), `<!doctype html><link rel="icon" href="data:,">${page}`);
  const server = await serve({ folders: { '/': folder, '/dist/': join(root, 'dist') } });
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const tab = await browser.newPage();
  const answer = new Promise((resolve, reject) => {
    tab.on('console', (message) => resolve(message.text()));
    tab.on('pageerror', reject);
  });
  await tab.goto(`${server.url}/page.html`);
  const value = Number(/(-?[\d.]+)/.exec(await answer)[1]);
  assert.ok(value > 18.5 && value < 19.2, String(value));
});
