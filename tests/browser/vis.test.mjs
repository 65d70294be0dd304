// tensorine/vis in Chromium: what tfjs-vis promises of the visor, charts, tables, callbacks and figures, and what is
// ours: the graph of a model, light and dark, and that charts of growing data keep their canvas.
/* global count, place, texts, thrown */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serve } from '../../tools/serve.mjs';
import { launch } from './chromium.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const data = resolve(process.env.TENSORINE_DATA ?? join(root, '../shared/data'));
const GRAPH = 'mobilenet_v1_025_224_graph/model.json';
let server, browser, tab;
const errors = [];

/** A page with the library and tfvis by script tags, and a #container. */
async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${server.url}/tests/browser/empty.html`);
  for (const name of ['tensorine', 'vis']) await page.addScriptTag({ url: `/dist/${name}.js` });
  await page.evaluate(() => {
    globalThis.count = (selector) => document.querySelectorAll(selector).length;
    globalThis.texts = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent);
    globalThis.thrown = async (f) => {
      try {
        await f();
        return '';
      } catch (error) {
        return error.message;
      }
    };
  });
  return page;
}

before(async () => {
  server = await serve({
    folders: { '/': root, '/data/': data },
    texts: { '/favicon.ico': '' },
  });
  browser = await launch();
  tab = await open();
});
after(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(() =>
  tab.evaluate(() => {
    document.body.innerHTML = '<div id="container"></div>';
    globalThis.place = document.querySelector('#container');
  }),
);

// ---- the visor

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

// ---- charts

const POINTS = [
  { x: 0, y: 50 },
  { x: 1, y: 100 },
  { x: 2, y: 230 },
];
const CHARTS = {
  linechart: { values: [POINTS, POINTS.slice(1)], series: ['First', 'Second'] },
  scatterplot: { values: POINTS },
  barchart: [
    { index: 0, value: 50 },
    { index: 1, value: 100 },
  ],
  histogram: [50, 100, 100],
  heatmap: {
    values: [
      [4, 2, 8],
      [1, 7, 2],
    ],
  },
  confusionMatrix: {
    values: [
      [4, 2],
      [1, 7],
    ],
    tickLabels: ['cat', 'dog'],
  },
};

for (const [kind, data] of Object.entries(CHARTS))
  test(`render.${kind}: one canvas, also when drawn again; width and height; a text for those who do not see`, async () => {
    const seen = await tab.evaluate(
      async ([kind, data]) => {
        await tfvis.render[kind](place, data);
        const canvas = document.querySelector('canvas');
        await tfvis.render[kind](place, structuredClone(data));
        const again = [count('.vis-chart'), count('canvas'), document.querySelector('canvas') === canvas];
        await tfvis.render[kind](place, data, { width: 400, height: 180 });
        const { width, height } = document.querySelector('canvas');
        const inVisor = await tfvis.render[kind]({ name: kind, tab: 'Charts' }, data);
        return [
          again,
          [width / devicePixelRatio, height / devicePixelRatio],
          document.querySelector('.vis-plot').ariaLabel,
          [inVisor ?? null, count('.tf-surface canvas')],
          await thrown(() => tfvis.render[kind]({}, data)),
        ];
      },
      [kind, data],
    );
    assert.deepEqual(seen[0], [1, 1, true]);
    assert.deepEqual(seen[1], [400, 180]);
    assert.ok(seen[2].length > 20, seen[2]);
    assert.deepEqual(seen[3], [null, 1]);
    assert.match(seen[4], /Not a drawable/);
  });

/** How many pixels of the first canvas have about this color. */
const pixels = (page, color) =>
  page.evaluate(([r, g, b]) => {
    const canvas = document.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let n = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30 && data[i + 3] > 200) n++;
    return n;
  }, color);

test('render.linechart: series have names, values and colors; gaps; one point; more series than before', async () => {
  const seen = await tab.evaluate(async () => {
    const values = [[{ x: 0, y: 1 }, { x: 1, y: NaN }, { x: 2, y: 3 }]]; // prettier-ignore
    await tfvis.render.linechart(place, { values, series: ['a'] }, { seriesColors: ['rgb(250, 0, 250)'] });
    return texts('.vis-legend li');
  });
  assert.deepEqual(seen, ['a3']);
  const dots = await pixels(tab, [250, 0, 250]);
  assert.ok(dots > 10 && dots < 80, `a gap between two dots: ${dots}`);
  await tab.evaluate(async (POINTS) => {
    const values = [POINTS, POINTS.map(({ x, y }) => ({ x: x + 0.5, y }))];
    await tfvis.render.linechart(place, { values }, { seriesColors: ['rgb(250, 0, 250)', 'rgb(0, 200, 0)'] });
  }, POINTS);
  assert.deepEqual(await tab.evaluate(() => texts('.vis-legend li')), ['Series 1230', 'Series 2230']);
  assert.ok((await pixels(tab, [250, 0, 250])) > 100);
  assert.ok((await pixels(tab, [0, 200, 0])) > 100);
});

test('render.linechart: the axes end where the options say', async () => {
  const top = async (opts) => {
    await tab.evaluate(
      ([values, opts]) => tfvis.render.linechart(place, { values }, { seriesColors: ['rgb(250, 0, 250)'], ...opts }),
      [POINTS, opts],
    );
    return tab.evaluate(() => {
      const canvas = document.querySelector('canvas'),
        over = document.querySelector('.u-over');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const first = data.findIndex((v, i) => i % 4 === 0 && v > 220 && data[i + 1] < 60);
      const y = first / 4 / canvas.width;
      return (y - over.offsetTop) / over.offsetHeight; // where the highest point is, 0 being the top
    });
  };
  const near = (a, b) => assert.ok(Math.abs(a - b) < 0.03, `${a}, not ${b}`);
  near(await top({ yAxisDomain: [0, 460] }), 0.5);
  near(await top({}), 1 - 1 / 1.05);
  near(await top({ zoomToFit: true, yAxisDomain: [0, 460] }), 0);
});

test('render.linechart: a tip under the pointer', async () => {
  await tab.evaluate(async (values) => {
    await tfvis.render.linechart(place, { values: [values], series: ['speed'] }, { xLabel: 'time' });
  }, POINTS);
  const box = await tab.locator('.u-over').boundingBox();
  await tab.mouse.move(box.x + box.width - 2, box.y + 20);
  await tab.waitForFunction(() => /time 2\s+speed: 230/.test(document.querySelector('.vis-tip').textContent));
  await tab.mouse.move(5, 500);
  await tab.waitForFunction(() => !document.querySelector('.vis-tip').textContent);
});

test('render.heatmap: tensors, rows or columns, names that must be as many', async () => {
  const seen = await tab.evaluate(async () => {
    const values = [[4, 2, 8], [1, 7, 2]], tensor = tf.tensor2d(values); // prettier-ignore
    const label = () => document.querySelector('.vis-plot').ariaLabel;
    await tfvis.render.heatmap(place, { values: tensor });
    const columns = label();
    await tfvis.render.heatmap(place, { values: tensor }, { rowMajor: true, domain: [0, 30], colorMap: 'greyscale' });
    return [
      columns,
      label(),
      texts('.vis-scale'),
      await thrown(() => tfvis.render.heatmap(place, { values: tensor.flatten() })),
      await thrown(() => tfvis.render.heatmap(place, { values, xTickLabels: ['a'] })),
      await thrown(() => tfvis.render.heatmap(place, { values, yTickLabels: ['a'] })),
      await thrown(() => tfvis.render.heatmap(place, { values }, { colorMap: 'none' })),
      tensor.isDisposed,
    ];
  });
  assert.match(seen[0], /2 columns and 3 rows, from 1 to 8/);
  assert.match(seen[1], /3 columns and 2 rows, from 0 to 30/);
  assert.deepEqual(seen[2], ['030']);
  assert.match(seen[3], /2d/);
  assert.match(seen[4], /xTickLabels has 1 names, but there are 2/);
  assert.match(seen[5], /yTickLabels has 1 names, but there are 3/);
  assert.match(seen[6], /viridis/);
  assert.equal(seen[7], false);
});

test('render.confusionMatrix: the diagonal without colors, unless all else is 0', async () => {
  const dark = [8, 66, 138]; // the last of the blues
  const draw = (values, opts) => tab.evaluate(([values, opts]) => tfvis.render.confusionMatrix(place, { values }, opts), [values, opts]); // prettier-ignore
  await draw([[90, 3], [1, 80]], { shadeDiagonal: true, showTextOverlay: false }); // prettier-ignore
  const diagonal = await pixels(tab, dark);
  await draw([[90, 0], [0, 90]], { shadeDiagonal: false, showTextOverlay: false }); // prettier-ignore
  const perfect = await pixels(tab, dark);
  await draw([[90, 0], [5, 90]], { shadeDiagonal: false, showTextOverlay: false }); // prettier-ignore
  const beside = await pixels(tab, dark);
  assert.ok(diagonal > 1000 && perfect > 1.5 * diagonal && beside > 1000 && beside < 0.7 * perfect);
});

test('render.histogram: a table of figures with shares; other figures; none; nothing to draw', async () => {
  const seen = await tab.evaluate(async () => {
    const draw = async (data, opts) => {
      document.querySelector('#container').replaceChildren();
      await tfvis.render.histogram(place, data, opts);
      return [texts('th').length, texts('td').map((text) => text.trim()), count('canvas')];
    };
    return [
      await draw([50, -100, 200, 0, 0, NaN, NaN, NaN].map((value) => ({ value }))),
      await draw([{ value: 50 }], { stats: { numVals: 200, min: -30, max: 140, numZeros: 2, numNans: 5 } }),
      await draw(new Int32Array([50, 100, 100]), { stats: false }),
      await draw([]),
      await thrown(() => draw([{ other: 1 }])),
      await thrown(() => draw(null)),
    ];
  });
  assert.deepEqual(seen, [
    [6, ['8', '-100', '200', '2 (25%)', '3 (37.5%)', '0'], 1],
    [5, ['200', '-30', '140', '2 (1%)', '5 (2.5%)'], 1],
    [0, [], 1],
    [3, ['0', '0', '0'], 0],
    'input data must have a value field',
    'input data must be an array',
  ]);
});

test('render.table: rows as they are, changed in place; HTML is text; what is missing is told', async () => {
  const seen = await tab.evaluate(async () => {
    const data = { headers: ['Col 1', 'Col 2', 'Col 3'], values: [[1, 2.5, 3], ['4', '<b>5</b>', true]] }; // prettier-ignore
    tfvis.render.table(place, data);
    const first = [count('table'), texts('th'), texts('td'), count('td b')];
    tfvis.render.table(place, { headers: ['Col 1'], values: [] }, { fontSize: 20 });
    const { fontSize } = getComputedStyle(document.querySelector('table'));
    return [
      ...first,
      [count('table'), count('thead th'), count('tbody tr'), fontSize],
      await thrown(() => tfvis.render.table(place, { values: [] })),
      await thrown(() => tfvis.render.table(place, { headers: [] })),
    ];
  });
  assert.deepEqual(seen, [
    1,
    ['Col 1', 'Col 2', 'Col 3'],
    ['1', '2.5', '3', '4', '<b>5</b>', 'true'],
    0,
    [1, 1, 0, '20px'],
    'Data to render must have a "headers" property',
    'Data to render must have a "values" property',
  ]);
});

// ---- what is shown of training and models

test('show.fitCallbacks: which callbacks, a chart for each metric as it comes, in training too', async () => {
  const seen = await tab.evaluate(async () => {
    const names = Object.keys(tfvis.show.fitCallbacks({ name: 'a' }, ['loss']));
    const one = Object.keys(tfvis.show.fitCallbacks({ name: 'a' }, ['loss'], { callbacks: ['onBatchEnd'] }));
    const { onEpochEnd } = tfvis.show.fitCallbacks({ name: 'b' }, ['loss', 'val_loss', 'acc', 'val_acc']);
    await onEpochEnd(0, { loss: 0.5, val_loss: 0.7 });
    const first = [count('.vis-chart'), count('div[data-name=loss]'), texts('.vis-legend li')];
    await onEpochEnd(1, { loss: 0.2, acc: 0.6, val_loss: 0.5, val_acc: 0.3 });
    const second = [count('.vis-chart'), count('div[data-name=loss]'), count('div[data-name=acc]')];
    document.body.innerHTML = '';

    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ loss: 'meanSquaredError', optimizer: tf.train.sgd(0.01) });
    const began = performance.now();
    await model.fit(tf.linspace(0, 1, 64).reshape([64, 1]), tf.linspace(1, 3, 64).reshape([64, 1]), {
      epochs: 40,
      batchSize: 4,
      validationSplit: 0.25,
      callbacks: tfvis.show.fitCallbacks({ name: 'Training', tab: 'fit' }, ['loss', 'val_loss']),
    });
    const took = performance.now() - began;
    await new Promise((done) => setTimeout(done, 150));
    const labels = [...document.querySelectorAll('.vis-plot')].map((e) => e.ariaLabel);
    return [names, one, first, second, texts('.vis-title'), labels, took];
  });
  assert.deepEqual(seen.slice(0, 5), [
    ['onEpochEnd', 'onBatchEnd'],
    ['onBatchEnd'],
    [1, 1, ['loss0.5', 'val_loss0.7']],
    [2, 1, 1],
    ['onBatchEnd', 'onEpochEnd'],
  ]);
  assert.match(seen[5][0], /^loss by Batch: loss from .*, now/);
  assert.match(seen[5][1], /^loss by Epoch: loss from .*; val_loss from/);
  assert.ok(seen[6] < 8000, `480 batches with charts took ${seen[6]} ms: one frame each would be as many frames`);
});

test('show.fitCallbacks: a hidden page trains on without drawing, and draws when it is seen again', async () => {
  const seen = await tab.evaluate(async () => {
    const hide = (hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
    const { onBatchEnd } = tfvis.show.fitCallbacks(place, ['loss']);
    hide(true);
    const began = performance.now();
    for (let i = 0; i < 500; i++) await onBatchEnd(i, { loss: 1 / (i + 1) });
    const took = performance.now() - began,
      before = count('canvas');
    hide(false);
    delete document.hidden;
    await new Promise((done) => setTimeout(done, 100));
    return [took, before, count('canvas'), document.querySelector('.vis-plot').ariaLabel];
  });
  assert.ok(seen[0] < 1000, `${seen[0]} ms`);
  assert.deepEqual(seen.slice(1, 3), [0, 1]);
  assert.match(seen[3], /now 0.002/);
});

test('show.history: a list of logs, what fit resolves to, a chart for each metric', async () => {
  const seen = await tab.evaluate(async () => {
    const logs = [{ loss: 0.2, acc: 0.6 }, { loss: 0.1, acc: 0.65 }]; // prettier-ignore
    await tfvis.show.history({ name: 'a' }, logs, ['loss', 'acc']);
    const first = count('.vis-chart');
    await tfvis.show.history({ name: 'b' }, { history: { loss: [0.7, 0.3], val_loss: [0.8, 0.5], acc: [0.2, 0.3] } }, [
      'loss',
      'val_loss',
      'acc',
    ]);
    return [
      first,
      count('.vis-chart'),
      await thrown(() => tfvis.show.history({ name: 'c' }, { history: {} }, ['none'])),
    ];
  });
  assert.deepEqual(seen.slice(0, 2), [2, 4]);
  assert.match(seen[2], /no metric 'none'/);
});

test('show.modelSummary, show.layer, show.valuesDistribution, show.perClassAccuracy: tables', async () => {
  const seen = await tab.evaluate(async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 2, inputShape: [3], name: 'first' }),
        tf.layers.dense({ units: 1, trainable: false, name: 'last' }),
      ],
    });
    const rows = () => [...document.querySelectorAll('tbody tr')].map((r) => [...r.cells].map((c) => c.textContent));
    const fresh = () => (document.querySelector('#container').replaceChildren(), place);
    await tfvis.show.modelSummary(fresh(), model);
    const summary = rows();
    await tfvis.show.layer(fresh(), model.layers[0]);
    const layer = rows().map(([name, shape, , , params]) => [name, shape, params]);
    document.querySelector('.vis-pick button').click();
    await new Promise((done) => setTimeout(done, 50));
    const charts = count('canvas');
    await tfvis.show.valuesDistribution(fresh(), tf.tensor1d([0, 0, 0, 0, 2, 3, 4]));
    const values = [rows(), count('canvas')];
    const classes = [{ accuracy: 0.5, count: 10 }, { accuracy: 0.8, count: 10 }]; // prettier-ignore
    await tfvis.show.perClassAccuracy(fresh(), classes, ['cat', 'dog']);
    const named = rows();
    await tfvis.show.perClassAccuracy(fresh(), classes);
    return { summary, layer, charts, values, named, plain: rows() };
  });
  assert.deepEqual(seen, {
    summary: [
      ['first', '[batch,2]', '8', 'true'],
      ['last', '[batch,1]', '3', 'false'],
    ],
    layer: [
      ['first/kernel', '[3,2]', '6'],
      ['first/bias', '[2]', '2'],
    ],
    charts: 1,
    values: [[['7', '0', '4', '4 (57.14%)', '0', '0']], 1],
    named: [
      ['cat', '0.5', '10'],
      ['dog', '0.8', '10'],
    ],
    plain: [
      ['0', '0.5', '10'],
      ['1', '0.8', '10'],
    ],
  });
});

test('show.modelGraph: layers, branches, ops of a graph; boxes do not touch, lines go down', async () => {
  const seen = await tab.evaluate(async () => {
    const input = tf.input({ shape: [4], name: 'in' }),
      dense = (name, x) => tf.layers.dense({ units: 3, name }).apply(x);
    const a = dense('a', input),
      b = dense('b', input),
      c = dense('c', b);
    const sum = tf.layers.add({ name: 'sum' }).apply([a, c]);
    await tfvis.show.modelGraph(place, tf.model({ inputs: input, outputs: sum }));
    const box = (e) => e.getBoundingClientRect();
    const nodes = [...document.querySelectorAll('.node')],
      boxes = nodes.map((e) => box(e.querySelector('rect')));
    const touching = boxes.some((p, i) =>
      boxes.some((q, j) => j > i && p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom),
    );
    const y = (name) => box(nodes.find((e) => e.lastChild.textContent === name)).top;
    const order = y('in') < y('b') && y('b') < y('c') && y('c') < y('sum');
    const branch = [nodes.length, count('.edge'), touching, order, count('.node.end')];
    const layers = [1, 2, 3].map((i) => tf.layers.dense({ units: i, ...(i === 1 && { inputShape: [2] }) }));
    await tfvis.show.modelGraph(place, tf.sequential({ layers }));
    const chain = [count('svg'), count('.node'), count('.edge')];
    const node = [
      { name: 'x', op: 'Placeholder' },
      { name: 'w', op: 'Const' },
      { name: 'y', op: 'MatMul', input: ['x', 'w'] },
      { name: 'z', op: 'Relu', input: ['y:0', '^x'] },
    ];
    await tfvis.show.modelGraph(place, { artifacts: { modelTopology: { node } } });
    return [branch, chain, [count('.node'), count('.edge')], await thrown(() => tfvis.show.modelGraph(place, {}))];
  });
  assert.deepEqual(seen.slice(0, 3), [
    [5, 5, false, true, 2],
    [1, 3, 2],
    [3, 2],
  ]);
  assert.match(seen[3], /layers model or a graph model/);
});

const noGraph = existsSync(join(data, GRAPH)) ? false : `no ${GRAPH} in ${data} (set TENSORINE_DATA)`;
test('show.modelGraph: MobileNet as a graph model', { skip: noGraph }, async () => {
  const seen = await tab.evaluate(async (path) => {
    const model = await tf.loadGraphModel(`/data/${path}`);
    await tfvis.show.modelGraph(place, model);
    model.dispose();
    return [count('.node'), count('.edge')];
  }, GRAPH);
  assert.ok(seen[0] > 50 && seen[1] >= seen[0] - 1, seen.join());
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

// ---- light and dark, narrow pages, what it leaves behind

test('charts have the ink of the page; the visor follows the device', async () => {
  const dark = await open({ colorScheme: 'dark', viewport: { width: 390, height: 800 } });
  await dark.evaluate(async () => {
    document.body.style.cssText = 'background: #111; color: rgb(240, 230, 220)';
    globalThis.place = document.body.appendChild(document.createElement('div'));
    await tfvis.render.barchart(place, [{ index: 'long name', value: 1 }]);
  });
  const light = await dark.evaluate(() => {
    const { data } = document.querySelector('canvas').getContext('2d').getImageData(0, 0, 390, 200);
    return data.some((v, i) => i % 4 === 0 && v > 200);
  });
  assert.ok(light, 'letters are as light as the text');
  const [ground, wide] = await dark.evaluate(() => {
    tfvis.visor();
    return [getComputedStyle(document.querySelector('.visor')).backgroundColor, document.documentElement.scrollWidth];
  });
  assert.match(ground, /^rgb\((\d|[1-4]\d), /);
  assert.equal(wide, 390);
  await dark.context().close();
});

test('charts are drawn anew when the device goes dark', async () => {
  const page = await open();
  const lightest = () =>
    page.evaluate(() => {
      const { data } = document.querySelector('canvas').getContext('2d').getImageData(0, 0, 300, 200);
      return data.reduce((most, v, i) => (i % 4 === 2 && data[i + 1] > 150 ? Math.max(most, v) : most), 0);
    });
  await page.evaluate(async () => {
    document.documentElement.style.colorScheme = 'light dark';
    document.body.style.color = 'CanvasText';
    globalThis.place = document.body.appendChild(document.createElement('div'));
    const opts = { width: 300, color: 'rgb(200, 0, 0)' };
    await tfvis.render.barchart(place, [{ index: 'a name', value: 1 }], opts);
  });
  assert.ok((await lightest()) < 180);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.waitForTimeout(100);
  assert.ok((await lightest()) > 180);
  await page.context().close();
});

test('names below bars and cells are all there where there is room, else some', async () => {
  const labels = await tab.evaluate(async () => {
    const written = [],
      { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      written.push(text);
      return fillText.call(this, text, ...rest);
    };
    const draw = async (names) => {
      written.length = 0;
      document.querySelector('#container').replaceChildren();
      await tfvis.render.barchart(place, names.map((index) => ({ index, value: 1 })), { width: 300 }); // prettier-ignore
      return new Set(written.filter((text) => names.includes(text))).size;
    };
    const counts = [await draw(['cat', 'dog', 'mouse']), await draw(Array.from({ length: 60 }, (_, i) => `name ${i}`))];
    CanvasRenderingContext2D.prototype.fillText = fillText;
    return counts;
  });
  assert.equal(labels[0], 3);
  assert.ok(labels[1] >= 2 && labels[1] <= 8, `${labels[1]} of 60`);
});

test('a chart is as wide as its place, and stays so', async () => {
  const widths = await tab.evaluate(async () => {
    const width = () => document.querySelector('canvas').getBoundingClientRect().width;
    place.style.width = '500px';
    await tfvis.render.barchart(place, [{ index: 0, value: 1 }]);
    const first = width();
    place.style.width = '300px';
    await new Promise((done) => setTimeout(done, 100));
    return [first, width()];
  });
  assert.deepEqual(widths, [500, 300]);
});

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
