// Tables. Cells are text: what looks like HTML is shown as it is written, so that names from files can do nothing.
import { format, make } from './dom';
import { drawAreaOf } from './drawable';
import type { Drawable, TableData } from './types';

function cell(value: unknown): HTMLElement {
  const td = make('td', { textContent: typeof value === 'number' ? format(value) : String(value ?? '') });
  if (typeof value === 'number') td.className = 'number';
  return td;
}

/** Puts a table into an element, in the place of the one that is there. */
export function drawTable(area: HTMLElement, { headers, values }: TableData, fontSize?: number): void {
  const numeric = headers.map((_, i) => values.length > 0 && values.every((row) => typeof row[i] === 'number'));
  const head = headers.map((text, i) =>
    make('th', { textContent: String(text), scope: 'col', className: numeric[i] ? 'number' : '' }),
  );
  const table = make(
    'table',
    { className: 'tf-table' },
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...values.map((row) => make('tr', {}, ...row.map(cell)))),
  );
  if (fontSize) table.style.fontSize = `${fontSize}px`;
  const old = [...area.children].find(({ className }) => className === 'vis-table');
  const box = make('div', { className: 'vis-table' }, table);
  if (old) old.replaceWith(box);
  else area.append(box);
}

/**
 * Draws a table. Numbers stand at the right with four digits behind the point; all else is text.
 * @example
 * const data = { headers: ['name', 'value'], values: [['a', 1], ['b', 2.5]] };
 * tfvis.render.table({ name: 'Table', tab: 'Charts' }, data);
 */
export function table(container: Drawable, data: TableData, opts: { fontSize?: number } = {}): void {
  if (!data?.headers) throw new Error('Data to render must have a "headers" property');
  if (!data.values) throw new Error('Data to render must have a "values" property');
  drawTable(drawAreaOf(container), data, opts.fontSize);
}
