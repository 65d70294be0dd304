// Tensors: how they are made, read and chained; their ranks.
import * as tf from 'tensorine';

const flat: number[] = [1, 2, 3, 4], dtype: tf.DataType = 'float32', like: tf.TensorLike = [[1, 2], [3, 4]];
const x: tf.Tensor = tf.tensor(flat), m: tf.Tensor2D = tf.tensor2d(flat, [2, 2]);

export const made: tf.Tensor[] = [
  tf.tensor(1), tf.tensor(like), tf.tensor(flat, [2, 2], 'int32'), tf.tensor(new Float32Array(4), m.shape), tf.tensor(['a', 'b']),
  tf.tensor([[true], [false]], [2, 1], 'bool'), tf.tensor<tf.Rank.R2>([1, 2], [1, 2]), tf.tensor([new Uint8Array(2)], [1], 'string'),
  tf.scalar(1), tf.scalar('a'), tf.scalar(true, 'bool'), tf.scalar(new Uint8Array(1), 'string'),
  tf.tensor1d(flat), tf.tensor1d(new Int32Array(2), 'int32'), tf.tensor1d(['a']), tf.tensor2d([[1], [2]]), tf.tensor2d(flat, [2, 2], dtype),
  tf.tensor3d([[[1]]]), tf.tensor3d(flat, [1, 2, 2]), tf.tensor4d([[[[1]]]]), tf.tensor4d(flat, [1, 1, 2, 2]),
  tf.tensor5d([[[[[1]]]]]), tf.tensor5d(flat, [1, 1, 1, 2, 2], 'int32'), tf.tensor6d([[[[[[1]]]]]]), tf.tensor6d(flat, [1, 1, 1, 1, 2, 2]),
  tf.zeros([2]), tf.zeros([2, 2], 'bool'), tf.zeros<tf.Rank.R1>([2]), tf.ones([2]), tf.ones(x.shape, x.dtype), tf.fill([2], 3),
  tf.fill([2], 'a'), tf.fill([2], 3, 'int32'), tf.zerosLike(m), tf.onesLike([1, 2]), tf.eye(2), tf.eye(2, 3, [4], 'int32'),
  tf.linspace(0, 1, 3), tf.range(0, 3), tf.range(0, 6, 2, 'int32'), tf.clone(x), tf.rand([2], () => 0.5), tf.rand([2], Math.random, 'int32'),
  tf.randomUniform([2]), tf.randomUniform([2], 0, 1, 'float32', 'seed'), tf.randomUniformInt([2], 0, 5), tf.randomUniformInt([2], 0, 5, 7),
  tf.randomNormal([2]), tf.randomNormal([2], 0, 1, 'float32', 7), tf.truncatedNormal([2]), tf.truncatedNormal([2], 0, 1, 'float32', 7),
  tf.randomStandardNormal([2]), tf.randomStandardNormal([2], 'float32', 7), tf.randomGamma([2], 1), tf.randomGamma([2], 1, 2, 'float32', 7),
  tf.multinomial([0.5, 0.5], 3), tf.multinomial(m, 3, 7, true), tf.complex([1], [2]), tf.real(x), tf.imag(x), tf.variable(x),
  tf.variable(m, true, 'name', 'float32'),
];

// What is inferred: the rank of what is given, or the one that is expected.
export const inferred: [tf.Tensor2D, tf.Tensor1D, tf.Tensor3D, tf.Scalar, tf.Tensor1D, tf.Tensor2D, number[], number[][], [number, number]] =
  [tf.relu(m), tf.linspace(0, 1, 2), tf.zeros([1, 2, 3]), tf.scalar(1), m.flatten(), tf.variable(m), tf.tensor1d(flat).arraySync(),
    m.arraySync(), m.shape];
export const expected: [tf.Tensor2D, tf.Tensor1D, tf.Scalar, tf.Tensor4D] = [tf.matMul(m, m), tf.add(x, 1), m.mean(), tf.reshape(x, [1, 1, 2, 2])];
export const stated = [tf.add<tf.Tensor1D>(x, x), m.sum<tf.Scalar>(), tf.matMul<tf.Tensor2D>(x, x), x.reshape<tf.Tensor2D>([2, 2])];
export const called: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] = [m.relu(), m.clone(), m.mul(2)];
export const byHand: (t: tf.Tensor2D) => tf.Tensor1D = (t) => t.square().sum<tf.Tensor1D>(1).sqrt();

export async function read(): Promise<void> {
  const numbers: Float32Array | Int32Array | Uint8Array = await x.data(), ints: Int32Array = x.dataSync<'int32'>();
  const texts: string[] = await x.data<'string'>(), nested: number[][] = await m.array(), number: number = tf.scalar(1).arraySync();
  const bytes: Uint8Array | Uint8Array[] = await x.bytes(), any = x.arraySync() as number[];
  const [rows, columns] = m.shape, sizes: number[] = x.shape, { id, size, rank, dtype: type, strides, kept, isDisposed } = x;
  const facts: [number, number, number, tf.DataType, number[], boolean, boolean] = [id, size, rank, type, strides, kept, isDisposed];
  const rankType: tf.Rank.R2 = m.rankType, text: string = x.toString(true);
  x.throwIfDisposed();
  x.print();
  x.print(true);
  tf.print(x);
  tf.print(m, true);
  x.dispose();
  void [numbers, ints, texts, nested, number, bytes, any, rows, columns, sizes, facts, rankType, text];
}

