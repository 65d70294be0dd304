// Tensor: a handle on what the core holds, which is an address and an id. The id in the core changes when the tensor
// is disposed, so a stale handle is always noticed.
import { DType, Tensor as layout } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, wantAt, type At } from './at';
import { askedOf, dataIdOf, type DataId } from './data_id';
import { registerLater, Registration } from './forgotten';
import { format } from './format';
import { decodeText, stringsOf } from './strings';
import type {
  ArrayMap,
  DataType,
  DataTypeMap,
  NumericDataType,
  Rank,
  RecursiveArray,
  ShapeMap,
  TypedArray,
} from './types';

export type * from './types';
export type NestedArray =
  | number
  | boolean
  | string
  | NestedArray[]
  | TypedArray
  | RecursiveArray<number | TypedArray>
  | RecursiveArray<boolean>
  | RecursiveArray<string>;
/** What an op takes where it says tensor: a tensor, a number, or (nested) arrays of them. */
export type TensorLike = Tensor | NestedArray;
/** What is put around an image along [n, h, w, c]: before and after. */
export type ExplicitPadding = [[number, number], [number, number], [number, number], [number, number]];
export type PadLike = 'valid' | 'same' | number | ExplicitPadding;

export const DTYPES: readonly DataType[] = DType;

// Where fields of a tensor are in the core, counted in words of 32 bits.
const ID = layout.id / 4,
  DTYPE = layout.dtype / 4,
  RANK = layout.rank / 4,
  SIZE = layout.size / 4;
const SHAPE = layout.shape / 4,
  SCOPE = layout.scope / 4;

function read<T>(tensor: number, size: number, dtype: DataType): T {
  const address = core.x.tn_address(tensor);
  core.check();
  if (dtype === 'string') return stringsOf(tensor, size).map((bytes) => bytes && decodeText(bytes)) as T;
  return core.copy(address, size, dtype) as T;
}

/**
 * Numbers or strings in a grid of some axes; R says how many, where that is known when the program is written.
 * @example tf.tensor([[1, 2]]).mul(2).add([1, 1]) // [[3, 5]]
 */
export class Tensor<R extends Rank = Rank> {
  /** Sizes of the axes. */
  readonly shape: ShapeMap[R];
  /** Tells TypeScript the rank: what the type's parameter is. */
  declare readonly rankType: R;
  readonly dtype: DataType;
  /** Number of elements. */
  readonly size: number;
  /** Unique among all tensors ever made. */
  readonly id: number;
  /** Set by tf.keep: tidy does not dispose it. */
  kept = false;
  private readonly ptr: number;
  private registration: Registration | null = null;

  /** @internal Wraps a tensor of the core; use tf.tensor to make one. */
  constructor(at: At, ptr: number) {
    wantAt(at, 'Tensor', 'tf.tensor() makes one');
    const words = core.i32(),
      first = ptr >>> 2;
    this.ptr = ptr;
    this.id = words[first + ID];
    this.dtype = DTYPES[words[first + DTYPE]];
    this.size = words[first + SIZE];
    const rank = words[first + RANK],
      shape: number[] = [];
    for (let i = 0; i < rank; i++) shape.push(words[first + SHAPE + i]);
    this.shape = shape as ShapeMap[R];
    if (words[first + SCOPE] === 0) this.freeWhenForgotten();
  }

  /** @internal From now on the garbage collector may free it. */
  freeWhenForgotten(): void {
    registerLater(this);
  }

  /** @internal */
  register(): void {
    if (!this.registration && !this.isDisposed) this.registration = new Registration(this, this.ptr, this.kept);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Template strings show it; operators such as + and > throw, since a tensor is no number. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    const ops =
      hint === 'number' ? 'a.greater(b), a.less(b), a.sub(b), a.mul(b), a.div(b) or a.neg()' : 'a.add(b) or a.equal(b)';
    throw new TensorineError(
      'value',
      `A Tensor is no number, so operators as + and > cannot be used: call ${ops}; ` +
        'the values are in dataSync() or await data()',
    );
  }

  /** @internal */
  get _kind(): string {
    return 'Tensor';
  }

  /** What the console of Node shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const name = this._kind;
    if (this.isDisposed) return `${name} { disposed }`;
    const head = `${name} { dtype: '${this.dtype}', shape: [${this.shape.join(', ')}], values:`;
    return `${head} ${this.toString().replace(/^Tensor\s+/, '')} }`;
  }
  /** What packages name the values by: tf.engine().makeTensorFromDataId and kernels take it. */
  get dataId(): DataId {
    return dataIdOf(this);
  }

  /** Elements from one index to the next along each axis but the last. */
  get strides(): number[] {
    const strides: number[] = [];
    for (let i = this.rank - 1, n = 1; i > 0; i--) strides.unshift((n *= this.shape[i]));
    return strides;
  }

  get isDisposed(): boolean {
    return core.i32()[(this.ptr >>> 2) + ID] !== this.id;
  }

  /** @internal The address in the core; throws if the tensor is disposed. */
  handle(who = 'Tensor'): number {
    if (this.isDisposed) throw new TensorineError('disposed', `${who}: Tensor is disposed.`);
    if (this.registration?.away) this.registration.moveBack();
    return this.ptr;
  }

