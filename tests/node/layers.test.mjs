// What every layer, initializer, loss... has because it is declared: its examples as tests.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
const evaluate = (text, names) =>
  new Function(...Object.keys(names), `'use strict'; return (${text});`)(...Object.values(names));

function near(got, want, path = '') {
  if (Array.isArray(want)) {
    assert.ok(
      Array.isArray(got) && got.length === want.length,
      `${path}: ${JSON.stringify(got)} where ${JSON.stringify(want)} should be`,
    );
    want.forEach((w, i) => near(got[i], w, `${path}[${i}]`));
  } else if (typeof want === 'number') {
    assert.ok(Math.abs(got - want) <= 1e-5 * Math.max(1, Math.abs(want)), `${path}: ${got} where ${want} should be`);
  } else assert.deepEqual(got, want, path);
}

/** What an example's code calls: activations by name, losses and metrics without one. */
function codeOf(kind, d, code) {
  if (kind === 'activation') return code.replace(d.name, `tf.layers.activation({activation: '${d.name}'}).apply`);
  return kind === 'loss' || kind === 'metric' ? `tf.metrics.${d.name}${code}` : code;
}

for (const kind of [
  'layer',
  'initializer',
  'regularizer',
  'constraint',
  'optimizer',
  'schedule',
  'metric_class',
  'activation',
  'loss',
  'metric',
])
  for (const d of declared[kind])
    d.examples.forEach((example, i) =>
      test(`${kind} ${d.name}: example ${i + 1}`, () => {
        tf.tidy(() => {
          const result = evaluate(codeOf(kind, d, example.code), { tf });
          near(result instanceof tf.Tensor ? result.arraySync() : result, evaluate(example.result, {}));
        });
      }),
    );

/** A value of its kind that a field refuses, and words that the message must hold. */
const WRONG = {
  int: ['many', 'a whole number'],
  float: ['much', 'a number'],
  bool: ['yes', 'true or false'],
  ints: ['wide', 'numbers'],
  shape: ['any', 'whole numbers'],
  sides: ['all', 'a number'],
  seed: [{}, 'a number'],
  dtype: ['float128', 'one of'],
  enum: ['sometimes', 'one of'],
  activation: ['rely', 'an activation'],
  initializer: ['none such', 'an initializer'],
  regularizer: ['none such', 'a regularizer'],
  constraint: ['none such', 'a constraint'],
};

/** Values for the fields that must be given. */
const GIVEN = {
  int: 2,
  float: 0.5,
  floats: 0.5,
  layers: [tf.layers.lstmCell({ units: 2 })],
  ints: 2,
  sides: 1,
  shape: [2],
  activation: 'relu',
  string: 'a',
  layer: tf.layers.simpleRNN({ units: 2 }),
};

for (const d of declared.layer)
  for (const f of d.fields.filter((field) => WRONG[field.kind]))
    test(`layer ${d.name}: a wrong ${f.name} is refused by name`, () => {
      const config = Object.fromEntries(d.fields.filter((g) => g.initial === null).map((g) => [g.name, GIVEN[g.kind]]));
      const [value, words] = WRONG[f.kind];
      assert.throws(
        () => tf.layers[d.name]({ ...config, [f.name]: value }),
        (error) => error.code === 'value' && error.message.includes(f.name) && error.message.includes(words),
      );
    });

for (const d of declared.layer)
  for (const f of d.fields.filter((field) => field.initial === null))
    test(`layer ${d.name}: a missing ${f.name} is named`, () => {
      const config = Object.fromEntries(
        d.fields.filter((g) => g.initial === null && g !== f).map((g) => [g.name, GIVEN[g.kind]]),
      );
      assert.throws(() => tf.layers[d.name](config), new RegExp(`${f.name} must be given`));
    });

test('an axis in lists is written as the number it is', async () => {
  const model = tf.sequential({ layers: [tf.layers.batchNormalization({ axis: [1], inputShape: [2], name: 'n' })] });
  const axisOf = (m) => JSON.parse(m.toJSON()).config.layers[0].config.axis,
    topology = model.toJSON(null, false);
  assert.equal(axisOf(model), 1);
  topology.config.layers[0].config.axis = [[1]];
  const again = await tf.models.modelFromJSON({ modelTopology: topology });
  assert.equal(axisOf(again), 1);
  (model.dispose(), again.dispose());
});

test('symbols, specs and weights made by hand tell what is wrong with their arguments', () => {
  assert.throws(() => new tf.SymbolicTensor('float32'), /a symbolic tensor must have a shape/);
  assert.throws(() => new tf.SymbolicTensor('float9', [null, 1]), { code: 'shape' });
  assert.throws(() => new tf.LayerVariable('x'), /val must be a tensor, but is 'x'/);
  assert.equal(new tf.InputSpec().ndim, undefined);
});
