// Layers and symbolic tensors: handles on what the core holds.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { Tensor, type DataType, type TensorLike } from '../core/tensor';
import { addresses, answer, call, pointers, stringify, tensorList, tensors, texts } from './lowering';
import { Constraint, Initializer, Regularizer } from './parts';
import { weightOf, type LayerWeight } from './weight';

/** Sizes of a symbolic tensor; null where they are open. */
export type Shape = (number | null)[];

interface LayerInfo {
  className: string; name: string; built: boolean; trainable: boolean; nodes: number;
  model: 'sequential' | 'functional' | null; disposed: boolean; users: number;
}

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_layer_release(ptr));
const alive = new Map<number, WeakRef<Layer>>();
type Kind = new (ptr: number) => Layer;
const kinds = new Map<LayerInfo['model'], Kind>();

/** @internal Tells which class stands for models. */
export function setKind(model: LayerInfo['model'], kind: Kind): void { kinds.set(model, kind); }

/** @internal The object of a layer. `owned`: a handle comes with it; else one is taken. */
export function wrap(ptr: number, owned: boolean): Layer {
  const existing = alive.get(ptr)?.deref();
  if (existing) {
    if (owned) core.x.tn_layer_release(ptr);
    return existing;
  }
  if (!owned) core.x.tn_layer_retain(ptr);
  const { model } = answer<LayerInfo>('layer', () => core.x.tn_layer_info(ptr));
  const layer = new (kinds.get(model) ?? Layer)(ptr);
  alive.set(ptr, new WeakRef(layer));
  released.register(layer, ptr);
  return layer;
}

/** What a layer is applied to, and what comes out. */
export type Applied = Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[];

export interface CallArgs { training?: boolean; initialState?: Applied }

/** Data that is not there yet: a result of a layer, or a model's input. */
export class SymbolicTensor {
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly name: string;
  readonly id: number;
  readonly nodeIndex: number;
  readonly tensorIndex: number;
  /** The layer that it comes from. */
  readonly sourceLayer: Layer;

  /** @internal */
  constructor(readonly ptr: number) {
    const info = answer<SymbolicTensor>('symbol', () => core.x.tn_symbol_info(ptr));
    this.shape = info.shape;
    this.dtype = info.dtype;
    this.name = info.name;
    this.id = info.id;
    this.nodeIndex = info.nodeIndex;
    this.tensorIndex = info.tensorIndex;
    this.sourceLayer = wrap(core.x.tn_symbol_layer(ptr), false);
  }

  get rank(): number { return this.shape.length; }
}

const single = <T>(list: T[]): T | T[] => (list.length === 1 ? list[0] : list);

export class Layer {
  /** @internal Address in the core. */
  readonly ptr: number;
  readonly name: string;
  private readonly className: string;

  /** @internal Layers are made by tf.layers. */
  constructor(ptr: number) {
    this.ptr = ptr;
    const { name, className } = this.info();
    this.name = name;
    this.className = className;
  }

  private info(): LayerInfo { return answer('layer', () => core.x.tn_layer_info(this.ptr)); }

  getClassName(): string { return this.className; }
  get built(): boolean { return this.info().built; }
  get isDisposed(): boolean { return this.info().disposed; }

  /** Whether fitting changes its weights. */
  get trainable(): boolean { return this.info().trainable; }
  set trainable(on: boolean) {
    call('trainable', () => core.x.tn_layer_set_trainable(this.ptr, Number(on)));
  }

  /** The config it was made with, defaults filled in. */
  getConfig(): Record<string, any> {
    return answer('getConfig', () => core.x.tn_layer_config(this.ptr, 0, 0));
  }

  // ---- applying ----

  /**
   * Applies the layer: to tensors, which computes, or to symbolic tensors, which connects.
   * kwargs.training: whether it behaves as while training; initialState: of a recurrent layer.
   */
  apply(inputs: Applied | TensorLike, kwargs?: CallArgs): Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[] {
    const list: unknown[] = Array.isArray(inputs) && inputs.some((x) => x instanceof Tensor || x instanceof SymbolicTensor)
      ? [...inputs] : [inputs];
    if (kwargs?.initialState) list.push(...[kwargs.initialState].flat());
    if (list.every((x) => x instanceof SymbolicTensor)) return single(this.connect(list as SymbolicTensor[]));
    if (list.some((x) => x instanceof SymbolicTensor))
      throw new TensorineError('value', `${this.name}: Arguments to apply() must be all SymbolicTensors or all Tensors`);
    return single(tensors(this.name, () => core.x.tn_layer_apply(
      this.ptr, tensorList(list as TensorLike[], 'inputs'), Number(kwargs?.training ?? false))));
  }

  /** Computes for tensors. */
  call(inputs: Tensor | Tensor[], kwargs?: CallArgs): Tensor | Tensor[] {
    return this.apply(inputs, kwargs) as Tensor | Tensor[];
  }

