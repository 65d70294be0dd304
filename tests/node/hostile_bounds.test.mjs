// Hostile layers topologies, graphs and manifests, each in a process of its own, where time and memory
// are measured: an error that names the place, or the model does what it says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

const SECONDS = 2,
  MEGABYTES = 200;

const layers = (modelTopology, more = {}) => ({
  modelTopology,
  weightSpecs: [],
  weightData: new ArrayBuffer(0),
  ...more,
});
const graph = (node, library, more = {}) => layers({ node, library }, more);
const input = (name = 'i', shape = [null, 2]) => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: shape, dtype: 'float32' },
  inbound_nodes: [],
});
const layer = (class_name, name, config = {}, from = null) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: from ? [from.map((f) => [f, 0, 0, {}])] : [],
});
const functional = (list, from, to) => ({
  class_name: 'Model',
  config: { name: 'm', layers: list, input_layers: [[from, 0, 0]], output_layers: [[to, 0, 0]] },
});
const sequential = (...list) => ({ class_name: 'Sequential', config: { name: 's', layers: list } });
const first = (class_name, config, shape = [null, 2]) =>
  layer(class_name, 'first', { batch_input_shape: shape, ...config });
const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));
const x = { name: 'x', op: 'Placeholder' };
const relay = (name, body) => ({
  signature: { name, inputArg: [{ name: 'a' }], outputArg: [{ name: 'o' }] },
  nodeDef: body,
  ret: { o: body.length ? `${body.at(-1).name}:0` : 'a' },
});
const callOf = (name, from, f) => ({ name, op: 'PartitionedCall', input: [from], attr: { f: { func: { name: f } } } });
const spec = (name, shape, more = {}) => ({ name, shape, dtype: 'float32', ...more });
const uint8 = (scale, min) => ({ quantization: { dtype: 'uint8', scale, min } });

