// A small transformer of classes of one's own, written as packages for texts write theirs: masks that an embedding
// makes and layers pass on or use, initializers from tf.initializers, layers inside layers; beside TensorFlow.js.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as peer from '@tensorflow/tfjs';
import * as tf from '../../dist/tensorine.mjs';

await peer.setBackend('cpu');
let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const WORDS = 11,
  STEPS = 6,
  SIZE = 8,
  HEADS = 2;

/** The classes, of either library; seeds make no difference, since weights are copied. */
function classesOf(lib) {
  const clone = (initializer) => initializer.constructor.fromConfig(initializer.constructor, initializer.getConfig());

  /** Words and their places, added; word 0 fills up. */
  class TokenAndPosition extends lib.layers.Layer {
    constructor(args) {
      super(args);
      ((this.words = args.words), (this.steps = args.steps), (this.size = args.size));
      this.initializer = args.initializer ?? lib.initializers.randomUniform({ minval: -0.5, maxval: 0.5 });
      this.supportsMasking = true;
    }
    build() {
      this.tokens = this.addWeight('tokens', [this.words, this.size], 'float32', clone(this.initializer));
      this.places = this.addWeight('places', [this.steps, this.size], 'float32', clone(this.initializer));
      this.built = true;
    }
    computeOutputShape(shape) {
      return [...shape, this.size];
    }
    computeMask(inputs) {
      return lib.tidy(() => lib.notEqual([inputs].flat()[0], lib.scalar(0, 'int32')));
    }
    call(inputs) {
      return lib.tidy(() => lib.gather(this.tokens.read(), [inputs].flat()[0].cast('int32')).add(this.places.read()));
    }
    getConfig() {
      return { ...super.getConfig(), words: this.words, steps: this.steps, size: this.size };
    }
    static get className() {
      return 'TokenAndPosition';
    }
  }

  /** Attention among the steps that count. */
  class SelfAttention extends lib.layers.Layer {
    constructor(args) {
      super(args);
      ((this.heads = args.heads), (this.size = args.size));
      this.supportsMasking = true;
    }
    build(shape) {
      const initializer = lib.initializers.varianceScaling({ scale: 1, mode: 'fanAvg', distribution: 'uniform' });
      for (const name of ['query', 'key', 'value', 'mixing'])
        this[name] = this.addWeight(name, [shape.at(-1), this.size], 'float32', clone(initializer), undefined, true);
      this.shift = this.addWeight('shift', [this.size], 'float32', lib.initializers.zeros());
      this.built = true;
    }
    computeOutputShape(shape) {
      return shape;
    }
    call(inputs, kwargs) {
      return lib.tidy(() => {
        const x = [inputs].flat()[0],
          [batch, steps] = x.shape,
          part = this.size / this.heads;
        const by = (w) =>
          lib
            .matMul(x.reshape([-1, x.shape[2]]), w.read())
            .reshape([batch, steps, this.heads, part])
            .transpose([0, 2, 1, 3]);
        let scores = lib.matMul(by(this.query), by(this.key), false, true).mul(1 / Math.sqrt(part));
        const mask = [kwargs?.mask].flat()[0];
        if (mask) scores = scores.add(lib.sub(1, mask.cast('float32')).mul(-1e9).reshape([batch, 1, 1, steps]));
        const mixed = lib.matMul(lib.softmax(scores), by(this.value)).transpose([0, 2, 1, 3]).reshape([-1, this.size]);
        return lib.matMul(mixed, this.mixing.read()).reshape(x.shape).add(this.shift.read());
      });
    }
    getConfig() {
      return { ...super.getConfig(), heads: this.heads, size: this.size };
    }
    static get className() {
      return 'SelfAttention';
    }
  }

  /** Residue and norm about layers inside: one of one's own, and some of the library's. */
  class Encoder extends lib.layers.Layer {
    constructor(args) {
      super(args);
      ((this.size = args.size), (this.heads = args.heads));
      this.supportsMasking = true;
    }
    build(shape) {
      this.attention = new SelfAttention({ name: `${this.name}_attention`, heads: this.heads, size: this.size });
      this.first = lib.layers.layerNormalization({ name: `${this.name}_first`, epsilon: 1e-5 });
      this.second = lib.layers.layerNormalization({ name: `${this.name}_second`, epsilon: 1e-5 });
      this.wide = lib.layers.dense({
        name: `${this.name}_wide`,
        units: 2 * this.size,
        activation: 'relu',
        kernelInitializer: lib.initializers.glorotNormal({}),
      });
      this.narrow = lib.layers.dense({
        name: `${this.name}_narrow`,
        units: this.size,
        kernelInitializer: 'glorotUniform',
      });
      const one = Array.isArray(shape[0]) ? shape[0] : shape;
      for (const layer of [this.attention, this.first, this.second, this.wide])
        (layer.build(one), (layer.built = true));
      (this.narrow.build([...one.slice(0, -1), 2 * this.size]), (this.narrow.built = true));
      this._trainableWeights = [this.attention, this.first, this.second, this.wide, this.narrow].flatMap(
        (layer) => layer.trainableWeights,
      );
      this.built = true;
    }
    get trainableWeights() {
      return this._trainableWeights ?? [];
    }
    get weights() {
      return this.trainableWeights;
    }
    computeOutputShape(shape) {
      return shape;
    }
    call(inputs, kwargs) {
      return lib.tidy(() => {
        const x = [inputs].flat()[0],
          seen = this.first.apply(lib.add(x, this.attention.call(x, kwargs)));
        return this.second.apply(lib.add(seen, this.narrow.apply(this.wide.apply(seen))));
      });
    }
    getConfig() {
      return { ...super.getConfig(), heads: this.heads, size: this.size };
    }
    static get className() {
      return 'Encoder';
    }
  }

  /** The mean of the steps that count; no mask goes on. */
  class MaskedMean extends lib.layers.Layer {
    constructor(args) {
      super(args ?? {});
      this.supportsMasking = true;
    }
    computeOutputShape(shape) {
      return [shape[0], shape[2]];
    }
    computeMask() {
      return null;
    }
    call(inputs, kwargs) {
      return lib.tidy(() => {
        const x = [inputs].flat()[0],
          mask = [kwargs?.mask].flat()[0],
          counts = (mask ? mask.cast('float32') : lib.ones(x.shape.slice(0, 2))).expandDims(2);
        return lib.div(lib.sum(x.mul(counts), 1), lib.sum(counts, 1));
      });
    }
    static get className() {
      return 'MaskedMean';
    }
  }
  for (const cls of [TokenAndPosition, SelfAttention, Encoder, MaskedMean]) lib.serialization.registerClass(cls);
  return { TokenAndPosition, Encoder, MaskedMean };
}

