// The loop of fit: batches are the core's, here are promises, callbacks and the page's turn.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import type { Tensor, TensorLike } from '../core/tensor';
import { nextFrame } from '../profile';
import {
  CallbackList, CustomCallback, History, registeredCallbacks, standardizeCallbacks, type GivenCallbacks, type Hook, type Logs, type Params,
  type YieldEvery,
} from './callbacks';
import { addresses, answer, call, stringify, tensorList, texts } from './lowering';
import type { LayersModel } from './model';
import { Progress } from './progress';

/** Data of a model: for its one input or output, for all in order, or by name. */
export type Data = TensorLike | Tensor[] | { [name: string]: TensorLike };

export interface ClassWeight { [classIndex: number]: number }

export interface ModelFitArgs {
  /** Examples a step; default 32. */
  batchSize?: number;
  /** Times through the data; default 1. */
  epochs?: number;
  /** 0: prints nothing; 1: a bar that grows, in a terminal, else a line an epoch; 2: a line an epoch.
   * Default: the bar in a terminal, nothing elsewhere. */
  verbose?: number;
  callbacks?: GivenCallbacks;
  /** Share at the end of the data that is not trained on, but evaluated after each epoch. */
  validationSplit?: number;
  /** The same with data of its own: [x, y], or [x, y, sampleWeight]. */
  validationData?: [Data, Data] | [Data, Data, Data];
  /** A new order each epoch; default true. */
  shuffle?: boolean;
  /** A weight for each example; one list an output. */
  sampleWeight?: Data;
  /** A weight for each class, by its number; several outputs: a list, or by their names. */
  classWeight?: ClassWeight | ClassWeight[] | { [outputName: string]: ClassWeight };
  /** The number of the first epoch; default 0. */
  initialEpoch?: number;
  /** When the page may go on; default 'auto'. */
  yieldEvery?: YieldEvery;
  /** Only fitDataset takes it. */
  stepsPerEpoch?: number;
  /** Only fitDataset takes it. */
  validationSteps?: number;
}

/** The numbers that a list of the core holds, when they have arrived. */
export async function numbers(who: string, f: () => number): Promise<number[]> {
  const found = addresses(who, f);
  for (const ptr of found) {
    const wait = core.arrived(ptr);
    if (wait) await wait;
  }
  return found.map((ptr) => {
    const at = core.x.tn_address(ptr);
    core.check();
    return core.f32()[at >>> 2];
  });
}

/** One run of fit. */
class Training {
  private readonly fit: number;
  private readonly names: string[];
  private readonly history = new History();
  private readonly callbacks: CallbackList;
  private readonly every: YieldEvery;
  private readonly now: () => number;
  private readonly frame: () => Promise<void>;
  private readonly progress: Progress;
  private yielded = 0;

  constructor(private readonly model: LayersModel, x: Data, y: Data, private readonly args: ModelFitArgs) {
    refuseSteps(args);
    this.names = distinct(model.metricsNames);
    const given = standardizeCallbacks(args.callbacks, args.yieldEvery);
    const custom = given.find((c): c is CustomCallback => c instanceof CustomCallback);
    this.every = args.yieldEvery ?? custom?.yieldEvery ?? 'auto';
    this.now = custom?.nowFunc ?? (() => performance.now());
    this.frame = custom?.nextFrameFunc ?? nextFrame;
    this.fit = this.begin(x, y);
    this.progress = new Progress(args.verbose, this.epochs);
    this.callbacks = new CallbackList([...registeredCallbacks(args.verbose ?? 1), ...given, this.history]);
    this.callbacks.setParams(this.params());
    this.callbacks.setModel(model);
    model.history = this.history;
  }

  private get epochs(): number { return this.args.epochs ?? 1; }

  private begin(x: Data, y: Data): number {
    const { model, args } = this, validation = args.validationData;
    if (validation && !(Array.isArray(validation) && (validation.length === 2 || validation.length === 3)))
      throw new TensorineError('value', 'fit: validationData must be [x, y] or [x, y, sampleWeight]');
    const options = { batchSize: args.batchSize, shuffle: args.shuffle, validationSplit: args.validationSplit, classWeight: args.classWeight };
    const orNone = (data: Data | null | undefined, arg: string) => (data === undefined || data === null ? 0 : model.list(data, arg));
    return call('fit', () => {
      const xs = model.list(x, 'x'), ys = model.list(y, 'y'), weights = orNone(args.sampleWeight, 'sampleWeight');
      const vx = orNone(validation?.[0], 'x'), vy = orNone(validation?.[1], 'y'), vw = orNone(validation?.[2], 'sampleWeight');
      return core.x.tn_fit_begin(model.ptr, xs, ys, weights, vx, vy, vw, texts(stringify(options, 'fit'))[0]);
    });
  }

