/* Working memory of the kernels. The engine defines these two; they may be called from any thread
** of a parallel_for. */
#ifndef TN_CPU_SCRATCH_H
#define TN_CPU_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

/* `size` bytes aligned to 16, or null. */
void *tn_scratch_alloc(size_t size);
void tn_scratch_free(void *p);

/* Room for `count` floats, or null if there is none or it cannot be addressed. */
static inline float *scratch_floats(uint64_t count) {
    if (count > SIZE_MAX / sizeof(float)) return NULL;
    return tn_scratch_alloc((size_t)(count + !count) * sizeof(float));
}

#endif
