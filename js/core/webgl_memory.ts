// What textures may take of the GPU's memory.
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { canvas, isGiven } from '../wasm/host';

/**
 * Most bytes that textures may take from now on, those kept for reuse included (`tf.memory().numBytesInGPUAllocated`);
 * Infinity, as it is at first: as many as there are. Where one more does not fit, textures kept for reuse go first,
 * then those of tensors that are in memory too; if it still does not fit, an error of code 'memory' says so, from the op
 * or, as results are drawn when they are needed, from what reads its result; and the library goes on.
 * @example tf.webgl.setMemoryLimit(Infinity) // undefined
 */
export function setMemoryLimit(bytes: number): void {
  if (typeof bytes !== 'number' || !(bytes >= 0))
    throw new TensorineError(
      'value',
      `webgl.setMemoryLimit: bytes must be a number from 0 on, or Infinity, but is ${shown(bytes)}`,
    );
  core.x.tn_gl_limit(bytes);
}

/** Gives back what is kept for reuse whenever the page goes out of sight, and the canvas that was painted on. */
export function trimInBackground(): void {
  if (typeof document === 'undefined') return;
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) return;
    core.x.tn_gl_trim();
    if (!isGiven()) canvas!.gl.canvas.width = canvas!.gl.canvas.height = 1;
  });
}
