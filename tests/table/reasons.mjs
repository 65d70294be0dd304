// Why an op has no gradient: what the table of ops may leave open. Each list of ops has its reason.
const truths = 'truths come of it, which do not change with small changes of x';
const counts = 'whole numbers come of it: places, classes or counts, which do not change with small changes of x';
const random = 'it draws random numbers, which depend on no tensor';
const constant = 'it takes no tensors: there is nothing to differentiate by';
const words = 'it is about texts';

const lists = [
  [
    truths,
    'logicalNot logicalAnd logicalOr logicalXor equal notEqual greater greaterEqual less lessEqual any all isNaN isInf isFinite inTopK',
  ],
  [
    counts,
    'argMax argMin math.confusionMatrix image.nonMaxSuppression image.nonMaxSuppressionPadded searchSorted lowerBound upperBound nonzero ' +
      'oneHot bitwiseAnd broadcastArgs sparse.sparseReshape image.threshold',
  ],
  [random, 'randomUniform randomUniformInt randomNormal truncatedNormal randomStandardNormal randomGamma'],
  ['events come of it, drawn by chance', 'multinomial'],
  [constant, 'linspace range eye fill zeros ones signal.hannWindow signal.hammingWindow'],
  [words, 'string.stringToHashBucketFast string.stringSplit string.stringNGrams'],
];

/** By path of the op: why it has no gradient. */
export const reasons = Object.fromEntries(
  lists.flatMap(([reason, paths]) => paths.split(' ').map((path) => [path, reason])),
);
