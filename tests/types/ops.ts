// Every op of tf, with its optional arguments and without; then the ops of namespaces.
import * as tf from 'tensorine';

declare const x: tf.Tensor, v: tf.Tensor1D, m: tf.Tensor2D, k3: tf.Tensor3D, k: tf.Tensor4D, k5: tf.Tensor5D;
const list = [1, 2, 3];

export const elementwise: tf.Tensor[] = [
  tf.abs(x), tf.acos(x), tf.acosh(x), tf.asin(x), tf.asinh(x), tf.atan(x), tf.atanh(x), tf.ceil(x), tf.cos(x), tf.cosh(x), tf.elu(x), tf.erf(x),
  tf.exp(x), tf.expm1(x), tf.floor(x), tf.isFinite(x), tf.isInf(x), tf.isNaN(x), tf.leakyRelu(x), tf.leakyRelu(list, 0.1), tf.log(x),
  tf.log1p(x), tf.logSigmoid(x), tf.logicalNot(x), tf.neg(-1), tf.prelu(x, 0.1), tf.reciprocal(x), tf.relu(list), tf.relu6(x), tf.round(x),
  tf.rsqrt(x), tf.selu(x), tf.sigmoid(x), tf.sign(x), tf.sin(x), tf.sinh(x), tf.softplus(x), tf.sqrt(x), tf.square(new Float32Array(2)),
  tf.step(x), tf.step(x, 0.5), tf.tan(x), tf.tanh(x), tf.clipByValue(x, 0, 1), tf.cast(x, 'int32'), tf.add(x, 1), tf.sub(1, x), tf.mul(x, x),
  tf.div(list, x), tf.divNoNan(x, x), tf.floorDiv(x, 2), tf.mod(x, 2), tf.pow(x, 2), tf.maximum(x, 0), tf.minimum(x, 0),
  tf.squaredDifference(x, x), tf.atan2(x, x), tf.addN([x, x]), tf.addN([m, m]), tf.equal(x, 1), tf.notEqual(x, 1), tf.greater(x, 1), tf.greaterEqual(x, 1),
  tf.less(x, 1), tf.lessEqual(x, 1), tf.logicalAnd(x, true), tf.logicalOr(x, x), tf.logicalXor(x, x), tf.bitwiseAnd(x, x), tf.where(x, x, 0),
  tf.dropout(x, 0.5), tf.dropout(x, 0.5, [2, 1], 'seed'), tf.softmax(x), tf.softmax(x, 1), tf.logSoftmax(x), tf.logSoftmax(x, 1),
  tf.cumsum(x), tf.cumsum(x, 0, true, true), tf.cumprod(x), tf.cumprod(x, 0, true, true),
];

export const reductions: tf.Tensor[] = [
  tf.sum(x), tf.sum(x, 0), tf.sum(x, [0, 1], true), tf.mean(x), tf.mean(x, 0, true), tf.max(x), tf.max(x, [0]), tf.min(x), tf.min(x, 0, true),
  tf.prod(x), tf.prod(x, 0), tf.any(x), tf.any(x, 0, true), tf.all(x), tf.all(x, [0]), tf.argMax(x), tf.argMax(x, 1), tf.argMin(x), tf.argMin(x, 1),
  tf.logSumExp(x), tf.logSumExp(x, 0, true), tf.norm(x), tf.norm(x, 2, 0), tf.norm(x, 'euclidean', [0, 1], true), tf.euclideanNorm(x),
  tf.euclideanNorm(x, 0, true), tf.moments(x).mean, tf.moments(x, [0], true).variance, tf.bincount(v, [], 4), tf.bincount(v, v, 4),
  tf.denseBincount(m, [], 4), tf.denseBincount(v, v, 4, true), tf.topk(x).values, tf.topk(x, 2, false).indices, tf.unique(x).values, tf.unique(x, 0).indices,
  tf.unsortedSegmentSum(x, v, 2), tf.searchSorted(m, m), tf.searchSorted(m, m, 'right'), tf.lowerBound(m, m), tf.upperBound(m, m),
  tf.movingAverage(x, x, 0.9), tf.movingAverage(x, x, 0.9, tf.scalar(1), true), tf.math.confusionMatrix(v, list, 3),
];

