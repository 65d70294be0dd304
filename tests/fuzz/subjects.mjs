// What the random caller calls besides exported functions: methods, setters and static methods of layers,
// models, optimizers, metrics, callbacks, schedules, parts and symbols, each made anew for each call.
import { CELLS, configOf, LAYERS } from '../lib/layers.mjs';

const own = (tf) =>
  class extends tf.layers.Layer {
    static className = 'CalledLayer';
    get isMine() {
      return true;
    }

    build(inputShape) {
      this.kernel = this.addWeight('kernel', [inputShape.at(-1), 2]);
      super.build(inputShape);
    }

    call(inputs) {
      return tf.tidy(() => tf.matMul([inputs].flat()[0], this.kernel.read()));
    }
    computeOutputShape(inputShape) {
      return [...inputShape.slice(0, -1), 2];
    }
  };

const ownCell = (tf) =>
  class extends tf.layers.RNNCell {
    static className = 'CalledCell';
    get isMine() {
      return true;
    }
    stateSize = 2;
    call(inputs) {
      const [x, state] = [inputs].flat();
      return tf.tidy(() => [tf.add(x, state), tf.add(x, state)]);
    }
  };

const ownOptimizer = (tf) =>
  class extends tf.Optimizer {
    static className = 'CalledOptimizer';
    get isMine() {
      return true;
    }
    applyGradients() {}
  };

function functional(tf) {
  const a = tf.input({ shape: [2] }),
    b = tf.input({ shape: [3] }),
    join = tf.layers.concatenate().apply([a, b]);
  const model = tf.model({
    inputs: [a, b],
    outputs: [tf.layers.dense({ units: 1 }).apply(join), tf.layers.dense({ units: 2 }).apply(join)],
  });
  model.compile({ loss: ['meanSquaredError', 'meanAbsoluteError'], optimizer: tf.train.adam(), metrics: ['mse'] });
  return model;
}

function stack(tf, layers, compiled = true) {
  const model = tf.sequential({ layers });
  if (compiled) model.compile({ loss: 'meanSquaredError', optimizer: 'adam', metrics: ['accuracy'] });
  return model;
}

const layer = (tf, name) => tf.layers[name](configOf(tf, name));

/** The same, connected to inputs where it takes any. */
function connected(tf, name) {
  const one = layer(tf, name),
    inputs = LAYERS[name][1].map((shape) => tf.input({ shape, dtype: LAYERS[name][2] ?? 'float32' }));
  if (name !== 'inputLayer') one.apply(inputs.length === 1 ? inputs[0] : inputs);
  return one;
}

function built(tf, one, shape) {
  one.build(shape);
  return one;
}

/** After a step, so that it remembers something. */
function stepped(tf, optimizer) {
  const x = tf.tidy(() =>
    tf.variable(
      tf.tensor([
        [1, 2],
        [3, 4],
      ]),
    ),
  );
  try {
    tf.tidy(() => {
      optimizer.minimize(() => x.square().sum(), false, [x]);
    });
    return optimizer;
  } finally {
    x.dispose();
  }
}

const optimizers = [
  'sgd',
  'momentum',
  'rmsprop',
  'adam',
  'adamax',
  'adamw',
  'nadam',
  'lion',
  'adagrad',
  'adadelta',
  'adafactor',
  'ftrl',
  'lamb',
  'muon',
  'scheduleFreeAdamW',
];
const optimizer = (tf, name) => tf.train[name](0.1, ...(name === 'momentum' ? [0.9] : []));
const schedules = {
  exponentialDecay: { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 },
  polynomialDecay: { initialLearningRate: 1, decaySteps: 10 },
  piecewiseConstantDecay: { boundaries: [2], values: [1, 0.5] },
};

