// Bundles js/ with the core into dist/: one file each for the script tag, import and require,
// and the multi-file build. The wasm files and the glue come from make (build/core.*, plugin.wasm).
import { generateDtsBundle } from 'dts-bundle-generator';
import { build, transform } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildCli } from './build_cli.mjs';
import { buildVis } from './build_vis.mjs';
import { frequencies, pack } from './pack.mjs';
import { HOST_TYPES } from './host_types.mjs';
import { before, close } from './once.mjs';
import { memoryImport } from './wasm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = ['es2022', 'chrome94', 'firefox93', 'safari16.4', 'node18'];
const SHARED = 2;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The glue without its declarations of our exports, which nothing in it uses. */
function glue(dir) {
  const text = readFileSync(join(dir, 'core.mjs'), 'utf8');
  return text.replace(/var (_tn_\w+)=wasmExports\["\w+"\];/g, (all, name) =>
    text.split(name).length === 2 ? '' : all,
  );
}

async function workerScript() {
  const text = readFileSync(join(root, 'js/wasm/worker.ts'), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'iife', minify: true, target: TARGET })).code;
}

/** Module 'tensorine:files' as build.d.ts describes it. Node's own file has bytes as base64, which it
 * decodes fastest; what travels to browsers has them packed. */
async function files(dir, multi, base64) {
  const core = readFileSync(join(dir, 'core.wasm')),
    plugin = readFileSync(join(dir, 'plugin.wasm'));
  const order = frequencies(core);
  const text = (bytes) => JSON.stringify(base64 ? bytes.toString('base64') : pack(bytes, order));
  const url = (name) => `new URL('./${name}', import.meta.url)`;
  return `
    import { ${base64 ? 'fromBase64' : 'unpack'} as decode } from './bytes';
    const order = ${base64 ? null : JSON.stringify(order)};
    export const coreBytes = ${multi ? null : `() => decode(${text(core)}, order)`};
    export const plainURL = ${multi ? `() => ${url('tensorine.wasm')}` : null};
    export const sharedURL = ${multi ? `() => ${url('tensorine-shared.wasm')}` : null};
    export const memory = ${JSON.stringify(memoryImport(core))};
    export const pluginBytes = () => decode(${text(plugin)}, order);
    export const pluginFlag = ${memoryImport(plugin).at};
    export const workerText = ${JSON.stringify(await workerScript())};
    export const workerFile = ${multi ? `() => new Worker(${url('worker.js')})` : null};`;
}

const provide = (dir, multi, base64) => ({
  name: 'tensorine',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tensorine:/ }, ({ path }) => ({ path, namespace: 'tensorine' }));
    onLoad({ filter: /glue$/, namespace: 'tensorine' }, () => ({ contents: glue(dir) }));
    onLoad({ filter: /files$/, namespace: 'tensorine' }, async () => ({
      contents: await files(dir, multi, base64),
      resolveDir: join(root, 'js/wasm'),
    }));
  },
});

/** Bundles `entry` with the core found in `dir`. */
export function bundle({
  entry,
  out,
  format,
  banner,
  multi = false,
  base64 = format === 'cjs',
  minify = format === 'iife',
  dir = join(root, 'build'),
}) {
  return build({
    entryPoints: [entry],
    outfile: out,
    format,
    bundle: true,
    minify,
    lineLimit: minify ? 500 : undefined,
    target: TARGET,
    platform: 'neutral',
    globalName: format === 'iife' ? 'tf' : undefined,
    legalComments: 'none',
    banner,
    sourcemap: minify && 'external',
    plugins: [provide(dir, multi, base64)],
    logLevel: 'warning',
    logOverride: { 'ignored-bare-import': 'silent' }, // they are there for the types alone
    define: { VERSION: JSON.stringify(version) },
  });
}

/** The same for what is shipped: a second copy in a program gives the first one's exports (once.mjs). */
async function ship({ out, format, multi = false, ...rest }) {
  const banner = { js: before(format, version, multi) },
    minify = format === 'iife';
  await bundle({ ...rest, out, multi, base64: format === 'cjs', minify, format: 'esm', banner });
  writeFileSync(out, close(readFileSync(out, 'utf8'), format));
  if (minify) writeMap(out);
}

