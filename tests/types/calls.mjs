// Programs that call every function and method of TensorFlow.js with the argument forms that its own
// typings document: each overload, with and without optional arguments, each member of a union. Made
// from these typings; what they themselves do not accept is left out. They must compile with ours.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..'),
  require = createRequire(import.meta.url);
const PEER = join(dirname(require.resolve('@tensorflow/tfjs/package.json')), 'dist/index.d.ts');
export const OURS = join(root, 'dist/tensorine.d.ts');
const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
};

/** Compiles a text whose 'tf' is a library: its checker, and the lines that have an error, with messages. */
export function compile(text, library, options = {}) {
  const file = join(root, 'build/types/calls.ts'),
    host = ts.createCompilerHost(OPTIONS),
    { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ...rest) : getSourceFile.call(host, name, ...rest);
  const { fileExists } = host;
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  const program = ts.createProgram(
    [file],
    { ...OPTIONS, ...options, baseUrl: root, paths: { tensorine: [library] } },
    host,
  );
  const source = program.getSourceFile(file),
    wrong = new Map();
  for (const { start, messageText } of program
    .getSemanticDiagnostics(source)
    .concat(program.getSyntacticDiagnostics(source))) {
    const { line } = source.getLineAndCharacterOfPosition(start);
    if (!wrong.has(line)) wrong.set(line, ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
  return { program, source, wrong };
}

// ---- samples of types ----

const LIKE = {
  TensorLike: ['[1, 2]', '1', 'new Float32Array(2)'],
  TensorLike1D: ['[1, 2]', 'new Float32Array(2)'],
  TensorLike2D: ['[[1, 2]]', '[1, 2]'],
  TensorLike3D: ['[[[1, 2]]]', '[1, 2]'],
  TensorLike4D: ['[[[[1, 2]]]]', '[1, 2]'],
  TensorLike5D: ['[[[[[1, 2]]]]]', '[1, 2]'],
  TensorLike6D: ['[[[[[[1, 2]]]]]]', '[1, 2]'],
  ScalarLike: ['1'],
  TypedArray: ['new Float32Array(2)', 'new Int32Array(2)'],
};
const ANY = 'null! as any',
  DEEPEST = 3,
  MOST = 8;

class Sampler {
  constructor(checker, names) {
    this.checker = checker;
    this.names = names; // of the types that the library exports
  }

  /** Expressions of a type, the usual one first. */
  of(type, depth = 0) {
    const { checker } = this,
      alias = type.aliasSymbol?.name,
      { flags } = type;
    if (LIKE[alias]) return LIKE[alias];
    if (alias && this.names.has(alias) && !type.aliasTypeArguments && !(flags & ts.TypeFlags.Union))
      return [`null! as tf.${alias}`];
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) return [ANY];
    if (flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.IndexedAccess)) {
      const constraint = checker.getBaseConstraintOfType(type);
      return constraint && constraint !== type ? this.of(constraint, depth + 1) : [ANY];
    }
    if (flags & (ts.TypeFlags.StringLiteral | ts.TypeFlags.NumberLiteral)) return [JSON.stringify(type.value)];
    if (flags & ts.TypeFlags.BooleanLiteral) return [checker.typeToString(type)];
    if (flags & ts.TypeFlags.NumberLike) return ['1'];
    if (flags & ts.TypeFlags.StringLike) return ["'a'"];
    if (flags & ts.TypeFlags.BooleanLike) return ['true'];
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void)) return [];
    if (flags & ts.TypeFlags.Union)
      return [...new Set(type.types.flatMap((t) => this.of(t, depth).slice(0, 2)))].slice(0, MOST);
    return this.object(type, depth);
  }

  object(type, depth) {
    const { checker } = this,
      name = type.symbol?.name;
    if (checker.isTupleType(type))
      return [
        `[${checker
          .getTypeArguments(type)
          .map((t) => this.of(t, depth)[0] ?? ANY)
          .join(', ')}]`,
      ];
    if (checker.isArrayLikeType(type) && !checker.isArrayType(type) && !/Array$/.test(name ?? '')) return ['[1]'];
    if (checker.isArrayType(type)) return [`[${this.of(checker.getTypeArguments(type)[0], depth)[0] ?? ANY}]`];
    if (type.getCallSignatures().length) return [`(() => ${ANY})`];
    if (/Array$/.test(name ?? '') && name in globalThis) return [`new ${name}(2)`];
    if (name in RANKS && this.names.has(name)) return [RANKS[name](type, checker)];
    if (this.names.has(name)) return [`null! as tf.${name}${type.typeArguments?.length ? '<any>' : ''}`];
    const file = type.symbol?.declarations?.[0].getSourceFile().fileName ?? '';
    if (/\/typescript\/lib\//.test(file)) return [`null! as ${checker.typeToString(type)}`];
    return depth >= DEEPEST ? [ANY] : [this.literal(type, depth)];
  }

  literal(type, depth) {
    if (type.isClass()) return ANY;
    const fields = type.getProperties().map((p) => {
      const of = this.checker.getTypeOfSymbol(p);
      return `${JSON.stringify(p.name)}: ${this.of(of, depth + 1)[0] ?? ANY}`;
    });
    const index = type.getStringIndexType();
    if (index) fields.push(`a: ${this.of(index, depth + 1)[0] ?? ANY}`);
    return `{ ${fields.join(', ')} }`;
  }
}

/** Tensors of a rank by the name of the rank. */
const ranked = (type, checker) => {
  const rank = /Rank\.R(\d)/.exec(checker.typeToString(type))?.[1];
  return `null! as tf.${rank === undefined ? 'Tensor' : rank === '0' ? 'Scalar' : `Tensor${rank}D`}`;
};
const RANKS = { Tensor: ranked, Variable: () => 'null! as tf.Variable' };

