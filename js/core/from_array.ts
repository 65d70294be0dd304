// Tensors of values: numbers, strings, nested arrays and typed arrays, read once and checked as they are read.
import * as core from '../wasm/core';
import { describe, shown, type TensorineError } from '../wasm/errors';
import { op, raise, reading, sizesAt } from './arguments';
import { checkUpload, debugging } from './debug';
import { isBig, isList, isString, isTyped, product } from './kinds';
import { encodeText, makeStrings } from './strings';
import { DTYPES, tensorAt, type DataType, type Tensor, type TypedArray } from './tensor';

const WHOLE = [Int32Array, Uint8Array, Uint8ClampedArray, Int8Array, Int16Array, Uint16Array];

/** The length of a typed array, even if its class overrides the getter. */
const lengthOf: (v: TypedArray) => number = Function.prototype.call.bind(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!,
);

/** The dtype that tf.tensor gives to such values. */
export const inferredApart = (value: unknown): DataType => reading(() => inferred(value));

function inferred(value: unknown): DataType {
  if (isTyped(value)) return WHOLE.some((type) => value instanceof type) ? 'int32' : 'float32';
  if (Array.isArray(value)) return value.length ? inferred(value[0]) : 'float32';
  return typeof value === 'boolean' ? 'bool' : isString(value) ? 'string' : 'float32';
}

/** Advice for a value that is no tensor itself, but from which tensors can be got. */
function remedy(value: unknown): string {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Promise]') return ': await it first';
  return tag === '[object Dataset]'
    ? ': take its elements by forEachAsync() or toArray(), or train by fitDataset()'
    : '';
}

/** The error for a value of which no tensor can be made; where no op is called, it is that of tf.tensor. */
function refuse(value: unknown, arg: string): TensorineError {
  if (typeof (value as Tensor | null)?.dataSync === 'function')
    return raise(
      'value',
      `Argument '${arg}' passed to '${op || 'tensor'}' is a tensor of another copy of the library, of ` +
        'another version or of TensorFlow.js: let all packages resolve to one (npm dedupe, a bundler alias), or pass its values',
    );
  if (op)
    return raise(
      'value',
      `Argument '${arg}' passed to '${op}' must be a Tensor or TensorLike, but got '${describe(value)}'${remedy(value)}`,
    );
  if (value === null || value === undefined)
    return raise('value', 'The input to the tensor constructor must be a non-null value.');
  return raise(
    'value',
    `values passed to ${arg} must be a number/boolean/string or an array of numbers/booleans/strings, ` +
      `or a TypedArray, but got '${describe(value)}'${remedy(value)}`,
  );
}

const isElement = (v: unknown): v is number | boolean | string =>
  typeof v === 'number' || typeof v === 'boolean' || isString(v);

/** In a string tensor bytes are one element. */
const isBytes = (v: unknown, strings: boolean): v is Uint8Array => strings && v instanceof Uint8Array;

function shapeOf(value: unknown, strings: boolean): number[] {
  const shape: number[] = [];
  for (let v = value; isList(v) && !isBytes(v, strings); v = v[0]) shape.push(v.length);
  return shape;
}

type Element = number | boolean | string | Uint8Array;

/** The values of nested arrays that have this shape all through. */
function flatten(value: unknown, shape: number[], arg: string, strings: boolean): Element[] {
  const out: Element[] = [];
  const wrong = (path: string, text: string) => raise('shape', `${op && `${arg}: `}Element arr${path} ${text}`);
  const walk = (v: unknown, axis: number, path: string) => {
    if (axis === shape.length) {
      if (isBytes(v, strings)) out.push(v);
      else if ((v ?? null) === null && path)
        throw raise(
          'value',
          `Element arr${path} is ${v}, it must be a ${strings ? 'string' : 'number; NaN is one that is missing'}`,
        );
      else if (path && isString(v) && !strings)
        throw raise(
          'value',
          `Element arr${path} is the string '${v}', it must be a number: take Number(...) of strings, or dtype 'string'`,
        );
      else if (isList(v)) throw wrong(path, `should be a primitive, but is an array of ${v.length} elements`);
      else if (!isElement(v) || isString(v) !== strings) throw refuse(v, `${arg}${path}`);
      else out.push(v);
    } else if (!isList(v)) {
      throw wrong(path, `is a primitive, but should be an array/TypedArray of ${shape[axis]} elements`);
    } else {
      const n = v.length;
      if (n !== shape[axis]) throw wrong(path, `should have ${shape[axis]} elements, but has ${n} elements`);
      for (let i = 0; i < n; i++) walk(v[i], axis + 1, `${path}[${i}]`);
    }
  };
  walk(value, 0, '');
  return out;
}

