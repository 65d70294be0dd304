// References of ops that make tensors, reshape them or change each element by itself.
import { array, at, broadcastShape, build, map, place, sizeOf, zip } from './array.mjs';
import { matMul } from './ops.mjs';
import { as, bools, each3, floats, ints, row, vector } from './draw.mjs';

const EXACT = 0,
  CLOSE = 4e-7,
  SHAPES = [[], [0], [5], [17], [2, 0, 3], [3, 33], [2, 1, 2, 1, 2, 3]];
const over = (f) => () => SHAPES.flatMap(f);
const dtyped = (dtype, f) => (x) => as(dtype, map(x, f));
const constant = (value) => (x) =>
  as(
    x.dtype,
    map(x, () => value),
  );
const truncated = { float32: Number, int32: Math.trunc, bool: (v) => Number(v !== 0) };
const filled = (shape, value, dtype = 'float32') =>
  as(
    dtype,
    build(shape, () => value),
  );

export default {
  logicalNot: [
    EXACT,
    over((shape) => {
      const x = bools(shape);
      return row(dtyped('bool', (v) => !v)(x), x);
    }),
  ],
  leakyRelu: [
    CLOSE,
    over((shape) => {
      const x = floats(shape),
        f = (a) => (v) => (v < 0 ? a * v : v);
      return [row(map(x, f(0.2)), x), row(map(x, f(0.05)), x, 0.05)];
    }),
  ],
  step: [
    EXACT,
    over((shape) => {
      const x = floats(shape);
      return [
        row(
          map(x, (v) => (v > 0 ? 1 : 0)),
          x,
        ),
        row(
          map(x, (v) => (v > 0 ? 1 : 3)),
          x,
          3,
        ),
      ];
    }),
  ],
  clipByValue: [
    EXACT,
    over((shape) => {
      const x = floats(shape),
        i = ints(shape),
        f = (low, high) => (v) => Math.min(Math.max(v, low), high);
      return [row(map(x, f(-0.5, 1.25)), x, -0.5, 1.25), row(as('int32', map(i, f(-3, 4))), i, -3, 4)];
    }),
  ],
  prelu: [
    CLOSE,
    () =>
      [
        [[5], [5]],
        [[2, 3], [3]],
        [[4, 1, 3], []],
        [[2, 0], [1]],
      ].map(([p, q]) => {
        const x = floats(p),
          a = floats(q);
        return row(
          zip(x, a, (v, s) => (v < 0 ? s * v : v)),
          x,
          a,
        );
      }),
  ],
  addN: [
    CLOSE,
    () =>
      [
        [[5], 1],
        [[2, 3], 4],
        [[0], 2],
        [[], 3],
        [[33], 7],
      ].flatMap(([shape, n]) =>
        [floats, ints].map((make) => {
          const list = Array.from({ length: n }, () => make(shape));
          return row(
            as(
              list[0].dtype,
              build(shape, (_, k) => list.reduce((s, x) => s + x.data[k], 0)),
            ),
            list,
          );
        }),
      ),
  ],
  bitwiseAnd: [
    EXACT,
    over((shape) => {
      const a = ints(shape, -99999, 99999),
        b = ints(shape, -9999, 9999);
      return row(
        as(
          'int32',
          build(shape, (_, k) => a.data[k] & b.data[k]),
        ),
        a,
        b,
      );
    }),
  ],
  clone: [EXACT, over((shape) => each3(shape).map((x) => row(x, x)))],
  cast: [
    EXACT,
    over((shape) =>
      each3(shape).flatMap((x) =>
        Object.entries(truncated).map(([dtype, f]) =>
          row(
            as(
              dtype,
              map(x, (v) => f(Number(v))),
            ),
            x,
            dtype,
          ),
        ),
      ),
    ),
  ],
  zerosLike: [EXACT, over((shape) => each3(shape).map((x) => row(constant(0)(x), x)))],
  onesLike: [EXACT, over((shape) => each3(shape).map((x) => row(constant(1)(x), x)))],
  zeros: [EXACT, over((shape) => ['float32', 'int32', 'bool'].map((d) => row(filled(shape, 0, d), shape, d)))],
  ones: [EXACT, over((shape) => ['float32', 'int32', 'bool'].map((d) => row(filled(shape, 1, d), shape, d)))],
  fill: [
    EXACT,
    over((shape) => [row(filled(shape, -2.5), shape, -2.5), row(filled(shape, 7, 'int32'), shape, 7, 'int32')]),
  ],
  reshape: [
    EXACT,
    () =>
      each3([2, 3, 4]).flatMap((x) =>
        [[24], [4, -1], [2, 1, 12], [1, 2, 3, 4, 1]].map((shape) =>
          row(
            as(
              x.dtype,
              array(
                shape.map((n) => (n < 0 ? 24 / sizeOf(shape.filter((m) => m > 0)) : n)),
                x.data,
              ),
            ),
            x,
            shape,
          ),
        ),
      ),
  ],
  expandDims: [
    EXACT,
    over((shape) =>
      each3(shape).flatMap((x) =>
        [0, shape.length, -1].map((axis) => {
          const to = shape.slice();
          to.splice(axis < 0 ? shape.length + 1 + axis : axis, 0, 1);
          return row(as(x.dtype, array(to, x.data)), x, axis);
        }),
      ),
    ),
  ],
  squeeze: [
    EXACT,
    () =>
      [
        [[1, 3, 1], undefined],
        [[1, 3, 1], [0]],
        [[1, 3, 1], [-1]],
        [
          [1, 1],
          [0, 1],
        ],
        [[2, 1, 0], undefined],
      ].flatMap(([shape, axis]) =>
        each3(shape).map((x) => {
          const gone = axis?.map((a) => (a < 0 ? a + shape.length : a));
          return row(
            as(
              x.dtype,
              array(
                shape.filter((n, i) => (gone ? !gone.includes(i) : n !== 1)),
                x.data,
              ),
            ),
            x,
            axis,
          );
        }),
      ),
  ],
  ensureShape: [
    EXACT,
    () =>
      [
        [
          [2, 3],
          [2, -1],
        ],
        [[0], [0]],
        [[], []],
      ].map(([shape, want]) => {
        const x = floats(shape);
        return row(x, x, want);
      }),
  ],
  meshgrid: [
    EXACT,
    () =>
      [
        [3, 2],
        [1, 5],
        [0, 2],
      ].flatMap(([n, m]) => {
        const x = floats([n]),
          y = floats([m]);
        return [
          row([build([m, n], ([, j]) => x.data[j]), build([m, n], ([i]) => y.data[i])], x, y),
          row([build([n, m], ([i]) => x.data[i]), build([n, m], ([, j]) => y.data[j])], x, y, { indexing: 'ij' }),
        ];
      }),
  ],
  broadcastArgs: [
    EXACT,
    () =>
      [
        [
          [1, 4],
          [3, 1, 1],
        ],
        [[2, 3], [3]],
        [[5], [1, 5]],
      ].map(([a, b]) => row(vector(broadcastShape(a, b)), vector(a), vector(b))),
  ],
  linspace: [
    1e-6,
    () =>
      [
        [0, 9, 4],
        [-1, 1, 33],
        [5, -5, 7],
        [3, 8, 1],
      ].map(([a, b, n]) =>
        row(
          vector(
            Array.from({ length: n }, (_, i) => (n === 1 ? a : a + ((b - a) * i) / (n - 1))),
            'float32',
          ),
          a,
          b,
          n,
        ),
      ),
  ],
  range: [
    1e-6,
    () =>
      [
        [0, 9, 2],
        [5, 0, -1.5],
        [0, 0, 1],
        [-3, 30, 1],
        [0, 1, 0.125],
      ].map(([a, b, s]) =>
        row(
          vector(
            Array.from({ length: Math.max(0, Math.ceil((b - a) / s)) }, (_, i) => a + i * s),
            'float32',
          ),
          a,
          b,
          s,
        ),
      ),
  ],
  eye: [
    EXACT,
    () =>
      [
        [
          row(
            build([3, 3], ([i, j]) => Number(i === j)),
            3,
          ),
        ],
        [
          row(
            build([2, 5], ([i, j]) => Number(i === j)),
            2,
            5,
          ),
        ],
        [
          row(
            as(
              'int32',
              build([2, 3, 4, 2], ([, , i, j]) => Number(i === j)),
            ),
            4,
            2,
            [2, 3],
            'int32',
          ),
        ],
      ].flat(),
  ],
  outerProduct: [
    CLOSE,
    () =>
      [
        [3, 2],
        [1, 17],
        [33, 5],
        [0, 2],
      ].map(([n, m]) => {
        const a = floats([n]),
          b = floats([m]);
        return row(
          build([n, m], ([i, j]) => a.data[i] * b.data[j]),
          a,
          b,
        );
      }),
  ],
  dot: [
    8e-6,
    () =>
      /* 33 products of up to 4 are summed */ [
        [[5], [5]],
        [[3, 4], [4]],
        [[4], [4, 3]],
        [
          [17, 33],
          [33, 5],
        ],
      ].map(([p, q]) => {
        const a = floats(p),
          b = floats(q),
          left = array([p.length > 1 ? p[0] : 1, p.at(-1)], a.data),
          right = array([q[0], q[1] ?? 1], b.data);
        return row({ ...matMul(left, right), shape: [...p.slice(0, -1), ...q.slice(1)] }, a, b);
      }),
  ],
  complex: [
    EXACT,
    over((shape) => {
      const a = floats(shape),
        b = floats(shape);
      return row(as('complex64', { ...a, imag: b.data }), a, b);
    }),
  ],
  real: [
    EXACT,
    over((shape) => {
      const a = floats(shape),
        b = floats(shape);
      return row(a, as('complex64', { ...a, imag: b.data }));
    }),
  ],
  imag: [
    EXACT,
    over((shape) => {
      const a = floats(shape),
        b = floats(shape);
      return row(b, as('complex64', { ...a, imag: b.data }));
    }),
  ],
  spaceToBatchND: [
    EXACT,
    () =>
      [
        [
          [1, 4, 4, 1],
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ],
        [
          [2, 3, 5, 2],
          [2, 3],
          [
            [1, 0],
            [0, 1],
          ],
        ],
        [[2, 4], [2], [[0, 2]]],
      ].flatMap(([shape, block, pads]) =>
        each3(shape).map((x) => row(as(x.dtype, spaceToBatch(x, block, pads)), x, block, pads)),
      ),
  ],
  batchToSpaceND: [
    EXACT,
    () =>
      [
        [
          [4, 2, 2, 1],
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ],
        [
          [12, 2, 3, 2],
          [2, 3],
          [
            [1, 0],
            [2, 1],
          ],
        ],
        [[6, 3], [3], [[0, 2]]],
      ].flatMap(([shape, block, crops]) =>
        each3(shape).map((x) => row(as(x.dtype, batchToSpace(x, block, crops)), x, block, crops)),
      ),
  ],
};

