/* Choosing, sorting, running sums, creation, random numbers, images: against plain double loops. */
#include "grad_check.h"
#include "base/threads.h"

static const int *ints_of(Tensor *x) {
    assert_no_error();
    assert_int_equal(tn_dtype(x), TN_INT32);
    return tn_data(x);
}

static void assert_shape(Tensor *y, int rank, const int *shape) {
    assert_no_error();
    assert_int_equal(tn_rank(y), rank);
    for (int i = 0; i < rank; i++) assert_int_equal(tn_shape(y)[i], shape[i]);
}

static Tensor *random_ints(const Ints *shape, int lo, int hi) {
    Tensor *x = tn_tensor(TN_INT32, shape, NULL);
    for (int i = 0; i < tn_size(x); i++) ((int *)tn_data(x))[i] = random_int(lo, hi);
    return x;
}

/* ---- gather, oneHot ---- */

static void gathers(void **state) {
    (void)state;
    for (int n = 0; n < 200; n++) {
        Scope *s = tn_scope_begin();
        const int b = random_int(1, 3), o = random_int(1, 3), d = random_int(1, 5);
        const int c = n % 20 ? random_int(0, 6) : 20000, inner = n & 1 ? 1 : random_int(1, 4);
        Tensor *x = random_tensor(INTS(b, o, d, inner), -1, 1);
        Tensor *index = random_ints(INTS(b, c), 0, d - 1);
        Tensor *y = tn_gather(x, index, n % 3 ? 2 : -2, n % 5 ? 1 : -1);
        assert_shape(y, 4, (int[]){b, o, c, inner});
        const float *got = tn_floats(y);
        for (int i = 0; i < b * o * c * inner; i++) {
            int k = i % inner, at = i / inner % c, line = i / inner / c;
            int from = ints_of(index)[line / o * c + at];
            assert_true(got[i] == tn_floats(x)[(line * d + from) * inner + k]);
        }
        Tensor *bools = tn_gather(tn_cast(tn_greater(x, tn_scalar(0)), TN_BOOL), index, 2, 1);
        assert_int_equal(tn_dtype(bools), TN_BOOL);
        Tensor *same =
            tn_equal(tn_cast(bools, TN_INT32), tn_cast(tn_greater(y, tn_scalar(0)), TN_INT32));
        assert_int_equal(((const uint8_t *)tn_data(tn_all(same, NULL, false)))[0], 1);
        tn_scope_end(s);
    }
}

static void one_hots(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_INT32, INTS(4), (int[]){2, -1, 3, 0});
    ASSERT_FLOATS(tn_oneHot(x, 3, 5, 0.5f, TN_FLOAT32), 0.5f, 0.5f, 5, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f,
                  0.5f, 5, 0.5f, 0.5f);
    const int *y = ints_of(tn_oneHot(x, 3, 2, 7, TN_INT32));
    assert_int_equal(y[2], 2);
    assert_int_equal(y[9], 2);
    assert_int_equal(y[0] + y[3] + y[8], 21);
    const uint8_t *b = tn_data(tn_oneHot(x, 3, 0, 9, TN_BOOL));
    assert_int_equal(b[0] * 100 + b[1] * 10 + b[2], 110);
    tn_scope_end(s);
}

/* ---- topk, argMax, argMin ---- */

static void topks(void **state) {
    (void)state;
    for (int n = 0; n < 100; n++) {
        Scope *s = tn_scope_begin();
        const int rows = random_int(1, 4), size = random_int(1, 60), k = random_int(0, size);
        const DType dtype = (DType)(n % 3);
        Tensor *x = random_ints(INTS(rows, size), -20, 20), *indices;
        x = tn_cast(dtype == TN_BOOL ? tn_greater(x, tn_scalar(0)) : x, dtype);
        Tensor *values = tn_topk(x, k, true, &indices);
        assert_shape(values, 2, (int[]){rows, k});
        assert_shape(indices, 2, (int[]){rows, k});
        assert_int_equal(tn_dtype(values), dtype);
        Tensor *all = tn_cast(x, TN_FLOAT32), *got = tn_cast(values, TN_FLOAT32);
        for (int row = 0; row < rows; row++) {
            const float *v = tn_floats(all) + row * size;
            for (int i = 0; i < k; i++) {
                const int at = ints_of(indices)[row * k + i];
                int before = 0; /* the place of `at` in the order */
                for (int j = 0; j < size; j++) before += v[j] > v[at] || (v[j] == v[at] && j < at);
                assert_int_equal(before, i);
                assert_true(tn_floats(got)[row * k + i] == v[at]);
            }
        }
        tn_scope_end(s);
    }
}

