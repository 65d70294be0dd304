// What the host gives: fetch, a clock, text to bytes. A program may put something else in its place.
import { isNode } from './core/node';

export interface Platform {
  fetch(path: string, requestInits?: RequestInit, options?: { isBinary?: boolean }): Promise<Response>;
  /** Milliseconds by a clock that only goes forward. */
  now(): number;
  encode(text: string, encoding: string): Uint8Array;
  decode(bytes: Uint8Array, encoding: string): string;
  setTimeoutCustom?(f: Function, delay: number): void;
  isTypedArray?(a: unknown): boolean;
}

/** This host's own. */
export const hostPlatform: Platform = {
  fetch: (path, requestInits) => globalThis.fetch(path, requestInits),
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes, encoding) => new TextDecoder(encoding).decode(bytes),
  setTimeoutCustom: (f, delay) => { setTimeout(() => f(), delay); },
  isTypedArray: (a) => ArrayBuffer.isView(a) && !(a instanceof DataView),
};

export const hostName = isNode ? 'node' : 'browser';
