// What a model was compiled with, in files: losses that are functions, weights of losses, optimizers of one's own,
// and training configs as Keras writes them. TensorFlow.js loads what is saved here.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const owned = (name, f) =>
  test(name, async () => {
    const own = [],
      keep = (thing) => {
        own.push(thing);
        return thing;
      };
    try {
      await f(keep);
    } finally {
      for (const thing of own) thing?.dispose();
    }
  });
const net = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({
        units: 2,
        inputShape: [2],
        name: 'd',
        activation: 'sigmoid',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
      }),
    ],
  });
const saved = async (model) => {
  let artifacts;
  await model.save(
    tf.io.withSaveHandler(async (a) => {
      artifacts = a;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
    { includeOptimizer: true },
  );
  return (
    JSON.parse(JSON.stringify({ ...artifacts, weightData: undefined })) && {
      ...artifacts,
      modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)),
    }
  );
};
const whole = (artifacts) => ({
  ...artifacts,
  weightData: tf.io.concatenateArrayBuffers([artifacts.weightData].flat()),
});
const loaded = (artifacts) => tf.loadLayersModel(tf.io.fromMemory(whole(artifacts)));
const values = (model) => model.getWeights().flatMap((w) => [...w.dataSync()]);
const near = (got, want, tolerance = 1e-5) =>
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
async function quietly(f) {
  const { warn } = console,
    lines = [];
  console.warn = (text) => lines.push(text);
  try {
    await f();
  } finally {
    console.warn = warn;
  }
  return lines;
}
const data = (keep) => [
  keep(
    tf.tensor([
      [1, 2],
      [3, -1],
      [0.5, 1],
    ]),
  ),
  keep(
    tf.tensor([
      [0, 1],
      [1, 0],
      [0, 1],
    ]),
  ),
];
const FIT = { epochs: 2, verbose: 0, shuffle: false };

/** TensorFlow.js loads the artifacts and predicts the same. */
async function peerLoads(artifacts, model, x) {
  const other = await peer.loadLayersModel(peer.io.fromMemory(whole(artifacts)));
  const got = other.predict(peer.tensor(x.arraySync())),
    want = model.predict(x);
  near([...got.dataSync()], [...want.dataSync()]);
  want.dispose();
  return other;
}

owned("a loss of the program's own: the state is saved without it, and training goes on", async (keep) => {
  const mine = (y, p) => y.sub(p).square().mean(),
    [x, y] = data(keep),
    model = keep(net());
  model.compile({ optimizer: keep(tf.train.adam(0.05)), loss: mine, metrics: ['mae', mine] });
  await model.fit(x, y, FIT);
  const artifacts = await saved(model);
  assert.equal(artifacts.trainingConfig, undefined);
  assert.deepEqual(artifacts.modelTopology.training_config.loss, null);
  assert.deepEqual(artifacts.modelTopology.training_config.optimizer_config.config.learningRate, 0.05);
  await peerLoads(artifacts, model, x);
  const again = keep(await loaded(artifacts));
  assert.equal(keep(again.optimizer).getClassName(), 'Adam');
  await assert.rejects(again.fit(x, y, FIT), /You must compile a model/);
  again.compile({ loss: mine });
  assert.equal(again.optimizer.iterations, 2);
  await model.fit(x, y, FIT);
  await again.fit(x, y, FIT);
  near(values(again), values(model), 1e-6);
});

owned('ModelCheckpoint saves models whose loss is a function', async (keep) => {
  const model = keep(net()),
    [x, y] = data(keep),
    files = [];
  model.compile({ optimizer: keep(tf.train.adam(0.05)), loss: (a, b) => tf.losses.huberLoss(a, b) });
  const handler = tf.io.withSaveHandler(async (a) => {
    files.push(a);
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  });
  await model.fit(x, y, { ...FIT, callbacks: new tf.ModelCheckpoint(handler, { includeOptimizer: true }) });
  assert.equal(files.length, 2);
});

