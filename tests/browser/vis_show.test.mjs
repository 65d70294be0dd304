// What tensorine/vis shows of training and models in Chromium: callbacks that draw as it trains, tables of layers and
// weights, the graph of a model.
/* global count, place, texts, thrown */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { data, tab, useVis } from './vis_driving.mjs';

const GRAPH = 'mobilenet_v1_025_224_graph/model.json';
useVis();

test('show.fitCallbacks: which callbacks, a chart for each metric as it comes, in training too', async () => {
  const seen = await tab.evaluate(async () => {
    const names = Object.keys(tfvis.show.fitCallbacks({ name: 'a' }, ['loss']));
    const one = Object.keys(tfvis.show.fitCallbacks({ name: 'a' }, ['loss'], { callbacks: ['onBatchEnd'] }));
    const { onEpochEnd } = tfvis.show.fitCallbacks({ name: 'b' }, ['loss', 'val_loss', 'acc', 'val_acc']);
    await onEpochEnd(0, { loss: 0.5, val_loss: 0.7 });
    const first = [count('.vis-chart'), count('div[data-name=loss]'), texts('.vis-legend li')];
    await onEpochEnd(1, { loss: 0.2, acc: 0.6, val_loss: 0.5, val_acc: 0.3 });
    const second = [count('.vis-chart'), count('div[data-name=loss]'), count('div[data-name=acc]')];
    document.body.innerHTML = '';

    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0.01) });
    const began = performance.now();
    await model.fit(tf.linspace(0, 1, 64).reshape([64, 1]), tf.linspace(1, 3, 64).reshape([64, 1]), {
      epochs: 40,
      batchSize: 4,
      validationSplit: 0.25,
      callbacks: tfvis.show.fitCallbacks({ name: 'Training', tab: 'fit' }, ['loss', 'val_loss']),
    });
    const took = performance.now() - began;
    await new Promise((done) => setTimeout(done, 150));
    const labels = [...document.querySelectorAll('.vis-plot')].map((e) => e.ariaLabel);
    return [names, one, first, second, texts('.vis-title'), labels, took];
  });
  assert.deepEqual(seen.slice(0, 5), [
    ['onEpochEnd', 'onBatchEnd'],
    ['onBatchEnd'],
    [1, 1, ['loss0.5', 'val_loss0.7']],
    [2, 1, 1],
    ['onBatchEnd', 'onEpochEnd'],
  ]);
  assert.match(seen[5][0], /^loss by Batch: loss from .*, now/);
  assert.match(seen[5][1], /^loss by Epoch: loss from .*; val_loss from/);
  assert.ok(seen[6] < 8000, `480 batches with charts took ${seen[6]} ms: one frame each would be as many frames`);
});

