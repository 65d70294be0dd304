// Graphs for tests: building them, and one for each op of TensorFlow that a graph model may have.

export const attr = {
  type: (type) => ({ type }),
  shape: (sizes) => ({ shape: { dim: sizes.map((size) => ({ size: String(size) })) } }),
  text: (s) => ({ s: Buffer.from(s).toString('base64') }),
  texts: (list) => ({ list: { s: list.map((s) => attr.text(s).s) } }),
  int: (i) => ({ i: String(i) }),
  float: (f) => ({ f }),
  bool: (b) => ({ b }),
  ints: (list) => ({ list: { i: list.map(String) } }),
  floats: (list) => ({ list: { f: list } }),
  func: (name) => ({ func: { name } }),
};

export const node = (name, op, input = [], attrs = {}) => ({ name, op, input, attr: attrs });
export const floats = (values, shape) => ({ values, shape, dtype: 'float32' });
export const ints = (values, shape = [values.length]) => ({ values, shape, dtype: 'int32' });
export const bools = (values, shape = [values.length]) => ({ values, shape, dtype: 'bool' });
export const whole = (value) => ints([value], []);
export const number = (value) => floats([value], []);

export const strings = (values, shape = [values.length]) => ({ values, shape, dtype: 'string' });

/** Texts as files have them: each after its length in bytes. */
function stringBytes(values) {
  const parts = values.flatMap((value) => {
    const bytes = Buffer.from(value);
    return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes];
  });
  return new Uint8Array(Buffer.concat(parts));
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Artifacts of a model with these nodes and weights. */
export function model(nodes, weights = {}, library = undefined) {
  const parts = Object.values(weights).map(({ values, dtype }) =>
    dtype === 'string' ? stringBytes(values) : new Uint8Array(ARRAYS[dtype].from(values).buffer),
  );
  const bytes = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 1 }, ...(library && { library: { function: library } }) },
    weightSpecs: Object.entries(weights).map(([name, { shape, dtype }]) => ({ name, shape, dtype })),
    weightData: bytes.buffer,
  };
}

export const f = (...values) => floats(values, [values.length]);
export const image = floats(
  Array.from({ length: 2 * 5 * 5 * 4 }, (_, i) => ((i * 37) % 23) / 7 - 1.3),
  [2, 5, 5, 4],
);
export const matrix = floats(
  Array.from({ length: 12 }, (_, i) => ((i * 29) % 17) / 5 - 1.2),
  [3, 4],
);
export const filter = (shape) =>
  floats(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 31) % 13) / 9 - 0.6),
    shape,
  );

/** A case of one op. args: what goes in, in order; the first is fed, the others are weights. outputs: how many.
 * expected: where the peer cannot tell. */
export function one(op, args, attrs = {}, outputs = 1, expected = undefined) {
  const name = (i) => `a${i}`;
  const nodes = args.map((_, i) => node(name(i), i ? 'Const' : 'Placeholder'));
  const given = () =>
    model(
      [
        ...nodes,
        node(
          'y',
          op,
          args.map((_, i) => name(i)),
          attrs,
        ),
      ],
      Object.fromEntries(args.slice(1).map((x, i) => [name(i + 1), x])),
    );
  return {
    name: `${op} ${Object.keys(attrs).length ? JSON.stringify(attrs).slice(0, 60) : ''}`,
    op,
    given,
    inputs: args.length ? { a0: args[0] } : {},
    outputs: Array.from({ length: outputs }, (_, i) => (i ? `y:${i}` : 'y')),
    ours: expected,
  };
}

/** A case of several nodes. */
export function whole_graph(name, nodes, weights, inputs, outputs, library = undefined) {
  return { name, op: name, given: () => model(nodes, weights, library), inputs, outputs };
}

