// Which files of js/ import which, types too: for the test of the order and for the picture in docs/.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const js = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../js');
const slashes = (path) => path.replaceAll('\\', '/');

/** All files, by their paths in js/. */
export const sources = () =>
  readdirSync(js, { recursive: true })
    .map(slashes)
    .filter((name) => name.endsWith('.ts'))
    .sort();

/** The folders of js/ from the lowest: a file may import those of its own folder and of the folders before it. */
export const FOLDERS = [
  'wasm',
  'core',
  'util',
  'ops',
  'api',
  'io',
  'data',
  'nn',
  'training',
  'models',
  'graph',
  'compat',
  '.',
  'vis',
  'cli',
];

/** The folder of a file; what is generated counts as of the folder that it is generated for. */
export const folderOf = (file) => dirname(file).replace(/^generated\//, '');

/** Files of js/ that a file imports or re-exports. */
export function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(js, file), 'utf8'), true, true);
  const places = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
  return [...new Set(places)].map((name) => {
    const path = join(js, dirname(file), name);
    const found = [`${path}.ts`, `${path}.d.ts`, join(path, 'index.ts'), path].find((at) => existsSync(at));
    return slashes(relative(js, found));
  });
}
