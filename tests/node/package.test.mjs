// What npm would publish, installed in an empty project: import, require, types, the files in it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let project, files;

function inProject(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

const node = (name, text) => {
  writeFileSync(join(project, name), text);
  return inProject(process.execPath, [name]);
};

before(() => {
  project = mkdtempSync(join(tmpdir(), 'tensorine-'));
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', project], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename, files: list }] = JSON.parse(packed);
  files = list.map(({ path }) => path);
  writeFileSync(join(project, 'package.json'), '{"private": true}');
  inProject('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`]);
});

after(() => rmSync(project, { recursive: true, force: true }));

test('numbers without a seed differ from process to process, those of a seed are the same', () => {
  const text = `const tf = require('tensorine'), layer = tf.layers.dense({ units: 2, inputShape: [3] });
    layer.build([null, 3]);
    console.log(JSON.stringify([tf.randomUniform([4]), layer.getWeights()[0], tf.randomNormal([4], 0, 1, 'float32', 7)]
      .map((x) => [...x.dataSync()])));`;
  const [first, second] = [1, 2].map((i) => JSON.parse(node(`draw${i}.cjs`, text)));
  assert.notDeepEqual(first[0], second[0]);
  assert.notDeepEqual(first[1], second[1]);
  assert.deepEqual(first[2], second[2]);
});

test('holds the builds and no sources, needs no packages, runs nothing at install', () => {
  const manifest = JSON.parse(readFileSync(join(project, 'node_modules/tensorine/package.json')));
  for (const name of [
    'tensorine.js',
    'tensorine.mjs',
    'tensorine.cjs',
    'tensorine.d.ts',
    'tensorine.d.mts',
    'node.mjs',
    'node.cjs',
    'tensorine.js.map',
    'vis.js',
    'vis.mjs',
    'vis.cjs',
    'vis.d.ts',
    'vis.d.mts',
    'cli.mjs',
    'multi/tensorine.mjs',
    'multi/tensorine.wasm',
    'multi/tensorine-shared.wasm',
    'multi/worker.js',
  ])
    assert.ok(files.includes(`dist/${name}`), name);
  for (const path of files) assert.match(path, /^(dist\/|((multi\/)?package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/);
  assert.equal(manifest.dependencies, undefined);
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts[script], undefined);
});

test('import, require and the multi-file build give the same names', () => {
  const print = 'await tf.ready(); console.log(Object.keys(tf).filter((k) => k !== "default").sort().join());';
  const imported = node('a.mjs', `import * as tf from 'tensorine'; ${print}`);
  assert.match(imported, /\bready\b/);
  assert.equal(node('b.cjs', `const tf = require('tensorine'); (async () => { ${print} })();`), imported);
  assert.equal(node('c.mjs', `import * as tf from 'tensorine/multi'; ${print}`), imported);
});

test('tensorine/vis by import and by require, where there is no page', () => {
  const print = `tfvis.metrics.accuracy(tf.tensor1d([0, 1]), tf.tensor1d([0, 0])).then((share) =>
    console.log(Object.keys(tfvis).filter((k) => k !== 'default').sort().join(), share));`;
  const wanted = 'metrics,render,show,version_vis,visor 0.5\n';
  const imports = "import * as tf from 'tensorine'; import * as tfvis from 'tensorine/vis';";
  assert.equal(node('v.mjs', imports + print), wanted);
  assert.equal(node('v.cjs', `const tf = require('tensorine'), tfvis = require('tensorine/vis'); ${print}`), wanted);
});

test('the program tensorine, which finds packages that read pictures beside it', () => {
  assert.match(inProject('npx', ['--no', 'tensorine', '--', '--version']), /^\d+\.\d+\.\d+\n$/);
  const found = () => JSON.parse(inProject('npx', ['--no', 'tensorine', 'info', '--json'])).pictures.JPEG;
  assert.equal(found(), false);
  mkdirSync(join(project, 'node_modules/jpeg-js'));
  writeFileSync(join(project, 'node_modules/jpeg-js/index.js'), '');
  assert.equal(found(), true);
});

test('the script for the tag makes one global, tf', () => {
  const out = node(
    'd.cjs',
    `
    const code = require('fs').readFileSync(require.resolve('tensorine/dist/tensorine.js'), 'utf8');
    const before = Object.keys(globalThis); require('vm').runInThisContext(code);
    console.log(Object.keys(globalThis).filter((k) => !before.includes(k)).join(), typeof tf.ready);`,
  );
  assert.equal(out, 'tf function\n');
});

test('TypeScript finds the types both ways', () => {
  const body = 'const done: Promise<void> = tf.ready(); void done;\n';
  writeFileSync(join(project, 'e.mts'), `import * as tf from 'tensorine'; import 'tensorine/vis'; ${body}`);
  writeFileSync(join(project, 'f.cts'), `import tf = require('tensorine'); ${body}`);
  for (const resolution of ['node16', 'nodenext'])
    inProject(process.execPath, [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,esnext.disposable',
      '--module',
      resolution,
      '--moduleResolution',
      resolution,
      'e.mts',
      'f.cts',
    ]);
});