  /** Frees the memory now. Disposing twice is fine. */
  dispose(): void {
    if (this.isDisposed) return;
    this.registration?.end();
    core.x.tn_dispose(this.ptr);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  throwIfDisposed(): void {
    this.handle();
  }

  /** The bytes of the elements; of a string tensor, those of each string. */
  async bytes(): Promise<Uint8Array | Uint8Array[]> {
    await core.arrived(this.handle('bytes'));
    return this.bytesSync();
  }

  /** The same at once. */
  bytesSync(): Uint8Array | Uint8Array[] {
    if (this.dtype === 'string') return stringsOf(this.handle('bytes'), this.size) as Uint8Array[];
    const { buffer } = this.dataSync();
    return new Uint8Array(buffer);
  }

  /** The elements, in row-major order; on the GPU this waits: prefer data(). */
  dataSync<D extends DataType = NumericDataType>(): DataTypeMap[D] {
    return read<DataTypeMap[D]>(this.handle('dataSync'), this.size, this.dtype);
  }

  /** The elements, in row-major order, without blocking the page while the GPU works. */
  async data<D extends DataType = NumericDataType>(): Promise<DataTypeMap[D]> {
    const arriving = core.arrived(this.handle('data'));
    if (!arriving) return this.dataSync<D>();
    const held = core.x.tn_hold(this.ptr); // the tensor may be disposed meanwhile
    core.check();
    try {
      await arriving;
      return read<DataTypeMap[D]>(held, this.size, this.dtype);
    } finally {
      core.x.tn_dispose(held);
    }
  }

  /** The elements as nested arrays; a number for rank 0. */
  arraySync(): ArrayMap[R] {
    return nest(this.dataSync(), this.shape, this.dtype);
  }

  /** The elements as nested arrays; a number for rank 0. */
  async array(): Promise<ArrayMap[R]> {
    return nest(await this.data(), this.shape, this.dtype);
  }

  /** @returns what print() shows */
  toString(verbose = false): string {
    return format(this.dataSync(), this.shape, this.dtype, verbose);
  }

  print(verbose = false): void {
    console.log(this.toString(verbose));
  }

  toFloat<T extends Tensor>(this: T): T {
    return this.cast('float32');
  }
  toInt<T extends Tensor>(this: T): T {
    return this.cast('int32');
  }
  toBool<T extends Tensor>(this: T): T {
    return this.cast('bool');
  }
  asType<T extends Tensor>(this: T, dtype: DataType): T {
    return this.cast(dtype);
  }
  asScalar(): Scalar {
    return this.reshape([]);
  }
  flatten(): Tensor1D {
    return this.reshape([this.size]);
  }
  as1D(): Tensor1D {
    return this.flatten();
  }
  as2D(rows: number, columns: number): Tensor2D {
    return this.reshape([rows, columns]);
  }
  as3D(a: number, b: number, c: number): Tensor3D {
    return this.reshape([a, b, c]);
  }
  as4D(a: number, b: number, c: number, d: number): Tensor4D {
    return this.reshape([a, b, c, d]);
  }
  as5D(a: number, b: number, c: number, d: number, e: number): Tensor5D {
    return this.reshape([a, b, c, d, e]);
  }
  reshapeAs<T extends Tensor>(x: T): T {
    if (!(x instanceof Tensor)) throw new TensorineError('value', 'reshapeAs: x must be a Tensor');
    return this.reshape(x.shape);
  }
}

/** @internal The tensor at an address of the core. */
export const tensorAt = <R extends Rank = Rank>(ptr: number): Tensor<R> => new Tensor<R>(AT, ptr);

/** @internal The tensor that a data id was asked of, if it is not forgotten. */
export const ownerOf = (dataId: object): Tensor | undefined => askedOf(dataId) as Tensor | undefined;

// Further methods (add, matMul, ...) come from files above this one: api/chain.ts puts them on the prototype.

/** A number. */
export type Scalar = Tensor<Rank.R0>;
/** A vector. */
export type Tensor1D = Tensor<Rank.R1>;
/** A matrix. */
export type Tensor2D = Tensor<Rank.R2>;
export type Tensor3D = Tensor<Rank.R3>;
export type Tensor4D = Tensor<Rank.R4>;
export type Tensor5D = Tensor<Rank.R5>;
export type Tensor6D = Tensor<Rank.R6>;

export type NamedTensorMap = { [name: string]: Tensor };
export interface NamedTensor {
  name: string;
  tensor: Tensor;
}
/** Saves tensors of a custom gradient for its gradFunc. */
export type GradSaveFunc = (save: Tensor[]) => void;

/** Nested arrays of the shape over flat data; a complex number is two elements of the last axis. */
function nest(data: ArrayLike<unknown>, sizes: number[], dtype: DataType): any {
  const shape = dtype === 'complex64' ? [...sizes.slice(0, -1), 2 * (sizes.at(-1) ?? 1)] : sizes;
  if (!shape.length) return data[0];
  let at = 0;
  const level = (axis: number): any[] => {
    const out = new Array(shape[axis]);
    for (let i = 0; i < out.length; i++) out[i] = axis + 1 === shape.length ? data[at++] : level(axis + 1);
    return out;
  };
  return level(0);
}
