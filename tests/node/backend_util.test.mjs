// What packages with kernels of their own call (backend_util, slice_util, scatter_util), beside TensorFlow.js.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, tf } from '../lib/both.mjs';

const shaped = (...shape) => ({ shape, rank: shape.length, dtype: 'int32' });
/** Each function with lists of arguments; the results of both libraries must be the same. */
const CALLS = {
  'scatter_util.validateUpdateShape': [
    [[5, 3], shaped(4, 1), shaped(4, 3)],
    [[5, 3], shaped(4, 2), shaped(4)],
    [[5, 3, 2], shaped(6, 4, 1), shaped(6, 4, 3, 2)],
    [[5], shaped(4), shaped(4)],
  ],
  'scatter_util.validateInput': [[shaped(4, 3), shaped(4, 1), [5, 3]]],
  'scatter_util.calculateShapes': [
    [shaped(4, 3), shaped(4, 1), [5, 3]],
    [shaped(4), shaped(4, 2), [5, 3]],
    [shaped(4, 3), shaped(4), [5, 3]],
  ],
  'backend_util.computeDefaultPad': [
    [[7, 5, 3], 3, 1],
    [[7, 5, 3], 3, 2],
    [[8, 8, 1], 5, 3, 2],
  ],
  'backend_util.tupleValuesAreOne': [[1], [2], [[1, 1]], [[1, 2]], [[1, 1, 1]], [[1, 1, 3]]],
  'backend_util.eitherStridesOrDilationsAreOne': [
    [1, 2],
    [2, 1],
    [[1, 1], 3],
    [2, [2, 1]],
  ],
  'backend_util.stridesOrDilationsArePositive': [[1], [0], [[1, 2]], [[1, 0]], [-1]],
  'backend_util.convertConv2DDataFormat': [['NHWC'], ['NCHW']],
  'backend_util.computePool2DInfo': [
    [[2, 7, 9, 3], 3, 2, 1, 'same'],
    [[2, 7, 9, 3], [2, 3], [1, 2], 1, 'valid'],
    [[2, 7, 9, 3], 3, 1, 2, 1, 'floor'],
    [[2, 3, 7, 9], 3, 2, 1, 'same', undefined, 'channelsFirst'],
    [[1, 8, 8, 1], 3, 3, 1, 2, 'ceil'],
  ],
  'backend_util.computePool3DInfo': [
    [[2, 5, 7, 9, 3], 3, 2, 1, 'same'],
    [[2, 5, 7, 9, 3], [1, 2, 3], [1, 2, 1], 1, 'valid'],
    [[2, 5, 7, 9, 3], 2, 1, 2, 1, 'round'],
    [[2, 3, 5, 7, 9], 2, 2, 1, 'same', undefined, 'NCDHW'],
  ],
  'backend_util.computeConv2DInfo': [
    [[2, 7, 9, 3], [3, 3, 3, 4], 2, 1, 'same'],
    [[2, 7, 9, 3], [2, 3, 3, 4], [1, 2], 1, 'valid'],
    [[2, 7, 9, 3], [3, 3, 3, 4], 1, 2, 1, 'floor'],
    [[2, 7, 9, 3], [3, 3, 3, 4], 1, 1, [[0, 0], [1, 2], [3, 0], [0, 0]], 'floor'], // prettier-ignore
    [[2, 7, 9, 3], [3, 3, 3, 2], 1, 1, 'same', undefined, true],
    [[2, 3, 7, 9], [3, 3, 3, 4], 2, 1, 'same', undefined, false, 'channelsFirst'],
  ],
  'backend_util.computeConv3DInfo': [
    [[2, 5, 7, 9, 3], [3, 3, 3, 3, 4], 2, 1, 'same'],
    [[2, 5, 7, 9, 3], [1, 2, 3, 3, 4], [1, 2, 1], 1, 'valid'],
    [[2, 5, 7, 9, 3], [2, 2, 2, 3, 4], 1, 2, 'same'],
    [[2, 5, 7, 9, 3], [2, 2, 2, 3, 4], 1, 1, 'same', true],
  ],
  'backend_util.computeDilation2DInfo': [
    [[2, 7, 9, 3], [3, 3, 3], 2, 'same', 'NHWC', 1],
    [[2, 7, 9, 3], [2, 3, 3], [1, 2], 'valid', 'NHWC', 1],
  ],
  'backend_util.axesAreInnerMostDims': [
    [[2], 3],
    [[1, 2], 3],
    [[0, 2], 3],
    [[], 2],
  ],
  'backend_util.combineLocations': [
    [[1, 2], [7], [1]],
    [[3], [5, 6], [0, 2]],
  ],
  'backend_util.computeOutAndReduceShapes': [
    [[2, 3, 4], [1]],
    [
      [2, 3, 4],
      [0, 2],
    ],
    [[2, 3], []],
  ],
  'backend_util.expandShapeToKeepDim': [
    [[2, 4], [1]],
    [[3], [0, 2]],
  ],
  'backend_util.getAxesPermutation': [
    [[0], 3],
    [[0, 1], 4],
    [[2], 3],
  ],
  'backend_util.getUndoAxesPermutation': [[[2, 0, 1]], [[0, 1]], [[3, 1, 0, 2]]],
  'backend_util.getInnerMostAxes': [
    [2, 3],
    [1, 4],
    [0, 2],
  ],
  'backend_util.computeOutShape': [
    [[[2, 3], [2, 4]], 1], // prettier-ignore
    [[[2, 3], [5, 3]], 0], // prettier-ignore
  ],
  'backend_util.computeOptimalWindowSize': [[1], [30], [31], [64], [1000], [1024], [997]],
  'backend_util.getImageCenter': [
    [0.5, 10, 20],
    [[0.25, 0.75], 10, 20],
  ],
  'backend_util.getReshaped': [
    [[4, 6, 3], [2, 3], 6],
    [[4, 6, 3], [2, 3], 6, false],
    [[8, 2, 5], [2], 2],
  ],
  'backend_util.getPermuted': [
    [4, 1],
    [5, 2],
    [5, 2, false],
    [6, 2, false],
  ],
  'backend_util.getReshapedPermuted': [
    [[4, 6, 3], [2, 3], 6],
    [[4, 6, 3], [2, 3], 6, false],
  ],
  'backend_util.getSliceBeginCoords': [[[[1, 2], [0, 3]], 2], [[[1, 2]], 1]], // prettier-ignore
  'backend_util.getSliceSize': [
    [[4, 6, 3], [[1, 2], [0, 3]], 2], // prettier-ignore
    [[4, 6], [[1, 1]], 1],
  ],
  'backend_util.getBroadcastDims': [
    [
      [1, 3],
      [2, 3],
    ],
    [
      [2, 1],
      [2, 3],
    ],
    [[3], [2, 3]],
    [
      [1, 1, 3],
      [4, 2, 3],
    ],
  ],
  'backend_util.getReductionAxes': [
    [
      [1, 3],
      [2, 3],
    ],
    [[3], [2, 3]],
    [
      [2, 1, 1],
      [2, 3, 1],
    ],
    [[], [2]],
  ],
  'backend_util.assertAndGetBroadcastShape': [
    [
      [1, 3],
      [2, 3],
    ],
    [[3], [2, 1]],
    [[], [2]],
    [
      [0, 1],
      [1, 4],
    ],
  ],
  'backend_util.decodeEinsumEquation': [
    ['ij,jk->ik', 2],
    ['bij,bjk->bik', 2],
    ['ij->', 1],
  ],
  'backend_util.getEinsumPermutation': [
    [3, [0, 2]],
    [2, [1]],
    [4, [3, 0, 1]],
  ],
  'backend_util.getEinsumComputePath': [
    [[2], [[0, 1], [1, 2]]], // prettier-ignore
    [[2, 3], [[0, 2], [2, 3, 1]]], // prettier-ignore
  ],
  'backend_util.isIdentityPermutation': [[[0, 1, 2]], [[1, 0]], [[]]],
  'backend_util.prepareSplitSize': [
    [{ shape: [2, 6] }, 3, 1],
    [{ shape: [2, 6] }, [1, -1, 2], 1],
    [{ shape: [4, 6] }, [1, 3], 0],
  ],
  'backend_util.getRaggedRank': [[['ROW_SPLITS']], [['FIRST_DIM_SIZE', 'VALUE_ROWIDS']], [[]]],
  'backend_util.splitRealAndImagArrays': [[new Float32Array([1, 2, 3, 4])]],
  'backend_util.mergeRealAndImagArrays': [[new Float32Array([1, 3]), new Float32Array([2, 4])]],
  'backend_util.complexWithEvenIndex': [
    [new Float32Array([1, 2, 3, 4, 5, 6, 7, 8])],
    [new Float32Array([1, 2, 3, 4, 5, 6])],
  ],
  'backend_util.complexWithOddIndex': [
    [new Float32Array([1, 2, 3, 4, 5, 6, 7, 8])],
    [new Float32Array([1, 2, 3, 4, 5, 6])],
  ],
  'backend_util.getComplexWithIndex': [[new Float32Array([1, 2, 3, 4]), 1]],
  'backend_util.exponents': [
    [4, false],
    [4, true],
    [5, false],
  ],
  'backend_util.exponent': [
    [1, 4, false],
    [3, 5, true],
  ],
  'backend_util.fromUint8ToStringArray': [[[new Uint8Array([72, 105])]]],
  'backend_util.getSparseReshapeMultipleNegativeOneOutputDimErrorMessage': [[0, 2]],
  'backend_util.getSparseReshapeNegativeOutputDimErrorMessage': [[1, -3]],
  'backend_util.getSparseReshapeEmptyTensorZeroOutputDimErrorMessage': [[]],
  'backend_util.getSparseReshapeInputOutputMultipleErrorMessage': [[[2, 3], [4, 5]]], // prettier-ignore
  'backend_util.getSparseReshapeInputOutputMismatchErrorMessage': [[[2, 3], [4, 5]]], // prettier-ignore
  'backend_util.getSparseFillEmptyRowsNegativeIndexErrorMessage': [[3, -1]],
  'backend_util.getSparseFillEmptyRowsOutOfRangeIndexErrorMessage': [[3, 7, 5]],
  'backend_util.getSparseSegmentReductionNegativeSegmentIdsErrorMessage': [[]],
  'backend_util.getSparseSegmentReductionNonIncreasingSegmentIdsErrorMessage': [[]],
  'backend_util.getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage': [[5, 4]],
  'backend_util.getSparseSegmentReductionIndicesOutOfRangeErrorMessage': [[1, 9, 4]],
  'backend_util.segment_util.segOpComputeOptimalWindowSize': [
    [5, 2],
    [100, 7],
    [1000, 31],
    [1024, 1024],
  ],
  'backend_util.segment_util.computeOutShape': [
    [[4, 6, 3], 1, 9],
    [[4], 0, 2],
  ],
  'slice_util.maskToAxes': [[0], [5], [6], [1]],
  'slice_util.computeOutShape': [
    [
      [1, 0],
      [4, 5],
      [2, 1],
    ],
    [
      [3, 4],
      [0, 1],
      [-1, -2],
    ],
    [[2], [2], [1]],
  ],
  'slice_util.stridesWithElidedDims': [[[2, 3], 1, 2, [4, 5, 6, 7]]],
  'slice_util.isSliceContinous': [
    [
      [4, 5],
      [1, 0],
      [2, 5],
    ],
    [
      [4, 5],
      [1, 1],
      [2, 3],
    ],
    [
      [4, 5],
      [2, 1],
      [1, 3],
    ],
  ],
  'slice_util.computeFlatOffset': [
    [
      [1, 2, 3],
      [20, 5, 1],
    ],
    [[3], [1]],
  ],
  'slice_util.parseSliceParams': [
    [{ shape: [4, 5], rank: 2 }, [1, 2], [2, -1]],
    [{ shape: [4, 5], rank: 2 }, 1],
    [{ shape: [4, 5], rank: 2 }, 1, 2],
    [{ shape: [4, 5], rank: 2 }, [0, 1], [-1, 2]],
  ],
  'slice_util.sliceInfo': [
    [[4, 5, 6], [1, 0, 2], [3, 4, 5], [1, 2, 1], 0, 0, 0, 0, 0],
    [[4, 5, 6], [1, 0, 2], [3, 4, 5], [1, 2, 1], 1, 2, 0, 0, 4],
    [[4, 5, 6], [3, 0], [0, 4], [-1, 2], 0, 0, 1, 0, 0],
    [[4, 5, 6], [1, 0, 2], [3, 4, 5], [1, 1, 1], 0, 0, 0, 2, 0],
    [[4, 5, 6], [1, 0, 0, 2], [3, 0, 0, 5], [1, 1, 1, 1], 0, 0, 2, 4, 0],
  ],
  'slice_util.getNormalizedAxes': [
    [[4, 5, 6], [1], 1, [1, 0, 2], [3, 0, 5], [1, 1, 2], 0, 0, 2],
    [[4, 5, 6], [], 0, [1, -4, 2], [3, 4, -1], [1, 2, 1], 1, 4, 0],
  ],
  'slice_util.startForAxis': [
    [0, [1, 2], [1, 1], [4, 5], 0, 0],
    [1, [-2, 2], [1, -1], [4, 5], 0, 0],
    [0, [-2, 2], [1, 1], [4, 5], 1, 0],
    [1, [3, 2], [-1, 1], [4, 5], 0, 0],
    [0, [3, 2], [1, 1], [4, 5], 0, 1],
    [0, [9, 2], [1, 1], [4, 5], 0, 0],
    [0, [-9, 2], [-1, 1], [4, 5], 0, 0],
  ],
  'slice_util.stopForAxis': [
    [0, [3, 4], [1, 1], [4, 5], 0, 0],
    [1, [3, -1], [-1, 1], [4, 5], 0, 0],
    [0, [3, -1], [1, 1], [4, 5], 1, 0],
    [0, [3, 4], [1, 1], [4, 5], 0, 1],
    [0, [9, 4], [1, 1], [4, 5], 0, 0],
    [0, [-9, 4], [-1, 1], [4, 5], 0, 0],
  ],
  'slice_util.stridesForAxis': [
    [[2, 3], 0, 0],
    [[2, 3], 1, 2],
    [[0, 3], 0, 0],
  ],
};

