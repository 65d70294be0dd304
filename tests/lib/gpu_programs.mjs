// Programs that must stay on the GPU: each is given a library and returns what is repeated, in a steady state.

const seeded = (tf, seed) => tf.initializers.glorotUniform({ seed });
const random = (tf, shape, seed) => tf.randomUniform(shape, -1, 1, 'float32', seed);

/** Class numbers as rows. */
const classes = (tf, n, count) =>
  tf.oneHot(
    tf.tensor1d(
      Array.from({ length: n }, (_, i) => (i * 7) % count),
      'int32',
    ),
    count,
    1,
    0,
    'float32',
  );

function mnist(tf) {
  const conv = (filters, more) =>
    tf.layers.conv2d({ filters, kernelSize: 3, activation: 'relu', kernelInitializer: seeded(tf, filters), ...more });
  return tf.sequential({
    layers: [
      conv(8, { inputShape: [28, 28, 1] }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      conv(16),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(tf, 3) }),
    ],
  });
}

/** A few blocks as MobileNet has them: convolution, depthwise, batch norm, relu6. */
function mobile(tf) {
  const norm = () => [tf.layers.batchNormalization(), tf.layers.reLU({ maxValue: 6 })];
  const block = (filters, strides, seed) => [
    tf.layers.depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      depthwiseInitializer: seeded(tf, seed),
    }),
    ...norm(),
    tf.layers.conv2d({ filters, kernelSize: 1, useBias: false, kernelInitializer: seeded(tf, seed + 1) }),
    ...norm(),
  ];
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
        inputShape: [64, 64, 3],
        kernelInitializer: seeded(tf, 1),
      }),
      ...norm(),
      ...block(16, 1, 10),
      ...block(32, 2, 20),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dropout({ rate: 0.1 }),
      tf.layers.dense({ units: 5, activation: 'softmax', kernelInitializer: seeded(tf, 4) }),
    ],
  });
}

function autoencoder(tf) {
  const relu = { activation: 'relu', padding: 'same' };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 8,
        kernelSize: 3,
        strides: 2,
        ...relu,
        inputShape: [16, 16, 3],
        kernelInitializer: seeded(tf, 1),
      }),
      tf.layers.conv2dTranspose({ filters: 8, kernelSize: 3, strides: 2, ...relu, kernelInitializer: seeded(tf, 2) }),
      tf.layers.upSampling2d({ size: [2, 2] }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.conv2d({
        filters: 3,
        kernelSize: 3,
        padding: 'same',
        activation: 'sigmoid',
        kernelInitializer: seeded(tf, 3),
      }),
    ],
  });
}

function text(tf) {
  return tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 50, outputDim: 8, inputLength: 12, embeddingsInitializer: seeded(tf, 1) }),
      tf.layers.lstm({ units: 12, kernelInitializer: seeded(tf, 2), recurrentInitializer: seeded(tf, 3) }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 4) }),
    ],
  });
}

const activated = (tf, seed, filters, more) => ({
  filters,
  kernelSize: 3,
  padding: 'same',
  activation: 'relu',
  kernelInitializer: seeded(tf, seed),
  ...more,
});

/** Down, up again, and beside it what was there before. */
function unet(tf) {
  const x = tf.input({ shape: [32, 32, 3] });
  const side = tf.layers.conv2d(activated(tf, 1, 8)).apply(x);
  const down = tf.layers.maxPooling2d({ poolSize: 2 }).apply(side);
  const middle = tf.layers.conv2d(activated(tf, 2, 16)).apply(down);
  const up = tf.layers.conv2dTranspose(activated(tf, 3, 8, { strides: 2 })).apply(middle);
  const both = tf.layers.concatenate().apply([up, side]);
  const y = tf.layers.conv2d(activated(tf, 4, 4, { activation: 'softmax' })).apply(both);
  return tf.model({ inputs: x, outputs: y });
}

