// What learns: a policy that says how likely it pushes to the right, and a baseline that guesses how long a cart will
// still stand. REINFORCE: what went better than the baseline had guessed is made likelier.

const SCALE = [1 / 2.4, 1 / 2, 1 / 0.21, 1 / 2]; // brings the four numbers of a state to about one
const DISCOUNT = 0.99,
  MOST = 1 / (1 - DISCOUNT); // what a cart that never falls gets

const netOf = (tf, units, seed) =>
  tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [4],
        units,
        activation: 'tanh',
        kernelInitializer: tf.initializers.glorotNormal({ seed }),
      }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.randomNormal({ stddev: 0.01, seed: seed + 1 }) }),
    ],
  });

/** Sums of what is still to come, 1 for each step, `end` standing for what would follow the last. */
export function returnsOf(steps, end) {
  const sums = new Float32Array(steps);
  for (let i = steps - 1, sum = end; i >= 0; i--) sums[i] = sum = 1 + DISCOUNT * sum;
  return sums;
}

/** A policy for states; `seed` makes it the same each time. */
export function makePolicy(tf, { units, rate, seed }) {
  const policy = netOf(tf, units, seed),
    baseline = netOf(tf, units, seed + 2);
  const [forPolicy, forBaseline] = [tf.train.adam(rate), tf.train.adam(rate)];
  const input = (states) =>
    tf.tensor2d(
      Float32Array.from(states.flat(), (v, i) => v * SCALE[i % 4]),
      [states.length, 4],
    );
  const variables = (net) => net.trainableWeights.map((weight) => weight.read());

  async function read(f) {
    const y = tf.tidy(f),
      values = await y.data();
    y.dispose();
    return values;
  }
  /** For each state how likely it pushes to the right. */
  const chances = (states) => read(() => policy.predict(input(states)).sigmoid());

  /** Learns from tries, each {states, pushes, last}: `last` is the state where time ran out, if it did. */
  async function learn(tries) {
    const standing = tries.filter(({ last }) => last);
    const guesses = standing.length ? await read(() => baseline.predict(input(standing.map(({ last }) => last)))) : [];
    let at = 0;
    const ends = tries.map(({ last }) => (last ? guesses[at++] * MOST : 0));
    const returns = tries.flatMap(({ pushes }, i) => Array.from(returnsOf(pushes.length, ends[i]), (r) => r / MOST));
    const pushes = tries.flatMap((one) => one.pushes);
    tf.tidy(() => {
      const x = input(tries.flatMap((one) => one.states)),
        wanted = tf.tensor2d(returns, [returns.length, 1]),
        right = tf.tensor2d(pushes, [pushes.length, 1]);
      const better = wanted.sub(baseline.predict(x, { batchSize: returns.length }));
      const { mean, variance } = tf.moments(better);
      const advantage = better.sub(mean).div(variance.sqrt().add(1e-6));
      // The cross-entropy with the push that was made is minus its log-likelihood.
      const policyLoss = () => {
        const logit = policy.apply(x);
        return logit.softplus().sub(logit.mul(right)).mul(advantage).mean();
      };
      forPolicy.minimize(policyLoss, false, variables(policy));
      for (let i = 0; i < 8; i++)
        forBaseline.minimize(() => baseline.apply(x).sub(wanted).square().mean(), false, variables(baseline));
    });
  }

  return {
    chances,
    learn,
    model: policy,
    dispose() {
      for (const part of [policy, baseline, forPolicy, forBaseline]) part.dispose();
    },
  };
}
