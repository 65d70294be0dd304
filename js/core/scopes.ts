// Scopes and memory: tidy, keep, dispose, memory.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { isObject, isPromise } from './kinds';
import { Tensor } from './tensor';

/** What may stand for tensors: one, or arrays and objects that hold some. */
export type TensorContainer =
  | Tensor
  | TensorContainerArray
  | TensorContainerObject
  | void
  | null
  | number
  | string
  | boolean
  | Float32Array
  | Int32Array
  | Uint8Array;
export interface TensorContainerArray extends Array<TensorContainer> {}
export interface TensorContainerObject {
  [name: string]: TensorContainer;
}

/**
 * Tensors in a value, however nested; each object is looked into once.
 * @example tf.getTensorsInContainer({ a: [tf.scalar(1)], b: 2 }).length // 1
 */
export function getTensorsInContainer(value: unknown): Tensor[] {
  const found: Tensor[] = [],
    seen = new Set<unknown>();
  const walk = (v: unknown) => {
    if (!isObject(v) || seen.has(v)) return;
    seen.add(v);
    if (v instanceof Tensor) found.push(v);
    else if (Array.isArray(v) || Object.getPrototypeOf(v) === Object.prototype) Object.values(v).forEach(walk);
  };
  walk(value);
  return found;
}

/** Hands the tensors of a result to the scope around `scope`, and closes it. */
function close(scope: number, result: unknown): void {
  for (const t of getTensorsInContainer(result)) {
    if (t.isDisposed) continue;
    const ptr = t.handle();
    if (core.x.tn_scope_of(ptr) !== scope) continue;
    core.x.tn_scope_out(scope, ptr);
    if (core.x.tn_scope_of(ptr) === 0) t.freeWhenForgotten();
  }
  core.x.tn_scope_end(scope);
}

/**
 * Runs f and disposes every tensor made in it except those in its result (and variables, and what
 * tf.keep was given). f may be async: the scope then closes when its promise settles, and owns
 * what is made meanwhile.
 * @example tf.tidy(() => tf.tensor([1, 2]).square().sum()) // 5
 */
export function tidy<T>(f: () => T): T;
export function tidy<T>(name: string, f: () => T): T;
export function tidy<T>(nameOrF: string | (() => T), f?: () => T): T;
export function tidy<T>(nameOrF: string | (() => T), f?: () => T): T {
  const body = typeof nameOrF === 'function' ? nameOrF : f;
  if (f !== undefined && typeof nameOrF !== 'function' && typeof nameOrF !== 'string')
    throw new TensorineError('value', 'tidy: of two arguments the first must be a name');
  if (typeof body !== 'function')
    throw new TensorineError('value', 'Please provide a function to tidy(): the last argument must be one');
  core.settle();
  const scope = core.x.tn_scope_open();
  core.check();
  let result: T;
  try {
    result = body();
  } catch (error) {
    core.x.tn_scope_end(scope);
    throw error;
  }
  if (!isPromise(result)) {
    close(scope, result);
    return result;
  }
  return result.then(
    (value) => {
      close(scope, value);
      return value;
    },
    (error) => {
      core.x.tn_scope_end(scope);
      throw error;
    },
  ) as T;
}

/**
 * Keeps a tensor alive past the end of tidy; dispose it yourself.
 * @example [tf.keep(tf.scalar(1))].map((x) => (x.dispose(), x.kept)) // [true]
 */
export function keep<T extends Tensor>(x: T): T {
  if (!(x instanceof Tensor))
    throw new TensorineError(
      'value',
      `Argument 'x' passed to 'keep' must be a Tensor, but got '${x === null ? 'null' : typeof x}'`,
    );
  core.x.tn_keep(x.handle('keep'));
  x.kept = true;
  return x;
}

/**
 * Disposes the tensors in a tensor, array or object.
 * @example [tf.tensor([1])].map((x) => (tf.dispose(x), x.isDisposed)) // [true]
 */
export function dispose(container: unknown): void {
  for (const t of getTensorsInContainer(container)) t.dispose();
}

export interface MemoryInfo {
  /** Tensors that are not disposed. */
  numTensors: number;
  /** Buffers behind them: views share one. */
  numDataBuffers: number;
  numBytes: number;
  /** True where the numbers are not exact; never here. */
  unreliable: boolean;
  reasons?: string[];
  /** Bytes kept for reuse. */
  pooledBytes: number;
  /** Most bytes in use at once. */
  peakBytes: number;
  /** Textures of live tensors, their bytes, and the bytes of textures kept for reuse. */
  numTextures: number;
  numBytesInGPU: number;
  numBytesInGPUFree: number;
  /** Both together: what tf.webgl.setMemoryLimit limits. */
  numBytesInGPUAllocated: number;
  /** Most of that at once. */
  peakBytesInGPU: number;
}

/**
 * What is in use now. Tensors that a program forgets are freed by the garbage collector, but only when
 * the page or process has a turn (await tf.nextFrame(), not a mere await): a loop without one must
 * use tf.tidy() or dispose(), or it ends with an error of code 'memory'. The library goes on after it.
 * @example tf.memory().unreliable // false
 */
export function memory(): MemoryInfo {
  const at = core.x.tn_memory(),
    words = core.i32(),
    numbers = new DataView(words.buffer);
  const double = (offset: number) => numbers.getFloat64(at + offset, true);
  return {
    numTensors: words[at >> 2],
    numDataBuffers: words[(at >> 2) + 1],
    numBytes: double(8),
    unreliable: false,
    pooledBytes: double(16),
    peakBytes: double(24),
    numTextures: words[(at + 32) >> 2],
    numBytesInGPU: double(40),
    numBytesInGPUFree: double(48),
    numBytesInGPUAllocated: double(40) + double(48),
    peakBytesInGPU: double(56),
  };
}

/** Scopes of startScope. */
const open: number[] = [];
/**
 * Opens a scope by hand, where tidy does not fit: everything made until endScope belongs to it.
 * @example tf.startScope().endScope(tf.scalar(1)) ?? 'closed' // "closed"
 */
export function startScope(): { startScope(): void; endScope(result?: unknown): void } {
  core.settle();
  open.push(core.x.tn_scope_open());
  return { startScope, endScope };
}
/**
 * Closes the scope that was opened last; its tensors are disposed, those of the result go to the scope around it.
 * @example (tf.startScope(), tf.endScope()) ?? 'closed' // "closed"
 */
export function endScope(result?: unknown): void {
  const scope = open.pop();
  if (scope !== undefined) close(scope, result);
}

/** @internal Ends all of these. */
export function endScopes(): void {
  while (open.length) endScope();
}
