// Tensors from values: tensor, scalar, tensor1d to tensor6d, variable, buffer.
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { begin, done } from '../core/arguments';
import { AT } from '../core/at';
import { registerMany } from '../core/forgotten';
import { fromArray, fromStrings, sizesOf } from '../core/from_array';
import { isList } from '../core/kinds';
import {
  Tensor,
  type DataType,
  type DataTypeArray,
  type DataTypeMap,
  type NestedArray,
  type Rank,
  type Scalar,
  type ScalarLike,
  type ShapeMap,
  type SingleValueMap,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type Tensor6D,
  type TensorLike,
  type TensorLike1D,
  type TensorLike2D,
  type TensorLike3D,
  type TensorLike4D,
  type TensorLike5D,
  type TensorLike6D,
} from '../core/tensor';
import { Variable } from '../core/variable';
import { fromTexture, isWebGLData, type WebGLData } from '../core/webgl_programs';
import * as ops from '../generated/ops/ops';
import { computeStrides, getArrayFromDType, sizeFromShape } from './util';

/** fromArray for values that no op was given. */
function make(
  values: unknown,
  shape: number[] | number | undefined,
  dtype: DataType | undefined,
  arg?: string,
): Tensor {
  begin('');
  const made = fromArray(values, shape, dtype, arg);
  done();
  registerMany();
  return made;
}

/** Sizes, when no op is called. */
function sizesGiven(shape: unknown): number[] {
  begin('');
  return sizesOf(shape);
}

/** How deep the arrays of a value are nested; bytes are one text. */
function depth(value: unknown, dtype?: DataType): number {
  const strings = dtype === 'string';
  let n = 0;
  for (let v = value; isList(v) && !(strings && v instanceof Uint8Array); v = (v as ArrayLike<unknown>)[0]) n++;
  return n;
}

/**
 * A tensor of a number, a (nested) array or a typed array. The shape is inferred if not given; the
 * dtype too: 'float32' for numbers, 'bool' for booleans, 'int32' for typed arrays of whole numbers.
 * As int32 numbers are cut towards 0, and what is beyond int32 wraps around as in an Int32Array; tf.cast does the same.
 * @example tf.tensor([1, 2, 3, 4], [2, 2]) // [[1, 2], [3, 4]]
 */
export function tensor<R extends Rank = Rank>(
  values: TensorLike | WebGLData,
  shape?: ShapeMap[R],
  dtype?: DataType,
): Tensor<R> {
  if (isWebGLData(values)) return fromTexture(values, shape, dtype) as Tensor<R>;
  return make(values, shape, dtype, 'tensor(values)') as Tensor<R>;
}

/**
 * A tensor without dimensions.
 * @example tf.scalar(3) // 3
 */
export function scalar(value: ScalarLike, dtype?: DataType): Scalar {
  if (depth(value, dtype))
    throw new TensorineError('value', 'Error creating a new Scalar: value must be a primitive (number|boolean|string)');
  return make(value, [], dtype, 'scalar(value)') as Scalar;
}

function checkGiven(values: unknown): void {
  if (values === null || values === undefined)
    throw new TensorineError('value', 'The input to the tensor constructor must be a non-null value.');
}

function ranked<T extends Tensor>(rank: number, values: NestedArray, shape: number[] | undefined, dtype?: DataType): T {
  const name = `tensor${rank}d`;
  const nested = `number${'[]'.repeat(rank)}`;
  checkGiven(values);
  const given = depth(values, dtype),
    sizes = shape ? sizesGiven(shape) : undefined;
  if (sizes && sizes.length !== rank)
    throw new TensorineError('shape', `${name}() requires shape to have ${rank} numbers, got [${sizes}]`);
  if (given !== rank && given !== 1)
    throw new TensorineError('shape', `${name}() requires values to be ${nested} or flat/TypedArray`);
  if (given === 1 && rank > 1 && !sizes)
    throw new TensorineError('shape', `${name}() requires shape to be provided when \`values\` are a flat/TypedArray`);
  return make(values, sizes, dtype, `${name}(values)`) as T;
}

