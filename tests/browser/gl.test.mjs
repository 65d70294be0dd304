// The GPU in Chromium: steady state, reads, loss of the context, workers, hosts without WebGL2.
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

/** Runs body in a page of its own, with the library as tf on webgl, small work on the GPU too, and
 * `gl`: the context, and how often each of its functions was called since gl.calls was emptied. */
async function inPage(body, { before = '', start = true } = {}) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(`${before};
    globalThis.gl = { calls: {} };
    const make = OffscreenCanvas.prototype.getContext;
    OffscreenCanvas.prototype.getContext = function (...args) {
      const context = make.apply(this, args);
      if (context) gl.context = context;
      return context;
    };
    const proto = WebGL2RenderingContext.prototype;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto)))
      if (typeof value === 'function')
        proto[name] = function (...args) { gl.calls[name] = (gl.calls[name] ?? 0) + 1; return value.apply(this, args); };`);
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const result = await page.evaluate(
    async ({ body, start }) => {
      globalThis.tf = await import('/dist/tensorine.mjs');
      if (start && !(await tf.setBackend('webgl'))) throw new Error('no webgl');
      if (start) tf.env().set('WEBGL_CPU_FORWARD', false);
      return new Function(`return (async () => { ${body} })()`)();
    },
    { body, start },
  );
  await page.close();
  assert.deepEqual(errors, []);
  return result;
}

test('indices outside of a tensor are refused and touch nothing, on the GPU too', async () => {
  const refused = await inPage(
    "const { checkOutside } = await import('/tests/lib/indices.mjs'); return checkOutside(tf);",
  );
  assert.equal(refused, 89);
});

const PROGRAM = `
  const x = tf.randomNormal([64, 48], 0, 1, 'float32', 1), w = tf.randomNormal([48, 36], 0, 1, 'float32', 2);
  const program = () => tf.tidy(() => tf.softmax(x.matMul(w).relu().add(tf.mean(x))));
  const far = (a, b) => a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);`;

test('repeated work makes no GL object, and asks GL nothing', async () => {
  const calls = await inPage(`${PROGRAM}
    for (let i = 0; i < 3; i++) { const y = program(); await y.data(); y.dispose(); }
    gl.calls = {};
    for (let i = 0; i < 5; i++) { const y = program(); await y.data(); y.dispose(); }
    return gl.calls;`);
  assert.ok(calls.drawArrays >= 5 * 6, JSON.stringify(calls));
  assert.equal(calls.createSync ?? calls.fenceSync, 5);
  const bad = Object.keys(calls).filter((name) =>
    /^(create(?!.*Sync)|getError|getParameter|getProgram|getUniform|link|compile|texStorage|finish)/.test(name),
  );
  assert.deepEqual(bad, []);
});

test('reads come back in any order, from shared and from plain memory', async () => {
  for (const shared of [0, 1]) {
    const [differences, isShared] = await inPage(
      `${PROGRAM}
      const ys = Array.from({ length: 80 }, (_, i) => tf.mul(x, i));
      const got = await Promise.all(ys.reverse().map((y) => y.data())), want = x.dataSync();
      const differences = got.map((g, k) => far(g, want.map((v) => v * (79 - k))));
      return [Math.max(...differences), tf.env().get('WASM_HAS_MULTITHREAD_SUPPORT')];`,
      { before: `globalThis.TENSORINE_FLAGS = 'shared=${shared}'` },
    );
    assert.ok(differences < 1e-4, `${differences}`);
    assert.equal(isShared, Boolean(shared));
  }
});

test('tensors live on while the device is switched, and all textures come back', async () => {
  const { difference, memory } = await inPage(`${PROGRAM}
    const onGPU = program();
    await tf.setBackend('wasm');
    const onCPU = program();
    const difference = far(await onGPU.data(), onCPU.dataSync());
    tf.dispose([onGPU, onCPU, x, w]);
    return { difference, memory: tf.memory() };`);
  assert.ok(difference < 1e-5, `${difference}`);
  assert.equal(memory.numTensors, 0);
  assert.equal(memory.numTextures, 0);
  assert.equal(memory.numBytesInGPU, 0);
});

