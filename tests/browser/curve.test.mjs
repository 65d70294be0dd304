// The page of curves: a neuron and a polynomial learn the points, and follow them when one drags, adds or removes some.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, LOOKS, open, shot, state, useSite } from './driving.mjs';

useSite();

const loss = (tab) => tab.locator('#loss').innerText().then(parseFloat);
/** The factors of a formula, the highest power first: 'y = 0.60 x − 0.10' is [0.6, -0.1]. */
const factors = async (tab) =>
  [...(await tab.locator('#formula').innerText()).replaceAll('− ', '−').matchAll(/(−?)(\d+\.\d+)/g)].map(
    ([, sign, text]) => (sign ? -1 : 1) * Number(text),
  );
const run = async (tab, most) => {
  await tab.click('#run');
  await tab.waitForFunction((most) => parseFloat(document.querySelector('#loss').textContent) < most, most, {
    timeout: 120000,
    polling: 200,
  });
  await tab.click('#run');
  await tab.waitForTimeout(300);
};
const near = (value, wanted, off) => assert.ok(Math.abs(value - wanted) < off, `${value}, not about ${wanted}`);
/** The best line through points that are told as 'Point at x, y.'. */
function leastSquares(labels) {
  const points = labels.map((text) => text.match(/-?\d+\.\d\d/g).map(Number)),
    mean = (k) => points.reduce((sum, point) => sum + point[k], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope =
    points.reduce((sum, [u, v]) => sum + (u - x) * (v - y), 0) / points.reduce((sum, [u]) => sum + (u - x) ** 2, 0);
  return { slope, bias: y - slope * x };
}
/** The middle of a point on the screen. */
async function middle(tab, i) {
  const box = await tab.locator('#plot .dot').nth(i).boundingBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}
const count = (tab) => tab.locator('#plot .dot').count();

test('curve: one neuron finds the line, and follows a point that is dragged', async () => {
  const { tab, errors, close } = await open('/curve/#rate=0.1');
  await state(tab, 'ready');
  await accessible(tab);
  await tab.selectOption('#speed', '10');
  await run(tab, 0.0105);
  const [slope, bias] = await factors(tab),
    best = leastSquares(await tab.locator('#plot .dot').evaluateAll((dots) => dots.map((dot) => dot.ariaLabel)));
  near(slope, best.slope, 0.12);
  near(bias, best.bias, 0.05);
  assert.match(await tab.locator('#chart .vis-plot').getAttribute('aria-label'), /loss by step/);

  const [x, y] = await middle(tab, 7),
    before = await loss(tab);
  await tab.mouse.move(x, y);
  await tab.mouse.down();
  await tab.mouse.move(x, y + 260, { steps: 5 });
  await tab.mouse.up();
  await tab.waitForFunction((before) => parseFloat(document.querySelector('#loss').textContent) > 3 * before, before);
  assert.equal(await count(tab), 8, 'dragged, not added');
  const moved = await loss(tab);
  await run(tab, 0.7 * moved);
  assert.ok((await factors(tab))[0] < slope - 0.1, 'the line has turned');

  await tab.click('#hills', { position: { x: 60, y: 60 } });
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '0');
  assert.ok((await factors(tab))[0] < -1 && (await factors(tab))[1] > 1);
  await shot(tab, 'curve-light');
  assert.deepEqual(errors, []);
  await close();
});

test('curve: a polynomial bends to a wave; its degree keeps what is learned', async () => {
  const { tab, errors, close } = await open('/curve/', LOOKS.dark);
  await state(tab, 'ready');
  await tab.getByText('Curve', { exact: true }).click();
  await tab.selectOption('#speed', '50');
  await tab.focus('#degree');
  await tab.keyboard.press('ArrowRight');
  await tab.keyboard.press('ArrowRight');
  assert.equal(await tab.locator('#degreeText').innerText(), '5');
  await run(tab, 0.016);
  assert.equal((await factors(tab)).length, 6);
  assert.equal(await tab.locator('#coefficients tbody tr').count(), 6);
  const learned = await factors(tab);
  await tab.focus('#degree');
  await tab.keyboard.press('ArrowRight');
  await tab.waitForFunction(() => document.querySelectorAll('#coefficients tbody tr').length === 7);
  assert.deepEqual(await factors(tab), [0, ...learned]);
  const address = await tab.evaluate(() => location.hash);
  assert.equal(address, '#mode=curve&shape=wave&degree=6&optimizer=adam&rate=0.03');
  await tab.focus('#degree');
  await tab.keyboard.press('Home');
  await tab.waitForFunction(() => document.querySelectorAll('#coefficients tbody tr').length === 1);
  assert.match(await tab.locator('#formula').innerText(), /^y = −?\d\.\d\d$/);
  await shot(tab, 'curve-dark');
  await tab.goto(`${tab.url().split('#')[0]}?again=1${address}`);
  await state(tab, 'ready');
  assert.equal(await tab.locator('#degreeText').innerText(), '6');
  assert.deepEqual(errors, []);
  await close();
});

