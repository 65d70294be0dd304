// tf.metrics: functions of one batch, and classes that add up over batches.
export * from '../generated/metrics';
export * from '../generated/meters';
export { MeanMetricWrapper, Meter as Metric } from './meter';
export { KullbackLeiblerDivergence as KLDivergence, Logcosh as LogCoshError } from '../generated/meters';
