// Callbacks that keep training safe, and models at their best: backups that training goes on from, and
// running means of weights in their place while a model is evaluated.
import { TensorineError } from '../wasm/errors';
import { fileFromHere, nodeModule } from '../wasm/node';
import { options } from '../core/calls';
import * as router from '../io/router';
import { listModels, removeModel } from '../io/stores';
import type { IOHandler, ModelArtifacts, SaveResult } from '../io/types';
import { Callback, type Hook } from '../training/callbacks';
import { fill } from './loading';
import { saveModel } from './saving';

export interface BackupAndRestoreArgs {
  /** After every epoch, or after so many batches; default 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** Removes the backup when training is done; default true. */
  deleteCheckpoint?: boolean;
}

/** What a backup knows beyond the model: the epoch to go on with, and that training was done. */
interface Mark {
  epoch: number;
  done: boolean;
}

/**
 * Saves model, optimizer and epoch as training goes on; a fit that begins where a backup is left, since
 * the page was closed or the program ended, goes on from there. A backup within an epoch goes on at its
 * beginning. Seeds of shuffling and dropout begin anew.
 * @example new tf.BackupAndRestore('indexeddb://backup').firstEpoch // 0
 */
export class BackupAndRestore extends Callback {
  private next = 0;
  private epoch = 0;
  private batches = 0;
  private readonly args: BackupAndRestoreArgs;

  private readonly handlerOrURL: string | IOHandler;

  constructor(handlerOrURL: string | IOHandler, args: BackupAndRestoreArgs | null = {}) {
    super();
    this.handlerOrURL = fileFromHere(handlerOrURL);
    this.args = options('BackupAndRestore', args, 'saveFreq deleteCheckpoint');
    const { saveFreq = 'epoch' } = this.args;
    if (saveFreq !== 'epoch' && !(Number.isInteger(saveFreq) && saveFreq > 0))
      throw new TensorineError(
        'value',
        `BackupAndRestore: saveFreq must be 'epoch' or a number of batches, but is ${saveFreq}`,
      );
  }

  override get firstEpoch(): number {
    return this.next;
  }

  /** @internal */
  override _listens(hook: Hook): boolean {
    return super._listens(hook) && (hook !== 'onBatchEnd' || typeof this.args.saveFreq === 'number');
  }

  override async onTrainBegin(): Promise<void> {
    this.next = this.batches = 0;
    const artifacts = await this.found(),
      mark = artifacts?.userDefinedMetadata?.backup as Mark | undefined;
    if (!artifacts || !mark || mark.done) return;
    await fill(this.model!, artifacts, true, false);
    this.next = mark.epoch;
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onBatchEnd(): Promise<void> {
    if (++this.batches % (this.args.saveFreq as number) === 0) await this.save({ epoch: this.epoch, done: false });
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    await this.save({ epoch: epoch + 1, done: false });
  }

  override async onTrainEnd(): Promise<void> {
    if (this.args.deleteCheckpoint ?? true) await this.remove();
  }

  private async save(backup: Mark): Promise<void> {
    const save = ({ userDefinedMetadata, ...artifacts }: ModelArtifacts): Promise<SaveResult> =>
      router.save(this.handlerOrURL, { ...artifacts, userDefinedMetadata: { ...userDefinedMetadata, backup } });
    await saveModel(this.model!, { save }, { includeOptimizer: true });
  }

  /** null: there is none. A backup that is there, and broken, is an error. */
  private async found(): Promise<ModelArtifacts | null> {
    const at = this.handlerOrURL;
    if (typeof at !== 'string') return at.load ? at.load().catch(() => null) : null;
    if (at.startsWith('file://')) return (await this.inFolder('access')) ? router.load(`${at}/model.json`) : null;
    return at in (await listModels()) ? router.load(at) : null;
  }

  /** Does something with the folder of a backup in files; false: it is not there. */
  private async inFolder(what: 'access' | 'rm'): Promise<boolean> {
    const { access, rm } = await nodeModule('node:fs/promises'),
      path = (this.handlerOrURL as string).slice('file://'.length);
    try {
      await access(path);
    } catch {
      return false;
    }
    if (what === 'rm') await rm(path, { recursive: true });
    return true;
  }

  /** One that cannot be removed is marked: training was done. */
  private async remove(): Promise<void> {
    const at = this.handlerOrURL;
    if (typeof at !== 'string') await this.save({ epoch: 0, done: true });
    else if (at.startsWith('file://')) await this.inFolder('rm');
    else if (at in (await listModels())) await removeModel(at);
  }
}

/**
 * Evaluates a model with the running means of its weights, which an optimizer with useEma keeps: they are in
 * their place during validation; with swapOnEpoch from the end of each epoch to the next one's beginning
 * too, so that a ModelCheckpoint after it saves them.
 * @example new tf.SwapEMAWeights({ swapOnEpoch: true }).swapOnEpoch // true
 */
export class SwapEMAWeights extends Callback {
  readonly swapOnEpoch: boolean;

  constructor(args: { swapOnEpoch?: boolean } | null = {}) {
    super();
    this.swapOnEpoch = options('SwapEMAWeights', args, 'swapOnEpoch').swapOnEpoch ?? false;
  }

  private swap(toMeans: boolean): void {
    const { optimizer } = this.model!;
    if (toMeans) optimizer.swapToEval();
    else optimizer.swapToTrain();
  }

  override onTrainBegin(): void {
    if (!this.model!.optimizer.getConfig().useEma)
      throw new TensorineError(
        'value',
        'SwapEMAWeights: the optimizer keeps no running means: make it with {useEma: true}',
      );
  }

  override onEpochBegin(): void {
    if (this.swapOnEpoch) this.swap(false);
  }
  override onTestBegin(): void {
    this.swap(true);
  }
  override onTestEnd(): void {
    this.swap(false);
  }
  override onEpochEnd(): void {
    if (this.swapOnEpoch) this.swap(true);
  }
  override onTrainEnd(): void {
    if (this.swapOnEpoch) this.swap(true);
  }
}
