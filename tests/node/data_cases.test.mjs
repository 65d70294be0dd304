// Datasets against TensorFlow.js, case by case: what is made into batches, seeds, counts that are none, errors
// and what they leave behind, tables with odd settings. A row is a program; both libraries run it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peer, tf } from '../lib/both.mjs';
import { plain } from '../lib/elements.mjs';

/** What a program answers, or what it throws, and how many tensors it leaves. */
async function outcome(t, program) {
  const before = t.memory().numTensors;
  try {
    const result = await program(t.data, t),
      answer = plain(t, result);
    t.dispose(result);
    return { answer, left: t.memory().numTensors - before };
  } catch (error) {
    return { error: error.message, left: t.memory().numTensors - before };
  }
}

/** As the peer; but what had been read before an error, which there nobody gets, is disposed. */
async function same(rows) {
  for (const [name, program] of Object.entries(rows)) {
    const got = await outcome(tf, program),
      want = await outcome(peer, program);
    assert.deepEqual(got, 'error' in want ? { ...want, left: 0 } : want, name);
  }
}

const ten = Array.from({ length: 10 }, (_, i) => i);
const list = (f) => async (data, t) => f(data, t).toArray();
/** Elements, or messages of errors, until the end or fifty of them. */
async function read(dataset) {
  const iterator = await dataset.iterator(),
    all = [];
  while (all.length < 50) {
    const x = await iterator.next().catch((error) => ({ value: error.message }));
    if (x.done) break;
    all.push(x.value);
  }
  return all;
}

const BATCHES = {
  'flags with null': () => [true, null, false],
  'nothing first': () => [undefined, 1, 2],
  'null first': () => [null, 1],
  'only null': () => [null, null],
  'objects with null': () => [
    { a: null, b: 1 },
    { a: 2, b: null },
  ],
  'a number, then a text': () => [1, 'a'],
  'a text, then a number': () => ['a', 1],
  bytes: () => [Uint8Array.of(1, 2), Uint8Array.of(3, 4)],
  'whole numbers': () => [Int32Array.of(1, -2), Int32Array.of(3, 4)],
  'clamped bytes': () => [Uint8ClampedArray.of(1, 2), Uint8ClampedArray.of(3, 4)],
  'lists of typed arrays': () => [[Float32Array.of(1, 2)], [Float32Array.of(3, 4)]],
  'tensors of flags': (t) =>
    [
      [true, false],
      [true, true],
    ].map((x) => t.tensor(x)),
  'tensors of texts': (t) =>
    [
      ['a', 'b'],
      ['c', 'd'],
    ].map((x) => t.tensor(x)),
  scalars: (t) => [1, 2, 3].map((x) => t.scalar(x, 'int32')),
  'rank 4': (t) => [t.ones([1, 2, 3, 4]), t.zeros([1, 2, 3, 4])],
  'empty lists': () => [[], []],
  'lists of empty lists': () => [[[]], [[]]],
  'lists of texts': () => [
    ['x', 'y'],
    ['z', 'w'],
  ],
  'lists of flags': () => [
    [true, false],
    [false, true],
  ],
  'no numbers': () => [NaN, Infinity, -0],
  'one that lacks a part': () => [{ a: 1, b: 2 }, { a: 3 }],
  'one with a part more': () => [{ a: 1 }, { a: 3, b: 4 }],
  'gaps made by map': () => [1, 2, 3, 4],
  deep: (t) => ten.map((i) => ({ a: { b: [i, i], c: { d: t.scalar(i) } }, e: `s${i}` })),
};

test('data: batches of all kinds: as the peer', () =>
  same(
    Object.fromEntries(
      Object.entries(BATCHES).map(([name, items]) => [
        name,
        async (data, t) => {
          const own = items(t);
          try {
            const dataset = data.array(own);
            const gaps = (x) => ({
              a: x % 2 ? undefined : x,
              b: x % 2 ? x : undefined,
              c: x % 2 ? 'q' : undefined,
              d: x % 2 ? true : undefined,
              e: x % 2 ? null : x,
            });
            return await (name.startsWith('gaps') ? dataset.map(gaps) : dataset).batch(2).toArray();
          } finally {
            t.dispose(own);
          }
        },
      ]),
    ),
  ));