static void nan_is_last(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(5), (float[]){NAN, 2, INFINITY, NAN, -INFINITY}), *at;
    ASSERT_FLOATS(tn_topk(x, 5, true, &at), INFINITY, 2, -INFINITY, NAN, NAN);
    assert_memory_equal(ints_of(at), ((int[]){2, 1, 4, 0, 3}), 20);
    assert_int_equal(*ints_of(tn_argMax(x, 0)), 2);
    assert_int_equal(*ints_of(tn_argMin(x, 0)), 4);
    x = tn_tensor(TN_FLOAT32, INTS(2), (float[]){NAN, NAN});
    assert_int_equal(*ints_of(tn_argMax(x, 0)), 0);
    x = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){NAN, -INFINITY, -INFINITY, NAN});
    assert_memory_equal(ints_of(tn_argMax(x, 0)), ((int[]){1, 0}), 8);
    assert_memory_equal(ints_of(tn_argMax(x, 1)), ((int[]){1, 0}), 8);
    x = tn_fill(INTS(3, 150), NAN, TN_FLOAT32);
    ((float *)tn_data(x))[140] = 7;
    ((float *)tn_data(x))[290] = -INFINITY;
    assert_memory_equal(ints_of(tn_argMax(x, 1)), ((int[]){140, 140, 0}), 12);
    assert_memory_equal(ints_of(tn_argMin(x, 1)), ((int[]){140, 140, 0}), 12);
    tn_scope_end(s);
}

static void extremes(void **state) {
    (void)state;
    static const int shapes[][3] = {{3, 7, 1}, {2, 5, 64}, {2, 1, 3}, {1, 9, 200}, {40, 500, 1}};
    for (int n = 0; n < 10; n++) {
        Scope *s = tn_scope_begin();
        const int o = shapes[n / 2][0], d = shapes[n / 2][1], c = shapes[n / 2][2];
        Tensor *x = random_ints(INTS(o, d, c), -6, 6);
        Tensor *v = tn_cast(x, TN_FLOAT32);
        const int *hi = ints_of(tn_argMax(n & 1 ? v : x, 1)),
                  *lo = ints_of(tn_argMin(n & 1 ? v : x, -2));
        for (int i = 0; i < o * c; i++) {
            const float *at = tn_floats(v) + i / c * d * c + i % c;
            int best = 0, worst = 0;
            for (int k = 1; k < d; k++) {
                if (at[k * c] > at[best * c]) best = k;
                if (at[k * c] < at[worst * c]) worst = k;
            }
            assert_int_equal(hi[i], best);
            assert_int_equal(lo[i], worst);
        }
        tn_scope_end(s);
    }
}

/* ---- cumsum, cumprod ---- */

static void one_scan(int o, int d, int c, bool product, bool exclusive, bool reverse) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(o, d, c), product ? 0.5f : -1, product ? 1.5f : 1);
    Tensor *y =
        product ? tn_cumprod(x, 1, exclusive, reverse) : tn_cumsum(x, 1, exclusive, reverse);
    assert_shape(y, 3, tn_shape(x));
    for (int i = 0; i < o * c; i++) {
        double total = product;
        for (int k = 0; k < d; k++) {
            const int at = i / c * d * c + (reverse ? d - 1 - k : k) * c + i % c;
            const double before = total, v = tn_floats(x)[at];
            total = product ? total * v : total + v;
            assert_near(tn_floats(y)[at], exclusive ? before : total, 1e-6, "scan", at);
        }
    }
    tn_scope_end(s);
}

static void scans(void **state) {
    (void)state;
    for (int n = 0; n < 8; n++) {
        one_scan(3, 7, 1, n & 1, n & 2, n & 4);
        one_scan(2, 5, 33, n & 1, n & 2, n & 4);
        one_scan(1, 1, 2, n & 1, n & 2, n & 4);
    }
    Scope *s = tn_scope_begin();
    Tensor *tenths = tn_fill(INTS(1000000), 0.1f, TN_FLOAT32);
    assert_near(tn_floats(tn_cumsum(tenths, 0, false, false))[999999], 1e6 * (double)0.1f, 1e-6,
                "long", 0);
    const int *y =
        ints_of(tn_cumsum(tn_tensor(TN_BOOL, INTS(3), (uint8_t[]){1, 0, 1}), 0, false, false));
    assert_int_equal(y[2], 2);
    assert_int_equal(ints_of(tn_cumprod(tn_range(1, 6, 1, TN_INT32), 0, false, true))[0], 120);
    tn_scope_end(s);
}

