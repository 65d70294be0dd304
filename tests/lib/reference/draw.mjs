// Arrays of random values for the references, the same in every run; each knows its dtype.
import { numbers } from '../ops.mjs';
import { build } from './array.mjs';

const random = numbers(11);
export const between = (low, high) => low + ((high - low) * (random() + 1)) / 2;
export const whole = (low, high) => Math.floor(between(low, high + 0.999));

/** An array as the library shall get it. */
export const as = (dtype, x) => ({ ...x, dtype });
export const floats = (shape, low = -2, high = 2) =>
  as(
    'float32',
    build(shape, () => Math.fround(between(low, high))),
  );
export const ints = (shape, low = -9, high = 9) =>
  as(
    'int32',
    build(shape, () => whole(low, high)),
  );
export const bools = (shape) =>
  as(
    'bool',
    build(shape, () => random() > 0),
  );
export const vector = (values, dtype = 'int32') => as(dtype, { shape: [values.length], data: values });
export const scalar = (value, dtype = 'float32') => as(dtype, { shape: [], data: [value] });
/** One of the three, by turns. */
export const each3 = (shape) => [floats(shape), ints(shape), bools(shape)];
/** Whole numbers that differ, in any order. */
export function shuffled(n) {
  const list = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const k = whole(0, i);
    [list[i], list[k]] = [list[k], list[i]];
  }
  return list;
}
/** A case: the arguments, and what must come of them. */
export const row = (want, ...args) => ({ args, want });
