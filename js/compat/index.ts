// Names that packages built on TensorFlow.js use beside its ops: registries, helpers of kernels, tests.
import { want } from '../core/want';

export * from '../core/kernel_names';
export { backend, findBackend, findBackendFactory, registerBackend, removeBackend } from './backends';
export { engine, op, OP_SCOPE_SUFFIX } from './engine';
export { DataStorage, KernelBackend, MathBackendCPU, MathBackendWebGL } from './kernel_backend';
export {
  copyRegisteredKernels,
  getGradient,
  getKernel,
  getKernelsForBackend,
  registerGradient,
  registerKernel,
  unregisterGradient,
  unregisterKernel,
  type GradConfig,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrs,
  type NamedTensorInputs,
} from './registry';
export {
  BackendWasm,
  cosineWindow,
  getThreadsCount,
  GPGPUContext,
  gpgpu_util,
  kernel_impls,
  setThreadsCount,
  setWasmPath,
  setWebGLContext,
  shared,
  webgl_util,
  WebGPUBackend,
  webgpu_util,
} from './named';
export { broadcast_util, gather_util, scatter_util } from './groups';
export { sumOutType, upcastType } from './tensor_util';
export * as backend_util from './backend_util';
export * as device_util from './device_util';
export * as slice_util from './slices';
export * as tensor_util from './tensor_util';
export * as test_util from './test_util';

/** The smallest power of two that is not below a number. */
export function enclosingPowerOfTwo(value: number): number {
  want('enclosingPowerOfTwo', { value }, 'number');
  return 2 ** Math.ceil(Math.log2(value));
}
export { Rank } from '../core/types';
export type {
  FromPixelsAttrs,
  FromPixelsInputs,
  InferenceModel,
  ModelPredictConfig,
  ModelTensorInfo,
} from './model_types';
