// Versions, by the names programs ask for.
declare const VERSION: string; // of package.json, put in by tools/build.mjs

/**
 * Version of the ops.
 * @example typeof tf.version_core // "string"
 */
export const version_core = VERSION;
/**
 * Version of layers and models.
 * @example typeof tf.version_layers // "string"
 */
export const version_layers = VERSION;
/**
 * Version of what runs graph models.
 * @example typeof tf.version_converter // "string"
 */
export const version_converter = VERSION;
/**
 * Version of what computes on the CPU.
 * @example typeof tf.version_cpu // "string"
 */
export const version_cpu = VERSION;
/**
 * Version of what computes on the GPU.
 * @example typeof tf.version_webgl // "string"
 */
export const version_webgl = VERSION;
/**
 * The library's version, under its own name and those TensorFlow.js has.
 * @example Object.keys(tf.version).includes('tfjs') // true
 */
export const version: { [part: string]: string } = {
  tensorine: VERSION, tfjs: VERSION, 'tfjs-core': VERSION, 'tfjs-data': VERSION, 'tfjs-layers': VERSION,
};
