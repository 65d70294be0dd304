/* Elementwise ops and broadcasting on the GPU. */
#include "gl_check.h"

/* clang-format off */
#define UNARY_OPS(X)                                                                               \
    X(abs) X(neg) X(sign) X(square) X(relu) X(relu6) X(ceil) X(floor) X(round) X(reciprocal)       \
    X(exp) X(expm1) X(sigmoid) X(softplus) X(elu) X(selu) X(erf) X(atan) X(sinh) X(cosh) X(tanh)   \
    X(asinh) X(isNaN) X(isInf) X(isFinite)
#define POSITIVE_OPS(X) X(sqrt) X(rsqrt) X(log) X(log1p) X(sin) X(cos) X(tan)
#define BINARY_OPS(X)                                                                              \
    X(add)                                                                                         \
    X(sub)                                                                                         \
    X(mul)                                                                                         \
    X(div) X(divNoNan) X(floorDiv) X(maximum) X(minimum) X(squaredDifference) X(equal) X(notEqual) \
        X(greater) X(greaterEqual) X(less) X(lessEqual)

#define X(op)                                                                                      \
    static Tensor *op##_body(Tensor **in) { return tn_##op(in[0]); }
UNARY_OPS(X)
POSITIVE_OPS(X)
#undef X
#define X(op)                                                                                      \
    static Tensor *op##_body(Tensor **in) { return tn_##op(in[0], in[1]); }
BINARY_OPS(X)
X(mod) X(pow) X(atan2)
X(logicalAnd) X(logicalOr) X(logicalXor)
#undef X

