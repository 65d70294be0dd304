// The context of the GPU is lost at any call to it, in fit, in predict and while data is read: results are right or a
// typed error, nothing waits forever, weights survive, and work goes on.
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

/** What f gives in a page of its own, in which `gpu` counts calls of GL and loses the context at one of them. */
async function inPage(f, ...args) {
  const [server, browser] = await running,
    page = await browser.newPage(),
    errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    const gpu = (globalThis.gpu = { calls: 0, at: 0, gl: null, lost: 0 });
    const make = OffscreenCanvas.prototype.getContext;
    OffscreenCanvas.prototype.getContext = function (...given) {
      const gl = make.apply(this, given);
      if (gl) {
        Object.assign(gpu, { gl, lose: gl.getExtension('WEBGL_lose_context') });
        this.addEventListener('webglcontextlost', () => gpu.lost++);
      }
      return gl;
    };
    const proto = WebGL2RenderingContext.prototype;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto)))
      if (typeof value === 'function' && name !== 'isContextLost' && name !== 'getExtension')
        proto[name] = function (...given) {
          if (++gpu.calls === gpu.at) gpu.lose.loseContext();
          return value.apply(this, given);
        };
    /** The context comes back: an event says that it is lost first, and it may be asked for after that. */
    gpu.restore = async () => {
      for (const end = performance.now() + 5000; !gpu.lost && performance.now() < end;)
        await new Promise((go) => setTimeout(go, 1));
      if (!gpu.lost) throw new Error('no event says that the context is lost');
      await new Promise((go) => setTimeout(go));
      const back = new Promise((go) => gpu.gl.canvas.addEventListener('webglcontextrestored', go, { once: true }));
      gpu.lose.restoreContext();
      await back;
      gpu.lost = 0;
    };
  });
  await page.goto(`${server.url}/tests/browser/empty.html`);
  try {
    return await page.evaluate(f, args);
  } finally {
    await page.close();
    assert.deepEqual(errors, []);
  }
}

/** Losses at random calls of GL, the same in each run; what happened, by program. */
const losses = ([seed, count]) =>
  (async () => {
    const tf = await import('/dist/tensorine.mjs');
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    const { gpu } = globalThis;
    let state = seed;
    const random = (n) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) * n;
    const x = tf.randomNormal([48, 6], 0, 1, 'float32', 1),
      y = tf.tidy(() => x.sum(1, true).tanh());
    await Promise.all([x.data(), y.data()]);
    const layer = (units, k, more) =>
      tf.layers.dense({ units, kernelInitializer: tf.initializers.glorotUniform({ seed: k }), ...more });
    const model = tf.sequential({ layers: [layer(8, 1, { activation: 'tanh', inputShape: [6] }), layer(1, 2)] });
    model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
    const weights = async () => (await Promise.all(model.getWeights().map((w) => w.data()))).flatMap((w) => [...w]);
    const far = (a, b) => a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), a.length === b.length ? 0 : NaN);

    // programs: each throws what is wrong, a typed error included
    let known = [await weights()];
    const right = (what, off, bound) => {
      if (!(off <= bound)) throw new Error(`${what}: garbage, off by ${off}`);
    };
    const predictions = async () => {
      const p = model.predict(x);
      try {
        return [...(await p.data())];
      } finally {
        p.dispose();
      }
    };
    const onCPU = async () => {
      await tf.setBackend('wasm');
      const p = await predictions();
      await tf.setBackend('webgl');
      return p;
    };
    let want = await predictions();
    const programs = {
      fit: async () => {
        const { history } = await model.fit(x, y, {
          epochs: 3,
          batchSize: 12,
          shuffle: false,
          verbose: 0,
          yieldEvery: 'batch',
          callbacks: { onEpochEnd: async () => known.push(await weights()) },
        });
        right('loss', history.loss.every((loss) => loss >= 0 && loss < 3) ? 0 : NaN, 0);
      },
      predict: async () => right('predictions', far(await predictions(), want), 1e-5),
      data: async () => {
        const parts = Array.from({ length: 5 }, (_, i) => tf.tidy(() => x.mul(i + 1).add(1))),
          read = await Promise.allSettled(parts.map((one) => one.data()));
        const values = x.dataSync();
        parts.forEach((one) => one.dispose());
        read.forEach(({ status, value }, i) => {
          if (status === 'fulfilled')
            right(
              'data',
              far(
                [...value],
                [...values].map((v) => v * (i + 1) + 1),
              ),
              1e-5,
            );
        });
        const bad = read.find(({ status }) => status === 'rejected');
        if (bad) throw bad.reason;
      },
    };
    const names = Object.keys(programs),
      calls = {},
      seen = { losses: 0, done: 0, refused: 0, wrong: [] };
    for (const name of names) {
      want = await predictions();
      (await programs[name](), await programs[name](), await programs[name]()); // plans are made
      want = await predictions();
      const before = gpu.calls;
      await programs[name]();
      calls[name] = gpu.calls - before;
    }
    const memory = [];
    for (let i = 0; i < count; i++) {
      const name = names[i % names.length];
      known = [await weights()];
      want = await onCPU();
      const at = 1 + Math.floor(random(calls[name]));
      gpu.at = gpu.calls + at;
      const late = new Promise((_, no) => setTimeout(() => no(new Error('it hangs')), 15000));
      try {
        await Promise.race([programs[name](), late]);
        seen.done++;
      } catch (error) {
        if (error.code === 'device') seen.refused++;
        else seen.wrong.push(`${name}, loss at call ${at} of ${calls[name]}: ${error.code ?? ''} ${error.message}`);
      }
      const happened = gpu.calls >= gpu.at;
      gpu.at = 0;
      if (!happened) continue;
      seen.losses++;
      const note = (what) => seen.wrong.push(`${name}, loss at call ${at} of ${calls[name]}: ${what}`);
      try {
        const now = await weights(); // while it is lost, or before that is known
        // those of an epoch, or the few steps on that the CPU took before fit ended: Adam moves a weight by 0.01 a step
        if (!known.some((one) => far(one, now) <= 0.045)) note('the weights are those of no epoch');
        want = await onCPU();
        await gpu.restore();
        const offset = far(await predictions(), want);
        if (!(offset <= 1e-5)) note(`predictions are off by ${offset} afterwards`);
        const { history } = await model.fit(x, y, { epochs: 1, batchSize: 12, shuffle: false, verbose: 0 });
        if (!(history.loss[0] < 3)) note(`the loss is ${history.loss[0]} afterwards`);
      } catch (error) {
        note(`afterwards ${error.code ?? ''} ${error.message}`);
        if (gpu.gl.isContextLost()) await gpu.restore();
      }
      const { numTensors, numDataBuffers } = tf.memory();
      memory.push([numTensors, numDataBuffers].join());
    }
    return { ...seen, calls, memory: [...new Set(memory.slice(3))] };
  })();

