// Training as programs use it: optimizers' states, schedules, clipping, metrics that add up, callbacks,
// what they write, and files in which training goes on.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

/** What a test makes is disposed at its end: tensors by tidy, models and optimizers if `keep` has them. */
const owned = (name, f) =>
  test(name, async () => {
    const own = [];
    try {
      await tf.tidy(async () => {
        await f((thing) => {
          own.push(thing);
          return thing;
        });
      });
    } finally {
      for (const thing of own) thing.dispose();
    }
  });

const near = (got, want, tolerance = 1e-5) => {
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
};
const numbers = (n, seed = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
const net = (lib, seed = 1) =>
  lib.sequential({
    layers: [
      lib.layers.dense({
        units: 3,
        activation: 'tanh',
        inputShape: [2],
        kernelInitializer: lib.initializers.glorotUniform({ seed }),
      }),
      lib.layers.dense({
        units: 1,
        activation: 'sigmoid',
        kernelInitializer: lib.initializers.glorotUniform({ seed: seed + 1 }),
      }),
    ],
  });
const data = (lib, n = 20) => [
  lib.tensor(numbers(n * 2), [n, 2]),
  lib.tensor(
    numbers(n * 2).flatMap((v, i, all) => (i % 2 ? [] : [Number(v + all[i + 1] > 0)])),
    [n, 1],
  ),
];
const quiet = async (f) => {
  const { warn, log } = console,
    lines = [];
  console.warn = console.log = (text) => {
    lines.push(text);
  };
  try {
    await f();
  } finally {
    Object.assign(console, { warn, log });
  }
  return lines;
};

// ---- optimizers ----

const CLASSES = {
  sgd: 'SGD',
  momentum: 'Momentum',
  rmsprop: 'RMSProp',
  adam: 'Adam',
  adadelta: 'Adadelta',
  adamax: 'Adamax',
  adagrad: 'Adagrad',
  adamw: 'AdamW',
  nadam: 'Nadam',
  lion: 'Lion',
};

owned('optimizers are of classes that new and fromConfig make too', (keep) => {
  for (const [name, Class] of Object.entries(CLASSES)) {
    const made = keep(tf.train[name](0.1, 0.5)),
      Made = tf[`${Class}Optimizer`],
      again = keep(new Made(0.1, 0.5));
    assert.ok(made instanceof Made && made instanceof tf.Optimizer, name);
    assert.equal(Made.className, Class);
    assert.equal(made.getClassName(), Class);
    assert.deepEqual(keep(Made.fromConfig(Made, made.getConfig())).getConfig(), again.getConfig());
    made.learningRate = 0.25;
    assert.equal(made.getConfig().learningRate, 0.25);
    assert.equal(typeof tf.OptimizerConstructors[name], 'function');
    assert.throws(() => made.setLearningRate(NaN), /learningRate must be a number/);
  }
  const momentum = keep(tf.train.momentum(0.1, 0.9));
  momentum.setMomentum(0.5);
  assert.deepEqual([momentum.momentum, momentum.getConfig().momentum, momentum.useNesterov], [0.5, 0.5, false]);
  assert.ok(momentum instanceof tf.SGDOptimizer);
  assert.deepEqual(
    keep(new tf.AdamOptimizer(0.1, 0.9, 0.999)).getConfig(),
    new peer.AdamOptimizer(0.1, 0.9, 0.999).getConfig(),
  );
});

owned("states have the peer's names and order, and go from one optimizer to another", async (keep) => {
  for (const [name, ...args] of [
    ['momentum', 0.1, 0.9],
    ['rmsprop', 0.01, 0.9, 0.5, null, true],
    ['adam', 0.1],
    ['adagrad', 0.1],
    ['adadelta', 0.1],
  ]) {
    const values = [];
    for (const lib of [tf, peer]) {
      const a = lib.variable(lib.tensor([1, -3]), true, `a_${name}`),
        b = lib.variable(lib.scalar(0.5), true, `b_${name}`);
      const loss = () => a.square().sum().add(b.sub(2).square()),
        first = lib.train[name](...args),
        second = lib.train[name](...args);
      for (let i = 0; i < 3; i++) first.minimize(loss, false, [a, b]);
      const states = await first.getWeights();
      await second.setWeights(states);
      second.minimize(loss, false, [a, b]);
      assert.equal(second.iterations, 4);
      values.push({
        names: states.map((s) => s.name),
        states: states.flatMap((s) => [...s.tensor.dataSync()]),
        after: [...a.dataSync(), ...b.dataSync()],
      });
      if (lib === tf) for (const thing of [a, b, first, second]) keep(thing);
    }
    assert.deepEqual(values[0].names, values[1].names);
    near(values[0].states, values[1].states, 1e-4);
    near(values[0].after, values[1].after, 1e-4);
  }
});

owned("states that were given out stay the optimizer's, whoever disposes them", async (keep) => {
  const { variable, optimizer, x } = walk(keep, 2, 'adam', 0.1);
  tf.dispose((await optimizer.getWeights()).map((w) => w.tensor));
  optimizer.minimize(() => variable.square().sum(), false, [variable]);
  near(variable.dataSync(), walk(keep, 3, 'adam', 0.1).x, 1e-6);
  assert.ok(variable.dataSync()[0] < x[0]);
});

owned('states of the wrong shape are refused, those that are lacking begin', async (keep) => {
  const x = keep(tf.variable(tf.tensor([1, 2]))),
    optimizer = keep(tf.train.adam(0.1)),
    iter = { name: 'iter', tensor: tf.scalar(3, 'int32') };
  const sgd = keep(tf.train.sgd(0.1));
  await assert.rejects(
    sgd.setWeights([iter, { name: 'm', tensor: tf.zeros([2]) }]),
    /there are no states, but 1 are given/,
  );
  await optimizer.setWeights([iter, { name: 'x/v', tensor: tf.tensor([1, 2]) }]);
  assert.deepEqual(
    (await optimizer.getWeights()).slice(1).map((w) => w.tensor.arraySync()),
    [
      [0, 0],
      [1, 2],
    ],
  );
  await optimizer.setWeights([iter, { name: 'x/m', tensor: tf.zeros([3]) }, { name: 'x/v', tensor: tf.zeros([3]) }]);
  assert.deepEqual(
    (await optimizer.getWeights()).map((w) => w.name),
    ['iter', 'x/m', 'x/v'],
  );
  assert.throws(
    () => optimizer.minimize(() => x.square().sum(), false, [x]),
    /a state has shape \[3\], its variable \[2\]/,
  );
});

/** x after some steps of an optimizer on sum(x^2) from [3, 4]. */
function walk(keep, steps, name, ...args) {
  const x = keep(tf.variable(tf.tensor([3, 4]))),
    optimizer = keep(tf.train[name](...args));
  for (let i = 0; i < steps; i++) optimizer.minimize(() => x.square().sum(), false, [x]);
  return { x: [...x.dataSync()], variable: x, optimizer };
}

owned('gradients are clipped, weights decay, means are kept', async (keep) => {
  near(walk(keep, 1, 'sgd', 0.1, { clipnorm: 5 }).x, [2.7, 3.6]);
  near(walk(keep, 1, 'sgd', 0.1, { clipvalue: 1 }).x, [2.9, 3.9]);
  near(walk(keep, 1, 'sgd', 0.1, { globalClipnorm: 1 }).x, [2.94, 3.92]);
  near(walk(keep, 1, 'sgd', 0.1, { globalClipnorm: 100 }).x, [2.4, 3.2]);
  near(walk(keep, 1, 'sgd', 0.1, { weightDecay: 0.5 }).x, [3 * 0.95 - 0.6, 4 * 0.95 - 0.8]);
  const { variable, optimizer, x } = walk(keep, 2, 'sgd', 0.1, { useEma: true, emaMomentum: 0.75 });
  near(x, [1.92, 2.56]);
  near((await optimizer.getWeights())[1].tensor.dataSync(), [2.4 * 0.75 + 1.92 * 0.25, 3.2 * 0.75 + 2.56 * 0.25]);
  optimizer.finalizeVariableValues();
  near(variable.dataSync(), [2.28, 3.04]);
  near(walk(keep, 2, 'sgd', 0.1, { useEma: true, emaMomentum: 0.75, emaOverwriteFrequency: 2 }).x, [2.28, 3.04]);
  assert.deepEqual(keep(tf.train.sgd(0.1)).getConfig(), { learningRate: 0.1 });
  assert.deepEqual(keep(tf.train.sgd(0.1, { clipnorm: 2 })).getConfig(), { learningRate: 0.1, clipnorm: 2 });
});

owned('the newer optimizers take the steps of their papers', (keep) => {
  near(walk(keep, 1, 'adamw', 0.1).x, [3 * (1 - 0.0004) - 0.1, 4 * (1 - 0.0004) - 0.1]);
  near(walk(keep, 2, 'lion', 0.1).x, [2.8, 3.8]);
  // Nadam by hand, in double precision.
  const x = [3, 4],
    m = [0, 0],
    v = [0, 0],
    momentum = (t) => 0.9 * (1 - 0.5 * 0.96 ** t);
  let product = 1;
  for (let t = 1; t <= 3; t++) {
    product *= momentum(t);
    for (const i of [0, 1]) {
      const g = 2 * x[i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      const ahead =
        (momentum(t + 1) * m[i]) / (1 - product * momentum(t + 1)) + ((1 - momentum(t)) * g) / (1 - product);
      x[i] -= (0.1 * ahead) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-7);
    }
  }
  near(walk(keep, 3, 'nadam', 0.1).x, x, 1e-4);
});

owned('rates follow schedules', (keep) => {
  const at = (schedule, ...steps) => steps.map((s) => schedule.at(s));
  near(
    at(
      tf.train.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5, staircase: true }),
      0,
      9,
      10,
    ),
    [0.1, 0.1, 0.05],
  );
  near(at(tf.train.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 }), 0, 2), [0.1, 0.05]);
  near(
    at(
      tf.train.polynomialDecay({ initialLearningRate: 1, decaySteps: 10, endLearningRate: 0.1, power: 2 }),
      0,
      5,
      10,
      99,
    ),
    [1, 0.325, 0.1, 0.1],
  );
  near(
    at(
      tf.train.polynomialDecay({ initialLearningRate: 1, decaySteps: 10, endLearningRate: 0, cycle: true }),
      0,
      10,
      15,
      20,
    ),
    [1, 0, 0.25, 0],
  );
  near(
    at(tf.train.cosineDecay({ initialLearningRate: 1, decaySteps: 10, alpha: 0.1 }), 0, 5, 10, 20),
    [1, 0.55, 0.1, 0.1],
  );
  near(
    at(
      tf.train.cosineDecay({ initialLearningRate: 0, decaySteps: 10, warmupTarget: 1, warmupSteps: 4 }),
      0,
      2,
      4,
      9,
      14,
    ),
    [0, 0.5, 1, 0.5, 0],
  );
  near(
    at(tf.train.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, mMul: 0.5 }), 0, 5, 10, 20, 30),
    [1, 0.5, 0.5, 0.25, 0.25],
  );
  near(
    at(tf.train.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, tMul: 1 }), 5, 15, 20),
    [0.5, 0.5, 1],
  );
  near(
    at(tf.train.piecewiseConstantDecay({ boundaries: [2, 4], values: [1, 0.5, 0.1] }), 0, 2, 3, 4, 5),
    [1, 1, 0.5, 0.5, 0.1],
  );
  assert.throws(
    () => tf.train.piecewiseConstantDecay({ boundaries: [2, 4], values: [1] }),
    /values has 1 numbers, boundaries 2/,
  );
  assert.throws(() => tf.train.sgd({ className: 'None' }), /learningRate must be a number or a schedule/);
  assert.throws(
    () => tf.train.adam({ learningRate: 0.1 }),
    /a number or a schedule, but is an object without a class_name: .* tf\.train\.adam\(0\.01\)/,
  );

  const { optimizer, x } = walk(
    keep,
    2,
    'sgd',
    tf.train.piecewiseConstantDecay({ boundaries: [0], values: [0.1, 0.2] }),
  );
  near(x, [3 * 0.8 * 0.6, 4 * 0.8 * 0.6]);
  const again = keep(tf.SGDOptimizer.fromConfig(tf.SGDOptimizer, optimizer.getConfig()));
  assert.deepEqual(again.getConfig(), optimizer.getConfig());
  optimizer.setLearningRate(0.5);
  assert.deepEqual([optimizer.learningRate, optimizer.getConfig()], [0.5, { learningRate: 0.5 }]);
});

