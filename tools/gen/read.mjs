// Reads op declarations out of src/ops/*.c: the manual comment above OP( or LISTOP(, and the rows
// of elementwise.h. Stops with file, op and parameter at whatever it does not understand.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROWS = {
  UNARY: 'x',
  UNARY_BY: 'x',
  UNARY_FLOAT: 'x',
  UNARY_FLOAT_BY: 'x',
  UNARY_INT: 'x',
  UNARY_TEST: 'x',
  BINARY: 'ab',
  COMPARE: 'ab',
  LOGICAL: 'ab',
};
const OPERAND = {
  x: 'any shape',
  a: 'any shape',
  b: 'broadcasts with a',
};
const RESULT = {
  UNARY: 'float32, as x',
  UNARY_BY: 'float32, as x',
  UNARY_FLOAT: 'as x',
  UNARY_FLOAT_BY: 'as x',
  UNARY_INT: 'as x',
  UNARY_TEST: 'bool, as x',
  BINARY: 'the broadcast shape',
  COMPARE: 'bool, the broadcast shape',
  LOGICAL: 'bool, the broadcast shape',
};

export class DeclarationError extends Error {}
export const stop = (file, op, text) => {
  throw new DeclarationError(`${file}: ${op}: ${text}`);
};

/** Enums of the public header that have JavaScript spellings, in the comment above them. */
export function readEnums(header) {
  const enums = {};
  for (const [, comment, name] of header.matchAll(/\/\*((?:[^*]|\*(?!\/))*)\*\/\s*typedef enum (\w+) \{/g)) {
    const spellings = [...comment.matchAll(/'([^']+)'/g)].map((m) => m[1]);
    if (spellings.length) enums[name] = spellings;
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

/** The manual comment: name, summary, one line a parameter, results, examples, remarks. */
function readManual(file, op, comment) {
  const lines = joined(comment.split('\n').map((l) => l.replace(/^\*\*/, '').trimEnd()));
  const head = /^\s*([\w.]+): (.*)$/.exec(lines[0]);
  if (!head) stop(file, op, 'the comment above does not start with "name: what it does"');
  const manual = { path: head[1], summary: head[2].trim(), params: new Map(), results: [], examples: [], remarks: [] };
  let last = null;
  for (const line of lines.slice(1)) {
    const param = /^ {3}((?:\.\.\.)?\w+)(?: = (.+?))?(?: {2,}(.+))?$/.exec(line);
    const result = /^ {3}-> (\w+)(?: {2,}(.+))?$/.exec(line);
    if (line.startsWith(' = ')) manual.reference = line.slice(3);
    else if (line.startsWith(' > ')) manual.examples.push(readExample(file, op, line.slice(3)));
    else if (result) manual.results.push((last = { name: result[1], doc: result[2] ?? '' }));
    else if (param && (param[3] || param[2]))
      manual.params.set(param[1], (last = { default: param[2], doc: param[3] ?? '' }));
    else if (/^ {6}/.test(line) && last) last.doc += ' ' + line.trim();
    else if (line.trim()) manual.remarks.push(line.trim());
  }
  return manual;
}

function readType(file, op, text, enums) {
  const m = /^((?:const )?\w+)\s*(\*{0,2})\s*(\w+)$/.exec(text.trim());
  if (!m) stop(file, op, `parameter "${text}" cannot be read`);
  const type = m[1] + (m[2] ? ' ' + m[2] : ''),
    name = m[3];
  const kinds = {
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
  const kind = kinds[type] ?? (enums[type] ? 'enum' : null);
  if (!kind) stop(file, op, `parameter ${name} has type "${type}", which cannot be passed`);
  return { name, kind, ctype: type };
}

function checkExamples(file, op) {
  if (!op.examples.length) stop(file, op.name, 'no example');
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
    const op = {
      name,
      path: manual.path,
      file,
      list: macro === 'LISTOP',
      summary: manual.summary,
      remarks: manual.remarks,
      results: manual.results,
      examples: manual.examples,
      reference: manual.reference,
      params: [],
    };
    for (const p of params === 'void' ? [] : splitArgs(params)) {
      const param = readType(file, name, p, enums);
      if (param.kind === 'out') {
        if (!manual.results.some((r) => r.name === param.name))
          stop(file, name, `result ${param.name} has no "->" line`);
      } else {
        if (param.kind === 'list' && manual.params.has(`...${param.name}`)) param.rest = true;
        const written = (param.rest ? '...' : '') + param.name,
          line = manual.params.get(written);
        if (!line) stop(file, name, `parameter ${param.name} has no manual line`);
        Object.assign(param, line);
        manual.params.delete(written);
      }
      op.params.push(param);
    }
    for (const left of manual.params.keys()) stop(file, name, `manual line for ${left}, which is no parameter`);
    if (!op.results.length) stop(file, name, 'no "->" line for the result');
    checkExamples(file, op);
    ops.push(op);
  }
  for (const m of text.matchAll(/^(OP|LISTOP)\((\w+),\s*\(/gm))
    if (!seen.has(m.index + m[0].length - 1)) stop(file, m[2], 'no manual comment directly above it');
}

function rows(file, text, ops) {
  for (const m of text.matchAll(
    /^(UNARY_INT|UNARY_TEST|UNARY_FLOAT_BY|UNARY_FLOAT|UNARY_BY|UNARY|BINARY|COMPARE|LOGICAL)\(/gm,
  )) {
    const open = m.index + m[0].length - 1;
    const args = splitArgs(text.slice(open + 1, closing(text, open) - 1));
    const [manual, example] = args.slice(-2).map(unquote);
    const name = args[0];
    const named = /^\((\w+), (\w+)\) /.exec(manual);
    if (!manual || !example) stop(file, name, 'a row ends with its manual and its example');
    const op = {
      name,
      path: name,
      file,
      row: m[1],
      list: false,
      summary: manual.replace(named?.[0] ?? '', ''),
      remarks: [],
      params: [...ROWS[m[1]]].map((p, i) => ({
        name: named?.[i + 1] ?? p,
        kind: 'tensor',
        ctype: 'Tensor *',
        doc: (m[1] === 'LOGICAL' ? 'bool, ' : m[1].startsWith('UNARY_FLOAT') ? 'float32, ' : '') + OPERAND[p],
      })),
      results: [{ name: 'y', doc: RESULT[m[1]] }],
      examples: [readExample(file, name, example)],
    };
    ops.push(op);
  }
}

/** What IMPL says: ops that have no gradient by nature, `.constant = true`, and those with a shader. */
function markImplementation(text, ops) {
  for (const m of text.matchAll(/IMPL\((\w+)([^;]*)\);/g)) {
    const op = ops.find((o) => o.name === m[1]);
    if (op && /\.constant = true/.test(m[2])) op.constant = true;
    if (op && /\.gl = /.test(m[2])) op.shader = true;
    if (op && (/\.any = true/.test(m[2]) || !/\.cpu = /.test(m[2]))) op.any = true;
  }
}

/** All ops, in the order of file names and lines. */
export function readOps(root) {
  const enums = readEnums(readFileSync(join(root, 'src/include/tensorine.h'), 'utf8'));
  const ops = [];
  for (const name of readdirSync(join(root, 'src/ops'))
    .filter((f) => f.endsWith('.c'))
    .sort()) {
    const file = `src/ops/${name}`,
      text = readFileSync(join(root, file), 'utf8');
    declared(file, text, enums, ops);
    rows(file, text, ops);
    markImplementation(text, ops);
  }
  for (const op of ops) if (['UNARY_TEST', 'COMPARE', 'LOGICAL'].includes(op.row)) op.constant = true;
  for (const op of ops) if (op.row) op.shader = true;
  for (const op of ops) if (op.row === 'COMPARE') op.any = true;
  const names = new Map();
  for (const op of ops) {
    if (names.has(op.path)) stop(op.file, op.name, `declared before in ${names.get(op.path)}`);
    names.set(op.path, op.file);
  }
  return { enums, ops };
}
