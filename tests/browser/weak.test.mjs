// Weak GPUs, made of the one that is here by hiding what it can do before the library loads: each works or leaves the
// work to wasm, with the right results, and one line says what is limited.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const running = Promise.all([serve({ folders: { '/': root } }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** Hides extensions, lowers limits and holds fences back; what is beyond a limit throws. In a page or a worker. */
function weaken({ without = [], side, targets, fence }) {
  const proto = WebGL2RenderingContext.prototype;
  const wrap = (name, f) => {
    const real = proto[name];
    proto[name] = function (...args) {
      return f(real.bind(this), ...args);
    };
  };
  const limits = { 0x0d33: side, 0x8824: targets, 0x8cdf: targets }; // texture size, draw buffers, color attachments
  wrap('getExtension', (real, name) => (without.includes(name) ? null : real(name)));
  wrap('getParameter', (real, name) => limits[name] ?? real(name));
  const refuse = (what) => {
    throw new Error(`beyond what this GPU can do: ${what}`);
  };
  if (side)
    for (const name of ['texStorage2D', 'texStorage3D'])
      wrap(name, (real, target, levels, format, width, height, ...more) =>
        Math.max(width, height) > side
          ? refuse(`${width} x ${height}`)
          : real(target, levels, format, width, height, ...more),
      );
  if (targets) wrap('drawBuffers', (real, list) => (list.length > targets ? refuse(list.length) : real(list)));
  if (fence) {
    const born = new WeakMap(),
      early = (sync) => performance.now() - born.get(sync) < fence;
    wrap('fenceSync', (real, ...args) => {
      const sync = real(...args);
      born.set(sync, performance.now());
      return sync;
    });
    wrap('clientWaitSync', (real, sync, ...args) => (early(sync) ? 0x911b : real(sync, ...args)));
    wrap('getSyncParameter', (real, sync, name) => (early(sync) && name === 0x9114 ? 0x9118 : real(sync, name)));
  }
}

/** Differences of results on webgl from those of wasm, and what was told. */
async function program({ force, side } = {}) {
  const lines = [];
  for (const name of ['warn', 'info']) console[name] = (line) => lines.push(`${name}: ${line}`);
  const tf = await import(`${location.origin}/dist/tensorine.mjs`);
  if (force) tf.webgl.forceHalfFloat();
  const x = tf.randomNormal([40, 30], 0, 1, 'float32', 1),
    w = tf.randomNormal([30, 25], 0, 0.2, 'float32', 2),
    image = tf.randomNormal([2, 12, 12, 3], 0, 1, 'float32', 3),
    filter = tf.randomNormal([3, 3, 3, 8], 0, 0.2, 'float32', 4),
    whole = tf.range(0, 40, 1, 'int32');
  const programs = {
    product: () => x.matMul(w).relu(),
    convolution: () => tf.conv2d(image, filter, 1, 'same').tanh(),
    softmax: () => tf.softmax(x),
    sum: () => x.sum(0),
    whole: () => whole.mul(tf.scalar(16777217, 'int32')),
    truth: () => tf.logicalAnd(x.greater(0), x.notEqual(5)).cast('float32'),
    chosen: () => tf.where(x.greater(0), x, tf.zerosLike(x)).add(x.argMax(1).cast('float32').reshape([40, 1])),
  };
  const results = async () => {
    const found = {};
    for (const [name, f] of Object.entries(programs)) {
      const y = tf.tidy(f);
      found[name] = await y.data();
      y.dispose();
    }
    if (side) {
      const long = tf.range(0, side * side * 4 + 5).mul(2);
      found.long = (await tf.tidy(() => long.slice(side * side * 4 - 5, 10)).data()).slice();
      long.dispose();
    }
    const layer = (units, seed, more) =>
      tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed }), ...more });
    const model = tf.sequential({ layers: [layer(16, 5, { activation: 'relu', inputShape: [30] }), layer(1, 6)] });
    const epsilon = force ? 1e-3 : 1e-7; // a half float below 6e-8 is 0
    model.compile({ optimizer: tf.train.adam(0.01, 0.9, 0.999, epsilon), loss: 'meanSquaredError' });
    const y = tf.tidy(() => x.sum(1, true).tanh());
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 10, shuffle: false, verbose: 0 });
    found.losses = history.loss;
    tf.dispose([y, model]);
    return found;
  };
  const want = await results(),
    started = await tf.setBackend('webgl'),
    backend = tf.getBackend();
  tf.env().set('WEBGL_CPU_FORWARD', false);
  const got = await results();
  const { kernels } = await tf.profile(() => {
    tf.tidy(programs.product);
  });
  const far = Object.entries(want).map(([name, values]) => [
    name,
    Math.max(...[...values].map((v, i) => Math.abs(v - got[name][i]) / Math.max(1, Math.abs(v)))),
  ]);
  return { started, backend, far: Object.fromEntries(far), devices: kernels.map((k) => k.device), lines };
}

async function onWeak(weakness, options = {}) {
  const [server, browser] = await running,
    page = await browser.newPage(),
    errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(weaken, weakness);
  await page.goto(`${server.url}/tests/browser/empty.html`);
  try {
    return await page.evaluate(program, options);
  } finally {
    await page.close();
    assert.deepEqual(errors, []);
  }
}

