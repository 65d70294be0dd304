// Reads the declarations in src/nn and src/training: LAYER, FIELDS, INITIALIZER, REGULARIZER,
// CONSTRAINT and OPTIMIZER blocks under their manual comments, ACTIVATION, LOSS and METRIC rows.
// Stops with file, declaration and field on what it does not understand.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closing, readEnums, readExample, splitArgs, stop, unquote, joined } from './read.mjs';

const BLOCKS = ['FIELDS', 'LAYER', 'INITIALIZER', 'REGULARIZER', 'CONSTRAINT', 'OPTIMIZER', 'SCHEDULE', 'METRIC_CLASS'];
const ROWS = {
  ACTIVATION: 'name, other names, expression, manual, example',
  LOSS: 'name, other names, expression, manual, example',
  METRIC: 'name, other names, expression, manual, example',
};
const PLAIN = [
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

/** 'ints(2) >= 1' as {kind, count, least}, 'float 0..1' with most too; an enum has its spellings as choices. */
function readType(where, text, enums) {
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
  if (!PLAIN.includes(name)) stop(...where, `its type "${text}" is not known`);
  return {
    kind: name,
    count: Number(count ?? 0),
    least: least === undefined ? null : Number(least),
    most: to === undefined ? null : Number(to),
    nullable: Boolean(nullable),
  };
}

const FITS = {
  floats: (v) => typeof v === 'number' || Array.isArray(v),
  int: Number.isInteger,
  float: (v) => typeof v === 'number',
  bool: (v) => typeof v === 'boolean',
  ints: (v) => Number.isInteger(v) || Array.isArray(v),
  shape: Array.isArray,
  sides: (v) => Number.isInteger(v) || Array.isArray(v),
  seed: () => false,
  layer: () => false,
  layers: () => false,
  values: () => false,
};

/** A default as JSON text, "=field" where it is that of a field before it, null where there is none. */
function readDefault(where, text, type, fields) {
  if (text === undefined) return null;
  if (fields.some((f) => f.name === text)) return `=${text}`;
  let value;
  try {
    value = JSON.parse(text.replaceAll("'", '"'));
  } catch {
    stop(...where, `its default ${text} cannot be read`);
  }
  const fits = FITS[type.kind] ?? ((v) => typeof v === 'string');
  if (value !== null && !fits(value)) stop(...where, `its default ${text} is no ${type.kind}`);
  if (type.choices && value !== null && !type.choices.includes(value))
    stop(...where, `its default ${text} is none of ${type.choices}`);
  return JSON.stringify(value);
}

function readField(file, name, line, enums, fields) {
  const m = /^(\w+)(?: = (.+?))? {2,}(\S.*?) {2,}(\S.*)$/.exec(line);
  if (!m) stop(file, name, `the line "${line}" is not "field = default   type   what it is"`);
  const where = [file, `${name}: ${m[1]}`];
  if (fields.some((f) => f.name === m[1])) stop(...where, 'is there twice');
  const type = readType(where, m[3], enums);
  return { name: m[1], ...type, initial: readDefault(where, m[2], type, fields), default: m[2], doc: m[4] };
}

/** The comment above a block: summary, fields, groups taken in, results, examples, remarks. */
function readManual(file, name, comment, enums, groups) {
  const lines = joined(comment.split('\n').map((l) => l.replace(/^\*\*/, '').trimEnd()));
  const head = /^\s*(\w+): (.*)$/.exec(lines[0]);
  if (!head || head[1] !== name) stop(file, name, `the comment above does not start with "${name}: what it does"`);
  const manual = { summary: head[2].trim(), fields: [], results: [], examples: [], remarks: [], also: [] };
  let last = null;
  for (const line of lines.slice(1)) {
    const result = /^ {3}-> (\w+)(?: {2,}(.+))?$/.exec(line);
    const group = /^ {3}\+ (\w+)$/.exec(line);
    const also = /^ {3}also (.+)$/.exec(line);
    if (line.startsWith(' > ')) manual.examples.push(readExample(file, name, line.slice(3)));
    else if (result) manual.results.push((last = { name: result[1], doc: result[2] ?? '' }));
    else if (also) manual.also = also[1].split(', ');
    else if (group) {
      const found = groups.get(group[1]);
      if (!found) stop(file, name, `takes in "${group[1]}", which no FIELDS block before it declares`);
      manual.fields.push(...found.fields.map((f) => ({ ...f, group: group[1] })));
    } else if (/^ {3}\S/.test(line))
      manual.fields.push((last = readField(file, name, line.slice(3), enums, manual.fields)));
    else if (/^ {6}/.test(line) && last) last.doc += ' ' + line.trim();
    else if (line.trim()) manual.remarks.push(line.trim());
  }
  return manual;
}

function blocks(file, text, enums, found, only) {
  const pattern = new RegExp(`/\\*((?:[^*]|\\*(?!/))*)\\*/\\s*\\n(${BLOCKS.join('|')})\\((\\w+), (\\w+)`, 'g');
  const seen = new Set();
  for (const m of text.matchAll(pattern)) {
    const [whole, comment, macro, name, className] = m;
    seen.add(m.index + whole.length);
    if (!only.includes(macro)) continue;
    const manual = readManual(file, name, comment, enums, found.groups);
    const block = { name, className, file, ...manual };
    if (macro === 'FIELDS') {
      found.groups.set(name, block);
      continue;
    }
    if (!block.examples.length) stop(file, name, 'no example');
    if (macro === 'LAYER' && !block.results.length) stop(file, name, 'no "->" line for the result');
    found[macro.toLowerCase()].push(block);
  }
  for (const m of text.matchAll(new RegExp(`^(?:${BLOCKS.join('|')})\\((\\w+), (\\w+)`, 'gm')))
    if (!seen.has(m.index + m[0].length)) stop(file, m[1], 'no manual comment directly above it');
}

function rows(file, text, found) {
  for (const m of text.matchAll(new RegExp(`^(${Object.keys(ROWS).join('|')})\\(`, 'gm'))) {
    const open = m.index + m[0].length - 1;
    const args = splitArgs(text.slice(open + 1, closing(text, open) - 1)),
      name = args[0];
    const parts = ROWS[m[1]].split(', ');
    if (args.length < parts.length)
      stop(file, name, `a row has ${parts.length} parts, and what C alone reads: ${ROWS[m[1]]}`);
    const part = (what) => (parts.includes(what) ? unquote(args[parts.indexOf(what)]) : '');
    found[m[1].toLowerCase()].push({
      name,
      file,
      summary: part('manual'),
      examples: [readExample(file, name, part('example'))],
      also: part('other names').split(' ').filter(Boolean),
    });
  }
}

/** Everything that is declared, in the order of file names and lines. */
export function readLayers(root) {
  const headers = ['src/include/tensorine.h', 'src/nn/core/layer.h'].map((f) => readFileSync(join(root, f), 'utf8'));
  const enums = Object.assign({}, ...headers.map(readEnums));
  const found = { groups: new Map() };
  for (const kind of [...BLOCKS.slice(1), ...Object.keys(ROWS)]) found[kind.toLowerCase()] = [];
  const files = ['src/nn/core', 'src/nn/parts', 'src/nn/layers', 'src/nn/model', 'src/training'].flatMap((dir) =>
    readdirSync(join(root, dir))
      .filter((f) => f.endsWith('.c'))
      .sort()
      .map((f) => `${dir}/${f}`),
  );
  const strings = files.map((file) => [file, readFileSync(join(root, file), 'utf8')]);
  for (const [file, text] of strings) blocks(file, text, enums, found, ['FIELDS']);
  for (const [file, text] of strings) {
    blocks(file, text, enums, found, BLOCKS.slice(1));
    rows(file, text, found);
  }
  const names = new Map();
  for (const kind of Object.keys(found)) {
    if (kind === 'groups') continue;
    for (const d of found[kind]) {
      const key = `${kind} ${d.name}`;
      if (names.has(key)) stop(d.file, d.name, `declared before in ${names.get(key)}`);
      names.set(key, d.file);
    }
  }
  return found;
}
