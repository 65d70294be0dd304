// Names that TensorFlow.js has not.
import * as tf from 'tensorine';

declare const x: tf.Tensor, m: tf.Tensor2D, model: tf.LayersModel, gl: WebGL2RenderingContext;

export const ops: (tf.Tensor | tf.Tensor[])[] = [
  tf.fusedMatMul(m, m),
  tf.inTopK(m, [1]),
  tf.nonzero(x),
  tf.booleanMask(x, [true]),
  tf.setdiff1d([1], [2]),
  tf.raggedRange([0], [2], [1]).rtNestedSplits,
  tf.raggedGather([[0, 2]], [1, 2], [0], 1).outputDenseValues,
];
export const convolutions = [tf.fusedConv2d, tf.fusedDepthwiseConv2d];

export async function place(): Promise<void> {
  tf.setThreads(tf.getThreads());
  tf.deprecationWarn('old');
  const scope = tf.startScope(),
    found: tf.Tensor[] = tf.getTensorsInContainer({ x });
  scope.endScope(x);
  tf.endScope();
  using y = x.square();
  const error: tf.TensorineError = new tf.TensorineError('shape', 'text'),
    code: tf.ErrorCode = error.code,
    bytes = x.bytesSync();
  const { device } = (await tf.profile(() => x.square())).kernels[0],
    { pooledBytes, numBytesInGPU, numBytesInGPUFree, numBytesInGPUAllocated, peakBytesInGPU } = tf.memory();
  await tf.tidy(async () => {
    await x.data();
  });
  await model.warmup({ batchSize: 2, onProgress: (share: number) => console.log(share) });
  const onGPU: number[] = [numBytesInGPU, numBytesInGPUFree, numBytesInGPUAllocated, peakBytesInGPU];
  tf.webgl.onContextLost(() => {})();
  tf.webgl.onContextRestored(() => {})();
  tf.webgl.setContextLossBackend('wasm');
  tf.webgl.setMemoryLimit(5e8);
  tf.webgl.setContext(gl);
  const frame: tf.Tensor3D = tf.browser.fromPixels(new VideoFrame(gl.canvas, { timestamp: 0 }));
  void [
    onGPU,
    frame,
    found,
    y,
    code,
    bytes,
    device,
    pooledBytes,
    tf.env().getQueryParams('a'),
    tf.data.version_data,
    tf.Rank.R1,
  ];
}

export const rates = [
  tf.train.exponentialDecay({ initialLearningRate: 1, decaySteps: 10, decayRate: 0.5 }),
  tf.train.inverseTimeDecay({ initialLearningRate: 1, decaySteps: 10, decayRate: 0.5 }),
  tf.train.polynomialDecay({ initialLearningRate: 1, decaySteps: 10 }),
  tf.train.cosineDecay({ initialLearningRate: 1, decaySteps: 10 }),
  tf.train.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10 }),
  tf.train.piecewiseConstantDecay({ boundaries: [1], values: [1, 2] }),
];
export const optimizers: tf.Optimizer[] = [
  tf.train.adam(rates[0]),
  tf.train.adamw(0.1),
  tf.train.nadam(),
  tf.train.lion(),
  tf.OptimizerConstructors.adamw(),
  tf.OptimizerConstructors.nadam(),
  tf.OptimizerConstructors.lion(),
  new tf.AdamWOptimizer(),
  new tf.NadamOptimizer(),
  new tf.LionOptimizer(),
];

