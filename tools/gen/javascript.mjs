// What js/ exports by hand, beside the generated ops and layers, as entries of the manual: the compiler says what
// there is, of which types, and with which comments. A family is the file that declares a name.
import { relative } from 'node:path';
import ts from 'typescript';
import { isHidden, isInternal, publicSymbols } from './names.mjs';

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
const docOf = (symbol, checker) => oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)));

/** The title of a family: what its file says it holds, up to the first stop or colon. */
function titleOf(source) {
  const opening = /^(?:\/\/ .*\n)+/.exec(source.text)?.[0].replace(/^\/\/ /gm, '') ?? source.fileName;
  return /^(.*?)(?:[.:](?:\s|$)|$)/.exec(oneLine(opening))[1];
}

/** What the comment of its function says of a parameter. */
const paramDoc = ({ valueDeclaration }) =>
  oneLine(
    ts
      .getJSDocParameterTags(valueDeclaration)
      .map((tag) => ts.getTextOfJSDocComment(tag.comment))
      .join(' '),
  );

function examplesOf(tags) {
  return tags
    .filter(({ name }) => name === 'example')
    .map(({ text }) => /^(.*?) \/\/ (.*)$/s.exec(ts.displayPartsToString(text)))
    .filter(Boolean)
    .map(([, code, result]) => ({ code, result: result.trim() }));
}

/** A type as the source has it, or as the compiler infers it. */
function typeText(symbol, checker) {
  const declaration = symbol.valueDeclaration;
  const text =
    declaration.type?.getText() ??
    checker.typeToString(
      checker.getTypeOfSymbolAtLocation(symbol, declaration),
      declaration,
      ts.TypeFormatFlags.NoTruncation,
    );
  return oneLine(text).replace(/T \| TensorLike/g, 'TensorLike');
}

/** What may be left out has a default, which is '' where only the function knows it. */
const defaultOf = ({ initializer, questionToken }) => initializer?.getText() ?? (questionToken ? '' : undefined);

/** Whether a declaration is one of js/, and not generated. */
const byHand = (declaration, root) => /^js\/(?!generated\/)/.test(relative(root, declaration.getSourceFile().fileName));

/** The fields of an object that is a parameter, if an interface of js/ declares them. */
function options(parameter, checker, root) {
  const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(parameter, parameter.valueDeclaration));
  const declared = type.symbol?.declarations?.[0];
  if (!declared || !(ts.isInterfaceDeclaration(declared) || ts.isTypeLiteralNode(declared))) return [];
  if (!byHand(declared, root)) return [];
  return checker
    .getPropertiesOfType(type)
    .filter((field) => field.valueDeclaration && !isHidden(field.name, field.valueDeclaration) && !isInternal(field))
    .map((field) => [
      `${parameter.name}.${field.name}`,
      typeText(field, checker),
      field.valueDeclaration.questionToken ? '' : undefined,
      docOf(field, checker),
    ]);
}

/** How a symbol is called: the text behind its name, and a row for each parameter and field of one. */
function calling(symbol, tags, checker, root) {
  const type = checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration);
  const isClass = Boolean(symbol.flags & ts.SymbolFlags.Class),
    [signature] = isClass ? type.getConstructSignatures() : checker.getNonNullableType(type).getCallSignatures();
  if (!signature) return { call: isClass ? '()' : '', rows: [] };
  const made = signature.declaration;
  const internal = made && ts.getJSDocTags(made).some((tag) => tag.tagName.text === 'internal');
  const parameters = internal ? [] : signature.parameters.filter((p) => p.valueDeclaration);
  const rows = parameters.flatMap((p) => {
    const { dotDotDotToken, name } = p.valueDeclaration;
    const row = [
      (dotDotDotToken ? '...' : '') + name.getText(),
      typeText(p, checker),
      defaultOf(p.valueDeclaration),
      paramDoc(p),
    ];
    return [row, ...options(p, checker, root)];
  });
  const given = rows.filter(([name]) => !/^\w+\./.test(name));
  const result = tags.find(({ name }) => name === 'returns');
  if (result) rows.push(['→ result', '', undefined, oneLine(ts.displayPartsToString(result.text))]);
  return { call: `(${given.map(([name, , initial]) => name + (initial === undefined ? '' : '?')).join(', ')})`, rows };
}

/** Methods and properties of a class, and of what it extends that is not public. */
function membersOf(path, symbol, checker, root, isPublic) {
  const found = [];
  const add = (prefix, list) => {
    for (const [key, member] of list ?? []) {
      const declaration = member.valueDeclaration,
        name = String(key);
      if (isHidden(name, declaration) || isInternal(member) || !byHand(declaration, root)) continue;
      if (!(member.flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Accessor | ts.SymbolFlags.Property))) continue;
      const tags = member.getJsDocTags(checker);
      found.push({
        path: `${prefix}.${name}`,
        name,
        summary: docOf(member, checker),
        ...calling(member, tags, checker, root),
        examples: examplesOf(tags),
      });
    }
  };
  for (let at = symbol; at && (at === symbol || !isPublic(at));) {
    add(`${path}.prototype`, at.members);
    add(path, at.exports);
    at = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(at))[0]?.symbol;
  }
  const known = new Set();
  return found.filter(({ path: own }) => !known.has(own) && known.add(own));
}

/** Objects that hold what is declared elsewhere, {earlyStopping}: their members are names too. */
function held({ path, symbol }, checker) {
  const { initializer } = symbol.valueDeclaration ?? {};
  if (!initializer || !ts.isObjectLiteralExpression(initializer)) return [];
  return initializer.properties.filter(ts.isShorthandPropertyAssignment).map((property) => {
    const value = checker.getShorthandAssignmentValueSymbol(property);
    const made = value.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(value) : value;
    return { path: `${path}.${property.name.text}`, symbol: made };
  });
}

/** All paths of each symbol: first that in a namespace, last those in objects. */
function byDeclaration({ names, checker }) {
  const paths = new Map(),
    depth = ({ path }) => Math.abs(path.split('.').length - 2);
  const declared = names.filter(({ kind, file }) => kind !== 'member' && !file.startsWith('js/generated/'));
  const inObjects = declared.flatMap((entry) => held(entry, checker));
  for (const { path, symbol } of [...declared.sort((a, b) => depth(a) - depth(b)), ...inObjects])
    paths.set(symbol, [...(paths.get(symbol) ?? []), path]);
  return paths;
}

const read = new Map();

/** Families of entries: [[title, entries]]; an entry has `alias`, further paths of the same thing, and `members`. */
export function readJavaScript(root) {
  if (!read.has(root)) read.set(root, families(root));
  return read.get(root);
}

function families(root) {
  const found = publicSymbols(root),
    { checker } = found,
    paths = byDeclaration(found),
    titles = new Map();
  for (const [symbol, [path, ...alias]] of paths) {
    const tags = symbol.getJsDocTags(checker),
      title = titleOf(symbol.valueDeclaration.getSourceFile());
    const entry = {
      path,
      alias,
      name: path.split('.').pop(),
      summary: docOf(symbol, checker),
      remarks: [],
      ...calling(symbol, tags, checker, root),
      examples: examplesOf(tags),
      members:
        symbol.flags & ts.SymbolFlags.Class ? membersOf(path, symbol, checker, root, (other) => paths.has(other)) : [],
    };
    titles.set(title, [...(titles.get(title) ?? []), entry]);
  }
  return [...titles];
}