export const products: tf.Tensor[] = [
  tf.matMul(m, m), tf.matMul(x, x, true, false), tf.dot(v, v), tf.outerProduct(v, list), tf.einsum('ij,jk->ik', m, m), tf.diag(v),
  tf.conv1d(k3, k3, 1, 'same'), tf.conv1d(k3, k3, 1, 1, 'NWC', 1, 'floor'), tf.conv2d(k, k, 1, 'same'), tf.conv2d(k3, k, [1, 2], 1, 'NHWC', [1, 1], 'ceil'),
  tf.conv2d(k, k, 1, [[0, 0], [1, 1], [1, 1], [0, 0]]), tf.conv2dTranspose(k, k, [1, 4, 4, 1], 2, 'same'), tf.conv2dTranspose(k3, k, [4, 4, 1], 2, 1, 'round'),
  tf.conv3d(k5, k5, 1, 'valid'), tf.conv3d(k5, k5, [1, 1, 1], 'same', 'NDHWC', 1), tf.conv3dTranspose(k5, k5, [1, 2, 2, 2, 1], 1, 'same'),
  tf.depthwiseConv2d(k, k, 1, 'same'), tf.depthwiseConv2d(k3, k, 1, 0, 'NHWC', 1, 'floor'), tf.separableConv2d(k, k, k, 1, 'same'),
  tf.separableConv2d(k, k, k, [1, 1], 'valid', 1, 'NHWC'), tf.dilation2d(k, k3, 1, 'same'), tf.dilation2d(k3, k3, [1, 1], 'valid', [1, 1], 'NHWC'),
  tf.maxPool(k, 2, 2, 'same'), tf.maxPool(k3, [2, 2], [1, 1], 1, 'floor'), tf.avgPool(k, 2, 2, 'same'), tf.avgPool(k3, 2, 1, 1, 'ceil'),
  tf.maxPool3d(k5, 2, 2, 'same'), tf.maxPool3d(k5, [1, 2, 2], 1, 'valid', 'floor', 'NDHWC'), tf.avgPool3d(k5, 2, 2, 'same'), tf.avgPool3d(k5, 2, 1, 1, 'round'),
  tf.pool(k, 2, 'avg', 'same'), tf.pool(k, [2, 2], 'max', 1, [1, 1], [1, 1], 'floor'), tf.maxPoolWithArgmax(k, 2, 2, 'same').result,
  tf.maxPoolWithArgmax(k, 2, 2, 'same', true)['indexes'], tf.localResponseNormalization(k), tf.localResponseNormalization(k3, 1, 1, 1, 0.5),
  tf.batchNorm(k, v, v), tf.batchNorm(k, v, v, v, v, 0.1), tf.batchNorm2d(m, v, v), tf.batchNorm3d(k3, v, v, v), tf.batchNorm4d(k, v, v, v, v, 0.1),
  ...tf.basicLSTMCell(1, m, v, m, m, m), tf.fused.matMul({ a: m, b: m }), tf.fused.matMul({ a: m, b: m, transposeA: false, transposeB: true, bias: v, activation: 'relu' }),
  tf.fused.conv2d({ x: k, filter: k, strides: 1, pad: 'same' }), tf.fused.depthwiseConv2d({ x: k, filter: k, strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1, activation: 'relu6' }),
];
const step: tf.LSTMCellFunc = (data, c, h) => tf.basicLSTMCell(1, m, v, data, c, h);
export const [states, outputs] = tf.multiRNNCell([step], m, [m], [m]);

