// Every layer and every field of its config against TensorFlow.js: what getConfig says, what a layer
// made from that config computes, and files that each library reads of the other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { CELLS, configOf, inputsOf, LAYERS, modelOf, numbers, otherValue, product } from '../lib/layers.mjs';

const { warn } = console;
console.warn = () => {};
const peer = createRequire(import.meta.url)('@tensorflow/tfjs');
console.warn = warn;
await peer.setBackend('cpu');
after(() => peer.disposeVariables());

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8')).layer;
const names = declared.map(({ name }) => name),
  all = { ...LAYERS, ...CELLS };

test('every layer has a case', () => {
  assert.deepEqual(
    names.filter((name) => !all[name]),
    [],
  );
  assert.deepEqual(
    Object.keys(all).filter((name) => !names.includes(name)),
    [],
  );
});

function near(got, want, what, tolerance = 1e-5) {
  assert.equal(got.length, want.length, what);
  got.forEach((v, i) =>
    assert.ok(
      Math.abs(v - want[i]) <= tolerance * Math.max(1, Math.abs(want[i])),
      `${what}: [${i}] is ${v}, should be ${want[i]}`,
    ),
  );
}

const valuesOf = (result) => [result].flat().flatMap((y) => Array.from(y.dataSync()));
/** Small numbers for all weights, variances positive. */
function fill(lib, model) {
  model.setWeights(
    model.weights.map((w) =>
      lib.tensor(numbers(product(w.shape), 0.8, w.name.includes('variance') ? 0.3 : -0.5), w.shape),
    ),
  );
}
async function artifactsOf(lib, model) {
  let saved;
  await model.save(
    lib.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return saved;
}
const loaded = (lib, artifacts) => lib.loadLayersModel(lib.io.fromMemory(artifacts));

// ---- files ----

/** Layers that the peer cannot use in a model, so that only the config is looked at there. */
const NOT_IN_MODELS = ['resizing', 'centerCrop', 'randomWidth', 'categoryEncoding'];
/** Layers that the peer lacks. */
const OURS = names.filter((name) => !peer.layers[name]);
/** Convolutional cells live in convLstm2d alone. */
const NO_MODEL = ['convLstm1dCell', 'convLstm2dCell', 'convLstm3dCell'];

for (const name of names.filter((n) => !NO_MODEL.includes(n)))
  test(`${name}: files go from each library to the other`, async () => {
    const ours = modelOf(tf, name);
    fill(tf, ours);
    const want = valuesOf(ours.predict(inputsOf(tf, name))),
      saved = await artifactsOf(tf, ours);
    const again = await loaded(tf, saved);
    assert.deepEqual(valuesOf(again.predict(inputsOf(tf, name))), want, 'saved and loaded again');
    const there = OURS.includes(name) ? null : await loaded(peer, saved);
    if (there && !NOT_IN_MODELS.includes(name))
      near(valuesOf(there.predict(inputsOf(peer, name))), want, 'in the peer');
    const back = !there || NOT_IN_MODELS.includes(name) ? null : await loaded(tf, await artifactsOf(peer, there)); // where it changes the shape of the input
    if (back) near(valuesOf(back.predict(inputsOf(tf, name))), want, 'back from the peer');
    for (const model of [ours, again, there, back]) model?.dispose();
  });

// ---- fields ----

/** Fields that the peer takes and forgets, or takes no other value for, so that its getConfig is no judge. */
const FORGOTTEN = /activityRegularizer|depthwiseConv2d: depthwiseConstraint|separableConv2d: pointwiseInitializer/,
  REFUSED = /elu: alpha|convLstm2d: unroll|resetAfter/;

/** Values of a config that may be compared: no names. */
const plain = (value) => JSON.parse(JSON.stringify(value, (key, v) => (key === 'name' ? undefined : v)));

for (const { name, fields } of declared)
  for (const f of fields) {
    const value = otherValue(name, f);
    if (value === undefined) continue;
    test(`${name}: ${f.name} goes round`, () => {
      const make = (lib) => lib.layers[name](configOf(lib, name, { [f.name]: value }));
      const field = `${name}: ${f.name}`,
        ours = make(tf),
        config = ours.getConfig();
      assert.notEqual(config[f.name], undefined);
      const said =
        OURS.includes(name) || FORGOTTEN.test(field) || REFUSED.test(field)
          ? undefined
          : plain(make(peer).getConfig())[f.name];
      if (said !== undefined) assert.deepEqual(plain(config)[f.name], said, `the peer says ${JSON.stringify(said)}`);
      const again = ours.constructor.fromConfig ? tf.layers[name](config) : ours;
      assert.deepEqual(again.getConfig(), config);
    });
  }

/** Of these the peer says what the layer inside is. */
const WRAPPERS = ['timeDistributed', 'bidirectional'];

for (const name of names.filter((n) => LAYERS[n] && n !== 'inputLayer'))
  test(`${name}: what every layer may be given goes round`, () => {
    const given = { name: 'given', trainable: false, batchInputShape: [4, ...LAYERS[name][1][0]], dtype: 'float32' };
    const [ours, theirs] = [tf, peer].map((lib) => lib.layers[name]?.(configOf(lib, name, given)).getConfig());
    for (const [field, value] of Object.entries(given)) {
      if (theirs && !WRAPPERS.includes(name)) assert.deepEqual(theirs[field], value);
      assert.deepEqual(ours[field], value);
    }
  });

// ---- nulls ----

const snake = (text) => text.replace(/([A-Z])/g, (c) => `_${c.toLowerCase()}`);
/** Fields that are null in the config of a model's layer, by paths. */
const nulls = (value, path = '') =>
  value === null
    ? [path]
    : typeof value !== 'object' || Array.isArray(value)
      ? []
      : Object.entries(value).flatMap(([key, v]) => nulls(v, `${path}/${key}`));
const configIn = (topology, className) => topology.config.layers.find((entry) => entry.class_name === className).config;

for (const name of names.filter((n) => !NO_MODEL.includes(n) && !CELLS[n] && !NOT_IN_MODELS.includes(n)))
  test(`${name}: files have no nulls that say nothing`, () => {
    const { className, fields } = declared.find((layer) => layer.name === name),
      model = modelOf(tf, name);
    const got = nulls(configIn(model.toJSON(null, false), className));
    if (!OURS.includes(name)) {
      const theirs = nulls(configIn(JSON.parse(JSON.stringify(modelOf(peer, name).toJSON(null, false))), className));
      assert.deepEqual(
        got.filter((path) => !theirs.includes(path)),
        [],
      );
    } else {
      const choices = fields.filter((f) => f.nullable).map((f) => `/${snake(f.name)}`);
      assert.deepEqual(
        got.filter((path) => !/(regularizer|constraint|config\/seed)$/.test(path) && !choices.includes(path)),
        [],
      );
    }
    model.dispose();
  });
