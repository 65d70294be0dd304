// The sweep: every common op at two sizes, and small programs. Rows as in rows.mjs, made from a list: what
// an op is given is chosen by a letter, x from -2 to 2, p from 0.1 to 2, b bools, i whole numbers.
const SIDES = { '1e2': 10, '1e6': 1000 };

function make(tf, side) {
  const shape = [side, side],
    uniform = (low, seed) => tf.randomUniform(shape, low, 2, 'float32', seed);
  return {
    side,
    x: uniform(-2, 1),
    x2: uniform(-2, 2),
    p: uniform(0.1, 3),
    p2: uniform(0.1, 4),
    u: tf.randomUniform(shape, -0.99, 0.99, 'float32', 5),
    b: tf.randomUniform(shape, 0, 2, 'int32', 6).cast('bool'),
    b2: tf.randomUniform(shape, 0, 2, 'int32', 7).cast('bool'),
    i: tf.randomUniform(shape, 0, 100, 'int32', 8),
    row: tf.randomUniform([1, side], 0.1, 2, 'float32', 9),
    column: tf.randomUniform([side, 1], 0.1, 2, 'float32', 10),
    flat: uniform(-2, 13).reshape([-1]),
    flat2: uniform(-2, 14).reshape([-1]),
    wholes: tf.randomUniform([side * side], 0, 100, 'int32', 15),
    blocks: uniform(-2, 16).reshape([side / 5, side / 2, 2, 5]),
    channels: tf.randomUniform([1, side / 2, side / 2, 4], 0, 1, 'float32', 18),
    near1: tf.randomUniform(shape, 0.99, 1.01, 'float32', 17),
    places: tf.tensor2d(
      Array.from({ length: side }, (_, k) => [(k * 7) % side]),
      [side, 1],
      'int32',
    ),
    order: tf.tensor1d(
      Array.from({ length: side }, (_, k) => (k * 7) % side),
      'int32',
    ),
    picture: tf.randomUniform([1, side, side / 2, 2], 0, 1, 'float32', 11),
    volume: tf.randomUniform([side / 5, 5, side / 2, 2], 0, 1, 'float32', 12),
  };
}

const made = new Map();

/** The inputs of a size, made once for each library. */
function inputs(tf, side) {
  if (!made.has(tf)) made.set(tf, new Map());
  if (!made.get(tf).has(side)) made.get(tf).set(side, make(tf, side));
  return made.get(tf).get(side);
}

/** A row for each size; f(tf, inputs) gives a tensor or several, which are disposed of. */
function sized([name, f]) {
  return Object.entries(SIDES).map(([size, side]) => ({
    name: `${name}, ${size}`,
    make(tf) {
      const given = inputs(tf, side);
      return () => tf.dispose(f(tf, given));
    },
  }));
}

/** Ops of one tensor, by name. */
const unary = (letter, names) => names.split(' ').map((name) => [name, (tf, g) => tf[name](g[letter])]);
const binary = (a, b, names) => names.split(' ').map((name) => [name, (tf, g) => tf[name](g[a], g[b])]);

const elementwise = [
  ...unary('x', 'abs ceil cos cosh elu erf exp expm1 floor isFinite isInf isNaN leakyRelu logSigmoid neg'),
  ...unary('x', 'relu relu6 round selu sigmoid sign sin sinh softplus square step tan tanh atan asinh'),
  ...unary('p', 'log log1p reciprocal rsqrt sqrt'),
  ...unary('u', 'acos asin atanh'),
  ...unary('b', 'logicalNot'),
  ['acosh', (tf, g) => tf.acosh(g.p)],
  ...binary('x', 'x2', 'add sub mul maximum minimum squaredDifference atan2 prelu equal notEqual greater less'),
  ...binary('x', 'x2', 'greaterEqual lessEqual'),
  ...binary('p', 'p2', 'div pow mod floorDiv divNoNan'),
  ...binary('b', 'b2', 'logicalAnd logicalOr logicalXor'),
  ['add of a row', (tf, g) => tf.add(g.x, g.row)],
  ['mul of a column', (tf, g) => tf.mul(g.x, g.column)],
  ['add of a number', (tf, g) => tf.add(g.x, 1)],
  ['add, int32', (tf, g) => tf.add(g.i, g.i)],
  ['where', (tf, g) => tf.where(g.b, g.x, g.x2)],
  ['clipByValue', (tf, g) => tf.clipByValue(g.x, -1, 1)],
  ['addN of 3', (tf, g) => tf.addN([g.x, g.x2, g.p])],
  ['cast to int32', (tf, g) => tf.cast(g.x, 'int32')],
  ['cast to float32', (tf, g) => tf.cast(g.i, 'float32')],
  ['cast to bool', (tf, g) => tf.cast(g.x, 'bool')],
];

const axes = (name, letter) =>
  [undefined, 0, 1].map((axis) => [
    `${name}${axis === undefined ? '' : ` along ${axis}`}`,
    (tf, g) => tf[name](g[letter], axis),
  ]);

const reductions = [
  ...['sum', 'mean', 'max', 'min', 'logSumExp'].flatMap((name) => axes(name, 'x')),
  ...axes('prod', 'near1'),
  ...axes('all', 'b'),
  ...axes('any', 'b'),
  ...['argMax', 'argMin'].flatMap((name) => axes(name, 'x').slice(1)),
  ['cumsum along 0', (tf, g) => tf.cumsum(g.x, 0)],
  ['cumsum along 1', (tf, g) => tf.cumsum(g.x, 1)],
  ['cumprod along 1', (tf, g) => tf.cumprod(g.near1, 1)],
  ['softmax', (tf, g) => tf.softmax(g.x)],
  ['logSoftmax', (tf, g) => tf.logSoftmax(g.x)],
  ['topk 5', (tf, g) => tf.topk(g.x, 5)],
  ['norm', (tf, g) => tf.norm(g.x)],
  ['moments', (tf, g) => Object.values(tf.moments(g.x, 0))],
  ['dot', (tf, g) => tf.dot(g.flat, g.flat2)],
];

