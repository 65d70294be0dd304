// The weights of a layer and their penalties, as the core has them.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { tidy } from '../core/scopes';
import { TensorineError } from '../wasm/errors';
import { fromArray } from '../core/from_array';
import { Tensor, type Scalar, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import type { AnyLayer } from './any_layer';
import { addresses, answer, call, stringify, tensorList, tensors, strings } from '../core/calls';
import { weightOf, type LayerWeight } from './weight';

/** In the order that the class gives its weights in. */
export function setInOrder(layer: AnyLayer, values: TensorLike[]): void {
  const { weights } = layer;
  want(`${layer.name}.setWeights`, { weights: values }, 'array');
  if (values.length !== weights.length)
    throw new TensorineError(
      'value',
      `${layer.name}: setWeights got ${values.length} values for ${weights.length} weights`,
    );
  tidy(() => weights.forEach((weight, i) => weight.write(asTensor(values[i]))));
}

const asTensor = (value: TensorLike): Tensor => (value instanceof Tensor ? value : fromArray(value));

/** The name of a weight in files. */
export function nameIn(layer: AnyLayer, weight: number): string {
  const names = answer<string[]>(layer.name, () => core.x.tn_layer_weight_names(layer.ptr, WhichWeights.all));
  return names[addresses(layer.name, () => core.x.tn_layer_weights(layer.ptr, WhichWeights.all)).indexOf(weight)];
}

export function penaltiesOf(layer: AnyLayer): Scalar[] {
  return tensors(layer.name, () => core.x.tn_model_penalties(layer.ptr)) as Scalar[];
}

/** which: 0 all, 1 what is trained, 2 the others; 3 and 4 are the same of the layer itself, trained or not. */
export function weightsOf(layer: AnyLayer, which: number): LayerWeight[] {
  const names = answer<string[]>(layer.name, () => core.x.tn_layer_weight_names(layer.ptr, which));
  return addresses(layer.name, () => core.x.tn_layer_weights(layer.ptr, which)).map((ptr, i) =>
    weightOf(ptr, names[i], layer),
  );
}

/** @internal Sets weights by the names of a file. */
export function loadByNames(layer: AnyLayer, names: string[], tensors: Tensor[], strict: boolean): void {
  call(layer.name, () => {
    const values = tensorList(tensors, 'weights');
    core.x.tn_layer_load_weights(layer.ptr, strings(stringify(names, layer.name))[0], values, Number(Boolean(strict)));
  });
}
