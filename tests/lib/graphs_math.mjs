// Rows of graphs, a node each: arithmetic, functions of elements, logic, reductions, matrices, creation,
// with every dtype, shape and attribute that matters.
import {
  attr,
  bools,
  f,
  filter,
  floats,
  fused,
  image,
  ints,
  matrix,
  node,
  number,
  one,
  result,
  strings,
  whole,
  whole_graph,
} from './graphs.mjs';

const T = (type) => ({ T: attr.type(type) });
const on = attr.bool(true),
  off = attr.bool(false);
const half = f(0.1, -0.4, 0.7, 0.95),
  odd = floats([NaN, Infinity, -Infinity, 0, -0, -1.5, 2.5, 3.5], [2, 4]);
const whole4 = ints([7, -7, 0, 100], [2, 2]),
  none = floats([], [0, 3]);
const column = floats([1, -2, 4], [3, 1]),
  row = floats([3, -1, 0.5, 2], [1, 4]);

/** What the peer computes otherwise: filter([a, 1, n, k]) times filter([b, k, m]); a band of filter([n, n]). */
function product(a, b, n, k, m) {
  const x = filter([a, 1, n, k]).values,
    y = filter([b, k, m]).values,
    sum = (i, j, r, c) =>
      Array.from({ length: k }, (_, p) => x[(i * n + r) * k + p] * y[(j * k + p) * m + c]).reduce((u, v) => u + v);
  return result(
    [a, b, n, m],
    Array.from({ length: a * b * n * m }, (_, at) =>
      sum(Math.floor(at / m / n / b), Math.floor(at / m / n) % b, Math.floor(at / m) % n, at % m),
    ),
  );
}
const band = (n, lower, upper) =>
  result(
    [n, n],
    filter([n, n]).values.map((v, at) => {
      const i = Math.floor(at / n),
        j = at % n;
      return (lower < 0 || i - j <= lower) && (upper < 0 || j - i <= upper) ? v : 0;
    }),
  );

const BINARY = [
  'Add',
  'AddV2',
  'Sub',
  'RealDiv',
  'Div',
  'DivNoNan',
  'Mul',
  'Maximum',
  'Minimum',
  'SquaredDifference',
  'Mod',
  'FloorMod',
];
const COMPARE = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'];
const UNARY = [
  'Abs',
  'Acos',
  'Asin',
  'Atan',
  'Ceil',
  'Cos',
  'Cosh',
  'Elu',
  'Erf',
  'Exp',
  'Expm1',
  'Floor',
  'Neg',
  'Relu',
  'Relu6',
  'Selu',
  'Sigmoid',
  'Sign',
  'Sin',
  'Sinh',
  'Square',
  'Tan',
  'Tanh',
  'Round',
  'Reciprocal',
  'Softplus',
  'Asinh',
  'Atanh',
  'IsNan',
  'IsFinite',
  'IsInf',
  'LeakyRelu',
  'Log',
  'Log1p',
  'Sqrt',
  'Rsqrt',
  'Acosh',
];

