// The rules that need no program to run: `make check`, or by name `node tools/check.mjs format types`. Prints what
// breaks each rule, then "N passed, M failed"; --tap prints TAP instead, for `make test`.
import { execFile, execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '../..');
const bin = (name) => join(root, 'node_modules/.bin', name);

/** Most lines a file and columns a line may have; what is data, or was written by a tool, is not counted. */
const LINES = 400,
  COLUMNS = { '.c': 100, '.h': 100, '.ts': 120, '.mjs': 160 };
/** Lines that cannot be broken: an example of a manual, an address, a text or pattern of more than 40 characters. */
const LONG = /^\s*(\*\* >|\* @example|")|https?:\/\/\S{60,}|(['"`/]).{40,}\2/;
/** Files that are still longer than that, and may not grow. */
const LONGER = {
  'js/core/lower.ts': 510,
  'js/core/tensor.ts': 420,
  'js/data/iterator.ts': 505,
  'js/graph/model.ts': 465,
  'js/nn/layer.ts': 525,
  'js/models/model.ts': 490,
};
/** Most KB each file that is shipped may have, compressed. */
const BUDGET = { 'tensorine.js': 495, 'tensorine.mjs': 532, 'multi/tensorine.wasm': 352 };

const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const under = (pattern, ...folders) =>
  files.filter((file) => pattern.test(file) && folders.some((folder) => file.startsWith(folder)));

/** What a command printed if it failed, else nothing. */
function run(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}`.trim() : ''),
    );
  });
}

/** The same for many files, on two processes. */
async function runOver(command, args, list, after = []) {
  const half = Math.ceil(list.length / 2);
  const outs = await Promise.all(
    [list.slice(0, half), list.slice(half)].map((part) => run(command, [...args, ...part, ...after])),
  );
  return outs.filter(Boolean).join('\n');
}

function longLines() {
  const faults = [];
  for (const file of under(/\.(c|h|ts|mjs)$/, 'src', 'js', 'tests', 'tools', 'web', 'demo')) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n'),
      columns = COLUMNS[extname(file)];
    lines.forEach((line, i) => {
      if (line.length > columns && !LONG.test(line))
        faults.push(`${file}:${i + 1} has ${line.length} columns, ${columns} are allowed`);
    });
  }
  return faults.join('\n');
}

function longFiles() {
  return under(/\.(c|h|ts)$/, 'src', 'js')
    .map((file) => [file, readFileSync(join(root, file), 'utf8').split('\n').length - 1])
    .filter(([file, lines]) => lines > (LONGER[file] ?? LINES))
    .map(([file, lines]) => `${file} has ${lines} lines, ${LINES} are allowed`)
    .join('\n');
}

function sizes() {
  return Object.entries(BUDGET)
    .map(([name, most]) => [name, most, gzipSync(readFileSync(join(root, 'dist', name)), { level: 9 }).length / 1024])
    .filter(([, most, kb]) => kb > most)
    .map(([name, most, kb]) => `dist/${name} has ${kb.toFixed(1)} KB gz, ${most} are allowed`)
    .join('\n');
}

function tidy() {
  const cjson = execFileSync('tools/toolchain.sh', ['cjson'], { cwd: root, encoding: 'utf8' }).trim();
  const flags = ['--', '-std=gnu11', '-fwrapv', '-DTN_INSIDE', '-Isrc', '-Isrc/include', '-Ibuild/gen', `-I${cjson}`];
  return runOver(
    'clang-tidy-19',
    ['--quiet'],
    under(/\.c$/, 'src').filter((file) => !/backend\/(plugin|webgl)/.test(file)),
    flags,
  );
}

const RULES = {
  format: () => runOver(bin('clang-format'), ['--dry-run', '-Werror'], under(/\.[ch]$/, 'src', 'tests')),
  tidy,
  types: () => run(bin('tsc'), ['-p', '.']),
  lint: () => run(bin('eslint'), ['--max-warnings=0', 'js', 'tests', 'tools', 'web', 'demo']),
  prettier: () => run(bin('prettier'), ['--check', 'js', 'tests', 'tools', 'web', 'demo']),
  direction: () => run(process.execPath, ['--test', 'tests/node/structure.test.mjs']),
  columns: longLines,
  lines: longFiles,
  sizes,
};

const named = process.argv.slice(2).filter((name) => name !== '--tap'),
  tap = process.argv.includes('--tap');
const asked = named.length ? named : Object.keys(RULES);
let failed = 0;
for (const [i, name] of asked.entries()) {
  const found = await RULES[name]();
  if (found) failed++;
  if (found) console.log(tap ? found.replace(/^/gm, '# ') : found);
  console.log(tap ? `${found ? 'not ok' : 'ok'} ${i + 1} - ${name}` : `${found ? 'FAIL' : 'ok  '} ${name}`);
}
console.log(tap ? `1..${asked.length}` : `${asked.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
