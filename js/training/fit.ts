// The loop of fit: batches are the core's, here are promises, callbacks and the page's turn.
import { FitValues } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { shown, TensorineError } from '../wasm/errors';
import { addresses, answer, call, options, stringify } from '../core/calls';
import { describe } from '../core/returned';
import { strings } from '../core/strings';
import { want } from '../core/want';
import { nextFrame } from '../api/profile';
import type { AnyModel } from './any_model';
import { backUp, endBackUp } from './backup';
import {
  CallbackList,
  CustomCallback,
  History,
  registeredCallbacks,
  standardizeCallbacks,
  type CallbacksArg,
  type Hook,
  type Logs,
  type Params,
  type YieldEvery,
} from './callbacks';
import { listOf, listOrNone, type Data } from './feeding';
import { Progress } from './progress';

export interface ClassWeight {
  [classIndex: number]: number;
}

export interface ModelFitArgs {
  /** Examples a step; default 32. */
  batchSize?: number;
  /** Times through the data; default 1. */
  epochs?: number;
  /** 0: prints nothing; 1: a bar that grows, in a terminal, else a line an epoch; 2: a line an epoch.
   * Default: the bar in a terminal, nothing elsewhere. */
  verbose?: number;
  callbacks?: CallbacksArg;
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
  /** When the page gets a turn; default 'auto'. */
  yieldEvery?: YieldEvery;
  /** Only fitDataset takes it. */
  stepsPerEpoch?: number;
  /** Only fitDataset takes it. */
  validationSteps?: number;
}

/** @internal Examples a batch, as it was given. */
export function batchSizeOf(given: unknown): number {
  if (given === undefined || given === null) return 32;
  if (typeof given === 'number' && Number.isInteger(given) && given > 0) return given;
  throw new TensorineError(
    'value',
    `batchSize is required to be a positive integer, but got ${typeof given === 'string' ? given : shown(given)}`,
  );
}

/** A number of epochs; a string may hold it, as in TensorFlow.js. */
function countOf(name: string, given: unknown, otherwise: number): number {
  const count = typeof given === 'string' ? Number(given) : (given ?? otherwise);
  want('fit', { [name]: count }, 'number');
  if (Number.isNaN(count))
    throw new TensorineError('value', `fit: ${name} must be a number of epochs, but is ${shown(given)}`);
  return count as number;
}

/** A string that is not known is accepted, as in TensorFlow.js. */
function wantEvery(every: YieldEvery): YieldEvery {
  if (typeof every === 'number' || typeof every === 'string') return every;
  throw new TensorineError(
    'value',
    `fit: yieldEvery must be 'auto', 'batch', 'epoch', 'never' or a number of ms, but is ${describe(every)}`,
  );
}

/** The numbers in a list of the core, when they have arrived. */
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

/** What fit and fitDataset have in common. */
export type TrainingArgs = Pick<ModelFitArgs, 'epochs' | 'verbose' | 'callbacks' | 'initialEpoch' | 'yieldEvery'>;

/** @internal Begins in the core; without x and y batches are fed. */
export function begin(
  who: string,
  model: AnyModel,
  data: [Data, Data] | null,
  validation: unknown,
  weights: Data | null | undefined,
  options: {},
): number {
  if (validation && !(Array.isArray(validation) && (validation.length === 2 || validation.length === 3)))
    throw new TensorineError(
      'value',
      `${who}: When passing validation data, it must contain 2 (valX, valY) or 3 (valX, valY, valSampleWeight) items`,
    );
  const [vx, vy, vw] = (validation || []) as Data[];
  return call(who, () => {
    const x = data ? listOf(model, data[0], 'x') : 0,
      y = data ? listOf(model, data[1], 'y') : 0,
      w = listOrNone(model, weights, 'sampleWeight');
    const vxs = validation ? listOf(model, vx, 'x') : 0,
      vys = validation ? listOf(model, vy, 'y') : 0,
      vws = listOrNone(model, vw, 'sampleWeight');
    return core.x.tn_fit_begin(model.ptr, x, y, w, vxs, vys, vws, strings(stringify(options, who))[0]);
  });
}

/** One run: epochs, callbacks, the page's turn. Where batches come from is the subclass's. */
export abstract class Training {
  protected readonly names: string[];
  protected readonly callbacks: CallbackList;
  protected readonly progress: Progress;
  private readonly history = new History();
  private readonly every: YieldEvery;
  private readonly now: () => number;
  private readonly frame: () => Promise<void>;
  private yielded = 0;
  private lost = false;

