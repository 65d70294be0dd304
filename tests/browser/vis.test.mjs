// tensorine/vis in Chromium: the visor, the figures, and what it is as a module: script and import, alias of tfjs-vis,
// content security policy, manual.
/* global count, place, texts, thrown */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { serve } from '../../tools/serve.mjs';
import { browser, errors, root, server, tab, useVis } from './vis_driving.mjs';

useVis();

test('visor: one of it, open, made anew when the page has removed it', async () => {
  const seen = await tab.evaluate(() => {
    const first = tfvis.visor(),
      same = tfvis.visor() === first && count('.visor') === 1 && first.el instanceof HTMLElement;
    document.body.innerHTML = '';
    return [same, first.isOpen(), tfvis.visor() !== first, count('.visor')];
  });
  assert.deepEqual(seen, [true, true, true, 1]);
});

test('visor: surfaces by name and tab, the tab of the newest is shown', async () => {
  const seen = await tab.evaluate(() => {
    const visor = tfvis.visor(),
      one = visor.surface({ name: 'surface 1', tab: 'tab 1' });
    const again = visor.surface({ name: 'surface 1', tab: 'tab 1' }) === one;
    visor.surface({ name: 'surface 2', tab: 'tab 1' });
    visor.surface({ name: 'surface 1' });
    const active = () => texts('.tf-tab[data-isactive=true]'),
      shown = () => texts('.tf-surface[data-visible=true]');
    const before = [active(), shown()];
    visor.setActiveTab('tab 1');
    return [again, texts('.tf-surface'), texts('.tf-tab'), before, [active(), shown()], [...visor.surfaceList.keys()]];
  });
  assert.deepEqual(seen, [
    true,
    ['surface 1', 'surface 2', 'surface 1'],
    ['tab 1', 'Visor'],
    [['Visor'], ['surface 1']],
    [['tab 1'], ['surface 1', 'surface 2']],
    ['surface 1-tab 1', 'surface 2-tab 1', 'surface 1-Visor'],
  ]);
});

test('visor: styles of a surface; a name is needed, a tab must be there', async () => {
  const seen = await tab.evaluate(async () => {
    const visor = tfvis.visor();
    const { container, label, drawArea } = visor.surface({ name: 'a', styles: { height: '321px', width: '300px' } });
    return [
      container.offsetHeight,
      label.textContent,
      container.contains(drawArea),
      await thrown(() => visor.surface()),
      await thrown(() => visor.surface('a')),
      await thrown(() => visor.surface({ notName: 'a' })),
      await thrown(() => visor.setActiveTab('none')),
    ];
  });
  assert.deepEqual(seen.slice(0, 3), [321, 'a', true]);
  for (const message of seen.slice(3, 6)) assert.match(message, /'name'/);
  assert.match(seen[6], /Tab 'none' does not exist/);
});

test('visor: opens, closes, toggles, and fills the page', async () => {
  const seen = await tab.evaluate(() => {
    const visor = tfvis.visor(),
      states = [],
      note = () =>
        states.push([
          visor.isOpen(),
          visor.isFullscreen(),
          document.querySelector('.visor').getAttribute('data-isopen') === 'true',
          document.querySelector('.visor').checkVisibility(),
        ]);
    for (const act of ['close', 'open', 'toggle', 'toggle', 'toggleFullScreen', 'toggleFullScreen'])
      (visor[act](), note());
    return states.map((row) => row.map(Number).join(''));
  });
  assert.deepEqual(seen, ['0000', '1011', '0000', '1011', '1111', '1011']);
});

