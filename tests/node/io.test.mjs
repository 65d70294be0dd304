// tf.io in Node: weights to tensors and back, models over http, in files and in memory, and all that
// can go wrong with them. Every test ends with no tensors left.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, existsSync, rmSync, truncateSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = process.env.TENSORINE_DATA ?? join(root, '../shared/data');
const MOBILENET = join(data, 'mobilenet_v1_025_224_layers');
const noMobileNet = existsSync(MOBILENET) ? false : `${MOBILENET} is not there (set TENSORINE_DATA)`;

const TOPOLOGY = { class_name: 'Sequential', config: [] };
const SPECS = [
  { name: 'a/kernel', shape: [2, 3], dtype: 'float32' },
  { name: 'a/bias', shape: [3], dtype: 'float32' },
  { name: 'steps', shape: [], dtype: 'int32' },
];
const values = new Float32Array([1, 2, 3, 4, 5, 6, 0.5, -0.5, 0.25]);
const BYTES = new Uint8Array([...new Uint8Array(values.buffer), 7, 0, 0, 0]);
const MODEL = {
  format: 'layers-model', generatedBy: 'test', convertedBy: null, modelTopology: TOPOLOGY,
  userDefinedMetadata: { classes: ['x', 'y'] },
  weightsManifest: [
    { paths: ['one.bin', 'two.bin'], weights: SPECS.slice(0, 2) }, { paths: ['sub/three.bin'], weights: SPECS.slice(2) },
  ],
};
/** Files of a server: bytes, text, or a function of the response. */
const FILES = {
  '/m/model.json': JSON.stringify(MODEL),
  '/m/one.bin': BYTES.slice(0, 10), '/m/two.bin': BYTES.slice(10, 36), '/m/sub/three.bin': BYTES.slice(36),
};

let server, url, files, requests;

before(async () => {
  server = createServer(async (request, response) => {
    const body = [];
    for await (const piece of request) body.push(piece);
    const path = new URL(request.url, 'http://x').pathname;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(body) });
    const file = files[path];
    if (typeof file === 'function') return file(response);
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' });
    response.end(file === undefined ? 'no such file' : Buffer.from(file));
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => { server.closeAllConnections(); server.close(); });

const reset = () => { files = { ...FILES }; requests = []; };
reset();
afterEach(() => {
  reset();
  assert.equal(tf.memory().numTensors, 0);
  assert.equal(tf.memory().numDataBuffers, 0);
});

const artifactsOf = (options, path = '/m/model.json') => tf.io.http(url + path, options).load();
/** Weights of artifacts, as plain numbers; the tensors are disposed. */
function decoded({ weightData, weightSpecs }) {
  const tensors = tf.io.decodeWeights(weightData, weightSpecs);
  const plain = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, [t.dtype, t.shape, [...t.dataSync()]]]));
  tf.dispose(tensors);
  return plain;
}
const WANT = {
  'a/kernel': ['float32', [2, 3], [1, 2, 3, 4, 5, 6]], 'a/bias': ['float32', [3], [0.5, -0.5, 0.25]], steps: ['int32', [], [7]],
};
const isError = (code, ...texts) => (error) => {
  assert.equal(error.name, 'TensorineError', error.stack);
  assert.equal(error.code, code, error.message);
  for (const text of texts) assert.ok(error.message.includes(text), `${error.message} has no ${text}`);
  return true;
};

// ---- weights

test('io: weights encode and decode to the same', async () => {
  const tensors = { a: tf.tensor([[1, 2], [3, 4.5]]), b: tf.tensor([true, false]), c: tf.tensor(-3, [], 'int32'), d: tf.zeros([0, 2]) };
  const { data: bytes, specs } = await tf.io.encodeWeights(tensors, 'optimizer');
  assert.deepEqual(specs, [
    { name: 'a', shape: [2, 2], dtype: 'float32', group: 'optimizer' }, { name: 'b', shape: [2], dtype: 'bool', group: 'optimizer' },
    { name: 'c', shape: [], dtype: 'int32', group: 'optimizer' }, { name: 'd', shape: [0, 2], dtype: 'float32', group: 'optimizer' }]);
  assert.equal(bytes.byteLength, 22);
  const list = await tf.io.encodeWeights(Object.entries(tensors).map(([name, tensor]) => ({ name, tensor })));
  assert.deepEqual(list.data, bytes);
  assert.equal('group' in list.specs[0], false);
  tf.dispose(tensors);
  assert.deepEqual(decoded({ weightData: [bytes.slice(0, 3), bytes.slice(3)], weightSpecs: specs }),
    { a: ['float32', [2, 2], [1, 2, 3, 4.5]], b: ['bool', [2], [1, 0]], c: ['int32', [], [-3]], d: ['float32', [0, 2], []] });
});

