// What elements of datasets are, as plain values.

/** Tensors of the library t as shape, dtype and values; null and undefined as they are. */
export function plain(t, x) {
  if (x instanceof t.Tensor) return { shape: x.shape, dtype: x.dtype, values: Array.from(x.dataSync()) };
  if (Array.isArray(x)) return x.map((one) => plain(t, one));
  if (ArrayBuffer.isView(x) || x === null || typeof x !== 'object') return x;
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(t, value)]));
}
