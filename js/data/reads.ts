// How stages of a stream read: one after the other, ahead, element by element of lists; and what becomes of the
// tensors of what was read.
import { want } from '../core/want';
import { release } from './containers';

export type Read<T> = () => Promise<IteratorResult<T>> | IteratorResult<T>;

export const end = (): IteratorReturnResult<null> => ({ value: null, done: true });
export const item = <T>(value: T): IteratorYieldResult<T> => ({ value, done: false });

/** Reads one after the other, however they are asked for. */
export function inTurn<T>(read: Read<T>): () => Promise<IteratorResult<T>> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(read, read);
    last = next;
    return next;
  };
}

/** Reads the elements of lists, one list after the other; null: there are no more. */
export function oneToMany<T>(more: () => Promise<T[] | null>): () => Promise<IteratorResult<T>> {
  let list: T[] = [],
    at = 0;
  return inTurn<T>(async () => {
    while (at >= list.length) {
      const next = await more();
      if (!next) return end();
      [list, at] = [next, 0];
    }
    return item(list[at++]);
  });
}

/** f(value), then the tensors of value that are not in the result are disposed. */
export function use<T, O>(value: T, f: (value: T) => O): O {
  let result: O | undefined;
  try {
    result = f(value);
    return result;
  } finally {
    release(value, result);
  }
}

export async function useAsync<T, O>(value: T, f: (value: T) => Promise<O>): Promise<O> {
  let result: O | undefined;
  try {
    result = await f(value);
    return result;
  } finally {
    release(value, result);
  }
}

/** Reads that are under way ahead of those asked for, up to a number. */
export class ReadAhead<T> {
  readonly reads: Promise<IteratorResult<T>>[] = [];

  constructor(
    private readonly from: { next(): Promise<IteratorResult<T>>; close(): Promise<void> },
    private readonly size: number,
  ) {
    want('prefetch', { bufferSize: size }, 'count');
  }

  fill(): void {
    while (this.reads.length < this.size) {
      const read = this.from.next();
      read.catch(() => {}); // who takes the read sees the error; perhaps nobody does
      this.reads.push(read);
    }
  }

  /** Disposes what was read ahead, which nobody gets. */
  async close(): Promise<void> {
    const read = await Promise.allSettled(this.reads.splice(0));
    for (const x of read) if (x.status === 'fulfilled' && !x.value.done) release(x.value.value);
    await this.from.close();
  }

  /** Takes out one of them; the last moves to its place. */
  takeOut(at: number): Promise<IteratorResult<T>> {
    const last = this.reads.pop()!;
    if (at === this.reads.length) return last;
    const chosen = this.reads[at];
    this.reads[at] = last;
    return chosen;
  }
}
