// The GPU: 'webgl' for setBackend, and how its results arrive without blocking the page.
import * as core from '../wasm/core';
import { describe, TensorineError } from '../wasm/errors';
import { canvas, giveContext } from '../wasm/host';
import { registerDevice } from './backend';
import { ENV } from './env';
import { Tensor, tensorAt } from './tensor';
import { offerGLFlags } from './webgl_flags';
import { tellLimit, tellLimits } from './webgl_limits';
import { watchContext } from './webgl_loss';
import { trimInBackground } from './webgl_memory';

let used = false; // the backend was chosen once

/** False, with a line that says why, where there is no WebGL2 with float render targets. */
function start(): boolean {
  core.x.tn_gl_start();
  try {
    core.check();
  } catch (error) {
    if (!(error instanceof TensorineError)) throw error;
    console.warn(`tensorine: ${error.message}`);
    return false;
  }
  core.onArrival(arrival);
  watchContext();
  tellLimits();
  if (!used) trimInBackground();
  used = true;
  return true;
}

/** Makes 'webgl' known to setBackend. */
export function offerWebGL(): void {
  offerGLFlags();
  registerDevice('webgl', {
    start,
    stop: () => {
      core.x.tn_gl_stop();
    },
  });
  ENV.registerFlag(
    'WEBGL_CPU_FORWARD',
    () => true,
    (on) => {
      core.x.tn_gl_forward(on ? 1 : 0);
    },
  );
  ENV.registerFlag(
    'WEBGL_FORCE_F16_TEXTURES',
    () => false,
    (on) => {
      core.x.tn_gl_half(on ? 1 : 0);
    },
  );
  ENV.registerFlag(
    'WEBGL_CHECK_ERRORS',
    () => false,
    (on) => {
      core.x.tn_gl_debug(on ? 1 : 0);
    },
  );
}

/** Keeps floats on the GPU as half floats from now on: half the memory, but numbers of 11 bits, and
 * none past 65504. The same as the flag WEBGL_FORCE_F16_TEXTURES. */
export function forceHalfFloat(): void {
  ENV.set('WEBGL_FORCE_F16_TEXTURES', true);
}

/** Whether a value is a WebGL2 context, of another frame too: a method of ours takes no other object. */
function isContext(gl: unknown): gl is WebGL2RenderingContext {
  if (typeof WebGL2RenderingContext === 'undefined') return false;
  try {
    return typeof WebGL2RenderingContext.prototype.isContextLost.call(gl) === 'boolean';
  } catch {
    return false;
  }
}

/** The context of the page in which the 'webgl' backend is to draw, shared with three.js say; before the first
 * setBackend('webgl'). Ops rely on nothing that the page has set, and leave behind: program, framebuffers, viewport,
 * vertex array, active texture, textures and samplers of units 0 to 8, pixel buffers and pixelStorei changed; blending,
 * culling, dithering, tests of depth, stencil and scissors, polygon offset, rasterizer discard and sample coverage off;
 * colorMask all true. So the page sets its own state anew after them (three.js: renderer.resetState()), and calls no op
 * during transform feedback. */
export function setContext(gl: WebGL2RenderingContext): void {
  if (!isContext(gl))
    throw new TensorineError(
      'value',
      `webgl.setContext: gl must be a WebGL2RenderingContext, canvas.getContext('webgl2'), but is ${describe(gl)}`,
    );
  if (gl.isContextLost()) throw new TensorineError('device', 'webgl.setContext: gl is a context that is lost');
  if (canvas && canvas.gl !== gl)
    throw new TensorineError(
      'device',
      "webgl.setContext: gl comes too late, there is a context already: call it before tf.setBackend('webgl')",
    );
  giveContext(gl);
}

// ---- what the page gets

/** A texture of the GPU's context with a copy of a tensor's elements, four to a texel. */
export interface GPUData {
  /** Holds the texture: dispose it when the texture is not needed any more. */
  tensorRef: Tensor;
  texture: WebGLTexture;
  /** Height and width in texels. */
  texShape: [number, number];
}

