// tf.fused: the fused ops with their arguments by name.
import { TensorineError } from '../wasm/errors';
import { isObject } from '../core/kinds';
import { Tensor, type PadLike, type TensorLike } from '../core/tensor';
import { fusedConv2d, fusedDepthwiseConv2d, fusedMatMul } from '../generated/ops/ops';

/** What a fused op ends with. */
export type Activation = 'linear' | 'relu' | 'prelu' | 'elu' | 'relu6' | 'leakyrelu' | 'sigmoid';

/** What follows the product or the convolution. */
interface Ending {
  bias?: TensorLike | null;
  activation?: Activation | null;
  preluActivationWeights?: TensorLike | null;
  leakyreluAlpha?: number | null;
}

interface Product extends Ending {
  a: TensorLike;
  b: TensorLike;
  transposeA?: boolean;
  transposeB?: boolean;
}

interface Convolution extends Ending {
  x: TensorLike;
  filter: TensorLike;
  strides: number | [number, number];
  pad: PadLike;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: number | [number, number];
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function inOne(op: string, p: unknown): true {
  if (isObject(p) && !(p instanceof Tensor)) return true;
  throw new TensorineError('value', `fused.${op}: arguments are given by name, in one object`);
}

/**
 * matMul, a bias and an activation.
 * @example tf.fused.matMul({ a: [[1, 2]], b: [[3], [-4]], bias: [1], activation: 'relu' }) // [[0]]
 */
export const matMul = (p: Product): Tensor =>
  inOne('matMul', p) &&
  fusedMatMul(p.a, p.b, p.transposeA, p.transposeB, p.bias, p.activation, p.preluActivationWeights, p.leakyreluAlpha);

/** The arguments of both fused convolutions, in their order. */
const inOrder = (p: Convolution) =>
  [
    p.x,
    p.filter,
    p.strides,
    p.pad,
    p.dataFormat,
    p.dilations,
    p.dimRoundingMode,
    p.bias,
    p.activation,
    p.preluActivationWeights,
    p.leakyreluAlpha,
  ] as const;

/**
 * conv2d, a bias and an activation.
 * @example tf.fused.conv2d({ x: tf.ones([1, 2, 2, 1]), filter: tf.ones([2, 2, 1, 1]), strides: 1, pad: 'valid', bias: [-5], activation: 'relu' }) // [[[[0]]]]
 */
export const conv2d = (p: Convolution): Tensor => inOne('conv2d', p) && fusedConv2d(...inOrder(p));

/**
 * depthwiseConv2d, a bias and an activation.
 * @example tf.fused.depthwiseConv2d({ x: tf.ones([1, 2, 2, 1]), filter: tf.ones([2, 2, 1, 1]), strides: 1, pad: 'valid', bias: [1] }) // [[[[5]]]]
 */
export const depthwiseConv2d = (p: Convolution): Tensor =>
  inOne('depthwiseConv2d', p) && fusedDepthwiseConv2d(...inOrder(p));