owned('an optimizer may be written in JavaScript', async (keep) => {
  class Halving extends tf.Optimizer {
    static get className() {
      return 'Halving';
    }
    applyGradients(gradients) {
      for (const { name, tensor } of gradients) {
        const variable = own.find((w) => w.name === name);
        variable.assign(variable.sub(tensor.mul(0.5)));
      }
    }
  }
  const [ours, theirs] = [keep(net(tf)), keep(net(tf))],
    own = ours.weights,
    [xs, ys] = data(tf).map(keep);
  ours.compile({ optimizer: keep(new Halving()), loss: 'meanSquaredError' });
  theirs.compile({ optimizer: keep(tf.train.sgd(0.5)), loss: 'meanSquaredError' });
  const losses = [];
  for (const model of [ours, theirs])
    losses.push((await model.fit(xs, ys, { epochs: 3, shuffle: false })).history.loss);
  near(losses[0], losses[1], 1e-6);
  assert.equal(ours.optimizer.iterations, 3);
  class Broken extends tf.Optimizer {
    applyGradients() {
      throw new Error('mine');
    }
  }
  ours.compile({ optimizer: keep(new Broken()), loss: 'meanSquaredError' });
  await assert.rejects(ours.fit(xs, ys), /mine/);
});

// ---- configs: what is declared is checked ----

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
const WRONG = {
  int: ['many', 'a whole number'],
  float: ['much', 'a number'],
  floats: ['much', 'a number'],
  bool: ['yes', 'true or false'],
  enum: ['none', 'one of'],
  string: [{}, 'a text'],
  ints: ['many', 'whole numbers'],
};
const GIVEN = { int: 2, float: 0.5, floats: [1, 2, 3], ints: [0] };
const MAKERS = {
  optimizer: (d, config) => tf[`${d.className}Optimizer`].fromConfig(tf[`${d.className}Optimizer`], config),
  schedule: (d, config) => tf.train[d.name](config),
  metric_class: (d, config) => new tf.metrics[d.className](config),
};
for (const [kind, make] of Object.entries(MAKERS))
  for (const d of declared[kind])
    test(`${kind} ${d.name}: wrong and missing fields are refused by name`, () => {
      const config = Object.fromEntries(
        d.fields
          .filter((f) => f.initial === null)
          .map((f) => [f.name, f.least > GIVEN[f.kind] ? f.least : GIVEN[f.kind]]),
      );
      for (const f of d.fields) {
        const [value, words] = WRONG[f.kind],
          says = (text) => (error) =>
            error.code === 'value' && error.message.includes(f.name) && error.message.includes(text);
        assert.throws(() => make(d, { ...config, [f.name]: value }), says(words), f.name);
        if (f.least !== null && f.least !== undefined)
          assert.throws(() => make(d, { ...config, [f.name]: f.least - 1 }), says(`at least ${f.least}`), f.name);
        if (f.initial === null)
          assert.throws(
            () => make(d, { ...config, [f.name]: undefined }),
            says(kind === 'optimizer' && f === d.fields[0] ? 'must be defined' : 'must be given'),
            f.name,
          );
      }
    });

