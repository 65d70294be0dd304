// How bytes get into the host: embedded text, or a file by its address.
import { nodeModule } from './node';

/** Bytes of base64 text in Node, where size matters less than the time to start. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Bytes of the text that tools/pack.mjs makes, by its order of byte values. */
export function unpack(text: string, order: number[]): Uint8Array<ArrayBuffer> {
  const letters = Array.from({ length: 95 }, (_, i) => 32 + i).filter((c) => c !== 34 && c !== 92);
  const single = letters.length - 2;
  const first = new Int16Array(128), second = [new Uint8Array(128), new Uint8Array(128)];
  letters.forEach((letter, i) => {
    first[letter] = i < single ? order[i] : single - 1 - i; // -1, -2: look into second
    second[0][letter] = order[single + i];
    second[1][letter] = order[single + letters.length + i];
  });
  const bytes = new TextEncoder().encode(text); // overwritten from its start: never longer
  const [next, other] = second;
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = first[bytes[i]];
    bytes[length++] = byte >= 0 ? byte : (byte === -1 ? next : other)[bytes[++i]];
  }
  return bytes.subarray(0, length) as Uint8Array<ArrayBuffer>;
}

/** Compiles while the bytes arrive where that is possible, so that a browser can cache the code. */
export async function compileURL(url: URL): Promise<WebAssembly.Module> {
  if (url.protocol === 'file:') {
    const { readFile } = await nodeModule('node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`tensorine: ${url} answers ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
