// The GPU in Chromium, on whatever WebGL2 it has here: both libraries in one page, in turn.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../tools/serve.mjs';
import { launch } from '../browser/chromium.mjs';
import { measureLayers, watchDraws } from './browser_layers.mjs';
import { layered, rows } from './browser_rows.mjs';
import { line } from './measure.mjs';

const MODEL = 'mobilenet_v1_025_224_layers/model.json',
  MODEL_ROW = 'MobileNet v1 0.25/224';

/** First predict, then predicts in turn; milliseconds. */
async function inPage({ model, rounds }) {
  const ours = await import('/dist/tensorine.mjs'),
    theirs = globalThis.tf;
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  const sides = [];
  for (const tf of [ours, theirs]) {
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    await tf.ready();
    const net = await tf.loadLayersModel(model);
    const x = tf.randomUniform([1, 224, 224, 3], -1, 1, 'float32', 7);
    const predict = async () => {
      const start = performance.now(),
        y = net.predict(x);
      await y.data();
      y.dispose();
      return performance.now() - start;
    };
    sides.push({ first: await predict(), predict, times: [] });
  }
  for (let i = 0; i < rounds + 3; i++)
    for (const side of sides) {
      const ms = await side.predict();
      if (i >= 3) side.times.push(ms);
    }
  const ratios = sides[0].times.map((t, i) => sides[1].times[i] / t);
  return {
    steady: { ours: median(sides[0].times), theirs: median(sides[1].times), ratio: median(ratios), rounds },
    first: { ours: sides[0].first, theirs: sides[1].first, ratio: sides[1].first / sides[0].first, rounds: 1 },
    renderer: (() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
    })(),
  };
}

/** A row of browser_rows.mjs: medians of rounds in turn, after two that warm up. */
async function rowInPage(name) {
  const { rows } = await import('/bench/browser_rows.mjs');
  const row = rows.find((r) => r.name === name),
    libraries = [await import('/dist/tensorine.mjs'), globalThis.tf],
    sides = [];
  for (const tf of libraries) {
    await tf.setBackend('webgl');
    await tf.ready();
    sides.push({ run: await row.make(tf), times: [] });
  }
  const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
  const rounds = row.slow ? 5 : 9,
    calls = row.slow ? 1 : 3;
  for (let i = 0; i < rounds + 2; i++)
    for (const side of sides) {
      const start = performance.now();
      for (let k = 0; k < calls; k++) await side.run();
      if (i >= 2) side.times.push((performance.now() - start) / calls);
    }
  const ratios = sides[0].times.map((t, i) => sides[1].times[i] / t);
  return { ours: median(sides[0].times), theirs: median(sides[1].times), ratio: median(ratios), rounds };
}

export async function measureInBrowser({ root, data, only, layers }) {
  const server = await serve({
    folders: {
      '/': join(root, 'tests/browser'),
      '/bench/': join(root, 'tests/bench'),
      '/dist/': join(root, 'dist'),
      '/data/': data,
      '/peer/': join(root, 'node_modules/@tensorflow/tfjs/dist'),
    },
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.on('console', (m) => m.type() === 'error' && !m.text().includes('404') && console.log(m.text()));
    await page.goto(`${server.url}/empty.html`);
    if (layers) await watchDraws(page, root);
    await page.addScriptTag({ url: '/peer/tf.min.js' });
    if (layers) return await measureLayers(page, { only, rows, layered });
    const results = [];
    const add = (result) => {
      results.push({ peer: 'tfjs-webgl', ...result });
      console.log(line(results.at(-1)));
    };
    for (const { name } of rows.filter((row) => row.name.includes(only)))
      try {
        add({ name: `${name}, webgl`, ...(await page.evaluate(rowInPage, name)) });
      } catch (error) {
        console.log(`${name.padEnd(44)} not measured: ${error.message.split('\n')[0]}`);
      }
    if (!MODEL_ROW.includes(only)) return results;
    if (!existsSync(join(data, MODEL))) throw new Error(`${MODEL} is not in ${data} (TENSORINE_DATA)`);
    const { steady, first, renderer } = await page.evaluate(inPage, { model: `/data/${MODEL}`, rounds: 15 });
    console.log(renderer);
    add({ name: `${MODEL_ROW}, webgl, predict`, ...steady });
    add({ name: `${MODEL_ROW}, webgl, first predict`, ...first });
    return results;
  } finally {
    await browser.close();
    server.close();
  }
}
