// The ops of graph models: each that TensorFlow.js takes is known and has rows; each row gives what
// TensorFlow.js's own executor gives.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';
import { cases, ints, model, node, attr, whole } from '../lib/graphs.mjs';
import { rows as flow } from '../lib/graphs_flow.mjs';
import { rows as math } from '../lib/graphs_math.mjs';
import { rows as shapes } from '../lib/graphs_shapes.mjs';
import { rows as windows } from '../lib/graphs_windows.mjs';

const all = [...cases, ...math, ...windows, ...shapes, ...flow];

/** A test that leaves no tensors. */
const clean = (name, f) =>
  test(name, async () => {
    const before = tf.memory().numTensors;
    await f();
    assert.equal(tf.memory().numTensors, before, 'tensors are left');
  });

/** What the peer's mapper takes, read from its own lists; but those that another package registers. */
function peerOps() {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-converter/package.json')),
    'dist/operations/op_list',
  );
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js') && name !== 'tfdf.js')
    .flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(/'tfOpName': '(\w+)'/g)].map(([, op]) => op),
    );
}

/** The same from the table of facts, where that is there. */
function listed() {
  const file = join(
    resolve(process.env.TENSORINE_DATA ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data')),
    '../parity/graph_ops.json',
  );
  return existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
        .map(({ op }) => op)
        .filter((op) => !op.startsWith('SimpleML'))
    : []; // which tfjs-tfdf registers
}

const opsOf = ({ given }) => {
  const {
    modelTopology: { node: list, library },
    modelInitializer,
  } = given();
  return [
    ...list,
    ...(library?.function.flatMap(({ nodeDef }) => nodeDef) ?? []),
    ...(modelInitializer?.node ?? []),
  ].map(({ op }) => op);
};

/** Ops of which no row is compared with the peer's executor, and why. */
const ALONE = {
  RandomUniform: 'the peer draws without the seed',
  RandomUniformInt: 'the peer draws without the seed',
  ShapeN: 'float32 there',
  BitwiseAnd: 'the peer finds no inputs',
  TensorListSplit: 'the peer mistakes the shape of rows for that of parts',
  TensorListPopBack: 'the peer has one output of two',
  RaggedGather: 'the peer does not register it',
  RaggedRange: 'as RaggedGather',
  RaggedTensorToTensor: 'as RaggedGather',
};

test('each op that the peer takes is known, and has a row that is compared with it', () => {
  const ops = [...new Set([...peerOps(), ...listed()])];
  assert.ok(ops.length > 240);
  const nodes = [
    ...Array.from({ length: 8 }, (_, i) => node(`x${i}`, 'Placeholder')),
    ...ops.map((op, i) =>
      node(
        `n${i}`,
        op,
        Array.from({ length: 8 }, (_, k) => `x${k}`),
      ),
    ),
  ];
  tf.loadGraphModelSync(model(nodes)).dispose();
  const compared = new Set(all.filter(({ ours }) => !ours).flatMap(opsOf)),
    tried = new Set(all.flatMap(opsOf));
  assert.deepEqual(
    ops.filter((op) => !compared.has(op) && !(op in ALONE)),
    [],
  );
  assert.deepEqual(
    Object.keys(ALONE).filter((op) => compared.has(op) || (!tried.has(op) && !op.startsWith('RandomUniform'))),
    [],
  );
});

clean('random numbers without a seed', async () => {
  const m = tf.loadGraphModelSync(
    model(
      [
        node('n', 'Const'),
        node('lo', 'Const'),
        node('hi', 'Const'),
        node('u', 'RandomUniform', ['n'], { dtype: attr.type('DT_FLOAT') }),
        node('i', 'RandomUniformInt', ['n', 'lo', 'hi']),
      ],
      { n: ints([1000]), lo: whole(2), hi: whole(5) },
    ),
  );
  tf.tidy(() => {
    const [u, i] = m.execute({}, ['u', 'i']),
      [v] = m.execute({}, ['u', 'i']);
    assert.ok(u.min().dataSync()[0] >= 0 && u.max().dataSync()[0] < 1);
    assert.deepEqual([i.dtype, i.min().dataSync()[0], i.max().dataSync()[0]], ['int32', 2, 4]);
    assert.ok(u.sub(v).abs().max().dataSync()[0] > 0.1);
  });
  m.dispose();
});

// ---- agreement with the peer ----

const peer = await import('@tensorflow/tfjs').then((module) => module.default ?? module);
await peer.setBackend('cpu');

async function run(lib, artifacts, { inputs, outputs }) {
  const m = await lib.loadGraphModel(lib.io.fromMemory(artifacts));
  const fed = Object.fromEntries(
    Object.entries(inputs).map(([key, { values, shape, dtype }]) => [key, lib.tensor(values, shape, dtype)]),
  );
  const results = [await m.executeAsync(fed, outputs)].flat();
  const found = results.map((t) => ({ shape: t.shape, dtype: t.dtype, values: Array.from(t.dataSync()) }));
  lib.dispose([results, fed]);
  m.dispose();
  return found;
}

/** What is wrong with a result, or undefined. */
function wrong(found, expected) {
  if (String(found.shape) !== String(expected.shape)) return `shape [${found.shape}], not [${expected.shape}]`;
  if (found.dtype !== expected.dtype) return `${found.dtype}, not ${expected.dtype}`;
  const near = (v, e) => v === e || Object.is(v, e) || Math.abs(v - e) <= 1e-5 * Math.max(1, Math.abs(e));
  if (found.values.length === expected.values.length && found.values.every((v, k) => near(v, expected.values[k])))
    return undefined;
  return `${found.values}, not ${expected.values}`;
}

/** Rows by their first word. */
const families = Map.groupBy
  ? Map.groupBy(all, ({ name }) => name.split(/[ ,:]/)[0])
  : all.reduce((map, row) => {
      const key = row.name.split(/[ ,:]/)[0];
      return map.set(key, [...(map.get(key) ?? []), row]);
    }, new Map());

for (const [name, rows] of families)
  clean(`as TensorFlow.js: ${name}, ${rows.length} rows`, async () => {
    const { warn, log } = console;
    console.warn = console.log = () => {};
    try {
      for (const row of rows) {
        const expected = row.ours ?? (await run(peer, (row.peer ?? row.given)(), row)),
          found = await run(tf, row.given(), row);
        const faults = found.map((result, i) => wrong(result, expected[i])).filter((fault) => fault);
        assert.deepEqual([found.length, faults], [expected.length, []], row.name);
      }
    } finally {
      Object.assign(console, { warn, log });
    }
  });
