// fitDataset and evaluateDataset against TensorFlow.js, on the same weights and the same batches: what is
// in the history, what callbacks are told and when, what is refused, and that no tensor stays.
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

const numbers = (n, seed) => Array.from({ length: n }, (_, i) => (((i + seed) * 7919 + 13) % 1000) / 1000 - 0.5);
const EXAMPLES = Array.from({ length: 10 }, (_, i) => ({ xs: numbers(3, i * 3), ys: [i % 2, (i + 1) % 2] }));

function near(got, want, what) {
  assert.equal(got.length, want.length, what);
  got.forEach((value, i) =>
    assert.ok(
      Math.abs(value - want[i]) <= 1e-5 * Math.max(1, Math.abs(want[i])),
      `${what}[${i}] is ${value}, the peer's ${want[i]}`,
    ),
  );
}

/** A small classifier with the same weights each time. */
function classifier(t, metrics = ['accuracy']) {
  const model = t.sequential({
    layers: [
      t.layers.dense({ units: 4, activation: 'tanh', inputShape: [3] }),
      t.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  const values = model.weights.map(({ shape }, i) =>
    t.tensor(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        50 * i,
      ),
      shape,
    ),
  );
  model.setWeights(values);
  t.dispose(values);
  model.compile({ optimizer: t.train.sgd(0.3), loss: 'categoricalCrossentropy', metrics });
  return model;
}

/** Trains in both libraries and compares all that can be seen; `make` gives the arguments of fitDataset. */
async function same(make, { metrics, model = classifier } = {}) {
  const run = async (t) => {
    const seen = [],
      hooks = {},
      note =
        (name) =>
        (...args) => {
          seen.push([
            name,
            ...args.map((a) =>
              typeof a === 'object' && a
                ? Object.fromEntries(
                    Object.entries(a).map(([k, v]) => [k, t === peer && v?.dataSync ? v.dataSync()[0] : v]),
                  )
                : a,
            ),
          ]);
        };
    for (const name of ['onTrainBegin', 'onEpochBegin', 'onBatchBegin', 'onBatchEnd', 'onEpochEnd', 'onTrainEnd'])
      hooks[name] = note(name);
    const net = model(t, metrics),
      [dataset, args] = make(t);
    const { history, epoch } = await net.fitDataset(dataset, { verbose: 0, callbacks: hooks, ...args });
    return { seen, history, epoch, weights: net.weights.map((w) => [...w.read().dataSync()]), net };
  };
  console.warn = () => {};
  const got = await run(tf).finally(() => {
      console.warn = warn;
    }),
    want = await run(peer);
  assert.deepEqual(got.epoch, want.epoch);
  assert.deepEqual(Object.keys(got.history).sort(), Object.keys(want.history).sort());
  for (const name of Object.keys(want.history)) near(got.history[name], want.history[name], name);
  got.weights.forEach((w, i) => near(w, want.weights[i], `weight ${i}`));
  const told = (seen) => seen.map(([name, ...args]) => [name, ...args.filter((a) => typeof a === 'number')]);
  assert.deepEqual(told(got.seen), told(want.seen));
  for (const [i, [name, , logs]] of want.seen.entries()) {
    if (name !== 'onBatchEnd' && name !== 'onEpochEnd') continue;
    for (const key of Object.keys(logs)) near([got.seen[i][2][key]], [logs[key]], `${name} ${key}`);
  }
  return { ours: got.net, theirs: want.net };
}

function nothingLeft(...models) {
  for (const model of models) model.dispose();
  tf.disposeVariables();
  assert.deepEqual([tf.memory().numTensors, tf.memory().numDataBuffers], [0, 0]);
}

test('data: fitDataset trains as the peer', async () => {
  const { ours, theirs } = await same((t) => [t.data.array(EXAMPLES).shuffle(10, 'seed').batch(4), { epochs: 3 }]);
  const dataset = (t) => t.data.array(EXAMPLES).batch(3);
  const got = await ours.evaluateDataset(dataset(tf)),
    want = await theirs.evaluateDataset(dataset(peer));
  near(
    got.map((x) => x.dataSync()[0]),
    want.map((x) => x.dataSync()[0]),
    'evaluateDataset',
  );
  const some = await ours.evaluateDataset(await dataset(tf).iterator(), { batches: 2 });
  near(
    some.map((x) => x.dataSync()[0]),
    (await theirs.evaluateDataset(await dataset(peer).iterator(), { batches: 2 })).map((x) => x.dataSync()[0]),
    'two batches',
  );
  tf.dispose([got, some]);
  nothingLeft(ours);
});

test('data: fitDataset with batchesPerEpoch goes on where it ended', async () => {
  const { ours } = await same((t) => [t.data.array(EXAMPLES).batch(3).repeat(), { epochs: 4, batchesPerEpoch: 3 }]);
  nothingLeft(ours);
});

test('data: fitDataset with validation on tensors and on datasets', async () => {
  const x = numbers(15, 7),
    y = [1, 0, 0, 1, 1, 0, 0, 1, 1, 0];
  const made = [];
  const pair = (t) => {
    const both = [t.tensor(x, [5, 3]), t.tensor(y, [5, 2])];
    if (t === tf) made.push(...both);
    return both;
  };
  for (const more of [
    (t) => ({ validationData: pair(t), validationBatchSize: 2 }),
    (t) => ({ validationData: pair(t) }),
    (t) => ({ validationData: t.data.array(EXAMPLES).skip(4).batch(4) }),
    (t) => ({ validationData: t.data.array(EXAMPLES).repeat().batch(4), validationBatches: 2 }),
  ]) {
    const { ours } = await same((t) => [t.data.array(EXAMPLES).batch(5), { epochs: 2, ...more(t) }]);
    tf.dispose(made);
    nothingLeft(ours);
  }
});

test('data: fitDataset with class weights, initialEpoch, and no metrics', async () => {
  const { ours } = await same(
    (t) => [t.data.array(EXAMPLES).batch(4), { epochs: 4, initialEpoch: 2, classWeight: { 0: 0.2, 1: 3 } }],
    { metrics: [] },
  );
  nothingLeft(ours);
});

/** Two inputs, two outputs. */
function twoByTwo(t) {
  const a = t.input({ shape: [3], name: `a_${t === tf}` }),
    b = t.input({ shape: [1], name: `b_${t === tf}` });
  const c = t.layers
    .dense({ units: 2, name: `c_${t === tf}`, kernelInitializer: 'ones' })
    .apply(t.layers.concatenate().apply([a, b]));
  const d = t.layers.dense({ units: 1, name: `d_${t === tf}`, kernelInitializer: 'ones' }).apply(c);
  const model = t.model({ inputs: [a, b], outputs: [c, d] });
  model.compile({ optimizer: t.train.sgd(0.01), loss: ['meanSquaredError', 'meanAbsoluteError'] });
  return model;
}

test('data: fitDataset of several inputs and outputs, in order and by name', async () => {
  const parts = EXAMPLES.map(({ xs, ys }, i) => ({ a: xs, b: [i / 10], c: ys, d: [xs[0]] }));
  const run = async (t, by) => {
    const model = twoByTwo(t),
      [a, b] = model.inputNames,
      [c, d] = model.outputNames;
    const dataset = t.data
      .array(parts)
      .batch(4)
      .map((x) =>
        by === 'name'
          ? { xs: { [a]: x.a, [b]: x.b }, ys: { [c]: x.c, [d]: x.d } }
          : { xs: { 0: x.a, 1: x.b }, ys: [x.c, x.d] },
      )
      .map((x) => (by === 'name' ? x : { xs: [x.xs[0], x.xs[1]], ys: x.ys }));
    const { history } = await model.fitDataset(dataset, { epochs: 2, verbose: 0 });
    if (t === tf) nothingLeft(model);
    return Object.values(history).map((list) => list);
  };
  for (const by of ['name', 'order']) {
    const got = await run(tf, by),
      want = await run(peer, by);
    assert.equal(got.length, 3);
    got
      .flat()
      .sort()
      .forEach((value, i) => near([value], [want.flat().sort()[i]], by));
  }
});

test('data: training ends when a callback says so, and when the data are at their end', async () => {
  const model = classifier(tf),
    warnings = [];
  let batches = 0;
  const dataset = tf.data.array(EXAMPLES).batch(2);
  let { history } = await model.fitDataset(dataset, {
    epochs: 3,
    verbose: 0,
    callbacks: {
      onBatchEnd: () => {
        if (++batches === 2) model.stopTraining = true;
      },
    },
  });
  assert.deepEqual([batches, history.loss.length], [2, 1]);
  console.warn = (text) => warnings.push(text);
  ({ history } = await model.fitDataset(dataset, { epochs: 3, batchesPerEpoch: 4, verbose: 0 }).finally(() => {
    console.warn = warn;
  }));
  assert.equal(history.loss.length, 2);
  assert.match(warnings.join(), /ran out of data after 1 batches/);
  console.warn = (text) => warnings.push(text);
  tf.dispose(await model.evaluateDataset(dataset, { batches: 9 }));
  console.warn = warn;
  assert.match(warnings.at(-1), /during evaluateDataset/);
  nothingLeft(model);
});

test('data: fitDataset reads a table with labels', async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })] });
  model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
  const text = `a,b,y\n${Array.from({ length: 40 }, (_, i) => `${(i % 5) / 5},${(i % 7) / 7},${(2 * (i % 5)) / 5 - (i % 7) / 7 + 1}`).join('\n')}`;
  const table = new tf.data.CSVDataset(new tf.data.FileDataSource(new TextEncoder().encode(text)), {
    columnConfigs: { y: { isLabel: true } },
  });
  const batches = table
    .map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) }))
    .shuffle(40, 's')
    .batch(8)
    .prefetch(2);
  const { history } = await model.fitDataset(batches, { epochs: 150, verbose: 0 });
  assert.ok(history.loss.at(-1) < 1e-3, `${history.loss.at(-1)}`);
  nothingLeft(model);
});

