// tf.webgl: what belongs to that backend alone.
export { forceHalfFloat, setContext } from '../core/webgl';
export { onContextLost, onContextRestored, setContextLossBackend } from '../core/webgl_loss';
export { setMemoryLimit } from '../core/webgl_memory';
