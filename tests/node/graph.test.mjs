// Graph models in JavaScript: loading and what is refused, signatures, custom ops, what stays between,
// saving.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { attr, floats, model, node } from '../lib/graphs.mjs';

/** A test that leaves no tensors. */
const clean = (name, f) =>
  test(name, async () => {
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

const simple = () =>
  model(
    [
      node('x', 'Placeholder', [], { dtype: attr.type('DT_FLOAT'), shape: attr.shape([-1, 2]) }),
      node('w', 'Const'),
      node('y', 'MatMul', ['x', 'w']),
      node('z', 'Relu', ['y']),
      node('two', 'Neg', ['y:0']),
    ],
    { w: floats([1, -2, 3, 4], [2, 2]) },
  );

clean('inputs, outputs, weights, and results of any node', async () => {
  const m = await tf.loadGraphModel(tf.io.fromMemory(simple()));
  assert.deepEqual(m.inputs, [{ name: 'x', shape: [-1, 2], dtype: 'float32' }]);
  assert.deepEqual(m.inputNodes, ['x']);
  assert.deepEqual(m.outputNodes, ['z', 'two']);
  assert.deepEqual(Object.keys(m.weights), ['w']);
  assert.deepEqual(m.weights.w[0].arraySync(), [
    [1, -2],
    [3, 4],
  ]);
  tf.tidy(() => {
    const [z, two] = m.predict(tf.tensor2d([[1, 0]]));
    assert.deepEqual([z.arraySync(), two.arraySync()], [[[1, 0]], [[-1, 2]]]);
    assert.deepEqual(m.execute({ x: tf.ones([1, 2]) }, 'y').arraySync(), [[4, 2]]);
    assert.deepEqual(m.execute({ y: tf.tensor1d([-3]) }, ['z', 'two'])[1].arraySync(), [3]);
    assert.deepEqual(m.execute([[0, 1]], 'y').arraySync(), [[3, 4]]);
    assert.deepEqual(
      m.execute({ x: tf.ones([1, 2]) }, ['w', 'x']).map((t) => t.size),
      [4, 2],
    );
  });
  assert.deepEqual(m.weights.w[0].arraySync(), [
    [1, -2],
    [3, 4],
  ]);
  m.dispose();
  assert.throws(() => m.execute([[[0, 1]]]), typed('disposed', /disposed/));
});

clean('what is wrong with a call is told', async () => {
  const m = await tf.loadGraphModel(tf.io.fromMemory(simple()));
  tf.tidy(() => {
    const x = tf.ones([1, 2]);
    assert.throws(() => m.predict([x, x]), typed('value', /has 1 non-resource placeholders, while there are 2/));
    assert.throws(() => m.predict(tf.ones([2])), typed('shape', /dict\['x'\].* must be \[-1,2\], but was \[2\]/));
    assert.throws(() => m.predict(tf.ones([1, 2], 'int32')), typed('dtype', /must be float32, but was int32/));
    assert.throws(() => m.execute({ q: x }), typed('value', /keys: \[q\]/));
    assert.throws(() => m.execute({ x }, 'nothing'), typed('value', /'nothing' is not found/));
    assert.throws(() => m.execute({}, 'z'), typed('value', /Missing the following inputs: \[x\]/));
    assert.throws(() => m.execute({ y: x }, 'w:7'), typed('value', /no value/));
    assert.deepEqual(m.execute({ x }, 'z').arraySync(), [[4, 2]]);
  });
  m.dispose();
});

clean(
  'ops that are not known are all named, before weights are fetched, and refused when reached or when asked for',
  async () => {
    const { weightData, weightSpecs, ...json } = model(
      [
        node('x', 'Placeholder'),
        node('a', 'Foo', ['x']),
        node('b', 'Bar', ['a', 'w']),
        node('c', 'Foo', ['b']),
        node('w', 'Const'),
      ],
      { w: floats([1], []) },
    );
    const fetched = [];
    const fetchFunc = async (url) => {
      fetched.push(url);
      const text = JSON.stringify({ ...json, weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }] });
      return new Response(url.endsWith('json') ? text : weightData, {
        headers: { 'content-type': url.endsWith('json') ? 'application/json' : 'application/octet-stream' },
      });
    };
    const load = (checkModel) => tf.loadGraphModel('http://127.0.0.1/model.json', { fetchFunc, checkModel });
    await assert.rejects(load(true), typed('file', /Foo \(a, c\), Bar \(b\)/));
    assert.deepEqual(fetched, ['http://127.0.0.1/model.json']);
    tf.registerOp('Foo', ({ inputs }) => inputs[0].neg());
    tf.registerOp('Bar', ({ inputs: [a, b] }) => a.add(b));
    const m = await load();
    tf.tidy(() => assert.equal(m.predict(tf.scalar(3)).dataSync()[0], 2));
    m.dispose();
    tf.deregisterOp('Foo');
    tf.deregisterOp('Bar');
  },
);

