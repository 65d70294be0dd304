// Runs a script of specs in Chromium, with Jasmine and this library as a page has them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { serve } from '../../tools/serve.mjs';
import { launch } from '../browser/chromium.mjs';
import { require } from './bundle.mjs';
import { innerSpecs } from './known.mjs';

const PAGE = `<!doctype html><title>conformance</title><script src="/dist/tensorine.js"></script>
  <script src="/jasmine/jasmine.js"></script>`;

const FLAGS = '?tfjsflags=WEBGL_CPU_FORWARD:false'; // what is small goes to the GPU too

/** Calls specDone with each result; resolves when all are done. backend: 'wasm' if not given. */
export async function inBrowser(script, { specDone, backend }) {
  const server = await serve({
    folders: { '/dist/': 'dist', '/jasmine/': join(dirname(require.resolve('jasmine-core')), 'jasmine-core') },
    texts: { '/page.html': PAGE, '/specs.js': readFileSync(script, 'utf8') },
  });
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => console.log(`# ${error.message}`));
    await tab.goto(`${server.url}/page.html${FLAGS}`);
    await tab.exposeFunction('specDone', specDone);
    await tab.evaluate(
      async ({ backend, inner }) => {
        if (backend && !(await tf.setBackend(backend))) throw new Error(`there is no ${backend} here`);
        const jasmine = jasmineRequire.core(jasmineRequire),
          env = jasmine.getEnv();
        Object.assign(window, jasmineRequire.interface(jasmine, env));
        env.configure({
          random: false,
          specFilter: (spec) => !inner.some((text) => new RegExp(text).test(spec.getFullName().replaceAll('#', ''))),
        });
        env.addReporter({
          specDone: ({ fullName, status, failedExpectations }) =>
            specDone({ fullName, status, failedExpectations: failedExpectations.map(({ message }) => ({ message })) }),
        });
        await new Promise((onload, onerror) =>
          document.head.append(Object.assign(document.createElement('script'), { src: '/specs.js', onload, onerror })),
        );
        await env.execute();
      },
      { backend, inner: innerSpecs.map(([{ source }]) => source) },
    );
  } finally {
    await browser.close();
    server.close();
  }
}
