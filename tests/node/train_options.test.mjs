// Options and data of training that cannot be meant: what is warned of, what is refused with its remedy; and
// what losses and metrics count.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

/** What is warned of while f runs. */
async function warned(f) {
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

/** f with what it needs, which is disposed at the end. */
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
      for (const thing of own) thing.dispose();
    }
  });
const dense = (units, args = {}) => tf.layers.dense({ units, inputShape: [2], ...args });
const refused = (f, pattern, code = 'value') =>
  assert.rejects(
    async () => f(),
    (e) => {
      assert.ok(e instanceof tf.TensorineError, `${e.stack}`);
      assert.equal(e.code, code);
      assert.match(e.message, pattern);
      return true;
    },
  );
const near = (got, want, tolerance = 1e-5) =>
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );

// ---- unknown options ----

owned('unknown options are warned of once, with the nearest word', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(1)] })),
    x = keep(tf.ones([2, 2])),
    y = keep(tf.ones([2, 1]));
  const lines = await warned(async () => {
    for (let i = 0; i < 2; i++) {
      tf.layers.dense({ units: 1, activaton: 'relu' });
      tf.layers.conv2d({ filters: 1, kernelSize: 3, stride: 2 });
      tf.layers.lstm({ units: 1, zzzqq: 2 });
      tf.train.sgd(0.1, { clipnrm: 1 });
      tf.train.exponentialDecay({
        initialLearningRate: 1,
        decaySteps: 2,
        decayRate: 0.5,
        stairs: true,
        staircas: true,
      });
      new tf.metrics.AUC({ numThreshold: 3 });
      new tf.EarlyStopping({ patiance: 3 });
      tf.initializers.glorotUniform({ sead: 1 });
      tf.regularizers.l2({ l3: 1 });
      tf.constraints.maxNorm({ maxvale: 1 });
      tf.input({ shape: [1], nam: 'a' });
      keep(tf.sequential({ layer: [] }));
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metric: ['mae'] });
      await model.fit(x, y, { epoch: 2, validation_split: 0.5, verbose: 0, callbacks: { onEpochend() {} } });
      model.predict(x, { batchsize: 2 }).dispose();
      tf.dispose(model.evaluate(x, y, { sampleWeights: null }));
      await model.save(
        tf.io.withSaveHandler(async () => ({
          modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' },
        })),
        { includeOptimiser: true },
      );
    }
  });
  assert.deepEqual(lines, [
    "Dense: unknown option 'activaton', did you mean 'activation'?",
    "Conv2D: unknown option 'stride', did you mean 'strides'?",
    "LSTM: unknown option 'zzzqq' is ignored",
    "sgd: unknown option 'clipnrm', did you mean 'clipnorm'?",
    "ExponentialDecay: unknown option 'stairs' is ignored",
    "ExponentialDecay: unknown option 'staircas', did you mean 'staircase'?",
    "auc: unknown option 'numThreshold', did you mean 'numThresholds'?",
    "EarlyStopping: unknown option 'patiance', did you mean 'patience'?",
    "GlorotUniform: unknown option 'sead', did you mean 'seed'?",
    "L2: unknown option 'l3', did you mean 'l2'?",
    "MaxNorm: unknown option 'maxvale', did you mean 'maxValue'?",
    "input: unknown option 'nam', did you mean 'name'?",
    "sequential: unknown option 'layer', did you mean 'layers'?",
    "compile: unknown option 'metric', did you mean 'metrics'?",
    "fit: unknown option 'epoch', did you mean 'epochs'?",
    "fit: unknown option 'validation_split', did you mean 'validationSplit'?",
    "callbacks: unknown option 'onEpochend', did you mean 'onEpochEnd'?",
    "predict: unknown option 'batchsize', did you mean 'batchSize'?",
    "evaluate: unknown option 'sampleWeights', did you mean 'sampleWeight'?",
    "save: unknown option 'includeOptimiser', did you mean 'includeOptimizer'?",
  ]);
});