/**
 * A tensor of the shape that is one value all over.
 * @example tf.fill([2], 3) // [3, 3]
 */
export function fill<R extends Rank = Rank>(shape: ShapeMap[R], value: number | string, dtype?: DataType): Tensor<R> {
  if (typeof value !== 'string') return ops.fill(shape, value, dtype);
  const one = scalar(value, dtype);
  try {
    return ops.broadcastTo<R>(one, shape);
  } finally {
    one.dispose();
  }
}

/**
 * A tensor of rank 1.
 * @example tf.tensor1d([1, 2]) // [1, 2]
 */
export function tensor1d(values: TensorLike1D, dtype?: DataType): Tensor1D {
  checkGiven(values);
  if (depth(values, dtype) !== 1)
    throw new TensorineError('shape', 'tensor1d() requires values to be a flat/TypedArray');
  return make(values, undefined, dtype, 'tensor1d(values)') as Tensor1D;
}

/**
 * A tensor of rank 2; flat values need a shape.
 * @example tf.tensor2d([1, 2, 3, 4], [2, 2]) // [[1, 2], [3, 4]]
 */
export const tensor2d = (values: TensorLike2D, shape?: ShapeMap['R2'], dtype?: DataType): Tensor2D =>
  ranked(2, values, shape, dtype);
/**
 * A tensor of rank 3; flat values need a shape.
 * @example tf.tensor3d([[[1], [2]]]) // [[[1], [2]]]
 */
export const tensor3d = (values: TensorLike3D, shape?: ShapeMap['R3'], dtype?: DataType): Tensor3D =>
  ranked(3, values, shape, dtype);
/**
 * A tensor of rank 4; flat values need a shape.
 * @example tf.tensor4d([1, 2], [1, 1, 2, 1]) // [[[[1], [2]]]]
 */
export const tensor4d = (values: TensorLike4D, shape?: ShapeMap['R4'], dtype?: DataType): Tensor4D =>
  ranked(4, values, shape, dtype);
/**
 * A tensor of rank 5; flat values need a shape.
 * @example tf.tensor5d([1, 2], [1, 1, 1, 2, 1]) // [[[[[1], [2]]]]]
 */
export const tensor5d = (values: TensorLike5D, shape?: ShapeMap['R5'], dtype?: DataType): Tensor5D =>
  ranked(5, values, shape, dtype);
/**
 * A tensor of rank 6; flat values need a shape.
 * @example tf.tensor6d([1, 2], [1, 1, 1, 1, 2, 1]) // [[[[[[1], [2]]]]]]
 */
export const tensor6d = (values: TensorLike6D, shape?: ShapeMap['R6'], dtype?: DataType): Tensor6D =>
  ranked(6, values, shape, dtype);

/** @internal A new variable of the core, with this value. */
export function newVariable(initialValue: Tensor | NestedArray, trainable: boolean, dtype?: DataType): number {
  const given =
    initialValue instanceof Tensor ? initialValue : make(initialValue, undefined, dtype, 'variable(initialValue)');
  const value = dtype && dtype !== given.dtype ? given.cast(dtype) : given;
  const ptr = core.x.tn_variable(value.handle('variable'), trainable ? 1 : 0);
  if (value !== given) value.dispose();
  if (given !== initialValue) given.dispose();
  core.check();
  return ptr;
}

/**
 * A tensor whose value can be replaced by assign(), as training does.
 * @example tf.tidy(() => { const v = tf.variable([1]); v.assign(tf.tensor([2])); const y = v.add(1); v.dispose(); return y; }) // [3]
 */
export function variable<R extends Rank = Rank>(
  initialValue: Tensor<R> | NestedArray,
  trainable = true,
  name?: string,
  dtype?: DataType,
): Variable<R> {
  return new Variable<R>(AT, newVariable(initialValue, trainable, dtype), name);
}

