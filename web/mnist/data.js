// The digits: one sheet of pictures and one file of labels (tools/digits.mjs makes both), cut into those to train with
// and those held out.
import { Trouble } from '../common/page.js';

const HELD = 0.15;
const ROWS = 500; // of the sheet at a time, so that a phone has the canvas for it

/** The grey values of a picture, one byte for each pixel. */
async function pixelsOf(image) {
  const { width, height } = image,
    grey = new Uint8Array(width * height);
  const canvas = new OffscreenCanvas(width, Math.min(ROWS, height)),
    context = canvas.getContext('2d', { willReadFrequently: true });
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    context.drawImage(image, 0, top, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let i = 0; i < width * rows; i++) grey[top * width + i] = data[4 * i];
  }
  return grey;
}

async function fetched(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (response.ok) return response;
  throw new Trouble('The digits could not be loaded.', '`make build` makes them: web/mnist/digits.png and .json.', {
    message: `${name}: ${response.status}`,
  });
}

/** {source, side, count, training, labels, pixels}: bytes of all digits in one list. */
export async function loadDigits() {
  const [sheet, info] = await Promise.all([fetched('digits.png'), fetched('digits.json').then((r) => r.json())]);
  const image = await createImageBitmap(await sheet.blob(), { colorSpaceConversion: 'none' });
  const pixels = await pixelsOf(image);
  image.close();
  const labels = Uint8Array.from(info.labels, Number),
    count = labels.length;
  return { ...info, count, training: Math.floor(count * (1 - HELD)), labels, pixels };
}

/** Tensors of the digits from `from` to `to`: x [n, side, side, 1] from 0 to 1, y [n, 10]. */
export function tensorsOf(tf, { side, pixels, labels }, from, to) {
  return tf.tidy(() => ({
    x: tf
      .tensor(
        Int32Array.from(pixels.subarray(from * side * side, to * side * side)),
        [to - from, side, side, 1],
        'int32',
      )
      .toFloat()
      .div(255),
    y: tf.oneHot(tf.tensor1d(Int32Array.from(labels.subarray(from, to)), 'int32'), 10).toFloat(),
  }));
}

/** Draws a digit on a canvas, which takes its size; `values` are from 0 to 1, or bytes. */
export function paint(canvas, values, side, scale = 255) {
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d'),
    image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const grey = values[i] * scale;
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** The bytes of one digit. */
export const digitAt = ({ pixels, side }, i) => pixels.subarray(i * side * side, (i + 1) * side * side);

/** Draws `rows` times `columns` digits, spread over the set. */
export function paintSome(canvas, digits, columns, rows) {
  const { side, count } = digits,
    one = document.createElement('canvas');
  canvas.width = columns * side;
  canvas.height = rows * side;
  const context = canvas.getContext('2d');
  for (let k = 0; k < columns * rows; k++) {
    paint(one, digitAt(digits, Math.floor((k * count) / (columns * rows))), side, 1);
    context.drawImage(one, (k % columns) * side, Math.floor(k / columns) * side);
  }
}
