// Datasets against TensorFlow.js: the same pipeline in both gives the same elements in the same order,
// with the same seeds, the same sizes and the same errors. The peer is the published package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peer, tf } from '../lib/both.mjs';
import { plain } from '../lib/elements.mjs';

/** All that can be seen of a dataset: its elements, twice, and with a hundred reads at once. */
async function seen(t, make) {
  t.engine ? t.engine().startScope() : t.startScope();
  try {
    const dataset = await make(t.data, t);
    const all = [];
    for (const way of ['toArray', 'toArrayForTest', 'toArray']) all.push(plain(t, await dataset[way]()));
    const [iterator, steps] = [await dataset.iterator(), []];
    for (let i = 0; i < 3; i++) steps.push(plain(t, await iterator.next()));
    return { size: dataset.size, all, steps: steps.map(({ value, done }) => [value ?? null, !!done]) };
  } catch (error) {
    return { error: error.message };
  } finally {
    t.engine ? t.engine().endScope() : t.endScope();
  }
}

async function same(make) {
  const got = await seen(tf, make),
    want = await seen(peer, make);
  if (Number.isNaN(want.size)) want.size = want.all[0].length; // of nested datasets
  assert.deepEqual(got, want);
  return want;
}

const ten = Array.from({ length: 10 }, (_, i) => i);
const nested = ten.map((i) => ({ n: i, list: [i, i * i], deep: { flag: i % 2 === 0, more: [[i], [i + 1]] } }));

/** A generator of n numbers. */
const upTo = (n) =>
  function* () {
    for (let i = 0; i < n; i++) yield i;
  };
const tensors = (t, n) => Array.from({ length: n }, (_, i) => ({ x: t.tensor([i, i + 1]), y: t.scalar(i) }));

