// Metrics that add up: over batches, weighted, by themselves and in models; and masked metrics, whose mean is over
// the steps that count.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import * as tf from '../../dist/tensorine.mjs';

let before;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => assert.equal(tf.memory().numTensors, before, 'tensors left behind'));

const owned = (title, f) =>
  test(title, async () => {
    const own = [],
      keep = (thing) => {
        own.push(thing);
        return thing;
      };
    try {
      await f(keep);
    } finally {
      for (const thing of own) thing?.dispose();
    }
  });
const near = (got, want, tolerance = 1e-5, what = '') => {
  ((got = [got].flat(Infinity)), (want = [want].flat(Infinity)));
  assert.equal(got.length, want.length, what);
  want.forEach((w, i) =>
    assert.ok(
      Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)),
      `${what}[${i}]: ${got[i]} where ${w} should be`,
    ),
  );
};
const wave = (n, seed) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
const rows = (n, size, seed) => Array.from({ length: n }, (_, i) => wave(size, seed + i));
const sum = (v) => v.reduce((a, b) => a + b, 0),
  mean = (v) => sum(v) / v.length;
const weighted = (v, w) => sum(v.map((x, i) => x * w[i])) / sum(w);
const hot = (k, n) => Array.from({ length: n }, (_, i) => Number(i === k));
const argMax = (v) => v.indexOf(Math.max(...v));

/** Mean product of both less their means, over deviations. */
function pearson(y, p) {
  const a = y.map((v) => v - mean(y)),
    b = p.map((v) => v - mean(p));
  const size = Math.hypot(...a) * Math.hypot(...b);
  return size ? sum(a.map((v, i) => v * b[i])) / size : 0;
}
function concordance(y, p) {
  const variance = (v) => mean(v.map((x) => (x - mean(v)) ** 2)),
    both = mean(y.map((v, i) => (v - mean(y)) * (p[i] - mean(p))));
  return (2 * both) / (variance(y) + variance(p) + (mean(y) - mean(p)) ** 2 + 1e-7);
}
const cosine = (y, p) => sum(y.map((v, i) => v * p[i])) / Math.hypot(...y) / Math.hypot(...p);

const turned = (m) => m[0].map((_, c) => m.map((row) => row[c]));
/** By column. */
function r2(y, p, w) {
  return turned(y).map(
    (column, c) =>
      1 -
      sum(column.map((v, i) => w[i] * (v - p[i][c]) ** 2)) /
        sum(column.map((v, i) => w[i] * (v - weighted(column, w)) ** 2)),
  );
}

/** Mean over classes of common places over all places, both from numbers of classes. */
function iou(y, p, w, classes, ignored, n) {
  const counts = y.map((v, i) => (v === ignored ? 0 : w[i])),
    share = (k) => {
      const both = sum(counts.filter((_, i) => y[i] === k && p[i] === k)),
        any = sum(counts.filter((_, i) => y[i] === k || p[i] === k));
      return any ? both / any : null;
    };
  const shares = (classes ?? Array.from({ length: n }, (_, k) => k)).map(share).filter((v) => v !== null);
  return shares.length ? mean(shares) : 0;
}

const Y = rows(7, 5, 1),
  P = rows(7, 5, 30),
  W = [1, 2, 0, 0.5, 1, 3, 1];
const LABELS = [0, 1, 2, 3, 1, 2, 0],
  GUESSES = rows(7, 4, 50),
  SAID = GUESSES.map(argMax),
  ONE_HOT = LABELS.map((k) => hot(k, 4));
