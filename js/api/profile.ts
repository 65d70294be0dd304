// tf.profile, tf.time and tf.nextFrame.
import { ProfileRow, ProfileShape } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import * as kernels from '../core/kernel_names';
import { capitalized, normalized } from '../core/names';
import { getTensorsInContainer, memory, tidy, type TensorContainer } from '../core/scopes';
import type { Tensor } from '../core/tensor';
import * as ops from '../generated/ops/ops';

/** One call of an op while profiling. */
export interface KernelInfo {
  /** As TensorFlow.js calls the kernel. */
  name: string;
  bytesAdded: number;
  /** In use after the call. */
  totalBytesSnapshot: number;
  tensorsAdded: number;
  totalTensorsSnapshot: number;
  /** Of at most eight inputs and results together. */
  inputShapes: number[][];
  outputShapes: number[][];
  kernelTimeMs: number;
  /** The same as device. */
  extraInfo: string;
  /** 'cpu', or the name of the device that computed it; not enumerable, nor are op and why. */
  readonly device: string;
  /** As the op is called here. */
  readonly op: string;
  /** Why the CPU computed it although 'webgl' was chosen; else ''. */
  readonly why: string;
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
  /** Time inside ops, and until the GPU has computed the tensors that f returns. */
  kernelMs: number;
  wallMs: number;
}

// Names of kernels that are not those of ops with a capital; others are found in the list of them.
const KERNELS: Record<string, string> = {
  batchNorm: kernels.FusedBatchNorm,
  conv2dTranspose: kernels.Conv2DBackpropInput,
  conv2d_filter: kernels.Conv2DBackpropFilter,
  bandPart: kernels.MatrixBandPart,
  clone: kernels.Identity,
  depthwiseConv2d: kernels.DepthwiseConv2dNative,
  depthwise_filter: kernels.DepthwiseConv2dNativeBackpropFilter,
  depthwise_input: kernels.DepthwiseConv2dNativeBackpropInput,
  div: kernels.RealDiv,
  gather: kernels.GatherV2,
  matMul: kernels.BatchMatMul,
  mul: kernels.Multiply,
  nonzero: 'Where',
  pad: kernels.PadV2,
  split: kernels.SplitV,
  stack: kernels.Pack,
  threshold: 'Threshold',
  unstack: kernels.Unpack,
  where: kernels.Select,
};
const byLetters = new Map(Object.values(kernels).map((name) => [name.toLowerCase(), name]));
const kernelName = (op: string): string => KERNELS[op] ?? byLetters.get(normalized(op)) ?? capitalized(op);

function row(view: DataView, at: number): KernelInfo {
  const word = (offset: number) => view.getInt32(at + offset, true);
  const inputs = word(ProfileRow.nin),
    outputs = word(ProfileRow.nout);
  const shapes = Array.from({ length: inputs + outputs }, (_, i) => {
    const first = ProfileRow.shapes + i * ProfileShape.byteLength;
    return Array.from({ length: word(first + ProfileShape.rank) }, (__, k) => word(first + ProfileShape.sizes + 4 * k));
  });
  const device = word(ProfileRow.on_device) ? 'webgl' : 'cpu',
    name = core.text(word(ProfileRow.op)),
    why = word(ProfileRow.why) ? core.text(word(ProfileRow.why)) : '';
  return Object.defineProperties(
    {
      name: kernelName(name),
      bytesAdded: word(ProfileRow.bytes),
      totalBytesSnapshot: view.getFloat64(at + ProfileRow.all_bytes, true),
      tensorsAdded: outputs,
      totalTensorsSnapshot: word(ProfileRow.all_tensors),
      inputShapes: shapes.slice(0, inputs),
      outputShapes: shapes.slice(inputs),
      kernelTimeMs: view.getFloat64(at + ProfileRow.ms, true),
      extraInfo: device,
    },
    { device: { value: device }, op: { value: name }, why: { value: why } },
  ) as KernelInfo;
}

function rows(): KernelInfo[] {
  const first = core.x.tn_profile_rows() >>> 0,
    n = core.x.tn_profile_count();
  const view = new DataView(core.u8().buffer);
  return Array.from({ length: n }, (_, i) => row(view, first + i * ProfileRow.byteLength));
}

function wantFunction(who: string, f: unknown): void {
  if (typeof f !== 'function') throw new TensorineError('value', `${who}: f must be a function`);
}

/** Resolves when the GPU has computed x, and what it was asked for before: of x one element is read. */
async function computed(x: Tensor): Promise<void> {
  if (x.isDisposed || !x.size || !['float32', 'bool'].includes(x.dtype)) return;
  const one = tidy(() => ops.slice(ops.reshape(x, [x.size]), 0, 1));
  try {
    await core.arrived(one.handle());
  } finally {
    one.dispose();
  }
}

/**
 * Runs f and tells which ops it called, where each computed, how long it took, and what memory is
 * left behind.
 * @example (await tf.profile(() => tf.add(1, 2))).kernels.map((k) => [k.name, k.outputShapes]) // [["Add", [[]]]]
 */
export async function profile(f: () => TensorContainer | Promise<TensorContainer>): Promise<ProfileInfo> {
  wantFunction('profile', f);
  const before = memory();
  core.x.tn_profile_begin();
  core.check();
  try {
    const result = await f();
    const called = rows(),
      after = memory();
    return {
      newBytes: after.numBytes - before.numBytes,
      newTensors: after.numTensors - before.numTensors,
      peakBytes: called.reduce((most, k) => Math.max(most, k.totalBytesSnapshot), 0),
      kernels: called,
      kernelNames: [...new Set(called.map((k) => k.name))],
      result,
    };
  } finally {
    core.x.tn_profile_end();
  }
}

/**
 * Runs f and tells how long it took. On the GPU f must return what it computes, which is waited for.
 * @example (await tf.time(() => tf.add(1, 2))).wallMs >= 0 // true
 */
export async function time(f: () => TensorContainer | Promise<TensorContainer>): Promise<TimingInfo> {
  wantFunction('time', f);
  const start = performance.now();
  const { kernels: called, result } = await profile(f);
  const asked = performance.now();
  for (const x of getTensorsInContainer(result)) await computed(x);
  const end = performance.now();
  return { kernelMs: called.reduce((sum, k) => sum + k.kernelTimeMs, 0) + (end - asked), wallMs: end - start };
}

/** Calls f in a turn of its own. A hidden page's timers wait a second or more: messages do not. */
function inNextTurn(f: () => void): void {
  if (typeof document === 'undefined' || typeof MessageChannel !== 'function') {
    setTimeout(f);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    f();
  };
  port2.postMessage(0);
}

/** Calls f at the page's next frame, or as soon as the page is hidden: then frames do not come. */
function atNextFrame(f: () => void): void {
  const hidden = () => {
    if (document.hidden) done();
  };
  const frame = requestAnimationFrame(() => done());
  const done = () => {
    cancelAnimationFrame(frame);
    document.removeEventListener('visibilitychange', hidden);
    f();
  };
  document.addEventListener('visibilitychange', hidden);
}

/**
 * Resolves at the page's next frame, or soon where there are none, in a hidden page and in a worker:
 * gives the page a turn.
 * @example await tf.nextFrame() ?? 'shown' // "shown"
 */
export function nextFrame(): Promise<void> {
  const frames = typeof document !== 'undefined' && !document.hidden && typeof requestAnimationFrame === 'function';
  return new Promise((resolve) => {
    (frames ? atNextFrame : inNextTurn)(resolve);
  });
}
