// Ops against references in double that share nothing with the kernels (tests/lib/reference): dtypes,
// broadcasting, ranks 0 to 6, nothing at all, NaN and infinities, sizes around the width of SIMD.
// A result may differ from its reference by `bound` times the larger of 1 and the value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync } from 'node:fs';
import { argumentsOf, numbers } from '../lib/ops.mjs';
import { keep } from '../lib/table.mjs';
import { array, build, fold, map, sizeOf, sum, zip } from '../lib/reference/array.mjs';
import { binary, logical, MAGNITUDES, SPECIALS, unary, wrapping } from '../lib/reference/elementwise.mjs';
import { continuous, deviation, distance, UNLIKELY } from '../lib/reference/distributions.mjs';
import { known } from '../lib/reference/device.mjs';
import { check, checkAll, dtypesJudged, given, lowered, note, numeric, tf } from '../lib/reference/judge.mjs';
import * as ref from '../lib/reference/ops.mjs';
import complexes from '../lib/reference/rows_complex.mjs';
import edges from '../lib/reference/rows_edges.mjs';
import images from '../lib/reference/rows_images.mjs';
import indices from '../lib/reference/rows_index.mjs';
import nets from '../lib/reference/rows_nets.mjs';
import signals from '../lib/reference/rows_signals.mjs';
import values from '../lib/reference/rows_values.mjs';

const { ops } = JSON.parse(readFileSync(new URL('../../build/gen/ops.json', import.meta.url), 'utf8'));
const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 33, 1000];
const SHAPES = [[], [0], [5], [2, 0, 3], [2, 3], [3, 1, 4], [2, 3, 1, 2], [1, 2, 2, 1, 3], [2, 1, 2, 1, 2, 3]];
const CLOSE = 1e-6,
  EXACT = 0;
const random = numbers(7),
  between = (low, high) => low + ((high - low) * (random() + 1)) / 2;
const whole = (low, high) => Math.floor(between(low, high + 0.999));

const floats = (shape, low = -2, high = 2) => build(shape, () => Math.fround(between(low, high)));
const ints = (shape, low = -9, high = 9) => build(shape, () => whole(low, high));
const bools = (shape) => build(shape, () => random() > 0);
/** A result, or nothing where it is refused with this code: an op need not take every dtype. */
function orRefused(f, code) {
  try {
    return f();
  } catch (error) {
    assert.equal(error.code, code);
    return null;
  }
}

for (const [name, [f, [low, high], units]] of Object.entries(unary))
  numeric(name, () => {
    for (const shape of [...LENGTHS.map((n) => [n]), ...SHAPES]) {
      const x = floats(shape, low, high);
      check(`${name} [${shape}]`, tf[name](given(x)), array(shape, x.data.map(f)), { units });
    }
    for (const [x, dtype] of [
      [ints([33], Math.max(low, -9), Math.min(high, 9)), 'int32'],
      [bools([17]), 'bool'],
    ]) {
      const y = orRefused(() => tf[name](given(x, dtype)), 'dtype'),
        cut = y?.dtype === 'int32' ? Math.trunc : Number;
      if (y)
        check(
          `${name} of ${dtype}`,
          y,
          array(
            x.shape,
            x.data.map((v) => cut(f(Number(v)))),
          ),
          { units },
        );
    }
    for (const list of [SPECIALS, MAGNITUDES])
      check(
        `${name} of ${list.slice(0, 5)}, ...`,
        tf[name](given(array([list.length], list))),
        array([list.length], list.map(f)),
        { units },
      );
  });

const PAIRS = [
  [[], []],
  [[3], []],
  [[], [2, 3]],
  [[0], [1]],
  [[2, 3], [3]],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [
    [2, 1, 4, 1],
    [3, 1, 5],
  ],
  [[17], [17]],
  [[33, 5], [5]],
  [
    [5, 33],
    [5, 1],
  ],
  [
    [1, 2, 1, 3, 1, 2],
    [2, 2, 1, 2, 1],
  ],
  [[2, 0, 3], [3]],
];

const EXTREMES = known([...SPECIALS, 1, -1, 2, -2.5, 3, 7, 1e30, -1e30, 1e-30, 2 ** -149, 3.4e38].map(Math.fround));
const ENDS = [0, 1, -1, 2, -3, 7, 46341, 65536, 2 ** 31 - 1, -(2 ** 31)];

