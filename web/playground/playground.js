// A net learns to tell points apart, and shows what each of its units says: what one chooses, the loop of frames that
// learns and draws, and the address that keeps the choices.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { $, chooseDevice, guarded, hideTrouble, make, Trouble } from '../common/page.js';
import { onColors, paintGrid } from '../common/paint.js';
import { makeDiagram } from './diagram.js';
import { featureGrid, makeNet, SIDE } from './net.js';
import { paintPoints } from './paint.js';
import { isRegression, NAMES, pointsOf } from './points.js';
import { addressOf, readState } from './state.js';

const COUNT = 400,
  DRAW = 150; // ms between two drawings of the chart
const picture = document.createElement('canvas');

let state = readState(),
  training = [],
  held = [],
  net = null,
  epoch = 0,
  running = false,
  working = Promise.resolve(), // one thing at a time is asked of the net
  looked = null, // the unit that is looked at, {layer, unit}
  pictures = null,
  curve = { loss: [], held: [] },
  drawn = 0;

const say = (id, text) => {
  $(`#${id}`).textContent = text;
};

// ---- what is shown

function paintOutput() {
  if (!pictures) return;
  const { layer, unit } = looked ?? { layer: state.layers.length, unit: 0 };
  if (layer < 0) paintGrid(picture, featureGrid(state.features[unit]), SIDE);
  else paintGrid(picture, pictures[layer], SIDE, unit, state.layers[layer] ?? 1);
  const shown = $('#showHeld').checked ? [...training, ...held.map((point) => ({ ...point, hollow: true }))] : training;
  paintPoints($('#output'), picture, shown, 6);
  say('shownText', !looked ? 'What the net says' : layer < 0 ? 'A feature' : `Unit ${unit + 1} of layer ${layer + 1}`);
}

async function drawCurve() {
  const values = [curve.loss, curve.held];
  if (!curve.loss.length) return;
  await tfvis.render.linechart(
    $('#chart'),
    { values, series: ['train', 'held out'] },
    { xLabel: 'epoch', yLabel: 'loss', height: 140 },
  );
}

function keep({ loss, heldLoss }) {
  curve.loss.push({ x: epoch, y: loss });
  curve.held.push({ x: epoch, y: heldLoss });
  if (curve.loss.length > 1500) curve = { loss: curve.loss.filter(thin), held: curve.held.filter(thin) };
}
const thin = (_, i) => i % 2 === 0;

/** Everything that the net says now. */
async function show() {
  const [score, weights] = await Promise.all([net.score(), net.weights()]);
  if (!Number.isFinite(score.loss))
    throw new Trouble('It has run away.', 'Its steps were too large: choose a smaller rate, then Reset.');
  pictures = await net.pictures();
  diagram.update(pictures, weights);
  paintOutput();
  say('epoch', epoch.toLocaleString('en-US'));
  say('loss', score.loss.toFixed(3));
  say('heldLoss', score.heldLoss.toFixed(3));
  say('right', isRegression(state.data) ? '–' : `${(100 * score.right).toFixed(0)}%`);
  keep(score);
  if (!running || performance.now() - drawn > DRAW) {
    drawn = performance.now();
    await drawCurve();
  }
}

// ---- learning

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

async function learn(epochs) {
  await net.learn(epochs, state.batch);
  epoch += epochs;
  await show();
}

async function run() {
  while (running) {
    await next(() => learn(Number($('#speed').value)));
    await tf.nextFrame();
  }
  await next(show);
}

function stop() {
  running = false;
  $('#run').textContent = 'Start';
  document.documentElement.dataset.state = 'ready';
}

/** A new net with new weights; the points stay. */
const rebuild = (focus) =>
  next(async () => {
    hideTrouble();
    net?.dispose();
    net = makeNet(tf, state, training, held);
    epoch = 0;
    looked = pictures = null;
    curve = { loss: [], held: [] };
    diagram.build(state, focus);
    diagram.layerButtons($('#more'), $('#fewer'));
    $('#chart').replaceChildren();
    await show();
  });