owned('functions of tf.losses have names in files', async (keep) => {
  const [x, y] = data(keep);
  for (const [name, file] of [
    ['meanSquaredError', 'mean_squared_error'],
    ['absoluteDifference', 'mean_absolute_error'],
    ['huberLoss', 'huber'],
    ['softmaxCrossEntropy', 'softmax_cross_entropy'],
    ['logLoss', 'log_loss'],
  ]) {
    const model = keep(net());
    model.compile({ optimizer: keep(tf.train.momentum(0.05, 0.9)), loss: tf.losses[name] });
    const start = model.evaluate(x, y),
      want = tf.tidy(() => tf.losses[name](y, model.predict(x)).dataSync()[0]);
    near([start.dataSync()[0]], [want]);
    start.dispose();
    await model.fit(x, y, FIT);
    const artifacts = await saved(model),
      own = /soft|log/.test(name);
    assert.equal((own ? artifacts.modelTopology.training_config : artifacts.trainingConfig).loss, file);
    assert.equal(artifacts.trainingConfig === undefined, own);
    if (file !== 'huber') await peerLoads(artifacts, model, x);
    const again = keep(await loaded(artifacts));
    keep(again.optimizer);
    await model.fit(x, y, FIT);
    await again.fit(x, y, FIT);
    near(values(again), values(model), 1e-6);
  }
});

owned('weights of losses are saved, as a list and by names', async (keep) => {
  for (const lossWeights of [[0.25, 2], { b: 3 }]) {
    const input = tf.input({ shape: [2] }),
      outputs = ['a', 'b'].map((name) => tf.layers.dense({ units: 1, name, kernelInitializer: 'ones' }).apply(input));
    const model = keep(tf.model({ inputs: input, outputs })),
      x = keep(tf.tensor([[1, 2]])),
      y = [keep(tf.tensor([[1]])), keep(tf.tensor([[0]]))];
    model.compile({ optimizer: 'sgd', loss: { a: 'meanSquaredError', b: tf.losses.meanSquaredError }, lossWeights });
    const artifacts = await saved(model),
      again = keep(await loaded(artifacts));
    assert.deepEqual(artifacts.modelTopology.training_config.loss_weights, lossWeights);
    const losses = [model, again].map((m) => tf.tidy(() => m.evaluate(x, y).map((v) => v.dataSync()[0])));
    near(losses[1], losses[0]);
    near(losses[0], Array.isArray(lossWeights) ? [0.25 * 4 + 2 * 9, 4, 9] : [4 + 27, 4, 9]);
    const other = await peer.loadLayersModel(peer.io.fromMemory(whole(artifacts)));
    assert.equal(other.outputs.length, 2);
  }
});

owned(
  "an optimizer of one's own does not keep its model from loading; a registered one is made again",
  async (keep) => {
    class Mine extends tf.Optimizer {
      static className = 'MyOptimizer';
      constructor(config = {}) {
        super();
        this.rate = config.rate ?? 0.5;
      }
      applyGradients(grads) {
        for (const { name, tensor } of grads) {
          const v = model.weights.find((w) => w.name === name) ?? null;
          if (v) this.seen = tensor.shape;
        }
      }
      getConfig() {
        return { rate: this.rate };
      }
    }
    const [x, y] = data(keep),
      model = keep(net());
    model.compile({ optimizer: new Mine({ rate: 0.25 }), loss: 'meanSquaredError' });
    await model.fit(x, y, FIT);
    const artifacts = await saved(model);
    await peerLoads(artifacts, model, x);
    const again = keep(await loaded(artifacts));
    assert.ok(!again.optimizer);
    tf.serialization.registerClass(Mine);
    const once = keep(await loaded(artifacts));
    assert.ok(once.optimizer instanceof Mine);
    assert.equal(once.optimizer.rate, 0.25);
  },
);