/** Arguments that both refuse, and a word of what both say. */
const REFUSED = {
  'scatter_util.validateUpdateShape': [
    [[[5, 3], shaped(6, 4, 2), shaped(6)], /batchDim: 2\. update\.rank < 2/],
    [[[5, 3], shaped(4, 2), shaped(4, 3)], /Output shape length < 3/],
    [[[5, 3], shaped(4, 1), shaped(4)], /update\.rank != 2/],
    [[[5, 3], shaped(4, 1), shaped(2, 3)], /updates\.shape\[0\] \(2\) != indices\.shape\[0\] \(4\)/],
    [[[5, 3], shaped(4, 1), shaped(4, 2)], /updates\.shape\[1\] \(2\) != shape\[1\] \(3\)/],
  ],
  'scatter_util.validateInput': [
    [[shaped(4), shaped(), [5]], /indices to be rank 1 or higher, but the rank was 0/],
    [[shaped(), shaped(4), [5]], /updates to be rank 1 or higher, but the rank was 0/],
    [[shaped(4), { ...shaped(4), dtype: 'float32' }, [5]], /should be int32, but got dtype: float32/],
    [[shaped(4), shaped(4), []], /Output rank must be greater or equal to 1/],
  ],
  'backend_util.assertAndGetBroadcastShape': [[[[2], [3]], /broadcast/i]], // prettier-ignore
  'backend_util.assertAxesAreInnerMostDims': [[['sum', [0], 2], /inner-most/]],
  'backend_util.checkPadOnDimRoundingMode': [[['conv2d', 'same', 'floor'], /dimRoundingMode/]],
  'backend_util.assertParamsConsistent': [[[[[2, 3], [2]], 0], /rank/i]], // prettier-ignore
  'backend_util.decodeEinsumEquation': [
    [['ij,jk', 2], /->|arrow/],
    [['ii->i', 1], /duplicate axes/],
  ],
  'slice_util.assertParamsValid': [
    [[{ shape: [4, 5], rank: 2 }, [1, 2], [9, 1]], /./],
    [[{ shape: [4, 5], rank: 2 }, [1], [2]], /./],
  ],
};

const named = (lib, name) => name.split('.').reduce((space, key) => space[key], lib);

for (const [name, calls] of Object.entries(CALLS))
  test(`${name} gives what TensorFlow.js's gives`, async () => {
    for (const args of calls) await both((lib) => named(lib, name)(...args));
  });

for (const [name, calls] of Object.entries(REFUSED))
  test(`${name} refuses what TensorFlow.js's refuses`, async () => {
    for (const [args, message] of calls) await both((lib) => named(lib, name)(...args), message);
  });

test('combineRaggedTensorToTensorShapes fills what the shape leaves open', () => {
  const { combineRaggedTensorToTensorShapes: combine } = tf.backend_util;
  assert.deepEqual(combine(1, [2, -1, -1], [3, 4]), [2, -1, 4]);
  assert.throws(() => combine(1, [2, -1, 5], [3, 4]), /shape\[2\] = 4 but shape\[2\] = 5/);
  assert.throws(() => combine(1, [2, -1], [3, 4]), /rank = 3, but shape.rank = 2/);
});
