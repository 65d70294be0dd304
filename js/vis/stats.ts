// Figures of lists and tensors: what is in them, and how often predictions are right. Counting is done here and
// not in the core, since tensors may be those of another copy of the library.
import type { HistogramStats, TensorLike } from './types';

/** The least, the most, and how many are zero, not a number or infinite. */
export function arrayStats(values: ArrayLike<number>): HistogramStats {
  if (typeof values !== 'object' || values.length === undefined) throw new TypeError('vis: input must be an array.');
  if (!values.length) return { numVals: 0, numNans: 0, numZeros: 0 };
  let min: number | undefined, max: number | undefined;
  let numZeros = 0,
    numNans = 0,
    numInfs = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) {
      numNans++;
      continue;
    }
    if (value === 0) numZeros++;
    if (value === Infinity || value === -Infinity) numInfs++;
    if (min === undefined || value < min) min = value;
    if (max === undefined || value > max) max = value;
  }
  if (numNans && min === undefined) min = max = NaN;
  return { numVals: values.length, min, max, numNans, numZeros, numInfs };
}

export const tensorStats = async (tensor: TensorLike): Promise<HistogramStats> =>
  arrayStats((await tensor.data()) as ArrayLike<number>);

const sizeOf = ({ shape }: TensorLike): number => shape.reduce((a, b) => a * b, 1);

function want1D(labels: TensorLike, predictions: TensorLike): void {
  if (labels.shape.length !== 1) throw new Error('labels must be a 1D tensor');
  if (predictions.shape.length !== 1) throw new Error('predictions must be a 1D tensor');
  if (sizeOf(labels) !== sizeOf(predictions)) throw new Error('labels and predictions must be the same length');
}

const numbers = (tensor: TensorLike) => tensor.data() as Promise<ArrayLike<number>>;

/** One more than the largest class that occurs. */
const classesIn = (...lists: ArrayLike<number>[]): number =>
  lists.reduce((most, list) => Array.from(list).reduce((a, b) => Math.max(a, b), most), -1) + 1;

/**
 * How many predictions equal their labels, as a share from 0 to 1.
 * @example
 * await tfvis.metrics.accuracy(tf.tensor1d([0, 1, 2, 2]), tf.tensor1d([0, 1, 1, 2])); // 0.75
 */
export async function accuracy(labels: TensorLike, predictions: TensorLike): Promise<number> {
  if (labels.shape.join() !== predictions.shape.join())
    throw new Error(`accuracy: labels are [${labels.shape}], but predictions [${predictions.shape}]`);
  const [truth, guess] = [await numbers(labels), await numbers(predictions)];
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === guess[i]) right++;
  return right / truth.length;
}

/**
 * How often each pair of a label (row) and a prediction (column) occurs; with weights, their sums. Without
 * numClasses there are as many as the largest number says.
 * @example
 * await tfvis.metrics.confusionMatrix(tf.tensor1d([0, 1, 1]), tf.tensor1d([0, 1, 0])); // [[1, 0], [1, 1]]
 */
export async function confusionMatrix(
  labels: TensorLike,
  predictions: TensorLike,
  numClasses?: number,
  weights?: TensorLike,
): Promise<number[][]> {
  want1D(labels, predictions);
  if (weights && sizeOf(weights) !== sizeOf(predictions))
    throw new Error('weights must be as many as labels and predictions');
  const [truth, guess] = [await numbers(labels), await numbers(predictions)];
  const weight = weights && (await numbers(weights));
  const n = numClasses ?? classesIn(truth, guess);
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < truth.length; i++) {
    if (matrix[truth[i]]?.[guess[i]] === undefined)
      throw new RangeError(`confusionMatrix: label ${truth[i]} and prediction ${guess[i]} are not below ${n}`);
    matrix[truth[i]][guess[i]] += weight ? weight[i] : 1;
  }
  return matrix;
}

/**
 * The share of right predictions among those of each class, and how many there are of it.
 * @example
 * await tfvis.metrics.perClassAccuracy(tf.tensor1d([0, 1, 1]), tf.tensor1d([0, 1, 0]));
 * // [{accuracy: 1, count: 1}, {accuracy: 0.5, count: 2}]
 */
export async function perClassAccuracy(
  labels: TensorLike,
  predictions: TensorLike,
  numClasses?: number,
): Promise<{ accuracy: number; count: number }[]> {
  const matrix = await confusionMatrix(labels, predictions, numClasses);
  return matrix.map((row, i) => {
    const count = row.reduce((a, b) => a + b, 0);
    return { accuracy: count ? row[i] / count : 0, count };
  });
}
