// The one error type of the library, and where the core's message becomes an exception.

import { ErrorCode as CODES } from '../generated/border';

/** What went wrong, in one word. */
export type ErrorCode = 'shape' | 'dtype' | 'value' | 'index' | 'disposed' | 'memory' | 'file' | 'device' |
  'gradient' | 'unknown';

/** The code with a number in the core, which is not 0. */
export const codeOf = (n: number): ErrorCode => CODES[n] as ErrorCode;
export const numberOfCode = (code: ErrorCode): number => CODES.indexOf(code);

/**
 * Thrown by every function of the library; `message` starts with the op and names the argument.
 * @example new tf.TensorineError('shape', 'add: shapes differ').code // "shape"
 */
export class TensorineError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'TensorineError';
    this.code = code;
  }
}
