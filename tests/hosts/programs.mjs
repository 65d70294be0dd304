// Programs for hosts that run files: import, require, both in one program, and in a worker.
const BODY = `
async function program() {
  await tf.ready();
  const x = tf.tensor2d([[1, 2], [3, 4]]), product = Array.from(await tf.matMul(x, x).data());
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { history } = await model.fit(x, tf.ones([2, 1]), { epochs: 1 });
  return { product, trained: Number.isFinite(history.loss[0]) };
}
const say = (answer) => console.log(JSON.stringify(answer));
`;
const PRODUCT = { product: [7, 10, 15, 22], trained: true };

const PROGRAMS = {
  'import.mjs': [`import * as tf from 'tensorine';${BODY}say(await program());`, PRODUCT],
  'default.mjs': [`import tf from 'tensorine/multi';${BODY}say(await program());`, PRODUCT],
  'require.cjs': [`const tf = require('tensorine');${BODY}program().then(say);`, PRODUCT],
  'multi.cjs': [`const tf = require('tensorine/multi');${BODY}program().then(say);`, PRODUCT],
  'both.mjs': [
    `
import * as tf from 'tensorine';
import whole from 'tensorine';
import * as multi from 'tensorine/multi';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), all = [whole, multi, require('tensorine'), require('tensorine/multi')];
const names = (of) => Object.keys(of).filter((name) => !/^(default|module.exports)$/.test(name)).sort().join();
console.log(JSON.stringify([all.every((of) => of.Tensor === tf.Tensor), all.every((of) => names(of) === names(tf))]));`,
    [true, true],
  ],
  'worker.mjs': [
    `
import { Worker } from 'node:worker_threads';
new Worker(new URL('./import.mjs', import.meta.url));`,
    PRODUCT,
  ],
  'threads.mjs': [
    `
import * as tf from 'tensorine';
tf.setThreads(2);
const x = tf.ones([512, 512]);
for (let i = 0; i < 200 && tf.getThreads() < 2; i++) {
  tf.matMul(x, x).dispose();
  await new Promise((go) => setTimeout(go, 10));
}
console.log(tf.getThreads());`,
    2,
  ],
};

const FILES = Object.fromEntries(Object.entries(PROGRAMS).map(([name, [text]]) => [name, text]));

/** A case for each program whose name matches, run by `command`. */
export function programCases(command, names = /./) {
  return Object.entries(PROGRAMS)
    .filter(([name]) => names.test(name))
    .map(([name, [, answer]]) => ({
      name,
      files: FILES,
      command: `${command} ${name}`,
      prints: JSON.stringify(answer),
    }));
}
