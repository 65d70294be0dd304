// What fit prints: a bar that grows in a terminal, or a line an epoch.
import type { Logs } from './callbacks';

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): void;
}

const terminal = (): Terminal | undefined => {
  const out = (globalThis as { process?: { stdout?: Terminal } }).process?.stdout;
  return out?.isTTY ? out : undefined;
};

const WIDTH = 24,
  LEAST = 6,
  EVERY = 100; // characters of the bar, at most and at least; ms from one picture to the next
const short = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value));
/** Numbers of the training, then those of the validation. */
const parts = (logs: Logs) => {
  const all = Object.entries(logs),
    of = (validation: boolean) => all.filter(([name]) => name.startsWith('val_') === validation);
  return [...of(false), ...of(true)].map(([name, value]) => `${name}: ${short(value)}`);
};
const line = (logs: Logs) => parts(logs).join(' - ');
const rate = (ms: number) =>
  ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms/batch` : `${(ms / 1000).toFixed(1)} s/batch`;
const seconds = (ms: number) => (ms < 100e3 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60e3)} min`);

export class Progress {
  private readonly bar: Terminal | undefined;
  private readonly lines: boolean;
  private drawn = 0;
  private began = 0;

  /** verbose: fit's. */
  constructor(
    verbose: number | undefined,
    private readonly epochs: number,
  ) {
    this.bar = (verbose ?? 1) === 1 ? terminal() : undefined;
    this.lines = Boolean(verbose) && !this.bar;
    this.began = this.drawn = performance.now();
  }

  /** Whether it is time for a new picture. */
  due(): boolean {
    return this.bar !== undefined && performance.now() - this.drawn >= EVERY;
  }

  /** After so many batches of an epoch. */
  batch(epoch: number, done: number, of: number, logs: Logs): void {
    this.draw(this.picture(epoch, done, of, logs), '');
  }

  /** At the end of an epoch. */
  epoch(epoch: number, batches: number, logs: Logs): void {
    if (this.bar) this.draw(this.picture(epoch, batches, batches, logs), '\n');
    else if (this.lines) console.log([this.title(epoch), this.spent(), this.rate(batches), line(logs)].join(' - '));
    this.began = performance.now();
  }

  /** A line with a bar as long as fits. What does not is left out whole: the rate, then numbers from behind. */
  private picture(epoch: number, done: number, of: number, logs: Logs): string {
    const columns = Math.max(1, (this.bar!.columns || 80) - 1),
      cells = [`${done}/${of}`, this.spent(), this.rate(done), ...parts(logs)];
    const tooLong = () => `${this.title(epoch)} ${cells.join(' - ')}`.length > columns;
    if (tooLong()) cells.splice(2, 1);
    while (cells.length > 2 && tooLong()) cells.pop();
    const rest = cells.join(' - '),
      width = Math.min(WIDTH, columns - this.title(epoch).length - rest.length - 4);
    if (width < LEAST) return `${this.title(epoch)} ${rest}`.slice(0, columns);
    const full = Math.floor((width * done) / of),
      head = full < width ? '>' : '';
    return `${this.title(epoch)} [${'='.repeat(full)}${head}${'.'.repeat(width - full - head.length)}] ${rest}`;
  }

  private title(epoch: number): string {
    return `Epoch ${epoch + 1}/${this.epochs}`;
  }

  private spent(): string {
    return seconds(performance.now() - this.began);
  }

  private rate(batches: number): string {
    return rate((performance.now() - this.began) / Math.max(1, batches));
  }

  /** A line in place of the last. */
  private draw(text: string, end: string): void {
    this.bar!.write(`\r\x1b[2K${text}${end}`);
    this.drawn = performance.now();
  }
}
