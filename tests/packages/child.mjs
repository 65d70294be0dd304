// One program in a process of Node: child.mjs LIBRARY DEVICE BUNDLE PROGRAM ADDRESS RULE, by fork().
import { createRequire } from 'node:module';
import jpeg from 'jpeg-js';
import * as differences from '../lib/programs/differences.mjs';

const [library, device, bundle, program, address, rule] = process.argv.slice(2),
  load = createRequire(import.meta.url);

globalThis.host = {
  url: (path) => `${address}${path}`,
  /** A part of a photograph as a tensor, its pixels the nearest of the photograph. */
  async picture(path, { left, top, width, height, size }) {
    const photo = jpeg.decode(await (await fetch(`${address}${path}`)).arrayBuffer(), {
      useTArray: true,
      maxMemoryUsageInMB: 2048,
    });
    const to = { width: size, height: Math.round((size * height) / width) },
      data = new Uint8Array(to.width * to.height * 4);
    for (let y = 0, i = 0; y < to.height; y++)
      for (let x = 0; x < to.width; x++) {
        const from =
          (top + Math.floor((y * height) / to.height)) * photo.width + left + Math.floor((x * width) / to.width);
        for (let c = 0; c < 4; c++) data[i++] = photo.data[from * 4 + c];
      }
    return globalThis.tf.browser.fromPixels({ data, ...to });
  },
};

try {
  globalThis.tf = load(library);
  if (rule) differences[rule](globalThis.tf);
  await globalThis.tf.setBackend(device);
  process.send({ value: await load(bundle)[program]() }, () => process.exit());
} catch (error) {
  process.send({ error: error.stack }, () => process.exit());
}
