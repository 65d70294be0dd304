// A small stored model for the tests of tf.io: its parts, its files, its weights as they should come out.
import assert from 'node:assert/strict';
import { afterEach } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

export const TOPOLOGY = { class_name: 'Sequential', config: [] };
export const SPECS = [
  { name: 'a/kernel', shape: [2, 3], dtype: 'float32' },
  { name: 'a/bias', shape: [3], dtype: 'float32' },
  { name: 'steps', shape: [], dtype: 'int32' },
];
const values = new Float32Array([1, 2, 3, 4, 5, 6, 0.5, -0.5, 0.25]);
export const BYTES = new Uint8Array([...new Uint8Array(values.buffer), 7, 0, 0, 0]);
export const MODEL = {
  format: 'layers-model',
  generatedBy: 'test',
  convertedBy: null,
  modelTopology: TOPOLOGY,
  userDefinedMetadata: { classes: ['x', 'y'] },
  weightsManifest: [
    { paths: ['one.bin', 'two.bin'], weights: SPECS.slice(0, 2) },
    { paths: ['sub/three.bin'], weights: SPECS.slice(2) },
  ],
};
export const FILES = {
  '/m/model.json': JSON.stringify(MODEL),
  '/m/one.bin': BYTES.slice(0, 10),
  '/m/two.bin': BYTES.slice(10, 36),
  '/m/sub/three.bin': BYTES.slice(36),
};
export const WANT = {
  'a/kernel': ['float32', [2, 3], [1, 2, 3, 4, 5, 6]],
  'a/bias': ['float32', [3], [0.5, -0.5, 0.25]],
  steps: ['int32', [], [7]],
};

/** Weights of artifacts, as plain numbers; the tensors are disposed. */
export function decoded({ weightData, weightSpecs }) {
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  const plain = Object.fromEntries(
    Object.entries(tensors).map(([name, t]) => [name, [t.dtype, t.shape, [...t.dataSync()]]]),
  );
  tf.dispose(tensors);
  return plain;
}

/** What assert.throws and assert.rejects take: our error, its code, pieces of its message. */
export function isError(code, ...texts) {
  return (error) => {
    assert.equal(error.name, 'TensorineError', error.stack);
    assert.equal(error.code, code, error.message);
    for (const text of texts) assert.ok(error.message.includes(text), `${error.message} has no ${text}`);
    return true;
  };
}

/** After each test of a file: nothing is left. */
export const leavesNothing = () =>
  afterEach(() => {
    assert.equal(tf.memory().numTensors, 0);
    assert.equal(tf.memory().numDataBuffers, 0);
  });
