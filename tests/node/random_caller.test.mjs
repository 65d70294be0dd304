// A few thousand calls of the random caller (tests/fuzz/random_caller.mjs) on ops and tensors.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { randomCalls } from '../fuzz/random_caller.mjs';

const declared = JSON.parse(readFileSync(new URL('../../build/gen/ops.json', import.meta.url), 'utf8'));
const ops = new Set(declared.ops.map((op) => `tf.${op.path}`));

test('random calls of ops and methods of tensors find nothing', async () => {
  const only = (name) => ops.has(name) || /^(Tensor|Variable|Dataset)\./.test(name);
  for (const seed of [1, 2]) {
    const { findings, targets } = await randomCalls(tf, { seed, calls: 3000, only });
    assert.ok(targets > 250);
    assert.deepEqual([...findings], [], `seed ${seed}`);
  }
});
