// A few thousand calls of the random caller (tests/fuzz/random_caller.mjs) on ops and tensors, on what is
// written in JavaScript beside models, and on layers, models and what trains them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { randomCalls } from '../fuzz/random_caller.mjs';

// Some of the calls write files, where they are.
const folder = mkdtempSync(join(tmpdir(), 'random-caller-'));
const declared = JSON.parse(readFileSync(new URL('../../build/gen/ops.json', import.meta.url), 'utf8'));
const ops = new Set(declared.ops.map((op) => `tf.${op.path}`));

const SPACES = 'util|io|data|browser|node|string|fused|\\w+_util|kernel_impls';
const THINGS = 'GraphModel|Iterator|CSVDataset|CompositeArrayBuffer|FileSystem|SaveHandler|Memory|Writer|Environment';
const besideModels = new RegExp(`^(new )?tf\\.(${SPACES})\\.|^(${THINGS})\\.`);
const MODELS = 'Layer|Own|Recurrent|Cell|Wrapper|Model|Optimizer|OptimizerMap|Schedule|Metric|Callback|Part|Symbol';
const ofModels = new RegExp(`^((get |set )?(${MODELS})\\b|\\w.* (nearly|of odd data)$)`);

const SETS = {
  'ops and methods of tensors': (name) => ops.has(name) || /^(Tensor|Variable|Dataset)\./.test(name),
  'what is written in JavaScript beside models': (name) => besideModels.test(name),
  'layers, models, optimizers, metrics and callbacks': (name) => ofModels.test(name),
};

process.chdir(folder);
after(() => {
  process.chdir(import.meta.dirname);
  rmSync(folder, { recursive: true, force: true });
});

for (const [what, only] of Object.entries(SETS))
  test(`random calls of ${what} find nothing`, async () => {
    for (const seed of [1, 2]) {
      const { findings, targets } = await randomCalls(tf, { seed, calls: 2000, only });
      assert.ok(targets > 250);
      assert.deepEqual([...findings], [], `seed ${seed}`);
    }
  });
