// Writes the JavaScript side: one function per op, and the methods chained on Tensor.
import { likeness, shapeOf, shown } from './ranks.mjs';

const TYPES = {
  tensor: 'TensorLike',
  int: 'number',
  float: 'number',
  bool: 'boolean',
  ints: 'number | number[] | number[][]',
  list: 'TensorLike[]',
  pad: 'PadLike',
  text: 'number | string | string[]',
};
const TYPED = [
  'DataType',
  'PadLike',
  'Rank',
  'ShapeMap',
  'Tensor',
  'Tensor1D',
  'Tensor2D',
  'Tensor3D',
  'Tensor4D',
  'Tensor5D',
  'Tensor6D',
  'TensorLike',
];
const given = (op) => op.params.filter((p) => p.kind !== 'out');
const tsType = (p, enums) =>
  p.ctype === 'DType'
    ? 'DataType'
    : p.kind === 'enum'
      ? enums[p.ctype].map((s) => `'${s}'`).join(' | ')
      : TYPES[p.kind];
const optional = (p) => p.default !== undefined;
/** What is lowered: null, as undefined, stands for the default. */
const orDefault = (p) => (['null', 'false', undefined].includes(p.default) ? p.name : `${p.name} ?? ${p.default}`);

/** Strings are taken by ops that say so, with .any or in the manual line. */
const takesText = (op, p) =>
  /any dtype/.test(p.doc ?? '') || (op.any && !/^(bool|int32|float32|complex64)\b/.test(p.doc ?? ''));

function lowered(op, p, enums) {
  const { name, kind } = p,
    value = orDefault(p);
  const dtype = /^(bool|int32|float32)\b/.exec(p.doc ?? '');
  const text = takesText(op, p),
    like = /^like (\w+)/.exec(p.doc ?? '');
  if (kind === 'tensor' && like)
    return `L.like(${value}, '${name}', ${like[1]}${p.default === 'null' ? ', true' : ''})`;
  if (kind === 'tensor' && /^string\b/.test(p.doc ?? '')) return `L.strings(${value}, '${name}')`;
  if (kind === 'tensor' && text) return `L.any${p.default === 'null' ? 'OrNull' : ''}(${value}, '${name}')`;
  if (kind === 'list' && text) return `L.list(${value}, '${name}', true)`;
  if (kind === 'tensor')
    return p.default === 'null'
      ? `L.tensorOrNull(${value}, '${name}')`
      : `L.tensor(${value}, '${name}'${dtype ? `, '${dtype[1]}'` : ''})`;
  if (kind === 'enum')
    return `L.choice${p.default === 'null' ? 'OrNone' : ''}(${value}, '${name}', ${JSON.stringify(enums[p.ctype])})`;
  if (kind === 'ints')
    return p.default === 'null' ? `L.intsOrNull(${value}, '${name}')` : `L.ints(${value}, '${name}')`;
  if (kind === 'out') return `L.outputAt()`;
  return `L.${kind}(${value}, '${name}')`;
}

function comment(op) {
  const lines = ['/**', ` * ${op.summary}`, ...op.remarks.map((r) => ` * ${r}`)];
  for (const p of op.params)
    if (p.kind !== 'out')
      lines.push(` * @param ${p.name} ${p.doc}${optional(p) && p.default !== 'null' ? `; default ${p.default}` : ''}`);
  lines.push(
    ` * @returns ${op.results.map((r) => (op.results.length > 1 ? `${r.name}: ${r.doc}` : r.doc)).join('; ')}`,
  );
  for (const e of op.examples) lines.push(` * @example ${e.code} // ${e.result}`);
  return lines
    .concat(' */')
    .join('\n')
    .replace(/\*\/(?=.)/g, '* /');
}

/** Type parameters, and which parameters of the function have them: the result has the rank of an argument, of
 * a shape, or the one that the program expects. */
function generic(op) {
  const like = likeness(op),
    shape = like ? undefined : shapeOf(op);
  if (like)
    return {
      params: '<T extends Tensor>',
      first: 'T',
      like: like.name,
      type: like.kind === 'list' ? '(T | TensorLike)[]' : 'T | TensorLike',
    };
  if (shape) return { params: '<R extends Rank = Rank>', first: 'Tensor<R>', like: shape.name, type: 'ShapeMap[R]' };
  const known = shown(op, op.results[0].doc);
  return known === 'Tensor' ? { params: '<T extends Tensor = Tensor>', first: 'T' } : { params: '', first: known };
}

function signature(op, enums) {
  const { like, type: likeType } = generic(op);
  return op.params
    .filter((p) => p.kind !== 'out')
    .map((p) => {
      const type = p.name === like ? likeType : tsType(p, enums);
      if (p.rest) return `...${p.name}: ${type}`;
      return optional(p) ? `${p.name}?: ${type} | null` : `${p.name}: ${type}`;
    })
    .join(', ');
}

