// What fit prints: a bar that grows in a terminal, or a line an epoch.
import type { Logs } from './callbacks';

interface Terminal { isTTY?: boolean; columns?: number; write(text: string): void }

const terminal = (): Terminal | undefined => {
  const out = (globalThis as { process?: { stdout?: Terminal } }).process?.stdout;
  return out?.isTTY ? out : undefined;
};

const WIDTH = 24, EVERY = 100; // characters of the bar; ms from one picture to the next
const short = (value: number) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value));
const words = (logs: Logs) => Object.entries(logs).map(([name, value]) => `${name}: ${short(value)}`).join(' - ');
const seconds = (ms: number) => (ms < 100e3 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60e3)} min`);

export class Progress {
  private readonly bar: Terminal | undefined;
  private readonly lines: boolean;
  private drawn = 0;
  private began = 0;

  /** verbose: as fit is given it. */
  constructor(verbose: number | undefined, private readonly epochs: number) {
    this.bar = (verbose ?? 1) === 1 ? terminal() : undefined;
    this.lines = Boolean(verbose) && !this.bar;
    this.began = this.drawn = performance.now();
  }

  /** Whether it is time for a new picture. */
  due(): boolean { return this.bar !== undefined && performance.now() - this.drawn >= EVERY; }

  /** After so many batches of an epoch. */
  batch(epoch: number, done: number, of: number, logs: Logs): void {
    const full = Math.floor(WIDTH * done / of), head = full < WIDTH ? '>' : '';
    const picture = `[${'='.repeat(full)}${head}${'.'.repeat(WIDTH - full - head.length)}]`;
    this.draw(`${this.title(epoch)} ${picture} ${done}/${of} - ${this.spent()} - ${words(logs)}`, '');
  }

  /** At the end of an epoch. */
  epoch(epoch: number, batches: number, logs: Logs): void {
    const rest = `${this.spent()} - ${words(logs)}`;
    if (this.bar) this.draw(`${this.title(epoch)} [${'='.repeat(WIDTH)}] ${batches}/${batches} - ${rest}`, '\n');
    else if (this.lines) console.log(`${this.title(epoch)} - ${rest}`);
    this.began = performance.now();
  }

  private title(epoch: number): string { return `Epoch ${epoch + 1}/${this.epochs}`; }

  private spent(): string { return seconds(performance.now() - this.began); }

  /** A line in place of the last. */
  private draw(text: string, end: string): void {
    const fitting = end ? text : text.slice(0, Math.max(20, (this.bar!.columns || 80) - 1));
    this.bar!.write(`\r\x1b[2K${fitting}${end}`);
    this.drawn = performance.now();
  }
}
