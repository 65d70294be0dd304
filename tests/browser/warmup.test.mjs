// model.warmup() in Chromium: after it a first prediction compiles nothing and is right, and progress is told.
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

/** f(tf, linked, makers) in a page of its own; linked() counts the programs that were sent to the compiler so far. */
async function inPage(backend, f) {
  const [server, browser] = await running,
    page = await browser.newPage();
  await page.goto(`${server.url}/tests/browser/empty.html`);
  const result = await page.evaluate(
    async ([backend, text]) => {
      let programs = 0;
      const proto = WebGL2RenderingContext.prototype,
        link = proto.linkProgram;
      proto.linkProgram = function (program) {
        programs++;
        return link.call(this, program);
      };
      const tf = await import('/dist/tensorine.mjs');
      if (!(await tf.setBackend(backend))) throw new Error(`no ${backend}`);
      const net = () =>
        tf.sequential({
          layers: [
            tf.layers.conv2d({ inputShape: [24, 24, 3], filters: 8, kernelSize: 3, activation: 'relu' }),
            tf.layers.batchNormalization(),
            tf.layers.maxPooling2d({ poolSize: 2 }),
            tf.layers.flatten(),
            tf.layers.dense({ units: 5, activation: 'softmax' }),
          ],
        });
      const graph = () =>
        tf.loadGraphModelSync({
          modelTopology: {
            node: [
              {
                name: 'x',
                op: 'Placeholder',
                attr: { shape: { shape: { dim: [{ size: -1 }, { size: 4000 }] } }, dtype: { type: 'DT_FLOAT' } },
              },
              { name: 'e', op: 'Exp', input: ['x'] },
              { name: 'y', op: 'Softmax', input: ['e'] },
            ],
          },
          weightSpecs: [],
          weightData: new ArrayBuffer(0),
        });
      return new Function(`return (${text})`)()(tf, () => programs, { net, graph });
    },
    [backend, String(f)],
  );
  await page.close();
  return result;
}

for (const kind of ['net', 'graph'])
  test(`a ${kind} that is warmed up compiles nothing when it predicts`, async () => {
    const found = await inPage(
      'webgl',
      new Function(
        'tf',
        'linked',
        'make',
        `return (async () => {
          const model = make.${kind}(), shape = [4, ...model.inputs[0].shape.slice(1)];
          const x = tf.randomUniform(shape, 0, 1, 'float32', 7), shares = [], before = linked();
          const tensors = tf.memory().numTensors;
          await model.warmup({ batchSize: 4, onProgress: (share) => shares.push(share) });
          const left = tf.memory().numTensors - tensors, warm = linked();
          const y = model.predict(x), got = [...(await y.data())], after = linked();
          await tf.setBackend('wasm');
          return { shares, left, warm: warm - before, after: after - warm, got, want: [...model.predict(x).dataSync()] };
        })()`,
      ),
    );
    assert.ok(found.warm >= 2, `${found.warm} programs`);
    assert.equal(found.after, 0);
    assert.equal(found.left, 0);
    assert.equal(found.shares[0], 0);
    assert.equal(found.shares.at(-1), 1);
    assert.deepEqual(
      found.shares,
      [...found.shares].sort((a, b) => a - b),
    );
    found.got.forEach((v, i) => assert.ok(Math.abs(v - found.want[i]) < 1e-4, `${i}: ${v}, ${found.want[i]}`));
  });

test('what waits to be drawn before it, inputs and weights, is not spoilt', async () => {
  const found = await inPage('webgl', async (tf, linked, { net }) => {
    tf.env().set('WEBGL_CPU_FORWARD', false);
    const model = net();
    model.predict(tf.ones([2, 24, 24, 3])).dispose();
    model.setWeights(model.getWeights().map((w) => w.mul(0.5).add(0.01)));
    const x = tf.ones([2, 24, 24, 3]).mul(0.3).add(0.2);
    await model.warmup({ inputs: x, batchSize: 2 });
    const runs = [];
    for (let i = 0; i < 3; i++) runs.push([...model.predict(x).dataSync()]);
    await tf.setBackend('wasm');
    return { x: x.dataSync()[7], runs, want: [...model.predict(x).dataSync()] };
  });
  assert.ok(Math.abs(found.x - 0.5) < 1e-6, `${found.x}`);
  for (const run of found.runs)
    run.forEach((v, i) => assert.ok(Math.abs(v - found.want[i]) < 1e-4, `${i}: ${v}, ${found.want[i]}`));
});

test('on the CPU, with given inputs, and with wrong arguments', async () => {
  const found = await inPage('wasm', async (tf, linked, { net }) => {
    const model = net(),
      x = tf.ones([2, 24, 24, 3]),
      errors = [];
    await model.warmup({ inputs: x });
    await model.warmup();
    const open = tf.sequential({ layers: [tf.layers.lstm({ units: 2, inputShape: [null, 3] })] });
    for (const f of [
      () => model.warmup({ batchSize: 0 }),
      () => model.warmup({ onProgress: 3 }),
      () => open.warmup(),
      () => model.warmup({ inputs: tf.ones([2, 5]) }),
    ])
      await f().then(
        () => errors.push('none'),
        (error) => errors.push(`${error.name} ${error.message}`),
      );
    await open.warmup({ inputs: tf.ones([1, 4, 3]) });
    return { errors, alive: !x.isDisposed };
  });
  const [batch, progress, sizes, shape] = found.errors;
  assert.match(batch, /warmup: batchSize must be a whole number above 0, but is 0/);
  assert.match(progress, /warmup: onProgress must be a function/);
  assert.match(sizes, /warmup: input '.*' has open sizes: give args.inputs/);
  assert.match(shape, /shape/);
  assert.ok(found.alive);
});
