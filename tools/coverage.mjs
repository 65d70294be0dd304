// How much of the sources the tests reach: `make coverage`. C by gcov, under the native tests; JavaScript by c8, under
// tests/node. Prints both, the least covered files last; details lie in build/coverage.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const OUT = 'build/coverage';
const jobs = process.env.JOBS ?? '2';

function run(command, args, options) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  return status;
}

/** Builds the native tests with counters, and runs them. */
function runNative() {
  const cjson = execFileSync('tools/toolchain.sh', ['cjson'], { encoding: 'utf8' }).trim();
  const dir = 'build/native/coverage';
  const programs = readdirSync('tests/native')
    .filter((name) => /^test_.*\.c$/.test(name))
    .map((name) => join(dir, basename(name, '.c')));
  const flags = ['CC=gcc', 'OPT=-O0', 'WARN=-w', 'SAN_C=--coverage', `NATIVE=${dir}`, `CJSON=${cjson}`];
  if (run('make', ['-s', '-f', 'tools/rules.mk', `-j${jobs}`, ...flags, ...programs])) process.exit(1);
  for (const program of programs) run(program, [], { stdio: 'ignore' });
}

/** Lines and branches that ran, of all, by file of src/. */
function countNative() {
  const counts = new Map();
  for (const file of readdirSync('build/native/coverage/src', { recursive: true }).filter((name) =>
    name.endsWith('.gcda'),
  )) {
    const path = join('build/native/coverage/src', file);
    const json = execFileSync('gcov', ['--json-format', '--stdout', '--branch-probabilities', path], {
      maxBuffer: 1 << 28,
    });
    for (const text of json.toString().split('\n').filter(Boolean))
      for (const one of JSON.parse(text).files.filter((it) => /^src\/.*\.c$/.test(it.file))) {
        const branches = one.lines.flatMap((line) => line.branches);
        counts.set(one.file, {
          lines: one.lines.length,
          ran: one.lines.filter((line) => line.count).length,
          branches: branches.length,
          taken: branches.filter((branch) => branch.count).length,
          idle: one.functions
            .filter((it) => !it.execution_count)
            .map((it) => `${one.file}:${it.start_line} ${it.name}`),
        });
      }
  }
  return counts;
}

const percent = (some, all) => `${all ? ((100 * some) / all).toFixed(1) : '100.0'}%`.padStart(7);
const sum = (list, key) => list.reduce((total, one) => total + one[key], 0);

function printNative(counts) {
  const all = [...counts.values()];
  console.log(
    `C: lines ${percent(sum(all, 'ran'), sum(all, 'lines'))}, branches ${percent(sum(all, 'taken'), sum(all, 'branches'))}`,
  );
  const least = [...counts].sort(([, a], [, b]) => a.ran / a.lines - b.ran / b.lines).slice(0, 10);
  for (const [file, { ran, lines, taken, branches }] of least.reverse())
    console.log(`  ${percent(ran, lines)} lines, ${percent(taken, branches)} branches  ${file}`);
  printIdle('c', all.flatMap(({ idle }) => idle).sort());
}

/** Functions that no test ran, in a file of their own. */
function printIdle(kind, functions) {
  const path = join(OUT, `functions_${kind}.txt`);
  writeFileSync(path, functions.map((it) => `${it}\n`).join(''));
  console.log(`  ${functions.length} functions ran in no test: ${path}`);
}

/** Those of the bundle, of what c8 has written: function and line. */
function idleJavaScript() {
  const lcov = readFileSync(join(OUT, 'lcov.info'), 'utf8'),
    lines = new Map([...lcov.matchAll(/^FN:(\d+),(.*)$/gm)].map(([, line, name]) => [name, line]));
  return [...lcov.matchAll(/^FNDA:0,(.*)$/gm)].map(([, name]) => `dist/tensorine.mjs:${lines.get(name)} ${name}`);
}

/** The JavaScript of the bundle that the tests import. */
function runJavaScript() {
  const tests = readdirSync('tests/node').filter(
    (name) => name.endsWith('.test.mjs') && !/readme|package|serve|types/.test(name),
  );
  const files = tests.map((name) => join('tests/node', name));
  const reporters = ['--reporter=json-summary', '--reporter=lcov', `--reports-dir=${OUT}`];
  run('node_modules/.bin/c8', [
    '--include=dist/tensorine.mjs',
    ...reporters,
    process.execPath,
    '--test',
    '--test-reporter=dot',
    ...files,
  ]);
  const { total } = JSON.parse(readFileSync(join(OUT, 'coverage-summary.json'), 'utf8'));
  console.log(`JavaScript: lines ${total.lines.pct}%, branches ${total.branches.pct}%`);
  printIdle('js', idleJavaScript());
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
runNative();
printNative(countNative());
if (!process.argv.includes('native')) runJavaScript();
