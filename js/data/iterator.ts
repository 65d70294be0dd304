// Lazy streams of elements: each stage reads the one before it when it is asked. What reads in turn
// waits until its last read is over; the others (map, prefetch) may have several reads under way.
// Tensors of an element belong to the stage that holds it, and at last to who reads.
import { want } from '../core/want';
import { deepZip, release, type DeepMapResult } from './containers';
import { Random } from './random';
import { end, inTurn, item, oneToMany, ReadAhead, use, useAsync, type Read } from './reads';

/**
 * A stream of elements. Those that are read are the reader's.
 * @example (await (await tf.data.array([1, 2]).iterator()).next()).value // 1
 */
export abstract class LazyIterator<T> {
  /** What it is made of, in words. */
  abstract summary(): string;
  /** The next element, or done. */
  abstract next(): Promise<IteratorResult<T>>;

  get [Symbol.toStringTag](): string {
    return 'LazyIterator';
  }
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => this.next(),
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }

  /** Ends reading before the end, here and in all that this reads: generators come to their finally,
   * what was read ahead is disposed. The end of a for await loop calls it. */
  async close(): Promise<void> {}

  /** All elements. */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    try {
      for (let x = await this.next(); !x.done; x = await this.next()) all.push(x.value);
      return all;
    } catch (error) {
      release(all); // nobody gets them
      throw error;
    }
  }

  /** All elements, a hundred being read at once: for tests. */
  toArrayForTest(): Promise<T[]> {
    return this.prefetch(100).toArray();
  }

  /** Reads to the end. */
  resolveFully(): Promise<void> {
    return this.resolveWhile(() => true);
  }

  /** Reads until an element is refused. */
  async resolveWhile(predicate: (value: T) => boolean): Promise<void> {
    want('resolveWhile', { predicate }, 'function');
    for (let x = await this.next(); !x.done && predicate(x.value);) x = await this.next();
  }

  /** Where reading fails: handler says whether to go on with the next element. */
  handleErrors(handler: (error: Error) => boolean): LazyIterator<T> {
    want('handleErrors', { handler }, 'function');
    return stage(
      this,
      'handleErrors',
      inTurn<T>(async () => {
        for (;;) {
          try {
            return await this.next();
          } catch (error) {
            if (!handler(error as Error)) return end();
          }
        }
      }),
    );
  }

  /** Elements for which predicate is true; the others are disposed. */
  filter(predicate: (value: T) => boolean | Promise<boolean>): LazyIterator<T> {
    want('filter', { predicate }, 'function');
    return stage(
      this,
      'Filter',
      inTurn<T>(async () => {
        for (;;) {
          const x = await this.next();
          if (x.done) return x;
          let keep = false;
          try {
            keep = await predicate(x.value);
          } finally {
            if (!keep) release(x.value);
          }
          if (keep) return x;
        }
      }),
    );
  }

  /** What transform makes of each; tensors that are not in it are disposed. */
  map<O>(transform: (value: T) => O): LazyIterator<O> {
    want('map', { transform }, 'function');
    return stage(this, 'Map', async () => {
      const x = await this.next();
      return x.done ? end() : item(use(x.value, transform));
    });
  }

  mapAsync<O>(transform: (value: T) => Promise<O>): LazyIterator<O> {
    want('mapAsync', { transform }, 'function');
    return stage(this, 'AsyncMap', async () => {
      const x = await this.next();
      return x.done ? end() : item(await useAsync(x.value, transform));
    });
  }

  /** mapAsync that ends with one before it begins with the next. */
  serialMapAsync<O>(transform: (value: T) => Promise<O>): LazyIterator<O> {
    return this.mapAsync(transform).serial();
  }

  /** The elements of the lists that transform makes. */
  flatmap<O>(transform: (value: T) => O[]): LazyIterator<O> {
    want('flatmap', { transform }, 'function');
    return stage(
      this,
      'Flatmap',
      oneToMany<O>(async () => {
        const x = await this.next();
        return x.done ? null : use(x.value, transform);
      }),
    );
  }

  /** Calls f with each, and disposes it then. */
  async forEachAsync(f: (value: T) => unknown): Promise<void> {
    want('forEachAsync', { f }, 'function');
    return this.mapAsync(async (value) => f(value)).resolveFully();
  }

  /** Calls f with each until one call's promise is not true. */
  async serialForEach(f: (value: T) => Promise<boolean>): Promise<void> {
    want('serialForEach', { f }, 'function');
    return this.serialMapAsync(f).resolveWhile((more) => more === true);
  }

  /** Lists of batchSize elements. */
  rowMajorBatch(batchSize: number, smallLastBatch = true): LazyIterator<T[]> {
    if (batchSize !== Infinity) want('batch', { batchSize }, 'count');
    return stage(
      this,
      'RowMajorBatch',
      inTurn<T[]>(async () => {
        const batch: T[] = [];
        try {
          while (batch.length < batchSize) {
            const x = await this.next();
            if (x.done) return smallLastBatch && batch.length ? item(batch.splice(0)) : end();
            batch.push(x.value);
          }
          return item(batch.splice(0));
        } finally {
          release(batch); // not handed out
        }
      }),
    );
  }

  /** The same, each list turned into one element whose parts hold those of all (by zipFn). */
  columnMajorBatch(
    batchSize: number,
    smallLastBatch = true,
    zipFn?: (parts: any[]) => DeepMapResult,
  ): LazyIterator<any> {
    want('columnMajorBatch', { zipFn }, 'function?');
    return this.rowMajorBatch(batchSize, smallLastBatch).map((rows) => deepZip(rows, zipFn));
  }

  /** Then the elements of another. */
  concatenate(iterator: LazyIterator<T>, baseErrorHandler?: (error: Error) => boolean): LazyIterator<T> {
    want('concatenate', { baseErrorHandler }, 'function?');
    want('concatenate', { 'iterator.next': iterator?.next }, 'function');
    const both = [this, iterator] as LazyIterator<T>[];
    return chained(
      itemsOf(
        both,
        (one) => one,
        () => closeAll(both),
      ),
      baseErrorHandler,
    );
  }

  /** At most count elements; all, if count is negative or left out. */
  take(count?: number | null): LazyIterator<T> {
    want('take', { count }, 'numeric?');
    if (count === undefined || count === null || count < 0) return this;
    let taken = 0;
    return stage(this, 'Take', () => (taken++ < count ? this.next() : end()));
  }

  /** Leaves out count elements; none, if count is negative or left out. */
  skip(count?: number | null): LazyIterator<T> {
    want('skip', { count }, 'numeric?');
    if (count === undefined || count === null || count < 0) return this;
    let skipped = 0;
    return stage(
      this,
      'Skip',
      inTurn<T>(async () => {
        while (skipped++ < count) {
          const x = await this.next();
          if (x.done) return x;
          release(x.value);
        }
        return this.next();
      }),
    );
  }

  /** Reads up to bufferSize elements ahead. */
  prefetch(bufferSize: number): LazyIterator<T> {
    const ahead = new ReadAhead<T>(this, bufferSize);
    return stage(
      this,
      'Prefetch',
      () => {
        ahead.fill();
        return ahead.reads.shift()!;
      },
      () => ahead.close(),
    );
  }

  /** Takes each element by chance from windowSize ones that are read ahead. */
  shuffle(windowSize: number, seed?: string): LazyIterator<T> {
    if (typeof seed !== 'number') want('shuffle', { seed }, 'string?');
    const ahead = new ReadAhead<T>(this, windowSize),
      random = new Random(seed || String(performance.now()));
    let exhausted = false;
    return stage(
      this,
      'Shuffle',
      inTurn<T>(async () => {
        if (!exhausted) ahead.fill();
        while (ahead.reads.length) {
          const x = await ahead.takeOut(Math.floor(random.next() * ahead.reads.length));
          if (!x.done) {
            ahead.fill();
            return x;
          }
          exhausted = true;
        }
        return end();
      }),
      () => ahead.close(),
    );
  }

  /** The same, one read at a time. */
  serial(): LazyIterator<T> {
    return stage(
      this,
      'Serial',
      inTurn<T>(() => this.next()),
    );
  }
}

