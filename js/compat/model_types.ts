// Types of models and of pixels by the names that packages import.
import type { DataType, NamedTensorMap, Tensor } from '../core/tensor';
import type { Pixels } from '../api/browser';

export interface ModelPredictConfig {
  batchSize?: number;
  verbose?: boolean;
}
export interface ModelTensorInfo {
  name: string;
  shape?: (number | null)[];
  dtype?: DataType;
  tfDtype?: string;
}

/** What models that only predict have in common: of layers, of graphs, of packages. */
export interface InferenceModel {
  readonly inputs: ModelTensorInfo[];
  readonly outputs: ModelTensorInfo[];
  predict(inputs: Tensor | Tensor[] | NamedTensorMap, config: ModelPredictConfig): Tensor | Tensor[] | NamedTensorMap;
  execute(inputs: Tensor | Tensor[] | NamedTensorMap, outputs: string | string[]): Tensor | Tensor[];
}

export interface FromPixelsInputs {
  pixels: Pixels;
}
export interface FromPixelsAttrs {
  numChannels: number;
}
