// Digits drawn as strokes, for a data set that needs no download: each digit is a few polylines,
// moved, turned, stretched and drawn with a soft pen of varying width.

export const SIDE = 24;

const arc = (cx, cy, rx, ry, from, to, n = 10) =>
  Array.from({ length: n + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / n) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });

/** Strokes of each digit in the unit square, y downwards; angles in degrees, clockwise from right. */
const STROKES = [
  [arc(0.5, 0.5, 0.25, 0.38, 0, 360, 20)],
  [
    [
      [0.35, 0.28],
      [0.53, 0.12],
      [0.53, 0.88],
    ],
  ],
  [[...arc(0.5, 0.33, 0.23, 0.21, 180, 380), [0.28, 0.87], [0.75, 0.87]]],
  [[...arc(0.48, 0.31, 0.22, 0.19, 200, 450), ...arc(0.48, 0.69, 0.25, 0.2, 270, 520)]],
  [
    [
      [0.62, 0.88],
      [0.62, 0.12],
      [0.25, 0.65],
      [0.78, 0.65],
    ],
  ],
  [[[0.7, 0.13], [0.34, 0.13], [0.3, 0.47], ...arc(0.48, 0.65, 0.24, 0.22, 230, 510)]],
  [[[0.64, 0.12], [0.38, 0.4], ...arc(0.5, 0.66, 0.22, 0.22, 180, 540, 18)]],
  [
    [
      [0.26, 0.13],
      [0.74, 0.13],
      [0.45, 0.88],
    ],
  ],
  [arc(0.5, 0.3, 0.19, 0.18, 90, 450, 16), arc(0.5, 0.68, 0.23, 0.2, -90, 270, 16)],
  [[...arc(0.5, 0.34, 0.22, 0.22, 0, 360, 18), [0.7, 0.4], [0.62, 0.88]]],
];

/** A small seeded generator (Mulberry32), so that every run draws the same digits. */
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Distance from a point to the segment a-b. */
function distance(x, y, [ax, ay], [bx, by]) {
  const dx = bx - ax,
    dy = by - ay;
  const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Draws one digit into out[at...], SIDE x SIDE values from 0 to 1. */
export function draw(digit, random, out, at) {
  const spread = (range) => (random() * 2 - 1) * range;
  const turn = spread(0.25),
    wide = 1 + spread(0.2),
    high = 1 + spread(0.15),
    slant = spread(0.2);
  const moveX = spread(0.08),
    moveY = spread(0.08),
    pen = 0.045 + random() * 0.035;
  const place = ([x, y]) => {
    const u = (x - 0.5) * wide + (y - 0.5) * slant + spread(0.012),
      v = (y - 0.5) * high + spread(0.012);
    return [
      0.5 + u * Math.cos(turn) - v * Math.sin(turn) + moveX,
      0.5 + u * Math.sin(turn) + v * Math.cos(turn) + moveY,
    ];
  };
  const strokes = STROKES[digit].map((points) => points.map(place));
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      let near = Infinity;
      for (const points of strokes)
        for (let i = 1; i < points.length; i++)
          near = Math.min(near, distance((column + 0.5) / SIDE, (row + 0.5) / SIDE, points[i - 1], points[i]));
      const ink = Math.max(0, Math.min(1, 0.5 + (pen - near) * SIDE * 0.7));
      out[at + row * SIDE + column] = Math.max(0, Math.min(1, ink + spread(0.08)));
    }
}

/** n drawn digits: images [n * SIDE * SIDE] and their labels. */
export function digits(n, seed) {
  const random = randomFrom(seed),
    images = new Float32Array(n * SIDE * SIDE),
    labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    labels[i] = Math.floor(random() * 10);
    draw(labels[i], random, images, i * SIDE * SIDE);
  }
  return { images, labels };
}
