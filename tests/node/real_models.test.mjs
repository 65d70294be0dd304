// Real layers models from files against the outputs of the peer on the same input. Needs the optional
// data folder (TENSORINE_DATA, or ../shared/data); without it the tests are skipped, and say so.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as tf from '../../dist/tensorine.mjs';

const data = resolve(process.env.TENSORINE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url)));
const MODELS = {
  tfjs_examples_abalone: 'trainedModel/model.json', mnist_layers_potolok: 'model.json', lstm_text_generation: 'model.json',
  teachable_machine_image: 'model.json', mobilenet_v1_025_224_layers: 'model.json',
};

/** The input that the references were made with. */
const reference = (shape) => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919) % 1000) / 1000), shape);

for (const [name, file] of Object.entries(MODELS)) {
  const path = join(data, name, file), expected = join(data, 'reference', `${name}.json`);
  const skip = !existsSync(path) || !existsSync(expected) ? `${path} or its reference is not there` : false;
  test(`${name} agrees with its reference`, { skip }, async () => {
    const before = tf.memory().numTensors, { inputs, outputs } = JSON.parse(readFileSync(expected, 'utf8'));
    let fraction = 0;
    const model = await tf.loadLayersModel(pathToFileURL(path).href, { onProgress: (part) => { fraction = part; } });
    assert.equal(fraction, 1);
    tf.tidy(() => {
      const y = model.predict(reference(inputs[0].shape)), got = y.dataSync();
      assert.deepEqual(y.shape, outputs[0].shape);
      outputs[0].values.forEach((want, i) => assert.ok(Math.abs(got[i * outputs[0].stride] - want) <= 1e-4, `[${i}] ${got[i * outputs[0].stride]} ${want}`));
      assert.ok(Math.abs(got.reduce((a, b) => a + b, 0) - outputs[0].sum) < 1e-3);
    });
    const again = await tf.models.modelFromJSON(model.toJSON(null, false));
    again.setWeights(model.getWeights());
    tf.tidy(() => {
      const x = reference(inputs[0].shape);
      assert.deepEqual(again.predict(x).dataSync(), model.predict(x).dataSync());
    });
    again.dispose();
    model.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
}
