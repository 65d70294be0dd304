// Models that are measured on the GPU: the same lines build them in both libraries.
const random = (tf, shape) => tf.randomUniform(shape, -1, 1, 'float32', 7);

/** Channels of the results and strides of MobileNet v1's blocks. */
const BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array(5).fill([512, 1]),
  [1024, 2],
  [1024, 1],
];

/** MobileNet v1 with random weights. */
function mobilenet(tf, alpha, classes) {
  const { layers } = tf,
    model = tf.sequential();
  const end = () => {
    model.add(layers.batchNormalization());
    model.add(layers.reLU({ maxValue: 6 }));
  };
  const more = { padding: 'same', useBias: false };
  model.add(layers.conv2d({ filters: 32 * alpha, kernelSize: 3, strides: 2, ...more, inputShape: [224, 224, 3] }));
  end();
  for (const [filters, strides] of BLOCKS) {
    model.add(layers.depthwiseConv2d({ kernelSize: 3, strides, ...more }));
    end();
    model.add(layers.conv2d({ filters: filters * alpha, kernelSize: 1, ...more }));
    end();
  }
  model.add(layers.globalAveragePooling2d({}));
  model.add(layers.dense({ units: classes, activation: 'softmax' }));
  return model;
}

const predicts = (alpha) => ({
  name: `MobileNet v1 ${alpha.toFixed(2)}/224, random weights, predict`,
  slow: true,
  make(tf) {
    const model = mobilenet(tf, alpha, 1000),
      x = random(tf, [1, 224, 224, 3]);
    return async () => {
      const y = model.predict(x);
      await y.data();
      y.dispose();
    };
  },
});

const tuned = {
  name: 'MobileNet v1 0.25/224, SGD, two pictures, one step',
  slow: true,
  make(tf) {
    const model = mobilenet(tf, 0.25, 10);
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    const x = random(tf, [2, 224, 224, 3]),
      y = tf.ones([2, 10]).div(10);
    return () => model.trainOnBatch(x, y);
  },
};

export const nets = [predicts(0.25), predicts(1), tuned];
