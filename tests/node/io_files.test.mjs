// Models in files and in memory, routes to handlers, and a real model.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';
import { BYTES, FILES, SPECS, TOPOLOGY, WANT, decoded, isError, leavesNothing } from './io_model.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = process.env.TENSORINE_DATA ?? join(root, '../shared/data');
const MOBILENET = join(data, 'mobilenet_v1_025_224_layers');
const noMobileNet = existsSync(MOBILENET) ? false : `${MOBILENET} is not there (set TENSORINE_DATA)`;

leavesNothing();

test('io: file:// saves a folder and loads it again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine io '));
  const artifacts = {
    modelTopology: TOPOLOGY,
    weightSpecs: SPECS,
    weightData: [BYTES.buffer.slice(0, 9), BYTES.buffer.slice(9)],
  };
  const [saver] = tf.io.getSaveHandlers(`file://${folder}/deep/er`);
  const { modelArtifactsInfo } = await saver.save(artifacts);
  assert.equal(modelArtifactsInfo.modelTopologyBytes, JSON.stringify(TOPOLOGY).length);
  const path = join(folder, 'deep/er/model.json');
  for (const from of [`file://${path}`, pathToFileURL(path).href]) {
    const [loader] = tf.io.getLoadHandlers(from);
    assert.deepEqual(decoded(await loader.load()), WANT);
  }
  const load = (options) => tf.io.fileSystem(path, options).load();
  const seen = [];
  await load({ onProgress: (f) => seen.push(f) });
  assert.equal(seen.at(-1), 1);
  await assert.rejects(load({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  truncateSync(join(folder, 'deep/er/weights.bin'), 12);
  await assert.rejects(load(), isError('file', 'weights.bin: 12 bytes', 'take 40'));
  unlinkSync(join(folder, 'deep/er/weights.bin'));
  await assert.rejects(load(), isError('file', 'Weight file', 'weights.bin does not exist'));
  await assert.rejects(
    tf.io.fileSystem(`${folder}/none.json`).load(),
    isError('file', 'none.json does not exist: loading failed'),
  );
  await assert.rejects(tf.io.fileSystem(`${path}/x`).save(artifacts), isError('file', 'cannot be written'));
  rmSync(folder, { recursive: true });
});

test('io: browserFiles matches files by name', async () => {
  const file = (path) => new File([FILES[path]], path.split('/').pop());
  const all = ['/m/model.json', '/m/sub/three.bin', '/m/two.bin', '/m/one.bin'].map(file);
  const load = (...list) => tf.io.browserFiles(list).load();
  assert.deepEqual(decoded(await load(...all)), WANT);
  assert.deepEqual(await load(all[0]), { modelTopology: TOPOLOGY });
  await assert.rejects(load(...all.slice(0, 3)), isError('file', "'one.bin' is not provided"));
  await assert.rejects(load(...all, new File(['x'], 'four.bin')), isError('file', '(3)', '(4)'));
  await assert.rejects(
    load(...all.slice(0, 3), new File(['x'], 'one.bin')),
    isError('file', 'one.bin (1), two.bin (26): 27 bytes', 'take 36'),
  );
  await assert.rejects(load(new File(['no'], 'm.json')), isError('file', 'm.json'));
  await assert.rejects(
    load(new File(['{"weightsManifest":[]}'], 'm.json')),
    isError('file', 'modelTopology field is missing from file m.json'),
  );
  assert.throws(() => tf.io.browserFiles([]), isError('value', 'at least 1 file'));
});

test('io: memory handlers hand on what they got', async () => {
  const artifacts = { modelTopology: TOPOLOGY, weightSpecs: SPECS, weightData: BYTES.buffer };
  assert.equal(await tf.io.fromMemory(artifacts).load(), artifacts);
  assert.equal(tf.io.fromMemorySync(artifacts).load(), artifacts);
  assert.deepEqual((await tf.io.fromMemory(TOPOLOGY, SPECS, BYTES.buffer).load()).weightSpecs, SPECS);
  assert.equal((await tf.io.fromMemory(TOPOLOGY).load()).modelTopology, TOPOLOGY);
  const got = [];
  const result = { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  assert.equal(
    await tf.io
      .withSaveHandler(async (a) => {
        got.push(a);
        return result;
      })
      .save(artifacts),
    result,
  );
  assert.equal(
    tf.io
      .withSaveHandlerSync((a) => {
        got.push(a);
        return result;
      })
      .save(artifacts),
    result,
  );
  assert.deepEqual(got, [artifacts, artifacts]);
  assert.equal(result.modelArtifactsInfo.weightSpecsBytes, JSON.stringify(SPECS).length);
});

test('io: routers of your own are asked', async () => {
  const handler = { load: async () => ({ modelTopology: TOPOLOGY }), save: async () => ({}) };
  tf.io.registerLoadRouter((path) => (String(path).startsWith('mine://') ? handler : null));
  tf.io.registerSaveRouter((path) => (String(path).startsWith('mine://') ? handler : null));
  assert.deepEqual(tf.io.getLoadHandlers('mine://x'), [handler]);
  assert.deepEqual(tf.io.getSaveHandlers('mine://x'), [handler]);
  assert.equal(tf.io.getLoadHandlers('ftp://x').length, 0);
  assert.equal(tf.io.getLoadHandlers(['http://a/b', 'http://a/c']).length, 1);
});

test('io: buffers are joined and cut', () => {
  const part = (...bytes) => new Uint8Array(bytes).buffer;
  const joined = new tf.io.CompositeArrayBuffer([
    part(1, 2, 3),
    part(),
    part(4),
    new Uint8Array([0, 5, 6]).subarray(1),
  ]);
  assert.equal(joined.byteLength, 6);
  const slice = (...range) => [...new Uint8Array(joined.slice(...range))];
  assert.deepEqual(
    [slice(), slice(2, 5), slice(3), slice(4, 3), slice(-3, 99)],
    [[1, 2, 3, 4, 5, 6], [3, 4, 5], [4, 5, 6], [], [1, 2, 3, 4, 5, 6]],
  );
  assert.deepEqual(new Uint8Array(tf.io.concatenateArrayBuffers([part(1), part(2)])), new Uint8Array([1, 2]));
  assert.equal(tf.io.CompositeArrayBuffer.join().byteLength, 0);
});

test('io: has the names of the peer', () => {
  const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
  assert.deepEqual(
    Object.keys(peer.io).filter((name) => !(name in tf.io)),
    [],
  );
  assert.deepEqual(
    Object.keys(peer.browser).filter((name) => !(name in tf.browser)),
    [],
  );
});

test('io: MobileNet from its folder', { skip: noMobileNet }, async () => {
  const { weightData, weightSpecs } = await tf.io.fileSystem(join(MOBILENET, 'model.json')).load();
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  assert.equal(Object.keys(tensors).length, 137);
  assert.deepEqual(tensors['conv1/kernel'].shape, [3, 3, 3, 8]);
  const first = readFileSync(join(MOBILENET, 'group1-shard1of1'));
  assert.deepEqual(tensors['conv1/kernel'].dataSync(), new Float32Array(new Uint8Array(first).buffer));
  tf.dispose(tensors);
});

test('io: a graph model given to loadLayersModel names loadGraphModel', async () => {
  const node = [{ name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' } } }];
  const modelTopology = { node, library: {}, versions: {} };
  const handler = tf.io.fromMemory({
    modelTopology,
    format: 'graph-model',
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  });
  await assert.rejects(tf.loadLayersModel(handler), isError('file', 'loaded by tf.loadGraphModel'));
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-graph-'));
  await tf.io.getSaveHandlers(`file://${folder}`)[0].save({ modelTopology, format: 'graph-model' });
  await assert.rejects(
    tf.loadLayersModel(`file://${folder}/model.json`),
    isError('file', 'loaded by tf.loadGraphModel'),
  );
  rmSync(folder, { recursive: true });
});

test('io: files with relative paths are those of the folder at the call', async () => {
  const here = process.cwd(),
    folder = mkdtempSync(join(tmpdir(), 'tensorine-here-'));
  const [first, second] = ['first', 'second'].map((name) => join(folder, name));
  for (const at of [first, second]) mkdirSync(at);
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  try {
    process.chdir(first);
    writeFileSync('t.csv', 'a\n1\n');
    const table = tf.data.csv('file://t.csv');
    const callbacks = [tf.node.tensorBoard('logs'), new tf.CSVLogger('log.csv')];
    const writer = tf.node.summaryFileWriter('more');
    const saved = model.save('file://model');
    process.chdir(second);
    await saved;
    await writer.flush();
    const x = tf.ones([2, 1]);
    await model.fit(x, x, { epochs: 1, verbose: 0, callbacks });
    x.dispose();
    assert.deepEqual(await table.toArray(), [{ a: 1 }]);
    assert.deepEqual(readdirSync(second), []);
    assert.deepEqual(readdirSync(first).sort(), ['log.csv', 'logs', 'model', 'more', 't.csv']);
  } finally {
    process.chdir(here);
    rmSync(folder, { recursive: true });
    tf.disposeVariables();
    model.dispose();
  }
});
