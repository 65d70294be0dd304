// The pages of web/ in Chromium: they load without an error, do what they promise on both devices,
// and tell kindly what fails. The camera is a file made of photographs.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve, site } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';
import { fingerprints, readPhoto, writeCamera } from './fake_camera.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const photo = (name) => join(data, 'photos', `${name}.jpg`);
const noData = existsSync(photo('parrot')) ? false : `no photographs in ${data} (set TENSORINE_DATA)`;
const SHOTS = join(root, 'build/screenshots');
const NAMES = ['parrot', 'pizza', 'elephants'],
  STEPS = 40;
const HOLD = 2000; // ms; half of what the camera shows of one photograph
let server, browser, prints;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  server = await serve(site(root));
  const camera = join(SHOTS, 'camera.y4m'),
    switches = [];
  if (!noData) {
    const photos = NAMES.map((name) => readPhoto(photo(name)));
    prints = fingerprints(photos, STEPS);
    writeCamera(camera, photos, STEPS);
    switches.push(
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${camera}`,
    );
  }
  browser = await launch(switches);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** A tab that notes every error the page makes; options are a browser context's. */
async function open(path, options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  const errors = [];
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  tab.on('pageerror', (error) => errors.push(error.stack));
  tab.setDefaultTimeout(60000);
  await tab.goto(`${server.url}${path}`);
  return { tab, errors, close: () => context.close() };
}

const shot = (tab, name) => tab.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
const state = (tab, name) => tab.waitForFunction((wanted) => document.documentElement.dataset.state === wanted, name);
const trouble = (tab) => tab.locator('.trouble').allInnerTexts();

/** No control without a name, no picture without a text, one heading, no overflow to the side. */
async function accessible(tab) {
  const faults = await tab.evaluate(() => {
    const nameless = [...document.querySelectorAll('button, input, select, video, a')].filter(
      (e) => e.checkVisibility() && !(e.ariaLabel || e.textContent.trim() || e.labels?.length || e.title),
    );
    return [
      ...nameless.map((e) => e.outerHTML),
      ...[...document.querySelectorAll('img:not([alt])')].map((e) => e.outerHTML),
      ...(document.querySelectorAll('h1').length === 1 && document.documentElement.lang && document.title
        ? []
        : ['h1, lang, title']),
      ...(document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} wide`] : []),
    ];
  });
  assert.deepEqual(faults, []);
}

for (const [name, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true }],
]) {
  test(`pages: all load without errors, ${name}`, async () => {
    for (const [path, page] of [
      ['/', 'index'],
      ['/classify/', 'classify'],
      ['/webcam/', 'webcam'],
      ['/regression.html', 'regression'],
      ['/mnist/', 'mnist'],
      ['/playground/', 'playground'],
      ['/curve/', 'curve'],
      ['/text/', 'text'],
      ['/cartpole/', 'cartpole'],
      ['/vis/', 'vis'],
    ]) {
      if (noData && (page === 'webcam' || page === 'classify')) continue;
      const { tab, errors, close } = await open(path, { permissions: ['camera'], ...options });
      if (page !== 'index') await state(tab, page === 'regression' ? 'done' : 'ready');
      else await tab.waitForFunction(() => document.querySelector('#answer').textContent.includes('[2, 4, 6]'));
      await accessible(tab);
      await shot(tab, `${page}-${name}`);
      assert.deepEqual(errors, []);
      assert.deepEqual(await trouble(tab), []);
      await close();
    }
  });
}

test('pages: one neuron learns the line', async () => {
  const { tab, close } = await open('/regression.html');
  await state(tab, 'done');
  const ten = parseFloat(await tab.locator('#prediction').innerText());
  assert.ok(ten > 18.5 && ten < 19.2, ten);
  assert.equal(await tab.locator('#epoch').innerText(), '250');
  await close();
});

