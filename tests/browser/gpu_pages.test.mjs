// Pictures between the page and the GPU: they become tensors, and tensors are painted, without a way through memory.
/* global far, code, calls:writable, noise -- gpu_page.mjs gives them to the page */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPage } from './gpu_page.mjs';

test('fromPixels: every source goes straight into a texture and gives what the CPU gives', async () => {
  const found = await inPage(async () => {
    const w = 37,
      h = 23,
      paint = (canvas, alpha) => {
        const data = noise(4 * w * h);
        for (let i = 3; i < data.length; i += 4) data[i] = alpha ? data[i] : 255;
        canvas.getContext('2d').putImageData(new ImageData(data, w, h), 0, 0);
        return canvas;
      },
      page = () => Object.assign(document.createElement('canvas'), { width: w, height: h });
    const image = async (url, settings = {}) => {
      const img = Object.assign(new Image(), settings);
      img.src = url;
      await img.decode();
      return img;
    };
    const canvas = paint(page()),
      clear = paint(page(), true),
      scaled = await image(canvas.toDataURL());
    scaled.width = 19;
    const glCanvas = page(),
      gl = glCanvas.getContext('webgl2', { preserveDrawingBuffer: true });
    gl.clearColor(0.1, 0.2, 0.3, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream() });
    const painting = setInterval(() => paint(canvas), 20);
    await video.play();
    clearInterval(painting);
    await new Promise((go) => setTimeout(go, 200));
    video.pause();
    const planes = noise(1.5 * 36 * 24);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><rect width="5" height="4" fill="#abc"/></svg>`;
    const sources = {
      canvas,
      offscreen: paint(new OffscreenCanvas(w, h)),
      blank: page(),
      glCanvas,
      image: await image(canvas.toDataURL()),
      scaled,
      svg: await image(`data:image/svg+xml,${encodeURIComponent(svg)}`),
      bitmap: await createImageBitmap(canvas),
      video,
      frame: new VideoFrame(canvas, { timestamp: 0 }),
      yuv: new VideoFrame(planes, { format: 'I420', codedWidth: 36, codedHeight: 24, timestamp: 0 }),
      imageData: new ImageData(noise(4 * w * h, 7), w, h),
      bytes: { data: new Uint8Array(noise(4 * w * h, 9)), width: w, height: h },
    };
    const translucent = {
      clear,
      clearImage: await image(clear.toDataURL()),
      clearBitmap: await createImageBitmap(clear),
      straightBitmap: await createImageBitmap(new ImageData(noise(4 * w * h), w, h), { premultiplyAlpha: 'none' }),
    };
    const found = { exact: {}, near: {}, alpha: {} };
    for (const [name, source] of Object.entries({ ...sources, ...translucent })) {
      const channels = name in sources ? [1, 2, 3, 4] : [4];
      for (const c of channels) {
        tf.env().set('CANVAS2D_WILL_READ_FREQUENTLY_FOR_GPU', c % 2 === 1); // where pictures are drawn first
        await tf.setBackend('webgl');
        const textures = tf.memory().numTextures;
        calls = {};
        const x = tf.browser.fromPixels(source, c),
          same = await tf.browser.fromPixelsAsync(source, c);
        const [more, read] = [tf.memory().numTextures - textures, JSON.stringify(calls)];
        await tf.setBackend('wasm');
        const want = tf.browser.fromPixels(source, c).dataSync(),
          got = x.dataSync(),
          key = `${name} ${c}`;
        if (name in sources)
          found.exact[key] = [
            x.dtype,
            far(got, want),
            far(same.dataSync(), want),
            more,
            read,
            x.shape.join() === same.shape.join(),
          ];
        else {
          found.near[key] = far(got, want);
          found.alpha[key] = far(
            got.filter((_, i) => i % 4 === 3),
            want.filter((_, i) => i % 4 === 3),
          );
        }
        if (c === 3 && name === 'scaled') found.scaled = x.shape;
        tf.dispose([x, same]);
      }
    }
    return found;
  });
  assert.equal(Object.keys(found.exact).length, 13 * 4);
  for (const [name, got] of Object.entries(found.exact)) assert.deepEqual(got, ['int32', 0, 0, 2, '{}', true], name);
  assert.deepEqual(found.scaled.slice(1), [19, 3]);
  for (const [name, off] of Object.entries(found.near)) assert.ok(off <= 1, `${name}: ${off}`);
  for (const [name, off] of Object.entries(found.alpha)) assert.equal(off, 0, name);
});

test('fromPixels: small data stays in memory, and what is no picture is refused as on the CPU', async () => {
  const { devices, refused, after, closed } = await inPage(async () => {
    tf.env().set('WEBGL_CPU_FORWARD', true);
    const textures = () => tf.memory().numTextures,
      devices = [];
    for (const n of [30, 40]) {
      const before = textures(),
        x = tf.browser.fromPixels({ data: new Uint8Array(4 * n * n), width: n, height: n });
      devices.push(textures() - before);
      x.dispose();
    }
    const foreign = new Image(), // of another site: the canvas that it is drawn on cannot be read
      loaded = new Promise((go) => (foreign.onload = go));
    foreign.src = 'http://other.test/a.svg';
    await loaded;
    const bitmap = await createImageBitmap(new ImageData(2, 2));
    bitmap.close();
    const unready = document.createElement('video');
    const refused = {};
    const pictures = {
      null: null,
      object: {},
      text: 'x.png',
      short: { data: new Uint8Array(8), width: 64, height: 64 },
      negative: { data: new Uint8Array(16384), width: -64, height: -64 },
      many: [new ImageData(64, 64), 5],
      none: [new ImageData(64, 64), 0],
      noneOfCanvas: [new OffscreenCanvas(4, 4), 0],
      unready,
      foreign,
    };
    for (const [name, picture] of Object.entries(pictures))
      refused[name] = await code(() => tf.browser.fromPixels(...(Array.isArray(picture) ? picture : [picture])));
    const x = tf.browser.fromPixels({ data: new Uint8Array(64 * 64 * 4).fill(255), width: 64, height: 64 }),
      empty = tf.browser.fromPixels(bitmap),
      image = new Image();
    image.src = new URL('/web/logo.svg', location.href);
    await image.decode();
    const picture = tf.browser.fromPixels(image);
    return { devices, refused, after: [x.dataSync()[1], picture.rank], closed: empty.shape };
  });
  assert.deepEqual(devices, [0, 1]);
  const told = {
    null: /^value: .*can not be null/,
    object: /^value: .*but was Object/,
    text: /^value: .*but was String/,
    short: /^value: .*data has 8/,
    negative: /^shape: .*-64/,
    many: /^value: .*more than 4 channels/,
    none: /^value: .*numChannels is 0/,
    noneOfCanvas: /^value: .*numChannels is 0/,
    unready: /^value: .*has not loaded data yet/,
    foreign: /^18: /, // SECURITY_ERR of the DOM
  };
  for (const [name, text] of Object.entries(told)) assert.match(refused[name], text, name);
  assert.deepEqual(after, [255, 3]);
  assert.deepEqual(closed, [0, 0, 3]);
});

test('draw: what is on the GPU is painted there and not read; the canvas shows what the CPU would draw', async () => {
  const found = await inPage(async () => {
    const h = 29,
      w = 41,
      shown = (canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
    const values = (depth, whole) => {
      const x = tf.randomUniform([h, w, depth], 0, 1, 'float32', depth);
      return whole ? tf.tidy(() => x.mul(255).round().cast('int32')) : x;
    };
    // bytes, the halves between them, and their neighbours
    const edges = Float32Array.from({ length: h * w }, (_, i) => Math.fround((i % 511) / 510));
    for (let i = 511; i < edges.length; i++) edges[i] *= i % 2 ? 1 - 2 ** -24 : 1 + 2 ** -23;
    const pictures = {
      grey: values(1, false),
      flat: tf.tidy(() => values(1, false).reshape([h, w])),
      rgb: values(3, false),
      rgba: values(4, false),
      ints: values(3, true),
      ints4: values(4, true),
      edges: tf.tensor(
        edges.map((v) => Math.min(1, v)),
        [h, w],
      ),
    };
    const found = {};
    const run = async (name, x, options) => {
      for (const canvas of [document.createElement('canvas'), new OffscreenCanvas(3, 300)]) {
        const y = tf.tidy(() => tf.reshape(x, x.shape).mul(tf.scalar(1, x.dtype)));
        calls = {};
        tf.browser.draw(y, canvas, options);
        const read = JSON.stringify(calls);
        await tf.setBackend('wasm');
        const want = new OffscreenCanvas(1, 1);
        tf.browser.draw(x, want, { imageOptions: options?.imageOptions });
        await tf.setBackend('webgl');
        const size = canvas.width === w && canvas.height === h;
        const times = (bytes) => bytes.map((v, i) => (i % 4 === 3 ? v : (v * bytes[i - (i % 4) + 3]) / 255)); // alpha
        const [got, wanted] = [times(shown(canvas)), times(shown(want))];
        (found[name] ??= []).push([far(got, wanted), read, size]);
        y.dispose();
      }
    };
    for (const [name, x] of Object.entries(pictures)) await run(name, x);
    await run('alpha', pictures.rgb, { imageOptions: { alpha: 0.5 } });
    await run('webgl', pictures.rgb, { contextOptions: { contextType: 'webgl' } });
    const canvas = new OffscreenCanvas(1, 1);
    const wild = tf.tidy(() => tf.tensor([[-1, 2, NaN, Infinity, -Infinity, 1e-9]]).mul(1));
    tf.browser.draw(wild, canvas);
    found.wild = shown(canvas);
    const bytes = await tf.browser.toPixels(pictures.rgb, canvas);
    found.toPixels = far(shown(canvas), bytes);
    const x = tf.tidy(() => tf.ones([2, 3]).mul(0.5)),
      gone = x.clone();
    gone.dispose();
    const draws = (x, canvas, options) => code(() => tf.browser.draw(x, canvas, options));
    found.refused = [
      await draws(
        tf.tidy(() => tf.ones([3]).mul(1)),
        canvas,
      ),
      await draws(
        tf.tidy(() => tf.ones([2, 2, 2]).mul(1)),
        canvas,
      ),
      await draws(
        tf.tidy(() => tf.ones([2, 2]).greater(0)),
        canvas,
      ),
      await draws(x, canvas, { imageOptions: { alpha: 2 } }),
      await draws(x, canvas, { contextOptions: { contextType: 'webgpu' } }),
      await draws(x, null),
      await draws(x, {}),
      await draws(gone, canvas),
    ];
    const taken = document.createElement('canvas');
    taken.getContext('webgl2');
    found.refused.push(await draws(x, taken));
    tf.browser.draw(tf.zeros([0, 4]), canvas);
    tf.browser.draw([[7]], canvas);
    found.array = shown(canvas);
    return found;
  });
  for (const name of ['grey', 'flat', 'rgb', 'ints', 'edges', 'webgl'])
    for (const got of found[name]) assert.deepEqual(got, [0, '{}', true], name);
  for (const name of ['rgba', 'ints4', 'alpha'])
    for (const [off, read] of found[name]) assert.ok(off <= 1 && read === '{}', `${name}: ${off} ${read}`);
  const bytes = [0, 255, 0, 255, 0, 0];
  assert.deepEqual(found.wild, bytes.map((v) => [v, v, v, 255]).flat());
  assert.equal(found.toPixels, 0);
  const told = [
    /^shape: .*rank 1/,
    /^shape: .*but got 2/,
    /^dtype: .*bool/,
    /^value: .*Alpha value 2/,
    /^value: .*'webgpu'/,
  ];
  const more = [/^value: browser.draw: canvas/, /^value: browser.draw: canvas/, /^disposed/, /^device: .*2d context/];
  [...told, ...more].forEach((text, i) => assert.match(found.refused[i], text));
  assert.deepEqual(found.array, [7, 7, 7, 255]);
});

test('a worker with an OffscreenCanvas of the page: pictures there and back on the GPU', async () => {
  const { told, shown } = await inPage(
    async () => {
      const script = `import('${location.origin}/dist/tensorine.mjs').then((tf) => {
        onmessage = async ({ data: { canvas, bitmap } }) => {
          try {
            const there = await tf.setBackend('webgl');
            tf.env().set('WEBGL_CPU_FORWARD', false);
            const own = new OffscreenCanvas(4, 4), context = own.getContext('2d');
            context.fillStyle = 'rgb(10, 20, 30)';
            context.fillRect(0, 0, 4, 4);
            const sum = tf.tidy(() => tf.browser.fromPixels(own).add(tf.browser.fromPixels(bitmap)));
            const textures = tf.memory().numTextures;
            tf.browser.draw(sum, canvas);
            requestAnimationFrame(async () => postMessage([there, textures, (await sum.data())[2]]));
          } catch (error) { postMessage(String(error)); }
        };
        postMessage('ready');
      }, (error) => postMessage(String(error)));`;
      const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' })),
        worker = new Worker(url, { type: 'module' });
      const answer = () => new Promise((go) => (worker.onmessage = ({ data }) => go(data)));
      if ((await answer()) !== 'ready') return {};
      const canvas = document.body.appendChild(document.createElement('canvas')),
        bitmap = await createImageBitmap(new ImageData(new Uint8ClampedArray(64).fill(255), 4, 4));
      const offscreen = canvas.transferControlToOffscreen(),
        waits = answer();
      worker.postMessage({ canvas: offscreen, bitmap: await createImageBitmap(bitmap, 0, 0, 4, 4) }, [offscreen]);
      const told = await waits;
      for (let i = 0; i < 3; i++) await new Promise((go) => requestAnimationFrame(go));
      const look = new OffscreenCanvas(4, 4).getContext('2d');
      look.drawImage(canvas, 0, 0);
      return { told, shown: [...look.getImageData(0, 0, 1, 1).data] };
    },
    { start: false },
  );
  assert.deepEqual(told, [true, 1, 285]);
  assert.deepEqual(shown, [255, 255, 255, 255]);
});
