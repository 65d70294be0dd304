// Line charts and scatter plots: points {x, y} of one series or of several.
import uPlot from 'uplot';
import { axis, draw, type LegendRow, type Range, type Spec } from './chart';
import { format, seriesColor } from './dom';
import { drawAreaOf } from './drawable';
import type { Drawable, Point2D, XYPlotData, XYPlotOptions } from './types';

/** A series in columns. */
export interface Columns {
  name: string;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
}

/** Steps of an axis whose values are counted. */
const WHOLE = [1, 2, 5].flatMap((m) => Array.from({ length: 12 }, (_, e) => m * 10 ** e)).sort((a, b) => a - b);
/** Lines of so many points have dots, which show one that stands alone. */
const FEW = 12;

const OPTIONS: XYPlotOptions = { xLabel: 'x', yLabel: 'y' };

function columnsOf({ values, series = [] }: XYPlotData): Columns[] {
  if (!Array.isArray(values)) throw new TypeError('vis: values must be an array of {x, y} or of such arrays.');
  const lists = (Array.isArray(values[0]) ? values : [values]) as Point2D[][];
  return lists.map((points, i) => ({
    name: series[i] ?? `Series ${i + 1}`,
    xs: points.map(({ x }) => x),
    ys: points.map(({ y }) => y),
  }));
}

/** What no chart can show is a gap. */
const drawn = (y: number): number | null => (Number.isFinite(y) ? y : null);

const isSorted = (xs: ArrayLike<number>): boolean => {
  for (let i = 1; i < xs.length; i++) if (!(xs[i] >= xs[i - 1])) return false;
  return true;
};

/** Columns as uPlot takes a line: places in rising order, then a value or null for each series. */
function sorted({ xs, ys }: Columns): [number[], (number | null)[]] {
  const order = Array.from(xs, (_, i) => i).filter((i) => Number.isFinite(xs[i]));
  if (!isSorted(xs)) order.sort((a, b) => xs[a] - xs[b]);
  return [order.map((i) => xs[i]), order.map((i) => drawn(ys[i]))];
}

const sameX = (tables: [number[], unknown][]): boolean =>
  tables.every(([xs]) => xs.length === tables[0][0].length && xs.every((x, i) => x === tables[0][0][i]));

function aligned(columns: Columns[]): uPlot.AlignedData {
  const tables = columns.map(sorted);
  if (tables.length === 1 || sameX(tables)) return [tables[0][0], ...tables.map(([, ys]) => ys)];
  return uPlot.join(tables as uPlot.AlignedData[]);
}

/** The same for points, of which several may stand at one x: each has a row of its own. */
function scattered(columns: Columns[]): uPlot.AlignedData {
  const points = columns.flatMap(({ xs, ys }, series) =>
    Array.from(xs, (x, i) => ({ series, x, y: drawn(ys[i]) })).filter(({ x, y }) => Number.isFinite(x) && y !== null),
  );
  points.sort((a, b) => a.x - b.x);
  const of = (series: number) => points.map((point) => (point.series === series ? point.y : null));
  return [points.map(({ x }) => x), ...columns.map((_, i) => of(i))];
}

