// Nested arrays and objects: what an element of a dataset is made of.
import { TensorineError } from '../wasm/errors';
import { fromArray } from '../core/from_array';
import { getTensorsInContainer, tidy } from '../core/scopes';
import { Tensor, type TypedArray } from '../core/tensor';

/** What a function over a nested structure returns for a part: a value in its place, or that its parts come next. */
export interface DeepMapResult {
  value: any;
  recurse: boolean;
}

export type Container<T> = { [key: string]: ContainerOrT<T> } | ContainerOrT<T>[];
export type ContainerOrT<T> = Container<T> | T;

const INSIDE: DeepMapResult = { value: null, recurse: true };
const leaf = (value: unknown): DeepMapResult => ({ value, recurse: false });

/** Arrays, and objects that are nothing in particular: not tensors, typed arrays, blobs, dates. */
export const isContainer = (x: unknown): x is any =>
  Array.isArray(x) ||
  (typeof x === 'object' && Object.prototype.toString.call(x) === '[object Object]' && !(x instanceof Tensor));

/** Whether values of its kind can be batched into one tensor. */
export const isTensorLike = (x: unknown): boolean =>
  x === null ||
  (typeof x !== 'object' && typeof x !== 'function') ||
  Array.isArray(x) ||
  x instanceof Tensor ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView));

function check(result: DeepMapResult, input: unknown, around: Set<unknown>): void {
  if (!result.recurse) return;
  if (result.value !== null)
    throw new TensorineError('value', 'A deep map function may not return both a value and recurse=true.');
  if (!isContainer(input)) throw new TensorineError('value', `Can't recurse into non-iterable type: ${input}`);
  if (around.has(input)) throw new TensorineError('value', 'Circular references are not supported.');
}

function copyOf(x: any, f: (part: any) => unknown): any {
  const copy = Object.create(Object.getPrototypeOf(x));
  for (const key of Object.keys(x)) copy[key] = f(x[key]);
  return copy;
}

/** The same structure with what f makes of its parts; a part that occurs twice is asked for once. */
export function deepMap(input: unknown, f: (x: any) => DeepMapResult): any {
  const seen = new Map<unknown, unknown>(),
    around = new Set<unknown>();
  const walk = (x: any): unknown => {
    if (x === null || x === undefined) return null;
    if (typeof x !== 'object') return f(x).value;
    if (seen.has(x)) return seen.get(x);
    const result = f(x);
    check(result, x, around);
    if (!result.recurse) {
      seen.set(x, result.value);
      return result.value;
    }
    around.add(x);
    const copy = Array.isArray(x) ? x.map(walk) : copyOf(x, walk);
    around.delete(x);
    return copy;
  };
  return walk(input);
}

/** The same structure with what f promises for its leaves. If a promise is broken, the tensors of
 * the others are disposed. */
export async function deepMapAsync(input: unknown, f: (leaf: any) => Promise<unknown>): Promise<any> {
  const promises = new Map<unknown, Promise<unknown>>();
  deepMap(input, (x) => {
    if (isContainer(x)) return INSIDE;
    promises.set(x, f(x));
    return leaf(null);
  });
  const settled = await Promise.allSettled(promises.values());
  const broken = settled.find((one) => one.status === 'rejected');
  if (broken) {
    for (const one of settled) if (one.status === 'fulfilled') release(one.value);
    throw broken.reason;
  }
  const values = new Map(
    [...promises.keys()].map((key, i) => [key, (settled[i] as PromiseFulfilledResult<unknown>).value]),
  );
  return deepMap(input, (x) => (values.has(x) ? leaf(values.get(x)) : INSIDE));
}

/** A copy whose tensors are handles of their own. If one cannot be copied, those copied so far are disposed. */
export function deepClone(input: unknown): any {
  const copies: Tensor[] = [];
  const copy = (x: Tensor) => copies[copies.push(x.clone()) - 1];
  try {
    return deepMap(input, (x) => {
      if (typeof x !== 'object') return leaf(x);
      if (x instanceof Tensor) return leaf(copy(x));
      if (typeof Blob === 'function' && x instanceof Blob) return leaf(x.slice());
      return isContainer(x) ? INSIDE : leaf(x);
    });
  } catch (error) {
    release(copies);
    throw error;
  }
}

/** Several structures of one form as one structure, with what f makes of the parts in the same place. */
export function deepZip(inputs: any[], f: (parts: any[]) => DeepMapResult = zipToList): any {
  const around = new Set<unknown>();
  const walk = (parts: any[]): unknown => {
    const [example] = parts,
      result = f(parts);
    check(result, example, around);
    if (!result.recurse) return result.value;
    const merged: any = Array.isArray(example) ? [] : {};
    around.add(example);
    for (const key of Object.keys(example)) merged[key] = walk(parts.map((part) => part[key]));
    around.delete(example);
    return merged;
  };
  return walk(inputs);
}

/** For deepZip: a list of the parts, where they have no parts themselves. */
export const zipToList = (parts: any[]): DeepMapResult => (isContainer(parts[0]) ? INSIDE : leaf(parts));

/** For deepZip: one tensor of the parts, where they can be one. */
export const zipTo =
  (join: (parts: (Tensor | TypedArray | number)[]) => Tensor) =>
  (parts: any[]): DeepMapResult =>
    isTensorLike(parts[0]) ? leaf(join(parts)) : INSIDE;

/** Disposes the tensors of a value except those that are also in `kept`. */
export function release(value: unknown, kept?: unknown): void {
  const tensors = getTensorsInContainer(value);
  if (!tensors.length) return;
  const staying = new Set(getTensorsInContainer(kept));
  for (const tensor of tensors) if (!staying.has(tensor)) tensor.dispose();
}

/** Disposes the tensors of elements that were used. Those that are older than this are the program's, and a
 * dataset may give them again: they are disposed at the end. */
export class Used {
  private readonly first = tidy(() => fromArray(0).id);
  private readonly older = new Set<Tensor>();

  add(element: unknown): void {
    for (const tensor of getTensorsInContainer(element)) {
      if (tensor.id < this.first) this.older.add(tensor);
      else tensor.dispose();
    }
  }

  end(): void {
    release([...this.older]);
  }
}
