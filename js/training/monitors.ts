// Callbacks that monitor a number: early stopping, smaller learning rates, and others as Keras has them.
import { TensorineError } from '../wasm/errors';
import { options } from '../core/calls';
import { describe } from '../core/returned';
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import type { IOHandler } from '../io/types';
import { Callback, logsOf, modelOf, type Logs } from './callbacks';
import type { Optimizer } from './optimizer';

export interface MonitorArgs {
  /** Which number is monitored; default 'val_loss'. */
  monitor?: string;
  verbose?: number;
  /** Whether less or more is better; 'auto': more, if the name holds 'acc'. */
  mode?: 'auto' | 'min' | 'max';
}

/** Whether more of a number is better, by its name; a name that ends in loss is that of a loss. */
const moreIsBetter = (name: string) =>
  name.includes('acc') || (/auc|precision|recall|f1|iou|accuracy/i.test(name) && !name.endsWith('loss'));

/** A callback that monitors a number, and knows whether one is better than another. */
abstract class Monitor<A extends MonitorArgs = MonitorArgs> extends Callback {
  readonly monitor: string;
  readonly verbose: number;
  /** @internal */
  readonly args: A;
  /** @internal 1: more is better; -1: less is. */
  readonly sign: number;
  best = 0;

  /** known: the options it has beyond those of MonitorArgs. */
  constructor(
    /** @internal */ readonly who: string,
    args: A | null,
    known: string,
  ) {
    super();
    this.args = options(who, args, `monitor verbose mode ${known}`);
    const { monitor, verbose, mode: given } = this.args;
    want(who, { monitor, mode: given }, 'string?');
    this.monitor = monitor || 'val_loss';
    this.verbose = verbose ?? 0;
    const mode = given ?? 'auto';
    if (!['auto', 'min', 'max'].includes(mode))
      console.warn(`${who} mode '${mode}' is invalid. Falling back to mode 'auto'.`);
    this.sign = mode === 'max' || (mode !== 'min' && moreIsBetter(this.monitor)) ? 1 : -1;
    forgetBest(this);
  }
}

function forgetBest(monitor: Monitor): void {
  monitor.best = -Infinity * monitor.sign;
}

const improves = ({ sign, best }: Monitor, value: number, by: number): boolean =>
  sign > 0 ? value - by > best : value + by < best;

/** The monitored number, or null with a warning. */
function monitored({ monitor, who }: Monitor, logs: Logs): number | null {
  if (monitor in logs) return logs[monitor];
  console.warn(`Metric for ${who} ${monitor} is not available. Available metrics are: ${Object.keys(logs)}`);
  return null;
}

function say(monitor: Monitor, text: string): void {
  if (monitor.verbose) console.log(text);
}

export interface EarlyStoppingArgs extends MonitorArgs {
  /** A smaller change is no improvement; default 0. */
  minDelta?: number;
  /** For how many epochs without improvement it waits; default 0. */
  patience?: number;
  /** What must be improved upon from the start. */
  baseline?: number;
  /** At the end go back to the weights of the best epoch; default false. */
  restoreBestWeights?: boolean;
  /** Do not monitor before that epoch; default 0. */
  startFromEpoch?: number;
}

/**
 * Ends training when a number does not improve any more.
 * @example new tf.EarlyStopping({ monitor: 'loss', patience: 2 }).stoppedEpoch // 0
 */
export class EarlyStopping extends Monitor<EarlyStoppingArgs> {
  stoppedEpoch = 0;
  wait = 0;
  /** @internal Of the best epoch. */
  kept: Tensor[] = [];

  constructor(args: EarlyStoppingArgs | null = {}) {
    super('EarlyStopping', args, 'minDelta patience baseline restoreBestWeights startFromEpoch');
    const { minDelta, patience, startFromEpoch } = this.args;
    want('EarlyStopping', { minDelta, patience, startFromEpoch }, 'number?');
  }

  private get minDelta(): number {
    return Math.abs(this.args.minDelta ?? 0);
  }

  override onTrainBegin(_logs?: Logs): void {
    this.wait = this.stoppedEpoch = 0;
    forgetBest(this);
    forgetWeights(this);
    if (typeof this.args.baseline === 'number') this.best = this.args.baseline;
  }

