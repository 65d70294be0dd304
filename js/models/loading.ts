// Models from files: artifacts are the io handlers', topology and weights the core's.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { answer, call, stringify } from '../core/calls';
import { strings } from '../core/strings';
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { checkWith, getWeightSpecs } from '../io/artifacts';
import { CompositeArrayBuffer } from '../io/buffers';
import * as router from '../io/router';
import type { IOHandler, LoadOptions, ModelArtifacts, ModelJSON, WeightsManifestEntry } from '../io/types';
import { decodeWeights, decodeWeightsStream, storedBytes } from '../io/weights';
import { listen, takeMade } from '../nn/custom';
import { wrap } from '../nn/layer_registry';
import { loadByNames } from '../nn/layer_weights';
import { registeredAs } from '../nn/registered';
import type { LayersModel } from './model';
import { compileAsConverted, compileAsSaved } from './training_config';

/** A model from a topology alone; its weights are new. */
export async function modelFromJSON(modelAndWeights: {}): Promise<LayersModel> {
  want('modelFromJSON', { modelAndWeights }, 'object');
  const given = modelAndWeights as { modelTopology?: {} };
  return fromTopology(given.modelTopology ?? given);
}

/** Throws if layers are of classes that neither the library nor the program has; all of them are named. */
function wantKnown(json: string): void {
  const unknown = Object.entries(
    answer<{ [name: string]: string[] }>('loadLayersModel', () => core.x.tn_model_unknown(strings(json)[0])),
  ).filter(([name]) => !registeredAs(name));
  if (!unknown.length) return;
  const list = unknown.map(
    ([name, layers]) => `layer class '${name}' is not known${layers.some(Boolean) ? ` (${layers.join(', ')})` : ''}`,
  );
  const code = unknown.some(([name]) => name === 'Lambda')
    ? ' A Lambda is code in Python, which cannot run here: register a class of layers ' +
      "with the static className 'Lambda', whose call() does for each config.name what that code did."
    : '';
  throw new TensorineError(
    'file',
    `loadLayersModel: ${list.join('; ')}.${code} tf.serialization.registerClass() takes classes of your own.`,
  );
}

/** A model from its topology; numbers: as many as its file may have for it, -1 if no file will set all weights. */
function fromTopology(topology: {}, numbers = -1): LayersModel {
  const json = stringify(topology, 'loadLayersModel');
  core.wantStack();
  wantKnown(json);
  listen();
  const model = wrap(
    call('loadLayersModel', () => core.x.tn_model_load_for(strings(json)[0], numbers)),
    true,
  ) as LayersModel;
  for (const layer of takeMade()) model.kept.add(layer);
  return model;
}

/**
 * Loads a model that was saved by model.save(), or converted from Keras, from a URL or a handler.
 * Errors of the topology are thrown before weights are fetched. options.onProgress is called as the loading goes
 * on; options.strict: whether weights must match exactly.
 */
export async function loadLayersModel(
  pathOrIOHandler: string | IOHandler,
  loadOptions?: LoadOptions | null,
): Promise<LayersModel> {
  const options = loadOptions ?? {};
  let model: LayersModel | undefined;
  const take = (
    modelTopology: {} | ArrayBuffer | undefined,
    specs: WeightsManifestEntry[] | null | undefined,
    bytes?: number,
  ): LayersModel => {
    if (modelTopology instanceof ArrayBuffer || !modelTopology)
      throw new TensorineError('file', 'loadLayersModel: the artifacts have no model topology as JSON');
    // A number takes a byte at least.
    if (!specs || !(options.strict ?? true)) return fromTopology(modelTopology);
    if (!Array.isArray(specs)) return fromTopology(modelTopology, storedBytes(specs)); // which is refused
    const own = () => specs.filter((spec) => spec?.group !== 'optimizer');
    return fromTopology(modelTopology, bytes ?? storedBytes(own()));
  };
  const checkModel = (json: ModelJSON) => {
    checkWith(options, json);
    model = take(json.modelTopology, json.weightsManifest && getWeightSpecs(json.weightsManifest));
  };
  try {
    const artifacts = await router.load(pathOrIOHandler, { ...options, checkModel });
    model ??= take(
      artifacts.modelTopology,
      artifacts.weightData && artifacts.weightSpecs,
      sizeOf(artifacts.weightData),
    );
    await fill(model, artifacts, options.strict ?? true);
    return model;
  } catch (error) {
    model?.dispose();
    throw error;
  }
}

/**
 * @internal Puts the weights of a file into a model, and the optimizer's states: into one that it compiles
 * as the file says, or into the one that wrote the file, as it is.
 */
export async function fill(
  model: LayersModel,
  artifacts: ModelArtifacts,
  strict: boolean,
  compiles = true,
): Promise<void> {
  const { weightData, weightSpecs, getWeightStream } = artifacts;
  if (weightData || getWeightStream) {
    if (!weightSpecs)
      throw new TensorineError('file', 'loadLayersModel: the artifacts have weight data, but no weight specs');
    const specs = apart(weightSpecs);
    const read = (data: ArrayBuffer) => decodeWeights(strict ? data : data.slice(0, storedBytes(specs)), specs);
    const weights = weightData ? read(joined(weightData)) : await decodeWeightsStream(getWeightStream!(), specs);
    try {
      const values = specs.map((spec) => weights[spec.name]),
        states = setWeights(model, artifacts, values, strict, compiles);
      if (states) await states; // else weights are disposed before the turn ends, and never registered
    } finally {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
  }
  if (artifacts.userDefinedMetadata && compiles) model.setUserDefinedMetadata(artifacts.userDefinedMetadata);
}

/** Bytes that are here; no number if it is not certain. */
const sizeOf = (data: unknown): number | undefined => (data instanceof ArrayBuffer ? data.byteLength : undefined);

function joined(weightData: ArrayBuffer | ArrayBuffer[]): ArrayBuffer {
  try {
    return CompositeArrayBuffer.join(weightData);
  } catch (error) {
    throw new TensorineError(
      'file',
      `loadLayersModel: weightData must be one or several ArrayBuffers: ${(error as Error).message}`,
    );
  }
}

/** The entries of a file, those of equal names renamed: an object by name holds one of them only. */
function apart(specs: WeightsManifestEntry[]): WeightsManifestEntry[] {
  const seen = new Set<string>();
  return specs.map((spec, i) => {
    const name = seen.has(spec?.name) ? `${spec.name}\n${i}` : spec?.name;
    seen.add(name);
    return name === spec?.name ? spec : { ...spec, name };
  });
}

/** The optimizer's states take a promise, if there are any. */
function setWeights(
  model: LayersModel,
  artifacts: ModelArtifacts,
  tensors: Tensor[],
  strict: boolean,
  compiles: boolean,
): Promise<void> | undefined {
  const entries = artifacts.weightSpecs!.map(({ name, group }, i) => ({ name, group, tensor: tensors[i] }));
  const own = entries.filter((entry) => entry.group !== 'optimizer');
  if (compiles)
    loadByNames(
      model,
      own.map(({ name }) => name),
      own.map(({ tensor }) => tensor),
      strict,
    );
  else model.setWeights(own.map(({ tensor }) => tensor)); // the same model's, be it by other names
  if (compiles && artifacts.trainingConfig) compileAsSaved(model, artifacts.trainingConfig);
  else if (compiles) compileAsConverted(model, artifacts.modelTopology);
  const states = entries.filter((entry) => entry.group === 'optimizer');
  return states.length && model.optimizer ? model.optimizer.setWeights(states) : undefined;
}
