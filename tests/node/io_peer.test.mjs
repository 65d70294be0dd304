// tf.io against TensorFlow.js, case by case: weights to bytes and back, parts of models, handlers, models over
// HTTP. A row is a program; both libraries run it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const warn = console.warn;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;

const files = {},
  asked = [];
let server, base;
before(async () => {
  server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    asked.push(`${request.method} ${request.url}${request.headers['x-test'] ? ' with headers' : ''}`);
    if (request.method !== 'GET') {
      request
        .resume()
        .on('end', () => response.end(JSON.stringify({ type: request.headers['content-type'].split(';')[0] })));
    } else if (files[path]) response.end(files[path]);
    else response.writeHead(404).end('none');
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  base = `http://127.0.0.1:${server.address().port}`;
  const model = net(tf);
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs: weights, weightData }) => {
      const bytes = Buffer.from(tf.io.concatenateArrayBuffers(weightData));
      files['/m/model.json'] = JSON.stringify({
        modelTopology,
        format: 'layers-model',
        weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights }],
      });
      files['/topology/model.json'] = JSON.stringify({ modelTopology });
      for (const folder of ['m', 'w'])
        Object.assign(files, { [`/${folder}/a.bin`]: bytes.subarray(0, 20), [`/${folder}/b.bin`]: bytes.subarray(20) });
      return {};
    }),
  );
  model.dispose();
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const net = (t) =>
  t.sequential({
    layers: [
      t.layers.dense({ units: 2, inputShape: [3], name: 'd', kernelInitializer: 'ones', biasInitializer: 'ones' }),
    ],
  });

function plain(t, x) {
  if (x instanceof t.Tensor) return { shape: x.shape, dtype: x.dtype, values: Array.from(x.dataSync()) };
  if (x instanceof ArrayBuffer) return [...new Uint8Array(x)];
  if (x instanceof Date) return 'a date';
  if (Array.isArray(x)) return x.map((one) => plain(t, one));
  if (x === null || typeof x !== 'object') return x;
  return Object.fromEntries(
    Object.entries(x)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, plain(t, value)]),
  );
}

/** What a program answers or throws, without the name of the handler that messages of ours begin with, and what it asks the server for. */
async function outcome(t, program) {
  const living = t.memory().numTensors;
  asked.length = 0;
  let seen;
  try {
    const result = await program(t.io, t);
    seen = { answer: plain(t, result) };
    t.dispose(result);
  } catch (error) {
    // Ours names the op in front, and at the end what would be allowed.
    seen = {
      error: error.message
        .replace(/^(http|io|loadWeights): /, '')
        .replace(/: where a model goes is said by .*/s, '')
        .replace(/\s+/g, ' '),
    };
  }
  return { ...seen, left: t.memory().numTensors - living, asked: [...asked].sort() };
}

async function same(rows) {
  console.warn = () => {};
  try {
    for (const [name, program] of Object.entries(rows))
      assert.deepEqual(await outcome(tf, program), await outcome(peer, program), name);
  } finally {
    console.warn = warn;
  }
}

const entries = (dtype, shape, quantization) => [{ name: 'w', dtype, shape, ...(quantization && { quantization }) }];

const WEIGHTS = {
  floats: (t) => ({ a: t.tensor([1, 2, 3]), b: t.scalar(4) }),
  'whole numbers': (t) => ({ a: t.tensor([1, -2], [2], 'int32') }),
  flags: (t) => ({ a: t.tensor([true, false]) }),
  texts: (t) => ({ a: t.tensor(['hé', '', 'w']) }),
  'complex numbers': (t) => ({ a: t.complex([1, 2], [3, 4]) }),
  'empty ones': (t) => ({ a: t.tensor([], [0]), b: t.zeros([0, 3]) }),
  none: () => ({}),
  'a list': (t) => [
    { name: 'x', tensor: t.tensor([1]) },
    { name: 'y', tensor: t.tensor([2]) },
  ],
};
test('io: weights to bytes and back: as the peer', () =>
  same(
    Object.fromEntries(
      Object.entries(WEIGHTS).flatMap(([name, make]) =>
        [undefined, 'model', 'optimizer'].map((group) => [
          `${name} ${group}`,
          async (io, t) => {
            const tensors = make(t),
              { data, specs } = await io.encodeWeights(tensors, group);
            t.dispose(Array.isArray(tensors) ? tensors.map(({ tensor }) => tensor) : tensors);
            return {
              data,
              specs,
              back: io.decodeWeights(data, specs),
              stream: await io.decodeWeightsStream(new Blob([data]).stream(), specs),
            };
          },
        ]),
      ),
    ),
  ));

