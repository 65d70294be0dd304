// Layers of a caller's own classes, alone and in models, trained, saved and loaded; cells; hooks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { again as loaded, both, waves } from '../lib/both.mjs';

class Scale extends tf.layers.Layer {
  static className = 'Scale';
  constructor(config = {}) {
    super(config);
    this.startValue = config.startValue ?? 2;
    this.supportsMasking = true;
  }
  build(inputShape) {
    this.factor = this.addWeight(
      'factor',
      [inputShape.at(-1)],
      'float32',
      tf.initializers.constant({ value: this.startValue }),
    );
    super.build(inputShape);
  }
  computeOutputShape(inputShape) {
    return inputShape;
  }
  call(inputs) {
    return tf.tidy(() => tf.mul([inputs].flat()[0], this.factor.read()));
  }
  getConfig() {
    return { ...super.getConfig(), startValue: this.startValue };
  }
}
tf.serialization.registerClass(Scale);

class SumAndProduct extends tf.layers.Layer {
  static className = 'SumAndProduct';
  computeOutputShape(shapes) {
    return [shapes[0], shapes[0]];
  }
  call([a, b]) {
    return [a.add(b), a.mul(b)];
  }
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
  getConfig() {
    return { ...super.getConfig(), size: this.stateSize };
  }
}
tf.serialization.registerClass(Adder);

const saved = async (model) => {
  let artifacts;
  await model.save(
    tf.io.withSaveHandler(async (a) => {
      artifacts = a;
      return { modelArtifactsInfo: {} };
    }),
  );
  return artifacts;
};
const again = async (model) => tf.loadLayersModel(tf.io.fromMemory(await saved(model)));

test('a class applied to tensors and to symbols', () => {
  const layer = new Scale({ startValue: 3 }),
    y = layer.apply(tf.tensor([[1, 2]]));
  assert.deepEqual(y.arraySync(), [[3, 6]]);
  assert.equal(layer.getClassName(), 'Scale');
  assert.ok(layer.name.startsWith('scale_Scale'));
  assert.deepEqual(
    layer.weights.map((w) => w.shape),
    [[2]],
  );
  assert.deepEqual(new Scale().apply(tf.input({ shape: [4, 3] })).shape, [null, 4, 3]);
  assert.equal(layer.countParams(), 2);
});

