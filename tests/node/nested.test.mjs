// Models within models in files: those of this library, of TensorFlow.js and of Keras. Numbers of
// nodes, shared layers, and results after a way from each library to the other.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { again, both, peer, saved, tf, waves } from '../lib/both.mjs';
import { same } from '../lib/programs/same.mjs';

after(() => peer.disposeVariables());

const dense = (lib, units, more) =>
  lib.layers.dense({ units, kernelInitializer: 'glorotUniform', activation: 'tanh', ...more });
const stack = (lib, name, units = 3, features = 4) =>
  lib.sequential({
    name,
    layers: [dense(lib, 5, { name: `${name}_a`, inputShape: [features] }), dense(lib, units, { name: `${name}_b` })],
  });
const graph = (lib, name, units = 3) => {
  const x = lib.input({ shape: [4], name: `${name}_in` });
  return lib.model({ name, inputs: x, outputs: dense(lib, units, { name: `${name}_d` }).apply(x) });
};
const X = [4];

/** Models by what is nested where: a function that makes one, and the shape of one example. */
const MODELS = {
  'sequential in functional': (lib) => {
    const x = lib.input({ shape: X });
    return lib.model({ inputs: x, outputs: dense(lib, 2, { name: 'top' }).apply(stack(lib, 's').apply(x)) });
  },
  'functional in sequential': (lib) => lib.sequential({ layers: [graph(lib, 'g'), dense(lib, 2, { name: 'top' })] }),
  'functional in functional': (lib) => {
    const x = lib.input({ shape: X });
    return lib.model({ inputs: x, outputs: dense(lib, 2, { name: 'top' }).apply(graph(lib, 'g').apply(x)) });
  },
  'nested twice': (lib) => {
    const x = lib.input({ shape: X }),
      y = lib.input({ shape: X });
    const middle = lib.model({
      name: 'middle',
      inputs: y,
      outputs: dense(lib, 4, { name: 'm' }).apply(graph(lib, 'g', 4).apply(y)),
    });
    const outer = lib.sequential({ name: 'outer', layers: [middle, dense(lib, 3, { name: 'o' })] });
    return lib.model({ inputs: x, outputs: outer.apply(x) });
  },
  'sequential in sequential in sequential (Teachable Machine)': (lib) => {
    const base = lib.sequential({ name: 'features', layers: [graph(lib, 'net', 6)] });
    const head = lib.sequential({
      name: 'head',
      layers: [
        dense(lib, 5, { name: 'h1', inputShape: [6] }),
        dense(lib, 2, { name: 'h2', useBias: false, activation: 'softmax' }),
      ],
    });
    return lib.sequential({ layers: [base, head] });
  },
  'shared nested': (lib) => {
    const x = lib.input({ shape: X }),
      y = lib.input({ shape: X }),
      tower = stack(lib, 'tower');
    return lib.model({ inputs: [x, y], outputs: lib.layers.concatenate().apply([tower.apply(x), tower.apply(y)]) });
  },
  'shared nested, one result an output': (lib) => {
    const x = lib.input({ shape: X }),
      tower = graph(lib, 'tower', 4),
      once = tower.apply(x);
    return lib.model({ inputs: x, outputs: [tower.apply(once), dense(lib, 2, { name: 'top' }).apply(once)] });
  },
  'nested as output': (lib) => {
    const x = lib.input({ shape: X });
    return lib.model({ inputs: x, outputs: stack(lib, 's').apply(dense(lib, 4, { name: 'first' }).apply(x)) });
  },
  'called before, outside': (lib) => {
    const x = lib.input({ shape: X }),
      tower = stack(lib, 'tower');
    tower.apply(lib.input({ shape: X }));
    return lib.model({ inputs: x, outputs: tower.apply(x) });
  },
  'several inputs and outputs': (lib) => {
    const a = lib.input({ shape: X }),
      b = lib.input({ shape: X });
    const inner = lib.model({
      name: 'inner',
      inputs: [a, b],
      outputs: [
        dense(lib, 3, { name: 'sum' }).apply(lib.layers.add().apply([a, b])),
        dense(lib, 2, { name: 'left' }).apply(a),
      ],
    });
    const x = lib.input({ shape: X }),
      y = lib.input({ shape: X }),
      [p, q] = inner.apply([y, x]);
    return lib.model({ inputs: [x, y], outputs: [dense(lib, 2, { name: 'top' }).apply(q), p] });
  },
  'an autoencoder of two models': (lib) => {
    const x = lib.input({ shape: X });
    return lib.model({ inputs: x, outputs: stack(lib, 'decoder', 4, 2).apply(stack(lib, 'encoder', 2).apply(x)) });
  },
  'inside TimeDistributed': (lib) => {
    const x = lib.input({ shape: [3, 4] });
    return lib.model({
      inputs: x,
      outputs: lib.layers.timeDistributed({ layer: stack(lib, 's'), name: 'steps' }).apply(x),
    });
  },
  'inside TimeDistributed, before Bidirectional': (lib) =>
    lib.sequential({
      layers: [
        lib.layers.timeDistributed({ layer: stack(lib, 's'), name: 'steps', inputShape: [3, 4] }),
        lib.layers.bidirectional({
          layer: lib.layers.lstm({ units: 2, name: 'r', recurrentInitializer: 'glorotUniform' }),
          name: 'both',
        }),
      ],
    }),
  'a model with Bidirectional nested': (lib) => {
    const x = lib.input({ shape: [3, 4] });
    const inner = lib.sequential({
      name: 'inner',
      layers: [
        lib.layers.bidirectional({
          layer: lib.layers.gru({ units: 2, name: 'r', recurrentInitializer: 'glorotUniform' }),
          name: 'both',
          inputShape: [3, 4],
        }),
      ],
    });
    return lib.model({ inputs: x, outputs: inner.apply(x) });
  },
};