for (const [name, [f, ofInts, units, interval]] of Object.entries(binary))
  numeric(name, () => {
    const compares = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'].includes(name);
    for (const [p, q] of PAIRS) {
      const a = interval ? floats(p, ...interval) : floats(p),
        b = floats(q, ...(interval ?? [0.5, 4]));
      check(
        `${name} [${p}] [${q}]`,
        tf[name](given(a), given(b)),
        zip(a, b, f),
        { units },
        compares ? 'bool' : 'float32',
      );
      const i = ints(p, name === 'pow' ? 1 : -9),
        j = ints(q, name === 'pow' ? 0 : 1, 5);
      check(
        `${name} int32 [${p}] [${q}]`,
        tf[name](given(i, 'int32'), given(j, 'int32')),
        zip(i, j, name === 'atan2' ? (u, v) => Math.trunc(f(u, v)) : (ofInts ?? f)),
        EXACT,
        compares ? 'bool' : 'int32',
      );
      check(
        `${name} int32 with float32`,
        tf[name](given(j, 'int32'), given(b)),
        zip(j, b, f),
        { units },
        compares ? 'bool' : 'float32',
      );
    }
    const crossed = (list, dtype) =>
      [0, 1].map((i) =>
        given(
          build([list.length, list.length], (index) => list[index[i]]),
          dtype,
        ),
      );
    const square = (list, g) => build([list.length, list.length], ([i, j]) => g(list[i], list[j]));
    check(`${name} of specials`, tf[name](...crossed(EXTREMES)), square(EXTREMES, f), { units });
    const g = wrapping[name] ?? (compares && f);
    if (g) check(`${name} at the ends of int32`, tf[name](...crossed(ENDS, 'int32')), square(ENDS, g), EXACT);
  });

for (const [name, f] of Object.entries(logical))
  numeric(name, () => {
    for (const [p, q] of PAIRS) {
      const a = bools(p),
        b = bools(q);
      check(name, tf[name](given(a, 'bool'), given(b, 'bool')), zip(a, b, f), EXACT, 'bool');
    }
  });

const AXES = [
  [[], undefined],
  [[5], 0],
  [[33], undefined],
  [[1000], 0],
  [[2, 3], 0],
  [[2, 3], 1],
  [
    [4, 5, 6],
    [0, 2],
  ],
  [[4, 5, 6], 1],
  [[4, 5, 6], -1],
  [
    [2, 3, 1, 2],
    [1, 2],
  ],
  [
    [2, 1, 2, 1, 2, 3],
    [0, 3, 5],
  ],
  [[3, 17, 9], undefined],
  [[2, 0, 3], 0],
];

for (const [name, f] of Object.entries(ref.reductions))
  numeric(name, () => {
    for (const [shape, axis] of AXES)
      for (const keep of [false, true]) {
        if (name === 'euclideanNorm' && Array.isArray(axis) && axis.length > 2) continue; // takes two axes at most
        const x = name === 'prod' ? floats(shape, 0.9, 1.1) : floats(shape);
        check(
          `${name} [${shape}] axis ${axis}`,
          tf[name](given(x), axis, keep),
          f(x, axis, keep),
          name === 'prod' ? 1e-5 : CLOSE,
        );
        if (!['sum', 'max', 'min'].includes(name) || shape.includes(0)) continue;
        const i = ints(shape);
        check(`${name} int32 [${shape}]`, tf[name](given(i, 'int32'), axis, keep), f(i, axis, keep), EXACT, 'int32');
      }
    const x = array([3], [1, NaN, 2]);
    if (name !== 'logSumExp') check(`${name} of NaN`, tf[name](given(x)), array([], [NaN]), EXACT);
  });

numeric('any, all', () => {
  for (const [shape, axis] of AXES) {
    const x = bools(shape);
    check(
      'any',
      tf.any(given(x, 'bool'), axis),
      fold(x, axis, false, (list) => list.some(Boolean)),
      EXACT,
      'bool',
    );
    check(
      'all',
      tf.all(given(x, 'bool'), axis),
      fold(x, axis, false, (list) => list.every(Boolean)),
      EXACT,
      'bool',
    );
  }
});

