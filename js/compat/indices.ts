// Shapes of gathering, scattering, segments, blocks and ragged tensors, and the wording of errors of
// sparse ops, for packages that bring kernels of their own.
import { want } from '../core/want';
import { computeStrides, nearestDivisor, sizeFromShape } from '../util/shapes';
import { PARALLELIZE_THRESHOLD } from './axes';
import { refuse } from './refuse';

type Shape = number[];
interface Shaped {
  shape: Shape;
  dtype?: string;
}

// ---- gatherND ----

/** Result shape, number of slices, size of one, and the steps of indices. */
export function prepareAndValidate(x: Shaped, indices: Shaped): [Shape, number, number, number[]] {
  want('gather_util.prepareAndValidate', { x, indices }, 'shaped');
  const rank = x.shape.length,
    depth = indices.shape.at(-1)!;
  if (rank < 1) refuse(`tf.gatherND() expects the input to be rank 1 or higher, but the rank was ${rank}.`);
  if (indices.shape.length < 1)
    refuse(`tf.gatherND() expects the indices to be rank 1 or higher, but the rank was ${indices.shape.length}.`);
  if (indices.dtype !== 'int32')
    refuse(`tf.gatherND() expects the indices to be int32 type, but the dtype was ${indices.dtype}.`);
  if (depth > rank) refuse(`index innermost dimension length must be <= tensor rank; saw: ${depth} vs. ${rank}`);
  if (sizeFromShape(x.shape) === 0)
    refuse(`Requested more than 0 entries, but input is empty. Input shape: ${x.shape}.`);
  const lead = indices.shape.slice(0, -1),
    rest = x.shape.slice(depth);
  const steps = [...computeStrides(x.shape), 1].slice(0, depth);
  return [
    [...lead, ...rest],
    sizeFromShape(lead),
    sizeFromShape(rest),
    steps.map((step) => step / sizeFromShape(rest)),
  ];
}

// ---- scatterND ----

export function validateUpdateShape(shape: Shape, indices: Shaped, updates: Shaped): void {
  want('scatter_util.validateUpdateShape', { shape }, 'integers');
  want('scatter_util.validateUpdateShape', { indices, updates }, 'shaped');
  const depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  const lead = indices.shape.length > 1 ? indices.shape.length - 1 : 1;
  const wrong =
    'Must have updates.shape = indices.shape[:batchDim] + shape[sliceDim:], got updates.shape: ' +
    `${updates.shape}, indices.shape: ${indices.shape}, shape: ${shape}, sliceDim: ${depth}, and batchDim: ${lead}.`;
  if (updates.shape.length < lead) refuse(`${wrong} update.rank < ${lead}. `);
  if (shape.length < depth + (updates.shape.length - lead))
    refuse(`${wrong} Output shape length < ${depth + (updates.shape.length - lead)}`);
  if (updates.shape.length !== lead + shape.length - depth)
    refuse(`${wrong} update.rank != ${lead + shape.length - depth}`);
  for (let i = 0; i < lead; i++)
    if (updates.shape[i] !== indices.shape[i])
      refuse(`${wrong} updates.shape[${i}] (${updates.shape[i]}) != indices.shape[${i}] (${indices.shape[i]}).`);
  for (let i = 0; i < updates.shape.length - lead; i++)
    if (updates.shape[i + lead] !== shape[i + depth])
      refuse(
        `${wrong} updates.shape[${i + lead}] (${updates.shape[i + lead]}) != shape[${i + lead}] (${shape[i + lead]})`,
      );
}

export function validateInput(updates: Shaped, indices: Shaped, shape: Shape): void {
  want('scatter_util.validateInput', { updates, indices }, 'shaped');
  want('scatter_util.validateInput', { shape }, 'integers');
  if (indices.shape.length < 1)
    refuse(`tf.scatterND() expects the indices to be rank 1 or higher, but the rank was ${indices.shape.length}.`);
  if (updates.shape.length < 1)
    refuse(`tf.scatterND() expects the updates to be rank 1 or higher, but the rank was ${updates.shape.length}.`);
  if (indices.dtype !== 'int32') refuse(`The dtype of 'indices' should be int32, but got dtype: ${indices.dtype}`);
  if (shape.length < 1) refuse(`Output rank must be greater or equal to 1, but got shape: ${shape}`);
  if (sizeFromShape(shape) === 0) {
    if (sizeFromShape(indices.shape) === 0)
      refuse(`Indices specified for empty output. indices shape: ${indices.shape}`);
    if (sizeFromShape(updates.shape) === 0)
      refuse(`Updates specified for empty output. updates shape: ${updates.shape}`);
  }
  validateUpdateShape(shape, indices, updates);
}