/* ---- creation ---- */

static void creation(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    ASSERT_FLOATS(tn_linspace(0.1, 0.5, 3), 0.1f, 0.3f, 0.5f);
    ASSERT_FLOATS(tn_linspace(7, 9, 1), 7);
    assert_int_equal(tn_size(tn_range(0, 1, 0.1, TN_FLOAT32)), 10);
    assert_int_equal(tn_size(tn_range(0, 5, -1, TN_FLOAT32)), 0);
    assert_int_equal(tn_size(tn_range(5, 0, 2, TN_FLOAT32)), 0);
    assert_int_equal(tn_size(tn_range(5, 5, 1, TN_INT32)), 0);
    ASSERT_FLOATS(tn_range(2, -1, 1, TN_FLOAT32), 2, 1, 0);
    assert_int_equal(ints_of(tn_range(-3, 9, 4, TN_INT32))[2], 5);
    Tensor *y = tn_eye(2, INTS(3), INTS(2), TN_FLOAT32);
    assert_shape(y, 3, (int[]){2, 2, 3});
    ASSERT_FLOATS(y, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0);
    assert_int_equal(((const uint8_t *)tn_data(tn_eye(2, NULL, NULL, TN_BOOL)))[3], 1);
    tn_scope_end(s);
}

/* ---- random numbers: what the peer gives for these seeds, to the bit ---- */

static void assert_bits(Tensor *x, int n, const float *want) {
    assert_no_error();
    assert_int_equal(tn_size(x), n);
    assert_memory_equal(tn_data(x), want, sizeof(float) * (size_t)n);
}

static void seeds(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    assert_bits(tn_randomUniform(INTS(3), 0, 1, TN_FLOAT32, "42"), 3,
                (float[]){0.6848635077476501f, 0.5463244915008545f, 0.8455933332443237f});
    assert_bits(tn_randomNormal(INTS(3), 0, 1, TN_FLOAT32, "42"), 3,
                (float[]){1.9053093194961548f, 0.4774465560913086f, 0.4454464018344879f});
    assert_bits(tn_truncatedNormal(INTS(3), 1, 0.5, TN_FLOAT32, "42"), 3,
                (float[]){1.9526547193527222f, 1.2387232780456543f, 1.2227232456207275f});
    const int *y = ints_of(tn_randomUniform(INTS(4), -9, 9, TN_INT32, "seed"));
    assert_memory_equal(y, ((int[]){-8, 1, 1, 6}), 16);
    y = ints_of(tn_randomNormal(INTS(4), 5, 10, TN_INT32, "7"));
    assert_memory_equal(y, ((int[]){-9, 5, -6, -7}), 16);
    Tensor *x = tn_range(1, 7, 1, TN_FLOAT32);
    assert_bits(tn_dropout(x, 0.5, NULL, "1"), 6, (float[]){2, 0, 0, 8, 0, 0});
    tn_scope_end(s);
}

static void distributions(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    const int n = 20000;
    Tensor *u = tn_randomUniform(INTS(n), -2, 3, TN_FLOAT32, NULL), *mean, *variance;
    Tensor *other = tn_randomUniform(INTS(n), -2, 3, TN_FLOAT32, NULL);
    assert_memory_not_equal(tn_data(u), tn_data(other), 400);
    for (int i = 0; i < n; i++) assert_true(tn_floats(u)[i] >= -2 && tn_floats(u)[i] <= 3);
    mean = tn_moments(tn_randomNormal(INTS(n), 4, 2, TN_FLOAT32, NULL), NULL, false, &variance);
    assert_near(*tn_floats(mean), 4, 0.02, "mean", 0);
    assert_near(*tn_floats(variance), 4, 0.05, "variance", 0);
    Tensor *t = tn_truncatedNormal(INTS(n), 4, 2, TN_FLOAT32, NULL);
    for (int i = 0; i < n; i++) assert_true(fabsf(tn_floats(t)[i] - 4) <= 4);
    Tensor *d = tn_dropout(tn_ones(INTS(n), TN_FLOAT32), 0.25, NULL, NULL);
    assert_near(*tn_floats(tn_mean(d, NULL, false)), 1, 0.02, "dropout", 0);
    tn_scope_end(s);
}

