// Topologies as Keras 3 writes them: each form of config, wrapper, dtype and node, in a table; what they ask for
// that is not done here is refused; and the config.json of a real .keras file.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import * as tf from '../../dist/tensorine.mjs';

// ---- as Keras 3 writes it ----

const part = (module, class_name, config = {}) => ({
  module: `keras.${module}`,
  class_name,
  config,
  registered_name: null,
});
const init = (class_name, config) => part('initializers', class_name, config),
  penalty = (class_name, config) => part('regularizers', class_name, config),
  bound = (class_name, config) => part('constraints', class_name, config);
const policy = (name) => ({
  module: 'keras',
  class_name: 'DTypePolicy',
  config: { name },
  registered_name: null,
  shared_object_id: 135498393126224,
});
const layer = (class_name, name, config = {}, more = {}) => ({
  ...part('layers', class_name, { name, trainable: true, dtype: policy('float32'), ...config }),
  ...more,
});
const input = (shape, name = 'input_layer', more = {}) =>
  part('layers', 'InputLayer', {
    batch_shape: [null, ...shape],
    dtype: 'float32',
    sparse: false,
    ragged: false,
    name,
    ...more,
  });
const sequential = (layers, more = {}) => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'sequential', trainable: true, dtype: policy('float32'), layers, build_input_shape: [null] },
  registered_name: null,
  build_config: { input_shape: [null] },
  compile_config: {
    optimizer: part('optimizers', 'Adam', { learning_rate: 0.001 }),
    loss: 'mse',
    metrics: ['accuracy'],
  },
  ...more,
});

const none = { kernel_regularizer: null, bias_regularizer: null, kernel_constraint: null, bias_constraint: null };
const weights = {
  use_bias: true,
  kernel_initializer: init('GlorotUniform', { seed: null }),
  bias_initializer: init('Zeros'),
  ...none,
};
const dense = { units: 3, activation: 'linear', ...weights, lora_rank: null, quantization_config: null };
const windows = (n) => ({
  filters: 4,
  kernel_size: Array(n).fill(3),
  strides: Array(n).fill(1),
  padding: 'valid',
  data_format: 'channels_last',
  dilation_rate: Array(n).fill(1),
  groups: 1,
  activation: 'linear',
  ...weights,
  activity_regularizer: null,
});
const depth = {
  depth_multiplier: 2,
  depthwise_initializer: init('GlorotUniform', { seed: null }),
  depthwise_regularizer: null,
  depthwise_constraint: null,
};
const point = {
  pointwise_initializer: init('GlorotUniform', { seed: null }),
  pointwise_regularizer: null,
  pointwise_constraint: null,
};
const recurrent = {
  ...weights,
  return_sequences: false,
  return_state: false,
  go_backwards: false,
  stateful: false,
  unroll: false,
  zero_output_for_mask: false,
  units: 3,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  recurrent_initializer: init('Orthogonal', { seed: null, gain: 1 }),
  recurrent_regularizer: null,
  recurrent_constraint: null,
  activity_regularizer: null,
  dropout: 0,
  recurrent_dropout: 0,
  seed: null,
};
const lstm = { ...recurrent, unit_forget_bias: true },
  gru = { ...recurrent, reset_after: true };
const norm = {
  epsilon: 0.001,
  center: true,
  scale: true,
  beta_initializer: init('Zeros'),
  gamma_initializer: init('Ones'),
  beta_regularizer: null,
  gamma_regularizer: null,
  beta_constraint: null,
  gamma_constraint: null,
};
const moving = {
  momentum: 0.99,
  moving_mean_initializer: init('Zeros'),
  moving_variance_initializer: init('Ones'),
  synchronized: false,
};
const pool = (n) => ({
  pool_size: Array(n).fill(2),
  padding: 'valid',
  strides: Array(n).fill(2),
  data_format: 'channels_last',
});
const global = { data_format: 'channels_last', keepdims: false },
  last = { data_format: 'channels_last' };
const IMAGE = [8, 8, 3],
  ROWS = [5, 4],
  VOLUME = [4, 4, 4, 2];

// ---- each layer: shape of its input, config, shape of its result, fields as they are read ----

