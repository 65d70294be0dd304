/* What op tests share: seeded tensors, comparison with doubles, and gradients of first and second
** order against central differences. Every check ends with no tensor left behind. */
#ifndef GRAD_CHECK_H
#define GRAD_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tensorine.h"

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

static inline float random_in(float lo, float hi) {
    return lo + (hi - lo) * (float)(random_bits() >> 8) / (1 << 24);
}

static inline Tensor *random_tensor(const Ints *shape, float lo, float hi) {
    Tensor *x = tn_tensor(TN_FLOAT32, shape, NULL);
    float *v = (float *)tn_data(x);
    for (int i = 0; i < tn_size(x); i++) v[i] = random_in(lo, hi);
    return x;
}

/* Numbers apart from each other by at least `gap`, shuffled: no ties, nothing near a bend at 0. */
static inline Tensor *distinct_tensor(const Ints *shape, float gap) {
    Tensor *x = tn_tensor(TN_FLOAT32, shape, NULL);
    float *v = (float *)tn_data(x);
    int n = tn_size(x);
    for (int i = 0; i < n; i++) v[i] = gap * ((float)(i - n / 2) + 0.5f);
    for (int i = n - 1; i > 0; i--) {
        int j = random_int(0, i);
        float t = v[i];
        v[i] = v[j], v[j] = t;
    }
    return x;
}

/* Fails the test with the pending error, which is cleared for the tests that follow. */
static inline void assert_no_error(void) {
    if (!tn_error()) return;
    print_error("%s\n", tn_error());
    tn_clear_error();
    fail();
}

/* Every test ends as it began: no error, no tensor more. */
static int check_live;
static inline int op_test_begin(void **state) {
    (void)state;
    check_live = tn_memory()->tensors;
    return 0;
}
static inline int op_test_end(void **state) {
    (void)state;
    assert_no_error();
    assert_int_equal(tn_memory()->tensors, check_live);
    return 0;
}
#define OP_TEST(name) cmocka_unit_test_setup_teardown(name, op_test_begin, op_test_end)

/* The call before failed with this code and a message that has `part` in it. */
static inline void assert_failed(ErrorCode code, const char *part) {
    const char *text = tn_error() ? tn_error() : "none";
    bool right = tn_error_code() == code && strstr(text, part);
    if (!right)
        print_error("expected error %d \"%s\", got %d \"%s\"\n", code, part, tn_error_code(), text);
    tn_clear_error();
    assert_true(right);
}

static inline void assert_near(double got, double want, double bound, const char *what, int at) {
    if (isnan(got) && isnan(want)) return;
    if (!(got == want || fabs(got - want) <= bound * (1 + fabs(want))))
        fail_msg("%s[%d] is %.9g, should be %.9g", what, at, got, want);
}

static inline void assert_floats(Tensor *x, int n, const float *want, const char *what) {
    assert_no_error();
    assert_int_equal(tn_size(x), n);
    for (int i = 0; i < n; i++) assert_near(tn_floats(x)[i], want[i], 2e-6, what, i);
}

#define ASSERT_FLOATS(x, ...)                                                                      \
    assert_floats(x, TN_COUNT(float, __VA_ARGS__), (float[]){__VA_ARGS__}, #x)

/* ---- gradients ---- */

enum { CHECK_INPUTS = 5 };
typedef Tensor *(*CheckFn)(Tensor **in);

/* Always the same weights for output number i: the loss is their dot product with y. */
static inline float weight_of(int i) { return sinf(1.7f * (float)i + 0.9f) + 0.3f; }

static inline Tensor *weighted(Tensor *y) {
    int rank = tn_rank(y), shape[TN_MAX_RANK + 1] = {rank};
    memcpy(shape + 1, tn_shape(y), sizeof(int) * (size_t)rank);
    Tensor *r = tn_tensor(TN_FLOAT32, (const Ints *)shape, NULL);
    for (int i = 0; i < tn_size(r); i++) ((float *)tn_data(r))[i] = weight_of(i);
    return tn_sum(tn_mul(y, r), NULL, false);
}

static inline double dotted(Tensor *y) {
    double sum = 0;
    for (int i = 0; i < tn_size(y); i++) sum += (double)tn_floats(y)[i] * weight_of(i);
    return sum;
}

/* Gradients of the weighted outputs; inside a scope of the caller's. */
static inline const List *first_order(CheckFn fn, int n, Tensor **in) {
    int list[CHECK_INPUTS * (sizeof(Tensor *) / sizeof(int)) + 4];
    List *xs = (List *)(void *)list;
    xs->n = n;
    memcpy(xs->v, in, sizeof(Tensor *) * (size_t)n);
    tn_tape_begin();
    const List *g = tn_gradients(weighted(fn(in)), xs, NULL);
    tn_tape_end();
    return g;
}

static inline double value_at(CheckFn fn, int n, Tensor **in, int order) {
    Scope *s = tn_scope_begin();
    double sum = 0;
    if (order == 1) sum = dotted(fn(in));
    else {
        const List *g = first_order(fn, n, in);
        for (int i = 0; i < g->n; i++)
            if (g->v[i]) sum += dotted(g->v[i]);
    }
    tn_scope_end(s);
    return sum;
}

static inline void compare(const char *name, CheckFn fn, int n, Tensor **in, const List *grads,
                           int order, double h, double bound) {
    char what[100];
    for (int k = 0; k < n; k++)
        for (int i = 0; i < tn_size(in[k]); i++) {
            float *v = (float *)tn_data(in[k]) + i, x = *v;
            *v = x + (float)h;
            double up = value_at(fn, n, in, order), step = *v;
            *v = x - (float)h;
            double slope = (up - value_at(fn, n, in, order)) / (step - *v);
            *v = x;
            assert_no_error();
            snprintf(what, sizeof what, "%s: gradient %d of input %d", name, order, k);
            assert_near(grads->v[k] ? tn_floats(grads->v[k])[i] : 0, slope, bound, what, i);
        }
}

/* Compares gradients of fn at in[] (disposed here) with central differences, to `orders` orders. */
static inline void check_gradients(const char *name, CheckFn fn, int n, Tensor **in, int orders) {
    Scope *s = tn_scope_begin();
    const List *g = first_order(fn, n, in);
    assert_no_error();
    Tensor *held[CHECK_INPUTS] = {0};
    for (int i = 0; i < n; i++) held[i] = g->v[i];
    List *copy = malloc(sizeof *copy + sizeof held);
    copy->n = n;
    memcpy(copy->v, held, sizeof held);
    compare(name, fn, n, in, copy, 1, 1e-2, 4e-3);
    if (orders > 1) {
        tn_tape_begin();
        g = first_order(fn, n, in);
        Tensor *sum = tn_scalar(0);
        for (int i = 0; i < n; i++) held[i] = g->v[i];
        for (int i = 0; i < n; i++)
            if (held[i]) sum = tn_add(sum, weighted(held[i]));
        memcpy(copy->v, in, sizeof(Tensor *) * (size_t)n);
        g = tn_gradients(sum, copy, NULL);
        assert_no_error();
        for (int i = 0; i < n; i++) held[i] = g->v[i];
        memcpy(copy->v, held, sizeof held);
        tn_tape_end();
        compare(name, fn, n, in, copy, 2, 1e-2, 1e-2);
    }
    free(copy);
    tn_scope_end(s);
    for (int i = 0; i < n; i++) tn_dispose(in[i]);
}

#endif
