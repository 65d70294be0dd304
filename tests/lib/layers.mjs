// A config and an input for every layer, and a value other than the default for each field of a config.

export const product = (shape) => shape.reduce((a, b) => a * b, 1);
/** Numbers that look random and are the same each time. */
export const numbers = (n, scale = 1, shift = -0.5) =>
  Array.from({ length: n }, (_, i) => (((i * 7919 + 13) % 1000) / 1000 + shift) * scale);

const FLAT = [6],
  SEQUENCE = [6, 4],
  IMAGE = [6, 6, 4],
  CUBE = [4, 4, 4, 2],
  FILM = [3, 5, 5, 2];

/** What a layer must be given, and the shapes of its inputs; layers and cells inside come from `lib`. */
export const LAYERS = {
  inputLayer: [{ inputShape: FLAT }, [FLAT]],
  dense: [{ units: 3 }, [FLAT]],
  activation: [{ activation: 'tanh' }, [FLAT]],
  reLU: [{}, [FLAT]],
  leakyReLU: [{}, [FLAT]],
  prelu: [{}, [SEQUENCE]],
  elu: [{}, [FLAT]],
  thresholdedReLU: [{}, [FLAT]],
  softmax: [{}, [SEQUENCE]],
  masking: [{}, [SEQUENCE]],
  embedding: [{ inputDim: 9, outputDim: 3 }, [FLAT]],
  flatten: [{}, [SEQUENCE]],
  reshape: [{ targetShape: [4, 6] }, [SEQUENCE]],
  permute: [{ dims: [2, 1] }, [SEQUENCE]],
  repeatVector: [{ n: 3 }, [FLAT]],
  rescaling: [{ scale: 2 }, [IMAGE]],
  dropout: [{ rate: 0.5 }, [FLAT]],
  spatialDropout1d: [{ rate: 0.5 }, [SEQUENCE]],
  gaussianNoise: [{ stddev: 0.5 }, [FLAT]],
  gaussianDropout: [{ rate: 0.5 }, [FLAT]],
  alphaDropout: [{ rate: 0.5 }, [FLAT]],
  batchNormalization: [{}, [IMAGE]],
  layerNormalization: [{}, [SEQUENCE]],
  conv1d: [{ filters: 2, kernelSize: 2 }, [SEQUENCE]],
  conv2d: [{ filters: 2, kernelSize: 2 }, [IMAGE]],
  conv3d: [{ filters: 2, kernelSize: 2 }, [CUBE]],
  conv2dTranspose: [{ filters: 2, kernelSize: 2 }, [IMAGE]],
  conv3dTranspose: [{ filters: 2, kernelSize: 2 }, [CUBE]],
  depthwiseConv2d: [{ kernelSize: 2 }, [IMAGE]],
  separableConv2d: [{ filters: 2, kernelSize: 2 }, [IMAGE]],
  maxPooling1d: [{}, [SEQUENCE]],
  averagePooling1d: [{}, [SEQUENCE]],
  globalMaxPooling1d: [{}, [SEQUENCE]],
  globalAveragePooling1d: [{}, [SEQUENCE]],
  maxPooling2d: [{}, [IMAGE]],
  averagePooling2d: [{}, [IMAGE]],
  globalMaxPooling2d: [{}, [IMAGE]],
  globalAveragePooling2d: [{}, [IMAGE]],
  maxPooling3d: [{}, [CUBE]],
  averagePooling3d: [{}, [CUBE]],
  zeroPadding2d: [{}, [IMAGE]],
  cropping2D: [{ cropping: 1 }, [IMAGE]],
  upSampling2d: [{}, [IMAGE]],
  resizing: [{ height: 3, width: 4 }, [IMAGE]],
  centerCrop: [{ height: 3, width: 4 }, [IMAGE]],
  randomWidth: [{ factor: [0, 0] }, [IMAGE]],
  categoryEncoding: [{ numTokens: 9 }, [FLAT]],
  simpleRNN: [{ units: 3 }, [SEQUENCE]],
  lstm: [{ units: 3 }, [SEQUENCE]],
  gru: [{ units: 3 }, [SEQUENCE]],
  convLstm2d: [{ filters: 2, kernelSize: 2 }, [FILM]],
  rnn: [(lib) => ({ cell: lib.layers.gruCell({ units: 3 }) }), [SEQUENCE]],
  timeDistributed: [(lib) => ({ layer: lib.layers.dense({ units: 3 }) }), [SEQUENCE]],
  bidirectional: [(lib) => ({ layer: lib.layers.lstm({ units: 3 }), mergeMode: 'concat' }), [SEQUENCE]],
  add: [{}, [FLAT, FLAT]],
  multiply: [{}, [FLAT, FLAT]],
  average: [{}, [FLAT, FLAT]],
  maximum: [{}, [FLAT, FLAT]],
  minimum: [{}, [FLAT, FLAT]],
  concatenate: [{}, [FLAT, FLAT]],
  dot: [{ axes: 1 }, [FLAT, FLAT]],
  // ---- of Keras 3 alone ----
  normalization: [{ mean: 0.5, variance: 2 }, [SEQUENCE]],
  multiHeadAttention: [{ numHeads: 2, keyDim: 3 }, [SEQUENCE, [5, 4]]],
  groupQueryAttention: [{ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }, [SEQUENCE, [5, 4]]],
  attention: [{}, [SEQUENCE, [5, 4]]],
  additiveAttention: [{}, [SEQUENCE, [5, 4]]],
  unitNormalization: [{}, [SEQUENCE]],
  rmsNormalization: [{}, [SEQUENCE]],
  groupNormalization: [{ groups: 2 }, [IMAGE]],
  spectralNormalization: [(lib) => ({ layer: lib.layers.dense({ units: 3 }) }), [FLAT]],
  identity: [{}, [FLAT]],
  activityRegularization: [{}, [FLAT]],
  subtract: [{}, [FLAT, FLAT]],
  spatialDropout2d: [{ rate: 0.5 }, [IMAGE]],
  spatialDropout3d: [{ rate: 0.5 }, [CUBE]],
  conv1dTranspose: [{ filters: 2, kernelSize: 3, strides: 2 }, [SEQUENCE]],
  depthwiseConv1d: [{ kernelSize: 2 }, [SEQUENCE]],
  separableConv1d: [{ filters: 2, kernelSize: 2 }, [SEQUENCE]],
  ternaryDense: [{ units: 3 }, [FLAT]],
  einsumDense: [{ equation: 'abc,cd->abd', outputShape: [null, 3], biasAxes: 'd' }, [SEQUENCE]],
  randomFlip: [{}, [IMAGE]],
  randomRotation: [{ factor: 0.2 }, [IMAGE]],
  randomZoom: [{ heightFactor: 0.2 }, [IMAGE]],
  randomTranslation: [{ heightFactor: 0.2, widthFactor: 0.1 }, [IMAGE]],
  randomShear: [{ xFactor: 0.2 }, [IMAGE]],
  randomCrop: [{ height: 3, width: 4 }, [IMAGE]],
  randomContrast: [{ factor: 0.5 }, [IMAGE]],
  randomBrightness: [{ factor: 0.5 }, [IMAGE]],
  stringLookup: [{ vocabulary: ['a', 'B', 'snakeCase'] }, [FLAT], 'string'],
  integerLookup: [{ vocabulary: [1, 3, 5] }, [FLAT], 'int32'],
  textVectorization: [{ vocabulary: ['a', 'B', 'snakeCase'], standardize: null }, [[]], 'string'],
  hashing: [{ numBins: 5 }, [FLAT], 'string'],
  hashedCrossing: [{ numBins: 5 }, [FLAT, FLAT], 'string'],
  discretization: [{ binBoundaries: [-0.2, 0, 0.3] }, [SEQUENCE]],
  ...Object.fromEntries(
    ['randomHue', 'randomSaturation', 'randomColorDegeneration', 'randomSharpness'].map((name) => [
      name,
      [{ factor: 0.5 }, [[6, 6, 3]]],
    ]),
  ),
  ...Object.fromEntries(
    ['randomGrayscale', 'randomInvert', 'solarization', 'autoContrast', 'equalization', 'randomColorJitter'].map(
      (name) => [name, [{}, [[6, 6, 3]]]],
    ),
  ),
  randomPosterization: [{ factor: 4 }, [[6, 6, 3]]],
  randomErasing: [{}, [IMAGE]],
  randomGaussianBlur: [{}, [IMAGE]],
  randomPerspective: [{}, [IMAGE]],
  stftSpectrogram: [{ frameLength: 4, mode: 'psd' }, [[16, 2]]],
  melSpectrogram: [{ fftLength: 8, sequenceStride: 4, numMelBins: 3, minFreq: 1000, powerToDb: false }, [[24]]],
  pipeline: [
    (lib) => ({
      layers: [
        lib.layers.dense({ units: 3, kernelInitializer: lib.initializers.glorotUniform({ seed: 7 }) }),
        lib.layers.reLU(),
      ],
    }),
    [FLAT],
  ],
  reversibleEmbedding: [{ inputDim: 9, outputDim: 6 }, [FLAT]],
  ...Object.fromEntries(
    ['mixUp', 'cutMix', 'randAugment', 'augMix', 'randomElasticTransform'].map((name) => [name, [{}, [[6, 6, 3]]]]),
  ),
  maxNumBoundingBoxes: [{ maxNumber: 3 }, [[6, 6, 3]]],
  contrastLimitedAdaptiveHistogramEqualization: [{ tileGridSize: 2 }, [[6, 6, 3]]],
  convLstm1d: [{ filters: 2, kernelSize: 2 }, [[3, 5, 2]]],
  convLstm3d: [{ filters: 2, kernelSize: 2 }, [[2, 3, 3, 3, 2]]],
  cropping1d: [{}, [SEQUENCE]],
  zeroPadding1d: [{}, [SEQUENCE]],
  upSampling1d: [{}, [SEQUENCE]],
  cropping3d: [{}, [CUBE]],
  zeroPadding3d: [{}, [CUBE]],
  upSampling3d: [{}, [CUBE]],
  globalAveragePooling3d: [{}, [CUBE]],
  globalMaxPooling3d: [{}, [CUBE]],
  adaptiveAveragePooling1d: [{ outputSize: 4 }, [SEQUENCE]],
  adaptiveMaxPooling1d: [{ outputSize: 4 }, [SEQUENCE]],
  adaptiveAveragePooling2d: [{ outputSize: [4, 2] }, [IMAGE]],
  adaptiveMaxPooling2d: [{ outputSize: [4, 2] }, [IMAGE]],
  adaptiveAveragePooling3d: [{ outputSize: [3, 2, 1] }, [CUBE]],
  adaptiveMaxPooling3d: [{ outputSize: [3, 2, 1] }, [CUBE]],
};
/** Cells live in a layer that runs them over time. */
export const CELLS = {
  simpleRNNCell: [{ units: 3 }, [SEQUENCE]],
  lstmCell: [{ units: 3 }, [SEQUENCE]],
  gruCell: [{ units: 3 }, [SEQUENCE]],
  convLstm2dCell: [{ filters: 2, kernelSize: 2 }, [FILM]],
  convLstm1dCell: [{ filters: 2, kernelSize: 2 }, [[3, 5, 2]]],
  convLstm3dCell: [{ filters: 2, kernelSize: 2 }, [[2, 3, 3, 3, 2]]],
  stackedRNNCells: [
    (lib) => ({ cells: [lib.layers.lstmCell({ units: 3 }), lib.layers.gruCell({ units: 2 })] }),
    [SEQUENCE],
  ],
};

