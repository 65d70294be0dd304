// Weights of layers: variables that the core owns.
import * as core from '../core/core';
import { Tensor, Variable, onVariables } from '../core/tensor';
import { addresses, answer } from './lowering';

/** A weight has its name as long as it lives, and one object, as long as the program holds it. */
type Known = { name: string; object: WeakRef<LayerWeight> };
/** By address and id. */
const known = new Map<string, Known>();
const uses = new Map<string, number>();

/** A layer's variable. It is freed with its layer, or by model.dispose(). */
export class LayerWeight extends Variable {
  /** The name without the suffix that tells weights of the same name apart. */
  readonly originalName: string;
  /** Keeps the layer alive. */
  owner: unknown = null;

  /** @internal */
  constructor(ptr: number, name: string, originalName: string) {
    super(ptr, name, false);
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

/** Tells weights of the same name apart. */
function uniqueName(name: string): string {
  const n = uses.get(name) ?? 0;
  uses.set(name, n + 1);
  return n ? `${name}_${n}` : name;
}

let most = 1000;
/** Forgets, now and then, what is known of weights that are no more. */
function sweep(): void {
  if (known.size < most) return;
  for (const key of known.keys()) if (keyOf(parseInt(key)) !== key) known.delete(key);
  most = Math.max(1000, 2 * known.size);
}

/** @internal The object of a weight. */
export function weightOf(ptr: number, originalName: string, owner: unknown): LayerWeight {
  const key = keyOf(ptr), entry = known.get(key);
  let weight = entry?.object.deref();
  if (!weight) {
    sweep();
    const name = entry?.name ?? uniqueName(originalName);
    weight = new LayerWeight(ptr, name, originalName);
    known.set(key, { name, object: new WeakRef(weight) });
  }
  weight.owner ??= owner;
  return weight;
}

/** All weights of layers there are. */
onVariables(() => {
  const found = addresses('variables', () => core.x.tn_all_weights());
  const missing = found.some((ptr) => !known.get(keyOf(ptr))?.object.deref());
  const names = missing ? answer<string[]>('variables', () => core.x.tn_all_weight_names()) : [];
  return found.map((ptr, i) => weightOf(ptr, names[i], null));
});
