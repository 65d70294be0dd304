// Initializers, regularizers, constraints, activations, metrics, losses and optimizers' configs against
// TensorFlow.js: values (seeded ones too), configs, and what is refused.
import { peer, testBoth } from '../lib/both.mjs';
import { some } from '../lib/programs/common.mjs';

const cases = {};
const text = JSON.stringify;

// ---- initializers ----

/** Normal numbers that are cut at two deviations have the variance that is stated, as in Keras; the peer's have 0.77 of it. */
const asThere = (lib, x) => (lib === peer ? x : x.mul(0.87962566103423978));
const SHAPES = [[3, 2], [4], [2, 3, 4], [2, 2, 3, 2], [2, 2, 2, 2, 3]];
for (const name of Object.keys(peer.initializers)) {
  cases[`initializer ${name}: config`] = (lib) => {
    const part = lib.initializers[name]({ value: 2 });
    return [part.getClassName(), part.getConfig()];
  };
  if (/^glorot|^he|^leCun|^random|^truncated/.test(name))
    for (const shape of SHAPES)
      cases[`initializer ${name} of ${shape}`] = (lib) => {
        const x = lib.initializers[name]({ seed: 5 }).apply(shape);
        return /^(glorot|he|leCun)Normal/.test(name) ? asThere(lib, x) : x;
      };
}
for (const name of ['zeros', 'ones'])
  for (const dtype of ['float32', 'int32', 'bool'])
    cases[`initializer ${name} ${dtype}`] = (lib) => lib.initializers[name]().apply([2, 2], dtype);
for (const value of [0, -1.5])
  cases[`initializer constant ${value}`] = (lib) => lib.initializers.constant({ value }).apply([2, 3]);
for (const name of ['randomUniform', 'randomNormal', 'truncatedNormal'])
  cases[`initializer ${name}, set`] = (lib) =>
    lib.initializers[name]({ seed: 3, mean: 1, stddev: 2, minval: -2, maxval: 3 }).apply([4, 3]);
for (const mode of ['fanIn', 'fanOut', 'fanAvg', 'zz'])
  for (const distribution of ['normal', 'uniform', 'zz'])
    cases[`initializer varianceScaling ${mode} ${distribution}`] = (lib) => {
      const x = lib.initializers.varianceScaling({ mode, distribution, scale: 2, seed: 1 }).apply([3, 2]);
      return distribution === 'normal' ? asThere(lib, x) : x;
    };
cases['initializer varianceScaling: negative scale'] = (lib) =>
  lib.initializers.varianceScaling({ scale: -1 }).getConfig();
for (const shape of [[3, 3], [2, 4], [4, 2], [3]])
  cases[`initializer orthogonal of ${shape}`] = (lib) => {
    const q = lib.initializers.orthogonal({ seed: 2, gain: 2 }).apply(shape);
    return shape[0] > shape[1] ? q.transpose().matMul(q) : q.matMul(q.transpose());
  };
for (const shape of [[2, 2], [2, 3], [2]])
  cases[`initializer identity of ${shape}`] = (lib) => lib.initializers.identity({ gain: 2 }).apply(shape);
cases['initializer constant: no object'] = (lib) => lib.initializers.constant(3).apply([1]);

// ---- regularizers, constraints ----

const REGULARIZERS = [
  ['l1'],
  ['l1', { l1: 0.5 }],
  ['l1', null],
  ['l1', 0.1],
  ['l2'],
  ['l2', { l2: 0.5 }],
  ['l2', 0.1],
  ['l1l2'],
  ['l1l2', { l1: 0.1 }],
  ['l1l2', { l1: 0.1, l2: 0.3 }],
  ['l1l2', { l1: 0 }],
];
for (const [name, config] of REGULARIZERS) {
  cases[`regularizer ${name} ${text(config)}`] = (lib) => lib.regularizers[name](config).apply(some(lib, [2, 3]));
  cases[`regularizer ${name} ${text(config)}: config`] = (lib) => [
    lib.regularizers[name](config).getClassName(),
    lib.regularizers[name](config).getConfig(),
  ];
}
const CONSTRAINTS = [
  ['maxNorm', {}],
  ['maxNorm', { maxValue: 0.5 }],
  ['maxNorm', { maxValue: 0.5, axis: 1 }],
  ['minMaxNorm', {}],
  ['minMaxNorm', { minValue: 1, maxValue: 2, rate: 0.5 }],
  ['minMaxNorm', { minValue: 1, maxValue: 2, axis: 1 }],
  ['nonNeg'],
  ['unitNorm', {}],
  ['unitNorm', { axis: 1 }],
];
for (const [name, config] of CONSTRAINTS) {
  cases[`constraint ${name} ${text(config)}`] = (lib) => lib.constraints[name](config).apply(some(lib, [3, 2]));
  cases[`constraint ${name} ${text(config)}: config`] = (lib) => [
    lib.constraints[name](config).getClassName(),
    lib.constraints[name](config).getConfig(),
  ];
}

