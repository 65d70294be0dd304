// Strings as bytes of UTF-8 and back, also where the host has neither TextEncoder nor TextDecoder (jsdom
// in Jest, audio worklets).
let encoder: TextEncoder | undefined, decoder: TextDecoder | undefined;

/** The bytes of a string. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  if (typeof TextEncoder === 'undefined') return encodeSlowly(text);
  return (encoder ??= new TextEncoder()).encode(text) as Uint8Array<ArrayBuffer>;
}

/** The string of some bytes. */
export function decode(bytes: Uint8Array): string {
  if (typeof TextDecoder === 'undefined') return decodeSlowly(bytes);
  return (decoder ??= new TextDecoder()).decode(bytes);
}

/** Surrogates without their other half, which become U+FFFD as in TextEncoder. */
const LONELY = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function encodeSlowly(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encodeURIComponent(text.replace(LONELY, '\uFFFD')).replace(/%(..)/g, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
}

/** Character by character, so that a broken one does not spoil the others. */
function decodeSlowly(bytes: Uint8Array): string {
  let text = '',
    at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let n; at < bytes.length; at += n) {
    const first = bytes[at];
    n = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      text +=
        first < 0x80
          ? String.fromCharCode(first)
          : decodeURIComponent(Array.from(bytes.subarray(at, at + n), (b) => `%${b.toString(16)}`).join(''));
    } catch {
      text += '\uFFFD';
      n = 1;
    }
  }
  return text;
}
