// Graph models against TensorFlow.js: the same calls on both, row by row: what comes out, or the
// message; what a model tells of itself; tables of an initializer; lists and arrays that are misused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { array, attr, f, ints, list, matrix, model, node, number, strings, whole } from '../lib/graphs.mjs';

const peer = await import('@tensorflow/tfjs').then((module) => module.default ?? module);
await peer.setBackend('cpu');

/** What a call gives, as text. */
const show = (v) => {
  if (v?.dataSync) return `${v.dtype}[${v.shape}] ${Array.from(v.dataSync())}`;
  if (v && typeof v === 'object') return JSON.stringify(Object.entries(v).map(([k, x]) => [k, show(x)]));
  return String(v);
};

async function outcome(lib, call) {
  const warned = [],
    { warn } = console,
    before = lib.memory().numTensors;
  console.warn = (...text) => {
    if (/model.execute/.test(text.join(' '))) warned.push(text.join(' '));
  };
  lib.engine().startScope();
  try {
    const value = show(await call(lib));
    return { value, warned };
  } catch (error) {
    return { message: error.message.split('\n')[0], warned };
  } finally {
    lib.engine().endScope();
    console.warn = warn;
    if (lib === tf) assert.equal(lib.memory().numTensors, before, 'tensors are left');
  }
}

/** The same outcome of both. Ours may name the op before and the node behind; otherwise: what is expected of ours. */
async function same(name, call, otherwise, warnings = true) {
  const ours = await outcome(tf, call),
    theirs = await outcome(peer, call);
  if (warnings) assert.deepEqual(ours.warned, theirs.warned, name); // the peer warns when it is done, ours before
  if (otherwise) assert.match(ours.value ?? ours.message, otherwise, name);
  else if (theirs.message === undefined) assert.equal(ours.value ?? `throws ${ours.message}`, theirs.value, name);
  else
    assert.ok(ours.message?.includes(theirs.message), `${name}: ${ours.message ?? ours.value}, not ${theirs.message}`);
}

// ---- one model, every way to call it ----

const nodes = [
  node('Input', 'Placeholder', [], { dtype: attr.type('DT_INT32'), shape: attr.shape([-1, 1]) }),
  node('Const', 'Const'),
  node('Add1', 'Add', ['Input', 'Const']),
  node('Add', 'Add', ['Add1', 'Const']),
];
const signature = {
  inputs: { x: { name: 'Input:0', dtype: 'DT_INT32' } },
  outputs: { y: { name: 'Add:0', dtype: 'DT_INT32' } },
};
const artifacts = (more) => {
  const made = { ...model(nodes, { Const: ints([5]) }), ...more };
  made.modelTopology.versions = { producer: 1, minConsumer: 3 };
  return made;
};
const KINDS = {
  'no signature': {},
  'a signature': { signature },
  'a signature in the metadata': { userDefinedMetadata: { signature, more: 1 } },
  'structured outputs': { signature, userDefinedMetadata: { structuredOutputKeys: ['q'] } },
  'both signatures': { signature: { inputs: {}, outputs: {} }, userDefinedMetadata: { signature } },
};
const x = (lib) => lib.tensor2d([1, 2], [2, 1], 'int32'),
  one = (lib) => lib.tensor1d([1], 'int32');

