// The tool that makes the digits of web/mnist: from idx files where they are, drawn where they are not.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { writeDigits } from '../../tools/digits.mjs';

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tensorine-digits-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What was written: the sheet's red bytes, and the other file. */
function written() {
  const { width, height, data } = PNG.sync.read(readFileSync(join(folder, 'digits.png')));
  const info = JSON.parse(readFileSync(join(folder, 'digits.json'), 'utf8'));
  return { width, height, grey: data.filter((_, i) => i % 4 === 0), info };
}

test('idx files become a sheet with a row for each digit', () => {
  const idx = (head, bytes) =>
    gzipSync(Buffer.from([0, 0, 8, head.length, ...head.flatMap((n) => [0, 0, 0, n]), ...bytes]));
  const pixels = Array.from({ length: 2 * 784 }, (_, i) => i % 251);
  mkdirSync(join(folder, 'mnist_idx'));
  writeFileSync(join(folder, 'mnist_idx/t10k-images-idx3-ubyte.gz'), idx([2, 28, 28], pixels));
  writeFileSync(join(folder, 'mnist_idx/t10k-labels-idx1-ubyte.gz'), idx([2], [7, 3]));
  writeDigits(folder, folder);
  const { width, height, grey, info } = written();
  assert.deepEqual([width, height], [784, 2]);
  assert.deepEqual([...grey], pixels);
  assert.deepEqual(info, { source: 'MNIST', side: 28, labels: '73' });
});

test('without files digits are drawn, as many of each', () => {
  writeDigits(folder, join(folder, 'none'));
  const { width, height, grey, info } = written();
  assert.deepEqual([width, height, info.source, info.labels.length], [784, 6000, 'drawn', 6000]);
  for (const digit of '0123456789') assert.ok(info.labels.split(digit).length - 1 > 500, digit);
  const mean = grey.reduce((a, b) => a + b, 0) / grey.length;
  assert.ok(mean > 20 && mean < 80, `mean grey ${mean}`);
});
