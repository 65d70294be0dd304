// What a model is between its files and its tensors, and what reads and writes it.
import type { Tensor } from '../core/tensor';

export type WeightGroup = 'model' | 'optimizer';

/** One stored weight. */
export interface WeightsManifestEntry {
  name: string;
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
  group?: WeightGroup;
  /** Stored in fewer bytes: value = stored * scale + min, or a half. */
  quantization?: { dtype: 'uint8' | 'uint16' | 'float16'; scale?: number; min?: number };
}

/** Weights that follow one another in the bytes of one or more files. */
export interface WeightsManifestGroupConfig {
  paths: string[];
  weights: WeightsManifestEntry[];
}
export type WeightsManifestConfig = WeightsManifestGroupConfig[];

export type WeightData = ArrayBuffer | ArrayBuffer[];
export type NamedTensorMap = { [name: string]: Tensor };
export type NamedTensor = { name: string; tensor: Tensor };

export interface TrainingConfig {
  optimizer_config: {};
  loss: string | string[] | { [key: string]: string };
  metrics?: string[] | { [key: string]: string };
  weighted_metrics?: string[];
  sample_weight_mode?: string;
  loss_weights?: number[] | { [key: string]: number };
}

interface ModelParts {
  trainingConfig?: TrainingConfig;
  /** 'layers-model' or 'graph-model'. */
  format?: string;
  generatedBy?: string;
  convertedBy?: string | null;
  signature?: {};
  userDefinedMetadata?: { [key: string]: {} };
  modelInitializer?: {};
  initializerSignature?: {};
}

/** A model.json. */
export interface ModelJSON extends ModelParts {
  modelTopology: {};
  weightsManifest: WeightsManifestConfig;
}

/** A model in memory: topology, and weights as bytes. */
export interface ModelArtifacts extends ModelParts {
  modelTopology?: {} | ArrayBuffer;
  weightSpecs?: WeightsManifestEntry[];
  weightData?: WeightData;
  getWeightStream?: () => ReadableStream<ArrayBuffer>;
}

export interface ModelArtifactsInfo {
  dateSaved: Date;
  modelTopologyType: 'JSON' | 'GraphDef';
  modelTopologyBytes?: number;
  weightSpecsBytes?: number;
  weightDataBytes?: number;
}

export interface SaveConfig {
  trainableOnly?: boolean;
  includeOptimizer?: boolean;
}

export interface SaveResult {
  modelArtifactsInfo: ModelArtifactsInfo;
  responses?: Response[];
  errors?: Array<{} | string>;
}

export type LoadHandler = () => Promise<ModelArtifacts>;
export type SaveHandler = (artifacts: ModelArtifacts) => Promise<SaveResult>;
export interface IOHandler {
  load?: LoadHandler;
  save?: SaveHandler;
}
export interface IOHandlerSync {
  load?: () => ModelArtifacts;
  save?: (artifacts: ModelArtifacts) => SaveResult;
}

/** Bytes of weights that have arrived, and how many there will be. */
export interface Progress {
  loaded: number;
  total: number;
}
export type OnProgressCallback = (fraction: number, bytes: Progress) => void;

export interface LoadOptions {
  /** For fetch: headers, credentials and the like. */
  requestInit?: RequestInit;
  /** Called as bytes of weights arrive, with a fraction that ends at 1, and the bytes. */
  onProgress?: OnProgressCallback;
  /** In place of fetch. */
  fetchFunc?: (input: string | Request, init?: RequestInit) => Promise<Response>;
  /** Whether weights that the model lacks are an error; default true. */
  strict?: boolean;
  /** Where weight files are; default: beside the model.json. */
  weightPathPrefix?: string;
  fromTFHub?: boolean;
  /** Makes a URL of a weight file's name, in place of weightPathPrefix. */
  weightUrlConverter?: (weightFileName: string) => Promise<string>;
  /** Weights are given as a stream, which decodeWeightsStream reads. */
  streamWeights?: boolean;
  /** Called with the model.json before weights are read; what it throws stops the loading. true: graph
   * models with ops that are not known are refused then; else they load, with a warning that names all. */
  checkModel?: boolean | ((model: ModelJSON) => void);
  /** The name of a cache of the browser: files are looked for there first, and kept there. Another
   * version of the model wants another name; caches.delete(name) frees the space. */
  cache?: string;
  /** Stops loading. */
  signal?: AbortSignal;
}

export interface RequestDetails {
  isBinary?: boolean;
}
export type IORouter = (url: string | string[], options?: LoadOptions) => IOHandler | null;
