/* Matrix products, convolutions and pooling on the GPU. */
#include "gl_check.h"

#define BODY(name, expression) static Tensor *name(Tensor **in) { return expression; }

BODY(nn, tn_matMul(in[0], in[1], false, false))
BODY(tn, tn_matMul(in[0], in[1], true, false))
BODY(nt, tn_matMul(in[0], in[1], false, true))
BODY(tt, tn_matMul(in[0], in[1], true, true))

static void products(void **state) {
    (void)state;
    static const int sizes[][3] = {{1, 8, 12}, {2, 8, 4}, {3, 4, 4}, {4, 4, 8}, {16, 12, 20},
                                   {7, 12, 16}, {5, 7, 9}, {1, 5, 3}, {8, 3, 4}, {4, 8, 10},
                                   {130, 64, 36}, {33, 130, 66}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int m = sizes[i][0], k = sizes[i][1], n = sizes[i][2];
        CHECK(nn, F(m, k), F(k, n));
        CHECK(tn, F(k, m), F(k, n));
        CHECK(nt, F(m, k), F(n, k));
        CHECK(tt, F(k, m), F(n, k));
        CHECK(nn, F(3, m, k), F(3, k, n));
        CHECK(tn, F(3, k, m), F(k, n));
        CHECK(nt, F(m, k), F(3, n, k));
        CHECK(tt, F(3, k, m), F(3, n, k));
    }
    CHECK(nn, F(2, 1, 5, 8), F(3, 8, 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(products, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl products", tests, starts_gl, NULL);
}
