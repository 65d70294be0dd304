// Published packages, unmodified and by alias, on this library beside TensorFlow.js on its CPU:
// `npm run packages`, or by names, `npm run packages -- danfojs movenet`. A table, and "N passed, M failed".
import { same } from '../lib/programs/same.mjs';
import { install } from './install.mjs';
import { absent, close, inNode, inPage, open } from './places.mjs';
import { ROWS } from './table.mjs';

const asked = process.argv.slice(2),
  rows = ROWS.filter(({ name }) => !asked.length || asked.some((text) => name.includes(text)));
if (!rows.length)
  throw new Error(`nothing is named ${asked.join(', ')}: there are ${ROWS.map(({ name }) => name).join(', ')}`);
const PLACES = { node: { run: inNode, devices: ['wasm'] }, page: { run: inPage, devices: ['wasm', 'webgl'] } };

/** The numbers of a result: one without any would compare nothing. */
const countOf = (value) =>
  typeof value === 'number'
    ? 1
    : value && typeof value === 'object'
      ? Object.values(value).reduce((n, v) => n + countOf(v), 0)
      : 0;

const lines = [],
  failures = [];
let passed = 0;
/** Notes in a cell whether a comparison held. */
async function cell(name, compare) {
  const began = Date.now();
  let fault;
  try {
    await compare();
    passed++;
  } catch (error) {
    fault = error;
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (fault) failures.push(`${name}: ${fault.message.slice(0, 1500)}`);
  console.log(`${fault ? 'FAIL' : 'ok  '} ${name} (${seconds} s)${fault ? `: ${fault.stack.slice(0, 1500)}` : ''}`);
  return fault ? 'FAIL' : 'same';
}

/** What the peer gives, asked once for each of its backends. */
function asker(run, row) {
  const found = {};
  return (device) =>
    (found[device] ??= run('peer', device, row).then((value) => {
      const count = countOf(value);
      if (count < 5) throw new Error(`the peer gave ${count} numbers: ${JSON.stringify(value)}`);
      return { value, count };
    }));
}

async function tryRow(row) {
  const cells = {};
  let numbers = 0;
  if (absent(row)) {
    console.log(`left out: ${row.name}: ${absent(row)}`);
    return;
  }
  for (const place of row.places ?? ['node', 'page']) {
    const { run, devices } = PLACES[place],
      peer = asker(run, row);
    for (const device of devices)
      cells[`${place} ${device}`] = await cell(`${row.name}, ${place}, ${device}`, async () => {
        const want = await peer(row.peer?.[device] ?? 'cpu');
        numbers = Math.max(numbers, want.count);
        same(await run('ours', device, row), want.value, device === 'webgl' ? 2e-3 : 1e-3, device);
      });
  }
  lines.push([
    row.name,
    ...['node wasm', 'page wasm', 'page webgl'].map((key) => cells[key] ?? '-'),
    String(numbers),
    row.weights ?? '',
  ]);
}

install();
await open();
for (const row of rows) await tryRow(row);
await close();
const head = ['package', 'node wasm', 'page wasm', 'page webgl', 'numbers', 'weights'],
  widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => line[i].length)));
for (const line of [head, ...lines])
  console.log(
    line
      .map((text, i) => text.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length || !passed ? 1 : 0;
