// Writes the JavaScript side: one function per op, and the methods chained on Tensor.
import { firstDtype, rankOf, spreadOf, takesStrings } from './grammar.mjs';

const TYPES = {
  tensor: 'TensorLike',
  list: 'TensorLike[]',
  int: 'number',
  float: 'number',
  bool: 'boolean',
  ints: 'number | number[]',
  pairs: 'number[] | number[][]',
  shape: 'number | number[]',
  padding: 'PadLike',
  string: 'string',
  strings: 'string[]',
  seed: 'number | string',
  'float | string': 'number | string',
  dtype: 'DataType',
};
const TYPED = [
  'DataType',
  'PadLike',
  'Rank',
  'Scalar',
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
const tsType = ({ type }) => (type.kind === 'enum' ? type.choices.map((c) => `'${c}'`).join(' | ') : TYPES[type.kind]);
const optional = (p) => p.default !== undefined;
/** What is lowered: null, as undefined, stands for the default. */
const orDefault = (p) => (['null', 'false', undefined].includes(p.default) ? p.name : `${p.name} ?? ${p.default}`);

function loweredTensor(value, name, type, none) {
  const dtype = firstDtype(type);
  if (type.dtypeOf) return `L.like(${value}, '${name}', ${type.dtypeOf}${none ? ', true' : ''})`;
  if (dtype === 'string') return `L.strings(${value}, '${name}')`;
  if (takesStrings(type)) return `L.any${none ? 'OrNull' : ''}(${value}, '${name}')`;
  if (none) return `L.tensorOrNull(${value}, '${name}')`;
  return `L.tensor(${value}, '${name}'${dtype ? `, '${dtype}'` : ''})`;
}

function lowered(op, p, enums) {
  const { name, kind, type } = p,
    value = orDefault(p),
    none = p.default === 'null';
  if (kind === 'tensor') return loweredTensor(value, name, type, none);
  if (kind === 'list') return `L.list(${value}, '${name}'${takesStrings(type) ? ', true' : ''})`;
  if (kind === 'enum') return `L.choice${none ? 'OrNone' : ''}(${value}, '${name}', ${JSON.stringify(enums[p.ctype])})`;
  if (kind === 'ints') return none ? `L.intsOrNull(${value}, '${name}')` : `L.ints(${value}, '${name}')`;
  if (kind === 'out') return `L.outputAt()`;
  return `L.${kind}(${value}, '${name}')`;
}

const said = ({ type, doc }) => `${type.text}${doc ? `: ${doc}` : ''}`;

function comment(op) {
  const lines = ['/**', ` * ${op.summary}`, ...op.remarks.map((r) => ` * ${r}`)];
  for (const p of given(op))
    lines.push(` * @param ${p.name} ${said(p)}${optional(p) && p.default !== 'null' ? `; default ${p.default}` : ''}`);
  lines.push(
    ` * @returns ${op.results.map((r) => (op.results.length > 1 ? `${r.name}: ${said(r)}` : said(r))).join('; ')}`,
  );
  for (const e of op.examples) lines.push(` * @example ${e.code} // ${e.result}`);
  return lines
    .concat(' */')
    .join('\n')
    .replace(/\*\/(?=.)/g, '* /');
}

const MOST = 6;

/** The parameter that has the rank of the first result, which is the type parameter then. */
const likeness = (op) => op.params.find((p) => p.name === op.results[0].type.rankOf);
/** The parameter that is the shape of the first result. */
const shapeOf = (op) => op.params.find((p) => p.name === spreadOf(op.results[0].type) && p.type.kind === 'shape');

/** The class of one tensor of a result: [n, 4] is a matrix. */
function classOf(type) {
  const rank = rankOf(type);
  if (rank === 0) return 'Scalar';
  return rank && rank <= MOST ? `Tensor${rank}D` : 'Tensor';
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
  const known = classOf(op.results[0].type);
  return known === 'Tensor' ? { params: '<T extends Tensor = Tensor>', first: 'T' } : { params: '', first: known };
}

function signature(op) {
  const { like, type: likeType } = generic(op);
  return given(op)
    .map((p) => {
      const type = p.name === like ? likeType : tsType(p);
      if (p.rest) return `...${p.name}: ${type}`;
      return optional(p) ? `${p.name}?: ${type} | null` : `${p.name}: ${type}`;
    })
    .join(', ');
}

const MADE = { tensor: (type) => type, list: (type) => `${type}[]`, pair: (type) => `[${type}, ${type}]` };

/** The type of what a call gives; `first` is that of one tensor of its first result. */
function resultType(op, first = generic(op).first) {
  const [{ name, type }, ...others] = op.results;
  const made = MADE[type.kind](first);
  if (!others.length) return made;
  const other = (r) => (r.type.rankOf === name ? first : MADE[r.type.kind](classOf(r.type)));
  return `{ ${[`${name}: ${made}`, ...others.map((r) => `${r.name}: ${other(r)}`)].join('; ')} }`;
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
  `${comment(op)}\nexport function ${op.name}${generic(op).params}(${signature(op)}): ${resultType(op)} {\n` +
  `  L.begin('${op.name}');\n  ${body(op, enums)}\n}`;

const space = (op) => (op.path.includes('.') ? op.path.split('.')[0] : '');
/** Ops whose first parameter is a tensor are methods of Tensor too, unless their declaration says otherwise. */
const chained = (op) => !space(op) && op.params[0]?.kind === 'tensor' && !op.notMethod;

const typeSignature = (op) =>
  given(op)
    .slice(1)
    .map(
      (p) =>
        `${p.name}${optional(p) ? '?' : ''}: ${p === shapeOf(op) ? 'number[]' : tsType(p)}${optional(p) ? ' | null' : ''}`,
    )
    .join(', ');

/** A method's type: the tensor itself is the first argument. */
function methodType(op) {
  const self = likeness(op) === op.params[0];
  const known = likeness(op) ? 'Tensor' : classOf(op.results[0].type),
    rest = typeSignature(op);
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

export function methods({ ops }) {
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
      `export interface ChainedOps {\n${list.map((op) => `  /** ${op.summary.replace(/\*\//g, '* /')} */\n  ${methodType(op)}`).join('\n')}\n}`,
      "declare module '../../core/tensor' {\n  interface Tensor<R extends Rank = Rank> extends ChainedOps {}\n}",
      `export const chained: Record<keyof ChainedOps, (this: Tensor, ...args: any[]) => unknown> = {\n${list.map(method).join('\n')}\n};`,
    ].join('\n\n') + '\n'
  );
}
