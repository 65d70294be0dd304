// Vue 3 around models and tensors. The peer's do not work behind Vue's proxies: they are marked as raw for it.
import * as tf from '@tensorflow/tfjs';
import {
  createApp,
  createSSRApp,
  h,
  markRaw,
  nextTick,
  onMounted,
  onUnmounted,
  reactive,
  ref,
  shallowRef,
  watch,
} from 'vue';

const ours = 'tensorine' in tf.version,
  held = (value) => reactive(ours ? { value } : { value: markRaw(value) }).value;

function modelOf() {
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 3, inputShape: [2], activation: 'tanh' }), tf.layers.dense({ units: 1 })],
  });
  tf.tidy(() =>
    model.setWeights(
      model.getWeights().map((w) =>
        tf.tensor(
          Float32Array.from({ length: w.size }, (_, i) => Math.sin(i + 1)),
          w.shape,
        ),
      ),
    ),
  );
  model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

/** A model and tensors in a component's state: trained, saved, loaded and disposed there. */
const Trainer = {
  props: ['report'],
  setup({ report }) {
    const state = reactive({ model: ours ? modelOf() : markRaw(modelOf()), losses: [] }),
      x = held(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [0, 1],
        ]),
      ),
      y = ref(null);
    y.value = ours ? tf.tensor2d([[1], [0], [1]]) : markRaw(tf.tensor2d([[1], [0], [1]]));
    const watched = [];
    watch(
      () => state.losses.length,
      (n) => watched.push(n),
      { flush: 'sync' },
    );
    async function train() {
      const { history } = await state.model.fit(x, y.value, {
        epochs: 4,
        shuffle: false,
        callbacks: {
          onEpochEnd: (_, { loss }) => {
            state.losses.push(loss);
          },
        },
      });
      let kept;
      await state.model.save(
        tf.io.withSaveHandler(async (artifacts) => {
          kept = artifacts;
          return { modelArtifactsInfo: { dateSaved: new Date() } };
        }),
      );
      const loaded = held(await tf.loadLayersModel(tf.io.fromMemory(kept))),
        result = held(tf.tidy(() => loaded.predict(x).add(state.model.predict(x))));
      const found = {
        history: history.mae,
        losses: [...state.losses],
        watched,
        result: Array.from(await result.data()),
        sum: tf.tidy(() => x.add(y.value).sum().dataSync()[0]),
      };
      tf.dispose([result, x, y.value]);
      loaded.dispose();
      state.model.dispose();
      state.model.optimizer?.dispose();
      return found;
    }
    if (typeof document === 'undefined') report(train());
    else {
      onMounted(() => report(train()));
      onUnmounted(() => watched.push('gone'));
    }
    return () => h('p', state.losses.map((loss) => loss.toFixed(3)).join(' '));
  },
};

export async function component() {
  const before = tf.memory().numTensors,
    shown = shallowRef('');
  let found;
  if (typeof document === 'undefined') {
    const { renderToString } = await import('vue/server-renderer');
    await renderToString(
      createSSRApp(Trainer, {
        report: (promise) => {
          found = promise;
        },
      }),
    );
    found = await found;
  } else {
    const place = document.createElement('div');
    document.body.append(place);
    let app;
    found = await new Promise((done, failed) => {
      app = createApp(Trainer, { report: (promise) => promise.then(done, failed) });
      app.mount(place);
    });
    await nextTick();
    shown.value = place.textContent;
    app.unmount();
  }
  return { ...found, shown: shown.value, left: ours ? tf.memory().numTensors - before : 0 };
}
