// A call of every kernel, by TensorFlow's names: (lib) => [inputs, attributes]. `w` gives numbers that
// look random and are the same in each library. Images are square: the peer turns the gradient of others.
import { waves } from './both.mjs';

const ints = (lib, values, shape) => lib.tensor(values, shape, 'int32');
const bools = (lib, values) => lib.tensor(values, undefined, 'bool');
const one =
  (low = -2, high = 2, name = 'x') =>
  (lib) => [
    {
      [name]: lib.tensor(
        [0.1, 0.35, 0.6, 0.9].map((t) => low + t * (high - low)),
        [2, 2],
      ),
    },
    {},
  ];
const two = (lib) => [{ a: lib.tensor([1.5, -2, 3, 7]), b: lib.tensor([2, 1, 3.5, -4]) }, {}];
const logical = (lib) => [{ a: bools(lib, [1, 0, 1, 0]), b: bools(lib, [1, 1, 0, 0]) }, {}];
const reduced = (attrs) => (lib) => [{ x: waves(lib, 2, 3) }, attrs];
const pool = { filterSize: [2, 2], strides: [1, 2], pad: 'valid' };
const pool3 = { filterSize: [2, 2, 2], strides: [1, 1, 1], pad: 'valid', dataFormat: 'NDHWC' };
const conv = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
const conv3 = { strides: [1, 1, 1], pad: 'same', dataFormat: 'NDHWC', dilations: [1, 1, 1] };
const dilation = { strides: [1, 1], pad: 'valid', dilations: [1, 1] };
const lrn = { depthRadius: 1, bias: 1, alpha: 0.5, beta: 0.75 };
const resize = { alignCorners: false, halfPixelCenters: true, size: [3, 5] };
const boxes = (lib) => ({
  boxes: lib.tensor2d([
    [0, 0, 1, 1],
    [0, 0.1, 1, 1.1],
    [0, 2, 1, 3],
  ]),
  scores: lib.tensor1d([0.9, 0.75, 0.6]),
});
const nms = { maxOutputSize: 3, iouThreshold: 0.5, scoreThreshold: 0.1 };
const fused = { activation: 'relu', leakyreluAlpha: 0.2 };
const segments = (lib) => [
  { data: waves(lib, 3, 2), indices: ints(lib, [0, 2, 1]), segmentIds: ints(lib, [0, 0, 1]) },
  {},
];
const sorted = (attrs) => (lib) => [
  { sortedSequence: lib.tensor2d([[1, 3, 5]]), values: lib.tensor2d([[0, 3, 6]]) },
  attrs,
];
const complex = (lib) => lib.complex(waves(lib, 2, 4), waves(lib, 2, 4).mul(0.5));
const same = (names, call) => Object.fromEntries(names.split(' ').map((name) => [name, call]));

