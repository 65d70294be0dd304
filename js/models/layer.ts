// Layers and symbolic tensors: handles on what the core holds.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { Tensor, type DataType, type TensorLike } from '../core/tensor';
import { addresses, answer, Borrowed, call, pointers, stringify, tensorList, tensors, texts } from './lowering';
import { Constraint, Initializer, Regularizer } from './parts';
import { listen, takeMade } from './custom';
import { classNameOf, Serializable } from './serialization';
import { weightOf, type LayerWeight } from './weight';

/** Sizes of a symbolic tensor; null where they are open. */
export type Shape = (number | null)[];

interface LayerInfo {
  className: string; name: string; built: boolean; trainable: boolean; nodes: number;
  kind: 'sequential' | 'functional' | 'recurrent' | 'cell' | 'layer'; disposed: boolean; users: number;
  masks: boolean; stateSize?: number[];
}

const released = new FinalizationRegistry<number>((ptr) => core.x.tn_layer_release(ptr));
const alive = new Map<number, WeakRef<Layer>>();
type Kind = new (ptr: number) => Layer;
const kinds = new Map<LayerInfo['kind'], Kind>();

/** @internal Tells which class stands for models, and for other layers that have more methods. */
export function setKind(name: LayerInfo['kind'], kind: Kind): void { kinds.set(name, kind); }

/** @internal The object of a layer that the core calls; undefined where it is gone. */
export const layerAt = (ptr: number): Layer | undefined => alive.get(ptr)?.deref();

/** @internal The object of a layer. `owned`: a handle comes with it; else one is taken. */
export function wrap(ptr: number, owned: boolean): Layer {
  const existing = alive.get(ptr)?.deref();
  if (existing) {
    if (owned) core.x.tn_layer_release(ptr);
    return existing;
  }
  if (!owned) core.x.tn_layer_retain(ptr);
  const { kind, className } = answer<LayerInfo>('layer', () => core.x.tn_layer_info(ptr));
  const layer = new (kindOf(className, kinds.get(kind) ?? Layer as Kind, ptr))(ptr);
  remember(layer, ptr);
  return layer;
}

const ofClass = new Map<string, Kind>();
/** Numbers, lists and the like: parts are objects in TensorFlow.js, names here. */
const isPlain = (field: string, value: unknown): boolean =>
  !/([aA]ctivation|Initializer|Regularizer|Constraint)$/.test(field) && !(value && typeof value === 'object' && 'className' in value);

/** The class of the library's layers of a name: their configs' fields are properties. */
function kindOf(className: string, base: Kind, ptr: number): Kind {
  let kind = ofClass.get(className);
  if (kind || base === kinds.get('sequential') || base === kinds.get('functional')) return kind ?? base;
  kind = { [className]: class extends base {} }[className];
  const config = answer<Record<string, unknown>>('getConfig', () => core.x.tn_layer_config(ptr, 0, 0));
  for (const [field, value] of Object.entries(config)) {
    if (field in base.prototype || field === 'name' || !isPlain(field, value)) continue;
    Object.defineProperty(kind.prototype, field, {
      get(this: Layer) { return this.getConfig()[field]; },
      set(this: Layer, given: unknown) { Object.defineProperty(this, field, { value: given, writable: true, configurable: true }); },
    });
  }
  const insides = { TimeDistributed: ['layer'], Bidirectional: ['forwardLayer', 'backwardLayer'] } as Record<string, string[]>;
  insides[className]?.forEach((field, i) => Object.defineProperty(kind!.prototype, field, { get(this: Layer) { return this.inside[i]; } }));
  ofClass.set(className, kind);
  return kind;
}

function remember(layer: Layer, ptr: number): void {
  alive.set(ptr, new WeakRef(layer));
  released.register(layer, ptr);
}

/** What a layer is applied to, and what comes out. */
export type Applied = Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[];

