// A table of all epochs in a file, in Node.
import { TensorineError } from '../core/errors';
import { isNode, nodeModule } from '../core/node';
import { warnUnknown } from '../core/warn';
import { Callback, type Logs } from './callbacks';

const cell = (value: number | undefined) => (value === undefined ? 'NaN' : String(value));

/** Writes a line of numbers an epoch: epoch, then loss and metrics by name. */
export class CSVLogger extends Callback {
  private names: string[] | null = null;

  constructor(private readonly filename: string, private readonly args: { separator?: string; append?: boolean } = {}) {
    super();
    warnUnknown('CSVLogger', args, '', 'separator append');
    if (!isNode) throw new TensorineError('value', 'CSVLogger writes a file: it needs Node');
  }

  private line(cells: string[]): string { return `${cells.join(this.args.separator ?? ',')}\n`; }

  override async onTrainBegin(): Promise<void> {
    const { readFile, writeFile } = await nodeModule('node:fs/promises');
    const before: string = this.args.append ? await readFile(this.filename, 'utf8').catch(() => '') : '';
    this.names = before ? before.split('\n', 1)[0].split(this.args.separator ?? ',').slice(1) : null;
    if (!before) await writeFile(this.filename, '');
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const { appendFile } = await nodeModule('node:fs/promises');
    let text = '';
    if (!this.names) {
      this.names = Object.keys(logs).sort();
      text = this.line(['epoch', ...this.names]);
    }
    await appendFile(this.filename, text + this.line([String(epoch), ...this.names.map((name) => cell(logs[name]))]));
  }
}