const PIPELINES = {
  'array of numbers': (d) => d.array(ten),
  'array of nothing': (d) => d.array([]),
  'array of objects': (d) => d.array(nested),
  'array of tensors': (d, t) => d.array(tensors(t, 4)),
  'array of typed arrays': (d) => d.array([new Float32Array([1, 2]), new Float32Array([3, 4])]),
  'array with null': (d) => d.array([null, 1, { a: null, b: 2 }]),
  'array of texts': (d) => d.array(['a', 'b', 'a']),
  generator: (d) => d.generator(upTo(7)),
  'async generator': (d) =>
    d.generator(async function* () {
      yield* [3, 1, 2];
    }),
  'generator of another iterator': (d) => d.generator(() => [5, 6][Symbol.iterator]()),
  'promised generator': (d) => d.generator(async () => upTo(3)()),
  'batch of numbers': (d) => d.array(ten).batch(4),
  'batch of numbers, whole ones only': (d) => d.array(ten).batch(4, false),
  'batch of batches': (d) => d.array(ten).batch(2).batch(2),
  'batch of objects': (d) => d.array(nested).batch(3),
  'batch of arrays': (d) =>
    d
      .array(
        ten.map((i) => [
          [i, 1],
          [2, i],
        ]),
      )
      .batch(4),
  'batch of tensors': (d, t) => d.array(tensors(t, 5)).batch(2),
  'batch of typed arrays': (d) => d.array(ten.map((i) => Float32Array.of(i, i / 2))).batch(5),
  'batch of flags': (d) => d.array([true, false, true]).batch(2),
  'batch of int32 tensors': (d, t) =>
    d
      .array(ten)
      .map((i) => t.scalar(i, 'int32'))
      .batch(3),
  'batch of an unknown number': (d) => d.generator(upTo(5)).batch(2),
  concatenate: (d) =>
    d
      .array(ten)
      .concatenate(d.array([7, 8]))
      .concatenate(d.generator(upTo(2))),
  filter: (d) => d.array(ten).filter((x) => x % 3 === 1),
  'filter of tensors': (d, t) => d.array(tensors(t, 6)).filter(({ x }) => x.sum().dataSync()[0] > 4),
  map: (d) => d.array(nested).map(({ n, list }) => ({ n: n + 1, last: list[1] })),
  'map to tensors': (d, t) => d.array(ten).map((x) => t.tensor([x, x]).mul(2).add(1)),
  'map that keeps one of two': (d, t) => d.array(tensors(t, 3)).map(({ x }) => ({ x })),
  mapAsync: (d) => d.array(ten).mapAsync((x) => new Promise((go) => setTimeout(() => go(x * 2), (x * 7) % 3))),
  prefetch: (d) => d.array(ten).prefetch(3),
  repeat: (d) => d.array([1, 2]).repeat(3),
  'repeat of shuffled': (d) => d.array(ten).shuffle(10, 'seed').repeat(3),
  'repeat no time': (d) => d.array(ten).repeat(0),
  'repeat of an unknown number': (d) => d.generator(upTo(2)).repeat(2),
  'repeat without end, some of it': (d) => d.array([1, 2, 3]).repeat().take(8),
  skip: (d) => d.array(ten).skip(3),
  'skip more than there is': (d) => d.array(ten).skip(30),
  'skip of an unknown number': (d) => d.generator(upTo(5)).skip(2),
  take: (d) => d.array(ten).take(3),
  'take more than there is': (d) => d.array(ten).take(30),
  shuffle: (d) => d.array(ten).shuffle(4, 'seed'),
  'shuffle with a number as seed': (d) => d.array(ten).shuffle(100, 42),
  'shuffle of one': (d) => d.array(ten).shuffle(1, 'x'),
  'shuffle of an unknown number': (d) => d.generator(upTo(20)).shuffle(7, 'z'),
  'zip of arrays': (d) => d.zip([d.array(ten), d.array(nested), d.array([1, 2, 3])]),
  'zip of an object': (d) =>
    d
      .zip({ a: d.array(ten), b: [d.array(ten).map((x) => x + 5), { c: d.array(nested) }] })
      .map(({ a, b }) => ({ a, b })),
  'zip with one dataset twice': (d) => {
    const a = d.array([1, 2]);
    return d.zip({ a, b: { a } });
  },
  'zip and batch': (d) => d.zip({ xs: d.array(nested.map(({ list }) => list)), ys: d.array(ten) }).batch(4),
  'zip of what is none': (d) => d.zip('text'),
  'zip of numbers': (d) => d.zip([d.array(ten), 5]),
  'zip of a text object': (d) => d.zip(new String('text')),
  'zip of a circle': (d) => {
    const c = [d.array(ten)];
    const b = [c];
    c.push(b);
    return d.zip({ a: d.array(ten), b });
  },
  'batch of nothing': (d) =>
    d
      .array(ten)
      .batch(0)
      .map(() => {
        throw new Error('no');
      }),
  'shuffle without bufferSize': (d) => d.array(ten).shuffle(),
  'shuffle without bufferSize of an unknown number': (d) => d.generator(upTo(3)).shuffle(),
  'prefetch without bufferSize': (d) => d.array(ten).prefetch(),
  'toArray without end': (d) => d.array(ten).repeat(),
};

for (const [name, make] of Object.entries(PIPELINES)) {
  test(`data: ${name}: as the peer`, async () => {
    if (name === 'batch of nothing') {
      // the peer's message has a line break in it
      assert.match((await seen(tf, make)).error, /^batchSize needs to be positive, but it is 0$/);
      assert.match((await seen(peer, make)).error, /^batchSize needs to be positive, but it is\s+0$/);
    } else await same(make);
  });
}

/** Numbers that look random and are the same each time. */
function numbers(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
}

/** A pipeline of some stages; the numbers in it come from `of`. */
function pipeline(of) {
  const stages = [
    [(n) => (d) => d.map((x) => (typeof x === 'number' ? x * n : x)), 5],
    [(n) => (d) => d.filter((x) => (JSON.stringify(x).length + n) % 3 !== 0), 3],
    [(n) => (d) => d.skip(n), 5],
    [(n) => (d) => d.take(n + 3), 12],
    [(n) => (d) => d.repeat(n), 4],
    [(n) => (d) => d.shuffle(n + 1, `seed ${n}`), 12],
    [(n) => (d) => d.prefetch(n + 1), 6],
    [(n) => (d, data) => d.concatenate(data.array([n, n + 1])), 9],
    [(n) => (d) => d.mapAsync(async (x) => [x, n]), 9],
    [(n) => (d, data) => data.zip({ x: d, y: data.generator(upTo(n + 6)).repeat(2) }).take(40), 9],
  ].map(([make, most]) => make(of(most)));
  const chosen = Array.from({ length: 1 + of(5) }, () => stages[of(stages.length)]);
  return (data) => chosen.reduce((dataset, stage) => stage(dataset, data), data.array(ten));
}

