// Versions, by the names programs ask for.
declare const VERSION: string; // of package.json, put in by tools/build.mjs

const LIKE = '4.22.0'; // the TensorFlow.js whose names and behaviour these are: what packages check

/**
 * Version of the ops.
 * @example typeof tf.version_core // "string"
 */
export const version_core = LIKE;
/**
 * Version of layers and models.
 * @example typeof tf.version_layers // "string"
 */
export const version_layers = LIKE;
/**
 * Version of what runs graph models.
 * @example typeof tf.version_converter // "string"
 */
export const version_converter = LIKE;
/**
 * Version of what computes on the CPU.
 * @example typeof tf.version_cpu // "string"
 */
export const version_cpu = LIKE;
/**
 * Version of what computes on the GPU.
 * @example typeof tf.version_webgl // "string"
 */
export const version_webgl = LIKE;
/**
 * Version of what computes in WebAssembly.
 * @example typeof tf.version_wasm // "string"
 */
export const version_wasm = LIKE;
/**
 * The library's version under its own name; under those of TensorFlow.js, the version that it stands for.
 * @example Object.keys(tf.version).includes('tfjs') // true
 */
export const version: { [part: string]: string } = {
  tensorine: VERSION,
  tfjs: LIKE,
  'tfjs-core': LIKE,
  'tfjs-data': LIKE,
  'tfjs-layers': LIKE,
  'tfjs-converter': LIKE,
  'tfjs-backend-cpu': LIKE,
  'tfjs-backend-webgl': LIKE,
  'tfjs-backend-wasm': LIKE,
};
