// The MobileNet that classify and train begin with: fetched once to the user's cache folder, with the names of its
// classes.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '../index';
import { Failure } from './command';
import { bar, note, percent } from './terminal';

const MODEL = 'https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_0.25_224/model.json';
const CLASSES = 'https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json';

export const cacheFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tensorine/mobilenet_v1_0.25_224');

/** Names of the classes; without them a class is its number. */
async function writeClasses(folder: string): Promise<void> {
  try {
    const answer = await fetch(CLASSES);
    const classes: { [index: string]: [string, string] } = await answer.json();
    const labels = Object.values(classes).map(([, name]) => name.replaceAll('_', ' '));
    writeFileSync(join(folder, 'metadata.json'), JSON.stringify({ labels, range: [-1, 1] }));
  } catch {
    note('the names of the classes cannot be fetched: --labels FILE takes them, a class a line');
  }
}

/** The path of the model's file. It comes whole or not at all: into a folder beside, which then gets the name. */
export async function mobilenet(): Promise<string> {
  const folder = cacheFolder(),
    file = join(folder, 'model.json');
  if (existsSync(file)) return file;
  const progress = bar('fetching MobileNet', 100),
    part = `${folder}.${process.pid}`;
  try {
    const onProgress = (share: number) => progress.at(Math.round(100 * share), percent(share));
    const model = await tf.loadLayersModel(MODEL, { onProgress });
    mkdirSync(part, { recursive: true });
    await model.save(pathToFileURL(part).href);
    model.dispose();
    await writeClasses(part);
    renameSync(part, folder);
  } catch (error) {
    progress.end('');
    rmSync(part, { recursive: true, force: true });
    const { message, cause } = error as Error;
    throw new Failure(
      `MobileNet cannot be fetched (${(cause as Error)?.message ?? message}): give a model of your own by --model FILE`,
    );
  }
  progress.end(`in ${folder}`);
  return file;
}
