// Colors and pictures of what a net says over a square: blue for less than nothing, orange for more.

const STEPS = 255;
let table = null;

const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Colors from -1 to 1, on the ground that light and dark pages have. */
function colors() {
  if (table) return table;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const [low, middle, high] = (dark ? ['#4c9bf5', '#24211d', '#ff9a4d'] : ['#2f7fd6', '#fbf7f0', '#e8590c']).map(parse);
  table = new Uint8ClampedArray(4 * (STEPS + 1));
  for (let i = 0; i <= STEPS; i++) {
    const part = (2 * i) / STEPS - 1,
      end = part < 0 ? low : high;
    table.set([...middle.map((v, k) => v + (end[k] - v) * Math.abs(part) * 0.9), 255], 4 * i);
  }
  return table;
}

/** `changed` is called when the device goes light or dark. */
export const onColors = (changed) =>
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    table = null;
    changed();
  });

/** A CSS color for a value from -1 to 1. */
export function colorOf(value) {
  const at = 4 * Math.round(((Math.max(-1, Math.min(1, value)) + 1) / 2) * STEPS);
  return `rgb(${colors()
    .slice(at, at + 3)
    .join(' ')})`;
}

/** Puts values of a grid on a canvas, which takes the grid's size; they may be one of several columns. */
export function paintGrid(canvas, values, side, column = 0, columns = 1) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext('2d'),
    image = context.createImageData(side, side),
    map = colors();
  for (let i = 0; i < side * side; i++) {
    const value = Math.max(-1, Math.min(1, values[i * columns + column])) || 0;
    const at = 4 * Math.round(((value + 1) / 2) * STEPS);
    for (let k = 0; k < 4; k++) image.data[4 * i + k] = map[at + k];
  }
  context.putImageData(image, 0, 0);
}