owned('unknown options of data, of loading and of callbacks are warned of, too', async () => {
  const source = () => new tf.data.FileDataSource(new Blob(['a,b\n1,2']), { chunksize: 3 }),
    absent = 'file:///nowhere/model.json',
    gone = async (f) => {
      try {
        await f();
      } catch {
        /* there is none */
      }
    };
  const lines = await warned(async () => {
    for (let i = 0; i < 2; i++) {
      new tf.data.CSVDataset(source(), { hasHeaders: false, columnConfigs: { a: { isLable: true, dtype: 'int32' } } });
      await gone(() => tf.data.webcam(null, { resizewidth: 3 }));
      await gone(() => tf.data.microphone({ fftsize: 512, includeWaveform: true }));
      await gone(() => tf.loadLayersModel(absent, { onprogress() {} }));
      await gone(() =>
        tf.loadGraphModel(
          tf.io.withSaveHandler(async () => ({})),
          { fetchfunc: null, other: 1 },
        ),
      );
      await gone(() => tf.node?.io?.fileSystem?.(absent, { Strict: true }));
      new tf.BackupAndRestore('file:///nowhere', { savefreq: 2 });
      new tf.RemoteMonitor({ roott: '' });
      new tf.metrics.Hinge({ nam: 'h' });
      new tf.metrics.Mean({ nam: 'm' });
      new tf.SwapEMAWeights({ swapOnEpochs: true });
      new tf.LossScaleOptimizer(tf.train.sgd(1), { initialscale: 2 });
    }
  });
  assert.deepEqual(
    lines.filter((line) => !/Strict/.test(line)),
    [
      "FileDataSource: unknown option 'chunksize', did you mean 'chunkSize'?",
      "csv: unknown option 'hasHeaders', did you mean 'hasHeader'?",
      "csv: column a: unknown option 'isLable', did you mean 'isLabel'?",
      "webcam: unknown option 'resizewidth', did you mean 'resizeWidth'?",
      "microphone: unknown option 'fftsize', did you mean 'fftSize'?",
      "load: unknown option 'onprogress', did you mean 'onProgress'?",
      "load: unknown option 'fetchfunc', did you mean 'fetchFunc'?",
      "BackupAndRestore: unknown option 'savefreq', did you mean 'saveFreq'?",
      "RemoteMonitor: unknown option 'roott', did you mean 'root'?",
      "hinge: unknown option 'nam', did you mean 'name'?",
      "mean: unknown option 'nam', did you mean 'name'?",
      "SwapEMAWeights: unknown option 'swapOnEpochs', did you mean 'swapOnEpoch'?",
      "LossScaleOptimizer: unknown option 'initialscale', did you mean 'initialScale'?",
    ],
  );
});

const parity = [fileURLToPath(new URL('../../../shared/parity/layers.json', import.meta.url))];
test('options that layers of TensorFlow.js have are known', async (t) => {
  const path = parity.find((p) => existsSync(p));
  if (!path) return t.skip('no shared/parity');
  const { layers } = JSON.parse(readFileSync(path, 'utf8')),
    lines = await warned(() => {
      for (const { factory, fields } of layers) {
        const make = tf.layers[factory.split('.').at(-1)];
        try {
          make?.(Object.fromEntries(fields.map((f) => [f.name, null])));
        } catch {
          /* null is no value for some */
        }
      }
    });
  // Declared there, and without effect.
  const idle =
    /: unknown option '(dropoutFunc|cell|dilationRate|kernel(Initializer|Constraint|Regularizer))' is ignored$/;
  assert.deepEqual(
    lines.filter((line) => !idle.test(line)),
    [],
  );
  return undefined;
});

// ---- labels ----