export const shaped: tf.Tensor[] = [
  tf.reshape(x, [2, 2]), tf.expandDims(x), tf.expandDims(x, 0), tf.squeeze(x), tf.squeeze(x, [0]), tf.transpose(m), tf.transpose(x, [1, 0]),
  tf.broadcastTo(x, [2, 2]), tf.tile(x, [2]), tf.pad(x, [[1, 1]]), tf.pad(m, [[1, 1], [0, 0]], 1), tf.pad1d(v, [1, 1]), tf.pad2d(m, [[1, 1], [0, 0]], 2),
  tf.pad3d(k3, [[0, 0], [1, 1], [0, 0]]), tf.pad4d(k, [[0, 0], [1, 1], [0, 0], [0, 0]]), tf.mirrorPad(m, [[1, 1], [0, 0]], 'symmetric'),
  tf.concat([x, x]), tf.concat([m, [[1, 2]]], 1), tf.concat1d([v, list]), tf.concat2d([m, m], 0), tf.concat3d([k3], 0), tf.concat4d([k], 0),
  tf.stack([x, x]), tf.stack([v, v], 1), ...tf.unstack(x), ...tf.unstack(m, 1), ...tf.split(x, 2), ...tf.split(m, [1, 1], 1),
  tf.slice(x, 1), tf.slice(m, [0, 0], [1, 1]), tf.slice1d(v, 0, 1), tf.slice2d(m, [0, 0], [1, 1]), tf.slice3d(k3, [0, 0, 0], [1, 1, 1]),
  tf.slice4d(k, [0, 0, 0, 0], [1, 1, 1, 1]), tf.stridedSlice(x, [0], [2]), tf.stridedSlice(x, [0], [2], [1], 0, 0, 0, 0, 0), tf.reverse(x),
  tf.reverse(m, 0), tf.reverse1d(v), tf.reverse2d(m, 0), tf.reverse3d(k3, [0, 1]), tf.reverse4d(k), tf.gather(m, [0]), tf.gather(m, v, 1, 0),
  tf.gatherND(m, [[0, 0]]), tf.scatterND([[0]], [1], [3]), tf.tensorScatterUpdate(v, [[0]], [1]), tf.sparseToDense([0], [1], [3]),
  tf.sparseToDense([0], [1], [3], 0), tf.oneHot(v, 3), tf.oneHot(list, 3, 1, 0, 'int32'), tf.spaceToBatchND(k, [2, 2], [[0, 0], [0, 0]]),
  tf.batchToSpaceND(k, [2, 2], [[0, 0], [0, 0]]), tf.depthToSpace(k, 2), tf.depthToSpace(k, 2, 'NHWC'), ...tf.meshgrid(v, v), ...tf.meshgrid(v),
  ...tf.meshgrid(v, list, { indexing: 'ij' }), tf.ensureShape(m, [2, 2]), tf.broadcastArgs(v, [2]),
  tf.raggedTensorToTensor([2, 2], [1, 2], 0, [v], ['ROW_SPLITS']), tf.fft(x), tf.ifft(x), tf.rfft(x), tf.rfft(x, 4), tf.irfft(x),
  tf.spectral.fft(x), tf.spectral.ifft(x), tf.spectral.rfft(x, 2), tf.spectral.irfft(x), tf.signal.hammingWindow(4), tf.signal.hannWindow(4),
  tf.signal.frame(v, 2, 1), tf.signal.frame(v, 2, 1, true, 0), tf.signal.stft(v, 2, 1), tf.signal.stft(v, 2, 1, 4, (n) => tf.ones([n])),
];

