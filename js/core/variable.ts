// Variable: a tensor whose value can be replaced; and the list of all variables.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { type At } from './at';
import { Tensor } from './tensor';
import type { Rank } from './types';

const variables = new Map<string, Variable>();
let unnamed = 0;

/** A tensor whose value can be replaced, as training does. It lives until it is disposed. */
export class Variable<R extends Rank = Rank> extends Tensor<R> {
  readonly name: string;

  /** @internal use tf.variable; one that layers own is not registered here */
  constructor(at: At, ptr: number, name?: string, registered = true) {
    super(at, ptr);
    this.name = name ?? `variable_${unnamed++}`;
    if (!registered) return;
    if (variables.has(this.name)) {
      this.dispose();
      throw new TensorineError('value', `Variable with name ${this.name} was already registered`);
    }
    variables.set(this.name, this);
  }

  override freeWhenForgotten(): void {}

  override get _kind(): string {
    return 'Variable';
  }

  get trainable(): boolean {
    return core.x.tn_is_trainable(this.handle('trainable')) !== 0;
  }
  set trainable(on: boolean) {
    core.x.tn_set_trainable(this.handle('trainable'), on ? 1 : 0);
  }

  /** Replaces the value by that of a tensor of the same shape and dtype. */
  assign(value: Tensor<R>): void {
    if (!(value instanceof Tensor)) throw new TensorineError('value', 'assign: value must be a tensor');
    core.x.tn_assign(this.handle('assign'), value.handle('assign'));
    core.check();
  }

  override dispose(): void {
    if (variables.get(this.name)?.id === this.id) variables.delete(this.name);
    super.dispose();
  }
}

let owned: () => Variable[] = () => [];

/** @internal Adds the variables that tf.variable did not make: layers have their own. */
export function onVariables(others: () => Variable[]): void {
  owned = others;
}

/** @internal All variables made and not disposed, those of layers last. */
export const allVariables = (): Variable[] => [...[...variables.values()].filter((v) => !v.isDisposed), ...owned()];

/** Disposes every variable there is, and the states that optimizers have of them. */
export function disposeVariables(): void {
  for (const v of [...variables.values()]) v.dispose();
  core.x.tn_optimizers_sweep();
}
