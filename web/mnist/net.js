// The two nets that one can choose from.

/** Filters of 5 x 5 and 3 x 3 over the picture, each followed by pooling, then ten outputs. */
const convolutions = (tf, side) => [
  tf.layers.conv2d({ inputShape: [side, side, 1], filters: 8, kernelSize: 5, activation: 'relu', name: 'filters' }),
  tf.layers.maxPooling2d({ poolSize: 2 }),
  tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
  tf.layers.maxPooling2d({ poolSize: 2 }),
  tf.layers.flatten(),
  tf.layers.dropout({ rate: 0.2 }),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
];

/** All pixels to 32 units, these to ten outputs. */
const denseLayers = (tf, side) => [
  tf.layers.flatten({ inputShape: [side, side, 1] }),
  tf.layers.dense({ units: 32, activation: 'relu', name: 'filters' }),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
];

/** A model that is ready to fit. */
export function makeNet(tf, kind, side, rate) {
  const layers = (kind === 'conv' ? convolutions : denseLayers)(tf, side);
  const model = tf.sequential({ layers });
  model.compile({ optimizer: tf.train.adam(rate), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
