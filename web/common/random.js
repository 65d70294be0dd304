// Numbers that are random, yet the same for the same seed.

/** A small seeded generator of numbers from 0 to 1 (xorshift). */
export function randomFrom(seed) {
  let state = (Math.imul(seed + 1, 2654435761) ^ 0x9e3779b9) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}