clean('an unknown op that nothing asked for needs is no hindrance', async () => {
  const given = model([
    node('x', 'Placeholder'),
    node('y', 'Neg', ['x']),
    node('z', 'Foo', ['y']),
    node('w', 'Bar', ['z']),
  ]);
  const said = [],
    { warn } = console;
  console.warn = (text) => said.push(text);
  const m = await tf.loadGraphModel(tf.io.fromMemory(given));
  console.warn = warn;
  assert.match(
    said.join(),
    /ops that are not known: Foo \(z\), Bar \(w\)\. Outputs that need them are refused; tf\.registerOp/,
  );
  tf.tidy(() => assert.equal(m.execute(tf.scalar(3), 'y').dataSync()[0], -3));
  const x = tf.scalar(3);
  assert.throws(() => m.execute(x, 'z'), typed('file', /1 ops are not known: Foo \(z\)/));
  assert.throws(() => m.predict(x), typed('file', /2 ops are not known: Foo \(z\), Bar \(w\)/));
  x.dispose();
  m.dispose();
  await assert.rejects(
    tf.loadGraphModel(tf.io.fromMemory(given), { checkModel: true }),
    typed('file', /Foo \(z\), Bar \(w\)/),
  );
});

clean('a graph that is a cycle, and a model of layers, are refused with what is wrong', async () => {
  const load = (given) => tf.loadGraphModel(tf.io.fromMemory(given));
  await assert.rejects(
    load(model([node('a', 'Neg', ['b']), node('b', 'Neg', ['a'])])),
    typed('file', /no output but a cycle, as through 'a'/),
  );
  const layers = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  let artifacts;
  await layers.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return {};
    }),
  );
  layers.dispose();
  await assert.rejects(load(artifacts), typed('file', /model of layers, which is loaded by 'loadLayersModel'/));
});

