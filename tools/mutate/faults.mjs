// Small faults that can be planted in a source: { kind, at, before, after }, where `before` stands at `at`. In C they
// are found by form, which clang-format keeps; in TypeScript in the tree of the compiler.
import ts from 'typescript';

const TURNED = { '<': '>=', '>': '<=', '<=': '>', '>=': '<', '==': '!=', '!=': '==', '===': '!==', '!==': '===' };
const BOUND = { '<': '<=', '>': '>=', '<=': '<', '>=': '>' };
const SIGN = { '+': '-', '-': '+', '+=': '-=', '-=': '+=' };
const LOGIC = { '&&': '||', '||': '&&' };
const TABLES = { turned: TURNED, bound: BOUND, sign: SIGN, logic: LOGIC };

const operators = (operator, at) =>
  Object.entries(TABLES)
    .filter(([, table]) => table[operator])
    .map(([kind, table]) => ({ kind, at, before: operator, after: table[operator] }));

/** The text with comments, strings and lines of the preprocessor as spaces: every place stays where it is. */
function bare(text) {
  const spaces = (part) => part.replace(/[^\n]/g, ' ');
  return text
    .replace(/\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, spaces)
    .replace(/^#(?:[^\n]*\\\n)*[^\n]*/gm, spaces);
}

/** Index after the parenthesis that closes the one at `open`. */
function closing(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

/** An early return goes; of another branch the condition is false. */
function branchesOfC(text) {
  return [...text.matchAll(/\bif \(/g)].map(({ index }) => {
    const open = index + 3,
      end = closing(text, open);
    const leaves = /^ (?:return|break|continue)\b[^;]*;/.exec(text.slice(end));
    if (leaves) return { kind: 'return', at: index, before: text.slice(index, end + leaves[0].length), after: ';' };
    return { kind: 'branch', at: open, before: text.slice(open, end), after: (before) => `(0 && ${before})` };
  });
}

const matches = (text, pattern, kind, change) =>
  [...text.matchAll(pattern)].map((m) => ({ kind, at: m.index, before: m[0], after: change(m) }));

export function faultsOfC(source) {
  const text = bare(source);
  const faults = [
    ...[...text.matchAll(/ ([<>]=?|[=!]=|[+-]=?|&&|\|\|)(?=[ \n])/g)].flatMap((m) => operators(m[1], m.index + 1)),
    ...matches(text, / [+-] 1\b(?![.\w])/g, 'one', () => ''),
    ...matches(text, / [+-] [a-z_]\w*(?=[;),\]])/g, 'term', () => ''),
    ...matches(text, /!(?=[a-z_(])/g, 'not', () => ''),
    ...matches(text, /(\b[a-z]\w*\()([a-z]\w*), ([a-z]\w*)(?=[,)])/g, 'swap', ([, call, a, b]) => `${call}${b}, ${a}`),
    ...branchesOfC(text),
  ];
  return faults
    .map((fault) => ({ ...fault, before: source.slice(fault.at, fault.at + fault.before.length) }))
    .map((fault) => ({ ...fault, after: typeof fault.after === 'string' ? fault.after : fault.after(fault.before) }))
    .filter(({ before, after }) => before !== after);
}

const leaves = (node) =>
  ts.isReturnStatement(node) ||
  ts.isBreakOrContinueStatement(node) ||
  (ts.isBlock(node) && node.statements.length === 1 && leaves(node.statements[0]));

/** What one node of the tree can be made into. */
function faultsOfNode(node, file) {
  const from = (it) => it.getStart(file),
    text = (it) => it.getText(file);
  const put = (kind, it, after) => ({ kind, at: from(it), before: text(it), after });
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node,
      operator = text(operatorToken),
      faults = operators(operator, from(operatorToken));
    if (!/^[+-]$/.test(operator)) return faults;
    return [...faults, put(text(right) === '1' ? 'one' : 'term', node, text(left))];
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [put('not', node, text(node.operand))];
  if (ts.isIfStatement(node) && !node.elseStatement && leaves(node.thenStatement)) return [put('return', node, ';')];
  if (ts.isIfStatement(node)) return [put('branch', node.expression, `false && (${text(node.expression)})`)];
  if (!ts.isCallExpression(node)) return [];
  const [a, b] = node.arguments;
  if (!b || !ts.isIdentifier(a) || !ts.isIdentifier(b) || text(a) === text(b)) return [];
  return [{ kind: 'swap', at: from(a), before: `${text(a)}, ${text(b)}`, after: `${text(b)}, ${text(a)}` }];
}

export function faultsOfTypeScript(source) {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, false),
    faults = [];
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    faults.push(...faultsOfNode(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return faults.filter(({ at, before }) => source.startsWith(before, at));
}

export const plant = (source, { at, before, after }) => source.slice(0, at) + after + source.slice(at + before.length);

/** Numbers from 0 to below 1, the same for the same seed. */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** Goes through faults in an order that the seed says: a kind by chance, then one of that kind. */
export function* inTurn(faults, seed) {
  const random = numbers(seed),
    pick = (list) => Math.floor(random() * list.length);
  const kinds = [...new Set(faults.map(({ kind }) => kind))].map((kind) => faults.filter((it) => it.kind === kind));
  while (kinds.length) {
    const i = pick(kinds);
    yield kinds[i].splice(pick(kinds[i]), 1)[0];
    if (!kinds[i].length) kinds.splice(i, 1);
  }
}
