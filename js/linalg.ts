// tf.linalg: the ops, and what TensorFlow.js takes beside their arguments.
import { Tensor, type TensorLike } from './core/tensor';
import * as ops from './generated/linalg';

export * from './generated/linalg';

const whole = (n: number | Tensor): number => (n instanceof Tensor ? n.dataSync()[0] : n);

/** Keeps a band around the diagonal of each matrix; the numbers of diagonals may be scalars. */
export const bandPart = (a: TensorLike, numLower: number | Tensor, numUpper: number | Tensor): Tensor =>
  ops.bandPart(a, whole(numLower), whole(numUpper));

/** Orthonormal vectors that span the same as those given; rows, if a matrix is. */
export function gramSchmidt(xs: Tensor): Tensor;
export function gramSchmidt(xs: TensorLike[]): Tensor[];
export function gramSchmidt(xs: Tensor | TensorLike[]): Tensor | Tensor[] {
  return xs instanceof Tensor ? ops.gramSchmidt([xs])[0] : ops.gramSchmidt(xs);
}