export interface ScatterShapeInfo {
  sliceRank: number;
  numUpdates: number;
  sliceSize: number;
  strides: number[];
  outputSize: number;
}

export function calculateShapes(_updates: Shaped, indices: Shaped, shape: Shape): ScatterShapeInfo {
  want('scatter_util.calculateShapes', { indices }, 'shaped');
  want('scatter_util.calculateShapes', { shape }, 'integers');
  const rank = indices.shape.length,
    sliceRank = rank > 1 ? indices.shape[rank - 1] : 1;
  return {
    sliceRank,
    numUpdates: sizeFromShape(indices.shape) / (sliceRank < 1 ? 1 : sliceRank),
    sliceSize: sizeFromShape(shape.slice(sliceRank)),
    strides: [...computeStrides(shape.slice(0, sliceRank)), 1],
    outputSize: sizeFromShape(shape),
  };
}

// ---- segments, gather ----

export function segOpComputeOptimalWindowSize(inSize: number, numSegments: number): number {
  want('segment_util.segOpComputeOptimalWindowSize', { inSize, numSegments }, 'size');
  if (inSize <= PARALLELIZE_THRESHOLD) return inSize;
  let n = nearestDivisor(inSize, Math.floor(Math.sqrt(inSize)));
  while (n <= numSegments && n !== inSize) n = nearestDivisor(inSize, n + 1);
  return n;
}

export function computeOutShape(shape: Shape, axis: number, numSegments: number): Shape {
  want('segment_util.computeOutShape', { shape }, 'integers');
  return shape.map((size, i) => (i === axis ? numSegments : size));
}

export interface GatherOpShapeInfo {
  batchSize: number;
  sliceSize: number;
  outerSize: number;
  dimSize: number;
  outputShape: Shape;
}

export function collectGatherOpShapeInfo(
  x: Shaped,
  indices: Shaped,
  axis: number,
  batchDims: number,
): GatherOpShapeInfo {
  want('segment_util.collectGatherOpShapeInfo', { x, indices }, 'shaped');
  want('segment_util.collectGatherOpShapeInfo', { axis, batchDims }, 'integer');
  const rank = indices.shape.length;
  if (batchDims !== 0 && (batchDims < -rank || batchDims > rank))
    refuse(`Expect batchDims in the range of [-${rank}, ${rank}], but got ${batchDims}`);
  const lead = batchDims < 0 ? batchDims + rank : batchDims;
  if (lead > x.shape.length) refuse(`batchDims (${lead}) must be less than rank(x) (${x.shape.length}).`);
  if (axis < lead) refuse(`batchDims (${lead}) must be less than or equal to axis (${axis}).`);
  for (let i = 0; i < lead; i++)
    if (x.shape[i] !== indices.shape[i])
      refuse(`x.shape[${i}]: ${x.shape[i]} should be equal to indices.shape[${i}]: ${indices.shape[i]}.`);
  const outer = x.shape.slice(lead, axis),
    inner = x.shape.slice(axis + 1);
  return {
    batchSize: sizeFromShape(x.shape.slice(0, lead)),
    sliceSize: sizeFromShape(inner),
    outerSize: sizeFromShape(outer),
    dimSize: x.shape[axis],
    outputShape: [...x.shape.slice(0, lead), ...outer, ...indices.shape.slice(lead), ...inner],
  };
}

// ---- blocks: spaceToBatchND, batchToSpaceND ----

export function getReshaped(inputShape: Shape, blockShape: number[], prod: number, batchToSpace = true): Shape {
  want('backend_util.getReshaped', { inputShape, blockShape }, 'integers');
  want('backend_util.getReshaped', { prod }, 'number');
  if (batchToSpace) return [...blockShape, inputShape[0] / prod, ...inputShape.slice(1)];
  const blocks = blockShape.flatMap((block, i) => [inputShape[i + 1] / block, block]);
  return [inputShape[0], ...blocks, ...inputShape.slice(blockShape.length + 1)];
}

export function getPermuted(reshapedRank: number, blockShapeRank: number, batchToSpace = true): number[] {
  want('backend_util.getPermuted', { reshapedRank, blockShapeRank }, 'rank');
  if (batchToSpace) {
    const pairs = Array.from({ length: blockShapeRank }, (_, i) => [i + blockShapeRank + 1, i]).flat();
    const rest = Array.from({ length: reshapedRank - 1 - 2 * blockShapeRank }, (_, i) => i + 2 * blockShapeRank + 1);
    return [blockShapeRank, ...pairs, ...rest];
  }
  const before: number[] = [],
    after: number[] = [];
  for (let i = 1; i < reshapedRank; i++) (i >= blockShapeRank * 2 + 1 || i % 2 === 1 ? after : before).push(i);
  return [...before, 0, ...after];
}

