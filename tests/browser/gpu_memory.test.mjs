// What textures take: the accounts, the page's limit, hidden pages, tensors that no texture can hold.
/* global code -- gpu_page.mjs gives them to the page */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPage } from './gpu_page.mjs';

const MB = { before: 'globalThis.MB = 2 ** 20;' };

test('memory: live, pooled, allocated and peak bytes of textures', async () => {
  const { before, live, after, trimmed } = await inPage(() => {
    const facts = () => {
      const { numTextures, numBytesInGPU, numBytesInGPUFree, numBytesInGPUAllocated, peakBytesInGPU } = tf.memory();
      return [
        numTextures,
        numBytesInGPU / MB,
        numBytesInGPUFree / MB,
        numBytesInGPUAllocated / MB,
        peakBytesInGPU / MB,
      ];
    };
    const before = facts(),
      xs = [tf.randomUniform([MB / 4]), tf.randomUniform([MB / 4])];
    const live = facts();
    tf.dispose(xs);
    const after = facts();
    document.dispatchEvent(new Event('visibilitychange')); // in sight: nothing changes
    const same = facts();
    Object.defineProperty(document, 'hidden', { value: true });
    document.dispatchEvent(new Event('visibilitychange'));
    return { before, live, after: [after, same], trimmed: facts() };
  }, MB);
  assert.deepEqual(before, [0, 0, 0, 0, 0]);
  const [count, bytes, free, allocated, peak] = live;
  assert.ok(count >= 2 && bytes >= 2, `${live}`);
  assert.equal(allocated, bytes + free);
  assert.ok(peak >= allocated);
  for (const then of after) assert.deepEqual(then.slice(3), [allocated, peak]);
  assert.deepEqual(trimmed.slice(2), [0, trimmed[1], peak]);
});

test('setMemoryLimit: the pool gives way, then textures of what is in memory too, then an error that names both', async () => {
  const seen = await inPage(async () => {
    const n = MB / 4, // a texture of a MB
      facts = () => tf.memory().numBytesInGPUAllocated / MB,
      ones = Float32Array.from({ length: n }, () => 1),
      drawn = () => tf.randomUniform([n]), // at once
      inBoth = Array.from({ length: 6 }, () => tf.tensor1d(ones));
    const seen = {};
    for (const x of inBoth) tf.tidy(() => void x.add(1));
    tf.tidy(() => void drawn());
    seen.begin = facts(); // six inputs, and one in the pool
    tf.webgl.setMemoryLimit(4 * MB);
    seen.limited = facts();
    const onGPU = [drawn(), drawn(), drawn(), drawn()]; // inputs give way
    seen.full = [facts(), tf.memory().numTextures];
    seen.fails = await code(drawn);
    seen.late = await code(() => tf.tidy(() => onGPU[0].add(onGPU[1]).dataSync()));
    seen.input = await code(() => tf.tidy(() => inBoth[0].sum().dataSync()));
    seen.value = onGPU[0].dataSync()[0]; // and what has been read gives way too
    seen.next = await code(() => tf.tidy(drawn));
    seen.most = facts();
    tf.dispose(onGPU.slice(1));
    seen.sum = tf.tidy(() => tf.addN(inBoth.slice(0, 2)).dataSync()[n - 1]);
    seen.again = tf.tidy(() => inBoth[5].sum().dataSync()[0]);
    seen.kept = onGPU[0].dataSync()[0] === seen.value && tf.tidy(() => onGPU[0].add(1).dataSync()[0]) > 1;
    seen.end = facts();
    tf.webgl.setMemoryLimit(Infinity);
    tf.tidy(() => void inBoth.map((x) => x.add(1).cumsum()));
    seen.lifted = facts();
    const hostile = [-1, NaN, '1', undefined, null, {}, []].map((n) => code(() => tf.webgl.setMemoryLimit(n)));
    seen.hostile = await Promise.all(hostile);
    return seen;
  }, MB);
  assert.equal(seen.begin, 7);
  assert.equal(seen.limited, 4);
  assert.deepEqual(seen.full, [4, 4]);
  const told =
    /^memory: webgl: a texture of 1048576 bytes is beyond the limit of 4194304 that tf.webgl.setMemoryLimit set: 4194304 bytes in 4 textures/;
  for (const text of [seen.fails, seen.late, seen.input]) assert.match(text, told);
  assert.equal(seen.next, 'none');
  assert.ok(seen.value > 0 && seen.kept);
  assert.ok(seen.most <= 4 && seen.end <= 4, `${seen.most} ${seen.end}`);
  assert.equal(seen.sum, 2);
  assert.equal(seen.again, 2 ** 18);
  assert.ok(seen.lifted > 6, `${seen.lifted}`);
  for (const text of seen.hostile) assert.match(text, /^value: webgl.setMemoryLimit: bytes must be a number from 0 on/);
});

