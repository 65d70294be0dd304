// A chart on uPlot: made in an element when it is first drawn there, moved on by new data after that, as wide as
// its place unless told otherwise, in the colors of the text around it.
import uPlot from 'uplot';
import { addStyles, ink, make } from './dom';
import type { VisOptions } from './types';

export const HEIGHT = 200,
  FONT = 12;

export type Range = [number, number];

export interface LegendRow {
  name: string;
  color: string;
  value: string;
}

/** What the charts of one kind differ in. The functions are asked again at each drawing. */
export interface Spec {
  /** Charts with the same kind go on with new data; others are made anew. */
  kind: string;
  /** What is said of the chart to those who do not see it. */
  label: string;
  data: uPlot.AlignedData;
  /** The ends of the axes. */
  range: { x: Range; y: Range };
  options: (
    root: HTMLElement,
  ) => Pick<uPlot.Options, 'axes' | 'series' | 'cursor' | 'hooks'> & { upsideDown?: boolean };
  legend: (root: HTMLElement) => LegendRow[];
  /** What is said of the place under the pointer, in pixels of the plot; '' for nothing. */
  tip: (u: uPlot, left: number, top: number) => string;
  /** Further elements under the plot. */
  below?: (root: HTMLElement) => HTMLElement[];
  opts: VisOptions;
}

class Chart {
  readonly root = make('div', { className: 'vis-chart' });
  private readonly plotted = make('div', { className: 'vis-plot', role: 'img' });
  private readonly tip = make('div', { className: 'vis-tip', ariaHidden: 'true' });
  private readonly below = make('div');
  private readonly height: number;
  private readonly resize = new ResizeObserver(() => this.fit());
  private u: uPlot | null = null;

  constructor(
    private readonly place: HTMLElement,
    private spec: Spec,
  ) {
    const room = place.clientHeight;
    this.height = !place.childElementCount && room > 2 * FONT ? room : HEIGHT;
    this.root.append(this.plotted, this.below);
    this.plotted.style.position = 'relative';
    place.append(this.root);
    this.plot();
    this.resize.observe(this.root);
  }

  private size(): { width: number; height: number } {
    const { width, height } = this.spec.opts;
    return { width: Math.max(80, width ?? this.root.clientWidth), height: height ?? this.height };
  }

  private fit(): void {
    if (!this.root.isConnected || !this.root.clientWidth) return;
    const { width, height } = this.size();
    if (this.u && (this.u.width !== width || this.u.height !== height)) this.u.setSize({ width, height });
  }

  private plot(): void {
    this.u?.destroy();
    const { upsideDown, hooks, ...options } = this.spec.options(this.root);
    this.u = new uPlot(
      {
        ...options,
        ...this.size(),
        scales: {
          x: { time: false, range: () => this.spec.range.x },
          y: { range: () => this.spec.range.y, dir: upsideDown ? -1 : 1 },
        },
        legend: { show: false },
        hooks: { ...hooks, setCursor: [(u) => this.point(u)] },
      },
      this.spec.data,
      this.plotted,
    );
    this.u.over.append(this.tip);
    this.tell();
  }

  /** Goes on with another state of the same kind, or begins anew. */
  update(spec: Spec): void {
    const same = spec.kind === this.spec.kind;
    this.spec = spec;
    if (!same) return this.plot();
    this.fit();
    this.u!.setData(spec.data);
    this.tell();
  }

  redraw(): void {
    this.u!.redraw(false, true);
    this.tell();
  }

  private tell(): void {
    this.plotted.ariaLabel = this.spec.label;
    const rows = this.spec.legend(this.root).map(({ name, color, value }) => {
      const swatch = make('i');
      swatch.style.background = color;
      return make('li', {}, swatch, name, make('span', { className: 'value', textContent: value }));
    });
    const legend = rows.length ? [make('ul', { className: 'vis-legend' }, ...rows)] : [];
    this.below.replaceChildren(...legend, ...(this.spec.below?.(this.root) ?? []));
  }

  /** Puts the tip beside the pointer, on the side where there is room. */
  private point(u: uPlot): void {
    const { left = -1, top = -1 } = u.cursor;
    this.tip.textContent = left < 0 ? '' : this.spec.tip(u, left, top);
    if (left < 0) return;
    const { clientWidth, clientHeight } = u.over;
    const x = left > clientWidth / 2 ? left - this.tip.offsetWidth - 10 : left + 10;
    const y = Math.min(Math.max(top - 12, 0), clientHeight - this.tip.offsetHeight);
    this.tip.style.transform = `translate(${x}px, ${y}px)`;
  }

  remove(): void {
    this.resize.disconnect();
    this.u!.destroy();
    this.root.remove();
  }

  isIn(place: HTMLElement): boolean {
    return this.root.parentElement === place;
  }
}

const charts = new WeakMap<HTMLElement, Chart>();
let watched: Set<WeakRef<Chart>> | null = null;

/** Colors are those of the text, which change with light and dark. */
function watch(chart: Chart): void {
  if (!watched) {
    watched = new Set();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const ref of watched!) {
        const one = ref.deref();
        if (one?.root.isConnected) one.redraw();
        else watched!.delete(ref);
      }
    });
  }
  watched.add(new WeakRef(chart));
}

/** Draws in an element, where a chart may be already. */
export async function draw(place: HTMLElement, spec: Spec): Promise<void> {
  addStyles();
  const found = charts.get(place);
  if (found?.isIn(place)) found.update(spec);
  else {
    const chart = new Chart(place, spec);
    charts.set(place, chart);
    watch(chart);
  }
  await Promise.resolve(); // uPlot draws at the end of the turn
}

/** Takes a chart away, as where there is nothing to draw any more. */
export function clear(place: HTMLElement): void {
  charts.get(place)?.remove();
  charts.delete(place);
}

/** An axis with a name, lines across the plot if `grid`, and as much room as its longest number takes. */
export function axis(
  root: HTMLElement,
  opts: VisOptions,
  name: string | null | undefined,
  more: uPlot.Axis,
): uPlot.Axis {
  const px = opts.fontSize ?? FONT,
    font = `${px}px ${getComputedStyle(root).fontFamily || 'sans-serif'}`;
  const widest = (u: uPlot, values: string[] | null) => {
    u.ctx.save();
    u.ctx.font = font; // as at a pixel ratio of 1, which is what sizes are counted in
    const most = Math.max(0, ...(values ?? []).map((text) => u.ctx.measureText(text).width));
    u.ctx.restore();
    return Math.ceil(most);
  };
  const across = more.side === 3 || more.side === 1;
  return {
    font,
    labelFont: font,
    label: name ?? undefined,
    labelSize: px * 1.6,
    labelGap: 2,
    gap: 5,
    stroke: () => ink(root, 0.75),
    grid: { stroke: () => ink(root, 0.13), width: 1 },
    ticks: { show: false },
    border: { show: true, stroke: () => ink(root, 0.3), width: 1 },
    size: across ? (u, values) => widest(u, values) + 12 : px * 1.6 + 5,
    ...more,
  };
}
