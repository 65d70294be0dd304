// Strings on their way into the core and out of it, as UTF-8: elements of tensors, and arguments.
import * as core from '../wasm/core';
import { decode, encode } from '../wasm/utf8';

/** Bytes of UTF-8; bytes stay as they are. */
export const encodeText = (value: string | Uint8Array): Uint8Array =>
  value instanceof Uint8Array ? value : encode(String(value));

export const decodeText = (bytes: Uint8Array): string => decode(bytes);

/** The elements of a string tensor of the core, copied; null where an element of a buffer was never set. */
export function stringsOf(tensor: number, size: number): (Uint8Array | null)[] {
  return Array.from({ length: size }, (_, i) => {
    const at = core.x.tn_string_at(tensor, i, 0) >>> 0,
      n = core.x.tn_string_bytes(tensor, i);
    return n < 0 ? null : core.u8().slice(at, at + n);
  });
}

/** A string tensor of the core, whose shape is at an address. */
export function makeStrings(strings: (Uint8Array | null)[], shape: number): number {
  const tensor = core.x.tn_strings_begin(shape);
  core.check();
  strings.forEach((bytes, i) => {
    const buffer = bytes && core.x.tn_string_buffer(bytes.length);
    if (bytes && buffer) core.u8().set(bytes, buffer >>> 0);
    core.x.tn_string_put(tensor, i, bytes ? bytes.length : -1);
  });
  core.x.tn_strings_end(tensor);
  core.check();
  return tensor;
}

/** Addresses of strings in the core, which last until the next call. */
export function strings(...values: string[]): number[] {
  const encoded = values.map(encode);
  let at = core.scratch(encoded.reduce((bytes, text) => bytes + text.length + 1, 0));
  return encoded.map((text) => {
    const first = at,
      heap = core.u8();
    heap.set(text, first);
    heap[first + text.length] = 0;
    at += text.length + 1;
    return first;
  });
}
