// Weights of layers: variables that the core owns, or a program's own.
import * as core from '../core/core';
import { newVariable } from '../core/create';
import { TensorineError } from '../core/errors';
import { Tensor, Variable, onVariables, type DataType } from '../core/tensor';
import { addresses, answer } from './lowering';
import type { Constraint } from './parts';

/** A weight has its name as long as it lives, and one object, as long as the program holds it. */
type Known = { name: string; object: WeakRef<LayerWeight> };
/** By address and id. */
const known = new Map<string, Known>();
const uses = new Map<string, number>();

/** A weight that the core made: where it is, and its name of its own. */
interface Made { ptr: number; name: string }

/**
 * A layer's variable. It is freed with its layer, or by model.dispose(); one made by itself is freed by
 * dispose().
 * @example tf.tidy(() => { const w = new tf.LayerVariable(tf.scalar(1), null, 'w', true, tf.constraints.nonNeg()); w.write(tf.scalar(-2)); const y = w.read().clone(); w.dispose(); return y; }) // 0
 */
export class LayerWeight extends Variable {
  /** The name without the suffix that tells weights of the same name apart. */
  readonly originalName: string;
  /** Keeps the layer alive. */
  owner: unknown = null;
  private readonly alone: boolean;

  /** The name is made one of its own by a number behind it; the constraint is applied at each write. */
  constructor(
    val: Tensor | Made, dtype?: DataType | null, name?: string | null, trainable = true, private readonly constraint: Constraint | null = null,
  ) {
    const originalName = name ?? 'Variable';
    if (val instanceof Tensor) super(newVariable(val, trainable, dtype ?? 'float32'), uniqueName(originalName));
    else super(val.ptr, val.name, false);
    this.originalName = originalName;
    this.alone = val instanceof Tensor;
  }

  /** The variable itself, under its name in TensorFlow.js. */
  get val(): this { return this; }

  /** The value now. */
  read(): Tensor {
    this.lives();
    return this;
  }

  /** Replaces the value. */
  write(value: Tensor): this {
    this.lives();
    this.assign(value);
    if (!this.constraint) return this;
    const allowed = this.constraint.apply(this);
    this.assign(allowed);
    allowed.dispose();
    return this;
  }

  override dispose(): void {
    if (this.alone) this.lives();
    super.dispose();
  }

  private lives(): void {
    if (this.isDisposed) throw new TensorineError('disposed', `LayersVariable ${this.name} is already disposed.`);
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
    weight = new LayerWeight({ ptr, name }, null, originalName);
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