test('a class trains in a sequential model, and freezes', async () => {
  const model = tf.sequential({
    layers: [new Scale({ inputShape: [2], name: 'mine' }), tf.layers.dense({ units: 1, kernelInitializer: 'ones' })],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  const x = tf.tensor([
      [1, 2],
      [3, 4],
    ]),
    y = tf.tensor([[1], [2]]),
    before = model.layers[0].getWeights()[0].arraySync();
  const { history } = await model.fit(x, y, { epochs: 3, verbose: 0 });
  assert.ok(history.loss[2] < history.loss[0] || history.loss[0] > 0);
  assert.notDeepEqual(model.layers[0].getWeights()[0].arraySync(), before);
  model.layers[0].trainable = false;
  assert.equal(model.trainableWeights.length, 2);
  let lines = '';
  model.summary(undefined, undefined, (line) => {
    lines += line;
  });
  assert.match(lines, /mine \(Scale\)/);
});

test('the gradient through a class is that of its ops', () => {
  const layer = new Scale();
  const g = tf.grad((x) => layer.apply(x).square().sum())(tf.tensor([[1, 2]]));
  assert.deepEqual(g.arraySync(), [[8, 16]]);
});

test('saved and loaded with its config and weights', async () => {
  const model = tf.sequential({ layers: [new Scale({ inputShape: [2], startValue: 5 })] });
  const other = await again(model),
    x = tf.tensor([[1, 2]]);
  assert.ok(other.layers[0] instanceof Scale);
  assert.equal(other.layers[0].startValue, 5);
  assert.deepEqual(other.predict(x).arraySync(), [[5, 10]]);
});

test('several inputs and results in a functional model, shared and nested', async () => {
  const a = tf.input({ shape: [2] }),
    b = tf.input({ shape: [2] }),
    scale = new Scale();
  const [sum, product] = new SumAndProduct().apply([scale.apply(a), scale.apply(b)]);
  const inner = tf.model({ inputs: [a, b], outputs: [sum, product] });
  const c = tf.input({ shape: [2] }),
    model = tf.model({ inputs: c, outputs: inner.apply([c, c]) });
  const x = tf.tensor([[1, 3]]),
    want = [[[4, 12]], [[4, 36]]];
  assert.deepEqual(
    model.predict(x).map((y) => y.arraySync()),
    want,
  );
  assert.deepEqual(
    (await again(model)).predict(x).map((y) => y.arraySync()),
    want,
  );
});

test('inside timeDistributed', () => {
  const model = tf.sequential({ layers: [tf.layers.timeDistributed({ layer: new Scale(), inputShape: [2, 1] })] });
  assert.deepEqual(model.predict(tf.tensor([[[1], [2]]])).arraySync(), [[[2], [4]]]);
});

test("a cell of one's own in rnn", async () => {
  const model = tf.sequential({
    layers: [tf.layers.rnn({ cell: new Adder({ size: 1 }), returnSequences: true, inputShape: [3, 1] })],
  });
  const x = tf.tensor([[[1], [2], [3]]]),
    want = [[[1], [3], [6]]];
  assert.deepEqual(model.predict(x).arraySync(), want);
  assert.deepEqual((await again(model)).predict(x).arraySync(), want);
});

test('what a class throws comes out', () => {
  class Broken extends tf.layers.Layer {
    static className = 'Broken';
    call() {
      throw new Error('no such luck');
    }
  }
  assert.throws(() => new Broken().apply(tf.tensor([1])), /no such luck/);
  assert.deepEqual(
    tf.layers
      .flatten()
      .apply(tf.tensor([[1, 2]]))
      .arraySync(),
    [[1, 2]],
  );
});

test('addLoss, call hooks, build, computeMask', async () => {
  const layer = tf.layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] }),
    model = tf.sequential({ layers: [layer] });
  layer.addLoss(() => tf.scalar(4));
  model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
  assert.equal(await model.trainOnBatch(tf.tensor([[1]]), tf.tensor([[1]])), 5);
  const seen = [];
  layer.setCallHook((inputs) => {
    seen.push(inputs[0].shape);
  });
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
  const layer = tf.layers.simpleRNN({
    units: 1,
    stateful: true,
    activation: 'linear',
    kernelInitializer: 'ones',
    recurrentInitializer: 'ones',
    batchInputShape: [1, 1, 1],
  });
  const model = tf.sequential({ layers: [layer] }),
    x = tf.tensor([[[1]]]);
  assert.ok(layer instanceof tf.layers.RNN);
  assert.deepEqual(
    layer.getStates().map((s) => s.arraySync()),
    [[[0]]],
  );
  assert.deepEqual(
    [1, 2].map(() => model.predict(x).arraySync()),
    [[[1]], [[2]]],
  );
  assert.deepEqual(layer.getStates()[0].arraySync(), [[2]]);
  layer.resetStates(tf.tensor([[9]]));
  assert.deepEqual(model.predict(x).arraySync(), [[10]]);
  layer.resetStates();
  assert.deepEqual(model.predict(x).arraySync(), [[1]]);
  assert.throws(() => layer.setStates([x, x]), /expects 1 state/);
  assert.throws(() => tf.layers.lstm({ units: 1 }).resetStates(), /not stateful/);
  assert.deepEqual(
    new tf.RNN({ cell: [tf.layers.lstmCell({ units: 2 }), tf.layers.gruCell({ units: 3 })] }).apply(tf.ones([1, 2, 2]))
      .shape,
    [1, 3],
  );
});

test('registerClass refuses what has no name', () => {
  assert.throws(() => tf.serialization.registerClass(class {}), /className property/);
  assert.equal(tf.serialization.getRegisteredName(Scale), 'Custom>Scale');
});

