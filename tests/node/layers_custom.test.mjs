// Layers of a caller's own classes, alone and in models, trained, saved and loaded; cells; hooks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

class Scale extends tf.layers.Layer {
  static className = 'Scale';
  constructor(config = {}) {
    super(config);
    this.startValue = config.startValue ?? 2;
    this.supportsMasking = true;
  }
  build(inputShape) {
    this.factor = this.addWeight('factor', [inputShape.at(-1)], 'float32', tf.initializers.constant({ value: this.startValue }));
    super.build(inputShape);
  }
  computeOutputShape(inputShape) { return inputShape; }
  call(inputs) { return tf.tidy(() => tf.mul([inputs].flat()[0], this.factor.read())); }
  getConfig() { return { ...super.getConfig(), startValue: this.startValue }; }
}
tf.serialization.registerClass(Scale);

class SumAndProduct extends tf.layers.Layer {
  static className = 'SumAndProduct';
  computeOutputShape(shapes) { return [shapes[0], shapes[0]]; }
  call([a, b]) { return [a.add(b), a.mul(b)]; }
}
tf.serialization.registerClass(SumAndProduct);

class Adder extends tf.layers.RNNCell {
  static className = 'Adder';
  constructor(config) {
    super(config);
    this.stateSize = config.size;
  }
  call([x, state]) {
    const y = x.add(state);
    return [y, y];
  }
  getConfig() { return { ...super.getConfig(), size: this.stateSize }; }
}
tf.serialization.registerClass(Adder);

const saved = async (model) => {
  let artifacts;
  await model.save(tf.io.withSaveHandler(async (a) => { artifacts = a; return { modelArtifactsInfo: {} }; }));
  return artifacts;
};
const again = async (model) => tf.loadLayersModel(tf.io.fromMemory(await saved(model)));

test('a class applied to tensors and to symbols', () => {
  const layer = new Scale({ startValue: 3 }), y = layer.apply(tf.tensor([[1, 2]]));
  assert.deepEqual(y.arraySync(), [[3, 6]]);
  assert.equal(layer.getClassName(), 'Scale');
  assert.ok(layer.name.startsWith('scale_Scale'));
  assert.deepEqual(layer.weights.map((w) => w.shape), [[2]]);
  assert.deepEqual(new Scale().apply(tf.input({ shape: [4, 3] })).shape, [null, 4, 3]);
  assert.equal(layer.countParams(), 2);
});

test('a class trains in a sequential model, and freezes', async () => {
  const model = tf.sequential({ layers: [new Scale({ inputShape: [2], name: 'mine' }), tf.layers.dense({ units: 1, kernelInitializer: 'ones' })] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  const x = tf.tensor([[1, 2], [3, 4]]), y = tf.tensor([[1], [2]]), before = model.layers[0].getWeights()[0].arraySync();
  const { history } = await model.fit(x, y, { epochs: 3, verbose: 0 });
  assert.ok(history.loss[2] < history.loss[0] || history.loss[0] > 0);
  assert.notDeepEqual(model.layers[0].getWeights()[0].arraySync(), before);
  model.layers[0].trainable = false;
  assert.equal(model.trainableWeights.length, 2);
  let lines = '';
  model.summary(undefined, undefined, (line) => { lines += line; });
  assert.match(lines, /mine \(Scale\)/);
});

test('the gradient through a class is that of its ops', () => {
  const layer = new Scale();
  const g = tf.grad((x) => layer.apply(x).square().sum())(tf.tensor([[1, 2]]));
  assert.deepEqual(g.arraySync(), [[8, 16]]);
});

test('saved and loaded with its config and weights', async () => {
  const model = tf.sequential({ layers: [new Scale({ inputShape: [2], startValue: 5 })] });
  const other = await again(model), x = tf.tensor([[1, 2]]);
  assert.ok(other.layers[0] instanceof Scale);
  assert.equal(other.layers[0].startValue, 5);
  assert.deepEqual(other.predict(x).arraySync(), [[5, 10]]);
});

test('several inputs and results in a functional model, shared and nested', async () => {
  const a = tf.input({ shape: [2] }), b = tf.input({ shape: [2] }), scale = new Scale();
  const [sum, product] = new SumAndProduct().apply([scale.apply(a), scale.apply(b)]);
  const inner = tf.model({ inputs: [a, b], outputs: [sum, product] });
  const c = tf.input({ shape: [2] }), model = tf.model({ inputs: c, outputs: inner.apply([c, c]) });
  const x = tf.tensor([[1, 3]]), want = [[[4, 12]], [[4, 36]]];
  assert.deepEqual(model.predict(x).map((y) => y.arraySync()), want);
  assert.deepEqual((await again(model)).predict(x).map((y) => y.arraySync()), want);
});

test('inside timeDistributed', () => {
  const model = tf.sequential({ layers: [tf.layers.timeDistributed({ layer: new Scale(), inputShape: [2, 1] })] });
  assert.deepEqual(model.predict(tf.tensor([[[1], [2]]])).arraySync(), [[[2], [4]]]);
});

test('a cell of one\'s own in rnn', async () => {
  const model = tf.sequential({ layers: [tf.layers.rnn({ cell: new Adder({ size: 1 }), returnSequences: true, inputShape: [3, 1] })] });
  const x = tf.tensor([[[1], [2], [3]]]), want = [[[1], [3], [6]]];
  assert.deepEqual(model.predict(x).arraySync(), want);
  assert.deepEqual((await again(model)).predict(x).arraySync(), want);
});

test('what a class throws comes out', () => {
  class Broken extends tf.layers.Layer {
    static className = 'Broken';
    call() { throw new Error('no such luck'); }
  }
  assert.throws(() => new Broken().apply(tf.tensor([1])), /no such luck/);
  assert.deepEqual(tf.layers.flatten().apply(tf.tensor([[1, 2]])).arraySync(), [[1, 2]]);
});

test('addLoss, call hooks, build, computeMask', async () => {
  const layer = tf.layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] }), model = tf.sequential({ layers: [layer] });
  layer.addLoss(() => tf.scalar(4));
  model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
  assert.equal(await model.trainOnBatch(tf.tensor([[1]]), tf.tensor([[1]])), 5);
  const seen = [];
  layer.setCallHook((inputs) => { seen.push(inputs.shape); });
  model.predict(tf.tensor([[1], [2]]));
  layer.clearCallHook();
  model.predict(tf.tensor([[1]]));
  assert.deepEqual(seen, [[2, 1]]);
  const embedding = tf.layers.embedding({ inputDim: 3, outputDim: 2, maskZero: true });
  embedding.build([null, 3]);
  assert.ok(embedding.built);
  assert.deepEqual(embedding.computeMask(tf.tensor([[1, 0, 2]])).arraySync(), [[1, 0, 1]]);
});