owned('labels that their loss cannot take are refused, with row, value and remedy', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(3, { activation: 'softmax' })] })),
    x = keep(tf.ones([4, 2]));
  const fit = (loss, y) => {
    model.compile({ optimizer: 'sgd', loss });
    return tf.tidy(() => model.fit(x, tf.keep(keep(y)), { verbose: 0 }));
  };
  await refused(
    () => fit('sparseCategoricalCrossentropy', tf.tensor([0, 1, 2, 3])),
    /y of output '.*' has 3 in row 3, .* 0 to 2, its 3 classes: .* at least 4 units/,
  );
  await refused(() => fit('sparseCategoricalCrossentropy', tf.tensor([0, -1, 2, 1])), /has -1 in row 1/);
  await refused(() => fit('sparseCategoricalCrossentropy', tf.tensor([0, 1, 0.5, 1])), /has 0.5 in row 2/);
  await refused(
    () => fit('categoricalCrossentropy', tf.tensor([0, 1, 2, 1])),
    /\[null,3\].*\[4\].*'sparseCategoricalCrossentropy', or .*tf\.oneHot\(y, 3\)/,
    'shape',
  );
  await refused(
    () => fit('categoricalCrossentropy', tf.oneHot(keep(tf.tensor1d([0, 1, 3, 1], 'int32')), 3)),
    /row 2, .* a class in each row, .*tf\.oneHot/,
  );
  await refused(
    () => fit('binaryCrossentropy', tf.fill([4, 3], 255)),
    /has 255 in row 0, .* 0 to 1: divide by the largest/,
  );
  await refused(() => fit('binaryCrossentropy', tf.fill([4, 3], -1)), /has -1 in row 0, .*'hinge'/);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  await refused(
    () =>
      model.fitDataset(
        tf.data.array([5]).map((k) => ({ xs: tf.ones([1, 2]), ys: tf.tensor([k]) })),
        { epochs: 1, verbose: 0 },
      ),
    /fitDataset: .*has 5 in row 0/,
  );
  model.compile({ optimizer: 'sgd', loss: 'binaryCrossentropy' });
  await refused(
    () =>
      model.fitDataset(
        tf.data.array([255]).map((k) => ({ xs: tf.ones([1, 2]), ys: tf.fill([1, 3], k) })),
        { epochs: 1, verbose: 0 },
      ),
    /fitDataset: .*has 255 in row 0/,
  );
  await fit('sparseCategoricalCrossentropy', tf.tensor([0, 1, 2, 1]));
  await fit('categoricalCrossentropy', tf.fill([4, 3], 1 / 3));
  await fit('binaryCrossentropy', tf.fill([4, 3], 1));
});

owned('a Promise, a Dataset and what functions return by mistake are said', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(1)] })),
    x = keep(tf.ones([2, 2])),
    y = keep(tf.ones([2, 1]));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await refused(() => model.fit(Promise.resolve(x), y), /x must be tensors, but got a Promise: await it/);
  await refused(() => model.fit(x, tf.data.array([1])), /y must be tensors, but got a Dataset: use fitDataset/);
  await refused(() => model.predict(Promise.resolve(x)), /Promise: await it/);
  await refused(() => model.evaluate(tf.data.array([1]), y), /evaluateDataset/);
  await refused(() => model.fitDataset(x, { epochs: 1 }), /first argument must be a Dataset/);
  await refused(() => model.evaluateDataset(x), /first argument must be a Dataset/);
  for (const [result, what] of [
    [3, 'number'],
    [undefined, 'undefined: is there a return\\?'],
    ['a', 'string'],
    [Promise.resolve(1), 'Promise: it must not be async'],
  ]) {
    model.compile({
      optimizer: 'sgd',
      loss: function mine() {
        return result;
      },
    });
    await refused(() => model.fit(x, y, { verbose: 0 }), new RegExp(`'mine' must give a tensor, but gave ${what}`));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [() => result] });
    await refused(() => model.trainOnBatch(x, y), new RegExp(`must give a tensor, but gave ${what}`));
  }
  const rate = (value) => tf.callbacks.LearningRateScheduler && new tf.LearningRateScheduler(() => value);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  await refused(
    () => model.fit(x, y, { verbose: 0, callbacks: rate(undefined) }),
    /schedule\(\) must return a number, but returned undefined/,
  );
  await refused(
    () => model.fit(x, y, { verbose: 0, callbacks: tf.callbacks.earlyStopping }),
    /a callback must be .*, but got function/,
  );
  await refused(
    () => model.fit(x, y, { verbose: 0, callbacks: { onEpochEnd: 3 } }),
    /onEpochEnd must be a function, but is number/,
  );
  await refused(() => model.compile({ loss: 'meanSquaredError' }), /optimizer must be an instance of tf\.Optimizer/);
  await refused(
    () => model.compile({ optimizer: 'sgd', loss: 3 }),
    /loss must be a name or a function, but got number/,
  );
  class Late extends tf.Optimizer {
    async applyGradients() {
      await null;
    }
  }
  model.compile({ optimizer: new Late(), loss: 'meanSquaredError' });
  await refused(
    () => model.fit(x, y, { verbose: 0 }),
    /applyGradients\(\) must be done when it returns, but it gave a Promise/,
  );
  const w = keep(tf.tidy(() => tf.variable(tf.scalar(1), true)));
  await refused(
    () => tf.train.sgd(0.1).applyGradients({ [w.name]: 3 }),
    new RegExp(`the gradient of '${w.name}' must give a tensor, but gave number`),
  );
});

