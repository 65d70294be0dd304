/* Results that wait for the draw that needs them: chains, what several read, slices, the end of
** products, and what becomes of those that are never drawn. */
#include "gl_check.h"
#include "backend/webgl/pending.h"
#include "jit/plan.h"

static Tensor *number(float v) { return tn_scalar(v); }

static Tensor *eight_body(Tensor **in) {
    Tensor *x = tn_sqrt(tn_add(tn_mul(tn_abs(in[0]), number(2)), number(1)));
    return tn_exp(tn_neg(tn_relu(tn_square(tn_sub(x, number(0.5f))))));
}

static Tensor *hundred_body(Tensor **in) {
    Tensor *x = in[0];
    for (int i = 0; i < 100; i++) x = tn_add(tn_mul(x, number(0.9f)), tn_sin(x));
    return x;
}

/* A node that three read. */
static Tensor *diamond_body(Tensor **in) {
    Tensor *a = tn_square(in[0]), *b = tn_add(a, in[1]);
    return tn_sub(tn_mul(a, b), a);
}

/* Two to the twentieth paths to one tensor. */
static Tensor *doubled_body(Tensor **in) {
    Tensor *x = in[0];
    for (int i = 0; i < 20; i++) x = tn_mul(number(0.5f), tn_add(x, x));
    return x;
}

/* More tensors than a program has samplers for. */
static Tensor *leaves_body(Tensor **in) {
    Tensor *sum = in[0];
    for (int i = 0; i < 14; i++) {
        Tensor *leaf = tn_reverse(tn_add(in[0], number((float)i)), INTS(i % 2));
        sum = tn_add(tn_mul(sum, number(0.5f)), leaf);
    }
    return sum;
}

/* More results that are held than render targets. */
static Tensor *held_body(Tensor **in) {
    Tensor *all[9], *x = in[0];
    for (int i = 0; i < 9; i++) all[i] = x = tn_add(tn_mul(x, number(0.5f)), number(1));
    tn_floats(x);
    return tn_concat(LIST(all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8]),
                     0);
}

static Tensor *gate(Tensor *z, int i, int units) {
    return tn_slice(z, INTS(0, i * units), INTS(-1, units));
}

/* A step of an LSTM: slices of a product that is not put together before they are read. */
static Tensor *lstm_body(Tensor **in) {
    Tensor *z = tn_add(tn_matMul(in[0], in[1], false, false), in[2]);
    const int units = z->shape[1] / 4;
    Tensor *c = tn_mul(tn_sigmoid(gate(z, 0, units)), tn_tanh(gate(z, 2, units)));
    c = tn_add(tn_mul(tn_sigmoid(gate(z, 1, units)), in[3]), c);
    return tn_mul(tn_sigmoid(gate(z, 3, units)), tn_tanh(c));
}

/* In place and at another place in one draw. */
static Tensor *both_places_body(Tensor **in) {
    Tensor *x = tn_square(in[0]), *rows = tn_slice(x, INTS(1, 0), INTS(-1, -1));
    Tensor *upper = tn_slice(x, INTS(0, 0), INTS(x->shape[0] - 1, -1));
    return tn_add(tn_mul(upper, rows), tn_slice(tn_exp(x), INTS(1, 0), INTS(-1, -1)));
}

/* Small ones that are broadcast are computed once. */
static Tensor *broadcast_body(Tensor **in) {
    Tensor *row = tn_exp(in[1]), *column = tn_neg(in[2]);
    return tn_add(tn_mul(in[0], row), column);
}

static Tensor *reshaped_body(Tensor **in) {
    Tensor *x = tn_reshape(tn_add(in[0], number(1)), INTS(-1, in[0]->shape[0]));
    return tn_relu(tn_mul(tn_reshape(x, in[1] ? INTS(-1) : NULL), tn_reshape(in[1], INTS(-1))));
}

static Tensor *residual_body(Tensor **in) {
    Tensor *y = tn_add(tn_matMul(in[0], in[1], false, false), in[2]);
    return tn_relu(tn_add(y, in[3]));
}

static Tensor *convolution_body(Tensor **in) {
    Tensor *y = tn_conv2d(in[0], in[1], INTS(1), PAD_SAME, FORMAT_NHWC, INTS(1), ROUND_NONE);
    y = tn_batchNorm(y, in[2], tn_square(in[3]), in[2], in[3], 0.01f);
    return tn_relu6(y);
}

/* int32, bool and float32 in one draw, and several of them drawn to. */
static Tensor *kinds_body(Tensor **in) {
    Tensor *sum = tn_add(in[0], in[1]), *larger = tn_greater(sum, in[0]);
    Tensor *chosen = tn_where(larger, sum, in[1]);
    return tn_concat(LIST(tn_cast(sum, TN_INT32), tn_cast(larger, TN_INT32), chosen), 0);
}

static Tensor *transposed_body(Tensor **in) {
    Tensor *x = tn_transpose(tn_square(in[0]), NULL, false);
    return tn_add(tn_exp(tn_neg(x)), x);
}

