// What a layer's inputs must be like; the core checks it.
import { options } from '../core/calls';
import type { DataType } from '../core/tensor';
import { want } from '../core/want';
import type { Shape } from './symbol';

export interface InputSpecArgs {
  dtype?: DataType;
  /** The whole shape; null where a size is open. */
  shape?: Shape;
  ndim?: number;
  maxNDim?: number;
  minNDim?: number;
  /** Sizes by axis; negative ones count from the end. */
  axes?: { [axis: number]: number };
}

/**
 * Says of one input of a layer which rank, sizes and dtype it must have.
 * @example new tf.InputSpec({ shape: [2, 3] }).ndim // 2
 */
export class InputSpec {
  constructor(args: InputSpecArgs | null = {}) {
    const { shape, ndim, axes } = options('InputSpec', args, 'dtype shape ndim maxNDim minNDim axes');
    want('InputSpec', { shape }, 'openShapes?');
    Object.assign(this, args);
    this.ndim = shape ? shape.length : ndim;
    this.axes = axes ?? {};
  }
}
export interface InputSpec extends InputSpecArgs {}