/** name: [which reader, what it is given, the error's code and words; run: a graph is computed too]. */
export const FILES = {
  'a graph of a million nodes': [
    'graph',
    () =>
      graph(
        many(1e6, (i) => (i ? { name: `n${i}`, op: 'Neg', input: [`n${i - 1}`] } : { name: 'n0', op: 'Placeholder' })),
      ),
    'file',
    /more than 2000000 values/,
  ],
  'a hundred thousand ops that are not known': [
    'graph',
    () => graph(many(1e5, (i) => ({ name: `n${i}`, op: `Foo${i}` }))),
    'file',
    /Foo0 \(n0\), Foo1 \(n1\)/,
    true,
  ],
  'nodes in a circle': [
    'graph',
    () =>
      graph([
        { name: 'a', op: 'Neg', input: ['b'] },
        { name: 'b', op: 'Neg', input: ['a'] },
        { name: 'c', op: 'Neg', input: ['a'] },
      ]),
    'file',
    /node '[ab]' waits for itself/,
    'run',
  ],
  'a node that takes itself': [
    'graph',
    () =>
      graph([
        { name: 'a', op: 'Neg', input: ['a'] },
        { name: 'c', op: 'Neg', input: ['a'] },
      ]),
    'file',
    /node 'a' waits for itself/,
    'run',
  ],
  'a function that calls itself': [
    'graph',
    () => graph([x, callOf('y', 'x', 'f')], { function: [relay('f', [callOf('c', 'a', 'f')])] }),
    'value',
    /functions call each other more than 200 deep/,
    'run',
  ],
  'two functions of one name': [
    'graph',
    () => graph([x], { function: [relay('f', []), relay('f', [])] }),
    'file',
    /two functions are named 'f'/,
  ],
  'two nodes of one name': [
    'graph',
    () => graph([x, { name: 'x', op: 'Neg', input: ['x'] }]),
    'file',
    /two nodes are named 'x'/,
  ],
  'a node that takes what is not there': [
    'graph',
    () => graph([x, { name: 'y', op: 'Neg', input: ['z'] }]),
    'file',
    /node 'y' takes 'z'/,
  ],
  "nodes named as JavaScript's own": [
    'graph',
    () =>
      graph([
        { name: '__proto__', op: 'constructor' },
        { name: 'hasOwnProperty', op: '__proto__', input: ['toString'] },
        { name: 'toString', op: 'valueOf' },
      ]),
    'file',
    /constructor \(__proto__\), __proto__ \(hasOwnProperty\), valueOf \(toString\)/,
    true,
  ],
  'a long name': [
    'graph',
    () =>
      graph([
        { name: 'x'.repeat(5e6), op: 'Placeholder' },
        { name: 'y', op: 'Neg', input: ['z'.repeat(5e6)] },
      ]),
    'file',
    /node 'y' takes 'z{100,}', which is not/,
  ],
  'a signature without end': [
    'graph',
    () =>
      graph([x], undefined, {
        signature: { inputs: Object.fromEntries(many(1e5, (i) => [`k${i}`, { name: 'x:0' }])), outputs: {} },
      }),
    'file',
    /signature has 100000 inputs or outputs/,
  ],
  'resources without end': [
    'graph',
    () =>
      graph([x], undefined, {
        signature: {
          inputs: Object.fromEntries(many(9000, (i) => [`k${i}`, { name: 'x:0', resourceId: i }])),
          outputs: {},
        },
        modelInitializer: { node: [{ name: 'q', op: 'Placeholder' }] },
        initializerSignature: {
          outputs: Object.fromEntries(many(9000, (i) => [`o${i}`, { name: 'q:0', resourceId: -1 - i }])),
        },
      }),
    'file',
    /too many inputs with a resourceId, like 'k1000'/,
  ],
  'a tensor of a shape bomb': [
    'graph',
    () =>
      graph(
        [
          { name: 'n', op: 'Const' },
          { name: 'v', op: 'Const' },
          { name: 'y', op: 'Fill', input: ['n', 'v'] },
        ],
        undefined,
        {
          weightSpecs: [{ name: 'n', shape: [2], dtype: 'int32' }, spec('v', [])],
          weightData: new Int32Array([1e6, 1e6, 0]).buffer,
        },
      ),
    'shape',
    /y.*2 GiB|2 GiB/,
    'run',
  ],

  'layers in a circle': [
    'layers',
    () => layers(functional([input(), layer('ReLU', 'a', {}, ['b']), layer('ReLU', 'b', {}, ['a'])], 'i', 'b')),
    'file',
    /m: its layers depend on each other in a circle/,
  ],
  'ten thousand layers, the last first': [
    'layers',
    () =>
      layers(
        functional(
          [...many(9999, (i) => layer('ReLU', `r${i}`, {}, [i ? `r${i - 1}` : 'i'])).reverse(), input()],
          'i',
          'r9998',
        ),
      ),
    null,
  ],
  'a weight of more numbers than there are': [
    'layers',
    () => layers(sequential(first('Dense', { units: 2e9 }, [null, 2e9]))),
    'file',
    /first: weight kernel has 4000000000000000000 numbers, the file at most 0/,
  ],
  'a weight that the file has not': [
    'layers',
    () => layers(sequential(first('Dense', { units: 1 }, [null, 4e8]))),
    'file',
    /first: weight kernel has 400000000 numbers/,
  ],
  'an initializer that would take hours': [
    'layers',
    () =>
      layers(
        sequential(
          first('Dense', { units: 20000, kernel_initializer: { class_name: 'Orthogonal', config: {} } }, [null, 20000]),
        ),
      ),
    'file',
    /first: weight kernel has 400000000 numbers/,
  ],
  'padding without end': [
    'layers',
    () =>
      layers(
        sequential(
          first(
            'ZeroPadding2D',
            {
              padding: [
                [2e9, 2e9],
                [2e9, 2e9],
              ],
            },
            [null, 2, 2, 1],
          ),
        ),
      ),
    'shape',
    /first: x has shape/,
  ],
  'numbers that are none': [
    'layers',
    () => layers(sequential(first('Dense', { units: NaN }, [null, Infinity]))),
    'value',
    /first: units must be given/,
  ],
  'sizes below zero': [
    'layers',
    () => layers(sequential(first('Dense', { units: -5 }))),
    'value',
    /first: units must be a whole number of at least 1/,
  ],
  'models in models': [
    'layers',
    () => layers(many(140, () => 0).reduce((m) => sequential(m), first('Dense', { units: 1 }))),
    'file',
    /nested more than 300 deep/,
  ],
  "layers named as JavaScript's own": [
    'layers',
    () => layers(sequential(first('constructor'), layer('__proto__', '__proto__'), layer('toString', 'valueOf'))),
    'file',
    /'constructor' is not known \(first\); layer class '__proto__' is not known \(__proto__\); layer class 'toString' is not known \(valueOf\)/,
  ],
  'a config that would change all objects': [
    'layers',
    () =>
      layers(
        JSON.parse(
          '{"class_name":"Sequential","config":{"__proto__":{"polluted":1},"layers":[{"class_name":"ReLU","config":{"constructor":{"prototype":{"polluted":1}},"__proto__":{"polluted":1},"batch_input_shape":[null,1],"name":"r"}}]}}',
        ),
      ),
    null,
  ],

  'a million weights': [
    'weights',
    () => [many(1e6, (i) => spec(`w${i}`, [])), new ArrayBuffer(4)],
    'file',
    /more than 2000000 values/,
  ],
  'two hundred thousand weights of nothing': [
    'weights',
    () => [many(2e5, () => spec('w', [0])), new ArrayBuffer(0)],
    'file',
    /there are 200000 entries, at most 100000/,
  ],
  'a weight of a shape bomb': [
    'weights',
    () => [[spec('w', [1e5, 1e5])], new ArrayBuffer(8)],
    'shape',
    /w: shape \[100000, 100000\] needs more than 2 GiB/,
  ],
  'a weight of more bytes than there are': [
    'weights',
    () => [[spec('w', [5e8], uint8(1, 0))], new ArrayBuffer(8)],
    'file',
    /"w" takes 500000000 bytes, but only 8/,
  ],
  'a size below zero': [
    'weights',
    () => [[spec('w', [-1])], new ArrayBuffer(4)],
    'file',
    /"w" has a shape with a size/,
  ],
  'a size with a fraction': [
    'weights',
    () => [[spec('w', [1.5])], new ArrayBuffer(4)],
    'file',
    /"w" has a shape with a size/,
  ],
  'a size that is no number': [
    'weights',
    () => [[spec('w', [NaN])], new ArrayBuffer(4)],
    'file',
    /"w" has a shape with a size/,
  ],
  'a dtype that is none': [
    'weights',
    () => [[spec('w', [1], { dtype: 'constructor' })], new ArrayBuffer(4)],
    'dtype',
    /'w': constructor; known are float32/,
  ],
  'a scale beyond all floats': [
    'weights',
    () => [[spec('w', [4], uint8(1e300, -1e300))], new ArrayBuffer(4)],
    'file',
    /"w" has quantization scale 1e\+300 and min -1e\+300/,
  ],
  'a scale that is no number': [
    'weights',
    () => [[spec('w', [4], uint8(NaN, 0))], new ArrayBuffer(4)],
    'file',
    /"w" has a quantization without scale/,
  ],
  'a quantization that is none': [
    'weights',
    () => [[spec('w', [4], { quantization: { dtype: '__proto__' } })], new ArrayBuffer(4)],
    'dtype',
    /"w" has quantization dtype __proto__/,
  ],
  'a text longer than the file': [
    'weights',
    () => [[spec('w', [1], { dtype: 'string' })], new Uint8Array([255, 255, 255, 127, 1, 2]).buffer],
    'file',
    /"w" has 0 of its 1 strings/,
  ],
};

