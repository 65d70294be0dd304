// From what callers name as a place to the element that is drawn in.
import { addStyles, make } from './dom';
import type { Drawable } from './types';
import { visor } from './visor';

/** The element to draw in; places in the visor are made if need be. */
export function drawAreaOf(place: Drawable): HTMLElement {
  addStyles();
  if (place instanceof HTMLElement) return place;
  if (place && 'drawArea' in place && place.drawArea instanceof HTMLElement) return place.drawArea;
  if (place && 'name' in place) return visor().surface(place).drawArea;
  throw new TypeError('vis: Not a drawable: an element, a surface of the visor or {name, tab} is needed.');
}

/** A part of an element, known by its name; made where it is not there yet. */
export function subSurface(parent: HTMLElement, name: string, { title = '', first = false } = {}): HTMLElement {
  const found = [...parent.children].find((child) => (child as HTMLElement).dataset.name === name);
  if (found) return found as HTMLElement;
  const sub = make('div', { className: 'vis-part' });
  sub.dataset.name = name;
  if (title) sub.append(make('div', { className: 'vis-title subsurface-title', textContent: title }));
  if (first) parent.prepend(sub);
  else parent.append(sub);
  return sub;
}
