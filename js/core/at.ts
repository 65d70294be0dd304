// What tells a constructor that an address in the core follows: only the library has it, so that no
// number of a program's is taken for one.
import { TensorineError } from '../wasm/errors';

export const AT: unique symbol = Symbol('address');
export type At = typeof AT;

/** Throws where a class that only the library makes is made by hand. */
export function wantAt(given: unknown, what: string, instead: string): void {
  if (given !== AT) throw new TensorineError('value', `${what} is not made with new: ${instead}`);
}
