// The rules that need no program to run: `make check`, or by name `node tools/check.mjs format types`. Prints what
// breaks each rule, then "N passed, M failed"; --tap prints TAP instead, for `make test`.
import { execFile, execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = join(fileURLToPath(import.meta.url), '../..');
const bin = (name) => join(home, 'node_modules/.bin', name);

/** Most lines a file and columns a line may have; what is data, or was written by a tool, is not counted. */
const LINES = 400,
  COLUMNS = { '.c': 100, '.h': 100, '.ts': 120, '.mjs': 160 };
/** Lines that cannot be broken: an example of a manual, an address, a text or pattern of more than 40 characters. */
const LONG = /^\s*(\*\* >|\* @example|")|https?:\/\/\S{60,}|(['"`]).{40,}\2|(^\s*|[=(,:] )\/(?![/*]).{40,}\//;
/** Most KB each file that is shipped may have, compressed. */
const BUDGET = { 'tensorine.js': 528, 'tensorine.mjs': 566, 'multi/tensorine.wasm': 379, 'vis.js': 40 };

/** Within a test, Node's runner would report to that test and end well whatever it found. */
const ENV = { ...process.env, NODE_TEST_CONTEXT: undefined };

const tracked = (root) =>
  execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);

const lineCount = (path) => readFileSync(path, 'utf8').split('\n').length - 1;

/** The rules for a tree and its files, by name: each gives what breaks it, or nothing. */
export function rulesOf(root, files = tracked(root)) {
  const under = (pattern, ...folders) =>
    files.filter((file) => pattern.test(file) && folders.some((folder) => file.startsWith(folder)));

  /** What a command printed if it failed, else nothing. */
  const run = (command, args) =>
    new Promise((resolve) => {
      execFile(command, args, { cwd: root, env: ENV, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
        resolve(error ? `${stdout}${stderr}`.trim() : ''),
      );
    });

  /** The same for many files, on two processes. */
  const runOver = async (command, args, list, after = []) => {
    const half = Math.ceil(list.length / 2),
      parts = [list.slice(0, half), list.slice(half)].filter((part) => part.length);
    const outs = await Promise.all(parts.map((part) => run(command, [...args, ...part, ...after])));
    return outs.filter(Boolean).join('\n');
  };

  const tidy = () => {
    const cjson = execFileSync(join(home, 'tools/toolchain.sh'), ['cjson'], { cwd: home, encoding: 'utf8' }).trim();
    const own = under(/\.c$/, 'src').filter((file) => !/backend\/(plugin|webgl)/.test(file));
    const places = ['-Isrc', '-Isrc/include', '-Ibuild/gen', `-I${cjson}`];
    return runOver('clang-tidy-19', ['--quiet'], own, ['--', '-std=gnu11', '-fwrapv', '-DTN_INSIDE', ...places]);
  };

  const columns = () =>
    under(/\.(c|h|ts|mjs)$/, 'src', 'js', 'tests', 'tools', 'web', 'demo')
      .flatMap((file) => {
        const most = COLUMNS[extname(file)],
          lines = readFileSync(join(root, file), 'utf8').split('\n');
        return lines.map((line, i) =>
          line.length > most && !LONG.test(line)
            ? `${file}:${i + 1} has ${line.length} columns, ${most} are allowed`
            : '',
        );
      })
      .filter(Boolean)
      .join('\n');

  const lines = () =>
    under(/\.(c|h|ts)$/, 'src', 'js')
      .map((file) => [file, lineCount(join(root, file))])
      .filter(([, count]) => count > LINES)
      .map(([file, count]) => `${file} has ${count} lines, ${LINES} are allowed`)
      .join('\n');

  const sizes = () =>
    Object.entries(BUDGET)
      .map(([name, most]) => [name, most, gzipSync(readFileSync(join(root, 'dist', name)), { level: 9 }).length / 1024])
      .filter(([, most, kb]) => kb > most)
      .map(([name, most, kb]) => `dist/${name} has ${kb.toFixed(1)} KB gz, ${most} are allowed`)
      .join('\n');

  return {
    format: () => runOver(bin('clang-format'), ['--dry-run', '-Werror'], under(/\.[ch]$/, 'src', 'tests')),
    tidy,
    types: () => run(bin('tsc'), ['-p', '.']),
    lint: () => run(bin('eslint'), ['--max-warnings=0', 'js', 'tests', 'tools', 'web', 'demo']),
    prettier: () => run(bin('prettier'), ['--check', 'js', 'tests', 'tools', 'web', 'demo']),
    direction: () => run(process.execPath, ['--test', 'tests/node/structure.test.mjs']),
    columns,
    lines,
    sizes,
  };
}

async function main(args) {
  const rules = rulesOf(home),
    named = args.filter((name) => name !== '--tap'),
    tap = args.includes('--tap');
  const asked = named.length ? named : Object.keys(rules);
  let failed = 0;
  for (const [i, name] of asked.entries()) {
    const found = await rules[name]();
    if (found) failed++;
    if (found) console.log(tap ? found.replace(/^/gm, '# ') : found);
    console.log(tap ? `${found ? 'not ok' : 'ok'} ${i + 1} - ${name}` : `${found ? 'FAIL' : 'ok  '} ${name}`);
  }
  console.log(tap ? `1..${asked.length}` : `${asked.length - failed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

if (process.argv[1]?.endsWith('check.mjs')) await main(process.argv.slice(2));
