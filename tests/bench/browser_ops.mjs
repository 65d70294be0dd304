// Ops on the GPU at two sizes each: a name, the shapes of x (or of x and what else there is), and the call.
const range = (tf, shape, low, high) => tf.randomUniform(shape, low, high, 'float32', 7);
const indices = (tf, n, below) =>
  tf.tensor1d(
    Array.from({ length: n }, (_, i) => (i * 7919) % below),
    'int32',
  );

const SMALL = [100, 128],
  LARGE = [1000, 1000],
  IMAGES = [
    [1, 32, 32, 16],
    [8, 64, 64, 16],
  ],
  MATRICES = [SMALL, LARGE],
  LINES = [
    [32, 250],
    [256, 1000],
  ];

/** Of one tensor. */
const TABLE = [
  ['exp', MATRICES, (tf, x) => tf.exp(x)],
  ['log', MATRICES, (tf, x) => tf.log(x)],
  ['sin', MATRICES, (tf, x) => tf.sin(x)],
  ['tanh', MATRICES, (tf, x) => tf.tanh(x)],
  ['sigmoid', MATRICES, (tf, x) => tf.sigmoid(x)],
  ['gelu by erf', MATRICES, (tf, x) => tf.mul(x, tf.add(tf.erf(x), 1))],
  ['relu', MATRICES, (tf, x) => tf.relu(x)],
  ['add', MATRICES, (tf, x) => tf.add(x, x)],
  ['mul of rows', MATRICES, (tf, x) => tf.mul(x, tf.slice(x, [0, 0], [1, x.shape[1]]))],
  ['div by columns', MATRICES, (tf, x) => tf.div(x, tf.slice(x, [0, 0], [x.shape[0], 1]))],
  ['pow', MATRICES, (tf, x) => tf.pow(x, 1.5)],
  ['where', MATRICES, (tf, x) => tf.where(tf.greater(x, 1), x, tf.neg(x))],
  ['clipByValue', MATRICES, (tf, x) => tf.clipByValue(x, 0.5, 1)],
  ['softmax', LINES, (tf, x) => tf.softmax(x)],
  ['logSoftmax', LINES, (tf, x) => tf.logSoftmax(x)],
  ['logSumExp', LINES, (tf, x) => tf.logSumExp(x, 1)],
  ['sum', MATRICES, (tf, x) => tf.sum(x)],
  ['sum of rows', MATRICES, (tf, x) => tf.sum(x, 1)],
  ['sum of columns', MATRICES, (tf, x) => tf.sum(x, 0)],
  ['mean', MATRICES, (tf, x) => tf.mean(x, 1)],
  ['max', MATRICES, (tf, x) => tf.max(x, 1)],
  ['prod', MATRICES, (tf, x) => tf.prod(x, 1)],
  ['argMax', MATRICES, (tf, x) => tf.argMax(x, 1)],
  ['argMin of columns', MATRICES, (tf, x) => tf.argMin(x, 0)],
  [
    'cumsum',
    [
      [32, 250],
      [100, 1000],
    ],
    (tf, x) => tf.cumsum(x, 1),
  ],
  [
    'cumsum of columns',
    [
      [250, 32],
      [1000, 100],
    ],
    (tf, x) => tf.cumsum(x, 0),
  ],
  [
    'topk',
    [
      [16, 100],
      [64, 1000],
    ],
    (tf, x) => tf.topk(tf.neg(x), 5).values,
  ],
  ['transpose', MATRICES, (tf, x) => tf.transpose(x)],
  ['transpose of channels', IMAGES, (tf, x) => tf.transpose(x, [0, 3, 1, 2])],
  ['reverse', MATRICES, (tf, x) => tf.reverse(x, 1)],
  ['slice', MATRICES, (tf, x) => tf.slice(x, [3, 5], [x.shape[0] - 10, x.shape[1] - 10])],
  ['stridedSlice', MATRICES, (tf, x) => tf.stridedSlice(x, [0, 0], x.shape, [2, 2])],
  ['concat', MATRICES, (tf, x) => tf.concat([x, x], 1)],
  [
    'pad',
    MATRICES,
    (tf, x) =>
      tf.pad(x, [
        [1, 1],
        [2, 2],
      ]),
  ],
  [
    'mirrorPad',
    MATRICES,
    (tf, x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 2],
        ],
        'reflect',
      ),
  ],
  [
    'tile',
    [
      [50, 64],
      [500, 250],
    ],
    (tf, x) => tf.tile(x, [2, 2]),
  ],
  ['gather', MATRICES, (tf, x, at) => tf.gather(x, at), (tf, x) => indices(tf, x.shape[0], x.shape[0])],
  ['oneHot', [[1000], [10000]], (tf, x, at) => tf.oneHot(at, 32), (tf, x) => indices(tf, x.shape[0], 32)],
  [
    'unsortedSegmentSum',
    MATRICES,
    (tf, x, at) => tf.unsortedSegmentSum(x, at, 10),
    (tf, x) => indices(tf, x.shape[0], 10),
  ],
  ['maxPool', IMAGES, (tf, x) => tf.maxPool(x, 2, 2, 'same')],
  ['maxPool 3x3', IMAGES, (tf, x) => tf.maxPool(x, 3, 2, 'same')],
  ['avgPool', IMAGES, (tf, x) => tf.avgPool(x, 2, 2, 'same')],
  [
    'depthwiseConv2d 3x3',
    IMAGES,
    (tf, x, w) => tf.depthwiseConv2d(x, w, 1, 'same'),
    (tf) => range(tf, [3, 3, 16, 1], -1, 1),
  ],
  ['conv2d 3x3', IMAGES, (tf, x, w) => tf.conv2d(x, w, 1, 'same'), (tf) => range(tf, [3, 3, 16, 32], -1, 1)],
  ['conv2d 1x1', IMAGES, (tf, x, w) => tf.conv2d(x, w, 1, 'same'), (tf) => range(tf, [1, 1, 16, 32], -1, 1)],
  ['conv2d 5x5', IMAGES, (tf, x, w) => tf.conv2d(x, w, 1, 'same'), (tf) => range(tf, [5, 5, 16, 16], -1, 1)],
  [
    'conv2dTranspose',
    IMAGES,
    (tf, x, w) => tf.conv2dTranspose(x, w, [x.shape[0], 2 * x.shape[1], 2 * x.shape[2], 8], 2, 'same'),
    (tf) => range(tf, [3, 3, 8, 16], -1, 1),
  ],
  [
    'resizeBilinear',
    [
      [1, 64, 64, 3],
      [1, 128, 128, 3],
    ],
    (tf, x) => tf.image.resizeBilinear(x, [224, 224]),
  ],
  [
    'resizeNearestNeighbor',
    [
      [1, 64, 64, 3],
      [1, 128, 128, 3],
    ],
    (tf, x) => tf.image.resizeNearestNeighbor(x, [224, 224]),
  ],
  ['batchNorm', IMAGES, (tf, x, m) => tf.batchNorm(x, m, m, m, m), (tf) => range(tf, [16], 0.5, 1)],
  ['localResponseNormalization', IMAGES, (tf, x) => tf.localResponseNormalization(x, 2)],
  [
    'spaceToBatchND',
    IMAGES,
    (tf, x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
  ],
  ['depthToSpace', IMAGES, (tf, x) => tf.depthToSpace(x, 2)],
  [
    'matMul',
    [
      [64, 64],
      [100, 300],
    ],
    (tf, x) => tf.matMul(x, x, false, true),
  ],
  [
    'matMul of a transposed',
    [
      [64, 64],
      [300, 100],
    ],
    (tf, x) => tf.matMul(x, x, true, false),
  ],
  [
    'matMul in batches',
    [
      [8, 32, 32],
      [16, 64, 64],
    ],
    (tf, x) => tf.matMul(x, x),
  ],
  [
    'matMul of a vector',
    [
      [1, 256],
      [1, 1024],
    ],
    (tf, x, w) => tf.matMul(x, w),
    (tf, x) => range(tf, [x.shape[1], 1000], -1, 1),
  ],
  ['norm', MATRICES, (tf, x) => tf.norm(x)],
  ['moments', MATRICES, (tf, x) => tf.moments(x, 0).variance],
  ['cast', MATRICES, (tf, x) => tf.cast(x, 'int32')],
  [
    'floorDiv of whole numbers',
    MATRICES,
    (tf, x, n) => tf.floorDiv(n, tf.scalar(3, 'int32')),
    (tf, x) => tf.cast(tf.mul(x, 100), 'int32'),
  ],
];

/** Reads a result, so that the work is done, and lets go of it. */
async function read(y) {
  await y.data();
  y.dispose();
}

const row = ([name, , f, more], shape) => ({
  name: `${name}, ${shape.join('x')}`,
  make(tf) {
    const x = range(tf, shape, 0.1, 2),
      other = more?.(tf, x);
    return () => read(tf.tidy(() => f(tf, x, other)));
  },
});

export const ops = TABLE.flatMap((entry) => entry[1].map((shape) => row(entry, shape)));
