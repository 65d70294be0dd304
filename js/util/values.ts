// tf.util, on single values: checks, what a value is, numbers, strings, time.
import { raise } from '../wasm/errors';
import { decode, encode } from '../wasm/utf8';
import { ENV } from '../core/env';
import * as kinds from '../core/kinds';
import { DTYPES, Tensor, type DataType, type TypedArray } from '../core/tensor';
import { want } from '../core/want';

type Flat = ArrayLike<number>;

// ---- checks ----

/**
 * Throws the message of msg() unless expr holds.
 * @example tf.util.assert(true, () => 'not so') ?? 'fine' // "fine"
 */
export function assert(expr: boolean, msg: () => string): asserts expr {
  if (!expr) raise('value', typeof msg === 'function' ? msg() : msg);
}

/**
 * Throws at null and undefined.
 * @example tf.util.assertNonNull(1) ?? 'fine' // "fine"
 */
export function assertNonNull(a: unknown): void {
  if (a === null || a === undefined) raise('value', 'The input to the tensor constructor must be a non-null value.');
}

/**
 * Throws where a size is no whole number, or below 0.
 * @example tf.util.assertNonNegativeIntegerDimensions([1, 2]) ?? 'fine' // "fine"
 */
export function assertNonNegativeIntegerDimensions(shape: number[]): void {
  want('util.assertNonNegativeIntegerDimensions', { shape }, 'numbers');
  if (!shape.every((n) => Number.isInteger(n) && n >= 0))
    raise('shape', `Tensor must have a shape comprised of positive integers but got shape [${shape}].`);
}

/**
 * Throws where a value is NaN or infinite, which no dtype but float32 has.
 * @example tf.util.checkConversionForErrors([1, 2], 'float32') ?? 'fine' // "fine"
 */
export function checkConversionForErrors(values: Flat, dtype: DataType): void {
  want('util.checkConversionForErrors', { values }, 'numbers');
  want('util.checkConversionForErrors', { dtype }, 'dtype');
  const bad = Array.from(values).find((v) => !Number.isFinite(v));
  if (bad !== undefined) raise('value', `A tensor of type ${dtype} being uploaded contains ${bad}.`);
}

// ---- what a value is ----

/**
 * Whether a number is whole.
 * @example tf.util.isInt(1.5) // false
 */
export const isInt = (a: number): boolean => Number.isInteger(a);
/**
 * Whether a value is a string.
 * @example tf.util.isString('a') // true
 */
export const isString = (v: unknown): v is string => kinds.isString(v);
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
export const isPromise = (v: any): v is Promise<unknown> => kinds.isPromise(v);
/**
 * Whether a value is a typed array of a kind that tensors are made of.
 * @example tf.util.isTypedArray(new Float32Array(1)) // true
 */
export const isTypedArray = (a: unknown): a is TypedArray =>
  a instanceof Float32Array || a instanceof Int32Array || a instanceof Uint8Array || a instanceof Uint8ClampedArray;
/**
 * Whether a shape is that of a number.
 * @example tf.util.isScalarShape([]) // true
 */
export function isScalarShape(shape: number[]): boolean {
  want('util.isScalarShape', { shape }, 'list');
  return shape.length === 0;
}

/**
 * The dtype that tf.tensor gives to such values.
 * @example tf.util.inferDtype([true]) // "bool"
 */
export function inferDtype(values: unknown): DataType | 'string' {
  if (values instanceof Tensor) return values.dtype;
  if (Array.isArray(values)) return inferDtype(values[0]);
  if (ArrayBuffer.isView(values) && !(values instanceof Float32Array || values instanceof Float64Array)) return 'int32';
  if (isString(values)) return 'string';
  return isBoolean(values) ? 'bool' : 'float32';
}

const BYTES: Record<string, number> = { float32: 4, int32: 4, bool: 1, complex64: 8 };

/**
 * Whether a string names a dtype.
 * @example tf.util.isValidDtype('float64') // false
 */
export const isValidDtype = (dtype: string): boolean => DTYPES.includes(dtype as DataType);

/**
 * Bytes of an element of a dtype.
 * @example tf.util.bytesPerElement('int32') // 4
 */
export function bytesPerElement(dtype: DataType): number {
  want('util.bytesPerElement', { dtype }, 'string');
  return Object.hasOwn(BYTES, dtype) ? BYTES[dtype] : raise('dtype', `Unknown dtype ${dtype}`);
}

/**
 * True if values of one dtype may not fit the other.
 * @example tf.util.hasEncodingLoss('float32', 'int32') // true
 */
export function hasEncodingLoss(from: DataType, to: DataType): boolean {
  want('util.hasEncodingLoss', { from, to }, 'dtype');
  const order = ['bool', 'int32', 'float32', 'complex64'];
  return order.indexOf(to) < order.indexOf(from);
}