const made = new Map([
  [tf, classesOf(tf)],
  [peer, classesOf(peer)],
]);
function transformer(lib) {
  const { TokenAndPosition, Encoder, MaskedMean } = made.get(lib),
    input = lib.input({ shape: [STEPS], dtype: 'int32' });
  let x = new TokenAndPosition({ name: 'tokens', words: WORDS, steps: STEPS, size: SIZE }).apply(input);
  for (const name of ['lower', 'upper']) x = new Encoder({ name, size: SIZE, heads: HEADS }).apply(x);
  x = new MaskedMean({ name: 'mean' }).apply(x);
  return lib.model({
    inputs: input,
    outputs: lib.layers.dense({ units: 2, activation: 'softmax', name: 'says' }).apply(x),
  });
}

/** Texts of several lengths, filled up with 0; whether word 3 stands before word 7. */
const TEXTS = Array.from({ length: 24 }, (_, i) =>
  Array.from({ length: STEPS }, (__, t) => (t < 3 + (i % 4) ? 1 + ((i * 7 + t * 5 + (i >> 2) * t) % (WORDS - 1)) : 0)),
);
const SAYS = TEXTS.map((text) => Number(text.includes(3) && text.includes(7)));
const near = (got, want, tolerance) => {
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
};
const flat = (tensors) => tensors.flatMap((t) => [...t.dataSync()]);

