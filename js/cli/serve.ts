// tensorine serve [FOLDER]: a folder on localhost, cross-origin isolated so that threads work, with the library
// beside it.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve as start } from 'tensorine:server';
import { Failure, type Command } from './command';
import { wrapped } from './terminal';

export const serve: Command = {
  name: 'serve',
  takes: '[FOLDER]',
  least: 0,
  most: 1,
  summary: 'Serves a folder on localhost, under the headers that threads need; the library is at /tensorine/.',
  remarks: 'A page takes it by <script src="/tensorine/tensorine.js"></script>. Ctrl-C ends it.',
  options: { port: { short: 'p', value: 'N', help: 'the port (default 8080; 0 takes a free one)' } },
  examples: ['serve', 'serve pages --port 3000'],
  async run(given, [folder = '.']) {
    const port = given.number('port', 8080, 0, 65535);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new Failure(`${folder} is no folder: give one that has pages`);
    const folders = { '/': resolve(folder), '/tensorine/': fileURLToPath(new URL('.', import.meta.url)) };
    const { url, close } = await start({ folders, port }).catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `port ${port} is in use` : `port ${port} cannot be had (${error.code})`;
      throw new Failure(`${why}: take another by --port ${port < 65535 ? port + 1 : 8080}`);
    });
    wrapped(`serving ${folder} on ${url} (Ctrl-C ends)`);
    await new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    });
    close();
    return 0;
  },
};
