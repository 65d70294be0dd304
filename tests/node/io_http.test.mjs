// Models over http: what comes, what is asked for, and all that can go wrong on the way. `files` are
// what the server has: bytes, text, or a function of the response.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import * as tf from '../../dist/tensorine.mjs';
import { BYTES, FILES, MODEL, SPECS, TOPOLOGY, WANT, decoded, isError, leavesNothing } from './io_model.mjs';

let server, url, files, requests;

const reset = () => {
  files = { ...FILES };
  requests = [];
};
reset();
afterEach(reset);
leavesNothing();

before(async () => {
  server = createServer(async (request, response) => {
    const body = [];
    for await (const piece of request) body.push(piece);
    const file = files[new URL(request.url, 'http://x').pathname];
    const { method, url: asked, headers } = request;
    requests.push({ method, url: asked, headers, body: Buffer.concat(body) });
    if (typeof file === 'function') return file(response);
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' });
    response.end(file === undefined ? 'no such file' : Buffer.from(file));
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const artifactsOf = (options, path = '/m/model.json') => tf.io.http(url + path, options).load();

test('io: http loads groups, shards and folders, and tells of progress', async () => {
  const seen = [];
  const artifacts = await artifactsOf({
    onProgress: (fraction, bytes) => seen.push([fraction, bytes.loaded, bytes.total]),
  });
  assert.deepEqual(decoded(artifacts), WANT);
  assert.deepEqual(artifacts.weightSpecs, SPECS);
  assert.deepEqual(artifacts.modelTopology, TOPOLOGY);
  assert.deepEqual(artifacts.userDefinedMetadata, MODEL.userDefinedMetadata);
  assert.equal(artifacts.format, 'layers-model');
  assert.equal(artifacts.convertedBy, null);
  assert.deepEqual(seen.at(-1), [1, 40, 40]);
  for (let i = 1; i < seen.length; i++) assert.ok(seen[i][0] >= seen[i - 1][0]);
});

test('io: http takes prefixes, converters, queries, headers and a fetch of your own', async () => {
  files['/else/one.bin'] = files['/m/one.bin'];
  files['/else/two.bin'] = files['/m/two.bin'];
  files['/else/sub/three.bin'] = files['/m/sub/three.bin'];
  assert.deepEqual(decoded(await artifactsOf({ weightPathPrefix: `${url}/else/` })), WANT);
  const names = [];
  const weightUrlConverter = async (name) => {
    names.push(name);
    return `${url}/else/${name}`;
  };
  assert.deepEqual(decoded(await artifactsOf({ weightUrlConverter })), WANT);
  assert.deepEqual(names.sort(), ['one.bin', 'sub/three.bin', 'two.bin']);
  requests = [];
  await artifactsOf({ requestInit: { headers: { 'X-Key': 'k' } } }, '/m/model.json?v=2/3');
  assert.deepEqual(requests.map((r) => r.url).sort(), [
    '/m/model.json?v=2/3',
    '/m/one.bin?v=2/3',
    '/m/sub/three.bin?v=2/3',
    '/m/two.bin?v=2/3',
  ]);
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

test('io: http reads no further than the weights go', async () => {
  let sent = 0,
    closed = false;
  files['/m/sub/three.bin'] = (response) => {
    response.writeHead(200).write(BYTES.slice(36));
    const timer = setInterval(() => {
      sent += 65536;
      response.write(new Uint8Array(65536));
    });
    response.on('close', () => {
      closed = true;
      clearInterval(timer);
    });
  };
  const said = [],
    { warn } = console;
  console.warn = (text) => said.push(text);
  try {
    assert.deepEqual(decoded(await artifactsOf()), WANT);
    assert.match(said.join(), /three\.bin: more than the 4 bytes that the weights of the manifest take/);
    const { getWeightStream, weightSpecs } = await artifactsOf({ streamWeights: true });
    files['/m/sub/three.bin'] = new Uint8Array([...BYTES.slice(36), 1, 2, 3]);
    const tensors = await tf.io.decodeWeightsStream(getWeightStream(), weightSpecs);
    assert.deepEqual([...tensors['a/bias'].dataSync()], [0.5, -0.5, 0.25]);
    tf.dispose(tensors);
  } finally {
    console.warn = warn;
  }
  for (let i = 0; i < 50 && !closed; i++) await new Promise((go) => setTimeout(go, 10));
  assert.ok(closed && sent < 5e6, `${sent} bytes sent`);
});

test('io: a path in Node is told from a URL', async () => {
  for (const path of ['model/model.json', './model.json', '/tmp/model.json'])
    for (const load of [tf.loadLayersModel, tf.loadGraphModel])
      await assert.rejects(load(path), isError('file', `${path} is a path, not a URL`, `file://${path}`));
});

test('io: model.json that is broken off, by length or in its packing, is a typed error', async () => {
  const json = Buffer.from(FILES['/m/model.json']);
  const cut = (headers, body) => (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
    response.write(body);
    setTimeout(() => response.destroy(), 20);
  };
  for (const [answer, ...texts] of [
    [cut({ 'Content-Length': json.length }, json.subarray(0, 20)), 'broken off after 20 of'],
    [cut({}, json.subarray(0, 20)), 'broken off after 20 bytes'],
    [(response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(json), 'broken off after 0 bytes'],
    [
      (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(json).subarray(0, 40)),
      'model.json',
    ],
  ]) {
    reset();
    files['/m/model.json'] = answer;
    await assert.rejects(artifactsOf(), isError('file', `${url}/m/model.json`, ...texts));
  }
  const fetchFunc = async () => ({ ok: true, status: 200, json: async () => JSON.parse('{') });
  await assert.rejects(
    tf.io.http('app://x/model.json', { fetchFunc }).load(),
    isError('file', 'Failed to parse model JSON'),
  );
  reset();
});

test('io: http streams weights', async () => {
  const fractions = [];
  const { getWeightStream, weightSpecs, modelTopology } = await artifactsOf({
    streamWeights: true,
    onProgress: (f) => fractions.push(f),
  });
  assert.deepEqual(modelTopology, TOPOLOGY);
  const tensors = await tf.io.decodeWeightsStream(getWeightStream(), weightSpecs);
  assert.deepEqual([...tensors['a/bias'].dataSync()], [0.5, -0.5, 0.25]);
  assert.equal(fractions.at(-1), 1);
  tf.dispose(tensors);
  files['/m/sub/three.bin'] = BYTES.slice(36, 38);
  await assert.rejects(
    tf.io.decodeWeightsStream(getWeightStream(), weightSpecs),
    isError('file', '"steps" has 2 of its 4 bytes'),
  );
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
  await fails(
    '/m/two.bin',
    BYTES.slice(10, 30),
    `${url}/m/one.bin (10), ${url}/m/two.bin (20): 30 bytes, but the weights of the manifest take 36`,
  );
  await fails('/m/sub/three.bin', '', 'three.bin: 0 bytes');
  const html = (response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>app</title>');
  await fails('/m/model.json', html, `${url}/m/model.json`, 'HTML');
  await fails('/m/sub/three.bin', html, 'three.bin: 33 bytes', 'take 4', 'text/html');
  await fails('/m/model.json', '{"modelTopology": {', 'model.json', 'Failed to parse');
  await fails('/m/model.json', '{}', 'neither model topology or manifest');
  await fails('/m/model.json', 'null', 'neither');
  await fails('/m/model.json', '{"weightsManifest": 3}', 'weightsManifest is not an array');
  await fails('/m/model.json', '{"weightsManifest": [{"paths": "x", "weights": []}]}', 'weightsManifest[0]');
  await fails(
    '/m/model.json',
    '{"weightsManifest": [{"paths": [], "weights": [{"name": "q", "shape": [9e9], "dtype": "float32"}]}]}',
    '"q"',
  );
  await fails('/m/model.json', '['.repeat(100000) + ']'.repeat(100000), 'neither');
  await fails(
    '/m/two.bin',
    (response) => {
      response.writeHead(200, { 'Content-Length': 26 });
      response.write(BYTES.slice(10, 15));
      setTimeout(() => response.destroy(), 20);
    },
    `${url}/m/two.bin`,
    'broken off after 5 of 26 bytes',
  );
  await assert.rejects(
    tf.io.http('http://127.0.0.1:9/model.json').load(),
    isError('file', 'http://127.0.0.1:9/model.json failed'),
  );
});

test('io: http stops when it is told to, or when one file fails', async () => {
  let closed = 0;
  const never = (response) => {
    response.writeHead(200);
    response.write('x');
    response.on('close', () => {
      closed++;
    });
  };
  files['/m/one.bin'] = never;
  const stop = new AbortController();
  const loading = artifactsOf({ signal: stop.signal });
  setTimeout(() => stop.abort(), 30);
  await assert.rejects(loading, { name: 'AbortError' });
  await assert.rejects(artifactsOf({ signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  });
  await assert.rejects(artifactsOf({ requestInit: { signal: AbortSignal.timeout(30) } }), {
    name: 'TimeoutError',
  });
  files['/m/two.bin'] = (response) => setTimeout(() => response.writeHead(500).end(), 30);
  await assert.rejects(artifactsOf(), isError('file', 'two.bin', '500'));
  for (let i = 0; i < 50 && closed < 3; i++) await new Promise((go) => setTimeout(go, 10));
  assert.equal(closed, 3);
});

test('io: http posts a model', async () => {
  files['/save'] = (response) => response.writeHead(200).end('{}');
  const artifacts = {
    modelTopology: TOPOLOGY,
    weightSpecs: SPECS,
    weightData: BYTES.buffer,
    format: 'layers-model',
  };
  const result = await tf.io
    .http(`${url}/save`, { requestInit: { method: 'PUT', headers: { 'X-Key': 'k' } } })
    .save(artifacts);
  assert.equal(result.responses[0].status, 200);
  assert.equal(result.modelArtifactsInfo.weightDataBytes, 40);
  const [{ method, headers, body }] = requests;
  assert.equal(method, 'PUT');
  assert.equal(headers['x-key'], 'k');
  const form = await new Response(body, { headers: { 'Content-Type': headers['content-type'] } }).formData();
  const json = JSON.parse(await form.get('model.json').text());
  assert.deepEqual(json, {
    modelTopology: TOPOLOGY,
    format: 'layers-model',
    weightsManifest: [{ paths: ['./model.weights.bin'], weights: SPECS }],
  });
  assert.deepEqual(new Uint8Array(await form.get('model.weights.bin').arrayBuffer()), BYTES);
  files['/save'] = undefined;
  await assert.rejects(tf.io.http(`${url}/save`).save(artifacts), isError('file', `${url}/save`, '404'));
});

test('io: http refuses wrong arguments', () => {
  for (const [path, options, text] of [
    ['', {}, 'must not be null'],
    [null, {}, 'must not be null'],
    [['a', 'b', 'c'], {}, 'length of 2'],
    ['x', { fetchFunc: 3 }, 'signature of `fetch`'],
    ['x', { requestInit: { body: 'b' } }, 'pre-existing body'],
  ])
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

test('io: http loads texts and complex numbers', async () => {
  const given = { t: tf.tensor(['abc', '', 'é'], [3, 1]), z: tf.complex([1, 2], [3, -4]), n: tf.tensor([5]) };
  const { data, specs } = await tf.io.encodeWeights(given);
  files['/m/model.json'] = JSON.stringify({ ...MODEL, weightsManifest: [{ paths: ['a', 'b'], weights: specs }] });
  files['/m/a'] = new Uint8Array(data.slice(0, 6));
  files['/m/b'] = new Uint8Array(data.slice(6));
  const { weightData, weightSpecs } = await artifactsOf();
  const got = tf.io.decodeWeights(weightData, weightSpecs);
  assert.deepEqual(got.t.arraySync(), [['abc'], [''], ['é']]);
  assert.deepEqual([...got.z.dataSync()], [1, 3, 2, -4]);
  assert.deepEqual([...got.n.dataSync()], [5]);
  tf.dispose([given, got]);
  files['/m/b'] = new Uint8Array(data.slice(6, -1));
  const broken = await artifactsOf();
  assert.throws(
    () => tf.io.decodeWeights(broken.weightData, broken.weightSpecs),
    isError('file', '"n" has 3 of its 4 bytes'),
  );
});
