// Tensors in pairs and in containers.
import { describe, TensorineError } from '../wasm/errors';
import { begin } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { isObject } from '../core/kinds';
import { tidy } from '../core/scopes';
import { Tensor, type DataType, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { inferDtype } from '../util/values';

/** The dtype that arithmetic on two dtypes gives. */
export function upcastType(a: DataType, b: DataType): DataType {
  want('tensor_util.upcastType', { a, b }, 'dtype');
  if (a === b && a === 'string') return 'string';
  if (a === 'string' || b === 'string') throw new TensorineError('dtype', `Can not upcast ${a} with ${b}`);
  const order: DataType[] = ['bool', 'int32', 'float32', 'complex64'];
  return order[Math.max(order.indexOf(a), order.indexOf(b))];
}

/** The dtype of a sum. */
export const sumOutType = (type: DataType): DataType => upcastType(type, 'int32');

/** Both, cast to the dtype that they share. */
export function makeTypesMatch(a: Tensor, b: Tensor): [Tensor, Tensor] {
  want('tensor_util.makeTypesMatch', { a, b }, 'tensor');
  if (a.dtype === b.dtype) return [a, b];
  const dtype = upcastType(a.dtype, b.dtype);
  return tidy(() => [a.cast(dtype), b.cast(dtype)] as [Tensor, Tensor]);
}

export function assertTypesMatch(a: Tensor, b: Tensor): void {
  want('tensor_util.assertTypesMatch', { a, b }, 'tensor');
  if (a.dtype !== b.dtype)
    throw new TensorineError('dtype', `The dtypes of the first(${a.dtype}) and second(${b.dtype}) input must match`);
}

export function isTensorInList(tensor: Tensor, list: Tensor[]): boolean {
  want('tensor_util.isTensorInList', { tensor }, 'tensor');
  want('tensor_util.isTensorInList', { list }, 'tensors');
  return list.some(({ id }) => id === tensor.id);
}

/** The tensors anywhere in a value, each once. */
export function getTensorsInContainer(value: unknown): Tensor[] {
  const found = new Set<Tensor>(),
    seen = new Set<unknown>();
  const walk = (v: unknown): void => {
    if (v instanceof Tensor) found.add(v);
    else if (isObject(v) && !seen.has(v) && !ArrayBuffer.isView(v)) {
      seen.add(v);
      for (const one of Object.values(v)) walk(one);
    }
  };
  walk(value);
  return [...found];
}

/** The argument of an op as a tensor: itself, or one made of a value. parseAsDtype: the dtype it must
 * have (arrays of numbers are made so), 'numeric' (no strings) or 'string_or_numeric'. */
export function convertToTensor(
  x: TensorLike,
  argName: string,
  functionName: string,
  parseAsDtype: DataType | 'numeric' | 'string_or_numeric' = 'numeric',
): Tensor {
  want('tensor_util.convertToTensor', { argName, functionName, parseAsDtype }, 'string?');
  if ((parseAsDtype as unknown) === null) throw new TensorineError('value', 'Expected dtype cannot be null.');
  const like =
    x instanceof Tensor ||
    Array.isArray(x) ||
    ArrayBuffer.isView(x) ||
    ['number', 'boolean', 'string'].includes(typeof x);
  if (!like) {
    const type = x === null || x === undefined ? 'null' : describe(x);
    throw new TensorineError(
      'value',
      `Argument '${argName}' passed to '${functionName}' must be a Tensor or TensorLike, but got '${type}'`,
    );
  }
  const actual = x instanceof Tensor ? x.dtype : inferDtype(x);
  const wrong =
    parseAsDtype === 'numeric'
      ? actual === 'string'
      : parseAsDtype === 'string_or_numeric'
        ? false
        : x instanceof Tensor
          ? actual !== parseAsDtype
          : (actual === 'string') !== (parseAsDtype === 'string');
  if (wrong)
    throw new TensorineError(
      'dtype',
      `Argument '${argName}' passed to '${functionName}' must be ${parseAsDtype} tensor, but got ${actual} tensor`,
    );
  if (x instanceof Tensor) return x;
  begin('');
  const asked = parseAsDtype === 'numeric' || parseAsDtype === 'string_or_numeric' ? undefined : parseAsDtype;
  return fromArray(x, undefined, asked, argName);
}
