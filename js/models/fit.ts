// The loop of fit: batches are the core's, here are promises, callbacks and the page's turn.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import type { Tensor, TensorLike } from '../core/tensor';
import { nextFrame } from '../profile';
import { Callback, CustomCallback, History, type CustomCallbackArgs, type Logs, type Params, type YieldEvery } from './callbacks';
import { addresses, answer, call, stringify, tensorList, texts } from './lowering';
import type { LayersModel } from './model';

/** Data of a model: for its one input or output, for all in order, or by name. */
export type Data = TensorLike | Tensor[] | { [name: string]: TensorLike };

export interface ClassWeight { [classIndex: number]: number }

export interface ModelFitArgs {
  /** Examples a step; default 32. */
  batchSize?: number;
  /** Times through the data; default 1. */
  epochs?: number;
  /** 0: prints nothing; 1 or 2: a line an epoch. Default 0. */
  verbose?: number;
  callbacks?: Callback | CustomCallbackArgs | (Callback | CustomCallbackArgs)[];
  /** Share at the end of the data that is not trained on, but evaluated after each epoch. */
  validationSplit?: number;
  /** The same with data of its own: [x, y]. */
  validationData?: [Data, Data] | [Data, Data, Data];
  /** A new order each epoch; default true. */
  shuffle?: boolean;
  /** A weight for each example; one list an output. */
  sampleWeight?: TensorLike | Tensor[];
  /** A weight for each class, by its number; several outputs: a list, or by their names. */
  classWeight?: ClassWeight | ClassWeight[] | { [outputName: string]: ClassWeight };
  /** The number of the first epoch; default 0. */
  initialEpoch?: number;
  yieldEvery?: YieldEvery;
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

function callbacksOf(given: ModelFitArgs['callbacks']): Callback[] {
  const list = given === undefined || given === null ? [] : Array.isArray(given) ? given : [given];
  return list.map((c) => (c instanceof Callback ? c : new CustomCallback(c)));
}

type Hook = 'onTrainBegin' | 'onTrainEnd' | 'onEpochBegin' | 'onEpochEnd' | 'onBatchBegin' | 'onBatchEnd' | 'onYield';

/** One run of fit. */
class Training {
  private readonly fit: number;
  private readonly names: string[];
  private readonly history = new History();
  private readonly callbacks: Callback[];
  private readonly every: YieldEvery;
  private readonly now: () => number;
  private readonly frame: () => Promise<void>;
  private yielded = 0;

  constructor(private readonly model: LayersModel, x: Data, y: Data, private readonly args: ModelFitArgs) {
    this.names = model.metricsNames;
    this.callbacks = callbacksOf(args.callbacks);
    const custom = this.callbacks.find((c) => c instanceof CustomCallback) as (CustomCallback & CustomCallbackArgs) | undefined;
    this.every = args.yieldEvery ?? custom?.yieldEvery ?? 'auto';
    this.now = custom?.nowFunc ?? (() => performance.now());
    this.frame = custom?.nextFrameFunc ?? nextFrame;
    this.fit = this.begin(x, y);
    this.callbacks.push(this.history);
    for (const c of this.callbacks) {
      c.setParams(this.params());
      c.setModel(model);
    }
  }

  private begin(x: Data, y: Data): number {
    const { model, args } = this, validation = args.validationData;
    if (validation && !(Array.isArray(validation) && validation.length === 2))
      throw new TensorineError('value', 'fit: validationData must be [x, y]');
    const options = { batchSize: args.batchSize, shuffle: args.shuffle, validationSplit: args.validationSplit, classWeight: args.classWeight };
    return call('fit', () => {
      const xs = model.list(x, 'x'), ys = model.list(y, 'y');
      const weights = args.sampleWeight === undefined || args.sampleWeight === null ? 0
        : model.list(args.sampleWeight, 'sampleWeight');
      const vx = validation ? model.list(validation[0], 'x') : 0, vy = validation ? model.list(validation[1], 'y') : 0;
      return core.x.tn_fit_begin(model.ptr, xs, ys, weights, vx, vy, texts(stringify(options, 'fit'))[0]);
    });
  }

