// tfjs-vis, by its script for the tag or by import, shows tensors and training of the page's tf.
export async function look({ tf, tfvis }) {
  const place = document.createElement('div');
  document.body.append(place);
  const x = tf.tensor2d([[1, 0, NaN], [-2, 5, 0]]);
  await tfvis.show.valuesDistribution({ name: 'x', tab: 't' }, x);
  await tfvis.render.heatmap(place, { values: tf.tensor2d([[1, 2], [3, 4]]) });
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones', useBias: true })] });
  model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0.01) });
  await tfvis.show.modelSummary({ name: 'model', tab: 't' }, model);
  await tfvis.show.layer({ name: 'layer', tab: 't' }, model.getLayer(undefined, 0));
  const callbacks = tfvis.show.fitCallbacks({ name: 'fit', tab: 't' }, ['loss']);
  const { history } = await model.fit(tf.tensor2d([[1], [2]]), tf.tensor2d([[2], [4]]), { epochs: 3, callbacks, shuffle: false });
  const accuracy = await tfvis.metrics.accuracy(tf.tensor1d([1, 0, 1]), tf.tensor1d([1, 1, 1]));
  const confusion = await tfvis.metrics.confusionMatrix(tf.tensor1d([1, 0, 1], 'int32'), tf.tensor1d([1, 1, 1], 'int32'));
  return { loss: history.loss, accuracy, confusion, tables: [...document.querySelectorAll('table')].map((t) => t.innerText.replace(/dense_Dense\d+|dense\d*/gi, 'dense')),
    drawn: place.querySelectorAll('canvas, svg').length };
}
