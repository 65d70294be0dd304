// What is around the ops: tensors of values, reading, scopes, variables, gradients, flags, helpers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

/** A test whose tensors are disposed at its end. */
const tidied = (name, f) => test(name, () => tf.tidy(f));

// ---- values ----

tidied('values of every kind become tensors', () => {
  const cases = [
    [5, undefined, undefined, [], 'float32', 5],
    [true, undefined, undefined, [], 'bool', 1],
    [[1, 2.5], undefined, undefined, [2], 'float32', [1, 2.5]],
    [
      [
        [1, 2],
        [3, 4],
      ],
      undefined,
      'int32',
      [2, 2],
      'int32',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      [1, 2, 3, 4],
      [2, 2],
      undefined,
      [2, 2],
      'float32',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [new Int32Array([7, 8]), undefined, undefined, [2], 'int32', [7, 8]],
    [new Uint8Array([7, 8]), [2, 1], undefined, [2, 1], 'int32', [[7], [8]]],
    [new Float32Array([1.5]), undefined, 'int32', [1], 'int32', [1]],
    [new Float64Array([0.5]), undefined, undefined, [1], 'float32', [0.5]],
    [
      [new Float32Array([1, 2]), new Float32Array([3, 4])],
      undefined,
      undefined,
      [2, 2],
      'float32',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[false, true], undefined, undefined, [2], 'bool', [0, 1]],
    [[], undefined, undefined, [0], 'float32', []],
    [[[], []], undefined, undefined, [2, 0], 'float32', [[], []]],
    [[-1, 0, 3], undefined, 'bool', [3], 'bool', [1, 0, 1]],
  ];
  for (const [values, shape, dtype, rightShape, rightType, right] of cases) {
    const x = tf.tensor(values, shape, dtype);
    assert.deepEqual([x.shape, x.dtype, x.arraySync()], [rightShape, rightType, right]);
    assert.deepEqual([x.rank, x.size], [rightShape.length, rightShape.reduce((a, b) => a * b, 1)]);
  }
});

test('what is no tensor is refused by name', () => {
  const cases = [
    [null, 'value'],
    [undefined, 'value'],
    [['text', 1], 'value'],
    [{}, 'value'],
    [() => 1, 'value'],
    [NaN, null],
    [[1, 'a'], 'value'],
    [[[1, 2], [3]], 'shape'],
    [[1, [2]], 'shape'],
    [[[1], 2], 'shape'],
    [Symbol('s'), 'value'],
    [[null], 'value'],
    [[undefined], 'value'],
    [[{}], 'value'],
    [10n, 'value'],
  ];
  for (const [values, code] of cases) {
    if (code === null) tf.tensor(values).dispose();
    else assert.throws(() => tf.tensor(values), { name: 'TensorineError', code }, String(values?.toString?.()));
  }
  assert.throws(() => tf.tensor([1, 2, 3], [2, 2]), { code: 'shape', message: /should have 4 values but has 3/ });
  assert.throws(() => tf.tensor([1, 2], [-1]), { code: 'shape' });
  assert.throws(() => tf.tensor([1, 2], [2.5]), { code: 'shape' });
  assert.throws(() => tf.tensor([1, 2], undefined, 'float64'), { code: 'dtype', message: /float64/ });
  assert.throws(() => tf.tensor([1], [65536, 65536]), { code: 'shape' });
});

tidied('tensors of a rank', () => {
  assert.deepEqual(tf.tensor1d([1, 2]).shape, [2]);
  assert.deepEqual(
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]).shape,
    [2, 2],
  );
  assert.deepEqual(tf.tensor2d([1, 2, 3, 4], [2, 2]).arraySync(), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(tf.tensor3d([1, 2], [1, 2, 1]).shape, [1, 2, 1]);
  assert.deepEqual(tf.tensor4d([[[[1], [2]]]]).shape, [1, 1, 2, 1]);
  assert.deepEqual(tf.tensor5d([1], [1, 1, 1, 1, 1], 'bool').dtype, 'bool');
  assert.deepEqual(tf.tensor6d([1], [1, 1, 1, 1, 1, 1]).rank, 6);
  assert.equal(tf.scalar(3, 'int32').dtype, 'int32');
  assert.throws(() => tf.scalar([1]), /must be a primitive/);
  assert.throws(() => tf.tensor1d([[1]]), /flat\/TypedArray/);
  assert.throws(() => tf.tensor2d([1, 2]), /requires shape to be provided/);
  assert.throws(() => tf.tensor2d([1, 2], [2]), /requires shape to have 2 numbers/);
  assert.throws(() => tf.tensor3d([[1, 2]]), /requires values to be number\[\]\[\]\[\]/);
});

