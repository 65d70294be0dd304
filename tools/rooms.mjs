// Draws the folders of src/ and which of them include which into docs/ARCHITECTURE.md: `make rooms`.
// Only what is not said by another arrow: an include of a folder that an included folder includes is left out.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(root, 'src'),
  page = join(root, 'docs/ARCHITECTURE.md');

/** Folder -> set of folders that its files include. */
function includes() {
  const edges = new Map();
  for (const file of readdirSync(src, { recursive: true }).filter((name) => /\.[ch]$/.test(name))) {
    const from = dirname(file),
      to = edges.get(from) ?? new Set();
    edges.set(from, to);
    for (const [, path] of readFileSync(join(src, file), 'utf8').matchAll(/^#include "([^"]+)\/[^"/]+"/gm))
      if (path !== from) to.add(path);
  }
  return edges;
}

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

const text = readFileSync(page, 'utf8');
writeFileSync(page, text.replace(/(<!-- rooms -->\n)[^]*?(<!-- end -->)/, `$1${diagram(includes())}\n$2`));
