/* Permuting the axes of an array. */
#ifndef TN_CPU_TRANSPOSE_H
#define TN_CPU_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>

enum { TRANSPOSE_MAX_RANK = 8 };

/* y's axis i is x's axis axes[i]: y [shape[axes[0]], shape[axes[1]], ...]. Elements are 1 or 4 bytes;
** rank is at most TRANSPOSE_MAX_RANK; y must not overlap x. */
void transpose(int rank, const int *shape, const int *axes, int element_size, const void *x,
               void *y);

#endif
