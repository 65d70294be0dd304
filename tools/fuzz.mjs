// Runs the fuzzers of tests/fuzz, `node tools/fuzz.mjs SECONDS` for so long each; what they learn stays
// in build/fuzz, as does an input that crashes one. OP=name leaves only ops whose name holds it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const SANITIZERS = 'fuzzer-no-link,address,undefined';

/** Builds all fuzzers with a clang: {programs}, or {failure} as {status, out}. */
export function buildFuzzers(compiler, jobs = '2') {
  const dir = `build/native/${compiler}-${SANITIZERS.replaceAll(',', '-')}`;
  const programs = readdirSync('tests/fuzz').filter((name) => /^fuzz_.*\.c$/.test(name))
    .map((name) => join(dir, basename(name, '.c')));
  const cjson = execFileSync('tools/toolchain.sh', ['cjson'], { encoding: 'utf8' }).trim();
  const { status, stdout } = spawnSync('make', ['-f', 'tools/rules.mk', `-j${jobs}`, `CC=${compiler}`,
    `SAN=${SANITIZERS}`, `CJSON=${cjson}`, ...programs], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  mkdirSync('build/fuzz', { recursive: true });
  return status ? { failure: { status, out: stdout } } : { programs };
}

/** Arguments every run has. */
export const fuzzerArguments = (program) =>
  ['-max_len=256', '-print_final_stats=0', `-artifact_prefix=build/fuzz/${basename(program)}-`];

function main() {
  const compiler = ['clang', 'clang-19'].find((name) => spawnSync(name, ['--version']).status === 0);
  const { failure, programs } = buildFuzzers(compiler, process.env.JOBS);
  if (failure) process.exit(1);
  for (const program of programs) {
    const corpus = join('build/fuzz', basename(program));
    mkdirSync(corpus, { recursive: true });
    const { status } = spawnSync(program, [...fuzzerArguments(program), `-max_total_time=${process.argv[2] ?? 300}`, corpus],
      { stdio: 'inherit' });
    if (status) process.exitCode = 1;
  }
}

if (process.argv[1]?.endsWith('fuzz.mjs')) main();
