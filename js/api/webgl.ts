// tf.webgl: what belongs to that backend alone.
export { forceHalfFloat, setContext } from '../core/webgl';
export { setMemoryLimit } from '../core/webgl_memory';
