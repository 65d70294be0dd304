// The types: programs that call everything compile against ours and, those that TensorFlow.js could run,
// against its own; every public name is called; editors find a text at each.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { publicNames } from '../../tools/gen/names.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const dir = join(root, 'tests/types'),
  files = readdirSync(dir).filter((f) => f.endsWith('.ts'));
const OURS = ['ours.ts', 'keras3.ts', 'vis.ts'];
const names = publicNames(root);

/** Errors of files with `tensorine` found at a path, or as Node finds it. */
function errors(list, options) {
  const program = ts.createProgram(
    list.map((f) => join(dir, f)),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      lib: [
        'lib.es2022.d.ts',
        'lib.esnext.disposable.d.ts',
        'lib.dom.d.ts',
        'lib.dom.iterable.d.ts',
        'lib.dom.asynciterable.d.ts',
      ],
      ...options,
    },
  );
  return ts.getPreEmitDiagnostics(program).map((d) => {
    const line = d.file ? d.file.getLineAndCharacterOfPosition(d.start).line + 1 : 0;
    return `${d.file?.fileName.slice(root.length + 1)}:${line} ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`;
  });
}
const bundled = (path) => ({
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  paths: { tensorine: [join(root, path)] },
});

test('programs compile with a bundler', () => assert.deepEqual(errors(files, bundled('dist/tensorine.d.mts')), []));

test('programs compile as Node finds the package', () =>
  assert.deepEqual(
    errors(files, { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }),
    [],
  ));

test('the same programs compile against TensorFlow.js', () =>
  assert.deepEqual(
    errors(
      files.filter((f) => !OURS.includes(f)),
      bundled('node_modules/@tensorflow/tfjs/dist/index.d.ts'),
    ),
    [],
  ));

test('every public name is called', () => {
  const text = files.map((f) => readFileSync(join(dir, f), 'utf8')).join('\n');
  const words = new Set(text.match(/\btf(?:\.\w+)+/g)),
    called = [...words].join(' ') + ' ';
  const functions = names.filter(({ kind }) => kind !== 'member').map(({ path }) => path);
  const lacking = functions.filter((path) => !new RegExp(`\\btf\\.${path.replaceAll('.', '\\.')}[ .]`).test(called));
  assert.deepEqual(
    lacking.filter((path) => !UNNAMED.test(path)),
    [],
  );
});
/** Classes that programs get from functions, and never make; and data.default, which has the names of tf.data again. */
const UNNAMED =
  /^(data\.default\..*|layers\.RNN(Cell)?|serialization\.Seriali\w+|Schedule|data\.(\w+Iterator|DataSource))$/;

test('each public name has a text for editors', () => {
  const silent = names.filter(({ doc, kind }) => !doc && kind !== 'member').map(({ path }) => path);
  assert.deepEqual(silent, []);
});

test('an op tells an editor its parameters, result and an example', () => {
  const ops = names.filter(({ file }) => file.startsWith('js/generated/ops/'));
  assert.ok(ops.length > 150);
  const tagged = (op, tag) => op.tags.filter((t) => t.name === tag);
  const wanting = ops.filter(
    (op) =>
      !tagged(op, 'example').length ||
      !tagged(op, 'returns').length ||
      op.parameters.some(
        (name) => !tagged(op, 'param').some(({ text }) => ts.displayPartsToString(text).startsWith(name)),
      ),
  );
  assert.deepEqual(
    wanting.map(({ path }) => path),
    [],
  );
});