export interface CallArgs { training?: boolean; initialState?: Applied; mask?: Tensor | (Tensor | null)[] | null; countWeights?: Tensor; [name: string]: any }

/** Seen by every call of a layer that it is set for. */
export type CallHook = (inputs: Tensor | Tensor[], kwargs: any) => void;

/** What the library knows of a layer of your own. */
export interface LayerConfig {
  name?: string | null;
  trainable?: boolean;
  inputShape?: Shape | null;
  batchInputShape?: Shape | null;
  batchSize?: number | null;
  dtype?: DataType;
  weights?: TensorLike[];
}
const BASE = ['name', 'trainable', 'inputShape', 'batchInputShape', 'batchSize', 'dtype'] as const;

/**
 * Data that is not there yet: a result of a layer, or a model's input.
 * @example tf.input({ shape: [3] }).dtype // "float32"
 */
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

/**
 * What tf.layers makes. A class of your own extends it: build(inputShape) adds weights, call(inputs)
 * computes, computeOutputShape(inputShape) says the shape, getConfig() what a new one is made with, and
 * static className names it in files.
 */
export class Layer extends Serializable {
  /** @internal Address in the core. */
  readonly ptr: number;
  readonly name: string;
  /** Whether it takes masks; a class of your own that passes them on sets it. */
  supportsMasking: boolean;
  /** @internal Objects that must live as long as this one: what it is connected to, what is inside. */
  readonly kept = new Set<unknown>();
  /** @internal Arguments of apply() on their way to call(). */
  kwargs: CallArgs = {};
  /** What is added to the loss in training. */
  readonly losses: (() => Tensor)[] = [];
  /** @internal */
  callHook: CallHook | null = null;
  private readonly own: boolean;

  /** A layer of your own class; those of the library are made by the functions of tf.layers. */
  constructor(config: LayerConfig | number = {}) {
    super();
    this.own = typeof config !== 'number';
    this.ptr = typeof config === 'number' ? config : this.make(config ?? {});
    const { name, masks } = this.info();
    this.name = name;
    this.supportsMasking = masks && !this.own;
  }

  private make(config: LayerConfig): number {
    listen();
    const className = classNameOf(this), given = Object.fromEntries(BASE.filter((f) => config[f] !== undefined).map((f) => [f, config[f]]));
    const ptr = call(className, () => {
      const [name, json] = texts(className, stringify(given, className));
      return core.x.tn_layer_custom(name, json, Number(this instanceof RNNCell));
    });
    remember(this, ptr);
    if (config.weights) call(className, () => core.x.tn_layer_set_initial(ptr, tensorList(config.weights!, 'weights')));
    return ptr;
  }

  /** @internal */
  info(): LayerInfo { return answer('layer', () => core.x.tn_layer_info(this.ptr)); }

  override getClassName(): string { return this.info().className; }
  get built(): boolean { return this.info().built; }
  set built(on: boolean) { core.x.tn_layer_set_built(this.ptr, Number(on)); }
  get isDisposed(): boolean { return this.info().disposed; }

  /** Of its inputs, as it was configured. */
  get dtype(): DataType { return this.told().dtype ?? 'float32'; }
  set dtype(value: DataType) { Object.defineProperty(this, 'dtype', { value, writable: true }); }
  /** The shape that its input was said to have, if it was. */
  get batchInputShape(): Shape { return this.told().batchInputShape; }
  set batchInputShape(value: Shape) { Object.defineProperty(this, 'batchInputShape', { value, writable: true }); }
  /** Whether it goes on from batch to batch. */
  get stateful(): boolean { return Boolean(this.told().stateful); }

  /** Whether fitting changes its weights. */
  get trainable(): boolean { return this.info().trainable; }
  set trainable(on: boolean) {
    call('trainable', () => core.x.tn_layer_set_trainable(this.ptr, Number(on)));
  }

  /** The config that the core has of it. */
  private told(): Record<string, any> { return answer('getConfig', () => core.x.tn_layer_config(this.ptr, 0, 0)); }