/** A function of a library: nodes, arguments, and where each result comes from. */
export const func = (name, args, results, nodes) => ({
  signature: {
    name,
    inputArg: args.map((arg) => ({ name: arg, type: 'DT_FLOAT' })),
    outputArg: Object.keys(results).map((result) => ({ name: result, type: 'DT_FLOAT' })),
  },
  nodeDef: nodes,
  ret: results,
});
const functions = [
  func('square', ['v'], { r: 's:y:0' }, [node('s', 'Square', ['v'])]),
  func('halve', ['v'], { r: 'm:z:0' }, [node('half', 'Const'), node('m', 'Mul', ['v', 'half:output:0'])]),
  func('positive', ['n', 'v'], { r: 'g:z:0' }, [node('zero', 'Const'), node('g', 'Greater', ['n', 'zero:output:0'])]),
  func('grow', ['n', 'v'], { r: 'a:z:0', s: 'm:z:0' }, [
    node('less', 'Const'),
    node('half', 'Const'),
    node('a', 'Add', ['n', 'less:output:0']),
    node('m', 'Add', ['v', 'half:output:0']),
  ]),
];
export const array = {
  dtype: attr.type('DT_FLOAT'),
  element_shape: { shape: { unknownRank: true } },
  dynamic_size: attr.bool(false),
  clear_after_read: attr.bool(false),
};
export const list = { element_dtype: attr.type('DT_FLOAT'), num_elements: attr.int(-1) };
export const volume = {
  strides: attr.ints([1, 2, 2, 1, 1]),
  padding: attr.text('SAME'),
  data_format: attr.text('NDHWC'),
  dilations: attr.ints([1, 1, 1, 1, 1]),
};

export const DT = (t) => ({ T: attr.type(t) });
export const window = {
  strides: attr.ints([1, 2, 2, 1]),
  padding: attr.text('SAME'),
  dilations: attr.ints([1, 1, 1, 1]),
  data_format: attr.text('NHWC'),
};
export const pooling = { ...window, ksize: attr.ints([1, 3, 3, 1]) };
const explicit = { ...window, padding: attr.text('EXPLICIT'), explicit_paddings: attr.ints([0, 0, 1, 2, 0, 1, 0, 0]) };
export const fused = (ops, n, more = {}) => ({ fused_ops: attr.texts(ops), num_args: attr.int(n), ...more });
const a = f(1.5, -2.25, 3, 7),
  b = f(2, 3, -0.5, 0.25);
const small = f(0.1, -0.4, 0.7, 0.95),
  large = f(1.1, 2, 3.5, 9);
const keep = { keep_dims: attr.bool(true) };
const cond = bools([1, 0, 0, 1]);

export const result = (shape, values, dtype = 'float32') => ({ shape, dtype, values });
const boxes = floats(
  [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101],
  [6, 4],
);
const scores = f(0.9, 0.75, 0.6, 0.95, 0.5, 0.3);
const spots = ints([0, 1, 2, 2], [2, 2]);

/** A table that the initializer fills, by both spellings of its ops. */
const table = (suffix, fill, keys, inputs, key_dtype, values, no) => {
  const handle = node('t', `HashTable${suffix}`, [], {
    key_dtype: attr.type(key_dtype),
    value_dtype: attr.type('DT_FLOAT'),
  });
  const nodes = [
    node('x', 'Placeholder'),
    handle,
    node('no', 'Const'),
    node('y', `LookupTableFind${suffix}`, ['t', 'x', 'no']),
    node('size', `LookupTableSize${suffix}`, ['t']),
  ];
  const given = () => ({
    ...model(nodes, { keys, values, no }),
    modelInitializer: {
      node: [
        handle,
        node('keys', 'Const'),
        node('values', 'Const'),
        node('fill', `${fill}${suffix}`, ['t', 'keys', 'values']),
      ],
    },
  });
  return {
    name: `HashTable${suffix} ${fill} ${key_dtype}`,
    ops: [`${fill}${suffix}`],
    given,
    inputs: { x: inputs },
    outputs: ['y', 'size'],
  };
};

