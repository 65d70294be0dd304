// The specs that TensorFlow.js publishes with its core, run against this library: the specs are the
// peer's package as npm has it, what they import as the peer's index is ours. Those of browsers run
// in Chromium. Prints TAP: a spec that needs a name or a dtype we do not have is skipped, one of
// known.mjs too, with its reason.
//   node tests/conformance/run.mjs [TEXT]   only files whose path holds TEXT
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inBrowser } from './browser.mjs';
import { bundle, peer, require } from './bundle.mjs';
import { known } from './known.mjs';

const only = process.argv[2] ?? '';

// Specs of what users call; left out are those of the peer's inner helpers and of its engine.
const AT_TOP = ['buffer', 'debug_mode', 'globals', 'gradients', 'tensor', 'util', 'variable'];
const INNER = /_util_test\.js$|fused_util|non_max_suppression_util|slice_util|progress_test|router_registry|identity_pool/;
const OF_BROWSERS = /^io\/|\/(from|to)_pixels_test|\/draw_test/, OF_BOTH = /^io\/(http|io_utils|composite)/;

function specs(host) {
  const below = (folder) => readdirSync(join(peer, folder), { recursive: true })
    .filter((name) => name.endsWith('_test.js')).map((name) => join(folder, name));
  return [...AT_TOP.map((name) => `${name}_test.js`), ...['io', 'ops', 'optimizers'].flatMap(below)]
    .filter((path) => !INNER.test(path) && path.includes(only))
    .filter((path) => OF_BOTH.test(path) || OF_BROWSERS.test(path) === (host === 'browser')).sort();
}

// Names that are not there: of functions, of dtypes; or the spec fell back on the peer's own function.
const ABSENT = /No backend found in registry|is not a function|is not a constructor|Cannot read properties of undefined|undefined is not iterable|but is (string|complex64)|but got 'string'|'\w+ chained op not found|<spyOn>/;
let count = 0;

/** One line of TAP. */
function report({ fullName, status, failedExpectations }) {
  const messages = failedExpectations.map((e) => e.message.split('\n')[0].slice(0, 300));
  const name = fullName.replaceAll('#', '');
  const reason = known.find(([pattern]) => pattern.test(fullName))?.[1];
  const head = (ok) => `${ok ? '' : 'not '}ok ${++count} - ${name}`;
  if (status === 'passed') console.log(head(true));
  else if (status !== 'failed') console.log(`${head(true)} # SKIP the peer leaves it out`);
  else if (messages.some((text) => ABSENT.test(text))) console.log(`${head(true)} # SKIP not there yet`);
  else if (reason) console.log(`${head(true)} # SKIP ${reason}`);
  else console.log(`${head(false)}\n${messages.map((text) => `  # ${text}`).join('\n')}`);
}

async function inNode(script) {
  const env = require('jasmine-core').boot().getEnv();
  env.configure({ random: false });
  env.addReporter({ specDone: report });
  const { warn } = console;
  console.warn = () => {}; // debug mode and deprecations
  require(script);
  await env.execute();
  console.warn = warn;
}

for (const [host, run] of [['node', inNode], ['browser', inBrowser]]) {
  const files = specs(host);
  if (files.length) await run(await bundle(files, host), report);
}
console.log(`1..${count}`);
