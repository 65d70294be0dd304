// Streams that begin with an array or a function, and those of several streams.
import { deepClone, deepMap, deepMapAsync, isContainer, release, type Container } from './containers';
import { closeAll, itemsOf, LazyIterator, Stage } from './iterator';
import { end, inTurn, item, type Read } from './reads';

/** Copies of the elements of an array. */
export const fromItems = <T>(items: ArrayLike<T>): LazyIterator<T> => itemsOf<T>(items, deepClone);

/** What a function returns, call by call. `ended` is called where reading stops early; null: the function goes on for
 * other readers. */
export const fromFunction = <T>(f: Read<T>, ended?: (() => unknown) | null): LazyIterator<T> =>
  new Stage<T>(
    () => 'Function call',
    () => {
      try {
        return f();
      } catch (error) {
        if (error instanceof Error && Object.hasOwn(error, 'message'))
          error.message = `Error thrown while iterating through a dataset: ${error.message}`;
        throw error;
      }
    },
    ended,
  );

/** The elements of `last`; at its end `from`, which only `last` reads, is closed. */
export function ending<T>(from: LazyIterator<any>, last: LazyIterator<T>): LazyIterator<T> {
  let reads = 0,
    over = false;
  return new Stage(
    () => last.summary(),
    async () => {
      reads++;
      const x = await last.next().finally(() => {
        reads--;
      });
      over ||= x.done === true;
      if (over && !reads) await from.close();
      return x;
    },
    () => last.close(),
  );
}

/** Elements of iterators in a structure, as elements of that structure; ends with the shortest. */
export function zipped(iterators: Container<LazyIterator<any>>): LazyIterator<any> {
  const all: LazyIterator<any>[] = [];
  deepMap(iterators, (x) => {
    if (x instanceof LazyIterator) all.push(x);
    return { value: null, recurse: isContainer(x) && !(x instanceof LazyIterator) };
  });
  return new Stage(
    () => '{...} -> Zip',
    inTurn(async () => {
      let streams = 0,
        ended = 0;
      const value = await deepMapAsync(iterators, async (iterator: LazyIterator<any>) => {
        streams++;
        const x = await iterator.next();
        if (x.done) ended++;
        return x.done ? null : x.value;
      });
      if (streams && !ended) return item(value);
      release(value);
      await closeAll(all);
      return end();
    }),
    () => closeAll(all),
  );
}
