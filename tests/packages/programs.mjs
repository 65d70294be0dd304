// Published packages at work on whatever library is the page's `tf`; where no weights can be had, on a
// model of the same inputs and outputs made by hand. Each gives numbers.
import * as faceapi from '@vladmandic/face-api/dist/face-api.esm-nobundle.js';
import * as speech from '@tensorflow-models/speech-commands';
import * as poses from '@tensorflow-models/pose-detection';
import * as sk from 'scikitjs';
import * as dfd from 'danfojs';

const { tf } = globalThis;
const waves = (n, step = 1) => Float32Array.from({ length: n }, (_, i) => Math.sin(step * i + 1));

/** Faces in a photograph, with the weights that the package ships. */
async function faces() {
  for (const name of ['tinyFaceDetector', 'faceLandmark68Net', 'faceExpressionNet', 'ageGenderNet', 'faceRecognitionNet'])
    await faceapi.nets[name].loadFromUri('/packages/@vladmandic/face-api/model');
  const blob = await (await fetch('/packages/@vladmandic/face-api/demo/sample1.jpg')).blob();
  const x = tf.browser.fromPixels(await createImageBitmap(blob));
  const options = new faceapi.TinyFaceDetectorOptions({ scoreThreshold: 0.2, inputSize: 224 });
  const found = await faceapi.detectAllFaces(x, options).withFaceLandmarks().withFaceExpressions().withAgeAndGender().withFaceDescriptors();
  x.dispose();
  return found.map((f) => ({
    score: f.detection.score, box: [f.detection.box.x, f.detection.box.y, f.detection.box.width].map((v) => v / 1000), age: f.age / 10,
    gender: f.gender, expressions: Object.values(f.expressions), descriptor: [...f.descriptor], eye: f.landmarks.positions[36].x / 1000,
  }));
}

/** A spectrogram recognised by a model whose weights are waves. */
async function words() {
  const model = tf.sequential({ layers: [
    tf.layers.conv2d({ inputShape: [43, 232, 1], filters: 4, kernelSize: [5, 9], strides: 3, activation: 'relu' }),
    tf.layers.maxPooling2d({ poolSize: 2 }), tf.layers.flatten(), tf.layers.dense({ units: 5, activation: 'softmax' }),
  ] });
  model.setWeights(model.getWeights().map((w, i) => tf.tensor(waves(w.size, i + 0.3).map((v) => v / 10), w.shape)));
  let artifacts;
  await model.save(tf.io.withSaveHandler(async (a) => { artifacts = a; return { modelArtifactsInfo: { dateSaved: new Date() } }; }));
  const metadata = { tfjsSpeechCommandsVersion: '0.5.4', wordLabels: ['_background_noise_', '_unknown_', 'up', 'down', 'left'] };
  const recognizer = speech.create('BROWSER_FFT', null, artifacts, metadata);
  await recognizer.ensureModelLoaded();
  const x = tf.tensor4d(waves(43 * 232), [1, 43, 232, 1]);
  const { scores } = await recognizer.recognize(x);
  x.dispose();
  return { words: recognizer.wordLabels(), scores: [...scores], shape: recognizer.modelInputShape() };
}

/** MoveNet's cropping, reading and smoothing of key points, over a graph made by hand. */
async function movenet() {
  const constant = (name, dtype, shape) => ({ name, op: 'Const', attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: { dim: shape.map((size) => ({ size })) } } } } });
  const node = (name, op, input, attr = {}) => ({ name, op, input, attr });
  const T = { T: { type: 'DT_FLOAT' } };
  const topology = { node: [
    { name: 'input', op: 'Placeholder', attr: { dtype: { type: 'DT_INT32' }, shape: { shape: { dim: [1, 192, 192, 3].map((size) => ({ size })) } } } },
    constant('axes', 'DT_INT32', [2]), constant('w', 'DT_FLOAT', [3, 51]), constant('shape', 'DT_INT32', [4]), constant('scale', 'DT_FLOAT', []),
    node('float', 'Cast', ['input'], { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } }), node('small', 'Mul', ['float', 'scale'], T),
    node('mean', 'Mean', ['small', 'axes'], { ...T, keep_dims: { b: false } }), node('product', 'MatMul', ['mean', 'w'], { ...T, transpose_a: { b: false }, transpose_b: { b: false } }),
    node('points', 'Sigmoid', ['product'], T), node('output', 'Reshape', ['points', 'shape'], T),
  ] };
  const parts = { axes: new Int32Array([1, 2]), w: waves(153), shape: new Int32Array([1, 1, 17, 3]), scale: new Float32Array([1 / 64]) };
  const weightSpecs = Object.entries(parts).map(([name, v]) => ({ name, shape: { axes: [2], w: [3, 51], shape: [4], scale: [] }[name], dtype: v instanceof Int32Array ? 'int32' : 'float32' }));
  const weightData = await new Blob(Object.values(parts)).arrayBuffer();
  const modelUrl = { load: async () => ({ modelTopology: topology, weightSpecs, weightData, format: 'graph-model' }) };
  const detector = await poses.createDetector(poses.SupportedModels.MoveNet, { modelType: poses.movenet.modelType.SINGLEPOSE_LIGHTNING, modelUrl });
  const image = tf.tensor3d(Int32Array.from({ length: 120 * 90 * 3 }, (_, i) => (i * 7) % 256), [120, 90, 3], 'int32'), found = [];
  for (let frame = 0; frame < 3; frame++) found.push(await detector.estimatePoses(image, {}, frame * 33));
  image.dispose();
  detector.dispose();
  return found.map(([pose]) => pose?.keypoints.map(({ x, y, score }) => [x / 100, y / 100, score]));
}

const X = [[1, 2], [2, 1.5], [3, 0.5], [4, 4], [5, 3], [6, 7]], kinds = [0, 0, 0, 1, 1, 1];
async function classical() {
  sk.setBackend(tf);
  const knn = new sk.KNeighborsClassifier({ nNeighbors: 3 }), tree = new sk.DecisionTreeClassifier(), bayes = new sk.GaussianNB();
  await knn.fit(X, kinds);
  tree.fit(X, kinds);
  await bayes.fit(X, kinds);
  const means = new sk.KMeans({ nClusters: 2, randomState: 1 });
  means.fit(X);
  const plain = (v) => (v.arraySync ? v.arraySync() : v);
  return [
    new sk.StandardScaler().fitTransform(X), new sk.MinMaxScaler().fitTransform(X), new sk.Normalizer().fitTransform(X), knn.predict(X),
    tree.predict(X), bayes.predict(X), means.predict(X), new sk.OneHotEncoder().fitTransform([['a'], ['b'], ['a']]),
    sk.metrics.r2Score([1, 2, 3], [1, 2, 4]),
  ].map(plain);
}

async function frames() {
  const df = new dfd.DataFrame({ a: [1, 2, 3, 4], b: [2.5, 0.5, 1, 7], c: ['x', 'y', 'x', 'y'] });
  const two = df.loc({ columns: ['a', 'b'] });
  const scaled = (scaler) => { scaler.fit(two); return scaler.transform(two).values; };
  return [two.mean().values, two.std().values, two.tensor.arraySync(), scaled(new dfd.StandardScaler()), scaled(new dfd.MinMaxScaler()),
    df.groupby(['c']).col(['a', 'b']).mean().values, two.add(1).values, new dfd.Series([1, 2, 3]).tensor.arraySync()];
}

globalThis.packages = { faces, words, movenet, classical, frames };
