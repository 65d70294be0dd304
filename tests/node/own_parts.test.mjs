// Initializers, regularizers, constraints and activations of one's own, registered by name: as layers are configured with
// them, in training, in files.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

/** The same classes for both libraries. */
function register(lib) {
  const { Serializable, registerClass } = lib.serialization;
  class Bent extends Serializable {
    static className = 'Bent';
    apply(x) {
      return lib.tidy(() => x.square().add(x.mul(0.5)));
    }
    getConfig() {
      return {};
    }
  }
  class Ramp extends Serializable {
    static className = 'Ramp';
    constructor({ step = 1 } = {}) {
      super();
      this.step = step;
    }
    apply(shape, dtype) {
      return lib.tidy(() =>
        lib
          .range(
            0,
            shape.reduce((a, b) => a * b, 1),
            1,
            dtype,
          )
          .mul(this.step)
          .reshape(shape),
      );
    }
    getConfig() {
      return { step: this.step };
    }
  }
  class Cubes extends Serializable {
    static className = 'Cubes';
    constructor({ rate = 1 } = {}) {
      super();
      this.rate = rate;
    }
    apply(x) {
      return lib.tidy(() => lib.mul(this.rate, lib.sum(lib.pow(lib.abs(x), 3))));
    }
    getConfig() {
      return { rate: this.rate };
    }
  }
  class AtMost extends Serializable {
    static className = 'AtMost';
    constructor({ maxValue = 1 } = {}) {
      super();
      this.maxValue = maxValue;
    }
    apply(w) {
      return lib.minimum(w, this.maxValue);
    }
    getConfig() {
      return { maxValue: this.maxValue };
    }
  }
  const classes = [Bent, Ramp, Cubes, AtMost];
  classes.forEach((cls) => registerClass(cls));
  return classes;
}
const instance = (className, config = {}) => ({ className, config });
const model = (lib, maxValue = 0.4) =>
  lib.sequential({
    layers: [
      lib.layers.dense({
        units: 2,
        inputShape: [3],
        name: 'd',
        activation: 'Bent',
        kernelInitializer: instance('Ramp', { step: 0.1 }),
        kernelRegularizer: instance('Cubes', { rate: 0.5 }),
        kernelConstraint: instance('AtMost', { maxValue }),
        biasInitializer: 'Ramp',
      }),
    ],
  });
const near = (got, want) => {
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) < 1e-5 * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
};
const values = (m) => m.getWeights().flatMap((w) => [...w.dataSync()]);
const unknown = (f, text) => assert.throws(f, (e) => e instanceof tf.TensorineError && text.test(e.message));

unknown(() => tf.layers.dense({ units: 1, activation: 'Bent' }), /Unknown activation: Bent/);
unknown(() => tf.layers.dense({ units: 1, kernelInitializer: 'Ramp' }), /Unknown initializer: Ramp/);
register(peer);
const [Bent, Ramp] = register(tf);

async function trained(lib) {
  const x = lib.tensor([
      [1, 2, 3],
      [-1, 0.5, 2],
    ]),
    y = lib.tensor([
      [1, 0],
      [0, 1],
    ]),
    m = model(lib),
    start = values(m);
  const first = m.predict(x),
    optimizer = lib.train.sgd(0.001);
  m.compile({ optimizer, loss: 'meanSquaredError' });
  const { history } = await m.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 }),
    last = m.predict(x);
  const result = [start, [...first.dataSync()], history.loss, values(m), [...last.dataSync()]];
  lib.dispose([x, y, first, last]);
  m.dispose();
  optimizer.dispose();
  return result;
}

test('they train as in TensorFlow.js', async () => {
  const [got, want] = [await trained(tf), await trained(peer)];
  near(got[0], [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0, 1]);
  assert.ok(got[3].slice(0, 6).every((w) => w <= 0.4 + 1e-7));
  got.forEach((part, i) => near(part, want[i]));
});

