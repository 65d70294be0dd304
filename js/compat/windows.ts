// Geometry of convolution and pooling windows, for packages that bring kernels of their own.
import { shown } from '../wasm/errors';
import { want } from '../core/want';
import { refuse } from './refuse';

type Pad = 'valid' | 'same' | number | ExplicitPadding;
type Rounding = 'floor' | 'round' | 'ceil';
type Channels = 'channelsFirst' | 'channelsLast';
export type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];
type PadType = 'SAME' | 'VALID' | 'NUMBER' | 'EXPLICIT';

export interface PadInfo {
  top: number;
  left: number;
  right: number;
  bottom: number;
  type: PadType;
}
export interface PadInfo3D extends PadInfo {
  front: number;
  back: number;
}

export interface Conv2DInfo {
  batchSize: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  dataFormat: Channels;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  filterHeight: number;
  filterWidth: number;
  effectiveFilterHeight: number;
  effectiveFilterWidth: number;
  padInfo: PadInfo;
  inShape: number[];
  outShape: number[];
  filterShape: number[];
}

export interface Conv3DInfo {
  batchSize: number;
  inDepth: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outDepth: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  dataFormat: Channels;
  strideDepth: number;
  strideHeight: number;
  strideWidth: number;
  dilationDepth: number;
  dilationHeight: number;
  dilationWidth: number;
  filterDepth: number;
  filterHeight: number;
  filterWidth: number;
  effectiveFilterDepth: number;
  effectiveFilterHeight: number;
  effectiveFilterWidth: number;
  padInfo: PadInfo3D;
  inShape: number[];
  outShape: number[];
  filterShape: number[];
}

/** One number stands for all axes; one left out is 1. */
function tuple(value: number | number[], n: number): number[] {
  if (typeof value === 'number') return new Array(n).fill(value);
  return Array.from({ length: n }, (_, i) => value[i] ?? 1);
}

const effective = (size: number, dilation: number) => (dilation <= 1 ? size : size + (size - 1) * (dilation - 1));

function rounded(value: number, rounding?: Rounding): number {
  if (!rounding) return Math.trunc(value);
  const modes = { floor: Math.floor, round: Math.round, ceil: Math.ceil };
  return (Object.hasOwn(modes, rounding) ? modes[rounding] : refuse(`Unknown roundingMode ${rounding}`))(value);
}

interface Axis {
  out: number;
  before: number;
  after: number;
}

/** One axis: how many windows, and the padding at both ends. */
function axisOf(
  size: number,
  window: number,
  stride: number,
  pad: Pad,
  which: number,
  first: number,
  rounding?: Rounding,
): Axis {
  if (pad === 'same') {
    const out = Math.ceil(size / stride),
      all = Math.max(0, (out - 1) * stride + window - size);
    return { out, before: Math.floor(all / 2), after: all - Math.floor(all / 2) };
  }
  if (pad === 'valid') return { out: Math.ceil((size - window + 1) / stride), before: 0, after: 0 };
  const [before, after] = typeof pad === 'number' ? [pad, pad] : pad[first + which];
  return { out: rounded((size - window + before + after) / stride + 1, rounding), before, after };
}

function padType(pad: Pad, axes: Axis[]): PadType {
  if (pad === 'same') return 'SAME';
  if (pad === 'valid') return 'VALID';
  if (typeof pad === 'number') return 'NUMBER';
  return axes.every(({ before, after }) => before === 0 && after === 0) ? 'VALID' : 'EXPLICIT';
}

/** rank: of the input, each axis of which has its pair in explicit padding. */
function knownPad(pad: Pad, rank: number): void {
  if (pad === 'same' || pad === 'valid' || typeof pad === 'number') return;
  if (!Array.isArray(pad)) refuse(`Unknown padding parameter: ${shown(pad)}`);
  want('backend_util.computeConvInfo', { pad }, 'shapes');
  if (pad.length < rank || pad.some((pair) => pair.length !== 2))
    refuse(`explicit padding must be ${rank} pairs of numbers, but is of ${pad.length}`);
}