// ---- activations, metrics, losses ----

for (const activation of [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
  'zz',
])
  cases[`activation ${activation}`] = (lib) => lib.layers.activation({ activation }).apply(some(lib, [2, 5], 0, 6));

const hot = (lib) =>
    lib.tensor2d([
      [0, 1, 0],
      [1, 0, 0],
    ]),
  found = (lib) =>
    lib.tensor2d([
      [0.2, 0.7, 0.1],
      [0.3, 0.3, 0.4],
    ]);
for (const name of Object.keys(peer.metrics)) {
  // The peer counts exact ones; here, as in Keras, what is above 0.5.
  const given = (lib, p) => (lib === peer && /^(precision|recall)$/.test(name) ? p.greater(0.5).cast('float32') : p);
  cases[`metric ${name} of classes`] = (lib) => lib.metrics[name](hot(lib), given(lib, found(lib)));
  cases[`metric ${name} of a vector`] = (lib) =>
    lib.metrics[name](lib.tensor1d([0, 1, 1]), given(lib, lib.tensor1d([0.3, 0.6, 0.2])));
  cases[`metric ${name} of rank 3`] = (lib) =>
    lib.metrics[name](some(lib, [2, 2, 3]).abs(), some(lib, [2, 2, 3], 1).abs());
}
cases['metric sparseCategoricalAccuracy of a column'] = (lib) =>
  lib.metrics.sparseCategoricalAccuracy(lib.tensor2d([[1], [0]]), found(lib));
for (const name of ['precision', 'recall'])
  cases[`metric ${name} of two classes`] = (lib) =>
    lib.metrics[name](
      lib.tensor2d([
        [0, 1],
        [1, 0],
      ]),
      lib.tensor2d([
        [0, 1],
        [0, 1],
      ]),
    );

/** Arguments before the reduction. */
const LOSSES = {
  absoluteDifference: (y, p, w) => [y, p, w],
  computeWeightedLoss: (y, p, w) => [p, w],
  cosineDistance: (y, p, w) => [y, p, 1, w],
  hingeLoss: (y, p, w) => [y, p, w],
  huberLoss: (y, p, w) => [y, p, w, 0.3],
  logLoss: (y, p, w) => [y, p, w, 1e-7],
  meanSquaredError: (y, p, w) => [y, p, w],
  sigmoidCrossEntropy: (y, p, w) => [y, p, w, 0.1],
  softmaxCrossEntropy: (y, p, w) => [y, p, w.squeeze(), 0.1],
};
for (const [name, args] of Object.entries(LOSSES))
  for (const reduction of [undefined, 0, 1, 2, 3])
    cases[`tf.losses.${name}, reduction ${reduction}`] = (lib) =>
      lib.losses[name](...args(hot(lib), found(lib), lib.tensor2d([[1], [0.5]])), reduction);

// ---- optimizers ----

for (const name of Object.keys(peer.train)) {
  const set = (lib) => lib.train[name](0.1, 0.9),
    byName = (lib) => {
      const model = lib.sequential({ layers: [lib.layers.dense({ units: 1, inputShape: [1] })] });
      model.compile({ optimizer: name, loss: 'meanSquaredError' });
      return model.optimizer;
    };
  cases[`optimizer ${name}: config`] = (lib) => [
    set(lib).getClassName(),
    set(lib).constructor.className,
    set(lib).getConfig(),
  ];
  cases[`optimizer ${name}: from its config`] = (lib) =>
    set(lib).constructor.fromConfig(set(lib).constructor, set(lib).getConfig()).getConfig();
  cases[`optimizer ${name} by name`] = (lib) => byName(lib).getConfig();
  cases[`optimizer ${name}: states`] = async (lib) => {
    const v = lib.variable(lib.scalar(2), true, `of ${name}`),
      optimizer = set(lib);
    for (let step = 0; step < 3; step++) optimizer.minimize(() => v.square(), false, [v]);
    const states = (await optimizer.getWeights()).map(({ name: n, tensor }) => [n, tensor]),
      last = v.dataSync()[0];
    v.dispose();
    return [last, states];
  };
}

testBoth(cases, {
  'optimizer adamax: states': 'the peer cannot give them',
  'optimizer rmsprop: states': 'without momentum none is kept; the peer keeps the last step',
});
