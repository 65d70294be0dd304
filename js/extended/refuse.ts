// The error of the helpers here: they have no op to name.
import { TensorineError } from '../core/errors';

export function refuse(message: string): never {
  throw new TensorineError('value', message);
}
