// A policy learns to balance poles on carts, in rounds of many tries; one may watch it, poke it, or balance a pole
// oneself. Here: the choices, the loop of frames, and what is shown.
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';
import { $, chooseDevice, guarded, hideTrouble, Trouble } from '../common/page.js';
import { onColors } from '../common/paint.js';
import { randomFrom } from '../common/random.js';
import { makeCrowd } from './crowd.js';
import { MOST, STEP } from './physics.js';
import { makePolicy } from './policy.js';
import { makeSolo } from './solo.js';
import { drawStage, makeMap, MAP, paintLegend } from './stage.js';

const FRAME = 12; // ms of steps between two frames, where it does all it can

const given = new URLSearchParams(location.hash.slice(1)).get('seed') ?? '';
const seed = /^\d{1,9}$/.test(given) ? Number(given) : Math.floor(Math.random() * 1e6);

const map = makeMap($('#map')),
  solo = makeSolo(Math.random);
let policy = null,
  crowd = null,
  random = null,
  count = 0,
  curve = { mean: [], longest: [] },
  mode = 'learn',
  running = false,
  once = false, // stops after this round
  before = 0, // when the last frame was
  working = Promise.resolve(); // one thing at a time is asked of the policy

const say = (id, text) => {
  if ($(`#${id}`).textContent !== text) $(`#${id}`).textContent = text;
};
const choice = (id) => Number($(`#${id}`).value);
const seconds = (steps) => `${(steps * STEP).toFixed(1)} s`;

// ---- what is shown

function draw() {
  const carts = mode === 'learn' ? crowd.tries : [solo.cart];
  drawStage($('#stage'), carts);
  map.draw(carts);
}

function tell() {
  if (mode === 'watch') {
    const words = solo.cart.over ? `Fallen after ${seconds(solo.steps)}.` : 'Poke its pole: arrow keys, ◀ ▶, or a tap.';
    return say('status', words);
  }
  if (mode === 'play') {
    const best = `Your best: ${solo.best} steps; the policy: ${$('#mean').textContent}.`;
    if (solo.waits) return say('status', `Arrow keys, ◀ ▶, or hold a side of the picture; at half speed. ${best}`);
    return say('status', solo.cart.over ? `Fallen after ${solo.steps} steps. ${best}` : best);
  }
  const mean = curve.mean.at(-1)?.y;
  if (mean === undefined) return say('status', 'At first it pushes by chance.');
  const end = mean === MOST ? ', until time ran out' : '';
  return say('status', `Round ${count}: the poles stood for ${seconds(mean)} on average${end}.`);
}

async function drawCurve() {
  if (!count) return $('#chart').replaceChildren();
  return tfvis.render.linechart(
    $('#chart'),
    { values: [curve.mean, curve.longest], series: ['average', 'longest'] },
    { xLabel: 'round', yLabel: 'steps', height: 170 },
  );
}

const showPolicy = async () => map.set(await policy.chances(MAP));

// ---- learning

const newCrowd = () => {
  crowd = makeCrowd(choice('carts'), random);
};

/** What follows a round: the policy learns from it, and the next one begins. */
async function endRound() {
  const lengths = crowd.lengths(),
    mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  await policy.learn(crowd.tries);
  count++;
  curve.mean.push({ x: count, y: Number(mean.toFixed(1)) });
  curve.longest.push({ x: count, y: Math.max(...lengths) });
  say('count', count.toLocaleString('en-US'));
  say('mean', mean.toFixed(0));
  say('longest', String(Math.max(...lengths)));
  await showPolicy();
  await drawCurve();
  newCrowd();
  if (once) stop();
}

