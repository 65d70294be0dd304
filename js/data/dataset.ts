// tf.data: datasets. Each iterator() of one begins anew, and makes elements as they are asked for.
import { TensorineError } from '../wasm/errors';
import { isObject, isPromise } from '../core/kinds';
import { tidy } from '../core/scopes';
import { Tensor } from '../core/tensor';
import { stack } from '../generated/ops/ops';
import { tensor } from '../api/create';
import { deepMap, deepMapAsync, deepZip, isContainer, zipTo, type Container } from './containers';
import { chained, type LazyIterator } from './iterator';
import { Random } from './random';
import { ending, fromFunction, fromItems, zipped } from './streams';

type Size = number | null;
function seedText(seed: unknown): string {
  try {
    return String(seed);
  } catch {
    throw new TensorineError('value', `Dataset.shuffle: seed must be a string or a number, but is a ${typeof seed}`);
  }
}

/** Whether there is a count, which is not negative; one that is no number is refused. */
function isCount(count?: number | null): count is number {
  if (count === undefined || count === null) return false;
  if (['number', 'string', 'boolean'].includes(typeof count)) return count >= 0;
  throw new TensorineError('value', `Dataset: a count must be a number, but is a ${typeof count}`);
}

/** The result of a function that must not be async. */
function notPromised<T>(result: T): T {
  if (!isPromise(result)) return result;
  throw new TensorineError('value', 'Dataset.map: transform returned a promise; use mapAsync');
}

/** Runs f with an iterator that nobody else reads, and closes the iterator however f ends. */
async function closing<T, O>(iterator: LazyIterator<T>, f: (iterator: LazyIterator<T>) => Promise<O>): Promise<O> {
  try {
    return await f(iterator);
  } finally {
    await iterator.close();
  }
}

function wantFunction(who: string, f: unknown): void {
  if (typeof f !== 'function')
    throw new TensorineError('value', `Dataset.${who}: it must be given a function, but got ${typeof f}`);
}

/** Single values as the first one is: null is '' or 0, undefined '' or NaN. */
function filled(parts: unknown[]): number[] {
  const strings = typeof parts.find((part) => part !== undefined && part !== null) === 'string';
  const fit = (part: unknown) =>
    strings ? String(part ?? '') : part === null ? 0 : typeof part === 'string' ? Number(part) : (part ?? NaN);
  return parts.map(fit) as number[];
}

/** One tensor of the parts of a batch. */
const joined = zipTo((parts) => (parts[0] instanceof Tensor ? stack(parts as Tensor[]) : tensor(filled(parts))));

/**
 * A list of elements, perhaps long, perhaps without end, that are made as they are asked for. An
 * element is a value, a tensor, or arrays and objects of them.
 * @example await tf.data.array([1, 2, 3, 4]).filter((x) => x > 1).batch(2).toArray() // [[2, 3], [4]]
 */
export abstract class Dataset<T = any> {
  static readonly MAX_BUFFER_SIZE = 10000;
  /** How many elements there are; Infinity; null where that is not known. */
  readonly size: number = null!;

  /** The elements from the first on. */
  async iterator(): Promise<LazyIterator<T>> {
    throw new TensorineError(
      'value',
      'Dataset: a subclass must have iterator(), which gives its elements from the first on',
    );
  }

  get [Symbol.toStringTag](): string {
    return 'Dataset';
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    yield* await this.iterator();
  }

  /** A dataset whose iterators are made of those of this one. */
  private derived<O>(next: (iterator: LazyIterator<T>) => LazyIterator<O>, size: Size = this.size): Dataset<O> {
    return made(async () => next(await this.iterator()), size);
  }

  /** Elements of batchSize ones each: values, arrays and tensors in the same place become one tensor
   * with the batch in front. The last may be smaller, or left out. */
  batch(batchSize: number, smallLastBatch = true): Dataset {
    if (!['number', 'string'].includes(typeof batchSize) || !(batchSize > 0))
      throw new TensorineError(
        'value',
        `batchSize needs to be positive, but it is ${['number', 'string'].includes(typeof batchSize) ? batchSize : typeof batchSize}`,
      );
    const size = this.size === null ? null : Math[smallLastBatch ? 'ceil' : 'floor'](this.size / batchSize);
    return this.derived(
      (iterator) => iterator.rowMajorBatch(batchSize, smallLastBatch).map((rows) => tidy(() => deepZip(rows, joined))),
      size,
    );
  }