// ---- metrics ----

owned('metrics add up over batches, with weights', () => {
  const cases = [
    [
      new tf.metrics.AUC(),
      [
        [0, 1, 1, 0],
        [0.1, 0.4, 0.35, 0.8],
      ],
      [
        [1, 0],
        [0.6, 0.2],
      ],
      6 / 9,
    ],
    [
      new tf.metrics.Precision(),
      [
        [0, 1, 1, 0],
        [0.6, 0.7, 0.2, 0.1],
      ],
      [
        [1, 1],
        [0.9, 0.4],
      ],
      2 / 3,
    ],
    [
      new tf.metrics.Recall(),
      [
        [0, 1, 1, 0],
        [0.6, 0.7, 0.2, 0.1],
      ],
      [
        [1, 1],
        [0.9, 0.4],
      ],
      2 / 4,
    ],
    [
      new tf.metrics.Recall({ thresholds: [0.3, 0.8] }),
      [
        [0, 1, 1, 0],
        [0.6, 0.7, 0.2, 0.1],
      ],
      [
        [1, 1],
        [0.9, 0.4],
      ],
      [3 / 4, 1 / 4],
    ],
    [
      new tf.metrics.Precision({ classId: 1 }),
      [
        [
          [0, 1],
          [1, 0],
        ],
        [
          [0.1, 0.9],
          [0.4, 0.6],
        ],
      ],
      [[[0, 1]], [[0.9, 0.1]]],
      1 / 2,
    ],
    [
      new tf.metrics.RootMeanSquaredError(),
      [
        [1, 2],
        [2, 2],
      ],
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
      Math.sqrt(4 / 5),
    ],
    [
      new tf.metrics.TrueNegatives(),
      [
        [0, 0],
        [0.1, 0.6],
      ],
      [[0], [0.2]],
      2,
    ],
    [
      new tf.metrics.MeanIoU({ numClasses: 3 }),
      [
        [0, 1],
        [0, 1],
      ],
      [
        [1, 2],
        [0, 2],
      ],
      (0.5 + 0.5 + 1) / 3,
    ],
    [
      new tf.metrics.F1Score({ average: 'micro', threshold: 0.5 }),
      [[[1, 0]], [[0.9, 0.8]]],
      [[[0, 1]], [[0.1, 0.7]]],
      4 / 5,
    ],
    [
      new tf.metrics.F1Score({ average: 'weighted' }),
      [
        [
          [1, 0],
          [1, 0],
        ],
        [
          [0.9, 0.1],
          [0.2, 0.3],
        ],
      ],
      [[[0, 1]], [[0.1, 0.7]]],
      2 / 3,
    ],
    [new tf.metrics.SparseTopKCategoricalAccuracy({ k: 2 }), [[2], [[0.5, 0.1, 0.3]]], [[1], [[0.5, 0.1, 0.3]]], 0.5],
  ];
  for (const [metric, one, two, want] of cases) {
    metric.updateState(...one);
    metric.updateState(...two);
    near([metric.result().arraySync()].flat(), [want].flat(), 1e-6);
    metric.resetState();
    assert.equal(metric.result().size, 1);
  }
  const weighed = new tf.metrics.Precision();
  assert.ok(Math.abs(weighed.of([1, 0, 1], [0.9, 0.9, 0.1], [3, 1, 9]) - 0.75) < 1e-6);
  assert.throws(() => weighed.updateState([1, 0], [1, 0, 1]), /y has shape \[2\], predictions have \[3\]/);
  assert.equal(new tf.metrics.AUC({ name: 'area' }).name, 'area');
  assert.throws(() => new tf.metrics.AUC({ curve: 'none' }), /curve must be one of 'ROC', 'PR'/);
  assert.throws(() => new tf.metrics.MeanIoU({}), /numClasses must be given/);
});

