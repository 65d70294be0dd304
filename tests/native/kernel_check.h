/* What the kernel tests share: seeded numbers, exact-size heap arrays (so that ASan sees a byte too
** far), comparison with double references, and scratch memory whose n-th allocation can fail. */
#ifndef KERNEL_CHECK_H
#define KERNEL_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/scratch.h"

/* Scratch memory for kernels that are linked without the engine. */
static int fail_after = -1, live, calls;

__attribute__((weak)) void *tn_scratch_alloc(size_t size) {
    calls++;
    if (fail_after == 0) return NULL;
    if (fail_after > 0) fail_after--;
    live++;
    return aligned_alloc(16, (size + 15) / 16 * 16);
}

__attribute__((weak)) void tn_scratch_free(void *p) {
    live -= p != NULL;
    free(p);
}

static uint32_t check_seed = 1;

static inline uint32_t random_bits(void) {
    check_seed ^= check_seed << 13;
    check_seed ^= check_seed >> 17;
    check_seed ^= check_seed << 5;
    return check_seed;
}

static inline int random_int(int lo, int hi) {
    return lo + (int)(random_bits() % (uint32_t)(hi - lo + 1));
}

static inline float random_float(void) { return (float)(random_bits() >> 8) / (1 << 23) - 1; }

/* n random floats in [-1, 1). */
static inline float *random_floats(size_t n) {
    float *p = malloc(n * sizeof(float));
    for (size_t i = 0; i < n; i++) p[i] = random_float();
    return p;
}

static inline float *filled_floats(size_t n, float value) {
    float *p = malloc(n * sizeof(float));
    for (size_t i = 0; i < n; i++) p[i] = value;
    return p;
}

/* got = want within a rounding error of the terms that were summed. */
#define CHECK_SUM(got, want, magnitude, ...)                                                       \
    do {                                                                                           \
        const double got_ = (got), want_ = (want), bound_ = 5e-7 * (magnitude) + 1e-30;            \
        if (!(fabs(got_ - want_) <= bound_)) {                                                     \
            print_error("%g, should be %g: ", got_, want_);                                        \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

#endif