/** Puts what a minified file was made of beside it, without what is packed bytes. */
function writeMap(out) {
  const map = JSON.parse(readFileSync(`${out}.map`, 'utf8'));
  map.sourcesContent = map.sources.map((name, i) => (name.startsWith('tensorine:') ? null : map.sourcesContent[i]));
  writeFileSync(`${out}.map`, JSON.stringify(map));
  writeFileSync(out, `${readFileSync(out, 'utf8').trimEnd()}\n//# sourceMappingURL=${basename(out)}.map\n`);
}

/** What import gives in Node: the instance that require gives, under static names. The file between
 * keeps Node from searching the whole of the library's text for names, which takes it 0.3 s. */
function writeNodeModule(dist) {
  writeFileSync(join(dist, 'node.cjs'), "const tf = require('./tensorine.cjs');\nmodule.exports = tf;\n");
  const names = Object.keys(createRequire(import.meta.url)(join(dist, 'tensorine.cjs')));
  writeFileSync(
    join(dist, 'node.mjs'),
    `import tf from './node.cjs';\nexport const {\n  ${names.join(',\n  ')},\n} = tf;\nexport default tf;\n`,
  );
}

/** Writes the files that the multi-file build loads. */
export async function writeParts(to, dir = join(root, 'build')) {
  const shared = readFileSync(join(dir, 'core.wasm')),
    plain = Buffer.from(shared);
  plain[memoryImport(plain).at] &= ~SHARED;
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'tensorine.wasm'), plain);
  writeFileSync(join(to, 'tensorine-shared.wasm'), shared);
  writeFileSync(join(to, 'worker.js'), await workerScript());
}

/** The types of all that `entry` exports as one file, for import and for require; all of it is the default
 * export as well. */
function writeTypes(entry, dist) {
  const [text] = generateDtsBundle(
    [
      {
        filePath: entry,
        output: { noBanner: true, umdModuleName: 'tf', exportReferencedTypes: false },
      },
    ],
    { preferredConfigPath: join(root, 'tsconfig.json') },
  );
  for (const [name, own] of [
    ['tensorine.d.ts', './tensorine'],
    ['tensorine.d.mts', './tensorine.mjs'],
  ])
    writeFileSync(join(dist, name), `${text}${HOST_TYPES}\nexport * as default from '${own}';\n`);
}

const OUTPUTS = [
  ['tensorine.js', 'iife'],
  ['tensorine.mjs', 'esm'],
  ['tensorine.cjs', 'cjs'],
];

/** Prints what is shipped, as it is and compressed; returns the compressed bytes of each file. */
export function printSizes(dist = join(root, 'dist')) {
  const packed = {};
  for (const name of [...OUTPUTS.map(([file]) => file), 'vis.js', 'multi/tensorine.mjs', 'multi/tensorine.wasm']) {
    const bytes = readFileSync(join(dist, name));
    const kb = (n) => `${(n / 1024).toFixed(1)} KB`.padStart(10);
    packed[name] = gzipSync(bytes, { level: 9 }).length;
    console.log(`dist/${name.padEnd(22)}${kb(bytes.length)}${kb(packed[name])} gz`);
  }
  return packed;
}

/** What programs take from a path inside the package that TensorFlow.js has for Node. */
const FILE_SYSTEM = `const { io } = require('../tensorine.cjs');
exports.fileSystem = io.fileSystem;
exports.NodeFileSystem = function NodeFileSystem(path) { return io.fileSystem(path); };
exports.nodeFileSystemRouter = (url) => (String(url).startsWith('file://') ? io.fileSystem(url) : null);
`;

async function main() {
  const entry = join(root, 'js/index.ts'),
    dist = join(root, 'dist');
  await writeParts(join(dist, 'multi'));
  for (const [name, format] of OUTPUTS) await ship({ entry, out: join(dist, name), format });
  await ship({ entry, out: join(dist, 'multi/tensorine.mjs'), format: 'esm', multi: true });
  writeNodeModule(dist);
  mkdirSync(join(dist, 'io'), { recursive: true });
  writeFileSync(join(dist, 'io/file_system.js'), FILE_SYSTEM);
  const quick = process.argv[2] === 'quick';
  await buildVis(dist, TARGET, version, quick);
  await buildCli(dist);
  if (quick) return;
  writeTypes(entry, dist);
  printSizes(dist);
}

if (process.argv[1]?.endsWith('build.mjs')) await main();