  override onEpochEnd(epoch: number, logs?: Logs): void {
    const numbers = logsOf(this, logs, epoch);
    if (epoch < (this.args.startFromEpoch ?? 0)) return;
    const value = monitored(this, numbers);
    if (value === null) return;
    if (this.args.restoreBestWeights && !this.kept.length) keepWeights(this);
    if (improves(this, value, this.minDelta)) {
      this.best = value;
      this.wait = 0;
      if (this.args.restoreBestWeights) keepWeights(this);
    } else if (++this.wait >= (this.args.patience ?? 0)) {
      this.stoppedEpoch = epoch;
      modelOf(this).stopTraining = true;
    }
  }

  override onTrainEnd(_logs?: Logs): void {
    if (this.stoppedEpoch > 0) say(this, `Epoch ${this.stoppedEpoch}: early stopping.`);
    if (!this.kept.length) return;
    modelOf(this).setWeights(this.kept);
    forgetWeights(this);
  }

  /** The monitored number of an epoch. */
  getMonitorValue(logs?: Logs): number | null {
    return monitored(this, logsOf(this, logs));
  }
}

function keepWeights(stopping: EarlyStopping): void {
  forgetWeights(stopping);
  stopping.kept = modelOf(stopping)
    .getWeights()
    .map((w) => w.clone());
}

function forgetWeights(stopping: EarlyStopping): void {
  for (const w of stopping.kept) w.dispose();
  stopping.kept = [];
}

/**
 * Ends training when a number does not improve any more.
 * @example tf.callbacks.earlyStopping({ monitor: 'loss' }).stoppedEpoch // 0
 */
export const earlyStopping = (args?: EarlyStoppingArgs): EarlyStopping => new EarlyStopping(args);

export interface ReduceLROnPlateauArgs extends MonitorArgs {
  /** The rate is multiplied by it; default 0.1. */
  factor?: number;
  /** For how many epochs without improvement it waits; default 10. */
  patience?: number;
  /** A smaller change is no improvement; default 0.0001. */
  minDelta?: number;
  /** How many epochs are not monitored after the rate was made smaller; default 0. */
  cooldown?: number;
  /** The rate does not become smaller than that; default 0. */
  minLr?: number;
}

/** Makes the learning rate smaller when a number does not improve any more. */
export class ReduceLROnPlateau extends Monitor<ReduceLROnPlateauArgs> {
  /** @internal Epochs without improvement. */
  wait = 0;
  /** @internal Epochs that are not monitored yet. */
  cooling = 0;

  constructor(args: ReduceLROnPlateauArgs | null = {}) {
    super('ReduceLROnPlateau', args, 'factor patience minDelta cooldown minLr');
    const { factor, minLr, minDelta, patience, cooldown } = this.args;
    want('ReduceLROnPlateau', { factor, minLr, minDelta, patience, cooldown }, 'number?');
    if (factor !== undefined && !(factor < 1))
      throw new TensorineError('value', `ReduceLROnPlateau: factor must be less than 1, but is ${factor}`);
  }

  override onTrainBegin(): void {
    this.wait = this.cooling = 0;
    forgetBest(this);
  }

  override onEpochEnd(epoch: number, logs?: Logs): void {
    const numbers = logsOf(this, logs, epoch);
    numbers.learningRate = rateOf(this).learningRate;
    const value = monitored(this, numbers);
    if (value === null) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.wait = 0;
    }
    if (improves(this, value, this.args.minDelta ?? 1e-4)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooling <= 0 && ++this.wait >= (this.args.patience ?? 10)) reduce(this, epoch);
  }
}

/** The optimizer, which has the learning rate. */
function rateOf(callback: Callback): Optimizer {
  const { optimizer } = modelOf(callback);
  if (optimizer) return optimizer;
  throw new TensorineError('value', `${callback.constructor.name}: the model has no optimizer: compile() it first`);
}

function reduce(plateau: ReduceLROnPlateau, epoch: number): void {
  const optimizer = rateOf(plateau),
    { minLr: least = 0, factor = 0.1, cooldown } = plateau.args;
  if (optimizer.learningRate <= least) return;
  optimizer.setLearningRate(Math.max(optimizer.learningRate * factor, least));
  say(plateau, `Epoch ${epoch + 1}: ReduceLROnPlateau sets the learning rate to ${optimizer.learningRate}.`);
  plateau.cooling = cooldown ?? 0;
  plateau.wait = 0;
}