test('io: quantized weights are those of the peer', async () => {
  const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
  const bytes = new Uint8Array(4096).map((_, i) => (i * 7919 + (i >> 3)) & 255);
  const specs = [
    ['uint8', 'float32', 512], ['uint16', 'float32', 256], ['uint8', 'int32', 1024], ['uint16', 'int32', 512], ['float16', 'float32', 512],
  ].map(([dtype, to, n], i) => ({
    name: `w${i}`, shape: [n / 2, 2], dtype: to, quantization: { dtype, ...(dtype !== 'float16' && { scale: 0.0123 * (i + 1), min: -1.5 }) },
  }));
  const total = 512 + 512 + 1024 + 1024 + 1024;
  const theirs = peer.io.decodeWeights(bytes.buffer.slice(0, total), specs);
  const ours = tf.io.decodeWeights(bytes.buffer.slice(0, total), specs);
  for (const { name } of specs)
    assert.deepEqual([...ours[name].dataSync()], [...theirs[name].dataSync()], name);
  tf.dispose(ours);
});

test('io: weights of many pieces and of more than one block are put together', () => {
  const n = 3 << 20, big = new Float32Array(n).map((_, i) => i % 1009);
  const parts = [big.buffer.slice(0, 5), big.buffer.slice(5, 9 << 20), new ArrayBuffer(0), big.buffer.slice(9 << 20)];
  const { w } = tf.io.decodeWeights(parts, [{ name: 'w', shape: [n], dtype: 'float32' }]);
  assert.deepEqual(w.dataSync(), big);
  w.dispose();
});

test('io: wrong byte counts, dtypes and shapes name the weight', () => {
  const refuse = (specs, bytes, code, ...texts) =>
    assert.throws(() => tf.io.decodeWeights(new ArrayBuffer(bytes), specs), isError(code, ...texts));
  const w = { name: 'w', shape: [4], dtype: 'float32' };
  refuse([w, { ...w, name: 'v' }], 20, 'file', '"v" takes 16 bytes', 'only 4 of 20');
  refuse([w], 20, 'file', 'take 16 bytes, but there are 20');
  refuse([{ ...w, dtype: 'float64' }], 32, 'dtype', '"w" has dtype float64');
  refuse([{ ...w, shape: [65536, 65536, 2] }], 0, 'shape', 'w: shape [65536, 65536, 2] needs more than 2 GiB');
  refuse([{ ...w, shape: [-4] }], 16, 'file', '"w"');
  refuse([{ ...w, shape: [2.5] }], 10, 'file', '"w"');
  refuse([{ ...w, shape: undefined }], 16, 'file', '"w" has no shape');
  refuse([{ ...w, quantization: { dtype: 'uint8' } }], 4, 'file', '"w"', 'scale or min');
  refuse([{ ...w, quantization: { dtype: 'int4', scale: 1, min: 0 } }], 2, 'dtype', 'int4');
  refuse([{ shape: [4], dtype: 'float32' }], 16, 'file', 'no name');
  refuse({ not: 'an array' }, 0, 'file', 'not a JSON array');
  refuse(undefined, 0, 'file', 'JSON');
  let deep = 0;
  for (let i = 0; i < 2000; i++) deep = [deep];
  refuse([{ ...w, extra: deep }], 16, 'file', 'nested deeper');
  assert.deepEqual(decoded({ weightData: BYTES.buffer.slice(0, 24), weightSpecs: SPECS.slice(0, 1) })['a/kernel'][2], [1, 2, 3, 4, 5, 6]);
});

test('io: names that JavaScript has already, and names given twice', () => {
  const two = new Float32Array([1, 2]).buffer;
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const tensors = tf.io.decodeWeights(two, [{ name, shape: [2], dtype: 'float32' }]);
    assert.deepEqual(Object.keys(tensors), [name]);
    Object.values(tensors)[0].dispose();
  }
  const { w } = tf.io.decodeWeights(two, [{ name: 'w', shape: [], dtype: 'float32' }, { name: 'w', shape: [], dtype: 'float32' }]);
  assert.equal(w.dataSync()[0], 2);
  w.dispose();
});

