// Writes the API manual, a page: every op and layer with its parameters and examples, which run there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJavaScript } from './javascript.mjs';

const escape = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** The title of a family: what its file says it holds, up to the first stop. */
function title(root, file) {
  const opening = /^\/\*\s*([^:.(*]+)/.exec(readFileSync(join(root, file), 'utf8'));
  return opening ? opening[1].trim() : file;
}

// ---- what is declared, as entries of one form: {path, call, summary, remarks, rows, examples}

const given = (op) => op.params.filter((p) => p.kind !== 'out');

/** A type as the manual has it: as the declaration, an enum by its spellings. */
const shown = (type) => type.choices?.map((c) => `'${c}'`).join(', ') ?? type.text;

function ofOp(op) {
  return {
    ...op,
    call: `(${given(op)
      .map((p) => (p.rest ? '...' : '') + p.name + (p.default === undefined ? '' : '?'))
      .join(', ')})`,
    rows: [
      ...given(op).map((p) => [p.name, shown(p.type), p.default, p.doc]),
      ...op.results.map((r) => [`→ ${r.name}`, shown(r.type), undefined, r.doc]),
    ],
  };
}

const KINDS = {
  layer: 'layers',
  initializer: 'initializers',
  regularizer: 'regularizers',
  constraint: 'constraints',
  optimizer: 'train',
  schedule: 'train',
  metric_class: 'metrics',
};

function ofLayer(declared, kind) {
  const { name, fields, results } = declared;
  return {
    ...declared,
    path: `${KINDS[kind]}.${kind === 'metric_class' ? declared.className : name}`,
    call: fields.length
      ? `({${fields
          .filter((f) => !f.group)
          .map((f) => f.name + (f.default === undefined ? '' : '?'))
          .join(', ')}})`
      : '()',
    rows: [
      ...fields.map((f) => [f.name, shown({ ...f, text: f.type }), f.default, f.doc]),
      ...results.map((r) => [`→ ${r.name}`, shown(r.type), undefined, r.doc]),
    ],
  };
}

/** Losses, metrics and activations go by name, in compile() or a layer's config. */
const ofName = (declared, kind) => ({
  ...declared,
  path: `${kind}: ${declared.name}`,
  call: declared.also.length ? ` or ${declared.also.join(', ')}` : '',
  remarks: [],
  rows: [],
  examples: [],
});

/** Entries by the title of their family. */
export function familiesOf({ ops }, layers, root) {
  const found = new Map();
  const add = (family, entry) => found.set(family, [...(found.get(family) ?? []), entry]);
  for (const op of ops) add(title(root, op.file), ofOp(op));
  for (const kind of Object.keys(KINDS))
    for (const declared of layers[kind]) add(title(root, declared.file), ofLayer(declared, kind));
  for (const kind of ['activation', 'loss', 'metric'])
    for (const declared of layers[kind]) add(`By name: ${kind}`, ofName(declared, kind));
  for (const [family, entries] of readJavaScript(root))
    for (const entry of entries) if (!has(found, entry)) add(family, entry);
  return found;
}

const has = (families, { path }) => [...families.values()].some((list) => list.some((entry) => entry.path === path));

// ---- the page

const cell = (text, code) =>
  `<td>${text === undefined ? '' : code ? `<code>${escape(text)}</code>` : escape(text)}</td>`;

function table(rows) {
  const lines = rows.map(
    ([name, type, initial, doc]) => `<tr>${cell(name, true)}${cell(type)}${cell(initial, true)}${cell(doc ?? '')}</tr>`,
  );
  return rows.length
    ? `<table><thead><tr><th>name</th><th>type</th><th>default</th><th></th></tr></thead><tbody>${lines.join('')}</tbody></table>`
    : '';
}

const example = (e) =>
  `<div class="example"><pre><code>${escape(e.code)}</code>\n<samp>// ${escape(e.result)}</samp></pre><button class="run">Run</button></div>`;
const link = (entry) => entry.path.replace(/\W+/g, '.');
const spoken = (entry) => (/: /.test(entry.path) ? `'${entry.name}'` : `tf.${entry.path}`);

const anchors = (paths) => paths.map((path) => `<span id="${link({ path })}"></span>`).join('');
const also = (paths) => (paths?.length ? ` Also ${paths.map((path) => `tf.${path}`).join(', ')}.` : '');

/** What a class has: methods and properties. */
const member = (entry) => `<div class="member" id="${link(entry)}">
<h4>${spoken(entry).replace('.prototype', '')}<span>${entry.call}</span></h4>
${entry.summary ? `<p>${escape(entry.summary)}</p>` : ''}
${table(entry.rows)}
${entry.examples.map(example).join('\n')}
</div>`;
const members = (list) =>
  list?.length ? `<details><summary>${list.length} members</summary>${list.map(member).join('\n')}</details>` : '';

const section = (entry) => `<section class="card op" id="${link(entry)}">${anchors(entry.alias ?? [])}
<h3><a href="#${link(entry)}">${spoken(entry)}</a><span>${entry.call}</span></h3>
<p>${escape(entry.summary)}${also(entry.alias)}</p>${entry.remarks.length ? `<p class="faint">${escape(entry.remarks.join(' '))}</p>` : ''}
${table(entry.rows)}
${entry.examples.map(example).join('\n')}
${members(entry.members)}
</section>`;

const STYLE = `
.layout { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2rem; align-items: start; }
nav { position: sticky; top: 1rem; padding: 4px; max-height: calc(100vh - 2rem); overflow-y: auto; font-size: .92rem; }
nav input { width: 100%; margin-bottom: .6rem; }
nav h2 { margin: .9rem 0 .2rem; font-size: .95rem; }
nav a { display: block; padding: .08rem 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
.op { margin-bottom: 1rem; scroll-margin-top: 1rem; overflow-x: auto; }
.op h3 { margin: 0 0 .3rem; font: 600 1.05rem ui-monospace, monospace; overflow-wrap: anywhere; }
.op h3 a { color: inherit; text-decoration: none; }
.op h3 span { color: var(--faint); font-weight: 400; }
table { width: 100%; margin: .5rem 0; border-collapse: collapse; font-size: .92rem; }
th { color: var(--faint); font-weight: 500; text-align: left; }
th, td { padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.member { margin: .8rem 0 0 1rem; }
.member h4 { margin: 0 0 .2rem; font: 600 .95rem ui-monospace, monospace; overflow-wrap: anywhere; }
.member h4 span { color: var(--faint); font-weight: 400; }
.example { position: relative; margin-top: .5rem; }
.example pre { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 5rem; }
.example samp { opacity: .7; font: inherit; }
.example button { position: absolute; top: .45rem; right: .45rem; min-height: 2rem; padding: .1rem .7rem;
  background: #3a352d; border-color: #5a5348; color: #f5efe3; }
@media (max-width: 760px) { .layout { grid-template-columns: minmax(0, 1fr); } nav { position: static; max-height: 14rem; } }`;

const SCRIPT = `
import * as tf from '../../dist/tensorine.mjs';
globalThis.tf = tf;
const plain = (y) => y instanceof tf.Tensor ? y.arraySync() : Array.isArray(y) ? y.map(plain)
  : y !== null && typeof y === 'object' ? Object.fromEntries(Object.entries(y).map(([key, v]) => [key, plain(v)])) : y;
const short = (key, v) => typeof v !== 'number' ? v : Number.isFinite(v) ? Number(v.toPrecision(7)) : String(v);
const values = (y) => JSON.stringify(plain(y), short);
async function answer(code) {
  try {
    return await tf.tidy(async () => values(await new Function('tf', 'return (async () => (' + code + '))()')(tf)));
  } catch (error) { return error.message; }
}
for (const code of document.querySelectorAll('.example code')) Object.assign(code, { contentEditable: 'plaintext-only', spellcheck: false });
document.addEventListener('click', async ({ target }) => {
  if (!target.matches('.run')) return;
  const pre = target.previousElementSibling, samp = pre.querySelector('samp');
  target.disabled = true;
  samp.textContent = '// ' + await answer(pre.querySelector('code').textContent);
  target.disabled = false;
});
const search = document.querySelector('#search');
search.addEventListener('input', () => {
  const words = search.value.toLowerCase().split(/\\s+/);
  const shown = (text) => words.every((word) => text.toLowerCase().includes(word));
  const ids = (op) => [op, ...op.querySelectorAll('[id]')].map((part) => part.id).join(' ');
  for (const op of document.querySelectorAll('.op')) op.hidden = !shown(ids(op) + ' ' + op.querySelector('p').textContent);
  for (const link of document.querySelectorAll('nav a')) link.hidden = document.getElementById(link.hash.slice(1)).hidden;
  for (const group of document.querySelectorAll('nav div, .family'))
    group.hidden = ![...group.querySelectorAll('nav a, .op')].some((part) => !part.hidden);
});`;

/** The page's text; `root` is where the sources are. */
export function manual(declared, layers, root) {
  const families = [...familiesOf(declared, layers, root)];
  const links = families.map(
    ([name, list]) =>
      `<div><h2>${escape(name)}</h2>${list.map((entry) => `<a href="#${link(entry)}">${entry.name}</a>`).join('')}</div>`,
  );
  const parts = families.map(
    ([name, list]) => `<div class="family"><h2>${escape(name)}</h2>${list.map(section).join('\n')}</div>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tensorine: the manual</title>
<link rel="icon" href="../logo.svg"><link rel="stylesheet" href="../style.css">
<style>${STYLE}
</style>
</head>
<body><div class="page">
<header class="bar"><a class="brand" href="../"><img src="../logo.svg" alt="">Tensorine</a></header>
<main><h1>The manual</h1>
<p class="lead">Where a tensor is taken, a number or nested arrays will do. Ops whose first parameter is a tensor are methods
of Tensor too: <code>x.add(1)</code>. Examples can be changed and run.</p>
<div class="layout"><nav aria-label="All"><input id="search" type="search" placeholder="search" aria-label="search">${links.join('\n')}</nav>
<div>${parts.join('\n')}</div></div></main>
</div>
<script type="module">${SCRIPT}
</script>
</body></html>
`;
}
