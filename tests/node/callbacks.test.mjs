// Callbacks: what they are told and when, beside TensorFlow.js; those that watch a number, against
// their rules reckoned here; what is printed and written.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** Here tidy holds across await, there it does not. */
const within = (lib, f) => (lib === tf ? tf.tidy(f) : f());
/** A model that gives its one input times a weight, which begins at 1; freed at the end. */
async function withModel(lib, f, rate = 0.1) {
  const model = lib.sequential({
    layers: [lib.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones', inputShape: [1] })],
  });
  const optimizer = lib.train.sgd(rate);
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['mae'] });
  try {
    return await within(lib, () => f(model));
  } finally {
    model.dispose();
    optimizer.dispose();
  }
}
/** What is printed meanwhile. */
async function printed(f) {
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
}
const numbers = (n) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + 1));
const near = (got, want, tolerance = 1e-5) => {
  assert.equal(got.length, want.length, `${got} where ${want} should be`);
  want.forEach((w, i) =>
    assert.ok(
      Object.is(got[i], w) || Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)),
      `[${i}]: ${got[i]} where ${w} should be`,
    ),
  );
};
/** Sets a number of each epoch, before the callbacks behind it. */
class Says extends tf.Callback {
  constructor(values, name = 'said') {
    super();
    Object.assign(this, { values, name });
  }
  onEpochEnd(epoch, logs) {
    logs[this.name] = this.values[epoch];
  }
}
const fit = (model, args) =>
  model.fit(tf.tensor(numbers(10), [10, 1]), tf.tensor(numbers(10), [10, 1]), { shuffle: false, verbose: 0, ...args });

// ---- early stopping ----

const named = (name, values) => values.map((v) => ({ [name]: v }));
const EARLY = [
  [undefined, named('val_loss', [10, 9, 9.5]), 2],
  [undefined, named('val_loss', [10, 9, 9]), 2],
  [{ minDelta: 1 }, named('val_loss', [10, 8, 7.5]), 2],
  [{ minDelta: 0.1 }, named('val_loss', [0.4, 0.3, 0.2]), 1],
  [{ minDelta: -1 }, named('val_loss', [10, 8, 7.5]), 2],
  [{ baseline: 5 }, named('val_loss', [6]), 0],
  [{ baseline: 5 }, named('val_loss', [4, 4.5]), 1],
  [{ baseline: 0 }, named('val_loss', [1]), 0],
  [{ baseline: null }, named('val_loss', [1, 2]), 1],
  [{ patience: 2 }, named('val_loss', [10, 9, 9.5, 9.6]), 3],
  [{ patience: 1 }, named('val_loss', [1, NaN, 0.5, 2]), 1],
  [
    { monitor: 'aux_loss' },
    [
      { val_loss: 10, aux_loss: 100 },
      { val_loss: 9, aux_loss: 120 },
    ],
    1,
  ],
  [{ monitor: 'aux', mode: 'max' }, named('aux', [100, 120, 110]), 2],
  [{ monitor: 'aux', mode: 'max', minDelta: 5 }, named('aux', [100, 120, 122]), 2],
  [{ monitor: 'aux', mode: 'max', minDelta: -5 }, named('aux', [100, 120, 122]), 2],
  [{ monitor: 'val_acc' }, named('val_acc', [0.1, 0.2, 0.1]), 2],
  [{ monitor: 'val_acc', mode: 'min' }, named('val_acc', [3, 2, 4]), 2],
  [{ monitor: 'recall_loss' }, named('recall_loss', [1, 0.5, 0.7]), 2],
  [{ monitor: 'Account_loss' }, named('Account_loss', [1, 0.5, 0.7]), 2],
  [{ mode: 'bad' }, named('val_loss', [2, 1, 3]), 2],
  [{ patience: null, minDelta: null, monitor: null, verbose: null }, named('val_loss', [2, 1, 3]), 2],
  [{}, named('val_loss', [1, Infinity]), 1],
  [{}, [{ loss: 100 }, { loss: 100 }], null],
  [{ verbose: 1 }, named('val_loss', [1, 2]), 1],
];
for (const [args, logs, stops] of EARLY)
  test(`early stopping ${JSON.stringify(args)} on ${JSON.stringify(logs)}`, async () => {
    const told = [];
    for (const lib of [tf, peer])
      await withModel(lib, async (model) => {
        let stopped = null;
        const lines = await printed(async () => {
          const callback = lib.callbacks.earlyStopping(args);
          callback.setModel(model);
          await callback.onTrainBegin();
          for (let e = 0; e < logs.length; e++) {
            await callback.onEpochBegin(e);
            await callback.onEpochEnd(e, logs[e]);
            if (model.stopTraining) stopped ??= e;
          }
          await callback.onTrainEnd();
        });
        told.push([stopped, lines]);
      });
    assert.equal(told[0][0], stops);
    assert.deepEqual(told[0], told[1]);
  });

