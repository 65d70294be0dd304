// A camera for Chromium made of photographs: a .y4m file that shows each for a while, moving and
// zooming so that no two frames are alike.
import { readFileSync, writeFileSync } from 'node:fs';
import jpeg from 'jpeg-js';

export const WIDTH = 320,
  HEIGHT = 240,
  RATE = 10;

/** Bilinear sample of channel c at (x, y) in pixels. */
function sample({ data, width, height }, x, y, c) {
  const x0 = Math.min(Math.floor(x), width - 2),
    y0 = Math.min(Math.floor(y), height - 2),
    fx = x - x0,
    fy = y - y0;
  const at = (dx, dy) => data[((y0 + dy) * width + x0 + dx) * 4 + c];
  return (at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy;
}

/** RGB of one frame: a window of the photograph with the camera's proportions, `step` of `steps`. */
function frame(photo, step, steps) {
  const fit = Math.min(photo.width / WIDTH, photo.height / HEIGHT);
  const turn = (2 * Math.PI * step) / steps,
    zoom = fit * (0.86 + 0.06 * Math.sin(3 * turn));
  const left = (photo.width - WIDTH * zoom) * (0.5 + 0.45 * Math.cos(turn));
  const top = (photo.height - HEIGHT * zoom) * (0.5 + 0.45 * Math.sin(2 * turn));
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++)
      for (let c = 0; c < 3; c++) rgb[i++] = sample(photo, left + x * zoom, top + y * zoom, c);
  return rgb;
}

/** Full-range YUV 4:2:0 (BT.601, as in JPEG). */
function toYUV(rgb) {
  const y = Buffer.alloc(WIDTH * HEIGHT),
    u = Buffer.alloc(y.length / 4),
    v = Buffer.alloc(y.length / 4);
  for (let i = 0; i < y.length; i++) {
    const [r, g, b] = rgb.subarray(i * 3);
    y[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    const row = Math.floor(i / WIDTH),
      column = i % WIDTH;
    if (row & 1 || column & 1) continue;
    const at = (row >> 1) * (WIDTH >> 1) + (column >> 1);
    u[at] = Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b);
    v[at] = Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b);
  }
  return Buffer.concat([y, u, v]);
}

export const readPhoto = (path) => jpeg.decode(readFileSync(path), { useTArray: true, maxMemoryUsageInMB: 1024 });

/** Writes the camera's file: each photograph for `steps` frames, in turn. */
export function writeCamera(path, photos, steps) {
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420jpeg\n`)];
  for (const photo of photos)
    for (let step = 0; step < steps; step++) parts.push(Buffer.from('FRAME\n'), toYUV(frame(photo, step, steps)));
  writeFileSync(path, Buffer.concat(parts));
}

/** Means of a grid of 6 x 6 cells of the middle square of each frame: what a frame is known by. */
export function fingerprints(photos, steps) {
  return photos.map((photo) => Array.from({ length: steps }, (_, step) => grid(frame(photo, step, steps))));
}

function grid(rgb) {
  const cells = new Array(108).fill(0),
    cell = HEIGHT / 6,
    left = (WIDTH - HEIGHT) / 2;
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < HEIGHT; x++)
      for (let c = 0; c < 3; c++)
        cells[(Math.floor(y / cell) * 6 + Math.floor(x / cell)) * 3 + c] +=
          rgb[(y * WIDTH + left + x) * 3 + c] / (cell * cell);
  return cells.map(Math.round);
}
