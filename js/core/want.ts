// Checks of arguments of functions written in JavaScript: one line names the arguments and what they must be.
// (Functions of the core have their checks from their declarations; see lower.ts.)
import { shown, TensorineError } from '../wasm/errors';
import { isBig, isObject, isTyped } from './kinds';
import { DTYPES, Tensor } from './tensor';
import { Variable } from './variable';

type Test = (value: any) => boolean;

const isInteger: Test = (v) => Number.isSafeInteger(v);
const isString: Test = (v) => typeof v === 'string';
const isNumber: Test = (v) => typeof v === 'number';
/** Whether a buffer is not detached. */
function isAttached(buffer: ArrayBufferLike): boolean {
  try {
    return buffer.byteLength > 0 || Boolean(new Uint8Array(buffer));
  } catch {
    return false;
  }
}
const isReadable: Test = (v) => isTyped(v) && !isBig(v) && isAttached(v.buffer as ArrayBufferLike);
const isList: Test = (v) => Array.isArray(v) || isReadable(v);
/** What an object is, also where it is of another realm (a frame, Jest). */
const tagOf = (v: unknown): string => Object.prototype.toString.call(v).slice(8, -1);
const isBytes: Test = (v) => tagOf(v) === 'Uint8Array' && isAttached(v.buffer);
const isBuffer: Test = (v) =>
  ArrayBuffer.isView(v) ? isAttached(v.buffer) : /^(Shared)?ArrayBuffer$/.test(tagOf(v)) && isAttached(v);
const isVariable: Test = (v) => v instanceof Variable;
const isTensor: Test = (v) => v instanceof Tensor;
const isOpenShape: Test = (v) => Array.isArray(v) && v.every((n) => n === null || n === undefined || isInteger(n));

/** Whether `new` accepts it; it is not called. */
const isClass: Test = (v) => {
  try {
    Reflect.construct(Object, [], v);
    return true;
  } catch {
    return false;
  }
};
const isRecord: Test = (v) => isObject(v) && !Array.isArray(v);
const within =
  (most: number): Test =>
  (v) =>
    isInteger(v) && v >= 0 && v <= most;
/** Lists all of whose elements pass. */
const listOf =
  (test: Test): Test =>
  (v) => {
    if (!isList(v)) return false;
    for (let i = 0; i < v.length; i++) if (!test(v[i])) return false; // holes too
    return true;
  };
/** The same, of plain arrays. */
const arrayOf =
  (test: Test): Test =>
  (v) =>
    Array.isArray(v) && listOf(test)(v);

const isShaped: Test = (v) => isRecord(v) && listOf(isInteger)(v.shape);

/** What an argument may have to be: its description in messages, and the test. */
const KINDS = {
  string: ['a string', isString],
  number: ['a number', isNumber],
  numeric: ['a number', (v) => isNumber(v) || isString(v)], // as a string too, where TensorFlow.js accepts it
  count: ['a number from 1 on', (v) => (isNumber(v) || isString(v)) && Number(v) >= 1 && Number(v) < Infinity],
  integer: ['a whole number', isInteger],
  size: ['a whole number from 0 to 2^31 - 1', within(0x7fffffff)],
  rank: ['a whole number from 0 to 255', within(255)],
  boolean: ['true or false', (v) => typeof v === 'boolean'],
  function: ['a function', (v) => typeof v === 'function'],
  object: ['an object', isRecord],
  dtype: [`one of ${DTYPES.join(', ')}`, (v) => DTYPES.includes(v)],
  array: ['an array', Array.isArray],
  list: ['an array or a typed array', isList],
  numbers: ['an array of numbers', listOf(isNumber)],
  oneOrMore: ['a number or an array of numbers', (v) => isNumber(v) || listOf(isNumber)(v)],
  integers: ['an array of whole numbers', listOf(isInteger)],
  shape: ['a shape, an array of whole numbers from 0 on', listOf((n) => isInteger(n) && n >= 0)],
  shapes: ['an array of arrays of whole numbers', arrayOf(listOf(isInteger))],
  shaped: ['a tensor, or an object with a shape', isShaped],
  allShaped: ['an array of tensors, or of objects with a shape', arrayOf(isShaped)],
  strings: ['an array of strings', arrayOf(isString)],
  bytes: ['a Uint8Array', isBytes],
  byteArrays: ['an array of Uint8Array', arrayOf(isBytes)],
  values: ['an array, a typed array or an ArrayBuffer', (v) => isList(v) || tagOf(v) === 'ArrayBuffer'],
  buffers: ['an ArrayBuffer, a typed array, or an array of them', (v) => isBuffer(v) || arrayOf(isBuffer)(v)],
  objects: ['an array of objects', arrayOf(isRecord)],
  variables: ['an array of variables', arrayOf(isVariable)],
  tensor: ['a tensor', isTensor],
  tensors: ['an array of tensors', arrayOf(isTensor)],
  class: ['a class', isClass],
  named: ['an array of {name, tensor}', arrayOf((v) => isString(v?.name) && isTensor(v.tensor))],
  openShapes: [
    'a shape, an array of whole numbers and null, or an array of shapes',
    (v) => isOpenShape(v) || arrayOf(isOpenShape)(v),
  ],
} satisfies Record<string, [string, Test]>;

/** A list read once, so that what is looked at is what is used: a getter or proxy may give another thing each time. */
export const copied = <T>(given: T): T => (Array.isArray(given) ? ([...given] as T) : given);

export type Kind = keyof typeof KINDS;

/** Kinds whose error has the code 'shape'. */
const SHAPES = new Set<string>(['shape', 'shape?', 'openShapes', 'openShapes?']);

/**
 * Throws a TensorineError where one of the arguments is not of its kind; `string?` may be left out or null.
 * @example want('io.copyModel', { sourceURL, destURL }, 'string');
 */
export function want(who: string, given: Record<string, unknown>, kind: Kind | `${Kind}?`): void {
  const optional = kind.endsWith('?');
  const [description, test] = KINDS[(optional ? kind.slice(0, -1) : kind) as Kind] as [string, Test];
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (optional && (value === undefined || value === null)) continue;
    if (!test(value))
      throw new TensorineError(
        SHAPES.has(kind) ? 'shape' : 'value',
        `${who}: ${name} must be ${description}, but is ${shown(value)}`,
      );
  }
}
