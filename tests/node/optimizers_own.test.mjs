// What a program's class overrides of a built-in optimizer, or an object of one: training and files go by it, as
// the peer's do.
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

const ARGUMENTS = {
  sgd: [0.5],
  momentum: [0.5, 0.9],
  adam: [0.5, 0.9, 0.999, 1e-7],
  rmsprop: [0.5],
  adagrad: [0.5],
  adadelta: [0.5, 0.95, 1e-7],
  adamax: [0.5, 0.9, 0.999, 1e-7],
};

const listed = (given) =>
  Array.isArray(given) ? given : Object.entries(given).map(([name, tensor]) => ({ name, tensor }));
const clipped = (lib, given) =>
  listed(given).map(({ name, tensor }) => ({ name, tensor: lib.clipByValue(tensor, -0.01, 0.01) }));

function dense(lib) {
  const model = lib.sequential();
  model.add(lib.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' }));
  return model;
}

/** Weights and losses of some steps by fit and one by trainOnBatch, targets being far away. */
async function trained(lib, optimizer, metrics = []) {
  const model = dense(lib),
    [x, y] = [lib.ones([4, 2]), lib.fill([4, 1], 100)];
  model.compile({ optimizer, loss: 'meanSquaredError', metrics });
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 });
  const last = await model.trainOnBatch(x, y);
  const weights = model.getWeights().flatMap((w) => [...w.dataSync()]);
  [model, x, y, optimizer].forEach((one) => one.dispose());
  return [...weights, ...history.loss, ...[last].flat()];
}

function near(mine, theirs) {
  assert.equal(mine.length, theirs.length);
  mine.forEach((v, i) =>
    assert.ok(Math.abs(v - theirs[i]) <= 1e-4 * Math.max(1, Math.abs(theirs[i])), `${mine} is not ${theirs}`),
  );
}

for (const [name, args] of Object.entries(ARGUMENTS)) {
  test(`${name}: applyGradients of a subclass, that goes on to the built-in one`, async () => {
    const of = (lib) => {
      class Clipped extends lib.train[name](...args).constructor {
        applyGradients(given) {
          super.applyGradients(clipped(lib, given));
        }
      }
      return new Clipped(...args);
    };
    near(await trained(tf, of(tf)), await trained(peer, of(peer)));
  });

  test(`${name}: applyGradients of one object`, async () => {
    const of = (lib) => {
      const optimizer = lib.train[name](...args),
        apply = optimizer.applyGradients.bind(optimizer);
      optimizer.applyGradients = (given) => apply(clipped(lib, given));
      return optimizer;
    };
    near(await trained(tf, of(tf)), await trained(peer, of(peer)));
  });
}

test('several batches of fit by an optimizer whose steps are ops of the program, or other optimizers', async () => {
  const inner = tf.train.sgd(0.5);
  class Handing extends tf.Optimizer {
    applyGradients(given) {
      inner.applyGradients(given);
    }
  }
  const map = new tf.OptimizerMap([tf.train.sgd(0.5)], ['nothing/']);
  const want = await trained(tf, tf.train.sgd(0.5));
  near(await trained(tf, new Handing()), want);
  near(await trained(tf, new tf.MultiOptimizer(map, tf.train.sgd(0.5))), want);
  inner.dispose();
});

test('replaced after compile, between steps, and put back', async () => {
  const optimizer = tf.train.sgd(1),
    model = dense(tf),
    [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const kernel = () => model.getWeights()[0].dataSync()[0];
  optimizer.applyGradients = () => {};
  await model.trainOnBatch(x, y);
  assert.equal(kernel(), 1);
  assert.equal(optimizer.iterations, 0, 'the built-in step counts itself, and was not taken');
  delete optimizer.applyGradients;
  await model.trainOnBatch(x, y);
  assert.equal(kernel(), -3);
  [model, x, y, optimizer].forEach((one) => one.dispose());
});

test('every second step with gradients gathered: Adam counts the steps that were taken', async () => {
  const of = (lib) => {
    class Gathering extends lib.AdamOptimizer {
      kept = {};
      n = 0;
      applyGradients(given) {
        for (const { name, tensor } of listed(given)) {
          const sum = this.kept[name] ? lib.add(this.kept[name], tensor) : lib.clone(tensor);
          this.kept[name]?.dispose();
          this.kept[name] = lib.keep(sum);
        }
        if (++this.n % 2) return;
        super.applyGradients(this.kept);
        for (const sum of Object.values(this.kept)) sum.dispose();
        this.kept = {};
      }
    }
    return new Gathering(0.5, 0.9, 0.999, 1e-7);
  };
  const run = async (lib) => {
    const optimizer = of(lib),
      model = dense(lib),
      [x, y] = [lib.ones([4, 2]), lib.fill([4, 1], 100)];
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 4, verbose: 0 });
    const weights = model.getWeights().flatMap((w) => [...w.dataSync()]);
    [model, x, y, optimizer].forEach((one) => one.dispose());
    return weights;
  };
  near(await run(tf), await run(peer));
});

/** Two ways to find gradients: computeGradients() scales them; minimize() steps twice. */
const FINDING = {
  computeGradients: (lib) =>
    class extends lib.SGDOptimizer {
      computeGradients(f, variables) {
        const { value, grads } = super.computeGradients(f, variables);
        return { value, grads: Object.fromEntries(Object.entries(grads).map(([k, g]) => [k, lib.mul(g, 0.25)])) };
      }
    },
  minimize: (lib) =>
    class extends lib.SGDOptimizer {
      minimize(f, returnCost, variables) {
        const cost = super.minimize(f, returnCost, variables);
        super.minimize(f, false, variables)?.dispose();
        return cost;
      }
    },
};

