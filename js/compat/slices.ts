// What slices, strided slices and their masks mean, for packages that bring kernels of their own.
import { want } from '../core/want';
import { refuse } from './refuse';

type Shape = number[];
export interface Shaped {
  shape: Shape;
}

export interface SliceInfo {
  finalShapeSparse: number[];
  finalShape: number[];
  isIdentity: boolean;
  sliceDim0: boolean;
  isSimpleSlice: boolean;
  begin: number[];
  end: number[];
  strides: number[];
}

/** Refuses a slice that leaves x. */
export function assertParamsValid(input: Shaped, begin: number[], size: number[]): void {
  want('slice_util.assertParamsValid', { input }, 'shaped');
  want('slice_util.assertParamsValid', { begin, size }, 'integers');
  const rank = input.shape.length;
  if (rank !== begin.length)
    refuse(`Error in slice${rank}D: Length of begin ${begin} must match the rank of the array (${rank}).`);
  if (rank !== size.length)
    refuse(`Error in slice${rank}D: Length of size ${size} must match the rank of the array (${rank}).`);
  for (let i = 0; i < rank; i++)
    if (begin[i] + size[i] > input.shape[i])
      refuse(
        `Error in slice${rank}D: begin[${i}] + size[${i}] (${begin[i] + size[i]}) would overflow input.shape[${i}] (${input.shape[i]})`,
      );
}

/** The axes whose bits are set. */
export function maskToAxes(mask: number): number[] {
  want('slice_util.maskToAxes', { mask }, 'integer');
  const axes: number[] = [];
  for (let axis = 0; mask > 0; axis++, mask = Math.floor(mask / 2)) if (mask % 2) axes.push(axis);
  return axes;
}

/** Sizes from begin to end by strides. */
export function computeOutShape(begin: number[], end: number[], strides: number[]): Shape {
  want('slice_util.computeOutShape', { begin, end, strides }, 'numbers');
  return begin.map((from, i) => Math.ceil((end[i] - from) / strides[i]));
}

/** Strides with 1 for the axes that an ellipsis stands for. */
export function stridesWithElidedDims(strides: number[], at: number, count: number, shape: Shape): number[] {
  want('slice_util.stridesWithElidedDims', { strides, shape }, 'numbers');
  want('slice_util.stridesWithElidedDims', { at, count }, 'rank');
  const all = Array.from(strides);
  while (all.length < shape.length) all.push(1);
  for (let i = 0; i < count; i++) {
    if (i === 0) all[at] = 1;
    else {
      all.splice(at, 0, 1);
      all.pop();
    }
  }
  return all;
}

const unnormalized = (at: number, count: number, axis: number) => (axis <= at ? axis : axis - (count - 1));
const elided = (count: number, at: number) => Array.from({ length: count }, (_, i) => at + i);

export function getNormalizedAxes(
  inputShape: Shape,
  ellipsisAxes: number[],
  numInterpolatedAxes: number,
  begin: number[],
  end: number[],
  strides: number[],
  beginMask: number,
  endMask: number,
  ellipsisMask: number,
): { begin: number[]; end: number[]; strides: number[] } {
  want('slice_util.getNormalizedAxes', { inputShape, ellipsisAxes }, 'integers');
  want('slice_util.getNormalizedAxes', { begin, end, strides }, 'list');
  want('slice_util.getNormalizedAxes', { numInterpolatedAxes, beginMask, endMask, ellipsisMask }, 'integer');
  const rank = inputShape.length;
  if (ellipsisAxes.length && numInterpolatedAxes > 0) {
    const at = ellipsisAxes[0],
      count = numInterpolatedAxes + 1;
    return {
      begin: startIndicesWithElidedDims(beginMask, at, count, begin, inputShape),
      end: stopIndicesWithElidedDims(endMask, at, count, end, inputShape),
      strides: stridesWithElidedDims(strides, at, count, inputShape),
    };
  }
  const axes = [...Array(rank).keys()];
  return {
    begin: axes.map((axis) => startForAxis(beginMask, begin, strides, inputShape, axis, ellipsisMask)),
    end: axes.map((axis) => stopForAxis(endMask, end, strides, inputShape, axis, ellipsisMask)),
    strides: axes.map((axis) => stridesForAxis(strides, axis, ellipsisMask)),
  };
}

export function startIndicesWithElidedDims(
  beginMask: number,
  at: number,
  count: number,
  begin: number[],
  shape: Shape,
): number[] {
  want('slice_util.startIndicesWithElidedDims', { beginMask }, 'integer');
  want('slice_util.startIndicesWithElidedDims', { at, count }, 'rank');
  want('slice_util.startIndicesWithElidedDims', { begin, shape }, 'numbers');
  const gone = elided(count, at);
  return shape.map((size, axis) => {
    if (gone.includes(axis)) return 0;
    const from = unnormalized(at, count, axis);
    const value = beginMask & (1 << from) ? 0 : begin[from];
    return clamp(value < 0 ? value + size : value, 0, size);
  });
}

