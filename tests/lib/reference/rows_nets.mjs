// References of what nets are made of: windows of all kinds, fused ops, cells, losses, norms.
import { along, array, at, build, each, fold, map, place, seen, sum, zip } from './array.mjs';
import { as, floats, ints, row, scalar } from './draw.mjs';
import { conv, depthwise, geometry, matMul, pooled, window } from './ops.mjs';

const EXACT = 0,
  CLOSE = 1e-6,
  SUMS = 4e-6;
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

// ---- windows ----

/** The gradient of a convolution for its input: each element spreads over its window. */
function spread(x, filter, shape, strides, pad) {
  const n = filter.shape.length - 2,
    size = filter.shape.slice(0, n),
    out = build(shape, () => []);
  const g = geometry({ shape }, size, strides, pad, 1);
  each(x.shape, (index, place_) =>
    window({ shape }, size, index.slice(1, -1), g, (to, k) => {
      for (let c = 0; c < shape.at(-1); c++)
        out.data[place(shape, [index[0], ...to, c])].push(x.data[place_] * at(filter, [...k, c, index.at(-1)]));
    }),
  );
  return map(out, sum);
}

function dilated(x, filter, strides, pad, dilations) {
  const size = filter.shape.slice(0, 2),
    g = geometry(x, size, strides, pad, dilations);
  return build([x.shape[0], ...g.out, x.shape[3]], (index) => {
    let best = -Infinity;
    window(x, size, index.slice(1, -1), g, (from, k) => {
      best = Math.max(best, at(x, [index[0], ...from, index[3]]) + at(filter, [...k, index[3]]));
    });
    return best;
  });
}

function places(x, size, strides, pad, batch) {
  const g = geometry(x, size, strides, pad, 1),
    [, h, w, c] = x.shape;
  const find = (index) => {
    let best = -Infinity,
      where = 0;
    window(x, size, index.slice(1, -1), g, ([i, j]) => {
      const v = at(x, [index[0], i, j, index[3]]);
      if (v > best) ((best = v), (where = (((batch ? index[0] : 0) * h + i) * w + j) * c + index[3]));
    });
    return where;
  };
  return as('int32', build([x.shape[0], ...g.out, c], find));
}

const normalized = (x, radius, bias, alpha, beta) =>
  build(x.shape, (index) => {
    const near = [];
    for (let k = Math.max(0, index[3] - radius); k <= Math.min(x.shape[3] - 1, index[3] + radius); k++)
      near.push(at(x, [...index.slice(0, 3), k]) ** 2);
    return at(x, index) / (bias + alpha * sum(near)) ** beta;
  });

const sequence = (x) => array([x.shape[0], 1, ...x.shape.slice(1)], x.data);
const IMAGES = [
  [[1, 5, 5, 1], [3, 3], 1, 'valid', 1],
  [[2, 7, 6, 3], [3, 2], [2, 1], 'same', 1],
  [[1, 9, 9, 4], [3, 3], 1, 'same', 2],
  [[2, 8, 8, 17], [1, 1], 1, 'valid', 1],
];

// ---- what follows a product ----

const activations = {
  linear: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  elu: (v) => (v < 0 ? Math.expm1(v) : v),
  sigmoid,
  leakyrelu: (v) => (v < 0 ? 0.1 * v : v),
  prelu: (v, a) => (v < 0 ? a * v : v),
};
const NAMES = Object.keys(activations);
function fused(y, bias, name, alpha) {
  const biased = bias ? zip(y, bias, (a, b) => a + b) : y;
  return alpha ? zip(biased, alpha, activations[name]) : map(biased, (v) => activations[name](v));
}
/** Cases of a fused op with every activation: product(image, filter, ...) -> y. */
const windowsFused = (product, filterShape) => () =>
  NAMES.flatMap((name) =>
    IMAGES.slice(0, 3).map(([shape, size, strides, pad, dilations]) => {
      const x = floats(shape),
        filter = floats(filterShape(shape, size)),
        y = product(x, filter, strides, pad, dilations);
      const bias = floats([y.shape[3]]),
        alpha = name === 'prelu' ? floats([y.shape[3]]) : null;
      return row(fused(y, bias, name, alpha), x, filter, strides, pad, 'NHWC', dilations, null, bias, name, alpha, 0.1);
    }),
  );

// ---- losses ----

