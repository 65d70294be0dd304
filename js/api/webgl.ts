// tf.webgl: what belongs to that backend alone.
export { forceHalfFloat } from '../core/webgl';
export { onContextLost, onContextRestored, setContextLossBackend } from '../core/webgl_loss';
