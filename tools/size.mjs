// What is shipped in bytes, and how many lines the sources have. Limits are in check.mjs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { printSizes } from './build.mjs';

const CODE = new Set(['.c', '.h', '.ts', '.mjs', '.js', '.frag', '.glsl', '.sh', '.mk']);

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && path !== 'js/generated') yield* filesIn(path);
    else if (entry.isFile() && CODE.has(extname(path))) yield path;
  }
}

printSizes();
for (const folder of ['src', 'shaders', 'js', 'tests', 'tools', 'demo', 'web']) {
  if (!statSync(folder, { throwIfNoEntry: false })) continue;
  const counts = [...filesIn(folder)].map((path) => readFileSync(path, 'utf8').split('\n').length - 1);
  const lines = counts.reduce((a, b) => a + b, 0);
  console.log(`${folder.padEnd(27)}${String(lines).padStart(7)} lines in ${counts.length} files`);
}
