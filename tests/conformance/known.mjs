// What of the peer's specs is left out, and why.

/** Files that test the peer's inner machinery, which is not ours. */
export const inner = [
  [/^(tape|profiler|jasmine_util)_test/, 'its tape, the class behind its tf.profile, and its test runner'],
  [/^(backends\/backend|hash_util)_test/, 'constants and functions that its backends use'],
  [/^backends\/non_max_suppression_util|^ops\/dropout_util/, 'functions inside its ops'],
  [/^platforms\//, 'its platforms'],
  [/^io\/(progress|router_registry)_test/, 'a function and a class inside its io'],
];

/** Specs of the same kind in files of others, by file and full name: they are not run. */
export const innerSpecs = [
  [
    /^engine_test.js (Backend registration|Switching cpu backends|Detects memory leaks|Memory allocation outside)/,
    'its registry of backends',
  ],
  [/^engine_test.js memory makeTensorFromDataId/, 'its engine'],
  [/^kernel_registry_test.js gradient registry/, 'its registry of gradients'],
];

/** Specs by their full names; a third part names the backend that it is true of. That what is here is
 * right, tests/node/differs.test.mjs shows. */
export const known = [
  [
    /^gather fills with zero when index is out of bound/,
    'an index that is nowhere is an error on every device',
    'webgl',
  ],
  [
    /^tan numbers exceed float32 precision/,
    "from 1e5 on sin, cos and tan are the device's own, which reduce in float32 (docs/NUMBERS.md)",
    'webgl',
  ],
  [
    /^(avgPool gradient .* p=explicit|mirrorPad grad)/,
    'the gradient there is not that of the op: ours agrees with finite differences',
  ],
  [/^(softmax 2D, dim=0|logSoftmax 2D, axis=0) throws error$/, 'the peer refuses: here any axis is taken'],
  [/^depthwiseConv2d gradients throws error on dilations > 1$/, 'the peer refuses: here there is a gradient'],
  [
    /^einsum (more than two input tensors throws|2d matrix calculate trace)/,
    'the peer refuses: here any number of tensors, and diagonals, are taken',
  ],
  [
    /^gradients errors if relevant ops are missing grads$/,
    'its registry of gradients: through an op without one the gradient is zero here',
  ],
  [/^MomentumOptimizer basic/, 'its bookkeeping: the momentum is a number here, not one tensor more to count'],
  [
    /^ensureShape null shape$/,
    'it makes a tensor of [1, null]: among numbers null is refused here, NaN is one that is missing',
  ],
  [/^memory unreliable is true for string tensors$/, 'its bookkeeping: texts are counted exactly here'],
];
