// tf.browser: pictures to tensors and back. The core converts; here bytes are read from what the
// page has, and drawn.
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { begin } from '../core/arguments';
import { current } from '../core/backend';
import { ENV } from '../core/env';
import { fromArray } from '../core/from_array';
import { Tensor, tensorAt, type Tensor3D, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { fromPicture, painted, takesPicture, type Canvas } from '../core/webgl_pictures';

export interface PixelData {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}
export type Pixels =
  | PixelData
  | ImageData
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | ImageBitmap
  | VideoFrame;
type Picture = HTMLImageElement | HTMLVideoElement | ImageBitmap | VideoFrame;
type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Canvases of our own, on which pictures are drawn: one to be read, one for the GPU to copy. */
const scratch: { read?: Context2D | null; copy?: Context2D | null } = {};

function scratchCanvas(use: 'read' | 'copy', width: number, height: number): Context2D {
  const settings: CanvasRenderingContext2DSettings = { willReadFrequently: use === 'read' };
  if (typeof document !== 'undefined') scratch[use] ??= document.createElement('canvas').getContext('2d', settings);
  else if (typeof OffscreenCanvas !== 'undefined')
    scratch[use] ??= new OffscreenCanvas(1, 1).getContext('2d', settings);
  const context = scratch[use];
  if (!context)
    throw new TensorineError(
      'device',
      'fromPixels: Cannot parse input in current context. ' +
        'Reason: OffscreenCanvas Context2D rendering is not supported.',
    );
  if (context.canvas.width !== width) context.canvas.width = width;
  if (context.canvas.height !== height) context.canvas.height = height;
  context.clearRect(0, 0, width, height); // drawn over by 'copy' it would be scaled otherwise
  return context;
}

/** Calls f with a picture drawn on a canvas of ours. One that f may not read, as the picture is of another site, cannot
 * be used again. */
function drawn<T>(picture: Picture, use: 'read' | 'copy', [width, height]: Size, f: (context: Context2D) => T): T {
  const context = scratchCanvas(use, width, height);
  try {
    context.drawImage(picture, 0, 0, width, height);
    return f(context);
  } catch (error) {
    scratch[use] = null;
    throw error;
  }
}

const tag = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const isVideo = (pixels: object): pixels is HTMLVideoElement => tag(pixels) === 'HTMLVideoElement';
const isPicture = (pixels: object): pixels is Picture =>
  /^(HTMLImageElement|HTMLVideoElement|ImageBitmap|VideoFrame)$/.test(tag(pixels));
const isCanvas = (pixels: object): pixels is Canvas => /^(HTMLCanvasElement|OffscreenCanvas)$/.test(tag(pixels));

type Size = [width: number, height: number];

function sizeOf(picture: Picture): Size {
  if (!isVideo(picture))
    return 'displayWidth' in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
  if (!picture.videoWidth)
    // its readyState says less: a video that begins anew has a frame, and none for what is next
    throw new TensorineError(
      'value',
      'fromPixels: The video element has not loaded data yet. Please wait for `loadeddata` event on the <video> element.',
    );
  return [picture.videoWidth, picture.videoHeight];
}

/** Whether a picture is shown larger or smaller than it is: canvases in memory and on the GPU scale otherwise. */
const isScaled = (picture: Picture, [width, height]: Size): boolean =>
  'naturalWidth' in picture && (picture.naturalWidth !== width || picture.naturalHeight !== height);

/** Width, height and RGBA bytes of anything that has them. */
function pixelData(pixels: Pixels): PixelData | ImageData {
  const { data } = pixels as PixelData;
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) return checkedData(pixels as PixelData);
  const size: Size = isPicture(pixels) ? sizeOf(pixels) : [(pixels as Canvas).width, (pixels as Canvas).height],
    [width, height] = size;
  const read = (context: Context2D) => context.getImageData(0, 0, width, height);
  if (isPicture(pixels) || typeof (pixels as Canvas).getContext === 'function') {
    if (!width || !height) return { width, height, data: new Uint8Array(0) };
    if (isPicture(pixels)) return drawn(pixels, 'read', size, read);
    const context = (pixels as HTMLCanvasElement).getContext('2d');
    if (context) return { width, height, data: read(context).data };
    return drawn(pixels as unknown as Picture, 'read', size, read); // it has a WebGL context
  }
  throw new TensorineError(
    'value',
    'pixels passed to tf.browser.fromPixels() must be either an HTMLVideoElement, ' +
      'HTMLImageElement, HTMLCanvasElement, ImageData in browser, or OffscreenCanvas, ImageData in webworker or ' +
      `{data: Uint32Array, width: number, height: number}, but was ${(pixels as object).constructor?.name}`,
  );
}

function checkedData(pixels: PixelData): PixelData {
  const { width, height, data } = pixels,
    bytes = width * height * 4;
  if (data.length === bytes) return pixels;
  throw new TensorineError(
    'value',
    `fromPixels: ${width} x ${height} pixels take ${bytes} bytes, but data has ${data.length}`,
  );
}

