// What the examples mnist-acgan, translation and webcam-transfer-learning of TensorFlow.js ask of the library, in
// programs of our own and small: training from the same weights, files, models made of trained layers.
import * as tf from '@tensorflow/tfjs';

const { url } = globalThis.host;
const waves = (n, step = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(step * i + 1));
const setWaves = (model) =>
  tf.tidy(() =>
    model.setWeights(
      model
        .getWeights()
        .map((w, i) =>
          w.rank === 1
            ? w
            : tf.tensor(waves(w.size, 0.7 + i / 10), w.shape).mul(0.5 / Math.sqrt(w.size / w.shape.at(-1))),
        ),
    ),
  );

/** Saves a model and loads it again, from memory. */
async function again(model) {
  let kept;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date() } };
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(kept));
}

// mnist-acgan

const LATENT = 12,
  CLASSES = 10,
  BATCH = 8;

/** Digits of MNIST in -1..1, or pictures made of waves where that data is absent. */
async function digits(count) {
  const file = async (name) => {
    const answer = await fetch(url(`/data/mnist_idx/${name}-ubyte.gz`));
    return answer.ok
      ? new Uint8Array(await new Response(answer.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer())
      : null;
  };
  const pixels = await file('t10k-images-idx3'),
    labels = await file('t10k-labels-idx1');
  return {
    images: tf.tidy(() =>
      pixels
        ? tf
            .tensor4d(Float32Array.from(pixels.subarray(16, 16 + count * 784)), [count, 28, 28, 1])
            .sub(127.5)
            .div(127.5)
        : tf.tensor4d(waves(count * 784), [count, 28, 28, 1]),
    ),
    labels: tf.tensor2d(
      Array.from({ length: count }, (_, i) => (labels ? labels[8 + i] : i % CLASSES)),
      [count, 1],
    ),
  };
}

function generatorOf() {
  const net = tf.sequential(),
    kernelInitializer = 'glorotNormal';
  net.add(tf.layers.dense({ units: 3 * 3 * 24, inputShape: [LATENT], activation: 'relu' }));
  net.add(tf.layers.reshape({ targetShape: [3, 3, 24] }));
  net.add(
    tf.layers.conv2dTranspose({
      filters: 12,
      kernelSize: 5,
      strides: 1,
      padding: 'valid',
      activation: 'relu',
      kernelInitializer,
    }),
  );
  net.add(tf.layers.batchNormalization());
  net.add(
    tf.layers.conv2dTranspose({
      filters: 6,
      kernelSize: 5,
      strides: 2,
      padding: 'same',
      activation: 'relu',
      kernelInitializer,
    }),
  );
  net.add(tf.layers.batchNormalization());
  net.add(
    tf.layers.conv2dTranspose({
      filters: 1,
      kernelSize: 5,
      strides: 2,
      padding: 'same',
      activation: 'tanh',
      kernelInitializer,
    }),
  );
  const latent = tf.input({ shape: [LATENT] }),
    kind = tf.input({ shape: [1] });
  const embedding = tf.layers
    .embedding({ inputDim: CLASSES, outputDim: LATENT, embeddingsInitializer: 'glorotNormal' })
    .apply(kind);
  return tf.model({ inputs: [latent, kind], outputs: net.apply(tf.layers.multiply().apply([latent, embedding])) });
}

const BOTH = ['binaryCrossentropy', 'sparseCategoricalCrossentropy'];
function discriminatorOf() {
  const net = tf.sequential();
  for (const [i, filters] of [4, 8, 12].entries()) {
    net.add(
      tf.layers.conv2d({
        filters,
        kernelSize: 3,
        padding: 'same',
        strides: i === 1 ? 1 : 2,
        ...(i === 0 && { inputShape: [28, 28, 1] }),
      }),
    );
    net.add(tf.layers.leakyReLU({ alpha: 0.2 }));
    net.add(tf.layers.dropout({ rate: 0 })); // the example's 0.3 drops units by chance
  }
  net.add(tf.layers.flatten());
  const image = tf.input({ shape: [28, 28, 1] }),
    features = net.apply(image);
  const real = tf.layers.dense({ units: 1, activation: 'sigmoid' }).apply(features),
    kind = tf.layers.dense({ units: CLASSES, activation: 'softmax' }).apply(features);
  const model = tf.model({ inputs: image, outputs: [real, kind] });
  model.compile({ optimizer: tf.train.adam(0.002, 0.5), loss: BOTH });
  return model;
}

function combinedOf(generator, discriminator) {
  const latent = tf.input({ shape: [LATENT] }),
    kind = tf.input({ shape: [1] });
  discriminator.trainable = false;
  const model = tf.model({ inputs: [latent, kind], outputs: discriminator.apply(generator.apply([latent, kind])) });
  model.compile({ optimizer: tf.train.adam(0.002, 0.5), loss: BOTH });
  return model;
}

const noise = (rows, step) => tf.tensor2d(waves(rows * LATENT, step), [rows, LATENT]);
const someKinds = (rows, step) =>
  tf.tensor2d(
    Array.from({ length: rows }, (_, i) => (i * 3 + step) % CLASSES),
    [rows, 1],
  );

/** A generator and a discriminator that train in turn, each with the other at rest. */
export async function acgan() {
  const { images, labels } = await digits(BATCH * 4),
    generator = generatorOf(),
    discriminator = discriminatorOf();
  setWaves(generator);
  setWaves(discriminator);
  const combined = combinedOf(generator, discriminator),
    losses = [];
  for (let step = 0; step < 4; step++) {
    const [x, real, kinds] = tf.tidy(() => {
      const asked = someKinds(BATCH, step),
        fakes = generator.predict([noise(BATCH, 1.1 + step), asked], { batchSize: BATCH });
      return [
        tf.concat([images.slice(step * BATCH, BATCH), fakes], 0),
        tf.concat([tf.ones([BATCH, 1]).mul(0.95), tf.zeros([BATCH, 1])], 0),
        tf.concat([labels.slice(step * BATCH, BATCH), asked], 0),
      ];
    });
    losses.push(await discriminator.trainOnBatch(x, [real, kinds]));
    const latent = noise(2 * BATCH, 2.3 + step),
      wanted = someKinds(2 * BATCH, step + 1),
      trick = tf.ones([2 * BATCH, 1]).mul(0.95);
    losses.push(await combined.trainOnBatch([latent, wanted], [trick, wanted]));
    tf.dispose([x, real, kinds, latent, wanted, trick]);
  }
  const loaded = await again(generator),
    picture = tf.tidy(() => loaded.predict([noise(2, 0.9), someKinds(2, 5)]).flatten());
  const values = Array.from(await picture.data());
  tf.dispose([images, labels, picture]);
  return {
    losses,
    picture: values.filter((_, i) => i % 7 === 0),
    weights: [discriminator.trainableWeights.length, combined.trainableWeights.length],
  };
}

// translation

const FROM = 'abcdef ',
  TO = '\tuvwxyz\n',
  STATES = 12,
  LONG = 6;

/** Texts as one-hot steps; `shift` leaves out as many first letters. */
function oneHot(texts, letters, length, shift = 0) {
  const buffer = tf.buffer([texts.length, length, letters.length]);
  texts.forEach((text, row) =>
    [...text].slice(shift).forEach((letter, step) => buffer.set(1, row, step, letters.indexOf(letter))),
  );
  return buffer.toTensor();
}

function translatorOf() {
  const from = tf.input({ shape: [null, FROM.length], name: 'encoderInputs' }),
    to = tf.input({ shape: [null, TO.length], name: 'decoderInputs' });
  const [, ...states] = tf.layers.lstm({ units: STATES, returnState: true, name: 'encoderLstm' }).apply(from);
  const [steps] = tf.layers
    .lstm({ units: STATES, returnSequences: true, returnState: true, name: 'decoderLstm' })
    .apply([to, ...states]);
  const outputs = tf.layers.dense({ units: TO.length, activation: 'softmax', name: 'decoderDense' }).apply(steps);
  return tf.model({ inputs: [from, to], outputs, name: 'seq2seq' });
}

/** The two halves of a trained model, for one letter at a time. */
function halvesOf(model) {
  const [, hidden, carry] = model.layers[2].output,
    units = hidden.shape.at(-1);
  const encoder = tf.model({ inputs: model.input[0], outputs: [hidden, carry], name: 'encoder' });
  const before = ['h', 'c'].map((name) => tf.input({ shape: [units], name: `state_${name}` })),
    lstm = model.layers[3],
    letters = lstm.input[0];
  const [steps, ...after] = lstm.apply(letters, { initialState: before });
  return {
    encoder,
    decoder: tf.model({
      inputs: [letters, ...before],
      outputs: [model.layers[4].apply(steps), ...after],
      name: 'decoder',
    }),
  };
}

function translate({ encoder, decoder }, text) {
  return tf.tidy(() => {
    let states = encoder.predict(oneHot([text], FROM, LONG)),
      said = '\t';
    const chances = [];
    while (said.length < LONG && !said.endsWith('\n')) {
      const [next, ...after] = decoder.predict([oneHot([said.at(-1)], TO, 1), ...states]);
      chances.push(Array.from(next.dataSync()));
      said += TO[next.reshape([TO.length]).argMax().dataSync()[0]];
      states = after;
    }
    return { said, chances };
  });
}

/** Sequence to sequence by LSTMs, taught with the right answer's letters, then used letter by letter. */
export async function translation() {
  const pairs = ['ab', 'bc', 'cd', 'de', 'ef', 'fa', 'ac', 'bd', 'ce', 'df'].map((text) => [
    text,
    `\t${[...text].map((c) => TO[FROM.indexOf(c) + 1]).join('')}\n`,
  ]);
  const xs = [
      oneHot(
        pairs.map(([a]) => a),
        FROM,
        LONG,
      ),
      oneHot(
        pairs.map(([, b]) => b),
        TO,
        LONG,
      ),
    ],
    ys = oneHot(
      pairs.map(([, b]) => b),
      TO,
      LONG,
      1,
    );
  const model = translatorOf();
  setWaves(model);
  model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy' });
  const { history } = await model.fit(xs, ys, { batchSize: 16, epochs: 8, validationSplit: 0.2, shuffle: false });
  const before = halvesOf(model),
    loaded = await again(model),
    after = halvesOf(loaded);
  const found = [before, after].map((halves) => ['ab', 'fa'].map((text) => translate(halves, text)));
  tf.dispose([xs, ys]);
  return { loss: history.loss, val: history.val_loss, found, names: loaded.layers.map(({ name }) => name) };
}

// webcam-transfer-learning

/** One frame of each of the pictures that the camera shows in turn, the darkest first. */
async function frames(count) {
  const video = Object.assign(document.createElement('video'), {
    width: 224,
    height: 224,
    autoplay: true,
    muted: true,
  });
  document.body.append(video);
  const camera = await tf.data.webcam(video),
    seen = new Map();
  for (let tries = 0; seen.size < count && tries < 200; tries++) {
    const frame = await camera.capture(),
      mean = Math.round(frame.mean().dataSync()[0] * 100);
    if (seen.has(mean)) frame.dispose();
    else seen.set(mean, frame);
  }
  camera.stop();
  return [...seen.keys()]
    .sort((a, b) => a - b)
    .slice(0, count)
    .map((mean) => seen.get(mean));
}

/** A head on a truncated MobileNet learns to tell the camera's pictures apart. */
export async function webcam() {
  const whole = await tf.loadLayersModel(url('/data/mobilenet_v1_025_224_layers/model.json'));
  const mobilenet = tf.model({ inputs: whole.inputs, outputs: whole.getLayer('conv_pw_13_relu').output });
  const inputs = (await frames(3)).map((frame) => tf.tidy(() => frame.expandDims(0).toFloat().div(127).sub(1)));
  let xs, ys;
  for (const [kind, input] of inputs.entries()) {
    const x = mobilenet.predict(input),
      y = tf.tidy(() => tf.oneHot(tf.tensor1d([kind]).toInt(), 3));
    const [oldX, oldY] = [xs, ys];
    xs = oldX ? oldX.concat(x, 0) : tf.keep(x);
    ys = oldY ? oldY.concat(y, 0) : tf.keep(y);
    if (oldX) tf.dispose([oldX, oldY, x, y]);
  }
  const head = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: mobilenet.outputs[0].shape.slice(1) }),
      tf.layers.dense({ units: 10, activation: 'relu', kernelInitializer: 'varianceScaling', useBias: true }),
      tf.layers.dense({ units: 3, kernelInitializer: 'varianceScaling', useBias: false, activation: 'softmax' }),
    ],
  });
  setWaves(head);
  head.compile({ optimizer: tf.train.adam(0.0005), loss: 'categoricalCrossentropy' });
  const batches = [];
  await head.fit(xs, ys, {
    batchSize: 3,
    epochs: 6,
    callbacks: {
      onBatchEnd: async (_, { loss }) => {
        batches.push(loss);
        await tf.nextFrame();
      },
    },
  });
  const found = [];
  for (const input of inputs) {
    const [chances, kind] = tf.tidy(() => {
      const y = head.predict(mobilenet.predict(input));
      return [y, y.as1D().argMax()];
    });
    found.push([...(await chances.data()), (await kind.data())[0]]);
  }
  return { batches, found, features: Array.from(xs.mean([1, 2]).flatten().dataSync()).filter((_, i) => i % 16 === 0) };
}
