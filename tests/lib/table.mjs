// Facts about ops that the suites find out, kept for the table of all ops (tests/table).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../../build/facts/', import.meta.url);

/** Keeps what a suite found, by path of the op. */
export function keep(name, facts) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), JSON.stringify(facts, null, 1));
}

/** What was kept under a name; nothing if its suite did not run. */
export function kept(name) {
  try {
    return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  } catch {
    return {};
  }
}
