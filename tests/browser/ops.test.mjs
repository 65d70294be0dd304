// The examples of every op in Chromium, on the CPU and on the GPU.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { keep } from '../lib/table.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const only = process.env.OP ?? '';
const ops = JSON.parse(readFileSync(join(root, 'build/gen/ops.json'), 'utf8')).ops.filter((op) =>
  op.path.includes(only),
);
const GPU_TOLERANCE = 1e-4; // a GPU's exp, log and division may be off by some units in the last place

let browser, server;

async function open() {
  server = await serve({ folders: { '/': root } });
  browser = await launch();
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  await page.evaluate(async () => {
    const [tf, checks] = await Promise.all([import('/dist/tensorine.mjs'), import('/tests/lib/ops.mjs')]);
    Object.assign(globalThis, { tf, checks });
  });
  return page;
}

after(async () => {
  try {
    if (!only) keep('browser', { wasm: (await found('wasm')).where, webgl: (await found('webgl')).where ?? null });
  } finally {
    await browser?.close();
    server?.close();
  }
});

/** Runs all examples on a device; what went wrong by path of the op, or why there is no device. */
function onDevice(page, name, tolerance) {
  return page.evaluate(
    async ({ ops, name, tolerance }) => {
      const { tf, checks } = globalThis;
      try {
        if (!(await tf.setBackend(name))) return { none: 'setBackend says there is none' };
      } catch (error) {
        return { none: error.message };
      }
      if (name !== 'wasm') tf.env().set('WEBGL_CPU_FORWARD', false); // small work too
      const wrong = {},
        elsewhere = new Set(),
        where = {},
        why = {};
      const check = (op) =>
        op.examples.forEach((example) => {
          try {
            checks.checkExample(tf, op, example, tolerance);
          } catch (error) {
            (wrong[op.path] ??= []).push(error.message);
          }
        });
      for (const op of ops) {
        const { kernels } = await tf.profile(() => check(op));
        const there = kernels.filter(({ device }) => device !== 'cpu');
        for (const kernel of there) elsewhere.add(kernel.op);
        for (const kernel of kernels) if (kernel.device === 'cpu') why[kernel.op] = kernel.why;
        if (!wrong[op.path])
          where[op.path] = there.length === 0 ? 'cpu' : there.length === kernels.length ? name : 'both';
      }
      return { wrong, elsewhere: [...elsewhere], where, why };
    },
    { ops, name, tolerance },
  );
}

let pages;
const results = {};

/** What was found on a device, which is asked once; nothing starts before a test asks. */
async function found(name) {
  const page = await (pages ??= open());
  if (name === 'webgl') await found('wasm');
  return (results[name] ??= onDevice(page, name, name === 'webgl' ? GPU_TOLERANCE : undefined));
}

for (const name of ['wasm', 'webgl']) {
  for (const op of ops) {
    test(`${op.path} on ${name}`, async (t) => {
      const { none, wrong } = await found(name);
      if (none && name !== 'wasm') return t.skip(`no ${name}: ${none}`);
      assert.equal(none, undefined);
      assert.deepEqual(wrong[op.path] ?? [], []);
    });
  }
}

test('every op with a shader ran on the GPU', { skip: only ? 'one op only' : false }, async (t) => {
  const { none, elsewhere } = await found('webgl');
  if (none) return t.skip(`no webgl: ${none}`);
  assert.deepEqual(
    ops.filter((op) => op.shader && !elsewhere.includes(op.name)).map((op) => op.path),
    [],
  );
});

test('an op without a shader says why', { skip: only ? 'one op only' : false }, async (t) => {
  const { none, why } = await found('webgl');
  if (none) return t.skip(`no webgl: ${none}`);
  assert.ok(Object.keys(why).length > 15);
  assert.deepEqual(
    Object.entries(why).filter(([, reason]) => !reason || reason === 'it has no shader'),
    [],
  );
  const table = readFileSync(join(root, 'docs/NUMBERS.md'), 'utf8'),
    own = Object.entries(why).filter(([, reason]) => !reason.startsWith('its shader does not'));
  for (const [op, reason] of own) assert.ok(table.includes(`| ${op} | ${reason} |\n`), `docs/NUMBERS.md lacks ${op}`);
});
