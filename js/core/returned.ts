// What functions of the program give back, looked at before it goes on.
import { describe, TensorineError, type ErrorCode } from '../wasm/errors';
import { Tensor } from './tensor';

export { describe };

/** A tensor, which a function of the program must give. */
export function returned(value: unknown, what: string, code: ErrorCode = 'value'): Tensor {
  if (value instanceof Tensor) return value;
  const hint = value === undefined ? ': is there a return?' : value instanceof Promise ? ': it must not be async' : '';
  throw new TensorineError(code, `${what} must give a tensor, but gave ${describe(value)}${hint}`);
}
