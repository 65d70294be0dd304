/* Matrix products, convolutions and pooling on the GPU. */
#include "gl_check.h"

#define BODY(name, expression)                                                                     \
    static Tensor *name(Tensor **in) { return expression; }

BODY(nn, tn_matMul(in[0], in[1], false, false))
BODY(tn, tn_matMul(in[0], in[1], true, false))
BODY(nt, tn_matMul(in[0], in[1], false, true))
BODY(tt, tn_matMul(in[0], in[1], true, true))

static void products(void **state) {
    (void)state;
    static const int sizes[][3] = {{1, 8, 12},   {2, 8, 4},   {3, 4, 4},     {4, 4, 8},
                                   {16, 12, 20}, {7, 12, 16}, {5, 7, 9},     {1, 5, 3},
                                   {8, 3, 4},    {4, 8, 10},  {130, 64, 36}, {33, 130, 66}};
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

#define CONV(name, op, strides, pad, dilations)                                                    \
    BODY(name, tn_##op(in[0], in[1], strides, pad, FORMAT_NHWC, dilations, ROUND_NONE))
CONV(conv_same, conv2d, INTS(1), PAD_SAME, INTS(1))
CONV(conv_same_2, conv2d, INTS(2), PAD_SAME, INTS(1))
CONV(conv_valid, conv2d, INTS(1, 2), PAD_VALID, INTS(1))
CONV(conv_dilated, conv2d, INTS(1), INTS(1, 2, 3, 0), INTS(2, 1))
CONV(depth_same, depthwiseConv2d, INTS(1), PAD_SAME, INTS(1))
CONV(depth_same_2, depthwiseConv2d, INTS(2), PAD_SAME, INTS(1))
CONV(depth_dilated, depthwiseConv2d, INTS(1), INTS(1, 2, 3, 0), INTS(2, 1))
BODY(max_pool, tn_maxPool(in[0], INTS(3, 2), INTS(2), PAD_SAME, ROUND_NONE))
BODY(avg_pool, tn_avgPool(in[0], INTS(2, 3), INTS(1, 2), PAD_SAME, ROUND_NONE))

/* The gradient of the square of a body's result, made small, by its input k. */
static Tensor *gradient(Body *body, Tensor **in, int k) {
    tn_tape_begin();
    Tensor *y = tn_square(tn_mul(body(in), tn_scalar(0.1f)));
    Tensor *g = tn_gradients(y, LIST(in[k]), NULL)->v[0];
    tn_tape_end();
    return g;
}
#define GRADS(name)                                                                                \
    static Tensor *name##_dx(Tensor **in) { return gradient(name, in, 0); }                        \
    static Tensor *name##_dw(Tensor **in) { return gradient(name, in, 1); }
GRADS(conv_same)
GRADS(conv_same_2)
GRADS(conv_valid)
GRADS(conv_dilated)
GRADS(depth_same)
GRADS(depth_same_2)
GRADS(depth_dilated)
BODY(max_quarters, tn_maxPool(in[0], INTS(2), INTS(2), PAD_VALID, ROUND_NONE))
static Tensor *max_quarters_dx(Tensor **in) { return gradient(max_quarters, in, 0); }
static Tensor *max_pool_dx(Tensor **in) { return gradient(max_pool, in, 0); }
static Tensor *avg_pool_dx(Tensor **in) { return gradient(avg_pool, in, 0); }
BODY(max_apart, tn_maxPool(in[0], INTS(2), INTS(2), PAD_VALID, ROUND_NONE))
static Tensor *max_apart_dx(Tensor **in) { return gradient(max_apart, in, 0); }
BODY(max_overlap, tn_maxPool(in[0], INTS(3), INTS(2), PAD_SAME, ROUND_NONE))
static Tensor *max_overlap_dx(Tensor **in) { return gradient(max_overlap, in, 0); }
/* The gradient of the gradient: pick_max. */
static Tensor *max_pool_twice(Tensor **in) { return gradient(max_pool_dx, in, 0); }
BODY(pool_holes, tn_pool(in[0], INTS(2, 3), POOL_MAX, PAD_SAME, INTS(2), INTS(1), ROUND_NONE))
static Tensor *pool_holes_dx(Tensor **in) { return gradient(pool_holes, in, 0); }
BODY(avg_holes, tn_pool(in[0], INTS(2, 3), POOL_AVG, PAD_SAME, INTS(2), INTS(1), ROUND_NONE))
static Tensor *avg_holes_dx(Tensor **in) { return gradient(avg_holes, in, 0); }
BODY(conv_back, tn_conv2dTranspose(in[0], in[1], INTS(2, 9, 7, 5), INTS(2), PAD_SAME, ROUND_NONE))

#define BOTH(name, ...)                                                                            \
    CHECK(name##_dx, __VA_ARGS__);                                                                 \
    CHECK(name##_dw, __VA_ARGS__)

static void gradients(void **state) {
    (void)state;
    static const int channels[][2] = {{4, 8}, {3, 8}, {8, 5}, {1, 1}, {5, 12}};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        const int ic = channels[i][0], oc = channels[i][1];
        BOTH(conv_same, F(2, 7, 6, ic), F(3, 3, ic, oc));
        BOTH(conv_same_2, F(2, 7, 6, ic), F(3, 3, ic, oc));
        BOTH(conv_valid, F(2, 7, 6, ic), F(2, 3, ic, oc));
        BOTH(conv_dilated, F(2, 7, 6, ic), F(3, 2, ic, oc));
        BOTH(conv_same, F(2, 7, 6, ic), F(1, 1, ic, oc));
        BOTH(conv_same_2, F(2, 7, 6, ic), F(1, 1, ic, oc));
    }
    BOTH(conv_same_2, F(1, 64, 64, 3), F(3, 3, 3, 8));
    BOTH(conv_same, F(5, 28, 13, 1), F(3, 4, 1, 6));
    BOTH(conv_same, F(5, 28, 13, 1), F(2, 3, 1, 4));
    CHECK(conv_back, F(2, 5, 4, 3), F(3, 3, 5, 3));
    CHECK(conv_back, F(2, 5, 4, 8), F(4, 4, 5, 8));
    static const int depths[][2] = {{8, 1}, {5, 1}, {4, 2}, {3, 3}};
    for (size_t i = 0; i < sizeof depths / sizeof *depths; i++) {
        const int ic = depths[i][0], multiplier = depths[i][1];
        BOTH(depth_same, F(2, 7, 6, ic), F(3, 3, ic, multiplier));
        BOTH(depth_same_2, F(2, 7, 6, ic), F(3, 3, ic, multiplier));
        BOTH(depth_dilated, F(2, 9, 8, ic), F(3, 2, ic, multiplier));
    }
    BOTH(depth_same, F(2, 32, 32, 8), F(3, 3, 8, 1));
    CHECK(max_quarters_dx, F(3, 8, 6, 8));
    CHECK(max_quarters_dx, F(3, 9, 7, 4));
    CHECK(max_quarters_dx, D(3, 9, 7, 12)); /* equals: the first */
    CHECK(max_quarters_dx, ODD(3, 8, 8, 4));
    for (int channels = 3; channels <= 4; channels++) {
        CHECK(max_pool_dx, F(2, 7, 6, channels));
        CHECK(max_apart_dx, F(2, 7, 6, channels));
        CHECK(max_apart_dx, D(2, 7, 6, channels));
        CHECK(max_pool_twice, F(2, 7, 6, channels));
        CHECK(max_overlap_dx, F(2, 7, 6, channels));
        CHECK(max_overlap_dx, D(2, 7, 6, channels)); /* equals: the first */
        CHECK(avg_pool_dx, F(2, 7, 6, channels));
        CHECK(pool_holes_dx, F(2, 9, 8, channels));
        CHECK(avg_holes_dx, F(2, 9, 8, channels));
    }
}

static void convolutions(void **state) {
    (void)state;
    static const int channels[][2] = {{4, 8}, {3, 8}, {8, 4}, {8, 5}, {1, 1}, {5, 12}};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        const int ic = channels[i][0], oc = channels[i][1];
        CHECK(conv_same, F(2, 7, 6, ic), F(3, 3, ic, oc));
        CHECK(conv_same_2, F(2, 7, 6, ic), F(3, 3, ic, oc));
        CHECK(conv_valid, F(2, 7, 6, ic), F(2, 3, ic, oc));
        CHECK(conv_dilated, F(2, 7, 6, ic), F(3, 2, ic, oc));
        CHECK(conv_same, F(2, 7, 6, ic), F(1, 1, ic, oc));
        CHECK(conv_same_2, F(2, 7, 6, ic), F(1, 1, ic, oc));
        CHECK(conv_same, F(1, 1, ic), F(3, 3, ic, oc));
    }
    CHECK(conv_same_2, F(1, 64, 64, 3), F(3, 3, 3, 8));
    CHECK(conv_valid, F(3, 9, 28, 1), F(5, 3, 1, 6));
    CHECK(conv_same_2, F(3, 9, 28, 1), F(3, 3, 1, 6));
}

static void depthwise_and_pools(void **state) {
    (void)state;
    static const int channels[][2] = {{8, 1}, {4, 1}, {5, 1}, {4, 2}, {3, 3}, {12, 1}};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        const int ic = channels[i][0], multiplier = channels[i][1];
        CHECK(depth_same, F(2, 7, 6, ic), F(3, 3, ic, multiplier));
        CHECK(depth_same, F(1, 9, 8, ic), F(3, 3, ic, multiplier));
        CHECK(depth_same, F(1, 3, 12, ic), F(5, 5, ic, multiplier));
        CHECK(depth_same_2, F(2, 7, 6, ic), F(3, 3, ic, multiplier));
        CHECK(depth_same_2, F(2, 8, 16, ic), F(3, 3, ic, multiplier));
        CHECK(depth_dilated, F(2, 7, 6, ic), F(3, 2, ic, multiplier));
        CHECK(max_pool, F(2, 7, 6, ic));
        CHECK(max_pool, ODD(2, 7, 6, ic));
        CHECK(max_pool, I(2, 7, 6, ic));
        CHECK(avg_pool, F(2, 7, 6, ic));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(products, leaves_nothing),
        cmocka_unit_test_teardown(convolutions, leaves_nothing),
        cmocka_unit_test_teardown(gradients, leaves_nothing),
        cmocka_unit_test_teardown(depthwise_and_pools, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl products", tests, starts_gl, NULL);
}