const PROPERTIES = [
  'inputs',
  'outputs',
  'inputNodes',
  'outputNodes',
  'modelVersion',
  'modelSignature',
  'metadata',
  'modelStructuredOutputKeys',
];
const CALLS = {
  'a tensor': [(m, lib) => m.predict(x(lib))],
  'a list': [(m, lib) => m.predict([x(lib)])],
  'a map': [(m, lib) => m.predict({ Input: x(lib) })],
  'a map by node:0': [(m, lib) => m.predict({ 'Input:0': x(lib) })],
  'a map by key': [(m, lib) => m.predict({ x: x(lib) })],
  'a wrong key': [(m, lib) => m.predict({ x1: x(lib) })],
  'two for one': [(m, lib) => m.predict([x(lib), x(lib)])],
  'an empty list': [(m) => m.predict([])],
  'another shape': [(m, lib) => m.predict(lib.tensor2d([[1, 2]], [1, 2], 'int32'))],
  'another rank': [(m, lib) => m.predict(one(lib))],
  'another dtype': [(m, lib) => m.predict(lib.tensor2d([[1]]))],
  execute: [(m, lib) => m.execute(x(lib))],
  'a node': [(m, lib) => m.execute(x(lib), 'Add1')],
  'a node:0': [(m, lib) => m.execute(x(lib), 'Add1:0')],
  'a key': [(m, lib) => m.execute(x(lib), ['y'])],
  'an output and a constant': [(m, lib) => m.execute(x(lib), ['Add', 'Const'])],
  'the input itself': [(m, lib) => m.execute({ Input: x(lib) }, ['Input', 'Add'])],
  'one twice': [(m, lib) => m.execute(x(lib), ['Add', 'Add'])],
  'a node is fed': [(m, lib) => m.execute({ Add1: x(lib) })],
  'a node:0 is fed': [(m, lib) => m.execute({ 'Add1:0': x(lib) })],
  'input and node are fed': [(m, lib) => m.execute({ Input: x(lib), Add1: x(lib) })],
  'a constant is fed': [(m, lib) => m.execute({ Input: x(lib), Const: lib.tensor1d([100], 'int32') })],
  'nothing is fed': [(m) => m.execute({}, ['Add'])],
  'a constant alone': [(m) => m.execute({}, ['Const'])],
  'null is fed': [(m) => m.execute(null)],
  'no such output': [(m, lib) => m.execute(x(lib), ['Nope'])],
  'no such output:0': [(m, lib) => m.execute(x(lib), 'Nope:0')],
  'no such number of an output': [(m, lib) => m.execute(x(lib), 'Add:1'), /The output 'Add' has no value/],
  executeAsync: [(m, lib) => m.executeAsync(x(lib))],
  predictAsync: [(m, lib) => m.predictAsync([x(lib)])],
  'executeAsync, a key': [(m, lib) => m.executeAsync({ x: x(lib) }, ['y'])],
  'executeAsync, a node is fed': [(m, lib) => m.executeAsync({ Add1: x(lib) })],
  'predictAsync, two for one': [(m, lib) => m.predictAsync([x(lib), x(lib)])],
  weights: [(m) => m.weights],
};

for (const [kind, more] of Object.entries(KINDS))
  test(`a model with ${kind}`, async () => {
    const ours = await tf.loadGraphModel(tf.io.fromMemory(artifacts(more))),
      theirs = await peer.loadGraphModel(peer.io.fromMemory(artifacts(more)));
    for (const name of PROPERTIES) assert.deepEqual(ours[name], theirs[name], name);
    const before = tf.memory().numTensors;
    for (const [name, [call, otherwise]] of Object.entries(CALLS))
      await same(name, (lib) => call(lib === tf ? ours : theirs, lib), otherwise);
    assert.equal(tf.memory().numTensors, before);
    let saved, other;
    const keep = (into) => async (given) => {
      into(given);
      return { modelArtifactsInfo: { dateSaved: 1 } };
    };
    assert.deepEqual(
      await ours.save(
        tf.io.withSaveHandler(
          keep((a) => {
            saved = a;
          }),
        ),
      ),
      await theirs.save(
        peer.io.withSaveHandler(
          keep((a) => {
            other = a;
          }),
        ),
      ),
    );
    assert.deepEqual(saved, other);
    ours.dispose();
    ours.dispose();
    theirs.dispose();
    assert.throws(() => ours.predict([[1]]), { code: 'disposed' });
  });

// ---- signatures of other kinds, ways to load ----

const graph = (list, weights, more) => ({ ...model(list, weights), ...more });
const neg = [node('a', 'Placeholder'), node('y', 'Neg', ['a'])],
  top = [node('a', 'Placeholder'), node('k', 'Const'), node('y', 'TopKV2', ['a', 'k'])];
const using = (given, call) => async (lib) => {
  const m = await (given.load ? lib.loadGraphModel(given) : lib.loadGraphModel(lib.io.fromMemory(given)));
  try {
    return show(await call(m, lib));
  } finally {
    m.dispose();
  }
};
const ends = (m) => `${m.inputNodes} ${m.outputNodes}`;
const source = (more) => ({ load: async () => ({ ...artifacts({}), ...more }) });
const bytes = artifacts({}).weightData;

