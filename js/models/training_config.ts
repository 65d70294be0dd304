// What a model was compiled with, as files have it, and back: optimizer, losses, their weights, metrics.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { answer } from '../core/calls';
import { isObject } from '../core/kinds';
import { camelCase, capitalized } from '../core/names';
import { want } from '../core/want';
import { warnOnce } from '../core/warn';
import * as opLosses from '../generated/ops/losses';
import type { TrainingConfig } from '../io/types';
import * as meters from '../generated/training/metric_classes';
import type { AnyModel } from '../training/any_model';
import type { ModelCompileArgs } from '../training/compiling';
import { lossOrMetric, type LossOrMetricFn } from '../training/loss_functions';
import { MeanMetricWrapper, Metric } from '../training/metric';
import { Optimizer } from '../training/optimizer';
import { optimizerFromFile } from '../training/optimizers';

const snakeCase = (name: string) =>
  name
    .replace(/(.)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();

type SavedMetric = string | { class_name: string; config: object } | null;

/** f of each in a list, of each member of an object, or of one thing. */
const each = (given: any, f: (one: unknown) => unknown): any => {
  if (Array.isArray(given)) return given.map((one) => each(one, f));
  if (!isObject(given) || given instanceof Metric) return f(given);
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, each(one, f)]));
};

/** Functions of tf.losses that are no losses of Keras's keep their own names. */
const ownNames = new Map(Object.entries(opLosses).map(([name, f]) => [f as unknown, name]));

/** The name of a loss or metric in files; null if it has none: a function of the program's. */
function nameOf(given: unknown): string | null {
  const own = ownNames.get(given);
  const known = typeof given === 'string' || typeof given === 'function' ? lossOrMetric(given, 'save') : null;
  return typeof known === 'string' ? snakeCase(known) : own ? snakeCase(own) : null;
}

/** Whether it is as one that is made of its name alone. */
function isUsual(metric: Metric): boolean {
  try {
    return (
      JSON.stringify(new (metric.constructor as new () => Metric)().getConfig()) === JSON.stringify(metric.getConfig())
    );
  } catch {
    return false; // it cannot be made without a config
  }
}

/** A metric in files: its name, or its class and config where a name does not say all; null as above. */
function savedMetric(given: unknown): SavedMetric {
  if (given instanceof MeanMetricWrapper) return nameOf(given.fn);
  if (!(given instanceof Metric)) return nameOf(given);
  return isUsual(given)
    ? snakeCase(given.getClassName())
    : { class_name: given.getClassName(), config: given.getConfig() };
}

/** compile's metrics, in its form, without those that are functions. */
function savedMetrics(given: unknown): any {
  if (given === undefined || given === null) return {};
  if (isObject(given) && !Array.isArray(given) && !(given instanceof Metric))
    return Object.fromEntries(
      Object.entries(given).map(([k, g]) => [k, Array.isArray(g) ? savedMetrics(g) : savedMetric(g)]),
    );
  return [given]
    .flat()
    .map(savedMetric)
    .filter((saved) => saved !== null);
}

function ownConfig({ optimizer }: AnyModel): {} {
  const config = optimizer.getConfig();
  want(`${optimizer.getClassName()}.getConfig`, { result: config }, 'object');
  return config;
}
/** A metric that a file has with its config is made of that; Keras says dtypes too. */
function metricFrom(saved: unknown): unknown {
  const { class_name: className, config } = saved as { class_name: string; config?: Record<string, unknown> };
  const known = Object.values(meters).find((one) => one.className === className) as
    (new (config: object) => Metric) | undefined;
  if (!known) throw new TensorineError('file', `loadLayersModel: the metric '${className}' is not known`);
  return new known(
    Object.fromEntries(
      Object.entries(config ?? {})
        .filter(([key]) => key !== 'dtype')
        .map(([key, value]) => [camelCase(key), value]),
    ),
  );
}
function metricsFrom(saved: any, depth = 0): any {
  if (depth > 3)
    throw new TensorineError('file', 'loadLayersModel: the metrics of the training config are nested too deep');
  if (isInstance(saved)) return metricFrom(saved);
  if (Array.isArray(saved)) return saved.map((one) => metricsFrom(one, depth + 1));
  if (!isObject(saved)) return saved;
  return Object.fromEntries(Object.entries(saved).map(([name, one]) => [name, metricsFrom(one, depth + 1)]));
}

