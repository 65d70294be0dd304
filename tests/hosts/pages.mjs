// Pages that take the library each way a program can: import and require, all in one file and with
// files of its own, both at once. Each computes, trains a step and says so in `answer`.
const WAYS = [
  ['import', 'tensorine'],
  ['require', 'tensorine'],
  ['both', 'tensorine'],
  ['import', 'tensorine/multi'],
  ['require', 'tensorine/multi'],
  ['both', 'tensorine/multi'],
];

const HEADS = {
  import: (entry) => `import * as tf from '${entry}';\nimport whole from '${entry}';\nconst other = tf;\n`,
  require: (entry) => `const tf = require('${entry}');\nconst whole = tf.default, other = tf;\n`,
  both: (entry) => `import * as tf from '${entry}';\nimport whole from '${entry}';\nimport other from './other.cjs';\n`,
};

const PROGRAM = `
async function program() {
  await tf.ready();
  tf.setThreads(2);
  const x = tf.tensor2d([[1, 2], [3, 4]]), product = Array.from(await other.matMul(x, x).data());
  const model = whole.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const { history } = await model.fit(x, tf.ones([2, 1]), { epochs: 1 });
  const big = tf.ones([512, 512]);
  for (let i = 0; i < 200 && tf.getThreads() < 2; i++) {
    tf.matMul(big, big).dispose();
    await new Promise((go) => setTimeout(go, 10));
  }
  return { product, trained: Number.isFinite(history.loss[0]), threads: tf.getThreads(), one: other.Tensor === tf.Tensor };
}
program().catch((error) => String(error.stack)).then((answer) => { globalThis.answer = answer; });
`;

export const ANSWER = { product: [7, 10, 15, 22], trained: true, threads: 2, one: true };

/** The cases of a row: its own files, the program, and the files laid beside what was built. */
export function pageCases({ files = {}, laid = {}, begin = '', build, out }) {
  return WAYS.map(([way, entry]) => ({
    name: `${way} ${entry}`,
    command: build,
    out,
    laid,
    embedded: entry === 'tensorine' ? 1 : 0,
    files: {
      ...files,
      'main.js': HEADS[way](entry) + begin + PROGRAM,
      ...(way === 'both' && { 'other.cjs': `module.exports = require('${entry}');\n` }),
    },
  }));
}