const DEEP = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
/** Texts of a model.json, by the function that loads them. */
const TEXTS = {
  'brackets for layers': [
    'loadLayersModel',
    `{"modelTopology":${DEEP},"weightsManifest":[]}`,
    /loadLayersModel: it cannot be written as JSON|nested/,
  ],
  'brackets for nodes': [
    'loadGraphModel',
    `{"modelTopology":{"node":${DEEP}},"weightsManifest":[]}`,
    /loadGraphModel: it cannot be written as JSON|nested/,
  ],
  'brackets for a shape': [
    'loadGraphModel',
    `{"modelTopology":{"node":[{"name":"x","op":"Placeholder"}]},"weightsManifest":[{"paths":[],"weights":[{"name":"x","dtype":"float32","shape":${DEEP}}]}]}`,
    /weights: it cannot be written as JSON|nested/,
  ],
  'half a file': ['loadGraphModel', '{"modelTopology":{"node":[{"na', /model\.json.*Failed to parse model JSON/],
  'no object': ['loadLayersModel', '17', /neither model topology or manifest/],
  'a manifest that is none': [
    'loadLayersModel',
    '{"modelTopology":{},"weightsManifest":[{"paths":[5],"weights":[]}]}',
    /weightsManifest\[0\]/,
  ],
};

async function read(how, given, run) {
  if (how === 'weights') return tf.dispose(tf.io.decodeWeights(given[1], given[0]));
  const model = await tf[how === 'graph' ? 'loadGraphModel' : 'loadLayersModel'](tf.io.fromMemory(given));
  try {
    if (run) tf.dispose(model.execute(model.inputs.length ? tf.scalar(1) : {}, model.outputNodes));
  } finally {
    model.dispose();
  }
}

async function measure(name) {
  const [how, make, , , run] = FILES[name],
    given = make(),
    peak = () => process.resourceUsage().maxRSS / 1024;
  const bytes = JSON.stringify(how === 'weights' ? given[0] : given).length,
    before = peak(),
    start = performance.now();
  const error = await read(how, given, run).then(
    () => null,
    (e) => ({ typed: e instanceof tf.TensorineError, code: e.code, message: e.message.slice(0, 1000) }),
  );
  // The file itself is here as text, in UTF-8 and in the core.
  return {
    error,
    seconds: (performance.now() - start) / 1000,
    megabytes: peak() - before - (3 * bytes) / 2 ** 20,
    polluted: {}.polluted ?? null,
  };
}

