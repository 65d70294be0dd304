// Whole programs, as they are written for TensorFlow.js, run with both libraries: what they note on
// their way must be the same.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { asKeras } from '../lib/programs/differences.mjs';
import { notesOf, programs } from '../lib/programs/notes.mjs';
import { same } from '../lib/programs/same.mjs';

const { warn } = console;
console.warn = () => {};
const peer = asKeras(createRequire(import.meta.url)('@tensorflow/tfjs'));
console.warn = warn;
await peer.setBackend('cpu');

for (const name of Object.keys(programs))
  test(`program: ${name}`, async () => {
    const want = await notesOf(peer, name);
    assert.ok(Object.keys(want).length > 2, 'it notes what it does');
    same(await notesOf(tf, name), want, 1e-4, name);
  });