/** Kinds of things, and makers of each. */
const MAKERS = {
  Layer: [
    ...Object.keys(LAYERS).flatMap((name) => [(tf) => layer(tf, name), (tf) => connected(tf, name)]),
    (tf) => built(tf, tf.layers.dense({ units: 2 }), [null, 2]),
    (tf) => new tf.layers.Layer({}),
    (tf) => new tf.layers.Layer({ inputShape: [2] }),
  ],
  Own: [
    (tf) => new (own(tf))({}),
    (tf) => built(tf, new (own(tf))({}), [null, 2]),
    (tf) => {
      const x = new (own(tf))({});
      x.apply(tf.input({ shape: [3] }));
      return x;
    },
  ],
  Recurrent: [
    ...['simpleRNN', 'gru', 'lstm'].flatMap((name) => [
      (tf) => tf.layers[name]({ units: 2 }),
      (tf) => built(tf, tf.layers[name]({ units: 2, returnState: true }), [null, 3, 2]),
      (tf) => built(tf, tf.layers[name]({ units: 2, stateful: true, batchInputShape: [2, 3, 2] }), [2, 3, 2]),
    ]),
    (tf) => tf.layers.rnn({ cell: [tf.layers.gruCell({ units: 2 }), tf.layers.lstmCell({ units: 3 })] }),
    (tf) => tf.layers.rnn({ cell: new (ownCell(tf))({}) }),
  ],
  Cell: [
    ...['simpleRNNCell', 'gruCell', 'lstmCell'].map((name) => (tf) => tf.layers[name]({ units: 2 })),
    (tf) => new (ownCell(tf))({}),
  ],
  Wrapper: [
    (tf) => connected(tf, 'timeDistributed'),
    (tf) => connected(tf, 'bidirectional'),
    (tf) => tf.layers.timeDistributed({ layer: new (own(tf))({}) }),
  ],
  Model: [
    functional,
    (tf) => tf.sequential(),
    (tf) => stack(tf, [tf.layers.dense({ units: 1, inputShape: [2] })]),
    (tf) => stack(tf, [tf.layers.dense({ units: 1, inputShape: [2] })], false),
    (tf) => stack(tf, [tf.layers.lstm({ units: 1, stateful: true, batchInputShape: [2, 3, 2] })]),
    (tf) => stack(tf, [new (own(tf))({ inputShape: [2] })]),
    (tf) => stack(tf, [tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }), inputShape: [3, 2] })]),
    (tf) => stack(tf, [stack(tf, [tf.layers.dense({ units: 1, inputShape: [2] })])]),
  ],
  Optimizer: [
    ...optimizers.flatMap((name) => [(tf) => optimizer(tf, name), (tf) => stepped(tf, optimizer(tf, name))]),
    (tf) => new (ownOptimizer(tf))(),
    (tf) => new tf.MultiOptimizer(new tf.OptimizerMap([tf.train.sgd(0.1)], ['dense/']), tf.train.adam()),
    (tf) => new tf.LossScaleOptimizer(tf.train.sgd(0.1)),
    (tf) => tf.train.sgd(tf.train.exponentialDecay(schedules.exponentialDecay)),
  ],
  OptimizerMap: [(tf) => new tf.OptimizerMap([tf.train.sgd(0.1), tf.train.adam()], ['dense/', (v) => v.name === 'x'])],
  Schedule: Object.entries(schedules).map(
    ([name, config]) =>
      (tf) =>
        tf.train[name](config),
  ),
  Metric: [
    'TruePositives',
    'Precision',
    'AUC',
    'MeanSquaredError',
    'BinaryAccuracy',
    'CosineSimilarity',
    'MeanIoU',
    'F1Score',
    'R2Score',
  ].map((name) => (tf) => new (tf.metrics[name] ?? tf.metrics.Precision)(name === 'MeanIoU' ? { numClasses: 2 } : {})),
  Callback: [
    (tf) => new tf.Callback(),
    (tf) => new tf.CustomCallback({ onEpochEnd() {} }),
    (tf) => new tf.History(),
    (tf) => new tf.EarlyStopping({ restoreBestWeights: true }),
    (tf) => new tf.ReduceLROnPlateau(),
    (tf) => new tf.LearningRateScheduler((epoch, rate) => rate),
    (tf) => new tf.TerminateOnNaN(),
    (tf) => new tf.ModelCheckpoint('memory'),
    (tf) => new tf.CSVLogger('build/random_caller.csv'),
    (tf) => new tf.CallbackList([new tf.History(), new tf.EarlyStopping()]),
    (tf) => tf.node.tensorBoard('build/random_caller', { updateFreq: 'batch' }),
    (tf) => tf.node.summaryFileWriter('build/random_caller'),
    (tf) => {
      const x = new tf.EarlyStopping({ restoreBestWeights: true });
      x.setModel(functional(tf));
      return x;
    },
  ],
  Part: [
    (tf) => tf.initializers.glorotNormal({}),
    (tf) => tf.initializers.orthogonal({}),
    (tf) => tf.initializers.constant({ value: 2 }),
    (tf) => tf.initializers.identity({}),
    (tf) => tf.regularizers.l1l2(),
    (tf) => tf.constraints.maxNorm({}),
    (tf) => tf.constraints.minMaxNorm({}),
    (tf) => tf.layers.dense({ units: 1, activation: 'relu' }).activation,
  ],
  Symbol: [
    (tf) => tf.input({ shape: [2] }),
    (tf) => functional(tf).outputs[0],
    (tf) => functional(tf).layers.at(-1).inboundNodes[0],
    (tf) => new tf.InputSpec({ shape: [2, 3] }),
  ],
  LayerVariable: [
    (tf) => tf.tidy(() => new tf.LayerVariable(tf.tensor([1, 2]))),
    (tf) => built(tf, new (own(tf))({}), [null, 2]).weights[0],
  ],
  Variable: [(tf) => tf.tidy(() => tf.variable(tf.tensor([1, 2])))],
  Tensor: [
    (tf) =>
      tf.tensor([
        [1, 2],
        [3, 4],
      ]),
  ],
};