/** Sums of ten million elements, in blocks: by rows, by columns, of products, of exponentials, running. */
for (const [low, high] of [
  [0, 1],
  [1000, 1001],
  [-3, 20],
])
  numeric(`ten million from ${low} to ${high}`, () => {
    const n = 1e7,
      x = tf.randomUniform([n], low, high, 'float32', 5),
      values = x.dataSync(),
      columns = tf.reshape(x, [n / 2, 2]);
    const total = (f) => {
      let t = 0;
      for (let i = 0; i < n; i++) t += f(values[i], i);
      return t;
    };
    const mean = total((v) => v) / n,
      squares = total((v) => v * v),
      first = total((v, i) => (i % 2 ? 0 : v)),
      spread = total((v) => (v - mean) ** 2) / n;
    const logSum = Math.log(total((v) => Math.exp(v - high))) + high;
    const near = (what, result, want, bound = 1e-6, k = 0) => {
      const got = result.dataSync().at(k);
      assert.ok(Math.abs(got - want) <= bound * Math.abs(want), `${what}: ${got}, should be ${want}`);
    };
    (near('sum', tf.sum(x), mean * n), near('mean', tf.mean(x), mean), near('norm', tf.norm(x), Math.sqrt(squares)));
    (near('sum of columns', tf.sum(columns, 0), first), near('mean of columns', tf.mean(columns, 0), first / (n / 2)));
    (near('mean of moments', tf.moments(x).mean, mean), near('variance', tf.moments(x).variance, spread));
    (near('euclideanNorm', tf.euclideanNorm(x), Math.sqrt(squares)),
      near('norm of order 1', tf.norm(x, 1), total(Math.abs)));
    (near('dot', tf.dot(x, x), squares), near('einsum', tf.einsum('i,i->', x, x), squares));
    near('matMul with columns', tf.matMul(tf.reshape(x, [1, n]), tf.reshape(x, [n, 1])), squares);
    const blocks = n / 2 / 512; // of a product of matrices, added one by one in float32
    near(
      'matMul of rows with columns',
      tf.matMul(columns, columns, true),
      total((v, i) => (i % 2 ? 0 : v * v)),
      blocks * 2 ** -24,
    );
    near('logSumExp', tf.logSumExp(x), logSum);
    near(
      'logSumExp of columns',
      tf.logSumExp(columns, 0),
      Math.log(total((v, i) => (i % 2 ? 0 : Math.exp(v - high)))) + high,
    );
    near('logSoftmax', tf.logSoftmax(x), values[0] - logSum);
    near('cumsum', tf.cumsum(x), mean * n, 1e-6, -1);
  });

for (const [name, f] of Object.entries(ref.lines))
  numeric(name, () => {
    for (const [shape, axis] of [
      [[5], 0],
      [[33], 0],
      [[2, 3], 0],
      [[2, 3], 1],
      [[4, 5, 6], 2],
      [[4, 5, 6], -1],
      [[2, 17], 1],
    ]) {
      const x = floats(shape);
      check(`${name} [${shape}] ${axis}`, tf[name](given(x), axis), f(x, axis), CLOSE);
      if (!name.startsWith('cum')) continue;
      for (const [exclusive, reverse] of [
        [true, false],
        [false, true],
        [true, true],
      ])
        check(
          `${name} ${exclusive} ${reverse}`,
          tf[name](given(x), axis, exclusive, reverse),
          f(x, axis, exclusive, reverse),
          CLOSE,
        );
    }
  });

numeric('topk, moments', () => {
  for (const shape of [[5], [3, 17], [2, 3, 33]]) {
    const x = floats(shape),
      top = tf.topk(given(x), 3),
      want = ref.topk(x, 3);
    (check('values', top.values, want.values, EXACT), check('indices', top.indices, want.indices, EXACT, 'int32'));
    const m = tf.moments(given(x), [shape.length - 1]),
      e = ref.moments(x, shape.length - 1);
    (check('mean', m.mean, e.mean, CLOSE), check('variance', m.variance, e.variance, CLOSE));
  }
});

