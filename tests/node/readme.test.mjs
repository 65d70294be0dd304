// The programs in README.md and CONTRIBUTING.md, run as they stand. (That for a page: tests/browser.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const LIBRARY = 'build/native/gcc-address-undefined/libinside.a'; // the native suite has it too
const folder = mkdtempSync(join(tmpdir(), 'tensorine-readme-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The first block of a language in a page. */
const block = (file, language) =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readFileSync(join(root, file), 'utf8'))[1];
const run = (command, args, options) => execFileSync(command, args, { cwd: root, encoding: 'utf8', ...options });

function library() {
  const cjson = run('tools/toolchain.sh', ['cjson']).trim();
  run('make', ['-f', 'tools/rules.mk', '-j2', 'CC=gcc', 'SAN=address,undefined', `CJSON=${cjson}`, LIBRARY], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(root, LIBRARY);
}

function compile(files, include, name) {
  const program = join(folder, name);
  run('gcc', [
    '-std=gnu11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fwrapv',
    '-fsanitize=address,undefined',
    ...include.map((path) => `-I${path}`),
    ...files,
    library(),
    '-lm',
    '-pthread',
    '-o',
    program,
  ]);
  return run(program, []);
}

test('the Node program', () => {
  const code = block('README.md', 'js').replace("'tensorine'", JSON.stringify(join(root, 'dist/tensorine.mjs')));
  const out = run(process.execPath, ['--input-type=module', '-e', code]);
  const [a, b, third] = [...out.matchAll(/^ +(-?[\d.]+)/gm)].map((m) => Number(m[1]));
  assert.ok(Math.abs(a - 3) < 0.1 && Math.abs(b - 2) < 0.1, out);
  assert.equal(third, 30, out);
});

/** Builds against the library as `make install` lays it; returns what the program prints. */
function installed(name, source) {
  const prefix = join(folder, 'usr'),
    program = join(folder, name);
  if (!existsSync(prefix)) run('make', ['install', `PREFIX=${prefix}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const env = { ...process.env, PKG_CONFIG_PATH: join(prefix, 'lib/pkgconfig') };
  const flags = run('pkg-config', ['--cflags', '--libs', 'tensorine'], { env }).trim().split(/ +/);
  writeFileSync(`${program}.c`, source);
  run('cc', ['-Wall', '-Wextra', '-Werror', `${program}.c`, ...flags, '-o', program]);
  return run(program, []);
}

test('the C program', () => {
  assert.equal(installed('example', block('README.md', 'c')), '14, gradient 2 4 6\n');
});

test('a C program may name its functions as it likes', () => {
  const own = ['fail', 'run', 'make', 'place', 'out', 'cJSON_Parse'];
  const source = `#include "tensorine.h"\n#include <stdio.h>\n${own.map((name) => `int ${name}(void) { return 1; }\n`).join('')}
int main(void) { printf("%d", ${own.map((name) => `${name}()`).join(' + ')} + tn_size(tn_ones(INTS(2), TN_FLOAT32))); }`;
  assert.equal(installed('names', source), `${own.length + 2}`);
  const symbols = run('nm', ['-g', '--defined-only', join(folder, 'usr/lib/libtensorine.a')]);
  const names = [...symbols.matchAll(/^\w+ \w (\S+)$/gm)].map(([, name]) => name);
  assert.ok(names.length > 300, `${names.length} names`);
  assert.deepEqual(
    names.filter((name) => !name.startsWith('tn_')),
    [],
  );
});

const MAIN = `
#include <stdio.h>
int main(void) {
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(3), (float[]){1, 2, 3});
    tn_tape_begin();
    Tensor *y = tn_sum(tn_mul(tn_flip(x), tn_square(x)), NULL, false);
    const float *g = tn_floats(tn_gradients(y, LIST(x), NULL)->v[0]);
    printf("%g: %g %g %g\\n", tn_floats(y)[0], g[0], g[1], g[2]);
    tn_flip(tn_ones(INTS(2, 2), TN_FLOAT32));
    puts(tn_error());
    tn_clear_error();
    tn_tape_end();
    tn_scope_end(s);
}
`;

test('the op that CONTRIBUTING.md adds touches one file', () => {
  const house = join(folder, 'house');
  for (const part of ['src', 'shaders', 'tools', 'js'])
    cpSync(join(root, part), join(house, part), { recursive: true });
  mkdirSync(join(house, 'web'), { recursive: true });
  writeFileSync(join(house, 'src/ops/flip.c'), `#include "tensor/op.h"\n\n${block('CONTRIBUTING.md', 'c')}`);
  run(process.execPath, ['tools/gen.mjs'], { cwd: house });
  const { ops } = JSON.parse(readFileSync(join(house, 'build/gen/ops.json'), 'utf8'));
  assert.deepEqual(ops.find((op) => op.name === 'flip').examples, [
    { code: 'tf.flip([1, 2, 3])', result: '[3, 2, 1]' },
  ]);
  assert.match(
    readFileSync(join(house, 'js/generated/ops/methods.ts'), 'utf8'),
    /flip<T extends Tensor>\(this: T\): T;/,
  );
  const main = join(house, 'main.c');
  writeFileSync(main, `#include "tensorine.h"\n${MAIN}`);
  const out = compile(
    [main, join(house, 'src/ops/flip.c')],
    [join(house, 'src'), join(house, 'src/include'), join(house, 'build/gen')],
    'flip',
  );
  assert.equal(out, '20: 15 12 7\nflip: x must be of rank 1, but has shape [2, 2]\n');
});
