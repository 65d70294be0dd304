// Functions of the program that the core calls, and calls of the core by them: depth, exceptions that cut
// calls off, and what the functions give back. After each the engine computes, and no tensor is left.
import test from 'node:test';
import assert from 'node:assert';
import { createRequire } from 'node:module';

const tf = createRequire(import.meta.url)('../../dist/tensorine.cjs');

/** f throws an error that fits, nothing is left of it, and the engine goes on. */
function refuses(f, want) {
  const before = tf.memory().numTensors;
  assert.throws(() => tf.tidy(f), want);
  assert.equal(tf.memory().numTensors, before, 'tensors are left');
  const sum = tf.tidy(
    () =>
      tf
        .matMul(tf.ones([32, 32]), tf.ones([32, 32]))
        .sum()
        .dataSync()[0],
  );
  assert.equal(sum, 32 ** 3);
}

const deep = (error) => error instanceof tf.TensorineError && error.code === 'value' && /deep|full/.test(error.message);

class Own extends tf.layers.Layer {
  static className = 'BorderOwn';
  constructor(inside, f = (x) => inside.apply(x)) {
    super({});
    this.inside = inside;
    this.f = f;
  }
  call(x) {
    return this.f(Array.isArray(x) ? x[0] : x);
  }
}

test('a layer that applies itself', () => {
  const layer = new Own(null, (x) => layer.apply(x));
  for (let i = 0; i < 50; i++) refuses(() => layer.apply(tf.ones([2])), deep);
});

test('a model that predicts itself', () => {
  // eslint-disable-next-line prefer-const -- the layer needs it before it is there
  let model;
  const asks = new Own(null, (x) => (model ? model.predict(x) : x));
  const made = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] }), asks] });
  model = made;
  for (let i = 0; i < 10; i++) refuses(() => made.predict(tf.ones([1, 2])), deep);
  made.dispose();
});

test('layers in layers: 60 are computed, 600 refused', () => {
  const nest = (n, inner) => (n ? nest(n - 1, new Own(inner)) : inner);
  const dense = tf.layers.dense({ units: 1, kernelInitializer: 'ones' });
  assert.deepEqual(
    tf.tidy(() =>
      nest(60, dense)
        .apply(tf.ones([1, 2]))
        .arraySync(),
    ),
    [[2]],
  );
  refuses(() => nest(600, dense).apply(tf.ones([1, 2])), deep);
  dense.dispose();
});

test('gradients and losses that ask for themselves', () => {
  const g = (x) => tf.grad(g)(x),
    own = tf.customGrad((x) => ({ value: x.square(), gradFunc: () => tf.grad(own)(x) }));
  refuses(() => g(tf.scalar(2)), { name: 'TensorineError' });
  refuses(() => tf.grad(own)(tf.scalar(2)), { name: 'TensorineError' });
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const loss = (y, p) => (model.evaluate(y, p), p.sub(y).square());
  model.compile({ optimizer: 'sgd', loss });
  refuses(() => model.evaluate(tf.ones([1, 1]), tf.ones([1, 1])), { name: 'TensorineError' });
  model.dispose();
});

