// What layers, models, optimizers and callbacks say of arguments that are none of theirs: each call is
// refused with a TensorineError that names the argument, and leaves no tensor.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const dense = (args = {}) => tf.layers.dense({ units: 1, inputShape: [2], ...args });
const model = tf.sequential({ layers: [dense({ name: 'one' })] });
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
const bare = tf.sequential({ layers: [dense()] }),
  functional = tf.model({ inputs: model.inputs, outputs: model.outputs });
const x = tf.ones([4, 2]),
  y = tf.ones([4, 1]),
  gone = tf.ones([1]),
  w = tf.variable(tf.ones([2]), true, 'given');
gone.dispose();
const lstm = tf.layers.lstm({ units: 2 }),
  sgd = tf.train.sgd(0.1),
  momentum = tf.train.momentum(0.1, 0.9);
class Own extends tf.layers.Layer {
  static className = 'GivenOwn';
  call(inputs) {
    return tf.mul([inputs].flat()[0], 2);
  }
}
const own = new Own({}),
  weight = own.addWeight('own', [1]);
const loop = {};
loop.loop = loop;
const symbol = Symbol('s'),
  changing = () => new Proxy([2, 2], { get: (of, name) => (name === 'length' ? 3 : Reflect.get(of, name)) });
const stopping = new tf.EarlyStopping(),
  plateau = new tf.ReduceLROnPlateau({ monitor: 'loss' });
const trained = (callback) => {
  callback.setModel(bare);
  return callback;
};
const handler = { save: async () => ({}) };
class Saves extends tf.Optimizer {
  static className = 'Saves';
  constructor(answers) {
    super();
    Object.assign(this, answers);
  }
  applyGradients() {}
}
const saving = (answers) => {
  bare.compile({ loss: 'meanSquaredError', optimizer: new Saves(answers) });
  return bare.save(handler, { includeOptimizer: true });
};
const loaded = async (changes) => {
  let saved;
  await model.save({
    save: async (artifacts) => {
      saved = artifacts;
      return {};
    },
  });
  return tf.loadLayersModel({ load: async () => ({ ...saved, ...changes }) });
};

