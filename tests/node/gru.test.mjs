// GRU with resetAfter, as every GRU of Keras has had it since 2: against a reference in float64, whose gradients are
// differences; with masks, states, both ways, as a cell, in files of Keras 2 and 3.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const B = 2,
  S = 4,
  I = 3,
  U = 2;
const sigmoid = (x) => 1 / (1 + Math.exp(-x)),
  hardSigmoid = (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5));
/** Numbers between -1 and 1, the same each time. */
const numbers = (n, from = 0) => Array.from({ length: n }, (_, i) => Math.sin(1.7 * (i + 1) + from));
const nested = (flat, [n, ...rest]) =>
  rest.length
    ? Array.from({ length: n }, (_, i) => nested(flat.slice((i * flat.length) / n, ((i + 1) * flat.length) / n), rest))
    : flat;
const SHAPES = [
  [I, 3 * U],
  [U, 3 * U],
  [2, 3 * U],
];
const WEIGHTS = SHAPES.map((shape, i) =>
    nested(
      numbers(
        shape.reduce((a, b) => a * b),
        i,
      ),
      shape,
    ),
  ),
  X = nested(numbers(B * S * I, 5), [B, S, I]);
const product = (v, m) => m[0].map((_, j) => v.reduce((sum, x, i) => sum + x * m[i][j], 0));
const add = (a, b) => a.map((x, i) => x + b[i]);

/** States after each step, [batch][step][unit]; steps where mask is 0 repeat the state. */
function reference(x, [kernel, recurrent, bias], { gate = sigmoid, mask, backwards = false, start } = {}) {
  return x.map((steps, b) => {
    let h = start ? start[b] : Array(U).fill(0);
    const counts = mask?.[b],
      order = steps.map((_, t) => t);
    return (backwards ? order.reverse() : order).map((t) => {
      if (counts && !counts[t]) return h;
      let fromX = product(steps[t], kernel),
        fromH = product(h, recurrent);
      if (bias) ((fromX = add(fromX, bias[0])), (fromH = add(fromH, bias[1])));
      return (h = h.map((old, i) => {
        const stay = gate(fromX[i] + fromH[i]),
          reset = gate(fromX[U + i] + fromH[U + i]);
        return stay * old + (1 - stay) * Math.tanh(fromX[2 * U + i] + reset * fromH[2 * U + i]);
      }));
    });
  });
}
const last = (all) => all.map((steps) => steps.at(-1));
function near(tensor, expected, bound = 2e-6) {
  const got = tensor.dataSync(),
    want = expected.flat(Infinity);
  assert.equal(got.length, want.length);
  want.forEach((v, i) => assert.ok(Math.abs(got[i] - v) < bound, `${i}: ${got[i]}, not ${v}`));
}
const CONFIG = { units: U, resetAfter: true, recurrentActivation: 'sigmoid' };
/** Layers and models to dispose when a test ends. */
const made = [],
  own = (one) => {
    made.push(one);
    return one;
  };
