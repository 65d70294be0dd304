// Runs the fuzzers of tests/fuzz and its random caller, `node tools/fuzz.mjs SECONDS` for so long each; what they learn stays
// in build/fuzz, as does an input that crashes one. OP=name leaves only ops whose name holds it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argumentsOf } from '../tests/lib/ops.mjs';
import { argumentText, fuzzCases } from './gen/fuzz.mjs';

const SANITIZERS = 'fuzzer-no-link,address,undefined';

/** Writes the cases of the fuzzer of ops: the library itself says what the arguments of examples are. */
async function writeCases() {
  const tf = await import('../dist/tensorine.mjs'),
    file = 'build/gen/fuzz_ops.gen.h';
  const declared = JSON.parse(readFileSync('build/gen/ops.json', 'utf8')),
    examples = {};
  for (const op of declared.ops) {
    const inputs = op.params.filter((p) => p.kind !== 'out');
    examples[op.path] = op.examples.map((example) =>
      tf.tidy(() => {
        const values = argumentsOf(tf, op, example);
        return inputs.map((p, i) => argumentText(tf, p, values[i], declared.enums));
      }),
    );
  }
  const text = fuzzCases(declared, examples);
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

/** Builds all fuzzers with a clang: {programs}, or {failure} as {status, out}. */
export async function buildFuzzers(compiler, jobs = '2') {
  await writeCases();
  const dir = `build/native/${compiler}-${SANITIZERS.replaceAll(',', '-')}`;
  const programs = readdirSync('tests/fuzz')
    .filter((name) => /^fuzz_.*\.c$/.test(name))
    .map((name) => join(dir, basename(name, '.c')));
  const cjson = execFileSync('tools/toolchain.sh', ['cjson'], { encoding: 'utf8' }).trim();
  const { status, stdout } = spawnSync(
    'make',
    ['-f', 'tools/rules.mk', `-j${jobs}`, `CC=${compiler}`, `SAN=${SANITIZERS}`, `CJSON=${cjson}`, ...programs],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  mkdirSync('build/fuzz', { recursive: true });
  return status ? { failure: { status, out: stdout } } : { programs };
}

/** Arguments every run has. */
export const fuzzerArguments = (program) => [
  '-max_len=256',
  '-print_final_stats=0',
  `-artifact_prefix=build/fuzz/${basename(program)}-`,
];

async function main() {
  const compiler = ['clang', 'clang-19'].find((name) => spawnSync(name, ['--version']).status === 0);
  const { failure, programs } = await buildFuzzers(compiler, process.env.JOBS);
  if (failure) process.exit(1);
  for (const program of programs) {
    const corpus = join('build/fuzz', basename(program));
    mkdirSync(corpus, { recursive: true });
    const { status } = spawnSync(
      program,
      [...fuzzerArguments(program), `-max_total_time=${process.argv[2] ?? 300}`, corpus],
      { stdio: 'inherit' },
    );
    if (status) process.exitCode = 1;
  }
  const { status } = spawnSync(process.execPath, ['tests/fuzz/random_caller.mjs', String(process.argv[2] ?? 300)], {
    stdio: 'inherit',
  });
  if (status) process.exitCode = 1;
}

if (process.argv[1]?.endsWith('fuzz.mjs')) await main();