/** Cases of a loss with every reduction, with and without weights. */
const loss =
  (f, draw, ...more) =>
  () =>
    [
      [[5], [5]],
      [
        [3, 4],
        [3, 1],
      ],
      [[17], []],
      [[4, 3], null],
    ].flatMap(([shape, w]) =>
      [0, 1, 2, 3].map((reduction) => {
        const [a, b] = draw(shape),
          weights = w && floats(w, 0.1, 2),
          each_ = f(a, b, ...more);
        return row(reduced(each_, weights, reduction), a, b, weights, ...more, reduction);
      }),
    );
function reduced(losses, weights, reduction) {
  const weighted = weights ? zip(losses, weights, (a, b) => a * b) : losses;
  if (reduction === 0) return weighted;
  const total = sum(weighted.data),
    n = losses.data.length;
  if (reduction === 2) return scalar(total);
  if (!weights) return scalar(total / n);
  const all = build(weighted.shape, (index) => seen(weights, index)).data;
  return scalar(total / (reduction === 1 ? sum(all) : all.filter((v) => v !== 0).length));
}
const anything = (shape) => [floats(shape), floats(shape)];
const classes = (shape) => [as('float32', map(ints(shape, 0, 1), Number)), floats(shape)];
const crossed = (l, x) => Math.max(x, 0) - x * l + Math.log1p(Math.exp(-Math.abs(x)));
const logSum = (list) => {
  const top = Math.max(...list);
  return top + Math.log(sum(list.map((v) => Math.exp(v - top))));
};
function softmaxCrossed(labels, logits, smoothing) {
  const n = logits.shape.at(-1),
    smooth = map(labels, (v) => v * (1 - smoothing) + smoothing / n);
  const logs = along(logits, logits.shape.length - 1, (list) => list.map((v) => v - logSum(list)));
  return fold(
    zip(smooth, logs, (l, v) => -l * v),
    -1,
    false,
    sum,
  );
}

// ---- norms ----

const vectorNorm = {
  1: (l) => sum(l.map(Math.abs)),
  2: (l) => Math.sqrt(sum(l.map((v) => v * v))),
  Infinity: (l) => Math.max(...l.map(Math.abs)),
  '-Infinity': (l) => Math.min(...l.map(Math.abs)),
  euclidean: (l) => Math.sqrt(sum(l.map((v) => v * v))),
};
function matrixNorm(x, ord, [r, c], keep) {
  const lines = (axis) => fold(x, axis, true, vectorNorm[1]);
  const most = (l) => Math.max(...l),
    least = (l) => Math.min(...l);
  if (ord === 1) return fold(lines(r), [r, c], keep, most);
  if (ord === Infinity) return fold(lines(c), [r, c], keep, most);
  if (ord === -Infinity) return fold(lines(c), [r, c], keep, least);
  return fold(x, [r, c], keep, vectorNorm[2]);
}

