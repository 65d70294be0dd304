// Recurrent layers and their cells.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { AT, type At } from '../core/at';
import { addresses, answer, Borrowed, call, stringify, tensorList, tensors } from '../core/calls';
import { tensor } from '../core/lower';
import { strings } from '../core/strings';
import type { Tensor } from '../core/tensor';
import { Layer } from './layer';
import type { LayerConfig } from './layer_config';
import { libraryClass, setKind, type Kind } from './layer_registry';
import { layerOf } from './make';
import { overridable } from './overrides';
import type { LayerWeight } from './weight';

/** Layers that have no cell of their own inside, and the cell that makes one step of them. */
const CELLS: { [className: string]: string } = { SimpleRNN: 'SimpleRNNCell', GRU: 'GRUCell', LSTM: 'LSTMCell' };

/** A recurrent layer. */
export class RNN extends Layer {
  static className = 'RNN';
  private step: RNNCell | null = null;

  /** @internal The function tf.layers.rnn makes one too. */
  constructor(given: At | ({ cell: Layer | Layer[] } & LayerConfig), ptr = 0) {
    super(given, ptr);
  }

  /** The cell that makes one step; once the layer is built, with its weights. */
  get cell(): RNNCell {
    if (this._inside.length) return this._inside[0] as RNNCell;
    const cell = (this.step ??= this.makeCell());
    if (this.built && !cell.built) lend(cell, this.weights);
    return cell;
  }

  private makeCell(): RNNCell {
    const { name, inputShape, batchInputShape, ...config } = this.getConfig();
    const cell = layerOf(CELLS[libraryClass(this)!], config) as RNNCell;
    this._alike = cell._alike = [this, cell];
    return cell;
  }

  get returnSequences(): boolean {
    return Boolean(this.getConfig().returnSequences);
  }
  get returnState(): boolean {
    return Boolean(this.getConfig().returnState);
  }
  get goBackwards(): boolean {
    return Boolean(this.getConfig().goBackwards);
  }
  get unroll(): boolean {
    return Boolean(this.getConfig().unroll);
  }

  /** Zeros for the states of a batch like x. */
  getInitialState(x: Tensor): Tensor[] {
    return tensors(this.name, () => core.x.tn_layer_first_states(this.ptr, tensor(x, 'x')));
  }

  override computeMask(
    inputs: Tensor | Tensor[],
    mask?: Tensor | (Tensor | null)[] | null,
  ): Tensor | (Tensor | null)[] | null {
    const first = super.computeMask([inputs].flat()[0], mask ? [mask].flat()[0] : null) as Tensor | null;
    return this.returnState ? [first, ...this.getStates().map(() => null)] : first;
  }

  /** What getStates() gives. */
  get states(): (Tensor | null)[] {
    return this.getStates();
  }

  /** The states that the next batch starts with, null where there are none yet. */
  getStates(): (Tensor | null)[] {
    return addresses(this.name, () => core.x.tn_layer_states(this.ptr)).map((ptr) =>
      ptr ? new Borrowed(AT, ptr) : null,
    );
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
}

/**
 * One step of a recurrent layer. A class of your own says stateSize, a number or one for each state, and
 * call([x, ...states]) gives [result, ...states].
 */
export class RNNCell extends Layer {
  stateSize!: number | number[];

  constructor(config: LayerConfig | At = {}, ptr = 0) {
    super(config, ptr);
    if (this._isOwn) {
      core.x.tn_layer_as_cell(this.ptr);
      return;
    }
    const sizes = answer<number[]>(this.name, () => core.x.tn_layer_state_sizes(this.ptr));
    this.stateSize = sizes.length === 1 ? sizes[0] : sizes;
  }

  /** Of a cell of the library: how many numbers its state has. */
  get units(): number {
    return super.getConfig().units;
  }
  set units(value: number) {
    Object.defineProperty(this, 'units', { value, writable: true, configurable: true });
  }
}

/** Makes a cell compute with these weights of a layer from now on. */
function lend(cell: RNNCell, weights: LayerWeight[]): void {
  const names = stringify(
    weights.map((w) => w.originalName),
    cell.name,
  );
  call(cell.name, () => {
    const list = tensorList(weights, 'weights');
    core.x.tn_layer_lend_weights(cell.ptr, list, strings(names)[0], 1);
  });
  cell.built = true;
}

overridable(RNN.prototype);
setKind('recurrent', RNN as unknown as Kind, 'RNN');
setKind('cell', RNNCell);
