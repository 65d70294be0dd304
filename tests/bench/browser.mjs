// The GPU in Chromium, on whatever WebGL2 it has here: MobileNet of both libraries in one page, in turn.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../tools/serve.mjs';
import { launch } from '../browser/chromium.mjs';
import { line } from './measure.mjs';

const MODEL = 'mobilenet_v1_025_224_layers/model.json';

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

export async function measureInBrowser({ root, data }) {
  if (!existsSync(join(data, MODEL))) throw new Error(`${MODEL} is not in ${data} (TENSORINE_DATA)`);
  const server = await serve({
    folders: {
      '/': join(root, 'tests/browser'),
      '/dist/': join(root, 'dist'),
      '/data/': data,
      '/peer/': join(root, 'node_modules/@tensorflow/tfjs/dist'),
    },
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/empty.html`);
    await page.addScriptTag({ url: '/peer/tf.min.js' });
    const { steady, first, renderer } = await page.evaluate(inPage, { model: `/data/${MODEL}`, rounds: 15 });
    console.log(renderer);
    const results = [
      { name: 'MobileNet v1 0.25/224, webgl, predict', peer: 'tfjs-webgl', ...steady },
      { name: 'MobileNet v1 0.25/224, webgl, first predict', peer: 'tfjs-webgl', ...first },
    ];
    for (const result of results) console.log(line(result));
    return results;
  } finally {
    await browser.close();
    server.close();
  }
}
