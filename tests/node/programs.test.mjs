// Whole programs, as they are written for TensorFlow.js, run with both libraries: what they note on
// their way must be the same.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { programs as control } from '../lib/programs/control.mjs';
import { programs as pictures } from '../lib/programs/pictures.mjs';
import { programs as sequences } from '../lib/programs/sequences.mjs';

const { warn } = console;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;
await peer.setBackend('cpu');

/** What was noted, without tensors. */
function plain(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.dataSync === 'function') return { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
}

async function notesOf(lib, program) {
  const notes = {};
  await program(lib, (name, value) => { notes[name] = plain(value); });
  return notes;
}

/** Numbers may differ by 1e-4 of themselves, or of the largest beside them. */
function same(got, want, what, scale = 0) {
  if (typeof want === 'number' && typeof got === 'number')
    return assert.ok(Object.is(got, want) || Math.abs(got - want) <= 1e-4 * Math.max(Math.abs(want), scale, 1e-3), `${what}: ${got}, the peer has ${want}`);
  if (want === null || typeof want !== 'object') return assert.strictEqual(got, want, what);
  assert.deepEqual(Object.keys(got), Object.keys(want), what);
  const sizes = Array.isArray(want) ? want.filter((v) => typeof v === 'number').map(Math.abs) : [];
  for (const key of Object.keys(want)) same(got[key], want[key], `${what}, ${key}`, sizes.reduce((a, b) => Math.max(a, b), 0));
}

for (const [name, program] of Object.entries({ ...sequences, ...pictures, ...control })) test(`program: ${name}`, async () => {
  const want = await notesOf(peer, program);
  assert.ok(Object.keys(want).length > 2, 'it notes what it does');
  same(await notesOf(tf, program), want, name);
});
