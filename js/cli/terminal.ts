// What is written to the terminal: tables that fit its width, bars, and numbers as people read them.
// Where the output is no terminal lines are as long as they are, unless COLUMNS says otherwise.

/** Columns that a line may have. */
export function width(out: NodeJS.WriteStream = process.stdout): number {
  const wide = out.isTTY ? out.columns : Number(process.env.COLUMNS);
  return wide > 0 ? Math.max(20, wide) : Infinity;
}

export const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
/** Remarks do not mix with what a program reads from the output. */
export const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Letters of East Asia and pictures, which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;
const wideness = (letter: string) => (WIDE.test(letter) ? 2 : 1);
const columnsOf = (text: string) => [...text].reduce((sum, letter) => sum + wideness(letter), 0);
const padded = (text: string, columns: number) => text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/** Text in so many columns; what is cut off is told by a dot. */
export function clip(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  let cut = '',
    used = 1;
  for (const letter of text) {
    if ((used += wideness(letter)) > most) break;
    cut += letter;
  }
  return `${cut}…`;
}

const GAP = 2,
  LEAST = 12; // between columns; what the first keeps before others go

/** Which columns are shown: where the window is narrow, first those of text go, then those of numbers, from behind. */
function fitting(wide: number[], right: number[], most: number): number[] {
  const shown = wide.map((_, i) => i);
  const needed = () => shown.reduce((sum, i) => sum + (i ? wide[i] : Math.min(wide[0], LEAST)) + GAP, -GAP);
  while (shown.length > 2 && needed() > most) {
    const text = shown.filter((i) => i && !right.includes(i)).pop();
    shown.splice(shown.indexOf(text ?? shown[shown.length - 1]), 1);
  }
  return shown;
}

/** Rows in columns, those of `right` set to the right; the first column gives way where the window is narrow. */
export function table(rows: string[][], right: number[] = []): void {
  const most = width(),
    wide = rows[0].map((_, i) => Math.max(...rows.map((row) => columnsOf(row[i]))));
  const shown = fitting(wide, right, most),
    total = shown.reduce((sum, i) => sum + wide[i] + GAP, -GAP);
  if (total > most) wide[0] = Math.max(4, wide[0] - (total - most));
  for (const row of rows) {
    const cells = shown.map((i) =>
      right.includes(i) ? row[i].padStart(wide[i]) : padded(clip(row[i], wide[i]), wide[i]),
    );
    print(clip(cells.join(' '.repeat(GAP)).trimEnd(), most));
  }
}

/** A word in pieces that fit; it is whole where lines may be as long as they are. */
function pieces(word: string, most: number): string[] {
  if (width() === Infinity || columnsOf(word) <= most) return [word];
  return word.match(new RegExp(`.{1,${Math.max(1, most)}}`, 'gu')) ?? [];
}

/** Text in lines that fit, with `indent` before those after the first. */
export function wrapped(text: string, indent = '  ', most = width()): void {
  const [before] = /^ */.exec(text)!,
    words = text.slice(before.length).split(' ');
  let line = before,
    empty = true;
  for (const word of words.flatMap((one) => pieces(one, most - indent.length))) {
    const next = empty ? line + word : `${line} ${word}`;
    if (columnsOf(next) > most && line.trim()) {
      print(line.trimEnd());
      line = indent + word;
    } else line = next;
    empty = false;
  }
  print(line);
}

/** A help text: what does not fit goes on beneath the second column, if there is room. */
export function printHelp(text: string): void {
  for (const line of text.split('\n')) {
    const [left] = /^ {2}\S.*? {2,}(?=\S)/.exec(line) ?? [''];
    const indent = left.length < width() / 2 ? left.length : 4;
    wrapped(line, ' '.repeat(left ? indent : 0), Math.min(width(), 100));
  }
}

/** A bar in the terminal; elsewhere nothing but what `end` says. */
export function bar(label: string, total: number): { at(done: number, note?: string): void; end(note: string): void } {
  const out = process.stderr,
    live = Boolean(out.isTTY);
  return {
    at(done, remark = '') {
      if (!live) return;
      const most = width(out) - 1,
        tail = ` ${done}/${total} ${remark}`.trimEnd();
      const cells = Math.min(28, most - label.length - tail.length - 3),
        full = Math.round((cells * done) / total);
      const drawn = cells < 6 ? '' : ` [${'='.repeat(full)}${' '.repeat(cells - full)}]`;
      out.write(`\r\x1b[2K${clip(label + drawn + tail, most)}`);
    },
    end(text) {
      out.write(`${live ? '\r\x1b[2K' : ''}${text ? `${label}: ${text}\n` : ''}`);
    },
  };
}

/** 1234567 as 1,234,567. */
export const whole = (n: number): string => n.toLocaleString('en-US');
export const percent = (x: number): string => `${(100 * x).toFixed(1)}%`;

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  return n < 1 << 20 ? `${(n / 1024).toFixed(1)} KB` : `${(n / (1 << 20)).toFixed(1)} MB`;
}

export const milliseconds = (ms: number): string => (ms < 10 ? `${ms.toFixed(3)} ms` : `${ms.toFixed(1)} ms`);
export const since = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
/** A shape as text, ? for sizes that are open. */
export const shapeText = (shape: readonly (number | null)[] | undefined): string =>
  shape ? `[${shape.map((n) => (n === null || n < 0 ? '?' : n)).join(', ')}]` : '?';
