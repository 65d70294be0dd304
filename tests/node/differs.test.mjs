// Where a spec of TensorFlow.js is left out because the answer here is another one (known.mjs of
// tests/conformance): that it is the right one. And answers that only a spec of theirs asks for.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before));

const near = (actual, expected, tolerance = 1e-3) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((v, i) => assert.ok(Math.abs(v - expected[i]) < tolerance, `[${i}] ${v}, not ${expected[i]}`));
};

/** The gradient of sum(f(x) * dy) at x, and the same by central differences. */
function both(f, x, shape, dy) {
  const at = (values) => tf.tidy(() => f(tf.tensor(values, shape)).mul(dy).sum().dataSync()[0]);
  const moved = (i, by) => at(x.map((v, k) => (k === i ? v + by : v)));
  const found = tf.tidy(() => Array.from(tf.grad(f)(tf.tensor(x, shape), tf.tensor(dy)).dataSync()));
  return [found, x.map((_, i) => moved(i, 0.5) - moved(i, -0.5))];
}

test('the gradient of avgPool counts what the average counted, padding by pairs too', () => {
  const pad = [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ],
    dy = [
      [[0], [3]],
      [[0], [6]],
      [[0], [9]],
      [[0], [12]],
    ];
  const [found, differences] = both((x) => tf.avgPool(x, 3, 1, pad), [0, 1, 2, 3, 4, 5, 6, 7, 8], [3, 3, 1], dy);
  near(found, differences);
});

test('the gradient of mirrorPad adds what its copies get', () => {
  for (const mode of ['reflect', 'symmetric']) {
    const [found, differences] = both((x) => tf.mirrorPad(x, [[2, 1]], mode), [1, 2, 3], [3], [10, 20, 30, 40, 50, 60]);
    near(found, differences);
  }
});

test('depthwiseConv2d has a gradient with dilations', () => {
  const filter = [
      [[[1]], [[2]]],
      [[[3]], [[4]]],
    ],
    dy = [[[1]]];
  const f = (x) => tf.depthwiseConv2d(x, tf.tensor(filter), 1, 'valid', 'NHWC', 2);
  near(...both(f, [1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3, 1], dy));
});

test('softmax and logSoftmax take any axis', () =>
  tf.tidy(() => {
    const x = tf.tensor([
        [2, 1],
        [5, 3],
        [0, 4],
      ]),
      columns = tf.softmax(x.transpose()).transpose();
    near(tf.softmax(x, 0).dataSync(), columns.dataSync(), 1e-6);
    near(tf.logSoftmax(x, 0).dataSync(), columns.log().dataSync(), 1e-5);
  }));

test('einsum takes diagonals, and more than two tensors', () =>
  tf.tidy(() => {
    const a = tf.tensor([
        [1, 2],
        [3, 4],
      ]),
      b = tf.tensor([
        [5, 6],
        [7, 8],
      ]),
      c = tf.tensor([
        [1, 0],
        [2, 1],
      ]);
    near(tf.einsum('ii->', a).dataSync(), [5]);
    near(tf.einsum('ij,jk,kl->il', a, b, c).dataSync(), a.matMul(b).matMul(c).dataSync());
  }));

test('what has no gradient counts as not moving', () =>
  tf.tidy(() => {
    near(
      tf
        .grad((a) => a.logicalAnd(tf.tensor([false, true])))(tf.tensor([true, true]))
        .dataSync(),
      [0, 0],
    );
    near(
      tf
        .grad((a) => tf.zerosLike(a))(tf.tensor([1, 2]))
        .dataSync(),
      [0, 0],
    );
  }));

test('whole numbers: the gradient of a quotient is that of the exact one', () =>
  tf.tidy(() => {
    const [da, db] = tf.grads((a, b) => a.div(b))([tf.tensor([7], [1], 'int32'), tf.tensor([2], [1], 'int32')]);
    near([...da.dataSync(), ...db.dataSync()], [1 / 2, -7 / 4]);
  }));

test('conv2dTranspose leaves out what its outputShape does not ask for', () =>
  tf.tidy(() => {
    const x = tf.randomNormal([1, 5, 6, 2], 0, 1, 'float32', 1),
      filter = tf.randomNormal([3, 3, 1, 2], 0, 1, 'float32', 2);
    const whole = tf.conv2dTranspose(x, filter, [1, 4, 4, 1], 1, 'same');
    near(
      whole.dataSync(),
      tf.conv2dTranspose(x.slice([0, 0, 0, 0], [1, 4, 4, 2]), filter, [1, 4, 4, 1], 1, 'same').dataSync(),
      1e-6,
    );
    assert.throws(() => tf.conv2dTranspose(x, filter, [1, 7, 7, 1], 1, 'same'), /makes x 7 x 7, but it is 5 x 6/);
  }));

