// The folders of src/ and of js/ stand on each other in one order: an include or import that points up fails,
// with both paths; so do a file name that stands twice under src/ and imports of js/ that make a circle, types too.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import test from 'node:test';
import { FOLDERS, folderOf, importsOf, sources } from '../lib/imports.mjs';

const src = join(import.meta.dirname, '../../src');

/** From the lowest: a file may include those of its own folder and of the folders before it. */
const C_FOLDERS = [
  'include',
  'base',
  'backend/cpu',
  'backend/plugin',
  'tensor',
  'autograd',
  'jit',
  'ops',
  'backend/webgl',
  'io',
  'nn/core',
  'nn/parts',
  'nn/layers',
  'nn/model',
  'nn/api',
  'training',
  'graph_model',
  'binding',
];

const files = readdirSync(src, { recursive: true })
  .filter((name) => /\.[ch]$/.test(name))
  .sort();
const folder = (file) => dirname(file).replaceAll('\\', '/');

/** Files of src/ that a file includes; what is written without a folder is public or generated. */
function includes(file) {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/^#include "([^"]+)"/gm)]
    .map(([, path]) => path)
    .filter((path) => !path.endsWith('.gen.h'))
    .map((path) => (path.includes('/') ? path : `include/${path}`));
}

/** What is wrong with the includes of a file: a sentence for each. */
function faults(file, paths) {
  const rank = C_FOLDERS.indexOf(folder(file));
  return paths.flatMap((path) => {
    if (!files.includes(path)) return [`${file} includes ${path}, which is no file of src/`];
    return C_FOLDERS.indexOf(folder(path)) > rank ? [`${file} includes ${path}, which stands above it`] : [];
  });
}

test('every folder of src/ has its place in the order', () => {
  assert.deepEqual(
    [...new Set(files.map(folder))].filter((name) => !C_FOLDERS.includes(name)),
    [],
  );
});

test('no include points up', () => {
  assert.deepEqual(
    files.flatMap((file) => faults(file, includes(file))),
    [],
  );
});

test('an include that points up is seen', () => {
  assert.deepEqual(faults('ops/conv.c', ['nn/core/layer.h', 'tensor/op.h']), [
    'ops/conv.c includes nn/core/layer.h, which stands above it',
  ]);
});

test('no file name stands twice', () => {
  const names = files.map((file) => basename(file));
  assert.deepEqual(
    files.filter((file, i) => names.indexOf(basename(file)) !== i).map((file) => relative('.', file)),
    [],
  );
});

// ---- js/

/** Imports that point up, a sentence for each. */
function upward(graph) {
  const rank = (file) => FOLDERS.indexOf(folderOf(file));
  return [...graph].flatMap(([file, imports]) =>
    imports.filter((path) => rank(path) > rank(file)).map((path) => `${file} imports ${path}, which stands above it`),
  );
}

/** A circle of imports as its files in order, or none. */
function circle(graph) {
  const done = new Set();
  const visit = (file, path) => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found) return found;
  }
  return null;
}

const graph = new Map(sources().map((file) => [file, importsOf(file)]));

test('every folder of js/ has its place in the order', () => {
  assert.deepEqual(
    [...new Set(sources().map(folderOf))].filter((name) => !FOLDERS.includes(name)),
    [],
  );
});

test('no import points up, types too', () => assert.deepEqual(upward(graph), []));

test('no imports make a circle, types too', () => assert.equal(circle(graph)?.join(' -> '), undefined));

test('an import that points up and a circle are seen', () => {
  const planted = new Map([...graph, ['core/want.ts', [...graph.get('core/want.ts'), 'nn/layer.ts']]]);
  assert.deepEqual(upward(planted), ['core/want.ts imports nn/layer.ts, which stands above it']);
  assert.match(circle(planted).join(' '), /core\/want\.ts/);
});
