// Convolutions in groups of channels, transposed ones with outputPadding, global pooling that keeps its axes, and
// recurrent layers that give zeros where steps do not count: against references in float64, with gradients.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

const numbers = (n, from = 0) => Array.from({ length: n }, (_, i) => Math.sin(1.7 * (i + 1) + from));
const size = (shape) => shape.reduce((a, b) => a * b, 1);
function near(got, want, what, bound = 1e-5) {
  got = got.dataSync ? [...got.dataSync()] : got;
  assert.equal(got.length, want.length, what);
  want.forEach((v, i) =>
    assert.ok(Math.abs(got[i] - v) <= bound * Math.max(1, Math.abs(v)), `${what}: [${i}] is ${got[i]}, not ${v}`),
  );
}
/** All indices below these sizes. */
function* places(shape) {
  for (let n = 0; n < size(shape); n++) {
    const at = [];
    let rest = n;
    for (let i = shape.length - 1; i >= 0; i--) {
      at[i] = rest % shape[i];
      rest = Math.floor(rest / shape[i]);
    }
    yield at;
  }
}
const index = (shape, at) => at.reduce((sum, v, i) => sum * shape[i] + v, 0);
const padding = (n, out, k, stride, dilation) =>
  Math.floor(Math.max(0, (out - 1) * stride + (k - 1) * dilation + 1 - n) / 2);

/** y [1, ..., filters] of x [1, ..., channels] with a kernel [..., channels / groups, filters]. */
function convolved(x, xShape, kernel, kShape, out, { strides, dilations, groups, same }) {
  const rank = strides.length,
    yShape = [...out, kShape[rank + 1]],
    inGroup = kShape[rank],
    per = kShape[rank + 1] / groups,
    y = [];
  for (const at of places(yShape)) {
    let sum = 0;
    const group = Math.floor(at[rank] / per);
    for (const k of places(kShape.slice(0, rank + 1))) {
      const from = k
        .slice(0, rank)
        .map(
          (v, i) =>
            at[i] * strides[i] +
            v * dilations[i] -
            (same ? padding(xShape[i], out[i], kShape[i], strides[i], dilations[i]) : 0),
        );
      if (from.every((v, i) => v >= 0 && v < xShape[i]))
        sum += x[index(xShape, [...from, group * inGroup + k[rank]])] * kernel[index(kShape, [...k, at[rank]])];
    }
    y.push(sum);
  }
  return y;
}
/** y [1, ..., filters] of x [1, ..., channels] with a kernel [..., filters, channels], transposed. */
function spread(x, xShape, kernel, kShape, out, { strides, same, dilation = 1 }) {
  const rank = strides.length,
    yShape = [...out, kShape[rank]],
    y = Array(size(yShape)).fill(0);
  for (const at of places(xShape))
    for (const k of places(kShape.slice(0, rank + 1))) {
      const to = k
        .slice(0, rank)
        .map(
          (v, i) =>
            at[i] * strides[i] +
            v * dilation -
            (same ? padding(out[i], xShape[i], kShape[i], strides[i], dilation) : 0),
        );
      if (to.every((v, i) => v >= 0 && v < out[i]))
        y[index(yShape, [...to, k[rank]])] += x[index(xShape, at)] * kernel[index(kShape, [...k, at[rank]])];
    }
  return y;
}
/** Checks a layer's result and both gradients against f(x, kernel), which is linear in both. */
function check(name, layer, xShape, outShape, f) {
  test(name, () =>
    tf.tidy(() => {
      const x = numbers(size(xShape)),
        first = layer.config.dataFormat === 'channelsFirst',
        made = tf.layers[layer.of]({ ...layer.config, useBias: false });
      const end = (t) =>
          first ? t.transpose([0, xShape.length, ...Array.from({ length: xShape.length - 1 }, (_, i) => i + 1)]) : t,
        back = (t) => (first ? t.transpose([0, ...Array.from({ length: xShape.length - 1 }, (_, i) => i + 2), 1]) : t);
      const input = tf.tensor(x, [1, ...xShape]);
      made.apply(end(input));
      const kShape = made.getWeights()[0].shape,
        kernel = numbers(size(kShape), 3);
      assert.deepEqual(kShape, layer.kernel, name);
      made.setWeights([tf.tensor(kernel, kShape)]);
      const y = back(made.apply(end(input))),
        want = f(x, kernel, kShape);
      assert.deepEqual(y.shape, [1, ...outShape], name);
      assert.deepEqual(made.apply(tf.input({ shape: end(input).shape.slice(1) })).shape, [
        null,
        ...end(y).shape.slice(1),
      ]);
      near(y, want, name);
      const weights = numbers(want.length, 5),
        loss = (v) => v.reduce((sum, e, i) => sum + e * weights[i], 0),
        w = tf.tensor(weights, y.shape);
      const { value, grads } = tf.variableGrads(() =>
        back(made.apply(end(input)))
          .mul(w)
          .sum(),
      );
      near([value.dataSync()[0]], [loss(want)], name, 1e-4);
      const unit = (n, i) => Array.from({ length: n }, (_, k) => Number(k === i));
      near(
        Object.values(grads)[0],
        kernel.map((_, i) => loss(f(x, unit(kernel.length, i), kShape))),
        `${name}: gradient of the kernel`,
        1e-4,
      );
      near(
        tf.grad((t) =>
          back(made.apply(end(t)))
            .mul(w)
            .sum(),
        )(input),
        x.map((_, i) => loss(f(unit(x.length, i), kernel, kShape))),
        `${name}: gradient of x`,
        1e-4,
      );
      made.dispose();
    }),
  );
}

