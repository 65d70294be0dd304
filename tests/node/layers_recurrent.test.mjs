// Recurrent layers and their wrappers against TensorFlow.js: sequences, states, batches, masks.
import { test } from 'node:test';
import { both } from '../lib/both.mjs';
import { fixed, some } from '../lib/programs/common.mjs';

const KINDS = ['simpleRNN', 'gru', 'lstm'],
  B = 2,
  S = 3,
  I = 2,
  U = 3;
const statesOf = (kind) => (kind === 'lstm' ? 2 : 1);
const states = (lib, n) => Array.from({ length: n }, (_, i) => some(lib, [B, U], i));
/** Builds, sets the weights, applies. */
function applied(lib, layer, x, kwargs) {
  lib.dispose(layer.apply(x));
  return fixed(lib, layer).apply(x, kwargs);
}
const batches = { stateful: true, batchInputShape: [B, S, I] };

const ROWS = {
  'fields are properties': (lib, kind) => {
    const l = lib.layers[kind]({ units: 2, returnSequences: true, goBackwards: true });
    return [l.returnSequences, l.returnState, l.goBackwards, l.unroll, l.supportsMasking];
  },
  'a cell says its state': (lib, kind) => lib.layers[`${kind}Cell`]({ units: 4 }).stateSize,
  'zeros to begin with': (lib, kind) => lib.layers[kind]({ units: 4 }).getInitialState(lib.zeros([2, 3, 4])),
  'masks pass with sequences': (lib, kind) =>
    [
      [false, false],
      [true, false],
      [true, true],
    ].map(
      ([returnSequences, returnState]) =>
        lib.layers[kind]({
          units: 2,
          returnSequences,
          returnState,
          ...(returnState && { stateful: true, batchInputShape: [2, 3, 2] }),
        }).computeMask(lib.ones([2, 3, 2]), lib.ones([3, 1]))?.length ?? null,
    ),
  'a mask as an argument': (lib, kind) =>
    applied(lib, lib.layers[kind]({ units: U, returnSequences: true }), some(lib, [B, S, I]), {
      mask: lib.tensor(
        [
          [1, 0, 1],
          [0, 1, 1],
        ],
        [B, S],
        'bool',
      ),
    }),
  'no activation': (lib, kind) =>
    applied(lib, lib.layers[kind]({ units: U, activation: null, recurrentActivation: null }), some(lib, [B, S, I])),
  'constraints hold for setWeights': (lib, kind) =>
    applied(lib, lib.layers[kind]({ units: U, kernelConstraint: 'nonNeg' }), some(lib, [B, S, I])),
  'states go on, and begin anew': (lib, kind) => {
    const model = fixed(lib, lib.sequential({ layers: [lib.layers[kind]({ units: U, ...batches })] })),
      x = some(lib, [B, S, I]);
    const first = [model.predict(x), model.predict(x)];
    model.resetStates();
    const before = lib.memory().numTensors,
      more = [model.predict(x), model.predict(x)],
      kept = lib.memory().numTensors - before - more.length;
    model.layers[0].resetStates(states(lib, statesOf(kind)));
    return [first, more, kept, model.predict(x), model.stateful];
  },
  'training in batches': async (lib, kind) => {
    const ones = { kernelInitializer: 'ones', recurrentInitializer: 'ones' };
    const model = lib.sequential({
      layers: [
        lib.layers[kind]({ units: U, ...batches, ...ones }),
        lib.layers.dense({ units: 1, kernelInitializer: 'zeros', useBias: false }),
      ],
    });
    model.compile({ loss: 'meanSquaredError', optimizer: lib.train.sgd(0.1) });
    const { history } = await model.fit(some(lib, [8, S, I]), some(lib, [8, 1]), {
      batchSize: B,
      shuffle: false,
      epochs: 2,
      verbose: 0,
    });
    return [history.loss, model.getWeights()];
  },
  'initial states of both ways': (lib, kind) =>
    applied(
      lib,
      lib.layers.bidirectional({ layer: lib.layers[kind]({ units: U, returnState: true }), mergeMode: null }),
      some(lib, [B, S, I]),
      { initialState: states(lib, 2 * statesOf(kind)) },
    ),
  'symbolic initial states of both ways': (lib, kind) => {
    const n = 2 * statesOf(kind),
      x = lib.input({ shape: [S, I] }),
      begin = Array.from({ length: n }, () => lib.input({ shape: [U] }));
    const outputs = lib.layers
      .bidirectional({ layer: lib.layers[kind]({ units: U }) })
      .apply(x, { initialState: begin });
    return fixed(lib, lib.model({ inputs: [x, ...begin], outputs })).predict([some(lib, [B, S, I]), ...states(lib, n)]);
  },
};
for (const [name, row] of Object.entries(ROWS))
  for (const kind of KINDS) test(`${kind}: ${name}`, () => both((lib) => row(lib, kind)));