/** Frees what a maker made. */
function undo(one) {
  if (one.model?.dispose) one.model.dispose();
  if (one.owner?.dispose) one.owner.dispose();
  const inside = (one.layers ?? []).filter((l) => l.layers);
  if (one.callbacks === undefined && typeof one.dispose === 'function') one.dispose();
  inside.forEach(undo);
}

/** Names of what an object and its classes have that `takes` takes the description of; what the classes above do is theirs. */
function namesOf(object, takes) {
  const names = new Set(),
    mine = new Set(['constructor']);
  for (let at = object; at && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at))
    for (const [name, description] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (Object.hasOwn(at, 'isMine')) mine.add(name);
      else if (!name.startsWith('_') && takes(description)) names.add(name);
  return [...names].filter((name) => !mine.has(name));
}

const isMethod = ({ value }) => typeof value === 'function',
  isSetter = ({ set }) => Boolean(set),
  isGetter = ({ get }) => Boolean(get);

/** What is done with each of them: kind of member, and the call. */
const DOINGS = [
  ['', isMethod, (x, name, args) => x[name](...args)],
  [
    'set ',
    isSetter,
    (x, name, args) => {
      x[name] = args[0];
    },
  ],
  ['get ', isGetter, (x, name) => x[name]],
];

const FIT = [
  'batchSize',
  'epochs',
  'verbose',
  'callbacks',
  'validationSplit',
  'validationData',
  'shuffle',
  'sampleWeight',
  'classWeight',
  'initialEpoch',
  'yieldEvery',
  'stepsPerEpoch',
  'validationSteps',
];
const FIT_DATASET = [
  'epochs',
  'verbose',
  'callbacks',
  'initialEpoch',
  'yieldEvery',
  'batchesPerEpoch',
  'validationData',
  'validationBatchSize',
  'validationBatches',
  'classWeight',
];

/** An object with one member that is odd: another one at each turn. */
const odd = (right, names, turn, value) => ({ ...right, [names[turn % names.length]]: value });
const regression = (tf, done) => {
  const model = stack(tf, [tf.layers.dense({ units: 1, inputShape: [2] })]),
    x = tf.ones([4, 2]),
    y = tf.ones([4, 1]);
  done(() => {
    tf.dispose([x, y]);
    model.dispose();
  });
  return {
    model,
    x,
    y,
    data: tf.data.generator(function* pairs() {
      yield { xs: tf.ones([2, 2]), ys: tf.ones([2, 1]) };
    }),
  };
};

