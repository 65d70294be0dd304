// Checks of one declared op (an entry of build/gen/ops.json) against the library `tf`; the same code
// runs in Node and in pages. Each check returns nothing and throws what is wrong.

const at = (root, path) => path.split('.').reduce((value, key) => value[key], root);

/** The op as a function of one argument for each parameter, a list for the rest. */
function callable(tf, op) {
  const f = at(tf, op.path);
  return given(op).at(-1)?.rest ? (...args) => f(...args.slice(0, -1), ...args.at(-1)) : f;
}

/** Values in JavaScript's spelling, as examples and their results are written. */
function evaluate(text, tf) {
  return new Function('tf', `'use strict'; return (${text});`)(tf);
}

/** The arguments that an example calls its op with; what is nested in them is evaluated. */
export function argumentsOf(tf, op, example) {
  const keys = op.path.split('.');
  let last = null;
  const spy = { ...tf };
  let owner = spy;
  for (const key of keys.slice(0, -1)) owner = owner[key] = { ...owner[key] };
  const f = at(tf, op.path);
  owner[keys.at(-1)] = (...args) => {
    last = args;
    return f(...args);
  };
  evaluate(example.code, spy);
  if (!last) throw new Error(`the example does not call ${op.path}: ${example.code}`);
  const rest = given(op).findIndex((p) => p.rest);
  return rest < 0 ? last : [...last.slice(0, rest), last.slice(rest)];
}

/** Parameters that are arguments, in order. */
const given = (op) => op.params.filter((p) => p.kind !== 'out');

/** The tensors among an op's results: one, a list, or one by name. */
export function tensorsIn(tf, result) {
  if (result instanceof tf.Tensor) return [result];
  const list = Object.values(result).flat();
  if (!list.every((t) => t instanceof tf.Tensor)) throw new Error('no tensors came back');
  return list;
}

// ---- values ----

/** Largest relative difference of a result from what the example says. */
export const TOLERANCE = 1e-5;

function same(actual, expected, path, tolerance) {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      throw new Error(`${path}: ${JSON.stringify(actual)} where ${JSON.stringify(expected)} should be`);
    expected.forEach((e, i) => same(actual[i], e, `${path}[${i}]`, tolerance));
    return;
  }
  if (typeof expected === 'string') {
    if (actual !== expected) throw new Error(`${path}: '${actual}' where '${expected}' should be`);
    return;
  }
  const e = Number(expected),
    a = actual;
  const close = Object.is(a, e) || a === e || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
  if (!close) throw new Error(`${path}: ${a} where ${expected} should be`);
}

const arrays = (tf, value) => {
  if (value instanceof tf.Tensor) return value.arraySync();
  if (Array.isArray(value)) return value.map((v) => arrays(tf, v));
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, arrays(tf, v)]));
};

/** Runs an example and compares it with the result written beside it; as it is called, no tensor but
 * its results may remain. */
export function checkExample(tf, op, example, tolerance = TOLERANCE) {
  tf.tidy(() => {
    const args = argumentsOf(tf, op, example),
      f = callable(tf, op);
    const before = tf.memory();
    const result = f(...args),
      tensors = tensorsIn(tf, result);
    const made = tf.memory().numTensors - before.numTensors;
    if (made !== tensors.length) throw new Error(`${example.code} left ${made - tensors.length} tensors behind`);
    const expected = evaluate(example.result, tf);
    if (result instanceof tf.Tensor || Array.isArray(result))
      same(arrays(tf, result), expected, example.code, tolerance);
    else
      for (const key of Object.keys(result))
        same(arrays(tf, result[key]), expected[key], `${example.code}.${key}`, tolerance);
    tensors.forEach((t) => t.dispose());
    const after = tf.memory();
    for (const key of ['numTensors', 'numDataBuffers', 'numBytes'])
      if (after[key] !== before[key]) throw new Error(`${example.code}: ${key} was ${before[key]}, is ${after[key]}`);
  });
}

// ---- gradients by finite differences ----

// Central differences of fourth order, with the weighted sum of results in double. The step is large
// because values are float32: at 0.02 the formula is off by about 1e-8 and rounding by about 1e-5.
const STEP = 0.02;
const GRADIENT_TOLERANCE = 2e-3;
const STENCIL = [
  [-2, 1 / 12],
  [-1, -8 / 12],
  [1, 8 / 12],
  [2, -1 / 12],
];

