// Layers models from files that mean harm: each gives an error of the library's own, soon, and leaves
// no tensor behind; afterwards all goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const SECONDS = 3,
  MEGABYTES = 300;

const layer = (className, config) => ({ class_name: className, config });
const input = layer('InputLayer', { name: 'in', batch_input_shape: [null, 4], dtype: 'float32' });
const dense = (name, config = {}) => layer('Dense', { name, units: 2, ...config });
const sequential = (layers, name = 'model') => ({ class_name: 'Sequential', config: { name, layers } });
const functional = (layers, inputs = [['in', 0, 0]], outputs = [['out', 0, 0]]) => ({
  class_name: 'Functional',
  config: { name: 'model', layers, input_layers: inputs, output_layers: outputs },
});
const node = (of, ...from) => ({ ...of, name: of.config.name, inbound_nodes: [from.map((f) => [f, 0, 0, {}])] });
const start = { ...input, name: 'in', inbound_nodes: [] };
const nested = (depth, make) => Array.from({ length: depth }).reduce((inside) => make(inside), null);
const first = { batch_input_shape: [null, 4] };

const TOPOLOGIES = {
  nothing: null,
  'a number': 7,
  'a list': [],
  'no config': { class_name: 'Sequential' },
  'layers that are text': sequential('layers'),
  'a layer that is null': sequential([null]),
  'a layer without a class': sequential([{ config: {} }]),
  'an unknown class': sequential([input, layer('Nonsense', { name: 'x' })]),
  'a class named __proto__': sequential([layer('__proto__', {})]),
  'a class named constructor': sequential([layer('constructor', {})]),
  'a layer that takes itself': functional([start, node(dense('out'), 'out')]),
  'layers that take each other': functional([start, node(dense('a'), 'out'), node(dense('out'), 'a')]),
  'a layer that takes nobody': functional([start, node(dense('out'), 'nobody')]),
  'a layer that takes __proto__': functional([start, node(dense('out'), '__proto__')]),
  'a node that is not there': functional([
    start,
    { ...node(dense('out'), 'in'), inbound_nodes: [[['in', 99, 0, {}]]] },
  ]),
  'a result that is not there': functional([
    start,
    { ...node(dense('out'), 'in'), inbound_nodes: [[['in', 0, 7, {}]]] },
  ]),
  'a node of minus one': functional([start, { ...node(dense('out'), 'in'), inbound_nodes: [[['in', -1, 0, {}]]] }]),
  'two layers of one name': functional([start, node(dense('out'), 'in'), node(dense('out'), 'in')]),
  'outputs that are not there': functional([start, node(dense('out'), 'in')], [['in', 0, 0]], [['elsewhere', 0, 0]]),
  'no outputs': functional([start], [['in', 0, 0]], []),
  'units past memory': sequential([dense('a', { units: 2 ** 31 - 1, ...first }), dense('b', { units: 2 ** 31 - 1 })]),
  'units past numbers': sequential([dense('a', { units: 1e300, ...first })]),
  'units of minus one': sequential([dense('a', { units: -1, ...first })]),
  'half a unit': sequential([dense('a', { units: 1.5, ...first })]),
  'units that are text': sequential([dense('a', { units: 'many', ...first })]),
  'an input past memory': sequential([dense('a', { batch_input_shape: [null, 2 ** 31 - 1, 2 ** 31 - 1] })]),
  'a negative input': sequential([dense('a', { batch_input_shape: [null, -4] })]),
  'an input of a hundred axes': sequential([dense('a', { batch_input_shape: Array(100).fill(2) })]),
  'a lookup past memory': sequential([
    layer('Embedding', { name: 'e', input_dim: 2 ** 30, output_dim: 2 ** 30, batch_input_shape: [null, 4] }),
  ]),
  'a kernel past memory': sequential([
    layer('Conv2D', { name: 'c', filters: 65536, kernel_size: [65536, 65536], batch_input_shape: [null, 9, 9, 1] }),
  ]),
  'padding past memory': sequential([
    layer('ZeroPadding2D', {
      name: 'p',
      padding: [
        [2 ** 30, 2 ** 30],
        [2 ** 30, 2 ** 30],
      ],
      batch_input_shape: [null, 9, 9, 1],
    }),
  ]),
  'a shape past memory': sequential([
    layer('Reshape', { name: 'r', target_shape: [65536, 65536], batch_input_shape: [null, 4] }),
  ]),
  'an unknown activation': sequential([dense('a', { activation: 'constructor', ...first })]),
  'an unknown initializer': sequential([dense('a', { kernel_initializer: layer('__proto__', {}), ...first })]),
  'models within models': nested(20000, (inside) => sequential(inside ? [inside] : [dense('a', first)])),
  'wrappers within wrappers': sequential([
    nested(5000, (inside) =>
      layer('TimeDistributed', { name: 'w', batch_input_shape: [null, 3, 4], layer: inside ?? dense('a') }),
    ),
  ]),
};

