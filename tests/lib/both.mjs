// Programs that run with this library and with TensorFlow.js: what comes out must be the same, or both
// must throw.
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
export { tf };

/** What a program gave, without tensors; fields in order, those that are null or undefined left out. */
function plain(value) {
  if (value === undefined) return 'undefined';
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.dataSync === 'function')
    return { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] };
  if ('sourceLayer' in value) return { shape: value.shape, dtype: value.dtype };
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return [...value];
  const fields = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, v]) => [name, plain(v)]));
}

const oneLine = (error) => String(error.message).replace(/\s+/g, ' ');

/** Runs a program with both: equal results, numbers within a bound. `throws`: both throw such a message. */
export async function both(program, throws, bound = 1e-4) {
  if (!throws) return same(plain(await program(tf)), plain(await program(peer)), bound, 'result');
  for (const lib of [peer, tf])
    await assert.rejects(
      async () => program(lib),
      (error) => throws.test(oneLine(error)) || assert.fail(`${lib === tf ? 'here' : 'there'}: ${error.message}`),
    );
}

/** What comes of a program with a library: a value, or an error. */
async function outcome(lib, program) {
  try {
    return { value: plain(await program(lib)) };
  } catch (error) {
    return { error };
  }
}

/**
 * A test for each program of an object: both give the same, or both throw. `differs` holds, by name, why
 * one need not; it must differ then.
 */
export function testBoth(programs, differs = {}, bound = 1e-4) {
  for (const [name, program] of Object.entries(programs))
    test(name, async () => {
      const want = await outcome(peer, program),
        got = await outcome(tf, program);
      const compare = () => {
        if (want.error) return assert.ok(got.error, `the peer throws: ${want.error.message}`);
        if (got.error) throw got.error;
        same(got.value, want.value, bound, name);
      };
      if (!differs[name]) return compare();
      assert.throws(compare, undefined, `it is the same as the peer's, but is listed: ${differs[name]}`);
    });
  test('every listed difference is of a program', () => {
    for (const name of Object.keys(differs)) assert.ok(programs[name], name);
  });
}

/** Numbers that look random and are the same in both libraries. */
export const waves = (lib, ...shape) =>
  lib.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
    shape,
  );

/** The artifacts of a model. */
export async function saved(lib, model, config) {
  let artifacts;
  await model.save(
    lib.io.withSaveHandler(async (a) => {
      artifacts = a;
      return { modelArtifactsInfo: {} };
    }),
    config,
  );
  return artifacts;
}

/** The model that is loaded of them. */
export const again = async (lib, model) => lib.loadLayersModel(lib.io.fromMemory(await saved(lib, model)));