const LOADS = {
  'inputs in the order of nodes': [
    using(graph([node('b', 'Placeholder'), node('a', 'Placeholder'), node('y', 'Sub', ['a', 'b'])]), (m, lib) => [
      ends(m),
      m.predict([lib.scalar(1), lib.scalar(5)]),
    ]),
  ],
  'outputs alone are signed': [
    using(graph(neg, {}, { signature: { outputs: { v: { name: 'y:0' } } } }), (m, lib) => [
      ends(m),
      m.predict(lib.scalar(1)),
    ]),
  ],
  'inputs alone are signed': [
    using(graph(neg, {}, { signature: { inputs: { v: { name: 'a:0' } } } }), (m, lib) => [
      ends(m),
      m.predict(lib.scalar(1)),
    ]),
  ],
  'two outputs of one node': [
    using(
      graph(
        top,
        { k: whole(1) },
        { signature: { inputs: { in: { name: 'a:0' } }, outputs: { v: { name: 'y:0' }, i: { name: 'y:1' } } } },
      ),
      (m, lib) => [ends(m), m.predict(lib.tensor1d([5, 9]))],
    ),
    /v,i.*float32\[1\] 9.*int32\[1\] 1/,
  ],
  'an operand that is not there': [
    using(graph([node('y', 'Neg', ['nope'])]), () => 'loaded'),
    /'y' takes 'nope', which is not in the graph/,
  ],
  'a function that is not there': [
    using(
      graph([
        node('a', 'Placeholder'),
        node('y', 'If', ['a'], { then_branch: attr.func('f'), else_branch: attr.func('g') }),
      ]),
      (m, lib) => m.executeAsync(lib.scalar(true)),
    ),
    /'y' calls 'f', which is not in the library/,
  ],
  'weights in a stream': [
    using(
      source({
        weightData: undefined,
        getWeightStream: () =>
          new ReadableStream({
            start(c) {
              c.enqueue(bytes.slice(0, 3));
              c.enqueue(bytes.slice(3));
              c.close();
            },
          }),
      }),
      (m) => m.weights,
    ),
  ],
  'weights in a list': [using(source({ weightData: [bytes] }), (m) => m.weights)],
  'weights in a view': [using(source({ weightData: new Int32Array(bytes) }), (m) => m.weights)],
  'no URL': [(lib) => lib.loadGraphModel(null)],
  'no source': [(lib) => lib.loadGraphModelSync(null)],
  'a handler that does not load': [(lib) => lib.loadGraphModel({}), /does not have the `load` method/],
  ...Object.fromEntries(
    [
      [],
      [null],
      [{}, new ArrayBuffer(0)],
      [{ modelTopology: {} }, new ArrayBuffer(1)],
      [{ modelTopology: { node: [] }, weightsManifest: [] }],
      {},
    ].map((from, i) => [`refused at once, ${i}`, [(lib) => lib.loadGraphModelSync(from)]]),
  ),
  'at once from a list': [
    (lib) => {
      const { modelTopology, weightSpecs: weights } = artifacts({}),
        m = lib.loadGraphModelSync([{ modelTopology, weightsManifest: [{ paths: ['w'], weights }] }, bytes]),
        text = show(m.weights);
      m.dispose();
      return text;
    },
  ],
  'at once from artifacts': [
    (lib) => {
      const m = lib.loadGraphModelSync(artifacts({})),
        text = show(m.weights);
      m.dispose();
      return text;
    },
  ],
  'at once from a handler': [
    (lib) => {
      const m = lib.loadGraphModelSync({ load: () => artifacts({}) }),
        text = show(m.weights);
      m.dispose();
      return text;
    },
  ],
  'by hand': [
    (lib) => {
      const m = new lib.GraphModel('http://127.0.0.1/model.json'),
        text = [m.modelVersion, m.loadSync(artifacts({ signature })), m.modelVersion, ends(m)];
      m.dispose();
      return text;
    },
  ],
  'saved to nowhere': [using(artifacts({}), (m) => m.save({}))],
  'two handlers for one URL': [
    (lib) => new lib.GraphModel('a', {}, { ...lib.io, getLoadHandlers: () => [source({}), source({})] }).load(),
  ],
  'a handler found by URL': [
    async (lib) => {
      const m = new lib.GraphModel('a', {}, { ...lib.io, getLoadHandlers: (url) => (url === 'a' ? [source({})] : []) }),
        ok = await m.load(),
        text = show([ok, m.weights]);
      m.dispose();
      return text;
    },
  ],
  'from TensorFlow Hub': [
    async (lib) => {
      const seen = [],
        m = await lib.loadGraphModel(
          'http://127.0.0.1/hub/1',
          { fromTFHub: true },
          {
            ...lib.io,
            getLoadHandlers: (url, { fromTFHub }) => {
              seen.push(url, fromTFHub);
              return [source({})];
            },
          },
        );
      m.dispose();
      return seen;
    },
  ],
  'with request options': [
    async (lib) => {
      const seen = [],
        m = await lib.loadGraphModel(
          'http://127.0.0.1/m',
          { requestInit: { credentials: 'include' } },
          {
            ...lib.io,
            browserHTTPRequest: (url, { requestInit }) => {
              seen.push(url, JSON.stringify(requestInit));
              return source({});
            },
          },
        );
      m.dispose();
      return seen;
    },
  ],
};
test('signatures, and ways to load', async () => {
  for (const [name, [call, otherwise]] of Object.entries(LOADS)) await same(name, call, otherwise);
});

