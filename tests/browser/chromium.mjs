// Starts the Chromium of this machine for browser tests: headless, WebGL2 on its software rasteriser.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const SWITCHES = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser; `switches` are added to the command line (a fake camera, say). */
export function launch(switches = []) {
  const tool = join(dirname(fileURLToPath(import.meta.url)), '../../tools/toolchain.sh');
  const executablePath = execFileSync(tool, ['browser'], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath, args: [...SWITCHES, ...switches] });
}
