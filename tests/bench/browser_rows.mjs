// What is measured on the GPU: each row is given a library and returns the work to be timed, which ends when its
// result is in memory; both sides run the same lines.
import { nets } from './browser_nets.mjs';
import { ops } from './browser_ops.mjs';

const random = (tf, shape) => tf.randomUniform(shape, -1, 1, 'float32', 7);

/** Reads a result, so that the work is done, and lets go of it. */
async function read(y) {
  await y.data();
  y.dispose();
}

function matMul(n) {
  return {
    name: `matMul ${n}`,
    make(tf) {
      const a = random(tf, [n, n]),
        b = random(tf, [n, n]);
      return () => read(tf.matMul(a, b));
    },
  };
}

function conv(kernel, channels, side) {
  return {
    name: `conv ${kernel}x${kernel}, ${channels} channels, ${side}x${side}`,
    make(tf) {
      const x = random(tf, [1, side, side, channels]),
        w = random(tf, [kernel, kernel, channels, channels]);
      return () => read(tf.conv2d(x, w, 1, 'same'));
    },
  };
}

const chain = {
  name: 'chain of eight elementwise ops, 1e6',
  make(tf) {
    const x = tf.randomUniform([1000, 1000], 0.1, 2, 'float32', 7);
    return () => read(tf.tidy(() => x.mul(2).add(1).sqrt().sub(0.5).square().relu().neg().exp()));
  },
};

const mlp = {
  name: 'MLP 784-128-10, Adam, batch 128, one step',
  make(tf) {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        tf.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    const x = random(tf, [128, 784]),
      y = tf.ones([128, 10]).div(10);
    return () => model.trainOnBatch(x, y);
  },
};

const cnn = {
  name: 'MNIST CNN, Adam, batch 64, one step',
  slow: true,
  make(tf) {
    const conv2d = (filters, more = {}) => tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', ...more });
    const model = tf.sequential({
      layers: [
        conv2d(8, { inputShape: [28, 28, 1] }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        conv2d(16),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 10, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    const x = random(tf, [64, 28, 28, 1]),
      y = tf.ones([64, 10]).div(10);
    return () => model.trainOnBatch(x, y);
  },
};

const lstm = {
  name: 'LSTM 64, 20 steps of 16, predict',
  slow: true,
  make(tf) {
    const model = tf.sequential({ layers: [tf.layers.lstm({ units: 64, inputShape: [20, 16] })] });
    const x = random(tf, [8, 20, 16]);
    return () => read(model.predict(x));
  },
};

export const rows = [
  matMul(256),
  matMul(512),
  matMul(1024),
  conv(3, 64, 56),
  conv(1, 64, 32),
  chain,
  mlp,
  cnn,
  lstm,
  ...nets,
  ...ops,
];

/** Those that --layers looks into, unless --only asks for others. */
export const layered = [...nets, cnn];
