// Puts the ops on Tensor.prototype, so that x.add(y) is tf.add(x, y). The generated ones have the
// tensor as their first parameter; the few that differ are here.
import { TensorineError } from '../wasm/errors';
import { Tensor, type DataType, type Rank, type TensorLike } from '../core/tensor';
import { Variable } from '../core/variable';
import { dataToGPU, type GPUData } from '../core/webgl';
import * as ops from '../generated/ops/index';
import '../generated/ops/methods'; // types of the generated methods
import { chained } from '../generated/ops/methods';
import { buffer, TensorBuffer, variable } from './create';

/** Chained methods whose tensor is not the first parameter, or that are not ops. */
export interface ChainedByHand<R extends Rank = Rank> {
  /** This tensor and others, one after another along an axis. */
  concat<T extends Tensor>(this: T, x: T | T[], axis?: number): T;
  /** This tensor and others along a new axis. */
  stack<T extends Tensor = Tensor>(x: Tensor | Tensor[], axis?: number): T;
  /** Images of another size; between their points lines are drawn. */
  resizeBilinear<T extends Tensor>(
    this: T,
    size: [number, number],
    alignCorners?: boolean,
    halfPixelCenters?: boolean,
  ): T;
  /** Images of another size, each point being the nearest one. */
  resizeNearestNeighbor<T extends Tensor>(
    this: T,
    size: [number, number],
    alignCorners?: boolean,
    halfPixelCenters?: boolean,
  ): T;
  /** A variable that begins with this value. */
  variable(trainable?: boolean, name?: string, dtype?: DataType): Variable<R>;
  /** Elements of this tensor where the condition holds, of x elsewhere. */
  where(condition: TensorLike, x: TensorLike): Tensor<R>;
  /** A copy of the elements in a texture (webgl only), without a way through memory; dispose its
   * tensorRef. tf.backend().getGPGPUContext().gl is the texture's context. */
  dataToGPU(options?: { customTexShape?: [number, number] }): GPUData;
  /** The elements in a buffer that can be read and set one by one. */
  bufferSync<D extends DataType = 'float32'>(): TensorBuffer<R, D>;
  /** The elements in a buffer that can be read and set one by one. */
  buffer<D extends DataType = 'float32'>(): Promise<TensorBuffer<R, D>>;
}

declare module '../core/tensor' {
  interface Tensor<R extends Rank = Rank> extends ChainedByHand<R> {}
}

const byHand: ThisType<Tensor> & Record<keyof ChainedByHand, (...args: any[]) => unknown> = {
  concat(x: Tensor | Tensor[], axis?: number) {
    return ops.concat([this, ...(Array.isArray(x) ? x : [x])], axis);
  },
  stack(x: Tensor | Tensor[], axis?: number) {
    return ops.stack([this, ...(Array.isArray(x) ? x : [x])], axis);
  },
  resizeBilinear(size: number[], ...args: boolean[]) {
    return ops.image.resizeBilinear(this, size, ...args);
  },
  resizeNearestNeighbor(size: number[], ...args: boolean[]) {
    return ops.image.resizeNearestNeighbor(this, size, ...args);
  },
  variable(trainable?: boolean, name?: string, dtype?: DataType) {
    return variable(this, trainable, name, dtype);
  },
  where(condition: TensorLike, x: TensorLike) {
    return ops.where(condition, this, x);
  },
  dataToGPU(options?: { customTexShape?: [number, number] }) {
    return dataToGPU(this, options);
  },
  bufferSync() {
    return buffer(this.shape, this.dtype, this.dataSync());
  },
  async buffer() {
    return buffer(this.shape, this.dtype, await this.data());
  },
};

export function chainOps(): void {
  Object.assign(Tensor.prototype, chained, byHand);
  nameClasses({ Tensor, Variable, TensorBuffer, TensorineError });
}

/** Gives classes their names back, which a minifier shortens and the console shows. */
export function nameClasses(classes: Record<string, Function>): void {
  for (const [name, type] of Object.entries(classes)) Object.defineProperty(type, 'name', { value: name });
}
