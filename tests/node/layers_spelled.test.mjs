// Files that spell a layer's config in another way: every layer that is declared, in every spelling that Keras, its
// converter or programs have been seen to write. What is read is the same config, and computes the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';
import { CELLS, inputsOf, LAYERS, modelOf, numbers, otherValue, product } from '../lib/layers.mjs';

const declared = JSON.parse(readFileSync(new URL('../../build/gen/layers.json', import.meta.url), 'utf8'));
const layers = declared.layer.filter(
  ({ name }) => name !== 'inputLayer' && name !== 'convLstm2dCell' && (LAYERS[name] ?? CELLS[name]),
);
const byClass = Object.fromEntries(declared.layer.map((layer) => [layer.className, layer]));
const snake = (name) =>
    name
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase(),
  camel = (name) => name.replace(/_(\w)/g, (_, c) => c.toUpperCase());
const PARTS = ['initializer', 'regularizer', 'constraint'];
const copy = (value) => JSON.parse(JSON.stringify(value));

/** Calls change(entry, config, fields) for each layer of a topology, the inner ones too. */
function each(value, change) {
  if (!value || typeof value !== 'object') return;
  Object.values(value).forEach((inner) => each(inner, change));
  const layer = byClass[value.class_name];
  if (layer && value.config && !Array.isArray(value.config)) change(value, value.config, layer.fields);
}
/** A change of each field of some kind: f(value, field) is the new value, undefined leaves it. */
const fields = (kinds, f) => (entry, config, list) => {
  for (const field of list) {
    const key = snake(field.name);
    if (!(key in config) || !(kinds === '*' || kinds.includes(field.kind))) continue;
    const value = f(config[key], field);
    if (value !== undefined) config[key] = value;
  }
};
const keysIn = (value, f) =>
  Array.isArray(value)
    ? value.map((v) => keysIn(v, f))
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, v]) => [f(key), keysIn(v, f)]))
      : value;
const keras3 = (part, module) =>
  part && { module: `keras.${module}`, class_name: part.class_name, config: part.config, registered_name: null };
/** In place of a dtype float32: one that is not said means just that in Keras, so that inputs of texts and of whole
 * numbers must say theirs, and policies are of floats. */
const forFloats = (dtype) => (entry, config) => {
  if ((config.dtype ?? 'float32') === 'float32') config.dtype = copy(dtype);
};
const policy = (class_name, name) => forFloats({ class_name, config: { name } });

