// Layers: handles on what the core holds.
import { AT, type At } from '../core/at';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { WhichWeights } from '../generated/wasm/border';
import { returned } from '../core/returned';
import { want } from '../core/want';
import { Tensor, tensorAt, type DataType, type Scalar, type TensorLike } from '../core/tensor';
import { libraryClass, remember, setKind, wrap, type Kind } from './layer_registry';
import { withFlags } from './call_flags';
import { compute } from './computing';
import { connect, onlySymbols, shapesOf, shapeJSON, symbolsAt } from './connecting';
import { listen } from './custom';
import { addresses, answer, call, dataList, maskList, single, stringify, tensorList, strings } from '../core/calls';
import { makeSubclass, plain } from './make';
import { noticeOverrides, OVER_APPLY, OVER_CALL, overridable } from './overrides';
import { Constraint, Initializer, Regularizer } from './parts';
import { classNameOf, Serializable } from './registered';
import type { InputSpec } from './input_spec';
import { Node, SymbolicTensor, type Applied, type CallArgs, type Shape } from './symbol';
import { Taken } from './weight_lists';
import { nameIn, penaltiesOf, setInOrder, weightsOf } from './layer_weights';
import { startWith, weightOf, type LayerWeight } from './weight';

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
  /** The same as dtype. */
  inputDType?: DataType;
}
let count = 0;

/** What can be applied, as parts of your own are. */
interface Applier {
  apply(...given: any[]): Tensor;
}

/** A part that is no part of the library's; null for those, and for names. */
const applier = (given: unknown): Applier | null => {
  const known = given instanceof Initializer || given instanceof Regularizer || given instanceof Constraint;
  return given && typeof given === 'object' && !known && 'apply' in given ? (given as Applier) : null;
};

const BASE = ['name', 'trainable', 'inputShape', 'batchInputShape', 'batchSize', 'dtype'] as const;

/**
 * What tf.layers makes. A class of your own extends it: build(inputShape) adds weights, call(inputs)
 * computes, computeOutputShape(inputShape) says the shape, getConfig() what a new one is made with, and
 * static className names it in files.
 */
export class Layer extends Serializable {
  /** @internal Address in the core. */
  readonly ptr: number;
  /** @internal */
  _name: string;
  /** Whether it minds masks; a class of your own says so itself. */
  supportsMasking: boolean;
  /** @internal Objects that must live as long as this one: what it is connected to, what is inside. */
  readonly kept = new Set<unknown>();
  /** @internal What apply() was given, on its way to call(). */
  _direct: { kwargs: CallArgs; list: boolean; more: number } | null = null;
  /** @internal Methods that are not the library's, as the core was told. */
  _overrides = 0;
  /** @internal What addLoss() added. */
  readonly _added: (() => Tensor)[] = [];
  /** @internal */
  _callHook: CallHook | null = null;
  /** One for each layer there is. */
  readonly id = count++;
  /** Values for the weights that it was made with. */
  initialWeights: TensorLike[] | null = null;
  /** Tensors to be updated after each step: none, layers see to that themselves. */
  readonly updates: Tensor[] = [];
  /** Penalty on its results. */
  declare activityRegularizer: unknown;
  /** @internal */
  readonly _isOwn: boolean;
  /** @internal */
  readonly _taken = new Taken(this);
  /** @internal */
  _nodeList: Node[] = [];
  /** @internal */
  _inputSpecs: (InputSpec | null)[] | null = null;
  /** @internal */
  _fastInit = false;
  /** @internal Those that compute as one, and have the same fields: a recurrent layer and its cell. */
  _alike: Layer[] = [this];

  /** A layer of your own class; those of the library are made by the functions of tf.layers. */
  constructor(config: LayerConfig | At = {}, ptr = 0) {
    super();
    this._isOwn = config !== AT && libraryClass(this) === null;
    if (config === AT) this.ptr = ptr;
    else this.ptr = this._isOwn ? newLayer(this, config ?? {}) : makeSubclass(this, config ?? {});
    this._name = core.text(core.x.tn_layer_name(this.ptr));
    this.supportsMasking = core.x.tn_layer_takes_masks(this.ptr) !== 0;
    noticeOverrides(this);
    if (!this._isOwn) return;
    this.initialWeights = (config as LayerConfig)?.weights ?? null;
    this.activityRegularizer = null;
    if (saysWeights(this)) core.x.tn_layer_says_weights(this.ptr);
  }

