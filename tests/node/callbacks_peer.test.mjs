// What callbacks are told, and when, against TensorFlow.js: fit and fitDataset, early stopping, errors.
import { testBoth } from '../lib/both.mjs';
import { fixed, numbers, some } from '../lib/programs/common.mjs';

function compiled(lib, metrics = ['mae']) {
  const model = fixed(lib, lib.sequential({ layers: [lib.layers.dense({ units: 2, inputShape: [3] })] }));
  model.compile({ optimizer: lib.train.sgd(0.1), loss: 'meanSquaredError', metrics });
  return model;
}

const fit = (lib, args, metrics) =>
  compiled(lib, metrics).fit(some(lib, [10, 3]), some(lib, [10, 2], 1), {
    epochs: 2,
    batchSize: 4,
    shuffle: false,
    ...args,
  });
const data = (lib) =>
  lib.data
    .zip({ xs: lib.data.array(numbers(10).map((v) => [v, v, 1])), ys: lib.data.array(numbers(10).map((v) => [v, 0])) })
    .batch(4);

const EVENTS = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'];
/** Hooks that write down what they are told; at a batch's begin only its number, for the peer's logs are late there. */
const recorder = (log) =>
  Object.fromEntries(
    EVENTS.map((name) => [
      name,
      async (...args) => {
        log.push([
          name,
          ...(name === 'onBatchBegin' ? args.slice(0, 1) : args).map((x) =>
            x && typeof x === 'object' ? { ...x } : x,
          ),
        ]);
      },
    ]),
  );
const recorded = (run) => async (lib) => {
  const log = [];
  await run(lib, log);
  return log;
};
const epochs = (args, metrics) => async (lib) => (await fit(lib, { epochs: 20, ...args(lib) }, metrics)).epoch;
const stopping = (config, more) => epochs((lib) => ({ callbacks: lib.callbacks.earlyStopping(config), ...more }));

