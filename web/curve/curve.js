// A line or a polynomial learns points by gradient descent, one step after the other, while one moves them.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { $, chooseDevice, guarded, hideTrouble, Trouble } from '../common/page.js';
import { makePlot } from './plot.js';
import { makeSurface } from './surface.js';

const DRAW = 150; // ms between two drawings of the chart
const SHAPES = {
  line: (x) => 0.6 * x - 0.1,
  parabola: (x) => 1.4 * x * x - 0.6,
  wave: (x) => 0.7 * Math.sin(4 * x),
  step: (x) => 0.6 * Math.tanh(8 * x),
};
const WORDS = { sgd: 'sgd', momentum: 'momentum', rmsprop: 'rmsprop', adam: 'adam' };

/** What is in the address; anything else there is as if it were not. */
function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const among = (name, list, first) => (list.includes(given.get(name)) ? given.get(name) : first);
  const mode = among('mode', ['neuron', 'curve'], 'neuron');
  const degree = Number(given.get('degree') ?? 3),
    rate = Number(given.get('rate'));
  return {
    mode,
    shape: among('shape', Object.keys(SHAPES), mode === 'curve' ? 'wave' : 'line'),
    degree: Number.isInteger(degree) && degree >= 0 && degree <= 9 ? degree : 3,
    optimizer: among('optimizer', Object.keys(WORDS), mode === 'curve' ? 'adam' : 'sgd'),
    rate: rate > 0 && rate <= 10 ? rate : 0.03,
  };
}

let state = readAddress();
const degree = () => (state.mode === 'neuron' ? 1 : state.degree);

let weights = null, // a column: the constant, then the factor of each power
  optimizer = null,
  data = null, // {powers, ys}, of the points as they are
  values = [0, 0], // the weights as they were last read
  count = 0,
  running = false,
  working = Promise.resolve(), // one step at a time
  curve = [],
  drawn = 0;

const say = (id, text) => {
  $(`#${id}`).textContent = text;
};
const f = (x) => values.reduceRight((sum, w) => sum * x + w, 0);

// ---- what is learned

const OPTIMIZERS = {
  sgd: (rate) => tf.train.sgd(rate),
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  rmsprop: (rate) => tf.train.rmsprop(rate),
  adam: (rate) => tf.train.adam(rate),
};

function takePoints() {
  const { points } = plot;
  tf.dispose(data);
  const powers = points.map(({ x }) => Array.from({ length: degree() + 1 }, (_, k) => x ** k));
  data = { powers: tf.tensor2d(powers), ys: tf.tensor2d(points.map(({ y }) => [y])) };
  if (state.mode === 'neuron') surface.shape(points);
}

function newOptimizer() {
  optimizer?.dispose();
  optimizer = OPTIMIZERS[state.optimizer](state.rate);
}

/** The mean of the squares of what is missed. */
const loss = () => data.powers.matMul(weights).sub(data.ys).square().mean();

async function learn(steps) {
  for (let i = 0; i < steps; i++) {
    optimizer.minimize(loss, false, [weights]);
    if (state.mode === 'neuron' && (i === steps - 1 || steps <= 10)) await read();
  }
  count += steps;
  await show();
}

/** Reads the weights; one neuron leaves a trace. */
async function read() {
  values = Array.from(await weights.data());
  if (state.mode === 'neuron') surface.step(values[1], values[0]);
}

// ---- what is shown

const POWERS = ['', 'x', 'x²', 'x³', 'x⁴', 'x⁵', 'x⁶', 'x⁷', 'x⁸', 'x⁹'];

function formula() {
  const terms = values.map((w, k) => `${w < 0 ? '−' : '+'} ${Math.abs(w).toFixed(2)}${k ? ` ${POWERS[k]}` : ''}`);
  return `y = ${terms.reverse().join(' ').replace(/^\+ /, '').replace(/^− /, '−')}`;
}

async function show() {
  if (state.mode === 'curve') await read();
  const now = tf.tidy(loss),
    [value] = await now.data();
  now.dispose();
  plot.draw(f);
  say('count', count.toLocaleString('en-US'));
  if (!Number.isFinite(value))
    throw new Trouble('It has run away.', 'Its steps were too large: choose a smaller rate, then Reset.');
  say('formula', formula());
  say('loss', value.toPrecision(3));
  curve.push({ x: count, y: value });
  if (curve.length > 1500) curve = curve.filter((_, i) => i % 2 === 0);
  if (running && performance.now() - drawn < DRAW) return;
  drawn = performance.now();
  if (state.mode === 'curve') showCoefficients();
  await tfvis.render.linechart($('#chart'), { values: [curve] }, { xLabel: 'step', yLabel: 'loss', height: 150 });
}

