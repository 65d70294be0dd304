// The page of digits, from load to its purpose: a net that reads digits it has never seen, stopped and gone on with,
// digits written by mouse, keyboard and finger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, LOOKS, open, shot, state, stroke, useSite } from './driving.mjs';

useSite();

/** The share of the digits held out that are right, as the page counts them. */
async function rightShare(tab) {
  const [, right, all] = /(\d+) of (\d+) are right/.exec(await tab.locator('#counted').innerText());
  return right / all;
}
const verdict = (tab, wanted) =>
  tab.waitForFunction((text) => document.querySelector('#verdict').textContent === text, wanted);
const CIRCLE = Array.from({ length: 25 }, (_, i) => [0.5 + 0.2 * Math.sin(i / 4), 0.5 - 0.3 * Math.cos(i / 4)]);

test('digits: a convolutional net is right on 95% held out in under a minute on wasm, and reads what one writes', async () => {
  const { tab, errors, close } = await open('/mnist/');
  await state(tab, 'ready');
  await accessible(tab);
  const began = performance.now();
  await tab.click('#train');
  await state(tab, 'done');
  const seconds = (performance.now() - began) / 1000,
    share = await rightShare(tab);
  console.log(`# digits on wasm: ${(100 * share).toFixed(1)}% held out in ${seconds.toFixed(1)} s`);
  assert.ok(share >= 0.95, `${share}`);
  assert.ok(seconds < 60, `${seconds} s`);

  const labels = await tab.evaluate(() => [...document.querySelectorAll('.vis-plot')].map((e) => e.ariaLabel));
  assert.match(labels[0], /^loss by Batch/);
  assert.match(labels[2], /^loss by Epoch: loss .*; val_loss/);
  assert.match(labels[4], /^Confusion matrix of 10 classes: [\d,]+ of [\d,]+ are right/);
  const rows = await tab.locator('#rows tr').allInnerTexts();
  const wrong = rows.map((text) => text.trim().split(/\s+/)).map(([truth, guess]) => truth !== guess);
  assert.ok(wrong[0], 'errors come first');
  assert.ok(wrong.lastIndexOf(true) < wrong.indexOf(false) || !wrong.includes(false));
  await tab.click('#more');
  assert.ok((await tab.locator('#rows tr').count()) > rows.length);
  await tab.selectOption('#only', '7');
  const sevens = await tab.locator('#rows tr').allInnerTexts();
  assert.ok(sevens.length > 20 && sevens.every((text) => text.trim().startsWith('7')), 'those of one digit');
  await tab.selectOption('#only', 'all');

  await stroke(tab, '#pad', [[0.5, 0.2], [0.5, 0.8]]); // prettier-ignore
  await verdict(tab, '1');
  const shown = await tab.locator('#bars output').allInnerTexts();
  assert.ok(Math.abs(shown.reduce((sum, text) => sum + parseFloat(text), 0) - 100) < 0.6, shown.join());
  const inked = await tab.evaluate(() =>
    [...document.querySelectorAll('.filters li')].map((item) =>
      [...item.querySelectorAll('canvas')].every((c) =>
        c
          .getContext('2d')
          .getImageData(0, 0, c.width, c.height)
          .data.some((v, i) => i % 4 < 3 && v > 0),
      ),
    ),
  );
  assert.equal(inked.length, 8);
  assert.ok(inked.filter(Boolean).length >= 6, 'filters and what they find are drawn');
  await tab.click('#clear');
  await verdict(tab, '–');
  await stroke(tab, '#pad', CIRCLE);
  await verdict(tab, '0');

  await tab.click('#clear');
  await tab.focus('#pad');
  await tab.keyboard.press('Space');
  for (let i = 0; i < 12; i++) await tab.keyboard.press('ArrowDown');
  await verdict(tab, '1');
  await tab.keyboard.press('Delete');
  await verdict(tab, '–');
  await tab.locator('#rows button').first().click();
  await tab.waitForFunction(() => document.querySelector('#verdict').textContent !== '–');
  const guess = (await tab.locator('#rows tr').first().innerText()).trim().split(/\s+/)[1];
  assert.equal(await tab.locator('#verdict').innerText(), guess, 'the pad shows what the table says');

  const files = [];
  tab.on('download', (download) => files.push(download.suggestedFilename()));
  await tab.click('#save');
  for (let i = 0; i < 50 && files.length < 2; i++) await tab.waitForTimeout(100);
  assert.deepEqual(files.sort(), ['digits.json', 'digits.weights.bin']);
  await shot(tab, 'mnist-light');
  assert.deepEqual(errors, []);
  await close();
});

