// Puts the ops on Tensor.prototype, so that x.add(y) is tf.add(x, y). The generated ones have the
// tensor as their first parameter; the few that differ are here.
import * as ops from '../generated/index';
import { chained } from '../generated/methods';
import { buffer, TensorBuffer } from './create';
import { TensorineError } from './errors';
import { Tensor, Variable, type TensorLike } from './tensor';

/** Chained methods whose tensor is not the first parameter, or that are not ops. */
export interface ChainedByHand {
  /** Elements of this tensor where the condition holds, of x elsewhere. */
  where(condition: TensorLike, x: TensorLike): Tensor;
  /** The elements in a buffer that can be read and set one by one. */
  bufferSync(): TensorBuffer;
  /** The elements in a buffer that can be read and set one by one. */
  buffer(): Promise<TensorBuffer>;
}

const byHand: ChainedByHand & ThisType<Tensor> = {
  where(condition, x) { return ops.where(condition, this, x); },
  bufferSync() { return buffer(this.shape, this.dtype, this.dataSync()); },
  async buffer() { return buffer(this.shape, this.dtype, await this.data()); },
};

export function chainOps(): void {
  Object.assign(Tensor.prototype, chained, byHand);
  nameClasses({ Tensor, Variable, TensorBuffer, TensorineError });
}

/** Gives classes their names back, which a minifier shortens and the console shows. */
export function nameClasses(classes: Record<string, Function>): void {
  for (const [name, type] of Object.entries(classes)) Object.defineProperty(type, 'name', { value: name });
}