test('data comes back as arrays of the dtype, copied', async () => {
  const x = tf.tensor([1, 2]),
    b = tf.tensor([true, false]),
    i = tf.tensor([3], [1], 'int32');
  assert.deepEqual(await x.data(), new Float32Array([1, 2]));
  assert.deepEqual(b.dataSync(), new Uint8Array([1, 0]));
  assert.deepEqual(await i.array(), [3]);
  x.dataSync()[0] = 9;
  assert.deepEqual(x.arraySync(), [1, 2]);
  assert.deepEqual(await x.bytes(), new Uint8Array(new Float32Array([1, 2]).buffer));
  tf.dispose([x, { b, deep: [i] }]);
  await assert.rejects(x.data(), { code: 'disposed' });
  assert.throws(() => x.dataSync(), { code: 'disposed', message: /Tensor is disposed/ });
  assert.equal(x.isDisposed, true);
  x.dispose();
});

tidied('buffers', () => {
  const b = tf.buffer([2, 3], 'int32');
  (b.set(5, 1, 2), b.set(7, 0, 1));
  assert.equal(b.get(1, 2), 5);
  assert.deepEqual(b.toTensor().arraySync(), [
    [0, 7, 0],
    [0, 0, 5],
  ]);
  assert.deepEqual([b.locToIndex([1, 2]), b.indexToLoc(5), b.strides, b.rank], [5, [1, 2], [3], 2]);
  assert.throws(() => b.set(1, 2, 0), { code: 'index' });
  assert.throws(() => b.get(0), { code: 'index' });
  assert.throws(() => tf.buffer([2], 'float32', new Float32Array(3)), { code: 'shape' });
  assert.equal(
    tf
      .tensor([[1, 2]])
      .bufferSync()
      .get(0, 1),
    2,
  );
});

tidied('a tensor prints as in the manual', () => {
  const text = (x, verbose) => x.toString(verbose);
  assert.equal(text(tf.scalar(5)), 'Tensor\n    5');
  assert.equal(text(tf.tensor([1, 2.5])), 'Tensor\n    [1, 2.5]');
  assert.equal(
    text(
      tf.tensor([
        [1, 20],
        [3.25, 4],
      ]),
    ),
    'Tensor\n    [[1   , 20],\n     [3.25, 4 ]]',
  );
  assert.equal(text(tf.tensor([true, false])), 'Tensor\n    [true, false]');
  assert.match(text(tf.range(0, 100)), /\[0, 1, 2, \.\.\., 97, 98, 99\]/);
  assert.equal(text(tf.zeros([2, 0])), 'Tensor\n    [], shape [2,0]');
  assert.equal(
    text(tf.tensor([1], [1], 'int32'), true),
    'Tensor\n  dtype: int32\n  rank: 1\n  shape: [1]\n  values:\n    [1]',
  );
});

// ---- scopes and memory ----

test('tidy disposes what is made in it but not what it returns', () => {
  const outside = tf.tensor([1]);
  let inner;
  const { y, list } = tf.tidy('name', () => {
    inner = outside.add(1);
    tf.tidy(() => inner.mul(2));
    return { y: inner.mul(3), list: [inner.neg(), 5, 'text'] };
  });
  assert.equal(inner.isDisposed, true);
  assert.deepEqual([y.arraySync(), list[0].arraySync(), list[1]], [[6], [-2], 5]);
  assert.equal(tf.memory().numTensors, before + 3);
  tf.dispose({ outside, y, list });
});

