// Calls into the core are typed from the C sources: what C does not take does not compile.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'build/border_types');
mkdirSync(folder, { recursive: true });
after(() => rmSync(folder, { recursive: true, force: true }));

const CALLS = [
  ['core.x.tn_add(1, 2)', []],
  ['core.x.tn_add(1)', ['Expected 2 arguments, but got 1.']],
  ["core.x.tn_fail(1, 'text')", ["Argument of type 'string' is not assignable to parameter of type 'number'."]],
  ['core.x.tn_ad(1, 2)', ["Property 'tn_ad' does not exist on type 'Exports'. Did you mean 'tn_add'?"]],
  ['const n: number = core.x.tn_clear_error()', ["Type 'void' is not assignable to type 'number'."]],
];

/** Messages for each of the programs. */
function messages(programs) {
  const files = programs.map((text, i) => join(folder, `call_${i}.ts`));
  files.forEach((file, i) => writeFileSync(file, `import * as core from '../../js/wasm/core';\n${programs[i]};\n`));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, { ...options, noUnusedLocals: false, noEmit: true });
  return files.map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

test('a wrong call of the core does not compile', () => {
  assert.deepEqual(
    messages(CALLS.map(([code]) => code)),
    CALLS.map(([, expected]) => expected),
  );
});
