// Kernels, gradients and backends that packages bring, in JavaScript. The library's own ops compute in
// its core and are not listed here; a registered kernel runs through engine().runKernel.
import { current, registerDevice, removeDevice } from '../backend';
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { dispose, endScope, endScopes, keep, memory, startScope, tidy } from '../core/engine';
import { context } from '../core/gl';
import { customGrad } from '../core/grad';
import { allVariables, disposeVariables, type Tensor, type Variable } from '../core/tensor';
import { time } from '../profile';
import { now } from '../util';
import { ENV } from '../env';

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

// ---- kernels and their gradients ----

const kernels = new Map<string, KernelConfig>();
const gradients = new Map<string, GradConfig>();
const key = (kernel: string, backend: string) => `${backend}_${kernel}`;
const warned = (text: string) => { if (!ENV.getBool('IS_TEST') && !ENV.getBool('PROD')) console.warn(text); };

export const getKernel = (kernelName: string, backendName: string): KernelConfig | undefined =>
  kernels.get(key(kernelName, backendName));
export const getGradient = (kernelName: string): GradConfig | undefined => gradients.get(kernelName);
export const getKernelsForBackend = (backendName: string): KernelConfig[] =>
  [...kernels.values()].filter((config) => config.backendName === backendName);

/** A kernel for engine().runKernel(kernelName, ...) on the backend. */
export function registerKernel(config: KernelConfig): void {
  const at = key(config.kernelName, config.backendName);
  if (kernels.has(at)) warned(`The kernel '${config.kernelName}' for backend '${config.backendName}' is already registered`);
  kernels.set(at, config);
}

/** The gradient of a kernel. */
export function registerGradient(config: GradConfig): void {
  if (gradients.has(config.kernelName)) warned(`Overriding the gradient for '${config.kernelName}'`);
  gradients.set(config.kernelName, config);
}

export function unregisterKernel(kernelName: string, backendName: string): void {
  if (!kernels.delete(key(kernelName, backendName)))
    throw new TensorineError('value', `The kernel '${kernelName}' for backend '${backendName}' is not registered`);
}

export function unregisterGradient(kernelName: string): void {
  if (!gradients.delete(kernelName))
    throw new TensorineError('value', `The gradient '${kernelName}' for backend is not registered`);
}

/** The kernels of one backend, for another as well. */
export function copyRegisteredKernels(registeredBackendName: string, newBackendName: string): void {
  for (const config of getKernelsForBackend(registeredBackendName)) registerKernel({ ...config, backendName: newBackendName });
}

// ---- backends ----

/** Values by data ids, for backends that keep their own. */
export class DataStorage<T> {
  private data = new WeakMap<object, T>();
  private count = 0;

  constructor(readonly backend: unknown, readonly dataMover: { moveData(backend: unknown, dataId: object): void }) {}

  get(dataId: object): T | undefined {
    if (!this.data.has(dataId)) this.dataMover.moveData(this.backend, dataId);
    return this.data.get(dataId);
  }
  set(dataId: object, value: T): void {
    if (!this.data.has(dataId)) this.count++;
    this.data.set(dataId, value);
  }
  has(dataId: object): boolean { return this.data.has(dataId); }
  delete(dataId: object): boolean {
    const there = this.data.delete(dataId);
    if (there) this.count--;
    return there;
  }
  numDataIds(): number { return this.count; }
}

/** What a backend brought in JavaScript extends. */
export class KernelBackend {
  timerAvailable(): boolean { return true; }
  async time(f: () => void): Promise<{ kernelMs: number }> {
    const start = now();
    f();
    return { kernelMs: now() - start };
  }
  memory(): unknown { return memory(); }
  numDataIds(): number { return memory().numDataBuffers; }
  /** Bits of a float. */
  floatPrecision(): 16 | 32 { return 32; }
  /** The smallest number that is told from 0 in divisions. */
  epsilon(): number { return this.floatPrecision() === 32 ? 1e-7 : 1e-4; }
  dispose(): void {}
}

/** The GPU's: the context is the one in which ops are drawn. */
class WebGLBackend extends KernelBackend {
  get gpgpu(): { gl: WebGL2RenderingContext } { return { gl: context() }; }
  getGPGPUContext(): { gl: WebGL2RenderingContext } { return this.gpgpu; }
}

type Factory = () => KernelBackend | Promise<KernelBackend>;
const own = new KernelBackend(), gpu = new WebGLBackend();
const factories = new Map<string, Factory>([['wasm', () => own], ['cpu', () => own], ['webgl', () => gpu]]);
const backends = new Map<string, KernelBackend>([['wasm', own], ['cpu', own], ['webgl', gpu]]);

