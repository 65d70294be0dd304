// Warnings that are printed once, such as those of unknown options, which name the nearest known one.
import * as core from '../wasm/core';
import { isObject } from './kinds';
import { strings } from './strings';

const said = new Set<string>();

/** Warns, unless the same was printed before. */
export function warnOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}

/**
 * Warns of members of an options object that are not known. kind: 'layer', 'optimizer', 'metric',
 * 'schedule', 'initializer', 'regularizer' or 'constraint', whose class `name` knows its options itself;
 * or '', and name has them between blanks.
 * near: only of those that look like one that is known, for objects that may hold anything.
 */
export function warnUnknown(who: string, given: unknown, kind: string, name: string, near = false): void {
  if (!isObject(given) || !core.x) return;
  const keys = Object.keys(given).filter((key) => (given as Record<string, unknown>)[key] !== undefined);
  if (keys.every((key) => !kind && ` ${name} `.includes(` ${key} `))) return;
  const found = core.text(
    core.x.tn_unknown_options(...(strings(kind, name, JSON.stringify(keys)) as [number, number, number])),
  );
  core.check();
  for (const one of JSON.parse(found) as { name: string; likely: string }[]) {
    if (one.likely) warnOnce(`${who}: unknown option '${one.name}', did you mean '${one.likely}'?`);
    else if (!near) warnOnce(`${who}: unknown option '${one.name}' is ignored`);
  }
}
