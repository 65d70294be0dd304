// Ops whose arguments TensorFlow.js has in a form of its own: options as an object, null for any size.
import { Tensor, type TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/ops';

type Indexing = 'xy' | 'ij';

/**
 * The coordinates of a grid: its columns' x and its rows' y, each for all its points.
 * @param options indexing: results are [h, w] ('xy', the default) or [w, h] ('ij')
 * @example tf.meshgrid([1, 2], [3, 4]) // [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
 */
export const meshgrid = <T extends Tensor = Tensor>(
  x?: T | TensorLike,
  y?: T | TensorLike,
  options?: { indexing?: string } | Indexing | null,
): T[] => ops.meshgrid(x, y, (typeof options === 'string' ? options : options?.indexing) as Indexing);

/**
 * x itself if it has the shape, where null stands for any size; an error if not.
 * @example tf.ensureShape([[1, 2]], [null, 2]) // [[1, 2]]
 */
export function ensureShape(x: TensorLike, shape: (number | null)[]): Tensor {
  const same = ops.ensureShape(x, Array.isArray(shape) ? shape.map((size) => size ?? -1) : shape);
  if (!(x instanceof Tensor)) return same;
  same.dispose();
  return x;
}