owned('a metric that adds up is reported of the whole epoch, not as a mean of batches', async (keep) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf, 40).map(keep);
  model.compile({
    optimizer: 'sgd',
    loss: 'binaryCrossentropy',
    metrics: [new tf.metrics.AUC(), 'rootMeanSquaredError', 'f1Score', 'acc'],
  });
  assert.deepEqual(model.metricsNames, ['loss', 'auc', 'rootMeanSquaredError', 'f1Score', 'acc']);
  const p = model.predict(xs),
    auc = new tf.metrics.AUC().of(ys, p),
    rmse = new tf.metrics.RootMeanSquaredError().of(ys, p);
  for (const batchSize of [7, 40]) {
    const [, found, error] = model.evaluate(xs, ys, { batchSize }).map((t) => t.dataSync()[0]);
    near([found, error], [auc, rmse], 1e-6);
  }
  const { history } = await model.fit(xs, ys, { epochs: 2, batchSize: 7, validationData: [xs, ys] });
  near([history.val_auc[1]], [new tf.metrics.AUC().of(ys, model.predict(xs))], 1e-6);
  assert.throws(() => model.compile({ optimizer: 'sgd', loss: 'auc' }), /Unknown loss 'auc'/);
});

// ---- callbacks ----

owned('early stopping goes back to the best weights', async (keep) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const seen = [],
    stop = tf.callbacks.earlyStopping({ monitor: 'fake', patience: 2, restoreBestWeights: true, verbose: 1 });
  class Fake extends tf.Callback {
    onEpochEnd(epoch, logs) {
      logs.fake = [3, 1, 2, 2, 0][epoch];
      seen.push(this.model.getWeights()[0].dataSync()[0]);
    }
  }
  const lines = await quiet(() => model.fit(xs, ys, { epochs: 5, callbacks: [new Fake(), stop], verbose: 0 }));
  assert.deepEqual([seen.length, stop.stoppedEpoch, stop.best], [4, 3, 1]);
  assert.equal(model.getWeights()[0].dataSync()[0], seen[1]);
  assert.deepEqual(lines, ['Epoch 3: early stopping.']);
  assert.deepEqual(model.history.history.fake, [3, 1, 2, 2]);
  assert.match(
    (await quiet(() => model.fit(xs, ys, { callbacks: tf.callbacks.earlyStopping() })))[0],
    /val_loss is not available/,
  );
});

