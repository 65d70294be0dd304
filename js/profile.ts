// tf.profile, tf.time and tf.nextFrame.
import * as core from './core/core';
import { memory, type TensorContainer } from './core/engine';

/** One call of an op while profiling. */
export interface KernelInfo {
  name: string;
  /** 'cpu', or the name of the device that computed it. */
  device: string;
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
  peakBytes: number;
  /** Calls in their order, at most 4096; views compute nothing and are not among them. */
  kernels: KernelInfo[];
  /** Names of the ops that were called, once each. */
  kernelNames: string[];
  result: TensorContainer;
}

export interface TimingInfo {
  /** Time inside ops. */
  kernelMs: number;
  wallMs: number;
}

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

function rows(): KernelInfo[] {
  const first = core.x.tn_profile_rows() >>> 0, n = core.x.tn_profile_count();
  const view = new DataView(core.u8().buffer), sizes = core.i32().subarray(core.x.tn_profile_sizes() >>> 2);
  return Array.from({ length: n }, (_, i) => {
    const at = first + i * ROW, word = (k: number) => view.getInt32(at + k, true), device = word(4) ? 'webgl' : 'cpu';
    const [inputShapes, next] = shapes(sizes, word(40), word(32));
    const [outputShapes] = shapes(sizes, next, word(36)) as [number[][], number];
    return {
      name: core.text(word(0)), device, kernelTimeMs: view.getFloat64(at + 8, true), bytesAdded: word(24), tensorsAdded: word(36),
      totalBytesSnapshot: view.getFloat64(at + 16, true), totalTensorsSnapshot: word(28), inputShapes, outputShapes, extraInfo: device,
    };
  });
}

/**
 * Runs f and tells which ops it called, where each computed, how long it took, and what memory is
 * left behind.
 * @example (await tf.profile(() => tf.add(1, 2))).kernels.map((k) => [k.name, k.outputShapes]) // [["add", [[]]]]
 */
export async function profile(f: () => TensorContainer | Promise<TensorContainer>): Promise<ProfileInfo> {
  const before = memory();
  core.x.tn_profile_begin();
  core.check();
  try {
    const result = await f();
    const kernels = rows(), after = memory();
    return {
      newBytes: after.numBytes - before.numBytes, newTensors: after.numTensors - before.numTensors,
      peakBytes: after.peakBytes, kernels, kernelNames: [...new Set(kernels.map((k) => k.name))], result,
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
  const { kernels } = await profile(f);
  const wallMs = performance.now() - start;
  return { kernelMs: kernels.reduce((sum, k) => sum + k.kernelTimeMs, 0), wallMs };
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