const LAYERS = [
  ['Dense', ROWS, dense, [5, 3], { units: 3, useBias: true }],
  ['Conv1D', [9, 4], windows(1), [7, 4]],
  ['Conv2D', IMAGE, windows(2), [6, 6, 4], { kernelSize: [3, 3], dataFormat: 'channelsLast' }],
  ['Conv3D', VOLUME, windows(3), [2, 2, 2, 4]],
  [
    'Conv2D',
    [3, 8, 8],
    { ...windows(2), data_format: 'channels_first', padding: 'same' },
    [4, 8, 8],
    { dataFormat: 'channelsFirst' },
  ],
  ['Conv1D', [9, 4], { ...windows(1), padding: 'causal', dilation_rate: [2] }, [9, 4]],
  ['Conv2DTranspose', IMAGE, { ...windows(2), output_padding: null }, [10, 10, 4]],
  ['Conv3DTranspose', VOLUME, { ...windows(3), output_padding: null }, [6, 6, 6, 4]],
  ['DepthwiseConv2D', IMAGE, { ...windows(2), filters: undefined, ...depth }, [6, 6, 6], { depthMultiplier: 2 }],
  ['SeparableConv2D', IMAGE, { ...windows(2), ...depth, ...point }, [6, 6, 4]],
  ['BatchNormalization', IMAGE, { axis: -1, ...norm, ...moving }, IMAGE, { axis: -1, momentum: 0.99 }],
  ['BatchNormalization', IMAGE, { axis: [3], ...norm, ...moving, renorm: false }, IMAGE, { axis: 3 }],
  ['LayerNormalization', IMAGE, { axis: [-1], ...norm, rms_scaling: false }, IMAGE],
  ['LayerNormalization', IMAGE, { axis: -1, ...norm }, IMAGE],
  ['Dropout', ROWS, { rate: 0.5, seed: null, noise_shape: null }, ROWS, { rate: 0.5 }],
  ['SpatialDropout1D', ROWS, { rate: 0.5, seed: 3 }, ROWS],
  ['GaussianNoise', ROWS, { stddev: 0.1, seed: null }, ROWS],
  ['GaussianDropout', ROWS, { rate: 0.1, seed: null }, ROWS],
  ['AlphaDropout', ROWS, { rate: 0.1, seed: null, noise_shape: null }, ROWS],
  [
    'Embedding',
    [6],
    {
      input_dim: 10,
      output_dim: 4,
      embeddings_initializer: init('RandomUniform', { minval: -0.05, maxval: 0.05, seed: null }),
      mask_zero: true,
    },
    [6, 4],
    { maskZero: true },
  ],
  ['LSTM', ROWS, lstm, [3], { recurrentActivation: 'sigmoid' }],
  ['LSTM', ROWS, { ...lstm, return_sequences: true, go_backwards: true }, [5, 3], { goBackwards: true }],
  ['GRU', ROWS, gru, [3]],
  ['SimpleRNN', ROWS, { ...recurrent, recurrent_activation: undefined }, [3]],
  [
    'Bidirectional',
    ROWS,
    {
      merge_mode: 'concat',
      layer: layer('LSTM', 'forward_lstm', lstm, { build_config: { input_shape: [null, 5, 4] } }),
    },
    [6],
  ],
  [
    'Bidirectional',
    ROWS,
    {
      merge_mode: 'sum',
      layer: layer('LSTM', 'f', lstm),
      backward_layer: layer('LSTM', 'b', { ...lstm, go_backwards: true }),
    },
    [3],
  ],
  ['TimeDistributed', ROWS, { layer: layer('Dense', 'd', dense) }, [5, 3]],
  [
    'RNN',
    ROWS,
    {
      return_sequences: true,
      return_state: false,
      go_backwards: false,
      stateful: false,
      unroll: false,
      zero_output_for_mask: false,
      cell: layer('LSTMCell', 'c', lstm),
    },
    [5, 3],
  ],
  [
    'RNN',
    ROWS,
    {
      cell: layer('StackedRNNCells', 's', {
        cells: [layer('GRUCell', 'c', gru), layer('SimpleRNNCell', 'd', recurrent)],
      }),
    },
    [3],
  ],
  ['ConvLSTM2D', [3, 8, 8, 2], { ...lstm, ...windows(2), units: undefined, activation: 'tanh' }, [6, 6, 4]],
  ['Flatten', IMAGE, last, [192]],
  ['Reshape', ROWS, { target_shape: [2, 10] }, [2, 10]],
  ['Permute', ROWS, { dims: [2, 1] }, [4, 5]],
  ['RepeatVector', [4], { n: 3 }, [3, 4]],
  [
    'Cropping2D',
    IMAGE,
    {
      cropping: [
        [1, 1],
        [2, 2],
      ],
      ...last,
    },
    [6, 4, 3],
  ],
  [
    'ZeroPadding2D',
    IMAGE,
    {
      padding: [
        [1, 1],
        [2, 2],
      ],
      ...last,
    },
    [10, 12, 3],
  ],
  ['UpSampling2D', IMAGE, { size: [2, 2], interpolation: 'nearest', ...last }, [16, 16, 3]],
  ...['MaxPooling', 'AveragePooling'].flatMap((name) => [
    [`${name}1D`, ROWS, pool(1), [2, 4]],
    [`${name}2D`, IMAGE, pool(2), [4, 4, 3]],
    [`${name}3D`, VOLUME, pool(3), [2, 2, 2, 2]],
  ]),
  ...['Average', 'Max'].flatMap((name) => [
    [`Global${name}Pooling1D`, ROWS, global, [4]],
    [`Global${name}Pooling2D`, IMAGE, global, [3]],
  ]),
  ['Conv2D', [8, 8, 4], { ...windows(2), groups: 2 }, [6, 6, 4], { groups: 2 }],
  ['Conv1D', [9, 4], { ...windows(1), groups: 4 }, [7, 4]],
  ['Conv3D', VOLUME, { ...windows(3), groups: 2 }, [2, 2, 2, 4]],
  [
    'Conv2DTranspose',
    IMAGE,
    { ...windows(2), strides: [2, 2], output_padding: [1, 0] },
    [18, 17, 4],
    { outputPadding: [1, 0] },
  ],
  ['Conv2DTranspose', IMAGE, { ...windows(2), strides: [2, 2], padding: 'same', output_padding: [1, 1] }, [16, 16, 4]],
  ['Conv2DTranspose', IMAGE, { ...windows(2), dilation_rate: [2, 2] }, [12, 12, 4], { dilationRate: [2, 2] }],
  ['Conv3DTranspose', VOLUME, { ...windows(3), strides: [2, 2, 2], output_padding: [1, 1, 0] }, [10, 10, 9, 4]],
  ...['Average', 'Max'].flatMap((name) => [
    [`Global${name}Pooling1D`, ROWS, { ...global, keepdims: true }, [1, 4]],
    [`Global${name}Pooling2D`, IMAGE, { ...global, keepdims: true }, [1, 1, 3], { keepdims: true }],
    [`Global${name}Pooling2D`, [3, 8, 8], { data_format: 'channels_first', keepdims: true }, [3, 1, 1]],
    [`Global${name}Pooling1D`, ROWS, { ...global, data_format: 'channels_first' }, [5]],
  ]),
  ['MaxPooling1D', ROWS, { ...pool(1), data_format: 'channels_first' }, [5, 2]],
  ['ReLU', ROWS, { max_value: 6, negative_slope: 0.1, threshold: 0 }, ROWS],
  ['ReLU', ROWS, { max_value: null, negative_slope: 0, threshold: 1 }, ROWS, { threshold: 1 }],
  ['Dense', ROWS, { ...dense, activation: 'hard_sigmoid' }, [5, 3], { activation: 'hardSigmoidRelu6' }],
  ['LSTM', ROWS, { ...lstm, recurrent_activation: 'hard_sigmoid' }, [3], { recurrentActivation: 'hardSigmoidRelu6' }],
  ['LSTM', ROWS, { ...lstm, return_sequences: true, zero_output_for_mask: true }, [5, 3], { zeroOutputForMask: true }],
  ['GRU', ROWS, { ...gru, reset_after: false }, [3], { resetAfter: false }],
  [
    'Dense',
    ROWS,
    { ...dense, kernel_regularizer: penalty('OrthogonalRegularizer', { factor: 0.5, mode: 'columns' }) },
    [5, 3],
    { kernelRegularizer: { className: 'OrthogonalRegularizer', config: { factor: 0.5, mode: 'columns' } } },
  ],
  ...['Policy', 'PolicyV1', 'FloatDTypePolicy'].map((class_name) => [
    'Dense',
    ROWS,
    { ...dense, dtype: { class_name, config: { name: 'mixed_float16', loss_scale: null } } },
    [5, 3],
  ]),
  ...[
    'celu',
    'exponential',
    'hard_shrink',
    'hard_silu',
    'hard_swish',
    'hard_tanh',
    'leaky_relu',
    'log_sigmoid',
    'soft_shrink',
    'sparse_plus',
    'sparse_sigmoid',
    'sparsemax',
    'squareplus',
    'tanh_shrink',
    'threshold',
  ].map((activation) => ['Dense', ROWS, { ...dense, activation }, [5, 3]]),
  ['Activation', [4], { activation: 'glu' }, [2]],
  ['LayerNormalization', IMAGE, { axis: -1, ...norm, rms_scaling: true }, IMAGE, { rmsScaling: true }],
  ['Rescaling', IMAGE, { scale: [1, 2, 3], offset: [0, 0.5, 1] }, IMAGE, { scale: [1, 2, 3] }],
  ['Activation', ROWS, { activation: 'relu' }, ROWS, { activation: 'relu' }],
  ['ReLU', ROWS, { max_value: 6, negative_slope: 0, threshold: 0 }, ROWS, { maxValue: 6 }],
  ['LeakyReLU', ROWS, { negative_slope: 0.25 }, ROWS, { alpha: 0.25 }],
  ['LeakyReLU', ROWS, { alpha: 0.5 }, ROWS, { alpha: 0.5 }],
  ['ELU', ROWS, { alpha: 0.5 }, ROWS, { alpha: 0.5 }],
  [
    'PReLU',
    ROWS,
    { alpha_initializer: init('Zeros'), alpha_regularizer: null, alpha_constraint: null, shared_axes: [1] },
    ROWS,
  ],
  ['Softmax', ROWS, { axis: [-1] }, ROWS, { axis: -1 }],
  ['Softmax', ROWS, { axis: 1 }, ROWS, { axis: 1 }],
  ['Masking', ROWS, { mask_value: 0 }, ROWS],
  [
    'Rescaling',
    IMAGE,
    { scale: 0.5, offset: { class_name: '__numpy__', config: { value: -1, dtype: 'float32' } } },
    IMAGE,
    { scale: 0.5, offset: -1 },
  ],
  [
    'Resizing',
    IMAGE,
    {
      height: 4,
      width: 5,
      interpolation: 'bilinear',
      crop_to_aspect_ratio: false,
      pad_to_aspect_ratio: false,
      fill_mode: 'constant',
      fill_value: 0,
      antialias: false,
      ...last,
    },
    [4, 5, 3],
  ],
  ['CenterCrop', IMAGE, { height: 4, width: 5, ...last }, [4, 5, 3]],
  ['CategoryEncoding', [3], { num_tokens: 4, output_mode: 'multi_hot' }, [4]],
  ['RandomWidth', IMAGE, { factor: 0.1, interpolation: 'bilinear', seed: null }, [8, null, 3]],
  // layers that TensorFlow.js lacks
  ['Normalization', ROWS, { axis: [-1], invert: false, mean: null, variance: null }, ROWS, { axis: [-1] }],
  ['Normalization', ROWS, { axis: null, invert: true, mean: null, variance: null }, ROWS, { axis: null }],
  [
    'Normalization',
    ROWS,
    {
      axis: [-1],
      invert: false,
      mean: { class_name: '__numpy__', config: { value: [[[1, 2, 3, 4]]], dtype: 'float32' } },
      variance: [[[1, 2, 3, 4]]],
    },
    ROWS,
    { mean: [[[1, 2, 3, 4]]] },
  ],
  [
    'RandomFlip',
    IMAGE,
    { seed: null, mode: 'horizontal_and_vertical', ...last },
    IMAGE,
    { mode: 'horizontalAndVertical' },
  ],
  ['RandomFlip', IMAGE, { mode: 'vertical' }, IMAGE, { mode: 'vertical' }],
  ...[
    ['RandomRotation', { factor: [-0.2, 0.2] }],
    ['RandomZoom', { height_factor: [-0.1, 0.1], width_factor: null }],
    ['RandomTranslation', { height_factor: [-0.1, 0.1], width_factor: 0.2 }],
    ['RandomShear', { x_factor: [0, 0.1], y_factor: [0, 0.1] }],
  ].map(([name, config]) => [
    name,
    IMAGE,
    { ...config, ...last, fill_mode: 'nearest', fill_value: 0, interpolation: 'bilinear', seed: 3 },
    IMAGE,
    { fillMode: 'nearest' },
  ]),
  ['RandomContrast', IMAGE, { factor: [0.1, 0.2], value_range: [0, 255], seed: null }, IMAGE],
  ['RandomBrightness', IMAGE, { factor: [-0.1, 0.2], value_range: [0, 1], seed: null }, IMAGE, { valueRange: [0, 1] }],
  ['RandomCrop', IMAGE, { height: 4, width: 5, seed: null, ...last }, [4, 5, 3]],
  ['GroupNormalization', IMAGE, { groups: 3, axis: -1, ...norm }, IMAGE, { groups: 3 }],
  ['RMSNormalization', ROWS, { axis: -1, epsilon: 1e-6 }, ROWS],
  ['UnitNormalization', ROWS, { axis: [-1] }, ROWS],
  ['SpectralNormalization', ROWS, { power_iterations: 2, layer: layer('Dense', 'd', dense) }, [5, 3]],
  [
    'EinsumDense',
    ROWS,
    {
      equation: 'abC,Cd->abd',
      output_shape: [null, 3],
      activation: 'linear',
      bias_axes: 'd',
      ...weights,
      lora_rank: null,
    },
    [5, 3],
    { equation: 'abC,Cd->abd' },
  ],
  ['TernaryDense', ROWS, { ...dense, threshold: null }, [5, 3]],
  ['Conv1DTranspose', ROWS, { ...windows(1), output_padding: null, strides: [2] }, [11, 4]],
  ['DepthwiseConv1D', ROWS, { ...windows(1), filters: undefined, ...depth }, [3, 8]],
  ['SeparableConv1D', ROWS, { ...windows(1), ...depth, ...point }, [3, 4]],
  ['Cropping1D', ROWS, { cropping: [1, 1] }, [3, 4]],
  [
    'Cropping3D',
    VOLUME,
    {
      cropping: [
        [1, 0],
        [1, 1],
        [0, 0],
      ],
      ...last,
    },
    [3, 2, 4, 2],
  ],
  ['ZeroPadding1D', ROWS, { padding: [1, 1], ...last }, [7, 4]],
  [
    'ZeroPadding3D',
    VOLUME,
    {
      padding: [
        [1, 0],
        [1, 1],
        [0, 0],
      ],
      ...last,
    },
    [5, 6, 4, 2],
  ],
  ['UpSampling1D', ROWS, { size: 2 }, [10, 4]],
  ['UpSampling3D', VOLUME, { size: [2, 1, 1], ...last }, [8, 4, 4, 2]],
  ['SpatialDropout2D', IMAGE, { rate: 0.5, seed: null, ...last }, IMAGE],
  ['SpatialDropout3D', VOLUME, { rate: 0.5, seed: null, ...last }, VOLUME],
  ['GlobalAveragePooling3D', VOLUME, global, [2]],
  ['GlobalMaxPooling3D', VOLUME, { ...last, keepdims: true }, [1, 1, 1, 2]],
  ['AdaptiveAveragePooling2D', IMAGE, { output_size: [2, 3], ...last }, [2, 3, 3]],
  ['AdaptiveMaxPooling1D', ROWS, { output_size: [2], ...last }, [2, 4]],
  ['Identity', ROWS, {}, ROWS],
  ['ActivityRegularization', ROWS, { l1: 0.1, l2: 0 }, ROWS, { l1: 0.1 }],
  ['ConvLSTM1D', [3, 8, 2], { ...lstm, ...windows(1), units: undefined, activation: 'tanh' }, [6, 4]],
  ['ConvLSTM3D', [3, 4, 4, 4, 2], { ...lstm, ...windows(3), units: undefined, activation: 'tanh' }, [2, 2, 2, 4]],
  [
    'STFTSpectrogram',
    [64, 2],
    {
      mode: 'log',
      frame_length: 16,
      frame_step: 8,
      fft_length: null,
      window: 'hann',
      periodic: false,
      scaling: 'density',
      padding: 'valid',
      data_format: 'channels_last',
      expand_dims: false,
    },
    [7, 18],
  ],
  [
    'MelSpectrogram',
    [64],
    {
      fft_length: 16,
      sequence_stride: 8,
      sequence_length: 16,
      window: 'hann',
      sampling_rate: 16000,
      num_mel_bins: 4,
      min_freq: 20,
      max_freq: 8000,
      power_to_db: true,
      top_db: 80,
      mag_exp: 2,
      min_power: 1e-10,
      ref_power: 1,
    },
    [4, 9],
  ],
  [
    'Pipeline',
    ROWS,
    { layers: [layer('Dense', 'd', dense), layer('ReLU', 'r', { max_value: null, negative_slope: 0, threshold: 0 })] },
    [5, 3],
  ],
  [
    'ReversibleEmbedding',
    [6],
    {
      input_dim: 9,
      output_dim: 4,
      embeddings_initializer: init('RandomUniform', { minval: -0.05, maxval: 0.05, seed: null }),
      mask_zero: false,
      tie_weights: true,
      reverse_dtype: null,
      logit_soft_cap: null,
    },
    [6, 4],
  ],
  [
    'Discretization',
    ROWS,
    { bin_boundaries: [0, 1], num_bins: null, epsilon: 0.01, output_mode: 'int', sparse: false },
    ROWS,
  ],
  [
    'IntegerLookup',
    [3],
    {
      vocabulary: [3, 5],
      max_tokens: null,
      num_oov_indices: 1,
      mask_token: null,
      oov_token: -1,
      invert: false,
      output_mode: 'multi_hot',
      pad_to_max_tokens: false,
      sparse: false,
      vocabulary_dtype: 'int64',
      idf_weights: null,
      vocabulary_size: 3,
    },
    [3],
  ],
  ['Hashing', [3], { num_bins: 4, mask_value: null, salt: null, output_mode: 'int', sparse: false }, [3]],
  ['RandomHue', IMAGE, { factor: [0, 0.5], value_range: [0, 255], seed: null, data_format: 'channels_last' }, IMAGE],
  [
    'RandomErasing',
    IMAGE,
    { factor: [0, 1], scale: [0.02, 0.33], fill_value: null, value_range: [0, 255], seed: null },
    IMAGE,
  ],
  [
    'RandomGaussianBlur',
    IMAGE,
    { factor: [0, 1], kernel_size: [3, 3], sigma: [0, 1], value_range: [0, 255], seed: null },
    IMAGE,
  ],
  ['Equalization', IMAGE, { value_range: [0, 255], bins: 256 }, IMAGE],
  [
    'RandAugment',
    IMAGE,
    { value_range: [0, 255], num_ops: 2, magnitude: 9, num_magnitude_bins: 31, interpolation: 'nearest', seed: null },
    IMAGE,
  ],
  [
    'ContrastLimitedAdaptiveHistogramEqualization',
    IMAGE,
    { value_range: [0, 255], clip_limit: 4, tile_grid_size: [8, 8], data_format: 'channels_last' },
    IMAGE,
  ],
  // parts, dtypes
  [
    'Dense',
    ROWS,
    {
      ...dense,
      kernel_regularizer: penalty('L2', { l2: 0.25 }),
      bias_regularizer: penalty('L1', { l1: 0.5 }),
      activity_regularizer: penalty('L1L2', { l1: 0.5, l2: 0.25 }),
      kernel_constraint: bound('MaxNorm', { max_value: 2, axis: 0 }),
      bias_constraint: bound('NonNeg'),
    },
    [5, 3],
    {
      kernelRegularizer: { className: 'L1L2', config: { l1: 0, l2: 0.25 } },
      kernelConstraint: { className: 'MaxNorm', config: { maxValue: 2, axis: 0 } },
    },
  ],
  [
    'Dense',
    ROWS,
    {
      ...dense,
      kernel_constraint: bound('MinMaxNorm', { min_value: 0.5, max_value: 2, rate: 1, axis: 0 }),
      bias_constraint: bound('UnitNorm', { axis: 0 }),
    },
    [5, 3],
  ],
  ...[
    ['Zeros'],
    ['Ones'],
    ['Constant', { value: 2 }],
    ['RandomNormal', { mean: 0, stddev: 1, seed: null }],
    ['TruncatedNormal', { mean: 0, stddev: 1, seed: 4 }],
    ['VarianceScaling', { scale: 1, mode: 'fan_in', distribution: 'truncated_normal', seed: null }],
    ['VarianceScaling', { scale: 1, mode: 'fan_avg', distribution: 'untruncated_normal', seed: null }],
    ['GlorotNormal', { seed: null }],
    ['HeNormal', { seed: null }],
    ['HeUniform', { seed: null }],
    ['LecunNormal', { seed: null }],
    ['LecunUniform', { seed: null }],
    ['OrthogonalInitializer', { gain: 1, seed: null }],
    ['IdentityInitializer', { gain: 1 }],
    ['Identity', { gain: 1 }],
    ['HeNormal', { seed: part('random', 'SeedGenerator', { name: 'seed_generator', seed: 7 }) }],
  ].map(([name, config]) => ['Dense', [3], { ...dense, kernel_initializer: init(name, config) }, [3]]),
  ...[
    'elu',
    'selu',
    'softmax',
    'softplus',
    'softsign',
    'relu',
    'relu6',
    'tanh',
    'sigmoid',
    'linear',
    'silu',
    'swish',
    'gelu',
    'mish',
    'log_softmax',
  ].map((activation) => ['Dense', ROWS, { ...dense, activation }, [5, 3]]),
  [
    'Dense',
    ROWS,
    {
      ...dense,
      activation: { module: 'builtins', class_name: 'function', config: 'relu', registered_name: 'function' },
    },
    [5, 3],
    { activation: 'relu' },
  ],
  ...['float16', 'bfloat16', 'float64', 'mixed_float16', 'mixed_bfloat16'].flatMap((name) => [
    ['Dense', ROWS, { ...dense, dtype: policy(name) }, [5, 3]],
    ['Dense', ROWS, { ...dense, dtype: name }, [5, 3]],
  ]),
  [
    'Dense',
    ROWS,
    {
      ...dense,
      dtype: {
        module: 'keras',
        class_name: 'DTypePolicyMap',
        config: { name: 'map', default_policy: policy('mixed_float16'), policy_map: {} },
      },
    },
    [5, 3],
  ],
];

