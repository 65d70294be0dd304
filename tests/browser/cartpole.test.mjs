// The page of the cart and its pole: from pushes by chance to a pole that stays up, then watched, poked and played.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, LOOKS, open, shot, state, useSite } from './driving.mjs';

useSite();

const number = async (tab, id) => parseFloat((await tab.locator(`#${id}`).innerText()).replace(',', ''));
const status = (tab, pattern) =>
  tab.waitForFunction((text) => new RegExp(text).test(document.querySelector('#status').textContent), pattern.source);
/** Learns until poles stand for so many steps on average, at most a minute. */
async function runUntil(tab, steps) {
  await tab.click('#run');
  await tab.waitForFunction((steps) => parseFloat(document.querySelector('#mean').textContent) >= steps, steps, {
    timeout: 60000,
    polling: 100,
  });
  await tab.click('#run');
  await state(tab, 'ready');
}
/** How much of the policy's picture is orange: pushes to the right. */
const rightShare = (tab) =>
  tab.evaluate(() => {
    const map = document.querySelector('#map'),
      context = new OffscreenCanvas(map.width, map.height).getContext('2d', { willReadFrequently: true });
    context.drawImage(map, 0, 0);
    const { data } = context.getImageData(0, 0, map.width, map.height);
    let orange = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] > data[i + 2] + 40) orange++;
    return orange / (data.length / 4);
  });

test('cart-pole: poles stand for 150 steps on average within a minute on wasm; a poke does not fell it', async () => {
  const { tab, errors, close } = await open('/cartpole/#seed=1');
  await state(tab, 'ready');
  await accessible(tab);
  assert.ok((await rightShare(tab)) < 0.05, 'at first it is undecided');
  await tab.click('#step');
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '1');
  await state(tab, 'ready');
  assert.ok((await number(tab, 'mean')) < 60, 'at first it falls soon');
  await tab.selectOption('#speed', '0');
  const began = performance.now();
  await runUntil(tab, 150);
  const took = (performance.now() - began) / 1000;
  console.log(
    `# cart-pole on wasm: ${await number(tab, 'mean')} steps, round ${await number(tab, 'count')}, ${took} s`,
  );
  assert.ok((await number(tab, 'mean')) >= 150);
  assert.match(await tab.locator('#chart .vis-plot').getAttribute('aria-label'), /steps by round: average .*; longest/);
  await runUntil(tab, 490);
  const share = await rightShare(tab);
  assert.ok(share > 0.25 && share < 0.75, `${share} of its picture`);
  await shot(tab, 'cartpole-light');

  await tab.locator('#mode').getByText('Watch').click();
  await status(tab, /Poke its pole/);
  await tab.focus('#stage');
  for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowRight']) {
    await tab.keyboard.press(key);
    await tab.waitForTimeout(700);
    assert.match(await tab.locator('#status').innerText(), /Poke its pole/, 'it still stands');
  }
  for (let i = 0; i < 8; i++) await tab.click('#right');
  await status(tab, /Fallen after/);
  await status(tab, /Poke its pole/);
  assert.deepEqual(errors, []);
  await close();
});

test('cart-pole: Pause and Go on, other choices, Reset; the same seed, the same tries', async () => {
  const { tab, errors, close } = await open('/cartpole/#seed=7', LOOKS.dark);
  await state(tab, 'ready');
  const firstRounds = async () => {
    await tab.selectOption('#speed', '0');
    const means = [];
    for (let i = 1; i <= 3; i++) {
      await tab.click('#step');
      await tab.waitForFunction((i) => document.querySelector('#count').textContent === String(i), i);
      await state(tab, 'ready');
      means.push(await number(tab, 'mean'));
    }
    return means;
  };
  const means = await firstRounds();
  assert.equal(await tab.locator('#run').innerText(), 'Go on');
  await tab.click('#reset');
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '0');
  assert.deepEqual(await firstRounds(), means);
  await tab.focus('#run');
  await tab.keyboard.press('Enter');
  await tab.waitForFunction(() => parseInt(document.querySelector('#count').textContent) >= 5);
  await tab.keyboard.press('Enter');
  await state(tab, 'ready');
  await tab.waitForTimeout(200);
  const count = await number(tab, 'count');
  await tab.waitForTimeout(300);
  assert.equal(await number(tab, 'count'), count, 'it stands still');
  await tab.selectOption('#carts', '32');
  await tab.click('#step');
  await tab.waitForFunction((n) => parseInt(document.querySelector('#count').textContent) === n, count + 1);
  await shot(tab, 'cartpole-dark');
  await tab.selectOption('#units', '4');
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '0');
  assert.equal(await tab.locator('#run').innerText(), 'Start');
  assert.deepEqual(errors, []);
  await close();
});

test('cart-pole: played by finger on a phone; it learns on webgl, and no tensor stays behind', async () => {
  const { tab, errors, close } = await open('/cartpole/?device=webgl#seed=1', LOOKS.phone);
  await state(tab, 'ready');
  await tab.waitForFunction(() => document.querySelector('[value=webgl]').checked);
  await accessible(tab);
  const counts = [],
    means = [];
  await tab.selectOption('#speed', '0');
  for (let i = 1; i <= 6; i++) {
    await tab.tap('#step');
    await tab.waitForFunction((i) => document.querySelector('#count').textContent === String(i), i);
    await state(tab, 'ready');
    means.push(await number(tab, 'mean'));
    counts.push(await tab.evaluate(() => import('/dist/tensorine.mjs').then((tf) => tf.memory().numTensors)));
  }
  assert.equal(counts.at(-1), counts[1], counts.join());
  assert.ok(means.at(-1) > means[0], means.join());
  await tab.locator('#mode').getByText('Play').tap();
  await status(tab, /^Arrow keys/);
  await accessible(tab);
  const box = await tab.locator('#stage').boundingBox();
  const finger = await tab.context().newCDPSession(tab);
  const touch = (type, points) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  await touch('touchStart', [{ x: box.x + box.width * 0.9, y: box.y + box.height / 2 }]);
  await status(tab, /^Fallen after \d+ steps. Your best: [1-9]/);
  await touch('touchEnd', []);
  await status(tab, /^Arrow keys/);
  await shot(tab, 'cartpole-phone');
  assert.deepEqual(errors, []);
  await close();
});
