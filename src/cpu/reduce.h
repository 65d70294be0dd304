/* Reductions of float32 over the middle of [outer, n, inner] into y [outer, inner]; inner 1 reduces
** contiguous rows. Sums are of blocks, added in double: the relative error of a sum of like signs
** stays below 1e-6 whatever n. A NaN makes its result NaN. Of no elements: 0, -infinity, infinity. */
#ifndef TN_CPU_REDUCE_H
#define TN_CPU_REDUCE_H

#include <stdint.h>

void reduce_sum(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
void reduce_sum_squares(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
void reduce_max(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);
void reduce_min(int64_t outer, int64_t n, int64_t inner, const float *x, float *y);

#endif