export const calls = {
  ...same(
    'Abs Asinh Atan Ceil Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan Neg OnesLike Relu Relu6 Round Selu ' +
      'Sigmoid Sign Sin Sinh Softplus Square Tan Tanh ZerosLike Identity',
    one(),
  ),
  ...same('Acos Asin Atanh', one(-0.9, 0.9)),
  ...same('Acosh Log Log1p Reciprocal Rsqrt Sqrt', one(1.1, 5)),
  ...same(
    'Add Sub Multiply RealDiv Maximum Minimum Mod FloorDiv SquaredDifference Atan2 Equal NotEqual Greater GreaterEqual ' +
      'Less LessEqual',
    two,
  ),
  Pow: (lib) => [{ a: lib.tensor([1.5, 2, 3, 7]), b: lib.tensor([2, -1, 0.5, 0]) }, {}],
  ...same('LogicalAnd LogicalOr LogicalXor', logical),
  LogicalNot: (lib) => [{ x: bools(lib, [1, 0]) }, {}],
  AddN: (lib) => [[waves(lib, 3), waves(lib, 3).neg(), waves(lib, 3)], {}],
  All: (lib) => [
    {
      x: bools(lib, [
        [1, 0],
        [1, 1],
      ]),
    },
    { axis: 1, keepDims: false },
  ],
  Any: (lib) => [
    {
      x: bools(lib, [
        [1, 0],
        [0, 0],
      ]),
    },
    { axis: 1, keepDims: true },
  ],
  ...same('ArgMax ArgMin', reduced({ axis: 1 })),
  ...same('Mean Min Prod Sum', reduced({ axis: [1], keepDims: true })),
  Max: reduced({ reductionIndices: 1, keepDims: false }),
  Min: reduced({ axis: [0], keepDims: false }),
  ...same('Cumsum Cumprod', reduced({ axis: 1, exclusive: true, reverse: true })),
  ...same('AvgPool MaxPool', (lib) => [{ x: waves(lib, 1, 3, 4, 2) }, pool]),
  AvgPoolGrad: (lib) => [{ dy: waves(lib, 1, 2, 2, 2), input: waves(lib, 1, 3, 4, 2) }, pool],
  MaxPoolGrad: (lib) => [
    {
      dy: waves(lib, 1, 2, 2, 2),
      input: waves(lib, 1, 3, 4, 2),
      output: lib.maxPool(waves(lib, 1, 3, 4, 2), [2, 2], [1, 2], 'valid'),
    },
    pool,
  ],
  ...same('AvgPool3D MaxPool3D', (lib) => [{ x: waves(lib, 1, 3, 3, 3, 1) }, pool3]),
  AvgPool3DGrad: (lib) => [{ dy: waves(lib, 1, 2, 2, 2, 1), input: waves(lib, 1, 3, 3, 3, 1) }, pool3],
  MaxPool3DGrad: (lib) => [
    {
      dy: waves(lib, 1, 2, 2, 2, 1),
      input: waves(lib, 1, 3, 3, 3, 1),
      output: lib.maxPool3d(waves(lib, 1, 3, 3, 3, 1), 2, 1, 'valid'),
    },
    pool3,
  ],
  MaxPoolWithArgmax: (lib) => [{ x: waves(lib, 1, 3, 4, 2) }, { ...pool, includeBatchInIndex: false }],
  BatchMatMul: (lib) => [
    { a: waves(lib, 2, 3, 2), b: waves(lib, 2, 3, 4) },
    { transposeA: true, transposeB: false },
  ],
  BatchToSpaceND: (lib) => [
    { x: waves(lib, 4, 1, 2, 1) },
    {
      blockShape: [2, 2],
      crops: [
        [0, 0],
        [1, 0],
      ],
    },
  ],
  SpaceToBatchND: (lib) => [
    { x: waves(lib, 1, 2, 4, 1) },
    {
      blockShape: [2, 2],
      paddings: [
        [0, 0],
        [0, 0],
      ],
    },
  ],
  Bincount: (lib) => [{ x: ints(lib, [1, 1, 2]), weights: lib.tensor([0.5, 1, 2]) }, { size: 4 }],
  DenseBincount: (lib) => [
    {
      x: ints(lib, [
        [1, 1],
        [2, 0],
      ]),
      weights: lib.tensor([], [0]),
    },
    { size: 3, binaryOutput: true },
  ],
  BitwiseAnd: (lib) => [{ a: ints(lib, [5, 6]), b: ints(lib, [3, 12]) }, {}],
  BroadcastArgs: (lib) => [{ s0: ints(lib, [2, 1]), s1: ints(lib, [3]) }, {}],
  Cast: (lib) => [{ x: lib.tensor([1.7, -1.7]) }, { dtype: 'int32' }],
  ClipByValue: (lib) => [{ x: waves(lib, 5) }, { clipValueMin: -0.5, clipValueMax: 0.25 }],
  Complex: (lib) => [{ real: waves(lib, 3), imag: waves(lib, 3) }, {}],
  ComplexAbs: (lib) => [{ x: complex(lib) }, {}],
  Concat: (lib) => [[waves(lib, 2, 1), waves(lib, 2, 2)], { axis: 1 }],
  Conv2D: (lib) => [{ x: waves(lib, 1, 3, 4, 2), filter: waves(lib, 2, 2, 2, 3) }, conv],
  Conv2DBackpropFilter: (lib) => [
    { x: waves(lib, 1, 3, 4, 2), dy: waves(lib, 1, 3, 4, 3) },
    { ...conv, filterShape: [2, 2, 2, 3] },
  ],
  Conv2DBackpropInput: (lib) => [
    { dy: waves(lib, 1, 3, 4, 3), filter: waves(lib, 2, 2, 2, 3) },
    { ...conv, inputShape: [1, 3, 4, 2] },
  ],
  Conv3D: (lib) => [{ x: waves(lib, 1, 2, 3, 2, 2), filter: waves(lib, 2, 2, 2, 2, 1) }, conv3],
  Conv3DBackpropFilterV2: (lib) => [
    { x: waves(lib, 1, 2, 3, 2, 2), dy: waves(lib, 1, 2, 3, 2, 1) },
    { ...conv3, filterShape: [2, 2, 2, 2, 1] },
  ],
  Conv3DBackpropInputV2: (lib) => [
    { dy: waves(lib, 1, 2, 3, 2, 1), filter: waves(lib, 2, 2, 2, 2, 1) },
    { ...conv3, inputShape: [1, 2, 3, 2, 2] },
  ],
  DepthwiseConv2dNative: (lib) => [{ x: waves(lib, 1, 3, 3, 2), filter: waves(lib, 2, 2, 2, 2) }, conv],
  DepthwiseConv2dNativeBackpropFilter: (lib) => [
    { x: waves(lib, 1, 3, 3, 2), dy: waves(lib, 1, 3, 3, 4) },
    { ...conv, filterShape: [2, 2, 2, 2] },
  ],
  DepthwiseConv2dNativeBackpropInput: (lib) => [
    { dy: waves(lib, 1, 3, 3, 4), filter: waves(lib, 2, 2, 2, 2) },
    { ...conv, inputShape: [1, 3, 3, 2] },
  ],
  CropAndResize: (lib) => [
    { image: waves(lib, 1, 4, 4, 1), boxes: lib.tensor2d([[0, 0, 0.5, 1]]), boxInd: ints(lib, [0]) },
    { cropSize: [3, 3], method: 'bilinear', extrapolationValue: 0 },
  ],
  DepthToSpace: (lib) => [{ x: waves(lib, 1, 1, 2, 4) }, { blockSize: 2, dataFormat: 'NHWC' }],
  Diag: (lib) => [{ x: waves(lib, 3) }, {}],
  Dilation2D: (lib) => [{ x: waves(lib, 1, 3, 3, 2), filter: waves(lib, 2, 2, 2) }, dilation],
  ...same('Dilation2DBackpropInput Dilation2DBackpropFilter', (lib) => [
    { x: waves(lib, 1, 3, 3, 2), filter: waves(lib, 2, 2, 2), dy: waves(lib, 1, 2, 2, 2) },
    dilation,
  ]),
  Einsum: (lib) => [[waves(lib, 2, 3), waves(lib, 3, 2)], { equation: 'ij,jk->ik' }],
  EluGrad: (lib) => [{ dy: waves(lib, 4), y: lib.elu(waves(lib, 4)) }, {}],
  ExpandDims: (lib) => [{ input: waves(lib, 2, 3) }, { dim: 1 }],
  ...same('FFT IFFT Real Imag', (lib) => [{ input: complex(lib) }, {}]),
  Fill: () => [{}, { shape: [2, 2], value: 3, dtype: 'int32' }],
  LinSpace: () => [{}, { start: 0, stop: 1, num: 5 }],
  Range: () => [{}, { start: 1, stop: 7, step: 2, dtype: 'int32' }],
  FlipLeftRight: (lib) => [{ image: waves(lib, 1, 2, 3, 1) }, {}],
  FusedBatchNorm: (lib) => [
    {
      x: waves(lib, 2, 2, 2, 2),
      scale: lib.tensor([1, 2]),
      offset: lib.tensor([0, 1]),
      mean: lib.tensor([0.1, 0.2]),
      variance: lib.tensor([1, 0.5]),
    },
    { varianceEpsilon: 0.01 },
  ],
  GatherV2: (lib) => [
    { x: waves(lib, 3, 2), indices: ints(lib, [2, 0]) },
    { axis: 0, batchDims: 0 },
  ],
  GatherNd: (lib) => [
    {
      params: waves(lib, 3, 2),
      indices: ints(lib, [
        [2, 1],
        [0, 0],
      ]),
    },
    {},
  ],
  LeakyRelu: (lib) => [{ x: waves(lib, 4) }, { alpha: 0.3 }],
  Step: (lib) => [{ x: waves(lib, 4) }, { alpha: 0.3 }],
  Prelu: (lib) => [{ x: waves(lib, 2, 2), alpha: lib.tensor([0.1, 0.5]) }, {}],
  LRN: (lib) => [{ x: waves(lib, 1, 2, 2, 3) }, lrn],
  LRNGrad: (lib) => [
    {
      x: waves(lib, 1, 2, 2, 3),
      y: lib.localResponseNormalization(waves(lib, 1, 2, 2, 3), 1, 1, 0.5, 0.75),
      dy: waves(lib, 1, 2, 2, 3),
    },
    lrn,
  ],
  MirrorPad: (lib) => [
    { x: waves(lib, 2, 3) },
    {
      paddings: [
        [1, 0],
        [0, 2],
      ],
      mode: 'reflect',
    },
  ],
  PadV2: (lib) => [
    { x: waves(lib, 2, 3) },
    {
      paddings: [
        [1, 0],
        [0, 2],
      ],
      constantValue: 7,
    },
  ],
  Multinomial: (lib) => [{ logits: lib.tensor2d([[0, 1, 0]]) }, { numSamples: 3, seed: 1, normalized: true }],
  NonMaxSuppressionV3: (lib) => [boxes(lib), nms],
  NonMaxSuppressionV4: (lib) => [boxes(lib), { ...nms, padToMaxOutputSize: true }],
  NonMaxSuppressionV5: (lib) => [boxes(lib), { ...nms, softNmsSigma: 0.5 }],
  OneHot: (lib) => [{ indices: ints(lib, [0, 2]) }, { depth: 3, onValue: 2, offValue: -1, dtype: 'float32' }],
  Pack: (lib) => [[waves(lib, 2), waves(lib, 2).neg()], { axis: 1 }],
  Unpack: (lib) => [{ value: waves(lib, 2, 3) }, { axis: 1 }],
  RaggedGather: (lib) => [
    {
      paramsNestedSplits: [ints(lib, [0, 2, 3])],
      paramsDenseValues: lib.tensor([1, 2, 3]),
      indices: ints(lib, [1, 0]),
    },
    { outputRaggedRank: 1 },
  ],
  RaggedRange: (lib) => [{ starts: ints(lib, [0, 5]), limits: ints(lib, [3, 9]), deltas: ints(lib, [1, 2]) }, {}],
  RaggedTensorToTensor: (lib) => [
    {
      shape: ints(lib, [2, 3]),
      values: lib.tensor([1, 2, 3]),
      defaultValue: lib.scalar(0),
      rowPartitionTensors: [ints(lib, [0, 2, 3])],
    },
    { rowPartitionTypes: ['ROW_SPLITS'] },
  ],
  Reshape: (lib) => [{ x: waves(lib, 2, 3) }, { shape: [3, 2] }],
  ...same('ResizeBilinear ResizeNearestNeighbor', (lib) => [{ images: waves(lib, 1, 3, 3, 2) }, resize]),
  ...same('ResizeBilinearGrad ResizeNearestNeighborGrad', (lib) => [
    { images: waves(lib, 1, 3, 3, 1), dy: waves(lib, 1, 4, 6, 1) },
    { alignCorners: false },
  ]),
  Reverse: (lib) => [{ x: waves(lib, 2, 3) }, { dims: [1] }],
  RotateWithOffset: (lib) => [
    { image: waves(lib, 1, 4, 4, 1) },
    { radians: Math.PI / 2, fillValue: 0, center: [0.5, 0.5] },
  ],
  ScatterNd: (lib) => [{ indices: ints(lib, [[3], [1]]), updates: lib.tensor([9, 8]) }, { shape: [5] }],
  TensorScatterUpdate: (lib) => [
    { tensor: waves(lib, 4), indices: ints(lib, [[3], [1]]), updates: lib.tensor([9, 8]) },
    {},
  ],
  SearchSorted: sorted({ side: 'right' }),
  Select: (lib) => [{ condition: bools(lib, [1, 0]), t: lib.tensor([1, 2]), e: lib.tensor([3, 4]) }, {}],
  Slice: (lib) => [{ x: waves(lib, 3, 3) }, { begin: [1, 0], size: [2, -1] }],
  StridedSlice: (lib) => [
    { x: waves(lib, 3, 4) },
    {
      begin: [0, 3],
      end: [3, 0],
      strides: [2, -1],
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
    },
  ],
  SplitV: (lib) => [{ x: waves(lib, 2, 4) }, { numOrSizeSplits: [1, 3], axis: 1 }],
  Softmax: (lib) => [{ logits: waves(lib, 2, 3) }, { dim: 1 }],
  SparseFillEmptyRows: (lib) => [
    {
      indices: ints(lib, [
        [0, 1],
        [2, 0],
      ]),
      values: lib.tensor1d([5, 6]),
      denseShape: ints(lib, [3, 2]),
      defaultValue: lib.scalar(-1),
    },
    {},
  ],
  SparseReshape: (lib) => [
    {
      inputIndices: ints(lib, [
        [0, 1],
        [1, 2],
      ]),
      inputShape: ints(lib, [2, 3]),
      newShape: ints(lib, [3, -1]),
    },
    {},
  ],
  ...same('SparseSegmentMean SparseSegmentSum', segments),
  SparseToDense: (lib) => [
    {
      sparseIndices: ints(lib, [
        [0, 1],
        [1, 0],
      ]),
      sparseValues: lib.tensor([4, 5]),
      defaultValue: lib.scalar(-1),
    },
    { outputShape: [2, 2] },
  ],
  StaticRegexReplace: (lib) => [{ x: lib.tensor(['a-b-c']) }, { pattern: '-', rewrite: '+', replaceGlobal: true }],
  StringNGrams: (lib) => [
    { data: lib.tensor1d(['a', 'b', 'c']), dataSplits: ints(lib, [0, 2, 3]) },
    { separator: '|', nGramWidths: [1, 2], leftPad: 'L', rightPad: 'R', padWidth: -1, preserveShortSequences: false },
  ],
  StringSplit: (lib) => [{ input: lib.tensor1d(['a b', 'c']), delimiter: lib.scalar(' ') }, { skipEmpty: true }],
  StringToHashBucketFast: (lib) => [{ input: lib.tensor(['Hello', 'TensorFlow']) }, { numBuckets: 10 }],
  Tile: (lib) => [{ x: waves(lib, 2, 2) }, { reps: [1, 2] }],
  TopK: (lib) => [{ x: waves(lib, 2, 4) }, { k: 2, sorted: true }],
  Transform: (lib) => [
    { image: waves(lib, 1, 4, 4, 1), transforms: lib.tensor2d([[1, 0, 1, 0, 1, 0.5, 0, 0]]) },
    { interpolation: 'nearest', fillMode: 'constant', fillValue: 0, outputShape: [4, 4] },
  ],
  Transpose: (lib) => [{ x: waves(lib, 2, 3, 2) }, { perm: [2, 0, 1] }],
  Unique: (lib) => [{ x: ints(lib, [3, 1, 3]) }, { axis: 0 }],
  UnsortedSegmentSum: (lib) => [{ x: waves(lib, 3, 2), segmentIds: ints(lib, [1, 0, 1]) }, { numSegments: 2 }],
  _FusedMatMul: (lib) => [
    { a: waves(lib, 1, 2, 3), b: waves(lib, 1, 3, 2), bias: lib.tensor([1, -1]) },
    { transposeA: false, transposeB: false, ...fused },
  ],
  FusedConv2D: (lib) => [
    { x: waves(lib, 1, 3, 3, 2), filter: waves(lib, 2, 2, 2, 3), bias: waves(lib, 3) },
    { ...conv, ...fused },
  ],
  FusedDepthwiseConv2D: (lib) => [
    { x: waves(lib, 1, 3, 3, 2), filter: waves(lib, 2, 2, 2, 1), bias: waves(lib, 2) },
    { ...conv, ...fused },
  ],
};

