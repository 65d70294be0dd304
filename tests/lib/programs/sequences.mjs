// Programs with sequences: addition by recurrent nets, dates by attention, weather, text, sentiment.
import { fixed, numbers, some, whole } from './common.mjs';

/** Learns to add: an encoder, repeated, a decoder, a choice for each character. */
const addition = (kind) => async (tf, note) => {
  const chars = '0123456789+ ',
    width = chars.length;
  const encode = (text, length) =>
    tf.tidy(() => {
      const buffer = tf.buffer([length, width]);
      for (let i = 0; i < length; i++) buffer.set(1, i, chars.indexOf(text[i] ?? ' '));
      return buffer.toTensor().as2D(length, width);
    });
  const sums = whole(24, 50).map((a, i) => [a, whole(24, 50, 1)[i]]);
  const x = tf.stack(sums.map(([a, b]) => encode(`${a}+${b}`, 5))),
    y = tf.stack(sums.map(([a, b]) => encode(String(a + b), 3)));
  const model = tf.sequential();
  model.add(tf.layers[kind]({ units: 8, recurrentInitializer: 'glorotNormal', inputShape: [5, width] }));
  model.add(tf.layers.repeatVector({ n: 3 }));
  model.add(tf.layers[kind]({ units: 8, recurrentInitializer: 'glorotNormal', returnSequences: true }));
  model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: width }) }));
  model.add(tf.layers.activation({ activation: 'softmax' }));
  model.compile({ loss: 'categoricalCrossentropy', optimizer: 'adam', metrics: ['accuracy'] });
  fixed(tf, model);
  const { history } = await model.fit(x, y, {
    epochs: 2,
    batchSize: 8,
    shuffle: false,
    validationData: [x.slice([0], [6]), y.slice([0], [6])],
    yieldEvery: 'epoch',
  });
  note('history', history);
  const found = model.predict(x),
    codes = found.argMax(-1).flatten(),
    chosen = Array.from(codes.dataSync()).map((i) => chars.charAt(i));
  (note('predict', found), note('text', chosen.join('')));
  (tf.dispose([x, y, found, codes]), model.dispose());
};

/** Reads a date, writes it anew: an encoder and a decoder with attention between them. */
async function dates(tf, note) {
  const inputVocab = 20,
    outputVocab = 13,
    inputLength = 12,
    outputLength = 10,
    units = 8,
    depth = 6;
  const encoderInput = tf.input({ shape: [inputLength] }),
    decoderInput = tf.input({ shape: [outputLength] });
  let encoder = tf.layers
    .embedding({ inputDim: inputVocab, outputDim: depth, inputLength, maskZero: true })
    .apply(encoderInput);
  encoder = tf.layers.lstm({ units, returnSequences: true }).apply(encoder);
  const last = new (lastStepOf(tf))({ name: 'encoderLast' }).apply(encoder);
  let decoder = tf.layers
    .embedding({ inputDim: outputVocab, outputDim: depth, inputLength: outputLength, maskZero: true })
    .apply(decoderInput);
  decoder = tf.layers.lstm({ units, returnSequences: true }).apply(decoder, { initialState: [last, last] });
  let attention = tf.layers.dot({ axes: [2, 2] }).apply([decoder, encoder]);
  attention = tf.layers.activation({ activation: 'softmax', name: 'attention' }).apply(attention);
  const context = tf.layers.dot({ axes: [2, 1], name: 'context' }).apply([attention, encoder]);
  const combined = tf.layers.concatenate().apply([context, decoder]);
  let output = tf.layers.timeDistributed({ layer: tf.layers.dense({ units, activation: 'tanh' }) }).apply(combined);
  output = tf.layers
    .timeDistributed({ layer: tf.layers.dense({ units: outputVocab, activation: 'softmax' }) })
    .apply(output);
  const model = tf.model({ inputs: [encoderInput, decoderInput], outputs: output });
  model.compile({ loss: 'categoricalCrossentropy', optimizer: 'adam', maskLoss: false }); // TensorFlow.js counts masked steps, Keras does not
  fixed(tf, model);
  const n = 12,
    x = tf.tensor2d(whole(n * inputLength, inputVocab), [n, inputLength]),
    d = tf.tensor2d(whole(n * outputLength, outputVocab, 1), [n, outputLength]);
  const y = tf
    .oneHot(tf.tensor1d(whole(n * outputLength, outputVocab, 2), 'int32'), outputVocab)
    .reshape([n, outputLength, outputVocab]);
  const { history } = await model.fit([x, d], y, { epochs: 2, batchSize: 5, shuffle: false });
  (note('history', history), note('predict', model.predict([x, d])));
  const inner = tf.model({ inputs: model.inputs, outputs: [model.getLayer('attention').output, model.outputs[0]] });
  note('attention', inner.predict([x, d])[0]);
}

