// Bundles js/vis, with uPlot in it, into dist/vis.*: for the script tag (as tfvis), import and require. It does not hold
// the library: tensors and models are read by their methods.
import { generateDtsBundle } from 'dts-bundle-generator';
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'js/vis/index.ts');
const FORMATS = { 'vis.js': 'iife', 'vis.mjs': 'esm', 'vis.cjs': 'cjs' };

/** uPlot's licence asks that its text goes along. */
function notice() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/uplot/package.json'), 'utf8'));
  const licence = readFileSync(join(root, 'node_modules/uplot/LICENSE'), 'utf8').trim();
  return `/*! Holds uPlot ${version}.\n\n${licence}\n*/`;
}

/** Writes the files; `quick` leaves the types out. */
export async function buildVis(dist, target, version, quick) {
  const banner = { js: notice() };
  for (const [name, format] of Object.entries(FORMATS))
    await build({
      entryPoints: [entry],
      outfile: join(dist, name),
      format,
      bundle: true,
      minify: format === 'iife',
      lineLimit: format === 'iife' ? 500 : undefined,
      target,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      globalName: format === 'iife' ? 'tfvis' : undefined,
      loader: { '.css': 'text' },
      legalComments: 'none',
      banner,
      logLevel: 'warning',
      define: { VERSION: JSON.stringify(version) },
    });
  if (quick) return;
  const [text] = generateDtsBundle(
    [{ filePath: entry, output: { noBanner: true, umdModuleName: 'tfvis', exportReferencedTypes: false } }],
    { preferredConfigPath: join(root, 'tsconfig.json') },
  );
  for (const name of ['vis.d.ts', 'vis.d.mts']) writeFileSync(join(dist, name), text);
}
