// Loads the core, keeps views of its memory, and starts workers.
//
// One binary serves every host. It is compiled once, with atomics and an imported shared memory.
// Where shared memory is of use (Node, cross-origin isolated pages) it gets one, and workers
// can join. Elsewhere one bit of the module, the shared flag of its memory import, is cleared before
// it is compiled, and the same code runs on plain memory, where atomics are ordinary accesses.
//
// The hot kernels exist a second time in a plug-in of some kilobytes, compiled with relaxed SIMD
// (fused multiply-add). Where the host validates it, it is instantiated on the same memory and the
// same function table: its functions fill the entries above the core's own (the place is fixed when
// it is linked), and its install() points the core's table of kernels at them. A worker instantiates
// both modules again; as places are fixed, function pointers mean the same on every thread.
//
// A trap on a worker does not hang the caller: the worker reports it and the caller's job traps too.
// After any trap the core's state is unknown; the page or process should start anew.
/// <reference path="./build.d.ts" />
import { coreBytes, memory as wanted, plainURL, pluginBytes, pluginFlag, sharedURL } from 'tensorine:files';
import glue from 'tensorine:glue';
import type { Exports } from '../generated/wasm/border';
import { compileFile } from './bytes';
import { addFunction } from './callback';
import { TensorineError } from './errors';
import { readFlags } from './flags';
import { isNode } from './node';
import { pathOf, setPaths } from './paths';
import { startWorker, type WorkerStart } from './threads';
import { decode, encode } from './utf8';

const SHARED = 2; // bit of the flags of a memory import
const PLUGIN_STACK = 16384;
const WORKER_STACK = 262144;

/** The core's exports, once started. */
export let x: Exports = new Proxy({} as Exports, {
  get() {
    throw new TensorineError('device', 'tensorine is still loading: await tf.ready() first');
  },
});
let started = false;
/** Where the stack of C begins. */
export let stackTop = 0;

const flags = readFlags();
let memory: WebAssembly.Memory;
let module: WebAssembly.Module;
let pluginModule: WebAssembly.Module | null = null;
let starting: Promise<void> | null = null;
let waiting: Uint8Array<ArrayBuffer> | null = null; // the core's bytes, where they wait for ready()
let grown = 0; // address of a word that counts how often memory grew, on whatever thread
let seen = -1;

/** Starts the core at once, if its bytes are here; false where that must wait for ready(): with a
 * file of its own, or in an older browser that compiles only small modules on its main thread. */
export function start(): boolean {
  if (started || !coreBytes || waiting) return started;
  const shared = mayShare();
  let compiled;
  // The only call of coreBytes(): minifiers inline it, so that another one would double the bundle.
  waiting = withMemory(coreBytes(), wanted.at, shared);
  try {
    compiled = new WebAssembly.Module(waiting);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  begin(compiled, shared);
  return true;
}

/** Resolves when the core is started; starts it where it is not. */
export function ready(): Promise<void> {
  if (start()) return Promise.resolve();
  starting ??= startLater().finally(() => {
    starting = null;
  });
  return starting;
}

async function startLater(): Promise<void> {
  const shared = mayShare();
  begin(
    waiting
      ? await WebAssembly.compile(waiting)
      : await compileFile(shared ? pathOf('tensorine-shared.wasm', sharedURL!) : pathOf('tensorine.wasm', plainURL!)),
    shared,
  );
}

/**
 * Says where the files of the multi-file build are, the address of their folder or one for each; before
 * tf.ready(). The files that have everything in one need none, and go on without.
 * @example tf.setWasmPaths('/wasm/') // undefined
 */
export function setWasmPaths(prefixOrFileMap: string | { [name: string]: string | undefined }): void {
  if (started && !coreBytes)
    throw new TensorineError(
      'device',
      'setWasmPaths: the wasm file is loaded already: call it before tf.ready() and tf.setBackend()',
    );
  setPaths(prefixOrFileMap);
}

function mayShare(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? isNode;
  return flags.shared && isolated && typeof SharedArrayBuffer !== 'undefined';
}

/** Makes a module import plain memory unless shared; the flags of the import are at `at`. */
function withMemory<T extends Uint8Array>(bytes: T, at: number, shared: boolean): T {
  if (!shared) bytes[at] &= ~SHARED;
  return bytes;
}

/** Some hosts refuse to reserve the whole address space: asks for less until it is given. */
function makeMemory(shared: boolean): WebAssembly.Memory {
  const { initial } = wanted;
  for (let maximum = wanted.maximum; ; maximum >>>= 1) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared });
    } catch (error) {
      if (maximum >>> 1 < initial) throw error;
    }
  }
}

