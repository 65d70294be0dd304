// Where the GPU's time goes: each draw of a model, waited for, with milliseconds and GFLOP/s; the other
// library's by kernel, from the same counters around WebGL. Waiting keeps draws from overlapping and costs a
// round trip, which is measured and taken off, so sums are near, not equal to, a call's own time.
import { shaderTexts } from '../../tools/gen/shaders.mjs';

/** Runs in the page: replaces WebGL's draws by ones that wait while `watch.on`. */
function install(texts) {
  const gpu = WebGL2RenderingContext.prototype,
    watch = { on: false, draws: [], kernel: '' },
    sources = new WeakMap(),
    programs = new WeakMap(),
    words = new WeakMap(),
    plain = {
      ...Object.fromEntries(
        ['shaderSource', 'attachShader', 'useProgram', 'uniform4iv', 'drawArrays', 'drawElements', 'viewport'].map(
          (name) => [name, gpu[name]],
        ),
      ),
    },
    spot = new Float32Array(4),
    whole = new Int32Array(4);
  let current, area;

  /** A file of shaders/, or the expressions of a chain. */
  function labelOf(text) {
    const file = texts.find(({ source }) => text.includes(source));
    const chain = [...text.matchAll(/ f\d+\([^)]*\)\{return [a-z]+\((.*)\);\}/g)].map((m) => m[1]);
    return file ? file.name : chain.length ? `=${chain.join(' | ')}` : '';
  }
  const flagsOf = (text) =>
    ['BANDS', 'ALIGNED', 'TRANSPOSED', 'TA', 'TB', 'ROWS', 'COLUMNS', 'ONE', 'STEP2'].filter((f) =>
      text.includes(`#define ${f}\n`),
    );
  gpu.shaderSource = function (shader, text) {
    sources.set(shader, text);
    return plain.shaderSource.call(this, shader, text);
  };
  gpu.attachShader = function (program, shader) {
    const text = sources.get(shader) ?? '';
    if (text.includes('gl_FragCoord') || text.includes('resultUV'))
      programs.set(program, { label: labelOf(text), flags: flagsOf(text), whole: text.includes('#define WHOLE\n') });
    return plain.attachShader.call(this, program, shader);
  };
  gpu.useProgram = function (program) {
    current = program;
    return plain.useProgram.call(this, program);
  };
  gpu.uniform4iv = function (at, values, ...more) {
    if (watch.on && current) words.set(current, Array.from(values.slice(more[0] ?? 0, (more[0] ?? 0) + 24)));
    return plain.uniform4iv.call(this, at, values, ...more);
  };
  gpu.viewport = function (x, y, width, height) {
    area = width * height;
    return plain.viewport.call(this, x, y, width, height);
  };

  const wait = (gl, integers) =>
    integers
      ? gl.readPixels(0, 0, 1, 1, gl.RGBA_INTEGER, gl.INT, whole)
      : gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, spot);
  const timed = (draw) =>
    function (...args) {
      if (!watch.on) return draw.apply(this, args);
      const { label = '', flags = [], whole = false } = programs.get(current) ?? {};
      wait(this, whole);
      const first = performance.now();
      wait(this, whole);
      const start = performance.now();
      draw.apply(this, args);
      wait(this, whole);
      const ms = performance.now() - start - (start - first);
      watch.draws.push({ label, flags, ms, area, words: words.get(current) ?? [], kernel: watch.kernel, of: watch.of });
    };
  gpu.drawArrays = timed(plain.drawArrays);
  gpu.drawElements = timed(plain.drawElements);
  globalThis.watchGpu = watch;
}