test('curve: points by click, double click and keys', async () => {
  const { tab, errors, close } = await open('/curve/#mode=toString&degree=99&rate=-1&optimizer=none');
  await state(tab, 'ready');
  assert.equal(await count(tab), 8);
  await tab.click('#plot', { position: { x: 60, y: 40 } });
  assert.equal(await count(tab), 9);
  await tab.locator('#plot .dot').nth(8).dblclick();
  assert.equal(await count(tab), 8);
  await tab.click('#add');
  assert.equal(await count(tab), 9);
  const label = () => tab.evaluate(() => document.activeElement.ariaLabel);
  assert.match(await label(), /^Point at -?\d\.\d\d, 0\.00\. Arrow keys/);
  await tab.keyboard.press('ArrowUp');
  await tab.keyboard.press('ArrowUp');
  assert.match(await label(), /, 0\.10\./);
  for (let i = 0; i < 30; i++) await tab.keyboard.press('ArrowRight');
  for (let i = 0; i < 30; i++) await tab.keyboard.press('ArrowRight');
  assert.match(await label(), /^Point at 1\.00,/, 'it stays in the plane');
  for (let i = 0; i < 12; i++) await tab.keyboard.press('Delete');
  assert.equal(await count(tab), 1, 'one stays');
  await tab.click('#step');
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '1');
  assert.deepEqual(errors, []);
  await close();
});

test('curve: on a phone a finger moves points; a rate that is too large is told', async () => {
  const { tab, errors, close } = await open('/curve/#rate=10', LOOKS.phone);
  await state(tab, 'ready');
  await accessible(tab);
  const [x, y] = await middle(tab, 0),
    finger = await tab.context().newCDPSession(tab);
  const touch = (type, points) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  const label = () => tab.locator('#plot .dot').first().getAttribute('aria-label'),
    before = await label();
  await touch('touchStart', [{ x: x + 4, y: y + 4 }]);
  for (const step of [10, 20, 30]) await touch('touchMove', [{ x: x + 4, y: y + 4 - step }]);
  await touch('touchEnd', []);
  assert.notEqual(await label(), before);
  assert.equal(await count(tab), 8);
  await tab.selectOption('#speed', '50');
  await tab.waitForTimeout(500); // a tap right after a swipe ends the swipe, and is no click
  await tab.tap('#run');
  await tab.waitForSelector('.trouble');
  assert.match(await tab.locator('.trouble').innerText(), /It has run away[^]*smaller rate/);
  assert.equal(await tab.locator('#run').innerText(), 'Start');
  await tab.selectOption('#rate', '0.1');
  await tab.tap('#reset');
  await tab.waitForFunction(() => parseFloat(document.querySelector('#loss').textContent) < 10);
  assert.equal(await tab.locator('.trouble').count(), 0);
  await shot(tab, 'curve-phone');
  assert.deepEqual(errors, []);
  await close();
});

test('curve: one neuron learns on webgl; no tensor stays behind', async () => {
  const { tab, errors, close } = await open('/curve/?device=webgl#rate=0.3');
  await state(tab, 'ready');
  await tab.waitForFunction(() => document.querySelector('[value=webgl]').checked);
  await tab.selectOption('#speed', '10');
  await run(tab, 0.02);
  const counts = await tab.evaluate(async () => {
    const tf = await import('/dist/tensorine.mjs'),
      counts = [];
    for (let i = 0; i < 4; i++) {
      const before = document.querySelector('#count').textContent;
      document.querySelector('#step').click();
      while (document.querySelector('#count').textContent === before) await new Promise((r) => setTimeout(r, 20));
      await new Promise((r) => setTimeout(r, 200));
      counts.push(tf.memory().numTensors);
    }
    return counts;
  });
  assert.equal(counts.at(-1), counts[0], counts.join());
  assert.deepEqual(errors, []);
  await close();
});