test('data: fitDataset and evaluateDataset refuse what cannot be', async () => {
  const model = classifier(tf),
    dataset = tf.data.array(EXAMPLES).batch(2),
    fit = (args, d = dataset) => model.fitDataset(d, args);
  const refuse = (promise, pattern) =>
    assert.rejects(
      promise,
      (error) => (error.name === 'TensorineError' && pattern.test(error.message)) || assert.fail(error.stack),
    );
  await refuse(fit(), /2nd argument/);
  await refuse(fit({ epochs: 0 }), /positive integer, but got 0/);
  await refuse(fit({ epochs: 1, batchesPerEpoch: 1.5 }), /batchesPerEpoch.*1\.5/);
  await refuse(fit({ epochs: 1, validationSplit: 0.5 }), /validationSplit/);
  await refuse(fit({ epochs: 1, validationData: dataset, validationBatches: -1 }), /validationBatches.*-1/);
  await refuse(fit({ epochs: 1 }, tf.data.array(EXAMPLES.map(({ xs }) => xs)).batch(2)), /of the form/);
  await refuse(
    fit(
      { epochs: 1 },
      dataset.map(({ xs, ys }) => ({ xs: [xs, xs.clone()], ys })),
    ),
    /array of 2 Tensors, but expected 1/,
  );
  await refuse(
    fit(
      { epochs: 1 },
      dataset.map(({ xs, ys }) => ({ xs: { other: xs }, ys })),
    ),
    /lacks the required input key/,
  );
  await refuse(
    fit(
      { epochs: 1 },
      dataset.map(({ xs, ys }) => ({ xs, ys: ys.slice([0, 0], [1, 2]) })),
    ),
    /Found 2 input sample\(s\) and 1 target sample/,
  );
  await refuse(
    fit(
      { epochs: 1 },
      dataset.map(({ xs, ys }) => ({ xs: xs.slice([0, 0], [2, 2]), ys })),
    ),
    /shape/,
  );
  await refuse(model.evaluateDataset(dataset, { batches: 0 }), /positive integer/);
  await refuse(model.evaluateDataset(dataset, { verbose: 1 }), /Verbose/);
  await refuse(model.evaluateDataset(dataset.take(0)), /no batches/);
  await refuse(
    fit(
      { epochs: 1 },
      dataset.map((x) => {
        throw new tf.TensorineError('value', `broken ${x.xs.shape}`);
      }),
    ),
    /broken/,
  );
  const first = fit({ epochs: 1, verbose: 0 });
  await refuse(fit({ epochs: 1 }), /another fit\(\) call is ongoing/);
  await first;
  const plain = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  await refuse(plain.fitDataset(dataset, { epochs: 1 }), /compile/);
  await refuse(plain.evaluateDataset(dataset), /compile/);
  nothingLeft(model, plain);
});

