// tensorine info: versions, what the host can do, and which packages that read pictures are there.
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import * as tf from '../index';
import type { Command } from './command';
import { cacheFolder } from './mobilenet';
import { print, printHelp } from './terminal';

const PACKAGES = { 'jpeg-js': 'JPEG', pngjs: 'PNG', 'bmp-js': 'BMP', omggif: 'GIF' };

/** Whether tf.node would find a package: it looks in the program's folder and in that of its main file. */
function there(name: string): boolean {
  return [`${process.cwd()}/`, process.argv[1]].some((from) => {
    try {
      return Boolean(createRequire(from).resolve(name));
    } catch {
      return false;
    }
  });
}

export const info: Command = {
  name: 'info',
  takes: '',
  least: 0,
  most: 0,
  summary: 'Tells versions, devices, and which pictures can be read.',
  options: { json: { help: 'as JSON' } },
  examples: ['info', 'info --json'],
  async run(given) {
    await tf.ready();
    const pictures = Object.entries(PACKAGES).map(([name, kind]) => ({ kind, name, found: there(name) }));
    const facts = {
      tensorine: tf.version.tensorine,
      'TensorFlow.js names': tf.version.tfjs,
      node: process.versions.node,
      system: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      device: tf.getBackend(),
      cache: cacheFolder(),
    };
    if (given.has('json')) {
      print(
        JSON.stringify({ ...facts, pictures: Object.fromEntries(pictures.map((p) => [p.kind, p.found])) }, null, 2),
      );
      return 0;
    }
    const rows = [
      ...Object.entries(facts).map(([name, value]) => [name, String(value)]),
      ...pictures.map(({ kind, name, found }) => [`${kind} files`, found ? `read by ${name}` : `npm install ${name}`]),
    ];
    for (const [name, value] of rows) printHelp(`  ${name.padEnd(19)}  ${value}`);
    return 0;
  },
};