owned('one line is said when the loss is no number any more', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(1)] })),
    x = keep(tf.ones([2, 2])),
    y = keep(tf.ones([2, 1]));
  model.compile({ optimizer: tf.train.sgd(1e20), loss: 'meanSquaredError' });
  const lines = await warned(() => model.fit(x, y, { epochs: 6, verbose: 0 }));
  assert.equal(lines.length, 1);
  assert.match(lines[0], /the loss is (NaN|Infinity) in epoch \d\. .*learning rate.*data.*enableDebugMode/);
});

// ---- what counts ----

owned('validationSplit counts like a person', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(1)] })),
    x = keep(tf.ones([10, 2])),
    y = keep(tf.ones([10, 1]));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  for (let k = 1; k < 10; k++) {
    let samples;
    await model.fit(x, y, {
      validationSplit: k / 10,
      verbose: 0,
      callbacks: new (class extends tf.Callback {
        setParams(p) {
          ({ samples } = p);
        }
      })(),
    });
    assert.equal(samples, 10 - k, `${k / 10}`);
  }
  await refused(
    () => model.fit(x, y, { validationSplit: 0.95, verbose: 0 }),
    /0\.95 leaves 0 of 10 examples to train on and 10 to validate: .*validationData/,
  );
});

owned('precision and recall by name count at 0.5, over all examples', async (keep) => {
  const model = keep(tf.sequential({ layers: [tf.layers.activation({ activation: 'linear', inputShape: [1] })] }));
  const p = keep(tf.tensor([[0.9], [0.6], [0.4], [0.7], [0.2], [0.8]])),
    y = keep(tf.tensor([[1], [0], [1], [1], [0], [0]]));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['precision', 'recall', tf.metrics.precision] });
  const values = model.evaluate(p, y, { batchSize: 2 });
  near(
    values.slice(1).map((v) => v.dataSync()[0]),
    [2 / 4, 2 / 3, 2 / 4],
  );
  tf.dispose(values);
  near(
    tf.tidy(() => [tf.metrics.precision(y, p), tf.metrics.recall(y, p)].map((v) => v.dataSync()[0])),
    [2 / 4, 2 / 3],
  );
});

owned('losses have weights, by place and by name', async (keep) => {
  const x = tf.input({ shape: [1] }),
    a = tf.layers.dense({ units: 1, name: 'a', kernelInitializer: 'ones' }).apply(x),
    b = tf.layers.dense({ units: 1, name: 'b', kernelInitializer: 'zeros' }).apply(x);
  const model = keep(tf.model({ inputs: x, outputs: [a, b] })),
    xs = keep(tf.tensor([[1], [3]])),
    ys = [keep(tf.tensor([[3], [3]])), keep(tf.tensor([[1], [2]]))];
  const values = async (lossWeights) => {
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', lossWeights });
    const got = model.evaluate(xs, ys),
      numbers = got.map((v) => v.dataSync()[0]);
    tf.dispose(got);
    return numbers;
  };
  near(await values(undefined), [2 + 2.5, 2, 2.5]);
  near(await values([0.5, 2]), [1 + 5, 2, 2.5]);
  near(await values({ b: 4 }), [2 + 10, 2, 2.5]);
  await refused(() => values([1]), /lossWeights.*one entry per model output/);
  await refused(() => values({ c: 1 }), /Unknown entry in lossWeights dictionary: "c"/);
  await refused(() => values({ a: 'x' }), /lossWeights must be numbers, but that of output "a" is not/);
  await refused(() => values(2), /lossWeights must be a list of 2 numbers/);
  // The steps are those of the weighted loss.
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError', lossWeights: { a: 0, b: 1 } });
  await model.fit(xs, ys, { verbose: 0, shuffle: false });
  near(
    model.layers.flatMap((l) => l.getWeights().map((w) => w.dataSync()[0])),
    [1, 0, 0.1 * (1 + 6), 0.1 * 3],
  );
});

