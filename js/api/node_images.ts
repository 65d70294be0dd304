// tf.node: pictures in files and back. Packages that programs install do the decoding; they are loaded
// when a picture of their kind is first met.
import { shown, TensorineError } from '../wasm/errors';
import { isNode, nodeModule } from '../wasm/node';
import { tidy } from '../core/scopes';
import type { Tensor3D, Tensor4D } from '../core/tensor';
import { want } from '../core/want';
import { cast, gather, mul, round, slice, stack, sum } from '../generated/ops/ops';
import { fromPixels, toPixels } from './browser';

interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
  channels: number;
}
type Require = (name: string) => any;

let nodes: { createRequire(from: string): Require } | null = null;
if (isNode)
  void nodeModule('node:module').then(
    (found) => {
      nodes = found;
    },
    () => {},
  );

/** A package of the program: of its folder, or of the folder of its main file. */
function need(name: string, kind: string): any {
  type Process = { cwd(): string; argv: string[]; getBuiltinModule?(name: string): typeof nodes };
  const host = (globalThis as { process?: Process }).process;
  const module = nodes ?? host?.getBuiltinModule?.('node:module');
  if (!isNode || !host || !module)
    throw new TensorineError(
      'device',
      `tf.node: ${kind} files need Node; in a page, tf.browser.fromPixels reads pictures`,
    );
  for (const from of [`${host.cwd()}/`, host.argv[1]]) {
    try {
      return module.createRequire(from)(name);
    } catch (error) {
      if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new TensorineError('file', `tf.node: ${kind} files need the package ${name}: npm install ${name}`);
}

const bad = (kind: string, why: unknown): TensorineError =>
  new TensorineError(
    'file',
    `tf.node: this is no ${kind} file that can be read: ${why instanceof Error ? why.message : why}`,
  );

/** What a package gives for the bytes; what it throws is an error of the file. */
function attempt<T>(kind: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    throw error instanceof TensorineError ? error : bad(kind, error);
  }
}

/** Components in the frame header of a JPEG file. */
function jpegChannels(bytes: Uint8Array): number {
  for (let at = 2; at + 9 < bytes.length; at += 2 + (bytes[at + 2] << 8) + bytes[at + 3])
    if (bytes[at + 1] >= 0xc0 && bytes[at + 1] <= 0xc3) return bytes[at + 9] === 1 ? 1 : 3;
  return 3;
}

function jpeg(bytes: Uint8Array): Picture {
  const { decode } = need('jpeg-js', 'JPEG');
  return {
    ...attempt('JPEG', () => decode(bytes, { useTArray: true, formatAsRGBA: true })),
    channels: jpegChannels(bytes),
  };
}

function png(bytes: Uint8Array): Picture {
  const { PNG } = need('pngjs', 'PNG'),
    { Buffer } = globalThis as any;
  const { width, height, data, alpha } = attempt('PNG', () => PNG.sync.read(Buffer.from(bytes)));
  const colour = bytes[25],
    channels = colour === 3 ? (alpha ? 4 : 3) : [1, 1, 3, 3, 2, 3, 4][colour];
  return { width, height, data, channels };
}

/** Bytes come as alpha, blue, green, red. */
function bmp(bytes: Uint8Array): Picture {
  const { Buffer } = globalThis as any,
    { decode } = need('bmp-js', 'BMP');
  const { width, height, data } = attempt('BMP', () => decode(Buffer.from(bytes)));
  for (let i = 0; i < data.length; i += 4) data.subarray(i, i + 4).reverse();
  return { width, height, data, channels: bytes[28] === 32 ? 4 : 3 };
}

/** All frames, each as it is seen: over those before it, as their disposal says. */
function gif(bytes: Uint8Array): Picture[] {
  const { GifReader } = need('omggif', 'GIF');
  return attempt('GIF', () => {
    const reader = new GifReader(bytes),
      { width, height } = reader,
      seen = new Uint8Array(width * height * 4);
    return Array.from({ length: reader.numFrames() }, (_, i) => {
      const before = seen.slice(),
        info = reader.frameInfo(i);
      reader.decodeAndBlitFrameRGBA(i, seen);
      const data = seen.slice();
      if (info.disposal === 3) seen.set(before);
      if (info.disposal === 2)
        for (let row = info.y; row < info.y + info.height; row++)
          seen.fill(0, (row * width + info.x) * 4, (row * width + info.x + info.width) * 4);
      return { width, height, data, channels: 3 };
    });
  });
}

/** [height, width, channels]; 0 stands for as many as the file has. */
function toTensor(picture: Picture, channels: number, kind: string): Tensor3D {
  want('tf.node', { channels }, 'number');
  if (![0, 1, 3, 4].includes(channels))
    throw new TensorineError('value', `tf.node: channels of a ${kind} file must be 0, 1, 3 or 4, but is ${channels}`);
  const wanted = channels || picture.channels;
  return tidy(() => {
    const all = fromPixels(picture, 4);
    if (wanted === 2) return gather(all, [0, 3], 2);
    if (wanted > 2 || picture.channels < 3) return slice(all, [0, 0, 0], [-1, -1, wanted]);
    return cast(
      round(sum(mul(slice(all, [0, 0, 0], [-1, -1, 3]), [0.299, 0.587, 0.114]), 2, true)),
      'int32',
    ) as Tensor3D;
  });
}

function checked(contents: unknown, who: string): Uint8Array {
  if (contents instanceof Uint8Array) return contents;
  throw new TensorineError(
    'value',
    `${who}: contents must be the bytes of a file as a Uint8Array or Buffer, but is ${typeof contents}`,
  );
}

/**
 * An int32 tensor [height, width, channels] of the bytes of a JPEG file. Needs the package jpeg-js.
 * @param channels 1 or 3; 0 for as many as the file has
 */
export const decodeJpeg = (
  contents: Uint8Array,
  channels: 0 | 1 | 3 = 0,
  _ratio = 1,
  _fancyUpscaling = false,
): Tensor3D => toTensor(jpeg(checked(contents, 'decodeJpeg')), channels, 'JPEG');

/** An int32 tensor [height, width, channels] of the bytes of a PNG file. Needs the package pngjs. */
export const decodePng = (contents: Uint8Array, channels = 0, _dtype = 'int32'): Tensor3D =>
  toTensor(png(checked(contents, 'decodePng')), channels, 'PNG');

/** An int32 tensor [height, width, channels] of the bytes of a BMP file. Needs the package bmp-js. */
export const decodeBmp = (contents: Uint8Array, channels = 0): Tensor3D =>
  toTensor(bmp(checked(contents, 'decodeBmp')), channels, 'BMP');

/** An int32 tensor [frames, height, width, 3] of the bytes of a GIF file. Needs the package omggif. */
export const decodeGif = (contents: Uint8Array): Tensor4D =>
  tidy(() => stack<Tensor4D>(gif(checked(contents, 'decodeGif')).map((frame) => toTensor(frame, 3, 'GIF'))));

/**
 * An int32 tensor of the bytes of a JPEG, PNG, BMP or GIF file, by what it begins with.
 * @param expandAnimations a GIF file gives all its frames: [frames, height, width, 3]
 */
export function decodeImage(
  contents: Uint8Array,
  channels = 0,
  _dtype = 'int32',
  expandAnimations = true,
): Tensor3D | Tensor4D {
  const bytes = checked(contents, 'decodeImage'),
    begin = String.fromCharCode(...bytes.subarray(0, 4));
  if (begin.startsWith('\xff\xd8')) return decodeJpeg(bytes, channels as 0);
  if (begin === '\x89PNG') return decodePng(bytes, channels);
  if (begin.startsWith('BM')) return decodeBmp(bytes, channels);
  if (begin.startsWith('GIF')) return expandAnimations ? decodeGif(bytes) : toTensor(gif(bytes)[0], 3, 'GIF');
  throw new TensorineError(
    'file',
    'decodeImage: Expected image (BMP, JPEG, PNG, or GIF), but got unsupported image type',
  );
}

function wantImage(image: Tensor3D, who: string): void {
  want(who, { image }, 'tensor');
  image.handle(who);
}

/** RGBA bytes of an image [height, width, 1, 3 or 4] of whole numbers in 0..255. */
async function pixels(image: Tensor3D): Promise<{ width: number; height: number; data: Uint8Array }> {
  const [height, width] = image.shape,
    whole = image.dtype === 'int32' ? image : image.toInt();
  try {
    return { width, height, data: new Uint8Array((await toPixels(whole)).buffer) };
  } finally {
    if (whole !== image) whole.dispose();
  }
}

/** The bytes of a JPEG file of an image [height, width, 1 or 3] in 0..255. Needs the package jpeg-js. */
export async function encodeJpeg(image: Tensor3D, _format = '', quality = 95): Promise<Uint8Array> {
  wantImage(image, 'encodeJpeg');
  want('encodeJpeg', { quality }, 'number');
  const { encode } = need('jpeg-js', 'JPEG'),
    { Buffer } = globalThis as any;
  const picture = await pixels(image);
  return new Uint8Array(encode({ ...picture, data: Buffer.from(picture.data) }, quality).data);
}

/** The bytes of a PNG file of an image [height, width, 1, 3 or 4] in 0..255. Needs the package pngjs. */
export async function encodePng(image: Tensor3D, compression = 1): Promise<Uint8Array> {
  wantImage(image, 'encodePng');
  if (!(Number.isInteger(compression) && compression >= -1 && compression <= 9))
    throw new TensorineError(
      'value',
      `encodePng: compression must be a whole number from -1 to 9, but is ${shown(compression)}`,
    );
  const { PNG } = need('pngjs', 'PNG'),
    { Buffer } = globalThis as any;
  const { width, height, data } = await pixels(image),
    picture = new PNG({ width, height });
  picture.data = Buffer.from(data);
  const colorType = { 1: 0, 3: 2 }[image.shape[2] as number] ?? 6;
  return new Uint8Array(PNG.sync.write(picture, { colorType, deflateLevel: compression }));
}

const SAVED =
  'SavedModels of Python are not read here yet: convert them (tensorflowjs_converter --input_format=tf_saved_model) ' +
  "and load what comes out with tf.loadGraphModel('file://.../model.json')";

/** Refuses: SavedModels must be converted first. */
export async function loadSavedModel(_path: string, _tags?: string[], _signature?: string): Promise<never> {
  throw new TensorineError('file', `loadSavedModel: ${SAVED}`);
}
/** Refuses: SavedModels must be converted first. */
export async function getMetaGraphsFromSavedModel(_path: string): Promise<never> {
  throw new TensorineError('file', `getMetaGraphsFromSavedModel: ${SAVED}`);
}
/** How many SavedModels are loaded: none. */
export const getNumOfSavedModels = (): number => 0;