export const meters = [
  new tf.metrics.TruePositives({}),
  new tf.metrics.FalsePositives({}),
  new tf.metrics.TrueNegatives({}),
  new tf.metrics.FalseNegatives({}),
  new tf.metrics.Precision(),
  new tf.metrics.Recall(),
  new tf.metrics.AUC(),
  new tf.metrics.RootMeanSquaredError(),
  new tf.metrics.TopKCategoricalAccuracy(),
  new tf.metrics.SparseTopKCategoricalAccuracy(),
  new tf.metrics.F1Score(),
  new tf.metrics.MeanIoU({ numClasses: 2 }),
];
export const metrics: tf.Tensor[] = [
  tf.metrics.mae(x, x),
  tf.metrics.MAE(x, x),
  tf.metrics.meanSquaredLogarithmicError(x, x),
  tf.metrics.msle(x, x),
  tf.metrics.MSLE(x, x),
  tf.metrics.logcosh(x, x),
  tf.metrics.hinge(x, x),
  tf.metrics.squaredHinge(x, x),
  tf.metrics.categoricalHinge(x, x),
  tf.metrics.sparseCategoricalCrossentropy(x, x),
  tf.metrics.kullbackLeiblerDivergence(x, x),
  tf.metrics.poisson(x, x),
  tf.metrics.cosine(x, x),
  tf.metrics.topKCategoricalAccuracy(x, x),
  tf.metrics.sparseTopKCategoricalAccuracy(x, x),
];
export const layers: tf.layers.Layer[] = [tf.layers.maxPool3d({ poolSize: 2 })];

export const callbacks: tf.Callback[] = [
  new tf.CSVLogger('/a.csv'),
  new tf.LearningRateScheduler((epoch) => 1 / (epoch + 1)),
  new tf.ModelCheckpoint('localstorage://a'),
  new tf.ReduceLROnPlateau(),
  new tf.TerminateOnNaN(),
  new tf.callbacks.CSVLogger('/a.csv', { append: true }),
  new tf.callbacks.TerminateOnNaN(),
];

export async function using(dataset: tf.data.Dataset<number>): Promise<void> {
  const meter: tf.metrics.Metric = meters[0],
    value: tf.Tensor = meter.result();
  meter.updateState([1], [1]);
  meter.resetState();
  meter.dispose();
  const layer: tf.layers.Layer = model.findLayer(0),
    states = rates[0].getConfig();
  for await (const n of dataset) void n.toFixed();
  const elements = await dataset.toArrayForTest(),
    buffer = tf.io.CompositeArrayBuffer.join([new ArrayBuffer(1)]),
    handler = tf.io.fileSystem('/a'),
    remote: tf.io.IOHandler = tf.io.nodeHTTPRequest('https://a/model.json');
  const json = tf.io.getModelJSONForModelArtifacts({ modelTopology: {} }, []),
    specs = tf.io.getWeightSpecs([]),
    info = tf.io.getModelArtifactsInfoForJSON({ modelTopology: {} });
  const artifacts = await tf.io.getModelArtifactsForJSON(json, async () => [specs, buffer]),
    same = tf.io.getModelArtifactsForJSONSync(json, specs, buffer);
  const stream = tf.io.decodeWeightsStream(new ReadableStream(), specs);
  void [
    value,
    layer,
    states,
    elements,
    handler,
    info,
    artifacts,
    same,
    stream,
    tf.io.browserDownloads('a'),
    tf.node.tensorBoard('/a'),
    tf.node.summaryFileWriter('/a'),
    tf.serialization.getRegisteredName,
    tf.util.createScalarValue(1, 'int32'),
  ];
}
// @ts-expect-error a matrix is no vector
export const vector: tf.Tensor1D = m.relu();

/** Names that packages take from beside the core. */
export const beside = [
  tf.array,
  tf.csv,
  tf.CSVDataset,
  tf.Dataset,
  tf.FileDataSource,
  tf.func,
  tf.generator,
  tf.microphone,
  tf.TextLineDataset,
  tf.URLDataSource,
  tf.version_data,
  tf.webcam,
  tf.zip,
  tf.setWasmPaths,
  tf.version_wasm,
  tf.util.convertBackendValuesAndArrayBuffer,
  tf.node.decodeBmp,
  tf.node.decodeGif,
  tf.node.decodeImage,
  tf.node.decodeJpeg,
  tf.node.decodePng,
  tf.node.encodeJpeg,
  tf.node.encodePng,
  tf.node.getMetaGraphsFromSavedModel,
  tf.node.getNumOfSavedModels,
  tf.node.loadSavedModel,
];

export const bits: bigint = new tf.util.Long(1, 1).toBigInt();
