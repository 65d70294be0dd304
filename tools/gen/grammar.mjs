// The grammar of manual comments: one reader for ops, layers, parts, losses, metrics and optimizers.
//
//   line    = ["..."] name ":" type ["=" default] ["  " meaning]  |  "->" name ":" type ["  " meaning]
//   type    = tensor | "list of" tensor | "pair of" tensor | kind
//   tensor  = [dtype] ["usually"] ("like" name | "rank of" name | shape {" | " shape})
//   dtype   = word {"|" word} | "dtype of" name | name of a parameter that is a dtype
//   shape   = "[" [size {"," size}] "]"                  a size with ... in it stands for any number of axes
//   kind    = word ["(" count ")"] [">=" least | least ".." most] [" | null"]
//
//   x : float32 [n, h, w, c] | [h, w, c]   dtype and shape, which is one of two
//   indices : int32 [...]                  of any shape
//   labels : numeric like logits           of the shape of logits
//   fill : dtype of x []                   one value; a number becomes what x is of
//   ...xs : list of any [...]              several tensors, of any dtype
//   axis : ints = null                     no tensor: OP and FIELD below have the kinds
//   units : int >= 1                       with its least value; ints(2) takes one number or two
//   -> y : like x                          the dtype and shape of x; `bool like x` is bool
//   -> y : float32 rank of x               its TypeScript type is that of x
//   -> y : dtype [...shape]                of the dtype and shape that parameters of these names give
//   -> y : any usually rank of x           nearly always; a program that knows better says so in TypeScript
//   -> parts : pair of [m, k]              two tensors
//
// dtypes are float32, int32, bool, complex64, string, numeric (float32, int32 or bool, as where there is no word) and
// any. Of several the first is what numbers and arrays become.
//
// Other lines: ` > call   // result` is an example, ` = (x) => ...` the reference of an op, `   not a method` of one that
// Tensor has by hand. Blocks of fields have `   + group`, `   also name, name`, `   extends sgd`, and `   set momentum`
// for a method setMomentum. What is left are sentences.
//
// A public type, and what JavaScript checks before C is called, is made of the column of types alone.

export class DeclarationError extends Error {}
export const stop = (file, op, text) => {
  throw new DeclarationError(`${file}: ${op}: ${text}`);
};

const DTYPES = ['float32', 'int32', 'bool', 'complex64', 'string', 'numeric', 'any'];

/** What a parameter of a C type may be called. */
const OP = {
  'Tensor *': ['tensor'],
  'Tensor **': ['tensor'],
  'const List *': ['list', 'pair'],
  int: ['int'],
  float: ['float'],
  double: ['float'],
  bool: ['bool'],
  'const Ints *': ['ints', 'shape', 'pairs'],
  'const Pad *': ['padding'],
  'const char *': ['string', 'strings', 'seed', 'float | string'],
  DType: ['dtype'],
};

/** The kinds of fields of layers, parts, optimizers, schedules and metrics; src/nn/core/layer.h has them in C. */
const FIELD = [
  'int',
  'float',
  'floats',
  'bool',
  'ints',
  'shape',
  'sides',
  'string',
  'seed',
  'dtype',
  'activation',
  'initializer',
  'regularizer',
  'constraint',
  'layer',
  'layers',
  'values',
];
const NULLABLE = ['ints', 'float'];
const WITH_LEAST = ['int', 'float', 'ints'];
/** Kinds of which JavaScript takes more than C reads: what is behind the bar is lowered before. */
const WIDER = { 'layer | layers': ['layer', 'several'], 'float | schedule': ['float', 'schedule'] };

/** A line, as {result, rest, name, type, default, doc} of texts; null if it has not the form of one. */
export function readLine(line) {
  const m = /^(-> )?(\.\.\.)?(\w+)(?: : ((?:(?! {2,}| = ).)+))?(?: = ((?:(?! {2,}).)+))?(?: {2,}(\S.*))?$/.exec(line);
  if (!m) return null;
  const [, result, rest, name, type, initial, doc] = m;
  return { result: Boolean(result), rest: Boolean(rest), name, type, default: initial, doc: doc ?? '' };
}

/** The lines of a manual comment below its head: {params, results, examples, remarks, reference}; `special(line, found)`
 * is true if it took the line. */
export function readLines(where, lines, readExample, special = () => false) {
  const found = { params: [], results: [], examples: [], remarks: [], reference: undefined };
  let last = null;
  for (const line of lines) {
    if (line.startsWith(' = ')) found.reference = line.slice(3);
    else if (line.startsWith(' > ')) found.examples.push(readExample(line.slice(3)));
    else if (special(line, found)) continue;
    else if (/^ {3}\S/.test(line)) {
      last = readLine(line.slice(3));
      if (!last) stop(...where, `the line "${line.trim()}" is not "name : type = default   what it is"`);
      if (!last.type) stop(...where, `${last.name} has no type: "${line.trim()}"`);
      found[last.result ? 'results' : 'params'].push(last);
    } else if (/^ {6}/.test(line) && last) last.doc = `${last.doc} ${line.trim()}`.trim();
    else if (line.trim()) found.remarks.push(line.trim());
  }
  return found;
}

