// What fit calls as it goes: objects of functions, or subclasses of Callback.
import { shown, TensorineError } from '../wasm/errors';
import { isObject } from '../core/kinds';
import { describe } from '../core/returned';
import { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { nextFrame } from '../api/profile';
import type { AnyModel } from './any_model';

/** Numbers by name: loss, metrics, and val_ of each. */
export interface Logs {
  [name: string]: number;
}
export interface Params {
  [name: string]: number | string | boolean | number[] | string[] | null;
}

/** What fit waits for after it has called a hook. */
type HookResult = void | Promise<void>;

export interface CustomCallbackArgs {
  onTrainBegin?: (logs?: Logs) => HookResult;
  onTrainEnd?: (logs?: Logs) => HookResult;
  onEpochBegin?: (epoch: number, logs?: Logs) => HookResult;
  onEpochEnd?: (epoch: number, logs?: Logs) => HookResult;
  onBatchBegin?: (batch: number, logs?: Logs) => HookResult;
  onBatchEnd?: (batch: number, logs?: Logs) => HookResult;
  /** Before and after the validation of an epoch. */
  onTestBegin?: (logs?: Logs) => HookResult;
  onTestEnd?: (logs?: Logs) => HookResult;
  /** Each time fit gives the page a turn. */
  onYield?: (epoch: number, batch: number, logs: Logs) => HookResult;
  nowFunc?: () => number;
  nextFrameFunc?: () => Promise<void>;
}

export type Hook =
  | 'onTrainBegin'
  | 'onTrainEnd'
  | 'onEpochBegin'
  | 'onEpochEnd'
  | 'onBatchBegin'
  | 'onBatchEnd'
  | 'onTestBegin'
  | 'onTestEnd'
  | 'onYield';

/**
 * To be subclassed: what is not overridden costs nothing.
 * @example new (class extends tf.Callback {})().params // {}
 */
export class Callback {
  model: AnyModel | null = null;
  params: Params = {};
  validationData: unknown = null;

  onTrainBegin(_logs?: Logs): HookResult {}
  onTrainEnd(_logs?: Logs): HookResult {}
  onEpochBegin(_epoch: number, _logs?: Logs): HookResult {}
  onEpochEnd(_epoch: number, _logs?: Logs): HookResult {}
  onBatchBegin(_batch: number, _logs?: Logs): HookResult {}
  onBatchEnd(_batch: number, _logs?: Logs): HookResult {}
  /** Before the validation of an epoch. */
  onTestBegin(_logs?: Logs): HookResult {}
  onTestEnd(_logs?: Logs): HookResult {}
  onYield(_epoch: number, _batch: number, _logs: Logs): HookResult {}
  setParams(params: Params): void {
    this.params = params;
  }
  setModel(model: AnyModel): void {
    if (typeof model?.fit !== 'function')
      throw new TensorineError('value', 'setModel: model must be a LayersModel, not some other Container');
    this.model = model;
  }

  /** @internal The epoch that training goes on with, after onTrainBegin(). */
  get firstEpoch(): number {
    return 0;
  }

  /** @internal Whether the hook has to be called. */
  _listens(hook: Hook): boolean {
    return this[hook] !== Callback.prototype[hook];
  }
}

/** @internal The model that a callback works on. */
export function modelOf(callback: Callback): AnyModel {
  if (callback.model) return callback.model;
  throw new TensorineError('value', `${callback.constructor.name}: it has no model: fit() gives it one, or setModel()`);
}

/** @internal The numbers that fit hands to a callback, of an epoch or a batch. */
export function logsOf(callback: Callback, logs: Logs | null | undefined, epoch = 0): Logs {
  want(callback.constructor.name, { epoch }, 'number');
  want(callback.constructor.name, { logs }, 'object?');
  return logs ?? {};
}

/** When fit gives the page a turn: after 16 ms ('auto'), each batch or epoch, so many ms, or never. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/**
 * A callback made of functions.
 * @example typeof new tf.CustomCallback({ onEpochEnd: () => {} }).onEpochEnd // "function"
 */
export class CustomCallback extends Callback {
  readonly nowFunc?: () => number;
  readonly nextFrameFunc: () => Promise<void>;

  constructor(
    private readonly args: CustomCallbackArgs,
    readonly yieldEvery: YieldEvery = 'auto',
  ) {
    super();
    checkHooks(args);
    if (yieldEvery === 'never' && args.onYield)
      throw new TensorineError(
        'value',
        'yieldEvery is `never` but you provided an `onYield` callback. ' +
          'Either change `yieldEvery` or remove the callback',
      );
    this.nowFunc = args.nowFunc;
    this.nextFrameFunc = args.nextFrameFunc ?? nextFrame;
  }

  override onTrainBegin(logs?: Logs): HookResult {
    return this.args.onTrainBegin?.(logs);
  }
  override onTrainEnd(logs?: Logs): HookResult {
    return this.args.onTrainEnd?.(logs);
  }
  override onEpochBegin(epoch: number, logs?: Logs): HookResult {
    return this.args.onEpochBegin?.(epoch, logs);
  }
  override onEpochEnd(epoch: number, logs?: Logs): HookResult {
    return this.args.onEpochEnd?.(epoch, logs);
  }
  override onBatchBegin(batch: number, logs?: Logs): HookResult {
    return this.args.onBatchBegin?.(batch, logs);
  }
  override onBatchEnd(batch: number, logs?: Logs): HookResult {
    return this.args.onBatchEnd?.(batch, logs);
  }
  override onTestBegin(logs?: Logs): HookResult {
    return this.args.onTestBegin?.(logs);
  }
  override onTestEnd(logs?: Logs): HookResult {
    return this.args.onTestEnd?.(logs);
  }
  override onYield(epoch: number, batch: number, logs: Logs): HookResult {
    return this.args.onYield?.(epoch, batch, logs);
  }

  /** Calls onYield and gives the page a turn. */
  async maybeWait(epoch: number, batch: number, logs: Logs): Promise<void> {
    await Promise.all([this.onYield(epoch, batch, logs), this.nextFrameFunc()]);
  }

  /** @internal */
  override _listens(hook: Hook): boolean {
    return Boolean(this.args[hook]) || (super._listens(hook) && this[hook] !== CustomCallback.prototype[hook]);
  }
}

/** Puts numbers in place of the tensors that callbacks left in the logs, and frees those. */
async function settle(logs: { [key: string]: unknown } | unknown[]): Promise<void> {
  for (const [key, value] of Object.entries(logs))
    if (value instanceof Tensor) {
      [(logs as { [key: string]: unknown })[key]] = await value.data();
      value.dispose();
    }
}

/**
 * Numbers of all epochs by name.
 * @example new tf.History().epoch // []
 */
export class History extends Callback {
  epoch: number[] = [];
  /** Numbers; callbacks may leave tensors in the logs, which are numbers when fit is done. */
  history: { [name: string]: (number | Tensor)[] } = {};

  override onTrainBegin(): void {
    this.epoch = [];
    this.history = {};
  }

  override onEpochEnd(epoch: number, logs?: Logs | null): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs ?? {})) (this.history[name] ??= []).push(value);
  }

  /** Waits until all are numbers: callbacks may have put tensors into the logs. */
  async syncData(): Promise<void> {
    for (const values of Object.values(this.history)) await settle(values);
  }
}

