// The helpers of this folder in the groups that programs know: tf.backend_util, tf.slice_util and others.
import * as axes from './axes';
import * as indices from './indices';
import * as slices from './slices';

export const sliceUtil = { ...slices };
export const segmentUtil = {
  segOpComputeOptimalWindowSize: indices.segOpComputeOptimalWindowSize,
  computeOutShape: indices.computeOutShape,
  collectGatherOpShapeInfo: indices.collectGatherOpShapeInfo,
};
export const broadcast_util = {
  getBroadcastDims: axes.getBroadcastDims,
  getReductionAxes: axes.getReductionAxes,
  assertAndGetBroadcastShape: axes.assertAndGetBroadcastShape,
};
export const gather_util = { prepareAndValidate: indices.prepareAndValidate };
export const scatter_util = {
  validateUpdateShape: indices.validateUpdateShape,
  validateInput: indices.validateInput,
  calculateShapes: indices.calculateShapes,
};
