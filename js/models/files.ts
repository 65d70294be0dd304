// Models to and from files: artifacts are the io handlers', topology and weights the core's.
import { WhichWeights } from '../generated/border';
import * as core from '../core/core';
import { TensorineError } from '../core/errors';
import { fileFromHere } from '../core/node';
import { want } from '../core/want';
import type { Tensor } from '../core/tensor';
import { CompositeArrayBuffer } from '../io/buffers';
import * as router from '../io/router';
import { checkWith, getWeightSpecs } from '../io/artifacts';
import { decodeWeights, decodeWeightsStream, encodeWeights, storedBytes } from '../io/weights';
import type {
  IOHandler,
  LoadOptions,
  ModelArtifacts,
  ModelJSON,
  NamedTensor,
  SaveConfig,
  SaveResult,
  WeightsManifestEntry,
} from '../io/types';
import { version } from '../version';
import { listen, takeMade } from './custom';
import { wrap } from './alive';
import { answer, call, options, stringify, tensorList, texts } from './lowering';
import type { LayersModel } from './model';
import { registeredAs } from './registered';
import { compileAsConverted, compileAsSaved, trainingConfigOf } from './training_config';
import type { LayerWeight } from './weight';

/** A model from a topology alone; its weights are new. */
export async function modelFromJSON(modelAndWeights: {}): Promise<LayersModel> {
  want('modelFromJSON', { modelAndWeights }, 'object');
  const given = modelAndWeights as { modelTopology?: {} };
  return fromTopology(given.modelTopology ?? given);
}

/** Throws if layers are of classes that neither the library nor the program has; all of them are named. */
function wantKnown(json: string): void {
  const unknown = Object.entries(
    answer<{ [name: string]: string[] }>('loadLayersModel', () => core.x.tn_model_unknown(texts(json)[0])),
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
    call('loadLayersModel', () => core.x.tn_model_load_for(texts(json)[0], numbers)),
    true,
  ) as LayersModel;
  for (const layer of takeMade()) model.kept.add(layer);
  return model;
}

/**
 * Loads a model that was saved by model.save(), or converted from Keras, from a URL or a handler.
 * What is wrong with the topology is told before weights are fetched. options.onProgress tells how far
 * it is, options.strict whether weights must match exactly.
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
  ): LayersModel => {
    if (modelTopology instanceof ArrayBuffer || !modelTopology)
      throw new TensorineError('file', 'loadLayersModel: the artifacts have no model topology as JSON');
    // A number takes a byte at least.
    const whole = specs && (options.strict ?? true);
    return fromTopology(
      modelTopology,
      whole ? storedBytes(Array.isArray(specs) ? specs.filter((spec) => spec?.group !== 'optimizer') : specs) : -1,
    );
  };
  const checkModel = (json: ModelJSON) => {
    checkWith(options, json);
    model = take(json.modelTopology, json.weightsManifest && getWeightSpecs(json.weightsManifest));
  };
  try {
    const artifacts = await router.load(pathOrIOHandler, { ...options, checkModel });
    model ??= take(artifacts.modelTopology, artifacts.weightData && artifacts.weightSpecs);
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
      await setWeights(
        model,
        artifacts,
        specs.map((spec) => weights[spec.name]),
        strict,
        compiles,
      );
    } finally {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
  }
  if (artifacts.userDefinedMetadata && compiles) model.setUserDefinedMetadata(artifacts.userDefinedMetadata);
}

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

/** The entries of a file, those of equal names renamed: an object by name has room for one of them. */
function apart(specs: WeightsManifestEntry[]): WeightsManifestEntry[] {
  const seen = new Set<string>();
  return specs.map((spec, i) => {
    const name = seen.has(spec?.name) ? `${spec.name}\n${i}` : spec?.name;
    seen.add(name);
    return name === spec?.name ? spec : { ...spec, name };
  });
}

async function setWeights(
  model: LayersModel,
  artifacts: ModelArtifacts,
  tensors: Tensor[],
  strict: boolean,
  compiles: boolean,
): Promise<void> {
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
  if (states.length && model.optimizer) await model.optimizer.setWeights(states);
}

/** @internal Sets weights by the names of a file. */
export function loadByNames(model: LayersModel, names: string[], tensors: Tensor[], strict: boolean): void {
  call(model.name, () => {
    const values = tensorList(tensors, 'weights');
    core.x.tn_layer_load_weights(model.ptr, texts(stringify(names, model.name))[0], values, Number(Boolean(strict)));
  });
}

/** @internal */
export async function saveModel(
  model: LayersModel,
  handlerOrURL: IOHandler | string,
  config?: SaveConfig | null,
): Promise<SaveResult> {
  const { trainableOnly, includeOptimizer } = options('save', config, 'trainableOnly includeOptimizer');
  const to = fileFromHere(handlerOrURL); // not where the program is when all weights are read
  const wanted = trainableOnly && new Set(model.trainableWeights);
  // As this model has them.
  const names = answer<string[]>('save', () => core.x.tn_layer_weight_names(model.ptr, WhichWeights.all));
  const weights: NamedTensor[] = model.weights
    .map((w, i) => ({ name: names[i], tensor: w as Tensor }))
    .filter(({ tensor }) => !wanted || wanted.has(tensor as LayerWeight));
  let { data, specs } = await encodeWeights(weights);
  const artifacts: ModelArtifacts = {
    modelTopology: model.toJSON(null, false),
    format: 'layers-model',
    generatedBy: `Tensorine v${version.tensorine}`,
    convertedBy: null,
  };
  if (includeOptimizer && model.optimizer) {
    const { config: training, plain } = trainingConfigOf(model);
    if (plain) artifacts.trainingConfig = training;
    else artifacts.modelTopology = { ...(artifacts.modelTopology as {}), training_config: training };
    const states = await model.optimizer.getWeights();
    want(`${model.optimizer.getClassName()}.getWeights`, { result: states }, 'named');
    const more = await encodeWeights(states, 'optimizer');
    for (const { name, tensor } of states) if (/^(\d+\/)*iter$/.test(name)) tensor.dispose(); // made for this; the others are the optimizer's
    specs = [...specs, ...more.specs];
    data = CompositeArrayBuffer.join([data, more.data].flat());
  }
  if (model.getUserDefinedMetadata())
    artifacts.userDefinedMetadata = model.getUserDefinedMetadata() as { [key: string]: {} };
  return router.save(to, { ...artifacts, weightData: data, weightSpecs: specs });
}
