// What the other rows leave: lengths around the width of SIMD on every axis, ranks to 6, nothing at
// all, NaN and infinities, ties, and for ops that move elements every dtype.
import { array, build, fold, map } from './array.mjs';
import { as, bools, each3, floats, ints, row, vector } from './draw.mjs';
import { lines, matMul, moments, moves, reductions, topk } from './ops.mjs';

const EXACT = 0,
  CLOSE = 1e-6;
const LENGTHS = [1, 3, 4, 5, 7, 8, 15, 16, 17, 33];
/** A line of each length as the last axis, the first, one between, and one of six. */
const ALONG = LENGTHS.flatMap((n) => [
  [[n], 0],
  [[3, n], 1],
  [[n, 3], 0],
  [[2, n, 5], 1],
  [[2, 1, 2, n, 1, 2], 3],
]);
const NOTHING = [
  [[0], 0],
  [[0, 3], 0],
  [[2, 0], 1],
  [[2, 0, 3], 1],
  [
    [2, 0, 3],
    [0, 1],
  ],
  [
    [0, 0],
    [0, 1],
  ],
];
const SPECIAL = [
  [NaN],
  [1, NaN, 2],
  [NaN, Infinity],
  [Infinity, 1, 2, 3, 4],
  [-Infinity, 2, 1, 5, 7, 3, 2, 9],
  [-Infinity, -Infinity],
  [Infinity, -Infinity],
  [...new Array(16).fill(1), NaN],
  [NaN, ...new Array(32).fill(-1)],
  [0, -0],
].map((list) => vector(list, 'float32'));

// ---- along an axis ----

/** Results of whole numbers; the euclideanNorm of them is refused. */
const WHOLE = { sum: 'int32', prod: 'int32', mean: 'float32', logSumExp: 'float32' };
const reduction = (name) => () => [
  ...[...ALONG, ...NOTHING].map(([shape, axis]) => {
    const x = name === 'prod' ? floats(shape, 0.8, 1.2) : floats(shape);
    return row(reductions[name](x, axis, false), x, axis, false);
  }),
  ...SPECIAL.map((x) => row(reductions[name](x, 0, true), x, 0, true)),
  ...(name === 'euclideanNorm' ? [] : ALONG).flatMap(([shape, axis]) =>
    [ints(shape, -2, 2), bools(shape)].map((x) =>
      row(as(WHOLE[name] ?? x.dtype, reductions[name](map(x, Number), axis, false)), x, axis, false),
    ),
  ),
];
const running = (name) => () => [
  ...ALONG.flatMap(([shape, axis]) =>
    [floats(shape, 0.5, 1.5), ints(shape, -2, 2)].flatMap((x) =>
      [
        [false, false],
        [true, true],
      ].map((how) => row(as(x.dtype, lines[name](x, axis, ...how)), x, axis, ...how)),
    ),
  ),
  ...SPECIAL.map((x) => row(lines[name](x), x)),
  ...[[0], [0, 3], [2, 0]].map((shape) => {
    const x = floats(shape);
    return row(lines[name](x), x);
  }),
];
const soft = (name) => () => [
  ...ALONG.map(([shape, axis]) => {
    const x = floats(shape, -30, 30);
    return row(lines[name](x, axis), x, axis);
  }),
  ...[
    ...SPECIAL,
    ...SPECIAL.map((x) =>
      array(
        [x.data.length, 2],
        x.data.flatMap((v) => [v, 1]),
      ),
    ),
    floats([2, 0]),
    floats([0, 3]),
  ].map((x) => row(lines[name](x, 0), x, 0)),
];
const most = (name) => () => [
  ...ALONG.flatMap(([shape, axis]) =>
    [floats(shape), ints(shape, 0, 2), bools(shape)].map((x) =>
      row(as('int32', lines[name](map(x, Number), axis)), x, axis),
    ),
  ),
  ...[
    [Infinity, 1],
    [-Infinity, -Infinity],
    [2, 2, 2],
    [0, -0],
  ].map((list) => {
    const x = vector(list, 'float32');
    return row(as('int32', lines[name](x)), x);
  }),
];
const logic = (test) => () =>
  [...ALONG, ...NOTHING].flatMap(([shape, axis]) =>
    [false, true].map((keep) => {
      const x = bools(shape);
      return row(as('bool', fold(x, axis, keep, test)), x, axis, keep);
    }),
  );

// ---- moving ----

const texts = (shape) =>
  as(
    'string',
    build(shape, (_, k) => `text ${k}`),
  );
