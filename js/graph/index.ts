// Graph models: what programs import of js/graph.
export { deregisterOp, registerOp, type GraphNode, type OpExecutor } from './custom';
export { loadGraphModel, loadGraphModelSync } from './loading';
export { GraphModel, type NamedTensorsMap, type TensorInfo } from './model';
