// Objects of the library behind proxies, as Vue's reactive() makes them: what getters return is wrapped too.
import test from 'node:test';
import assert from 'node:assert';
import { createRequire } from 'node:module';

const tf = createRequire(import.meta.url)('../../dist/tensorine.cjs');
const RAW = Symbol('raw');
const PLAIN = new Set(['[object Object]', '[object Array]']);

/** As reactive(): deep, the same proxy for the same object, the raw object stored by assignments. */
const proxies = new WeakMap();
function reactive(value) {
  if (value === null || typeof value !== 'object' || value[RAW] || !PLAIN.has(Object.prototype.toString.call(value)))
    return value;
  if (!proxies.has(value))
    proxies.set(
      value,
      new Proxy(value, {
        get: (target, key, receiver) =>
          key === RAW ? target : fixed(target, key) ? target[key] : reactive(Reflect.get(target, key, receiver)),
        set: (target, key, given, receiver) => Reflect.set(target, key, given?.[RAW] ?? given, receiver),
      }),
    );
  return proxies.get(value);
}
const fixed = (target, key) => {
  const d = Object.getOwnPropertyDescriptor(target, key);
  return d && !d.configurable && !d.writable;
};
const shallow = (value) => new Proxy(value, {});

for (const [name, wrap] of [
  ['reactive', reactive],
  ['new Proxy(x, {})', shallow],
]) {
  test(`${name}: building, training, predicting, saving, loading, disposing`, async () => {
    const before = tf.memory().numTensors;
    const model = wrap(tf.sequential());
    model.add(wrap(tf.layers.dense({ units: 3, inputShape: [2], activation: 'relu' })));
    model.add(wrap(tf.layers.dense({ units: 1 })));
    model.compile(wrap({ optimizer: wrap(tf.train.adam(0.01)), loss: 'meanSquaredError' }));
    const x = wrap(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ]),
      ),
      y = wrap(tf.tensor2d([[1], [2], [3], [4]]));
    const history = await model.fit(
      x,
      y,
      wrap({ epochs: 2, verbose: 0, callbacks: wrap(tf.callbacks.earlyStopping({ monitor: 'loss' })) }),
    );
    assert.equal(history.history.loss.length, 2);
    const data = wrap(
      tf.data
        .array([
          { xs: [1, 2], ys: [1] },
          { xs: [3, 4], ys: [2] },
        ])
        .batch(2),
    );
    await model.fitDataset(data, { epochs: 1, verbose: 0 });
    const evaluated = await model.evaluateDataset(data, { batches: 1 });
    tf.dispose(evaluated);
    assert.deepEqual(
      model.weights.map((w) => w.shape),
      [[2, 3], [3], [3, 1], [1]],
    );
    assert.deepEqual(model.getWeights().length, 4);
    model.setWeights(model.getWeights());
    assert.equal(model.countParams(), 13);
    assert.deepEqual(
      [model.inputs[0].shape, model.outputs[0].shape],
      [
        [null, 2],
        [null, 1],
      ],
    );
    assert.deepEqual([model.inputShape, model.layers[0].units], [[null, 2], 3]);
    const lines = [];
    model.summary(undefined, undefined, (line) => lines.push(line));
    assert.ok(lines.length > 5);
    const result = wrap(model.predict(x)),
      values = [...result.dataSync()];
    let saved;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: {} };
      }),
    );
    const loaded = wrap(await tf.loadLayersModel(tf.io.fromMemory(saved)));
    const again = loaded.predict(x);
    assert.deepEqual([...again.dataSync()], values);
    const input = wrap(tf.input({ shape: [2] }));
    const outer = wrap(tf.model(wrap({ inputs: input, outputs: wrap(model.apply(input)) })));
    tf.dispose(outer.predict(x));
    const v = wrap(tf.variable(tf.scalar(1), true, `proxied ${name}`));
    v.assign(tf.tidy(() => wrap(tf.scalar(2))));
    assert.equal(wrap(tf.add(v, 1)).dataSync()[0], 3);
    v.dispose();
    tf.variable(tf.scalar(1), true, `proxied ${name}`).dispose(); // the name is free again
    const sum = tf.tidy(() => wrap(wrap(x).add(y)));
    assert.equal(sum.isDisposed, false);
    tf.dispose([sum, again, result, x, y]);
    outer.dispose();
    loaded.dispose();
    model.optimizer.dispose();
    assert.ok(model.isDisposed || model.dispose());
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(tf.memory().numTensors <= before + 4, `${tf.memory().numTensors - before} tensors more`);
  });
}

test('symbols, nodes, metrics, iterators, buffers and initializers behind proxies', async () => {
  const wrapped = reactive(tf.layers.dense({ units: 2 }));
  const symbol = reactive(wrapped.apply(reactive(tf.input({ shape: [3] }))));
  assert.deepEqual(symbol.sourceLayer.inboundNodes[0].inputShapes, [[null, 3]]);
  const iterator = reactive(await tf.data.array([1, 2]).iterator());
  assert.equal((await iterator.next()).value, 1);
  const buffer = reactive(tf.buffer([2]));
  buffer.set(5, 1);
  assert.equal(buffer.get(1), 5);
  assert.deepEqual(reactive(tf.initializers.ones()).apply([2]).arraySync(), [1, 1]);
  wrapped.dispose();
});
