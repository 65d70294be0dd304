// Strings and lists on their way between models and the core: configs cross as JSON, tensors and
// layers as addresses.
import * as core from '../wasm/core';
import { TensorineError, type ErrorCode } from '../wasm/errors';
import { begin, done, handles, pointers, within } from './arguments';
import { list, tensorOrNull } from './lower';
import { Tensor, tensorAt, type TensorLike } from './tensor';
import { want } from './want';
import { warnUnknown } from './warn';

/** One call of the core: `f` lowers its arguments and makes it; then errors are thrown. */
export function call<T>(who: string, f: () => T): T {
  return within(() => {
    begin(who);
    const result = f();
    done();
    return result;
  });
}

/** JSON of a config; what cannot be said in JSON, or is nested too deep for it, is a typed error. */
export function stringify(value: unknown, who: string, code: ErrorCode = 'value'): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    throw new TensorineError(code, `${who}: it cannot be written as JSON: ${(error as Error).message}`);
  }
}

/** An object of options, empty where none is given; warns of members that are not in `known`, names between blanks. */
export function options<T extends object>(who: string, given: T | null | undefined, known: string): T {
  want(who, { options: given }, 'object?');
  warnUnknown(who, given, '', known);
  return given ?? ({} as T);
}

/** What is done with a file; that it cannot be done is an error of the library's. */
export async function fileDone<T>(who: string, path: string, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw new TensorineError('file', `${who}: '${path}' cannot be written: ${(error as Error).message}`);
  }
}

/** The JSON that the core answers. */
export function answer<T>(who: string, f: () => number): T {
  return JSON.parse(core.text(call(who, f)));
}

/** Addresses in a list of the core. */
export const addresses = (who: string, f: () => number): number[] => handles(call(who, f));

/** The tensors in a list of the core. */
export const tensors = (who: string, f: () => number): Tensor[] => addresses(who, f).map((ptr) => tensorAt(ptr));

/** A list of tensors, numbers or arrays. */
export const tensorList = (values: TensorLike[], arg: string): number => list(values, arg);

/** The same where some layers take strings. */
export const dataList = (values: TensorLike[], arg: string): number => list(values, arg, true);
export { pointers };

/** One alone, or all of them. */
export const single = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0] : list);

/** A list of masks, of which some may be null. Only tensors: a layer may hand its own mask on. */
export function maskList(who: string, masks: (Tensor | null | undefined)[]): number {
  for (const mask of masks) want(who, { mask }, 'tensor?');
  return pointers(masks.map((mask) => tensorOrNull(mask, 'mask')));
}

/** A tensor of the core's own, seen for a while: JavaScript never frees it. */
export class Borrowed extends Tensor {
  override freeWhenForgotten(): void {}
  override dispose(): void {}
}
