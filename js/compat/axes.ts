// Shapes of reductions, broadcasts, joints and splits, for packages that bring kernels of their own.
// Nothing in this library calls them: its own shape rules are in the core.
import { want } from '../core/want';
import { nearestDivisor } from '../util/shapes';
import { refuse } from './refuse';

type Shape = number[];

/** True if the axes are the last ones of `rank`. */
export function axesAreInnerMostDims(axes: number[], rank: number): boolean {
  want('backend_util.axesAreInnerMostDims', { axes }, 'integers');
  want('backend_util.axesAreInnerMostDims', { rank }, 'rank');
  return axes.every((axis, i) => axis === rank - axes.length + i);
}

/** Indices of the kept axes and of the reduced ones, put together in the order of all axes. */
export function combineLocations(outputLoc: number[], reduceLoc: number[], axes: number[]): number[] {
  want('backend_util.combineLocations', { outputLoc, reduceLoc, axes }, 'integers');
  let kept = 0,
    reduced = 0;
  return Array.from({ length: outputLoc.length + reduceLoc.length }, (_, axis) =>
    axes.includes(axis) ? reduceLoc[reduced++] : outputLoc[kept++],
  );
}

/** Sizes of the axes that stay, and of those that are reduced. */
export function computeOutAndReduceShapes(shape: Shape, axes: number[]): [Shape, Shape] {
  want('backend_util.computeOutAndReduceShapes', { shape, axes }, 'integers');
  return [shape.filter((_, axis) => !axes.includes(axis)), axes.map((axis) => shape[axis])];
}

/** The shape with a 1 put back at each reduced axis. */
export function expandShapeToKeepDim(shape: Shape, axes: number[]): Shape {
  want('backend_util.expandShapeToKeepDim', { shape, axes }, 'integers');
  return combineLocations(
    shape,
    axes.map(() => 1),
    axes,
  );
}

export function assertAxesAreInnerMostDims(msg: string, axes: number[], rank: number): void {
  want('backend_util.assertAxesAreInnerMostDims', { msg }, 'string');
  if (!axesAreInnerMostDims(axes, rank))
    refuse(`${msg} supports only inner-most axes for now. Got axes ${axes} and rank-${rank} input.`);
}

/** The order of axes that puts the given ones last; null where they are already. */
export function getAxesPermutation(axes: number[], rank: number): number[] | null {
  want('backend_util.getAxesPermutation', { axes }, 'integers');
  want('backend_util.getAxesPermutation', { rank }, 'rank');
  if (axesAreInnerMostDims(axes, rank)) return null;
  return [...Array(rank).keys()].filter((axis) => !axes.includes(axis)).concat(axes);
}

/** The order that undoes another. */
export function getUndoAxesPermutation(axes: number[]): number[] {
  want('backend_util.getUndoAxesPermutation', { axes }, 'integers');
  return axes.map((_, i) => i).sort((a, b) => axes[a] - axes[b]);
}

export function getInnerMostAxes(count: number, rank: number): number[] {
  want('backend_util.getInnerMostAxes', { count, rank }, 'rank');
  return Array.from({ length: count }, (_, i) => rank - count + i);
}

/** Axes of inShape along which it is repeated to become outShape. */
export function getBroadcastDims(inShape: Shape, outShape: Shape): number[] {
  want('broadcast_util.getBroadcastDims', { inShape, outShape }, 'numbers');
  return Array.from(inShape).flatMap((size, axis) =>
    (size || 1) === 1 && outShape[outShape.length - inShape.length + axis] > 1 ? [axis] : [],
  );
}

/** Axes of outShape over which to sum to come back to inShape. */
export function getReductionAxes(inShape: Shape, outShape: Shape): number[] {
  want('broadcast_util.getReductionAxes', { inShape, outShape }, 'numbers');
  const lead = outShape.length - inShape.length;
  return Array.from(outShape).flatMap((size, axis) => {
    const own = inShape[axis - lead];
    return own === undefined || (own === 1 && size > 1) ? [axis] : [];
  });
}