const lastSteps = new Map();
/** A layer of one's own: the last step of a sequence, as the examples write it. */
function lastStepOf(tf) {
  if (lastSteps.has(tf)) return lastSteps.get(tf);
  class LastStep extends tf.layers.Layer {
    constructor(config) {
      super(config ?? {});
      this.supportMasking = true;
    }
    computeOutputShape(shape) {
      return [shape[0], shape[2]];
    }
    call(input) {
      return tf.tidy(() => {
        const x = Array.isArray(input) ? input[0] : input;
        return x.gather([x.shape[1] - 1], 1).squeeze([1]);
      });
    }
    static get className() {
      return 'LastStep';
    }
  }
  tf.serialization.registerClass(LastStep);
  lastSteps.set(tf, LastStep);
  return LastStep;
}

/** Weather ahead: rows of a generator in windows, several models over them. */
async function weather(tf, note) {
  const rows = Array.from({ length: 60 }, (_, t) => [Math.sin(t / 5), Math.cos(t / 7), ((t * 7) % 11) / 11]);
  const lookBack = 8,
    batch = 4;
  let row = 0;
  const next = () => {
    const samples = tf.buffer([batch, lookBack, 3]),
      targets = tf.buffer([batch, 1]);
    for (let j = 0; j < batch; j++, row++) {
      for (let t = 0; t < lookBack; t++) for (let k = 0; k < 3; k++) samples.set(rows[(row + t) % 60][k], j, t, k);
      targets.set(rows[(row + lookBack) % 60][0], j, 0);
    }
    return { value: { xs: samples.toTensor(), ys: targets.toTensor() }, done: false };
  };
  const shape = [lookBack, 3],
    L = tf.layers;
  const nets = {
    linear: [L.flatten({ inputShape: shape }), L.dense({ units: 1 })],
    mlp: [
      L.flatten({ inputShape: shape }),
      L.dense({ units: 6, kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }), activation: 'relu' }),
      L.dense({ units: 1 }),
    ],
    simpleRNN: [L.simpleRNN({ units: 5, inputShape: shape }), L.dense({ units: 1 })],
    gru: [L.gru({ units: 5, inputShape: shape, dropout: 0, recurrentDropout: 0 }), L.dense({ units: 1 })],
    stacked: [
      L.bidirectional({ layer: L.gru({ units: 4, returnSequences: true }), mergeMode: 'concat', inputShape: shape }),
      L.lstm({ units: 3 }),
      L.dense({ units: 1 }),
    ],
  };
  for (const [name, layers] of Object.entries(nets)) {
    const model = tf.sequential({ layers });
    model.compile({ loss: 'meanAbsoluteError', optimizer: tf.train.rmsprop(0.01) });
    (fixed(tf, model), (row = 0));
    const data = tf.data.generator(function* () {
        while (true) yield next().value;
      }),
      seen = [];
    const { history } = await model.fitDataset(data, {
      batchesPerEpoch: 5,
      epochs: 3,
      validationData: data,
      validationBatches: 2,
      callbacks: {
        onBatchEnd: async (b, logs) => {
          seen.push(logs.loss);
        },
      },
    });
    (note(`${name} history`, history), note(`${name} batches`, seen));
  }
}