test('visor: by its buttons, its key, the arrow keys of its tabs', async () => {
  const isOpen = () => tab.evaluate(() => tfvis.visor().isOpen());
  await tab.evaluate(() => {
    document.body.append(Object.assign(document.createElement('input'), { id: 'text' }));
    for (const name of ['a', 'b', 'c']) tfvis.visor().surface({ name, tab: name });
  });
  await tab.click('text=Hide');
  assert.equal(await isOpen(), false);
  await tab.keyboard.press('Enter'); // the focus is on the button that shows it
  assert.equal(await isOpen(), true);
  await tab.keyboard.press('Backquote');
  assert.equal(await isOpen(), false);
  await tab.keyboard.press('Backquote');
  await tab.focus('#text');
  await tab.keyboard.press('Backquote');
  assert.equal(await isOpen(), true, 'the key is a letter in a field');
  assert.equal(await tab.inputValue('#text'), '`');
  await tab.evaluate(() => (tfvis.visor().unbindKeys(), document.activeElement.blur()));
  await tab.keyboard.press('Backquote');
  assert.equal(await isOpen(), true);
  await tab.evaluate(() => tfvis.visor().bindKeys());
  await tab.keyboard.press('Backquote');
  assert.equal(await isOpen(), false);
  assert.equal(await tab.isVisible('text=Show charts'), true);
  await tab.evaluate(() => (tfvis.visor().open(), tfvis.visor().close()));
  assert.equal(await tab.isVisible('text=Show charts'), false, 'the program hid it');
  await tab.evaluate(() => tfvis.visor().open());
  await tab.click('.tf-tab >> nth=0');
  await tab.keyboard.press('ArrowLeft');
  assert.deepEqual(await tab.evaluate(() => texts('.tf-tab[aria-selected=true]')), ['c']);
  await tab.click('text=Maximize');
  assert.equal(await tab.evaluate(() => tfvis.visor().isFullscreen()), true);
  await tab.click('text=Minimize');
});

// ---- figures

test('metrics: accuracy, perClassAccuracy, confusionMatrix', async () => {
  const seen = await tab.evaluate(async () => {
    const t = (list, shape) => tf.tensor(list, shape ?? [list.length]),
      { accuracy, perClassAccuracy, confusionMatrix } = tfvis.metrics;
    return {
      accuracy: await accuracy(t([1, 2, 4]), t([2, 2, 4])),
      matrices: await accuracy(t([1, 2, 3, 4], [2, 2]), t([1, 9, 3, 4], [2, 2])),
      perClass: await perClassAccuracy(t([0, 0, 1, 2, 2, 2]), t([0, 0, 0, 2, 1, 1])),
      confusion: await confusionMatrix(t([1, 2, 4]), t([2, 2, 4])),
      more: (await confusionMatrix(t([1, 2, 4]), t([2, 2, 4]), 6)).length,
      weighted: await confusionMatrix(t([0, 1, 2]), t([0, 1, 2]), undefined, t([0, 1, 2])),
      errors: [
        await thrown(() => confusionMatrix(t([1, 2, 4, 4], [2, 2]), t([2, 2, 4, 3]))),
        await thrown(() => confusionMatrix(t([2, 2, 4, 3]), t([1, 2, 4, 4], [2, 2]))),
        await thrown(() => confusionMatrix(t([1, 2]), t([1, 2, 3]))),
        await thrown(() => confusionMatrix(t([1, 2]), t([1, 2]), 2)),
        await thrown(() => accuracy(t([1, 2]), t([1, 2, 3]))),
      ],
    };
  });
  assert.ok(Math.abs(seen.accuracy - 2 / 3) < 1e-6);
  assert.equal(seen.matrices, 0.75);
  assert.deepEqual(
    seen.perClass.map(({ accuracy, count }) => [Math.round(accuracy * 100), count]),
    [
      [100, 2],
      [0, 1],
      [33, 3],
    ],
  );
  assert.deepEqual(seen.confusion, [
    [0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1],
  ]);
  assert.equal(seen.more, 6);
  assert.deepEqual(seen.weighted, [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 2],
  ]);
  const wanted = [
    /labels must be a 1D/,
    /predictions must be a 1D/,
    /the same length/,
    /not below 2/,
    /\[2\], but pred/,
  ];
  seen.errors.forEach((message, i) => assert.match(message, wanted[i]));
});

// ---- the module

test('import gives the same names as the script, and no tensor stays', async () => {
  const seen = await tab.evaluate(async () => {
    const vis = await import('/dist/vis.mjs');
    const before = tf.memory().numTensors,
      x = tf.tensor1d([1, 2, 3]);
    await vis.show.valuesDistribution(place, x);
    await vis.metrics.confusionMatrix(x, x);
    x.dispose();
    return [Object.keys(vis).sort().join() === Object.keys(tfvis).sort().join(), tf.memory().numTensors - before];
  });
  assert.deepEqual(seen, [true, 0]);
});

