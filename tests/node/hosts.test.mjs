// The package in hosts that have less than Node, and the hosts of tests/hosts that need no packages of
// their own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, copyFileSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { serve } from '../../tools/serve.mjs';
import { faultOf } from '../hosts/check.mjs';
import { pack, prepare } from '../hosts/project.mjs';
import { hosts } from '../hosts/table.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const dist = (name) => readFileSync(join(root, 'dist', name), 'utf8');
let folder, tarball;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorine-'));
  tarball = pack(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const name of ['node', 'typescript'])
  test(`${name} takes the package every way`, async () => {
    const host = hosts.find((row) => row.name === name),
      own = join(folder, name);
    await prepare(host, own, tarball);
    for (const one of host.cases) assert.equal(await faultOf(one, host, { folder: own, tarball }), null, one.name);
  });

/** A realm with JavaScript and WebAssembly and nothing of a host: no TextDecoder, URL, performance,
 * console, Buffer or process, as in audio worklets and, in part, in jsdom. */
const realm = (more = {}) => createContext({ ...more });

const COMPUTE = `(async () => {
  await tf.ready();
  const x = tf.tensor2d([[1, 2], [3, 4]]), text = 'a\u00e9\u20ac\u{1f600}\ud800.';
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], name: 'd\u00e9' })] });
  let message = '';
  try { tf.add(tf.ones([2]), tf.ones([3])); } catch (error) { message = error.message; }
  return JSON.stringify({
    product: Array.from(tf.matMul(x, x).dataSync()), texts: tf.tensor([text]).dataSync(), layer: model.layers[0].name,
    bytes: Array.from(tf.util.encodeString(text)), decoded: tf.util.decodeString(tf.util.encodeString(text)), message,
    broken: tf.util.decodeString(new Uint8Array([239, 187, 191, 97, 255, 98])),
  });
})()`;

function right({ product, texts, layer, bytes, decoded, message, broken }) {
  const text = 'aé€\u{1f600}\ufffd.';
  assert.deepEqual(product, [7, 10, 15, 22]);
  assert.deepEqual([texts, layer, decoded], [[text], 'dé', text]);
  assert.deepEqual(bytes, Array.from(new TextEncoder().encode(text)));
  assert.match(message, /\[?2\]?.*\[?3\]?/);
  assert.equal(broken, new TextDecoder().decode(new Uint8Array([239, 187, 191, 97, 255, 98])));
}

test('a host with nothing but JavaScript and WebAssembly', async () => {
  const context = realm();
  runInContext(dist('tensorine.js'), context);
  right(JSON.parse(await runInContext(COMPUTE, context)));
});

test('the file for require without Buffer, as in bundles for browsers', async () => {
  const context = realm({ atob: (text) => atob(text) });
  const file = runInContext(`(function (module, exports) {${dist('tensorine.cjs')}\n})`, context),
    module = { exports: {} };
  file(module, module.exports);
  assert.equal(module.exports.default, module.exports);
  context.tf = module.exports;
  right(JSON.parse(await runInContext(COMPUTE, context)));
  assert.doesNotMatch(dist('tensorine.cjs'), /[^.\w{] ?Buffer[.(]/, 'bundlers bring a Buffer along for its name');
});

test('the file for the script tag makes its global as a module too', () => {
  const context = realm();
  runInContext(`(() => { 'use strict'; ${dist('tensorine.js')}\n})()`, context);
  assert.equal(runInContext('typeof tf.matMul', context), 'function');
  assert.equal(runInContext('Object.keys(globalThis).join()', context), 'tf');
});

test('an older browser that compiles only small modules at once gets the rest by ready()', async () => {
  const context = realm();
  runInContext(
    `{ const { Module } = WebAssembly;
    WebAssembly.Module = function (bytes) {
      if (bytes.length > 100000) throw new RangeError('WebAssembly.Module is disallowed on the main thread');
      return new Module(bytes);
    };
    WebAssembly.Module.prototype = Module.prototype; }`,
    context,
  );
  runInContext(dist('tensorine.js'), context);
  assert.throws(() => runInContext('tf.ones([2])', context), /await tf\.ready\(\) first/);
  right(JSON.parse(await runInContext(COMPUTE, context)));
});

/** What a program prints, in a process of its own. */
const printed = (text) =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', text], { cwd: root }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout.trim()),
    );
  });