const SPELLINGS = {
  'camelCase keys': (entry, config) => {
    for (const key of Object.keys(config))
      if (!['layer', 'cell', 'cells'].includes(key)) {
        const value = config[key];
        delete config[key];
        config[camel(key)] = keysIn(value, camel);
      }
  },
  'null where nothing is said': (entry, config, list) => {
    for (const f of list) if (f.initial === 'null' && config[snake(f.name)] === undefined) config[snake(f.name)] = null;
  },
  'nothing where null is said': (entry, config, list) => {
    for (const f of list) if (f.initial === 'null' && config[snake(f.name)] === null) delete config[snake(f.name)];
  },
  'nothing where the default is said': (entry, config, list) => {
    for (const f of list)
      if (f.initial && JSON.stringify(config[snake(f.name)]) === f.initial) delete config[snake(f.name)];
  },
  'null where a number, a bool or a choice has its default': (entry, config, list) => {
    for (const f of list)
      if (
        ['int', 'float', 'bool'].includes(f.kind) &&
        !f.nullable &&
        f.initial &&
        JSON.stringify(config[snake(f.name)]) === f.initial
      )
        config[snake(f.name)] = null;
  },
  'numbers in lists': fields(['int', 'float'], (v) => (typeof v === 'number' ? [v] : undefined)),
  'numbers for lists of equal ones': fields(['ints'], (v, f) =>
    Array.isArray(v) && f.count && v.every((n) => n === v[0]) ? v[0] : undefined,
  ),
  'lists for numbers': fields(['ints'], (v, f) =>
    typeof v === 'number' && f.count ? Array(f.count).fill(v) : undefined,
  ),
  '0 and 1': fields(['bool'], (v) => (typeof v === 'boolean' ? Number(v) : undefined)),
  tuples: fields(['ints', 'shape', 'sides', 'floats'], function tuple(v) {
    return Array.isArray(v) ? { class_name: '__tuple__', items: v.map((item) => tuple(item) ?? item) } : undefined;
  }),
  'shapes as objects': fields(['shape'], (v) =>
    Array.isArray(v) ? { class_name: 'TensorShape', items: v } : undefined,
  ),
  'numbers as arrays of numpy': fields(['int', 'float'], (v) =>
    typeof v === 'number' ? { type: 'ndarray', value: v } : undefined,
  ),
  'numbers as __numpy__': fields(['float'], (v) =>
    typeof v === 'number' ? { class_name: '__numpy__', config: { value: v, dtype: 'float32' } } : undefined,
  ),
  'choices in capitals': fields(['enum'], (v) => (typeof v === 'string' ? v.toUpperCase() : undefined)),
  'choices in camelCase': fields(['enum'], (v) => (typeof v === 'string' ? camel(v) : undefined)),
  'activations as functions': fields(['activation'], (v) =>
    typeof v === 'string'
      ? { module: 'builtins', class_name: 'function', config: v, registered_name: 'function' }
      : undefined,
  ),
  'parts of Keras 3': fields(PARTS, (v, f) => keras3(v, `${f.kind}s`) ?? undefined),
  'parts with no config': fields(['initializer'], (v) =>
    /^(Zeros|Ones)$/.test(v?.class_name) ? { class_name: v.class_name, config: null } : undefined,
  ),
  'parts by name': fields(['initializer'], (v) =>
    /^(Zeros|Ones)$/.test(v?.class_name) ? v.class_name.toLowerCase() : undefined,
  ),
  'parts with a dtype': fields(['initializer'], (v) =>
    v?.config ? { ...v, config: { ...v.config, dtype: 'float32' } } : undefined,
  ),
  'what else Keras writes': (entry, config) => {
    Object.assign(entry, {
      registered_name: null,
      build_config: { input_shape: [null, 3], shape: { class_name: '__tuple__', items: [null, 3] } },
      compile_config: null,
      shared_object_id: 17,
      module: 'keras.layers',
    });
    Object.assign(config, {
      quantization_config: null,
      lora_rank: null,
      autocast: true,
      dynamic: false,
      time_major: false,
      synchronized: false,
      renorm: false,
      fused: null,
      virtual_batch_size: null,
      build_input_shape: [null, 3],
      experimental_autocast: true,
    });
  },
  'classes with their modules': (entry, config, list) => {
    for (const f of list) {
      const part = config[snake(f.name)];
      if (PARTS.includes(f.kind) && part?.class_name) part.class_name = `keras.src.${f.kind}s.some.${part.class_name}`;
    }
    entry.class_name = `keras.src.layers.some.module.${entry.class_name}`;
  },
  'classes by their registered names': (entry) => {
    entry.class_name = `keras>${entry.class_name}`;
  },
  'activations with their modules': fields(['activation'], (v) =>
    typeof v === 'string' ? `keras.activations.${v}` : undefined,
  ),
  'activations as functions with their modules': fields(['activation'], (v) =>
    typeof v === 'string'
      ? {
          module: 'builtins',
          class_name: 'function',
          config: `keras.src.activations.activations.${v}`,
          registered_name: 'function',
        }
      : undefined,
  ),
  batch_shape: (entry, config) => {
    if (config.batch_input_shape) {
      config.batch_shape = config.batch_input_shape;
      delete config.batch_input_shape;
    }
  },
  'trainable is null': (entry, config) => {
    config.trainable = null;
  },
  'classes of TensorFlow 1': (entry) => {
    entry.class_name =
      { BatchNormalization: 'BatchNormalizationV1', LSTM: 'UnifiedLSTM', GRU: 'UnifiedGRU' }[entry.class_name] ??
      entry.class_name;
  },
  'no dtype': forFloats(null),
  'a float16 policy': policy('Policy', 'mixed_float16'),
  'a policy of TensorFlow 1': policy('PolicyV1', 'float32'),
  'a policy of Keras 3': policy('DTypePolicy', 'mixed_bfloat16'),
  'a policy with its module': policy('keras.src.dtype_policies.dtype_policy.DTypePolicy', 'float32'),
};

/** A model's topology as files have it. */
async function topologyOf(model) {
  let saved;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology }) => {
      saved = modelTopology;
      return { modelArtifactsInfo: {} };
    }),
  );
  return copy(saved);
}
const valuesOf = (result) => [result].flat().flatMap((y) => Array.from(y.dataSync()));
const set = (model) =>
  tf.tidy(() =>
    model.setWeights(
      model.weights.map((w) =>
        tf.tensor(numbers(product(w.shape), 0.8, w.name.includes('variance') ? 0.3 : -0.5), w.shape),
      ),
    ),
  );
/** The configs of all layers, names left out. */
const configsOf = (model) => copy(model.layers.map((layer) => layer.getConfig()));

/** Models of a layer: as it is, and with what differs from its defaults. A stringLookup that inverts takes numbers. */
function variants({ name, fields: list }) {
  const more = Object.fromEntries(
    list
      .filter(
        (f) =>
          `${name}.${f.name}` !== 'stringLookup.invert' &&
          ['bool', 'ints'].includes(f.kind) &&
          !/dilationRate|stateful|returnState|outputPadding|axis|axes|dims|sharedAxes|inputLength|^size$/.test(f.name),
      )
      .map((f) => [f.name, f.kind === 'bool' ? f.default !== 'true' : otherValue(name, f)]),
  );
  if (more.padToMaxTokens) more.maxTokens = 9; // one wants the other
  return [{}, more];
}

