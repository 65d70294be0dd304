// Bytes of wasm modules: from strings that the bundle has in it, or from a file by its address.
import { TensorineError } from './errors';
import { isNode, nodeModule } from './node';
import { REMEDY } from './paths';
import { encode } from './utf8';

type Base64 = { Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> } };

/** Bytes of a base64 string: in Node's own file, where size matters less than the time to start. Buffer is read
 * from globalThis, or bundlers add a Buffer of their own. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as Base64;
  return Buffer
    ? new Uint8Array(Buffer.from(text, 'base64'))
    : Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
}

/** Bytes of the string that tools/pack.mjs makes, by its order of byte values. */
export function unpack(text: string, order: number[]): Uint8Array<ArrayBuffer> {
  const letters = Array.from({ length: 95 }, (_, i) => 32 + i).filter((c) => c !== 34 && c !== 92);
  const single = letters.length - 2;
  const first = new Int16Array(128),
    second = [new Uint8Array(128), new Uint8Array(128)];
  letters.forEach((letter, i) => {
    first[letter] = i < single ? order[i] : single - 1 - i; // -1, -2: look into second
    second[0][letter] = order[single + i];
    second[1][letter] = order[single + letters.length + i];
  });
  const bytes = encode(text); // overwritten from its start: never longer
  const [next, other] = second;
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = first[bytes[i]];
    bytes[length++] = byte >= 0 ? byte : (byte === -1 ? next : other)[bytes[++i]];
  }
  return bytes.subarray(0, length) as Uint8Array<ArrayBuffer>;
}

/** Compiles while the bytes arrive where that is possible, so that a browser can cache the code. */
export async function compileFile(path: string): Promise<WebAssembly.Module> {
  if (isNode && !/^https?:/.test(path)) {
    const { readFile } = await nodeModule('node:fs/promises');
    const bytes = await readFile(path.startsWith('file:') ? new URL(path) : path).catch((error: Error) =>
      missing(path, `can't be read (${error.message})`),
    );
    return WebAssembly.compile(bytes);
  }
  const response = await fetch(path).catch((error) => missing(path, `can't be loaded (${error.message})`));
  if (!response.ok) return missing(path, `answers ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  const compiled = type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
  // some servers answer with a page to all that they don't have
  return compiled.catch((error) => missing(path, `can't be compiled (${error.message}, ${type || 'of no type'})`));
}

function missing(path: string, why: string): never {
  throw new TensorineError('file', `ready: ${path} ${why}; ${REMEDY}`);
}
