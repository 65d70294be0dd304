// Tries one case of a host, and says what is wrong with it: a text, or null.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../tools/serve.mjs';
import { ANSWER } from './pages.mjs';
import { count, runCase, startServer } from './project.mjs';

const SECONDS = 60;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** A piece that the core has once, as the files for browsers have it: letters and digits, whatever the quotes. */
function mark(tarballFolder) {
  const text = readFileSync(join(tarballFolder, 'dist/tensorine.mjs'), 'utf8');
  const packed = /coreBytes = \(\) => \w+\("(.*)", \w+\)/.exec(text)[1];
  for (const [piece] of packed.slice(packed.length / 2).matchAll(/[A-Za-z0-9]{12,}/g))
    if (text.indexOf(piece) === text.lastIndexOf(piece)) return piece;
  throw new Error('no piece of the core stands in it once');
}

/** What a page answers, or how it failed. */
async function answerOf(browser, url) {
  const page = await browser.newPage(),
    said = [];
  const failed = new Promise((_, reject) => {
    page.on('pageerror', reject);
  });
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('requestfailed', (request) => said.push(`${request.url()} failed`));
  try {
    await page.goto(`${url}/index.html`);
    await Promise.race([
      failed,
      page.waitForFunction('globalThis.answer !== undefined', null, { timeout: SECONDS * 1000 }),
    ]);
    return await page.evaluate('globalThis.answer');
  } catch (error) {
    return `${error.message}; ${said.join('; ')}`;
  } finally {
    await page.close();
  }
}

async function pageFault({ out, laid, embedded }, cwd, folder, browser) {
  const site = join(cwd, out);
  mkdirSync(site, { recursive: true });
  for (const [path, text] of Object.entries(laid)) writeFileSync(join(site, path), text);
  const copies = count(mark(join(folder, 'node_modules/tensorine')), site);
  if (copies !== embedded) return `the core is ${copies} times in what was built, not ${embedded}`;
  const server = await serve({ folders: { '/': site } });
  try {
    const answer = await answerOf(browser, server.url);
    return same(answer, ANSWER) ? null : `the page answers ${JSON.stringify(answer)}`;
  } finally {
    server.close();
  }
}

async function servedFault(one, host, { folder, tarball, browser }) {
  const server = await startServer(one, host, folder, tarball);
  try {
    const answer = await answerOf(await browser(), server.url);
    return same(answer, ANSWER) ? null : `the page answers ${JSON.stringify(answer)}`;
  } finally {
    server.close();
  }
}

/** `browser` is a function that gives one, started when it is first asked for. */
export async function faultOf(one, host, { folder, tarball, browser }) {
  if (one.serves) return servedFault(one, host, { folder, tarball, browser });
  const { status, out, stdout, cwd } = await runCase(one, host, folder, tarball);
  if (status !== 0) return `${one.command}\nended with ${status}: ${out.slice(-3000)}`;
  if (one.out) return pageFault(one, cwd, folder, await browser());
  const last = stdout.trimEnd().split('\n').at(-1);
  return one.prints === undefined || last === one.prints ? null : `printed ${out.slice(-3000)}, not ${one.prints}`;
}
