// tf.util: small helpers on shapes, values and plain arrays, as TensorFlow.js offers them to programs.
export * from '../util/arrays';
export * from '../util/long';
export * from '../util/shapes';
export * from '../util/values';
