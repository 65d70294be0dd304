// Models to and from files: artifacts are the io handlers', topology and weights the core's.
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import type { Tensor } from '../core/tensor';
import { CompositeArrayBuffer } from '../io/buffers';
import * as router from '../io/router';
import { decodeWeights, encodeWeights } from '../io/weights';
import type { IOHandler, LoadOptions, ModelArtifacts, NamedTensor, NamedTensorMap, SaveConfig, SaveResult } from '../io/types';
import { version } from '../version';
import { wrap } from './layer';
import { answer, call, stringify, texts } from './lowering';
import type { LayersModel } from './model';
import type { Optimizer } from './optimizer';
import { makeOptimizer } from './optimizers';

/** A model from a topology alone; its weights are new. */
export async function modelFromJSON(modelAndWeights: {}): Promise<LayersModel> {
  const given = modelAndWeights as { modelTopology?: {} };
  return fromTopology(given.modelTopology ?? given);
}

function fromTopology(topology: {}): LayersModel {
  const json = stringify(topology, 'loadLayersModel');
  return wrap(call('loadLayersModel', () => core.x.tn_model_load(texts(json)[0])), true) as LayersModel;
}

/**
 * Loads a model that was saved by model.save(), or converted from Keras, from a URL or a handler.
 * options.onProgress tells how far it is, options.strict whether weights must match exactly.
 */
export async function loadLayersModel(pathOrIOHandler: string | IOHandler, options: LoadOptions = {}): Promise<LayersModel> {
  const artifacts = await router.load(pathOrIOHandler, options);
  if (artifacts.modelTopology instanceof ArrayBuffer || !artifacts.modelTopology)
    throw new TensorineError('file', 'loadLayersModel: the artifacts have no model topology as JSON');
  const model = fromTopology(artifacts.modelTopology);
  try {
    await fill(model, artifacts, options.strict ?? true);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

async function fill(model: LayersModel, artifacts: ModelArtifacts, strict: boolean): Promise<void> {
  if (artifacts.weightData) {
    if (!artifacts.weightSpecs)
      throw new TensorineError('file', 'loadLayersModel: the artifacts have weight data, but no weight specs');
    const weights = decodeWeights(CompositeArrayBuffer.join(artifacts.weightData), artifacts.weightSpecs);
    try {
      await setWeights(model, artifacts, weights, strict);
    } finally {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
  }
  if (artifacts.userDefinedMetadata) model.setUserDefinedMetadata(artifacts.userDefinedMetadata);
}

async function setWeights(model: LayersModel, artifacts: ModelArtifacts, weights: NamedTensorMap, strict: boolean): Promise<void> {
  const groups = new Map(artifacts.weightSpecs!.map((spec) => [spec.name, spec.group]));
  const entries = Object.entries(weights);
  model.loadWeights(Object.fromEntries(entries.filter(([name]) => groups.get(name) !== 'optimizer')), strict);
  if (!artifacts.trainingConfig) return;
  compileAsSaved(model, artifacts.trainingConfig);
  const states = entries.filter(([name]) => groups.get(name) === 'optimizer');
  if (states.length)
    await model.optimizer.setWeights(states.map(([name, tensor]) => ({ name, tensor })));
}

function compileAsSaved(model: LayersModel, training: NonNullable<ModelArtifacts['trainingConfig']>): void {
  const { class_name: name, config } = training.optimizer_config as { class_name: string; config: {} };
  model.compile({
    optimizer: makeOptimizer(name, config),
    loss: training.loss,
    metrics: Array.isArray(training.metrics) || Object.keys(training.metrics ?? {}).length ? training.metrics : undefined,
  });
}

function savedOptimizer(optimizer: Optimizer): {} {
  return answer('save', () => core.x.tn_optimizer_config(optimizer.ptr, 0, 1));
}

/** compile's losses and metrics, as far as they have names. */
function named(given: unknown, what: string): any {
  if (Array.isArray(given)) return given.map((g) => named(g, what));
  if (given && typeof given === 'object') return Object.fromEntries(Object.entries(given).map(([k, g]) => [k, named(g, what)]));
  if (typeof given === 'string' || given === undefined) return given;
  throw new TensorineError('value', `save: a ${what} that is a function cannot be saved with the optimizer`);
}

/** @internal */
export async function saveModel(model: LayersModel, handlerOrURL: IOHandler | string, config: SaveConfig = {}): Promise<SaveResult> {
  const list = config.trainableOnly ? model.trainableWeights : model.weights;
  const weights: NamedTensor[] = list.map((w) => ({ name: w.originalName, tensor: w as Tensor }));
  let { data, specs } = await encodeWeights(weights);
  const artifacts: ModelArtifacts = {
    modelTopology: model.toJSON(null, false), format: 'layers-model',
    generatedBy: `Tensorine v${version.tensorine}`, convertedBy: null,
  };
  if (config.includeOptimizer && model.optimizer) {
    const { className, config: settings } = savedOptimizer(model.optimizer) as { className: string; config: {} };
    artifacts.trainingConfig = {
      optimizer_config: { class_name: className, config: settings },
      loss: named(model.loss, 'loss'), metrics: named(model.metrics, 'metric') ?? {},
    };
    const more = await encodeWeights(await model.optimizer.getWeights(), 'optimizer');
    specs = [...specs, ...more.specs];
    data = CompositeArrayBuffer.join([data, more.data].flat());
  }
  if (model.getUserDefinedMetadata()) artifacts.userDefinedMetadata = model.getUserDefinedMetadata() as { [key: string]: {} };
  return router.save(handlerOrURL, { ...artifacts, weightData: data, weightSpecs: specs });
}
