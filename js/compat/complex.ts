// Complex numbers in flat arrays, for packages that bring kernels of their own.
import type { TypedArray } from '../core/tensor';
import { want } from '../core/want';
import { refuse } from './refuse';

export interface ComplexArrays {
  real: Float32Array;
  imag: Float32Array;
}
export interface ComplexNumber {
  real: number;
  imag: number;
}

/** Real and imaginary parts in turn. */
export function mergeRealAndImagArrays(real: Float32Array, imag: Float32Array): Float32Array {
  want('backend_util.mergeRealAndImagArrays', { real, imag }, 'numbers');
  if (real.length !== imag.length)
    refuse(`Cannot merge real and imag arrays of different lengths. real:${real.length}, imag: ${imag.length}.`);
  return Float32Array.from({ length: real.length * 2 }, (_, i) => (i % 2 ? imag : real)[i >> 1]);
}

export function splitRealAndImagArrays(complex: Float32Array): ComplexArrays {
  want('backend_util.splitRealAndImagArrays', { complex }, 'numbers');
  return { real: complex.filter((_, i) => i % 2 === 0), imag: complex.filter((_, i) => i % 2 === 1) };
}

const every = (complex: Float32Array, first: number): ComplexArrays =>
  splitRealAndImagArrays(complex.filter((_, i) => (i >> 1) % 2 === first));

/** The numbers at even places, and at odd ones. */
export function complexWithEvenIndex(complex: Float32Array): ComplexArrays {
  want('backend_util.complexWithEvenIndex', { complex }, 'numbers');
  return every(complex, 0);
}
export function complexWithOddIndex(complex: Float32Array): ComplexArrays {
  want('backend_util.complexWithOddIndex', { complex }, 'numbers');
  return every(complex, 1);
}

export function getComplexWithIndex(complex: Float32Array, index: number): ComplexNumber {
  want('backend_util.getComplexWithIndex', { complex }, 'list');
  want('backend_util.getComplexWithIndex', { index }, 'integer');
  return { real: complex[2 * index], imag: complex[2 * index + 1] };
}

export function assignToTypedArray(data: TypedArray, real: number, imag: number, index: number): void {
  want('backend_util.assignToTypedArray', { data }, 'list');
  want('backend_util.assignToTypedArray', { real, imag }, 'number');
  want('backend_util.assignToTypedArray', { index }, 'size');
  data[2 * index] = real;
  data[2 * index + 1] = imag;
}

/** exp(-2 pi i k / n), or its conjugate. */
export function exponent(k: number, n: number, inverse: boolean): ComplexNumber {
  want('backend_util.exponent', { k, n }, 'number');
  const angle = (inverse ? 2 : -2) * Math.PI * (k / n);
  return { real: Math.cos(angle), imag: Math.sin(angle) };
}

/** The first half of all n of them. */
export function exponents(n: number, inverse: boolean): ComplexArrays {
  want('backend_util.exponents', { n }, 'size');
  const half = Array.from({ length: Math.floor(n / 2) }, (_, k) => exponent(k, n, inverse));
  return { real: Float32Array.from(half, (e) => e.real), imag: Float32Array.from(half, (e) => e.imag) };
}
