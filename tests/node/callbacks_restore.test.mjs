// Callbacks that keep training safe and models at their best: backups that a broken-off fit goes on from, running
// means in the weights' place, and numbers to a server.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      },
      at = mkdtempSync(join(tmpdir(), 'tensorine-restore-'));
    try {
      await f(keep, at);
    } finally {
      for (const thing of own) thing?.dispose();
      rmSync(at, { recursive: true });
    }
  });
const values = (model) => model.getWeights().flatMap((w) => [...w.dataSync()]);
const near = (got, want, tolerance = 1e-6) => {
  assert.equal(got.length, want.length);
  want.forEach((w, i) =>
    assert.ok(Math.abs(got[i] - w) <= tolerance * Math.max(1, Math.abs(w)), `[${i}]: ${got[i]} where ${w} should be`),
  );
};
const data = (keep) => [
  keep(
    tf.tensor([
      [1, 2],
      [3, -1],
      [0.5, 1],
      [2, 2],
    ]),
  ),
  keep(tf.tensor([[0], [1], [0], [1]])),
];
const net = (keep, optimizer = tf.train.adam(0.1)) => {
  const model = keep(
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 1, inputShape: [2], kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }) }),
      ],
    }),
  );
  model.compile({ optimizer: keep(optimizer), loss: 'meanSquaredError' });
  return model;
};
const FIT = { epochs: 6, batchSize: 2, verbose: 0, shuffle: false };
/** Ends training as a closed page does, before an epoch is over, or in its midst. */
const breaks = (hook, at) => ({
  [hook]: (n) => {
    if (n === at) throw new Error('closed');
  },
});

for (const [title, to, args, hook, at, epochs] of [
  ['in a file', (path) => `file://${join(path, 'backup')}`, {}, 'onEpochBegin', 3, [3, 4, 5]],
  [
    'with a handler',
    () => {
      let kept = null;
      return {
        save: async (a) => {
          kept = a;
          return {};
        },
        load: async () => {
          if (!kept) throw new Error('none');
          return kept;
        },
      };
    },
    {},
    'onEpochBegin',
    4,
    [4, 5],
  ],
])
  owned(`a fit that was broken off goes on from a backup ${title}`, async (keep, path) => {
    const [x, y] = data(keep),
      whole = net(keep),
      handler = to(path);
    await whole.fit(x, y, FIT);
    await assert.rejects(
      net(keep).fit(x, y, { ...FIT, callbacks: [new tf.BackupAndRestore(handler, args), breaks(hook, at)] }),
      /closed/,
    );
    const again = net(keep),
      seen = [];
    again.setUserDefinedMetadata({ mine: 1 });
    const history = await again.fit(x, y, {
      ...FIT,
      callbacks: [
        new tf.callbacks.BackupAndRestore(handler, args),
        {
          onEpochBegin: (e) => {
            seen.push(e);
          },
        },
      ],
    });
    assert.deepEqual([seen, history.epoch], [epochs, epochs]);
    near(values(again), values(whole));
    assert.deepEqual(
      [again.optimizer.iterations, again.getUserDefinedMetadata()],
      [whole.optimizer.iterations, { mine: 1 }],
    );
    // Training was done: the next one begins anew.
    const next = net(keep);
    assert.deepEqual(
      (await next.fit(x, y, { ...FIT, callbacks: new tf.BackupAndRestore(handler) })).epoch,
      [0, 1, 2, 3, 4, 5],
    );
    near(values(next), values(whole));
  });

owned('backups after batches; kept ones; broken ones', async (keep, path) => {
  const [x, y] = data(keep),
    at = join(path, 'b'),
    backup = (args) => new tf.BackupAndRestore(`file://${at}`, args);
  await assert.rejects(
    net(keep).fit(x, y, { ...FIT, callbacks: [backup({ saveFreq: 1 }), breaks('onBatchEnd', 1)] }),
    /closed/,
  );
  const again = net(keep);
  assert.deepEqual(
    (await again.fit(x, y, { ...FIT, epochs: 2, callbacks: backup({ deleteCheckpoint: false }) })).epoch,
    [0, 1],
  );
  assert.equal(again.optimizer.iterations, 2 + 4); // two batches of the one that broke off
  assert.ok(existsSync(join(at, 'model.json')));
  assert.deepEqual((await net(keep).fit(x, y, { ...FIT, epochs: 3, callbacks: backup() })).epoch, [2]);
  assert.ok(!existsSync(at));
  await assert.rejects(net(keep).fit(x, y, { ...FIT, callbacks: [backup(), breaks('onEpochBegin', 1)] }), /closed/);
  writeFileSync(join(at, 'model.json'), '{');
  await assert.rejects(
    net(keep).fit(x, y, { ...FIT, callbacks: backup() }),
    (e) => e instanceof tf.TensorineError && /Failed to parse model JSON/.test(e.message),
  );
  assert.throws(() => backup({ saveFreq: 0 }), /saveFreq must be 'epoch' or a number of batches/);
});

