// Where results on webgl may be further from the references than those of the CPU: by name of the test, how far in units
// of the last place (or times the larger of 1 and the value, {close}), or which ({where}), and why. docs/NUMBERS.md shows it.
import { MAGNITUDES } from './elementwise.mjs';

const polynomial = 'a polynomial in float32';
const native = "the device's own exp, of which the argument is multiplied by log2(e) first";
const root = "the device's own inverse square root";
/** sin, cos, tan of numbers from 1e5 on. */
const far = {
  where: (what, v, e, i) => / of /.test(what) && Math.abs(MAGNITUDES[i]) >= 1e5 && !Number.isNaN(v),
  said: 'any value the function has, for |x| >= 1e5',
  why: "the device's own, which reduces x in float32",
};
const extreme = (why) => ({
  where: (what) => /of specials/.test(what),
  said: 'quotients beyond 2^24 or below 2^-126',
  why,
});

export const bounds = {
  rsqrt: [{ units: 2, why: root }],
  exp: [{ units: 2, why: polynomial }],
  expm1: [{ units: 4, why: polynomial }],
  log1p: [{ units: 4, why: polynomial }],
  sigmoid: [{ units: 32, why: native }],
  softplus: [{ units: 32, why: native }],
  logSigmoid: [{ units: 32, why: native }],
  elu: [{ units: 4, why: polynomial }],
  selu: [{ units: 4, why: polynomial }],
  erf: [{ units: 12, why: 'Abramowitz and Stegun 7.1.26: the absolute error is 2e-7' }],
  sin: [{ units: 3, why: polynomial }, far],
  cos: [{ units: 3, why: polynomial }, far],
  tan: [{ units: 4, why: polynomial }, far],
  asin: [{ units: 10, why: 'Abramowitz and Stegun 4.4.46: the absolute error is 2e-7' }],
  acos: [{ units: 4, why: 'Abramowitz and Stegun 4.4.46: the absolute error is 2e-7' }],
  atan: [{ units: 3, why: "the device's own" }],
  sinh: [{ units: 4, why: polynomial }],
  tanh: [{ units: 8, why: polynomial }],
  atanh: [{ units: 4, why: polynomial }],
  pow: [{ units: 20, why: "the device's own, by log2 and exp2" }],
  floorDiv: [extreme('a quotient below 2^-126 is 0')],
  mod: [
    { close: 1e-6, why: 'the remainder is a - b floor(a / b) in float32' },
    extreme('the remainder is a - b floor(a / b) in float32'),
  ],
  sum: [{ close: 5e-6, why: 'sums in float32, in blocks' }],
  'image.resizeBilinear, by its rows': [{ close: 5e-6, why: 'places between pixels are float32' }],
};

const unit = (v) => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(v)))) - 23);
const inside = (one, what, v, e, i) =>
  one.where
    ? one.where(what, v, e, i)
    : Math.abs(v - e) <= (one.units ? one.units * unit(e) : one.close * Math.max(1, Math.abs(e)));

/** Whether v may stand for e in a test. Numbers below 2^-124, or made of such, may be 0. */
export const excused = (test, what, v, e, i) =>
  (v === 0 && Math.abs(e) < 2 ** -124) || (bounds[test] ?? []).some((one) => inside(one, what, v, e, i));

/** The lines of a table. */
export const rows = () =>
  Object.entries(bounds).flatMap(([name, list]) =>
    list.map(
      ({ units, close, said, why }) =>
        `| ${name.replace(/, .*/, '')} | ${units ? `${units} units` : close ? `${close} max(1, \\|y\\|)` : said.replaceAll('|', '\\|')} | ${why} |`,
    ),
  );