/** The weight of each epoch, of which early stopping picks one. */
const RESTORED = [
  ['the best', [3, 1, 2, 2], { patience: 2 }, 4, 1],
  ['the last, if all improve', [3, 2, 1], { patience: 2 }, 3, 2],
  ['the first, if none reaches the baseline', [9, 8, 7], { baseline: 1, patience: 2 }, 2, 0],
  ['the best from an epoch on', [0, 3, 2, 4, 4], { startFromEpoch: 1, patience: 2 }, 5, 2],
  ['the greatest', [1, 5, 4, 3], { mode: 'max', patience: 2 }, 4, 1],
];
for (const [title, values, args, epochs, best] of RESTORED)
  test(`early stopping goes back to ${title}`, () =>
    withModel(tf, async (model) => {
      const weights = [],
        stop = tf.callbacks.earlyStopping({ monitor: 'said', restoreBestWeights: true, ...args });
      const { epoch } = await fit(model, {
        epochs: values.length,
        callbacks: [
          new Says(values),
          {
            onEpochEnd: () => {
              weights.push(model.getWeights()[0].dataSync()[0]);
            },
          },
          {
            onBatchEnd: () => {
              model.setWeights([tf.add(model.getWeights()[0], 1)]);
            },
          },
          stop,
        ],
      });
      assert.equal(epoch.length, epochs);
      assert.equal(model.getWeights()[0].dataSync()[0], weights[best]);
    }));

test('weights kept by a training that failed are not gone back to', () =>
  withModel(tf, async (model) => {
    const stop = tf.callbacks.earlyStopping({ monitor: 'said', restoreBestWeights: true, patience: 9 }),
      [first] = model.getWeights();
    await assert.rejects(
      fit(model, {
        callbacks: [
          new Says([1]),
          stop,
          {
            onEpochEnd() {
              throw new Error('mine');
            },
          },
        ],
      }),
      /mine/,
    );
    model.setWeights([tf.add(first, 41)]);
    model.optimizer.setLearningRate(0);
    await fit(model, { callbacks: [new Says([1]), stop] });
    assert.equal(model.getWeights()[0].dataSync()[0], 42);
  }));

test("only a model is a callback's model", () => {
  for (const callback of [tf.callbacks.earlyStopping(), new tf.Callback(), new tf.CustomCallback({})])
    for (const wrong of [3, null, {}])
      assert.throws(() => callback.setModel(wrong), /model must be a LayersModel, not some other Container/);
});

// ---- what is told, and when ----

const HOOKS = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd', 'onYield'];
const EVENTS = [
  ['batches and epochs', {}],
  ['a split', { validationSplit: 0.3 }],
  ['one epoch of one batch', { epochs: 1, batchSize: 32 }],
  ['from an epoch on', { epochs: 4, initialEpoch: 2 }],
  ['no epoch', { epochs: 2, initialEpoch: 2 }],
  ['stopped in an epoch', { epochs: 3, stop: ['onBatchEnd', 1] }],
  ['stopped after an epoch', { epochs: 3, stop: ['onEpochEnd', 1] }],
  ['a time to yield that never comes', { yieldEvery: 1e9 }],
  ['never', { yieldEvery: 'never', without: 'onYield' }],
];
for (const [title, { stop, without, ...args }] of EVENTS)
  test(`events: ${title}`, async () => {
    const told = [];
    for (const lib of [tf, peer])
      await withModel(lib, async (model) => {
        const log = [],
          callbacks = Object.fromEntries(
            HOOKS.filter((h) => h !== without && (h !== 'onYield' || args.yieldEvery)).map((hook) => [
              hook,
              async (...given) => {
                if (stop?.[0] === hook && stop[1] === given[0]) model.stopTraining = true;
                log.push([hook, ...given.slice(0, -1)], hook === 'onBatchBegin' ? {} : { ...given.at(-1) });
              },
            ]),
          );
        const data = () => lib.tensor(numbers(10), [10, 1]);
        const history = await model.fit(data(), data().mul(2), {
          epochs: 2,
          batchSize: 4,
          shuffle: false,
          verbose: 0,
          callbacks,
          ...args,
        });
        told.push({ log, epoch: history.epoch, names: Object.keys(history.history) });
      });
    const shape = (t) => ({ ...t, log: t.log.map((e) => (Array.isArray(e) ? e : Object.keys(e))) }),
      values = (t) => t.log.flatMap((e) => (Array.isArray(e) ? [] : Object.values(e)));
    assert.deepEqual(shape(told[0]), shape(told[1]));
    near(values(told[0]), values(told[1]), 1e-4);
  });