const moves = [
  ['transpose', (tf, g) => tf.transpose(g.x)],
  ['reverse along 1', (tf, g) => tf.reverse(g.x, 1)],
  ['concat along 0', (tf, g) => tf.concat([g.x, g.x2], 0)],
  ['concat along 1', (tf, g) => tf.concat([g.x, g.x2], 1)],
  ['stack', (tf, g) => tf.stack([g.x, g.x2])],
  ['split along 1', (tf, g) => tf.split(g.x, 2, 1)],
  ['unstack', (tf, g) => tf.unstack(g.blocks, 2)],
  ['slice', (tf, g) => tf.slice(g.x, [1, 1], [g.side - 2, g.side - 2])],
  ['stridedSlice', (tf, g) => tf.stridedSlice(g.x, [0, 0], [g.side, g.side], [2, 1])],
  [
    'pad',
    (tf, g) =>
      tf.pad(g.x, [
        [1, 1],
        [2, 2],
      ]),
  ],
  [
    'mirrorPad',
    (tf, g) =>
      tf.mirrorPad(
        g.x,
        [
          [1, 1],
          [2, 2],
        ],
        'reflect',
      ),
  ],
  ['tile', (tf, g) => tf.tile(g.row, [g.side, 1])],
  ['gather along 0', (tf, g) => tf.gather(g.x, g.order, 0)],
  ['gather along 1', (tf, g) => tf.gather(g.x, g.order, 1)],
  ['gatherND', (tf, g) => tf.gatherND(g.x, g.places)],
  ['scatterND', (tf, g) => tf.scatterND(g.places, g.x, [g.side, g.side])],
  ['oneHot', (tf, g) => tf.oneHot(g.order, g.side)],
  ['fill', (tf, g) => tf.fill([g.side, g.side], 3)],
  ['zerosLike', (tf, g) => tf.zerosLike(g.x)],
  ['onesLike', (tf, g) => tf.onesLike(g.x)],
  ['range', (tf, g) => tf.range(0, g.side * g.side)],
  ['linspace', (tf, g) => tf.linspace(0, 1, g.side * g.side)],
  ['randomUniform', (tf, g) => tf.randomUniform([g.side, g.side])],
  ['randomNormal', (tf, g) => tf.randomNormal([g.side, g.side])],
  ['dropout', (tf, g) => tf.dropout(g.x, 0.5)],
  ['depthToSpace', (tf, g) => tf.depthToSpace(g.channels, 2)],
  ['spaceToBatchND', (tf, g) => tf.spaceToBatchND(g.picture, [2], [[0, 0]])],
  ['bincount', (tf, g) => tf.bincount(g.wholes, [], 100)],
];

const pictures = [
  ['maxPool', (tf, g) => tf.maxPool(g.picture, 2, 2, 'valid')],
  ['avgPool', (tf, g) => tf.avgPool(g.picture, 2, 2, 'valid')],
  ['maxPool 3, same', (tf, g) => tf.maxPool(g.picture, 3, 1, 'same')],
  ['avgPool 3, same', (tf, g) => tf.avgPool(g.picture, 3, 1, 'same')],
  ['batchNorm', (tf, g) => tf.batchNorm(g.x, g.row, g.row, g.row, g.row)],
  ['resizeBilinear', (tf, g) => tf.image.resizeBilinear(g.picture, [g.side / 2, g.side])],
  ['resizeNearest', (tf, g) => tf.image.resizeNearestNeighbor(g.picture, [g.side / 2, g.side])],
  ['flipLeftRight', (tf, g) => tf.image.flipLeftRight(g.picture)],
  ['rotate', (tf, g) => tf.image.rotateWithOffset(g.picture, 0.3)],
  ['localResponseNormalization', (tf, g) => tf.localResponseNormalization(g.picture)],
];

const programs = [
  ['mean squared error', (tf, g) => tf.tidy(() => g.x.sub(g.x2).square().mean())],
  ['scaled to 0 and 1', (tf, g) => tf.tidy(() => g.x.sub(g.x.min()).div(g.x.max().sub(g.x.min())))],
  [
    'layer normalization',
    (tf, g) =>
      tf.tidy(() => {
        const { mean, variance } = tf.moments(g.x, 1, true);
        return g.x.sub(mean).div(variance.add(1e-3).sqrt()).mul(g.row).add(g.row);
      }),
  ],
  ['gelu', (tf, g) => tf.tidy(() => g.x.mul(0.5).mul(g.x.mul(0.7071).erf().add(1)))],
  ['swish', (tf, g) => tf.tidy(() => g.x.mul(g.x.sigmoid()))],
  ['cross entropy', (tf, g) => tf.tidy(() => tf.losses.softmaxCrossEntropy(g.p, g.x))],
  ['distance of rows', (tf, g) => tf.tidy(() => g.x.sub(g.row).square().sum(1).sqrt().argMin())],
  ['accuracy', (tf, g) => tf.tidy(() => g.x.argMax(1).equal(g.x2.argMax(1)).mean())],
  ['gradient of mean(tanh)', (tf, g) => tf.tidy(() => tf.grad((x) => x.tanh().mean())(g.x))],
];

export const sweep = [...elementwise, ...reductions, ...moves, ...pictures, ...programs].flatMap(sized);
