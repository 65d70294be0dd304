/* Rows put at places of other rows, with their gradients; and places given by several indices. */
#ifndef SCATTER_H
#define SCATTER_H
#include "tensor/op.h"

/* Zeros of [rows, ...] to which row i of updates [n, ...] is added at row at[i]; `at` is int32 [n],
** checked. Of bools: whether any is true. */
Tensor *add_rows(Tensor *updates, Tensor *at, int rows);

/* x with row at[i] replaced by row i of updates, the last of those at the same row. */
Tensor *set_rows(Tensor *x, Tensor *at, Tensor *updates);

#endif