for (const layer of layers)
  test(`${layer.name} in other spellings`, async () => {
    const before = tf.memory().numTensors;
    let tried = 0;
    for (const more of variants(layer)) {
      let model;
      try {
        model = modelOf(tf, layer.name, more);
      } catch (error) {
        if (error.code === 'shape') continue;
        throw error;
      }
      set(model);
      const topology = await topologyOf(model),
        x = inputsOf(tf, layer.name),
        y = model.predict(x),
        want = valuesOf(y),
        configs = configsOf(model);
      tf.dispose(y);
      for (const [spelling, change] of Object.entries(SPELLINGS)) {
        const other = copy(topology);
        each(other, change);
        const what = `${spelling}: ${JSON.stringify(other).slice(0, 600)}`;
        const read = await tf.models.modelFromJSON(other).catch((error) => assert.fail(`${error.message} in ${what}`));
        assert.deepEqual(configsOf(read), configs, what);
        set(read);
        const again = read.predict(x);
        assert.deepEqual(valuesOf(again), want, what);
        tf.dispose(again);
        read.dispose();
        tried++;
      }
      tf.dispose(x);
      model.dispose();
    }
    assert.ok(tried >= Object.keys(SPELLINGS).length);
    assert.equal(tf.memory().numTensors, before);
  });

test('hard_sigmoid means what the Keras that wrote the file meant', async () => {
  const body = (module) => ({
    ...(module && { module: 'keras' }),
    class_name: 'Sequential',
    config: {
      name: 's',
      layers: [
        {
          ...(module && { module: 'keras.layers' }),
          class_name: 'Dense',
          config: {
            name: 'd',
            units: 1,
            activation: 'hard_sigmoid',
            kernel_initializer: 'ones',
            batch_input_shape: [null, 1],
          },
        },
      ],
    },
  });
  const two = 0.2 + 0.5,
    three = 4 / 6;
  for (const [topology, want] of [
    [body(false), two],
    [body(true), three],
    [{ keras_version: '2.15.0', model_config: body(true) }, two],
    [{ keras_version: '2.4.0', model_config: body(false) }, two],
    [{ keras_version: '3.4.1', model_config: body(true) }, three],
    [{ keras_version: '3.0.5', model_config: body(false) }, three],
  ]) {
    const model = await tf.models.modelFromJSON(topology);
    tf.tidy(() =>
      assert.ok(Math.abs(model.predict(tf.ones([1, 1])).dataSync()[0] - want) < 1e-6, JSON.stringify(topology)),
    );
    const again = await tf.models.modelFromJSON(model.toJSON(null, false));
    tf.tidy(() => assert.ok(Math.abs(again.predict(tf.ones([1, 1])).dataSync()[0] - want) < 1e-6, 'saved again'));
    model.dispose();
    again.dispose();
  }
});

test('models in other spellings', async () => {
  const x = tf.input({ shape: [2], name: 'x' }),
    dense = tf.layers.dense({ units: 2, inputShape: [2], name: 'd', kernelInitializer: 'ones' });
  const model = tf.model({ inputs: x, outputs: tf.sequential({ name: 'inner', layers: [dense] }).apply(x), name: 'm' }),
    topology = model.toJSON(null, false);
  const named = (className, f) => (value) => {
    if (value.class_name === className) f(value);
  };
  const walk = (value, f) => {
    if (value && typeof value === 'object') {
      Object.values(value).forEach((inner) => walk(inner, f));
      if (value.class_name) f(value);
    }
  };
  for (const change of [
    named('Model', (e) => {
      e.class_name = 'Functional';
    }),
    named('Model', (e) => {
      e.class_name = 'keras.src.models.functional.Functional';
    }),
    named('Sequential', (e) => {
      e.class_name = 'keras.src.models.sequential.Sequential';
    }),
    (e) => {
      e.class_name = `keras.layers.${e.class_name}`;
    },
    (e) => {
      e.class_name = `tf_keras>${e.class_name}`;
    },
    named('Sequential', (e) => {
      e.config = e.config.layers;
      e.name = 'inner';
    }),
    named('Sequential', (e) => {
      delete e.config.name;
    }),
    named('InputLayer', (e) => {
      delete e.config.name;
    }),
  ]) {
    const other = copy(topology);
    walk(other, change);
    const read = await tf.models
      .modelFromJSON(other)
      .catch((error) => assert.fail(`${error.message} in ${JSON.stringify(other)}`));
    assert.deepEqual(
      read.layers.map((layer) => layer.name),
      ['x', 'inner'],
      `${change}`,
    );
    tf.tidy(() => assert.deepEqual(read.predict(tf.ones([1, 2])).arraySync(), [[2, 2]]));
    read.dispose();
  }
  model.dispose();
});