/** The least and the most of some columns; 0 and 1 if there are none. */
function extent(columns: readonly ArrayLike<number | null | undefined>[]): Range {
  let low = Infinity,
    high = -Infinity;
  for (const column of columns)
    for (let i = 0; i < column.length; i++) {
      const value = column[i];
      if (value == null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low > high ? [0, 1] : [low, high];
}

/** Some room around values; from 0 on where all are on one side of it. */
function roomy([low, high]: Range, zero: boolean): Range {
  if (zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  if (low === high) return [low - 0.5, high + 0.5];
  const room = (high - low) * 0.05;
  return [zero && low === 0 ? 0 : low - room, zero && high === 0 ? 0 : high + room];
}

const exact = ([low, high]: Range): Range => (low === high ? [low - 0.5, high + 0.5] : [low, high]);

interface Look {
  columns: Columns[];
  opts: XYPlotOptions;
  points: boolean;
}

const lastOf = (ys: ArrayLike<number>): string => (ys.length ? format(ys[ys.length - 1]) : '–');

function labelOf({ columns, opts, points }: Look): string {
  const said = columns.map(({ name, ys }) => {
    const [low, high] = extent([ys]);
    const range = `from ${format(low)} to ${format(high)}`;
    return points ? `${name}, ${ys.length} points, ${range}` : `${name} ${range}, now ${lastOf(ys)}`;
  });
  return `${opts.yLabel ?? 'Values'} by ${opts.xLabel ?? 'index'}: ${said.join('; ')}`;
}

/** The point that is nearest to the pointer, or the values of all lines at its place. */
function tipOf(look: Look, u: uPlot, left: number, top: number): string {
  if (!look.points) {
    const at = u.cursor.idx;
    if (at == null) return '';
    const lines = look.columns.map(({ name }, i) => {
      const value = u.data[i + 1][at];
      return value == null ? '' : `${name}: ${format(value)}`;
    });
    return [`${look.opts.xLabel ?? 'x'} ${format(u.data[0][at])}`, ...lines.filter(Boolean)].join('\n');
  }
  let best = 20 ** 2,
    text = '';
  look.columns.forEach(({ name, xs, ys }) => {
    for (let i = 0; i < xs.length; i++) {
      const off = (u.valToPos(xs[i], 'x') - left) ** 2 + (u.valToPos(ys[i], 'y') - top) ** 2;
      if (off < best)
        [best, text] = [off, `${look.columns.length > 1 ? `${name}: ` : ''}${format(xs[i])}, ${format(ys[i])}`];
    }
  });
  return text;
}

function seriesOf(look: Look, few: boolean, color: (i: number) => string): uPlot.Series[] {
  return look.columns.map(({ name }, i) => ({
    label: name,
    stroke: () => color(i),
    width: 2,
    spanGaps: false,
    ...(look.points
      ? { paths: () => null, points: { show: true, size: 6, fill: () => color(i), stroke: () => color(i), width: 0 } }
      : { points: { show: few, size: 5, fill: () => color(i) } }),
  }));
}

function specOf(look: Look, withLegend: boolean): Spec {
  const { columns, opts, points } = look;
  const data = points ? scattered(columns) : aligned(columns);
  const x = extent([data[0]]),
    y = extent(data.slice(1));
  const colorIn = (root: HTMLElement) => (i: number) => opts.seriesColors?.[i] ?? seriesColor(root, i);
  const range = opts.zoomToFit
    ? { x: exact(x), y: exact(y) }
    : {
        x: opts.xAxisDomain ?? (points ? roomy(x, false) : exact(x)),
        y: opts.yAxisDomain ?? roomy(y, true),
      };
  const few = Math.max(...columns.map(({ xs }) => xs.length)) <= FEW,
    whole = data[0].every(Number.isInteger);
  return {
    kind: JSON.stringify([
      points,
      few,
      whole,
      columns.map(({ name }) => name),
      opts.xLabel,
      opts.yLabel,
      opts.fontSize,
    ]),
    label: labelOf(look),
    data,
    opts,
    range,
    options: (root) => ({
      cursor: { drag: { x: false, y: false }, y: points, points: { show: !points } },
      axes: [axis(root, opts, opts.xLabel, whole ? { incrs: WHOLE } : {}), axis(root, opts, opts.yLabel, { side: 3 })],
      series: [{}, ...seriesOf(look, few, colorIn(root))],
    }),
    legend: (root) =>
      withLegend
        ? columns.map(({ name, ys }, i): LegendRow => ({
            name,
            color: colorIn(root)(i),
            value: points ? '' : lastOf(ys),
          }))
        : [],
    tip: (u, left, top) => tipOf(look, u, left, top),
  };
}

/** Draws lines given as columns, which is what grows in training. */
export const drawLines = (place: HTMLElement, columns: Columns[], opts: XYPlotOptions): Promise<void> =>
  draw(place, specOf({ columns, opts: { ...OPTIONS, ...opts }, points: false }, true));

function plot(place: Drawable, data: XYPlotData, opts: XYPlotOptions, points: boolean): Promise<void> {
  const columns = columnsOf(data),
    area = drawAreaOf(place);
  const legend = Boolean(data.series?.length) || columns.length > 1;
  return draw(area, specOf({ columns, opts: { ...OPTIONS, ...opts }, points }, legend));
}

/**
 * Draws a line for each series of points.
 * @example
 * const values = [[{ x: 0, y: 3 }, { x: 1, y: 1 }, { x: 2, y: 2 }], [{ x: 0, y: 1 }, { x: 1, y: 4 }, { x: 2, y: 3 }]];
 * await tfvis.render.linechart({ name: 'Lines', tab: 'Charts' }, { values, series: ['first', 'second'] });
 */
export async function linechart(container: Drawable, data: XYPlotData, opts: XYPlotOptions = {}): Promise<void> {
  await plot(container, data, opts, false);
}

/**
 * Draws a dot for each point.
 * @example
 * const values = Array.from({ length: 50 }, () => ({ x: Math.random(), y: Math.random() }));
 * await tfvis.render.scatterplot({ name: 'Points', tab: 'Charts' }, { values });
 */
export async function scatterplot(container: Drawable, data: XYPlotData, opts: XYPlotOptions = {}): Promise<void> {
  await plot(container, data, opts, true);
}
