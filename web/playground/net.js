// The net that learns: features, layers of units, one output; and what every unit says over the square.
import { FEATURES, gridOf, inputOf, isRegression } from './points.js';

export const SIDE = 44; // of the grid that pictures are made of

const optimizerOf = (tf, { optimizer, rate }) =>
  ({ adam: () => tf.train.adam(rate), momentum: () => tf.train.momentum(rate, 0.9), sgd: () => tf.train.sgd(rate) })[
    optimizer
  ]();

function regularizerOf(tf, { regularizer, strength }) {
  if (regularizer === 'none') return undefined;
  return regularizer === 'l1' ? tf.regularizers.l1({ l1: strength }) : tf.regularizers.l2({ l2: strength });
}

/** A net for a state, its points already cut into those to train with and those held out. */
export function makeNet(tf, state, training, held) {
  const model = tf.sequential(),
    shape = (i) => (i ? {} : { inputShape: [state.features.length] });
  state.layers.forEach((units, i) =>
    model.add(
      tf.layers.dense({
        ...shape(i),
        units,
        activation: state.activation,
        kernelInitializer: state.activation === 'relu' ? 'heNormal' : 'glorotNormal',
        kernelRegularizer: regularizerOf(tf, state),
      }),
    ),
  );
  model.add(
    tf.layers.dense({
      ...shape(state.layers.length),
      units: 1,
      activation: isRegression(state.data) ? 'linear' : 'tanh',
      kernelRegularizer: regularizerOf(tf, state),
    }),
  );
  const whole = tf.model({ inputs: model.inputs, outputs: model.layers.map(({ output }) => output) });
  const labels = (points) => tf.tensor2d(points.map(({ label }) => [label]));
  const [x, y, both, grid] = [
    inputOf(tf, training, state.features),
    labels(training),
    inputOf(tf, [...training, ...held], state.features),
    inputOf(tf, gridOf(SIDE), state.features),
  ];
  const compile = (now) => model.compile({ loss: 'meanSquaredError', optimizer: optimizerOf(tf, now) });
  compile(state);

  const numbers = async (tensors) => {
    const list = [tensors].flat();
    const data = await Promise.all(list.map((tensor) => tensor.data()));
    tf.dispose(list);
    return data;
  };

  return {
    compile,
    /** Learns for some epochs. */
    learn: (epochs, batchSize) => model.fit(x, y, { epochs, batchSize, shuffle: true, yieldEvery: 'never' }),
    /** For each layer, the last being the output, values of the grid: [SIDE * SIDE, units]. */
    pictures: () => numbers(tf.tidy(() => whole.predict(grid, { batchSize: SIDE * SIDE }))),
    /** For each layer its kernel [from, to], as a list of numbers. */
    weights: async () => {
      const kernels = model.layers.map((layer) => layer.getWeights()[0]);
      return Promise.all(kernels.map((kernel) => kernel.data()));
    },
    /** {loss, heldLoss, right}: mean squares, and the share of held-out points on the right side. */
    async score() {
      const [values] = await numbers(tf.tidy(() => model.predict(both, { batchSize: 1024 })));
      const mean = (points, from) =>
        points.reduce((sum, { label }, i) => sum + (values[from + i] - label) ** 2, 0) / points.length;
      const right = held.filter(({ label }, i) => values[training.length + i] * label > 0).length;
      return { loss: mean(training, 0), heldLoss: mean(held, training.length), right: right / held.length };
    },
    dispose() {
      model.dispose();
      tf.dispose([x, y, both, grid]);
    },
  };
}

/** What a feature says over the square. */
export const featureGrid = (name) => Float32Array.from(gridOf(SIDE), ({ x, y }) => FEATURES[name].of(x, y));