/** Loads it; what went wrong, how long it took, and how much memory was wanted. */
async function attempt(artifacts) {
  const before = tf.memory().numTensors,
    began = performance.now(),
    room = process.memoryUsage().rss;
  let failure = null;
  try {
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    model.dispose();
  } catch (error) {
    failure = error;
  }
  assert.equal(tf.memory().numTensors, before, 'tensors left behind');
  assert.ok(performance.now() - began < SECONDS * 1000, `it took ${(performance.now() - began) / 1000} s`);
  assert.ok(process.memoryUsage().rss - room < MEGABYTES * 2 ** 20, 'it took much memory');
  const three = tf.add(1, 2);
  assert.equal(three.dataSync()[0], 3);
  three.dispose();
  return failure;
}

function typed(failure, what) {
  assert.ok(failure, `${what} is taken`);
  assert.equal(failure.name, 'TensorineError', `${what}: ${failure.stack}`);
  assert.ok(failure.message.length > 10 && failure.message.length < 5000, `${what}: ${failure.message.slice(0, 200)}`);
}

for (const [what, modelTopology] of Object.entries(TOPOLOGIES))
  test(`a layers model with ${what}`, async () =>
    typed(await attempt({ modelTopology, weightSpecs: [], weightData: new ArrayBuffer(0) }), what));

test('a layers model of a hundred thousand layers is loaded soon', async () => {
  const relu = (name, more) => layer('Activation', { name, activation: 'relu', ...more });
  const layers = [relu('a', first), ...Array.from({ length: 100000 }, (_, i) => relu(`a${i}`))];
  assert.equal(
    await attempt({ modelTopology: sequential(layers), weightSpecs: [], weightData: new ArrayBuffer(0) }),
    null,
  );
});

test('repeats past memory are refused when it is known how many', async () => {
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      weightSpecs: [],
      weightData: new ArrayBuffer(0),
      modelTopology: sequential([layer('RepeatVector', { name: 'r', n: 2 ** 31 - 1, batch_input_shape: [null, 4] })]),
    }),
  );
  const x = tf.ones([1, 4]);
  assert.throws(() => model.predict(x), { name: 'TensorineError' });
  model.dispose();
  x.dispose();
});

test('brackets without end', async () => {
  const path = `data:application/json,${'['.repeat(100000)}`;
  await assert.rejects(tf.loadLayersModel(tf.io.http(path)), (error) => error.name === 'TensorineError');
});

// ---- weights ----

const KERNEL = { name: 'a/kernel', shape: [4, 2], dtype: 'float32' },
  BIAS = { name: 'a/bias', shape: [2], dtype: 'float32' };
const WEIGHTS = {
  'no weights': [],
  'a weight too few': [KERNEL],
  'a shape of another rank': [{ ...KERNEL, shape: [8] }, BIAS],
  'a shape past memory': [{ ...KERNEL, shape: [65536, 65536] }, BIAS],
  'a negative shape': [{ ...KERNEL, shape: [-4, -2] }, BIAS],
  'half a size': [{ ...KERNEL, shape: [4, 2.5] }, BIAS],
  'a shape that is text': [{ ...KERNEL, shape: 'big' }, BIAS],
  'more than there is': [{ ...KERNEL, shape: [400, 2] }, BIAS],
  'an unknown dtype': [{ ...KERNEL, dtype: 'float128' }, BIAS],
  'a name that is no text': [{ ...KERNEL, name: 7 }, BIAS],
  'a name __proto__': [{ ...KERNEL, name: '__proto__' }, BIAS],
  'the same name twice': [KERNEL, { ...BIAS, name: 'a/kernel' }],
  'an absurd scale': [{ ...KERNEL, quantization: { dtype: 'uint8', scale: 'x', min: 0 } }, BIAS],
  'an unknown quantization': [{ ...KERNEL, quantization: { dtype: 'uint3', scale: 1, min: 0 } }, BIAS],
  'specs that are no list': { 0: KERNEL },
};
for (const [what, weightSpecs] of Object.entries(WEIGHTS))
  test(`a layers model whose weights have ${what}`, async () =>
    typed(
      await attempt({ modelTopology: sequential([dense('a', first)]), weightSpecs, weightData: new ArrayBuffer(40) }),
      what,
    ));

test('weights that end too soon', async () => {
  for (const bytes of [0, 1, 39])
    typed(
      await attempt({
        modelTopology: sequential([dense('a', first)]),
        weightSpecs: [KERNEL, BIAS],
        weightData: new ArrayBuffer(bytes),
      }),
      `${bytes} bytes`,
    );
});
