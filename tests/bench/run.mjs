// Measures against TensorFlow.js 4.22, one thread each, both sides in turn:
//   npm run bench -- [--json FILE] [--only TEXT] [--sweep] [--browser [--layers]] [--current-node] [--against DIST]
// --against takes another build of this library, its dist/, in place of TensorFlow.js: before and after a
// change. --only keeps rows whose name holds TEXT; --browser measures the GPU in Chromium instead,
// with --layers draw by draw;
// --sweep measures every common op at two sizes instead, and small programs; --current-node runs all in a
// current Node from npm, where relaxed SIMD is on.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, heading, line, machine, median } from './measure.mjs';
import { rows } from './rows.mjs';
import { sweep } from './sweep.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = process.env.TENSORINE_DATA ?? join(root, '../shared/data');
const require = createRequire(import.meta.url);

function options(args) {
  const value = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  return {
    json: value('--json'),
    only: value('--only') ?? '',
    sweep: args.includes('--sweep'),
    browser: args.includes('--browser'),
    layers: args.includes('--layers'),
    currentNode: args.includes('--current-node'),
    against: value('--against'),
  };
}

/** TensorFlow.js without its browser-sized console messages, on its wasm backend. */
async function peer() {
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

/** Another build of this library; a program has one of a version, so the registry forgets the first. */
function otherBuild(dist) {
  delete globalThis[Symbol.for('tensorine')];
  return require(resolve(dist, 'tensorine.cjs'));
}

/** A layers model on disk as the artifacts of tf.io.fromMemory. */
function artifacts(path) {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  const bytes = Buffer.concat(
    json.weightsManifest.flatMap((group) => group.paths.map((name) => readFileSync(join(dirname(path), name)))),
  );
  return {
    modelTopology: json.modelTopology,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  };
}

async function measure(row, tf, theirs, against) {
  const file = row.needs && join(data, row.needs);
  if (file && !existsSync(file)) throw new Error(`${row.needs} is not in ${data} (TENSORINE_DATA)`);
  const extra = file ? { artifacts: artifacts(file) } : {};
  const name = against ? 'wasm' : (row.peer ?? 'wasm');
  await theirs.setBackend(name);
  const sides = [await row.make(tf, extra), await row.make(theirs, extra)];
  const result = { name: row.name, peer: against ?? `tfjs-${name}`, ...(await compare(...sides, row)) };
  await theirs.setBackend('wasm');
  return result;
}

/** Import to first result in fresh processes, in turn. */
function importing() {
  const ours = `const t = performance.now(); const tf = require('${join(root, 'dist/tensorine.cjs')}');
    tf.tensor([1, 2]).add(1).dataSync(); console.log(performance.now() - t)`;
  const theirs = `const t = performance.now(); const tf = require('@tensorflow/tfjs');
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(require('path').dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + '/');
    tf.setBackend('wasm').then(() => { tf.tensor([1, 2]).add(1).dataSync(); console.log(performance.now() - t) })`;
  const once = (code) => Number(spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' }).stdout);
  const times = [[], []];
  for (let round = 0; round < 9; round++) [ours, theirs].forEach((code, i) => times[i].push(once(code)));
  const ratio = median(times[0].map((t, i) => times[1][i] / t));
  return {
    name: 'import to first result, fresh process',
    peer: 'tfjs-wasm',
    ours: median(times[0]),
    theirs: median(times[1]),
    ratio,
    rounds: 9,
  };
}

function inCurrentNode() {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-node-'));
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  spawnSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `${name}@26`], {
    stdio: 'inherit',
  });
  const args = process.argv.slice(1).filter((a) => a !== '--current-node');
  const { status } = spawnSync(join(folder, 'node_modules', name, 'bin/node'), args, { stdio: 'inherit' });
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = status ?? 1;
}

async function inNode(only, against, rows) {
  const tf = require('../../dist/tensorine.cjs'),
    theirs = against ? otherBuild(against) : await peer(),
    results = [];
  console.log(heading());
  for (const row of rows.filter((r) => r.name.includes(only))) {
    try {
      results.push(await measure(row, tf, theirs, against));
      console.log(line(results.at(-1)));
    } catch (error) {
      console.log(`${row.name.padEnd(44)} not measured: ${error.message.split('\n')[0]}`);
    }
  }
  const ratios = results.map(({ ratio }) => Math.log(ratio));
  const mean = Math.exp(ratios.reduce((a, b) => a + b, 0) / ratios.length);
  console.log(`${`geometric mean of ${ratios.length}`.padEnd(67)}${mean.toFixed(2).padStart(8)}x`);
  if (rows !== sweep && !against && 'import to first result'.includes(only)) {
    results.push(importing());
    console.log(line(results.at(-1)));
  }
  return results;
}

async function main() {
  const { json, only, browser, layers, currentNode, against, sweep: whole } = options(process.argv.slice(2));
  if (currentNode) return inCurrentNode();
  const where = machine();
  console.log(Object.values(where).join(', '));
  const results = browser
    ? await (await import('./browser.mjs')).measureInBrowser({ root, data, only, layers })
    : await inNode(only, against, whole ? sweep : rows);
  if (json) writeFileSync(json, `${JSON.stringify({ machine: where, results }, null, 1)}\n`);
}

await main();