test('io: weights in tidy are disposed with it', () => {
  tf.tidy(() => { tf.io.decodeWeights(BYTES.buffer, SPECS); });
});

// ---- http

test('io: http loads groups, shards and folders, and tells of progress', async () => {
  const seen = [];
  const artifacts = await artifactsOf({ onProgress: (fraction, bytes) => seen.push([fraction, bytes.loaded, bytes.total]) });
  assert.deepEqual(decoded(artifacts), WANT);
  assert.deepEqual(artifacts.weightSpecs, SPECS);
  assert.deepEqual(artifacts.modelTopology, TOPOLOGY);
  assert.deepEqual(artifacts.userDefinedMetadata, MODEL.userDefinedMetadata);
  assert.equal(artifacts.format, 'layers-model');
  assert.equal('convertedBy' in artifacts, false);
  assert.deepEqual(seen.at(-1), [1, 40, 40]);
  for (let i = 1; i < seen.length; i++) assert.ok(seen[i][0] >= seen[i - 1][0]);
});

test('io: http takes prefixes, converters, queries, headers and a fetch of your own', async () => {
  files['/else/one.bin'] = files['/m/one.bin'];
  files['/else/two.bin'] = files['/m/two.bin'];
  files['/else/sub/three.bin'] = files['/m/sub/three.bin'];
  assert.deepEqual(decoded(await artifactsOf({ weightPathPrefix: `${url}/else/` })), WANT);
  const names = [];
  const weightUrlConverter = async (name) => { names.push(name); return `${url}/else/${name}`; };
  assert.deepEqual(decoded(await artifactsOf({ weightUrlConverter })), WANT);
  assert.deepEqual(names.sort(), ['one.bin', 'sub/three.bin', 'two.bin']);
  requests = [];
  await artifactsOf({ requestInit: { headers: { 'X-Key': 'k' } } }, '/m/model.json?v=2/3');
  assert.deepEqual(requests.map((r) => r.url).sort(),
    ['/m/model.json?v=2/3', '/m/one.bin?v=2/3', '/m/sub/three.bin?v=2/3', '/m/two.bin?v=2/3']);
  assert.ok(requests.every((r) => r.headers['x-key'] === 'k'));
  const asked = [];
  const fetchFunc = async (path, init, details) => {
    asked.push([path, details.isBinary]);
    const bytes = FILES[path.replace('app://x', '')];
    return { ok: true, status: 200, text: async () => String(bytes), arrayBuffer: async () => bytes.buffer };
  };
  assert.deepEqual(decoded(await tf.io.http('app://x/m/model.json', { fetchFunc }).load()), WANT);
  assert.deepEqual(asked[0], ['app://x/m/model.json', false]);
  assert.deepEqual(asked[1], ['app://x/m/one.bin', true]);
  assert.deepEqual(decoded(await tf.io.http([`${url}/m/model.json`, `${url}/else/any`]).load()), WANT);
});

test('io: http streams weights', async () => {
  const fractions = [];
  const { getWeightStream, weightSpecs, modelTopology } = await artifactsOf({ streamWeights: true, onProgress: (f) => fractions.push(f) });
  assert.deepEqual(modelTopology, TOPOLOGY);
  const tensors = await tf.io.decodeWeightsStream(getWeightStream(), weightSpecs);
  assert.deepEqual([...tensors['a/bias'].dataSync()], [0.5, -0.5, 0.25]);
  assert.equal(fractions.at(-1), 1);
  tf.dispose(tensors);
  files['/m/sub/three.bin'] = BYTES.slice(36, 38);
  await assert.rejects(tf.io.decodeWeightsStream(getWeightStream(), weightSpecs), isError('file', '"steps" has 2 of its 4 bytes'));
  files['/m/sub/three.bin'] = undefined;
  await assert.rejects(tf.io.decodeWeightsStream(getWeightStream(), weightSpecs), isError('file', 'three.bin', '404'));
});

