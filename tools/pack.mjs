// Bytes as plain ASCII text that compresses like the bytes themselves: base64 cuts bytes in pieces
// and costs a third after gzip too, this costs half a percent. Unpacked by js/wasm/bytes.ts.
//
// The alphabet is printable ASCII without " and \. The 91 most frequent bytes are one letter each;
// the last two letters announce that the next letter stands for one of the other bytes.

const LETTERS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (letter) => letter !== '"' && letter !== '\\',
);
const SINGLE = LETTERS.length - 2;

/** All byte values, the most frequent first. */
export function frequencies(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte]++;
  return [...count.keys()].sort((a, b) => count[b] - count[a] || a - b);
}

/** The text of some bytes by an order of byte values. */
export function pack(bytes, order) {
  const code = [];
  order.forEach((byte, i) => {
    const rest = i - SINGLE,
      n = LETTERS.length;
    code[byte] = rest < 0 ? LETTERS[i] : LETTERS[SINGLE + Math.floor(rest / n)] + LETTERS[rest % n];
  });
  return Array.from(bytes, (byte) => code[byte]).join('');
}
