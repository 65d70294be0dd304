// Rows of graphs, a node each: convolutions and pooling with what the converter fuses into them, and images;
// each padding, stride, dilation and activation.
import {
  attr,
  f,
  filter,
  floats,
  fused,
  image,
  ints,
  model,
  node,
  number,
  one,
  pooling,
  volume,
  whole,
  window,
} from './graphs.mjs';

const pad = (padding) => ({ padding: attr.text(padding) });
const sizes = (...list) => attr.ints(list);
const explicit = { ...pad('EXPLICIT'), explicit_paddings: sizes(0, 0, 1, 2, 2, 1, 0, 0) };
const plain = { ...window, strides: sizes(1, 1, 1, 1) };
const on = attr.bool(true),
  off = attr.bool(false);
const alpha = f(0.1, 0.4),
  bias = f(0.3, -0.2),
  bias4 = f(1, -1, 0.5, 0),
  small = filter([1, 4, 4, 3, 2]);
const boxes = floats(
  [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101],
  [6, 4],
);
const scores = f(0.9, 0.75, 0.6, 0.95, 0.5, 0.3);
const ACTIVATIONS = ['Relu', 'Relu6', 'Elu', 'Sigmoid', 'LeakyRelu', 'Linear'];
const first = ({ values, shape: [n, h, w, c] }) =>
  floats(
    Array.from({ length: n * c * h * w }, (_, at) => {
      const x = at % w,
        y = Math.floor(at / w) % h,
        k = Math.floor(at / w / h) % c,
        i = Math.floor(at / w / h / c);
      return values[((i * h + y) * w + x) * c + k];
    }),
    [n, c, h, w],
  );
const channels = { data_format: attr.text('NCHW'), strides: sizes(1, 1, 2, 2), dilations: sizes(1, 1, 1, 1) };

/** A row on an image [n, c, h, w], and a graph that does the same with the channels last. */
const channels_first = (op, more, attrs, last) => ({
  ...one(op, [first(image), ...more], attrs),
  peer: () =>
    model(
      [
        node('a0', 'Placeholder'),
        node('in', 'Const'),
        node('out', 'Const'),
        node('x', 'Transpose', ['a0', 'in']),
        ...more.map((_, i) => node(`a${i + 1}`, 'Const')),
        node('z', op, ['x', ...more.map((_, i) => `a${i + 1}`)], last),
        node('y', 'Transpose', ['z', 'out']),
      ],
      { in: ints([0, 2, 3, 1]), out: ints([0, 3, 1, 2]), ...Object.fromEntries(more.map((x, i) => [`a${i + 1}`, x])) },
    ),
});

/** A fused depthwise convolution; the peer has no slope for LeakyRelu there, so it is asked for the steps. */
const depthwise = (more, alpha = { leakyrelu_alpha: attr.float(0.3) }) => ({
  ...one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1]), bias4], {
    ...window,
    ...fused(['BiasAdd', ...more], 1, alpha),
  }),
  ...(more[0] === 'LeakyRelu' && {
    peer: () =>
      model(
        [
          node('a0', 'Placeholder'),
          node('w', 'Const'),
          node('b', 'Const'),
          node('d', 'DepthwiseConv2dNative', ['a0', 'w'], window),
          node('s', 'BiasAdd', ['d', 'b']),
          node('y', 'LeakyRelu', ['s'], { alpha: attr.float(0.3) }),
        ],
        { w: filter([3, 3, 4, 1]), b: bias4 },
      ),
  }),
});

const STRIDES = [
  ['VALID', 1, 1, 1],
  ['SAME', 1, 1, 1],
  ['VALID', 2, 1, 1],
  ['SAME', 2, 3, 1],
  ['SAME', 1, 1, 2],
  ['VALID', 1, 1, 2],
].map(([padding, h, w, d]) => ({ ...pad(padding), strides: sizes(1, h, w, 1), dilations: sizes(1, d, d, 1) }));

