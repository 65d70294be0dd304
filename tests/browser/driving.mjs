// What tests of the pages share: the site in a browser, tabs that note every error, screenshots in build/screenshots,
// and what any page owes to those who use no mouse or see little.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve, site } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SHOTS = join(root, 'build/screenshots');
let server, browser;

/** The ways in which each page is looked at. */
export const LOOKS = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

/** Opens server and browser before a file's tests and closes them after. */
export function useSite() {
  before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    server = await serve(site(root));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
}

/** {tab, errors, close} of a page; options are a browser context's. `prepare(tab)` is called before it loads. */
export async function open(path, options = LOOKS.light, prepare = null) {
  const context = await browser.newContext(options);
  const tab = await context.newPage(),
    errors = [];
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  tab.on('pageerror', (error) => errors.push(error.stack));
  tab.setDefaultTimeout(60000);
  await prepare?.(tab);
  await tab.goto(`${server.url}${path}`);
  return { tab, errors, close: () => context.close() };
}

export const shot = (tab, name) => tab.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });

/** Waits until the page says that it is in one of these states. */
export const state = (tab, ...names) =>
  tab.waitForFunction((wanted) => wanted.includes(document.documentElement.dataset.state), names);

/** No control without a name, no picture without a text, one heading, no overflow to the side. */
export async function accessible(tab) {
  const faults = await tab.evaluate(() => {
    const named = (e) => e.ariaLabel || e.textContent.trim() || e.labels?.length || e.title;
    const nameless = [
      ...document.querySelectorAll('button, input, select, a, canvas:not(button *), [tabindex="0"]'),
    ].filter((e) => e.checkVisibility() && !named(e) && !e.closest('[role=img], [aria-hidden=true]'));
    const one = document.querySelectorAll('h1').length === 1 && document.documentElement.lang && document.title;
    const wide = document.documentElement.scrollWidth > innerWidth;
    return [
      ...nameless.map((e) => e.outerHTML.slice(0, 200)),
      ...[...document.querySelectorAll('img:not([alt])')].map((e) => e.outerHTML),
      ...(one ? [] : ['h1, lang, title']),
      ...(wide ? [`${document.documentElement.scrollWidth} wide`] : []),
    ];
  });
  assert.deepEqual(faults, []);
}

/** Draws a line on an element through points from 0 to 1, with the mouse. */
export async function stroke(tab, selector, points) {
  await tab.locator(selector).scrollIntoViewIfNeeded();
  const box = await tab.locator(selector).boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await tab.mouse.move(...at(points[0]));
  await tab.mouse.down();
  for (const point of points.slice(1)) await tab.mouse.move(...at(point), { steps: 4 });
  await tab.mouse.up();
}
