// Classes that extend the library's layers and models, methods assigned to objects and prototypes, and registered
// classes whose names the library has too: as with TensorFlow.js, and for every layer of the library.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { again, saved, testBoth, waves } from '../lib/both.mjs';
import { CELLS, configOf, inputsOf, LAYERS, otherValue } from '../lib/layers.mjs';

const first = (x) => [x].flat()[0];
const registered = (lib, cls) => lib.serialization.registerClass(cls) ?? cls;
const named = (Base, className, more = {}) => {
  class Own extends Base {
    static className = className;
  }
  for (const [name, method] of Object.entries(more)) Own.prototype[name] = method;
  return Own;
};
const classOf = (lib, name, config = {}) => lib.layers[name](config).constructor;
const ones = { kernelInitializer: 'ones' };
const cellOf = (lib) => lib.layers.simpleRNNCell({ units: 1, recurrentInitializer: 'ones', ...ones });
const modelOf = (lib, ...layers) => lib.sequential({ layers });
const trained = async (lib, model, x, y) => {
  model.compile({ optimizer: lib.train.sgd(0.1), loss: 'meanSquaredError' });
  const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 });
  return [history.loss, model.getWeights().map((w) => w.clone())];
};

const extending = {
  'options of a class without methods': (lib) => {
    const Own = named(classOf(lib, 'leakyReLU'), 'OwnLeaky'),
      own = new Own({ alpha: 0.5 });
    return [own.apply(lib.tensor([-1])), own.getClassName(), own.getConfig().alpha, own instanceof Own];
  },
  'a name is made of the class': (lib) =>
    new (named(classOf(lib, 'dense', { units: 1 }), 'OwnNamed'))({ units: 2 }).name.replace(/\d+$/, ''),
  'dense, conv2d, embedding': (lib) => {
    const Dense = named(classOf(lib, 'dense', { units: 1 }), 'OwnDense'),
      Conv = named(classOf(lib, 'conv2d', { filters: 1, kernelSize: 1 }), 'OwnConv'),
      Embedding = named(classOf(lib, 'embedding', { inputDim: 1, outputDim: 1 }), 'OwnEmbedding');
    return [
      new Dense({ units: 2, ...ones }).apply(waves(lib, 2, 3)),
      new Conv({ filters: 2, kernelSize: 2, ...ones }).apply(waves(lib, 1, 3, 3, 1)),
      new Embedding({ inputDim: 4, outputDim: 2, embeddingsInitializer: 'ones' }).apply(lib.tensor([[1, 3]])),
    ];
  },
  'recurrent layers': (lib) =>
    ['lstm', 'gru', 'simpleRNN'].map((name) => {
      const Own = named(classOf(lib, name, { units: 1 }), `Own${name}`, {
        call(x, kwargs) {
          return lib.mul(Object.getPrototypeOf(Own.prototype).call.call(this, x, kwargs), 2);
        },
      });
      return new Own({ units: 2, recurrentInitializer: 'ones', ...ones }).apply(waves(lib, 1, 3, 2));
    }),
  'super.call of tf.RNN': (lib) => {
    class Own extends lib.RNN {
      static className = 'OwnRNN';
      call(x, kwargs) {
        return lib.mul(super.call(x, kwargs), 2);
      }
    }
    const own = new Own({ cell: cellOf(lib), inputShape: [2, 1] });
    return [own.apply(waves(lib, 1, 2, 1)), modelOf(lib, own).predict(waves(lib, 2, 2, 1)), own.getClassName()];
  },
  'an initial state given to apply() comes to call()': (lib) => {
    class Own extends lib.RNN {
      static className = 'OwnState';
      call(x, kwargs) {
        return super.call(x, kwargs);
      }
    }
    const own = new Own({ cell: cellOf(lib) });
    return own.apply(waves(lib, 1, 2, 1), { initialState: [lib.tensor([[0.5]])] });
  },
  'super.call with training: dropout that is always on': (lib) => {
    class Always extends classOf(lib, 'dropout', { rate: 0.1 }) {
      static className = 'Always';
      call(x, kwargs) {
        return super.call(x, { ...kwargs, training: true });
      }
    }
    const zeros = (y) => y.sum().dataSync()[0] < 90;
    return [
      zeros(new Always({ rate: 0.9 }).apply(lib.ones([1, 400]))),
      zeros(modelOf(lib, new Always({ rate: 0.9, inputShape: [400] })).predict(lib.ones([1, 400]))),
    ];
  },
  'trained, saved and loaded': async (lib) => {
    const Base = classOf(lib, 'dense', { units: 1 });
    class Twice extends Base {
      static className = 'Twice';
      call(x, kwargs) {
        return lib.mul(super.call(x, kwargs), 2);
      }
    }
    registered(lib, Twice);
    const config = { units: 2, inputShape: [3], activation: 'tanh', kernelRegularizer: 'l1l2', ...ones },
      model = modelOf(lib, new Twice(config)),
      steps = await trained(lib, model, waves(lib, 4, 3), waves(lib, 4, 2)),
      loaded = await again(lib, model);
    const topology = (await saved(lib, model)).modelTopology;
    return [
      steps,
      model.predict(waves(lib, 2, 3)),
      loaded.predict(waves(lib, 2, 3)),
      loaded.layers[0] instanceof Twice || loaded.layers[1] instanceof Twice,
      topology.config.layers.map((l) => l.class_name),
    ];
  },
  'build with a weight of its own, before and behind super.build': (lib) => {
    const make = (before) =>
      class Scaled extends classOf(lib, 'dense', { units: 1 }) {
        static className = 'Scaled';
        build(shape) {
          if (before) this.scale = this.addWeight('scale', [1], 'float32', lib.initializers.constant({ value: 3 }));
          super.build(shape);
          if (!before) this.scale = this.addWeight('scale', [1], 'float32', lib.initializers.constant({ value: 3 }));
        }
        call(x, kwargs) {
          return lib.mul(super.call(x, kwargs), this.scale.read());
        }
      };
    return [true, false].map((before) => {
      const own = new (make(before))({ units: 2, ...ones });
      return [own.apply(waves(lib, 2, 3)), own.weights.length];
    });
  },
  'computeOutputShape and getConfig': async (lib) => {
    class Pair extends classOf(lib, 'dense', { units: 1 }) {
      static className = 'Pair';
      constructor(config) {
        super(config);
        this.factor = config.factor;
      }
      computeOutputShape(shape) {
        return [...super.computeOutputShape(shape), 2];
      }
      call(x, kwargs) {
        const y = super.call(x, kwargs);
        return lib.stack([y, lib.mul(y, this.factor)], -1);
      }
      getConfig() {
        return { ...super.getConfig(), factor: this.factor };
      }
    }
    registered(lib, Pair);
    const model = modelOf(lib, new Pair({ units: 2, factor: 5, inputShape: [3], ...ones }));
    return [model.outputs[0].shape, (await again(lib, model)).predict(waves(lib, 2, 3))];
  },
  'a mask goes through call()': (lib) => {
    class Own extends classOf(lib, 'activation', { activation: 'relu' }) {
      static className = 'OwnMasked';
      call(x, kwargs) {
        return super.call(x, kwargs);
      }
    }
    return modelOf(
      lib,
      lib.layers.masking({ maskValue: 0, inputShape: [3, 1] }),
      new Own({ activation: 'linear' }),
      lib.layers.simpleRNN({ units: 1, recurrentInitializer: 'ones', ...ones }),
    ).predict(lib.tensor([[[0.1], [0.2], [0]]]));
  },
  'class of a stack in files': async (lib) => {
    class Stack extends lib.Sequential {
      static className = 'OwnStack';
      predict(x, config) {
        return super.predict(x, config).mul(3);
      }
    }
    registered(lib, Stack);
    const stack = new Stack({ name: 'one' });
    stack.add(lib.layers.dense({ units: 2, inputShape: [3], ...ones }));
    const loaded = await again(lib, stack);
    return [
      (await saved(lib, stack)).modelTopology.class_name,
      stack.getClassName(),
      loaded instanceof Stack,
      loaded.predict(waves(lib, 2, 3)),
    ];
  },
  'call of a model: apply() has it, predict() does not': (lib) => {
    const x = lib.input({ shape: [3] });
    class Own extends lib.LayersModel {
      call() {
        return lib.zeros([2, 2]);
      }
    }
    const own = new Own({ inputs: x, outputs: lib.layers.dense({ units: 2, ...ones }).apply(x) });
    const y = lib.input({ shape: [3] }),
      around = lib.model({ inputs: y, outputs: own.apply(y) });
    return [own.apply(waves(lib, 2, 3)), own.predict(waves(lib, 2, 3)), around.predict(waves(lib, 2, 3))];
  },
  'apply of a layer of its own, once a predict': (lib) => {
    let n = 0;
    class Own extends lib.layers.Layer {
      static className = 'OwnApply';
      apply(x, kwargs) {
        n++;
        return super.apply(x, kwargs);
      }
      call(x) {
        return first(x).mul(2);
      }
    }
    const model = modelOf(lib, new Own({ inputShape: [3] }));
    n = 0;
    return [model.predict(waves(lib, 2, 3)), n, new Own({}).apply(waves(lib, 2)), n];
  },
  'countParams in a summary': (lib) => {
    class Own extends lib.layers.Layer {
      static className = 'OwnCount';
      call(x) {
        return first(x);
      }
      countParams() {
        return 99;
      }
    }
    const lines = [];
    modelOf(lib, new Own({ inputShape: [3], name: 'counted' })).summary(80, null, (line) => lines.push(line));
    return lines
      .find((line) => line.startsWith('counted'))
      .trim()
      .split(/\s+/)
      .at(-1);
  },
};
testBoth(extending);

