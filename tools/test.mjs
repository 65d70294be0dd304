// Runs the suites and adds up what their runners report in TAP: `node tools/test.mjs`, by make.
// OP=name leaves only tests whose name holds it. Every suite runs even if one before it fails; the
// last line is "N passed, M failed", and the exit code is 0 only if none failed and some passed.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildFuzzers, fuzzerArguments } from './fuzz.mjs';

const op = process.env.OP ?? '';
const jobs = process.env.JOBS ?? '2';
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** Runs a command; resolves to its exit code (or the name of a signal) and its standard output. */
function run(command, args, env = {}, seconds = 1800) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: seconds * 1000,
    });
    let out = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.on('error', (error) => resolve({ status: error.message, out }));
    child.on('close', (code, signal) => resolve({ status: signal ?? code, out }));
  });
}

/** Counts the outermost results of a TAP stream. A program that ended badly, or that promised more
 * results than it gave, counts as one more failure. */
export function countTAP(out, status) {
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  let plan = null;
  for (const line of out.split('\n')) {
    const result = /^(not )?ok \d+(?: - (.*))?$/.exec(line);
    if (result?.[2] && / # SKIP/i.test(result[2])) count.skipped++;
    else if (result?.[1]) (count.failed++, count.failures.push(result[2] ?? line));
    else if (result) count.passed++;
    plan = /^1\.\.(\d+)/.exec(line)?.[1] ?? plan;
  }
  const seen = count.passed + count.failed + count.skipped;
  if ((status !== 0 && !count.failed) || (plan !== null && Number(plan) !== seen)) {
    count.failed++;
    count.failures.push(`ended with ${status} after ${seen} of ${plan ?? '?'} results`);
  }
  return count;
}

function add(name, { out, status }, began) {
  const count = countTAP(out, status);
  for (const key of ['passed', 'failed', 'skipped']) total[key] += count[key];
  failures.push(...count.failures.map((text) => `${name}: ${text}`));
  if (count.failed) process.stdout.write(out);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const skipped = count.skipped ? `, ${count.skipped} skipped` : '';
  console.log(
    `${count.failed ? 'FAIL' : 'ok  '} ${name}: ${count.passed} passed, ${count.failed} failed${skipped} (${seconds} s)`,
  );
}

const tests = (folder, pattern) =>
  readdirSync(join('tests', folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join('tests', folder, name));

/** C tests, one program each, built with a compiler and its sanitizers; with OP those alone that name it. */
async function native(compiler, sanitizers, only = /^test_.*\.c$/, folder = 'native') {
  const name = `${folder} ${compiler} ${sanitizers}`,
    label = compiler.replace(/-\d+$/, '');
  const files = tests(folder, only).filter((file) => readFileSync(file, 'utf8').includes(op));
  if (!files.length) return;
  const began = Date.now();
  const dir = `build/native/${compiler}-${sanitizers.replaceAll(',', '-')}`;
  const programs = files.map((file) => join(dir, basename(file, '.c')));
  const cjson = execFileSync('tools/toolchain.sh', ['cjson'], { encoding: 'utf8' }).trim();
  const make = await run('make', [
    '-f',
    'tools/rules.mk',
    `-j${jobs}`,
    `CC=${compiler}`,
    `SAN=${sanitizers}`,
    `CJSON=${cjson}`,
    ...programs,
  ]);
  if (make.status) return add(name, make, began);
  for (const program of programs) {
    const start = Date.now();
    const result = await run(program, [], { CMOCKA_MESSAGE_OUTPUT: 'TAP' });
    add(`${label} ${sanitizers} ${basename(program)}`, result, start);
  }
}

/** Each fuzzer for a fixed number of inputs, the same each time. */
async function fuzz(compiler) {
  const began = Date.now(),
    { failure, programs } = await buildFuzzers(compiler, jobs);
  if (failure) return add('fuzzers', failure, began);
  for (const program of programs.filter((path) => !op || basename(path) === 'fuzz_ops')) {
    const start = Date.now(),
      name = basename(program);
    const { status, out } = await run(
      program,
      [...fuzzerArguments(program), '-seed=1', '-runs=60000', '-verbosity=0'],
      op ? {} : { FACTS: `build/facts/${name}.json` },
    );
    add(name, { status, out: `${out}${status ? 'not ' : ''}ok 1 - ${name}\n1..1\n` }, start);
  }
}

/** The rules that need no program to run. */
async function check() {
  const began = Date.now();
  add('check', await run(process.execPath, ['tools/check.mjs', '--tap']), began);
}

/** The peer's own specs. */
async function conformance() {
  const began = Date.now();
  add('conformance', await run(process.execPath, ['tests/conformance/run.mjs', '--tap']), began);
}

/** True if OP is (part of) the name of a declared op: then files about other things are left out. */
const isOp = () =>
  Boolean(op) && JSON.parse(readFileSync('build/gen/ops.json', 'utf8')).ops.some(({ path }) => path.includes(op));

/** Node's runner over a folder of tests. */
async function node(folder) {
  const files = tests(folder, isOp() ? /^(ops|layers|numerics).*\.test\.mjs$/ : /\.test\.mjs$/),
    began = Date.now();
  if (!files.length) return;
  const pattern = op ? [`--test-name-pattern=${op}`] : [];
  add(
    folder,
    await run(process.execPath, ['--test', `--test-concurrency=${jobs}`, '--test-reporter=tap', ...pattern, ...files]),
    began,
  );
}

const found = (...names) =>
  names.find((name) => {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    } catch {
      return false;
    }
  });

async function main() {
  rmSync('build/facts', { recursive: true, force: true });
  mkdirSync('build/facts', { recursive: true });
  const clang = found('clang', 'clang-19');
  if (!op) await check();
  await native('gcc', 'address,undefined');
  await native('gcc', 'address,undefined', undefined, 'gl');
  if (!op) {
    await native(clang, 'address,undefined');
    await native(clang, 'thread', /^test_threads\.c$/);
  }
  if (!op || isOp()) await fuzz(clang);
  await node('node');
  if (!op) await conformance();
  await node('browser');
  if (!op) await node('table');
  for (const text of failures) console.log(`failed: ${text}`);
  const skipped = total.skipped ? `${total.skipped} skipped\n` : '';
  console.log(`${skipped}${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed || !total.passed ? 1 : 0;
}

if (basename(process.argv[1] ?? '') === 'test.mjs') await main();