/** A convolution over [n, h, w, c] or, channels first, [n, c, h, w]. */
export function computeConv2DInfo(
  inShape: number[],
  filterShape: number[],
  strides: number | number[],
  dilations: number | number[],
  pad: Pad,
  roundingMode?: Rounding,
  depthwise = false,
  dataFormat: Channels = 'channelsLast',
): Conv2DInfo {
  want('backend_util.computeConv2DInfo', { inShape, filterShape }, 'numbers');
  want('backend_util.computeConv2DInfo', { roundingMode, dataFormat }, 'string?');
  want('backend_util.computeConv2DInfo', { strides, dilations }, 'oneOrMore');
  if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') refuse(`Unknown dataFormat ${dataFormat}`);
  knownPad(pad, 4);
  const last = dataFormat === 'channelsLast';
  const [batchSize, a, b, c] = inShape;
  const [inHeight, inWidth, inChannels] = last ? [a, b, c] : [b, c, a];
  const [filterHeight, filterWidth, , depth] = filterShape;
  const [strideHeight, strideWidth] = tuple(strides, 2);
  const [dilationHeight, dilationWidth] = tuple(dilations, 2);
  const effectiveFilterHeight = effective(filterHeight, dilationHeight);
  const effectiveFilterWidth = effective(filterWidth, dilationWidth);
  const first = last ? 1 : 2;
  const h = axisOf(inHeight, effectiveFilterHeight, strideHeight, pad, 0, first, roundingMode);
  const w = axisOf(inWidth, effectiveFilterWidth, strideWidth, pad, 1, first, roundingMode);
  const outChannels = depthwise ? depth * inChannels : depth;
  return {
    batchSize,
    dataFormat,
    inHeight,
    inWidth,
    inChannels,
    outHeight: h.out,
    outWidth: w.out,
    outChannels,
    padInfo: { top: h.before, bottom: h.after, left: w.before, right: w.after, type: padType(pad, [h, w]) },
    strideHeight,
    strideWidth,
    filterHeight,
    filterWidth,
    effectiveFilterHeight,
    effectiveFilterWidth,
    dilationHeight,
    dilationWidth,
    inShape,
    filterShape,
    outShape: last ? [batchSize, h.out, w.out, outChannels] : [batchSize, outChannels, h.out, w.out],
  };
}

/** A convolution over [n, d, h, w, c] or, channels first, [n, c, d, h, w]. */
export function computeConv3DInfo(
  inShape: number[],
  filterShape: number[],
  strides: number | number[],
  dilations: number | number[],
  pad: Pad,
  depthwise = false,
  dataFormat: Channels = 'channelsLast',
  roundingMode?: Rounding,
): Conv3DInfo {
  want('backend_util.computeConv3DInfo', { inShape, filterShape }, 'numbers');
  want('backend_util.computeConv3DInfo', { roundingMode, dataFormat }, 'string?');
  want('backend_util.computeConv3DInfo', { strides, dilations }, 'oneOrMore');
  if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') refuse(`Unknown dataFormat ${dataFormat}`);
  knownPad(pad, 5);
  const last = dataFormat === 'channelsLast';
  const [batchSize, a, b, c, e] = inShape;
  const [inDepth, inHeight, inWidth, inChannels] = last ? [a, b, c, e] : [b, c, e, a];
  const [filterDepth, filterHeight, filterWidth, , depth] = filterShape;
  const [strideDepth, strideHeight, strideWidth] = tuple(strides, 3);
  const [dilationDepth, dilationHeight, dilationWidth] = tuple(dilations, 3);
  const effectiveFilterDepth = effective(filterDepth, dilationDepth);
  const effectiveFilterHeight = effective(filterHeight, dilationHeight);
  const effectiveFilterWidth = effective(filterWidth, dilationWidth);
  const first = last ? 1 : 2;
  const d = axisOf(inDepth, effectiveFilterDepth, strideDepth, pad, 0, first, roundingMode);
  const h = axisOf(inHeight, effectiveFilterHeight, strideHeight, pad, 1, first, roundingMode);
  const w = axisOf(inWidth, effectiveFilterWidth, strideWidth, pad, 2, first, roundingMode);
  const outChannels = depthwise ? depth * inChannels : depth;
  return {
    batchSize,
    dataFormat,
    inDepth,
    inHeight,
    inWidth,
    inChannels,
    outDepth: d.out,
    outHeight: h.out,
    outWidth: w.out,
    outChannels,
    padInfo: {
      front: d.before,
      back: d.after,
      top: h.before,
      bottom: h.after,
      left: w.before,
      right: w.after,
      type: padType(pad, [d, h, w]),
    },
    strideDepth,
    strideHeight,
    strideWidth,
    filterDepth,
    filterHeight,
    filterWidth,
    effectiveFilterDepth,
    effectiveFilterHeight,
    effectiveFilterWidth,
    dilationDepth,
    dilationHeight,
    dilationWidth,
    inShape,
    filterShape,
    outShape: last ? [batchSize, d.out, h.out, w.out, outChannels] : [batchSize, outChannels, d.out, h.out, w.out],
  };
}

/** 'NHWC' or 'NCHW' as the words of Keras. */
export function convertConv2DDataFormat(dataFormat: 'NHWC' | 'NCHW'): Channels {
  want('backend_util.convertConv2DDataFormat', { dataFormat }, 'string');
  if (dataFormat === 'NHWC') return 'channelsLast';
  if (dataFormat === 'NCHW') return 'channelsFirst';
  return refuse(`Unknown dataFormat ${dataFormat}`);
}

const channelsAt = (format: Channels, shape: number[]) =>
  format === 'channelsLast'
    ? shape[shape.length - 1]
    : format === 'channelsFirst'
      ? shape[1]
      : refuse(`Unknown dataFormat ${format}`);

