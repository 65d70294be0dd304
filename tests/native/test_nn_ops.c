/* Softmax, reductions, normalisation and losses: values against doubles, gradients against
** differences, bad input. */
#include "grad_check.h"

/* ---- softmax and its kin, against a double reference ---- */

typedef struct Line {
    double max, sum;
} Line;

static Line line_of(const float *x, int n, int step) {
    Line l = {-INFINITY, 0};
    for (int k = 0; k < n; k++) l.max = fmax(l.max, x[k * step]);
    for (int k = 0; k < n; k++) l.sum += exp(x[k * step] - l.max);
    return l;
}

static void softmax_of(int outer, int n, int inner) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(outer, n, inner), -30, 30);
    Tensor *y = tn_softmax(x, 1), *z = tn_logSoftmax(x, 1), *l = tn_logSumExp(x, INTS(1), false);
    assert_no_error();
    for (int o = 0; o < outer; o++)
        for (int i = 0; i < inner; i++) {
            int at = o * n * inner + i;
            Line line = line_of(tn_floats(x) + at, n, inner);
            assert_near(tn_floats(l)[o * inner + i], line.max + log(line.sum), 1e-6, "lse", i);
            for (int k = 0; k < n; k++) {
                double d = tn_floats(x)[at + k * inner] - line.max;
                assert_near(tn_floats(y)[at + k * inner], exp(d) / line.sum, 1e-6, "softmax", k);
                assert_near(tn_floats(z)[at + k * inner], d - log(line.sum), 1e-6, "log", k);
            }
        }
    tn_scope_end(s);
}

static void softmax_values(void **state) {
    (void)state;
    static const int sizes[] = {1, 2, 3, 7, 8, 15, 16, 17, 33, 300, 1001};
    const int count = sizeof sizes / sizeof *sizes;
    for (int i = 0; i < count; i++) {
        softmax_of(3, sizes[i], 1);
        softmax_of(2, 5, sizes[i]);
        softmax_of(1, sizes[i], 19);
    }
}

static void softmax_extremes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x =
        tn_tensor(TN_FLOAT32, INTS(2, 3), (float[]){1e4f, 1e4f, -1e4f, -INFINITY, 0, -INFINITY});
    ASSERT_FLOATS(tn_softmax(x, -1), 0.5f, 0.5f, 0, 0, 1, 0);
    ASSERT_FLOATS(tn_logSoftmax(x, 1), -0.6931472f, -0.6931472f, -20000.693f, -INFINITY, 0,
                  -INFINITY);
    ASSERT_FLOATS(tn_logSumExp(x, INTS(1), false), 10000.693f, 0);
    Tensor *low = tn_fill(INTS(2), -INFINITY, TN_FLOAT32);
    ASSERT_FLOATS(tn_logSumExp(low, NULL, false), -INFINITY);
    Tensor *none = tn_tensor(TN_FLOAT32, INTS(2, 0), NULL);
    ASSERT_FLOATS(tn_logSumExp(none, INTS(1), false), -INFINITY, -INFINITY);
    assert_int_equal(tn_size(tn_softmax(none, 1)), 0);
    tn_scope_end(s);
}

/* ---- reductions ---- */

static void reduction_values(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 3), (float[]){1, -2, 3, 4, 0.5f, 6});
    ASSERT_FLOATS(tn_prod(x, NULL, false), -72);
    ASSERT_FLOATS(tn_prod(x, INTS(0), false), 4, -1, 18);
    ASSERT_FLOATS(tn_prod(x, INTS(-1), true), -6, 12);
    Tensor *none = tn_tensor(TN_FLOAT32, INTS(2, 0), NULL);
    ASSERT_FLOATS(tn_prod(none, INTS(1), false), 1, 1);
    Tensor *whole = tn_prod(tn_cast(x, TN_INT32), INTS(1), false);
    assert_int_equal(tn_dtype(whole), TN_INT32);
    ASSERT_FLOATS(tn_cast(whole, TN_FLOAT32), -6, 0);
    Tensor *b = tn_cast(tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){1, 0, 0, 0}), TN_BOOL);
    ASSERT_FLOATS(tn_cast(tn_any(b, INTS(1), false), TN_FLOAT32), 1, 0);
    ASSERT_FLOATS(tn_cast(tn_all(b, INTS(1), false), TN_FLOAT32), 0, 0);
    ASSERT_FLOATS(tn_cast(tn_any(b, NULL, false), TN_FLOAT32), 1);
    Tensor *variance, *mean = tn_moments(x, INTS(1), false, &variance);
    ASSERT_FLOATS(mean, 0.6666667f, 3.5f);
    ASSERT_FLOATS(variance, 4.2222223f, 5.1666665f);
    mean = tn_moments(x, NULL, true, &variance);
    assert_int_equal(tn_rank(mean), 2);
    assert_int_equal(tn_rank(variance), 2);
    tn_scope_end(s);
}

