// Models handed over in memory.
import { want } from '../core/want';
import type {
  IOHandler,
  IOHandlerSync,
  ModelArtifacts,
  SaveResult,
  TrainingConfig,
  WeightData,
  WeightsManifestEntry,
} from './types';

/**
 * Gives artifacts that are in memory. The form with several arguments is the older one.
 * @example Object.keys(tf.io.fromMemorySync({ modelTopology: {} }).load()) // ["modelTopology"]
 */
export function fromMemorySync(
  artifacts: {} | ModelArtifacts,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: WeightData,
  trainingConfig?: TrainingConfig,
): IOHandlerSync {
  want('io.fromMemorySync', { artifacts }, 'object');
  const given = artifacts as ModelArtifacts;
  const isWhole =
    weightSpecs === undefined &&
    weightData === undefined &&
    trainingConfig === undefined &&
    (given.modelTopology !== undefined || given.weightSpecs !== undefined);
  const parts = Object.entries({ weightSpecs, weightData, trainingConfig }).filter(([, part]) => part !== undefined);
  const whole = isWhole ? given : { modelTopology: artifacts, ...Object.fromEntries(parts) };
  return { load: () => whole };
}

/**
 * Gives artifacts that are in memory.
 * @example Object.keys(await tf.io.fromMemory({ modelTopology: {} }).load()) // ["modelTopology"]
 */
export function fromMemory(
  artifacts: {} | ModelArtifacts,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: WeightData,
  trainingConfig?: TrainingConfig,
): IOHandler {
  const { load } = fromMemorySync(artifacts, weightSpecs, weightData, trainingConfig);
  return { load: async () => load!() };
}

/**
 * Hands artifacts that are saved to a function.
 * @example typeof tf.io.withSaveHandler(async () => {}).save // "function"
 */
export function withSaveHandler(save: (artifacts: ModelArtifacts) => Promise<SaveResult>): IOHandler {
  want('io.withSaveHandler', { save }, 'function');
  return { save: async (artifacts) => save(artifacts) };
}

/**
 * The same with a function that answers at once.
 * @example typeof tf.io.withSaveHandlerSync(() => {}).save // "function"
 */
export function withSaveHandlerSync(save: (artifacts: ModelArtifacts) => SaveResult): IOHandlerSync {
  want('io.withSaveHandlerSync', { save }, 'function');
  return { save };
}
