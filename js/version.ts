// Versions, by the names programs ask for.
declare const VERSION: string; // of package.json, put in by tools/build.mjs

const LIKE = '4.22.0'; // the TensorFlow.js whose names and behaviour these are: what packages check

/**
 * Version of the ops.
 * @example typeof tf.version_core // "string"
 */
export const version_core = LIKE, version_layers = LIKE, version_converter = LIKE, version_cpu = LIKE, version_webgl = LIKE;
/**
 * The library's version under its own name; under those of TensorFlow.js, the version that it stands for.
 * @example Object.keys(tf.version).includes('tfjs') // true
 */
export const version: { [part: string]: string } = {
  tensorine: VERSION, tfjs: LIKE, 'tfjs-core': LIKE, 'tfjs-data': LIKE, 'tfjs-layers': LIKE,
};
