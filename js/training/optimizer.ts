// Optimizer: the base of all optimizers. The core takes the steps; the classes are generated.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { entry, handles } from '../core/arguments';
import { AT } from '../core/at';
import { addresses, answer, Borrowed, call, pointers, stringify, tensorList } from '../core/calls';
import { fromArray } from '../core/from_array';
import { camelCase } from '../core/names';
import { returned } from '../core/returned';
import { tidy } from '../core/scopes';
import { strings } from '../core/strings';
import { Tensor, tensorAt, type Scalar } from '../core/tensor';
import { allVariables, type Variable } from '../core/variable';
import { copied, want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { variableGrads } from '../api/grad';
import type { NamedTensor, NamedTensorMap } from '../io/types';
import type { Schedule } from './schedule';

/** A learning rate: a number, or one that changes with the steps. */
export type Rate = number | Schedule;

type Value = number | boolean | string | object | null;
type Config = Record<string, any>;

const released = new FinalizationRegistry<number>((ptr) => {
  made.delete(ptr);
  core.x.tn_optimizer_release(ptr);
});

/** @internal What an optimizer of the core is made of. */
export class Making {
  constructor(
    readonly name: string,
    readonly config: object,
  ) {}
}

/** @internal A config with keys in camelCase, which Python may have written in snake_case. */
export const camelKeys = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), value]));

/** @internal The checked config of fromConfig(cls, config), keys in camelCase. */
export function configFor(cls: unknown, config: unknown): Config {
  want('fromConfig', { cls }, 'class');
  want('fromConfig', { config }, 'object');
  return camelKeys(config as Config);
}

/** @internal Gradients as a list, those that are null or missing too. */
export function namedGradients(given: NamedTensorMap | NamedTensor[]): NamedTensor[] {
  if (!Array.isArray(given)) want('applyGradients', { variableGradients: given }, 'object');
  const list = Array.isArray(given) ? [...given] : Object.entries(given).map(([name, tensor]) => ({ name, tensor }));
  for (const one of list) {
    want('applyGradients', { name: one?.name }, 'string');
    if (one.tensor) returned(one.tensor, `applyGradients: the gradient of '${one.name}'`);
  }
  return list;
}

/**
 * Changes variables so that a loss becomes smaller. A subclass of your own, be it of this class or of an optimizer
 * of the library's, has applyGradients(), and may be given to compile like any other.
 * @example tf.train.sgd(0.5).learningRate // 0.5
 */
export class Optimizer {
  /** @internal Address in the core. */
  readonly ptr: number;
  /** @internal Names of states that were set, until it is known whose they are. */
  _given: string[] = [];

  /** @internal */
  constructor(making?: Making) {
    if (making instanceof Making) warnUnknown(making.name, making.config, 'optimizer', making.name);
    this.ptr =
      making instanceof Making
        ? call(making.name, () => {
            const [name, json] = strings(making.name, stringify(making.config, making.name));
            return core.x.tn_optimizer(name, json);
          })
        : call('optimizer', () => core.x.tn_optimizer_custom());
    remember(this);
  }

  getClassName(): string {
    return (this.constructor as { className?: string }).className ?? this.constructor.name;
  }
  /** What it was made with, and its rate now. */
  getConfig(): Config {
    return answer('optimizer', () => core.x.tn_optimizer_config(this.ptr, 0, 0));
  }

  /** @internal A field of the config. */
  protected _get(name: string): Value {
    return this.getConfig()[name];
  }
  /** @internal */
  protected _set(name: string, value: number | boolean): void {
    if (typeof value !== 'boolean') want(this.getClassName(), { [name]: value }, 'number');
    call('optimizer', () => core.x.tn_optimizer_set(this.ptr, strings(name)[0], Number(value)));
  }

  /** The rate of the next step. Setting it replaces a schedule. */
  get learningRate(): number {
    return core.x.tn_optimizer_rate(this.ptr);
  }
  set learningRate(rate: number) {
    this.setLearningRate(rate);
  }
  /** Sets the learning rate from the next step on. */
  setLearningRate(rate: number): void {
    this._set('learningRate', rate);
  }
  /** Steps so far. */
  get iterations(): number {
    return core.x.tn_optimizer_steps(this.ptr);
  }
  /** One step more; a subclass of your own need not count. */
  incrementIterations(): void {
    core.x.tn_optimizer_set_steps(this.ptr, this.iterations + 1);
  }

  /**
   * One step that makes f() smaller, by changing the variables given, or all that are trainable.
   * Returns f's value if returnCost is true.
   */
  minimize(f: () => Tensor, returnCost = false, varList?: Variable[]): Scalar | null {
    return tidy(() => {
      const { value, grads } = this.computeGradients(f, varList);
      this.applyGradients(varList ? varList.map(({ name }) => ({ name, tensor: grads[name] })) : grads);
      return returnCost ? value : null;
    });
  }

  /** The value of f and its gradients by the names of variables. */
  computeGradients(f: () => Tensor, varList?: Variable[]): { value: Scalar; grads: NamedTensorMap } {
    return variableGrads(f, varList);
  }

  /** One step by gradients that belong to variables by name. */
  applyGradients(variableGradients: NamedTensorMap | NamedTensor[]): void {
    const byName = new Map(allVariables().map((v) => [v.name, v])),
      named = namedGradients(variableGradients);
    const variables = named.map(({ name }) => {
      const variable = byName.get(name);
      if (!variable) throw new TensorineError('value', `applyGradients: there is no variable '${name}'`);
      return variable;
    });
    call('applyGradients', () =>
      core.x.tn_optimizer_apply(
        this.ptr,
        tensorList(variables, 'variables'),
        pointers(named.map(({ tensor }) => tensor?.handle('applyGradients') ?? 0)),
      ),
    );
  }

