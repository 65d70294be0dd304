// Packages that others published for TensorFlow.js, at work on whatever library is the page's `tf`.
import * as knn from '@tensorflow-models/knn-classifier';
import * as mobilenet from '@tensorflow-models/mobilenet';
import * as teachable from '@teachablemachine/image';

const { tf } = globalThis;

async function picture(name) {
  const image = new Image();
  image.src = `/data/photos/${name}.jpg`;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: 224, height: 224 });
  canvas.getContext('2d').drawImage(image, 0, 0, 224, 224);
  return canvas;
}

const chances = (list) => list.map(({ className, probability }) => [className, probability]);

/** Nearest neighbours: nothing is loaded. */
async function neighbours() {
  const classifier = knn.create();
  for (let i = 0; i < 12; i++)
    classifier.addExample(
      tf.tensor1d(Array.from({ length: 5 }, (_, k) => Math.sin(i * 5 + k) + (i % 3) * 2)),
      'abc'[i % 3],
    );
  const found = await classifier.predictClass(tf.tensor1d([2, 2, 2.5, 2, 1.5]), 5),
    counts = classifier.getClassExampleCount();
  const copy = knn.create();
  copy.setClassifierDataset(classifier.getClassifierDataset());
  const { label } = await copy.predictClass(tf.tensor1d([0, 1, 0, 0, 0]));
  classifier.clearAllClasses();
  return { found, counts, label, left: classifier.getNumClasses() };
}

/** MobileNet as a graph model: classes, and an embedding. */
async function classes() {
  const model = await mobilenet.load({
    version: 1,
    alpha: 0.25,
    modelUrl: '/data/mobilenet_v1_025_224_graph/model.json',
    inputRange: [0, 1],
  });
  const dog = await picture('dog'),
    found = chances(await model.classify(dog, 5)),
    features = model.infer(dog, true);
  return { found, shape: features.shape, features: Array.from(await features.data()).slice(0, 16) };
}

/** What Teachable Machine exports, and its way to train. */
async function machine() {
  const folder = '/data/teachable_machine_image',
    model = await teachable.load(`${folder}/model.json`, `${folder}/metadata.json`);
  return {
    labels: model.getClassLabels(),
    found: chances(await model.predict(await picture('cat_tfjs_examples'))),
    top: chances(await model.predictTopK(await picture('dog'), 3)),
  };
}

async function training() {
  const model = await teachable.createTeachable(
    { tfjsVersion: '4' },
    {
      version: 1,
      alpha: 0.25,
      trainingLayer: 'conv_pw_13_relu',
      checkpointUrl: '/data/mobilenet_v1_025_224_layers/model.json',
    },
  );
  model.setLabels(['a', 'b', 'c']);
  model.setSeed('a seed');
  for (const [i, name] of ['dog', 'pizza', 'parrot', 'elephants', 'coffee', 'basketball'].entries())
    for (let again = 0; again < 3; again++) await model.addExample(i % 3, await picture(name));
  const epochs = [];
  await model.train(
    { denseUnits: 10, epochs: 3, learningRate: 0.001, batchSize: 4 },
    {
      onEpochEnd: (epoch, logs) => {
        epochs.push(logs);
      },
    },
  );
  return { epochs, found: chances(await model.predict(await picture('kitten_ml5'))) };
}

globalThis.packages = { neighbours, classes, machine, training };
