// What dispose() lets go, and what stays: nested models, shared layers, wrappers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saved, testBoth, tf } from '../lib/both.mjs';

const dense = (units, name, more) => tf.layers.dense({ units, name, ...more });
const inner = () => tf.sequential({ layers: [dense(3, 'a', { inputShape: [2] }), dense(2, 'b')] });
const around = (model) => {
  const x = tf.input({ shape: [2] });
  return tf.model({ inputs: x, outputs: dense(1, 'top').apply(model.apply(x)) });
};
/** A test after which no tensor is left. */
const clean = (name, f) =>
  test(name, async () => {
    const before = tf.memory().numTensors;
    await f();
    assert.equal(tf.memory().numTensors, before);
  });
const works = (model) => tf.tidy(() => model.predict(tf.ones([1, 2])).dataSync().length > 0);
const gone = (f) => assert.throws(f, (error) => error.code === 'disposed');

clean('a model stays when one around it is disposed', () => {
  const base = inner(),
    outer = around(base);
  assert.deepEqual(outer.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 2 });
  assert.ok(works(base));
  gone(() => works(outer));
  assert.deepEqual(base.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 4 });
  gone(() => works(base));
});

clean('a model that is disposed first goes with the one around it', () => {
  const base = inner(),
    outer = around(base);
  assert.deepEqual(base.dispose(), { refCountAfterDispose: 1, numDisposedVariables: 0 });
  assert.ok(works(outer));
  assert.equal(outer.dispose().numDisposedVariables, 6);
  gone(() => works(base));
});

clean('a model in two others goes when it and they are disposed', () => {
  const base = inner(),
    [one, two] = [around(base), around(base)];
  one.dispose();
  assert.ok(works(two) && works(base));
  base.dispose();
  assert.ok(works(two));
  assert.equal(two.dispose().numDisposedVariables, 6);
});

clean('in a stack, and within TimeDistributed', () => {
  const base = inner(),
    outer = tf.sequential({ layers: [base, dense(1, 'top')] });
  const steps = tf.sequential({ layers: [tf.layers.timeDistributed({ layer: base, inputShape: [3, 2] })] });
  outer.dispose();
  steps.dispose();
  assert.ok(works(base));
  base.dispose();
});

clean('a nested model of a file goes with the one around it', async () => {
  const base = inner(),
    outer = around(base),
    loaded = await tf.loadLayersModel(tf.io.fromMemory(await saved(tf, outer)));
  assert.equal(loaded.dispose().numDisposedVariables, 6);
  outer.dispose();
  base.dispose();
});

clean('a layer that is applied twice is disposed twice', () => {
  const layer = dense(2, 'twice'),
    x = tf.input({ shape: [2] });
  layer.apply(x);
  layer.apply(x);
  assert.deepEqual(layer.dispose(), { refCountAfterDispose: 1, numDisposedVariables: 0 });
  tf.tidy(() => layer.apply(tf.ones([1, 2])).dataSync());
  assert.deepEqual(layer.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 2 });
  gone(() => layer.apply([[1, 1]]));
});

clean('with a model all uses in it go', () => {
  const layer = dense(2, 'twice'),
    x = tf.input({ shape: [2] });
  assert.equal(tf.model({ inputs: x, outputs: layer.apply(layer.apply(x)) }).dispose().numDisposedVariables, 2);
});

clean('a layer inside a wrapper and outside', () => {
  const layer = dense(2, 'shared'),
    x = tf.input({ shape: [2] }),
    y = tf.input({ shape: [3, 2] });
  const plain = tf.model({ inputs: x, outputs: layer.apply(x) });
  const steps = tf.model({ inputs: y, outputs: tf.layers.timeDistributed({ layer }).apply(y) });
  assert.equal(steps.dispose().numDisposedVariables, 0);
  assert.ok(works(plain));
  assert.equal(plain.dispose().numDisposedVariables, 2);
});

clean('a recurrent layer inside Bidirectional and outside', () => {
  const layer = tf.layers.lstm({ units: 2, recurrentInitializer: 'glorotUniform' }),
    x = tf.input({ shape: [3, 2] });
  const both = tf.model({ inputs: x, outputs: tf.layers.bidirectional({ layer }).apply(x) });
  const plain = tf.model({ inputs: x, outputs: layer.apply(x) });
  assert.equal(both.dispose().numDisposedVariables, 6);
  assert.equal(plain.dispose().numDisposedVariables, 3);
});

clean('what stays of a stateful layer goes on from its state', () => {
  const layer = tf.layers.simpleRNN({
    units: 1,
    stateful: true,
    recurrentInitializer: 'ones',
    kernelInitializer: 'ones',
    activation: 'linear',
  });
  const x = tf.input({ batchShape: [1, 1, 1] }),
    y = layer.apply(x);
  const one = tf.model({ inputs: x, outputs: y }),
    two = tf.model({ inputs: x, outputs: y });
  const run = () => tf.tidy(() => two.predict(tf.ones([1, 1, 1])).dataSync()[0]);
  assert.equal(run(), 1);
  one.dispose();
  assert.equal(run(), 2);
  two.dispose();
});

clean('a nested model of a file stays, once the program has fetched it by its name or index', async () => {
  const base = inner(),
    outer = around(base),
    artifacts = await saved(tf, outer);
  for (const fetch of [
    (m) => m.getLayer(m.layers[1].name),
    (m) => m.getLayer(1),
    (m) => m.getLayer(null, 1),
    (m) => m.findLayer(1),
  ]) {
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts)),
      nested = fetch(loaded);
    assert.equal(loaded.dispose().numDisposedVariables, 2);
    assert.ok(works(nested));
    gone(() => works(loaded));
    assert.deepEqual(nested.dispose(), { refCountAfterDispose: 0, numDisposedVariables: 4 });
    gone(() => works(nested));
  }
  outer.dispose();
  base.dispose();
});

testBoth({
  'a layer that was called before it was in a model': (lib) =>
    counts(lib, true, (layer, x) => [lib.model({ inputs: x, outputs: layer.apply(x) }), layer, layer]),
  'the same, disposed before the model': (lib) =>
    counts(lib, true, (layer, x) => [layer, lib.model({ inputs: x, outputs: layer.apply(x) }), layer]),
  'in two models': (lib) =>
    counts(lib, true, (layer, x) => [
      ...[0, 1].map(() => lib.model({ inputs: x, outputs: layer.apply(x) })),
      layer,
      layer,
    ]),
  'in a stack': (lib) =>
    counts(lib, true, (layer) => [
      lib.sequential({ layers: [lib.layers.inputLayer({ inputShape: [2] }), layer] }),
      layer,
      layer,
    ]),
  'a layer that was not called': (lib) =>
    counts(lib, false, (layer, x) => [lib.model({ inputs: x, outputs: layer.apply(x) }), layer]),
});

/** What dispose() of each gives, in turn, or that it throws; a layer may be called first. */
function counts(lib, called, make) {
  const layer = lib.layers.dense({ units: 2 }),
    x = lib.input({ shape: [2] });
  if (called)
    lib.tidy(() => {
      layer.apply(lib.ones([1, 2]));
    });
  return make(layer, x).map((what) => {
    try {
      return what.dispose();
    } catch {
      return 'disposed';
    }
  });
}
