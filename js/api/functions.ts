// tf.rand and tf.multiRNNCell, which call functions of the program.
import { TensorineError } from '../wasm/errors';
import { begin } from '../core/arguments';
import { fromArray } from '../core/from_array';
import { tidy } from '../core/scopes';
import { Tensor, type DataType, type Rank, type ShapeMap, type Tensor2D, type TensorLike } from '../core/tensor';
import { buffer } from './create';

/**
 * A tensor of numbers that a function gives one after another.
 * @example tf.rand([2], () => 0.5) // [0.5, 0.5]
 */
export function rand<R extends Rank = Rank>(
  shape: ShapeMap[R],
  randFunction: () => number,
  dtype: DataType = 'float32',
): Tensor<R> {
  if (!['float32', 'int32', 'bool'].includes(dtype))
    throw new TensorineError('dtype', `rand: Unknown data type ${dtype}`);
  if (typeof randFunction !== 'function') throw new TensorineError('value', 'rand: randFunction must be a function');
  const values = buffer<R, 'float32'>(shape, dtype as 'float32');
  for (let i = 0; i < values.size; i++) values.values[i] = randFunction();
  return values.toTensor();
}

/** A cell such as basicLSTMCell with its weights: from data, c and h to the new c and h. */
export type LSTMCellFunc = (data: Tensor2D, c: Tensor2D, h: Tensor2D) => [Tensor2D, Tensor2D];

const asTensor = (value: TensorLike, arg: string) =>
  (value instanceof Tensor ? value : fromArray(value, null, undefined, arg)) as Tensor2D;

function asTensors(values: TensorLike[], arg: string): Tensor2D[] {
  if (!Array.isArray(values))
    throw new TensorineError(
      'value',
      `Argument '${arg}' passed to 'multiRNNCell' must be a \`Tensor[]\` or \`TensorLike[]\``,
    );
  return values.map((value, i) => asTensor(value, `${arg}[${i}]`));
}

/**
 * One step of cells that are stacked: each takes the output of the one before. Gives all new c, and all new h.
 * @example tf.multiRNNCell([(x, c, h) => [c.add(x), h.add(x)]], [[1]], [[[2]]], [[[3]]]) // [[[[3]]], [[[4]]]]
 */
export function multiRNNCell(
  lstmCells: LSTMCellFunc[],
  data: TensorLike,
  c: TensorLike[],
  h: TensorLike[],
): [Tensor2D[], Tensor2D[]] {
  if (!Array.isArray(lstmCells) || lstmCells.some((cell) => typeof cell !== 'function'))
    throw new TensorineError('value', 'multiRNNCell: lstmCells must be an array of functions');
  return tidy(() => {
    begin('multiRNNCell');
    const cells = asTensors(c, 'c'),
      outputs = asTensors(h, 'h');
    let input = asTensor(data, 'data');
    const states = lstmCells.map((cell, i) => {
      const state = cell(input, cells[i], outputs[i]);
      input = state[1];
      return state;
    });
    return [states.map((s) => s[0]), states.map((s) => s[1])] as [Tensor2D[], Tensor2D[]];
  });
}
