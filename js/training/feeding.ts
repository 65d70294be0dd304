// Arguments with the data of a model, put in the order of its inputs or outputs.
import { TensorineError } from '../wasm/errors';
import { dataList, tensorList } from '../core/calls';
import { isObject } from '../core/kinds';
import { Tensor, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import type { NamedTensorMap } from '../io/types';
import type { AnyModel } from './any_model';

/** Data of a model: for its one input or output, for all in order, or by name. */
export type Data = TensorLike | Tensor[] | { [name: string]: TensorLike };

/** @internal Data as a list in the core. */
export function listOf(model: AnyModel, data: Data, arg: string): number {
  const { then, iterator } = (data ?? {}) as { then?: unknown; iterator?: unknown };
  if (typeof then === 'function')
    throw new TensorineError('value', `${arg} must be tensors, but got a Promise: await it`);
  if (typeof iterator === 'function' && !(data instanceof Tensor))
    throw new TensorineError(
      'value',
      `${arg} must be tensors, but got a Dataset: use fitDataset() or evaluateDataset(), or toArray()`,
    );
  const lower = arg === 'x' ? dataList : tensorList;
  const byName = isObject(data) && !(data instanceof Tensor) && !Array.isArray(data) && !ArrayBuffer.isView(data);
  if (byName) {
    const byName = data as { [name: string]: TensorLike };
    return lower(
      (arg === 'x' ? model.inputNames : model.outputNames).map((name) => {
        if (byName[name] === undefined) throw new TensorineError('value', `No data provided for "${name}" in ${arg}`);
        return byName[name];
      }),
      arg,
    );
  }
  const many = Array.isArray(data) && data.some((d) => d instanceof Tensor);
  return lower(many ? (data as Tensor[]) : [data as TensorLike], arg);
}

/** @internal The same; 0 where there is none. */
export const listOrNone = (model: AnyModel, data: Data | null | undefined, arg: string): number =>
  data === undefined || data === null ? 0 : listOf(model, data, arg);

/** @internal What a step takes: x, y and the weights of examples, if there are any. */
export const exampleLists = (model: AnyModel, x: Data, y: Data, weights?: Data | null): [number, number, number] => [
  listOf(model, x, 'x'),
  listOf(model, y, 'y'),
  listOrNone(model, weights, 'sampleWeight'),
];

/** @internal The argument `inputs` of execute() as a list. */
export function inputsGiven(model: AnyModel, inputs: Tensor | Tensor[] | NamedTensorMap): Tensor[] {
  const byName = (): Tensor[] => {
    want('execute', { inputs }, 'object');
    return model.inputs.map(({ name }) => {
      const input = (inputs as NamedTensorMap)[name];
      if (input) return input;
      throw new TensorineError('value', `No value is provided for the model's input ${name}`);
    });
  };
  const list = inputs instanceof Tensor ? [inputs] : Array.isArray(inputs) ? inputs : byName(),
    wanted = model.inputs.length;
  if (list.length === wanted) return list;
  throw new TensorineError(
    'value',
    `The number of inputs provided (${list.length}) does not match the number of inputs of this model (${wanted}).`,
  );
}
