// Weights to tensors and back, with what can be wrong in a manifest.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { BYTES, SPECS, decoded, isError, leavesNothing } from './io_model.mjs';

leavesNothing();

test('io: weights encode and decode to the same', async () => {
  const tensors = {
    a: tf.tensor([
      [1, 2],
      [3, 4.5],
    ]),
    b: tf.tensor([true, false]),
    c: tf.tensor(-3, [], 'int32'),
    d: tf.zeros([0, 2]),
  };
  const { data: bytes, specs } = await tf.io.encodeWeights(tensors, 'optimizer');
  assert.deepEqual(specs, [
    { name: 'a', shape: [2, 2], dtype: 'float32', group: 'optimizer' },
    { name: 'b', shape: [2], dtype: 'bool', group: 'optimizer' },
    { name: 'c', shape: [], dtype: 'int32', group: 'optimizer' },
    { name: 'd', shape: [0, 2], dtype: 'float32', group: 'optimizer' },
  ]);
  assert.equal(bytes.byteLength, 22);
  const list = await tf.io.encodeWeights(Object.entries(tensors).map(([name, tensor]) => ({ name, tensor })));
  assert.deepEqual(list.data, bytes);
  assert.equal('group' in list.specs[0], false);
  tf.dispose(tensors);
  assert.deepEqual(decoded({ weightData: [bytes.slice(0, 3), bytes.slice(3)], weightSpecs: specs }), {
    a: ['float32', [2, 2], [1, 2, 3, 4.5]],
    b: ['bool', [2], [1, 0]],
    c: ['int32', [], [-3]],
    d: ['float32', [0, 2], []],
  });
});

test('io: quantized weights are those of the peer', async () => {
  const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
  const bytes = new Uint8Array(4096).map((_, i) => (i * 7919 + (i >> 3)) & 255);
  const specs = [
    ['uint8', 'float32', 512],
    ['uint16', 'float32', 256],
    ['uint8', 'int32', 1024],
    ['uint16', 'int32', 512],
    ['float16', 'float32', 512],
  ].map(([dtype, to, n], i) => ({
    name: `w${i}`,
    shape: [n / 2, 2],
    dtype: to,
    quantization: { dtype, ...(dtype !== 'float16' && { scale: 0.0123 * (i + 1), min: -1.5 }) },
  }));
  const total = 512 + 512 + 1024 + 1024 + 1024;
  const theirs = peer.io.decodeWeights(bytes.buffer.slice(0, total), specs);
  const ours = tf.io.decodeWeights(bytes.buffer.slice(0, total), specs);
  for (const { name } of specs) assert.deepEqual([...ours[name].dataSync()], [...theirs[name].dataSync()], name);
  tf.dispose(ours);
});

test('io: weights of many pieces and of more than one block are put together', () => {
  const n = 3 << 20,
    big = new Float32Array(n).map((_, i) => i % 1009);
  const parts = [big.buffer.slice(0, 5), big.buffer.slice(5, 9 << 20), new ArrayBuffer(0), big.buffer.slice(9 << 20)];
  const { w } = tf.io.decodeWeights(parts, [{ name: 'w', shape: [n], dtype: 'float32' }]);
  assert.deepEqual(w.dataSync(), big);
  w.dispose();
});

test('io: wrong byte counts, dtypes and shapes name the weight', () => {
  const refuse = (specs, bytes, code, ...texts) =>
    assert.throws(() => tf.io.decodeWeights(new ArrayBuffer(bytes), specs), isError(code, ...texts));
  const w = { name: 'w', shape: [4], dtype: 'float32' };
  refuse([w, { ...w, name: 'v' }], 20, 'file', '"v" takes 16 bytes', 'only 4 of 20');
  refuse([{ ...w, dtype: 'float64' }], 32, 'dtype', "Unsupported dtype in weight 'w': float64");
  refuse([{ ...w, shape: [65536, 65536, 2] }], 0, 'shape', 'w: shape [65536, 65536, 2] needs more than 2 GiB');
  refuse([{ ...w, shape: [-4] }], 16, 'file', '"w"');
  refuse([{ ...w, shape: [2.5] }], 10, 'file', '"w"');
  refuse([{ ...w, shape: undefined }], 16, 'file', '"w" has no shape');
  refuse([{ ...w, quantization: { dtype: 'uint8' } }], 4, 'file', '"w"', 'scale or min');
  refuse([{ ...w, quantization: { dtype: 'int4', scale: 1, min: 0 } }], 2, 'dtype', 'int4');
  refuse([{ shape: [4], dtype: 'float32' }], 16, 'file', 'no name');
  refuse({ not: 'an array' }, 0, 'file', 'not a JSON array');
  refuse(undefined, 0, 'file', 'JSON');
  let deep = 0;
  for (let i = 0; i < 2000; i++) deep = [deep];
  refuse([{ ...w, extra: deep }], 16, 'file', 'nested deeper');
  assert.deepEqual(
    decoded({ weightData: BYTES.buffer.slice(0, 24), weightSpecs: SPECS.slice(0, 1) })['a/kernel'][2],
    [1, 2, 3, 4, 5, 6],
  );
});

test('io: bytes after the last weight are left alone, as in the peer', async () => {
  const specs = [{ name: 'w', shape: [2], dtype: 'float32' }],
    bytes = new Float32Array([1, 2, 3]).buffer;
  const stream = () => new Blob([bytes, bytes]).stream();
  for (const made of [
    tf.io.decodeWeights(bytes, specs),
    tf.io.decodeWeights([bytes.slice(0, 4), bytes.slice(4)], specs),
    await tf.io.decodeWeightsStream(stream(), specs),
  ]) {
    assert.deepEqual([...made.w.dataSync()], [1, 2]);
    made.w.dispose();
  }
  const texts = tf.io.decodeWeights(new Uint8Array([1, 0, 0, 0, 65, 9, 9]).buffer, [
    { name: 't', shape: [1], dtype: 'string' },
  ]);
  assert.deepEqual(texts.t.dataSync(), ['A']);
  texts.t.dispose();
});

test('io: names that JavaScript has already, and names given twice', () => {
  const two = new Float32Array([1, 2]).buffer;
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const tensors = tf.io.decodeWeights(two, [{ name, shape: [2], dtype: 'float32' }]);
    assert.deepEqual(Object.keys(tensors), [name]);
    Object.values(tensors)[0].dispose();
  }
  const { w } = tf.io.decodeWeights(two, [
    { name: 'w', shape: [], dtype: 'float32' },
    { name: 'w', shape: [], dtype: 'float32' },
  ]);
  assert.equal(w.dataSync()[0], 2);
  w.dispose();
});

test('io: weights in tidy are disposed with it', () => {
  tf.tidy(() => {
    tf.io.decodeWeights(BYTES.buffer, SPECS);
  });
});
