// The one error type of the library, and where the core's message becomes an exception.

/** What went wrong, in one word. */
export type ErrorCode = 'shape' | 'dtype' | 'value' | 'index' | 'disposed' | 'memory' | 'file' | 'device' |
  'gradient' | 'unknown';

/** The order of ErrorCode in tensorine.h. */
export const CODES: ErrorCode[] =
  ['unknown', 'shape', 'dtype', 'value', 'index', 'disposed', 'memory', 'file', 'device', 'gradient', 'unknown'];

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