/** A gru with WEIGHTS. */
function gru(more = {}, weights = WEIGHTS) {
  const layer = own(tf.layers.gru({ ...CONFIG, inputShape: [S, I], ...more }));
  tf.dispose(layer.apply(tf.zeros([B, S, I])));
  layer.setWeights(weights.map((w) => tf.tensor(w)));
  return layer;
}
/** A test in which all tensors are forgotten. */
function check(name, f) {
  test(name, async () => {
    const before = tf.memory().numTensors;
    tf.engine().startScope();
    await f();
    tf.engine().endScope();
    for (const one of made.splice(0)) one.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}

check('one way, the other, all steps, the state', () => {
  near(gru().apply(tf.tensor(X)), last(reference(X, WEIGHTS)));
  near(gru({ returnSequences: true }).apply(tf.tensor(X)), reference(X, WEIGHTS));
  near(
    gru({ returnSequences: true, goBackwards: true }).apply(tf.tensor(X)),
    reference(X, WEIGHTS, { backwards: true }),
  );
  near(
    gru({ recurrentActivation: 'hardSigmoid' }).apply(tf.tensor(X)),
    last(reference(X, WEIGHTS, { gate: hardSigmoid })),
  );
  const [y, h] = gru({ returnState: true }).apply(tf.tensor(X));
  near(y, last(reference(X, WEIGHTS)));
  near(h, last(reference(X, WEIGHTS)));
});

check('without a bias, and which shape the bias has', () => {
  near(gru({ useBias: false }, WEIGHTS.slice(0, 2)).apply(tf.tensor(X)), last(reference(X, WEIGHTS.slice(0, 2))));
  assert.deepEqual(
    gru()
      .getWeights()
      .map((w) => w.shape),
    SHAPES,
  );
  const before = own(tf.layers.gru({ units: U }));
  before.apply(tf.zeros([B, S, I]));
  assert.deepEqual(before.getWeights()[2].shape, [3 * U]);
  assert.throws(() => before.setWeights(WEIGHTS.map((w) => tf.tensor(w))), /\[6\].*\[2, ?6\]/);
  assert.equal(gru().getConfig().resetAfter, true);
});

check('masks', () => {
  const mask = [
      [1, 0, 1, 0],
      [0, 1, 1, 1],
    ],
    masked = X.map((steps, b) => steps.map((x, t) => (mask[b][t] ? x : [0, 0, 0])));
  for (const returnSequences of [false, true])
    for (const goBackwards of [false, true]) {
      const model = own(
        tf.sequential({ layers: [tf.layers.masking({ inputShape: [S, I] }), gru({ returnSequences, goBackwards })] }),
      );
      const all = reference(X, WEIGHTS, { mask, backwards: goBackwards });
      for (let i = 0; i < 4; i++) near(model.predict(tf.tensor(masked)), returnSequences ? all : last(all));
    }
});

check('both ways', () => {
  const both = own(
    tf.layers.bidirectional({ layer: tf.layers.gru({ ...CONFIG, returnSequences: true }), inputShape: [S, I] }),
  );
  both.apply(tf.zeros([B, S, I]));
  const other = WEIGHTS.map((w) => w.map((row) => row.map((v) => -v)));
  both.setWeights([...WEIGHTS, ...other].map((w) => tf.tensor(w)));
  const there = reference(X, WEIGHTS),
    back = reference(X, other, { backwards: true }).map((steps) => steps.reverse());
  near(
    both.apply(tf.tensor(X)),
    there.map((steps, b) => steps.map((h, t) => [...h, ...back[b][t]])),
  );
});

check('stateful, and states that are given', () => {
  const model = own(tf.sequential({ layers: [gru({ stateful: true, batchInputShape: [B, S, I] })] }));
  let start;
  for (let i = 0; i < 4; i++) {
    start = last(reference(X, WEIGHTS, { start }));
    near(model.predict(tf.tensor(X)), start);
  }
  model.resetStates();
  near(model.predict(tf.tensor(X)), last(reference(X, WEIGHTS)));
  near(gru().apply(tf.tensor(X), { initialState: [tf.tensor(start)] }), last(reference(X, WEIGHTS, { start })));
});

check('as a cell, alone and stacked', () => {
  const cell = () => tf.layers.gruCell(CONFIG);
  for (const [layer, weights, want] of [
    [cell(), WEIGHTS, reference(X, WEIGHTS)],
    [
      [cell(), cell()],
      [...WEIGHTS, WEIGHTS[0].slice(0, U), ...WEIGHTS.slice(1)],
      reference(reference(X, WEIGHTS), [WEIGHTS[0].slice(0, U), ...WEIGHTS.slice(1)]),
    ],
  ]) {
    const rnn = own(tf.layers.rnn({ cell: layer, returnSequences: true }));
    rnn.apply(tf.zeros([B, S, I]));
    rnn.setWeights(weights.map((w) => tf.tensor(w)));
    near(rnn.apply(tf.tensor(X)), want);
  }
});

/** Weights after steps of gradient descent on the mean square of all states, in float64; gradients are differences. */
function trained(weights, steps, rate, target) {
  const flat = weights.flat(Infinity),
    shapes = SHAPES,
    H = 1e-5;
  const shaped = () => {
    let at = 0;
    return shapes.map((shape) => {
      const n = shape[0] * shape[1];
      at += n;
      return nested(flat.slice(at - n, at), shape);
    });
  };
  const loss = () => {
    const y = reference(X, shaped()).flat(2);
    return y.reduce((sum, v, i) => sum + (v - target[i]) ** 2, 0) / y.length;
  };
  for (let s = 0; s < steps; s++) {
    const gradient = flat.map((v, i) => {
      flat[i] = v + H;
      const up = loss();
      flat[i] = v - H;
      const down = loss();
      flat[i] = v;
      return (up - down) / (2 * H);
    });
    gradient.forEach((g, i) => {
      flat[i] -= rate * g;
    });
  }
  return flat;
}

check('training, by calls and by plans', async () => {
  const target = numbers(B * S * U, 9),
    model = own(tf.sequential({ layers: [gru({ returnSequences: true })] })),
    loss = [];
  model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
  for (let i = 0; i < 6; i++) loss.push(await model.trainOnBatch(tf.tensor(X), tf.tensor(target, [B, S, U])));
  const want = trained(WEIGHTS, 6, 0.5, target),
    got = model.getWeights().flatMap((w) => [...w.dataSync()]);
  want.forEach((v, i) => assert.ok(Math.abs(got[i] - v) < 2e-5, `${i}: ${got[i]}, not ${v}`));
  assert.ok(loss.every((v, i) => !i || v < loss[i - 1]));
  model.optimizer.dispose();
});

const CELL = {
  units: U,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  use_bias: true,
  dropout: 0,
  recurrent_dropout: 0,
  implementation: 2,
  reset_after: true,
};
const STEPS = {
  return_sequences: false,
  return_state: false,
  go_backwards: false,
  stateful: false,
  unroll: false,
  time_major: false,
};
const FILES = {
  'Keras 2': {
    keras_version: '2.15.0',
    backend: 'tensorflow',
    model_config: {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [
          {
            class_name: 'GRU',
            config: {
              name: 'gru',
              trainable: true,
              dtype: 'float32',
              batch_input_shape: [null, S, I],
              ...STEPS,
              ...CELL,
            },
          },
        ],
      },
    },
  },
  'Keras 3': {
    keras_version: '3.4.1',
    backend: 'tensorflow',
    model_config: {
      module: 'keras',
      class_name: 'Sequential',
      registered_name: null,
      config: {
        name: 's',
        layers: [
          {
            module: 'keras.layers',
            class_name: 'InputLayer',
            registered_name: null,
            config: { batch_shape: [null, S, I], dtype: 'float32', sparse: false, name: 'input_layer' },
          },
          {
            module: 'keras.layers',
            class_name: 'GRU',
            registered_name: null,
            build_config: { input_shape: [null, S, I] },
            config: {
              name: 'gru',
              trainable: true,
              dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null },
              ...STEPS,
              zero_output_for_mask: false,
              ...CELL,
              seed: null,
            },
          },
        ],
      },
    },
  },
};
for (const [name, modelTopology] of Object.entries(FILES))
  check(`a file of ${name}, saved and loaded again`, async () => {
    const weightSpecs = ['kernel', 'recurrent_kernel', 'bias'].map((w, i) => ({
        name: `gru/gru_cell/${w}`,
        shape: SHAPES[i],
        dtype: 'float32',
      })),
      weightData = new Float32Array(WEIGHTS.flat(Infinity)).buffer;
    const model = own(await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData })));
    near(model.predict(tf.tensor(X)), last(reference(X, WEIGHTS)));
    let saved;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: {} };
      }),
    );
    assert.equal(
      saved.modelTopology.model_config?.config.layers.at(-1).config.reset_after ??
        saved.modelTopology.config.layers.at(-1).config.reset_after,
      true,
    );
    near(own(await tf.loadLayersModel(tf.io.fromMemory(saved))).predict(tf.tensor(X)), last(reference(X, WEIGHTS)));
  });