/** Each metric with its arguments, and what it is over rows and weights. */
const CASES = [
  [
    'PearsonCorrelation',
    undefined,
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => pearson(v, p[i])),
        w,
      ),
  ],
  ['PearsonCorrelation', { axis: -1, name: 'r' }, Y, Y.map((r) => r.map((v) => 3 - 2 * v)), () => -1],
  ['PearsonCorrelation', undefined, Y, Y.map((r) => r.map(() => 2)), () => 0],
  [
    'ConcordanceCorrelation',
    undefined,
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => concordance(v, p[i])),
        w,
      ),
  ],
  [
    'CosineSimilarity',
    undefined,
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => cosine(v, p[i])),
        w,
      ),
  ],
  [
    'OneHotIoU',
    { numClasses: 4, targetClassIds: [0, 2] },
    ONE_HOT,
    GUESSES,
    (y, p, w) => iou(y.map(argMax), p.map(argMax), w, [0, 2]),
  ],
  [
    'OneHotIoU',
    { numClasses: 4, targetClassIds: [1], sparseYPred: true },
    ONE_HOT,
    SAID,
    (y, p, w) => iou(y.map(argMax), p, w, [1]),
  ],
  [
    'OneHotMeanIoU',
    { numClasses: 4 },
    ONE_HOT,
    GUESSES,
    (y, p, w) => iou(y.map(argMax), p.map(argMax), w, null, null, 4),
  ],
  [
    'OneHotMeanIoU',
    { numClasses: 4, ignoreClass: 1 },
    ONE_HOT,
    GUESSES,
    (y, p, w) => iou(y.map(argMax), p.map(argMax), w, null, 1, 4),
  ],
  ['MeanIoU', { numClasses: 4, ignoreClass: 0 }, LABELS, SAID, (y, p, w) => iou(y, p, w, null, 0, 4)],
  [
    'MeanIoU',
    { numClasses: 4, ignoreClass: -1 },
    LABELS.map((v) => (v === 3 ? -1 : v)),
    SAID,
    (y, p, w) => iou(y, p, w, null, -1, 4),
  ],
  [
    'IoU',
    { numClasses: 4, targetClassIds: [0, 1], ignoreClass: 1 },
    LABELS,
    SAID,
    (y, p, w) => iou(y, p, w, [0, 1], 1),
  ],
  [
    'Accuracy',
    undefined,
    LABELS,
    SAID,
    (y, p, w) =>
      weighted(
        y.map((v, i) => Number(v === p[i])),
        w,
      ),
  ],
  ['R2Score', undefined, Y, P, (y, p, w) => mean(r2(y, p, w))],
  [
    'R2Score',
    undefined,
    LABELS,
    SAID,
    (y, p, w) =>
      r2(
        y.map((v) => [v]),
        p.map((v) => [v]),
        w,
      ),
  ],
  ['R2Score', { classAggregation: null }, Y, P, r2],
  [
    'R2Score',
    { classAggregation: 'varianceWeightedAverage' },
    Y,
    P,
    (y, p, w) =>
      weighted(
        r2(y, p, w),
        turned(y).map((c) =>
          weighted(
            c.map((v) => (v - weighted(c, w)) ** 2),
            w,
          ),
        ),
      ),
  ],
  [
    'MeanSquaredError',
    undefined,
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => mean(v.map((x, k) => (x - p[i][k]) ** 2))),
        w,
      ),
  ],
  [
    'Hinge',
    { name: 'h' },
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => mean(v.map((x, k) => Math.max(0, 1 - x * p[i][k])))),
        w,
      ),
  ],
  [
    'LogCoshError',
    undefined,
    Y,
    P,
    (y, p, w) =>
      weighted(
        y.map((v, i) => mean(v.map((x, k) => Math.log(Math.cosh(x - p[i][k]))))),
        w,
      ),
  ],
];
for (const [name, args, y, p, want] of CASES)
  test(`${name} ${JSON.stringify(args ?? {})}: over batches, weighted, anew`, () =>
    tf.tidy(() => {
      const metric = new tf.metrics[name](args),
        all = W.map(() => 1),
        take = () => {
          const r = metric.result();
          return r.arraySync();
        };
      assert.equal(metric.name, args?.name ?? metric.name);
      near(metric.of(y, p), want(y, p, all));
      near(metric.of(y, p, W), want(y, p, W), 1e-5, 'weighted ');
      for (const [from, to] of [
        [0, 3],
        [3, 4],
        [4, 7],
      ])
        metric.updateState(y.slice(from, to), p.slice(from, to), W.slice(from, to));
      near(take(), want(y, p, W), 1e-5, 'in batches ');
      metric.resetState();
      near(take(), 0);
      const again = new tf.metrics[name](metric.getConfig());
      near(again.of(y, p), want(y, p, all));
      metric.updateState(y, p);
      metric.dispose();
    }));

