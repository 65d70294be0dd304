// tf.util: small helpers on shapes, values and plain arrays, as TensorFlow.js offers them to programs.
import { TensorineError, type ErrorCode } from './core/errors';
import { ENV } from './env';
import { Tensor, type DataType, type DataTypeArray, type TypedArray } from './core/tensor';
import { decode, encode } from './core/utf8';
import { want } from './core/want';

type Flat = ArrayLike<number>;

// ---- checks ----

/**
 * Throws the text of msg() unless expr holds.
 * @example tf.util.assert(true, () => 'not so') ?? 'fine' // "fine"
 */
export function assert(expr: boolean, msg: () => string): asserts expr {
  if (!expr) throw new TensorineError('value', typeof msg === 'string' ? msg : msg());
}

const raise = (code: ErrorCode, text: string): never => { throw new TensorineError(code, text); };

/**
 * Throws at null and undefined.
 * @example tf.util.assertNonNull(1) ?? 'fine' // "fine"
 */
export function assertNonNull(a: unknown): void {
  if (a === null || a === undefined)
    raise('value', 'The input to the tensor constructor must be a non-null value.');
}

/**
 * Throws where two shapes differ.
 * @example tf.util.assertShapesMatch([1, 2], [1, 2]) ?? 'fine' // "fine"
 */
export function assertShapesMatch(a: number[], b: number[], prefix = ''): void {
  if (!arraysEqual(a, b)) raise('shape', `${prefix} Shapes ${a} and ${b} must match`);
}

/**
 * Throws where a size is no whole number, or below 0.
 * @example tf.util.assertNonNegativeIntegerDimensions([1, 2]) ?? 'fine' // "fine"
 */
export function assertNonNegativeIntegerDimensions(shape: number[]): void {
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    raise('shape', `Tensor must have a shape comprised of positive integers but got shape [${shape}].`);
}

/**
 * Throws where a value is NaN or infinite, which no dtype but float32 has.
 * @example tf.util.checkConversionForErrors([1, 2], 'float32') ?? 'fine' // "fine"
 */
export function checkConversionForErrors(values: Flat, dtype: DataType): void {
  const bad = Array.from(values).find((v) => !Number.isFinite(v));
  if (bad !== undefined) raise('value', `A tensor of type ${dtype} being uploaded contains ${bad}.`);
}

// ---- what a value is ----

/**
 * Whether a number is whole.
 * @example tf.util.isInt(1.5) // false
 */
export const isInt = (a: number): boolean => a % 1 === 0;
/**
 * Whether a value is a text.
 * @example tf.util.isString('a') // true
 */
export const isString = (v: unknown): v is string => typeof v === 'string' || v instanceof String;
/**
 * Whether a value is true or false.
 * @example tf.util.isBoolean(0) // false
 */
export const isBoolean = (v: unknown): boolean => typeof v === 'boolean';
/**
 * Whether a value is a number.
 * @example tf.util.isNumber(1) // true
 */
export const isNumber = (v: unknown): boolean => typeof v === 'number';
/**
 * Whether a value is a function.
 * @example tf.util.isFunction(tf.add) // true
 */
export const isFunction = (f: unknown): boolean => typeof f === 'function';
/**
 * Whether a value can be awaited.
 * @example tf.util.isPromise(tf.ready()) // true
 */
export const isPromise = (v: any): v is Promise<unknown> => Boolean(v?.then) && typeof v.then === 'function';
/**
 * Whether a value is a typed array of a kind that tensors are made of.
 * @example tf.util.isTypedArray(new Float32Array(1)) // true
 */
export const isTypedArray = (a: unknown): a is TypedArray =>
  a instanceof Float32Array || a instanceof Int32Array || a instanceof Uint8Array ||
  a instanceof Uint8ClampedArray;
/**
 * Whether a shape is that of a number.
 * @example tf.util.isScalarShape([]) // true
 */
