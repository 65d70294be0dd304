// Datasets that are left before their end, and tables as spreadsheets write them.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

/** A generator of tensors that notes when it is closed. */
function source(n = Infinity) {
  const seen = { open: 0, closed: 0, read: 0 };
  const dataset = tf.data.generator(function* () {
    seen.open++;
    try {
      for (let i = 0; i < n; i++) {
        seen.read++;
        yield { xs: tf.tensor1d([i]), ys: tf.tensor1d([2 * i]) };
      }
    } finally {
      seen.closed++;
    }
  });
  return { dataset, seen };
}

const stages = {
  itself: (d) => d,
  map: (d) => d.map(({ xs, ys }) => ({ xs: xs.add(1), ys })),
  mapAsync: (d) => d.mapAsync(async (x) => x),
  filter: (d) => d.filter(() => true),
  batch: (d) => d.batch(2),
  prefetch: (d) => d.prefetch(4),
  shuffle: (d) => d.shuffle(4, 'seed'),
  take: (d) => d.take(5),
  skip: (d) => d.skip(1),
  repeat: (d) => d.repeat(),
  concatenate: (d) => d.concatenate(d),
  zip: (d) => tf.data.zip({ a: d, b: d }),
  all: (d) =>
    tf.data
      .zip([d.prefetch(2).map((x) => x), d.shuffle(3, 'a').batch(2)])
      .take(9)
      .prefetch(2),
};

for (const [name, stage] of Object.entries(stages)) {
  test(`break closes the generator: ${name}`, async () => {
    const before = tf.memory().numTensors,
      { dataset, seen } = source();
    let n = 0;
    for await (const x of stage(dataset)) {
      tf.dispose(x);
      if (++n === 2) break;
    }
    assert.ok(seen.open >= 1);
    assert.equal(seen.closed, seen.open);
    assert.equal(tf.memory().numTensors, before);
  });
}

test('a stream that ends before what it reads closes it', async () => {
  const before = tf.memory().numTensors;
  for (const stage of [(d) => d.take(2), (d) => tf.data.zip([d, tf.data.array([1, 2])])]) {
    const { dataset, seen } = source();
    for (const x of await stage(dataset).toArray()) tf.dispose(x);
    assert.deepEqual([seen.open, seen.closed], [1, 1]);
  }
  const failing = source();
  await assert.rejects(
    failing.dataset.forEachAsync(() => {
      throw new Error('mine');
    }),
    /mine/,
  );
  assert.equal(failing.seen.closed, 1);
  assert.equal(tf.memory().numTensors, before);
});

test('iterators may be left and read on; one function is one stream', async () => {
  let n = 0;
  const stream = tf.data.func(() => ({ value: n++, done: false }));
  for await (const x of stream) if (x === 1) break;
  assert.deepEqual(await stream.take(2).toArray(), [2, 3]);
  const iterator = await tf.data.array([1, 2, 3, 4]).iterator();
  assert.deepEqual(await iterator.take(2).toArray(), [1, 2]);
  assert.deepEqual(await iterator.toArray(), [3, 4]);
});

test('training and evaluation close what they read', async () => {
  const { dataset, seen } = source(),
    model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
  await model.fitDataset(dataset.batch(2), { epochs: 2, batchesPerEpoch: 2, verbose: 0 });
  assert.equal(seen.closed, seen.open);
  (await model.evaluateDataset(dataset.batch(2), { batches: 2 })).dispose();
  assert.equal(seen.closed, seen.open);
  model.dispose();
});

const rows = (text, config) => new tf.data.CSVDataset(new tf.data.FileDataSource(new Blob([text])), config).toArray();

test('quotes, line breaks and blanks in tables', async () => {
  assert.deepEqual(await rows('a,b\n"say ""hi""",2\n"""",""\n'), [
    { a: 'say "hi"', b: 2 },
    { a: '"', b: undefined },
  ]);
  assert.deepEqual(await rows('a,b\n"one\ntwo",2\n"x\r\ny\n\nz",3\r\n4,"q"'), [
    { a: 'one\ntwo', b: 2 },
    { a: 'x\r\ny\n\nz', b: 3 },
    { a: 4, b: 'q' },
  ]);
  assert.deepEqual(await rows('"first\nname",b\n1,2'), [{ 'first\nname': 1, b: 2 }]);
  assert.deepEqual(await rows('a,b,c\n ,\t,0\n'), [{ a: undefined, b: undefined, c: 0 }]);
  assert.deepEqual(await rows('a,b\n , 7\n', { columnConfigs: { a: { default: 5 } } }), [{ a: 5, b: 7 }]);
  await assert.rejects(rows('a,b\n ,7\n', { columnConfigs: { a: { required: true } } }), /a is empty/);
  assert.deepEqual(await rows('a,b\n" ",1\nx"y,2'), [
    { a: ' ', b: 1 },
    { a: 'x"y', b: 2 },
  ]);
  assert.deepEqual(await rows('a;b\n"1;2";"3\n4"', { delimiter: ';' }), [{ a: '1;2', b: '3\n4' }]);
  const long = `${'x,y\n'.repeat(20000)}`;
  assert.equal((await rows(`a\n"${long}"`))[0].a.length, long.length);
});