for (const device of ['wasm', 'webgl']) {
  test(`pages: classifies chosen, dropped and pasted pictures on ${device}`, { skip: noData }, async () => {
    const { tab, errors, close } = await open(`/classify/?device=${device}`);
    await state(tab, 'ready');
    await tab.setInputFiles('#file', photo('parrot'));
    await state(tab, 'done');
    assert.match(await tab.locator('#top li').first().innerText(), /macaw/);
    assert.match(await tab.locator('#status').innerText(), new RegExp(`ms on ${device}`));
    await shot(tab, `classify-${device}`);
    for (const [kind, name, wanted] of [
      ['drop', 'bird_ml5', /robin/],
      ['paste', 'hot_dog', /hotdog/],
    ]) {
      const bytes = await tab.evaluate(
        async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())],
        `/data/photos/${name}.jpg`,
      );
      await tab.evaluate(
        ([type, content]) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(content)], 'x.jpg', { type: 'image/jpeg' }));
          document.documentElement.dataset.state = 'waiting';
          dispatchEvent(
            type === 'drop'
              ? new DragEvent(type, { dataTransfer: files, cancelable: true })
              : new ClipboardEvent(type, { clipboardData: files }),
          );
        },
        [kind, bytes],
      );
      await state(tab, 'done');
      assert.match((await tab.locator('#top li').allInnerTexts()).slice(0, 3).join(), wanted);
    }
    await tab.fill('#url', `${server.url}/data/photos/pizza.jpg`);
    await tab.press('#url', 'Enter');
    await tab.waitForFunction(() => /pizza/.test(document.querySelector('#top').innerText));
    assert.deepEqual(errors, []);
    await tab.fill('#url', `${server.url}/logo.none`);
    await tab.press('#url', 'Enter');
    await tab.waitForSelector('.trouble');
    assert.match((await trouble(tab))[0], /The picture at this address could not be shown/);
    await shot(tab, 'classify-trouble');
    await close();
  });

  test(
    `pages: the webcam page learns classes and tells frames it never saw on ${device}`,
    { skip: noData },
    async () => {
      const { tab, errors, close } = await open(`/webcam/?device=${device}`, { permissions: ['camera'] });
      await state(tab, 'ready');
      await tab.click('#add');
      for (const [i, name] of NAMES.entries()) await tab.locator('.class input').nth(i).fill(name);
      await tab.evaluate(listen, { prints, names: NAMES });
      for (const i of NAMES.keys()) await collect(tab, i);
      const examples = await tab.evaluate(() => globalThis.noted.example);
      assert.ok(examples.length >= 12, `${examples.length} examples`);
      assert.deepEqual(
        examples.filter(({ name, truth }) => name !== truth),
        [],
      );
      await tab.click('#train');
      await tab.waitForFunction(() => /Trained on/.test(document.querySelector('#progress').innerText), null, {
        timeout: 120000,
      });
      assert.match(await tab.locator('#chart .vis-plot').getAttribute('aria-label'), /loss by Batch: loss from/);
      await tab.evaluate(() => {
        globalThis.noted.prediction = [];
      });
      await tab.waitForFunction(unseenOfAll, 12, { timeout: 120000, polling: 500 });
      await shot(tab, `webcam-${device}`);
      const unseen = await tab.evaluate(unseenFrames);
      const right = unseen.filter(({ name, truth }) => name === truth).length;
      console.log(
        `# ${device}: ${right} of ${unseen.length} frames never collected; ${await tab.locator('#status').innerText()}; ` +
          `${await tab.locator('#progress').innerText()}`,
      );
      assert.ok(right >= 0.9 * unseen.length, `${right} of ${unseen.length}`);
      assert.deepEqual(errors, []);
      await steady(tab);
      await close();
    },
  );
}

/** Holds the button (or the key) of a class while its photograph is shown. */
async function collect(tab, i) {
  await tab.waitForFunction(
    (wanted) => {
      const { truth, step } = globalThis.known(document.querySelector('#video'));
      return truth === wanted && step >= 2 && step < 8;
    },
    NAMES[i],
    { polling: 50 },
  );
  if (i === 2) {
    await tab.locator('h1').click();
    await tab.keyboard.down('3');
    await tab.waitForTimeout(HOLD);
    await tab.keyboard.up('3');
    return;
  }
  const button = await tab.locator('.class .hold').nth(i).boundingBox();
  await tab.mouse.move(button.x + button.width / 2, button.y + button.height / 2);
  await tab.mouse.down();
  await tab.waitForTimeout(HOLD);
  await tab.mouse.up();
}

