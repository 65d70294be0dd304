// Models as programs use them: building, fit with its callbacks, freezing, files, memory, mistakes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

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

const line = () => [tf.tensor2d([-1, 0, 1, 2, 3, 4], [6, 1]), tf.tensor2d([-3, -1, 1, 3, 5, 7], [6, 1])];
const neuron = (config = {}) => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], ...config })] });

// ---- the articles' first examples ----

owned('one neuron learns a line from six points', async (keep) => {
  const model = keep(tf.sequential());
  model.add(tf.layers.dense({ units: 1, inputShape: [1] }));
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  const [xs, ys] = line().map(keep);
  await model.fit(xs, ys, { epochs: 250 });
  const at10 = keep(model.predict(keep(tf.tensor2d([10], [1, 1])))).dataSync()[0];
  assert.ok(at10 > 18.5 && at10 < 19.2, `${at10}`);
});

owned('a curve is fitted with variables and an optimizer', async (keep) => {
  const [a, b] = [tf.variable(tf.scalar(0.1)), tf.variable(tf.scalar(0.1))].map(keep);
  const xs = keep(tf.linspace(-1, 1, 50)),
    ys = keep(tf.tidy(() => xs.square().mul(2).add(xs)));
  const optimizer = keep(tf.train.adam(0.1));
  const count = tf.memory().numTensors;
  for (let i = 0; i < 200; i++) optimizer.minimize(() => xs.square().mul(a).add(xs.mul(b)).sub(ys).square().mean());
  assert.equal(tf.memory().numTensors, count + 4, 'two states for each variable, nothing else');
  assert.ok(Math.abs(a.dataSync()[0] - 2) < 0.05 && Math.abs(b.dataSync()[0] - 1) < 0.05);
});

owned('minimize without a list changes the weights of layers too', (keep) => {
  const model = keep(neuron({ kernelInitializer: 'zeros' })),
    frozen = keep(neuron({ kernelInitializer: 'zeros' }));
  frozen.trainable = false;
  const [xs, ys] = line().map(keep),
    optimizer = keep(tf.train.sgd(0.1));
  const cost = optimizer.minimize(() => model.apply(xs).sub(ys).square().mean().add(frozen.apply(xs).sum()), true);
  keep(cost);
  assert.notEqual(model.getWeights()[0].dataSync()[0], 0);
  assert.equal(frozen.getWeights()[0].dataSync()[0], 0);
  const { grads } = tf.variableGrads(() => model.apply(xs).sum(), model.trainableWeights);
  assert.deepEqual(
    Object.keys(grads),
    model.weights.map((w) => w.name),
  );
  optimizer.applyGradients(grads);
  tf.dispose(grads);
  assert.throws(() => optimizer.applyGradients({ nobody: ys }), /no variable 'nobody'/);
});

// ---- fit ----

owned('callbacks are called in order, with the numbers of batch and epoch', async (keep) => {
  const model = keep(neuron()),
    [xs, ys] = line().map(keep);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
  const seen = [];
  const log =
    (name) =>
    (...args) => {
      seen.push(name);
      assert.equal(typeof args.at(-1), 'object');
    };
  const numbers = {};
  class Mine extends tf.Callback {
    onEpochEnd(epoch, logs) {
      Object.assign(numbers, logs);
      assert.equal(this.model, model);
      assert.equal(this.params.epochs, 2);
    }
  }
  const { history, epoch, params } = await model.fit(xs, ys, {
    epochs: 2,
    batchSize: 4,
    validationData: [xs, ys],
    callbacks: [
      {
        onTrainBegin: log('train'),
        onTrainEnd: log('trained'),
        onEpochBegin: log('epoch'),
        onEpochEnd: log('epoched'),
        onBatchBegin: log('batch'),
        onBatchEnd: async (batch, logs) => {
          seen.push('batched');
          assert.ok(logs.loss >= 0 && logs.mae >= 0 && logs.batch === batch && logs.size === [4, 2][batch]);
        },
      },
      new Mine(),
    ],
  });
  const one = ['epoch', 'batch', 'batched', 'batch', 'batched', 'epoched'];
  assert.deepEqual(seen, ['train', ...one, ...one, 'trained']);
  assert.deepEqual(Object.keys(numbers).sort(), ['loss', 'mae', 'val_loss', 'val_mae']);
  assert.deepEqual([history.loss.length, history.val_mae.length, epoch], [2, 2, [0, 1]]);
  assert.equal(history.val_loss[1], numbers.val_loss);
  assert.equal(params.samples, 6);
});

