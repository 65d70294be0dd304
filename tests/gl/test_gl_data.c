/* Ops that move elements, and reductions, on the GPU. */
#include "gl_check.h"

#define BODY(name, expression)                                                                     \
    static Tensor *name(Tensor **in) { return expression; }

BODY(slice_a, tn_slice(in[0], INTS(1, 0, 4), INTS(2, 5, 8)))
BODY(slice_b, tn_slice(in[0], INTS(0, 1, 3), INTS(3, 2, 5)))
BODY(strided_a, tn_stridedSlice(in[0], INTS(0, 5), INTS(4, 0), INTS(2, -2), 0, 0, 0, 0, 0))
BODY(element, tn_stridedSlice(in[0], INTS(3), INTS(4), INTS(1), 0, 0, 0, 0, 1))
BODY(reverse, tn_reverse(in[0], INTS(0, 2)))
BODY(transpose_all, tn_transpose(in[0], NULL, false))
BODY(transpose_ends, tn_transpose(in[0], INTS(0, 2, 1), false))
BODY(transpose_front, tn_transpose(in[0], INTS(1, 0, 2), false))
BODY(tile, tn_tile(in[0], INTS(2, 1, 3)))
BODY(pad_rows, tn_pad(in[0], INTS(1, 2, 0, 3, 0, 0), 0))
BODY(pad_all, tn_pad(in[0], INTS(1, 2, 0, 3, 2, 1), -7.5f))
BODY(pad_whole, tn_pad(in[0], INTS(0, 0, 1, 1, 4, 8), 2))
BODY(concat_0, tn_concat(LIST(in[0], in[1], in[2]), 0))
BODY(concat_last, tn_concat(LIST(in[0], in[1]), -1))
BODY(concat_many, tn_concat(LIST(in[0], in[1], in[2], in[0], in[1], in[2], in[0], in[1], in[0]), 1))
BODY(stack_1, tn_stack(LIST(in[0], in[1]), 1))
BODY(split_second, tn_split(in[0], INTS(3), 1)->v[1])
BODY(unstack_second, tn_unstack(in[0], 1)->v[1])

static void moves(void **state) {
    (void)state;
    CHECK(slice_a, F(3, 5, 16));
    CHECK(slice_b, F(3, 5, 11));
    CHECK(strided_a, F(4, 7));
    CHECK(element, F(9));
    CHECK(element, I(9)); /* a scalar of another dtype has a program of its own */
    CHECK(element, F(9));
    CHECK(reverse, F(3, 5, 8));
    CHECK(reverse, F(3, 5, 7));
    CHECK(transpose_all, F(9, 14));
    CHECK(transpose_all, F(3, 4, 5, 6));
    CHECK(transpose_ends, B(3, 6, 10));
    CHECK(transpose_front, F(3, 6, 8));
    CHECK(tile, F(3, 5, 4));
    CHECK(tile, F(2, 3, 7));
    CHECK(slice_b, I(3, 5, 11));
    CHECK(reverse, I(3, 5, 8));
    CHECK(transpose_all, I(9, 14));
    CHECK(tile, I(2, 3, 7));
}

static void borders_and_joins(void **state) {
    (void)state;
    CHECK(pad_rows, F(2, 3, 4));
    CHECK(pad_rows, F(2, 3, 3));
    CHECK(pad_all, F(2, 3, 4));
    CHECK(pad_whole, F(2, 3, 8));
    CHECK(pad_rows, B(2, 3, 5));
    CHECK(concat_0, F(2, 5), F(1, 5), F(3, 5));
    CHECK(concat_last, F(3, 5), F(3, 2));
    CHECK(concat_last, F(3, 4), F(3, 8));
    CHECK(concat_last, B(3, 4), B(3, 8));
    CHECK(concat_many, F(3, 4), F(3, 8), F(3, 12));
    CHECK(concat_many, F(3, 4), F(3, 1), F(3, 2));
    CHECK(stack_1, F(3, 8), F(3, 8));
    CHECK(split_second, F(4, 12, 2));
    CHECK(unstack_second, F(4, 3, 8));
    CHECK(pad_all, I(2, 3, 4));
    CHECK(pad_whole, I(2, 3, 8));
    CHECK(concat_0, I(2, 5), I(1, 5), I(3, 5));
    CHECK(concat_many, I(3, 4), I(3, 8), I(3, 12));
    CHECK(stack_1, I(3, 8), I(3, 8));
    CHECK(split_second, I(4, 12, 2));
    CHECK(unstack_second, I(4, 3, 8));
}

