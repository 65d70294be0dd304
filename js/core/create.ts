// Tensors from values: tensor, scalar, tensor1d to tensor6d, variable, buffer.
import * as core from './core';
import { TensorineError } from './errors';
import { begin, fromArray, fromTexts } from './lower';
import * as ops from '../generated/ops';
import { getArrayFromDType } from '../util';
import {
  Tensor, Variable, type DataType, type DataTypeArray, type NestedArray, type TensorLike,
  type TypedArray,
} from './tensor';

/** fromArray for values that no op was given. */
function make(values: unknown, shape: number[] | undefined, dtype: DataType | undefined, arg?: string): Tensor {
  begin('');
  return fromArray(values, shape, dtype, arg);
}

const isTyped = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);
const isList = (v: unknown): boolean => Array.isArray(v) || isTyped(v);

/** How deep the arrays of a value are nested; bytes are one text. */
function depth(value: unknown, dtype?: DataType): number {
  const texts = dtype === 'string';
  let n = 0;
  for (let v = value; isList(v) && !(texts && v instanceof Uint8Array); v = (v as ArrayLike<unknown>)[0]) n++;
  return n;
}

/**
 * A tensor of a number, a (nested) array or a typed array. The shape is inferred if not given; the
 * dtype too: 'float32' for numbers, 'bool' for booleans, 'int32' for typed arrays of whole numbers.
 */
export function tensor(values: TensorLike, shape?: number[], dtype?: DataType): Tensor {
  return make(values, shape, dtype, 'tensor(values)');
}

/** A tensor without dimensions. */
export function scalar(value: number | boolean | string | Uint8Array, dtype?: DataType): Tensor {
  if (depth(value, dtype))
    throw new TensorineError('value',
      'Error creating a new Scalar: value must be a primitive (number|boolean|string)');
  return make(value, [], dtype, 'scalar(value)');
}

function checkGiven(values: unknown): void {
  if (values === null || values === undefined)
    throw new TensorineError('value', 'The input to the tensor constructor must be a non-null value.');
}

function ranked(rank: number, values: NestedArray, shape: number[] | undefined, dtype?: DataType): Tensor {
  const name = `tensor${rank}d`;
  const nested = `number${'[]'.repeat(rank)}`;
  checkGiven(values);
  const given = depth(values, dtype);
  if (shape && shape.length !== rank)
    throw new TensorineError('shape', `${name}() requires shape to have ${rank} numbers, got [${shape}]`);
  if (given !== rank && given !== 1)
    throw new TensorineError('shape', `${name}() requires values to be ${nested} or flat/TypedArray`);
  if (given === 1 && rank > 1 && !shape)
    throw new TensorineError('shape',
      `${name}() requires shape to be provided when \`values\` are a flat/TypedArray`);
  return make(values, shape, dtype, `${name}(values)`);
}

/** A tensor of the shape that is one value all over. */
export function fill(shape: number[], value: number | string, dtype?: DataType): Tensor {
  if (typeof value !== 'string') return ops.fill(shape, value, dtype as never);
  const one = scalar(value, dtype);
  const filled = one.broadcastTo(shape);
  one.dispose();
  return filled;
}

/** A tensor of rank 1. */
export function tensor1d(values: NestedArray, dtype?: DataType): Tensor {
  checkGiven(values);
  if (depth(values, dtype) !== 1)
    throw new TensorineError('shape', 'tensor1d() requires values to be a flat/TypedArray');
  return make(values, undefined, dtype, 'tensor1d(values)');
}

type Values = NestedArray;
type Shape = number[];

/** A tensor of rank 2; flat values need a shape. */
export const tensor2d = (values: Values, shape?: Shape, dtype?: DataType): Tensor =>
  ranked(2, values, shape, dtype);
/** A tensor of rank 3; flat values need a shape. */
export const tensor3d = (values: Values, shape?: Shape, dtype?: DataType): Tensor =>
  ranked(3, values, shape, dtype);
/** A tensor of rank 4; flat values need a shape. */
export const tensor4d = (values: Values, shape?: Shape, dtype?: DataType): Tensor =>
  ranked(4, values, shape, dtype);
/** A tensor of rank 5; flat values need a shape. */
export const tensor5d = (values: Values, shape?: Shape, dtype?: DataType): Tensor =>
  ranked(5, values, shape, dtype);
/** A tensor of rank 6; flat values need a shape. */
export const tensor6d = (values: Values, shape?: Shape, dtype?: DataType): Tensor =>
  ranked(6, values, shape, dtype);

/** A tensor whose value can be replaced by assign(), as training does. */
export function variable(
  initialValue: TensorLike, trainable = true, name?: string, dtype?: DataType,
): Variable {
  const given = initialValue instanceof Tensor ? initialValue : make(initialValue, undefined, dtype, 'variable(initialValue)');
  const value = dtype && dtype !== given.dtype ? given.cast(dtype) : given;
  const ptr = core.x.tn_variable(value.handle('variable'), trainable ? 1 : 0);
  if (value !== given) value.dispose();
  if (given !== initialValue) given.dispose();
  core.check();
  return new Variable(ptr, name);
}

type BufferValues = DataTypeArray | string[];

/** Values that can be set one by one, and then become a tensor. */
export class TensorBuffer {
  readonly size: number;
  readonly strides: number[];

  constructor(readonly shape: number[], readonly dtype: DataType, readonly values: BufferValues) {
    this.size = shape.reduce((a, b) => a * b, 1);
    if (values.length !== this.size)
      throw new TensorineError('shape', `Length of values '${values.length}' does not match the size ` +
        `inferred by the shape '${this.size}'.`);
    this.strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1)).slice(0, -1);
  }

  get rank(): number { return this.shape.length; }

  /** Sets the element at a location, which is one index for each axis. */
  set(value: number | boolean | string, ...location: number[]): void {
    const at = this.locToIndex(location);
    if (this.dtype === 'string') (this.values as string[])[at] = String(value);
    else (this.values as DataTypeArray)[at] = Number(value);
  }

  /** The element at a location. */
  get(...location: number[]): any {
    return this.values[this.locToIndex(location)];
  }

  locToIndex(location: number[]): number {
    const at = location.length ? location : [0];
    if (at.length !== Math.max(this.rank, 1))
      throw new TensorineError('index', `The number of provided coordinates (${at.length}) must match the rank (${this.rank})`);
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
    const location: number[] = [];
    for (let i = this.rank - 1; i >= 0; i--) {
      location.unshift(index % this.shape[i]);
      index = Math.floor(index / this.shape[i]);
    }
    return location;
  }

  /** A tensor of the values. */
  toTensor(): Tensor {
    if (this.dtype === 'string') {
      begin('');
      return fromTexts(this.values as string[], this.shape);
    }
    return make(this.values, this.shape, this.dtype);
  }
}

/** An empty buffer of the shape, or one over the values given. */
export function buffer(
  shape: number[], dtype: DataType = 'float32', values?: BufferValues,
): TensorBuffer {
  const size = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isInteger(n) && n >= 0) || size > 0x7fffffff)
    throw new TensorineError('shape',
      `Tensor must have a shape comprised of positive integers but got shape [${shape}].`);
  return new TensorBuffer(shape.slice(), dtype, values ?? getArrayFromDType(dtype, size));
}

/** Shows a tensor in the console. */
export function print(x: Tensor, verbose = false): void {
  x.print(verbose);
}
