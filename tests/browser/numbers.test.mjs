// Every op on webgl against its reference in double: the tests of tests/node/numerics.test.mjs as a page runs them, small
// work on the GPU too. What is further off than on the CPU stands in tests/lib/reference/webgl.mjs and in docs/NUMBERS.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serve } from '../../tools/serve.mjs';
import { rows } from '../lib/reference/webgl.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const declared = readFileSync(join(root, 'build/gen/ops.json'), 'utf8');

/** What the tests import of Node, for a page: tests are collected, and of files there is the one with all ops. */
const NODE = {
  'node:test': 'export const test = (name, f) => globalThis.tests.push([name.replace("numerics: ", ""), f]);',
  'node:assert/strict': "export { default } from './tests/lib/assert.mjs';",
  'node:fs': `export const readFileSync = () => ${JSON.stringify(declared)};
    export const mkdirSync = () => {}; export const writeFileSync = () => {};`,
};
const forPages = {
  name: 'pages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node' }));
    onResolve({ filter: /dist\/tensorine\.mjs$/ }, () => ({ path: '/dist/tensorine.mjs', external: true }));
    onLoad({ filter: /.*/, namespace: 'node' }, ({ path }) => ({ contents: NODE[path], resolveDir: root }));
  },
};

async function bundled() {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { excused } from './tests/lib/reference/webgl.mjs'; import './tests/node/numerics.test.mjs';`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    ignoreAnnotations: true,
    plugins: [forPages],
  });
  return outputFiles[0].text;
}

async function open() {
  const server = await serve({ folders: { '/': root }, texts: { '/numbers.mjs': await bundled() } });
  const browser = await launch(),
    page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const names = await page.evaluate(async () => {
    const tf = await import('/dist/tensorine.mjs');
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    globalThis.tests = [];
    let running;
    globalThis.judgedDevice = { subnormal: false, excuses: (...args) => excused(running, ...args) };
    const { excused } = await import('/numbers.mjs');
    globalThis.fault = async (name) => {
      running = name;
      try {
        await globalThis.tests.find(([one]) => one === name)[1]();
        return null;
      } catch (error) {
        return error.message.slice(0, 500);
      }
    };
    return globalThis.tests.map(([name]) => name);
  });
  return { server, browser, page, names };
}

const opened = await open();
after(async () => {
  await opened.browser.close();
  opened.server.close();
});

for (const name of opened.names)
  test(`${name} on webgl as in double`, async () => {
    const fault = await opened.page.evaluate((one) => globalThis.fault(one), name);
    assert.equal(fault, null);
  });

test('docs/NUMBERS.md has the table of bounds', () => {
  const text = readFileSync(join(root, 'docs/NUMBERS.md'), 'utf8');
  for (const row of rows()) assert.ok(text.includes(`${row}\n`), `docs/NUMBERS.md lacks: ${row}`);
});
