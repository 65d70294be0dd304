/* Reductions against loops that say what they mean. */
#include "kernel_check.h"
#include "backend/cpu/reduce_kernels.h"

typedef struct Sums {
    double sum, max, min, magnitude;
} Sums;

static Sums reference(const float *x, int n, int inner) {
    Sums s = {.max = -INFINITY, .min = INFINITY};
    for (int i = 0; i < n; i++) {
        const double v = x[(size_t)i * inner];
        s.sum += v, s.magnitude += fabs(v);
        s.max = fmax(s.max, v), s.min = fmin(s.min, v);
    }
    return s;
}

static void one_shape(int outer, int n, int inner) {
    const size_t size = (size_t)outer * inner;
    float *x = random_floats(size * n), *y[3];
    for (int i = 0; i < 3; i++) y[i] = filled_floats(size, NAN);
    reduce_sum(x, outer, n, inner, y[0]);
    reduce_max(x, outer, n, inner, y[1]);
    reduce_min(x, outer, n, inner, y[2]);
    for (size_t i = 0; i < size; i++) {
        const Sums s = reference(x + i / inner * n * inner + i % inner, n, inner);
        CHECK_SUM(y[0][i], s.sum, s.magnitude, "sum [%d, %d, %d] at %zu", outer, n, inner, i);
        assert_true(y[1][i] == s.max && y[2][i] == s.min);
    }
    for (int i = 0; i < 3; i++) free(y[i]);
    free(x);
}

static void shapes(void **state) {
    (void)state;
    static const int sizes[] = {0, 1, 2, 3, 5, 15, 16, 17, 66, 129};
    const int count = sizeof sizes / sizeof *sizes;
    for (int i = 0; i < count * count * count; i++)
        one_shape(sizes[i % count] % 20, sizes[i / count % count], sizes[i / count / count]);
    one_shape(1, 70001, 1), one_shape(1, 300000, 1), one_shape(2, 1025, 1), one_shape(1, 40, 700);
    one_shape(1, 5001, 3), one_shape(900, 301, 1), one_shape(1, 2, 300001);
}

static void ten_million(void **state) {
    (void)state;
    const int n = 10000000;
    float *x = filled_floats(n, 0.1f), sum[10];
    const double tenth = 0.1f;
    reduce_sum(x, 1, n, 1, sum);
    assert_true(fabs(sum[0] / (n * tenth) - 1) < 1e-6);
    reduce_sum(x, 1, n / 10, 10, sum);
    for (int i = 0; i < 10; i++) assert_true(fabs(sum[i] / (n / 10 * tenth) - 1) < 1e-6);
    free(x);
}

static void nan_and_infinity(void **state) {
    (void)state;
    float x[37], y[2];
    for (int at = 0; at < 37; at++) {
        for (int i = 0; i < 37; i++) x[i] = i == at ? NAN : 1;
        reduce_max(x, 1, 37, 1, y), assert_true(isnan(y[0]));
        reduce_min(x, 1, 37, 1, y), assert_true(isnan(y[0]));
        reduce_max(x, 1, 18, 2, y), assert_true(isnan(y[at % 2]) || at == 36);
    }
    x[3] = -INFINITY, x[36] = 1;
    reduce_min(x, 1, 36, 1, y), assert_true(y[0] == -INFINITY);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes), cmocka_unit_test(ten_million),
                                       cmocka_unit_test(nan_and_infinity)};
    return cmocka_run_group_tests_name("reduce", tests, NULL, NULL);
}