/** yieldEvery, and how much a clock goes on each time it is looked at. */
for (const every of [1, 5, 10, 1000])
  for (const step of [1, 2, 5, 6])
    test(`yields every ${every} ms of a clock of ${step}`, async () => {
      const told = [];
      for (const lib of [tf, peer])
        await withModel(lib, async (model) => {
          const log = [];
          let now = 0,
            frames = 0;
          await model.fit(lib.zeros([10, 1]), lib.zeros([10, 1]), {
            epochs: 2,
            batchSize: 2,
            verbose: 0,
            yieldEvery: every,
            callbacks: {
              onYield: (epoch, batch, logs) => {
                log.push([epoch, batch, { ...logs }]);
              },
              nowFunc: () => (now += step),
              nextFrameFunc: async () => {
                frames++;
              },
            },
          });
          told.push([log, frames]);
        });
      assert.deepEqual(told[0], told[1]);
    });

test('fitDataset tells epoch and batch, as TensorFlow.js does', async () => {
  const told = [];
  for (const lib of [tf, peer])
    await withModel(lib, async (model) => {
      let now = 0;
      const log = [],
        at =
          (name) =>
          (...numbers) =>
            void log.push([name, ...numbers.filter((v) => typeof v === 'number')]);
      const batch = () => ({ xs: lib.zeros([2, 1]), ys: lib.zeros([2, 1]) });
      const dataset = lib.data.generator(function* () {
        for (let i = 0; i < 3; i++) yield batch();
      });
      await model.fitDataset(dataset, {
        epochs: 2,
        batchesPerEpoch: 3,
        verbose: 0,
        yieldEvery: 1,
        callbacks: {
          nowFunc: () => (now += 5),
          onYield: at('yield'),
          onBatchEnd: at('batch'),
          onEpochEnd: at('epoch'),
        },
      });
      told.push(
        log.filter(([name]) => name !== 'yield'),
        log.filter(([name]) => name === 'yield'),
      );
    });
  assert.deepEqual(told[0], told[2]);
  assert.deepEqual(told[1], told[3]);
  assert.ok(told[1].some(([, epoch, batch]) => epoch === 0 && batch > 0));
});

for (const [every, frames] of [
  ['batch', 10],
  ['epoch', 2],
  ['never', 0],
])
  test(`lets the page go on: ${every}`, () =>
    withModel(tf, async (model) => {
      let turns = 0;
      await fit(model, {
        epochs: 2,
        batchSize: 2,
        yieldEvery: every,
        callbacks: {
          nextFrameFunc: async () => {
            turns++;
          },
        },
      });
      assert.equal(turns, frames);
      assert.throws(
        () => new tf.CustomCallback({ onYield() {} }, 'never'),
        /yieldEvery is `never` but you provided an `onYield` callback/,
      );
    }));

test('what a callback throws or rejects ends training', () =>
  withModel(tf, async (model) => {
    for (const hook of HOOKS)
      for (const f of [
        () => {
          throw new Error(hook);
        },
        async () => {
          throw new Error(hook);
        },
      ]) {
        await assert.rejects(fit(model, { callbacks: { [hook]: f }, yieldEvery: 'batch' }), new RegExp(hook));
        await fit(model, {});
      }
  }));

