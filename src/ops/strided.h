/* Results that are walks over x with a stride per axis: slices, transposes, reversals. One kernel,
** and the one that puts elements back where a walk took them. */
#ifndef STRIDED_H
#define STRIDED_H
#include "backend/cpu/strided_copy.h"
#include "ops/attrs.h"

/* The walk over all of x in its own order. */
Strided whole(const Tensor *x);
/* y = x[base + sum of index * stride], in the order of the walk. */
void strided_cpu(Call *c);
/* Gradient of a walk that meets no element twice: dy put back, zeros elsewhere. To any order. */
void strided_grad(Call *c, Tensor **dy, Tensor **dx);

#endif
