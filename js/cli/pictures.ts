// Pictures in files, found, read by tf.node and brought to the size and the values that a model takes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '../index';
import { Failure, UsageError, type Given, type Option } from './command';
import { portsOf, type Model, type Opened } from './models';

export const isPicture = (name: string): boolean => /\.(jpe?g|png|bmp|gif)$/i.test(name);

export const picturesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter(isPicture)
    .sort()
    .map((name) => join(folder, name));

/** Paths of the pictures among files and folders. */
export function findPictures(places: string[]): string[] {
  const found = places.flatMap((place) => {
    const stat = statSync(place, { throwIfNoEntry: false });
    if (!stat) throw new Failure(`${place} does not exist: give pictures, or folders of them`);
    return stat.isDirectory() ? picturesIn(place) : [place];
  });
  if (!found.length) throw new Failure(`${places.join(', ')}: no pictures there (JPEG, PNG, BMP or GIF)`);
  return found;
}

/** What is wrong, in the words of the one who gave the file. */
export function reason(error: unknown, path: string): string {
  const { message } = error as Error,
    bare = message.replace(/^(tf\.node|decodeImage): /, '');
  return message.includes('npm install')
    ? `${path}: ${bare}`
    : `${path} cannot be read as a picture (${bare}): give a JPEG, PNG, BMP or GIF file`;
}

/** int32 [height, width, channels] of a file. */
export function readPicture(path: string, channels: number): tf.Tensor3D {
  try {
    return tf.node.decodeImage(readFileSync(path), channels, 'int32', false) as tf.Tensor3D;
  } catch (error) {
    throw new Failure(reason(error, path));
  }
}

export type Range = [number, number];
export interface Frame {
  height: number;
  width: number;
  channels: number;
  range: Range;
}

export const RANGE: Option = { value: 'LOW,HIGH', help: 'values that pictures are brought to (default: see below)' };
export const RANGE_REMARK = `Pictures are brought to the values that metadata.json beside the model says
("range"), else from 0 to 1 for graph models, as those of TF Hub take them, and from -1 to 1 for layers
models; --range says otherwise.`;

function rangeOf(given: Given, { metadata, kind }: Opened): Range {
  const text = given.text('range');
  if (text === undefined) return metadata.range ?? [kind === 'graph' ? 0 : -1, 1];
  const [low, high, more] = text.split(',').map(Number);
  if (!(low < high) || more !== undefined)
    throw new UsageError(`--range takes two numbers, as --range=-1,1, but is '${text}'`);
  return [low, high];
}

/** The pictures that a model takes. */
export function frameOf(given: Given, opened: Opened, model: Model): Frame {
  const [port] = portsOf(model),
    [, height, width, channels] = port.shape;
  if (port.shape.length !== 4 || ![1, 3, 4].includes(channels ?? 0))
    throw new Failure(
      `the model's input ${port.name} has the shape [${port.shape.map((n) => n ?? '?').join(', ')}], which no picture fits: ` +
        'give numbers by tensorine run',
    );
  return { height: height ?? 224, width: width ?? 224, channels: channels!, range: rangeOf(given, opened) };
}

/** float32 [1, height, width, channels] of a picture; flip: as in a mirror. */
export function prepare(
  picture: tf.Tensor3D,
  { height, width, channels, range: [low, high] }: Frame,
  flip = false,
): tf.Tensor4D {
  return tf.tidy(() => {
    const scaled = tf.image
      .resizeBilinear(picture.toFloat(), [height, width])
      .mul((high - low) / 255)
      .add(low)
      .reshape([1, height, width, channels]) as tf.Tensor4D;
    return flip ? tf.reverse(scaled, 2) : scaled;
  });
}
