// tensorine train FOLDER: a classifier of one's own, from a folder of pictures with a folder for each class.
// MobileNet is cut at a layer, a small head learns on what it gives there, and both are saved as one model.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '../index';
import { Failure, UsageError, type Command, type Given } from './command';
import { mobilenet } from './mobilenet';
import { load, open } from './models';
import { frameOf, picturesIn, prepare, RANGE, readPicture, type Frame } from './pictures';
import { bar, note, since, table, whole, wrapped } from './terminal';

interface Sample {
  path: string;
  label: number;
}
/** What the trunk gives for pictures, one after the other, and their classes. */
interface Features {
  values: Float32Array[];
  labels: number[];
}

/** Classes in the order of the alphabet, and the pictures of each. */
function collect(folder: string): { labels: string[]; pictures: string[][] } {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`${folder} is no folder: give one that has a folder of pictures for each class`);
  const labels = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  if (labels.length < 2)
    throw new Failure(`${folder} has ${labels.length} folders: it takes one for each class, two at least`);
  const pictures = labels.map((label) => picturesIn(join(folder, label)));
  const empty = labels.filter((_, i) => !pictures[i].length);
  if (empty.length) throw new Failure(`${empty.map((name) => join(folder, name)).join(', ')}: no pictures there`);
  return { labels, pictures };
}

/** Every n-th picture of a class is held out, the same ones each time; a class keeps one to learn from. */
function divide(pictures: string[][], share: number): { learn: Sample[]; held: Sample[] } {
  const learn: Sample[] = [],
    held: Sample[] = [];
  pictures.forEach((paths, label) => {
    let out = 0;
    paths.forEach((path, i) => {
      const isHeld = i > 0 && Math.floor((i + 1) * share) > out;
      if (isHeld) out++;
      (isHeld ? held : learn).push({ path, label });
    });
  });
  return { learn, held };
}

/** The model up to a layer. */
function cut(model: tf.LayersModel, name: string): tf.LayersModel {
  const layer = model.layers.find((one) => one.name === name);
  if (!layer) throw new Failure(`the model has no layer '${name}': tensorine summary shows them, --cut NAME takes one`);
  return tf.model({ inputs: model.inputs, outputs: layer.output });
}

/** Pictures that cannot be read are told and left out. */
function features(
  trunk: tf.LayersModel,
  samples: Sample[],
  frame: Frame,
  mirrored: boolean,
  read: () => void,
): Features {
  const found: Features = { values: [], labels: [] };
  for (const { path, label } of samples) {
    try {
      for (const flip of mirrored ? [false, true] : [false])
        (found.values.push(
          tf.tidy(
            () =>
              (
                trunk.predict(prepare(readPicture(path, frame.channels), frame, flip)) as tf.Tensor
              ).dataSync() as Float32Array,
          ),
        ),
          found.labels.push(label));
    } catch (error) {
      if (!(error instanceof Failure) || error.message.includes('npm install')) throw error;
      note(`left out: ${error.message}`);
    }
    read();
  }
  return found;
}

/** The features as one tensor [n, ...shape]. */
function stacked({ values }: Features, shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1),
    all = new Float32Array(values.length * size);
  values.forEach((one, i) => all.set(one, i * size));
  return tf.tensor(all, [values.length, ...shape]);
}

function headOf(shape: number[], units: number, classes: number): tf.Sequential {
  const kernelInitializer = 'varianceScaling';
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: shape }),
      tf.layers.dense({ units, activation: 'relu', kernelInitializer }),
      tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer, useBias: false }),
    ],
  });
}

/** How many of the pictures held out are named right, class by class. */
function judge(head: tf.Sequential, held: Features, shape: number[], labels: string[]): void {
  if (!held.labels.length) return note('no picture is held out: a class needs more of them for that');
  const answers = tf.tidy(() => (head.predict(stacked(held, shape)) as tf.Tensor).argMax(-1).dataSync());
  const right = (label: number) => held.labels.filter((own, i) => own === label && answers[i] === own).length,
    all = (label: number) => held.labels.filter((own) => own === label).length;
  table([['class', 'right', 'held out'], ...labels.map((name, i) => [name, `${right(i)}`, `${all(i)}`])], [1, 2]);
  const sum = labels.reduce((n, _, i) => n + right(i), 0);
  wrapped(`right on ${sum} of ${held.labels.length} pictures held out`);
}