  /** Unique in a model; a new one counts in files and in models made from now on. */
  get name(): string {
    return this._name;
  }
  set name(name: string) {
    want(this._name, { name }, 'string');
    call(this._name, () => core.x.tn_layer_set_name(this.ptr, strings(name)[0]));
    this._name = name;
  }

  override getClassName(): string {
    return core.text(core.x.tn_layer_class_name(this.ptr));
  }
  get built(): boolean {
    return core.x.tn_layer_is_built(this.ptr) !== 0;
  }
  set built(on: boolean) {
    core.x.tn_layer_set_built(this.ptr, Number(Boolean(on)));
  }
  get isDisposed(): boolean {
    return core.x.tn_layer_is_disposed(this.ptr) !== 0;
  }

  /** Of its inputs, as it was configured. */
  get dtype(): DataType {
    return configOf(this).dtype ?? 'float32';
  }
  set dtype(value: DataType) {
    setInput(this, 'dtype', value);
  }
  /** The shape that its input was said to have, if it was. */
  get batchInputShape(): Shape {
    return configOf(this).batchInputShape;
  }
  set batchInputShape(value: Shape) {
    setInput(this, 'batchInputShape', value);
  }
  /** Whether it goes on from batch to batch. */
  get stateful(): boolean {
    return Boolean(configOf(this).stateful);
  }

  /** What each input must be like; null: the layer knows. */
  get inputSpec(): (InputSpec | null)[] | null {
    return this._inputSpecs;
  }
  set inputSpec(specs: (InputSpec | null)[] | null) {
    this._inputSpecs = specs;
    call(this.name, () => core.x.tn_layer_set_specs(this.ptr, strings(stringify(specs, this.name))[0]));
  }

  /** Whether fitting changes its weights. */
  get trainable(): boolean {
    return core.x.tn_layer_is_trainable(this.ptr) !== 0;
  }
  set trainable(on: boolean) {
    call('trainable', () => core.x.tn_layer_set_trainable(this.ptr, Number(Boolean(on))));
  }

  /** The config it was made with, defaults filled in. */
  override getConfig(): Record<string, any> {
    return configOf(this);
  }

  // ---- applying ----

  /**
   * Applies the layer: to tensors, which computes, or to symbolic tensors, which connects.
   * kwargs.training: whether it behaves as while training; initialState: of a recurrent layer; mask: which
   * steps of tensors count; useCausalMask, returnAttentionScores, attentionMask: of an attention layer.
   */
  apply(inputs: Applied | TensorLike, kwargs?: CallArgs): Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[] {
    return this._run(inputs, kwargs, OVER_APPLY);
  }

  /** @internal Applies it as if it had none of these methods of a program's. */
  _run(inputs: Applied | TensorLike, kwargs: CallArgs | undefined, beneath: number) {
    noticeOverrides(this);
    const listed = Array.isArray(inputs) && inputs.some((x) => x instanceof Tensor || x instanceof SymbolicTensor);
    const list: unknown[] = listed ? [...(inputs as unknown[])] : [inputs],
      given = list.length;
    if (kwargs?.initialState) list.push(...[kwargs.initialState].flat());
    if (kwargs?.countWeights) list.push(kwargs.countWeights);
    if (kwargs?.attentionMask && !this._isOwn) list.push(...(list.length === 2 ? [list[1]] : []), kwargs.attentionMask);
    if (list.every((x) => x instanceof SymbolicTensor))
      return single(connect(this, list as SymbolicTensor[], kwargs ?? {}));
    if (list.some((x) => x instanceof SymbolicTensor))
      throw new TensorineError('value', 'Arguments to apply() must be all SymbolicTensors or all Tensors');
    this._direct = { kwargs: kwargs ?? {}, list: listed, more: this._isOwn ? 0 : list.length - given };
    try {
      return single(withFlags(this, kwargs, () => compute(this, list as TensorLike[], kwargs, beneath)));
    } finally {
      this._direct = null;
    }
  }

