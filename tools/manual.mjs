// Writes the manual, web/api/index.html: ops, layers and their kin from the declarations in src, and what js/
// exports by hand from its comments, as the TypeScript compiler reads them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLayers } from './gen/layers.mjs';
import { manual } from './gen/manual.mjs';
import { readOps } from './gen/read.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..'),
  folder = join(root, 'web/api');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'index.html'), manual(readOps(root), readLayers(root), root));
