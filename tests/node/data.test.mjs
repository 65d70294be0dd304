// Datasets beyond what the peer says: who owns which tensor, what is left after errors, what is read
// of a stream, and the names that only we have. No test leaves a tensor.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { isError, leavesNothing } from './io_model.mjs';

const { data } = tf;
leavesNothing();

let server, url, sent, folder;
const text = `x,y\n${Array.from({ length: 50000 }, (_, i) => `${i},${i % 7}`).join('\n')}\n`;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tensorine-data-'));
  server = createServer((request, response) => {
    if (request.url === '/none') return response.writeHead(404, 'Nothing here').end();
    if (request.url !== '/slow') return response.end(text);
    const timer = setInterval(() => {
      sent++;
      response.write(`a${sent},b\n`.repeat(1000));
    }, 5);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise((go) => server.listen(0, '127.0.0.1', go));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const live = () => tf.memory().numTensors;
/** A dataset of n pairs of tensors made as they are asked for. */
const pairs = (n) =>
  data.generator(function* () {
    for (let i = 0; i < n; i++) yield { a: tf.tensor([i, i]), b: tf.scalar(i), i };
  });
const broken = (at) => (x) => {
  if (x.i === at) throw new RangeError(`broken at ${at}`);
  return x;
};

// ---- ownership ----

test('data: arrays keep their tensors; iterators give handles of their own', async () => {
  const own = [tf.tensor([1]), tf.tensor([2])];
  const dataset = data.array(own.map((x) => ({ x })));
  for (let i = 0; i < 2; i++) await dataset.forEachAsync(({ x }) => assert.equal(x.isDisposed, false));
  assert.equal(live(), 2);
  tf.dispose(await dataset.toArray());
  assert.deepEqual(
    own.map((x) => x.isDisposed),
    [false, false],
  );
  tf.dispose(own);
});

test('data: every stage passes tensors on or disposes them', async () => {
  const dataset = pairs(20)
    .map(({ a, b, i }) => ({ a: a.add(1).mul(2), b, i }))
    .skip(3)
    .filter(({ i }) => i % 3 !== 0)
    .mapAsync(async ({ a, i }) => ({ a, i }))
    .prefetch(4)
    .shuffle(5, 's')
    .batch(4);
  const batches = await dataset.toArray();
  assert.deepEqual(
    batches.map(({ a, i }) => [a.shape, i.shape]),
    [
      [[4, 2], [4]],
      [[4, 2], [4]],
      [[3, 2], [3]],
    ],
  );
  assert.equal(live(), 6);
  tf.dispose(batches);
  assert.equal(live(), 0);
  await dataset.forEachAsync(() => {});
});

test('data: a last batch that is left out is disposed', async () => {
  const batches = await pairs(7).batch(3, false).toArray();
  assert.equal(live(), 6);
  tf.dispose(batches);
});

test('data: of streams zipped, what the longer ones gave last is disposed', async () => {
  tf.dispose(await data.zip({ x: pairs(3), y: pairs(5), z: data.array([1, 2]) }).toArray());
});

test('data: forEachAsync waits for what f promises before it disposes', async () => {
  let sum = 0;
  await pairs(4).forEachAsync(async ({ a, b }) => {
    await new Promise((go) => setTimeout(go, 2));
    sum += (await a.data())[0] + (await b.data())[0];
  });
  assert.equal(sum, 12);
});

test('data: filter takes promises', async () => {
  const dataset = pairs(6)
    .filter(async ({ a }) => (await a.sum().data())[0] >= 6)
    .map(({ i }) => i);
  assert.deepEqual(await dataset.toArray(), [3, 4, 5]);
});

test('data: in a scope elements belong to it', async () => {
  await tf.tidy(async () => {
    await pairs(5).batch(2).toArray();
  });
});

// ---- errors ----

test('data: errors leave nothing behind, whatever stage they come from', async () => {
  const stages = [
    (d) => d.map(broken(3)),
    (d) => d.mapAsync(async (x) => broken(3)(x)),
    (d) => d.filter(broken(3)),
    (d) => d.filter((x) => broken(3)(x).i >= 0),
    (d) => d.map(broken(3)).batch(2),
    (d) => data.zip([d.map(broken(3)), pairs(9)]),
    (d) =>
      d.map((x) => {
        x.a.add(1);
        return broken(3)(x);
      }),
    (d) =>
      d.mapAsync(async ({ a, i }) => {
        broken(3)({ i });
        return a;
      }),
  ];
  for (const stage of stages) {
    await assert.rejects(
      stage(pairs(6)).forEachAsync(() => {}),
      /broken at 3/,
    );
    await assert.rejects(stage(pairs(6)).toArray(), /broken at 3/);
  }
  await assert.rejects(
    pairs(6).forEachAsync((x) => {
      broken(2)(x);
    }),
    RangeError,
  );
});

test('data: reads ahead that nobody takes are no unhandled rejections', async () => {
  const iterator = await data
    .array([0, 1, 2, 3])
    .map((i) => broken(2)({ i }))
    .prefetch(4)
    .iterator();
  assert.deepEqual((await iterator.next()).value, { i: 0 });
  await new Promise((go) => setTimeout(go, 5));
});

test('data: after an error the next element can be read', async () => {
  const iterator = await data
    .array([0, 1, 2, 3, 4])
    .map((i) => broken(1)({ i }))
    .filter(() => true)
    .iterator();
  assert.equal((await iterator.next()).value.i, 0);
  await assert.rejects(iterator.next(), /broken/);
  assert.equal((await iterator.next()).value.i, 2);
});

test('data: errors are typed', async () => {
  assert.throws(() => data.array([1]).batch(-2), isError('value', '-2'));
  assert.throws(() => data.array([1]).shuffle(), isError('value', 'bufferSize', '(1 elements)'));
  await assert.rejects(data.array([1]).shuffle(0).toArray(), isError('value', 'from 1 on', '0'));
  await assert.rejects(
    data
      .array([1])
      .map(async (x) => x)
      .toArray(),
    isError('value', 'mapAsync'),
  );
  await assert.rejects(
    data
      .array([[1, 2], [3]])
      .batch(2)
      .toArray(),
    { name: 'TensorineError' },
  );
  await assert.rejects(new data.TextLineDataset(new data.FileDataSource(5)).toArray(), isError('value', 'Uint8Array'));
  await assert.rejects(data.webcam(), isError('device', 'browser'));
  await assert.rejects(data.microphone(), isError('device', 'browser'));
  await assert.rejects(data.csv(`${url}/none`).toArray(), isError('file', '404', 'Nothing here'));
  await assert.rejects(data.csv('http://127.0.0.1:1/x').toArray(), isError('file', '127.0.0.1:1'));
  await assert.rejects(data.csv(`file://${folder}/none.csv`).columnNames(), isError('file', 'none.csv'));
});

// ---- sizes and ends ----

test('data: sizes are those of the elements', async () => {
  const three = data.array([1, 2, 3]),
    unknown = pairs(2);
  const sizes = [
    [three.take(-1), 3],
    [three.take(), 3],
    [three.skip(-1), 3],
    [three.skip(), 3],
    [data.array([]).repeat(), 0],
    [data.zip({ a: three, b: { c: three.repeat(), d: three.skip(1) } }), 2],
    [data.zip([three, unknown]), null],
    [unknown.repeat(), null],
    [three.repeat().batch(2), Infinity],
    [three.concatenate(unknown), null],
  ];
  for (const [dataset, size] of sizes) assert.equal(dataset.size, size);
});

test('data: nothing repeated without end is nothing', async () => {
  assert.deepEqual(
    await data
      .generator(function* () {})
      .repeat()
      .toArray(),
    [],
  );
  assert.deepEqual(await data.zip({}).toArray(), []);
  await pairs(2)
    .filter(() => false)
    .repeat()
    .forEachAsync(() => {});
});

test('data: without reshuffleEachIteration the order stays', async () => {
  const dataset = data.array(Array.from({ length: 30 }, (_, i) => i)).shuffle(30, 'seed', false);
  const first = await dataset.toArray();
  assert.deepEqual(await dataset.toArray(), first);
  assert.notDeepEqual(
    first,
    [...first].sort((a, b) => a - b),
  );
  const fresh = data.array(first).shuffle(30);
  assert.notDeepEqual(await fresh.toArray(), await fresh.toArray());
});

test('data: for await reads datasets and iterators', async () => {
  const got = [];
  for await (const x of data.array([1, 2, 3]).map((v) => v * 2)) got.push(x);
  for await (const x of await data.array([7, 8]).iterator()) got.push(x);
  assert.deepEqual(got, [2, 4, 6, 7, 8]);
});

test('data: func has one stream', async () => {
  let i = 0;
  const dataset = data.func(() => (i < 5 ? { value: i++, done: false } : { value: null, done: true }));
  const first = await dataset.iterator(),
    second = await dataset.iterator();
  assert.equal(first, second);
  assert.deepEqual([(await first.next()).value, await dataset.toArray()], [0, [1, 2, 3, 4]]);
  await assert.rejects(
    data
      .func(() => {
        throw new RangeError('no');
      })
      .toArray(),
    /^RangeError: Error thrown while iterating through a dataset: no$/,
  );
});

test('data: datasets of our own', async () => {
  class Countdown extends data.Dataset {
    async iterator() {
      return data.array([3, 2, 1]).iterator();
    }
  }
  assert.deepEqual(await new Countdown().map((x) => x * x).toArray(), [9, 4, 1]);
  assert.equal(new Countdown().size, null);
});

test('data: elements that are no containers are passed as they are', async () => {
  const date = new Date(0),
    bytes = new ArrayBuffer(4);
  class Point {
    constructor(x) {
      this.x = x;
    }
  }
  const [got] = await data
    .array([{ date, bytes, point: new Point(3), blob: new Blob(['abc']), map: new Map([[1, 2]]) }])
    .toArray();
  assert.deepEqual([got.date, got.bytes, got.point, got.map], [date, bytes, new Point(3), new Map([[1, 2]])]);
  assert.ok(got.point instanceof Point);
  assert.equal(await got.blob.text(), 'abc');
});

// ---- text ----

test('data: csv from a URL, a Request and a file, several times', async () => {
  writeFileSync(join(folder, 'table.csv'), `\uFEFF${text}`);
  for (const source of [`${url}/table.csv`, new Request(`${url}/table.csv`), `file://${folder}/table.csv`]) {
    const table = data.csv(source, { columnConfigs: { y: { isLabel: true } } });
    assert.deepEqual(await table.columnNames(), ['x', 'y']);
    let rows = 0,
      sum = 0;
    await table.forEachAsync(({ xs, ys }) => {
      rows++;
      sum += xs.x - ys.y;
    });
    assert.deepEqual(
      [rows, sum],
      [50000, (50000 * 49999) / 2 - Array.from({ length: 50000 }, (_, i) => i % 7).reduce((a, b) => a + b)],
    );
    const [batch] = await table.take(3).batch(3).toArray();
    assert.deepEqual(
      [batch.xs.x.arraySync(), batch.ys.y.arraySync()],
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
    );
    tf.dispose(batch);
  }
});

test('data: a stream is read as it arrives, and ended when only names are wanted', async () => {
  sent = 0;
  const source = new data.URLDataSource(`${url}/slow`, { chunkSize: 1000 });
  const table = new data.CSVDataset(source);
  assert.deepEqual(await table.columnNames(), ['a1', 'b']);
  await new Promise((go) => setTimeout(go, 30));
  const ended = sent;
  await new Promise((go) => setTimeout(go, 50));
  assert.equal(sent, ended, 'the server still sends');
});

test('data: pieces have the size that was asked for, also of streams', async () => {
  const bytes = new TextEncoder().encode(text);
  const sources = [
    new data.FileDataSource(bytes, { offset: 7, chunkSize: 100000 }),
    new data.URLDataSource(`${url}/x`, { offset: 7, chunkSize: 100000 }),
    new data.FileDataSource(new Blob([bytes]), { offset: 7, chunkSize: 100000 }),
  ];
  for (const source of sources) {
    const pieces = await (await source.iterator()).toArray();
    assert.ok(pieces.slice(0, -1).every(({ length }) => length === 100000));
    assert.equal(Buffer.compare(Buffer.concat(pieces), bytes.subarray(7)), 0);
  }
});

test('data: text that ends within a letter ends with a sign of that', async () => {
  const source = new data.FileDataSource(new Uint8Array([97, 10, 0xc3]));
  assert.deepEqual(await new data.TextLineDataset(source).toArray(), ['a', '\uFFFD']);
});

test('data: blank lines at the end of a table are no rows', async () => {
  const rows = (text, config) => new data.CSVDataset(new data.FileDataSource(new Blob([text])), config).toArray();
  for (const end of ['', '\n', '\n\n', '\r\n\r\n\r\n'])
    assert.deepEqual(await rows(`a,b\n1,2\n3,4${end}`), [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
  await assert.rejects(rows('a,b\n1,2\n\n3,4\n'), isError('value', 'Should have 2 elements in a row'));
  assert.deepEqual(await rows('a\n1\n\n'), [{ a: 1 }, { a: undefined }], 'of one column they are, as with the peer');
  assert.deepEqual(await rows('a\tb\n1\t2\n\t\n', { delimiter: '\t' }), [
    { a: 1, b: 2 },
    { a: undefined, b: undefined },
  ]);
});

test('data: a path where a URL is wanted says how a file is read', async () => {
  await assert.rejects(data.csv('/nowhere/a.csv').toArray(), isError('file', 'read from file:///nowhere/a.csv'));
  await assert.rejects(
    new data.TextLineDataset(new data.URLDataSource('a.txt')).toArray(),
    isError('file', 'a.txt is a path, not a URL: files are read from file://a.txt'),
  );
  await assert.rejects(
    new data.TextLineDataset(new data.FileDataSource('a.txt')).toArray(),
    isError('value', 'A file is read from file://a.txt'),
  );
});
