// Each rule of `make check` passes on a small tree that keeps it, and fails, naming the place, on one with a planted fault.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { rulesOf } from '../../tools/check.mjs';

const root = join(import.meta.dirname, '../..');
const made = [];
after(() => made.forEach((tree) => rmSync(tree, { recursive: true })));

const CONFIGS = [
  '.clang-format',
  '.clang-tidy',
  '.prettierrc.json',
  '.prettierignore',
  'eslint.config.mjs',
  'tools/import_order.mjs',
  'tests/lib/imports.mjs',
  'tsconfig.json',
];
const SOURCES = {
  'src/base/one.c': 'int one(void) { return 1; }\n',
  'js/one.ts': 'export const one: number = 1;\n',
  ...Object.fromEntries(['tests', 'tools', 'web', 'demo'].map((dir) => [`${dir}/one.mjs`, 'export const one = 1;\n'])),
  'dist/tensorine.js': '',
  'dist/tensorine.mjs': '',
  'dist/multi/tensorine.wasm': '',
  'dist/vis.js': '',
};

/** A tree with the project's configuration and a small source of each kind, some of them replaced. */
function plant(replaced = {}) {
  mkdirSync(join(root, 'build'), { recursive: true });
  const tree = mkdtempSync(join(root, 'build/check-')),
    sources = { ...SOURCES, ...replaced };
  made.push(tree);
  for (const name of CONFIGS) cpSync(join(root, name), join(tree, name));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const [file, text] of Object.entries(sources)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  }
  return rulesOf(tree, Object.keys(sources));
}

const clean = plant();

/** A test: the rule finds nothing in the small tree, and `expected` where `text` is planted in `file`. */
const sees = (rule, fault, file, text, expected) =>
  test(`${rule} sees ${fault}`, async () => {
    assert.equal(await clean[rule](), '');
    assert.match(await plant({ [file]: text })[rule](), expected);
  });

sees('format', 'a space too many', 'src/base/one.c', 'int one(void) { return  1; }\n', /src\/base\/one\.c:1:23/);
sees(
  'tidy',
  'a condition that says the same twice',
  'src/base/one.c',
  'int one(int a) { return a == 1 || a == 1; }\n',
  /src\/base\/one\.c:1:32.*misc-redundant-expression/,
);
sees('types', 'a string for a number', 'js/one.ts', "export const one: number = '1';\n", /js\/one\.ts\(1,14\).*TS2322/);
sees('lint', 'a name that nothing uses', 'js/one.ts', 'const one = 1;\nexport {};\n', /no-unused-vars/);
sees('lint', 'a comparison that converts', 'tools/one.mjs', "export const one = 1 == '1';\n", /eqeqeq/);
sees('prettier', 'quotes of the other kind', 'web/one.mjs', 'export const one = "1";\n', /web\/one\.mjs/);
sees(
  'columns',
  'a line of C with 101 columns',
  'src/base/one.c',
  `/* ${'a '.repeat(47)}bc */\n`,
  /one\.c:1 has 102 columns/,
);
sees(
  'columns',
  'a line of TypeScript with 121 columns',
  'js/one.ts',
  `// ${'a '.repeat(59)}\n`,
  /one\.ts:1 has 121 columns/,
);
sees(
  'lines',
  'a file of 401 lines',
  'src/base/one.c',
  '\n'.repeat(401),
  /src\/base\/one\.c has 401 lines, 400 are allowed/,
);
sees(
  'sizes',
  'a bundle that has grown',
  'dist/tensorine.js',
  randomBytes(600 << 10),
  /dist\/tensorine\.js has 600\.\d KB gz/,
);

test('direction sees an include and an import that point up', async () => {
  const rules = plant(),
    tree = made.at(-1);
  for (const path of ['src', 'js', 'tests/lib/imports.mjs', 'tests/node/structure.test.mjs'])
    cpSync(join(root, path), join(tree, path), { recursive: true });
  (rmSync(join(tree, 'js/one.ts')), rmSync(join(tree, 'src/base/one.c')));
  assert.equal(await rules.direction(), '');
  appendFileSync(join(tree, 'src/base/json.c'), '#include "nn/core/layer.h"\n');
  assert.match(await rules.direction(), /base\/json\.c includes nn\/core\/layer\.h, which stands above it/);
});
