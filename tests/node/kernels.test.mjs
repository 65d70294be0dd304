// The registry of kernels: every one by TensorFlow's name with its inputs and attributes, beside what
// TensorFlow.js gives; gradients; the engine's counts; kernels and backends of one's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, peer, tf, waves } from '../lib/both.mjs';
import { calls, ours } from '../lib/kernels.mjs';
import * as names from '../lib/kernel_names.mjs';

const run = (lib, name, call) => lib.engine().runKernel(name, ...call(lib));
const BROWSER = ['Draw', 'FromPixels'];

for (const [name, call] of Object.entries(calls))
  if (!(name in ours) && name !== 'Multinomial') test(`kernel ${name}`, () => both((lib) => run(lib, name, call)));

for (const [name, [call, value]] of Object.entries(ours))
  test(`kernel ${name}`, () => {
    const y = run(tf, name, call),
      want = value(tf);
    assert.deepEqual([y.shape, y.dtype, [...y.dataSync()]], [want.shape, want.dtype, [...want.dataSync()]]);
  });

test('kernel Multinomial', () => {
  const y = run(tf, 'Multinomial', calls.Multinomial);
  assert.deepEqual([y.shape, y.dtype, [...y.dataSync()]], [[1, 3], 'int32', [1, 1, 1]]);
});

test('every name there is has a kernel on each backend, and a call here', () => {
  const all = names.kernelNames(peer);
  assert.ok(all.length >= 178, String(all.length));
  for (const name of all) {
    for (const backend of ['wasm', 'cpu', 'webgl']) assert.equal(tf.getKernel(name, backend)?.kernelName, name);
    assert.ok(name in calls || name in ours || BROWSER.includes(name), `no call of ${name}`);
  }
  assert.equal(tf.getKernelsForBackend('webgl').length, tf.getKernelsForBackend('wasm').length);
  assert.equal(tf.getKernel('Nonesuch', 'wasm'), undefined);
});

const SMOOTH =
  'Abs Add AddN AvgPool BatchMatMul Conv2D Concat DepthwiseConv2dNative FusedBatchNorm GatherV2 MaxPool Mean ' +
  'Multiply Pack PadV2 Prelu RealDiv Reshape Sigmoid Slice Softmax Sqrt Sum Tanh Transpose Max Elu Pow';
for (const name of SMOOTH.split(' '))
  test(`getGradient('${name}') gives what the peer's gives`, () => {
    const gradients = (lib) => {
      const [inputs, attrs] = calls[name](lib),
        y = run(lib, name, calls[name]),
        config = lib.getGradient(name);
      const saved = config.saveAllInputs
        ? Object.values(inputs)
        : (config.inputsToSave ?? []).map((key) => inputs[key]);
      const dy = y.mul(0).add(0.5);
      const grads = config.gradFunc(dy, config.outputsToSave?.[0] ? [...saved, y] : saved, attrs);
      return Object.fromEntries(
        Object.entries(grads)
          .map(([key, get]) => [key, get()])
          .filter(([, g]) => g?.dtype === 'float32'),
      );
    };
    return both(gradients);
  });

test('kernels of several results, and their gradients', () => {
  const x = waves(tf, 2, 4),
    config = tf.getGradient('SplitV');
  const dx = config.gradFunc([tf.ones([2, 1]), tf.zeros([2, 3])], [x], { numOrSizeSplits: [1, 3], axis: 1 }).x();
  assert.deepEqual(dx.arraySync(), [
    [1, 0, 0, 0],
    [1, 0, 0, 0],
  ]);
});

test('a gradient goes through runKernel', () =>
  both((lib) => lib.grad((x) => lib.engine().runKernel('Square', { x }))(lib.tensor([1, 2, 3]))));

test("a kernel of one's own takes the place of the library's, and goes again", () => {
  const { warn } = console,
    square = tf.getKernel('Square', 'wasm');
  console.warn = () => {};
  tf.registerKernel({ kernelName: 'Square', backendName: 'wasm', kernelFunc: ({ inputs }) => inputs.x.add(100) });
  console.warn = warn;
  assert.equal(
    tf
      .engine()
      .runKernel('Square', { x: tf.scalar(2) })
      .dataSync()[0],
    102,
  );
  tf.unregisterKernel('Square', 'wasm');
  assert.throws(() => tf.engine().runKernel('Square', { x: tf.scalar(2) }), /not registered for backend 'wasm'/);
  tf.registerKernel(square);
  assert.equal(
    tf
      .engine()
      .runKernel('Square', { x: tf.scalar(2) })
      .dataSync()[0],
    4,
  );
});

test('the engine counts, and makes tensors of data ids', () => {
  tf.engine().startScope();
  const { state } = tf.engine(),
    before = { tensors: state.numTensors, bytes: state.numBytes };
  const x = tf.tensor([1, 2, 3, 4]);
  assert.equal(state.numTensors, before.tensors + 1);
  assert.ok(state.numBytes > before.bytes);
  const y = tf.engine().makeTensorFromDataId(x.dataId, [2, 2], 'float32');
  assert.deepEqual(y.arraySync(), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual([...tf.backend().readSync(x.dataId)], [1, 2, 3, 4]);
  const info = tf.backend().makeTensorInfo([2], 'int32', new Int32Array([5, 6])),
    count = state.numTensors;
  const z = tf.engine().makeTensorFromTensorInfo(info);
  assert.equal(state.numTensors, count, 'the result becomes the tensor');
  assert.deepEqual([z.dtype, ...z.dataSync()], ['int32', 5, 6]);
  tf.engine().removeDataId(x.dataId);
  assert.ok(x.isDisposed);
  assert.throws(() => tf.engine().makeTensorFromDataId(x.dataId, [4], 'float32'), { code: 'disposed' });
  tf.engine().endScope();
  assert.equal(state.numTensors, before.tensors);
});

test('backends by name', () => {
  const engine = tf.engine();
  assert.deepEqual(engine.backendNames().sort(), ['cpu', 'wasm', 'webgl']);
  assert.equal(engine.registry.wasm, tf.findBackend('wasm'));
  assert.equal(typeof engine.registryFactory.webgl.factory, 'function');
  assert.equal(engine.registryFactory.wasm.priority, 2);
});

test('a backend that keeps its own values', async () => {
  const kept = new WeakMap();
  class Mine extends tf.KernelBackend {
    readSync(id) {
      return kept.get(id);
    }
  }
  tf.registerBackend('mine', () => new Mine());
  tf.registerKernel({
    kernelName: 'Double',
    backendName: 'mine',
    kernelFunc: ({ inputs: { x } }) => {
      const dataId = {};
      kept.set(
        dataId,
        x.dataSync().map((v) => 2 * v),
      );
      return { dataId, shape: x.shape, dtype: x.dtype };
    },
  });
  await tf.setBackend('mine');
  assert.deepEqual(
    [
      ...tf
        .engine()
        .runKernel('Double', { x: tf.tensor([1, 2]) })
        .dataSync(),
    ],
    [2, 4],
  );
  assert.throws(() => tf.engine().runKernel('Square', { x: tf.scalar(1) }), /not registered for backend 'mine'/);
  await tf.setBackend('wasm');
  tf.removeBackend('mine');
  tf.unregisterKernel('Double', 'mine');
});