if (process.argv[2] === 'measure') {
  console.log(JSON.stringify(await measure(process.argv[3])));
} else {
  for (const [name, [, , code, words]] of Object.entries(FILES))
    test(`hostile: ${name}`, () => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [fileURLToPath(import.meta.url), 'measure', name],
        { encoding: 'utf8', timeout: 60000 },
      );
      assert.equal(status, 0, stderr.slice(-1000));
      const { error, seconds, megabytes, polluted } = JSON.parse(stdout.trim().split('\n').at(-1));
      assert.equal(polluted, null);
      if (code) {
        assert.ok(error, 'it was taken');
        assert.ok(error.typed, error.message);
        assert.match(error.message, words);
        assert.equal(error.code, code, error.message);
      } else {
        assert.equal(error, null);
      }
      assert.ok(seconds < SECONDS, `${seconds} s`);
      assert.ok(megabytes < MEGABYTES, `${megabytes} MB more than the file`);
    });

  for (const [name, [how, text, words]] of Object.entries(TEXTS))
    test(`hostile: ${name}`, async () => {
      const fetchFunc = async (url) => {
        assert.match(url, /model\.json$/);
        return new Response(text, { headers: { 'content-type': 'application/json' } });
      };
      const before = tf.memory().numTensors;
      await assert.rejects(tf[how]('http://127.0.0.1/model.json', { fetchFunc }), (error) => {
        assert.ok(error instanceof tf.TensorineError, `${error}`);
        assert.match(error.message, words);
        return true;
      });
      assert.equal(tf.memory().numTensors, before);
    });

  test('hostile: layers that are not known are all named before a weight is fetched, and may be made known', async () => {
    const before = tf.memory().numTensors,
      fetched = [];
    const wrapped = {
      class_name: 'TimeDistributed',
      config: {
        name: 'times',
        batch_input_shape: [null, 3, 2],
        layer: { class_name: 'Foo', config: { name: 'inner' } },
      },
    };
    const topology = sequential(
      wrapped,
      layer('Foo', 'b'),
      sequential(layer('Bar', 'c', { batch_input_shape: [null, 3, 2] })),
      layer('Dense', 'd', { units: 1 }),
    );
    const manifest = [{ paths: ['w.bin'], weights: [spec('d/kernel', [2, 1]), spec('d/bias', [1])] }];
    const fetchFunc = async (url) => {
      fetched.push(url.split('/').at(-1));
      const json = url.endsWith('json');
      return new Response(
        json ? JSON.stringify({ modelTopology: topology, weightsManifest: manifest }) : new Float32Array([1, 2, 3]),
        { headers: { 'content-type': json ? 'application/json' : 'application/octet-stream' } },
      );
    };
    const load = () => tf.loadLayersModel('http://127.0.0.1/model.json', { fetchFunc });
    await assert.rejects(
      load(),
      (error) =>
        (error.code === 'file' &&
          /'Foo' is not known \(inner, b\); layer class 'Bar' is not known \(c\)\..*registerClass/.test(
            error.message,
          )) ||
        assert.fail(error.message),
    );
    assert.deepEqual(fetched, ['model.json']);
    for (const name of ['Foo', 'Bar']) {
      const Same = class extends tf.layers.Layer {
        static get className() {
          return name;
        }
        computeOutputShape(shape) {
          return shape;
        }
        call(given) {
          return [given].flat()[0].clone();
        }
      };
      tf.serialization.registerClass(Same);
    }
    const model = await load();
    assert.deepEqual(fetched, ['model.json', 'model.json', 'w.bin']);
    tf.tidy(() => assert.deepEqual(model.predict(tf.ones([1, 3, 2])).arraySync(), [[[6], [6], [6]]]));
    model.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  test('hostile: a topology that is broken is refused before a weight is fetched', async () => {
    const fetched = [],
      before = tf.memory().numTensors;
    const fetchFunc = async (url) => {
      fetched.push(url);
      return new Response(
        JSON.stringify({
          modelTopology: sequential(first('Dense', { units: 0 })),
          weightsManifest: [{ paths: ['w.bin'], weights: [spec('first/kernel', [2, 1])] }],
        }),
        { headers: { 'content-type': 'application/json' } },
      );
    };
    await assert.rejects(
      tf.loadLayersModel('http://127.0.0.1/model.json', { fetchFunc }),
      /first: units must be a whole number of at least 1/,
    );
    assert.equal(fetched.length, 1);
    assert.equal(tf.memory().numTensors, before);
  });
}
