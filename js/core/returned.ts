// Checks of what functions of the program return.
import { describe, TensorineError, type ErrorCode } from '../wasm/errors';
import { Tensor } from './tensor';

export { describe };

/** The tensor that a function of the program must return. */
export function returned(value: unknown, what: string, code: ErrorCode = 'value'): Tensor {
  if (value instanceof Tensor) return value;
  const hint = value === undefined ? ': is there a return?' : value instanceof Promise ? ': it must not be async' : '';
  throw new TensorineError(code, `${what} must give a tensor, but gave ${describe(value)}${hint}`);
}
