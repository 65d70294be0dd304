// References of the other ops: from the arguments that the library gets, tensors being arrays of
// doubles, the result in double. Written from the definitions, as plain loops.
import {
  along,
  array,
  at,
  axisOf,
  broadcastShape,
  build,
  each,
  fold,
  map,
  place,
  seen,
  sizeOf,
  sum,
  zip,
} from './array.mjs';

const same = (shape, f) => build(shape, f);
const flat = (v, n) => (Array.isArray(v) ? v : new Array(n).fill(v));

// ---- reductions and what goes along an axis ----

const mean = (list) => sum(list) / list.length;
const variance = (list) => mean(list.map((v) => (v - mean(list)) ** 2));
const anyNaN = (list) => list.some(Number.isNaN);
const largest = (list) => (anyNaN(list) ? NaN : list.reduce((a, b) => Math.max(a, b), -Infinity));
const logSumExp = (list) => {
  const top = largest(list);
  return Number.isFinite(top) ? top + Math.log(sum(list.map((v) => Math.exp(v - top)))) : top;
};
const running = (list, start, f, { exclusive, reverse }) => {
  const order = reverse ? list.slice().reverse() : list,
    out = [];
  let total = start;
  for (const v of order) {
    if (exclusive) out.push(total);
    total = f(total, v);
    if (!exclusive) out.push(total);
  }
  return reverse ? out.reverse() : out;
};
const scan =
  (start, f) =>
  (x, axis = 0, exclusive = false, reverse = false) =>
    along(x, axis, (list) => running(list, start, f, { exclusive, reverse }));
const softmax = (list) => {
  const top = largest(list),
    e = list.map((v) => Math.exp(v - top)),
    total = sum(e);
  return e.map((v) => v / total);
};
const best = (sign) => (list) => list.reduce((at, v, i) => ((v - list[at]) * sign > 0 ? i : at), 0);

export const reductions = {
  sum: (x, axis, keep) => fold(x, axis, keep, sum),
  mean: (x, axis, keep) => fold(x, axis, keep, mean),
  max: (x, axis, keep) => fold(x, axis, keep, largest),
  min: (x, axis, keep) => fold(x, axis, keep, (list) => -largest(list.map((v) => -v))),
  prod: (x, axis, keep) => fold(x, axis, keep, (list) => list.reduce((a, b) => a * b, 1)),
  logSumExp: (x, axis, keep) => fold(x, axis, keep, logSumExp),
  euclideanNorm: (x, axis, keep) => fold(x, axis, keep, (list) => Math.sqrt(sum(list.map((v) => v * v)))),
};

export const lines = {
  cumsum: scan(0, (a, b) => a + b),
  cumprod: scan(1, (a, b) => a * b),
  softmax: (x, dim = -1) => along(x, dim, softmax),
  logSoftmax: (x, axis = -1) =>
    along(x, axis, (list) => {
      const l = logSumExp(list);
      return list.map((v) => v - l);
    }),
  argMax: (x, axis = 0) =>
    squeezed(
      along(x, axis, (list) => [best(1)(list)]),
      axis,
      x.shape.length,
    ),
  argMin: (x, axis = 0) =>
    squeezed(
      along(x, axis, (list) => [best(-1)(list)]),
      axis,
      x.shape.length,
    ),
};

function squeezed(x, axis, rank) {
  const a = axisOf(axis, rank);
  return array(
    x.shape.filter((_, i) => i !== a),
    x.data,
  );
}

export const moments = (x, axis, keep) => ({
  mean: fold(x, axis, keep, mean),
  variance: fold(x, axis, keep, variance),
});

export function topk(x, k = 1) {
  const rank = x.shape.length;
  const order = (list) =>
    list
      .map((_, i) => i)
      .sort((a, b) => list[b] - list[a] || a - b)
      .slice(0, k);
  return { values: along(x, rank - 1, (list) => order(list).map((i) => list[i])), indices: along(x, rank - 1, order) };
}

// ---- moving elements ----