const REFUSED = [
  // options that are no object
  [() => model.predict(x, 3), /^predict: options must be an object, but is 3/],
  [() => model.evaluate(x, y, 'a'), /^evaluate: options must be an object/],
  [() => model.fit(x, y, symbol), /^fit: options must be an object, but is symbol/],
  [() => model.evaluateDataset(tf.data.array([]), 1), /^evaluateDataset: options must be an object/],
  [() => model.save(handler, true), /^save: options must be an object/],
  [() => tf.sequential(5), /^sequential: options must be an object, but is 5/],
  [() => tf.model('a'), /^model: options must be an object/],
  [() => new tf.EarlyStopping(1), /^EarlyStopping: options must be an object/],
  [() => new tf.InputSpec('a'), /^InputSpec: options must be an object/],
  [() => new tf.CSVLogger('a.csv', 1), /^CSVLogger: options must be an object/],
  [() => new tf.LossScaleOptimizer(sgd, 3), /^LossScaleOptimizer: options must be an object/],
  // their members
  [() => tf.sequential({ layers: 3 }), /sequential: layers must be an array/],
  [() => tf.sequential({ name: 3 }), /sequential: name must be a string/],
  [() => tf.sequential({ layers: [null] }), /add\(\) takes a layer/],
  [() => tf.model({ inputs: model.inputs, outputs: model.outputs, name: symbol }), /model: name must be a string/],
  [() => tf.input({ shape: symbol }), /input: shape must be an array/],
  [() => tf.input({ shape: [2], name: 3 }), /input: name must be a string/],
  [() => new tf.InputSpec({ shape: symbol }), /InputSpec: shape must be a shape/, 'shape'],
  [() => model.fit(x, y, { epochs: symbol }), /fit: epochs must be a number, but is symbol/],
  [() => model.fit(x, y, { initialEpoch: 5n }), /fit: initialEpoch must be a number/],
  [() => model.fit(x, y, { yieldEvery: symbol }), /fit: yieldEvery must be 'auto'/],
  [() => model.fit(x, y, { batchSize: symbol }), /batchSize is required to be a positive integer, but got symbol/],
  [
    () => model.fitDataset(tf.data.array([]), { epochs: symbol }),
    /config\.epochs is expected to be a positive integer, but got symbol/,
  ],
  [() => new tf.EarlyStopping({ patience: symbol }), /EarlyStopping: patience must be a number/],
  [() => new tf.EarlyStopping({ monitor: ['loss'] }), /EarlyStopping: monitor must be a string/],
  [() => new tf.ReduceLROnPlateau({ factor: symbol }), /ReduceLROnPlateau: factor must be a number/],
  [() => new tf.ModelCheckpoint(handler, { saveFreq: 1n }), /ModelCheckpoint: saveFreq must be a number/],
  [() => new tf.LossScaleOptimizer(sgd, { initialScale: 'a' }), /LossScaleOptimizer: initialScale must be a number/],
  // data
  [() => model.fit(), /Argument 'x\[0\]' passed to 'fit' must be a Tensor/],
  [() => model.fit(x), /Argument 'y\[0\]' passed to 'fit' must be a Tensor/],
  [() => model.fit(x, y, { verbose: 0, validationData: [null, y] }), /Argument 'x\[0\]' passed to 'fit' must be/],
  [() => model.fit(x, y, { verbose: 0, validationData: [x, undefined] }), /Argument 'y\[0\]' passed to 'fit' must be/],
  [() => model.fit(null, null), /Argument 'x\[0\]' passed to 'fit'/],
  [() => model.trainOnBatch([[1, 2]], {}), /No data provided for "one" in y/],
  [() => model.evaluate([[1, 2]], {}), /No data provided for "one" in y/],
  [() => model.evaluate([[1, 2]], [[1]], { sampleWeight: symbol }), /sampleWeight/],
  [() => model.fit([[1, 2]], { two: [[1]] }, { verbose: 0 }), /No data provided for "one" in y/],
  [() => model.execute(x, 3), /execute: outputs must be an array of strings/],
  [() => model.execute(3, 'a'), /Cannot find SymbolicTensors/],
  [() => model.execute(3, model.outputs[0].name), /execute: inputs must be an object, but is 3/],
  [() => model.loadWeights(null), /loadWeights: weights must be an object, but is null/],
  [() => model.loadWeights({ a: symbol }), /weights\[0\]/],
  [() => tf.data.array([{ xs: w, ys: gone }]).toArray(), /disposed/, 'disposed'],
  // layers
  [() => dense().build(), /inputShape must be a shape/, 'shape'],
  [() => dense().build([null, 'a']), /inputShape must be a shape/, 'shape'],
  [() => model.computeOutputShape(null), /inputShape must be a shape.*but is null/, 'shape'],
  [() => lstm.computeOutputShape(3), /inputShape must be a shape/, 'shape'],
  [() => model.getLayer(null, symbol), /getLayer: index must be a number/],
  [() => model.findLayer('0'), /findLayer: index must be a number/],
  [() => functional.getInputAt(symbol), /nodeIndex must be a whole number, but is symbol/],
  [() => functional.getOutputAt(5n), /nodeIndex must be a whole number/],
  [() => tf.layers.masking().computeMask(x, 'a'), /mask must be a tensor, but is 'a'/],
  [() => tf.layers.masking().computeMask([[1]], [{}]), /mask must be a tensor/],
  [() => lstm.apply([[[1, 2]]], { mask: {} }), /mask must be a tensor, but is Object/],
  [() => tf.layers.dropout({ rate: 0.1 }).apply([[[1, 2]]], { mask: [[1]] }), /mask must be a tensor, but is an array/],
  [() => lstm.getInitialState(null), /Argument 'x' passed to .* must be a Tensor/],
  [() => lstm.getInitialState({}), /Argument 'x'/],
  [() => own.addLoss(3), /addLoss: loss must be a function, but is 3/],
  [() => own.setCallHook(3), /setCallHook: hook must be a function/],
  [
    () => {
      own.name = symbol;
    },
    /name must be a string/,
  ],
  [
    () => {
      own.trainableWeights = 3;
    },
    /weights must be an array of variables/,
  ],
  [
    () => {
      own.nonTrainableWeights = [null];
    },
    /weights must be an array of variables/,
  ],
  [
    () => {
      own.trainableWeights = changing();
    },
    /weights must be an array of variables/,
  ],
  [
    () => {
      model.optimizer = null;
    },
    /must be an instance of tf\.Optimizer/,
  ],
  [() => model.summary('a'), /summary: lineLength must be a number/],
  [() => model.summary(60, 3), /summary: positions must be an array/],
  [() => model.summary(60, null, 3), /summary: printFn must be a function/],
  [() => new tf.LayerVariable(symbol), /LayerVariable: val must be a tensor, but is symbol/],
  [() => weight.write(null), /write: value must be a tensor, but is null/],
  [() => tf.initializers.ones().apply([2], 'string'), /string/, null],
  [() => tf.regularizers.l1(symbol), /received: Symbol\(s\)/],
  [() => new tf.metrics.Metric(symbol, {}), /Metric: name must be a string/],
  // optimizers
  [() => sgd.setLearningRate('0.1'), /SGD: learningRate must be a number, but is '0\.1'/],
  [
    () => {
      sgd.learningRate = symbol;
    },
    /SGD: learningRate must be a number/,
  ],
  [() => momentum.setMomentum([1]), /Momentum: momentum must be a number, but is an array/],
  [
    () => {
      momentum.useNesterov = {};
    },
    /Momentum: useNesterov must be a number/,
  ],
  [() => sgd.applyGradients(), /applyGradients: variableGradients must be an object/],
  [() => sgd.applyGradients([null]), /applyGradients: name must be a string/],
  [() => sgd.applyGradients({ given: {} }), /the gradient of 'given' must give a tensor/],
  [() => sgd.setWeights(null), /setWeights: weightValues must be an array of \{name, tensor\}, but is null/],
  [() => sgd.setWeights([{ name: 'iter', tensor: 1 }]), /setWeights: weightValues must be/],
  [() => sgd.extractIterations([null]), /weightValues must be/],
  [() => sgd.extractIterations(changing()), /weightValues must be/],
  [() => sgd.minimize(() => w.sum(), false, [x]), /variableGrads: varList must be an array of variables/],
  [() => tf.variableGrads(() => w.sum(), 3), /variableGrads: varList must be/],
  [() => new tf.OptimizerMap(), /OptimizerMap: optimizers must be an array/],
  [() => new tf.OptimizerMap([sgd], 'a'), /OptimizerMap: identifiers must be an array/],
  [() => new tf.OptimizerMap([sgd], ['(']).of({ name: 'a' }), /the identifier '\(' is no pattern/],
  [() => new tf.OptimizerMap([sgd], ['a']).of(null), /OptimizerMap: variable must be an object/],
  [
    () => tf.train.exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }).at(symbol),
    /ExponentialDecay\.at: step must be a number/,
  ],
  [() => tf.AdamOptimizer.fromConfig(), /fromConfig: cls must be a class/],
  [() => tf.AdamOptimizer.fromConfig(() => 1, {}), /fromConfig: cls must be a class/],
  [() => tf.AdamOptimizer.fromConfig(tf.AdamOptimizer, null), /fromConfig: config must be an object, but is null/],
  [() => tf.Sequential.fromConfig(tf.Sequential, {}), /layers must be an array/],
  [() => tf.Sequential.fromConfig(tf.Sequential, 3), /config must be an object/],
  [() => tf.layers.Layer.fromConfig(3, {}), /fromConfig: cls must be a class, but is 3/],
  [() => tf.LayersModel.fromConfig(), /LayersModel\.fromConfig: cls must be a class/],
  [() => tf.serialization.getRegisteredName(null), /getRegisteredName: cls must be a class/],
  [() => tf.serialization.registerClass(null), /registerClass: cls must be a class/],
  // callbacks
  [() => new tf.CustomCallback(), /a callback must be an object of functions or a tf\.Callback, but got undefined/],
  [() => new tf.CustomCallback({ onYield: 3 }), /onYield must be a function/],
  [() => new tf.CallbackList([3]), /CallbackList: a callback must be a tf\.Callback, but is number/],
  [() => new tf.CallbackList({}), /CallbackList: callbacks must be an array/],
  [() => new tf.CallbackList().append({}), /a callback must be a tf\.Callback/],
  [() => tf.registerCallbackConstructor(0, class {}), /must be a class that extends tf\.Callback/],
  [
    () => tf.registerCallbackConstructor(symbol, tf.History),
    /Verbosity level is expected to be an integer >= 0, but got symbol/,
  ],
  [() => new tf.LearningRateScheduler(3), /LearningRateScheduler: schedule must be a function/],
  [() => stopping.onEpochEnd(symbol), /EarlyStopping: epoch must be a number/],
  [() => stopping.getMonitorValue(3), /EarlyStopping: logs must be an object, but is 3/],
  [() => plateau.onEpochEnd(0, { loss: 1 }), /ReduceLROnPlateau: it has no model/],
  [() => trained(new tf.ReduceLROnPlateau()).onEpochEnd(0, {}), /the model has no optimizer: compile\(\) it first/],
  [() => new tf.TerminateOnNaN().onBatchEnd(0, { loss: NaN }), /TerminateOnNaN: it has no model/],
  [() => new tf.CSVLogger(3), /CSVLogger: filename must be a string/],
  [() => new tf.CSVLogger('').onTrainBegin(), /CSVLogger: '' cannot be written/, 'file'],
  [() => tf.node.tensorBoard(symbol), /tensorBoard: logdir must be a string/],
  [() => tf.node.summaryFileWriter(3), /summaryFileWriter: logdir must be a string/],
  [() => tf.node.tensorBoard('build', { updateFreq: symbol }), /updateFreq to be 'batch' or 'epoch', but got symbol/],
  [() => tf.node.summaryFileWriter('\0').flush(), /summaryFileWriter: .* cannot be written/, 'file'],
  // files
  [() => model.loadTrainingConfig(null), /loadTrainingConfig: trainingConfig must be an object, but is null/],
  [() => tf.models.modelFromJSON(), /modelFromJSON: modelAndWeights must be an object/],
  [
    () => model.loadTrainingConfig({ optimizer_config: { class_name: 'SGD', config: {} }, loss: loop }),
    /the losses of the training config are nested too deep/,
    'file',
  ],
  [
    () => model.loadTrainingConfig({ optimizer_config: { class_name: 'SGD', config: {} }, loss: 'mse', metrics: loop }),
    /the metrics of the training config are nested too deep/,
    'file',
  ],
  [() => new tf.SwapEMAWeights(5), /SwapEMAWeights: .* must be an object, but is 5/],
  [() => new tf.BackupAndRestore('x', 5), /BackupAndRestore: .* must be an object, but is 5/],
  [() => new tf.RemoteMonitor({ root: 5 }), /RemoteMonitor: root must be a string, but is 5/],
  [() => new tf.metrics.Metric({ toString: null }, {}), /Metric: name must be a string/],
  [() => new tf.LayerVariable(x, null, {}), /LayerVariable: name must be a string/],
  [() => loaded({ weightData: -2 }), /weightData must be one or several ArrayBuffers/, 'file'],
  [() => saving({ getConfig: () => null }), /Saves\.getConfig: result must be an object, but is null/],
  [() => saving({ getWeights: async () => [null] }), /Saves\.getWeights: result must be an array of \{name, tensor\}/],
];