/** A small generator of the same numbers everywhere, from -1 to 1. */
export function numbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A complex64 tensor as its two float32 tensors, any other as itself. */
const parts = (tf, x) => (x.dtype === 'complex64' ? [tf.real(x), tf.imag(x)] : [x]);

/** The op as a function of its float32 tensors, a complex64 one being two; `xs` are their values in
 * the example. */
function differentiable(tf, op, example) {
  const args = argumentsOf(tf, op, example),
    params = given(op),
    f = callable(tf, op);
  const slots = [];
  const float = (v, p) =>
    !['bool', 'int32'].includes(p?.type.dtypes?.[0]) &&
    (v instanceof tf.Tensor ? v : tf.tensor(v)).dtype in { float32: 1, complex64: 1 };
  args.forEach((value, i) => {
    if (value === undefined || value === null) return;
    if (params[i].kind === 'tensor' && float(value, params[i])) slots.push([i]);
    if (params[i].kind === 'list')
      value.forEach((v, k) => {
        if (float(v)) slots.push([i, k]);
      });
  });
  const get = ([i, k]) => (k === undefined ? args[i] : args[i][k]);
  const started = slots.map((slot) => parts(tf, get(slot) instanceof tf.Tensor ? get(slot) : tf.tensor(get(slot))));
  const xs = started.flat().map((x) => tf.keep(x.clone()));
  const call = (tensors) => {
    const values = args.map((v) => (Array.isArray(v) ? [...v] : v)),
      left = [...tensors];
    slots.forEach(([i, k], n) => {
      const value = started[n].length === 2 ? tf.complex(left.shift(), left.shift()) : left.shift();
      if (k === undefined) values[i] = value;
      else values[i][k] = value;
    });
    return tensorsIn(tf, f(...values))
      .flatMap((t) => parts(tf, t))
      .filter((t) => t.dtype === 'float32');
  };
  return { xs, call };
}

/** Sum of tensors times fixed weights, as a tensor. */
function weighted(tf, tensors, seed) {
  const next = numbers(seed);
  const parts = tensors.map((t) => tf.sum(tf.mul(t, tf.tensor(Array.from({ length: t.size }, next), t.shape))));
  return parts.reduce((a, b) => tf.add(a, b));
}

/** The same sum in double. */
function weightedNumber(tensors, seed) {
  const next = numbers(seed);
  let sum = 0;
  for (const t of tensors) for (const v of t.dataSync()) sum += v * next();
  return sum;
}

/** Gradient of f(tensors), a tensor, with respect to each of xs; zeros where it depends on none. */
function gradients(tf, f, xs) {
  try {
    return tf.grads((...t) => f(t))(xs);
  } catch (error) {
    if (error.code !== 'gradient' || !/Cannot compute gradient/.test(error.message)) throw error;
  }
  return xs.map((x) => {
    try {
      return tf.grads((v) => f(xs.map((other) => (other === x ? v : other))))([x])[0];
    } catch (error) {
      if (error.code !== 'gradient' || !/Cannot compute gradient/.test(error.message)) throw error;
      return tf.zerosLike(x);
    }
  });
}

/** True where the function itself jumps or bends: its slopes to the left, to the right, and over a
 * shorter way are not one. */
function bent(f) {
  const slope = (h) => (f(h) - f(0)) / h;
  const side = (h) => 2 * slope(h / 2) - slope(h);
  const slopes = [side(-STEP), side(STEP), side(STEP / 4)];
  return Math.max(...slopes) - Math.min(...slopes) > 0.05 * Math.max(1, ...slopes.map(Math.abs));
}

function compare(tf, what, xs, gradient, value) {
  let compared = 0,
    total = 0;
  xs.forEach((x, n) => {
    const flat = Array.from(x.dataSync()),
      found = gradient[n].dataSync();
    const scale = Math.max(1, ...Array.from(found, Math.abs));
    flat.forEach((v, i) => {
      const f = (by) =>
        tf.tidy(() => {
          const moved = Float32Array.from(flat);
          moved[i] = v + by;
          return value(xs.map((other, m) => (m === n ? tf.tensor(moved, x.shape) : other)));
        });
      const expected = STENCIL.reduce((sum, [k, c]) => sum + f(k * STEP) * c, 0) / STEP;
      const close = Math.abs(found[i] - expected) <= GRADIENT_TOLERANCE * scale;
      if (!close && !bent(f)) throw new Error(`${what} of input ${n} at ${i}: ${found[i]}, by differences ${expected}`);
      compared += Number(close);
      total++;
    });
  });
  if (total && !compared) throw new Error(`${what}: the example has no point where the op is smooth`);
}

