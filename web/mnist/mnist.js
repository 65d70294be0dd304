// A net learns digits: training that one can stop and go on with, charts as it learns, what it does on digits held out,
// and a pad to write on.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { $, chooseDevice, guarded, hideTrouble, make, shareBar } from '../common/page.js';
import { digitAt, loadDigits, paintSome, tensorsOf } from './data.js';
import { makeInside } from './inside.js';
import { makeNet } from './net.js';
import { makePad } from './pad.js';
import { makeResults } from './results.js';

const say = (text) => {
  $('#status').firstElementChild.textContent = text;
};
const bars = Array.from({ length: 10 }, (_, i) => {
  const bar = shareBar(String(i)),
    item = make('li', {}, bar.element);
  $('#bars').append(item);
  return { ...bar, item };
});

let digits, held, training, pad, inside, results;
let run = null; // {model, epoch: epochs done, callbacks, seconds}
let busy = false;

/** What is on the pad, as the ten bars and in the first layer. */
async function read() {
  const values = pad.read();
  const x = values && tf.tensor(values, [1, digits.side, digits.side, 1]);
  const parts = values && run ? await probabilities(x) : null;
  const best = parts ? parts.indexOf(Math.max(...parts)) : -1;
  bars.forEach(({ set, item }, i) => {
    set(parts ? parts[i] : null);
    item.className = i === best ? 'leads' : '';
  });
  $('#verdict').textContent = best < 0 ? '–' : best;
  if (run) await inside.look(x);
  x?.dispose();
}

async function probabilities(x) {
  const output = tf.tidy(() => run.model.predict(x));
  const parts = Array.from(await output.data());
  output.dispose();
  return parts;
}

async function showResults() {
  const output = tf.tidy(() => run.model.predict(held.x, { batchSize: 256 }));
  await results.show(await output.data());
  output.dispose();
  await inside.show(run.model);
  await read();
}

/** A new net with charts of its own, as the settings say. */
function begin() {
  run?.model.dispose();
  const kind = $('#net input:checked').value,
    model = makeNet(tf, kind, digits.side, Number($('#rate').value));
  for (const id of ['byBatch', 'byEpoch']) $(`#${id}`).replaceChildren();
  const look = { height: 150 };
  const { onBatchEnd } = tfvis.show.fitCallbacks($('#byBatch'), ['loss', 'acc'], {
    ...look,
    callbacks: ['onBatchEnd'],
  });
  const { onEpochEnd } = tfvis.show.fitCallbacks($('#byEpoch'), ['loss', 'val_loss', 'acc', 'val_acc'], {
    ...look,
    callbacks: ['onEpochEnd'],
    zoomToFitAccuracy: true,
  });
  run = { model, kind, epoch: 0, seconds: 0, accuracy: 0, onBatchEnd, onEpochEnd };
  $('#noCharts').hidden = true;
  $('#insideText').textContent =
    kind === 'conv'
      ? 'What each filter looks for (orange adds, blue takes away), and beside it where it finds that in the digit on the pad.'
      : 'What each unit looks for (orange adds, blue takes away), and how strongly it answers to the digit on the pad.';
}

function showButtons() {
  const epochs = Number($('#epochs').value),
    stopped = run && run.epoch < epochs;
  $('#train').textContent = busy ? 'Stop' : stopped ? 'Go on' : 'Train';
  $('#train').disabled = !busy && run !== null && !stopped;
  $('#anew').hidden = $('#save').hidden = busy || !run;
  for (const control of document.querySelectorAll('.settings :is(input, select)')) control.disabled = busy;
}

const done = () => (run.epoch >= Number($('#epochs').value) ? 'Trained' : 'Stopped');

/** Fits until the epochs are done or somebody stops it. */
async function train() {
  if (!run) begin();
  const { model } = run,
    epochs = Number($('#epochs').value),
    batchSize = Number($('#batch').value),
    began = performance.now();
  busy = true;
  document.documentElement.dataset.state = 'training';
  showButtons();
  const seconds = () => run.seconds + (performance.now() - began) / 1000;
  try {
    await model.fit(training.x, training.y, {
      initialEpoch: run.epoch,
      epochs,
      batchSize,
      validationData: [held.x, held.y],
      callbacks: {
        onBatchEnd: async (batch, logs) => {
          const of = Math.ceil(training.x.shape[0] / batchSize);
          say(`Epoch ${run.epoch + 1} of ${epochs}, batch ${batch + 1} of ${of}, loss ${logs.loss.toFixed(3)}`);
          await run.onBatchEnd(batch, logs);
        },
        onEpochEnd: async (epoch, logs) => {
          if (model.stopTraining) return;
          run.epoch = epoch + 1;
          run.accuracy = logs.val_acc;
          await run.onEpochEnd(epoch, logs);
          await showResults();
        },
      },
    });
    run.seconds = seconds();
    await showResults();
    const accuracy = run.accuracy ? `, ${(100 * run.accuracy).toFixed(1)}% of the digits held out are right` : '';
    say(`${done()} after ${run.epoch} epochs and ${run.seconds.toFixed(1)} s${accuracy}.`);
  } finally {
    busy = false;
    showButtons();
    document.documentElement.dataset.state = run.epoch >= epochs ? 'done' : 'stopped';
  }
}

$('#train').addEventListener('click', () => {
  if (busy) {
    run.model.stopTraining = true;
    say('Stopping');
  } else {
    hideTrouble();
    guarded(train);
  }
});
$('#anew').addEventListener('click', () => {
  begin();
  guarded(train);
});
$('#save').addEventListener('click', () => guarded(() => run.model.save('downloads://digits')));
$('#epochs').addEventListener('input', showButtons);
for (const id of ['net', 'batch', 'rate'])
  $(`#${id}`).addEventListener('change', () => {
    if (id === 'batch' || busy) return;
    run?.model.dispose();
    run = null;
    showButtons();
    say('The next training begins anew.');
  });

/** Puts a digit of the set on the pad and goes there. */
function pick(index) {
  pad.show(digitAt(digits, index));
  $('#pad').scrollIntoView({ block: 'nearest' });
  $('#pad').focus({ preventScroll: true });
}

async function start() {
  digits ??= await loadDigits();
  held = tensorsOf(tf, digits, digits.training, digits.count);
  training = tensorsOf(tf, digits, 0, digits.training);
  paintSome($('#some'), digits, 24, 3);
  pad = makePad($('#pad'), digits.side, () => guarded(read));
  inside = makeInside(tf, $('#filters'));
  results = makeResults(tf, digits, pick);
  $('#clear').addEventListener('click', pad.clear);
  $('#borrow').addEventListener('click', () =>
    pad.show(digitAt(digits, digits.training + Math.floor(Math.random() * (digits.count - digits.training)))),
  );
  const source = digits.source === 'MNIST' ? 'MNIST' : 'drawn by a program';
  say(`${digits.training} digits to train with, ${digits.count - digits.training} held out (${source}).`);
  showButtons();
  document.documentElement.dataset.state = 'ready';
}

await tf.ready();
chooseDevice(tf, $('#device'), () => pad && read());
const go = () => guarded(start, go);
await go();