/** True if arrays of shape `found` may be read as `given`: the last axis may stand for several. */
function fits(found: number[], given: number[]): boolean {
  return found.every((n, i) => n === given[i] || (i === found.length - 1 && n === product(given.slice(i))));
}

/** The sizes of a shape argument, read once; a number stands for one size. */
export function sizesOf(shape: unknown): number[] {
  const sizes =
    typeof shape === 'number'
      ? [shape]
      : isTyped(shape)
        ? Array.from({ length: lengthOf(shape) }, (_, i) => Number(shape[i]))
        : reading(() => (Array.isArray(shape) ? Array.from(shape) : [NaN]));
  if (sizes.every((n) => Number.isInteger(n) && n >= 0) && product(sizes) <= 0x7fffffff) return sizes;
  const text = Array.isArray(shape) ? `[${sizes.map((n) => (typeof n === 'number' ? n : shown(n)))}]` : shown(shape);
  throw raise('shape', `Tensor must have a shape comprised of positive integers but got shape ${text}.`);
}

interface Values {
  flat: ArrayLike<Element>;
  found: number[];
  type: DataType;
}

/** What a value holds, read once. */
function valuesOf(value: unknown, dtype: DataType | undefined, arg: string): Values {
  const type = dtype ?? inferred(value),
    strings = type === 'string';
  if (!isTyped(value) || isBytes(value, strings)) {
    const found = shapeOf(value, strings);
    return { flat: flatten(value, found, arg, strings), found, type };
  }
  if (strings || isBig(value))
    throw raise(
      'dtype',
      `${arg} cannot be a ${describe(value)}: take Array.from(values, ${strings ? 'String' : 'Number'}) first`,
    );
  return { flat: value, found: [lengthOf(value)], type };
}

/** A tensor of a number, a (nested) array or a typed array; the shape is inferred if not given. */
export function fromArray(value: unknown, shape?: number[] | number | null, dtype?: DataType, arg = 'values'): Tensor {
  if (!isList(value) && !isElement(value)) throw refuse(value, arg);
  if (dtype === 'complex64')
    throw raise('dtype', 'Cannot construct a complex64 tensor directly. Please use tf.complex(real, imag).');
  if (dtype && !DTYPES.includes(dtype))
    throw raise('dtype', `dtype must be one of ${DTYPES.join(', ')}, but is ${shown(dtype)}`);
  const given = shape === undefined || shape === null ? null : sizesOf(shape);
  const { flat, found, type } =
    typeof value === 'number'
      ? { flat: [value], found: [], type: dtype ?? 'float32' }
      : reading(() => valuesOf(value, dtype ?? undefined, arg));
  if (type === 'string' && typeof value === 'number') throw refuse(value, arg);
  const sizes = given ?? found;
  if (product(sizes) !== product(found))
    throw raise(
      'shape',
      `Based on the provided shape, [${sizes}], the tensor should have ${product(sizes)} values but has ${product(found)}`,
    );
  if (given && !fits(found, given))
    throw raise(
      'shape',
      `Error creating a new Tensor. Inferred shape (${found}) does not match the provided shape (${given}). `,
    );
  return fromFlat(flat, sizes, type);
}

/** A string tensor of flat values; only those of a buffer may be null or undefined. */
export function fromStrings(flat: ArrayLike<Element | null | undefined>, shape: number[]): Tensor {
  const strings = reading(() =>
    Array.from(flat, (v) => {
      if (v === null || v === undefined) return null;
      if (typeof v === 'number' || typeof v === 'boolean')
        throw raise('dtype', `a string tensor is of strings, but one element is ${v}`);
      return encodeText(v);
    }),
  );
  return tensorAt(makeStrings(strings, sizesAt(shape)));
}

function bools(flat: ArrayLike<Element>, n: number): Uint8Array {
  const bytes = new Uint8Array(n);
  for (let i = 0; i < n; i++) bytes[i] = Number(flat[i]) === 0 ? 0 : 1;
  return bytes;
}

/** A tensor of flat values: a typed array, or an array that flatten() made. */
function fromFlat(flat: ArrayLike<Element>, shape: number[], dtype: DataType): Tensor {
  if (dtype === 'string') return fromStrings(flat, shape);
  if (debugging) checkUpload(flat as ArrayLike<number>, dtype);
  const values = dtype === 'bool' ? bools(flat, product(shape)) : (flat as ArrayLike<number>);
  const ptr = core.x.tn_blank(DTYPES.indexOf(dtype), sizesAt(shape));
  core.check();
  const address = core.x.tn_address(ptr);
  try {
    if (dtype === 'bool') core.u8().set(values, address >>> 0);
    else (dtype === 'float32' ? core.f32() : core.i32()).set(values, address >>> 2);
  } catch (error) {
    core.x.tn_dispose(ptr);
    throw raise('value', `the values cannot be read: ${(error as Error).message}`);
  }
  return tensorAt(ptr);
}
