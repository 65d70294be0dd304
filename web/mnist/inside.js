// The first layer: a picture of each filter's weights, and beside it what it makes of the digit on the pad.
import { make } from '../common/page.js';

const ORANGE = [255, 138, 61],
  BLUE = [76, 158, 255];

/** Draws values, from -most (blue) over 0 (black) to most (orange). */
function signed(canvas, values, width, height, most) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d'),
    image = context.createImageData(width, height);
  values.forEach((value, i) => {
    const part = Math.min(1, Math.abs(value) / (most || 1)),
      color = value < 0 ? BLUE : ORANGE;
    image.data.set([...color.map((c) => c * part), 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}

const largest = (values) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Weights with the filter as their last axis, as a list of lists. */
const byFilter = (data, count) => Array.from({ length: count }, (_, k) => data.filter((_, i) => i % count === k));

/** `list` is filled with an item for each filter; the functions show a model's weights and what they find. */
export function makeInside(tf, list) {
  let model = null,
    first = null, // the model up to the first layer
    items = [];

  function rows(count, flat) {
    items = Array.from({ length: count }, (_, i) => {
      const filter = make('canvas', { role: 'img', ariaLabel: `Filter ${i + 1}` }),
        found = flat
          ? make('div', { className: 'meter' })
          : make('canvas', { role: 'img', ariaLabel: `What filter ${i + 1} finds` });
      return { filter, found };
    });
    list.replaceChildren(...items.map(({ filter, found }) => make('li', {}, filter, found)));
  }

  async function showFilters() {
    const layer = model.getLayer('filters'),
      [kernel] = layer.getWeights(),
      count = kernel.shape.at(-1);
    const flat = kernel.shape.length === 2,
      side = flat ? Math.round(Math.sqrt(kernel.shape[0])) : kernel.shape[0];
    if (items.length !== count) rows(count, flat);
    const data = await kernel.data();
    byFilter(data, count).forEach((values, i) => signed(items[i].filter, values, side, side, largest(values)));
  }

  return {
    /** Shows another model's filters, or the same model's after training. */
    async show(of) {
      if (of !== model) {
        model = of;
        items = [];
        first = tf.model({ inputs: of.inputs, outputs: of.getLayer('filters').output });
      }
      await showFilters();
    },
    /** Shows what the filters find in a digit, x [1, side, side, 1]; null clears. */
    async look(x) {
      if (!first) return;
      const result = x ? tf.tidy(() => first.predict(x)) : null;
      const data = result ? await result.data() : new Float32Array(items.length);
      const [, height = 1, width = 1] = result?.shape.length === 4 ? result.shape : [];
      result?.dispose();
      const most = largest(data);
      byFilter(data, items.length).forEach((values, i) => {
        const { found } = items[i];
        if (found instanceof HTMLCanvasElement) signed(found, values, width, height, most);
        else found.style.setProperty('--part', most ? values[0] / most : 0);
      });
    },
  };
}
