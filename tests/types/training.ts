// Models, from layers to predictions; optimizers, metrics and callbacks.
import * as tf from 'tensorine';

declare const x: tf.Tensor2D, y: tf.Tensor, dataset: tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>;

export const models = async (): Promise<tf.LayersModel[]> => {
  const stack: tf.Sequential = tf.sequential({ name: 'a', layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }),
    empty = tf.sequential();
  stack.add(tf.layers.dense({ units: 1 }));
  stack.pop();
  stack.build([null, 2]);
  const input = tf.input({ shape: [2] }),
    out = tf.layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor;
  const model: tf.LayersModel = tf.model({ inputs: input, outputs: [out, out], name: 'b' });
  const loaded: tf.LayersModel = await tf.loadLayersModel('https://a/model.json', {
    strict: false,
    onProgress: (fraction: number) => void fraction,
  });
  return [stack, empty, model, loaded, await tf.models.modelFromJSON(JSON.parse(model.toJSON() as string))];
};

export async function using(model: tf.LayersModel): Promise<void> {
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  model.compile({
    optimizer: tf.train.sgd(0.1),
    loss: tf.losses.meanSquaredError,
    metrics: ['accuracy', tf.metrics.meanAbsoluteError],
  });
  model.compile({ optimizer: 'sgd', loss: { a: 'meanSquaredError', b: 'binaryCrossentropy' }, metrics: { a: 'mse' } });
  model.compile({
    optimizer: 'sgd',
    loss: (a: tf.Tensor, b: tf.Tensor) => tf.losses.absoluteDifference(a, b) as tf.Scalar,
    metrics: 'mae',
  });
  const history: tf.History = await model.fit(x, y, {
    batchSize: 4,
    epochs: 2,
    verbose: 0,
    validationSplit: 0.1,
    validationData: [x, y],
    shuffle: true,
    initialEpoch: 0,
    yieldEvery: 'auto',
    classWeight: { 0: 1, 1: 2 },
    callbacks: {
      onEpochEnd: (epoch, logs) => console.log(epoch, logs?.loss),
      onBatchEnd: async (batch, logs) => {
        console.log(batch, logs!['acc']);
      },
      onYield: () => {},
    },
  });
  const losses = history.history.loss as number[],
    first: number | tf.Tensor = history.history.loss[0],
    epochs: number[] = history.epoch;
  await model.fit([x, y], { out: y });
  await model.fit({ in: x }, y, {
    callbacks: [
      tf.callbacks.earlyStopping({ monitor: 'val_loss', patience: 2 }),
      new tf.CustomCallback({ onTrainEnd: () => {} }),
    ],
  });
  await model.fitDataset(dataset, {
    epochs: 2,
    batchesPerEpoch: 3,
    verbose: 1,
    validationData: dataset,
    validationBatches: 1,
    callbacks: { onTrainBegin: async () => {} },
  });
  const loss = model.evaluate(x, y, { batchSize: 2 }) as tf.Scalar,
    several = model.evaluate([x], [y]) as tf.Scalar[],
    of = (await model.evaluateDataset(dataset, { batches: 2 })) as tf.Scalar;
  const guess = model.predict(x, { batchSize: 2, verbose: false }) as tf.Tensor2D,
    guesses = model.predict([x, x]) as tf.Tensor[],
    whole = model.predictOnBatch(x) as tf.Tensor;
  const numbers: number | number[] = await model.trainOnBatch(x, y),
    inside = model.execute({ in: x }, ['a']) as tf.Tensor[];
  model.summary();
  model.summary(80, [0.5, 1], (line) => console.log(line));
  const layer: tf.layers.Layer = model.getLayer('a'),
    same = model.getLayer(undefined!, 0),
    saved: tf.io.SaveResult = await model.save('localstorage://a', { includeOptimizer: true, trainableOnly: false });
  model.loadWeights({ w: x }, false);
  model.setUserDefinedMetadata({ a: 1 });
  model.stopTraining = true;
  model.trainable = false;
  const frozen: tf.layers.Layer[] = model.layers,
    metadata = model.getUserDefinedMetadata(),
    names: string[] = [...model.inputNames, ...model.outputNames, ...model.metricsNames];
  const symbols: tf.SymbolicTensor[] = [...model.inputs, ...model.outputs],
    optimizer: tf.Optimizer = model.optimizer,
    variables: tf.LayerVariable[] = model.weights;
  model.optimizer = optimizer;
  model.resetStates();
  model.dispose();
  void [
    losses,
    first,
    epochs,
    loss,
    several,
    of,
    guess,
    guesses,
    whole,
    numbers,
    inside,
    layer,
    same,
    saved,
    frozen,
    metadata,
    names,
    symbols,
    variables,
    model.getConfig(),
    model.loss,
    model.metrics,
    model.stateful,
    model.history,
    model.call(x, {}),
    model.computeOutputShape([null, 2]),
    model.trainableWeights,
    model.nonTrainableWeights,
    model.countParams(),
    model.setWeights([x]),
  ];
}

