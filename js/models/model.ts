// LayersModel: a graph of layers that can be compiled, trained, evaluated and saved.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { addresses, answer, call, options, pointers, single, stringify, tensors } from '../core/calls';
import { isObject } from '../core/kinds';
import { strings } from '../core/strings';
import type { Scalar, Tensor, TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { warmUp, type WarmupArgs } from '../api/warmup';
import type { IOHandler, NamedTensorMap, SaveConfig, SaveResult, TrainingConfig } from '../io/types';
import type { Dataset } from '../data/dataset';
import type { LazyIterator } from '../data/iterator';
import { keptBy, Layer } from '../nn/layer';
import { setKind, wrap, type Kind } from '../nn/layer_registry';
import { loadByNames } from '../nn/layer_weights';
import { makeLayer } from '../nn/make';
import { overridable, ownModel } from '../nn/overrides';
import { SymbolicTensor, symbols, type CallArgs, type Node, type Shape } from '../nn/symbol';
import { backUpAtTimes, endBackUp } from '../training/backup';
import type { History } from '../training/callbacks';
import { checkMetadata, lossesOrMetrics, type ModelCompileArgs } from '../training/compiling';
import { exampleLists, inputsGiven, listOf, type Data } from '../training/feeding';
import { alone, batchSizeOf, metricsNames, train, type ModelFitArgs } from '../training/fit';
import {
  evaluateDataset,
  fitDataset,
  type ModelEvaluateDatasetArgs,
  type ModelFitDatasetArgs,
} from '../training/fit_dataset';
import { Optimizer } from '../training/optimizer';
import { optimizerByName } from '../training/optimizers';
import { saveModel } from './saving';
import { compileAsSaved } from './training_config';

export interface ModelEvaluateArgs {
  batchSize?: number;
  verbose?: number;
  sampleWeight?: TensorLike | Tensor[];
  steps?: number;
}

export interface ModelPredictArgs {
  batchSize?: number;
  verbose?: boolean;
}

/** A nested model is the program's from now on, as one that it made. */
function handedOver(layer: Layer): Layer {
  if (layer instanceof LayersModel) core.x.tn_model_take(layer.ptr);
  return layer;
}

/** A new model in the core. */
function connected(args: ContainerArgs): number {
  const { inputs: from, outputs: to, name } = options('model', args, 'inputs outputs name');
  want('model', { name }, 'string?');
  const check = (value: unknown, what: string) =>
    [value].flat().map((s) => {
      if (s instanceof SymbolicTensor) return s.ptr;
      throw new TensorineError('value', `model: ${what} must be symbolic tensors`);
    });
  const inputs = check(from, 'inputs'),
    outputs = check(to, 'outputs');
  return call('model', () => {
    const first = pointers(inputs),
      last = pointers(outputs);
    return core.x.tn_model(strings(name ?? '')[0], first, last);
  });
}

/**
 * A graph of layers with inputs and outputs: it can be compiled, trained, evaluated and saved, and predicts.
 * @example tf.model(((x) => ({ inputs: x, outputs: tf.layers.dense({ units: 1, kernelInitializer: 'ones' }).apply(x) }))(tf.input({ shape: [2] }))).predict([[1, 2]]) // [[3]]
 */
export class LayersModel extends Layer {
  static className = 'Model';
  /** Set it to true in a callback and training ends after that batch. */
  stopTraining = false;
  loss: ModelCompileArgs['loss'] | undefined;
  metrics: ModelCompileArgs['metrics'] | undefined;
  lossWeights: ModelCompileArgs['lossWeights'];
  /** What the last fit() recorded. */
  history: History | undefined;
  /** @internal Whether a fit is going on. */
  _training = false;
  private compiledWith: Optimizer | null = null;
  private ownsOptimizer = false;
  private resumed: Optimizer | undefined;
  private functions: Function[] = [];
  private metadata: {} | undefined;

  constructor(args: ContainerArgs | At, ptr = 0) {
    super(AT, args === AT ? ptr : connected(args));
    if (args === AT) return;
    ownModel(this);
    for (const layer of this.layers) this.kept.add(layer);
  }

  /** A model from the config that getConfig() returned. */
  static override fromConfig(cls: any, config: any): any {
    want('LayersModel.fromConfig', { cls }, 'class');
    const made = makeLayer('Model', config) as LayersModel;
    return cls === LayersModel ? made : new cls({ inputs: made.inputs, outputs: made.outputs, name: made.name });
  }

  get isTraining(): boolean {
    return this._training;
  }
  get optimizer(): Optimizer {
    return this.compiledWith!;
  }
  /** Replaces the optimizer of a compiled model from the next step on. */
  set optimizer(optimizer: Optimizer) {
    if (!(optimizer instanceof Optimizer))
      throw new TensorineError('value', `${this.name}: optimizer must be an instance of tf.Optimizer`);
    call(this.name, () => core.x.tn_model_set_optimizer(this.ptr, optimizer.ptr));
    if (this.ownsOptimizer && optimizer !== this.compiledWith) this.compiledWith!.dispose();
    this.ownsOptimizer = false;
    this.compiledWith = optimizer;
  }
  get metricsNames(): string[] {
    return metricsNames(this);
  }

  // ---- what it is made of ----

  override get stateful(): boolean {
    return this.layers.some((l) => l.stateful);
  }

  get layers(): Layer[] {
    return addresses(this.name, () => core.x.tn_model_layers(this.ptr)).map((ptr) => keptBy(this, wrap(ptr, false)));
  }
  /** By name, or by index if no name is given. A nested model is the program's from then on, as one that it
   * made: it stays when the model around it is disposed. */
  getLayer(name: string): Layer;
  getLayer(index: number): Layer;
  getLayer(name: null | undefined, index: number): Layer;
  getLayer(nameOrIndex?: string | number | null, index?: number): Layer {
    const { layers } = this,
      at = typeof nameOrIndex === 'number' ? nameOrIndex : index;
    if (typeof nameOrIndex === 'string') {
      const found = layers.find((l) => l.name === nameOrIndex);
      if (found) return handedOver(found);
      throw new TensorineError('value', `No such layer: ${nameOrIndex}`);
    }
    if (at === undefined) throw new TensorineError('value', 'Provide either a layer name or layer index');
    want('getLayer', { index: at }, 'number');
    if (layers[at]) return handedOver(layers[at]);
    throw new TensorineError(
      'value',
      `Was asked to retrieve layer at index ${at}, but model only has ${layers.length} layer(s).`,
    );
  }

  /** By its place, counted from 0. */
  findLayer(index: number): Layer {
    want('findLayer', { index }, 'number');
    return this.getLayer(index);
  }

  /** Symbolic inputs; none as long as a stack has no layers. */
  get inputs(): SymbolicTensor[] {
    return this.built ? symbols(this.name, () => core.x.tn_model_symbols(this.ptr, 0)) : [];
  }
  get outputs(): SymbolicTensor[] {
    return this.built ? symbols(this.name, () => core.x.tn_model_symbols(this.ptr, 1)) : [];
  }
  override get input(): SymbolicTensor | SymbolicTensor[] {
    return single(this.inputs);
  }
  override get output(): SymbolicTensor | SymbolicTensor[] {
    return single(this.outputs);
  }
  override get inputShape(): Shape | Shape[] {
    return single(this.inputs.map((s) => s.shape)) as Shape | Shape[];
  }
  override get outputShape(): Shape | Shape[] {
    return single(this.outputs.map((s) => s.shape)) as Shape | Shape[];
  }
  /** @internal Its own node, from its inputs to its outputs, changes with a stack. */
  override _nodeAt(index: number): Node {
    if (!index) delete this._nodeList[0];
    return super._nodeAt(index);
  }
  get inputNames(): string[] {
    return this.inputs.map((s) => s.sourceLayer.name);
  }
  get outputNames(): string[] {
    return this.outputs.map((s) => s.sourceLayer.name);
  }
  get inputLayers(): Layer[] {
    return this.inputs.map((s) => s.sourceLayer);
  }
  get outputLayers(): Layer[] {
    return this.outputs.map((s) => s.sourceLayer);
  }

  /** Prints a table of the layers. */
  summary(lineLength?: number | null, positions?: number[] | null, printFn?: ((line: string) => void) | null): void {
    want('summary', { lineLength }, 'number?');
    want('summary', { positions }, 'array?');
    want('summary', { printFn }, 'function?');
    const text = answer<string>(this.name, () =>
      core.x.tn_model_summary(this.ptr, lineLength ?? 0, positions ? strings(stringify(positions, 'summary'))[0] : 0),
    );
    for (const line of text.split('\n').slice(0, -1)) (printFn ?? console.log)(line);
  }

  // ---- training ----

  compile(args: ModelCompileArgs): void {
    if (!isObject(args)) throw new TensorineError('value', 'compile: the argument must be an object');
    warnUnknown('compile', args, '', 'optimizer loss metrics lossWeights maskLoss');
    const optimizer =
      typeof args.optimizer === 'string' ? optimizerByName(args.optimizer) : (args.optimizer ?? this.resumed);
    if (!(optimizer instanceof Optimizer))
      throw new TensorineError('value', 'compile: User-defined optimizer must be an instance of tf.Optimizer.');
    const kept: Function[] = [];
    const config = {
      loss: args.loss === undefined || args.loss === null ? null : lossesOrMetrics(args.loss, 'loss', kept),
      metrics:
        args.metrics === undefined || args.metrics === null ? null : lossesOrMetrics(args.metrics, 'metrics', kept),
      lossWeights: args.lossWeights,
      maskLoss: args.maskLoss ?? true,
    };
    call('compile', () => core.x.tn_compile(this.ptr, optimizer.ptr, strings(stringify(config, 'compile'))[0]));
    this.compiledWith = optimizer;
    this.ownsOptimizer = typeof args.optimizer === 'string';
    this.functions = kept;
    this.resumed = undefined;
    this.loss = args.loss;
    this.metrics = args.metrics;
    this.lossWeights = args.lossWeights ?? undefined;
  }

  /** @internal The optimizer of a file that has no name for the loss: compile() without one goes on with it. */
  _resume(optimizer: Optimizer): void {
    this.compiledWith = this.resumed = optimizer;
  }

  /** Trains for some epochs; the History has the numbers of each. */
  fit(x: Data, y: Data, args: ModelFitArgs = {}): Promise<History> {
    return alone(this, () => train(this, x, y, args));
  }

  /** Trains on the batches that a dataset makes: elements {xs, ys}. Their tensors are disposed. */
  fitDataset<T = any>(dataset: Dataset<T>, args: ModelFitDatasetArgs<T>): Promise<History> {
    return alone(this, () => fitDataset(this, dataset, args));
  }

  /** The mean loss, then the metrics, over the batches that a dataset makes. */
  evaluateDataset(
    dataset: Dataset<any> | LazyIterator<any>,
    args?: ModelEvaluateDatasetArgs,
  ): Promise<Scalar | Scalar[]> {
    return evaluateDataset(this, dataset, args) as Promise<Scalar | Scalar[]>;
  }

  /** What the loss gets besides that of the data: penalties of weights, and what layers of your own add. */
  override calculateLosses(): Scalar[] {
    const added = this.layers
      .flatMap((layer) => (layer instanceof LayersModel ? [] : layer._added))
      .map((f) => f() as Scalar);
    return [...super.calculateLosses(), ...added];
  }

  /** One step on one batch; gives the loss, then the metrics. */
  async trainOnBatch(x: Data, y: Data, sampleWeight?: TensorLike | Tensor[]): Promise<number | number[]> {
    const values = tensors('trainOnBatch', () =>
      core.x.tn_train_on_batch(this.ptr, ...exampleLists(this, x, y, sampleWeight)),
    );
    const numbers = await Promise.all(values.map(async (v) => (await v.data())[0]));
    for (const v of values) v.dispose();
    await backUpAtTimes(this);
    return single(numbers);
  }

  /** The mean loss, then the metrics, over all examples. */
  evaluate(x: Data, y: Data, args: ModelEvaluateArgs = {}): Scalar | Scalar[] {
    const { batchSize, sampleWeight } = options('evaluate', args, 'batchSize verbose sampleWeight steps'),
      batch = batchSizeOf(batchSize);
    return single(
      tensors('evaluate', () => core.x.tn_evaluate(this.ptr, ...exampleLists(this, x, y, sampleWeight), batch)),
    ) as Scalar | Scalar[];
  }

  /** Results for all examples, computed batch by batch. */
  predict(x: Data, args: ModelPredictArgs = {}): Tensor | Tensor[] {
    const batch = batchSizeOf(options('predict', args, 'batchSize verbose').batchSize);
    return single(tensors('predict', () => core.x.tn_predict(this.ptr, listOf(this, x, 'x'), batch)));
  }

  /**
   * Does beforehand what the first predictions wait for: on the GPU programs are compiled, beside the page where the
   * browser can, and weights brought there. Predicts from zeros, so a stateful model is to be reset after it.
   */
  async warmup(args: WarmupArgs = {}): Promise<void> {
    await warmUp(args, this.inputs, !this.stateful, (x, batchSize) => this.predict(x as Data, { batchSize }));
  }

  /** The same in one batch. */
  predictOnBatch(x: Data): Tensor | Tensor[] {
    return this.predict(x, { batchSize: 0x7fffffff });
  }

  /**
   * Values of symbolic tensors inside the model, by their names: one, or some in an array. inputs: as
   * the model's, in order or by the names of the symbolic inputs.
   */
  execute(inputs: Tensor | Tensor[] | NamedTensorMap, outputs: string | string[]): Tensor | Tensor[] {
    const wanted = [outputs].flat();
    want('execute', { outputs: wanted }, 'strings');
    if (!wanted.length) throw new TensorineError('value', '`outputs` is an empty Array, which is not allowed.');
    const inside = this.layers.flatMap((l) => [l.output].flat()),
      found = wanted.map((name) => inside.find((s) => s.name === name));
    const missing = wanted.filter((_, i) => !found[i]);
    if (missing.length)
      throw new TensorineError('value', `Cannot find SymbolicTensors for output name(s): ${JSON.stringify(missing)}`);
    const part = model({ inputs: this.inputs, outputs: found as SymbolicTensor[] });
    try {
      const results = [part.apply(inputsGiven(this, inputs)) as Tensor | Tensor[]].flat();
      return Array.isArray(outputs) ? results : results[0];
    } finally {
      part.dispose();
    }
  }

  /** Like apply(), but always gives a list. */
  override call(inputs: Tensor | Tensor[], kwargs?: CallArgs): Tensor[] {
    return [super.call(inputs, kwargs)].flat();
  }

  /** Frees the weights, where no other model has the layers, and an optimizer made from a name. */
  override dispose(): { refCountAfterDispose: number; numDisposedVariables: number } {
    const owned = this.ownsOptimizer ? this.compiledWith : null;
    const states = owned ? addresses('dispose', () => core.x.tn_optimizer_states(owned.ptr)).length : 0;
    endBackUp(this.ptr);
    const result = super.dispose();
    owned?.dispose();
    return { ...result, numDisposedVariables: result.numDisposedVariables + states };
  }

  // ---- files ----

  /** The topology: as text, or as an object if returnString is false. */
  toJSON(_unused?: unknown, returnString = true): string | {} {
    core.wantStack();
    const text = core.text(call(this.name, () => core.x.tn_model_topology(this.ptr)));
    return returnString ? text : JSON.parse(text);
  }

  /** Sets weights by name; strict: there must be a weight for every name, and a name for every weight. */
  loadWeights(weights: NamedTensorMap, strict = true): void {
    want('loadWeights', { weights }, 'object');
    loadByNames(this, Object.keys(weights), Object.values(weights), strict);
  }

  /** Saves topology and weights at a URL, or gives them to a handler. */
  save(handlerOrURL: IOHandler | string, config?: SaveConfig): Promise<SaveResult> {
    return saveModel(this, handlerOrURL, config);
  }

  /** Compiles the model as the training config of a file says. */
  loadTrainingConfig(trainingConfig: TrainingConfig): void {
    compileAsSaved(this, trainingConfig);
  }

  /** Is saved with the model: whatever JSON can hold. */
  setUserDefinedMetadata(metadata: {}): void {
    checkMetadata(metadata, this.name);
    this.metadata = metadata;
  }
  getUserDefinedMetadata(): {} | undefined {
    return this.metadata;
  }
}

declare module '../training/any_model' {
  interface AnyModel extends LayersModel {}
}

overridable(LayersModel.prototype);
setKind('functional', LayersModel as Kind);

export interface ContainerArgs {
  inputs: SymbolicTensor | SymbolicTensor[];
  outputs: SymbolicTensor | SymbolicTensor[];
  name?: string;
}
/**
 * A model of what lies between inputs, made by tf.input, and outputs, results of layers.
 * @example tf.model(((x) => ({ inputs: x, outputs: tf.layers.flatten().apply(x) }))(tf.input({ shape: [2, 2] }))).predict([[[1, 2], [3, 4]]]) // [[1, 2, 3, 4]]
 */
export function model(args: ContainerArgs): LayersModel {
  return new LayersModel(args);
}