owned('callbacks change the rate', async (keep) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep);
  model.compile({ optimizer: keep(tf.train.sgd(0.1)), loss: 'meanSquaredError' });
  const falling = new tf.LearningRateScheduler((epoch, rate) => rate / (epoch + 1));
  near((await model.fit(xs, ys, { epochs: 3, callbacks: falling })).history.learningRate, [0.1, 0.05, 0.05 / 3]);
  model.optimizer.setLearningRate(1);
  const flat = new tf.ReduceLROnPlateau({ monitor: 'loss', minDelta: 1e9, factor: 0.5, patience: 2, minLr: 0.3 });
  near(
    (await model.fit(xs, ys, { epochs: 8, callbacks: [flat] })).history.learningRate,
    [1, 1, 1, 0.5, 0.5, 0.3, 0.3, 0.3],
  );
});

owned('training ends where the loss is no number', async (keep) => {
  const model = keep(net(tf)),
    [xs] = data(tf).map(keep),
    ys = keep(tf.fill([20, 1], NaN));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  let batches = 0;
  await quiet(() =>
    model.fit(xs, ys, {
      epochs: 3,
      batchSize: 5,
      validationData: [xs, ys],
      callbacks: [
        new tf.TerminateOnNaN(),
        {
          onBatchEnd: () => {
            batches++;
          },
        },
      ],
    }),
  );
  assert.equal(batches, 1);
  assert.deepEqual(Object.keys(model.history.history), ['loss'], 'no validation of half an epoch');
});

const folder = (name, f) =>
  owned(name, async (keep) => {
    const at = mkdtempSync(join(tmpdir(), 'tensorine-train-'));
    try {
      await f(keep, at);
    } finally {
      rmSync(at, { recursive: true });
    }
  });

folder('checkpoints are saved, only the best if so wished, and training goes on from one', async (keep, at) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep);
  model.compile({ optimizer: keep(tf.train.adam(0.05)), loss: 'meanSquaredError' });
  const save = (name, args) => new tf.ModelCheckpoint(`file://${join(at, name)}`, { monitor: 'loss', ...args });
  await model.fit(xs, ys, {
    epochs: 3,
    callbacks: [
      save('{epoch:02d}-{loss:.1f}', { includeOptimizer: true }),
      save('every-{epoch}', { saveFreq: 2 }),
      save('best', { saveBestOnly: true, mode: 'max' }),
    ],
  });
  const names = readdirSync(at).sort();
  assert.deepEqual(
    names.map((n) => n.replace(/-\d\.\d$/, '')),
    ['01', '02', '03', 'best', 'every-2'],
  );
  const loaded = keep(await tf.loadLayersModel(`file://${join(at, names[2])}/model.json`));
  keep(loaded.optimizer);
  assert.equal(loaded.optimizer.iterations, 3);
  const after = [];
  for (const m of [model, loaded]) after.push((await m.fit(xs, ys, { epochs: 2, shuffle: false })).history.loss);
  near(after[1], after[0], 1e-6);
});