export const isScalarShape = (shape: number[]): boolean => shape.length === 0;

/**
 * The dtype that tf.tensor gives to such values.
 * @example tf.util.inferDtype([true]) // "bool"
 */
export function inferDtype(values: unknown): DataType | 'string' {
  if (values instanceof Tensor) return values.dtype;
  if (Array.isArray(values)) return inferDtype(values[0]);
  if (ArrayBuffer.isView(values) && !(values instanceof Float32Array || values instanceof Float64Array))
    return 'int32';
  if (isString(values)) return 'string';
  return isBoolean(values) ? 'bool' : 'float32';
}

const BYTES: Record<string, number> = { float32: 4, int32: 4, bool: 1 };

/**
 * Whether a text names a dtype.
 * @example tf.util.isValidDtype('float64') // false
 */
export const isValidDtype = (dtype: string): boolean => dtype in BYTES;

/**
 * Bytes of an element of a dtype.
 * @example tf.util.bytesPerElement('int32') // 4
 */
export function bytesPerElement(dtype: DataType): number {
  return BYTES[dtype] ?? raise('dtype', `Unknown dtype ${dtype}`);
}

/**
 * True if values of one dtype may not fit the other.
 * @example tf.util.hasEncodingLoss('float32', 'int32') // true
 */
export function hasEncodingLoss(from: DataType, to: DataType): boolean {
  const order = ['bool', 'int32', 'float32', 'complex64'];
  return order.indexOf(to) < order.indexOf(from);
}

// ---- arrays ----

const isView = (v: unknown): boolean => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** A plain object whose keys are numbers: it stands for an array. */
const isIndexed = (v: unknown): v is { [i: number]: unknown } =>
  typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype && 0 in v;

/**
 * The numbers in nested arrays (and tensors' values), one after another.
 * @example tf.util.flatten([[1], [2, [3]]]) // [1, 2, 3]
 */
export function flatten<T>(values: T | unknown[], result: T[] = [], skipTypedArray = false): T[] {
  if (Array.isArray(values) || (isView(values) && !skipTypedArray))
    for (const v of values as Iterable<T>) flatten(v, result, skipTypedArray);
  else if (isIndexed(values)) for (let i = 0; i in values; i++) flatten(values[i] as T, result, skipTypedArray);
  else result.push(values as T);
  return result;
}

/**
 * Whether two arrays have the same elements.
 * @example tf.util.arraysEqual([1, 2], [1, 2]) // true
 */
