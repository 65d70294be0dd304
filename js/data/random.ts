// The core's generator of random numbers, for what is shuffled here: a seed gives the same order as
// in TensorFlow.js.
import * as core from '../wasm/core';
import { call } from '../core/calls';
import { strings } from '../core/strings';

const forgotten = new FinalizationRegistry<number>((ptr) => core.x.tn_random_free(ptr));

/** Numbers from a seed. */
export class Random {
  private readonly ptr: number;

  constructor(seed: string) {
    this.ptr = call('shuffle', () => core.x.tn_random_new(strings(seed)[0]));
    forgotten.register(this, this.ptr);
  }

  /** From 0 up to 1. */
  next(): number {
    return core.x.tn_random_next(this.ptr);
  }

  /** A whole number of 32 bits with sign. */
  int32(): number {
    return (this.next() * 0x100000000) | 0;
  }
}