const other = [
  ...['', 'V2'].flatMap((suffix) =>
    ['LookupTableImport', 'InitializeTable'].flatMap((fill) => [
      table(suffix, fill, ints([7, -1, 3]), ints([3, 0, 7, 7]), 'DT_INT32', f(0.5, 1, 2), number(-9)),
      table(suffix, fill, strings(['a', 'ü', '']), strings(['', 'b', 'ü']), 'DT_STRING', f(0.5, 1, 2), number(-9)),
    ]),
  ),
  whole_graph(
    'TensorArrayCloseV3',
    [
      node('n', 'Const'),
      node('t', 'TensorArrayV3', ['n'], array),
      node('c', 'TensorArrayCloseV3', ['t']),
      node('y', 'NoOp', ['^c']),
    ],
    { n: whole(1) },
    {},
    ['y'],
  ),
  whole_graph(
    'TensorListScatter, TensorListConcat',
    [
      node('x', 'Placeholder'),
      node('shape', 'Const'),
      node('at', 'Const'),
      node('l', 'TensorListScatter', ['x', 'at', 'shape'], list),
      node('all', 'TensorListStack', ['l', 'shape'], list),
      node('y', 'TensorListConcat', ['l'], { ...list, element_shape: attr.shape([4]) }),
      node('z', 'TensorListConcatV2', ['l'], { ...list, element_shape: attr.shape([4]) }),
    ],
    { shape: ints([4]), at: ints([2, 0, 1]) },
    { x: matrix },
    ['all', 'y', 'z'],
  ),
  {
    ...whole_graph(
      'TensorListSplit, PopBack, Resize',
      [
        node('x', 'Placeholder'),
        node('shape', 'Const'),
        node('open', 'Const'),
        node('sizes', 'Const'),
        node('two', 'Const'),
        node('l', 'TensorListSplit', ['x', 'open', 'sizes'], list),
        node('p', 'TensorListPopBack', ['l', 'open'], list),
        node('left', 'TensorListLength', ['p']),
        node('still', 'TensorListLength', ['l']),
        node('four', 'Const'),
        node('r', 'TensorListResize', ['p', 'four']),
        node('more', 'TensorListLength', ['r']),
        node('join', 'TensorListConcatV2', ['l', 'open'], list),
        node('item', 'TensorListGetItem', ['l', 'two', 'open'], list),
      ],
      { shape: ints([4]), open: ints([-1, 4]), sizes: ints([1, 1, 1]), two: whole(2), four: whole(4) },
      { x: matrix },
      ['p:1', 'left', 'still', 'more', 'join', 'join:1', 'item'],
    ),
    ours: [
      result([1, 4], matrix.values.slice(8)),
      result([], [2], 'int32'),
      result([], [3], 'int32'),
      result([], [4], 'int32'),
      result([3, 4], matrix.values),
      result([3], [1, 1, 1], 'int32'),
      result([1, 4], matrix.values.slice(8)),
    ],
  },

  one('MaxPoolWithArgmax', [image], { ...pooling, include_batch_in_index: attr.bool(true) }, 2),
  one('Dilation2D', [image, filter([3, 3, 4])], { ...window, rates: attr.ints([1, 1, 1, 1]) }),
  one('LRN', [image], {
    depth_radius: attr.int(2),
    bias: attr.float(1.5),
    alpha: attr.float(0.3),
    beta: attr.float(0.6),
  }),
  one('RandomStandardNormal', [ints([5])], { dtype: attr.type('DT_FLOAT'), seed: attr.int(42) }),
  one('TruncatedNormal', [ints([5])], { dtype: attr.type('DT_FLOAT'), seed: attr.int(42) }),
  one('Multinomial', [f(0.1, 0.7, 0.2), whole(6)], { seed: attr.int(3) }),
  one('NonMaxSuppressionV2', [boxes, scores, whole(3), number(0.5)]),
  one('NonMaxSuppressionV3', [boxes, scores, whole(3), number(0.5), number(0.4)]),
  one(
    'NonMaxSuppressionV4',
    [boxes, scores, whole(5), number(0.5), number(0)],
    { pad_to_max_output_size: attr.bool(true) },
    2,
  ),
  one('NonMaxSuppressionV5', [boxes, scores, whole(6), number(1), number(0), number(0.5)], {}, 2),
  one('ListDiff', [ints([1, 5, 3, 5]), ints([3, 9])], {}, 2),
  one('LowerBound', [floats([1, 3, 3, 8], [1, 4]), floats([3, 9, 0], [1, 3])]),
  one('UpperBound', [floats([1, 3, 3, 8], [1, 4]), floats([3, 9, 0], [1, 3])]),
  one('Unique', [ints([3, 1, 3, 2])], {}, 2),
  one('UniqueV2', [floats([1, 2, 3, 4, 1, 2], [3, 2]), ints([0])], {}, 2),
  one('CropAndResize', [image, floats([0, 0, 0.5, 0.7, 0.1, 0.2, 1, 1.3], [2, 4]), ints([1, 0]), ints([3, 2])], {
    method: attr.text('bilinear'),
    extrapolation_value: attr.float(5),
  }),
  one(
    'ImageProjectiveTransformV3',
    [filter([1, 5, 5, 4]), floats([1, 0.1, 1, 0, 1, 0.3, 0, 0.01], [1, 8]), ints([4, 3]), number(2)],
    { interpolation: attr.text('BILINEAR'), fill_mode: attr.text('REFLECT') },
  ),
  one('BitwiseAnd', [ints([12, 7]), ints([10, -1])], {}, 1, [result([2], [8, 7], 'int32')]),
  one('Bincount', [ints([1, 3, 1]), whole(4), f(0.5, 2, 3)]),
  one('DenseBincount', [ints([1, 0, 2, 2], [2, 2]), whole(3), floats([1, 2, 3, 4], [2, 2])], {
    binary_output: attr.bool(false),
  }),
  one('ScatterNd', [spots, f(5, 6), ints([3, 3])]),
  one('GatherNd', [matrix, spots]),
  one('TensorScatterUpdate', [matrix, spots, f(5, 6)]),
  one('SparseToDense', [spots, ints([3, 3]), f(5, 6), number(-1)]),
  one('SparseFillEmptyRows', [ints([0, 3, 2, 0], [2, 2]), f(5, 6), ints([4, 4]), number(0.5)], {}, 4),
  one('SparseReshape', [ints([0, 1, 1, 2], [2, 2]), ints([2, 3]), ints([3, -1])], {}, 2),
  one('SparseSegmentMean', [matrix, ints([0, 2, 1]), ints([0, 0, 1])]),
  one('SparseSegmentSum', [matrix, ints([0, 2, 1]), ints([0, 0, 1])]),
  {
    ...whole_graph(
      'RaggedGather',
      [
        node('x', 'Placeholder'),
        node('s', 'Const'),
        node('i', 'Const'),
        node('y', 'RaggedGather', ['s', 'x', 'i'], { OUTPUT_RAGGED_RANK: attr.int(1) }),
      ],
      { s: ints([0, 3, 3, 5]), i: ints([2, 1, 0]) },
      { x: f(1, 2, 3, 4, 5) },
      ['y', 'y:1'],
    ),
    ours: [result([4], [0, 2, 2, 5], 'int32'), result([5], [4, 5, 1, 2, 3])],
  },
  one('RaggedRange', [ints([0, 5]), ints([3, 7]), ints([1, 1])], {}, 2, [
    result([3], [0, 3, 5], 'int32'),
    result([5], [0, 1, 2, 5, 6], 'int32'),
  ]),
  one(
    'RaggedTensorToTensor',
    [ints([2, 3]), f(1, 2, 3), number(0), ints([0, 1, 3])],
    { row_partition_types: attr.texts(['ROW_SPLITS']) },
    1,
    [result([2, 3], [1, 0, 0, 2, 3, 0])],
  ),
  one('StaticRegexReplace', [strings(['a1b22', 'Ab'])], {
    pattern: attr.text('[0-9]+'),
    rewrite: attr.text('x'),
    replace_global: attr.bool(true),
  }),
  one(
    'StaticRegexReplace',
    [strings(['AbA'])],
    { pattern: attr.text('A'), rewrite: attr.text('-'), replace_global: attr.bool(false) },
    1,
    [result([1], ['-bA'], 'string')],
  ),
  one(
    'StringNGrams',
    [strings(['a', 'b', 'c', 'd']), ints([0, 3, 4])],
    {
      separator: attr.text('|'),
      ngram_widths: attr.ints([2]),
      left_pad: attr.text('lp'),
      right_pad: attr.text('rp'),
      pad_width: attr.int(1),
      preserve_short_sequences: attr.bool(false),
    },
    2,
  ),
  one('StringSplit', [strings(['a b', 'c  d e']), strings([' '], [])], { skip_empty: attr.bool(true) }, 3),
  one('StringToHashBucketFast', [strings(['hello', '', 'wörld'])], { num_buckets: attr.int(1000) }),
  one('SpaceToBatchND', [image, ints([5, 1]), ints([0, 0, 0, 0], [2, 2])]),
  one('BatchToSpaceND', [filter([4, 2, 2, 1]), ints([2, 2]), ints([0, 0, 0, 1], [2, 2])]),
  one('BroadcastArgs', [ints([1, 3]), ints([2, 1])]),
  one('Print', [a, a], { message: attr.text('m') }),
];

