// One program for both libraries: what comes out here and in TensorFlow.js is compared.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as tf from '../../dist/tensorine.mjs';
import { numbers, product } from './layers.mjs';

const warn = console.warn;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;
await peer.setBackend('cpu');
export { tf, peer, numbers };

export const T = (lib, shape, scale) => lib.tensor(numbers(product(shape), scale), shape);
/** Gives a layer or model weights that look random and are the same in both. */
export function fix(lib, layer) {
  layer.setWeights(layer.getWeights().map((w) => lib.tensor(numbers(w.size, 0.8), w.shape)));
  return layer;
}

function plain(v) {
  if (v === undefined) return null;
  if (typeof v?.dataSync === 'function') return { shape: v.shape, dtype: v.dtype, values: [...v.dataSync()] };
  if (v && typeof v === 'object' && 'sourceLayer' in v) return { shape: v.shape, dtype: v.dtype };
  if (Array.isArray(v)) return v.map(plain);
  return v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)])) : v;
}

function alike(a, b, path) {
  if (typeof a === 'number' && typeof b === 'number') assert.ok(a === b || Math.abs(a - b) <= 2e-5 * Math.max(1, Math.abs(b)), `${path} is ${a}, the peer's ${b}`);
  else if (a && b && typeof a === 'object') {
    assert.deepEqual(Object.keys(a), Object.keys(b), path);
    for (const key of Object.keys(b)) alike(a[key], b[key], `${path}.${key}`);
  } else assert.deepEqual(a, b, path);
}

/** f(lib) must give the same in both. */
export async function compare(f) { alike(plain(await f(tf)), plain(await f(peer)), 'result'); }

/** f(lib) must fail in both, in words that a program may look for. */
export function bothFail(f, words) {
  for (const lib of [peer, tf]) assert.throws(() => f(lib), (error) => words.test(String(error.message).replace(/\s+/g, ' ')) || assert.fail(`${lib === tf ? 'ours' : 'peer'}: ${error.message}`));
}
