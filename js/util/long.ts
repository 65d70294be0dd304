// tf.util, on whole numbers of 64 bits: what TensorFlow.js hashes bytes to.
import * as core from '../wasm/core';
import { raise } from '../wasm/errors';
import { begin, one } from '../core/arguments';
import { strings } from '../core/lower';
import { tidy } from '../core/scopes';
import { want } from '../core/want';

/**
 * A whole number of 64 bits without a sign, in two words of 32, as the npm package 'long' keeps it.
 * @example new tf.util.Long(1, 1).toNumber() // 4294967297
 */
export class Long {
  readonly unsigned = true;

  constructor(
    readonly low: number,
    readonly high: number,
  ) {}

  toBigInt(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
  toString(radix = 10): string {
    return this.toBigInt().toString(radix);
  }
  /** The nearest float64: exact up to 2^53. */
  toNumber(): number {
    return (this.high >>> 0) * 2 ** 32 + (this.low >>> 0);
  }
  equals(other: Long): boolean {
    return this.low === other.low && this.high === other.high;
  }
}

/**
 * The number that up to 16 hexadecimal digits say.
 * @example tf.util.hexToLong('ff').toString() // "255"
 */
export function hexToLong(hex: string): Long {
  want('util.hexToLong', { hex }, 'string');
  if (!/^[\da-f]{1,16}$/i.test(hex)) raise('value', `util.hexToLong: hex must be 1 to 16 digits, but is '${hex}'`);
  const digits = hex.padStart(16, '0');
  return new Long(parseInt(digits.slice(8), 16) | 0, parseInt(digits.slice(0, 8), 16) | 0);
}

/**
 * FarmHash Fingerprint64 of bytes, or of the first len of them.
 * @example tf.util.fingerPrint64(tf.util.encodeString('abc')).toString(16) // "24a5b3a074e7f369"
 */
export function fingerPrint64(s: Uint8Array, len = s?.length): Long {
  want('util.fingerPrint64', { s }, 'bytes');
  want('util.fingerPrint64', { len }, 'size');
  const [low, high] = tidy(() => {
    begin('fingerPrint64');
    return one(core.x.tn_fingerprint(strings(s.subarray(0, len), 's'))).dataSync();
  });
  return new Long(low, high);
}
