// Arrays of doubles for the references: plain loops over indices, written from the definitions and
// sharing nothing with the library.

/** {shape, data}: data row-major, numbers. */
export const array = (shape, data) => ({ shape, data });
export const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

/** Calls f(index, position) for every index of a shape, in row-major order. */
export function each(shape, f) {
  const n = sizeOf(shape),
    index = shape.map(() => 0);
  for (let k = 0; k < n; k++) {
    f(index, k);
    for (let i = shape.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
}

/** Where an index is in row-major data. */
export const place = (shape, index) => shape.reduce((at, size, i) => at * size + index[i], 0);
export const at = (x, index) => x.data[place(x.shape, index)];

/** An array whose element at each index is f(index). */
export function build(shape, f) {
  const data = new Array(sizeOf(shape));
  each(shape, (index, k) => {
    data[k] = f(index, k);
  });
  return array(shape, data);
}

export const map = (x, f) =>
  array(
    x.shape,
    x.data.map((v) => f(v)),
  );

/** NumPy's broadcasting. */
export function broadcastShape(a, b) {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1,
      q = b[b.length - rank + i] ?? 1;
    return p === 1 ? q : p;
  });
}

/** The element of x that an index of a broadcast shape means. */
export const seen = (x, index) =>
  at(
    x,
    x.shape.map((size, i) => (size === 1 ? 0 : index[index.length - x.shape.length + i])),
  );

export const zip = (a, b, f) => build(broadcastShape(a.shape, b.shape), (index) => f(seen(a, index), seen(b, index)));

/** An axis counted from the front. */
export const axisOf = (axis, rank) => (axis < 0 ? axis + rank : axis);

/** Folds the lines along axes to one value each: f(list of values). */
export function fold(x, axis, keepDims, f) {
  const rank = x.shape.length;
  const axes = (
    axis === undefined || axis === null || axis.length === 0 ? x.shape.map((_, i) => i) : [axis].flat()
  ).map((a) => axisOf(a, rank));
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const lines = build(kept, () => []);
  each(x.shape, (index, k) => {
    lines.data[
      place(
        kept,
        index.map((v, i) => (axes.includes(i) ? 0 : v)),
      )
    ].push(x.data[k]);
  });
  const shape = keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i));
  return array(shape, lines.data.map(f));
}

/** Each line along an axis becomes another of any length: f(list) -> list. */
export function along(x, axis, f) {
  const a = axisOf(axis, x.shape.length),
    outer = sizeOf(x.shape.slice(0, a)),
    inner = sizeOf(x.shape.slice(a + 1)),
    n = x.shape[a];
  const rows = [];
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++)
      rows.push([o, i, f(Array.from({ length: n }, (_, k) => x.data[(o * n + k) * inner + i]))]);
  const m = rows.length ? rows[0][2].length : f(new Array(n).fill(0)).length;
  const data = new Array(outer * m * inner);
  for (const [o, i, line] of rows)
    line.forEach((v, k) => {
      data[(o * m + k) * inner + i] = v;
    });
  return array([...x.shape.slice(0, a), m, ...x.shape.slice(a + 1)], data);
}

export const sum = (list) => {
  let total = 0,
    lost = 0; // Neumaier's sum
  for (const v of list) {
    const t = total + v;
    lost += Math.abs(total) >= Math.abs(v) ? total - t + v : v - t + total;
    total = t;
  }
  return Number.isFinite(total) ? total + lost : total;
};
