// Writes the JavaScript side: one function per op, and the methods chained on Tensor.
const TYPES = {
  tensor: 'TensorLike', int: 'number', float: 'number', bool: 'boolean', ints: 'number | number[] | number[][]',
  list: 'TensorLike[]', pad: 'PadLike', text: 'number | string | string[]',
};
const tsType = (p, enums) => (p.kind === 'enum' ? enums[p.ctype].map((s) => `'${s}'`).join(' | ') : TYPES[p.kind]);
const optional = (p) => p.default !== undefined;
/** What is lowered: null, as undefined, stands for the default. */
const given = (p) => (['null', 'false', undefined].includes(p.default) ? p.name : `${p.name} ?? ${p.default}`);

/** Texts are taken by ops that say so, with .any or in the manual line. */
const takesText = (op, p) =>
  /any dtype/.test(p.doc ?? '') || (op.any && !/^(bool|int32|float32|complex64)\b/.test(p.doc ?? ''));

function lowered(op, p, enums) {
  const { name, kind } = p, value = given(p);
  const dtype = /^(bool|int32|float32)\b/.exec(p.doc ?? '');
  const text = takesText(op, p), like = /^like (\w+)/.exec(p.doc ?? '');
  if (kind === 'tensor' && like) return `L.like(${value}, '${name}', ${like[1]}${p.default === 'null' ? ', true' : ''})`;
  if (kind === 'tensor' && /^string\b/.test(p.doc ?? '')) return `L.texts(${value}, '${name}')`;
  if (kind === 'tensor' && text) return `L.any${p.default === 'null' ? 'OrNull' : ''}(${value}, '${name}')`;
  if (kind === 'list' && text) return `L.list(${value}, '${name}', true)`;
  if (kind === 'tensor') return p.default === 'null' ? `L.tensorOrNull(${value}, '${name}')` : `L.tensor(${value}, '${name}'${dtype ? `, '${dtype[1]}'` : ''})`;
  if (kind === 'enum') return `L.choice${p.default === 'null' ? 'OrNone' : ''}(${value}, '${name}', ${JSON.stringify(enums[p.ctype])})`;
  if (kind === 'ints') return p.default === 'null' ? `L.intsOrNull(${value}, '${name}')` : `L.ints(${value}, '${name}')`;
  if (kind === 'out') return `L.slot()`;
  return `L.${kind}(${value}, '${name}')`;
}

function comment(op) {
  const lines = ['/**', ` * ${op.summary}`, ...op.remarks.map((r) => ` * ${r}`)];
  for (const p of op.params) if (p.kind !== 'out') lines.push(` * @param ${p.name} ${p.doc}${optional(p) && p.default !== 'null' ? `; default ${p.default}` : ''}`);
  lines.push(` * @returns ${op.results.map((r) => (op.results.length > 1 ? `${r.name}: ${r.doc}` : r.doc)).join('; ')}`);
  for (const e of op.examples) lines.push(` * @example ${e.code} // ${e.result}`);
  return lines.concat(' */').join('\n').replace(/\*\/(?=.)/g, '* /');
}

function signature(op, enums, skip = 0) {
  const taken = op.params.filter((p) => p.kind !== 'out').slice(skip);
  return taken.map((p) => {
    const type = tsType(p, enums);
    if (p.rest) return `...${p.name}: ${type}`;
    return optional(p) ? `${p.name}?: ${type} | null` : `${p.name}: ${type}`;
  }).join(', ');
}

function resultType(op) {
  const first = op.list ? 'Tensor[]' : 'Tensor';
  if (op.results.length === 1) return first;
  return `{ ${op.results.map((r, i) => `${r.name}: ${i ? 'Tensor' : first}`).join('; ')} }`;
}

function body(op, enums) {
  const args = op.params.map((p) => lowered(op, p, enums));
  const call = `core.x.tn_${op.name}(${args.join(', ')})`;
  const made = `L.${op.list ? 'many' : 'one'}(${call})`;
  if (op.results.length === 1) return `return ${made};`;
  const more = op.results.slice(1).map((r, i) => `${r.name}: L.given(${i})`);
  return `const first = ${made};\n  return { ${op.results[0].name}: first, ${more.join(', ')} };`;
}

const fn = (op, enums) =>
  `${comment(op)}\nexport function ${op.name}(${signature(op, enums)}): ${resultType(op)} {\n` +
  `  L.begin('${op.name}');\n  ${body(op, enums)}\n}`;

const RESERVED = new Set(['where']); // chain.ts has those whose first parameter is not the tensor
const space = (op) => (op.path.includes('.') ? op.path.split('.')[0] : '');
/** Ops whose first parameter is a tensor are methods of Tensor too. */
const chained = (op) => !space(op) && op.params[0]?.kind === 'tensor' && !RESERVED.has(op.name);

function typeSignature(op, enums) {
  return op.params.filter((p) => p.kind !== 'out').slice(1)
    .map((p) => `${p.name}${optional(p) ? '?' : ''}: ${tsType(p, enums)}${optional(p) ? ' | null' : ''}`).join(', ');
}

/** One module of functions for each namespace; that of tf itself is ''. */
export function functions({ ops, enums }) {
  const spaces = new Map([['', []]]);
  for (const op of ops) spaces.set(space(op), [...(spaces.get(space(op)) ?? []), op]);
  return new Map([...spaces].map(([name, list]) => [name, [
    `// One function per op${name && ` of tf.${name}`}; generated from src/ops, do not edit.`,
    "import * as core from '../core/core';",
    "import * as L from '../core/lower';",
    "import { Tensor, type TensorLike, type PadLike } from '../core/tensor';",
    ...list.map((op) => fn(op, enums)),
  ].join('\n\n') + '\n']));
}

/** The module that has them all. */
export function spaces(names) {
  const lines = names.map((name) => (name ? `export * as ${name} from './${name}';` : "export * from './ops';"));
  return ['// All ops; generated from src/ops, do not edit.', ...lines].join('\n') + '\n';
}

export function methods({ ops, enums }) {
  const list = ops.filter(chained);
  const args = (op) => op.params.filter((p) => p.kind !== 'out').slice(1).map((p) => p.name);
  const method = (op) =>
    `  ${op.name}(${typeSignature(op, enums)}) { return ops.${op.name}(${['this', ...args(op)].join(', ')}); },`;
  return [
    '// Methods chained on Tensor; generated from src/ops, do not edit.',
    "import * as ops from './ops';",
    "import type { Tensor, TensorLike, PadLike } from '../core/tensor';",
    `export interface ChainedOps {\n${list.map((op) => `  /** ${op.summary.replace(/\*\//g, '* /')} */\n  ${op.name}(${typeSignature(op, enums)}): ${resultType(op)};`).join('\n')}\n}`,
    `export const chained: ChainedOps & ThisType<Tensor> = {\n${list.map(method).join('\n')}\n};`,
  ].join('\n\n') + '\n';
}
