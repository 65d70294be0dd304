// The core as JavaScript calls it: its exports, views of its memory, and the one check for errors that follows each
// call. Import it whole: import * as core from './core'.
import type { DataType } from './dtypes';
import { codeOf, numberOfCode, TensorineError, type ErrorCode } from './errors';
import { f32, i32, stackTop, text, u8, x } from './host';
import { encode } from './utf8';

export { callback, f32, i32, putText, text, u8, u32, x } from './host';

let errorIndex = 0; // of the core's error code, in i32()
let thrown: unknown = null;

// ---- the border: calls of the core, and functions of the program that it calls meanwhile ----

let depth = 0; // of functions that the core called and that have not come back
let calling = false; // a call has begun and not come back
let tapes = 0;

/** A call of the core begins. */
export function starts(): void {
  if (calling && !depth) settle();
  calling = true;
}

/** The call has come back. If it did not, because the stack of JavaScript was full, the core's stack, scopes and tapes
 * stay as they were in the middle of it until the next call, which calls settle(). */
export function ends(): void {
  calling = false;
}

/** True while the core may hold arguments: in a call, and in functions that it has called. */
export const inCall = (): boolean => calling || depth > 0;

/** Restores the core after a call that was cut off. */
export function settle(): void {
  if (!calling || depth) return;
  calling = false;
  thrown = null;
  x.tn_c_stack_back(stackTop);
  x.tn_settle(Number(tapes > 0));
}

/** Throws if the stack of JavaScript is nearly full: before a call that must not be cut off in its middle. */
export function wantStack(): void {
  const calls = 1500;
  x.tn_use_stack(calls);
}

/** JavaScript opens a tape (1) or closes one (-1). */
export function countTapes(more: number): void {
  tapes += more;
}

const FULL = /call stack|recursion|stack space/i; // of V8, SpiderMonkey, JavaScriptCore

/** Makes the call of the core that is under way fail by what a function of the program threw. */
function failBy(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error),
    full = error instanceof Error && FULL.test(text);
  if (full) fail('value', 'the stack of JavaScript is full: does a layer, a model, a loss or a gradient call itself?');
  else fail(error instanceof TensorineError ? error.code : 'value', text, error);
}

/** Runs a function of the program for the core, which waits. What it throws becomes the core's error,
 * and the result is `otherwise`; the core's stack and scopes are as before. All that the core calls
 * and that may call the core again goes through here. */
export function crossing<T>(otherwise: T, f: () => T): T {
  const stack = x.tn_c_stack(),
    level = x.tn_enter(),
    outer = depth;
  if (!level) return otherwise;
  let cut = true;
  depth = level;
  try {
    const result = f();
    cut = false;
    x.tn_leave(level, 0);
    return result;
  } catch (error) {
    if (cut) x.tn_leave(level, 1);
    x.tn_c_stack_back(stack);
    failBy(error);
    return otherwise;
  } finally {
    depth = outer;
    calling = true; // the call around it
    x.tn_c_stack_back(stack);
  }
}

/** Throws what went wrong in the core since the last check, and clears it. */
export function check(): void {
  if (!errorIndex) errorIndex = x.tn_error_address() >>> 2;
  if (i32()[errorIndex] !== 0) raise();
}

function raise(): never {
  const error = thrown ?? new TensorineError(codeOf(i32()[errorIndex]), text(x.tn_error()));
  thrown = null;
  x.tn_clear_error();
  throw error;
}

/** Makes the call of the core that is under way fail; its check() throws `cause`, if there is one. */
export function fail(code: ErrorCode, message: string, cause: unknown = null): void {
  thrown ??= cause;
  const bytes = encode(message).subarray(0, 511);
  const at = x.tn_message() >>> 0;
  u8().set(bytes, at);
  u8()[at + bytes.length] = 0;
  x.tn_fail(numberOfCode(code), at);
}

/** The address of `bytes` bytes in the core, which last until the next call. */
export function scratch(bytes: number): number {
  const at = x.tn_scratch(Math.max(1, bytes));
  check();
  return at >>> 0;
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

/** A device that computes beside this thread says here how its results arrive. */
export function onArrival(f: Arrival): void {
  arrival = f;
}
