// Arguments on their way into the core, results on their way out. A call is: begin(name), each
// argument lowered, one call of wasm, one() or many(). Lists go through the core's argument block.
import * as core from '../wasm/core';
import { checkUpload, debugging } from './debug';
import { describe, shown, TensorineError, type ErrorCode } from '../wasm/errors';
import { encodeText, makeStrings } from './strings';
import { DTYPES, Tensor, tensorAt, type DataType, type PadLike, type TensorLike, type TypedArray } from './tensor';
import { encode } from '../wasm/utf8';

const BLOCK = 1 << 16; // bytes of the argument block unless a call needs more
let op = '';
let block = 0,
  room = 0,
  used = 0,
  base = 0;
let slots: number[] = [];
let converted: Tensor[] = [];
let taken: Tensor[] = []; // arguments that are tensors, of the call under way

export function begin(name: string): void {
  core.starts();
  op = name;
  used = base;
  if (slots.length) slots = [];
  if (taken.length) taken = [];
  if (!block) makeRoom(BLOCK);
}

function makeRoom(bytes: number): void {
  const more = core.x.tn_arguments(bytes);
  if (!more) throw raise('memory', `out of memory for ${bytes} bytes of arguments`);
  block = more;
  room = bytes;
}

/** Runs a function of the program that the core calls in the middle of a call: the arguments of that
 * call stay. What it throws becomes the core's error, and `otherwise` the result. */
export function entry<T>(otherwise: T, f: () => T): T {
  return core.crossing(otherwise, () => within(f));
}

/** Runs f in the middle of a call, whose arguments stay. What f converted for a call it did not come to is freed. */
export function within<T>(f: () => T): T {
  const outer = [op, base, used, slots, converted, taken] as const;
  base = used;
  slots = [];
  converted = [];
  taken = [];
  try {
    return f();
  } catch (error) {
    release();
    throw error;
  } finally {
    [op, base, used, slots, converted, taken] = outer;
  }
}

/** Runs f, which reads what a program gave: a getter may call this library, and that call has its own
 * arguments. What was taken before must still be there afterwards. */
function reading<T>(f: () => T): T {
  const who = op;
  let result: T;
  core.ends(); // no call is under way while the program's code runs
  try {
    result = within(() => {
      op = who;
      return f();
    });
  } catch (error) {
    release();
    throw error;
  }
  core.starts();
  for (const x of taken) {
    if (x.isDisposed) throw raise('disposed', 'a tensor was disposed while the other arguments were read');
    x.handle();
  }
  return result;
}

/** An error of the op that is being called; what was converted for it is freed. */
export function raise(code: ErrorCode, text: string): TensorineError {
  release();
  return new TensorineError(code, op ? `${op}: ${text}` : text);
}

function release(): void {
  taken = [];
  while (converted.length) converted.pop()!.dispose();
}

/** Words in the argument block. */
function words(n: number): number {
  if (used + n * 4 > room) throw raise('value', `a list of ${n} numbers is too long`);
  const at = block + used;
  used += n * 4;
  return at;
}

function live(value: Tensor, arg: string): number {
  if (value.isDisposed)
    throw raise(
      'disposed',
      `${arg} is disposed: Tensor is disposed. tf.tidy() disposes what f does not return, unless tf.keep() was given it.`,
    );
  taken.push(value);
  return value.handle(op);
}

function wantNumbers(x: Tensor, arg: string, dtype = 'numeric'): void {
  if (x.dtype === 'string')
    throw raise('dtype', `Argument '${arg}' passed to '${op}' must be ${dtype} tensor, but got string tensor`);
}

/** A value that is no tensor becomes one, until the call is over. */
function convert(value: unknown, dtype: DataType | undefined, arg: string): Tensor {
  const made = fromArray(value, undefined, dtype, arg);
  converted.push(made);
  return made;
}

/** A tensor of numbers. dtype: what numbers and arrays become, where the op asks for one. */
export function tensor(value: TensorLike, arg: string, dtype?: DataType): number {
  if (value instanceof Tensor) {
    wantNumbers(value, arg, dtype);
    return live(value, arg);
  }
  const made = convert(
    value,
    (typeof value === 'object' && inferredApart(value) === 'string') || isText(value) ? 'string' : dtype,
    arg,
  );
  wantNumbers(made, arg, dtype);
  return made.handle(op);
}

