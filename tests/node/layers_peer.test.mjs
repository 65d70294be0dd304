// Layers, losses, metrics and optimizers against TensorFlow.js on the same weights and data: values,
// shapes, configs, one step of training, topologies that each can read of the other.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const warn = console.warn;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;
await peer.setBackend('cpu');
after(() => peer.disposeVariables());

/** Numbers that look random and are the same each time. */
const numbers = (n, scale = 1, shift = -0.5) =>
  Array.from({ length: n }, (_, i) => (((i * 7919 + 13) % 1000) / 1000 + shift) * scale);
const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

function near(got, want, tolerance, what) {
  assert.equal(got.length, want.length, what);
  for (let i = 0; i < got.length; i++)
    assert.ok(
      Math.abs(got[i] - want[i]) <= tolerance * Math.max(1, Math.abs(want[i])),
      `${what}: [${i}] is ${got[i]}, the peer's ${want[i]}`,
    );
}

/** Gives both models the same weights: small numbers, variances positive. */
function sameWeights(ours, theirs) {
  const values = theirs.weights.map((w) => ({
    shape: w.shape,
    values: numbers(sizeOf(w.shape), 0.8, w.name.includes('variance') ? 0.3 : -0.5),
  }));
  assert.deepEqual(
    ours.weights.map((w) => w.shape),
    theirs.weights.map((w) => w.shape),
    'shapes of weights',
  );
  assert.deepEqual(
    ours.weights.map((w) => w.originalName.split('/').pop()),
    theirs.weights.map((w) => w.originalName.split('/').pop()),
    'names of weights',
  );
  ours.setWeights(values.map((v) => tf.tensor(v.values, v.shape)));
  theirs.setWeights(values.map((v) => peer.tensor(v.values, v.shape)));
}

/** Configs without what may differ: names, and the order of fields. */
function comparable(config) {
  if (Array.isArray(config)) return config.map(comparable);
  if (config === null || typeof config !== 'object') return config;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name, value]) => name !== 'name' && value !== null && value !== undefined)
      .map(([name, value]) => [name, comparable(value)])
      .sort(),
  );
}

/** Ours may say more than the peer, never something else. */
function covers(ours, theirs, path) {
  for (const [name, value] of Object.entries(theirs)) {
    if (value && typeof value === 'object' && !Array.isArray(value)) covers(ours[name] ?? {}, value, `${path}.${name}`);
    else assert.deepEqual(ours[name], value, `${path}.${name}`);
  }
}

const IMAGE = [6, 5, 3],
  VOLUME = [3, 4, 3, 2];
