// The manual comments' grammar: what it reads, what it stops at, and that types come from its column alone.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { agree, DeclarationError, namesKnown, readField, readLine, readType } from '../../tools/gen/grammar.mjs';
import { readLayers } from '../../tools/gen/layers.mjs';
import { modules } from '../../tools/gen/modules.mjs';
import { closing, readOps } from '../../tools/gen/read.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const where = ['src/ops/x.c', 'op: x'];
const tensor = (of) => ({ kind: 'tensor', dtypes: [], dtypeOf: null, like: null, rankOf: null, shapes: null, ...of });

const LINES = {
  'x : float32 [n, 4]   boxes': { name: 'x', type: 'float32 [n, 4]', default: undefined, doc: 'boxes' },
  'strides : ints(2) >= 1 = [1, 1]   steps': { name: 'strides', type: 'ints(2) >= 1', default: '[1, 1]', doc: 'steps' },
  "side : Side = 'left'": { name: 'side', type: 'Side', default: "'left'", doc: '' },
  '...xs : list of any [...]': { name: 'xs', rest: true, type: 'list of any [...]' },
  '-> y : like x   the same': { name: 'y', result: true, type: 'like x', doc: 'the same' },
};
for (const [line, parts] of Object.entries(LINES))
  test(`the line "${line}"`, () => assert.deepEqual({ ...readLine(line), ...parts }, readLine(line)));

const TYPES = {
  '[...]': tensor({ shapes: [['...']] }),
  '[]': tensor({ shapes: [[]] }),
  'float32|int32 [n, h * 2] | [h * 2]': tensor({ dtypes: ['float32', 'int32'], shapes: [['n', 'h * 2'], ['h * 2']] }),
  'like x': tensor({ dtypeOf: 'x', like: 'x', rankOf: 'x' }),
  'bool like x': tensor({ dtypes: ['bool'], like: 'x', rankOf: 'x' }),
  'dtype of x usually rank of y': tensor({ dtypeOf: 'x', rankOf: 'y' }),
  'dtype [...shape]': tensor({ dtypeOf: 'dtype', shapes: [['...shape']] }),
  'pair of [n]': tensor({ kind: 'pair', shapes: [['n']] }),
  'list of like xs': tensor({ kind: 'list', dtypeOf: 'xs', like: 'xs', rankOf: 'xs' }),
  'float 0..1': { kind: 'float', count: 0, least: 0, most: 1, nullable: false },
  'ints(2) >= 1': { kind: 'ints', count: 2, least: 1, most: null, nullable: false },
};
for (const [text, type] of Object.entries(TYPES))
  test(`the type "${text}"`, () => assert.deepEqual(readType(where, text, {}, ['dtype']), { ...type, text }));

const stops = (f, words) => {
  assert.throws(f, (error) => error instanceof DeclarationError && error.message === `src/ops/x.c: op: x: ${words}`);
};
test('it stops with file, op and parameter at what it does not understand', () => {
  stops(() => readType(where, 'float16 [n]', {}), 'its type "float16 [n]" cannot be read');
  stops(() => readType(where, 'float32 [n, [m]]', {}), '"[n, [m]]" in its type "float32 [n, [m]]" is no shape');
  stops(() => readType(where, 'list of int', {}), 'its type "list of int" is of no tensors');
  stops(() => readType(where, 'bool >= 1', {}), '"bool >= 1": only numbers have a least value');
  stops(() => readField(where, 'number', {}), 'its type "number" is not known');
});
test('it stops at a C type that contradicts the column, and at names that are not there', () => {
  const type = (text) => readType(where, text, { Side: ['left', 'right'] });
  stops(() => agree(where, 'int', type('[n]')), 'its type "[n]" is none of "int" in C');
  stops(() => agree(where, 'Tensor *', type('int')), 'its type "int" is none of "Tensor *" in C');
  stops(() => agree(where, 'Edge', type('Side')), 'its type "Side" is none of "Edge" in C');
  stops(() => namesKnown(where, type('like z'), ['x', 'y']), 'its type "like z" speaks of z, which is not there');
});

// ---- other words ----

const WORDS = 'string, as x: float32 [n, 4] or bool [h], any dtype, like x';
const MACROS = 'OP|LISTOP|FIELDS|LAYER|INITIALIZER|REGULARIZER|CONSTRAINT|OPTIMIZER|SCHEDULE|METRIC_CLASS|define \\w+';
const ROWS =
  /^(UNARY_INT|UNARY_TEST|UNARY_FLOAT_BY|UNARY_FLOAT|UNARY_BY|UNARY|BINARY|COMPARE|LOGICAL|ACTIVATION|LOSS|METRIC)\(/gm;
const STRINGS = '((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)';

/** A manual comment whose sentences are others; names, types, defaults and examples stay. */
function reworded(comment) {
  let inExample = false;
  return comment
    .split('\n')
    .map((line, i) => {
      if (inExample || /^\*\* [>=] /.test(line)) {
        inExample = (inExample || line.startsWith('** > ')) && !line.includes('//');
        return line;
      }
      if (!i) return line.replace(/^(\s*[\w.]+(?:\(.*?\))?): .*$/, `$1: ${WORDS}`);
      if (/^\*\* {3}\S/.test(line)) return line.replace(/^(\*\* {3}(?:(?! {2,}).)+) {2,}\S.*$/, `$1   ${WORDS}`);
      return line.replace(/^(\*\* (?: {5,})?)\S.*$/, `$1${WORDS}`);
    })
    .join('\n');
}

/** The text of a row before its example, which is its manual, in other words. */
function rewordedRows(text) {
  let made = text;
  for (const { index, 0: opening } of [...text.matchAll(ROWS)].reverse()) {
    const end = closing(made, index + opening.length - 1),
      row = made.slice(index, end);
    const other = row.replace(new RegExp(`${STRINGS},\\s*${STRINGS}\\)$`), (_, manual, example) => {
      const operands = /^"(\([\w, ]+\) )/.exec(manual)?.[1] ?? '';
      return `"${operands}${WORDS}", ${example})`;
    });
    made = made.slice(0, index) + other + made.slice(end);
  }
  return made;
}

const withoutComments = (text) => text.replace(/\/\*\*(?:[^*]|\*(?!\/))*\*\/\s*/g, '');

test('other words in all manual comments leave js/generated as it is', (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'tensorine-words-'));
  t.after(() => rmSync(copy, { recursive: true }));
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  const pattern = new RegExp(`/\\*((?:[^*]|\\*(?!/))*)\\*/(?=\\s*\\n#?(?:${MACROS})\\()`, 'g');
  let changed = 0;
  for (const file of readdirSync(join(copy, 'src'), { recursive: true })) {
    if (!/^(ops|nn|training)\/.*\.[ch]$/.test(file)) continue;
    const path = join(copy, 'src', file),
      text = readFileSync(path, 'utf8');
    const other = rewordedRows(text.replace(pattern, (_, comment) => `/*${reworded(comment)}*/`));
    writeFileSync(path, other);
    changed += other.split(WORDS).length - 1;
  }
  assert.ok(changed > 2000, `${changed} texts were changed`);
  const before = modules(readOps(root), readLayers(root)),
    after = modules(readOps(copy), readLayers(copy));
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [path, text] of after) assert.equal(withoutComments(text), withoutComments(before.get(path)), path);
});
