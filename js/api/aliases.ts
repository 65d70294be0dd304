// Further names of ops, as TensorFlow.js has them: the same op for tensors of one rank.
import { TensorineError } from '../wasm/errors';
import { begin } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, type TensorLike } from '../core/tensor';
import { batchNorm, concat, pad, reverse, slice } from '../generated/ops/ops';

/** x as a tensor, which must be of this rank. */
function ranked<T extends Tensor>(x: TensorLike, rank: number, name: string): T {
  begin(name);
  if (x instanceof Tensor) x.handle(name);
  const found = x instanceof Tensor ? x.rank : fromArrayRank(x);
  if (found !== rank)
    throw new TensorineError('shape', `${name} expects a rank-${rank} tensor, but got a rank-${found} tensor`);
  return x as T;
}

function fromArrayRank(x: TensorLike): number {
  const made = fromArray(x);
  made.dispose();
  return made.rank;
}

type Pairs = [number, number][];

/**
 * Part of a vector: size elements from begin.
 * @example tf.slice1d([1, 2, 3], 1, 2) // [2, 3]
 */
export const slice1d = (x: TensorLike, begin: number, size: number): Tensor1D =>
  slice(ranked<Tensor1D>(x, 1, 'slice1d'), [begin], [size]);
/**
 * Part of a matrix.
 * @example tf.slice2d([[1, 2], [3, 4]], [0, 1], [2, 1]) // [[2], [4]]
 */
export const slice2d = (x: TensorLike, begin: number[], size: number[]): Tensor2D =>
  slice(ranked<Tensor2D>(x, 2, 'slice2d'), begin, size);
/**
 * Part of a tensor of rank 3.
 * @example tf.slice3d([[[1, 2]]], [0, 0, 1], [1, 1, 1]) // [[[2]]]
 */
export const slice3d = (x: TensorLike, begin: number[], size: number[]): Tensor3D =>
  slice(ranked<Tensor3D>(x, 3, 'slice3d'), begin, size);
/**
 * Part of a tensor of rank 4.
 * @example tf.slice4d([[[[1, 2]]]], [0, 0, 0, 1], [1, 1, 1, 1]) // [[[[2]]]]
 */
export const slice4d = (x: TensorLike, begin: number[], size: number[]): Tensor4D =>
  slice(ranked<Tensor4D>(x, 4, 'slice4d'), begin, size);

/**
 * A vector from its end to its beginning.
 * @example tf.reverse1d([1, 2]) // [2, 1]
 */
export const reverse1d = (x: TensorLike): Tensor1D => reverse(ranked<Tensor1D>(x, 1, 'reverse1d'), 0);
/**
 * A matrix with the order along some axes reversed.
 * @example tf.reverse2d([[1, 2], [3, 4]], 1) // [[2, 1], [4, 3]]
 */
export const reverse2d = (x: TensorLike, axis?: number | number[]): Tensor2D =>
  reverse(ranked<Tensor2D>(x, 2, 'reverse2d'), axis);
/**
 * A tensor of rank 3 with the order along some axes reversed.
 * @example tf.reverse3d([[[1, 2]]], 2) // [[[2, 1]]]
 */
export const reverse3d = (x: TensorLike, axis?: number | number[]): Tensor3D =>
  reverse(ranked<Tensor3D>(x, 3, 'reverse3d'), axis);
/**
 * A tensor of rank 4 with the order along some axes reversed.
 * @example tf.reverse4d([[[[1, 2]]]], 3) // [[[[2, 1]]]]
 */
export const reverse4d = (x: TensorLike, axis?: number | number[]): Tensor4D =>
  reverse(ranked<Tensor4D>(x, 4, 'reverse4d'), axis);

/**
 * Vectors one after another.
 * @example tf.concat1d([[1], [2]]) // [1, 2]
 */
export const concat1d = (tensors: TensorLike[]): Tensor1D => concat<Tensor1D>(tensors, 0);
/**
 * Matrices one after another.
 * @example tf.concat2d([[[1]], [[2]]], 1) // [[1, 2]]
 */
export const concat2d = (tensors: TensorLike[], axis: number): Tensor2D => concat<Tensor2D>(tensors, axis);
/**
 * Tensors of rank 3 one after another.
 * @example tf.concat3d([[[[1]]], [[[2]]]], 2) // [[[1, 2]]]
 */
export const concat3d = (tensors: TensorLike[], axis: number): Tensor3D => concat<Tensor3D>(tensors, axis);
/**
 * Tensors of rank 4 one after another.
 * @example tf.concat4d([[[[[1]]]], [[[[2]]]]], 3) // [[[[1, 2]]]]
 */
export const concat4d = (tensors: TensorLike[], axis: number): Tensor4D => concat<Tensor4D>(tensors, axis);

/**
 * A vector with a value put before and after it.
 * @example tf.pad1d([1], [1, 1]) // [0, 1, 0]
 */
export const pad1d = (x: TensorLike, paddings: [number, number], constantValue = 0): Tensor1D =>
  pad(ranked<Tensor1D>(x, 1, 'pad1d'), [paddings], constantValue);
/**
 * A matrix with a value put around it.
 * @example tf.pad2d([[1]], [[1, 0], [0, 1]]) // [[0, 0], [1, 0]]
 */
export const pad2d = (x: TensorLike, paddings: Pairs, constantValue = 0): Tensor2D =>
  pad(ranked<Tensor2D>(x, 2, 'pad2d'), paddings, constantValue);
/**
 * A tensor of rank 3 with a value put around it.
 * @example tf.pad3d([[[1]]], [[0, 0], [0, 0], [1, 1]]) // [[[0, 1, 0]]]
 */
export const pad3d = (x: TensorLike, paddings: Pairs, constantValue = 0): Tensor3D =>
  pad(ranked<Tensor3D>(x, 3, 'pad3d'), paddings, constantValue);
/**
 * A tensor of rank 4 with a value put around it.
 * @example tf.pad4d([[[[1]]]], [[0, 0], [0, 0], [0, 0], [1, 1]]) // [[[[0, 1, 0]]]]
 */
export const pad4d = (x: TensorLike, paddings: Pairs, constantValue = 0): Tensor4D =>
  pad(ranked<Tensor4D>(x, 4, 'pad4d'), paddings, constantValue);

type Optional = TensorLike | null;

function normalizer<T extends Tensor>(rank: number) {
  return (
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset?: Optional,
    scale?: Optional,
    varianceEpsilon?: number,
  ): T => batchNorm<T>(ranked(x, rank, `batchNorm${rank}d`), mean, variance, offset, scale, varianceEpsilon);
}

/**
 * batchNorm of a matrix.
 * @example tf.batchNorm2d([[2]], [1], [1], [0], [1], 0) // [[1]]
 */
export const batchNorm2d = normalizer<Tensor2D>(2);
/**
 * batchNorm of a tensor of rank 3.
 * @example tf.batchNorm3d([[[2]]], [1], [1], [0], [1], 0) // [[[1]]]
 */
export const batchNorm3d = normalizer<Tensor3D>(3);
/**
 * batchNorm of a tensor of rank 4.
 * @example tf.batchNorm4d([[[[2]]]], [1], [1], [0], [1], 0) // [[[[1]]]]
 */
export const batchNorm4d = normalizer<Tensor4D>(4);

/**
 * What tf.losses do with the losses of single elements.
 * @example tf.losses.absoluteDifference([1, 2], [2, 4], 1, tf.Reduction.SUM) // 3
 */
export enum Reduction {
  NONE,
  MEAN,
  SUM,
  SUM_BY_NONZERO_WEIGHTS,
}
