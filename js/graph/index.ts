// Graph models: the part of the face that stands on src/graph_model.
export { deregisterOp, registerOp, type GraphNode, type OpExecutor } from './custom';
export { GraphModel, loadGraphModel, loadGraphModelSync, type NamedTensorsMap, type TensorInfo } from './model';