test('each layer as Keras 3 writes it', async () => {
  for (const [class_name, shape, config, result, fields = {}] of LAYERS) {
    const label = `${class_name} ${JSON.stringify(config).slice(0, 300)}`,
      before = tf.memory().numTensors;
    const model = await tf.models
      .modelFromJSON(sequential([input(shape), layer(class_name, 'it', config)]))
      .catch((error) => assert.fail(`${label}: ${error.message}`));
    const it = model.layers.at(-1),
      read = it.getConfig();
    assert.deepEqual(
      [it.getClassName(), it.name, model.outputs[0].shape, it.dtype],
      [class_name, 'it', [null, ...result], 'float32'],
      label,
    );
    for (const [name, value] of Object.entries(fields)) assert.deepEqual(read[name], value, `${label}: ${name}`);
    const again = await tf.models.modelFromJSON(model.toJSON(null, false));
    assert.deepEqual(again.layers.at(-1).getConfig(), read, label);
    model.dispose();
    again.dispose();
    assert.equal(tf.memory().numTensors, before, label);
  }
});

test('what a form means', async () => {
  const x = tf.tensor2d([[-2, -0.5, 0, 3]]);
  const value = async (class_name, config) => {
    const model = await tf.models.modelFromJSON(sequential([input([4]), layer(class_name, 'it', config)])),
      y = model.predict(x);
    const found = Array.from(y.dataSync());
    tf.dispose(y);
    model.dispose();
    return found;
  };
  assert.deepEqual(await value('LeakyReLU', { negative_slope: 0.25 }), [-0.5, -0.125, 0, 3]);
  assert.deepEqual(await value('ReLU', { max_value: null, negative_slope: 0.5, threshold: 0 }), [-1, -0.25, 0, 3]);
  assert.deepEqual(await value('ReLU', { max_value: 2, negative_slope: 0.5, threshold: -1 }), [-0.5, -0.5, 0, 2]);
  assert.deepEqual(await value('Rescaling', { scale: [1, 2, 3, 4], offset: [0, 1, 0, -1] }), [-2, 0, 0, 11]);
  assert.deepEqual(
    (await value('LayerNormalization', { axis: -1, ...norm, epsilon: 0, rms_scaling: true })).map((v) => v.toFixed(5)),
    [-2, -0.5, 0, 3].map((v) => (v / Math.sqrt(13.25 / 4)).toFixed(5)),
  );
  assert.deepEqual(
    (await value('Activation', { activation: 'hard_sigmoid' })).map((v) => v.toFixed(4)),
    ['0.1667', '0.4167', '0.5000', '1.0000'],
  );
  assert.deepEqual(
    await value('Activation', { activation: 'silu' }),
    await value('Activation', { activation: 'swish' }),
  );
  assert.deepEqual(
    await value('Rescaling', { scale: 2, offset: { class_name: '__numpy__', config: { value: 1, dtype: 'float32' } } }),
    [-3, 0, 1, 7],
  );
  x.dispose();
});