const STORED = {
  'bytes to floats': [Uint8Array.of(0, 128, 255), 'float32', { dtype: 'uint8', scale: 0.1, min: -1 }],
  'bytes to whole numbers': [Uint8Array.of(0, 128, 255), 'int32', { dtype: 'uint8', scale: 0.3, min: -5 }],
  'shorts to floats': [Uint16Array.of(0, 1000, 65535), 'float32', { dtype: 'uint16', scale: 0.01, min: -3.5 }],
  'shorts to whole numbers': [Uint16Array.of(0, 1000, 65535), 'int32', { dtype: 'uint16', scale: 0.3, min: -5.5 }],
  halves: [Uint16Array.of(0x3c00, 0xc000, 0x7bff, 1, 0x7c00, 0xfc00, 0x7e00), 'float32', { dtype: 'float16' }],
  flags: [Uint8Array.of(1, 0, 1), 'bool'],
  'one number': [Float32Array.of(7), 'float32', undefined, []],
};
test('io: stored weights: as the peer', () =>
  same({
    ...Object.fromEntries(
      Object.entries(STORED).map(([name, [values, dtype, how, shape = [values.length]]]) => [
        name,
        async (io) => io.decodeWeights(values.slice().buffer, entries(dtype, shape, how)),
      ]),
    ),
    'in two buffers': async (io) =>
      io.decodeWeights([Float32Array.of(1, 2).buffer, Float32Array.of(3).buffer], entries('float32', [3])),
    'cut within a number': async (io) =>
      io.decodeWeightsStream(
        new ReadableStream({
          start(c) {
            for (const b of [
              [0, 0, 128],
              [63, 0, 0, 0, 64],
            ])
              c.enqueue(Uint8Array.from(b).buffer);
            c.close();
          },
        }),
        entries('float32', [2]),
      ),
    'a stream that breaks': async (io) =>
      io.decodeWeightsStream(
        new ReadableStream({
          start(c) {
            c.error(new Error('broken'));
          },
        }),
        entries('float32', [2]),
      ),
  }));

test('io: buffers: as the peer', () =>
  same({
    join: async (io) => [
      io.concatenateArrayBuffers([Uint8Array.of(1, 2).buffer, Uint8Array.of(3).buffer]),
      io.concatenateArrayBuffers([]),
      io.concatenateArrayBuffers(Uint8Array.of(9).buffer),
      io.concatenateArrayBuffers(),
    ],
    cut: async (io) => {
      const all = new io.CompositeArrayBuffer([Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(4, 5), Float32Array.of(0)]);
      return [
        all.byteLength,
        ...[[], [1], [1, 4], [-1], [2, 100], [4, 2], [NaN], ['1', '3'], [3, -1]].map((range) => all.slice(...range)),
      ];
    },
  }));

const artifacts = () => ({
  modelTopology: { a: 'é' },
  weightSpecs: entries('float32', [2]),
  weightData: Float32Array.of(1, 2).buffer,
  format: 'layers-model',
  generatedBy: 'me',
  convertedBy: null,
  signature: { s: 1 },
  userDefinedMetadata: { u: 1 },
  trainingConfig: { loss: 'meanSquaredError', optimizer_config: { class_name: 'sgd', config: {} } },
  modelInitializer: { m: 1 },
  initializerSignature: { i: 1 },
});
const both = (f) => ({ ...f('fromMemory'), ...f('fromMemorySync') });
test('io: parts of models and handlers of memory: as the peer', () =>
  same({
    sizes: async (io) =>
      [
        artifacts(),
        {},
        { modelTopology: null, weightSpecs: null, weightData: null },
        { weightData: [new ArrayBuffer(3), new ArrayBuffer(4)] },
      ].map(io.getModelArtifactsInfoForJSON),
    'sizes of a GraphDef': async (io) => io.getModelArtifactsInfoForJSON({ modelTopology: new ArrayBuffer(2) }),
    'of a model.json': async (io) =>
      io.getModelArtifactsForJSON(
        { ...artifacts(), weightsManifest: [{ paths: ['a'], weights: entries('float32', [2]) }] },
        async ([{ weights }]) => [weights, new ArrayBuffer(8)],
      ),
    'of a model.json without weights': async (io) =>
      io.getModelArtifactsForJSON({ modelTopology: { a: 1 } }, async () => {
        throw new Error('no');
      }),
    'at once': async (io) =>
      io.getModelArtifactsForJSONSync({ modelTopology: { a: 1 }, weightsManifest: [] }, [], new ArrayBuffer(0)),
    'at once, but nothing given': async (io) =>
      io.getModelArtifactsForJSONSync({ modelTopology: { a: 1 }, weightsManifest: [] }),
    entries: async (io) =>
      io.getWeightSpecs([
        { paths: ['a'], weights: entries('float32', [2]) },
        { paths: ['b'], weights: entries('int32', [2]) },
      ]),
    ...both((name) => ({
      [`${name} of artifacts`]: async (io) => {
        const given = artifacts(),
          got = await io[name](given).load();
        return [got === given, got];
      },
      [`${name} of parts`]: async (io) =>
        io[name]({ a: 1 }, entries('float32', [1]), new ArrayBuffer(4), { loss: 'meanSquaredError' }).load(),
      [`${name} of a topology`]: async (io) => {
        const got = await io[name]({ a: 1 }).load();
        return [got, Object.keys(got)];
      },
    })),
    withSaveHandler: async (io) => [
      await io.withSaveHandler(async (a) => ({ got: a })).save({ x: 1 }),
      io.withSaveHandlerSync((a) => ({ got: a })).save({ x: 1 }),
    ],
    'what only saves or only loads': async (io) => [
      typeof io.withSaveHandler(async () => {}).load,
      typeof io.fromMemory({}).save,
    ],
  }));

