// Distributions of random numbers: what share is at most x, in closed form; and the test of
// Kolmogorov and Smirnov of whether numbers are of one.
import { erf } from './elementwise.mjs';

const normal = (z) => (1 + erf(z / Math.SQRT2)) / 2;
/** Whole shapes are Erlang's, the half is a squared normal's. */
const gamma = (alpha) => (x) => {
  if (alpha === 0.5) return erf(Math.sqrt(x));
  let term = 1,
    total = 1;
  for (let k = 1; k < alpha; k++) total += term *= x / k;
  return 1 - Math.exp(-x) * total;
};

/** A call of each op, and the distribution of its numbers. */
export const continuous = {
  randomUniform: [
    [[-2, 3], (x) => (x + 2) / 5],
    [[0, 1], (x) => x],
  ],
  randomNormal: [
    [[0, 1], normal],
    [[5, 0.5], (x) => normal((x - 5) / 0.5)],
  ],
  randomStandardNormal: [[[], normal]],
  truncatedNormal: [[[1, 2], (x) => (normal((x - 1) / 2) - normal(-2)) / (normal(2) - normal(-2))]],
  randomGamma: [0.5, 1, 2, 5].map((alpha) => [[alpha, 3], (x) => gamma(alpha)(x / 3)]),
};

/** Largest distance of the shares of numbers from those of the distribution, times sqrt(n): above 2.2 in one of 7,500 samples. */
export function distance(numbers, share) {
  const sorted = Float64Array.from(numbers).sort(),
    n = sorted.length;
  let most = 0;
  sorted.forEach((x, i) => {
    most = Math.max(most, Math.abs(share(x) - i / n), Math.abs(share(x) - (i + 1) / n));
  });
  return most * Math.sqrt(n);
}
export const UNLIKELY = 2.2;

/** The largest difference of shares that were found from those expected, in standard deviations. */
export function deviation(counts, shares) {
  const n = counts.reduce((a, b) => a + b, 0);
  return Math.max(...shares.map((p, i) => Math.abs(counts[i] - n * p) / Math.sqrt(n * p * (1 - p))));
}