/** A window that slides over each channel. */
export function computePool2DInfo(
  inShape: number[],
  filterSize: number | number[],
  strides: number | number[],
  dilations: number | number[],
  pad: Pad,
  roundingMode?: Rounding,
  dataFormat: Channels = 'channelsLast',
): Conv2DInfo {
  want('backend_util.computePool2DInfo', { inShape }, 'numbers');
  want('backend_util.computePool2DInfo', { filterSize, strides, dilations }, 'oneOrMore');
  want('backend_util.computePool2DInfo', { dataFormat }, 'string');
  const c = channelsAt(dataFormat, inShape);
  return computeConv2DInfo(
    inShape,
    [...tuple(filterSize, 2), c, c],
    strides,
    dilations,
    pad,
    roundingMode,
    false,
    dataFormat,
  );
}

export function computePool3DInfo(
  inShape: number[],
  filterSize: number | number[],
  strides: number | number[],
  dilations: number | number[],
  pad: Pad,
  roundingMode?: Rounding,
  dataFormat: 'NDHWC' | 'NCDHW' = 'NDHWC',
): Conv3DInfo {
  want('backend_util.computePool3DInfo', { inShape }, 'numbers');
  want('backend_util.computePool3DInfo', { filterSize, strides, dilations }, 'oneOrMore');
  want('backend_util.computePool3DInfo', { dataFormat }, 'string');
  const format =
    dataFormat === 'NDHWC'
      ? 'channelsLast'
      : dataFormat === 'NCDHW'
        ? 'channelsFirst'
        : refuse(`Unknown dataFormat ${dataFormat}`);
  const c = channelsAt(format, inShape);
  return computeConv3DInfo(
    inShape,
    [...tuple(filterSize, 3), c, c],
    strides,
    dilations,
    pad,
    false,
    format,
    roundingMode,
  );
}

/** A morphological dilation: a filter [h, w, c] over [n, h, w, c]. */
export function computeDilation2DInfo(
  inputShape: number[],
  filterShape: number[],
  strides: number | number[],
  pad: 'same' | 'valid' | number,
  dataFormat: 'NHWC' = 'NHWC',
  dilations: number | number[] = 1,
): Conv2DInfo {
  want('backend_util.computeDilation2DInfo', { inputShape, filterShape }, 'numbers');
  want('backend_util.computeDilation2DInfo', { strides, dilations }, 'oneOrMore');
  const filter = [...filterShape, inputShape[3]];
  return computeConv2DInfo(
    inputShape,
    filter,
    strides,
    dilations,
    pad,
    undefined,
    undefined,
    convertConv2DDataFormat(dataFormat),
  );
}

/** The padding that keeps the size with stride 1. */
export function computeDefaultPad(inputShape: number[], fieldSize: number, stride: number, dilation = 1): number {
  want('backend_util.computeDefaultPad', { inputShape }, 'numbers');
  want('backend_util.computeDefaultPad', { fieldSize, stride, dilation }, 'number');
  return Math.floor((inputShape[0] * (stride - 1) - stride + effective(fieldSize, dilation)) / 2);
}

export function tupleValuesAreOne(param: number | number[]): boolean {
  want('backend_util.tupleValuesAreOne', { param }, 'oneOrMore');
  return tuple(param, 3).every((v) => v === 1);
}

export function eitherStridesOrDilationsAreOne(strides: number | number[], dilations: number | number[]): boolean {
  want('backend_util.eitherStridesOrDilationsAreOne', { strides, dilations }, 'oneOrMore');
  return tupleValuesAreOne(strides) || tupleValuesAreOne(dilations);
}

export function stridesOrDilationsArePositive(values: number | number[]): boolean {
  want('backend_util.stridesOrDilationsArePositive', { values }, 'oneOrMore');
  return tuple(values, 3).every((v) => v > 0);
}

/** Rounding goes with padding by whole numbers only. */
export function checkPadOnDimRoundingMode(opDesc: string, pad: Pad, dimRoundingMode?: Rounding | null): void {
  want('backend_util.checkPadOnDimRoundingMode', { opDesc }, 'string');
  want('backend_util.checkPadOnDimRoundingMode', { dimRoundingMode }, 'string?');
  if (dimRoundingMode === null || dimRoundingMode === undefined) return;
  const whole = (n: unknown) => {
    if (!Number.isInteger(n))
      refuse(
        `Error in ${opDesc}: pad must be an integer when using dimRoundingMode ${dimRoundingMode} but got pad ${shown(n)}.`,
      );
  };
  if (typeof pad === 'string')
    refuse(
      `Error in ${opDesc}: pad must be an integer when using dimRoundingMode ${dimRoundingMode} but got pad ${pad}.`,
    );
  else if (typeof pad === 'number') whole(pad);
  else if (Array.isArray(pad)) (pad.flat() as unknown[]).forEach(whole);
  else refuse(`Error in ${opDesc}: Unknown padding parameter: ${shown(pad)}`);
}
