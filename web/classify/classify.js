// Names the five likeliest of MobileNet's thousand classes for a picture that is dropped, pasted,
// chosen or linked.
import * as tf from '../../dist/tensorine.mjs';
import { drawSquare, loadLabels, loadMobileNet, SIDE, toInput } from '../common/mobilenet.js';
import { $, chooseDevice, guarded, hideTrouble, make, shareBar, Trouble } from '../common/page.js';

const TOP = 5;
const canvas = make('canvas', { width: SIDE, height: SIDE });
const picture = $('#picture'),
  status = $('#status');
const say = (text) => {
  status.firstElementChild.textContent = text;
};
const bars = Array.from({ length: TOP }, () => {
  const bar = shareBar(' ');
  $('#top').append(make('li', {}, bar.element));
  return bar;
});

let model = null,
  labels = null;

/** The first of a class's names. */
const nameOf = (index) => labels?.[index]?.split(',')[0] ?? `class ${index}`;

async function classify() {
  if (!model || !picture.naturalWidth) return;
  hideTrouble();
  say('Looking');
  await tf.nextFrame();
  drawSquare(picture, canvas);
  const began = performance.now();
  const { values, indices } = tf.tidy(() => tf.topk(model.predict(toInput(tf, canvas)), TOP));
  const parts = await values.data(),
    places = await indices.data();
  const took = performance.now() - began;
  tf.dispose([values, indices]);
  bars.forEach((bar, i) => {
    bar.label.textContent = nameOf(places[i]);
    bar.set(parts[i]);
  });
  $('#top').hidden = false;
  say(`${took.toFixed(1)} ms on ${tf.getBackend()}`);
  document.documentElement.dataset.state = 'done';
}

/** Shows the picture at an address, then names it. */
async function show(url, what) {
  document.documentElement.dataset.state = 'looking';
  picture.crossOrigin = 'anonymous';
  picture.src = url;
  try {
    await picture.decode();
  } catch (error) {
    picture.hidden = true;
    $('#hint').hidden = false;
    throw new Trouble(
      `${what} could not be shown.`,
      'It may be no picture, or its server may not let other pages read it.',
      error,
    );
  }
  picture.hidden = false;
  $('#hint').hidden = true;
  await classify();
}

let objectURL = null;
function showFile(file) {
  if (!file) return;
  URL.revokeObjectURL(objectURL);
  objectURL = URL.createObjectURL(file);
  guarded(() => show(objectURL, file.name || 'The picture'));
}

const fileOf = (transfer) => [...(transfer?.files ?? [])].find(({ type }) => type.startsWith('image/'));
$('#file').addEventListener('change', ({ target }) => showFile(target.files[0]));
$('#link').addEventListener('submit', (event) => {
  event.preventDefault();
  guarded(() => show($('#url').value, 'The picture at this address'));
});
addEventListener('paste', ({ clipboardData }) => showFile(fileOf(clipboardData)));
for (const type of ['dragover', 'dragleave', 'drop']) {
  addEventListener(type, (event) => {
    event.preventDefault();
    $('#drop').classList.toggle('over', type === 'dragover');
    if (type === 'drop') showFile(fileOf(event.dataTransfer));
  });
}

async function start() {
  labels ??= await loadLabels();
  model ??= await loadMobileNet(tf, status);
  say('Ready for a picture.');
  document.documentElement.dataset.state = 'ready';
  await classify();
}

await tf.ready();
chooseDevice(tf, $('#device'), classify);
const begin = () => guarded(start, begin);
await begin();
