// tfjs-vis, by its script for the tag, which carries a core of its own, or by import, shows tensors and training.
import * as tf from '@tensorflow/tfjs';
import * as tfvis from '@tensorflow/tfjs-vis';

async function look(vis) {
  const place = document.createElement('div');
  document.body.append(place);
  const x = tf.tensor2d([
    [1, 0, NaN],
    [-2, 5, 0],
  ]);
  await vis.show.valuesDistribution({ name: 'x', tab: 't' }, x);
  await vis.show.perClassAccuracy(
    { name: 'classes', tab: 't' },
    [
      { accuracy: 0.5, count: 2 },
      { accuracy: 1, count: 3 },
    ],
    ['a', 'b'],
  );
  await vis.render.heatmap(place, {
    values: tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
  });
  await vis.render.linechart(place, {
    values: [
      [
        { x: 1, y: 2 },
        { x: 2, y: 3 },
      ],
    ],
    series: ['a'],
  });
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones', useBias: true })],
  });
  model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0.01) });
  await vis.show.modelSummary({ name: 'model', tab: 't' }, model);
  await vis.show.layer({ name: 'layer', tab: 't' }, model.getLayer(undefined, 0));
  const callbacks = vis.show.fitCallbacks({ name: 'fit', tab: 't' }, ['loss']);
  const { history } = await model.fit(tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]]), {
    epochs: 3,
    callbacks,
    shuffle: false,
  });
  const labels = [tf.tensor1d([1, 0, 1], 'int32'), tf.tensor1d([1, 1, 1], 'int32')];
  const accuracy = await vis.metrics.accuracy(...labels),
    classes = await vis.metrics.perClassAccuracy(...labels);
  const confusion = await vis.metrics.confusionMatrix(...labels);
  const tables = [...document.querySelectorAll('table')].map((t) =>
    t.innerText.replace(/dense_Dense\d+|dense\d*/gi, 'dense'),
  );
  return {
    loss: history.loss,
    accuracy,
    classes,
    confusion,
    tables,
    drawn: place.querySelectorAll('canvas, svg').length,
  };
}
export const scripted = () => look(globalThis.tfvis);
export const imported = () => look(tfvis);