  private connect(inputs: SymbolicTensor[]): SymbolicTensor[] {
    return addresses(this.name, () => core.x.tn_layer_connect(this.ptr, pointers(inputs.map((s) => s.ptr))))
      .map((ptr) => new SymbolicTensor(ptr));
  }

  /** Shapes of the results for inputs of these shapes; nothing is computed. */
  computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shapes = Array.isArray(inputShape[0]) ? inputShape : [inputShape];
    return single(answer<Shape[]>(this.name, () =>
      core.x.tn_layer_shapes(this.ptr, texts(stringify(shapes, this.name))[0])));
  }

  private at(node: number, results: boolean): SymbolicTensor | SymbolicTensor[] {
    return single(addresses(this.name, () => core.x.tn_layer_symbols(this.ptr, node, Number(results)))
      .map((ptr) => new SymbolicTensor(ptr)));
  }

  private only(what: string, results: boolean): SymbolicTensor | SymbolicTensor[] {
    const { nodes } = this.info();
    if (nodes === 1) return this.at(0, results);
    throw new TensorineError('value', nodes
      ? `Layer ${this.name} has multiple inbound nodes, hence the notion of "layer ${what}" is ill-defined. ` +
        `Use \`get${what === 'input' ? 'Input' : 'Output'}At(nodeIndex)\` instead.`
      : `Layer ${this.name} has no inbound nodes: it is not connected.`);
  }

  /** Symbolic inputs, where it is connected once. */
  get input(): SymbolicTensor | SymbolicTensor[] { return this.only('input', false); }
  /** Symbolic results, where it is connected once. */
  get output(): SymbolicTensor | SymbolicTensor[] { return this.only('output', true); }
  getInputAt(nodeIndex: number): SymbolicTensor | SymbolicTensor[] { return this.at(nodeIndex, false); }
  getOutputAt(nodeIndex: number): SymbolicTensor | SymbolicTensor[] { return this.at(nodeIndex, true); }

  get inputShape(): Shape | Shape[] { return shapesOf(this.input); }
  get outputShape(): Shape | Shape[] { return shapesOf(this.output); }

  /** Makes stateful recurrent layers start anew. */
  resetStates(): void { core.x.tn_layer_reset_states(this.ptr); }

  // ---- weights ----

  private variables(which: number): LayerWeight[] {
    const names = answer<string[]>(this.name, () => core.x.tn_layer_weight_names(this.ptr, which));
    return addresses(this.name, () => core.x.tn_layer_weights(this.ptr, which))
      .map((ptr, i) => weightOf(ptr, names[i], this));
  }

  /** Trainable weights, then the others. */
  get weights(): LayerWeight[] { return this.variables(0); }
  get trainableWeights(): LayerWeight[] { return this.variables(1); }
  get nonTrainableWeights(): LayerWeight[] { return this.variables(2); }

  /** The values of the weights; they are the layer's own, so clone what must stay as it is. */
  getWeights(trainableOnly = false): Tensor[] { return trainableOnly ? this.trainableWeights : this.weights; }

  /** Replaces the values of all weights, in the order of getWeights(). */
  setWeights(weights: TensorLike[]): void {
    call(this.name, () => core.x.tn_layer_set_weights(this.ptr, tensorList(weights, 'weights')));
  }

  /** How many numbers its weights hold. */
  countParams(): number {
    if (!this.built)
      throw new TensorineError('value', `You tried to call countParams() on ${this.name}, but the layer is not built yet.`);
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Lets go of the weights: they are freed where no other model has the layer. */
  dispose(): { refCountAfterDispose: number; numDisposedVariables: number } {
    const numDisposedVariables = call(this.name, () => core.x.tn_layer_dispose(this.ptr));
    return { refCountAfterDispose: this.info().users, numDisposedVariables };
  }
}

function shapesOf(symbols: SymbolicTensor | SymbolicTensor[]): Shape | Shape[] {
  return Array.isArray(symbols) ? symbols.map((s) => s.shape) : symbols.shape;
}

/** A config as JSON can say it: parts and layers as {className, config}. */
function plain(config: object): object {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'weights').map(([name, value]) => [
    name,
    value instanceof Initializer || value instanceof Regularizer || value instanceof Constraint ? value.json
      : value instanceof Layer ? { handle: value.ptr } : value,
  ]));
}

/** @internal A new layer of a class. */
export function makeLayer(className: string, config: { weights?: TensorLike[] } = {}): Layer {
  if (config === null || typeof config !== 'object')
    throw new TensorineError('value', `${className}: the config must be an object`);
  const json = stringify({ className, config: plain(config) }, className);
  const layer = wrap(call(className, () => core.x.tn_layer(texts(json)[0])), true);
  if (config.weights)
    call(className, () => core.x.tn_layer_set_initial(layer.ptr, tensorList(config.weights!, 'weights')));
  return layer;
}