  /**
   * Of an optimizer that trains at other values than those to be evaluated, as
   * scheduleFreeAdamW: puts the latter into the variables; before further training,
   * swapToTrain() goes back.
   */
  swapToEval(): void {
    call('optimizer', () => core.x.tn_optimizer_swap(this.ptr, 0));
  }
  /** After swapToEval(), before training goes on. */
  swapToTrain(): void {
    call('optimizer', () => core.x.tn_optimizer_swap(this.ptr, 1));
  }

  /** Where running means are kept (useEma): puts them into the variables, as fit does at its end. */
  finalizeVariableValues(): void {
    call('optimizer', () => core.x.tn_optimizer_finish(this.ptr));
  }

  // ---- states ----

  async saveIterations(): Promise<NamedTensor> {
    return { name: 'iter', tensor: fromArray(this.iterations, [], 'int32') };
  }

  /** Takes the number of steps from the first of what getWeights() gave; gives the others. */
  async extractIterations(weightValues: NamedTensor[]): Promise<NamedTensor[]> {
    const given = copied(weightValues);
    want('setWeights', { weightValues: given }, 'named');
    const [first, ...others] = given;
    if (!first) throw new TensorineError('value', 'setWeights: the number of steps must come first');
    const [steps] = await first.tensor.data();
    core.x.tn_optimizer_set_steps(this.ptr, steps);
    return others;
  }

  /** The number of steps, then the first state of each variable, the second of each... These are the
   * optimizer's own: clone what must stay as it is. */
  async getWeights(): Promise<NamedTensor[]> {
    const states = addresses('optimizer', () => core.x.tn_optimizer_states(this.ptr));
    const kinds = answer<string[]>('optimizer', () => core.x.tn_optimizer_state_names(this.ptr));
    const names = kinds.flatMap((kind) => variableNames(this).map((name) => `${name}/${kind}`));
    return [
      await this.saveIterations(),
      ...states.map((ptr, i) => ({ name: names[i], tensor: new Borrowed(AT, ptr) })),
    ];
  }

  /** Takes up where another left: what its getWeights() gave, for the variables of the next step. */
  async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const states = await this.extractIterations(weightValues);
    call('optimizer', () =>
      core.x.tn_optimizer_set_states(
        this.ptr,
        this.iterations,
        tensorList(
          states.map(({ tensor }) => tensor),
          'weightValues',
        ),
      ),
    );
    this._given = states.map(({ name }) => name.slice(0, name.lastIndexOf('/')));
  }

  /** Frees its states. */
  dispose(): void {
    call('optimizer', () => core.x.tn_optimizer_forget(this.ptr));
  }

  /** An optimizer of the class from its config. */
  static fromConfig<T>(cls: new (...args: any[]) => T, config: any): T {
    return new cls(configFor(cls, config));
  }
}

/** Names of the variables that it has states of. */
function variableNames(optimizer: Optimizer): string[] {
  const names = new Map(allVariables().map((v) => [v.handle(), v.name]));
  return addresses('optimizer', () => core.x.tn_optimizer_variables(optimizer.ptr)).map(
    (ptr, i) => names.get(ptr) ?? optimizer._given[i] ?? `variable_${i}`,
  );
}

// ---- steps of training: a program's class may override how they are taken ----

const made = new Map<number, WeakRef<Optimizer>>();

let listening = false;

function remember(optimizer: Optimizer): void {
  if (!listening) core.x.tn_on_optimizer(core.callback('iiii', step), core.callback('iii', minimize));
  listening = true;
  made.set(optimizer.ptr, new WeakRef(optimizer));
  released.register(optimizer, optimizer.ptr, optimizer);
}

const variablesByHandle = () => new Map(allVariables().map((v) => [v.handle(), v]));

/** The lists of variables and of their gradients, 0 for none. False: the library's own step is to be taken. */
function step(ptr: number, variables: number, grads: number): number {
  const optimizer = made.get(ptr)?.deref();
  if (!optimizer || optimizer.applyGradients === Optimizer.prototype.applyGradients) return 0;
  return entry(1, () => {
    const changed = handles(variables),
      gradients = handles(grads); // before the core makes other lists
    const variableAt = variablesByHandle();
    const named = changed.map((ptr, i) => ({
      name: variableAt.get(ptr)!.name,
      tensor: gradients[i] && new Borrowed(AT, gradients[i]),
    }));
    const given = named.filter(({ tensor }) => tensor) as NamedTensor[];
    tidy(() => wantDone('applyGradients', optimizer.applyGradients(given)));
    return 1;
  });
}

/** A whole step of an optimizer that computes gradients by itself. False: it does not. */
function minimize(ptr: number, variables: number): number {
  const optimizer = made.get(ptr)?.deref(),
    { minimize, computeGradients } = Optimizer.prototype;
  if (!optimizer || (optimizer.minimize === minimize && optimizer.computeGradients === computeGradients)) return 0;
  return entry(1, () => {
    const variableAt = variablesByHandle(),
      list = handles(variables).map((ptr) => variableAt.get(ptr)!);
    const loss = () => tensorAt(call('minimize', () => core.x.tn_training_loss()));
    tidy(() => wantDone('minimize', optimizer.minimize(loss, true, list)));
    return 1;
  });
}

function wantDone(who: string, result: unknown): void {
  if (result instanceof Promise)
    throw new TensorineError(
      'value',
      `${who}() must be done when it returns, but it gave a Promise: it cannot be async`,
    );
}
