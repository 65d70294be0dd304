// Bundles the face with the core into dist/: one file each for the script tag, import and require,
// and the multi-file build. The wasm files and the glue come from make (build/core.*, plugin.wasm).
import { generateDtsBundle } from 'dts-bundle-generator';
import { build, transform } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { memoryImport } from './wasm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = ['es2022', 'chrome94', 'firefox93', 'safari16.4', 'node18'];
const SHARED = 2;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The glue without its declarations of our exports, which nothing in it uses. */
function glue(dir) {
  const text = readFileSync(join(dir, 'core.mjs'), 'utf8');
  return text.replace(/var (_tn_\w+)=wasmExports\["\w+"\];/g, (all, name) =>
    text.split(name).length === 2 ? '' : all);
}

async function helperScript() {
  const text = readFileSync(join(root, 'js/core/helper.ts'), 'utf8');
  return (await transform(text, { loader: 'ts', format: 'iife', minify: true, target: TARGET })).code;
}

/** Module 'tensorine:files' as build.d.ts describes it. */
async function files(dir, multi) {
  const core = readFileSync(join(dir, 'core.wasm'));
  const plugin = readFileSync(join(dir, 'plugin.wasm'));
  const url = (name) => `new URL('./${name}', import.meta.url)`;
  return `
    export const coreText = ${multi ? null : JSON.stringify(core.toString('base64'))};
    export const coreURL = ${
      multi && `(shared) => shared ? ${url('tensorine-shared.wasm')} : ${url('tensorine.wasm')}`};
    export const memory = ${JSON.stringify(memoryImport(core))};
    export const pluginText = ${JSON.stringify(plugin.toString('base64'))};
    export const pluginFlag = ${memoryImport(plugin).at};
    export const helperText = ${JSON.stringify(await helperScript())};
    export const helperFile = ${multi && `() => new Worker(${url('worker.js')})`};`;
}

const provide = (dir, multi) => ({
  name: 'tensorine',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^tensorine:/ }, ({ path }) => ({ path, namespace: 'tensorine' }));
    onLoad({ filter: /glue$/, namespace: 'tensorine' }, () => ({ contents: glue(dir) }));
    onLoad({ filter: /files$/, namespace: 'tensorine' }, async () => ({
      contents: await files(dir, multi || null), // null, not undefined, is what the text shall say
    }));
  },
});

/** Bundles `entry` with the core found in `dir`. */
export function bundle({ entry, out, format, multi = false, dir = join(root, 'build') }) {
  return build({
    entryPoints: [entry], outfile: out, format, bundle: true, minify: true, lineLimit: 500, target: TARGET,
    platform: 'neutral', globalName: format === 'iife' ? 'tf' : undefined, legalComments: 'none',
    plugins: [provide(dir, multi)], logLevel: 'warning', define: { VERSION: JSON.stringify(version) },
  });
}

/** Writes the files that the multi-file build loads. */
export async function writeParts(to, dir = join(root, 'build')) {
  const shared = readFileSync(join(dir, 'core.wasm')), plain = Buffer.from(shared);
  plain[memoryImport(plain).at] &= ~SHARED;
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'tensorine.wasm'), plain);
  writeFileSync(join(to, 'tensorine-shared.wasm'), shared);
  writeFileSync(join(to, 'worker.js'), await helperScript());
}

/** The types of all that `entry` exports as one file; the same text serves import and require. */
function writeTypes(entry, dist) {
  const [text] = generateDtsBundle([{
    filePath: entry, output: { noBanner: true, umdModuleName: 'tf', exportReferencedTypes: false },
  }], { preferredConfigPath: join(root, 'tsconfig.json') });
  for (const name of ['tensorine.d.ts', 'tensorine.d.mts']) writeFileSync(join(dist, name), text);
}

async function main() {
  const entry = join(root, 'js/index.ts'), dist = join(root, 'dist');
  const outputs = [['tensorine.js', 'iife'], ['tensorine.mjs', 'esm'], ['tensorine.cjs', 'cjs']];
  await writeParts(join(dist, 'multi'));
  for (const [name, format] of outputs) await bundle({ entry, out: join(dist, name), format });
  await bundle({ entry, out: join(dist, 'multi/tensorine.mjs'), format: 'esm', multi: true });
  writeTypes(entry, dist);
  for (const [name] of [...outputs, ['multi/tensorine.mjs'], ['multi/tensorine.wasm']]) {
    const bytes = readFileSync(join(dist, name));
    const kb = (n) => `${(n / 1024).toFixed(1)} KB`.padStart(10);
    console.log(`${name.padEnd(22)}${kb(bytes.length)}${kb(gzipSync(bytes, { level: 9 }).length)} gz`);
  }
}

if (process.argv[1]?.endsWith('build.mjs')) await main();
