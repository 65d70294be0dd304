// The public names of the library, as TypeScript sees js/index.ts: functions, constants, classes and their
// members; what packages built on TensorFlow.js use beside them (js/compat) left out.
import { join } from 'node:path';
import ts from 'typescript';

const COMPAT = /\/js\/(compat\/|core\/kernel_names)/;

export const isInternal = (symbol) => symbol.getJsDocTags().some(({ name }) => name === 'internal');
const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
/** Members that no program should name: private ones, and those that begin with _. */
export const isHidden = (name, declaration) =>
  /^_/.test(name) || name === 'prototype' || !declaration || Boolean(ts.getCombinedModifierFlags(declaration) & HIDDEN);

/** {path: 'layers.dense' or 'Tensor.prototype.data', kind, doc, tags, file, symbol} of each, and the compiler's checker;
 * of overridden members the first. */
export function publicSymbols(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([join(root, 'js/index.ts')], options),
    checker = program.getTypeChecker();
  const found = new Map();

  const note = (path, kind, symbol) => {
    const [declaration] = symbol.declarations ?? [];
    const file = declaration?.getSourceFile().fileName ?? '';
    if (found.has(path) || isInternal(symbol) || COMPAT.test(file)) return;
    found.set(path, {
      path,
      kind,
      file: file.slice(root.length + 1),
      doc: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      tags: symbol.getJsDocTags(checker),
      symbol,
      parameters: parameters(declaration),
    });
  };
  const parameters = (declaration) => {
    const signed = declaration && (ts.isFunctionLike(declaration) ? declaration : declaration.initializer);
    return signed && ts.isFunctionLike(signed)
      ? signed.parameters.map((p) => p.name.getText()).filter((name) => name !== 'this')
      : [];
  };
  const members = (path, symbol) => {
    for (const [symbols, prefix] of [
      [symbol.members, `${path}.prototype.`],
      [symbol.exports, `${path}.`],
    ])
      for (const [name, member] of symbols ?? []) {
        const text = String(name);
        if (isHidden(text, member.declarations?.[0])) continue;
        if (member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor | ts.SymbolFlags.Property))
          note(prefix + text, 'member', member);
      }
  };
  const walk = (module, prefix) => {
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const path = prefix + exported.name;
      if (symbol.flags & ts.SymbolFlags.ValueModule) {
        if (!COMPAT.test(symbol.declarations[0].getSourceFile().fileName)) walk(symbol, `${path}.`);
      } else if (symbol.flags & ts.SymbolFlags.Class) {
        note(path, 'class', symbol);
        if (found.has(path)) members(path, symbol);
      } else if (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable))
        note(path, symbol.flags & ts.SymbolFlags.Function ? 'function' : 'constant', symbol);
      else if (symbol.flags & ts.SymbolFlags.Enum) note(path, 'constant', symbol);
    }
  };
  walk(checker.getSymbolAtLocation(program.getSourceFile(join(root, 'js/index.ts'))), '');
  return { checker, names: [...found.values()] };
}

export const publicNames = (root) => publicSymbols(root).names;
