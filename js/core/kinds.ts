// What kind of value something is, where a program may have passed anything.
import type { TypedArray } from './types';

export const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null;

export const isString = (v: unknown): v is string => typeof v === 'string' || v instanceof String;

/** A promise, also of another kind than the host's. */
export const isPromise = (v: unknown): v is Promise<unknown> =>
  typeof (v as PromiseLike<unknown> | null | undefined)?.then === 'function';

export const isTyped = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);

/** An array of 64-bit numbers, which no tensor holds. */
export const isBig = (v: unknown): boolean => v instanceof BigInt64Array || v instanceof BigUint64Array;

export const isList = (v: unknown): v is ArrayLike<unknown> => Array.isArray(v) || isTyped(v);

/** The number of elements in a shape. */
export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