  /** Computes for tensors; a class of your own says how. */
  call(inputs: Tensor | Tensor[], kwargs?: CallArgs): Tensor | Tensor[] {
    return this._isOwn ? inputs : (this._run(inputs, kwargs, OVER_CALL) as Tensor | Tensor[]);
  }

  /** Makes the weights for inputs of this shape; a class of your own adds them here. */
  build(inputShape: Shape | Shape[]): void {
    if (this._isOwn) {
      this.built = true;
      return;
    }
    call(this.name, () => core.x.tn_layer_build(this.ptr, shapeJSON(this, inputShape)));
  }

  /** For build(): a new weight. The initializer, like the others, by name or as an object. */
  addWeight(
    name: string,
    shape: Shape,
    dtype?: DataType | null,
    initializer?: unknown,
    regularizer?: unknown,
    trainable = true,
    constraint?: unknown,
  ): LayerWeight {
    const [first, penalty, limit] = [initializer, regularizer, constraint].map(applier);
    const spec = plain({
      name,
      shape,
      initializer: first || this._fastInit ? 'zeros' : initializer,
      regularizer: penalty ? null : regularizer,
      constraint: limit ? null : constraint,
      trainable,
      dtype: dtype ?? 'float32',
      constrained: limit !== null,
    });
    const ptr = call(this.name, () => core.x.tn_layer_add_weight(this.ptr, strings(stringify(spec, this.name))[0]));
    const weight = weightOf(ptr, nameIn(this, ptr), this);
    weight.constraint = limit;
    if (limit) this.kept.add(weight);
    if (penalty) this.addLoss(() => returned(penalty.apply(weight.read()), `${this.name}: the regularizer of ${name}`));
    if (first && !this._fastInit)
      startWith(weight, returned(first.apply(shape, dtype ?? 'float32'), `${this.name}: the initializer of ${name}`));
    return weight;
  }

  /** While on, weights of this layer begin as zeros: values will be set. */
  setFastWeightInitDuringBuild(on: boolean): void {
    this._fastInit = on;
  }

  /** Adds to the loss of a model that trains with this layer: functions that give a scalar. */
  addLoss(losses: (() => Tensor) | (() => Tensor)[]): void {
    const added = [losses].flat();
    for (const loss of added) want(`${this.name}.addLoss`, { loss }, 'function');
    this._added.push(...added);
    watch(this);
  }

  /** What the loss gets besides that of the data, as functions: penalties of weights, and what addLoss() added. */
  get losses(): (() => Tensor)[] {
    const penalties = penaltiesOf(this);
    for (const penalty of penalties) penalty.dispose();
    const one = (i: number) => () => penaltiesOf(this).filter((penalty, k) => k === i || penalty.dispose())[0];
    return [...penalties.map((_, i) => one(i)), ...this._added];
  }

  /** The same as numbers. */
  calculateLosses(): Scalar[] {
    return [...penaltiesOf(this), ...this._added.map((f) => f() as Scalar)];
  }

  /** @internal Layers inside a wrapper or a recurrent layer. */
  get _inside(): Layer[] {
    return addresses(this.name, () => core.x.tn_layer_inside(this.ptr)).map((ptr) => keptBy(this, wrap(ptr, false)));
  }

  /** Which steps of the result count, where mask says which steps of the inputs do; null: all. */
  computeMask(inputs: Tensor | Tensor[], mask?: Tensor | (Tensor | null)[] | null): Tensor | (Tensor | null)[] | null {
    const masks = mask === undefined || mask === null ? [] : [mask].flat();
    if (this._isOwn) {
      if (this.supportsMasking || masks.every((m) => !m)) return mask ?? null;
      throw new TensorineError('value', `Layer ${this.name} does not support masking, but was passed an inputMask.`);
    }
    const list = [inputs].flat(),
      all = masks.length ? masks : list.map(() => null);
    if (list.length > 1 || Array.isArray(mask)) {
      if (!Array.isArray(inputs) && masks.length > 1)
        throw new TensorineError('value', `${this.name}: \`inputs\` should be an Array`);
      if (mask && !Array.isArray(mask)) throw new TensorineError('value', `${this.name}: \`mask\` should be an Array`);
    }
    const ptr = call(this.name, () => {
      const xs = dataList(list, 'inputs');
      return core.x.tn_layer_mask(this.ptr, xs, maskList(this.name, all));
    });
    return ptr ? tensorAt(ptr) : null;
  }