/**
 * Values that can be set one by one, and then become a tensor.
 * @example tf.buffer([2, 2]).get(1, 1) // 0
 */
export class TensorBuffer<R extends Rank = Rank, D extends DataType = 'float32'> {
  readonly size: number;
  readonly strides: number[];

  readonly values: DataTypeMap[D];

  readonly shape: ShapeMap[R];

  constructor(
    shape: ShapeMap[R],
    readonly dtype = 'float32' as D,
    values?: DataTypeMap[D] | null,
  ) {
    const sizes = sizesGiven(shape);
    this.shape = sizes as ShapeMap[R];
    this.size = sizeFromShape(sizes);
    if (values !== undefined && values !== null && typeof values !== 'object')
      throw new TensorineError('value', `buffer: values must be an array or a typed array, but are ${shown(values)}`);
    this.values = values ?? (getArrayFromDType(dtype, this.size) as DataTypeMap[D]);
    if (this.values.length !== this.size)
      throw new TensorineError(
        'shape',
        `Length of values '${this.values.length}' does not match the size ` + `inferred by the shape '${this.size}'.`,
      );
    this.strides = computeStrides(sizes);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Sets the element at a location, which is one index for each axis. */
  set(value: SingleValueMap[D] | number, ...location: number[]): void {
    const at = this.locToIndex(location);
    if (this.dtype === 'string') (this.values as string[])[at] = String(value);
    else (this.values as DataTypeArray)[at] = Number(value);
  }

  /** The element at a location. */
  get(...location: number[]): SingleValueMap[D] {
    return this.values[this.locToIndex(location)] as SingleValueMap[D];
  }

  locToIndex(location: number[]): number {
    if (!Array.isArray(location) || !location.every((i) => typeof i === 'number'))
      throw new TensorineError('value', 'TensorBuffer: a location must be numbers, one for each axis');
    const at = location.length ? location : [0];
    if (at.length !== Math.max(this.rank, 1))
      throw new TensorineError(
        'index',
        `The number of provided coordinates (${at.length}) must match the rank (${this.rank})`,
      );
    let index = 0;
    at.forEach((i, axis) => {
      const size = this.shape[axis] ?? 1;
      if (!(i >= 0 && i < size))
        throw new TensorineError('index', `Requested out of range element at ${at}. Buffer shape=${this.shape}`);
      index = index * size + i;
    });
    return index;
  }

  indexToLoc(index: number): number[] {
    if (typeof index !== 'number')
      throw new TensorineError('value', `indexToLoc: index must be a number, but is ${shown(index)}`);
    const location: number[] = [];
    for (let i = this.rank - 1; i >= 0; i--) {
      location.unshift(index % this.shape[i]);
      index = Math.floor(index / this.shape[i]);
    }
    return location;
  }

  /** A tensor of the values. */
  toTensor(): Tensor<R> {
    if (this.dtype === 'string') {
      begin('');
      return fromStrings(this.values as string[], this.shape) as Tensor<R>;
    }
    return make(this.values, this.shape, this.dtype) as Tensor<R>;
  }
}

/**
 * An empty buffer of the shape, or one over the values given.
 * @example tf.buffer([2], 'float32', new Float32Array([1, 2])).toTensor() // [1, 2]
 */
export function buffer<R extends Rank = Rank, D extends DataType = 'float32'>(
  shape: ShapeMap[R],
  dtype: D = 'float32' as D,
  values?: DataTypeMap[D],
): TensorBuffer<R, D> {
  return new TensorBuffer<R, D>(shape, dtype, values);
}

/** Shows a tensor in the console. */
export function print(x: Tensor, verbose = false): void {
  if (!(x instanceof Tensor)) throw new TensorineError('value', `print: x must be a Tensor, but is ${shown(x)}`);
  x.print(verbose);
}
