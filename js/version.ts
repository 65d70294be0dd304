// Versions, by the names programs ask for.
declare const VERSION: string; // of package.json, put in by tools/build.mjs

export const version_core = VERSION, version_layers = VERSION, version_converter = VERSION, version_cpu = VERSION, version_webgl = VERSION;
/** The library's version, under its own name and those TensorFlow.js has. */
export const version: { [part: string]: string } = {
  tensorine: VERSION, tfjs: VERSION, 'tfjs-core': VERSION, 'tfjs-data': VERSION, 'tfjs-layers': VERSION,
};
