// What TypeScript knows of the rank of an op's result: that of an argument, what a shape says, what
// the manual line shows, or nothing, and then the program may say it.

/** Arguments whose rank the result has in most programs, though the manual line does not say "as x"; and
 * ops whose result has another rank than its "as x", which speaks of the dtype. */
const LIKE = {
  batchToSpaceND: 'x',
  cast: 'x',
  complex: 'real',
  concat: 'tensors',
  gather: 'x',
  spaceToBatchND: 'x',
  split: 'x',
  topk: 'x',
  where: 'a',
  'image.resizeBilinear': 'images',
  cumprod: null,
  cumsum: null,
  gatherND: null,
  max: null,
  min: null,
  stridedSlice: null,
  unstack: null,
  'sparse.sparseSegmentMean': null,
  'sparse.sparseSegmentSum': null,
};
const FIXED = { eye: 2, range: 1 };
const DENSE = 6;

/** The argument that the first result is like, if there is one. */
export function likeness(op) {
  if (op.path in LIKE) return op.params.find((p) => p.name === LIKE[op.path]);
  if (/^a number, or/.test(op.results[0].doc)) return undefined; // losses
  const said = /(?<!dtype )\bas (\w+)/.exec(op.results[0].doc);
  const tensors = op.params.filter((p) => ['tensor', 'list'].includes(p.kind));
  if (said) return tensors.find((p) => p.name === said[1]) ?? (said[1] === 'each' ? tensors[0] : undefined);
  const either = /\] or (one \w+ )?\[/.test(tensors[0]?.doc ?? '');
  return either && /\[n, |of outputShape/.test(op.results[0].doc) && op.path !== 'multinomial' ? tensors[0] : undefined;
}

/** The parameter that is the shape of the result. */
export const shapeOf = (op) =>
  op.params.find((p) => p.kind === 'ints' && /^(output)?[sS]hape$/.test(p.name) && p.default === undefined);

/** The type of a result by its manual line: [n, 4] is a matrix. */
export function shown(op, doc) {
  const sizes = /^(?:\w+ )?\[([^[\].]+)\](?! or|, \[)/.exec(doc);
  const rank = FIXED[op.path] ?? (sizes ? sizes[1].split(',').length : 0);
  return rank && rank <= DENSE ? `Tensor${rank}D` : 'Tensor';
}
