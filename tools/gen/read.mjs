// Reads op declarations out of src/ops/*.c: the manual comment above OP( or LISTOP(, and the rows
// of elementwise.h. Stops with file, op and parameter at whatever it does not understand.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { agree, isParameter, namesKnown, readLines, readType, stop, takesStrings } from './grammar.mjs';

const HEADER = 'src/include/tensorine.h';

/** Enums that have JavaScript spellings: the comment above begins with them, 'left' | 'right', one for each member but
 * those that stand for none (below 0) or for their number (the last). */
export function readEnums(header, file) {
  const enums = {};
  for (const [, comment, name, members] of header.matchAll(
    /\/\*((?:[^*]|\*(?!\/))*)\*\/\s*typedef enum (\w+) \{([^}]*)\}/g,
  )) {
    const list = /^\s*'\w+'(?:\s*\|\s*'\w+')*(?=[:.]?\s)/.exec(comment);
    if (!list) continue;
    const spellings = list[0].match(/\w+/g),
      count = splitArgs(members.replace(/,\s*$/, '')).filter((member) => !/= -/.test(member)).length;
    if (count !== spellings.length && count !== spellings.length + 1)
      stop(file, name, `has ${count} members, but the comment above it spells ${spellings.length}`);
    enums[name] = spellings;
  }
  return enums;
}

/** Index after the parenthesis that closes the one at `open`; strings are skipped. */
export function closing(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '"') for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return -1;
}

/** Splits at commas outside brackets and strings. */
export function splitArgs(text) {
  const parts = [];
  let depth = 0,
    start = 0,
    quote = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quote) {
      if (c === '\\') i++;
      else if (c === quote) quote = null;
      continue;
    }
    if (c === '"' || c === "'" || c === '`') quote = c;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  return last || parts.length ? [...parts, last] : [];
}

export const unquote = (text) =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1].replace(/\\(.)/g, '$1')).join('');

export function readExample(file, op, line) {
  const at = line.lastIndexOf('//');
  if (at < 0) stop(file, op, `example without "// result": ${line}`);
  return { code: line.slice(0, at).trim(), result: line.slice(at + 2).trim() };
}

/** An example may go on for some lines, until its "// result". */
export function joined(lines) {
  const all = [];
  for (const line of lines) {
    const open = all.at(-1)?.startsWith(' > ') && !all.at(-1).includes('//');
    if (open) all.push(`${all.at(-1)}${all.pop().endsWith(',') ? ' ' : ''}${line.trim()}`);
    else all.push(line);
  }
  return all;
}

const linesOf = (comment) => joined(comment.split('\n').map((l) => l.replace(/^\*\*/, '').trimEnd()));

/** "not a method": Tensor has a method of this name by hand, js/api/chain.ts. */
const special = (line, found) => line === '   not a method' && (found.notMethod = true);

/** The manual comment: name, summary, one line a parameter, results, examples, remarks. */
function readManual(file, op, comment) {
  const lines = linesOf(comment),
    head = /^\s*([\w.]+): (.*)$/.exec(lines[0]);
  if (!head) stop(file, op, 'the comment above does not start with "name: what it does"');
  const found = readLines([file, op], lines.slice(1), (line) => readExample(file, op, line), special);
  return { path: head[1], summary: head[2].trim(), ...found };
}

const KINDS = {
  'Tensor *': 'tensor',
  'Tensor **': 'out',
  int: 'int',
  float: 'float',
  double: 'float',
  bool: 'bool',
  'const Ints *': 'ints',
  'const List *': 'list',
  'const Pad *': 'pad',
  'const char *': 'text',
};