const CASES = [
  ['dense', { units: 4, activation: 'relu' }, [3]],
  ['dense', { units: 4, activation: 'softmax', useBias: false }, [2, 3]],
  ['dense', { units: 2, activation: 'hardSigmoid', kernelRegularizer: 'l1l2' }, [3]],
  ...[
    'elu',
    'selu',
    'relu6',
    'linear',
    'sigmoid',
    'softplus',
    'softsign',
    'tanh',
    'logSoftmax',
    'gelu',
    'gelu_new',
    'mish',
    'swish',
  ].map((activation) => ['activation', { activation }, [7]]),
  ['reLU', {}, [5]],
  ['reLU', { maxValue: 0.2 }, [5]],
  ['leakyReLU', { alpha: 0.2 }, [5]],
  ['leakyReLU', {}, [5]],
  ['prelu', {}, [4, 3]],
  ['elu', { alpha: 1 }, [5]],
  ['thresholdedReLU', { theta: 0.1 }, [5]],
  ['softmax', {}, [5]],
  ['flatten', {}, [3, 2]],
  ['reshape', { targetShape: [3, 4] }, [2, 6]],
  ['reshape', { targetShape: [2, null] }, [8]],
  ['permute', { dims: [2, 1] }, [3, 4]],
  ['repeatVector', { n: 3 }, [4]],
  ['dropout', { rate: 0.5 }, [4]],
  ['conv1d', { filters: 2, kernelSize: 3 }, [8, 3]],
  ['conv1d', { filters: 2, kernelSize: 3, strides: 2, padding: 'same' }, [8, 3]],
  ['conv1d', { filters: 2, kernelSize: [3], dilationRate: 2 }, [8, 3]],
  ['conv2d', { filters: 4, kernelSize: 3 }, IMAGE],
  ['conv2d', { filters: 4, kernelSize: [3, 2], strides: 2, padding: 'same', activation: 'relu' }, IMAGE],
  ['conv2d', { filters: 2, kernelSize: 3, dilationRate: 2 }, IMAGE],
  ['conv2d', { filters: 2, kernelSize: 2, useBias: false }, IMAGE],
  ['conv2d', { filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' }, [3, 6, 5]],
  ['conv2dTranspose', { filters: 2, kernelSize: 3, strides: 2 }, IMAGE],
  ['conv2dTranspose', { filters: 2, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }, IMAGE],
  ['depthwiseConv2d', { kernelSize: 3, padding: 'same' }, IMAGE],
  ['depthwiseConv2d', { kernelSize: 3, strides: 2, depthMultiplier: 2 }, IMAGE],
  ['separableConv2d', { filters: 4, kernelSize: 3, padding: 'same' }, IMAGE],
  ['separableConv2d', { filters: 4, kernelSize: 3, depthMultiplier: 2, useBias: false }, IMAGE],
  ['maxPooling1d', {}, [8, 3]],
  ['maxPooling1d', { poolSize: 3, strides: 2, padding: 'same' }, [8, 3]],
  ['averagePooling1d', { poolSize: 3, strides: 1 }, [8, 3]],
  ['maxPooling2d', {}, IMAGE],
  ['maxPooling2d', { poolSize: [3, 2], strides: [2, 1], padding: 'same' }, IMAGE],
  ['averagePooling2d', {}, IMAGE],
  ['averagePooling2d', { poolSize: 3, strides: 1, padding: 'same' }, IMAGE],
  ['globalAveragePooling1d', {}, [8, 3]],
  ['globalMaxPooling1d', {}, [8, 3]],
  ['globalAveragePooling2d', {}, IMAGE],
  ['globalMaxPooling2d', {}, IMAGE],
  ['batchNormalization', {}, [5]],
  ['batchNormalization', { epsilon: 0.1, momentum: 0.5, scale: false }, [5]],
  ['batchNormalization', {}, IMAGE],
  ['layerNormalization', {}, [5]],
  ['layerNormalization', { axis: [-1] }, [5]],
  ['layerNormalization', { epsilon: 0.1 }, [4, 5]],
  ['zeroPadding2d', {}, IMAGE],
  [
    'zeroPadding2d',
    {
      padding: [
        [0, 1],
        [2, 0],
      ],
    },
    IMAGE,
  ],
  [
    'cropping2D',
    {
      cropping: [
        [1, 0],
        [1, 1],
      ],
    },
    IMAGE,
  ],
  ['upSampling2d', { size: [2, 3] }, IMAGE],
  ['upSampling2d', { interpolation: 'bilinear' }, IMAGE],
  ['rescaling', { scale: 2, offset: 1 }, [3]],
  ['lstm', { units: 3 }, [5, 4]],
  ['lstm', { units: 3, returnSequences: true, recurrentActivation: 'sigmoid', goBackwards: true }, [5, 4]],
  ['gru', { units: 3 }, [5, 4]],
  ['gru', { units: 2, returnSequences: true, useBias: false }, [5, 4]],
  ['conv3d', { filters: 2, kernelSize: 2 }, VOLUME],
  ['conv3d', { filters: 2, kernelSize: [1, 2, 2], strides: [1, 2, 1], padding: 'same', activation: 'tanh' }, VOLUME],
  ['conv3dTranspose', { filters: 2, kernelSize: 2, strides: 2 }, VOLUME],
  ['conv3dTranspose', { filters: 1, kernelSize: 2, strides: [1, 2, 1], padding: 'same' }, VOLUME],
  ['maxPooling3d', {}, VOLUME],
  ['maxPooling3d', { poolSize: [1, 2, 2], strides: 1, padding: 'same' }, VOLUME],
  ['averagePooling3d', {}, VOLUME],
  ['alphaDropout', { rate: 0.5 }, [4]],
  ['convLstm2d', { filters: 2, kernelSize: 2 }, [3, 4, 4, 2]],
  [
    'convLstm2d',
    {
      filters: 2,
      kernelSize: 3,
      padding: 'same',
      strides: 2,
      returnSequences: true,
      goBackwards: true,
      recurrentActivation: 'sigmoid',
    },
    [2, 4, 4, 1],
  ],
  ['simpleRNN', { units: 3 }, [5, 4]],
  ['simpleRNN', { units: 2, returnSequences: true, activation: 'relu' }, [5, 4]],
];

/** Layers around layers: their config needs the library. */
const wrapped =
  (name, inner, config, more = {}) =>
  (lib) => ({ layer: lib.layers[name](inner), ...config, ...more });
CASES.push(
  ['timeDistributed', wrapped('dense', { units: 2, activation: 'tanh' }), [4, 3]],
  ['timeDistributed', wrapped('conv2d', { filters: 2, kernelSize: 2 }), [2, 4, 4, 1]],
  ['bidirectional', wrapped('lstm', { units: 2 }, { mergeMode: 'concat' }), [4, 3]],
  ['bidirectional', wrapped('gru', { units: 2, returnSequences: true }, { mergeMode: 'sum' }), [4, 3]],
  ['bidirectional', wrapped('simpleRNN', { units: 2 }, { mergeMode: 'ave' }), [4, 3]],
  ['bidirectional', wrapped('lstm', { units: 2, returnSequences: true }, { mergeMode: 'mul' }), [4, 3]],
);

/** The same of cells. */
const celled = (cells, more) => (lib) => {
  const made = cells.map(([name, config]) => lib.layers[name](config));
  return { cell: made.length > 1 ? lib.layers.stackedRNNCells({ cells: made }) : made[0], ...more };
};
CASES.push(
  ['rnn', celled([['lstmCell', { units: 3 }]]), [4, 3]],
  ['rnn', celled([['gruCell', { units: 2, useBias: false }]], { returnSequences: true }), [4, 3]],
  ['rnn', celled([['simpleRNNCell', { units: 2 }]], { goBackwards: true }), [4, 3]],
  [
    'rnn',
    celled(
      [
        ['lstmCell', { units: 3 }],
        ['gruCell', { units: 2 }],
      ],
      { returnSequences: true },
    ),
    [4, 3],
  ],
);

const BATCH = 3;
/** What the peer cannot train, and a config that it changes while it builds. */
const untrained = (name, config) =>
  config.dilationRate > 1 || name === 'conv3dTranspose' || (name === 'batchNormalization' && config.scale === false);
const rewritten = new Set(['rnn', 'softmax', 'layerNormalization', 'timeDistributed', 'bidirectional']);
/** The peer does not work out every size that it could. */
const agree = (ours, theirs) => ours.length === theirs.length && theirs.every((n, i) => n === null || n === ours[i]);

CASES.forEach(([name, given, shape], index) =>
  test(`${name} ${typeof given === 'function' ? index : JSON.stringify(given)}`, async () => {
    const configOf = typeof given === 'function' ? given : () => given,
      config = configOf(tf);
    const [ours, theirs] = [tf, peer].map((lib) =>
      lib.sequential({ layers: [lib.layers[name]({ ...configOf(lib), inputShape: shape })] }),
    );
    sameWeights(ours, theirs);
    const data = numbers(BATCH * sizeOf(shape));
    const x = tf.tensor(data, [BATCH, ...shape]),
      px = peer.tensor(data, [BATCH, ...shape]);
    const y = ours.predict(x),
      py = theirs.predict(px);
    assert.deepEqual(y.shape, py.shape);
    assert.ok(
      agree(ours.outputs[0].shape, theirs.outputs[0].shape),
      `${ours.outputs[0].shape} and ${theirs.outputs[0].shape}`,
    );
    near(y.dataSync(), py.dataSync(), 1e-5, 'prediction');
    if (!rewritten.has(name))
      covers(comparable(ours.layers[0].getConfig()), comparable(theirs.layers[0].getConfig()), name);
    if (!untrained(name, config) && ours.trainableWeights.length) await compareStep(ours, theirs, x, px, y.shape);
    for (const model of [ours, theirs]) model.dispose();
  }),
);

async function compareStep(ours, theirs, x, px, shape) {
  const target = numbers(sizeOf(shape), 1, 0);
  for (const [lib, model] of [
    [tf, ours],
    [peer, theirs],
  ])
    model.compile({ optimizer: lib.train.sgd(0.1), loss: 'meanSquaredError' });
  const loss = await ours.trainOnBatch(x, tf.tensor(target, shape));
  const theirLoss = await theirs.trainOnBatch(px, peer.tensor(target, shape));
  near([loss], [theirLoss], 1e-5, 'loss');
  ours.weights.forEach((w, i) =>
    near(w.dataSync(), theirs.weights[i].read().dataSync(), 2e-5, `${w.name} after a step`),
  );
}

// ---- layers that a model of the peer's does not take, and those of several inputs ----

const APPLIED = [
  ['centerCrop', { height: 2, width: 3 }, [[2, 6, 5, 3]]],
  ['centerCrop', { height: 4, width: 4 }, [[2, 6, 5, 3]]],
  ['centerCrop', { height: 8, width: 9 }, [[2, 6, 5, 3]]],
  ['centerCrop', { height: 3, width: 2 }, [[6, 5, 3]]],
  ['resizing', { height: 3, width: 4 }, [[2, 6, 5, 3]]],
  ['resizing', { height: 9, width: 7, interpolation: 'nearest', cropToAspectRatio: true }, [[2, 6, 5, 3]]],
  [
    'dot',
    { axes: 1 },
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    'dot',
    { axes: -1, normalize: true },
    [
      [2, 3],
      [2, 3],
    ],
  ],
  [
    'dot',
    { axes: [2, 1] },
    [
      [2, 4, 3],
      [2, 3, 5],
    ],
  ],
  [
    'dot',
    { axes: [1, 1] },
    [
      [2, 3, 4],
      [2, 3],
    ],
  ],
];
for (const [name, config, shapes] of APPLIED)
  test(`${name} ${JSON.stringify(config)} applied to ${JSON.stringify(shapes)}`, () => {
    const [ours, theirs] = [tf, peer].map((lib) => {
      const inputs = shapes.map((shape) => lib.tensor(numbers(sizeOf(shape)), shape));
      return lib.layers[name](config).apply(inputs.length > 1 ? inputs : inputs[0]);
    });
    assert.deepEqual(ours.shape, theirs.shape);
    near(ours.dataSync(), theirs.dataSync(), 1e-5, name);
  });

for (const outputMode of ['oneHot', 'multiHot', 'count', 'int'])
  test(`categoryEncoding ${outputMode}`, () => {
    const [ours, theirs] = [tf, peer].map((lib) =>
      lib.layers.categoryEncoding({ numTokens: 4, outputMode }).apply(
        lib.tensor(
          [[0], [3], [1]].map((v) => (outputMode === 'oneHot' ? v : [...v, 1])),
          undefined,
          'int32',
        ),
      ),
    );
    assert.deepEqual(ours.arraySync(), theirs.arraySync());
  });

// ---- losses and metrics ----

const probabilities = (rows, columns) => {
  const v = numbers(rows * columns, 1, 0.1);
  return v.map((p, i) => p / v.slice(i - (i % columns), i - (i % columns) + columns).reduce((a, b) => a + b, 0));
};
const oneHot = (rows, columns) =>
  Array.from({ length: rows * columns }, (_, i) => Number(i % columns === (Math.floor(i / columns) * 2) % columns));

const JUDGES = {
  meanSquaredError: numbers,
  meanAbsoluteError: numbers,
  meanAbsolutePercentageError: numbers,
  meanSquaredLogarithmicError: numbers,
  squaredHinge: numbers,
  hinge: numbers,
  categoricalHinge: numbers,
  logcosh: numbers,
  poisson: null,
  kullbackLeiblerDivergence: null,
  categoricalCrossentropy: null,
  sparseCategoricalCrossentropy: 'sparse',
  binaryCrossentropy: null,
  cosineProximity: numbers,
};
for (const [name, kind] of Object.entries(JUDGES))
  test(`loss ${name}`, async () => {
    const rows = 4,
      columns = 3,
      p = kind === numbers ? numbers(rows * columns) : probabilities(rows, columns);
    const y =
      kind === 'sparse' ? [0, 2, 1, 0] : kind === numbers ? numbers(rows * columns, 1, -0.3) : oneHot(rows, columns);
    const shape = kind === 'sparse' ? [rows, 1] : [rows, columns];
    const values = [];
    for (const lib of [tf, peer]) {
      const model = lib.sequential({
        layers: [
          lib.layers.dense({ units: columns, inputShape: [columns], useBias: false, kernelInitializer: 'identity' }),
        ],
      });
      model.compile({ optimizer: lib.train.sgd(0.1), loss: name });
      const loss = await model.trainOnBatch(lib.tensor(p, [rows, columns]), lib.tensor(y, shape));
      values.push([loss, ...model.getWeights()[0].dataSync()]);
      model.dispose();
    }
    near(values[0], values[1], 2e-5, name);
  });

for (const name of [
  'binaryAccuracy',
  'categoricalAccuracy',
  'sparseCategoricalAccuracy',
  'precision',
  'recall',
  'r2Score',
  'binaryCrossentropy',
  'categoricalCrossentropy',
  'cosineProximity',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredError',
  'mse',
  'mape',
])
  test(`metric ${name}`, () => {
    const rows = 4,
      columns = 3,
      round = name === 'precision' || name === 'recall';
    const p = probabilities(rows, columns).map((v) => (round ? Number(v > 0.3) : v));
    const sparse = name === 'sparseCategoricalAccuracy',
      y = sparse ? [0, 2, 1, 0] : oneHot(rows, columns),
      shape = sparse ? [rows, 1] : [rows, columns];
    const [ours, theirs] = [tf, peer].map((lib) =>
      lib.metrics[name](lib.tensor(y, shape), lib.tensor(p, [rows, columns])),
    );
    near(ours.dataSync(), theirs.dataSync(), 1e-5, name);
  });

test('accuracy is what fits the output and the loss', () => {
  const cases = [
    [1, 'meanSquaredError'],
    [3, 'categoricalCrossentropy'],
    [3, 'sparseCategoricalCrossentropy'],
    [3, 'binaryCrossentropy'],
    [1, 'binaryCrossentropy'],
  ];
  for (const [units, loss] of cases) {
    const sparse = loss.startsWith('sparse'),
      rows = 4;
    const x = numbers(rows * 2),
      y = sparse ? [0, 2, 1, 0] : units === 1 ? [0, 1, 1, 0] : oneHot(rows, units);
    const [a, b] = [tf, peer].map((lib) => {
      const model = lib.sequential({
        layers: [
          lib.layers.dense({
            units,
            inputShape: [2],
            activation: 'sigmoid',
            kernelInitializer: lib.initializers.constant({ value: 0.7 }),
          }),
        ],
      });
      model.compile({ optimizer: 'sgd', loss, metrics: ['accuracy', 'crossentropy'] });
      const values = model.evaluate(lib.tensor(x, [rows, 2]), lib.tensor(y, [rows, sparse ? 1 : units]));
      return { names: model.metricsNames, values: values.map((v) => v.dataSync()[0]) };
    });
    assert.deepEqual(a.names, b.names);
    near(a.values, b.values, 1e-5, `${units} ${loss}`);
  }
});

// ---- optimizers ----

const OPTIMIZERS = {
  sgd: [0.1],
  momentum: [0.1, 0.9],
  'momentum nesterov': [0.1, 0.9, true],
  rmsprop: [0.01],
  'rmsprop momentum': [0.01, 0.8, 0.5],
  'rmsprop centered': [0.01, 0.9, 0, null, true],
  adam: [0.05],
  'adam set': [0.05, 0.8, 0.99, 1e-4],
  adadelta: [0.5, 0.9],
  adamax: [0.05],
  'adamax decay': [0.05, 0.9, 0.999, null, 0.1],
  adagrad: [0.1],
};
for (const [title, args] of Object.entries(OPTIMIZERS))
  test(`optimizer ${title}`, () => {
    const [name] = title.split(' ');
    const [ours, theirs] = [tf, peer].map((lib) => {
      const a = lib.variable(lib.tensor([1, -3, 3])),
        b = lib.variable(lib.scalar(0.5)),
        optimizer = lib.train[name](...args);
      const costs = [];
      for (let i = 0; i < 12; i++) {
        const cost = optimizer.minimize(
          () => a.square().mul(b.square()).sum().add(b.sub(2).square()).add(a.sum()).mul(0.1),
          true,
          [a, b],
        );
        costs.push(cost.dataSync()[0]);
      }
      return { values: [...costs, ...a.dataSync(), ...b.dataSync()], config: optimizer.getConfig(), a, b };
    });
    near(ours.values, theirs.values, 1e-4, title);
    for (const [key, value] of Object.entries(theirs.config))
      assert.equal(Number(ours.config[key]), Number(value), `${title} ${key}`);
    for (const { a, b } of [ours, theirs]) (a.dispose(), b.dispose());
  });

test('names that compile takes for optimizers', () => {
  for (const name of ['sgd', 'SGD', 'adam', 'Adam', 'rmsprop', 'RMSProp', 'adagrad', 'adadelta', 'adamax']) {
    const [ours, theirs] = [tf, peer].map((lib) => {
      const model = lib.sequential({ layers: [lib.layers.dense({ units: 1, inputShape: [1] })] });
      model.compile({ optimizer: name, loss: 'meanSquaredError' });
      return model.optimizer;
    });
    assert.equal(ours.getClassName(), theirs.getClassName());
    assert.equal(ours.getConfig().learningRate, theirs.getConfig().learningRate, name);
  }
});

// ---- seeded weights ----

test('seeded initializers draw the same numbers', () => {
  const parts = [
    ['glorotUniform', {}],
    ['glorotNormal', {}],
    ['heNormal', {}],
    ['heUniform', {}],
    ['leCunNormal', {}],
    ['leCunUniform', {}],
    ['randomUniform', {}],
    ['randomNormal', {}],
    ['truncatedNormal', {}],
    ['varianceScaling', { scale: 2, mode: 'fanOut', distribution: 'uniform' }],
  ];
  for (const [name, config] of parts)
    for (const shape of [[4, 5], [3, 3, 2, 4], [6]]) {
      const [ours, theirs] = [tf, peer].map((lib) => lib.initializers[name]({ ...config, seed: 42 }).apply(shape));
      const cut = /^(glorot|he|leCun)Normal/.test(name) ? 0.87962566103423978 : 1; // the peer's have 0.77 of the variance
      near(ours.mul(cut).dataSync(), theirs.dataSync(), 1e-6, `${name} ${shape}`);
    }
  for (const shape of [
    [4, 4],
    [3, 6],
    [6, 3],
  ]) {
    const [ours, theirs] = [tf, peer].map((lib) => lib.initializers.orthogonal({ seed: 42 }).apply(shape));
    near(ours.dataSync(), theirs.dataSync(), 1e-5, `orthogonal ${shape}`);
  }
});

// ---- graphs and topologies ----

/** Two inputs, a shared layer, merges, a nested model, two outputs. */
function branched(lib) {
  const a = lib.input({ shape: [4], name: 'a' }),
    b = lib.input({ shape: [4], name: 'b' });
  const shared = lib.layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
  const one = shared.apply(a),
    two = shared.apply(b);
  const sum = lib.layers.add({ name: 'sum' }).apply([one, two]),
    product = lib.layers.multiply({ name: 'product' }).apply([one, two]);
  const all = lib.layers
    .concatenate({ name: 'all' })
    .apply([sum, product, lib.layers.average({ name: 'mean' }).apply([one, two])]);
  const first = lib.layers.dense({ units: 2, name: 'first', activation: 'softmax' }).apply(all);
  const second = lib.layers
    .dense({ units: 1, name: 'second' })
    .apply(lib.layers.maximum({ name: 'max' }).apply([sum, product]));
  return lib.model({ inputs: [a, b], outputs: [first, second], name: 'branched' });
}

const inputs = (lib) => [lib.tensor(numbers(12), [3, 4]), lib.tensor(numbers(12, 1, -0.2), [3, 4])];
const flat = (list) => list.flatMap((t) => [...t.dataSync()]);

test('steps that do not count are left out as the peer does', async () => {
  const stacks = {
    lstm: (lib) => [
      lib.layers.masking({ maskValue: 0, inputShape: [4, 2] }),
      lib.layers.lstm({ units: 3, returnSequences: true }),
      lib.layers.dense({ units: 2 }),
      lib.layers.simpleRNN({ units: 2 }),
    ],
    gru: (lib) => [
      lib.layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true, inputLength: 4 }),
      lib.layers.gru({ units: 3, goBackwards: true, returnSequences: true }),
      lib.layers.gru({ units: 2 }),
    ],
  };
  const data = {
    lstm: [
      [3, 4, 2],
      [0, 0, 1, 2, 0, 0, 3, 4, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
    gru: [
      [3, 4],
      [1, 0, 2, 0, 0, 0, 3, 4, 0, 0, 0, 0],
    ],
  };
  for (const [name, layers] of Object.entries(stacks)) {
    const [ours, theirs] = [tf, peer].map((lib) => lib.sequential({ layers: layers(lib) }));
    sameWeights(ours, theirs);
    const [shape, values] = data[name];
    const x = tf.tensor(values, shape),
      px = peer.tensor(values, shape),
      y = ours.predict(x);
    near(y.dataSync(), theirs.predict(px).dataSync(), 1e-5, name);
    await compareStep(ours, theirs, x, px, y.shape);
  }
});

test("a graph with shared layers, merges and two outputs computes and trains as the peer's", async () => {
  const [ours, theirs] = [branched(tf), branched(peer)];
  sameWeights(ours, theirs);
  assert.deepEqual(
    ours.layers.map((l) => l.name),
    theirs.layers.map((l) => l.name),
  );
  near(flat(ours.predict(inputs(tf))), flat(theirs.predict(inputs(peer))), 1e-5, 'prediction');
  const values = [];
  for (const [lib, model] of [
    [tf, ours],
    [peer, theirs],
  ]) {
    model.compile({
      optimizer: lib.train.adam(0.1),
      loss: ['categoricalCrossentropy', 'meanSquaredError'],
      metrics: ['acc'],
    });
    const targets = [lib.tensor([1, 0, 0, 1, 1, 0], [3, 2]), lib.tensor([1, 2, 3], [3, 1])];
    const steps = [];
    for (let i = 0; i < 4; i++) steps.push(...(await model.trainOnBatch(inputs(lib), targets)));
    values.push(steps);
  }
  assert.deepEqual(ours.metricsNames, theirs.metricsNames);
  near(values[0], values[1], 1e-4, 'training');
});

const lines = (model) => {
  const text = [];
  model.summary(undefined, undefined, (line) => text.push(line));
  return text;
};

test("summaries are the peer's", () => {
  const stack = (lib) =>
    lib.sequential({
      layers: [
        lib.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: IMAGE, name: 'c' }),
        lib.layers.batchNormalization({ name: 'n' }),
        lib.layers.flatten({ name: 'f' }),
        lib.layers.dense({ units: 2, name: 'd' }),
      ],
    });
  assert.deepEqual(lines(branched(tf)), lines(branched(peer)));
  assert.deepEqual(lines(stack(tf)), lines(stack(peer)));
});