owned('optimizers made of others', async (keep) => {
  const [x, y] = data(keep),
    model = keep(net()),
    [first, rest] = [tf.train.sgd(0), tf.train.sgd(0.1)];
  const multi = keep(new tf.MultiOptimizer(new tf.OptimizerMap([first], ['.*kernel']), rest)),
    start = values(model);
  model.compile({ optimizer: multi, loss: 'meanSquaredError' });
  await model.fit(x, y, FIT);
  const end = values(model);
  near(end.slice(0, 4), start.slice(0, 4));
  assert.ok(Math.abs(end[4] - start[4]) > 1e-4 && Math.abs(end[5] - start[5]) > 1e-4);
  assert.deepEqual([first.iterations, rest.iterations, multi.iterations, multi.learningRate], [2, 2, 2, 0]);
  assert.throws(
    () => new tf.MultiOptimizer({}, rest),
    (e) => e instanceof tf.TensorineError && /must be an OptimizerMap/.test(e.message),
  );
  assert.throws(() => new tf.OptimizerMap([rest], []), /1 optimizers, but 0 identifiers/);

  const w = keep(tf.tidy(() => tf.variable(tf.tensor([1, 2]), true))),
    scaled = keep(new tf.LossScaleOptimizer(tf.train.sgd(1), { initialScale: 8, dynamicGrowthSteps: 2 }));
  const steps = [
      [1, 1],
      [Infinity, 0],
      [1, 1],
      [NaN, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ],
    scales = steps.map((g) =>
      tf.tidy(() => {
        scaled.applyGradients({ [w.name]: tf.tensor(g) });
        return scaled.dynamicScale;
      }),
    );
  assert.deepEqual([...w.dataSync()], [1 - 5, 2 - 5]);
  assert.deepEqual(scales, [8, 4, 4, 2, 2, 4, 4]);
});

for (const [title, identify] of [
  ['a pattern', () => 'd_.*/kernel|d/kernel'],
  ['a regular expression', () => /KERNEL/i],
  ['a layer', (model) => model.layers[1]],
  ['variables', (model) => model.layers[0].weights],
])
  owned(`an optimizer made of others, by ${title}, goes on from a file`, async (keep) => {
    const [x, y] = data(keep),
      two = () =>
        keep(
          tf.sequential({
            layers: [
              tf.layers.dense({
                units: 3,
                inputShape: [2],
                name: 'd_first',
                kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
              }),
              tf.layers.dense({
                units: 2,
                name: 'second',
                kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }),
              }),
            ],
          }),
        );
    const model = two(),
      multi = keep(
        new tf.MultiOptimizer(
          new tf.OptimizerMap([tf.train.adam(0.05)], [identify(model)]),
          tf.train.momentum(0.01, 0.9),
        ),
      );
    model.compile({ optimizer: multi, loss: 'meanSquaredError' });
    await model.fit(x, y, FIT);
    const again = keep(await loaded(await saved(model))),
      other = keep(again.optimizer);
    assert.deepEqual(
      [other.getClassName(), other.optimizers.map((o) => [o.getClassName(), o.learningRate, o.iterations])],
      ['MultiOptimizer', multi.optimizers.map((o) => [o.getClassName(), o.learningRate, o.iterations])],
    );
    for (const one of [model, again]) await one.fit(x, y, FIT);
    near(values(again), values(model), 1e-6);
    const plain = two();
    plain.compile({ optimizer: keep(tf.train.momentum(0.01, 0.9)), loss: 'meanSquaredError' });
    await plain.fit(x, y, { ...FIT, epochs: 4 });
    assert.ok(
      values(plain).some((v, i) => Math.abs(v - values(model)[i]) > 1e-3),
      'the map names something',
    );
  });

