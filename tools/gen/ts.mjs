// Writes the JavaScript side: one function per op, and the methods chained on Tensor.
const TYPES = {
  tensor: 'TensorLike', int: 'number', float: 'number', bool: 'boolean', ints: 'number | number[] | number[][]',
  list: 'TensorLike[]', pad: 'PadLike', text: 'number | string',
};
const tsType = (p, enums) => (p.kind === 'enum' ? enums[p.ctype].map((s) => `'${s}'`).join(' | ') : TYPES[p.kind]);
const optional = (p) => p.default !== undefined;

function lowered(p, enums) {
  const { name, kind } = p;
  const dtype = /^(bool|int32)\b/.exec(p.doc ?? '');
  if (kind === 'tensor') return p.default === 'null' ? `L.tensorOrNull(${name}, '${name}')` : `L.tensor(${name}, '${name}'${dtype ? `, '${dtype[1]}'` : ''})`;
  if (kind === 'enum') return `L.choice${p.default === 'null' ? 'OrNone' : ''}(${name}, '${name}', ${JSON.stringify(enums[p.ctype])})`;
  if (kind === 'ints') return p.default === 'null' ? `L.intsOrNull(${name}, '${name}')` : `L.ints(${name}, '${name}')`;
  if (kind === 'out') return `L.slot()`;
  return `L.${kind}(${name}, '${name}')`;
}

function comment(op) {
  const lines = ['/**', ` * ${op.summary}`, ...op.remarks.map((r) => ` * ${r}`)];
  for (const p of op.params) if (p.kind !== 'out') lines.push(` * @param ${p.name} ${p.doc}`);
  lines.push(` * @returns ${op.results.map((r) => (op.results.length > 1 ? `${r.name}: ${r.doc}` : r.doc)).join('; ')}`);
  for (const e of op.examples) lines.push(` * @example ${e.code} // ${e.result}`);
  return lines.concat(' */').join('\n').replace(/\*\/(?=.)/g, '* /');
}

function signature(op, enums, skip = 0) {
  const given = op.params.filter((p) => p.kind !== 'out').slice(skip);
  return given.map((p) => {
    const type = tsType(p, enums);
    if (!optional(p)) return `${p.name}: ${type}`;
    if (p.default === 'null') return `${p.name}?: ${type} | null`;
    return `${p.name}: ${type} = ${p.default}`;
  }).join(', ');
}

function resultType(op) {
  if (op.list) return 'Tensor[]';
  if (op.results.length === 1) return 'Tensor';
  return `{ ${op.results.map((r) => `${r.name}: Tensor`).join('; ')} }`;
}

function body(op, enums) {
  const args = op.params.map((p) => lowered(p, enums));
  const call = `core.x.tn_${op.name}(${args.join(', ')})`;
  if (op.list) return `return L.many(${call});`;
  if (op.results.length === 1) return `return L.one(${call});`;
  const more = op.results.slice(1).map((r, i) => `${r.name}: L.given(${i})`);
  return `const first = L.one(${call});\n  return { ${op.results[0].name}: first, ${more.join(', ')} };`;
}

const fn = (op, enums) =>
  `${comment(op)}\nexport function ${op.path.includes('.') ? op.path.replace('.', '_') : op.name}` +
  `(${signature(op, enums)}): ${resultType(op)} {\n  L.begin('${op.name}');\n  ${body(op, enums)}\n}`;

const RESERVED = new Set(['where']);
/** Ops whose first parameter is a tensor are methods of Tensor too. */
const chained = (op) => !op.path.includes('.') && op.params[0]?.kind === 'tensor' && !RESERVED.has(op.name);

function typeSignature(op, enums) {
  return op.params.filter((p) => p.kind !== 'out').slice(1)
    .map((p) => `${p.name}${optional(p) ? '?' : ''}: ${tsType(p, enums)}${p.default === 'null' ? ' | null' : ''}`).join(', ');
}

export function functions({ ops, enums }) {
  const parts = [
    '// One function per op; generated from src/ops, do not edit.',
    "import { core } from '../core/host';",
    "import * as L from '../core/lower';",
    "import { Tensor, type TensorLike, type PadLike } from '../core/tensor';",
    ...ops.map((op) => fn(op, enums)),
  ];
  const spaces = {};
  for (const op of ops) if (op.path.includes('.')) (spaces[op.path.split('.')[0]] ??= []).push(op);
  for (const [space, list] of Object.entries(spaces))
    parts.push(`export const ${space}Ops = { ${list.map((o) => `${o.name}: ${o.path.replace('.', '_')}`).join(', ')} };`);
  return parts.join('\n\n') + '\n';
}

export function methods({ ops, enums }) {
  const list = ops.filter(chained);
  return [
    '// Methods chained on Tensor; generated from src/ops, do not edit.',
    "import type { Tensor, TensorLike, PadLike } from '../core/tensor';",
    `export interface ChainedOps {\n${list.map((op) => `  /** ${op.summary.replace(/\*\//g, '* /')} */\n  ${op.name}(${typeSignature(op, enums)}): ${resultType(op)};`).join('\n')}\n}`,
    `export const CHAINED = [${list.map((op) => `'${op.name}'`).join(', ')}] as const;`,
  ].join('\n\n') + '\n';
}