const cases = {
  'events of fit': recorded((lib, log) => fit(lib, { callbacks: recorder(log) })),
  'events of fit, with validation': recorded((lib, log) =>
    fit(lib, { callbacks: recorder(log), validationSplit: 0.3 }),
  ),
  'events of fit that never yields': recorded((lib, log) =>
    fit(lib, { callbacks: recorder(log), yieldEvery: 'never' }),
  ),
  'events of fit from an epoch on': recorded((lib, log) =>
    fit(lib, { callbacks: recorder(log), epochs: 4, initialEpoch: 2 }),
  ),
  'events of fitDataset': recorded((lib, log) =>
    compiled(lib).fitDataset(data(lib), { epochs: 2, callbacks: recorder(log) }),
  ),
  'events of fitDataset, batches counted, validated': recorded((lib, log) => {
    const endless = data(lib).repeat();
    return compiled(lib).fitDataset(endless, {
      epochs: 2,
      batchesPerEpoch: 2,
      validationData: endless,
      validationBatches: 1,
      callbacks: recorder(log),
    });
  }),
  'several callbacks in order': recorded((lib, log) =>
    fit(lib, {
      callbacks: [
        {
          onEpochEnd: () => {
            log.push('a');
          },
        },
        {
          onEpochEnd: async () => {
            log.push('b');
          },
        },
      ],
    }),
  ),
  'a CustomCallback': recorded((lib, log) =>
    fit(lib, {
      callbacks: new lib.CustomCallback({
        onEpochEnd: async (e, logs) => {
          log.push(e, logs);
        },
      }),
    }),
  ),
  'a class of Callback knows parameters and model': recorded((lib, log) => {
    class Mine extends lib.Callback {
      async onTrainBegin() {
        log.push(this.params, this.model.name.length > 0);
      }
    }
    return fit(lib, { callbacks: [new Mine()] });
  }),
  'a callback that throws': (lib) =>
    fit(lib, {
      callbacks: {
        onEpochEnd: () => {
          throw new Error('so');
        },
      },
    }),
  'a callback that rejects': (lib) =>
    fit(lib, {
      callbacks: {
        onBatchEnd: async () => {
          throw new Error('so');
        },
      },
    }),
  'no callbacks': async (lib) => (await fit(lib, { callbacks: null })).epoch,
  'a hook that is not known': async (lib) => (await fit(lib, { callbacks: { onLunch() {} } })).epoch,
  'yieldEvery is not known': async (lib) => (await fit(lib, { yieldEvery: 'sometimes' })).epoch,
  'onYield while fit never yields': (lib) => fit(lib, { callbacks: { onYield: () => {} }, yieldEvery: 'never' }),
  'stopTraining at the end of an epoch': async (lib) => {
    const model = compiled(lib);
    return (
      await model.fit(some(lib, [10, 3]), some(lib, [10, 2], 1), {
        epochs: 9,
        callbacks: {
          onEpochEnd: (e) => {
            if (e === 2) model.stopTraining = true;
          },
        },
      })
    ).epoch;
  },
  'stopTraining at a batch': async (lib) => {
    const model = compiled(lib),
      seen = [];
    const { epoch } = await model.fit(some(lib, [10, 3]), some(lib, [10, 2], 1), {
      epochs: 9,
      batchSize: 2,
      callbacks: {
        onBatchEnd: (b) => {
          seen.push(b);
          if (seen.length === 3) model.stopTraining = true;
        },
      },
    });
    return [seen, epoch];
  },
  History: async (lib) => {
    const { history, epoch } = await fit(lib, { validationSplit: 0.2 });
    return [history, epoch];
  },
  'earlyStopping by loss': stopping({ monitor: 'loss', minDelta: 0.05 }),
  'earlyStopping by validation, patient': stopping({ patience: 2 }, { validationSplit: 0.2 }),
  'earlyStopping, mode max': stopping({ monitor: 'mae', mode: 'max', patience: 1 }),
  'earlyStopping, mode by name': epochs(
    (lib) => ({ epochs: 6, callbacks: lib.callbacks.earlyStopping({ monitor: 'acc' }) }),
    ['acc'],
  ),
  'earlyStopping with a baseline': stopping({ monitor: 'loss', baseline: 0.0001 }),
  'earlyStopping, a mode that is not known': stopping({ monitor: 'loss', mode: 'zz' }, { epochs: 3 }),
  'earlyStopping by what is not there': stopping({ monitor: 'zz' }, { epochs: 3 }),
  'earlyStopping, negative minDelta': stopping({ monitor: 'loss', minDelta: -0.5, patience: 0 }, { epochs: 8 }),
  'earlyStopping, patience 3': stopping({ monitor: 'loss', minDelta: 10, patience: 3 }, { epochs: 12 }),
  'earlyStopping, best weights back': stopping({ monitor: 'loss', restoreBestWeights: true }, { epochs: 3 }),
  'fitDataset ends early': async (lib) =>
    (await compiled(lib).fitDataset(data(lib), { epochs: 2, batchesPerEpoch: 5 })).history,
  'fitDataset of pairs in arrays': (lib) => compiled(lib).fitDataset(lib.data.array([1, 2, 3]).batch(2), { epochs: 1 }),
  'fitDataset without epochs': (lib) => compiled(lib).fitDataset(data(lib), {}),
  'fitDataset without arguments': (lib) => compiled(lib).fitDataset(data(lib)),
  'fitDataset of no batches': (lib) => compiled(lib).fitDataset(data(lib), { epochs: 1, batchesPerEpoch: 0 }),
  'fitDataset with validationSplit': (lib) => compiled(lib).fitDataset(data(lib), { epochs: 1, validationSplit: 0.1 }),
  evaluateDataset: async (lib) => {
    const model = compiled(lib),
      before = lib.memory().numTensors,
      values = await model.evaluateDataset(data(lib));
    return [values, lib.memory().numTensors - before];
  },
  'evaluateDataset of an iterator': async (lib) =>
    compiled(lib).evaluateDataset(await data(lib).iterator(), { batches: 2 }),
  'evaluateDataset of no batches': (lib) => compiled(lib).evaluateDataset(data(lib), { batches: 0 }),
};

testBoth(cases, { 'earlyStopping, best weights back': 'the peer does not have it' });
