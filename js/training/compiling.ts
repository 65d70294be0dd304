// Arguments of compile() and setUserDefinedMetadata(), checked and put in the form of the core or of files.
import { TensorineError } from '../wasm/errors';
import { isObject } from '../core/kinds';
import { lossOrMetric, type LossOrMetricFn, type LossOrMetricName } from './loss_functions';
import { Metric } from './metric';
import type { Optimizer } from './optimizer';

type Loss = string | LossOrMetricFn;
type GivenMetric = string | LossOrMetricFn | Metric;

export interface ModelCompileArgs {
  /** tf.train.adam(...), or a name: 'sgd', 'adam', ... */
  optimizer: string | Optimizer;
  /** A name, or a function of (yTrue, yPred); several outputs: a list, or by the outputs' names. */
  loss: Loss | Loss[] | { [outputName: string]: Loss };
  metrics?: GivenMetric | GivenMetric[] | { [outputName: string]: GivenMetric | GivenMetric[] };
  /** How much each output's loss counts, in order or by the outputs' names; default 1. */
  lossWeights?: number | number[] | { [outputName: string]: number };
  /** Steps that a mask takes out count neither in losses nor in metrics, as in Keras; false: they count, as in
   * TensorFlow.js. Default true. */
  maskLoss?: boolean;
}

/** @internal Losses or metrics as the core takes them, the functions among them being kept. */
export function lossesOrMetrics(given: unknown, who: string, kept: Function[], depth = 0): LossOrMetricName | unknown {
  if (given instanceof Metric) return { metric: given.ptr };
  if (isObject(given) && depth > 2) throw new TensorineError('value', `compile: ${who} are nested too deep`);
  if (Array.isArray(given)) return given.map((g) => lossesOrMetrics(g, who, kept, depth + 1));
  if (isObject(given))
    return Object.fromEntries(
      Object.entries(given).map(([name, g]) => [name, lossesOrMetrics(g, who, kept, depth + 1)]),
    );
  if (typeof given === 'function') kept.push(given);
  return lossOrMetric(given, who);
}

const LARGE_METADATA = 1 << 20;

/** @internal Metadata go into JSON and must come back as they were. */
export function checkMetadata(metadata: unknown, name: string): void {
  const isPlain = (value: unknown, depth = 0): boolean => {
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
    if (typeof value !== 'object' || depth > 100) return false;
    const prototype = Object.getPrototypeOf(value);
    return (
      (Array.isArray(value) || prototype === Object.prototype || prototype === null) &&
      Object.values(value as object).every((v) => isPlain(v, depth + 1))
    );
  };
  if (!isObject(metadata) || Array.isArray(metadata) || !isPlain(metadata))
    throw new TensorineError('value', 'User-defined metadata is expected to be a JSON object, but is not.');
  const { length } = JSON.stringify(metadata);
  if (length > LARGE_METADATA)
    console.warn(
      `User-defined metadata of model "${name}" is too large in size (length=${length} when serialized). It is not ` +
        'recommended to store such large objects in user-defined metadata. Please make sure its serialized length is at most ' +
        `${LARGE_METADATA}.`,
    );
}
