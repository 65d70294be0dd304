// tf.browser: pictures to tensors and back. The core converts; here bytes are read from what the
// page has, and drawn.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { begin } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { Tensor, tensorAt, type Tensor3D, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';

export interface PixelData {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}
export type Pixels =
  PixelData | ImageData | HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | OffscreenCanvas | ImageBitmap;

type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
type Canvas = HTMLCanvasElement | OffscreenCanvas;

let context: Context2D | null = null;

/** A canvas of our own, on which pictures are drawn to be read. */
function scratchCanvas(): Context2D {
  if (context) return context;
  if (typeof document !== 'undefined')
    context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  else if (typeof OffscreenCanvas !== 'undefined')
    context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!context)
    throw new TensorineError(
      'device',
      'fromPixels: Cannot parse input in current context. ' +
        'Reason: OffscreenCanvas Context2D rendering is not supported.',
    );
  return context;
}

const isVideo = (pixels: object): pixels is HTMLVideoElement =>
  typeof HTMLVideoElement !== 'undefined' && pixels instanceof HTMLVideoElement;
const isBitmap = (pixels: object): pixels is ImageBitmap =>
  typeof ImageBitmap !== 'undefined' && pixels instanceof ImageBitmap;
const isPicture = (pixels: object): pixels is HTMLImageElement | ImageBitmap | HTMLVideoElement =>
  (typeof HTMLImageElement !== 'undefined' && pixels instanceof HTMLImageElement) ||
  isBitmap(pixels) ||
  isVideo(pixels);

function drawn(pixels: HTMLImageElement | ImageBitmap | HTMLVideoElement): ImageData | PixelData {
  const { width, height } = isVideo(pixels) ? { width: pixels.videoWidth, height: pixels.videoHeight } : pixels;
  if (!width || !height) return { width, height, data: new Uint8Array(0) };
  const at = scratchCanvas();
  at.canvas.width = width;
  at.canvas.height = height;
  at.drawImage(pixels, 0, 0, width, height);
  return at.getImageData(0, 0, width, height);
}

/** Width, height and RGBA bytes of anything that has them. */
function pixelData(pixels: Pixels): PixelData | ImageData {
  if (pixels === null || pixels === undefined)
    throw new TensorineError('value', 'pixels passed to tf.browser.fromPixels() can not be null');
  const { data } = pixels as PixelData;
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return pixels as PixelData;
  if (isPicture(pixels)) return drawn(pixels);
  if (typeof (pixels as Canvas).getContext === 'function') {
    const canvas = pixels as HTMLCanvasElement,
      { width, height } = canvas;
    if (!width || !height) return { width, height, data: new Uint8Array(0) };
    const at = canvas.getContext('2d');
    if (at) return { width, height, data: at.getImageData(0, 0, width, height).data };
    return drawn(canvas as unknown as HTMLImageElement); // it has a WebGL context
  }
  throw new TensorineError(
    'value',
    'pixels passed to tf.browser.fromPixels() must be either an HTMLVideoElement, ' +
      'HTMLImageElement, HTMLCanvasElement, ImageData in browser, or OffscreenCanvas, ImageData in webworker or ' +
      `{data: Uint32Array, width: number, height: number}, but was ${(pixels as object).constructor?.name}`,
  );
}

/**
 * An int32 tensor [height, width, numChannels] of a picture; 3 channels leave alpha away.
 * @example tf.browser.fromPixels({ data: new Uint8Array([255, 0, 0, 255]), width: 1, height: 1 }) // [[[255, 0, 0]]]
 */
