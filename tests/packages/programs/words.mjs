// speech-commands with a model whose weights are waves: the package's come from a server that is not npm's.
import * as speech from '@tensorflow-models/speech-commands';
import * as tf from '@tensorflow/tfjs';

const FRAMES = 43,
  COLUMNS = 232;
const waves = (n, step = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(step * i + 1));
const setWaves = (model) => {
  const values = model.getWeights().map((w, i) =>
    tf.tensor(
      waves(w.size, i + 0.3).map((v) => v / 10),
      w.shape,
    ),
  );
  model.setWeights(values);
  tf.dispose(values);
};

async function recognizer() {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [FRAMES, COLUMNS, 1],
        filters: 4,
        kernelSize: [5, 9],
        strides: 3,
        activation: 'relu',
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 8, activation: 'relu' }),
      tf.layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  setWaves(model);
  let artifacts;
  await model.save(
    tf.io.withSaveHandler(async (a) => {
      artifacts = a;
      return { modelArtifactsInfo: { dateSaved: new Date() } };
    }),
  );
  const metadata = {
    tfjsSpeechCommandsVersion: speech.version,
    wordLabels: ['_background_noise_', '_unknown_', 'up', 'down', 'left'],
  };
  const made = speech.create('BROWSER_FFT', null, artifacts, metadata);
  await made.ensureModelLoaded();
  return made;
}

/** Recognition of a spectrogram, with an embedding; new words are learned from examples, and kept. */
export async function words() {
  const base = await recognizer(),
    x = tf.tensor4d(waves(FRAMES * COLUMNS), [1, FRAMES, COLUMNS, 1]);
  const { scores, embedding } = await base.recognize(x, { includeEmbedding: true });
  const transfer = base.createTransfer('sounds'),
    examples = new speech.Dataset();
  for (let i = 0; i < 6; i++)
    examples.addExample({
      label: ['_background_noise_', 'hum', 'clap'][i % 3],
      spectrogram: { frameSize: COLUMNS, data: waves(FRAMES * COLUMNS, 0.1 + (i % 3) + i / 50) },
    });
  transfer.loadExamples(examples.serialize());
  transfer.createTransferModelFromBaseModel();
  setWaves(transfer.transferHead);
  const epochs = [],
    callback = {
      onEpochEnd: (_, { loss, acc }) => {
        epochs.push([loss, acc]);
      },
    };
  await transfer.train({ epochs: 4, batchSize: 100, callback, fineTuningEpochs: 2, fineTuningCallback: callback });
  const learned = await transfer.recognize(x),
    roc = transfer.evaluate({ windowHopRatio: 0.25, wordProbThresholds: [0, 0.3, 0.6, 1] });
  let kept;
  await transfer.save(
    tf.io.withSaveHandler(async (a) => {
      kept = a.weightData.byteLength;
      return { modelArtifactsInfo: { dateSaved: new Date() } };
    }),
  );
  x.dispose();
  return {
    words: base.wordLabels(),
    shape: base.modelInputShape(),
    scores: [...scores],
    embedding: [...embedding.dataSync()],
    counts: transfer.countExamples(),
    transferred: transfer.wordLabels(),
    epochs,
    learned: [...learned.scores],
    auc: roc.auc,
    kept,
  };
}