test('several callbacks are told in order, each awaited; tensors in logs become numbers', async () => {
  for (const lib of [tf, peer])
    await withModel(lib, async (model) => {
      const log = [],
        own = class extends lib.Callback {
          async onEpochEnd(epoch, logs) {
            await null;
            logs.mine = lib.scalar(epoch + 0.5);
            log.push(['first', Object.keys(logs)]);
          }
        };
      const { history } = await model.fit(lib.zeros([4, 1]), lib.zeros([4, 1]), {
        epochs: 2,
        verbose: 0,
        callbacks: [
          new own(),
          new lib.CustomCallback({
            onEpochEnd: (epoch, logs) => {
              log.push(['second', logs.mine]);
            },
          }),
        ],
      });
      assert.deepEqual(log, [
        ['first', ['loss', 'mae', 'mine']],
        ['second', 0.5],
        ['first', ['loss', 'mae', 'mine']],
        ['second', 1.5],
      ]);
      assert.deepEqual(history.mine, [0.5, 1.5]);
    });
});

test('lists and histories by themselves', async () => {
  const told = [];
  for (const lib of [tf, peer])
    await within(lib, async () => {
      const a = new lib.History(),
        b = new lib.History(),
        seen = [],
        list = new lib.CallbackList([a]),
        none = new lib.CallbackList(null);
      list.append(b);
      list.append(
        new lib.CustomCallback({
          onTrainBegin: (logs) => {
            seen.push(logs);
          },
          onBatchEnd: (batch, logs) => {
            seen.push(batch, logs);
          },
        }),
      );
      list.setParams({ verbose: 3 });
      for (const logs of [undefined, null]) {
        await list.onTrainBegin(logs);
        await list.onBatchEnd(2, logs);
        await none.onTrainBegin(logs);
      }
      await list.onEpochEnd(100, { v: 10, a: 0.5 });
      await list.onEpochEnd(101, { v: 9, a: 0.25 });
      await list.onEpochEnd(102, null);
      await b.onEpochEnd(103, null);
      const c = new lib.History();
      await c.onTrainBegin();
      for (const logs of [
        { a: lib.scalar(0.25), b: 1 },
        { a: 2, b: lib.scalar(3) },
      ])
        await c.onEpochEnd(7, logs);
      await c.syncData();
      none.append(a);
      told.push([a.epoch, a.history, a.params, b.epoch, b.history, c.history, seen, none.callbacks.length]);
    });
  assert.deepEqual(told[0], told[1]);
});

test('callbacks that come with verbosity: those of lower levels first', () =>
  withModel(tf, async (model) => {
    let log = [];
    for (const level of [9, 7, 8, 7])
      tf.registerCallbackConstructor(
        level,
        class extends tf.Callback {
          onEpochEnd() {
            log.push(level);
          }
        },
      );
    for (const [verbose, want] of [
      [9, [7, 7, 8, 9]],
      [8, [7, 7, 8]],
      [6, []],
    ]) {
      log = [];
      await printed(() => fit(model, { verbose }));
      assert.deepEqual(log, want);
    }
    for (const wrong of [-1, 0.5, NaN])
      assert.throws(
        () => tf.registerCallbackConstructor(wrong, class extends tf.Callback {}),
        /is expected to be an integer >= 0/,
      );
  }));

// ---- rates ----

/** The rates at the ends of epochs by the rule of Keras. */
function plateau(values, { factor = 0.1, patience = 10, minDelta = 1e-4, cooldown = 0, minLr = 0, mode = 'min' }) {
  let rate = 1,
    best = mode === 'max' ? -Infinity : Infinity,
    wait = 0,
    cool = 0;
  return values.map((v) => {
    const now = rate;
    if (cool > 0) {
      cool--;
      wait = 0;
    }
    if (mode === 'max' ? v > best + minDelta : v < best - minDelta) {
      best = v;
      wait = 0;
    } else if (cool <= 0 && ++wait >= patience && rate > minLr) {
      rate = Math.max(rate * factor, minLr);
      cool = cooldown;
      wait = 0;
    }
    return now;
  });
}
const SEEN = [5, 4, 4, 4, 3.99999, 3, 3, 3, 3, 3, 3, 2, 2.5, 2.4, 1, 1, 1, 1, 1, 1];
for (const args of [
  { patience: 2 },
  { patience: 0, factor: 0.5 },
  { patience: 1, cooldown: 2, factor: 0.5 },
  { patience: 1, minLr: 0.2 },
  { patience: 1, minDelta: 0.5, factor: 0.9 },
  { patience: 1, mode: 'max', factor: 0.5 },
  {},
])
  test(`the rate falls on a plateau: ${JSON.stringify(args)}`, () =>
    withModel(tf, async (model) => {
      model.optimizer.setLearningRate(1);
      let history;
      const lines = await printed(async () => {
        ({ history } = await fit(model, {
          epochs: SEEN.length,
          callbacks: [new Says(SEEN), new tf.ReduceLROnPlateau({ monitor: 'said', verbose: 1, ...args })],
        }));
      });
      const want = plateau(SEEN, args);
      near(history.learningRate, want);
      assert.equal(lines.length >= new Set(want).size - 1, true);
      assert.throws(() => new tf.ReduceLROnPlateau({ factor: 1 }), /factor must be less than 1, but is 1/);
    }));

