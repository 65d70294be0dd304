// The call of the core that is under way: begin(name), its arguments, one call of wasm, then one() or many() for
// its results. Lists lie in the core's argument block, which every call fills from its start.
import * as core from '../wasm/core';
import { shown, TensorineError, type ErrorCode } from '../wasm/errors';
import { tensorAt, type Tensor } from './tensor';

const CAPACITY = 1 << 16; // bytes of the argument block
let block = 0,
  used = 0,
  base = 0;
let outputs: number[] = []; // addresses of places for results after the first
let converted: Tensor[] = []; // made of numbers and arrays, for this call only
let borrowed: Tensor[] = []; // arguments that are tensors of the program's
/** The name of the op that is being called; '' where there is none. */
export let op = '';

export function begin(name: string): void {
  core.starts();
  op = name;
  used = base;
  if (outputs.length) outputs = [];
  if (borrowed.length) borrowed = [];
  if (!block) allocate();
}

function allocate(): void {
  block = core.x.tn_arguments(CAPACITY);
  if (!block) throw raise('memory', `out of memory for ${CAPACITY} bytes of arguments`);
}

/** Runs a function of the program that the core calls in the middle of a call: the arguments of that
 * call stay. What it throws becomes the core's error, and `otherwise` the result. */
export function entry<T>(otherwise: T, f: () => T): T {
  return core.crossing(otherwise, () => within(f));
}

/** Runs f in the middle of a call, whose arguments stay. If f throws, what it converted for its own call is freed. */
export function within<T>(f: () => T): T {
  const outer = [op, base, used, outputs, converted, borrowed] as const;
  base = used;
  outputs = [];
  converted = [];
  borrowed = [];
  try {
    return f();
  } catch (error) {
    release();
    throw error;
  } finally {
    [op, base, used, outputs, converted, borrowed] = outer;
  }
}

/** Runs f, which reads values of the program: a getter may call this library, and that call has its own
 * arguments. Tensors among the arguments so far must still be there afterwards. */
export function reading<T>(f: () => T): T {
  const who = op;
  let result: T;
  core.ends(); // no call is under way while the program's code runs
  try {
    result = within(() => {
      op = who;
      return f();
    });
  } catch (error) {
    release();
    throw error;
  }
  core.starts();
  for (const x of borrowed) {
    if (x.isDisposed) throw raise('disposed', 'a tensor was disposed while the other arguments were read');
    x.handle();
  }
  return result;
}

/** An error of the op that is being called; what was converted for it is freed. */
export function raise(code: ErrorCode, text: string): TensorineError {
  release();
  return new TensorineError(code, op ? `${op}: ${text}` : text);
}

function release(): void {
  borrowed = [];
  while (converted.length) converted.pop()!.dispose();
}

/** Notes a tensor of the program's as an argument; its address. */
export function borrow(x: Tensor): number {
  borrowed.push(x);
  return x.handle(op);
}

/** Notes a tensor that was made for this call only: it is freed when the call is over. */
export function ownedByCall(x: Tensor): Tensor {
  converted.push(x);
  return x;
}

/** The address of n more 32-bit words in the argument block. */
export function reserve(n: number): number {
  if (used + n * 4 > CAPACITY) throw raise('value', `a list of ${n} numbers is too long`);
  const at = block + used;
  used += n * 4;
  return at;
}

export function int(value: number, arg: string): number {
  if (!Number.isInteger(value) || Math.abs(value) > 0x7fffffff)
    throw raise('value', `${arg} must be a whole number below 2^31, but is ${shown(value)}`);
  return value;
}

export type Numbers = number | ArrayLike<number>;

/** The numbers of a list, read once. Pairs are flattened: [[1, 2], [3, 4]] is [1, 2, 3, 4]. */
function numbersOf(value: ArrayLike<Numbers>, arg: string): number[] {
  const n = value && typeof value === 'object' ? value.length : NaN;
  if (!Number.isInteger(n) || n < 0)
    throw raise('value', `${arg} must be a number or an array of numbers, but is ${shown(value)}`);
  if (n * 4 > CAPACITY) throw raise('value', `a list of ${n} numbers is too long`);
  const list: number[] = [];
  for (let i = 0; i < n; i++) {
    const part = value[i];
    if (!Array.isArray(part)) list.push(int(part as number, `${arg}[${i}]`));
    else for (const [k, v] of [...part].entries()) list.push(int(v, `${arg}[${i}][${k}]`));
  }
  return list;
}

/** The address of a list of whole numbers. */
export function ints(value: number | ArrayLike<Numbers>, arg: string): number {
  const list = typeof value === 'number' ? [int(value, arg)] : reading(() => numbersOf(value, arg));
  return pointers(list);
}

/** The address of a list of sizes for a call without begin(), inside another one perhaps: the place is free at once. */
export function sizesAt(shape: number[]): number {
  if (!block) allocate();
  const before = used,
    at = ints(shape, 'shape');
  used = before;
  return at;
}

/** The address of a counted list of words: addresses, whole numbers. */
export function pointers(values: number[]): number {
  const at = reserve(values.length + 1),
    heap = core.i32();
  heap[at >>> 2] = values.length;
  heap.set(values, (at >>> 2) + 1);
  return at;
}

/** A place for one more result; output(i) reads the i-th. */
export function outputAt(): number {
  const at = reserve(1);
  outputs.push(at);
  return at;
}

/** Ends a call: what was converted for it is freed, and errors are thrown. */
export function done(): void {
  if (borrowed.length) borrowed = [];
  core.ends();
  if (converted.length) release();
  core.check();
}

export function one<T extends Tensor = Tensor>(ptr: number): T {
  done();
  return tensorAt(ptr) as T;
}

export const output = <T extends Tensor = Tensor>(i: number): T => tensorAt(core.i32()[outputs[i] >>> 2]) as T;

/** The tensors of a List in the core. */
export function many<T extends Tensor[] = Tensor[]>(ptr: number): T {
  done();
  return handles(ptr).map((at) => tensorAt(at)) as T;
}

/** The handles of a List in the core; 0 where it holds none. */
export function handles(ptr: number): number[] {
  const heap = core.i32(),
    n = heap[ptr >>> 2];
  return Array.from(heap.subarray((ptr >>> 2) + 1, (ptr >>> 2) + 1 + n));
}
