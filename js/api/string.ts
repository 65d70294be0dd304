// tf.string: the ops, and replacing by regular expressions, which are those of JavaScript.
import { begin, raise } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { Tensor, type NestedArray, type TensorLike } from '../core/tensor';
import { want } from '../core/want';

export * from '../generated/ops/string';

/**
 * Each string with what matches a regular expression replaced.
 * @param input string, any shape
 * @param pattern as in new RegExp(pattern)
 * @param rewrite what is put in its place; $1 is the first group of the pattern
 * @param replaceGlobal every match, not only the first; default true
 * @returns string, as input
 * @example tf.string.staticRegexReplace(['a-b-c'], '-', '+') // ["a+b+c"]
 */
export function staticRegexReplace(input: TensorLike, pattern: string, rewrite: string, replaceGlobal = true): Tensor {
  if (!((pattern as unknown) instanceof RegExp)) want('string.staticRegexReplace', { pattern }, 'string');
  want('string.staticRegexReplace', { rewrite }, 'string');
  begin('staticRegexReplace');
  const x = input instanceof Tensor ? input : fromArray(input, undefined, 'string', 'input');
  try {
    if (x.dtype !== 'string')
      throw raise(
        'dtype',
        `Argument 'input' passed to 'staticRegexReplace' must be string tensor, but got ${x.dtype} tensor`,
      );
    const from = new RegExp(pattern, replaceGlobal ? 'g' : '');
    const strings = x.dataSync<'string'>().map((text) => text.replace(from, rewrite));
    return fromArray(strings as NestedArray, x.shape, 'string');
  } catch (error) {
    if (error instanceof SyntaxError) throw raise('value', `pattern: ${error.message}`);
    throw error;
  } finally {
    if (x !== input) x.dispose();
  }
}