  private params(): Params {
    const validates = !!core.x.tn_fit_validates(this.fit);
    return {
      epochs: this.args.epochs ?? 1, initialEpoch: this.args.initialEpoch ?? 0,
      samples: core.x.tn_fit_examples(this.fit), steps: null, batchSize: this.args.batchSize ?? 32,
      verbose: this.args.verbose ?? 0, doValidation: validates,
      metrics: validates ? [...this.names, ...this.names.map((name) => `val_${name}`)] : this.names,
    };
  }

  private wants(hook: Hook): boolean { return this.callbacks.some((c) => c[hook]); }

  private async tell(hook: Hook, ...args: unknown[]): Promise<void> {
    for (const c of this.callbacks) await (c[hook] as ((...args: unknown[]) => unknown) | undefined)?.(...args);
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
    if (this.wants('onYield')) await this.tell('onYield', epoch, batch, await this.logs(0));
    await this.frame();
    this.yielded = this.now();
  }

  private async batch(epoch: number, batch: number): Promise<void> {
    if (this.wants('onBatchBegin')) await this.tell('onBatchBegin', batch, { batch, size: this.sizeOf(batch) });
    const size = core.x.tn_fit_batch(this.fit, batch);
    core.check();
    if (this.wants('onBatchEnd')) await this.tell('onBatchEnd', batch, { batch, size, ...await this.logs(0) });
    if (this.due('batch')) await this.letGo(epoch, batch);
  }

  private sizeOf(batch: number): number {
    const size = this.args.batchSize ?? 32;
    return Math.min(size, core.x.tn_fit_examples(this.fit) - batch * size);
  }

  /** True if nobody looks at single batches: then nothing need be awaited between them. */
  private get quiet(): boolean { return !this.wants('onBatchBegin') && !this.wants('onBatchEnd'); }

  private async epoch(epoch: number): Promise<void> {
    await this.tell('onEpochBegin', epoch, {});
    const batches = call('fit', () => core.x.tn_fit_epoch(this.fit)), quiet = this.quiet;
    for (let b = 0; b < batches && !this.model.stopTraining; b++) {
      if (!quiet) {
        await this.batch(epoch, b);
        continue;
      }
      core.x.tn_fit_batch(this.fit, b);
      core.check();
      if (this.due('batch')) await this.letGo(epoch, b);
    }
    const validates = !!core.x.tn_fit_validates(this.fit);
    if (validates) call('fit', () => core.x.tn_fit_validate(this.fit));
    const logs = { ...validates ? await this.logs(2, 'val_') : {}, ...await this.logs(1) };
    await this.tell('onEpochEnd', epoch, logs);
    if (this.args.verbose) console.log(line(epoch, this.args.epochs ?? 1, logs));
    if (this.due('epoch')) await this.letGo(epoch, batches - 1);
  }

  async run(): Promise<History> {
    try {
      this.yielded = this.now();
      this.model.stopTraining = false;
      await this.tell('onTrainBegin', {});
      for (let e = this.args.initialEpoch ?? 0; e < (this.args.epochs ?? 1) && !this.model.stopTraining; e++)
        await this.epoch(e);
      await this.tell('onTrainEnd', {});
      return this.history;
    } finally {
      core.x.tn_fit_end(this.fit);
    }
  }
}

const line = (epoch: number, epochs: number, logs: Logs) =>
  `Epoch ${epoch + 1} / ${epochs} - ${Object.entries(logs).map(([name, v]) => `${name}: ${v.toPrecision(4)}`).join(' - ')}`;

/** @internal */
export const train = (model: LayersModel, x: Data, y: Data, args: ModelFitArgs): Promise<History> =>
  new Training(model, x, y, args).run();

/** @internal Names of what a compiled model reports. */
export const metricsNames = (model: LayersModel): string[] =>
  answer('metricsNames', () => core.x.tn_metrics_names(model.ptr));
