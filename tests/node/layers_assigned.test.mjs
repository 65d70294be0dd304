// What a program assigns to layers and models reaches what is computed, or throws; weights and parts as
// properties; classes that override the getters of their weights.
import test from 'node:test';
import assert from 'node:assert';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { CELLS, configOf, inputsOf, LAYERS, numbers as someNumbers, otherValue, product } from '../lib/layers.mjs';

const tf = createRequire(import.meta.url)('../../dist/tensorine.cjs');
const typed = (message) => (error) => error instanceof tf.TensorineError && message.test(error.message);
const numbers = (t) => {
  const v = [...t.dataSync()];
  t.dispose();
  return v;
};
const near = (a, b) => a.forEach((v, i) => assert.ok(Math.abs(v - b[i]) < 1e-6, `${a} is not ${b}`));

test('fields of layers: the next call has them, plans too', () => {
  const x = tf.tensor2d([[-2, -0.5, 0.5, 2]]);
  const cases = [
    [tf.layers.leakyReLU({ alpha: 0.1, inputShape: [4] }), 'alpha', 0.5, [-1, -0.25, 0.5, 2]],
    [tf.layers.thresholdedReLU({ theta: 1, inputShape: [4] }), 'theta', 0.1, [0, 0, 0.5, 2]],
    [tf.layers.elu({ alpha: 1, inputShape: [4] }), 'alpha', 2, [2 * Math.expm1(-2), 2 * Math.expm1(-0.5), 0.5, 2]],
    [tf.layers.activation({ activation: 'linear', inputShape: [4] }), 'activation', 'relu', [0, 0, 0.5, 2]],
    [
      tf.layers.dense({ units: 4, kernelInitializer: 'identity', inputShape: [4] }),
      'activation',
      'relu',
      [0, 0, 0.5, 2],
    ],
    [tf.layers.rescaling({ scale: 1, inputShape: [4] }), 'scale', 3, [-6, -1.5, 1.5, 6]],
  ];
  for (const [layer, field, value, want] of cases) {
    const model = tf.sequential({ layers: [layer] });
    for (let i = 0; i < 4; i++) model.predict(x).dispose(); // a plan is made
    layer[field] = value;
    for (let i = 0; i < 4; i++) near(numbers(model.predict(x)), want);
    const read = layer[field];
    assert.equal(typeof read === 'object' ? read.getClassName() : read, value);
    model.dispose();
  }
  x.dispose();
});

test('dropout and noise while training', () => {
  const x = tf.ones([4, 100]);
  const dropout = tf.layers.dropout({ rate: 0.5, inputShape: [100] }),
    noise = tf.layers.gaussianNoise({ stddev: 1 });
  assert.ok(numbers(dropout.apply(x, { training: true })).includes(0));
  dropout.rate = 0;
  noise.stddev = 0;
  assert.ok(numbers(dropout.apply(x, { training: true })).every((v) => v === 1));
  assert.ok(numbers(noise.apply(x, { training: true })).every((v) => v === 1));
  const norm = tf.layers.batchNormalization({ momentum: 0.9, inputShape: [100] });
  norm.build([null, 100]);
  norm.momentum = 0;
  norm.apply(x, { training: true }).dispose();
  assert.equal(norm.movingMean.dataSync()[0], 1);
  norm.dispose();
  x.dispose();
});

test('what cannot be changed throws, and what was stays', () => {
  const dense = tf.layers.dense({ units: 2, inputShape: [3] }),
    repeat = tf.layers.repeatVector({ n: 3 });
  const model = tf.sequential({ layers: [dense, repeat] });
  assert.throws(
    () => {
      dense.units = 5;
    },
    typed(/units cannot be changed/),
  );
  assert.throws(
    () => {
      repeat.n = 4;
    },
    typed(/n cannot be changed/),
  );
  assert.throws(
    () => {
      dense.activation = 'nonsense';
    },
    typed(/nonsense/),
  );
  assert.throws(
    () => {
      dense.activation = 'glu';
    },
    typed(/activation cannot be changed.*shape of its result/),
  );
  assert.throws(
    () => {
      dense.kernel = 5;
    },
    typed(/weight/),
  );
  assert.throws(() => {
    dense.name = 5;
  }, typed(/name/));
  assert.equal(dense.units, 2);
  assert.equal(repeat.n, 3);
  const alone = tf.layers.repeatVector({ n: 3 });
  alone.n = 2;
  assert.deepEqual(alone.apply(tf.input({ shape: [5] })).shape, [null, 2, 5]);
  model.dispose();
});