/** One of the forms of a shape: its sizes. */
function readShape(where, text, whole) {
  if (!/^\[[^[\]]*\]$/.test(text)) stop(...where, `"${text}" in its type "${whole}" is no shape`);
  const inside = text.slice(1, -1).trim();
  return inside ? inside.split(',').map((size) => size.trim()) : [];
}

/** 'float32 [n, 4]' as {kind: 'tensor', dtypes, dtypeOf, like, rankOf, shapes}. */
function readTensor(where, text, dtypeNames) {
  const words = [...DTYPES, ...dtypeNames].join('|');
  const m = new RegExp(
    `^(?:(?:((?:${words})(?:\\|(?:${words}))*)|dtype of (\\w+)) ?)?(?:(?:usually )?(?:like (\\w+)|rank of (\\w+)|(\\[.*\\])))$`,
  ).exec(text);
  if (!m) return null;
  const [, dtype, dtypeOf, like, rankOf, shapes] = m;
  const all = dtype?.split('|') ?? [],
    given = all.find((name) => dtypeNames.includes(name));
  return {
    kind: 'tensor',
    dtypes: given ? [] : all,
    dtypeOf: dtypeOf ?? given ?? (dtype ? null : (like ?? null)),
    like: like ?? null,
    rankOf: rankOf ?? like ?? null,
    shapes: shapes ? shapes.split(/(?<=\]) \| /).map((one) => readShape(where, one, text)) : null,
  };
}

/** 'ints(2) >= 1' as {kind, count, least}, 'float 0..1' with most too; an enum has its spellings as choices. */
function readScalar(where, text, enums) {
  if (WIDER[text]) return { ...readScalar(where, WIDER[text][0], enums), [WIDER[text][1]]: true };
  if (text === 'float | string') return { kind: text };
  const m = /^(\w+)(?:\((\d+)\))?(?: >= (-?\d+)| (-?\d+)\.\.(\d+))?( \| null)?$/.exec(text);
  if (!m) stop(...where, `its type "${text}" cannot be read`);
  const [, name, count, atLeast, from, to, nullable] = m;
  const least = atLeast ?? from;
  if (nullable && !enums[name] && !NULLABLE.includes(name))
    stop(...where, `"${text}": only ${NULLABLE} and enums may say "| null"`);
  if (count && name !== 'ints') stop(...where, `"${text}": only ints take a count`);
  if (least && !WITH_LEAST.includes(name)) stop(...where, `"${text}": only numbers have a least value`);
  if (to && name !== 'float') stop(...where, `"${text}": only float has a range`);
  if (enums[name]) return { kind: 'enum', ctype: name, choices: enums[name], nullable: Boolean(nullable) };
  return {
    kind: name,
    count: Number(count ?? 0),
    least: least === undefined ? null : Number(least),
    most: to === undefined ? null : Number(to),
    nullable: Boolean(nullable),
  };
}

/** A type of the column. `dtypeNames` are parameters that say a dtype. */
export function readType(where, text, enums, dtypeNames = []) {
  const several = /^(list|pair) of (.*)$/.exec(text);
  const tensor = readTensor(where, several ? several[2] : text, dtypeNames);
  if (several && !tensor) stop(...where, `its type "${text}" is of no tensors`);
  if (several) return { ...tensor, kind: several[1], text };
  return { ...(tensor ?? readScalar(where, text, enums)), text };
}

/** Stops if an op's C type contradicts the column. */
export function agree(where, ctype, type) {
  const kinds = OP[ctype] ?? ['enum'];
  if (!kinds.includes(type.kind) || (type.kind === 'enum' && type.ctype !== ctype))
    stop(...where, `its type "${type.text}" is none of "${ctype}" in C`);
}

export const isParameter = (ctype, enums) => Boolean(OP[ctype] || enums[ctype]);

/** The type of a field, of which src/nn/core/layer.h knows how to read it. */
export function readField(where, text, enums) {
  const type = readType(where, text, enums);
  if (type.kind !== 'enum' && !FIELD.includes(type.kind)) stop(...where, `its type "${text}" is not known`);
  return type;
}

/** Stops if a type speaks of a name that the declaration has not. */
export function namesKnown(where, type, names) {
  const spread = (type.shapes ?? []).flat().flatMap((size) => /^\.\.\.([a-z]\w*)$/i.exec(size)?.[1] ?? []);
  for (const name of [type.like, type.rankOf, type.dtypeOf, ...spread])
    if (name && !names.includes(name)) stop(...where, `its type "${type.text}" speaks of ${name}, which is not there`);
}

// ---- what the column says ----

/** The dtype that numbers and arrays become, where the column names one that they can be. */
export const firstDtype = ({ dtypes = [] }) =>
  ['float32', 'int32', 'bool', 'string'].includes(dtypes[0]) ? dtypes[0] : undefined;
export const takesStrings = ({ dtypes = [] }) => dtypes.includes('any');

/** The rank, if all forms of the shape have the same and none leaves it open. */
export function rankOf({ shapes }) {
  if (!shapes || shapes.flat().some((size) => size.includes('...'))) return null;
  return shapes.every((shape) => shape.length === shapes[0].length) ? shapes[0].length : null;
}

/** The parameter that is the whole shape, [...shape]. */
export const spreadOf = ({ shapes }) =>
  shapes?.length === 1 && shapes[0].length === 1 ? (/^\.\.\.(\w+)$/.exec(shapes[0][0])?.[1] ?? null) : null;
