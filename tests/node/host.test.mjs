// The host without the library on top: one binary in its kinds, the plug-in, threads, memory.
// Runs on a small core (tests/wasm/probe.c) that make has linked as the real one is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { bundle, writeParts } from '../../tools/build.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const dir = join(root, 'build/probe');
const relaxedHere = Number(process.versions.node.split('.')[0]) >= 22;

before(async () => {
  const entry = join(root, 'tests/wasm/entry.ts');
  mkdirSync(join(dir, 'multi'), { recursive: true });
  await writeParts(join(dir, 'multi'), dir);
  await bundle({ entry, out: join(dir, 'one.cjs'), format: 'cjs', dir });
  await bundle({ entry, out: join(dir, 'one.mjs'), format: 'esm', dir });
  await bundle({ entry, out: join(dir, 'multi/many.mjs'), format: 'esm', dir, multi: true });
});

/** Runs a body with `host` in a process of its own; returns what it prints as JSON. */
function inNode(body, { flags = '', args = [], file = 'one.mjs' } = {}) {
  const code = `import * as host from ${JSON.stringify(join(dir, file))};
    await host.ready(); const { x } = host;
    const joined = async (n) => { x.probe_threads(); while (x.tn_threads() < n) await new Promise((go) => setTimeout(go, 5)); };
    console.log(JSON.stringify(await (async () => { ${body} })() ?? null));`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args, '--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 60000,
    env: { ...process.env, TENSORINE_FLAGS: flags },
  });
  assert.equal(status, 0, `status ${status} ${signal}: ${stderr.slice(-2000)}`);
  return { value: JSON.parse(stdout), stderr };
}

test('works on the line after import and require, with no flags', () => {
  for (const head of [`import * as host from './one.mjs';`, `const host = require('./one.cjs');`]) {
    const type = head.startsWith('import') ? 'module' : 'commonjs';
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [`--input-type=${type}`, '-e', `${head} console.log(host.x.probe_sums(1000, 5), host.x.tn_threads())`],
      { cwd: dir, encoding: 'utf8' },
    );
    assert.equal(stdout, '0 1\n', stderr);
  }
});

test('runs on shared and on plain memory, with and without relaxed SIMD', () => {
  for (const shared of [0, 1]) {
    for (const relaxed of [0, 1]) {
      const { value } = inNode('return [host.features(), x.probe_rows(), x.probe_sums(5000, 20)]', {
        flags: `shared=${shared},relaxed=${relaxed}`,
      });
      const on = Boolean(relaxed) && relaxedHere;
      assert.deepEqual(value, [{ relaxed: on, shared: Boolean(shared) }, on ? 6 : 4, 0]);
    }
  }
});

test('the multi-file build loads its files, shared or plain', () => {
  for (const shared of [0, 1]) {
    const { value } = inNode('return [host.features().shared, x.probe_sums(5000, 20)]', {
      flags: `shared=${shared}`,
      file: 'multi/many.mjs',
    });
    assert.deepEqual(value, [Boolean(shared), 0]);
  }
});

for (const threads of [1, 2, 3, 4]) {
  test(`sums are right with ${threads} threads, thousands of times`, () => {
    const { value } = inNode(`await joined(${threads}); return [x.probe_sums(3000, 4000), x.tn_threads()]`, {
      flags: `threads=${threads}`,
    });
    assert.deepEqual(value, [0, threads]);
  });
}

test('workers take part, and nested jobs count right', () => {
  const { value } = inNode(
    `await joined(4);
    let most = 0; for (let i = 0; i < 200; i++) most = Math.max(most, x.probe_threads());
    return [most, x.probe_nested(500)]`,
    { flags: 'threads=4' },
  );
  assert.ok(value[0] >= 2 && value[0] <= 4, `${value[0]} threads worked`);
  assert.equal(value[1], 50000);
});

test('workers use the plug-in too', { skip: !relaxedHere && 'this Node has no relaxed SIMD' }, () => {
  const { value } = inNode('await joined(3); return [x.probe_rows(), x.probe_rows_everywhere(2000)]', {
    flags: 'threads=3',
  });
  assert.deepEqual(value, [6, 2000 * 6]);
});

test('threads can be set later, and back', () => {
  const { value } = inNode(`const seen = [x.probe_threads()]; host.setThreads(3); await joined(3);
    seen.push(x.tn_threads()); host.setThreads(1); seen.push(x.tn_threads(), x.probe_threads());
    host.setThreads(2); seen.push(x.tn_threads(), x.probe_sums(1000, 100)); return seen`);
  assert.deepEqual(value, [1, 3, 1, 1, 2, 0]);
});

test('plain memory takes no workers, and asking for them is harmless', () => {
  const { value } = inNode('host.setThreads(4); return [x.probe_sums(1000, 50), x.probe_threads()]', {
    flags: 'shared=0',
  });
  assert.deepEqual(value, [0, 1]);
});

test('views follow memory that grows on this thread and on workers', () => {
  for (const [flags, wait] of [
    ['shared=0', 1],
    ['threads=1', 1],
    ['threads=4', 4],
  ]) {
    const { value } = inNode(
      `await joined(${wait});
      const before = host.u8().length, last = x.probe_grow(64) >>> 0, heap = host.i32();
      const number = heap[last >> 2], again = heap[(last >> 2) + (1 << 18) - 1];
      return [last > before, number === again && number >= 0 && number < 64,
        host.f32().length === host.u8().length / 4]`,
      { flags },
    );
    assert.deepEqual(value, [true, true, true], flags);
  }
});

test('a write through a view is read by the core', () => {
  const { value } = inNode(`const at = x.probe_room(4); host.f32().set([1, 2, 3, 4], at >> 2);
    x.probe_scale(at, 4, 2.5); return [...host.f32().subarray(at >> 2, (at >> 2) + 4)]`);
  assert.deepEqual(value, [2.5, 5, 7.5, 10]);
});

test('a JavaScript function is a function pointer', () => {
  const { value } = inNode(`const f = host.callback('iii', (a, b) => a * 10 + b);
    return [x.probe_call(f, 4, 2), x.probe_call(host.callback('iii', (a, b) => a - b), 4, 2)]`);
  assert.deepEqual(value, [42, 2]);
});

test('a trap on any thread reaches the caller instead of hanging it', () => {
  for (const flags of ['threads=1', 'threads=4']) {
    for (const at of [0, 1, 500, 999]) {
      const { value } = inNode(
        `await joined(${flags.at(-1)});
        try { x.probe_trap(${at}); return 'no trap' } catch (e) { return e.constructor.name }`,
        { flags },
      );
      assert.equal(value, 'RuntimeError');
    }
  }
});

test('an unknown flag is named', () => {
  const { stderr } = spawnSync(process.execPath, ['-e', `require('./one.cjs')`], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...process.env, TENSORINE_FLAGS: 'relax=1' },
  });
  assert.match(stderr, /unknown flag relax \(relaxed, shared, threads\)/);
});

test('workers keep no process alive, asleep or at work', () => {
  const start = process.hrtime.bigint();
  inNode('await joined(4); x.probe_sums(1000, 100)', { flags: 'threads=4' });
  assert.ok(Number(process.hrtime.bigint() - start) / 1e9 < 20);
});