// ---- tables that an initializer fills ----

const table = (key, from) => {
  const handle = node('t', 'HashTableV2', [], {
    key_dtype: attr.type('DT_STRING'),
    value_dtype: attr.type('DT_FLOAT'),
  });
  return {
    ...model(
      [
        node('keys', 'Placeholder', [], { dtype: attr.type('DT_STRING'), shape: attr.shape([-1]) }),
        node('res', 'Placeholder', [], { dtype: attr.type('DT_RESOURCE'), shape: attr.shape([]) }),
        node('no', 'Const'),
        node('y', 'LookupTableFindV2', ['res', 'keys', 'no']),
      ],
      { no: number(-1), k: strings(['a', 'b']), v: f(1, 2) },
    ),
    signature: {
      inputs: { unused: { name: 'res:0', resourceId: 7 }, q: { name: 'keys:0' } },
      outputs: { found: { name: 'y:0' } },
    },
    modelInitializer: {
      node: [
        handle,
        node('k', 'Const'),
        node('v', 'Const'),
        node('fill', 'LookupTableImportV2', ['t', 'k', 'v']),
        node('Identity', 'Identity', ['t', '^fill']),
      ],
      versions: { producer: 1 },
    },
    initializerSignature: { outputs: { [key]: { name: from, resourceId: 7 } } },
  };
};
const words = (lib) => lib.tensor1d(['b', 'z'], 'string');
test('tables that an initializer fills, once, and that the graph captures', async () => {
  for (const given of [table('Identity:0', 'Identity:0'), table('Identity', 'Identity:0'), table('Identity', 't:0')]) {
    const calls = {
      names: ends,
      'names of weights': (m) => Object.keys(m.weights).sort(),
      'a tensor': (m, lib) => m.executeAsync(words(lib)),
      'a list': (m, lib) => m.executeAsync([words(lib)]),
      'a map': (m, lib) => m.predictAsync({ q: words(lib) }),
      'too many': (m, lib) => m.executeAsync([words(lib), words(lib)]),
      again: async (m, lib) => [await m.executeAsync(words(lib)), await m.executeAsync(words(lib))],
    };
    for (const [name, call] of Object.entries(calls))
      await same(`${Object.keys(given.initializerSignature.outputs)}: ${name}`, using(given, call));
  }
});

// ---- memory, and values between ----

test('nothing is left by loops, lists, arrays and tables, whatever is called', async () => {
  const { rows } = await import('../lib/graphs_flow.mjs'),
    { warn } = console;
  console.warn = () => {};
  for (const { name, given, inputs, outputs } of rows) {
    const start = tf.memory().numBytes,
      m = tf.loadGraphModelSync(given()),
      fed = Object.fromEntries(
        Object.entries(inputs).map(([key, { values, shape, dtype }]) => [key, tf.tensor(values, shape, dtype)]),
      );
    for (let i = 0; i < 3; i++) tf.dispose([await m.executeAsync(fed, outputs)].flat()); // tables are filled, plans made
    const { numTensors, numBytes } = tf.memory();
    for (let i = 0; i < 4; i++)
      tf.dispose([i % 2 ? m.execute(fed, outputs) : await m.executeAsync(fed, outputs)].flat());
    assert.deepEqual([tf.memory().numTensors, tf.memory().numBytes], [numTensors, numBytes], name);
    tf.dispose(fed);
    m.dispose();
    assert.equal(tf.memory().numBytes, start, name);
  }
  console.warn = warn;
});