for (const [of, shape, sizes] of [
  ['conv1d', [7], [3]],
  ['conv2d', [5, 4], [2, 3]],
  ['conv3d', [3, 4, 3], [2, 2, 2]],
])
  for (const [channels, filters, groups] of [
    [4, 6, 2],
    [3, 3, 3],
    [2, 4, 2],
    [4, 4, 1],
  ])
    for (const more of [
      {},
      { padding: 'same' },
      { strides: 2 },
      { dilationRate: 2, padding: 'same' },
      ...(of === 'conv2d' ? [{ dataFormat: 'channelsFirst' }] : []),
    ]) {
      const rank = shape.length,
        strides = Array(rank).fill(more.strides ?? 1),
        dilations = Array(rank).fill(more.dilationRate ?? 1),
        same = more.padding === 'same';
      const out = shape.map((n, i) =>
        same ? Math.ceil(n / strides[i]) : Math.floor((n - (sizes[i] - 1) * dilations[i] - 1) / strides[i]) + 1,
      );
      check(
        `${of}: ${filters} filters over ${channels} channels in ${groups} groups ${JSON.stringify(more)}`,
        { of, config: { filters, kernelSize: sizes, groups, ...more }, kernel: [...sizes, channels / groups, filters] },
        [...shape, channels],
        [...out, filters],
        (x, kernel, kShape) =>
          convolved(x, [...shape, channels], kernel, kShape, out, { strides, dilations, groups, same }),
      );
    }

for (const [of, shape, sizes] of [
  ['conv1dTranspose', [4], [3]],
  ['conv2dTranspose', [3, 2], [3, 3]],
  ['conv2dTranspose', [3, 2], [2, 3]],
  ['conv3dTranspose', [2, 2, 3], [3, 3, 1]],
])
  for (const outputPadding of [null, 0, 1])
    for (const more of [
      { strides: 2 },
      { strides: 2, padding: 'same' },
      { strides: 3 },
      { strides: 1, dilationRate: 2 },
      { strides: 2, dilationRate: 2, padding: 'same' },
      ...(of === 'conv2dTranspose' ? [{ strides: 2, dataFormat: 'channelsFirst' }] : []),
    ]) {
      if (outputPadding >= more.strides) continue;
      const rank = shape.length,
        strides = Array(rank).fill(more.strides),
        same = more.padding === 'same',
        dilation = more.dilationRate ?? 1;
      // Keras: deconv_output_length
      const reach = sizes.map((k) => (k - 1) * dilation + 1);
      const out = shape.map((n, i) =>
        outputPadding === null
          ? n * strides[i] + (same ? 0 : Math.max(0, reach[i] - strides[i]))
          : (n - 1) * strides[i] + reach[i] - (same ? 2 * Math.floor(reach[i] / 2) : 0) + outputPadding,
      );
      if (same && out.some((n, i) => Math.ceil(n / strides[i]) !== shape[i])) continue; // Keras fails there too
      check(
        `${of} [${sizes}]: outputPadding ${outputPadding} ${JSON.stringify(more)}`,
        { of, config: { filters: 2, kernelSize: sizes, outputPadding, ...more }, kernel: [...sizes, 2, 3] },
        [...shape, 3],
        [...out, 2],
        (x, kernel, kShape) => spread(x, [...shape, 3], kernel, kShape, out, { strides, same, dilation }),
      );
    }

