/* Reductions of float32 over the middle of [outer, n, inner] into y [outer, inner]; inner 1 reduces
** contiguous rows. Sums are of blocks, added in double: the relative error of a sum of like signs
** stays below 1e-6 whatever n. A NaN makes its result NaN. Of no elements: 0, -infinity,
** infinity. */
#ifndef TN_CPU_REDUCE_H
#define TN_CPU_REDUCE_H

#include <stdint.h>

void reduce_sum(const float *x, int outer, int n, int inner, float *y);
void reduce_max(const float *x, int outer, int n, int inner, float *y);
void reduce_min(const float *x, int outer, int n, int inner, float *y);

#endif
