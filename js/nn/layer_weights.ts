// The weights of a layer and their penalties, as the core has them.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { addresses, answer, call, stringify, tensorList, tensors } from '../core/calls';
import { fromArray } from '../core/from_array';
import { isObject } from '../core/kinds';
import { returned } from '../core/returned';
import { tidy } from '../core/scopes';
import { strings } from '../core/strings';
import { Tensor, type DataType, type Scalar, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import type { AnyLayer } from './any_layer';
import { plain } from './make';
import { Constraint, Initializer, Regularizer } from './parts';
import type { Shape } from './symbol';
import { startWith, weightOf, type LayerWeight } from './weight';

/** What a program may have in place of a part of the library. */
interface Applicable {
  apply(...args: any[]): Tensor;
}

/** The program's own part, if it is one: parts of the library and names are the core's. */
function partOfProgram(value: unknown): Applicable | null {
  const known = value instanceof Initializer || value instanceof Regularizer || value instanceof Constraint;
  return isObject(value) && !known && 'apply' in value ? (value as Applicable) : null;
}

interface WeightArgs {
  name: string;
  shape: Shape;
  dtype?: DataType | null;
  initializer: unknown;
  regularizer: unknown;
  trainable: boolean;
  constraint: unknown;
}

/** A new weight of a layer. */
export function addWeight(layer: AnyLayer, args: WeightArgs): LayerWeight {
  const { name, shape, initializer, regularizer, trainable, constraint } = args,
    dtype = args.dtype ?? 'float32';
  const [first, penalty, limit] = [initializer, regularizer, constraint].map(partOfProgram);
  const config = plain({
    name,
    shape,
    initializer: first || layer._fastInit ? 'zeros' : initializer,
    regularizer: penalty ? null : regularizer,
    constraint: limit ? null : constraint,
    trainable,
    dtype,
    constrained: limit !== null,
  });
  const ptr = call(layer.name, () => core.x.tn_layer_add_weight(layer.ptr, strings(stringify(config, layer.name))[0]));
  const weight = weightOf(ptr, nameIn(layer, ptr), layer);
  weight.constraint = limit;
  if (limit) layer.kept.add(weight);
  if (penalty) layer.addLoss(() => returned(penalty.apply(weight.read()), `${layer.name}: the regularizer of ${name}`));
  if (first && !layer._fastInit)
    startWith(weight, returned(first.apply(shape, dtype), `${layer.name}: the initializer of ${name}`));
  return weight;
}

/** Whether the class of a layer, which stands below `base`, overrides the getters of its weights. */
export function overridesWeights(layer: AnyLayer, base: object): boolean {
  for (let at = Object.getPrototypeOf(layer); at && at !== base; at = Object.getPrototypeOf(at))
    if (['weights', 'trainableWeights', 'nonTrainableWeights'].some((name) => Object.hasOwn(at, name))) return true;
  return false;
}

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