function gru(tf) {
  return tf.sequential({
    layers: [
      tf.layers.gru({
        units: 12,
        inputShape: [10, 6],
        kernelInitializer: seeded(tf, 1),
        recurrentInitializer: seeded(tf, 2),
      }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 3) }),
    ],
  });
}

/** One block of a transformer. */
function attention(tf) {
  const x = tf.input({ shape: [10, 8] });
  const seen = tf.layers.multiHeadAttention({ numHeads: 2, keyDim: 4, kernelInitializer: seeded(tf, 1) }).apply([x, x]);
  const norm = tf.layers.layerNormalization().apply(tf.layers.add().apply([x, seen]));
  const wide = tf.layers.dense({ units: 16, activation: 'gelu', kernelInitializer: seeded(tf, 2) }).apply(norm);
  const pooled = tf.layers.globalAveragePooling1d({}).apply(wide);
  const y = tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 3) }).apply(pooled);
  return tf.model({ inputs: x, outputs: y });
}

/** Pictures that are flipped, turned and enlarged at random before they are looked at. */
function augmented(tf, more) {
  return tf.sequential({
    layers: [
      tf.layers.randomFlip({ inputShape: [24, 24, 3] }),
      tf.layers.randomRotation({ factor: 0.2, ...more }),
      tf.layers.randomZoom({ heightFactor: 0.2, ...more }),
      tf.layers.conv2d(activated(tf, 1, 8, { strides: 2 })),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 2) }),
    ],
  });
}

function volumes(tf) {
  return tf.sequential({
    layers: [
      tf.layers.conv3d(activated(tf, 1, 4, { inputShape: [8, 8, 8, 2] })),
      tf.layers.maxPooling3d({ poolSize: 2 }),
      tf.layers.conv3dTranspose(activated(tf, 2, 3, { strides: 2 })),
      tf.layers.averagePooling3d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 3) }),
    ],
  });
}

/** A model that says yes or no, and what is counted of its answers. */
function yesOrNo(tf) {
  const units = (n, activation, seed) =>
    tf.layers.dense({ units: n, activation, inputShape: [6], kernelInitializer: seeded(tf, seed) });
  const model = tf.sequential({ layers: [units(8, 'tanh', 1), units(1, 'sigmoid', 2)] });
  const y = tf.cast(tf.greater(random(tf, [40, 1], 4), 0), 'float32');
  const metrics = [
    new tf.metrics.AUC(),
    new tf.metrics.AUC({ curve: 'PR' }),
    new tf.metrics.Precision(),
    new tf.metrics.Recall(),
  ];
  return trained(tf, model, random(tf, [40, 6], 3), y, { loss: 'binaryCrossentropy', metrics });
}

/** One step of a compiled model on a batch, and one predict. */
function trained(
  tf,
  model,
  x,
  y,
  { loss = 'categoricalCrossentropy', optimizer = 'adam', metrics = ['accuracy'] } = {},
) {
  model.compile({ optimizer, loss, metrics });
  return async () => {
    await model.trainOnBatch(x, y);
    model.predict(x, { batchSize: 64 }).dispose();
  };
}

/** A generator against a discriminator, a step each. */
function gan(tf) {
  const generator = tf.sequential({
    layers: [
      tf.layers.dense({ units: 32, inputShape: [6], kernelInitializer: seeded(tf, 1) }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.reshape({ targetShape: [4, 4, 2] }),
      tf.layers.conv2dTranspose({
        filters: 1,
        kernelSize: 5,
        strides: 2,
        padding: 'same',
        activation: 'tanh',
        kernelInitializer: seeded(tf, 2),
      }),
    ],
  });
  const discriminator = tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        inputShape: [8, 8, 1],
        kernelInitializer: seeded(tf, 3),
      }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer: seeded(tf, 4) }),
    ],
  });
  discriminator.compile({ optimizer: tf.train.adam(2e-4, 0.5), loss: 'binaryCrossentropy' });
  discriminator.trainable = false;
  const noise = tf.input({ shape: [6] });
  const both = tf.model({ inputs: noise, outputs: discriminator.apply(generator.apply(noise)) });
  both.compile({ optimizer: tf.train.adam(2e-4, 0.5), loss: 'binaryCrossentropy' });
  const z = random(tf, [8, 6], 1),
    real = random(tf, [8, 8, 8, 1], 2),
    [ones, zeros] = [tf.ones([8, 1]), tf.zeros([8, 1])];
  return async () => {
    const made = generator.predict(z);
    await discriminator.trainOnBatch(real, ones);
    await discriminator.trainOnBatch(made, zeros);
    made.dispose();
    await both.trainOnBatch(z, ones);
  };
}