/** Losses of training and of evaluating, again and again: by calls, traced, by plans. */
async function masked(keep, maskLoss, train) {
  const model = keep(
    tf.sequential({
      layers: [tf.layers.masking({ inputShape: [3, 1] }), tf.layers.dense({ units: 1, kernelInitializer: 'ones' })],
    }),
  );
  const x = keep(
      tf.tensor([
        [[1], [2], [0]],
        [[3], [0], [0]],
      ]),
    ),
    y = keep(
      tf.tensor([
        [[2], [4], [9]],
        [[6], [9], [9]],
      ]),
    );
  model.compile({
    optimizer: tf.train.sgd(train ? 0.1 : 0),
    loss: 'meanSquaredError',
    metrics: ['mae', keep(new tf.metrics.RootMeanSquaredError())],
    maskLoss,
  });
  const results = [];
  for (let i = 0; i < 4; i++) {
    const values = model.evaluate(x, y);
    results.push([...values.map((v) => v.dataSync()[0]), ...(await model.trainOnBatch(x, y))]);
    tf.dispose(values);
  }
  return results;
}

owned(
  'steps that a mask takes out count neither in losses nor in metrics; maskLoss: false counts them',
  async (keep) => {
    for (const got of await masked(keep, undefined, false))
      near(got.slice(0, 3), [(1 + 4 + 9) / 3, 2, Math.sqrt(14 / 3)]);
    for (const got of await masked(keep, false, false))
      near(got.slice(0, 3), [(1 + 4 + 9 + 3 * 81) / 6, (1 + 2 + 3 + 27) / 6, Math.sqrt((14 + 243) / 6)]);
    // Training by hand: w and bias on the three steps that count.
    let w = 1,
      c = 0;
    for (const got of await masked(keep, true, true)) {
      const errors = [
          [1, 2],
          [2, 4],
          [3, 6],
        ].map(([x, y]) => [x, w * x + c - y]),
        loss = errors.reduce((s, [, e]) => s + e * e, 0) / 3;
      near([got[0], got[3]], [loss, loss], 1e-4);
      w -= (0.1 * errors.reduce((s, [x, e]) => s + 2 * e * x, 0)) / 3;
      c -= (0.1 * errors.reduce((s, [, e]) => s + 2 * e, 0)) / 3;
    }
  },
);

owned('masks weigh with sample weights, output by output', async (keep) => {
  const x = tf.input({ shape: [3, 1] }),
    m = tf.layers.masking().apply(x);
  const one = tf.layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(m),
    two = tf.layers.flatten().apply(tf.layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(x));
  const model = keep(tf.model({ inputs: x, outputs: [one, two] })),
    xs = keep(
      tf.tensor([
        [[1], [2], [0]],
        [[3], [0], [0]],
      ]),
    );
  const ys = [keep(tf.zeros([2, 3, 1])), keep(tf.zeros([2, 3]))],
    weights = [keep(tf.tensor([1, 2])), keep(tf.tensor([1, 1]))];
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const got = model.evaluate(xs, ys, { sampleWeight: weights });
  near(
    got.slice(1).map((v) => v.dataSync()[0]),
    [(1 + 4 + 2 * 9) / 3, 14 / 6],
  );
  tf.dispose(got);
});

// ---- the bar ----

owned('the bar of fit fits the terminal, the loss before its validation', async (keep) => {
  const model = keep(tf.sequential({ layers: [dense(1)] })),
    x = keep(tf.ones([8, 2])),
    y = keep(tf.ones([8, 1]));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae', 'mse'] });
  const { stdout } = process,
    was = { isTTY: stdout.isTTY, columns: stdout.columns, write: stdout.write };
  for (const columns of [30, 60, 80, 200]) {
    const out = [];
    try {
      // The test runner writes there too.
      Object.assign(stdout, {
        isTTY: true,
        columns,
        write: (part, ...more) =>
          typeof part === 'string' && part.startsWith('\r')
            ? Boolean(out.push(part))
            : was.write.call(stdout, part, ...more),
      });
      await model.fit(x, y, { epochs: 2, verbose: 1, validationData: [x, y] });
    } finally {
      Object.assign(stdout, was);
    }
    const lines = out
      .join('')
      .split('\n')
      .flatMap((line) => line.split('\r\x1b[2K'))
      .filter(Boolean);
    assert.ok(
      lines.length >= 2 && lines.every((line) => line.length < columns),
      `${columns}: ${JSON.stringify(lines)}`,
    );
    if (columns === 200) assert.match(lines.at(-1), /^Epoch 2\/2 \[=+\] 1\/1 - .* - loss: .* - mae: .* - val_loss: /);
  }
});
