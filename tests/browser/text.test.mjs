// The page of text: an LSTM that learns which letter comes next, better than by counting letters, and goes on writing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, LOOKS, open, shot, state, useSite } from './driving.mjs';

useSite();

const number = async (tab, id) => parseFloat((await tab.locator(`#${id}`).innerText()).replace(',', ''));
const written = (tab) => tab.evaluate(() => document.querySelector('#written').textContent);
/** The entropy of a text's letters, each on its own, in nats. */
function entropyOf(text) {
  const counts = new Map(),
    letters = [...text];
  for (const letter of letters) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / letters.length) * Math.log(n / letters.length), 0);
}
/** Learns until the loss of what is held out is below `most`. */
async function runUntil(tab, most) {
  await tab.click('#run');
  await tab.waitForFunction((most) => parseFloat(document.querySelector('#heldLoss').textContent) < most, most, {
    timeout: 120000,
    polling: 200,
  });
  await tab.click('#run');
  await state(tab, 'ready');
  await tab.waitForTimeout(500);
}

test('text: the loss falls below what counting letters gives, and it writes words of the text', async () => {
  const { tab, errors, close } = await open('/text/#seed=1');
  await state(tab, 'ready');
  await accessible(tab);
  const text = await tab.inputValue('#text'),
    entropy = entropyOf(text);
  assert.ok(text.includes('that milked the cow with the crumpled horn'));
  assert.ok(Math.abs((await number(tab, 'entropy')) - entropy) < 0.001, `${entropy}`);
  assert.ok((await number(tab, 'heldLoss')) > entropy, 'at first it knows nothing');
  await runUntil(tab, 0.4);
  const [loss, held] = [await number(tab, 'loss'), await number(tab, 'heldLoss')];
  console.log(`# text on wasm: loss ${loss}, held out ${held}, entropy ${entropy.toFixed(3)}`);
  assert.ok(loss < entropy / 2 && held < entropy / 2, `${loss}, ${held}, ${entropy}`);
  assert.match(await tab.locator('#chart .vis-plot').getAttribute('aria-label'), /loss by step: learned from .*; held/);

  await tab.click('#again');
  await tab.waitForFunction(() => document.querySelector('#written').childElementCount === 1);
  await tab.click('#write');
  await tab.waitForFunction(() => document.querySelector('#written').textContent.length > 300);
  await tab.click('#write');
  await state(tab, 'ready');
  const words = (await written(tab)).split(/\s+/).slice(0, -1),
    known = new Set(text.split(/\s+/)),
    share = words.filter((word) => known.has(word)).length / words.length;
  assert.ok(words.length > 40 && share > 0.8, `${share} of the words: ${words.join(' ')}`);
  assert.ok((await written(tab)).startsWith('This is '));
  const shares = await tab.locator('#bars output').allInnerTexts();
  assert.equal(shares.length, 6);
  assert.ok(
    shares.every((text, i) => i === 0 || parseFloat(text) <= parseFloat(shares[i - 1])),
    shares.join(),
  );
  await shot(tab, 'text-light');
  assert.deepEqual(errors, []);
  await close();
});

test("text: Pause, Go on, Reset; a text of one's own, one that is too short, a file", async () => {
  const { tab, errors, close } = await open('/text/#seed=2', LOOKS.dark);
  await state(tab, 'ready');
  await tab.focus('#run');
  await tab.keyboard.press('Enter');
  await tab.waitForFunction(() => parseInt(document.querySelector('#count').textContent) >= 10);
  await tab.keyboard.press('Enter');
  await state(tab, 'ready');
  await tab.waitForTimeout(500);
  const count = await number(tab, 'count');
  await tab.waitForTimeout(300);
  assert.equal(await number(tab, 'count'), count, 'it stands still');
  assert.equal(await tab.locator('#run').innerText(), 'Go on');
  await tab.click('#step');
  await tab.waitForFunction((n) => parseInt(document.querySelector('#count').textContent) === n, count + 1);
  await tab.click('#reset');
  await tab.waitForFunction(() => document.querySelector('#count').textContent === '0');

  await tab.fill('#text', 'too short');
  await tab.waitForSelector('.trouble');
  assert.match(await tab.locator('.trouble').innerText(), /too short[^]*128 letters/);
  assert.equal(await tab.isDisabled('#run'), true);
  await tab.fill('#text', 'abcd '.repeat(100));
  await tab.waitForFunction(() => /^500 letters, 5 different/.test(document.querySelector('#about').textContent));
  assert.equal(await tab.locator('.trouble').count(), 0);
  assert.equal(await number(tab, 'entropy'), Number(Math.log(5).toFixed(3)));
  await tab.fill('#begin', 'ab');
  await tab.keyboard.press('Tab');
  await runUntil(tab, 0.1);
  await tab.click('#again');
  await tab.click('#write');
  await tab.waitForFunction(() => document.querySelector('#written').textContent.length > 60);
  assert.match(await written(tab), /^abcd abcd abcd abcd /);
  await tab.setInputFiles('#file', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('xyz\n'.repeat(200)) });
  await tab.waitForFunction(() => /^800 letters, 4 different/.test(document.querySelector('#about').textContent));
  await tab.selectOption('#sample', 'program');
  await tab.waitForFunction(() => document.querySelector('#text').value.includes('sparseCategoricalCrossentropy'));
  await tab.selectOption('#sample', 'alice');
  await tab.waitForFunction(() => document.querySelector('#text').value.includes('White Rabbit'));
  await shot(tab, 'text-dark');
  assert.deepEqual(errors, []);
  await close();
});

test('text: on a phone, on webgl, it learns too; no tensor stays behind', async () => {
  const { tab, errors, close } = await open('/text/?device=webgl#seed=1', LOOKS.phone);
  await state(tab, 'ready');
  await tab.waitForFunction(() => document.querySelector('[value=webgl]').checked);
  await accessible(tab);
  await tab.selectOption('#length', '16');
  await tab.selectOption('#units', '32');
  await tab.waitForFunction(() => !document.querySelector('#run').disabled);
  await tab.tap('#run');
  await tab.waitForFunction(
    () =>
      parseFloat(document.querySelector('#heldLoss').textContent) <
      parseFloat(document.querySelector('#entropy').textContent) - 0.1,
    null,
    { timeout: 120000, polling: 200 },
  );
  await tab.tap('#run');
  await state(tab, 'ready');
  const counts = await tab.evaluate(async () => {
    const tf = await import('/dist/tensorine.mjs'),
      counts = [];
    for (let i = 0; i < 4; i++) {
      const before = document.querySelector('#count').textContent;
      document.querySelector('#step').click();
      while (document.querySelector('#count').textContent === before) await new Promise((r) => setTimeout(r, 20));
      await new Promise((r) => setTimeout(r, 500));
      counts.push(tf.memory().numTensors);
    }
    return counts;
  });
  assert.equal(counts.at(-1), counts[0], counts.join());
  await shot(tab, 'text-phone');
  assert.deepEqual(errors, []);
  await close();
});
