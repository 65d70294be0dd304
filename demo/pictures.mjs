// Photographs as tensors, and the cuts of them that stand for several pictures of one thing.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import jpeg from 'jpeg-js';

const isJpeg = (name) => /\.jpe?g$/i.test(name);

/** Paths of the JPEG files among the given files and folders. */
export function findPictures(places) {
  return places.flatMap((place) => {
    if (!statSync(place).isDirectory()) return [place];
    return readdirSync(place)
      .filter(isJpeg)
      .sort()
      .map((name) => join(place, name));
  });
}

/** int32 [height, width, 3], 0 to 255. */
export function readPicture(tf, path) {
  const { data, width, height } = jpeg.decode(readFileSync(path), { useTArray: true, maxMemoryUsageInMB: 1024 });
  return tf.browser.fromPixels({ data, width, height });
}

export const nameOf = (path) => basename(path).replace(/\.\w+$/, '');

/** What MobileNet takes: float32 [1, 224, 224, 3] from -1 to 1. cut: {x, y, size} as fractions of
 * the picture, and flip. */
export function prepare(tf, picture, { x = 0, y = 0, size = 1, flip = false } = {}) {
  return tf.tidy(() => {
    const [height, width] = picture.shape;
    const begin = [Math.floor(y * height), Math.floor(x * width), 0];
    const part = tf.slice(picture, begin, [Math.floor(size * height), Math.floor(size * width), 3]);
    const scaled = tf.image.resizeBilinear(part.toFloat(), [224, 224]).div(127.5).sub(1).expandDims(0);
    return flip ? tf.reverse(scaled, 2) : scaled;
  });
}