  /** These elements, then those of another. */
  concatenate(dataset: Dataset<T>): Dataset<T> {
    if (!(dataset instanceof Dataset))
      throw new TensorineError('value', 'Dataset.concatenate: dataset must be a Dataset');
    const known = this.size !== null && dataset.size !== null;
    const endless = this.size === Infinity || dataset.size === Infinity;
    const size = endless ? Infinity : known ? this.size! + dataset.size! : null;
    return made(async () => (await this.iterator()).concatenate(await dataset.iterator()), size);
  }

  /** Elements for which predicate is true. */
  filter(predicate: (value: T) => boolean | Promise<boolean>): Dataset<T> {
    wantFunction('filter', predicate);
    return this.derived(
      (iterator) => iterator.filter((x) => tidy(() => predicate(x))),
      this.size === Infinity ? Infinity : null,
    );
  }

  /** Calls f with each element; its tensors are disposed afterwards. */
  async forEachAsync(f: (input: T) => unknown): Promise<void> {
    wantFunction('forEachAsync', f);
    return closing(await this.iterator(), (iterator) => iterator.forEachAsync(f));
  }

  /** What transform makes of each element. Tensors made on the way are disposed. */
  map<O>(transform: (value: T) => O): Dataset<O> {
    wantFunction('map', transform);
    return this.derived((iterator) => iterator.map((x) => tidy(() => notPromised(transform(x)))));
  }

  /** The same for what takes time; tensors made on the way are transform's to dispose. */
  mapAsync<O>(transform: (value: T) => Promise<O>): Dataset<O> {
    wantFunction('mapAsync', transform);
    return this.derived((iterator) => iterator.mapAsync(transform));
  }

  /** The same elements, up to bufferSize of them being made ahead. */
  prefetch(bufferSize: number): Dataset<T> {
    if (bufferSize === undefined || bufferSize === null)
      throw new TensorineError('value', '`Dataset.prefetch()` requires bufferSize to be specified.');
    return this.derived((iterator) => iterator.prefetch(bufferSize));
  }

  /** All elements count times; without end, if count is negative or left out. */
  repeat(count?: number): Dataset<T> {
    const endless = !isCount(count),
      { size } = this;
    let total: Size = null;
    if (count === 0 || size === 0) total = 0;
    else if (size !== null) total = endless ? Infinity : size * count;
    return made(async () => {
      let found = true; // by the last pass: an endless one over nothing would never answer
      const passes = fromFunction<LazyIterator<T>>(async () => {
        if (endless && !found) return { value: null, done: true };
        found = false;
        const pass = await this.iterator();
        return {
          value: endless
            ? pass.map((x) => {
                found = true;
                return x;
              })
            : pass,
          done: false,
        };
      });
      return chained(passes.take(count));
    }, total);
  }

  /** Without the first count elements; all, if count is negative or left out. */
  skip(count?: number): Dataset<T> {
    const size = this.size === null || !isCount(count) ? this.size : Math.max(0, this.size - count);
    return this.derived((iterator) => iterator.skip(count), size);
  }

  /** The elements in a random order: each is chosen from the next bufferSize ones. The seed is a string
   * or a number; reshuffleEachIteration: a new order for each iterator. */
  shuffle(bufferSize: number, seed?: string | number, reshuffleEachIteration = true): Dataset<T> {
    if (!isCount(bufferSize)) {
      const advice =
        this.size === null
          ? ''
          : '  If your data fits in main memory (for regular JS objects), ' +
            'and/or GPU memory (for `tf.Tensor`s), consider setting bufferSize to the dataset size ' +
            `(${this.size} elements)`;
      throw new TensorineError('value', `\`Dataset.shuffle()\` requires bufferSize to be specified.${advice}`);
    }
    const random = new Random(seedText(seed || performance.now()));
    let order: number | undefined;
    return this.derived((iterator) => {
      if (reshuffleEachIteration) order = random.int32() + random.int32();
      else order ??= random.int32();
      return iterator.shuffle(bufferSize, String(order));
    });
  }

