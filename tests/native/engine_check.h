/* Helpers of the engine's tests: values, comparison, and the count of what is in use. */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H
#include "tensor/op.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#undef fail /* the library has its own */

#define SCALAR_SHAPE ((const Ints *)(const int[]){0})
/* A vector of floats. */
#define VEC(...)                                                                                   \
    tn_tensor(TN_FLOAT32, INTS(TN_COUNT(float, __VA_ARGS__)), (const float[]){__VA_ARGS__})

typedef struct InUse {
    int tensors, storages;
    double bytes;
} InUse;

static inline InUse in_use(void) {
    const Accounts *a = tn_memory();
    return (InUse){a->tensors, a->storages, a->bytes};
}

static inline void assert_in_use(InUse before) {
    InUse now = in_use();
    assert_int_equal(now.tensors, before.tensors);
    assert_int_equal(now.storages, before.storages);
    assert_float_equal((float)now.bytes, (float)before.bytes, 0);
}

/* Every test begins and ends with this: no error, no tensor, no scope, no tape left. */
static inline int nothing_is_left(void **state) {
    (void)state;
    assert_null(tn_error());
    assert_in_use((InUse){0});
    assert_false(recording());
    return 0;
}

static inline void assert_floats(Tensor *x, int n, const float *expected) {
    assert_null(tn_error());
    assert_int_equal(x->size, n);
    for (int i = 0; i < n; i++)
        assert_float_equal(tn_floats(x)[i], expected[i], 1e-4f * (1 + fabsf(expected[i])));
}
#define ASSERT_FLOATS(x, ...)                                                                      \
    assert_floats(x, TN_COUNT(float, __VA_ARGS__), (const float[]){__VA_ARGS__})

/* The pending error is this one, with these words in it; clears it. */
static inline void assert_error(ErrorCode code, const char *words) {
    assert_non_null(tn_error());
    if (!strstr(tn_error(), words)) print_error("'%s' is not in '%s'\n", words, tn_error());
    assert_non_null(strstr(tn_error(), words));
    assert_int_equal(tn_error_code(), code);
    tn_clear_error();
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, nothing_is_left, nothing_is_left)
#endif