  /** The config it was made with, defaults filled in. */
  override getConfig(): Record<string, any> {
    return this.told();
  }

  // ---- applying ----

  /**
   * Applies the layer: to tensors, which computes, or to symbolic tensors, which connects.
   * kwargs.training: whether it behaves as while training; initialState: of a recurrent layer; mask: which
   * steps of tensors count.
   */
  apply(inputs: Applied | TensorLike, kwargs?: CallArgs): Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[] {
    const list: unknown[] = Array.isArray(inputs) && inputs.some((x) => x instanceof Tensor || x instanceof SymbolicTensor)
      ? [...inputs] : [inputs];
    if (kwargs?.initialState) list.push(...[kwargs.initialState].flat());
    if (kwargs?.countWeights) list.push(kwargs.countWeights);
    if (list.every((x) => x instanceof SymbolicTensor)) return single(this.connect(list as SymbolicTensor[]));
    if (list.some((x) => x instanceof SymbolicTensor))
      throw new TensorineError('value', `${this.name}: Arguments to apply() must be all SymbolicTensors or all Tensors`);
    this.kwargs = kwargs ?? {};
    const masks = [kwargs?.mask ?? []].flat() as (Tensor | null)[];
    try {
      return single(tensors(this.name, () => core.x.tn_layer_apply_masked(
        this.ptr, tensorList(list as TensorLike[], 'inputs'),
        masks.length ? pointers(list.map((_, i) => masks[i]?.handle('mask') ?? 0)) : 0, Number(kwargs?.training ?? false))));
    } finally {
      this.kwargs = {};
    }
  }

  /** Computes for tensors; a class of your own says how. */
  call(inputs: Tensor | Tensor[], kwargs?: CallArgs): Tensor | Tensor[] {
    return this.own ? inputs : this.apply(inputs, kwargs) as Tensor | Tensor[];
  }

  /** Makes the weights for inputs of this shape; a class of your own adds them here. */
  build(inputShape: Shape | Shape[]): void {
    if (this.own) return;
    call(this.name, () => core.x.tn_layer_build(this.ptr, texts(stringify(shapeList(inputShape), this.name))[0]));
  }

  /** For build(): a new weight. The initializer, like the others, by name or as an object. */
  addWeight(
    name: string, shape: Shape, dtype?: DataType | null, initializer?: unknown, regularizer?: unknown,
    trainable = true, constraint?: unknown,
  ): LayerWeight {
    if (dtype && dtype !== 'float32') throw new TensorineError('dtype', `${this.name}: weight ${name} must be float32, but is ${dtype}`);
    const custom = initializer && typeof initializer === 'object' && !(initializer instanceof Initializer)
      && 'apply' in initializer ? initializer as { apply(shape: Shape): Tensor } : null;
    const spec = plain({ name, shape, initializer: custom ? 'zeros' : initializer, regularizer, constraint, trainable });
    const ptr = call(this.name, () => core.x.tn_layer_add_weight(this.ptr, texts(stringify(spec, this.name))[0]));
    const weight = weightOf(ptr, `${this.name}/${name}`, this);
    if (custom) {
      const value = custom.apply(shape);
      weight.assign(value);
      value.dispose();
    }
    return weight;
  }

  /** Adds to the loss of a model that trains with this layer: functions that give a scalar. */
  addLoss(losses: (() => Tensor) | (() => Tensor)[]): void {
    this.losses.push(...[losses].flat());
    this.watch();
  }

  private watch(): void {
    listen();
    core.x.tn_layer_watch(this.ptr, Number(this.losses.length > 0), Number(!this.own && this.callHook !== null));
  }

  /** @internal Layers inside a wrapper or a recurrent layer. */
  get inside(): Layer[] {
    return addresses(this.name, () => core.x.tn_layer_inside(this.ptr)).map((ptr) => wrap(ptr, false));
  }

