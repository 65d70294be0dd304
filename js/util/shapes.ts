// tf.util, on shapes: sizes, strides, places, axes.
import { raise } from '../wasm/errors';
import { product } from '../core/kinds';
import { want } from '../core/want';
import { arraysEqual, isInt } from './values';

/**
 * Throws where two shapes differ.
 * @example tf.util.assertShapesMatch([1, 2], [1, 2]) ?? 'fine' // "fine"
 */
export function assertShapesMatch(a: number[], b: number[], prefix = ''): void {
  want('util.assertShapesMatch', { a, b }, 'numbers');
  want('util.assertShapesMatch', { prefix }, 'string');
  if (!arraysEqual(a, b)) raise('shape', `${prefix} Shapes ${a} and ${b} must match`);
}

/**
 * Number of elements in a shape; 1 for none.
 * @example tf.util.sizeFromShape([2, 3]) // 6
 */
export function sizeFromShape(shape: number[]): number {
  want('util.sizeFromShape', { shape }, 'numbers');
  return product(shape);
}

/**
 * Elements from one index to the next, for each axis but the last.
 * @example tf.util.computeStrides([2, 3, 4]) // [12, 4]
 */
export function computeStrides(shape: number[]): number[] {
  want('util.computeStrides', { shape }, 'numbers');
  return shape.slice(0, -1).map((_, i) => sizeFromShape(shape.slice(i + 1)));
}

/**
 * The place of an element in flat values, from its index along each axis.
 * @example tf.util.locToIndex([1, 2], 2, [3]) // 5
 */
export function locToIndex(location: number[], rank: number, strides: number[]): number {
  want('util.locToIndex', { location, strides }, 'numbers');
  want('util.locToIndex', { rank }, 'number');
  return rank === 0 ? 0 : location.reduce((sum, at, i) => sum + at * (strides[i] ?? 1), 0);
}

/**
 * The index along each axis, from the place in flat values.
 * @example tf.util.indexToLoc(5, 2, [3, 1]) // [1, 2]
 */
export function indexToLoc(index: number, rank: number, strides: number[]): number[] {
  want('util.indexToLoc', { index }, 'number');
  want('util.indexToLoc', { rank }, 'rank');
  want('util.indexToLoc', { strides }, 'numbers');
  return Array.from({ length: rank }, (_, i) => {
    const stride = strides[i] ?? 1,
      at = Math.floor(index / stride);
    index -= at * stride;
    return at;
  });
}

/**
 * The shape with its one -1 worked out.
 * @example tf.util.inferFromImplicitShape([2, -1], 6) // [2, 3]
 */
export function inferFromImplicitShape(shape: number[], size: number): number[] {
  want('util.inferFromImplicitShape', { shape }, 'integers');
  want('util.inferFromImplicitShape', { size }, 'integer');
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1))
    raise('shape', `Shapes can only have 1 implicit size. Found -1 at dim ${open} and dim ${shape.lastIndexOf(-1)}`);
  const negative = shape.findIndex((n) => n < -1);
  if (negative >= 0) raise('shape', `Shapes can not be < 0. Found ${shape[negative]} at dim ${negative}`);
  const known = sizeFromShape(shape.filter((n) => n !== -1));
  if (open < 0) {
    if (size > 0 && known !== size) raise('shape', `Size(${size}) must match the product of shape ${shape}`);
    return shape;
  }
  if (known === 0) raise('shape', `Cannot infer the missing size in [${shape}] when there are 0 elements`);
  if (size % known) raise('shape', `The implicit shape can't be a fractional number. Got ${size} / ${known}`);
  return shape.map((n) => (n === -1 ? size / known : n));
}

/**
 * Axes as a list without negative ones; all of them if none is given.
 * @example tf.util.parseAxisParam(-1, [2, 3]) // [1]
 */
export function parseAxisParam(axis: number | number[] | null | undefined, shape: number[]): number[] {
  want('util.parseAxisParam', { axis }, 'oneOrMore?');
  want('util.parseAxisParam', { shape }, 'numbers');
  const rank = shape.length;
  const axes =
    axis === null || axis === undefined ? shape.map((_, i) => i) : typeof axis === 'number' ? [axis] : Array.from(axis);
  if (!axes.every((a) => a >= -rank && a < rank))
    raise('index', `All values in axis param must be in range [-${rank}, ${rank}) but got axis ${axis}`);
  if (!axes.every(isInt)) raise('value', `All values in axis param must be integers but got axis ${axis}`);
  return axes.map((a) => (a < 0 ? rank + a : a));
}

/**
 * The shape without axes of size 1: all of them, or those given.
 * @example tf.util.squeezeShape([1, 2, 1]) // {newShape: [2], keptDims: [1]}
 */
export function squeezeShape(shape: number[], axis?: number[] | null) {
  want('util.squeezeShape', { shape }, 'numbers');
  want('util.squeezeShape', { axis }, 'oneOrMore?');
  const some = axis !== null && axis !== undefined && !(Array.isArray(axis) && !axis.length);
  const axes = some ? parseAxisParam(axis, shape) : shape.map((_, i) => i);
  for (const a of some ? axes : [])
    if (shape[a] !== 1) raise('shape', `Can't squeeze axis ${a} since its dim '${shape[a]}' is not 1`);
  const keptDims = shape.map((_, i) => i).filter((i) => shape[i] !== 1 || !axes.includes(i));
  return { newShape: keptDims.map((i) => shape[i]), keptDims };
}

/**
 * A shape of two near-equal sizes that holds size elements.
 * @example tf.util.sizeToSquarishShape(9) // [3, 3]
 */
export function sizeToSquarishShape(size: number): [number, number] {
  want('util.sizeToSquarishShape', { size }, 'size');
  const width = Math.ceil(Math.sqrt(size));
  return [width, Math.ceil(size / width)];
}

/**
 * The least divisor of size from start on.
 * @example tf.util.nearestDivisor(12, 5) // 6
 */
export function nearestDivisor(size: number, start: number): number {
  want('util.nearestDivisor', { size, start }, 'size');
  const least = Math.max(start, 1),
    root = Math.floor(Math.sqrt(size));
  for (let i = least; i <= root; i++) if (size % i === 0) return i;
  for (let i = Math.min(root, Math.floor(size / least)); i > 1; i--) if (size % i === 0) return size / i;
  return size;
}