test('tensors of the program that a dataset gives again and again stay until the end', async () => {
  const run = async (elements, args = {}) => {
    const model = classifier(tf, []);
    const xs = [tf.ones([2, 3]), tf.zeros([2, 3])],
      ys = tf.tensor2d([
        [0, 1],
        [1, 0],
      ]);
    const more = typeof args === 'function' ? args(xs, ys) : args;
    const { history } = await model.fitDataset(elements(xs, ys), { epochs: 2, verbose: 0, ...more });
    assert.ok(history.loss.length === 2 && history.loss.every(Number.isFinite));
    assert.equal(xs[0].isDisposed, true, 'then they go, as with the peer');
    tf.dispose([xs, ys]);
    nothingLeft(model);
  };
  const given = (xs, ys) => tf.data.array([0, 1, 2]).map((i) => ({ xs: xs[i % 2], ys: ys.clone() }));
  await run(given);
  await run(given, { batchesPerEpoch: 1 });
  await run((xs, ys) =>
    tf.data.generator(function* () {
      for (let i = 0; i < 3; i++) yield { xs: xs[0], ys };
    }),
  );
  const fresh = (xs, ys) => tf.data.array([0]).map(() => ({ xs: xs[0].clone(), ys: ys.clone() }));
  await run(fresh, (xs, ys) => ({ validationData: given(xs, ys) }));
  const model = classifier(tf, []),
    x = tf.ones([2, 3]);
  const loss = await model.evaluateDataset(
    tf.data.array([0, 1]).map(() => ({ xs: x, ys: tf.ones([2, 2]) })),
    {},
  );
  assert.ok(Number.isFinite(loss.dataSync()[0]) && x.isDisposed);
  loss.dispose();
  nothingLeft(model);
});