/** "the new c and the new h", "two vectors: ...", "q [..., m, k] and r [..., k, n]". */
const isPair = (op) => op.list && /^(two |the new c and|q \[)/.test(op.results[0].doc);

function resultType(op, first = generic(op).first) {
  const made = isPair(op) ? `[${first}, ${first}]` : op.list ? `${first}[]` : first;
  if (op.results.length === 1) return made;
  const others = op.path === 'topk' ? () => first : (r) => shown(op, r.doc);
  return `{ ${op.results.map((r, i) => `${r.name}: ${i ? others(r) : made}`).join('; ')} }`;
}

function body(op, enums) {
  const args = op.params.map((p) => lowered(op, p, enums));
  const call = `core.x.tn_${op.name}(${args.join(', ')})`;
  const { first } = generic(op);
  const made = `L.${op.list ? 'many' : 'one'}${op.results.length > 1 ? `<${first}${op.list ? '[]' : ''}>` : ''}(${call})`;
  if (op.results.length === 1) return `return ${made};`;
  const more = op.results.slice(1).map((r, i) => `${r.name}: L.output(${i})`);
  return `const first = ${made};\n  return { ${op.results[0].name}: first, ${more.join(', ')} };`;
}

const fn = (op, enums) =>
  `${comment(op)}\nexport function ${op.name}${generic(op).params}(${signature(op, enums)}): ${resultType(op)} {\n` +
  `  L.begin('${op.name}');\n  ${body(op, enums)}\n}`;

const RESERVED = new Set(['where']); // chain.ts has those whose first parameter is not the tensor
const space = (op) => (op.path.includes('.') ? op.path.split('.')[0] : '');
/** Ops whose first parameter is a tensor are methods of Tensor too. */
const chained = (op) => !space(op) && op.params[0]?.kind === 'tensor' && !RESERVED.has(op.name);

const typeSignature = (op, enums) =>
  given(op)
    .slice(1)
    .map(
      (p) =>
        `${p.name}${optional(p) ? '?' : ''}: ${p === shapeOf(op) ? 'number[]' : tsType(p, enums)}${optional(p) ? ' | null' : ''}`,
    )
    .join(', ');

/** A method's type: the tensor itself is the first argument. */
function methodType(op, enums) {
  const self = likeness(op) === op.params[0];
  const known = likeness(op) ? 'Tensor' : shown(op, op.results[0].doc),
    rest = typeSignature(op, enums);
  const params = self ? '<T extends Tensor>' : known === 'Tensor' ? '<T extends Tensor = Tensor>' : '';
  const taken = [...(self ? ['this: T'] : []), ...(rest ? [rest] : [])].join(', ');
  return `${op.name}${params}(${taken}): ${resultType(op, params ? 'T' : known)};`;
}

/** One module of functions for each namespace; that of tf itself is ''. */
export function functions({ ops, enums }) {
  const spaces = new Map([['', []]]);
  for (const op of ops) spaces.set(space(op), [...(spaces.get(space(op)) ?? []), op]);
  return new Map(
    [...spaces].map(([name, list]) => [
      name,
      [
        `// One function per op${name && ` of tf.${name}`}; generated from src/ops, do not edit.`,
        "import * as core from '../../wasm/core';",
        "import * as L from '../../core/lower';",
        `import type { ${TYPED.join(', ')} } from '../../core/tensor';`,
        ...list.map((op) => fn(op, enums)),
      ].join('\n\n') + '\n',
    ]),
  );
}

/** The module that has them all. */
export function spaces(names) {
  const lines = names.map((name) => (name ? `export * as ${name} from './${name}';` : "export * from './ops';"));
  return ['// All ops; generated from src/ops, do not edit.', ...lines].join('\n') + '\n';
}

export function methods({ ops, enums }) {
  const list = ops.filter(chained);
  const args = (op) =>
    op.params
      .filter((p) => p.kind !== 'out')
      .slice(1)
      .map((p) => p.name);
  const method = (op) =>
    `  ${op.name}(${['this: Tensor', ...args(op).map((name) => `${name}?: any`)].join(', ')}): any { return ops.${op.name}(${['this', ...args(op)].join(', ')}); },`;
  return (
    [
      '// Methods chained on Tensor; generated from src/ops, do not edit.',
      "import * as ops from './ops';",
      `import type { ${TYPED.join(', ')} } from '../../core/tensor';`,
      `export interface ChainedOps {\n${list.map((op) => `  /** ${op.summary.replace(/\*\//g, '* /')} */\n  ${methodType(op, enums)}`).join('\n')}\n}`,
      "declare module '../../core/tensor' {\n  interface Tensor<R extends Rank = Rank> extends ChainedOps {}\n}",
      `export const chained: Record<keyof ChainedOps, (this: Tensor, ...args: any[]) => unknown> = {\n${list.map(method).join('\n')}\n};`,
    ].join('\n\n') + '\n'
  );
}
