// The library under test, with the few names of the peer's engine that specs ask for around the work.
const tf = globalThis.tf ?? require('../../dist/tensorine.cjs');

module.exports = {
  ...tf,
  backend: () => ({ floatPrecision: () => 32, epsilon: () => 1e-7 }),
  engine: () => ({ startScope: tf.startScope, endScope: tf.endScope, memory: tf.memory }),
};
