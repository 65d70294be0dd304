// Writes web/vis/index.html, the manual of tensorine/vis: every function with its options and its example, which draws
// beside it. Names, texts and examples are those of js/vis.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..'),
  folder = join(root, 'js/vis');
const parse = (name) =>
  ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true);
const escape = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const oneLine = (text) => text.replace(/\s+/g, ' ').trim();

/** A comment's text, code between backticks as code; a lone backtick is the key. */
const marked = (text) => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const index = parse('index.ts'),
  types = parse('types.ts');
const commentOf = (node) =>
  oneLine(node.jsDoc?.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join(' ') ?? '');

/** Where each name that index.ts imports is declared: {file, name}. */
const imports = new Map(
  index.statements
    .filter(ts.isImportDeclaration)
    .flatMap(({ importClause, moduleSpecifier }) =>
      importClause.namedBindings.elements.map((element) => [
        element.name.text,
        { file: `${moduleSpecifier.text.slice(2)}.ts`, name: (element.propertyName ?? element.name).text },
      ]),
    ),
);

/** What a function says of itself; an example is the text behind its tag. */
function functionOf({ file, name }, path) {
  const node = parse(file).statements.find((one) => ts.isFunctionDeclaration(one) && one.name.text === name);
  const example = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === 'example');
  const parameters = node.parameters.map((p) => ({
    name: p.name.text,
    optional: Boolean(p.initializer ?? p.questionToken),
    type: p.type?.getText() ?? '',
  }));
  return { path, text: commentOf(node), parameters, example: ts.getTextOfJSDocComment(example.comment) };
}

/** The functions of an object of index.ts. */
function group(name) {
  const declared = index.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((one) => one.name.text === name);
  return declared.initializer.properties.map((property) => {
    const local = (property.initializer ?? property.name).text;
    return functionOf(imports.get(local), `${name}.${property.name.text}`);
  });
}

/** Fields of an interface of types.ts, those of the interfaces it extends behind its own. */
function fieldsOf(name) {
  const node = types.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
  if (!node) return [];
  const own = node.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    type: oneLine(member.type.getText()),
    text: commentOf(member),
  }));
  const inherited = (node.heritageClauses ?? []).flatMap(({ types: list }) =>
    list.flatMap(({ expression }) => fieldsOf(expression.getText())),
  );
  return [...own, ...inherited];
}

const OPTIONS = /^\w+(Options|Opts|Data)$/;
function rows({ parameters }) {
  return parameters
    .filter(({ type }) => OPTIONS.test(type))
    .flatMap(({ name, type }) => fieldsOf(type).map((field) => ({ ...field, name: `${name}.${field.name}` })));
}

const table = (list) =>
  list.length
    ? `<details><summary>${list.length} fields of its arguments</summary><div class="scroll" tabindex="0" role="group" aria-label="Fields"><table>
${list.map(({ name, type, text }) => `<tr><td><code>${escape(name)}</code></td><td><code>${escape(type)}</code></td><td>${marked(text)}</td></tr>`).join('\n')}
</table></div></details>`
    : '';

const draws = (entry) => !/^(metrics|visor)/.test(entry.path);
const idOf = ({ path }) => path.replace(/\W/g, '-');
const callOf = ({ parameters }) => parameters.map(({ name, optional }) => name + (optional ? '?' : '')).join(', ');

const entryHTML = (entry) => `<section class="card entry" aria-labelledby="${idOf(entry)}">
<div>
<h3 id="${idOf(entry)}">tfvis.${entry.path}<small>(${callOf(entry)})</small></h3>
<p>${marked(entry.text)}</p>
<pre tabindex="0">${escape(entry.example)}</pre>
${table(rows(entry))}
</div>
${draws(entry) ? `<div class="drawn" data-of="${entry.path}"></div>` : entry.path === 'visor' ? '<button id="open">Open the visor</button>' : ''}
</section>`;

/** The example as a function that draws in a place of the page instead of the visor's. */
const runner = (entry) =>
  `'${entry.path}': async (place) => {\n${entry.example.replace(/\{ name: '[^']*', tab: '[^']*' \}/, 'place')}\n}`;

function page(groups) {
  const drawing = groups.flatMap(([, entries]) => entries.filter(draws));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Charts · Tensorine</title>
<link rel="icon" href="../logo.svg">
<link rel="stylesheet" href="../style.css">
<style>
main { --vis-accent: var(--accent); display: grid; gap: 1rem; }
h2 { margin: 1.2rem 0 0; font-size: 1.4rem; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
h3 small { font-weight: 400; }
.entry { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem 1.6rem; align-items: start; }
.entry pre { font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
.drawn { max-height: 520px; overflow: auto; }
details { margin-top: 0.7rem; }
summary { cursor: pointer; color: var(--accent); }
.scroll { overflow-x: auto; }
details td { padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line); font-size: 0.88rem; vertical-align: top; }
#open { justify-self: start; }
@media (max-width: 820px) { .entry { grid-template-columns: minmax(0, 1fr); } }
</style>
</head>
<body>
<div class="page">
<header class="bar"><a class="brand" href="../"><img src="../logo.svg" alt="">Tensorine</a></header>
<h1>Charts</h1>
<p class="lead"><code>tensorine/vis</code> shows training, models and tensors, with the names of tfjs-vis. What stands at the
right was drawn by the program at the left. A place is an element of the page, or <code>{ name, tab }</code> in the visor, a
panel at its side.</p>
<main class="waits">
${groups.map(([title, entries]) => `<h2>${title}</h2>\n${entries.map(entryHTML).join('\n')}`).join('\n')}
</main>
</div>
<script type="module">
import * as tf from '../../dist/tensorine.mjs';
import * as tfvis from '../../dist/vis.mjs';

const examples = {
${drawing.map(runner).join(',\n')}
};
document.documentElement.dataset.state = 'drawing';
for (const place of document.querySelectorAll('.drawn')) await examples[place.dataset.of](place);
document.querySelector('#open').addEventListener('click', async () => {
  for (const name of ['render.linechart', 'render.barchart', 'show.modelGraph'])
    await examples[name]({ name, tab: name.startsWith('show') ? 'Model' : 'Charts' });
  tfvis.visor().open();
});
document.documentElement.dataset.state = 'ready';
</script>
</body>
</html>
`;
}

const visor = functionOf({ file: 'visor.ts', name: 'visor' }, 'visor');
mkdirSync(join(root, 'web/vis'), { recursive: true });
writeFileSync(
  join(root, 'web/vis/index.html'),
  page([
    ['The visor', [visor]],
    ['Training, models and tensors', group('show')],
    ['Charts and tables', group('render')],
    ['Figures', group('metrics')],
  ]),
);
