// Kernels and their gradients by name: those of the library (builtin.ts), and what packages register.
import { current } from '../backend';
import { TensorineError } from '../core/errors';
import { tensor } from '../core/create';
import { ownerOf } from '../core/data_id';
import { customGrad } from '../core/grad';
import { Tensor, type DataType } from '../core/tensor';
import { want } from '../core/want';
import { reshape } from '../generated/ops';
import { ENV } from '../env';
import { backend, KernelBackend } from './backends';
import { BUILTIN, gradientOf } from './builtin';

export type NamedTensorInputs = { [name: string]: Tensor };
export type NamedAttrs = { [name: string]: any };
export type KernelFunc = (params: { inputs: NamedTensorInputs; attrs?: NamedAttrs; backend: KernelBackend }) => any;
/** A result of a kernel, or of a program: a tensor, or what one can be made of. */
export interface TensorInfo {
  dataId: object;
  shape: number[];
  dtype: DataType;
}

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

// ---- running them ----

function withGradient(config: GradConfig, inputs: NamedTensorInputs, attrs: NamedAttrs, forward: () => Tensor): Tensor {
  const names = Object.keys(inputs);
  return customGrad((...rest: any[]) => {
    const save = rest.pop() as (tensors: Tensor[]) => void,
      value = forward();
    const saved = (config.saveAllInputs ? names : (config.inputsToSave ?? [])).map((name) => inputs[name]);
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

/** A tensor of values that a kernel, a program or a backend names: the one there is, or a view of it. */
export function makeTensorFromDataId(dataId: object, shape: number[], dtype: DataType, from = backend()): Tensor {
  const owner = ownerOf(dataId);
  if (!owner) return tensor(from.readSync(dataId) as any, shape, dtype);
  if (owner.isDisposed) throw new TensorineError('disposed', 'makeTensorFromDataId: the data of this id are disposed');
  return from.adopt(owner) && String(owner.shape) === String(shape) && owner.dtype === dtype
    ? owner
    : reshape(owner, shape).cast(dtype);
}

/** What a kernel gave, as a tensor; as it came where nobody has values of its data id. */
function asTensor(result: Tensor | TensorInfo): Tensor {
  if (result instanceof Tensor || !result?.dataId) return result as Tensor;
  const { dataId, shape, dtype } = result,
    from = backend();
  const keepsItsOwn = typeof from.readSync === 'function' && from.readSync !== KernelBackend.prototype.readSync;
  return ownerOf(dataId) || keepsItsOwn ? makeTensorFromDataId(dataId, shape, dtype) : (result as unknown as Tensor);
}

/** Runs a kernel on the backend in use. The gradient of one that a package brought is the one it registered. */
export function runKernel(kernelName: string, inputs: NamedTensorInputs, attrs: NamedAttrs = {}): any {
  const kernel = getKernel(kernelName, current());
  if (!Array.isArray(inputs)) want('runKernel', { inputs }, 'object');
  want('runKernel', { attrs }, 'object');
  if (!kernel) throw new TensorineError('value', `Kernel '${kernelName}' not registered for backend '${current()}'`);
  const forward = () => {
    const result = kernel.kernelFunc({ inputs, attrs, backend: backend() });
    return (Array.isArray(result) ? result.map(asTensor) : asTensor(result)) as Tensor;
  };
  const gradient = gradients.get(kernelName);
  return gradient ? withGradient(gradient, inputs, attrs, forward) : forward();
}
