// tf.data: text line by line, and tables of comma-separated values.
import { TensorineError } from '../wasm/errors';
import type { DataType } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import type { DataSource } from './bytes';
import { URLDataSource } from './bytes';
import { Dataset } from './dataset';
import type { LazyIterator } from './iterator';
import { inTurn } from './reads';
import { fromFunction } from './streams';

const fail = (message: string): never => {
  throw new TensorineError('value', message);
};

/**
 * The lines of a text in UTF-8, ended by \n or \r\n.
 * @example await new tf.data.TextLineDataset(new tf.data.FileDataSource(new Blob(['one\ntwo']))).toArray() // ["one", "two"]
 */
export class TextLineDataset extends Dataset<string> {
  constructor(protected readonly input: DataSource) {
    super();
    want('TextLineDataset', { 'input.iterator': input?.iterator }, 'function');
  }

  override async iterator(): Promise<LazyIterator<string>> {
    return (await this.input.iterator())
      .decodeUTF8()
      .split('\n')
      .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  /** @internal Only the first line; undefined if there is none. */
  async first(): Promise<string | undefined> {
    const bytes = await this.input.iterator();
    try {
      const { done, value } = await bytes.decodeUTF8().split('\n').next();
      return done ? undefined : value.replace(/\r$/, '');
    } finally {
      await bytes.close();
    }
  }
}

export interface ColumnConfig {
  /** Whether an empty cell is an error. */
  required?: boolean;
  /** 'int32' rounds numbers down, 'bool' gives 1 for 1 and true (in any case), else 0. */
  dtype?: DataType | 'string';
  /** The value of an empty cell. */
  default?: any;
  /** Whether it belongs to the labels: elements are {xs, ys} then. */
  isLabel?: boolean;
}

export interface CSVConfig {
  /** Whether the first line has names; default true. */
  hasHeader?: boolean;
  /** Names of the columns in order, in place of those in the header. */
  columnNames?: string[];
  columnConfigs?: { [name: string]: ColumnConfig };
  /** Whether columns without a config are left out. */
  configuredColumnsOnly?: boolean;
  /** What is between columns; default ','. */
  delimiter?: string;
  /** Whether any number of blanks is between columns. */
  delimWhitespace?: boolean;
}

type Cell = any;

/**
 * The rows of a table as objects: numbers, or strings where it is none, or undefined where there is
 * nothing, by names of columns.
 * @example await new tf.data.CSVDataset(new tf.data.FileDataSource(new Blob(['a,b\n1,2']))).columnNames() // ["a", "b"]
 */
export class CSVDataset extends Dataset {
  readonly base: TextLineDataset;
  private readonly hasHeader: boolean;
  private readonly delimiter: string;
  private readonly blanks: boolean;
  private readonly configs: { [name: string]: ColumnConfig } | undefined;
  private readonly configuredOnly: boolean;
  private names: string[] | undefined;
  private checked: Promise<void> | null = null;

  constructor(
    protected readonly input: DataSource,
    csvConfig?: CSVConfig | null,
  ) {
    super();
    const config = csvConfig ?? {};
    want('CSVDataset', { csvConfig: config }, 'object');
    want('CSVDataset', { columnNames: config.columnNames }, 'strings?');
    want('CSVDataset', { columnConfigs: config.columnConfigs }, 'object?');
    want('CSVDataset', { delimiter: config.delimiter }, 'string?');
    warnUnknown(
      'csv',
      config,
      '',
      'hasHeader columnNames columnConfigs configuredColumnsOnly delimiter delimWhitespace',
    );
    for (const [name, column] of Object.entries(config.columnConfigs ?? {}))
      warnUnknown(`csv: column ${name}`, column, '', 'required dtype default isLabel');
    this.base = new TextLineDataset(input);
    this.hasHeader = config.hasHeader !== false;
    this.names = config.columnNames;
    this.configs = config.columnConfigs;
    this.configuredOnly = config.configuredColumnsOnly === true;
    this.blanks = config.delimWhitespace === true;
    if (this.blanks && config.delimiter !== undefined && config.delimiter !== null)
      fail('Delimiter should not be provided when delimWhitespace is true.');
    this.delimiter = this.blanks ? ' ' : config.delimiter || ',';
  }

  /** Names of the columns that elements have. */
  async columnNames(): Promise<string[]> {
    await this.check();
    return this.configuredOnly ? Object.keys(this.configs ?? {}) : this.names!;
  }

  override async iterator(): Promise<LazyIterator<any>> {
    await this.check();
    const records = await this.records();
    const lines = this.hasHeader ? records.skip(1) : records;
    // A blank line is a row of one column that is empty; of several columns it can only be the file's end.
    const rows = this.names!.length > 1 ? withoutBlankEnd(lines) : lines;
    return rows.map((line) => this.makeDataElement(line));
  }

  private check(): Promise<void> {
    this.checked ??= this.readNames().catch((error) => {
      this.checked = null;
      throw error;
    });
    return this.checked;
  }

  private async readNames(): Promise<void> {
    const header = this.hasHeader ? await this.header() : null;
    const names = this.names ?? header ?? fail('Column names must be provided if there is no header line.');
    if (header && header.length !== names.length)
      fail(
        `The length of provided columnNames (${names.length}) does not match the length of the header ` +
          `line read from file (${header.length}).`,
      );
    const twice = names.filter((name, i) => names.indexOf(name) === i && names.lastIndexOf(name) !== i);
    if (twice.length) fail(`Duplicate column names found: ${twice}`);
    for (const key of Object.keys(this.configs ?? {}))
      if (!names.includes(key))
        fail(`The key "${key}" provided in columnConfigs does not match any of the column names (${names}).`);
    this.names = names;
  }

