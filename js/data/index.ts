// tf.data, and all of it once more as `default`: TensorFlow.js's package for data has that, too.
import * as data from './members';

export * from './members';
export default data;
