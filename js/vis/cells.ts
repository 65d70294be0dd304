// Heatmaps and confusion matrices: cells of color, drawn as one small picture that is blown up without smoothing.
import uPlot from 'uplot';
import { thinned } from './bars';
import { axis, draw, FONT } from './chart';
import { colorAt, countStops, inkOn, stopsOf } from './colors';
import { format, make } from './dom';
import { drawAreaOf } from './drawable';
import type {
  ConfusionMatrixData,
  ConfusionMatrixOptions,
  Drawable,
  HeatmapData,
  HeatmapOptions,
  NamedColorMap,
  TensorLike,
  VisOptions,
} from './types';

/** A matrix of cells: at(x, y), y downwards. NaN is a cell without color. */
interface Cells {
  kind: string;
  columns: string[];
  rows: string[];
  at: (x: number, y: number) => number;
  domain: [number, number];
  /** The colors on a page of light or dark letters. */
  stops: (root: HTMLElement) => string[];
  written: boolean;
  /** Whether a scale of the colors stands below. */
  scale: boolean;
  told: (x: number, y: number) => string;
  opts: VisOptions & { colorMap?: NamedColorMap | [string, string] };
}

const partOf = ({ domain: [low, high] }: Cells, value: number): number => (value - low) / (high - low || 1);

/** The cells as a picture with a pixel for each. */
function picture(cells: Cells, stops: string[]): HTMLCanvasElement {
  const width = cells.columns.length,
    height = cells.rows.length;
  const canvas = make('canvas', { width, height }),
    context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = cells.at(x, y);
      if (Number.isFinite(value)) image.data.set([...colorAt(stops, partOf(cells, value)), 255], 4 * (y * width + x));
    }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Counts in the cells, where there is room for them. */
function write(u: uPlot, cells: Cells, stops: string[], text: string, font: string): void {
  const { ctx, bbox } = u,
    wide = bbox.width / cells.columns.length,
    high = bbox.height / cells.rows.length;
  ctx.font = font;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (let y = 0; y < cells.rows.length; y++)
    for (let x = 0; x < cells.columns.length; x++) {
      const value = cells.at(x, y),
        shown = cells.told(x, y);
      if (ctx.measureText(shown).width > wide * 0.95) continue;
      ctx.fillStyle = Number.isFinite(value) ? inkOn(colorAt(stops, partOf(cells, value))) : text;
      ctx.fillText(shown, bbox.left + (x + 0.5) * wide, bbox.top + (y + 0.5) * high);
    }
}

function paint(u: uPlot, cells: Cells, root: HTMLElement): void {
  const { ctx, bbox } = u,
    px = (cells.opts.fontSize ?? FONT) * uPlot.pxRatio;
  if (!cells.columns.length || !cells.rows.length) return;
  const { color, fontFamily } = getComputedStyle(root),
    stops = cells.stops(root);
  ctx.save();
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(picture(cells, stops), bbox.left, bbox.top, bbox.width, bbox.height);
  if (cells.written && bbox.height / cells.rows.length > px) write(u, cells, stops, color, `${px}px ${fontFamily}`);
  ctx.restore();
}

/** The colors from the least to the most, with both numbers. */
function scaleOf({ domain, stops }: Cells, root: HTMLElement): HTMLElement {
  const ramp = make('i');
  ramp.style.background = `linear-gradient(to right, ${stops(root).join(', ')})`;
  return make('div', { className: 'vis-scale' }, format(domain[0]), ramp, format(domain[1]));
}

/** The cell under a place of the plot. */
function cellAt(u: uPlot, { columns, rows }: Cells, left: number, top: number): [number, number] | null {
  const x = Math.floor((left / u.over.clientWidth) * columns.length),
    y = Math.floor((top / u.over.clientHeight) * rows.length);
  return x >= 0 && y >= 0 && x < columns.length && y < rows.length ? [x, y] : null;
}

/** What is drawn now, by its place: a chart that goes on has the drawing function of its first state. */
const current = new WeakMap<HTMLElement, Cells>();

function drawCells(area: HTMLElement, cells: Cells, label: string): Promise<void> {
  const { columns, rows, opts } = cells,
    px = opts.fontSize ?? FONT;
  current.set(area, cells);
  return draw(area, {
    kind: JSON.stringify([cells.kind, columns, rows, opts.xLabel, opts.yLabel, px]),
    label,
    data: [
      [-0.5, columns.length - 0.5],
      [null, null],
    ] as uPlot.AlignedData,
    range: { x: [-0.5, columns.length - 0.5], y: [-0.5, rows.length - 0.5] },
    opts,
    options: (root) => ({
      upsideDown: true,
      cursor: { drag: { x: false }, x: false, y: false, points: { show: false } },
      axes: [
        axis(root, opts, opts.xLabel, {
          splits: (u) => thinned(columns, u, px),
          values: (_, at) => at.map((i) => columns[i]),
          grid: { show: false },
        }),
        axis(root, opts, opts.yLabel, {
          side: 3,
          splits: (u) => rows.map((_, i) => i).filter((i) => i % Math.ceil((rows.length * px * 1.2) / u.height) === 0),
          values: (_, at) => at.map((i) => rows[i]),
          grid: { show: false },
        }),
      ],
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      hooks: { draw: [(u) => paint(u, current.get(area)!, root)] },
    }),
    legend: () => [],
    below: (root) => (cells.scale ? [scaleOf(cells, root)] : []),
    tip: (u, left, top) => {
      const at = cellAt(u, cells, left, top);
      return at ? `${columns[at[0]]}, ${rows[at[1]]}: ${cells.told(...at)}` : '';
    },
  });
}