test('sums and means of values', () =>
  tf.tidy(() => {
    const total = new tf.metrics.Sum({ name: 'total' }),
      average = new tf.metrics.Mean();
    for (const [values, w] of [
      [[1, 2, 3]],
      [
        [[4], [5]],
        [1, 0.5],
      ],
      [6],
      [tf.tensor([true, false])],
    ])
      (total.updateState(values, w), average.updateState(values, w));
    near(total.result().arraySync(), 6 + 6.5 + 6 + 1);
    near(average.result().arraySync(), 19.5 / (3 + 1.5 + 1 + 2));
    assert.deepEqual([total.name, average.name, total.getClassName()], ['total', 'mean', 'Sum']);
    (total.resetState(), average.resetState());
    assert.equal(average.result().arraySync(), 0);
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    for (const metric of [average, 'mean', 'sum'])
      assert.throws(
        () => model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [metric] }),
        /counts values by themselves/,
      );
    model.dispose();
  }));

owned("the mean of a function of one's own: by itself, and in a model beside the function", async (keep) => {
  const far = (y, p) => y.sub(p).abs().max(-1),
    metric = new tf.metrics.MeanMetricWrapper(far),
    known = new tf.metrics.MeanMetricWrapper(tf.metrics.meanAbsoluteError, 'mine');
  assert.deepEqual([metric.name, known.name, metric.getClassName()], ['far', 'mine', 'MeanMetricWrapper']);
  near(
    metric.of(
      [
        [0, 0],
        [1, 1],
      ],
      [
        [1, 3],
        [1, 2],
      ],
      [1, 3],
    ),
    (3 + 3) / 4,
  );
  near(known.of([[0, 0]], [[1, 3]]), 2);
  const model = keep(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [1] })] })),
    x = keep(tf.tensor([[1], [2], [3]])),
    y = keep(
      tf.tensor([
        [1, 0],
        [0, 1],
        [1, 1],
      ]),
    );
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'mse', metrics: [metric, known, far, 'mae'] });
  const { history } = await model.fit(x, y, { batchSize: 2, verbose: 0, shuffle: false }); // batches of 2 and 1
  near(history.far_0 ?? history.far, history.far_1 ?? history.far);
  near(history.mine, history.mae);
  assert.throws(() => new tf.metrics.MeanMetricWrapper(3), /fn must be a name or a function/);
});

test("every metric of Keras is there by its class's name", () => {
  const names = [
    'Accuracy',
    'BinaryAccuracy',
    'CategoricalAccuracy',
    'SparseCategoricalAccuracy',
    'SparseTopKCategoricalAccuracy',
    'TopKCategoricalAccuracy',
    'AUC',
    'FalseNegatives',
    'FalsePositives',
    'Precision',
    'PrecisionAtRecall',
    'Recall',
    'RecallAtPrecision',
    'SensitivityAtSpecificity',
    'SpecificityAtSensitivity',
    'TrueNegatives',
    'TruePositives',
    'ConcordanceCorrelation',
    'PearsonCorrelation',
    'F1Score',
    'FBetaScore',
    'CategoricalHinge',
    'Hinge',
    'SquaredHinge',
    'BinaryIoU',
    'IoU',
    'MeanIoU',
    'OneHotIoU',
    'OneHotMeanIoU',
    'Metric',
    'BinaryCrossentropy',
    'CategoricalCrossentropy',
    'KLDivergence',
    'Poisson',
    'SparseCategoricalCrossentropy',
    'Mean',
    'MeanMetricWrapper',
    'Sum',
    'CosineSimilarity',
    'LogCoshError',
    'MeanAbsoluteError',
    'MeanAbsolutePercentageError',
    'MeanSquaredError',
    'MeanSquaredLogarithmicError',
    'R2Score',
    'RootMeanSquaredError',
  ];
  assert.deepEqual(
    names.filter((name) => typeof tf.metrics[name] !== 'function'),
    [],
  );
});

