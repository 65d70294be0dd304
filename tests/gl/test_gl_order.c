/* Order, places and shapes on the GPU. */
#include "gl_check.h"
#include "base/threefry.h"

#define BODY(name, expression)                                                                     \
    static Tensor *name(Tensor **in) { return expression; }

static Tensor *top(Tensor *x, int k, bool places) {
    Tensor *indices = NULL, *values = tn_topk(x, k, true, &indices);
    return places ? indices : values;
}
BODY(top_1, top(in[0], 1, true))
BODY(top_3, top(in[0], 3, false))
BODY(top_3_places, top(in[0], 3, true))
BODY(top_7, top(in[0], 7, false))
BODY(top_7_places, top(in[0], 7, true))
BODY(top_all, top(in[0], in[0]->shape[1], true))
BODY(top_64, top(in[0], 64, true))
BODY(top_200, top(in[0], 200, true))

static void the_largest(void **state) {
    (void)state;
    CHECK(top_1, F(3, 4));
    CHECK(top_3, F(5, 9));
    CHECK(top_3, I(5, 9));
    CHECK(top_3, B(5, 9));
    CHECK(top_3_places, B(5, 9));
    CHECK(top_3_places, I(6, 100));
    CHECK(top_7, ODD(5, 21));
    CHECK(top_7_places, ODD(5, 21));
    CHECK(top_7_places, ODD(4, 3, 300));
    CHECK(top_7_places, D(3, 2000));
    CHECK(top_7_places, B(3, 773));
    CHECK(top_7, F(2, 3000));
    CHECK(top_7_places, ODD(9, 1000));
    CHECK(top_7_places, I(5, 3001));
    CHECK(top_7_places, I(5, 400));
    CHECK(top_all, ODD(3, 50));
    CHECK(top_64, D(2, 5003));
    CHECK(top_64, F(1, 20001));
    CHECK(top_200, D(2, 4001));
    CHECK(top_1, F(1, 70000));
}

static Tensor *rising(Tensor *x) { return tn_cumsum(tn_abs(x), -1, false, false); }
BODY(lower, tn_lowerBound(rising(in[0]), rising(in[1])))
BODY(upper, tn_upperBound(rising(in[0]), rising(in[1])))
BODY(lower_odd, tn_lowerBound(rising(in[0]), in[1]))
BODY(upper_odd, tn_upperBound(rising(in[0]), in[1]))
BODY(in_top, tn_inTopK(in[0], in[1], 3))

static void where_values_go(void **state) {
    (void)state;
    CHECK(lower, D(3, 17), D(3, 9));
    CHECK(upper, D(3, 17), D(3, 9));
    CHECK(upper, D(2, 1), D(2, 5));
    CHECK(lower_odd, D(1, 40), ODD(1, 31));
    CHECK(upper_odd, F(2, 40), ODD(2, 31));
    CHECK(upper_odd, I(1, 4), I(1, 31));
    CHECK(in_top, F(19, 7), D(19));
    CHECK(in_top, ODD(33, 8), D(33));
    CHECK(in_top, ODD(3, 11, 9), D(3, 11));
}

BODY(band, tn_bandPart(in[0], 1, 0))
BODY(band_upper, tn_bandPart(in[0], 0, -1))
BODY(band_wide, tn_bandPart(in[0], -1, 2))
BODY(diagonal, tn_diag(in[0]))

static Tensor *back(Tensor **in, Body *body) {
    tn_tape_begin();
    Tensor *y = body(in), *g = tn_gradients(y, LIST(in[0]), in[1])->v[0];
    tn_tape_end();
    return g;
}
BODY(rows_of, tn_slice(in[0], INTS(1, 0, 2), INTS(2, 4, 3)))
BODY(mirrored, tn_reverse(in[0], INTS(0, 2)))
BODY(steps, tn_stridedSlice(in[0], INTS(3, 0, 5), INTS(0, 4, 0), INTS(-2, 1, -2), 0, 0, 0, 0, 0))
BODY(every_third, tn_stridedSlice(in[0], INTS(1), INTS(30), INTS(3), 0, 0, 0, 0, 0))
BODY(one_row, tn_stridedSlice(in[0], INTS(2), INTS(3), INTS(1), 0, 0, 0, 0, 1))
BODY(slice_dx, back(in, rows_of))
BODY(mirrored_dx, back(in, mirrored))
BODY(steps_dx, back(in, steps))
BODY(every_third_dx, back(in, every_third))
BODY(one_row_dx, back(in, one_row))
BODY(to_space, tn_depthToSpace(in[0], 2, FORMAT_NHWC))
BODY(to_space_dx, back(in, to_space))

static void bands_and_blocks(void **state) {
    (void)state;
    CHECK(band, F(5, 4));
    CHECK(band, ODD(2, 7, 9));
    CHECK(band_upper, I(2, 3, 5, 5));
    CHECK(band_wide, B(6, 8));
    CHECK(diagonal, F(9));
    CHECK(diagonal, ODD(21));
    CHECK(diagonal, I(2, 3));
    CHECK(diagonal, B(5));
    CHECK(slice_dx, F(4, 4, 6), F(2, 4, 3));
    CHECK(mirrored_dx, F(3, 5, 7), F(3, 5, 7));
    CHECK(steps_dx, F(4, 4, 6), ODD(2, 4, 3));
    CHECK(every_third_dx, F(30), F(10));
    CHECK(one_row_dx, F(4, 7), F(7));
    for (int c = 3; c <= 4; c++) CHECK(to_space_dx, F(2, 3, 5, 4 * c), F(2, 6, 10, c));
}