test('a topology of Keras 3', async () => {
  const dtype = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
  const tensor = (name) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 2], dtype: 'float32', keras_history: [name, 0, 0] },
  });
  const initializer = { module: 'keras.initializers', class_name: 'Ones', config: {}, registered_name: null };
  const model = await tf.models.modelFromJSON({
    module: 'keras',
    class_name: 'Functional',
    registered_name: 'Functional',
    config: {
      name: 'functional',
      trainable: true,
      layers: [
        {
          module: 'keras.layers',
          class_name: 'InputLayer',
          name: 'x',
          config: { batch_shape: [null, 2], dtype: 'float32', sparse: false, name: 'x' },
          inbound_nodes: [],
        },
        {
          module: 'keras.layers',
          class_name: 'Dense',
          name: 'a',
          config: {
            name: 'a',
            trainable: true,
            dtype,
            units: 2,
            activation: 'linear',
            use_bias: false,
            kernel_initializer: initializer,
          },
          inbound_nodes: [{ args: [tensor('x')], kwargs: {} }],
        },
        {
          module: 'keras.layers',
          class_name: 'Add',
          name: 'sum',
          config: { name: 'sum', dtype },
          inbound_nodes: [{ args: [[tensor('a'), tensor('x')]], kwargs: { mask: null } }],
        },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: ['sum', 0, 0],
    },
  });
  assert.deepEqual(model.predict(tf.tensor([[1, 2]])).arraySync(), [[4, 5]]);
  assert.equal(model.inputs[0].dtype, 'float32');
});

// ---- against TensorFlow.js: the same classes, trained in all places, by all ways ----

const classes = new Map();
/** Classes of layers on one of the two libraries. */
function made(lib) {
  if (classes.has(lib)) return classes.get(lib);
  const first = (x) => (Array.isArray(x) ? x[0] : x);
  class Affine extends lib.layers.Layer {
    static className = 'Affine';
    constructor(config) {
      super(config);
      Object.assign(this, { units: config.units, penalty: config.penalty, supportsMasking: true });
    }
    build(shape) {
      this.w = this.addWeight(
        'w',
        [shape.at(-1), this.units],
        'float32',
        lib.initializers.ones(),
        this.penalty ? lib.regularizers.l2({ l2: 0.1 }) : null,
      );
      this.b = this.addWeight('b', [this.units], 'float32', lib.initializers.zeros(), null, false);
      super.build(shape);
    }
    computeOutputShape(shape) {
      return [...shape.slice(0, -1), this.units];
    }
    call(inputs, kwargs) {
      this.seen = [Array.isArray(inputs), Object.keys(kwargs), kwargs.training];
      return lib.tidy(() => {
        const x = first(inputs);
        return x
          .reshape([-1, x.shape.at(-1)])
          .matMul(this.w.read())
          .add(this.b.read())
          .reshape([...x.shape.slice(0, -1), this.units]);
      });
    }
    getConfig() {
      return { ...super.getConfig(), units: this.units, penalty: this.penalty };
    }
  }
  class Square extends lib.layers.Layer {
    static className = 'Square';
    call(inputs) {
      return lib.square(inputs[0]);
    }
  }
  class Fork extends lib.layers.Layer {
    static className = 'Fork';
    computeOutputShape(shape) {
      return [shape, shape];
    }
    call(inputs) {
      return [first(inputs).add(1), first(inputs).mul(2)];
    }
  }
  class Sum extends lib.layers.Layer {
    static className = 'Sum';
    computeOutputShape(shapes) {
      return shapes[0];
    }
    call(inputs) {
      return lib.addN(inputs);
    }
  }
  class Step extends lib.layers.RNNCell {
    static className = 'Step';
    constructor(config) {
      super(config);
      this.stateSize = this.units = config.units;
    }
    build(shape) {
      this.k = this.addWeight('k', [shape.at(-1), this.units], 'float32', lib.initializers.ones());
      this.built = true;
    }
    call([x, h]) {
      return lib.tidy(() => {
        const y = x.matMul(this.k.read()).add(h.mul(0.5));
        return [y, y.clone()];
      });
    }
    getConfig() {
      return { ...super.getConfig(), units: this.units };
    }
  }
  for (const cls of [Affine, Square, Fork, Sum, Step]) lib.serialization.registerClass(cls);
  classes.set(lib, { Affine, Square, Fork, Sum, Step });
  return classes.get(lib);
}