/** Trunk and head as one model, with the names of the classes beside it. */
async function save(
  trunk: tf.LayersModel,
  head: tf.Sequential,
  out: string,
  labels: string[],
  frame: Frame,
): Promise<void> {
  const model = tf.model({ inputs: trunk.inputs, outputs: head.apply(trunk.outputs[0]) as tf.SymbolicTensor });
  await model.save(pathToFileURL(resolve(out)).href);
  writeFileSync(join(out, 'metadata.json'), JSON.stringify({ labels, range: frame.range }));
}

async function learn(
  given: Given,
  head: tf.Sequential,
  seen: Features,
  shape: number[],
  classes: number,
): Promise<void> {
  const xs = stacked(seen, shape),
    ys = tf.tidy(() => tf.oneHot(tf.tensor1d(seen.labels, 'int32'), classes).toFloat());
  const optimizer = tf.train.adam(given.number('rate', 0.0005, 1e-9, 10, true));
  head.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const start = performance.now(),
    epochs = given.number('epochs', 20, 1);
  await head.fit(xs, ys, { epochs, batchSize: given.number('batch', 16, 1), verbose: given.has('quiet') ? 0 : 1 });
  wrapped(`learned from ${whole(seen.labels.length)} pictures, mirrored ones too, in ${since(start)}`);
  tf.dispose([xs, ys]);
}

/** Numbers are read before anything is done, so that a wrong one costs no time. */
function checkNumbers(given: Given): { units: number; held: number } {
  (given.number('epochs', 20, 1), given.number('batch', 16, 1), given.number('rate', 0.0005, 1e-9, 10, true));
  return { units: given.number('units', 100, 1, 1e4), held: given.number('held', 0.2, 0, 0.9, true) };
}

export const train: Command = {
  name: 'train',
  takes: 'FOLDER',
  least: 1,
  most: 1,
  summary: 'Trains a classifier of your own from a folder that has a folder of pictures for each class.',
  remarks: `The folders' names are those of the classes. MobileNet v1 0.25 (or --model, a layers model) is
cut at a layer and a small net learns on top. Both are saved as one model: model.json, weights.bin and
metadata.json with the classes.`,
  options: {
    out: { short: 'o', value: 'FOLDER', help: 'where the model goes (default ./model)' },
    epochs: { short: 'e', value: 'N', help: 'times through the pictures (default 20)' },
    batch: { short: 'b', value: 'N', help: 'pictures a step (default 16)' },
    units: { short: 'u', value: 'N', help: 'units of the hidden layer (default 100)' },
    rate: { short: 'r', value: 'X', help: 'learning rate (default 0.0005)' },
    held: { value: 'X', help: 'share of the pictures that are held out to judge by (default 0.2)' },
    model: { short: 'm', value: 'FILE', help: 'the model to begin with' },
    cut: { value: 'LAYER', help: 'where it is cut (default conv_pw_13_relu)' },
    range: { ...RANGE, help: 'values that pictures are brought to (default -1,1, or as metadata.json says)' },
    quiet: { short: 'q', help: 'no bar and no line an epoch' },
  },
  examples: ['train pets', 'train pets --out pets-model --epochs 30', 'classify new.jpg --model pets-model'],
  async run(given, [folder]) {
    const { units, held: share } = checkNumbers(given),
      out = given.text('out') ?? 'model';
    if (statSync(out, { throwIfNoEntry: false })?.isFile())
      throw new UsageError(`--out ${out} is a file: name a folder`);
    const { labels, pictures } = collect(folder);
    const opened = await open(given.text('model') ?? (await mobilenet()));
    if (opened.kind === 'graph') throw new Failure('a graph model cannot be cut: --model takes a layers model');
    const base = (await load(opened)) as tf.LayersModel,
      frame = frameOf(given, opened, base),
      trunk = cut(base, given.text('cut') ?? 'conv_pw_13_relu');
    const shape = (trunk.outputs[0].shape as number[]).slice(1),
      parts = divide(pictures, share);
    const total = parts.learn.length + parts.held.length,
      progress = bar('pictures', total),
      start = performance.now();
    let done = 0;
    const read = () => progress.at(++done);
    const seen = features(trunk, parts.learn, frame, true, read),
      held = features(trunk, parts.held, frame, false, read);
    progress.end(`${whole(total)} of ${labels.length} classes in ${since(start)}`);
    const bare = labels.filter((_, i) => !seen.labels.includes(i));
    if (bare.length)
      throw new Failure(`no picture of ${bare.join(', ')} can be read: give JPEG, PNG, BMP or GIF files`);
    const head = headOf(shape, units, labels.length);
    await learn(given, head, seen, shape, labels.length);
    judge(head, held, shape, labels);
    await save(trunk, head, out, labels, frame);
    wrapped(`saved in ${out}: npx tensorine classify PICTURE --model ${out}`);
    return 0;
  },
};