owned('metrics with configs go through a file', async (keep) => {
  const [x, y] = data(keep),
    model = keep(net()),
    own = (t, p) => t.sub(p).abs().mean(-1);
  const metrics = [
    new tf.metrics.OneHotIoU({ numClasses: 2, targetClassIds: [1] }),
    new tf.metrics.AUC({ curve: 'PR', name: 'pr' }),
    new tf.metrics.AUC(),
    'mae',
    new tf.metrics.Hinge(),
    new tf.metrics.PearsonCorrelation({ name: 'r' }),
    new tf.metrics.MeanMetricWrapper(tf.metrics.meanSquaredError, 'mine'),
    new tf.metrics.MeanMetricWrapper(own),
    own,
  ];
  model.compile({ optimizer: keep(tf.train.sgd(0.1)), loss: 'meanSquaredError', metrics });
  const artifacts = await saved(model),
    again = keep(await loaded(artifacts));
  keep(again.optimizer);
  assert.deepEqual(again.metricsNames, ['loss', 'oneHotIoU', 'pr', 'auc', 'mae', 'hinge', 'r', 'mean_squared_error']);
  const [was, is] = [model, again].map((one) =>
    one.evaluate(x, y).map((t) => {
      keep(t);
      return t.dataSync()[0];
    }),
  );
  near(is, was.slice(0, 8), 1e-6);
  await peerLoads(artifacts, model, x);
});

owned('metrics as Keras 3 writes them, with their configs', async (keep) => {
  const instance = (class_name, config) => ({ module: 'keras.metrics', class_name, config, registered_name: null });
  const metrics = [
    instance('OneHotMeanIoU', {
      name: 'iou',
      dtype: 'float32',
      num_classes: 2,
      ignore_class: null,
      sparse_y_pred: false,
    }),
    instance('AUC', { name: 'auc', dtype: 'float32', num_thresholds: 50 }),
    'mae',
  ];
  const lines = await quietly(async () => {
    const model = await fromKeras(keep, { class_name: 'SGD', config: { learning_rate: 0.1 } }, { metrics });
    keep(model.optimizer);
    assert.deepEqual(model.metricsNames, ['loss', 'iou', 'auc', 'mae']);
  });
  assert.deepEqual(lines, []);
});

owned('losses of logits, as Keras writes them', async (keep) => {
  const instance = (class_name, config) => ({ module: 'keras.losses', class_name, config, registered_name: null }),
    [x, y] = data(keep);
  for (const [name, direct] of [
    ['BinaryCrossentropy', (p) => tf.metrics.binaryCrossentropy(y, p.sigmoid())],
    ['CategoricalCrossentropy', (p) => tf.metrics.categoricalCrossentropy(y, p.softmax())],
    ['SparseCategoricalCrossentropy', (p) => tf.metrics.sparseCategoricalCrossentropy(y.argMax(-1), p.softmax())],
  ]) {
    const loss = instance(name, { name: 'loss', reduction: 'sum_over_batch_size', from_logits: true }),
      model = await fromKeras(keep, { class_name: 'SGD', config: { learning_rate: 0.1 } }, { loss });
    keep(model.optimizer);
    const [p, classes] = [keep(model.predict(x)), keep(y.argMax(-1))],
      target = /^Sparse/.test(name) ? classes : y,
      want = tf.tidy(() => direct(p).mean().dataSync()[0]);
    const { history } = await model.fit(x, target, { ...FIT, epochs: 1 });
    near(history.loss, [want], 1e-5);
    assert.ok(history.acc[0] >= 0 && history.acc[0] <= 1);
  }
  const lines = await quietly(async () => {
    keep(
      (
        await fromKeras(
          keep,
          { class_name: 'SGD', config: {} },
          { loss: instance('BinaryCrossentropy', { label_smoothing: 0.1 }) },
        )
      ).optimizer,
    );
  });
  assert.match(lines[0], /label_smoothing 0.1 of the loss BinaryCrossentropy is not known here/);
});

