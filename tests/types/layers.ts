// A layer of each kind with its config, and what layers, initializers, regularizers and constraints can do.
import * as tf from 'tensorine';

const base = { inputShape: [4, 4, 3], batchSize: 2, dtype: 'float32' as const, name: 'a', trainable: true },
  rnn = { units: 4, returnSequences: true };
const conv = {
  filters: 2,
  kernelSize: 3,
  strides: 1,
  padding: 'same' as const,
  activation: 'relu' as const,
  useBias: true,
};
const weights = {
  kernelInitializer: 'glorotUniform' as const,
  kernelRegularizer: 'l1l2' as const,
  kernelConstraint: 'nonNeg' as const,
};

export const all: tf.layers.Layer[] = [
  tf.layers.dense({ units: 1 }),
  tf.layers.dense({ units: 2, ...base, ...weights, activation: 'softmax', useBias: false }),
  tf.layers.dense({
    units: 2,
    inputShape: [null, 3],
    kernelInitializer: tf.initializers.zeros(),
    kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }),
    biasConstraint: tf.constraints.nonNeg(),
  }),
  tf.layers.inputLayer({ inputShape: [2] }),
  tf.layers.inputLayer({ batchInputShape: [null, 2], dtype: 'int32', sparse: false }),
  tf.layers.activation({ activation: 'elu' }),
  tf.layers.dropout({ rate: 0.5, seed: 1 }),
  tf.layers.spatialDropout1d({ rate: 0.5 }),
  tf.layers.flatten(),
  tf.layers.flatten({ dataFormat: 'channelsFirst' }),
  tf.layers.repeatVector({ n: 2 }),
  tf.layers.reshape({ targetShape: [2, 2] }),
  tf.layers.permute({ dims: [2, 1] }),
  tf.layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true, inputLength: 3 }),
  tf.layers.masking(),
  tf.layers.masking({ maskValue: 0 }),
  tf.layers.elu(),
  tf.layers.elu({ alpha: 1 }),
  tf.layers.reLU({ maxValue: 6 }),
  tf.layers.leakyReLU({ alpha: 0.1 }),
  tf.layers.prelu({ alphaInitializer: 'zeros' }),
  tf.layers.softmax({ axis: -1 }),
  tf.layers.thresholdedReLU({ theta: 1 }),
  tf.layers.conv1d({ filters: 1, kernelSize: 2 }),
  tf.layers.conv2d({ ...conv, ...base, ...weights, dilationRate: 1, dataFormat: 'channelsLast' }),
  tf.layers.conv2dTranspose(conv),
  tf.layers.conv3d(conv),
  tf.layers.conv3dTranspose(conv),
  tf.layers.separableConv2d({ ...conv, depthMultiplier: 2, depthwiseInitializer: 'ones' }),
  tf.layers.depthwiseConv2d({ kernelSize: [3, 3], depthMultiplier: 1 }),
  tf.layers.cropping2D({
    cropping: [
      [1, 1],
      [1, 1],
    ],
  }),
  tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
  tf.layers.zeroPadding2d({ padding: [1, 1] }),
  tf.layers.add(),
  tf.layers.average(),
  tf.layers.concatenate({ axis: -1 }),
  tf.layers.maximum(),
  tf.layers.minimum({ name: 'b' }),
  tf.layers.multiply(),
  tf.layers.dot({ axes: 1, normalize: true }),
  tf.layers.batchNormalization({ axis: -1, momentum: 0.9, epsilon: 1e-3, center: true, scale: true }),
  tf.layers.layerNormalization({ axis: [-1], epsilon: 1e-3 }),
  tf.layers.averagePooling1d({ poolSize: 2 }),
  tf.layers.avgPool1d({ poolSize: 2, strides: 1 }),
  tf.layers.avgPooling1d({}),
  tf.layers.averagePooling2d({ poolSize: [2, 2] }),
  tf.layers.avgPool2d({ poolSize: 2, padding: 'same' }),
  tf.layers.avgPooling2d({}),
  tf.layers.averagePooling3d({ poolSize: 2 }),
  tf.layers.avgPool3d({}),
  tf.layers.avgPooling3d({}),
  tf.layers.globalAveragePooling1d(),
  tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
  tf.layers.globalMaxPooling1d(),
  tf.layers.globalMaxPooling2d({}),
  tf.layers.globalMaxPool1d(),
  tf.layers.globalMaxPool2d({}),
  tf.layers.maxPooling1d({ poolSize: 2 }),
  tf.layers.maxPooling2d({ poolSize: 2, strides: [2, 2] }),
  tf.layers.maxPooling3d({ poolSize: [2, 2, 2] }),
  tf.layers.maxPool1d({ poolSize: 2 }),
  tf.layers.maxPool2d({ poolSize: 2 }),
  tf.layers.gru({ ...rnn, recurrentActivation: 'hardSigmoid' }),
  tf.layers.lstm({ ...rnn, unitForgetBias: true, implementation: 1 }),
  tf.layers.simpleRNN({ ...rnn, stateful: false, goBackwards: false, unroll: false }),
  tf.layers.gruCell({ units: 2 }),
  tf.layers.lstmCell({ units: 2, dropout: 0.1, recurrentDropout: 0.1 }),
  tf.layers.simpleRNNCell({ units: 2, recurrentInitializer: 'orthogonal' }),
  tf.layers.convLstm2d({ filters: 1, kernelSize: 2 }),
  tf.layers.convLstm2dCell({ filters: 1, kernelSize: 2 }),
  tf.layers.rnn({ cell: tf.layers.gruCell({ units: 2 }) }),
  tf.layers.rnn({ cell: [tf.layers.gruCell({ units: 2 }), tf.layers.lstmCell({ units: 2 })], returnState: true }),
  tf.layers.stackedRNNCells({ cells: [tf.layers.lstmCell({ units: 2 })] }),
  tf.layers.bidirectional({ layer: tf.layers.lstm(rnn), mergeMode: 'concat' }),
  tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 1 }) }),
  tf.layers.gaussianNoise({ stddev: 1 }),
  tf.layers.gaussianDropout({ rate: 0.5 }),
  tf.layers.alphaDropout({ rate: 0.5, noiseShape: [1] }),
  tf.layers.rescaling({ scale: 2, offset: 0 }),
  tf.layers.centerCrop({ height: 2, width: 2 }),
  tf.layers.resizing({ height: 2, width: 2, interpolation: 'nearest' }),
  tf.layers.categoryEncoding({ numTokens: 3, outputMode: 'oneHot' }),
  tf.layers.randomWidth({ factor: [0.1, 0.2], seed: 1 }),
];

