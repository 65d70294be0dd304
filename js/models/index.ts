// Layers, models, training: what programs import of js/nn, js/training and js/models.
import { setKnownClasses } from '../nn/registered';
import { CallbackList, CustomCallback, History } from '../training/callbacks';
import { CSVLogger } from '../training/csv_logger';
import {
  EarlyStopping,
  earlyStopping,
  LearningRateScheduler,
  ModelCheckpoint,
  ReduceLROnPlateau,
  TerminateOnNaN,
} from '../training/monitors';
import { RemoteMonitor } from '../training/remote_monitor';
import { BackupAndRestore, SwapEMAWeights } from './backup_and_restore';
import { knownClasses } from './known';
import { modelFromJSON } from './loading';

export * as layers from '../nn/layers';
export * as initializers from '../generated/nn/initializers';
export * as regularizers from '../generated/nn/regularizers';
export * as constraints from '../generated/nn/constraints';
export * as metrics from '../training/metrics';
export * as train from '../training/train';
export * from '../generated/training/optimizers';
export { OptimizerConstructors } from '../generated/training/train';
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
} from '../training/callbacks';
export {
  LossScaleOptimizer,
  MultiOptimizer,
  OptimizerMap,
  type LossScaleArgs,
  type VariableIdentifier,
} from '../training/multi_optimizer';
export { CSVLogger } from '../training/csv_logger';
export { RemoteMonitor, type RemoteMonitorArgs } from '../training/remote_monitor';
export { BackupAndRestore, SwapEMAWeights, type BackupAndRestoreArgs } from './backup_and_restore';
export {
  EarlyStopping,
  LearningRateScheduler,
  ModelCheckpoint,
  ReduceLROnPlateau,
  TerminateOnNaN,
  type EarlyStoppingArgs,
  type ModelCheckpointArgs,
  type ReduceLROnPlateauArgs,
} from '../training/monitors';
export type { FitDatasetElement, ModelEvaluateDatasetArgs, ModelFitDatasetArgs } from '../training/fit_dataset';
export type { ModelFitArgs } from '../training/fit';
export { loadLayersModel } from './loading';
export { RNN } from '../nn/recurrent';
export { InputSpec } from '../nn/input_spec';
export { input, SymbolicTensor, type Shape } from '../nn/symbol';
export * as serialization from '../nn/serialization';
setKnownClasses(knownClasses);
export { LayersModel, model, type ContainerArgs, type ModelEvaluateArgs, type ModelPredictArgs } from './model';
export { sequential, Sequential, type SequentialArgs } from './sequential';
export type { ModelCompileArgs } from '../training/compiling';
export { Optimizer } from '../training/optimizer';
export type { Schedule } from '../training/schedule';
export { LayerWeight as LayerVariable } from '../nn/weight';
