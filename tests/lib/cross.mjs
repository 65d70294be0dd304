// One case run with TensorFlow.js and with this library; what comes of it, as plain values.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { same } from './programs/same.mjs';

const { warn } = console;
console.warn = () => {};
export const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;
await peer.setBackend('cpu');

/** Values without tensors; fields that are undefined are left out. */
export function plain(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.dataSync === 'function') return { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined && v !== null).map(([key, v]) => [key, plain(v)]).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a case gives with a library, or that it throws. */
async function outcome(lib, run) {
  try {
    return { value: plain(await run(lib)) };
  } catch (error) {
    return { error };
  }
}

/**
 * A test for each case: both libraries give the same, or both throw. `differs` holds, by name, why a
 * case need not; it must differ then.
 */
export function crossTests(cases, differs = {}, bound = 1e-4) {
  for (const [name, run] of Object.entries(cases)) test(name, async () => {
    const want = await outcome(peer, run), got = await outcome(tf, run);
    const compare = () => {
      if (want.error) return assert.ok(got.error, `the peer throws: ${want.error.message}`);
      if (got.error) throw got.error;
      same(got.value, want.value, bound, name);
    };
    if (!differs[name]) return compare();
    assert.throws(compare, undefined, `it is the same as the peer's, but is listed: ${differs[name]}`);
  });
  test('every listed difference is of a case', () => {
    for (const name of Object.keys(differs)) assert.ok(cases[name], name);
  });
}