/** Those that no backend of TensorFlow.js has, or not its CPU's: the call, and what an op says of it. */
export const ours = {
  BroadcastTo: [(lib) => [{ x: waves(lib, 2, 1) }, { shape: [2, 3] }], (lib) => waves(lib, 2, 1).broadcastTo([2, 3])],
  LogSoftmax: [(lib) => [{ logits: waves(lib, 2, 3) }, { axis: 1 }], (lib) => lib.logSoftmax(waves(lib, 2, 3))],
  LowerBound: [sorted({}), (lib) => lib.lowerBound([[1, 3, 5]], [[0, 3, 6]])],
  UpperBound: [sorted({}), (lib) => lib.upperBound([[1, 3, 5]], [[0, 3, 6]])],
  MatrixBandPart: [
    (lib) => [{ input: waves(lib, 3, 3), numLower: lib.scalar(0), numUpper: lib.scalar(1) }, {}],
    (lib) => lib.linalg.bandPart(waves(lib, 3, 3), 0, 1),
  ],
  Pool: [
    (lib) => [{ input: waves(lib, 1, 4, 4, 1) }, { windowShape: [2, 2], poolingType: 'max', pad: 'valid' }],
    (lib) => lib.maxPool(waves(lib, 1, 4, 4, 1), 2, 1, 'valid'),
  ],
  LogicalXor: [logical, (lib) => lib.logicalXor(...Object.values(logical(lib)[0]))],
  FromPixels: [
    () => [{ pixels: { data: new Uint8Array([1, 2, 3, 4]), width: 1, height: 1 } }, { numChannels: 3 }],
    (lib) => lib.tensor3d([[[1, 2, 3]]], [1, 1, 3], 'int32'),
  ],
};
