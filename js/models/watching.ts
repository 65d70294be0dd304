// Callbacks that watch a number: early stopping, smaller steps, and others as Keras has them.
import { TensorineError } from '../core/errors';
import { warnUnknown } from '../core/warn';
import { describe } from '../core/returned';
import type { IOHandler } from '../io/types';
import type { Tensor } from '../core/tensor';
import { Callback, type Logs } from './callbacks';

export interface WatchArgs {
  /** Which number is watched; default 'val_loss'. */
  monitor?: string;
  verbose?: number;
  /** Whether less or more is better; 'auto': more, if the name holds 'acc'. */
  mode?: 'auto' | 'min' | 'max';
}

/** Whether more of a number is better, by its name; a loss that is named so is a loss. */
const moreIsBetter = (name: string) => name.includes('acc') || (/auc|precision|recall|f1|iou|accuracy/i.test(name) && !name.endsWith('loss'));

/** What watches a number, and knows whether one is better than another. */
abstract class Watcher extends Callback {
  readonly monitor: string;
  readonly verbose: number;
  protected readonly sign: number;
  best = 0;

  /** known: the options it has beyond those of WatchArgs. */
  constructor(private readonly who: string, args: WatchArgs, known: string) {
    super();
    warnUnknown(who, args, '', `monitor verbose mode ${known}`);
    this.monitor = args.monitor || 'val_loss';
    this.verbose = args.verbose ?? 0;
    const mode = args.mode ?? 'auto';
    if (!['auto', 'min', 'max'].includes(mode)) console.warn(`${who} mode '${mode}' is invalid. Falling back to mode 'auto'.`);
    this.sign = mode === 'max' || (mode !== 'min' && moreIsBetter(this.monitor)) ? 1 : -1;
    this.forgetBest();
  }

  protected forgetBest(): void { this.best = -Infinity * this.sign; }
  protected improves(value: number, by: number): boolean { return this.sign > 0 ? value - by > this.best : value + by < this.best; }

  /** The number that is watched, or null with a warning. */
  protected watched(logs: Logs = {}): number | null {
    if (this.monitor in logs) return logs[this.monitor];
    console.warn(`Metric for ${this.who} ${this.monitor} is not available. Available metrics are: ${Object.keys(logs)}`);
    return null;
  }

  protected say(text: string): void { if (this.verbose) console.log(text); }
}

export interface EarlyStoppingArgs extends WatchArgs {
  /** A smaller change is none; default 0. */
  minDelta?: number;
  /** How many epochs without improvement are waited; default 0. */
  patience?: number;
  /** What must be improved upon from the start. */
  baseline?: number;
  /** At the end go back to the weights of the best epoch; default false. */
  restoreBestWeights?: boolean;
  /** Do not watch before that epoch; default 0. */
  startFromEpoch?: number;
}

/**
 * Ends training when a number does not improve any more.
 * @example new tf.EarlyStopping({ monitor: 'loss', patience: 2 }).stoppedEpoch // 0
 */
export class EarlyStopping extends Watcher {
  stoppedEpoch = 0;
  wait = 0;
  private weights: Tensor[] = [];

  constructor(private readonly args: EarlyStoppingArgs = {}) { super('EarlyStopping', args, 'minDelta patience baseline restoreBestWeights startFromEpoch'); }

  private get minDelta(): number { return Math.abs(this.args.minDelta ?? 0); }

  override onTrainBegin(_logs?: Logs): void {
    this.wait = this.stoppedEpoch = 0;
    this.forgetBest();
    this.forgetWeights();
    if (typeof this.args.baseline === 'number') this.best = this.args.baseline;
  }

  override onEpochEnd(epoch: number, logs?: Logs): void {
    if (epoch < (this.args.startFromEpoch ?? 0)) return;
    const value = this.watched(logs);
    if (value === null) return;
    if (this.args.restoreBestWeights && !this.weights.length) this.keepWeights();
    if (this.improves(value, this.minDelta)) {
      this.best = value;
      this.wait = 0;
      if (this.args.restoreBestWeights) this.keepWeights();
    } else if (++this.wait >= (this.args.patience ?? 0)) {
      this.stoppedEpoch = epoch;
      this.model!.stopTraining = true;
    }
  }

  override onTrainEnd(_logs?: Logs): void {
    if (this.stoppedEpoch > 0) this.say(`Epoch ${this.stoppedEpoch}: early stopping.`);
    if (!this.weights.length) return;
    this.model!.setWeights(this.weights);
    this.forgetWeights();
  }

  private keepWeights(): void {
    this.forgetWeights();
    this.weights = this.model!.getWeights().map((w) => w.clone());
  }

  private forgetWeights(): void {
    for (const w of this.weights) w.dispose();
    this.weights = [];
  }

  /** The number that is watched, of an epoch. */
  getMonitorValue(logs?: Logs): number | null { return this.watched(logs); }
}

/**
 * Ends training when a number does not improve any more.
 * @example tf.callbacks.earlyStopping({ monitor: 'loss' }).stoppedEpoch // 0
 */