/** Runs in the page: the draws of one call of a row, the fastest of some, for both libraries. */
async function layersInPage({ name, rounds }) {
  const { rows } = await import('/bench/browser_rows.mjs');
  const row = rows.find((r) => r.name === name),
    watch = globalThis.watchGpu,
    ours = await import('/dist/tensorine.mjs'),
    sides = [];
  const engine = globalThis.tf.engine(),
    runKernel = engine.runKernel;
  for (const tf of [ours, globalThis.tf]) {
    await tf.setBackend('webgl');
    await tf.ready();
    const run = await row.make(tf);
    for (let i = 0; i < 4; i++) await run();
    const times = [];
    for (let i = 0; i < rounds; i++) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    engine.runKernel = function (kernel, inputs, attributes) {
      const before = [watch.kernel, watch.of];
      watch.kernel = kernel;
      watch.of = Object.values(inputs).map((x) => x?.shape ?? []);
      try {
        return runKernel.call(this, kernel, inputs, attributes);
      } finally {
        [watch.kernel, watch.of] = before;
      }
    };
    let best;
    for (let i = 0; i < rounds; i++) {
      watch.draws = [];
      watch.on = true;
      await run();
      watch.on = false;
      best ??= watch.draws;
      if (best.length === watch.draws.length)
        best = best.map((d, k) => ({ ...d, ms: Math.min(d.ms, watch.draws[k].ms) }));
    }
    engine.runKernel = runKernel;
    watch.kernel = '';
    sides.push({ ms: Math.min(...times), draws: best });
  }
  return sides;
}

/** Multiply-adds count as two. Of ours from the words that a draw passes, of the others' from shapes. */
function operations({ label, flags, words, area, kernel, of }) {
  const [n, , , ic, kh, kw, oc, oh, ow] = words.slice(4);
  if (label === 'matMul')
    return (
      (2 * area * (flags.includes('BANDS') ? 4 : 1) * 16 * words[5]) /
      (flags.includes('TA') && !flags.includes('TB') ? 4 : 1)
    );
  if (/^(conv2d|conv3|convFilter|depthwiseConv2d|depthwiseFilter)$/.test(label))
    return 2 * n * oh * ow * oc * kh * kw * ic;
  if (label || !of?.[1]) return 0;
  const count = (shape) => shape.reduce((a, b) => a * b, 1);
  if (/DepthwiseConv2d/.test(kernel)) return 0;
  if (/Conv2D$/.test(kernel)) return (2 * count(of[0]) * count(of[1])) / of[0].at(-1) / of[1][0];
  return 0;
}

const rowOf = (draw) => {
  const words = draw.label.startsWith('=') ? '' : draw.words.slice(4, 19).join(' ');
  const name = draw.label
    ? `${draw.label.slice(0, 80)} ${draw.flags.join(' ')} ${words}`
    : `${draw.kernel} ${(draw.of ?? []).map((s) => s.join('x')).join(' ')}`;
  return { name, ms: draw.ms, work: operations(draw), area: draw.area };
};

/** Equal draws together, the slowest first. */
function table(draws) {
  const rows = new Map();
  for (const draw of draws.map(rowOf)) {
    const key = `${draw.name} ${draw.area}`,
      row = rows.get(key) ?? { ...draw, ms: 0, work: 0, count: 0 };
    row.ms += draw.ms;
    row.work += draw.work;
    row.count++;
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => b.ms - a.ms);
}

function print(side, { ms, draws }) {
  const sum = draws.reduce((a, d) => a + d.ms, 0);
  console.log(`${side}: ${ms.toFixed(1)} ms a call; ${draws.length} draws, one by one ${sum.toFixed(1)} ms`);
  for (const { name, ms, work, area, count } of table(draws).slice(0, 40)) {
    const rate = work ? `${(work / ms / 1e6).toFixed(1)} GFLOP/s` : '';
    console.log(
      `${ms.toFixed(2).padStart(9)} ms ${String(count).padStart(4)} x${String(area).padStart(9)} ${rate.padStart(14)}  ${name.slice(0, 110)}`,
    );
  }
}

/** To be called before a library is loaded. */
export const watchDraws = (page, root) => page.evaluate(install, shaderTexts(root));

/** Prints the draws of each row whose name holds `only`; of `layered` if that is empty. */
export async function measureLayers(page, { only, rows, layered }) {
  const results = [];
  for (const { name } of only ? rows.filter((row) => row.name.includes(only)) : layered) {
    const [ours, theirs] = await page.evaluate(layersInPage, { name, rounds: 3 });
    console.log(`\n${name}`);
    print('ours', ours);
    print('theirs', theirs);
    results.push({ name, ours, theirs });
  }
  return results;
}