const SMALL = 4096; // elements of pixel data that stay in memory, as those of ops do

/** The tensor on the GPU, without a way through memory; null where it is made in memory. */
function onGPU(pixels: Pixels, channels: number): Tensor | null {
  const { data } = pixels as PixelData;
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) {
    const { width, height } = checkedData(pixels as PixelData);
    if (width * height * channels <= SMALL && ENV.getBool('WEBGL_CPU_FORWARD')) return null;
    return takesPicture(width, height) ? fromPicture(data, width, height, channels) : null;
  }
  if (isPicture(pixels)) {
    const size = sizeOf(pixels);
    if (!takesPicture(...size)) return null;
    const read = ENV.getBool('CANVAS2D_WILL_READ_FREQUENTLY_FOR_GPU') || isScaled(pixels, size),
      use = read ? 'read' : 'copy';
    return drawn(pixels, use, size, ({ canvas }) => fromPicture(canvas, ...size, channels));
  }
  if (!isCanvas(pixels) || !takesPicture(pixels.width, pixels.height)) return null;
  return fromPicture(pixels, pixels.width, pixels.height, channels);
}

/**
 * An int32 tensor [height, width, numChannels] of a picture; 3 channels leave alpha away. With the 'webgl' backend
 * the browser copies the picture into a texture, and colours of pixels that are not opaque may differ by 1 from those
 * that it gives to the CPU.
 * @example tf.browser.fromPixels({ data: new Uint8Array([255, 0, 0, 255]), width: 1, height: 1 }) // [[[255, 0, 0]]]
 */
export function fromPixels(pixels: Pixels, numChannels = 3): Tensor3D {
  want('browser.fromPixels', { numChannels }, 'number');
  if (numChannels > 4)
    throw new TensorineError('value', 'Cannot construct Tensor with more than 4 channels from pixels.');
  if (pixels === null || pixels === undefined)
    throw new TensorineError('value', 'pixels passed to tf.browser.fromPixels() can not be null');
  const there = current() === 'webgl' ? onGPU(pixels, numChannels) : null;
  if (there) return there as Tensor3D;
  const { width, height, data } = pixelData(pixels);
  const at = core.scratch(data.length);
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

/** Puts bytes, or what another canvas shows, on a canvas. */
function put(
  picture: Uint8ClampedArray<ArrayBuffer> | Canvas,
  [height, width]: number[],
  canvas: Canvas,
  settings?: CanvasRenderingContext2DSettings,
): void {
  canvas.width = width;
  canvas.height = height;
  if (!width || !height) return;
  const at = canvas.getContext('2d', settings) as Context2D | null;
  if (!at) throw new TensorineError('device', 'toPixels: the canvas has no 2d context');
  if (ArrayBuffer.isView(picture)) at.putImageData(new ImageData(picture, width, height), 0, 0);
  else at.drawImage(picture, 0, 0);
}

const wantCanvas = (who: string, canvas: Canvas) => want(who, { 'canvas.getContext': canvas?.getContext }, 'function');

/**
 * RGBA bytes of a picture: [height, width] or [height, width, 1 | 3 | 4], float32 in 0..1 or int32
 * in 0..255; drawn on the canvas if one is given.
 * @example Array.from(await tf.browser.toPixels([[[255, 0, 0]]])) // [255, 0, 0, 255]
 */
export function toPixels(img: TensorLike, canvas?: Canvas): Promise<Uint8ClampedArray> {
  return withImage(img, async (x) => {
    if (canvas) wantCanvas('browser.toPixels', canvas);
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

/** Whether a canvas can be drawn on so. The GPU paints on its own context's canvas, which the 2d context of the other
 * one copies: a page may have but sixteen contexts of WebGL, and one more loses the oldest. */
const drawsBy = (contextType: string): boolean =>
  contextType === '2d' || (current() === 'webgl' && /^webgl2?$/.test(contextType));

/** Draws a picture, as toPixels takes it, on a canvas. What is on the GPU alone is painted there and not read: then
 * values beyond the range are drawn as its ends, where they are refused else. The canvas has a 2d context from then on,
 * also where `contextType` is 'webgl', as it may be with that backend. */
export function draw(image: TensorLike, canvas: Canvas, options: DrawOptions = {}): void {
  want('browser.draw', { options }, 'object');
  warnUnknown('draw', options, '', 'imageOptions contextOptions');
  wantCanvas('browser.draw', canvas);
  const { contextType = '2d', contextAttributes } = options.contextOptions ?? {};
  if (!drawsBy(contextType))
    throw new TensorineError(
      'value',
      `draw: contextType must be '2d', or 'webgl' with that backend, but is ${shown(contextType)}`,
    );
  begin('draw');
  const x = image instanceof Tensor ? image : fromArray(image, undefined, 'int32', 'image');
  try {
    const alpha = options.imageOptions?.alpha ?? 1,
      picture = painted(x, alpha, canvas) ?? toBytes(x, alpha);
    if (picture !== canvas) put(picture, x.shape, canvas, contextAttributes);
  } finally {
    if (x !== image) x.dispose();
  }
}
