// Weights of layers: variables that the core owns.
import * as core from '../core/core';
import { Tensor, Variable, onVariables } from '../core/tensor';
import { addresses, answer } from './lowering';

/** Every address and id has one object, so that names stay and objects can be compared. */
const known = new Map<string, WeakRef<LayerWeight>>();
const uses = new Map<string, number>();

/** A layer's variable. It is freed with its layer, or by model.dispose(). */
export class LayerWeight extends Variable {
  /** The name without the suffix that tells weights of the same name apart. */
  readonly originalName: string;
  /** Keeps the layer alive. */
  owner: unknown = null;

  /** @internal */
  constructor(ptr: number, originalName: string) {
    const n = uses.get(originalName) ?? 0;
    uses.set(originalName, n + 1);
    super(ptr, n ? `${originalName}_${n}` : originalName, false);
    this.originalName = originalName;
  }

  /** The variable itself, under its name in TensorFlow.js. */
  get val(): this { return this; }

  /** The value now. */
  read(): Tensor { return this; }

  /** Replaces the value. */
  write(value: Tensor): this {
    this.assign(value);
    return this;
  }
}

const keyOf = (ptr: number) => `${ptr}:${core.i32()[ptr >>> 2]}`;

/** @internal The object of a weight. */
export function weightOf(ptr: number, name: string, owner: unknown): LayerWeight {
  const key = keyOf(ptr);
  let weight = known.get(key)?.deref();
  if (!weight) {
    weight = new LayerWeight(ptr, name);
    known.set(key, new WeakRef(weight));
    forgotten.register(weight, key);
  }
  weight.owner ??= owner;
  return weight;
}

const forgotten = new FinalizationRegistry<string>((key) => {
  if (!known.get(key)?.deref()) known.delete(key);
});

/** What an optimizer changes if it is told nothing: trainable weights of all layers there are. */
onVariables(() => {
  const found = addresses('variables', () => core.x.tn_all_weights());
  const missing = found.some((ptr) => !known.get(keyOf(ptr))?.deref());
  const names = missing ? answer<string[]>('variables', () => core.x.tn_all_weight_names()) : [];
  return found.map((ptr, i) => weightOf(ptr, names[i], null));
});