  private params(): Params {
    const validates = !!core.x.tn_fit_validates(this.fit);
    return {
      epochs: this.epochs, initialEpoch: this.args.initialEpoch ?? 0,
      samples: core.x.tn_fit_examples(this.fit), steps: null, batchSize: this.args.batchSize ?? 32,
      verbose: this.args.verbose ?? 1, doValidation: validates,
      metrics: validates ? [...this.names, ...this.names.map((name) => `val_${name}`)] : this.names,
    };
  }

  /** which: 0 the last batch, 1 the epoch so far, 2 the validation. */
  private async logs(which: number, prefix = ''): Promise<Logs> {
    const values = await numbers('fit', () => core.x.tn_fit_values(this.fit, which));
    return Object.fromEntries(this.names.map((name, i) => [prefix + name, values[i]]));
  }

  private due(end: 'batch' | 'epoch'): boolean {
    if (this.every === 'never') return false;
    if (this.every === 'epoch' || this.every === 'batch') return this.every === end;
    return this.now() - this.yielded >= (this.every === 'auto' ? 16 : this.every);
  }

  private async letGo(epoch: number, batch: number): Promise<void> {
    if (this.callbacks.listens('onYield')) await this.callbacks.tell('onYield', epoch, batch, await this.logs(0));
    await this.frame();
    this.yielded = this.now();
  }

  private async batch(batch: number): Promise<void> {
    const listens = (hook: Hook) => this.callbacks.listens(hook);
    if (listens('onBatchBegin')) await this.callbacks.onBatchBegin(batch, { batch, size: this.sizeOf(batch) });
    const size = core.x.tn_fit_batch(this.fit, batch);
    core.check();
    if (listens('onBatchEnd')) await this.callbacks.onBatchEnd(batch, { batch, size, ...await this.logs(0) });
  }

  private sizeOf(batch: number): number {
    const size = this.args.batchSize ?? 32;
    return Math.min(size, core.x.tn_fit_examples(this.fit) - batch * size);
  }

  /** True if nobody looks at single batches: then nothing need be awaited between them. */
  private get quiet(): boolean { return !this.callbacks.listens('onBatchBegin') && !this.callbacks.listens('onBatchEnd'); }

  /** All batches, or those until training was told to end: true if it were all. */
  private async batches(epoch: number, count: number): Promise<boolean> {
    const { quiet } = this;
    for (let b = 0; b < count; b++) {
      if (this.model.stopTraining) return false;
      if (quiet) {
        core.x.tn_fit_batch(this.fit, b);
        core.check();
      } else await this.batch(b);
      if (this.progress.due()) this.progress.batch(epoch, b + 1, count, await this.logs(1));
      if (this.due('batch')) await this.letGo(epoch, b);
    }
    return true;
  }

  private async epoch(epoch: number): Promise<void> {
    await this.callbacks.onEpochBegin(epoch);
    const count = call('fit', () => core.x.tn_fit_epoch(this.fit));
    const whole = await this.batches(epoch, count), validates = whole && !!core.x.tn_fit_validates(this.fit);
    if (validates) call('fit', () => core.x.tn_fit_validate(this.fit));
    const logs = { ...validates ? await this.logs(2, 'val_') : {}, ...await this.logs(1) };
    await this.callbacks.onEpochEnd(epoch, logs);
    this.progress.epoch(epoch, count, logs);
    if (this.due('epoch')) await this.letGo(epoch, count - 1);
  }

  async run(): Promise<History> {
    try {
      this.yielded = this.now();
      this.model.stopTraining = false;
      await this.callbacks.onTrainBegin();
      for (let e = this.args.initialEpoch ?? 0; e < this.epochs && !this.model.stopTraining; e++)
        await this.epoch(e);
      this.model.optimizer.finalizeVariableValues();
      await this.callbacks.onTrainEnd();
      return this.history;
    } finally {
      core.x.tn_fit_end(this.fit);
    }
  }
}

function refuseSteps(args: ModelFitArgs): void {
  for (const name of ['stepsPerEpoch', 'validationSteps'] as const)
    if (args[name] !== undefined && args[name] !== null)
      throw new TensorineError('value', `fit: ${name} is for data that comes in batches: use fitDataset()`);
}

/** Names that are there twice get numbers: acc_0, acc_1. */
export function distinct(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    const n = seen.get(name) ?? 0;
    seen.set(name, n + 1);
    return `${name}_${n}`;
  });
}

/** @internal */
export const train = (model: LayersModel, x: Data, y: Data, args: ModelFitArgs): Promise<History> =>
  new Training(model, x, y, args).run();

/** @internal Names of what a compiled model reports. */
export const metricsNames = (model: LayersModel): string[] =>
  answer('metricsNames', () => core.x.tn_metrics_names(model.ptr));
