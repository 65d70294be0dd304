// tf.io: models to and from files, servers and memory.
export {
  getModelArtifactsForJSON,
  getModelArtifactsForJSONSync,
  getModelArtifactsInfoForJSON,
  getModelJSONForModelArtifacts,
  getWeightSpecs,
} from './artifacts';
export { CompositeArrayBuffer, concatenateArrayBuffers } from './buffers';
export { browserDownloads, browserFiles } from './files';
export { browserHTTPRequest, http, isHTTPScheme, loadWeights } from './http';
export { fromMemory, fromMemorySync, withSaveHandler, withSaveHandlerSync } from './memory';
export { fileSystem, nodeHTTPRequest } from './node';
export { getLoadHandlers, getSaveHandlers, registerLoadRouter, registerSaveRouter } from './router';
export { copyModel, listModels, moveModel, removeModel } from './stores';
export { decodeWeights, decodeWeightsStream, encodeWeights, weightsLoaderFactory } from './weights';
export type * from './types';
