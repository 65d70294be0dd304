// References of linear algebra, Fourier transforms, frames and texts.
import { util } from '@tensorflow/tfjs-core';
import { array, at, build, sum, zip } from './array.mjs';
import { as, floats, ints, row, vector } from './draw.mjs';
import { dft } from './ops.mjs';

const EXACT = 0,
  CLOSE = 2e-6;
const complex = (re, im) => as('complex64', { shape: re.shape, data: re.data, imag: im.data });

/** Householder's reflections, one column after another (Golub and Van Loan, algorithm 5.2.1). */
function qr(x, full) {
  const [m, n] = x.shape,
    r = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => at(x, [i, j])));
  const q = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => Number(i === j)));
  for (let k = 0; k < Math.min(m, n); k++) {
    const column = r.map((line) => line[k]).map((v, i) => (i < k ? 0 : v)),
      length = Math.sqrt(sum(column.map((v) => v * v)));
    const v = column.map((c, i) => (i === k ? c + (c < 0 ? -length : length) : c)),
      scale = 2 / sum(v.map((c) => c * c));
    for (let j = 0; j < n; j++) {
      const d = scale * sum(v.map((c, i) => c * r[i][j]));
      v.forEach((c, i) => {
        r[i][j] -= d * c;
      });
    }
    for (const line of q) {
      const d = scale * sum(v.map((c, i) => c * line[i]));
      v.forEach((c, i) => {
        line[i] -= d * c;
      });
    }
  }
  const k = full ? m : Math.min(m, n);
  return [build([m, k], ([i, j]) => q[i][j]), build([k, n], ([i, j]) => (i > j ? 0 : r[i][j]))];
}

function orthonormal(vectors) {
  const done = [];
  for (const x of vectors) {
    let v = x.data.slice();
    for (const u of done) {
      const along = sum(v.map((c, i) => c * u[i]));
      v = v.map((c, i) => c - along * u[i]);
    }
    const length = Math.sqrt(sum(v.map((c) => c * c)));
    done.push(v.map((c) => c / length));
  }
  return done.map((v) => array([v.length], v));
}

const cosineWindow = (a) => (n) => {
  const period = n % 2 ? n - 1 : n;
  return vector(
    Array.from({ length: n }, (_, i) => (n === 1 ? 1 : a - (1 - a) * Math.cos((2 * Math.PI * i) / period))),
    'float32',
  );
};
const hann = cosineWindow(0.5),
  hamming = cosineWindow(0.54);
const LENGTHS = [1, 2, 3, 4, 7, 8, 16, 33];

function framed(x, length, step, end, value) {
  const n = x.shape.at(-1),
    count = end ? Math.ceil(n / step) : Math.max(0, Math.floor((n - length) / step) + 1);
  return build([...x.shape.slice(0, -1), count, length], (index) => {
    const k = index.at(-2) * step + index.at(-1);
    return k < n ? at(x, [...index.slice(0, -2), k]) : value;
  });
}

/** The lower half of the transform of rows cut or continued to n. */
function half(x, n) {
  const rows = build([...x.shape.slice(0, -1), n], (index) => (index.at(-1) < x.shape.at(-1) ? at(x, index) : 0));
  const cut = (y) => build([...x.shape.slice(0, -1), Math.floor(n / 2) + 1], (index) => at(y, index));
  const [re, im] = dft(
    rows,
    array(
      rows.shape,
      rows.data.map(() => 0),
    ),
    false,
  );
  return complex(cut(re), cut(im));
}

function whole(re, im) {
  const k = re.shape.at(-1),
    n = k > 1 ? 2 * (k - 1) : 1,
    shape = [...re.shape.slice(0, -1), n];
  const mirrored = (x, sign) =>
    build(shape, (index) => {
      const t = index.at(-1),
        lead = index.slice(0, -1);
      if (sign < 0 && (t === 0 || 2 * t === n)) return 0;
      return t < k ? at(x, [...lead, t]) : sign * at(x, [...lead, n - t]);
    });
  return dft(mirrored(re, 1), mirrored(im, -1), true)[0];
}

// ---- texts ----

const TEXTS = [
  ['a,b', ',c', '', 'd,,e'],
  ['hello world', 'x'],
  [],
  ['one', 'a longer text of more than sixteen bytes', '\u00fc\u4e16', 'z'.repeat(70)],
];
function split(texts, by, skip) {
  const parts = texts.map((t) => (t ? t.split(by) : []).filter((p) => !skip || p)); // nothing has no part
  return {
    indices: as(
      'int32',
      array(
        [parts.flat().length, 2],
        parts.flatMap((list, i) => list.flatMap((_, k) => [i, k])),
      ),
    ),
    values: vector(parts.flat(), 'string'),
    shape: vector([texts.length, Math.max(0, ...parts.map((list) => list.length))]),
  };
}