const SCHEDULES = {
  exponentialDecay: { initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 },
  inverseTimeDecay: { initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 },
  polynomialDecay: { initialLearningRate: 0.1, decaySteps: 3 },
  cosineDecay: { initialLearningRate: 0.1, decaySteps: 9 },
  cosineDecayRestarts: { initialLearningRate: 0.1, firstDecaySteps: 3 },
  piecewiseConstantDecay: { boundaries: [2], values: [0.1, 0.05] },
};
for (const [name, args] of Object.entries(SCHEDULES))
  owned(`${name} goes on from a file, in an optimizer and in one made of others`, async (keep) => {
    const [x, y] = data(keep),
      rate = () => tf.train[name](args),
      adam = tf.train.adam(rate(), 0.9, 0.999, 1e-7, { amsgrad: true, useEma: true });
    for (const optimizer of [
      tf.train.momentum(rate(), 0.9),
      adam,
      new tf.MultiOptimizer(new tf.OptimizerMap([tf.train.sgd(rate())], ['.*kernel']), tf.train.adam(rate())),
    ]) {
      const model = keep(net());
      model.compile({ optimizer: keep(optimizer), loss: 'meanSquaredError' });
      await model.fit(x, y, FIT);
      const again = keep(await loaded(await saved(model)));
      keep(again.optimizer);
      for (const one of [model, again]) await one.fit(x, y, FIT);
      assert.ok(Math.abs(again.optimizer.learningRate - tf.train[name](args).at(4)) < 1e-9);
      near(values(again), values(model), 0);
    }
  });

owned('MultiOptimizer as Keras writes it; what cannot be written', async (keep) => {
  const instance = (class_name, config) => ({ module: 'keras.optimizers', class_name, config, registered_name: null });
  const model = await fromKeras(
    keep,
    instance('MultiOptimizer', {
      name: 'multi',
      optim_map: instance('OptimizerMap', {
        default_optimizer: instance('SGD', { learning_rate: 0.5 }),
        optimizer_map: { 'd/kernel': instance('Adam', { learning_rate: 0.25, amsgrad: true }) },
      }),
    }),
  );
  const { optimizers } = keep(model.optimizer),
    names = model.layers[0].weights.map(({ name }) => name);
  assert.deepEqual(
    optimizers.map((o) => [o.getClassName(), o.learningRate]),
    [
      ['Adam', 0.25],
      ['SGD', 0.5],
    ],
  );
  assert.equal(optimizers[0].getConfig().amsgrad, true);
  const [x, y] = data(keep),
    start = values(model);
  await model.fit(x, y, { ...FIT, epochs: 1 });
  assert.deepEqual(
    optimizers.map((o) => o.iterations),
    [1, 1],
    String(names),
  );
  near(
    values(model)
      .slice(0, 4)
      .map((v, i) => Math.abs(v - start[i])),
    [0.25, 0.25, 0.25, 0.25],
    1e-3,
  ); // the first step of adam
  const odd = new tf.MultiOptimizer(
    new tf.OptimizerMap([tf.train.sgd(1)], [(v) => v.shape.length === 1]),
    tf.train.sgd(1),
  );
  assert.throws(() => odd.getConfig(), /a function that says which variables/);
  const scaled = tf.LossScaleOptimizer.fromConfig(
    tf.LossScaleOptimizer,
    new tf.LossScaleOptimizer(tf.train.adam(0.3), { initialScale: 8 }).getConfig(),
  );
  assert.deepEqual([scaled.innerOptimizer.getClassName(), scaled.learningRate, scaled.dynamicScale], ['Adam', 0.3, 8]);
});

// ---- training configs as Keras writes them, in a topology that its converter made ----

/** The optimizer that a file of Keras's gives, and the loss. */
async function fromKeras(keep, optimizer_config, more = {}) {
  const model = keep(net()),
    artifacts = await saved(model);
  artifacts.modelTopology = {
    keras_version: '3.16.0',
    backend: 'tensorflow',
    model_config: { class_name: artifacts.modelTopology.class_name, config: artifacts.modelTopology.config },
    training_config: {
      loss: 'mse',
      metrics: ['accuracy'],
      weighted_metrics: null,
      loss_weights: null,
      ...more,
      optimizer_config,
    },
  };
  const again = keep(await loaded(artifacts));
  return again;
}
const BASE = {
  name: 'x',
  weight_decay: null,
  clipnorm: null,
  global_clipnorm: null,
  clipvalue: null,
  use_ema: false,
  ema_momentum: 0.99,
  ema_overwrite_frequency: null,
  loss_scale_factor: null,
  gradient_accumulation_steps: null,
  jit_compile: true,
  is_legacy_optimizer: false,
};
const schedule = (class_name, config) => ({
  module: 'keras.optimizers.schedules',
  class_name,
  config,
  registered_name: null,
});

