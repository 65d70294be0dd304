// Webcam transfer learning: MobileNet up to conv_pw_13_relu turns frames into embeddings, once each;
// a small head learns the classes from them and predicts at frame rate.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { drawSquare, loadMobileNet, toInput } from '../common/mobilenet.js';
import { $, chooseDevice, guarded, hideTrouble } from '../common/page.js';
import { openCamera } from './camera.js';
import { addClass, addExample, classes, onChange, recording, showConfidence } from './classes.js';

const CUT = 'conv_pw_13_relu';
const video = $('#video'),
  frame = $('#frame');
const say = (text) => {
  $('#status').firstElementChild.textContent = text;
};
const tell = (text) => {
  $('#progress').firstElementChild.textContent = text;
};

let trunk = null; // MobileNet's lower part
let head = null; // {model, ones: its classes} once trained
let training = false;
let pace = 0; // milliseconds a frame, smoothed

/** What other scripts may listen to on the frame's canvas while it still holds the frame. */
const notify = (type, detail) => frame.dispatchEvent(new CustomEvent(type, { detail }));

/** The frame as MobileNet sees it. */
const embed = () =>
  tf.tidy(() => {
    drawSquare(video, frame);
    return trunk.predict(toInput(tf, frame));
  });

async function loadTrunk() {
  const whole = await loadMobileNet(tf, $('#status'));
  trunk = tf.model({ inputs: whole.inputs, outputs: whole.getLayer(CUT).output });
  await warmUp();
}

/** The first prediction on a device prepares it. */
async function warmUp() {
  if (!trunk) return;
  say('Getting ready');
  const once = tf.tidy(() => trunk.predict(tf.zeros([1, frame.height, frame.width, 3])));
  await once.data();
  once.dispose();
  pace = 0;
  if (video.srcObject) say('Ready: hold a button to record.');
}

function makeHead(count) {
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: trunk.outputs[0].shape.slice(1) }),
      tf.layers.dense({
        units: 100,
        activation: 'relu',
        kernelInitializer: 'varianceScaling',
        useBias: true,
      }),
      tf.layers.dense({
        units: count,
        kernelInitializer: 'varianceScaling',
        useBias: false,
        activation: 'softmax',
      }),
    ],
  });
}

const withExamples = () => classes.filter(({ examples }) => examples.length);

function examplesOf(ones) {
  const labels = ones.flatMap(({ examples }, i) => examples.map(() => i));
  return tf.tidy(() => ({
    xs: tf.concat(ones.flatMap(({ examples }) => examples)),
    ys: tf.oneHot(tf.tensor1d(labels, 'int32'), ones.length).toFloat(),
  }));
}

async function train() {
  const ones = withExamples(),
    epochs = Math.max(1, Number($('#epochs').value) || 20);
  const { xs, ys } = examplesOf(ones);
  const model = makeHead(ones.length);
  model.compile({ optimizer: tf.train.adam(Number($('#rate').value)), loss: 'categoricalCrossentropy' });
  $('#chart').replaceChildren();
  const charts = tfvis.show.fitCallbacks($('#chart'), ['loss'], { callbacks: ['onBatchEnd'], height: 150 });
  const began = performance.now();
  let epoch = 0;
  try {
    await model.fit(xs, ys, {
      epochs,
      batchSize: Math.max(1, Math.floor(xs.shape[0] * 0.4)),
      shuffle: true,
      callbacks: {
        onEpochBegin: (i) => {
          epoch = i + 1;
        },
        onBatchEnd: async (batch, logs) => {
          tell(`Epoch ${epoch} of ${epochs}, loss ${logs.loss.toFixed(4)}`);
          await charts.onBatchEnd(batch, logs);
        },
      },
    });
  } finally {
    tf.dispose([xs, ys]);
  }
  tell(
    `Trained on ${xs.shape[0]} pictures in ${((performance.now() - began) / 1000).toFixed(1)} s. Train again whenever you add some.`,
  );
  head?.model.dispose();
  head = { model, ones };
}

async function predict(embedding) {
  const output = tf.tidy(() => head.model.predict(embedding));
  const parts = Array.from(await output.data());
  output.dispose();
  const best = showConfidence(head.ones, parts);
  $('#verdict').hidden = false;
  $('#verdict').textContent = best.name();
  notify('prediction', { name: best.name(), parts });
}

/** One frame: an example for the class that is recorded, or a prediction. */
async function look() {
  const began = performance.now(),
    one = recording;
  const embedding = embed();
  if (one) {
    await embedding.data(); // so that recording keeps the pace of the device
    addExample(one, embedding, frame);
    notify('example', { name: one.name() });
  } else {
    await predict(embedding);
    embedding.dispose();
  }
  const took = performance.now() - began;
  pace = pace ? 0.9 * pace + 0.1 * took : took;
  say(`${pace.toFixed(1)} ms a frame on ${tf.getBackend()}`);
}

async function watch() {
  for (;;) {
    await tf.nextFrame();
    if (!trunk || training || video.readyState < 2 || !(recording || head)) continue;
    await look();
  }
}

function showReadiness() {
  const enough = withExamples().length >= 2;
  $('#train').disabled = training || !trunk || !enough;
  if (!enough) tell('Two classes with pictures are needed.');
  else if (!training && !head)
    tell(`${classes.reduce((sum, { examples }) => sum + examples.length, 0)} pictures are ready.`);
}

$('#train').addEventListener('click', () =>
  guarded(async () => {
    training = true;
    showReadiness();
    try {
      await train();
    } finally {
      training = false;
      showReadiness();
    }
  }),
);

$('#add').addEventListener('click', () => addClass(`Class ${classes.length + 1}`).input.select());
onChange(showReadiness);
addClass('Class 1');
addClass('Class 2');

async function start() {
  hideTrouble();
  if (!trunk) await loadTrunk();
  say('Waiting for the camera');
  await openCamera(video);
  say('Ready: hold a button to record.');
  document.documentElement.dataset.state = 'ready';
  showReadiness();
}
const begin = () => guarded(start, begin);

await tf.ready();
chooseDevice(tf, $('#device'), warmUp);
await begin();
const keepWatching = () => guarded(watch, keepWatching);
keepWatching();
