// What fit calls as it goes: objects of functions, or subclasses of Callback.
import { TensorineError } from '../core/errors';
import type { LayersModel } from './model';

/** Numbers by name: loss, metrics, and val_ of each. */
export interface Logs { [name: string]: number }
export interface Params { [name: string]: number | string | boolean | number[] | string[] | null }

export interface CustomCallbackArgs {
  onTrainBegin?: (logs?: Logs) => void | Promise<void>;
  onTrainEnd?: (logs?: Logs) => void | Promise<void>;
  onEpochBegin?: (epoch: number, logs?: Logs) => void | Promise<void>;
  onEpochEnd?: (epoch: number, logs?: Logs) => void | Promise<void>;
  onBatchBegin?: (batch: number, logs?: Logs) => void | Promise<void>;
  onBatchEnd?: (batch: number, logs?: Logs) => void | Promise<void>;
  /** Each time fit lets the page go on. */
  onYield?: (epoch: number, batch: number, logs: Logs) => void | Promise<void>;
  nowFunc?: () => number;
  nextFrameFunc?: () => Promise<void>;
}

/** To be subclassed: what is not overridden costs nothing. */
export class Callback implements CustomCallbackArgs {
  model: LayersModel | null = null;
  params: Params = {};
  validationData: unknown = null;
  onTrainBegin?(logs?: Logs): void | Promise<void>;
  onTrainEnd?(logs?: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number, logs?: Logs): void | Promise<void>;
  onEpochEnd?(epoch: number, logs?: Logs): void | Promise<void>;
  onBatchBegin?(batch: number, logs?: Logs): void | Promise<void>;
  onBatchEnd?(batch: number, logs?: Logs): void | Promise<void>;
  onYield?(epoch: number, batch: number, logs: Logs): void | Promise<void>;
  setParams(params: Params): void { this.params = params; }
  setModel(model: LayersModel): void { this.model = model; }
}

/** A callback made of functions. */
export class CustomCallback extends Callback {
  constructor(args: CustomCallbackArgs, readonly yieldEvery?: YieldEvery) {
    super();
    Object.assign(this, args);
  }
}

/** When fit lets the page go on: after 16 ms ('auto'), each batch or epoch, so many ms, or never. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/** Numbers of all epochs by name. */
export class History extends Callback {
  epoch: number[] = [];
  history: { [name: string]: number[] } = {};

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}

export interface EarlyStoppingArgs {
  /** Which number is watched; default 'val_loss'. */
  monitor?: string;
  /** A smaller change is none; default 0. */
  minDelta?: number;
  /** How many epochs without improvement are waited; default 0. */
  patience?: number;
  verbose?: number;
  /** Whether less or more is better; 'auto': more, if the name holds 'acc'. */
  mode?: 'auto' | 'min' | 'max';
  /** What must be improved upon from the start. */
  baseline?: number;
}

/** Ends training when a number does not improve any more. */
export class EarlyStopping extends Callback {
  private readonly monitor: string;
  private readonly sign: number;
  private best: number;
  private waited = 0;

  constructor(private readonly args: EarlyStoppingArgs = {}) {
    super();
    this.monitor = args.monitor ?? 'val_loss';
    const more = args.mode === 'max' || (args.mode !== 'min' && this.monitor.includes('acc'));
    this.sign = more ? 1 : -1;
    this.best = args.baseline ?? -Infinity * this.sign;
  }

  override onTrainBegin(): void {
    this.waited = 0;
    this.best = this.args.baseline ?? -Infinity * this.sign;
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const value = logs[this.monitor];
    if (value === undefined)
      throw new TensorineError('value', `earlyStopping: '${this.monitor}' is not among ${Object.keys(logs).join(', ')}`);
    if ((value - this.best) * this.sign > Math.abs(this.args.minDelta ?? 0)) {
      this.best = value;
      this.waited = 0;
    } else if (++this.waited >= (this.args.patience ?? 0)) {
      this.model!.stopTraining = true;
      if (this.args.verbose) console.log(`Epoch ${epoch}: early stopping.`);
    }
  }
}

/** Ends training when a number does not improve any more. */
export const earlyStopping = (args?: EarlyStoppingArgs): EarlyStopping => new EarlyStopping(args);
