// Indices outside of a tensor, for every op that takes indices: refused, and nothing is touched. The
// same code runs in Node and in pages, on the device that is chosen.

const OUTSIDE = [-1, 3, 4, 65536, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];

/** Calls with one index that is wrong: of three rows of two in x, and three texts in words. */
const calls = (tf, { x, words, updates }, bad) => {
  const at = (...values) => tf.tensor(values, [values.length], 'int32'),
    rows = (...values) => at(...values).reshape([-1, 1]);
  return {
    gather: () => tf.gather(x, at(0, bad)),
    'gather of texts': () => tf.gather(words, at(0, bad)),
    'gather along the last axis': () => tf.gather(x, at(1, bad), 1),
    gatherND: () => tf.gatherND(x, rows(1, bad)),
    'gatherND of elements': () => tf.gatherND(x, tf.stack([at(bad, 1), at(1, 1)])),
    'gatherND of texts': () => tf.gatherND(words, rows(bad)),
    scatterND: () => tf.scatterND(rows(bad, 1), updates, [3, 2]),
    'scatterND of elements': () => tf.scatterND(tf.stack([at(0, 0), at(2, bad)]), tf.tensor([1, 2]), [3, 2]),
    tensorScatterUpdate: () => tf.tensorScatterUpdate(x, rows(2, bad), updates),
    sparseToDense: () => tf.sparseToDense(at(0, bad), tf.tensor([5, 6]), [3], 0),
    unsortedSegmentSum: () => bad >= 0 && tf.unsortedSegmentSum(updates, at(0, bad), 3), // one below 0 is left out
    'image.cropAndResize': () => tf.image.cropAndResize(x.reshape([3, 2, 1, 1]), [[0, 0, 1, 1]], at(bad), [1, 1]),
    'sparse.sparseSegmentSum': () => tf.sparse.sparseSegmentSum(x, at(0, bad), at(0, 0)),
  };
};

/** Throws unless each call is refused and all tensors are as they were; the number of calls refused. */
export function checkOutside(tf) {
  const before = tf.memory().numTensors;
  const given = tf.tidy(() => ({
    // computed, so that they are where the device has them
    x: tf.add(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      0,
    ),
    updates: tf.mul(
      [
        [7, 8],
        [9, 10],
      ],
      1,
    ),
    words: tf.tensor(['a', 'b', 'c']),
  }));
  const values = () => JSON.stringify(Object.values(given).map((t) => t.arraySync()));
  const expected = '[[[1,2],[3,4],[5,6]],[[7,8],[9,10]],["a","b","c"]]';
  let refused = 0;
  for (const bad of OUTSIDE)
    for (const [name, call] of Object.entries(calls(tf, given, bad)))
      tf.tidy(() => {
        let error = null;
        try {
          if (call() === false) return;
        } catch (thrown) {
          error = thrown;
        }
        if (error?.code !== 'index')
          throw new Error(`${name}, ${bad}: ${error ? `${error.code} (${error.message})` : 'not refused'}`);
        if (values() !== expected) throw new Error(`${name}, ${bad}: tensors are now ${values()}`);
        refused++;
      });
  const right = tf.tidy(() =>
    JSON.stringify([tf.gatherND(given.x, [[2, 0]]), tf.scatterND([[1]], [[7, 8]], [3, 2])].map((t) => t.arraySync())),
  );
  if (right !== '[[5],[[0,0],[7,8],[0,0]]]') throw new Error(`afterwards: ${right}`);
  tf.dispose(Object.values(given));
  if (tf.memory().numTensors !== before) throw new Error('tensors are left behind');
  return refused;
}
