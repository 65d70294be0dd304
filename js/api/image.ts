// tf.image: the ops, and those that TensorFlow.js has a second time with a promise.
import type { Tensor, Tensor1D, TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/image';

export * from '../generated/ops/image';

/**
 * nonMaxSuppression, with a promise of its result.
 * @example await tf.image.nonMaxSuppressionAsync([[0, 0, 1, 1], [0, 0, 1, 1]], [0.5, 0.9], 2) // [1]
 */
export const nonMaxSuppressionAsync = async (
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
): Promise<Tensor1D> => ops.nonMaxSuppression(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold);

/**
 * nonMaxSuppressionWithScore, with a promise of its results.
 * @example await tf.image.nonMaxSuppressionWithScoreAsync([[0, 0, 1, 1], [2, 2, 3, 3]], [0.5, 1], 1) // {selectedIndices: [1], selectedScores: [1]}
 */
export const nonMaxSuppressionWithScoreAsync = async (
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
  softNmsSigma?: number,
): Promise<{ selectedIndices: Tensor1D; selectedScores: Tensor1D }> =>
  ops.nonMaxSuppressionWithScore(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma);

/**
 * nonMaxSuppressionPadded, with a promise of its results.
 * @example await tf.image.nonMaxSuppressionPaddedAsync([[0, 0, 1, 1]], [1], 2, 0.5, 0, true) // {selectedIndices: [0], validOutputs: 1}
 */
export const nonMaxSuppressionPaddedAsync = async (
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
  padToMaxOutputSize?: boolean,
): Promise<{ selectedIndices: Tensor1D; validOutputs: Tensor }> =>
  ops.nonMaxSuppressionPadded(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize);
