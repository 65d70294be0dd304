// An ESLint rule for js/: imports stand at the top, those of the lowest folder first, then by path; in braces values
// come before types, each in the order of the alphabet.
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderOf, FOLDERS } from '../tests/lib/imports.mjs';

const js = join(dirname(fileURLToPath(import.meta.url)), '../js');
const MESSAGE = 'Imports stand by folder, the lowest first, then by path; names in braces by the alphabet, types last.';

const byLetters = (a, b) => a.toLowerCase().localeCompare(b.toLowerCase()) || (a < b ? -1 : 1);

/** A file's place among imports: modules that are not files of js/ come first. */
function placeOf(path, file) {
  if (!path.startsWith('.')) return [-1, path];
  const target = relative(js, join(dirname(file), path)).replaceAll('\\', '/');
  return [FOLDERS.indexOf(folderOf(target)), target];
}

function inOrder(nodes, file) {
  const place = (node) => placeOf(node.source.value, file);
  return [...nodes].sort((a, b) => {
    const [[low, path], [high, other]] = [place(a), place(b)];
    return low - high || byLetters(path, other);
  });
}

/** A comment behind an import, on its line. */
function remark(node, source) {
  const [next] = source.getCommentsAfter(node);
  return next?.loc.start.line === node.loc.end.line ? ` ${source.getText(next)}` : '';
}

/** The text of an import with its names in order. */
function sorted(node, source) {
  const named = node.specifiers.filter(({ type }) => type === 'ImportSpecifier');
  if (named.length < 2) return source.getText(node);
  const isType = (one) => Number(one.importKind === 'type');
  const names = [...named].sort((a, b) => isType(a) - isType(b) || byLetters(a.imported.name, b.imported.name));
  const [start, end] = [named[0].range[0] - node.range[0], named.at(-1).range[1] - node.range[0]];
  const text = source.getText(node);
  if (names.every((one, i) => one === named[i])) return text;
  return text.slice(0, start) + names.map((one) => source.getText(one)).join(', ') + text.slice(end);
}

export const importOrder = {
  meta: { type: 'layout', fixable: 'code', schema: [] },
  create: ({ filename, sourceCode: source, report }) => ({
    Program({ body }) {
      const nodes = body.filter(({ type }) => type === 'ImportDeclaration');
      if (!nodes.length) return;
      const wanted = inOrder(nodes, filename)
        .map((node) => sorted(node, source) + remark(node, source))
        .join('\n');
      const last = nodes.at(-1),
        range = [nodes[0].range[0], last.range[1] + remark(last, source).length];
      if (source.text.slice(...range) === wanted) return;
      report({ node: nodes[0], message: MESSAGE, fix: (fixer) => fixer.replaceTextRange(range, wanted) });
    },
  }),
};