/**
 * Several callbacks, called one after the other.
 * @example new tf.CallbackList([new tf.History()]).callbacks.length // 1
 */
export class CallbackList {
  readonly callbacks: Callback[];

  constructor(
    callbacks: Callback[] | null = [],
    readonly queueLength = 10,
  ) {
    want('CallbackList', { callbacks }, 'array?');
    callbacks?.forEach(wantCallback);
    this.callbacks = callbacks ?? [];
  }

  append(callback: Callback): void {
    wantCallback(callback);
    this.callbacks.push(callback);
  }
  setParams(params: Params): void {
    for (const c of this.callbacks) c.setParams(params);
  }
  setModel(model: AnyModel): void {
    for (const c of this.callbacks) c.setModel(model);
  }

  onTrainBegin(logs?: Logs | null): Promise<void> {
    return this._call('onTrainBegin', logs ?? {});
  }
  onTrainEnd(logs?: Logs | null): Promise<void> {
    return this._call('onTrainEnd', logs ?? {});
  }
  onEpochBegin(epoch: number, logs?: Logs | null): Promise<void> {
    return this._call('onEpochBegin', epoch, logs ?? {});
  }
  onEpochEnd(epoch: number, logs?: Logs | null): Promise<void> {
    return this._call('onEpochEnd', epoch, logs ?? {});
  }
  onBatchBegin(batch: number, logs?: Logs | null): Promise<void> {
    return this._call('onBatchBegin', batch, logs ?? {});
  }
  onBatchEnd(batch: number, logs?: Logs | null): Promise<void> {
    return this._call('onBatchEnd', batch, logs ?? {});
  }

