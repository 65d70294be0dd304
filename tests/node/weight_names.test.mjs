// Names of weights in files: unique, the same in each run of a program, and found under the names that
// Keras 2, Keras 3 and TensorFlow.js give them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, test } from 'node:test';
import { again, peer, saved, tf, waves } from '../lib/both.mjs';
import { same } from '../lib/programs/same.mjs';

after(() => peer.disposeVariables());

const dense = (units, name, more) => tf.layers.dense({ units, name, kernelInitializer: 'glorotUniform', ...more });
const stack = (name) => tf.sequential({ name, layers: [dense(3, 'one', { inputShape: [3] }), dense(3, 'two')] });
const names = ({ weightSpecs }) => weightSpecs.map(({ name }) => name);
const results = (model) =>
  tf.tidy(() =>
    [model.predict(model.inputs.map(({ shape }) => waves(tf, 2, ...shape.slice(1))))]
      .flat()
      .map((y) => [...y.dataSync()]),
  );
const load = (artifacts, options) => tf.loadLayersModel(tf.io.fromMemory(artifacts), options);

/** Values that tell weights apart. */
const number = (model) =>
  model.setWeights(
    model.weights.map((w, i) =>
      tf.tensor(
        Array.from({ length: w.size }, (_, k) => Math.sin(i * 7 + k) / 2 + 0.6),
        w.shape,
      ),
    ),
  );

async function roundTrip(model, wanted) {
  number(model);
  const file = await saved(tf, model);
  assert.equal(new Set(names(file)).size, file.weightSpecs.length);
  if (wanted) assert.deepEqual(names(file), wanted);
  same(results(await load(file)), results(model), 0, 'loaded');
  return file;
}

test('two inner models with layers of one name', async () => {
  const x = tf.input({ shape: [3] }),
    paths = (...models) => models.flatMap((m) => ['one', 'two'].flatMap((l) => [`${m}/${l}/kernel`, `${m}/${l}/bias`]));
  const model = tf.model({ inputs: x, outputs: dense(2, 'three').apply(stack('b').apply(stack('a').apply(x))) });
  await roundTrip(model, [...paths('a', 'b'), 'three/kernel', 'three/bias']);
});

test('a layer outside has the name of one inside', async () => {
  const x = tf.input({ shape: [3] });
  await roundTrip(tf.model({ inputs: x, outputs: dense(3, 'one').apply(stack('a').apply(x)) }), [
    'a/one/kernel',
    'a/one/bias',
    'two/kernel',
    'two/bias',
    'one/kernel',
    'one/bias',
  ]);
});

test('models in models in wrappers', async () => {
  const x = tf.input({ shape: [4, 3] }),
    steps = (name, inner) => tf.layers.timeDistributed({ layer: stack(inner), name });
  await roundTrip(tf.model({ inputs: x, outputs: steps('q', 'same').apply(steps('p', 'same').apply(x)) }));
});

test('names with slashes, and such that others would get', async () => {
  await roundTrip(
    tf.sequential({
      layers: [
        dense(3, 'a/one', { inputShape: [3] }),
        tf.sequential({ name: 'a', layers: [dense(3, 'one', { inputShape: [3] })] }),
        dense(2, 'one'),
      ],
    }),
  );
});

test('a layer inside a wrapper and outside stays one', async () => {
  const layer = dense(3, 'shared'),
    x = tf.input({ shape: [4, 3] }),
    y = tf.input({ shape: [3] });
  const model = tf.model({
    inputs: [x, y],
    outputs: [tf.layers.timeDistributed({ layer, name: 'steps' }).apply(x), layer.apply(y)],
  });
  await roundTrip(model);
  const copy = await again(tf, model),
    [steps, alone] = ['steps', 'shared'].map((name) => copy.getLayer(name));
  assert.equal(copy.weights.length, 2);
  alone.setWeights([tf.zeros([3, 3]), tf.ones([3])]);
  assert.deepEqual([...steps.apply(tf.ones([1, 1, 3])).dataSync()], [1, 1, 1]);
});

test('a model inside two others stays one', async () => {
  const base = stack('base'),
    x = tf.input({ shape: [3] });
  const part = (name) => {
    const i = tf.input({ shape: [3] });
    return tf.model({ name, inputs: i, outputs: dense(2, `${name}_top`).apply(base.apply(i)) });
  };
  const model = tf.model({ inputs: x, outputs: [part('p').apply(x), part('q').apply(x)] });
  await roundTrip(model);
  const copy = await again(tf, model);
  assert.equal(copy.getLayer('p').getLayer('base'), copy.getLayer('q').getLayer('base'));
  await roundTrip(copy);
});