const assigned = {
  'call of an object, alone and in a model': (lib) => {
    const layer = lib.layers.dense({ units: 2, inputShape: [3], ...ones }),
      before = layer.call.bind(layer);
    layer.call = (x, kwargs) => before(x, kwargs).mul(2);
    const model = modelOf(lib, layer);
    return [layer.apply(waves(lib, 2, 3)), model.predict(waves(lib, 2, 3)), layer.weights.length];
  },
  'call of a layer of a model that has predicted, and back': (lib) => {
    const model = modelOf(lib, lib.layers.dense({ units: 2, inputShape: [3], ...ones })),
      x = waves(lib, 2, 3),
      results = [1, 2, 3].map(() => model.predict(x)),
      before = model.layers[0].call.bind(model.layers[0]);
    model.layers[0].call = (y, kwargs) => before(y, kwargs).add(7);
    results.push(model.predict(x), model.predict(x));
    model.layers[0].call = before;
    return [...results, model.predict(x)];
  },
  'dropout that a program turns on': async (lib) => {
    const trainedOn = modelOf(lib, lib.layers.dropout({ rate: 0.9, inputShape: [400] })),
      layer = trainedOn.layers[0],
      before = layer.call.bind(layer);
    layer.call = (x, kwargs) => before(x, { ...kwargs, training: true });
    return (
      trainedOn
        .predict(lib.ones([1, 400]))
        .sum()
        .dataSync()[0] !== 400
    );
  },
  'fit and evaluate have it': async (lib) => {
    const model = modelOf(lib, lib.layers.dense({ units: 2, inputShape: [3], ...ones })),
      layer = model.layers[0],
      before = layer.call.bind(layer);
    layer.call = (x, kwargs) => lib.mul(before(x, kwargs), 0.5);
    const steps = await trained(lib, model, waves(lib, 4, 3), waves(lib, 4, 2));
    return [steps, model.evaluate(waves(lib, 4, 3), waves(lib, 4, 2))];
  },
  'call of a prototype: layers that are there, and new ones': (lib) => {
    const there = lib.layers.elu(),
      prototype = Object.getPrototypeOf(there),
      before = prototype.call;
    prototype.call = function (x, kwargs) {
      return before.call(this, x, kwargs).add(1);
    };
    try {
      return [there.apply(lib.tensor([2])), lib.layers.elu().apply(lib.tensor([3]))];
    } finally {
      prototype.call = before;
    }
  },
  'a prototype put back': (lib) => {
    const { prototype } = classOf(lib, 'softmax'),
      before = prototype.call;
    prototype.call = () => lib.zeros([2]);
    prototype.call = before;
    return lib.layers.softmax().apply(lib.tensor([[1, 1]]));
  },
  'apply and getConfig of an object': async (lib) => {
    const layer = lib.layers.dense({ units: 2, inputShape: [3], ...ones }),
      before = layer.apply.bind(layer);
    const model = modelOf(lib, layer);
    layer.apply = (x, kwargs) => lib.mul(before(x, kwargs), 3);
    const config = layer.getConfig();
    layer.getConfig = () => ({ ...config, mine: 1 });
    return [
      model.predict(waves(lib, 2, 3)),
      layer.apply(waves(lib, 2, 3)),
      (await saved(lib, model)).modelTopology.config.layers.at(-1).config.mine,
    ];
  },
};
testBoth(assigned);