folder('the numbers of epochs are written as a table', async (keep, at) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep),
    file = join(at, 'log.csv');
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
  const { history } = await model.fit(xs, ys, { epochs: 2, callbacks: new tf.CSVLogger(file) });
  assert.equal(
    readFileSync(file, 'utf8'),
    `epoch,loss,mae\n${[0, 1].map((i) => `${i},${history.loss[i]},${history.mae[i]}\n`).join('')}`,
  );
  await model.fit(xs, ys, { epochs: 3, initialEpoch: 2, callbacks: new tf.CSVLogger(file, { append: true }) });
  assert.equal(readFileSync(file, 'utf8').split('\n').length, 5);
});

/** Messages of an event file: [field, value], values of nested fields as bytes. */
function fields(bytes) {
  const found = [],
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = () => {
    let value = 0,
      shift = 1;
    for (; ; shift *= 128) {
      const b = bytes[at++];
      value += (b & 127) * shift;
      if (b < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint(),
      field = key >> 3,
      wire = key & 7;
    if (wire === 0) found.push([field, varint()]);
    else if (wire === 1) (found.push([field, view.getFloat64(at, true)]), (at += 8));
    else if (wire === 5) (found.push([field, view.getFloat32(at, true)]), (at += 4));
    else {
      const n = varint();
      found.push([field, bytes.subarray(at, at + n)]);
      at += n;
    }
  }
  return Object.fromEntries(found);
}

function events(dir) {
  const bytes = readFileSync(join(dir, readdirSync(dir)[0])),
    all = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    all.push(fields(bytes.subarray(at + 12, at + 12 + length)));
    at += 16 + length;
  }
  return all;
}

folder('what TensorBoard shows is written', async (keep, at) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep),
    text = (b) => new TextDecoder().decode(b);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { history } = await model.fit(xs, ys, {
    epochs: 2,
    batchSize: 10,
    validationData: [xs, ys],
    callbacks: tf.node.tensorBoard(at, { updateFreq: 'batch', histogramFreq: 2 }),
  });
  const [first, ...train] = events(join(at, 'train')),
    value = (event) => fields(fields(event[5])[1]);
  assert.equal(text(first[3]), 'brain.Event:2');
  assert.ok(Math.abs(first[1] - Date.now() / 1000) < 100);
  assert.deepEqual(
    train.map((e) => [text(value(e)[1]).replace(/_\d+$/, ''), e[2]]),
    [
      ['batch_loss', 1],
      ['batch_loss', 2],
      ['epoch_loss', 1],
      ...model.weights.map((w) => [w.name.replace(/_\d+$/, ''), 1]),
      ['batch_loss', 3],
      ['batch_loss', 4],
      ['epoch_loss', 2],
    ],
  );
  near([value(train[2])[2]], [history.loss[0]], 1e-6);
  const kernel = fields(value(train[3])[5]),
    counts = kernel[7];
  assert.equal(kernel[3], 6);
  assert.equal(
    [...new Float64Array(Uint8Array.from(counts).buffer)].reduce((a, b) => a + b),
    6,
  );
  assert.equal(events(join(at, 'val')).length, 3);
});

test('records have the checksums of TFRecord', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tensorine-events-'));
  try {
    const writer = tf.node.summaryFileWriter(dir);
    writer.scalar('x', 1, 0);
    await writer.flush();
    const bytes = readFileSync(join(dir, readdirSync(dir)[0]));
    // CRC-32C bit by bit, turned and moved as the format says.
    const sum = (part) => {
      let crc = 0xffffffff;
      for (const b of part)
        for (let k = 0, x = b; k < 8; k++, x >>= 1) crc = (crc ^ x) & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      crc = ~crc >>> 0;
      return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
    };
    for (let at = 0; at < bytes.length;) {
      const length = Number(bytes.readBigUInt64LE(at));
      assert.equal(bytes.readUInt32LE(at + 8), sum(bytes.subarray(at, at + 8)));
      assert.equal(bytes.readUInt32LE(at + 12 + length), sum(bytes.subarray(at + 12, at + 12 + length)));
      at += 16 + length;
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});

owned('callbacks that come with verbosity, and lists of callbacks', async (keep) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep),
    told = [];
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  class Loud extends tf.Callback {
    onEpochEnd(epoch) {
      told.push(epoch);
    }
  }
  tf.registerCallbackConstructor(3, Loud);
  assert.throws(() => tf.registerCallbackConstructor(3, Loud), /Duplicate callback constructor/);
  assert.throws(() => tf.registerCallbackConstructor(-1, Loud), /integer >= 0, but got -1/);
  const lines = await quiet(async () => {
    await model.fit(xs, ys, { epochs: 2, verbose: 3 });
    await model.fit(xs, ys, { epochs: 2, verbose: 0 });
  });
  assert.deepEqual(told, [0, 1]);
  assert.match(lines[1], /^Epoch 2\/2 - \d+\.\d s - [\d.]+ ms\/batch - loss: 0\.\d+$/);

  const order = [],
    list = new tf.CallbackList([
      new tf.CustomCallback({
        onEpochBegin: async (e, logs) => {
          order.push(['a', e, logs]);
        },
      }),
    ]);
  list.append(
    new tf.CustomCallback({
      onEpochBegin: () => {
        order.push('b');
      },
      onTrainEnd: () => {
        order.push('end');
      },
    }),
  );
  list.setParams({ epochs: 1 });
  list.setModel(model);
  await list.onEpochBegin(4);
  await list.onTrainEnd();
  assert.deepEqual(order, [['a', 4, {}], 'b', 'end']);
  assert.equal(list.callbacks[1].model, model);
});