test("recursion of the program's own, which cuts calls off anywhere", () => {
  const f = (x) => f(x.add(1));
  const before = tf.memory().numTensors;
  for (let i = 0; i < 200; i++) assert.throws(() => tf.tidy(() => f(tf.scalar(1))), RangeError);
  assert.equal(tf.memory().numTensors, before);
  tf.tidy(() =>
    assert.equal(
      tf
        .grad((x) => x.square().sum())(tf.tensor1d([1, 2, 3]))
        .dataSync()[2],
      6,
    ),
  );
  const kept = tf.tidy(() => {
    const outer = tf.scalar(7);
    try {
      f(outer);
    } catch {}
    return outer.add(1); // the scope is still there
  });
  assert.equal(kept.dataSync()[0], 8);
  kept.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('recursion that cuts off reading and writing of topologies', async () => {
  class Plain extends tf.layers.Layer {
    static className = 'BorderPlain';
    call(x) {
      return Array.isArray(x) ? x[0] : x;
    }
  }
  tf.serialization.registerClass(Plain);
  const x = tf.input({ shape: [2] }),
    shared = tf.layers.dense({ units: 2, name: 'shared' });
  const inner = tf.sequential({
    name: 'inner',
    layers: [tf.layers.inputLayer({ inputShape: [2], name: 'i' }), shared, new Plain({ name: 'p' })],
  });
  const model = tf.model({ inputs: x, outputs: shared.apply(inner.apply(x)) });
  const topology = model.toJSON(null, false),
    text = JSON.stringify(topology);
  assert.match(text, /shared_object_id/);
  /** Goes as deep as it gets, and calls f on the way back. */
  const deep = (f) => {
    let left = 300,
      failures = 0;
    const go = () => {
      try {
        go();
      } catch {
        if (left-- > 0)
          try {
            f();
          } catch {
            failures++;
          }
        throw new Error('back');
      }
    };
    try {
      go();
    } catch {}
    return failures;
  };
  assert.ok(deep(() => model.toJSON(null, false)) > 0);
  assert.equal(JSON.stringify(model.toJSON(null, false)), text);
  assert.ok(deep(() => tf.Sequential.fromConfig(tf.Sequential, inner.getConfig())) > 0);
  for (let i = 0; i < 2; i++) {
    const [a, b] = await Promise.all([tf.models.modelFromJSON(topology), tf.models.modelFromJSON(topology)]);
    assert.notEqual(a.getLayer('shared'), b.getLayer('shared')); // of its own topology
    assert.equal(JSON.stringify(a.toJSON(null, false)), text);
    for (const copy of [a, b]) copy.dispose();
  }
  model.dispose();
});

test('numbers are no handles', () => {
  const typed = { name: 'TensorineError' };
  for (const n of [5, 65536, 2147483647, -1, NaN]) {
    for (const make of [
      () => tf.sequential(n),
      () => tf.model(n),
      () => tf.model([n, n]),
      () => tf.model({ inputs: n, outputs: n }),
      () => new tf.Tensor(n),
      () => new tf.Variable(n),
      () => new tf.LayerVariable(n),
      () => new tf.SymbolicTensor(n),
      () => new tf.LayersModel(n),
      () => new tf.Sequential(n),
      () => new tf.RNN(n),
    ])
      refuses(make, typed);
    assert.deepEqual(
      tf.tidy(() => new Own(n, (x) => x.add(1)).apply(tf.ones([2])).arraySync()),
      [2, 2],
    );
    class Mine extends tf.layers.Layer {
      static className = 'BorderMine';
      constructor(units) {
        super(units);
      }
      call(x) {
        return x;
      }
    }
    assert.match(new Mine(n).name, /border_mine/);
  }
});

test('custom gradients: shape, dtype, count, no return', () => {
  const by = (gradFunc) => () => tf.grad(tf.customGrad((x) => ({ value: x.square(), gradFunc })))(tf.scalar(3));
  const typed = (message) => (error) =>
    error instanceof tf.TensorineError && error.code === 'gradient' && message.test(error.message);
  refuses(
    by(() => tf.ones([7])),
    typed(/shape \[7\].*\[\]/),
  );
  refuses(
    by(() => tf.ones([1])),
    typed(/shape \[1\]/),
  );
  refuses(
    by(() => tf.scalar(1, 'int32')),
    typed(/'float32' dtype, but has 'int32'/),
  );
  refuses(
    by(() => {}),
    typed(/undefined: is there a return/),
  );
  refuses(
    by(() => 5),
    typed(/number/),
  );
  refuses(
    by(() => null),
    typed(/null/),
  );
  refuses(
    by(async () => 1),
    typed(/async/),
  );
  refuses(
    by(() => [tf.scalar(1), tf.scalar(2)]),
    typed(/2 gradients for 1/),
  );
  assert.equal(
    tf.tidy(
      () =>
        tf
          .grad(tf.customGrad((x) => ({ value: x.square(), gradFunc: (dy) => dy.mul(5) })))(tf.scalar(3))
          .dataSync()[0],
    ),
    5,
  );
  refuses(
    () =>
      tf.grads((a, b) => {
        a.mul(b);
      })([tf.scalar(1), tf.scalar(2)]),
    typed(/must be a tensor/),
  );
});

test('what functions of the program give is looked at', () => {
  const typed = (message) => (error) => error instanceof tf.TensorineError && message.test(error.message);
  for (const junk of [undefined, null, 5, 'x', {}, [undefined], Promise.resolve(1)]) {
    refuses(() => new Own(null, () => junk).apply(tf.ones([2])), typed(/call must give a tensor/));
    refuses(() => tf.grad(() => junk)(tf.scalar(1)), typed(/tensor/));
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: () => junk });
    refuses(
      () => model.evaluate(tf.ones([1, 1]), tf.ones([1, 1])),
      typed(/loss or metric function.* must give a tensor/),
    );
    model.dispose();
    class Shapes extends Own {
      static className = 'BorderShapes';
      computeOutputShape() {
        return junk;
      }
    }
    if (!Array.isArray(junk))
      refuses(
        () => new Shapes(null, (x) => x).apply(tf.input({ shape: [2] })),
        typed(/computeOutputShape must give a shape/),
      );
    class Weight extends Own {
      static className = 'BorderWeight';
      build() {
        this.w = this.addWeight('w', [2], 'float32', { apply: () => junk });
      }
    }
    refuses(
      () => {
        const l = new Weight(null, (x) => x);
        try {
          l.apply(tf.ones([2]));
        } finally {
          try {
            l.dispose();
          } catch {}
        }
      },
      typed(/initializer of w must give a tensor/),
    );
  }
  const v = tf.variable(tf.scalar(1), true, 'border_v');
  refuses(
    () => tf.train.sgd(1).applyGradients({ border_v: 5 }),
    typed(/'border_v' must give a tensor|gradient of 'border_v'/),
  );
  v.dispose();
});