/** A parameter as C has it. */
function readParameter(file, op, text, enums) {
  const m = /^((?:const )?\w+)\s*(\*{0,2})\s*(\w+)$/.exec(text.trim());
  if (!m) stop(file, op, `parameter "${text}" cannot be read`);
  const ctype = m[1] + (m[2] ? ' ' + m[2] : '');
  if (!isParameter(ctype, enums)) stop(file, op, `parameter ${m[3]} has type "${ctype}", which cannot be passed`);
  return { name: m[3], kind: KINDS[ctype] ?? 'enum', ctype };
}

/** Parameters as C has them and the lines about them, put together. */
function described(file, op, inC, manual, enums) {
  const lines = new Map(manual.params.map((line) => [line.name, line])),
    dtypes = inC.filter((p) => p.ctype === 'DType').map((p) => p.name);
  if (lines.size < manual.params.length) stop(file, op, 'a parameter has two lines');
  const typed = (ctype, { name, type: text, default: initial, doc }) => {
    const where = [file, `${op}: ${name}`],
      type = readType(where, text, enums, dtypes);
    agree(where, ctype, type);
    return { name, type, default: initial, doc };
  };
  const params = inC.map((p) => {
    if (p.kind === 'out') return p;
    const line = lines.get(p.name);
    if (!line) stop(file, op, `parameter ${p.name} has no manual line`);
    lines.delete(p.name);
    return { ...p, ...typed(p.ctype, line), ...(line.rest ? { rest: true } : {}) };
  });
  for (const left of lines.keys()) stop(file, op, `manual line for ${left}, which is no parameter`);
  return { params, typed };
}

/** Results and the C types that they come as: the first is returned, the others by pointers. */
function results(file, op, { list, params }, lines, typed) {
  const outs = params.filter((p) => p.kind === 'out');
  if (!lines.length) stop(file, op, 'no "->" line for the result');
  for (const out of outs)
    if (!lines.some((r) => r.name === out.name)) stop(file, op, `result ${out.name} has no "->" line`);
  return lines.map((line, i) => {
    const { name, type, doc } = typed(i || !list ? 'Tensor *' : 'const List *', line);
    return { name, type, doc };
  });
}

function finish(op) {
  const names = [...op.params, ...op.results].map((p) => p.name);
  for (const { name, type } of [...op.params, ...op.results])
    if (type) namesKnown([op.file, `${op.name}: ${name}`], type, names);
  if (!op.examples.length) stop(op.file, op.name, 'no example');
  return op;
}

