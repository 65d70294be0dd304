// Programs with pictures: two nets against each other, variational coding, finding objects, looking inside convnets.
import { fixed, numbers, some, whole } from './common.mjs';

/** A generator against a judge that also names the class, with several losses. */
async function adversaries(tf, note) {
  const latent = 6,
    classes = 3,
    L = tf.layers;
  const cnn = L.dense({ units: 2 * 2 * 8, inputShape: [latent], activation: 'relu' });
  const up = tf.sequential({
    layers: [
      cnn,
      L.reshape({ targetShape: [2, 2, 8] }),
      L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      L.batchNormalization(),
      L.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
    ],
  });
  const noise = tf.input({ shape: [latent] }),
    label = tf.input({ shape: [1] });
  const embedded = L.embedding({ inputDim: classes, outputDim: latent }).apply(label),
    flat = L.flatten().apply(embedded);
  const generator = tf.model({ inputs: [noise, label], outputs: up.apply(L.multiply().apply([noise, flat])) });
  const eye = tf.sequential({
    layers: [
      L.conv2d({ filters: 4, kernelSize: 3, padding: 'same', strides: 2, inputShape: [8, 8, 1] }),
      L.leakyReLU({ alpha: 0.2 }),
      L.dropout({ rate: 0 }),
      L.conv2d({ filters: 6, kernelSize: 3, padding: 'same' }),
      L.leakyReLU({ alpha: 0.2 }),
      L.flatten(),
    ],
  });
  const picture = tf.input({ shape: [8, 8, 1] }),
    features = eye.apply(picture);
  const real = L.dense({ units: 1, activation: 'sigmoid' }).apply(features),
    which = L.dense({ units: classes, activation: 'softmax' }).apply(features);
  const judge = tf.model({ inputs: picture, outputs: [real, which] });
  judge.compile({
    optimizer: tf.train.adam(0.002, 0.5),
    loss: ['binaryCrossentropy', 'sparseCategoricalCrossentropy'],
  });
  (fixed(tf, generator), fixed(tf, judge));
  judge.trainable = false; // as compiled into the next model
  const both = tf.model({ inputs: [noise, label], outputs: judge.apply(generator.apply([noise, label])) });
  both.compile({ optimizer: tf.train.adam(0.002, 0.5), loss: ['binaryCrossentropy', 'sparseCategoricalCrossentropy'] });
  note('trainable', [judge.trainableWeights.length, both.trainableWeights.length, generator.trainableWeights.length]);
  judge.trainable = true;
  for (let step = 0; step < 3; step++) {
    const z = some(tf, [4, latent], step),
      labels = tf.tensor2d(whole(4, classes, step), [4, 1]),
      made = generator.predict([z, labels], { batchSize: 4 });
    const x = tf.concat([some(tf, [4, 8, 8, 1], step), made], 0),
      y = tf.tidy(() => tf.concat([tf.ones([4, 1]).mul(0.9), tf.zeros([4, 1])]));
    note(`judge ${step}`, await judge.trainOnBatch(x, [y, tf.concat([labels, labels], 0)]));
    note(`both ${step}`, await both.trainOnBatch([z, labels], [tf.ones([4, 1]), labels]));
    note(`made ${step}`, made);
  }
}

const zLayers = new Map();
/** z = mean + exp(log variance / 2) * noise, the noise being fixed here. */
function zLayerOf(tf) {
  if (zLayers.has(tf)) return zLayers.get(tf);
  class ZLayer extends tf.layers.Layer {
    constructor(config) {
      super(config);
    }
    computeOutputShape(inputShape) {
      tf.util.assert(inputShape.length === 2 && Array.isArray(inputShape[0]), () => 'two inputs');
      return inputShape[0];
    }
    call(inputs) {
      const [mean, logVar] = inputs,
        [batch, dim] = mean.shape;
      return mean.add(
        logVar
          .mul(0.5)
          .exp()
          .mul(some(tf, [batch, dim], 5)),
      );
    }
    static get className() {
      return 'ZLayer';
    }
  }
  tf.serialization.registerClass(ZLayer);
  zLayers.set(tf, ZLayer);
  return ZLayer;
}