const M = ref.moves;
const MOVES = [
  ['reshape', [2, 3, 4], [[4, -1]]],
  ['reshape', [0, 3], [[3, 0]]],
  ['transpose', [2, 3, 4], []],
  ['transpose', [2, 3, 4, 5], [[2, 0, 3, 1]]],
  ['transpose', [33, 17], []],
  ['reverse', [3, 4], [1]],
  ['reverse', [2, 3, 2], [[0, 2]]],
  [
    'slice',
    [4, 5],
    [
      [1, 2],
      [2, -1],
    ],
  ],
  [
    'slice',
    [3, 4, 5, 2, 2],
    [
      [0, 1, 2, 0, 1],
      [3, 2, 3, 2, 1],
    ],
  ],
  [
    'stridedSlice',
    [7, 6],
    [
      [1, 5],
      [7, 0],
      [2, -2],
    ],
  ],
  ['stridedSlice', [5], [[-4], [-1], [1]]],
  [
    'pad',
    [2, 3],
    [
      [
        [1, 2],
        [0, 1],
      ],
      7,
    ],
  ],
  [
    'pad',
    [2, 1, 3, 2],
    [
      [
        [0, 0],
        [1, 0],
        [0, 2],
        [1, 1],
      ],
    ],
  ],
  [
    'mirrorPad',
    [3, 4],
    [
      [
        [2, 1],
        [1, 2],
      ],
      'reflect',
    ],
  ],
  [
    'mirrorPad',
    [3, 4],
    [
      [
        [2, 1],
        [3, 4],
      ],
      'symmetric',
    ],
  ],
  ['tile', [2, 3], [[2, 3]]],
  ['tile', [2, 1, 3], [[1, 4, 2]]],
  ['broadcastTo', [3, 1], [[2, 3, 4]]],
  ['diag', [4], []],
  ['diag', [2, 2], []],
];

for (const [name, shape, args] of MOVES)
  numeric(`${name} [${shape}]`, () => {
    for (const [x, dtype] of [
      [floats(shape), 'float32'],
      [ints(shape), 'int32'],
      [bools(shape), 'bool'],
    ]) {
      const value = dtype === 'bool' && typeof args[1] === 'number' ? [args[0], 1] : args;
      check(name, tf[name](given(x, dtype), ...value), M[name](x, ...value), EXACT, dtype);
    }
  });

numeric('depthToSpace, gather, oneHot, where', () => {
  const x = floats([2, 3, 2, 12]);
  check('depthToSpace', tf.depthToSpace(given(x), 2), M.depthToSpace(x, 2), EXACT);
  for (const [shape, at, axis, batch] of [
    [[5], [3], 0, 0],
    [[4, 5], [2, 2], 1, 0],
    [[4, 5, 3], [], 1, 0],
    [[3, 5, 2], [3, 4], 1, 1],
    [[2, 3], [0], 0, 0],
  ]) {
    const y = floats(shape),
      index = build(at, () => whole(0, shape[axis] - 1));
    check(
      `gather [${shape}] [${at}]`,
      tf.gather(given(y), given(index, 'int32'), axis, batch),
      M.gather(y, index, axis, batch),
      EXACT,
    );
  }
  const classes = build([3, 4], () => whole(-1, 5));
  check('oneHot', tf.oneHot(given(classes, 'int32'), 5, 2, -1), M.oneHot(classes, 5, 2, -1), EXACT);
  for (const [p, q] of PAIRS) {
    const c = bools(p),
      a = floats(p),
      b = floats(q);
    check('where', tf.where(given(c, 'bool'), given(a), given(b)), M.where(c, a, b), EXACT);
  }
});

numeric('concat, stack, split, unstack', () => {
  for (const [shape, axis] of [
    [[3], 0],
    [[2, 3], 1],
    [[2, 3, 4], -2],
    [[33, 17], 0],
  ]) {
    const list = [floats(shape), floats(shape), floats(shape)],
      a = axis < 0 ? axis + shape.length : axis;
    check(
      'concat',
      tf.concat(
        list.map((x) => given(x)),
        axis,
      ),
      M.concat(list, a),
      EXACT,
    );
    check(
      'stack',
      tf.stack(
        list.map((x) => given(x)),
        a,
      ),
      M.stack(list, a),
      EXACT,
    );
    const sizes = [1, shape[a] - 1];
    tf.split(given(list[0]), sizes, axis).forEach((part, i) =>
      check('split', part, M.split(list[0], sizes, a)[i], EXACT),
    );
    tf.unstack(given(list[0]), a).forEach((part, i) => check('unstack', part, M.unstack(list[0], a)[i], EXACT));
  }
});

const size = (x) => map(x, Math.abs);

