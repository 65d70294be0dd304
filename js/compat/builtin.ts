// The library's own ops as kernels: by TensorFlow's names, with the inputs and attributes that it gives
// them. A row is the names of the inputs, and the op; '...' stands for a list of tensors.
import { TensorineError } from '../wasm/errors';
import { Tensor, type TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/index';
import { zerosLike } from '../generated/ops/index';
import { draw, fromPixels } from '../api/browser';
import { fill } from '../api/create';
import { grad } from '../api/grad';
import * as image from '../api/image';
import * as linalg from '../api/linalg';
import { staticRegexReplace } from '../api/string';

type Inputs = Record<string, any>;
type Attrs = Record<string, any>;
type Kernel = (inputs: Inputs, attrs: Attrs) => Tensor | Tensor[];
type Row = [inputs: string, kernel: Kernel];
type Op = (...values: any[]) => any;

const all = ops as unknown as Record<string, Op>;
const opOf = (kernel: string) => all[kernel[0].toLowerCase() + kernel.slice(1)];
const list = (inputs: Inputs): Tensor[] => Object.values(inputs);
/** The gradient of f at x, given that of its result. */
const back = (f: (x: Tensor) => Tensor, x: TensorLike, dy: TensorLike): Tensor => grad(f)(x, dy);
const results = (of: object): Tensor[] => Object.values(of).flat();

const UNARY =
  'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Diag Elu Erf Exp Expm1 Floor IsFinite IsInf Log Log1p ' +
  'LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh ZerosLike';
const BINARY =
  'Add Atan2 Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor Maximum Minimum ' +
  'Mod NotEqual Pow SquaredDifference Sub';

const conv2d = (x: TensorLike, filter: TensorLike, a: Attrs) =>
  ops.conv2d(x, filter, a.strides, a.pad, a.dataFormat, a.dilations, a.dimRoundingMode) as Tensor;
const conv3d = (x: TensorLike, filter: TensorLike, a: Attrs) =>
  ops.conv3d(x, filter, a.strides, a.pad, a.dataFormat, a.dilations) as Tensor;
const depthwise = (x: TensorLike, filter: TensorLike, a: Attrs) =>
  ops.depthwiseConv2d(x, filter, a.strides, a.pad, a.dataFormat, a.dilations, a.dimRoundingMode) as Tensor;
const dilation = (x: TensorLike, filter: TensorLike, a: Attrs) =>
  ops.dilation2d(x, filter, a.strides, a.pad, a.dilations) as Tensor;

/** The convolution and its two gradients, by their kernels' names. */
const convolution = (f: typeof conv2d): [Kernel, Kernel, Kernel] => [
  ({ x, filter }, a) => f(x, filter, a),
  ({ x, dy }, a) => back((filter) => f(x, filter, a), ops.zeros(a.filterShape), dy),
  ({ dy, filter }, a) => back((x) => f(x, filter, a), ops.zeros(a.inputShape), dy),
];

/** Pooling and its gradient. */
const pooling = (f: Op, last: string[]): [Kernel, Kernel] => {
  const run = (x: TensorLike, a: Attrs) => f(x, a.filterSize, a.strides, a.pad, ...last.map((name) => a[name]));
  return [({ x }, a) => run(x, a), ({ dy, input }, a) => back((x) => run(x, a), input, dy)];
};

const resizing = (f: Op): [Kernel, Kernel] => [
  ({ images }, a) => f(images, a.size, a.alignCorners, a.halfPixelCenters),
  ({ images, dy }, a) => back((x) => f(x, dy.shape.slice(1, 3), a.alignCorners, a.halfPixelCenters), images, dy),
];

const [conv, convFilter, convInput] = convolution(conv2d),
  [conv3, conv3Filter, conv3Input] = convolution(conv3d);
const [deep, deepFilter, deepInput] = convolution(depthwise);
const [maxPool, maxPoolGrad] = pooling(ops.maxPool, ['dimRoundingMode']);
const [avgPool, avgPoolGrad] = pooling(ops.avgPool, ['dimRoundingMode']);
const [maxPool3, maxPool3Grad] = pooling(ops.maxPool3d, ['dimRoundingMode', 'dataFormat']);
const [avgPool3, avgPool3Grad] = pooling(ops.avgPool3d, ['dimRoundingMode', 'dataFormat']);
const [bilinear, bilinearGrad] = resizing(image.resizeBilinear);
const [nearest, nearestGrad] = resizing(image.resizeNearestNeighbor);

const reduced = (f: Op, axis = 'axis'): Row => ['x', ({ x }, a) => f(x, a[axis], a.keepDims)];
const scanned = (f: Op): Row => ['x', ({ x }, a) => f(x, a.axis, a.exclusive, a.reverse)];
const lrn = (x: TensorLike, a: Attrs) =>
  ops.localResponseNormalization(x as Tensor, a.depthRadius, a.bias, a.alpha, a.beta);
const fused = (f: Op): Row => [
  'x filter bias preluActivationWeights',
  ({ x, filter, bias, preluActivationWeights }, a) =>
    f(
      x,
      filter,
      a.strides,
      a.pad,
      a.dataFormat,
      a.dilations,
      a.dimRoundingMode,
      bias,
      a.activation,
      preluActivationWeights,
      a.leakyreluAlpha,
    ),
];
const segments = (f: Op): Row => ['data indices segmentIds', (i) => f(i.data, i.indices, i.segmentIds)];
const between = (f: Op): Row => ['sortedSequence values', (i, a) => f(i.sortedSequence, i.values, a.side)];
const number = (x: any): number => (x instanceof Tensor ? x.dataSync()[0] : x);

const OWN: Record<string, Row> = {
  AddN: ['...', (i) => ops.addN(list(i))],
  All: reduced(ops.all),
  Any: reduced(ops.any),
  Max: reduced(ops.max, 'reductionIndices'),
  Mean: reduced(ops.mean),
  Min: reduced(ops.min),
  Prod: reduced(ops.prod),
  Sum: reduced(ops.sum),
  ArgMax: reduced(ops.argMax),
  ArgMin: reduced(ops.argMin),
  Cumprod: scanned(ops.cumprod),
  Cumsum: scanned(ops.cumsum),
  AvgPool: ['x', avgPool],
  AvgPoolGrad: ['dy input', avgPoolGrad],
  AvgPool3D: ['x', avgPool3],
  AvgPool3DGrad: ['dy input', avgPool3Grad],
  MaxPool: ['x', maxPool],
  MaxPoolGrad: ['dy input output', maxPoolGrad],
  MaxPool3D: ['x', maxPool3],
  MaxPool3DGrad: ['dy input output', maxPool3Grad],
  MaxPoolWithArgmax: [
    'x',
    ({ x }, a) => results(ops.maxPoolWithArgmax(x, a.filterSize, a.strides, a.pad, a.includeBatchInIndex)),
  ],
  Pool: [
    'input',
    ({ input }, a) => ops.pool(input, a.windowShape, a.poolingType, a.pad, a.dilations, a.strides, a.dimRoundingMode),
  ],
  BatchMatMul: ['a b', ({ a, b }, { transposeA, transposeB }) => ops.matMul(a, b, transposeA, transposeB)],
  BatchToSpaceND: ['x', ({ x }, a) => ops.batchToSpaceND(x, a.blockShape, a.crops)],
  SpaceToBatchND: ['x', ({ x }, a) => ops.spaceToBatchND(x, a.blockShape, a.paddings)],
  Bincount: ['x weights', ({ x, weights }, a) => ops.bincount(x, weights, a.size)],
  DenseBincount: ['x weights', ({ x, weights }, a) => ops.denseBincount(x, weights, a.size, a.binaryOutput)],
  BitwiseAnd: ['a b', ({ a, b }) => ops.bitwiseAnd(a, b)],
  BroadcastTo: ['x', ({ x }, a) => ops.broadcastTo(x, a.shape)],
  BroadcastArgs: ['s0 s1', ({ s0, s1 }) => ops.broadcastArgs(s0, s1)],
  Cast: ['x', ({ x }, a) => ops.cast(x, a.dtype)],
  ClipByValue: ['x', ({ x }, a) => ops.clipByValue(x, a.clipValueMin, a.clipValueMax)],
  Complex: ['real imag', ({ real, imag }) => ops.complex(real, imag)],
  ComplexAbs: ['x', ({ x }) => ops.abs(x)],
  Concat: ['...', (i, a) => ops.concat(list(i), a.axis)],
  Conv2D: ['x filter', conv],
  Conv2DBackpropFilter: ['x dy', convFilter],
  Conv2DBackpropInput: ['dy filter', convInput],
  Conv3D: ['x filter', conv3],
  Conv3DBackpropFilterV2: ['x dy', conv3Filter],
  Conv3DBackpropInputV2: ['dy filter', conv3Input],
  DepthwiseConv2dNative: ['x filter', deep],
  DepthwiseConv2dNativeBackpropFilter: ['x dy', deepFilter],
  DepthwiseConv2dNativeBackpropInput: ['dy filter', deepInput],
  CropAndResize: [
    'image boxes boxInd',
    (i, a) => image.cropAndResize(i.image, i.boxes, i.boxInd, a.cropSize, a.method, a.extrapolationValue),
  ],
  DepthToSpace: ['x', ({ x }, a) => ops.depthToSpace(x, a.blockSize, a.dataFormat)],
  Dilation2D: ['x filter', ({ x, filter }, a) => dilation(x, filter, a)],
  Dilation2DBackpropInput: ['x filter dy', ({ x, filter, dy }, a) => back((at) => dilation(at, filter, a), x, dy)],
  Dilation2DBackpropFilter: ['x filter dy', ({ x, filter, dy }, a) => back((at) => dilation(x, at, a), filter, dy)],
  Draw: [
    'image',
    (i, a) => {
      draw(i.image, a.canvas, a.options);
      return i.image;
    },
  ],
  FromPixels: ['', ({ pixels }, a) => fromPixels(pixels, a.numChannels)],
  RealDiv: ['a b', ({ a, b }) => ops.div(a, b)],
  Multiply: ['a b', ({ a, b }) => ops.mul(a, b)],
  Einsum: ['...', (i, a) => ops.einsum(a.equation, ...list(i))],
  EluGrad: ['dy y', ({ dy, y }) => ops.where(ops.greaterEqual(y, 0), dy, ops.mul(dy, ops.add(y, 1)))],
  ExpandDims: ['input', ({ input }, a) => ops.expandDims(input, a.dim)],
  FFT: ['input', ({ input }) => ops.fft(input)],
  IFFT: ['input', ({ input }) => ops.ifft(input)],
  Real: ['input', ({ input }) => ops.real(input)],
  Imag: ['input', ({ input }) => ops.imag(input)],
  Fill: ['', (_, a) => fill(a.shape, a.value, a.dtype)],
  LinSpace: ['', (_, a) => ops.linspace(a.start, a.stop, a.num)],
  Range: ['', (_, a) => ops.range(a.start, a.stop, a.step, a.dtype)],
  FloorDiv: ['a b', ({ a, b }) => ops.cast(ops.floorDiv(a, b), 'int32')],
  FlipLeftRight: ['image', (i) => image.flipLeftRight(i.image)],
  FusedBatchNorm: [
    'x scale offset mean variance',
    (i, a) => ops.batchNorm(i.x, i.mean, i.variance, i.offset, i.scale, a.varianceEpsilon),
  ],
  GatherV2: ['x indices', ({ x, indices }, a) => ops.gather(x, indices, a.axis, a.batchDims)],
  GatherNd: ['params indices', ({ params, indices }) => ops.gatherND(params, indices)],
  Identity: ['x', ({ x }) => ops.clone(x)],
  IsNan: ['x', ({ x }) => ops.isNaN(x)],
  LeakyRelu: ['x', ({ x }, a) => ops.leakyRelu(x, a.alpha)],
  Step: ['x', ({ x }, a) => ops.step(x, a.alpha)],
  Prelu: ['x alpha', ({ x, alpha }) => ops.prelu(x, alpha)],
  Softmax: ['logits', ({ logits }, a) => ops.softmax(logits, a.dim)],
  LogSoftmax: ['logits', ({ logits }, a) => ops.logSoftmax(logits, a.axis)],
  SearchSorted: between(ops.searchSorted),
  LowerBound: between(ops.lowerBound),
  UpperBound: between(ops.upperBound),
  LRN: ['x', ({ x }, a) => lrn(x, a)],
  LRNGrad: ['x y dy', ({ x, dy }, a) => back((at) => lrn(at, a), x, dy)],
  MatrixBandPart: ['input numLower numUpper', (i) => linalg.bandPart(i.input, number(i.numLower), number(i.numUpper))],
  MirrorPad: ['x', ({ x }, a) => ops.mirrorPad(x, a.paddings, a.mode)],
  PadV2: ['x', ({ x }, a) => ops.pad(x, a.paddings, a.constantValue)],
  Multinomial: ['logits', ({ logits }, a) => ops.multinomial(logits, a.numSamples, a.seed, a.normalized)],
  NonMaxSuppressionV3: [
    'boxes scores',
    (i, a) => image.nonMaxSuppression(i.boxes, i.scores, a.maxOutputSize, a.iouThreshold, a.scoreThreshold),
  ],
  NonMaxSuppressionV4: [
    'boxes scores',
    (i, a) =>
      results(
        image.nonMaxSuppressionPadded(
          i.boxes,
          i.scores,
          a.maxOutputSize,
          a.iouThreshold,
          a.scoreThreshold,
          a.padToMaxOutputSize,
        ),
      ),
  ],
  NonMaxSuppressionV5: [
    'boxes scores',
    (i, a) =>
      results(
        image.nonMaxSuppressionWithScore(
          i.boxes,
          i.scores,
          a.maxOutputSize,
          a.iouThreshold,
          a.scoreThreshold,
          a.softNmsSigma,
        ),
      ),
  ],
  OneHot: ['indices', ({ indices }, a) => ops.oneHot(indices, a.depth, a.onValue, a.offValue, a.dtype)],
  Pack: ['...', (i, a) => ops.stack(list(i), a.axis)],
  Unpack: ['value', ({ value }, a) => ops.unstack(value, a.axis)],
  RaggedGather: [
    'paramsNestedSplits paramsDenseValues indices',
    (i, a) => results(ops.raggedGather(i.paramsNestedSplits, i.paramsDenseValues, i.indices, a.outputRaggedRank)),
  ],
  RaggedRange: ['starts limits deltas', (i) => results(ops.raggedRange(i.starts, i.limits, i.deltas))],
  RaggedTensorToTensor: [
    'shape values defaultValue rowPartitionTensors',
    (i, a) => ops.raggedTensorToTensor(i.shape, i.values, i.defaultValue, i.rowPartitionTensors, a.rowPartitionTypes),
  ],
  Reshape: ['x', ({ x }, a) => ops.reshape(x, a.shape)],
  ResizeBilinear: ['images', bilinear],
  ResizeBilinearGrad: ['images dy', bilinearGrad],
  ResizeNearestNeighbor: ['images', nearest],
  ResizeNearestNeighborGrad: ['images dy', nearestGrad],
  Reverse: ['x', ({ x }, a) => ops.reverse(x, a.dims)],
  RotateWithOffset: ['image', (i, a) => image.rotateWithOffset(i.image, a.radians, a.fillValue, a.center)],
  ScatterNd: ['indices updates', (i, a) => ops.scatterND(i.indices, i.updates, a.shape)],
  TensorScatterUpdate: ['tensor indices updates', (i) => ops.tensorScatterUpdate(i.tensor, i.indices, i.updates)],
  Select: ['condition t e', ({ condition, t, e }) => ops.where(condition, t, e)],
  Slice: ['x', ({ x }, a) => ops.slice(x, a.begin, a.size)],
  StridedSlice: [
    'x',
    ({ x }, a) =>
      ops.stridedSlice(
        x,
        a.begin,
        a.end,
        a.strides,
        a.beginMask,
        a.endMask,
        a.ellipsisMask,
        a.newAxisMask,
        a.shrinkAxisMask,
      ),
  ],
  SplitV: ['x', ({ x }, a) => ops.split(x, a.numOrSizeSplits, a.axis)],
  SparseFillEmptyRows: [
    'indices values denseShape defaultValue',
    (i) => results(ops.sparse.sparseFillEmptyRows(i.indices, i.values, i.denseShape, i.defaultValue)),
  ],
  SparseReshape: [
    'inputIndices inputShape newShape',
    (i) => results(ops.sparse.sparseReshape(i.inputIndices, i.inputShape, i.newShape)),
  ],
  SparseSegmentMean: segments(ops.sparse.sparseSegmentMean),
  SparseSegmentSum: segments(ops.sparse.sparseSegmentSum),
  SparseToDense: [
    'sparseIndices sparseValues defaultValue',
    (i, a) => ops.sparseToDense(i.sparseIndices, i.sparseValues, a.outputShape, i.defaultValue),
  ],
  StaticRegexReplace: ['x', ({ x }, a) => staticRegexReplace(x, a.pattern, a.rewrite, a.replaceGlobal)],
  StringNGrams: [
    'data dataSplits',
    (i, a) =>
      results(
        ops.string.stringNGrams(
          i.data,
          i.dataSplits,
          a.separator,
          a.nGramWidths,
          a.leftPad,
          a.rightPad,
          a.padWidth,
          a.preserveShortSequences,
        ),
      ),
  ],
  StringSplit: ['input delimiter', (i, a) => results(ops.string.stringSplit(i.input, i.delimiter, a.skipEmpty))],
  StringToHashBucketFast: ['input', ({ input }, a) => ops.string.stringToHashBucketFast(input, a.numBuckets)],
  Tile: ['x', ({ x }, a) => ops.tile(x, a.reps)],
  TopK: ['x', ({ x }, a) => results(ops.topk(x, a.k, a.sorted))],
  Transform: [
    'image transforms',
    (i, a) => image.transform(i.image, i.transforms, a.interpolation, a.fillMode, a.fillValue, a.outputShape),
  ],
  Transpose: ['x', ({ x }, a) => ops.transpose(x, a.perm)],
  Unique: ['x', ({ x }, a) => results(ops.unique(x, a.axis))],
  UnsortedSegmentSum: ['x segmentIds', (i, a) => ops.unsortedSegmentSum(i.x, i.segmentIds, a.numSegments)],
  _FusedMatMul: [
    'a b bias preluActivationWeights',
    ({ a, b, bias, preluActivationWeights }, t) =>
      ops.fusedMatMul(a, b, t.transposeA, t.transposeB, bias, t.activation, preluActivationWeights, t.leakyreluAlpha),
  ],
  FusedConv2D: fused(ops.fusedConv2d),
  FusedDepthwiseConv2D: fused(ops.fusedDepthwiseConv2d),
};

/** All of them by name. */
export const BUILTIN: ReadonlyMap<string, Row> = new Map([
  ...UNARY.split(' ').map((name): [string, Row] => [name, ['x', ({ x }) => opOf(name)(x)]]),
  ...BINARY.split(' ').map((name): [string, Row] => [name, ['a b', ({ a, b }) => opOf(name)(a, b)]]),
  ...Object.entries(OWN),
]);

/** The gradient of a kernel that has inputs: of each input by name, zeros where none goes through it. */
export function gradientOf(kernelName: string) {
  const [names, kernel] = BUILTIN.get(kernelName) ?? [''];
  if (!kernel || !names) return undefined;
  const many = names === '...',
    inputsToSave = many ? [] : names.split(' ');
  const gradFunc = (dy: Tensor | Tensor[], saved: Tensor[], attrs: Attrs) => {
    const inputs: Inputs = many ? { ...saved } : Object.fromEntries(saved.map((x, i) => [inputsToSave[i], x]));
    return Object.fromEntries(Object.keys(inputs).map((name) => [name, () => part(kernel, inputs, attrs, name, dy)]));
  };
  return { kernelName, inputsToSave, saveAllInputs: many, gradFunc };
}

function part(kernel: Kernel, inputs: Inputs, attrs: Attrs, name: string, dy: Tensor | Tensor[]): Tensor {
  const run = (x: Tensor): Tensor => {
    const y = kernel({ ...inputs, [name]: x }, attrs);
    if (!Array.isArray(y)) return y;
    return ops.addN([dy].flat().map((d, i) => ops.sum(ops.mul(d, y[i]))));
  };
  if (inputs[name].dtype !== 'float32') return zerosLike(inputs[name]);
  try {
    return Array.isArray(dy) ? grad(run)(inputs[name]) : grad(run)(inputs[name], dy);
  } catch (error) {
    if (error instanceof TensorineError && error.code === 'gradient') return zerosLike(inputs[name]);
    throw error;
  }
}