test("a transformer of one's own predicts and trains as beside TensorFlow.js", async () => {
  const [ours, theirs] = [tf, peer].map(transformer);
  assert.deepEqual(
    ours.weights.map((w) => w.shape),
    theirs.weights.map((w) => w.shape),
  );
  ours.setWeights(theirs.getWeights().map((w) => tf.tensor(w.dataSync(), w.shape)));
  const [[x, y], [px, py]] = [tf, peer].map((lib) => [
    lib.tensor(TEXTS, undefined, 'int32'),
    lib.oneHot(lib.tensor1d(SAYS, 'int32'), 2).cast('float32'),
  ]);
  const predicted = () =>
    [ours.predict(x), theirs.predict(px)].map((p) => {
      const v = [...p.dataSync()];
      p.dispose();
      return v;
    });
  near(...predicted(), 1e-5);

  // What fills up does not count: with another filling that is masked the same comes out.
  const short = tf.tidy(() => [...ours.predict(tf.tensor([TEXTS[0]], undefined, 'int32')).dataSync()]);
  near(short, predicted()[0].slice(0, 2), 1e-5);

  for (const [lib, model] of [
    [tf, ours],
    [peer, theirs],
  ])
    model.compile({ optimizer: lib.train.sgd(0.1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const FIT = { epochs: 8, batchSize: 8, shuffle: false, verbose: 0 },
    ran = [await ours.fit(x, y, FIT), await theirs.fit(px, py, FIT)];
  near(ran[0].history.loss, ran[1].history.loss, 1e-3);
  assert.ok(ran[0].history.loss.at(-1) < ran[0].history.loss[0]);
  near(ran[0].history.acc, ran[1].history.acc, 1e-5);
  near(...predicted(), 2e-3);

  // Through a file of TensorFlow.js's, whose weights have other names: inner layers are not in them.
  let written;
  await theirs.save(
    peer.io.withSaveHandler(async (artifacts) => {
      written = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const converted = await tf.loadLayersModel(tf.io.fromMemory(written));
  near(flat(converted.getWeights()), flat(theirs.getWeights()), 0);

  // And through a file of ours.
  let kept;
  await ours.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const again = await tf.loadLayersModel(tf.io.fromMemory(kept));
  near(flat(again.getWeights()), flat(ours.getWeights()), 0);
  const p = again.predict(x);
  near([...p.dataSync()], predicted()[0], 1e-6);
  tf.dispose([p, x, y]);
  for (const model of [ours, again, converted]) model.dispose();
  ours.optimizer.dispose();
});

test("masks by hand: computeMask of a layer of one's own, and of what follows it", () =>
  tf.tidy(() => {
    const { TokenAndPosition, MaskedMean } = made.get(tf),
      tokens = new TokenAndPosition({ words: 4, steps: 3, size: 2, initializer: tf.initializers.ones() }),
      x = tf.tensor([[1, 2, 0]], undefined, 'int32');
    const y = tokens.apply(x),
      mask = tokens.computeMask(x);
    assert.deepEqual(
      mask.arraySync(),
      [[1, 1, 0]].map((row) => row.map((v) => (typeof mask.arraySync()[0][0] === 'boolean' ? Boolean(v) : v))),
    );
    assert.deepEqual(y.arraySync(), [
      [
        [2, 2],
        [2, 2],
        [2, 2],
      ],
    ]);
    const pooled = new MaskedMean().apply(y.mul(tf.tensor([[[1], [2], [100]]])), { mask });
    assert.deepEqual(pooled.arraySync(), [[3, 3]]);
    // A built-in layer that minds masks, after it.
    const input = tf.input({ shape: [3], dtype: 'int32' }),
      lstm = tf.layers.lstm({ units: 2, kernelInitializer: 'ones', recurrentInitializer: 'ones' });
    const model = tf.model({ inputs: input, outputs: lstm.apply(tokens.apply(input)) });
    const two = tf.model({ inputs: input, outputs: model.layers[1].output });
    const want = lstm.apply(two.predict(x).slice([0, 0, 0], [1, 2, 2]));
    near([...model.predict(x).dataSync()], [...want.dataSync()], 1e-6);
    for (const m of [model, two]) m.dispose();
    tokens.dispose(); // it was called by itself first
  }));

for (const name of [
  'zeros',
  'ones',
  'constant',
  'randomUniform',
  'randomNormal',
  'truncatedNormal',
  'varianceScaling',
  'glorotUniform',
  'glorotNormal',
  'heNormal',
  'heUniform',
  'leCunNormal',
  'leCunUniform',
  'orthogonal',
  'identity',
])
  test(`initializers.${name} is made, applied, written and made again as beside TensorFlow.js`, () =>
    tf.tidy(() => {
      const args = /zeros|ones/.test(name)
        ? undefined
        : /constant/.test(name)
          ? { value: 3 }
          : /identity/.test(name)
            ? {}
            : { seed: 5 };
      const results = [tf, peer].map((lib) => {
        const one = lib.initializers[name](args),
          again = one.constructor.fromConfig(one.constructor, one.getConfig());
        return [one, again].map((i) => [
          i.getClassName(),
          Object.keys(i.getConfig())
            .filter((k) => i.getConfig()[k] !== null && i.getConfig()[k] !== undefined)
            .sort(),
          lib.tidy(() => {
            const t = i.apply([3, 3], 'float32');
            return [t.shape, t.dtype];
          }),
        ]);
      });
      assert.deepEqual(results[0], results[1]);
      const made = [0, 1].map(() => tf.initializers[name](args).apply([4, 4]));
      assert.deepEqual(made[0].arraySync(), made[1].arraySync());
    }));
