// tf.profile, tf.time and tf.nextFrame.
import * as core from './core/core';
import { memory, type TensorContainer } from './core/engine';
import * as kernels from './extended/kernels';

/** One call of an op while profiling. */
export interface KernelInfo {
  /** As TensorFlow.js calls the kernel. */
  name: string;
  /** 'cpu', or the name of the device that computed it; not enumerable, nor is op. */
  readonly device: string;
  /** As the op is called here. */
  readonly op: string;
  kernelTimeMs: number;
  /** Of its results. */
  bytesAdded: number;
  tensorsAdded: number;
  /** In use after it. */
  totalBytesSnapshot: number;
  totalTensorsSnapshot: number;
  /** Null for an input that is not given. */
  inputShapes: (number[] | null)[];
  outputShapes: number[][];
  /** Where it was computed, as text. */
  extraInfo: string;
}

export interface ProfileInfo {
  newBytes: number;
  newTensors: number;
  /** Most bytes in use after one of the calls. */
  peakBytes: number;
  /** Calls in their order, at most 4096; views compute nothing and are not among them. */
  kernels: KernelInfo[];
  /** Names of the kernels that were called, once each. */
  kernelNames: string[];
  result: TensorContainer;
}

export interface TimingInfo {
  /** Time inside ops. */
  kernelMs: number;
  wallMs: number;
}

// Names of kernels that are not those of ops with a capital; others are found in the list of them.
const KERNELS: Record<string, string> = {
  batchNorm: kernels.FusedBatchNorm, conv2dTranspose: kernels.Conv2DBackpropInput, conv2d_filter: kernels.Conv2DBackpropFilter,
  bandPart: kernels.MatrixBandPart, clone: kernels.Identity, depthwiseConv2d: kernels.DepthwiseConv2dNative,
  depthwise_filter: kernels.DepthwiseConv2dNativeBackpropFilter, depthwise_input: kernels.DepthwiseConv2dNativeBackpropInput,
  div: kernels.RealDiv, gather: kernels.GatherV2, matMul: kernels.BatchMatMul, mul: kernels.Multiply, nonzero: 'Where',
  pad: kernels.PadV2, split: kernels.SplitV, stack: kernels.Pack, threshold: 'Threshold', unstack: kernels.Unpack, where: kernels.Select,
};
const byLetters = new Map(Object.values(kernels).map((name) => [name.toLowerCase(), name]));
const kernelName = (op: string): string =>
  KERNELS[op] ?? byLetters.get(op.replaceAll('_', '').toLowerCase()) ?? op[0].toUpperCase() + op.slice(1);

const ROW = 48; // bytes of a Row in profile.c

/** Shapes from a place in the list of sizes on: each its rank, then its sizes. */
function shapes(sizes: Int32Array, at: number, count: number): [(number[] | null)[], number] {
  const found = Array.from({ length: count }, () => {
    const rank = sizes[at++];
    if (rank < 0) return null;
    at += rank;
    return Array.from(sizes.subarray(at - rank, at));
  });
  return [found, at];
}

function row(view: DataView, sizes: Int32Array, at: number): KernelInfo {
  const word = (k: number) => view.getInt32(at + k, true), device = word(4) ? 'webgl' : 'cpu', op = core.text(word(0));
  const [inputShapes, next] = shapes(sizes, word(40), word(32));
  const [outputShapes] = shapes(sizes, next, word(36)) as [number[][], number];
  return Object.defineProperties({
    name: kernelName(op), kernelTimeMs: view.getFloat64(at + 8, true), bytesAdded: word(24), tensorsAdded: word(36),
    totalBytesSnapshot: view.getFloat64(at + 16, true), totalTensorsSnapshot: word(28), inputShapes, outputShapes, extraInfo: device,
  }, { device: { value: device }, op: { value: op } }) as KernelInfo;
}

function rows(): KernelInfo[] {
  const first = core.x.tn_profile_rows() >>> 0, n = core.x.tn_profile_count();
  const view = new DataView(core.u8().buffer), sizes = core.i32().subarray(core.x.tn_profile_sizes() >>> 2);
  return Array.from({ length: n }, (_, i) => row(view, sizes, first + i * ROW));
}

/**
 * Runs f and tells which ops it called, where each computed, how long it took, and what memory is
 * left behind.
 * @example (await tf.profile(() => tf.add(1, 2))).kernels.map((k) => [k.name, k.outputShapes]) // [["Add", [[]]]]
 */
export async function profile(f: () => TensorContainer | Promise<TensorContainer>): Promise<ProfileInfo> {
  const before = memory();
  core.x.tn_profile_begin();
  core.check();
  try {
    const result = await f();
    const called = rows(), after = memory();
    return {
      newBytes: after.numBytes - before.numBytes, newTensors: after.numTensors - before.numTensors,
      peakBytes: called.reduce((most, k) => Math.max(most, k.totalBytesSnapshot), 0), kernels: called,
      kernelNames: [...new Set(called.map((k) => k.name))], result,
    };
  } finally {
    core.x.tn_profile_end();
  }
}

/**
 * Runs f and tells how long it took.
 * @example (await tf.time(() => tf.add(1, 2))).wallMs >= 0 // true
 */
export async function time(f: () => TensorContainer | Promise<TensorContainer>): Promise<TimingInfo> {
  const start = performance.now();
  const { kernels: called } = await profile(f);
  const wallMs = performance.now() - start;
  return { kernelMs: called.reduce((sum, k) => sum + k.kernelTimeMs, 0), wallMs };
}

/**
 * Resolves at the page's next frame, or soon where there are none: lets a page breathe.
 * @example await tf.nextFrame() ?? 'shown' // "shown"
 */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(() => resolve());
    else setTimeout(resolve);
  });
}
