// Rows of graphs: cutting and joining, shapes, places, sparse, ragged and string tensors; dtypes, axes from the end,
// masks, defaults of attributes.
import { attr, bools, f, filter, floats, image, ints, matrix, node, number, one, result, strings, whole, whole_graph } from './graphs.mjs';

const on = attr.bool(true), off = attr.bool(false), N = (n) => ({ N: attr.int(n) });
const words = strings(['a', 'ü', '', 'long word'], [2, 2]), truths = bools([1, 0, 0, 1], [2, 2]), counts = ints([1, -2, 3, 4], [2, 2]);
const ANY = [matrix, counts, truths, words], NUMBERS = [matrix, counts, truths];
const spots = ints([0, 1, 1, 1], [2, 2]);

export const rows = [
  ...NUMBERS.flatMap((x) => [one('Concat', [whole(0), x, x], N(2)), one('ConcatV2', [x, x, x, whole(-1)], N(3))]), one('ConcatV2', [words, words, whole(1)], N(2)), one('ConcatV2', [matrix, whole(0)], N(1)),
  one('ConcatV2', [floats([], [0, 4]), matrix, whole(0)], N(2)), one('Concat', [whole(-1), f(1), f(2, 3)], N(2)),
  ...NUMBERS.flatMap((x) => [one('Gather', [x, ints([1, 0, 1])]), one('GatherV2', [x, ints([1, 0], [1, 2]), whole(-1)]), one('GatherV2', [x, ints([0, 1, 1, 0], [2, 2]), whole(1)], { batch_dims: attr.int(0) })]),
  one('GatherV2', [matrix, f(2, 0), whole(0)]), one('GatherV2', [filter([2, 3, 2]), ints([2, 0, 1, 1], [2, 2]), whole(1)], { batch_dims: attr.int(1) }), one('GatherV2', [matrix, whole(1), whole(0)]), one('Gather', [words, ints([1])], {}, 1, [result([1, 2], ['', 'long word'], 'string')]),
  one('GatherNd', [matrix, ints([0, 2], [2, 1])]), one('GatherNd', [image, ints([0, 1, 1, 4], [2, 2])]), one('GatherNd', [counts, ints([1, 0], [1, 2])]), one('GatherNd', [words, ints([1, 0], [1, 2])]),
  ...NUMBERS.map((x) => one('MirrorPad', [x, ints([1, 0, 0, 1], [2, 2])], { mode: attr.text('REFLECT') })), one('MirrorPad', [image, ints([0, 0, 2, 1, 1, 2, 0, 0], [4, 2])], { mode: attr.text('SYMMETRIC') }),
  ...[matrix, counts].flatMap((x) => [one('Pad', [x, ints([0, 1, 2, 0], [2, 2])]), one('Pad', [x, ints([0, 1, 2, 0], [2, 2])], { constant_value: attr.float(3) }), one('PadV2', [x, ints([1, 0, 0, 0], [2, 2]), x.dtype === 'int32' ? whole(-7) : number(0.5)])]),
  one('Pad', [f(1, 2), ints([1, 1], [1, 2])]), one('Pad', [image, ints([0, 0, 1, 1, 2, 0, 0, 0], [4, 2])]),
  ...ANY.flatMap((x) => [one('Pack', [x, x]), one('Pack', [x, x], { axis: attr.int(-1) }), one('Pack', [x], { axis: attr.int(1) })]), one('Pack', [floats([1, 2], [1, 2]), floats([3, 4], [2, 1])], { axis: attr.int(0) }), one('Pack', [number(1), number(2)]),
  ...[matrix, counts, truths].flatMap((x) => [one('Unpack', [x], {}, x.shape[0]), one('Unpack', [x], { axis: attr.int(-1), num: attr.int(x.shape[1]) }, x.shape[1])]), one('Unpack', [f(1, 2)], { num: attr.int(2) }, 2),
  ...ANY.flatMap((x) => [one('Reshape', [x, ints([-1])]), one('Reshape', [x, ints([1, -1, 2])]), one('ExpandDims', [x, whole(0)]), one('ExpandDims', [x, whole(-1)])]), one('Reshape', [f(1), ints([])]), one('Reshape', [floats([], [0, 3]), ints([3, 0])]),
  ...NUMBERS.flatMap((x) => [one('Reverse', [x, bools([1, 1])]), one('ReverseV2', [x, ints([-1])]), one('ReverseV2', [x, ints([0, 1])])]), one('Reverse', [matrix, bools([0, 0])]), one('ReverseV2', [matrix, ints([])]), one('ReverseV2', [matrix, whole(1)]),
  ...ANY.flatMap((x) => [one('Slice', [x, ints([0, 1]), ints([-1, 1])]), one('Slice', [x, ints([1, 0]), ints([1, 0])]), one('Tile', [x, ints([2, 3])])]), one('Slice', [f(1, 2, 3), ints([1]), ints([2])]), one('Slice', [image, ints([0, 1, 2, 0]), ints([1, 2, -1, 3])]),
  one('Tile', [matrix, ints([1, 0])]), one('Tile', [f(1, 2), ints([3])]),
  one('Squeeze', [floats([1, 2], [1, 2, 1])]), one('Squeeze', [ints([1, 2], [1, 2, 1])], { squeeze_dims: attr.ints([-1]) }), one('Squeeze', [strings(['a'], [1, 1])], { squeeze_dims: attr.ints([0]) }), one('Squeeze', [floats([1, 2], [1, 2, 1])], { axis: attr.ints([]) }),
  one('Squeeze', [matrix]), one('Squeeze', [floats([3], [1, 1])], { squeeze_dims: attr.ints([0, 1]) }),
  ...[['begin_mask', 1], ['begin_mask', 2], ['end_mask', 1], ['end_mask', 3], ['ellipsis_mask', 1], ['ellipsis_mask', 2], ['new_axis_mask', 1], ['new_axis_mask', 2], ['shrink_axis_mask', 1], ['shrink_axis_mask', 2], ['shrink_axis_mask', 3]]
    .map(([mask, bits]) => one('StridedSlice', [image, ints([1, 2]), ints([2, 4]), ints([1, 1])], { [mask]: attr.int(bits) })),
  one('StridedSlice', [image, ints([0, 1, 1]), ints([2, 0, 3]), ints([1, 1, 2])], { ellipsis_mask: attr.int(2), begin_mask: attr.int(1), end_mask: attr.int(1) }), one('StridedSlice', [matrix, ints([-1, -1]), ints([-3, -4]), ints([-1, -2])]),
  one('StridedSlice', [matrix, ints([2, 3]), ints([0, 0]), ints([-1, -1])], { begin_mask: attr.int(3), end_mask: attr.int(3) }), one('StridedSlice', [counts, ints([0]), ints([9]), ints([1])]), one('StridedSlice', [matrix, ints([2]), ints([1]), ints([1])], {}, 1, [result([0, 4], [])]),
  one('StridedSlice', [ints([2, 3, 4]), ints([-1]), ints([0]), ints([1])], { shrink_axis_mask: attr.int(1), end_mask: attr.int(1) }), one('StridedSlice', [words, ints([0, 1]), ints([2, 2]), ints([1, 1])], { shrink_axis_mask: attr.int(2) }),
  ...NUMBERS.flatMap((x) => [one('Split', [whole(-1), x], { num_split: attr.int(2) }, 2), one('SplitV', [x, ints([1, 1, x.shape[1] - 2]), whole(1)], {}, 3)]), one('SplitV', [matrix, ints([1, -1, 1]), whole(-1)], {}, 3), one('Split', [whole(0), matrix], {}, 1),
  one('SplitV', [matrix, ints([0, 3]), whole(0)], { num_split: attr.int(2) }, 2),
  ...NUMBERS.flatMap((x) => [one('BroadcastTo', [x, ints([2, ...x.shape])]), one('EnsureShape', [x, ints(x.shape)])]), one('BroadcastTo', [number(2), ints([2, 2])]), one('BroadcastTo', [floats([1, 2, 3], [3, 1]), ints([3, 2])]), one('BroadcastArgs', [ints([]), ints([2, 1])]), one('BroadcastArgs', [ints([4, 1, 3]), ints([2, 1])]),
  one('SpaceToBatchND', [image, ints([2, 2]), ints([1, 0, 0, 1], [2, 2])]), one('SpaceToBatchND', [filter([1, 4, 3]), ints([2]), ints([0, 0], [1, 2])]), one('BatchToSpaceND', [filter([4, 3, 2, 1]), ints([4]), ints([1, 2], [1, 2])]), one('BatchToSpaceND', [filter([8, 1, 2, 1]), ints([2, 2]), ints([0, 0, 0, 0], [2, 2])]),
  one('ShapeN', [counts, words, number(1)], {}, 3, [result([2], [2, 2], 'int32'), result([2], [2, 2], 'int32'), result([0], [], 'int32')]),

  // scatter, sparse, ragged
  ...[f(5, 6), ints([5, -6])].flatMap((v) => [one('ScatterNd', [spots, v, ints([2, 2])]), one('TensorScatterUpdate', [v.dtype === 'int32' ? counts : floats([1, 2, 3, 4], [2, 2]), spots, v]), one('SparseToDense', [spots, ints([2, 2]), v, v.dtype === 'int32' ? whole(9) : number(0.5)])]),
  one('ScatterNd', [ints([0, 0, 2], [3, 1]), floats([1, 2, 3, 4, 5, 6], [3, 2]), ints([4, 2])]), one('TensorScatterUpdate', [matrix, ints([2, 0], [2, 1]), filter([2, 4])]), one('SparseToDense', [ints([1, 3]), ints([5]), f(1, 2), whole(0)]), one('SparseToDense', [whole(2), ints([4]), number(1), number(0)]),
  one('SparseFillEmptyRows', [ints([0, 0, 1, 3], [2, 2]), ints([7, 8]), ints([2, 4]), whole(-1)], {}, 4), one('SparseFillEmptyRows', [ints([], [0, 2]), f(), ints([2, 3]), number(4)], {}, 4), one('SparseReshape', [ints([0, 0, 0, 1, 2, 3], [2, 3]), ints([2, 3, 6]), ints([9, -1])], {}, 2),
  ...['SparseSegmentMean', 'SparseSegmentSum'].flatMap((op) => [one(op, [matrix, ints([0, 1, 2, 0]), ints([0, 0, 2, 2])]), one(op, [matrix, ints([2]), ints([1])])]), one('SparseSegmentSum', [ints([1, 2, 3, 4], [2, 2]), ints([0, 1]), ints([0, 0])]),
  // the peer's mapper leaves the ragged ops out; what TensorFlow gives
  one('RaggedRange', [f(0, 5), f(1, 4), f(0.5, -0.5)], {}, 2, [result([3], [0, 2, 4], 'int32'), result([4], [0, 0.5, 5, 4.5])]),
  one('RaggedRange', [whole(0), ints([2, 3]), whole(1)], {}, 2, [result([3], [0, 2, 5], 'int32'), result([5], [0, 1, 0, 1, 2], 'int32')]),
  one('RaggedTensorToTensor', [ints([-1, -1]), f(1, 2, 3, 4), number(9), ints([0, 2, 2, 4])], { row_partition_types: attr.texts(['ROW_SPLITS']) }, 1, [result([3, 2], [1, 2, 9, 9, 3, 4])]),
  one('RaggedTensorToTensor', [ints([4, 3]), f(1, 2, 3), number(9), whole(4), ints([0, 0, 3])], { row_partition_types: attr.texts(['FIRST_DIM_SIZE', 'VALUE_ROWIDS']) }, 1,
    [result([4, 3], [1, 2, 9, 9, 9, 9, 9, 9, 9, 3, 9, 9])]),
  one('RaggedGather', [ints([0, 3, 3, 5]), ints([10, 20, 30, 40, 50]), ints([2, 0])], { OUTPUT_RAGGED_RANK: attr.int(1) }, 2, [result([3], [0, 2, 5], 'int32'), result([5], [40, 50, 10, 20, 30], 'int32')]),

  // strings
  ...[[' ', true], [' ', false], ['', true]].map(([by, skip]) => one('StringSplit', [strings(['a b', ' c', '', 'd  e ']), strings([by], [])], { skip_empty: attr.bool(skip) }, 3)),
  ...[[[1, 2], 0, false], [[3], -1, false], [[2], 1, true], [[5], 0, true]].map(([widths, pad, short]) => one('StringNGrams', [strings(['a', 'b', 'c', 'd', 'e']), ints([0, 3, 3, 5])],
    { separator: attr.text(' '), ngram_widths: attr.ints(widths), left_pad: attr.text('l'), right_pad: attr.text('r'), pad_width: attr.int(pad), preserve_short_sequences: attr.bool(short) }, 2)),
  ...[1, 10, 1e6].map((num_buckets) => one('StringToHashBucketFast', [strings(['hello', 'a longer text than sixteen bytes', 'ü', '', 'x'.repeat(70), 'y'.repeat(33)])], { num_buckets: attr.int(num_buckets) })),
  one('StaticRegexReplace', [words], { pattern: attr.text('[a-z]+'), rewrite: attr.text('_'), replace_global: off }), one('StaticRegexReplace', [words], { pattern: attr.text('(o)(n)'), rewrite: attr.text('$2$1'), replace_global: on }),

  // inputs that are there for their order only, outputs by name, what a graph has besides
  whole_graph('control inputs', [node('x', 'Placeholder'), node('c', 'Const'), node('n', 'NoOp', ['^x']), node('y', 'AddN', ['x', 'c', '^n']), node('z', 'Neg', ['y', '^c'])], { c: f(1, 2) }, { x: f(3, 4) }, ['z']),
  { ...whole_graph('outputs by name in inputs', [node('x', 'Placeholder'), node('k', 'Const'), node('t', 'TopKV2', ['x:0', 'k:0'], { sorted: on }), node('y', 'Neg', ['t:values:0']), node('z', 'Add', ['t:indices:0', 't:1'])], { k: whole(2) }, { x: matrix }, ['y', 'z']),
    ours: [result([3, 2], [-1.2, -0.2, -2, -1.6, -1.4, -1]), result([3, 2], [2, 4, 6, 0, 6, 0], 'int32')] }, // the peer takes t:0 for both
];