export const configOf = (lib, name, more = {}) => {
  const [config] = LAYERS[name] ?? CELLS[name];
  return { ...(typeof config === 'function' ? config(lib) : config), ...more };
};
/** Values that a layer takes: whole numbers for those that look something up. */
export const valuesFor = (name, n) =>
  ['embedding', 'categoryEncoding', 'reversibleEmbedding'].includes(name)
    ? numbers(n, 8, 0).map(Math.floor)
    : numbers(n);

/** What a layer takes: float32 where its case says nothing. */
const dtypeOf = (name) => (LAYERS[name] ?? CELLS[name])[2] ?? 'float32';
const WORDS = ['a', 'B', 'snakeCase', 'x y', 'ä', ''];
/** A model of one layer. */
export function modelOf(lib, name, more) {
  const shapes = (LAYERS[name] ?? CELLS[name])[1],
    inputs = shapes.map((shape) => lib.input({ shape, dtype: dtypeOf(name) }));
  if (name === 'inputLayer')
    return lib.model({ inputs, outputs: lib.layers.activation({ activation: 'relu' }).apply(inputs[0]) });
  const layer = lib.layers[name](configOf(lib, name, more)),
    whole = CELLS[name] ? lib.layers.rnn({ cell: layer }) : layer;
  return lib.model({ inputs, outputs: whole.apply(inputs.length > 1 ? inputs : inputs[0]) });
}
export const inputsOf = (lib, name, batch = 3) => {
  const list = (LAYERS[name] ?? CELLS[name])[1].map((shape) => {
    const values = valuesFor(name, batch * product(shape)),
      dtype = dtypeOf(name);
    return lib.tensor(
      dtype === 'float32'
        ? values
        : values.map((v) =>
            dtype === 'string' ? WORDS[Math.floor((v + 0.5) * WORDS.length)] : Math.floor((v + 0.5) * 9),
          ),
      [batch, ...shape],
      dtype,
    );
  });
  return list.length > 1 ? list : list[0];
};