export function fromPixels(pixels: Pixels, numChannels = 3): Tensor3D {
  want('browser.fromPixels', { numChannels }, 'number');
  if (numChannels > 4)
    throw new TensorineError('value', 'Cannot construct Tensor with more than 4 channels from pixels.');
  const { width, height, data } = pixelData(pixels);
  const bytes = width * height * 4;
  if (data.length !== bytes)
    throw new TensorineError(
      'value',
      `fromPixels: ${width} x ${height} pixels take ${bytes} bytes, but data has ${data.length}`,
    );
  const at = core.scratch(bytes);
  core.u8().set(data, at);
  const ptr = core.x.tn_from_pixels(at, width, height, numChannels);
  core.check();
  return tensorAt(ptr);
}

/**
 * fromPixels that lets the browser decode the picture meanwhile.
 * @example await tf.browser.fromPixelsAsync({ data: new Uint8Array([255, 0, 0, 255]), width: 1, height: 1 }) // [[[255, 0, 0]]]
 */
export async function fromPixelsAsync(pixels: Pixels, numChannels = 3): Promise<Tensor3D> {
  const decode = (pixels as HTMLImageElement)?.decode;
  if (typeof decode === 'function') await decode.call(pixels).catch(() => undefined);
  return fromPixels(pixels, numChannels);
}

/** Runs f with img as a tensor; arrays are taken as int32. */
async function withImage<T>(img: TensorLike, f: (x: Tensor) => T | Promise<T>): Promise<T> {
  if (img instanceof Tensor) return f(img);
  begin('toPixels');
  const x = fromArray(img, undefined, 'int32', 'img');
  try {
    return await f(x);
  } finally {
    x.dispose();
  }
}

function toBytes(x: Tensor, alpha: number): Uint8ClampedArray<ArrayBuffer> {
  const from = x.handle('toPixels');
  const [rows, columns]: number[] = x.shape,
    bytes = rows * columns * 4 || 0,
    at = core.scratch(bytes);
  core.x.tn_to_pixels(from, alpha, at);
  core.check();
  return new Uint8ClampedArray(core.u8().slice(at, at + bytes).buffer);
}

function put(
  bytes: Uint8ClampedArray<ArrayBuffer>,
  [height, width]: number[],
  canvas: Canvas,
  settings?: CanvasRenderingContext2DSettings,
): void {
  want('browser.toPixels', { 'canvas.getContext': canvas?.getContext }, 'function');
  canvas.width = width;
  canvas.height = height;
  if (!bytes.length) return;
  const at = canvas.getContext('2d', settings) as Context2D | null;
  if (!at) throw new TensorineError('device', 'toPixels: the canvas has no 2d context');
  at.putImageData(new ImageData(bytes, width, height), 0, 0);
}

/**
 * RGBA bytes of a picture: [height, width] or [height, width, 1 | 3 | 4], float32 in 0..1 or int32
 * in 0..255; drawn on the canvas if one is given.
 * @example Array.from(await tf.browser.toPixels([[[255, 0, 0]]])) // [255, 0, 0, 255]
 */
export function toPixels(img: TensorLike, canvas?: Canvas): Promise<Uint8ClampedArray> {
  return withImage(img, async (x) => {
    x.handle('toPixels');
    await core.arrived(x.handle('toPixels'));
    const bytes = toBytes(x, 1);
    if (canvas) put(bytes, x.shape, canvas);
    return bytes;
  });
}

export interface DrawOptions {
  imageOptions?: { alpha?: number };
  contextOptions?: { contextType?: string; contextAttributes?: CanvasRenderingContext2DSettings };
}

/** Draws a picture, as toPixels takes it, on a canvas. */
export function draw(image: TensorLike, canvas: Canvas, options: DrawOptions = {}): void {
  want('browser.draw', { options }, 'object');
  warnUnknown('draw', options, '', 'imageOptions contextOptions');
  begin('draw');
  const x = image instanceof Tensor ? image : fromArray(image, undefined, 'int32', 'image');
  try {
    put(toBytes(x, options.imageOptions?.alpha ?? 1), x.shape, canvas, options.contextOptions?.contextAttributes);
  } finally {
    if (x !== image) x.dispose();
  }
}