owned('optimizers are read as Keras writes them', async (keep) => {
  const cases = [
    [
      'SGD',
      { learning_rate: 0.01, momentum: 0.9, nesterov: true },
      'Momentum',
      { learningRate: 0.01, momentum: 0.9, useNesterov: true },
    ],
    ['SGD', { learning_rate: 0.01, momentum: 0, nesterov: false }, 'SGD', { learningRate: 0.01 }],
    [
      'RMSprop',
      { learning_rate: 0.002, rho: 0.8, decay: 0, momentum: 0.1, epsilon: 1e-6, centered: true },
      'RMSProp',
      { learningRate: 0.002, decay: 0.8, momentum: 0.1, epsilon: 1e-6, centered: true },
    ],
    [
      'Adam',
      { lr: 0.003, beta_1: 0.8, beta_2: 0.99, epsilon: 1e-6, amsgrad: false },
      'Adam',
      { learningRate: 0.003, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 },
    ],
    ['Custom>Adam', { learning_rate: 0.1 }, null],
    [
      'AdamW',
      { learning_rate: 0.003, weight_decay: 0.01, beta_1: 0.9 },
      'AdamW',
      { learningRate: 0.003, weightDecay: 0.01 },
    ],
    ['Adadelta', { learning_rate: 1, rho: 0.9, epsilon: 1e-7 }, 'Adadelta', { learningRate: 1, rho: 0.9 }],
    [
      'Adafactor',
      { learning_rate: 0.003, beta_2_decay: -0.7, epsilon_1: 1e-29, relative_step: true, clip_threshold: 2 },
      'Adafactor',
      { beta2Decay: -0.7, clipThreshold: 2 },
    ],
    [
      'Ftrl',
      { learning_rate: 0.003, l1_regularization_strength: 0.1, l2_shrinkage_regularization_strength: 0.2 },
      'Ftrl',
      { l1RegularizationStrength: 0.1, l2ShrinkageRegularizationStrength: 0.2 },
    ],
    ['Lamb', { learning_rate: 0.003, beta_1: 0.8 }, 'Lamb', { beta1: 0.8 }],
    ['Lion', { learning_rate: 0.003, beta_1: 0.8 }, 'Lion', { beta1: 0.8 }],
    [
      'Muon',
      { learning_rate: 0.003, adam_beta_1: 0.8, rms_rate: null, weight_decay: null, ns_steps: 4, exclude_layers: [] },
      'Muon',
      { adamBeta1: 0.8, rmsRate: 0, weightDecay: 0, nsSteps: 4 },
    ],
    ['ScheduleFreeAdamW', { learning_rate: 0.003, warmup_steps: 9 }, 'ScheduleFreeAdamW', { warmupSteps: 9 }],
    [
      'LossScaleOptimizer',
      {
        inner_optimizer: { class_name: 'Adam', config: { learning_rate: 0.02 } },
        initial_scale: 32768,
        dynamic_growth_steps: 2000,
      },
      'Adam',
      { learningRate: 0.02 },
    ],
    ['adam', { learning_rate: 0.1, clipnorm: 2 }, 'Adam', { clipnorm: 2 }],
  ];
  for (const [class_name, config, wanted, fields] of cases) {
    const { optimizer } = await fromKeras(keep, {
      module: 'keras.optimizers',
      class_name,
      config: { ...BASE, ...config },
      registered_name: class_name,
    });
    assert.equal(optimizer?.getClassName() ?? null, wanted, class_name);
    if (fields)
      for (const [name, value] of Object.entries(fields))
        assert.equal(optimizer.getConfig()[name], value, `${class_name} ${name}`);
  }
});

