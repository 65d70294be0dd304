// Elements, the style sheet, and the colors of a place in the page: charts take the ink of the text around them,
// so they fit light and dark pages alike.
/// <reference path="./css.d.ts" />
import chartCss from 'uplot/dist/uPlot.min.css';
import ownCss from './style.css';

/** An element with properties and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

let sheet: CSSStyleSheet | null = null;

/** Gives the document our rules, once; a constructed sheet needs no 'unsafe-inline' of a content security policy. */
export function addStyles(): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${chartCss}\n${ownCss}`);
  }
  if (!document.adoptedStyleSheets.includes(sheet))
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

/** The colors of series: strong enough on white and on black. */
const SERIES = ['#1c7ed6', '#e8590c', '#2f9e44', '#ae3ec9', '#c2255c', '#0c8599', '#a87900', '#5f6ad4'];

/** The color of a series; a page may give that of the first as --vis-accent, and the others follow. */
export function seriesColor(root: HTMLElement, i: number): string {
  const accent = getComputedStyle(root).getPropertyValue('--vis-accent').trim();
  if (!accent) return SERIES[i % SERIES.length];
  return i === 0 ? accent : SERIES[(i - 1) % SERIES.length];
}

/** Whether letters are light, as on a dark page. */
export function isDark(root: HTMLElement): boolean {
  const [r, g, b] = rgbOf(getComputedStyle(root).color);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140;
}

/** The text color of a place, paler by `alpha`. */
export function ink(root: HTMLElement, alpha = 1): string {
  const { color } = getComputedStyle(root);
  return alpha === 1 ? color : withAlpha(color, alpha);
}

/** A CSS color, paler by `alpha`: what the browser makes of its name tells red, green and blue. */
export function withAlpha(color: string, alpha: number): string {
  const [r, g, b] = rgbOf(color);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

const known = new Map<string, [number, number, number]>();
let pixel: CanvasRenderingContext2D | null = null;

/** Red, green and blue of any CSS color, from 0 to 255. */
export function rgbOf(color: string): [number, number, number] {
  let found = known.get(color);
  if (found) return found;
  pixel ??= make('canvas', { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })!;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [r, g, b] = pixel.getImageData(0, 0, 1, 1).data;
  found = [r, g, b];
  known.set(color, found);
  return found;
}

/** A promise of the next frame, or of a moment later where the page is hidden and has no frames. */
export const nextFrame = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Four significant digits, thousands with commas: 12,345.68 and 0.0001234. */
export function format(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (size && (size < 1e-4 || size >= 1e12)) return x.toExponential(3);
  const digits = size >= 1 ? { maximumFractionDigits: 4 } : { maximumSignificantDigits: 4 };
  return x.toLocaleString('en-US', digits);
}

export const percent = (x: number): string => `${Number((100 * x).toPrecision(4))}%`;