export const parts = [
  tf.initializers.zeros(),
  tf.initializers.ones(),
  tf.initializers.constant({ value: 1 }),
  tf.initializers.randomUniform({ minval: 0, maxval: 1, seed: 1 }),
  tf.initializers.randomNormal({ mean: 0, stddev: 1 }),
  tf.initializers.truncatedNormal({ stddev: 1 }),
  tf.initializers.identity({ gain: 1 }),
  tf.initializers.varianceScaling({ scale: 1, mode: 'fanIn', distribution: 'normal' }),
  tf.initializers.glorotUniform({ seed: 1 }),
  tf.initializers.glorotNormal({}),
  tf.initializers.heNormal({ seed: 1 }),
  tf.initializers.heUniform({}),
  tf.initializers.leCunNormal({}),
  tf.initializers.leCunUniform({}),
  tf.initializers.orthogonal({ gain: 1 }),
  tf.regularizers.l1(),
  tf.regularizers.l1({ l1: 0.1 }),
  tf.regularizers.l2(),
  tf.regularizers.l1l2({ l1: 0.1, l2: 0.1 }),
  tf.regularizers.l1l2(),
  tf.constraints.maxNorm({ maxValue: 2, axis: 0 }),
  tf.constraints.unitNorm({ axis: 0 }),
  tf.constraints.nonNeg(),
  tf.constraints.minMaxNorm({ minValue: 0, maxValue: 1, rate: 1, axis: 0 }),
];
export const start: tf.Tensor = tf.initializers.ones().apply([2, 2], 'float32'),
  cost: tf.Scalar = tf.regularizers.l2().apply(start),
  bounded: tf.Tensor = tf.constraints.nonNeg().apply(start);

