// Tensors in pairs and in containers.
import { TensorineError } from '../core/errors';
import { Tensor, type DataType } from '../core/tensor';

/** The dtype that arithmetic on two dtypes gives. */
export function upcastType(a: DataType, b: DataType): DataType {
  if (a === b && a === 'string') return 'string';
  if (a === 'string' || b === 'string') throw new TensorineError('dtype', `Can not upcast ${a} with ${b}`);
  const order: DataType[] = ['bool', 'int32', 'float32', 'complex64'];
  return order[Math.max(order.indexOf(a), order.indexOf(b))];
}

/** The dtype of a sum. */
export const sumOutType = (type: DataType): DataType => upcastType(type, 'int32');

/** Both, cast to the dtype that they share. */
export function makeTypesMatch(a: Tensor, b: Tensor): [Tensor, Tensor] {
  if (a.dtype === b.dtype) return [a, b];
  const dtype = upcastType(a.dtype, b.dtype);
  return [a.cast(dtype), b.cast(dtype)];
}

export function assertTypesMatch(a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype)
    throw new TensorineError('dtype', `The dtypes of the first(${a.dtype}) and second(${b.dtype}) input must match`);
}

export const isTensorInList = (tensor: Tensor, list: Tensor[]): boolean => list.some(({ id }) => id === tensor.id);

/** The tensors anywhere in a value, each once. */
export function getTensorsInContainer(value: unknown): Tensor[] {
  const found = new Set<Tensor>(), seen = new Set<unknown>();
  const walk = (v: unknown): void => {
    if (v instanceof Tensor) found.add(v);
    else if (typeof v === 'object' && v !== null && !seen.has(v) && !ArrayBuffer.isView(v)) {
      seen.add(v);
      for (const one of Object.values(v)) walk(one);
    }
  };
  walk(value);
  return [...found];
}
