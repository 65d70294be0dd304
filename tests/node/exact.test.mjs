// Whole numbers keep all of their digits, and a flat picture stays flat.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const BIG = 16777217,
  TOP = 2147483647,
  LOW = -2147483648;
const ODD = [BIG, TOP, LOW, -BIG, 2147483646, 123456789];

/** The values of f's tensor, and nothing left behind. */
function values(f) {
  const before = tf.memory().numTensors;
  const y = tf.tidy(f),
    found = y.arraySync();
  y.dispose();
  assert.equal(tf.memory().numTensors, before);
  return found;
}
const ints = (list, shape) => tf.tensor(list, shape, 'int32');

test('constants of int32 are exact', () => {
  for (const v of ODD) {
    assert.deepEqual(
      values(() => tf.fill([2], v, 'int32')),
      [v, v],
    );
    assert.deepEqual(
      values(() => tf.pad(ints([1]), [[1, 0]], v)),
      [v, 1],
    );
    assert.deepEqual(
      values(() =>
        tf.pad2d(
          ints([[1]]),
          [
            [0, 0],
            [0, 1],
          ],
          v,
        ),
      ),
      [[1, v]],
    );
    assert.deepEqual(
      values(() => tf.oneHot(ints([1]), 2, v, -v | 0)),
      [[-v | 0, v]],
    );
    assert.deepEqual(
      values(() => tf.step(ints([-1, 1]), v)),
      [v, 1],
    );
    assert.deepEqual(
      values(() => tf.signal.frame(ints([1, 2]), 3, 3, true, v)),
      [[1, 2, v]],
    );
    assert.equal(
      values(() => tf.scalar(v, 'int32')),
      v,
    );
    assert.deepEqual(
      values(() => tf.range(Math.min(v, TOP - 2), Math.min(v, TOP - 2) + 2, 1, 'int32')),
      [Math.min(v, TOP - 2), Math.min(v, TOP - 2) + 1],
    );
    assert.deepEqual(
      values(() => tf.sparseToDense(ints([0]), ints([7]), [2], tf.scalar(v, 'int32'))),
      [7, v],
    );
    assert.deepEqual(
      values(() => tf.sparseToDense(ints([0]), ints([7]), [2], v)),
      [7, v],
    );
  }
  assert.deepEqual(
    values(() => tf.mirrorPad(ints([1, BIG]), [[0, 1]], 'symmetric')),
    [1, BIG, BIG],
  );
});

test('constants that no int32 is are refused', () => {
  for (const v of [2147483648, -2147483649, 3e9, Infinity, NaN]) {
    for (const f of [
      () => tf.fill([2], v, 'int32'),
      () => tf.pad(ints([1]), [[1, 0]], v),
      () => tf.oneHot(ints([1]), 2, v, 0),
      () => tf.step(ints([1]), v),
    ])
      assert.throws(
        () => tf.tidy(f),
        (e) => e instanceof tf.TensorineError && e.code === 'value',
        String(v),
      );
  }
});

test('clipByValue of int32', () => {
  const clip = (min, max) => values(() => tf.clipByValue(ints(ODD), min, max));
  assert.deepEqual(clip(LOW, TOP), ODD);
  assert.deepEqual(clip(-Infinity, Infinity), ODD);
  for (const [min, max] of [
    [0, BIG],
    [-BIG, TOP],
    [BIG, BIG],
    [LOW, BIG + 2],
    [1.5, 20000001.5],
    [-5.5, 3e9],
  ])
    assert.deepEqual(
      clip(min, max),
      ODD.map((v) => Math.trunc(Math.min(Math.max(v, min), max))),
      `${min} ${max}`,
    );
});

