// A table of all epochs in a file, in Node.
import { TensorineError } from '../wasm/errors';
import { fromHere, isNode, nodeModule } from '../wasm/node';
import { fileDone, options } from '../core/calls';
import { want } from '../core/want';
import { Callback, logsOf, type Logs } from './callbacks';

const cell = (value: number | undefined) => (value === undefined ? 'NaN' : String(value));

/** Writes a line of numbers an epoch: epoch, then loss and metrics by name. */
export class CSVLogger extends Callback {
  private names: string[] | null = null;

  private readonly filename: string;
  private readonly separator: string;
  private readonly append: boolean;

  constructor(filename: string, args: { separator?: string; append?: boolean } | null = {}) {
    super();
    const { separator, append } = options('CSVLogger', args, 'separator append');
    want('CSVLogger', { filename }, 'string');
    want('CSVLogger', { separator }, 'string?');
    this.filename = fromHere(filename);
    this.separator = separator ?? ',';
    this.append = Boolean(append);
    if (!isNode) throw new TensorineError('value', 'CSVLogger writes a file: it needs Node');
  }

  override async onTrainBegin(): Promise<void> {
    const { readFile, writeFile } = await nodeModule('node:fs/promises');
    const before: string = this.append ? await readFile(this.filename, 'utf8').catch(() => '') : '';
    this.names = before ? before.split('\n', 1)[0].split(this.separator).slice(1) : null;
    if (!before) await fileDone('CSVLogger', this.filename, writeFile(this.filename, ''));
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    const numbers = logsOf(this, logs, epoch),
      line = (cells: string[]) => `${cells.join(this.separator)}\n`;
    const { appendFile } = await nodeModule('node:fs/promises');
    let text = '';
    if (!this.names) {
      this.names = Object.keys(numbers).sort();
      text = line(['epoch', ...this.names]);
    }
    text += line([String(epoch), ...this.names.map((name) => cell(numbers[name]))]);
    await fileDone('CSVLogger', this.filename, appendFile(this.filename, text));
  }
}