/** The next character: one-hot windows, two layers of LSTM, samples drawn by temperature. */
async function text(tf, note) {
  const words = 'the quick brown fox jumps over the lazy dog '.repeat(4),
    set = [...new Set(words)],
    length = 10;
  const starts = whole(32, words.length - length - 1),
    x = new tf.TensorBuffer([32, length, set.length]),
    y = new tf.TensorBuffer([32, set.length]);
  starts.forEach((from, i) => {
    for (let j = 0; j < length; j++) x.set(1, i, j, set.indexOf(words[from + j]));
    y.set(1, i, set.indexOf(words[from + length]));
  });
  const model = tf.sequential();
  [8, 6].forEach((units, i) =>
    model.add(
      tf.layers.lstm({ units, returnSequences: i === 0, inputShape: i === 0 ? [length, set.length] : undefined }),
    ),
  );
  model.add(tf.layers.dense({ units: set.length, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.rmsprop(1e-2), loss: 'categoricalCrossentropy' });
  fixed(tf, model);
  const xs = x.toTensor(),
    ys = y.toTensor();
  const { history } = await model.fit(xs, ys, { epochs: 3, batchSize: 16, shuffle: false, validationSplit: 0.25 });
  note('history', history);
  const before = tf.memory().numTensors;
  const chances = tf.tidy(() =>
    tf.softmax(tf.log(model.predict(xs.slice([0, 0, 0], [1, length, set.length])).squeeze()).div(0.75)),
  );
  (note('chances', chances), note('drawn shape', tf.multinomial(chances, 1, null, true).shape));
  note('tensors', tf.memory().numTensors - before);
  const again = await tf.loadLayersModel(tf.io.fromMemory(await saved(tf, model)));
  note('loaded', again.predict(xs));
}

async function saved(tf, model) {
  let kept;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return kept;
}

/** Sentiment: words as numbers, padded, in an embedding under several heads. */
async function sentiment(tf, note) {
  const vocabulary = 40,
    length = 12,
    rows = Array.from({ length: 20 }, (_, i) => whole(4 + (i % 9), vocabulary - 3, i).map((w) => w + 3));
  const padded = rows.map((row) => [...Array(length - Math.min(length, row.length)).fill(0), ...row.slice(-length)]);
  const x = tf.tensor2d(padded, [20, length], 'int32'),
    y = tf.tensor2d(
      rows.map((row) => row.length % 2),
      [20, 1],
    );
  const { layers } = tf,
    embedding = () => layers.embedding({ inputDim: vocabulary, outputDim: 6, inputLength: length });
  const models = {
    multihot: [
      layers.dense({ units: 5, activation: 'relu', inputShape: [vocabulary] }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
    flatten: [embedding(), layers.flatten(), layers.dense({ units: 1, activation: 'sigmoid' })],
    cnn: [
      embedding(),
      layers.dropout({ rate: 0 }),
      layers.conv1d({ filters: 7, kernelSize: 3, strides: 1, padding: 'valid', activation: 'relu' }),
      layers.globalMaxPool1d({}),
      layers.dense({ units: 5, activation: 'relu' }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
    lstm: [embedding(), layers.lstm({ units: 4 }), layers.dense({ units: 1, activation: 'sigmoid' })],
    bidirectional: [
      embedding(),
      layers.bidirectional({ layer: layers.lstm({ units: 4 }), mergeMode: 'concat' }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  };
  for (const [name, list] of Object.entries(models)) {
    const model = tf.sequential({ layers: list });
    model.compile({ loss: 'binaryCrossentropy', optimizer: 'adam', metrics: ['acc'] });
    fixed(tf, model);
    const input = name === 'multihot' ? tf.tidy(() => tf.oneHot(x, vocabulary).max(1).toFloat()) : x;
    const { history } = await model.fit(input, y, { epochs: 2, batchSize: 6, validationSplit: 0.2, shuffle: false });
    const [loss, accuracy] = model.evaluate(input, y, { batchSize: 7 });
    (note(`${name} history`, history), note(`${name} evaluate`, [loss.dataSync()[0], accuracy.dataSync()[0]]));
  }
}

/** A translator: the states of one LSTM begin the other; sampling reuses the layers step by step. */
async function translation(tf, note) {
  const source = 7,
    target = 9,
    units = 6;
  const encoderInputs = tf.layers.input({ shape: [null, source], name: 'encoderInputs' });
  const [, h, c] = tf.layers.lstm({ units, returnState: true, name: 'encoderLstm' }).apply(encoderInputs);
  const decoderInputs = tf.layers.input({ shape: [null, target], name: 'decoderInputs' });
  const decoder = tf.layers.lstm({ units, returnSequences: true, returnState: true, name: 'decoderLstm' });
  const [sequence] = decoder.apply([decoderInputs, h, c]),
    dense = tf.layers.dense({ units: target, activation: 'softmax', name: 'decoderDense' });
  const model = tf.model({ inputs: [encoderInputs, decoderInputs], outputs: dense.apply(sequence), name: 'seq2seq' });
  model.compile({ optimizer: 'rmsprop', loss: 'categoricalCrossentropy' });
  fixed(tf, model);
  const x = some(tf, [8, 5, source]),
    d = some(tf, [8, 4, target], 1),
    y = tf.oneHot(tf.tensor1d(whole(32, target), 'int32'), target).reshape([8, 4, target]);
  const { history } = await model.fit([x, d], y, { batchSize: 4, epochs: 2, shuffle: false });
  note('history', history);
  const encode = tf.model({ inputs: encoderInputs, outputs: [h, c], name: 'encoder' });
  const stateH = tf.layers.input({ shape: [units], name: 'stateH' }),
    stateC = tf.layers.input({ shape: [units], name: 'stateC' });
  const [steps, nextH, nextC] = decoder.apply([decoderInputs, stateH, stateC]);
  const decode = tf.model({
    inputs: [decoderInputs, stateH, stateC],
    outputs: [dense.apply(steps), nextH, nextC],
    name: 'decoder',
  });
  let states = encode.predict(x.slice([0], [1])),
    token = tf.oneHot(tf.tensor1d([0], 'int32'), target).reshape([1, 1, target]);
  const chosen = [];
  for (let step = 0; step < 5; step++) {
    const [out, nh, nc] = decode.predict([token, ...states]),
      k = out.argMax(-1).dataSync()[0];
    (chosen.push(k), note(`step ${step}`, out));
    ((token = tf.oneHot(tf.tensor1d([k], 'int32'), target).reshape([1, 1, target])), (states = [nh, nc]));
  }
  (note('chosen', chosen),
    note(
      'names',
      model.layers.map((l) => l.name),
    ),
    note('state', numbers(2)));
}

export const programs = {
  'addition, simpleRNN': addition('simpleRNN'),
  'addition, GRU': addition('gru'),
  'addition, LSTM': addition('lstm'),
  dates,
  weather,
  text,
  sentiment,
  translation,
};