// ---- another value for each field ----

const OTHER = {
  bool: (f) => f.default !== 'true',
  int: () => 2,
  float: () => 0.25,
  floats: () => [0.1, 0.2],
  seed: () => 7,
  shape: () => [3, 6],
  string: () => 'x',
  activation: () => 'sigmoid',
  initializer: () => 'heUniform',
  regularizer: () => 'l1l2',
  constraint: () => 'unitNorm',
  dtype: () => 'int32',
  ints: () => 2,
  sides: () => [
    [1, 0],
    [0, 1],
  ],
};
/** Fields whose value must fit the others, by layer or for all. */
const FITTING = {
  axis: -2,
  axes: -1,
  inputDim: 4,
  inputLength: 6,
  sharedAxes: [1],
  implementation: 1,
  dims: [1, 2],
  n: 2,
  batchSize: 3,
  units: 4,
  mergeMode: 'sum',
  noiseShape: [3, 1],
  'reshape.targetShape': [2, 12],
  'concatenate.axis': 1,
  'rescaling.offset': 1,
  'embedding.inputDim': 12,
  'embedding.inputLength': 6,
  'categoryEncoding.numTokens': 10,
  'groupNormalization.groups': 4,
  numMagnitudeBins: 20,
  'randomErasing.fillValue': 3,
  'stftSpectrogram.fftLength': 8,
  sequenceLength: 6,
  'randomGaussianBlur.kernelSize': [3, 5],
  'reversibleEmbedding.inputDim': 12,
  'randomPosterization.factor': [2, 5],
  'randomColorJitter.contrastFactor': 0.5,
  'stringLookup.vocabulary': ['x', 'Yy'],
  'integerLookup.vocabulary': [7, 9],
  'textVectorization.vocabulary': ['x', 'Yy'],
  binBoundaries: [0.1, 0.2],
  salt: [1, 2],
  'stringLookup.invert': true,
  'integerLookup.invert': true,
  maxTokens: 9,
  padToMaxTokens: false,
  'textVectorization.outputMode': 'count',
  'hashing.outputMode': 'oneHot',
  idfWeights: [0.1, 0.2, 0.3],
  'groupNormalization.axis': 1,
  attentionAxes: [1],
  numKeyValueHeads: 1,
  numQueryHeads: 4,
  'cropping3d.cropping': [
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  'zeroPadding3d.padding': [
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  'cropping1d.cropping': [0, 1],
  'multiHeadAttention.outputShape': [3],
  'upSampling3d.size': [1, 2, 3],
  'einsumDense.equation': 'aBc,cd->aBd',
  'einsumDense.outputShape': [6, 2],
  'einsumDense.biasAxes': 'bd',
  'upSampling2d.size': [2, 3],
};
export function otherValue(layer, f) {
  for (const key of [`${layer}.${f.name}`, f.name]) if (key in FITTING) return FITTING[key];
  if (f.choices) return f.choices.find((choice) => `'${choice}'` !== f.default);
  return OTHER[f.kind]?.(f);
}