  /** From now on hook(inputs, kwargs) sees every call. */
  setCallHook(hook: CallHook): void {
    want(`${this.name}.setCallHook`, { hook }, 'function');
    this._callHook = hook;
    watch(this);
  }

  clearCallHook(): void {
    this._callHook = null;
    watch(this);
  }

  /** For call() in a class of your own: lets the hook see it. */
  protected invokeCallHook(inputs: Tensor | Tensor[], kwargs: any): void {
    this._callHook?.(inputs, kwargs);
  }

  /** Shapes of the results for inputs of these shapes; nothing is computed. */
  computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    if (this._isOwn) return inputShape;
    return single(answer<Shape[]>(this.name, () => core.x.tn_layer_shapes(this.ptr, shapeJSON(this, inputShape))));
  }

  /** Symbolic inputs, where it is connected once. */
  get input(): SymbolicTensor | SymbolicTensor[] {
    return onlySymbols(this, 'input', false);
  }
  /** Symbolic results, where it is connected once. */
  get output(): SymbolicTensor | SymbolicTensor[] {
    return onlySymbols(this, 'output', true);
  }
  getInputAt(nodeIndex: number): SymbolicTensor | SymbolicTensor[] {
    return symbolsAt(this, nodeIndex, false);
  }
  getOutputAt(nodeIndex: number): SymbolicTensor | SymbolicTensor[] {
    return symbolsAt(this, nodeIndex, true);
  }

  get inputShape(): Shape | Shape[] {
    return shapesOf(this.input);
  }
  get outputShape(): Shape | Shape[] {
    const shapes = this.inboundNodes.map((node) => node.outputShapes),
      strings = shapes.map((s) => JSON.stringify(s));
    if (!shapes.length)
      throw new TensorineError(
        'value',
        `The layer ${this.name} has never been called and thus has no defined output shape.`,
      );
    if (strings.some((text) => text !== strings[0]))
      throw new TensorineError(
        'value',
        `The layer ${this.name} has multiple inbound nodes with different output shapes. Hence the ` +
          'notion of "output shape" is ill-defined for the layer.',
      );
    return single(shapes[0]);
  }

  /** @internal */
  _nodeAt(index: number): Node {
    return (this._nodeList[index] ??= new Node(this, index));
  }

  /** Where it is connected to symbolic tensors, in order. */
  get inboundNodes(): Node[] {
    return Array.from({ length: core.x.tn_layer_node_count(this.ptr) }, (_, i) => this._nodeAt(i));
  }

  /** Where its results go. */
  get outboundNodes(): Node[] {
    const found = addresses(this.name, () => core.x.tn_layer_outbound(this.ptr));
    return found.flatMap((ptr, i) => (i % 2 ? [] : [wrap(ptr, false)._nodeAt(found[i + 1])]));
  }

  /**
   * Learns from data what training does not: mean and variance, a vocabulary, boundaries. Of a dataset all batches.
   * @example ((layer) => (layer.adapt([[1], [3]]), layer.apply([[3]])))(tf.layers.normalization()) // [[1]]
   */
  adapt(data: TensorLike | { toArray(): Promise<unknown[]> }): void | Promise<void> {
    const learn = (batches: TensorLike[]): void => {
      call(this.name, () => core.x.tn_layer_adapt(this.ptr, dataList(batches, 'data')));
    };
    if (!data || typeof data !== 'object' || !('toArray' in data)) return learn([data as TensorLike]);
    return data.toArray().then((batches) => {
      learn(batches as TensorLike[]);
      for (const batch of batches) if (batch instanceof Tensor) batch.dispose();
    });
  }

  /** Makes stateful recurrent layers start anew. */
  resetStates(): void {
    core.x.tn_layer_reset_states(this.ptr);
  }

  // ---- weights ----

  /** Trainable weights, then the others. */
  get weights(): LayerWeight[] {
    return this._taken.own(weightsOf(this, WhichWeights.all));
  }
  get trainableWeights(): LayerWeight[] {
    return this._taken.own(weightsOf(this, WhichWeights.trainable));
  }
  get nonTrainableWeights(): LayerWeight[] {
    return this._taken.own(weightsOf(this, WhichWeights.fixed));
  }
  /** From now on these, which may belong to layers that call() uses. */
  set trainableWeights(weights: LayerWeight[]) {
    this._taken.set(true, weights);
  }
  set nonTrainableWeights(weights: LayerWeight[]) {
    this._taken.set(false, weights);
  }
  /** The same whether or not the layer is trainable; what build() adds to the list counts. */
  protected get _trainableWeights(): LayerWeight[] {
    return this._taken.get(true);
  }
  protected set _trainableWeights(weights: LayerWeight[]) {
    this._taken.set(true, weights);
  }
  protected get _nonTrainableWeights(): LayerWeight[] {
    return this._taken.get(false);
  }
  protected set _nonTrainableWeights(weights: LayerWeight[]) {
    this._taken.set(false, weights);
  }

  /** The values of the weights; they are the layer's own, so clone what must stay as it is. */
  getWeights(trainableOnly = false): Tensor[] {
    return trainableOnly ? this.trainableWeights : this.weights;
  }

  /** Replaces the values of all weights, in the order of getWeights(). */
  setWeights(weights: TensorLike[]): void {
    if (this._isOwn && saysWeights(this)) return setInOrder(this, weights);
    call(this.name, () => core.x.tn_layer_set_weights(this.ptr, tensorList(weights, 'weights')));
  }

  /** How many numbers its weights hold. */
  countParams(): number {
    if (!this.built)
      throw new TensorineError(
        'value',
        `You tried to call countParams() on ${this.name}, but the layer is not built yet. ` +
          'Build it first by calling build(batchInputShape).',
      );
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Lets go of the weights: they are freed where no other model has the layer. */
  dispose(): { refCountAfterDispose: number; numDisposedVariables: number } {
    const numDisposedVariables = call(this.name, () => core.x.tn_layer_dispose(this.ptr));
    return { refCountAfterDispose: core.x.tn_layer_users(this.ptr), numDisposedVariables };
  }
}

