// Layers of Keras that change pictures while training: what each does where its factor leaves no chance, that it stays
// within its bounds where it does, seeds, and that pictures stay as they are at inference.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { configOf, LAYERS, numbers } from '../lib/layers.mjs';

function near(got, want, what = '', tolerance = 1e-3) {
  const a = got.dataSync(),
    b = [want].flat(9);
  assert.equal(a.length, b.length, what);
  a.forEach((v, i) =>
    assert.ok(
      Math.abs(v - b[i]) <= tolerance * Math.max(1, Math.abs(b[i])),
      `${what}: [${i}] is ${v}, should be ${b[i]}`,
    ),
  );
}
const clean = (name, f) =>
  test(name, () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      f();
    });
    assert.equal(tf.memory().numTensors, before);
  });
const training = (name, config, x) => tf.layers[name](config).apply(x, { training: true });
const range = (n) => Array.from({ length: n }, (_, i) => i),
  nest = (h, w, f) => [range(h).map((i) => range(w).map((j) => [f(i, j)].flat()))];

clean('flips: half of the pictures, each way', () => {
  const one = [
      [1, 2],
      [3, 4],
    ],
    x = tf.tensor(range(400).map(() => one.map((r) => r.map((v) => [v])))),
    kinds = (mode) => {
      const seen = new Map();
      for (const y of training('randomFlip', { mode, seed: 3 }, x).arraySync()) {
        const key = y.flat(2).join();
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      return seen;
    };
  for (const [mode, all] of [
    ['horizontal', ['1,2,3,4', '2,1,4,3']],
    ['vertical', ['1,2,3,4', '3,4,1,2']],
    ['horizontalAndVertical', ['1,2,3,4', '2,1,4,3', '3,4,1,2', '4,3,2,1']],
  ]) {
    const seen = kinds(mode);
    assert.deepEqual([...seen.keys()].sort(), all);
    for (const n of seen.values()) assert.ok(Math.abs(n - 400 / all.length) < 60, `${mode}: ${[...seen]}`);
  }
});

clean('places: turned, zoomed, shifted, sheared', () => {
  const value = (i, j) => 10 * i + j,
    x = tf.tensor(nest(5, 5, value)),
    at = (i, j) => (i >= 0 && j >= 0 && i < 5 && j < 5 ? value(i, j) : -1),
    edge = { fillMode: 'constant', fillValue: -1, interpolation: 'nearest' };
  near(
    training('randomRotation', { factor: [0.25, 0.25], ...edge }, x),
    nest(5, 5, (i, j) => at(j, 4 - i)),
    'a quarter turn, against the clock',
  );
  near(
    training('randomRotation', { factor: [0.5, 0.5], ...edge }, x.squeeze([0])),
    nest(5, 5, (i, j) => at(4 - i, 4 - j)),
    'half a turn of one picture',
  );
  near(
    training('randomZoom', { heightFactor: [-0.5, -0.5], fillMode: 'nearest' }, x),
    nest(5, 5, (i, j) => 10 * (2 + (i - 2) / 2) + 2 + (j - 2) / 2),
    'twice as large',
  );
  near(
    training('randomZoom', { heightFactor: [0, 0], widthFactor: [1, 1], ...edge }, x),
    nest(5, 5, (i, j) => at(i, 2 + 2 * (j - 2))),
    'half as wide',
  );
  near(
    training('randomTranslation', { heightFactor: [0.2, 0.2], widthFactor: [-0.4, -0.4], ...edge }, x),
    nest(5, 5, (i, j) => at(i - 1, j + 2)),
    'shifted',
  );
  near(
    training(
      'randomTranslation',
      { heightFactor: [0.4, 0.4], widthFactor: 0, fillMode: 'wrap', interpolation: 'nearest' },
      x,
    ),
    nest(5, 5, (i, j) => at((i + 3) % 5, j)),
    'wrapped',
  );
  near(
    training('randomTranslation', { heightFactor: [0.4, 0.4], widthFactor: 0, interpolation: 'nearest' }, x),
    nest(5, 5, (i, j) => at(i < 2 ? 1 - i : i - 2, j)),
    'reflected',
  );
  const slants = new Set(
    range(20).map(() =>
      training('randomShear', { xFactor: [1, 1], ...edge }, x)
        .dataSync()
        .join(),
    ),
  );
  assert.deepEqual(
    slants,
    new Set(
      [1, -1].map((way) =>
        nest(5, 5, (i, j) => at(i, j + way * i))
          .flat(9)
          .join(),
      ),
    ),
  );
  near(training('randomPerspective', { factor: [1, 1], scale: 0 }, x), nest(5, 5, value));
  const first = training(
    'randomTranslation',
    { heightFactor: [0.2, 0.2], widthFactor: [0, 0], ...edge, dataFormat: 'channelsFirst' },
    x.transpose([0, 3, 1, 2]),
  );
  near(
    first,
    nest(5, 5, (i, j) => at(i - 1, j)),
    'channels first',
  );
  assert.deepEqual(first.shape, [1, 1, 5, 5]);
});

clean('crops', () => {
  const x = tf.tensor(nest(4, 6, (i, j) => 10 * i + j)),
    middle = tf.layers.randomCrop({ height: 2, width: 3 });
  near(middle.apply(x), [11, 12, 13, 21, 22, 23]);
  for (let k = 0; k < 20; k++) {
    const y = middle.apply(x, { training: true }).dataSync(),
      [first] = y;
    assert.deepEqual(
      [...y],
      [0, 1, 2, 10, 11, 12].map((v) => v + first),
    );
    assert.ok(Math.floor(first / 10) <= 2 && first % 10 <= 3);
  }
  assert.deepEqual(tf.layers.randomCrop({ height: 8, width: 8 }).apply(x).shape, [1, 8, 8, 1]);
  near(tf.layers.randomCrop({ height: 8, width: 8 }).apply(tf.fill([1, 4, 6, 1], 3)), Array(64).fill(3));
  assert.deepEqual(
    tf.layers.randomCrop({ height: 2, width: 3, dataFormat: 'channelsFirst' }).computeOutputShape([null, 3, 4, 6]),
    [null, 3, 2, 3],
  );
});

clean('light and contrast', () => {
  const values = numbers(2 * 4 * 4 * 3, 200, 0.1),
    x = tf.tensor(values, [2, 4, 4, 3]);
  near(
    training('randomBrightness', { factor: [0.5, 0.5] }, x),
    values.map((v) => Math.min(255, v + 127.5)),
  );
  near(training('randomBrightness', { factor: [-1, -1], valueRange: [0, 1] }, x.div(255)), Array(96).fill(0));
  const wide = tf.layers.randomContrast({ factor: [0.5, 1], valueRange: [-9999, 9999] }).apply(x, { training: true }),
    mean = x.mean([1, 2], true);
  const shares = wide.sub(mean).div(x.sub(mean)),
    most = shares.max([1, 2, 3]),
    least = shares.min([1, 2, 3]);
  near(most, [...least.dataSync()], 'one contrast a picture', 1e-2);
  for (const v of most.dataSync()) assert.ok(v >= 0.49 && v <= 2.01);
});

clean('colours', () => {
  const of = (name, config, pixels) => training(name, config, tf.tensor([[pixels]]));
  near(
    of('randomHue', { factor: [1, 1] }, [
      [255, 0, 0],
      [10, 20, 30],
      [7, 7, 7],
    ]),
    [0, 255, 255, 30, 20, 10, 7, 7, 7],
  );
  near(of('randomSaturation', { factor: [0, 0] }, [[200, 100, 50]]), [200, 200, 200]);
  near(
    of('randomSaturation', { factor: [0.5, 0.5] }, [
      [200, 100, 50],
      [0, 0, 0],
    ]),
    [200, 100, 50, 0, 0, 0],
  );
  near(of('randomSaturation', { factor: [1, 1] }, [[200, 100, 50]]), [200, 200 / 3, 0]);
  const gray = 200 * 0.2989 + 100 * 0.587 + 50 * 0.114;
  near(of('randomGrayscale', { factor: 1 }, [[200, 100, 50]]), [gray, gray, gray]);
  near(of('randomGrayscale', { factor: 0 }, [[200, 100, 50]]), [200, 100, 50]);
  near(
    of('randomColorDegeneration', { factor: [0.5, 0.5] }, [[200, 100, 50]]),
    [200, 100, 50].map((v) => (v + gray) / 2),
  );
  near(of('randomInvert', { factor: [1, 1] }, [[200, 100, 50]]), [55, 155, 205]);
  near(of('randomPosterization', { factor: 2 }, [[200, 100, 50]]), [192, 64, 0]);
  near(of('solarization', {}, [[200, 100, 50]]), [55, 155, 205]);
  near(
    of('solarization', { thresholdFactor: 0, additionFactor: 0, valueRange: [0, 1] }, [[0.2, 0.1, 1]]),
    [0.8, 0.9, 0],
  );
  near(
    tf.layers.autoContrast().apply(
      tf.tensor([
        [
          [
            [1, 5],
            [2, 5],
            [3, 5],
          ],
        ],
      ]),
    ),
    [0, 5, 127.5, 5, 255, 5],
  );
  near(training('equalization', {}, tf.tensor([[[[1], [2], [3]]]])), [0, 128, 255]);
  near(training('equalization', {}, tf.tensor([[[[7], [7]]]])), [7, 7]);
  near(
    training(
      'randomColorJitter',
      { brightnessFactor: [0.2, 0.2], saturationFactor: [0, 0] },
      tf.tensor([[[[100, 50, 0]]]]),
    ),
    [151, 151, 151],
  );
  assert.throws(() => of('randomHue', { factor: 1 }, [[1, 2]]), /must have 3 channels, but have 2/);
});

clean('sharpness, blur, erasing', () => {
  const values = numbers(25, 200, 0.1),
    x = tf.tensor(values, [1, 5, 5, 1]),
    at = (i, j) => (i >= 0 && j >= 0 && i < 5 && j < 5 ? values[5 * i + j] : 0);
  const smooth = (i, j) =>
    [-1, 0, 1].reduce((s, a) => s + [-1, 0, 1].reduce((t, b) => t + (at(i + a, j + b) * (a || b ? 1 : 5)) / 13, 0), 0);
  near(training('randomSharpness', { factor: [0, 0] }, x), nest(5, 5, smooth));
  near(training('randomSharpness', { factor: [0.5, 0.5] }, x), values);
  near(
    training('randomSharpness', { factor: [0.75, 0.75] }, x),
    nest(5, 5, (i, j) => Math.min(255, Math.max(0, 1.5 * at(i, j) - 0.5 * smooth(i, j)))),
  );
  const bell = [-1, 0, 1].map((d) => Math.exp((-d * d) / 2)),
    all = bell.reduce((a, b) => a + b);
  near(
    training('randomGaussianBlur', { factor: [1, 1], sigma: [1, 1] }, x),
    nest(5, 5, (i, j) =>
      [0, 1, 2].reduce(
        (s, a) => s + [0, 1, 2].reduce((t, b) => t + (at(i + a - 1, j + b - 1) * bell[a] * bell[b]) / all ** 2, 0),
        0,
      ),
    ),
  );
  near(training('randomGaussianBlur', { factor: 0 }, x), values);
  const erased = training(
      'randomErasing',
      { factor: [1, 1], scale: [0.25, 0.25], fillValue: 7 },
      tf.fill([9, 8, 8, 2], 50),
    ),
    share = erased.equal(7).sum([1, 2, 3]).div(128);
  for (const v of share.dataSync()) assert.ok(Math.abs(v - 0.25) < 0.15, `${v}`);
  assert.deepEqual([...new Set(erased.dataSync())].sort(), [50, 7]);
  near(training('randomErasing', { factor: 0 }, x), values);
});

clean('mixing and bending', () => {
  const x = tf.tensor([[[[0]]], [[[100]]]]),
    mixed = training('mixUp', { alpha: 1 }, x).dataSync();
  assert.ok(mixed.every((v) => v >= 0 && v <= 100));
  const cut = training('cutMix', {}, tf.concat([tf.zeros([4, 6, 6, 1]), tf.ones([4, 6, 6, 1])]));
  assert.ok(cut.dataSync().every((v) => v === 0 || v === 1));
  near(
    training(
      'randomElasticTransform',
      { factor: [1, 1], scale: [0, 0] },
      tf.tensor(numbers(25, 200, 0.1), [1, 5, 5, 1]),
    ),
    numbers(25, 200, 0.1),
  );
  near(training('randomElasticTransform', { factor: [1, 1] }, tf.fill([2, 9, 9, 3], 3)), Array(486).fill(3));
  for (const interpolation of ['nearest', 'bilinear'])
    for (const fillMode of ['reflect', 'wrap', 'nearest', 'constant']) {
      const values = numbers(2 * 8 * 8, 200, 0.1),
        y = training(
          'randomElasticTransform',
          { interpolation, fillMode, factor: [1, 1] },
          tf.tensor(values, [2, 8, 8, 1]),
        ).dataSync();
      assert.ok(y.every((v) => v >= 0 && v <= Math.max(...values) + 1e-3));
    }
  for (const name of ['randAugment', 'augMix'])
    for (let k = 0; k < 12; k++) {
      const y = training(name, {}, tf.tensor(numbers(2 * 6 * 6 * 3, 250, 0), [2, 6, 6, 3]));
      assert.deepEqual(y.shape, [2, 6, 6, 3]);
      assert.ok(y.dataSync().every((v) => v >= 0 && v <= 255));
    }
});

clean('a seed gives the same pictures again, others with each call', () => {
  const x = tf.tensor(numbers(2 * 6 * 6 * 3, 200, 0.1), [2, 6, 6, 3]),
    [a, b] = [1, 1].map((seed) => tf.layers.randomRotation({ factor: 1, seed }));
  const first = range(3).map(() => [...a.apply(x, { training: true }).dataSync()]),
    second = range(3).map(() => [...b.apply(x, { training: true }).dataSync()]);
  assert.deepEqual(first, second);
  assert.notDeepEqual(first[0], first[1]);
});

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8')).layer;
const CHANGING = declared
  .map(({ name }) => name)
  .filter((name) =>
    /^random(?!Width|Crop)|^(solarization|equalization|mixUp|cutMix|augMix|randAugment|maxNumBoundingBoxes)$/i.test(
      name,
    ),
  );
for (const name of CHANGING)
  clean(`${name}: nothing changes at inference, and shapes never`, () => {
    const config = configOf(tf, name),
      x = tf.tensor(numbers(2 * 6 * 6 * 3, 1, 0), [2, 6, 6, 3]),
      layer = tf.layers[name](config);
    near(layer.apply(x), [...x.dataSync()]);
    near(layer.apply(x.toInt()), [...x.toInt().dataSync()]);
    assert.deepEqual(layer.apply(x, { training: true }).shape, x.shape);
    assert.deepEqual(layer.computeOutputShape([null, 6, 6, 3]), [null, 6, 6, 3]);
    assert.ok(LAYERS[name]);
  });