function right({ far }, bounds) {
  for (const [name, off] of Object.entries(far)) {
    const bound = bounds[name] ?? bounds.all;
    assert.ok(off <= bound, `${name} is off by ${off}, not ${bound}`);
  }
}
const CLOSE = { all: 1e-5, losses: 1e-4, whole: 0, truth: 0 };

test('a GPU that lacks nothing tells nothing', async () => {
  const seen = await onWeak({});
  right(seen, CLOSE);
  assert.deepEqual([seen.started, seen.backend, seen.lines], [true, 'webgl', []]);
  assert.ok(seen.devices.every((device) => device === 'webgl'));
});

test('no float render targets: wasm works, and a line says why', async () => {
  const seen = await onWeak({ without: ['EXT_color_buffer_float', 'EXT_color_buffer_half_float'] });
  right(seen, CLOSE);
  assert.deepEqual([seen.started, seen.backend], [false, 'wasm']);
  assert.deepEqual(seen.lines, ['warn: tensorine: webgl: this GPU cannot draw to float textures']);
});

test('half floats only: wasm works, unless the program asks for half floats', async () => {
  const without = ['EXT_color_buffer_float'];
  const seen = await onWeak({ without });
  right(seen, CLOSE);
  assert.deepEqual([seen.started, seen.backend, seen.lines.length], [false, 'wasm', 1]);
  assert.match(seen.lines[0], /^warn: .*half floats only, numbers of 11 bits: tf\.webgl\.forceHalfFloat\(\)/);
  const forced = await onWeak({ without }, { force: true });
  right(forced, { all: 1e-2, whole: 0, truth: 0, chosen: 1e-2, losses: 0.05 });
  assert.deepEqual([forced.started, forced.backend, forced.lines.length], [true, 'webgl', 1]);
  assert.match(forced.lines[0], /^info: tensorine: webgl on this GPU: half floats only/);
  assert.ok(forced.devices.every((device) => device === 'webgl'));
});

test('four render targets', async () => {
  const seen = await onWeak({ targets: 4 });
  right(seen, CLOSE);
  assert.deepEqual([seen.started, seen.lines.length], [true, 1]);
  assert.match(seen.lines[0], /4 render targets/);
  assert.ok(seen.devices.every((device) => device === 'webgl'));
});

test('textures of 2048 texels a side, and a tensor that does not fit into one', async () => {
  const seen = await onWeak({ side: 2048 }, { side: 2048 });
  right(seen, CLOSE);
  assert.deepEqual([seen.started, seen.lines.length], [true, 1]);
  assert.match(seen.lines[0], /2048 texels a side, tensors of more than 16777216 elements are computed on the CPU/);
});

/** Reads while a timer counts turns of the page. */
async function reads() {
  const lines = [];
  console.info = (line) => lines.push(line);
  const tf = await import(`${location.origin}/dist/tensorine.mjs`);
  if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
  tf.env().set('WEBGL_CPU_FORWARD', false);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const times = [],
    wrong = [];
  for (let i = 1; i <= 4; i++) {
    const y = tf.tidy(() => tf.range(0, 100).mul(i)),
      began = performance.now();
    const values = await y.data();
    times.push(performance.now() - began);
    if (!values.every((v, k) => v === k * i)) wrong.push(i);
    y.dispose();
  }
  clearInterval(timer);
  return { turns, times, wrong, lines };
}

/** The same in a worker, as Safari's slow fences are there. */
const inWorker = ([weakness, weakenText, readsText]) =>
  new Promise((resolve, reject) => {
    const code = `(${weakenText})(${JSON.stringify(weakness)}); (${readsText})().then(postMessage, (e) => postMessage({ error: e.message }));`;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (e) => reject(new Error(e.message));
  });

for (const where of ['a page', 'a worker'])
  test(`slow fences in ${where}: reads wait for them, the page does not`, async () => {
    const [server, browser] = await running,
      page = await browser.newPage(),
      weakness = { fence: 200 };
    if (where === 'a page') await page.addInitScript(weaken, weakness);
    await page.goto(`${server.url}/tests/browser/empty.html`);
    const seen =
      where === 'a page'
        ? await page.evaluate(reads)
        : await page.evaluate(inWorker, [
            weakness,
            String(weaken),
            String(reads).replaceAll('location.origin', `'${server.url}'`),
          ]);
    await page.close();
    assert.equal(seen.error, undefined);
    assert.deepEqual([seen.wrong, seen.lines], [[], []]);
    for (const ms of seen.times) assert.ok(ms >= 195 && ms < 2000, `a read took ${ms} ms`);
    assert.ok(seen.turns >= 40, `the page had ${seen.turns} turns in ${seen.times.length} reads of 200 ms`);
  });

test('fences that never pass: the first read waits some seconds, those after it do not', async () => {
  const [server, browser] = await running,
    page = await browser.newPage();
  await page.addInitScript(weaken, { fence: 1e9 });
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const seen = await page.evaluate(reads);
  await page.close();
  assert.deepEqual(seen.wrong, []);
  assert.ok(seen.times[0] < 8000, `the first read took ${seen.times[0]} ms`);
  for (const ms of seen.times.slice(1)) assert.ok(ms < 1000, `a read took ${ms} ms`);
  assert.equal(seen.lines.length, 1);
  assert.match(seen.lines[0], /fences never pass here/);
});