BODY(sum_all, tn_sum(in[0], NULL, false))
BODY(sum_0, tn_sum(in[0], INTS(0), true))
BODY(sum_1, tn_sum(in[0], INTS(1), false))
BODY(sum_ends, tn_sum(in[0], INTS(0, 2), false))
BODY(mean_middle, tn_mean(in[0], INTS(1, 2), false))
BODY(max_1, tn_max(in[0], INTS(1), false))
BODY(min_0, tn_min(in[0], INTS(0), false))
BODY(max_all, tn_max(in[0], NULL, false))
BODY(softmax_last, tn_softmax(in[0], -1))
BODY(softmax_0, tn_softmax(in[0], 0))
BODY(logSoftmax_last, tn_logSoftmax(in[0], -1))
BODY(logSoftmax_1, tn_logSoftmax(in[0], 1))

BODY(prod_1, tn_prod(in[0], INTS(1), false))
BODY(any_0, tn_any(in[0], INTS(0), false))
BODY(all_1, tn_all(in[0], INTS(1), false))
BODY(arg_max, tn_argMax(in[0], 0))
BODY(arg_min, tn_argMin(in[0], -1))

BODY(cumsum_0, tn_cumsum(in[0], 0, false, false))
BODY(cumsum_back, tn_cumsum(in[0], 1, true, true))
BODY(cumsum_ex, tn_cumsum(in[0], -1, true, false))
BODY(one_hot, tn_oneHot(in[0], 7, 2.5, -1, TN_FLOAT32))
BODY(one_hot_ints, tn_oneHot(in[0], 5, 3, -7, TN_INT32))

/* The gradient of rows that are gathered, which come again and again. */
static Tensor *gather_dx(Tensor **in) {
    tn_tape_begin();
    Tensor *at = tn_tensor(TN_INT32, INTS(6), (int[]){4, 0, 4, 1, 4, 0});
    Tensor *y = tn_square(tn_gather(in[0], at, 0, 0));
    Tensor *g = tn_gradients(y, LIST(in[0]), NULL)->v[0];
    tn_tape_end();
    return g;
}
static Tensor *scatter(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(5, 1), (int[]){8, 0, 3, 0, 8});
    return tn_scatterND(at, in[0], INTS(9, in[0]->shape[1]));
}
static Tensor *update(Tensor **in) {
    Tensor *at = tn_tensor(TN_INT32, INTS(5, 1), (int[]){6, 0, 3, 0, 6});
    return tn_tensorScatterUpdate(in[0], at, in[1]);
}
static Tensor *segments(Tensor **in) {
    Tensor *ids = tn_tensor(TN_INT32, INTS(7), (int[]){1, 0, 3, 3, 1, 1, 0});
    return tn_unsortedSegmentSum(in[0], ids, 5);
}

BODY(nearest, tn_resizeNearestNeighbor(in[0], INTS(9, 5), false, false))
BODY(nearest_align, tn_resizeNearestNeighbor(in[0], INTS(3, 11), true, false))
BODY(nearest_half, tn_resizeNearestNeighbor(in[0], INTS(3, 4), false, true))
BODY(bilinear, tn_resizeBilinear(in[0], INTS(9, 5), false, false))
BODY(bilinear_align, tn_resizeBilinear(in[0], INTS(3, 11), true, false))
BODY(bilinear_half, tn_resizeBilinear(in[0], INTS(13, 4), false, true))
static Tensor *resize_dx(Tensor **in, Body *body) {
    tn_tape_begin();
    Tensor *y = tn_square(tn_mul(body(in), tn_scalar(0.3f)));
    Tensor *g = tn_gradients(y, LIST(in[0]), NULL)->v[0];
    tn_tape_end();
    return g;
}
BODY(nearest_dx, resize_dx(in, nearest))
BODY(nearest_align_dx, resize_dx(in, nearest_align))
BODY(bilinear_dx, resize_dx(in, bilinear))
BODY(bilinear_align_dx, resize_dx(in, bilinear_align))
BODY(bilinear_half_dx, resize_dx(in, bilinear_half))