function scatter() {
  const points = pointsOf(state.data, COUNT, state.noise, state.seed),
    cut = Math.round(COUNT * state.train);
  training = points.slice(0, cut);
  held = points.slice(cut);
}

// ---- choosing

const diagram = makeDiagram($('#diagram'), {
  change: (part, focus) => change(part, focus),
  hover(layer, unit) {
    looked = layer === null || unit < 0 ? null : { layer, unit };
    paintOutput();
  },
});

const PICTURED = new Set(['noise', 'seed']); // what changes the small pictures of the sets
const POINTS = new Set(['data', 'noise', 'train', 'seed']);
const KEEPS_WEIGHTS = new Set(['rate', 'optimizer', 'batch']);

/** Changes the state, the address, and as much of the net as need be. */
function change(part, focus) {
  state = { ...state, ...part };
  history.replaceState(null, '', addressOf(state));
  return apply(Object.keys(part), focus);
}

function apply(names, focus) {
  showChoices();
  if (names.some((name) => PICTURED.has(name))) paintSets();
  if (names.some((name) => POINTS.has(name))) scatter();
  if (names.every((name) => KEEPS_WEIGHTS.has(name))) return next(() => net.compile(state));
  return rebuild(focus);
}

/** Puts the state into the controls; a value that is not among a list's is added. */
function showChoices() {
  for (const name of ['rate', 'optimizer', 'activation', 'regularizer', 'strength']) {
    const select = $(`#${name}`),
      value = String(state[name]);
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(value));
    select.value = value;
  }
  for (const name of ['noise', 'train', 'batch']) $(`#${name}`).value = state[name];
  say('noiseText', `${Math.round(100 * state.noise)}%`);
  say('trainText', `${Math.round(100 * state.train)}%`);
  say('batchText', state.batch);
  const layers = state.layers.length;
  say('layersText', layers === 1 ? '1 layer' : `${layers} layers`);
  $('#strength').disabled = state.regularizer === 'none';
  $(`#sets [value=${state.data}]`).checked = true;
}

function paintSets() {
  for (const canvas of document.querySelectorAll('#sets canvas'))
    paintPoints(canvas, null, pointsOf(canvas.dataset.set, 160, state.noise, state.seed), 3);
}

for (const [name, text] of Object.entries(NAMES)) {
  const canvas = make('canvas', { width: 120, height: 120, ariaHidden: 'true' });
  canvas.dataset.set = name;
  const input = make('input', { type: 'radio', name: 'set', value: name, onchange: () => change({ data: name }) });
  $('#sets').append(make('label', {}, input, canvas, text));
}
for (const name of ['optimizer', 'activation', 'regularizer'])
  $(`#${name}`).addEventListener('change', ({ target }) => change({ [name]: target.value }));
for (const name of ['rate', 'strength', 'noise', 'train', 'batch'])
  $(`#${name}`).addEventListener('input', ({ target }) => change({ [name]: Number(target.value) }));
$('#more').addEventListener('click', () => change({ layers: [...state.layers, state.layers.at(-1) ?? 4] }));
$('#fewer').addEventListener('click', () => change({ layers: state.layers.slice(0, -1) }));
$('#fresh').addEventListener('click', () => change({ seed: Math.floor(Math.random() * 1e6) }));
$('#showHeld').addEventListener('change', paintOutput);
$('#reset').addEventListener('click', () => rebuild());
$('#step').addEventListener('click', () => next(() => learn(1)));
$('#run').addEventListener('click', () => {
  if (running) return stop();
  running = true;
  $('#run').textContent = 'Pause';
  document.documentElement.dataset.state = 'running';
  run();
});
addEventListener('hashchange', () => {
  state = readState();
  paintSets();
  scatter();
  showChoices();
  rebuild();
});
onColors(() => {
  paintSets();
  diagram.build(state);
  if (net) next(show);
});

await tf.ready();
showChoices();
paintSets();
scatter();
await rebuild();
chooseDevice(tf, $('#device'), () => next(show));
for (const id of ['run', 'step', 'reset']) $(`#${id}`).disabled = false;
document.documentElement.dataset.state = 'ready';
