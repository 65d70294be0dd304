// Datasets against TensorFlow.js: what each stage reads ahead and when, whatever is asked for at once. The
// source, the functions of the stages and the reader write down what they see.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const warn = console.warn;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;

const sleep = (ms) => new Promise((go) => setTimeout(go, ms));
const slowly = (log) => async (v) => {
  log.push(`begin ${v}`);
  await sleep(3);
  log.push(`end ${v}`);
  return v;
};
const some = (log) => (v) => {
  log.push(`filter ${v}`);
  return v % 3 !== 0;
};

/** Until nothing is written down any more: turns of timers, not time, so that a busy machine changes nothing. */
async function rest(log) {
  for (let quiet = 0, seen = -1; quiet < 6; quiet++) {
    if (seen !== log.length) [quiet, seen] = [0, log.length];
    await sleep(4);
  }
}

/** Ten numbers by a generator, by one that waits, and out of an array. */
const SOURCES = {
  generator: (data, log) =>
    data.generator(function* () {
      for (let i = 0; i < 10; i++) {
        log.push(`source ${i}`);
        yield i;
      }
      log.push('source ends');
    }),
  'async generator': (data, log) =>
    data.generator(async function* () {
      for (let i = 0; i < 10; i++) {
        await sleep(1);
        log.push(`source ${i}`);
        yield i;
      }
    }),
  array: (data, log) =>
    data.array(Array.from({ length: 10 }, (_, i) => i)).map((v) => {
      log.push(`source ${v}`);
      return v;
    }),
};

const STAGES = {
  map: (x, log) =>
    x.map((v) => {
      log.push(`map ${v}`);
      return v;
    }),
  mapAsync: (x, log) => x.mapAsync(slowly(log)),
  filter: (x, log) => x.filter(some(log)),
  batch: (x) => x.batch(3),
  'batch, whole ones only': (x) => x.batch(3, false),
  take: (x) => x.take(5),
  skip: (x) => x.skip(2),
  'prefetch one': (x) => x.prefetch(1),
  prefetch: (x) => x.prefetch(4),
  shuffle: (x) => x.shuffle(4, 's'),
  repeat: (x) => x.repeat(2),
  'repeat without end': (x) => x.repeat().take(25),
  concatenate: (x, log, data) => x.concatenate(data.array([100, 101])),
  zip: (x, log, data) => data.zip({ x, y: SOURCES.generator(data, log).take(7) }),
  'mapAsync, prefetch': (x, log) => x.mapAsync(slowly(log)).prefetch(4),
  'prefetch, mapAsync': (x, log) => x.prefetch(4).mapAsync(slowly(log)),
  'filter, prefetch': (x, log) => x.filter(some(log)).prefetch(3),
  'batch, prefetch': (x) => x.batch(2).prefetch(2),
  'shuffle, batch': (x) => x.shuffle(3, 'q').batch(2),
  'skip, take, prefetch': (x) => x.skip(2).take(4).prefetch(3),
};

/** An element, its tensors as numbers. */
const plain = ({ value, done }) => [done, typeof value?.dataSync === 'function' ? [...value.dataSync()] : value];

/** Ways to read; each says what was written down from one rest to the next, in no order. */
const READERS = {
  async 'one by one'(iterator, log) {
    const steps = [];
    for (let i = 0; i < 4; i++) {
      steps.push(plain(await iterator.next()));
      await rest(log);
      steps.push(log.splice(0).sort());
    }
    return steps;
  },
  async 'five at once'(iterator, log) {
    const elements = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));
    await rest(log);
    return [elements.map(plain), log.sort()];
  },
};

async function trace(t, source, stage, reader) {
  const log = [],
    dataset = STAGES[stage](SOURCES[source](t.data, log), log, t.data);
  return READERS[reader](await dataset.iterator(), log);
}

for (const source of Object.keys(SOURCES)) {
  test(`data: what is read ahead of ${source}: as the peer`, async () => {
    const cases = Object.keys(STAGES).flatMap((stage) => Object.keys(READERS).map((reader) => [source, stage, reader]));
    await Promise.all(
      cases.map(async (names) => {
        const [got, want] = await Promise.all([trace(tf, ...names), trace(peer, ...names)]);
        assert.deepEqual(got, want, names.join(', '));
      }),
    );
  });
}

test('data: forEachAsync reads one after the other: as the peer', async () => {
  for (const stage of Object.keys(STAGES)) {
    const run = async (t) => {
      const log = [],
        dataset = STAGES[stage](SOURCES.generator(t.data, log), log, t.data);
      await dataset.forEachAsync((value) => {
        log.push(`reader ${JSON.stringify(plain({ value }))}`);
      });
      return log.filter((line) => line.startsWith(stage.includes('prefetch') || stage === 'shuffle' ? 'reader' : ''));
    };
    assert.deepEqual(await run(tf), await run(peer), stage);
  }
});
