// What functions written in JavaScript ask of their arguments: one line names them and what they must be.
// (Functions of the core have their checks from their declarations; see lower.ts.)
import { TensorineError } from './errors';
import { describe } from './returned';
import { Tensor, Variable } from './tensor';

type Test = (value: any) => boolean;

const isInteger: Test = (v) => Number.isSafeInteger(v);
const isList: Test = (v) => Array.isArray(v) || (ArrayBuffer.isView(v) && !(v instanceof DataView));
const isTensor: Test = (v) => v instanceof Tensor;
const isOpenShape: Test = (v) => Array.isArray(v) && v.every((n) => n === null || n === undefined || isInteger(n));

/** Whether `new` takes it; it is not called. */
const isClass: Test = (v) => {
  try {
    Reflect.construct(Object, [], v);
    return true;
  } catch {
    return false;
  }
};

/** What an argument can be asked to be: the words of the message, and the test. */
const KINDS = {
  string: ['a string', (v) => typeof v === 'string'],
  number: ['a number', (v) => typeof v === 'number'],
  integer: ['a whole number', isInteger],
  boolean: ['true or false', (v) => typeof v === 'boolean'],
  function: ['a function', (v) => typeof v === 'function'],
  object: ['an object', (v) => typeof v === 'object' && v !== null && !Array.isArray(v)],
  array: ['an array', Array.isArray],
  list: ['an array or a typed array', isList],
  integers: ['an array of whole numbers', (v) => isList(v) && Array.prototype.every.call(v, isInteger)],
  shape: ['a shape, an array of whole numbers from 0 on',
    (v) => isList(v) && Array.prototype.every.call(v, (n) => isInteger(n) && n >= 0)],
  strings: ['an array of strings', (v) => Array.isArray(v) && v.every((s) => typeof s === 'string')],
  tensor: ['a tensor', isTensor],
  tensors: ['an array of tensors', (v) => Array.isArray(v) && v.every(isTensor)],
  variables: ['an array of variables', (v) => Array.isArray(v) && v.every((x) => x instanceof Variable)],
  class: ['a class', isClass],
  named: ['an array of {name, tensor}', (v) => Array.isArray(v) && v.every((x) => typeof x?.name === 'string' && isTensor(x.tensor))],
  shapes: ['a shape, an array of whole numbers and null, or an array of shapes',
    (v) => isOpenShape(v) || (Array.isArray(v) && v.every(isOpenShape))],
} satisfies Record<string, [string, Test]>;

/** A list read once, so that what is looked at is what is used: a getter or a proxy may give another thing each time. */
export const copied = <T>(given: T): T => (Array.isArray(given) ? [...given] as T : given);

export type Kind = keyof typeof KINDS;

/**
 * Throws a TensorineError where one of the arguments is not of its kind; `string?` may be left out or null.
 * @example want('io.copyModel', { sourceURL, destURL }, 'string');
 */
export function want(who: string, given: Record<string, unknown>, kind: Kind | `${Kind}?`): void {
  const optional = kind.endsWith('?');
  const [words, test] = KINDS[(optional ? kind.slice(0, -1) : kind) as Kind] as [string, Test];
  for (const name of Object.keys(given)) {
    const value = given[name];
    if (optional && (value === undefined || value === null)) continue;
    if (!test(value)) throw new TensorineError('value', `${who}: ${name} must be ${words}, but is ${describe(value)}`);
  }
}
