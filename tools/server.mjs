// A small server of static files on localhost, for pages, tests and `tensorine serve`.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.txt': 'text/plain; charset=utf-8',
};

export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The file a path names, by the longest prefix of `folders` ({'/': dir, '/dist/': dir}). */
function fileOf(path, folders) {
  const prefix = Object.keys(folders)
    .filter((p) => path.startsWith(p))
    .sort((a, b) => b.length - a.length)[0];
  if (!prefix || path.includes('\0')) return null;
  const rest = normalize(`/${path.slice(prefix.length)}`);
  const file = join(folders[prefix], rest.endsWith(sep) ? `${rest}index.html` : rest);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

/** A folder asked for without its slash: relative addresses in its page need it. */
function redirect(path, folders, response) {
  if (path.endsWith('/') || !fileOf(`${path}/`, folders)) return false;
  response.writeHead(301, { Location: `${encodeURI(path)}/` }).end();
  return true;
}

/** Serves folders on localhost. `headers` is an object, or a function of the path that gives one;
 * `texts` are files that are not on disk; port 0 takes a free one. Resolves to {url, close}. */
export function serve({ folders, texts = {}, headers = ISOLATED, port = 0 }) {
  const server = createServer((request, response) => {
    let path = '\0'; // a name no file has, for an address that cannot be read
    try {
      path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    } catch {
      /* so it stays */
    }
    const asked = request.method === 'GET' || request.method === 'HEAD';
    const text = asked && Object.hasOwn(texts, path) ? texts[path] : undefined;
    const file = asked && text === undefined ? fileOf(path, folders) : null;
    const found = text !== undefined || file;
    if (asked && !found && redirect(path, folders, response)) return;
    const more = typeof headers === 'function' ? headers(path) : headers;
    response.writeHead(found ? 200 : 404, {
      'Content-Type': found ? (TYPES[extname(file ?? path)] ?? 'application/octet-stream') : 'text/plain',
      'Cache-Control': 'no-cache',
      ...(file && { 'Content-Length': statSync(file).size }),
      ...more,
    });
    if (file && request.method === 'GET') createReadStream(file).pipe(response);
    else response.end(text ?? (found ? undefined : 'not found\n'));
  });
  return new Promise((done, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () =>
      done({
        url: `http://localhost:${server.address().port}`,
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      }),
    );
  });
}
