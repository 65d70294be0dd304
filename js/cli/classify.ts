// tensorine classify PICTURE...: what a model takes pictures for, the best classes first.
import { basename } from 'node:path';
import * as tf from '../index';
import { Failure, type Command } from './command';
import { mobilenet } from './mobilenet';
import { load, open, portsOf, predict, readLabels, type Model } from './models';
import { findPictures, frameOf, prepare, RANGE, RANGE_REMARK, readPicture, type Frame } from './pictures';
import { clip, note, percent, print, table, width } from './terminal';

interface Answer {
  index: number;
  label: string;
  score: number;
}

const BAR = 20;
/** Cells of a bar. */
const filled = (share: number) => '█'.repeat(Math.round(BAR * Math.min(1, Math.max(0, share))));

/** The best classes of a picture. Logits, which a graph may end with, become probabilities. */
function best(model: Model, path: string, frame: Frame, top: number, labels: string[]): Answer[] {
  return tf.tidy(() => {
    const input = prepare(readPicture(path, frame.channels), frame);
    const scores = predict(model, { [portsOf(model)[0].name]: input })[0].flatten();
    const sum = tf.sum(scores).dataSync()[0],
      isShare = tf.min(scores).dataSync()[0] >= 0 && Math.abs(sum - 1) < 0.01;
    const { values, indices } = tf.topk(isShare ? scores : tf.softmax(scores), Math.min(top, scores.size));
    const found = values.dataSync();
    return Array.from(indices.dataSync(), (index, i) => ({
      index,
      label: labels[index]?.split(',')[0] ?? `class ${index}`,
      score: found[i],
    }));
  });
}

function show(path: string, answers: Answer[]): void {
  print(clip(basename(path), width()));
  table(
    answers.map(({ label, score }) => [`  ${label}`, percent(score), filled(score)]),
    [1],
  );
}

export const classify: Command = {
  name: 'classify',
  takes: 'PICTURE...',
  least: 1,
  most: Infinity,
  summary: 'Tells what is in pictures, by MobileNet or by a model of your own.',
  remarks: `Pictures are files or folders of them. Without --model it is MobileNet v1 0.25, which is fetched
once. Names of classes are those of metadata.json beside the model. ${RANGE_REMARK}`,
  options: {
    model: { short: 'm', value: 'FILE', help: 'a model.json, its folder, or a URL' },
    labels: { short: 'l', value: 'FILE', help: 'names of the classes: one a line, or JSON' },
    top: { short: 't', value: 'N', help: 'how many classes are shown (default 3)' },
    range: RANGE,
    json: { help: 'as JSON' },
  },
  examples: ['classify dog.jpg', 'classify photos --model model --top 1'],
  async run(given, places) {
    const top = given.number('top', 3, 1),
      file = given.text('labels');
    const named = file === undefined ? undefined : readLabels(file),
      paths = findPictures(places);
    const opened = await open(given.text('model') ?? (await mobilenet())),
      model = await load(opened),
      frame = frameOf(given, opened, model);
    const all: { [path: string]: Answer[] } = {};
    let failed = 0;
    for (const path of paths)
      try {
        all[path] = best(model, path, frame, top, named ?? opened.metadata.labels ?? []);
        if (!given.has('json')) show(path, all[path]);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        note(`tensorine classify: ${error.message}`);
        failed++;
      }
    if (given.has('json')) print(JSON.stringify(all, null, 2));
    model.dispose();
    return failed ? 1 : 0;
  },
};