test('tidy counts are those of the manual', () => {
  const y = tf.tidy(() => {
    const one = tf.scalar(1),
      a = tf.scalar(16);
    const b = a.square();
    assert.equal(tf.memory().numTensors, before + 3);
    return b.add(one);
  });
  assert.equal(tf.memory().numTensors, before + 1);
  y.dispose();
});

test('an exception closes the scope, keep survives it', () => {
  let kept;
  assert.throws(
    () =>
      tf.tidy(() => {
        kept = tf.keep(tf.scalar(2));
        tf.scalar(3);
        throw new Error('mine');
      }),
    /mine/,
  );
  assert.equal(tf.memory().numTensors, before + 1);
  assert.equal(kept.arraySync(), 2);
  kept.dispose();
  assert.throws(() => tf.tidy(5), { code: 'value' });
});

test('a scope works across await', async () => {
  const y = await tf.tidy(async () => {
    const a = tf.scalar(1);
    await new Promise((go) => setTimeout(go, 1));
    return a.add(2).mul(tf.scalar(4));
  });
  assert.equal(y.arraySync(), 12);
  assert.equal(tf.memory().numTensors, before + 1);
  y.dispose();
  await assert.rejects(
    tf.tidy(async () => {
      tf.scalar(1);
      throw new Error('later');
    }),
    /later/,
  );
});

test('memory counts tensors, data and bytes', () => {
  const start = tf.memory();
  const x = tf.zeros([10, 10]),
    view = x.reshape([100]),
    b = tf.tensor([true, false]);
  const now = tf.memory();
  assert.equal(now.numTensors - start.numTensors, 3);
  assert.equal(now.numDataBuffers - start.numDataBuffers, 2);
  assert.equal(now.numBytes - start.numBytes, 402);
  assert.equal(now.unreliable, false);
  assert.ok(now.peakBytes >= now.numBytes);
  tf.dispose([x, view, b]);
  assert.equal(tf.memory().numBytes, start.numBytes);
});

test('scopes by hand', () => {
  tf.startScope();
  tf.scalar(1);
  const kept = tf.scalar(2);
  tf.endScope([kept]);
  assert.equal(tf.memory().numTensors, before + 1);
  kept.dispose();
});

test('using disposes at the end of the block', () => {
  const x = tf.scalar(1);
  x[Symbol.dispose]();
  assert.ok(x.isDisposed);
});

test('memory of forgotten tensors comes back', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const start = tf.memory().numTensors;
  for (let i = 0; i < 5000; i++) tf.scalar(i);
  const held = tf.scalar(7),
    disposed = tf.scalar(8);
  disposed.dispose();
  for (let i = 0; i < 100 && tf.memory().numTensors > start + 1; i++) {
    gc();
    await new Promise((go) => setTimeout(go, 5));
  }
  assert.equal(tf.memory().numTensors, start + 1);
  assert.equal(held.arraySync(), 7);
  held.dispose();
});

// ---- variables ----

test('variables are named, assigned, counted and disposed', () => {
  const v = tf.variable(
    tf.tidy(() => [1, 2]),
    true,
    'weights',
  );
  assert.deepEqual([v.name, v.trainable, v.arraySync()], ['weights', true, [1, 2]]);
  assert.throws(() => tf.variable([1], true, 'weights'), /Variable with name weights was already registered/);
  tf.tidy(() => {
    v.assign(tf.tensor([3, 4]));
    assert.throws(() => v.assign(tf.tensor([3])), { code: 'shape' });
    assert.throws(() => v.assign(tf.tensor([3, 4], [2], 'int32')), { code: 'dtype' });
    assert.throws(() => v.assign([3, 4]), tf.TensorineError);
  });
  assert.deepEqual(v.arraySync(), [3, 4]);
  v.trainable = false;
  assert.equal(v.trainable, false);
  v.dispose();
  const again = tf.variable([1], false, 'weights', 'int32');
  assert.deepEqual([again.dtype, again.trainable], ['int32', false]);
  tf.variable(5);
  tf.disposeVariables();
  assert.ok(again.isDisposed);
});

// ---- gradients ----