test('no leave to read the environment, as in Deno', async () => {
  const file = JSON.stringify(join(root, 'dist/tensorine.cjs'));
  assert.equal(
    await printed(`import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url), asked = [];
    globalThis.Deno = { permissions: { querySync: (of) => { asked.push(of.variable); return { state: 'prompt' }; } } };
    const { env } = process, no = { get(of, name) { if (name === 'TENSORINE_FLAGS') throw new Error(); return of[name]; } };
    Object.defineProperty(process, 'env', { value: new Proxy(env, no) });
    const tf = require(${file});
    console.log(tf.add(1, 2).dataSync()[0], asked.join());`),
    '3 TENSORINE_FLAGS',
  );
});

test('the multi-file build without its files says what to copy, and setWasmPaths where they are', async () => {
  const alone = join(folder, 'alone.mjs'),
    multi = join(root, 'dist/multi');
  copyFileSync(join(multi, 'tensorine.mjs'), alone);
  const server = await serve({
    folders: { '/wasm/': multi },
    texts: { '/app/tensorine-shared.wasm': '<!doctype html>' },
  });
  try {
    const { url } = server;
    const child = `import * as tf from ${JSON.stringify(alone)};
      const why = async () => tf.ready().then(() => 'ready', ({ code, message }) => code + ': ' + message);
      const set = (value) => { try { return tf.setWasmPaths(value); } catch ({ code, message }) { return code + ': ' + message; } };
      const said = [await why()];
      for (const at of ['${url}/none', '${url}/app/', 'http://localhost:1/']) { set(at); said.push(await why()); }
      said.push(set(5), set(null));
      set({ 'tensorine-shared.wasm': '${url}/wasm/tensorine-shared.wasm', 'tfjs-backend-wasm.wasm': 'x' });
      said.push(await why(), set('/'), String(tf.add(1, 2).dataSync()[0]));
      console.log(JSON.stringify(said));`;
    const [beside, none, page, nobody, number, nothing, ready, late, sum] = JSON.parse(await printed(child));
    const remedy =
      /copy tensorine\.wasm, .* from node_modules\/tensorine\/dist\/multi\/ .*tf\.setWasmPaths\('\/folder\/'\)/;
    for (const message of [beside, none, page, nobody]) assert.match(message, remedy);
    assert.match(beside, /^file: ready: file:.*tensorine-shared\.wasm can't be read/);
    assert.match(none, /^file: ready: http.*\/none\/tensorine-shared\.wasm answers 404/);
    assert.match(page, /\/app\/tensorine-shared\.wasm can't be compiled \(/);
    assert.match(nobody, /can't be loaded/);
    assert.match(number, /^value: setWasmPaths: prefixOrFileMap must be .* but got number/);
    assert.match(nothing, /but got null/);
    assert.equal(ready, 'ready');
    assert.match(late, /^device: setWasmPaths: .* before tf\.ready\(\)/);
    assert.equal(sum, '3');
  } finally {
    server.close();
  }
});

test('the helper script asks for no module, and the core stands once, for minifiers to leave it so', () => {
  assert.doesNotMatch(dist('multi/worker.js'), /require|import\b/);
  assert.equal(dist('tensorine.mjs').split('coreBytes()').length - 1, 1);
});

test('a minified file has its map beside it, without the core in it', () => {
  assert.match(dist('tensorine.js'), /\n\/\/# sourceMappingURL=tensorine\.js\.map\n$/);
  const { version, sources, sourcesContent } = JSON.parse(dist('tensorine.js.map'));
  assert.equal(version, 3);
  for (const [i, name] of sources.entries()) {
    if (name.startsWith('tensorine:')) assert.equal(sourcesContent[i], null);
    else assert.equal(sourcesContent[i], readFileSync(join(root, 'dist', name), 'utf8'), name);
  }
});
