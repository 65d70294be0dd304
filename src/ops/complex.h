/* Arithmetic on complex64, which the rows of real arithmetic hand over. */
#ifndef COMPLEX_H
#define COMPLEX_H
#include "tensor/op.h"

/* The op of this name on complex64 tensors, made of ops on real ones, or an error if there is
** none. */
Tensor *complex_unary(const char *op, Tensor *x);
Tensor *complex_binary(const char *op, Tensor *a, Tensor *b);
/* sum over axes, and matMul. */
Tensor *complex_sum(Tensor *x, const Ints *axis, bool keepDims);
Tensor *complex_matMul(Tensor *a, Tensor *b, bool transposeA, bool transposeB);
#endif
