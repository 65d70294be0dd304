// Points in the plane with a label each: sets to tell two classes apart (labels -1 and 1), and one to learn a number.
// The same seed gives the same points.
import { randomFrom } from '../common/random.js';

export const REACH = 6; // points lie from -REACH to REACH

const clamp = (v) => Math.max(-REACH, Math.min(REACH, v));
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Each makes point i of n: {x, y, label}. `noise` is from 0 to 0.5. */
const SETS = {
  circle(i, n, noise, random) {
    const inner = i < n / 2,
      radius = inner ? 2.5 * Math.sqrt(random()) : 3.8 + 1.6 * random(),
      angle = 2 * Math.PI * random();
    const spread = () => noise * REACH * 0.7 * (2 * random() - 1);
    return { x: radius * Math.sin(angle) + spread(), y: radius * Math.cos(angle) + spread(), label: inner ? 1 : -1 };
  },
  xor(i, n, noise, random) {
    const place = () => {
      const v = 10 * random() - 5;
      return v + Math.sign(v) * 0.3;
    };
    const x = place(),
      y = place(),
      spread = () => noise * REACH * 0.8 * (2 * random() - 1);
    return { x: x + spread(), y: y + spread(), label: x * y >= 0 ? 1 : -1 };
  },
  gauss(i, n, noise, random) {
    const label = i < n / 2 ? 1 : -1,
      spread = 0.7 + 2.4 * noise;
    return { x: 2 * label + spread * normal(random), y: 2 * label + spread * normal(random), label };
  },
  spiral(i, n, noise, random) {
    const label = i < n / 2 ? 1 : -1,
      part = (i % (n / 2)) / (n / 2);
    const radius = 5 * part,
      angle = 1.75 * 2 * Math.PI * part + (label < 0 ? Math.PI : 0);
    const spread = () => noise * 2 * (2 * random() - 1);
    return { x: radius * Math.sin(angle) + spread(), y: radius * Math.cos(angle) + spread(), label };
  },
  plane(i, n, noise, random) {
    const x = (2 * random() - 1) * REACH,
      y = (2 * random() - 1) * REACH;
    return { x, y, label: Math.max(-1, Math.min(1, (x + y) / 10 + noise * (2 * random() - 1))) };
  },
};

export const NAMES = { circle: 'Circle', xor: 'Xor', gauss: 'Gauss', spiral: 'Spiral', plane: 'Plane' };

/** Whether the labels are numbers to be learned, rather than two classes. */
export const isRegression = (name) => name === 'plane';

/** n points in random order. */
export function pointsOf(name, n, noise, seed) {
  const random = randomFrom(seed),
    points = Array.from({ length: n }, (_, i) => SETS[name](i, n, noise, random));
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [points[i], points[j]] = [points[j], points[i]];
  }
  return points.map(({ x, y, label }) => ({ x: clamp(x), y: clamp(y), label }));
}

/** What a net may be told of a point; each has values of about one. */
export const FEATURES = {
  x: { text: 'x', of: (x) => x / 2 },
  y: { text: 'y', of: (x, y) => y / 2 },
  xx: { text: 'x²', of: (x) => (x * x) / 9 },
  yy: { text: 'y²', of: (x, y) => (y * y) / 9 },
  xy: { text: 'x·y', of: (x, y) => (x * y) / 9 },
  sinx: { text: 'sin x', of: (x) => Math.sin(x) },
  siny: { text: 'sin y', of: (x, y) => Math.sin(y) },
};

/** The features of points as a tensor [n, features]. */
export const inputOf = (tf, points, features) =>
  tf.tensor2d(Float32Array.from(points.flatMap(({ x, y }) => features.map((name) => FEATURES[name].of(x, y)))), [
    points.length,
    features.length,
  ]);

/** Points of a grid over the whole square, row by row from the top. */
export const gridOf = (side) =>
  Array.from({ length: side * side }, (_, i) => ({
    x: (((i % side) + 0.5) / side) * 2 * REACH - REACH,
    y: REACH - ((Math.floor(i / side) + 0.5) / side) * 2 * REACH,
  }));
