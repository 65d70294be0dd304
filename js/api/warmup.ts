// warmup(): what the first predictions of a model wait for, done beforehand: programs, weights on the device, plans.
import { TensorineError } from '../wasm/errors';
import { getBackend } from '../core/backend';
import { options } from '../core/calls';
import { dispose } from '../core/scopes';
import type { Tensor } from '../core/tensor';
import type { DataType } from '../core/types';
import { compileAhead } from '../core/webgl';
import { zeros } from '../generated/ops/ops';

export interface WarmupArgs {
  /** Examples in the batch that predictions will have; 1 if not given. */
  batchSize?: number;
  /** What to predict, as the model takes it; zeros if not given. */
  inputs?: unknown;
  /** Is given the share that is done, from 0 to 1, at the end 1. */
  onProgress?: (share: number) => void;
}

/** An input as a model describes it: -1 or null is a size that is open. */
export interface InputInfo {
  name: string;
  shape?: (number | null)[];
  dtype?: DataType;
}

const ROUNDS = 3; // the second is traced, the third replays the plan
const COMPILED = 0.7; // share of the progress that is compiling

function exampleOf({ name, shape, dtype }: InputInfo, batchSize: number): Tensor {
  const sizes = shape?.map((n, i) => (i === 0 && (n === null || n < 0) ? batchSize : n));
  if (!sizes?.every((n) => n !== null && n >= 0))
    throw new TensorineError(
      'shape',
      `warmup: input '${name}' has open sizes: give args.inputs, as predict takes them`,
    );
  return zeros(sizes as number[], dtype ?? 'float32');
}

/** Tensors of what predict gives: one, a list, or by names. */
const resultsOf = (y: unknown): Tensor[] =>
  typeof y === 'object' && y !== null && !('dataSync' in y) ? Object.values(y) : [y as Tensor];

/** Zeros for all inputs, or none: a failure leaves nothing behind. */
function examplesOf(inputs: InputInfo[], batchSize: number): Tensor | Tensor[] {
  const made: Tensor[] = [];
  try {
    for (const input of inputs) made.push(exampleOf(input, batchSize));
  } catch (error) {
    dispose(made);
    throw error;
  }
  return made.length === 1 ? made[0] : made;
}

function argsOf(given: WarmupArgs | null | undefined) {
  const args: WarmupArgs = options('warmup', given as object, 'batchSize inputs onProgress'),
    batchSize = args.batchSize ?? 1,
    onProgress = args.onProgress ?? (() => {});
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new TensorineError('value', `warmup: batchSize must be a whole number above 0, but is ${String(batchSize)}`);
  if (typeof onProgress !== 'function')
    throw new TensorineError('value', `warmup: onProgress must be a function, but is a ${typeof onProgress}`);
  return { batchSize, onProgress, inputs: args.inputs ?? null };
}

/**
 * Predicts from inputs, or from zeros like those that are described.
 * @param ahead whether a prediction whose values mean nothing does no harm
 */
export async function warmUp(
  given: WarmupArgs | null | undefined,
  described: InputInfo[],
  ahead: boolean,
  predict: (x: unknown, batchSize: number) => unknown,
): Promise<void> {
  const { batchSize, onProgress, inputs } = argsOf(given);
  const x = inputs ?? examplesOf(described, batchSize);
  try {
    onProgress(0);
    if (ahead && getBackend() === 'webgl')
      await compileAhead(
        () => dispose(resultsOf(predict(x, batchSize))),
        (share) => onProgress(COMPILED * share),
      );
    for (let round = 0; round < ROUNDS; round++) {
      onProgress(COMPILED + ((1 - COMPILED) * round) / ROUNDS);
      const results = resultsOf(await predict(x, batchSize));
      await Promise.all(results.map((y) => y.data())).finally(() => dispose(results));
    }
    onProgress(1);
  } finally {
    if (!inputs) dispose(x);
  }
}