async function learn() {
  const speed = choice('speed'),
    began = performance.now();
  for (let i = 0; running && (speed ? i < speed : performance.now() - began < FRAME); i++) {
    await crowd.step(policy);
    if (crowd.tries.some(({ state }) => Number.isNaN(state[0])))
      throw new Trouble('It has run away.', 'Its steps were too large: choose a smaller rate, then Reset.');
    if (crowd.isDone()) await endRound();
  }
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

async function frame() {
  const now = performance.now(),
    passed = now - before;
  before = now;
  if (!running) return;
  await (mode === 'learn' ? learn() : solo.advance(passed, policy));
  draw();
  tell();
}

let looping = false;
async function loop() {
  if (looping) return;
  looping = true;
  before = performance.now();
  while (running) {
    await next(frame);
    await tf.nextFrame();
  }
  looping = false;
}

function showButtons() {
  say('run', running && !once ? 'Pause' : count || mode !== 'learn' ? 'Go on' : 'Start');
  for (const id of ['run', 'reset']) $(`#${id}`).disabled = false;
  $('#step').disabled = mode !== 'learn';
  $('#hands').hidden = mode === 'learn';
  document.documentElement.dataset.state = running ? 'running' : 'ready';
}

function stop() {
  running = once = false;
  showButtons();
}

function go() {
  running = true;
  showButtons();
  loop();
}

/** A new policy that pushes by chance. */
function restart() {
  running = once = false;
  $('#mode [value=learn]').checked = true;
  mode = 'learn';
  return next(async () => {
    hideTrouble();
    policy?.dispose();
    random = randomFrom(seed);
    policy = makePolicy(tf, { units: choice('units'), rate: choice('rate'), seed });
    count = 0;
    curve = { mean: [], longest: [] };
    say('count', '0');
    for (const id of ['mean', 'longest']) say(id, '–');
    newCrowd();
    await showPolicy();
    await drawCurve();
    draw();
    tell();
    showButtons();
  });
}

// ---- choosing

$('#mode').addEventListener('change', ({ target }) =>
  next(() => {
    mode = target.value;
    stop();
    if (mode !== 'learn') {
      solo.begin(mode === 'play');
      go();
    }
    draw();
    tell();
    showButtons();
  }),
);
$('#run').addEventListener('click', () => {
  if (running && !once) return stop();
  once = false;
  return go();
});
$('#step').addEventListener('click', () => {
  once = true;
  go();
});
$('#reset').addEventListener('click', restart);
for (const id of ['units', 'rate']) $(`#${id}`).addEventListener('change', restart);
$('#carts').addEventListener('change', () =>
  next(() => {
    newCrowd();
    draw();
  }),
);

// ---- hands: arrow keys, two buttons, the two sides of the stage

const hand = (push) => mode !== 'learn' && solo.hand(push);
const KEYS = { ArrowLeft: -1, ArrowRight: 1 };
const isOurs = ({ key, target }) => mode !== 'learn' && key in KEYS && !target.closest?.('input, select, pre');
addEventListener('keydown', (event) => {
  if (!isOurs(event)) return;
  event.preventDefault();
  if (!event.repeat) hand(KEYS[event.key]);
});
addEventListener('keyup', (event) => isOurs(event) && hand(0));
for (const [id, push] of Object.entries({ left: -1, right: 1 })) {
  $(`#${id}`).addEventListener('pointerdown', () => hand(push));
  $(`#${id}`).addEventListener('keydown', ({ key, repeat }) => !repeat && /^(Enter| )$/.test(key) && hand(push));
  $(`#${id}`).addEventListener('keyup', () => hand(0));
}
$('#stage').addEventListener('pointerdown', ({ offsetX }) => hand(offsetX < $('#stage').clientWidth / 2 ? -1 : 1));
for (const end of ['pointerup', 'pointercancel', 'blur']) addEventListener(end, () => hand(0));

const repaint = () => {
  map.repaint();
  paintLegend($('#leftColor'), $('#rightColor'));
  if (crowd) draw();
};
onColors(repaint);
addEventListener('resize', repaint);

await tf.ready();
paintLegend($('#leftColor'), $('#rightColor'));
await restart();
chooseDevice(tf, $('#device'), () => next(showPolicy));
