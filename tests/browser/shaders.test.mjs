// Shaders that packages bring, in Chromium: tf.backend().compileAndRun gives what TensorFlow.js's GPU
// backend gives; tensors of textures; flags that tell of the GPU.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { same } from '../lib/programs/same.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let server, browser;

before(async () => {
  server = await serve({ folders: { '/': root } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** What body gives in a page with a library on webgl. */
async function inPage(script, body) {
  const page = await browser.newPage();
  try {
    await page.goto(`${server.url}/tests/browser/empty.html`);
    await page.addScriptTag({ url: script });
    return await page.evaluate(async (body) => {
      await globalThis.tf.setBackend('webgl');
      return new Function(`return (async () => { ${body} })()`)();
    }, body);
  } finally {
    await page.close();
  }
}

const RUN = `
  const waves = (...shape) => tf.tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)), shape);
  const run = (program, inputs, dtype, uniforms) => tf.tidy(() => {
    const { dataId, shape, dtype: type } = tf.backend().compileAndRun(program, inputs, dtype, uniforms);
    const y = tf.engine().makeTensorFromDataId(dataId, shape, type);
    return { shape: y.shape, dtype: y.dtype, values: Array.from(y.dataSync()) };
  });`;

const main = (code) => `void main() { ${code} }`;
const PROGRAMS = {
  'one element from its place': [
    {
      variableNames: ['x'],
      outputShape: [3, 5],
      userCode: main('ivec2 c = getOutputCoords(); setOutput(getX(c[0], c[1]) * 2. + float(c.x) - float(c.y));'),
    },
    '[waves(3, 5)]',
  ],
  'early return, helpers and constants': [
    {
      variableNames: ['mask', 'other'],
      outputShape: [4, 3],
      userCode: `const float HALF = 0.5; float clip01(float v) { return min(1., max(0., v)); }
      void main() { ivec2 c = getOutputCoords(); float m = getMask(c.x, c.y);
        if (m < 0.) { setOutput(-1.); return; } setOutput(clip01(m + HALF * getOther(c.y))); }`,
    },
    '[waves(4, 3), waves(3)]',
  ],
  'rank 1': [
    {
      variableNames: ['x'],
      outputShape: [7],
      userCode: main('int i = getOutputCoords(); setOutput(getX(6 - i));'),
    },
    '[waves(7)]',
  ],
  'rank 3 and a broadcast': [
    {
      variableNames: ['a', 'b'],
      outputShape: [2, 3, 4],
      userCode: main('setOutput(getAAtOutCoords() * getBAtOutCoords());'),
    },
    '[waves(2, 3, 4), waves(3, 1)]',
  ],
  'rank 4': [
    {
      variableNames: ['image'],
      outputShape: [1, 2, 2, 3],
      userCode: main('ivec4 c = getOutputCoords(); setOutput(getImage(c.x, c.y * 2, c.z + 1, c.w));'),
    },
    '[waves(1, 4, 3, 3)]',
  ],
  scalars: [
    { variableNames: ['x', 's'], outputShape: [], userCode: main('setOutput(getX(1) + getS());') },
    '[waves(3), tf.scalar(2)]',
  ],
  'uniforms of its own': [
    {
      variableNames: ['x'],
      outputShape: [2, 3],
      customUniforms: [
        { name: 'scale', type: 'float' },
        { name: 'shift', type: 'vec2' },
        { name: 'flip', type: 'int' },
        { name: 'at', type: 'ivec2' },
      ],
      userCode:
        main(`ivec2 c = getOutputCoords(); float v = getX(flip == 1 ? 1 - c.x : c.x, c.y) * scale + shift.x - shift.y;
      setOutput(c == at ? 100. : v);`),
    },
    '[waves(2, 3)]',
    'undefined',
    '[[3], [0.5, 0.25], [1], [1, 2]]',
  ],
  'whole numbers': [
    { variableNames: ['x'], outputShape: [4], userCode: main('setOutput(floor(getX(getOutputCoords()) * 10.));') },
    '[waves(4)]',
    "'int32'",
  ],
  'rounding to whole numbers': [
    {
      variableNames: ['x'],
      outputShape: [5],
      userCode: main(
        'int n = round(getX(getOutputCoords()) * 10. + 0.5); ivec4 v = round(vec4(1.5, -1.5, 2.4, 0.)); setOutput(float(n + v.x * 100 + v.y));',
      ),
    },
    '[waves(5)]',
  ],
  'its place from 0 to 1': [
    {
      variableNames: ['x'],
      outputShape: [3, 5],
      userCode: main('setOutput(resultUV.x + 10. * resultUV.y + halfCR.x);'),
    },
    '[waves(3, 5)]',
  ],
  'structs of more than four': [
    {
      variableNames: ['x'],
      outputShape: [2],
      userCode: main('ivec5 a = ivec5(1, 2, 3, 4, 5); setOutput(getX(1) + float(a.u));'),
    },
    '[waves(2)]',
  ],
  'channels of a block': [
    {
      variableNames: ['x'],
      outputShape: [4, 4],
      packedInputs: true,
      packedOutput: true,
      userCode: main(`ivec2 c = getOutputCoords(); vec4 v = getX(c.x, c.y);
      setOutput(vec4(getChannel(v, vec2(c.x + 1, c.y)), getChannel(v, vec2(c)), getChannel(v, 1), getChannel(v, vec2(1, 1))));`),
    },
    '[waves(4, 4)]',
  ],
  'blocks of 2 by 2': [
    {
      variableNames: ['x'],
      outputShape: [3, 5],
      packedInputs: true,
      packedOutput: true,
      userCode: main('ivec2 c = getOutputCoords(); setOutput(getX(c.x, c.y) * 2.);'),
    },
    '[waves(3, 5)]',
  ],
  'blocks of 2 by 2 in each matrix': [
    {
      variableNames: ['x'],
      outputShape: [2, 3, 3],
      packedInputs: true,
      packedOutput: true,
      userCode: main('ivec3 c = getOutputCoords(); vec4 v = getX(c.x, c.y, c.z); setOutput(v + v.xxxx);'),
    },
    '[waves(2, 3, 3)]',
  ],
};
const body = `${RUN} return {${Object.entries(PROGRAMS)
  .map(
    ([name, [program, inputs, dtype, uniforms]]) =>
      `${JSON.stringify(name)}: run(${JSON.stringify(program)}, ${inputs}, ${dtype}, ${uniforms})`,
  )
  .join(',\n')}};`;
const TEXTURE = `
  const { gl } = tf.backend().gpgpu, texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of ['MIN', 'MAG']) gl.texParameteri(gl.TEXTURE_2D, gl['TEXTURE_' + name + '_FILTER'], gl.NEAREST);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 3, 2, 0, gl.RGBA, gl.FLOAT, Float32Array.from({ length: 24 }, (_, i) => i / 2));
  const read = (channels, shape) => Array.from(tf.tensor({ texture, height: 2, width: 3, channels }, shape).mul(2).dataSync());
  return [read('RGBA', [2, 3, 4]), read('BR', [2, 3, 2]), read('A', [6]), read('RGB', [2, 9])];`;

const peer = '/node_modules/@tensorflow/tfjs/dist/tf.min.js',
  ours = '/dist/tensorine.js';
test('programs give what they give there', async () => {
  same(await inPage(ours, body), await inPage(peer, body), 1e-4, 'programs');
});
test('tensors of textures', async () => {
  same(await inPage(ours, TEXTURE), await inPage(peer, TEXTURE), 1e-6, 'textures');
});

test('mistakes are errors, and the GPU goes on', async () => {
  const found = await inPage(
    ours,
    `${RUN} const errors = [], before = tf.memory().numTensors;
    const attempt = (f) => { try { f(); errors.push('none'); } catch (e) { errors.push(e.code + ': ' + e.message); } };
    const ok = { variableNames: ['x'], outputShape: [2], userCode: 'void main() { setOutput(getX(getOutputCoords())); }' };
    const x = tf.tensor([1, 2]);
    console.error = () => {};
    attempt(() => run({ ...ok, userCode: 'void main() { nonsense }' }, [x]));
    attempt(() => run(ok, [x, x]));
    attempt(() => run({ ...ok, customUniforms: [{ name: 'a', type: 'float' }] }, [x]));
    attempt(() => run(ok, [tf.scalar('a')]));
    attempt(() => tf.tensor({ texture: {}, height: 1, width: 1, channels: 'RGBA' }));
    await tf.setBackend('wasm');
    attempt(() => tf.findBackend('webgl').compileAndRun(ok, [x]));
    await tf.setBackend('webgl');
    return { errors, values: run(ok, [x]).values };`,
  );
  const kinds = [
    /^device: .*does not compile/,
    /^value: .*2 inputs/,
    /^value: .*1 numbers, but got 0/,
    /^dtype: .*string/,
    /^\w+: /,
    /^device: .*setBackend/,
  ];
  found.errors.forEach((text, i) => assert.match(text, kinds[i]));
  assert.deepEqual(found.values, [1, 2]);
});

test('flags tell of the GPU', async () => {
  const flags = `const env = tf.env(), { gl } = tf.backend().gpgpu;
    return ['HAS_WEBGL', 'WEBGL_VERSION', 'WEBGL_MAX_TEXTURE_SIZE', 'WEBGL_MAX_TEXTURES_IN_SHADER', 'WEBGL_RENDER_FLOAT32_CAPABLE',
      'WEBGL_RENDER_FLOAT32_ENABLED', 'WEBGL_DOWNLOAD_FLOAT_ENABLED', 'WEBGL_FENCE_API_ENABLED', 'WEBGL_BUFFER_SUPPORTED', 'WEBGL_PACK']
      .map((name) => [name, env.get(name)]);`;
  assert.deepEqual(await inPage(ours, flags), await inPage(peer, flags));
});

// body-pix scales its masks so. Whether the last column is still inside hangs on how its place is rounded: here
// it is in double on each device, as on the peer's CPU backend; its GPU backend leaves out that of other sizes.
test('cropAndResize of a whole picture reaches its edge where it does on the CPU', async () => {
  const sizes = Array.from({ length: 199 }, (_, i) => i + 2).flatMap((n) => [2 * n - 2, 320].map((to) => [n, to]));
  const least = await inPage(
    '/dist/tensorine.js',
    `const found = [];
    for (const [n, to] of ${JSON.stringify(sizes)}) {
      const y = tf.tidy(() => tf.image.cropAndResize(tf.ones([1, 2, n, 1]), [[0, 0, 1, 1]], [0], [2, to]).min());
      found.push((await y.data())[0]);
      y.dispose();
    }
    return found;`,
  );
  const inside = ([n, to]) => ((n - 1) / (to - 1)) * (to - 1) <= n - 1;
  sizes.forEach((size, i) => assert.ok(Math.abs(least[i] - inside(size)) < 1e-6, `${size}: ${least[i]}`));
  assert.equal(inside([161, 320]), true, "body-pix's at a picture of 320");
});
