// What JavaScript adds to ops on indices and texts: promises, regular expressions, options as objects.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { checkOutside } from '../lib/indices.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before));

/** The values of a promised tensor, which is disposed. */
async function values(promise) {
  const tensor = await promise;
  const array = tensor.arraySync();
  tensor.dispose();
  return array;
}

test('ops whose shape depends on values come as promises', async () => {
  assert.deepEqual(
    await values(
      tf.whereAsync([
        [true, false],
        [true, true],
      ]),
    ),
    [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(
    await values(
      tf.booleanMaskAsync(
        [
          [1, 2],
          [3, 4],
        ],
        [false, true],
        1,
      ),
    ),
    [[2], [4]],
  );
  assert.deepEqual(await values(tf.inTopKAsync([[1, 3, 2]], [2], 2)), [1]);
  const [left, at] = await tf.setdiff1dAsync(['a', 'b', 'c'], ['b']);
  assert.deepEqual(
    [left.arraySync(), at.arraySync()],
    [
      ['a', 'c'],
      [0, 2],
    ],
  );
  tf.dispose([left, at]);
});

test('indices outside of a tensor are refused and touch nothing', () => {
  assert.equal(checkOutside(tf), 89);
});

test('their errors are rejections with a code', async () => {
  await assert.rejects(tf.booleanMaskAsync([1, 2], [true]), { code: 'shape' });
  await assert.rejects(tf.inTopKAsync([[1, 2]], [0], 3), { code: 'value' });
  const gone = tf.tensor([true]);
  gone.dispose();
  await assert.rejects(tf.whereAsync(gone), { code: 'disposed' });
});

test('masks and differences have gradients', () => {
  const g = tf.grad((x) => tf.booleanMask(x, [true, false, true]).square().sum());
  tf.tidy(() => assert.deepEqual(g(tf.tensor([3, 4, 5])).arraySync(), [6, 0, 10]));
  const d = tf.grad((x) => tf.setdiff1d(x, [4])[0].square().sum());
  tf.tidy(() => assert.deepEqual(d(tf.tensor([3, 4, 5])).arraySync(), [6, 0, 10]));
});

test('staticRegexReplace takes the regular expressions of JavaScript', async () => {
  const { staticRegexReplace } = tf.string;
  assert.deepEqual(await values(staticRegexReplace(['a1b22', ''], '(\\d+)', '<$1>')), ['a<1>b<22>', '']);
  assert.deepEqual(await values(staticRegexReplace([['aa']], 'a', 'b', false)), [['ba']]);
  assert.throws(() => staticRegexReplace(['a'], '(', ''), { code: 'value', message: /^staticRegexReplace: pattern: / });
  const numbers = tf.tensor([1]);
  assert.throws(() => staticRegexReplace(numbers, 'a', ''), { code: 'dtype' });
  numbers.dispose();
});

test('n-grams and parts of texts with more than ASCII', () => {
  tf.tidy(() => {
    const { nGrams } = tf.string.stringNGrams(
      ['ä', '日', '🙂'],
      tf.tensor([0, 3], [2], 'int32'),
      '·',
      [2],
      '',
      '',
      0,
      false,
    );
    assert.deepEqual(nGrams.arraySync(), ['ä·日', '日·🙂']);
    const { values: parts } = tf.string.stringSplit(['ä 日'], ' ');
    assert.deepEqual(parts.arraySync(), ['ä', '日']);
  });
});

test('numbers given beside a tensor become what it is of', () => {
  tf.tidy(() => {
    const y = tf.sparseToDense(tf.tensor([1], [1], 'int32'), tf.tensor([7], [1], 'int32'), [3], 2);
    assert.deepEqual([y.dtype, y.arraySync()], ['int32', [2, 7, 2]]);
    assert.throws(() => tf.sparseToDense([1], [7], [3], tf.scalar(2, 'int32')), { code: 'dtype' });
    assert.deepEqual(tf.sparseToDense([1], ['x'], [3], 'o').arraySync(), ['o', 'x', 'o']);
  });
});

test('meshgrid takes options, ensureShape null and gives back what it was given', () => {
  tf.tidy(() => {
    assert.deepEqual(tf.meshgrid(), []);
    assert.deepEqual(
      tf.meshgrid([1, 2]).map((t) => t.arraySync()),
      [[1, 2]],
    );
    assert.deepEqual(
      tf.meshgrid([1, 2], [3], { indexing: 'ij' }).map((t) => t.arraySync()),
      [
        [[1], [2]],
        [[3], [3]],
      ],
    );
    assert.throws(() => tf.meshgrid([1], [2], { indexing: 'foobar' }), { code: 'value' });
    const x = tf.tensor([[1, 2]]);
    assert.equal(tf.ensureShape(x, [null, 2]), x);
    assert.throws(() => tf.ensureShape(x, [null, 3]), { code: 'shape' });
  });
});
