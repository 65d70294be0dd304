// The specs that TensorFlow.js publishes with its core, run against this library: the specs are the
// peer's package as npm has it, what they import as the peer's index is ours.
//   node tests/conformance/run.mjs [TEXT] [--browser] [--backend NAME] [--json FILE] [--tap]
// TEXT: only files whose path holds it. All of it in Node, then in Chromium what only browsers have;
// with --browser all of it in Chromium; with --backend on that backend, in Chromium too. --json lists
// each spec. The last line counts; known.mjs says what is left out, and why. --tap prints TAP instead.
import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inBrowser } from './browser.mjs';
import { bundle, peer, require } from './bundle.mjs';
import { inner, innerSpecs, known } from './known.mjs';

const {
  values: options,
  positionals: [only = ''],
} = parseArgs({
  allowPositionals: true,
  options: {
    browser: { type: 'boolean' },
    backend: { type: 'string' },
    json: { type: 'string' },
    tap: { type: 'boolean' },
  },
});
const whole = options.browser || options.backend !== undefined;

const OF_BROWSERS = /^io\/|\/(from|to)_pixels_test|\/draw_test|^(browser_util|environment|flags)/;

function specs(host) {
  return readdirSync(peer, { recursive: true })
    .filter(
      (path) => path.endsWith('_test.js') && path.includes(only) && !inner.some(([pattern]) => pattern.test(path)),
    )
    .filter((path) => whole || host === 'node' || OF_BROWSERS.test(path))
    .sort();
}

const found = [];
let host;

function verdict(file, name, status, messages) {
  const reason = known.find(([pattern, , when]) => (!when || when === options.backend) && pattern.test(name))?.[1];
  if (status === 'passed') return { status };
  if (status !== 'failed')
    return {
      status: 'excluded',
      reason: innerSpecs.find(([pattern]) => pattern.test(`${file} ${name}`))?.[1] ?? 'the peer leaves it out',
    };
  if (reason) return { status: 'excluded', reason };
  return { status: 'failed', messages };
}

/** A spec's full name begins with its file. */
function report({ fullName, status, failedExpectations }) {
  const messages = failedExpectations.map((e) => e.message.split('\n')[0].slice(0, 300));
  const [file] = fullName.split(' ', 1),
    name = fullName.slice(file.length + 1).replaceAll('#', '');
  if (found.some((one) => one.host !== host && one.file === file && one.name === name)) return; // ran in Node
  const result = { name, file, host, ...verdict(file, name, status, messages) };
  found.push(result);
  const notes = (result.messages ?? []).map((text) => `  # ${text}`);
  if (options.tap) {
    const skip = result.reason ? ` # SKIP ${result.reason}` : '';
    console.log(`${result.status === 'failed' ? 'not ' : ''}ok ${found.length} - ${result.name}${skip}`);
  } else if (result.status === 'failed') console.log(`failed: ${result.name}`);
  if (result.status === 'failed') console.log(notes.join('\n'));
}

async function inNode(script, { specDone }) {
  const env = require('jasmine-core').boot().getEnv();
  env.configure({
    random: false,
    specFilter: (spec) => !innerSpecs.some(([pattern]) => pattern.test(spec.getFullName().replaceAll('#', ''))),
  });
  env.addReporter({ specDone });
  const { warn } = console;
  console.warn = () => {}; // debug mode and deprecations
  require(script);
  await env.execute();
  console.warn = warn;
}

const hosts = whole
  ? [['browser', inBrowser]]
  : [
      ['node', inNode],
      ['browser', inBrowser],
    ];
for (const [where, run] of hosts) {
  host = where;
  const files = specs(host);
  if (files.length) await run(await bundle(files, host), { specDone: report, backend: options.backend });
}
const count = (status) => found.filter((one) => one.status === status).length;
if (options.json) writeFileSync(options.json, JSON.stringify(found, null, 1));
if (options.tap) console.log(`1..${found.length}`);
else console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('excluded')} excluded`);
process.exitCode = count('failed') ? 1 : 0;