function begin(compiled: WebAssembly.Module, shared: boolean): void {
  let exports: WebAssembly.Exports;
  module = compiled;
  waiting = null;
  memory = makeMemory(shared);
  glue({
    wasmMemory: memory,
    startWorkers: (count: number) => shared && startWorkers(count),
    givenContext: () => given,
    onContext: (gl: WebGL2RenderingContext, textures: (WebGLTexture | null)[]) => {
      canvas = { gl, textures };
    },
    instantiateWasm(imports, receive) {
      const env = imports.env as Record<string, (size: number) => number | boolean>;
      const grow = env.emscripten_resize_heap;
      env.emscripten_resize_heap = (size) => {
        const enough = grow(size) || memory.buffer.byteLength >= size >>> 0;
        new Int32Array(memory.buffer)[grown >>> 2]++;
        return enough ? 1 : 0;
      };
      const instance = new WebAssembly.Instance(module, imports);
      exports = instance.exports;
      return receive(instance);
    },
  });
  x = exports! as unknown as Exports;
  started = true;
  grown = x.tn_grown();
  stackTop = x.tn_c_stack();
  refresh();
  if (flags.relaxed) installPlugin(shared);
  x.tn_may_sleep(Number(maySleep(shared)));
  x.tn_entropy(Math.random());
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  setThreads(flags.threads || (isNode ? 1 : Math.min(8, cores)));
}

function installPlugin(shared: boolean): void {
  const bytes = withMemory(pluginBytes(), pluginFlag, shared);
  if (!WebAssembly.validate(bytes)) return;
  const table = functionTable();
  pluginModule = new WebAssembly.Module(bytes);
  table.grow(x.tn_kernel_count());
  const env = { memory, __indirect_function_table: table };
  const exports = new WebAssembly.Instance(pluginModule, { env }).exports;
  const stack = x.tn_helper_stack(PLUGIN_STACK);
  if (!stack) throw new Error('tensorine: out of memory');
  if (exports.__stack_pointer) (exports.__stack_pointer as WebAssembly.Global).value = stack + PLUGIN_STACK;
  (exports.install as (kernels: number) => void)(x.tn_kernels());
}

function functionTable(): WebAssembly.Table {
  return (x as unknown as WebAssembly.Exports).__indirect_function_table as WebAssembly.Table;
}

/** A C function pointer that calls f; it is never freed. See callback.ts for the signature. */
export function callback(signature: string, f: (...values: number[]) => number | void): number {
  return addFunction(functionTable(), signature, f);
}

function maySleep(shared: boolean): boolean {
  if (!shared) return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** The GPU's context, and the textures that the core has, by their names there. */
export let canvas: { gl: WebGL2RenderingContext; textures: (WebGLTexture | null)[] } | null = null;

let given: WebGL2RenderingContext | null = null;

/** Gives the core a context to draw in, before it makes one. */
export function giveContext(gl: WebGL2RenderingContext): void {
  given = gl;
}

/** The context is the page's, so that its canvas is not the library's to draw on. */
export const isGiven = (): boolean => given !== null;

/** What this host has and the core uses, for tf.env(). */
export function features(): { relaxed: boolean; shared: boolean } {
  return { relaxed: pluginModule !== null, shared: memory.buffer instanceof ArrayBuffer === false };
}

// ---- threads

let workers = 0;

/** How many threads may take part in one piece of work, this one included. Workers are started when
 * there is work for them and take part when they are ready; without shared memory there are none. */
export function setThreads(count: number): void {
  x.tn_set_threads(features().shared ? count : 1);
}

function startWorkers(count: number): void {
  for (; workers < count; workers++) {
    const stack = x.tn_helper_stack(WORKER_STACK + PLUGIN_STACK) >>> 0;
    if (!stack) return;
    const start: WorkerStart = {
      core: module,
      plugin: pluginModule,
      memory,
      grown,
      index: workers,
      stack: stack + PLUGIN_STACK,
      stackBytes: WORKER_STACK,
      pluginStack: stack + PLUGIN_STACK,
    };
    startWorker(start);
  }
}

// ---- memory

let U8: Uint8Array, I32: Int32Array, U32: Uint32Array, F32: Float32Array;

function refresh(): void {
  const { buffer } = memory;
  U8 = new Uint8Array(buffer);
  I32 = new Int32Array(buffer);
  U32 = new Uint32Array(buffer);
  F32 = new Float32Array(buffer);
  seen = I32[grown >>> 2];
}

// Views of all memory, anew after it grew: the word that counts growth differs, or, in a view whose
// buffer is detached, reads as undefined. Hold none of them across a call of the core.
export const u8 = () => (I32[grown >>> 2] === seen || refresh(), U8);
export const i32 = () => (I32[grown >>> 2] === seen || refresh(), I32);
export const u32 = () => (I32[grown >>> 2] === seen || refresh(), U32);
export const f32 = () => (I32[grown >>> 2] === seen || refresh(), F32);

/** The string at an address, which ends with a zero byte. */
export function text(address: number): string {
  const bytes = u8();
  const begin = address >>> 0;
  return decode(bytes.slice(begin, bytes.indexOf(0, begin)));
}

/** Writes a string and a zero byte to `capacity` bytes at an address; false where it does not fit. */
export function putText(value: string, address: number, capacity: number): boolean {
  const bytes = encode(value);
  if (bytes.length >= capacity) return false;
  u8().set(bytes, address >>> 0);
  u8()[(address >>> 0) + bytes.length] = 0;
  return true;
}
