// Bar charts and histograms.
import uPlot from 'uplot';
import { axis, clear, draw, FONT, type Range } from './chart';
import { format, percent, seriesColor } from './dom';
import { drawAreaOf, subSurface } from './drawable';
import { arrayStats } from './stats';
import { drawTable } from './table';
import type { BarChartOpts, Drawable, HistogramOpts, HistogramStats, TypedArray } from './types';

/** From 0 to a little above the most, or below the least. */
function heights(values: number[]): Range {
  const low = values.reduce((a, b) => Math.min(a, b), 0),
    high = values.reduce((a, b) => Math.max(a, b), 0);
  return low === high ? [0, 1] : [low * 1.06, high * 1.06];
}

const BESIDE = 70; // pixels of a chart that are not the plot's, about

/** Which of n names fit below a chart: every one, every second, ... */
export function thinned(names: string[], chart: { width: number }, px: number): number[] {
  const width = chart.width - BESIDE,
    longest = names.reduce((most, { length }) => Math.max(most, length), 1);
  const every = Math.max(1, Math.ceil((names.length * longest * px * 0.62 + 8 * names.length) / Math.max(width, 1)));
  return names.map((_, i) => i).filter((i) => i % every === 0);
}

/**
 * Draws a bar for each {index, value}.
 * @example
 * const data = [{ index: 0, value: 50 }, { index: 1, value: 100 }, { index: 2, value: 150 }];
 * await tfvis.render.barchart({ name: 'Bars', tab: 'Charts' }, data);
 */
export async function barchart(
  container: Drawable,
  data: { index: number | string; value: number }[],
  opts: BarChartOpts = {},
): Promise<void> {
  const numeric = data.every(({ index }) => typeof index === 'number');
  const rows = numeric ? [...data].sort((a, b) => Number(a.index) - Number(b.index)) : data;
  const names = rows.map(({ index }) => String(index)),
    values = rows.map(({ value }) => value);
  const colors = Array.isArray(opts.color) ? opts.color : null;
  const fill = (root: HTMLElement) => (Array.isArray(opts.color) ? opts.color[0] : opts.color) ?? seriesColor(root, 0);
  const { xLabel, yLabel } = { xLabel: 'index', yLabel: 'value', ...opts };
  await draw(drawAreaOf(container), {
    kind: JSON.stringify(['bars', names, colors, xLabel, yLabel, opts.fontSize]),
    label: `${yLabel ?? 'value'} by ${xLabel ?? 'index'}: ${names.map((name, i) => `${name} ${format(values[i])}`).join(', ')}`,
    data: [names.map((_, i) => i), values],
    range: { x: [-0.6, names.length - 0.4], y: heights(values) },
    opts,
    options: (root) => ({
      cursor: { drag: { x: false }, x: false, y: false, points: { show: false } },
      axes: [
        axis(root, opts, xLabel, {
          splits: (u) => thinned(names, u, opts.fontSize ?? FONT),
          values: (_, at) => at.map((i) => names[i]),
          grid: { show: false },
        }),
        axis(root, opts, yLabel, { side: 3 }),
      ],
      series: [
        {},
        {
          fill: () => fill(root),
          stroke: () => fill(root),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars!({
            size: [0.75, 90],
            ...(colors && { disp: { fill: { unit: 3, values: () => colors } } }),
          }),
        },
      ],
    }),
    legend: () => [],
    tip: (u) => (u.cursor.idx == null ? '' : `${names[u.cursor.idx]}: ${format(values[u.cursor.idx])}`),
  });
}

/** A round step, 1, 2 or 5 times a power of ten, with which there are no more than `most` bins. */
function stepFor(low: number, high: number, most: number): number {
  const rough = (high - low) / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10, 20]
    .map((m) => m * power)
    .find((step) => Math.ceil(high / step) - Math.floor(low / step) <= most)!;
}

interface Bins {
  starts: number[];
  counts: number[];
  step: number;
}