test('groups and outputPadding that do not fit are refused', () =>
  tf.tidy(() => {
    const x = tf.zeros([1, 4, 4, 4]);
    for (const [f, words] of [
      [
        () => tf.layers.conv2d({ filters: 3, kernelSize: 1, groups: 2 }).apply(x),
        /filters must be a multiple of groups, but 3 is none of 2/,
      ],
      [
        () => tf.layers.conv2d({ filters: 3, kernelSize: 1, groups: 3 }).apply(x),
        /multiple of 3 channels, its groups, but has 4/,
      ],
      [() => tf.layers.conv2d({ filters: 3, kernelSize: 1, groups: 0 }), /groups must be a whole number of at least 1/],
      [
        () => tf.layers.conv2dTranspose({ filters: 3, kernelSize: 1, strides: 2, outputPadding: 2 }).apply(x),
        /outputPadding must be less than strides, but is 2 of 2/,
      ],
      [() => tf.layers.conv2dTranspose({ filters: 3, kernelSize: 1, outputPadding: [0, 0, 0] }), /outputPadding/],
    ])
      assert.throws(f, words);
  }));

for (const [name, f] of [
  ['Average', (v) => v.reduce((a, b) => a + b) / v.length],
  ['Max', (v) => Math.max(...v)],
])
  for (const keepdims of [false, true])
    for (const dataFormat of ['channelsLast', 'channelsFirst'])
      test(`global${name}Pooling: keepdims ${keepdims}, ${dataFormat}`, () =>
        tf.tidy(() => {
          const first = dataFormat === 'channelsFirst';
          for (const [rank, inner] of [
            [1, [5]],
            [2, [3, 4]],
          ]) {
            const shape = first ? [2, 3, ...inner] : [2, ...inner, 3],
              x = numbers(size(shape)),
              want = Array.from({ length: 6 }, () => []);
            for (const at of places(shape)) want[at[0] * 3 + at[first ? 1 : rank + 1]].push(x[index(shape, at)]);
            const y = tf.layers[`global${name}Pooling${rank}d`]({ keepdims, dataFormat }).apply(tf.tensor(x, shape)),
              ones = inner.map(() => 1);
            assert.deepEqual(y.shape, keepdims ? (first ? [2, 3, ...ones] : [2, ...ones, 3]) : [2, 3]);
            near(y, want.map(f), name);
          }
        }));

for (const of of ['simpleRNN', 'gru', 'lstm', 'rnn'])
  for (const returnSequences of [false, true])
    test(`${of} gives zeros for steps that do not count, if asked: returnSequences ${returnSequences}`, () =>
      tf.tidy(() => {
        const make = (zeroOutputForMask) => {
          const more = { returnSequences, zeroOutputForMask },
            ones = { units: 2, kernelInitializer: 'ones', recurrentInitializer: 'ones' };
          return of === 'rnn'
            ? tf.layers.rnn({ cell: tf.layers.gruCell(ones), ...more })
            : tf.layers[of]({ ...ones, ...more });
        };
        const x = tf.tensor(numbers(12), [2, 3, 2]),
          mask = tf.tensor(
            [
              [1, 0, 1],
              [1, 1, 0],
            ],
            [2, 3],
            'bool',
          ),
          layers = [make(false), make(true)],
          [plain, zeros] = layers.map((layer) => layer.apply(x, { mask }).arraySync());
        const none = [0, 0],
          want = returnSequences
            ? [
                [plain[0][0], none, plain[0][2]],
                [plain[1][0], plain[1][1], none],
              ]
            : [plain[0], none];
        assert.deepEqual(zeros, want);
        for (const layer of layers) layer.dispose();
      }));