/** The shape of a op b. */
export function assertAndGetBroadcastShape(shapeA: Shape, shapeB: Shape): Shape {
  want('broadcast_util.assertAndGetBroadcastShape', { shapeA, shapeB }, 'numbers');
  const rank = Math.max(shapeA.length, shapeB.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = shapeA[shapeA.length - rank + axis] ?? 1,
      b = shapeB[shapeB.length - rank + axis] ?? 1;
    if (a === 1) return b;
    if (b !== 1 && a !== b) refuse(`Operands could not be broadcast together with shapes ${shapeA} and ${shapeB}.`);
    return a;
  });
}

/** Refuses shapes that cannot be joined along the axis. */
export function assertParamsConsistent(shapes: Shape[], axis: number): void {
  want('backend_util.assertParamsConsistent', { shapes }, 'shapes');
  want('backend_util.assertParamsConsistent', { axis }, 'integer');
  const rank = shapes[0]?.length ?? 0;
  shapes.forEach((shape, i) => {
    if (shape.length !== rank)
      refuse(`Error in concat${rank}D: rank of tensors[${i}] must be the same as the rank of the rest (${rank})`);
  });
  if (!(axis >= 0 && axis < rank)) refuse(`Error in concat${rank}D: axis must be between 0 and ${rank - 1}.`);
  shapes.forEach((shape, i) =>
    shape.forEach((size, k) => {
      if (k !== axis && size !== shapes[0][k])
        refuse(
          `Error in concat${rank}D: Shape of tensors[${i}] (${shape}) does not match the shape of the ` +
            `rest (${shapes[0]}) along the non-concatenated axis ${i}.`,
        );
    }),
  );
}

/** The shape of tensors joined along the axis. */
export function computeOutShape(shapes: Shape[], axis: number): Shape {
  want('backend_util.computeOutShape', { shapes }, 'shapes');
  want('backend_util.computeOutShape', { axis }, 'integer');
  const joined = Array.from(shapes[0] ?? []);
  for (const shape of shapes.slice(1)) joined[axis] += shape[axis];
  return joined;
}

/** Sizes of the parts along the axis. */
export function prepareSplitSize(x: { shape: Shape }, numOrSizeSplits: number | number[], axis = 0): number[] {
  want('backend_util.prepareSplitSize', { x }, 'shaped');
  want('backend_util.prepareSplitSize', { numOrSizeSplits }, 'oneOrMore');
  want('backend_util.prepareSplitSize', { axis }, 'integer');
  const size = x.shape[axis];
  if (typeof numOrSizeSplits === 'number') {
    if (!(numOrSizeSplits > 0) || numOrSizeSplits > Math.max(size, 255) || size % numOrSizeSplits)
      refuse('Number of splits must evenly divide the axis.');
    return new Array(numOrSizeSplits).fill(size / numOrSizeSplits);
  }
  const open = numOrSizeSplits.filter((n) => n === -1).length;
  if (open > 1) refuse('There should be only one negative value in split array.');
  const known = numOrSizeSplits.reduce((sum, n) => (n > 0 ? sum + n : sum), 0);
  const sizes = numOrSizeSplits.map((n) => (n === -1 ? size - known : n));
  if (sizes.reduce((a, b) => a + b, 0) !== size) refuse('The sum of sizes must match the size of the axis dimension.');
  return sizes;
}

/** From how many elements on a reduction is worth cutting in windows. */
export const PARALLELIZE_THRESHOLD = 30;

/** The divisor of inSize that is nearest above its root. */
export function computeOptimalWindowSize(inSize: number): number {
  want('backend_util.computeOptimalWindowSize', { inSize }, 'size');
  if (inSize <= PARALLELIZE_THRESHOLD) return inSize;
  return nearestDivisor(inSize, Math.floor(Math.sqrt(inSize)));
}

export { nearestDivisor as nextDivisor };
