// Bundles js/cli into dist/cli.mjs, which package.json names as the program `tensorine`. It does not hold the library: it
// imports the build for Node that lies beside it.
import { build } from 'esbuild';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOps } from './gen/read.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Modules that are not files of js/cli: the library, and the server of static files. */
const provided = {
  name: 'provided',
  setup({ onResolve }) {
    onResolve({ filter: /^tensorine:server$/ }, () => ({ path: join(root, 'tools/server.mjs') }));
    onResolve({ filter: /^\.\.\/index$/ }, () => ({ path: './node.mjs', external: true }));
  },
};

/** Writes the file. The names of ops with a shader come from their declarations. */
export async function buildCli(dist) {
  const out = join(dist, 'cli.mjs');
  const shaders = readOps(root)
    .ops.filter((op) => op.shader)
    .map((op) => op.name);
  await build({
    entryPoints: [join(root, 'js/cli/index.ts')],
    outfile: out,
    format: 'esm',
    bundle: true,
    target: 'node18',
    platform: 'node',
    legalComments: 'none',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [provided],
    logLevel: 'warning',
    define: { SHADERS: JSON.stringify(shaders) },
  });
  chmodSync(out, 0o755);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli(join(root, 'dist'));