const isTensor = (values: number[][] | TensorLike): values is TensorLike =>
  !Array.isArray(values) && typeof values?.data === 'function';

/** Lists of numbers; a tensor's rows are its lists. */
async function listsOf(values: number[][] | TensorLike): Promise<ArrayLike<number>[]> {
  if (!isTensor(values)) {
    if (!Array.isArray(values)) throw new TypeError('heatmap: values must be lists of numbers or a tensor');
    return values;
  }
  if (values.shape.length !== 2) throw new Error('heatmap: Input to renderHeatmap must be a 2d array or Tensor2d');
  const [n, size] = values.shape,
    data = Array.from((await values.data()) as ArrayLike<number>);
  return Array.from({ length: n }, (_, i) => data.slice(i * size, (i + 1) * size));
}

function names(given: string[] | undefined, count: number, which: string): string[] {
  if (given && given.length !== count)
    throw new Error(`heatmap: ${which} has ${given.length} names, but there are ${count} of them`);
  return given ?? Array.from({ length: count }, (_, i) => String(i));
}

function extentOf(lists: ArrayLike<number>[]): [number, number] {
  const finite = lists.flatMap((list) => Array.from(list).filter(Number.isFinite));
  return finite.length
    ? finite.reduce<[number, number]>(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
    : [0, 1];
}

/**
 * Draws a matrix in colors. Values are columns, values[x][y], unless `rowMajor` says they are rows.
 * @example
 * const data = { values: [[4, 2, 8], [1, 7, 2]], xTickLabels: ['a', 'b'], yTickLabels: ['x', 'y', 'z'] };
 * await tfvis.render.heatmap({ name: 'Heatmap', tab: 'Charts' }, data, { colorMap: 'blues' });
 */
export async function heatmap(container: Drawable, data: HeatmapData, opts: HeatmapOptions = {}): Promise<void> {
  const area = drawAreaOf(container),
    lists = await listsOf(data.values);
  const inner = lists.reduce((most, { length }) => Math.max(most, length), 0);
  const [wide, high] = opts.rowMajor ? [inner, lists.length] : [lists.length, inner];
  const columns = names(data.xTickLabels, wide, 'xTickLabels'),
    rows = names(data.yTickLabels, high, 'yTickLabels');
  const at = opts.rowMajor ? (x: number, y: number) => lists[y][x] : (x: number, y: number) => lists[x][y];
  const stops = stopsOf(opts.colorMap),
    domain = (opts.domain as [number, number] | undefined) ?? extentOf(lists);
  await drawCells(
    area,
    {
      kind: 'heatmap',
      columns,
      rows,
      at,
      domain,
      stops: () => stops,
      written: false,
      scale: true,
      told: (x, y) => format(at(x, y)),
      opts,
    },
    `Heatmap of ${wide} columns and ${high} rows, from ${format(domain[0])} to ${format(domain[1])}`,
  );
}

/**
 * Draws how often each label (row) was predicted as what (column).
 * @example
 * const data = { values: [[4, 2], [1, 7]], tickLabels: ['cat', 'dog'] };
 * await tfvis.render.confusionMatrix({ name: 'Confusion', tab: 'Charts' }, data);
 */
export async function confusionMatrix(
  container: Drawable,
  data: ConfusionMatrixData,
  opts: ConfusionMatrixOptions = {},
): Promise<void> {
  const { values } = data,
    n = values.length;
  const classes = data.tickLabels?.length ? data.tickLabels : values.map((_, i) => `Class ${i}`);
  const all = { xLabel: 'prediction', yLabel: 'label', ...opts };
  const beside = values.flatMap((row, y) => row.filter((_, x) => x !== y));
  const shaded = opts.shadeDiagonal !== false || beside.every((count) => count === 0);
  const named = opts.colorMap && stopsOf(opts.colorMap);
  const high = Math.max(...(shaded ? values.flat() : beside), 1);
  const right = values.reduce((sum, row, i) => sum + row[i], 0),
    total = values.flat().reduce((a, b) => a + b, 0);
  await drawCells(
    drawAreaOf(container),
    {
      kind: 'confusion',
      columns: classes,
      rows: classes,
      at: (x, y) => (x === y && !shaded ? NaN : values[y][x]),
      domain: [0, high],
      stops: named ? () => named : countStops,
      written: opts.showTextOverlay !== false,
      scale: false,
      told: (x, y) => format(values[y][x]),
      opts: { ...all, height: opts.height ?? Math.max(220, Math.min(n, 24) * 26 + 60) },
    },
    `Confusion matrix of ${n} classes: ${format(right)} of ${format(total)} are right`,
  );
}
