// Where ops compute: 'wasm' (also called 'cpu') always, further devices where they register.
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { ready as started, setThreads as set } from '../wasm/host';

/** A device beside the CPU: start() tries to take it into use and says whether that worked; stop()
 * gives the work back to the CPU. */
export interface Backend {
  start(): boolean | Promise<boolean>;
  stop(): void;
}

const others = new Map<string, Backend>();
let chosen = 'wasm';

/** @internal */
export function registerDevice(name: string, backend: Backend): void {
  others.set(name, backend);
}

/** @internal */
export function removeDevice(name: string): void {
  others.delete(name);
  if (chosen === name) chosen = 'wasm';
}

/**
 * Chooses where ops compute from now on: 'wasm', 'cpu' (the same), or 'webgl'. Tensors stay valid and
 * move when they are used. False where the device is not available.
 * @example await tf.setBackend('wasm') // true
 */
export async function setBackend(name: string): Promise<boolean> {
  await started();
  if (name !== 'wasm' && name !== 'cpu' && !others.has(name))
    throw new TensorineError(
      'device',
      `Backend name '${name}' not found in registry: there are wasm, cpu, ${[...others.keys()].join(', ')}`,
    );
  if (name === chosen) return true;
  const next = others.get(name);
  if (next && !(await next.start())) return false;
  others.get(chosen)?.stop();
  chosen = name;
  return true;
}

/** @internal Gives the work of a device back to the CPU at once, if it has it. */
export function giveBack(name: string): void {
  if (chosen !== name) return;
  others.get(name)?.stop();
  chosen = 'wasm';
}

/**
 * The name given to setBackend last; 'wasm' to begin with.
 * @example typeof tf.getBackend() // "string"
 */
export const getBackend = (): string => chosen;
/** @internal The same, for modules in which another function is called getBackend. */
export const current = getBackend;

/**
 * Resolves when the library can be used. With the files that have everything in one, that is at
 * once; waiting is needed with the multi-file build only.
 * @example await tf.ready().then(() => 'ready') // "ready"
 */
export const ready = (): Promise<void> => started();

/** How many threads may take part in one op: needs shared memory, and a page that is cross-origin
 * isolated. More than the machine has make it slower. */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new TensorineError('value', `setThreads: count must be a whole number above 0, but is ${shown(count)}`);
  set(count);
}

/**
 * How many threads take part now; the first work for several starts further ones.
 * @example tf.getThreads() >= 1 // true
 */
export const getThreads = (): number => core.x.tn_threads();