// ---- fit ----

owned('validation data may be weighted, outputs too, by name', async (keep) => {
  const model = keep(net(tf)),
    [xs, ys] = data(tf).map(keep),
    ones = keep(tf.ones([20])),
    twos = keep(tf.fill([20], 2));
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'meanSquaredError' });
  const {
    history: { loss, val_loss: held },
  } = await model.fit(xs, ys, { validationData: [xs, ys, twos], sampleWeight: { [model.outputNames[0]]: ones } });
  near(held, [loss[0] * 2]);
  near([await model.trainOnBatch(xs, ys, twos)], [loss[0] * 2]);
});

owned('weights of examples hold for all places of an output', async (keep) => {
  const model = keep(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2, 3] })] }));
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'meanSquaredError' });
  const xs = tf.tensor(numbers(12), [2, 2, 3]),
    ys = tf.zeros([2, 2, 1]),
    [a, b, c, d] = model.predict(xs).dataSync();
  near([await model.trainOnBatch(xs, ys, tf.tensor([3, 0.5]))], [(3 * (a * a + b * b) + 0.5 * (c * c + d * d)) / 4]);
  model.compile({ optimizer: model.optimizer, loss: (y, p) => y.sub(p).square() });
  near([await model.trainOnBatch(xs, ys, tf.tensor([3, 0.5]))], [(3 * (a * a + b * b) + 0.5 * (c * c + d * d)) / 4]);
});

owned('a model tells its penalties and values inside, and takes another optimizer', async (keep) => {
  const values = [];
  for (const lib of [tf, peer]) {
    const input = lib.input({ shape: [2] }),
      first = lib.layers.dense({ units: 2, kernelInitializer: 'ones', kernelRegularizer: 'l1l2', name: 'first' });
    const last = lib.layers.dense({
      units: 1,
      kernelInitializer: 'ones',
      biasInitializer: 'ones',
      biasRegularizer: lib.regularizers.l2({ l2: 3 }),
    });
    const model = lib.model({ inputs: input, outputs: last.apply(first.apply(input)) });
    const x = lib.tensor([1, 2], [1, 2]),
      inside = first.output.name;
    values.push(
      [
        ...model.calculateLosses(),
        ...model.execute(x, [inside, model.outputs[0].name]),
        model.execute({ [model.inputs[0].name]: x }, inside),
      ].map((t) => [...t.dataSync()]),
    );
    assert.throws(() => model.execute(x, 'nobody'), /Cannot find SymbolicTensors for output name\(s\): \["nobody"\]/);
    assert.equal(model.findLayer(1).name, 'first');
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    model.optimizer = lib.train.adam(0.5);
    await model.fit(x, lib.tensor([[1]]), { epochs: 2, verbose: 0 });
    values.at(-1).push(
      model.getWeights().flatMap((w) => [...w.dataSync()]),
      model.optimizer.iterations,
    );
    if (lib === tf)
      (keep(model),
        keep(model.optimizer),
        assert.throws(() => {
          model.optimizer = 'sgd';
        }, /must be an instance of tf.Optimizer/));
  }
  values[1].forEach((want, i) => near([values[0][i]].flat(), [want].flat()));
});

owned('two outputs with one name are told apart in the history', async (keep) => {
  const input = tf.input({ shape: [2] }),
    shared = tf.layers.dense({ units: 1, name: 'out' });
  const model = keep(
      tf.model({
        inputs: input,
        outputs: [shared.apply(input), shared.apply(tf.layers.dense({ units: 2 }).apply(input))],
      }),
    ),
    [xs, ys] = data(tf).map(keep);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  assert.deepEqual(Object.keys((await model.fit(xs, [ys, ys])).history), ['loss', 'out_loss_0', 'out_loss_1']);
  assert.throws(
    () => model.compile({ optimizer: 'sgd', loss: { nobody: 'mse' } }),
    /Unknown entry in loss dictionary: "nobody"/,
  );
});

