// Plants small faults one at a time and looks whether a test fails: `make mutate N=50 SEED=1 FILE=conv`. Works on a copy
// of the tree in build/mutate; docs/TESTING.md says which tests a fault has to pass.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultsOfC, faultsOfTypeScript, inTurn, plant } from './mutate/faults.mjs';

const root = join(fileURLToPath(import.meta.url), '../..'),
  tree = join(root, 'build/mutate/tree'),
  dir = 'build/native/mutate';
const jobs = Number(process.env.JOBS ?? 2);
/** Of the faults planted so many must be found, of a hundred. */
const LEAST = 90;
/** Tests of the tree, not of what the library computes. */
const APART =
  /^(readme|types|package|hosts|serve|structure|border|border_types|articles|check|faults|hostile)\.test\.mjs$/;
/** What runs in Chromium is slow: those suites that reach what Node does not have, for sources that do. */
const BROWSER = /^(io|data|gl|shaders|references|ops|graphs|programs)\.test\.mjs$/;

/** Runs a command in the copy; resolves to true if it ended well and in time. */
function ends([command, ...args], seconds, signal) {
  return new Promise((resolve) => {
    const env = { ...process.env, TENSORINE_DATA: process.env.TENSORINE_DATA ?? join(root, '../shared/data') };
    const child = spawn(command, args, { cwd: tree, env, stdio: 'ignore', detached: true });
    const stop = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    };
    const timer = setTimeout(stop, seconds * 1000);
    signal?.addEventListener('abort', stop);
    child.on('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(code === 0);
    });
  });
}

/** Brings the copy up to date: what git tracks and what is new; `changed` where that was not so. */
function copy() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => statSync(join(root, file), { throwIfNoEntry: false })?.isFile());
  let changed = false;
  for (const file of files) {
    const to = join(tree, file),
      bytes = readFileSync(join(root, file));
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes);
    chmodSync(to, statSync(join(root, file)).mode);
    changed = true;
  }
  if (!existsSync(join(tree, 'node_modules'))) symlinkSync('../../../node_modules', join(tree, 'node_modules'));
  return { files, changed };
}

/** make in the copy. Warnings are no errors there, but what mixes pointers and numbers is. */
const make = (...targets) =>
  ends(
    [
      ...['make', '-s', '-f', 'tools/rules.mk', `-j${jobs}`, 'CC=gcc', 'SAN=address,undefined', 'OPT=-O1 -fPIC'],
      ...[`NATIVE=${dir}`, 'TESTED=libinside.so', 'WARN=-Werror=int-conversion -Werror=incompatible-pointer-types'],
      ...[`CJSON=${process.env.CJSON}`, `EMCC=${process.env.EMCC}`, `LLVM_BIN=${process.env.LLVM_BIN}`, ...targets],
    ],
    900,
  );

const named = (folder, pattern) =>
  readdirSync(join(root, 'tests', folder))
    .filter((name) => pattern.test(name))
    .map((name) => ({ name, file: `tests/${folder}/${name}` }));
const program = ({ file }) => join(dir, basename(file, '.c'));
const native = named('native', /^test_.*\.c$/).map((it) => ({ ...it, command: [program(it)] }));
const gl = named('gl', /^test_.*\.c$/).map((it) => ({ ...it, command: [program(it)] }));
const node = named('node', /\.test\.mjs$/)
  .filter(({ name }) => !APART.test(name))
  .map((it) => ({ ...it, command: [process.execPath, it.file] }));
const browser = named('browser', BROWSER).map((it) => ({ ...it, command: [process.execPath, it.file] }));
const conformance = { name: 'conformance', file: 'tests/conformance/run.mjs' };
conformance.command = [process.execPath, conformance.file];

const words = (file) => new Set(readFileSync(join(root, file), 'utf8').match(/[A-Za-z_]\w{3,}/g));

/** The tests, those first that have most of the source's words, a word counting by how few tests have it. */
function byWords(tests, file) {
  const own = words(file),
    theirs = tests.map((test) => words(test.file));
  const weight = (word) => Math.log(tests.length / theirs.filter((set) => set.has(word)).length);
  const score = (set) =>
    [...set].reduce((sum, word) => sum + (own.has(word) ? weight(word) : 0), 0) / Math.sqrt(set.size);
  return tests
    .map((test, i) => [score(theirs[i]), test])
    .sort(([a], [b]) => b - a)
    .map(([, test]) => test);
}

