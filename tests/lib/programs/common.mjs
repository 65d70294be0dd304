// What the programs share: numbers that look random and are the same in each run and library.

export const numbers = (n, seed = 0) => Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233 + 1));
const product = (shape) => shape.reduce((a, b) => a * b, 1);

/** A tensor of such numbers. */
export const some = (tf, shape, seed = 0, scale = 1) =>
  tf.tensor(
    numbers(product(shape), seed).map((v) => v * scale),
    shape,
  );

/** Whole numbers below a limit. */
export const whole = (n, below, seed = 0) => numbers(n, seed).map((v) => Math.floor((v + 1) * 0.4999 * below));

/** Gives a model or a layer weights that do not come by chance, layer by layer: the order of all of them is with
 * TensorFlow.js that of the trainable ones first, so it changes when layers are frozen. */
export function fixed(tf, model, scale = 0.4) {
  let seed = 0;
  for (const layer of model.layers ?? [model])
    layer.setWeights(
      layer.weights.map((w) => {
        const values = numbers(product(w.shape), seed++);
        return tf.tensor(
          values.map((v) => (/variance/.test(w.name) ? 1 + 0.3 * v : scale * v)),
          w.shape,
        );
      }),
    );
  return model;
}