  /** At most the first count elements; all, if count is negative or left out. */
  take(count?: number): Dataset<T> {
    const size = this.size === null || !isCount(count) ? this.size : Math.min(this.size, count);
    return this.derived((iterator) => (isCount(count) ? ending(iterator, iterator.take(count)) : iterator), size);
  }

  /** All elements. */
  async toArray(): Promise<T[]> {
    this.mustEnd();
    return closing(await this.iterator(), (iterator) => iterator.toArray());
  }

  /** The same, a hundred elements being read at once: for tests. */
  async toArrayForTest(): Promise<T[]> {
    this.mustEnd();
    return closing(await this.iterator(), (iterator) => iterator.toArrayForTest());
  }

  private mustEnd(): void {
    if (this.size === Infinity) throw new TensorineError('value', 'Can not convert infinite data stream to array.');
  }
}

class Made<T> extends Dataset<T> {
  constructor(
    private readonly make: () => Promise<LazyIterator<T>>,
    size: Size,
  ) {
    super();
    Object.assign(this, { size });
  }
  override iterator(): Promise<LazyIterator<T>> {
    return this.make();
  }
}

/** A dataset whose iterators a function makes. */
export const made = <T>(iterator: () => Promise<LazyIterator<T>>, size: Size = null): Dataset<T> =>
  new Made(iterator, size);

/**
 * The elements of an array. Their tensors stay yours: each iterator gives handles of its own.
 * @example await tf.data.array([1, 2, 3]).map((x) => x * 2).toArray() // [2, 4, 6]
 */
export function array<T>(items: T[]): Dataset<T> {
  if (typeof items?.length !== 'number') throw new TensorineError('value', 'data.array: items must be an array');
  return made(async () => fromItems(items), items.length);
}

/**
 * The elements of datasets in an array or object, side by side in such an array or object; as many
 * as the shortest has.
 * @example await tf.data.zip({ xs: tf.data.array([1, 2]), ys: tf.data.array([3, 4]) }).toArray() // [{xs: 1, ys: 3}, {xs: 2, ys: 4}]
 */
export function zip<O = any>(datasets: Container<Dataset>): Dataset<O> {
  if (!isObject(datasets)) throw new TensorineError('value', 'The argument to zip() must be an object or array.');
  return made(async () => {
    const iterators = await deepMapAsync(datasets, async (dataset) => {
      if (dataset instanceof Dataset) return dataset.iterator();
      throw new TensorineError('value', 'Leaves of the structure passed to zip() must be Datasets, not primitives.');
    });
    return zipped(iterators);
  }, shortest(datasets));
}

function shortest(datasets: Container<Dataset>): Size {
  const sizes: Size[] = [];
  const look = (x: unknown) => {
    if (x instanceof Dataset) sizes.push(x.size);
    return { value: null, recurse: isContainer(x) };
  };
  try {
    deepMap(datasets, look);
  } catch {
    return null; // the iterator says what is wrong
  }
  return sizes.length && !sizes.includes(null) ? Math.min(...(sizes as number[])) : null;
}

/**
 * What f gives, call by call, until it says done; there is one stream, however often it is iterated.
 * @example await tf.data.func(() => ({ value: 1, done: false })).take(2).toArray() // [1, 1]
 */
export function func<T>(f: () => IteratorResult<T> | Promise<IteratorResult<T>>): Dataset<T> {
  wantFunction('func', f);
  const iterator = fromFunction(f, null);
  return made(async () => iterator);
}

type Generated<T> = Iterator<T> | AsyncIterator<T>;
/**
 * What a generator yields; it is called for each iterator.
 * @example await tf.data.generator(function* () { yield 1; yield 2; }).toArray() // [1, 2]
 */
export function generator<T>(generate: () => Generated<T> | Promise<Generated<T>>): Dataset<T> {
  wantFunction('generator', generate);
  return made(async () => {
    const values = await generate();
    if (typeof values?.next !== 'function')
      throw new TensorineError('value', 'generator: the function must give an iterator, as function*() does');
    return fromFunction<T>(
      () => values.next(),
      () => values.return?.(),
    );
  });
}
