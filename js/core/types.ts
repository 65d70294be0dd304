// Types that say how many axes a tensor has, and what its elements are in JavaScript.
import type { Tensor } from './tensor';

/**
 * Ranks by name: Tensor<Rank.R2> is a matrix.
 * @example tf.Rank.R2 // "R2"
 */
export enum Rank {
  R0 = 'R0',
  R1 = 'R1',
  R2 = 'R2',
  R3 = 'R3',
  R4 = 'R4',
  R5 = 'R5',
  R6 = 'R6',
}

/** The shape of a tensor by its rank. */
export interface ShapeMap {
  R0: number[];
  R1: [number];
  R2: [number, number];
  R3: [number, number, number];
  R4: [number, number, number, number];
  R5: [number, number, number, number, number];
  R6: [number, number, number, number, number, number];
}

/** The elements of a tensor by its rank, as array() gives them. */
export interface ArrayMap {
  R0: number;
  R1: number[];
  R2: number[][];
  R3: number[][][];
  R4: number[][][][];
  R5: number[][][][][];
  R6: number[][][][][][];
}

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

/** What a dtype's elements are in JavaScript; complex64: real and imaginary parts in turn. */
export interface DataTypeMap {
  float32: Float32Array;
  int32: Int32Array;
  bool: Uint8Array;
  complex64: Float32Array;
  string: string[];
}

/** What one element is in JavaScript. */
export interface SingleValueMap {
  float32: number;
  int32: number;
  bool: boolean;
  complex64: number;
  string: string;
}

export type DataType = keyof DataTypeMap;
export type NumericDataType = 'float32' | 'int32' | 'bool' | 'complex64';
/** What data() gives of dtypes that are numbers. */
export type DataTypeArray = Float32Array | Int32Array | Uint8Array;
/** Values to be read as data() gives them. */
export type DataValues = DataTypeMap[DataType];
export type TypedArray = Float32Array | Int32Array | Uint8Array | Uint8ClampedArray;

export interface RecursiveArray<T> {
  [index: number]: T | RecursiveArray<T>;
}
export type ScalarLike = number | boolean | string | Uint8Array;
type Flat = TypedArray | number[] | boolean[] | string[] | Uint8Array[];
export type TensorLike1D = Flat;
export type TensorLike2D = Flat | number[][] | boolean[][] | string[][] | Uint8Array[][] | TypedArray[];
export type TensorLike3D = Flat | number[][][] | boolean[][][] | string[][][] | Uint8Array[][][] | TypedArray[][];
export type TensorLike4D =
  Flat | number[][][][] | boolean[][][][] | string[][][][] | Uint8Array[][][][] | TypedArray[][][];
export type TensorLike5D =
  Flat | number[][][][][] | boolean[][][][][] | string[][][][][] | Uint8Array[][][][][] | TypedArray[][][][];
export type TensorLike6D =
  Flat | number[][][][][][] | boolean[][][][][][] | string[][][][][][] | Uint8Array[][][][][][] | TypedArray[][][][][];

export type NamedTensorMap = { [name: string]: Tensor };
export interface NamedTensor {
  name: string;
  tensor: Tensor;
}
/** What an op's saved tensors are given to. */
export type GradSaveFunc = (save: Tensor[]) => void;