export const optimizers: tf.Optimizer[] = [
  tf.train.sgd(0.1),
  tf.train.momentum(0.1, 0.9),
  tf.train.momentum(0.1, 0.9, true),
  tf.train.rmsprop(0.1),
  tf.train.rmsprop(0.1, 0.9, 0, 1e-7, true),
  tf.train.adam(),
  tf.train.adam(0.1, 0.9, 0.99, 1e-7),
  tf.train.adadelta(),
  tf.train.adadelta(0.1, 0.9, 1e-7),
  tf.train.adamax(),
  tf.train.adamax(0.1, 0.9, 0.9, 1e-7, 0),
  tf.train.adagrad(0.1),
  tf.train.adagrad(0.1, 0.1),
  tf.OptimizerConstructors.sgd(0.1),
  tf.OptimizerConstructors.momentum(0.1, 0.9),
  tf.OptimizerConstructors.rmsprop(0.1),
  tf.OptimizerConstructors.adam(),
  tf.OptimizerConstructors.adadelta(),
  tf.OptimizerConstructors.adamax(),
  tf.OptimizerConstructors.adagrad(0.1),
  new tf.SGDOptimizer(0.1),
  new tf.MomentumOptimizer(0.1, 0.9),
  new tf.RMSPropOptimizer(0.1),
  new tf.AdamOptimizer(0.1, 0.9, 0.9),
  new tf.AdadeltaOptimizer(0.1, 0.9),
  new tf.AdamaxOptimizer(0.1, 0.9, 0.9),
  new tf.AdagradOptimizer(0.1),
];

export async function steps(optimizer: tf.Optimizer, w: tf.Variable): Promise<void> {
  const f = () => w.square().sum<tf.Scalar>(),
    cost: tf.Scalar | null = optimizer.minimize(f, true, [w]);
  optimizer.minimize(f);
  const { value, grads } = optimizer.computeGradients(f, [w]),
    states = await optimizer.getWeights(),
    count: number = optimizer.iterations,
    first = await optimizer.saveIterations();
  optimizer.applyGradients(grads);
  optimizer.applyGradients([{ name: 'w', tensor: w }]);
  await optimizer.setWeights(states);
  const sgd = tf.train.sgd(0.1),
    momentum = tf.train.momentum(0.1, 0.9);
  sgd.setLearningRate(0.2);
  momentum.setMomentum(0.5);
  sgd.dispose();
  void [cost, value, count, first, sgd.getConfig(), optimizer.getClassName()];
}

export const metrics: tf.Tensor[] = [
  tf.metrics.binaryAccuracy(y, y),
  tf.metrics.binaryCrossentropy(y, y),
  tf.metrics.sparseCategoricalAccuracy(y, y),
  tf.metrics.categoricalAccuracy(y, y),
  tf.metrics.categoricalCrossentropy(y, y),
  tf.metrics.precision(y, y),
  tf.metrics.recall(y, y),
  tf.metrics.cosineProximity(y, y),
  tf.metrics.meanAbsoluteError(y, y),
  tf.metrics.meanAbsolutePercentageError(y, y),
  tf.metrics.MAPE(y, y),
  tf.metrics.mape(y, y),
  tf.metrics.meanSquaredError(y, y),
  tf.metrics.MSE(y, y),
  tf.metrics.mse(y, y),
  tf.metrics.r2Score(y, y),
];

/** A callback of one's own. */
export class Printer extends tf.Callback {
  async onEpochEnd(epoch: number, logs?: tf.Logs): Promise<void> {
    console.log(epoch, logs?.loss, this.params.epochs, this.model);
  }
  async onTrainBegin(): Promise<void> {}
}
tf.registerCallbackConstructor(1, Printer);

export async function told(model: tf.LayersModel): Promise<void> {
  const list = new tf.CallbackList(
    [
      new Printer(),
      new tf.EarlyStopping({
        monitor: 'loss',
        minDelta: 0,
        patience: 1,
        mode: 'min',
        baseline: 1,
        restoreBestWeights: false,
      }),
    ],
    5,
  );
  const stop: tf.EarlyStopping = tf.callbacks.earlyStopping(),
    logs: tf.Logs = { loss: 1 },
    history = new tf.History(),
    args: tf.CustomCallbackArgs = { onBatchBegin: () => {} };
  list.append(stop);
  list.setParams({ epochs: 1 });
  list.setModel(model);
  for (const c of [list, stop, history, new tf.CustomCallback(args, 'batch')]) {
    await c.onTrainBegin(logs);
    await c.onEpochBegin(0, logs);
    await c.onBatchBegin(0, logs);
    await c.onBatchEnd(0, logs);
    await c.onEpochEnd(0, logs);
    await c.onTrainEnd(logs);
  }
  await history.syncData();
  const fit: tf.ModelFitArgs = { epochs: 1 },
    compile: tf.ModelCompileArgs = { optimizer: 'sgd', loss: 'mse' },
    evaluate: tf.ModelEvaluateArgs = {},
    more: tf.ModelFitDatasetArgs<unknown> = { epochs: 1 };
  void [fit, compile, evaluate, more];
}
