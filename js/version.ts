// Versions, by the names programs ask for.
declare const VERSION: string; // of package.json, put in by tools/build.mjs

/**
 * Version of the ops.
 * @example typeof tf.version_core // "string"
 */
export const version_core = VERSION, version_layers = VERSION, version_converter = VERSION, version_cpu = VERSION, version_webgl = VERSION;
/**
 * The library's version, under its own name and those TensorFlow.js has.
 * @example Object.keys(tf.version).includes('tfjs') // true
 */
export const version: { [part: string]: string } = {
  tensorine: VERSION, tfjs: VERSION, 'tfjs-core': VERSION, 'tfjs-data': VERSION, 'tfjs-layers': VERSION,
};
