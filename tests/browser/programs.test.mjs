// The programs of tests/lib/programs in a page with one script tag changed: on wasm and webgl they note
// what they note with TensorFlow.js.
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { programs } from '../lib/programs/notes.mjs';
import { same } from '../lib/programs/same.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let server, browser, want;

/** What all programs note with this script on this device; of the peer, where it is given Keras's rules. */
async function notes(script, device, isPeer = false) {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/tests/browser/empty.html`);
    await page.addScriptTag({ url: script });
    return await page.evaluate(
      async ([device, isPeer]) => {
        if (!(await globalThis.tf.setBackend(device))) throw new Error(`no ${device} here`);
        const { notesOf, programs } = await import('/tests/lib/programs/notes.mjs'),
          all = {};
        if (isPeer) (await import('/tests/lib/programs/differences.mjs')).asKeras(globalThis.tf);
        for (const name of Object.keys(programs)) all[name] = await notesOf(globalThis.tf, name);
        return all;
      },
      [device, isPeer],
    );
  } finally {
    await page.close();
  }
}

before(async () => {
  server = await serve({ folders: { '/': root } });
  browser = await launch();
  want = await notes('/node_modules/@tensorflow/tfjs/dist/tf.min.js', 'cpu', true);
});
after(async () => {
  await browser?.close();
  server?.close();
});

for (const device of ['wasm', 'webgl'])
  test(`${Object.keys(programs).length} programs on ${device}`, async () => {
    const got = await notes('/dist/tensorine.js', device);
    for (const name of Object.keys(programs)) same(got[name], want[name], 1e-4, name);
  });
