// tf.image: the ops, and those that TensorFlow.js has a second time with a promise.
import type { Tensor, Tensor1D, TensorLike } from './core/tensor';
import * as ops from './generated/image';

export * from './generated/image';

/** nonMaxSuppression, with a promise of its result. */
export const nonMaxSuppressionAsync = async (
  boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number,
): Promise<Tensor1D> => ops.nonMaxSuppression(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold);

/** nonMaxSuppressionWithScore, with a promise of its results. */
export const nonMaxSuppressionWithScoreAsync = async (
  boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number,
  softNmsSigma?: number,
): Promise<{ selectedIndices: Tensor1D; selectedScores: Tensor1D }> =>
  ops.nonMaxSuppressionWithScore(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma);

/** nonMaxSuppressionPadded, with a promise of its results. */
export const nonMaxSuppressionPaddedAsync = async (
  boxes: TensorLike, scores: TensorLike, maxOutputSize: number, iouThreshold?: number, scoreThreshold?: number,
  padToMaxOutputSize?: boolean,
): Promise<{ selectedIndices: Tensor1D; validOutputs: Tensor }> =>
  ops.nonMaxSuppressionPadded(boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize);
