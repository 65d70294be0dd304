// The charts and tables of tensorine/vis in Chromium: what tfjs-vis promises of them, light and dark, wide and narrow, and
// that a chart of growing data keeps its canvas.
/* global count, place, texts, thrown */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, tab, useVis } from './vis_driving.mjs';

useVis();

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

// ---- light and dark, wide and narrow

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
