/* Reductions over axes. Each run of neighbouring axes is one pass over x seen as
** [outer, n, inner]; sums, products and extremes of passes are those of the whole. */
#ifndef REDUCE_H
#define REDUCE_H
#include "ops/attrs.h"

/* x reduced by op, pass by pass; y has dtype; axes NULL or empty: all. */
Tensor *reduce(const Op *op, Tensor *x, const Ints *axes, bool keepDims, DType dtype);

#endif
