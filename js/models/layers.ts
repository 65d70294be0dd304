// tf.layers: a function for each layer, and the class of all.
export * from '../generated/layers';
export { Layer, RNN, RNNCell } from './layer';
export { input } from './model';