test('the rate follows a function of epoch and rate', () =>
  withModel(tf, async (model) => {
    const asked = [],
      lines = await printed(async () => {
        const { history } = await fit(model, {
          epochs: 5,
          initialEpoch: 2,
          callbacks: new tf.LearningRateScheduler((epoch, rate) => {
            asked.push(epoch, rate);
            return rate / 2;
          }, 1),
        });
        near(history.learningRate, [0.05, 0.025, 0.0125]);
      });
    near(asked, [2, 0.1, 3, 0.05, 4, 0.025]);
    assert.equal(lines[0], 'Epoch 3: LearningRateScheduler sets the learning rate to 0.05.');
    await assert.rejects(
      fit(model, { callbacks: new tf.LearningRateScheduler(() => 'fast') }),
      /schedule\(\) must return a number, but returned string/,
    );
  }));

for (const bad of [NaN, Infinity, -Infinity, 1e38])
  test(`training ends at a loss of ${bad}`, () =>
    withModel(tf, async (model) => {
      let batches = 0;
      const lines = await printed(() =>
        model.fit(tf.ones([6, 1]), tf.tensor([1, 1, bad, 1, 1, 1], [6, 1]), {
          batchSize: 2,
          epochs: 2,
          shuffle: false,
          verbose: 0,
          callbacks: [
            {
              onBatchEnd: () => {
                batches++;
              },
            },
            new tf.TerminateOnNaN(),
          ],
        }),
      );
      assert.equal(batches, 2);
      assert.deepEqual(lines, ['Batch 1: Invalid loss, terminating training']);
    }));

// ---- what is written ----

const folder = (name, f) =>
  test(name, async () => {
    const at = mkdtempSync(join(tmpdir(), 'tensorine-callbacks-'));
    try {
      await withModel(tf, (model) => f(model, at));
    } finally {
      rmSync(at, { recursive: true });
    }
  });
const CHECKPOINTS = [
  ['{epoch}', {}, ['1', '2', '3', '4', '5']],
  ['{epoch:03d}', { saveFreq: 2 }, ['002', '004']],
  ['{epoch}-{said:.2f}', { saveBestOnly: true }, ['1-3.00', '2-1.00', '5-0.50']],
  ['{epoch}', { saveBestOnly: true, mode: 'max' }, ['1']],
  ['{epoch}', { saveBestOnly: true, initialValueThreshold: 0.9 }, ['5']],
  ['{epoch}', { saveBestOnly: true, initialValueThreshold: 2.5, mode: 'max' }, ['1']],
  ['{nobody}', {}, ['{nobody}']],
  ['{said:6.1f}', { saveFreq: 5 }, ['   0.5']],
  ['{epoch}', { saveBestOnly: true, monitor: 'absent' }, []],
  ['{epoch}', { saveBestOnly: true, saveFreq: 2 }, ['2']],
];
for (const [name, args, want] of CHECKPOINTS)
  folder(`checkpoints ${name} ${JSON.stringify(args)}`, async (model, at) => {
    await printed(() =>
      fit(model, {
        epochs: 5,
        callbacks: [
          new Says([3, 1, 2, 1, 0.5]),
          new tf.ModelCheckpoint(`file://${join(at, name)}`, { monitor: 'said', verbose: 1, ...args }),
        ],
      }),
    );
    assert.deepEqual(readdirSync(at).sort(), want);
  });