test('show.fitCallbacks: a hidden page trains on without drawing, and draws when it is seen again', async () => {
  const seen = await tab.evaluate(async () => {
    const hide = (hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const { onBatchEnd } = tfvis.show.fitCallbacks(place, ['loss']);
    hide(true);
    const began = performance.now();
    for (let i = 0; i < 500; i++) await onBatchEnd(i, { loss: 1 / (i + 1) });
    const took = performance.now() - began,
      before = count('canvas');
    hide(false);
    delete document.hidden;
    await new Promise((done) => setTimeout(done, 100));
    return [took, before, count('canvas'), document.querySelector('.vis-plot').ariaLabel];
  });
  assert.ok(seen[0] < 1000, `${seen[0]} ms`);
  assert.deepEqual(seen.slice(1, 3), [0, 1]);
  assert.match(seen[3], /now 0.002/);
});

test('show.history: a list of logs, what fit resolves to, a chart for each metric', async () => {
  const seen = await tab.evaluate(async () => {
    const logs = [{ loss: 0.2, acc: 0.6 }, { loss: 0.1, acc: 0.65 }]; // prettier-ignore
    await tfvis.show.history({ name: 'a' }, logs, ['loss', 'acc']);
    const first = count('.vis-chart');
    await tfvis.show.history({ name: 'b' }, { history: { loss: [0.7, 0.3], val_loss: [0.8, 0.5], acc: [0.2, 0.3] } }, [
      'loss',
      'val_loss',
      'acc',
    ]);
    return [
      first,
      count('.vis-chart'),
      await thrown(() => tfvis.show.history({ name: 'c' }, { history: {} }, ['none'])),
    ];
  });
  assert.deepEqual(seen.slice(0, 2), [2, 4]);
  assert.match(seen[2], /no metric 'none'/);
});

test('show.modelSummary, show.layer, show.valuesDistribution, show.perClassAccuracy: tables', async () => {
  const seen = await tab.evaluate(async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: 'first' }),
        tf.layers.dense({ units: 1, trainable: false, name: 'last' }),
      ],
    });
    const rows = () => [...document.querySelectorAll('tbody tr')].map((r) => [...r.cells].map((c) => c.textContent));
    const fresh = () => (document.querySelector('#container').replaceChildren(), place);
    await tfvis.show.modelSummary(fresh(), model);
    const summary = rows();
    await tfvis.show.layer(fresh(), model.layers[0]);
    const layer = rows().map(([name, shape, , , params]) => [name, shape, params]);
    document.querySelector('.vis-pick button').click();
    await new Promise((done) => setTimeout(done, 50));
    const charts = count('canvas');
    await tfvis.show.valuesDistribution(fresh(), tf.tensor1d([0, 0, 0, 0, 2, 3, 4]));
    const values = [rows(), count('canvas')];
    const classes = [{ accuracy: 0.5, count: 10 }, { accuracy: 0.8, count: 10 }]; // prettier-ignore
    await tfvis.show.perClassAccuracy(fresh(), classes, ['cat', 'dog']);
    const named = rows();
    await tfvis.show.perClassAccuracy(fresh(), classes);
    return { summary, layer, charts, values, named, plain: rows() };
  });
  assert.deepEqual(seen, {
    summary: [
      ['first', '[batch,2]', '8', 'true'],
      ['last', '[batch,1]', '3', 'false'],
    ],
    layer: [
      ['first/kernel', '[3,2]', '6'],
      ['first/bias', '[2]', '2'],
    ],
    charts: 1,
    values: [[['7', '0', '4', '4 (57.14%)', '0', '0']], 1],
    named: [
      ['cat', '0.5', '10'],
      ['dog', '0.8', '10'],
    ],
    plain: [
      ['0', '0.5', '10'],
      ['1', '0.8', '10'],
    ],
  });
});

test('show.modelGraph: layers, branches, ops of a graph; boxes do not touch, lines go down', async () => {
  const seen = await tab.evaluate(async () => {
    const input = tf.input({ shape: [4], name: 'in' }),
      dense = (name, x) => tf.layers.dense({ units: 3, name }).apply(x);
    const a = dense('a', input),
      b = dense('b', input),
      c = dense('c', b);
    const sum = tf.layers.add({ name: 'sum' }).apply([a, c]);
    await tfvis.show.modelGraph(place, tf.model({ inputs: input, outputs: sum }));
    const box = (e) => e.getBoundingClientRect();
    const nodes = [...document.querySelectorAll('.node')],
      boxes = nodes.map((e) => box(e.querySelector('rect')));
    const touching = boxes.some((p, i) =>
      boxes.some((q, j) => j > i && p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom),
    );
    const y = (name) => box(nodes.find((e) => e.lastChild.textContent === name)).top;
    const order = y('in') < y('b') && y('b') < y('c') && y('c') < y('sum');
    const branch = [nodes.length, count('.edge'), touching, order, count('.node.end')];
    const layers = [1, 2, 3].map((i) => tf.layers.dense({ units: i, ...(i === 1 && { inputShape: [2] }) }));
    await tfvis.show.modelGraph(place, tf.sequential({ layers }));
    const chain = [count('svg'), count('.node'), count('.edge')];
    const node = [
      { name: 'x', op: 'Placeholder' },
      { name: 'w', op: 'Const' },
      { name: 'y', op: 'MatMul', input: ['x', 'w'] },
      { name: 'z', op: 'Relu', input: ['y:0', '^x'] },
    ];
    await tfvis.show.modelGraph(place, { artifacts: { modelTopology: { node } } });
    return [branch, chain, [count('.node'), count('.edge')], await thrown(() => tfvis.show.modelGraph(place, {}))];
  });
  assert.deepEqual(seen.slice(0, 3), [
    [5, 5, false, true, 2],
    [1, 3, 2],
    [3, 2],
  ]);
  assert.match(seen[3], /layers model or a graph model/);
});

const noGraph = existsSync(join(data, GRAPH)) ? false : `no ${GRAPH} in ${data} (set TENSORINE_DATA)`;
test('show.modelGraph: MobileNet as a graph model', { skip: noGraph }, async () => {
  const seen = await tab.evaluate(async (path) => {
    const model = await tf.loadGraphModel(`/data/${path}`);
    await tfvis.show.modelGraph(place, model);
    model.dispose();
    return [count('.node'), count('.edge')];
  }, GRAPH);
  assert.ok(seen[0] > 50 && seen[1] >= seen[0] - 1, seen.join());
});