  /** Which steps of the result count, where mask says which steps of the inputs do; null: all. */
  computeMask(inputs: Tensor | Tensor[], mask?: Tensor | (Tensor | null)[] | null): Tensor | (Tensor | null)[] | null {
    const masks = mask === undefined || mask === null ? [] : [mask].flat();
    if (this.own) {
      if (this.supportsMasking || masks.every((m) => !m)) return mask ?? null;
      throw new TensorineError('value', `Layer ${this.name} does not support masking, but was passed an inputMask.`);
    }
    const list = [inputs].flat(), all = masks.length ? masks : list.map(() => null);
    if (list.length > 1 || Array.isArray(mask)) {
      if (!Array.isArray(inputs) && masks.length > 1) throw new TensorineError('value', `${this.name}: \`inputs\` should be an Array`);
      if (mask && !Array.isArray(mask)) throw new TensorineError('value', `${this.name}: \`mask\` should be an Array`);
    }
    const ptr = call(this.name, () => {
      const xs = tensorList(list, 'inputs');
      return core.x.tn_layer_mask(this.ptr, xs, pointers(all.map((m) => m?.handle('mask') ?? 0)));
    });
    return ptr ? new Tensor(ptr) : null;
  }

  /** From now on hook(inputs, kwargs) sees every call. */
  setCallHook(hook: CallHook): void {
    this.callHook = hook;
    this.watch();
  }

  clearCallHook(): void {
    this.callHook = null;
    this.watch();
  }

  /** For call() in a class of your own: lets the hook see it. */
  protected invokeCallHook(inputs: Tensor | Tensor[], kwargs: any): void { this.callHook?.(inputs, kwargs); }

  private connect(inputs: SymbolicTensor[]): SymbolicTensor[] {
    for (const s of inputs) this.kept.add(s.sourceLayer);
    return addresses(this.name, () => core.x.tn_layer_connect(this.ptr, pointers(inputs.map((s) => s.ptr))))
      .map((ptr) => new SymbolicTensor(ptr));
  }

  /** Shapes of the results for inputs of these shapes; nothing is computed. */
  computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    if (this.own) return inputShape;
    return single(answer<Shape[]>(this.name, () =>
      core.x.tn_layer_shapes(this.ptr, texts(stringify(shapeList(inputShape), this.name))[0])));
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
  /** Also where it is connected more than once, if all results are of one shape. */
  get outputShape(): Shape | Shape[] {
    const all = Array.from({ length: this.info().nodes }, (_, i) => shapesOf(this.at(i, true)));
    return all.length && all.every((shape) => String(shape) === String(all[0])) ? all[0] : shapesOf(this.output);
  }

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

const shapeList = (shape: Shape | Shape[]): Shape[] => (Array.isArray(shape[0]) ? shape as Shape[] : [shape as Shape]);

/** A config's value as JSON can say it: parts and layers as {className, config}. */
function plainValue(value: unknown): unknown {
  if (value instanceof Initializer || value instanceof Regularizer || value instanceof Constraint) return value.json;
  if (value instanceof Layer) return { handle: value.ptr };
  return Array.isArray(value) && value.some((v) => v instanceof Layer) ? value.map(plainValue) : value;
}

const plain = (config: object): object =>
  Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'weights').map(([name, value]) => [name, plainValue(value)]));

type Given = { weights?: TensorLike[]; cell?: unknown };

/** What the config of a layer is in the core's words; a list of cells is stacked. */
function configOf(className: string, given: Given): Given {
  if (given === null || typeof given !== 'object')
    throw new TensorineError('value', `${className}: the config must be an object`);
  const stacked = className === 'RNN' && Array.isArray(given.cell);
  return stacked ? { ...given, cell: makeLayer('StackedRNNCells', { cells: given.cell } as Given) } : given;
}

/** A new layer in the core, with a handle. */
function create(className: string, config: Given): number {
  listen();
  const json = stringify({ className, config: plain(config) }, className);
  return call(className, () => core.x.tn_layer(texts(json)[0]));
}