/** A layer of a config with an odd field, put to use. */
function oddLayer(tf, turn, value, done) {
  const names = Object.keys(LAYERS),
    name = names[turn % names.length],
    right = layer(tf, name).getConfig(),
    [, shapes, dtype] = LAYERS[name];
  const one = tf.layers[name](odd(configOf(tf, name), Object.keys(right), Math.floor(turn / names.length), value));
  done(() => one.dispose());
  const inputs = shapes.map((shape) => tf.input({ shape, dtype: dtype ?? 'float32' }));
  if (name !== 'inputLayer') one.apply(inputs.length === 1 ? inputs[0] : inputs);
  one.getConfig();
}

/** What is right but for one thing: name, and call(tf, args, turn, done); done takes what undoes it. */
const NEARLY = {
  'Model.fit nearly': async (tf, [value], turn, done) => {
    const { model, x, y } = regression(tf, done);
    return model.fit(x, y, odd({ epochs: 1, verbose: 0 }, FIT, turn, value));
  },
  'Model.fit of odd data': async (tf, [a, b], turn, done) => {
    const { model, x, y } = regression(tf, done);
    return turn % 2
      ? model.fit(a, y, { verbose: 0, sampleWeight: b })
      : model.fit(x, a, { verbose: 0, validationData: [x, b] });
  },
  'Model.fitDataset nearly': async (tf, [value], turn, done) => {
    const { model, data } = regression(tf, done);
    return model.fitDataset(data, odd({ epochs: 1, verbose: 0 }, FIT_DATASET, turn, value));
  },
  'Model.fitDataset of odd data': async (tf, [xs, ys], turn, done) => {
    const { model } = regression(tf, done),
      element = turn % 3 ? { xs, ys } : xs;
    return turn % 2
      ? model.fitDataset(tf.data.array([element]), { epochs: 1, verbose: 0 })
      : model.evaluateDataset(tf.data.array([element]));
  },
  'Model.evaluate nearly': (tf, [value], turn, done) => {
    const { model, x, y } = regression(tf, done);
    return model.evaluate(x, y, odd({}, ['batchSize', 'verbose', 'sampleWeight', 'steps'], turn, value));
  },
  'Model.trainOnBatch nearly': async (tf, [value], turn, done) => {
    const { model, x, y } = regression(tf, done);
    return turn % 3 === 0
      ? model.trainOnBatch(value, y)
      : turn % 3 === 1
        ? model.trainOnBatch(x, value)
        : model.trainOnBatch(x, y, value);
  },
  'Model.compile nearly': async (tf, [value], turn, done) => {
    const { model, x, y } = regression(tf, done);
    model.compile(
      odd(
        { optimizer: 'sgd', loss: 'meanSquaredError' },
        ['optimizer', 'loss', 'metrics', 'lossWeights', 'maskLoss'],
        turn,
        value,
      ),
    );
    return model.fit(x, y, { epochs: 2, verbose: 0 });
  },
  'Layer nearly': (tf, [value], turn, done) => oddLayer(tf, turn, value, done),
  'Layer.fromConfig nearly': (tf, [value], turn, done) => {
    const names = Object.keys(LAYERS),
      one = layer(tf, names[turn % names.length]),
      right = one.getConfig();
    const made = one.constructor.fromConfig(
      one.constructor,
      odd(right, Object.keys(right), Math.floor(turn / names.length), value),
    );
    done(() => made.dispose());
  },
  'Layer.apply nearly': (tf, [value, more], turn, done) => {
    const names = Object.keys(LAYERS),
      name = names[turn % names.length],
      one = layer(tf, name),
      [, shapes, dtype] = LAYERS[name];
    const xs = shapes.map((shape) =>
      dtype === 'string' ? tf.fill([2, ...shape], 'a') : tf.ones([2, ...shape], dtype),
    );
    done(() => {
      tf.dispose(xs);
      one.dispose();
    });
    const option = ['mask', 'training', 'initialState', 'attentionMask', 'countWeights', 'other'][
      Math.floor(turn / names.length) % 6
    ];
    return turn % 5 ? one.apply(xs.length === 1 ? xs[0] : xs, { [option]: value, mask: more }) : one.apply(value);
  },
  'Optimizer nearly': (tf, [value], turn, done) => {
    const name = optimizers[turn % optimizers.length],
      right = optimizer(tf, name),
      cls = right.constructor,
      config = right.getConfig();
    const one = cls.fromConfig(
      cls,
      odd(
        config,
        [...Object.keys(config), 'clipnorm', 'useEma', 'emaOverwriteFrequency'],
        Math.floor(turn / optimizers.length),
        value,
      ),
    );
    done(() => one.dispose());
    stepped(tf, one);
  },
  'Optimizer.setWeights nearly': async (tf, [value, more], turn, done) => {
    const one = optimizer(tf, optimizers[turn % optimizers.length]),
      x = tf.tidy(() => tf.variable(tf.ones([2])));
    const states =
      turn % 2
        ? [
            { name: 'iter', tensor: tf.scalar(1, 'int32') },
            { name: 'a/m', tensor: value },
          ]
        : [{ name: value, tensor: tf.scalar(1) }, more];
    done(() => {
      one.dispose();
      x.dispose();
      if (states[0].tensor) states[0].tensor.dispose();
    });
    await one.setWeights(states);
    tf.tidy(() => {
      one.minimize(() => x.square().sum(), false, [x]);
    });
  },
  'Callback nearly': async (tf, [value, more], turn, done) => {
    const { model, x, y } = regression(tf, done);
    const [cls, names] = [
      [
        tf.EarlyStopping,
        ['monitor', 'verbose', 'mode', 'minDelta', 'patience', 'baseline', 'restoreBestWeights', 'startFromEpoch'],
      ],
      [tf.ReduceLROnPlateau, ['monitor', 'verbose', 'mode', 'factor', 'patience', 'minDelta', 'cooldown', 'minLr']],
      [
        tf.ModelCheckpoint,
        ['monitor', 'verbose', 'mode', 'saveBestOnly', 'includeOptimizer', 'saveFreq', 'initialValueThreshold'],
      ],
    ][turn % 3];
    const options = odd({ monitor: 'loss' }, names, Math.floor(turn / 3), value),
      handler = { save: async () => more };
    const callback = cls === tf.ModelCheckpoint ? new cls(handler, options) : new cls(options);
    return model.fit(x, y, { epochs: 2, verbose: 0, callbacks: [callback, { onEpochEnd: () => more }] });
  },
  'Metric nearly': (tf, [value, more], turn, done) => {
    const names = Object.keys(tf.metrics).filter((name) => tf.metrics[name].className),
      cls = tf.metrics[names[turn % names.length]];
    const config = {
      numClasses: 2,
      recall: 0.5,
      precision: 0.5,
      sensitivity: 0.5,
      specificity: 0.5,
      targetClassIds: [0],
      thresholds: 0.5,
    };
    const one = new cls(
      odd(
        config,
        [...Object.keys(config), 'name', 'axis', 'average', 'beta', 'threshold', 'numThresholds', 'curve'],
        Math.floor(turn / names.length),
        value,
      ),
    );
    done(() => one.dispose());
    one.updateState(turn % 2 ? more : [0, 1], turn % 2 ? [0.5, 1] : more);
    return one.result();
  },
  'Layer.addWeight nearly': (tf, args, turn, done) => {
    const one = new (own(tf))({}),
      right = ['w', [2], 'float32', 'ones', 'l2', true, 'nonNeg'];
    done(() => one.dispose());
    right[turn % right.length] = args[0];
    one.addWeight(...right);
  },
  'loadTrainingConfig nearly': (tf, [value], turn, done) => {
    const { model } = regression(tf, done);
    model.loadTrainingConfig(
      odd(
        { optimizer_config: { class_name: 'Adam', config: {} }, loss: 'mse', metrics: ['acc'] },
        ['optimizer_config', 'loss', 'metrics', 'loss_weights'],
        turn,
        value,
      ),
    );
  },
  'models.modelFromJSON nearly': async (tf, [value], turn, done) => {
    const { model } = regression(tf, done),
      json = model.toJSON(null, false),
      at = turn % 4;
    if (at === 0) json.config.layers[0] = value;
    else if (at === 1) json.config = value;
    else if (at === 2) json.class_name = value;
    else json.config.layers[0].config[Object.keys(json.config.layers[0].config)[Math.floor(turn / 4) % 12]] = value;
    const made = await tf.models.modelFromJSON(json);
    made.dispose();
  },
  'loadLayersModel nearly': async (tf, [value], turn, done) => {
    const { model } = regression(tf, done);
    let saved;
    await model.save(
      {
        save: async (artifacts) => {
          saved = artifacts;
          return {};
        },
      },
      { includeOptimizer: true },
    );
    const names = [...Object.keys(saved), 'userDefinedMetadata', 'getWeightStream'];
    const made = await tf.loadLayersModel({ load: async () => odd(saved, names, turn, value) });
    made.dispose();
  },
  'Part nearly': (tf, [value, more], turn) => {
    const spaces = ['initializers', 'regularizers', 'constraints'],
      kind = spaces[turn % 3],
      names = Object.keys(tf[kind]),
      name = names[Math.floor(turn / 3) % names.length];
    const options = [
      'value',
      'minval',
      'maxval',
      'mean',
      'stddev',
      'seed',
      'scale',
      'mode',
      'distribution',
      'gain',
      'l1',
      'l2',
      'maxValue',
      'minValue',
      'rate',
      'axis',
      'factor',
    ];
    const part = tf[kind][name](odd({}, options, Math.floor(turn / 3 / names.length), value));
    part.getConfig();
    return turn % 2 ? part.apply([2, 2], 'float32') : part.apply(more);
  },
  'Schedule nearly': (tf, [value, more], turn) => {
    const names = Object.keys(schedules),
      name = names[turn % names.length],
      right = schedules[name];
    const one = tf.train[name](
      odd(
        right,
        [...Object.keys(right), 'staircase', 'power', 'cycle', 'name'],
        Math.floor(turn / names.length),
        value,
      ),
    );
    return one.at(turn % 2 ? 3 : more);
  },
  'Optimizers of others nearly': (tf, [value, more], turn, done) => {
    const map = new tf.OptimizerMap(
      [tf.train.sgd(0.1), turn % 4 === 0 ? value : tf.train.adam()],
      ['dense/', turn % 4 === 1 ? value : more],
    );
    const one =
      turn % 2
        ? new tf.MultiOptimizer(map, turn % 3 ? tf.train.sgd(0.1) : more)
        : new tf.LossScaleOptimizer(tf.train.sgd(0.1), odd({}, ['initialScale', 'dynamicGrowthSteps'], turn, value));
    done(() => one.dispose());
    stepped(tf, one);
    one.getConfig();
  },
  'input nearly': (tf, [value], turn) => {
    tf.input(odd({ shape: [2] }, ['shape', 'batchShape', 'name', 'dtype', 'sparse'], turn, value));
  },
  'model nearly': (tf, [value], turn, done) => {
    const x = tf.input({ shape: [2] }),
      dense = tf.layers.dense({ units: 1 }),
      y = dense.apply(x);
    done(() => dense.dispose());
    const made =
      turn % 2
        ? tf.model(odd({ inputs: x, outputs: y }, ['inputs', 'outputs', 'name'], turn, value))
        : tf.sequential(
            odd(
              { layers: [tf.layers.dense({ units: 1, inputShape: [2] })] },
              ['layers', 'name'],
              turn,
              turn % 3 ? value : [value],
            ),
          );
    done(() => made.dispose());
  },
  'Cell nearly': (tf, [value], turn, done) => {
    const names = Object.keys(CELLS),
      name = names[turn % names.length],
      right = tf.layers[name](configOf(tf, name)).getConfig();
    const cell = tf.layers[name](odd(configOf(tf, name), Object.keys(right), Math.floor(turn / names.length), value)),
      one = tf.layers.rnn({ cell: turn % 3 ? cell : [cell, value] });
    done(() => one.dispose());
    one.apply(tf.input({ shape: CELLS[name][1][0] }));
  },
  'Recurrent.apply nearly': (tf, [value, more], turn, done) => {
    const one = tf.layers[['lstm', 'gru', 'simpleRNN'][turn % 3]]({
        units: 2,
        stateful: turn % 2 === 1,
        returnState: true,
        batchInputShape: [2, 3, 2],
      }),
      x = tf.ones([2, 3, 2]);
    done(() => {
      x.dispose();
      one.dispose();
    });
    if (turn % 4 === 0) return one.apply(x, { initialState: turn % 8 ? value : [value, more] });
    tf.dispose(one.apply(x));
    if (turn % 4 === 1) one.resetStates(turn % 8 === 1 ? value : [value, more]);
    else one.setStates(turn % 8 < 4 ? [value, more] : value);
    return one.apply(x);
  },
  'Own layer nearly': (tf, [value, more], turn, done) => {
    const answers = ['build', 'call', 'computeOutputShape', 'getConfig', 'computeMask'];
    class Odd extends tf.layers.Layer {
      static className = 'OddLayer';
      call(inputs) {
        return tf.mul([inputs].flat()[0], 2);
      }
    }
    Odd.prototype[answers[turn % answers.length]] = () => value;
    const one = new Odd({ inputShape: [2] }),
      x = tf.ones([3, 2]);
    one.supportsMasking = turn % 2 === 1;
    done(() => {
      x.dispose();
      one.dispose();
    });
    if (turn % 3 === 0) tf.dispose(one.apply(x, { mask: more }));
    const model = tf.sequential({ layers: [one] });
    model.toJSON();
    return model.predict(x);
  },
  'Own optimizer nearly': async (tf, [value], turn, done) => {
    const { model, x, y } = regression(tf, done),
      one = new (ownOptimizer(tf))();
    one[['applyGradients', 'getConfig', 'getWeights', 'setWeights'][turn % 4]] = () => value;
    model.compile({
      loss: turn % 3 ? 'meanSquaredError' : () => value,
      optimizer: one,
      metrics: turn % 5 ? [] : [() => value],
    });
    await model.fit(x, y, { verbose: 0 });
    await model.save({ save: async () => ({}) }, { includeOptimizer: true });
  },
  'execute nearly': (tf, [value], turn, done) => {
    const { model, x } = regression(tf, done);
    return turn % 2 ? model.execute(value, model.outputs[0].name) : model.execute(x, value);
  },
};

