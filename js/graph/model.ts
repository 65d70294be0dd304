// GraphModel: TensorFlow graphs from files. The core has the graph, orders and computes it.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { answer, call, stringify, tensors } from '../core/calls';
import { env } from '../core/env';
import { list } from '../core/lower';
import { keep } from '../core/scopes';
import { strings } from '../core/strings';
import { Tensor, type DataType, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { warmUp, type WarmupArgs } from '../api/warmup';
import { checkLoadOptions, checkWith } from '../io/artifacts';
import * as tfio from '../io/index';
import * as router from '../io/router';
import type {
  IOHandler,
  IOHandlerSync,
  LoadOptions,
  ModelArtifacts,
  ModelJSON,
  NamedTensorMap,
  SaveConfig,
  SaveResult,
} from '../io/types';
import type { ModelPredictArgs } from '../models/model';
import { customOps } from './custom';
import { runAsync, runSync } from './run';

/** An input or output of a model. */
export interface TensorInfo {
  name: string;
  shape?: number[];
  dtype?: DataType;
}
/** Tensors by name; the outputs of a node are a list. */
export type NamedTensorsMap = { [name: string]: Tensor[] };
type Inputs = TensorLike | Tensor[] | NamedTensorMap;
type Outputs = Tensor | Tensor[];
/** The part of tf.io that loading needs; a program may have its own. */
export type IO = Pick<typeof tfio, 'getLoadHandlers' | 'browserHTTPRequest' | 'decodeWeights'>;
type Source = string | IOHandler | IOHandlerSync;
interface Port {
  name: string;
  key: string | null;
  shape: number[] | null;
  dtype: DataType | null;
  captured?: boolean;
}
interface Info {
  inputs: Port[];
  outputs: Port[];
  custom: boolean;
}
interface Topology {
  versions?: { producer?: number; minConsumer?: number };
}

const MOST_PLANS = 32; // kept at once
const NOT_DYNAMIC =
  'This model execution did not contain any nodes with control flow or dynamic output shapes. You can use model.execute() instead.';
const released = new FinalizationRegistry<number>((ptr) => core.x.tn_graph_release(ptr));
const keyOf = (port: Port) => port.key ?? port.name;
const infoOf = ({ name, shape, dtype }: Port): TensorInfo => ({
  name,
  shape: shape ?? undefined,
  dtype: dtype ?? undefined,
});

/** The core's graph of a model.json. */
function parse(model: ModelArtifacts | ModelJSON): number {
  const { modelTopology, modelInitializer, initializerSignature } = model;
  if (!modelTopology || modelTopology instanceof ArrayBuffer)
    throw new TensorineError('file', 'loadGraphModel: the artifacts have no model topology as JSON');
  const json = stringify(
    { modelTopology, signature: signatureOf(model), modelInitializer, initializerSignature, customOps: customOps() },
    'loadGraphModel',
  );
  return call('loadGraphModel', () => core.x.tn_graph(strings(json)[0]));
}

/** Names all ops that are not known: in a warning, or, where they are to be refused, in an error. */
function reportUnknown(graph: number, refuse: boolean): void {
  const unknown = Object.entries(
    answer<{ [op: string]: string[] }>('loadGraphModel', () => core.x.tn_graph_unknown(graph)),
  );
  if (!unknown.length) return;
  const named = refuse ? unknown : unknown.slice(0, 20),
    more = unknown.length - named.length;
  const text =
    `loadGraphModel: ops that are not known: ${named.map(([op, nodes]) => `${op} (${nodes.join(', ')})`).join(', ')}` +
    `${more ? ` and ${more} more` : ''}. Outputs that need them are refused; tf.registerOp() takes functions that compute them.`;
  if (refuse) throw new TensorineError('file', text);
  console.warn(text);
}

const signatureOf = ({ signature, userDefinedMetadata }: ModelArtifacts | ModelJSON): {} | undefined =>
  (userDefinedMetadata?.signature as {} | undefined) ?? signature;

/**
 * A model that was converted from TensorFlow. tf.loadGraphModel makes one.
 * @example tf.loadGraphModelSync({ modelTopology: { node: [{ name: 'x', op: 'Placeholder' }, { name: 'y', op: 'Relu', input: ['x'] }] }, weightSpecs: [], weightData: new ArrayBuffer(0) }).inputNodes // ["x"]
 */
export class GraphModel<ModelURL extends Source = string | IOHandler> {
  private ptr = 0;
  private topology: unknown;
  private version = 'n/a';
  private info: Info = { inputs: [], outputs: [], custom: false };
  private artifacts: ModelArtifacts = {};
  private signature: {} | undefined;
  private structuredOutputKeys: string[] | undefined;
  private weightMap: NamedTensorsMap = {};
  private intermediates: NamedTensorsMap | null = null;
  private readonly plans = new Map<string, number>();

  constructor(
    private readonly modelUrl: ModelURL,
    private readonly loadOptions: LoadOptions = {},
    private readonly io: IO = tfio,
  ) {}

  /** Versions of TensorFlow that made the graph, and that it needs. */
  get modelVersion(): string {
    return this.version;
  }
  /** Names of inputs and outputs: those of the signature, or of nodes. */
  get inputNodes(): string[] {
    return this.info.inputs.map(keyOf);
  }
  get outputNodes(): string[] {
    return this.info.outputs.map(keyOf);
  }
  get inputs(): TensorInfo[] {
    return this.info.inputs.map(infoOf);
  }
  get outputs(): TensorInfo[] {
    return this.info.outputs.map(infoOf);
  }
  get weights(): NamedTensorsMap {
    return this.weightMap;
  }
  get metadata(): {} {
    return this.artifacts.userDefinedMetadata as {};
  }
  get modelSignature(): {} {
    return this.signature as {};
  }
  get modelStructuredOutputKeys(): {} {
    return this.structuredOutputKeys as {};
  }

  // ---- loading ----

  private findHandler(options: LoadOptions): IOHandler | IOHandlerSync {
    checkLoadOptions(options);
    const source = this.modelUrl as Source;
    if (typeof source !== 'string') return source;
    if (options.requestInit) return this.io.browserHTTPRequest(source, options);
    want('loadGraphModel', { 'tfio.getLoadHandlers': this.io?.getLoadHandlers }, 'function');
    const handlers = this.io.getLoadHandlers(source, options);
    if (handlers.length > 1)
      throw new TensorineError('value', `Found more than one (${handlers.length}) load handlers for URL '${source}'`);
    return handlers[0] ?? this.io.browserHTTPRequest(source, options);
  }

  /** Reads topology and weights. Ops that are not known are reported before weights are fetched. */
  load(): ModelURL extends IOHandlerSync ? boolean : Promise<boolean> {
    const checkModel = (model: ModelJSON) => {
      checkWith(this.loadOptions, model);
      this.takeGraph(model);
    };
    const handler = this.findHandler({ ...this.loadOptions, checkModel });
    if (typeof handler.load !== 'function')
      throw new TensorineError(
        'value',
        'Cannot proceed with model loading because the IOHandler provided does not have the `load` method implemented.',
      );
    const artifacts = handler.load();
    const loaded =
      artifacts instanceof Promise ? artifacts.then((arrived) => this.loadFrom(arrived)) : this.loadSync(artifacts);
    return loaded as ModelURL extends IOHandlerSync ? boolean : Promise<boolean>;
  }

  private async loadFrom(artifacts: ModelArtifacts): Promise<boolean> {
    if (!artifacts?.getWeightStream) return this.loadSync(artifacts);
    want('loadGraphModel', { getWeightStream: artifacts.getWeightStream }, 'function');
    this.takeGraph(artifacts);
    return this.loadWith(
      artifacts,
      await tfio.decodeWeightsStream(artifacts.getWeightStream(), artifacts.weightSpecs ?? []),
    );
  }

  /** The same from artifacts in memory. */
  loadSync(artifacts: ModelArtifacts): boolean {
    want('loadGraphModel', { artifacts }, 'object');
    this.takeGraph(artifacts);
    const { weightData, weightSpecs } = artifacts;
    if (weightSpecs?.length && !weightData)
      throw new TensorineError('file', 'loadGraphModel: the artifacts have weight specs, but no weight data');
    return this.loadWith(artifacts, weightData && weightSpecs ? this.io.decodeWeights(weightData, weightSpecs) : {});
  }

  /** Reads the graph, unless checkModel has seen it before its weights came. */
  private takeGraph(model: ModelArtifacts | ModelJSON): void {
    if (this.ptr && model.modelTopology === this.topology) return;
    const ptr = parse(model);
    this.dispose();
    this.topology = model.modelTopology;
    this.ptr = ptr;
    released.register(this, ptr, this);
    reportUnknown(ptr, this.loadOptions?.checkModel === true);
  }

  private loadWith(artifacts: ModelArtifacts, weights: NamedTensorMap): boolean {
    const names = Object.keys(weights),
      values = Object.values(weights).map(keep);
    try {
      call('loadGraphModel', () => {
        const at = list(values, 'weights', true);
        return core.x.tn_graph_set_weights(this.ptr, strings(stringify(names, 'loadGraphModel'))[0], at);
      });
    } catch (error) {
      for (const t of values) t.dispose();
      throw error;
    }
    this.disposeWeights(); // of an earlier load
    this.weightMap = Object.fromEntries(names.map((name, i) => [name, [values[i]]]));
    this.artifacts = artifacts;
    this.signature = signatureOf(artifacts);
    this.structuredOutputKeys = artifacts.userDefinedMetadata?.structuredOutputKeys as string[] | undefined;
    const { versions } = artifacts.modelTopology as Topology;
    if (versions) this.version = `${versions.producer ?? 0}.${versions.minConsumer ?? 0}`;
    this.info = answer('loadGraphModel', () => core.x.tn_graph_info(this.ptr));
    return true;
  }

  /** Saves topology and weights as they were loaded. */
  async save(handlerOrURL: IOHandler | string, _config?: SaveConfig): Promise<SaveResult> {
    if (typeof handlerOrURL !== 'string' && typeof handlerOrURL?.save !== 'function')
      throw new TensorineError(
        'value',
        'GraphModel.save() cannot proceed because the IOHandler provided does not have the `save` attribute defined.',
      );
    const { getWeightStream, ...artifacts } = this.artifacts;
    if (getWeightStream) {
      const weights = Object.fromEntries(Object.entries(this.weightMap).map(([name, [tensor]]) => [name, tensor]));
      const { data, specs } = await tfio.encodeWeights(weights);
      return router.save(handlerOrURL, { ...artifacts, weightData: data, weightSpecs: specs });
    }
    return router.save(handlerOrURL, artifacts);
  }

  // ---- computing ----

  /** Names and values of inputs: tensors in the order of inputNodes, or by names. */
  private named(inputsOrNone: Inputs): [string[], TensorLike[]] {
    const inputs = inputsOrNone ?? {};
    const byName =
      typeof inputs === 'object' &&
      !(inputs instanceof Tensor) &&
      !Array.isArray(inputs) &&
      !ArrayBuffer.isView(inputs);
    if (byName) return [Object.keys(inputs), Object.values(inputs)];
    const values =
      Array.isArray(inputs) && inputs.some((x) => x instanceof Tensor) ? (inputs as Tensor[]) : [inputs as TensorLike];
    const list = Array.isArray(inputs) && !inputs.length ? [] : values;
    const open = this.info.inputs.filter((port) => !port.captured);
    if (list.length !== open.length)
      throw new TensorineError(
        'value',
        `Input tensor count mismatch, the graph model has ${open.length} non-resource placeholders, ` +
          `while there are ${list.length} input tensors provided.`,
      );
    return [open.map(keyOf), list];
  }

  private plan(inputs: string[], outputs: string[]): number {
    const key = stringify([inputs, outputs], 'execute');
    let plan = this.plans.get(key);
    if (plan) return plan;
    plan = call('execute', () => {
      const [from, to] = strings(stringify(inputs, 'execute'), stringify(outputs, 'execute'));
      return core.x.tn_graph_subgraph(this.ptr, from, to);
    }) as number;
    const [oldest] = this.plans;
    if (this.plans.size === MOST_PLANS) {
      this.plans.delete(oldest[0]);
      core.x.tn_subgraph_release(oldest[1]);
    }
    this.plans.set(key, plan);
    return plan;
  }

  private begin(inputs: Inputs, outputs?: string | string[]): [number, TensorLike[], boolean] {
    if (!this.ptr) throw new TensorineError('disposed', 'execute: the model is not loaded, or is disposed');
    this.disposeIntermediateTensors();
    const [names, values] = this.named(inputs);
    const plan = this.plan(names, outputs === undefined || outputs === null ? this.outputNodes : [outputs].flat());
    return [plan, values, env().getBool('KEEP_INTERMEDIATE_TENSORS')];
  }

  private end(results: Tensor[], kept: boolean): Outputs {
    if (kept) this.takeIntermediates();
    return results.length === 1 ? results[0] : results;
  }

  /**
   * Computes the outputs that are named, or all, in one go, loops and conditions too.
   * @param inputs a tensor, tensors in the order of inputNodes, or by name; any node may be given
   * @param outputs names of outputs or nodes, "node:1" for a node's second output
   */
  execute(inputs: Inputs, outputs?: string | string[]): Outputs {
    const [plan, values, kept] = this.begin(inputs, outputs);
    const results =
      this.info.custom || kept
        ? runSync(plan, values, kept)
        : tensors('execute', () => core.x.tn_graph_run(plan, list(values, 'inputs', true)));
    return this.end(results, kept);
  }

  /** The same with custom ops that return promises. */
  async executeAsync(inputs: Inputs, outputs?: string | string[]): Promise<Outputs> {
    const [plan, values, kept] = this.begin(inputs, outputs);
    if (!this.info.custom) {
      if (!core.x.tn_subgraph_is_dynamic(plan)) console.warn(NOT_DYNAMIC);
      return this.execute(inputs, outputs);
    }
    return this.end(await runAsync(plan, values, kept), kept);
  }

  /** Computes the model's outputs: one, a list, or by the names that they had in TensorFlow. */
  predict(inputs: Inputs, _config?: ModelPredictArgs): Outputs | NamedTensorMap {
    return this.structured(this.execute(inputs, this.outputNodes));
  }

  /** The same with custom ops that return promises. */
  async predictAsync(inputs: Inputs, _config?: ModelPredictArgs): Promise<Outputs | NamedTensorMap> {
    return this.structured(await this.executeAsync(inputs, this.outputNodes));
  }

  /**
   * Does beforehand what the first predictions wait for: on the GPU programs are compiled, beside the page where the
   * browser can, and weights brought there.
   */
  async warmup(args: WarmupArgs = {}): Promise<void> {
    const { custom, inputs } = this.info;
    const plan = this.plan(inputs.map(keyOf), this.outputNodes);
    const ahead = !custom && !core.x.tn_subgraph_is_dynamic(plan);
    const open = inputs.filter((port) => !port.captured).map(infoOf);
    await warmUp(args, open, ahead, (x) => (custom ? this.predictAsync(x as Inputs) : this.predict(x as Inputs)));
  }

  private structured(results: Outputs): Outputs | NamedTensorMap {
    const keys = this.structuredOutputKeys;
    return keys ? Object.fromEntries([results].flat().map((result, i) => [keys[i], result])) : results;
  }

  // ---- between ----

  private takeIntermediates(): void {
    const names = answer<[string, number][]>('execute', () => core.x.tn_graph_intermediate_names(this.ptr));
    const found = tensors('execute', () => core.x.tn_graph_intermediates(this.ptr)).map(keep);
    core.x.tn_graph_forget(this.ptr);
    const map = new Map<string, Tensor[]>();
    names.forEach(([name, index], i) => {
      if (!map.has(name)) map.set(name, []);
      map.get(name)![index] = found[i];
    });
    this.intermediates = Object.fromEntries(map);
  }

  /** Results of all nodes of the last call, if the flag KEEP_INTERMEDIATE_TENSORS was set. */
  getIntermediateTensors(): NamedTensorsMap {
    return this.intermediates as NamedTensorsMap;
  }

  disposeIntermediateTensors(): void {
    for (const t of Object.values(this.intermediates ?? {}).flat()) t?.dispose();
    this.intermediates = null;
  }

  private release(): void {
    if (!this.ptr) return;
    released.unregister(this);
    core.x.tn_graph_release(this.ptr);
    this.plans.clear();
    this.ptr = 0;
  }

  /** Frees weights, tables and the graph. */
  dispose(): void {
    this.disposeIntermediateTensors();
    this.disposeWeights();
    this.release();
  }

  private disposeWeights(): void {
    for (const t of Object.values(this.weightMap).flat()) t.dispose();
  }
}