/** Compares first and second gradients of an example with differences; false if no float result
 * comes of float inputs. */
export function checkGradient(tf, op, example) {
  return tf.tidy(() => {
    const { xs, call } = differentiable(tf, op, example);
    try {
      if (!xs.length || !tf.tidy(() => call(xs).length)) return false;
      const first = (t) => gradients(tf, (v) => weighted(tf, call(v), 7), t);
      compare(tf, 'gradient', xs, first(xs), (t) => weightedNumber(call(t), 7));
      const second = gradients(tf, (t) => weighted(tf, first(t), 11), xs);
      compare(tf, 'second gradient', xs, second, (t) => weightedNumber(first(t), 11));
      return true;
    } finally {
      xs.forEach((x) => x.dispose());
    }
  });
}

/** True if the op has an example whose gradient can be asked for. */
export const hasGradient = (op) => !op.constant && given(op).some((p) => p.kind === 'tensor' || p.kind === 'list');

// ---- dtypes ----

const ROUND = { int32: Math.trunc, bool: (v) => Number(v !== 0), string: String };

/** A float32 tensor as one of the dtype; of complex64 its imaginary part is another one. */
function asDtype(tf, x, dtype) {
  const values = Array.from(x.dataSync());
  return dtype === 'complex64' ? tf.complex(x, imaginary(tf, x)) : tf.tensor(values.map(ROUND[dtype]), x.shape, dtype);
}
const imaginary = (tf, x) => tf.tensor(Array.from(x.dataSync()).reverse(), x.shape);

/** What must come of the dtype, by what comes of float32: the same numbers; of complex64 the same of
 * each part; of texts those of the numbers, nothing being an empty one. */
function likeFloats(tf, f, changed, dtype) {
  const result = tensorsIn(tf, f(...changed((x) => asDtype(tf, x, dtype))));
  const near = (u, v) => Object.is(u, v) || Math.abs(u - v) <= TOLERANCE * Math.max(1, Math.abs(v));
  const by = (to) => tensorsIn(tf, f(...changed(to)));
  const alike = (x, y, same) =>
    x.shape.join() === y.shape.join() && x.dataSync().every((u, k) => same(u, y.dataSync()[k]));
  if (dtype === 'complex64') {
    const re = by((x) => x),
      im = by((x) => imaginary(tf, x));
    return result.every((x, i) =>
      x.dtype === 'complex64'
        ? alike(tf.real(x), re[i], near) && alike(tf.imag(x), im[i], near)
        : alike(x, re[i], near),
    );
  }
  if (dtype === 'string') {
    const words = by((x) => x);
    return result.every((x, i) =>
      alike(x, words[i], x.dtype === 'string' ? (u, v) => u === String(v) || (u === '' && v === 0) : near),
    );
  }
  const want = by((x) => tf.tensor(Array.from(x.dataSync()).map(ROUND[dtype]), x.shape));
  return result.every((x, i) => alike(x, want[i], (u, v) => near(u, (ROUND[x.dtype] ?? Number)(v))));
}

/** What an example gives of numbers of a dtype in the place of floats: 'refused', or 'the same' as of
 * floats of these values, or 'other'. */
export function withDtype(tf, op, example, dtype) {
  return tf.tidy(() => {
    const params = given(op),
      f = callable(tf, op),
      numeric = (v) => v instanceof tf.Tensor && v.dtype === 'float32';
    const tensor = (v) => (v instanceof tf.Tensor || v === null || v === undefined ? v : tf.tensor(v));
    const args = argumentsOf(tf, op, example).map((v, i) =>
      ['int32', 'bool', 'string'].includes(params[i].type.dtypes?.[0])
        ? v
        : params[i].kind === 'tensor'
          ? tensor(v)
          : params[i].kind === 'list'
            ? v.map(tensor)
            : v,
    );
    const changed = (to) =>
      args.map((v) => (numeric(v) ? to(v) : Array.isArray(v) ? v.map((x) => (numeric(x) ? to(x) : x)) : v));
    if (!args.flat().some(numeric)) return 'no numbers';
    try {
      return likeFloats(tf, f, changed, dtype) ? 'the same' : 'other';
    } catch (error) {
      if (error instanceof tf.TensorineError && error.code === 'dtype') return 'refused';
      throw error;
    }
  });
}