test('data: sizes of batches that are no whole numbers: as the peer', () =>
  same({
    ...Object.fromEntries([2.5, '2', Infinity, 1, 20].map((n) => [n, list((data) => data.array(ten).batch(n))])),
    ...Object.fromEntries(
      [null, 0, false, 1].map((last) => [`last: ${last}`, list((data) => data.array(ten).batch(3, last))]),
    ),
  }));

test('data: counts: as the peer', () =>
  same(
    Object.fromEntries(
      [0, 1, 3, -1, null, undefined, 2.5, '2'].flatMap((n) => [
        [`take ${n}`, list((data) => data.array(ten).take(n))],
        [`skip ${n}`, list((data) => data.array(ten).skip(n))],
        [`take ${n} of a generator`, list((data) => data.generator(() => ten[Symbol.iterator]()).take(n))],
        [`repeat ${n}`, list((data) => data.array([1, 2]).repeat(n).take(7))],
      ]),
    ),
  ));

test('data: shuffled, by seeds of all kinds, twice: as the peer', () =>
  same(
    Object.fromEntries(
      [1, 42, -3, 1.5, 'a', 'a longer seed', '0', true, [1]].flatMap((seed) =>
        [1, 2, 5, 100].map((size) => [
          `${size} ${seed}`,
          async (data) => {
            const dataset = data.array(ten).shuffle(size, seed),
              [a, b] = [await dataset.iterator(), await dataset.iterator()];
            const turns = [];
            for (let i = 0; i < 5; i++) turns.push(await a.next(), await b.next());
            return [await dataset.toArray(), await dataset.toArrayForTest(), turns];
          },
        ]),
      ),
    ),
  ));

test('data: long, shuffled and in batches: as the peer', () =>
  same({
    'in a window': list((data) =>
      data
        .array(Array.from({ length: 3000 }, (_, i) => i))
        .shuffle(257, 'big')
        .batch(64),
    ),
    twice: list((data) => data.array(ten).shuffle(4, 'a').shuffle(4, 'b')),
  }));

const fails = (at, error) => (x) => {
  if (x === at) throw error;
  return x;
};
test('data: what is thrown on the way: as the peer', () =>
  same({
    map: (data) => read(data.array(ten).map(fails(3, new RangeError('three')))),
    'map that throws a text': async (data) =>
      data
        .array(ten)
        .map(fails(3, 'three'))
        .toArray()
        .catch((error) => [error]),
    'map, batch': list((data) =>
      data
        .array(ten)
        .map(fails(3, new Error('three')))
        .batch(2),
    ),
    filter: list((data) => data.array(ten).filter(fails(4, new Error('four')))),
    mapAsync: (data) => read(data.array(ten).mapAsync(async (x) => fails(3, new Error('three'))(x))),
    prefetch: (data) =>
      read(
        data
          .array(ten)
          .map(fails(3, new Error('three')))
          .prefetch(2),
      ),
    'zip of one that fails': (data) =>
      data.zip([data.array(ten), data.array(ten).map(fails(2, new Error('two')))]).toArray(),
    generator: list((data) =>
      data.generator(function* () {
        yield 1;
        throw new TypeError('generator');
      }),
    ),
    'async generator': list((data) =>
      data.generator(async function* () {
        yield 1;
        throw new Error('generator');
      }),
    ),
    'generator that is not begun': list((data) =>
      data.generator(() => {
        throw new Error('at once');
      }),
    ),
    'generator that is refused': list((data) =>
      data.generator(async () => {
        throw new Error('refused');
      }),
    ),
    func: list((data) =>
      data.func(() => {
        throw new Error('no');
      }),
    ),
    'func by promises': list((data) =>
      data.func(async () => {
        throw new Error('no');
      }),
    ),
    forEachAsync: (data) =>
      data
        .array(ten)
        .repeat()
        .forEachAsync(fails(5, new Error('five'))),
  }));

