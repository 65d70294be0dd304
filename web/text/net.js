// The net that reads a text letter by letter: an embedding, an LSTM, and how likely each letter comes next. One set of
// weights in two models: one reads stretches of text and learns, the other takes a letter and a memory and writes.

/** The letters of a text, the commonest first, at most `most`; how the text is told in them, and their entropy in nats. */
export function alphabetOf(text, most = 96) {
  const counts = new Map();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const letters = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a)).slice(0, most);
  const index = new Map(letters.map((letter, i) => [letter, i]));
  const codes = (text) => Array.from(text, (letter) => index.get(letter)).filter((code) => code !== undefined);
  const all = codes(text);
  const entropy = letters.reduce((sum, letter) => {
    const part = counts.get(letter) / all.length;
    return sum - part * Math.log(part);
  }, 0);
  return { letters, codes, all: Int32Array.from(all), entropy };
}

/** Both models; `seed` makes their first weights the same each time. */
export function makeNet(tf, { letters, units, rate, seed }) {
  const random = (i) => tf.initializers.glorotUniform({ seed: seed + i });
  const embedding = tf.layers.embedding({
    inputDim: letters,
    outputDim: 24,
    embeddingsInitializer: tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed }),
  });
  const lstm = tf.layers.lstm({
    units,
    returnSequences: true,
    returnState: true,
    kernelInitializer: random(1),
    recurrentInitializer: random(2),
  });
  const answer = tf.layers.dense({ units: letters, activation: 'softmax', kernelInitializer: random(3) });

  const stretch = tf.input({ shape: [null] });
  const reader = tf.model({ inputs: stretch, outputs: answer.apply(lstm.apply(embedding.apply(stretch))[0]) });
  let optimizer = null;
  const compile = (rate) => {
    optimizer?.dispose();
    optimizer = tf.train.adam(rate);
    reader.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  };
  compile(rate);

  const letter = tf.input({ shape: [1] }),
    memory = [tf.input({ shape: [units] }), tf.input({ shape: [units] })];
  const [said, ...after] = lstm.apply(embedding.apply(letter), { initialState: memory });
  const writer = tf.model({ inputs: [letter, ...memory], outputs: [answer.apply(said), ...after] });
  let state = null; // the two parts of the memory, [1, units]

  const forget = () => {
    tf.dispose(state);
    state = [tf.zeros([1, units]), tf.zeros([1, units])];
  };
  forget();

  /** Reads one letter: for each letter how likely it comes next. */
  async function read(code) {
    const [chances, ...next] = tf.tidy(() => writer.predict([tf.tensor2d([code], [1, 1], 'float32'), ...state]));
    tf.dispose(state);
    state = next;
    const values = await chances.data();
    chances.dispose();
    return values;
  }

  /** {x, y} of stretches that begin at `starts`: y is x one letter on. */
  function stretches(codes, starts, length) {
    const shape = [starts.length, length],
      from = (shift) => starts.flatMap((start) => Array.from(codes.subarray(start + shift, start + shift + length)));
    return { x: tf.tensor2d(from(0), shape), y: tf.tensor3d(from(1), [...shape, 1]) };
  }
  const over = async (codes, starts, length, f) => {
    const { x, y } = stretches(codes, starts, length);
    const result = await f(x, y);
    tf.dispose([x, y]);
    return result;
  };

  return {
    compile,
    forget,
    read,
    memory: () => state[0].data(),
    learn: (codes, starts, length) => over(codes, starts, length, (x, y) => reader.trainOnBatch(x, y)),
    /** The loss over stretches that are not learned from. */
    async test(codes, starts, length) {
      return over(codes, starts, length, async (x, y) => {
        const loss = reader.evaluate(x, y, { batchSize: starts.length }),
          [value] = await loss.data();
        loss.dispose();
        return value;
      });
    },
    dispose() {
      tf.dispose(state);
      writer.dispose();
      reader.dispose();
      optimizer.dispose();
    },
  };
}