test('names: two copies of one model in a model', async () => {
  const made = tf.sequential({ name: 'inner', layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'd' })] });
  const copy = async () => tf.models.modelFromJSON(made.toJSON(null, false));
  const a = await copy(),
    b = await copy();
  a.name = 'first';
  b.name = 'second';
  a.layers[0].name = 'd1';
  const x = tf.input({ shape: [3] });
  const both = tf.model({ inputs: x, outputs: tf.layers.add().apply([a.apply(x), b.apply(x)]) });
  assert.equal(both.getLayer('first').name, 'first');
  assert.equal(a.layers[0].weights[0].originalName.includes('d1/kernel'), true);
  assert.ok(JSON.stringify(both.toJSON(null, false)).includes('"second"'));
  both.dispose();
  made.dispose();
});

test('weights and parts are properties', () => {
  const dense = tf.layers.dense({
    units: 2,
    inputShape: [3],
    activation: 'relu',
    kernelInitializer: 'ones',
    kernelRegularizer: 'l2',
  });
  assert.equal(dense.kernel, null);
  dense.build([null, 3]);
  assert.deepEqual(dense.kernel.shape, [3, 2]);
  assert.deepEqual(dense.bias.shape, [2]);
  assert.deepEqual(dense.kernel.read().dataSync(), new Float32Array(6).fill(1));
  assert.equal(dense.activation.getClassName(), 'relu');
  assert.deepEqual(numbers(tf.tidy(() => dense.activation.apply(tf.tensor1d([-1, 2])))), [0, 2]);
  assert.equal(dense.kernelInitializer.getClassName(), 'Ones');
  assert.equal(dense.kernelRegularizer.getClassName(), 'L1L2');
  const norm = tf.layers.batchNormalization({});
  norm.build([null, 4]);
  for (const name of ['gamma', 'beta', 'movingMean', 'movingVariance']) assert.deepEqual(norm[name].shape, [4]);
  const embedding = tf.layers.embedding({ inputDim: 5, outputDim: 2 });
  embedding.build([null, 3]);
  assert.deepEqual(embedding.embeddings.shape, [5, 2]);
  const lstm = tf.layers.lstm({ units: 2 });
  lstm.build([null, 3, 4]);
  assert.deepEqual(lstm.cell.recurrentKernel.shape, [2, 8]);
  for (const layer of [dense, norm, embedding, lstm]) layer.dispose();
});