tidied('the functions for gradients', () => {
  assert.deepEqual(
    tf
      .grad((x) => x.square())([1, 2])
      .arraySync(),
    [2, 4],
  );
  assert.deepEqual(
    tf
      .grad((x) => x.square())([1, 2], [10, 0])
      .arraySync(),
    [20, 0],
  );
  const [da, db] = tf.grads((a, b) => a.mul(b))([tf.scalar(2), 3]);
  assert.deepEqual([da.arraySync(), db.arraySync()], [3, 2]);
  const one = tf.valueAndGrad((x) => x.exp())(0);
  assert.deepEqual([one.value.arraySync(), one.grad.arraySync()], [1, 1]);
  const two = tf.valueAndGrads((a, b) => a.sub(b).sum())([[5, 6], 3]);
  assert.deepEqual([two.value.arraySync(), two.grads.map((g) => g.arraySync())], [5, [[1, 1], -2]]);
  const cube = (x) => x.pow(3);
  assert.equal(
    tf
      .grad(tf.grad(tf.grad(cube)))(5)
      .arraySync(),
    6,
  );
});

test('gradients of variables', () =>
  tf.tidy(() => {
    const a = tf.variable(2, true, 'a'),
      b = tf.variable(3, false, 'b'),
      c = tf.variable(4, true, 'c');
    try {
      const { value, grads } = tf.variableGrads(() => a.square().mul(b));
      assert.equal(value.arraySync(), 12);
      assert.deepEqual(Object.keys(grads), ['a']);
      assert.equal(grads.a.arraySync(), 12);
      assert.deepEqual(Object.keys(tf.variableGrads(() => a.mul(c), [c]).grads), ['c']);
      assert.throws(() => tf.variableGrads(() => a.mul([1, 2])), { code: 'gradient', message: /rank-1/ });
      assert.throws(() => tf.variableGrads(() => tf.scalar(1)), { code: 'gradient', message: /connection/ });
      assert.throws(() => tf.variableGrads(() => b.mul(1), [b]), { code: 'gradient', message: /trainable/ });
    } finally {
      tf.disposeVariables();
    }
  }));

tidied('wrong use of gradients is named', () => {
  assert.throws(() => tf.grad(5), { code: 'value' });
  assert.throws(() => tf.grads((a) => a)(5), { code: 'value' });
  assert.throws(() => tf.grad(() => 5)(1), { code: 'gradient', message: /must be a tensor/ });
  assert.throws(() => tf.grad(() => tf.scalar(1))(1), { code: 'gradient', message: /Cannot compute gradient/ });
  assert.throws(() => tf.grad((x) => x.square())([1, 2], [1]), { code: 'shape' });
  assert.throws(
    () =>
      tf.grad(() => {
        throw new Error('mine');
      })(1),
    /mine/,
  );
  assert.equal(
    tf
      .grad((x) => x.square())(3)
      .arraySync(),
    6,
    'and goes on',
  );
});

tidied('custom gradients', () => {
  const clip = tf.customGrad((x, save) => {
    save([x]);
    return { value: x.square(), gradFunc: (dy, [saved]) => dy.mul(saved.abs()) };
  });
  assert.deepEqual(
    tf
      .grad((x) => clip(x).mul(10))([-3, 2])
      .arraySync(),
    [30, 20],
  );
  const two = tf.customGrad((a, b) => ({ value: a.mul(b), gradFunc: (dy) => [dy.mul(2), dy.mul(3)] }));
  assert.deepEqual(
    tf
      .grads((a, b) => two(a, b))([5, 6])
      .map((g) => g.arraySync()),
    [2, 3],
  );
  const inside = tf.customGrad((x) => ({ value: x.square(), gradFunc: (dy) => tf.grad((v) => v.exp())(dy.sub(1)) }));
  assert.equal(
    tf
      .grad((x) => inside(x))(3)
      .arraySync(),
    1,
  );
  const many = tf.customGrad((x) => ({ value: x.square(), gradFunc: () => [1, 2] }));
  assert.throws(() => tf.grad((x) => many(x))(1), { code: 'gradient', message: /2 gradients for 1/ });
  const angry = tf.customGrad((x) => ({
    value: x.square(),
    gradFunc: () => {
      throw new RangeError('mine');
    },
  }));
  assert.throws(() => tf.grad((x) => angry(x))(1), { name: 'RangeError', message: 'mine' });
  assert.throws(() => tf.customGrad(() => 1)(tf.scalar(1)), { code: 'gradient' });
  assert.equal(
    tf
      .grad((x) => x.square())(3)
      .arraySync(),
    6,
    'and goes on',
  );
});