export function getReshapedPermuted(inputShape: Shape, blockShape: number[], prod: number, batchToSpace = true): Shape {
  want('backend_util.getReshapedPermuted', { inputShape, blockShape }, 'integers');
  want('backend_util.getReshapedPermuted', { prod }, 'number');
  const batch = batchToSpace ? inputShape[0] / prod : inputShape[0] * prod;
  return [
    batch,
    ...inputShape
      .slice(1)
      .map((size, i) => (i >= blockShape.length ? size : batchToSpace ? blockShape[i] * size : size / blockShape[i])),
  ];
}

function wantPairs(crops: number[][], count: number): void {
  if (crops.length < count) refuse(`crops must be ${count} pairs of numbers, but is of ${crops.length}`);
}

export function getSliceBeginCoords(crops: number[][], blockShape: number): number[] {
  want('backend_util.getSliceBeginCoords', { crops }, 'shapes');
  want('backend_util.getSliceBeginCoords', { blockShape }, 'rank');
  wantPairs(crops, blockShape);
  return [0, ...crops.slice(0, blockShape).map(([before]) => before)];
}

export function getSliceSize(uncroppedShape: Shape, crops: number[][], blockShape: number): number[] {
  want('backend_util.getSliceSize', { uncroppedShape }, 'integers');
  want('backend_util.getSliceSize', { crops }, 'shapes');
  want('backend_util.getSliceSize', { blockShape }, 'rank');
  wantPairs(crops, blockShape);
  const sizes = crops.slice(0, blockShape).map(([before, after], i) => uncroppedShape[i + 1] - before - after);
  return [uncroppedShape[0], ...sizes];
}

/** The centre of a rotation in pixels, from fractions. */
export function getImageCenter(
  center: number | [number, number],
  imageHeight: number,
  imageWidth: number,
): [number, number] {
  want('backend_util.getImageCenter', { center }, 'oneOrMore');
  want('backend_util.getImageCenter', { imageHeight, imageWidth }, 'number');
  const [x, y] = typeof center === 'number' ? [center, center] : center;
  return [imageWidth * x, imageHeight * y];
}

// ---- ragged tensors ----

export enum RowPartitionType {
  FIRST_DIM_SIZE,
  VALUE_ROWIDS,
  ROW_LENGTHS,
  ROW_SPLITS,
  ROW_LIMITS,
  ROW_STARTS,
}

const wholeRank = (rank: number, shape: Shape | null | undefined, valueShape: Shape): Shape =>
  shape ? shape.slice() : new Array(rank + valueShape.length).fill(-1);

export function combineRaggedTensorToTensorShapes(raggedRank: number, shape: Shape, valueShape: Shape): Shape {
  want('backend_util.combineRaggedTensorToTensorShapes', { raggedRank }, 'rank');
  want('backend_util.combineRaggedTensorToTensorShapes', { shape, valueShape }, 'integers?');
  if (!valueShape?.length && !shape?.length) return [];
  if (!valueShape) return shape.slice();
  const out = shape ? shape.slice() : wholeRank(raggedRank, null, valueShape.slice(1));
  if (shape && raggedRank + valueShape.length !== shape.length)
    refuse(
      `rt input.shape and shape=${shape} are incompatible: rt input.rank = ${raggedRank + valueShape.length}, but shape.rank = ${shape.length}`,
    );
  for (let i = 1; i < valueShape.length; i++) {
    const at = raggedRank + i,
      size = valueShape[i];
    if (size < 0) continue;
    if (out[at] >= 0 && out[at] !== size)
      refuse(
        `rt input.shape and shape=${shape} are incompatible: rt input.shape[${at}] = ${size} but shape[${at}] = ${out[at]}`,
      );
    out[at] = size;
  }
  return out;
}

export function getRowPartitionTypesHelper(names: string[]): RowPartitionType[] {
  want('backend_util.getRowPartitionTypesHelper', { names }, 'strings');
  const types: RowPartitionType[] = [];
  for (const name of names) {
    if (!(name in RowPartitionType)) break;
    types.push(RowPartitionType[name as keyof typeof RowPartitionType]);
  }
  return types;
}

export function getRaggedRank(types: RowPartitionType[]): number {
  want('backend_util.getRaggedRank', { types }, 'list');
  return types.length === 0 ? 0 : types[0] === RowPartitionType.FIRST_DIM_SIZE ? types.length - 1 : types.length;
}