export function arraysEqual(a: Flat | null, b: Flat | null): boolean {
  if (a === b) return true;
  if (!a || !b || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Like arraysEqual; a null matches any size.
 * @example tf.util.arraysEqualWithNull([null, 2], [1, 2]) // true
 */
export function arraysEqualWithNull(a: (number | null)[], b: (number | null)[]): boolean {
  return a.length === b.length && a.every((v, i) => v === null || b[i] === null || v === b[i]);
}

/**
 * Exchanges two elements of an array.
 * @example [[1, 2]].map((a) => (tf.util.swap(a, 0, 1), a)) // [[2, 1]]
 */
export function swap<T>(list: { [index: number]: T }, a: number, b: number): void {
  [list[a], list[b]] = [list[b], list[a]];
}

type Shuffled = unknown[] | Float32Array | Int32Array | Uint32Array;

/**
 * Shuffles in place (Fisher and Yates).
 * @example [[1, 2, 3]].map((a) => (tf.util.shuffle(a), a.length)) // [3]
 */
export function shuffle(array: Shuffled): void {
  for (let n = array.length; n > 0;) swap(array as unknown[], Math.floor(Math.random() * n--), n);
}

/**
 * Shuffles two arrays in place, both in the same order.
 * @example [[1, 2, 3]].map((a) => (tf.util.shuffleCombo(a, ['a', 'b', 'c']), a.length)) // [3]
 */
export function shuffleCombo(a: Shuffled, b: Shuffled): void {
  if (a.length !== b.length)
    raise('shape', 'Array sizes must match to be shuffled together First array length was ' +
      `${a.length}Second array length was ${b.length}`);
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
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  shuffle(indices);
  return indices;
}

type Numeric = 'float32' | 'int32' | 'bool';
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const arrayOf = (dtype: DataType) => ARRAYS[dtype as Numeric];

/**
 * An array of zeros, as a tensor of the dtype has its elements.
 * @example Array.from(tf.util.getTypedArrayFromDType('int32', 2)) // [0, 0]
 */
export function getTypedArrayFromDType(dtype: DataType | null | undefined, size: number): DataTypeArray {
  const type = arrayOf(dtype ?? 'float32') ?? raise('dtype', `Unknown data type ${dtype}`);
  return new type(size);
}

/**
 * The same; texts have a plain array.
 * @example Array.from(tf.util.getArrayFromDType('float32', 2)) // [0, 0]
 */
export const getArrayFromDType = (dtype: DataType | null | undefined, size: number): DataTypeArray | string[] =>
  (dtype === 'string' ? new Array<string>(size) : getTypedArrayFromDType(dtype, size));
/**
 * Zeros as a tensor of the dtype has them.
 * @example Array.from(tf.util.makeZerosTypedArray(2, 'int32')) // [0, 0]
 */
export const makeZerosTypedArray = (size: number, dtype: DataType = 'float32'): DataTypeArray =>
  getTypedArrayFromDType(dtype, size);
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
  if (isTypedArray(a) && !(a instanceof Uint8ClampedArray) && a instanceof arrayOf(dtype)) return a;
  if (dtype === 'string') raise('dtype', 'Cannot convert a string[] to a TypedArray');
  const flat = flatten<number | boolean>(a as number[]);
  const of = getTypedArrayFromDType(dtype, flat.length);
  flat.forEach((v, i) => { of[i] = dtype === 'bool' ? Number(Boolean(v)) : Number(v); });
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
  if (isComplex) return toNestedArray([...sizes.slice(0, -1), 2 * (sizes.at(-1) ?? 1)], a);
  const shape = sizes, size = sizeFromShape(shape);
  if (!shape.length) return a[0];
  if (size === 0) return [];
  if (size !== a.length) raise('shape', `[${shape}] does not match the input size ${a.length}.`);
  let next = 0;
  const level = (axis: number): any[] => Array.from({ length: shape[axis] }, () =>
    (axis + 1 === shape.length ? a[next++] : level(axis + 1)));
  return level(0);
}

/**
 * Zeros in nested arrays.
 * @example tf.util.makeZerosNestedTypedArray([1, 2], 'int32') // [[0, 0]]
 */
export const makeZerosNestedTypedArray = (shape: number[], dtype: DataType): any =>
  toNestedArray(shape, makeZerosTypedArray(sizeFromShape(shape), dtype));

// ---- shapes ----

/**
 * Number of elements in a shape; 1 for none.
 * @example tf.util.sizeFromShape([2, 3]) // 6
 */
export function sizeFromShape(shape: number[]): number {
  want('util.sizeFromShape', { shape }, 'list');
  return shape.reduce((a, b) => a * b, 1);
}

/**
 * Elements from one index to the next, for each axis but the last.
 * @example tf.util.computeStrides([2, 3, 4]) // [12, 4]
 */
export const computeStrides = (shape: number[]): number[] =>
  shape.slice(0, -1).map((_, i) => sizeFromShape(shape.slice(i + 1)));

/**
 * The place of an element in flat values, from its index along each axis.
 * @example tf.util.locToIndex([1, 2], 2, [3]) // 5
 */
export function locToIndex(location: number[], rank: number, strides: number[]): number {
  return rank === 0 ? 0 : location.reduce((sum, at, i) => sum + at * (strides[i] ?? 1), 0);
}

/**
 * The index along each axis, from the place in flat values.
 * @example tf.util.indexToLoc(5, 2, [3, 1]) // [1, 2]
 */
export function indexToLoc(index: number, rank: number, strides: number[]): number[] {
  return Array.from({ length: rank }, (_, i) => {
    const stride = strides[i] ?? 1, at = Math.floor(index / stride);
    index -= at * stride;
    return at;
  });
}

/**
 * The shape with its one -1 worked out.
 * @example tf.util.inferFromImplicitShape([2, -1], 6) // [2, 3]
 */
export function inferFromImplicitShape(shape: number[], size: number): number[] {
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1))
    raise('shape', `Shapes can only have 1 implicit size. Found -1 at dim ${open} and dim ${shape.lastIndexOf(-1)}`);
  const negative = shape.findIndex((n) => n < -1);
  if (negative >= 0) raise('shape', `Shapes can not be < 0. Found ${shape[negative]} at dim ${negative}`);
  const known = sizeFromShape(shape.filter((n) => n !== -1));
  if (open < 0) {
    if (size > 0 && known !== size) raise('shape', `Size(${size}) must match the product of shape ${shape}`);
    return shape;
  }
  if (known === 0) raise('shape', `Cannot infer the missing size in [${shape}] when there are 0 elements`);
  if (size % known) raise('shape', `The implicit shape can't be a fractional number. Got ${size} / ${known}`);
  return shape.map((n) => (n === -1 ? size / known : n));
}