// ---- calls ----

/** What may stand for the type parameters of a signature. */
function typeArguments(sampler, signature) {
  const given = signature.typeParameters?.map((t) => {
    const constraint = t.getConstraint(),
      name = constraint?.symbol?.name;
    if (name === 'Rank') return 'tf.Rank.R2';
    return constraint && sampler.names.has(name) && !constraint.typeArguments?.length ? `tf.${name}` : 'any';
  });
  return given ? `<${given.join(', ')}>` : '';
}

/** Argument lists of a signature: all arguments, only those that must be, and every other form of each. */
function forms(sampler, signature) {
  const parameters = signature.getParameters().map((p) => {
    const declaration = p.valueDeclaration,
      rest = Boolean(declaration?.dotDotDotToken);
    let type = sampler.checker.getTypeOfSymbol(p);
    if (rest && sampler.checker.isArrayType(type)) type = sampler.checker.getTypeArguments(type)[0];
    const optional = rest || Boolean(declaration?.questionToken || declaration?.initializer);
    const samples = sampler.of(type);
    return { optional, samples: samples.length ? samples : [ANY] };
  });
  const usual = parameters.map(({ samples }) => samples[0]),
    must = parameters.findIndex(({ optional }) => optional);
  const lists = [usual, ...(must >= 0 ? [usual.slice(0, must)] : [])];
  parameters.forEach(({ samples }, i) => {
    for (const other of samples.slice(1))
      lists.push([...usual.slice(0, i), other, ...(parameters[i + 1]?.optional ? [] : usual.slice(i + 1))]);
  });
  const texts = [...new Set(lists.map((list) => `(${list.join(', ')})`))],
    types = typeArguments(sampler, signature);
  return types ? [...texts, `${types}${texts[0]}`] : texts;
}

const isHidden = (symbol) =>
  symbol.name.startsWith('_') ||
  symbol.name.startsWith('#') ||
  (symbol.declarations ?? []).some(
    (d) => ts.getCombinedModifierFlags(d) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected),
  );

/** Every member of a class: calls of methods, reading of what is no method, and construction. */
function* ofClass(sampler, path, type, instance) {
  const { checker } = sampler,
    generic = instance.typeParameters?.length ?? 0;
  const self = `(null! as ${path}${generic ? `<${Array(generic).fill('any')}>` : ''})`;
  for (const signature of type.getConstructSignatures())
    if (!(
      type.symbol.valueDeclaration &&
      ts.getCombinedModifierFlags(type.symbol.valueDeclaration) & ts.ModifierFlags.Abstract
    ))
      for (const list of forms(sampler, signature)) yield [path, `new ${path}${list}`];
  for (const member of instance.getProperties().filter((m) => !isHidden(m))) {
    const name = `${path}.prototype.${member.name}`,
      signatures = checker.getTypeOfSymbol(member).getCallSignatures();
    if (!signatures.length) yield [name, `${self}.${member.name}`];
    for (const signature of signatures)
      for (const list of forms(sampler, signature)) yield [name, `${self}.${member.name}${list}`];
  }
}

function* ofNamespace(sampler, path, symbol, seen = new Set()) {
  const { checker } = sampler;
  if (seen.has(symbol)) return;
  seen.add(symbol);
  for (const exported of checker.getExportsOfModule(symbol)) {
    const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported,
      name = `${path}.${exported.name}`;
    if (isHidden(exported)) continue;
    if (
      target.flags & (ts.SymbolFlags.Module | ts.SymbolFlags.NamespaceModule) &&
      !(target.flags & ts.SymbolFlags.Function)
    ) {
      yield* ofNamespace(sampler, name, target, seen);
      continue;
    }
    if (!(target.flags & ts.SymbolFlags.Value)) continue;
    const type = checker.getTypeOfSymbol(target);
    if (target.flags & ts.SymbolFlags.Class)
      yield* ofClass(sampler, name, type, checker.getDeclaredTypeOfSymbol(target));
    else if (
      !type.getCallSignatures().length &&
      type.getProperties().some((p) => checker.getTypeOfSymbol(p).getCallSignatures().length)
    )
      yield* ofObject(sampler, name, type);
    else
      for (const signature of type.getCallSignatures())
        for (const list of forms(sampler, signature)) yield [name, `${name}${list}`];
  }
}

/** Objects of functions: tf.image, tf.train. */
function* ofObject(sampler, path, type) {
  for (const p of type.getProperties().filter((m) => !isHidden(m))) {
    const of = sampler.checker.getTypeOfSymbol(p);
    for (const signature of of.getCallSignatures())
      for (const list of forms(sampler, signature)) yield [`${path}.${p.name}`, `${path}.${p.name}${list}`];
  }
}

/** All calls: {name, code}, of names for which `wanted` is true; only what the peer's own typings accept. */
export function peerCalls(wanted) {
  const { program, source } = compile("import * as tf from 'tensorine'; export { tf };", PEER),
    checker = program.getTypeChecker();
  const names = new Set();
  const module = checker.getSymbolAtLocation(source.statements[0].moduleSpecifier);
  for (const symbol of checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (target.flags & ts.SymbolFlags.Type) names.add(symbol.name);
  }
  const calls = [...ofNamespace(new Sampler(checker, names), 'tf', module)]
    .filter(([name]) => wanted(name))
    .map(([name, code]) => ({ name, code }));
  const { wrong } = compile(programOf(calls), PEER);
  return { calls: calls.filter((_, i) => !wrong.has(i + 1)), left: calls.filter((_, i) => wrong.has(i + 1)) };
}

/** A call a line, from the second. */
export const programOf = (calls) =>
  ["import * as tf from 'tensorine';", ...calls.map(({ code }) => `void (${code});`)].join('\n');