static void norm_values(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){3, -4, 1, 2});
    ASSERT_FLOATS(tn_norm(x, NULL, NULL, false), 5.4772256f);
    ASSERT_FLOATS(tn_norm(x, "euclidean", INTS(1), false), 5, 2.2360680f);
    ASSERT_FLOATS(tn_norm(x, "1", INTS(0), false), 4, 6);
    ASSERT_FLOATS(tn_norm(x, "Infinity", INTS(0), false), 3, 4);
    ASSERT_FLOATS(tn_norm(x, "-Infinity", NULL, false), 1);
    ASSERT_FLOATS(tn_norm(x, "1", INTS(0, 1), false), 6);
    ASSERT_FLOATS(tn_norm(x, "Infinity", INTS(0, 1), false), 7);
    ASSERT_FLOATS(tn_norm(x, "Infinity", INTS(1, 0), false), 6);
    ASSERT_FLOATS(tn_norm(x, "-Infinity", INTS(0, 1), false), 3);
    ASSERT_FLOATS(tn_norm(x, "fro", INTS(0, 1), false), 5.4772256f);
    assert_int_equal(tn_rank(tn_norm(x, "2", NULL, true)), 2);
    tn_norm(x, "3", NULL, false);
    assert_failed(TN_VALUE, "norm: invalid ord value: 3 of a vector");
    tn_norm(x, "2", INTS(0, 1), false);
    assert_failed(TN_VALUE, "norm: invalid ord value: 2 of a matrix");
    tn_norm(x, "1", INTS(1, 1), false);
    assert_failed(TN_VALUE, "norm: axis");
    tn_norm(x, "1", INTS(2), false);
    assert_failed(TN_VALUE, "norm: axis 2");
    tn_scope_end(s);
}

/* ---- batchNorm: few and many channels, parameters of every shape ---- */

static void batch_norm_of(int rows, int channels, bool full) {
    Scope *s = tn_scope_begin();
    const Ints *shape = full ? INTS(1, channels) : INTS(channels);
    Tensor *x = random_tensor(INTS(rows, channels), -2, 2), *p[4];
    for (int i = 0; i < 4; i++) p[i] = random_tensor(shape, i == 1 ? 0.1f : -1, 2);
    Tensor *y = tn_batchNorm(x, p[0], p[1], p[2], p[3], 0.01f);
    Tensor *z = tn_batchNorm(x, p[0], p[1], NULL, NULL, 0.01f);
    assert_no_error();
    for (int i = 0; i < rows * channels; i++) {
        int k = i % channels;
        double plain = (tn_floats(x)[i] - (double)tn_floats(p[0])[k]) /
                       sqrt((double)tn_floats(p[1])[k] + 0.01);
        assert_near(tn_floats(z)[i], plain, 3e-6, "batchNorm", i);
        double want = plain * tn_floats(p[3])[k] + tn_floats(p[2])[k];
        assert_near(tn_floats(y)[i], want, 3e-6, "batchNorm", i);
    }
    tn_scope_end(s);
}

static void batch_norm_values(void **state) {
    (void)state;
    static const int channels[] = {1, 2, 3, 5, 16, 63, 64, 65, 130};
    for (int i = 0; i < 9; i++) {
        batch_norm_of(1, channels[i], false);
        batch_norm_of(77, channels[i], i % 2);
    }
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 3), -1, 1), *p = tn_ones(INTS(3), TN_FLOAT32);
    tn_batchNorm(x, tn_ones(INTS(2), TN_FLOAT32), p, NULL, NULL, 0.001f);
    assert_failed(TN_SHAPE, "batchNorm: mean has shape [2], which does not broadcast to x's [2, 3");
    tn_batchNorm(x, p, p, NULL, tn_ones(INTS(1, 2, 3), TN_FLOAT32), 0.001f);
    assert_failed(TN_SHAPE, "batchNorm: scale has shape [1, 2, 3]");
    assert_int_equal(tn_size(tn_batchNorm(tn_zeros(INTS(0, 3), TN_FLOAT32), p, p, p, p, 1)), 0);
    tn_scope_end(s);
}

/* ---- losses ---- */