/** A new layer keeps the objects of what is inside it. */
function furnish(layer: Layer, className: string, config: Given): Layer {
  for (const inside of [...Object.values(config).flat(), ...takeMade()]) if (inside instanceof Layer) layer.kept.add(inside);
  if (config.weights)
    call(className, () => core.x.tn_layer_set_initial(layer.ptr, tensorList(config.weights!, 'weights')));
  return layer;
}

/** @internal A new layer of a class. */
export function makeLayer(className: string, given: Given = {}): Layer {
  const config = configOf(className, given);
  return furnish(wrap(create(className, config), true), className, config);
}

/** A recurrent layer. */
export class RNN extends Layer {
  /** @internal The function tf.layers.rnn makes one too. */
  constructor(given: number | { cell: Layer | Layer[] } & LayerConfig) {
    const config = typeof given === 'number' ? {} : configOf('RNN', given);
    super(typeof given === 'number' ? given : create('RNN', config));
    if (typeof given === 'number') return;
    remember(this, this.ptr);
    furnish(this, 'RNN', config);
  }

  get returnSequences(): boolean { return Boolean(this.getConfig().returnSequences); }
  get returnState(): boolean { return Boolean(this.getConfig().returnState); }
  get goBackwards(): boolean { return Boolean(this.getConfig().goBackwards); }
  get unroll(): boolean { return Boolean(this.getConfig().unroll); }
  /** What runs at each step, where it is a layer of its own. */
  get cell(): Layer { return this.inside[0]; }

  /** Zeros for the states of a batch like x. */
  getInitialState(x: Tensor): Tensor[] {
    return tensors(this.name, () => core.x.tn_layer_first_states(this.ptr, x.handle('x')));
  }

  override computeMask(inputs: Tensor | Tensor[], mask?: Tensor | (Tensor | null)[] | null): Tensor | (Tensor | null)[] | null {
    const first = super.computeMask([inputs].flat()[0], mask ? [mask].flat()[0] : null) as Tensor | null;
    return this.returnState ? [first, ...this.getStates().map(() => null)] : first;
  }

  /** What getStates() gives. */
  get states(): (Tensor | null)[] { return this.getStates(); }

  /** The states that the next batch starts with, null where there are none yet. */
  getStates(): (Tensor | null)[] {
    return addresses(this.name, () => core.x.tn_layer_states(this.ptr)).map((ptr) => (ptr ? new Borrowed(ptr) : null));
  }

  /** Replaces them. */
  setStates(states: Tensor | Tensor[]): void {
    call(this.name, () => core.x.tn_layer_set_states(this.ptr, tensorList([states].flat(), 'states')));
  }

  /** Makes the next batch start with zeros, or with states that are given. */
  override resetStates(states?: Tensor | Tensor[]): void {
    if (!this.getConfig().stateful)
      throw new TensorineError('value', 'Cannot call resetStates() on an RNN Layer that is not stateful.');
    if (states === undefined || states === null) super.resetStates();
    else this.setStates(states);
  }

  override apply(inputs: Applied | TensorLike, kwargs?: CallArgs): Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[] {
    return super.apply(inputs, kwargs);
  }
  override call(inputs: Tensor | Tensor[], kwargs?: CallArgs): Tensor | Tensor[] { return super.call(inputs, kwargs); }
  override getConfig(): Record<string, any> { return super.getConfig(); }
}

/**
 * One step of a recurrent layer. A class of your own says stateSize, a number or one for each state, and
 * call([x, ...states]) gives [result, ...states].
 */
export class RNNCell extends Layer {
  get stateSize(): number | number[] { return single(this.info().stateSize ?? []); }
  set stateSize(value: number | number[]) { Object.defineProperty(this, 'stateSize', { value, writable: true, configurable: true }); }
}

setKind('recurrent', RNN as unknown as Kind);
setKind('cell', RNNCell);