test('numbers of classes that there are not are refused in all data', async () => {
  const model = classifier(tf, []);
  model.compile({ loss: 'sparseCategoricalCrossentropy', optimizer: 'sgd' });
  const x = tf.ones([2, 3]),
    good = tf.tensor1d([0, 1]),
    bad = tf.tensor1d([0, 9]);
  const batches = () =>
    tf.data.generator(function* () {
      for (const y of [good, bad]) yield { xs: x.clone(), ys: y.clone() };
    });
  const calls = {
    trainOnBatch: () => model.trainOnBatch(x, bad),
    evaluate: async () => model.evaluate(x, bad),
    'fit: validationData': () => model.fit(x, good, { epochs: 1, verbose: 0, validationData: [x, bad] }),
    fitDataset: () => model.fitDataset(batches(), { epochs: 1, verbose: 0 }),
    evaluateDataset: () => model.evaluateDataset(batches(), {}),
  };
  const before = tf.memory().numTensors;
  for (const [who, call] of Object.entries(calls)) {
    await assert.rejects(
      call,
      ({ code, message }) =>
        code === 'value' && message.startsWith(`${who}: y of output`) && message.includes('has 9 in row 1'),
      who,
    );
    assert.equal(tf.memory().numTensors, before, who);
  }
  tf.dispose([x, good, bad]);
  nothingLeft(model);
});

test('epochs that are no number are refused', async () => {
  const model = classifier(tf, []);
  const x = tf.ones([2, 3]),
    y = tf.ones([2, 2]);
  for (const name of ['epochs', 'initialEpoch'])
    await assert.rejects(model.fit(x, y, { verbose: 0, [name]: NaN }), {
      code: 'value',
      message: `fit: ${name} must be a number of epochs, but is NaN`,
    });
  tf.dispose([x, y]);
  nothingLeft(model);
});
