// Compares what the library gives with references in double, and keeps a record of which op was
// judged on tensors of which dtypes: a result knows the call that it comes from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { device } from './device.mjs';
import * as library from '../../../dist/tensorine.mjs';

const origins = new WeakMap(),
  judged = new Map();

const tensorsIn = (value) =>
  value instanceof library.Tensor
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(tensorsIn)
      : [];

/** The functions of an object, noting for each tensor that they give where it comes from. */
const noting = (of, path = '') =>
  new Proxy(of, {
    get(target, key) {
      const value = target[key],
        name = path + String(key);
      if (typeof value === 'object' && value && !(value instanceof library.Tensor)) return noting(value, `${name}.`);
      if (typeof value !== 'function' || /^[A-Z]/.test(String(key))) return value;
      return (...args) => {
        const result = value.apply(target, args);
        for (const tensor of tensorsIn(result))
          origins.set(tensor, { name, dtypes: tensorsIn(args).map((x) => x.dtype) });
        return result;
      };
    },
  });

/** The library, its results being traced. */
export const tf = noting({ ...library });

/** The dtypes on which each op was judged, by its path. */
export const dtypesJudged = () => Object.fromEntries([...judged].map(([name, dtypes]) => [name, [...dtypes].sort()]));

/** Records that a result has been judged. */
export function note(result) {
  const { name, dtypes } = origins.get(result) ?? {};
  if (!name) return;
  if (!judged.has(name)) judged.set(name, new Set());
  for (const dtype of dtypes.length ? dtypes : [result.dtype]) judged.get(name).add(dtype);
}

/** An array of a reference as a tensor. */
export function given(x, dtype = x.dtype ?? 'float32') {
  if (dtype === 'complex64') return library.complex(given(x, 'float32'), given({ ...x, data: x.imag }, 'float32'));
  return library.tensor(dtype === 'string' ? x.data : x.data.map(Number), x.shape, dtype);
}

/** One unit in the last place of float32. */
const unit = (v) => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(v)))) - 23);
/** The distance that is allowed from e, the i-th of the values: `bound` times the larger of 1 and |e|, or of scale[i], or that many units. */
const allowed = (e, i, bound) => {
  if (typeof bound === 'number') return bound * Math.max(1, Math.abs(e));
  return bound.units === undefined ? bound.of * bound.scale[i] : bound.units * unit(e);
};
const near = (v, e, i, bound) =>
  Object.is(v, e) || v === e || v === Math.fround(e) || Math.abs(v - e) <= allowed(e, i, bound);

function compare(what, values, expected, bound) {
  values.forEach((v, i) => {
    const e = typeof v === 'string' ? expected[i] : Number(expected[i]);
    if (!near(v, e, i, bound) && !device.excuses(what, v, e, i))
      assert.fail(`${what}: element ${i} is ${v}, should be ${e}`);
  });
}

/** Asserts that a tensor is the reference: shape, dtype if given, and each element within `bound`:
 * a number, times the larger of 1 and its value; {units}, in the last place of float32; {of, scale}, `of` times scale's element. */
export function check(what, result, expected, bound, dtype = expected.dtype) {
  note(result);
  assert.deepEqual(result.shape, expected.shape, what);
  if (dtype) assert.equal(result.dtype, dtype, what);
  if (result.dtype !== 'complex64') return compare(what, result.dataSync(), expected.data, bound);
  compare(`${what}, real part`, library.real(result).dataSync(), expected.data, bound);
  compare(`${what}, imaginary part`, library.imag(result).dataSync(), expected.imag, bound);
}

const isArray = (x) => x && Array.isArray(x.shape);

/** The same of a list, or of results by name. */
export function checkAll(what, result, want, bound) {
  if (isArray(want)) return check(what, result, want, bound);
  assert.deepEqual(Object.keys(result).sort(), Object.keys(want).sort(), what);
  for (const key of Object.keys(want)) checkAll(`${what}.${key}`, result[key], want[key], bound);
}

/** Arguments of a reference as the library takes them. */
export const lowered = (args) =>
  args.map((x) => (isArray(x) ? given(x) : Array.isArray(x) && x.some(isArray) ? x.map((v) => given(v)) : x));

/** A test whose tensors are its own; nothing of them stays. */
export const numeric = (name, f) =>
  test(`numerics: ${name}`, () => {
    const before = library.memory().numTensors;
    library.tidy(() => {
      f();
    });
    assert.equal(library.memory().numTensors, before);
  });