/**
 * Axes as a list without negative ones; all of them if none is given.
 * @example tf.util.parseAxisParam(-1, [2, 3]) // [1]
 */
export function parseAxisParam(axis: number | number[] | null | undefined, shape: number[]): number[] {
  const rank = shape.length;
  const axes = axis === null || axis === undefined ? shape.map((_, i) => i) : [axis].flat();
  if (!axes.every((a) => a >= -rank && a < rank))
    raise('index', `All values in axis param must be in range [-${rank}, ${rank}) but got axis ${axis}`);
  if (!axes.every(isInt)) raise('value', `All values in axis param must be integers but got axis ${axis}`);
  return axes.map((a) => (a < 0 ? rank + a : a));
}

/**
 * The shape without axes of size 1: all of them, or those given.
 * @example tf.util.squeezeShape([1, 2, 1]) // {newShape: [2], keptDims: [1]}
 */
export function squeezeShape(shape: number[], axis?: number[] | null) {
  const some = axis !== null && axis !== undefined && !(Array.isArray(axis) && !axis.length);
  const axes = some ? parseAxisParam(axis, shape) : shape.map((_, i) => i);
  for (const a of some ? axes : [])
    if (shape[a] !== 1) raise('shape', `Can't squeeze axis ${a} since its dim '${shape[a]}' is not 1`);
  const keptDims = shape.map((_, i) => i).filter((i) => shape[i] !== 1 || !axes.includes(i));
  return { newShape: keptDims.map((i) => shape[i]), keptDims };
}

/**
 * A shape of two near-equal sizes that holds size elements.
 * @example tf.util.sizeToSquarishShape(9) // [3, 3]
 */
export function sizeToSquarishShape(size: number): [number, number] {
  const width = Math.ceil(Math.sqrt(size));
  return [width, Math.ceil(size / width)];
}

/**
 * The least divisor of size from start on.
 * @example tf.util.nearestDivisor(12, 5) // 6
 */
export function nearestDivisor(size: number, start: number): number {
  for (let i = start; i < size; i++) if (size % i === 0) return i;
  return size;
}

// ---- numbers, text, time ----

/**
 * x, but neither below min nor above max.
 * @example tf.util.clamp(0, 5, 3) // 3
 */
export const clamp = (min: number, x: number, max: number): number => Math.max(min, Math.min(x, max));
/**
 * The number itself if it is even, else the next one.
 * @example tf.util.nearestLargerEven(3) // 4
 */