/** A tensor that may be of strings. */
export const any = (value: TensorLike, arg: string): number =>
  value instanceof Tensor ? live(value, arg) : convert(value, undefined, arg).handle(op);

export const anyOrNull = (value: TensorLike | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : any(value, arg);

/** A tensor of strings. */
export const strings = (value: TensorLike, arg: string): number =>
  value instanceof Tensor ? live(value, arg) : convert(value, 'string', arg).handle(op);

/** A tensor; numbers and arrays become what another argument is of. 0 where there may be none. */
export function like(value: TensorLike | null | undefined, arg: string, other: TensorLike, optional = false): number {
  if (optional && (value === null || value === undefined)) return 0;
  if (value instanceof Tensor) return live(value, arg);
  return convert(value, other instanceof Tensor ? other.dtype : inferredApart(other), arg).handle(op);
}

export const tensorOrNull = (value: TensorLike | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : tensor(value, arg);

export function int(value: number, arg: string): number {
  if (!Number.isInteger(value) || Math.abs(value) > 0x7fffffff)
    throw raise('value', `${arg} must be a whole number below 2^31, but is ${shown(value)}`);
  return value;
}

export function float(value: number, arg: string): number {
  if (typeof value !== 'number') throw raise('value', `${arg} must be a number, but is ${shown(value)}`);
  return value;
}

export const bool = (value: unknown, _arg: string): number => (value ? 1 : 0);

export function choice(value: string, arg: string, of: string[]): number {
  const at = of.indexOf(value);
  if (at < 0) throw raise('value', `${arg} must be one of ${of.join(', ')}, but is ${shown(value)}`);
  return at;
}

/** -1 where none is chosen. */
export const choiceOrNone = (value: string | null | undefined, arg: string, of: string[]): number =>
  value === null || value === undefined ? -1 : choice(value, arg, of);

type Numbers = number | ArrayLike<number>;

/** The numbers of a list, read once. Pairs are flattened: [[1, 2], [3, 4]] is [1, 2, 3, 4]. */
function numbersOf(value: ArrayLike<Numbers>, arg: string): number[] {
  const n = value && typeof value === 'object' ? value.length : NaN;
  if (!Number.isInteger(n) || n < 0)
    throw raise('value', `${arg} must be a number or an array of numbers, but is ${shown(value)}`);
  if (n * 4 > room) throw raise('value', `a list of ${n} numbers is too long`);
  const list: number[] = [];
  for (let i = 0; i < n; i++) {
    const part = value[i];
    if (!Array.isArray(part)) list.push(int(part as number, `${arg}[${i}]`));
    else for (const [k, v] of [...part].entries()) list.push(int(v, `${arg}[${i}][${k}]`));
  }
  return list;
}

export function ints(value: number | ArrayLike<Numbers>, arg: string): number {
  const list = typeof value === 'number' ? [int(value, arg)] : reading(() => numbersOf(value, arg));
  const at = words(list.length + 1),
    heap = core.i32();
  heap[at >>> 2] = list.length;
  heap.set(list, (at >>> 2) + 1);
  return at;
}

export const intsOrNull = (value: number | ArrayLike<Numbers> | null | undefined, arg: string): number =>
  value === null || value === undefined ? 0 : ints(value, arg);

/** 'valid' is [], 'same' [-1], a number [p]; explicit padding is its pairs, axis by axis. */
export function pad(value: PadLike, arg: string): number {
  if (value === 'valid') return ints([], arg);
  if (value === 'same') return ints(-1, arg);
  if (typeof value === 'number' && value < 0) throw raise('value', `${arg} is ${value}, which is negative`);
  if (typeof value === 'number' || Array.isArray(value)) return ints(value, arg);
  throw raise('value', `${arg} must be 'valid', 'same', a number, or [[0, 0], [top, bottom], [left, right], [0, 0]]`);
}

/** text: tensors of strings are taken too. */
export function list(values: TensorLike[], arg: string, text = false): number {
  if (!Array.isArray(values))
    throw raise(
      'value',
      `The argument passed to tf.${op}() must be a list of tensors: Argument '${arg}' passed to '${op}' must be ` +
        `a \`Tensor[]\` or \`TensorLike[]\`, but got '${describe(values)}'`,
    );
  const items = reading(() => Array.from(values));
  return pointers(items.map((v, i) => (text ? any : tensor)(v, `${arg}[${i}]`)));
}

/** A counted list of addresses. */
export function pointers(values: number[]): number {
  const at = words(values.length + 1),
    heap = core.i32();
  heap[at >>> 2] = values.length;
  heap.set(values, (at >>> 2) + 1);
  return at;
}

function plain(value: unknown, arg: string): number | string | boolean {
  if (['number', 'string', 'boolean'].includes(typeof value)) return value as number | string | boolean;
  throw raise('value', `${arg} must be a number or a text, but is ${shown(value)}`);
}

const joined = (value: unknown, arg: string): string =>
  reading(() => (Array.isArray(value) ? Array.from(value, (v) => plain(v, arg)).join() : String(plain(value, arg))));

/** A number or text as the core's C string, several joined by commas; null where there is none. */
export function text(value: number | string | string[] | null | undefined, arg: string): number {
  if (value === null || value === undefined) return 0;
  const bytes = encode(typeof value === 'object' ? joined(value, arg) : String(plain(value, arg)));
  const at = words((bytes.length >> 2) + 1);
  core.u8().set(bytes, at);
  core.u8()[at + bytes.length] = 0;
  return at;
}

/** A word for one more result; given(i) reads the i-th. */
export function slot(): number {
  const at = words(1);
  slots.push(at);
  return at;
}

/** Ends a call: what was converted for it is freed, and errors are thrown. */
export function done(): void {
  if (taken.length) taken = [];
  core.ends();
  if (converted.length) release();
  core.check();
}

export function one<T extends Tensor = Tensor>(ptr: number): T {
  done();
  return tensorAt(ptr) as T;
}

export const given = <T extends Tensor = Tensor>(i: number): T => tensorAt(core.i32()[slots[i] >>> 2]) as T;

/** The tensors of a List in the core. */
export function many<T extends Tensor[] = Tensor[]>(ptr: number): T {
  done();
  return handles(ptr).map((at) => tensorAt(at)) as T;
}

/** The handles of a List in the core; 0 where it holds none. */
export function handles(ptr: number): number[] {
  const heap = core.i32(),
    n = heap[ptr >>> 2];
  return Array.from(heap.subarray((ptr >>> 2) + 1, (ptr >>> 2) + 1 + n));
}

// ---- values to tensors ----

const isTyped = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView);

const WHOLE = [Int32Array, Uint8Array, Uint8ClampedArray, Int8Array, Int16Array, Uint16Array];

const isText = (v: unknown): v is string => typeof v === 'string' || v instanceof String;

const isBig = (v: unknown): boolean => v instanceof BigInt64Array || v instanceof BigUint64Array;

/** Its own length, whatever a subclass says. */
const lengthOf: (v: TypedArray) => number = Function.prototype.call.bind(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!,
);

const inferredApart = (value: unknown): DataType => reading(() => inferred(value));

function inferred(value: unknown): DataType {
  if (isTyped(value)) return WHOLE.some((type) => value instanceof type) ? 'int32' : 'float32';
  if (Array.isArray(value)) return value.length ? inferred(value[0]) : 'float32';
  return typeof value === 'boolean' ? 'bool' : isText(value) ? 'string' : 'float32';
}

/** What to do with a value that is no tensor, but leads to one. */
function remedy(value: unknown): string {
  const tag = Object.prototype.toString.call(value);
  if (tag === '[object Promise]') return ': await it first';
  return tag === '[object Dataset]'
    ? ': take its elements by forEachAsync() or toArray(), or train by fitDataset()'
    : '';
}

/** What a value is refused with; without an op it was given to tf.tensor and its kin. */
function refuse(value: unknown, arg: string): TensorineError {
  if (typeof (value as Tensor | null)?.dataSync === 'function')
    return raise(
      'value',
      `Argument '${arg}' passed to '${op || 'tensor'}' is a tensor of another copy of the library, of ` +
        'another version or of TensorFlow.js: let all packages resolve to one (npm dedupe, a bundler alias), or pass its values',
    );
  if (op)
    return raise(
      'value',
      `Argument '${arg}' passed to '${op}' must be a Tensor or TensorLike, but got '${describe(value)}'${remedy(value)}`,
    );
  if (value === null || value === undefined)
    return raise('value', 'The input to the tensor constructor must be a non-null value.');
  return raise(
    'value',
    `values passed to ${arg} must be a number/boolean/string or an array of numbers/booleans/strings, ` +
      `or a TypedArray, but got '${describe(value)}'${remedy(value)}`,
  );
}

const isList = (v: unknown): v is ArrayLike<unknown> => Array.isArray(v) || isTyped(v);
const isElement = (v: unknown): v is number | boolean | string =>
  typeof v === 'number' || typeof v === 'boolean' || isText(v);

/** Bytes are one text where strings are wanted. */
const isBytes = (v: unknown, strings: boolean): v is Uint8Array => strings && v instanceof Uint8Array;

function shapeOf(value: unknown, strings: boolean): number[] {
  const shape: number[] = [];
  for (let v = value; isList(v) && !isBytes(v, strings); v = v[0]) shape.push(v.length);
  return shape;
}

type Element = number | boolean | string | Uint8Array;

/** The values of nested arrays that have this shape all through. */
function flatten(value: unknown, shape: number[], arg: string, strings: boolean): Element[] {
  const out: Element[] = [];
  const wrong = (path: string, text: string) => raise('shape', `${op && `${arg}: `}Element arr${path} ${text}`);
  const walk = (v: unknown, axis: number, path: string) => {
    if (axis === shape.length) {
      if (isBytes(v, strings)) out.push(v);
      else if ((v ?? null) === null && path)
        throw raise(
          'value',
          `Element arr${path} is ${v}, it must be a ${strings ? 'string' : 'number; NaN is one that is missing'}`,
        );
      else if (path && isText(v) && !strings)
        throw raise(
          'value',
          `Element arr${path} is the text '${v}', it must be a number: take Number(...) of strings, or dtype 'string'`,
        );
      else if (isList(v)) throw wrong(path, `should be a primitive, but is an array of ${v.length} elements`);
      else if (!isElement(v) || isText(v) !== strings) throw refuse(v, `${arg}${path}`);
      else out.push(v);
    } else if (!isList(v)) {
      throw wrong(path, `is a primitive, but should be an array/TypedArray of ${shape[axis]} elements`);
    } else {
      const n = v.length;
      if (n !== shape[axis]) throw wrong(path, `should have ${shape[axis]} elements, but has ${n} elements`);
      for (let i = 0; i < n; i++) walk(v[i], axis + 1, `${path}[${i}]`);
    }
  };
  walk(value, 0, '');
  return out;
}

const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

/** True if arrays of shape `found` may be read as `given`: the last axis may stand for several. */
function fits(found: number[], given: number[]): boolean {
  return found.every((n, i) => n === given[i] || (i === found.length - 1 && n === product(given.slice(i))));
}

/** Sizes that a program gave, read once; a number is one of them. */
export function sizesOf(shape: unknown): number[] {
  const sizes =
    typeof shape === 'number'
      ? [shape]
      : isTyped(shape)
        ? Array.from({ length: lengthOf(shape) }, (_, i) => Number(shape[i]))
        : reading(() => (Array.isArray(shape) ? Array.from(shape) : [NaN]));
  if (sizes.every((n) => Number.isInteger(n) && n >= 0) && product(sizes) <= 0x7fffffff) return sizes;
  const text = Array.isArray(shape) ? `[${sizes.map((n) => (typeof n === 'number' ? n : shown(n)))}]` : shown(shape);
  throw raise('shape', `Tensor must have a shape comprised of positive integers but got shape ${text}.`);
}

interface Values {
  flat: ArrayLike<Element>;
  found: number[];
  type: DataType;
}

/** What a value holds, read once. */
function valuesOf(value: unknown, dtype: DataType | undefined, arg: string): Values {
  const type = dtype ?? inferred(value),
    strings = type === 'string';
  if (!isTyped(value) || isBytes(value, strings)) {
    const found = shapeOf(value, strings);
    return { flat: flatten(value, found, arg, strings), found, type };
  }
  if (strings || isBig(value))
    throw raise(
      'dtype',
      `${arg} cannot be a ${describe(value)}: take Array.from(values, ${strings ? 'String' : 'Number'}) first`,
    );
  return { flat: value, found: [lengthOf(value)], type };
}

/** A tensor of a number, a (nested) array or a typed array; the shape is inferred if not given. */
export function fromArray(value: unknown, shape?: number[] | number | null, dtype?: DataType, arg = 'values'): Tensor {
  if (!isList(value) && !isElement(value)) throw refuse(value, arg);
  if (dtype === 'complex64')
    throw raise('dtype', 'Cannot construct a complex64 tensor directly. Please use tf.complex(real, imag).');
  if (dtype && !DTYPES.includes(dtype))
    throw raise('dtype', `dtype must be one of ${DTYPES.join(', ')}, but is ${shown(dtype)}`);
  const given = shape === undefined || shape === null ? null : sizesOf(shape);
  const { flat, found, type } =
    typeof value === 'number'
      ? { flat: [value], found: [], type: dtype ?? 'float32' }
      : reading(() => valuesOf(value, dtype ?? undefined, arg));
  if (type === 'string' && typeof value === 'number') throw refuse(value, arg);
  const sizes = given ?? found;
  if (product(sizes) !== product(found))
    throw raise(
      'shape',
      `Based on the provided shape, [${sizes}], the tensor should have ${product(sizes)} values but has ${product(found)}`,
    );
  if (given && !fits(found, given))
    throw raise(
      'shape',
      `Error creating a new Tensor. Inferred shape (${found}) does not match the provided shape (${given}). `,
    );
  return fromFlat(flat, sizes, type);
}

/** A string tensor of flat values; none is null or undefined but in a buffer. */
export function fromStrings(flat: ArrayLike<Element | null | undefined>, shape: number[]): Tensor {
  const strings = reading(() =>
    Array.from(flat, (v) => {
      if (v === null || v === undefined) return null;
      if (typeof v === 'number' || typeof v === 'boolean')
        throw raise('dtype', `a string tensor is of strings, but one element is ${v}`);
      return encodeText(v);
    }),
  );
  if (!block) makeRoom(BLOCK);
  const saved = used,
    address = ints(shape, 'shape');
  used = saved;
  return tensorAt(makeStrings(strings, address));
}

function bools(flat: ArrayLike<Element>, n: number): Uint8Array {
  const bytes = new Uint8Array(n);
  for (let i = 0; i < n; i++) bytes[i] = Number(flat[i]) === 0 ? 0 : 1;
  return bytes;
}

/** A tensor of flat values: a typed array, or an array that flatten() made. */
function fromFlat(flat: ArrayLike<Element>, shape: number[], dtype: DataType): Tensor {
  if (!block) makeRoom(BLOCK);
  if (dtype === 'string') return fromStrings(flat, shape);
  if (debugging) checkUpload(flat as ArrayLike<number>, dtype);
  const values = dtype === 'bool' ? bools(flat, product(shape)) : (flat as ArrayLike<number>);
  const saved = used;
  const ptr = core.x.tn_blank(DTYPES.indexOf(dtype), ints(shape, 'shape'));
  used = saved;
  core.check();
  const address = core.x.tn_address(ptr);
  try {
    if (dtype === 'bool') core.u8().set(values, address >>> 0);
    else (dtype === 'float32' ? core.f32() : core.i32()).set(values, address >>> 2);
  } catch (error) {
    core.x.tn_dispose(ptr);
    throw raise('value', `the values cannot be read: ${(error as Error).message}`);
  }
  return tensorAt(ptr);
}
