// Training against TensorFlow.js: the same weights, the same batches, twenty steps; the losses must
// stay together. One test for each optimizer, each loss, and each layer that has weights.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
const STEPS = 20;

/** Numbers that look random and are the same in both libraries. */
const numbers = (n, seed = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
const product = (shape) => shape.reduce((a, b) => a * b, 1);
const near = (got, want, what) =>
  assert.ok(Math.abs(got - want) <= 1e-4 * Math.max(Math.abs(want), 1e-3), `${what}: ${got}, the peer has ${want}`);

/** Gives both the same weights, those of variances positive. */
function sameWeights(ours, theirs) {
  const all = theirs.weights.map((w, i) => {
    const values = numbers(product(w.shape), i).map((v) => (/variance/.test(w.name) ? 1 + 0.3 * v : 0.4 * v));
    return [values, w.shape];
  });
  for (const [lib, model] of [
    [tf, ours],
    [peer, theirs],
  ])
    model.setWeights(all.map(([values, shape]) => lib.tensor(values, shape)));
}

/** Trains both for some steps on the same batches: all losses must agree. */
async function together(title, make, compile, batch, steps = STEPS) {
  const models = [tf, peer].map((lib) => {
    const model = make(lib);
    model.compile(compile(lib));
    return model;
  });
  sameWeights(...models);
  for (let step = 0; step < steps; step++) {
    const losses = [];
    for (const [i, lib] of [tf, peer].entries()) {
      const [x, y] = batch(lib, step, models[i]);
      losses.push([await models[i].trainOnBatch(x, y)].flat());
    }
    losses[1].forEach((want, k) => near(losses[0][k], want, `${title}: step ${step}, value ${k}`));
  }
  models[0].dispose();
  return models;
}

const net = (lib) =>
  lib.sequential({
    layers: [
      lib.layers.dense({ units: 4, activation: 'tanh', inputShape: [3] }),
      lib.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
const oneHot = (n, of, seed) =>
  Array.from({ length: n }, (_, i) => (i * 7 + seed) % of).flatMap((k) =>
    Array.from({ length: of }, (_, j) => Number(j === k)),
  );
const classes = (lib, step) => [lib.tensor(numbers(15, step), [5, 3]), lib.tensor(oneHot(5, 3, step), [5, 3])];

// ---- optimizers ----

const OPTIMIZERS = {
  sgd: [0.1],
  momentum: [0.1, 0.9],
  'momentum nesterov': [0.1, 0.9, true],
  rmsprop: [0.01],
  'rmsprop momentum': [0.01, 0.8, 0.5],
  'rmsprop centered': [0.01, 0.9, 0.2, 1e-10, true],
  adam: [0.02],
  'adam set': [0.05, 0.8, 0.99, 1e-4],
  adadelta: [0.5, 0.9],
  adamax: [0.05],
  'adamax decay': [0.05, 0.9, 0.999, null, 0.1],
  adagrad: [0.1],
};
for (const [title, args] of Object.entries(OPTIMIZERS))
  test(`${title} takes the peer's ${STEPS} steps`, () =>
    together(
      title,
      net,
      (lib) => ({
        optimizer: lib.train[title.split(' ')[0]](...args),
        loss: 'categoricalCrossentropy',
        metrics: ['acc'],
      }),
      classes,
    ));

test('every optimizer of the peer is compared', () => {
  const names = Object.keys(OPTIMIZERS).map((title) => title.split(' ')[0]);
  for (const name of ['sgd', 'momentum', 'rmsprop', 'adam', 'adadelta', 'adamax', 'adagrad'])
    assert.ok(names.includes(name), name);
});

// ---- losses ----

const signs = (values) => values.map((v) => Math.sign(v) || 1),
  chances = (values) => values.map((v) => 0.5 + 0.4 * v);
/** The last layer's activation, and targets, where they are not any numbers. */
const LOSSES = {
  meanSquaredLogarithmicError: ['softplus', chances],
  hinge: ['linear', signs],
  squaredHinge: ['linear', signs],
  categoricalHinge: ['linear', (v, step) => oneHot(v.length / 3, 3, step)],
  categoricalCrossentropy: ['softmax', (v, step) => oneHot(v.length / 3, 3, step)],
  sparseCategoricalCrossentropy: [
    'softmax',
    (v, step) => v.filter((_, i) => i % 3 === 0).map((_, i) => (i + step) % 3),
    [5, 1],
  ],
  binaryCrossentropy: ['sigmoid', (v) => signs(v).map((s) => (s + 1) / 2)],
  kullbackLeiblerDivergence: ['softmax', (v) => v.map((x, i) => [0.2, 0.3, 0.5][i % 3])],
  poisson: ['softplus', chances],
};
/** Keras's, that the peer lacks: layers_losses.test.mjs and losses_pairs.test.mjs reckon them. */
const LACKING = /^huber$|Focal|Generalized|Logits|^dice$|^tversky$|^circle$|^ctc$/;
for (const { name } of declared.loss)
  if (!LACKING.test(name))
    test(`loss ${name} falls as the peer's`, () => {
      const [activation, targets, shape] = LOSSES[name] ?? ['linear', (v) => v];
      return together(
        name,
        (lib) =>
          lib.sequential({
            layers: [
              lib.layers.dense({ units: 4, activation: 'tanh', inputShape: [3] }),
              lib.layers.dense({ units: 3, activation }),
            ],
          }),
        (lib) => ({ optimizer: lib.train.sgd(0.05), loss: name }),
        (lib, step) => [
          lib.tensor(numbers(15, step), [5, 3]),
          lib.tensor(targets(numbers(15, step + 0.5), step), shape ?? [5, 3]),
        ],
      );
    });

// ---- layers ----

const SEQUENCE = [4, 3],
  IMAGE = [6, 6, 2],
  CUBE = [4, 4, 4, 2];
/** Config and input shape of the layers that need some. */
const LAYERS = {
  dense: [{ units: 3 }, [4]],
  prelu: [{}, [4]],
  embedding: [{ inputDim: 7, outputDim: 3 }, [4]],
  batchNormalization: [{}, [4]],
  layerNormalization: [{}, [4]],
  conv1d: [{ filters: 2, kernelSize: 2 }, SEQUENCE],
  conv2d: [{ filters: 2, kernelSize: 3 }, IMAGE],
  conv3d: [{ filters: 2, kernelSize: 2 }, CUBE],
  conv2dTranspose: [{ filters: 2, kernelSize: 3, strides: 2 }, IMAGE],
  depthwiseConv2d: [{ kernelSize: 3, depthMultiplier: 2 }, IMAGE],
  separableConv2d: [{ filters: 2, kernelSize: 3 }, IMAGE],
  simpleRNN: [{ units: 3 }, SEQUENCE],
  gru: [{ units: 3 }, SEQUENCE],
  lstm: [{ units: 3 }, SEQUENCE],
  convLstm2d: [{ filters: 2, kernelSize: 2 }, [3, 4, 4, 2]],
  timeDistributed: [(lib) => ({ layer: lib.layers.dense({ units: 2 }) }), SEQUENCE],
  bidirectional: [(lib) => ({ layer: lib.layers.lstm({ units: 2 }), mergeMode: 'concat' }), SEQUENCE],
  rnn: [(lib) => ({ cell: lib.layers.gruCell({ units: 2 }) }), SEQUENCE],
};
/** Layers with weights that are not compared here, and why. */
const ELSEWHERE = {
  conv3dTranspose: 'the peer has no gradient for it',
  simpleRNNCell: 'a step of simpleRNN',
  gruCell: 'a step of gru and of rnn',
  lstmCell: 'a step of lstm',
  convLstm2dCell: 'a step of convLstm2d',
  stackedRNNCells: 'steps of cells',
};
const layerOf = (lib, name, extra) => {
  const [config, shape] = LAYERS[name];
  return lib.layers[name]({ ...(typeof config === 'function' ? config(lib) : config), inputShape: shape, ...extra });
};

/** Layers of both that have weights: all that are declared, tried with their config. */
const weighted = declared.layer.map((d) => d.name).filter((name) => name in LAYERS && peer.layers[name]);
for (const name of weighted)
  test(`layer ${name} learns as the peer's`, () =>
    together(
      name,
      (lib) => {
        const layer = layerOf(lib, name),
          model = lib.sequential({ layers: [layer] });
        if (model.outputs[0].shape.length > 2) model.add(lib.layers.flatten());
        model.add(lib.layers.dense({ units: 1 }));
        return model;
      },
      (lib) => ({ optimizer: lib.train.adam(0.01), loss: 'meanSquaredError' }),
      (lib, step) => {
        const [, shape] = LAYERS[name],
          n = product(shape) * 3;
        const x = name === 'embedding' ? numbers(n, step).map((v) => Math.floor((v + 1) * 3.4)) : numbers(n, step);
        return [lib.tensor(x, [3, ...shape]), lib.tensor(numbers(3, step + 0.5), [3, 1])];
      },
    ));

test('no layer with weights is left out', () => {
  const inputs = [[4], SEQUENCE, IMAGE, CUBE];
  for (const { name } of declared.layer.filter(
    (d) => !(d.name in LAYERS) && !(d.name in ELSEWHERE) && peer.layers[d.name],
  ))
    for (const shape of inputs) {
      let layer;
      try {
        layer = peer.layers[name]({
          units: 1,
          filters: 1,
          kernelSize: 1,
          rate: 0.1,
          targetShape: [product(shape)],
          n: 2,
          dims: [1],
          activation: 'relu',
          inputShape: shape,
        });
        peer.sequential({ layers: [layer] });
      } catch {
        continue;
      }
      assert.equal(layer.weights.length, 0, `${name} has weights and is not compared`);
    }
});
