// Graph models: the part of the face that stands on src/graph_model.
export { deregisterOp, registerOp, type GraphNode, type OpExecutor } from './custom';
export { loadGraphModel, loadGraphModelSync } from './loading';
export { GraphModel, type NamedTensorsMap, type TensorInfo } from './model';