// ---- bad input ----

/** Arguments of an example with one of them wrong, made from the kinds of the parameters; `code` is
 * the error it must give, null where the op may also accept it. */
export function badInputs(tf, op, args) {
  const cases = [];
  const put = (i, value, code, what) => {
    const bad = [...args];
    bad[i] = value;
    cases.push({ args: bad, code, what: `${given(op)[i].name} is ${what}` });
  };
  const gone = tf.tensor([1]);
  gone.dispose();
  given(op).forEach((p, i) => {
    const required = p.default === undefined;
    if (p.kind === 'tensor') {
      put(i, gone, 'disposed', 'disposed');
      for (const v of [{}, () => 1, 'text', [[1, 2], [3]], [1, 'a'], false])
        put(i, v, null, JSON.stringify(v) ?? 'a function');
      if (required) (put(i, undefined, 'value', 'not given'), put(i, null, 'value', 'null'));
      for (const dtype of ['float32', 'int32', 'bool'])
        for (const shape of [[], [0], [3], [1, 0, 2], [2, 3], [2, 2, 2], [1, 2, 2, 1], [1, 1, 1, 1, 1, 1, 1, 1]])
          put(i, tf.ones(shape, dtype), null, `${dtype} [${shape}]`);
    }
    if (p.kind === 'list') {
      if (!p.rest) put(i, 3, 'value', 'a number');
      (put(i, [], null, 'empty'), put(i, [gone], 'disposed', 'a disposed tensor'));
      put(i, [[1], [1, 2], 3], null, 'of unlike shapes');
    }
    if (p.kind === 'int') {
      for (const v of [NaN, 1.5, Infinity, 2 ** 31, 'x']) put(i, v, 'value', v);
      for (const v of [-1, 0, 99, -99, 2 ** 31 - 1, -(2 ** 31) + 1]) put(i, v, null, v);
    }
    if (p.kind === 'float') {
      if (op.name !== 'fill') put(i, 'x', 'value', 'text'); // fill makes string tensors too
      for (const v of [NaN, Infinity, -Infinity, -1, 0, 1e38]) put(i, v, null, v);
    }
    if (p.kind === 'ints') {
      for (const v of [[NaN], [1.5], NaN, {}, 'x']) put(i, v, 'value', JSON.stringify(v));
      for (const v of [
        [],
        [-1],
        [-2],
        [0],
        [99],
        -99,
        [0, 0],
        [2 ** 31 - 1],
        [65536, 65536],
        [1 << 30, 4],
        [46341, 46341, 46341],
        Array(9).fill(1),
        Array(40).fill(2),
      ])
        put(i, v, null, JSON.stringify(v));
    }
    if (p.kind === 'enum') put(i, 'nonsense', 'value', 'nonsense');
    if (p.kind === 'pad') {
      (put(i, 'nonsense', 'value', 'nonsense'), put(i, -1, 'value', -1));
      (put(i, 2 ** 30, null, 2 ** 30),
        put(
          i,
          [
            [0, 0],
            [9, 0],
            [0, 9],
            [0, 0],
          ],
          null,
          'explicit',
        ));
    }
  });
  return cases;
}

/** Every bad argument gives a typed error or a result; nothing is left behind, and all goes on. */
export function checkBadInput(tf, op, example) {
  tf.tidy(() => {
    const f = callable(tf, op);
    for (const { args, code, what } of badInputs(tf, op, argumentsOf(tf, op, example))) {
      const before = tf.memory().numTensors;
      let failure = null;
      try {
        tensorsIn(tf, f(...args))
          .filter((t) => !args.includes(t))
          .forEach((t) => t.dispose());
      } catch (error) {
        failure = error;
      }
      if (failure && !(failure instanceof tf.TensorineError)) {
        failure.message = `${what}: ${failure.message}`;
        throw failure;
      }
      if (code && failure?.code !== code)
        throw new Error(
          `${what}: ${failure ? `code ${failure.code} (${failure.message})` : 'no error'}, expected code ${code}`,
        );
      const left = tf.memory().numTensors - before;
      if (left) throw new Error(`${what}: ${left} tensors left behind`);
      const three = tf.add(1, 2);
      if (three.dataSync()[0] !== 3) throw new Error(`${what}: afterwards 1 + 2 is ${three}`);
      three.dispose();
    }
  });
}
