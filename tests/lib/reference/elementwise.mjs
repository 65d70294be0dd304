// References of elementwise ops: one double function each, the interval of inputs, and how far a
// float32 result may be off, in units of its last place (half a unit: it is rounded correctly).
import { known } from './device.mjs';

export const erf = (x) => {
  // the series near 0, the continued fraction far from it (Abramowitz and Stegun 7.1.5, 7.1.14)
  if (Number.isNaN(x)) return NaN;
  const t = Math.abs(x);
  if (t > 6) return Math.sign(x);
  if (t < 3) {
    let term = t,
      total = t;
    for (let n = 1; n < 80; n++) {
      term *= (-t * t) / n;
      total += term / (2 * n + 1);
    }
    return ((Math.sign(x) * 2) / Math.sqrt(Math.PI)) * total;
  }
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (t + f);
  return Math.sign(x) * (1 - Math.exp(-t * t) / Math.sqrt(Math.PI) / (t + f));
};

const even = (x) => {
  // halves go to the even neighbour
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};
const EXACT = 0,
  ROUNDED = 0.5;
const ALL = [-20, 20];

/** name: [function, interval, bound]. */
export const unary = {
  abs: [Math.abs, ALL, EXACT],
  neg: [(x) => -x, ALL, EXACT],
  sign: [(x) => (Number.isNaN(x) ? 0 : Math.sign(x)), ALL, EXACT],
  square: [(x) => x * x, ALL, ROUNDED],
  relu: [(x) => (x < 0 ? 0 : x), ALL, EXACT],
  relu6: [(x) => (x < 0 ? 0 : x > 6 ? 6 : x), ALL, EXACT],
  ceil: [Math.ceil, ALL, EXACT],
  floor: [Math.floor, ALL, EXACT],
  round: [even, ALL, EXACT],
  sqrt: [Math.sqrt, [0, 100], ROUNDED],
  rsqrt: [(x) => 1 / Math.sqrt(x), [0.01, 100], 1],
  reciprocal: [(x) => 1 / x, [0.05, 20], ROUNDED],
  exp: [Math.exp, [-20, 20], 1],
  expm1: [Math.expm1, [-20, 10], 2],
  log: [Math.log, [1e-3, 1e4], 1],
  log1p: [Math.log1p, [-0.9, 1e3], 2],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), ALL, 2],
  softplus: [(x) => (x > 30 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))), ALL, 2],
  elu: [(x) => (x < 0 ? Math.expm1(x) : x), ALL, 2],
  selu: [(x) => (x < 0 ? 1.7580993408473768 * Math.expm1(x) : 1.0507009873554805 * x), ALL, 2],
  erf: [erf, [-6, 6], 2],
  sin: [Math.sin, [-100, 100], 2],
  cos: [Math.cos, [-100, 100], 2],
  tan: [Math.tan, [-1.4, 1.4], 3],
  asin: [Math.asin, [-1, 1], 1],
  acos: [Math.acos, [-1, 1], 1],
  atan: [Math.atan, ALL, 1],
  sinh: [Math.sinh, [-10, 10], 2],
  cosh: [Math.cosh, [-10, 10], 2],
  tanh: [Math.tanh, ALL, 3],
  asinh: [Math.asinh, [-1e3, 1e3], 2],
  acosh: [Math.acosh, [1, 1e3], 2],
  atanh: [Math.atanh, [-0.99, 0.99], 2],
  isNaN: [Number.isNaN, ALL, EXACT],
  isInf: [(x) => Math.abs(x) === Infinity, ALL, EXACT],
  isFinite: [Number.isFinite, ALL, EXACT],
  logSigmoid: [(x) => (x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x))), ALL, 2],
};

/** What the functions above are not asked, as the library answers otherwise by intent. */
export const SPECIALS = [NaN, Infinity, -Infinity, 0, -0];

/** Numbers of each magnitude that float32 has, subnormal ones too. */
export const MAGNITUDES = known(
  Array.from({ length: 277 }, (_, i) => i - 149)
    .flatMap((e) => [1, 1.1, 1.37, 1.5, 1.99].flatMap((m) => [m * 2 ** e, -m * 2 ** e]))
    .map(Math.fround),
);

const floorDiv = (a, b) => Math.floor(a / b);
/** The remainder with the sign of b, which no infinite b lends. */
const modulo = (a, b) => {
  const rest = a % b;
  if (a < 0 === b < 0) return rest;
  if (Math.abs(b) === Infinity) return NaN;
  return rest && rest + b;
};
/** Of 1, and of -1 with an infinite exponent, it is 1 (IEEE 754-2019, 9.2.1). */
const power = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

/** name: [function of doubles, the same of whole numbers (null: as the first), bound, interval of both].
 * squaredDifference squares what it has rounded. */
export const binary = {
  add: [(a, b) => a + b, null, ROUNDED],
  sub: [(a, b) => a - b, null, ROUNDED],
  mul: [(a, b) => a * b, null, ROUNDED],
  div: [(a, b) => a / b, (a, b) => (b === 0 ? 0 : floorDiv(a, b)), ROUNDED],
  divNoNan: [(a, b) => (b === 0 ? 0 : a / b), (a, b) => (b === 0 ? 0 : floorDiv(a, b)), ROUNDED],
  floorDiv: [floorDiv, (a, b) => (b === 0 ? 0 : floorDiv(a, b)), ROUNDED],
  mod: [modulo, (a, b) => (b === 0 ? 0 : a - b * floorDiv(a, b)), ROUNDED],
  pow: [power, null, 1, [0.2, 3]],
  maximum: [Math.max, null, EXACT],
  minimum: [Math.min, null, EXACT],
  squaredDifference: [(a, b) => (a - b) ** 2, null, 2],
  atan2: [Math.atan2, null, 2],
  equal: [(a, b) => a === b, null, EXACT],
  notEqual: [(a, b) => a !== b, null, EXACT],
  greater: [(a, b) => a > b, null, EXACT],
  greaterEqual: [(a, b) => a >= b, null, EXACT],
  less: [(a, b) => a < b, null, EXACT],
  lessEqual: [(a, b) => a <= b, null, EXACT],
};

export const logical = {
  logicalAnd: (a, b) => a && b,
  logicalOr: (a, b) => a || b,
  logicalXor: (a, b) => a !== b,
};

const wrapped = (f) => (a, b) => f(a, b) | 0;
/** Whole numbers at the ends of int32 wrap around, as these do. */
export const wrapping = {
  add: wrapped((a, b) => a + b),
  sub: wrapped((a, b) => a - b),
  mul: Math.imul,
  squaredDifference: (a, b) => Math.imul(a - b, a - b),
  div: wrapped(binary.div[1]),
  divNoNan: wrapped(binary.divNoNan[1]),
  floorDiv: wrapped(binary.floorDiv[1]),
  mod: wrapped(binary.mod[1]),
  maximum: Math.max,
  minimum: Math.min,
};
