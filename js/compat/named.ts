// Names that packages take from the packages beside TensorFlow.js's core: of its backends and of its
// kernels. What has no counterpart here says so when it is used, not when it is imported.
import { shown, TensorineError } from '../wasm/errors';
import { setWasmPaths } from '../wasm/host';
import { getThreads, setThreads } from '../core/backend';
import { tidy } from '../core/scopes';
import type { Tensor, Tensor1D, TypedArray } from '../core/tensor';
import { want } from '../core/want';
import { setContext } from '../core/webgl';
import { nonzero } from '../generated/ops/index';
import * as ops from '../generated/ops/ops';
import { tensor1d, tensor2d } from '../api/create';
import * as image from '../api/image';
import { MathBackendCPU } from './kernel_backend';

/** Threads by the names of TensorFlow.js's wasm backend. */
export const setThreadsCount = setThreads;
export const getThreadsCount = getThreads;
/** The address of the one wasm file of the multi-file build; the files that have everything in one need none. */
export const setWasmPath = (path: string): void =>
  setWasmPaths({ 'tensorine.wasm': path, 'tensorine-shared.wasm': path });
/** The class of tf.findBackend('wasm'). */
export const BackendWasm = MathBackendCPU;

// ---- what has no counterpart

const GPU =
  "the GPU's context is tf.backend().getGPGPUContext().gl, and tf.backend().compileAndRun(program, inputs) draws with " +
  'shaders of your own';
const WEBGPU = "there is no WebGPU backend here: use tf.setBackend('webgl'), or 'wasm'";

function refuse(name: string, instead: string): never {
  throw new TensorineError('device', `tf.${name} is not part of this library: ${instead}`);
}

/** A group of functions, each of which refuses. */
const absent = (group: string, instead: string): { [name: string]: (...args: any[]) => never } =>
  new Proxy(
    {},
    {
      get: (_, name) =>
        typeof name === 'symbol' || name === 'then' ? undefined : () => refuse(`${group}.${name}`, instead),
    },
  );

export const webgl_util = absent('webgl_util', GPU);
export const gpgpu_util = absent('gpgpu_util', GPU);
export const webgpu_util = absent('webgpu_util', WEBGPU);
/** What TensorFlow.js's backends share of their kernels. */
export const shared = absent('shared', 'its kernels are in tf.getKernel(name, backend)');

export class GPGPUContext {
  constructor(_gl?: WebGLRenderingContext) {
    refuse('GPGPUContext', GPU);
  }
}
export class WebGPUBackend {
  constructor(..._: unknown[]) {
    refuse('WebGPUBackend', WEBGPU);
  }
}
/** The same as tf.webgl.setContext, which takes contexts of version 2. */
export function setWebGLContext(webGLVersion: number, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
  if (webGLVersion !== 2)
    throw new TensorineError('value', `setWebGLContext: webGLVersion must be 2, but is ${shown(webGLVersion)}`);
  setContext(gl as WebGL2RenderingContext);
}

// ---- parts of kernels

/** a - b cos(2 pi i / n), n being even: the windows of signal processing. */
export function cosineWindow(windowLength: number, a: number, b: number): Tensor1D {
  want('cosineWindow', { windowLength, a, b }, 'number');
  const turn = (2 * Math.PI) / (windowLength - (windowLength % 2));
  return tidy(() => ops.sub<Tensor1D>(a, ops.cos(ops.range(0, windowLength, 1, 'float32').mul(turn)).mul(b)));
}

const numbers = (x: Tensor): number[] => Array.from(x.dataSync());
/** f of boxes and scores as tensors. */
const suppressed = <T>(boxes: TypedArray, scores: TypedArray, f: (boxes: Tensor, scores: Tensor) => T): T => {
  want('kernel_impls.nonMaxSuppression', { boxes, scores }, 'list');
  let result: T;
  tidy(() => {
    result = f(tensor2d(boxes, [scores.length, 4], 'float32'), tensor1d(scores, 'float32'));
  });
  return result!;
};

/** Kernels on plain arrays. */
export const kernel_impls = {
  nonMaxSuppressionV3Impl: (boxes: TypedArray, scores: TypedArray, ...how: [number, number, number]) =>
    suppressed(boxes, scores, (b, s) => ({ selectedIndices: numbers(image.nonMaxSuppression(b, s, ...how)) })),
  nonMaxSuppressionV4Impl: (boxes: TypedArray, scores: TypedArray, ...how: [number, number, number, boolean]) =>
    suppressed(boxes, scores, (b, s) => {
      const { selectedIndices, validOutputs } = image.nonMaxSuppressionPadded(b, s, ...how);
      return { selectedIndices: numbers(selectedIndices), validOutputs: numbers(validOutputs)[0] };
    }),
  nonMaxSuppressionV5Impl: (boxes: TypedArray, scores: TypedArray, ...how: [number, number, number, number]) =>
    suppressed(boxes, scores, (b, s) => {
      const { selectedIndices, selectedScores } = image.nonMaxSuppressionWithScore(b, s, ...how);
      return { selectedIndices: numbers(selectedIndices), selectedScores: numbers(selectedScores) };
    }),
  whereImpl: (condShape: number[], condVals: TypedArray): Tensor => {
    want('kernel_impls.whereImpl', { condVals }, 'list');
    return tidy(() => nonzero(ops.cast(ops.reshape(tensor1d(condVals), condShape), 'bool')));
  },
};