export const moves = {
  reshape: (x, shape) => {
    const open = shape.indexOf(-1),
      known = shape.filter((n) => n !== -1);
    return array(open < 0 ? shape : shape.map((n) => (n === -1 ? sizeOf(x.shape) / sizeOf(known) : n)), x.data);
  },
  transpose: (x, perm = x.shape.map((_, i) => x.shape.length - 1 - i)) =>
    build(
      perm.map((p) => x.shape[p]),
      (index) =>
        at(
          x,
          x.shape.map((_, i) => index[perm.indexOf(i)]),
        ),
    ),
  reverse: (x, axis) => {
    const axes = (axis === undefined ? x.shape.map((_, i) => i) : [axis].flat()).map((a) => axisOf(a, x.shape.length));
    return build(x.shape, (index) =>
      at(
        x,
        index.map((v, i) => (axes.includes(i) ? x.shape[i] - 1 - v : v)),
      ),
    );
  },
  slice: (x, begin, size) =>
    build(
      size.map((n, i) => (n === -1 ? x.shape[i] - begin[i] : n)),
      (index) =>
        at(
          x,
          index.map((v, i) => v + begin[i]),
        ),
    ),
  stridedSlice: (x, begin, end, strides) => {
    const taken = x.shape.map((n, i) => {
      const step = strides[i],
        from = begin[i] < 0 ? begin[i] + n : begin[i],
        to = end[i] < 0 ? end[i] + n : end[i],
        out = [];
      if (step > 0) for (let k = Math.max(from, 0); k < Math.min(to, n); k += step) out.push(k);
      else for (let k = Math.min(from, n - 1); k > Math.max(to, -1); k += step) out.push(k);
      return out;
    });
    return build(
      taken.map((list) => list.length),
      (index) =>
        at(
          x,
          index.map((v, i) => taken[i][v]),
        ),
    );
  },
  pad: (x, paddings, value = 0) =>
    build(
      x.shape.map((n, i) => n + paddings[i][0] + paddings[i][1]),
      (index) => {
        const from = index.map((v, i) => v - paddings[i][0]);
        return from.every((v, i) => v >= 0 && v < x.shape[i]) ? at(x, from) : value;
      },
    ),
  mirrorPad: (x, paddings, mode) =>
    build(
      x.shape.map((n, i) => n + paddings[i][0] + paddings[i][1]),
      (index) =>
        at(
          x,
          index.map((v, i) => {
            const k = v - paddings[i][0],
              n = x.shape[i],
              edge = mode === 'reflect' ? 0 : 1;
            return k < 0 ? -k - edge : k >= n ? 2 * n - 2 - k + edge : k;
          }),
        ),
    ),
  tile: (x, reps) =>
    build(
      x.shape.map((n, i) => n * reps[i]),
      (index) =>
        at(
          x,
          index.map((v, i) => v % x.shape[i]),
        ),
    ),
  broadcastTo: (x, shape) => build(shape, (index) => seen(x, index)),
  diag: (x) =>
    build([...x.shape, ...x.shape], (index) => {
      const rank = x.shape.length;
      return index.slice(0, rank).every((v, i) => v === index[rank + i]) ? at(x, index.slice(0, rank)) : 0;
    }),
  gather: (x, indices, axis = 0, batchDims = 0) => {
    const a = axisOf(axis, x.shape.length),
      lead = x.shape.slice(0, a),
      rest = indices.shape.slice(batchDims);
    return build([...lead, ...rest, ...x.shape.slice(a + 1)], (index) => {
      const chosen = at(indices, [...index.slice(0, batchDims), ...index.slice(a, a + rest.length)]);
      return at(x, [...index.slice(0, a), chosen, ...index.slice(a + rest.length)]);
    });
  },
  oneHot: (indices, depth, on = 1, off = 0) =>
    build([...indices.shape, depth], (index) => (at(indices, index.slice(0, -1)) === index.at(-1) ? on : off)),
  where: (c, a, b) =>
    build(broadcastShape(c.shape, broadcastShape(a.shape, b.shape)), (index) =>
      seen(c, index) ? seen(a, index) : seen(b, index),
    ),
  depthToSpace: (x, block) => {
    const [n, h, w, c] = x.shape,
      deep = c / block ** 2;
    return build([n, h * block, w * block, deep], ([i, y, z, k]) =>
      at(x, [i, Math.floor(y / block), Math.floor(z / block), ((y % block) * block + (z % block)) * deep + k]),
    );
  },
  concat: (list, axis = 0) => {
    const a = axisOf(axis, list[0].shape.length),
      out = list[0].shape.slice();
    out[a] = list.reduce((n, x) => n + x.shape[a], 0);
    return build(out, (index) => {
      let k = index[a],
        which = 0;
      while (k >= list[which].shape[a]) k -= list[which++].shape[a];
      return at(
        list[which],
        index.map((v, i) => (i === a ? k : v)),
      );
    });
  },
  stack: (list, axis = 0) => {
    const a = axisOf(axis, list[0].shape.length + 1);
    const shape = [...list[0].shape.slice(0, a), list.length, ...list[0].shape.slice(a)];
    return build(shape, (index) =>
      at(
        list[index[a]],
        index.filter((_, i) => i !== a),
      ),
    );
  },
  split: (x, sizes, axis = 0) => {
    const a = axisOf(axis, x.shape.length),
      parts = [];
    for (let from = 0, i = 0; i < sizes.length; from += sizes[i++]) {
      const begin = from;
      parts.push(
        build(
          x.shape.map((n, k) => (k === a ? sizes[i] : n)),
          (index) =>
            at(
              x,
              index.map((v, k) => (k === a ? v + begin : v)),
            ),
        ),
      );
    }
    return parts;
  },
  unstack: (x, axis = 0) => {
    const a = axisOf(axis, x.shape.length);
    return Array.from({ length: x.shape[a] }, (_, k) =>
      build(
        x.shape.filter((_, i) => i !== a),
        (index) => at(x, [...index.slice(0, a), k, ...index.slice(a)]),
      ),
    );
  },
};

