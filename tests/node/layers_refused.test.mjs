// What layers refuse, and the words that TensorFlow.js's own specs look for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, tf } from '../lib/both.mjs';
import { some } from '../lib/programs/common.mjs';

const s = (lib, batchShape) => lib.input({ batchShape });
const REFUSED = [
  [
    'dense axis',
    (l) => {
      const d = l.layers.dense({ units: 3 });
      d.apply(s(l, [null, 4]));
      d.apply(s(l, [null, 5]));
    },
    /incompatible with layer .* axis -1/,
  ],
  ['init', (l) => l.layers.dense({ units: 4, kernelInitializer: 'invalid_initializer!' }), /Unknown initializer/],
  ['act', (l) => l.layers.dense({ units: 4, activation: 'invalid_activation!' }), /Unknown activation/],
  ...[10.9, 0.5, 0, -2, '2'].map((u) => [
    `units ${u}`,
    (l) => l.layers.dense({ units: u }),
    new RegExp(`units.*positive integer.*${typeof u === 'string' ? '"2"' : String(u).replace('.', '\\.')}\\.$`),
  ]),
  ['units []', (l) => l.layers.dense({ units: [] }), /units is unexpectedly an empty array\./],
  ...['simpleRNN', 'gru', 'lstm'].flatMap((n) =>
    [12.5, 0, -25].map((u) => [
      `${n} ${u}`,
      (l) => l.layers[n]({ units: u }),
      new RegExp(`units.*positive integer.*${String(u).replace('.', '\\.')}\\.$`),
    ]),
  ),
  ...['inputDim', 'outputDim'].flatMap((n) =>
    [12.5, 0, -25].map((u) => [
      `emb ${n} ${u}`,
      (l) => l.layers.embedding({ inputDim: 3, outputDim: 3, [n]: u }),
      new RegExp(`${n}.*positive integer.*${String(u).replace('.', '\\.')}\\.$`),
    ]),
  ),
  ['flatten', (l) => l.layers.flatten({}).apply(s(l, [8, 4, null])), /not fully defined/],
  ['permute missing', (l) => l.layers.permute({}), /dims.* missing/],
  ['permute 1', (l) => l.layers.permute({ dims: 1 }), /requires.*dims.* to be an Array/],
  ...[
    [1, 3],
    [1, 1, 3],
    [0, 1, 2],
  ].map((d) => [`permute ${d}`, (l) => l.layers.permute({ dims: d }), /Invalid permutation .*dims/]),
  [
    'reshape',
    (l) => l.layers.reshape({ targetShape: [8, 8] }).apply(s(l, [12, 10, 4])),
    /Total size of new array must be unchanged/,
  ],
  [
    'reshape2',
    (l) => l.layers.reshape({ targetShape: [null, null] }).apply(s(l, [12, 10, 4])),
    /Can only specifiy one unknown dimension/,
  ],
  ['add one', (l) => l.layers.add().apply([s(l, [2, 2])]), /at least 2 inputs\. Got 1 input/],
  [
    'add batches',
    (l) => l.layers.add().apply([s(l, [1, 2]), s(l, [2, 2])]),
    /Can not merge tensors with different batch sizes/,
  ],
  [
    'concat',
    (l) => l.layers.concatenate().apply([s(l, [2, 3, 5]), s(l, [2, 4, 5])]),
    /requires inputs with matching shapes except/,
  ],
  [
    'concat one',
    (l) => l.layers.concatenate().apply([s(l, [2, 3, 5])]),
    /should be called on a list of at least 2 inputs/,
  ],
  [
    'dot',
    (l) => l.layers.dot({ axes: -1 }).apply([s(l, [null, 2, 3]), s(l, [null, 4])]),
    /Dimension incompatibility: 3 !== 4/,
  ],
  ...[1, 3].map((n) => [
    `dot ${n}`,
    (l) => l.layers.dot({ axes: -1 }).apply(Array.from({ length: n }, () => s(l, [null, 2, 3]))),
    /should be called on a list of exactly 2 inputs/,
  ]),
  [
    'dot x',
    (l) => l.layers.dot({ axes: -1 }).apply(s(l, [null, 2, 3])),
    /should be called on a list of exactly 2 inputs/,
  ],
  [
    'bn',
    (l) => l.layers.batchNormalization({ axis: 0 }).apply(s(l, [null, 2, 3])),
    /Axis 0 of input tensor should have a defined dimension/,
  ],
  ['ln foo', (l) => l.layers.layerNormalization({ axis: 'foo' }), /Expected axis to be an integer/],
  ['ln 1.2', (l) => l.layers.layerNormalization({ axis: 1.2 }), /Expected axis to be an integer/],
  ['ln []', (l) => l.layers.layerNormalization({ axis: [1, 1.5] }), /Expected axis to be an array of integers/],
  ['ln dup', (l) => l.layers.layerNormalization({ axis: [-2, -1, -1] }).apply(some(l, [2, 2, 3])), /duplicate axes/],
  ['pad', (l) => l.layers.zeroPadding2d({ padding: [2, 3, 4] }), /length-2 array/],
  [
    'pad h',
    (l) =>
      l.layers.zeroPadding2d({
        padding: [
          [2, 3, 4],
          [5, 6],
        ],
      }),
    /height.*length-2 array/,
  ],
  [
    'pad w',
    (l) =>
      l.layers.zeroPadding2d({
        padding: [
          [1, 1],
          [2, 3, 4],
        ],
      }),
    /width.*length-2 array/,
  ],
  [
    'dw rank',
    (l) => l.layers.depthwiseConv2d({ kernelSize: 2 }).apply(s(l, [1, 10, 10])),
    /Inputs to DepthwiseConv2D should have rank 4\. Received /,
  ],
  ['dw', (l) => l.layers.depthwiseConv2d({}), /kernelSize/],
  ...[
    [7, 2, 0, 1],
    [7, 2, -1, 1],
  ].map((v) => [
    `cat ${v}`,
    (l) => l.layers.categoryEncoding({ numTokens: 3, outputMode: 'multiHot' }).apply(l.tensor(v)),
    /Input values must be between 0 < values <= numTokens with numTokens=3/,
  ]),
  [
    'resize',
    (l) => l.layers.resizing({ height: 3, width: 3, interpolation: 'unimplemented' }),
    /Invalid interpolation parameter: unimplemented is not implemented/,
  ],
  [
    'rw',
    (l) => l.layers.randomWidth({ factor: 0.5, interpolation: 'unimplemented' }),
    /Invalid interpolation parameter: unimplemented is not implemented/,
  ],
  ['rw-5', (l) => l.layers.randomWidth({ factor: [-5, 0.3] }), /factor must have values larger than -1\. Got: -5,0\.3/],
  ['rw<', (l) => l.layers.randomWidth({ factor: [0.5, 0.3] }), /factor cannot have upper bound less than lower bound/],
  [
    'rw neg',
    (l) => l.layers.randomWidth({ factor: -0.5 }),
    /Invalid factor: -0\.5\. Must be positive number or tuple of 2 numbers/,
  ],
  [
    'td',
    (l) => l.layers.timeDistributed({ layer: l.layers.dense({ units: 3 }) }).apply(s(l, [10, 2])),
    /TimeDistributed .*expects an input shape >= 3D, .* \[10,.*2\]/,
  ],
  [
    'bi mode',
    (l) => l.layers.bidirectional({ layer: l.layers.gru({ units: 2 }), mergeMode: 'bad' }),
    /BidirectionalMergeMode.*(?=.*sum)(?=.*mul)(?=.*concat)(?=.*ave)/,
  ],
  ['conv no filters', (l) => l.layers.conv2d({ kernelSize: 2 }), /filters/],
  ['conv no kernel', (l) => l.layers.conv2d({ filters: 2 }), /kernelSize/],
  ['conv kernel', (l) => l.layers.conv2d({ filters: 2, kernelSize: [1, 2, 3] }), /kernelSize/],
  ['pool', (l) => l.layers.maxPooling2d({ poolSize: 2.5 }), /poolSize.*positive integer/],
  [
    'mask',
    (l) => l.layers.conv1d({ filters: 1, kernelSize: 1 }).computeMask(l.ones([2, 3, 2]), l.ones([2, 3]).cast('bool')),
    /does not support masking/,
  ],
];