/** A stream made of what another one gives. */
export class Stage<T> extends LazyIterator<T> {
  private closed = false;

  constructor(
    private readonly description: () => string,
    private readonly read: Read<T>,
    private readonly ended: (() => unknown) | null = () => {},
  ) {
    super();
  }
  summary(): string {
    return this.description();
  }
  async next(): Promise<IteratorResult<T>> {
    return this.closed ? end() : this.read();
  }
  override async close(): Promise<void> {
    if (this.closed || !this.ended) return;
    this.closed = true;
    await this.ended();
  }
}

const stage = <T>(
  from: LazyIterator<any>,
  name: string,
  read: Read<T>,
  ended: () => unknown = () => from.close(),
): LazyIterator<T> => new Stage(() => `${from.summary()} -> ${name}`, read, ended);

export const closeAll = (iterators: LazyIterator<any>[]): Promise<unknown> =>
  Promise.all(iterators.map((one) => one.close()));

/** The elements of an array, each by `copy`. */
export function itemsOf<T>(items: ArrayLike<T>, copy: (value: T) => T, ended?: () => unknown): LazyIterator<T> {
  let at = 0;
  return new Stage<T>(
    () => `Array of ${items.length} items`,
    () => (at < items.length ? item(copy(items[at++])) : end()),
    ended,
  );
}

/** The elements of one iterator after the other. */
export function chained<T>(
  iterators: LazyIterator<LazyIterator<T>>,
  onError?: (error: Error) => boolean,
): LazyIterator<T> {
  let current: LazyIterator<T> | null = null;
  return stage(
    iterators,
    'Chained',
    inTurn<T>(async () => {
      for (;;) {
        if (!current) {
          const next = await iterators.next();
          if (next.done) return end();
          current = onError ? next.value.handleErrors(onError) : next.value;
        }
        const x = await current!.next();
        if (!x.done) return x;
        current = null;
      }
    }),
    async () => {
      await current?.close();
      await iterators.close();
    },
  );
}
