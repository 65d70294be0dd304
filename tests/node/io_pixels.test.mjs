// tf.browser without a browser: pixel data to tensors and back.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

afterEach(() => assert.equal(tf.memory().numTensors, 0));
const refuses = (f, code, text) =>
  assert.throws(f, (e) => (e.code === code && e.message.includes(text)) || assert.fail(`${e.code}: ${e.message}`));

test('fromPixels: channels of pixel data', async () => {
  const pixels = { width: 2, height: 1, data: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 255]) };
  for (const [channels, want] of [
    [1, [1, 5]],
    [3, [1, 2, 3, 5, 6, 7]],
    [4, [...pixels.data]],
    [undefined, [1, 2, 3, 5, 6, 7]],
  ]) {
    const x = tf.browser.fromPixels(pixels, channels);
    assert.deepEqual([x.dtype, x.shape, [...x.dataSync()]], ['int32', [1, 2, channels ?? 3], want]);
    x.dispose();
  }
  (await tf.browser.fromPixelsAsync(pixels)).dispose();
  tf.tidy(() => {
    tf.browser.fromPixels(pixels);
  });
  tf.browser.fromPixels({ width: 0, height: 3, data: new Uint8Array(0) }).dispose();
});

test('fromPixels: refuses what is no picture', async () => {
  const pixels = { width: 2, height: 1, data: new Uint8Array(8) };
  refuses(() => tf.browser.fromPixels(null), 'value', 'can not be null');
  refuses(() => tf.browser.fromPixels({}), 'value', 'but was Object');
  refuses(() => tf.browser.fromPixels('x.png'), 'value', 'but was String');
  refuses(() => tf.browser.fromPixels(pixels, 5), 'value', 'more than 4 channels');
  refuses(() => tf.browser.fromPixels(pixels, 0), 'value', 'numChannels is 0');
  refuses(() => tf.browser.fromPixels({ ...pixels, width: 3 }), 'value', '3 x 1 pixels take 12 bytes, but data has 8');
  refuses(() => tf.browser.fromPixels({ ...pixels, width: undefined }), 'value', 'data has 8');
  refuses(() => tf.browser.fromPixels({ width: -2, height: -1, data: new Uint8Array(8) }), 'shape', '-1');
  await assert.rejects(tf.browser.fromPixelsAsync(null), { code: 'value' });
});

test('toPixels: grey, RGB, RGBA, floats, ints and arrays', async () => {
  const draws = async (img, want) => {
    const bytes = await tf.browser.toPixels(img);
    assert.ok(bytes instanceof Uint8ClampedArray);
    assert.deepEqual([...bytes], want);
    if (img instanceof tf.Tensor) img.dispose();
  };
  await draws(tf.tensor([[0, 0.5, 1]]), [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
  await draws(tf.tensor([[[10, 20, 30]]], [1, 1, 3], 'int32'), [10, 20, 30, 255]);
  await draws(tf.tensor([[[10, 20, 30, 40]]], [1, 1, 4], 'int32'), [10, 20, 30, 40]);
  await draws([[[10, 20, 30]]], [10, 20, 30, 255]);
  await draws([[7]], [7, 7, 7, 255]);
});

test('toPixels: refuses other shapes, values and dtypes', async () => {
  const rejects = async (img, code, text) => {
    await assert.rejects(
      tf.browser.toPixels(img),
      (e) => (e.code === code && e.message.includes(text)) || assert.fail(`${e.code}: ${e.message}`),
    );
    if (img instanceof tf.Tensor) img.dispose();
  };
  await rejects(tf.tensor([1, 2]), 'shape', 'rank 1');
  await rejects(tf.zeros([1, 1, 2]), 'shape', '1, 3 or 4 but got 2');
  await rejects(tf.tensor([[true]]), 'dtype', 'bool');
  await rejects(tf.tensor([[-0.5]]), 'value', '[0 - 1] but encountered -0.5');
  await rejects([[256]], 'value', '[0 - 255] but encountered 256');
  const gone = tf.zeros([1, 1]);
  gone.dispose();
  await rejects(gone, 'disposed', 'disposed');
});
