// tf.layers: a function for each layer, and the class of all.
export * from '../generated/nn/layers';
export { Layer } from './layer';
export { RNN, RNNCell } from './recurrent';
export { input } from './symbol';
