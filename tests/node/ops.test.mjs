// Tests that every op has because it is declared: examples, gradients of first and second order,
// bad input. `make test OP=name` runs those of one op.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { checkBadInput, checkExample, checkGradient, hasGradient, withDtype } from '../lib/ops.mjs';
import { keep } from '../lib/table.mjs';

const only = process.env.OP ?? '';
const ops = JSON.parse(readFileSync(new URL('../../build/gen/ops.json', import.meta.url), 'utf8')).ops.filter((op) =>
  op.path.includes(only),
);

const facts = {};

for (const op of ops) {
  const found = (facts[op.path] = { examples: 0, gradient: 'none', dtypes: {} });
  op.examples.forEach((example, i) => {
    test(`${op.path}: example ${i + 1}`, () => {
      checkExample(tf, op, example);
      found.examples++;
    });
    if (hasGradient(op))
      test(`${op.path}: gradients ${i + 1}`, () => {
        if (checkGradient(tf, op, example)) found.gradient = 'right';
      });
  });
  test(`${op.path}: bad input`, () => checkBadInput(tf, op, op.examples[0]));
  test(`${op.path}: dtypes`, () => {
    for (const dtype of ['int32', 'bool', 'complex64', 'string'])
      found.dtypes[dtype] = withDtype(tf, op, op.examples[0], dtype);
  });
}

after(() => {
  if (!only) keep('node', facts);
});

test('the checks find a wrong value, a wrong gradient and a tensor left behind', () => {
  const op = { path: 'wrong', params: [{ name: 'x', kind: 'tensor', type: { dtypes: [] } }] };
  const example = { code: 'tf.wrong([1, 2])', result: '[1, 4]' };
  const as = (wrong) => ({ ...tf, wrong });
  /** The square, whose gradient is said to be k x. */
  const square = (k) => {
    const f = tf.customGrad((x, save) => {
      save([x]);
      return { value: tf.square(x), gradFunc: (dy, [saved]) => dy.mul(saved).mul(k) };
    });
    return as((x) => f(x instanceof tf.Tensor ? x : tf.tensor(x)));
  };
  checkExample(as(tf.square), op, example);
  assert.throws(() => checkExample(as(tf.neg), op, example), /-1 where 1 should be/);
  assert.throws(
    () =>
      checkExample(
        as((x) => tf.square(tf.tensor(x))),
        op,
        example,
      ),
    /left 1 tensors/,
  );
  checkGradient(square(2), op, example);
  assert.throws(() => checkGradient(square(3), op, example), /gradient of input 0/);
});