const inputsOf = (lib, model) => model.inputs.map(({ shape }, i) => waves(lib, 2, ...shape.slice(1)).add(i));
const results = (lib, model) =>
  lib.tidy(() => [model.predict(inputsOf(lib, model))].flat().map((y) => [...y.dataSync()]));
const load = (lib, artifacts) => lib.loadLayersModel(lib.io.fromMemory(artifacts));

for (const [name, make] of Object.entries(MODELS)) {
  test(`${name}: there and back`, async () => {
    const ours = make(tf),
      want = results(tf, ours),
      file = await saved(tf, ours);
    const there = await load(peer, file);
    same(results(peer, there), want, 1e-5, 'in the peer');
    const back = await load(tf, await saved(peer, there));
    same(results(tf, back), want, 1e-5, 'back from the peer');
    const copy = await again(tf, back);
    same(results(tf, copy), want, 0, 'saved and loaded again');
  });
  test(`${name}: a file of the peer`, async () => {
    const theirs = make(peer),
      file = await saved(peer, theirs);
    same(results(tf, await load(tf, file)), results(peer, theirs), 1e-5, 'here');
  });
}

/** The references to a layer in a topology. */
const numbersOf = (topology, name) => {
  const found = [],
    look = (value) => {
      if (Array.isArray(value) && value[0] === name && typeof value[1] === 'number') found.push(value[1]);
      if (value && typeof value === 'object') Object.values(value).forEach(look);
    };
  look(topology);
  return found;
};

test('calls of a model count from 1, of other layers from 0', async () => {
  const { modelTopology } = await saved(tf, MODELS['shared nested'](tf));
  assert.deepEqual(numbersOf(modelTopology, 'tower'), [1, 2]);
  assert.deepEqual(numbersOf((await saved(tf, MODELS['sequential in functional'](tf))).modelTopology, 's'), [1]);
});

test('files in which calls of models count from 0 go on loading', async () => {
  for (const name of [
    'sequential in functional',
    'shared nested',
    'shared nested, one result an output',
    'nested twice',
    'several inputs and outputs',
  ]) {
    const model = MODELS[name](tf),
      file = await saved(tf, model),
      models = ['s', 'tower', 'g', 'outer', 'inner'];
    const modelTopology = JSON.parse(JSON.stringify(file.modelTopology), (key, value) =>
      Array.isArray(value) && models.includes(value[0]) && typeof value[1] === 'number'
        ? [value[0], value[1] - 1, ...value.slice(2)]
        : value,
    );
    assert.notDeepEqual(modelTopology, file.modelTopology);
    same(results(tf, await load(tf, { ...file, modelTopology })), results(tf, model), 0, name);
  }
});

// ---- inputs of another shape than declared ----

test('a model takes what its layers take, and predict and fit what it was made for', async () => {
  const inner = (lib) =>
    lib.sequential({
      name: 'inner',
      layers: [lib.layers.dense({ units: 3, inputShape: [5], kernelInitializer: 'ones', name: 'd' })],
    });
  await both((lib) => inner(lib).apply(lib.input({ shape: [1, 5] })).shape);
  await both((lib) => inner(lib).apply(waves(lib, 2, 1, 5)));
  assert.throws(() => inner(tf).apply(tf.input({ shape: [4] })), /4/);
  await both((lib) => inner(lib).predict(waves(lib, 2, 1, 5)), /expected d_input to have/);
  await both(async (lib) => {
    const x = lib.input({ shape: [1, 5], name: 'x' }),
      model = lib.model({ inputs: x, outputs: lib.layers.flatten({ name: 'f' }).apply(inner(lib).apply(x)) });
    const copy = await again(lib, model);
    return [model.predict(waves(lib, 2, 1, 5)), copy.predict(waves(lib, 2, 1, 5))];
  });
});

test('the generator of an ACGAN', async () => {
  await both(async (lib) => {
    const part = lib.sequential({
      name: 'cnn',
      layers: [
        lib.layers.dense({
          units: 2 * 2 * 3,
          inputShape: [4],
          activation: 'relu',
          kernelInitializer: 'ones',
          name: 'up',
        }),
        lib.layers.reshape({ targetShape: [2, 2, 3], name: 'image' }),
        lib.layers.conv2dTranspose({
          filters: 1,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'tanh',
          kernelInitializer: 'ones',
          name: 'conv',
        }),
      ],
    });
    const latent = lib.input({ shape: [4], name: 'latent' }),
      label = lib.input({ shape: [1], name: 'label' });
    const embedded = lib.layers
      .embedding({ inputDim: 10, outputDim: 4, embeddingsInitializer: 'ones', name: 'embed' })
      .apply(label);
    const model = lib.model({
      inputs: [latent, label],
      outputs: part.apply(lib.layers.multiply({ name: 'times' }).apply([latent, embedded])),
    });
    const copy = await again(lib, model),
      given = () => [waves(lib, 2, 4), lib.tensor([[3], [7]])];
    return [model.outputs[0].shape, model.predict(given()), copy.predict(given())];
  });
});
