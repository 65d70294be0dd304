// make demo: (a) trains a small convnet on drawn digits, saves it, loads it, predicts the same;
// (b) classifies photographs with MobileNet, then teaches it classes of its own from a few pictures.
//
//   node demo/demo.mjs [--model PATH_OR_URL] [--labels FILE] [PICTURE_OR_FOLDER...]
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../dist/tensorine.mjs';
import { bar } from './progress.mjs';
import { SIDE, digits } from './digits.mjs';
import { findPictures, nameOf, prepare, readPicture } from './pictures.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dataFolder = process.env.TENSORINE_DATA ?? join(root, '../shared/data');
const PUBLIC_MODEL = 'https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_0.25_224/model.json';

function options(words) {
  const found = { pictures: [] };
  for (let i = 0; i < words.length; i++)
    if (words[i] === '--model') found.model = words[++i];
    else if (words[i] === '--labels') found.labels = words[++i];
    else found.pictures.push(words[i]);
  return found;
}

const percent = (x) => `${(100 * x).toFixed(1)}%`;
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

// ---- (a) a convnet from nothing ----

function convnet() {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: tf.train.adam(0.003), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const asTensors = ({ images, labels }) => ({
  xs: tf.tensor(images, [labels.length, SIDE, SIDE, 1]),
  ys: tf.tidy(() => tf.oneHot(tf.tensor(labels, [labels.length], 'int32'), 10).toFloat()),
});

async function train(model, { xs, ys }) {
  const epochs = 4,
    start = performance.now();
  const batches = Math.ceil(xs.shape[0] / 64) * epochs,
    progress = bar('training', batches);
  let done = 0,
    note = '';
  await model.fit(xs, ys, {
    epochs,
    batchSize: 64,
    callbacks: {
      onBatchEnd: (_, { loss }) => progress.at(++done, `loss ${loss.toFixed(3)} ${note}`),
      onEpochEnd: (epoch, { acc }) => {
        note = `epoch ${epoch + 1}: ${percent(acc)}`;
      },
    },
  });
  progress.end(`${xs.shape[0]} digits, ${epochs} epochs in ${seconds(start)}`);
}

async function drawnDigits() {
  console.log('A convnet from nothing, on drawn digits');
  const model = convnet(),
    learn = asTensors(digits(3000, 1)),
    held = asTensors(digits(500, 2));
  await train(model, learn);
  const [, accuracy] = model.evaluate(held.xs, held.ys);
  console.log(`  accuracy on 500 digits never seen: ${percent(accuracy.dataSync()[0])}`);
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-'));
  await model.save(pathToFileURL(folder).href);
  const again = await tf.loadLayersModel(pathToFileURL(join(folder, 'model.json')).href);
  const before = model.predict(held.xs),
    after = again.predict(held.xs);
  const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(before, after))).dataSync()[0]);
  console.log(`  saved and loaded again: ${difference === 0 ? 'predicts the same' : `differs by ${difference}`}`);
  rmSync(folder, { recursive: true });
  if (difference !== 0) throw new Error('the loaded model predicts differently');
  tf.dispose([learn, held, before, after, accuracy]);
  model.dispose();
  again.dispose();
}

// ---- (b) a real model on real photographs ----

/** A copy of the public model, fetched once to the user's cache folder. */
async function publicModel() {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tensorine/mobilenet_v1_0.25_224');
  const file = join(folder, 'model.json');
  if (existsSync(file)) return pathToFileURL(file).href;
  const progress = bar('fetching MobileNet', 1);
  const model = await tf.loadLayersModel(PUBLIC_MODEL, { onProgress: (part) => progress.at(part, percent(part)) });
  mkdirSync(folder, { recursive: true });
  await model.save(pathToFileURL(folder).href);
  model.dispose();
  progress.end('done');
  return pathToFileURL(file).href;
}

async function findModel(given) {
  if (given) return /^\w+:\/\//.test(given) ? given : pathToFileURL(resolve(given)).href;
  const local = join(dataFolder, 'mobilenet_v1_025_224_layers/model.json');
  return existsSync(local) ? pathToFileURL(local).href : publicModel();
}

