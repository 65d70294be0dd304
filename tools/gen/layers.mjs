// Reads the declarations in src/nn and src/training: LAYER, FIELDS, INITIALIZER, REGULARIZER,
// CONSTRAINT and OPTIMIZER blocks under their manual comments, ACTIVATION, LOSS and METRIC rows.
// Stops with file, declaration and field on what it does not understand.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readField, readLines, readType, stop } from './grammar.mjs';
import { closing, readEnums, readExample, splitArgs, unquote, joined } from './read.mjs';

const BLOCKS = ['FIELDS', 'LAYER', 'INITIALIZER', 'REGULARIZER', 'CONSTRAINT', 'OPTIMIZER', 'SCHEDULE', 'METRIC_CLASS'];
const ROWS = {
  ACTIVATION: 'name, other names, expression, manual, example',
  LOSS: 'name, other names, expression, manual, example',
  METRIC: 'name, other names, expression, manual, example',
};
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

/** A field of a config, from its line. */
function fieldOf(file, name, line, enums, fields) {
  const where = [file, `${name}: ${line.name}`];
  if (fields.some((f) => f.name === line.name)) stop(...where, 'is there twice');
  const { text, ...type } = readField(where, line.type, enums);
  const initial = readDefault(where, line.default, type, fields);
  return { name: line.name, ...type, type: text, initial, default: line.default, doc: line.doc };
}

/** Lines that only these blocks have: groups of fields taken in, other names, the class that one extends, and
 * fields with a method to set them. */
const SPECIAL = [
  [/^ {3}\+ (\w+)$/, (found, group) => found.params.push({ group })],
  [/^ {3}also (.+)$/, (found, names) => (found.also = names.split(', '))],
  [/^ {3}extends (\w+)$/, (found, base) => (found.extends = base)],
  [/^ {3}set (\w+)$/, (found, field) => (found.setter = field)],
];
function special(line, found) {
  const row = SPECIAL.find(([pattern]) => pattern.test(line));
  row?.[1](found, row[0].exec(line)[1]);
  return Boolean(row);
}

/** The comment above a block: summary, fields, groups taken in, results, examples, remarks. */
function readManual(file, name, comment, enums, groups) {
  const lines = joined(comment.split('\n').map((l) => l.replace(/^\*\*/, '').trimEnd())),
    head = /^\s*(\w+): (.*)$/.exec(lines[0]);
  if (!head || head[1] !== name) stop(file, name, `the comment above does not start with "${name}: what it does"`);
  const { params, results, examples, remarks, reference, ...more } = readLines(
    [file, name],
    lines.slice(1),
    (line) => readExample(file, name, line),
    special,
  );
  if (reference) stop(file, name, 'has a reference, which only ops have');
  const fields = [];
  for (const line of params) {
    if (!line.group) fields.push(fieldOf(file, name, line, enums, fields));
    else if (!groups.has(line.group))
      stop(file, name, `takes in "${line.group}", which no FIELDS block before it declares`);
    else fields.push(...groups.get(line.group).fields.map((f) => ({ ...f, group: line.group })));
  }
  const typed = results.map((r) => ({
    name: r.name,
    type: readType([file, `${name}: ${r.name}`], r.type, enums, ['dtype']),
    doc: r.doc,
  }));
  return { summary: head[2].trim(), fields, results: typed, examples, remarks, also: [], ...more };
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
  const headers = ['src/include/tensorine.h', 'src/nn/core/layer.h'],
    enums = Object.assign({}, ...headers.map((file) => readEnums(readFileSync(join(root, file), 'utf8'), file)));
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
