// Ops whose result's shape depends on values, as promises: they wait, without blocking, until what a
// device computes has arrived. The same ops without Async in their names give their results at once.
import * as core from '../wasm/core';
import { Tensor, type Tensor2D, type TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/ops';

async function arrive(...values: TensorLike[]): Promise<void> {
  for (const value of values) {
    const arriving = value instanceof Tensor ? core.arrived(value.handle()) : null;
    if (arriving) await arriving;
  }
}

/**
 * The indices of the elements where the condition holds, int32 [how many, rank].
 * @example await tf.whereAsync([true, false, true]) // [[0], [2]]
 */
export async function whereAsync(condition: TensorLike): Promise<Tensor2D> {
  await arrive(condition);
  try {
    return ops.nonzero(condition);
  } catch (error) {
    (error as Error).message = (error as Error).message.replaceAll('nonzero', 'whereAsync');
    throw error;
  }
}

/**
 * The slices of a tensor where the mask holds.
 * @example await tf.booleanMaskAsync([1, 2, 3], [true, false, true]) // [1, 3]
 */
export async function booleanMaskAsync(tensor: TensorLike, mask: TensorLike, axis?: number): Promise<Tensor> {
  await arrive(mask);
  return ops.booleanMask(tensor, mask, axis);
}

/**
 * The elements of x that y does not have, and their places in x.
 * @example await tf.setdiff1dAsync([1, 2, 3], [2]) // [[1, 3], [0, 2]]
 */
export async function setdiff1dAsync(x: TensorLike, y: TensorLike): Promise<[Tensor, Tensor]> {
  await arrive(x, y);
  const [values, indices] = ops.setdiff1d(x, y);
  return [values, indices];
}

/**
 * Whether each target is among the k largest predictions.
 * @example await tf.inTopKAsync([[1, 3, 2], [3, 2, 1]], [2, 2], 2) // [1, 0]
 */
export async function inTopKAsync<T extends Tensor>(
  predictions: TensorLike,
  targets: T | TensorLike,
  k?: number,
): Promise<T> {
  await arrive(predictions, targets);
  return ops.inTopK<T>(predictions, targets, k);
}