// ---- what is refused ----

const REFUSED = [
  [
    'Lambda',
    ROWS,
    {
      function: { class_name: '__lambda__', config: { code: '4wEAAAA=', defaults: null, closure: null } },
      arguments: {},
    },
    /layer class 'Lambda' is not known \(it\)\. A Lambda is code in Python, which cannot run here/,
  ],
  [
    'Dense',
    ROWS,
    { ...dense, activation: { class_name: '__lambda__', config: { code: '4w==' } } },
    /'it': activation is a lambda; code in Python cannot run here/,
  ],
  [
    'Dense',
    ROWS,
    {
      ...dense,
      activation: { module: 'builtins', class_name: 'function', config: 'my_fn', registered_name: 'function' },
    },
    /my_fn/,
  ],
  ['Dense', ROWS, { ...dense, activation: layer('PReLU', 'a') }, /activation must be .* a layer without weights/],
  ['Dense', ROWS, { ...dense, lora_rank: 4 }, /Dense 'it': loraRank must be null/],
  ['Dense', ROWS, { ...dense, quantization_config: {} }, /quantizationConfig must be null/],
  [
    'Dense',
    ROWS,
    { ...dense, dtype: { module: 'keras', class_name: 'QuantizedDTypePolicy', config: { mode: 'int8' } } },
    /quantized/,
  ],
  ['Conv2D', [8, 8, 4], { ...windows(2), groups: 3 }, /filters must be a multiple of groups/],
  ['Conv2D', IMAGE, { ...windows(2), groups: 2 }, /multiple of 2 channels/],
  ['SeparableConv2D', [8, 8, 4], { ...windows(2), ...depth, ...point, groups: 2 }, /groups must be 1/],
  [
    'Conv2DTranspose',
    IMAGE,
    { ...windows(2), output_padding: [1, 1] },
    /outputPadding must be less than strides, but is 1 of 1/,
  ],
  ['Resizing', IMAGE, { height: 4, width: 5, pad_to_aspect_ratio: true }, /padToAspectRatio must be false/],
  ['Resizing', IMAGE, { height: 4, width: 5, antialias: true }, /antialias must be false/],
  ['Rescaling', IMAGE, { scale: [1, 2], offset: 0 }, /it: scale must be a number or one for each channel, but x has 3/],
  ['BatchNormalization', IMAGE, { axis: [1, 3], ...norm, ...moving }, /axis/],
  [
    'Bidirectional',
    ROWS,
    {
      merge_mode: 'concat',
      layer: layer('LSTM', 'f', lstm),
      backward_layer: layer('LSTM', 'b', { ...lstm, units: 7 }),
    },
    /Bidirectional 'it': its backward_layer must be as its layer/,
  ],
  ['GroupNormalization', IMAGE, { groups: 2 }, /groups must divide the 3 channels/],
  ['TFSMLayer', ROWS, { filepath: 'x' }, /'TFSMLayer' is not known \(it\)/],
];