for (const [call, pattern, code = 'value'] of REFUSED)
  test(`refused: ${String(call).slice(6, 90)}`, async () => {
    const before = tf.memory().numTensors;
    const error = await (async () => call())().then(
      () => assert.fail('it was taken'),
      (e) => e,
    );
    assert.ok(error instanceof tf.TensorineError, error.stack);
    assert.match(error.message, pattern);
    if (code) assert.equal(error.code, code);
    assert.ok(tf.memory().numTensors <= before, `${tf.memory().numTensors - before} tensors are left`);
  });

test('what may be left out may be null, too', async () => {
  const same = (a, b) => assert.deepEqual([...a.dataSync()], [...b.dataSync()]);
  tf.tidy(() => same(model.predict(x, null), model.predict(x)));
  tf.tidy(() => same(model.evaluate(x, y, { sampleWeight: null }), model.evaluate(x, y, null)));
  const { epoch } = await model.fit(x, y, {
    epochs: '2',
    verbose: 0,
    callbacks: [new tf.EarlyStopping(null), new tf.ModelCheckpoint(handler, null)],
  });
  assert.deepEqual(epoch, [0, 1]); // a text that says a number, as in TensorFlow.js
  const lines = [];
  model.summary(null, null, (line) => lines.push(line));
  assert.ok(lines.some((line) => line.includes('one')));
  assert.equal(new tf.InputSpec(null).ndim, undefined);
  await model.save(handler, null);
  own.trainable = 0;
  assert.equal(own.trainable, false);
  own.trainable = 'yes';
  assert.equal(own.trainable, true);
});