owned('training stops when it is told to, or when nothing gets better', async (keep) => {
  const model = keep(neuron()),
    [xs, ys] = line().map(keep);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const told = await model.fit(xs, ys, {
    epochs: 9,
    callbacks: {
      onEpochEnd: (e) => {
        if (e === 2) model.stopTraining = true;
      },
    },
  });
  assert.equal(told.epoch.length, 3);
  const stuck = await model.fit(xs, ys, {
    epochs: 50,
    callbacks: tf.callbacks.earlyStopping({ monitor: 'loss', minDelta: 1e9, patience: 2 }),
  });
  assert.equal(stuck.epoch.length, 3);
  await model.fit(xs, ys, { callbacks: tf.callbacks.earlyStopping() }); // warns that there is no val_loss
});

owned('the page gets its turn as often as asked for', async (keep) => {
  const model = keep(neuron()),
    [xs, ys] = line().map(keep);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  for (const [yieldEvery, turns] of [
    ['never', 0],
    ['batch', 6],
    ['epoch', 2],
  ]) {
    let frames = 0,
      yields = 0;
    await model.fit(xs, ys, {
      epochs: 2,
      batchSize: 2,
      yieldEvery,
      callbacks: {
        ...(turns && {
          onYield: () => {
            yields++;
          },
        }),
        nextFrameFunc: async () => {
          frames++;
        },
      },
    });
    assert.deepEqual([yields, frames], [turns, turns], yieldEvery);
  }
  await assert.rejects(
    model.fit(xs, ys, { yieldEvery: 'never', callbacks: { onYield: () => {} } }),
    /yieldEvery is `never`/,
  );
  let time = 0,
    frames = 0;
  await model.fit(xs, ys, {
    batchSize: 1,
    callbacks: {
      nowFunc: () => (time += 3),
      nextFrameFunc: async () => {
        frames++;
      },
    },
  });
  assert.equal(frames, 1, 'auto: after 16 ms');
});

owned('one fit at a time, and the next works after a failure', async (keep) => {
  const model = keep(neuron()),
    [xs, ys] = line().map(keep);
  await assert.rejects(model.fit(xs, ys), /You must compile a model before/);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const first = model.fit(xs, ys, { epochs: 2 });
  assert.ok(model.isTraining);
  await assert.rejects(model.fit(xs, ys), /another fit\(\) call is ongoing/);
  await first;
  await assert.rejects(
    model.fit(xs, ys, {
      callbacks: {
        onEpochEnd: () => {
          throw new Error('mine');
        },
      },
    }),
    /mine/,
  );
  await assert.rejects(
    model.fit(xs, ys, { batchSize: 0 }),
    /batchSize is required to be a positive integer, but got 0/,
  );
  await assert.rejects(model.fit(xs, ys, { validationData: xs }), /validation ?data,? (it )?must/i);
  await assert.rejects(model.fit(xs, ys, { classWeight: { 0: 1 } }), /class -3 of example 0 is not in/);
  await assert.rejects(model.fit(xs, xs.abs(), { classWeight: { a: 1 } }), /but has 'a'/);
  assert.equal((await model.fit(xs, ys)).epoch.length, 1);
  model.dispose = () => tf.layers.Layer.prototype.dispose.call(model);
});

owned('losses and metrics may be functions', async (keep) => {
  const model = keep(neuron({ kernelInitializer: 'zeros' })),
    [xs, ys] = line().map(keep);
  const custom = (y, p) => tf.tidy(() => y.sub(p).abs().mean());
  const optimizer = keep(tf.train.sgd(0.01));
  model.compile({ optimizer, loss: custom, metrics: [tf.metrics.meanAbsoluteError, custom] });
  assert.deepEqual(model.metricsNames, ['loss', 'meanAbsoluteError', 'custom']);
  const [loss, mae, same] = await model.trainOnBatch(xs, ys);
  assert.ok(Math.abs(loss - 20 / 6) < 1e-5 && Math.abs(mae - loss) < 1e-6 && same === loss);
  model.compile({ optimizer, loss: tf.losses.meanSquaredError });
  assert.ok((await model.fit(xs, ys)).history.loss[0] > 0);
  model.compile({
    optimizer,
    loss: () => {
      throw new RangeError('from the loss');
    },
  });
  await assert.rejects(model.fit(xs, ys), RangeError);
  model.compile({ optimizer, loss: () => 5 });
  await assert.rejects(model.fit(xs, ys), /must give a tensor/);
  assert.throws(() => model.compile({ optimizer, loss: 'none' }), /Unknown loss 'none'/);
  assert.throws(() => model.compile({ optimizer: 'none', loss: 'mse' }), /Unknown Optimizer 'none'/);
  assert.throws(() => model.compile({ optimizer: {}, loss: 'mse' }), /must be an instance/);
  assert.throws(() => model.compile({ optimizer }), /loss must be given/);
});

