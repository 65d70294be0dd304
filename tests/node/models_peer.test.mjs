// Models and layers as objects, against TensorFlow.js: a row is a program that runs on both.
import { test } from 'node:test';
import { again, both, saved, waves } from '../lib/both.mjs';

const dense = (lib, config = {}) =>
  lib.layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'ones', ...config });
const plain = (lib) =>
  class Plain extends lib.layers.Layer {
    static get className() {
      return 'Plain';
    }
    constructor(config = {}) {
      super(config);
    }
  };
const compiled = (lib, model, args) => {
  model.compile({ optimizer: lib.train.sgd(0.1), loss: 'meanSquaredError', ...args });
  return model;
};
const one = (lib, args) => compiled(lib, lib.sequential({ name: 'one', layers: [dense(lib, { name: 'd' })] }), args);
const two = (lib, args) => {
  const a = lib.input({ shape: [2], name: 'ia' }),
    b = lib.input({ shape: [3], name: 'ib' });
  const last = (name, x) => dense(lib, { name, inputShape: undefined }).apply(x);
  return compiled(
    lib,
    lib.model({
      inputs: [a, b],
      outputs: [last('oa', a), last('ob', lib.layers.concatenate().apply([a, b]))],
      name: 'two',
    }),
    args,
  );
};
const line = (lib) => [waves(lib, 4, 2), waves(lib, 4, 1)],
  pairs = (lib) => [
    [waves(lib, 4, 2), waves(lib, 4, 3)],
    [waves(lib, 4, 1), waves(lib, 4, 1)],
  ];
const fitted = async (model, x, y, args) => (await model.fit(x, y, { shuffle: false, verbose: 0, ...args })).history;
const spec = (lib, args) => {
  const layer = new (plain(lib))({ name: 's' });
  layer.inputSpec = [new lib.InputSpec(args)];
  return layer;
};
const twice = (lib) => {
  const layer = dense(lib, { name: 'twice' });
  layer.apply(lib.input({ shape: [2] }));
  layer.apply(lib.input({ shape: [2] }));
  return layer;
};
const warnings = (f) => {
  const { warn } = console,
    seen = [];
  console.warn = (text) => seen.push(text);
  try {
    f();
  } finally {
    console.warn = warn;
  }
  return seen;
};

