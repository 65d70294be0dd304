// Initializers, regularizers, constraints and activations as objects: of classes that extend the library's, registered
// or not, and of no class; they compute beside the peer's, and come back from the layer. Cells of recurrent layers.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
let before, warnings, warn;
beforeEach(() => {
  before = tf.memory().numTensors;
  warnings = [];
  warn = console.warn;
  console.warn = (...texts) => warnings.push(texts.join(' '));
});
afterEach(() => {
  console.warn = warn;
  assert.equal(tf.memory().numTensors, before, 'tensors left behind');
});

const base = (object) => Object.getPrototypeOf(object.constructor);

/** A dense layer in a model, with ones for its kernel unless the config says more. */
function model(lib, config = {}) {
  const m = lib.sequential();
  m.add(lib.layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones', ...config }));
  m.compile({ optimizer: lib.train.sgd(0.1), loss: 'meanSquaredError' });
  return m;
}

function predicted(lib, m) {
  const x = lib.tensor2d([[1, -3]]),
    y = m.predict(x);
  const values = [...y.dataSync()];
  [x, y].forEach((one) => one.dispose());
  return values;
}

/** The loss of a step, and the kernel after it. */
async function stepped(lib, m) {
  const [x, y] = [lib.ones([2, 2]), lib.ones([2, 2])];
  const loss = await m.trainOnBatch(x, y),
    kernel = [...m.getWeights()[0].dataSync()];
  [x, y].forEach((one) => one.dispose());
  return [loss, ...kernel];
}

/** What `of` makes of a layer's config by each library is the same. */
async function alike(of, look) {
  const results = [];
  for (const lib of [tf, peer]) {
    const m = model(lib, of(lib));
    results.push(await look(lib, m));
    m.dispose();
    m.optimizer.dispose();
  }
  const [mine, theirs] = results;
  assert.equal(mine.length, theirs.length);
  mine.forEach((v, i) => assert.ok(Math.abs(v - theirs[i]) < 1e-5, `${mine} is not ${theirs}`));
}

const CASES = {
  'an initializer of the base class': [
    (lib) => {
      class Halves extends base(lib.initializers.ones()) {
        apply(shape) {
          return lib.fill(shape, 0.5);
        }
      }
      return { kernelInitializer: new Halves() };
    },
    predicted,
  ],
  'an initializer of a built-in class': [
    (lib) => {
      class Sevens extends lib.initializers.ones().constructor {
        constructor() {
          super();
        }
        apply(shape, dtype) {
          return lib.tidy(() => lib.mul(super.apply(shape, dtype), 7));
        }
      }
      return { kernelInitializer: new Sevens() };
    },
    predicted,
  ],
  'a registered one that goes on to the built-in one': [
    (lib) => {
      class More extends lib.initializers.constant({ value: 1 }).constructor {
        static className = 'MoreThanConstant';
        apply(shape, dtype) {
          return lib.tidy(() => lib.add(super.apply(shape, dtype), 1));
        }
      }
      lib.serialization.registerClass(More);
      return { kernelInitializer: new More({ value: 4 }) };
    },
    predicted,
  ],
  'an initializer whose apply was replaced': [
    (lib) => {
      const initializer = lib.initializers.ones();
      initializer.apply = (shape) => lib.fill(shape, 3);
      return { kernelInitializer: initializer };
    },
    predicted,
  ],
  'a regularizer of the base class': [
    (lib) => {
      class Sum extends base(lib.regularizers.l2()) {
        apply(x) {
          return lib.sum(x);
        }
        getConfig() {
          return {};
        }
      }
      return { kernelRegularizer: new Sum() };
    },
    stepped,
  ],
  'an activation of the base class': [
    (lib) => {
      const layer = lib.layers.dense({ units: 1, activation: 'relu' });
      class Thrice extends base(layer.activation) {
        apply(x) {
          return lib.mul(x, 3);
        }
      }
      return { activation: new Thrice() };
    },
    predicted,
  ],
};

for (const [name, [of, look]] of Object.entries(CASES)) test(`${name}`, () => alike(of, look));

test('a constraint of the base class holds after a step', async () => {
  class Small extends base(tf.constraints.nonNeg()) {
    apply(x) {
      return tf.clipByValue(x, -0.1, 0.1);
    }
    getConfig() {
      return {};
    }
  }
  const m = model(tf, { kernelConstraint: new Small() });
  const [, ...kernel] = await stepped(tf, m);
  near(kernel, [0.1, 0.1, 0.1, 0.1]); // the peer's training does not mind constraints
  m.dispose();
});

test('a base class without apply() says what is missing', () => {
  class Idle extends base(tf.initializers.ones()) {}
  assert.throws(() => model(tf, { kernelInitializer: new Idle() }), /Idle: the class has no apply\(\)/);
  assert.equal(new Idle().getClassName(), 'Idle');
});

test('a class registered under the name of a built-in one takes its place in files, and can go on to it', () => {
  class Constant extends tf.initializers.constant({ value: 1 }).constructor {
    apply(shape, dtype) {
      return tf.tidy(() => super.apply(shape, dtype).mul(10));
    }
  }
  tf.serialization.registerClass(Constant); // its className is inherited
  const m = model(tf, { kernelInitializer: { className: 'Constant', config: { value: 2 } } });
  assert.deepEqual([...m.getWeights()[0].dataSync()], [20, 20, 20, 20]);
  m.dispose();
  const ones = model(tf, { kernelInitializer: tf.initializers.ones() });
  assert.deepEqual([...ones.getWeights()[0].dataSync()], [1, 1, 1, 1]);
  ones.dispose();
});

test('layer.activation = any object with apply(); two of one name are two', async () => {
  const assigned = (f) => async (lib, m) => {
    const activation = { apply: (x) => f(lib, x), getClassName: () => 'mine' };
    m.layers[0].activation = activation;
    assert.equal(m.layers[0].activation, activation);
    return [...predicted(lib, m), ...(await stepped(lib, m))];
  };
  await alike(
    () => ({}),
    assigned((lib, x) => lib.neg(x)),
  );
  await alike(
    () => ({}),
    assigned((lib, x) => lib.square(x)),
  );
});

test('an object that has the name of a built-in activation is not that', () => {
  const m = model(tf);
  m.layers[0].activation = { apply: (x) => tf.neg(x), getClassName: () => 'relu' };
  assert.deepEqual(predicted(tf, m), [2, 2]);
  m.layers[0].activation = 'relu';
  assert.deepEqual(predicted(tf, m), [0, 0]);
  m.dispose();
});

// ---- cells ----

const KINDS = { simpleRNN: 1, gru: 3, lstm: 4 };

/** What a recurrent layer gives for ones, all its weights being 0.1. */
function run(lib, layer, training) {
  const x = lib.ones([4, 3, 5]);
  layer.apply(x).dispose(); // builds it
  const weights = layer.getWeights().map((w) => lib.fill(w.shape, 0.1));
  layer.setWeights(weights);
  const y = layer.apply(x, { training }),
    values = [...y.dataSync()];
  [x, y, ...weights].forEach((one) => one.dispose());
  return values;
}

const near = (a, b) => a.forEach((v, i) => assert.ok(Math.abs(v - b[i]) < 1e-5, `${a} is not ${b}`));

for (const kind of Object.keys(KINDS)) {
  const make = (lib, config = {}) => lib.layers[kind]({ units: 2, ...config });

  test(`${kind}: reading its cell warns of nothing`, () => {
    assert.equal(make(tf).cell.units, 2);
    assert.deepEqual(warnings, []);
  });

  test(`${kind}: dropout set at its cell is what training drops`, () => {
    for (const built of [false, true]) {
      const layer = make(tf, { dropout: 0.5, recurrentDropout: 0.5 }),
        plain = make(tf);
      if (built) layer.build([4, 3, 5]);
      layer.cell.dropout = 0;
      layer.cell.recurrentDropout = 0;
      assert.deepEqual([layer.dropout, layer.cell.dropout, layer.cell.recurrentDropout], [0, 0, 0]);
      near(run(tf, layer, true), run(tf, plain, false));
      [layer, plain].forEach((one) => one.dispose());
    }
  });

  test(`${kind}: inside a bidirectional layer, too`, () => {
    const x = tf.ones([4, 3, 5]),
      layer = tf.layers.bidirectional({ layer: make(tf, { dropout: 0.5 }), mergeMode: 'concat' });
    layer.build([4, 3, 5]);
    for (const one of [layer.forwardLayer, layer.backwardLayer]) one.cell.dropout = 0;
    const results = [true, false].map((training) => tf.tidy(() => [...layer.apply(x, { training }).dataSync()]));
    near(...results);
    [x, layer].forEach((one) => one.dispose());
  });

  test(`${kind}: an activation set at its cell, by name or as an object, beside the peer`, () => {
    for (const activation of [
      () => 'relu',
      (lib) => ({ apply: (x) => lib.mul(x, 10), getClassName: () => 'tenfold' }),
    ]) {
      const [mine, theirs] = [tf, peer].map((lib) => {
        const layer = make(lib);
        const given = activation(lib);
        layer.cell.activation =
          typeof given === 'string' ? lib.layers.dense({ units: 1, activation: given }).activation : given;
        const values = run(lib, layer, false);
        layer.dispose();
        return values;
      });
      near(mine, theirs);
    }
  });

  test(`${kind}: what is set at the layer is read at its cell`, () => {
    const layer = make(tf),
      { cell } = layer;
    layer.activation = 'relu';
    assert.equal(cell.activation.getClassName(), 'relu');
  });
}