  /** @internal */
  get firstEpoch(): number {
    return Math.max(0, ...this.callbacks.map((c) => c.firstEpoch));
  }

  /** @internal */
  _listens(hook: Hook): boolean {
    return this.callbacks.some((c) => c._listens(hook));
  }

  /** @internal */
  async _call(hook: Hook, ...args: unknown[]): Promise<void> {
    for (const c of this.callbacks) {
      if (c instanceof CustomCallback) await settle(args.at(-1) as Logs);
      await (c[hook] as (...args: unknown[]) => unknown).apply(c, args);
    }
  }
}

function wantCallback(given: unknown): void {
  if (!(given instanceof Callback))
    throw new TensorineError('value', `CallbackList: a callback must be a tf.Callback, but is ${describe(given)}`);
}

export type CallbacksArg = Callback | CustomCallbackArgs | (Callback | CustomCallbackArgs)[] | null | undefined;

/** @internal As objects, of the argument of fit. */
export function standardizeCallbacks(given: CallbacksArg, yieldEvery?: YieldEvery): Callback[] {
  const list = given === undefined || given === null ? [] : Array.isArray(given) ? given : [given];
  return list.map((c) => (c instanceof Callback ? c : new CustomCallback(c, yieldEvery)));
}

const HOOKS =
  'onTrainBegin onTrainEnd onEpochBegin onEpochEnd onBatchBegin onBatchEnd onTestBegin onTestEnd onYield nowFunc nextFrameFunc';

/** Functions under the names of hooks; warns of names that are nearly those. */
function checkHooks(given: CustomCallbackArgs): void {
  if (!isObject(given))
    throw new TensorineError(
      'value',
      `fit: a callback must be an object of functions or a tf.Callback, but got ${describe(given)}`,
    );
  for (const hook of HOOKS.split(' ') as (keyof CustomCallbackArgs)[])
    if (given[hook] !== undefined && given[hook] !== null && typeof given[hook] !== 'function')
      throw new TensorineError(
        'value',
        `fit: the callback ${hook} must be a function, but is ${describe(given[hook])}`,
      );
  warnUnknown('callbacks', given, '', HOOKS, true);
}

// ---- callbacks that come with verbosity ----

type CallbackConstructor = new () => Callback;
const registered: { level: number; constructor: CallbackConstructor }[] = [];

/** From now on every fit with that verbosity, or a higher one, has such a callback. */
export function registerCallbackConstructor(verbosityLevel: number, callbackConstructor: CallbackConstructor): void {
  if (!Number.isInteger(verbosityLevel) || verbosityLevel < 0)
    throw new TensorineError(
      'value',
      `Verbosity level is expected to be an integer >= 0, but got ${shown(verbosityLevel)}`,
    );
  if (!(callbackConstructor?.prototype instanceof Callback))
    throw new TensorineError(
      'value',
      `A callback constructor must be a class that extends tf.Callback, but got ${describe(callbackConstructor)}`,
    );
  if (registered.some(({ constructor }) => constructor === callbackConstructor))
    throw new TensorineError('value', 'Duplicate callback constructor.');
  registered.push({ level: verbosityLevel, constructor: callbackConstructor });
}

/** @internal */
export const registeredCallbacks = (verbosity: number): Callback[] =>
  registered
    .filter(({ level }) => verbosity >= level)
    .sort((a, b) => a.level - b.level)
    .map(({ constructor: Made }) => new Made());
