// Takes what npm would publish through the hosts of table.mjs: `npm run hosts`, or by name and case
// `npm run hosts -- vite node18 webpack:both`. Each host's packages are installed for it alone, into the user's
// cache, and kept. The last line is "N passed, M failed".
import { join } from 'node:path';
import { launch } from '../browser/chromium.mjs';
import { faultOf } from './check.mjs';
import { cache, folderOf, pack, prepare } from './project.mjs';
import { hosts } from './table.mjs';

const asked = process.argv.slice(2).map((argument) => argument.split(':'));
const unknown = asked.map(([name]) => name).filter((name) => !hosts.some((host) => host.name === name));
if (unknown.length)
  throw new Error(`no host ${unknown.join(', ')}: there are ${hosts.map((host) => host.name).join(', ')}`);

const tarball = pack(cache);
let started,
  passed = 0;
const browser = () => (started ??= launch());
const failures = [];

/** The cases that are asked for: all, or those whose name holds the text behind the colon. */
function casesOf({ name, cases }) {
  if (!asked.length) return cases;
  return cases.filter((one) => asked.some(([host, text = '']) => host === name && one.name.includes(text)));
}

for (const host of hosts) {
  const cases = casesOf(host);
  if (!cases.length) continue;
  const folder = join(cache, folderOf(host)),
    began = Date.now();
  let bad = 0;
  const installed = await prepare(host, folder, tarball).then(
    () => null,
    (error) => error.message,
  );
  for (const one of cases) {
    const fault = installed ?? (await faultOf(one, host, { folder, tarball, browser }).catch((error) => error.stack));
    if (!fault) passed++;
    else {
      bad++;
      failures.push(`${host.name}: ${one.name}`);
      console.log(`FAIL ${host.name}: ${one.name}: ${fault}`);
    }
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${bad ? 'FAIL' : 'ok  '} ${host.name}: ${cases.length - bad} passed, ${bad} failed (${seconds} s)`);
}

await (await started)?.close();
for (const name of failures) console.log(`failed: ${name}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length || !passed ? 1 : 0;
