// Debug mode: values that come in and results that go out are searched for NaN and infinities.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';

export let debugging = false;

let listening = false;
export function setDebugging(on: boolean): void {
  debugging = on;
  if (on && !listening)
    core.x.tn_on_strange(
      core.callback('viiii', (op, what, kind, name) =>
        core.crossing(undefined, () => warn(core.text(op), what, kind, name)),
      ),
    );
  listening ||= on;
  core.x.tn_watch(Number(on));
}

const WHERE: Record<string, (name: string) => string> = {
  layer: (name) => ` in layer '${name}'`,
  node: (name) => ` in node '${name}'`,
  gradient: (name) => ` in the gradient of '${name}'`,
};
const STRANGE = ['', 'NaN', 'Infinity'];

/** Warns of the op that makes the first NaN or infinity, and of the line that asked for it. */
function warn(op: string, what: number, kind: number, name: number): void {
  const where = kind ? WHERE[core.text(kind)](core.text(name)) : '';
  const line = callersLine(stack());
  console.warn(`Found ${STRANGE[what]} in the result of '${op}'${where}${line && `\n${line}`}`);
}

const DEEP = 100; // calls; V8 keeps ten of them by default
function stack(): string {
  const errors = Error as { stackTraceLimit?: number },
    { stackTraceLimit } = errors;
  errors.stackTraceLimit = DEEP;
  const text = new Error().stack ?? '';
  errors.stackTraceLimit = stackTraceLimit;
  return text;
}

const FILE = /(?:\(|@|at (?:async )?)((?:file|https?|blob|node|wasm|\/)[^()\s]*?):\d+:?\d*\)?$/;
const fileOf = (line: string): string => FILE.exec(line)?.[1] ?? '';

/** The first line of a stack that is in none of this library's files, as this line's is. */
function callersLine(stack: string): string {
  const lines = stack.split('\n').filter(fileOf),
    ours = fileOf(lines[0] ?? '');
  return (
    lines.find((line) => ![ours, ''].includes(fileOf(line)) && !/^(wasm|node:|blob)/.test(fileOf(line)))?.trimEnd() ??
    ''
  );
}

/** Throws where the values for a new tensor hold a NaN or an infinity. */
export function checkUpload(values: ArrayLike<number>, dtype: string): void {
  const found = Array.from(values).find((v) => !Number.isFinite(Number(v)));
  if (found === undefined) return;
  throw new TensorineError('value', `A tensor of type ${dtype} being uploaded contains ${found}.`);
}