/** [program], or [program, what both throw]. */
const LAYERS = {
  'what a layer has at first': [
    (lib) => {
      const l = new (plain(lib))({ name: 'p' });
      return [
        l.inputSpec,
        l.supportsMasking,
        l.trainable,
        l.batchInputShape,
        l.initialWeights,
        l.inboundNodes,
        l.outboundNodes,
        l.losses,
        l.updates,
        l.built,
        l.weights,
        l.stateful,
        l.activityRegularizer,
        typeof l.id,
        l.getConfig(),
        l.computeMask([], null),
      ];
    },
  ],
  'what it has by its config': [
    (lib) =>
      [
        [null, [1]],
        [3, []],
        [3, [1]],
      ].map(([batchSize, inputShape]) => {
        const l = new (plain(lib))({ batchSize, inputShape });
        return [l.batchInputShape, l.dtype];
      }),
  ],
  'who minds masks': [
    (lib) =>
      [
        dense(lib),
        lib.layers.lstm({ units: 1 }),
        lib.layers.add(),
        lib.layers.masking(),
        lib.layers.dropout({ rate: 0.5 }),
        lib.layers.flatten(),
        lib.layers.conv2d({ filters: 1, kernelSize: 1 }),
      ].map((l) => Boolean(l.supportsMasking)),
  ],
  'values for weights': [
    (lib) => {
      const l = dense(lib, { weights: [lib.ones([2, 1]), lib.ones([1])] });
      l.apply(waves(lib, 1, 2));
      return l.getWeights();
    },
  ],
  nodes: [
    (lib) => {
      const A = plain(lib),
        a = new A({ name: 'na' }),
        b = new A({ name: 'nb' }),
        x = lib.input({ shape: [1], name: 'nx' }),
        y = a.apply(x, { some: 1 }),
        [node] = a.inboundNodes;
      b.apply(y);
      return [
        a.outboundNodes.length,
        a.outboundNodes[0].outboundLayer === b,
        node === a.inboundNodes[0],
        node.inboundLayers[0] === x.sourceLayer,
        node.inputTensors[0] === x,
        node.outputTensors[0] === y,
        node.inputShapes,
        node.outputShapes,
        node.inputMasks,
        node.getConfig(),
        y.callArgs,
        y.inputs[0] === x,
        y.outputTensorIndex,
        b.outboundNodes.length,
      ];
    },
  ],
  'symbols are the same objects': [
    (lib) => {
      const x = lib.input({ shape: [2] }),
        d = dense(lib),
        y = d.apply(x),
        m = lib.model({ inputs: x, outputs: y });
      return [
        d.input === x,
        d.output === y,
        d.getInputAt(0) === x,
        m.inputs[0] === x,
        m.outputs[0] === y,
        m.layers[0] === x.sourceLayer,
      ];
    },
  ],
  'symbols by hand': [(lib) => dense(lib).apply(new lib.SymbolicTensor('float32', [null, 4], null, [], {})).shape],
  'several results are named apart': [
    (lib) => {
      const l = new (plain(lib))({ name: 'm' });
      l.computeOutputShape = () => [[1], [2, 3]];
      return l.apply(lib.input({ shape: [1] })).map((s) => [s.name, s.shape, s.outputTensorIndex]);
    },
  ],
  'outputShape of equal nodes': [(lib) => [twice(lib).outputShape, twice(lib).inboundNodes.length]],
  'outputShape of others': [
    (lib) => {
      const l = twice(lib);
      l.apply(lib.input({ shape: [5, 2] }));
      return l.outputShape;
    },
    /has multiple inbound nodes with different output shapes/,
  ],
  'outputShape of none': [(lib) => dense(lib).outputShape, /has never been called/],
  'input of two nodes': [(lib) => twice(lib).input, /"layer input" is ill-defined/],
  'output of two nodes': [(lib) => twice(lib).output, /"layer output" is ill-defined/],
  'input of no node': [(lib) => dense(lib).input, /is not connected/],
  'a node too far': [(lib) => twice(lib).getInputAt(2), /Asked to get input at node 2, but the layer has only 2/],
  'a mask that is not minded': [(lib) => new (plain(lib))().computeMask([], lib.ones([1])), /does not support masking/],
  'symbols and tensors': [
    (lib) => dense(lib).apply([lib.input({ shape: [1] }), lib.ones([1])]),
    /must be all SymbolicTensors or all Tensors/,
  ],
  'another shape than configured': [
    (lib) =>
      [
        [[5], [4, 5]],
        [[5], [4, 3]],
        [[5], [5]],
      ].map(([inputShape, shape]) => warnings(() => dense(lib, { name: 'w', inputShape }).apply(lib.input({ shape })))),
  ],
  'specs that fit': [
    (lib) =>
      [{ shape: [1] }, { axes: { [-1]: 1 } }, { minNDim: 1, maxNDim: 1 }, { dtype: 'float32' }].map((args) =>
        spec(lib, args).apply(lib.ones([1])),
      ),
  ],
  'a spec of the rank': [(lib) => spec(lib, { ndim: 2 }).apply(lib.ones([1])), /expected ndim=2, found ndim=1/],
  'a spec of the least rank': [
    (lib) => spec(lib, { minNDim: 2 }).apply(lib.input({ batchShape: [1] })),
    /expected min_ndim=2/,
  ],
  'a spec of the highest rank': [(lib) => spec(lib, { maxNDim: 0 }).apply(lib.ones([1])), /expected max_ndim=0/],
  'a spec of an axis': [
    (lib) => spec(lib, { axes: { 0: 2 } }).apply(lib.ones([1])),
    /expected axis 0 of input shape to have value 2/,
  ],
  'a spec of the shape': [(lib) => spec(lib, { shape: [2] }).apply(lib.ones([1])), /expected shape=/],
  'a spec of the dtype': [(lib) => spec(lib, { dtype: 'int32' }).apply(lib.ones([1])), /expected dtype=int32/],
  'specs of two inputs': [
    (lib) => {
      const l = spec(lib, {});
      l.inputSpec = [null, null];
      return l.apply(lib.ones([1]));
    },
    /expects 2 inputs, but it received 1/,
  ],
  'weights too few': [
    (lib) => {
      const l = dense(lib);
      l.build([null, 2]);
      l.setWeights([lib.ones([2, 1])]);
    },
    /with a weight list of length 1, but the layer was expecting 2/,
  ],
  'weights of another shape': [
    (lib) => {
      const l = dense(lib);
      l.build([null, 2]);
      l.setWeights([lib.ones([1]), lib.ones([1])]);
    },
    /not compatible with provided weight shape/,
  ],
  'a count before building': [(lib) => dense(lib).countParams(), /not built yet\. Build it first/],
  'a layer is let go once': [
    (lib) => {
      const l = dense(lib);
      l.apply(lib.ones([1, 2]));
      l.dispose();
      l.dispose();
    },
    /is already disposed/,
  ],
  'a layer that is let go': [
    (lib) => {
      const l = lib.layers.reLU();
      l.apply(lib.ones([1, 2]));
      l.dispose();
      l.apply(lib.input({ shape: [2] }));
    },
    /is already disposed/,
  ],
  'a layer let go too early': [(lib) => dense(lib).dispose(), /has not been built yet/],
  'an input layer': [
    (lib) => {
      const l = lib.layers.inputLayer({ inputShape: [null, 2], name: 'il' }),
        [node] = l.inboundNodes;
      return [
        l.batchInputShape,
        l.built,
        l.trainable,
        l.outboundNodes,
        node.inboundLayers,
        node.inputMasks,
        node.inputShapes,
        node.inputTensors[0].sourceLayer === l,
        l.getConfig(),
      ];
    },
  ],
  'an input layer without a shape': [(lib) => lib.layers.inputLayer({}), /InputLayer should be passed either/],
  'an input layer with two shapes': [
    (lib) => lib.layers.inputLayer({ inputShape: [1], batchInputShape: [1, 1] }),
    /Only provide the inputShape OR batchInputShape/,
  ],
  'an input layer with the batch twice': [
    (lib) => lib.layers.inputLayer({ batchInputShape: [1, 1], batchSize: 1 }),
    /Cannot specify batchSize if batchInputShape/,
  ],
  'an input with two shapes': [(lib) => lib.input({ shape: [1], batchShape: [1, 1] }), /either a `shape` or/],
  'a weight by itself': [
    (lib) => {
      const v = new lib.LayerVariable(lib.tensor([1, 2]), 'float32', `by${lib === globalThis}`, false),
        was = v.read().arraySync();
      v.write(lib.tensor([3, 4]));
      return [v.dtype, v.shape, v.trainable, was, v.read()];
    },
  ],
  'cells of recurrent layers': [
    (lib) =>
      [
        lib.layers.lstm({ units: 2 }),
        lib.layers.gru({ units: 3 }),
        lib.layers.simpleRNN({ units: 1 }),
        lib.layers.rnn({ cell: [lib.layers.lstmCell({ units: 2 }), lib.layers.gruCell({ units: 3 })] }),
      ].map((l) => [l.cell.getClassName(), l.cell.stateSize]),
  ],
  'a cell has the weights of its layer': [
    (lib) => {
      const l = lib.layers.simpleRNN({ units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones' });
      l.apply(waves(lib, 1, 1, 2));
      return l.cell.call([waves(lib, 1, 2), lib.ones([1, 1])], {});
    },
  ],
  'a mask as an argument': [
    (lib) =>
      lib.layers
        .lstm({ units: 1, kernelInitializer: 'ones', recurrentInitializer: 'ones' })
        .apply(waves(lib, 1, 3, 2), { mask: lib.tensor([[true, true, false]], [1, 3], 'bool') }),
  ],
};

const MODELS = {
  'made by their classes': [
    (lib) => {
      const x = lib.input({ shape: [2] }),
        m = new lib.LayersModel({ inputs: x, outputs: dense(lib).apply(x), name: 'nm' }),
        s = new lib.Sequential({ layers: [dense(lib)], name: 'ns' });
      return [m.name, m.predict(waves(lib, 1, 2)), s.name, s.predict(waves(lib, 1, 2)), s instanceof lib.LayersModel];
    },
  ],
  "made by classes of one's own": [
    (lib) => {
      class Mine extends lib.Sequential {
        static get className() {
          return 'Mine';
        }
        constructor() {
          super({ layers: [dense(lib)] });
        }
        twice(x) {
          return this.predict(x).mul(2);
        }
      }
      const m = new Mine();
      return [m.twice(waves(lib, 1, 2)), m.getClassName()];
    },
  ],
  'what they tell': [
    (lib) => {
      const m = two(lib);
      return [
        m.name,
        m.layers.length,
        m.inputNames,
        m.outputNames,
        m.outputShape,
        m.trainable,
        m.stateful,
        m.countParams(),
        m.getClassName(),
        m.losses.length,
      ];
    },
  ],
  'a stack loses its top': [
    (lib) => {
      const m = lib.sequential({ layers: [dense(lib, { units: 2 }), dense(lib)] });
      m.pop();
      m.add(dense(lib, { units: 7 }));
      return [m.outputShape, m.layers.length, m.predict(waves(lib, 1, 2))];
    },
  ],
  stateful: [
    (lib) =>
      lib.sequential({ layers: [lib.layers.simpleRNN({ units: 1, stateful: true, batchInputShape: [1, 2, 1] })] })
        .stateful,
  ],
  'nested, and trained': [
    async (lib) => {
      const a = lib.sequential({ layers: [dense(lib)] }),
        b = lib.sequential(),
        c = lib.sequential();
      b.add(a);
      c.add(b);
      compiled(lib, c);
      await c.fit(...line(lib), { verbose: 0 });
      return [a, b, c].map((m) => m.predict(waves(lib, 1, 2)));
    },
  ],
  'two inputs in a stack': [
    (lib) => {
      const inner = lib.model({ inputs: two(lib).inputs, outputs: two(lib).outputs[0] });
      lib.sequential().add(inner);
    },
    /disconnected/,
  ],
  'two outputs in a stack': [
    (lib) => {
      const x = lib.input({ shape: [2] });
      lib.sequential().add(lib.model({ inputs: x, outputs: [dense(lib).apply(x), dense(lib).apply(x)] }));
    },
    /should have a single output tensor/,
  ],
  'an empty stack': [(lib) => lib.sequential().predict(lib.ones([1])), /model is empty/],
  'inputs twice': [
    (lib) => {
      const x = lib.input({ shape: [2] });
      lib.model({ inputs: [x, x], outputs: dense(lib).apply(x) });
    },
    /inputs.*redundant/,
  ],
  'inputs that are results': [
    (lib) => {
      const y = dense(lib).apply(lib.input({ shape: [2] }));
      lib.model({ inputs: y, outputs: y });
    },
    /must be InputLayer objects/,
  ],
  'a name twice': [
    (lib) => {
      const x = lib.input({ shape: [2] }),
        y = dense(lib, { name: 'n' }).apply(x);
      lib.model({ inputs: x, outputs: lib.layers.dense({ units: 1, name: 'n' }).apply(y) });
    },
    /layer names should be unique/,
  ],
  'weights by name': [
    (lib) => {
      const m = one(lib),
        [k, b] = m.weights.map((w) => w.originalName);
      m.loadWeights({ [k]: lib.zeros([2, 1]), [b]: lib.ones([1]) });
      m.loadWeights({ [b]: lib.zeros([1]), more: lib.zeros([1]) }, false);
      return m.getWeights();
    },
  ],
  'weights by number': [
    (lib) => {
      const d = dense(lib, { name: `k${Math.random()}`.replace('.', '') }),
        m = lib.sequential({ layers: [d] });
      m.loadWeights({ [`${d.name}/0`]: lib.zeros([2, 1]), [`${d.name}/1`]: lib.ones([1]) });
      return m.getWeights();
    },
  ],
  'weights too many': [
    (lib) => one(lib).loadWeights({ more: lib.zeros([1]) }),
    /Provided weight data has no target variable: more/,
  ],
  'weights missing': [
    (lib) => {
      const m = one(lib);
      m.loadWeights({ [m.weights[0].originalName]: lib.zeros([2, 1]) });
    },
    /1 of 2 weights are not set: .*bias/,
  ],
  'weights of a wrong shape': [
    (lib) => {
      const m = one(lib);
      m.loadWeights({ [m.weights[0].originalName]: lib.zeros([3, 1]) }, false);
    },
    /Shape mismatch/,
  ],
  'a model is let go once': [
    (lib) => {
      const m = one(lib);
      m.dispose();
      m.dispose();
    },
    /Container .* already disposed/,
  ],
  'a model that is let go predicts': [
    (lib) => {
      const m = one(lib);
      m.dispose();
      m.predict(waves(lib, 1, 2));
    },
    /already disposed/,
  ],
  'a model that is let go evaluates': [
    (lib) => {
      const m = one(lib);
      m.dispose();
      m.evaluate(...line(lib));
    },
    /already disposed/,
  ],
  'what goes with a model': [
    async (lib) => {
      const m = one(lib, { optimizer: 'adam' });
      await m.fit(...line(lib), { verbose: 0 });
      const n = lib.memory().numTensors,
        { numDisposedVariables } = m.dispose();
      return n - lib.memory().numTensors === numDisposedVariables;
    },
  ],
  'what the user has made stays': [
    async (lib) => {
      const m = one(lib, { optimizer: lib.train.adam() });
      await m.fit(...line(lib), { verbose: 0 });
      return m.dispose();
    },
  ],
  'nodes of a model': [
    (lib) => {
      const m = one(lib),
        x = lib.input({ shape: [2] }),
        results = [m.apply(x), m.apply(x)],
        top = dense(lib, { inputShape: undefined }).apply(results[1]);
      const base = (s) => [s.nodeIndex, s.tensorIndex, s.shape];
      return [
        m.inboundNodes.length,
        m.getOutputAt(0) === m.outputs[0],
        m.getInputAt(0) === m.inputs[0],
        ...[1, 2].map((i) => m.getOutputAt(i) === results[i - 1] && m.getInputAt(i) === x),
        ...results.map(base),
        base(top),
        m.inboundNodes[2].outputTensors[0] === results[1],
        top.sourceLayer.inboundNodes[0].nodeIndices,
        m.outboundNodes.length,
      ];
    },
  ],
  'nodes that a model has not': [
    (lib) => {
      const m = one(lib);
      m.apply(lib.input({ shape: [2] }));
      m.getOutputAt(2);
    },
    /Asked to get output at node 2, but the layer has only 2 inbound nodes/,
  ],
  'constraints of what is set, written and loaded': [
    async (lib) => {
      const d = dense(lib, { units: 2, kernelConstraint: 'nonNeg', name: `c${Math.random()}`.replace('.', '') }),
        m = lib.sequential({ layers: [d] }),
        given = lib.tensor2d([
          [-1, 2],
          [3, -4],
        ]),
        seen = [],
        see = (l) => seen.push([...l.getWeights()[0].dataSync()]);
      d.setWeights([given, lib.zeros([2])]);
      see(m);
      d.weights[0].write(given);
      see(m);
      m.loadWeights({ [`${d.name}/kernel`]: given, [`${d.name}/bias`]: lib.zeros([2]) });
      see(m);
      const file = await saved(lib, m);
      file.weightData = new Float32Array([-1, 2, 3, -4, 0, 0]).buffer;
      see(await lib.loadLayersModel(lib.io.fromMemory(file)));
      return seen;
    },
  ],
  metadata: [
    async (lib) => {
      const m = one(lib),
        was = m.getUserDefinedMetadata();
      m.setUserDefinedMetadata({ labels: ['a', 'b'], n: { deep: [1, null] } });
      return [was, (await again(lib, m)).getUserDefinedMetadata()];
    },
  ],
  'metadata that are none': [(lib) => one(lib).setUserDefinedMetadata([1]), /expected to be a JSON object/],
  'metadata with more than JSON': [
    (lib) => one(lib).setUserDefinedMetadata({ f() {} }),
    /expected to be a JSON object/,
  ],
  files: [
    async (lib) => {
      const m = one(lib, { optimizer: 'sgd', metrics: ['acc'] }),
        a = await saved(lib, m, { includeOptimizer: true }),
        b = await lib.loadLayersModel(lib.io.fromMemory(a));
      return [
        a.format,
        a.convertedBy,
        a.weightSpecs.length,
        a.trainingConfig,
        b.loss,
        b.metrics,
        b.metricsNames,
        b.optimizer.getClassName(),
        b.predict(waves(lib, 1, 2)),
      ];
    },
  ],
  'files with less than the model, loosely': [
    async (lib) => {
      const a = await saved(lib, one(lib));
      a.weightSpecs = a.weightSpecs.slice(0, 1);
      return (await lib.loadLayersModel(lib.io.fromMemory(a), { strict: false })).getWeights();
    },
  ],
  'numbers as arrays of one': [
    async (lib) =>
      (
        await lib.models.modelFromJSON({
          class_name: 'Sequential',
          config: [
            {
              class_name: 'ReLU',
              config: { name: 'r', batch_input_shape: [null, 2], max_value: { type: 'ndarray', value: 6 } },
            },
          ],
        })
      ).layers[0].getConfig().maxValue,
  ],
};

const DATA = {
  'batches of prediction': [(lib) => [2, 3, 100].map((batchSize) => one(lib).predict(waves(lib, 5, 2), { batchSize }))],
  'batches of nothing': [
    (lib) => one(lib).predict(waves(lib, 5, 2), { batchSize: 0 }),
    /batchSize is required to be a positive integer, but got 0/,
  ],
  'batches of 3.14': [
    (lib) => one(lib).predict(waves(lib, 5, 2), { batchSize: 3.14 }),
    /positive integer, but got 3\.14/,
  ],
  'batches of text': [
    (lib) => one(lib).fit(...line(lib), { batchSize: 'a' }),
    /^(\w+: )?batchSize is required to be a positive integer, but got a$/,
  ],
  'inputs too many': [
    (lib) => one(lib).predict([waves(lib, 1, 2), waves(lib, 1, 2)]),
    /Expected.*1 Tensor.*got 2 Tensor/,
  ],
  'inputs too few': [(lib) => two(lib).predict([waves(lib, 1, 2)]), /Expected.*2 Tensor.*got 1 Tensor/],
  'inputs of another shape': [
    (lib) => one(lib).predict(waves(lib, 2, 3)),
    /expected.* shape \[null,2\].*but got.*\[2,3\]/,
  ],
  'examples of x and y': [
    (lib) => one(lib).fit(waves(lib, 4, 2), waves(lib, 3, 1)),
    /Input Tensors should have the same number of samples as target/,
  ],
  'examples of two inputs': [
    (lib) => two(lib).fit([waves(lib, 4, 2), waves(lib, 3, 3)], pairs(lib)[1]),
    /All input .* should have the same number of samples/,
  ],
  'a loss for no output': [
    (lib) => one(lib, { loss: { other: 'meanSquaredError' } }),
    /Unknown entry in loss dictionary:.*other/,
  ],
  'a loss too few': [
    (lib) => two(lib, { loss: ['meanSquaredError'] }),
    /should have one entry per model output.*has 2 output/,
  ],
  'a metric that is none': [(lib) => one(lib, { metrics: ['foo'] }), /Unknown metric '?foo/],
  'losses by name': [
    (lib) => {
      const m = two(lib, { loss: { oa: 'meanSquaredError', ob: 'meanAbsoluteError' } });
      return fitted(m, ...pairs(lib), { epochs: 2 });
    },
  ],
  metrics: [
    (lib) =>
      ['acc', ['mse', 'mae'], { oa: 'mae' }, { oa: ['mae'], ob: ['mse', 'mae'] }].map(
        (metrics) => two(lib, { metrics }).metricsNames,
      ),
  ],
  'metrics fitted': [(lib) => fitted(two(lib, { metrics: ['mae'] }), ...pairs(lib), { epochs: 2, batchSize: 3 })],
  'a small share to validate': [
    (lib) => fitted(one(lib), waves(lib, 5, 2), waves(lib, 5, 1), { validationSplit: 0.01, epochs: 2 }),
  ],
  "a loss of one's own": [
    (lib) => fitted(one(lib, { loss: (y, p) => lib.mean(lib.abs(y.sub(p))) }), ...line(lib), { epochs: 2 }),
  ],
  'classes weighted': [
    async (lib) => {
      const found = [];
      for (const classWeight of [
        [
          { 0: 0.1, 1: 0.9 },
          { 0: 0.3, 1: 0.7 },
        ],
        [null, { 0: 0.1, 1: 0.9 }],
        { ob: { 0: 1, 1: 3 } },
      ])
        found.push(
          await fitted(
            two(lib, { loss: 'binaryCrossentropy' }),
            pairs(lib)[0],
            [
              [[0], [1], [1], [0]],
              [[1], [1], [0], [0]],
            ].map((y) => lib.tensor(y)),
            { classWeight },
          ),
        );
      return found;
    },
  ],
  'classes of two outputs': [
    (lib) => fitted(two(lib), ...pairs(lib), { classWeight: { 0: 1 } }),
    /classWeight must be either an array with 2 elements/,
  ],
  'classes of one output of two': [
    (lib) => fitted(two(lib), ...pairs(lib), { classWeight: [{ 0: 1 }] }),
    /array of 1 element\(s\), but the model has 2 outputs/,
  ],
  'another optimizer': [
    async (lib) => {
      const m = one(lib);
      m.optimizer = lib.train.sgd(0.5);
      return [await m.trainOnBatch(...line(lib)), m.getWeights()];
    },
  ],
  'a layer frozen in between': [
    async (lib) => {
      const m = compiled(lib, lib.sequential({ layers: [dense(lib, { units: 2 }), dense(lib)] })),
        seen = [];
      await m.fit(...line(lib), {
        epochs: 4,
        shuffle: false,
        verbose: 0,
        callbacks: {
          onEpochEnd: (epoch) => {
            seen.push(m.layers[0].getWeights()[0].arraySync());
            m.layers[0].trainable = epoch !== 1;
          },
        },
      });
      return seen;
    },
  ],
  'what hooks see': [
    async (lib) => {
      const d = lib.layers.dropout({ rate: 0.5 }),
        seen = [];
      d.setCallHook((x, kwargs) => seen.push([Array.isArray(x), kwargs.training]));
      const m = compiled(lib, lib.sequential({ layers: [dense(lib), d] }));
      await m.fit(...line(lib), { epochs: 2, verbose: 0 });
      m.evaluate(...line(lib));
      m.predict(waves(lib, 1, 2));
      d.apply(waves(lib, 1, 1));
      return seen;
    },
  ],
};

for (const [group, rows] of Object.entries({ LAYERS, MODELS, DATA }))
  for (const [title, [program, throws]] of Object.entries(rows))
    test(`${group.toLowerCase()}: ${title}`, () => both(program, throws));
