// tf.backend_util: what packages that bring kernels of their own have in common.
import { decodeText, encodeText } from '../core/strings';
import { want } from '../core/want';
import { segmentUtil as segment_util, sliceUtil as slice_util } from './groups';

export * from './axes';
export * from './complex';
export * from './einsum';
export * from './fused';
export {
  calculateShapes,
  combineRaggedTensorToTensorShapes,
  getImageCenter,
  getPermuted,
  getRaggedRank,
  getReshaped,
  getReshapedPermuted,
  getRowPartitionTypesHelper,
  getSliceBeginCoords,
  getSliceSize,
  getSparseFillEmptyRowsIndicesDenseShapeMismatch,
  getSparseFillEmptyRowsNegativeIndexErrorMessage,
  getSparseFillEmptyRowsOutOfRangeIndexErrorMessage,
  getSparseReshapeEmptyTensorZeroOutputDimErrorMessage,
  getSparseReshapeInputOutputMismatchErrorMessage,
  getSparseReshapeInputOutputMultipleErrorMessage,
  getSparseReshapeMultipleNegativeOneOutputDimErrorMessage,
  getSparseReshapeNegativeOutputDimErrorMessage,
  getSparseSegmentReductionIndicesOutOfRangeErrorMessage,
  getSparseSegmentReductionNegativeSegmentIdsErrorMessage,
  getSparseSegmentReductionNonIncreasingSegmentIdsErrorMessage,
  getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage,
  prepareAndValidate,
  RowPartitionType,
  validateDefaultValueShape,
  validateInput,
  validateUpdateShape,
} from './indices';
export { upcastType } from './tensor_util';
export * from './windows';
export { segment_util, slice_util };

/** Constants of selu (Klambauer et al., 2017), and of erf (Abramowitz and Stegun, 7.1.26). */
export const SELU_SCALEALPHA = 1.7580993408473768,
  SELU_SCALE = 1.0507009873554805;
export const ERF_P = 0.3275911,
  ERF_A1 = 0.254829592,
  ERF_A2 = -0.284496736,
  ERF_A3 = 1.421413741,
  ERF_A4 = -1.453152027,
  ERF_A5 = 1.061405429;

export const warn = (...message: unknown[]): void => console.warn(...message);
export const log = (...message: unknown[]): void => console.log(...message);

/** Strings of bytes, and bytes of strings. */
export function fromUint8ToStringArray(values: Uint8Array[]): string[] {
  want('backend_util.fromUint8ToStringArray', { values }, 'array');
  const strings = Array.from(values);
  want('backend_util.fromUint8ToStringArray', { values: strings }, 'byteArrays');
  return strings.map(decodeText);
}
export function fromStringArrayToUint8(strings: string[]): Uint8Array[] {
  want('backend_util.fromStringArrayToUint8', { strings }, 'strings');
  return strings.map(encodeText);
}