static void values(void **state) {
    (void)state;
    CHECK(eight_body, F(7, 11));
    CHECK(eight_body, F(1001, 1003));
    CHECK(hundred_body, F(60, 5));
    CHECK(diamond_body, F(30, 7), F(30, 7));
    CHECK(diamond_body, F(30, 7), F(7));
    CHECK(doubled_body, F(33));
    CHECK(leaves_body, F(12, 15));
    CHECK(held_body, F(13, 5));
    CHECK(broadcast_body, F(30, 8), F(8), F(30, 1));
    CHECK(broadcast_body, F(30, 7), F(7), F(30, 1));
    CHECK(reshaped_body, F(12, 9), F(9, 12));
    CHECK(kinds_body, I(9, 13), D(9, 13));
    CHECK(kinds_body, D(9, 12), D(9, 1));
    CHECK(transposed_body, F(33, 20));
    CHECK(both_places_body, F(9, 8));
    CHECK(both_places_body, F(9, 7));
}

static void ends_of_products(void **state) {
    (void)state;
    CHECK(lstm_body, F(8, 30), F(30, 64), F(64), F(8, 16));
    CHECK(lstm_body, F(8, 30), F(30, 28), F(28), F(8, 7));
    CHECK(residual_body, F(20, 16), F(16, 12), F(12), F(20, 12));
    CHECK(residual_body, F(21, 15), F(15, 13), F(13), F(21, 13));
    CHECK(residual_body, F(1, 15), F(15, 12), F(12), F(1, 12));
    CHECK(convolution_body, F(2, 9, 9, 5), F(3, 3, 5, 8), F(8), F(8));
    CHECK(convolution_body, F(2, 9, 9, 5), F(3, 3, 5, 7), F(7), F(7));
    CHECK(convolution_body, F(1, 6, 6, 8), F(1, 1, 8, 16), F(16), F(16));
}

/* What a plan gives when it is replayed: it knows what is read for the last time. */
static void run_body(void *job, Tensor **in, Tensor **out) { out[0] = ((Body **)job)[0](in); }
static Tensor *replayed(Body *body, Tensor **in, int nin) {
    Plans *plans = NULL;
    Tensor *y = NULL;
    const Work work = {.run = run_body, .job = &body, .in = in, .out = &y, .nin = nin, .nout = 1};
    for (int i = 0; i < 3; i++) {
        if (y) tn_dispose(y);
        plans_run(&plans, &work);
    }
    const char *why;
    assert_int_equal(plans_count(plans, &why), 1);
    plans_free(plans);
    return y;
}
#define REPLAYED(name, n)                                                                          \
    static Tensor *name##_replayed(Tensor **in) { return replayed(name##_body, in, n); }

static Tensor *square_sum_body(Tensor **in) {
    return tn_sum(tn_square(tn_sub(in[0], in[1])), INTS(0), false);
}
static Tensor *row_sum_body(Tensor **in) { return tn_sum(tn_mul(in[0], in[1]), INTS(1), false); }
static Tensor *all_sum_body(Tensor **in) { return tn_sum(tn_exp(tn_neg(in[0])), NULL, false); }
static Tensor *extremes_body(Tensor **in) {
    Tensor *x = tn_tanh(tn_mul(in[0], number(0.3f)));
    return tn_sub(tn_max(x, INTS(0), false), tn_min(x, INTS(0), false));
}
static Tensor *variance_body(Tensor **in) {
    Tensor *variance;
    tn_moments(tn_reshape(in[0], INTS(-1, in[0]->shape[3])), INTS(0), false, &variance);
    return variance;
}
static Tensor *product_sum_body(Tensor **in) {
    Tensor *y = tn_relu(tn_matMul(in[0], in[1], false, false));
    return tn_add(tn_sum(y, INTS(0), true), y);
}

REPLAYED(square_sum, 2)
REPLAYED(row_sum, 2)
REPLAYED(all_sum, 1)
REPLAYED(extremes, 1)
REPLAYED(variance, 1)
REPLAYED(product_sum, 2)