owned('running means are in place while a model is judged', async (keep) => {
  const [x, y] = data(keep),
    momentum = 0.5,
    model = net(keep, tf.train.sgd(0.05, { useEma: true, emaMomentum: momentum })),
    plain = net(keep, tf.train.sgd(0.05));
  const steps = [values(plain)];
  await plain.fit(x, y, {
    ...FIT,
    epochs: 2,
    callbacks: {
      onBatchEnd: () => {
        steps.push(values(plain));
      },
    },
  });
  const mean = steps.slice(2).reduce((m, w) => m.map((v, i) => momentum * v + (1 - momentum) * w[i]), steps[1]);
  const seen = { begin: [], test: [], end: [] };
  const look = {
    onTestEnd: () => {
      seen.end.push(values(model));
    },
    onEpochBegin: () => {
      seen.begin.push(values(model));
    },
  };
  const history = await model.fit(x, y, {
    ...FIT,
    epochs: 2,
    validationData: [x, y],
    callbacks: [new tf.SwapEMAWeights(), look],
  });
  near(seen.begin[1], steps[2]); // trained on as if they had not been there
  near(values(model), mean);
  const judged = keep(model.evaluate(x, y)).dataSync()[0];
  near([history.history.val_loss[1]], [judged]);
  assert.ok(Math.abs(seen.end[1][0] - mean[0]) > 1e-6);

  const swapped = net(keep, tf.train.sgd(0.05, { useEma: true, emaMomentum: momentum })),
    ends = [],
    begins = [];
  await swapped.fit(x, y, {
    ...FIT,
    epochs: 2,
    callbacks: [
      new tf.SwapEMAWeights({ swapOnEpoch: true }),
      {
        onEpochEnd: () => {
          ends.push(values(swapped));
        },
        onEpochBegin: () => {
          begins.push(values(swapped));
        },
      },
    ],
  });
  near(ends[1], mean);
  near(begins[1], steps[2]);
  near(values(swapped), mean);
  await assert.rejects(plain.fit(x, y, { ...FIT, callbacks: new tf.SwapEMAWeights() }), /keeps no running means/);
});

owned('swapToEval and swapToTrain change places once, and steps go on from the weights', async (keep) => {
  const w = keep(tf.tidy(() => tf.variable(tf.tensor([1, 2])))),
    optimizer = keep(tf.train.sgd(1, { useEma: true, emaMomentum: 0.5 })),
    step = () => tf.tidy(() => optimizer.applyGradients({ [w.name]: tf.tensor([1, 1]) })),
    now = () => [...w.dataSync()];
  (step(), step());
  assert.deepEqual(now(), [-1, 0]);
  (optimizer.swapToEval(), optimizer.swapToEval());
  assert.deepEqual(now(), [-0.5, 0.5]);
  (optimizer.swapToTrain(), optimizer.swapToTrain());
  assert.deepEqual(now(), [-1, 0]);
  (optimizer.swapToEval(), step());
  assert.deepEqual(now(), [-2, -1]);
  (optimizer.swapToEval(), optimizer.finalizeVariableValues());
  assert.deepEqual(now(), [-1.25, -0.25]);
});

owned('numbers of epochs to a server, as a form or as JSON; none that answers is no error', async (keep) => {
  const got = [],
    server = createServer((request, response) => {
      let body = '';
      request
        .on('data', (text) => {
          body += text;
        })
        .on('end', () => {
          got.push([request.method, request.url, request.headers['content-type'], request.headers['x-key'], body]);
          response.end();
        });
    });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const root = `http://127.0.0.1:${server.address().port}`,
    [x, y] = data(keep),
    model = net(keep),
    lines = [],
    { warn } = console;
  try {
    const { history } = await model.fit(x, y, {
      ...FIT,
      epochs: 1,
      callbacks: [
        new tf.RemoteMonitor({ root, headers: { 'x-key': 'k' } }),
        new tf.RemoteMonitor({ root, path: '/j', sendAsJson: true }),
      ],
    });
    const numbers = { epoch: 0, loss: history.loss[0] };
    assert.deepEqual(
      [got[0].slice(0, 4), JSON.parse(new URLSearchParams(got[0][4]).get('data'))],
      [['POST', '/publish/epoch/end/', 'application/x-www-form-urlencoded;charset=UTF-8', 'k'], numbers],
    );
    assert.deepEqual([got[1].slice(0, 3), JSON.parse(got[1][4])], [['POST', '/j', 'application/json'], numbers]);
  } finally {
    (server.closeAllConnections(), server.close());
  }
  console.warn = (text) => {
    lines.push(text);
  };
  try {
    await model.fit(x, y, { ...FIT, epochs: 2, callbacks: new tf.RemoteMonitor({ root: 'http://127.0.0.1:9' }) });
  } finally {
    console.warn = warn;
  }
  assert.ok(
    lines.length === 2 &&
      lines.every((line) => /^RemoteMonitor: http:\/\/127.0.0.1:9\/publish\/epoch\/end\/ cannot be reached/.test(line)),
    String(lines),
  );
});