test('a class that overrides the getters of its weights trains and saves its inner layers', async () => {
  for (const how of ['trainableWeights', 'weights']) {
    class Outer extends tf.layers.Layer {
      static className = `Outer_${how}`;
      constructor(config) {
        super(config ?? {});
        this.inner = tf.layers.dense({ units: 1, kernelInitializer: 'zeros', name: 'inside' });
      }
      build(shape) {
        this.scale = this.addWeight('scale', [1], 'float32', 'ones');
        this.inner.build(shape);
        super.build(shape);
      }
      computeOutputShape(shape) {
        return [shape[0], 1];
      }
      call(x) {
        return tf.tidy(() => this.inner.apply(Array.isArray(x) ? x[0] : x).mul(this.scale.read()));
      }
    }
    Object.defineProperty(Outer.prototype, how, {
      get() {
        const own = Object.getOwnPropertyDescriptor(tf.layers.Layer.prototype, how).get.call(this);
        return [...this.inner[how], ...own];
      },
    });
    tf.serialization.registerClass(Outer);
    const layer = new Outer({ inputShape: [2] });
    const model = tf.sequential({ layers: [layer] });
    assert.equal(model.trainableWeights.length, 3, how);
    assert.equal(model.countParams(), 4);
    model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
    const x = tf.tensor2d([
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
      y = tf.tensor2d([[1], [2], [3]]);
    const { history } = await model.fit(x, y, { epochs: 60, shuffle: false, verbose: 0 });
    assert.ok(history.loss.at(-1) < 0.05, `the loss is ${history.loss.at(-1)}`);
    const values = layer.getWeights().map((w) => w.clone());
    layer.setWeights(values);
    const want = numbers(model.predict(x));
    const saved = await new Promise((resolve) => model.save(tf.io.withSaveHandler(async (a) => (resolve(a), {}))));
    assert.equal(saved.weightSpecs.length, 3);
    near(numbers(model.predict(x)), want);
    tf.dispose([values, x, y]);
    model.dispose();
  }
});

test('masks of eager results, lists of model.call, inputs that were not declared', () => {
  tf.tidy(() => {
    const embedding = tf.layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true });
    assert.deepEqual([...embedding.apply(tf.tensor2d([[1, 0, 2]], [1, 3], 'int32')).kerasMask.dataSync()], [1, 0, 1]);
    const masking = tf.layers.masking({ maskValue: 0 });
    assert.deepEqual(
      [
        ...masking
          .apply(
            tf.tensor3d([
              [
                [1, 1],
                [0, 0],
              ],
            ]),
          )
          .kerasMask.dataSync(),
      ],
      [1, 0],
    );
    const model = tf.sequential({ layers: [tf.layers.reLU({ inputShape: [2] })] });
    const results = model.call(tf.tensor2d([[-1, 2]]), {});
    assert.ok(Array.isArray(results));
    assert.deepEqual([...results[0].dataSync()], [0, 2]);
    const input = tf.layers.inputLayer({ inputShape: [3] });
    assert.throws(() => input.apply(tf.ones([2, 4])), typed(/must have shape \[null, 3\]/));
    assert.deepEqual(input.apply(tf.ones([2, 3])).shape, [2, 3]);
    embedding.dispose();
  });
});

test('an inputShape that contradicts the layer before warns', () => {
  const { warn } = console,
    said = [];
  console.warn = (text) => said.push(text);
  try {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    model.add(tf.layers.dense({ units: 1, inputShape: [3] }));
    assert.deepEqual(said, []);
    model.add(tf.layers.dense({ units: 1, inputShape: [7] }));
    assert.match(said[0], /\[null,1\].*\[null,7\]/);
    model.dispose();
  } finally {
    console.warn = warn;
  }
});

// ---- each field of each layer ----

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
/** Not by the seed: noise, and what is drawn from the beta distribution. */
const UNSEEDED = new Set(['randomErasing', 'mixUp', 'cutMix', 'randAugment', 'augMix', 'randomElasticTransform']);
/** Getters of every layer, not fields. */
const GETTERS = new Set(['outputShape']);

const whole = (layer, name) => (CELLS[name] ? tf.layers.rnn({ cell: layer }) : layer);
const setAll = (layer) =>
  tf.tidy(() =>
    layer.setWeights(
      layer.weights.map((w) =>
        w.dtype === 'float32'
          ? tf.tensor(someNumbers(product(w.shape), 0.8, w.name.includes('variance') ? 0.3 : -0.5), w.shape)
          : w,
      ),
    ),
  );
/** What a layer does, with given weights: results, results while training, penalties; or that it refuses. */
function doings(layer, name, seeded) {
  const run = (training) =>
    tf.tidy(() =>
      [layer.apply(inputsOf(tf, name), { training })].flat().map((y) => [y.dtype, y.shape, ...y.dataSync()]),
    );
  try {
    run(false);
    setAll(layer);
    if (layer.stateful) layer.resetStates();
    const done = [run(false), ...(seeded ? [run(true)] : [])];
    return JSON.stringify([done, tf.tidy(() => layer.calculateLosses().map((loss) => loss.dataSync()[0]))]);
  } catch (error) {
    assert.ok(error instanceof tf.TensorineError, `${name}: ${error.stack}`);
    return error.message.replace(/\d+/g, '');
  }
}

