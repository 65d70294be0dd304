// Compares what was noted with what the peer noted.
import assert from 'node:assert/strict';

/** Numbers may differ by a bound times themselves, or the largest beside them. */
export function same(got, want, bound, what, scale = 0) {
  if (typeof want === 'number' && typeof got === 'number')
    return assert.ok(
      Object.is(got, want) || Math.abs(got - want) <= bound * Math.max(Math.abs(want), scale, 1e-3),
      `${what}: ${got}, the peer has ${want}`,
    );
  if (want === null || typeof want !== 'object') return assert.strictEqual(got, want, what);
  assert.deepEqual(Object.keys(got), Object.keys(want), what);
  const sizes = Array.isArray(want) ? want.filter((v) => typeof v === 'number').map(Math.abs) : [];
  for (const key of Object.keys(want))
    same(
      got[key],
      want[key],
      bound,
      `${what}, ${key}`,
      sizes.reduce((a, b) => Math.max(a, b), 0),
    );
}
