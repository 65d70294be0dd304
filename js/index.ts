// All that programs import: the names of TensorFlow.js, and what only Tensorine has.
import { start } from './wasm/host';
import { offerWebGL } from './core/webgl';
import './api/chain'; // its types of Tensor's methods too
import { chainOps } from './api/chain';

export * from './generated/ops/index';
export * from './api/aliases';
export { multiRNNCell, rand, type LSTMCellFunc } from './api/functions';
export { booleanMaskAsync, inTopKAsync, setdiff1dAsync, whereAsync } from './api/async';
export { ensureShape, meshgrid } from './api/shapes';
export * as string from './api/string';
export { setBackend, getBackend, ready, setThreads, getThreads, type Backend } from './core/backend';
export {
  buffer,
  fill,
  print,
  scalar,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tensor4d,
  tensor5d,
  tensor6d,
  TensorBuffer,
  variable,
} from './api/create';
export {
  dispose,
  endScope,
  getTensorsInContainer,
  keep,
  memory,
  startScope,
  tidy,
  type MemoryInfo,
  type TensorContainer,
} from './core/scopes';
export { TensorineError, type ErrorCode } from './wasm/errors';
export { setWasmPaths } from './wasm/host';
export { forceHalfFloat, type GPUData } from './core/webgl';
export * as webgl from './api/webgl';
export { customGrad, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from './api/grad';
export {
  Tensor,
  type ExplicitPadding,
  type GradSaveFunc,
  type NamedTensor,
  type NamedTensorMap,
  type NestedArray,
  type PadLike,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type Tensor6D,
  type TensorLike,
} from './core/tensor';
export { disposeVariables, Variable } from './core/variable';
export type * from './core/types';
export {
  deprecationWarn,
  disableDeprecationWarnings,
  enableDebugMode,
  enableProdMode,
  ENV,
  env,
  Environment,
  setPlatform,
} from './core/env';
export { nextFrame, profile, time, type KernelInfo, type ProfileInfo, type TimingInfo } from './api/profile';
export * from './compat/index';
export * as browser from './api/browser';
export * as data from './data/index';
export {
  array,
  csv,
  CSVDataset,
  Dataset,
  FileDataSource,
  func,
  generator,
  microphone,
  TextLineDataset,
  URLDataSource,
  version_data,
  webcam,
  zip,
} from './data/index';
export * as io from './io/index';
export * as fused from './api/fused';
export * as image from './api/image';
export * as linalg from './api/linalg';
export * as signal from './api/signal';
export * as spectral from './api/spectral';
export * as node from './node';
export * from './models/index';
export * from './graph/index';
export * as util from './api/util';
export {
  version,
  version_converter,
  version_core,
  version_cpu,
  version_layers,
  version_wasm,
  version_webgl,
} from './api/version';

start();
chainOps();
offerWebGL();