owned('data by name, in lists, as arrays', async (keep) => {
  const a = tf.input({ shape: [1], name: 'a' }),
    b = tf.input({ shape: [1], name: 'b' });
  const sum = tf.layers.add({ name: 'sum' }).apply([a, b]);
  const model = keep(
    tf.model({ inputs: [a, b], outputs: [sum, tf.layers.dense({ units: 1, name: 'out' }).apply(sum)] }),
  );
  assert.deepEqual(model.predict({ b: [[2]], a: [[1]] })[0].dataSync()[0], 3);
  const [x, y] = [keep(tf.ones([4, 1])), keep(tf.zeros([4, 1]))];
  model.compile({
    optimizer: 'sgd',
    loss: { out: 'meanSquaredError', sum: 'meanAbsoluteError' },
    metrics: { out: ['mae'] },
  });
  assert.deepEqual(model.metricsNames, ['loss', 'sum_loss', 'out_loss', 'out_mae']);
  await model.fit({ a: x, b: x }, { sum: y, out: y });
  await model.fit([x, x], [y, y]);
  assert.throws(() => model.predict({ a: x }), /No data provided for "b"/);
  assert.throws(() => model.predict(x), /Expected to see 2 Tensor\(s\), but instead got 1/);
  tf.dispose(model.evaluate([x, x], [y, y]));
  tf.dispose(model.predict({ b: x, a: x }));
});

// ---- layers and weights ----

owned('weights are read, set, frozen', (keep) => {
  const model = keep(
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: 'one', weights: [tf.ones([3, 2]), tf.zeros([2])] }),
        tf.layers.dense({ units: 1, name: 'two' }),
      ],
    }),
  );
  assert.deepEqual(
    model.weights.map((w) => w.name),
    ['one/kernel', 'one/bias', 'two/kernel', 'two/bias'],
  );
  assert.deepEqual(model.getLayer('one').getWeights()[0].arraySync(), [
    [1, 1],
    [1, 1],
    [1, 1],
  ]);
  const [kernel] = model.getWeights();
  model.getLayer(1).setWeights([keep(tf.ones([2, 1])), [7]]);
  assert.equal(model.predict(keep(tf.ones([1, 3]))).dataSync()[0], 13);
  model.layers[0].trainable = false;
  assert.deepEqual(
    model.trainableWeights.map((w) => w.originalName),
    ['two/kernel', 'two/bias'],
  );
  assert.deepEqual(
    model.nonTrainableWeights.map((w) => w.originalName),
    ['one/kernel', 'one/bias'],
  );
  assert.equal(kernel.trainable, false);
  assert.equal(model.countParams(), 11);
  assert.equal(model.getLayer('one'), model.layers[0]);
  assert.equal(model.getLayer('one').weights[0], model.weights[0]); // freezing leaves the order as it is
  assert.throws(() => model.getLayer('three'), /No such layer: three/);
  assert.throws(() => model.getLayer(null, 5), /only has 2 layer/);
  assert.throws(() => model.setWeights([[1]]), /list of length 1, but the layer was expecting 4/);
  assert.throws(() => model.loadWeights({ 'one/kernel': kernel }), /weights are not set/);
  model.loadWeights({ 'one/kernel': kernel }, false);
});

