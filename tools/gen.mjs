// The generator: reads the declarations in src, writes C prototypes, JavaScript functions, types,
// and ops.json, from which tests, fuzz cases and benchmark rows are made. The manual is made by manual.mjs.
import { mkdirSync, writeFileSync, readFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeclarationError } from './gen/grammar.mjs';
import { readOps } from './gen/read.mjs';
import { border } from './gen/border.mjs';
import { familyHeaders, header } from './gen/c.mjs';
import { modules } from './gen/modules.mjs';
import { shaders } from './gen/shaders.mjs';
import { readLayers } from './gen/layers.mjs';
import { layersHeader, layersTables } from './gen/layers_c.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Writes only what changed, so that make rebuilds only what must be. */
function write(path, text) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

try {
  const declared = readOps(root);
  write('build/gen/ops.gen.h', header(declared.ops));
  for (const [path, text] of familyHeaders(declared.ops)) write(`build/gen/${path}`, text);
  write('build/gen/ops.json', JSON.stringify(declared, null, 1));
  const [module, check] = border(root, declared.ops);
  write('js/generated/wasm/border.ts', module);
  write('build/gen/border.gen.c', check);
  const gl = shaders(root);
  write('build/gen/shaders.gen.h', gl.header);
  write('build/gen/shaders.gen.c', gl.source);
  const layers = readLayers(root);
  write('build/gen/layers.gen.h', layersHeader(layers));
  write('build/gen/layers.gen.c', layersTables(layers));
  write('build/gen/layers.json', JSON.stringify({ ...layers, groups: [...layers.groups.values()] }, null, 1));
  for (const [path, text] of modules(declared, layers)) write(`js/generated/${path}`, text);
  console.log(`generated: ${declared.ops.length} ops, ${layers.layer.length} layers`);
} catch (error) {
  if (!(error instanceof DeclarationError)) throw error;
  console.error(error.message);
  process.exit(1);
}