for (const [name, make] of Object.entries(FINDING))
  test(`${name}() of a subclass is what a step asks`, async () => {
    const of = (lib) => new (make(lib))(0.05);
    const metrics = name === 'minimize' ? [] : ['mae']; // the peer's are listed twice where the loss is asked for twice
    near(await trained(tf, of(tf), metrics), await trained(peer, of(peer), metrics));
  });

test('minimize(): faults come out of fit, and nothing is left', async () => {
  const model = dense(tf),
    [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
  const cases = [
    [() => {}, /must call f\(\)/],
    [
      () => {
        throw new Error('mine');
      },
      /mine/,
    ],
    [async () => {}, /cannot be async/],
  ];
  for (const [minimize, message] of cases) {
    const optimizer = tf.train.sgd(1);
    optimizer.minimize = minimize;
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await assert.rejects(model.fit(x, y, { verbose: 0 }), message);
    assert.equal(model.getWeights()[0].dataSync()[0], 1);
  }
  [model, x, y].forEach((one) => one.dispose());
});

test('tf.Optimizer without applyGradients says so', async () => {
  const model = dense(tf),
    [x, y] = [tf.ones([1, 2]), tf.zeros([1, 1])];
  model.compile({ optimizer: new (class Idle extends tf.Optimizer {})(), loss: 'meanSquaredError' });
  await assert.rejects(model.fit(x, y, { verbose: 0 }), /must have applyGradients/);
  [model, x, y].forEach((one) => one.dispose());
});

/** What is saved of a model that trained by such an optimizer, and the optimizer of the one loaded from that. */
async function saved(lib, make) {
  const model = dense(lib),
    [x, y] = [lib.ones([1, 2]), lib.zeros([1, 1])];
  model.compile({ optimizer: make(), loss: 'meanSquaredError' });
  await model.fit(x, y, { verbose: 0 });
  let artifacts;
  await model.save(
    lib.io.withSaveHandler(async (a) => ((artifacts = a), {})),
    { includeOptimizer: true },
  );
  const back = await lib.loadLayersModel(lib.io.fromMemory(artifacts));
  const training = artifacts.trainingConfig ?? artifacts.modelTopology.training_config;
  const { optimizer } = back;
  [model, model.optimizer, x, y].forEach((one) => one.dispose());
  return { config: training.optimizer_config, optimizer, end: () => [back, optimizer].forEach((one) => one.dispose()) };
}

test('getClassName, getConfig, getWeights and setWeights of a registered subclass reach files', async () => {
  const [mine, theirs] = await Promise.all(
    [tf, peer].map((lib) => {
      class Scaled extends lib.AdamOptimizer {
        static className = 'ScaledAdam';
        constructor(rate, scale = 1) {
          super(rate, 0.9, 0.999, 1e-7);
          this.scale = scale;
        }
        getConfig() {
          return { learningRate: this.learningRate, scale: this.scale };
        }
        static fromConfig(cls, config) {
          return new cls(config.learningRate, config.scale);
        }
        async getWeights() {
          const [steps, ...states] = await super.getWeights();
          return [steps, ...states.map(({ name, tensor }) => ({ name: `mine/${name}`, tensor }))];
        }
        async setWeights(weights) {
          const [steps, ...states] = weights;
          this.given = states.map(({ name }) => name.slice(0, 5));
          await super.setWeights([steps, ...states.map(({ name, tensor }) => ({ name: name.slice(5), tensor }))]);
        }
      }
      lib.serialization.registerClass(Scaled);
      return saved(lib, () => new Scaled(0.25, 7));
    }),
  );
  assert.deepEqual(mine.config, theirs.config);
  for (const { optimizer } of [mine, theirs]) {
    assert.equal(optimizer.getClassName(), 'ScaledAdam');
    assert.equal(optimizer.scale, 7);
    assert.ok(optimizer.given.length > 1 && optimizer.given.every((start) => start === 'mine/'));
  }
  assert.equal(mine.optimizer.iterations, 1);
  mine.end();
});

test('getConfig of an object of the library: what it adds is in the file, the class is the library’s', async () => {
  const make = (lib) => () => {
    const optimizer = lib.train.sgd(0.25);
    optimizer.getConfig = () => ({ learningRate: 0.25, note: 3 });
    return optimizer;
  };
  const mine = await saved(tf, make(tf)),
    theirs = await saved(peer, make(peer));
  assert.deepEqual(mine.config, theirs.config);
  assert.equal(mine.optimizer.getClassName(), 'SGD');
  assert.equal(mine.optimizer.learningRate, 0.25);
  mine.end();
});

test('every optimizer of the library is saved under the name that it has', async () => {
  for (const make of Object.values(tf.train)) {
    if (
      make.name === 'exponentialDecay' ||
      !/^(ada|adam|sgd|momentum|rms|nadam|lion|lamb|ftrl|muon|sched)/.test(make.name)
    )
      continue;
    const { config, optimizer, end } = await saved(tf, () => make(0.1, 0.9));
    assert.equal(config.class_name, optimizer.getClassName(), make.name);
    end();
  }
});
