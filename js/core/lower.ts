// Arguments of ops on their way into the core: tensors become addresses, names numbers, lists and strings lie in the
// argument block. Generated functions import this file whole: import * as L from './lower'.
import * as core from '../wasm/core';
import { describe, shown } from '../wasm/errors';
import { encode } from '../wasm/utf8';
import { borrow, ints, op, ownedByCall, pointers, raise, reading, reserve, type Numbers } from './arguments';
import { fromArray, inferredApart } from './from_array';
import { isString } from './kinds';
import { Tensor, type DataType, type PadLike, type TensorLike } from './tensor';

export { begin, int, ints, many, one, output, outputAt } from './arguments';

function live(value: Tensor, arg: string): number {
  if (value.isDisposed)
    throw raise(
      'disposed',
      `${arg} is disposed: Tensor is disposed. tf.tidy() disposes what f does not return, unless tf.keep() was given it.`,
    );
  return borrow(value);
}

function wantNumbers(x: Tensor, arg: string, dtype = 'numeric'): void {
  if (x.dtype === 'string')
    throw raise('dtype', `Argument '${arg}' passed to '${op}' must be ${dtype} tensor, but got string tensor`);
}

/** A value that is no tensor becomes one, until the call is over. */
const convert = (value: unknown, dtype: DataType | undefined, arg: string): Tensor =>
  ownedByCall(fromArray(value, undefined, dtype, arg));

/** A tensor of numbers. dtype: what numbers and arrays become, where the op asks for one. */
export function tensor(value: TensorLike, arg: string, dtype?: DataType): number {
  if (value instanceof Tensor) {
    wantNumbers(value, arg, dtype);
    return live(value, arg);
  }
  const made = convert(
    value,
    (typeof value === 'object' && inferredApart(value) === 'string') || isString(value) ? 'string' : dtype,
    arg,
  );
  wantNumbers(made, arg, dtype);
  return made.handle(op);
}

/** A tensor that may be of strings. */
export const any = (value: TensorLike, arg: string): number =>
  value instanceof Tensor ? live(value, arg) : convert(value, undefined, arg).handle(op);

export const anyOrNull = (value: TensorLike | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : any(value, arg);

/** A tensor of strings. */
export const strings = (value: TensorLike, arg: string): number =>
  value instanceof Tensor ? live(value, arg) : convert(value, 'string', arg).handle(op);

/** A tensor; numbers and arrays become one of another argument's dtype. 0 where there may be none. */
export function like(value: TensorLike | null | undefined, arg: string, other: TensorLike, optional = false): number {
  if (optional && (value === null || value === undefined)) return 0;
  if (value instanceof Tensor) return live(value, arg);
  return convert(value, other instanceof Tensor ? other.dtype : inferredApart(other), arg).handle(op);
}

export const tensorOrNull = (value: TensorLike | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : tensor(value, arg);

export function float(value: number, arg: string): number {
  if (typeof value !== 'number') throw raise('value', `${arg} must be a number, but is ${shown(value)}`);
  return value;
}

export const bool = (value: unknown, _arg: string): number => (value ? 1 : 0);

export function choice(value: string, arg: string, of: string[]): number {
  const at = of.indexOf(value);
  if (at < 0) throw raise('value', `${arg} must be one of ${of.join(', ')}, but is ${shown(value)}`);
  return at;
}

/** -1 where none is chosen. */
export const choiceOrNone = (value: string | null | undefined, arg: string, of: string[]): number =>
  value === null || value === undefined ? -1 : choice(value, arg, of);

export const intsOrNull = (value: number | ArrayLike<Numbers> | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : ints(value, arg);

/** 'valid' is [], 'same' [-1], a number [p]; explicit padding is its pairs, axis by axis. */
export function pad(value: PadLike, arg: string): number {
  if (value === 'valid') return ints([], arg);
  if (value === 'same') return ints(-1, arg);
  if (typeof value === 'number' && value < 0) throw raise('value', `${arg} is ${value}, which is negative`);
  if (typeof value === 'number' || Array.isArray(value)) return ints(value, arg);
  throw raise('value', `${arg} must be 'valid', 'same', a number, or [[0, 0], [top, bottom], [left, right], [0, 0]]`);
}

/** The address of a list of tensors. withStrings: of strings, too. */
export function list(values: TensorLike[], arg: string, withStrings = false): number {
  if (!Array.isArray(values))
    throw raise(
      'value',
      `The argument passed to tf.${op}() must be a list of tensors: Argument '${arg}' passed to '${op}' must be ` +
        `a \`Tensor[]\` or \`TensorLike[]\`, but got '${describe(values)}'`,
    );
  const items = reading(() => Array.from(values));
  return pointers(items.map((v, i) => (withStrings ? any : tensor)(v, `${arg}[${i}]`)));
}

function plain(value: unknown, arg: string): number | string | boolean {
  if (['number', 'string', 'boolean'].includes(typeof value)) return value as number | string | boolean;
  throw raise('value', `${arg} must be a number or a string, but is ${shown(value)}`);
}

const joined = (value: unknown, arg: string): string =>
  reading(() => (Array.isArray(value) ? Array.from(value, (v) => plain(v, arg)).join() : String(plain(value, arg))));

/** A number or string as a C string, several joined by commas; null where there is none. */
export function text(value: number | string | string[] | null | undefined, arg: string): number {
  if (value === null || value === undefined) return 0;
  const bytes = encode(typeof value === 'object' ? joined(value, arg) : String(plain(value, arg)));
  const at = reserve((bytes.length >> 2) + 1);
  core.u8().set(bytes, at);
  core.u8()[at + bytes.length] = 0;
  return at;
}
