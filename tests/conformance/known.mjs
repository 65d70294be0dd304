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
  [/^version version is contained$/, 'a version of its own'],
  [/^gather fills with zero when index is out of bound/, 'an index that is nowhere is an error on every device', 'webgl'],
  [/^MomentumOptimizer basic/, 'the momentum is a number here, not one tensor more'],
  [/^RMSPropOptimizer must define learning rate/, 'another wording'],
  [/^tf.buffer string$/, 'a text that was never set is empty'],
  [/^(avgPool gradient .* p=explicit|mirrorPad grad)/, 'the gradient there is not that of the op: ours agrees with finite differences'],
  [/^pool (max|avg) x=\[2,2,3\] f=\[1,1\] s=2 p=1/, 'padding and strides are ignored there for windows of one element'],
  [/^(softmax 2D, dim=0|logSoftmax 2D, axis=0) throws error$/, 'any axis is taken'],
  [/^depthwiseConv2d gradients throws error on dilations > 1$/, 'there is a gradient'],
  [/^gradients errors if relevant ops are missing grads$/, 'through an op without a gradient it is zero'],
  [/^div gradient: (Tensor1D with int32|1d<int32> with 1d<bool> )$/, 'the quotient of whole numbers is rounded down: its gradient is not that of the exact one'],
  [/^(onesLike|zerosLike) \w+ gradient$/, 'the result does not depend on x'],
  [/^conv2dTranspose input=8x8x8,output=4x4x8/, 'the shapes do not fit'],
  [/^ensureShape null shape$/, 'null is not taken for a number'],
  [/^(spaceToBatchND|batchToSpaceND) throws when /, 'another wording'],
  [/^(setdiff1dAsync|booleanMaskAsync) should throw if (x is not|y is not|array and mask)/, 'another wording'],
  [/^whereAsync throws error if condition is not of type bool$/, 'the message names the op that it waits for'],
  [/^addN errors if argument is not an array$/, 'another wording'],
  [/^confusionMatrix Invalid numClasses leads to Error$/, 'another wording'],
  [/^AdagradOptimizer Continue training/, 'states of adagrad are given to adam there'],
  [/^AdamOptimizer Continue training/, 'steps are compared with the number of tensors there'],
  [/^tensor.toString 3D 0 shaped tensor verbose$/, 'nothing is printed as [], whatever its rank'],
  [/^tensor\.data \.data\(\) postpones/, 'counts tensors that specs before it left'],
  [/^variable (variables are not|constructor|assign) .*(tidy|dispose)/, 'counts tensors that specs before it left'],
  [/^http-load JSON model with fetch rejection leads to error$/, 'the message names the address'],
  [/^loadWeights should use request option$/, 'a signal goes with the request'],
  [/^einsum (more than two input tensors throws|2d matrix calculate trace)/, 'any number of tensors, and diagonals, are taken'],
];
