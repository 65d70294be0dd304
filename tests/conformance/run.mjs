// The specs that TensorFlow.js publishes with its core, run against this library: the specs are the
// peer's package as npm has it, what they import as the peer's index is ours. Prints TAP: a spec
// that needs a name or a dtype we do not have is skipped, one of known.mjs too, with its reason.
//   node tests/conformance/run.mjs [TEXT]   only files whose path holds TEXT
import { build } from 'esbuild';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { known } from './known.mjs';

const here = dirname(fileURLToPath(import.meta.url)), root = join(here, '../..');
const require = createRequire(import.meta.url);
const peer = dirname(require.resolve('@tensorflow/tfjs-core/package.json')) + '/dist';
const only = process.argv[2] ?? '';

// Specs of what users call; left out are those of the peer's inner helpers and of its engine.
const AT_TOP = ['buffer', 'debug_mode', 'globals', 'gradients', 'tensor', 'util', 'variable'];
const INNER = /_util_test\.js$|fused_util|non_max_suppression_util|slice_util|draw_test|from_pixels|to_pixels|identity_pool/;

function specs() {
  const below = (folder) => readdirSync(join(peer, folder), { recursive: true })
    .filter((name) => name.endsWith('_test.js')).map((name) => join(folder, name));
  return [...AT_TOP.map((name) => `${name}_test.js`), ...below('ops'), ...below('optimizers')]
    .filter((path) => !INNER.test(path) && path.includes(only)).sort();
}

/** Modules of the peer that specs import: names that we have are ours. */
function standIn(path) {
  const inner = relative(peer, path).replace(/\.js$/, '');
  const from = inner === 'util' ? 'tf.util' : 'tf';
  return `const tf = require(${JSON.stringify(join(here, 'ours.cjs'))}), peer = require(${JSON.stringify(path)});
    const ours = ${from};
    module.exports = new Proxy(peer, { get: (of, key) => (key in ours ? ours[key] : of[key]) });`;
}

const redirect = {
  name: 'conformance',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, namespace }) => {
      if (namespace === 'stand-in' || !importer.startsWith(peer)) return null;
      const target = resolve(resolveDir, path).replace(/\.js$/, '');
      if (target === join(peer, 'engine') && importer.endsWith('/test_util.js')) return { path: join(here, 'ours.cjs'), namespace: 'engine' };
      if (!importer.endsWith('_test.js')) return null;
      if (target === join(peer, 'index') || target === peer) return { path: join(here, 'ours.cjs') };
      if (target === join(peer, 'jasmine_util')) return { path: join(here, 'flags.mjs') };
      if (target === join(peer, 'test_util')) return null;
      return { path: `${target}.js`, namespace: 'stand-in' };
    });
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: standIn(path), resolveDir: here }));
    onLoad({ filter: /.*/, namespace: 'engine' }, () => ({ contents: 'export const ENGINE = { backend: { floatPrecision: () => 32 } };' }));
  },
};

async function bundle(files) {
  const load = (path) => `require(${JSON.stringify(join(peer, path))});`;
  const out = join(root, 'build/conformance/specs.cjs');
  mkdirSync(dirname(out), { recursive: true });
  await build({
    stdin: { contents: ['flags.js', 'platforms/platform_node.js', ...files].map(load).join('\n'), resolveDir: here },
    bundle: true, outfile: out, format: 'cjs', platform: 'node', target: 'es2022', ignoreAnnotations: true,
    mainFields: ['module', 'main'], external: ['*/dist/tensorine.cjs'], plugins: [redirect], logLevel: 'error',
  });
  return out;
}

// Names that are not there: of functions, of dtypes; or the spec fell back on the peer's own function.
const ABSENT = /No backend found in registry|is not a function|is not a constructor|Cannot read properties of undefined|undefined is not iterable|but is (string|complex64)|but got 'string'|'\w+ chained op not found|<spyOn>/;
// The same message after the name of the op, perhaps with more behind it: not a difference.
const PREFIXED = [
  /message '(.+)', but it threw an exception with message '\w+: \1/, /Expected '\w+: (.+)' to (?:be|equal) '\1'/,
  /rejected with Error: '(.+)' but it was rejected with TensorineError: \w+: \1/,
];
let count = 0;

/** One line of TAP. */
function report({ fullName, status, failedExpectations }) {
  const messages = failedExpectations.map((e) => e.message.split('\n')[0].slice(0, 400));
  const name = fullName.replaceAll('#', '');
  const reason = known.find(([pattern]) => pattern.test(fullName))?.[1];
  const head = (ok) => `${ok ? '' : 'not '}ok ${++count} - ${name}`;
  if (status === 'passed') console.log(head(true));
  else if (status !== 'failed') console.log(`${head(true)} # SKIP the peer leaves it out`);
  else if (messages.some((text) => ABSENT.test(text))) console.log(`${head(true)} # SKIP not there yet`);
  else if (messages.every((text) => PREFIXED.some((same) => same.test(text)))) console.log(`${head(true)} # SKIP the message begins with the op`);
  else if (reason) console.log(`${head(true)} # SKIP ${reason}`);
  else console.log(`${head(false)}\n${messages.map((text) => `  # ${text}`).join('\n')}`);
}

async function main() {
  const env = require('jasmine-core').boot().getEnv();
  env.configure({ random: false });
  env.addReporter({ specDone: report, jasmineDone: () => console.log(`1..${count}`) });
  console.warn = () => {}; // debug mode and deprecations
  require(await bundle(specs()));
  await env.execute();
}

await main();
