// What functions of the program give back, looked at before it goes on.
import { TensorineError, type ErrorCode } from './errors';
import { Tensor } from './tensor';

/** A value in a few words, for messages. */
export const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? value!.constructor?.name ?? 'an object' : typeof value;

/** A tensor, which a function of the program must give. */
export function returned(value: unknown, what: string, code: ErrorCode = 'value'): Tensor {
  if (value instanceof Tensor) return value;
  const hint = value === undefined ? ': is there a return?' : value instanceof Promise ? ': it must not be async' : '';
  throw new TensorineError(code, `${what} must give a tensor, but gave ${describe(value)}${hint}`);
}