test('50 losses at random calls of fit, predict and data', async () => {
  const seen = await inPage(losses, Number(process.env.SEED ?? 7), Number(process.env.LOSSES ?? 50));
  assert.deepEqual(seen.wrong, []);
  assert.ok(seen.losses >= 45, `${seen.losses} losses`);
  assert.ok(seen.refused >= 10, `${seen.refused} typed errors`);
  assert.equal(seen.memory.length, 1, `memory grows: ${seen.memory.join(' ')}`);
});

test('an event tells of a loss and of the return; work goes on on the CPU, then on the GPU or where the program said', async () => {
  for (const policy of ['webgl', 'wasm']) {
    const seen = await inPage(async ([name]) => {
      const tf = await import('/dist/tensorine.mjs'),
        { gpu } = globalThis,
        seen = { told: [], lines: [] };
      console.warn = (line) => seen.lines.push(line);
      await tf.setBackend('webgl');
      tf.env().set('WEBGL_CPU_FORWARD', false);
      tf.webgl.setContextLossBackend(name);
      tf.webgl.onContextLost(() => seen.told.push(`lost, on ${tf.getBackend()}`));
      tf.webgl.onContextLost(() => seen.told.push('never'))();
      tf.webgl.onContextRestored(() => seen.told.push('restored'));
      const x = tf.tensor([1, 2, 3]),
        on = async () => {
          const { kernels } = await tf.profile(() => tf.square(x).dataSync() && undefined);
          return kernels[0].device;
        };
      seen.devices = [await on()];
      gpu.lose.loseContext();
      while (!gpu.lost) await new Promise((go) => setTimeout(go, 1));
      seen.devices.push(await on());
      await gpu.restore();
      seen.devices.push(await on());
      const code = (f) => {
        try {
          return f();
        } catch (error) {
          return error.code;
        }
      };
      seen.codes = [code(() => tf.webgl.onContextLost(3)), code(() => tf.webgl.setContextLossBackend('gpu'))];
      return seen;
    }, policy);
    const back = policy === 'webgl';
    assert.deepEqual(seen.told, [`lost, on ${policy}`, ...(back ? ['restored'] : [])]);
    assert.deepEqual(seen.devices, ['webgl', 'cpu', back ? 'webgl' : 'cpu']);
    assert.equal(seen.lines.length, 1);
    assert.match(seen.lines[0], /^tensorine: the GPU context is lost/);
    assert.deepEqual(seen.codes, ['value', 'value']);
  }
});

test('weights that trainOnBatch changes survive, and training goes on', async () => {
  const seen = await inPage(async () => {
    const tf = await import('/dist/tensorine.mjs'),
      { gpu } = globalThis;
    await tf.setBackend('webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
    model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError' });
    const x = tf.randomNormal([8, 4], 0, 1, 'float32', 1),
      y = tf.zeros([8, 3]);
    await Promise.all([x.data(), y.data()]);
    const before = tf.memory(),
      losses = [];
    for (let i = 0; i < 5; i++) losses.push(await model.trainOnBatch(x, y));
    gpu.lose.loseContext();
    while (!gpu.lost) await new Promise((go) => setTimeout(go, 1));
    const kept = (await Promise.all(model.getWeights().map((w) => w.data()))).flatMap((w) => [...w]);
    losses.push(await model.trainOnBatch(x, y));
    await gpu.restore();
    for (let i = 0; i < 5; i++) losses.push(await model.trainOnBatch(x, y));
    const textures = tf.memory().numTextures;
    model.dispose();
    const { numDataBuffers, numTensors } = tf.memory();
    return { kept, losses, textures, left: [numTensors, numDataBuffers, before.numTensors, before.numDataBuffers] };
  });
  assert.ok(
    seen.kept.every((v) => Number.isFinite(v)),
    seen.kept.join(),
  );
  // steps 2 to 5 are lost: the next loss is the second, and the losses after that are smaller
  assert.ok(Math.abs(seen.losses[5] - seen.losses[1]) < 1e-5, seen.losses.join());
  assert.ok(seen.losses[10] < seen.losses[5] && seen.losses[6] < seen.losses[5], seen.losses.join());
  assert.equal(seen.left[0], seen.left[2] - 2);
  assert.equal(seen.left[1], seen.left[3] - 2);
});
