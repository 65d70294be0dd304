/* Working memory of ops and kernels (alloc.c). */
#ifndef TN_CPU_SCRATCH_H
#define TN_CPU_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

/* Scratch memory for one kernel call. NULL with the error set if there is none. */
void *scratch(size_t bytes);
void scratch_free(void *p, size_t bytes);

/* The same from any thread of a parallel_for: `size` bytes aligned to 16, or null, no error set. */
void *tn_scratch_alloc(size_t size);
void tn_scratch_free(void *p);

/* `count` floats, or null if there is no memory or it cannot be addressed. */
static inline float *scratch_floats(uint64_t count) {
    if (count > SIZE_MAX / sizeof(float)) return NULL;
    return tn_scratch_alloc((size_t)(count + !count) * sizeof(float));
}

#endif
