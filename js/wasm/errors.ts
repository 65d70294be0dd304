// The library's error type, and descriptions of values for its messages.

import { ErrorCode as CODES } from '../generated/wasm/border';

/** What went wrong, in one word. */
export type ErrorCode =
  'shape' | 'dtype' | 'value' | 'index' | 'disposed' | 'memory' | 'file' | 'device' | 'gradient' | 'unknown';

/** The code of a number in the core; 0 there means that there is no error. */
export const codeOf = (n: number): ErrorCode => CODES[n] as ErrorCode;
export const numberOfCode = (code: ErrorCode): number => CODES.indexOf(code);

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value !== 'object') return typeof value;
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' ? name : 'an object';
  } catch {
    return 'an object'; // a proxy whose getters throw
  }
}

/** A value for messages: strings in quotes, numbers as they are, objects by their class. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return value === undefined || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : describe(value);
}

/**
 * Thrown by every function of the library; `message` starts with the op and names the argument.
 * @example new tf.TensorineError('shape', 'add: shapes differ').code // "shape"
 */
export class TensorineError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message === undefined || typeof message === 'string' ? message : shown(message));
    this.name = 'TensorineError';
    this.code = code;
  }
}

/** Throws, also within expressions. */
export function raise(code: ErrorCode, message: string): never {
  throw new TensorineError(code, message);
}