test('a lost context: a typed error, data in memory goes on, and the GPU comes back', async () => {
  const seen = await inPage(`${PROGRAM}
    const kept = program(), gone = program(), reading = program();
    const want = await kept.data(), pending = reading.data();
    const lose = gl.context.getExtension('WEBGL_lose_context');
    const event = (name) => new Promise((go) => gl.context.canvas.addEventListener(name, go));
    const lost = event('webglcontextlost'), restored = event('webglcontextrestored');
    lose.loseContext();
    await lost;
    const code = (f) => f().then(() => 'none', (e) => e.code + ': ' + e.message);
    const seen = { pending: await code(() => pending), gone: await code(() => gone.data()),
      sync: await code(async () => gone.dataSync()), kept: far(await kept.data(), want) };
    gl.calls = {};
    seen.onCPU = far(program().dataSync(), want);
    seen.drawsWhileLost = gl.calls.drawArrays ?? 0;
    await new Promise((go) => setTimeout(go));
    lose.restoreContext();
    await restored;
    gl.calls = {};
    seen.again = far(await program().data(), want);
    seen.drawsAfter = gl.calls.drawArrays ?? 0;
    return seen;`);
  for (const name of ['pending', 'gone', 'sync']) assert.match(seen[name], /^device: .*context was lost/);
  assert.ok(seen.kept === 0 && seen.onCPU < 1e-5 && seen.again < 1e-5, JSON.stringify(seen));
  assert.equal(seen.drawsWhileLost, 0);
  assert.ok(seen.drawsAfter > 5);
});

test('data read before the event of a loss is an error too', async () => {
  const message = await inPage(`${PROGRAM}
    const gone = program();
    gl.context.getExtension('WEBGL_lose_context').loseContext();
    try { gone.dataSync(); return 'none'; } catch (e) { return e.code; }`);
  assert.equal(message, 'device');
});

test('a context that is lost in fit: the weights are those of the epoch before, and training goes on', async () => {
  const seen = await inPage(`
    const x = tf.randomNormal([64, 8], 0, 1, 'float32', 1), y = tf.tidy(() => x.sum(1, true).tanh());
    await Promise.all([x.data(), y.data()]);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 8, activation: 'tanh', inputShape: [8] }), tf.layers.dense({ units: 1 })] });
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
    const lose = gl.context.getExtension('WEBGL_lose_context'), seen = { losses: [] };
    const weights = async () => (await Promise.all(model.getWeights().map((w) => w.data()))).map((v) => [...v]);
    const event = (name) => new Promise((go) => gl.context.canvas.addEventListener(name, go));
    let batches = 0, known;
    const callbacks = {
      onEpochEnd: async (epoch, logs) => { seen.losses.push(logs.loss); known = await weights(); },
      onBatchEnd: async () => { if (++batches === 3 * 8 + 4) { const lost = event('webglcontextlost'); lose.loseContext(); await lost; } },
    };
    await model.fit(x, y, { epochs: 5, batchSize: 8, callbacks, verbose: 0 }).catch((error) => { seen.code = error.code; seen.message = error.message; });
    seen.epochs = seen.losses.length;
    const now = (await weights()).flat();
    seen.away = Math.max(...known.flat().map((v, i) => Math.abs(v - now[i])));
    await new Promise((go) => setTimeout(go));
    const restored = event('webglcontextrestored');
    lose.restoreContext();
    await restored;
    const before = tf.memory().numDataBuffers, { history } = await model.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 });
    seen.losses.push(...history.loss);
    seen.buffers = tf.memory().numDataBuffers - before;
    return seen;`);
  assert.equal(seen.code, 'device', seen.message);
  assert.equal(seen.epochs, 3);
  assert.ok(seen.away <= 0.041, `${seen.away}: more than the steps since the epoch`);
  assert.ok(
    seen.losses.every((loss, i) => !i || loss < seen.losses[i - 1]),
    seen.losses.join(),
  );
  assert.equal(seen.buffers, 0);
});

