// Takes what npm would publish through the hosts of table.mjs: `npm run hosts`, or by name
// `npm run hosts -- vite node18`. Each host's packages are installed for it alone, into the user's
// cache, and kept. The last line is "N passed, M failed".
import { join } from 'node:path';
import { launch } from '../browser/chromium.mjs';
import { faultOf } from './check.mjs';
import { cache, pack, prepare } from './project.mjs';
import { hosts } from './table.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !hosts.some((host) => host.name === name));
if (unknown.length) throw new Error(`no host ${unknown.join(', ')}: there are ${hosts.map((host) => host.name).join(', ')}`);

const tarball = pack(cache);
let started, passed = 0;
const browser = () => (started ??= launch());
const failures = [];

for (const host of hosts.filter(({ name }) => !names.length || names.includes(name))) {
  const folder = join(cache, host.name), began = Date.now();
  let bad = 0;
  const installed = await prepare(host, folder, tarball).then(() => null, (error) => error.message);
  for (const one of host.cases) {
    const fault = installed ?? await faultOf(one, host, { folder, tarball, browser })
      .catch((error) => error.stack);
    if (!fault) passed++;
    else {
      bad++;
      failures.push(`${host.name}: ${one.name}`);
      console.log(`FAIL ${host.name}: ${one.name}: ${fault}`);
    }
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${bad ? 'FAIL' : 'ok  '} ${host.name}: ${host.cases.length - bad} passed, ${bad} failed (${seconds} s)`);
}

await (await started)?.close();
for (const name of failures) console.log(`failed: ${name}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length || !passed ? 1 : 0;
