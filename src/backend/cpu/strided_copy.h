/* Copies between strided layouts: slices, transposes, repetitions, reversals, joints are all this.
** Pure functions over pointers; neighbouring axes are merged, transposes go by tiles. */
#ifndef TN_CPU_STRIDED_H
#define TN_CPU_STRIDED_H

#include <stdint.h>

enum { STRIDED_AXES = 8 };

/* Axes from the outermost to the innermost of the destination (any order is right, this one fast).
** Strides are in elements, may be 0 in `from` (repeated) and negative (reversed). */
typedef struct StridedCopy {
    int rank;
    int size[STRIDED_AXES];
    int64_t from[STRIDED_AXES], to[STRIDED_AXES];
} StridedCopy;

/* dst[sum of i * to] = src[sum of i * from] for all indices i; elements of 1 or 4 bytes. */
void strided_copy(const StridedCopy *c, const void *src, void *dst, int bytes);

/* Strides of a row-major tensor of this shape. */
static inline void dense_strides(int rank, const int *shape, int64_t *strides) {
    int64_t n = 1;
    for (int i = rank - 1; i >= 0; i--) {
        strides[i] = n;
        n *= shape[i];
    }
}

#endif
