// A few thousand calls of the random caller (tests/fuzz/random_caller.mjs) on ops and tensors, and on
// layers, models and what trains them.
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

test('random calls of layers, models, optimizers, metrics and callbacks find nothing', async () => {
  const only = (name) => /^((get |set )?(Layer|Own|Recurrent|Cell|Wrapper|Model|Optimizer|OptimizerMap|Schedule|Metric|Callback|Part|Symbol)\b|\w.* (nearly|of odd data)$)/.test(name);
  const { findings, targets } = await randomCalls(tf, { seed: 1, calls: 5000, only });
  assert.ok(targets > 500, String(targets));
  assert.deepEqual([...findings], []);
});