test('files name them, in both libraries', async () => {
  const m = model(tf, 0.75),
    x = tf.tensor([[1, 2, 3]]),
    y = m.predict(x);
  let artifacts;
  await m.save(
    tf.io.withSaveHandler(async (a) => {
      artifacts = a;
      return { modelArtifactsInfo: {} };
    }),
  );
  const { config } = artifacts.modelTopology.config.layers[0];
  assert.equal(config.activation, 'Bent');
  assert.deepEqual(config.kernel_initializer, { class_name: 'Ramp', config: { step: 0.1 } });
  assert.deepEqual(config.kernel_constraint, { class_name: 'AtMost', config: { max_value: 0.75 } });
  for (const lib of [tf, peer]) {
    const again = await lib.loadLayersModel(
      lib.io.fromMemory({ ...artifacts, weightData: tf.io.concatenateArrayBuffers([artifacts.weightData].flat()) }),
    );
    const given = lib.tensor([[1, 2, 3]]),
      result = again.predict(given);
    near([...result.dataSync()], [...y.dataSync()]);
    lib.dispose([given, result]);
    again.dispose();
  }
  const other = model(peer); // whose files name no class in capitals: 'bent'
  const theirs = JSON.parse(other.toJSON(null, true));
  theirs.config.layers[0].config.activation = 'Bent';
  const read = await tf.models.modelFromJSON(theirs);
  near(values(read), values(m));
  read.dispose();
  other.dispose();
  const copy = await tf.models.modelFromJSON(m.toJSON(null, false));
  assert.deepEqual(copy.layers[0].getConfig(), m.layers[0].getConfig());
  near(values(copy), values(m));
  copy.dispose();
  m.dispose();
  tf.dispose([x, y]);
});

test('objects of these classes are taken, and given back', () => {
  const l = tf.layers.dense({
    units: 2,
    inputShape: [2],
    activation: new Bent(),
    kernelInitializer: new Ramp({ step: 2 }),
  });
  assert.ok(l.activation instanceof Bent && l.kernelInitializer instanceof Ramp);
  assert.equal(l.kernelInitializer.step, 2);
  tf.tidy(() => near([...l.apply(tf.tensor([[1, 1]])).dataSync()], [4 ** 2 + 2, 8 ** 2 + 4]));
  l.dispose();
  const a = tf.layers.activation({ activation: 'Bent' });
  tf.tidy(() => {
    near([...a.apply(tf.tensor([2])).dataSync()], [5]);
    near(
      [
        ...tf
          .grad((x) => a.apply(x).sum())(tf.tensor([2, -1]))
          .dataSync(),
      ],
      [4.5, -1.5],
    );
  });
  const gru = tf.layers.gru({ units: 2, activation: 'Bent', recurrentInitializer: 'Ramp' });
  tf.tidy(() => assert.deepEqual(gru.apply(tf.ones([1, 3, 2])).shape, [1, 2]));
  gru.dispose();
});

test('what they give is looked at', () => {
  const { Serializable, registerClass } = tf.serialization;
  registerClass(
    class Odd extends Serializable {
      static className = 'Odd';
      apply(x) {
        return Array.isArray(x) ? tf.zeros([7]) : tf.tidy(() => tf.concat([x, x]));
      }
      getConfig() {
        return {};
      }
    },
  );
  registerClass(
    class Empty extends Serializable {
      static className = 'Empty';
      apply() {}
      getConfig() {
        return {};
      }
    },
  );
  const run = (config) => tf.tidy(() => tf.layers.dense({ units: 1, ...config }).apply(tf.ones([1, 2])));
  unknown(
    () => run({ kernelInitializer: 'Odd' }),
    /Odd: apply must give a tensor of the shape it was given, but gave shape \[7\]/,
  );
  unknown(
    () => tf.tidy(() => tf.layers.activation({ activation: 'Odd' }).apply(tf.ones([1, 2]))),
    /Odd: apply must give a tensor of its argument's shape, but gave shape \[2, 2\]/,
  );
  unknown(
    () => tf.tidy(() => tf.layers.activation({ activation: 'Empty' }).apply(tf.ones([1, 2]))),
    /Empty: apply must give a tensor, but gave undefined: is there a return\?/,
  );
});
