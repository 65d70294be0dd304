// tf.loadGraphModel and tf.loadGraphModelSync: graph models from URLs, handlers and artifacts.
import { TensorineError } from '../wasm/errors';
import { isObject } from '../core/kinds';
import { want } from '../core/want';
import * as tfio from '../io/index';
import type { IOHandler, IOHandlerSync, LoadOptions, ModelArtifacts, ModelJSON } from '../io/types';
import { GraphModel, type IO } from './model';

const TFHUB = 'model.json?tfjs-format=file';

/**
 * Loads a model that TensorFlow.js's converter wrote, from a URL or a handler. options.onProgress is called
 * as the loading goes on; options.fromTFHub: the URL is of a model on TensorFlow Hub.
 */
export async function loadGraphModel(
  modelUrl: string | IOHandler,
  options: LoadOptions = {},
  io: IO = tfio,
): Promise<GraphModel> {
  if (modelUrl === null || modelUrl === undefined)
    throw new TensorineError(
      'value',
      'modelUrl in loadGraphModel() cannot be null. Please provide a url or an IOHandler that loads the model',
    );
  const url =
    options?.fromTFHub && typeof modelUrl === 'string'
      ? `${modelUrl}${modelUrl.endsWith('/') ? '' : '/'}${TFHUB}`
      : modelUrl;
  const model = new GraphModel(url, options ?? {}, io);
  try {
    await model.load();
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/** Artifacts of [model.json, weights], or of what has them. */
function artifactsOf(source: IOHandlerSync | ModelArtifacts | [ModelJSON, ArrayBuffer]): IOHandlerSync {
  const refuse = (text: string) => new TensorineError('value', `loadGraphModelSync: ${text}`);
  if (Array.isArray(source)) {
    const [json, weights] = source;
    if (!isObject(json)) throw refuse('modelJSON must be the first element of the array');
    if (!(weights instanceof ArrayBuffer))
      throw refuse('An ArrayBuffer of weights must be the second element of the array');
    if (!('modelTopology' in json)) throw refuse("Model JSON is missing 'modelTopology'");
    if (!('weightsManifest' in json)) throw refuse("Model JSON is missing 'weightsManifest'");
    return tfio.fromMemorySync(
      tfio.getModelArtifactsForJSONSync(json, tfio.getWeightSpecs(json.weightsManifest), weights),
    );
  }
  want('loadGraphModelSync', { modelSource: source }, 'object');
  if ('load' in source) return source;
  if ('modelTopology' in source && 'weightSpecs' in source && 'weightData' in source)
    return tfio.fromMemorySync(source);
  throw refuse('Unknown model format');
}

/**
 * The same at once, from artifacts, a handler, or [model.json, weights].
 * @example tf.loadGraphModelSync({ modelTopology: { node: [{ name: 'x', op: 'Placeholder' }, { name: 'y', op: 'Relu', input: ['x'] }] }, weightSpecs: [], weightData: new ArrayBuffer(0) }).predict(tf.tensor([-1, 2])) // [0, 2]
 */
export function loadGraphModelSync(
  modelSource: IOHandlerSync | ModelArtifacts | [ModelJSON, ArrayBuffer],
): GraphModel<IOHandlerSync> {
  if (modelSource === null || modelSource === undefined)
    throw new TensorineError(
      'value',
      'modelUrl in loadGraphModelSync() cannot be null. Please provide model artifacts or an IOHandler that loads the model',
    );
  const model = new GraphModel<IOHandlerSync>(artifactsOf(modelSource));
  try {
    model.load();
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
