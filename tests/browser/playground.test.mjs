// The playground, from an address to points told apart: what one chooses changes the net and the address, an address
// brings back what was chosen, and every unit is drawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, LOOKS, open, shot, state, useSite } from './driving.mjs';

useSite();

const number = async (tab, id) => parseFloat((await tab.locator(`#${id}`).innerText()).replace(',', ''));
/** Runs until what is shown is as wanted, at most two minutes. */
async function runUntil(tab, wanted) {
  await tab.click('#run');
  await tab.waitForFunction(wanted, null, { timeout: 120000, polling: 200 });
  await tab.click('#run');
  await tab.waitForTimeout(300);
}
const hash = (tab) => tab.evaluate(() => decodeURIComponent(location.hash));

test('playground: the spiral is told apart, on points held out, and each unit shows its picture', async () => {
  const { tab, errors, close } = await open('/playground/#data=spiral&noise=0&layers=8,6&features=x,y,sinx,siny');
  await state(tab, 'ready');
  await accessible(tab);
  const colorsOf = () =>
    tab.evaluate(() => {
      const { data } = document.querySelector('#output').getContext('2d').getImageData(0, 0, 560, 560);
      let orange = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i] > data[i + 2] + 40) orange++;
      return orange / (560 * 560);
    });
  await runUntil(tab, () => parseInt(document.querySelector('#right').textContent) >= 97);
  assert.ok((await number(tab, 'right')) >= 97);
  assert.ok((await number(tab, 'heldLoss')) < 0.2);
  console.log(`# spiral on wasm: ${await number(tab, 'right')}% held out after ${await number(tab, 'epoch')} epochs`);
  const orange = await colorsOf();
  assert.ok(orange > 0.2 && orange < 0.8, `${orange} of the square`);
  const pictures = await tab.evaluate(() =>
    [...document.querySelectorAll('.column:not(.features) .unit canvas')].map((c) => {
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      return new Set(data.filter((_, i) => i % 4 === 0)).size;
    }),
  );
  assert.equal(pictures.length, 14);
  assert.ok(pictures.every((shades) => shades > 5), pictures.join()); // prettier-ignore
  assert.equal(await tab.locator('.lines path').count(), 4 * 8 + 8 * 6 + 6);
  assert.match(await tab.locator('#chart .vis-plot').getAttribute('aria-label'), /loss by epoch: train .*; held out/);
  await shot(tab, 'playground-light');
  assert.deepEqual(errors, []);
  await close();
});

test('playground: choices are in the address, and come back from it', async () => {
  const { tab, errors, close } = await open('/playground/', LOOKS.dark);
  await state(tab, 'ready');
  assert.equal(await hash(tab), '');
  await tab.locator('#sets').getByText('Gauss').click();
  await tab.locator('[data-key=feature-xy]').click();
  assert.equal(await tab.evaluate(() => document.activeElement.dataset.key), 'feature-xy', 'the focus stays');
  await tab.click('#more');
  await tab.locator('[data-key=more-0]').click();
  await tab.selectOption('#activation', 'relu');
  await tab.selectOption('#regularizer', 'l2');
  await tab.selectOption('#rate', '0.03');
  await tab.focus('#noise');
  await tab.keyboard.press('ArrowRight');
  await tab.focus('#batch');
  await tab.keyboard.press('ArrowRight');
  const wanted =
    '#data=gauss&noise=0.15&batch=11&features=x,y,xy&layers=5,2,2&activation=relu&rate=0.03&regularizer=l2';
  assert.equal(await hash(tab), wanted);
  await tab.click('#step');
  await tab.waitForFunction(() => document.querySelector('#epoch').textContent === '1');
  await tab.reload();
  await state(tab, 'ready');
  assert.equal(await hash(tab), wanted);
  assert.equal(await tab.locator('.column:not(.features) .unit').count(), 9);
  assert.deepEqual(
    await tab.evaluate(() => [...document.querySelectorAll('.features [aria-pressed=true]')].map((e) => e.textContent)),
    ['x', 'y', 'x·y'],
  );
  assert.deepEqual(
    await tab.evaluate(() =>
      ['activation', 'rate', 'noise', 'batch'].map((id) => document.querySelector(`#${id}`).value),
    ),
    ['relu', '0.03', '0.15', '11'],
  );
  await tab.evaluate(() => {
    location.hash = '#data=xor';
  });
  await tab.waitForFunction(() => document.querySelectorAll('.column:not(.features) .unit').length === 6);
  await shot(tab, 'playground-dark');
  assert.deepEqual(errors, []);
  await close();
});

