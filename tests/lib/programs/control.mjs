// Programs that choose: a pole on a cart by policy gradients, a snake by Q-learning, a curve, tables of houses and throws.
import { fixed, numbers, some, whole } from './common.mjs';

/** Policy gradients: gradients of single steps are kept, discounted, weighted and applied together. */
async function pole(tf, note) {
  const policy = fixed(
    tf,
    tf.sequential({
      layers: [tf.layers.dense({ units: 4, activation: 'elu', inputShape: [4] }), tf.layers.dense({ units: 1 })],
    }),
  );
  const optimizer = tf.train.adam(0.02),
    gradients = {},
    rewards = [];
  for (let game = 0; game < 3; game++) {
    const seen = {};
    for (let step = 0; step < 4; step++) {
      const grads = tf.tidy(() => {
        const state = some(tf, [1, 4], game * 4 + step);
        const f = () =>
          tf.tidy(() => {
            const logits = policy.predict(state),
              left = tf.sigmoid(logits),
              both = tf.concat([left, tf.sub(1, left)], 1);
            (note(`chances ${game} ${step}`, both), tf.multinomial(both, 1, 7, true).dataSync());
            return tf.losses
              .sigmoidCrossEntropy(tf.sub(1, tf.tensor2d([step % 2], [1, 1], 'int32')), logits)
              .asScalar();
          });
        return tf.variableGrads(f);
      });
      for (const [name, g] of Object.entries(grads.grads)) (seen[name] ??= []).push(g);
    }
    for (const [name, list] of Object.entries(seen)) (gradients[name] ??= []).push(list);
    rewards.push(numbers(4, game));
  }
  tf.tidy(() => {
    const discounted = rewards.map((r) => {
      const b = tf.buffer([r.length]);
      let last = 0;
      for (let i = r.length - 1; i >= 0; i--) b.set((last = r[i] + 0.95 * last), i);
      return b.toTensor();
    });
    const all = tf.concat(discounted),
      mean = tf.mean(all),
      std = tf.sqrt(tf.mean(tf.square(all.sub(mean)))),
      normal = discounted.map((r) => r.sub(mean).div(std));
    const scaled = Object.fromEntries(
      Object.entries(gradients).map(([name, games]) => [
        name,
        tf.tidy(() => {
          const parts = games.map((list, g) =>
            tf.stack(list).mul(normal[g].reshape([-1, ...Array(list[0].rank).fill(1)])),
          );
          return tf.mean(tf.concat(parts, 0), 0);
        }),
      ]),
    );
    optimizer.applyGradients(scaled);
  });
  (note('weights', policy.getWeights()), note('steps', optimizer.iterations ?? 1));
}

/** Q-learning: two nets of the same shape, targets by the other, gradients by the weights' list. */
async function snake(tf, note) {
  const make = () => {
    const model = tf.sequential();
    (model.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 1, activation: 'relu', inputShape: [6, 6, 2] })),
      model.add(tf.layers.batchNormalization()));
    (model.add(tf.layers.conv2d({ filters: 5, kernelSize: 3, strides: 1, activation: 'relu' })),
      model.add(tf.layers.flatten()));
    (model.add(tf.layers.dense({ units: 6, activation: 'relu' })),
      model.add(tf.layers.dropout({ rate: 0 })),
      model.add(tf.layers.dense({ units: 3 })));
    return model;
  };
  const online = fixed(tf, make()),
    target = make(),
    optimizer = tf.train.adam(0.01);
  target.setWeights(online.getWeights());
  target.trainable = false;
  for (let step = 0; step < 3; step++) {
    const loss = () =>
      tf.tidy(() => {
        const states = some(tf, [5, 6, 6, 2], step),
          actions = tf.tensor1d(whole(5, 3, step), 'int32'),
          next = some(tf, [5, 6, 6, 2], step + 9);
        const qs = online.apply(states, { training: true }).mul(tf.oneHot(actions, 3)).sum(-1),
          best = target.predict(next).max(-1);
        const going = tf.scalar(1).sub(tf.tensor1d([0, 1, 0, 0, 1]).asType('float32'));
        return tf.losses.meanSquaredError(tf.tensor1d(numbers(5, step)).add(best.mul(going).mul(0.99)), qs);
      });
    const { value, grads } = tf.variableGrads(loss, online.getWeights());
    (note(`loss ${step}`, value),
      note(`names ${step}`, Object.keys(grads).length),
      optimizer.applyGradients(grads),
      tf.dispose(grads));
  }
  (note('weights', online.getWeights()), note('best', online.predict(some(tf, [2, 6, 6, 2])).argMax(-1)));
}