owned('schedules are read as Keras writes them', async (keep) => {
  const at = async (learning_rate, more = {}) => {
    const { optimizer } = await fromKeras(keep, { class_name: 'Adam', config: { ...BASE, learning_rate, ...more } });
    return (step) => {
      optimizer.iterations;
      tf.tidy(() => {});
      for (; optimizer.iterations < step;) optimizer.incrementIterations();
      return optimizer.learningRate;
    };
  };
  const cases = [
    [
      schedule('ExponentialDecay', {
        initial_learning_rate: 0.1,
        decay_steps: 10.5,
        decay_rate: 0.5,
        staircase: false,
        name: null,
      }),
      [0, 21],
      [0.1, 0.025],
    ],
    [
      schedule('InverseTimeDecay', {
        initial_learning_rate: 0.1,
        decay_steps: 10,
        decay_rate: 0.5,
        staircase: true,
        name: 'InverseTimeDecay',
      }),
      [9, 10],
      [0.1, 0.1 / 1.5],
    ],
    [
      schedule('PolynomialDecay', {
        initial_learning_rate: 0.1,
        decay_steps: 10,
        end_learning_rate: 0.01,
        power: 2,
        cycle: false,
        name: null,
      }),
      [5, 30],
      [0.01 + 0.09 / 4, 0.01],
    ],
    [
      schedule('PiecewiseConstantDecay', { boundaries: [3, 6], values: [1, 0.5, 0.1], name: null }),
      [3, 4, 7],
      [1, 0.5, 0.1],
    ],
    [
      schedule('CosineDecay', {
        initial_learning_rate: 0,
        decay_steps: 10,
        alpha: 0.1,
        name: null,
        warmup_target: 0.2,
        warmup_steps: 4,
      }),
      [2, 9, 20],
      [0.1, 0.2 * (0.9 * 0.5 + 0.1), 0.02],
    ],
    [
      schedule('CosineDecayRestarts', {
        initial_learning_rate: 0.2,
        first_decay_steps: 10,
        t_mul: 2.0,
        m_mul: 0.5,
        alpha: 0.0,
        name: null,
      }),
      [5, 10, 20],
      [0.1, 0.1, 0.05],
    ],
  ];
  for (const [given, steps, want] of cases) {
    const rate = await at(given);
    near(steps.map(rate), want, 1e-6);
  }
  const decayed = await at(0.1, { decay: 0.5 });
  near([0, 1, 4].map(decayed), [0.1, 0.1 / 1.5, 0.1 / 3], 1e-6);
});

owned('losses are read as Keras writes them; what is not known leaves the model as it is', async (keep) => {
  const adam = { class_name: 'Adam', config: { learning_rate: 0.01 } },
    [x, y] = data(keep);
  const instance = (class_name, config = {}) => ({
    module: 'keras.losses',
    class_name,
    config: { name: 'x', reduction: 'sum_over_batch_size', ...config },
    registered_name: null,
  });
  for (const [loss, want] of [
    ['mse', 'mse'],
    ['categorical_crossentropy', 'categoricalCrossentropy'],
    [instance('MeanSquaredError'), 'MeanSquaredError'],
    [instance('CosineSimilarity'), 'cosineProximity'],
    [instance('KLDivergence'), 'kullbackLeiblerDivergence'],
    [instance('Huber', { delta: 1 }), 'Huber'],
    [
      { module: 'builtins', class_name: 'function', config: 'mean_absolute_error', registered_name: 'function' },
      'meanAbsoluteError',
    ],
  ]) {
    const model = await fromKeras(keep, adam, { loss });
    assert.equal(model.loss, want);
    await model.fit(x, y, FIT);
    keep(model.optimizer);
  }
  const lines = await quietly(async () => {
    const unknown = await fromKeras(keep, adam, { loss: 'my_yolo_loss' });
    await assert.rejects(unknown.fit(x, y, FIT), /You must compile a model/);
    const strange = await fromKeras(keep, { class_name: 'MyOptimizer9', config: {} });
    assert.ok(!strange.optimizer);
    const metrics = await fromKeras(keep, adam, { metrics: [instance('Strange')] });
    assert.deepEqual(metrics.metricsNames, ['loss']);
  });
  assert.deepEqual(lines, []);
});