static void loss_reductions(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (float[]){1, 2, 3, 4});
    Tensor *w = tn_tensor(TN_FLOAT32, INTS(2, 1), (float[]){0, 3});
    ASSERT_FLOATS(tn_computeWeightedLoss(x, w, 0), 0, 0, 9, 12);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, w, 1), 3.5f);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, w, 2), 21);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, w, 3), 10.5f);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, NULL, 0), 1, 2, 3, 4);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, NULL, 1), 2.5f);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, NULL, 2), 10);
    ASSERT_FLOATS(tn_computeWeightedLoss(x, NULL, 3), 2.5f);
    tn_computeWeightedLoss(x, w, 4);
    assert_failed(TN_VALUE, "computeWeightedLoss: Unknown reduction: 4");
    tn_meanSquaredError(x, w, NULL, 3);
    assert_failed(TN_SHAPE, "Error in meanSquaredError:  Shapes 2,2 and 2,1 must match");
    Tensor *big = tn_tensor(TN_FLOAT32, INTS(1, 2), (float[]){1000, -1000});
    Tensor *hot = tn_tensor(TN_FLOAT32, INTS(1, 2), (float[]){0, 1});
    ASSERT_FLOATS(tn_softmaxCrossEntropy(hot, big, NULL, 0, 3), 2000);
    ASSERT_FLOATS(tn_sigmoidCrossEntropy(hot, big, NULL, 0, 0), 1000, 1000);
    tn_scope_end(s);
}

/* ---- gradients ---- */

static Tensor *f_softmax(Tensor **in) { return tn_softmax(in[0], 1); }
static Tensor *f_logSoftmax(Tensor **in) { return tn_logSoftmax(in[0], 1); }
static Tensor *f_logSumExp(Tensor **in) { return tn_logSumExp(in[0], INTS(0, 2), false); }
static Tensor *f_prod(Tensor **in) { return tn_prod(in[0], INTS(1), false); }
static Tensor *f_prod_all(Tensor **in) { return tn_prod(in[0], NULL, false); }
static Tensor *f_variance(Tensor **in) {
    Tensor *variance;
    tn_moments(in[0], INTS(1), true, &variance);
    return variance;
}
static Tensor *f_norm(Tensor **in) { return tn_norm(in[0], "2", INTS(1), false); }
static Tensor *f_norm_1(Tensor **in) { return tn_norm(in[0], "1", INTS(1, 2), false); }
static Tensor *f_batchNorm(Tensor **in) {
    return tn_batchNorm(in[0], in[1], in[2], in[3], in[4], 0.1f);
}
static Tensor *f_batchNorm_plain(Tensor **in) {
    return tn_batchNorm(in[0], in[1], in[2], NULL, NULL, 0.1f);
}
static Tensor *f_huber(Tensor **in) { return tn_huberLoss(in[0], in[1], in[2], 0.7f, 1); }
static Tensor *f_log_loss(Tensor **in) { return tn_logLoss(in[0], in[1], NULL, 1e-3f, 3); }
static Tensor *f_hinge(Tensor **in) { return tn_hingeLoss(in[0], in[1], NULL, 2); }
static Tensor *f_cosine(Tensor **in) { return tn_cosineDistance(in[0], in[1], 1, NULL, 0); }
static Tensor *f_sigmoid(Tensor **in) {
    return tn_sigmoidCrossEntropy(in[0], in[1], in[2], 0.1f, 1);
}
static Tensor *f_cross(Tensor **in) { return tn_softmaxCrossEntropy(in[0], in[1], NULL, 0.1f, 0); }

static void softmax_gradients(void **state) {
    (void)state;
    check_gradients("softmax", f_softmax, 1, (Tensor *[]){random_tensor(INTS(2, 4), -2, 2)}, 2);
    check_gradients("softmax", f_softmax, 1, (Tensor *[]){random_tensor(INTS(2, 3, 2), -2, 2)}, 2);
    check_gradients("logSoftmax", f_logSoftmax, 1, (Tensor *[]){random_tensor(INTS(2, 4), -2, 2)},
                    2);
    check_gradients("logSoftmax", f_logSoftmax, 1,
                    (Tensor *[]){random_tensor(INTS(2, 3, 2), -2, 2)}, 2);
    check_gradients("logSumExp", f_logSumExp, 1, (Tensor *[]){random_tensor(INTS(2, 3, 2), -2, 2)},
                    2);
}