for (const [name, f, words] of REFUSED) test(`refused: ${name}`, () => both(f, words));

test('a layer whose first inputs do not fit is not built for them', () => {
  const before = tf.memory().numTensors;
  const layers = [
    [tf.layers.conv2d({ filters: 1, kernelSize: 3 }), [1, 2, 2, 1], [1, 4, 4, 3]],
    [tf.layers.conv1dTranspose({ filters: 1, kernelSize: 3, strides: 1, outputPadding: 1 }), [1, 4, 1], [1, 0, 0]],
    [tf.layers.separableConv1d({ filters: 1, kernelSize: 3 }), [1, 2, 1], [1, 4, 2]],
    [tf.layers.timeDistributed({ layer: tf.layers.conv1d({ filters: 1, kernelSize: 3 }) }), [1, 2, 2, 1], [1, 2, 4, 5]],
    [
      tf.layers.multiHeadAttention({ numHeads: 1, keyDim: 2 }),
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 3, 3],
      ],
      [
        [1, 2, 5],
        [1, 3, 5],
      ],
    ],
  ];
  for (const [layer, bad, good] of layers)
    for (const symbolic of [true, false]) {
      const given = (shapes) =>
        (Array.isArray(shapes[0]) ? shapes : [shapes]).map((shape) =>
          symbolic ? tf.input({ batchShape: shape }) : tf.ones(shape),
        );
      tf.tidy(() => {
        const xs = given(bad);
        assert.throws(
          () => layer.apply(xs.length > 1 ? xs : xs[0]),
          (error) => error.code === 'shape' || error.code === 'value',
        );
        assert.equal(layer.built, false, layer.name);
        assert.equal(layer.weights.length, 0, layer.name);
      });
      if (symbolic || !good[2]) continue;
      tf.tidy(() => {
        const xs = given(good);
        layer.apply(xs.length > 1 ? xs : xs[0]);
      });
      assert.ok(layer.built);
      layer.dispose();
    }
  assert.equal(tf.memory().numTensors, before);
});

