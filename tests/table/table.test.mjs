// The table of all ops, made of what the other suites found out: build/ops_table.md and .json. A hole
// fails, but for gradients that reasons.mjs says cannot be.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { kept } from '../lib/table.mjs';
import { reasons } from './reasons.mjs';

const build = new URL('../../build/', import.meta.url);
const { ops } = JSON.parse(readFileSync(new URL('gen/ops.json', build), 'utf8'));
const node = kept('node'),
  references = kept('references'),
  browser = kept('browser'),
  fuzzed = kept('fuzz_ops');
const YES = 'yes',
  HOLE = '';

/** The dtypes that a parameter takes, as its manual says: any dtype, or any but string. */
const said = (op, name) =>
  op.params.some(({ doc }) => /\bany dtype\b/.test(doc) && !(name === 'string' && /\bnot string\b/.test(doc)));

/** What an op is known to do with a dtype: judged by a reference, the same as float32 (of complex64:
 * by its parts; of texts: as of the numbers they show), or refused, unless the manual says otherwise. */
function dtype(op, name) {
  const { path } = op,
    found = node[path]?.dtypes[name];
  if (references[path]?.includes(name)) return 'judged';
  if (found === 'refused' && said(op, name)) return HOLE;
  return { 'the same': 'as float32', refused: 'refused', 'no numbers': '-' }[found] ?? HOLE;
}

function fuzz({ name }, differentiable) {
  const { results = 0, errors = 0, gradients = [0, 0] } = fuzzed[name] ?? {};
  if (!results || (differentiable && !gradients.every(Boolean))) return HOLE;
  return [
    `${results} results`,
    `${errors} errors`,
    ...(differentiable ? [`${gradients.join(' and ')} gradients`] : []),
  ].join(', ');
}

function row(op) {
  const { path } = op,
    reason = reasons[path];
  const gradient = node[path]?.gradient === 'right' ? YES : (reason ?? HOLE);
  return {
    op: path,
    forward: references[path] && node[path]?.examples === op.examples.length ? YES : HOLE,
    gradient,
    'second order': gradient === YES ? YES : reason ? '-' : HOLE,
    ...Object.fromEntries(['int32', 'bool', 'complex64', 'string'].map((name) => [name, dtype(op, name)])),
    cpu: browser.wasm?.[path] ? YES : HOLE,
    webgl: browser.webgl === null ? 'no webgl here' : (browser.webgl?.[path] ?? HOLE),
    fuzzed: fuzz(op, gradient === YES),
  };
}

const rows = ops.map(row),
  columns = Object.keys(rows[0]);
const line = (cells) => `| ${cells.join(' | ')} |`;

test('the table of ops is written', () => {
  writeFileSync(new URL('ops_table.json', build), JSON.stringify(rows, null, 1));
  writeFileSync(
    new URL('ops_table.md', build),
    [
      '# All ops, and what tests found out about them',
      '',
      'forward: examples and references in double agree. gradient, second order: they agree with differences. int32, bool, complex64, string: judged',
      'by references, the same as of float32 (each part of a complex number, texts as the numbers they show), or refused. webgl: where it ran: a shader, the cpu, or both for an op made of others. fuzzed: calls, under sanitizers.',
      '',
      line(columns),
      line(columns.map(() => '---')),
      ...rows.map((r) => line(columns.map((c) => r[c]))),
      '',
    ].join('\n'),
  );
});

for (const column of columns)
  test(`the table of ops has no hole: ${column}`, () => {
    assert.deepEqual(
      rows.filter((r) => r[column] === HOLE).map((r) => r.op),
      [],
    );
  });

test('every reason is needed', () => {
  const needed = rows.filter((r) => r.gradient === reasons[r.op]).map((r) => r.op);
  assert.deepEqual(
    Object.keys(reasons).filter((path) => !needed.includes(path)),
    [],
  );
});
