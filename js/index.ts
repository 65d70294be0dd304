// Tensorine's face: the names of TensorFlow.js.
import { chainOps } from './core/chain';
import { offerWebGL } from './core/gl';
import { start } from './core/host';

export * from './generated/index';
export * from './aliases';
export { multiRNNCell, rand, type LSTMCellFunc } from './callers';
export { booleanMaskAsync, inTopKAsync, setdiff1dAsync, whereAsync } from './core/async';
export { ensureShape, meshgrid } from './shapes';
export * as string from './string';
export { setBackend, getBackend, ready, setThreads, getThreads, type Backend } from './backend';
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
} from './core/create';
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
} from './core/engine';
export { TensorineError, type ErrorCode } from './core/errors';
export { setWasmPaths } from './core/host';
export { forceHalfFloat, type GPUData } from './core/gl';
export * as webgl from './webgl';
export { customGrad, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from './core/grad';
export {
  disposeVariables,
  Tensor,
  Variable,
  type ExplicitPadding,
  type NestedArray,
  type PadLike,
  type TensorLike,
} from './core/tensor';
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
} from './env';
export { nextFrame, profile, time, type KernelInfo, type ProfileInfo, type TimingInfo } from './profile';
export * from './extended/index';
export * as browser from './browser';
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
export * as fused from './fused';
export * as image from './image';
export * as linalg from './linalg';
export * as signal from './signal';
export * as spectral from './spectral';
export * as node from './node';
export * from './models/index';
export * from './graph/index';
export * as util from './util';
export {
  version,
  version_converter,
  version_core,
  version_cpu,
  version_layers,
  version_wasm,
  version_webgl,
} from './version';

start();
chainOps();
offerWebGL();