test("each reads the other's topology", async () => {
  const ours = branched(tf),
    theirs = branched(peer);
  sameWeights(ours, theirs);
  const want = flat(theirs.predict(inputs(peer)));
  const back = await tf.models.modelFromJSON(JSON.parse(theirs.toJSON()));
  back.setWeights(theirs.getWeights().map((w) => tf.tensor(w.dataSync(), w.shape)));
  near(flat(back.predict(inputs(tf))), want, 1e-5, 'ours of theirs');
  const there = await peer.models.modelFromJSON(ours.toJSON(null, false));
  there.setWeights(ours.getWeights().map((w) => peer.tensor(w.dataSync(), w.shape)));
  near(flat(there.predict(inputs(peer))), want, 1e-5, 'theirs of ours');
  const again = await tf.models.modelFromJSON(back.toJSON(null, false));
  assert.deepEqual(again.toJSON(null, false), back.toJSON(null, false));
});

test('wrappers go from file to file', async () => {
  const stack = (lib) =>
    lib.sequential({
      layers: [
        lib.layers.timeDistributed({ layer: lib.layers.dense({ units: 3 }), inputShape: [4, 2] }),
        lib.layers.bidirectional({ layer: lib.layers.gru({ units: 2 }), mergeMode: 'sum' }),
      ],
    });
  for (const [from, to] of [
    [tf, peer],
    [peer, tf],
  ]) {
    const model = stack(from),
      x = numbers(16);
    let saved;
    await model.save(
      from.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return {};
      }),
    );
    const loaded = await to.loadLayersModel(to.io.fromMemory(saved));
    near(
      loaded.predict(to.tensor(x, [2, 4, 2])).dataSync(),
      model.predict(from.tensor(x, [2, 4, 2])).dataSync(),
      1e-5,
      'prediction',
    );
  }
});