export function validateDefaultValueShape(defaultValueShape: Shape, valueShape: Shape): void {
  want('backend_util.validateDefaultValueShape', { defaultValueShape, valueShape }, 'integers?');
  if (!defaultValueShape || !valueShape) return;
  if (defaultValueShape.length >= valueShape.length)
    refuse(
      `defaultValue.shape=${defaultValueShape} and ragged tensor flatValues.shape=${valueShape}, are incompatible: ` +
        `defaultValue.rank = ${defaultValueShape.length} must be less than ragged tensor input flatValues.rank = ${valueShape.length})`,
    );
  for (let i = 0; i < Math.min(defaultValueShape.length, valueShape.length - 1); i++) {
    const a = defaultValueShape[i],
      b = valueShape[i + 1];
    if (a >= 0 && b >= 0 && a !== 1 && a !== b)
      refuse(
        `defaultValue.shape=${defaultValueShape}, and ragged tensor input flatValues.shape=${valueShape} are incompatible: ` +
          `defaultValue.shape[${i - defaultValueShape.length}] = ${a} but ragged tensor input.flatValues.shape[${i - defaultValueShape.length}] = ${b}`,
      );
  }
}

// ---- the wording of sparse ops ----

export function getSparseFillEmptyRowsIndicesDenseShapeMismatch(indicesLength: number): string {
  want('backend_util.getSparseFillEmptyRowsIndicesDenseShapeMismatch', { indicesLength }, 'number');
  return `Received SparseTensor with denseShape[0] = 0 but indices.shape[0] = ${indicesLength}`;
}
export function getSparseFillEmptyRowsNegativeIndexErrorMessage(index: number, value: number): string {
  want('backend_util.getSparseFillEmptyRowsNegativeIndexErrorMessage', { index, value }, 'number');
  return `indices(${index}, 0) is invalid: ${value} < 0`;
}
export function getSparseFillEmptyRowsOutOfRangeIndexErrorMessage(index: number, value: number, limit: number): string {
  want('backend_util.getSparseFillEmptyRowsOutOfRangeIndexErrorMessage', { index, value, limit }, 'number');
  return `indices(${index}, 0) is invalid: ${value} >= ${limit}`;
}
export function getSparseReshapeMultipleNegativeOneOutputDimErrorMessage(dim1: number, dim2: number): string {
  want('backend_util.getSparseReshapeMultipleNegativeOneOutputDimErrorMessage', { dim1, dim2 }, 'number');
  return `only one output dimension may be -1, not both ${dim1} and ${dim2}`;
}
export function getSparseReshapeNegativeOutputDimErrorMessage(dim: number, value: number): string {
  want('backend_util.getSparseReshapeNegativeOutputDimErrorMessage', { dim, value }, 'number');
  return `size ${dim} must be non-negative, not ${value}`;
}
export const getSparseReshapeEmptyTensorZeroOutputDimErrorMessage = (): string =>
  'reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are non-zero';
export function getSparseReshapeInputOutputMultipleErrorMessage(inputShape: Shape, outputShape: Shape): string {
  want('backend_util.getSparseReshapeInputOutputMultipleErrorMessage', { inputShape, outputShape }, 'numbers');
  return (
    `Input to reshape is a SparseTensor with ${sizeFromShape(inputShape)}\n  dense values, but the requested shape requires a multiple of ` +
    `${sizeFromShape(outputShape)}. inputShape=${inputShape} outputShape= ${outputShape}`
  );
}
export function getSparseReshapeInputOutputMismatchErrorMessage(inputShape: Shape, outputShape: Shape): string {
  want('backend_util.getSparseReshapeInputOutputMismatchErrorMessage', { inputShape, outputShape }, 'numbers');
  return (
    `Input to reshape is a tensor with ${sizeFromShape(inputShape)} dense values, but the requested shape has ` +
    `${sizeFromShape(outputShape)}. inputShape=${inputShape} outputShape=${outputShape}`
  );
}
export const getSparseSegmentReductionNegativeSegmentIdsErrorMessage = (): string => 'segment ids must be >= 0';
export const getSparseSegmentReductionNonIncreasingSegmentIdsErrorMessage = (): string =>
  'segment ids are not increasing';
export function getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage(
  segmentId: number,
  outputRows: number,
): string {
  want('backend_util.getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage', { segmentId, outputRows }, 'number');
  return `Segment id ${segmentId} out of range [0, ${outputRows}), possibly because segmentIds input is not sorted.`;
}
export function getSparseSegmentReductionIndicesOutOfRangeErrorMessage(
  index: number,
  indexValue: number,
  inputRows: number,
): string {
  want(
    'backend_util.getSparseSegmentReductionIndicesOutOfRangeErrorMessage',
    { index, indexValue, inputRows },
    'number',
  );
  return `Bad: indices[${index}] == ${indexValue} out of range [0, ${inputRows})`;
}
