// tf.linalg: the ops, and what TensorFlow.js takes beside their arguments.
import { Tensor, type Scalar, type Tensor1D, type Tensor2D, type TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/linalg';

export { qr } from '../generated/ops/linalg';

const whole = (n: number | Tensor): number => (n instanceof Tensor ? n.dataSync()[0] : n);

/**
 * Keeps a band around the diagonal of each matrix; the numbers of diagonals may be scalars.
 * @example tf.linalg.bandPart([[1, 2], [3, 4]], 0, -1) // [[1, 2], [0, 4]]
 */
export const bandPart = <T extends Tensor>(
  a: T | TensorLike,
  numLower: number | Scalar,
  numUpper: number | Scalar,
): T => ops.bandPart(a, whole(numLower), whole(numUpper));

/**
 * Orthonormal vectors that span the same as those given; rows, if a matrix is.
 * @example tf.linalg.gramSchmidt(tf.tensor2d([[3, 0], [1, 2]])) // [[1, 0], [0, 1]]
 */
export function gramSchmidt(xs: Tensor2D): Tensor2D;
export function gramSchmidt(xs: TensorLike[]): Tensor1D[];
export function gramSchmidt(xs: Tensor2D | TensorLike[]): Tensor2D | Tensor1D[];
export function gramSchmidt(xs: Tensor2D | TensorLike[]): Tensor2D | Tensor1D[] {
  return xs instanceof Tensor ? (ops.gramSchmidt([xs])[0] as Tensor2D) : (ops.gramSchmidt(xs) as Tensor1D[]);
}