test('the losses and metrics of Keras in compile, as Keras spells them', () =>
  tf.tidy(() => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    const compile = (more) => model.compile({ optimizer: model.optimizer ?? 'sgd', ...more });
    for (const loss of [
      'CTC',
      'ctc',
      'BinaryCrossentropy',
      'BinaryFocalCrossentropy',
      'binary_focal_crossentropy',
      'CategoricalFocalCrossentropy',
      'CategoricalHinge',
      'Circle',
      'circle',
      'CosineSimilarity',
      'cosine_similarity',
      'Dice',
      'Hinge',
      'Huber',
      'KLDivergence',
      'kl_divergence',
      'kld',
      'LogCosh',
      'log_cosh',
      'MeanSquaredLogarithmicError',
      'msle',
      'Poisson',
      'SparseCategoricalCrossentropy',
      'SquaredHinge',
      'Tversky',
      'mean_absolute_percentage_error',
    ])
      compile({ loss });
    for (const name of ['OneHotMeanIoU', 'IoU'])
      assert.throws(() => compile({ loss: 'mse', metrics: [name] }), /numClasses must be given|must be given/);
    compile({
      loss: 'mse',
      metrics: [
        'pearson_correlation',
        'ConcordanceCorrelation',
        'cosine_similarity',
        'root_mean_squared_error',
        'r2_score',
        'kl_divergence',
      ],
    });
    model.dispose();
    model.optimizer.dispose();
  }));

owned('cosineSimilarity: the loss falls where the metric rises, as in Keras', async (keep) => {
  const model = keep(tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] })),
    x = keep(
      tf.tensor([
        [1, 2],
        [3, 4],
      ]),
    ),
    y = keep(
      tf.tensor([
        [1, 0],
        [0, 1],
      ]),
    );
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'cosineSimilarity', metrics: ['cosineSimilarity'] });
  const { history } = await model.fit(x, y, { verbose: 0 });
  near(
    history.loss,
    history.cosineSimilarity.map((v) => -v),
  );
});

// ---- masks ----

owned(
  'masked metrics are means over the steps that count, of all batches together; the loss over batches',
  async (keep) => {
    const x = keep(
        tf.tensor([
          [[1], [2], [3]],
          [[4], [0], [0]],
          [[5], [6], [0]],
        ]),
      ),
      y = keep(
        tf.tensor([
          [[0], [0], [0]],
          [[0], [9], [9]],
          [[0], [0], [9]],
        ]),
      );
    const own = (t, p) => t.sub(p).abs().mean(-1),
      model = keep(
        tf.sequential({
          layers: [
            tf.layers.masking({ inputShape: [3, 1] }),
            tf.layers.timeDistributed({
              layer: tf.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }),
            }),
          ],
        }),
      );
    const metric = new tf.metrics.MeanMetricWrapper(own, 'wrapped');
    model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'meanAbsoluteError', metrics: ['mae', own, metric] });
    const { history } = await model.fit(x, y, {
      batchSize: 2,
      verbose: 0,
      shuffle: false,
      epochs: 2,
      validationData: [x, y],
    });
    const steps = mean([1, 2, 3, 4, 5, 6]),
      batches = (2 * mean([1, 2, 3, 4]) + mean([5, 6])) / 3;
    for (const name of ['mae', 'own', 'wrapped']) near(history[name], [steps, steps], 1e-6, name);
    near(history.loss, [batches, batches]);
    near(history.val_mae, [steps, steps]);
    const values = model.evaluate(x, y, { batchSize: 1 }).map(keep);
    near(
      values.map((v) => v.dataSync()[0]),
      [mean([2, 4, 5.5]), steps, steps, steps],
    );
    model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'meanAbsoluteError', metrics: ['mae'], maskLoss: false });
    near(
      (await model.fit(x, y, { batchSize: 2, verbose: 0, shuffle: false })).history.mae,
      mean([1, 2, 3, 4, 9, 9, 5, 6, 9]),
    );
  },
);

owned('a batch in which no step counts weighs nothing', async (keep) => {
  const x = keep(
      tf.tensor([
        [[0], [0]],
        [[2], [0]],
      ]),
    ),
    y = keep(tf.zeros([2, 2, 1]));
  const model = keep(
    tf.sequential({
      layers: [
        tf.layers.masking({ inputShape: [2, 1] }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' }) }),
      ],
    }),
  );
  model.compile({ optimizer: keep(tf.train.sgd(0)), loss: 'mse', metrics: ['mae'] });
  for (let run = 0; run < 3; run++)
    near((await model.fit(x, y, { batchSize: 1, verbose: 0, shuffle: false })).history.mae, 2);
});