// ---- numbers, text, time ----

/**
 * x, but neither below min nor above max.
 * @example tf.util.clamp(0, 5, 3) // 3
 */
export function clamp(min: number, x: number, max: number): number {
  want('util.clamp', { min, x, max }, 'number');
  return Math.max(min, Math.min(x, max));
}
/**
 * The number itself if it is even, else the next one.
 * @example tf.util.nearestLargerEven(3) // 4
 */
export function nearestLargerEven(n: number): number {
  want('util.nearestLargerEven', { n }, 'number');
  return n % 2 === 0 ? n : n + 1;
}
/**
 * The sum of numbers.
 * @example tf.util.sum([1, 2]) // 3
 */
export function sum(list: number[]): number {
  want('util.sum', { list }, 'numbers');
  return list.reduce((a, b) => a + b, 0);
}
/**
 * The hyperbolic tangent of a number.
 * @example tf.util.tanh(0) // 0
 */
export function tanh(x: number): number {
  want('util.tanh', { x }, 'number');
  return Math.tanh(x);
}

/**
 * A random number from a to b.
 * @example tf.util.randUniform(2, 2) // 2
 */
export function randUniform(a: number, b: number): number {
  want('util.randUniform', { a, b }, 'number');
  const r = Math.random();
  return b * r + (1 - r) * a;
}

/**
 * Squared distance of two points.
 * @example tf.util.distSquared([0, 0], [3, 4]) // 25
 */
export function distSquared(a: Flat, b: Flat): number {
  want('util.distSquared', { a, b }, 'numbers');
  return Array.from(a, (v, i) => (v - b[i]) ** 2).reduce((x, y) => x + y, 0);
}

const MOST_CHARACTERS = 2 ** 28;

/**
 * A string with blanks after it, up to a length.
 * @example tf.util.rightPad('a', 3) // "a  "
 */
export function rightPad(text: string, size: number): string {
  want('util.rightPad', { text }, 'string');
  want('util.rightPad', { size }, 'size');
  if (size > MOST_CHARACTERS) raise('value', `util.rightPad: a text of ${size} characters is too long`);
  return text.padEnd(size);
}

/**
 * Milliseconds by a clock that only goes forward.
 * @example tf.util.now() > 0 // true
 */
export const now = (): number => ENV.platform.now();

/**
 * The UTF-8 bytes of a string.
 * @example Array.from(tf.util.encodeString('ab')) // [97, 98]
 */
export function encodeString(text: string, encoding = 'utf-8'): Uint8Array {
  want('util.encodeString', { text, encoding }, 'string');
  if (!/^utf-?8$/i.test(encoding)) raise('value', `The only supported encoding is utf-8, not ${encoding}`);
  return encode(text);
}
function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    return raise('value', `util.decodeString: the host knows no encoding '${encoding}'`);
  }
}

/**
 * The string of UTF-8 bytes.
 * @example tf.util.decodeString(new Uint8Array([97, 98])) // "ab"
 */
export function decodeString(bytes: Uint8Array, encoding = 'utf-8'): string {
  want('util.decodeString', { bytes }, 'bytes');
  want('util.decodeString', { encoding }, 'string');
  return /^utf-?8$/i.test(encoding) ? decode(bytes) : decoderOf(encoding).decode(bytes);
}

/** The host's fetch. */
export const fetch = (path: string, options?: RequestInit): Promise<Response> => ENV.platform.fetch(path, options);

/**
 * Calls check() again and again, delay(n) milliseconds apart, until it is true; rejects after `limit`
 * times.
 * @example await tf.util.repeatedTry(() => true) ?? 'done' // "done"
 */
export function repeatedTry(
  check: () => boolean,
  delay: (n: number) => number = () => 0,
  limit?: number,
  schedule: (f: () => void, ms: number) => void = setTimeout,
): Promise<void> {
  want('util.repeatedTry', { check, delay, schedule }, 'function');
  want('util.repeatedTry', { limit }, 'number?');
  return new Promise((resolve, reject) => {
    let tried = 0;
    const attempt = () => {
      try {
        if (check()) return resolve();
        tried++;
        if (limit !== undefined && limit !== null && tried >= limit) return reject();
        schedule(attempt, delay(tried));
      } catch (error) {
        reject(error);
      }
    };
    attempt();
  });
}

/**
 * Whether two arrays have the same elements.
 * @example tf.util.arraysEqual([1, 2], [1, 2]) // true
 */
export function arraysEqual(a: ArrayLike<number> | null, b: ArrayLike<number> | null): boolean {
  want('util.arraysEqual', { a, b }, 'list?');
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
  want('util.arraysEqualWithNull', { a, b }, 'list?');
  if (a === b) return true;
  return Boolean(a && b) && a.length === b.length && a.every((v, i) => v === null || b[i] === null || v === b[i]);
}