test('windows of one element that keep the size give x', () =>
  tf.tidy(() => {
    const x = tf.tensor([1, 2, 3, 4], [2, 2, 1]);
    for (const type of ['max', 'avg']) near(tf.pool(x, 1, type, 1, undefined, 2).dataSync(), [1, 2, 3, 4]);
    near(
      tf
        .grad((a) => tf.maxPool(a, 1, 2, 1))(x)
        .dataSync(),
      [1, 1, 1, 1],
    );
  }));

test('texts that a buffer was never given are null, and read as empty', () =>
  tf.tidy(() => {
    const buffer = tf.buffer([2, 2], 'string');
    buffer.set('a', 0, 1);
    const x = buffer.toTensor();
    assert.deepEqual(x.arraySync(), [
      [null, 'a'],
      [null, null],
    ]);
    assert.deepEqual(tf.tile(x, [1, 2]).arraySync()[0], [null, 'a', null, 'a']);
    assert.deepEqual(
      [...tf.string.stringToHashBucketFast(x, 10).dataSync()],
      [
        ...tf.string
          .stringToHashBucketFast(
            [
              ['', 'a'],
              ['', ''],
            ],
            10,
          )
          .dataSync(),
      ],
    );
    assert.match(x.toString(), /a/);
  }));

test('null among numbers is refused, and what stands for it is said', () =>
  tf.tidy(() => {
    assert.throws(
      () =>
        tf.tensor([
          [1, null],
          [3, 4],
        ]),
      /Element arr\[0\]\[1\] is null, it must be a number/,
    );
    assert.throws(() => tf.tensor([1, undefined]), /undefined/);
    assert.throws(() => tf.tensor(null), /non-null/);
  }));

test('brackets show the shape of what is empty', () =>
  tf.tidy(() => {
    assert.match(tf.zeros([2, 0]).toString(true), / \[ \[\]/);
  }));

test('memory counts the bytes of texts', () =>
  tf.tidy(() => {
    const { numBytes } = tf.memory(),
      x = tf.tensor([
        ['a', 'bb'],
        ['c', 'd'],
      ]),
      y = x.reshape([4]);
    assert.equal(tf.memory().numBytes - numBytes, 5);
    tf.dispose([x, y]);
    assert.equal(tf.memory().numBytes, numBytes);
  }));

test('flags in the address of a page', () => {
  const env = new tf.Environment({ location: { search: '?a=1&tfjsflags=ONE:true,TWO:-2.5,THREE:x,FOUR:' } });
  for (const name of ['ONE', 'TWO', 'THREE', 'FOUR']) env.registerFlag(name, () => 7);
  assert.deepEqual(
    ['ONE', 'TWO', 'THREE', 'FOUR'].map((name) => env.get(name)),
    [true, -2.5, 'x', ''],
  );
  env.set('TWO', 3);
  assert.equal(env.get('TWO'), 3);
  env.reset();
  assert.equal(env.get('TWO'), -2.5);
});

test('errors of asynchronous names tell of the name that was called', async () => {
  const x = tf.tensor([1, 0]);
  await assert.rejects(tf.whereAsync(x), {
    message: /^whereAsync: Argument 'condition' passed to 'whereAsync' must be bool/,
  });
  assert.throws(() => tf.nonzero(x), /'nonzero' must be bool/);
  x.dispose();
});

test('what is misspelt is told with what it may mean', () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const compile = (optimizer, loss) => () => model.compile({ optimizer, loss });
  assert.throws(compile('adm', 'mse'), /Unknown Optimizer 'adm', did you mean 'adam'\?/);
  assert.throws(compile('RmsPropp', 'mse'), /did you mean 'rmsprop'\?/);
  assert.throws(
    compile('adam', 'meanSquareError'),
    /Unknown loss 'meanSquareError', did you mean 'meanSquaredError'\?/,
  );
  assert.throws(compile('adam', 'nothing like it'), /Unknown loss 'nothing like it'$/);
  assert.throws(compile('adam', 'x'.repeat(300)), /Unknown loss 'x{80}'$/);
  assert.throws(compile('', 'mse'), /Unknown Optimizer ''$/);
  model.dispose();
});

test('the usual mistakes are told with the remedy', async () => {
  const x = tf.tensor([1]);
  x.dispose();
  assert.throws(() => x.add(1), /a is disposed: Tensor is disposed\. .*tf\.keep/);
  await assert.rejects(tf.setBackend('webgpu'), /'webgpu' not found in registry: there are wasm, cpu, webgl/);
  assert.throws(() => tf.tidy(5), /provide a function/);
  assert.throws(() => tf.addN(3), /must be a list of tensors/);
});
