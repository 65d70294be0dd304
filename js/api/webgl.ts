// tf.webgl: what belongs to that backend alone.
export { forceHalfFloat } from '../core/webgl';
