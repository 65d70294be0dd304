// What functions of the program give back, looked at before it goes on.
import { TensorineError, type ErrorCode } from './errors';
import { Tensor } from './tensor';

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object') return typeof value;
  try {
    return value.constructor?.name ?? 'an object';
  } catch {
    return 'an object'; // a proxy whose getters throw
  }
}

/** A tensor, which a function of the program must give. */
export function returned(value: unknown, what: string, code: ErrorCode = 'value'): Tensor {
  if (value instanceof Tensor) return value;
  const hint = value === undefined ? ': is there a return?' : value instanceof Promise ? ': it must not be async' : '';
  throw new TensorineError(code, `${what} must give a tensor, but gave ${describe(value)}${hint}`);
}
