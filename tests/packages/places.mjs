// Where programs run: a page of Chromium or a process of Node, with this library or with TensorFlow.js.
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from '../browser/chromium.mjs';
import { readPhoto, writeCamera } from '../browser/fake_camera.mjs';
import { bundle, installed } from './install.mjs';

const here = dirname(fileURLToPath(import.meta.url)),
  root = join(here, '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const LIBRARIES = {
  page: { ours: '/dist/tensorine.js', peer: '/node_modules/@tensorflow/tfjs/dist/tf.min.js' },
  node: { ours: join(root, 'dist/tensorine.cjs'), peer: join(root, 'node_modules/@tensorflow/tfjs') },
};

const bundles = new Map(),
  folder = mkdtempSync(join(tmpdir(), 'tensorine-packages-'));
/** The bundle of a file of programs, made once. */
function bundleOf(file, platform) {
  const key = `${platform}-${file}`;
  if (!bundles.has(key))
    bundles.set(
      key,
      bundle(file, platform).then((text) => {
        writeFileSync(join(folder, `${key}.cjs`), text);
        return platform === 'node' ? join(folder, `${key}.cjs`) : text;
      }),
    );
  return bundles.get(key);
}

let server, browser;
export async function open() {
  server = await serve({ folders: { '/': root, '/packages/': installed, '/data/': data } });
}
export async function close() {
  rmSync(folder, { recursive: true, force: true });
  await (await browser)?.close();
  server?.close();
}

/** Why a row cannot run here, if it cannot. */
export const absent = ({ needs }) =>
  needs && !existsSync(join(data, needs)) ? `no ${needs} in ${data} (set TENSORINE_DATA)` : '';

/** A browser of its own whose camera shows these photographs, one frame each, in turn. */
function withCamera(names) {
  const camera = join(folder, 'camera.y4m');
  writeCamera(
    camera,
    names.map((name) => readPhoto(join(data, 'photos', `${name}.jpg`))),
    1,
  );
  return launch([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${camera}`,
  ]);
}

/** What a program gives in a page; `script` is a package's own script for the tag. */
export async function inPage(library, device, { file, program, script, camera, rule, seconds = 300 }) {
  const own = camera ? await withCamera(camera) : null,
    page = await (own ?? (await (browser ??= launch()))).newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  try {
    await page.goto(`${server.url}/tests/browser/empty.html`);
    await page.addScriptTag({ url: LIBRARIES.page[library] });
    if (script) await page.addScriptTag({ url: `/packages/${script}` });
    await page.addScriptTag({ url: '/tests/packages/page.js' });
    await page.addScriptTag({ content: await bundleOf(file, 'browser') });
    const running = page.evaluate(
      async ([device, program, rule]) => {
        if (rule) (await import('/tests/lib/programs/differences.mjs'))[rule](globalThis.tf);
        if (!(await globalThis.tf.setBackend(device))) throw new Error(`no ${device} here`);
        return globalThis.programs[program]();
      },
      [device, program, library === 'peer' ? rule : undefined],
    );
    return await limited(running, seconds);
  } catch (error) {
    throw faults.length ? new Error(`${error.message}\n(in the page: ${faults.join('; ')})`) : error;
  } finally {
    await (own ?? page).close();
  }
}

function limited(promise, seconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What a program gives in a process of its own. */
export async function inNode(library, device, { file, program, rule, seconds = 300 }) {
  const child = fork(
    join(here, 'child.mjs'),
    [
      LIBRARIES.node[library],
      device,
      await bundleOf(file, 'node'),
      program,
      server.url,
      library === 'peer' && rule ? rule : '',
    ],
    { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let said = '',
    result;
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.on('message', (message) => {
    result = message;
  });
  const timer = setTimeout(() => child.kill(), seconds * 1000);
  await new Promise((done) => {
    child.on('close', done);
  });
  clearTimeout(timer);
  if (!result || result.error) throw new Error(result?.error ?? `ended without a result: ${said.slice(-2000)}`);
  return result.value;
}