export const nearestLargerEven = (n: number): number => (n % 2 === 0 ? n : n + 1);
/**
 * The sum of numbers.
 * @example tf.util.sum([1, 2]) // 3
 */
export const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
/**
 * The hyperbolic tangent of a number.
 * @example tf.util.tanh(0) // 0
 */
export const tanh = Math.tanh;

/**
 * A random number from a to b.
 * @example tf.util.randUniform(2, 2) // 2
 */
export function randUniform(a: number, b: number): number {
  const r = Math.random();
  return b * r + (1 - r) * a;
}

/**
 * Squared distance of two points.
 * @example tf.util.distSquared([0, 0], [3, 4]) // 25
 */
export const distSquared = (a: Flat, b: Flat): number =>
  Array.from(a, (v, i) => (v - b[i]) ** 2).reduce((x, y) => x + y, 0);

/**
 * A text with blanks after it, up to a length.
 * @example tf.util.rightPad('a', 3) // "a  "
 */
export const rightPad = (text: string, size: number): string => text.padEnd(size);

/**
 * Milliseconds by a clock that only goes forward.
 * @example tf.util.now() > 0 // true
 */
export const now = (): number => ENV.platform.now();

/**
 * The UTF-8 bytes of a text.
 * @example Array.from(tf.util.encodeString('ab')) // [97, 98]
 */
export const encodeString = (text: string, encoding = 'utf-8'): Uint8Array => {
  if (!/^utf-?8$/i.test(encoding)) raise('value', `The only supported encoding is utf-8, not ${encoding}`);
  return encode(text);
};
/**
 * The text of UTF-8 bytes.
 * @example tf.util.decodeString(new Uint8Array([97, 98])) // "ab"
 */
export const decodeString = (bytes: Uint8Array, encoding = 'utf-8'): string =>
  /^utf-?8$/i.test(encoding) ? decode(bytes) : new TextDecoder(encoding).decode(bytes);

/** The host's fetch. */
export const fetch = (path: string, options?: RequestInit): Promise<Response> =>
  ENV.platform.fetch(path, options);

/**
 * Asks check() again and again, delay(n) milliseconds apart, until it is true; rejects after
 * `limit` times.
 * @example await tf.util.repeatedTry(() => true) ?? 'done' // "done"
 */
export function repeatedTry(
  check: () => boolean, delay: (n: number) => number = () => 0, limit?: number,
  schedule: (f: () => void, ms: number) => void = setTimeout,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let tried = 0;
    const attempt = () => {
      if (check()) return resolve();
      tried++;
      if (limit !== undefined && limit !== null && tried >= limit) return reject();
      schedule(attempt, delay(tried));
    };
    attempt();
  });
}

/**
 * Bytes of encoded texts, all together.
 * @example tf.util.bytesFromStringArray([new Uint8Array(2)]) // 2
 */
export const bytesFromStringArray = (texts: Uint8Array[] | null): number =>
  (texts ?? []).reduce((sum, text) => sum + text.length, 0);

/**
 * Values of a backend, which may be the bytes of a buffer, as the typed array of a dtype.
 * @example Array.from(tf.util.convertBackendValuesAndArrayBuffer(new Float32Array([1, 2]).buffer, 'float32')) // [1, 2]
 */
export function convertBackendValuesAndArrayBuffer(
  data: DataTypeArray | Uint8Array[] | ArrayBuffer, dtype: DataType,
): DataTypeArray | Uint8Array[] {
  if (Array.isArray(data)) return data;
  if (dtype === 'float32') return data instanceof Float32Array ? data : new Float32Array(data as ArrayBuffer);
  const words = data instanceof Int32Array ? data : new Int32Array(data as ArrayBuffer);
  if (dtype === 'int32') return words;
  return dtype === 'bool' || dtype === 'string' ? Uint8Array.from(words) : raise('dtype', `Unknown dtype ${dtype}`);
}