  private async header(): Promise<string[]> {
    const records = await this.records();
    try {
      const { done, value } = await records.next();
      return this.cells(done ? fail('No data was found for CSV parsing.') : value);
    } finally {
      await records.close();
    }
  }

  /** Lines, those joined whose break is inside quotes. */
  private async records(): Promise<LazyIterator<string>> {
    const lines = (await this.input.iterator()).decodeUTF8().split('\n');
    const read = async (): Promise<IteratorResult<string>> => {
      const first = await lines.next();
      if (first.done) return first;
      const parts = [first.value];
      for (let open = this.isOpen(first.value); open;) {
        const next = await lines.next();
        if (next.done) break;
        parts.push(next.value);
        open = closingQuote(next.value, 0, this.delimiter) === -1 || this.isOpen(parts.join('\n'));
      }
      return { value: parts.join('\n').replace(/\r$/, ''), done: false };
    };
    return fromFunction<string>(inTurn(read), () => lines.close());
  }

  private isOpen(line: string): boolean {
    let open = false;
    if (line.includes('"'))
      this.cells(line, () => {
        open = true;
      });
    return open;
  }

  /** The element of a line. */
  makeDataElement(line: string): { [name: string]: any } {
    want('makeDataElement', { line }, 'string');
    const cells = this.cells(line),
      names = this.names ?? fail('CSVDataset: call columnNames() first');
    if (cells.length !== names.length)
      fail(`Invalid row in csv file. Should have ${names.length} elements in a row, but got ${cells}`);
    const features: { [name: string]: Cell } = {},
      labels: { [name: string]: Cell } = {};
    names.forEach((name, i) => {
      const config = this.configs && Object.hasOwn(this.configs, name) ? this.configs[name] : null;
      if (this.configuredOnly && !config) return;
      const value = cells[i] === '' ? missing(name, config, line) : parsed(cells[i], config?.dtype);
      (config?.isLabel ? labels : features)[name] = value;
    });
    return Object.keys(labels).length ? { xs: features, ys: labels } : features;
  }

  /** The strings in a line: '' where there are only blanks. Quotes around one are taken away, two of them
   * inside are one. `open` is called if the last one's end is missing. */
  private cells(line: string, open?: () => void): string[] {
    const { delimiter, blanks } = this,
      cells: string[] = [];
    for (let at = 0; ;) {
      while (blanks && line[at] === delimiter) at++;
      const quoted = line[at] === '"';
      if (quoted) at++;
      const end = quoted ? closingQuote(line, at, delimiter) : line.indexOf(delimiter, at);
      const text = end < 0 ? line.slice(at) : line.slice(at, end);
      cells.push(quoted ? text.replaceAll('""', '"') : text.trim() && text);
      if (quoted && end === -1) open?.();
      const next = end + (quoted ? 1 : 0);
      if (end < 0 || next >= line.length) return cells;
      at = next + delimiter.length;
    }
  }
}

/** The lines without blank ones after the last that is not. */
function withoutBlankEnd(lines: LazyIterator<string>): LazyIterator<string> {
  let blanks = 0;
  let ahead: IteratorResult<string> | null = null;
  const read = async (): Promise<IteratorResult<string>> => {
    for (ahead ??= await lines.next(); ahead.value === ''; ahead = await lines.next()) blanks++;
    if (ahead.done) return ahead;
    if (blanks > 0) {
      blanks--;
      return { value: '', done: false };
    }
    const line = ahead;
    ahead = null;
    return line;
  };
  return fromFunction<string>(inTurn(read), () => lines.close());
}

/** Where the quote is that ends a cell: after whole pairs, before a delimiter or the end; -1: not in this line,
 * -2: nowhere. */
function closingQuote(line: string, from: number, delimiter: string): number {
  for (let at = from; ;) {
    const quote = line.indexOf('"', at);
    if (quote < 0 || /^\r?$/.test(line.slice(quote + 1, quote + 3)) || line.startsWith(delimiter, quote + 1))
      return quote;
    const second = line.indexOf('"', quote + 1);
    if (second < 0) return -2;
    at = second + 1;
  }
}

function missing(name: string, config: ColumnConfig | null, line: string): Cell {
  if (config?.default !== undefined) return config.default;
  if (config?.required || config?.isLabel) fail(`Required column ${name} is empty in this line: ${line}`);
  return undefined;
}

function parsed(cell: string, dtype: ColumnConfig['dtype']): Cell {
  if (dtype === 'bool') return cell === '1' || cell.toLowerCase() === 'true' ? 1 : 0;
  const value = Number(cell);
  if (Number.isNaN(value) || !cell.trim()) return cell;
  return dtype === 'int32' ? Math.floor(value) : value;
}

/**
 * The rows of a table at a URL (in Node also 'file://PATH').
 * @example await tf.data.csv('data:text/csv,a,b%0A1,2').toArray() // [{a: 1, b: 2}]
 */
export const csv = (source: string | Request, config?: CSVConfig | null): CSVDataset =>
  new CSVDataset(new URLDataSource(source), config);
