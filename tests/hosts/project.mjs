// A folder for each host: its packages, kept from run to run, and Tensorine as npm would install it.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const MINUTES = 10;

export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tensorine/hosts');

/** Where a host's packages are: hosts with the same ones share them. */
export const folderOf = ({ packages }) =>
  (Object.entries(packages)[0]?.join('-') ?? 'own').replace(/[@/]+/g, '-').replace(/^-/, '');

/** Packs what npm would publish; resolves to the path of the file. */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const out = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
  return join(folder, JSON.parse(out)[0].filename);
}

/** Installs a host's packages, if they are not there, and Tensorine anew. No package's scripts run. */
export async function prepare({ packages }, folder, tarball) {
  const manifest = JSON.stringify({ private: true, dependencies: packages }, null, 2);
  const written = join(folder, 'package.json');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  if (Object.keys(packages).length && !(existsSync(written) && readFileSync(written, 'utf8') === manifest)) {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    rmSync(join(folder, 'package-lock.json'), { force: true });
    const install = join(folder, 'install');
    mkdirSync(install, { recursive: true });
    writeFileSync(join(install, 'package.json'), manifest);
    const { status, out } = await run(
      'npm install --no-audit --no-fund --ignore-scripts --loglevel=error && mv node_modules ..',
      install,
    );
    if (status) throw new Error(`npm install: ${out}`);
    writeFileSync(written, manifest);
  }
  const at = join(folder, 'node_modules/tensorine');
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at, { recursive: true });
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', at]);
}

/** Runs a shell command; resolves to its exit status and all it printed. */
export function run(command, cwd, env = {}) {
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', command],
      {
        cwd,
        env: { ...process.env, ...env },
        timeout: MINUTES * 60000,
        maxBuffer: 1 << 26,
      },
      (error, stdout, stderr) =>
        resolve({ status: error ? (error.code ?? error.signal) : 0, out: stdout + stderr, stdout }),
    );
  });
}

/** Writes a case's files into a new folder of the host's, and says what its commands find there. */
function lay({ name, files = {} }, { name: host, packages }, folder, tarball) {
  const cwd = join(folder, `${host} ${name}`.replace(/\W+/g, '-'));
  rmSync(cwd, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  mkdirSync(cwd, { recursive: true });
  const modules = Object.keys(packages).length ? join(folder, 'node_modules') : join(root, 'node_modules');
  const env = {
    MODULES: modules,
    BIN: join(modules, '.bin'),
    PACKAGE: join(folder, 'node_modules/tensorine'),
    TARBALL: tarball,
    NODE: process.execPath,
    NEXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
  };
  return { cwd, env };
}

/** Runs a case's command among its files. */
export async function runCase(one, host, folder, tarball) {
  const { cwd, env } = lay(one, host, folder, tarball);
  return { ...(await run(one.command, cwd, env)), cwd };
}

/** Starts a case's server among its files; resolves to the address that it prints, and a function that ends it. */
export function startServer(one, host, folder, tarball) {
  const { cwd, env } = lay(one, host, folder, tarball);
  const child = spawn('sh', ['-c', `exec ${one.serves}`], { cwd, env: { ...process.env, ...env } });
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (text) => {
      said += text;
      const url = /http:\/\/localhost:\d+/.exec(said)?.[0];
      if (url) resolve({ url, close: () => child.kill() });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (code) => reject(new Error(`${one.serves}\nended with ${code}: ${said.slice(-3000)}`)));
  });
}

/** How often a text stands in the scripts below a folder. */
export function count(text, folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8').split(text).length - 1)
    .reduce((sum, n) => sum + n, 0);
}
