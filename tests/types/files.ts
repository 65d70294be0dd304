// Datasets, files of models, graph models.
import * as tf from 'tensorine';

export async function data(video: HTMLVideoElement): Promise<void> {
  const a: tf.data.Dataset<number> = tf.data.array([1, 2, 3]),
    rows = tf.data.array([{ xs: [1, 2], ys: 3 }]),
    zipped = tf.data.zip({ a, rows }),
    pair = tf.data.zip<[number, number]>([a, a]);
  const doubled: tf.data.Dataset<number> = a.map((n) => n * 2),
    texts: tf.data.Dataset<string> = a.map((n) => `${n}`),
    later: tf.data.Dataset<number> = a.mapAsync(async (n) => n);
  const some = a
      .filter((n) => n > 1)
      .take(2)
      .skip(1)
      .repeat(2)
      .prefetch(1)
      .shuffle(10, 'seed', true)
      .concatenate(a),
    batched = rows.batch(2, false).shuffle(3);
  const counted = tf.data.generator(function* () {
      yield 1;
      yield 2;
    }),
    called = tf.data.func(() => ({ value: 1, done: false }));
  await a.forEachAsync((n) => console.log(n + 1));
  const list: number[] = await a.toArray(),
    it = await a.iterator(),
    { value, done } = await it.next(),
    size: number = a.size;
  const csv: tf.data.CSVDataset = tf.data.csv('https://a.csv', {
    hasHeader: true,
    columnNames: ['a'],
    columnConfigs: { a: { required: true, dtype: 'float32', default: 0, isLabel: true } },
    configuredColumnsOnly: true,
    delimiter: ',',
    delimWhitespace: false,
  });
  const names: string[] = await csv.columnNames(),
    lines = new tf.data.TextLineDataset(new tf.data.URLDataSource('a')),
    file = new tf.data.FileDataSource(new Blob([]), { chunkSize: 4 });
  const table = new tf.data.CSVDataset(file, { hasHeader: false }),
    rowsOf = await csv.iterator(),
    linesOf = await lines.iterator();
  const camera = await tf.data.webcam(video, { facingMode: 'user', resizeWidth: 4, resizeHeight: 4, centerCrop: true }),
    image: tf.Tensor3D = await camera.capture();
  const sound = await tf.data.microphone({
      fftSize: 64,
      columnTruncateLength: 2,
      numFramesPerSpectrogram: 3,
      sampleRateHz: 44100,
      includeSpectrogram: true,
      includeWaveform: true,
    }),
    heard = await sound.capture();
  camera.stop();
  sound.stop();
  void [
    zipped,
    pair,
    doubled,
    texts,
    later,
    some,
    batched,
    counted,
    called,
    list,
    value,
    done,
    size,
    names,
    table,
    rowsOf,
    linesOf,
    image,
    heard,
  ];
}

/** A place of one's own to save models in. */
class Drawer implements tf.io.IOHandler {
  private kept?: tf.io.ModelArtifacts;
  async save(artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
    this.kept = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON', weightDataBytes: 4 } };
  }
  async load(): Promise<tf.io.ModelArtifacts> {
    return this.kept!;
  }
}

export async function io(model: tf.LayersModel, file: File): Promise<void> {
  const handler: tf.io.IOHandler = new Drawer(),
    result: tf.io.SaveResult = await model.save(handler);
  await tf.loadLayersModel(new Drawer());
  await tf.loadLayersModel(tf.io.browserFiles([file]));
  await tf.loadLayersModel(
    tf.io.browserHTTPRequest('https://a', {
      requestInit: { credentials: 'include' },
      onProgress: (done) => void done,
      fetchFunc: fetch,
      weightPathPrefix: 'https://b',
    }),
  );
  await model.save(tf.io.http('https://a'));
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData, format, generatedBy } = artifacts;
      void [modelTopology, weightSpecs, weightData, format, generatedBy];
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const { data, specs } = await tf.io.encodeWeights({ w: tf.scalar(1) }),
    entries: tf.io.WeightsManifestEntry[] = specs,
    tensors: tf.NamedTensorMap = tf.io.decodeWeights(data, specs);
  await tf.io.encodeWeights([{ name: 'w', tensor: tf.scalar(1) }], 'optimizer');
  const memory = tf.io.fromMemory({ modelTopology: {}, weightSpecs: specs, weightData: data }),
    old = tf.io.fromMemory({}, specs, data),
    buffer: ArrayBuffer = tf.io.concatenateArrayBuffers([data, data]);
  const manifest: tf.io.WeightsManifestConfig = [{ paths: ['a'], weights: specs }],
    loaded: tf.NamedTensorMap = await tf.io.loadWeights(manifest, 'https://a', ['w'], {});
  const load = tf.io.weightsLoaderFactory(async (urls: string[]) => urls.map(() => data)),
    again: tf.NamedTensorMap = await load(manifest, '', ['w']);
  const list: { [url: string]: tf.io.ModelArtifactsInfo } = await tf.io.listModels(),
    info: tf.io.ModelArtifactsInfo = await tf.io.copyModel('localstorage://a', 'indexeddb://b');
  await tf.io.moveModel('localstorage://a', 'localstorage://b');
  await tf.io.removeModel('localstorage://b');
  tf.io.registerLoadRouter(() => new Drawer());
  tf.io.registerSaveRouter(() => new Drawer());
  tf.io.getLoadHandlers('a');
  tf.io.getSaveHandlers('a');
  void [
    result,
    entries,
    tensors,
    memory,
    old,
    buffer,
    loaded,
    again,
    list,
    info,
    tf.io.isHTTPScheme('http://a'),
    tf.io.fromMemorySync({}),
    tf.io.withSaveHandlerSync(() => ({ modelArtifactsInfo: info })),
  ];
}

export async function graphs(x: tf.Tensor): Promise<void> {
  const model: tf.GraphModel = await tf.loadGraphModel('https://a', { fromTFHub: true }),
    y = model.predict(x) as tf.Tensor,
    several = model.predict([x, x], { batchSize: 1 }) as tf.Tensor[];
  const sync = tf.loadGraphModelSync({ modelTopology: {}, weightSpecs: [], weightData: new ArrayBuffer(0) }),
    named = model.execute({ a: x }, 'b') as tf.Tensor,
    many = model.execute(x, ['b', 'c']) as tf.Tensor[];
  const awaited = (await model.executeAsync({ a: x })) as tf.Tensor,
    later = await model.predictAsync(x),
    loading: Promise<boolean> = new tf.GraphModel('a').load() as Promise<boolean>;
  const names: string[] = [...model.inputNodes, ...model.outputNodes],
    infos: string[] = [...model.inputs, ...model.outputs].map((t) => t.name),
    shape: number[] | undefined = model.inputs[0].shape;
  const weights: { [name: string]: tf.Tensor[] } = model.weights,
    inside: { [name: string]: tf.Tensor[] } = model.getIntermediateTensors(),
    version: string = model.modelVersion;
  await model.save('localstorage://a');
  model.loadSync({ modelTopology: {} });
  model.disposeIntermediateTensors();
  model.dispose();
  tf.registerOp('Mine', (node) => tf.add(node.inputs[0], node.attrs['n'] as number));
  tf.deregisterOp('Mine');
  void [
    y,
    several,
    sync,
    named,
    many,
    awaited,
    later,
    loading,
    names,
    infos,
    shape,
    weights,
    inside,
    version,
    model.metadata,
    model.modelSignature,
    model.modelStructuredOutputKeys,
  ];
}