test('layers of one id but other configs are others', async () => {
  const file = JSON.parse(
    JSON.stringify(await saved(tf, tf.sequential({ layers: [dense(3, 'a', { inputShape: [3] }), dense(3, 'b')] }))),
  );
  for (const layer of file.modelTopology.config.layers) layer.shared_object_id = 1;
  assert.equal((await tf.models.modelFromJSON(file.modelTopology)).weights.length, 4);
});

// ---- layers of one's own ----

const OWN = `
  class Block extends tf.layers.Layer {
    static className = 'Block';
    constructor(config) { super(config); this.first = tf.layers.dense({ units: 3 }); this.second = tf.layers.dense({ units: 3 }); }
    build(shape) {
      for (const layer of [this.first, this.second]) layer.build(shape);
      this._trainableWeights = [...this.first.trainableWeights, ...this.second.trainableWeights];
      this.built = true;
    }
    call(x) { return this.second.apply(this.first.apply([x].flat()[0])); }
    computeOutputShape(shape) { return shape; }
  }
  tf.serialization.registerClass(Block);`;

test('a layer of your own that holds layers is loaded in another process', async () => {
  const Block = new Function('tf', `${OWN} return Block;`)(tf),
    block = (name, more) => new Block({ name, ...more });
  for (let i = 0; i < 4; i++) tf.layers.dense({ units: 1 }); // names in use
  const model = tf.sequential({ layers: [block('p', { inputShape: [3] }), block('q'), dense(1, 'top')] });
  const file = await roundTrip(model);
  assert.deepEqual(names(file).slice(0, 4), ['p/dense/kernel', 'p/dense/bias', 'p/dense/kernel_1', 'p/dense/bias_1']);
  const program = `
    import * as tf from ${JSON.stringify(new URL('../../dist/tensorine.mjs', import.meta.url).href)};
    ${OWN}
    const { weightData, ...rest } = JSON.parse(${JSON.stringify(JSON.stringify({ ...file, weightData: [...new Uint8Array([file.weightData].flat()[0])] }))});
    const model = await tf.loadLayersModel(tf.io.fromMemory({ ...rest, weightData: new Uint8Array(weightData).buffer }));
    console.log(JSON.stringify([...model.predict(tf.tensor(${JSON.stringify([...waves(tf, 2, 3).dataSync()])}, [2, 3])).dataSync()]));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  same(JSON.parse(out), results(model)[0], 1e-6, 'in another process');
});

// ---- names of others ----

/** A model is saved, its weights renamed, and loaded again. */
async function renamed(model, rename) {
  number(model);
  const file = await saved(tf, model);
  const weightSpecs = file.weightSpecs.map((spec) => ({ ...spec, name: rename(spec.name) }));
  assert.notDeepEqual(names({ weightSpecs }), names(file));
  same(results(await load({ ...file, weightSpecs })), results(model), 0, names({ weightSpecs }).join(' '));
}

const steps = { inputShape: [4, 3] };
const RECURRENT = {
  lstm: () => tf.layers.lstm({ units: 3, name: 'lstm', recurrentInitializer: 'glorotUniform', ...steps }),
  gru: () => tf.layers.gru({ units: 3, name: 'gru', recurrentInitializer: 'glorotUniform', ...steps }),
  simple_rnn: () =>
    tf.layers.simpleRNN({ units: 3, name: 'simple_rnn', recurrentInitializer: 'glorotUniform', ...steps }),
  conv_lstm2d: () =>
    tf.layers.convLstm2d({
      filters: 2,
      kernelSize: 2,
      name: 'conv_lstm2d',
      recurrentInitializer: 'glorotUniform',
      inputShape: [2, 4, 4, 1],
    }),
};

for (const [name, make] of Object.entries(RECURRENT)) {
  const cell = name.startsWith('conv') ? 'conv_lstm_cell' : `${name}_cell`;
  test(`${name}: the cell's and the model's names around the weight's`, async () => {
    const model = () => tf.sequential({ name: 's', layers: [make(), dense(2, 'dense')] });
    await renamed(model(), (n) => n.replace(`${name}/`, `${name}/${cell}/`));
    await renamed(model(), (n) => `s/${n.replace(`${name}/`, `${name}/${cell}/`)}`);
    await renamed(model(), (n) => `sequential_4/${n.replace(`${name}/`, `${name}/${cell}_8/`)}`);
    await renamed(model(), (n) => `a/b/c/${n.replace(`${name}/`, `${name}/d/${cell}/`)}:0`);
  });
}

test('Bidirectional: either way finds its own', async () => {
  const model = () =>
    tf.sequential({
      name: 's',
      layers: [tf.layers.bidirectional({ layer: RECURRENT.lstm(), name: 'bidirectional', ...steps })],
    });
  for (const front of ['', 's/', 'sequential_1/'])
    await renamed(model(), (n) => front + n.replace('_lstm/', '_lstm/lstm_cell/'));
});