test('a program written for tfjs-vis runs with tensorine/vis as its alias, and shows the same', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'tests/packages/programs/vis.mjs')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'program',
    alias: { '@tensorflow/tfjs-vis': join(root, 'dist/vis.mjs') },
    plugins: [
      {
        name: 'tf',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^@tensorflow\/tfjs$/ }, ({ path }) => ({ path, namespace: 'tf' }));
          onLoad({ filter: /.*/, namespace: 'tf' }, () => ({ contents: 'module.exports = globalThis.tf;' }));
        },
      },
    ],
  });
  await tab.addScriptTag({ content: outputFiles[0].text });
  const { loss, accuracy, classes, confusion, tables, drawn } = await tab.evaluate(() => globalThis.program.imported());
  assert.ok(loss.length === 3 && loss[2] < loss[0]);
  assert.ok(Math.abs(accuracy - 2 / 3) < 1e-6);
  assert.deepEqual(
    classes.map(({ accuracy, count }) => [accuracy, count]),
    [
      [0, 1],
      [1, 2],
    ],
  );
  assert.deepEqual(confusion, [
    [0, 1],
    [0, 2],
  ]);
  assert.deepEqual(tables, [
    'Num Vals\tMin\tMax\t# Zeros\t# NaNs\t# Infinity\n6\t-2\t5\t2 (33.33%)\t1 (16.67%)\t0',
    'Class\tAccuracy\t# Samples\na\t0.5\t2\nb\t1\t3',
    'Layer Name\tOutput Shape\t# Of Params\tTrainable\ndense\t[batch,1]\t2\ttrue',
    'Weight Name\tShape\tMin\tMax\t# Params\t# Zeros\t# NaNs\t# Infinity\n' +
      'dense/kernel\t[1,1]\t1\t1\t1\t0\t0\t0\ndense/bias\t[1]\t0\t0\t1\t1\t0\t0',
  ]);
  assert.equal(drawn, 1);
});

test('a strict content security policy lets all of it through', async () => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src blob:";
  const strict = await serve({
    folders: { '/dist/': join(root, 'dist') },
    texts: {
      '/index.html': '<!doctype html><body><div id="container"></div><script type="module" src="page.js"></script>',
      '/page.js': `import * as tf from '/dist/tensorine.mjs';
        import * as tfvis from '/dist/vis.mjs';
        globalThis.violations = [];
        addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
        const place = document.querySelector('#container'), { render, show } = tfvis;
        await render.linechart(place, { values: [{ x: 0, y: 1 }, { x: 1, y: 2 }] });
        await render.confusionMatrix({ name: 'a' }, { values: [[1, 2], [3, 4]] });
        const layers = [tf.layers.dense({ units: 1, inputShape: [1] })];
        await show.modelGraph({ name: 'b' }, tf.sequential({ layers }));
        globalThis.display = getComputedStyle(document.querySelector('.visor')).position;`,
    },
    headers: { 'Content-Security-Policy': policy },
  });
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${strict.url}/index.html`);
  await page.waitForFunction(() => globalThis.display);
  assert.deepEqual(await page.evaluate(() => [globalThis.display, globalThis.violations]), ['fixed', []]);
  await page.context().close();
  strict.close();
});

test('the page of charts draws each example beside its program, and opens the visor', async () => {
  const page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${server.url}/web/vis/`);
  await page.waitForFunction(() => document.documentElement.dataset.state === 'ready');
  const drawn = await page.evaluate(() =>
    [...document.querySelectorAll('.drawn')].map((e) => [
      e.dataset.of,
      e.querySelectorAll('canvas, svg, table').length,
    ]),
  );
  assert.equal(drawn.length, 14);
  for (const [name, count] of drawn) assert.ok(count, name);
  await page.click('#open');
  await page.waitForFunction(() => document.querySelectorAll('.visor .tf-surface').length === 3);
  await page.context().close();
});

test('every example of the manual comments runs and says what it gives', async () => {
  const folder = join(root, 'js/vis');
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/@example\n([^]*?)\n \*\//g)])
    .map(([, text]) => text.replace(/^ \* ?/gm, ''));
  assert.ok(texts.length >= 16, `${texts.length} examples`);
  for (const text of texts) await tab.evaluate(`(async () => {${text}\n})()`);
  assert.deepEqual(errors, []);
});
