// Real models in Node, on every kind of host there is: plain and shared memory, threads, and with
// a newer Node fused multiply-add; and real photographs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';
import { readPicture } from '../../demo/pictures.mjs';
import { GRAPHS, MODELS, PHOTOS, inputOf, topThree } from '../lib/references.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const skip = existsSync(join(data, 'reference')) ? false : `no reference models in ${data} (set TENSORINE_DATA)`;
const relaxed = Number(process.versions.node.split('.')[0]) >= 22 ? [] : ['--experimental-wasm-relaxed-simd'];

const HOSTS = {
  'plain memory': { flags: 'shared=0,relaxed=0' },
  'one thread': { flags: 'relaxed=0' },
  'two threads': { flags: 'threads=2,relaxed=0' },
  'relaxed SIMD': { flags: 'threads=1', args: relaxed },
  'relaxed SIMD, two threads': { flags: 'threads=2', args: relaxed },
};

/** Differences by model, from a process of its own. */
function differences({ flags, args = [] }) {
  const code = `
    import { readFileSync } from 'node:fs';
    import { pathToFileURL } from 'node:url';
    import * as tf from ${JSON.stringify(pathToFileURL(join(root, 'dist/tensorine.mjs')).href)};
    import { GRAPHS, MODELS, compare } from ${JSON.stringify(pathToFileURL(join(root, 'tests/lib/references.mjs')).href)};
    const data = ${JSON.stringify(data)}, found = {};
    for (const name of [...MODELS, ...GRAPHS]) {
      const reference = JSON.parse(readFileSync(data + '/reference/' + name + '.json', 'utf8'));
      found[name] = await compare(tf, pathToFileURL(data + '/' + reference.model).href, reference);
    }
    console.log(JSON.stringify(found));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 120000,
    env: { ...process.env, TENSORINE_FLAGS: flags },
  });
  assert.equal(status, 0, stderr.slice(-2000));
  return JSON.parse(stdout);
}

for (const [name, host] of Object.entries(HOSTS))
  test(`models agree with their references: ${name}`, { skip }, () => {
    const found = differences(host);
    for (const model of [...MODELS, ...GRAPHS]) assert.ok(found[model] <= 1e-4, `${model} differs by ${found[model]}`);
  });

test('photographs have their class in the first three', { skip }, async () => {
  const before = tf.memory().numTensors;
  const model = await tf.loadLayersModel(pathToFileURL(join(data, 'mobilenet_v1_025_224_layers/model.json')).href);
  for (const [name, classes] of Object.entries(PHOTOS)) {
    const picture = readPicture(tf, join(data, `photos/${name}.jpg`));
    const found = topThree(tf, model, picture);
    picture.dispose();
    assert.ok(
      classes.some((c) => found.includes(c)),
      `${name}: ${found}, not ${classes}`,
    );
  }
  model.dispose();
  assert.equal(tf.memory().numTensors, before);
});

for (const name of MODELS)
  test(`${name} made again from its JSON and weights, or saved and loaded, predicts the same`, { skip }, async () => {
    const before = tf.memory().numTensors;
    const reference = JSON.parse(readFileSync(join(data, 'reference', `${name}.json`), 'utf8'));
    let fraction = 0,
      artifacts;
    const model = await tf.loadLayersModel(pathToFileURL(join(data, reference.model)).href, {
      onProgress: (part) => {
        fraction = part;
      },
    });
    assert.equal(fraction, 1);
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: {} };
      }),
    );
    const again = [
      await tf.models.modelFromJSON(model.toJSON(null, false)),
      await tf.loadLayersModel(tf.io.fromMemory(artifacts)),
    ];
    again[0].setWeights(model.getWeights());
    tf.tidy(() => {
      const x = tf.randomUniform(reference.inputs[0].shape, 0, 1, 'float32', 1),
        expected = model.predict(x).dataSync();
      for (const other of again) assert.deepEqual(other.predict(x).dataSync(), expected);
    });
    for (const each of [model, ...again]) each.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

await peer.setBackend('cpu');

/** What a library's model of these artifacts answers to a reference's inputs: shapes and values. */
async function answers(lib, artifacts, reference) {
  const graph = reference.format === 'graph-model',
    model = await lib[graph ? 'loadGraphModel' : 'loadLayersModel'](lib.io.fromMemory(artifacts));
  const inputs = reference.inputs.map((given) => inputOf(lib, given)),
    outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
  const found = outputs.map((t) => ({ shape: t.shape, values: t.dataSync() }));
  lib.dispose([inputs, outputs]);
  model.dispose();
  return found;
}

for (const name of [...MODELS, ...GRAPHS])
  test(`${name} as Tensorine saves it is the same here, and for TensorFlow.js`, { skip, timeout: 120000 }, async () => {
    const before = tf.memory().numTensors,
      reference = JSON.parse(readFileSync(join(data, 'reference', `${name}.json`), 'utf8'));
    const load = reference.format === 'graph-model' ? tf.loadGraphModel : tf.loadLayersModel;
    const model = await load(pathToFileURL(join(data, reference.model)).href);
    let saved;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: {} };
      }),
    );
    const inputs = reference.inputs.map((given) => inputOf(tf, given)),
      outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
    const first = outputs.map((t) => ({ shape: t.shape, values: t.dataSync() }));
    tf.dispose([inputs, outputs]);
    model.dispose();
    assert.deepEqual(await answers(tf, saved, reference), first);
    const theirs = await answers(peer, saved, reference);
    first.forEach(({ shape, values }, i) => {
      assert.deepEqual(theirs[i].shape, shape);
      const worst = values.reduce((most, v, k) => Math.max(most, Math.abs(v - theirs[i].values[k])), 0);
      assert.ok(worst <= 1e-4, `differs by ${worst}`);
    });
    assert.equal(tf.memory().numTensors, before);
  });
