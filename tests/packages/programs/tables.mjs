// Machine learning without networks, and tables.
import * as tf from '@tensorflow/tfjs';
import * as dfd from 'danfojs';
import * as sk from 'scikitjs';

const X = [
    [1, 2],
    [2, 1.5],
    [3, 0.5],
    [4, 4],
    [5, 3],
    [6, 7],
  ],
  kinds = [0, 0, 0, 1, 1, 1],
  amounts = [3, 5.5, 8, 4, 7.5, 5];
const plain = (v) => (v?.arraySync ? v.arraySync() : v);

export async function classical() {
  sk.setBackend(tf);
  const knn = new sk.KNeighborsClassifier({ nNeighbors: 3 }),
    tree = new sk.DecisionTreeClassifier(),
    bayes = new sk.GaussianNB();
  await knn.fit(X, kinds);
  tree.fit(X, kinds);
  await bayes.fit(X, kinds);
  const means = new sk.KMeans({ nClusters: 2, randomState: 1 }),
    line = new sk.LinearRegression({ fitIntercept: true });
  means.fit(X);
  await line.fit(X, amounts);
  return [
    new sk.StandardScaler().fitTransform(X),
    new sk.MinMaxScaler().fitTransform(X),
    new sk.Normalizer().fitTransform(X),
    knn.predict(X),
    tree.predict(X),
    bayes.predict(X),
    means.predict(X),
    new sk.OneHotEncoder().fitTransform([['a'], ['b'], ['a']]),
    new sk.RobustScaler().fitTransform(X),
    new sk.SimpleImputer({ strategy: 'mean' }).fitTransform([
      [1, NaN],
      [3, 4],
    ]),
    new sk.OrdinalEncoder().fitTransform([['a'], ['b'], ['a']]),
    sk.metrics.r2Score([1, 2, 3], [1, 2, 4]),
    sk.metrics.accuracyScore(kinds, [0, 1, 0, 1, 1, 1]),
    // trained until it is near enough: only so many digits are meant
    tf.tidy(() => plain(line.predict(X))).map((v) => Math.round(v)),
  ].map(plain);
}

/** What a copy of danfojs makes of a table. */
export async function tables(danfo) {
  const df = new danfo.DataFrame({ a: [1, 2, 3, 4], b: [2.5, 0.5, 1, 7], c: ['x', 'y', 'x', 'y'] }),
    two = df.loc({ columns: ['a', 'b'] });
  const scaled = (scaler) => {
    scaler.fit(two);
    return scaler.transform(two).values;
  };
  return [
    two.mean().values,
    two.std().values,
    two.tensor.arraySync(),
    scaled(new danfo.StandardScaler()),
    scaled(new danfo.MinMaxScaler()),
    df.groupby(['c']).col(['a', 'b']).mean().values,
    two.add(1).values,
    two.mul(two).values,
    new danfo.Series([1, 2, 3]).tensor.arraySync(),
    (await two.sample(2, { seed: 3 })).shape,
    two.diff(1).values,
    new danfo.OneHotEncoder().fit(df.c.values).transform(df.c.values),
  ].map(plain);
}
export const frames = () => tables(dfd);