test('io: http says what is missing, cut or not a model', async () => {
  const fails = async (path, content, ...texts) => {
    reset();
    files[path] = content;
    await assert.rejects(artifactsOf(), isError('file', ...texts));
  };
  await fails('/m/model.json', undefined, `${url}/m/model.json`, '404', 'model JSON');
  await fails('/m/one.bin', undefined, `${url}/m/one.bin failed with status code 404`);
  await fails('/m/two.bin', BYTES.slice(10, 30), `${url}/m/one.bin (10), ${url}/m/two.bin (20): 30 bytes, but the weights of the manifest take 36`);
  await fails('/m/sub/three.bin', BYTES, `${url}/m/sub/three.bin: 40 bytes`, 'take 4');
  await fails('/m/sub/three.bin', '', 'three.bin: 0 bytes');
  const html = (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>app</title>');
  await fails('/m/model.json', html, `${url}/m/model.json`, 'HTML');
  await fails('/m/sub/three.bin', html, 'three.bin: 33 bytes', 'take 4', 'text/html');
  await fails('/m/model.json', '{"modelTopology": {', 'model.json', 'Failed to parse');
  await fails('/m/model.json', '{}', 'neither model topology or manifest');
  await fails('/m/model.json', 'null', 'neither');
  await fails('/m/model.json', '{"weightsManifest": 3}', 'weightsManifest is not an array');
  await fails('/m/model.json', '{"weightsManifest": [{"paths": "x", "weights": []}]}', 'weightsManifest[0]');
  await fails('/m/model.json', '{"weightsManifest": [{"paths": [], "weights": [{"name": "q", "shape": [9e9], "dtype": "float32"}]}]}', '"q"');
  await fails('/m/model.json', '['.repeat(100000) + ']'.repeat(100000), 'neither');
  await fails('/m/two.bin', (response) => {
    response.writeHead(200, { 'Content-Length': 26 });
    response.write(BYTES.slice(10, 15));
    setTimeout(() => response.destroy(), 20);
  }, `${url}/m/two.bin`, 'broken off after 5 of 26 bytes');
  await assert.rejects(tf.io.http('http://127.0.0.1:9/model.json').load(), isError('file', 'http://127.0.0.1:9/model.json failed'));
});

test('io: http stops when it is told to, or when one file fails', async () => {
  let closed = 0;
  const never = (response) => { response.writeHead(200); response.write('x'); response.on('close', () => { closed++; }); };
  files['/m/one.bin'] = never;
  const stop = new AbortController();
  const loading = artifactsOf({ signal: stop.signal });
  setTimeout(() => stop.abort(), 30);
  await assert.rejects(loading, { name: 'AbortError' });
  await assert.rejects(artifactsOf({ signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  await assert.rejects(artifactsOf({ requestInit: { signal: AbortSignal.timeout(30) } }), { name: 'TimeoutError' });
  files['/m/two.bin'] = (response) => setTimeout(() => response.writeHead(500).end(), 30);
  await assert.rejects(artifactsOf(), isError('file', 'two.bin', '500'));
  for (let i = 0; i < 50 && closed < 3; i++) await new Promise((go) => setTimeout(go, 10));
  assert.equal(closed, 3);
});

test('io: http posts a model', async () => {
  files['/save'] = (response) => response.writeHead(200).end('{}');
  const artifacts = { modelTopology: TOPOLOGY, weightSpecs: SPECS, weightData: BYTES.buffer, format: 'layers-model' };
  const result = await tf.io.http(`${url}/save`, { requestInit: { method: 'PUT', headers: { 'X-Key': 'k' } } }).save(artifacts);
  assert.equal(result.responses[0].status, 200);
  assert.equal(result.modelArtifactsInfo.weightDataBytes, 40);
  const [{ method, headers, body }] = requests;
  assert.equal(method, 'PUT');
  assert.equal(headers['x-key'], 'k');
  const form = await new Response(body, { headers: { 'Content-Type': headers['content-type'] } }).formData();
  const json = JSON.parse(await form.get('model.json').text());
  assert.deepEqual(json, {
    modelTopology: TOPOLOGY, format: 'layers-model', weightsManifest: [{ paths: ['./model.weights.bin'], weights: SPECS }],
  });
  assert.deepEqual(new Uint8Array(await form.get('model.weights.bin').arrayBuffer()), BYTES);
  files['/save'] = undefined;
  await assert.rejects(tf.io.http(`${url}/save`).save(artifacts), isError('file', `${url}/save`, '404'));
});

test('io: http refuses wrong arguments', () => {
  for (const [path, options, text] of [
    ['', {}, 'must not be null'], [null, {}, 'must not be null'], [['a', 'b', 'c'], {}, 'length of 2'],
    ['x', { fetchFunc: 3 }, 'signature of `fetch`'], ['x', { requestInit: { body: 'b' } }, 'pre-existing body']])
    assert.throws(() => tf.io.http(path, options), isError('value', text));
});

test('io: loadWeights takes all weights or those with some names', async () => {
  const manifest = MODEL.weightsManifest;
  const all = await tf.io.loadWeights(manifest, `${url}/m`);
  assert.deepEqual(Object.keys(all), ['a/kernel', 'a/bias', 'steps']);
  requests = [];
  const some = await tf.io.loadWeights(manifest, `${url}/m/`, ['a/bias']);
  assert.deepEqual(Object.keys(some), ['a/bias']);
  assert.deepEqual([...some['a/bias'].dataSync()], [0.5, -0.5, 0.25]);
  assert.equal(requests.length, 2);
  await assert.rejects(tf.io.loadWeights(manifest, url, ['b', 'c']), isError('value', 'names: b, c', 'a/kernel'));
  const fromDisk = tf.io.weightsLoaderFactory((paths) => paths.map((path) => FILES[path].buffer.slice(0)));
  const same = await fromDisk(manifest, '/m');
  assert.equal(same.steps.dataSync()[0], 7);
  tf.dispose([all, some, same]);
});

// ---- files, memory, routes

test('io: file:// saves a folder and loads it again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine io '));
  const artifacts = { modelTopology: TOPOLOGY, weightSpecs: SPECS, weightData: [BYTES.buffer.slice(0, 9), BYTES.buffer.slice(9)] };
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
  await assert.rejects(load(), isError('file', 'weights.bin cannot be read'));
  await assert.rejects(tf.io.fileSystem(`${folder}/none.json`).load(), isError('file', 'none.json cannot be read'));
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
  await assert.rejects(load(...all.slice(0, 3), new File(['x'], 'one.bin')), isError('file', 'one.bin (1), two.bin (26): 27 bytes', 'take 36'));
  await assert.rejects(load(new File(['no'], 'm.json')), isError('file', 'm.json'));
  await assert.rejects(load(new File(['{"weightsManifest":[]}'], 'm.json')), isError('file', 'modelTopology field is missing from file m.json'));
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
  assert.equal(await tf.io.withSaveHandler(async (a) => { got.push(a); return result; }).save(artifacts), result);
  assert.equal(tf.io.withSaveHandlerSync((a) => { got.push(a); return result; }).save(artifacts), result);
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
  const joined = new tf.io.CompositeArrayBuffer([part(1, 2, 3), part(), part(4), new Uint8Array([0, 5, 6]).subarray(1)]);
  assert.equal(joined.byteLength, 6);
  const slice = (...range) => [...new Uint8Array(joined.slice(...range))];
  assert.deepEqual([slice(), slice(2, 5), slice(3), slice(4, 3), slice(-3, 99)], [[1, 2, 3, 4, 5, 6], [3, 4, 5], [4, 5, 6], [], [1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(new Uint8Array(tf.io.concatenateArrayBuffers([part(1), part(2)])), new Uint8Array([1, 2]));
  assert.equal(tf.io.CompositeArrayBuffer.join().byteLength, 0);
});

test('io: has the names of the peer', () => {
  const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
  assert.deepEqual(Object.keys(peer.io).filter((name) => !(name in tf.io)), []);
  assert.deepEqual(Object.keys(peer.browser).filter((name) => !(name in tf.browser)), []);
});

// ---- real models

test('io: MobileNet over http and from its folder', { skip: noMobileNet }, async () => {
  for (const name of JSON.parse(readFileSync(join(MOBILENET, 'model.json'))).weightsManifest.flatMap((g) => g.paths).concat('model.json'))
    files[`/net/${name}`] = readFileSync(join(MOBILENET, name));
  const sums = [];
  for (const load of [() => artifactsOf({}, '/net/model.json'), () => tf.io.fileSystem(join(MOBILENET, 'model.json')).load()]) {
    const { weightData, weightSpecs } = await load();
    const tensors = tf.io.decodeWeights(weightData, weightSpecs);
    assert.equal(Object.keys(tensors).length, 137);
    assert.deepEqual(tensors['conv1/kernel'].shape, [3, 3, 3, 8]);
    sums.push(Object.values(tensors).reduce((sum, t) => sum + t.dataSync().reduce((a, b) => a + b, 0), 0));
    tf.dispose(tensors);
  }
  assert.ok(Number.isFinite(sums[0]) && sums[0] === sums[1], sums);
});
