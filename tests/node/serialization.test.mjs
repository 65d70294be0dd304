// tf.serialization with the library's own classes: fromConfig of what getConfig() gave, and the map of
// classes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, peer, tf } from '../lib/both.mjs';

const remade = (lib, thing, cls = thing.constructor) => cls.fromConfig(cls, thing.getConfig());
const stack = (lib) =>
  lib.sequential({
    name: 'stack',
    layers: [
      lib.layers.dense({ units: 3, inputShape: [2], name: 'one', activation: 'relu', kernelInitializer: 'ones' }),
      lib.layers.dense({ units: 1, name: 'two', kernelInitializer: 'ones' }),
    ],
  });
const x = (lib) => lib.tensor([[1, 2]]);

test('layers of the library from their configs', async () => {
  for (const make of [
    (lib) => lib.layers.dense({ units: 2, kernelInitializer: 'ones', biasInitializer: 'ones', name: 'd' }),
    (lib) => lib.layers.activation({ activation: 'softmax' }),
    (lib) => lib.layers.timeDistributed({ layer: lib.layers.dense({ units: 2, kernelInitializer: 'ones' }) }),
  ])
    await both((lib) => {
      const layer = make(lib),
        again = remade(lib, layer),
        from = lib.ones([1, 2, 2]);
      return {
        y: again.apply(from),
        name: again.name,
        same: layer.name === again.name,
        className: again.getClassName(),
        own: again.constructor.className,
        class: again.constructor === layer.constructor,
      };
    });
  assert.throws(
    () => remade(tf, { constructor: tf.layers.dense({ units: 1 }).constructor, getConfig: () => ({ units: 0 }) }),
    /units/,
  );
});

test('Sequential and LayersModel', async () => {
  await both((lib) => remade(lib, stack(lib), lib.Sequential).predict(x(lib)));
  await both((lib) => remade(lib, stack(lib)).name);
  await both((lib) => {
    const i = lib.input({ shape: [2] }),
      model = lib.model({
        name: 'outer',
        inputs: i,
        outputs: lib.layers.reLU({ name: 'r' }).apply(stack(lib).apply(i)),
      });
    const again = remade(lib, model, lib.LayersModel);
    return [again.predict(x(lib)), again.name, again instanceof lib.LayersModel, again.layers.map((l) => l.name)];
  });
  class Mine extends tf.Sequential {
    twice(x) {
      return this.predict(x).mul(2);
    }
  }
  assert.deepEqual([...remade(tf, stack(tf), Mine).twice(x(tf)).dataSync()], [18]);
  const snake = JSON.parse(stack(tf).toJSON()).config;
  assert.deepEqual([...tf.Sequential.fromConfig(tf.Sequential, snake).predict(x(tf)).dataSync()], [9]);
});

test('initializers, regularizers, constraints', async () => {
  for (const make of [
    (lib) => lib.initializers.constant({ value: 3 }),
    (lib) => lib.initializers.randomUniform({ minval: 2, maxval: 2 }),
    (lib) => lib.initializers.zeros(),
    (lib) => lib.initializers.varianceScaling({ scale: 1e-30, mode: 'fanIn' }),
  ])
    await both((lib) => {
      const part = make(lib),
        again = remade(lib, part);
      return [
        again.apply([2, 2]),
        again.getConfig(),
        again.getClassName(),
        again.constructor === part.constructor,
        part.constructor.className,
        new part.constructor(part.getConfig()).getConfig(),
      ];
    });
  await both((lib) => remade(lib, lib.regularizers.l1l2({ l1: 0.5, l2: 1 })).apply(x(lib)));
  await both((lib) => remade(lib, lib.constraints.maxNorm({ maxValue: 1, axis: 1 })).apply(x(lib)));
});

test('the map has the classes of the library', async () => {
  const map = (lib) => lib.serialization.SerializationMap.getMap().classNameMap;
  const activations = Object.keys(map(peer)).filter((name) => /^[a-z]/.test(name));
  const missing = Object.keys(map(peer)).filter(
    (name) => !map(tf)[name] && !activations.includes(name) && !/^(Momentum|RMSProp)$/.test(name),
  );
  assert.deepEqual(missing, []);
  await both((lib) => {
    const [cls, fromConfig] = map(lib).Dense;
    return [
      fromConfig(cls, { units: 2, kernelInitializer: 'ones' }).apply(x(lib)),
      lib.layers.dense({ units: 1 }) instanceof cls,
      cls.className,
    ];
  });
  await both((lib) => {
    const [cls, from] = map(lib).Ones;
    return from(cls, {}).apply([2]);
  });
  assert.ok(tf.layers.lstm({ units: 1 }) instanceof map(tf).LSTM[0] && tf.layers.lstm({ units: 1 }) instanceof tf.RNN);
});
