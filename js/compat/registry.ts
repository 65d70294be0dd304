// Kernels and their gradients by name: those of the library (builtin.ts), and what packages register.
import { TensorineError } from '../wasm/errors';
import { ENV } from '../core/env';
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { BUILTIN, gradientOf } from './builtin';
import type { KernelBackend } from './kernel_backend';

export type NamedTensorInputs = { [name: string]: Tensor };
export type NamedAttrs = { [name: string]: any };
export type KernelFunc = (params: { inputs: NamedTensorInputs; attrs?: NamedAttrs; backend: KernelBackend }) => any;
export interface KernelConfig {
  kernelName: string;
  backendName: string;
  kernelFunc: KernelFunc;
  setupFunc?: (backend: KernelBackend) => void;
  disposeFunc?: (backend: KernelBackend) => void;
}

export interface GradConfig {
  kernelName: string;
  inputsToSave?: string[];
  saveAllInputs?: boolean;
  outputsToSave?: boolean[];
  gradFunc: (dy: any, saved: Tensor[], attrs: NamedAttrs) => { [input: string]: () => Tensor };
}

const kernels = new Map<string, KernelConfig>();
const gradients = new Map<string, GradConfig | null>();
const key = (kernel: string, backend: string) => `${backend}_${kernel}`;
export const warned = (text: string) => {
  if (!ENV.getBool('IS_TEST') && !ENV.getBool('PROD')) console.warn(text);
};

let filled = false;

/** All kernels; those of the library are put in when any is first asked for. */
function known(): typeof kernels {
  if (filled) return kernels;
  filled = true;
  for (const backendName of ['wasm', 'cpu', 'webgl'])
    for (const [kernelName, [, run]] of BUILTIN) {
      const kernelFunc: KernelFunc = ({ inputs, attrs }) => run(inputs, attrs ?? {});
      kernels.set(key(kernelName, backendName), { kernelName, backendName, kernelFunc });
    }
  return kernels;
}

export function getKernel(kernelName: string, backendName: string): KernelConfig | undefined {
  want('getKernel', { kernelName, backendName }, 'string');
  return known().get(key(kernelName, backendName));
}
export function getGradient(kernelName: string): GradConfig | undefined {
  want('getGradient', { kernelName }, 'string');
  return gradients.has(kernelName) ? (gradients.get(kernelName) ?? undefined) : gradientOf(kernelName);
}
export function getKernelsForBackend(backendName: string): KernelConfig[] {
  want('getKernelsForBackend', { backendName }, 'string');
  return [...known().values()].filter((config) => config.backendName === backendName);
}

/** A kernel for engine().runKernel(kernelName, ...) on the backend. */
export function registerKernel(config: KernelConfig): void {
  want('registerKernel', { config }, 'object');
  want('registerKernel', { kernelName: config.kernelName, backendName: config.backendName }, 'string');
  want('registerKernel', { kernelFunc: config.kernelFunc }, 'function');
  const at = key(config.kernelName, config.backendName);
  if (known().has(at))
    warned(`The kernel '${config.kernelName}' for backend '${config.backendName}' is already registered`);
  kernels.set(at, config);
}

/** The gradient of a kernel. */
export function registerGradient(config: GradConfig): void {
  want('registerGradient', { config }, 'object');
  want('registerGradient', { kernelName: config.kernelName }, 'string');
  want('registerGradient', { gradFunc: config.gradFunc }, 'function');
  if (gradients.get(config.kernelName)) warned(`Overriding the gradient for '${config.kernelName}'`);
  gradients.set(config.kernelName, config);
}

export function unregisterKernel(kernelName: string, backendName: string): void {
  want('unregisterKernel', { kernelName, backendName }, 'string');
  if (!known().delete(key(kernelName, backendName)))
    throw new TensorineError('value', `The kernel '${kernelName}' for backend '${backendName}' is not registered`);
}

export function unregisterGradient(kernelName: string): void {
  if (!getGradient(kernelName))
    throw new TensorineError('value', `The gradient '${kernelName}' for backend is not registered`);
  if (gradientOf(kernelName)) gradients.set(kernelName, null);
  else gradients.delete(kernelName);
}

/** The kernels of one backend, for another as well. */
export function copyRegisteredKernels(registeredBackendName: string, newBackendName: string): void {
  want('copyRegisteredKernels', { registeredBackendName, newBackendName }, 'string');
  for (const config of getKernelsForBackend(registeredBackendName))
    registerKernel({ ...config, backendName: newBackendName });
}

/** @internal The gradient that a package registered, which stands above the library's own. */
export const registeredGradient = (kernelName: string): GradConfig | null | undefined => gradients.get(kernelName);