test('training within a limit gives the losses that it gives without one', async () => {
  const { free, limited, peak, small } = await inPage(async () => {
    const train = async () => {
      tf.setBackend('webgl');
      const x = tf.randomNormal([256, 64], 0, 1, 'float32', 1),
        y = tf.tidy(() => x.sum(1, true).tanh());
      const model = tf.sequential({
        layers: [
          tf.layers.dense({
            units: 128,
            activation: 'relu',
            inputShape: [64],
            kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
          }),
          tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 4 }) }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 64, shuffle: false, verbose: 0 });
      tf.dispose([x, y]);
      model.dispose();
      return history.loss;
    };
    const free = await train(),
      live = tf.memory().peakBytesInGPU;
    tf.webgl.setMemoryLimit(0.9 * live);
    const limited = await train(),
      peak = tf.memory().numBytesInGPUAllocated / live;
    tf.webgl.setMemoryLimit(20000);
    const small = await train().then(
      () => 'none',
      (error) => error.code,
    );
    tf.webgl.setMemoryLimit(Infinity);
    return { free, limited, peak, small: [small, await train()] };
  });
  assert.deepEqual(limited, free);
  assert.ok(peak <= 0.9, `${peak}`);
  assert.deepEqual(small, ['memory', free]);
});

/** Textures of 512 texels a side, the least that is used. */
const SMALL_SIDES = `const ask = WebGL2RenderingContext.prototype.getParameter;
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === this.MAX_TEXTURE_SIZE ? 512 : ask.call(this, name);
  };`;

test('a tensor that no texture holds is computed on the CPU, with the same results', async () => {
  const seen = await inPage(
    async () => {
      const most = 512 * 512 * 4,
        seen = {};
      for (const n of [most, most + 1]) {
        const x = tf.range(0, n),
          { kernels } = await tf.profile(() => tf.tidy(() => void x.add(1).sum())),
          y = tf.tidy(() => x.sub(x.mean()).abs().max());
        seen[n - most] = [[...new Set(kernels.map((k) => k.device))].join(), (await y.data())[0]];
        seen.export = await code(() => x.dataToGPU());
        tf.dispose([x, y]);
      }
      const rows = tf.tidy(() => tf.ones([most / 4, 5]).matMul(tf.ones([5, 5])));
      seen.mixed = [
        rows.dataSync().every((v) => v === 5),
        tf.tidy(() => rows.slice([0, 0], [9, 5]).add(1).dataSync()[44]),
      ];
      rows.dispose();
      const canvas = new OffscreenCanvas(600, 2),
        context = canvas.getContext('2d');
      context.fillStyle = 'rgb(1, 2, 3)';
      context.fillRect(0, 0, 600, 2);
      const wide = tf.browser.fromPixels(canvas);
      seen.wide = [wide.shape, tf.max(wide).dataSync()[0]];
      wide.dispose();
      return seen;
    },
    { before: SMALL_SIDES },
  );
  const most = 512 * 512 * 4;
  assert.equal(seen[0][0], 'webgl');
  assert.match(seen[1][0], /wasm|cpu/);
  for (const more of [0, 1]) assert.ok(Math.abs(seen[more][1] - (most + more - 1) / 2) < 8, `${seen[more]}`);
  assert.match(seen.export, /^(device|shape): dataToGPU/);
  assert.deepEqual(seen.mixed, [true, 6]);
  assert.deepEqual(seen.wide, [[2, 600, 3], 3]);
});