BODY(log_sum_last, tn_logSumExp(in[0], INTS(-1), false))
BODY(log_sum_first, tn_logSumExp(in[0], INTS(0), true))
BODY(log_sum_all, tn_logSumExp(in[0], NULL, false))
BODY(running_product, tn_cumprod(in[0], 0, false, false))
BODY(products_back, tn_cumprod(in[0], 1, true, true))

static void sums_and_products(void **state) {
    (void)state;
    CHECK(log_sum_last, F(5, 12));
    CHECK(log_sum_last, ODD(33, 3));
    CHECK(log_sum_last, ODD(33, 4));
    CHECK(log_sum_first, F(9, 7));
    CHECK(log_sum_all, F(30, 77));
    CHECK(running_product, F(9, 7));
    CHECK(running_product, F(1, 7));
    CHECK(running_product, I(33, 8));
    CHECK(running_product, ODD(25, 7));
    CHECK(products_back, F(9, 17));
    CHECK(products_back, D(9, 16));
    CHECK(products_back, ODD(6, 9));
}

BODY(white, tn_threshold(in[0], THRESHOLD_BINARY, false, 0.005f))
BODY(black, tn_threshold(in[0], THRESHOLD_BINARY, true, 0.005f))
BODY(both_bits, tn_bitwiseAnd(in[0], in[1]))

static Tensor *largest_places(Tensor *x, bool batch) {
    Tensor *places = NULL;
    tn_maxPoolWithArgmax(x, INTS(3, 2), INTS(2, 1), PAD_SAME, batch, &places);
    return places;
}
BODY(places_each, largest_places(in[0], false))
BODY(places_through, largest_places(in[0], true))

static void images(void **state) {
    (void)state;
    CHECK(white, F(9, 7, 3));
    CHECK(white, D(40, 30, 3));
    CHECK(white, ODD(9, 7, 1));
    CHECK(black, ODD(9, 8, 3));
    CHECK(black, ODD(9, 7, 1));
    CHECK(both_bits, I(9, 7), I(9, 7));
    for (int c = 3; c <= 4; c++) {
        CHECK(places_each, F(2, 6, 7, c));
        CHECK(places_through, ODD(3, 6, 7, c));
        CHECK(places_through, I(2, 6, 7, c));
        CHECK(places_each, D(2, 6, 7, c));
    }
}

static Tensor *sizes_of_bins(Tensor **in) {
    tn_tape_begin();
    Tensor *at = tn_tensor(TN_INT32, INTS(2, 4), (int[]){1, 3, 1, 9, 0, 2, 5, 1});
    Tensor *y = tn_denseBincount(at, in[0], 5, false);
    Tensor *g = tn_gradients(y, LIST(in[0]), in[1])->v[0];
    tn_tape_end();
    return g;
}

static void bins(void **state) {
    (void)state;
    check_case("bins", sizes_of_bins, 2, (In[]){F(2, 4), ODD(2, 5)}, 0, "bins denseBincount");
}

/* The numbers of this key, in double. */
static double normal_number(const uint32_t key[2], int i) {
    uint32_t bits[2];
    threefry(key, (uint32_t)i / 2, bits);
    const double far = sqrt(-2 * log(1 - (double)fraction_of(bits[0])));
    const double turn = 2 * M_PI * fraction_of(bits[1]);
    return far * (i % 2 ? sin(turn) : cos(turn));
}

/* Each draw takes the key after that of the draw before it, on the CPU as on the GPU. */
static void normal_numbers(void **state) {
    (void)state;
    enum { N = 40001 };
    for (int gpu = 0; gpu < 2; gpu++) {
        Scope *s = tn_scope_begin();
        if (gpu) assert_true(tn_gl_start());
        else tn_gl_stop();
        uint32_t key[2];
        random_key(key);
        key[1]++;
        Tensor *x = tn_randomNormal(INTS(N), -2, 6, TN_FLOAT32, NULL);
        assert_int_equal(x->storage->texture != NULL, gpu);
        const float *v = tn_floats(x);
        double sum = 0, squares = 0;
        for (int i = 0; i < N; i++) {
            assert_true(fabs(v[i] - (6 * normal_number(key, i) - 2)) < 6e-5);
            sum += v[i], squares += (v[i] + 2) * (v[i] + 2);
        }
        assert_true(fabs(sum / N + 2) < 0.15);
        assert_true(fabs(squares / N - 36) < 1.5);
        tn_scope_end(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_largest, leaves_nothing),
        cmocka_unit_test_teardown(where_values_go, leaves_nothing),
        cmocka_unit_test_teardown(bands_and_blocks, leaves_nothing),
        cmocka_unit_test_teardown(sums_and_products, leaves_nothing),
        cmocka_unit_test_teardown(images, leaves_nothing),
        cmocka_unit_test_teardown(bins, leaves_nothing),
        cmocka_unit_test_teardown(normal_numbers, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl order", tests, starts_gl, NULL);
}