// ---- files ----

for (const [from, to, title] of [
  [tf, peer, 'theirs goes on from ours'],
  [peer, tf, 'ours goes on from theirs'],
  [tf, tf, 'ours from ours'],
])
  for (const [name, ...args] of [
    ['adam', 0.05],
    ['rmsprop', 0.01, 0.9, 0.5],
    ['momentum', 0.1, 0.9],
    ['adagrad', 0.1],
    ['adadelta', 0.5],
    ['sgd', 0.1],
  ])
    test(`training goes on from a file: ${name}, ${title}`, async () => {
      const model = net(from),
        [xs, ys] = data(from),
        [x2, y2] = data(to);
      model.compile({ optimizer: from.train[name](...args), loss: 'binaryCrossentropy', metrics: ['acc', 'mse'] });
      await model.fit(xs, ys, { epochs: 3, batchSize: 7, shuffle: false, verbose: 0 });
      let saved;
      await model.save(
        from.io.withSaveHandler(async (artifacts) => {
          saved = artifacts;
          return {};
        }),
        { includeOptimizer: true },
      );
      const loaded = await to.loadLayersModel(to.io.fromMemory(saved)),
        losses = [];
      assert.equal(loaded.optimizer.iterations, 9);
      assert.deepEqual(loaded.optimizer.getConfig(), model.optimizer.getConfig());
      for (const [m, x, y] of [
        [model, xs, ys],
        [loaded, x2, y2],
      ])
        losses.push((await m.fit(x, y, { epochs: 3, batchSize: 7, shuffle: false, verbose: 0 })).history);
      assert.deepEqual(Object.keys(losses[1]).sort(), Object.keys(losses[0]).sort());
      for (const key of ['loss', 'mse']) near(losses[1][key], losses[0][key], 1e-5);
      for (const [lib, m, ...tensors] of [
        [from, model, xs, ys],
        [to, loaded, x2, y2],
      ])
        if (lib === tf) {
          m.optimizer.dispose();
          for (const thing of [m, ...tensors]) thing.dispose();
        }
    });

const SCHEDULE = () =>
  tf.train.cosineDecay({ initialLearningRate: 0.05, decaySteps: 40, warmupTarget: 0.1, warmupSteps: 5 });
const MANNERS = {
  plain: [() => 0.05, {}],
  schedule: [SCHEDULE, {}],
  clipnorm: [() => 0.05, { clipnorm: 0.01 }],
  clipvalue: [() => 0.05, { clipvalue: 0.005 }],
  'global norm': [() => 0.05, { globalClipnorm: 0.01 }],
  'weight decay': [() => 0.05, { weightDecay: 0.02 }],
  'a mean kept': [
    SCHEDULE,
    { useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 4, globalClipnorm: 0.5, weightDecay: 0.01 },
  ],
};
for (const { className } of declared.optimizer)
  for (const [manner, [rate, extras]] of Object.entries(MANNERS))
    owned(`training goes on from a file bit for bit: ${className}, ${manner}`, async (keep) => {
      const Class = tf[`${className}Optimizer`],
        [xs, ys] = data(tf).map(keep),
        quick = { batchSize: 7, shuffle: false, verbose: 0 };
      const start = () => {
        const model = keep(net(tf));
        model.compile({
          optimizer: keep(Class.fromConfig(Class, { learningRate: rate(), momentum: 0.9, ...extras })),
          loss: 'binaryCrossentropy',
          metrics: ['mse'],
        });
        return model;
      };
      const bits = async (model) =>
        [...model.getWeights(), ...(await model.optimizer.getWeights()).map(({ tensor }) => tensor)].map((t) => [
          ...new Uint32Array(t.dataSync().slice().buffer),
        ]);
      const whole = start(),
        half = start();
      // The end of training puts kept means in place of the weights, so there the other goes on in memory.
      if (extras.useEma) await whole.fit(xs, ys, { epochs: 2, ...quick });
      await whole.fit(xs, ys, { epochs: 5, initialEpoch: extras.useEma ? 2 : 0, ...quick });
      await half.fit(xs, ys, { epochs: 2, ...quick });
      let saved;
      await half.save(
        tf.io.withSaveHandler(async (artifacts) => {
          saved = artifacts;
          return {};
        }),
        { includeOptimizer: true },
      );
      const again = keep(await tf.loadLayersModel(tf.io.fromMemory(saved)));
      keep(again.optimizer);
      assert.deepEqual(await bits(again), await bits(half));
      assert.deepEqual(again.optimizer.getConfig(), half.optimizer.getConfig());
      await again.fit(xs, ys, { epochs: 5, initialEpoch: 2, ...quick });
      assert.equal(again.optimizer.iterations, whole.optimizer.iterations);
      assert.deepEqual(await bits(again), await bits(whole));
    });
