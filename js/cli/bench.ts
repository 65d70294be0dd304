// tensorine bench [FILE]: how long ops, or a model's predictions, take on this machine.
import * as tf from '../index';
import type { Command } from './command';
import { blank, load, open, predict } from './models';
import { bar, milliseconds, print, table } from './terminal';

interface Row {
  name: string;
  first: number;
  median: number;
  least: number;
  times: number;
}

/** Makes what is measured, and gives it. */
const OPS: { [name: string]: () => () => void } = {
  'add of 4': () => pair([4], tf.add),
  'add of a million': () => pair([1e6], tf.add),
  'sum of a million': () => one([1e6], (x) => tf.sum(x)),
  'matMul 256': () => pair([256, 256], (a, b) => tf.matMul(a, b)),
  'matMul 1024': () => pair([1024, 1024], (a, b) => tf.matMul(a, b)),
  'conv2d 3x3, 56x56x64': () => {
    const x = tf.keep(tf.randomNormal([1, 56, 56, 64])),
      w = tf.keep(tf.randomNormal([3, 3, 64, 64]));
    return () => void tf.tidy(() => void tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'));
  },
  'softmax 64x1000': () => one([64, 1000], (x) => tf.softmax(x)),
};

function one(shape: number[], f: (x: tf.Tensor) => unknown): () => void {
  const x = tf.keep(tf.randomNormal(shape as [number]));
  return () => void tf.tidy(() => void f(x));
}
function pair(shape: number[], f: (a: tf.Tensor, b: tf.Tensor) => unknown): () => void {
  const [a, b] = [0, 1].map(() => tf.keep(tf.randomNormal(shape as [number])));
  return () => void tf.tidy(() => void f(a, b));
}

/** Calls f for so many seconds, five times at least. */
function measure(name: string, f: () => void, seconds: number): Row {
  const times: number[] = [],
    end = performance.now() + 1000 * seconds;
  while (times.length < 6 || (performance.now() < end && times.length < 1e5)) {
    const start = performance.now();
    f();
    times.push(performance.now() - start);
  }
  const [first, ...warm] = times;
  warm.sort((a, b) => a - b);
  return { name, first, median: warm[warm.length >> 1], least: warm[0], times: warm.length };
}

async function ofModel(file: string, batch: number, seconds: number): Promise<Row[]> {
  const model = await load(await open(file)),
    inputs = blank(model, batch, 8);
  const f = () => tf.tidy(() => predict(model, inputs).forEach((x) => void x.dataSync()));
  return [measure(`predict, batch ${batch}`, f, seconds)];
}

function ofOps(seconds: number): Row[] {
  const names = Object.keys(OPS),
    progress = bar('bench', names.length);
  const rows = names.map((name, i) => {
    progress.at(i, name);
    return measure(name, OPS[name](), seconds);
  });
  progress.end('');
  return rows;
}

export const bench: Command = {
  name: 'bench',
  takes: '[FILE]',
  least: 0,
  most: 1,
  summary: "Measures a model's predictions, or some ops, on this machine.",
  remarks: 'The first call is counted by itself: later ones replay its plan.',
  options: {
    batch: { short: 'b', value: 'N', help: "examples in a model's batch (default 1)" },
    seconds: { short: 's', value: 'X', help: 'how long each row is measured (default 1)' },
    threads: { short: 't', value: 'N', help: 'threads (default 1)' },
    json: { help: 'as JSON, in milliseconds' },
  },
  examples: ['bench', 'bench model/model.json --batch 8 --threads 4'],
  async run(given, [file]) {
    const batch = given.number('batch', 1, 1),
      seconds = given.number('seconds', 1, 0, 3600, true),
      threads = given.number('threads', 1, 1, 64);
    await tf.ready();
    if (threads > 1) tf.setThreads(threads);
    const rows = file === undefined ? ofOps(seconds) : await ofModel(file, batch, seconds);
    if (given.has('json')) print(JSON.stringify(rows, null, 2));
    else
      table(
        [
          ['work', 'first', 'median', 'least', 'calls'],
          ...rows.map((row) => [row.name, ...[row.first, row.median, row.least].map(milliseconds), `${row.times}`]),
        ],
        [1, 2, 3, 4],
      );
    tf.setThreads(1);
    return 0;
  },
};