const FAIL = {
  'states of another shape': [
    (lib, kind) => {
      const l = lib.layers[kind]({ units: U, ...batches });
      lib.sequential({ layers: [l] }).predict(some(lib, [B, S, I]));
      l.resetStates(Array.from({ length: statesOf(kind) }, () => lib.zeros([B, 5])));
    },
    /State 0 is incompatible with layer/,
  ],
  'batches of no known size': [
    (lib, kind) => lib.sequential().add(lib.layers[kind]({ units: U, stateful: true, inputShape: [S, I] })),
    /needs to know its batch size/,
  ],
  'too many states': [
    (lib, kind) => lib.layers[kind]({ units: U }).apply(some(lib, [B, S, I]), { initialState: states(lib, 3) }),
    /An initialState was passed that is not compatible with/,
  ],
  'half of the states': [
    (lib, kind) =>
      lib.layers
        .bidirectional({ layer: lib.layers[kind]({ units: U }) })
        .apply(some(lib, [B, S, I]), { initialState: states(lib, 1) }),
    /the state should be .*RNNs/,
  ],
};
for (const [name, [f, words]] of Object.entries(FAIL))
  for (const kind of KINDS) test(`${kind}: ${name}`, () => both((lib) => f(lib, kind), words));

for (const [name, f] of Object.entries({
  'batches of another size than the input names': async (lib) => {
    const model = fixed(lib, lib.sequential({ layers: [lib.layers.dense({ units: 2, batchInputShape: [2, 3] })] }));
    model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
    const x = some(lib, [5, 3]),
      y = lib.zeros([5, 2]);
    return [
      model.predict(x),
      model.evaluate(x, y),
      (await model.fit(x, y, { batchSize: 2, shuffle: false, verbose: 0 })).history.loss,
      model.apply(x),
    ];
  },
  'names of both ways': (lib) => {
    const b = lib.layers.bidirectional({ layer: lib.layers.gru({ units: 2, name: 'g' }) });
    return [b.forwardLayer.name, b.backwardLayer.name, b.backwardLayer.goBackwards, b.mergeMode];
  },
  'batchNormalization with its axis in a list': (lib) =>
    lib.layers.batchNormalization({ axis: [1] }).apply(some(lib, [2, 3])),
  'dense with inputDim': (lib) =>
    lib.sequential({ layers: [lib.layers.dense({ units: 1, inputDim: 4, batchSize: 3 })] }).inputs,
  'masking of rank 2': (lib) =>
    lib.layers.masking().apply(
      lib.tensor([
        [1, 2],
        [0, 0],
      ]),
    ),
  'rates of 1 drop nothing': (lib) =>
    ['dropout', 'gaussianDropout', 'alphaDropout'].map((n) =>
      lib.layers[n]({ rate: 1 }).apply(lib.ones([2, 2]), { training: true }),
    ),
  'embedding with open lengths': (lib) =>
    lib.layers
      .embedding({ inputDim: 9, outputDim: 7, inputLength: [null, 4, 5] })
      .apply(lib.input({ batchShape: [17, null, 4, 5] })),
  'softmax along several axes': (lib) => lib.layers.softmax({ axis: [1, 2] }).apply(some(lib, [2, 3, 4])),
  'fields of other layers': (lib) => {
    const l = lib.layers.zeroPadding2d({ padding: [2, 4] });
    return [l.padding, l.dataFormat];
  },
}))
  test(name, () => both(f));
