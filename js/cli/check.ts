// tensorine check FILE: whether all of a model is known here, whether it runs, and which of its ops have shaders.
import * as tf from '../index';
import type { Command } from './command';
import { blank, load, open, portsOf, predict, type Model } from './models';
import { milliseconds, print, shapeText, table, wrapped } from './terminal';

interface Row {
  calls: number;
  ms: number;
}

/** Ops that one prediction calls. */
async function called(model: Model, open: number): Promise<Map<string, Row>> {
  const inputs = blank(model, 1, open),
    rows = new Map<string, Row>();
  const { kernels, result } = await tf.profile(() => predict(model, inputs));
  for (const { op, kernelTimeMs } of kernels) {
    const { calls, ms } = rows.get(op) ?? { calls: 0, ms: 0 };
    rows.set(op, { calls: calls + 1, ms: ms + kernelTimeMs });
  }
  tf.dispose([inputs, result]);
  return rows;
}

export const check: Command = {
  name: 'check',
  takes: 'FILE',
  least: 1,
  most: 1,
  summary: 'Tells whether a model loads and runs here, and which of its ops the GPU takes in a page.',
  remarks: `Layers or ops that are not known are named, and the exit code is 1. One prediction is made of
ones. An op with a shader may still run on the CPU where it is small or of a dtype that textures do not
hold: tf.profile tells in the page.`,
  options: { size: { short: 's', value: 'N', help: 'what stands for open sizes but the batch (default 8)' } },
  examples: ['check model/model.json'],
  async run(given, [file]) {
    const size = given.number('size', 8, 1);
    const opened = await open(file),
      model = await load(opened);
    wrapped(`${opened.kind} model: all ${opened.kind === 'graph' ? 'ops' : 'layers'} are known, weights are whole`);
    for (const { name, shape, dtype } of portsOf(model)) wrapped(`input ${name}: ${dtype} ${shapeText(shape)}`);
    const rows = await called(model, size);
    const all = [...rows].sort((a, b) => b[1].ms - a[1].ms),
      without = all.map(([op]) => op).filter((op) => !SHADERS.includes(op));
    print();
    table(
      [
        ['op', 'calls', 'time', 'webgl'],
        ...all.map(([op, { calls, ms }]) => [
          op,
          String(calls),
          milliseconds(ms),
          SHADERS.includes(op) ? 'shader' : 'CPU',
        ]),
      ],
      [1, 2],
    );
    print();
    wrapped(`wasm: runs. webgl: ${all.length - without.length} of ${all.length} kinds of ops have shaders`);
    if (without.length) wrapped(`on the CPU: ${without.join(', ')}`);
    model.dispose();
    return 0;
  },
};