test('data: random pipelines: as the peer', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const got = await seen(tf, pipeline(numbers(seed))),
      want = await seen(peer, pipeline(numbers(seed)));
    assert.equal(want.error, undefined, `pipeline ${seed}`);
    if (got.size === null) want.size = null; // zip with an unknown number: the peer says 0
    assert.deepEqual(got, want, `pipeline ${seed}`);
  }
});

// ---- CSV ----

const TABLE = 'a,b,c\n1,2.5,x\n,true,\n-3,1e3,"q, "r" s"\n0x10,False, y \n';
const QUOTES = '"A",B,"C"\n1,"2",3\n3,"""2",3\n4,"2,",\n6,2,"345"123,456""\n7,"2",3\n8,"open,9';
const blank = 'A B    C\n1 2  3\n  3  2 3\n5    2    3';

const CSV = {
  'numbers, texts and nothing': [TABLE],
  types: [TABLE, { columnConfigs: { a: { dtype: 'int32' }, b: { dtype: 'bool' }, c: { dtype: 'string' } } }],
  'int32 rounds down': ['a\n1.7\n-1.2\nx\n', { columnConfigs: { a: { dtype: 'int32' } } }],
  float32: ['a\n1.7\n', { columnConfigs: { a: { dtype: 'float32' } } }],
  defaults: [TABLE, { columnConfigs: { a: { default: -1 }, c: { default: 'none' } } }],
  labels: [TABLE, { columnConfigs: { b: { isLabel: true } } }],
  'missing label': [TABLE, { columnConfigs: { a: { isLabel: true } } }],
  'missing required': [TABLE, { columnConfigs: { a: { required: true } } }],
  'only configured': [TABLE, { columnConfigs: { c: {}, a: {} }, configuredColumnsOnly: true }],
  'names of our own': [TABLE, { columnNames: ['x', 'y', 'z'] }],
  'no header': ['1,2\n3,4', { hasHeader: false, columnNames: ['x', 'y'] }],
  'no header, no names': ['1,2\n3,4', { hasHeader: false }],
  'too few names': [TABLE, { columnNames: ['x', 'y'] }],
  'unknown column': [TABLE, { columnConfigs: { q: {} } }],
  'names twice': ['a,b,a\n1,2,3'],
  'nothing at all': [''],
  'only a header': ['a,b\n'],
  'a short row': ['A,B,C\n1,2,3\n2,\n3,2,3'],
  'an empty line': ['A,B\n1,2\n\n3,4'],
  'an empty line of one column': ['A\n1\n\n3'],
  quotes: [QUOTES],
  'DOS lines': ['A,B,C\r\n1,2,3\r\nv,\rw,x\r\n3,2,3\r\n'],
  'another delimiter': ['A;B\n1;2,5\n3;4', { delimiter: ';' }],
  tabs: ['A\tB\n1\t2\n3\t', { delimiter: '\t' }],
  blanks: [blank, { delimWhitespace: true }],
  'blanks at the end': ['A B C\n1 2 3\n2  \n', { delimWhitespace: true }],
  'single blanks': ['A B C\n1 2 3\n2  \n', { delimiter: ' ' }],
  'blanks and a delimiter': [blank, { delimWhitespace: true, delimiter: ',' }],
  'letters of several bytes': ['é,日本\nü,🎉\nß,"ñ,õ"\n'],
};

for (const [name, [text, config]] of Object.entries(CSV)) {
  test(`data: csv: ${name}: as the peer`, async () => {
    for (const chunkSize of [3, 1000]) {
      await same((d) => new d.CSVDataset(new d.FileDataSource(Buffer.from(text), { chunkSize }), config));
      const names = async (d) => {
        try {
          return await new d.CSVDataset(new d.FileDataSource(Buffer.from(text)), config).columnNames();
        } catch (error) {
          return error.message;
        }
      };
      assert.deepEqual(await names(tf.data), await names(peer.data));
    }
  });
}

test('data: csv: batches of columns with gaps, and of numbers among texts: as the peer', async () => {
  for (const text of ['a,b\n1,x\n,y\n3,\n', 'a\n\n1\n3\n', 'a\nx\n1\n\n', 'a\n1\nx\n', 'a\ntrue\n\nno\n'])
    await same((d) => new d.CSVDataset(new d.FileDataSource(Buffer.from(text))).batch(3));
});