/** A variational autoencoder, trained by `minimize` with a loss of two parts. */
async function variational(tf, note) {
  const original = 16,
    middle = 8,
    latent = 2,
    inputs = tf.input({ shape: [original], name: 'encoder_input' });
  const x = tf.layers.dense({ units: middle, activation: 'relu' }).apply(inputs);
  const zMean = tf.layers.dense({ units: latent, name: 'z_mean' }).apply(x),
    zLogVar = tf.layers.dense({ units: latent, name: 'z_log_var' }).apply(x);
  const z = new (zLayerOf(tf))({ name: 'z', outputShape: [latent] }).apply([zMean, zLogVar]);
  const encoder = tf.model({ inputs, outputs: [zMean, zLogVar, z], name: 'encoder' });
  const coded = tf.input({ shape: [latent], name: 'z_sampling' });
  const decoded = tf.layers
    .dense({ units: original, activation: 'sigmoid' })
    .apply(tf.layers.dense({ units: middle, activation: 'relu' }).apply(coded));
  const decoder = tf.model({ inputs: coded, outputs: decoded, name: 'decoder' });
  const vae = tf.model({
    inputs,
    outputs: [encoder.apply(inputs), decoder.apply(encoder.apply(inputs)[2])].flat(),
    name: 'vae_mlp',
  });
  fixed(tf, vae);
  const optimizer = tf.train.adam();
  for (let step = 0; step < 4; step++) {
    const batch = some(tf, [6, original], step).abs();
    const cost = optimizer.minimize(
      () =>
        tf.tidy(() => {
          const [mean, logVar, , out] = vae.apply(batch, { training: true });
          const reconstruction = tf.losses.meanSquaredError(batch, out).mul(original);
          return reconstruction.add(logVar.add(1).sub(mean.square()).sub(logVar.exp()).sum(-1).mul(-0.5)).mean();
        }),
      true,
    );
    note(`cost ${step}`, cost);
  }
  note(
    'decoded',
    decoder.predict(
      tf.tensor2d([
        [0.5, -0.5],
        [1, 1],
      ]),
    ),
  );
}

/** Finds a shape: a base that was trained, frozen, a new head, a loss of one's own; then all is set free. */
async function finding(tf, note) {
  const base = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [12, 12, 3], activation: 'relu', name: 'c1' }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', name: 'd1', useBias: false }),
      tf.layers.batchNormalization({ name: 'b1' }),
      tf.layers.reLU({ maxValue: 6, name: 'r1' }),
      tf.layers.separableConv2d({ filters: 5, kernelSize: 3, strides: 2, name: 's1' }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'p1' }),
      tf.layers.flatten({ name: 'f1' }),
      tf.layers.dense({ units: 3, name: 'top' }),
    ],
  });
  fixed(tf, base);
  const cut = tf.model({ inputs: base.inputs, outputs: base.getLayer('p1').output });
  for (const layer of cut.layers) layer.trainable = false;
  const head = tf.sequential();
  (head.add(tf.layers.flatten({ inputShape: cut.outputs[0].shape.slice(1) })),
    head.add(tf.layers.dense({ units: 6, activation: 'relu' })),
    head.add(tf.layers.dense({ units: 5 })));
  const model = tf.model({ inputs: cut.inputs, outputs: head.apply(cut.outputs[0]) });
  fixed(tf, model, 0.2);
  const scale = tf.tensor1d([10, 1, 1, 1, 1]),
    loss = (yTrue, yPred) => tf.tidy(() => tf.metrics.meanSquaredError(yTrue.mul(scale), yPred.mul(scale)));
  const x = some(tf, [10, 12, 12, 3]),
    y = some(tf, [10, 5], 2);
  for (const free of [false, true]) {
    if (free) for (const layer of model.layers) if (/^[cds]1$/.test(layer.name)) layer.trainable = true;
    model.compile({ loss, optimizer: tf.train.rmsprop(5e-3) });
    note(`trainable ${free}`, [model.trainableWeights.length, model.nonTrainableWeights.length]);
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, validationSplit: 0.2, shuffle: false });
    note(`history ${free}`, history);
  }
  const lines = [];
  model.summary(80, undefined, (line) => lines.push(line));
  note(
    'summary',
    lines.length > 10 && lines.filter((line) => /params/.test(line)).map((line) => line.split(':').pop().trim()),
  );
}