  protected readonly fit: number;

  /** begins: calls begin() once the arguments are found right. */
  constructor(
    protected readonly model: AnyModel,
    begins: () => number,
    private readonly common: TrainingArgs,
  ) {
    this.names = distinct(model.metricsNames);
    this.epochs = countOf('epochs', common.epochs, 1);
    this.firstEpoch = countOf('initialEpoch', common.initialEpoch, 0);
    const given = standardizeCallbacks(common.callbacks, common.yieldEvery);
    const custom = given.find((c): c is CustomCallback => c instanceof CustomCallback);
    this.every = wantEvery(common.yieldEvery ?? custom?.yieldEvery ?? 'auto');
    this.now = custom?.nowFunc ?? (() => performance.now());
    this.frame = custom?.nextFrameFunc ?? nextFrame;
    this.progress = new Progress(common.verbose, this.epochs);
    this.callbacks = new CallbackList([...registeredCallbacks(common.verbose ?? 1), ...given, this.history]);
    this.fit = begins();
    model.history = this.history;
  }

  /** What setParams() of callbacks gets. */
  protected abstract params(): Params;
  /** Whether there is validation after each epoch. */
  protected abstract get validates(): boolean;
  /** The batches of an epoch, until a callback ends training: how many they were, and whether that was
   * all. */
  protected abstract batches(epoch: number): Promise<[count: number, whole: boolean]>;
  /** The numbers of the validation. */
  protected abstract validate(): Promise<Logs>;

  protected readonly epochs: number;
  private readonly firstEpoch: number;

  protected async logs(which: number, prefix = ''): Promise<Logs> {
    const values = await numbers('fit', () => core.x.tn_fit_values(this.fit, which));
    return Object.fromEntries(this.names.map((name, i) => [prefix + name, values[i]]));
  }

  protected due(end: 'batch' | 'epoch'): boolean {
    if (this.every === 'never') return false;
    if (this.every === 'epoch' || this.every === 'batch') return this.every === end;
    if (end === 'epoch') return false;
    const now = this.now();
    if (now - this.yielded < (this.every === 'auto' ? 16 : this.every)) return false;
    this.yielded = now;
    return true;
  }

  /** The page's turn; of: the batch and its size, for callbacks. */
  protected async letGo(epoch: number, batch: number, of: Logs): Promise<void> {
    if (this.callbacks._listens('onYield'))
      await this.callbacks._call('onYield', epoch, batch, { ...of, ...(await this.logs(FitValues.batch)) });
    await this.frame();
    if (this.every === 'auto') this.yielded = this.now();
  }

  /** Between callbacks, if there are any: `step` trains on a batch and gives its size. */
  protected async batch(batch: number, size: number, step: () => number): Promise<void> {
    const listens = (hook: Hook) => this.callbacks._listens(hook);
    if (listens('onBatchBegin')) await this.callbacks.onBatchBegin(batch, { batch, size });
    step();
    if (listens('onBatchEnd'))
      await this.callbacks.onBatchEnd(batch, { batch, size, ...(await this.logs(FitValues.batch)) });
  }

  /** After a batch of some size: of how many, if that is known. */
  protected async after(epoch: number, batch: number, size: number, of: number): Promise<void> {
    if (this.progress.due()) this.progress.batch(epoch, batch + 1, of, await this.logs(FitValues.epoch));
    if (this.due('batch')) await this.letGo(epoch, batch, { batch, size });
  }

  private async test(): Promise<Logs> {
    if (this.callbacks._listens('onTestBegin')) await this.callbacks._call('onTestBegin', {});
    const logs = await this.validate();
    if (this.callbacks._listens('onTestEnd')) await this.callbacks._call('onTestEnd', logs);
    return logs;
  }

  private async epoch(epoch: number): Promise<void> {
    await this.callbacks.onEpochBegin(epoch);
    const [count, whole] = await this.batches(epoch);
    await backUp(this.model, this.fit);
    const validation = whole && this.validates ? await this.test() : {};
    const logs = { ...validation, ...(count ? await this.logs(FitValues.epoch) : {}) };
    this.warnLost(epoch, logs);
    await this.callbacks.onEpochEnd(epoch, logs);
    this.progress.epoch(epoch, count, logs);
    if (this.due('epoch')) await this.letGo(epoch, count - 1, {});
  }

