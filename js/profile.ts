// tf.profile, tf.time and tf.nextFrame.
import * as core from './core/core';
import { memory, type TensorContainer } from './core/engine';

/** One call of an op while profiling. */
export interface KernelInfo {
  name: string;
  /** 'cpu', or the name of the device that computed it. */
  device: string;
  kernelTimeMs: number;
  bytesAdded: number;
  outputShapes: number[][];
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

const ROW = 56; // bytes of a Row in profile.c: name, device, double ms, bytes, rank, 8 sizes
const MAX_RANK = 8;

function rows(): KernelInfo[] {
  const first = core.x.tn_profile_rows() >>> 0, n = core.x.tn_profile_count();
  const view = new DataView(core.u8().buffer);
  return Array.from({ length: n }, (_, i) => {
    const at = first + i * ROW;
    const word = (k: number) => view.getInt32(at + k * 4, true);
    const shape = Array.from({ length: Math.min(word(5), MAX_RANK) }, (_, k) => word(6 + k));
    return {
      name: core.text(word(0)), device: word(1) ? 'webgl' : 'cpu',
      kernelTimeMs: view.getFloat64(at + 8, true), bytesAdded: word(4), outputShapes: [shape],
    };
  });
}

/** Runs f and tells which ops it called, where each computed, how long it took, and what memory is
 * left behind. */
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

/** Runs f and tells how long it took. */
export async function time(f: () => TensorContainer | Promise<TensorContainer>): Promise<TimingInfo> {
  const start = performance.now();
  const { kernels } = await profile(f);
  const wallMs = performance.now() - start;
  return { kernelMs: kernels.reduce((sum, k) => sum + k.kernelTimeMs, 0), wallMs };
}

/** Resolves at the page's next frame, or soon where there are none: lets a page breathe. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestAnimationFrame === 'function') requestAnimationFrame(() => resolve());
    else setTimeout(resolve);
  });
}
