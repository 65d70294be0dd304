// Activations of fused ops, by their names.
import { tidy } from '../core/scopes';
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import * as ops from '../generated/ops/index';
import type { Activation } from '../api/fused';
import { getReductionAxes } from './axes';
import { refuse } from './refuse';

export type { Activation } from '../api/fused';

/** dy through the activation, seen from its result. */
export function getFusedDyActivation(dy: Tensor, y: Tensor, activation: Activation): Tensor {
  want('backend_util.getFusedDyActivation', { dy, y }, 'tensor');
  want('backend_util.getFusedDyActivation', { activation }, 'string?');
  if (!activation || activation === 'linear') return dy;
  if (activation === 'relu') return tidy(() => ops.mul(dy, ops.step(y)));
  return refuse(`Cannot compute gradient for fused activation ${activation}.`);
}

/** Summed over what the bias was repeated along. */
export function getFusedBiasGradient(bias: Tensor, dyActivation: Tensor): Tensor {
  want('backend_util.getFusedBiasGradient', { bias, dyActivation }, 'tensor');
  const axes = getReductionAxes(bias.shape, dyActivation.shape);
  return tidy(() => ops.reshape(axes.length ? ops.sum(dyActivation, axes) : dyActivation, bias.shape));
}

export function applyActivation(
  x: Tensor,
  activation: Activation,
  preluActivationWeights?: Tensor,
  leakyreluAlpha?: number,
): Tensor {
  want('backend_util.applyActivation', { activation }, 'string');
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return ops.relu(x);
    case 'elu':
      return ops.elu(x);
    case 'relu6':
      return ops.relu6(x);
    case 'prelu':
      return ops.prelu(x, preluActivationWeights!);
    case 'leakyrelu':
      return ops.leakyRelu(x, leakyreluAlpha);
    case 'sigmoid':
      return ops.sigmoid(x);
    default:
      return refuse(`Unknown fused activation ${activation}.`);
  }
}

/** Gradients of fused ops are known for linear activations only. */
export function shouldFuse(gradientDepth: number, activation: Activation): boolean {
  want('backend_util.shouldFuse', { gradientDepth }, 'number');
  return gradientDepth <= 0 || activation === 'linear';
}
