// What is done on the GPU stays on the GPU: programs whose steady state has no kernel on the CPU, and trains as on wasm.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { programs } from '../lib/gpu_programs.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const running = Promise.all([serve({ folders: { '/': root } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** Kernels on the CPU in a program's third round, and what memory grew by in the two rounds after it. */
async function inPage(name) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const result = await page.evaluate(async (program) => {
    const tf = await import('/dist/tensorine.mjs');
    const { programs } = await import('/tests/lib/gpu_programs.mjs');
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    const round = programs[program](tf);
    for (let i = 0; i < 2; i++) await round();
    const { kernels } = await tf.profile(round);
    const before = tf.memory();
    for (let i = 0; i < 2; i++) await round();
    const now = tf.memory();
    return {
      onCPU: [...new Set(kernels.filter((k) => k.device !== 'webgl').map((k) => k.op))].sort(),
      onGPU: kernels.length,
      grown: ['numTensors', 'numTextures', 'numBytesInGPU'].map((key) => now[key] - before[key]),
    };
  }, name);
  await page.close();
  return result;
}

for (const name of Object.keys(programs))
  test(`${name}: no kernel on the CPU, no memory that grows`, async () => {
    const { onCPU, onGPU, grown } = await inPage(name);
    assert.ok(onGPU > 0);
    assert.deepEqual(onCPU, []);
    assert.deepEqual(grown, [0, 0, 0]);
  });
