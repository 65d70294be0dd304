// The backends that can be chosen: the library's own, and those that packages bring.
import { TensorineError } from '../wasm/errors';
import { current, registerDevice, removeDevice } from '../core/backend';
import { want } from '../core/want';
import { KernelBackend, MathBackendCPU, MathBackendWebGL } from './kernel_backend';
import { getKernelsForBackend, warned } from './registry';

type Factory = () => KernelBackend | Promise<KernelBackend>;
export interface BackendEntry {
  factory: Factory;
  priority: number;
}
const own = new MathBackendCPU(),
  gpu = new MathBackendWebGL();
/** Backends that can be chosen, and those that have been made. */
export const registryFactory: { [name: string]: BackendEntry } = Object.assign(Object.create(null), {
  wasm: { factory: () => own, priority: 2 },
  cpu: { factory: () => own, priority: 1 },
  webgl: { factory: () => gpu, priority: 2 },
});
export const registry: { [name: string]: KernelBackend } = Object.assign(Object.create(null), {
  wasm: own,
  cpu: own,
  webgl: gpu,
});

/** A backend brought in JavaScript: its kernels run through engine().runKernel once it is chosen with
 * setBackend; the library's own ops go on in the core. False if the name is taken. */
export function registerBackend(name: string, factory: Factory, priority = 1): boolean {
  if (name in registryFactory) {
    warned(`${name} backend was already registered. Reusing existing backend factory.`);
    return false;
  }
  registryFactory[name] = { factory, priority };
  registerDevice(name, {
    async start() {
      const backend = await factory();
      registry[name] = backend;
      for (const { setupFunc } of getKernelsForBackend(name)) setupFunc?.(backend);
      return true;
    },
    stop() {},
  });
  return true;
}

/** Forgets a backend that registerBackend brought. */
export function removeBackend(name: string): void {
  const made = registry[name];
  if (!(name in registryFactory) || made === own || made === gpu)
    throw new TensorineError('device', `${name} backend not found in registry`);
  if (made) for (const { disposeFunc } of getKernelsForBackend(name)) disposeFunc?.(made);
  made?.dispose();
  delete registryFactory[name];
  delete registry[name];
  removeDevice(name);
}

export const findBackendFactory = (name: string): Factory | null => registryFactory[name]?.factory ?? null;
export function findBackend(name: string): KernelBackend | null {
  want('findBackend', { name }, 'string');
  return registry[name] ?? null;
}
/** The backend in use. */
export const backend = (): KernelBackend => registry[current()] ?? own;