/* Reductions compute what they reduce. */
static void reductions(void **state) {
    (void)state;
#define X(name, ...)                                                                               \
    CHECK(name##_body, __VA_ARGS__);                                                               \
    CHECK(name##_replayed, __VA_ARGS__);
    X(square_sum, F(30, 8), F(8))
    X(square_sum, F(3000, 8), F(8))
    X(square_sum, F(70001, 4), F(4))
    X(square_sum, F(300, 7), F(7))
    X(row_sum, F(30, 80), F(30, 80))
    X(row_sum, F(5, 3000), F(5, 3000))
    X(row_sum, F(5, 301), F(301))
    X(all_sum, F(33))
    X(all_sum, F(40000))
    X(extremes, F(300, 12))
    X(extremes, ODD(300, 12))
    X(variance, F(3, 20, 20, 16))
    X(product_sum, F(30, 16), F(16, 12))
#undef X
}

static bool is_pending(const Tensor *x) { return ((const Texture *)x->storage->texture)->pending; }

/* What nobody asks for is never drawn, and a chain takes one texture. */
static void one_texture(void **state) {
    (void)state;
    Tensor *x = filled(UNIFORM, INTS(90, 70));
    assert_true(tn_gl_start());
    Tensor *first = tn_square(x), *y;
    tn_dispose(first);
    const int before = tn_memory()->textures;
    Scope *s = tn_scope_begin();
    y = tn_scope_out(s, eight_body(&x));
    tn_scope_end(s);
    assert_true(is_pending(y));
    assert_int_equal(tn_memory()->textures, before);
    Tensor *unused = tn_exp(y);
    tn_dispose(unused);
    assert_true(is_pending(y));
    assert_non_null(tn_floats(y));
    assert_false(is_pending(y));
    assert_int_equal(tn_memory()->textures, before + 1);
    tn_dispose(x), tn_dispose(y);
}

/* What a pending result is made of may go before it. */
static void inputs_that_are_gone(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(50, 40)), *y;
    float want[2000];
    for (int i = 0; i < 2000; i++) want[i] = 2 * f32(x)[i] + 1;
    assert_true(tn_gl_start());
    Tensor *there = tn_reverse(tn_reverse(x, NULL), NULL);
    tn_dispose(x);
    y = tn_add(tn_mul(there, number(2)), number(1));
    tn_dispose(there);
    for (int i = 0; i < 5; i++) tn_dispose(filled(UNIFORM, INTS(50, 40)));
    for (int i = 0; i < 2000; i++) assert_true(fabsf(tn_floats(y)[i] - want[i]) < 1e-5f);
    tn_scope_end(s);
}

/* A variable that is written again and again and never read does not grow. */
static void variables(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *v = tn_variable(filled(UNIFORM, INTS(60, 60)), true);
    assert_true(tn_gl_start());
    int textures = 0;
    for (int i = 0; i < 200; i++) {
        Scope *step = tn_scope_begin();
        tn_assign(v, tn_sub(v, tn_mul(tn_sin(v), number(0.01f))));
        tn_scope_end(step);
        assert_false(is_pending(v));
        if (i == 3) textures = tn_memory()->textures;
    }
    assert_int_equal(tn_memory()->textures, textures);
    tn_scope_end(s);
    tn_dispose(v);
}

static void lost_before_it_is_drawn(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(50, 40));
    assert_true(tn_gl_start());
    Tensor *y = tn_neg(tn_reverse(x, NULL)), *z = tn_exp(y);
    test_lose_context();
    tn_gl_lost();
    assert_null(tn_data(z));
    assert_int_equal(tn_error_code(), TN_DEVICE);
    assert_non_null(strstr(tn_error(), "context was lost"));
    tn_clear_error();
    assert_true(test_restore_context());
    tn_gl_restored();
    assert_true(tn_gl_start());
    Tensor *again = tn_exp(tn_neg(tn_reverse(x, NULL)));
    assert_non_null(tn_floats(again));
    assert_null(tn_floats(y));
    tn_clear_error();
    tn_scope_end(s);
}

static void failing_allocations(void **state) {
    (void)state;
    Scope *all = tn_scope_begin();
    Tensor *in[] = {filled(UNIFORM, INTS(8, 30)), filled(UNIFORM, INTS(30, 64)),
                    filled(UNIFORM, INTS(64)), filled(UNIFORM, INTS(8, 16))};
    assert_true(tn_gl_start());
    Tensor *want = lstm_body(in);
    const float *expected = tn_floats(want);
    int right = 0;
    for (int n = 1; right < 3; n++) {
        Scope *s = tn_scope_begin();
        tn_fail_allocation(n);
        Tensor *y = lstm_body(in);
        const float *data = tn_floats(y);
        tn_fail_allocation(0);
        if (tn_error()) assert_int_equal(tn_error_code(), TN_MEMORY);
        for (int i = 0; !tn_error() && i < tn_size(y); i++)
            assert_true(fabsf(data[i] - expected[i]) < 1e-4f);
        right = tn_error() ? 0 : right + 1;
        tn_clear_error();
        tn_scope_end(s);
        assert_true(n < 1000);
    }
    tn_scope_end(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(values, leaves_nothing),
        cmocka_unit_test_teardown(ends_of_products, leaves_nothing),
        cmocka_unit_test_teardown(reductions, leaves_nothing),
        cmocka_unit_test_teardown(one_texture, leaves_nothing),
        cmocka_unit_test_teardown(inputs_that_are_gone, leaves_nothing),
        cmocka_unit_test_teardown(variables, leaves_nothing),
        cmocka_unit_test_teardown(failing_allocations, leaves_nothing),
        cmocka_unit_test_teardown(lost_before_it_is_drawn, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl chains", tests, starts_gl, NULL);
}
