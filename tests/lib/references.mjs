// Real models against outputs worked out elsewhere; the same code runs in Node and in pages.

/** The layers models with a reference, and the folder of each. */
export const MODELS = [
  'mobilenet_v1_025_224_layers',
  'teachable_machine_image',
  'mnist_layers_potolok',
  'lstm_text_generation',
  'tfjs_examples_abalone',
];

/** Graph models with a reference. */
export const GRAPHS = ['mobilenet_v1_025_224_graph', 'tfjs_examples_prefetch'];

/** The input that the reference outputs belong to. */
export function inputOf(tf, { shape, fill, dtype }) {
  if (fill === 'i%5')
    return tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i % 5),
      shape,
      dtype,
    );
  if (!fill.startsWith('((i*7919)%1000)/1000')) throw new Error(`the reference fills its input by ${fill}`);
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7919) % 1000) / 1000);
  return tf.tensor(values, shape);
}

/** Largest difference of a model's outputs from the reference. Nothing is left behind. */
export async function compare(tf, url, reference) {
  const before = tf.memory().numTensors;
  const model = await (reference.format === 'graph-model' ? tf.loadGraphModel(url) : tf.loadLayersModel(url));
  const inputs = reference.inputs.map((input) => inputOf(tf, input));
  const outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
  let worst = 0;
  for (const [i, expected] of reference.outputs.entries()) {
    if (String(outputs[i].shape) !== String(expected.shape))
      throw new Error(`output ${i} has shape [${outputs[i].shape}], the reference [${expected.shape}]`);
    const values = await outputs[i].data();
    expected.values.forEach((value, k) => {
      const off = Math.abs(values[k * expected.stride] - value);
      if (!(off <= worst)) worst = off;
    });
  }
  tf.dispose([inputs, outputs]);
  model.dispose();
  const left = tf.memory().numTensors - before;
  if (left) throw new Error(`${left} tensors left behind`);
  return worst;
}

/** Whether a model that is saved to each of these places and loaded from there gives bit for bit what it gave. */
export async function savedAgain(tf, url, reference, places) {
  const before = tf.memory().numTensors,
    found = {};
  const load = (from) => (reference.format === 'graph-model' ? tf.loadGraphModel(from) : tf.loadLayersModel(from));
  const answers = async (model) => {
    const inputs = reference.inputs.map((input) => inputOf(tf, input)),
      outputs = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat();
    const values = await Promise.all(
      outputs.map(async (t) => ({ shape: t.shape, dtype: t.dtype, bytes: Array.from(await t.data()) })),
    );
    tf.dispose([inputs, outputs]);
    return values;
  };
  const model = await load(url),
    expected = JSON.stringify(await answers(model));
  for (const place of places) {
    let artifacts;
    await model.save(
      place === 'memory'
        ? tf.io.withSaveHandler(async (given) => {
            artifacts = given;
            return { modelArtifactsInfo: {} };
          })
        : place,
    );
    const again = await load(artifacts ? tf.io.fromMemory(artifacts) : place);
    found[place] = JSON.stringify(await answers(again)) === expected ? 'the same' : 'different';
    again.dispose();
    if (!artifacts) await tf.io.removeModel(place);
  }
  model.dispose();
  const left = tf.memory().numTensors - before;
  if (left) throw new Error(`${left} tensors left behind`);
  return found;
}

/** Photographs and the class each must have among its first three. */
export const PHOTOS = {
  bird_ml5: [15],
  parrot: [88],
  pizza: [963],
  elephants: [386],
  cat_tfjs_examples: [285],
  hot_dog: [934],
  dog: [166],
  basketball: [430],
  coffee: [968, 504],
  kitten_ml5: [282],
};

/** The three likeliest classes of a picture (int32 [h, w, 3]). */
export function topThree(tf, model, picture) {
  return tf.tidy(() => {
    const x = tf.image.resizeBilinear(picture.toFloat(), [224, 224]).div(127.5).sub(1).expandDims(0);
    return Array.from(tf.topk(model.predict(x).squeeze(), 3).indices.dataSync());
  });
}

/** What graph models give: shapes, dtypes and values, NaN and infinities as texts; and how many tensors are left. */
export async function graphAnswers(lib, rows) {
  const found = [];
  for (const { artifacts, bytes, inputs, outputs } of rows) {
    const m = lib.loadGraphModelSync({ ...artifacts, weightData: Uint8Array.from(bytes).buffer });
    const fed = Object.fromEntries(
      Object.entries(inputs).map(([key, { values, shape, dtype }]) => [
        key,
        lib.tensor(
          values.map((v) => (typeof v === 'string' && dtype !== 'string' ? Number(v) : v)),
          shape,
          dtype,
        ),
      ]),
    );
    const results = [m.execute(fed, outputs)].flat();
    found.push(
      await Promise.all(
        results.map(async (t) => ({
          shape: t.shape,
          dtype: t.dtype,
          values: Array.from(await t.data(), (v) => (typeof v === 'number' && !Number.isFinite(v) ? String(v) : v)),
        })),
      ),
    );
    lib.dispose([results, fed]);
    m.dispose();
  }
  return [found, lib.memory().numTensors];
}
