// References of ops with indices: gathering, scattering, searching, counting, segments, sparse tensors.
import { array, at, build, each, place, sizeOf } from './array.mjs';
import { as, bools, each3, floats, ints, row, scalar, shuffled, vector, whole } from './draw.mjs';

const EXACT = 0,
  CLOSE = 1e-6;
const sorted = (shape) => {
  const x = ints(shape, 0, 9),
    n = shape.at(-1),
    out = [];
  for (let i = 0; i < sizeOf(shape); i += n) out.push(...x.data.slice(i, i + n).sort((a, b) => a - b));
  return { ...x, data: out };
};

/** indices [..., depth] of a tensor's first axes. */
const places = (lead, shape, depth) =>
  as(
    'int32',
    build([...lead, depth], (index) => whole(0, shape[index.at(-1)] - 1)),
  );
const target = (indices, index) =>
  indices.data.slice(place(indices.shape, [...index, 0])).slice(0, indices.shape.at(-1));

const gatherND = (x, indices) => {
  const lead = indices.shape.slice(0, -1),
    depth = indices.shape.at(-1);
  return as(
    x.dtype,
    build([...lead, ...x.shape.slice(depth)], (index) =>
      at(x, [...target(indices, index.slice(0, lead.length)), ...index.slice(lead.length)]),
    ),
  );
};

/** start with updates put into it by f(old, new). */
function scattered(start, indices, updates, f) {
  const out = { ...start, data: start.data.slice() },
    lead = indices.shape.slice(0, -1);
  each(updates.shape, (index, k) => {
    const to = place(start.shape, [...target(indices, index.slice(0, lead.length)), ...index.slice(lead.length)]);
    out.data[to] = f(out.data[to], updates.data[k]);
  });
  return out;
}
const SCATTERS = [
  [[5], [3], 1],
  [[4, 3], [6], 1],
  [[4, 3], [2, 2], 2],
  [[2, 3, 4], [5], 2],
  [[33, 5], [40], 1],
];
const zeros = (shape, dtype) =>
  as(
    dtype,
    build(shape, () => 0),
  );

const bound = (x, values, after) =>
  as(
    'int32',
    build(values.shape, (index, k) => {
      const n = x.shape.at(-1),
        begin = index.slice(0, -1).reduce((p, v, i) => p * x.shape[i] + v, 0) * n;
      return x.data.slice(begin, begin + n).filter((v) => v < values.data[k] || (after && v === values.data[k])).length;
    }),
  );
const SEARCHES = [
  [[7], [3]],
  [[33], [17]],
  [
    [2, 5],
    [2, 4],
  ],
  [
    [1, 0],
    [1, 2],
  ],
];
const searches = (after, side) => () =>
  SEARCHES.map(([p, q]) => {
    const x = sorted(p),
      v = ints(q, -1, 10);
    return row({ ...bound(x, v, after), shape: [sizeOf(q.slice(0, -1)), q.at(-1)] }, x, v, ...side);
  });

/** Sums of slices by group; what is of no group is left out. */
function grouped(x, groups, count, rank) {
  const inner = x.shape.slice(rank),
    n = sizeOf(inner),
    data = new Array(count * n).fill(0);
  groups.forEach((g, k) => {
    for (let i = 0; g >= 0 && g < count && i < n; i++) data[g * n + i] += Number(x.data[k * n + i]);
  });
  return as(x.dtype, array([count, ...inner], data));
}
const chosen = (x, indices) =>
  build([indices.length, ...x.shape.slice(1)], (index) => at(x, [indices[index[0]], ...index.slice(1)]));
const SEGMENTS = [
  [
    [0, 2, 1],
    [0, 0, 2],
  ],
  [[1], [3]],
  [
    [0, 0, 1, 2, 2],
    [0, 1, 1, 1, 4],
  ],
];
const counts = (ids, n) => Array.from({ length: n }, (_, g) => ids.filter((id) => id === g).length);

const histogram = (values, weights, size) => {
  const data = new Array(size).fill(0);
  values.forEach((v, i) => {
    if (v < size) data[v] += weights ? weights[i] : 1;
  });
  return data;
};

