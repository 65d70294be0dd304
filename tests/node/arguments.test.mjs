// Arguments that are read once, and mistakes that are told with what is allowed.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import test from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

/** Throws a TensorineError of the code and words, and leaves no tensor. */
function refused(f, code, words) {
  const before = tf.memory().numTensors;
  assert.throws(
    f,
    (e) =>
      (e instanceof tf.TensorineError && e.code === code && words.test(e.message)) ||
      assert.fail(`${e.code} ${e.message}`),
  );
  assert.equal(tf.memory().numTensors, before);
}
const list = (...getters) => {
  const values = getters.map(() => 0);
  getters.forEach((get, i) => Object.defineProperty(values, i, { get, enumerable: true }));
  return values;
};

test('getters may call the library while arguments are read', () =>
  tf.tidy(() => {
    const busy = (v) => () => {
      tf.tidy(() => {
        tf.concat([[1, 2], [3]])
          .reshape([3, 1])
          .add([[7]]);
      });
      return v;
    };
    assert.deepEqual(tf.add([1, 2], list(busy(10), busy(20))).arraySync(), [11, 22]);
    assert.deepEqual(tf.add(list(busy(10), busy(20)), list(busy(1), busy(2))).arraySync(), [11, 22]);
    assert.deepEqual(
      tf.pad(
        [[1]],
        list(() => [1, 0], busy([0, 1])),
        5,
      ).shape,
      [2, 2],
    );
    assert.deepEqual(tf.reshape([1, 2, 3, 4], list(busy(2), busy(2))).arraySync(), [
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(tf.concat(list(busy([1]), busy(tf.tensor([2])))).arraySync(), [1, 2]);
    assert.deepEqual(tf.tensor(list(busy(1), busy(2)), list(busy(2), busy(1))).arraySync(), [[1], [2]]);
    const x = tf.tensor([1, 2]);
    assert.throws(
      () =>
        tf.add(
          x,
          list(
            () => {
              x.dispose();
              return 1;
            },
            () => 2,
          ),
        ),
      { code: 'disposed' },
    );
    assert.throws(
      () =>
        tf.add(
          [1],
          list(() => {
            throw new RangeError('mine');
          }),
        ),
      RangeError,
    );
  }));

test('shapes and lengths that change while they are read write nowhere else', () =>
  tf.tidy(() => {
    const near = Array.from({ length: 20 }, (_, i) => tf.fill([8], i));
    let n = 0;
    const changing = new Proxy([2, 2], {
      get: (of, name) =>
        name === 'length' ? [2, 2, 60, 60][n++ % 4] : name === '0' ? (n++ % 2 ? 2 : 4000) : Reflect.get(of, name),
    });
    for (const f of [
      () => tf.tensor([1, 2, 3, 4], changing),
      () => tf.ones(changing),
      () => tf.tensor(changing),
      () => tf.fill(changing, 1),
    ]) {
      try {
        f().dispose();
      } catch (e) {
        assert.ok(e instanceof tf.TensorineError, e.stack);
      }
    }
    class Longer extends Float32Array {
      get length() {
        return 1000;
      }
    }
    assert.deepEqual(tf.tensor(new Longer([1, 2])).arraySync(), [1, 2]);
    near.forEach((x, i) => assert.deepEqual([...x.dataSync()], Array(8).fill(i)));
  }));

test('what is no tensor is told from what would be one', () => {
  refused(() => tf.add(Promise.resolve(1), 1), 'value', /got 'Promise': await it first/);
  refused(() => tf.tensor(Promise.resolve([1])), 'value', /await it first/);
  refused(() => tf.add(tf.data.array([1]), 1), 'value', /forEachAsync|toArray/);
  refused(() => tf.tensor([1, 'a'], undefined, 'float32'), 'value', /arr\[1\] is the string 'a'/);
  refused(() => tf.tensor(['1', '2'], undefined, 'int32'), 'value', /Number/);
  refused(() => tf.tensor([1, null]), 'value', /arr\[1\] is null/);
  refused(() => tf.sum([[1]], '0'), 'value', /axis must be a number or an array of numbers, but is '0'/);
  refused(() => tf.sum([[1]], ['0']), 'value', /axis\[0\] must be a whole number below 2\^31, but is '0'/);
  refused(() => tf.add(), 'value', /Argument 'a' passed to 'add'/);
  refused(() => tf.keep(), 'value', /keep/);
  refused(() => tf.print(3), 'value', /print/);
  refused(() => tf.buffer(), 'shape', /undefined/);
  refused(() => tf.rand([2]), 'value', /function/);
  refused(() => tf.fused.matMul(), 'value', /in one object/);
  refused(() => new tf.Tensor(5), 'value', /tf\.tensor/);
  refused(() => new tf.Tensor([2], 'float32'), 'value', /tf\.tensor/);
});

test('typed arrays that cannot be read leave nothing', () => {
  refused(() => tf.tensor(new BigInt64Array(2)), 'dtype', /BigInt64Array.*Number/);
  refused(() => tf.add(tf.scalar, new BigUint64Array(2)), 'value', /function/);
  const gone = new Float32Array(4);
  structuredClone(gone, { transfer: [gone.buffer] });
  const before = tf.memory().numTensors;
  try {
    tf.tensor(gone).dispose();
  } catch (e) {
    assert.ok(e instanceof tf.TensorineError);
  }
  assert.equal(tf.memory().numTensors, before);
  const shared = tf.tensor(new Float32Array(new SharedArrayBuffer(8)));
  assert.deepEqual(shared.arraySync(), [0, 0]);
  shared.dispose();
});

test('a number is a shape of one axis', () =>
  tf.tidy(() => {
    assert.deepEqual(tf.tensor([1, 2, 3, 4], 4).shape, [4]);
    assert.deepEqual(tf.buffer(3).shape, [3]);
    assert.deepEqual(tf.zeros(3).shape, [3]);
    assert.deepEqual(tf.input({ shape: 5 }).shape, [null, 5]);
  }));

test('operators on tensors throw with the op to use; texts show them', () =>
  tf.tidy(() => {
    const a = tf.tensor([1, 2]),
      b = tf.scalar(1);
    assert.throws(() => a > 0, { name: 'TensorineError', message: /a\.greater\(b\)/ });
    assert.throws(() => a + b, { name: 'TensorineError', message: /a\.add\(b\)/ });
    assert.throws(() => -a, { name: 'TensorineError', message: /neg/ });
    assert.match(`${a}`, /\[1, 2\]/);
    assert.equal(inspect(a), "Tensor { dtype: 'float32', shape: [2], values: [1, 2] }");
    assert.match(inspect({ a: [b] }), /values: 1 }/);
  }));

test('batchNorm of small variances does not cancel', () =>
  tf.tidy(() => {
    const x = Math.fround(1 + 2 ** -20),
      y = tf.batchNorm([[x, 1]], [1, 1], [1e-12, 1e-12], null, null, 1e-12).dataSync();
    const right = (x - 1) / Math.sqrt(2e-12);
    assert.ok(Math.abs(y[0] / right - 1) < 1e-5, `${y[0]} for ${right}`);
    assert.equal(y[1], 0);
  }));

test('time and profile want functions; time waits for results', async () => {
  await assert.rejects(tf.time(), { code: 'value', message: /function/ });
  await assert.rejects(tf.profile(3), { code: 'value', message: /function/ });
  const { kernelMs, wallMs } = await tf.time(() =>
    tf.tidy(
      () =>
        tf
          .matMul(tf.ones([50, 50]), tf.ones([50, 50]))
          .sum()
          .dataSync()[0],
    ),
  );
  assert.ok(kernelMs >= 0 && wallMs >= kernelMs);
});