test('what Keras 3 may ask for and is not done here is refused, with the name of the layer', async () => {
  for (const [class_name, shape, config, pattern] of REFUSED) {
    const before = tf.memory().numTensors;
    await assert.rejects(
      tf.models.modelFromJSON(sequential([input(shape), layer(class_name, 'it', config)])),
      (error) => {
        assert.ok(error instanceof tf.TensorineError, `${error}`);
        assert.match(error.message, pattern, `${class_name} ${JSON.stringify(config).slice(0, 200)}`);
        return true;
      },
    );
    assert.equal(tf.memory().numTensors, before);
  }
  await assert.rejects(
    tf.models.modelFromJSON(sequential([input(ROWS, 'r', { ragged: true }), layer('Dense', 'd', dense)])),
    /InputLayer 'r': ragged must be false/,
  );
  await assert.rejects(
    tf.models.modelFromJSON(sequential([input(ROWS), layer('A', 'one'), layer('B', 'two'), layer('A', 'three')])),
    /'A' is not known \(one, three\).*'B' is not known \(two\)/,
  );
  await assert.rejects(
    tf.models.modelFromJSON({
      module: 'my.models',
      class_name: 'MyModel',
      config: { units: 3 },
      registered_name: 'my>MyModel',
    }),
    /'MyModel' is not known/,
  );
});

