// What a program can find out about itself: profiles, times, memory, and where a NaN comes from.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before, told;
beforeEach((t) => {
  before = tf.memory().numTensors;
  told = [];
  t.mock.method(console, 'warn', (text) => told.push(text));
});
afterEach(() => {
  tf.env().reset();
  assert.equal(tf.memory().numTensors, before, 'tensors left behind');
});

/** The warnings of f in debug mode. */
async function warnings(f) {
  tf.enableDebugMode();
  told.length = 0;
  await f();
  return told.slice();
}

const HERE = /inspection\.test\.mjs:\d+/;

// ---- profile, time, memory ----

test('a profile has shapes, bytes, tensors and time of each call', async () => {
  const x = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    start = tf.memory();
  const { kernels, kernelNames, newBytes, newTensors, peakBytes, result } = await tf.profile(() =>
    tf.tidy(() => x.matMul(x, false, true).add(1).relu()),
  );
  assert.deepEqual(
    kernels.map((k) => [k.name, k.inputShapes, k.outputShapes]),
    [
      [
        'BatchMatMul',
        [
          [2, 3],
          [2, 3],
        ],
        [[2, 2]],
      ],
      ['Add', [[2, 2], []], [[2, 2]]],
      ['Relu', [[2, 2]], [[2, 2]]],
    ],
  );
  assert.deepEqual(kernelNames, ['BatchMatMul', 'Add', 'Relu']);
  assert.deepEqual(
    kernels.map((k) => k.op),
    ['matMul', 'add', 'relu'],
  );
  assert.deepEqual(
    kernels.map((k) => [k.bytesAdded, k.tensorsAdded, k.device, k.extraInfo]),
    Array(3).fill([16, 1, 'cpu', 'cpu']),
  );
  assert.ok(kernels.every((k) => k.totalTensorsSnapshot > start.numTensors));
  assert.deepEqual(
    kernels.map((k) => k.totalBytesSnapshot - start.numBytes),
    [16, 36, 48],
  );
  assert.ok(kernels.every((k) => k.kernelTimeMs >= 0 && Number.isFinite(k.kernelTimeMs)));
  assert.deepEqual([newBytes, newTensors], [16, 1]);
  assert.ok(peakBytes >= 36);
  assert.deepEqual(result.arraySync(), [
    [15, 33],
    [33, 78],
  ]);
  tf.dispose([x, result]);
});

test('inputs left out have no shape, several results have one each', async () => {
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => {
      tf.topk([1, 3, 2], 2);
      tf.batchNorm([[1, 2]], [0, 0], [1, 1]);
    }),
  );
  const top = kernels.find((k) => k.op === 'topk'),
    all = kernels.flatMap((k) => k.inputShapes);
  assert.deepEqual([top.outputShapes, top.tensorsAdded, top.bytesAdded], [[[2], [2]], 2, 16]);
  assert.ok(all.every(Array.isArray));
});

test('thousands of calls, and calls of many inputs, are kept up to a bound', async () => {
  const one = tf.ones([1]),
    list = Array.from({ length: 300 }, () => one);
  const { kernels } = await tf.profile(() =>
    tf.tidy(() => {
      for (let i = 0; i < 60; i++) tf.concat(list);
      for (let i = 0; i < 5000; i++) one.square().dispose();
    }),
  );
  assert.ok(kernels.length > 20 && kernels.length <= 4096);
  assert.ok(kernels.every((k) => k.outputShapes[0].length === 1));
  one.dispose();
});

test('a profile of fit and of a promise; errors end it', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.ones([4, 3]),
    y = tf.zeros([4, 2]);
  const { kernels, result } = await tf.profile(async () => {
    await model.fit(x, y, { epochs: 1, verbose: 0 });
    return tf.scalar(1);
  });
  assert.ok(kernels.length > 3 && result.arraySync() === 1);
  await assert.rejects(
    tf.profile(async () => {
      throw new Error('mine');
    }),
    /mine/,
  );
  await assert.rejects(
    tf.profile(() => tf.matMul([[1]], [1])),
    /matMul/,
  );
  model.dispose();
  tf.dispose([x, y, result]);
});

test('time is that of ops, and that of the clock', async () => {
  const { wallMs, kernelMs } = await tf.time(() =>
    tf.tidy(() => {
      tf.ones([200, 200]).matMul(tf.ones([200, 200]));
    }),
  );
  assert.ok(kernelMs > 0 && wallMs >= kernelMs);
});

