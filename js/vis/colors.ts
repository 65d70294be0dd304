// Color maps: a number from 0 to 1 becomes red, green and blue.
import { isDark, rgbOf } from './dom';
import type { NamedColorMap } from './types';

type RGB = [number, number, number];

const MAPS: Record<NamedColorMap, string[]> = {
  greyscale: ['#000000', '#ffffff'],
  blues: ['#f3f8fe', '#c5daf0', '#7fb5dc', '#3a83c0', '#08428a'],
  viridis: ['#440154', '#46327e', '#365c8d', '#277f8e', '#1fa187', '#4ac16d', '#a0da39', '#fde725'],
};

/** From the ground of a page to a strong blue, light or dark. */
export const countStops = (root: HTMLElement): string[] =>
  isDark(root) ? ['#1b2530', '#1f4468', '#2c6ca3', '#5ea3d9', '#a9d3f5'] : MAPS.blues;

/** The colors between which a map goes in even steps. */
export function stopsOf(map: NamedColorMap | [string, string] | undefined): string[] {
  if (Array.isArray(map)) return map;
  const stops = MAPS[map ?? 'viridis'];
  if (!stops)
    throw new Error(`vis: colorMap is '${map}', but must be one of ${Object.keys(MAPS).join(', ')} or two colors`);
  return stops;
}

export function colorAt(stops: string[], part: number): RGB {
  const at = Math.max(0, Math.min(1, part)) * (stops.length - 1),
    low = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [rgbOf(stops[low]), rgbOf(stops[low + 1])];
  return a.map((v, i) => Math.round(v + (b[i] - v) * (at - low))) as RGB;
}

/** Black or white, whichever is read better on a color. */
export const inkOn = ([r, g, b]: RGB): string => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#111' : '#fff');