// ---- products ----

export function matMul(a, b, ta = false, tb = false) {
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)),
    p = a.shape.length,
    q = b.shape.length;
  const m = a.shape[p - 2 + ta],
    k = a.shape[p - 1 - ta],
    n = b.shape[q - 1 - tb];
  const from = (x, index, row, column) =>
    at(x, [
      ...x.shape.slice(0, -2).map((size, i) => (size === 1 ? 0 : index[lead.length - (x.shape.length - 2) + i])),
      row,
      column,
    ]);
  return build([...lead, m, n], (index) => {
    const i = index[lead.length],
      j = index[lead.length + 1];
    return sum(
      Array.from(
        { length: k },
        (_, l) =>
          (ta ? from(a, index, l, i) : from(a, index, i, l)) * (tb ? from(b, index, j, l) : from(b, index, l, j)),
      ),
    );
  });
}

/** Sums products over the labels that the result lacks. */
export function einsum(equation, ...xs) {
  const [left, right] = equation.split('->'),
    terms = left.split(','),
    sizes = {};
  terms.forEach((term, i) =>
    [...term].forEach((label, k) => {
      sizes[label] = xs[i].shape[k];
    }),
  );
  const labels = Object.keys(sizes),
    summed = labels.filter((label) => !right.includes(label));
  return build(
    [...right].map((label) => sizes[label]),
    (index) => {
      const parts = [];
      each(
        summed.map((label) => sizes[label]),
        (inner) => {
          const where = (label) => (right.includes(label) ? index[right.indexOf(label)] : inner[summed.indexOf(label)]);
          parts.push(terms.reduce((product, term, i) => product * at(xs[i], [...term].map(where)), 1));
        },
      );
      return sum(parts);
    },
  );
}

// ---- windows: any number of spatial axes, channels last ----

/** Outputs and padding before, of one axis. */
function axis(n, window, stride, dilation, pad) {
  const span = (window - 1) * dilation + 1;
  if (pad === 'same') {
    const out = Math.ceil(n / stride),
      all = Math.max(0, (out - 1) * stride + span - n);
    return [out, Math.floor(all / 2)];
  }
  const p = pad === 'valid' ? 0 : pad;
  return [Math.floor((n + 2 * p - span) / stride) + 1, p];
}

/** Calls visit(spatial place in x, place in the window) for the window at `out`, inside x alone. */
function window(x, size, out, { strides, dilations, before }, visit) {
  each(size, (k) => {
    const from = out.map((o, i) => o * strides[i] + k[i] * dilations[i] - before[i]);
    if (from.every((v, i) => v >= 0 && v < x.shape[1 + i])) visit(from, k.slice());
  });
}

