// tf.io and tf.browser where there is a browser: pictures of every kind, models kept by the browser,
// downloads, and what the peer saved before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let server, browser, tab;

before(async () => {
  server = await serve({
    folders: { '/dist/': join(root, 'dist'), '/peer/': join(root, 'node_modules/@tensorflow/tfjs/dist') },
    texts: { '/page.html': '<!doctype html><title>io</title><script src="/dist/tensorine.js"></script>' },
  });
  browser = await launch();
  tab = await (await browser.newContext()).newPage();
  await tab.goto(`${server.url}/page.html`);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** Runs f in the page; checks that no tensors stay. */
async function run(f, argument) {
  const result = await tab.evaluate(f, argument);
  assert.deepEqual(await tab.evaluate(() => [tf.memory().numTensors, tf.memory().numDataBuffers]), [0, 0]);
  return result;
}

const inPage = (name, f, check) => test(`io: ${name}`, { timeout: 60000 }, async () => check(await run(f)));

inPage(
  'fromPixels takes canvases, images, bitmaps, videos and image data',
  async () => {
    const paint = (canvas) => {
      const context = canvas.getContext('2d');
      context.fillStyle = 'rgb(10, 20, 30)';
      context.fillRect(0, 0, 2, 3);
      return canvas;
    };
    const canvas = paint(Object.assign(document.createElement('canvas'), { width: 2, height: 3 }));
    const image = new Image();
    image.src = canvas.toDataURL();
    await image.decode();
    const glCanvas = Object.assign(document.createElement('canvas'), { width: 2, height: 3 });
    const gl = glCanvas.getContext('webgl2', { preserveDrawingBuffer: true });
    gl.clearColor(10 / 255, 20 / 255, 30 / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const video = Object.assign(document.createElement('video'), {
      muted: true,
      srcObject: canvas.captureStream(),
    });
    const painting = setInterval(() => paint(canvas), 20); // a stream has a frame for each painting
    await video.play();
    clearInterval(painting);
    const sources = {
      canvas,
      image,
      glCanvas,
      video,
      bitmap: await createImageBitmap(canvas),
      offscreen: paint(new OffscreenCanvas(2, 3)),
      data: canvas.getContext('2d').getImageData(0, 0, 2, 3),
    };
    const found = {};
    for (const [name, source] of Object.entries(sources)) {
      const x = tf.browser.fromPixels(source),
        same = await tf.browser.fromPixelsAsync(source, 4);
      const off = Math.max(...[...x.dataSync()].map((v, i) => Math.abs(v - [10, 20, 30][i % 3])));
      found[name] = [
        x.shape.join(),
        same.shape.join(),
        off <= (name === 'video' ? 6 : 0) ? 'right' : [...x.dataSync()].join(),
      ];
      tf.dispose([x, same]);
    }
    return found;
  },
  (found) => {
    assert.equal(Object.keys(found).length, 7);
    for (const [name, got] of Object.entries(found)) assert.deepEqual(got, ['3,2,3', '3,2,4', 'right'], name);
  },
);

inPage(
  'toPixels and draw paint a canvas',
  async () => {
    const canvas = document.createElement('canvas'),
      x = tf.tensor([
        [
          [1, 0.5, 0],
          [0, 0, 1],
        ],
      ]);
    const bytes = await tf.browser.toPixels(x, canvas);
    const painted = [...canvas.getContext('2d').getImageData(0, 0, 2, 1).data];
    const other = new OffscreenCanvas(1, 1);
    tf.browser.draw(x, other, { imageOptions: { alpha: 0 } });
    const alpha = other.getContext('2d').getImageData(0, 0, 2, 1).data[3];
    x.dispose();
    const empty = tf.zeros([0, 2, 3]);
    const none = await tf.browser.toPixels(empty, canvas);
    empty.dispose();
    return { bytes: [...bytes], painted, alpha, none: none.length };
  },
  (got) =>
    assert.deepEqual(got, {
      bytes: [255, 128, 0, 255, 0, 0, 255, 255],
      painted: [255, 128, 0, 255, 0, 0, 255, 255],
      alpha: 0,
      none: 0,
    }),
);

const ARTIFACTS = `globalThis.artifacts = () => ({
  modelTopology: { class_name: 'Sequential', config: [] }, format: 'layers-model', generatedBy: 'test', convertedBy: null,
  userDefinedMetadata: { note: 'é' }, weightSpecs: [{ name: 'w', shape: [3], dtype: 'float32' }],
  weightData: new Float32Array([1, -2, 3.5]).buffer,
})`;

test('io: IndexedDB keeps weights of more than a record may hold, and reads records of before', async () => {
  const got = await run(async () => {
    const n = 34e6,
      weightData = new Float32Array(n).fill(0.5);
    weightData[n - 1] = 7;
    const artifacts = {
      modelTopology: { class_name: 'Sequential', config: [] },
      weightSpecs: [{ name: 'w', shape: [n], dtype: 'float32' }],
      weightData: weightData.buffer,
    };
    const [saver] = tf.io.getSaveHandlers('indexeddb://large'),
      [loader] = tf.io.getLoadHandlers('indexeddb://large');
    await saver.save(artifacts);
    const loaded = await loader.load(),
      back = new Float32Array(loaded.weightData);
    await tf.io.copyModel('indexeddb://large', 'indexeddb://copy');
    const copy = await tf.io.getLoadHandlers('indexeddb://copy')[0].load();
    const infos = Object.keys(await tf.io.listModels());
    await tf.io.removeModel('indexeddb://large');
    await tf.io.removeModel('indexeddb://copy');
    return [
      loaded.weightData instanceof ArrayBuffer,
      back.length,
      back[0],
      back[n - 1],
      copy.weightData.byteLength,
      infos,
    ];
  });
  assert.deepEqual(got, [true, 34e6, 0.5, 7, 136e6, ['indexeddb://copy', 'indexeddb://large']]);
});

for (const scheme of ['localstorage', 'indexeddb']) {
  test(`io: ${scheme} keeps, lists, copies, moves and removes models`, async () => {
    await tab.evaluate(ARTIFACTS);
    const got = await run(async (name) => {
      const { io } = tf,
        a = `${name}://deep/name/1`,
        b = `${name}://two`,
        c = `${name === 'indexeddb' ? 'localstorage' : 'indexeddb'}://three`;
      const plain = async (url) => {
        const [handler] = io.getLoadHandlers(url),
          { weightData, ...rest } = await handler.load();
        return { weights: [...new Float32Array(weightData)], ...rest };
      };
      const list = async () => Object.keys(await io.listModels()).sort();
      const failure = (promise) =>
        promise.then(
          () => 'none',
          (error) => `${error.code}: ${error.message}`,
        );
      const { modelArtifactsInfo } = await io.getSaveHandlers(a)[0].save(artifacts());
      const found = { loaded: await plain(a), info: modelArtifactsInfo.weightDataBytes, first: await list() };
      found.copy = (await io.copyModel(a, b)).weightDataBytes;
      await io.moveModel(a, c);
      found.second = await list();
      found.third = (await plain(c)).weights;
      found.gone = await failure(plain(a));
      found.removed = (await io.removeModel(b)).modelTopologyType;
      found.none = await failure(io.removeModel(b));
      found.same = await failure(io.copyModel(c, c));
      found.where = await failure(io.copyModel(c, 'nowhere://x'));
      await io.removeModel(c);
      found.last = await list();
      return found;
    }, scheme);
    const other = scheme === 'indexeddb' ? 'localstorage' : 'indexeddb';
    assert.deepEqual(got.loaded.weights, [1, -2, 3.5]);
    assert.deepEqual(got.loaded.userDefinedMetadata, { note: 'é' });
    assert.equal(got.loaded.format, 'layers-model');
    assert.deepEqual([got.info, got.copy, got.removed], [12, 12, 'JSON']);
    assert.deepEqual(got.first, [`${scheme}://deep/name/1`]);
    assert.deepEqual(got.second, [`${scheme}://two`, `${other}://three`].sort());
    assert.deepEqual(got.third, [1, -2, 3.5]);
    assert.match(got.gone, /^file: .*'deep\/name\/1'/);
    assert.match(got.none, /^file: Cannot find model .*'two'/);
    assert.match(got.same, /^value: Old path and new path are the same/);
    assert.match(got.where, /^value: .*no save handler/);
    assert.deepEqual(got.last, []);
  });
}

test('io: models that the peer saved are loaded, and ours by the peer', async () => {
  await tab.evaluate(ARTIFACTS);
  await tab.evaluate(async () => {
    globalThis.ours = globalThis.tf;
    globalThis.tf = undefined; // else the peer's script writes its names over ours
    await new Promise((onload, onerror) =>
      document.head.append(
        Object.assign(document.createElement('script'), { src: '/peer/tf.min.js', onload, onerror }),
      ),
    );
    globalThis.peer = globalThis.tf;
    globalThis.tf = ours;
  });
  const got = await run(async () => {
    const found = [];
    for (const scheme of ['localstorage', 'indexeddb']) {
      for (const [from, to] of [
        [peer, ours],
        [ours, peer],
      ]) {
        const url = `${scheme}://between`;
        await from.io.getSaveHandlers(url)[0].save(artifacts());
        const { weightData, weightSpecs, userDefinedMetadata } = await to.io.getLoadHandlers(url)[0].load();
        found.push([
          [...new Float32Array(weightData)].join(),
          weightSpecs[0].name,
          userDefinedMetadata.note,
          Object.keys(await to.io.listModels()).join(),
        ]);
        await to.io.removeModel(url);
      }
    }
    return found;
  });
  const want = (scheme) => ['1,-2,3.5', 'w', 'é', `${scheme}://between`];
  assert.deepEqual(got, ['localstorage', 'localstorage', 'indexeddb', 'indexeddb'].map(want));
});

test('io: models go from place to place as with the peer, which the page has by now', { timeout: 60000 }, async () => {
  const got = await run(async () => {
    const names = [
      'localstorage://a',
      'indexeddb://a',
      'localstorage://x y/é',
      'indexeddb://x y/é',
      'localstorage://a/info',
      'localstorage://',
      'indexeddb://',
      'indexeddb://a?b#c',
      'localStorage://a',
    ];
    const places = ['localstorage://b', 'indexeddb://b', 'downloads://b', 'nowhere://b', 'localstorage://a'];
    const moves = [
      ['localstorage://b', 'indexeddb://c'],
      ['indexeddb://b', 'localstorage://c'],
      ['localstorage://c', 'localstorage://d'],
      ['localstorage://missing', 'localstorage://e'],
      ['indexeddb://c', 'nowhere://x'],
      ['localstorage://d', 'localstorage://d'],
    ];
    const visit = async (t) => {
      const seen = {};
      const told = async (name, f) => {
        seen[name] = await f().catch((error) =>
          error.message.replace(/^http: Request to \S+ failed: /, '').replace(/: where a model goes is said by .*/, ''),
        );
      };
      // The peer's save forgets the tensor that it makes for the number of steps.
      const forgotten = [],
        forgets = (optimizer) => {
          const { saveIterations } = optimizer;
          optimizer.saveIterations = async () => {
            const saved = await saveIterations.call(optimizer);
            forgotten.push(saved.tensor);
            return saved;
          };
        };
      const model = () => {
        const made = t.sequential({
          layers: [t.layers.dense({ units: 2, inputShape: [3], kernelInitializer: 'ones', biasInitializer: 'ones' })],
        });
        made.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
        made.setUserDefinedMetadata({ note: [1, 'é'] });
        if (t === peer) forgets(made.optimizer);
        return made;
      };
      const bytes = ({ dateSaved, modelTopologyType, weightDataBytes }) => [
        typeof dateSaved,
        modelTopologyType,
        weightDataBytes,
      ];
      const load = async (url) => {
        const loaded = await t.loadLayersModel(url),
          values = t.tidy(() => [...loaded.predict(t.ones([1, 3])).dataSync()]);
        const what = [values, loaded.optimizer?.getClassName(), loaded.getUserDefinedMetadata()];
        loaded.dispose();
        loaded.optimizer?.dispose();
        return what;
      };
      for (const url of names) {
        const made = model();
        await told(`save ${url}`, async () =>
          bytes((await made.save(url, { includeOptimizer: true })).modelArtifactsInfo),
        );
        made.dispose();
        made.optimizer.dispose();
        await told(`load ${url}`, () => load(url));
      }
      for (const from of [
        'localstorage://a',
        'indexeddb://a',
        'nowhere://a',
        'localstorage://missing',
        'indexeddb://missing',
        'downloads://a',
      ])
        for (const to of places) await told(`copy ${from} ${to}`, async () => bytes(await t.io.copyModel(from, to)));
      for (const url of places) await told(`load ${url}`, () => load(url));
      for (const [from, to] of moves) {
        await told(`move ${from} ${to}`, async () => bytes(await t.io.moveModel(from, to)));
        await told(`${from} was moved to ${to}`, async () => [
          Object.keys(await t.io.listModels()).sort(),
          await load(to),
        ]);
      }
      for (const url of [
        ...Object.keys(await t.io.listModels()),
        'localstorage://none',
        'indexeddb://none',
        'http://x',
        'none',
      ])
        await told(`remove ${url}`, async () => bytes(await t.io.removeModel(url)));
      t.dispose(forgotten);
      return { ...seen, left: [await t.io.listModels(), Object.keys(localStorage)] };
    };
    return [await visit(ours), await visit(peer)];
  });
  assert.ok(Object.keys(got[0]).length > 70);
  assert.deepEqual(got[0], got[1]);
});

test('io: localstorage that is full keeps nothing of the model', async () => {
  await tab.evaluate(ARTIFACTS);
  const got = await run(async () => {
    const big = {
      ...artifacts(),
      weightSpecs: [{ name: 'w', shape: [1 << 21], dtype: 'float32' }],
      weightData: new ArrayBuffer(1 << 23),
    };
    const text = await tf.io
      .getSaveHandlers('localstorage://big')[0]
      .save(big)
      .then(
        () => 'none',
        (error) => `${error.code}: ${error.message}`,
      );
    return { text, kept: Object.keys(localStorage) };
  });
  assert.match(got.text, /^file: Failed to save model 'big' to local storage.*8388608 of weights/);
  assert.deepEqual(got.kept, []);
});

test('io: downloads:// gives two files', async () => {
  await tab.evaluate(ARTIFACTS);
  const downloads = [];
  tab.on('download', (download) => downloads.push(download));
  await run(() =>
    tf.io
      .getSaveHandlers('downloads://mine')[0]
      .save(artifacts())
      .then(() => undefined),
  );
  for (let i = 0; i < 100 && downloads.length < 2; i++) await new Promise((go) => setTimeout(go, 20));
  const files = Object.fromEntries(
    await Promise.all(downloads.map(async (d) => [d.suggestedFilename(), readFileSync(await d.path())])),
  );
  assert.deepEqual(Object.keys(files).sort(), ['mine.json', 'mine.weights.bin']);
  const json = JSON.parse(files['mine.json']);
  assert.deepEqual(json.weightsManifest, [
    { paths: ['./mine.weights.bin'], weights: [{ name: 'w', shape: [3], dtype: 'float32' }] },
  ]);
  assert.equal(files['mine.weights.bin'].length, 12);
});
