// Symbolic tensors, and the nodes that connect layers by them.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { ints } from '../core/arguments';
import { AT, type At } from '../core/at';
import { addresses, answer, call } from '../core/calls';
import { isObject } from '../core/kinds';
import { describe } from '../core/returned';
import { strings } from '../core/strings';
import { DTYPES, type DataType, type Tensor } from '../core/tensor';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import type { AnyLayer } from './any_layer';
import { wrap } from './layer_registry';

/** Sizes of a symbolic tensor; null where they are open. */
export type Shape = (number | null)[];

/** What a layer is applied to, and what comes out. */
export type Applied = Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[];

export interface CallArgs {
  training?: boolean;
  initialState?: Applied;
  mask?: Tensor | (Tensor | null)[] | null;
  countWeights?: Tensor;
  [name: string]: any;
}

const known = new Map<number, WeakRef<SymbolicTensor>>();

/** @internal A new input, with its layer. */
export function newInput(batchShape: Shape, dtype: DataType, name: string): SymbolicTensor {
  if (!Array.isArray(batchShape))
    throw new TensorineError(
      'shape',
      `a symbolic tensor must have a shape, a list with the batch in front as [null, 5], but got ${describe(batchShape)}`,
    );
  want('input', { dtype, name }, 'string');
  const ptr = call('input', () => {
    const sizes = ints(
      batchShape.map((n) => n ?? -1),
      'shape',
    );
    return core.x.tn_input(strings(name)[0], sizes, DTYPES.indexOf(dtype));
  });
  wrap(core.x.tn_symbol_layer(ptr), true);
  return symbolAt(ptr);
}

/**
 * Data that is not there yet: a result of a layer, or a model's input.
 * @example tf.input({ shape: [3] }).dtype // "float32"
 */
export class SymbolicTensor {
  /** @internal Address in the core. */
  readonly ptr: number;
  readonly shape: Shape;
  readonly dtype: DataType;
  readonly name: string;
  readonly id: number;
  readonly nodeIndex: number;
  readonly tensorIndex: number;
  /** The layer that it comes from. */
  readonly sourceLayer: AnyLayer;
  /** What the layer was applied with besides tensors. */
  callArgs: CallArgs = {};

  /** Made by hand it stands for data of that dtype and shape, with the batch in front. */
  constructor(
    dtype: DataType | At,
    shape?: Shape,
    _sourceLayer?: AnyLayer | null,
    _inputs?: SymbolicTensor[],
    callArgs?: CallArgs,
    name?: string,
    _outputTensorIndex?: number,
    ptr = 0,
  ) {
    this.ptr = dtype === AT ? ptr : newInput(shape!, dtype, name ?? '').ptr;
    const info = answer<SymbolicTensor>('symbol', () => core.x.tn_symbol_info(this.ptr));
    this.shape = info.shape;
    this.dtype = info.dtype;
    this.name = info.name;
    this.id = info.id;
    this.nodeIndex = info.nodeIndex;
    this.tensorIndex = info.tensorIndex;
    this.sourceLayer = wrap(core.x.tn_symbol_layer(this.ptr), false);
    if (callArgs) this.callArgs = callArgs;
    known.set(this.ptr, new WeakRef(this));
  }

  get rank(): number {
    return this.shape.length;
  }
  get originalName(): string {
    return this.name;
  }
  /** What the layer was applied to. */
  get inputs(): SymbolicTensor[] {
    return symbolsOf(this.sourceLayer, this.nodeIndex, false);
  }
  /** Which of several results it is. */
  get outputTensorIndex(): number | undefined {
    return symbolsOf(this.sourceLayer, this.nodeIndex, true).length > 1 ? this.tensorIndex : undefined;
  }
}

/** @internal The object of a symbolic tensor: one, as long as somebody keeps it. */
export const symbolAt = (ptr: number): SymbolicTensor =>
  known.get(ptr)?.deref() ?? new SymbolicTensor(AT, undefined, null, undefined, undefined, undefined, undefined, ptr);

/** @internal Those in a list of the core. */
export const symbols = (who: string, f: () => number): SymbolicTensor[] => addresses(who, f).map(symbolAt);

const symbolsOf = (layer: AnyLayer, node: number, results: boolean): SymbolicTensor[] =>
  symbols(layer.name, () => core.x.tn_layer_symbols(layer.ptr, node, Number(results)));

let nodes = 0;

/** One application of a layer to symbolic tensors. */
export class Node {
  readonly id = nodes++;
  readonly inputTensors: SymbolicTensor[];
  readonly outputTensors: SymbolicTensor[];
  readonly inboundLayers: AnyLayer[];
  readonly nodeIndices: number[];
  readonly tensorIndices: number[];
  readonly inputMasks: null[];
  readonly outputMasks: null[];

  /** @internal */
  constructor(
    readonly outboundLayer: AnyLayer,
    index: number,
  ) {
    const given = symbolsOf(outboundLayer, index, false);
    this.outputTensors = symbolsOf(outboundLayer, index, true);
    this.inputTensors = given.length ? given : this.outputTensors;
    this.inboundLayers = given.map((s) => s.sourceLayer);
    this.nodeIndices = given.map((s) => s.nodeIndex);
    this.tensorIndices = given.map((s) => s.tensorIndex);
    this.inputMasks = this.inputTensors.map(() => null);
    this.outputMasks = this.outputTensors.map(() => null);
  }

  get callArgs(): CallArgs {
    return this.outputTensors[0].callArgs;
  }
  get inputShapes(): Shape[] {
    return this.inputTensors.map((s) => s.shape);
  }
  get outputShapes(): Shape[] {
    return this.outputTensors.map((s) => s.shape);
  }

  getConfig(): Record<string, unknown> {
    return {
      outboundLayer: this.outboundLayer.name,
      inboundLayers: this.inboundLayers.map((l) => l.name),
      nodeIndices: this.nodeIndices,
      tensorIndices: this.tensorIndices,
    };
  }
}

export interface InputConfig {
  /** Of one example. */
  shape?: Shape;
  /** With the batch in front. */
  batchShape?: Shape;
  name?: string;
  dtype?: DataType;
  sparse?: boolean;
}

/**
 * A symbolic tensor that stands for input data.
 * @example tf.layers.input({ shape: [3] }).shape // [null, 3]
 * @example tf.input({ shape: [3] }).shape // [null, 3]
 */
export function input(config: InputConfig): SymbolicTensor {
  if (!isObject(config)) throw new TensorineError('value', 'input: please give {shape} or {batchShape}');
  warnUnknown('input', config, '', 'shape batchShape name dtype sparse');
  if (config.shape && config.batchShape)
    throw new TensorineError(
      'value',
      'Please provide either a `shape` or `batchShape` argument to Input, but not both.',
    );
  const of = (given: unknown) => (typeof given === 'number' ? [given] : given) as Shape | undefined;
  const inner = of(config.shape);
  want('input', { shape: inner }, 'array?');
  const shape = config.batchShape ?? (inner && [null, ...inner]);
  if (!shape)
    throw new TensorineError(
      'value',
      'Please provide to Input either a `shape` or a `batchShape` argument. ' +
        'Note that `shape` does not include the batch dimension.',
    );
  return newInput(shape, config.dtype ?? 'float32', config.name ?? '');
}
