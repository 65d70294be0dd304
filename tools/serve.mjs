// A small server of static files for pages and tests: `node tools/serve.mjs [port]` serves web/ at /
// and dist/ at /dist/, with the two headers that make a page cross-origin isolated (threads).
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.jpg': 'image/jpeg', '.txt': 'text/plain; charset=utf-8',
};

export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The file a path names, by the longest prefix of `folders` ({'/': dir, '/dist/': dir}). */
function fileOf(path, folders) {
  const prefix = Object.keys(folders).filter((p) => path.startsWith(p)).sort((a, b) => b.length - a.length)[0];
  if (!prefix) return null;
  const rest = normalize(`/${path.slice(prefix.length)}`);
  const file = join(folders[prefix], rest.endsWith(sep) ? `${rest}index.html` : rest);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

/** Serves folders on localhost. `headers` is an object, or a function of the path that gives one;
 * port 0 takes a free one. Resolves to {url, close}. */
export function serve({ folders, headers = ISOLATED, port = 0 }) {
  const server = createServer((request, response) => {
    let path = '/';
    try { path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname); } catch { /* 404 */ }
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileOf(path, folders) : null;
    const more = typeof headers === 'function' ? headers(path) : headers;
    response.writeHead(file ? 200 : 404, {
      'Content-Type': file ? TYPES[extname(file)] ?? 'application/octet-stream' : 'text/plain',
      'Cache-Control': 'no-cache', ...(file && { 'Content-Length': statSync(file).size }), ...more,
    });
    if (file && request.method === 'GET') createReadStream(file).pipe(response);
    else response.end(file ? undefined : 'not found\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve({
      url: `http://localhost:${server.address().port}`,
      close: () => { server.closeAllConnections(); server.close(); },
    }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const { url } = await serve({
    folders: { '/': join(root, 'web'), '/dist/': join(root, 'dist') }, port: Number(process.argv[2] ?? 8080),
  });
  console.log(`serving web/ on ${url} (Ctrl-C ends)`);
}