function spaceToBatch(x, block, pads) {
  const k = block.length,
    blocks = sizeOf(block),
    n = x.shape[0];
  const out = [
    n * blocks,
    ...block.map((b, i) => (x.shape[1 + i] + pads[i][0] + pads[i][1]) / b),
    ...x.shape.slice(1 + k),
  ];
  return build(out, (index) => {
    let which = Math.floor(index[0] / n);
    const offset = [];
    for (let i = k - 1; i >= 0; i--) {
      offset[i] = which % block[i];
      which = Math.floor(which / block[i]);
    }
    const from = block.map((b, i) => index[1 + i] * b + offset[i] - pads[i][0]);
    return from.every((v, i) => v >= 0 && v < x.shape[1 + i])
      ? at(x, [index[0] % n, ...from, ...index.slice(1 + k)])
      : 0;
  });
}

function batchToSpace(x, block, crops) {
  const k = block.length,
    n = x.shape[0] / sizeOf(block);
  const out = [n, ...block.map((b, i) => x.shape[1 + i] * b - crops[i][0] - crops[i][1]), ...x.shape.slice(1 + k)];
  return build(out, (index) => {
    const full = block.map((_, i) => index[1 + i] + crops[i][0]);
    const which = place(
      block,
      full.map((v, i) => v % block[i]),
    );
    return at(x, [which * n + index[0], ...full.map((v, i) => Math.floor(v / block[i])), ...index.slice(1 + k)]);
  });
}