test('memory is exact, texts too', () => {
  const start = tf.memory();
  const x = tf.tensor(['one', 'three']),
    view = x.reshape([2, 1]),
    now = tf.memory();
  assert.deepEqual([now.numTensors - start.numTensors, now.numDataBuffers - start.numDataBuffers], [2, 1]);
  assert.equal(now.numBytes - start.numBytes, 'onethree'.length);
  assert.equal(now.unreliable, false);
  tf.dispose([x, view]);
  assert.equal(tf.memory().numBytes, start.numBytes);
});

// ---- where a NaN comes from ----

test('the op that makes a NaN is named, and the line that called it', async () => {
  const [log, quotient, ...none] = await warnings(() =>
    tf.tidy(() => {
      const nan = tf.log([1, -1]); // told here
      nan.relu().add(1);
      tf.div(1, 0);
    }),
  );
  assert.match(log, /^Found NaN in the result of 'log'\n/);
  assert.match(log, HERE);
  assert.match(quotient, /^Found Infinity in the result of 'div'\n/);
  assert.equal(none.length, 0, 'results of what has a NaN already are not told');
});

test('a NaN inside an op that is made of others', async () => {
  const all = await warnings(() =>
    tf.tidy(() => {
      tf.losses.logLoss([1], [-3]);
    }),
  );
  assert.match(all[0], /^Found NaN in the result of 'log'/);
  assert.match(all[0], HERE);
});

test('a NaN that is born in a gradient', async () => {
  const all = await warnings(() =>
    tf.tidy(() => {
      tf.grad((x) => x.sqrt().mul(0).sum())([0]);
    }),
  );
  assert.match(all[0], /^Found (NaN|Infinity) in the result of '\w+' in the gradient of 'sqrt'\n/);
  assert.match(all[0], HERE);
});

test('a NaN in a layer, when a model predicts and when it is fitted', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones', name: 'first' }),
      tf.layers.reLU({ name: 'second' }),
    ],
  });
  const root = new (class Root extends tf.layers.Layer {
    static className = 'Root';
    call(x) {
      return tf.sqrt(Array.isArray(x) ? x[0] : x);
    }
    computeOutputShape(shape) {
      return shape;
    }
  })({ name: 'root' });
  const deep = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' }), root],
  });
  deep.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = tf.tensor2d([[-1]]),
    y = tf.tensor2d([[1]]);
  assert.deepEqual(
    await warnings(() => {
      model.predict(x).dispose();
    }),
    [],
  );
  const [guess] = await warnings(() => {
    deep.predict(x).dispose();
  });
  assert.match(guess, /^Found NaN in the result of 'sqrt' in layer 'root'\n/);
  assert.match(guess, HERE);
  const [fit] = await warnings(() => deep.fit(x, y, { epochs: 1, verbose: 0 }));
  assert.match(fit, /^Found NaN in the result of 'sqrt' in layer 'root'\n/);
  model.dispose();
  deep.dispose();
  tf.dispose([x, y]);
});

test('a NaN in a graph model names the node', async () => {
  const model = tf.loadGraphModelSync({
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder', attr: { dtype: { type: 1 } } },
        { name: 'inner/log', op: 'Log', input: ['x'], attr: { T: { type: 1 } } },
      ],
    },
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  });
  const x = tf.tensor1d([-1]);
  const [text] = await warnings(() => {
    model.predict(x).dispose();
  });
  assert.match(text, /^Found NaN in the result of 'log' in node 'inner\/log'\n/);
  assert.match(text, HERE);
  model.dispose();
  x.dispose();
});

test('values with a NaN are refused in debug mode alone', async () => {
  await warnings(() => {
    assert.throws(() => tf.tensor([1, NaN]), { code: 'value', message: /being uploaded contains NaN/ });
  });
  tf.env().reset();
  tf.tidy(() => {
    tf.log(tf.tensor([NaN, -1]));
  });
  assert.deepEqual(told, []);
});

test('modes and warnings', () => {
  tf.enableProdMode();
  assert.equal(tf.env().getBool('PROD'), true);
  tf.deprecationWarn('old.');
  assert.match(told.at(-1), /^old\. You can disable deprecation warnings/);
  tf.disableDeprecationWarnings();
  assert.match(told.at(-1), /deprecation warnings have been disabled/);
  const { length } = told;
  tf.deprecationWarn('old.');
  assert.equal(told.length, length);
  tf.enableDebugMode();
  assert.equal(tf.env().getBool('DEBUG'), true);
  assert.match(told.at(-1), /Debugging mode is ON/);
});