test('values between are kept, and freed, by calls and by hand', async () => {
  const given = model(
    [
      node('x', 'Placeholder'),
      node('w', 'Const'),
      node('a', 'Mul', ['x', 'w']),
      node('b', 'Neg', ['a']),
      node('c', 'Exp', ['a']),
    ],
    { w: number(2) },
  );
  const kept = async (lib) => {
    lib.env().set('KEEP_INTERMEDIATE_TENSORS', true);
    try {
      const m = lib.loadGraphModelSync(given),
        first = m.execute(lib.tensor1d([1, 5])),
        before = show(
          Object.entries(m.getIntermediateTensors())
            .sort()
            .map(([name, [t]]) => [name, show(t)]),
        );
      lib.env().set('KEEP_INTERMEDIATE_TENSORS', false);
      lib.dispose([first, m.execute(lib.tensor1d([1, 5]))]);
      const text = [before, m.getIntermediateTensors()];
      m.disposeIntermediateTensors();
      m.dispose();
      return text;
    } finally {
      lib.env().set('KEEP_INTERMEDIATE_TENSORS', false);
    }
  };
  const { warn } = console;
  console.warn = () => {};
  await same('kept', kept);
  console.warn = warn;
});

// ---- lists and arrays that are misused ----

const K = {
  shape: ints([4]),
  i: whole(1),
  n: whole(3),
  big: whole(9),
  neg: whole(-1),
  zero: whole(0),
  row: f(1, 2, 3, 4),
  short: f(1, 2, 3),
  whole_row: ints([1, 2, 3, 4]),
  order: ints([0, 2, 1]),
  some: ints([0, 1]),
  far: ints([0, 1, 7]),
  lengths: ints([1, 1, 2]),
  open: ints([-1]),
  rank: whole(-1),
};
const base = [
  node('x', 'Placeholder'),
  ...Object.keys(K).map((name) => node(name, 'Const')),
  node('l', 'TensorListFromTensor', ['x', 'shape'], list),
  node('e', 'EmptyTensorList', ['shape', 'zero'], list),
];
const other = { element_dtype: attr.type('DT_INT32') };
const arrays = (more = {}) => [...base, node('t', 'TensorArrayV3', ['n'], { ...array, ...more })];
const write = (i, value) => node('p', 'TensorArrayWriteV3', ['t', i, value, 't:1']),
  size = [node('y', 'TensorArraySizeV3', ['t', 'p'])];
