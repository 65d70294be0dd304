// Weights of layers: variables that the core owns.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { addresses, answer, call } from '../core/calls';
import { returned } from '../core/returned';
import { Tensor, type DataType } from '../core/tensor';
import { onVariables, Variable } from '../core/variable';
import { want } from '../core/want';
import { newVariable } from '../api/create';

/** A weight has its name as long as it lives, and one object, as long as the program holds it. */
type Known = { name: string; object: WeakRef<LayerWeight> };
/** By address and id. */
const known = new Map<string, Known>();
const uses = new Map<string, number>();

function checkedName(name: string | null): string {
  want('LayerVariable', { name }, 'string?');
  return name ?? 'Variable';
}

/**
 * A layer's variable. It is freed with its layer, or by model.dispose(); one made by itself is freed by
 * dispose().
 * @example tf.tidy(() => { const w = new tf.LayerVariable(tf.scalar(1), null, 'w', true, tf.constraints.nonNeg()); w.write(tf.scalar(-2)); const y = w.read().clone(); w.dispose(); return y; }) // 0
 */
export class LayerWeight extends Variable {
  /** The name without the suffix that tells weights of the same name apart. */
  originalName: string;
  /** Keeps the layer alive. */
  owner: unknown = null;
  private readonly alone: boolean;
  /** A constraint of a layer of your own, which write() and training apply to each value. */
  constraint: { apply(weight: Tensor): Tensor } | null;

  /** A weight for a layer of your own: with a first value, whose dtype may be another, and a name. */
  constructor(
    val: Tensor | At,
    dtype?: DataType | null,
    name: string | null = 'Variable',
    trainable = true,
    constraint: { apply(weight: Tensor): Tensor } | null = null,
    unique = uniqueName(checkedName(name)),
    ptr = 0,
  ) {
    const originalName = name ?? 'Variable';
    if (val !== AT) want('LayerVariable', { val }, 'tensor');
    super(AT, val === AT ? ptr : newVariable(val, trainable, dtype ?? undefined), unique, val !== AT);
    this.originalName = originalName;
    this.alone = val !== AT;
    this.constraint = constraint;
    if (val !== AT) known.set(keyOf(this.handle('weight')), { name: unique, object: new WeakRef(this) });
  }

  /** The variable itself, under its name in TensorFlow.js. */
  get val(): this {
    return this;
  }

  /** The value now. */
  read(): Tensor {
    mustLive(this);
    return this;
  }

  /** Replaces the value. */
  write(value: Tensor): this {
    mustLive(this);
    want(`${this.name}.write`, { value }, 'tensor');
    if (value.id === this.id) return this;
    this.assign(value);
    if (this.owner) call(this.name, () => core.x.tn_weight_constrain(this.handle('weight')));
    if (this.constraint) startWith(this, returned(this.constraint.apply(this), `the constraint of ${this.name}`));
    return this;
  }

  override dispose(): void {
    if (this.alone) mustLive(this);
    super.dispose();
  }
}

function mustLive(weight: LayerWeight): void {
  if (weight.isDisposed) throw new TensorineError('disposed', `LayersVariable ${weight.name} is already disposed.`);
}

/** @internal Gives a weight the value of a tensor that is no longer needed. */
export function startWith(weight: LayerWeight, value: Tensor): void {
  const fits = value.cast(weight.dtype);
  weight.assign(fits);
  for (const tensor of new Set([fits, value])) if (tensor.id !== weight.id) tensor.dispose();
}

/** @internal The object of a weight, if it is there. */
export const weightAt = (ptr: number): LayerWeight | undefined => known.get(keyOf(ptr))?.object.deref();

const keyOf = (ptr: number) => `${ptr}:${core.i32()[ptr >>> 2]}`;

/** Tells weights of the same name apart. */
function uniqueName(name: string): string {
  const n = uses.get(name) ?? 0;
  uses.set(name, n + 1);
  return n ? `${name}_${n}` : name;
}

let most = 1000;
/** Removes entries of weights that are gone, now and then. */
function sweep(): void {
  if (known.size < most) return;
  for (const key of known.keys()) if (keyOf(parseInt(key)) !== key) known.delete(key);
  most = Math.max(1000, 2 * known.size);
}

/** @internal The object of a weight. */
export function weightOf(ptr: number, originalName: string, owner: unknown): LayerWeight {
  const key = keyOf(ptr),
    entry = known.get(key);
  let weight = entry?.object.deref();
  if (!weight) {
    sweep();
    const name = entry?.name ?? uniqueName(originalName);
    weight = new LayerWeight(AT, null, originalName, true, null, name, ptr);
    known.set(key, { name, object: new WeakRef(weight) });
  }
  weight.owner ??= owner;
  if (originalName && weight.originalName !== originalName) weight.originalName = originalName;
  return weight;
}

/** All weights of layers there are. */
onVariables(() => {
  const found = addresses('variables', () => core.x.tn_all_weights());
  const missing = found.some((ptr) => !known.get(keyOf(ptr))?.object.deref());
  const names = missing ? answer<string[]>('variables', () => core.x.tn_all_weight_names()) : [];
  return found.map((ptr, i) => weightOf(ptr, names[i], null));
});
