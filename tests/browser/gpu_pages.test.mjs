// The GPU and the page: its pictures become tensors and tensors are painted without a way through memory, its own
// context, textures that go to and fro, workers, several instances.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const texts = { '/older.mjs': readFileSync(join(root, 'dist/tensorine.mjs'), 'utf8').replaceAll(`"${version}"`, '"0.0.1"') };
const running = Promise.all([serve({ folders: { '/': root }, texts }), launch()]);

after(async () => {
  const [server, browser] = await running;
  await browser.close();
  server.close();
});

/** What a function gives in a page of its own, with the library as `tf`, on webgl if `start`, small work on the GPU
 * too; `calls` counts what reads pixels. */
async function inPage(run, { start = true } = {}) {
  const [server, browser] = await running;
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.route('http://other.test/*', (route) =>
    route.fulfill({
      contentType: 'image/svg+xml',
      headers: { 'cross-origin-resource-policy': 'cross-origin' },
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
    }),
  );
  await page.goto(`${server.url}/tests/browser/empty.html`);
  await page.evaluate(async (start) => {
    globalThis.calls = {};
    for (const [type, name] of [
      [CanvasRenderingContext2D, 'getImageData'],
      [OffscreenCanvasRenderingContext2D, 'getImageData'],
      [WebGL2RenderingContext, 'readPixels'],
    ]) {
      const call = type.prototype[name];
      type.prototype[name] = function (...args) {
        calls[name] = (calls[name] ?? 0) + 1;
        return call.apply(this, args);
      };
    }
    globalThis.code = async (f) => {
      try {
        await f();
        return 'none';
      } catch (error) {
        return `${error.code}: ${error.message}`;
      }
    };
    /** The largest difference. */
    globalThis.far = (a, b) =>
      a.length === b.length ? a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0) : Infinity;
    globalThis.noise = (n, seed = 1) => Uint8ClampedArray.from({ length: n }, (_, i) => ((i + seed) * 2654435761) >>> 13);
    globalThis.tf = await import('/dist/tensorine.mjs');
    if (!start) return;
    if (!(await tf.setBackend('webgl'))) throw new Error('no webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
  }, start);
  const result = await page.evaluate(run);
  await page.close();
  assert.deepEqual(errors, []);
  return result;
}

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
          found.exact[key] = [x.dtype, far(got, want), far(same.dataSync(), want), more, read, x.shape.join() === same.shape.join()];
        else {
          found.near[key] = far(got, want);
          found.alpha[key] = far(got.filter((_, i) => i % 4 === 3), want.filter((_, i) => i % 4 === 3));
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
      edges: tf.tensor(edges.map((v) => Math.min(1, v)), [h, w]),
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
        tf.browser.draw(x, want, options);
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
      await draws(tf.tidy(() => tf.ones([3]).mul(1)), canvas),
      await draws(tf.tidy(() => tf.ones([2, 2, 2]).mul(1)), canvas),
      await draws(tf.tidy(() => tf.ones([2, 2]).greater(0)), canvas),
      await draws(x, canvas, { imageOptions: { alpha: 2 } }),
      await draws(x, canvas, { contextOptions: { contextType: 'webgl' } }),
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
  for (const name of ['grey', 'flat', 'rgb', 'ints', 'edges'])
    for (const got of found[name]) assert.deepEqual(got, [0, '{}', true], name);
  for (const name of ['rgba', 'ints4', 'alpha'])
    for (const [off, read] of found[name]) assert.ok(off <= 1 && read === '{}', `${name}: ${off} ${read}`);
  const bytes = [0, 255, 0, 255, 0, 0];
  assert.deepEqual(found.wild, bytes.map((v) => [v, v, v, 255]).flat());
  assert.equal(found.toPixels, 0);
  const told = [/^shape: .*rank 1/, /^shape: .*but got 2/, /^dtype: .*bool/, /^value: .*Alpha value 2/, /^value: .*'webgl'/];
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

test('several instances in one page have contexts of their own: what one loses the others keep', async () => {
  const seen = await inPage(async () => {
    const other = await import('/older.mjs');
    await other.setBackend('webgl');
    other.env().set('WEBGL_CPU_FORWARD', false);
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.src = location.href;
    await new Promise((go) => (frame.onload = go));
    const inFrame = await frame.contentWindow.eval(`import('/dist/tensorine.mjs')`);
    await inFrame.setBackend('webgl');
    inFrame.env().set('WEBGL_CPU_FORWARD', false);
    const all = [tf, other, inFrame],
      contexts = all.map((t) => t.backend().getGPGPUContext().gl),
      sum = (t) => t.tidy(() => t.ones([40, 40]).matMul(t.ones([40, 40])).sum().dataSync()[0]);
    const seen = { different: new Set([...all, ...contexts]).size, begin: all.map(sum) };
    const kept = all.map((t) => t.tidy(() => t.range(0, 100).add(1)));
    all[1].dispose(kept[1]);
    all[1].disposeVariables();
    seen.foreign = await code(() => tf.add(kept[2], 1));
    const lost = new Promise((go) => contexts[1].canvas.addEventListener('webglcontextlost', go));
    contexts[1].getExtension('WEBGL_lose_context').loseContext();
    await lost;
    seen.lost = all.map((t) => t.tidy(() => sum(t)));
    seen.kept = [(await kept[0].data())[99], (await kept[2].data())[99]];
    frame.remove();
    seen.removed = [sum(tf), sum(other)];
    return seen;
  });
  assert.equal(seen.different, 6);
  assert.deepEqual(seen.begin, [64000, 64000, 64000]);
  assert.deepEqual(seen.lost, [64000, 64000, 64000]);
  assert.deepEqual(seen.kept, [100, 100]);
  assert.deepEqual(seen.removed, [64000, 64000]);
  assert.match(seen.foreign, /^value: .*another copy/);
});

/** A program of the page that draws with the state a page has, and sets all of that anew each time. */
const RENDERER = String.raw`globalThis.renderer = (gl) => {
  const shader = (type, text) => { const s = gl.createShader(type); gl.shaderSource(s, text); gl.compileShader(s); return s; };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, '#version 300 es\nin vec2 p; void main() { gl_Position = vec4(p, 0., 1.); }'));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, '#version 300 es\nprecision highp float; uniform sampler2D t; out vec4 c; void main() { c = texelFetch(t, ivec2(0), 0); }'));
  gl.linkProgram(program);
  const buffer = gl.createBuffer(), texture = gl.createTexture(), sampler = gl.createSampler();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 1, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array([10, 200, 30, 255]));
  gl.samplerParameteri(sampler, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  return () => {
    gl.bindVertexArray(null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1]), gl.STREAM_DRAW);
    for (let i = 0; i < 8; i++) { gl.enableVertexAttribArray(i); gl.vertexAttribPointer(i, 2, gl.FLOAT, false, 0, 0); }
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STREAM_DRAW);
    for (let i = 0; i < 8; i++) { gl.activeTexture(gl.TEXTURE0 + i); gl.bindTexture(gl.TEXTURE_2D, texture); gl.bindSampler(i, sampler); }
    gl.enable(gl.SCISSOR_TEST); gl.scissor(0, 0, 2, 2); gl.enable(gl.BLEND); gl.blendFunc(gl.ONE, gl.ONE); gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.ALWAYS); gl.enable(gl.CULL_FACE); gl.cullFace(gl.BACK); gl.frontFace(gl.CCW); gl.colorMask(true, true, true, true);
    gl.clearColor(0, 0, 0, 0); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT); gl.colorMask(true, true, false, true);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const bytes = new Uint8Array(4);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    // and leaves what no op may rely on
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(2), gl.STREAM_DRAW);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true); gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE); gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1); gl.pixelStorei(gl.PACK_ROW_LENGTH, 64);
    gl.bindBuffer(gl.PIXEL_UNPACK_BUFFER, buffer); gl.viewport(0, 0, 1, 1); gl.cullFace(gl.FRONT_AND_BACK); gl.colorMask(false, false, true, false);
    return [...bytes];
  };
}`;

test('setContext: ops are drawn in the context of the page, each side minds its own state', async () => {
  const seen = await inPage(
    `(async () => {
    ${RENDERER}
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 }),
      gl = canvas.getContext('webgl2', { depth: true, antialias: false, preserveDrawingBuffer: true });
    const render = renderer(gl), seen = { rendered: [render()] };
    tf.webgl.setContext(gl);
    seen.there = await tf.setBackend('webgl');
    tf.env().set('WEBGL_CPU_FORWARD', false);
    tf.webgl.setContext(gl); // the same again
    seen.same = tf.backend().getGPGPUContext().gl === gl;
    const picture = new OffscreenCanvas(3, 2), context = picture.getContext('2d');
    context.fillStyle = 'rgb(9, 8, 7)'; context.fillRect(0, 0, 3, 1);
    const work = () => {
      const x = tf.tidy(() => tf.range(0, 600).reshape([20, 30])), w = tf.ones([30, 4]);
      render();
      const y = tf.tidy(() => tf.relu(x.matMul(w).sub(1000)));
      render();
      const z = tf.browser.fromPixels(picture);
      render();
      const found = [y.dataSync()[79], tf.tidy(() => y.sum().dataSync()[0]), z.dataSync().join()];
      tf.dispose([x, w, y, z]);
      return found;
    };
    seen.first = work();
    seen.rendered.push(render());
    seen.again = work();
    const model = tf.sequential({ layers: [tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 2] }), tf.layers.flatten(), tf.layers.dense({ units: 1 })] });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const losses = [];
    await model.fit(tf.randomUniform([16, 8, 8, 2], 0, 1, 'float32', 5), tf.ones([16, 1]), { epochs: 8, verbose: 0, callbacks: { onEpochEnd: (_, { loss }) => { losses.push(loss); render(); } } });
    seen.falls = losses.every((loss, i) => !i || loss < losses[i - 1]);
    const pending = tf.range(0, 50).add(1).data();
    seen.rendered.push(render());
    seen.pending = (await pending)[49];
    // the page's canvas is its own: another one's picture is not painted on it; its own is
    const x = tf.tidy(() => tf.tensor([[[0.2, 0.4, 0.6]]]).mul(1)), other = new OffscreenCanvas(1, 1);
    seen.rendered.push(render());
    tf.browser.draw(x, other);
    const look = (canvas) => { const c = new OffscreenCanvas(1, 1).getContext('2d'); c.drawImage(canvas, 0, 0); return [...c.getImageData(0, 0, 1, 1).data]; };
    seen.other = look(other);
    seen.size = [canvas.width, canvas.height];
    const onGPU = tf.tidy(() => tf.tensor([[[0.2, 0.4, 0.6], [1, 1, 1]]]).mul(1));
    tf.browser.draw(onGPU, canvas, { imageOptions: { alpha: 0.5 } });
    seen.own = [look(canvas), canvas.width, canvas.height];
    seen.rendered.push(render());
    const lost = new Promise((go) => canvas.addEventListener('webglcontextlost', go)), lose = gl.getExtension('WEBGL_lose_context');
    const kept = tf.range(0, 9).add(1); await kept.data();
    lose.loseContext();
    await lost;
    await new Promise((go) => setTimeout(go));
    const restored = new Promise((go) => canvas.addEventListener('webglcontextrestored', go));
    lose.restoreContext();
    await restored;
    const again = renderer(gl);
    again();
    seen.restored = [(await kept.add(1).data())[8], again()];
    seen.error = gl.getError();
    return seen;
  })()`,
    { start: false },
  );
  const green = [10, 200, 0, 255];
  assert.deepEqual([seen.there, seen.same], [true, true]);
  assert.equal(seen.first[0], 17535 - 1000);
  assert.deepEqual(seen.first, seen.again);
  assert.equal(seen.first[2], '9,8,7,9,8,7,9,8,7,0,0,0,0,0,0,0,0,0');
  assert.deepEqual(seen.rendered, [green, green, green, green, green]);
  assert.ok(seen.falls);
  assert.equal(seen.pending, 50);
  assert.deepEqual(seen.other, [51, 102, 153, 255]);
  assert.deepEqual(seen.size, [8, 8]);
  const [shown, ...size] = seen.own;
  assert.ok(
    [51, 102, 153, 128].every((v, i) => Math.abs(v - shown[i]) <= 1),
    `${shown}`,
  );
  assert.deepEqual(size, [2, 1]);
  assert.deepEqual(seen.restored, [10, green]);
  assert.equal(seen.error, 0);
});

test('setContext refuses what is no WebGL2 context, one that is lost, and one that comes too late', async () => {
  const { refused, there, frame } = await inPage(
    async () => {
      const context = (kind) => document.createElement('canvas').getContext(kind);
      const lost = context('webgl2');
      lost.getExtension('WEBGL_lose_context').loseContext();
      const wrong = [undefined, null, 0, 'webgl2', {}, document.createElement('canvas'), context('webgl'), context('2d'), new Proxy(context('webgl2'), {})];
      const refused = [];
      for (const gl of wrong) refused.push(await code(() => tf.webgl.setContext(gl)));
      refused.push(await code(() => tf.webgl.setContext(lost)), await code(() => tf.setWebGLContext(1, context('webgl'))));
      const inner = document.body.appendChild(document.createElement('iframe')),
        gl = inner.contentDocument.createElement('canvas').getContext('webgl2');
      tf.setWebGLContext(2, gl); // of another frame
      const there = await tf.setBackend('webgl');
      refused.push(await code(() => tf.webgl.setContext(context('webgl2'))));
      return { refused, there, frame: tf.backend().getGPGPUContext().gl === gl };
    },
    { start: false },
  );
  const named = /^value: webgl.setContext: gl must be a WebGL2RenderingContext, .*, but is (.*)$/;
  const kinds = refused.slice(0, 9).map((text) => named.exec(text)?.[1] ?? text);
  const want = ['undefined', 'null', 'number', 'string', 'Object', 'HTMLCanvasElement', 'WebGLRenderingContext', 'CanvasRenderingContext2D', 'WebGL2RenderingContext'];
  assert.deepEqual(kinds, want);
  assert.match(refused[9], /^device: webgl.setContext: gl is a context that is lost/);
  assert.match(refused[10], /^value: setWebGLContext: webGLVersion must be 2, but is 1/);
  assert.match(refused[11], /^device: webgl.setContext: gl comes too late/);
  assert.deepEqual([there, frame], [true, true]);
});

test('tensors of textures: every channel order, type and filter; dataToGPU and back', async () => {
  const { found, refused, error } = await inPage(async () => {
    const gl = tf.backend().getGPGPUContext().gl,
      found = {},
      refused = [];
    const texture = (internal, format, type, data, width, height, target = gl.TEXTURE_2D) => {
      const t = gl.createTexture();
      gl.bindTexture(target, t);
      gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
      if (target === gl.TEXTURE_2D) gl.texImage2D(target, 0, internal, width, height, 0, format, type, data);
      return t; // with the filters that textures begin with, which want levels
    };
    const floats = Float32Array.from({ length: 24 }, (_, i) => i + 0.5),
      rgba = texture(gl.RGBA32F, gl.RGBA, gl.FLOAT, floats, 3, 2);
    for (const channels of ['RGBA', 'R', 'G', 'B', 'A', 'BGR', 'ABGR', 'AR', 'RGB', undefined])
      found[channels ?? 'none'] = [...tf.tensor({ texture: rgba, height: 2, width: 3, channels }).dataSync()];
    const bytes = new Uint8Array([0, 51, 255, 102, 204, 153]);
    const read = (t, width, height, channels, shape, dtype) => {
      const x = tf.tensor({ texture: t, height, width, channels }, shape, dtype);
      return [x.shape, x.dtype, [...x.dataSync()]];
    };
    found.bytes = read(texture(gl.RGB8, gl.RGB, gl.UNSIGNED_BYTE, bytes, 2, 1), 2, 1, 'RGB', [2, 3]);
    found.red = read(texture(gl.R32F, gl.RED, gl.FLOAT, floats.slice(0, 6), 3, 2), 3, 2, 'R', [6]);
    found.half = read(texture(gl.RG16F, gl.RG, gl.FLOAT, floats.slice(0, 6), 3, 1), 3, 1, 'RG', [6], 'int32');
    found.int = read(texture(gl.RGBA32I, gl.RGBA_INTEGER, gl.INT, new Int32Array([-1, 2, -3, 70000]), 1, 1), 1, 1, 'RGBA', [4], 'int32');
    found.uint = read(texture(gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE, bytes, 6, 1), 6, 1, 'R', [6]);
    found.part = read(rgba, 3, 2, 'RGBA', [5]);
    // there and back
    const x = tf.tidy(() => tf.range(0, 1000).mul(3).reshape([10, 100]));
    for (const [name, options] of Object.entries({ usual: undefined, own: { customTexShape: [5, 60] } })) {
      const { texture: t, tensorRef, texShape } = x.dataToGPU(options);
      const y = tf.tensor({ texture: t, height: texShape[0], width: texShape[1], channels: 'RGBA' }, [10, 100]);
      tensorRef.dispose();
      found[name] = [far(await y.data(), await x.data()), gl.isTexture(t)];
      y.dispose();
    }
    const error = gl.getError();
    const on = (values, shape, dtype) => code(() => tf.tensor({ texture: rgba, height: 2, width: 3, channels: 'RGBA', ...values }, shape, dtype));
    const cube = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_CUBE_MAP, cube);
    const foreign = document.createElement('canvas').getContext('webgl2').createTexture();
    refused.push(
      await on({ channels: 'RGBX' }),
      await on({ channels: '' }),
      await on({ channels: 'RGBAR' }),
      await on({ channels: 4 }),
      await on({ height: -2 }),
      await on({ width: 1.5 }),
      await on({ height: undefined }),
      await on({}, [25]),
      await on({}, [-1]),
      await on({}, [24], 'bool'),
      await on({ texture: null }),
      await on({ texture: {} }),
      await on({ texture: foreign }),
      await on({ texture: cube }),
      await code(() => x.dataToGPU({ customTexShape: [1] })),
      await code(() => x.dataToGPU({ customTexShape: 'ab' })),
      await code(() => x.dataToGPU({ customTexShape: [2 ** 32 + 5, 50] })),
      await code(() => x.dataToGPU({ customTexShape: [1e5, 1e5] })),
    );
    return { found, refused, error };
  });
  const texel = (i, order) => [...order].map((c) => 4 * i + 'RGBA'.indexOf(c) + 0.5);
  for (const order of ['RGBA', 'R', 'G', 'B', 'A', 'BGR', 'ABGR', 'AR', 'RGB', 'none'])
    assert.deepEqual(
      found[order],
      [0, 1, 2, 3, 4, 5].flatMap((i) => texel(i, order === 'none' ? 'RGBA' : order)),
      order,
    );
  const six = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5];
  assert.deepEqual(found.bytes[2].map((v) => Math.round(v * 255)), [0, 51, 255, 102, 204, 153]);
  assert.deepEqual(found.red, [[6], 'float32', six]);
  assert.deepEqual(found.half, [[6], 'int32', [0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(found.int, [[4], 'int32', [-1, 2, -3, 70000]]);
  assert.deepEqual(found.uint, [[6], 'float32', [0, 51, 255, 102, 204, 153]]);
  assert.deepEqual(found.part[2], six.slice(0, 5));
  assert.deepEqual([found.usual, found.own], [
    [0, false],
    [0, false],
  ]);
  const told = [
    ...Array(4).fill(/^value: tensor: channels/),
    ...Array(3).fill(/^value: tensor: values.(height|width)/),
    /^shape: .*too small/,
    /^shape: tensor: Tensor must have a shape/,
    /^dtype: tensor: a texture gives/,
    ...Array(3).fill(/^value: .*the texture is not one of/),
    /^value: .*no texture of TEXTURE_2D/,
    /^value: dataToGPU: customTexShape must be/,
    /^value: dataToGPU: customTexShape must be/,
    /^value: dataToGPU: customTexShape must be/,
    /^shape: dataToGPU: customTexShape \[100000, 100000\]/,
  ];
  told.forEach((text, i) => assert.match(refused[i], text));
  assert.equal(error, 0);
});