test("a saved model loads in the peer, and the peer's here, weights included", async () => {
  for (const [from, to] of [
    [tf, peer],
    [peer, tf],
  ]) {
    const model = from.sequential({
      layers: [
        from.layers.dense({ units: 3, inputShape: [4] }),
        from.layers.batchNormalization(),
        from.layers.dropout({ rate: 0.5 }),
        from.layers.dense({ units: 2, activation: 'softmax' }),
      ],
    });
    let saved;
    await model.save(
      from.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return {};
      }),
    );
    const loaded = await to.loadLayersModel(to.io.fromMemory(saved));
    near(loaded.predict(inputs(to)[0]).dataSync(), model.predict(inputs(from)[0]).dataSync(), 1e-5, 'prediction');
  }
});

test('classes are weighted as the peer does', async () => {
  for (const sparse of [false, true]) {
    const losses = [];
    for (const lib of [tf, peer]) {
      const model = lib.sequential({
        layers: [
          lib.layers.dense({
            units: 3,
            inputShape: [2],
            activation: 'softmax',
            kernelInitializer: lib.initializers.glorotUniform({ seed: 3 }),
          }),
        ],
      });
      model.compile({
        optimizer: lib.train.sgd(0.1),
        loss: sparse ? 'sparseCategoricalCrossentropy' : 'categoricalCrossentropy',
      });
      const y = sparse ? lib.tensor([0, 2, 1, 0], [4, 1]) : lib.tensor([1, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0], [4, 3]);
      const { history } = await model.fit(lib.tensor(numbers(8), [4, 2]), y, {
        epochs: 3,
        shuffle: false,
        batchSize: 4,
        classWeight: { 0: 0.5, 1: 1, 2: 3 },
        verbose: 0,
      });
      losses.push(history.loss);
    }
    near(losses[0], losses[1], 1e-5, 'loss');
  }
});

