// tf.metrics: functions of one batch, and classes that add up over batches.
export * from '../generated/training/metrics';
export * from '../generated/training/metric_classes';
export { MeanMetricWrapper, Metric } from './metric';
export {
  KullbackLeiblerDivergence as KLDivergence,
  Logcosh as LogCoshError,
} from '../generated/training/metric_classes';
