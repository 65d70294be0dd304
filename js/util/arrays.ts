// tf.util, on arrays: flat and nested ones, typed ones by dtype, shuffling.
import { raise, shown } from '../wasm/errors';
import { isObject } from '../core/kinds';
import type { DataType, DataTypeArray } from '../core/tensor';
import { want } from '../core/want';
import { sizeFromShape } from './shapes';
import { isTypedArray } from './values';

type Flat = ArrayLike<number>;

const isView = (v: unknown): boolean => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** A plain object whose keys are numbers: it stands for an array. */
const isIndexed = (v: unknown): v is { [i: number]: unknown } =>
  isObject(v) && Object.getPrototypeOf(v) === Object.prototype && 0 in v;

/**
 * The numbers in nested arrays (and tensors' values), one after another.
 * @example tf.util.flatten([[1], [2, [3]]]) // [1, 2, 3]
 */
export function flatten<T>(values: T | unknown[], result: T[] = [], skipTypedArray = false): T[] {
  want('util.flatten', { result }, 'array');
  spread(values, result, skipTypedArray);
  return result;
}

function spread<T>(values: T | unknown[], result: T[], skipTypedArray: boolean): void {
  if (isView(values)) want('util.flatten', { values }, 'list');
  if (Array.isArray(values) || (isView(values) && !skipTypedArray))
    for (const v of values as Iterable<T>) spread(v, result, skipTypedArray);
  else if (isIndexed(values)) for (let i = 0; i in values; i++) spread(values[i] as T, result, skipTypedArray);
  else result.push(values as T);
}

/**
 * Exchanges two elements of an array.
 * @example [[1, 2]].map((a) => (tf.util.swap(a, 0, 1), a)) // [[2, 1]]
 */
export function swap<T>(list: { [index: number]: T }, a: number, b: number): void {
  want('util.swap', { list }, 'list');
  want('util.swap', { a, b }, 'size');
  [list[a], list[b]] = [list[b], list[a]];
}

type Shuffled = unknown[] | Float32Array | Int32Array | Uint32Array;

/**
 * Shuffles in place (Fisher and Yates).
 * @example [[1, 2, 3]].map((a) => (tf.util.shuffle(a), a.length)) // [3]
 */
export function shuffle(array: Shuffled): void {
  want('util.shuffle', { array }, 'list');
  for (let n = array.length; n > 0;) swap(array as unknown[], Math.floor(Math.random() * n--), n);
}

/**
 * Shuffles two arrays in place, both in the same order.
 * @example [[1, 2, 3]].map((a) => (tf.util.shuffleCombo(a, ['a', 'b', 'c']), a.length)) // [3]
 */
export function shuffleCombo(a: Shuffled, b: Shuffled): void {
  want('util.shuffleCombo', { a, b }, 'list');
  if (a.length !== b.length)
    raise(
      'shape',
      'Array sizes must match to be shuffled together First array length was ' +
        `${a.length}Second array length was ${b.length}`,
    );
  for (let n = a.length; n > 0;) {
    const i = Math.floor(Math.random() * n--);
    swap(a as unknown[], i, n);
    swap(b as unknown[], i, n);
  }
}

/**
 * The numbers 0 to n - 1 in random order.
 * @example Array.from(tf.util.createShuffledIndices(3)).sort() // [0, 1, 2]
 */
export function createShuffledIndices(n: number): Uint32Array {
  want('util.createShuffledIndices', { n }, 'size');
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  shuffle(indices);
  return indices;
}

type Numeric = 'float32' | 'int32' | 'bool';
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * An array of zeros, as a tensor of the dtype has its elements.
 * @example Array.from(tf.util.getTypedArrayFromDType('int32', 2)) // [0, 0]
 */
export function getTypedArrayFromDType(dtype: DataType | null | undefined, size: number): DataTypeArray {
  want('util.getTypedArrayFromDType', { dtype }, 'string?');
  want('util.getTypedArrayFromDType', { size }, 'size');
  const name = (dtype ?? 'float32') as Numeric;
  if (!Object.hasOwn(ARRAYS, name)) raise('dtype', `Unknown data type ${dtype}`);
  try {
    return new ARRAYS[name](size);
  } catch {
    return raise('memory', `out of memory for ${size} elements of ${name}`);
  }
}

/**
 * The same; strings have a plain array.
 * @example Array.from(tf.util.getArrayFromDType('float32', 2)) // [0, 0]
 */
export function getArrayFromDType(dtype: DataType | null | undefined, size: number): DataTypeArray | string[] {
  want('util.getArrayFromDType', { size }, 'size');
  return dtype === 'string' ? new Array<string>(size) : getTypedArrayFromDType(dtype, size);
}
/**
 * Zeros as a tensor of the dtype has them.
 * @example Array.from(tf.util.makeZerosTypedArray(2, 'int32')) // [0, 0]
 */
