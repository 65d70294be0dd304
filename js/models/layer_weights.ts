// The weights of a layer and their penalties, as the core has them.
import { WhichWeights } from '../generated/border';
import * as core from '../core/core';
import { tidy } from '../core/engine';
import { TensorineError } from '../core/errors';
import { fromArray } from '../core/lower';
import { Tensor, type Scalar, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import type { Layer } from './layer';
import { addresses, answer, tensors } from './lowering';
import { weightOf, type LayerWeight } from './weight';

/** In the order that the class gives its weights in. */
export function setInOrder(layer: Layer, values: TensorLike[]): void {
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
export function nameIn(layer: Layer, weight: number): string {
  const names = answer<string[]>(layer.name, () => core.x.tn_layer_weight_names(layer.ptr, WhichWeights.all));
  return names[addresses(layer.name, () => core.x.tn_layer_weights(layer.ptr, WhichWeights.all)).indexOf(weight)];
}

export function penaltiesOf(layer: Layer): Scalar[] {
  return tensors(layer.name, () => core.x.tn_model_penalties(layer.ptr)) as Scalar[];
}

/** which: 0 all, 1 what is trained, 2 the others; 3 and 4 are the same of the layer itself, trained or not. */
export function weightsOf(layer: Layer, which: number): LayerWeight[] {
  const names = answer<string[]>(layer.name, () => core.x.tn_layer_weight_names(layer.ptr, which));
  return addresses(layer.name, () => core.x.tn_layer_weights(layer.ptr, which)).map((ptr, i) =>
    weightOf(ptr, names[i], layer),
  );
}
