// Two copies of the library in one program are one: import beside require, the multi-file build, a second
// folder of the same package. Another version is told from a wrong argument.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';
import * as tf from '../../dist/tensorine.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../../dist');
const folder = mkdtempSync(join(tmpdir(), 'tensorine-copies-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const load = createRequire(import.meta.url);

/** The same file again at another place, with another version if given. */
function again(name, version) {
  const to = join(folder, `${version ?? 'same'}-${name}`);
  if (!version) copyFileSync(join(dist, name), to);
  else
    writeFileSync(to, readFileSync(join(dist, name), 'utf8').replaceAll(`"${tf.version.tensorine}"`, `"${version}"`));
  return to;
}

const copies = {
  require: () => load(join(dist, 'tensorine.cjs')),
  'import of what require gives': () => import('../../dist/tensorine.cjs'),
  'the multi-file build': () => import('../../dist/multi/tensorine.mjs'),
  'another folder': () => import(pathToFileURL(again('tensorine.mjs'))),
  'require from another folder': () => load(again('tensorine.cjs')),
  'the script for the tag': () => {
    runInThisContext(readFileSync(join(dist, 'tensorine.js'), 'utf8'));
    return globalThis.tf;
  },
};
for (const [name, get] of Object.entries(copies))
  test(`one engine: ${name}`, async () => {
    const other = await get();
    const x = other.tensor([1, 2]),
      y = tf.add(x, other.scalar(1)),
      v = other.variable(y);
    assert.deepEqual([...y.dataSync()], [2, 3]);
    assert.ok(
      x instanceof tf.Tensor && v instanceof tf.Variable && tf.layers.dense({ units: 1 }) instanceof other.layers.Layer,
    );
    assert.equal(other.memory().numTensors, tf.memory().numTensors);
    assert.throws(() => other.add([1, 2], [1, 2, 3]), tf.TensorineError);
    const g = other.grad((a) => tf.mul(a, a))(x);
    assert.ok(g instanceof tf.Tensor);
    other.dispose([x, y, g, v]);
  });

test('all names are those of the first, and the default export holds them', async () => {
  const other = await copies['another folder']();
  for (const name of Object.keys(tf)) assert.equal(other[name], tf[name], name);
  assert.equal(tf.default, load(join(dist, 'tensorine.cjs')));
});

test('another version, and another library, are named as the cause', async () => {
  const other = load(again('tensorine.cjs', '9.9.9'));
  assert.notEqual(other.Tensor, tf.Tensor);
  const x = other.tensor([1, 2]);
  assert.throws(() => tf.square(x), {
    code: 'value',
    message: /'x' passed to 'square'.* of another copy of the library/,
  });
  assert.throws(() => tf.tensor([[1]]).matMul(other.tensor([[1]])), /another copy/);
  x.dispose();
});

test('members of namespaces can be replaced', () => {
  for (const [space, name] of [
    ['io', 'http'],
    ['browser', 'fromPixels'],
    ['image', 'resizeBilinear'],
    ['layers', 'dense'],
    ['data', 'csv'],
    ['util', 'now'],
    ['train', 'adam'],
    ['losses', 'logLoss'],
    ['metrics', 'mse'],
    ['initializers', 'zeros'],
  ]) {
    const was = tf[space][name],
      { writable, configurable, enumerable } = Object.getOwnPropertyDescriptor(tf[space], name);
    assert.deepEqual(
      { writable, configurable, enumerable },
      { writable: true, configurable: true, enumerable: true },
      `${space}.${name}`,
    );
    const called = [];
    tf[space][name] = (...args) => called.push(args);
    tf[space][name](1);
    assert.deepEqual(called, [[1]]);
    tf[space][name] = was;
  }
  const whole = load(join(dist, 'tensorine.cjs'));
  assert.ok(Object.getOwnPropertyDescriptor(whole, 'tensor').writable);
});
