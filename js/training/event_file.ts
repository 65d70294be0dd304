// Event files as TensorBoard reads them: records of bytes with checksums, each a message in the wire
// format of protocol buffers (event.proto and summary.proto of TensorFlow).

import { encode } from '../wasm/utf8';

// ---- messages: fields with a number and a wire type ----

const VARINT = 0,
  DOUBLE = 1,
  BYTES = 2,
  FLOAT = 5;

/** Whole numbers of at least 0, seven bits a byte. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

const tag = (field: number, wire: number) => varint(field * 8 + wire);
const bits = (size: number, set: (view: DataView) => void) => {
  const view = new DataView(new ArrayBuffer(size));
  set(view);
  return [...new Uint8Array(view.buffer)];
};

const whole = (field: number, value: number) => [...tag(field, VARINT), ...varint(value)];
const double = (field: number, value: number) => [
  ...tag(field, DOUBLE),
  ...bits(8, (v) => v.setFloat64(0, value, true)),
];
const float = (field: number, value: number) => [...tag(field, FLOAT), ...bits(4, (v) => v.setFloat32(0, value, true))];
const bytes = (field: number, value: ArrayLike<number>) => [
  ...tag(field, BYTES),
  ...varint(value.length),
  ...Array.from(value),
];
const string = (field: number, value: string) => bytes(field, encode(value));
const doubles = (field: number, values: number[]) =>
  bytes(
    field,
    bits(values.length * 8, (v) => values.forEach((value, i) => v.setFloat64(i * 8, value, true))),
  );

/** Event: wall_time, step, and what happened. */
const event = (step: number, what: number[]) => [...double(1, Date.now() / 1000), ...whole(2, step), ...what];
/** Summary.Value: tag, metadata with a description, and the value. */
const summary = (step: number, name: string, value: number[], description?: string) =>
  event(
    step,
    bytes(5, bytes(1, [...string(1, name), ...(description ? bytes(9, string(3, description)) : []), ...value])),
  );

export interface Histogram {
  min: number;
  max: number;
  count: number;
  sum: number;
  squares: number;
  /** Upper ends of the buckets, and how many numbers are in each. */
  limits: number[];
  counts: number[];
}

/** The first record of a file. */
export const versionEvent = (): number[] => event(0, string(3, 'brain.Event:2'));
export const scalarEvent = (step: number, name: string, value: number, description?: string): number[] =>
  summary(step, name, float(2, value), description);
export const histogramEvent = (step: number, name: string, h: Histogram, description?: string): number[] =>
  summary(
    step,
    name,
    bytes(5, [
      ...double(1, h.min),
      ...double(2, h.max),
      ...double(3, h.count),
      ...double(4, h.sum),
      ...double(5, h.squares),
      ...doubles(6, h.limits),
      ...doubles(7, h.counts),
    ]),
    description,
  );

// ---- records: length, its checksum, bytes, their checksum ----

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});

/** CRC-32C, turned and moved as TFRecord files have it. */
export function checksum(data: ArrayLike<number>): number {
  let crc = -1;
  for (let i = 0; i < data.length; i++) crc = CRC[(crc ^ data[i]) & 255] ^ (crc >>> 8);
  crc = ~crc;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function record(data: number[]): Uint8Array {
  const length = bits(8, (v) => v.setUint32(0, data.length, true));
  const sum = (of: number[]) => bits(4, (v) => v.setUint32(0, checksum(of), true));
  return Uint8Array.from([...length, ...sum(length), ...data, ...sum(data)]);
}