test('digits: Stop, Go on, Begin anew; what is learned stays', async () => {
  const { tab, errors, close } = await open('/mnist/', LOOKS.dark);
  await state(tab, 'ready');
  await tab.fill('#epochs', '2');
  await tab.click('#train');
  await tab.waitForFunction(() => /Epoch 2 of 2, batch [2-9]\d /.test(document.querySelector('#status').innerText));
  await tab.click('#train');
  await state(tab, 'stopped');
  assert.equal(await tab.locator('#train').innerText(), 'Go on');
  assert.match(await tab.locator('#status').innerText(), /Stopped after 1 epochs/);
  const before = await rightShare(tab);
  assert.ok(before > 0.8, `${before}`);
  await tab.fill('#epochs', '3');
  await tab.click('#train');
  await state(tab, 'done');
  assert.ok((await rightShare(tab)) > before);
  assert.match(await tab.locator('#byEpoch .vis-plot').first().getAttribute('aria-label'), /loss by Epoch/);
  assert.equal(await tab.isDisabled('#train'), true);
  await tab.click('#anew');
  await tab.waitForFunction(() => /Epoch 1 of 3/.test(document.querySelector('#status').innerText));
  await tab.click('#train');
  await state(tab, 'stopped');
  await tab.locator('#net').getByText('Dense layers').click();
  assert.equal(await tab.locator('#train').innerText(), 'Train');
  await shot(tab, 'mnist-dark');
  assert.deepEqual(errors, []);
  await close();
});

test('digits: dense layers on a phone, on webgl, written with a finger', async () => {
  const { tab, errors, close } = await open('/mnist/?device=webgl', LOOKS.phone);
  await state(tab, 'ready');
  assert.equal(await tab.isChecked('[value=webgl]'), true);
  await tab.locator('#net').getByText('Dense layers').tap();
  await tab.fill('#epochs', '2');
  await tab.tap('#train');
  await state(tab, 'done');
  const share = await rightShare(tab);
  assert.ok(share > 0.85, `${share}`);
  assert.equal(await tab.locator('.filters li').count(), 32);
  await accessible(tab);
  await tab.locator('#pad').scrollIntoViewIfNeeded();
  const box = await tab.locator('#pad').boundingBox();
  const finger = await tab.context().newCDPSession(tab);
  const touch = (type, y) =>
    finger.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + box.width / 2, y: box.y + y * box.height }],
    });
  await touch('touchStart', 0.2);
  for (const y of [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]) await touch('touchMove', y);
  await touch('touchEnd');
  await tab.waitForFunction(() => /^\d$/.test(document.querySelector('#verdict').textContent));
  assert.equal(await tab.evaluate(() => scrollY > 0 && document.querySelectorAll('.leads').length), 1);
  await shot(tab, 'mnist-phone');
  assert.deepEqual(errors, []);
  await close();
});

test('digits: a sheet that is not there is told with what makes it', async () => {
  const { tab, close } = await open('/mnist/', LOOKS.light, (page) =>
    page.route('**/digits.json', (route) => route.fulfill({ status: 404, body: '' })),
  );
  await tab.waitForSelector('.trouble');
  const text = await tab.locator('.trouble').innerText();
  assert.match(text, /The digits could not be loaded/);
  assert.match(text, /make build/);
  await tab.unroute('**/digits.json');
  await tab.click('.trouble button');
  await state(tab, 'ready');
  await close();
});
