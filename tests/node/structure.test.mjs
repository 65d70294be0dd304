// The folders of src/ stand on each other in one order: an include that points up fails, with both
// paths; so does a file name that stands twice.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import test from 'node:test';

const src = join(import.meta.dirname, '../../src');

/** From the lowest: a file may include those of its own folder and of the folders before it. */
const ROOMS = [
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
const room = (file) => dirname(file).replaceAll('\\', '/');

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
  const rank = ROOMS.indexOf(room(file));
  return paths.flatMap((path) => {
    if (!files.includes(path)) return [`${file} includes ${path}, which is no file of src/`];
    return ROOMS.indexOf(room(path)) > rank ? [`${file} includes ${path}, which stands above it`] : [];
  });
}

test('every folder of src/ has its place in the order', () => {
  assert.deepEqual(
    [...new Set(files.map(room))].filter((name) => !ROOMS.includes(name)),
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
