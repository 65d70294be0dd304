// Model artifacts to and from model.json.
import { shown, TensorineError } from '../wasm/errors';
import { encode } from '../wasm/utf8';
import { stringify } from '../core/calls';
import { isObject } from '../core/kinds';
import { want } from '../core/want';
import { warnUnknown } from '../core/warn';
import { CompositeArrayBuffer } from './buffers';
import type {
  LoadOptions,
  ModelArtifacts,
  ModelArtifactsInfo,
  ModelJSON,
  WeightData,
  WeightsManifestConfig,
  WeightsManifestEntry,
} from './types';

export const fileError = (text: string): TensorineError => new TensorineError('file', text);

/** Fields that are the same in a model.json and in memory; written only where they are given. */
const SHARED = [
  'format',
  'generatedBy',
  'convertedBy',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
  'trainingConfig',
] as const;

function copyShared(from: ModelJSON | ModelArtifacts, to: ModelJSON | ModelArtifacts): void {
  for (const field of SHARED) {
    const value = from[field];
    if (value !== undefined && (value !== null || field === 'convertedBy')) Object.assign(to, { [field]: value });
  }
}

/** A model.json's object, weights being in the files of a manifest. */
export function getModelJSONForModelArtifacts(artifacts: ModelArtifacts, manifest: WeightsManifestConfig): ModelJSON {
  want('io.getModelJSONForModelArtifacts', { artifacts }, 'object');
  const json: ModelJSON = { modelTopology: artifacts.modelTopology ?? {}, weightsManifest: manifest };
  copyShared(artifacts, json);
  return json;
}

/** Artifacts of a model.json whose weights are here. */
export function getModelArtifactsForJSONSync(
  json: ModelJSON,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: WeightData,
): ModelArtifacts {
  want('io.getModelArtifactsForJSONSync', { json }, 'object');
  const artifacts: ModelArtifacts = { modelTopology: json.modelTopology };
  copyShared(json, artifacts);
  if (json.weightsManifest) {
    if (!weightSpecs) throw fileError('io: modelJSON has weightsManifest but weightSpecs is null');
    if (!weightData) throw fileError('io: modelJSON has weightsManifest but weightData is null');
    Object.assign(artifacts, { weightSpecs, weightData });
  }
  return artifacts;
}

/** Artifacts of a model.json, weights being read as its manifest says. */
export async function getModelArtifactsForJSON(
  json: ModelJSON,
  loadWeights: (manifest: WeightsManifestConfig) => Promise<[WeightsManifestEntry[], WeightData]>,
): Promise<ModelArtifacts> {
  want('io.getModelArtifactsForJSON', { json }, 'object');
  if (!json.weightsManifest) return getModelArtifactsForJSONSync(json);
  want('io.getModelArtifactsForJSON', { loadWeights }, 'function');
  const loaded: unknown = await loadWeights(json.weightsManifest);
  if (!Array.isArray(loaded))
    throw fileError(
      `io.getModelArtifactsForJSON: loadWeights must give [weightSpecs, weightData], but gave ${shown(loaded)}`,
    );
  const [specs, data] = loaded;
  return getModelArtifactsForJSONSync(json, specs, data);
}

/**
 * All entries of a manifest.
 * @example tf.io.getWeightSpecs([{ paths: ['a'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] }]).length // 1
 */
export function getWeightSpecs(manifest: WeightsManifestConfig): WeightsManifestEntry[] {
  want('io.getWeightSpecs', { manifest }, 'objects');
  return manifest.flatMap((group) => group.weights);
}

const jsonBytes = (value: unknown): number =>
  value === undefined || value === null ? 0 : encode(stringify(value, 'io', 'file')).length;

/** How large the parts of a model are. */
export function getModelArtifactsInfoForJSON(artifacts: ModelArtifacts): ModelArtifactsInfo {
  want('io.getModelArtifactsInfoForJSON', { artifacts }, 'object');
  if (artifacts.modelTopology instanceof ArrayBuffer)
    throw fileError('io: Expected JSON model topology, received ArrayBuffer.');
  return {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    modelTopologyBytes: jsonBytes(artifacts.modelTopology),
    weightSpecsBytes: jsonBytes(artifacts.weightSpecs),
    weightDataBytes: new CompositeArrayBuffer(artifacts.weightData).byteLength,
  };
}

/** The object in the text of a model.json; errors name `where` it came from. */
export function parseModelJSON(text: string, where: string): ModelJSON {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const found = /^\s*</.test(text) ? `it is HTML or XML, "${text.trim().slice(0, 40)}"` : (error as Error).message;
    throw fileError(
      `${where}: Failed to parse model JSON (${text.length} characters): ${found}. ` +
        'Please make sure the server is serving valid JSON for this request.',
    );
  }
  return checkModelJSON(json, where);
}

const LOAD_OPTIONS =
  'requestInit onProgress fetchFunc strict weightPathPrefix fromTFHub weightUrlConverter streamWeights checkModel cache signal';

/** Warns of options of loading that are nearly those that are known. */
export const checkLoadOptions = (options: LoadOptions | null | undefined): void =>
  warnUnknown('load', options, '', LOAD_OPTIONS, true);

/** Calls the options' checkModel, if it is a function, with a model.json. */
export function checkWith(options: LoadOptions | null | undefined, json: ModelJSON): void {
  if (typeof options?.checkModel === 'function') options.checkModel(json);
}

/** The object of a model.json, if it is one. */
export function checkModelJSON(given: unknown, where: string): ModelJSON {
  const json = given as ModelJSON | null;
  if (!isObject(json) || (!json.modelTopology && !json.weightsManifest))
    throw fileError(`${where}: The JSON contains neither model topology or manifest for weights.`);
  if (json.weightsManifest) checkManifest(json.weightsManifest, where);
  return json;
}

export function checkManifest(manifest: unknown, where: string): asserts manifest is WeightsManifestConfig {
  const isGroup = (group: Partial<WeightsManifestConfig[0]> | null) =>
    Array.isArray(group?.weights) &&
    group.weights.every(isObject) &&
    Array.isArray(group?.paths) &&
    group.paths.every((path) => typeof path === 'string');
  if (!Array.isArray(manifest)) throw fileError(`${where}: weightsManifest is not an array`);
  const at = manifest.findIndex((group) => !isGroup(group));
  if (at >= 0)
    throw fileError(`${where}: weightsManifest[${at}] must have arrays "paths" of names and "weights" of entries`);
}

/** The JSON text and weight bytes to store, weights being in one file. */
export function toFiles(
  artifacts: ModelArtifacts,
  weightsPath: string,
  who: string,
): { json: string; weights: ArrayBuffer | null } {
  want(who, { artifacts }, 'object');
  if (artifacts.modelTopology instanceof ArrayBuffer)
    throw fileError(`${who} does not support saving model topology in binary formats yet.`);
  const weights = artifacts.weightData === undefined ? null : CompositeArrayBuffer.join(artifacts.weightData);
  const manifest = [{ paths: [weightsPath], weights: artifacts.weightSpecs ?? [] }];
  return { json: stringify(getModelJSONForModelArtifacts(artifacts, weights ? manifest : []), who, 'file'), weights };
}
