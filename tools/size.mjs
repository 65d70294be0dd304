// What is shipped in bytes, and the sources against the limits of their form: 400 lines a file,
// 100 columns a line in C. Ends with 1 where a limit is broken.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { printSizes } from './build.mjs';

const LINES = 400, COLUMNS = 100, SHIPPED_KB = 150;
const CODE = new Set(['.c', '.h', '.ts', '.mjs', '.js', '.frag', '.glsl', '.sh', '.mk']);

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && path !== 'js/generated') yield* filesIn(path);
    else if (entry.isFile() && CODE.has(extname(path))) yield path;
  }
}

const faults = [];
if (printSizes()['tensorine.js'] > SHIPPED_KB * 1024)
  faults.push(`dist/tensorine.js is over ${SHIPPED_KB} KB gz`);

for (const folder of ['src', 'shaders', 'js', 'tests', 'tools', 'demo', 'web']) {
  if (!statSync(folder, { throwIfNoEntry: false })) continue;
  let files = 0, lines = 0;
  for (const path of filesIn(folder)) {
    const text = readFileSync(path, 'utf8').split('\n');
    files++;
    lines += text.length - 1;
    if (text.length - 1 > LINES) faults.push(`${path} has ${text.length - 1} lines, ${LINES} are allowed`);
    if (!/\.[ch]$/.test(path)) continue;
    const long = text.findIndex((line) => line.length > COLUMNS);
    if (long >= 0) faults.push(`${path}:${long + 1} has ${text[long].length} columns, ${COLUMNS} are allowed`);
  }
  console.log(`${folder.padEnd(27)}${String(lines).padStart(7)} lines in ${files} files`);
}

for (const fault of faults) console.log(`over: ${fault}`);
process.exitCode = faults.length ? 1 : 0;