// ---- graphs of layers ----

const tensor = (name, node = 0, index = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3], dtype: 'float32', keras_history: [name, node, index] },
});
const call = (...args) => ({ args, kwargs: { mask: null } });
const named = (made, ...nodes) => ({ ...made, name: made.config.name, inbound_nodes: nodes });
const source = (name, shape = [3]) => named(input(shape, name));
const functional = (layers, input_layers, output_layers, name = 'functional') => ({
  module: 'keras',
  class_name: 'Functional',
  registered_name: 'Functional',
  build_config: { input_shape: null },
  config: { name, trainable: true, layers, input_layers, output_layers },
});
const ones = { ...dense, kernel_initializer: init('Ones'), use_bias: false };
const square = (name, ...nodes) => named(layer('Dense', name, ones), ...nodes);
const inner = functional([source('in'), square('d', call(tensor('in')))], [['in', 0, 0]], [['d', 0, 0]], 'inner');

const GRAPHS = {
  'one input, one output, as single references': [
    [source('a'), square('d', call(tensor('a')))],
    ['a', 0, 0],
    ['d', 0, 0],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'lists of references': [
    [source('a'), square('d', call(tensor('a')))],
    [['a', 0, 0]],
    [['d', 0, 0]],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'inputs and outputs by name': [
    [source('a'), source('b'), named(layer('Add', 's'), call([tensor('a'), tensor('b')]))],
    { a: ['a', 0, 0], b: ['b', 0, 0] },
    { sum: ['s', 0, 0] },
    [
      [1, 2, 3],
      [1, 1, 1],
    ],
    [[2, 3, 4]],
  ],
  'a layer that is shared': [
    [
      source('a'),
      source('b'),
      square('d', call(tensor('a')), call(tensor('b'))),
      named(layer('Concatenate', 'c', { axis: -1 }), call([tensor('d', 0), tensor('d', 1)])),
    ],
    [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    ['c', 0, 0],
    [
      [1, 2, 3],
      [1, 1, 1],
    ],
    [[6, 6, 6, 3, 3, 3]],
  ],
  'two outputs': [
    [source('a'), square('d', call(tensor('a'))), square('e', call(tensor('d')))],
    ['a', 0, 0],
    [
      ['e', 0, 0],
      ['d', 0, 0],
    ],
    [[1, 2, 3]],
    [[18, 18, 18]],
    [[6, 6, 6]],
  ],
  'a tensor as a named argument': [
    [source('a'), named(layer('Dense', 'd', ones), { args: [], kwargs: { inputs: tensor('a') } })],
    ['a', 0, 0],
    ['d', 0, 0],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'a model in it': [
    [source('a'), named({ ...inner, name: 'inner' }, { args: [tensor('a')], kwargs: { training: false, mask: null } })],
    ['a', 0, 0],
    ['inner', 0, 0],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'a model in it, twice': [
    [source('a'), named(inner, call(tensor('a')), call(tensor('inner')))],
    ['a', 0, 0],
    ['inner', 1, 0],
    [[1, 2, 3]],
    [[18, 18, 18]],
  ],
  'a sequential model in it': [
    [
      source('a'),
      named({ ...sequential([input([3]), layer('Dense', 'd', ones)]), name: 'sequential' }, call(tensor('a'))),
    ],
    ['a', 0, 0],
    ['sequential', 0, 0],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'x + y': [
    [
      source('a'),
      source('b'),
      named(
        { module: 'keras.src.ops.numpy', class_name: 'Add', config: { name: 'add' }, registered_name: 'Add' },
        { args: [tensor('a'), tensor('b')], kwargs: {} },
      ),
    ],
    [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    ['add', 0, 0],
    [
      [1, 2, 3],
      [1, 1, 1],
    ],
    [[2, 3, 4]],
  ],
  'nodes as Keras 2 wrote them': [
    [named(input([3], 'a')), named(layer('Dense', 'd', ones), [['a', 0, 0, {}]])],
    [['a', 0, 0]],
    [['d', 0, 0]],
    [[1, 2, 3]],
    [[6, 6, 6]],
  ],
  'whole numbers of 64 bits': [
    [
      named(input([3], 'a', { dtype: 'int64' })),
      named(
        layer('Embedding', 'e', { input_dim: 4, output_dim: 1, embeddings_initializer: init('Ones') }),
        call(tensor('a')),
      ),
    ],
    ['a', 0, 0],
    ['e', 0, 0],
    [[1, 2, 3]],
    [[[1], [1], [1]]],
  ],
};

test('graphs of layers as Keras 3 writes them', async () => {
  for (const [name, [layers, inputs, outputs, given, ...expected]] of Object.entries(GRAPHS)) {
    const topology = functional(layers, inputs, outputs),
      before = tf.memory().numTensors;
    for (const form of [
      topology,
      { modelTopology: topology },
      { modelTopology: { model_config: topology, keras_version: '3.4.1', backend: 'tensorflow' } },
    ]) {
      const model = await tf.models.modelFromJSON(form).catch((error) => assert.fail(`${name}: ${error.message}`));
      const fed = given.map((row, i) => tf.tensor([row], undefined, model.inputs[i].dtype)),
        y = [model.predict(fed)].flat();
      assert.deepEqual(
        y.map((t) => t.arraySync()),
        expected,
        name,
      );
      tf.dispose([fed, y]);
      model.dispose();
    }
    assert.equal(tf.memory().numTensors, before, name);
  }
});

test('masks that are written as operations: layers pass on their own', async () => {
  const op = (class_name, name, ...args) =>
    named(
      { module: 'keras.src.ops.numpy', class_name, config: { name }, registered_name: class_name },
      { args, kwargs: {} },
    );
  const embedding = (name, from, mask_zero = true) =>
    named(
      layer('Embedding', name, {
        input_dim: 5,
        output_dim: 3,
        mask_zero,
        embeddings_initializer: init('Constant', { value: 0.5 }),
        input_length: null,
      }),
      call(tensor(from)),
    );
  const cell = { ...lstm, kernel_initializer: init('Ones'), recurrent_initializer: init('Ones') },
    words = (name) => source(name, [4]);
  const steps = (name, from, mask) =>
    named(layer('LSTM', name, cell), {
      args: [tensor(from)],
      kwargs: { training: false, mask: mask ? tensor(mask) : null },
    });
  const FILES = {
    'of an Embedding': (mask) => [
      [
        words('a'),
        embedding('e', 'a', mask),
        ...(mask ? [op('NotEqual', 'not_equal', tensor('a'), 0)] : []),
        steps('l', 'e', mask && 'not_equal'),
      ],
      [['a', 0, 0]],
    ],
    'the same, before what it is of': (mask) => [
      [
        words('a'),
        ...(mask ? [op('NotEqual', 'not_equal', tensor('a'), 0)] : []),
        embedding('e', 'a', mask),
        steps('l', 'e', mask && 'not_equal'),
      ],
      [['a', 0, 0]],
    ],
    'of Masking': (mask) => [
      [
        source('a', [4, 3]),
        ...(mask
          ? [
              named(layer('Masking', 'm', { mask_value: 0 }), call(tensor('a'))),
              op('NotEqual', 'not_equal', tensor('a'), 0),
              named(
                { module: 'keras.src.ops.numpy', class_name: 'Any', config: { name: 'any' }, registered_name: 'Any' },
                { args: [tensor('not_equal')], kwargs: { axis: -1, keepdims: false } },
              ),
            ]
          : []),
        steps('l', mask ? 'm' : 'a', mask && 'any'),
      ],
      [['a', 0, 0]],
    ],
    'of two, merged': (mask) => [
      [
        words('a'),
        words('b'),
        embedding('e', 'a', mask),
        embedding('f', 'b', mask),
        ...(mask
          ? [
              op('NotEqual', 'not_equal', tensor('a'), 0),
              op('NotEqual', 'not_equal_1', tensor('b'), 0),
              op('LogicalOr', 'logical_or', tensor('not_equal'), tensor('not_equal_1')),
            ]
          : []),
        named(layer('Average', 's'), {
          args: [[tensor('e'), tensor('f')]],
          kwargs: { mask: mask ? [tensor('not_equal'), tensor('not_equal_1')] : null },
        }),
        steps('l', 's', mask && 'logical_or'),
      ],
      [
        ['a', 0, 0],
        ['b', 0, 0],
      ],
    ],
    'of several layers': (mask) => [
      [
        words('a'),
        embedding('e', 'a', mask),
        ...(mask ? [op('NotEqual', 'not_equal', tensor('a'), 0)] : []),
        named(layer('Dropout', 'd', { rate: 0.5 }), {
          args: [tensor('e')],
          kwargs: { mask: mask ? tensor('not_equal') : null },
        }),
        steps('l', 'd', mask && 'not_equal'),
      ],
      [['a', 0, 0]],
    ],
  };
  const before = tf.memory().numTensors;
  for (const [name, file] of Object.entries(FILES)) {
    const [masked, plain] = await Promise.all(
      [true, false].map((mask) => {
        const [layers, inputs] = file(mask);
        return tf.models.modelFromJSON(functional(layers, inputs, [['l', 0, 0]]));
      }),
    );
    tf.tidy(() => {
      const fed = (steps) =>
        masked.inputs.map(({ shape, dtype }) =>
          shape.length === 2
            ? tf.tensor2d([[1, 2, ...(steps === 4 ? [0, 0] : [])]], undefined, dtype)
            : tf.tensor3d([
                [
                  [1, 1, 1],
                  [2, 2, 2],
                  ...(steps === 4
                    ? [
                        [0, 0, 0],
                        [0, 0, 0],
                      ]
                    : []),
                ],
              ]),
        );
      const values = (model, steps) => [...[model.apply(fed(steps))].flat()[0].dataSync()];
      assert.deepEqual(values(masked, 4), values(plain, 2), name); // what is masked does not count
      assert.notDeepEqual(values(plain, 4), values(plain, 2), name);
    });
    const again = await tf.models.modelFromJSON(masked.toJSON(null, false));
    for (const model of [masked, plain, again]) model.dispose();
  }
  const layers = [words('a'), source('m', [4]), embedding('e', 'a', false), steps('l', 'e', 'm')];
  await assert.rejects(
    tf.models.modelFromJSON(
      functional(
        layers,
        [
          ['a', 0, 0],
          ['m', 0, 0],
        ],
        [['l', 0, 0]],
      ),
    ),
    /input 'm' is given to a layer as its mask/,
  );
  assert.equal(tf.memory().numTensors, before);
});

test('Lambdas of a file are done by a registered class of that name', async () => {
  const lambda = (name) =>
    layer('Lambda', name, {
      function: { class_name: '__lambda__', config: { code: '4wEAAAA=', defaults: null, closure: null } },
      arguments: {},
    });
  const topology = sequential([input([2]), lambda('double'), lambda('add_one')]);
  await assert.rejects(
    tf.models.modelFromJSON(topology),
    /'Lambda' is not known \(double, add_one\).*register a class of layers with the static className 'Lambda', whose call\(\) does for each config\.name/,
  );
  const bodies = { double: (x) => x.mul(2), add_one: (x) => x.add(1) };
  class Lambda extends tf.layers.Layer {
    static className = 'Lambda';
    constructor(config) {
      super(config);
      this.config = config;
    }
    call(inputs) {
      return bodies[this.name]([inputs].flat()[0]);
    }
    computeOutputShape(shape) {
      return shape;
    }
    getConfig() {
      return { ...super.getConfig(), function: this.config.function };
    }
  }
  tf.serialization.registerClass(Lambda);
  try {
    const model = await tf.models.modelFromJSON(topology),
      again = await tf.models.modelFromJSON(model.toJSON(null, false));
    tf.tidy(() => {
      for (const m of [model, again]) assert.deepEqual(m.predict(tf.tensor2d([[1, 2]])).arraySync(), [[3, 5]]);
    });
    for (const m of [model, again]) m.dispose();
  } finally {
    delete tf.serialization.SerializationMap.getMap().classNameMap.Lambda;
  }
});

test('states that come in as named arguments', async () => {
  const state = { ...lstm, kernel_initializer: init('Ones'), recurrent_initializer: init('Ones') };
  const topology = functional(
    [
      source('x', [2, 3]),
      source('h'),
      source('c'),
      named(layer('LSTM', 'l', state), {
        args: [tensor('x')],
        kwargs: { initial_state: [tensor('h'), tensor('c')], training: false, mask: null },
      }),
    ],
    [
      ['x', 0, 0],
      ['h', 0, 0],
      ['c', 0, 0],
    ],
    ['l', 0, 0],
  );
  const model = await tf.models.modelFromJSON(topology);
  tf.tidy(() => {
    const x = tf.zeros([1, 2, 3]),
      some = model.predict([x, tf.ones([1, 3]), tf.ones([1, 3])]),
      none = model.predict([x, tf.zeros([1, 3]), tf.zeros([1, 3])]);
    assert.ok(some.sub(none).abs().max().dataSync()[0] > 0.1);
  });
  model.dispose();
});

test('functions as layers are named with their module', async () => {
  const op = (class_name, ...args) =>
    named(
      { module: 'keras.src.ops.numpy', class_name, config: { name: 'op' }, registered_name: class_name },
      { args, kwargs: {} },
    );
  for (const node of [
    op('Mean', tensor('a')),
    op('Add', tensor('a'), 1),
    op('Concatenate', [tensor('a'), tensor('a')]),
    op('Subtract', tensor('a'), tensor('a')),
  ])
    await assert.rejects(
      tf.models.modelFromJSON(functional([source('a'), node], ['a', 0, 0], ['op', 0, 0])),
      new RegExp(`layer class 'keras\\.src\\.ops\\.numpy\\.${node.class_name}' is not known \\(op\\)`),
    );
});

test('broken forms are refused with typed errors', async () => {
  const good = () => functional([source('a'), square('d', call(tensor('a')))], [['a', 0, 0]], [['d', 0, 0]]);
  const broken = [
    (t) => {
      t.config.layers[1].inbound_nodes = [{ args: 5, kwargs: 7 }];
    },
    (t) => {
      t.config.layers[1].inbound_nodes[0].args = [{ class_name: '__keras_tensor__', config: {} }];
    },
    (t) => {
      t.config.layers[1].inbound_nodes[0].args[0].config.keras_history = ['a'];
    },
    (t) => {
      t.config.layers[1].inbound_nodes[0].args[0].config.keras_history = ['d', 0, 0];
    },
    (t) => {
      t.config.layers[1].inbound_nodes[0].args[0].config.keras_history = { a: 1 };
    },
    (t) => {
      t.config.layers[0].config.batch_shape = 'x';
    },
    (t) => {
      t.config.layers[1].config.dtype = { class_name: 'DTypePolicy', config: { name: 5 } };
    },
    (t) => {
      t.config.layers[1].config.dtype = { class_name: 'DTypePolicyMap', config: {} };
    },
    (t) => {
      t.config.layers[1].config.kernel_initializer = { class_name: '__numpy__', config: {} };
    },
    (t) => {
      t.config.input_layers = {};
    },
    (t) => {
      t.config.output_layers = [[['d', 0, 0]]];
    },
    (t) => {
      t.config.layers[1].module = 5;
      t.config.layers[1].class_name = ['Dense'];
    },
    (t) => {
      t.config.layers[1].config = { ...t.config.layers[1].config, groups: 'x' };
    },
    (t) => {
      t.config.layers = { 0: t.config.layers[0] };
      t.config.output_layers = [['a', 0]];
    },
  ];
  for (const [i, breaks] of broken.entries()) {
    const topology = good(),
      before = tf.memory().numTensors;
    breaks(topology);
    await assert.rejects(tf.models.modelFromJSON(topology), tf.TensorineError, `form ${i}`);
    assert.equal(tf.memory().numTensors, before, `form ${i}`);
  }
});

test('Keras 3 calls the kernel of depthwise convolutions kernel', async () => {
  for (const [class_name, shape, kernel] of [
    ['DepthwiseConv2D', IMAGE, [3, 3, 3, 2]],
    ['DepthwiseConv1D', ROWS, [3, 4, 2]],
  ]) {
    const topology = sequential([
      input(shape),
      layer(class_name, 'd', { ...windows(kernel.length - 2), filters: undefined, ...depth }),
    ]);
    const values = Float32Array.from(
      { length: kernel.reduce((a, b) => a * b) + kernel.at(-1) * kernel.at(-2) },
      (_, i) => i,
    );
    const names = ['sequential/d/kernel', 'sequential/d/bias'],
      shapes = [kernel, [kernel.at(-1) * kernel.at(-2)]];
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: topology,
        weightData: values.buffer,
        weightSpecs: names.map((name, i) => ({ name, shape: shapes[i], dtype: 'float32' })),
      }),
    );
    assert.deepEqual([...model.getWeights()[0].dataSync(), ...model.getWeights()[1].dataSync()], [...values]);
    assert.deepEqual(
      model.getWeights().map((w) => w.shape),
      shapes,
    );
    model.dispose();
  }
});

// ---- a real file ----

const data = resolve(
    process.env.TENSORINE_DATA ?? join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data'),
  ),
  real = join(data, 'keras_v3/itbetyar_mnist/mnist.keras');

/** A text in a zip file, which lists what it has at its end. */
function unzip(bytes, wanted) {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  for (let at = bytes.readUInt32LE(end + 16), n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const [name, extra, comment] = [28, 30, 32].map((k) => bytes.readUInt16LE(at + k)),
      start = bytes.readUInt32LE(at + 42);
    if (bytes.toString('utf8', at + 46, at + 46 + name) === wanted) {
      const from = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28),
        part = bytes.subarray(from, from + bytes.readUInt32LE(at + 20));
      return (bytes.readUInt16LE(at + 10) ? inflateRawSync(part) : part).toString();
    }
    at += 46 + name + extra + comment;
  }
  return undefined;
}

test(
  'the topology in a .keras file',
  { skip: existsSync(real) ? false : `no ${real} (set TENSORINE_DATA)` },
  async () => {
    const bytes = readFileSync(real),
      config = JSON.parse(unzip(bytes, 'config.json'));
    assert.match(JSON.parse(unzip(bytes, 'metadata.json')).keras_version, /^3\./);
    for (const form of [
      config,
      { modelTopology: config },
      { modelTopology: { model_config: config, keras_version: '3.4.1', backend: 'tensorflow' } },
    ]) {
      const before = tf.memory().numTensors,
        model = await tf.models.modelFromJSON(form);
      assert.deepEqual(
        model.layers
          .filter((l) => l.getClassName() !== 'InputLayer')
          .map((l) => [l.getClassName(), l.name, l.outputShape, l.getConfig().units, l.getConfig().activation]),
        [
          ['Dense', 'dense', [32, 128], 128, 'relu'],
          ['Dense', 'dense_1', [32, 10], 10, 'softmax'],
        ],
      );
      assert.deepEqual(
        [
          model.inputs[0].shape,
          model.inputs[0].dtype,
          model.countParams(),
          model.getWeights().map(({ shape }) => shape),
        ],
        [[32, 784], 'float32', 101770, [[784, 128], [128], [128, 10], [10]]],
      );
      const names = ['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias'],
        specs = model.getWeights().map(({ shape }, i) => ({ name: names[i], shape, dtype: 'float32' })),
        weightData = new Float32Array(101770).buffer;
      const loaded = await tf.loadLayersModel(
        tf.io.fromMemory({ modelTopology: form.modelTopology ?? form, weightSpecs: specs, weightData }),
      );
      tf.tidy(() =>
        assert.ok(
          loaded
            .predict(tf.ones([32, 784]))
            .sub(0.1)
            .abs()
            .max()
            .dataSync()[0] < 1e-6,
        ),
      );
      model.dispose();
      loaded.dispose();
      assert.equal(tf.memory().numTensors, before);
    }
  },
);
