// References of ops on complex64, from pairs of doubles; what moves elements alone is not here.
import { array, build, zip } from './array.mjs';
import { floats, row, scalar, vector } from './draw.mjs';
import * as ref from './ops.mjs';

const CLOSE = 2e-6,
  EXACT = 0;

const complex = (re, im) => ({ ...re, dtype: 'complex64', imag: im.data });
const draw = (shape, low, high) => complex(floats(shape, low, high), floats(shape, low, high));
const re = (z) => array(z.shape, z.data),
  im = (z) => array(z.shape, z.imag);
/** f of one complex number, or of two, each a pair. */
const each = (z, f) => {
  const pairs = z.data.map((v, i) => f([v, z.imag[i]]));
  return complex(
    array(
      z.shape,
      pairs.map(([a]) => a),
    ),
    array(
      z.shape,
      pairs.map(([, b]) => b),
    ),
  );
};
const both = (x, y, f) => {
  const pairs = build(zip(re(x), re(y), () => 0).shape, () => null);
  const number = (z) =>
    array(
      z.shape,
      z.data.map((v, i) => [v, z.imag[i]]),
    );
  pairs.data = zip(number(x), number(y), f).data;
  return complex(
    array(
      pairs.shape,
      pairs.data.map(([a]) => a),
    ),
    array(
      pairs.shape,
      pairs.data.map(([, b]) => b),
    ),
  );
};
const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
const over = ([a, b], [c, d]) => [(a * c + b * d) / (c * c + d * d), (b * c - a * d) / (c * c + d * d)];
const size = (z) =>
  array(
    z.shape,
    z.data.map((v, i) => Math.hypot(v, z.imag[i])),
  );
/** What is linear in each of two arguments, by that of their parts. */
const bilinear = (f, x, y) =>
  complex(
    zip(f(re(x), re(y)), f(im(x), im(y)), (a, b) => a - b),
    zip(f(re(x), im(y)), f(im(x), re(y)), (a, b) => a + b),
  );

const SHAPES = [[5], [2, 3], [17], [0]],
  PAIRS = [
    [[4], [4]],
    [[2, 3], [3]],
    [
      [3, 1],
      [1, 5],
    ],
    [[33], []],
  ];
const unary = (f) => () => SHAPES.map((shape) => draw(shape, 0.5, 2)).map((z) => row(each(z, f), z));
const binary = (f) => () => PAIRS.map(([p, q]) => [draw(p), draw(q, 0.5, 2)]).map(([x, y]) => row(both(x, y, f), x, y));
const alike = (yes) => () => {
  const x = complex(vector([1, 1, 2, 2], 'float32'), vector([3, 4, 3, 5], 'float32')),
    y = complex(vector([1, 1, 2, 0], 'float32'), vector([3, 0, 3, 5], 'float32'));
  return [
    row(
      {
        ...vector(
          [1, 0, 1, 0].map((v) => v === yes),
          'bool',
        ),
      },
      x,
      y,
    ),
  ];
};
const huber = (v) => (v <= 1 ? (v * v) / 2 : v - 0.5);
const meanOf = (f) => () =>
  [[4], [2, 3]]
    .map((shape) => [draw(shape), draw(shape)])
    .map(([x, y]) =>
      row(
        scalar(
          size(both(x, y, ([a, b], [c, d]) => [a - c, b - d])).data.reduce((sum, v) => sum + f(v), 0) / x.data.length,
        ),
        x,
        y,
      ),
    );
const product = (a, b) => () => [draw(a), draw(b)];

export default {
  add: [CLOSE, binary(([a, b], [c, d]) => [a + c, b + d])],
  sub: [CLOSE, binary(([a, b], [c, d]) => [a - c, b - d])],
  mul: [CLOSE, binary(times)],
  div: [CLOSE, binary(over)],
  square: [CLOSE, unary((z) => times(z, z))],
  reciprocal: [CLOSE, unary((z) => over([1, 0], z))],
  exp: [1e-5, unary(([a, b]) => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)])],
  onesLike: [EXACT, unary(() => [1, 0])],
  abs: [CLOSE, () => SHAPES.map((shape) => draw(shape)).map((z) => row({ ...size(z), dtype: 'float32' }, z))],
  equal: [EXACT, alike(1)],
  notEqual: [EXACT, alike(0)],
  'losses.absoluteDifference': [CLOSE, meanOf((v) => v)],
  'losses.huberLoss': [CLOSE, meanOf(huber)],
  matMul: [
    CLOSE,
    () =>
      [
        [
          [3, 4],
          [4, 5],
        ],
        [
          [2, 3, 4],
          [4, 2],
        ],
      ]
        .map(([a, b]) => product(a, b)())
        .map(([x, y]) => row(bilinear(ref.matMul, x, y), x, y)),
  ],
  outerProduct: [
    CLOSE,
    () =>
      [product([3], [4])()].map(([x, y]) =>
        row(
          bilinear((a, b) => build([3, 4], ([i, k]) => a.data[i] * b.data[k]), x, y),
          x,
          y,
        ),
      ),
  ],
  dot: [
    CLOSE,
    () =>
      [product([5], [5])()].map(([x, y]) =>
        row(
          bilinear((a, b) => array([], [a.data.reduce((sum, v, i) => sum + v * b.data[i], 0)]), x, y),
          x,
          y,
        ),
      ),
  ],
  einsum: [
    CLOSE,
    () => [product([3, 4], [4, 2])()].map(([x, y]) => row(bilinear(ref.matMul, x, y), 'ij,jk->ik', x, y)),
  ],
  pad: [
    EXACT,
    () =>
      [draw([2, 3])].map((z) => {
        const padded = (x, v) => build([3, 5], ([i, k]) => (i > 0 && k < 3 ? x.data[(i - 1) * 3 + k] : v));
        return row(
          complex(padded(re(z), 7), padded(im(z), 0)),
          z,
          [
            [1, 0],
            [0, 2],
          ],
          7,
        );
      }),
  ],
  unique: [
    EXACT,
    () => {
      const z = complex(vector([1, 2, 1, 1], 'float32'), vector([3, 3, 4, 3], 'float32'));
      return [
        row(
          {
            values: complex(vector([1, 2, 1], 'float32'), vector([3, 3, 4], 'float32')),
            indices: vector([0, 1, 2, 0]),
          },
          z,
        ),
      ];
    },
  ],
  setdiff1d: [
    EXACT,
    () => {
      const x = complex(vector([1, 2, 1], 'float32'), vector([3, 3, 4], 'float32')),
        y = complex(vector([1], 'float32'), vector([4], 'float32'));
      return [row([complex(vector([1, 2], 'float32'), vector([3, 3], 'float32')), vector([0, 1])], x, y)];
    },
  ],
};