const POLYFILLS = ['LayerNormalization', 'Rescaling', 'UnitNormalization', 'GELU', 'MultiHeadAttention', 'LeakyReLU'];
testBoth(
  Object.fromEntries(
    POLYFILLS.map((className) => [
      `a registered ${className} is what files mean`,
      async (lib) => {
        const { classNameMap } = lib.serialization.SerializationMap.getMap(),
          before = classNameMap[className];
        class Own extends lib.layers.Layer {
          static className = className;
          call(x) {
            return first(x).mul(7);
          }
        }
        registered(lib, Own);
        const model = modelOf(lib, new Own({ inputShape: [3] })),
          loaded = await again(lib, model);
        if (className === 'LeakyReLU') {
          const own = lib.layers.leakyReLU({ alpha: 0.5 }).apply(lib.tensor([-2]));
          classNameMap[className] = before;
          return [loaded.predict(waves(lib, 2, 3)), own];
        }
        return loaded.predict(waves(lib, 2, 3));
      },
    ]),
  ),
);

test('build() that does not call super.build() says so', () => {
  class Own extends classOf(tf, 'dense', { units: 1 }) {
    static className = 'NoBuild';
    build() {
      this.built = true;
    }
  }
  assert.throws(
    () => new Own({ units: 2 }).apply(tf.ones([1, 2])),
    (error) => error instanceof tf.TensorineError && /super\.build/.test(error.message),
  );
});