static void resizing(void **state) {
    (void)state;
    for (int channels = 3; channels <= 4; channels++) {
        CHECK(nearest, F(2, 6, 7, channels));
        CHECK(nearest, I(2, 6, 7, channels));
        CHECK(nearest_align, F(2, 6, 7, channels));
        CHECK(nearest_half, F(2, 6, 7, channels));
        CHECK(nearest_dx, F(2, 6, 7, channels));
        CHECK(nearest_align_dx, F(2, 6, 7, channels));
        CHECK(bilinear_dx, F(2, 6, 7, channels));
        CHECK(bilinear_align_dx, F(2, 6, 7, channels));
        CHECK(bilinear_half_dx, F(2, 6, 7, channels));
    }
}

/* Without a seed both draw other numbers each time, which lie between the bounds and fill them. */
static void random_numbers(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    assert_true(tn_gl_start());
    Tensor *x = tn_randomUniform(INTS(4001), -2, 6, TN_FLOAT32, NULL);
    Tensor *z = tn_randomUniform(INTS(4001), -2, 6, TN_FLOAT32, NULL);
    assert_non_null(x->storage->texture);
    const float *a = tn_floats(x), *b = tn_floats(z);
    double sum = 0, squares = 0;
    int equal = 0;
    for (int i = 0; i < 4001; i++) {
        assert_true(a[i] >= -2 && a[i] < 6);
        sum += a[i], squares += a[i] * a[i], equal += a[i] == b[i];
    }
    assert_true(fabs(sum / 4001 - 2) < 0.2);
    assert_true(fabs(squares / 4001 - 4 - 64 / 12.0) < 0.4);
    assert_true(equal < 10);
    tn_scope_end(s);
}

static void scans_and_scatters(void **state) {
    (void)state;
    CHECK(cumsum_0, F(9, 7));
    CHECK(cumsum_0, F(1, 7));
    CHECK(cumsum_0, I(33, 8));
    CHECK(cumsum_0, F(1000, 3));
    CHECK(cumsum_back, F(9, 17));
    CHECK(cumsum_back, D(9, 16));
    CHECK(cumsum_ex, F(3, 5, 2));
    CHECK(cumsum_0, F(100, 8));
    CHECK(cumsum_back, F(9, 1000));
    CHECK(cumsum_back, F(9, 77, 4));
    CHECK(cumsum_back, F(3, 1001));
    CHECK(cumsum_ex, D(3, 2000));
    CHECK(cumsum_ex, F(3, 5, 1));
    CHECK(one_hot, D(9, 5));
    CHECK(one_hot_ints, D(8));
    CHECK(gather_dx, F(7, 12));
    CHECK(gather_dx, F(5, 3));
    CHECK(scatter, F(5, 8));
    CHECK(scatter, I(5, 3));
    CHECK(update, F(7, 8), F(5, 8));
    CHECK(update, I(7, 3), I(5, 3));
    CHECK(segments, F(7, 4));
    CHECK(segments, I(7, 5));
}

