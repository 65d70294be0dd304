// Running kernels by name, on the backend in use, with the gradients that packages registered.
import { TensorineError } from '../wasm/errors';
import { current } from '../core/backend';
import { ownerOf, Tensor, type DataType } from '../core/tensor';
import { want } from '../core/want';
import { reshape } from '../generated/ops/ops';
import { tensor } from '../api/create';
import { customGrad } from '../api/grad';
import { backend } from './backends';
import { KernelBackend, type TensorInfo } from './kernel_backend';
import { getKernel, registeredGradient, type GradConfig, type NamedAttrs, type NamedTensorInputs } from './registry';

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
  const gradient = registeredGradient(kernelName);
  return gradient ? withGradient(gradient, inputs, attrs, forward) : forward();
}
