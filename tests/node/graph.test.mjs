// Graph models in JavaScript: loading and what is refused, signatures, custom ops, what stays between,
// saving; and agreement with TensorFlow.js's own executor, graph by graph.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { attr, cases, floats, ints, model, node, whole } from '../lib/graphs.mjs';

/** A test that leaves no tensors. */
const clean = (name, f) => test(name, async () => {
  const before = tf.memory().numTensors;
  await f();
  assert.equal(tf.memory().numTensors, before, 'tensors are left');
});
const typed = (code, pattern) => (error) => {
  assert.ok(error instanceof tf.TensorineError, `${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};

const simple = () => model([
  node('x', 'Placeholder', [], { dtype: attr.type('DT_FLOAT'), shape: attr.shape([-1, 2]) }),
  node('w', 'Const'), node('y', 'MatMul', ['x', 'w']), node('z', 'Relu', ['y']), node('two', 'Neg', ['y:0']),
], { w: floats([1, -2, 3, 4], [2, 2]) });

clean('inputs, outputs, weights, and results of any node', async () => {
  const m = await tf.loadGraphModel(tf.io.fromMemory(simple()));
  assert.deepEqual(m.inputs, [{ name: 'x', shape: [-1, 2], dtype: 'float32' }]);
  assert.deepEqual(m.inputNodes, ['x']);
  assert.deepEqual(m.outputNodes, ['z', 'two']);
  assert.deepEqual(Object.keys(m.weights), ['w']);
  assert.deepEqual(m.weights.w[0].arraySync(), [[1, -2], [3, 4]]);
  tf.tidy(() => {
    const [z, two] = m.predict(tf.tensor2d([[1, 0]]));
    assert.deepEqual([z.arraySync(), two.arraySync()], [[[1, 0]], [[-1, 2]]]);
    assert.deepEqual(m.execute({ x: tf.ones([1, 2]) }, 'y').arraySync(), [[4, 2]]);
    assert.deepEqual(m.execute({ y: tf.tensor1d([-3]) }, ['z', 'two'])[1].arraySync(), [3]);
    assert.deepEqual(m.execute([[0, 1]], 'y').arraySync(), [[3, 4]]);
    assert.deepEqual(m.execute({ x: tf.ones([1, 2]) }, ['w', 'x']).map((t) => t.size), [4, 2]);
  });
  assert.deepEqual(m.weights.w[0].arraySync(), [[1, -2], [3, 4]]);
  m.dispose();
  assert.throws(() => m.execute([[[0, 1]]]), typed('disposed', /disposed/));
});

clean('what is wrong with a call is told', async () => {
  const m = await tf.loadGraphModel(tf.io.fromMemory(simple()));
  tf.tidy(() => {
    const x = tf.ones([1, 2]);
    assert.throws(() => m.predict([x, x]), typed('value', /has 1 non-resource placeholders, while there are 2/));
    assert.throws(() => m.predict(tf.ones([2])), typed('shape', /dict\['x'\].* must be \[-1, 2\], but was \[2\]/));
    assert.throws(() => m.predict(tf.ones([1, 2], 'int32')), typed('dtype', /must be float32, but was int32/));
    assert.throws(() => m.execute({ q: x }), typed('value', /keys: \[q\]/));
    assert.throws(() => m.execute({ x }, 'nothing'), typed('value', /'nothing' is not found/));
    assert.throws(() => m.execute({}, 'z'), typed('value', /Missing the following inputs: \[x\]/));
    assert.throws(() => m.execute({ y: x }, 'w:7'), typed('value', /no value/));
    assert.deepEqual(m.execute({ x }, 'z').arraySync(), [[4, 2]]);
  });
  m.dispose();
});

clean('ops that are not known are all named, before weights are fetched', async () => {
  const { weightData, weightSpecs, ...json } = model([node('x', 'Placeholder'), node('a', 'Foo', ['x']), node('b', 'Bar', ['a', 'w']), node('c', 'Foo', ['b']), node('w', 'Const')],
    { w: floats([1], []) });
  const fetched = [];
  const fetchFunc = async (url) => {
    fetched.push(url);
    const text = JSON.stringify({ ...json, weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }] });
    return new Response(url.endsWith('json') ? text : weightData, { headers: { 'content-type': url.endsWith('json') ? 'application/json' : 'application/octet-stream' } });
  };
  const load = () => tf.loadGraphModel('http://127.0.0.1/model.json', { fetchFunc });
  await assert.rejects(load, typed('file', /Foo \(a, c\), Bar \(b\)/));
  assert.deepEqual(fetched, ['http://127.0.0.1/model.json']);
  tf.registerOp('Foo', ({ inputs }) => inputs[0].neg());
  tf.registerOp('Bar', ({ inputs: [a, b] }) => a.add(b));
  const m = await load();
  tf.tidy(() => assert.equal(m.predict(tf.scalar(3)).dataSync()[0], 2));
  m.dispose();
  tf.deregisterOp('Foo');
  tf.deregisterOp('Bar');
});

clean('custom ops: attributes, several results, promises, errors', async () => {
  let seen;
  const text = (s) => ({ s: Buffer.from(s).toString('base64') });
  const json = () => model([node('x', 'Placeholder'), node('c', 'Custom', ['x'], {
    n: { i: '3' }, f: { f: 0.5 }, s: text('SAME'), b: { b: true }, t: { type: 'DT_INT32' }, shape: attr.shape([2, -1]),
    ints: { list: { i: ['1', '2'] } }, texts: { list: { s: [text('A').s] } },
  }), node('y', 'Add', ['c', 'c:1'])]);
  tf.registerOp('Custom', ({ inputs, attrs }) => { seen = attrs; return [inputs[0].mul(2), inputs[0].exp().mul(0)]; });
  const m = await tf.loadGraphModel(tf.io.fromMemory(json()));
  tf.tidy(() => assert.equal(m.execute(tf.scalar(3), 'y').dataSync()[0], 6));
  assert.deepEqual(seen, { n: 3, f: 0.5, s: 'same', b: true, t: 'int32', shape: [2, -1], ints: [1, 2], texts: ['a'] });
  const gradient = tf.tidy(() => tf.grad((x) => m.execute(x, 'y'))(tf.scalar(3)).dataSync()[0]);
  assert.equal(gradient, 2);
  tf.registerOp('Custom', async ({ inputs }) => { await new Promise((r) => { setTimeout(r, 5); }); return [inputs[0].mul(3), inputs[0].mul(0)]; });
  tf.tidy(() => assert.throws(() => m.execute(tf.scalar(3), 'y'), typed('value', /'Custom' returned a promise/)));
  await new Promise((r) => { setTimeout(r, 20); });
  const x = tf.scalar(3), y = await m.executeAsync(x, 'y');
  assert.equal(y.dataSync()[0], 9);
  const boom = new RangeError('boom');
  for (const f of [() => { throw boom; }, async () => { throw boom; }]) {
    tf.registerOp('Custom', f);
    await assert.rejects(m.executeAsync(x, 'y'), boom);
  }
  tf.registerOp('Custom', () => 5);
  assert.throws(() => m.execute(x, 'y'), typed('value', /must return tensors/));
  tf.deregisterOp('Custom');
  assert.throws(() => m.execute(x, 'y'), typed('value', /Custom op Custom is not registered/));
  tf.dispose([x, y]);
  m.dispose();
});

clean('a signature names inputs and outputs, userDefinedMetadata their keys', async () => {
  const given = model([node('a', 'Placeholder'), node('b', 'Placeholder'), node('s', 'Split', ['axis', 'a'], { num_split: { i: 2 } }), node('axis', 'Const'), node('sub', 'Sub', ['a', 'b'])],
    { axis: { ...floats([0], []), dtype: 'int32' } });
  given.signature = { inputs: { second: { name: 'b:0' }, first: { name: 'a:0' } }, outputs: { half: { name: 's:1' }, less: { name: 'sub:0' } } };
  given.userDefinedMetadata = { structuredOutputKeys: ['h', 'l'], more: 1 };
  const m = tf.loadGraphModelSync(given);
  assert.deepEqual([m.inputNodes, m.outputNodes], [['second', 'first'], ['half', 'less']]);
  assert.deepEqual([m.modelSignature, m.metadata.more, m.modelStructuredOutputKeys], [given.signature, 1, ['h', 'l']]);
  tf.tidy(() => {
    const first = tf.tensor([5, 6]), second = tf.tensor([1, 2]);
    for (const inputs of [[second, first], { first, second }, { a: first, 'b:0': second }]) {
      const { h, l } = m.predict(inputs);
      assert.deepEqual([h.arraySync(), l.arraySync()], [[6], [4, 4]]);
    }
  });
  m.dispose();
});

clean('saved as it was loaded', async () => {
  const given = simple();
  let saved;
  const m = await tf.loadGraphModel(tf.io.fromMemory(given));
  await m.save(tf.io.withSaveHandler(async (artifacts) => { saved = artifacts; return { modelArtifactsInfo: {} }; }));
  assert.deepEqual(saved, given);
  await assert.rejects(m.save({}), typed('value', /`save`/));
  m.dispose();
});

clean('intermediate tensors', async () => {
  const m = tf.loadGraphModelSync(simple());
  tf.env().set('KEEP_INTERMEDIATE_TENSORS', true);
  tf.tidy(() => {
    assert.deepEqual(m.predict(tf.ones([1, 2]))[0].arraySync(), [[4, 2]]);
    assert.deepEqual(m.predict(tf.ones([1, 2]))[0].arraySync(), [[4, 2]]);
  });
  tf.env().set('KEEP_INTERMEDIATE_TENSORS', false);
  const kept = m.getIntermediateTensors();
  assert.deepEqual(Object.keys(kept).sort(), ['two', 'w', 'x', 'y', 'z']);
  assert.deepEqual(kept.y[0].arraySync(), [[4, 2]]);
  m.disposeIntermediateTensors();
  assert.equal(m.getIntermediateTensors(), null);
  m.dispose();
});

clean('gradients go through a graph', async () => {
  const m = tf.loadGraphModelSync(simple());
  tf.tidy(() => assert.deepEqual(tf.grad((x) => m.execute(x, 'y').square().sum())(tf.tensor([[1, 1]])).arraySync(), [[0, 40]]));
  m.dispose();
});

clean('hostile names and shapes', async () => {
  const given = model([node('__proto__', 'Placeholder'), node('constructor', 'Neg', ['__proto__']), node('n', 'Fill', ['constructor', 'v']), node('v', 'Const')],
    { v: floats([1], []) });
  const m = tf.loadGraphModelSync(given);
  tf.tidy(() => {
    const inputs = JSON.parse('{"__proto__": 0}');
    Object.defineProperty(inputs, '__proto__', { value: tf.scalar(-2, 'int32'), enumerable: true });
    assert.deepEqual(m.execute(inputs, 'n').arraySync(), [1, 1]);
    assert.throws(() => m.execute({ constructor: tf.tensor([1e5, 1e5, 1e5], [3], 'int32') }, 'n'), typed('shape', /2 GiB/));
    assert.throws(() => m.execute({ constructor: tf.tensor([-1], [1], 'int32') }, 'n'), tf.TensorineError);
  });
  m.dispose();
  assert.equal({}.polluted, undefined);
});

for (const make of [() => null, () => ({}), () => ({ modelTopology: {}, weightSpecs: [], weightData: new ArrayBuffer(0) }), () => [], () => [{}, new ArrayBuffer(0)],
  () => ({ modelTopology: { node: [1] }, weightSpecs: [], weightData: new ArrayBuffer(0) }),
  () => ({ ...model([node('y', 'Relu', ['x'])]) })])
  clean(`refused: ${JSON.stringify(make())}`, async () => {
    assert.throws(() => tf.loadGraphModelSync(make()), (error) => error instanceof tf.TensorineError);
  });

// ---- the table of ops ----

/** What the peer's mapper takes, read from its own lists; but those that another package registers. */
function peerOps() {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-converter/package.json')), 'dist/operations/op_list');
  return readdirSync(folder).filter((name) => name.endsWith('.js') && name !== 'tfdf.js')
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/'tfOpName': '(\w+)'/g)].map(([, op]) => op));
}

test('each op that the peer takes is known, and has a case', () => {
  const ops = peerOps();
  assert.ok(ops.length > 240);
  const nodes = [...Array.from({ length: 8 }, (_, i) => node(`x${i}`, 'Placeholder')), ...ops.map((op, i) => node(`n${i}`, op, Array.from({ length: 8 }, (_, k) => `x${k}`)))];
  tf.loadGraphModelSync(model(nodes)).dispose();
  const tried = new Set(cases.flatMap(({ given }) => {
    const { modelTopology: { node: list, library }, modelInitializer } = given();
    return [...list, ...(library?.function.flatMap(({ nodeDef }) => nodeDef) ?? []), ...(modelInitializer?.node ?? [])].map(({ op }) => op);
  }));
  assert.deepEqual(ops.filter((op) => !tried.has(op) && !RANDOM.includes(op)), []);
});

const RANDOM = ['RandomUniform', 'RandomUniformInt'];
clean('random numbers without a seed', async () => {
  const m = tf.loadGraphModelSync(model([node('n', 'Const'), node('lo', 'Const'), node('hi', 'Const'), node('u', 'RandomUniform', ['n'], { dtype: attr.type('DT_FLOAT') }),
    node('i', 'RandomUniformInt', ['n', 'lo', 'hi'])], { n: ints([1000]), lo: whole(2), hi: whole(5) }));
  tf.tidy(() => {
    const [u, i] = m.execute({}, ['u', 'i']), [v] = m.execute({}, ['u', 'i']);
    assert.ok(u.min().dataSync()[0] >= 0 && u.max().dataSync()[0] < 1);
    assert.deepEqual([i.dtype, i.min().dataSync()[0], i.max().dataSync()[0]], ['int32', 2, 4]);
    assert.ok(u.sub(v).abs().max().dataSync()[0] > 0.1);
  });
  m.dispose();
});

// ---- agreement with the peer ----

const peer = await import('@tensorflow/tfjs').then((module) => module.default ?? module);
await peer.setBackend('cpu');
for (const { name, given, inputs, outputs, ours } of cases)
  clean(`as TensorFlow.js: ${name}`, async () => {
    const run = async (lib, artifacts) => {
      const m = await lib.loadGraphModel(lib.io.fromMemory(artifacts));
      const fed = Object.fromEntries(Object.entries(inputs).map(([key, { values, shape, dtype }]) => [key, lib.tensor(values, shape, dtype)]));
      const results = [await m.executeAsync(fed, outputs)].flat();
      const found = results.map((t) => ({ shape: t.shape, dtype: t.dtype, values: Array.from(t.dataSync()) }));
      lib.dispose([results, fed]);
      m.dispose();
      return found;
    };
    const warn = console.warn;
    console.warn = () => {};
    const expected = ours ?? (await run(peer, given())), found = await run(tf, given());
    console.warn = warn;
    assert.deepEqual(found.map(({ shape }) => shape), expected.map(({ shape }) => shape));
    assert.deepEqual(found.map(({ dtype }) => dtype), expected.map(({ dtype }) => dtype));
    found.forEach(({ values }, i) => values.forEach((v, k) => {
      const e = expected[i].values[k];
      if (typeof v === 'string') assert.equal(v, e);
      else assert.ok(Object.is(v, e) || Math.abs(v - e) <= 1e-5 * Math.max(1, Math.abs(e)), `result ${i}: ${values} where ${expected[i].values} should be`);
    }));
  });