function declared(file, text, enums, ops) {
  const pattern = /\/\*((?:[^*]|\*(?!\/))*)\*\/\s*\n(OP|LISTOP)\((\w+),\s*\(/g;
  const seen = new Set();
  for (const m of text.matchAll(pattern)) {
    const [whole, comment, macro, name] = m;
    seen.add(m.index + whole.length - 1);
    const open = m.index + whole.length - 1;
    const params = text.slice(open + 1, closing(text, open) - 1).replace(/\s+/g, ' ');
    const manual = readManual(file, name, comment);
    if (manual.path.split('.').pop() !== name) stop(file, name, `the comment names it ${manual.path}`);
    const inC = (params === 'void' ? [] : splitArgs(params)).map((p) => readParameter(file, name, p, enums));
    const op = { name, path: manual.path, file, list: macro === 'LISTOP', summary: manual.summary };
    const { params: both, typed } = described(file, name, inC, manual, enums);
    const { remarks, examples, reference, notMethod } = manual;
    Object.assign(op, { remarks, examples, reference, notMethod, params: both });
    op.results = results(file, name, op, manual.results, typed);
    ops.push(finish(op));
  }
  for (const m of text.matchAll(/^(OP|LISTOP)\((\w+),\s*\(/gm))
    if (!seen.has(m.index + m[0].length - 1)) stop(file, m[2], 'no manual comment directly above it');
}

/** What the comments above the macros of rows say of parameters and results: UNARY's and its kin. */
function readRows(root, enums) {
  const file = 'src/ops/elementwise.h',
    found = new Map();
  for (const [, comment, macro] of readFileSync(join(root, file), 'utf8').matchAll(
    /\/\*((?:[^*]|\*(?!\/))*)\*\/\n#define (\w+)\(op_/g,
  )) {
    const manual = readLines([file, macro], linesOf(comment).slice(1), () => null);
    if (!manual.params.length) continue;
    const inC = manual.params.map(({ name }) => ({ name, kind: 'tensor', ctype: 'Tensor *' })),
      { params, typed } = described(file, macro, inC, manual, enums);
    found.set(macro, { params, results: results(file, macro, { params }, manual.results, typed) });
  }
  return found;
}

/** A row's parameters under the names that its manual gives them, (base, exp). */
function renamed({ params, results: made }, names) {
  const as = new Map(params.map((p, i) => [p.name, names?.[i] ?? p.name]));
  const type = (t) => {
    const now = { ...t, text: t.text.replace(/(?<=like |of )\w+/g, (name) => as.get(name) ?? name) };
    for (const key of ['like', 'rankOf', 'dtypeOf']) now[key] = as.get(t[key]) ?? t[key];
    return now;
  };
  return {
    params: params.map((p) => ({ ...p, name: as.get(p.name), type: type(p.type) })),
    results: made.map((r) => ({ ...r, type: type(r.type) })),
  };
}

function rows(file, text, macros, ops) {
  for (const m of text.matchAll(new RegExp(`^(${[...macros.keys()].join('|')})\\(`, 'gm'))) {
    const open = m.index + m[0].length - 1;
    const args = splitArgs(text.slice(open + 1, closing(text, open) - 1));
    const [manual, example] = args.slice(-2).map(unquote);
    const name = args[0];
    const named = /^\(([\w, ]+)\) /.exec(manual);
    if (!manual || !example) stop(file, name, 'a row ends with its manual and its example');
    ops.push(
      finish({
        name,
        path: name,
        file,
        row: m[1],
        list: false,
        summary: manual.replace(named?.[0] ?? '', ''),
        remarks: [],
        ...renamed(macros.get(m[1]), named?.[1].split(', ')),
        examples: [readExample(file, name, example)],
      }),
    );
  }
}

/** What IMPL says: ops that have no gradient by nature, `.constant = true`, and those with a shader. A kernel that
 * gets strings says so, with `.any = true`. */
function markImplementation(text, ops) {
  for (const m of text.matchAll(/IMPL\((\w+)([^;]*)\);/g)) {
    const op = ops.find((o) => o.name === m[1]);
    if (op && /\.constant = true/.test(m[2])) op.constant = true;
    if (op && /\.gl = /.test(m[2])) op.shader = true;
    const strings = op?.params.find((p) => p.type && takesStrings(p.type));
    if (strings && /\.cpu = /.test(m[2]) && !/\.any = true/.test(m[2]))
      stop(op.file, op.name, `parameter ${strings.name} is "${strings.type.text}", but IMPL has no .any = true`);
  }
}

/** All ops, in the order of file names and lines. */
export function readOps(root) {
  const enums = readEnums(readFileSync(join(root, HEADER), 'utf8'), HEADER);
  const macros = readRows(root, enums),
    ops = [];
  for (const name of readdirSync(join(root, 'src/ops'))
    .filter((f) => f.endsWith('.c'))
    .sort()) {
    const file = `src/ops/${name}`,
      text = readFileSync(join(root, file), 'utf8');
    declared(file, text, enums, ops);
    rows(file, text, macros, ops);
    markImplementation(text, ops);
  }
  for (const op of ops) if (['UNARY_TEST', 'COMPARE', 'LOGICAL'].includes(op.row)) op.constant = true;
  for (const op of ops) if (op.row) op.shader = true;
  const names = new Map();
  for (const op of ops) {
    if (names.has(op.path)) stop(op.file, op.name, `declared before in ${names.get(op.path)}`);
    names.set(op.path, op.file);
  }
  return { enums, ops };
}
