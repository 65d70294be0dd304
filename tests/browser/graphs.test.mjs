// Graph models in Chromium: each row of tests/lib/graphs_*.mjs gives on webgl, and on wasm, what it gives in Node.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';
import { serve } from '../../tools/serve.mjs';
import { cases } from '../lib/graphs.mjs';
import { rows as flow } from '../lib/graphs_flow.mjs';
import { rows as math } from '../lib/graphs_math.mjs';
import { rows as shapes } from '../lib/graphs_shapes.mjs';
import { rows as windows } from '../lib/graphs_windows.mjs';
import { graphAnswers } from '../lib/references.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const all = [...cases, ...math, ...windows, ...shapes, ...flow];
let server, browser;

before(async () => {
  server = await serve({ folders: { '/': root } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const plain = ({ values, ...more }) => ({
  ...more,
  values: values.map((v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)),
});
const sent = all.map(({ given, inputs, outputs }) => {
  const { weightData, ...artifacts } = given();
  return {
    artifacts,
    bytes: [...new Uint8Array(weightData)],
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, x]) => [key, plain(x)])),
    outputs,
  };
});

/** Relative to what is large in the result. Of sin and cos Vulkan asks 2 ** -11 of a GPU. */
const bound = (device, name) => (device === 'wasm' ? 1e-5 : /^(Sin|Cos) /.test(name) ? 2 ** -11 : 1e-4);

for (const device of ['wasm', 'webgl'])
  test(`graphs as in Node: ${device}`, { timeout: 120000 }, async () => {
    const { warn, log } = console;
    console.warn = console.log = () => {};
    const [expected] = await graphAnswers(tf, sent);
    Object.assign(console, { warn, log });
    const page = await browser.newPage();
    await page.goto(`${server.url}/tests/browser/empty.html`);
    await page.evaluate(async (name) => {
      const [tf, { graphAnswers }] = await Promise.all([
        import('/dist/tensorine.mjs'),
        import('/tests/lib/references.mjs'),
      ]);
      Object.assign(globalThis, { tf, graphAnswers });
      if (!(await tf.setBackend(name))) throw new Error(`no ${name} here`);
      if (name !== 'wasm') tf.env().set('WEBGL_CPU_FORWARD', false); // small work too
    }, device);
    const [found, left] = await page.evaluate((rows) => graphAnswers(tf, rows), sent);
    await page.close();
    const faults = [];
    all.forEach(({ name }, i) =>
      found[i].forEach(({ shape, dtype, values }, k) => {
        const other = expected[i][k],
          most = other.values.reduce((m, v) => (typeof v === 'number' ? Math.max(m, Math.abs(v)) : m), 1);
        const near = (v, e) => v === e || (typeof v === 'number' && Math.abs(v - e) <= bound(device, name) * most);
        if (
          String(shape) !== String(other.shape) ||
          dtype !== other.dtype ||
          !values.every((v, at) => near(v, other.values[at]))
        )
          faults.push(
            `${i} ${name}: ${dtype}[${shape}] ${values.slice(0, 12)}, not ${other.dtype}[${other.shape}] ${other.values.slice(0, 12)}`,
          );
      }),
    );
    assert.deepEqual(faults, []);
    assert.equal(left, 0);
  });