/* ---- images ---- */

static double pixel(Tensor *x, int image, int row, int column, int k) {
    const int *s = tn_shape(x);
    return tn_floats(x)[((image * s[1] + row) * s[2] + column) * s[3] + k];
}

/* Where output place `at` of `out` lies between `in` places. */
static double place(int in, int out, bool align, bool half, int at) {
    if (align && out > 1) return (double)at * (in - 1) / (out - 1);
    return fmin(fmax(half ? (at + 0.5) * in / out - 0.5 : (double)at * in / out, 0), in - 1);
}

static void one_resize(int h, int w, int nh, int nw, int c, bool align, bool half) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, h, w, c), -1, 1);
    Tensor *y = tn_resizeBilinear(x, INTS(nh, nw), align, half);
    assert_shape(y, 4, (int[]){2, nh, nw, c});
    for (int i = 0; i < 2 * nh * nw * c; i++) {
        const int k = i % c, column = i / c % nw, row = i / c / nw % nh, image = i / c / nw / nh;
        const double v = place(h, nh, align, half, row), u = place(w, nw, align, half, column);
        const int top = (int)v, left = (int)u, down = top + (top < h - 1),
                  right = left + (left < w - 1);
        const double a = pixel(x, image, top, left, k) * (1 - u + left) +
                         pixel(x, image, top, right, k) * (u - left);
        const double b = pixel(x, image, down, left, k) * (1 - u + left) +
                         pixel(x, image, down, right, k) * (u - left);
        assert_near(tn_floats(y)[i], a * (1 - v + top) + b * (v - top), 1e-5, "bilinear", i);
    }
    tn_scope_end(s);
}

static void resizes(void **state) {
    (void)state;
    static const int sizes[][4] = {
        {3, 4, 7, 5}, {7, 5, 3, 4}, {1, 1, 3, 2}, {5, 5, 1, 1}, {4, 4, 8, 8}};
    for (int n = 0; n < 25; n++)
        for (int mode = 0; mode < 3; mode++)
            one_resize(sizes[n % 5][0], sizes[n % 5][1], sizes[n % 5][2], sizes[n % 5][3],
                       1 + n / 5, mode == 1, mode == 2);
    Scope *s = tn_scope_begin();
    Tensor *x = tn_range(0, 5, 1, TN_INT32), *y;
    y = tn_resizeNearestNeighbor(tn_reshape(x, INTS(1, 5, 1)), INTS(2, 3), false, false);
    assert_memory_equal(ints_of(y), ((int[]){0, 1, 3, 0, 1, 3}), 24);
    y = tn_resizeNearestNeighbor(tn_reshape(x, INTS(1, 5, 1)), INTS(1, 8), true, false);
    assert_memory_equal(ints_of(y), ((int[]){0, 1, 1, 2, 2, 3, 3, 4}), 32);
    y = tn_resizeNearestNeighbor(tn_reshape(x, INTS(1, 5, 1)), INTS(1, 2), false, true);
    assert_memory_equal(ints_of(y), ((int[]){1, 3}), 8);
    tn_scope_end(s);
}

static void colours(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_range(0, 12, 1, TN_FLOAT32);
    ASSERT_FLOATS(tn_flipLeftRight(tn_reshape(x, INTS(1, 2, 3, 2))), 4, 5, 2, 3, 0, 1, 10, 11, 8, 9,
                  6, 7);
    Tensor *grey =
        tn_rgbToGrayscale(tn_tensor(TN_INT32, INTS(1, 2, 3), (int[]){255, 0, 0, 0, 200, 100}));
    assert_shape(grey, 3, (int[]){1, 2, 1});
    assert_memory_equal(ints_of(grey), ((int[]){76, 128}), 8);
    ASSERT_FLOATS(tn_grayscaleToRGB(tn_expandDims(tn_linspace(1, 2, 2), 1)), 1, 1, 1, 2, 2, 2);
    tn_scope_end(s);
}

int main(void) {
    tn_set_threads(3);
    const struct CMUnitTest tests[] = {
        OP_TEST(gathers),       OP_TEST(one_hots), OP_TEST(topks),    OP_TEST(nan_is_last),
        OP_TEST(extremes),      OP_TEST(scans),    OP_TEST(creation), OP_TEST(seeds),
        OP_TEST(distributions), OP_TEST(resizes),  OP_TEST(colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
