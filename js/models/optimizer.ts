// Optimizers: tf.train.* and what model.fit uses. Steps are taken by the core.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { variableGrads } from '../core/grad';
import { tidy } from '../core/engine';
import { fromArray } from '../core/lower';
import { allVariables, Tensor, type Variable } from '../core/tensor';
import type { NamedTensor, NamedTensorMap } from '../io/types';
import { addresses, answer, Borrowed, call, stringify, tensorList, texts } from './lowering';

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_optimizer_release(ptr));

export class Optimizer {
  /** @internal Address in the core. */
  readonly ptr: number;
  private readonly className: string;

  /** @internal Made by tf.train. `ptr` comes with a handle. */
  constructor(ptr: number) {
    this.ptr = ptr;
    this.className = answer<{ className: string }>('optimizer', () => core.x.tn_optimizer_config(ptr, 0, 1)).className;
    released.register(this, ptr, this);
  }

  getClassName(): string { return this.className; }
  getConfig(): Record<string, number | boolean> {
    return answer('optimizer', () => core.x.tn_optimizer_config(this.ptr, 0, 0));
  }

  get learningRate(): number { return this.getConfig().learningRate as number; }
  set learningRate(rate: number) { this.setLearningRate(rate); }
  /** From the next step on. */
  setLearningRate(rate: number): void { call('optimizer', () => core.x.tn_optimizer_set_rate(this.ptr, rate)); }
  /** Steps so far. */
  get iterations(): number { return core.x.tn_optimizer_steps(this.ptr); }

  /**
   * One step that makes f() smaller, by changing the variables given, or all that are trainable.
   * Returns f's value if returnCost is true.
   */
  minimize(f: () => Tensor, returnCost = false, varList?: Variable[]): Tensor | null {
    const among = varList ?? allVariables();
    return tidy(() => {
      const { value, grads } = variableGrads(f, among);
      this.step(Object.entries(grads), among);
      return returnCost ? value : null;
    });
  }

  /** The value of f and its gradients by the names of variables. */
  computeGradients(f: () => Tensor, varList?: Variable[]): { value: Tensor; grads: NamedTensorMap } {
    return variableGrads(f, varList);
  }

  /** One step by gradients that belong to variables by name. */
  applyGradients(variableGradients: NamedTensorMap | NamedTensor[]): void {
    this.step(Array.isArray(variableGradients)
      ? variableGradients.map(({ name, tensor }) => [name, tensor]) : Object.entries(variableGradients), allVariables());
  }

  private step(gradients: [string, Tensor][], among: Variable[]): void {
    const byName = new Map(among.map((v) => [v.name, v]));
    const variables = gradients.map(([name]) => {
      const variable = byName.get(name);
      if (!variable) throw new TensorineError('value', `applyGradients: there is no variable '${name}'`);
      return variable;
    });
    call('applyGradients', () => core.x.tn_optimizer_apply(
      this.ptr, tensorList(variables, 'variables'), tensorList(gradients.map(([, grad]) => grad), 'gradients')));
  }

  /** What it remembers: the number of steps, then the states of each variable. Its own: clone what
   * must stay as it is. */
  async getWeights(): Promise<NamedTensor[]> {
    const states = addresses('optimizer', () => core.x.tn_optimizer_states(this.ptr));
    return [{ name: 'iter', tensor: fromArray(this.iterations, [], 'int32') },
      ...states.map((ptr, i) => ({ name: `${this.className}/state_${i}`, tensor: new Borrowed(ptr) }))];
  }

  /** Takes up where another left: what its getWeights() gave; `variables` are those it had changed,
   * in order. */
  async setWeights(weights: NamedTensor[], variables: Variable[]): Promise<void> {
    const [steps] = await weights[0].tensor.data();
    const states = weights.slice(1).map((w) => w.tensor);
    call('optimizer', () => core.x.tn_optimizer_set_states(
      this.ptr, steps, tensorList(variables, 'variables'), tensorList(states, 'weights')));
  }

  /** Forgets what it remembers. */
  dispose(): void {
    call('optimizer', () => core.x.tn_optimizer_forget(this.ptr));
  }
}

/** @internal From a class and its config. */
export function makeOptimizer(name: string, config: object): Optimizer {
  return new Optimizer(call(name, () => {
    const [at, json] = texts(name, stringify(config, name));
    return core.x.tn_optimizer(at, json);
  }));
}

/** @internal As compile takes a bare name. */
export function optimizerByName(name: string): Optimizer {
  return new Optimizer(call('compile', () => core.x.tn_optimizer_by_name(texts(name)[0])));
}