test('TimeDistributed: by its own name, that of the layer inside, or both', async () => {
  const model = () =>
    tf.sequential({
      name: 's',
      layers: [tf.layers.timeDistributed({ layer: dense(2, 'inside'), name: 'steps', ...steps }), dense(2, 'dense')],
    });
  await renamed(model(), (n) => n.replace('steps/', 's/steps/inside/'));
  await renamed(model(), (n) => n.replace('steps/', 'inside/'));
});

test('stacked cells', async () => {
  const cell = (units, name) => tf.layers.lstmCell({ units, name, recurrentInitializer: 'glorotUniform' });
  const model = () =>
    tf.sequential({
      name: 's',
      layers: [tf.layers.rnn({ cell: [cell(3, 'c1'), cell(3, 'c2')], name: 'rnn', ...steps })],
    });
  await renamed(model(), (n) => `s/${n}`);
  await renamed(model(), (n) =>
    n.replace('RNNCell_0', 'stacked_rnn_cells/c1').replace('RNNCell_1', 'stacked_rnn_cells/c2'),
  );
});

test('DepthwiseConv2D calls its weight kernel in Keras 3, SeparableConv2D has two', async () => {
  const conv = (make, name) =>
    tf.sequential({
      name: 's',
      layers: [make({ name, kernelSize: 2, filters: 2, inputShape: [4, 4, 2] }), tf.layers.flatten()],
    });
  await renamed(conv(tf.layers.depthwiseConv2d, 'depthwise_conv2d'), (n) => n.replace('depthwise_kernel', 'kernel'));
  await renamed(
    conv(tf.layers.depthwiseConv2d, 'depthwise_conv2d'),
    (n) => `s/${n.replace('depthwise_kernel', 'kernel')}`,
  );
  await renamed(conv(tf.layers.separableConv2d, 'separable_conv2d'), (n) => `s/${n}`);
  await assert.rejects(
    renamed(conv(tf.layers.separableConv2d, 'separable_conv2d'), (n) => n.replace('depthwise_kernel', 'kernel')),
    /no target variable/,
  );
});

test('numbers in place of names', async () => {
  await renamed(
    tf.sequential({ layers: [tf.layers.batchNormalization({ name: 'norm', inputShape: [3] }), dense(2, 'dense')] }),
    (n) =>
      n.replace(
        /\/.*/,
        `/${{ gamma: 0, beta: 1, moving_mean: 2, moving_variance: 3, kernel: 0, bias: 1 }[n.split('/')[1]]}`,
      ),
  );
});

test('models in front, also of nested ones with layers of one name', async () => {
  const x = tf.input({ shape: [3] });
  const model = () => tf.model({ name: 'outer', inputs: x, outputs: stack('b').apply(stack('a').apply(x)) });
  await renamed(model(), (n) => `outer/${n}`);
  await renamed(model(), (n) => n.replace('a/', 'functional_3/a/'));
});

test('equal names in a file: each goes to one weight, in order', async () => {
  const x = tf.input({ shape: [3] }),
    make = () => tf.model({ inputs: x, outputs: stack('b').apply(stack('a').apply(x)) });
  await renamed(make(), (n) => n.slice(2));
  const plain = tf.sequential({ layers: [dense(3, 'one', { inputShape: [3] })] }),
    file = await saved(tf, plain);
  const twice = {
    ...file,
    weightSpecs: file.weightSpecs.flatMap((spec) => [spec, spec]),
    weightData: new Float32Array(24).buffer,
  };
  await assert.rejects(load(twice), /no target variable: one\/kernel/);
  assert.ok(await load(twice, { strict: false }));
});

test('what is of no layer is refused', async () => {
  const file = await saved(tf, stack('s')),
    named = (name) => ({ ...file, weightSpecs: file.weightSpecs.map((spec, i) => (i ? spec : { ...spec, name })) });
  for (const name of [
    'other/kernel',
    'kernel',
    's/kernel',
    'one/other',
    'xone/kernel',
    'onex/kernel',
    'one/kernels',
    '/kernel',
    '',
    'one/7',
  ])
    await assert.rejects(load(named(name)), /no target variable/, name);
});

test('the order of weights does not depend on what is frozen', () => {
  const make = () =>
    tf.sequential({
      layers: [dense(3, 'one', { inputShape: [3] }), dense(3, 'two'), tf.layers.batchNormalization({ name: 'norm' })],
    });
  const from = make(),
    to = make();
  from.layers[0].trainable = false;
  to.layers[1].trainable = false;
  number(from);
  to.setWeights(from.getWeights());
  same(results(to), results(from), 0, 'copied');
  const order = to.weights.map((w) => w.originalName);
  to.trainable = false;
  assert.deepEqual(
    to.weights.map((w) => w.originalName),
    order,
  );
  assert.deepEqual(order.slice(-2), ['norm/moving_mean', 'norm/moving_variance']);
});