const read = (i, from = 'p', name = 'y') => node(name, 'TensorArrayReadV3', ['t', i, from]);
const length = node('y', 'TensorListLength', ['s']);
const item = (i, shape, attrs = list) => [...base, node('y', 'TensorListGetItem', ['l', i, shape], attrs)];
const change = (op, inputs) => [...base, node('s', op, inputs, list), length];
const MISUSE = {
  'an item beyond the end': [item('big', 'shape')],
  'an item before': [item('neg', 'shape')],
  'an item of another dtype': [item('i', 'shape', other)],
  'an item of another shape': [item('i', 'order'), /TensorList shape mismatch/],
  'an item, its shape open': [item('i', 'open')],
  'an item, its rank open': [item('i', 'rank')],
  'set to another dtype': [change('TensorListSetItem', ['l', 'i', 'whole_row'])],
  'set to another shape': [change('TensorListSetItem', ['l', 'i', 'short']), /TensorList shape mismatch/],
  'set before': [change('TensorListSetItem', ['l', 'neg', 'row'])],
  'set one beyond': [change('TensorListSetItem', ['l', 'n', 'row'])],
  'pushed to what is full': [change('TensorListPushBack', ['e', 'row']), /Trying to push element into a full list/],
  'pushed, another dtype': [change('TensorListPushBack', ['l', 'whole_row'])],
  'pushed, another shape': [change('TensorListPushBack', ['l', 'short']), /TensorList shape mismatch/],
  'popped from nothing': [[...base, node('y', 'TensorListPopBack', ['e', 'shape'], list)]],
  'stacked, another number': [
    [...base, node('y', 'TensorListStack', ['l', 'shape'], { ...list, num_elements: attr.int(2) })],
    /Operation expected a list with 2 elements but got a list with 3 elements/,
  ],
  'stacked, open': [[...base, node('y', 'TensorListStack', ['l', 'open'], list)]],
  some: [[...base, node('y', 'TensorListGather', ['l', 'some', 'shape'], list)]],
  'from a number': [
    [...base.slice(0, -2), node('s', 'TensorListFromTensor', ['i', 'shape'], other), length],
    /Tensor must be at least a vector/,
  ],
  'from another dtype': [[...base, node('s', 'TensorListFromTensor', ['x', 'shape'], other), length]],
  'spread, another number': [change('TensorListScatter', ['x', 'some', 'shape'])],
  'spread too far': [change('TensorListScatterV2', ['x', 'far', 'shape', 'n']), /Max index must be < array size \(7/],
  spread: [change('TensorListScatterV2', ['x', 'order', 'shape', 'n'])],
  'of size -1': [
    [...base, node('s', 'TensorListResize', ['l', 'neg']), length],
    /TensorListResize: expects size to be non-negative. Got: -1/,
  ],
  'an element': [[...arrays(), write('i', 'row'), read('i')]],
  'an element beyond': [
    [...arrays(), write('i', 'row'), read('big')],
    /Tried to read from index 9, but array size is: 3/,
  ],
  'an element twice': [
    [
      ...arrays(),
      write('i', 'row'),
      read('i', 'p', 'a'),
      node('b', 'TensorArrayReadV3', ['t', 'i', 'p', '^a']),
      node('y', 'Add', ['a', 'b']),
    ],
  ],
  'an element twice that is cleared': [
    [
      ...arrays({ clear_after_read: attr.bool(true) }),
      write('i', 'row'),
      read('i', 'p', 'a'),
      node('b', 'TensorArrayReadV3', ['t', 'i', 'p', '^a']),
      node('y', 'Add', ['a', 'b']),
    ],
    /Could not read index 1 twice because it was cleared after a previous read \(perhaps try setting clear_after_read = false\?\)/,
  ],
  'written beyond': [[...arrays(), write('big', 'row'), ...size]],
  'written beyond, dynamic': [[...arrays({ dynamic_size: attr.bool(true) }), write('big', 'row'), ...size]],
  'written before': [[...arrays(), write('neg', 'row'), ...size]],
  'written, another dtype': [
    [...arrays(), write('i', 'whole_row'), ...size],
    /Could not write to TensorArray index 1, because the value dtype is int32, but TensorArray dtype is float32/,
  ],
  'written, another shape': [
    [...arrays({ element_shape: attr.shape([3]) }), write('i', 'row'), ...size],
    /Could not write to TensorArray index 1. Shapes \[3\] and \[4\] must match/,
  ],
  'written twice': [
    [
      ...arrays(),
      write('i', 'row'),
      node('q', 'TensorArrayWriteV3', ['t', 'i', 'row', 'p']),
      node('y', 'TensorArraySizeV3', ['t', 'q']),
    ],
    /Could not write to TensorArray index 1, because it has already been written/,
  ],
  'an array spread, another number': [
    [...arrays(), node('p', 'TensorArrayScatterV3', ['t', 'some', 'x', 't:1']), ...size],
  ],
};
test('lists and arrays: what is refused, and how it is told', async () => {
  for (const [name, [list, otherwise]] of Object.entries(MISUSE))
    await same(
      name,
      using(model(list, K), (m, lib) => m.executeAsync({ x: lib.tensor(matrix.values, matrix.shape) }, ['y'])),
      otherwise,
      false,
    );
});

test('Print prints', async () => {
  const said = [],
    { log, warn } = console,
    given = model([
      node('x', 'Placeholder'),
      node('y', 'Print', ['x', 'x'], { message: attr.text('values'), summarize: attr.int(2) }),
    ]);
  console.log = (...text) => said.push(text);
  console.warn = (...text) => said.push(text);
  const m = tf.loadGraphModelSync(given);
  tf.tidy(() => assert.deepEqual(m.predict(tf.tensor1d([1, 2, 3])).arraySync(), [1, 2, 3]));
  Object.assign(console, { log, warn });
  m.dispose();
  assert.match(said[0][0], /tf\.print\(\)/);
  assert.deepEqual(said.slice(1), [['values'], [[1, 2]]]);
});

test('ops that are not known may be given', () => {
  const given = model([node('x', 'Placeholder'), node('y', 'SimpleMLInferenceOpWithHandle', ['x'])]);
  const said = [],
    { warn } = console;
  console.warn = (text) => said.push(text);
  const unknown = tf.loadGraphModelSync(given);
  console.warn = warn;
  assert.match(said.join(), /not known: SimpleMLInferenceOpWithHandle \(y\)/);
  assert.throws(() => unknown.predict(tf.scalar(3)), /SimpleMLInferenceOpWithHandle \(y\)/);
  unknown.dispose();
  tf.registerOp('SimpleMLInferenceOpWithHandle', ({ inputs: [a] }) => a.square());
  const m = tf.loadGraphModelSync(given);
  tf.tidy(() => assert.equal(m.predict(tf.scalar(3)).dataSync()[0], 9));
  m.dispose();
  tf.deregisterOp('SimpleMLInferenceOpWithHandle');
});