static void reductions(void **state) {
    (void)state;
    CHECK(prod_1, F(9, 7));
    CHECK(prod_1, I(9, 8));
    CHECK(sum_all, I(300, 70));
    CHECK(sum_0, I(9, 8));
    CHECK(sum_0, B(9, 8));
    CHECK(max_1, I(9, 8));
    CHECK(min_0, I(9, 7));
    CHECK(any_0, B(3, 9));
    CHECK(all_1, B(9, 2));
    CHECK(arg_max, F(9, 7));
    CHECK(arg_max, ODD(30, 7));
    CHECK(arg_max, I(9, 8));
    CHECK(arg_min, F(9, 7));
    CHECK(arg_min, ODD(30, 7));
    CHECK(arg_min, D(30, 17));
    CHECK(arg_max, B(9, 7));
    CHECK(arg_max, ODD(700, 8));
    CHECK(arg_max, D(1000, 3));
    CHECK(arg_min, F(5, 2000));
    CHECK(arg_min, ODD(5, 1000));
    CHECK(arg_min, ODD(50, 12));
    CHECK(arg_min, D(3, 5001));
    CHECK(arg_min, I(4, 1000));
    CHECK(sum_all, F(7));
    CHECK(sum_all, F(300, 701));
    CHECK(sum_all, F(512, 512));
    CHECK(sum_0, F(9, 8));
    CHECK(sum_0, F(1000, 7));
    CHECK(sum_0, F(4000, 12));
    CHECK(sum_1, F(9, 8));
    CHECK(sum_1, F(5, 7, 8));
    CHECK(sum_1, F(2000, 300));
    CHECK(sum_ends, F(3, 5, 4));
    CHECK(mean_middle, F(2, 7, 7, 12));
    CHECK(max_1, F(9, 8));
    CHECK(max_1, F(9, 41));
    CHECK(max_1, F(9, 40));
    CHECK(min_0, F(9, 8));
    CHECK(min_0, F(600, 3));
    CHECK(max_all, F(90, 81));
    CHECK(softmax_last, F(5, 12));
    CHECK(softmax_last, F(5, 1001));
    CHECK(softmax_0, F(6, 8));
    CHECK(softmax_0, F(3, 6, 5));
    CHECK(logSoftmax_last, F(5, 12));
    CHECK(logSoftmax_1, F(3, 6, 5));
}

BODY(batchNorm_full, tn_batchNorm(in[0], in[1], in[2], in[3], in[4], 0.01f))
BODY(batchNorm_bare, tn_batchNorm(in[0], in[1], in[2], NULL, NULL, 0.01f))
BODY(batchNorm_scaled, tn_batchNorm(in[0], in[1], in[2], NULL, in[3], 0.01f))

static void normalisation(void **state) {
    (void)state;
    CHECK(batchNorm_full, F(2, 3, 5, 8), F(8), POS(8), F(8), F(8));
    CHECK(batchNorm_full, F(7, 5), F(5), POS(5), F(5), F(5));
    CHECK(batchNorm_bare, F(7, 8), F(8), POS(8));
    CHECK(batchNorm_scaled, F(7, 8), F(8), POS(8), F(8));
}

static Tensor *indices(void) { return tn_tensor(TN_INT32, INTS(2, 3), (int[]){3, 0, 2, 2, 1, 0}); }
BODY(gather_0, tn_gather(in[0], indices(), 0, 0))
BODY(gather_1, tn_gather(in[0], indices(), 1, 0))
BODY(gather_batch, tn_gather(in[0], indices(), 1, 1))
BODY(grow, tn_resizeBilinear(in[0], INTS(9, 7), false, false))
BODY(shrink, tn_resizeBilinear(in[0], INTS(3, 2), false, false))
BODY(grow_aligned, tn_resizeBilinear(in[0], INTS(9, 7), true, false))
BODY(grow_half, tn_resizeBilinear(in[0], INTS(9, 7), false, true))

static void choosing_and_resizing(void **state) {
    (void)state;
    CHECK(gather_0, F(4, 12));
    CHECK(gather_0, F(4, 3, 3));
    CHECK(gather_0, B(5));
    CHECK(gather_1, F(3, 4, 8));
    CHECK(gather_batch, F(2, 4, 4));
    CHECK(gather_batch, F(2, 4, 5));
    for (int c = 3; c < 5; c++) {
        CHECK(grow, F(2, 5, 4, c));
        CHECK(shrink, F(2, 5, 4, c));
        CHECK(grow_aligned, F(5, 4, c));
        CHECK(grow_half, F(2, 5, 4, c));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(moves, leaves_nothing),
        cmocka_unit_test_teardown(borders_and_joins, leaves_nothing),
        cmocka_unit_test_teardown(reductions, leaves_nothing),
        cmocka_unit_test_teardown(scans_and_scatters, leaves_nothing),
        cmocka_unit_test_teardown(resizing, leaves_nothing),
        cmocka_unit_test_teardown(random_numbers, leaves_nothing),
        cmocka_unit_test_teardown(normalisation, leaves_nothing),
        cmocka_unit_test_teardown(choosing_and_resizing, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl data", tests, starts_gl, NULL);
}