/** Counts of finite values between round numbers; the last bin has its upper end too. */
function binned(values: ArrayLike<number>, { min = 0, max = 0 }: HistogramStats, most: number): Bins {
  const step = min < max ? stepFor(min, max, Math.max(most, 2)) : Math.abs(min) / 10 || 1;
  const first = Math.floor(min / step + 1e-9);
  const n = Math.max(1, Math.ceil(max / step - 1e-9) - first);
  const counts = new Array<number>(n).fill(0);
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i])) counts[Math.max(0, Math.min(n - 1, Math.floor(values[i] / step - first)))]++;
  return { starts: counts.map((_, i) => (first + i) * step), counts, step };
}

/** The table above a histogram; a share follows what is not there for once. */
function drawStats(area: HTMLElement, stats: HistogramStats, fontSize?: number): void {
  const share = (count: number) =>
    count && stats.numVals ? `${format(count)} (${percent(count / stats.numVals)})` : format(count);
  const columns: [string, string | null][] = [
    ['Num Vals', stats.numVals == null ? null : format(stats.numVals)],
    ['Min', stats.min == null ? null : format(stats.min)],
    ['Max', stats.max == null ? null : format(stats.max)],
    ['# Zeros', stats.numZeros == null ? null : share(stats.numZeros)],
    ['# NaNs', stats.numNans == null ? null : share(stats.numNans)],
    ['# Infinity', stats.numInfs == null ? null : share(stats.numInfs)],
  ];
  const shown = columns.filter(([, text]) => text !== null);
  drawTable(area, { headers: shown.map(([name]) => name), values: [shown.map(([, text]) => text)] }, fontSize);
}

function valuesOf(data: { value: number }[] | number[] | TypedArray): ArrayLike<number> {
  if (data?.length == null) throw new Error('input data must be an array');
  const [first] = data as unknown[];
  if (typeof first !== 'object' || first === null) return data as ArrayLike<number>;
  if ((first as { value?: number }).value == null) throw new Error('input data must have a value field');
  return (data as { value: number }[]).map(({ value }) => value);
}

/**
 * Draws how often values occur, between round numbers, below a table of figures (`stats: false` for none).
 * @example
 * const data = Array.from({ length: 200 }, () => Math.random() + Math.random());
 * await tfvis.render.histogram({ name: 'Histogram', tab: 'Charts' }, data, { maxBins: 20 });
 */
export async function histogram(
  container: Drawable,
  data: { value: number }[] | number[] | TypedArray,
  opts: HistogramOpts = {},
): Promise<void> {
  const values = valuesOf(data),
    area = drawAreaOf(container);
  const place = subSurface(area, 'histogram');
  if (opts.stats !== false)
    drawStats(subSurface(area, 'stats', { first: true }), opts.stats ?? arrayStats(values), opts.fontSize);
  const finite = Array.from(values).filter(Number.isFinite);
  if (!finite.length) return clear(place);
  const { starts, counts, step } = binned(finite, arrayStats(finite), opts.maxBins ?? 12);
  const spanOf = (at: number) => `${format(starts[at])} to ${format(starts[at] + step)}`;
  const color = (root: HTMLElement) => opts.color ?? seriesColor(root, 0);
  const { xLabel, yLabel } = { xLabel: 'value', yLabel: 'count', ...opts };
  await draw(place, {
    kind: JSON.stringify(['histogram', xLabel, yLabel, opts.color, opts.fontSize]),
    label: `Histogram of ${values.length} values: most are ${spanOf(counts.indexOf(Math.max(...counts)))}`,
    data: [starts.map((x) => x + step / 2), counts],
    range: { x: [starts[0], starts.at(-1)! + step], y: heights(counts) },
    opts,
    options: (root) => ({
      cursor: { drag: { x: false }, x: false, y: false, points: { show: false } },
      axes: [axis(root, opts, xLabel, { grid: { show: false } }), axis(root, opts, yLabel, { side: 3 })],
      series: [
        {},
        {
          fill: () => color(root),
          stroke: () => color(root),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars!({ size: [1, Infinity], gap: 1 }),
        },
      ],
    }),
    legend: () => [],
    tip: (u) => {
      const at = u.cursor.idx;
      return at == null ? '' : `${spanOf(at)}: ${format(counts[at])}`;
    },
  });
}
