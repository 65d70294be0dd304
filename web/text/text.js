// An LSTM learns a text that one pastes, and goes on with it while it learns: the choices, the loop of frames that reads
// and writes, and what is shown of both.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { $, chooseDevice, guarded, hideTrouble, make, Trouble } from '../common/page.js';
import { onColors } from '../common/paint.js';
import { randomFrom } from '../common/random.js';
import { alphabetOf, makeNet } from './net.js';
import { SAMPLES } from './samples.js';
import { makePen } from './pen.js';

const FRAME = 40, // ms of learning between two frames
  DRAW = 400, // ms between two drawings of the chart
  LONGEST = 200000; // letters of a text

const given = new URLSearchParams(location.hash.slice(1));
const seed = /^\d{1,9}$/.test(given.get('seed') ?? '') ? Number(given.get('seed')) : Math.floor(Math.random() * 1e6);

let alphabet = null,
  net = null,
  training = 0, // letters to learn from; those after them are held out
  random = randomFrom(seed),
  count = 0,
  smooth = NaN, // the loss, over the last steps
  curve = { loss: [], held: [] },
  drawn = 0,
  running = false,
  writing = false,
  working = Promise.resolve(); // one thing at a time is asked of the net

const say = (id, text) => {
  $(`#${id}`).textContent = text;
};
const choice = (id) => Number($(`#${id}`).value);
const pen = makePen({ written: $('#written'), bars: $('#bars'), memory: $('#memory') });

// ---- what is shown

async function draw() {
  const { entropy } = alphabet,
    style = getComputedStyle(document.documentElement),
    seriesColors = [style.getPropertyValue('--accent'), '#2f7fd6', style.getPropertyValue('--faint')],
    ends = [0, Math.max(count, 1)].map((x) => ({ x, y: entropy }));
  await tfvis.render.linechart(
    $('#chart'),
    { values: [curve.loss, curve.held, ends], series: ['learned from', 'held out', 'only counted'] },
    { xLabel: 'step', yLabel: 'loss', height: 170, seriesColors },
  );
}

async function show() {
  if (!net) return; // the text is too short
  say('count', count.toLocaleString('en-US'));
  await pen.show();
  if (running && performance.now() - drawn < DRAW) return;
  drawn = performance.now();
  const held = await net.test(alphabet.all, heldStarts(), choice('length'));
  say('heldLoss', held.toFixed(3));
  curve.held.push({ x: count, y: held });
  if (count) curve.loss.push({ x: count, y: smooth });
  say('loss', count ? smooth.toFixed(3) : '–');
  if (curve.held.length > 600) curve = { loss: curve.loss.filter(thin), held: curve.held.filter(thin) };
  say('unsure', `As unsure as if it guessed among ${Math.exp(count ? smooth : held).toFixed(1)} letters.`);
  await draw();
}
const thin = (_, i) => i % 2 === 0;

// ---- learning

/** Where the stretches that are held out begin: at most 16, evenly spread. */
function heldStarts() {
  const length = choice('length'),
    room = alphabet.all.length - training - length - 1,
    many = Math.max(1, Math.min(16, Math.floor(room / length)));
  return Array.from({ length: many }, (_, i) => training + Math.floor((i * room) / many));
}

async function learn() {
  const length = choice('length');
  const starts = Array.from({ length: choice('batch') }, () => Math.floor(random() * (training - length)));
  const loss = await net.learn(alphabet.all, starts, length);
  if (!Number.isFinite(loss))
    throw new Trouble('It has run away.', 'Its steps were too large: choose a smaller rate, then Reset.');
  smooth = count ? 0.9 * smooth + 0.1 * loss : loss;
  count++;
}

/** As many steps as fit between two frames. */
async function learnAWhile() {
  const began = performance.now();
  do await learn();
  while (running && performance.now() - began < FRAME);
}

/** Does f after whatever is going on; what it throws is shown and stops the run. */
function next(f) {
  working = working.then(() =>
    guarded(async () => {
      try {
        await f();
      } catch (error) {
        stop();
        throw error;
      }
    }),
  );
  return working;
}

