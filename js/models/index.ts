// Layers, models, training: the part of the face that stands on src/nn and src/training.
import { modelFromJSON } from './files';
import { CSVLogger } from './csvlogger';
import { CallbackList, CustomCallback, History } from './callbacks';
import { knownClasses } from './known';
import { RemoteMonitor } from './remote';
import { BackupAndRestore, SwapEMAWeights } from './restoring';
import {
  EarlyStopping,
  earlyStopping,
  LearningRateScheduler,
  ModelCheckpoint,
  ReduceLROnPlateau,
  TerminateOnNaN,
} from './watching';

import { setKnownClasses } from './registered';

export * as layers from './layers';
export * as initializers from '../generated/initializers';
export * as regularizers from '../generated/regularizers';
export * as constraints from '../generated/constraints';
export * as metrics from './metrics';
export * as train from './train';
export * from '../generated/optimizers';
export { OptimizerConstructors } from '../generated/train';
/**
 * Callbacks by name, for fit.
 * @example Object.keys(tf.callbacks).includes('earlyStopping') // true
 */
export const callbacks = {
  earlyStopping,
  EarlyStopping,
  ReduceLROnPlateau,
  LearningRateScheduler,
  ModelCheckpoint,
  TerminateOnNaN,
  CSVLogger,
  BackupAndRestore,
  SwapEMAWeights,
  RemoteMonitor,
  History,
  CallbackList,
  LambdaCallback: CustomCallback,
};
/**
 * Models from topologies.
 * @example typeof tf.models.modelFromJSON // "function"
 */
export const models = { modelFromJSON };
export {
  Callback,
  CallbackList,
  CustomCallback,
  History,
  registerCallbackConstructor,
  type CustomCallbackArgs,
  type Logs,
} from './callbacks';
export {
  LossScaleOptimizer,
  MultiOptimizer,
  OptimizerMap,
  type LossScaleArgs,
  type VariableIdentifier,
} from './combined';
export { CSVLogger } from './csvlogger';
export { RemoteMonitor, type RemoteMonitorArgs } from './remote';
export { BackupAndRestore, SwapEMAWeights, type BackupAndRestoreArgs } from './restoring';
export {
  EarlyStopping,
  LearningRateScheduler,
  ModelCheckpoint,
  ReduceLROnPlateau,
  TerminateOnNaN,
  type EarlyStoppingArgs,
  type ModelCheckpointArgs,
  type ReduceLROnPlateauArgs,
} from './watching';
export type { FitDatasetElement, ModelEvaluateDatasetArgs, ModelFitDatasetArgs } from './dataset';
export type { ModelFitArgs } from './fit';
export { loadLayersModel } from './files';
export { RNN } from './recurrent';
export { InputSpec } from './spec';
export { input, SymbolicTensor, type Shape } from './symbol';
export * as serialization from './serialization';
setKnownClasses(knownClasses);
export {
  LayersModel,
  model,
  sequential,
  Sequential,
  type ContainerArgs,
  type ModelCompileArgs,
  type ModelEvaluateArgs,
  type ModelPredictArgs,
  type SequentialArgs,
} from './model';
export { Optimizer } from './optimizer';
export type { Schedule } from './schedule';
export { LayerWeight as LayerVariable } from './weight';
