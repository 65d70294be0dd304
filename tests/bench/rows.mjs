// What is measured: each row is given a library, ours or TensorFlow.js, and returns the work to be
// timed; both sides run the same lines. `peer` is the backend it is compared with.
const random = (tf, shape) => tf.randomUniform(shape, -1, 1, 'float32', 7);

function matMul(n) {
  return {
    name: `matMul ${n}`,
    make(tf) {
      const a = random(tf, [n, n]),
        b = random(tf, [n, n]);
      return () => tf.matMul(a, b).dispose();
    },
  };
}

/** A row times a thin matrix, as at the end of a text classifier. */
const thin = {
  name: 'matMul [1, 3840] x [3840, 6]',
  make(tf) {
    const a = random(tf, [1, 3840]),
      b = random(tf, [3840, 6]);
    return () => tf.matMul(a, b).dispose();
  },
};

/** A convolution that keeps the sizes of a square picture. */
function conv(kernel, channels, side) {
  return {
    name: `conv ${kernel}x${kernel}, ${channels} channels, ${side}x${side}`,
    make(tf) {
      const x = random(tf, [1, side, side, channels]),
        w = random(tf, [kernel, kernel, channels, channels]);
      return () => tf.conv2d(x, w, 1, 'same').dispose();
    },
  };
}

/** An op on a million elements. */
function million(name, f) {
  return {
    name: `${name}, 1e6`,
    make(tf) {
      const x = tf.randomUniform([1000, 1000], 0.1, 2, 'float32', 7);
      return () => f(tf, x).dispose();
    },
  };
}

const gather = {
  name: 'gather, 1e6',
  make(tf) {
    const x = random(tf, [10000, 100]),
      indices = tf.tensor1d(Array.from(tf.util.createShuffledIndices(10000)), 'int32');
    return () => tf.gather(x, indices).dispose();
  },
};

const add = {
  name: 'eager add of 4 numbers',
  make(tf) {
    const a = tf.tensor([1, 2, 3, 4]),
      b = tf.tensor([5, 6, 7, 8]);
    return () => tf.add(a, b).dispose();
  },
};

const grad = {
  name: 'grad of sum(x * x), 4 numbers',
  make(tf) {
    const x = tf.tensor([1, 2, 3, 4]),
      g = tf.grad((v) => v.mul(v).sum());
    return () => g(x).dispose();
  },
};

/** 2-8-1 with Adam, through fit, one epoch of the four points in one batch. */
const xor = {
  name: 'XOR 2-8-1, Adam, one fit step',
  make(tf) {
    const xs = tf.tensor2d([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
      ys = tf.tensor2d([[0], [1], [1], [0]]);
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [2] }));
    model.add(tf.layers.dense({ units: 1, activation: 'sigmoid' }));
    model.compile({ optimizer: tf.train.adam(0.1), loss: 'binaryCrossentropy' });
    const epochs = 50;
    const run = () => model.fit(xs, ys, { epochs, batchSize: 4, verbose: 0, yieldEvery: 'never' });
    return Object.assign(run, { per: epochs });
  },
};

function classifier(tf, layers, inputShape, batch) {
  const model = tf.sequential();
  layers(tf.layers).forEach((layer) => model.add(layer));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const xs = random(tf, [batch, ...inputShape]);
  const ys = tf.oneHot(tf.range(0, batch, 1, 'int32').mod(tf.scalar(10, 'int32')), 10).toFloat();
  return async () => {
    await model.trainOnBatch(xs, ys);
  };
}

const mlp = {
  name: 'MLP 784-128-10, Adam, batch 128, one step',
  make: (tf) =>
    classifier(
      tf,
      (l) => [
        l.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        l.dense({ units: 10, activation: 'softmax' }),
      ],
      [784],
      128,
    ),
};

const cnn = {
  name: 'MNIST CNN, Adam, batch 64, one step',
  peer: 'cpu', // its wasm backend cannot train convolutions
  slow: true,
  make: (tf) =>
    classifier(
      tf,
      (l) => [
        l.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }),
        l.maxPooling2d({ poolSize: 2, strides: 2 }),
        l.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
        l.maxPooling2d({ poolSize: 2, strides: 2 }),
        l.flatten(),
        l.dense({ units: 10, activation: 'softmax' }),
      ],
      [28, 28, 1],
      64,
    ),
};

/** predict of MobileNet v1 0.25/224 from its layers file, batch norm unfused, as users load it. */
const mobilenet = {
  name: 'MobileNet v1 0.25/224, predict',
  needs: 'mobilenet_v1_025_224_layers/model.json',
  async make(tf, { artifacts }) {
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const x = random(tf, [1, 224, 224, 3]);
    return () =>
      tf.tidy(() => {
        model.predict(x).dataSync();
      });
  },
};

/** Loading a model from memory, and disposing of it. */
const loading = (needs, load) => ({
  name: `load ${needs.split('/').slice(0, -1).join('/')}`,
  needs,
  make(tf, { artifacts }) {
    return async () => (await tf[load](tf.io.fromMemory(artifacts))).dispose();
  },
});

/** peer: its wasm backend has no complex numbers. */
const fft = {
  name: 'fft of 64 rows of 1024',
  peer: 'cpu',
  make(tf) {
    const x = tf.complex(random(tf, [64, 1024]), random(tf, [64, 1024]));
    return () => tf.fft(x).dispose();
  },
};

const stft = {
  name: 'stft, frames of 400 in 512, 1 s at 16 kHz',
  peer: 'cpu',
  make(tf) {
    const x = random(tf, [16000]);
    return () => tf.signal.stft(x, 400, 160, 512).dispose();
  },
};

const einsum = {
  name: "einsum 'bqhd,bkhd->bhqk', 128 words",
  peer: 'cpu', // its wasm backend has none
  make(tf) {
    const q = random(tf, [2, 128, 8, 64]),
      k = random(tf, [2, 128, 8, 64]);
    return () => tf.einsum('bqhd,bkhd->bhqk', q, k).dispose();
  },
};

const qr = {
  name: 'qr 64',
  make(tf) {
    const x = random(tf, [64, 64]);
    return () => tf.linalg.qr(x).forEach((y) => y.dispose());
  },
};

export const rows = [
  matMul(128),
  matMul(512),
  matMul(1024),
  thin,
  conv(1, 64, 32),
  conv(3, 128, 8),
  add,
  grad,
  million('exp', (tf, x) => tf.exp(x)),
  million('log', (tf, x) => tf.log(x)),
  million('tanh', (tf, x) => tf.tanh(x)),
  million('sigmoid', (tf, x) => tf.sigmoid(x)),
  million('transpose', (tf, x) => tf.transpose(x)),
  gather,
  million('sum', (tf, x) => tf.sum(x)),
  million('add', (tf, x) => tf.add(x, x)),
  fft,
  stft,
  einsum,
  qr,
  xor,
  mlp,
  cnn,
  mobilenet,
  loading('lstm_text_generation/model.json', 'loadLayersModel'),
  loading('mnist_layers_potolok/model.json', 'loadLayersModel'),
  loading('mobilenet_v1_025_224_layers/model.json', 'loadLayersModel'),
  loading('teachable_machine_image/model.json', 'loadLayersModel'),
  loading('tfjs_examples_abalone/trainedModel/model.json', 'loadLayersModel'),
  loading('mobilenet_v1_025_224_graph/model.json', 'loadGraphModel'),
  loading('tfjs_examples_prefetch/model.json', 'loadGraphModel'),
];
