// The peer's specs as one script: what they import as the peer's index is this library, other modules
// of the peer are themselves, but for the names that we have too.
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url)),
  root = join(here, '../..');
export const require = createRequire(import.meta.url);
export const peer = dirname(require.resolve('@tensorflow/tfjs-core/package.json')) + '/dist';

/** Which names of ours stand for a module of the peer. */
const OURS = [
  [/^engine$/, '{ ENGINE: tf.engine() }'],
  [/^util$/, 'tf.util'],
  [/^tensor_util_env$/, 'tf.tensor_util'],
  [/^io\//, '{ ...tf.io, ...hidden }'],
  [/^(slice|tensor|test)_util$/, 'tf[inner]'],
  [/^ops\/slice_util$/, 'tf.slice_util'],
  [/^ops\/(segment_util)$/, 'tf.backend_util.segment_util'],
  [/^serialization$/, 'tf.serialization'],
  [/^(ops\/\w+_util|backends\/(complex|einsum)_util)$/, 'tf.backend_util'],
  [/^/, 'tf'],
];

/** Modules of the peer that specs import: names that we have are ours. */
function standIn(path) {
  const inner = relative(peer, path).replace(/\.js$/, '');
  const [, from] = OURS.find(([pattern]) => pattern.test(inner));
  return `const tf = require(${JSON.stringify(join(here, 'ours.cjs'))}), peer = require(${JSON.stringify(path)});
    const inner = ${JSON.stringify(inner)}, hidden = require(${JSON.stringify(join(here, 'hidden.cjs'))})(tf.io), ours = ${from};
    module.exports = new Proxy(peer, { get: (of, key) => (key in (ours ?? {}) ? ours[key] : of[key]) });`;
}

const redirect = {
  name: 'conformance',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, namespace }) => {
      if (namespace === 'stand-in' || !importer.startsWith(peer)) return null;
      const target = resolve(resolveDir, path).replace(/\.js$/, '');
      if (target === join(peer, 'engine') && importer.endsWith('/test_util.js'))
        return { path: join(here, 'ours.cjs'), namespace: 'engine' };
      if (!/_test\.js$|\/image_test_util\.js$/.test(importer)) return null;
      if (target === join(peer, 'index') || target === peer) return { path: join(here, 'ours.cjs') };
      if (target === join(peer, 'jasmine_util')) return { path: join(here, 'flags.mjs') };
      if (target === join(peer, 'test_util') && !importer.endsWith('/test_util_test.js')) return null;
      return { path: `${target}.js`, namespace: 'stand-in' };
    });
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: standIn(path), resolveDir: here }));
    onLoad({ filter: /.*/, namespace: 'engine' }, () => ({
      contents: 'export const ENGINE = { backend: { floatPrecision: () => 32 } };',
    }));
  },
};

/** The name of a file's outermost suites begins with the file. */
const OF_FILES = `const suite = describe;
  let file, depth = 0;
  globalThis.describe = (name, specs) => suite(depth ? name : file + ' ' + name, () => { depth++; specs(); depth--; });`;

/** Writes the script and gives its path; platform: 'node' or 'browser'. */
export async function bundle(files, platform) {
  const load = (path) => `require(${JSON.stringify(join(peer, path))});`;
  const named = (path) => `file = ${JSON.stringify(path)}; ${load(path)}`;
  const out = join(root, `build/conformance/${platform}.cjs`);
  mkdirSync(dirname(out), { recursive: true });
  await build({
    stdin: {
      contents: [...['flags.js', `platforms/platform_${platform}.js`].map(load), OF_FILES, ...files.map(named)].join(
        '\n',
      ),
      resolveDir: here,
    },
    bundle: true,
    outfile: out,
    format: platform === 'node' ? 'cjs' : 'iife',
    platform,
    target: 'es2022',
    ignoreAnnotations: true,
    mainFields: ['module', 'main'],
    external: ['*/dist/tensorine.cjs'],
    plugins: [redirect],
    logLevel: 'error',
  });
  return out;
}
