// The manual's entries beside ops and layers, whose examples have tests of their own: every public name has
// one, and what it says an example gives, it gives.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';
import { readJavaScript } from '../../tools/gen/javascript.mjs';
import { readLayers } from '../../tools/gen/layers.mjs';
import { familiesOf } from '../../tools/gen/manual.mjs';
import { readOps } from '../../tools/gen/read.mjs';
import { publicNames } from '../../tools/gen/names.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const names = publicNames(root).filter(({ kind }) => kind !== 'member');
const entries = new Map(
  [...familiesOf(readOps(root), readLayers(root), root).values()]
    .flat()
    .flatMap((entry) => [entry.path, ...(entry.alias ?? [])].map((path) => [path, entry])),
);

/** Why some have no example that runs by itself. */
const REASONS = {
  'needs a page, a camera or a microphone':
    /^(browser\.draw|webgl\.setContext|data\.(webcam|microphone|WebcamIterator|MicrophoneIterator)|io\.browser(Files|Downloads))$/,
  'needs a server or files':
    /^(loadLayersModel|loadGraphModel|io\.(browserHTTPRequest|nodeHTTPRequest|http|loadWeights|weightsLoaderFactory|fileSystem)|node\.\w+|util\.fetch|data\.(URLDataSource|DataSource)|ModelCheckpoint)$/,
  'needs a whole model file':
    /^(models\.modelFromJSON|io\.(getModelArtifacts\w+|getModelJSONForModelArtifacts|decodeWeightsStream|\w+Model|listModels))$/,
  'changes the place it is called in':
    /^(setThreads|disposeVariables|deprecationWarn|disableDeprecationWarnings|enable\w+Mode|setPlatform|print|webgl\.forceHalfFloat|io\.(register|get)\w+|registerCallbackConstructor|registerOp)$/,
  'is made by others, or is there to be extended':
    /^(Variable|variableGrads|Schedule|LayerVariable|RNN|layers\.(Layer|RNN|RNNCell)|metrics\.Metric|serialization\.\w+|CSVLogger|LearningRateScheduler|ReduceLROnPlateau|TerminateOnNaN)$/,
};
/** Generated: ops and layers under further names, and classes of what the manual has as functions. */
const ALSO = /^(spectral\.\w+|\w+Optimizer|OptimizerConstructors|metrics\.\w+|layers\.\w+)$/;

test('every public name has an entry with an example, or there is a reason', () => {
  const unknown = names.filter(({ path }) => !entries.has(path) && !ALSO.test(path)).map(({ path }) => path);
  assert.deepEqual(unknown, []);
  const bare = [...entries.values()].filter((e) => !e.examples.length && !/: /.test(e.path)).map(({ path }) => path);
  assert.deepEqual(
    bare.filter((path) => !Object.values(REASONS).some((reason) => reason.test(path))),
    [],
  );
});

test('no entry is of a name that is not public', () => {
  const known = new Set(names.map(({ path }) => path));
  const paths = readJavaScript(root).flatMap(([, list]) => list.map(({ path }) => path));
  assert.deepEqual(
    paths.filter((path) => !known.has(path) && !/^(callbacks|models)\./.test(path)),
    [],
  );
  assert.ok(paths.length > 200);
});

test('classes have their methods, with what they take and the fields of their options', () => {
  const members = readJavaScript(root).flatMap(([, list]) => list.flatMap((e) => e.members));
  const rows = (path) => members.find((e) => e.path === path).rows.map(([name, type]) => `${name}: ${type}`);
  const fit = rows('LayersModel.prototype.fit');
  for (const row of ['x: Data', 'args.epochs: number', 'args.callbacks: CallbacksArg'])
    assert.ok(fit.includes(row), `${row} is not in ${fit.join(', ')}`);
  assert.deepEqual(rows('data.Dataset.prototype.batch'), ['batchSize: number', 'smallLastBatch: boolean']);
  for (const path of ['Tensor.prototype.data', 'GraphModel.prototype.predict', 'EarlyStopping.prototype.onEpochEnd'])
    assert.ok(rows(path), path);
  assert.deepEqual(
    members.filter(({ path }) => /\._|\.prototype\.(constructor|prototype)$/.test(path)).map(({ path }) => path),
    [],
  );
});

test('entries say what they take', () => {
  const untyped = readJavaScript(root)
    .flatMap(([, list]) => list)
    .filter((e) => e.rows.some(([name, type, initial]) => !type && !initial && !/^→/.test(name)));
  assert.deepEqual(
    untyped.map(({ path }) => path),
    [],
  );
});

const plain = (y) =>
  y instanceof tf.Tensor
    ? y.arraySync()
    : Array.isArray(y)
      ? y.map(plain)
      : y !== null && typeof y === 'object'
        ? Object.fromEntries(Object.entries(y).map(([key, v]) => [key, plain(v)]))
        : y;
const near = (a, b) =>
  typeof a === 'number' && typeof b === 'number'
    ? Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b))
    : a !== null && typeof a === 'object' && b !== null && typeof b === 'object'
      ? Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((key) => near(a[key], b[key]))
      : Object.is(a, b);

for (const { path, examples } of readJavaScript(root).flatMap(([, list]) => list.flatMap((e) => [e, ...e.members])))
  for (const { code, result } of examples)
    test(`${path}: ${code}`, async () => {
      const before = tf.memory().numTensors,
        right = new Function(`return (${result})`)();
      await tf.tidy(async () => {
        const value = plain(await new Function('tf', `return (async () => (${code}))()`)(tf));
        assert.ok(near(value, right), `${JSON.stringify(value)} is not ${result}`);
      });
      tf.disposeVariables();
      assert.ok(tf.memory().numTensors <= before + 8, 'no more is left than weights of models');
    });
