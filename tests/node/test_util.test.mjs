// tf.test_util, which tests of packages call with tensors as well as arrays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const { expectArraysClose: close, expectArraysEqual: equal } = tf.test_util;
const inTidy = (title, f) =>
  test(title, () => {
    const before = tf.memory().numTensors;
    tf.tidy(f);
    assert.equal(tf.memory().numTensors, before);
  });

inTidy('tensors and arrays that are close', () => {
  const x = tf.tensor([
      [1, 2],
      [3, 4],
    ]),
    cases = [
      [x, x.add(5e-4)],
      [
        x,
        [
          [1, 2],
          [3, 4.0005],
        ],
      ],
      [
        [
          [1, 2],
          [3, 4.0005],
        ],
        x,
      ],
      [x, [1, 2, 3, 4]],
      [x, new Float32Array([1, 2, 3, 4])],
      [tf.scalar(2), 2],
      [2, tf.scalar(2.0004)],
      [tf.tensor([1, NaN]), tf.tensor([1, NaN])],
      [tf.tensor([], [0, 2]), tf.tensor([], [0, 2])],
      [tf.tensor([1, 2], [2], 'int32'), [1, 2]],
      [tf.tensor([true, false]), [1, 0]],
      [tf.tensor(['a', 'b']), ['a', 'b']],
      [
        tf.zeros([2, 2, 2]),
        [
          [
            [0, 0],
            [0, 0],
          ],
          [
            [0, 0],
            [0, 0],
          ],
        ],
      ],
    ];
  for (const [actual, expected] of cases) close(actual, expected);
  close(x, x.add(0.05), 0.1);
  equal(x, x.clone());
  equal(tf.tensor(['a', 'b']), tf.tensor(['a', 'b']));
});

inTidy('tensors and arrays that are not say what differs', () => {
  const x = tf.tensor([
      [1, 2],
      [3, 4],
    ]),
    cases = [
      [x, x.add(0.01), /actual\[0\] = 1, expected\[0\] = 1.0099/],
      [
        x,
        [
          [1, 2],
          [3, 5],
        ],
        /actual\[3\] = 4, expected\[3\] = 5/,
      ],
      [x, x.reshape([4]), /different shapes. Actual: \[2,2\]. Expected: \[4\]/],
      [x, [[1, 2, 3, 4]], /different shapes/],
      [x, [1, 2, 3], /different lengths actual: 4 vs expected: 3/],
      [x, x.cast('int32'), /different type. Actual: Float32Array. Expected: Int32Array/],
      [tf.tensor([1, NaN]), [1, 2], /actual\[1\] = NaN/],
      [tf.scalar(2), 3, /expected\[0\] = 3/],
      [tf.tensor(['a', 'b']), ['a', 'c'], /actual\[1\] = b, expected\[1\] = c/],
    ];
  for (const [actual, expected, message] of cases) assert.throws(() => close(actual, expected), message);
  assert.throws(() => equal(x, x.add(1e-4)), /differ/);
});
