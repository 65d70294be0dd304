// Layers of Keras over texts and places: the values of Keras's manual, adapt(), files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

/** A test that leaves no tensor. */
const clean = (name, f) =>
  test(name, async () => {
    const before = tf.memory().numTensors;
    tf.engine().startScope();
    try {
      await f();
    } finally {
      tf.engine().endScope();
    }
    assert.equal(tf.memory().numTensors, before);
  });
const gives = (layer, x, want) =>
  assert.deepEqual(
    layer
      .apply(x)
      .arraySync()
      .flat(9)
      .map((v) => (typeof v === 'number' ? Math.round(v * 1e5) / 1e5 : v)),
    want.flat(9),
    JSON.stringify(layer.getConfig()),
  );
const ints = (x) => tf.tensor(x, undefined, 'int32');
const vocabulary = ['a', 'b', 'c', 'd'],
  data = () =>
    tf.tensor([
      ['a', 'c', 'd'],
      ['d', 'z', 'b'],
    ]);

clean('stringLookup', () => {
  const make = (config) => tf.layers.stringLookup({ vocabulary, ...config });
  gives(make(), data(), [
    [1, 3, 4],
    [4, 0, 2],
  ]);
  gives(make({ vocabulary: ['[UNK]', ...vocabulary] }), data(), [
    [1, 3, 4],
    [4, 0, 2],
  ]);
  gives(
    make({ numOovIndices: 2 }),
    tf.tensor([
      ['a', 'c', 'd'],
      ['m', 'z', 'b'],
    ]),
    [
      [2, 4, 5],
      [0, 1, 3],
    ],
  );
  gives(make({ maskToken: '' }), tf.tensor(['', 'a', 'x']), [0, 2, 1]);
  gives(make({ outputMode: 'oneHot' }), tf.tensor(['a', 'b', 'c', 'd', 'z']), [
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0],
  ]);
  const more = () =>
    tf.tensor([
      ['a', 'c', 'd', 'd'],
      ['d', 'z', 'b', 'z'],
    ]);
  gives(make({ outputMode: 'multiHot' }), more(), [
    [0, 1, 0, 1, 1],
    [1, 0, 1, 0, 1],
  ]);
  gives(make({ outputMode: 'count' }), more(), [
    [0, 1, 0, 1, 2],
    [2, 0, 1, 0, 1],
  ]);
  gives(make({ outputMode: 'count', maxTokens: 7, padToMaxTokens: true }), more(), [
    [0, 1, 0, 1, 2, 0, 0],
    [2, 0, 1, 0, 1, 0, 0],
  ]);
  gives(make({ outputMode: 'tfIdf', idfWeights: [0.25, 0.75, 0.6, 0.4] }), more(), [
    [0, 0.25, 0, 0.6, 0.8],
    [1, 0, 0.75, 0, 0.4],
  ]);
  gives(
    make({ invert: true }),
    ints([
      [1, 3, 4],
      [4, 0, 2],
    ]),
    [
      ['a', 'c', 'd'],
      ['d', '[UNK]', 'b'],
    ],
  );
  assert.deepEqual(make().computeOutputShape([null, 3]), [null, 3]);
  assert.deepEqual(make({ outputMode: 'multiHot' }).computeOutputShape([null, 3]), [null, 5]);
  const learned = tf.layers.stringLookup();
  assert.throws(() => learned.apply(data()), /has no vocabulary/);
  learned.adapt(data());
  assert.deepEqual(learned.getConfig().vocabulary, ['d', 'z', 'c', 'b', 'a']);
  gives(learned, data(), [
    [5, 3, 1],
    [1, 2, 4],
  ]);
  learned.adapt(tf.tensor(['x']));
  assert.deepEqual(learned.getConfig().vocabulary, ['x']);
  const few = tf.layers.stringLookup({ maxTokens: 3 });
  few.adapt(data());
  assert.deepEqual(few.getConfig().vocabulary, ['d', 'z']);
  assert.throws(
    () => make({ numOovIndices: 0 }).apply(tf.tensor(['x'])),
    /'x' is not in the vocabulary, and numOovIndices is 0/,
  );
  assert.throws(() => make({ vocabulary: ['a', 'a'] }), /has 'a' twice/);
  assert.throws(() => make({ maxTokens: 2 }), /above maxTokens, 2/);
  assert.throws(() => make({ outputMode: 'tfIdf' }).apply(data()), /wants idfWeights/);
});