/** @internal A layer inside another one, whose object stays: a program may give it methods. */
export function keptBy(layer: Layer, inside: Layer): Layer {
  layer.kept.add(inside);
  return inside;
}

/** Whether the class of a layer overrides the getters of its weights. */
function saysWeights(layer: Layer): boolean {
  for (let at = Object.getPrototypeOf(layer); at && at !== Layer.prototype; at = Object.getPrototypeOf(at))
    if (['weights', 'trainableWeights', 'nonTrainableWeights'].some((name) => Object.hasOwn(at, name))) return true;
  return false;
}

function newLayer(layer: Layer, config: LayerConfig): number {
  listen();
  const className = classNameOf(layer),
    given = Object.fromEntries(BASE.filter((f) => config[f] !== undefined).map((f) => [f, config[f]]));
  const ptr = call(className, () => {
    const [name, json] = strings(className, stringify(given, className));
    return core.x.tn_layer_custom(name, json, 0);
  });
  remember(layer, ptr);
  if (config.weights) call(className, () => core.x.tn_layer_set_initial(ptr, tensorList(config.weights!, 'weights')));
  return ptr;
}

/** The config that the core has of it. */
function configOf(layer: Layer): Record<string, any> {
  return answer('getConfig', () => core.x.tn_layer_config(layer.ptr, 0, 0));
}

/** As long as it is not connected. */
function setInput(layer: Layer, name: string, value: unknown): void {
  call(layer.name, () => {
    const [field, json] = strings(name, stringify(value, layer.name));
    core.x.tn_layer_set_input(layer.ptr, field, json);
  });
}

function watch(layer: Layer): void {
  listen();
  core.x.tn_layer_watch(layer.ptr, Number(layer._added.length > 0), Number(!layer._isOwn && layer._callHook !== null));
}

declare module './any_layer' {
  interface AnyLayer extends Layer {}
}

overridable(Layer.prototype);
setKind('layer', Layer as Kind);