test('data: csv: random tables: as the peer', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    // Quotes and cells of blanks are read better than the peer does: data_close.test.mjs has those.
    const of = numbers(seed),
      letters = ['a', '1', ',', 'x ', '2', '\n', ',', '.', '-', 'é'];
    const text = `A,B\n${Array.from({ length: of(40) }, () => letters[of(letters.length)]).join('')}`;
    const config = [
      undefined,
      { delimWhitespace: true, columnNames: ['A,B'] },
      { columnConfigs: { A: { dtype: 'bool' } } },
    ][of(3)];
    const rows = async (d) => {
      const iterator = await new d.CSVDataset(
        new d.FileDataSource(Buffer.from(text), { chunkSize: 1 + of(9) }),
        config,
      ).iterator();
      const all = [];
      for (;;) {
        // errors of rows are part of what is compared
        const x = await iterator.next().catch((error) => ({ value: error.message }));
        if (x.done) return all;
        all.push(x.value);
      }
    };
    assert.deepEqual(await rows(tf.data), await rows(peer.data), JSON.stringify(text));
  }
});

test('data: lines: as the peer', async () => {
  for (const text of ['', 'a', 'a\n', 'a\nb', '\n\n', 'a\r\nb\r\n', 'é\n日本\n🎉'])
    for (const options of [{ chunkSize: 1 }, { chunkSize: 4, offset: 2 }, {}])
      await same((d) => new d.TextLineDataset(new d.FileDataSource(Buffer.from(text), options)));
});

// ---- iterators ----

const ITERATORS = {
  flatmap: (i) => i.flatmap((x) => [x, [x, -x]]),
  serialMapAsync: (i) => i.serialMapAsync((x) => new Promise((go) => setTimeout(() => go(x), 3 - (x % 3)))),
  rowMajorBatch: (i) => i.rowMajorBatch(4),
  columnMajorBatch: (i) => i.map((x) => ({ x, y: [x, { z: -x }] })).columnMajorBatch(4),
  'columnMajorBatch by a function': (i) =>
    i
      .map((x) => ({ x, y: [x] }))
      .columnMajorBatch(3, false, (parts) =>
        typeof parts[0] === 'number' ? { value: parts.join('+'), recurse: false } : { value: null, recurse: true },
      ),
  'take and skip without count': (i) => i.take().skip().take(-1).skip(-1),
  'handleErrors that goes on': (i) =>
    i
      .map((x) => {
        if (x % 2) throw new Error('odd');
        return x;
      })
      .handleErrors(() => true),
  'handleErrors that ends': (i) =>
    i
      .map((x) => {
        if (x === 4) throw new Error('4');
        return x;
      })
      .handleErrors(() => false),
  'handleErrors that throws': (i) =>
    i
      .map((x) => {
        if (x === 4) throw new Error('4');
        return x;
      })
      .handleErrors((error) => {
        throw error;
      }),
  'shuffle of an iterator': (i) => i.shuffle(3, 'a'),
  serial: (i) => i.serial(),
};

for (const [name, f] of Object.entries(ITERATORS)) {
  test(`data: ${name}: as the peer`, async () => {
    const all = async (t) => {
      try {
        return await f(await t.data.array(ten).iterator()).toArray();
      } catch (error) {
        return error.message;
      }
    };
    assert.deepEqual(await all(tf), await all(peer));
  });
}

test('data: resolveWhile, serialForEach, resolveFully: as the peer', async () => {
  const visit = async (t, way) => {
    const seen = [],
      iterator = await t.data.array(ten).iterator();
    await way(iterator, seen);
    return [seen, (await iterator.next()).value];
  };
  for (const way of [
    (i, seen) => i.resolveWhile((x) => seen.push(x) < 4),
    (i, seen) => i.serialForEach(async (x) => seen.push(x) < 4),
    (i, seen) =>
      i.forEachAsync((x) => {
        seen.push(x);
      }),
    (i) => i.resolveFully(),
  ])
    assert.deepEqual(await visit(tf, way), await visit(peer, way));
});

test('data: all names are there', () => {
  for (const [ours, theirs] of [
    [tf.data, peer.data],
    [tf.data.Dataset.prototype, peer.data.Dataset.prototype],
    [tf.data.CSVDataset.prototype, { columnNames: 0, iterator: 0, makeDataElement: 0 }],
  ])
    for (const name of Object.getOwnPropertyNames(theirs).filter((n) => n !== 'default')) assert.ok(name in ours, name);
});
