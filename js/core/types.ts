// Types that say how many axes a tensor has, and what arrays may stand for one.
import type { TypedArray } from '../wasm/dtypes';

export type * from '../wasm/dtypes';

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