test('nothing is left over of calls beneath', () => {
  class Own extends classOf(tf, 'dense', { units: 1 }) {
    call(x, kwargs) {
      return tf.mul(super.call(x, kwargs), 2);
    }
  }
  const model = modelOf(tf, new Own({ units: 2, inputShape: [3] })),
    x = tf.ones([2, 3]);
  model.predict(x).dispose();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 4; i++) model.predict(x).dispose();
  assert.equal(tf.memory().numTensors, before);
});

// ---- every layer of the library ----

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
const values = (given) => [given].flat().map((y) => [...y.dataSync()]);
const plainConfig = (layer) =>
  JSON.parse(JSON.stringify(layer.getConfig(), (key, value) => (key === 'name' ? undefined : value)));
const whole = (layer, name) => (CELLS[name] ? tf.layers.rnn({ cell: layer }) : layer);
const connected = (layer, name) => {
  const inputs = [inputsOf(tf, name)].flat().map((x) => tf.input({ shape: x.shape.slice(1), dtype: x.dtype }));
  return tf.model({ inputs, outputs: whole(layer, name).apply(inputs.length > 1 ? inputs : inputs[0]) });
};

/** Fields with other values than their defaults, those that a layer takes. */
function fieldsOf(name, fields) {
  const given = fields.some((f) => f.kind === 'seed') ? { seed: 3 } : {};
  for (const f of fields) {
    const value = f.kind === 'seed' ? 7 : otherValue(name, f);
    try {
      const layer = tf.layers[name]({ ...configOf(tf, name), ...given, [f.name]: value });
      if (value === undefined) continue;
      tf.tidy(() => values(connected(layer, name).predict(inputsOf(tf, name))));
      given[f.name] = value;
    } catch {} // it does not go with the others
  }
  return given;
}

/** A class that extends a layer's and only calls what is beneath. */
const extended = (name) =>
  registered(
    tf,
    class Own extends classOf(tf, name, configOf(tf, name)) {
      static className = `Every${name}`;
      call(x, kwargs) {
        return super.call(x, kwargs);
      }
    },
  );

for (const { name, fields } of declared.layer.filter(
  (l) => l.name !== 'inputLayer' && (LAYERS[l.name] ?? CELLS[l.name]),
)) {
  test(`${name}: a class that extends it`, async () => {
    const { warn } = console;
    console.warn = () => {};
    try {
      const given = fieldsOf(name, fields),
        config = () => ({ ...configOf(tf, name), ...given }),
        Own = extended(name),
        plain = tf.layers[name](config()),
        own = new Own(config());
      assert.deepEqual(plainConfig(own), plainConfig(plain), 'config');
      assert.ok(own instanceof Own);
      const from = Own.fromConfig(Own, own.getConfig());
      assert.ok(from instanceof Own, 'fromConfig makes one of the class');
      assert.deepEqual(plainConfig(from), plainConfig(plain), 'config of fromConfig');
      const models = [connected(plain, name), connected(own, name)],
        x = inputsOf(tf, name);
      const weights = models[0].getWeights().map((w) => w.clone());
      for (const model of models) model.setWeights(weights); // constraints see them
      assert.deepEqual(values(models[1].predict(x)), values(models[0].predict(x)), 'super.call');
      const loaded = await again(tf, models[1]);
      const layer = loaded.layers.at(-1);
      assert.ok((CELLS[name] ? layer.cell : layer) instanceof Own, 'the class of a file');
      assert.deepEqual(plainConfig(CELLS[name] ? layer.cell : layer), plainConfig(own), 'config of a file');
    } finally {
      console.warn = warn;
    }
  });
}

test('fromConfig wants a class', () => {
  const { constructor } = tf.layers.dense({ units: 1 });
  assert.throws(() => constructor.fromConfig(() => 1, { units: 1 }), {
    name: 'TensorineError',
    message: /Dense\.fromConfig: cls must be a class, but is function/,
  });
});
