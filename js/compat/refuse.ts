// The error of the helpers here: they have no op to name.
import { TensorineError } from '../wasm/errors';

export function refuse(message: string): never {
  throw new TensorineError('value', message);
}
