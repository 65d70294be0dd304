// tf.signal: the ops, and the window of stft as TensorFlow.js takes it, a function.
import { tidy } from '../core/scopes';
import type { Tensor, TensorLike } from '../core/tensor';
import * as ops from '../generated/ops/signal';

export { frame, hammingWindow, hannWindow } from '../generated/ops/signal';

/**
 * Short-time Fourier transform; window: Hann's, a tensor [frameLength], or a function of the
 * length that gives one.
 * @example tf.signal.stft([1, 1, 1, 1], 2, 2, 2, (n) => tf.ones([n])).shape // [2, 2]
 */
export function stft(
  signal: TensorLike,
  frameLength: number,
  frameStep: number,
  fftLength?: number | null,
  windowFn?: TensorLike | ((length: number) => Tensor) | null,
): Tensor {
  return tidy(() =>
    ops.stft(
      signal,
      frameLength,
      frameStep,
      fftLength,
      typeof windowFn === 'function' ? windowFn(frameLength) : windowFn,
    ),
  );
}
