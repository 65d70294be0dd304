// tf.node.tensorBoard and tf.node.summaryFileWriter: training as TensorBoard shows it.
import { shown, TensorineError } from '../wasm/errors';
import { fromHere, isNode, nodeModule } from '../wasm/node';
import { fileDone, options } from '../core/calls';
import { tidy } from '../core/scopes';
import { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { Callback, logsOf, modelOf, type Hook, type Logs } from './callbacks';
import { histogramEvent, record, scalarEvent, versionEvent, type Histogram } from './event_file';

const MOST_BUCKETS = 10000;
let files = 0;

/** Makes a new file of events; its path. */
async function open(logdir: string, suffix: string): Promise<string> {
  const [{ mkdir }, { join }, { hostname }] = await Promise.all(
    ['node:fs/promises', 'node:path', 'node:os'].map(nodeModule),
  );
  const { process: host } = globalThis as unknown as { process: { pid: number } };
  const name = `events.out.tfevents.${Math.floor(Date.now() / 1000)}.${hostname()}.${host.pid}.${files++}.v2${suffix}`;
  const path: string = join(logdir, name);
  await fileDone('summaryFileWriter', logdir, mkdir(logdir, { recursive: true }));
  return append(path, versionEvent());
}

async function append(path: string, event: number[]): Promise<string> {
  const { appendFile } = await nodeModule('node:fs/promises');
  await fileDone('summaryFileWriter', path, appendFile(path, record(event)));
  return path;
}

/** Writes numbers by step into a file that TensorBoard reads. */
export class SummaryFileWriter {
  /** @internal The path, when all records so far are written; what goes wrong is thrown by flush(). */
  queue: Promise<string>;

  /** @internal */
  constructor(logdir: string, suffix = '') {
    want('summaryFileWriter', { logdir, suffix }, 'string');
    if (!isNode) throw new TensorineError('value', 'summaryFileWriter writes files: it needs Node');
    this.queue = open(fromHere(logdir), suffix);
    this.queue.catch(() => {}); // flush() throws it
  }

  /** One number at a step. */
  scalar(name: string, value: number | Tensor, step: number, description?: string): void {
    wantRecord('scalar', name, step, description);
    if (typeof value !== 'number') want('scalar', { value }, 'tensor');
    write(this, scalarEvent(step, name, typeof value === 'number' ? value : value.dataSync()[0], description));
  }

  /** How many of a tensor's numbers lie where. */
  histogram(name: string, data: Tensor, step: number, bucketCount = 30, description?: string): void {
    wantRecord('histogram', name, step, description);
    want('histogram', { data }, 'tensor');
    if (!(bucketCount >= 1 && bucketCount <= MOST_BUCKETS))
      throw new TensorineError(
        'value',
        `histogram: bucketCount must be from 1 to ${MOST_BUCKETS}, but is ${shown(bucketCount)}`,
      );
    write(this, histogramEvent(step, name, histogramOf(data, bucketCount), description));
  }

  /** Waits until everything is in the file. */
  async flush(): Promise<void> {
    await this.queue;
  }
}

function wantRecord(who: string, name: string, step: number, description: string | undefined): void {
  want(who, { name }, 'string');
  want(who, { description }, 'string?');
  want(who, { step }, 'integer');
}

/** Records are written one after the other. */
function write(writer: SummaryFileWriter, event: number[]): void {
  writer.queue = writer.queue.then((path) => append(path, event));
  writer.queue.catch(() => {});
}

/** Counts the numbers of x between `buckets` equal steps from the least to the largest. */
function histogramOf(x: Tensor, buckets: number): Histogram {
  return tidy(() => {
    const one = (y: Tensor) => y.dataSync()[0],
      values = x.cast('float32');
    if (!x.size) return { min: 0, max: 0, count: 0, sum: 0, squares: 0, limits: [0], counts: [0] };
    const min = one(values.min()),
      max = one(values.max());
    const limits =
      min === max
        ? [max]
        : Array.from({ length: buckets }, (_, i) =>
            i === buckets - 1 ? max : min + ((max - min) * (i + 1)) / buckets,
          );
    const below = limits.map((limit) => one(values.lessEqual(limit).cast('float32').sum()));
    below[below.length - 1] = x.size;
    const counts = below.map((n, i) => n - (i ? below[i - 1] : 0));
    return { min, max, count: x.size, sum: one(values.sum()), squares: one(values.square().sum()), limits, counts };
  });
}

/** A writer of event files in a folder; maxQueue and flushMillis are taken as in TensorFlow.js and change nothing. */
export const summaryFileWriter = (
  logdir: string,
  _maxQueue?: number,
  _flushMillis?: number,
  filenameSuffix?: string,
): SummaryFileWriter => new SummaryFileWriter(logdir, filenameSuffix);

export interface TensorBoardCallbackArgs {
  /** Write after each batch too, or after each epoch only; default 'epoch'. */
  updateFreq?: 'batch' | 'epoch';
  /** Write histograms of the weights every so many epochs; 0, the default: never. */
  histogramFreq?: number;
}

/** Writes losses and metrics into the folders train and val of logdir. */
export class TensorBoardCallback extends Callback {
  /** @internal */
  readonly writers = new Map<string, SummaryFileWriter>();
  private batches = 0;
  /** @internal Where logdir was when the callback was made. */
  readonly folder: string;
  private readonly args: TensorBoardCallbackArgs;

  /** @internal */
  constructor(
    /** @internal */ readonly logdir: string,
    args: TensorBoardCallbackArgs | null = {},
  ) {
    super();
    want('tensorBoard', { logdir }, 'string');
    this.folder = fromHere(logdir);
    const { updateFreq } = (this.args = options('tensorBoard', args, 'updateFreq histogramFreq'));
    if (updateFreq && !['batch', 'epoch'].includes(updateFreq))
      throw new TensorineError(
        'value',
        `tensorBoard: Expected updateFreq to be 'batch' or 'epoch', but got ${shown(updateFreq)}`,
      );
  }

  /** @internal */
  override _listens(hook: Hook): boolean {
    return super._listens(hook) && (hook !== 'onBatchEnd' || this.args.updateFreq === 'batch');
  }

  override onBatchEnd(batch: number, logs?: Logs): void {
    writeNumbers(this, logsOf(this, logs, batch), 'batch_', ++this.batches);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    const every = this.args.histogramFreq ?? 0;
    writeNumbers(this, logsOf(this, logs, epoch), 'epoch_', epoch + 1);
    if (every > 0 && epoch % every === 0)
      for (const w of modelOf(this).weights) writerOf(this, 'train').histogram(w.name, w, epoch + 1);
    await this.onTrainEnd();
  }

  override async onTrainEnd(): Promise<void> {
    for (const writer of this.writers.values()) await writer.flush();
  }
}

function writerOf({ folder, writers }: TensorBoardCallback, of: 'train' | 'val'): SummaryFileWriter {
  if (!writers.has(of)) writers.set(of, new SummaryFileWriter(`${folder}/${of}`));
  return writers.get(of)!;
}

function writeNumbers(callback: TensorBoardCallback, logs: Logs, prefix: string, step: number): void {
  for (const [name, value] of Object.entries(logs)) {
    if (name === 'batch' || name === 'size') continue;
    const held = name.startsWith('val_');
    writerOf(callback, held ? 'val' : 'train').scalar(prefix + (held ? name.slice(4) : name), value, step);
  }
}

/** A callback for fit that writes what TensorBoard shows. */
export const tensorBoard = (logdir = './logs', args?: TensorBoardCallbackArgs): TensorBoardCallback =>
  new TensorBoardCallback(logdir, args);