export const rows = [
  ...STRIDES.flatMap((how) => [
    one('Conv2D', [image, filter([3, 2, 4, 2])], { ...window, ...how }),
    one('_FusedConv2D', [image, filter([3, 2, 4, 2]), bias], { ...window, ...how, ...fused(['BiasAdd', 'Relu'], 1) }),
    ...['DepthwiseConv2d', 'DepthwiseConv2dNative']
      .filter(() => how.strides.list.i[1] === how.strides.list.i[2])
      .flatMap((op) => [1, 2].map((n) => one(op, [image, filter([2, 3, 4, n])], { ...window, ...how }))),
  ]),
  one('Conv2D', [image, filter([3, 3, 4, 2])], { ...plain, ...explicit, useCudnnOnGpu: on }),
  one('Conv2D', [image, filter([1, 1, 4, 3])], {
    ...pad('VALID'),
    strides: sizes(1, 1, 1, 1),
    dilations: sizes(1, 1, 1, 1),
  }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), bias], {
    ...plain,
    ...explicit,
    ...fused(['BiasAdd', 'Relu6'], 1),
  }),
  one('DepthwiseConv2dNative', [image, filter([3, 3, 4, 2])], { ...plain, ...explicit }),
  one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1]), bias4], {
    ...plain,
    ...explicit,
    ...fused(['BiasAdd'], 1),
  }),
  // attributes in the forms that protobuf's JSON has had: numbers, lists of bytes, enums by number
  one('Conv2D', [image, filter([3, 3, 4, 2])], {
    strides: { list: { i: [1, 2, 2, 1] } },
    padding: { s: [...Buffer.from('SAME')] },
    data_format: { s: [...Buffer.from('NHWC')] },
    dilations: { list: { i: [1, 1, 1, 1] } },
    T: { type: 1 },
  }),
  one('MaxPool', [image], {
    strides: { list: { i: [1, '2', 2, '1'] } },
    padding: { s: [...Buffer.from('VALID')] },
    ksize: { list: { i: ['1', 2, '2', 1] } },
  }),
  // every activation that may be fused, with a bias and without
  ...[[], ...ACTIVATIONS.map((name) => [name])].flatMap((more) => [
    one('_FusedConv2D', [image, filter([3, 3, 4, 2]), bias], { ...window, ...fused(['BiasAdd', ...more], 1) }),
    depthwise(more),
  ]),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2])], { ...window, ...fused([], 0) }),
  one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1])], { ...window, ...fused([], 0) }),
  one('_FusedConv2D', [image, filter([1, 1, 4, 2]), bias], {
    ...window,
    ...fused(['BiasAdd', 'LeakyRelu'], 1, { leakyrelu_alpha: attr.float(0.6), epsilon: attr.float(0.01) }),
  }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), bias], {
    strides: sizes(1, 2, 1, 1),
    ...pad('SAME'),
    ...fused(['BiasAdd', 'Relu'], 1),
  }), // dilations and format as they are where nothing is said
  one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1]), bias4], {
    strides: sizes(1, 2, 2, 1),
    ...pad('SAME'),
    ...fused(['BiasAdd', 'Relu6'], 1),
  }),
  one('FusedDepthwiseConv2dNative', [image, filter([3, 3, 4, 1]), bias4, f(0.1, 0.2, 0.3, 0.4)], {
    ...window,
    ...fused(['BiasAdd', 'Prelu'], 2),
  }),
  one('_FusedConv2D', [image, filter([3, 3, 4, 2]), bias, floats([0.2], [1, 1, 1])], {
    ...window,
    ...fused(['BiasAdd', 'Prelu'], 2),
  }),
  one('_FusedConv2D', [image, filter([2, 2, 4, 2]), bias, alpha], { ...plain, ...fused(['BiasAdd', 'Prelu'], 2) }),
  ...['SAME', 'VALID'].flatMap((how) =>
    [1, 2].map((step) => {
      const size = how === 'SAME' ? 4 : 3 + (3 - 1) * step,
        from = how === 'SAME' ? 4 / step : 3;
      return one('Conv2DBackpropInput', [ints([2, size, size, 4]), filter([3, 3, 4, 2]), filter([2, from, from, 2])], {
        ...window,
        ...pad(how),
        strides: sizes(1, step, step, 1),
      });
    }),
  ),
  ...['SAME', 'VALID'].flatMap((how) =>
    [
      [1, 1],
      [2, 1],
      [1, 2],
    ].map(([stride, dilation]) =>
      one('Conv1D', [filter([2, 8, 3]), filter([3, 3, 2])], {
        stride: attr.int(stride),
        dilation: attr.int(dilation),
        ...pad(how),
        data_format: attr.text('NWC'),
      }),
    ),
  ),
  one('Conv1D', [filter([2, 8, 3]), filter([3, 3, 2])], { stride: attr.int(1), ...pad('SAME') }),
  ...['SAME', 'VALID'].flatMap((how) => [
    one('Conv3D', [small, filter([2, 2, 2, 2, 3])], { ...volume, ...pad(how), strides: sizes(1, 1, 1, 1, 1) }),
    one('Conv3D', [small, filter([2, 2, 1, 2, 1])], { ...volume, ...pad(how) }),
    ...['AvgPool3D', 'MaxPool3D'].map((op) =>
      one(op, [small], { ...volume, ...pad(how), ksize: sizes(1, 3, 2, 1, 1), strides: sizes(1, 1, 2, 1, 1) }),
    ),
    ...['AvgPool', 'MaxPool'].flatMap((op) =>
      [
        [2, 3, 1, 2],
        [3, 3, 2, 2],
        [5, 5, 1, 1],
      ].map(([h, w, sh, sw]) =>
        one(op, [image], { ...pad(how), ksize: sizes(1, h, w, 1), strides: sizes(1, sh, sw, 1) }),
      ),
    ),
    ...[on, off].map((include_batch_in_index) =>
      one('MaxPoolWithArgmax', [image], { ...pooling, ...pad(how), include_batch_in_index }, 2),
    ),
    one('Dilation2D', [image, filter([2, 3, 4])], {
      ...pad(how),
      strides: sizes(1, 2, 1, 1),
      rates: sizes(1, 1, 2, 1),
    }),
  ]),
  one('FusedBatchNormV3', [image, bias4, f(0, 1, -1, 2), f(0.1, 0.2, 0.3, 0), f(1, 2, 0.5, 3)], {
    is_training: off,
    data_format: attr.text('NHWC'),
  }),
  one('FusedBatchNorm', [image, bias4, f(0, 1, -1, 2), f(0.1, 0.2, 0.3, 0), f(1, 2, 0.5, 3)]),
  one('LRN', [image]),
  one('LRN', [image], {
    depth_radius: attr.int(1),
    bias: attr.float(2),
    alpha: attr.float(0.0001),
    beta: attr.float(0.75),
  }),

  // channels first: the peer's kernels refuse it or mistake the axes, so it is asked for the same with them last
  ...[
    ['Conv2D', filter([3, 3, 4, 2])],
    ['DepthwiseConv2dNative', filter([3, 3, 4, 1])],
    ['MaxPool'],
    ['AvgPool'],
    ['FusedBatchNormV3', bias4, f(0, 1, -1, 2), f(0.1, 0.2, 0.3, 0), f(1, 2, 0.5, 3)],
    ['BiasAdd', bias4],
  ].map(([op, ...more]) =>
    channels_first(op, more, { ...channels, ...pad('SAME'), ksize: sizes(1, 1, 3, 3) }, pooling),
  ),
  channels_first(
    'DepthToSpace',
    [],
    { block_size: attr.int(2), data_format: attr.text('NCHW') },
    { block_size: attr.int(2), data_format: attr.text('NHWC') },
  ),

  // images
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((op) =>
    [
      [off, off],
      [on, off],
      [off, on],
    ].flatMap(([align_corners, half_pixel_centers]) =>
      [
        [9, 4],
        [5, 5],
        [1, 1],
        [3, 10],
      ].map((size) => one(op, [image, ints(size)], { align_corners, half_pixel_centers })),
    ),
  ),
  ...['ResizeBilinear', 'ResizeNearestNeighbor'].map((op) =>
    one(op, [
      ints(
        Array.from({ length: 12 }, (_, i) => i * i),
        [1, 3, 4, 1],
      ),
      ints([2, 5]),
    ]),
  ),
  one('ResizeBilinear', [image, ints([2, 2])]),
  ...['bilinear', 'nearest'].flatMap((method) => [
    one('CropAndResize', [image, floats([0, 0, 1, 1, 0.9, 0.8, 0.1, 0], [2, 4]), ints([0, 1]), ints([4, 3])], {
      method: attr.text(method),
      extrapolation_value: attr.float(-2),
    }),
    one('CropAndResize', [image, floats([-0.5, 0.2, 1.5, 0.7], [1, 4]), ints([1]), ints([1, 4])], {
      method: attr.text(method),
      extrapolation_value: attr.float(0),
    }),
  ]),
  ...['NEAREST', 'BILINEAR'].flatMap((interpolation) =>
    ['CONSTANT', 'REFLECT', 'WRAP', 'NEAREST'].map((mode) =>
      one(
        'ImageProjectiveTransformV3',
        [filter([1, 4, 5, 2]), floats([1.2, 0.1, -1, 0.2, 0.9, 1.3, 0.01, 0], [1, 8]), ints([5, 6]), number(7)],
        { interpolation: attr.text(interpolation), fill_mode: attr.text(mode) },
      ),
    ),
  ),
  ...[
    [3, 0.5, 0],
    [6, 0.3, 0.55],
    [0, 0.5, 0],
    [2, 1, 0],
  ].flatMap(([most, overlap, least]) => [
    one('NonMaxSuppressionV3', [boxes, scores, whole(most), number(overlap), number(least)]),
    one('NonMaxSuppressionV5', [boxes, scores, whole(most), number(overlap), number(least), number(0)], {}, 2),
    ...[on, off].map((pad_to_max_output_size) =>
      one(
        'NonMaxSuppressionV4',
        [boxes, scores, whole(most), number(overlap), number(least)],
        { pad_to_max_output_size },
        2,
      ),
    ),
  ]),
  ...[2, 5].map((block) =>
    one('DepthToSpace', [filter([1, 2, 3, block * block * 2])], {
      block_size: attr.int(block),
      data_format: attr.text('NHWC'),
    }),
  ),
];
