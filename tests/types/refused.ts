// What the compiler refuses: each line below the mark is wrong.
import * as tf from 'tensorine';

declare const m: tf.Tensor2D;

// @ts-expect-error a dtype that does not exist
tf.zeros([2], 'float64');
// @ts-expect-error a missing argument
tf.matMul(m);
// @ts-expect-error a padding that does not exist
tf.maxPool(tf.zeros([1, 2, 2, 1]), 2, 1, 'full');
// @ts-expect-error no units
tf.layers.dense({});
// @ts-expect-error a config field that does not exist
tf.layers.dense({ units: 1, neurons: 2 });
// @ts-expect-error an activation that does not exist
tf.layers.dense({ units: 1, activation: 'reluu' });
// @ts-expect-error a text for a number
tf.layers.dense({ units: '1' });
// @ts-expect-error no loss
tf.sequential().compile({ optimizer: 'sgd' });
// @ts-expect-error a field of fit that does not exist
tf.sequential().fit(m, m, { epoch: 2 });
// @ts-expect-error an op that does not exist
tf.matmul(m, m);
// @ts-expect-error a method that does not exist
m.plus(1);
// @ts-expect-error three sizes for a matrix
tf.tensor2d([1, 2], [1, 2, 1]);
// @ts-expect-error elements of a matrix are in rows
export const row: number[] = m.arraySync();
// @ts-expect-error a callback that does not exist
tf.sequential().fit(m, m, { callbacks: { onEpochStop: () => {} } });
// @ts-expect-error tidy takes a function
tf.tidy(m);
// @ts-expect-error what is loaded is a promise
export const model: tf.LayersModel = tf.loadLayersModel('a');
// @ts-expect-error numbers have no map of elements
tf.data.array([1]).map((n) => n.length);