test('data: generators and functions: as the peer', () =>
  same({
    'what it returns': list((data) =>
      data.generator(function* () {
        yield 1;
        return 2;
      }),
    ),
    'without done': list((data) =>
      data.generator(() => {
        let i = 0;
        return { next: () => (i < 3 ? { value: i++ } : { done: true }) };
      }),
    ),
    'by its own fields': list((data) =>
      data.generator(() => ({
        i: 0,
        next() {
          return this.i < 3 ? { value: this.i++, done: false } : { done: true };
        },
      })),
    ),
    'by promises': list((data) =>
      data.generator(() => {
        let i = 0;
        return { next: async () => (i < 3 ? { value: i++, done: false } : { done: true }) };
      }),
    ),
    'func in batches': list((data, t) => {
      let i = 0;
      return data.func(() => (i < 5 ? { value: t.scalar(i++), done: false } : { value: null, done: true })).batch(2);
    }),
    'map to nothing': list((data) => data.array(ten).map(() => {})),
    'mapAsync that answers at once': list((data) => data.array(ten).mapAsync((x) => x + 1)),
    'after the end': async (data) => {
      const stages = [
        (x) => x,
        (x) => x.map((y) => y),
        (x) => x.filter(() => true),
        (x) => x.batch(2),
        (x) => x.shuffle(2, 'a'),
        (x) => x.prefetch(2),
        (x) => x.take(1),
        (x) => x.skip(0),
        (x) => x.repeat(1),
        (x) => x.concatenate(data.array([])),
        (x) => x.mapAsync(async (y) => y),
        (x) => data.zip([x]),
      ];
      return Promise.all(
        stages.map(async (stage) => {
          const iterator = await stage(data.array([1])).iterator();
          return [await iterator.next(), await iterator.next(), await iterator.next()].map(({ done }) => done);
        }),
      );
    },
    'copies of elements': async (data) => {
      const own = { list: [1, 2], numbers: new Float32Array(2) },
        [x] = await data.array([own]).toArray();
      return [x === own, x.list === own.list, x.numbers === own.numbers];
    },
    'elements that map changes': async (data) => {
      const own = [{ a: 1 }];
      return [
        await data
          .array(own)
          .map((x) => {
            x.a++;
            return x;
          })
          .toArray(),
        own,
      ];
    },
  }));

const FORMS =
  'a,b\n1e3,1\n0x10,1\n 12 ,1\n-,1\n.5,1\n-5.5,1\n1_000,\n"1,000",1\n00012,1\nTRUE,1\nfalse,1\nyes,1\n0,1\n,1\n 1,1\n true,1\n1e400,1\n';