numeric('matMul, dot, einsum', () => {
  for (const [m, k, n] of [
    [1, 1, 1],
    [3, 4, 5],
    [4, 8, 16],
    [5, 7, 33],
    [17, 65, 9],
    [1, 300, 40],
    [40, 300, 1],
    [2, 0, 3],
    [33, 33, 33],
  ])
    for (const [ta, tb] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const a = floats(ta ? [k, m] : [m, k]),
        b = floats(tb ? [n, k] : [k, n]);
      const scale = ref.matMul(size(a), size(b), ta, tb).data; // rounding is of the size of what is added
      check(`matMul ${m} ${k} ${n} ${ta} ${tb}`, tf.matMul(given(a), given(b), ta, tb), ref.matMul(a, b, ta, tb), {
        of: 3e-7,
        scale,
      });
    }
  const a = floats([2, 1, 3, 4]),
    b = floats([5, 4, 2]);
  check('batches', tf.matMul(given(a), given(b)), ref.matMul(a, b), CLOSE);
  for (const [equation, ...shapes] of [
    ['ij,jk->ik', [3, 4], [4, 5]],
    ['bij,bjk->bik', [2, 3, 4], [2, 4, 2]],
    ['ij->ji', [3, 4]],
    ['ij->', [3, 4]],
    ['i,j->ij', [3], [4]],
    ['abc,cd->abd', [2, 3, 4], [4, 2]],
    ['ab,bc,cd->ad', [2, 3], [3, 4], [4, 2]],
  ]) {
    const xs = shapes.map((shape) => floats(shape));
    check(equation, tf.einsum(equation, ...xs.map((x) => given(x))), ref.einsum(equation, ...xs), 2e-6);
  }
});

numeric('convolution and pooling', () => {
  for (const [x, f, strides, pad, dilations] of [
    [[1, 5, 5, 1], [3, 3, 1, 1], 1, 'valid', 1],
    [[2, 7, 6, 3], [3, 2, 3, 5], [2, 1], 'same', 1],
    [[1, 9, 9, 4], [3, 3, 4, 8], 1, 'same', 2],
    [[2, 8, 8, 5], [1, 1, 5, 17], 1, 'valid', 1],
    [[1, 12, 5, 2], [5, 1, 2, 4], 3, 2, 1],
  ]) {
    const image = floats(x),
      filter = floats(f),
      deep = floats([f[0], f[1], x[3], 2]);
    check(
      `conv2d [${x}] [${f}]`,
      tf.conv2d(given(image), given(filter), strides, pad, 'NHWC', dilations),
      ref.conv(image, filter, strides, pad, dilations),
      4e-6,
    );
    check(
      `depthwiseConv2d [${x}]`,
      tf.depthwiseConv2d(given(image), given(deep), strides, pad, 'NHWC', dilations),
      ref.depthwise(image, deep, strides, pad, dilations),
      4e-6,
    );
    for (const kind of ['max', 'avg'])
      if (pad !== 2)
        check(
          `${kind}Pool [${x}]`,
          tf[`${kind}Pool`](given(image), [f[0], f[1]], strides, pad),
          ref.pooled(image, [f[0], f[1]], strides, pad, kind),
          CLOSE,
        );
  }
  const box = floats([1, 4, 5, 4, 2]),
    filter = floats([2, 3, 2, 2, 3]);
  check(
    'conv3d',
    tf.conv3d(given(box), given(filter), [1, 2, 1], 'same'),
    ref.conv(box, filter, [1, 2, 1], 'same', 1),
    4e-6,
  );
  for (const kind of ['max', 'avg'])
    check(
      `${kind}Pool3d`,
      tf[`${kind}Pool3d`](given(box), 2, 2, 'valid'),
      ref.pooled(box, [2, 2, 2], 2, 'valid', kind),
      CLOSE,
    );
});

numeric('batchNorm, resizeBilinear, fft', () => {
  const x = floats([2, 3, 4, 5]),
    row = () => floats([5], 0.5, 2),
    [m, v, o, s] = [row(), row(), row(), row()];
  check(
    'batchNorm',
    tf.batchNorm(given(x), given(m), given(v), given(o), given(s)),
    ref.batchNorm(x, m, v, o, s),
    2e-6,
  );
  for (const [size, align, half] of [
    [[6, 8], false, false],
    [[2, 3], true, false],
    [[7, 5], false, true],
  ])
    check(
      `resizeBilinear ${size}`,
      tf.image.resizeBilinear(given(x), size, align, half),
      ref.resizeBilinear(x, size, align, half),
      2e-6,
    );
  for (const n of [1, 2, 3, 4, 5, 8, 12, 16, 17, 31, 64, 100]) {
    const re = floats([2, n]),
      im = floats([2, n]),
      z = tf.complex(given(re), given(im));
    for (const inverse of [false, true]) {
      const got = inverse ? tf.ifft(z) : tf.fft(z),
        [r, i] = ref.dft(re, im, inverse);
      const most = Math.max(1, ...r.data.map(Math.abs), ...i.data.map(Math.abs));
      check(`fft ${n}, inverse ${inverse}`, got, { ...r, imag: i.data }, 1e-6 * most, 'complex64');
    }
  }
});