test('fit reports the same history', async () => {
  const histories = [];
  for (const lib of [tf, peer]) {
    const model = lib.sequential({
      layers: [
        lib.layers.dense({
          units: 4,
          inputShape: [2],
          activation: 'tanh',
          kernelInitializer: lib.initializers.glorotUniform({ seed: 1 }),
        }),
        lib.layers.dense({
          units: 1,
          kernelInitializer: lib.initializers.glorotUniform({ seed: 2 }),
          kernelRegularizer: lib.regularizers.l2({ l2: 0.02 }),
        }),
      ],
    });
    model.compile({ optimizer: lib.train.adam(0.05), loss: 'meanSquaredError', metrics: ['mae'] });
    const x = lib.tensor(numbers(40), [20, 2]),
      y = lib.tensor(numbers(20, 2, 0), [20, 1]);
    const seen = [];
    const { history, epoch } = await model.fit(x, y, {
      epochs: 4,
      batchSize: 6,
      shuffle: false,
      validationSplit: 0.25,
      verbose: 0,
      callbacks: {
        onBatchEnd: (batch, logs) => {
          seen.push(batch, logs.size, logs.loss);
        },
      },
    });
    histories.push({ history, epoch, seen });
  }
  assert.deepEqual(histories[0].epoch, histories[1].epoch);
  assert.deepEqual(Object.keys(histories[0].history).sort(), Object.keys(histories[1].history).sort());
  for (const [name, values] of Object.entries(histories[1].history))
    near(histories[0].history[name], values, 1e-4, name);
  near(histories[0].seen, histories[1].seen, 1e-4, 'batches');
});
