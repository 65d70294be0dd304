// Losses and metrics as the core knows them: its own by name, a program's functions by number.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { entry } from '../core/arguments';
import { AT } from '../core/at';
import { Borrowed, call } from '../core/calls';
import { tensor } from '../core/lower';
import { describe, returned } from '../core/returned';
import { strings } from '../core/strings';
import { Tensor, tensorAt, type TensorLike } from '../core/tensor';
import * as losses from '../generated/ops/losses';

/** A loss or metric: what should come out, and what did. */
export type LossOrMetricFn = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Functions that have a name as losses and metrics: those of tf.metrics, and of tf.losses those that are Keras's. */
const names = new WeakMap<Function, string>([
  [losses.meanSquaredError, 'meanSquaredError'],
  [losses.absoluteDifference, 'meanAbsoluteError'],
  [losses.huberLoss, 'huber'],
]);
const numbers = new WeakMap<Function, number>();
const functions = new Map<number, WeakRef<LossOrMetricFn>>();
let last = 0;

/** @internal A metric of the core as a function; compile knows it by its name. */
export function metric(name: string): (yTrue: TensorLike, yPred: TensorLike) => Tensor {
  const f = (yTrue: TensorLike, yPred: TensorLike) =>
    tensorAt(
      call(name, () => {
        const y = tensor(yTrue, 'yTrue'),
          p = tensor(yPred, 'yPred');
        return core.x.tn_metric_function(strings(name)[0], y, p);
      }),
    );
  names.set(f, name);
  return f;
}

/** A loss or metric in the form of the core. */
export type LossOrMetricName = string | { function: number; name: string };

/** @internal A loss or metric in the form of the core. The caller keeps the function as long as it trains with it. */
export function lossOrMetric(given: unknown, who: string): LossOrMetricName {
  if (typeof given === 'string') return given;
  if (typeof given !== 'function')
    throw new TensorineError('value', `${who} must be a name or a function, but got ${describe(given)}`);
  const name = names.get(given);
  if (name) return name;
  register();
  const number = numbers.get(given) ?? ++last;
  numbers.set(given, number);
  functions.set(number, new WeakRef(given as LossOrMetricFn));
  forgotten.register(given, number);
  return { function: number, name: given.name || 'custom' };
}

const forgotten = new FinalizationRegistry<number>((number) => functions.delete(number));

let registered = false;
function register(): void {
  if (registered) return;
  registered = true;
  core.x.tn_on_metric_function(
    core.callback('iiii', (number, y, p) => {
      return entry(y, () => {
        const f = functions.get(number)!.deref()!,
          result = f(new Borrowed(AT, y), new Borrowed(AT, p));
        return returned(result, `the loss or metric function${f.name && ` '${f.name}'`}`).handle('loss');
      });
    }),
  );
}
