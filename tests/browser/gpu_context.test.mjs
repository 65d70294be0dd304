// The GPU's context and the page: instances that have one each, one that the page gives, textures that go to and fro.
/* global far, code -- gpu_page.mjs gives them to the page */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPage } from './gpu_page.mjs';

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
      sum = (t) =>
        t.tidy(
          () =>
            t
              .ones([40, 40])
              .matMul(t.ones([40, 40]))
              .sum()
              .dataSync()[0],
        );
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
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER,
    '#version 300 es\nprecision highp float; uniform sampler2D t; out vec4 c; void main() { c = texelFetch(t, ivec2(0), 0); }'));
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
    const layers = [tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 2] }), tf.layers.flatten(), tf.layers.dense({ units: 1 })];
    const model = tf.sequential({ layers });
    model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const losses = [], callbacks = { onEpochEnd: (_, { loss }) => { losses.push(loss); render(); } };
    await model.fit(tf.randomUniform([16, 8, 8, 2], 0, 1, 'float32', 5), tf.ones([16, 1]), { epochs: 8, verbose: 0, callbacks });
    seen.falls = losses[7] < losses[0];
    const inputs = tf.randomUniform([16, 8, 8, 2], 0, 1, 'float32', 6), predictions = [];
    render();
    predictions.push(model.predict(inputs).dataSync());
    await tf.setBackend('wasm');
    predictions.push(model.predict(inputs).dataSync());
    await tf.setBackend('webgl');
    seen.off = far(...predictions);
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
  assert.ok(seen.falls && seen.off < 1e-5, `${seen.falls} ${seen.off}`);
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
      const wrong = [
        undefined,
        null,
        0,
        'webgl2',
        {},
        document.createElement('canvas'),
        context('webgl'),
        context('2d'),
        new Proxy(context('webgl2'), {}),
      ];
      const refused = [];
      for (const gl of wrong) refused.push(await code(() => tf.webgl.setContext(gl)));
      refused.push(
        await code(() => tf.webgl.setContext(lost)),
        await code(() => tf.setWebGLContext(1, context('webgl'))),
      );
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
  const want = [
    'undefined',
    'null',
    'number',
    'string',
    'Object',
    'HTMLCanvasElement',
    'WebGLRenderingContext',
    'CanvasRenderingContext2D',
    'WebGL2RenderingContext',
  ];
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
    found.int = read(
      texture(gl.RGBA32I, gl.RGBA_INTEGER, gl.INT, new Int32Array([-1, 2, -3, 70000]), 1, 1),
      1,
      1,
      'RGBA',
      [4],
      'int32',
    );
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
    const on = (values, shape, dtype) =>
      code(() => tf.tensor({ texture: rgba, height: 2, width: 3, channels: 'RGBA', ...values }, shape, dtype));
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
  assert.deepEqual(
    found.bytes[2].map((v) => Math.round(v * 255)),
    [0, 51, 255, 102, 204, 153],
  );
  assert.deepEqual(found.red, [[6], 'float32', six]);
  assert.deepEqual(found.half, [[6], 'int32', [0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(found.int, [[4], 'int32', [-1, 2, -3, 70000]]);
  assert.deepEqual(found.uint, [[6], 'float32', [0, 51, 255, 102, 204, 153]]);
  assert.deepEqual(found.part[2], six.slice(0, 5));
  assert.deepEqual(
    [found.usual, found.own],
    [
      [0, false],
      [0, false],
    ],
  );
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