const URLS = ['x', 'foo://1', '', 'localstorage://a', 'indexeddb://a', 'a://b://c'];
test('io: stores that Node has not: as the peer', () =>
  same({
    listModels: async (io) => io.listModels(),
    handlers: async (io) =>
      ['x', 'http://a', 'https://a', 'localstorage://x', 'indexeddb://x', 'downloads://x'].map((url) => [
        io.getLoadHandlers(url).length,
        io.getSaveHandlers(url).length,
      ]),
    'handlers of two URLs': async (io) => [
      io.getLoadHandlers(['http://a', 'http://b']).length,
      io.getLoadHandlers(['http://a', 'b']).length,
    ],
    ...Object.fromEntries(
      URLS.flatMap((url) => [
        [`remove ${url}`, (io) => io.removeModel(url)],
        ...['copyModel', 'moveModel'].flatMap((name) =>
          [url, 'foo://2'].map((to) => [`${name} ${url} ${to}`, (io) => io[name](url, to)]),
        ),
      ]),
    ),
    'http without URL': async (io) => io.http(''),
    'http with three': async (io) => io.http(['a', 'b', 'c']),
    'http with a body': async (io) => io.http('http://a', { requestInit: { body: 'x' } }),
    'http without options': async (io) => typeof io.http('http://a', null).load,
    'browserFiles without files': async (io) => io.browserFiles([]),
    'browserFiles of null': async (io) => io.browserFiles(null),
  }));

/** Loads a layers model and asks it. */
const load = (where, options) => async (io, t) => {
  const model = await t.loadLayersModel(where(io), typeof options === 'function' ? options() : options);
  const values = t.tidy(() => [...model.predict(t.ones([1, 3])).dataSync()]);
  model.dispose();
  return values;
};
const save = (where, config) => async (io, t) => {
  const model = net(t);
  try {
    const { modelArtifactsInfo, responses, ...rest } = await model.save(where(io), config);
    return {
      bytes: modelArtifactsInfo?.weightDataBytes,
      responses: responses && (await Promise.all(responses.map((r) => r.json()))),
      rest,
    };
  } finally {
    model.dispose();
  }
};
const model = () => `${base}/m/model.json`;

test('io: models over HTTP: as the peer', () =>
  same({
    url: load(model),
    'options null': load(model, null),
    query: load(() => `${model()}?x=1`),
    prefix: load(model, () => ({ weightPathPrefix: `${base}/w/` })),
    converter: load(model, { weightUrlConverter: async (name) => `${base}/w/${name}?c` }),
    headers: load(model, { requestInit: { headers: { 'x-test': '1' } } }),
    'a fetch of their own': load(model, {
      fetchFunc: (url, init) => fetch(url, { ...init, headers: { 'x-test': '1' } }),
    }),
    'not strict': load(model, { strict: false }),
    'a handler': load((io) => io.browserHTTPRequest(model(), { requestInit: { headers: { 'x-test': '1' } } })),
    'a handler that cannot load': load(() => ({ save: async () => {} })),
    'no such file': load(() => `${base}/none/model.json`),
    weights: async (io) => {
      const { weightsManifest } = JSON.parse(files['/m/model.json']);
      return [
        await io.loadWeights(weightsManifest, `${base}/m`),
        await io.loadWeights(weightsManifest, `${base}/m/`, ['d/bias']),
      ];
    },
    'weights that are none': async (io) =>
      io.loadWeights(JSON.parse(files['/m/model.json']).weightsManifest, base, ['q', 'd/bias']),
    post: save(() => `${base}/up`),
    put: save((io) =>
      io.browserHTTPRequest(`${base}/up`, { requestInit: { method: 'PUT', headers: { 'x-test': '1' } } }),
    ),
    'nowhere to save': save(() => 'foo://bar'),
    'a store that is not here': save(() => 'localstorage://bar'),
    'a handler that cannot save': save(() => ({})),
    'saved by a handler': save(
      (io) => io.withSaveHandler(async (a) => ({ modelArtifactsInfo: io.getModelArtifactsInfoForJSON(a) })),
      { trainableOnly: true },
    ),
    'copied from server to server': async (io) => Object.keys(await io.copyModel(model(), `${base}/up`)),
  }));

test('io: weights that are streamed reach layers models', async () => {
  const fractions = [],
    living = tf.memory().numTensors;
  const got = await load(model, { streamWeights: true, onProgress: (fraction) => fractions.push(fraction) })(tf.io, tf);
  assert.deepEqual([got, fractions.at(-1), tf.memory().numTensors - living], [[4, 4], 1, 0]);
  const broken = {
    load: async () => ({ ...JSON.parse(files['/m/model.json']), getWeightStream: () => new Blob(['abc']).stream() }),
  };
  await assert.rejects(tf.loadLayersModel(broken), { code: 'file' });
  assert.equal(tf.memory().numTensors, living);
});
