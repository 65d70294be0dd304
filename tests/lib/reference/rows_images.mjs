// References of image ops: sizes, colours, boxes, maps.
import { array, at, build, sum } from './array.mjs';
import { as, between, floats, ints, row, scalar, vector } from './draw.mjs';
import { resizeBilinear } from './ops.mjs';

const EXACT = 0,
  CLOSE = 2e-6;
const PICTURES = [
  [1, 1, 1, 1],
  [2, 3, 4, 3],
  [1, 7, 5, 4],
  [1, 17, 33, 1],
];
const SIZES = [
  [6, 8],
  [2, 3],
  [1, 1],
  [7, 5],
];
const MODES = [
  [false, false],
  [true, false],
  [false, true],
];

function nearest(x, [h, w], align, half) {
  const from = (i, n, out) => {
    const scale = align && out > 1 ? (n - 1) / (out - 1) : n / out,
      place = half ? (i + 0.5) * scale : i * scale;
    return Math.min(n - 1, align ? Math.round(place) : Math.floor(place));
  };
  return build([x.shape[0], h, w, x.shape[3]], ([b, i, j, c]) =>
    at(x, [b, from(i, x.shape[1], h), from(j, x.shape[2], w), c]),
  );
}
const resized = (f) => () =>
  PICTURES.flatMap((shape) =>
    SIZES.flatMap((size) =>
      MODES.map(([align, half]) => {
        const x = floats(shape);
        return row(f(x, size, align, half), x, size, align, half);
      }),
    ),
  );

const gray = (p) => 0.2989 * p[0] + 0.587 * p[1] + 0.114 * p[2];
const pixel = (x, i) => x.data.slice(i * x.shape.at(-1), (i + 1) * x.shape.at(-1));
const brightness = (x) =>
  Array.from({ length: x.data.length / x.shape.at(-1) }, (_, i) =>
    x.shape.at(-1) === 3 ? gray(pixel(x, i)) : x.data[i],
  );

/** The level of the largest variance between the two parts, tried one by one (Otsu, 1979). */
function otsu(values) {
  const list = values.map((v) => Math.round(v)),
    mean = (part) => sum(part) / part.length;
  let best = -1,
    most = 0;
  for (let level = 0; level < 255; level++) {
    const low = list.filter((v) => v <= level),
      high = list.filter((v) => v > level);
    if (!low.length || !high.length) continue;
    const apart = ((low.length * high.length) / list.length ** 2) * (mean(low) - mean(high)) ** 2;
    if (apart > most * (1 + 1e-12)) ((most = apart), (best = level));
  }
  return best;
}

// ---- boxes ----

const overlap = (a, b) => {
  const side = (box, i) => [Math.min(box[i], box[i + 2]), Math.max(box[i], box[i + 2])];
  const shared = (i) => Math.max(0, Math.min(side(a, i)[1], side(b, i)[1]) - Math.max(side(a, i)[0], side(b, i)[0]));
  const area = (box) => Math.abs((box[2] - box[0]) * (box[3] - box[1])),
    both = shared(0) * shared(1);
  return area(a) <= 0 || area(b) <= 0 ? 0 : both / (area(a) + area(b) - both);
};

/** The best of what is left, again and again; sigma lowers scores (Bodla et al., 2017). */
function suppressed(boxes, scores, most, threshold, least, sigma = 0) {
  const chosen = [],
    box = (i) => pixel(boxes, i);
  const now = (i) =>
    scores.data[i] *
    chosen.reduce((f, [k]) => f * (sigma ? Math.exp(-(overlap(box(i), box(k)) ** 2) / (2 * sigma)) : 1), 1);
  const open = () =>
    scores.data
      .map((_, i) => i)
      .filter((i) => !chosen.some(([k]) => k === i || overlap(box(i), box(k)) >= threshold) && now(i) > least);
  for (let left = open(); left.length && chosen.length < most; left = open()) {
    const best = left.reduce((a, b) => (now(b) > now(a) ? b : a));
    chosen.push([best, now(best)]);
  }
  return chosen;
}
const boxesOf = (n) =>
  as(
    'float32',
    array(
      [n, 4],
      Array.from({ length: n }, () => {
        const y = between(0, 3),
          x = between(0, 3);
        return [y, x, y + between(0.5, 1.5), x + between(0.5, 1.5)].map(Math.fround);
      }).flat(),
    ),
  );
