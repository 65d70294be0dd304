// The server of the pages: `node tools/serve.mjs [port]` serves web/ at /,
// dist/ at /dist/ and, where there is one, a folder of models and pictures at /data/, with the two
// headers that make a page cross-origin isolated (threads).
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from './server.mjs';

export { ISOLATED, serve } from './server.mjs';

/** The pages, the library, and the data folder (TENSORINE_DATA or ../shared/data) if there is one;
 * web/config.js is how pages hear of it. */
export function site(root, dist = join(root, 'dist')) {
  const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
  const folders = { '/': join(root, 'web'), '/dist/': dist };
  if (!existsSync(data)) return { folders };
  return {
    folders: { ...folders, '/data/': data },
    texts: { '/config.js': "export const data = new URL('data/', import.meta.url).href;\n" },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const { url } = await serve({ ...site(root), port: Number(process.argv[2] ?? 8080) });
  console.log(`serving web/ on ${url} (Ctrl-C ends)`);
}
