// Assertions for tests of packages that are built on this library: they throw where values differ.
import { encodeText } from '../core/strings';
import { Tensor, type TypedArray } from '../core/tensor';
import { flatten, isString, isTypedArray } from '../api/util';
import { isBrowser } from './device_util';

export const TEST_EPSILON_FLOAT32 = 1e-3;
export const TEST_EPSILON_FLOAT16 = 1e-1;

/** How far numbers may be apart. */
export const testEpsilon = (): number => TEST_EPSILON_FLOAT32;

type Values = Tensor | TypedArray | number | string | boolean | unknown[];

const near = (a: any, e: any, epsilon: number) =>
  isString(a) || isString(e)
    ? a === e
    : (!Number.isFinite(a) && !Number.isFinite(e)) ||
      !(Number.isNaN(a) || Number.isNaN(e) || Math.abs(a - e) > epsilon);

function shapeOf(value: unknown): number[] {
  return Array.isArray(value)
    ? [value.length, ...shapeOf(value[0])]
    : isTypedArray(value as any)
      ? [(value as any).length]
      : [];
}

/** A tensor's values; beside an array that is nested, as that. */
const valuesOf = (x: Values, beside: Values): any =>
  !(x instanceof Tensor) ? x : Array.isArray(beside) && Array.isArray(beside[0]) ? x.arraySync() : x.dataSync();

function compare(given: Values, wanted: Values, same: (a: any, e: any) => boolean): void {
  if (given instanceof Tensor && wanted instanceof Tensor && String(given.shape) !== String(wanted.shape))
    throw new Error(`Tensors have different shapes. Actual: [${given.shape}]. Expected: [${wanted.shape}]`);
  const actual = valuesOf(given, wanted),
    expected = valuesOf(wanted, given);
  const sameKind = isTypedArray(actual as any) && isTypedArray(expected as any);
  if (sameKind && actual.constructor !== (expected as object).constructor)
    throw new Error(
      `Arrays are of different type. Actual: ${actual.constructor.name}. Expected: ${(expected as object).constructor.name}`,
    );
  if (Array.isArray(actual) && Array.isArray(expected) && String(shapeOf(actual)) !== String(shapeOf(expected)))
    throw new Error(`Arrays have different shapes. Actual: [${shapeOf(actual)}]. Expected: [${shapeOf(expected)}]`);
  const a = isTypedArray(actual as any) ? (actual as ArrayLike<unknown>) : flatten<any>(actual as any);
  const e = isTypedArray(expected as any) ? (expected as ArrayLike<unknown>) : flatten<any>(expected as any);
  const both = () => `Actual:   ${Array.from(a)}.\nExpected: ${Array.from(e)}.`;
  if (a.length !== e.length)
    throw new Error(`Arrays have different lengths actual: ${a.length} vs expected: ${e.length}.\n${both()}`);
  for (let i = 0; i < e.length; i++)
    if (!same(a[i], e[i]))
      throw new Error(`Arrays differ: actual[${i}] = ${a[i]}, expected[${i}] = ${e[i]}.\n${both()}`);
}

/** Numbers within epsilon of each other; NaN and infinities stand for each other. */
export function expectArraysClose(actual: Values, expected: Values, epsilon = testEpsilon()): void {
  compare(actual, expected, (a, e) => near(a, e, epsilon));
}

export function expectArraysEqual(actual: Values, expected: Values): void {
  const first =
    expected instanceof Tensor
      ? expected.dtype === 'string' && ''
      : Array.isArray(expected)
        ? flatten<any>(expected)[0]
        : expected;
  if (isString(first as any))
    compare(actual, expected, (a, e) => a == e); // eslint-disable-line eqeqeq
  else compare(actual, expected, (a, e) => near(a, e, 0));
}

export function expectNumbersClose(a: number, e: number, epsilon = testEpsilon()): void {
  if (!near(a, e, epsilon)) throw new Error(`Numbers differ: actual === ${a}, expected === ${e}`);
}

export function expectValuesInRange(actual: TypedArray | number[], low: number, high: number): void {
  for (const v of actual)
    if (v < low || v > high) throw new Error(`Value out of range:${v} low: ${low}, high: ${high}`);
}

export function expectArrayBuffersEqual(actual: ArrayBuffer, expected: ArrayBuffer): void {
  compare(Array.from(new Uint8Array(actual)), Array.from(new Uint8Array(expected)), (a, e) => a === e);
}

/** Calls done.fail if the promise of f resolves, done if not. */
export function expectPromiseToFail(f: () => Promise<unknown>, done: { (): void; fail(): void }): void {
  f().then(
    () => done.fail(),
    () => done(),
  );
}

/** The strings in nested arrays, in place, become their bytes. */
export function encodeStrings(a: unknown[]): unknown[] {
  a.forEach((v, i) => {
    a[i] = Array.isArray(v) ? encodeStrings(v) : encodeText(v as string);
  });
  return a;
}

/** A video element of a source that has loaded its first frame. */
export function createVideoElement(source: HTMLSourceElement): Promise<HTMLVideoElement> {
  if (!isBrowser()) throw new Error('There are video elements in browsers only');
  const video = document.createElement('video');
  video.setAttribute('playsinline', '');
  video.muted = true;
  video.loop = true;
  video.style.position = 'fixed';
  video.style.left = '0px';
  video.style.top = '0px';
  video.preload = 'auto';
  video.appendChild(source);
  return new Promise((resolve) => {
    video.addEventListener('loadeddata', () => resolve(video));
    video.load();
  });
}

/** Plays until a frame has been shown. */
export async function play(video: HTMLVideoElement): Promise<void> {
  await video.play();
  if ('requestVideoFrameCallback' in video)
    await new Promise((resolve) => {
      video.requestVideoFrameCallback(resolve);
    });
}
