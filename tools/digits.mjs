// Makes the digits that web/mnist learns from: digits.png, a sheet with a row of 28 * 28 grey pixels for each digit, and
// digits.json, where they are from and their labels. They are MNIST's where its idx files are there (TENSORINE_DATA or
// ../shared/data), else drawn by demo/digits.mjs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { digits, SIDE as DRAWN_SIDE } from '../demo/digits.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const SIDE = 28,
  DRAWN = 6000;

/** The bytes of an idx file (unsigned bytes of any shape), without its head. */
function idx(file) {
  const bytes = gunzipSync(readFileSync(file)),
    rank = bytes[3];
  if (bytes[2] !== 8) throw new Error(`${file} is no idx file of bytes`);
  return bytes.subarray(4 + 4 * rank);
}

function fromFiles(folder) {
  const [images, labels] = ['images-idx3', 'labels-idx1'].map((name) => join(folder, `t10k-${name}-ubyte.gz`));
  return existsSync(images) && existsSync(labels)
    ? { source: 'MNIST', pixels: idx(images), labels: idx(labels) }
    : null;
}

/** Drawn digits in the middle of larger pictures, white on black. */
function drawn(count) {
  const { images, labels } = digits(count, 1),
    pixels = Buffer.alloc(count * SIDE * SIDE),
    margin = (SIDE - DRAWN_SIDE) / 2;
  for (let i = 0; i < count; i++)
    for (let y = 0; y < DRAWN_SIDE; y++)
      for (let x = 0; x < DRAWN_SIDE; x++)
        pixels[(i * SIDE + y + margin) * SIDE + x + margin] = Math.round(
          255 * images[(i * DRAWN_SIDE + y) * DRAWN_SIDE + x],
        );
  return { source: 'drawn', pixels, labels };
}

/** Writes both files into a folder. */
export function writeDigits(to, data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'))) {
  const { source, pixels, labels } = fromFiles(join(data, 'mnist_idx')) ?? drawn(DRAWN);
  const sheet = { width: SIDE * SIDE, height: labels.length, data: pixels };
  writeFileSync(
    join(to, 'digits.png'),
    PNG.sync.write(sheet, { colorType: 0, inputColorType: 0, inputHasAlpha: false }),
  );
  writeFileSync(join(to, 'digits.json'), JSON.stringify({ source, side: SIDE, labels: Array.from(labels).join('') }));
  return `${labels.length} digits (${source})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(writeDigits(join(root, 'web/mnist')));
