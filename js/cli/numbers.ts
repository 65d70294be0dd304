// Numbers in files: arrays of NumPy (.npy), read and written, and tables of comma-separated values.
import { Failure } from './command';

export interface Numbers {
  shape: number[];
  values: Float32Array | Int32Array;
  dtype: 'float32' | 'int32' | 'bool';
}

const MAGIC = '\x93NUMPY';
type Get = (view: DataView, at: number) => number;
/** How elements of NumPy's types are read: bytes, how, and what they are here. */
const TYPES: { [descr: string]: [number, Get, Numbers['dtype']] } = {
  f4: [4, (v, at) => v.getFloat32(at, true), 'float32'],
  f8: [8, (v, at) => v.getFloat64(at, true), 'float32'],
  i1: [1, (v, at) => v.getInt8(at), 'int32'],
  u1: [1, (v, at) => v.getUint8(at), 'int32'],
  i2: [2, (v, at) => v.getInt16(at, true), 'int32'],
  u2: [2, (v, at) => v.getUint16(at, true), 'int32'],
  i4: [4, (v, at) => v.getInt32(at, true), 'int32'],
  i8: [8, (v, at) => Number(v.getBigInt64(at, true)), 'int32'],
  b1: [1, (v, at) => v.getUint8(at), 'bool'],
};

/** The array of a .npy file. */
export function readNpy(bytes: Uint8Array, path: string): Numbers {
  const bad = (why: string) => new Failure(`${path} ${why}: write it with numpy.save(path, x.astype('float32'))`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    latin = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 12 || latin(0, 6) !== MAGIC) throw bad('is no .npy file');
  const long = bytes[6] > 1,
    start = (long ? 12 : 10) + (long ? view.getUint32(8, true) : view.getUint16(8, true));
  const head = start <= bytes.length && start < 1e5 ? latin(10, start) : '';
  const [, descr] = /'descr':\s*'[<|=]([a-z]\d)'/.exec(head) ?? [],
    [, sizes] = /'shape':\s*\(([^)]*)\)/.exec(head) ?? [];
  if (!descr || !TYPES[descr] || sizes === undefined) throw bad('has elements of a type that is not read here');
  if (/'fortran_order':\s*True/.test(head)) throw bad('is in the order of Fortran');
  const shape = sizes.split(',').map((n) => n.trim()).filter(Boolean).map(Number); // prettier-ignore
  const [size, get, dtype] = TYPES[descr],
    count = shape.reduce((a, b) => a * b, 1);
  if (start + count * size > bytes.length) throw bad(`ends early: ${count * size} bytes should follow its head`);
  const values = dtype === 'float32' ? new Float32Array(count) : new Int32Array(count);
  for (let i = 0; i < count; i++) values[i] = get(view, start + i * size);
  return { shape, values, dtype };
}

/** The bytes of a .npy file. */
export function writeNpy({ shape, values, dtype }: Numbers): Uint8Array {
  const descr = dtype === 'float32' ? '<f4' : '<i4',
    text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join(' ')}), }`;
  const padded = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write(MAGIC, 'latin1');
  ((head[6] = 1), head.writeUInt16LE(padded.length, 8));
  return Buffer.concat([
    head,
    Buffer.from(padded, 'latin1'),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ]);
}

/** The numbers of a .csv file, [rows, columns]; a first line of names is passed over. */
export function readCsv(text: string, path: string): Numbers {
  const lines = text
    .split(/\r?\n/)
    .map((line, i) => ({ cells: line.split(',').map((cell) => cell.trim()), at: i + 1 }));
  const rows = lines.filter(({ cells }) => cells.some(Boolean));
  if (rows.length && rows[0].cells.every((cell) => !(cell && Number.isFinite(Number(cell))))) rows.shift();
  if (!rows.length)
    throw new Failure(`${path} has no rows of numbers: write a row a line, with commas between numbers`);
  const columns = rows[0].cells.length,
    values = new Float32Array(rows.length * columns);
  rows.forEach(({ cells, at }, row) => {
    if (cells.length !== columns)
      throw new Failure(
        `${path}:${at} has ${cells.length} columns, the rows before it have ${columns}: make them alike`,
      );
    cells.forEach((cell, column) => {
      if (!cell || Number.isNaN(Number(cell)))
        throw new Failure(
          `${path}:${at} column ${column + 1} is '${cell}', which is no number: leave such columns out`,
        );
      values[row * columns + column] = Number(cell);
    });
  });
  return { shape: [rows.length, columns], values, dtype: 'float32' };
}