test('playground: an address that makes no sense is as none; no layers are a net too', async () => {
  const bad =
    '#data=none&noise=9&layers=99,x&features=&rate=-1&batch=&activation=toString&seed=NaN&regularizer=__proto__';
  const { tab, errors, close } = await open(`/playground/${bad}`);
  await state(tab, 'ready');
  assert.equal(await tab.locator('.column:not(.features) .unit').count(), 6);
  assert.equal(await tab.isChecked('[value=circle]'), true);
  await tab.click('#fewer');
  await tab.click('#fewer');
  assert.equal(await tab.isDisabled('#fewer'), true);
  assert.equal(await hash(tab), '#layers=');
  await tab.click('#step');
  await tab.waitForFunction(() => document.querySelector('#epoch').textContent === '1');
  assert.deepEqual(errors, []);
  await close();
});

test('playground: keys go from unit to unit, whose picture is shown large; Pause and Reset', async () => {
  const { tab, errors, close } = await open('/playground/');
  await state(tab, 'ready');
  await tab.focus('.unit[tabindex="0"]');
  assert.equal(await tab.locator('#shownText').innerText(), 'A feature');
  await tab.keyboard.press('ArrowRight');
  await tab.keyboard.press('ArrowDown');
  assert.equal(await tab.locator('#shownText').innerText(), 'Unit 2 of layer 1');
  await tab.keyboard.press('ArrowRight');
  assert.equal(await tab.locator('#shownText').innerText(), 'Unit 2 of layer 2');
  await tab.focus('#run');
  assert.equal(await tab.locator('#shownText').innerText(), 'What the net says');
  await tab.keyboard.press('Enter');
  await tab.waitForFunction(() => parseInt(document.querySelector('#epoch').textContent) >= 20);
  await tab.keyboard.press('Enter');
  await state(tab, 'ready');
  await tab.waitForTimeout(300);
  const epoch = await number(tab, 'epoch');
  await tab.waitForTimeout(300);
  assert.equal(await number(tab, 'epoch'), epoch, 'it stands still');
  await tab.click('#reset');
  await tab.waitForFunction(() => document.querySelector('#epoch').textContent === '0');
  assert.deepEqual(errors, []);
  await close();
});

test('playground: a plane is learned as numbers; no tensor stays behind', async () => {
  const { tab, errors, close } = await open('/playground/#data=plane&layers=2&rate=0.03&noise=0', LOOKS.phone);
  await state(tab, 'ready');
  await accessible(tab);
  await runUntil(tab, () => parseFloat(document.querySelector('#heldLoss').textContent) < 0.005);
  assert.equal(await tab.locator('#right').innerText(), '–');
  const counts = await tab.evaluate(async () => {
    const tf = await import('/dist/tensorine.mjs'),
      counts = [];
    for (let i = 0; i < 4; i++) {
      const epoch = document.querySelector('#epoch').textContent;
      document.querySelector('#step').click();
      while (document.querySelector('#epoch').textContent === epoch) await new Promise((r) => setTimeout(r, 20));
      await new Promise((r) => setTimeout(r, 200));
      counts.push(tf.memory().numTensors);
    }
    return counts;
  });
  assert.equal(counts.at(-1), counts[0], counts.join());
  await shot(tab, 'playground-phone');
  assert.deepEqual(errors, []);
  await close();
});

test('playground: steps that are too large are told, and Reset begins anew', async () => {
  const { tab, close } = await open('/playground/#data=plane&optimizer=sgd&rate=10&activation=linear');
  await state(tab, 'ready');
  await tab.click('#run');
  await tab.waitForSelector('.trouble');
  assert.match(await tab.locator('.trouble').innerText(), /It has run away[^]*smaller rate/);
  assert.equal(await tab.locator('#run').innerText(), 'Start');
  await tab.selectOption('#rate', '0.01');
  await tab.click('#reset');
  await tab.waitForFunction(
    () => !document.querySelector('.trouble') && document.querySelector('#epoch').textContent === '0',
  );
  await close();
});

test('playground: xor is told apart on webgl', async () => {
  const { tab, errors, close } = await open(
    '/playground/?device=webgl#data=xor&noise=0&batch=50&rate=0.03&features=x,y,xy&layers=4',
  );
  await state(tab, 'ready');
  await tab.waitForFunction(() => document.querySelector('[value=webgl]').checked);
  await runUntil(tab, () => parseInt(document.querySelector('#right').textContent) >= 95);
  assert.deepEqual(errors, []);
  await close();
});