/** Looks inside a convnet: what each filter answers to, where the class comes from, gradients of inputs. */
async function inside(tf, note) {
  const model = fixed(
    tf,
    tf.sequential({
      layers: [
        tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 3], activation: 'relu', name: 'conv1' }),
        tf.layers.averagePooling2d({ poolSize: 2, name: 'pool' }),
        tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: 'relu', name: 'conv2' }),
        tf.layers.flatten({ name: 'flat' }),
        tf.layers.dense({ units: 3, activation: 'softmax', name: 'dense' }),
      ],
    }),
  );
  const deep = model.getLayer('conv2'),
    aux = tf.model({ inputs: model.inputs, outputs: deep.output });
  const answer = (input) => aux.apply(input, { training: true }).gather([1], 3),
    gradient = tf.grad(answer);
  let image = some(tf, [1, 8, 8, 3]).mul(20).add(127.5);
  for (let i = 0; i < 4; i++)
    image = tf.tidy(() => {
      const g = gradient(image),
        size = tf
          .mean(tf.square(g))
          .sqrt()
          .add(tf.backend().epsilon?.() ?? 1e-7);
      return image.add(g.div(size));
    });
  note('ascended', image);
  const { mean, variance } = tf.moments(image),
    processed = tf.tidy(() =>
      image.sub(mean).div(tf.sqrt(variance).add(1e-5)).add(0.5).clipByValue(0, 1).mul(255).asType('int32'),
    );
  note('processed', processed.toFloat().div(255));
  // Grad-CAM: the gradient of the class's score by the last convolution's result.
  const rest = tf.input({ shape: deep.output.shape.slice(1) });
  let y = rest;
  for (const layer of model.layers.slice(model.layers.indexOf(deep) + 1)) y = layer.apply(y);
  const tail = tf.model({ inputs: rest, outputs: y }),
    x = some(tf, [1, 8, 8, 3]),
    result = aux.predict(x);
  const slopes = tf.grad((input) => tail.apply(input, { training: true }).gather([2], 1))(result);
  const weights = tf.mean(slopes, [0, 1, 2]),
    heat = result.mul(weights).mean(-1).relu();
  const shown = heat.div(heat.max().add(1e-7)).expandDims(-1);
  note('heat', tf.image.resizeBilinear(shown, [8, 8]));
  note(
    'activations',
    tf.model({ inputs: model.inputs, outputs: model.layers.slice(0, 3).map((l) => l.output) }).predict(x),
  );
}

/** Examples of a camera: pictures gathered class by class, batched, trained on embeddings. */
async function gathering(tf, note) {
  let xs, ys;
  const add = (example, label) => {
    const y = tf.tidy(() => tf.oneHot(tf.tensor1d([label]).toInt(), 4));
    if (!xs) {
      ((xs = tf.keep(example)), (ys = tf.keep(y)));
      return;
    }
    const oldX = xs,
      oldY = ys;
    ((xs = tf.keep(oldX.concat(example, 0))), (ys = tf.keep(oldY.concat(y, 0))));
    (oldX.dispose(), oldY.dispose(), y.dispose());
  };
  const picture = (i) =>
    tf.tidy(() => {
      const pixels = tf.tensor3d(whole(10 * 8 * 3, 256, i), [10, 8, 3], 'int32'),
        size = Math.min(pixels.shape[0], pixels.shape[1]);
      const begin = pixels.shape.slice(0, 2).map((side) => side / 2 - size / 2);
      return pixels
        .slice([begin[0], begin[1], 0], [size, size, 3])
        .reverse(1)
        .expandDims(0)
        .toFloat()
        .div(tf.scalar(127))
        .sub(tf.scalar(1));
    });
  for (let i = 0; i < 8; i++) add(picture(i), i % 4);
  const model = fixed(
    tf,
    tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 3] }),
        tf.layers.dense({ units: 6, activation: 'relu', kernelInitializer: 'varianceScaling', useBias: true }),
        tf.layers.dense({ units: 4, kernelInitializer: 'varianceScaling', useBias: false, activation: 'softmax' }),
      ],
    }),
    0.1,
  );
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const losses = [];
  await model.fit(xs, ys, {
    batchSize: 3,
    epochs: 3,
    shuffle: false,
    callbacks: {
      onBatchEnd: async (batch, logs) => {
        losses.push(logs.loss);
        await tf.nextFrame();
      },
    },
  });
  (note('losses', losses),
    note('class', (await model.predict(picture(3)).as1D().argMax().data())[0]),
    note('shape', [xs.shape, ys.shape, numbers(1)[0]]));
}

export const programs = { adversaries, variational, finding, inside, gathering };