const TABLES = {
  'defaults that are nothing': [
    'a,b,c,d\n,,,\n1,2,3,4',
    { columnConfigs: { a: { default: 0 }, b: { default: '' }, c: { default: false }, d: { default: null } } },
  ],
  'required with a default': ['a,b\n,1', { columnConfigs: { a: { default: 5, required: true } } }],
  'all labels': [
    'a,b\n3.7,true',
    { columnConfigs: { a: { isLabel: true, dtype: 'int32' }, b: { dtype: 'bool', isLabel: true } } },
  ],
  'only a label': ['a,b,c\n3,1,2', { columnConfigs: { a: { isLabel: true } }, configuredColumnsOnly: true }],
  'no column': ['a,b\n3,1', { configuredColumnsOnly: true, columnConfigs: {} }],
  'a column without config': ['a,b\n3,1', { columnConfigs: { a: null } }],
  'config null': ['a,b\n3,1', null],
  'header null': ['a,b\n3,1', { hasHeader: null }],
  'more names than columns': ['3,1\n1,2', { hasHeader: false, columnNames: ['x', 'y', 'z'] }],
  'names twice': ['3,1\n1,2', { hasHeader: false, columnNames: ['x', 'x'] }],
  'no names': ['3,1\n1,2', { hasHeader: false, columnNames: [] }],
  'header twice, other names': ['a,a\n3,1', { columnNames: ['x', 'y'] }],
  'config of a replaced name': ['a,b\n3,1', { columnNames: ['x', 'y'], columnConfigs: { a: {} } }],
  'header in quotes': ['"a","b c","d,e"\n3,1,2'],
  'header with an empty name': ['a,,c\n3,1,2'],
  'header that ends in a comma': ['a,b,\n3,1,2'],
  'header without an end': ['a,b'],
  'header in DOS lines': ['a,b\r\n'],
  // At the end they are no rows here: data.test.mjs.
  'empty lines within': ['a,b\n1,2\n\n3,4\n'],
  'an empty first line': ['\na,b\n1,2\n'],
  'nothing, no header': ['', { hasHeader: false, columnNames: ['a'] }],
  'only a line': ['\n'],
  'old Mac lines': ['a,b\r1,2\r3,4'],
  'lines of both kinds': ['a,b\n1,2\r\n3,4\n5,6\r\n'],
  'names that objects have': ['__proto__,constructor,toString\n1,2,3\n'],
  'quotes inside': ['a,b\nx"y"z,2\n5"6,3\n'],
  'text after quotes': ['a,b\n"x"y,2\n"x" ,3\n'],
  'rows short and long': ['a,b,c\n1,2\n1,2,3,4\n1,2,3\n'],
  'blanks within quotes': ['a  b \n1   2\n  3  4  \n"x y"  3\n', { delimWhitespace: true }],
  'blanks, delimiter empty': ['a b\n1 2\n', { delimWhitespace: true, delimiter: '' }],
  wide: [
    `${Array.from({ length: 300 }, (_, i) => `c${i}`)}\n${Array.from({ length: 300 }, (_, i) => i)}\n`,
    { columnConfigs: { c3: { isLabel: true } } },
  ],
  ...Object.fromEntries(
    [undefined, 'int32', 'bool', 'float32', 'string', 'complex64'].map((dtype) => [
      `forms of numbers, ${dtype}`,
      [FORMS, { columnConfigs: { a: { dtype } } }],
    ]),
  ),
  ...Object.fromEntries(
    [';', '|', '.', '*', '', null, '\\', '\t', '"'].map((delimiter) => [
      `delimiter ${delimiter}`,
      [`a${delimiter || ','}b\n1${delimiter || ','}2\n"x${delimiter || ','}y"`, { delimiter }],
    ]),
  ),
};

test('data: tables with odd settings: as the peer', () =>
  same(
    Object.fromEntries(
      Object.entries(TABLES).flatMap(([name, [text, config]]) => {
        const table = (data) =>
          new data.CSVDataset(new data.FileDataSource(Buffer.from(text), { chunkSize: 7 }), config);
        return [
          [name, async (data) => [await table(data).columnNames(), await read(table(data))]],
          [`${name}, in batches`, list((data) => table(data).batch(2))],
        ];
      }),
    ),
  ));

test('data: pieces of texts: as the peer', () => {
  const source = (data, text, options) => new data.FileDataSource(Buffer.from(text), options).iterator();
  const letters = 'ᚠᛇᚻ᛫ᛒᛦᚦ'.repeat(9);
  return same({
    bytes: async (data) =>
      (await (await source(data, 'x'.repeat(55), { chunkSize: 10 })).toArrayForTest()).map((x) => x.length),
    'letters over several pieces': async (data) =>
      (await source(data, letters, { chunkSize: 50 })).decodeUTF8().toArrayForTest(),
    'letters that are cut': async (data) => (await source(data, 'é日🎉', { chunkSize: 1 })).decodeUTF8().toArray(),
    'between longer separators': async (data) => (await source(data, 'a--b--c--')).decodeUTF8().split('--').toArray(),
    'from an offset': async (data) => (await source(data, 'abcdef', { offset: 4 })).decodeUTF8().toArray(),
    'from beyond the end': async (data) => (await source(data, 'abcdef', { offset: 40 })).toArray(),
  });
});

test('data: what is no buffer size is refused', async () => {
  for (const size of [0, -1, NaN, Infinity])
    for (const stage of ['prefetch', 'shuffle'])
      await assert.rejects(async () => tf.data.array(ten)[stage](size).toArray(), {
        name: 'TensorineError',
        code: 'value',
      });
});