export async function buffers(): Promise<void> {
  const b: tf.TensorBuffer<tf.Rank.R2> = tf.buffer([2, 2]), c = tf.buffer([2], 'int32', new Int32Array(2)), d = m.bufferSync();
  const e: tf.TensorBuffer<tf.Rank.R2> = await m.buffer(), whole: tf.Tensor2D = b.toTensor();
  b.set(1, 0, 1);
  const element: number = b.get(0, 1), at: number = b.locToIndex([0, 1]), location: number[] = b.indexToLoc(1);
  const shape: [number, number] = b.shape, values: Float32Array = b.values, ints: Int32Array = c.values;
  void [d.size, d.rank, d.strides, d.dtype, e, whole, element, at, location, shape, values, ints, new tf.TensorBuffer([2], 'float32')];
}

export function variables(): void {
  const v: tf.Variable<tf.Rank.R2> = tf.variable(m);
  v.assign(m);
  v.trainable = false;
  const name: string = v.name, w: tf.Variable = m.variable(true, 'w', 'float32');
  w.dispose();
  void name;
}

export const chained: tf.Tensor[] = [
  x.abs(), x.acos(), x.acosh(), x.add(1), x.all(), x.all(0, true), x.any(), x.any([0]), x.argMax(), x.argMax(0), x.argMin(), x.asScalar(),
  x.asType('int32'), x.as1D(), x.as2D(1, 2), x.as3D(1, 1, 2), x.as4D(1, 1, 1, 2), x.as5D(1, 1, 1, 1, 2), x.asin(), x.asinh(), x.atan(),
  x.atan2(x), x.atanh(), x.avgPool(2, 1, 'same'), x.batchToSpaceND([2], [[0, 0]]), x.batchNorm([0], [1], [0], [1], 0.1),
  x.broadcastTo([2, 4]), x.cast('bool'), x.ceil(), x.clipByValue(0, 1), x.concat(x), x.concat([x, x], 1), x.conv1d(x as tf.Tensor3D, 1, 'same'),
  x.conv2dTranspose(x as tf.Tensor4D, [1, 2, 2, 1], 1, 'same'), x.conv2d(x as tf.Tensor4D, 1, 'valid'), x.cos(), x.cosh(),
  x.cumprod(), x.cumsum(0, true, false), x.depthToSpace(2, 'NHWC'), x.depthwiseConv2d(x as tf.Tensor4D, 1, 'same'),
  x.dilation2d(x as tf.Tensor3D, 1, 'same', 1), x.divNoNan(x), x.div(x), x.dot(x), x.elu(), x.equal(x), x.erf(), x.euclideanNorm(),
  x.exp(), x.expandDims(), x.expandDims(1), x.expm1(), x.fft(), x.flatten(), x.floor(), x.floorDiv(2), x.gather([0]), x.gather(x, 0),
  x.greaterEqual(x), x.greater(0), x.ifft(), x.irfft(), x.isFinite(), x.isInf(), x.isNaN(), x.leakyRelu(0.1), x.lessEqual(x),
  x.less(x), x.localResponseNormalization(), x.localResponseNormalization(1, 1, 1, 1), x.logSigmoid(), x.logSoftmax(), x.logSumExp(),
  x.log(), x.log1p(), x.logicalAnd(x), x.logicalNot(), x.logicalOr(x), x.logicalXor(x), x.matMul(x), x.matMul(x, false, true),
  x.maxPool(2, 1, 'valid', 'floor'), x.max(), x.max(0, true), x.maximum(0), x.mean(), x.mean([0, 1], true), x.min(), x.minimum(x),
  x.mirrorPad([[1, 1]], 'reflect'), x.mod(2), x.mul(2), x.neg(), x.norm(), x.norm('fro', [0, 1]), x.notEqual(x), x.oneHot(3, 1, 0),
  x.onesLike(), x.pad([[1, 1]]), x.pad([[1, 1]], 2), x.pool(2, 'max', 'same', 1, 1), x.pow(2), x.prelu(x), x.prod(), x.reciprocal(),
  x.relu(), x.relu6(), x.reshapeAs(x), x.reshape([4]), x.resizeBilinear([2, 2], true), x.resizeNearestNeighbor([2, 2]), x.reverse(), x.reverse(0),
  x.rfft(), x.round(), x.rsqrt(), x.selu(), x.separableConv2d(x as tf.Tensor4D, x as tf.Tensor4D, 1, 'same'), x.sigmoid(), x.sign(), x.sin(),
  x.sinh(), x.slice(0), x.slice([0], [1]), x.softmax(), x.softplus(), x.spaceToBatchND([2], [[0, 0]]), x.sqrt(), x.square(),
  x.squaredDifference(x), x.squeeze(), x.squeeze([0]), x.stack(x), x.stack([x], 1), x.step(), x.step(0.1), x.stridedSlice([0], [1], [1]), x.sub(x),
  x.sum(), x.tan(), x.tanh(), x.tile([2]), x.toBool(), x.toFloat(), x.toInt(), x.topk().values, x.topk(2, true).indices, x.transpose(),
  x.transpose([0]), x.unique().values, x.unsortedSegmentSum(x as tf.Tensor1D, 2), x.where(x, x), x.zerosLike(), ...x.split(2), ...x.split([1, 3], 0),
  ...x.unstack(), ...x.unstack(0),
];