export function makeZerosTypedArray(size: number, dtype: DataType = 'float32'): DataTypeArray {
  want('util.makeZerosTypedArray', { size }, 'size');
  return getTypedArrayFromDType(dtype, size);
}
/**
 * Ones as a tensor of the dtype has them.
 * @example Array.from(tf.util.makeOnesTypedArray(2, 'int32')) // [1, 1]
 */
export const makeOnesTypedArray = (size: number, dtype: DataType): DataTypeArray =>
  getTypedArrayFromDType(dtype, size).fill(1);

/**
 * Values in nested arrays as the typed array of a dtype.
 * @example Array.from(tf.util.toTypedArray([[1], [2]], 'int32')) // [1, 2]
 */
export function toTypedArray(a: unknown, dtype: DataType): DataTypeArray {
  want('util.toTypedArray', { dtype }, 'dtype');
  if (dtype === 'string') raise('dtype', 'Cannot convert a string[] to a TypedArray');
  if (isTypedArray(a) && a.constructor === ARRAYS[dtype as Numeric]) return a;
  const flat = flatten<number | boolean>(a as number[]);
  const odd = flat.find((v) => !['number', 'boolean', 'string'].includes(typeof (v ?? 0)));
  if (odd !== undefined) raise('value', `util.toTypedArray: a must hold numbers or booleans, but holds ${shown(odd)}`);
  const of = getTypedArrayFromDType(dtype, flat.length);
  flat.forEach((v, i) => {
    of[i] = dtype === 'bool' ? Number(Boolean(v)) : Number(v);
  });
  return of;
}

/**
 * One value as a tensor of the dtype has it.
 * @example Array.from(tf.util.createScalarValue(3, 'int32')) // [3]
 */
export const createScalarValue = (value: number | boolean, dtype: DataType): DataTypeArray =>
  toTypedArray([value], dtype);

/**
 * Flat values as nested arrays of the shape; a number for none. Complex numbers are two elements of
 * the last axis.
 * @example tf.util.toNestedArray([2, 2], [1, 2, 3, 4]) // [[1, 2], [3, 4]]
 */
export function toNestedArray(sizes: number[], a: Flat, isComplex = false): any {
  want('util.toNestedArray', { sizes }, 'shape');
  want('util.toNestedArray', { a }, 'list');
  if (isComplex) return toNestedArray([...sizes.slice(0, -1), 2 * (sizes.at(-1) ?? 1)], a);
  const shape = sizes,
    size = sizeFromShape(shape);
  if (!shape.length) return a[0];
  if (size === 0) return [];
  if (size !== a.length) raise('shape', `[${shape}] does not match the input size ${a.length}.`);
  let next = 0;
  const level = (axis: number): any[] =>
    Array.from({ length: shape[axis] }, () => (axis + 1 === shape.length ? a[next++] : level(axis + 1)));
  return level(0);
}

/**
 * Zeros in nested arrays.
 * @example tf.util.makeZerosNestedTypedArray([1, 2], 'int32') // [[0, 0]]
 */
export function makeZerosNestedTypedArray(shape: number[], dtype: DataType): any {
  want('util.makeZerosNestedTypedArray', { shape }, 'shape');
  return toNestedArray(shape, makeZerosTypedArray(sizeFromShape(shape), dtype));
}

/**
 * Bytes of encoded strings, all together.
 * @example tf.util.bytesFromStringArray([new Uint8Array(2)]) // 2
 */
export function bytesFromStringArray(strings: Uint8Array[] | null): number {
  want('util.bytesFromStringArray', { strings }, 'byteArrays?');
  return (strings ?? []).reduce((sum, text) => sum + text.length, 0);
}

/** A view of a buffer, which may be detached or of an odd length. */
function viewed<T>(type: new (data: ArrayBuffer) => T, data: unknown): T {
  try {
    return new type(data as ArrayBuffer);
  } catch (error) {
    return raise('value', `util.convertBackendValuesAndArrayBuffer: data: ${(error as Error).message}`);
  }
}

/**
 * Values of a backend, which may be the bytes of a buffer, as the typed array of a dtype.
 * @example Array.from(tf.util.convertBackendValuesAndArrayBuffer(new Float32Array([1, 2]).buffer, 'float32')) // [1, 2]
 */
export function convertBackendValuesAndArrayBuffer(
  data: DataTypeArray | Uint8Array[] | ArrayBuffer,
  dtype: DataType,
): DataTypeArray | Uint8Array[] {
  want('util.convertBackendValuesAndArrayBuffer', { data }, 'values');
  want('util.convertBackendValuesAndArrayBuffer', { dtype }, 'string');
  if (Array.isArray(data)) return data;
  if (dtype === 'float32') return data instanceof Float32Array ? data : viewed(Float32Array, data);
  const view = data instanceof Int32Array ? data : viewed(Int32Array, data);
  if (dtype === 'int32') return view;
  return dtype === 'bool' || dtype === 'string' ? Uint8Array.from(view) : raise('dtype', `Unknown dtype ${dtype}`);
}
