// The text of a tensor for print() and toString(): aligned columns, long axes shortened.
import { product } from './kinds';

const SHOWN = 3; // elements at each end of an axis that is shortened
const MEASURED = 1e5; // in tensors of more elements, only those shown make columns wide
const LONGEST = 20; // elements of an axis shown whole

const number = (value: number) => parseFloat(value.toFixed(7));

/** Strings in arrays are quoted. */
function element(value: any, dtype: string, quote = true): string {
  if (Array.isArray(value)) return `${number(value[0])} + ${number(value[1])}j`;
  if (dtype === 'string') return quote ? `'${value}'` : value;
  if (dtype === 'bool') return value ? 'true' : 'false';
  return String(number(value));
}

/** Indices shown of an axis of n; null marks the gap. */
function shown(n: number): (number | null)[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return n <= LONGEST ? all : [...all.slice(0, SHOWN), null, ...all.slice(n - SHOWN)];
}

const pairs = (flat: Float32Array) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

/** Text of data in the shape, with a heading if verbose. */
export function format(flat: ArrayLike<unknown>, shape: number[], dtype: string, verbose: boolean): string {
  const data: ArrayLike<unknown> = dtype === 'complex64' ? pairs(flat as Float32Array) : flat;
  const cells = (axis: number, base: number, stride: number): number[] =>
    axis === shape.length
      ? [base]
      : shown(shape[axis]).flatMap((i) =>
          i === null ? [] : cells(axis + 1, base + i * (stride / shape[axis]), stride / shape[axis]),
        );
  const total = product(shape);
  const width = shape.at(-1) ?? 1;
  const last = shown(width).filter((i) => i !== null);
  const columns = last.map(() => 0);
  const measured = total > MEASURED ? cells(0, 0, total) : Array.from({ length: total }, (_, i) => i);
  for (const at of measured) {
    const column = last.indexOf(at % width);
    if (column >= 0) columns[column] = Math.max(columns[column], element(data[at], dtype).length);
  }
  const row = (base: number, size: number): string => {
    let column = 0;
    return shown(size)
      .map((i) => (i === null ? '...' : element(data[base + i], dtype).padEnd(columns[column++])))
      .join(', ');
  };
  const lines = (axis: number, base: number, stride: number, indent: string): string => {
    if (!shape.length) return element(data[0], dtype, false);
    const inner = stride / shape[axis];
    if (axis === shape.length - 1) return `[${row(base, shape[axis])}]`;
    const gap = `,\n${axis === shape.length - 2 ? '' : '\n'}${indent} `;
    return `[${shown(shape[axis])
      .map((i) => (i === null ? '...' : lines(axis + 1, base + i * inner, inner, indent + ' ')))
      .join(gap)}]`;
  };
  const outer = Math.max(0, shape.indexOf(0)),
    nothing = `${' ['.repeat(outer)} []${']'.repeat(outer)}`;
  const body = total ? lines(0, 0, total, '    ') : verbose ? nothing : `[], shape [${shape}]`;
  if (!verbose) return `Tensor\n    ${body}`;
  return `Tensor\n  dtype: ${dtype}\n  rank: ${shape.length}\n  shape: [${shape}]\n  values:\n    ${body}`;
}