static void reduction_gradients(void **state) {
    (void)state;
    Tensor *zeros = random_tensor(INTS(4, 5), -2, 2);
    float *v = (float *)tn_data(zeros);
    v[0] = 0; /* one zero in the first row, two in the second, three in the third */
    v[5] = v[7] = 0;
    v[10] = v[11] = v[14] = 0;
    check_gradients("prod with zeros", f_prod, 1, &zeros, 2);
    check_gradients("prod", f_prod, 1, (Tensor *[]){random_tensor(INTS(2, 3, 2), -2, 2)}, 2);
    check_gradients("prod of one", f_prod, 1, (Tensor *[]){random_tensor(INTS(2, 1), -2, 2)}, 2);
    check_gradients("prod of all", f_prod_all, 1, (Tensor *[]){random_tensor(INTS(3, 2), 1, 2)}, 2);
    check_gradients("variance", f_variance, 1, (Tensor *[]){random_tensor(INTS(2, 3, 2), -2, 2)},
                    2);
    check_gradients("norm", f_norm, 1, (Tensor *[]){random_tensor(INTS(2, 3, 2), 1, 2)}, 2);
    check_gradients("norm 1", f_norm_1, 1, (Tensor *[]){distinct_tensor(INTS(2, 3, 2), 0.2f)}, 1);
}

static void norm_layer_gradients(void **state) {
    (void)state;
    for (int full = 0; full < 2; full++) {
        const Ints *shape = full ? INTS(2, 1, 3) : INTS(3);
        Tensor *in[5] = {random_tensor(INTS(2, 2, 3), -2, 2), random_tensor(shape, -1, 1),
                         random_tensor(shape, 0.5f, 2), random_tensor(shape, -1, 1),
                         random_tensor(shape, -1, 1)};
        check_gradients("batchNorm", f_batchNorm, 5, in, 2);
    }
    Tensor *in[3] = {random_tensor(INTS(4, 2), -2, 2), random_tensor(INTS(2), -1, 1),
                     random_tensor(INTS(2), 0.5f, 2)};
    check_gradients("batchNorm", f_batchNorm_plain, 3, in, 2);
}

static void loss_gradients(void **state) {
    (void)state;
    Tensor *huber[] = {distinct_tensor(INTS(3, 2), 0.55f), random_tensor(INTS(3, 2), -0.02f, 0.02f),
                       random_tensor(INTS(3, 1), 0.5f, 1)};
    check_gradients("huberLoss", f_huber, 3, huber, 2);
    Tensor *probabilities[] = {random_tensor(INTS(5), 0, 1), random_tensor(INTS(5), 0.2f, 0.8f)};
    check_gradients("logLoss", f_log_loss, 2, probabilities, 2);
    Tensor *hinge[] = {tn_tensor(TN_FLOAT32, INTS(3), (float[]){1, 0, 1}),
                       tn_tensor(TN_FLOAT32, INTS(3), (float[]){0.5f, 0.3f, 1.5f})};
    check_gradients("hingeLoss", f_hinge, 2, hinge, 1);
    Tensor *cosine[] = {random_tensor(INTS(2, 3), -1, 1), random_tensor(INTS(2, 3), -1, 1)};
    check_gradients("cosineDistance", f_cosine, 2, cosine, 2);
    Tensor *sigmoid[] = {random_tensor(INTS(2, 3), 0, 1), random_tensor(INTS(2, 3), -2, 2),
                         random_tensor(INTS(2, 1), 0.5f, 1)};
    check_gradients("sigmoidCrossEntropy", f_sigmoid, 3, sigmoid, 2);
    Tensor *cross[] = {random_tensor(INTS(2, 3), 0, 1), random_tensor(INTS(2, 3), -2, 2)};
    check_gradients("softmaxCrossEntropy", f_cross, 2, cross, 2);
}

static void bad_input(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 3), -1, 1), *whole = tn_cast(x, TN_INT32);
    tn_softmax(whole, -1);
    assert_failed(TN_DTYPE, "'logits' passed to 'softmax' must be float32 tensor, but got int32");
    tn_softmax(x, 2);
    assert_failed(TN_VALUE, "softmax: axis 2 is not in -2..1");
    tn_logSoftmax(tn_scalar(1), -1);
    assert_failed(TN_VALUE, "logSoftmax: axis -1");
    tn_any(x, NULL, false);
    assert_failed(TN_DTYPE, "Argument 'x' passed to 'any' must be bool tensor, but got float32");
    tn_all(whole, NULL, false);
    assert_failed(TN_DTYPE, "Argument 'x' passed to 'all' must be bool tensor, but got int32");
    tn_prod(x, INTS(0, 5), false);
    assert_failed(TN_VALUE, "prod: axis 5");
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(softmax_values),      OP_TEST(softmax_extremes),
        OP_TEST(softmax_gradients),   OP_TEST(reduction_values),
        OP_TEST(reduction_gradients), OP_TEST(norm_values),
        OP_TEST(batch_norm_values),   OP_TEST(norm_layer_gradients),
        OP_TEST(loss_reductions),     OP_TEST(loss_gradients),
        OP_TEST(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
