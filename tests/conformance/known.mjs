// What of the peer's specs is left out, and why.

/** Files that test the peer's inner machinery, which is not ours. */
export const inner = [
  [/^(engine|tape|profiler|flags|environment|jasmine_util)_test/, 'its engine, tape, profiler, flags and test runner'],
  [/^(backends\/backend|kernel_registry|device_util|hash_util)_test/, 'its registry of kernels and what they use'],
  [/^backends\/non_max_suppression_util|^ops\/(dropout_util|operation)_test/, 'functions inside its ops'],
  [/^platforms\//, 'its platforms'],
  [/^io\/(progress|router_registry)_test/, 'functions and a class inside its io'],
];

/** Specs by their full names; a third part names the backend that it is true of. */
export const known = [
  [/^gather fills with zero when index is out of bound/, 'an index that is nowhere is an error on every device', 'webgl'],
  [/^MomentumOptimizer basic/, 'the momentum is a number here, not one tensor more'],
  [/^tf.buffer string$/, 'a text that was never set is empty'],
  [/^(avgPool gradient .* p=explicit|mirrorPad grad)/, 'the gradient there is not that of the op: ours agrees with finite differences'],
  [/^pool (max|avg) x=\[2,2,3\] f=\[1,1\] s=2 p=1/, 'padding and strides are ignored there for windows of one element'],
  [/^(softmax 2D, dim=0|logSoftmax 2D, axis=0) throws error$/, 'any axis is taken'],
  [/^depthwiseConv2d gradients throws error on dilations > 1$/, 'there is a gradient'],
  [/^gradients errors if relevant ops are missing grads$/, 'through an op without a gradient it is zero'],
  [/^conv2dTranspose input=8x8x8,output=4x4x8/, 'the shapes do not fit'],
  [/^AdagradOptimizer Continue training/, 'states of adagrad are given to adam there'],
  [/^einsum (more than two input tensors throws|2d matrix calculate trace)/, 'any number of tensors, and diagonals, are taken'],
];
