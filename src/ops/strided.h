/* Results that are walks over x with a step per axis: slices, transposes, reversals. One kernel,
** and the one that puts elements back where a walk took them. */
#ifndef STRIDED_H
#define STRIDED_H
#include "tensor/op.h"
#include "backend/cpu/strided_copy.h"

typedef struct Strided {
    int rank, base;        /* axes of the walk; where it begins, in elements of x */
    int size[TN_MAX_RANK]; /* the outermost axis first */
    int step[TN_MAX_RANK]; /* elements of x from one index to the next */
} Strided;

/* The walk over all of x in its own order. */
Strided whole(const Tensor *x);
/* y = x[base + sum of index * step], in the order of the walk. */
void strided_cpu(Call *c);
/* Gradient of a walk that meets no element twice: dy put back, zeros elsewhere. To any order. */
void strided_grad(Call *c, Tensor **dy, Tensor **dx);

#endif