test('ops on int32 beyond 2^24', () => {
  assert.deepEqual(
    values(() => tf.maxPool(ints([BIG, BIG - 1, -BIG, LOW], [2, 2, 1]), 2, 1, 'valid')),
    [[[BIG]]],
  );
  assert.deepEqual(
    values(() => tf.maxPool(ints([-BIG, -BIG - 1, LOW + 1, LOW], [2, 2, 1]), [1, 2], 2, 'same')),
    [[[-BIG]]],
  );
  assert.deepEqual(
    values(() => tf.pool(ints([BIG, TOP, 5], [1, 3, 1]), [1, 2], 'max', 'valid', 1, 1)),
    [[[TOP], [TOP]]],
  );
  assert.deepEqual(
    values(() => tf.maxPool3d(ints([BIG, BIG + 1], [1, 1, 2, 1, 1]), [1, 2, 1], 1, 'valid')),
    [[[[[BIG + 1]]]]],
  );
  tf.tidy(() => {
    const { result, indexes } = tf.maxPoolWithArgmax(ints([BIG, BIG + 1, BIG + 2, BIG], [1, 2, 2, 1]), 2, 1, 'valid');
    assert.deepEqual([result.arraySync(), indexes.arraySync()], [[[[[BIG + 2]]]], [[[[2]]]]]);
    const { values: top, indices } = tf.topk(ints([BIG, BIG + 1, BIG + 2]), 2);
    assert.deepEqual(
      [top.arraySync(), indices.arraySync()],
      [
        [BIG + 2, BIG + 1],
        [2, 1],
      ],
    );
  });
  const x = () => ints([BIG, BIG + 1, BIG - 1]);
  assert.equal(
    values(() => tf.max(x())),
    BIG + 1,
  );
  assert.equal(
    values(() => tf.min(x())),
    BIG - 1,
  );
  assert.equal(
    values(() => tf.argMax(x())),
    1,
  );
  assert.equal(
    values(() => tf.argMin(x())),
    2,
  );
  assert.equal(
    values(() => tf.sum(x())),
    3 * BIG,
  );
  assert.equal(
    values(() => tf.prod(ints([BIG, 3]))),
    3 * BIG,
  );
  assert.deepEqual(
    values(() => tf.cumsum(x())),
    [BIG, 2 * BIG + 1, 3 * BIG],
  );
  assert.deepEqual(
    values(() => tf.where([true, false, true], x(), ints([TOP]))),
    [BIG, TOP, BIG - 1],
  );
  assert.deepEqual(
    values(() => tf.add(x(), tf.scalar(BIG, 'int32'))),
    [2 * BIG, 2 * BIG + 1, 2 * BIG - 1],
  );
  assert.deepEqual(
    values(() => tf.equal(x(), ints([BIG]))),
    [1, 0, 0],
  );
  assert.deepEqual(
    values(() => tf.maximum(x(), ints([BIG]))),
    [BIG, BIG + 1, BIG],
  );
  assert.deepEqual(
    values(() => tf.relu(x())),
    [BIG, BIG + 1, BIG - 1],
  );
  assert.deepEqual(
    values(() => tf.abs(tf.neg(x()))),
    [BIG, BIG + 1, BIG - 1],
  );
  assert.deepEqual(
    values(() => tf.unique(ints([BIG, BIG + 1, BIG])).values),
    [BIG, BIG + 1],
  );
  assert.deepEqual(
    values(() =>
      tf.searchSorted(
        x()
          .sum()
          .reshape([1, 1])
          .concat(ints([[TOP]]), 1),
        ints([[3 * BIG - 1]]),
      ),
    ),
    [[0]],
  );
});

test('cast and tensor wrap around alike', () => {
  for (const v of [3e9, -3e9, 4294967296, 5e9, 2147483648, -2147483648, 1e20, -1.9, 1.9, NaN, Infinity, -Infinity]) {
    const f = Math.fround(v),
      right = Int32Array.of(f)[0];
    assert.equal(
      values(() => tf.scalar(f, 'int32')),
      right,
      `tensor ${v}`,
    );
    assert.equal(
      values(() => tf.scalar(f).cast('int32')),
      right,
      `cast ${v}`,
    );
    assert.deepEqual(
      values(() => tf.tensor(Array(9).fill(f)).toInt()),
      Array(9).fill(right),
    );
  }
});

test('a flat picture stays flat, cut, warped and resized', () => {
  tf.tidy(() => {
    const greys = tf.range(0, 256).reshape([1, 1, 1, 256]).tile([1, 9, 7, 1]);
    const flat = (y, what) => {
      const n = y.shape[1] * y.shape[2];
      y.dataSync().forEach((v, i) =>
        assert.equal(v, i % 256, `${what}: grey ${i % 256} of pixel ${Math.floor(i / 256) % n}`),
      );
    };
    flat(tf.image.cropAndResize(greys, [[0.03, 0.07, 0.91, 0.83]], [0], [32, 32]), 'crop');
    flat(
      tf.image.transform(greys, [[0.7, 0.11, 0.3, -0.05, 0.6, 0.9, 0, 0]], 'bilinear', 'reflect', 0, [7, 8]),
      'transform',
    );
    flat(tf.image.resizeBilinear(greys, [31, 23]), 'resize');
    flat(tf.image.resizeBilinear(greys, [31, 23], false, true), 'resize by centres');
  });
});

test('bilinear samples against doubles', () => {
  tf.tidy(() => {
    const x = tf
      .tensor([
        [3, 8, 1],
        [9, -4, 7],
      ])
      .reshape([1, 2, 3, 1]);
    const y = tf.image.cropAndResize(x, [[0.1, 0.2, 0.8, 0.9]], [0], [2, 2]).dataSync();
    const at = (r, c) => {
      const rows = [
          [3, 8, 1],
          [9, -4, 7],
        ],
        [t, l] = [Math.floor(r), Math.floor(c)],
        line = (k) => rows[k][l] + (rows[k][l + 1] - rows[k][l]) * (c - l);
      return line(t) + (line(t + 1) - line(t)) * (r - t);
    };
    const right = [at(0.1, 0.4), at(0.1, 1.8), at(0.8, 0.4), at(0.8, 1.8)];
    right.forEach((v, i) => assert.ok(Math.abs(y[i] - v) < 2e-6, `${i}: ${y[i]} for ${v}`));
  });
});