/** In the page: notes examples and predictions with what the frame is and a hash of its pixels. */
function listen({ prints, names }) {
  const small = new OffscreenCanvas(6, 6).getContext('2d', { willReadFrequently: true });
  small.imageSmoothingQuality = 'high';
  globalThis.known = (source) => {
    const width = source.videoWidth ?? source.width,
      height = source.videoHeight ?? source.height,
      side = Math.min(width, height);
    small.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, 6, 6);
    const seen = small.getImageData(0, 0, 6, 6).data;
    let best = { off: Infinity };
    prints.forEach((steps, i) =>
      steps.forEach((print, step) => {
        const off = print.reduce((sum, v, k) => sum + Math.abs(v - seen[Math.floor(k / 3) * 4 + (k % 3)]), 0);
        if (off < best.off) best = { off, truth: names[i], step };
      }),
    );
    return best;
  };
  const frame = document.querySelector('#frame');
  globalThis.noted = { example: [], prediction: [] };
  for (const type of ['example', 'prediction']) {
    frame.addEventListener(type, ({ detail }) => {
      const pixels = frame.getContext('2d').getImageData(0, 0, frame.width, frame.height).data;
      const hash = pixels.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 7);
      globalThis.noted[type].push({ name: detail.name, truth: globalThis.known(frame).truth, hash });
    });
  }
  globalThis.unseen = () => {
    const seen = new Set(globalThis.noted.example.map(({ hash }) => hash)),
      once = new Map();
    for (const one of globalThis.noted.prediction) if (!seen.has(one.hash)) once.set(one.hash, one);
    return [...once.values()];
  };
}

const unseenFrames = () => globalThis.unseen();
const unseenOfAll = (count) => {
  const unseen = globalThis.unseen();
  return new Set(unseen.map(({ truth }) => truth)).size === 3 && unseen.length >= 3 * count;
};

/** Predicting makes no tensors that stay: counted at the same place of each frame. */
async function steady(tab) {
  const counts = await tab.evaluate(async () => {
    const tf = await import('/dist/tensorine.mjs'),
      frame = document.querySelector('#frame'),
      counts = [];
    await new Promise((resolve) => {
      frame.addEventListener('prediction', function count() {
        counts.push(tf.memory().numTensors);
        if (counts.length < 10) return;
        frame.removeEventListener('prediction', count);
        resolve();
      });
    });
    return counts;
  });
  assert.ok(counts.at(-1) <= counts[0], `live tensors by frame: ${counts}`);
}

test('pages: the webcam page says why there is no camera and goes on when there is one', { skip: noData }, async () => {
  const { tab, close } = await open('/webcam/', {});
  await tab.addInitScript(() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      if (!globalThis.allow) throw new DOMException('Permission denied', 'NotAllowedError');
      return ask(wish);
    };
  });
  await tab.reload();
  await tab.waitForSelector('.trouble');
  assert.match((await trouble(tab))[0], /The camera may not be used/);
  await shot(tab, 'webcam-trouble');
  await tab.evaluate(() => {
    globalThis.allow = true;
  });
  await tab.click('.trouble button');
  await state(tab, 'ready');
  assert.deepEqual(await trouble(tab), []);
  await close();
});

test('pages: a model that is not there is told with its address', async () => {
  for (const page of ['classify', 'webcam']) {
    const { tab, close } = await open(`/${page}/?model=/none/model.json`);
    await tab.waitForSelector('.trouble');
    const [text] = await trouble(tab);
    assert.match(text, /MobileNet could not be loaded/);
    assert.match(text, /\/none\/model\.json/);
    assert.match(text, /404/);
    await close();
  }
});

test('pages: classes are renamed, added and removed', { skip: noData }, async () => {
  const { tab, errors, close } = await open('/webcam/', { permissions: ['camera'] });
  await state(tab, 'ready');
  const removals = tab.locator('.class .plain');
  assert.equal(await removals.first().isDisabled(), true);
  await tab.click('#add');
  await tab.keyboard.type('Cup');
  assert.equal(await removals.nth(2).getAttribute('aria-label'), 'Remove Cup');
  await tab.locator('.class .hold').first().focus();
  await tab.keyboard.down('Space');
  await tab.waitForFunction(() => /[1-9]\d* picture/.test(document.querySelector('.class .take').innerText));
  await tab.keyboard.up('Space');
  assert.equal(await tab.isDisabled('#train'), true);
  await removals.first().click();
  assert.equal(await tab.locator('.class').count(), 2);
  assert.equal(await tab.locator('.class input').nth(1).inputValue(), 'Cup');
  assert.deepEqual(errors, []);
  await close();
});
