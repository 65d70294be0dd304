// The core as the face uses it: its exports, views of its memory, and the one check for errors that
// follows each call. Import it whole: import * as core from './core'.
import { f32, i32, text, u8, x } from './host';
import { CODES, TensorineError, type ErrorCode } from './errors';
import type { DataType } from './tensor';
import { encode } from './utf8';

export { callback, f32, i32, putText, text, u8, u32, x } from './host';

let word = 0; // index of the core's error word
let thrown: unknown = null;

/** Throws what went wrong in the core since the last check, and clears it. */
export function check(): void {
  if (!word) word = x.tn_error_word() >>> 2;
  if (i32()[word] !== 0) raise();
}

function raise(): never {
  const error = thrown ?? new TensorineError(CODES[i32()[word]], text(x.tn_error()));
  thrown = null;
  x.tn_clear_error();
  throw error;
}

/** Makes the call of the core that is under way fail; its check() throws `cause` if given. */
export function fail(code: ErrorCode, message: string, cause: unknown = null): void {
  thrown ??= cause;
  const bytes = encode(message).subarray(0, 511);
  const at = x.tn_message() >>> 0;
  u8().set(bytes, at);
  u8()[at + bytes.length] = 0;
  x.tn_fail(CODES.indexOf(code), at);
}

/** A copy of n elements of the core's memory. */
export function copy(address: number, n: number, dtype: DataType): Float32Array | Int32Array | Uint8Array {
  const first = address >>> 0;
  if (dtype === 'bool') return u8().slice(first, first + n);
  const words = dtype === 'int32' ? i32() : f32();
  return words.slice(first >>> 2, (first >>> 2) + (dtype === 'complex64' ? 2 * n : n));
}

type Arrival = (tensor: number) => Promise<void> | null;
let arrival: Arrival = () => null;

/** Resolves when a tensor's elements are in memory; null where they are already. */
export const arrived: Arrival = (tensor) => arrival(tensor);

/** A device that computes beside this thread tells how its results arrive. */
export function onArrival(f: Arrival): void {
  arrival = f;
}