test("an optimizer of one's own keeps what its getWeights() gave when a model is saved", async () => {
  const state = tf.scalar(3);
  await saving({ getWeights: async () => [{ name: 'mine', tensor: state }] });
  assert.equal(state.dataSync()[0], 3);
  state.dispose();
});

test("methods that are the library's own are out of sight", () => {
  const names = (object) => {
    const found = [];
    for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
      found.push(...Object.getOwnPropertyNames(at).filter((name) => !name.startsWith('_')));
    return found;
  };
  const hidden = [
    [model, 'alone list given resumeWith nodeAt settle'],
    [sgd, 'get set variableNames given'],
    [stopping, 'improves watched keepWeights forgetWeights forgetBest say'],
    [plateau, 'reduce'],
    [new tf.CallbackList(), 'tell listens'],
    [model.weights[0], 'start mustLive'],
    [tf.layers.lstmCell({ units: 1 }), 'lend'],
    [new tf.CSVLogger('a.csv'), 'line'],
    [tf.initializers.ones(), 'text'],
    [tf.node.tensorBoard('build'), 'writer numbers flush listens'],
  ];
  for (const [object, words] of hidden)
    assert.deepEqual(
      names(object).filter((name) => words.split(' ').includes(name)),
      [],
      object.constructor.name,
    );
  assert.deepEqual(Object.keys(tf.serialization).sort(), [
    'Serializable',
    'SerializationMap',
    'getRegisteredName',
    'registerClass',
  ]);
});