const OPTIMIZERS = ['sgd', 'momentum', 'adam', 'rmsprop', 'adagrad', 'adadelta', 'adamax'];

/** By optimizer: a step of a small net. */
const stepOf = (name) => (tf) => {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, activation: 'relu', inputShape: [4], kernelInitializer: seeded(tf, 1) }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: seeded(tf, 2) }),
    ],
  });
  const optimizer = name === 'momentum' ? tf.train.momentum(0.1, 0.9) : tf.train[name](0.1);
  return trained(tf, model, random(tf, [16, 4], 3), classes(tf, 16, 3), { optimizer });
};

export const programs = {
  'MNIST CNN, with accuracy': (tf) => trained(tf, mnist(tf), random(tf, [8, 28, 28, 1], 1), classes(tf, 8, 10)),
  'blocks of MobileNet': (tf) => trained(tf, mobile(tf), random(tf, [2, 64, 64, 3], 1), classes(tf, 2, 5)),
  autoencoder: (tf) => {
    const x = random(tf, [4, 16, 16, 3], 1);
    return trained(tf, autoencoder(tf), x, x, { loss: 'meanSquaredError', metrics: ['mae'] });
  },
  'embedding and LSTM': (tf) =>
    trained(
      tf,
      text(tf),
      tf.tensor2d(
        Array.from({ length: 48 }, (_, i) => (i * 11) % 50),
        [4, 12],
        'int32',
      ),
      classes(tf, 4, 3),
    ),
  'U-Net': (tf) => {
    const target = tf.softmax(random(tf, [2, 32, 32, 4], 2));
    return trained(tf, unet(tf), random(tf, [2, 32, 32, 3], 1), target);
  },
  GRU: (tf) => trained(tf, gru(tf), random(tf, [4, 10, 6], 1), classes(tf, 4, 3)),
  attention: (tf) => trained(tf, attention(tf), random(tf, [4, 10, 8], 1), classes(tf, 4, 3)),
  'pictures flipped, turned and enlarged': (tf) =>
    trained(tf, augmented(tf), random(tf, [4, 24, 24, 3], 1), classes(tf, 4, 3)),
  'pictures turned to the nearest pixel': (tf) => {
    const model = augmented(tf, { interpolation: 'nearest', fillMode: 'constant' });
    return trained(tf, model, random(tf, [4, 24, 24, 3], 1), classes(tf, 4, 3));
  },
  volumes: (tf) => trained(tf, volumes(tf), random(tf, [2, 8, 8, 8, 2], 1), classes(tf, 2, 3)),
  'AUC, precision and recall': yesOrNo,
  GAN: gan,
  ...Object.fromEntries(OPTIMIZERS.map((name) => [`a step of ${name}`, stepOf(name)])),
};

/** Predictions of a stored model on the input of its reference. */
export async function predictions(tf, url, reference) {
  const { inputOf } = await import('./references.mjs');
  const model = await (reference.format === 'graph-model' ? tf.loadGraphModel(url) : tf.loadLayersModel(url));
  const inputs = reference.inputs.map((input) => inputOf(tf, input));
  return () => tf.dispose(model.predict(inputs.length === 1 ? inputs[0] : inputs));
}
