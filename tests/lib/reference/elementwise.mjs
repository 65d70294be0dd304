// References of elementwise ops: one double function each, the interval of inputs, and how far a
// float32 result may be off, relative to the larger of 1 and the value.

export const erf = (x) => { // the series near 0, the continued fraction far from it (Abramowitz and Stegun 7.1.5, 7.1.14)
  if (Number.isNaN(x)) return NaN;
  const t = Math.abs(x);
  if (t > 6) return Math.sign(x);
  if (t < 3) {
    let term = t, total = t;
    for (let n = 1; n < 80; n++) {
      term *= -t * t / n;
      total += term / (2 * n + 1);
    }
    return Math.sign(x) * 2 / Math.sqrt(Math.PI) * total;
  }
  let f = 0;
  for (let n = 60; n > 0; n--) f = n / 2 / (t + f);
  return Math.sign(x) * (1 - Math.exp(-t * t) / Math.sqrt(Math.PI) / (t + f));
};

const even = (x) => { // halves go to the even neighbour
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};
const EXACT = 0, CLOSE = 4e-7, NEAR = 2e-6;
const ALL = [-20, 20];

/** name: [function, interval, bound]. */
export const unary = {
  abs: [Math.abs, ALL, EXACT], neg: [(x) => -x, ALL, EXACT],
  sign: [(x) => (Number.isNaN(x) ? 0 : Math.sign(x)), ALL, EXACT], square: [(x) => x * x, ALL, CLOSE],
  relu: [(x) => (x < 0 ? 0 : x), ALL, EXACT], relu6: [(x) => (x < 0 ? 0 : x > 6 ? 6 : x), ALL, EXACT],
  ceil: [Math.ceil, ALL, EXACT], floor: [Math.floor, ALL, EXACT], round: [even, ALL, EXACT],
  sqrt: [Math.sqrt, [0, 100], CLOSE], rsqrt: [(x) => 1 / Math.sqrt(x), [0.01, 100], CLOSE],
  reciprocal: [(x) => 1 / x, [0.05, 20], CLOSE], exp: [Math.exp, [-20, 20], CLOSE], expm1: [Math.expm1, [-20, 10], NEAR],
  log: [Math.log, [1e-3, 1e4], CLOSE], log1p: [Math.log1p, [-0.9, 1e3], NEAR],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), ALL, CLOSE],
  softplus: [(x) => (x > 30 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))), ALL, NEAR],
  elu: [(x) => (x < 0 ? Math.expm1(x) : x), ALL, NEAR],
  selu: [(x) => (x < 0 ? 1.7580993408473768 * Math.expm1(x) : 1.0507009873554805 * x), ALL, NEAR],
  erf: [erf, [-6, 6], NEAR], sin: [Math.sin, [-100, 100], NEAR], cos: [Math.cos, [-100, 100], NEAR],
  tan: [Math.tan, [-1.4, 1.4], NEAR], asin: [Math.asin, [-1, 1], NEAR], acos: [Math.acos, [-1, 1], NEAR],
  atan: [Math.atan, ALL, NEAR], sinh: [Math.sinh, [-10, 10], NEAR], cosh: [Math.cosh, [-10, 10], NEAR],
  tanh: [Math.tanh, ALL, NEAR], asinh: [Math.asinh, [-1e3, 1e3], NEAR], acosh: [Math.acosh, [1, 1e3], NEAR],
  atanh: [Math.atanh, [-0.99, 0.99], NEAR],
  isNaN: [Number.isNaN, ALL, EXACT], isInf: [(x) => Math.abs(x) === Infinity, ALL, EXACT], isFinite: [Number.isFinite, ALL, EXACT],
  logSigmoid: [(x) => (x < 0 ? x - Math.log1p(Math.exp(x)) : -Math.log1p(Math.exp(-x))), ALL, NEAR],
};

/** What the functions above are not asked, as the library answers otherwise by intent. */
export const SPECIALS = [NaN, Infinity, -Infinity, 0, -0];

const floorDiv = (a, b) => Math.floor(a / b);
const either = (a, b) => Number.isNaN(a) || Number.isNaN(b);

/** name: [function of doubles, the same of whole numbers (null: as the first), bound, interval of b]. */
export const binary = {
  add: [(a, b) => a + b, null, CLOSE], sub: [(a, b) => a - b, null, CLOSE], mul: [(a, b) => a * b, null, CLOSE],
  div: [(a, b) => a / b, (a, b) => (b === 0 ? 0 : floorDiv(a, b)), CLOSE],
  divNoNan: [(a, b) => (b === 0 ? 0 : a / b), (a, b) => (b === 0 ? 0 : floorDiv(a, b)), CLOSE],
  floorDiv: [floorDiv, (a, b) => (b === 0 ? 0 : floorDiv(a, b)), EXACT],
  mod: [(a, b) => a - b * Math.floor(a / b), (a, b) => (b === 0 ? 0 : a - b * floorDiv(a, b)), NEAR],
  pow: [Math.pow, null, NEAR, [0.2, 3]],
  maximum: [Math.max, null, EXACT], minimum: [Math.min, null, EXACT],
  squaredDifference: [(a, b) => (a - b) ** 2, null, CLOSE],
  atan2: [Math.atan2, null, NEAR],
  equal: [(a, b) => a === b, null, EXACT], notEqual: [(a, b) => a !== b, null, EXACT],
  greater: [(a, b) => a > b, null, EXACT], greaterEqual: [(a, b) => a >= b, null, EXACT],
  less: [(a, b) => a < b, null, EXACT], lessEqual: [(a, b) => a <= b, null, EXACT],
};

export const logical = {
  logicalAnd: (a, b) => a && b, logicalOr: (a, b) => a || b, logicalXor: (a, b) => a !== b,
};

export { either };
