// A progress bar for the terminal; where the output is no terminal, one line at the end.

export function bar(label, total) {
  const live = process.stdout.isTTY;
  const width = 28;
  return {
    at(done, note = '') {
      if (!live) return;
      const full = Math.round((width * done) / total);
      process.stdout.write(`\r  ${label} [${'='.repeat(full)}${' '.repeat(width - full)}] ${note}\x1b[K`);
    },
    end(note) {
      process.stdout.write(`${live ? '\r\x1b[K' : ''}  ${label} ${note}\n`);
    },
  };
}