export const earlyStopping = (args?: EarlyStoppingArgs): EarlyStopping => new EarlyStopping(args);

export interface ReduceLROnPlateauArgs extends WatchArgs {
  /** The rate is multiplied by it; default 0.1. */
  factor?: number;
  /** How many epochs without improvement are waited; default 10. */
  patience?: number;
  /** A smaller change is none; default 0.0001. */
  minDelta?: number;
  /** How many epochs are not watched after the rate was made smaller; default 0. */
  cooldown?: number;
  /** The rate does not become smaller than that; default 0. */
  minLr?: number;
}

/** Makes the learning rate smaller when a number does not improve any more. */
export class ReduceLROnPlateau extends Watcher {
  private wait = 0;
  private cooling = 0;

  constructor(private readonly args: ReduceLROnPlateauArgs = {}) {
    super('ReduceLROnPlateau', args, 'factor patience minDelta cooldown minLr');
    if (args.factor !== undefined && !(args.factor < 1))
      throw new TensorineError('value', `ReduceLROnPlateau: factor must be less than 1, but is ${args.factor}`);
  }

  override onTrainBegin(): void {
    this.wait = this.cooling = 0;
    this.forgetBest();
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    const { optimizer } = this.model!;
    logs.learningRate = optimizer.learningRate;
    const value = this.watched(logs);
    if (value === null) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.wait = 0;
    }
    if (this.improves(value, this.args.minDelta ?? 1e-4)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooling <= 0 && ++this.wait >= (this.args.patience ?? 10)) this.reduce(epoch);
  }

  private reduce(epoch: number): void {
    const { optimizer } = this.model!, least = this.args.minLr ?? 0;
    if (optimizer.learningRate <= least) return;
    optimizer.setLearningRate(Math.max(optimizer.learningRate * (this.args.factor ?? 0.1), least));
    this.say(`Epoch ${epoch + 1}: ReduceLROnPlateau sets the learning rate to ${optimizer.learningRate}.`);
    this.cooling = this.args.cooldown ?? 0;
    this.wait = 0;
  }
}

/** Sets the learning rate before each epoch: schedule(epoch, rate) gives the new one. */
export class LearningRateScheduler extends Callback {
  constructor(private readonly schedule: (epoch: number, learningRate: number) => number, private readonly verbose = 0) { super(); }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model!;
    const rate: unknown = this.schedule(epoch, optimizer.learningRate);
    if (typeof rate !== 'number' || !Number.isFinite(rate))
      throw new TensorineError('value', `LearningRateScheduler: schedule() must return a number, but returned ${describe(rate)}`);
    optimizer.setLearningRate(rate);
    if (this.verbose) console.log(`Epoch ${epoch + 1}: LearningRateScheduler sets the learning rate to ${optimizer.learningRate}.`);
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void { logs.learningRate = this.model!.optimizer.learningRate; }
}

/** Ends training when the loss is no number any more. */
export class TerminateOnNaN extends Callback {
  override onBatchEnd(batch: number, logs: Logs = {}): void {
    if (!('loss' in logs) || Number.isFinite(logs.loss)) return;
    console.warn(`Batch ${batch}: Invalid loss, terminating training`);
    this.model!.stopTraining = true;
  }
}

export interface ModelCheckpointArgs extends WatchArgs {
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
export class ModelCheckpoint extends Watcher {
  constructor(private readonly handlerOrURL: string | IOHandler, private readonly args: ModelCheckpointArgs = {}) {
    super('ModelCheckpoint', args, 'saveBestOnly includeOptimizer saveFreq initialValueThreshold');
  }

  override onTrainBegin(): void {
    this.forgetBest();
    if (typeof this.args.initialValueThreshold === 'number') this.best = this.args.initialValueThreshold;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if ((epoch + 1) % (this.args.saveFreq ?? 1)) return;
    if (this.args.saveBestOnly) {
      const value = this.watched(logs);
      if (value === null || !this.improves(value, 0)) return;
      this.best = value;
    }
    const to = typeof this.handlerOrURL === 'string' ? filledIn(this.handlerOrURL, { ...logs, epoch: epoch + 1 }) : this.handlerOrURL;
    await this.model!.save(to, { includeOptimizer: this.args.includeOptimizer ?? false });
    this.say(`Epoch ${epoch + 1}: ModelCheckpoint saved the model${typeof to === 'string' ? ` to ${to}` : ''}.`);
  }
}

/** {name}, {name:02d}, {name:.3f} in a text become numbers. */
function filledIn(text: string, numbers: Logs): string {
  return text.replace(/\{(\w+)(?::(0?)(\d*)(?:\.(\d+))?([df]))?\}/g, (whole, name: string, zero, width, digits) => {
    if (!(name in numbers)) return whole;
    const value = digits === undefined ? String(numbers[name]) : numbers[name].toFixed(Number(digits));
    return value.padStart(Number(width || 0), zero ? '0' : ' ');
  });
}