function grams(tokens, splits, separator, widths, left, right, pads, keep) {
  const out = [],
    to = [0];
  for (let r = 0; r + 1 < splits.length; r++) {
    const line = tokens.slice(splits[r], splits[r + 1]),
      before = out.length;
    for (const width of widths) {
      const p = Math.min(pads < 0 ? width - 1 : pads, width - 1),
        all = [...Array(p).fill(left), ...line, ...Array(p).fill(right)];
      for (let i = 0; i + width <= all.length; i++) out.push(all.slice(i, i + width).join(separator));
    }
    if (keep && out.length === before && line.length) {
      const p = Math.max(pads, 0);
      out.push([...Array(p).fill(left), ...line, ...Array(p).fill(right)].join(separator));
    }
    to.push(out.length);
  }
  return { nGrams: vector(out, 'string'), nGramsSplits: vector(to) };
}

export default {
  'linalg.bandPart': [
    EXACT,
    () =>
      [
        [[3, 2], 0, -1],
        [[4, 5], 1, 2],
        [[2, 5, 4], -1, 0],
        [[17, 33], 3, 7],
      ].flatMap(([shape, low, high]) =>
        [floats, ints].map((make) => {
          const x = make(shape),
            inside = (i, j) => (low < 0 || i - j <= low) && (high < 0 || j - i <= high);
          return row(
            as(
              x.dtype,
              build(shape, (index) => (inside(index.at(-2), index.at(-1)) ? at(x, index) : 0)),
            ),
            x,
            low,
            high,
          );
        }),
      ),
  ],
  'linalg.gramSchmidt': [
    1e-5,
    () =>
      [
        [1, 3],
        [3, 5],
        [4, 17],
      ].map(([n, d]) => {
        const list = Array.from({ length: n }, () => floats([d]));
        return row(orthonormal(list), list);
      }),
  ],
  'linalg.qr': [
    1e-5,
    () =>
      [
        [1, 1],
        [3, 3],
        [5, 3],
        [3, 5],
        [17, 8],
      ].flatMap((shape) =>
        [false, true].map((full) => {
          const x = floats(shape);
          return row(qr(x, full), x, full);
        }),
      ),
  ],
  rfft: [
    CLOSE * 10,
    () =>
      LENGTHS.flatMap((n) =>
        [n, n + 3, Math.max(1, n - 1)].map((to) => {
          const x = floats([2, n]);
          return row(half(x, to), x, to);
        }),
      ),
  ],
  irfft: [
    CLOSE,
    () =>
      LENGTHS.map((k) => {
        const re = floats([2, k]),
          im = floats([2, k]);
        return row(whole(re, im), complex(re, im));
      }),
  ],
  'signal.hannWindow': [CLOSE, () => LENGTHS.map((n) => row(hann(n), n))],
  'signal.hammingWindow': [CLOSE, () => LENGTHS.map((n) => row(hamming(n), n))],
  'signal.frame': [
    EXACT,
    () =>
      [
        [[5], 3, 2],
        [[2, 17], 4, 4],
        [[3, 2, 8], 2, 3],
        [[2], 3, 1],
      ].flatMap(([shape, n, step]) =>
        [false, true].map((end) => {
          const x = floats(shape);
          return row(framed(x, n, step, end, 0.5), x, n, step, end, 0.5);
        }),
      ),
  ],
  'signal.stft': [
    CLOSE * 5,
    () =>
      [
        [[9], 4, 2, 4],
        [[33], 7, 3, 16],
        [[2, 17], 8, 8, 8],
      ].flatMap(([shape, n, step, to]) =>
        [undefined, floats([n])].map((w) => {
          const x = floats(shape),
            frames = framed(x, n, step, false, 0);
          return row(
            half(
              zip(frames, w ?? hann(n), (a, b) => a * b),
              to,
            ),
            x,
            n,
            step,
            to,
            ...(w ? [w] : []),
          );
        }),
      ),
  ],
  'string.stringToHashBucketFast': [
    EXACT,
    () =>
      TEXTS.flatMap((texts) =>
        [1, 10, 2 ** 31 - 1].map((n) =>
          row(
            vector(
              texts.map((t) =>
                Number(BigInt(util.fingerPrint64(new TextEncoder().encode(t)).toUnsigned().toString()) % BigInt(n)),
              ),
            ),
            vector(texts, 'string'),
            n,
          ),
        ),
      ),
  ],
  'string.stringSplit': [
    EXACT,
    () =>
      TEXTS.slice(0, 3).flatMap((texts) =>
        [',', ' '].flatMap((by) =>
          [true, false].map((skip) =>
            row(split(texts, by, skip), vector(texts, 'string'), { ...vector([by], 'string'), shape: [] }, skip),
          ),
        ),
      ),
  ],
  'string.stringNGrams': [
    EXACT,
    () =>
      [
        [[0, 3, 4], [2]],
        [
          [0, 0, 4],
          [1, 3],
        ],
        [[0, 1, 2, 4], [4]],
      ].flatMap(([splits, widths]) =>
        [
          [1, false],
          [0, true],
          [-1, false],
        ].map(([pads, keep]) => {
          const tokens = ['a', 'b', 'cc', ''];
          return row(
            grams(tokens, splits, '|', widths, '<', '>', pads, keep),
            vector(tokens, 'string'),
            vector(splits),
            '|',
            widths,
            '<',
            '>',
            pads,
            keep,
          );
        }),
      ),
  ],
};
