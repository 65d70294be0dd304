// Ops that a program computes itself in graph models, and nodes as such an op sees them.
import { TensorineError } from '../wasm/errors';
import { decode } from '../wasm/utf8';
import type { DataType, Tensor } from '../core/tensor';
import { want } from '../core/want';
import { staticRegexReplace } from '../api/string';

type Value =
  string | string[] | number | number[] | number[][] | boolean | boolean[] | DataType | DataType[] | null | undefined;

/** A node of a graph as its op sees it. */
export interface GraphNode {
  inputs: Tensor[];
  /** By name: numbers, strings in lower case, shapes with -1 where they are open, dtypes. */
  attrs: { [name: string]: Value };
}
/** Computes a node. What it makes besides its results is freed after it. */
export type OpExecutor = (node: GraphNode) => Tensor | Tensor[] | Promise<Tensor | Tensor[]>;

/** A node as a model.json has it. */
export interface NodeJSON {
  name: string;
  op: string;
  attr?: { [name: string]: AttrJSON };
}
interface AttrJSON {
  i?: string | number;
  f?: string | number;
  s?: string | number[];
  b?: boolean;
  type?: string | number;
  shape?: ShapeJSON;
  list?: {
    i?: (string | number)[];
    f?: number[];
    s?: (string | number[])[];
    b?: boolean[];
    type?: (string | number)[];
    shape?: ShapeJSON[];
  };
}
interface ShapeJSON {
  unknownRank?: boolean;
  dim?: { size?: string | number }[];
}

const registered = new Map<string, OpExecutor>();

/** Computes ops of this name in graph models that are loaded from now on, in place of one we have. */
export function registerOp(name: string, opFunc: OpExecutor): void {
  want('registerOp', { name }, 'string');
  if (typeof opFunc !== 'function')
    throw new TensorineError('value', `registerOp: opFunc must be a function, for ${name}`);
  registered.set(name, opFunc);
}

/**
 * Undoes registerOp.
 * @example tf.deregisterOp('Mine') ?? 'gone' // "gone"
 */
export function deregisterOp(name: string): void {
  registered.delete(name);
}

/** Ops of ours that need JavaScript. */
const OURS: { [op: string]: (node: NodeJSON, inputs: Tensor[]) => Tensor } = {
  StaticRegexReplace: ({ attr = {} }, [input]) =>
    staticRegexReplace(input, text(attr.pattern?.s ?? ''), text(attr.rewrite?.s ?? ''), attr.replace_global?.b ?? true),
  Print: ({ attr = {} }, [input, ...data]) => {
    console.warn('The graph has a tf.print() operation, usually used for debugging, which slows down performance.');
    console.log(text(attr.message?.s ?? ''));
    for (const t of data)
      console.log(Array.from(t.dataSync() as ArrayLike<unknown>).slice(0, Number(attr.summarize?.i ?? 3)));
    return input;
  },
};

/** @internal */
export const customOps = (): string[] => [...new Set([...Object.keys(OURS), ...registered.keys()])];

/** @internal What a node gives for its inputs. */
export function compute(node: NodeJSON, inputs: Tensor[]): unknown {
  const { op: name } = node,
    op = registered.get(name);
  if (op) return op({ inputs, attrs: attributes(node) });
  if (name in OURS) return OURS[name](node, inputs);
  throw new TensorineError('value', `Custom op ${name} is not registered.`);
}

// ---- attributes ----

const TYPES: { [type: string]: DataType } = {
  DT_FLOAT: 'float32',
  DT_HALF: 'float32',
  DT_DOUBLE: 'float32',
  DT_BFLOAT16: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_INT8: 'int32',
  DT_UINT8: 'int32',
  DT_INT16: 'int32',
  DT_UINT16: 'int32',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
  DT_COMPLEX64: 'complex64',
  DT_COMPLEX128: 'complex64',
};
const NUMBERS = [
  '',
  'DT_FLOAT',
  'DT_DOUBLE',
  'DT_INT32',
  'DT_UINT8',
  'DT_INT16',
  'DT_INT8',
  'DT_STRING',
  'DT_COMPLEX64',
  'DT_INT64',
  'DT_BOOL',
];

const dtype = (type: string | number) => TYPES[typeof type === 'number' ? NUMBERS[type] : type] ?? null;
const shape = (s: ShapeJSON) => (s.unknownRank ? undefined : (s.dim ?? []).map(({ size }) => Number(size)));

function text(s: string | number[]): string {
  const bytes = typeof s === 'string' ? Uint8Array.from(atob(s), (c) => c.charCodeAt(0)) : Uint8Array.from(s);
  return decode(bytes);
}

function valueOf(attr: AttrJSON): Value {
  const number = attr.i ?? attr.f,
    { list } = attr;
  if (number !== undefined) return Number(number);
  if (attr.s !== undefined) return text(attr.s).toLowerCase();
  if (attr.b !== undefined) return attr.b;
  if (attr.shape) return shape(attr.shape);
  if (attr.type !== undefined) return dtype(attr.type);
  if (!list) return undefined;
  if (list.s?.length) return list.s.map((s) => text(s).toLowerCase());
  if (list.shape?.length) return list.shape.map(shape) as number[][];
  if (list.b?.length) return list.b;
  if (list.type?.length) return list.type.map(dtype) as DataType[];
  return (list.f?.length ? list.f : (list.i ?? [])).map(Number);
}

const attributes = (node: NodeJSON): GraphNode['attrs'] =>
  Object.fromEntries(Object.entries(node.attr ?? {}).map(([name, attr]) => [name, valueOf(attr)]));