/** @internal What a model was compiled with; a loss that has no name is null. plain: TensorFlow.js reads it too. */
export function trainingConfigOf(model: AnyModel): { config: TrainingConfig; plain: boolean } {
  const { className: known, config: fields } = answer<{ className: string; config: {} }>('save', () =>
    core.x.tn_optimizer_config(model.optimizer.ptr, 0, 1),
  );
  const { optimizer } = model,
    className = optimizer.getClassName();
  const own = className !== known, // its class is the program's
    config = own || optimizer.getConfig !== Optimizer.prototype.getConfig ? ownConfig(model) : fields;
  const losses = [model.loss].flatMap((l) => (l && typeof l === 'object' ? Object.values(l) : [l]));
  const metrics = savedMetrics(model.metrics),
    named = JSON.stringify(metrics).includes('"class_name"');
  const plain =
    !own &&
    !named &&
    !model.lossWeights &&
    losses.every((l) => typeof l === 'string' || (nameOf(l) !== null && typeof lossOrMetric(l, 'save') === 'string'));
  const saved = { optimizer_config: { class_name: className, config }, loss: each(model.loss, nameOf), metrics };
  const weights = typeof model.lossWeights === 'number' ? [model.lossWeights] : model.lossWeights;
  return { plain, config: weights ? { ...saved, loss_weights: weights } : saved };
}

/** Keras's classes of losses whose functions have other names here. */
const KERAS: Record<string, string> = {
  CosineSimilarity: 'cosineProximity',
  KLDivergence: 'kullbackLeiblerDivergence',
  LogCosh: 'logcosh',
};

const OF_LOGITS = /^(binary|categorical|sparse_?categorical)_?crossentropy$/i;

/** A loss that a file names: {class_name: 'MeanSquaredError', ...} in Keras 3, or its name. */
function lossFrom(saved: unknown): string | LossOrMetricFn | null {
  const { class_name: className, config } = (saved ?? {}) as { class_name?: unknown; config?: unknown };
  const name = className === 'function' ? config : (className ?? saved);
  if (typeof name !== 'string' || !name) return null;
  const fields = (isObject(config) ? config : {}) as Record<string, unknown>,
    ofLogits = fields.from_logits && OF_LOGITS.test(name);
  for (const field of ['from_logits', 'label_smoothing'])
    if (fields[field] && !(ofLogits && field === 'from_logits'))
      warnOnce(
        `loadLayersModel: ${field} ${fields[field]} of the loss ${name} is not known here: training goes on without it`,
      );
  if (ofLogits) return `${camelCase(name)}FromLogits`;
  const known = KERAS[name] ?? KERAS[capitalized(camelCase(name))];
  if (known) return known;
  const own = (opLosses as Record<string, unknown>)[camelCase(name)];
  return own && typeof lossOrMetric(own, 'load') !== 'string' ? (own as LossOrMetricFn) : camelCase(name);
}

const isInstance = (saved: unknown) => isObject(saved) && 'class_name' in saved;

/** The losses of a file in compile's form: a list or by name, each of which may be a list itself. */
function lossesFrom(saved: any, depth = 0): any {
  if (isInstance(saved) || typeof saved === 'string') return lossFrom(saved);
  if (!saved) return saved;
  if (depth > 2)
    throw new TensorineError('file', 'loadLayersModel: the losses of the training config are nested too deep');
  if (Array.isArray(saved)) return saved.map((one) => lossesFrom(one, depth + 1));
  return Object.fromEntries(Object.entries(saved).map(([name, one]) => [name, lossesFrom(one, depth + 1)]));
}

const hasNull = (losses: any): boolean =>
  losses === null || losses === undefined || (typeof losses === 'object' && Object.values(losses).some(hasNull));

/** @internal Compiles a model as a file says; where the file has no name for a loss, only the optimizer is taken. */
export function compileAsSaved(model: AnyModel, training: TrainingConfig): void {
  want('loadTrainingConfig', { trainingConfig: training }, 'object');
  const { class_name: name, config = {} } = (training.optimizer_config ?? {}) as { class_name?: unknown; config?: {} };
  if (typeof name !== 'string' || !isObject(config))
    throw new TensorineError(
      'file',
      'loadLayersModel: the training config has no optimizer_config with a class_name and a config',
    );
  const optimizer = optimizerFromFile(name, config),
    loss = lossesFrom(training.loss) as ModelCompileArgs['loss'];
  if (hasNull(loss)) {
    model._resume(optimizer);
    return;
  }
  const { metrics } = training;
  model.compile({
    optimizer,
    loss,
    metrics: Array.isArray(metrics) || Object.keys(metrics ?? {}).length ? metricsFrom(metrics) : undefined,
    lossWeights: training.loss_weights ?? undefined,
  });
}

/** @internal The training config that stands in a topology, as Keras's converter and saveModel() write it: what it
 * holds that is not known leaves the model as it is. */
export function compileAsConverted(model: AnyModel, topology: unknown): void {
  const { training_config: training } = (topology ?? {}) as { training_config?: TrainingConfig };
  if (!training?.optimizer_config) return;
  for (const { metrics } of [training, { metrics: undefined }]) {
    try {
      compileAsSaved(model, { ...training, metrics });
      return;
    } catch (error) {
      if (!(error instanceof TensorineError)) throw error;
    }
  }
}