export const cases = [
  ...[
    'Add',
    'AddV2',
    'BiasAdd',
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
    'Atan2',
    'Equal',
    'NotEqual',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'Prelu',
  ].map((op) => one(op, [a, b])),
  one('FloorDiv', [a, b], {}, 1, [{ shape: [4], dtype: 'float32', values: [0, -1, -6, 28] }]),
  one('FloorDiv', [ints([7, -7]), ints([2, 2])]),
  one('AddN', [a, b, a]),
  one('Pow', [large, b]),
  ...[
    'Abs',
    'Acos',
    'Asin',
    'Atan',
    'Ceil',
    'Cos',
    'Cosh',
    'Elu',
    'Exp',
    'Floor',
    'Neg',
    'Relu',
    'Relu6',
    'Selu',
    'Sigmoid',
    'Sin',
    'Sinh',
    'Square',
    'Tan',
    'Tanh',
    'Sign',
    'Round',
    'Expm1',
    'Reciprocal',
    'Softplus',
    'Asinh',
    'Atanh',
    'Erf',
    'IsNan',
    'IsFinite',
    'IsInf',
    'LeakyRelu',
    'Identity',
    'Snapshot',
    'StopGradient',
    'OnesLike',
    'ZerosLike',
    'Shape',
    'Size',
    'Rank',
    'FakeQuantWithMinMaxVars',
    'LoopCond',
  ].map((op) => one(op, [small])),
  ...['Log', 'Sqrt', 'Rsqrt', 'Log1p', 'Acosh'].map((op) => one(op, [large])),
  one('LeakyRelu', [a], { alpha: attr.float(0.3) }),
  one('ClipByValue', [a, number(-1), number(2)]),
  ...['LogicalAnd', 'LogicalOr'].map((op) => one(op, [cond, bools([1, 1, 0, 0])])),
  one('LogicalNot', [cond]),
  one('Select', [cond, a, b]),
  one('SelectV2', [cond, a, b]),
  one('SelectV2', [cond, number(3), b]),
  one('Select', [bools([1, 0]), floats([1, 2, 3, 4], [2, 2]), floats([5, 6, 7, 8], [2, 2])], {}, 1, [
    { shape: [2, 2], dtype: 'float32', values: [1, 2, 7, 8] },
  ]),

  one('Conv1D', [filter([2, 6, 3]), filter([3, 3, 2])], {
    stride: attr.int(1),
    padding: attr.text('SAME'),
    data_format: attr.text('NWC'),
    dilation: attr.int(1),
  }),
  one('Conv2D', [image, filter([3, 3, 4, 2])], window),
  one('Conv2D', [image, filter([3, 3, 4, 2])], explicit),
  one('Conv2D', [image, filter([2, 2, 4, 2])], {
    ...window,
    strides: attr.ints([1, 1, 1, 1]),
    dilations: attr.ints([1, 2, 2, 1]),
    padding: attr.text('VALID'),
  }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), f(0.3, -0.2)], { ...window, ...fused(['BiasAdd', 'Relu6'], 1) }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), f(0.3, -0.2), f(0.1, 0.4)], {
    ...window,
    ...fused(['BiasAdd', 'Prelu'], 2),
  }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), f(0.3, -0.2)], {
    ...window,
    ...fused(['BiasAdd', 'LeakyRelu'], 1, { leakyrelu_alpha: attr.float(0.35) }),
  }),
  ...['Relu', 'Elu', 'Sigmoid'].map((name) =>
    one('_FusedConv2D', [image, filter([1, 1, 4, 3]), f(0.3, -0.2, 0)], { ...window, ...fused(['BiasAdd', name], 1) }),
  ),
  one('Conv2DBackpropInput', [ints([2, 5, 5, 4]), filter([3, 3, 4, 2]), filter([2, 3, 3, 2])], window),
  one('DepthwiseConv2d', [image, filter([3, 3, 4, 2])], { ...window, strides: attr.ints([1, 1, 1, 1]) }),
  one('DepthwiseConv2dNative', [image, filter([3, 3, 4, 1])], window),
  one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1]), f(1, -1, 0.5, 0)], {
    ...window,
    ...fused(['BiasAdd', 'Relu'], 1),
  }),
  one('AvgPool', [image], pooling),
  one('MaxPool', [image], pooling),
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map((op) =>
    one(op, [image, f(1, 2, 0.5, 1), f(0, 1, -1, 2), f(0.1, 0.2, 0.3, 0), f(1, 2, 0.5, 3)], {
      epsilon: attr.float(0.01),
    }),
  ),
  one('Softmax', [matrix]),
  one('LogSoftmax', [matrix]),
  one('EuclideanNorm', [matrix, ints([1])], keep),
  one('MatMul', [matrix, filter([4, 2])]),
  one('MatMul', [matrix, filter([3, 2])], { transpose_a: attr.bool(true) }),
  one('BatchMatMul', [filter([2, 3, 4]), filter([2, 5, 4])], { adj_y: attr.bool(true) }),
  one('BatchMatMulV2', [filter([2, 3, 4]), filter([2, 4, 2])]),
  one('_FusedMatMul', [matrix, filter([4, 2]), f(0.5, -3)], fused(['BiasAdd', 'Relu'], 1)),
  one('_FusedMatMul', [matrix, filter([4, 2]), f(0.5, -3), f(0.1, 0.2)], fused(['BiasAdd', 'Prelu'], 2)),
  one('Transpose', [matrix, ints([1, 0])]),

  one('Fill', [ints([2, 3]), number(1.5)], DT('DT_FLOAT')),
  one('Fill', [ints([2]), whole(7)], DT('DT_INT32')),
  one('LinSpace', [number(1), number(2), whole(5)]),
  one('OneHot', [ints([1, 0, 2]), whole(3), number(2), number(-1)], DT('DT_FLOAT')),
  one('Ones', [ints([2, 2])], DT('DT_FLOAT')),
  one('Zeros', [ints([2])], DT('DT_INT32')),
  one('Range', [whole(1), whole(9), whole(3)], { Tidx: attr.type('DT_INT32') }),
  one('Range', [number(0), number(1), number(0.25)], { Tidx: attr.type('DT_FLOAT') }),

  ...['Max', 'Mean', 'Min', 'Sum', 'Prod'].flatMap((op) => [
    one(op, [matrix, ints([1])]),
    one(op, [matrix, ints([0, 1])], keep),
    one(op, [matrix, whole(-1)]),
  ]),
  ...['All', 'Any'].map((op) => one(op, [bools([1, 0, 1, 1], [2, 2]), ints([1])])),
  ...['ArgMax', 'ArgMin'].map((op) => one(op, [matrix, whole(1)])),
  ...['Cumsum', 'Cumprod'].flatMap((op) => [
    one(op, [a, whole(0)]),
    one(op, [a, whole(0)], { exclusive: attr.bool(true), reverse: attr.bool(true) }),
  ]),
  one('TopKV2', [matrix, whole(2)], { sorted: attr.bool(true) }, 2),

  one('BroadcastTo', [a, ints([2, 4])]),
  one('Cast', [a], { DstT: attr.type('DT_INT32') }),
  one('Cast', [a], { DstT: attr.type('DT_BOOL') }),
  one('Concat', [whole(1), matrix, matrix], { N: attr.int(2) }),
  one('ConcatV2', [matrix, matrix, whole(0)], { N: attr.int(2) }),
  one('DepthToSpace', [image], { block_size: attr.int(2), data_format: attr.text('NHWC') }),
  one('EnsureShape', [a, ints([4])]),
  one('ExpandDims', [a, whole(1)]),
  one('Gather', [matrix, ints([2, 0])]),
  one('GatherV2', [matrix, ints([2, 0]), whole(1)], { batch_dims: attr.int(0) }),
  one('MirrorPad', [matrix, ints([1, 1, 2, 0], [2, 2])], { mode: attr.text('REFLECT') }),
  one('MirrorPad', [matrix, ints([1, 1, 2, 0], [2, 2])], { mode: attr.text('SYMMETRIC') }),
  one('Pack', [a, b], { axis: attr.int(1) }),
  one('Pad', [matrix, ints([1, 0, 0, 2], [2, 2])]),
  one('PadV2', [matrix, ints([1, 0, 0, 2], [2, 2]), number(9)]),
  one('Reshape', [matrix, ints([2, -1])]),
  one('Reverse', [matrix, bools([0, 1])]),
  one('ReverseV2', [matrix, ints([0])]),
  one('Slice', [matrix, ints([1, 0]), ints([-1, 2])]),
  one('Squeeze', [floats([1, 2], [1, 2, 1])], { squeeze_dims: attr.ints([0]) }),
  one('Squeeze', [floats([1, 2], [1, 2, 1])], { axis: attr.ints([2]) }),
  one('StridedSlice', [matrix, ints([0, 1]), ints([3, 4]), ints([2, 1])], {
    begin_mask: attr.int(0),
    end_mask: attr.int(2),
    shrink_axis_mask: attr.int(0),
  }),
  one('StridedSlice', [matrix, ints([1]), ints([2]), ints([1])], { shrink_axis_mask: attr.int(1) }),
  one('Tile', [matrix, ints([2, 1])]),
  one('Split', [whole(1), matrix], { num_split: attr.int(2) }, 2),
  one('SplitV', [matrix, ints([1, 2]), whole(0)], {}, 2),
  one('SplitV', [matrix, ints([3]), whole(0)]),
  one('Unpack', [matrix], { axis: attr.int(1), num: attr.int(4) }, 4),
  one('ResizeBilinear', [image, ints([3, 7])], { half_pixel_centers: attr.bool(true) }),
  one('ResizeBilinear', [image, ints([7, 2])], { align_corners: attr.bool(true) }),
  one('ResizeNearestNeighbor', [image, ints([3, 7])]),
  one('IdentityN', [a, b], {}, 2),
  one('ShapeN', [a, matrix], {}, 2, [
    { shape: [1], dtype: 'int32', values: [4] },
    { shape: [2], dtype: 'int32', values: [3, 4] },
  ]),
  one('PlaceholderWithDefault', [a]),

  one('Conv3D', [filter([1, 4, 4, 3, 2]), filter([2, 2, 2, 2, 3])], volume),
  one('AvgPool3D', [filter([1, 4, 4, 3, 2])], { ...volume, ksize: attr.ints([1, 2, 2, 2, 1]) }),
  one('MaxPool3D', [filter([1, 4, 4, 3, 2])], { ...volume, ksize: attr.ints([1, 2, 2, 2, 1]) }),
  one('Einsum', [matrix, filter([4, 2])], { equation: attr.text('ij,jk->ki'), N: attr.int(2) }),
  one('MatrixBandPart', [floats([1, 2, 3, 4, 5, 6], [2, 3]), whole(0), whole(1)], {}, 1, [
    { shape: [2, 3], dtype: 'float32', values: [1, 2, 0, 0, 5, 6] },
  ]),
  one('Where', [bools([1, 0, 0, 1, 1, 0], [2, 3])]),
  one('Where', [matrix]),
  one('Where', [bools([0, 0])]),
  whole_graph(
    'FFT, IFFT, IRFFT, Real, Imag, ComplexAbs',
    [
      node('x', 'Placeholder'),
      node('i', 'Const'),
      node('c', 'Complex', ['x', 'i']),
      node('f', 'FFT', ['c']),
      node('g', 'IFFT', ['f']),
      node('n', 'Const'),
      node('re', 'Real', ['f']),
      node('im', 'Imag', ['f']),
      node('abs', 'ComplexAbs', ['f']),
      node('back', 'Real', ['g']),
      node('h', 'RFFT', ['x', 'n']),
      node('y', 'IRFFT', ['h', 'n']),
    ],
    { i: matrix, n: ints([4]) },
    { x: filter([3, 4]) },
    ['re', 'im', 'abs', 'back', 'y'],
  ),

  // control flow
  ...[0, 1].map((p) =>
    whole_graph(
      `Switch, Merge: ${p}`,
      [
        node('x', 'Placeholder'),
        node('p', 'Placeholder'),
        node('s', 'Switch', ['x', 'p']),
        node('no', 'Neg', ['s']),
        node('yes', 'Square', ['s:1']),
        node('y', 'Merge', ['no', 'yes']),
      ],
      {},
      { x: a, p: bools([p], []) },
      ['y'],
    ),
  ),
  ...[0, 1, 4].map((n) =>
    whole_graph(
      `Enter, Exit, NextIteration, LoopCond: ${n}`,
      [
        node('x', 'Placeholder'),
        node('n', 'Const'),
        node('zero', 'Const'),
        node('one', 'Const'),
        node('k', 'Const'),
        ...['zero', 'x', 'n', 'k', 'one'].map((name) =>
          node(`in_${name}`, 'Enter', [name], {
            frame_name: attr.text('f'),
            is_constant: attr.bool(!['zero', 'x'].includes(name)),
          }),
        ),
        node('i', 'Merge', ['in_zero', 'next_i']),
        node('v', 'Merge', ['in_x', 'next_v']),
        node('less', 'Less', ['i', 'in_n']),
        node('cond', 'LoopCond', ['less']),
        node('si', 'Switch', ['i', 'cond']),
        node('sv', 'Switch', ['v', 'cond']),
        node('i1', 'Add', ['si:1', 'in_one']),
        node('mul', 'Mul', ['sv:1', 'in_k']),
        node('next_i', 'NextIteration', ['i1']),
        node('next_v', 'NextIteration', ['mul']),
        node('out', 'Exit', ['sv']),
        node('y', 'Neg', ['out']),
      ],
      { n: whole(n), zero: whole(0), one: whole(1), k: number(1.5) },
      { x: a },
      ['y'],
    ),
  ),
  ...['If', 'StatelessIf'].flatMap((op) =>
    [0, 1].map((p) =>
      whole_graph(
        `${op}: ${p}`,
        [
          node('x', 'Placeholder'),
          node('p', 'Placeholder'),
          node('y', op, ['p', 'x'], { then_branch: attr.func('square'), else_branch: attr.func('halve') }),
        ],
        { half: number(0.5) },
        { x: a, p: bools([p], []) },
        ['y'],
        functions,
      ),
    ),
  ),
  ...['While', 'StatelessWhile'].map((op) =>
    whole_graph(
      op,
      [
        node('x', 'Placeholder'),
        node('n', 'Const'),
        node('y', op, ['n', 'x'], { cond: attr.func('positive'), body: attr.func('grow') }),
      ],
      { n: whole(4), zero: whole(0), less: whole(-1), half: number(0.5) },
      { x: a },
      ['y:1', 'y'],
      functions,
    ),
  ),
  whole_graph(
    'TensorArray',
    [
      node('x', 'Placeholder'),
      node('n', 'Const'),
      node('all', 'Const'),
      node('i', 'Const'),
      node('part', 'Const'),
      node('t', 'TensorArrayV3', ['n'], array),
      node('put', 'TensorArrayScatterV3', ['t', 'all', 'x', 't:1']),
      node('get', 'TensorArrayGatherV3', ['t', 'all', 'put'], { dtype: attr.type('DT_FLOAT') }),
      node('u', 'TensorArrayV3', ['n'], array),
      node('w0', 'TensorArrayWriteV3', ['u', 'i', 'part', 'u:1']),
      node('r', 'TensorArrayReadV3', ['u', 'i', 'w0']),
    ],
    { n: whole(3), all: ints([0, 2, 1]), i: whole(1), part: f(7, 8) },
    { x: matrix },
    ['get', 'r'],
  ),
  {
    ...whole_graph(
      'TensorArray: split, size, concat',
      [
        node('x', 'Placeholder'),
        node('n', 'Const'),
        node('sizes', 'Const'),
        node('v', 'TensorArrayV3', ['n'], array),
        node('split', 'TensorArraySplitV3', ['v', 'x', 'sizes', 'v:1']),
        node('size', 'TensorArraySizeV3', ['v', 'split']),
        node('join', 'TensorArrayConcatV3', ['v', 'split'], { dtype: attr.type('DT_FLOAT') }),
      ],
      { n: whole(3), sizes: ints([1, 2, 0]) },
      { x: matrix },
      ['size', 'join', 'join:1'],
    ),
    ours: [
      { shape: [], dtype: 'int32', values: [3] },
      { shape: [3, 4], dtype: 'float32', values: matrix.values },
      { shape: [3], dtype: 'int32', values: [1, 2, 0] },
    ],
  },
  whole_graph(
    'TensorList',
    [
      node('x', 'Placeholder'),
      node('shape', 'Const'),
      node('i', 'Const'),
      node('n', 'Const'),
      node('some', 'Const'),
      node('most', 'Const'),
      node('row', 'Const'),
      node('l', 'TensorListFromTensor', ['x', 'shape'], list),
      node('all', 'TensorListStack', ['l', 'shape'], list),
      node('item', 'TensorListGetItem', ['l', 'i', 'shape'], list),
      node('length', 'TensorListLength', ['l']),
      node('gather', 'TensorListGather', ['l', 'some', 'shape'], list),
      node('e', 'EmptyTensorList', ['shape', 'most'], list),
      node('p', 'TensorListPushBack', ['e', 'row'], list),
      node('q', 'TensorListPushBack', ['p', 'row'], list),
      node('pushed', 'TensorListStack', ['q', 'shape'], list),
      node('sc', 'TensorListScatterV2', ['x', 'order', 'shape', 'n'], list),
      node('order', 'Const'),
      node('scattered', 'TensorListStack', ['sc', 'shape'], list),
      node('res', 'TensorListReserve', ['shape', 'one'], list),
      node('one', 'Const'),
      node('zero', 'Const'),
      node('set', 'TensorListSetItem', ['res', 'zero', 'row'], list),
      node('made', 'TensorListStack', ['set', 'shape'], list),
    ],
    {
      shape: ints([4]),
      i: whole(1),
      n: whole(3),
      some: ints([2, 0]),
      most: whole(-1),
      row: f(1, 2, 3, 4),
      order: ints([2, 0, 1]),
      one: whole(1),
      zero: whole(0),
    },
    { x: matrix },
    ['all', 'item', 'length', 'gather', 'pushed', 'scattered', 'made'],
  ),
  ...other,
];