export const images: tf.Tensor[] = [
  tf.image.flipLeftRight(k), tf.image.grayscaleToRGB(k), tf.image.rgbToGrayscale(k3), tf.image.resizeNearestNeighbor(k3, [2, 2]),
  tf.image.resizeNearestNeighbor(k, [2, 2], true, false), tf.image.resizeBilinear(k, [2, 2]), tf.image.resizeBilinear(k3, [2, 2], false, true),
  tf.image.rotateWithOffset(k, 1), tf.image.rotateWithOffset(k, 1, [0, 0, 0], 0.5), tf.image.cropAndResize(k, m, v, [2, 2]),
  tf.image.cropAndResize(k, m, v, [2, 2], 'nearest', 0), tf.image.threshold(k3), tf.image.threshold(k3, 'otsu', false, 0.5), tf.image.transform(k, m),
  tf.image.transform(k, m, 'bilinear', 'wrap', 0, [2, 2]), tf.image.nonMaxSuppression(m, v, 3), tf.image.nonMaxSuppression(m, v, 3, 0.5, 0.1),
  tf.image.nonMaxSuppressionWithScore(m, v, 3).selectedIndices, tf.image.nonMaxSuppressionWithScore(m, v, 3, 0.5, 0.1, 0)['selectedScores'],
  tf.image.nonMaxSuppressionPadded(m, v, 3).validOutputs, tf.image.nonMaxSuppressionPadded(m, v, 3, 0.5, 0.1, true).selectedIndices,
  tf.linalg.bandPart(m, 1, 1), tf.linalg.bandPart(m, tf.scalar(1), 1), tf.linalg.gramSchmidt(m) as tf.Tensor2D, ...tf.linalg.qr(m), ...tf.linalg.qr(x, true),
];
export const orthogonal = tf.linalg.gramSchmidt([v, v]) as tf.Tensor1D[];

export async function later(): Promise<tf.Tensor[]> {
  const boxes: tf.Tensor1D = await tf.image.nonMaxSuppressionAsync(m, v, 3, 0.5, 0.1), where: tf.Tensor2D = await tf.whereAsync(x);
  const scored: tf.NamedTensorMap = await tf.image.nonMaxSuppressionWithScoreAsync(m, v, 3, 0.5, 0.1, 0);
  const padded: tf.NamedTensorMap = await tf.image.nonMaxSuppressionPaddedAsync(m, v, 3, 0.5, 0.1, true);
  const [values, indices] = await tf.setdiff1dAsync(v, list), top: tf.Tensor1D = await tf.inTopKAsync(m, v, 2);
  return [boxes, where, ...Object.values(scored), ...Object.values(padded), values, indices, top, await tf.booleanMaskAsync(m, [true]), await tf.booleanMaskAsync(m, v, 0)];
}

export const losses: tf.Scalar[] = [
  tf.losses.absoluteDifference(x, x), tf.losses.absoluteDifference(x, x, 1, tf.Reduction.MEAN), tf.losses.computeWeightedLoss(x),
  tf.losses.computeWeightedLoss(x, x, tf.Reduction.SUM), tf.losses.cosineDistance(x, x, 0), tf.losses.cosineDistance(x, x, 0, 1, tf.Reduction.NONE),
  tf.losses.hingeLoss(x, x), tf.losses.hingeLoss(x, x, x), tf.losses.huberLoss(x, x), tf.losses.huberLoss(x, x, 1, 0.5), tf.losses.logLoss(x, x),
  tf.losses.logLoss(x, x, 1, 1e-7), tf.losses.meanSquaredError(x, x), tf.losses.meanSquaredError(x, x, 1, tf.Reduction.SUM_BY_NONZERO_WEIGHTS),
  tf.losses.sigmoidCrossEntropy(x, x), tf.losses.sigmoidCrossEntropy(x, x, 1, 0.1), tf.losses.softmaxCrossEntropy(x, x),
  tf.losses.softmaxCrossEntropy(x, x, 1, 0.1, tf.Reduction.MEAN),
];

export const sparse: (tf.Tensor | tf.NamedTensorMap)[] = [
  tf.sparse.sparseFillEmptyRows(m, v, v, 0), tf.sparse.sparseReshape(m, v, list), tf.sparse.sparseSegmentMean(x, v, v),
  tf.sparse.sparseSegmentSum(x, list, v), tf.string.stringNGrams(v, v, ' ', [2], '', '', 0, true), tf.string.stringSplit(v, ' '),
  tf.string.stringSplit(['a b'], ' ', true), tf.string.stringToHashBucketFast(x, 7), tf.string.staticRegexReplace(x, 'a', 'b'),
  tf.string.staticRegexReplace(['a'], 'a', 'b', false),
];