test('training on the GPU', async () => {
  const { first, last, difference, fallbacks, numTensors } = await inPage(`
    const x = tf.randomNormal([128, 20], 0, 1, 'float32', 1), truth = tf.randomNormal([20, 4], 0, 1, 'float32', 2);
    const y = tf.tidy(() => x.matMul(truth).tanh());
    const train = () => {
      const w = tf.tidy(() => tf.variable(tf.zeros([20, 4]))), losses = [];
      for (let i = 0; i < 60; i++) tf.tidy(() => {
        const f = () => tf.mean(tf.squaredDifference(tf.tanh(x.matMul(w)), y));
        const { value, grads } = tf.variableGrads(f, [w]);
        w.assign(w.sub(grads[w.name].mul(2)));
        losses.push(value.dataSync()[0]);
      });
      w.dispose();
      return losses;
    };
    const profile = await tf.profile(() => { train(); });
    const onGPU = train();
    await tf.setBackend('wasm');
    const onCPU = train();
    tf.dispose([x, y, truth]);
    return { first: onGPU[0], last: onGPU[59], difference: Math.abs(onGPU[59] - onCPU[59]),
      fallbacks: profile.kernels.filter((k) => k.device !== 'webgl').map((k) => k.name), numTensors: tf.memory().numTensors };`);
  assert.ok(last < first / 50, `${first} to ${last}`);
  assert.ok(difference < 1e-5, `${difference}`);
  assert.deepEqual(fallbacks, []);
  assert.equal(numTensors, 0);
});

test('a worker has its own GPU context', async () => {
  const value = await inPage(
    `
    const code = \`import('/dist/tensorine.mjs').then(async (tf) => {
      const there = await tf.setBackend('webgl');
      tf.env().set('WEBGL_CPU_FORWARD', false);
      const y = tf.matMul(tf.ones([8, 8]), tf.ones([8, 8]));
      postMessage([there, tf.memory().numTextures, (await y.data())[5]]);
    }, (error) => postMessage(error.message))\`;
    const base = location.origin;
    const url = URL.createObjectURL(new Blob([code.replace('/dist', base + '/dist')], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' });
    return new Promise((go, no) => { worker.onmessage = (e) => go(e.data); worker.onerror = (e) => no(new Error(e.message)); });`,
    { start: false },
  );
  assert.deepEqual(value, [true, 3, 8]);
});

test('where an OffscreenCanvas gives no WebGL2, a canvas of the document does', async () => {
  const value = await inPage(
    `
    const there = await tf.setBackend('webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    return [there, tf.memory().numTextures, tf.square(tf.tensor1d([1, 2, 3])).dataSync()[2]];`,
    { before: 'OffscreenCanvas.prototype.getContext = () => null', start: false },
  );
  assert.deepEqual(value, [true, 0, 9]);
});

test('without WebGL2 setBackend says no, and why', async () => {
  for (const [before, reason] of [
    ['OffscreenCanvas.prototype.getContext = HTMLCanvasElement.prototype.getContext = () => null', /no WebGL2 context/],
    [`WebGL2RenderingContext.prototype.checkFramebufferStatus = () => 0`, /cannot draw to float textures/],
  ]) {
    const [there, backend, value, said] = await inPage(
      `
      const said = [];
      console.warn = (text) => said.push(text);
      const there = await tf.setBackend('webgl');
      return [there, tf.getBackend(), tf.add(1, 2).dataSync()[0], said.join()];`,
      { before, start: false },
    );
    assert.deepEqual([there, backend, value], [false, 'wasm', 3]);
    assert.match(said, reason);
  }
});

