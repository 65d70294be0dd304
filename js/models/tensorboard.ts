// tf.node.tensorBoard and tf.node.summaryFileWriter: training as TensorBoard shows it.
import { shown, TensorineError } from '../core/errors';
import { tidy } from '../core/engine';
import { isNode, nodeModule } from '../core/node';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import type { Tensor } from '../core/tensor';
import { Callback, type Logs } from './callbacks';
import { histogramEvent, record, scalarEvent, versionEvent, type Histogram } from './events';

const MOST_BUCKETS = 10000;
let files = 0;

/** Writes numbers by step into a file that TensorBoard reads. */
export class SummaryFileWriter {
  private queue = Promise.resolve();
  private path = '';

  /** @internal */
  constructor(logdir: string, suffix = '') {
    if (!isNode) throw new TensorineError('value', 'summaryFileWriter writes files: it needs Node');
    want('summaryFileWriter', { logdir, suffix }, 'string');
    this.later(() => this.open(logdir, suffix));
  }

  private async open(logdir: string, suffix: string): Promise<void> {
    const [{ mkdir }, { join }, { hostname }] = await Promise.all(['node:fs/promises', 'node:path', 'node:os'].map(nodeModule));
    const { process: host } = globalThis as unknown as { process: { pid: number } };
    const name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}.${host.pid}.${files++}.v2${suffix}`;
    await mkdir(logdir, { recursive: true });
    this.path = join(logdir, name);
    await this.append(versionEvent());
  }

  private async append(event: number[]): Promise<void> {
    const { appendFile } = await nodeModule('node:fs/promises');
    await appendFile(this.path, record(event));
  }

  /** Records are written one after the other; what goes wrong is thrown by flush(). */
  private write(event: number[]): void { this.later(() => this.append(event)); }

  private later(f: () => Promise<void>): void {
    this.queue = this.queue.then(f).catch((error) => {
      throw error instanceof TensorineError ? error : new TensorineError('file', `summaryFileWriter: ${(error as Error).message}`);
    });
    this.queue.catch(() => {}); // flush() may never be called
  }

  /** One number at a step. */
  scalar(name: string, value: number | Tensor, step: number, description?: string): void {
    want('scalar', { name }, 'string');
    want('scalar', { step }, 'integer');
    if (typeof value !== 'number') want('scalar', { value }, 'tensor');
    this.write(scalarEvent(step, name, typeof value === 'number' ? value : value.dataSync()[0], description));
  }

  /** How many of a tensor's numbers lie where. */
  histogram(name: string, data: Tensor, step: number, bucketCount = 30, description?: string): void {
    want('histogram', { name }, 'string');
    want('histogram', { data }, 'tensor');
    want('histogram', { step }, 'integer');
    if (!(bucketCount >= 1 && bucketCount <= MOST_BUCKETS))
      throw new TensorineError('value', `histogram: bucketCount must be from 1 to ${MOST_BUCKETS}, but is ${shown(bucketCount)}`);
    this.write(histogramEvent(step, name, histogramOf(data, bucketCount), description));
  }

  /** Waits until everything is in the file. */
  flush(): Promise<void> { return this.queue; }
}

/** Counts the numbers of x between `buckets` equal steps from the least to the largest. */
function histogramOf(x: Tensor, buckets: number): Histogram {
  return tidy(() => {
    const one = (y: Tensor) => y.dataSync()[0], values = x.cast('float32');
    if (!x.size) return { min: 0, max: 0, count: 0, sum: 0, squares: 0, limits: [0], counts: [0] };
    const min = one(values.min()), max = one(values.max());
    const limits = min === max ? [max] : Array.from({ length: buckets }, (_, i) => (i === buckets - 1 ? max : min + (max - min) * (i + 1) / buckets));
    const below = limits.map((limit) => one(values.lessEqual(limit).cast('float32').sum()));
    below[below.length - 1] = x.size;
    const counts = below.map((n, i) => n - (i ? below[i - 1] : 0));
    return { min, max, count: x.size, sum: one(values.sum()), squares: one(values.square().sum()), limits, counts };
  });
}

/** A writer of event files in a folder; maxQueue and flushMillis are taken as in TensorFlow.js and change nothing. */
export const summaryFileWriter = (logdir: string, _maxQueue?: number, _flushMillis?: number, filenameSuffix?: string): SummaryFileWriter =>
  new SummaryFileWriter(logdir, filenameSuffix);

export interface TensorBoardCallbackArgs {
  /** Write after each batch too, or after each epoch only; default 'epoch'. */
  updateFreq?: 'batch' | 'epoch';
  /** Write histograms of the weights every so many epochs; 0, the default: never. */
  histogramFreq?: number;
}

/** Writes losses and metrics into the folders train and val of logdir. */
export class TensorBoardCallback extends Callback {
  private readonly writers = new Map<string, SummaryFileWriter>();
  private batches = 0;

  /** @internal */
  constructor(private readonly logdir: string, private readonly args: TensorBoardCallbackArgs = {}) {
    super();
    want('tensorBoard', { logdir }, 'string');
    want('tensorBoard', { args }, 'object');
    want('tensorBoard', { updateFreq: args.updateFreq }, 'string?');
    want('tensorBoard', { histogramFreq: args.histogramFreq }, 'number?');
    warnUnknown('tensorBoard', args, '', 'updateFreq histogramFreq');
    if (args.updateFreq && !['batch', 'epoch'].includes(args.updateFreq))
      throw new TensorineError('value', `tensorBoard: Expected updateFreq to be 'batch' or 'epoch', but got '${args.updateFreq}'`);
  }

  /** @internal */
  override listens(hook: Parameters<Callback['listens']>[0]): boolean {
    return super.listens(hook) && (hook !== 'onBatchEnd' || this.args.updateFreq === 'batch');
  }

  private writer(of: 'train' | 'val'): SummaryFileWriter {
    if (!this.writers.has(of)) this.writers.set(of, new SummaryFileWriter(`${this.logdir}/${of}`));
    return this.writers.get(of)!;
  }

  private numbers(logs: Logs, prefix: string, step: number): void {
    for (const [name, value] of Object.entries(logs)) {
      if (name === 'batch' || name === 'size') continue;
      const held = name.startsWith('val_');
      this.writer(held ? 'val' : 'train').scalar(prefix + (held ? name.slice(4) : name), value, step);
    }
  }

  override onBatchEnd(_batch: number, logs: Logs = {}): void { this.numbers(logs, 'batch_', ++this.batches); }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const every = this.args.histogramFreq ?? 0;
    this.numbers(logs, 'epoch_', epoch + 1);
    if (every > 0 && epoch % every === 0)
      for (const w of this.model!.weights) this.writer('train').histogram(w.name, w, epoch + 1);
    await this.flush();
  }

  override onTrainEnd(): Promise<void> { return this.flush(); }

  private async flush(): Promise<void> { for (const writer of this.writers.values()) await writer.flush(); }
}

/** A callback for fit that writes what TensorBoard shows. */
export const tensorBoard = (logdir = './logs', args?: TensorBoardCallbackArgs): TensorBoardCallback => new TensorBoardCallback(logdir, args);