  /** Warns once that the loss is no number any more, and says what to look at. */
  private warnLost(epoch: number, { loss }: Logs): void {
    if (this.lost || this.model.stopTraining || loss === undefined || Number.isFinite(loss)) return;
    this.lost = true;
    console.warn(
      `fit: the loss is ${loss} in epoch ${epoch + 1}. Try a smaller learning rate, look for NaN or very large numbers in the ` +
        'data, or let tf.enableDebugMode() find the op that gives the first NaN.',
    );
  }

  async run(): Promise<History> {
    try {
      this.callbacks.setParams({
        epochs: this.epochs,
        initialEpoch: this.firstEpoch,
        verbose: this.common.verbose ?? 1,
        doValidation: this.validates,
        metrics: this.validates ? [...this.names, ...this.names.map((name) => `val_${name}`)] : this.names,
        ...this.params(),
      });
      this.callbacks.setModel(this.model);
      this.yielded = this.now();
      this.model.stopTraining = false;
      await this.callbacks.onTrainBegin();
      await backUp(this.model, this.fit);
      const first = Math.max(this.firstEpoch, this.callbacks.firstEpoch);
      for (let e = first; e < this.epochs && !this.model.stopTraining; e++) await this.epoch(e);
      this.model.optimizer.finalizeVariableValues();
      await this.callbacks.onTrainEnd();
      await this.history.syncData();
      return this.history;
    } finally {
      endBackUp(this.fit);
      core.x.tn_fit_end(this.fit);
    }
  }
}

const FIT =
  'batchSize epochs verbose callbacks validationSplit validationData shuffle sampleWeight classWeight initialEpoch yieldEvery ' +
  'stepsPerEpoch validationSteps';

/** One run of fit. */
class ArrayTraining extends Training {
  constructor(
    model: AnyModel,
    x: Data,
    y: Data,
    private readonly args: ModelFitArgs,
  ) {
    ignoreSteps(args);
    batchSizeOf(args.batchSize);
    const { batchSize, shuffle, validationSplit, classWeight } = args;
    super(
      model,
      () =>
        begin('fit', model, [x, y], args.validationData, args.sampleWeight, {
          batchSize,
          shuffle,
          validationSplit,
          classWeight,
        }),
      args,
    );
  }

  private get batchSize(): number {
    return this.args.batchSize ?? 32;
  }

  protected params(): Params {
    return { samples: core.x.tn_fit_examples(this.fit), steps: null, batchSize: this.batchSize };
  }
  protected get validates(): boolean {
    return !!core.x.tn_fit_validates(this.fit);
  }

  protected async validate(): Promise<Logs> {
    call('fit', () => core.x.tn_fit_validate(this.fit));
    return this.logs(FitValues.validation, 'val_');
  }

  private sizeOf(batch: number): number {
    return Math.min(this.batchSize, core.x.tn_fit_examples(this.fit) - batch * this.batchSize);
  }

  /** True if nobody looks at single batches: then nothing need be awaited between them. */
  private get quiet(): boolean {
    return !this.callbacks._listens('onBatchBegin') && !this.callbacks._listens('onBatchEnd');
  }

  protected async batches(epoch: number): Promise<[number, boolean]> {
    const { quiet } = this,
      count = call('fit', () => core.x.tn_fit_epoch(this.fit));
    for (let b = 0; b < count; b++) {
      if (this.model.stopTraining) return [count, false];
      const step = () => call('fit', () => core.x.tn_fit_batch(this.fit, b));
      if (quiet) step();
      else await this.batch(b, this.sizeOf(b), step);
      await this.after(epoch, b, this.sizeOf(b), count);
    }
    return [count, true];
  }
}

function ignoreSteps(args: ModelFitArgs): void {
  for (const name of ['stepsPerEpoch', 'validationSteps'] as const)
    if (args[name] !== undefined && args[name] !== null)
      console.warn(`fit: ${name} is for fitDataset(), and ignored where all data are given as tensors`);
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
export const train = (model: AnyModel, x: Data, y: Data, args: ModelFitArgs): Promise<History> =>
  new ArrayTraining(model, x, y, options('fit', args, FIT)).run();

/** @internal Names of what a compiled model reports. */
export const metricsNames = (model: AnyModel): string[] =>
  answer('metricsNames', () => core.x.tn_metrics_names(model.ptr));

/** Runs a training of a model, unless one is going on. */
export async function alone<T>(model: AnyModel, f: () => Promise<T>): Promise<T> {
  if (model._training)
    throw new TensorineError('value', 'Cannot start training because another fit() call is ongoing.');
  model._training = true;
  try {
    return await f();
  } finally {
    model._training = false;
  }
}