test('dataToGPU gives a texture of the context that the page may use', async () => {
  const found = await inPage(`
    const gl = tf.backend().getGPGPUContext().gl, before = tf.memory();
    const pixels = ({ texture, texShape: [height, width] }) => {
      const frame = gl.createFramebuffer(), values = new Float32Array(4 * height * width);
      gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, values);
      gl.deleteFramebuffer(frame);
      return [...values];
    };
    const meddle = () => {
      gl.enable(gl.SCISSOR_TEST); gl.scissor(0, 0, 1, 1); gl.enable(gl.BLEND); gl.colorMask(false, true, false, true);
      gl.viewport(0, 0, 1, 1); gl.useProgram(null); gl.bindFramebuffer(gl.FRAMEBUFFER, null); gl.activeTexture(gl.TEXTURE3);
      for (let i = 0; i < 8; i++) { gl.activeTexture(gl.TEXTURE0 + i); gl.bindTexture(gl.TEXTURE_2D, null); }
      gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
    };
    const x = tf.tidy(() => tf.range(0, 10).add(1)), whole = tf.tensor([70001, 2, 3], [3], 'int32'), truth = tf.tensor([true, false, true]);
    const usual = x.dataToGPU(), own = x.dataToGPU({ customTexShape: [3, 2] }), ints = whole.dataToGPU(), bools = truth.dataToGPU();
    const read = [usual, own, ints, bools].map((g) => [g.texShape, pixels(g)]);
    meddle();
    const ops = tf.tidy(() => [own.tensorRef.add(1).dataSync(), x.mul(tf.tensor([2])).dataSync(), tf.sum(x).dataSync()].map((v) => [...v]));
    meddle();
    const refs = await Promise.all([own, ints, bools].map(async ({ tensorRef }) => [...await tensorRef.data()]));
    meddle();
    const after = [...await x.add(0).data()];
    const errors = [];
    for (const f of [() => x.dataToGPU({ customTexShape: [1, 2] }), () => x.dataToGPU({ customTexShape: [-1, -3] }), () => tf.tensor(['a']).dataToGPU(),
      () => tf.zeros([0]).dataToGPU(), () => own.tensorRef.dataToGPU()]) try { f(); errors.push('none'); } catch (error) { errors.push(error.message); }
    await tf.setBackend('wasm');
    try { x.dataToGPU(); } catch (error) { errors.push(error.message); }
    tf.disposeVariables();
    tf.dispose([x, whole, truth, usual.tensorRef, own.tensorRef, ints.tensorRef, bools.tensorRef]);
    return { read, ops, refs, after, errors, error: gl.getError(), textures: tf.memory().numTextures - before.numTextures };`);
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    zeros = (n) => Array(n).fill(0);
  assert.deepEqual(found.read, [
    [
      [1, 3],
      [...numbers, 0, 0],
    ],
    [
      [3, 2],
      [...numbers, ...zeros(14)],
    ],
    [
      [1, 1],
      [70001, 2, 3, 0],
    ],
    [
      [1, 1],
      [1, 0, 1, 0],
    ],
  ]);
  assert.deepEqual(found.ops, [numbers.map((v) => v + 1), numbers.map((v) => 2 * v), [55]]);
  assert.deepEqual(found.refs, [numbers, [70001, 2, 3], [1, 0, 1]]);
  assert.deepEqual(found.after, numbers);
  const told = [
    /customTexShape \[1, 2\]/,
    /customTexShape \[-1, -3\]/,
    /string dtype/,
    /no elements/,
    /in no texture/,
    /'readToGPU' not yet implemented/,
  ];
  told.forEach((text, i) => assert.match(found.errors[i], text));
  assert.equal(found.error, 0);
});

test('forceHalfFloat keeps floats on the GPU in half the memory', async () => {
  const { full, half, values, same, exact, gathered, back } = await inPage(`
    const bytes = (f) => { const before = tf.memory().numBytesInGPU, y = f(); y.dataSync(); const n = tf.memory().numBytesInGPU - before; return [y, n]; };
    const x = tf.linspace(0, 1, 4096), [a, full] = bytes(() => x.mul(2)); a.dispose();
    tf.forceHalfFloat();
    const flag = tf.env().getBool('WEBGL_FORCE_F16_TEXTURES');
    const [b, half] = bytes(() => tf.linspace(0, 1, 4096).mul(2));
    const values = [...tf.tensor([1 / 3, 2049, 70000, 0.5]).mul(1).dataSync()];
    const picture = tf.randomNormal([1, 8, 8, 3], 0, 1, 'float32', 1), filter = tf.randomNormal([3, 3, 3, 5], 0, 1, 'float32', 2);
    const conv = () => [...tf.tidy(() => tf.conv2d(picture, filter, 1, 'same').dataSync())];
    const onGPU = conv(), product = [...tf.matMul(tf.ones([9, 7]), tf.ones([7, 5])).dataSync()];
    const gathered = [...tf.tensor([...Array(5000).keys()].map((i) => i % 7)).gather(tf.tensor([4099, 2051], [2], 'int32')).dataSync()];
    tf.env().set('WEBGL_FORCE_F16_TEXTURES', false);
    const full2 = conv();
    const back = [...tf.tensor([1 / 3]).mul(1).dataSync()][0];
    return { full, half, values, gathered, back, same: Math.max(...onGPU.map((v, i) => Math.abs(v - full2[i]))),
      exact: product.every((v) => v === 7) && flag && tf.webgl.forceHalfFloat === tf.forceHalfFloat };`);
  assert.ok(half > 0);
  assert.equal(2 * half, full);
  assert.deepEqual(
    values.filter((v) => v < 65505),
    [0.333251953125, 2048, 0.5],
  ); // past that: infinite, or no number
  assert.ok(same > 0 && same < 0.05, `${same}`);
  assert.ok(exact);
  assert.deepEqual(gathered, [4099 % 7, 2051 % 7]);
  assert.equal(back, Math.fround(1 / 3));
});