export function using(layer: tf.layers.Layer, x: tf.Tensor): void {
  const input: tf.SymbolicTensor = tf.input({ shape: [3], name: 'in', dtype: 'float32' }),
    other = tf.layers.input({ batchShape: [null, 3] });
  const symbol = layer.apply(input) as tf.SymbolicTensor,
    joined = layer.apply([input, other]),
    value = layer.apply(x, { training: true }) as tf.Tensor;
  const shape: tf.Shape = symbol.shape,
    source: tf.layers.Layer = symbol.sourceLayer,
    type: tf.DataType = symbol.dtype,
    rank: number = symbol.rank;
  const shapes: tf.Shape | tf.Shape[] = layer.outputShape,
    computed = layer.computeOutputShape([null, 3]) as tf.Shape,
    mask = layer.computeMask(x);
  const values: tf.Tensor[] = layer.getWeights(true),
    variables: tf.LayerVariable[] = layer.weights,
    count: number = layer.countParams();
  const name: string = layer.name + symbol.name,
    inputs = [layer.input, layer.output, layer.getInputAt(0), layer.getOutputAt(0)];
  layer.setWeights(values);
  layer.build([null, 3]);
  layer.trainable = false;
  layer.setCallHook((given, kwargs) => void [given, kwargs]);
  layer.clearCallHook();
  layer.inputSpec = [new tf.InputSpec({ ndim: 2, axes: { [-1]: 3 } })];
  layer.setFastWeightInitDuringBuild(false);
  layer.resetStates();
  const { numDisposedVariables, refCountAfterDispose } = layer.dispose(),
    config: object = layer.getConfig(),
    read: tf.Tensor = variables[0].read();
  variables[0].write(x);
  void [
    joined,
    value,
    shape,
    source,
    type,
    rank,
    shapes,
    computed,
    mask,
    count,
    name,
    inputs,
    numDisposedVariables + refCountAfterDispose,
    config,
    read,
    layer.built,
    layer.dtype,
    layer.batchInputShape,
    layer.trainableWeights,
    layer.nonTrainableWeights,
    layer.stateful,
    layer.supportsMasking,
    layer.call(x, {}),
    layer.inboundNodes[0].outboundLayer,
    layer.outboundNodes.length,
    layer.losses,
    layer.updates,
    layer.calculateLosses(),
    layer.id,
    layer.initialWeights,
    symbol.inputs,
    symbol.callArgs,
  ];
}

export function recurrent(x: tf.Tensor): void {
  const layer = tf.layers.rnn({ cell: tf.layers.gruCell({ units: 2 }), stateful: true }) as tf.RNN;
  layer.resetStates(x);
  layer.setStates([x]);
  const size: number | number[] = layer.cell.stateSize;
  void [size, layer.getStates(), layer.states, layer.call(x, {}), layer.apply(x), layer.getConfig()];
}

/** A layer of one's own. */
export class Twice extends tf.layers.Layer {
  static className = 'Twice';
  private readonly factor: number;
  constructor(config: { factor: number; name?: string }) {
    super({ name: config.name });
    this.factor = config.factor;
  }
  build(inputShape: tf.Shape | tf.Shape[]): void {
    this.addWeight('w', [1], 'float32', tf.initializers.ones(), undefined, true);
    super.build(inputShape);
  }
  computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
  call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(Array.isArray(inputs) ? inputs[0] : inputs, this.factor));
  }
  getConfig() {
    return { ...super.getConfig(), factor: this.factor };
  }
}
tf.serialization.registerClass(Twice);
