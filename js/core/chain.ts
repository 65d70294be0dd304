// Puts the ops on Tensor.prototype, so that x.add(y) is tf.add(x, y). The generated ones have the
// tensor as their first parameter; the few that differ are here.
import * as ops from '../generated/index';
import { chained } from '../generated/methods';
import { buffer, TensorBuffer, variable } from './create';
import { TensorineError } from './errors';
import { dataToGPU, type GPUData } from './gl';
import { Tensor, Variable, type DataType, type TensorLike } from './tensor';

/** Chained methods whose tensor is not the first parameter, or that are not ops. */
export interface ChainedByHand {
  /** This tensor and others, one after another along an axis. */
  concat(x: Tensor | Tensor[], axis?: number): Tensor;
  /** This tensor and others along a new axis. */
  stack(x: Tensor | Tensor[], axis?: number): Tensor;
  resizeBilinear(size: [number, number], alignCorners?: boolean, halfPixelCenters?: boolean): Tensor;
  resizeNearestNeighbor(size: [number, number], alignCorners?: boolean, halfPixelCenters?: boolean): Tensor;
  /** A variable that begins with this value. */
  variable(trainable?: boolean, name?: string, dtype?: DataType): Variable;
  /** Elements of this tensor where the condition holds, of x elsewhere. */
  where(condition: TensorLike, x: TensorLike): Tensor;
  /** A copy of the elements in a texture (webgl only), without a way through memory; dispose its
   * tensorRef. tf.backend().getGPGPUContext().gl is the texture's context. */
  dataToGPU(options?: { customTexShape?: [number, number] }): GPUData;
  /** The elements in a buffer that can be read and set one by one. */
  bufferSync(): TensorBuffer;
  /** The elements in a buffer that can be read and set one by one. */
  buffer(): Promise<TensorBuffer>;
}

const byHand: ChainedByHand & ThisType<Tensor> = {
  concat(x, axis) { return ops.concat([this, ...(Array.isArray(x) ? x : [x])], axis); },
  stack(x, axis) { return ops.stack([this, ...(Array.isArray(x) ? x : [x])], axis); },
  resizeBilinear(...args) { return ops.image.resizeBilinear(this, ...args); },
  resizeNearestNeighbor(...args) { return ops.image.resizeNearestNeighbor(this, ...args); },
  variable(trainable, name, dtype) { return variable(this, trainable, name, dtype); },
  where(condition, x) { return ops.where(condition, this, x); },
  dataToGPU(options) { return dataToGPU(this, options); },
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