const complexes = (shape) => as('complex64', { ...floats(shape), imag: floats(shape).data });
const each5 = (shape) => [...each3(shape), texts(shape), complexes(shape)];
/** A move of the elements of x, whatever they are; f may give a list. */
function moved(f, x, ...args) {
  const real = f(x, ...args),
    imag = x.imag ? f(array(x.shape, x.imag), ...args) : null;
  const typed = (y, z) => as(x.dtype, z ? { ...y, imag: z.data } : y);
  return Array.isArray(real) ? real.map((y, i) => typed(y, imag?.[i])) : typed(real, imag);
}
/** Cases [shape, ...arguments] of a move, of elements that `draw` gives. */
const move = (name, cases, draw = each5) => [
  EXACT,
  () => cases.flatMap(([shape, ...args]) => draw(shape).map((x) => row(moved(moves[name], x, ...args), x, ...args))),
];
const several = (x, n) =>
  Array.from({ length: n }, (_, i) => ({ ...x, data: x.data.map((v, k) => x.data[(k + i) % x.data.length]) }));
const joined = (name) => [
  EXACT,
  () =>
    [
      [[3], 0],
      [[2, 3], 1],
      [[2, 0], 1],
      [[17, 5], 0],
      [[2, 1, 3, 1, 2, 2], 4],
      [[2, 1, 3], -1],
    ].flatMap(([shape, axis]) =>
      each5(shape).flatMap((x) =>
        [1, 2, 5].map((n) => {
          const list = several(x, n),
            imag =
              x.imag &&
              moves[name](
                list.map((y) => array(y.shape, y.imag)),
                axis,
              ).data;
          return row(as(x.dtype, { ...moves[name](list, axis), ...(imag && { imag }) }), list, axis);
        }),
      ),
    ),
];
const gathers = [
  [[5], [3], 0, 0],
  [[4, 5], [2, 2], 1, 0],
  [[4, 5, 3], [], -2, 0],
  [[3, 5, 2], [3, 4], 1, 1],
  [[2, 3], [0], 0, 0],
  [[0, 3], [0], 0, 0],
  [[33, 17], [40], 0, 0],
  [[2, 3, 4, 2], [2, 3, 5], 2, 2],
  [[2, 1, 3, 2, 2, 2], [4], 5, 0],
];
const PRODUCTS = [
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [
    [1, 3, 4],
    [6, 4, 1],
  ],
  [
    [2, 1, 2, 3],
    [3, 3, 2],
  ],
  [
    [2, 1, 2, 1, 3, 4],
    [1, 3, 2, 2, 4, 2],
  ],
  [
    [0, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [3, 0],
  ],
  [
    [2, 0],
    [0, 2],
  ],
];

export default {
  ...Object.fromEntries(
    Object.keys(reductions).map((name) => [name, [name === 'prod' ? 2e-6 : CLOSE, reduction(name)]]),
  ),
  cumsum: [2e-6, running('cumsum')],
  cumprod: [2e-6, running('cumprod')],
  softmax: [CLOSE, soft('softmax')],
  logSoftmax: [CLOSE, soft('logSoftmax')],
  argMax: [EXACT, most('argMax')],
  argMin: [EXACT, most('argMin')],
  any: [EXACT, logic((list) => list.some(Boolean))],
  all: [EXACT, logic((list) => list.every(Boolean))],
  moments: [
    CLOSE,
    () =>
      ALONG.map(([shape, axis]) => {
        const x = floats(shape);
        return row(moments(x, [axis], true), x, [axis], true);
      }),
  ],
  topk: [
    EXACT,
    () =>
      [[1], [5], [17], [3, 33], [2, 1, 2, 1, 2, 7]].flatMap((shape) =>
        [0, 1, shape.at(-1)].flatMap((k) =>
          [floats(shape), ints(shape, 0, 3)].map((x) => {
            const { values, indices } = topk(x, k);
            return row({ values: as(x.dtype, values), indices: as('int32', indices) }, x, k);
          }),
        ),
      ),
  ],
  reshape: move('reshape', [
    [
      [2, 3, 4],
      [4, -1],
    ],
    [
      [0, 3],
      [3, 0],
    ],
    [[1], []],
    [[4], [1, 2, 1, 1, 2, 1]],
  ]),
  transpose: move('transpose', [
    [[]],
    [[5]],
    [[0, 3]],
    [[17, 33]],
    [
      [3, 4, 5],
      [1, 0, 2],
    ],
    [
      [3, 4, 5],
      [0, 2, 1],
    ],
    [
      [2, 3, 1, 4, 2, 2],
      [5, 0, 3, 2, 4, 1],
    ],
    [
      [2, 0, 3],
      [1, 2, 0],
    ],
  ]),
  reverse: move(
    'reverse',
    [
      [[5], 0],
      [[0], 0],
      [[2, 3]],
      [[3, 33], [1]],
      [
        [2, 1, 3, 1, 2, 2],
        [0, -2, 5],
      ],
    ],
    each3,
  ),
  slice: move('slice', [
    [[5], [2], [3]],
    [[5], [5], [0]],
    [
      [3, 33],
      [1, 16],
      [2, -1],
    ],
    [
      [2, 3, 2, 3],
      [1, 0, 1, 2],
      [1, 3, 1, 1],
    ],
    [
      [2, 3, 2, 2, 2, 3],
      [1, 1, 0, 1, 0, 1],
      [1, 2, 2, 1, 2, 2],
    ],
  ]),
  stridedSlice: move('stridedSlice', [
    [[17], [15], [0], [-3]],
    [[5], [4], [1], [1]],
    [
      [7, 6],
      [0, -1],
      [7, -7],
      [3, -1],
    ],
    [
      [3, 4, 5],
      [0, 1, 4],
      [3, 4, 0],
      [2, 3, -2],
    ],
  ]),
  tile: move('tile', [
    [[3], [0]],
    [[5], [7]],
    [
      [0, 2],
      [3, 2],
    ],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [1, 2, 1, 3, 1],
      [2, 1, 3, 1, 2],
    ],
  ]),
  broadcastTo: move('broadcastTo', [
    [[], [2, 3]],
    [[1], [0]],
    [
      [3, 1],
      [2, 3, 17],
    ],
    [
      [1, 2, 1, 3, 1, 1],
      [2, 2, 3, 3, 1, 4],
    ],
  ]),
  pad: move(
    'pad',
    [
      [[3], [[2, 0]]],
      [[0], [[1, 2]]],
      [
        [2, 3, 1],
        [
          [0, 0],
          [1, 2],
          [3, 0],
        ],
      ],
      [
        [2, 1, 2, 1, 2, 1],
        [
          [1, 0],
          [0, 1],
          [0, 0],
          [2, 1],
          [0, 0],
          [1, 1],
        ],
      ],
    ],
    each3,
  ),
  mirrorPad: move(
    'mirrorPad',
    [
      [[5], [[4, 3]], 'reflect'],
      [[5], [[5, 5]], 'symmetric'],
      [
        [2, 3, 4],
        [
          [1, 1],
          [2, 0],
          [0, 3],
        ],
        'reflect',
      ],
      [
        [2, 3, 2, 3],
        [
          [1, 2],
          [0, 3],
          [2, 2],
          [3, 1],
        ],
        'symmetric',
      ],
    ],
    each3,
  ),
  unstack: move('unstack', [
    [[3], 0],
    [[4, 0], 0],
    [[3, 4], 1],
    [[2, 3, 17], -1],
    [[2, 1, 2, 1, 3, 2], 4],
  ]),
  split: [
    EXACT,
    () =>
      [
        [[6], 3, 0],
        [[2, 6], 2, 1],
        [[4, 3], [1, 0, 3], 0],
        [[2, 1, 4, 1, 2, 1], [3, -1], 2],
        [[0, 4], 2, 1],
      ].flatMap(([shape, parts, axis]) =>
        each5(shape).map((x) => {
          const n = shape[axis],
            sizes = Array.isArray(parts)
              ? parts.map((p) => (p < 0 ? n - parts.filter((q) => q > 0).reduce((a, b) => a + b, 0) : p))
              : new Array(parts).fill(n / parts);
          return row(moved(moves.split, x, sizes, axis), x, parts, axis);
        }),
      ),
  ],
  concat: joined('concat'),
  stack: joined('stack'),
  gather: [
    EXACT,
    () =>
      gathers.flatMap(([shape, lead, axis, batch]) =>
        each5(shape).map((x) => {
          const indices = ints(lead, 0, shape.at(axis) - 1);
          return row(moved(moves.gather, x, indices, axis, batch), x, indices, axis, batch);
        }),
      ),
  ],
  oneHot: [
    EXACT,
    () =>
      [[], [0], [17], [2, 3]].flatMap((shape) =>
        [2, 4, 9].map((depth) => {
          const x = ints(shape, -1, 9);
          return row(moves.oneHot(x, depth), x, depth);
        }),
      ),
  ],
  matMul: [
    CLOSE,
    () =>
      PRODUCTS.flatMap(([p, q]) =>
        [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ].map(([ta, tb]) => {
          const turned = (shape, turn) => (turn ? [...shape.slice(0, -2), shape.at(-1), shape.at(-2)] : shape),
            a = floats(turned(p, ta)),
            b = floats(turned(q, tb));
          return row(matMul(a, b, ta, tb), a, b, ta, tb);
        }),
      ),
  ],
};
