/* Matrix products of every path against a double reference. */
#include "kernel_check.h"
#include "backend/cpu/gemm.h"
#include "base/threads.h"

typedef enum Layout { ROWS, COLUMNS, SPARSE, LAYOUTS } Layout;

typedef struct Matrix {
    float *data;
    ptrdiff_t rs, cs;
} Matrix;

static Matrix matrix(int rows, int cols, Layout layout) {
    const ptrdiff_t rs[] = {cols, 1, 3 * (ptrdiff_t)cols + 2}, cs[] = {1, rows, 3};
    const size_t size = rows && cols ? (rows - 1) * rs[layout] + (cols - 1) * cs[layout] + 1 : 0;
    return (Matrix){random_floats(size), rs[layout], cs[layout]};
}

static double at(Matrix m, int i, int j) { return m.data[i * m.rs + j * m.cs]; }

static void check_product(const Gemm *g, Matrix a, Matrix b, const float *before) {
    for (int i = 0; i < g->m; i++) {
        for (int j = 0; j < g->n; j++) {
            double sum = g->add ? before[i * g->c_rs + j] : 0, magnitude = fabs(sum) + 1;
            if (g->end.bias) sum += g->end.bias[j], magnitude += fabs(g->end.bias[j]);
            for (int p = 0; p < g->k; p++) {
                sum += at(a, i, p) * at(b, p, j);
                magnitude += fabs(at(a, i, p) * at(b, p, j));
            }
            sum = fmin(fmax(sum, g->end.lo), g->end.hi);
            CHECK_SUM(g->c[i * g->c_rs + j], sum, magnitude, "m %d n %d k %d at %d,%d", g->m, g->n,
                      g->k, i, j);
        }
        for (int j = g->n; g->n && j < g->c_rs && i + 1 < g->m; j++)
            assert_true(g->c[i * g->c_rs + j] == before[i * g->c_rs + j]);
    }
}

static void one_product(int m, int n, int k, Layout la, Layout lb, int flags) {
    const Matrix a = matrix(m, k, la), b = matrix(k, n, lb);
    const int c_rs = n + (flags & 1 ? 5 : 0);
    const size_t size = m && n ? (size_t)(m - 1) * c_rs + n : 0;
    float *c = random_floats(size), *bias = random_floats(n), *packed = NULL;
    float *before = random_floats(size);
    if (size) memcpy(before, c, size * sizeof(float));
    Gemm g = {m, n, k, a.data, a.rs, a.cs, b.data, b.rs, b.cs, NULL, c, c_rs, EPILOGUE_NONE, false};
    g.add = flags & 2;
    if (flags & 4) g.end = EPILOGUE_RELU6(bias);
    if (flags & 8) {
        packed = malloc(gemm_packed_size(k, n) * sizeof(float));
        gemm_pack_b(k, n, b.data, b.rs, b.cs, packed);
        g.packed = packed;
        g.b = NULL;
    }
    assert_true(gemm(&g));
    check_product(&g, a, b, before);
    free(a.data), free(b.data), free(c), free(bias), free(packed), free(before);
}

static void odd_sizes(void **state) {
    (void)state;
    static const int sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 17, 31, 33};
    const int count = sizeof sizes / sizeof *sizes;
    for (int i = 0; i < count * count * count; i++) {
        const int m = sizes[i % count], n = sizes[i / count % count], k = sizes[i / count / count];
        one_product(m, n, k, random_int(0, 2), random_int(0, 2), random_int(0, 15));
    }
}

static void vectors(void **state) {
    (void)state;
    for (Layout la = ROWS; la < LAYOUTS; la++) {
        for (Layout lb = ROWS; lb < LAYOUTS; lb++) {
            one_product(1, 2100, 37, la, lb, random_int(0, 15));
            one_product(1030, 1, 301, la, lb, random_int(0, 15));
            one_product(1, 1, 1000, la, lb, random_int(0, 15));
            one_product(1, 300, 1100, ROWS, lb, 4);
        }
    }
}

static void several_blocks(void **state) {
    (void)state;
    for (Layout la = ROWS; la < LAYOUTS; la++)
        for (Layout lb = ROWS; lb < LAYOUTS; lb++)
            one_product(random_int(60, 230), random_int(60, 200), random_int(385, 900), la, lb,
                        random_int(0, 15));
}

/* How work is divided must not show: results are the same to the bit. */
static void threads_agree(void **state) {
    (void)state;
    static const int sizes[][3] = {{300, 200, 300}, {40, 1200, 400}, {3000, 12, 50},
                                   {1, 3000, 700},  {3000, 1, 700},  {25, 8, 40000}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
        const Matrix a = matrix(m, k, ROWS), b = matrix(k, n, ROWS);
        float *one = random_floats((size_t)m * n), *four = random_floats((size_t)m * n);
        Gemm g = {.m = m,
                  .n = n,
                  .k = k,
                  .a = a.data,
                  .a_rs = a.rs,
                  .a_cs = a.cs,
                  .b = b.data,
                  .b_rs = b.rs,
                  .b_cs = b.cs,
                  .c = one,
                  .c_rs = n,
                  .end = EPILOGUE_NONE};
        tn_set_threads(1);
        assert_true(gemm(&g));
        tn_set_threads(4);
        g.c = four;
        for (int again = 0; again < 5; again++) {
            assert_true(gemm(&g));
            assert_memory_equal(one, four, (size_t)m * n * sizeof(float));
        }
        tn_set_threads(1);
        free(a.data), free(b.data), free(one), free(four);
    }
}

static void special_values(void **state) {
    (void)state;
    float a[4] = {NAN, 1, INFINITY, 1}, b[4] = {1, 0, 0, 1}, c[4];
    const Gemm g = {2, 2, 2, a, 2, 1, b, 2, 1, NULL, c, 2, EPILOGUE_RELU(NULL), false};
    assert_true(gemm(&g));
    assert_true(isnan(c[0]) && isnan(c[1]) && isinf(c[2]) && isnan(c[3]));
}

static void failing_memory(void **state) {
    (void)state;
    float *a = random_floats(200 * 500), *b = random_floats(500 * 90), *c = random_floats(200 * 90);
    const Gemm g = {200, 90, 500, a, 500, 1, b, 90, 1, NULL, c, 90, EPILOGUE_NONE, false};
    calls = 0;
    assert_true(gemm(&g));
    const int needed = calls;
    assert_true(needed > 0 && live == 0);
    for (int i = 0; i < needed; i++) {
        fail_after = i;
        assert_false(gemm(&g));
        assert_int_equal(live, 0);
    }
    fail_after = -1;
    free(a), free(b), free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_sizes),      cmocka_unit_test(vectors),
        cmocka_unit_test(several_blocks), cmocka_unit_test(special_values),
        cmocka_unit_test(threads_agree),  cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests_name("gemm", tests, NULL, NULL);
}