test('numerics: sums in double are right themselves', () => {
  assert.equal(sum([1e16, 1, -1e16]), 1);
  assert.equal(sizeOf([2, 3, 4]), 24);
});

const brief = (args) =>
  args
    .map((x) =>
      x?.data
        ? `${x.dtype ?? ''} [${x.shape}]`
        : Array.isArray(x) && x[0]?.data
          ? `${x.length} of ${brief(x)}`
          : JSON.stringify(x),
    )
    .join(', ');

for (const [path, [bound, cases]] of [values, nets, images, indices, signals, edges, complexes].flatMap(Object.entries))
  numeric(`${path}, by its rows`, () => {
    const f = path.split('.').reduce((owner, key) => owner[key], tf);
    for (const { args, want } of cases()) checkAll(`${path}(${brief(args)})`, f(...lowered(args)), want, bound);
  });

// ---- random numbers: their distributions, and the same again for the same seed ----

const MANY = [20000];

for (const [name, calls] of Object.entries(continuous))
  numeric(name, () => {
    for (const [parameters, share] of calls) {
      const draw = (seed) => tf[name](MANY, ...parameters, 'float32', seed);
      const x = draw(1),
        far = distance(x.dataSync(), share);
      assert.ok(far < UNLIKELY, `${name}(${parameters}): its distribution is off by ${far}`);
      assert.deepEqual(x.dataSync(), draw(1).dataSync());
      assert.notDeepEqual(x.dataSync(), draw(2).dataSync());
      note(x);
    }
  });

const tally = (values, n) => Array.from(values).reduce((counts, v) => (counts[v]++, counts), new Array(n).fill(0));

numeric('randomUniformInt, multinomial, dropout', () => {
  const whole = tf.randomUniformInt(MANY, -2, 3, 9),
    counts = tally(
      whole.dataSync().map((v) => v + 2),
      5,
    );
  assert.ok(
    deviation(
      counts,
      counts.map(() => 0.2),
    ) < 4,
    `randomUniformInt: ${counts}`,
  );
  note(whole);
  const chances = [0.1, 0.2, 0.3, 0.4],
    logits = tf.tensor(chances.map((p) => Math.log(p) + 5));
  for (const events of [tf.multinomial(logits, MANY[0], 4), tf.multinomial(tf.tensor(chances), MANY[0], 5, true)]) {
    const drawn = tally(events.dataSync(), 4);
    assert.ok(deviation(drawn, chances) < 4, `multinomial: ${drawn}`);
    note(events);
  }
  const x = floats(MANY, 1, 2),
    left = tf.dropout(given(x), 0.3, null, 6),
    values = left.dataSync();
  assert.ok(
    deviation(
      tally(
        values.map((v) => Number(v !== 0)),
        2,
      ),
      [0.3, 0.7],
    ) < 4,
  );
  values.forEach((v, i) => assert.ok(v === 0 || Math.abs(v - x.data[i] / 0.7) < 1e-6 * v));
  note(left);
});

// ---- references that stand in an op's manual, and none left out ----

const arrays = (value) => (value instanceof tf.Tensor ? value.arraySync() : value);
const other = (value) => (Array.isArray(value) ? value.map(other) : Math.fround(between(-2, 2)));

for (const op of ops.filter(({ reference }) => reference))
  numeric(`${op.path}, by its manual`, () => {
    const f = op.path.split('.').reduce((owner, key) => owner[key], tf),
      reference = new Function(`return (${op.reference});`)();
    for (const example of op.examples) {
      const args = argumentsOf(tf, op, example).map((value, i) =>
        op.params[i].kind === 'tensor' ? other(arrays(value)) : value,
      );
      const result = f(...args),
        want = tf.tensor(reference(...args));
      check(`${op.path}(${JSON.stringify(args)})`, result, { shape: want.shape, data: want.dataSync() }, CLOSE);
    }
  });

test('numerics: every op has a reference', () => {
  const dtypes = dtypesJudged();
  keep('references', dtypes);
  assert.deepEqual(
    ops.filter(({ path }) => !dtypes[path]).map(({ path }) => path),
    [],
    'ops without a reference in double: a line " = (x) => ..." in the manual, or a row in tests/lib/reference',
  );
});
