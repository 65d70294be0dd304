// What the elements of a tensor are in JavaScript, by its dtype.

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
