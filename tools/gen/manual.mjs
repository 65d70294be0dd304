// Writes the API manual, a page: every op with its parameters, results and examples, which run there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const TYPES = {
  tensor: 'tensor', int: 'whole number', float: 'number', bool: 'boolean', ints: 'number or numbers',
  list: 'tensors', pad: "'valid', 'same', number, or four pairs", text: 'number or text',
};

/** The title of a family: what its file says it holds, up to the first stop. */
function title(root, file) {
  const opening = /^\/\*\s*([^:.,(*]+)/.exec(readFileSync(join(root, file), 'utf8'));
  return opening ? opening[1].trim() : file;
}

const given = (op) => op.params.filter((p) => p.kind !== 'out');
const type = (p, enums) => (p.kind === 'enum' ? enums[p.ctype].map((s) => `'${s}'`).join(', ') : TYPES[p.kind] ?? p.kind);

function parameters(op, enums) {
  const rows = given(op).map((p) => `<tr><td><code>${p.name}</code></td><td>${escape(type(p, enums))}</td>` +
    `<td>${p.default === undefined ? '' : `<code>${escape(p.default)}</code>`}</td><td>${escape(p.doc ?? '')}</td></tr>`);
  const results = op.results.map((r) => `<tr class="result"><td>→ <code>${r.name}</code></td><td>tensor${op.list ? 's' : ''}</td><td></td><td>${escape(r.doc)}</td></tr>`);
  return `<table><thead><tr><th>name</th><th>type</th><th>default</th><th></th></tr></thead><tbody>${rows.join('')}${results.join('')}</tbody></table>`;
}

const example = (e) => `<div class="example"><pre><code>${escape(e.code)}</code>\n<samp>// ${escape(e.result)}</samp></pre><button class="run">Run</button></div>`;

const section = (op, enums) => `<section class="card op" id="${op.path}">
<h3><a href="#${op.path}">tf.${op.path}</a><span>(${given(op).map((p) => p.name + (p.default === undefined ? '' : '?')).join(', ')})</span></h3>
<p>${escape(op.summary)}</p>${op.remarks.length ? `<p class="faint">${escape(op.remarks.join(' '))}</p>` : ''}
${parameters(op, enums)}
${op.examples.map(example).join('\n')}
</section>`;

const STYLE = `
.layout { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2rem; align-items: start; }
nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; font-size: .92rem; }
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
.example { position: relative; margin-top: .5rem; }
.example pre { white-space: pre-wrap; overflow-wrap: anywhere; padding-right: 5rem; }
.example samp { opacity: .7; font: inherit; }
.example button { position: absolute; top: .45rem; right: .45rem; min-height: 2rem; padding: .1rem .7rem; background: #3a352d; border-color: #5a5348; color: #f5efe3; }
@media (max-width: 760px) { .layout { grid-template-columns: minmax(0, 1fr); } nav { position: static; max-height: 14rem; } }`;

const SCRIPT = `
import * as tf from '../../dist/tensorine.mjs';
globalThis.tf = tf;
const values = (y) => JSON.stringify(y instanceof tf.Tensor ? y.arraySync() : Array.isArray(y) ? y.map((t) => t.arraySync())
  : Object.fromEntries(Object.entries(y).map(([key, t]) => [key, t.arraySync()])));
function answer(code) {
  try { return tf.tidy(() => values(new Function('tf', 'return (' + code + ')')(tf))); } catch (error) { return error.message; }
}
for (const code of document.querySelectorAll('.example code')) Object.assign(code, { contentEditable: 'plaintext-only', spellcheck: false });
document.addEventListener('click', ({ target }) => {
  if (!target.matches('.run')) return;
  const pre = target.previousElementSibling;
  pre.querySelector('samp').textContent = '// ' + answer(pre.querySelector('code').textContent);
});
const search = document.querySelector('#search');
search.addEventListener('input', () => {
  const words = search.value.toLowerCase().split(/\\s+/);
  const shown = (text) => words.every((word) => text.toLowerCase().includes(word));
  for (const op of document.querySelectorAll('.op')) op.hidden = !shown(op.id + ' ' + op.querySelector('p').textContent);
  for (const link of document.querySelectorAll('nav a')) link.hidden = document.getElementById(link.hash.slice(1)).hidden;
  for (const group of document.querySelectorAll('nav div, .family')) group.hidden = ![...group.querySelectorAll('a[href^="#"]')].some((a) => !a.hidden && !a.closest('[hidden]'));
});`;

/** The page's text; `root` is where the sources are. */
export function manual({ ops, enums }, root) {
  const families = new Map();
  for (const op of ops) families.set(op.file, [...(families.get(op.file) ?? []), op]);
  const titles = new Map([...families.keys()].map((file) => [file, title(root, file)]));
  const links = [...families].map(([file, list]) =>
    `<div><h2>${escape(titles.get(file))}</h2>${list.map((op) => `<a href="#${op.path}">${op.path}</a>`).join('')}</div>`);
  const parts = [...families].map(([file, list]) =>
    `<div class="family"><h2>${escape(titles.get(file))}</h2>${list.map((op) => section(op, enums)).join('\n')}</div>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tensorine: the ops</title>
<link rel="icon" href="../logo.svg"><link rel="stylesheet" href="../style.css">
<style>${STYLE}
</style>
</head>
<body><div class="page">
<header class="bar"><a class="brand" href="../"><img src="../logo.svg" alt="">Tensorine</a></header>
<main><h1>The ops</h1>
<p class="lead">Where a tensor is taken, a number or nested arrays will do. Ops whose first parameter is a tensor are methods
of Tensor too: <code>x.add(1)</code>. Examples can be changed and run.</p>
<div class="layout"><nav aria-label="Ops"><input id="search" type="search" placeholder="search" aria-label="search">${links.join('\n')}</nav>
<div>${parts.join('\n')}</div></div></main>
</div>
<script type="module">${SCRIPT}
</script>
</body></html>
`;
}