/** Runs tests, some at a time, until one fails; resolves to its name. */
async function firstFailure(tests) {
  const left = [...tests],
    abort = new AbortController();
  let failure = null;
  const work = async () => {
    for (let test = left.shift(); test && !failure; test = left.shift())
      if (!(await ends(test.command, test.limit, abort.signal)) && !failure) {
        failure = test.name;
        abort.abort();
      }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return failure;
}

/** Which tests pass on the sources as they are, and how long they may take on others; kept until a file changes. */
async function baseline(changed) {
  const kept = join(tree, '../baseline.json'),
    all = [...native, ...gl, ...node, ...browser, conformance];
  const limits = existsSync(kept) && !changed ? JSON.parse(readFileSync(kept, 'utf8')) : {};
  const left = all.filter(({ file }) => limits[file] === undefined);
  const work = async () => {
    for (let test = left.shift(); test; test = left.shift()) {
      const began = Date.now(),
        passes = await ends(test.command, 120);
      limits[test.file] = passes && Math.min(20 + (6 * (Date.now() - began)) / 1000, 120);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  writeFileSync(kept, JSON.stringify(limits));
  for (const test of all) test.limit = limits[test.file];
  const out = all.filter(({ limit }) => !limit).map(({ name }) => name);
  if (out.length) console.log(`left out, as they fail without a fault: ${out.join(', ')}`);
}

/** What is built and run for a fault in a file, one stage after the other. */
function stages(file) {
  const core = { targets: ['quick', 'probe'], tests: byWords(node, file) },
    last = { targets: [], tests: [conformance] },
    page = { targets: [], tests: [conformance, ...byWords(browser, file)] };
  if (file.startsWith('js/')) return [{ ...core, targets: ['quick'] }, page];
  const inside = join(dir, 'libinside.so');
  if (file.startsWith('src/backend/webgl/')) return [{ targets: gl.map(program), tests: gl }, core, page];
  return [{ targets: [inside], tests: byWords(native, file) }, core, last];
}

/** 'not compiling', 'survived', or the test that found it. */
async function judge(file) {
  for (const { targets, tests } of stages(file)) {
    if (targets.length && !(await make(...targets))) return 'not compiling';
    const failure = await firstFailure(tests.filter(({ limit }) => limit));
    if (failure) return failure;
  }
  return 'survived';
}

const line = (text) => text.replace(/\s+/g, ' ').slice(0, 80);

async function tryOne(fault) {
  const { file, source, at, before, after, kind } = fault,
    began = Date.now();
  writeFileSync(join(tree, file), plant(source, fault));
  const verdict = await judge(file);
  writeFileSync(join(tree, file), source);
  const result = ['not compiling', 'survived'].includes(verdict) ? verdict : 'found';
  const where = `${file}:${source.slice(0, at).split('\n').length}`;
  const by = result === 'found' ? `by ${verdict}, ` : '';
  const change = `${kind}: ${line(before)}  =>  ${line(after) || 'nothing'}`;
  console.log(`${result.padEnd(13)} ${where}  ${change}  (${by}${((Date.now() - began) / 1000).toFixed(0)} s)`);
  return result;
}

/** Faults of all sources whose path holds `part`. */
function faultsOf(files, part) {
  const sources = files.filter((file) => /^(src\/.*\.c|js\/.*\.ts)$/.test(file) && !/\/plugin\/|\.d\.ts$/.test(file));
  return sources
    .filter((file) => file.includes(part))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      const faults = file.endsWith('.c') ? faultsOfC(source) : faultsOfTypeScript(source);
      return faults.map((fault) => ({ ...fault, file, source }));
    });
}

async function main() {
  const { N = '50', SEED = '1', FILE = '' } = process.env;
  const { files, changed } = copy(),
    faults = faultsOf(files, FILE);
  if (!faults.length) throw new Error(`no source has ${FILE} in its path`);
  console.log(`${faults.length} places for a fault; building a copy in build/mutate`);
  if (!(await ends([process.execPath, 'tools/gen.mjs'], 60))) throw new Error('tools/gen.mjs fails');
  if (!(await make('quick', 'probe', join(dir, 'libinside.so'), 'native-tests', ...gl.map(program))))
    throw new Error('the copy does not build');
  await baseline(changed);
  let planted = 0,
    found = 0;
  for (const fault of inTurn(faults, Number(SEED))) {
    if (planted === Number(N)) break;
    const result = await tryOne(fault);
    if (result !== 'not compiling') planted++;
    if (result === 'found') found++;
  }
  const share = (100 * found) / planted;
  console.log(`${planted} planted, ${found} found (${share.toFixed(0)}%)`);
  process.exitCode = share < LEAST ? 1 : 0;
}

await main();