function unique(x, axis) {
  const a = axis ?? 0,
    n = x.shape[a],
    keys = [],
    firsts = [],
    indices = [];
  for (let k = 0; k < n; k++) {
    const part = [];
    each(
      x.shape.map((s, i) => (i === a ? 1 : s)),
      (index) =>
        part.push(
          at(
            x,
            index.map((v, i) => (i === a ? k : v)),
          ),
        ),
    );
    const key = part.join();
    if (!keys.includes(key)) (keys.push(key), firsts.push(k));
    indices.push(keys.indexOf(key));
  }
  const values = build(
    x.shape.map((s, i) => (i === a ? firsts.length : s)),
    (index) =>
      at(
        x,
        index.map((v, i) => (i === a ? firsts[v] : v)),
      ),
  );
  return { values: as(x.dtype, values), indices: vector(indices) };
}

export default {
  gatherND: [
    EXACT,
    () =>
      SCATTERS.flatMap(([shape, lead, depth]) =>
        each3(shape).map((x) => {
          const indices = places(lead, shape, depth);
          return row(gatherND(x, indices), x, indices);
        }),
      ),
  ],
  scatterND: [
    CLOSE,
    () =>
      SCATTERS.flatMap(([shape, lead, depth]) =>
        [floats, ints].map((make) => {
          const indices = places(lead, shape, depth),
            updates = make([...lead, ...shape.slice(depth)]);
          return row(
            scattered(zeros(shape, updates.dtype), indices, updates, (a, b) => a + b),
            indices,
            updates,
            shape,
          );
        }),
      ),
  ],
  tensorScatterUpdate: [
    EXACT,
    () =>
      SCATTERS.flatMap(([shape, lead, depth]) =>
        [floats, ints].map((make) => {
          const x = make(shape),
            indices = places(lead, shape, depth),
            updates = make([...lead, ...shape.slice(depth)]);
          return row(
            scattered(x, indices, updates, (_, b) => b),
            x,
            indices,
            updates,
          );
        }),
      ),
  ],
  sparseToDense: [
    EXACT,
    () =>
      [[5], [4, 3], [2, 3, 4]].flatMap((shape) =>
        [floats, ints].map((make) => {
          const at = shuffled(sizeOf(shape))
              .slice(0, 3)
              .sort((a, b) => a - b),
            all = [];
          each(shape, (index) => all.push(index.slice()));
          const indices = as(
              'int32',
              array(
                [3, shape.length],
                at.flatMap((k) => all[k]),
              ),
            ),
            values = make([3]),
            fill = make([]);
          const want = build(shape, (_, k) => (at.includes(k) ? values.data[at.indexOf(k)] : fill.data[0]));
          return row(as(values.dtype, want), indices, values, shape, fill);
        }),
      ),
  ],
  searchSorted: [EXACT, () => [...searches(false, ['left'])(), ...searches(true, ['right'])()]],
  lowerBound: [EXACT, searches(false, [])],
  upperBound: [EXACT, searches(true, [])],
  inTopK: [
    EXACT,
    () =>
      [
        [[3, 5], 1],
        [[2, 3, 17], 4],
      ].map(([shape, k]) => {
        const x = floats(shape),
          classes = shape.at(-1),
          goal = ints(shape.slice(0, -1), 0, classes - 1);
        const want = goal.data.map(
          (g, r) => x.data.slice(r * classes, (r + 1) * classes).filter((v) => v > x.data[r * classes + g]).length < k,
        );
        return row(as('bool', array(goal.shape, want)), x, goal, k);
      }),
  ],
  nonzero: [
    EXACT,
    () =>
      [[5], [3, 4], [2, 3, 2], [0, 2]].map((shape) => {
        const x = bools(shape),
          found = [];
        each(shape, (index, k) => {
          if (x.data[k]) found.push(...index);
        });
        return row(as('int32', array([found.length / shape.length, shape.length], found)), x);
      }),
  ],
  booleanMask: [
    EXACT,
    () =>
      [
        [[5], [5], 0],
        [[4, 3], [4], 0],
        [[4, 3], [3], 1],
        [[2, 3, 4], [2, 3], 0],
        [[2, 3, 4], [3, 4], 1],
      ].flatMap(([shape, m, axis]) =>
        each3(shape).map((x) => {
          const mask = bools(m),
            kept = [];
          each(m, (index, k) => {
            if (mask.data[k]) kept.push(index.slice());
          });
          const want = build([...shape.slice(0, axis), kept.length, ...shape.slice(axis + m.length)], (index) =>
            at(x, [...index.slice(0, axis), ...kept[index[axis]], ...index.slice(axis + 1)]),
          );
          return row(as(x.dtype, want), x, mask, axis);
        }),
      ),
  ],
  unsortedSegmentSum: [
    CLOSE,
    () =>
      [
        [[6], [6]],
        [[5, 3], [5]],
        [
          [2, 3, 4],
          [2, 3],
        ],
        [[40, 17], [40]],
      ].flatMap(([shape, s]) =>
        [floats, ints].map((make) => {
          const x = make(shape),
            ids = ints(s, -1, 3);
          return row(grouped(x, ids.data, 4, s.length), x, ids, 4);
        }),
      ),
  ],
  'sparse.sparseSegmentSum': [
    CLOSE,
    () =>
      SEGMENTS.flatMap(([indices, ids]) =>
        [floats([3]), floats([3, 17]), ints([4, 2])].map((x) =>
          row(grouped(as(x.dtype, chosen(x, indices)), ids, ids.at(-1) + 1, 1), x, vector(indices), vector(ids)),
        ),
      ),
  ],
  'sparse.sparseSegmentMean': [
    CLOSE,
    () =>
      SEGMENTS.flatMap(([indices, ids]) =>
        [floats([3]), floats([3, 17])].map((x) => {
          const total = grouped(as(x.dtype, chosen(x, indices)), ids, ids.at(-1) + 1, 1),
            many = counts(ids, ids.at(-1) + 1);
          return row(
            {
              ...total,
              data: total.data.map((v, k) => v / Math.max(1, many[Math.floor(k / (total.data.length / many.length))])),
            },
            x,
            vector(indices),
            vector(ids),
          );
        }),
      ),
  ],
  bincount: [
    CLOSE,
    () =>
      [[0], [1], [17], [100]].flatMap(([n]) =>
        [floats([n]), ints([n]), null].map((weights) => {
          const x = ints([n], 0, 9),
            none = as('float32', array([0], []));
          return row(vector(histogram(x.data, weights?.data, 7), weights?.dtype ?? 'float32'), x, weights ?? none, 7);
        }),
      ),
  ],
  denseBincount: [
    CLOSE,
    () =>
      [[17], [3, 8]].flatMap((shape) =>
        [false, true].map((binary) => {
          const x = ints(shape, 0, 6),
            w = floats(shape),
            n = shape.at(-1),
            out = [];
          for (let k = 0; k < x.data.length; k += n) {
            const values = x.data.slice(k, k + n);
            out.push(
              ...(binary
                ? histogram(values, null, 5).map((v) => Number(v > 0))
                : histogram(values, w.data.slice(k, k + n), 5)),
            );
          }
          return row(as('float32', array([...shape.slice(0, -1), 5], out)), x, w, 5, binary);
        }),
      ),
  ],
  'math.confusionMatrix': [
    EXACT,
    () =>
      [0, 1, 40].map((n) => {
        const a = ints([n], 0, 3),
          b = ints([n], 0, 3),
          want = build([4, 4], ([i, j]) => a.data.filter((v, k) => v === i && b.data[k] === j).length);
        return row(as('int32', want), a, b, 4);
      }),
  ],
  unique: [
    EXACT,
    () =>
      [
        [[9], undefined],
        [[33], 0],
        [[6, 1], 0],
        [[2, 5], 1],
      ].flatMap(([shape, axis]) =>
        [0, 2].map((low) => {
          const x = ints(shape, low, low + 2);
          return row(unique(x, axis), x, axis);
        }),
      ),
  ],
  setdiff1d: [
    EXACT,
    () =>
      [
        [9, 4],
        [33, 3],
        [5, 0],
      ].map(([n, m]) => {
        const x = ints([n], 0, 9),
          y = ints([m], 0, 9),
          kept = x.data.map((_, i) => i).filter((i) => !y.data.includes(x.data[i]));
        return row([vector(kept.map((i) => x.data[i])), vector(kept)], x, y);
      }),
  ],
  'sparse.sparseFillEmptyRows': [
    EXACT,
    () =>
      [
        [
          [
            [2, 1],
            [0, 3],
            [2, 0],
          ],
          5,
        ],
        [
          [
            [0, 0],
            [1, 2],
          ],
          2,
        ],
        [
          [
            [4, 1],
            [1, 1],
            [4, 0],
            [1, 0],
          ],
          6,
        ],
      ].map(([list, rows]) => {
        const values = floats([list.length]),
          fill = floats([]),
          entries = [],
          back = [];
        for (let r = 0; r < rows; r++) {
          const own = list.map((_, i) => i).filter((i) => list[i][0] === r);
          if (!own.length) entries.push([[r, 0], fill.data[0]]);
          for (const i of own) ((back[i] = entries.length), entries.push([list[i], values.data[i]]));
        }
        return row(
          {
            outputIndices: as(
              'int32',
              array(
                [entries.length, 2],
                entries.flatMap(([at]) => at),
              ),
            ),
            outputValues: vector(
              entries.map(([, v]) => v),
              'float32',
            ),
            emptyRowIndicator: vector(
              Array.from({ length: rows }, (_, r) => !list.some(([k]) => k === r)),
              'bool',
            ),
            reverseIndexMap: vector(back),
          },
          as('int32', array([list.length, 2], list.flat())),
          values,
          vector([rows, 5]),
          fill,
        );
      }),
  ],
  'sparse.sparseReshape': [
    EXACT,
    () =>
      [
        [
          [
            [0, 1],
            [1, 2],
          ],
          [2, 3],
          [3, -1],
          [3, 2],
        ],
        [
          [
            [0, 0, 1],
            [1, 2, 3],
          ],
          [2, 3, 4],
          [4, 6],
          [4, 6],
        ],
      ].map(([list, from, to, shape]) => {
        const moved = list.flatMap((index) => {
          let k = place(from, index);
          return shape.map((_, i) => {
            const under = sizeOf(shape.slice(i + 1)),
              v = Math.floor(k / under);
            k %= under;
            return v;
          });
        });
        return row(
          { outputIndices: as('int32', array([list.length, shape.length], moved)), outputShape: vector(shape) },
          as('int32', array([list.length, from.length], list.flat())),
          vector(from),
          vector(to),
        );
      }),
  ],
  raggedRange: [
    EXACT,
    () =>
      [
        [
          [0.5, 5, 8],
          [3, 6.5, 7.5],
          [1, 1, 1],
        ],
        [
          [0, 10, 3],
          [5, 0, 3],
          [2, -3, 1],
        ],
      ].map((three) => {
        const splits = [0],
          values = [];
        three[0].forEach((start, i) => {
          for (let v = start; three[2][i] > 0 ? v < three[1][i] : v > three[1][i]; v += three[2][i]) values.push(v);
          splits.push(values.length);
        });
        return row(
          { rtNestedSplits: vector(splits), rtDenseValues: vector(values, 'float32') },
          ...three.map((v) => vector(v, 'float32')),
        );
      }),
  ],
  raggedGather: [
    EXACT,
    () =>
      [
        [
          [0, 3, 3, 5],
          [2, 1, 0],
        ],
        [
          [0, 2, 5],
          [1, 1, 0, 1],
        ],
      ].map(([splits, indices]) => {
        const dense = floats([splits.at(-1)]),
          to = [0],
          values = [];
        for (const i of indices) (values.push(...dense.data.slice(splits[i], splits[i + 1])), to.push(values.length));
        return row(
          { outputNestedSplits: [vector(to)], outputDenseValues: vector(values, 'float32') },
          [vector(splits)],
          dense,
          vector(indices),
          1,
        );
      }),
  ],
  raggedTensorToTensor: [
    EXACT,
    () =>
      [
        [0, 1, 1, 4],
        [0, 3, 3],
        [0, 2, 4, 6],
      ].map((splits) => {
        const values = floats([splits.at(-1)]),
          wide = Math.max(...splits.slice(1).map((v, i) => v - splits[i]));
        const want = build([splits.length - 1, wide], ([i, j]) =>
          splits[i] + j < splits[i + 1] ? values.data[splits[i] + j] : 0.5,
        );
        return row(want, vector([-1, -1]), values, scalar(0.5), [vector(splits)], ['ROW_SPLITS']);
      }),
  ],
};