clean('custom ops: attributes, several results, promises, errors', async () => {
  let seen;
  const text = (s) => ({ s: Buffer.from(s).toString('base64') });
  const json = () =>
    model([
      node('x', 'Placeholder'),
      node('c', 'Custom', ['x'], {
        n: { i: '3' },
        f: { f: 0.5 },
        s: text('SAME'),
        b: { b: true },
        t: { type: 'DT_INT32' },
        shape: attr.shape([2, -1]),
        ints: { list: { i: ['1', '2'] } },
        texts: { list: { s: [text('A').s] } },
      }),
      node('y', 'Add', ['c', 'c:1']),
    ]);
  tf.registerOp('Custom', ({ inputs, attrs }) => {
    seen = attrs;
    return [inputs[0].mul(2), inputs[0].exp().mul(0)];
  });
  const m = await tf.loadGraphModel(tf.io.fromMemory(json()));
  tf.tidy(() => assert.equal(m.execute(tf.scalar(3), 'y').dataSync()[0], 6));
  assert.deepEqual(seen, { n: 3, f: 0.5, s: 'same', b: true, t: 'int32', shape: [2, -1], ints: [1, 2], texts: ['a'] });
  const gradient = tf.tidy(
    () =>
      tf
        .grad((x) => m.execute(x, 'y'))(tf.scalar(3))
        .dataSync()[0],
  );
  assert.equal(gradient, 2);
  tf.registerOp('Custom', async ({ inputs }) => {
    await new Promise((r) => {
      setTimeout(r, 5);
    });
    return [inputs[0].mul(3), inputs[0].mul(0)];
  });
  tf.tidy(() => assert.throws(() => m.execute(tf.scalar(3), 'y'), typed('value', /'Custom' returned a promise/)));
  await new Promise((r) => {
    setTimeout(r, 20);
  });
  const x = tf.scalar(3),
    y = await m.executeAsync(x, 'y');
  assert.equal(y.dataSync()[0], 9);
  const boom = new RangeError('boom');
  for (const f of [
    () => {
      throw boom;
    },
    async () => {
      throw boom;
    },
  ]) {
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
  const given = model(
    [
      node('a', 'Placeholder'),
      node('b', 'Placeholder'),
      node('s', 'Split', ['axis', 'a'], { num_split: { i: 2 } }),
      node('axis', 'Const'),
      node('sub', 'Sub', ['a', 'b']),
    ],
    { axis: { ...floats([0], []), dtype: 'int32' } },
  );
  given.signature = {
    inputs: { second: { name: 'b:0' }, first: { name: 'a:0' } },
    outputs: { half: { name: 's:1' }, less: { name: 'sub:0' } },
  };
  given.userDefinedMetadata = { structuredOutputKeys: ['h', 'l'], more: 1 };
  const m = tf.loadGraphModelSync(given);
  assert.deepEqual(
    [m.inputNodes, m.outputNodes],
    [
      ['second', 'first'],
      ['half', 'less'],
    ],
  );
  assert.deepEqual([m.modelSignature, m.metadata.more, m.modelStructuredOutputKeys], [given.signature, 1, ['h', 'l']]);
  tf.tidy(() => {
    const first = tf.tensor([5, 6]),
      second = tf.tensor([1, 2]);
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
  await m.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: {} };
    }),
  );
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
  tf.tidy(() =>
    assert.deepEqual(
      tf
        .grad((x) => m.execute(x, 'y').square().sum())(tf.tensor([[1, 1]]))
        .arraySync(),
      [[0, 40]],
    ),
  );
  m.dispose();
});

clean('hostile names and shapes', async () => {
  const given = model(
    [
      node('__proto__', 'Placeholder'),
      node('constructor', 'Neg', ['__proto__']),
      node('n', 'Fill', ['constructor', 'v']),
      node('v', 'Const'),
    ],
    { v: floats([1], []) },
  );
  const m = tf.loadGraphModelSync(given);
  tf.tidy(() => {
    const inputs = JSON.parse('{"__proto__": 0}');
    Object.defineProperty(inputs, '__proto__', { value: tf.scalar(-2, 'int32'), enumerable: true });
    assert.deepEqual(m.execute(inputs, 'n').arraySync(), [1, 1]);
    assert.throws(
      () => m.execute({ constructor: tf.tensor([1e5, 1e5, 1e5], [3], 'int32') }, 'n'),
      typed('shape', /2 GiB/),
    );
    assert.throws(() => m.execute({ constructor: tf.tensor([-1], [1], 'int32') }, 'n'), tf.TensorineError);
  });
  m.dispose();
  assert.equal({}.polluted, undefined);
});

for (const make of [
  () => null,
  () => ({}),
  () => ({ modelTopology: {}, weightSpecs: [], weightData: new ArrayBuffer(0) }),
  () => [],
  () => [{}, new ArrayBuffer(0)],
  () => ({ modelTopology: { node: [1] }, weightSpecs: [], weightData: new ArrayBuffer(0) }),
  () => ({ ...model([node('y', 'Relu', ['x'])]) }),
])
  clean(`refused: ${JSON.stringify(make())}`, async () => {
    assert.throws(
      () => tf.loadGraphModelSync(make()),
      (error) => error instanceof tf.TensorineError,
    );
  });