const showCoefficients = () =>
  tfvis.render.table($('#coefficients'), {
    headers: ['Power', 'Factor'],
    values: values.map((w, k) => [POWERS[k] || '1', w]),
  });

function showProgram() {
  const { rate } = state,
    n = degree(),
    made =
      { momentum: `tf.train.momentum(${rate}, 0.9)` }[state.optimizer] ?? `tf.train.${WORDS[state.optimizer]}(${rate})`;
  const text =
    n === 1
      ? `const w = tf.variable(tf.scalar(0)),
  b = tf.variable(tf.scalar(0));
const optimizer = ${made};

const loss = () =>
  xs.mul(w).add(b).sub(ys).square().mean();

for (let step = 0; step < 1000; step++)
  optimizer.minimize(loss);`
      : `// powers: [points, ${n + 1}], 1, x, x² ...
const w = tf.variable(tf.zeros([${n + 1}, 1]));
const optimizer = ${made};

const loss = () =>
  powers.matMul(w).sub(ys).square().mean();

for (let step = 0; step < 1000; step++)
  optimizer.minimize(loss);`;
  say('program', text);
}

// ---- running

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

async function run() {
  while (running) {
    await next(() => learn(Number($('#speed').value)));
    await tf.nextFrame();
  }
  await next(show);
}

function stop() {
  running = false;
  say('run', 'Start');
  document.documentElement.dataset.state = 'ready';
}

/** New weights: small ones, or those that one has chosen. */
const restart = (start = null) =>
  next(async () => {
    hideTrouble();
    weights?.dispose();
    const first = start ?? Array.from({ length: degree() + 1 }, () => Math.random() - 0.5);
    weights = tf.tidy(() => tf.variable(tf.tensor2d(first, [first.length, 1])));
    newOptimizer();
    count = 0;
    curve = [];
    surface.forget();
    takePoints();
    if (state.mode === 'neuron') await read();
    await show();
  });

// ---- choosing

const plot = makePlot($('#plot'), () => {
  if (weights) next(async () => (takePoints(), running || (await show())));
});
const surface = makeSurface($('#hills'), (weight, bias) => restart([bias, weight]));

function change(part) {
  state = { ...state, ...part };
  const { mode, shape, optimizer: name, rate } = state;
  const parts = { mode, shape, ...(mode === 'curve' && { degree: state.degree }), optimizer: name, rate };
  history.replaceState(null, '', `#${new URLSearchParams(parts)}`);
  showChoices();
}

function showChoices() {
  const isCurve = state.mode === 'curve';
  $(`#mode [value=${state.mode}]`).checked = true;
  for (const id of ['shape', 'optimizer', 'rate']) {
    const select = $(`#${id}`),
      value = String(state[id]);
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(value));
    select.value = value;
  }
  $('#degree').value = state.degree;
  say('degreeText', state.degree);
  $('#degreeField').hidden = $('#numbers').hidden = !isCurve;
  $('#hillside').hidden = isCurve;
  showProgram();
}

const shaped = () => {
  const count = state.mode === 'curve' ? 11 : 8;
  plot.points = Array.from({ length: count }, (_, i) => {
    const x = (1.8 * i) / (count - 1) - 0.9;
    return { x, y: SHAPES[state.shape](x) + 0.16 * Math.sin(37 * (i + 1)) };
  });
};

$('#mode').addEventListener('change', ({ target }) => {
  const curve = target.value === 'curve';
  change({ mode: target.value, shape: curve ? 'wave' : 'line', optimizer: curve ? 'adam' : 'sgd' });
  shaped();
  restart();
});
$('#shape').addEventListener('change', ({ target }) => {
  change({ shape: target.value });
  shaped();
});
$('#degree').addEventListener('input', ({ target }) => {
  const before = values.slice(0, Number(target.value) + 1);
  change({ degree: Number(target.value) });
  restart(Array.from({ length: degree() + 1 }, (_, k) => before[k] ?? 0)); // what is learned stays
});
for (const id of ['optimizer', 'rate'])
  $(`#${id}`).addEventListener('change', ({ target }) => {
    change({ [id]: id === 'rate' ? Number(target.value) : target.value });
    next(newOptimizer);
  });
$('#add').addEventListener('click', plot.addOne);
$('#step').addEventListener('click', () => next(() => learn(1)));
$('#reset').addEventListener('click', () => restart());
$('#run').addEventListener('click', () => {
  if (running) return stop();
  running = true;
  say('run', 'Pause');
  document.documentElement.dataset.state = 'running';
  run();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => next(takePoints));

await tf.ready();
showChoices();
shaped();
await restart();
chooseDevice(tf, $('#device'), () => next(show));
for (const id of ['run', 'step', 'reset']) $(`#${id}`).disabled = false;
document.documentElement.dataset.state = 'ready';