const dense = (lib, config) => lib.layers.dense({ units: 1, kernelInitializer: 'ones', ...config });
const PLACES = {
  first: (lib, { Affine }) => [new Affine({ units: 3, inputShape: [2] }), dense(lib)],
  middle: (lib, { Affine }) => [dense(lib, { units: 2, inputShape: [2] }), new Affine({ units: 3 }), dense(lib)],
  last: (lib, { Affine }) => [dense(lib, { units: 2, inputShape: [2] }), new Affine({ units: 1 })],
  'with a penalty': (lib, { Affine }) => [new Affine({ units: 3, inputShape: [2], penalty: true }), dense(lib)],
  frozen: (lib, { Affine }) => [new Affine({ units: 3, inputShape: [2], trainable: false }), dense(lib)],
  'without weights': (lib, { Square }) => [dense(lib, { inputShape: [2] }), new Square({})],
  'in a model': (lib, { Affine, Square }) => [
    lib.sequential({ layers: [new Affine({ units: 3, inputShape: [2] }), new Square({})] }),
    dense(lib),
  ],
  'at each step': (lib, { Affine }) => [
    lib.layers.reshape({ targetShape: [2, 1], inputShape: [2] }),
    lib.layers.timeDistributed({ layer: new Affine({ units: 2 }) }),
    lib.layers.flatten(),
    dense(lib),
  ],
  'as a cell': (lib, { Step }) => [
    lib.layers.reshape({ targetShape: [2, 1], inputShape: [2] }),
    lib.layers.rnn({ cell: new Step({ units: 2 }) }),
    dense(lib),
  ],
};
const stack = (lib, layers) => {
  const model = lib.sequential({ layers: layers(lib, made(lib)) });
  model.compile({ optimizer: lib.train.sgd(0.01), loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
};
for (const [place, layers] of Object.entries(PLACES))
  test(`a class of one's own ${place}: fit, fitDataset, trainOnBatch, files`, async () => {
    await both(async (lib) => {
      const m = stack(lib, layers),
        { history } = await m.fit(waves(lib, 6, 2), waves(lib, 6, 1), {
          epochs: 2,
          batchSize: 2,
          shuffle: false,
          validationSplit: 0.34,
          verbose: 0,
        });
      return [history.loss, history.val_mae];
    });
    await both(async (lib) => {
      const m = stack(lib, layers),
        rows = { xs: lib.data.array(waves(lib, 6, 2).arraySync()), ys: lib.data.array(waves(lib, 6, 1).arraySync()) };
      const { history } = await m.fitDataset(lib.data.zip(rows).batch(2), { epochs: 2, verbose: 0 });
      return history.loss;
    });
    await both(async (lib) => {
      const m = stack(lib, layers),
        x = waves(lib, 4, 2),
        y = waves(lib, 4, 1);
      return [
        await m.trainOnBatch(x, y),
        await m.trainOnBatch(x, y),
        m.evaluate(x, y),
        (await loaded(lib, m)).predict(x),
        m.countParams(),
        m.trainableWeights.length,
        m.nonTrainableWeights.length,
      ];
    });
  });

/** [program], or [program, what both throw]. */
const CLASSES = {
  'what call is told': [
    async (lib) => {
      const layer = new (made(lib).Affine)({ units: 1, inputShape: [2] }),
        m = stack(lib, () => [layer]),
        x = waves(lib, 2, 2),
        y = waves(lib, 2, 1),
        seen = [];
      for (const use of [
        () => m.predict(x),
        () => m.trainOnBatch(x, y),
        () => m.evaluate(x, y),
        () => layer.apply(x, { training: true, more: 3 }),
        () => layer.apply([x]),
        () => layer.apply(x),
        () => m.apply(x, { training: true }),
      ]) {
        await use();
        seen.push(layer.seen);
      }
      return seen;
    },
  ],
  'masks reach it, and go on': [
    (lib) => {
      const layer = new (made(lib).Affine)({ units: 1 }),
        rnn = lib.layers.simpleRNN({ units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones' });
      const m = lib.sequential({ layers: [lib.layers.masking({ inputShape: [3, 2] }), layer, rnn] });
      return [
        m.predict(
          lib.tensor([
            [
              [1, 2],
              [0, 0],
              [0, 0],
            ],
          ]),
        ),
        layer.seen[1],
      ];
    },
  ],
  'masks that it does not mind': [
    (lib) =>
      lib.sequential({ layers: [lib.layers.masking({ inputShape: [2, 2] }), new (made(lib).Square)({})] }).predict(
        lib.tensor([
          [
            [1, 2],
            [0, 0],
          ],
        ]),
      ),
  ],
  'several results and inputs': [
    async (lib) => {
      const { Fork, Sum } = made(lib),
        x = lib.input({ shape: [2] }),
        [a, b] = new Fork({}).apply(x),
        m = lib.model({ inputs: x, outputs: [a, b, new Sum({}).apply([a, b])] });
      return [m.predict(waves(lib, 2, 2)), (await loaded(lib, m)).predict(waves(lib, 2, 2))];
    },
  ],
  'more results than shapes': [
    (lib) => {
      class Pair extends lib.layers.Layer {
        static className = 'Pair';
        call(x) {
          return [x, x.mul(2)];
        }
      }
      return new Pair({}).apply(lib.ones([1]));
    },
  ],
  shared: [
    async (lib) => {
      const s = new (made(lib).Affine)({ units: 2 }),
        x = lib.input({ shape: [2] }),
        m = lib.model({ inputs: x, outputs: s.apply(s.apply(x)) });
      m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      return [
        await m.trainOnBatch(waves(lib, 4, 2), waves(lib, 4, 2)),
        m.countParams(),
        (await loaded(lib, m)).predict(waves(lib, 1, 2)),
      ];
    },
  ],
  'weights of layers inside': [
    async (lib) => {
      class Block extends lib.layers.Layer {
        static className = 'Block';
        constructor(c) {
          super(c);
          this.inner = dense(lib, { units: 2 });
        }
        build(shape) {
          this.inner.build(shape);
          this._trainableWeights = [...this.inner.trainableWeights];
          super.build(shape);
        }
        computeOutputShape([n]) {
          return [n, 2];
        }
        call(x) {
          return this.inner.apply(x[0]);
        }
      }
      class Other extends Block {
        static className = 'Other';
        build(shape) {
          this.inner.build(shape);
          this.trainableWeights = this.inner.trainableWeights;
          this.built = true;
        }
      }
      const found = [];
      for (const Kind of [Block, Other]) {
        const m = stack(lib, () => [new Kind({ inputShape: [2] }), dense(lib)]);
        found.push(
          await m.trainOnBatch(waves(lib, 4, 2), waves(lib, 4, 1)),
          m.trainableWeights.length,
          m.countParams(),
          m.getWeights(),
        );
      }
      return found;
    },
  ],
  'parts in JavaScript': [
    async (lib) => {
      class A extends lib.layers.Layer {
        static className = 'PartsA';
        build(shape) {
          this.w = this.addWeight(
            'w',
            [shape[1]],
            'float32',
            { apply: (s, dtype) => lib.fill(s, 7, dtype) },
            { apply: (w) => lib.sum(w).mul(0.5) },
          );
        }
        call(x) {
          return x[0].mul(this.w.read());
        }
      }
      const m = stack(lib, () => [new A({ inputShape: [2] }), dense(lib)]);
      return [
        await m.trainOnBatch(waves(lib, 4, 2), waves(lib, 4, 1)),
        m.getWeights(),
        m.calculateLosses(),
        m.layers[0].losses.length,
      ];
    },
  ],
  'whole numbers as weights': [
    (lib) => {
      class I extends lib.layers.Layer {
        static className = 'Whole';
        build() {
          this.addWeight('n', [2], 'int32', lib.initializers.ones(), null, false);
        }
      }
      const l = new I({});
      l.apply(lib.ones([1]));
      return l.weights[0].read();
    },
  ],
  'a layer with stateSize is a cell': [
    (lib) => {
      class Duck extends lib.layers.Layer {
        static className = 'Duck';
        constructor(c) {
          super(c);
          this.stateSize = 2;
        }
        call([x, h]) {
          const y = lib.add(x, h);
          return [y, y];
        }
      }
      return lib.layers.rnn({ cell: new Duck({}), returnSequences: true }).apply(waves(lib, 1, 3, 2));
    },
  ],
  "a weight's name twice": [
    (lib) => {
      class Dup extends lib.layers.Layer {
        static className = 'Dup';
        build() {
          this.addWeight('w', [1]);
          this.addWeight('w', [1]);
        }
      }
      new Dup({}).apply(lib.ones([1]));
    },
    /(Duplicate weight name w|initializer|apply)/,
  ],
};
for (const [title, [program, throws]] of Object.entries(CLASSES))
  test(`classes of one's own: ${title}`, () => both(program, throws));

test('a constraint in JavaScript holds after each step, as in Keras', async () => {
  class Bound extends tf.layers.Layer {
    static className = 'Bound';
    build() {
      this.w = this.addWeight('w', [2], 'float32', 'ones', null, true, { apply: (w) => tf.clipByValue(w, 0.99, 1.01) });
    }
    call(x) {
      return x[0].mul(this.w.read());
    }
  }
  const model = tf.sequential({ layers: [new Bound({ inputShape: [2] })] });
  model.compile({ optimizer: tf.train.sgd(1), loss: 'meanSquaredError' });
  await model.trainOnBatch(tf.tensor([[3, -5]]), tf.tensor([[9, 9]]));
  assert.deepEqual(
    [...model.getWeights()[0].dataSync()].map((v) => Math.round(v * 100)),
    [101, 99],
  );
});

/** A layer that makes the layers inside it when it is first called. */
class Late extends tf.layers.Layer {
  static className = 'Late';
  get trainableWeights() {
    return [...super.trainableWeights, ...(this.inner?.trainableWeights ?? [])];
  }
  get weights() {
    return [...super.weights, ...(this.inner?.weights ?? [])];
  }
  computeOutputShape(shape) {
    return [shape[0], 1];
  }
  call(inputs) {
    this.inner ??= tf.layers.dense({ units: 1, kernelInitializer: 'ones', biasInitializer: 'zeros' });
    return this.inner.apply([inputs].flat()[0]);
  }
}

test('layers that are made inside call(), after compile, train from the first step on', async () => {
  const before = tf.memory().numTensors,
    x = tf.tensor2d([
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ]),
    y = tf.tensor2d([[2], [1], [3], [5]]);
  const trained = async (layer, optimizer) => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'identity' }), layer],
    });
    model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['mae'] });
    const { history } = await model.fit(x, y, { epochs: 4, batchSize: 2, shuffle: false, verbose: 0 });
    const values = model.getWeights().map((w) => w.arraySync());
    model.dispose();
    layer.inner?.dispose();
    return [history.loss, history.mae, values];
  };
  for (const make of [() => tf.train.sgd(0.1), () => tf.train.adam(0.1)]) {
    const optimizers = [make(), make()];
    const got = await trained(new Late({}), optimizers[0]);
    const want = await trained(tf.layers.dense({ units: 1, kernelInitializer: 'ones' }), optimizers[1]);
    assert.deepEqual(got, want);
    tf.dispose(optimizers);
    for (const o of optimizers) o.dispose();
  }
  tf.dispose([x, y]);
  assert.equal(tf.memory().numTensors, before);
});

test('weights that call() adds train too, those that were frozen at compile do not', async () => {
  class Adding extends tf.layers.Layer {
    static className = 'Adding';
    call(inputs) {
      this.shift ??= this.addWeight('shift', [1], 'float32', 'zeros', null);
      return [inputs].flat()[0].add(this.shift.read());
    }
  }
  const layer = new Adding({}),
    frozen = tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones', trainable: false });
  const model = tf.sequential({ layers: [frozen, layer] });
  model.compile({ optimizer: tf.train.sgd(0.25), loss: 'meanSquaredError' });
  frozen.trainable = true; // from the next compile() on
  await model.fit(tf.ones([1, 1]), tf.tensor2d([[3]]), { epochs: 1, verbose: 0 });
  assert.deepEqual(frozen.kernel.arraySync(), [[1]]);
  assert.deepEqual(layer.shift.arraySync(), [1]); // 0 + 0.25 * 2 * 2
  model.dispose();
});
