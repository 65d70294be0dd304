// The 10,000 test images of MNIST in IDX files, for those who have them: 8,500 to train, 1,500 held out.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const folder = join(
  resolve(process.env.TENSORINE_DATA ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data')),
  'mnist_idx',
);
const FILES = ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'].map((name) => join(folder, name));

/** What to tell where the files are not, or false. */
export const missing = FILES.every((file) => existsSync(file)) ? false : `no MNIST in ${folder} (set TENSORINE_DATA)`;

/** The numbers of an IDX file, whose head says the shape: [n, ...]. */
function idx(file) {
  const bytes = gunzipSync(readFileSync(file)),
    rank = bytes[3];
  const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i)),
    values = bytes.subarray(4 + 4 * rank);
  if (bytes[2] !== 8 || values.length !== shape.reduce((a, b) => a * b))
    throw new Error(`${file} is no IDX file of bytes`);
  return { shape, values };
}

/** Four tensors: images [n, 28, 28, 1] from 0 to 1 and labels [n, 10], those to train with and those held out. */
export function mnist(tf, training = 8500) {
  const [images, labels] = FILES.map(idx),
    held = images.shape[0] - training;
  return tf.tidy(() => {
    const x = tf.tensor(
      Float32Array.from(images.values, (v) => v / 255),
      [...images.shape, 1],
    );
    const y = tf.oneHot(tf.tensor1d(Int32Array.from(labels.values), 'int32'), 10).toFloat();
    return {
      x: x.slice(0, training),
      y: y.slice(0, training),
      heldX: x.slice(training, held),
      heldY: y.slice(training, held),
    };
  });
}