const BOXES = [
  [0, 3, 0.5, -Infinity],
  [1, 3, 0.5, -Infinity],
  [12, 5, 0.4, 0.1],
  [33, 20, 0.3, 0.25],
];
const boxCases = (f) => () =>
  BOXES.flatMap(([n, ...rest]) => {
    const b = boxesOf(n),
      s = floats([n], 0, 1);
    return f(b, s, ...rest);
  });

// ---- maps ----

function sampled(x, b, y, z, c, bilinear, outside) {
  const [, h, w] = x.shape,
    get = (i, j) => (i >= 0 && i < h && j >= 0 && j < w ? at(x, [b, i, j, c]) : outside);
  if (!bilinear) return get(Math.round(y), Math.round(z));
  const i = Math.floor(y),
    j = Math.floor(z),
    p = y - i,
    q = z - j;
  return (get(i, j) * (1 - q) + get(i, j + 1) * q) * (1 - p) + (get(i + 1, j) * (1 - q) + get(i + 1, j + 1) * q) * p;
}
const mapped = (x, maps, bilinear, fill, [h, w]) =>
  build([x.shape[0], h, w, x.shape[3]], ([b, i, j, c]) => {
    const t = pixel(maps, maps.shape[0] === 1 ? 0 : b),
      k = t[6] * j + t[7] * i + 1;
    return sampled(x, b, (t[3] * j + t[4] * i + t[5]) / k, (t[0] * j + t[1] * i + t[2]) / k, c, bilinear, fill);
  });
const mapOf = (n) =>
  as(
    'float32',
    array(
      [n, 8],
      Array.from({ length: n }, () =>
        [
          between(0.6, 1.4),
          between(-0.4, 0.4),
          between(-1, 1),
          between(-0.4, 0.4),
          between(0.6, 1.4),
          between(-1, 1),
          between(-0.03, 0.03),
          between(-0.03, 0.03),
        ].map(Math.fround),
      ).flat(),
    ),
  );

function turned(x, angle, fill, [cx, cy]) {
  const [, h, w] = x.shape,
    s = Math.sin(angle),
    c = Math.cos(angle);
  return build(x.shape, ([b, i, j, k]) => {
    const dx = j - cx * w,
      dy = i - cy * h;
    const to = [Math.round(dx * s + dy * c + cy * h), Math.round(dx * c - dy * s + cx * w)];
    if (to[0] >= 0 && to[0] < h && to[1] >= 0 && to[1] < w) return at(x, [b, ...to, k]);
    return Array.isArray(fill) ? (k === 3 ? 255 : fill[k]) : fill;
  });
}

function cropped(x, boxes, which, [h, w], method, outside) {
  return build([boxes.shape[0], h, w, x.shape[3]], ([b, i, j, c]) => {
    const [y1, x1, y2, x2] = pixel(boxes, b);
    const place = (from, to, n, k, count) =>
      count > 1 ? from * (n - 1) + (k * (to - from) * (n - 1)) / (count - 1) : 0.5 * (from + to) * (n - 1);
    const y = place(y1, y2, x.shape[1], i, h),
      z = place(x1, x2, x.shape[2], j, w);
    if (y < 0 || y > x.shape[1] - 1 || z < 0 || z > x.shape[2] - 1) return outside;
    return sampled(x, which[b], y, z, c, method === 'bilinear', 0);
  });
}

