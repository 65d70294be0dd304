// Draws the folders of src/ and js/, and which of them include or import which, into docs/ARCHITECTURE.md:
// `make folders`. What other arrows already say is left out.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderOf, importsOf, sources } from '../tests/lib/imports.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(root, 'src'),
  page = join(root, 'docs/ARCHITECTURE.md');

/** Folder -> set of the folders that its files lead to; `pairs`: a file's folder and those it names. */
function edgesOf(pairs) {
  const edges = new Map();
  for (const [from, named] of pairs)
    edges.set(from, new Set([...(edges.get(from) ?? []), ...named.filter((folder) => folder !== from)]));
  return edges;
}

function includes() {
  const files = readdirSync(src, { recursive: true }).filter((name) => /\.[ch]$/.test(name));
  const named = (file) =>
    readFileSync(join(src, file), 'utf8').matchAll(/^#include "([^"]+)\/(?![^"]*\.gen\.h)[^"/]+"/gm);
  return edgesOf(files.map((file) => [dirname(file), [...named(file)].map(([, folder]) => folder)]));
}

const nameOf = (file) => (folderOf(file) === '.' ? 'index' : folderOf(file));
const imports = () => edgesOf(sources().map((file) => [nameOf(file), importsOf(file).map(nameOf)]));

const reaches = (edges, from, to) =>
  [...(edges.get(from) ?? [])].some((next) => next === to || reaches(edges, next, to));

function diagram(edges) {
  const id = (folder) => folder.replaceAll('/', '_');
  const lines = [...edges.keys()].sort().map((folder) => `  ${id(folder)}["${folder}"]`);
  for (const [from, all] of [...edges].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const to of [...all].sort())
      if (![...all].some((other) => other !== to && reaches(edges, other, to)))
        lines.push(`  ${id(from)} --> ${id(to)}`);
  return ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n');
}

let text = readFileSync(page, 'utf8');
for (const [name, edges] of Object.entries({ 'folders of src': includes(), 'folders of js': imports() }))
  text = text.replace(new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- end -->)`), `$1${diagram(edges)}\n$2`);
writeFileSync(page, text);
