// Pictures of the page on the GPU: copied into a texture as they are, and tensors painted on a canvas, without pixels
// in memory.
import * as core from '../wasm/core';
import { canvas, isGiven } from '../wasm/host';
import { current } from './backend';
import { Tensor, tensorAt } from './tensor';

export type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** Whether a picture of this size goes there; the texture for it is bound then. */
export function takesPicture(width: number, height: number): boolean {
  if (current() !== 'webgl' || !canvas) return false;
  const taken = core.x.tn_gl_picture(width, height) !== 0;
  core.check();
  return taken;
}

/** The tensor of a picture, for which takesPicture has just said true: of its RGBA bytes, or of a source that the
 * context takes. */
export function fromPicture(
  source: Canvas | Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  channels: number,
): Tensor {
  const { gl } = canvas!;
  if (ArrayBuffer.isView(source))
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, source);
  else gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, source);
  const ptr = core.x.tn_gl_from_picture(channels);
  core.check();
  return tensorAt(ptr);
}

/** The context's canvas with a picture painted on it; null where x is not on the GPU alone, or where the canvas is the
 * page's and not the one that the picture is for. */
export function painted(x: Tensor, alpha: number, target: Canvas): Canvas | null {
  const from = x.handle('draw');
  core.x.tn_drawable(from, alpha);
  core.check();
  if (!canvas || !core.x.tn_gl_paintable(from)) return null;
  const { gl } = canvas,
    own = gl.canvas as Canvas,
    [height, width]: number[] = x.shape;
  if (isGiven() && own !== target) return null;
  if (own.width !== width) own.width = width;
  if (own.height !== height) own.height = height;
  if (gl.drawingBufferWidth !== width || gl.drawingBufferHeight !== height) return null;
  core.x.tn_gl_paint(from, alpha, gl.getContextAttributes()?.premultipliedAlpha ? 1 : 0);
  core.check();
  return own;
}