owned('a model is cut, and what is left stays when the rest is disposed', (keep) => {
  const base = tf.sequential({
    layers: [tf.layers.dense({ units: 4, inputShape: [3], name: 'a' }), tf.layers.dense({ units: 2, name: 'b' })],
  });
  const cut = keep(tf.model({ inputs: base.inputs, outputs: base.getLayer('a').output }));
  assert.deepEqual(cut.outputs[0].shape, [null, 4]);
  assert.deepEqual(base.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 2 });
  const head = keep(
    tf.sequential({
      layers: [tf.layers.flatten({ inputShape: cut.outputs[0].shape.slice(1) }), tf.layers.dense({ units: 2 })],
    }),
  );
  const joint = keep(tf.model({ inputs: cut.inputs, outputs: head.apply(cut.outputs[0]) }));
  assert.deepEqual(keep(joint.predict(keep(tf.ones([5, 3])))).shape, [5, 2]);
  assert.throws(
    () => base.predict(tf.ones([5, 3])),
    (error) => error.code === 'disposed',
  );
});

owned('layers are applied to tensors, to symbols, not to both', (keep) => {
  const dense = keep(tf.layers.dense({ units: 2 })),
    x = keep(tf.ones([1, 3])),
    s = tf.input({ shape: [3] });
  assert.throws(() => dense.countParams(), /not built yet/);
  assert.deepEqual(dense.computeOutputShape([null, 3]), [null, 2]);
  assert.deepEqual(keep(dense.apply(x)).shape, [1, 2]);
  assert.deepEqual(dense.apply(s).shape, [null, 2]);
  assert.deepEqual(
    [dense.inputShape, dense.outputShape],
    [
      [null, 3],
      [null, 2],
    ],
  );
  assert.throws(() => dense.apply([s, x]), /must be all SymbolicTensors or all Tensors/);
  assert.throws(() => dense.apply(tf.input({ shape: [4] })), /x has 4 features, the kernel takes 3/);
  dense.apply(s);
  assert.throws(() => dense.output, /multiple inbound nodes/);
  assert.throws(() => tf.layers.dense({ units: 2 }).output, /not connected/);
  assert.throws(() => tf.input({}), /either a `shape` or a `batchShape`/);
  assert.throws(() => tf.model({ inputs: s, outputs: x }), /must be symbolic tensors/);
  assert.throws(() => tf.sequential().add({}), /takes a layer/);
  assert.deepEqual(
    [dense.dispose(), dense.dispose()].map((r) => r.refCountAfterDispose),
    [2, 1],
  ); // to numbers first, to symbols twice
});

owned('a wrapper has the weights of the layer it was given', (keep) => {
  const inner = tf.layers.dense({ units: 2, kernelInitializer: 'ones' }),
    x = keep(tf.ones([1, 4, 3]));
  const wrapper = keep(tf.layers.timeDistributed({ layer: inner }));
  assert.deepEqual(wrapper.apply(x).arraySync(), [Array(4).fill([3, 3])]);
  inner.setWeights([tf.zeros([3, 2]), [1, 2]]);
  assert.deepEqual(wrapper.apply(x).arraySync(), [Array(4).fill([1, 2])]);
  assert.equal(wrapper.weights[0], inner.weights[0]);
  const both = keep(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }), mergeMode: null }));
  assert.deepEqual(
    both.apply(x).map((y) => y.shape),
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.deepEqual(
    both.weights.map((w) => w.originalName.split('/').slice(1).join('/').replace(/\d+/g, '')),
    ['forward', 'backward'].flatMap((way) =>
      ['kernel', 'recurrent_kernel', 'bias'].map((w) => `${way}_lstm_LSTM/${w}`),
    ),
  );
  assert.throws(
    () => tf.layers.bidirectional({ layer: tf.layers.dense({ units: 1 }) }),
    /layer must be recurrent, but is Dense/,
  );
  assert.throws(() => tf.layers.timeDistributed({ layer: 5 }), /layer must be a layer, but is 5/);
});

owned('training makes a difference where layers say so', (keep) => {
  const dropout = tf.layers.dropout({ rate: 0.9 }),
    x = keep(tf.ones([1, 100]));
  assert.equal(keep(dropout.apply(x)).sum().dataSync()[0], 100);
  assert.notEqual(
    keep(dropout.apply(x, { training: true }))
      .sum()
      .dataSync()[0],
    100,
  );
});

// ---- files ----

