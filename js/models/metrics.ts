// tf.metrics: functions of one batch, and classes that add up over batches.
export * from '../generated/metrics';
export * from '../generated/meters';
export { Meter as Metric } from './meter';