/** A copy of x for the page; customTexShape: height and width of the texture. */
export function dataToGPU(x: Tensor, options?: { customTexShape?: [number, number] }): GPUData {
  const shape = options?.customTexShape ?? [0, 0];
  if (!Array.isArray(shape) || shape.length !== 2 || !shape.every((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31))
    throw new TensorineError('value', 'dataToGPU: customTexShape must be [height, width]');
  const [height, width] = shape;
  const ptr = core.x.tn_gl_export(x.handle('dataToGPU'), height, width);
  core.check();
  const [name, ...texShape] = [0, 1, 2].map((what) => core.x.tn_gl_exported(ptr, what));
  return { tensorRef: tensorAt(ptr), texture: canvas!.textures[name]!, texShape: texShape as [number, number] };
}

/** The context that ops are drawn in, once the GPU was chosen: textures of dataToGPU are its own. */
export function context(): WebGL2RenderingContext {
  if (!canvas) throw new TensorineError('device', "There is no GPU context yet: await tf.setBackend('webgl') first");
  core.x.tn_gl_take();
  return canvas.gl;
}

const PAGE = -2; // no name that the core gives, nor what it takes for unknown (-1)

/** Calls f with a name by which the core knows a texture of the page. */
export function withTexture<T>(texture: WebGLTexture, f: (name: number) => T): T {
  const textures = canvas!.textures as { [name: number]: WebGLTexture | null };
  textures[PAGE] = texture;
  try {
    return f(PAGE);
  } finally {
    delete textures[PAGE];
  }
}

// ---- waiting: a message comes back at once, while timers are clamped to 4 ms

const EAGER = 0.5; // milliseconds during which it is asked again and again; longer slows a GPU that is the CPU
const PATIENCE = 4000; // then the read itself waits: in some hosts a fence is never seen to pass
const LITTLE = 20; // so long is waited for a fence in such a host
let patience = PATIENCE;

let channel: MessageChannel | null = null;
const waiting: (() => void)[] = [];

function turn(): Promise<void> {
  if (!channel) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  return new Promise((go) => {
    waiting.push(go);
    channel!.port2.postMessage(0);
  });
}

/** After a millisecond: a timer that a message sets is not clamped. */
async function soon(): Promise<void> {
  await turn();
  await new Promise((go) => setTimeout(go, 1));
}

async function finished(read: number): Promise<void> {
  const began = performance.now();
  let passed = Boolean(core.x.tn_gl_read_done(read));
  for (let spent = 0; !passed && spent < patience; spent = performance.now() - began) {
    await (spent < EAGER ? turn() : soon());
    passed = Boolean(core.x.tn_gl_read_done(read));
  }
  const waits = performance.now();
  core.x.tn_gl_read_end(read);
  if (passed) patience = PATIENCE;
  else if (performance.now() - waits < LITTLE) distrustFences();
  core.check();
}

/** The read was done at once, though no fence told of it. */
function distrustFences(): void {
  if (patience === PATIENCE) tellLimit('fences never pass here, so a read holds the page up until the GPU is done');
  patience = LITTLE;
}

/**
 * Does f so that its programs are found and sent to the driver, which compiles them beside the page where it can;
 * nothing is drawn, and what f makes holds nothing. Resolves when all are compiled.
 * @param onProgress is given the share that is done, from 0 to 1
 */
export async function compileAhead(f: () => void, onProgress: (share: number) => void): Promise<void> {
  core.x.tn_gl_ahead(1);
  try {
    f();
  } finally {
    core.x.tn_gl_ahead(0);
  }
  const all = core.x.tn_gl_compiling();
  for (let left = all; left; left = core.x.tn_gl_compiling()) {
    onProgress(1 - left / all);
    await new Promise((go) => setTimeout(go, 4));
  }
}

function arrival(tensor: number): Promise<void> | null {
  const read = core.x.tn_gl_read_begin(tensor);
  return read ? finished(read) : null;
}