test('states of a stateful layer', () => {
  const layer = tf.layers.simpleRNN({ units: 1, stateful: true, activation: 'linear', kernelInitializer: 'ones', recurrentInitializer: 'ones', batchInputShape: [1, 1, 1] });
  const model = tf.sequential({ layers: [layer] }), x = tf.tensor([[[1]]]);
  assert.ok(layer instanceof tf.layers.RNN);
  assert.deepEqual(layer.getStates().map((s) => s.arraySync()), [[[0]]]);
  assert.deepEqual([1, 2].map(() => model.predict(x).arraySync()), [[[1]], [[2]]]);
  assert.deepEqual(layer.getStates()[0].arraySync(), [[2]]);
  layer.resetStates(tf.tensor([[9]]));
  assert.deepEqual(model.predict(x).arraySync(), [[10]]);
  layer.resetStates();
  assert.deepEqual(model.predict(x).arraySync(), [[1]]);
  assert.throws(() => layer.setStates([x, x]), /expects 1 state/);
  assert.throws(() => tf.layers.lstm({ units: 1 }).resetStates(), /not stateful/);
  assert.deepEqual(new tf.RNN({ cell: [tf.layers.lstmCell({ units: 2 }), tf.layers.gruCell({ units: 3 })] }).apply(tf.ones([1, 2, 2])).shape, [1, 3]);
});

test('registerClass refuses what has no name', () => {
  assert.throws(() => tf.serialization.registerClass(class {}), /className property/);
  assert.equal(tf.serialization.getRegisteredName(Scale), 'Custom>Scale');
});

test('a topology of Keras 3', async () => {
  const dtype = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
  const tensor = (name) => ({ class_name: '__keras_tensor__', config: { shape: [null, 2], dtype: 'float32', keras_history: [name, 0, 0] } });
  const initializer = { module: 'keras.initializers', class_name: 'Ones', config: {}, registered_name: null };
  const model = await tf.models.modelFromJSON({
    module: 'keras', class_name: 'Functional', registered_name: 'Functional', config: {
      name: 'functional', trainable: true, layers: [
        { module: 'keras.layers', class_name: 'InputLayer', name: 'x', config: { batch_shape: [null, 2], dtype: 'float32', sparse: false, name: 'x' }, inbound_nodes: [] },
        {
          module: 'keras.layers', class_name: 'Dense', name: 'a', config: { name: 'a', trainable: true, dtype, units: 2, activation: 'linear', use_bias: false, kernel_initializer: initializer },
          inbound_nodes: [{ args: [tensor('x')], kwargs: {} }],
        },
        { module: 'keras.layers', class_name: 'Add', name: 'sum', config: { name: 'sum', dtype }, inbound_nodes: [{ args: [[tensor('a'), tensor('x')]], kwargs: { mask: null } }] },
      ], input_layers: [['x', 0, 0]], output_layers: ['sum', 0, 0],
    },
  });
  assert.deepEqual(model.predict(tf.tensor([[1, 2]])).arraySync(), [[4, 5]]);
  assert.equal(model.inputs[0].dtype, 'float32');
});