// ---- errors ----

tidied('an error names op, argument and both numbers, and the library goes on', () => {
  const a = tf.zeros([2, 3]),
    gone = tf.scalar(1);
  gone.dispose();
  assert.throws(() => tf.matMul(a, a), { name: 'TensorineError', code: 'shape', message: /matMul.*3.*2/ });
  assert.throws(() => a.add(gone), {
    code: 'disposed',
    message: /^add: b is disposed: Tensor is disposed\. .*tf\.keep/,
  });
  assert.throws(() => a.reshape([4]), { code: 'shape', message: /reshape.*6.*4/ });
  assert.throws(() => a.sum(2), { code: 'value', message: /sum: axis 2/ });
  assert.throws(() => a.cast('float64'), { code: 'value', message: /dtype must be one of/ });
  assert.throws(() => tf.concat([a, gone]), { code: 'disposed', message: /tensors\[1\]/ });
  assert.ok(new tf.TensorineError('shape', 'x') instanceof Error);
  assert.deepEqual(a.add(1).sum().arraySync(), 6);
});

test('debug mode names the op that makes a NaN', (t) =>
  tf.tidy(() => {
    const told = [];
    t.mock.method(console, 'warn', (text) => told.push(text));
    tf.log(-1);
    tf.enableDebugMode();
    try {
      told.length = 0;
      (tf.log([1, -1]), tf.div(1, 0), tf.split([1, 2], 2));
      assert.deepEqual(
        told.map((text) => text.split('\n')[0]),
        ["Found NaN in the result of 'log'", "Found Infinity in the result of 'div'"],
      );
      assert.throws(() => tf.tensor([1, NaN]), { code: 'value', message: /being uploaded contains NaN/ });
      assert.throws(() => tf.add([Infinity], 1), { code: 'value' });
    } finally {
      tf.env().reset();
    }
    (tf.log(-1), tf.tensor([NaN]));
    assert.equal(told.length, 2);
  }));

// ---- surroundings ----

test('profile tells what ran and what is left', async () => {
  let x;
  const { result, ...info } = await tf.profile(() => {
    x = tf.ones([4, 5]);
    return tf.tidy(() => x.matMul(x, false, true).sum());
  });
  assert.equal(info.newTensors, 2);
  assert.equal(info.newBytes, 84);
  assert.deepEqual(info.kernelNames, ['Fill', 'BatchMatMul', 'Sum']);
  assert.deepEqual(info.kernels[1].inputShapes, [
    [4, 5],
    [4, 5],
  ]);
  assert.deepEqual(info.kernels[1].outputShapes, [[4, 4]]);
  assert.deepEqual(
    info.kernels.map((k) => k.op),
    ['fill', 'matMul', 'sum'],
  );
  assert.equal(info.peakBytes, Math.max(...info.kernels.map((k) => k.totalBytesSnapshot)));
  assert.ok(info.kernels.every((k) => k.device === 'cpu' && k.kernelTimeMs >= 0));
  tf.dispose([x, result]);
  const { wallMs, kernelMs } = await tf.time(() =>
    tf.tidy(() => {
      tf.ones([100, 100]).sum();
    }),
  );
  assert.ok(wallMs >= kernelMs && kernelMs >= 0);
  await assert.rejects(
    tf.profile(() => {
      throw new Error('mine');
    }),
    /mine/,
  );
  await tf.nextFrame();
});

test('backends and threads', async () => {
  assert.equal(tf.getBackend(), 'wasm');
  assert.equal(await tf.setBackend('cpu'), true);
  assert.equal(tf.getBackend(), 'cpu');
  assert.equal(await tf.setBackend('wasm'), true);
  await assert.rejects(tf.setBackend('abacus'), { code: 'device', message: /abacus/ });
  await tf.ready();
  assert.throws(() => tf.setThreads(0), { code: 'value' });
  assert.throws(() => tf.setThreads('many'), { code: 'value' });
  assert.equal(tf.getThreads(), 1);
});