/** A cubic through points: variables, each optimizer, tidy loops. */
async function curve(tf, note) {
  for (const name of ['sgd', 'momentum', 'adagrad', 'adadelta', 'adam', 'adamax', 'rmsprop']) {
    const [a, b, c, d] = numbers(4, 3).map((v) => tf.variable(tf.scalar(v))),
      optimizer = name === 'momentum' ? tf.train.momentum(0.1, 0.9) : tf.train[name](0.1);
    const xs = tf.linspace(-1, 1, 20),
      ys = tf.tidy(() => xs.pow(tf.scalar(3, 'int32')).mul(-0.8).sub(xs.mul(0.2)).add(0.5));
    const predict = (x) =>
      tf.tidy(() =>
        a
          .mul(x.pow(tf.scalar(3, 'int32')))
          .add(b.mul(x.square()))
          .add(c.mul(x))
          .add(d),
      );
    for (let i = 0; i < 12; i++) optimizer.minimize(() => predict(xs).sub(ys).square().mean());
    (note(
      name,
      [a, b, c, d].map((v) => v.dataSync()[0]),
    ),
      note(`${name} curve`, predict(xs)),
      optimizer.dispose());
  }
}

/** Tables: standardised, a baseline, three models, weights on classes and samples. */
async function tables(tf, note) {
  const raw = some(tf, [40, 5]).mul([1, 10, 100, 0.1, 5]).add([0, 3, 50, 1, -5]),
    target = some(tf, [40, 1], 4).mul(20).add(22);
  const { mean, std } = tf.tidy(() => ({ mean: raw.mean(0), std: raw.sub(raw.mean(0)).square().mean(0).sqrt() })),
    x = raw.sub(mean).div(std);
  note('baseline', tf.losses.meanSquaredError(target, tf.fill([40, 1], target.mean().dataSync()[0])));
  const widths = { linear: [], one: [6], two: [6, 6] };
  for (const [name, hidden] of Object.entries(widths)) {
    const model = tf.sequential();
    hidden.forEach((units, i) =>
      model.add(
        tf.layers.dense({
          units,
          activation: 'sigmoid',
          kernelInitializer: 'leCunNormal',
          inputShape: i ? undefined : [5],
        }),
      ),
    );
    model.add(tf.layers.dense({ units: 1, inputShape: hidden.length ? undefined : [5] }));
    model.compile({
      optimizer: tf.train.sgd(0.01),
      loss: 'meanSquaredError',
      metrics: ['mae', tf.metrics.meanAbsolutePercentageError],
    });
    fixed(tf, model);
    const { history } = await model.fit(x, target, { batchSize: 16, epochs: 3, validationSplit: 0.2, shuffle: false });
    const result = model.evaluate(x, target, { batchSize: 10 });
    (note(`${name} history`, history),
      note(
        `${name} evaluate`,
        result.map((t) => t.dataSync()[0]),
      ),
      note(`${name} labels`, model.metricsNames));
  }
  const classifier = fixed(
    tf,
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 8, activation: 'sigmoid', inputShape: [5] }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  );
  classifier.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const hot = tf.oneHot(tf.tensor1d(whole(40, 3), 'int32'), 3),
    weighted = await classifier.fit(x, hot, { epochs: 2, classWeight: { 0: 1, 1: 3, 2: 0.5 }, shuffle: false });
  note('class weights', weighted.history);
  note('confusion', tf.math.confusionMatrix(hot.argMax(-1), classifier.predict(x).argMax(-1), 3));
}

/** Throws in a table: a dataset through map, shuffle with a seed and batches; evaluateDataset. */
async function throws(tf, note) {
  const rows = Array.from({ length: 30 }, (_, i) => ({
    speed: numbers(30, 1)[i],
    spin: numbers(30, 2)[i],
    kind: i % 3,
  }));
  const data = tf.data
    .array(rows)
    .map(({ speed, spin, kind }) => ({ xs: [speed * 2, spin], ys: kind }))
    .shuffle(10, 'seed')
    .batch(7)
    .map(({ xs, ys }) => ({ xs, ys: tf.oneHot(ys.toInt(), 3) }));
  const model = fixed(
    tf,
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 7, activation: 'relu', inputShape: [2] }),
        tf.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  );
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fitDataset(data, { epochs: 3, validationData: data.take(2) });
  note('history', history);
  const [loss, accuracy] = await model.evaluateDataset(data, { batches: 4 });
  (note('evaluate', [loss.dataSync()[0], accuracy.dataSync()[0]]), note('size', data.size));
  const first = (await data.take(1).toArray())[0];
  note('first', [first.xs, first.ys]);
}

export const programs = { pole, snake, curve, tables, throws };
