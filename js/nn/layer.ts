// Layer: the class of all layers, each a handle on a layer of the core.
import { WhichWeights } from '../generated/wasm/border';
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { addresses, answer, call, single, stringify, tensorList } from '../core/calls';
import { strings } from '../core/strings';
import { Tensor, type DataType, type Scalar, type TensorLike } from '../core/tensor';
import { want } from '../core/want';
import { withFlags } from './call_flags';
import { adapt, compute, computeMask } from './computing';
import { connect, onlySymbols, outputShape, shapeJSON, shapesOf, symbolsAt } from './connecting';
import { listenTo } from './custom';
import type { InputSpec } from './input_spec';
import { configOf, newLayer, setInput, type LayerConfig } from './layer_config';
import { libraryClass, setKind, wrap, type Kind } from './layer_registry';
import { addWeight, overridesWeights, penaltiesOf, setInOrder, weightsOf } from './layer_weights';
import { makeSubclass } from './make';
import { noticeOverrides, OVER_APPLY, OVER_CALL, overridable } from './overrides';
import { Serializable } from './registered';
import { Node, SymbolicTensor, type Applied, type CallArgs, type Shape } from './symbol';
import { type LayerWeight } from './weight';
import { WeightLists } from './weight_lists';

/** Called with the arguments of every call of the layer that it is set for. */
export type CallHook = (inputs: Tensor | Tensor[], kwargs: any) => void;

let count = 0;

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
  /** Whether it takes masks into account; a class of your own sets it. */
  supportsMasking: boolean;
  /** @internal Objects that must live as long as this one: what it is connected to, what is inside. */
  readonly kept = new Set<unknown>();
  /** @internal Arguments of apply() on their way to call(). */
  _direct: { kwargs: CallArgs; list: boolean; more: number } | null = null;
  /** @internal Bits of the methods that are not the library's, as the core has them. */
  _overrides = 0;
  /** @internal What addLoss() added. */
  readonly _added: (() => Tensor)[] = [];
  /** @internal */
  _callHook: CallHook | null = null;
  /** One for each layer there is. */
  readonly id = count++;
  /** Values for the weights that it was made with. */
  initialWeights: TensorLike[] | null = null;
  /** Tensors to be updated after each step: none, layers update what they have. */
  readonly updates: Tensor[] = [];
  /** Penalty on its results. */
  declare activityRegularizer: unknown;
  /** @internal */
  readonly _isOwn: boolean;
  /** @internal */
  readonly _weightLists = new WeightLists(this);
  /** @internal */
  _nodeList: Node[] = [];
  /** @internal */
  _inputSpecs: (InputSpec | null)[] | null = null;
  /** @internal */
  _fastInit = false;
  /** @internal Layers whose fields are set together: a recurrent layer and its cell. */
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
    if (overridesWeights(this, Layer.prototype)) core.x.tn_layer_says_weights(this.ptr);
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
  /** Whether its states last from batch to batch. */
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
    return addWeight(this, { name, shape, dtype, initializer, regularizer, trainable, constraint });
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
    listenTo(this);
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
    return computeMask(this, inputs, mask);
  }

  /** From now on hook(inputs, kwargs) sees every call. */
  setCallHook(hook: CallHook): void {
    want(`${this.name}.setCallHook`, { hook }, 'function');
    this._callHook = hook;
    listenTo(this);
  }

  clearCallHook(): void {
    this._callHook = null;
    listenTo(this);
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
    return outputShape(this);
  }

  /** @internal */
  _nodeAt(index: number): Node {
    return (this._nodeList[index] ??= new Node(this, index));
  }

  /** Where it is connected to symbolic tensors, in order. */
  get inboundNodes(): Node[] {
    return Array.from({ length: core.x.tn_layer_node_count(this.ptr) }, (_, i) => this._nodeAt(i));
  }

  /** The nodes that take its results. */
  get outboundNodes(): Node[] {
    const found = addresses(this.name, () => core.x.tn_layer_outbound(this.ptr));
    return found.flatMap((ptr, i) => (i % 2 ? [] : [wrap(ptr, false)._nodeAt(found[i + 1])]));
  }

  /**
   * Learns from data what training does not: mean and variance, a vocabulary, boundaries. Of a dataset all batches.
   * @example ((layer) => (layer.adapt([[1], [3]]), layer.apply([[3]])))(tf.layers.normalization()) // [[1]]
   */
  adapt(data: TensorLike | { toArray(): Promise<unknown[]> }): void | Promise<void> {
    return adapt(this, data);
  }

  /** Makes a stateful recurrent layer start with zeros again. */
  resetStates(): void {
    core.x.tn_layer_reset_states(this.ptr);
  }

  // ---- weights ----

  /** Trainable weights, then the others. */
  get weights(): LayerWeight[] {
    return this._weightLists.own(weightsOf(this, WhichWeights.all));
  }
  get trainableWeights(): LayerWeight[] {
    return this._weightLists.own(weightsOf(this, WhichWeights.trainable));
  }
  get nonTrainableWeights(): LayerWeight[] {
    return this._weightLists.own(weightsOf(this, WhichWeights.fixed));
  }
  /** From now on these, which may belong to layers that call() uses. */
  set trainableWeights(weights: LayerWeight[]) {
    this._weightLists.set(true, weights);
  }
  set nonTrainableWeights(weights: LayerWeight[]) {
    this._weightLists.set(false, weights);
  }
  /** The same whether or not the layer is trainable; what build() adds to the list counts. */
  protected get _trainableWeights(): LayerWeight[] {
    return this._weightLists.get(true);
  }
  protected set _trainableWeights(weights: LayerWeight[]) {
    this._weightLists.set(true, weights);
  }
  protected get _nonTrainableWeights(): LayerWeight[] {
    return this._weightLists.get(false);
  }
  protected set _nonTrainableWeights(weights: LayerWeight[]) {
    this._weightLists.set(false, weights);
  }

  /** The values of the weights; they are the layer's own, so clone what must stay as it is. */
  getWeights(trainableOnly = false): Tensor[] {
    return trainableOnly ? this.trainableWeights : this.weights;
  }

  /** Replaces the values of all weights, in the order of getWeights(). */
  setWeights(weights: TensorLike[]): void {
    if (this._isOwn && overridesWeights(this, Layer.prototype)) return setInOrder(this, weights);
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

/** @internal A layer inside another one, whose object lives as long: a program may have assigned methods to it. */
export function keptBy(layer: Layer, inside: Layer): Layer {
  layer.kept.add(inside);
  return inside;
}

declare module './any_layer' {
  interface AnyLayer extends Layer {}
}

overridable(Layer.prototype);
setKind('layer', Layer as Kind);