static void unary_ops(void **state) {
    (void)state;
#define X(op)                                                                                      \
    CHECK(op##_body, F(7, 11));                                                                    \
    CHECK(op##_body, ODD(3, 40));
    UNARY_OPS(X)
#undef X
#define X(op)                                                                                      \
    CHECK(op##_body, POS(7, 11));                                                                  \
    CHECK(op##_body, POS(1));
    POSITIVE_OPS(X)
#undef X
}
/* clang-format on */

static void binary_ops(void **state) {
    (void)state;
#define X(op)                                                                                      \
    CHECK(op##_body, F(7, 11), F(7, 11));                                                          \
    CHECK(op##_body, ODD(19), ODD(50, 1));
    BINARY_OPS(X)
#undef X
    CHECK(mod_body, F(5, 7), F(7));
    CHECK(pow_body, POS(5, 7), F(5, 7));
    CHECK(atan2_body, F(5, 7), F(5, 1));
    CHECK(logicalAnd_body, B(9, 4), B(4));
    CHECK(logicalOr_body, B(9, 4), B(9, 1));
    CHECK(logicalXor_body, B(9, 4), B(9, 4));
}

static void broadcasting(void **state) {
    (void)state;
    CHECK(sub_body, F(5, 8), F(8));
    CHECK(sub_body, F(5, 8), F(5, 1));
    CHECK(sub_body, F(8), F(5, 8));
    CHECK(sub_body, F(5, 7), F(7));
    CHECK(sub_body, F(5, 7), F(5, 1));
    CHECK(sub_body, F(1), F(5, 7));
    CHECK(sub_body, F(2, 1, 4, 1), F(3, 1, 8));
    CHECK(sub_body, F(3, 1, 5, 2), F(3, 4, 1, 2));
    check_case("six axes", sub_body, 2, (In[]){F(2, 3, 1, 5, 1, 2), F(2, 1, 4, 1, 3, 1)}, 1e-4,
               "sub");
    CHECK(sub_body, F(1200, 4), F(4));
    CHECK(sub_body, F(40, 30, 11), F(30, 1));
}

static Tensor *where_body(Tensor **in) { return tn_where(in[0], in[1], in[2]); }
static Tensor *broadcastTo_body(Tensor **in) { return tn_broadcastTo(in[0], INTS(3, 5, 6, 8)); }
static Tensor *cast_body(Tensor **in) { return tn_cast(in[0], TN_BOOL); }
static Tensor *uncast_body(Tensor **in) { return tn_cast(in[0], TN_FLOAT32); }
static Tensor *leakyRelu_body(Tensor **in) { return tn_leakyRelu(in[0], 0.25f); }
static Tensor *fill_body(Tensor **in) { return (void)in, tn_fill(INTS(9, 13), 2.5f, TN_FLOAT32); }
static Tensor *chain_body(Tensor **in) {
    Tensor *x = tn_reshape(tn_add(in[0], tn_scalar(1)), INTS(-1, 3));
    return tn_mul(tn_exp(x), tn_reshape(in[0], INTS(-1, 3)));
}
static Tensor *gradient_body(Tensor **in) {
    tn_tape_begin();
    Tensor *y = tn_mul(tn_tanh(tn_mul(in[0], in[1])), tn_scalar(2));
    Tensor *g = tn_gradients(y, LIST(in[0]), NULL)->v[0];
    tn_tape_end();
    return g;
}

static void others(void **state) {
    (void)state;
    CHECK(where_body, B(6, 7), F(6, 7), F(6, 7));
    CHECK(where_body, B(6, 7), F(1), ODD(6, 7));
    CHECK(where_body, B(7), F(6, 7), F(6, 1));
    CHECK(broadcastTo_body, F(5, 1, 8));
    CHECK(broadcastTo_body, F(6, 1));
    CHECK(broadcastTo_body, B(3, 1, 6, 8));
    CHECK(cast_body, ODD(40));
    CHECK(uncast_body, B(41));
    CHECK(leakyRelu_body, F(41));
    CHECK(fill_body, F(1));
    CHECK(chain_body, F(4, 9));
    CHECK(gradient_body, F(3000, 5), F(3000, 5));
}

static Tensor *to_int_body(Tensor **in) { return tn_cast(in[0], TN_INT32); }
static Tensor *times_body(Tensor **in) { return tn_cast(tn_mul(in[0], tn_scalar(7e9f)), TN_INT32); }
static Tensor *int_fill_body(Tensor **in) {
    return tn_add(in[0], tn_fill(INTS(5, 1), -123456789, TN_INT32));
}
static Tensor *ints_chain_body(Tensor **in) {
    Tensor *x = tn_mod(tn_add(tn_mul(in[0], in[1]), tn_cast(tn_scalar(77), TN_INT32)), in[1]);
    return tn_where(tn_greater(x, in[0]), tn_reshape(x, INTS(5, 7)), in[1]);
}

/* int32 over all of its range, as exact as on the CPU. */
static void whole_numbers(void **state) {
    (void)state;
#define X(op)                                                                                      \
    CHECK(op##_body, I(7, 11), I(7, 11));                                                          \
    CHECK(op##_body, I(40), D(3, 1));                                                              \
    CHECK(op##_body, D(1), I(5, 8));
    BINARY_OPS(X)
    X(mod)
#undef X
    CHECK(pow_body, D(9, 9), D(9, 9));
    CHECK(abs_body, I(41));
    CHECK(neg_body, I(41));
    CHECK(square_body, I(40));
    CHECK(relu_body, I(40));
    CHECK(relu6_body, D(40));
    CHECK(round_body, I(40));
    CHECK(sign_body, I(40));
    CHECK(where_body, B(6, 7), I(6, 7), I(7));
    CHECK(broadcastTo_body, I(5, 1, 8));
    CHECK(cast_body, I(42));
    CHECK(uncast_body, I(42));
    CHECK(to_int_body, B(42));
    CHECK(to_int_body, ODD(40));
    CHECK(times_body, F(40, 5));
    CHECK(int_fill_body, I(5, 7));
    CHECK(ints_chain_body, I(5, 7), D(5, 7));
    CHECK(add_body, I(1000003), D(1));
}

static void large(void **state) {
    (void)state;
    CHECK(relu_body, F(1 << 20));
    CHECK(add_body, F(1000003), F(1));
    CHECK(add_body, F(1001, 1004), F(1004));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(unary_ops, leaves_nothing),
        cmocka_unit_test_teardown(binary_ops, leaves_nothing),
        cmocka_unit_test_teardown(broadcasting, leaves_nothing),
        cmocka_unit_test_teardown(others, leaves_nothing),
        cmocka_unit_test_teardown(whole_numbers, leaves_nothing),
        cmocka_unit_test_teardown(large, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl elementwise", tests, starts_gl, NULL);
}