export function stopIndicesWithElidedDims(
  endMask: number,
  at: number,
  count: number,
  end: number[],
  shape: Shape,
): number[] {
  want('slice_util.stopIndicesWithElidedDims', { endMask }, 'integer');
  want('slice_util.stopIndicesWithElidedDims', { at, count }, 'rank');
  want('slice_util.stopIndicesWithElidedDims', { end, shape }, 'numbers');
  const gone = elided(count, at);
  return shape.map((size, axis) => {
    if (gone.includes(axis)) return size;
    const from = unnormalized(at, count, axis);
    const value = endMask & (1 << from) ? Number.MAX_SAFE_INTEGER : end[from];
    return clamp(value < 0 ? value + size : value, 0, size);
  });
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

export function stridesForAxis(strides: number[], axis: number, ellipsisMask: number): number {
  want('slice_util.stridesForAxis', { strides }, 'list');
  want('slice_util.stridesForAxis', { axis, ellipsisMask }, 'integer');
  return ellipsisMask & (1 << axis) || strides[axis] === null || strides[axis] === undefined ? 1 : strides[axis];
}

/** Where an axis begins: its whole if masked, counted from the end if negative. */
export function startForAxis(
  beginMask: number,
  begin: number[],
  strides: number[],
  shape: Shape,
  axis: number,
  ellipsisMask: number,
): number {
  want('slice_util.startForAxis', { beginMask, axis, ellipsisMask }, 'integer');
  want('slice_util.startForAxis', { begin, strides }, 'list');
  want('slice_util.startForAxis', { shape }, 'numbers');
  const stride = strides[axis] || 1,
    size = shape[axis];
  let start = begin[axis];
  if (beginMask & (1 << axis) || ellipsisMask & (1 << axis) || start === null || start === undefined)
    start = stride > 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  return clamp(start < 0 ? start + size : start, 0, size - 1);
}

/** Where an axis ends, likewise. */
export function stopForAxis(
  endMask: number,
  end: number[],
  strides: number[],
  shape: Shape,
  axis: number,
  ellipsisMask: number,
): number {
  want('slice_util.stopForAxis', { endMask, axis, ellipsisMask }, 'integer');
  want('slice_util.stopForAxis', { end, strides }, 'list');
  want('slice_util.stopForAxis', { shape }, 'numbers');
  const stride = strides[axis] || 1,
    size = shape[axis];
  let stop = end[axis];
  if (endMask & (1 << axis) || ellipsisMask & (1 << axis) || stop === null || stop === undefined)
    stop = stride > 0 ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  if (stop < 0) stop += size;
  return stride > 0 ? clamp(stop, 0, size) : clamp(stop, -1, size - 1);
}

/** True if the slice's elements lie one after another. */
export function isSliceContinous(shape: Shape, begin: number[], size: number[]): boolean {
  want('slice_util.isSliceContinous', { shape, begin, size }, 'numbers');
  let first = size.findIndex((n) => n > 1);
  if (first < 0) first = size.length;
  return size.slice(first + 1).every((n, i) => begin[first + 1 + i] === 0 && n === shape[first + 1 + i]);
}

export function computeFlatOffset(begin: number[], strides: number[]): number {
  want('slice_util.computeFlatOffset', { begin, strides }, 'numbers');
  return begin.reduce((sum, at, i) => sum + at * (i < begin.length - 1 ? strides[i] : 1), 0);
}

/** begin and size in full: numbers stand for first axes, -1 and what is left out for all that is left. */
export function parseSliceParams(x: Shaped, begin: number | number[], size?: number | number[]): number[][] {
  want('slice_util.parseSliceParams', { x }, 'shaped');
  want('slice_util.parseSliceParams', { begin }, 'oneOrMore');
  want('slice_util.parseSliceParams', { size }, 'oneOrMore?');
  const rank = x.shape.length;
  const from = typeof begin === 'number' ? [begin] : Array.from(begin);
  while (from.length < rank) from.push(0);
  if (from.some((at) => at === -1)) refuse('slice() does not support negative begin indexing.');
  const sizes =
    size === undefined || size === null
      ? new Array(rank).fill(-1)
      : typeof size === 'number'
        ? [size]
        : Array.from(size);
  while (sizes.length < rank) sizes.push(-1);
  const full = sizes.map((n, i) => {
    if (n >= 0) return n;
    if (n !== -1) refuse(`Negative size values should be exactly -1 but got ${n} for the slice() size at index ${i}.`);
    return x.shape[i] - from[i];
  });
  return [from, full];
}

const NEW_AXIS = -2,
  SHRINK_AXIS = -1;

interface Dense {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  shrinkMask: number;
  final: number[];
}

/** Masks spread over all axes of x: an ellipsis stands for those that are not named. */
function densified(
  rank: number,
  begin: number[],
  end: number[],
  strides: number[],
  beginMask: number,
  endMask: number,
  ellipsisMask: number,
  newAxisMask: number,
  shrinkAxisMask: number,
): Dense {
  const bit = (mask: number, i: number) => (mask & (1 << i)) !== 0;
  let named = begin.length,
    newAfter = 0,
    seen = false;
  for (let i = 0; i < begin.length; i++) {
    if (seen && bit(newAxisMask, i)) newAfter++;
    if (bit(ellipsisMask, i)) seen = true;
  }
  if (!seen) {
    ellipsisMask |= 1 << named;
    named++;
  }
  const dense: Dense = {
    begin: new Array(rank),
    end: new Array(rank),
    strides: new Array(rank),
    beginMask: 0,
    endMask: 0,
    shrinkMask: 0,
    final: [],
  };
  let full = 0;
  for (let i = 0; i < named; i++) {
    if (bit(ellipsisMask, i)) {
      const next = Math.min(rank - (named - i) + 1 + newAfter, rank);
      for (; full < next; full++) {
        dense.begin[full] = dense.end[full] = 0;
        dense.strides[full] = 1;
        dense.beginMask |= 1 << full;
        dense.endMask |= 1 << full;
        dense.final.push(full);
      }
    } else if (bit(newAxisMask, i)) dense.final.push(NEW_AXIS);
    else {
      if (full === rank) refuse(`Index out of range using input dim ${full}; input has only ${rank} dims.`);
      dense.begin[full] = begin[i];
      dense.end[full] = end[i];
      dense.strides[full] = strides[i];
      if (bit(beginMask, i)) dense.beginMask |= 1 << full;
      if (bit(endMask, i)) dense.endMask |= 1 << full;
      if (bit(shrinkAxisMask, i)) {
        dense.final.push(SHRINK_AXIS);
        dense.shrinkMask |= 1 << full;
      } else dense.final.push(full);
      full++;
    }
  }
  return dense;
}

/** All that a strided slice of a shape means, as TensorFlow's ValidateStridedSliceOp has it. */
export function sliceInfo(
  xShape: Shape,
  begin: number[],
  end: number[],
  strides: number[] | null,
  beginMask: number,
  endMask: number,
  ellipsisMask: number,
  newAxisMask: number,
  shrinkAxisMask: number,
): SliceInfo {
  want('slice_util.sliceInfo', { xShape, begin, end }, 'integers');
  want('slice_util.sliceInfo', { strides }, 'integers?');
  want('slice_util.sliceInfo', { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }, 'integer');
  const given = strides ?? new Array(begin.length).fill(1);
  if (ellipsisMask !== 0 && (ellipsisMask & (ellipsisMask - 1)) !== 0)
    refuse('Multiple ellipses in slice is not allowed.');
  const dense = densified(
    xShape.length,
    begin,
    end,
    given,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
  let isIdentity = true,
    sliceDim0 = true,
    isSimpleSlice = true;
  const sizes = xShape.map((size, i) => {
    const stride = dense.strides[i],
      shrink = (dense.shrinkMask & (1 << i)) !== 0;
    if (stride === 0) refuse(`strides[${i}] must be non-zero`);
    if (size === -1) return shrink ? 1 : -1;
    const masks = [dense.beginMask & (1 << i), dense.endMask & (1 << i)];
    const range = [stride > 0 ? 0 : -1, stride > 0 ? size : size - 1];
    if (shrink && stride <= 0) refuse('only stride 1 allowed on non-range indexing.');
    isSimpleSlice = isSimpleSlice && stride === 1;
    const both = !!(masks[0] && masks[1]);
    const canonical = (at: number, which: number) => {
      if (masks[which]) return stride > 0 ? range[which] : range[(which + 1) & 1];
      return clamp(at < 0 ? size + at : at, range[0], range[1]);
    };
    if (shrink) {
      const at = dense.begin[i] < 0 ? size + dense.begin[i] : dense.begin[i];
      dense.begin[i] = at;
      dense.end[i] = at + 1;
      if (at < 0 || at >= size) refuse(`slice index ${dense.begin[i]} of dimension ${i} out of bounds.`);
    } else {
      dense.begin[i] = canonical(dense.begin[i], 0);
      dense.end[i] = canonical(dense.end[i], 1);
    }
    const all = stride === 1 && dense.begin[i] === 0 && dense.end[i] === size;
    isIdentity = isIdentity && all;
    sliceDim0 = sliceDim0 && ((i === 0 && stride === 1) || all);
    if (shrink) return 1;
    const length = both ? (stride > 0 ? size : -size) : dense.end[i] - dense.begin[i];
    if (length === 0 || length < 0 !== stride < 0) return 0;
    return Math.trunc(length / stride) + (length % stride !== 0 ? 1 : 0);
  });
  const finalShape = dense.final.flatMap((axis) => (axis >= 0 ? [sizes[axis]] : axis === NEW_AXIS ? [1] : []));
  return {
    finalShapeSparse: dense.final.filter((axis) => axis >= 0).map((axis) => sizes[axis]),
    finalShape,
    isIdentity,
    sliceDim0,
    isSimpleSlice,
    begin: dense.begin,
    end: dense.end,
    strides: dense.strides,
  };
}
