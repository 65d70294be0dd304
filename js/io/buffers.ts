// Bytes in one or several buffers.
import type { TypedArray } from '../core/tensor';
import { want } from '../core/want';

type Part = ArrayBuffer | TypedArray;

/**
 * Several buffers seen as one.
 * @example tf.io.CompositeArrayBuffer.join([new ArrayBuffer(2), new ArrayBuffer(3)]).byteLength // 5
 */
export class CompositeArrayBuffer {
  private readonly parts: Uint8Array[];
  readonly byteLength: number;

  constructor(buffers?: Part | Part[]) {
    const list = Array.isArray(buffers) ? Array.from(buffers) : [buffers ?? []].flat();
    want('io.CompositeArrayBuffer', { buffers: list }, 'buffers');
    this.parts = list.map(bytesOf);
    this.byteLength = this.parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** A copy of the bytes from start up to end. */
  slice(start = 0, end = this.byteLength): ArrayBuffer {
    want('CompositeArrayBuffer.slice', { start, end }, 'numeric?');
    const from = Math.max(0, Number(start) || 0),
      to = Math.min(this.byteLength, Number(end) || 0);
    const out = new Uint8Array(Math.max(0, to - from));
    let begin = 0;
    for (const part of this.parts) {
      const first = Math.max(from - begin, 0),
        last = Math.min(to - begin, part.length);
      if (first < last) out.set(part.subarray(first, last), begin + first - from);
      begin += part.length;
    }
    return out.buffer;
  }

  /** The bytes in one buffer; where there is only one, itself. */
  static join(buffers?: ArrayBuffer[] | ArrayBuffer): ArrayBuffer {
    if (buffers instanceof ArrayBuffer) return buffers;
    if (Array.isArray(buffers) && buffers.length === 1 && buffers[0] instanceof ArrayBuffer) return buffers[0];
    return new CompositeArrayBuffer(buffers).slice();
  }
}

/** A view of a buffer's or typed array's bytes. */
export function bytesOf(part: Part): Uint8Array {
  return ArrayBuffer.isView(part)
    ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    : new Uint8Array(part);
}

/**
 * One buffer with the bytes of several.
 * @example tf.io.concatenateArrayBuffers([new ArrayBuffer(2), new ArrayBuffer(3)]).byteLength // 5
 */
export function concatenateArrayBuffers(buffers: ArrayBuffer[] | ArrayBuffer): ArrayBuffer {
  return CompositeArrayBuffer.join(buffers);
}

/** Base64 text of bytes. */
export function toBase64(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer),
    pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(pieces.join(''));
}

/** Bytes of base64 text. */
export function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
}