folder('a checkpoint goes to a handler, with or without the optimizer', async (model) => {
  for (const includeOptimizer of [false, true]) {
    const saved = [],
      lines = await printed(() =>
        fit(model, {
          epochs: 2,
          callbacks: new tf.ModelCheckpoint(
            {
              save: async (artifacts) => {
                saved.push(artifacts);
                return {};
              },
            },
            { includeOptimizer, verbose: 1 },
          ),
        }),
      );
    assert.deepEqual(
      saved.map((a) => a.weightSpecs.length),
      includeOptimizer ? [2, 2] : [1, 1],
    );
    assert.deepEqual(
      lines,
      [1, 2].map((e) => `Epoch ${e}: ModelCheckpoint saved the model.`),
    );
  }
  await assert.rejects(
    fit(model, {
      callbacks: new tf.ModelCheckpoint({
        save: async () => {
          throw new Error('full');
        },
      }),
    }),
    /full/,
  );
});

folder('tables of epochs', async (model, at) => {
  const file = join(at, 'log.csv'),
    log = (args, more = {}) =>
      fit(model, { epochs: 2, callbacks: [new Says([0.5, undefined]), new tf.CSVLogger(file, args)], ...more }),
    read = () => readFileSync(file, 'utf8').split('\n');
  await log({ separator: ';' });
  assert.deepEqual([read()[0], read()[2].split(';')[3], read().length], ['epoch;loss;mae;said', 'NaN', 4]);
  await log({ separator: ';', append: true }, { validationSplit: 0.5 });
  assert.deepEqual([read()[0], read().length, read()[3].split(';').length], ['epoch;loss;mae;said', 6, 4]);
  await log();
  assert.deepEqual([read()[0], read().length], ['epoch,loss,mae,said', 4]);
  writeFileSync(file, '');
  await log({ append: true });
  assert.deepEqual([read()[0], read().length], ['epoch,loss,mae,said', 4]);
  await assert.rejects(fit(model, { callbacks: new tf.CSVLogger(join(at, 'nowhere', 'log.csv')) }), /ENOENT/);
});

// ---- what is printed ----

test('a line an epoch, a bar in a terminal, or nothing', () =>
  withModel(tf, async (model) => {
    const { stdout } = process,
      { write } = stdout,
      was = Object.getOwnPropertyDescriptor(stdout, 'isTTY'),
      wide = Object.getOwnPropertyDescriptor(stdout, 'columns');
    const shown = async (terminal, verbose) => {
      let text = '';
      Object.defineProperty(stdout, 'isTTY', { value: terminal, configurable: true });
      Object.defineProperty(stdout, 'columns', { value: 60, configurable: true });
      // The test runner writes there too.
      stdout.write = (part, ...more) =>
        typeof part === 'string' && part.startsWith('\r') ? Boolean((text += part)) : write.call(stdout, part, ...more);
      try {
        const lines = await printed(() =>
          fit(model, {
            epochs: 2,
            batchSize: 5,
            verbose,
            validationSplit: 0.5,
            callbacks: { onBatchEnd: () => new Promise((go) => setTimeout(go, 110)) },
          }),
        );
        text += lines.join('\n');
      } finally {
        stdout.write = write;
        for (const [name, old] of [
          ['isTTY', was],
          ['columns', wide],
        ])
          if (old) Object.defineProperty(stdout, name, old);
          else delete stdout[name];
      }
      return text;
    };
    assert.deepEqual([await shown(false, undefined), await shown(false, 0), await shown(true, 0)], ['', '', '']);
    const line =
      /^Epoch [12]\/2 - 0\.\d s - [\d.]+ ms\/batch - loss: [\d.e-]+ - mae: [\d.e-]+ - val_loss: [\d.e-]+ - val_mae: [\d.e-]+$/;
    for (const text of [await shown(false, 1), await shown(false, 2), await shown(true, 2)])
      for (const part of text.split('\n')) assert.match(part, line);
    for (const text of [await shown(true, 1), await shown(true, undefined)]) {
      const pictures = text.split('\r\x1b[2K').slice(1),
        last = pictures.filter((p) => p.endsWith('\n'));
      assert.equal(last.length, 2);
      assert.match(last[1], /^Epoch 2\/2 (\[={6,24}\] )?1\/1 - 0\.\d s - (\d+ ms\/batch - )?loss: [\d.e-]+ - mae/);
      for (const p of pictures.filter((q) => !q.endsWith('\n')))
        assert.ok(p.length <= 59 && /^Epoch [12]\/2 /.test(p), p);
    }
  }));