function readLabels(given) {
  const file = given ?? join(dataFolder, 'labels/imagenet_1000_metadata.json');
  if (!existsSync(file)) return (i) => `class ${i}`;
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const names = json.labels ?? json.classes ?? json;
  return (i) => String(names[i] ?? `class ${i}`).split(',')[0];
}

function classify(model, pictures, label) {
  for (const { path, picture } of pictures) {
    const start = performance.now();
    const best = tf.tidy(() => {
      const { values, indices } = tf.topk(model.predict(prepare(tf, picture)).squeeze(), 3);
      const p = values.dataSync();
      return Array.from(indices.dataSync(), (c, i) => `${label(c)} ${p[i].toFixed(2)}`);
    });
    console.log(`  ${nameOf(path).padEnd(18)} ${best.join(', ')}  (${(performance.now() - start).toFixed(0)} ms)`);
  }
}

/** Parts of a picture to learn from, and others to be asked about. */
const LEARNED = [{ size: 1 }, { size: 0.85 }, { x: 0.15, y: 0.15, size: 0.85 }, { x: 0.15, size: 0.85, flip: true }];
const ASKED = [
  { x: 0.08, y: 0.05, size: 0.88 },
  { y: 0.12, size: 0.88, flip: true },
  { x: 0.05, y: 0.05, size: 0.9, flip: true },
];

/** The features of cuts of every picture, and which picture each is of. */
function features(truncated, pictures, cuts) {
  return tf.tidy(() => {
    const rows = pictures.flatMap(({ picture }) => cuts.map((cut) => truncated.predict(prepare(tf, picture, cut))));
    const labels = pictures.flatMap((_, i) => cuts.map(() => i));
    return { xs: tf.concat(rows, 0), labels, ys: tf.oneHot(tf.tensor1d(labels, 'int32'), pictures.length).toFloat() };
  });
}

async function learnClasses(model, pictures) {
  const cut = model.getLayer('conv_pw_13_relu');
  const truncated = tf.model({ inputs: model.inputs, outputs: cut.output });
  const learn = features(truncated, pictures, LEARNED),
    asked = features(truncated, pictures, ASKED);
  const head = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: learn.xs.shape.slice(1) }),
      tf.layers.dense({ units: 100, activation: 'relu', kernelInitializer: 'varianceScaling' }),
      tf.layers.dense({
        units: pictures.length,
        activation: 'softmax',
        kernelInitializer: 'varianceScaling',
        useBias: false,
      }),
    ],
  });
  head.compile({ optimizer: tf.train.adam(0.0005), loss: 'categoricalCrossentropy' });
  const epochs = 20,
    progress = bar('a new head', epochs),
    start = performance.now();
  await head.fit(learn.xs, learn.ys, {
    epochs,
    batchSize: 16,
    callbacks: { onEpochEnd: (epoch, { loss }) => progress.at(epoch + 1, `loss ${loss.toFixed(4)}`) },
  });
  progress.end(`learned ${pictures.length} classes from ${LEARNED.length} pictures each in ${seconds(start)}`);
  const answers = tf.tidy(() => head.predict(asked.xs).argMax(1).dataSync());
  const right = asked.labels.filter((label, i) => label === answers[i]).length;
  console.log(`  right on ${right} of ${asked.labels.length} pictures it was not shown`);
  head.dispose();
  tf.dispose([learn, asked]);
}

async function photographs({ model: given, labels, pictures: places }) {
  console.log('MobileNet v1 0.25 on photographs');
  let model;
  try {
    model = await tf.loadLayersModel(await findModel(given));
  } catch (error) {
    console.log(
      `  left out: no MobileNet here (${error.message}); give one: make demo ARGS="--model path/to/model.json photo.jpg"`,
    );
    if (given) process.exitCode = 1;
    return;
  }
  const folder = join(dataFolder, 'photos');
  const paths = findPictures(places.length ? places : existsSync(folder) ? [folder] : []);
  if (!paths.length) console.log('  no photographs here; give some: make demo ARGS="photo1.jpg photo2.jpg"');
  const pictures = paths.map((path) => ({ path, picture: readPicture(tf, path) }));
  classify(model, pictures, readLabels(labels));
  if (pictures.length > 1) await learnClasses(model, pictures);
  tf.dispose(pictures.map((p) => p.picture));
  model.dispose();
}

await drawnDigits();
await photographs(options(process.argv.slice(2)));