test('flags', () => {
  const env = tf.env();
  assert.equal(env.getBool('IS_NODE'), true);
  assert.equal(env.getBool('IS_BROWSER'), false);
  assert.equal(env.get('WASM_HAS_SIMD_SUPPORT'), true);
  env.set('WEBGL_PACK', false);
  assert.equal(env.getBool('WEBGL_PACK'), false);
  assert.throws(() => env.get('NO_SUCH'), /no evaluation function/);
  assert.throws(() => env.set('NO_SUCH', 1), /has not been registered/);
  let told = null;
  env.registerFlag(
    'MINE',
    () => 3,
    (v) => {
      told = v;
    },
  );
  assert.equal(env.getNumber('MINE'), 3);
  env.set('MINE', 4);
  assert.deepEqual([told, env.get('MINE')], [4, 4]);
  env.reset();
  tf.enableProdMode();
  assert.equal(env.get('PROD'), true);
  env.reset();
  assert.equal(typeof tf.version.tensorine, 'string');
});

tidied('further names of ops', () => {
  const m = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(tf.slice1d([1, 2, 3], 1, 2).arraySync(), [2, 3]);
  assert.deepEqual(tf.slice2d(m, [1, 0], [1, 2]).arraySync(), [[3, 4]]);
  assert.throws(() => tf.slice1d(m, 0, 1), { code: 'shape', message: /slice1d expects a rank-1 tensor/ });
  assert.deepEqual(tf.reverse1d([1, 2]).arraySync(), [2, 1]);
  assert.deepEqual(tf.reverse2d(m, 1).arraySync(), [
    [2, 1],
    [4, 3],
  ]);
  assert.deepEqual(tf.concat1d([[1], [2]]).arraySync(), [1, 2]);
  assert.deepEqual(m.concat(m, 1).shape, [2, 4]);
  assert.deepEqual(m.stack([m, m]).shape, [3, 2, 2]);
  assert.deepEqual(tf.pad1d([1], [1, 2], 9).arraySync(), [9, 1, 9, 9]);
  assert.deepEqual(
    tf
      .pad2d(m, [
        [0, 0],
        [1, 0],
      ])
      .arraySync(),
    [
      [0, 1, 2],
      [0, 3, 4],
    ],
  );
  assert.deepEqual(tf.batchNorm2d(m, [0, 0], [1, 1], null, null, 0).arraySync(), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(
    m
      .where(
        [
          [true, false],
          [false, true],
        ],
        0,
      )
      .arraySync(),
    [
      [1, 0],
      [0, 4],
    ],
  );
  assert.deepEqual(m.asType('int32').toFloat().toBool().dtype, 'bool');
  assert.deepEqual(m.as1D().as2D(4, 1).as3D(1, 4, 1).as4D(1, 1, 2, 2).reshapeAs(m).flatten().shape, [4]);
  assert.equal(tf.Reduction.SUM, 2);
});

test('util', () => {
  const u = tf.util;
  assert.equal(u.sizeFromShape([2, 3, 4]), 24);
  assert.equal(u.sizeFromShape([]), 1);
  assert.deepEqual(u.flatten([[1, [2]], 3, new Float32Array([4])]), [1, 2, 3, 4]);
  assert.throws(() => u.assert(false, () => 'why'), /why/);
  u.assert(true, () => 'why');
  assert.throws(() => u.assertShapesMatch([1], [2], 'in x:'), /in x: Shapes 1 and 2 must match/);
  assert.deepEqual(u.computeStrides([2, 3, 4]), [12, 4]);
  assert.deepEqual(u.inferFromImplicitShape([2, -1], 6), [2, 3]);
  assert.throws(() => u.inferFromImplicitShape([-1, -1], 6));
  assert.deepEqual(u.parseAxisParam(-1, [2, 3]), [1]);
  assert.deepEqual(u.parseAxisParam(null, [2, 3]), [0, 1]);
  assert.deepEqual(u.squeezeShape([1, 2, 1]), { newShape: [2], keptDims: [1] });
  assert.deepEqual(u.squeezeShape([1, 2, 1], [0]), { newShape: [2, 1], keptDims: [1, 2] });
  assert.deepEqual([u.locToIndex([1, 2], 2, [3]), u.indexToLoc(5, 2, [3])], [5, [1, 2]]);
  assert.deepEqual(u.toNestedArray([2, 2], [1, 2, 3, 4]), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(u.toTypedArray([[1.5, 2]], 'int32'), new Int32Array([1, 2]));
  assert.deepEqual(
    [u.inferDtype([[true]]), u.inferDtype(new Uint8Array(1)), u.inferDtype(2)],
    ['bool', 'int32', 'float32'],
  );
  assert.deepEqual(
    [u.arraysEqual([1], [1]), u.arraysEqual([1], [2]), u.arraysEqualWithNull([null, 2], [1, 2])],
    [true, false, true],
  );
  const list = Array.from({ length: 50 }, (_, i) => i),
    both = list.map((i) => i * 2),
    sorted = [...list];
  u.shuffleCombo(list, both);
  assert.notDeepEqual(list, sorted);
  assert.ok(list.every((v, i) => both[i] === v * 2));
  assert.deepEqual(
    [...u.createShuffledIndices(50)].sort((a, b) => a - b),
    sorted,
  );
  assert.throws(() => u.shuffleCombo([1], [1, 2]));
  assert.deepEqual([u.clamp(0, 5, 3), u.nearestDivisor(12, 5), u.sizeToSquarishShape(10)], [3, 6, [4, 3]]);
  assert.equal(u.decodeString(u.encodeString('hé')), 'hé');
  assert.deepEqual([u.bytesPerElement('bool'), u.hasEncodingLoss('float32', 'int32')], [1, true]);
  assert.ok(u.now() > 0 && u.isPromise(Promise.resolve()) && u.isTypedArray(new Int32Array(1)) && u.isInt(2));
});

test('the multi-file build says that it must be waited for', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    const tf = await import('./dist/multi/tensorine.mjs');
    for (const early of [() => tf.tensor([1]), () => tf.add(1, 2), () => tf.tidy(() => 1), () => tf.memory()])
      try { early(); } catch (error) { console.log(error.code, error.message); }
    await tf.ready(); tf.add(1, 2).print();`,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(
    stdout,
    `${'device tensorine is still loading: await tf.ready() first\n'.repeat(4)}Tensor\n    3\n`,
    stderr,
  );
});

test('works on the line after require, and its objects show their names', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '-e',
      `
    const tf = require('./dist/tensorine.cjs'); tf.tensor([1, 2]).print();
    console.log(tf.tensor([1]).constructor.name, tf.variable([1]).constructor.name);
    try { tf.matMul([1], [2]) } catch (e) { console.log(e.constructor.name, e.name, e.code) }`,
    ],
    { encoding: 'utf8' },
  );
  assert.equal(stdout, 'Tensor\n    [1, 2]\nTensor Variable\nTensorineError TensorineError shape\n', stderr);
});

tidied('fingerprints of bytes are those of the peer', () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 37 + 11) % 256);
  for (const n of [0, 1, 3, 4, 7, 8, 15, 16, 17, 32, 33, 63, 64, 65, 128, 200]) {
    const [ours, theirs] = [tf, peer].map(({ util }) => util.fingerPrint64(bytes, n));
    assert.deepEqual([ours.low, ours.high, ours.unsigned], [theirs.low, theirs.high, theirs.unsigned], `${n} bytes`);
    assert.deepEqual([ours.toString(), ours.toString(16)], [theirs.toString(), theirs.toString(16)]);
    assert.equal(ours.toNumber(), theirs.toNumber());
    assert.ok(ours.equals(tf.util.hexToLong(theirs.toString(16))));
  }
  for (const hex of ['', '-1', 'xyz', '12345678901234567', 5])
    assert.throws(() => tf.util.hexToLong(hex), tf.TensorineError);
});