export default {
  conv1d: [
    SUMS,
    () =>
      [
        [[1, 5, 1], [3, 1, 2], 1, 'valid', 1],
        [[2, 33, 4], [3, 4, 5], 2, 'same', 1],
        [[2, 17, 3], [2, 3, 8], 1, 'same', 3],
      ].map(([p, q, stride, pad, dilation]) => {
        const x = floats(p),
          f = floats(q),
          y = conv(sequence(x), array([1, ...q], f.data), [1, stride], pad, [1, dilation]);
        return row(array([y.shape[0], ...y.shape.slice(2)], y.data), x, f, stride, pad, 'NWC', dilation);
      }),
  ],
  conv2dTranspose: [
    SUMS,
    () =>
      [
        [[1, 3, 3, 2], [3, 3, 4, 2], [1, 5, 5, 4], 1, 'valid'],
        [[2, 4, 3, 5], [3, 2, 3, 5], [2, 7, 6, 3], [2, 2], 'same'],
        [[1, 3, 3, 1], [2, 2, 17, 1], [1, 6, 6, 17], 2, 'valid'],
      ].map(([p, q, shape, s, pad]) => {
        const x = floats(p),
          f = floats(q);
        return row(spread(x, f, shape, s, pad), x, f, shape, s, pad);
      }),
  ],
  conv3dTranspose: [
    SUMS,
    () =>
      [
        [[1, 2, 2, 2, 2], [2, 2, 2, 3, 2], [1, 3, 3, 3, 3], 1, 'valid'],
        [[2, 2, 1, 3, 1], [2, 1, 3, 2, 1], [2, 4, 2, 5, 2], 2, 'same'],
      ].map(([p, q, shape, s, pad]) => {
        const x = floats(p),
          f = floats(q);
        return row(spread(x, f, shape, s, pad), x, f, shape, s, pad);
      }),
  ],
  separableConv2d: [
    SUMS * 3,
    () =>
      IMAGES.map(([shape, size, strides, pad, dilations]) => {
        const s = [strides].flat()[0],
          x = floats(shape),
          deep = floats([...size, shape[3], 2]),
          point = floats([1, 1, shape[3] * 2, 3]);
        return row(
          conv(depthwise(x, deep, s, pad, dilations), point, 1, 'valid', 1),
          x,
          deep,
          point,
          s,
          pad,
          dilations,
        );
      }),
  ],
  maxPool: [
    EXACT,
    () =>
      IMAGES.map(([shape, size, s, pad]) => {
        const x = floats(shape);
        return row(pooled(x, size, s, pad, 'max'), x, size, s, pad);
      }),
  ],
  avgPool: [
    CLOSE,
    () =>
      IMAGES.map(([shape, size, s, pad]) => {
        const x = floats(shape);
        return row(pooled(x, size, s, pad, 'avg'), x, size, s, pad);
      }),
  ],
  maxPoolWithArgmax: [
    EXACT,
    () =>
      IMAGES.flatMap(([shape, size, s, pad]) =>
        [false, true].map((batch) => {
          const x = floats(shape);
          return row(
            { result: pooled(x, size, s, pad, 'max'), indexes: places(x, size, s, pad, batch) },
            x,
            size,
            s,
            pad,
            batch,
          );
        }),
      ),
  ],
  pool: [
    CLOSE,
    () =>
      ['max', 'avg'].flatMap((kind) =>
        [
          [[2, 2], 'valid', 1, 2],
          [[3, 2], 'same', 1, 1],
          [[2, 3], 'valid', 2, 1],
        ].map(([size, pad, strides, dilations]) => {
          const x = floats([2, 7, 8, 3]);
          return row(pooled(x, size, strides, pad, kind, dilations), x, size, kind, pad, dilations, strides);
        }),
      ),
  ],
  dilation2d: [
    CLOSE,
    () =>
      IMAGES.map(([shape, size, strides, pad, dilations]) => {
        const x = floats(shape),
          f = floats([...size, shape[3]]);
        return row(dilated(x, f, strides, pad, dilations), x, f, strides, pad, dilations);
      }),
  ],
  localResponseNormalization: [
    CLOSE,
    () =>
      [
        [[1, 2, 2, 3], 1, 1, 1, 0.5],
        [[2, 3, 1, 17], 5, 2, 0.5, 0.75],
        [[1, 1, 1, 33], 3, 1, 1, 1],
      ].map(([shape, ...rest]) => {
        const x = floats(shape);
        return row(normalized(x, ...rest), x, ...rest);
      }),
  ],
  fusedMatMul: [
    SUMS,
    () =>
      NAMES.flatMap((name) =>
        [
          [3, 4, 5],
          [1, 33, 17],
        ].map(([m, k, n]) => {
          const a = floats([m, k]),
            b = floats([k, n]),
            bias = floats([n]),
            alpha = name === 'prelu' ? floats([n]) : null;
          return row(fused(matMul(a, b), bias, name, alpha), a, b, false, false, bias, name, alpha, 0.1);
        }),
      ),
  ],
  fusedConv2d: [SUMS, windowsFused(conv, (shape, size) => [...size, shape[3], 5])],
  fusedDepthwiseConv2d: [SUMS, windowsFused(depthwise, (shape, size) => [...size, shape[3], 2])],
  basicLSTMCell: [
    CLOSE,
    () =>
      [
        [1, 2, 1],
        [3, 5, 4],
        [2, 17, 8],
      ].map(([n, inputs, units]) => {
        const kernel = floats([inputs + units, 4 * units], -0.5, 0.5),
          bias = floats([4 * units]),
          x = floats([n, inputs]),
          c = floats([n, units]),
          h = floats([n, units]);
        const z = (i, j, gate) =>
          sum(
            Array.from(
              { length: inputs + units },
              (_, k) => (k < inputs ? at(x, [i, k]) : at(h, [i, k - inputs])) * at(kernel, [k, gate * units + j]),
            ),
          ) + bias.data[gate * units + j];
        const cell = build(
          [n, units],
          ([i, j]) => sigmoid(z(i, j, 0)) * Math.tanh(z(i, j, 1)) + at(c, [i, j]) * sigmoid(z(i, j, 2) + 0.5),
        );
        const out = build([n, units], ([i, j]) => Math.tanh(at(cell, [i, j])) * sigmoid(z(i, j, 3)));
        return row([cell, out], scalar(0.5), kernel, bias, x, c, h);
      }),
  ],
  movingAverage: [
    CLOSE,
    () =>
      [[5], [3, 17]].flatMap((shape) =>
        [true, false].map((debias) => {
          const v = floats(shape),
            x = floats(shape),
            d = 0.75,
            step = 3;
          return row(
            zip(v, x, (a, b) => a + ((b - a) * (1 - d)) / (debias ? 1 - d ** step : 1)),
            v,
            x,
            scalar(d),
            scalar(step),
            debias,
          );
        }),
      ),
  ],
  'losses.computeWeightedLoss': [
    CLOSE,
    () =>
      [
        [[5], [5]],
        [
          [3, 4],
          [3, 1],
        ],
        [[4, 3], null],
      ].flatMap(([shape, w]) =>
        [0, 1, 2, 3].map((r) => {
          const x = floats(shape),
            weights = w && floats(w, 0.1, 2);
          return row(reduced(x, weights, r), x, weights, r);
        }),
      ),
  ],
  'losses.absoluteDifference': [CLOSE, loss((a, b) => zip(a, b, (p, q) => Math.abs(p - q)), anything)],
  'losses.meanSquaredError': [CLOSE, loss((a, b) => zip(a, b, (p, q) => (p - q) ** 2), anything)],
  'losses.hingeLoss': [CLOSE, loss((a, b) => zip(a, b, (l, p) => Math.max(0, 1 - (2 * l - 1) * p)), classes)],
  'losses.cosineDistance': [
    CLOSE,
    () =>
      [0, 1, 2, 3].flatMap((r) =>
        [0, 1].map((axis) => {
          const a = floats([3, 4]),
            b = floats([3, 4]),
            each_ = map(
              fold(
                zip(a, b, (p, q) => p * q),
                axis,
                true,
                sum,
              ),
              (v) => 1 - v,
            );
          return row(reduced(each_, null, r), a, b, axis, null, r);
        }),
      ),
  ],
  'losses.huberLoss': [
    CLOSE,
    loss(
      (a, b, delta) =>
        zip(a, b, (p, q) => {
          const e = Math.abs(p - q);
          return e <= delta ? (e * e) / 2 : delta * e - (delta * delta) / 2;
        }),
      anything,
      0.75,
    ),
  ],
  'losses.logLoss': [
    CLOSE,
    loss(
      (a, b, e) => zip(a, b, (l, p) => -l * Math.log(p + e) - (1 - l) * Math.log(1 - p + e)),
      (shape) => [as('float32', map(ints(shape, 0, 1), Number)), floats(shape, 0.05, 0.95)],
      1e-4,
    ),
  ],
  'losses.sigmoidCrossEntropy': [
    CLOSE,
    () =>
      [0, 0.25].flatMap((s) =>
        [0, 1, 2, 3].flatMap((r) =>
          [[5], [3, 17]].map((shape) => {
            const [l, x] = [classes(shape)[0], floats(shape, -40, 40)],
              w = floats(shape, 0.1, 2);
            return row(
              reduced(
                zip(l, x, (a, b) => crossed(a * (1 - s) + s / 2, b)),
                w,
                r,
              ),
              l,
              x,
              w,
              s,
              r,
            );
          }),
        ),
      ),
  ],
  'losses.softmaxCrossEntropy': [
    CLOSE,
    () =>
      [0, 0.25].flatMap((s) =>
        [0, 1, 2, 3].flatMap((r) =>
          [
            [2, 3],
            [5, 17],
          ].map((shape) => {
            const l = floats(shape, 0, 1),
              x = floats(shape, -20, 20),
              w = floats([shape[0]], 0.1, 2);
            return row(reduced(softmaxCrossed(l, x, s), w, r), l, x, w, s, r);
          }),
        ),
      ),
  ],
  norm: [
    CLOSE,
    () =>
      [false, true].flatMap((keep) => [
        ...[1, 2, Infinity, -Infinity, 'euclidean'].flatMap((ord) =>
          [
            [[5], undefined],
            [[3, 17], 1],
            [[2, 3, 4], 0],
          ].map(([shape, axis]) => {
            const x = floats(shape);
            return row(fold(x, axis, keep, vectorNorm[ord]), x, ord, axis, keep);
          }),
        ),
        ...[1, Infinity, -Infinity, 'fro', 'euclidean'].flatMap((ord) =>
          [
            [
              [3, 4],
              [0, 1],
            ],
            [
              [2, 3, 5],
              [1, 2],
            ],
          ].map(([shape, axes]) => {
            const x = floats(shape);
            return row(matrixNorm(x, ord, axes, keep), x, ord, axes, keep);
          }),
        ),
      ]),
  ],
};