export const rows = [
  // broadcasting, dtypes, nothing, what is not finite
  ...BINARY.flatMap((op) => [
    one(op, [column, row]),
    one(op, [ints([7, -7, 5, 9]), whole(2)]),
    one(op, [none, number(2)]),
  ]),
  ...COMPARE.flatMap((op) => [
    one(op, [column, row]),
    one(op, [ints([7, 2]), ints([2])]),
    one(op, [odd, number(0)]),
    one(op, [none, number(2)]),
  ]),
  ...['Equal', 'NotEqual'].map((op) => one(op, [strings(['a', 'ü', '']), strings(['b', 'ü', 'a'])])),
  one('Pow', [ints([2, -3, 0]), whole(3)]),
  one('Pow', [column, number(2)]),
  one('FloorDiv', [ints([7, -7, 7, -7]), ints([2, 2, -2, -2])]),
  one('Atan2', [column, row]),
  one('BiasAdd', [image, f(1, 2, 3, 4)]),
  one('BiasAdd', [matrix, f(1, 2, 3, 4)], { data_format: attr.text('NHWC') }),
  one('AddN', [whole4, whole4]),
  one('AddN', [matrix]),
  ...UNARY.flatMap((op) => [one(op, [odd]), one(op, [number(0.25)]), one(op, [none])]),
  ...['Abs', 'Neg', 'Relu', 'Relu6', 'Sign', 'Square', 'Round', 'IsNan', 'LeakyRelu'].map((op) => one(op, [whole4])),
  one('LeakyRelu', [odd], { alpha: attr.float(0) }),
  one('LeakyRelu', [odd], { alpha: attr.int(1) }),
  one('Prelu', [matrix, f(0.1, 0.2, 0.3, 0.4)]),
  one('Prelu', [matrix, number(0.5)]),
  one('ClipByValue', [odd, number(-1), number(2)]),
  one('ClipByValue', [whole4, whole(-3), whole(3)]),
  one('ClipByValue', [half, number(0), number(0)]),
  ...[
    'Identity',
    'Snapshot',
    'StopGradient',
    'FakeQuantWithMinMaxVars',
    'PlaceholderWithDefault',
    'OnesLike',
    'ZerosLike',
    'Shape',
    'Size',
    'Rank',
  ].flatMap((op) => [
    one(op, [whole4]),
    one(op, [bools([1, 0])]),
    one(op, [none]),
    one(op, [number(4)]),
    ...(/Like$/.test(op) ? [] : [one(op, [strings(['a', 'bc'])])]),
  ]),
  one('IdentityN', [whole4, strings(['x']), bools([1])], {}, 3),

  // logic
  ...['LogicalAnd', 'LogicalOr'].map((op) => one(op, [bools([1, 0], [2, 1]), bools([1, 0, 1], [1, 3])])),
  one('Select', [bools([1], []), matrix, matrix]),
  one('Select', [bools([1, 0, 0, 1], [2, 2]), whole4, ints([1, 2, 3, 4], [2, 2])]),
  one('SelectV2', [bools([1, 0, 1], [3, 1]), matrix, number(0)]),
  one('SelectV2', [bools([1, 0]), strings(['a', 'b']), strings(['c', 'd'])], {}, 1, [
    result([2], ['a', 'd'], 'string'),
  ]),
  one('SelectV2', [bools([1, 0]), bools([1, 1]), bools([0, 0])]),
  ...[ints([1, 0, 3]), f(0, 0.5, -1), bools([0, 1], [1, 2])].map((x) => one('Where', [x])),

  // reductions
  ...['Max', 'Mean', 'Min', 'Sum', 'Prod'].flatMap((op) => [
    one(op, [image, ints([1, 2])], { keep_dims: off }),
    one(op, [image, ints([-1, 0])], { keep_dims: on }),
    one(op, [matrix, ints([1, 0])]),
    one(op, [whole4, whole(0)]),
    one(op, [whole4, ints([0, 1])], { keep_dims: on }),
    one(op, [image, whole(3)], { keep_dims: on }),
  ]),
  ...['Max', 'Mean', 'Min', 'Sum', 'Prod'].map((op) => one(op, [matrix, ints([])])),
  one('Sum', [none, whole(0)]),
  one('Mean', [floats([1, 2, 3], [3]), whole(0)], { keep_dims: on }),
  ...['All', 'Any'].flatMap((op) => [
    one(op, [bools([1, 0, 1, 1], [2, 2]), ints([0, 1])]),
    one(op, [bools([1, 0, 1, 1], [2, 2]), whole(-1)], { keep_dims: on }),
    one(op, [bools([1, 0]), ints([])]),
  ]),
  ...['ArgMax', 'ArgMin'].flatMap((op) => [
    one(op, [image, whole(-1)]),
    one(op, [matrix, whole(0)], { output_type: attr.type('DT_INT64') }),
    one(op, [whole4, whole(0)]),
    one(op, [f(1, 3, 3, 1), whole(0)]),
  ]),
  ...['Cumsum', 'Cumprod'].flatMap((op) => [
    one(op, [matrix, whole(1)], { exclusive: on, reverse: off }),
    one(op, [image, whole(3)], { exclusive: off, reverse: on }),
    one(op, [whole4, whole(1)]),
  ]),
  one('Bincount', [ints([1, 3, 1]), whole(4), f()]),
  one('Bincount', [ints([1, 3, 1]), whole(2), f()]),
  ...[on, off].flatMap((binary_output) => [
    one('DenseBincount', [ints([1, 0, 2, 2, 1, 1], [2, 3]), whole(3), f()], { binary_output }),
    one('DenseBincount', [ints([1, 1, 2]), whole(4), f()], { binary_output }, 1, [
      result([4], [0, binary_output.b ? 1 : 2, 1, 0]),
    ]),
  ]),
  one('EuclideanNorm', [matrix, ints([0])], { keep_dims: off }),
  one('EuclideanNorm', [matrix, ints([0, 1])]),
  one('EuclideanNorm', [image, whole(-1)], { keep_dims: on }),
  one('TopKV2', [matrix, whole(1)], {}, 2),
  one('TopKV2', [matrix, whole(2)], { sorted: off }, 2),
  one('TopKV2', [whole4, whole(2)], { sorted: on }, 2),
  one('Unique', [f(1.5, 2, 1.5)], {}, 2),
  one('Unique', [strings(['b', 'a', 'b'])], {}, 2),
  one('UniqueV2', [ints([1, 1, 2, 2], [2, 2]), ints([1])], {}, 2),
  one('UniqueV2', [ints([5, 5, 6]), ints([])], {}, 2),
  one('ListDiff', [f(1, 5, 3), f(3)], {}, 2),
  one('ListDiff', [strings(['a', 'b']), strings(['a'])], {}, 2, [
    result([1], ['b'], 'string'),
    result([1], [1], 'int32'),
  ]),
  ...['LowerBound', 'UpperBound'].map((op) =>
    one(op, [ints([0, 3, 9, 9, 10, 0, 1, 2, 3, 4], [2, 5]), ints([2, 4, 9, 0, 2, 6], [2, 3])]),
  ),

  // matrices
  ...[
    [off, off],
    [on, off],
    [off, on],
    [on, on],
  ].flatMap(([a, b]) => {
    const shapes = [a.b ? [4, 3] : [3, 4], b.b ? [2, 4] : [4, 2]],
      [x, y] = shapes.map(filter),
      [u, v] = shapes.map((shape) => filter([2, ...shape]));
    return [
      one('MatMul', [x, y], { transpose_a: a, transpose_b: b }),
      ...['BatchMatMul', 'BatchMatMulV2'].map((op) => one(op, [u, v], { adj_x: a, adj_y: b })),
      one('_FusedMatMul', [x, y, f(1, -1)], { transpose_a: a, transpose_b: b, ...fused(['BiasAdd'], 1) }),
    ];
  }),
  ...['Relu', 'Relu6', 'Elu', 'Sigmoid', 'LeakyRelu', 'Linear'].map((name) =>
    one('_FusedMatMul', [matrix, filter([4, 2]), f(0.5, -3)], fused(['BiasAdd', name], 1)),
  ),
  one(
    '_FusedMatMul',
    [matrix, filter([4, 2]), f(0.5, -3)],
    fused(['BiasAdd', 'LeakyRelu'], 1, { leakyrelu_alpha: attr.float(0.7), epsilon: attr.float(0) }),
  ),
  one('_FusedMatMul', [matrix, filter([4, 2])], fused([], 0)),
  one('BatchMatMulV2', [filter([2, 1, 3, 4]), filter([5, 4, 2])], {}, 1, [product(2, 5, 3, 4, 2)]),
  one('BatchMatMulV2', [filter([3, 4]), filter([2, 4, 2])]),
  ...[
    ['ij->ji', [matrix]],
    ['bij,bjk->bik', [filter([2, 3, 4]), filter([2, 4, 2])]],
    ['ij,ij->i', [matrix, matrix]],
    ['abc,cd->abd', [filter([2, 3, 4]), filter([4, 5])]],
    ['ij->', [matrix]],
  ].map(([equation, args]) =>
    one('Einsum', args, { equation: attr.text(equation), N: attr.int(args.length), T: attr.type('DT_FLOAT') }),
  ),
  ...[
    [0, 1],
    [1, 0],
    [-1, 0],
    [-1, -1],
    [1, 1],
  ].map(([lower, upper]) =>
    one(
      'MatrixBandPart',
      [filter([4, 4]), whole(lower), whole(upper)],
      {},
      1,
      lower === upper ? undefined : [band(4, lower, upper)],
    ),
  ),
  one('Transpose', [image, ints([0, 3, 1, 2])]),
  one('Transpose', [whole4, ints([1, 0])]),
  one('Transpose', [strings(['a', 'b'], [1, 2]), ints([1, 0])], {}, 1, [result([2, 1], ['a', 'b'], 'string')]),
  one('Softmax', [image]),
  one('LogSoftmax', [f(1, 2, 3)]),
  one('Softmax', [f(1000, 1001)]),

  // creation
  ...[
    ['DT_FLOAT', number(1.5)],
    ['DT_INT32', whole(-2)],
    ['DT_BOOL', bools([1], [])],
    ['DT_STRING', strings(['ab'], [])],
  ].flatMap(([type, value]) => [one('Fill', [ints([2, 2]), value], T(type)), one('Fill', [ints([]), value], T(type))]),
  ...['DT_FLOAT', 'DT_INT32', 'DT_BOOL', 'DT_HALF', 'DT_INT64'].flatMap((type) =>
    ['Ones', 'Zeros'].map((op) => one(op, [ints([2, 0, 3])], T(type))),
  ),
  one('Ones', [ints([2])]),
  one('Zeros', [ints([])]),
  one('LinSpace', [number(-1), number(1), whole(1)]),
  one('LinSpace', [number(5), number(0), whole(3)]),
  ...['DT_FLOAT', 'DT_INT32', 'DT_BOOL'].map((type) =>
    one('OneHot', [ints([1, -1, 3], [1, 3]), whole(3), number(1), number(0)], T(type)),
  ),
  one('OneHot', [whole(1), whole(3), number(5), number(1)], { ...T('DT_FLOAT'), axis: attr.int(-1) }),
  one('Range', [whole(5), whole(0), whole(-2)], { Tidx: attr.type('DT_INT32') }),
  one('Range', [number(0), number(0), number(1)], { Tidx: attr.type('DT_FLOAT') }),
  one('Range', [number(1), number(-1), number(-0.5)], { Tidx: attr.type('DT_FLOAT') }),
  one('RandomStandardNormal', [ints([2, 3])], { dtype: attr.type('DT_FLOAT'), seed: attr.int(7) }),
  one('TruncatedNormal', [ints([6])], {
    dtype: attr.type('DT_FLOAT'),
    seed: attr.int(7),
    means: attr.float(3),
    stddev: attr.float(0.5),
  }),
  one('Multinomial', [matrix, whole(5)], {
    seed: attr.int(11),
    T: attr.type('DT_FLOAT'),
    output_dtype: attr.type('DT_INT32'),
  }),
  ...['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_INT32', 'DT_INT64', 'DT_INT8', 'DT_UINT8', 'DT_BOOL'].flatMap((type) =>
    [f(-1.5, 0, 2.7, NaN), whole4, bools([1, 0])].map((x) =>
      one('Cast', [x], { DstT: attr.type(type), SrcT: attr.type('DT_FLOAT') }),
    ),
  ),
  one('Cast', [half], { DstT: { type: 3 } }),
  one('Cast', [half], { DstT: attr.type('DT_COMPLEX64') }),

  // spectra
  ...['FFT', 'IFFT'].map((op) =>
    whole_graph(
      `${op} of rows`,
      [
        node('x', 'Placeholder'),
        node('i', 'Const'),
        node('c', 'Complex', ['x', 'i']),
        node('f', op, ['c']),
        node('y', 'Real', ['f']),
        node('z', 'Imag', ['f']),
        node('w', 'ComplexAbs', ['f']),
      ],
      { i: filter([2, 3, 5]) },
      { x: filter([2, 3, 5]) },
      ['y', 'z', 'w'],
    ),
  ),
  whole_graph(
    'RFFT, IRFFT',
    [
      node('x', 'Placeholder'),
      node('n', 'Const'),
      node('c', 'RFFT', ['x', 'n']),
      node('y', 'Real', ['c']),
      node('z', 'Imag', ['c']),
      node('b', 'IRFFT', ['c', 'n']),
    ],
    { n: ints([8]) },
    { x: filter([2, 8]) },
    ['y', 'z', 'b', 'c'],
  ),
  one('Real', [matrix], {}, 1, [matrix]),
  one('Imag', [matrix], {}, 1, [
    result(
      [3, 4],
      matrix.values.map(() => 0),
    ),
  ]),
  one('ComplexAbs', [half]),
];