/** A backend brought in JavaScript: its kernels run through engine().runKernel once it is chosen with
 * setBackend; the library's own ops go on in the core. False if the name is taken. */
export function registerBackend(name: string, factory: Factory, _priority = 1): boolean {
  if (factories.has(name)) {
    warned(`${name} backend was already registered. Reusing existing backend factory.`);
    return false;
  }
  factories.set(name, factory);
  registerDevice(name, {
    async start() {
      const backend = await factory();
      backends.set(name, backend);
      for (const { setupFunc } of getKernelsForBackend(name)) setupFunc?.(backend);
      return true;
    },
    stop() {},
  });
  return true;
}

/** Forgets a backend that registerBackend brought. */
export function removeBackend(name: string): void {
  if (!factories.has(name) || backends.get(name) === own || backends.get(name) === gpu) throw new TensorineError('device', `${name} backend not found in registry`);
  const backend = backends.get(name);
  if (backend) for (const { disposeFunc } of getKernelsForBackend(name)) disposeFunc?.(backend);
  backend?.dispose();
  factories.delete(name);
  backends.delete(name);
  removeDevice(name);
}

export const findBackendFactory = (name: string): Factory | null => factories.get(name) ?? null;
export const findBackend = (name: string): KernelBackend | null => backends.get(name) ?? null;
/** The backend in use. */
export const backend = (): KernelBackend => backends.get(current()) ?? own;

// ---- the engine ----

function withGradient(config: GradConfig, inputs: NamedTensorInputs, attrs: NamedAttrs, forward: () => Tensor): Tensor {
  const names = Object.keys(inputs);
  return customGrad((...rest: any[]) => {
    const save = rest.pop() as (tensors: Tensor[]) => void, value = forward();
    const saved = (config.saveAllInputs ? names : config.inputsToSave ?? []).map((name) => inputs[name]);
    save([...saved, ...(config.outputsToSave?.[0] ? [value] : [])]);
    return {
      value,
      gradFunc: (dy, kept) => {
        const grads = config.gradFunc(dy, kept, attrs);
        return names.map((name) => grads[name]());
      },
    };
  })(...names.map((name) => inputs[name]));
}

/** Runs a registered kernel on the backend in use; its gradient is the registered one. */
export function runKernel(kernelName: string, inputs: NamedTensorInputs, attrs: NamedAttrs = {}): any {
  const kernel = getKernel(kernelName, current());
  if (!kernel) throw new TensorineError('value', `Kernel '${kernelName}' not registered for backend '${current()}'`);
  const forward = () => kernel.kernelFunc({ inputs, attrs, backend: backend() }) as Tensor;
  const gradient = gradients.get(kernelName);
  return gradient ? withGradient(gradient, inputs, attrs, forward) : forward();
}

const theEngine = {
  startScope, endScope, tidy, keep, dispose, memory, runKernel, time, registerBackend, removeBackend,
  findBackend, findBackendFactory,
  get backendName(): string { return current(); },
  get backend(): KernelBackend { return backend(); },
  get registeredVariables(): { [name: string]: Variable } {
    return Object.fromEntries(allVariables().map((v) => [v.name, v]));
  },
  /** True while calls are recorded for gradients. */
  isTapeOn: (): boolean => core.x.tn_recording() !== 0,
  disposeVariables,
  /** Ends the scopes that startScope began, and disposes variables. */
  reset(): void {
    endScopes();
    disposeVariables();
  },
  /** True while the core counts what it allocates, which is always. */
  get ready(): boolean { return core.x.tn_memory() !== 0; },
};

/** The parts of the engine that packages ask for. */
export const engine = (): typeof theEngine => theEngine;

/** Names a function of ops as one: {name_: f} becomes f, which releases what it makes on the way. */
export const OP_SCOPE_SUFFIX = '__op';
export function op<T extends (...args: any[]) => any>(named: { [name: string]: T }): T {
  const names = Object.keys(named);
  if (names.length !== 1)
    throw new TensorineError('value', `Please provide an object with a single key (operation name) mapping to a function. Got an object with ${names.length} keys.`);
  const f = named[names[0]], name = `${names[0].replace(/_$/, '')}${OP_SCOPE_SUFFIX}`;
  const wrapped = (...args: any[]) => {
    const isPromise = (v: any) => typeof v?.then === 'function';
    return tidy(name, () => {
      const result = f(...args);
      if (isPromise(result)) console.error('Cannot return a Promise inside of tidy.');
      return result;
    });
  };
  Object.defineProperty(wrapped, 'name', { value: name, configurable: true });
  return wrapped as T;
}