/** Sets the learning rate before each epoch: schedule(epoch, rate) gives the new one. */
export class LearningRateScheduler extends Callback {
  constructor(
    private readonly schedule: (epoch: number, learningRate: number) => number,
    private readonly verbose = 0,
  ) {
    super();
    want('LearningRateScheduler', { schedule }, 'function');
  }

  override onEpochBegin(epoch: number): void {
    want('LearningRateScheduler', { epoch }, 'number');
    const optimizer = rateOf(this);
    const rate: unknown = this.schedule(epoch, optimizer.learningRate);
    if (typeof rate !== 'number' || !Number.isFinite(rate))
      throw new TensorineError(
        'value',
        `LearningRateScheduler: schedule() must return a number, but returned ${describe(rate)}`,
      );
    optimizer.setLearningRate(rate);
    if (this.verbose)
      console.log(`Epoch ${epoch + 1}: LearningRateScheduler sets the learning rate to ${optimizer.learningRate}.`);
  }

  override onEpochEnd(_epoch: number, logs?: Logs): void {
    logsOf(this, logs).learningRate = rateOf(this).learningRate;
  }
}

/** Ends training when the loss is no number any more. */
export class TerminateOnNaN extends Callback {
  override onBatchEnd(batch: number, logs?: Logs): void {
    const numbers = logsOf(this, logs, batch);
    if (!('loss' in numbers) || Number.isFinite(numbers.loss)) return;
    console.warn(`Batch ${batch}: Invalid loss, terminating training`);
    modelOf(this).stopTraining = true;
  }
}

export interface ModelCheckpointArgs extends MonitorArgs {
  /** Save only if the number is better than before; default false. */
  saveBestOnly?: boolean;
  /** Save the optimizer's states too, so that training can go on; default false. */
  includeOptimizer?: boolean;
  /** Save every so many epochs; default 1. */
  saveFreq?: number;
  /** What must be improved upon from the start. */
  initialValueThreshold?: number;
}

/**
 * Saves the model while it is trained. In a URL {epoch} and {val_loss} stand for the numbers of the
 * epoch, {val_loss:.2f} for one with two digits.
 */
export class ModelCheckpoint extends Monitor<ModelCheckpointArgs> {
  constructor(
    private readonly handlerOrURL: string | IOHandler,
    args: ModelCheckpointArgs | null = {},
  ) {
    super('ModelCheckpoint', args, 'saveBestOnly includeOptimizer saveFreq initialValueThreshold');
    const { saveFreq } = this.args;
    want('ModelCheckpoint', { saveFreq }, 'number?');
  }

  override onTrainBegin(): void {
    forgetBest(this);
    if (typeof this.args.initialValueThreshold === 'number') this.best = this.args.initialValueThreshold;
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    const numbers = logsOf(this, logs, epoch);
    if ((epoch + 1) % (this.args.saveFreq ?? 1)) return;
    if (this.args.saveBestOnly) {
      const value = monitored(this, numbers);
      if (value === null || !improves(this, value, 0)) return;
      this.best = value;
    }
    const to =
      typeof this.handlerOrURL === 'string'
        ? filledIn(this.handlerOrURL, { ...numbers, epoch: epoch + 1 })
        : this.handlerOrURL;
    await modelOf(this).save(to, { includeOptimizer: this.args.includeOptimizer ?? false });
    say(this, `Epoch ${epoch + 1}: ModelCheckpoint saved the model${typeof to === 'string' ? ` to ${to}` : ''}.`);
  }
}

/** {name}, {name:02d}, {name:.3f} in a string become numbers. */
function filledIn(text: string, numbers: Logs): string {
  return text.replace(/\{(\w+)(?::(0?)(\d*)(?:\.(\d+))?([df]))?\}/g, (whole, name: string, zero, width, digits) => {
    if (typeof numbers[name] !== 'number') return whole;
    const value = digits === undefined ? String(numbers[name]) : numbers[name].toFixed(Number(digits));
    return value.padStart(Number(width || 0), zero ? '0' : ' ');
  });
}
