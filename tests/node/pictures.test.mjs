// tf.node: pictures in files and back, by packages that are loaded when they are needed; SavedModels are
// refused; the path of the file system handler.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GifWriter } from 'omggif';
import bmp from 'bmp-js';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import * as tf from '../../dist/tensorine.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const { node } = tf;

/** A test that leaves no tensor. */
const clean = (name, program) =>
  test(name, async () => {
    const before = tf.memory().numTensors;
    tf.engine().startScope();
    await program();
    tf.engine().endScope();
    assert.equal(tf.memory().numTensors, before);
  });
const picture = [
  [
    [255, 0, 0],
    [0, 255, 0],
  ],
  [
    [0, 0, 255],
    [10, 20, 30],
  ],
  [
    [1, 2, 3],
    [200, 100, 50],
  ],
];

clean('PNG there and back, by number of channels', async () => {
  const bytes = await node.encodePng(tf.tensor3d(picture, undefined, 'int32'));
  assert.ok(bytes instanceof Uint8Array);
  const back = node.decodePng(bytes);
  assert.deepEqual([back.dtype, back.shape], ['int32', [3, 2, 3]]);
  assert.deepEqual(back.arraySync(), picture);
  assert.deepEqual(node.decodeImage(bytes, 4).arraySync()[0][1], [0, 255, 0, 255]);
  assert.deepEqual(
    node
      .decodePng(bytes, 1)
      .arraySync()
      .map((row) => row.map(([v]) => v)),
    [
      [76, 150],
      [29, 18],
      [2, 124],
    ],
  );
  const gray = await node.encodePng(tf.tensor3d([[[5], [250]]], undefined, 'int32'));
  assert.deepEqual(node.decodePng(gray).arraySync(), [[[5], [250]]]);
  assert.deepEqual(node.decodePng(gray, 3).arraySync(), [
    [
      [5, 5, 5],
      [250, 250, 250],
    ],
  ]);
  const rgba = await node.encodePng(tf.tensor3d([[[1, 2, 3, 128]]], undefined, 'int32'));
  assert.deepEqual(node.decodePng(rgba).arraySync(), [[[1, 2, 3, 128]]]);
});

clean('JPEG: what jpeg-js reads, gray and colour', async () => {
  const image = tf.fill([16, 8, 3], 100, 'int32'),
    bytes = await node.encodeJpeg(image, 'rgb', 100);
  const back = node.decodeImage(bytes);
  assert.deepEqual([back.dtype, back.shape], ['int32', [16, 8, 3]]);
  const want = jpeg.decode(bytes, { formatAsRGBA: false, useTArray: true }).data;
  assert.deepEqual([...back.dataSync()], [...want]);
  assert.deepEqual(node.decodeJpeg(bytes, 1).shape, [16, 8, 1]);
});

clean('BMP: rows, order of colours', async () => {
  const data = Buffer.from([0, 30, 20, 10, 0, 3, 2, 1]); // alpha, blue, green, red
  const back = node.decodeBmp(bmp.encode({ data, width: 2, height: 1 }).data);
  assert.deepEqual(back.arraySync(), [
    [
      [10, 20, 30],
      [1, 2, 3],
    ],
  ]);
});

clean('GIF: frames as they are seen, over those before', async () => {
  const buffer = Buffer.alloc(4096),
    gif = new GifWriter(buffer, 2, 1, { palette: [0x000000, 0xff0000, 0x00ff00, 0x0000ff] });
  gif.addFrame(0, 0, 2, 1, [1, 2]);
  gif.addFrame(1, 0, 1, 1, [3], { disposal: 2 });
  gif.addFrame(0, 0, 1, 1, [2]);
  const bytes = buffer.subarray(0, gif.end()),
    all = node.decodeGif(bytes);
  assert.deepEqual([all.dtype, all.shape], ['int32', [3, 1, 2, 3]]);
  assert.deepEqual(
    all.arraySync().map(([row]) => row),
    [
      [
        [255, 0, 0],
        [0, 255, 0],
      ],
      [
        [255, 0, 0],
        [0, 0, 255],
      ],
      [
        [0, 255, 0],
        [0, 0, 0],
      ],
    ],
  );
  assert.deepEqual(node.decodeImage(bytes, 3, 'int32', false).arraySync(), [
    [
      [255, 0, 0],
      [0, 255, 0],
    ],
  ]);
  assert.equal(node.decodeImage(bytes).rank, 4);
});

clean('files that are broken, of another kind, and no files', async () => {
  assert.throws(() => node.decodeImage(new Uint8Array([1, 2, 3, 4])), {
    code: 'file',
    message: /BMP, JPEG, PNG, or GIF/,
  });
  assert.throws(() => node.decodeImage('cat.png'), { code: 'value', message: /bytes/ });
  for (const [kind, decode] of [
    ['JPEG', node.decodeJpeg],
    ['PNG', node.decodePng],
    ['BMP', node.decodeBmp],
    ['GIF', node.decodeGif],
  ])
    assert.throws(() => decode(new Uint8Array([0xff, 0xd8, 0x89, 0x50, 0, 0, 0, 0])), {
      code: 'file',
      message: new RegExp(kind),
    });
  const png = new Uint8Array(PNG.sync.write(new PNG({ width: 1, height: 1 })));
  assert.throws(() => node.decodePng(png, 2), { code: 'value', message: /channels/ });
});

test('a package that is not there is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-pictures-'));
  try {
    writeFileSync(
      join(folder, 'a.cjs'),
      `const tf = require(${JSON.stringify(join(root, 'dist/tensorine.cjs'))});
      try { tf.node.decodeImage(new Uint8Array([0xff, 0xd8, 0, 0])); } catch (e) { console.log(e.code, e.message); }`,
    );
    assert.match(
      execFileSync(process.execPath, ['a.cjs'], { cwd: folder, encoding: 'utf8' }),
      /^file .*npm install jpeg-js/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('SavedModels are refused with what to do', async () => {
  await assert.rejects(node.loadSavedModel('x'), { code: 'file', message: /tensorflowjs_converter/ });
  await assert.rejects(node.getMetaGraphsFromSavedModel('x'), { code: 'file' });
  assert.equal(node.getNumOfSavedModels(), 0);
});

test('the path of the file system handler', async () => {
  const { fileSystem, NodeFileSystem, nodeFileSystemRouter } = createRequire(import.meta.url)(
    '../../dist/io/file_system.js',
  );
  const folder = mkdtempSync(join(tmpdir(), 'tensorine-model-'));
  try {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    await model.save(new NodeFileSystem(folder));
    const again = await tf.loadLayersModel(fileSystem(join(folder, 'model.json')));
    const x = tf.ones([1, 2]),
      [a, b] = [model, again].map((m) => m.predict(x));
    assert.deepEqual(b.arraySync(), a.arraySync());
    assert.equal(nodeFileSystemRouter('http://x'), null);
    assert.equal(typeof nodeFileSystemRouter(`file://${folder}`).load, 'function');
    tf.dispose([x, a, b]);
    model.dispose();
    again.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
