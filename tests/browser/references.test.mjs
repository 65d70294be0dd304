// Real models in Chromium: on wasm with and without threads and relaxed SIMD, and on webgl.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { GRAPHS, MODELS, PHOTOS } from '../lib/references.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const skip = existsSync(join(data, 'reference')) ? false : `no reference models in ${data} (set TENSORINE_DATA)`;
let server, browser;

before(async () => {
  server = await serve({ folders: { '/': root, '/data/': data } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A page with the library, started with these flags on this device. */
async function open(flags, device) {
  const page = await browser.newPage();
  await page.addInitScript((given) => {
    globalThis.TENSORINE_FLAGS = given;
  }, flags);
  await page.goto(`${server.url}/tests/browser/empty.html`);
  await page.evaluate(async (name) => {
    const [tf, checks] = await Promise.all([import('/dist/tensorine.mjs'), import('/tests/lib/references.mjs')]);
    Object.assign(globalThis, { tf, checks });
    if (!(await tf.setBackend(name))) throw new Error(`no ${name} here`);
  }, device);
  return page;
}

const differences = (page, names) =>
  page.evaluate(async (names) => {
    const found = {};
    for (const name of names) {
      const reference = await (await fetch(`/data/reference/${name}.json`)).json();
      found[name] = await checks.compare(tf, `/data/${reference.model}`, reference);
    }
    return found;
  }, names);

const HOSTS = [
  ['plain memory', 'shared=0,relaxed=0', 'wasm', 1e-4],
  ['one thread', 'threads=1,relaxed=0', 'wasm', 1e-4],
  ['two threads', 'threads=2,relaxed=0', 'wasm', 1e-4],
  ['relaxed SIMD, two threads', 'threads=2', 'wasm', 1e-4],
  ['webgl', '', 'webgl', 1e-4],
];
for (const [name, flags, device, bound] of HOSTS)
  test(`models agree with their references: ${name}`, { skip }, async () => {
    const page = await open(flags, device);
    const found = await differences(page, [...MODELS, ...GRAPHS]);
    await page.close();
    for (const model of [...MODELS, ...GRAPHS]) assert.ok(found[model] <= bound, `${model} differs by ${found[model]}`);
  });

for (const device of ['wasm', 'webgl'])
  test(`models saved into the browser and loaded again are the same: ${device}`, { skip }, async () => {
    const page = await open('', device);
    const found = await page.evaluate(
      async (names) => {
        const found = {};
        for (const name of names) {
          const reference = await (await fetch(`/data/reference/${name}.json`)).json();
          found[name] = await checks.savedAgain(tf, `/data/${reference.model}`, reference, [
            `indexeddb://${name}`,
            'memory',
          ]);
        }
        return [found, Object.keys(await tf.io.listModels()).length];
      },
      [...MODELS, ...GRAPHS],
    );
    await page.close();
    for (const name of [...MODELS, ...GRAPHS])
      assert.deepEqual(found[0][name], { [`indexeddb://${name}`]: 'the same', memory: 'the same' }, name);
    assert.equal(found[1], 0);
  });

for (const device of ['wasm', 'webgl'])
  test(`photographs have their class in the first three: ${device}`, { skip }, async () => {
    const page = await open('', device);
    const photos = Object.keys(PHOTOS).map((name) => [name, `/data/photos/${name}.jpg`]);
    const found = await page.evaluate(async (photos) => {
      const model = await tf.loadLayersModel('/data/mobilenet_v1_025_224_layers/model.json'),
        found = {};
      for (const [name, url] of photos) {
        const image = new Image();
        image.src = url;
        await image.decode();
        const picture = tf.browser.fromPixels(image);
        found[name] = checks.topThree(tf, model, picture);
        picture.dispose();
      }
      model.dispose();
      return found;
    }, photos);
    await page.close();
    for (const [name, classes] of Object.entries(PHOTOS))
      assert.ok(
        classes.some((c) => found[name].includes(c)),
        `${name}: ${found[name]}, not ${classes}`,
      );
  });