owned('a model is saved and loaded: the same numbers, and training goes on where it stopped', async (keep) => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-'));
  const [xs, ys] = line().map(keep);
  const model = keep(neuron());
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  await model.fit(xs, ys, { epochs: 3 });
  model.setUserDefinedMetadata({ words: ['a', 'b'] });
  const result = await model.save(pathToFileURL(folder).href, { includeOptimizer: true });
  assert.equal(result.modelArtifactsInfo.modelTopologyType, 'JSON');
  const again = await tf.loadLayersModel(pathToFileURL(join(folder, 'model.json')).href);
  assert.deepEqual(keep(again.predict(xs)).dataSync(), keep(model.predict(xs)).dataSync());
  assert.deepEqual(again.getUserDefinedMetadata(), { words: ['a', 'b'] });
  assert.deepEqual(
    [again.optimizer.getClassName(), again.optimizer.iterations, again.metricsNames],
    ['Adam', 3, ['loss', 'mae']],
  );
  assert.deepEqual(await again.trainOnBatch(xs, ys), await model.trainOnBatch(xs, ys));
  assert.deepEqual(again.getWeights()[0].dataSync(), model.getWeights()[0].dataSync());
  again.dispose();
  again.optimizer.dispose();
  rmSync(folder, { recursive: true });
});

owned('broken models are refused, and nothing is left of them', async (keep) => {
  const model = keep(neuron({ name: 'd' }));
  let saved;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return {};
    }),
  );
  const load = (change) => tf.loadLayersModel(tf.io.fromMemory({ ...saved, ...change }));
  const cases = [
    [{ modelTopology: { class_name: 'Nonsense' } }, /'Nonsense' is not known/],
    [{ modelTopology: undefined }, /no model topology/],
    [{ weightData: saved.weightData.slice(4) }, /bytes/],
    [{ weightSpecs: saved.weightSpecs.slice(1) }, /weights are not set/],
    [{ weightSpecs: [{ ...saved.weightSpecs[0], name: 'other' }, saved.weightSpecs[1]] }, /no target variable: other/],
    [
      { weightSpecs: [{ ...saved.weightSpecs[0], shape: [1] }, saved.weightSpecs[1]] },
      /weight shape \[1, 1\] of d\/kernel/,
    ],
    [{ weightSpecs: undefined }, /no weight specs/],
  ];
  for (const [change, message] of cases) await assert.rejects(load(change), message);
  let deep = {};
  for (let i = 0; i < 100000; i++) deep = { a: deep };
  await assert.rejects(load({ modelTopology: deep }), (error) => error.code === 'value' || error.code === 'file');
  (await load({})).dispose();
});

// ---- memory ----

owned('prediction and training leave nothing behind', async (keep) => {
  const model = keep(neuron()),
    [xs, ys] = line().map(keep);
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mse', (y, p) => y.sub(p).mean()] });
  await model.fit(xs, ys);
  const count = tf.memory().numTensors;
  await model.fit(xs, ys, { epochs: 3, batchSize: 2, validationSplit: 0.3, callbacks: { onBatchEnd: () => {} } });
  tf.tidy(() => {
    model.predict(xs);
    model.evaluate(xs, ys);
    model.predictOnBatch(xs);
  });
  await model.trainOnBatch(xs, ys);
  assert.equal(tf.memory().numTensors, count);
});

test('forgotten models are freed by the garbage collector', () => {
  const code = `
    import * as tf from ${JSON.stringify(fileURLToPath(new URL('../../dist/tensorine.mjs', import.meta.url)))};
    const make = () => {
      const m = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });
      m.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      return m;
    };
    for (let i = 0; i < 200; i++) make();
    for (let i = 0; i < 10; i++) { await new Promise((r) => setTimeout(r)); gc(); }
    console.log(tf.memory().numTensors);`;
  const left = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], { encoding: 'utf8' });
  assert.ok(Number(left) < 40, `${left} tensors are left of 400`);
});

test('a weight keeps its name when its object is collected', () => {
  const code = `
    import * as tf from ${JSON.stringify(fileURLToPath(new URL('../../dist/tensorine.mjs', import.meta.url)))};
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] }), tf.layers.batchNormalization()] });
    const names = () => Object.keys(tf.variableGrads(() => model.apply(tf.ones([2, 2]), { training: true }).square().sum()).grads).join();
    const before = names();
    for (let i = 0; i < 10; i++) { await new Promise((r) => setTimeout(r)); gc(); }
    console.log(names() === before);`;
  assert.equal(
    execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', code], { encoding: 'utf8' }).trim(),
    'true',
  );
});