/** [name, call(args, hold)] of all of them; where several things of a kind have a member they take turns. */
export function modelTargets(tf) {
  const found = new Map(),
    turns = new Map();
  for (const [kind, makers] of Object.entries(MAKERS))
    for (const make of makers)
      tf.tidy(() => {
        const one = make(tf);
        for (const [what, takes, act] of DOINGS)
          for (const name of namesOf(one, takes)) {
            const key = `${what}${kind}.${name}`;
            found.set(key, [
              ...(found.get(key) ?? []),
              (args, hold) => {
                const x = make(tf);
                hold(() => {
                  try {
                    undo(x);
                  } catch {
                    /* gone */
                  }
                });
                return act(x, name, args);
              },
            ]);
          }
        for (const name of namesOf(one.constructor, isMethod))
          found.set(`${kind}: ${one.constructor.name}.${name}`, [(args) => one.constructor[name](...args)]);
        try {
          undo(one);
        } catch {
          /* not to be disposed */
        }
      });
  const turn = (key) => {
    turns.set(key, (turns.get(key) ?? -1) + 1);
    return turns.get(key);
  };
  const nearly = Object.entries(NEARLY).map(([key, act]) => [
    key,
    (args, hold) => {
      const undos = [];
      hold(() => {
        for (const f of undos)
          try {
            f();
          } catch {
            /* gone */
          }
      });
      return act(tf, args, turn(key), (f) => undos.push(f));
    },
  ]);
  return [
    ...[...found].map(([key, calls]) => [key, (args, hold) => calls[turn(key) % calls.length](args, hold)]),
    ...nearly,
  ];
}