clean('integerLookup', () => {
  const make = (config) => tf.layers.integerLookup({ vocabulary: [12, 36, 1138, 42], ...config });
  gives(
    make(),
    ints([
      [12, 1138, 42],
      [42, 1000, 36],
    ]),
    [
      [1, 3, 4],
      [4, 0, 2],
    ],
  );
  gives(
    make({ numOovIndices: 2 }),
    ints([
      [12, 1138, 42],
      [37, 1000, 36],
    ]),
    [
      [2, 4, 5],
      [1, 0, 3],
    ],
  );
  gives(make({ invert: true }), ints([1, 0, 4]), [12, -1, 42]);
  gives(make({ outputMode: 'oneHot' }), ints([36, 7]), [
    [0, 0, 1, 0, 0],
    [1, 0, 0, 0, 0],
  ]);
  const learned = tf.layers.integerLookup();
  learned.adapt(
    ints([
      [12, 1138, 42],
      [42, 1000, 36],
    ]),
  );
  assert.deepEqual(learned.getConfig().vocabulary, [42, 1138, 1000, 36, 12]);
});

clean('textVectorization', () => {
  const make = (config) => tf.layers.textVectorization({ vocabulary: ['foo', 'bar', 'baz'], ...config });
  gives(make({ outputSequenceLength: 4 }), tf.tensor([['foo qux bar'], ['qux baz']]), [
    [2, 1, 3, 0],
    [1, 4, 0, 0],
  ]);
  gives(make(), tf.tensor(['  Foo, BAR!  ', 'baz']), [
    [2, 3],
    [4, 0],
  ]);
  gives(make({ outputSequenceLength: 1 }), tf.tensor(['bar foo']), [[3]]);
  gives(make({ standardize: null }), tf.tensor(['Foo foo', 'foo!']), [
    [1, 2],
    [1, 0],
  ]);
  gives(make({ standardize: 'lower' }), tf.tensor(['Foo foo!']), [[2, 1]]);
  gives(make({ standardize: 'stripPunctuation' }), tf.tensor(['Foo foo!']), [[1, 2]]);
  gives(make({ split: null }), tf.tensor(['foo', 'foo bar']), [[2], [1]]);
  gives(make({ split: 'character', vocabulary: ['f', 'ö'] }), tf.tensor(['föf']), [[2, 3, 2]]);
  gives(make({ ngrams: 2, vocabulary: ['foo', 'foo bar'] }), tf.tensor(['foo bar foo']), [[2, 1, 2, 3, 1]]);
  gives(make({ ngrams: [2, 3], vocabulary: ['foo bar', 'foo bar foo'] }), tf.tensor(['foo bar foo']), [[2, 1, 3]]);
  gives(make({ outputMode: 'multiHot' }), tf.tensor(['foo foo x', 'bar']), [
    [1, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
  gives(make({ outputMode: 'count' }), tf.tensor(['foo foo x', 'bar']), [
    [1, 2, 0, 0],
    [0, 0, 1, 0],
  ]);
  gives(make({ outputMode: 'tfIdf', idfWeights: [0.5, 1, 3] }), tf.tensor(['foo foo x', 'bar']), [
    [1.5, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
  const learned = tf.layers.textVectorization({ outputMode: 'tfIdf' });
  learned.adapt(tf.tensor(['a b', 'a a']));
  assert.deepEqual(learned.getConfig().vocabulary, ['a', 'b']);
  learned.getConfig().idfWeights.forEach((w, i) => assert.ok(Math.abs(w - Math.log(1 + 2 / (1 + [2, 1][i]))) < 1e-9));
  assert.throws(() => make().apply(tf.tensor([1])), { code: 'dtype', message: /x must be of strings/ });
  assert.throws(() => make({ outputMode: 'oneHot' }), /outputMode must be/);
});

clean('hashing, hashedCrossing, discretization', () => {
  const letters = () => tf.tensor([['A'], ['B'], ['C'], ['D'], ['E']]),
    make = (config) => tf.layers.hashing({ numBins: 3, ...config });
  gives(make(), letters(), [1, 0, 1, 1, 2]);
  gives(make({ maskValue: '' }), tf.tensor([['A'], ['B'], [''], ['C'], ['D']]), [1, 1, 0, 2, 2]);
  gives(make({ salt: [133, 137] }), letters(), [1, 2, 1, 0, 2]);
  gives(make({ salt: 133 }), letters(), [0, 0, 2, 1, 0]);
  gives(make({ outputMode: 'oneHot' }), tf.tensor([['A'], ['E']]), [
    [0, 1, 0],
    [0, 0, 1],
  ]);
  gives(
    make(),
    ints([7]),
    tf.layers
      .hashing({ numBins: 3 })
      .apply(tf.tensor(['7']))
      .arraySync(),
  );
  const first = tf.tensor(['A', 'B', 'A', 'B', 'A']),
    second = ints([101, 101, 101, 102, 102]);
  gives(tf.layers.hashedCrossing({ numBins: 5 }), [first, second], [1, 4, 1, 1, 3]);
  gives(
    tf.layers.hashedCrossing({ numBins: 5, outputMode: 'oneHot' }),
    [first, second],
    [
      [0, 1, 0, 0, 0],
      [0, 0, 0, 0, 1],
      [0, 1, 0, 0, 0],
      [0, 1, 0, 0, 0],
      [0, 0, 0, 1, 0],
    ],
  );
  const x = [
    [-1.5, 1, 3.4, 0.5],
    [0, 3, 1.3, 0],
  ];
  gives(tf.layers.discretization({ binBoundaries: [0, 1, 2] }), x, [
    [0, 2, 3, 1],
    [1, 3, 2, 1],
  ]);
  gives(tf.layers.discretization({ binBoundaries: [0, 1], outputMode: 'count' }), x, [
    [1, 1, 2],
    [0, 2, 2],
  ]);
  const learned = tf.layers.discretization({ numBins: 4, epsilon: 0.01 });
  assert.throws(() => learned.apply(x), /has no boundaries/);
  learned.adapt(x);
  gives(learned, x, [
    [0, 2, 3, 2],
    [1, 3, 3, 1],
  ]);
  assert.deepEqual(
    learned.getConfig().binBoundaries.map((v) => Math.round(v * 1e6) / 1e6),
    [0, 0.5, 1.3],
  );
  assert.throws(() => tf.layers.discretization({ binBoundaries: [1, 0] }), /must rise/);
});

test('a model of texts learns, is saved with its vocabulary as it is spelled, and loaded', async () => {
  const before = tf.memory().numTensors,
    texts = tf.tensor(['good', 'bad', 'good good', 'bad bad']),
    labels = tf.tensor([[1], [0], [1], [0]]);
  const words = tf.layers.textVectorization({
    outputMode: 'multiHot',
    inputShape: [],
    dtype: 'string',
    standardize: null,
  });
  tf.tidy(() => words.adapt(tf.tensor(['good bad', 'CamelCase'])));
  const model = tf.sequential({ layers: [words, tf.layers.dense({ units: 1, activation: 'sigmoid' })] });
  model.compile({ optimizer: tf.train.adam(0.1), loss: 'binaryCrossentropy' });
  await model.fit(texts, labels, { epochs: 30, verbose: 0 });
  const y = model.predict(texts),
    values = y.dataSync();
  assert.ok(values[0] > 0.7 && values[1] < 0.3, `${values}`);
  let saved;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const again = await tf.loadLayersModel(tf.io.fromMemory(saved)),
    z = again.predict(texts);
  assert.deepEqual(again.layers[0].getConfig().vocabulary, ['good', 'bad', 'CamelCase'].sort().reverse());
  assert.deepEqual([...z.dataSync()], [...values]);
  tf.dispose([texts, labels, y, z]);
  (model.optimizer.dispose(), model.dispose(), again.dispose());
  assert.equal(tf.memory().numTensors, before);
});

clean('a word with a zero inside is another than the part before it', () => {
  const config = { vocabulary: ['a'], standardize: null, outputSequenceLength: 1 };
  gives(tf.layers.textVectorization(config), tf.tensor(['a\0b', 'a\0\0', 'a']), [[1], [1], [2]]);
  gives(tf.layers.stringLookup({ vocabulary: ['a'] }), tf.tensor(['a\0\0', 'a']), [0, 1]);
});
