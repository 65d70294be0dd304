// Debug mode: values that come in and results that go out are searched for NaN and infinities.
import * as core from './core';
import { TensorineError } from './errors';

export let debugging = false;

export function setDebugging(on: boolean): void {
  debugging = on;
}

const STRANGE = ['', 'NaN', 'Infinity'];
/** Warns of the op that makes the first NaN or infinity. */
export function checkResult(op: string, ptr: number): void {
  const found = STRANGE[core.x.tn_strange(ptr)];
  if (found) console.warn(`Found ${found} in the result of '${op}'`);
}

/** Throws where the values for a new tensor have one. */
export function checkUpload(values: ArrayLike<number>, dtype: string): void {
  const found = Array.from(values).find((v) => !Number.isFinite(Number(v)));
  if (found === undefined) return;
  throw new TensorineError('value', `A tensor of type ${dtype} being uploaded contains ${found}.`);
}
