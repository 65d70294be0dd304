// tf.data where there is a browser: a camera that shows four colours, a microphone that hears one tone,
// tables from files and servers.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const WIDTH = 320,
  HEIGHT = 240,
  TONE = 3000,
  RATE = 48000;
// Of the quarters, row by row: red, green, blue, white, as [y, u, v] in full range.
const COLOURS = [
  [76, 85, 255],
  [150, 44, 21],
  [29, 255, 107],
  [255, 128, 128],
];
const RGB = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];
let server, browser, tab;

function writeCamera(path) {
  const plane = (width, height, c) =>
    Buffer.from(
      Array.from(
        { length: width * height },
        (_, i) => COLOURS[(i >= (width * height) / 2) * 2 + (i % width >= width / 2)][c],
      ),
    );
  const frame = [
    Buffer.from('FRAME\n'),
    plane(WIDTH, HEIGHT, 0),
    plane(WIDTH / 2, HEIGHT / 2, 1),
    plane(WIDTH / 2, HEIGHT / 2, 2),
  ];
  const frames = Array.from({ length: 10 }, () => frame).flat();
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F20:1 Ip A1:1 C420jpeg\n`), ...frames]),
  );
}

/** A second of one tone at half the full loudness: whole periods, so that it can go round. */
function writeMicrophone(path) {
  const samples = Int16Array.from({ length: RATE }, (_, i) => 16384 * Math.sin((2 * Math.PI * TONE * i) / RATE));
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  [1, 1].forEach((value, i) => head.writeUInt16LE(value, 20 + 2 * i)); // PCM, one channel
  [RATE, RATE * 2].forEach((value, i) => head.writeUInt32LE(value, 24 + 4 * i));
  [2, 16].forEach((value, i) => head.writeUInt16LE(value, 32 + 2 * i)); // bytes and bits a sample
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(path, Buffer.concat([head, Buffer.from(samples.buffer)]));
}

before(async () => {
  const folder = join(root, 'build/devices');
  mkdirSync(folder, { recursive: true });
  writeCamera(join(folder, 'camera.y4m'));
  writeMicrophone(join(folder, 'tone.wav'));
  server = await serve({
    folders: { '/dist/': join(root, 'dist') },
    texts: {
      '/page.html': '<!doctype html><title>data</title><script src="/dist/tensorine.js"></script>',
      '/table.csv': 'a,b\r\n1,x\r\n2,"y, z"\r\n3,\r\n',
    },
  });
  browser = await launch([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    `--use-file-for-fake-video-capture=${join(folder, 'camera.y4m')}`,
    `--use-file-for-fake-audio-capture=${join(folder, 'tone.wav')}`,
  ]);
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

const inPage = (name, f, check, argument) =>
  test(`data: ${name}`, { timeout: 60000 }, async () => check(await run(f, argument)));

/** A colour is near what it was before the camera made it YUV. */
function near(got, want, what) {
  assert.equal(got.length, 3);
  got.forEach((value, c) => assert.ok(Math.abs(value - want[c]) <= 40, `${what}: ${got}, not ${want}`));
}

// ---- the camera ----

inPage(
  'webcam in a video element: pictures of its size, again and again, until stop',
  async () => {
    const video = Object.assign(document.createElement('video'), { width: 320, height: 240 });
    const camera = await tf.data.webcam(video);
    const picture = await camera.capture();
    const at = (row, column) => [...picture.slice([row, column, 0], [1, 1, 3]).dataSync()];
    const corners = tf.tidy(() => [at(20, 20), at(20, 300), at(220, 20), at(220, 300)]);
    const found = {
      shape: picture.shape,
      dtype: picture.dtype,
      corners,
      summary: camera.summary(),
      playing: !video.paused,
    };
    picture.dispose();
    const shapes = [];
    await camera.take(2).forEachAsync((x) => {
      shapes.push(x.shape);
    });
    camera.stop();
    camera.stop();
    found.stopped = await camera.next();
    found.none = [await camera.capture(), video.srcObject];
    await camera.start();
    const again = await camera.capture();
    found.again = again.shape;
    again.dispose();
    camera.stop();
    try {
      await camera.toArray();
    } catch (error) {
      found.endless = `${error.code}: ${error.message}`;
    }
    return { ...found, shapes };
  },
  (got) => {
    got.corners.forEach((colour, i) => near(colour, RGB[i], `corner ${i}`));
    delete got.corners;
    assert.deepEqual(got, {
      shape: [240, 320, 3],
      dtype: 'int32',
      summary: 'webcam',
      playing: true,
      shapes: [
        [240, 320, 3],
        [240, 320, 3],
      ],
      stopped: { value: null, done: true },
      none: [null, null],
      again: [240, 320, 3],
      endless: 'value: Can not convert infinite video stream to array.',
    });
  },
);

inPage(
  'webcam without an element: pictures in the size asked for, all of it or its middle',
  async () => {
    const found = [];
    const video = Object.assign(document.createElement('video'), { width: 320, height: 240 });
    for (const [element, config] of [
      [null, { resizeWidth: 32, resizeHeight: 24 }],
      [video, { resizeWidth: 32, resizeHeight: 24 }],
      [video, { resizeWidth: 100, resizeHeight: 60, centerCrop: true }],
    ]) {
      const camera = await tf.data.webcam(element, config);
      const picture = await camera.capture();
      const { shape } = picture,
        [h, w] = shape;
      const at = (row, column) => [...picture.slice([row, column, 0], [1, 1, 3]).dataSync()];
      found.push({ shape, corners: tf.tidy(() => [at(1, 1), at(1, w - 2), at(h - 2, 1), at(h - 2, w - 2)]) });
      picture.dispose();
      camera.stop();
    }
    return found;
  },
  (got) => {
    assert.deepEqual(
      got.slice(1).map(({ shape }) => shape),
      [
        [24, 32, 3],
        [60, 100, 3],
      ],
    );
    for (const { corners } of got) corners.forEach((colour, i) => near(colour, RGB[i], `corner ${i}`));
  },
);

inPage(
  'webcam: a picture is cut and made smaller as the peer does',
  async () => {
    const video = Object.assign(document.createElement('video'), { width: 4, height: 4 });
    const found = [];
    for (const centerCrop of [true, false]) {
      const camera = await tf.data.webcam(video, { resizeWidth: 2, resizeHeight: 2, centerCrop });
      const picture = tf.tensor([1, 1, 1, 1, 1, 11, 14, 1, 1, 1, 4, 1, 1, 1, 1, 1], [4, 4, 1]);
      const cut = camera.cropAndResizeFrame(picture);
      found.push(cut.arraySync().map((row) => row.flat()));
      camera.stop();
      tf.dispose([picture, cut]);
    }
    return found;
  },
  (got) =>
    assert.deepEqual(got, [
      [
        [6.625, 8.3125],
        [1, 2.6875],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]),
);

inPage(
  'webcam and microphone: what cannot be is told',
  async () => {
    const told = (promise) =>
      promise.then(
        () => 'none',
        (error) => `${error.code}: ${error.message}`,
      );
    const found = [
      await told(tf.data.webcam()),
      await told(tf.data.webcam(null, { resizeWidth: 4, resizeHeight: 4, facingMode: 'up' })),
      await told(tf.data.microphone({ fftSize: 1000 })),
      await told(tf.data.microphone({ sampleRateHz: 12345 })),
      await told(tf.data.microphone({ includeSpectrogram: false })),
    ];
    const { mediaDevices } = navigator,
      ask = mediaDevices.getUserMedia;
    mediaDevices.getUserMedia = async () => {
      throw new DOMException('Permission denied', 'NotAllowedError');
    };
    found.push(await told(tf.data.webcam(document.createElement('video'))), await told(tf.data.microphone()));
    mediaDevices.getUserMedia = ask;
    return found;
  },
  (got) => {
    const want = [
      /^value: .*resizeWidth and resizeHeight/,
      /^value: Invalid webcam facing mode: up/,
      /^value: Invalid fftSize.*1000/,
      /^device: Mismatch in sampling rate: Expected: 12345/,
      /^value: Both includeSpectrogram and includeWaveform are false/,
      /^device: .*video stream: Permission denied/,
      /^device: .*audio stream: Permission denied/,
    ];
    got.forEach((text, i) => assert.match(text, want[i]));
  },
);

// ---- the microphone ----

const QUIET = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };

inPage(
  'microphone: the tone is in the spectrogram and in the waveform',
  async (QUIET) => {
    const microphone = await tf.data.microphone({
      fftSize: 512,
      numFramesPerSpectrogram: 6,
      columnTruncateLength: 200,
      includeWaveform: true,
      audioTrackConstraints: QUIET,
    });
    const rate = microphone.getSampleRate();
    await new Promise((go) => setTimeout(go, 500)); // the device begins with silence
    const { spectrogram, waveform } = await microphone.capture();
    const { values, indices } = tf.tidy(() => tf.topk(spectrogram.squeeze([2]), 1));
    const wave = waveform.dataSync().slice(-512);
    let crossings = 0;
    for (let i = 1; i < wave.length; i++) crossings += wave[i - 1] < 0 && wave[i] >= 0;
    const found = {
      shapes: [spectrogram.shape, waveform.shape],
      rate,
      peaks: [...indices.dataSync()],
      loudness: [...values.dataSync()],
      crossings,
      most: Math.max(...wave),
      least: Math.min(...wave),
      summary: microphone.summary(),
    };
    tf.dispose([spectrogram, waveform, values, indices]);
    microphone.stop();
    microphone.stop();
    return { ...found, stopped: await microphone.next() };
  },
  (got) => {
    const bin = TONE / (got.rate / 2 / 512);
    assert.deepEqual(got.shapes, [
      [6, 200, 1],
      [6 * 512, 1],
    ]);
    for (const peak of got.peaks) assert.ok(Math.abs(peak - bin) <= 1.5, `peaks ${got.peaks}, not ${bin}`);
    for (const decibels of got.loudness) assert.ok(decibels > -30 && decibels < 0, `${got.loudness}`);
    assert.ok(Math.abs(got.crossings - (512 * TONE) / got.rate) <= 2, `${got.crossings} periods`);
    assert.ok(got.most > 0.3 && got.most < 0.7 && got.least < -0.3 && got.least > -0.7, `${got.least} to ${got.most}`);
    assert.deepEqual([got.stopped, got.summary], [{ value: null, done: true }, 'microphone']);
  },
  QUIET,
);

inPage(
  'microphone: defaults, several reads at once, stop and start',
  async () => {
    const found = {};
    const microphone = await tf.data.microphone();
    const { value } = await microphone.next();
    found.shape = value.spectrogram.shape;
    found.parts = Object.keys(value);
    tf.dispose(value);
    const both = await Promise.all([microphone.next(), microphone.next()]);
    found.both = both.map((x) => x.value.spectrogram.shape);
    tf.dispose(both);
    microphone.stop();
    found.stopped = await microphone.capture();
    await microphone.start();
    const again = await microphone.capture();
    found.again = again.spectrogram.shape;
    tf.dispose(again);
    microphone.stop();
    try {
      await microphone.toArray();
    } catch (error) {
      found.endless = error.message;
    }
    return found;
  },
  (got) =>
    assert.deepEqual(got, {
      shape: [43, 1024, 1],
      parts: ['spectrogram'],
      both: [
        [43, 1024, 1],
        [43, 1024, 1],
      ],
      stopped: null,
      again: [43, 1024, 1],
      endless: 'Can not convert infinite audio stream to array.',
    }),
);

inPage(
  'webcam and microphone: handlers stay, a video that may not play gives pictures, sound that waits for a click is no hang',
  async () => {
    const found = { told: [] };
    const video = Object.assign(document.createElement('video'), {
      width: 64,
      height: 48,
      onloadeddata: () => found.told.push('data'),
      onerror: () => {},
    });
    const own = video.onerror,
      { resume } = AudioContext.prototype,
      { warn } = console;
    video.play = () => {
      HTMLVideoElement.prototype.play.call(video);
      return Promise.reject(new DOMException('not before a click', 'NotAllowedError'));
    };
    console.warn = (text) => found.told.push(text);
    const camera = await tf.data.webcam(video);
    const picture = await camera.capture();
    found.shape = picture.shape;
    found.kept = video.onerror === own;
    picture.dispose();
    camera.stop();
    console.warn = warn;
    found.rates = [];
    for (const hold of [() => new Promise(() => {}), undefined]) {
      AudioContext.prototype.resume = hold;
      const microphone = await tf.data.microphone({
        fftSize: 128,
        columnTruncateLength: 232,
        numFramesPerSpectrogram: 3,
        includeWaveform: true,
      });
      const sound = await microphone.capture();
      found.rates.push([sound.spectrogram.shape, sound.waveform.shape]);
      tf.dispose(sound);
      microphone.stop();
    }
    AudioContext.prototype.resume = resume;
    return found;
  },
  (got) =>
    assert.deepEqual(got, {
      told: ['tensorine: webcam: not before a click', 'data'],
      shape: [48, 64, 3],
      kept: true,
      rates: [
        [
          [3, 232, 1],
          [384, 1],
        ],
        [
          [3, 232, 1],
          [384, 1],
        ],
      ],
    }),
);

// ---- tables ----

inPage(
  'csv of URLs, Files and Blobs',
  async () => {
    const text = await (await fetch('/table.csv')).text();
    const { data } = tf,
      sources = [
        data.csv('/table.csv'),
        new data.CSVDataset(new data.FileDataSource(new File([text], 't.csv'))),
        new data.CSVDataset(new data.FileDataSource(new Blob([text]), { chunkSize: 4 })),
      ];
    const found = [];
    for (const table of sources) found.push([await table.columnNames(), await table.toArrayForTest()]);
    const missing = await data
      .csv('/none.csv')
      .columnNames()
      .catch((error) => `${error.code}: ${error.message}`);
    return { found, missing };
  },
  (got) => {
    for (const one of got.found)
      assert.deepEqual(one, [
        ['a', 'b'],
        [
          { a: 1, b: 'x' },
          { a: 2, b: 'y, z' },
          { a: 3, b: undefined },
        ],
      ]);
    assert.match(got.missing, /^file: .*none\.csv.*404/);
  },
);
