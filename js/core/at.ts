// The symbol by which a constructor knows that an address in the core follows. Only the library has it, so a program
// cannot pass a number as an address.
import { TensorineError } from '../wasm/errors';

export const AT: unique symbol = Symbol('address');
export type At = typeof AT;

/** Throws where a class that only the library makes is made by hand. */
export function wantAt(given: unknown, what: string, instead: string): void {
  if (given !== AT) throw new TensorineError('value', `${what} is not made with new: ${instead}`);
}
