/* Choosing along an axis by indices, and its adjoint, for ops whose gradient is that. */
#ifndef GATHER_H
#define GATHER_H
#include "tensor/op.h"

/* x seen as [batch, outer, dim, inner], indices as [batch, count]. */
typedef struct Gather {
    int batch, outer, dim, count, inner;
} Gather;

/* Zeros like x, to which dy is added where the (checked, int32) indices took it from. */
Tensor *scatter_add(Tensor *dy, Tensor *indices, const Tensor *x, const Gather *g);

#endif