let looping = false;
async function loop() {
  if (looping) return;
  looping = true;
  while (running || writing) {
    await next(async () => {
      if (running) await learnAWhile();
      for (let i = 0; i < 2; i++) await pen.write(choice('daring'));
      await show();
    });
    await tf.nextFrame();
  }
  looping = false;
  await next(show);
}

function showButtons() {
  say('run', running ? 'Pause' : count ? 'Go on' : 'Start');
  say('write', writing ? 'Stop writing' : 'Write');
  for (const id of ['run', 'step', 'reset', 'again']) $(`#${id}`).disabled = !net;
  $('#write').disabled = running || !net;
  document.documentElement.dataset.state = running ? 'running' : writing ? 'writing' : 'ready';
}

function stop() {
  running = writing = false;
  showButtons();
}

// ---- beginning

/** The text as it is now: its letters, and where the part begins that is held out. */
function takeText() {
  const text = $('#text').value.slice(0, LONGEST),
    length = choice('length');
  alphabet = alphabetOf(text);
  const { all, letters, entropy } = alphabet;
  training = all.length - Math.max(Math.floor(all.length / 10), length + 2);
  if (training < 2 * length || letters.length < 2)
    throw new Trouble('The text is too short.', `It takes ${4 * length} letters at least to learn from.`);
  say('about', `${all.length.toLocaleString('en-US')} letters, ${letters.length} different ones.`);
  say('entropy', entropy.toFixed(3));
}

/** A new net for the text and the choices. */
function restart() {
  running = writing = false;
  return next(async () => {
    hideTrouble();
    net?.dispose();
    net = null;
    count = 0;
    curve = { loss: [], held: [] };
    random = randomFrom(seed);
    $('#chart').replaceChildren();
    takeText();
    net = makeNet(tf, { letters: alphabet.letters.length, units: choice('units'), rate: choice('rate'), seed });
    await pen.begin(net, alphabet, $('#begin').value, random);
    await show();
    showButtons();
  });
}

async function putText(text, begin) {
  $('#text').value = text;
  $('#begin').value = begin;
  await restart();
}

async function openFile(file) {
  if (!file) return;
  await guarded(async () => putText(await file.text(), ''));
}

// ---- choosing

for (const [value, { name }] of Object.entries(SAMPLES)) $('#sample').append(make('option', { value }, name));
const chooseSample = () =>
  guarded(async () => {
    const { text, begin } = SAMPLES[$('#sample').value];
    await putText(await text(), begin);
  });
$('#sample').addEventListener('change', chooseSample);
$('#file').addEventListener('change', ({ target }) => openFile(target.files[0]));
let typed = 0;
$('#text').addEventListener('input', () => {
  clearTimeout(typed);
  typed = setTimeout(restart, 400);
});
$('#text').addEventListener('dragover', (event) => {
  event.preventDefault();
  $('#text').classList.add('over');
});
$('#text').addEventListener('dragleave', () => $('#text').classList.remove('over'));
$('#text').addEventListener('drop', (event) => {
  $('#text').classList.remove('over');
  const [file] = event.dataTransfer.files;
  if (!file) return;
  event.preventDefault();
  openFile(file);
});
for (const id of ['units', 'length']) $(`#${id}`).addEventListener('change', restart);
$('#rate').addEventListener('change', () => next(() => net?.compile(choice('rate'))));
$('#daring').addEventListener('input', () => say('daringText', choice('daring').toFixed(1)));
const beginAgain = () =>
  next(async () => {
    if (!net) return;
    await pen.begin(net, alphabet, $('#begin').value, random);
    await pen.show();
  });
$('#begin').addEventListener('change', beginAgain);
$('#again').addEventListener('click', beginAgain);
$('#reset').addEventListener('click', restart);
$('#step').addEventListener('click', () =>
  next(async () => {
    await learn();
    await show();
    showButtons();
  }),
);
$('#run').addEventListener('click', () => {
  running = !running;
  writing = false;
  showButtons();
  loop();
});
$('#write').addEventListener('click', () => {
  writing = !writing;
  showButtons();
  loop();
});
onColors(() => next(show));

await tf.ready();
await chooseSample();
chooseDevice(tf, $('#device'), () => next(show));