export default {
  'image.resizeBilinear': [CLOSE, resized(resizeBilinear)],
  'image.resizeNearestNeighbor': [EXACT, resized(nearest)],
  'image.flipLeftRight': [
    EXACT,
    () =>
      PICTURES.map((shape) => {
        const x = floats(shape);
        return row(
          build(shape, ([b, i, j, c]) => at(x, [b, i, shape[2] - 1 - j, c])),
          x,
        );
      }),
  ],
  'image.rgbToGrayscale': [
    1e-6,
    () =>
      [
        [2, 3],
        [4, 5, 3],
        [1, 17, 33, 3],
      ].map((shape) => {
        const x = floats(shape, 0, 1);
        return row(
          build([...shape.slice(0, -1), 1], (_, k) => gray(pixel(x, k))),
          x,
        );
      }),
  ],
  'image.grayscaleToRGB': [
    EXACT,
    () =>
      [
        [2, 1],
        [4, 5, 1],
        [1, 17, 33, 1],
      ].map((shape) => {
        const x = floats(shape);
        return row(
          build([...shape.slice(0, -1), 3], (_, k) => x.data[Math.floor(k / 3)]),
          x,
        );
      }),
  ],
  'image.threshold': [
    EXACT,
    () =>
      [
        [3, 4, 1],
        [5, 5, 3],
        [17, 33, 1],
      ].flatMap((shape) =>
        ['binary', 'otsu'].flatMap((method) =>
          [false, true].map((inverted) => {
            const x = ints(shape, 0, 255),
              light = brightness(x),
              level = method === 'otsu' ? otsu(light) : 0.4 * 255;
            return row(
              as(
                'int32',
                array(
                  [...shape.slice(0, 2), 1],
                  light.map((v) => (v > level !== inverted ? 255 : 0)),
                ),
              ),
              x,
              method,
              inverted,
              0.4,
            );
          }),
        ),
      ),
  ],
  'image.nonMaxSuppression': [
    EXACT,
    boxCases((b, s, ...rest) => [row(vector(suppressed(b, s, ...rest).map(([i]) => i)), b, s, ...rest)]),
  ],
  'image.nonMaxSuppressionPadded': [
    EXACT,
    boxCases((b, s, most, ...rest) =>
      [false, true].map((pad) => {
        const found = suppressed(b, s, most, ...rest).map(([i]) => i),
          n = pad ? Math.max(found.length, Math.min(most, s.data.length)) : found.length;
        return row(
          {
            selectedIndices: vector(Array.from({ length: n }, (_, i) => found[i] ?? 0)),
            validOutputs: scalar(found.length, 'int32'),
          },
          b,
          s,
          most,
          ...rest,
          pad,
        );
      }),
    ),
  ],
  'image.nonMaxSuppressionWithScore': [
    CLOSE,
    boxCases((b, s, ...rest) =>
      [0, 0.5].map((sigma) => {
        const found = suppressed(b, s, ...rest, sigma);
        return row(
          {
            selectedIndices: vector(found.map(([i]) => i)),
            selectedScores: vector(
              found.map(([, v]) => v),
              'float32',
            ),
          },
          b,
          s,
          ...rest,
          sigma,
        );
      }),
    ),
  ],
  'image.cropAndResize': [
    CLOSE,
    () =>
      PICTURES.slice(1).flatMap((shape) =>
        [
          [1, 1],
          [3, 5],
          [8, 2],
        ].flatMap((size) =>
          ['bilinear', 'nearest'].map((method) => {
            const x = floats(shape),
              boxes = floats([6, 4], -0.2, 1.2),
              which = ints([6], 0, shape[0] - 1);
            return row(cropped(x, boxes, which.data, size, method, -3), x, boxes, which, size, method, -3);
          }),
        ),
      ),
  ],
  'image.transform': [
    2e-5,
    () =>
      PICTURES.slice(1).flatMap((shape) =>
        ['nearest', 'bilinear'].flatMap((kind) =>
          [shape.slice(1, 3), [4, 6]].map((size) => {
            const x = floats(shape),
              maps = mapOf(shape[0]);
            return row(mapped(x, maps, kind === 'bilinear', 1.5, size), x, maps, kind, 'constant', 1.5, size);
          }),
        ),
      ),
  ],
  'image.rotateWithOffset': [
    EXACT,
    () =>
      PICTURES.flatMap((shape) =>
        [0.3, -2.1].map((angle) => {
          const x = floats(shape),
            fill = shape[3] > 1 ? [9, 8, 7] : 5,
            center = [0.4, 0.55].map(Math.fround);
          return row(
            turned(x, angle, fill, center),
            x,
            angle,
            Array.isArray(fill) ? vector(fill, 'float32') : fill,
            vector(center, 'float32'),
          );
        }),
      ),
  ],
};