test('a number as a shape is a shape of one size, but not one with the batch in it', () => {
  const { layers } = tf,
    batch = /must .*be a list|a list with the batch in front/;
  for (const layer of [
    layers.dense({ units: 1, inputShape: 5 }),
    layers.inputLayer({ inputShape: 5 }),
    layers.lstm({ units: 1, inputShape: 5 }),
  ])
    assert.deepEqual(layer.batchInputShape, [null, 5]);
  assert.deepEqual(layers.reshape({ targetShape: 6 }).apply(tf.input({ shape: [2, 3] })).shape, [null, 6]);
  assert.deepEqual(tf.input({ shape: 5 }).shape, [null, 5]);
  for (const f of [
    () => layers.dense({ units: 1, batchInputShape: 5 }),
    () => layers.inputLayer({ batchInputShape: 5 }),
    () => tf.input({ batchShape: 5 }),
    () => layers.dense({ units: 1 }).build(5),
    () => layers.dense({ units: 1 }).build(),
    () => layers.dense({ units: 1 }).computeOutputShape(),
    () => layers.dense({ units: 1 }).computeOutputShape('5'),
  ])
    assert.throws(
      f,
      (error) =>
        error instanceof tf.TensorineError &&
        error.code === 'shape' &&
        (batch.test(error.message) || /a shape must be a list|inputShape must be a shape/.test(error.message)),
      `${f}`,
    );
  for (const none of [null, undefined]) {
    assert.deepEqual(layers.dense({ units: 1, inputShape: none, batchInputShape: [null, 5] }).batchInputShape, [
      null,
      5,
    ]);
    assert.deepEqual(
      layers.dense({ units: 1, inputShape: [5], batchInputShape: none, batchSize: none }).batchInputShape,
      [null, 5],
    );
  }
});

test('shares and numbers that cannot be meant are refused when a layer is made', () => {
  const { layers } = tf;
  const made = {
    dropout: ['rate', { rate: 2 }],
    alphaDropout: ['rate', { rate: -0.1 }],
    gaussianDropout: ['rate', { rate: 1.1 }],
    spatialDropout1d: ['rate', { rate: 2 }],
    spatialDropout2d: ['rate', { rate: 2 }],
    spatialDropout3d: ['rate', { rate: -1 }],
    lstm: ['recurrentDropout', { units: 2, recurrentDropout: 1.5 }],
    gru: ['dropout', { units: 2, dropout: 2 }],
    convLstm2d: ['dropout', { filters: 1, kernelSize: 1, dropout: 2 }],
    multiHeadAttention: ['dropout', { numHeads: 1, keyDim: 1, dropout: 2 }],
    randomGrayscale: ['factor', { factor: 2 }],
  };
  for (const [name, [field, config]] of Object.entries(made))
    assert.throws(
      () => layers[name](config),
      ({ code, message }) =>
        code === 'value' && message.includes(`${field} must be a number from 0 to 1, but is ${config[field]}`),
      name,
    );
  for (const rate of [0, 1]) assert.equal(layers.dropout({ rate }).getConfig().rate, rate);
  assert.throws(() => layers.dense({ units: NaN }), /units must be a whole number of at least 1: .*but got "NaN"/);
  assert.throws(() => layers.leakyReLU({ alpha: NaN }), /alpha must be a number, but is 'NaN'/);
  assert.throws(() => layers.dense({}), /units must be given, but is missing/);
});