function geometry(x, size, strides, pad, dilations) {
  const n = size.length,
    g = { strides: flat(strides, n), dilations: flat(dilations ?? 1, n) };
  const both = size.map((w, i) => axis(x.shape[1 + i], w, g.strides[i], g.dilations[i], pad));
  return { ...g, out: both.map(([o]) => o), before: both.map(([, b]) => b) };
}

/** x [n, ...space, c], filter [...window, c, d]. */
export function conv(x, filter, strides, pad, dilations) {
  const n = filter.shape.length - 2,
    size = filter.shape.slice(0, n),
    g = geometry(x, size, strides, pad, dilations);
  return build([x.shape[0], ...g.out, filter.shape[n + 1]], (index) => {
    const parts = [],
      d = index.at(-1);
    window(x, size, index.slice(1, -1), g, (from, k) => {
      for (let c = 0; c < filter.shape[n]; c++) parts.push(at(x, [index[0], ...from, c]) * at(filter, [...k, c, d]));
    });
    return sum(parts);
  });
}

/** filter [h, w, c, m]: channel c gives m. */
export function depthwise(x, filter, strides, pad, dilations) {
  const size = filter.shape.slice(0, 2),
    m = filter.shape[3],
    g = geometry(x, size, strides, pad, dilations);
  return build([x.shape[0], ...g.out, filter.shape[2] * m], (index) => {
    const parts = [],
      c = Math.floor(index.at(-1) / m);
    window(x, size, index.slice(1, -1), g, (from, k) =>
      parts.push(at(x, [index[0], ...from, c]) * at(filter, [...k, c, index.at(-1) % m])),
    );
    return sum(parts);
  });
}

export function pooled(x, size, strides, pad, kind, dilations = 1) {
  const g = geometry(x, size, strides, pad, dilations);
  return build([x.shape[0], ...g.out, x.shape.at(-1)], (index) => {
    const parts = [];
    window(x, size, index.slice(1, -1), g, (from) => parts.push(at(x, [index[0], ...from, index.at(-1)])));
    return kind === 'max' ? largest(parts) : mean(parts);
  });
}

export function batchNorm(x, m, v, offset, scale, epsilon = 0.001) {
  return build(
    x.shape,
    (index) =>
      ((at(x, index) - seen(m, index)) / Math.sqrt(seen(v, index) + epsilon)) * (scale ? seen(scale, index) : 1) +
      (offset ? seen(offset, index) : 0),
  );
}

/** The lower of the two places that one of the output lies between, and how far it is from it. */
function between(i, n, out, align, half) {
  const scale = align && out > 1 ? (n - 1) / (out - 1) : n / out;
  return half ? (i + 0.5) * scale - 0.5 : i * scale;
}

export function resizeBilinear(x, [h, w], align = false, half = false) {
  const inside = (v, n) => Math.min(Math.max(v, 0), n - 1);
  return build([x.shape[0], h, w, x.shape[3]], ([b, i, j, c]) => {
    const y = between(i, x.shape[1], h, align, half),
      z = between(j, x.shape[2], w, align, half);
    const [y0, y1, z0, z1] = [
      inside(Math.floor(y), x.shape[1]),
      inside(Math.ceil(y), x.shape[1]),
      inside(Math.floor(z), x.shape[2]),
      inside(Math.ceil(z), x.shape[2]),
    ];
    const p = y1 > y0 ? y - y0 : 0,
      q = z1 > z0 ? z - z0 : 0;
    const row = (k) => at(x, [b, k, z0, c]) * (1 - q) + at(x, [b, k, z1, c]) * q;
    return row(y0) * (1 - p) + row(y1) * p;
  });
}

/** The discrete Fourier transform of [re, im] along the last axis. */
export function dft(re, im, inverse) {
  const n = re.shape.at(-1),
    sign = inverse ? 1 : -1;
  const part = (which) =>
    build(re.shape, (index) => {
      const k = index.at(-1),
        row = place(re.shape, [...index.slice(0, -1), 0]),
        terms = [];
      for (let t = 0; t < n; t++) {
        const angle = (sign * 2 * Math.PI * ((k * t) % n)) / n,
          c = Math.cos(angle),
          s = Math.sin(angle);
        terms.push(which ? re.data[row + t] * s + im.data[row + t] * c : re.data[row + t] * c - im.data[row + t] * s);
      }
      return sum(terms) / (inverse ? n : 1);
    });
  return [part(0), part(1)];
}

export { map, same, zip, geometry, window };
