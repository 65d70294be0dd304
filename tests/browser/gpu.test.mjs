// What is done on the GPU stays on the GPU: programs whose steady state has no kernel on the CPU, and trains as on wasm.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { programs } from '../lib/gpu_programs.mjs';
import { GRAPHS, MODELS } from '../lib/references.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const skip = existsSync(join(data, 'reference')) ? false : `no reference models in ${data} (set TENSORINE_DATA)`;
const running = Promise.all([serve({ folders: { '/': root, '/data/': data } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** Kernels on the CPU in the third round of a program, or of predictions of a stored model, and what memory grew by in
 * the two rounds after it. */
async function inPage({ program, stored }) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const measure = async ({ program, stored }) => {
    const tf = await import('/dist/tensorine.mjs');
    const { programs, predictions } = await import('/tests/lib/gpu_programs.mjs');
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    const reference = stored && (await (await fetch(`/data/reference/${stored}.json`)).json());
    const round = stored ? await predictions(tf, `/data/${reference.model}`, reference) : programs[program](tf);
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
  };
  const result = await page.evaluate(measure, { program, stored });
  await page.close();
  return result;
}

async function staysOnGPU(which) {
  const { onCPU, onGPU, grown } = await inPage(which);
  assert.ok(onGPU > 0);
  assert.deepEqual(onCPU, []);
  assert.deepEqual(grown, [0, 0, 0]);
}

for (const program of Object.keys(programs))
  test(`${program}: no kernel on the CPU, no memory that grows`, () => staysOnGPU({ program }));

for (const stored of [...MODELS, ...GRAPHS])
  test(`predictions of ${stored}: no kernel on the CPU, no memory that grows`, { skip }, () => staysOnGPU({ stored }));
