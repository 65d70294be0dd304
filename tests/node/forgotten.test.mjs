// Tensors that a long run of code makes and forgets, with no turn of the event loop between: their data lies where
// the garbage collector takes it. Those that are still held come back whole when they are used.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

const library = fileURLToPath(new URL('../../dist/tensorine.cjs', import.meta.url)),
  SIDE = 512,
  MEGABYTE = 4 * SIDE * SIDE;

/** The most memory, in megabytes, of a process that runs this code 5,000 times at once. */
function peakOf(body) {
  const script = `const tf = require(${JSON.stringify(library)}), data = new Float32Array(${SIDE * SIDE}), one = tf.ones([${SIDE}, ${SIDE}]);
    for (let i = 0; i < 5000; i++) { ${body} }
    console.log(process.resourceUsage().maxRSS / 1024);`;
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}

for (const [name, body] of Object.entries({
  'of values': `tf.tensor(data, [${SIDE}, ${SIDE}]);`,
  'results of ops': 'one.add(1);',
}))
  test(`5,000 forgotten tensors of a megabyte, ${name}, stay under 650 MB`, () => {
    const peak = peakOf(body);
    assert.ok(peak < 650, `${peak} MB`);
  });

test('what is held keeps its values, counts and uses', () => {
  const before = tf.memory(),
    held = Array.from({ length: 420 }, (_, i) => tf.fill([SIDE, SIDE], i));
  const { numTensors, numBytes } = tf.memory();
  assert.deepEqual([numTensors - before.numTensors, numBytes - before.numBytes], [420, 420 * MEGABYTE]);
  const last = held.at(-1),
    first = held[0];
  const corner = (x) => x.slice([SIDE - 1, SIDE - 1], [1, 1]).dataSync()[0];
  tf.tidy(() => {
    for (const i of [0, 255, 256, 300, 350, 400, 419]) assert.equal(corner(held[i]), i);
    assert.equal(corner(first.add(last)), 419);
    assert.equal(corner(last.clone()), 419);
    assert.equal(corner(tf.variable(held[410])), 410);
    assert.equal(corner(tf.concat([held[381], held[380]])), 381);
    assert.equal(corner(tf.tidy(() => held[390])), 390);
    const { value, grad } = tf.valueAndGrad((x) => x.square().sum())(held[3].clone());
    assert.equal(value.dataSync()[0] / SIDE / SIDE, 9);
    assert.equal(corner(grad), 6);
  });
  held[415].dispose();
  assert.throws(() => held[415].dataSync(), { code: 'disposed' });
  tf.disposeVariables();
  tf.dispose(held);
  assert.equal(tf.memory().numBytes, before.numBytes);
});

test('bools, whole numbers and texts among many', () => {
  const many = Array.from({ length: 300 }, () => tf.ones([SIDE, SIDE]));
  const more = Array.from({ length: 80 }, (_, i) => [
    tf.fill([SIDE, SIDE], i, 'int32'),
    tf.ones([SIDE, SIDE], 'bool'),
    tf.fill([300, 300], `${i}`),
  ]);
  for (const [whole, truth, text] of [more[0], more[40], more[79]]) {
    assert.deepEqual([whole.dtype, whole.dataSync()[7], truth.dataSync()[7]], ['int32', Number(text.dataSync()[7]), 1]);
  }
  tf.dispose([many, more]);
});

test('training and layers on tensors made in one run of code', async () => {
  const before = tf.memory().numTensors,
    ballast = Array.from({ length: 300 }, () => tf.ones([SIDE, SIDE]));
  const xs = tf.fill([SIDE, SIDE], 0.5),
    ys = tf.ones([SIDE, 1]),
    later = Array.from({ length: 100 }, () => tf.ones([SIDE, SIDE]));
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [SIDE], kernelInitializer: 'zeros' })],
  });
  model.compile({ optimizer: tf.train.sgd(0.001), loss: 'meanSquaredError' });
  const fitting = model.fit(xs, ys, { epochs: 2, batchSize: SIDE, verbose: 0 }),
    during = Array.from({ length: 100 }, () => tf.ones([SIDE, SIDE]));
  const { history } = await fitting;
  assert.equal(history.loss[0], 1);
  assert.ok(history.loss[1] < 1 && history.loss[1] > 0);
  model.dispose();
  tf.dispose([ballast, xs, ys, later, during]);
  model.optimizer.dispose();
  assert.ok(tf.memory().numTensors <= before + 1);
});