test('each field of each layer: what is assigned works as what was given, or is refused', () => {
  const { warn } = console,
    before = tf.memory().numTensors;
  let same = 0,
    refused = 0;
  console.warn = () => {};
  for (const { name, fields } of declared.layer.filter(
    (l) => l.name !== 'inputLayer' && (LAYERS[l.name] ?? CELLS[l.name]),
  )) {
    const seed = fields.some((f) => f.kind === 'seed') ? { seed: 3 } : {};
    for (const f of fields.filter((field) => !GETTERS.has(field.name))) {
      const value = f.kind === 'seed' ? 7 : otherValue(name, f);
      if (value === undefined) continue;
      for (const built of [false, true]) {
        const more = { ...seed, ...(f.name === 'padToMaxTokens' && { maxTokens: 9 }) };
        const make = (given) => whole(tf.layers[name]({ ...configOf(tf, name), ...more, ...given }), name);
        const layer = make({}),
          what = `${name}.${f.name} = ${JSON.stringify(value)}, ${built ? 'built' : 'new'}`;
        if (built)
          tf.tidy(() => {
            layer.apply(inputsOf(tf, name));
          });
        try {
          (CELLS[name] ? layer.cell : layer)[f.name] = value;
        } catch (error) {
          assert.ok(error instanceof tf.TensorineError, `${what}: ${error.stack}`);
          refused++;
          if (layer.built) layer.dispose();
          continue;
        }
        const other = make({ [f.name]: value }),
          seeded = !UNSEEDED.has(name);
        assert.equal(doings(layer, name, seeded), doings(other, name, seeded), what);
        same++;
        for (const made of [layer, other]) if (made.built) made.dispose();
      }
    }
  }
  console.warn = warn;
  assert.ok(same > 1400 && refused > 300, `${same} are the same, ${refused} refused`);
  assert.equal(tf.memory().numTensors, before);
});

test('what reaches weights, penalties and vocabularies that are there', () =>
  tf.tidy(() => {
    const dense = tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones' });
    const model = tf.sequential({ layers: [dense] });
    assert.equal(model.calculateLosses().length, 0);
    dense.kernelRegularizer = tf.regularizers.l2({ l2: 0.5 });
    near([model.calculateLosses()[0].dataSync()[0]], [1]);
    dense.kernelConstraint = 'nonNeg';
    dense.kernel.write(tf.tensor2d([[-1], [2]]));
    near(numbers(dense.kernel.clone()), [0, 2]);
    const lookup = tf.layers.integerLookup();
    lookup.adapt(tf.tensor1d([5, 5, 7], 'int32'));
    near(numbers(lookup.apply(tf.tensor1d([5, 7, 9], 'int32'))), [1, 2, 0]);
    lookup.outputMode = 'count';
    near(numbers(lookup.apply(tf.tensor1d([5, 5, 9], 'int32'))), [1, 2, 0]); // what it learned is there
    lookup.vocabulary = [9];
    near(numbers(lookup.apply(tf.tensor1d([5, 5, 9], 'int32'))), [2, 1]);
    model.dispose();
  }));

test('dtype and batchInputShape: of a layer that is not connected', () => {
  const dense = tf.layers.dense({ units: 1 });
  dense.batchInputShape = [null, 3];
  const model = tf.sequential({ layers: [dense] });
  assert.deepEqual(model.inputs[0].shape, [null, 3]);
  assert.throws(
    () => {
      dense.batchInputShape = [null, 4];
    },
    typed(/batchInputShape cannot be changed any more/),
  );
  assert.throws(
    () => {
      dense.dtype = 'int32';
    },
    typed(/dtype cannot be changed any more/),
  );
  assert.throws(
    () => {
      tf.layers.dense({ units: 1 }).batchInputShape = 3;
    },
    typed(/batchInputShape must be a list .* as \[null, 3\]/),
  );
  assert.throws(
    () => {
      tf.layers.dense({ units: 1 }).dtype = 'float';
    },
    typed(/dtype must be one of/),
  );
  const embedding = tf.layers.reLU({ inputShape: [2] });
  embedding.dtype = 'int32';
  assert.equal(tf.sequential({ layers: [embedding] }).inputs[0].dtype, 'int32');
  model.dispose();
});
