/* Cropping, warping, choosing boxes, dilation, response normalization: values against doubles,
** gradients against differences, hostile input. */
#include "grad_check.h"

/* A pixel of an image [h, w] of one channel, or the fill outside. */
static double pixel(const float *x, int h, int w, int row, int column, double fill) {
    if (row < 0 || row >= h || column < 0 || column >= w) return fill;
    return x[row * w + column];
}

static double between(const float *x, int h, int w, double row, double column, double fill) {
    const int top = (int)floor(row), left = (int)floor(column);
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        const double down = i / 2 ? row - top : 1 - (row - top);
        const double right = i % 2 ? column - left : 1 - (column - left);
        sum += down * right * pixel(x, h, w, top + i / 2, left + i % 2, fill);
    }
    return sum;
}

/* ---- cropAndResize ---- */

enum { HEIGHT = 5, WIDTH = 7 };

static double at_share(double a, double b, int n, int count, int i) {
    return (count == 1 ? (a + b) / 2 : a + (b - a) * i / (count - 1)) * (n - 1);
}

static void crop_values(void **state) {
    (void)state;
    for (int round = 0; round < 40; round++) {
        Scope *s = tn_scope_begin();
        const int h = random_int(1, 4), w = random_int(1, 4), boxes = random_int(1, 4);
        Tensor *x = random_tensor(INTS(2, HEIGHT, WIDTH, 1), -2, 2);
        Tensor *b = random_tensor(INTS(boxes, 4), -0.3f, 1.3f);
        Tensor *image = tn_tensor(TN_INT32, INTS(boxes), NULL);
        for (int i = 0; i < boxes; i++) ((int *)tn_data(image))[i] = random_int(0, 1);
        const bool nearest = random_int(0, 1);
        Tensor *y = tn_cropAndResize(x, b, image, INTS(h, w),
                                     nearest ? SAMPLE_NEAREST : SAMPLE_BILINEAR, 9);
        assert_no_error();
        for (int i = 0; i < tn_size(y); i++) {
            const int k = i / w / h;
            const float *box = tn_floats(b) + 4 * k;
            const double row = at_share(box[0], box[2], HEIGHT, h, i / w % h);
            const double column = at_share(box[1], box[3], WIDTH, w, i % w);
            const float *from = tn_floats(x) + ((int *)tn_data(image))[k] * HEIGHT * WIDTH;
            double want = 9;
            if (row >= 0 && row <= HEIGHT - 1 && column >= 0 && column <= WIDTH - 1)
                want = nearest ? pixel(from, HEIGHT, WIDTH, (int)floor(row + 0.5),
                                       (int)floor(column + 0.5), 9)
                               : between(from, HEIGHT, WIDTH, row, column, 9);
            assert_near(tn_floats(y)[i], want, 2e-6, "cropAndResize", i);
        }
        tn_scope_end(s);
    }
}

static Tensor *f_crop(Tensor **in) {
    Tensor *image = tn_tensor(TN_INT32, INTS(2), (int[]){1, 0});
    return tn_cropAndResize(in[0], in[1], image, INTS(2, 3), SAMPLE_BILINEAR, 0.5f);
}

static void crop_gradients(void **state) {
    (void)state;
    /* No place is near a pixel's centre, where the slope changes. */
    Tensor *in[] = {random_tensor(INTS(2, 3, 3, 2), -1, 1),
                    tn_tensor(TN_FLOAT32, INTS(2, 4),
                              (float[]){0.12f, 0.1f, 0.7f, 0.67f, 0.3f, 0.9f, 0.85f, 1.6f})};
    check_gradients("cropAndResize", f_crop, 2, in, 2);
}

/* ---- transform ---- */

/* Coordinates outside brought inside, by walking. */
static double mirrored(double v, int n) {
    while (v < -0.5 || v > n - 0.5) v = v < 0 ? -1 - v : 2 * n - 1 - v;
    return fmin(fmax(v, 0), n - 1);
}

static void transform_values(void **state) {
    (void)state;
    for (int round = 0; round < 60; round++) {
        Scope *s = tn_scope_begin();
        const int h = random_int(1, 6), w = random_int(1, 6),
                  mode = random_int(0, 1) ? FILL_REFLECT : FILL_CONSTANT;
        Tensor *x = random_tensor(INTS(2, HEIGHT, WIDTH, 1), -2, 2);
        Tensor *t = random_tensor(INTS(2, 8), -1.5f, 1.5f);
        for (int i = 6; i < 16; i += i % 8 == 7 ? 7 : 1) ((float *)tn_data(t))[i] *= 0.05f;
        Tensor *y = tn_transform(x, t, SAMPLE_BILINEAR, mode, 3, INTS(h, w));
        assert_no_error();
        for (int i = 0; i < tn_size(y); i++) {
            const int k = i / w / h, row = i / w % h, column = i % w;
            const float *a = tn_floats(t) + 8 * k;
            const double depth = 1.0 + (double)a[6] * column + (double)a[7] * row;
            double v = ((double)a[0] * column + (double)a[1] * row + a[2]) / depth;
            double u = ((double)a[3] * column + (double)a[4] * row + a[5]) / depth;
            if (mode == FILL_REFLECT) u = mirrored(u, HEIGHT), v = mirrored(v, WIDTH);
            const float *from = tn_floats(x) + k * HEIGHT * WIDTH;
            assert_near(tn_floats(y)[i], between(from, HEIGHT, WIDTH, u, v, 3), 1e-5, "transform",
                        i);
        }
        tn_scope_end(s);
    }
}

static Tensor *f_constant(Tensor **in) {
    return tn_transform(in[0], in[1], SAMPLE_BILINEAR, FILL_CONSTANT, 0.7f, NULL);
}
static Tensor *f_reflect(Tensor **in) {
    return tn_transform(in[0], in[1], SAMPLE_BILINEAR, FILL_REFLECT, 0, INTS(2, 2));
}
static Tensor *f_rotated(Tensor **in) {
    return tn_rotateWithOffset(in[0], 0.6, tn_scalar(0.5f),
                               tn_tensor(TN_FLOAT32, INTS(2), (float[]){0.2f, 0.6f}));
}

static void warp_gradients(void **state) {
    (void)state;
    const float one[] = {0.7f, 0.2f, 0.33f, -0.3f, 0.6f, 0.41f, 0.05f, -0.03f};
    Tensor *constant[] = {random_tensor(INTS(2, 2, 2, 2), -1, 1),
                          tn_tensor(TN_FLOAT32, INTS(1, 8), one)};
    check_gradients("transform", f_constant, 2, constant, 2);
    const float two[] = {0.8f, 0.15f, -1.4f, 0.2f, 0.75f, 0.3f,  0.02f, 0.04f,
                         0.6f, -0.2f, 2.7f,  0.1f, 0.7f,  -1.6f, 0,     -0.05f};
    Tensor *reflect[] = {random_tensor(INTS(2, 3, 3, 1), -1, 1),
                         tn_tensor(TN_FLOAT32, INTS(2, 8), two)};
    check_gradients("reflected transform", f_reflect, 2, reflect, 2);
    Tensor *turned[] = {random_tensor(INTS(1, 3, 3, 2), -1, 1)};
    check_gradients("rotateWithOffset", f_rotated, 1, turned, 2);
}

static void rotations(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(1, 2, 2, 4), NULL);
    Tensor *colour = tn_tensor(TN_FLOAT32, INTS(3), (float[]){1, 2, 3});
    Tensor *y = tn_rotateWithOffset(x, 0, colour, tn_scalar(0.5f));
    assert_no_error();
    for (int i = 0; i < 16; i++) assert_true(tn_floats(y)[i] == 0);
    y = tn_rotateWithOffset(x, M_PI, colour, tn_scalar(9)); /* all from outside */
    assert_no_error();
    for (int i = 0; i < 16; i++)
        assert_true(tn_floats(y)[i] == (i % 4 == 3 ? 255 : (float)(i % 4 + 1)));
    tn_rotateWithOffset(x, 1, tn_tensor(TN_FLOAT32, INTS(2), NULL), colour);
    assert_failed(TN_SHAPE, "fillValue must be one number or 3, but has shape [2]");
    tn_scope_end(s);
}

/* ---- boxes ---- */

static double share_of(const float *a, const float *b) {
    double inner = 1, area[2] = {1, 1};
    for (int i = 0; i < 2; i++) {
        const double low = fmax(fmin(a[i], a[i + 2]), fmin(b[i], b[i + 2]));
        const double high = fmin(fmax(a[i], a[i + 2]), fmax(b[i], b[i + 2]));
        inner *= high > low ? high - low : 0;
        area[0] *= fabs(a[i] - a[i + 2]), area[1] *= fabs(b[i] - b[i + 2]);
    }
    return area[0] > 0 && area[1] > 0 ? inner / (area[0] + area[1] - inner) : 0;
}

/* Chooses the best that is left, again and again; sigma 0: what overlaps it is taken out. */
static int choose(const float *boxes, const float *scores, int n, double most, double least,
                  double sigma, int *chosen, double *score) {
    double left[64];
    for (int i = 0; i < n; i++) left[i] = scores[i];
    for (int count = 0;; count++) {
        int best = -1;
        for (int i = 0; i < n; i++)
            if (left[i] > least && (best < 0 || left[i] > left[best])) best = i;
        if (best < 0) return count;
        chosen[count] = best, score[count] = left[best];
        left[best] = -INFINITY;
        for (int i = 0; i < n; i++) {
            const double share = share_of(boxes + 4 * best, boxes + 4 * i);
            if (share >= most) left[i] = -INFINITY;
            else if (sigma > 0) left[i] *= exp(-share * share / 2 / sigma);
        }
    }
}

static void suppressions(void **state) {
    (void)state;
    for (int round = 0; round < 60; round++) {
        Scope *s = tn_scope_begin();
        const int n = random_int(0, 40);
        Tensor *boxes = random_tensor(INTS(n, 4), 0, 1), *scores = random_tensor(INTS(n), 0, 1);
        const double most = random_in(0.1f, 1), sigma = random_int(0, 1) ? random_in(0.1f, 1) : 0;
        const double least = random_in(-0.2f, 0.5f);
        int chosen[64];
        double score[64];
        const int count =
            choose(tn_floats(boxes), tn_floats(scores), n, most, least, sigma, chosen, score);
        Tensor *found_scores;
        Tensor *found =
            tn_nonMaxSuppressionWithScore(boxes, scores, n, most, least, sigma, &found_scores);
        assert_no_error();
        assert_int_equal(tn_size(found), count);
        for (int i = 0; i < count; i++) {
            assert_int_equal(((const int *)tn_data(found))[i], chosen[i]);
            assert_near(tn_floats(found_scores)[i], score[i], 1e-5, "score", i);
        }
        tn_scope_end(s);
    }
}

static Tensor *f_soft(Tensor **in) {
    Tensor *scores;
    tn_nonMaxSuppressionWithScore(in[0], in[1], 9, 0.9, 0.01, 0.4, &scores);
    return scores;
}

static void suppression_gradients(void **state) {
    (void)state;
    const float boxes[] = {0, 0.05f, 1, 1.1f, 0.2f, 1.8f, 0.9f, 0.3f, 0.4f, 0.6f, 1.3f, 1.5f};
    Tensor *in[] = {tn_tensor(TN_FLOAT32, INTS(3, 4), boxes),
                    tn_tensor(TN_FLOAT32, INTS(3), (float[]){0.9f, 0.5f, 0.7f})};
    check_gradients("nonMaxSuppressionWithScore", f_soft, 2, in, 2);
}

static void hostile_boxes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    const float odd[] = {NAN,       0, INFINITY, 1, 0, 0, INFINITY, INFINITY,
                         -INFINITY, 0, INFINITY, 1, 0, 0, 0,        0};
    Tensor *boxes = tn_tensor(TN_FLOAT32, INTS(4, 4), odd);
    Tensor *scores = tn_tensor(TN_FLOAT32, INTS(4), (float[]){1, NAN, INFINITY, 0.5f}), *more;
    assert_true(tn_size(tn_nonMaxSuppression(boxes, scores, 9, 0.5, -INFINITY)) <= 4);
    tn_nonMaxSuppressionWithScore(boxes, scores, 9, 1, -INFINITY, 0.5, &more);
    assert_no_error();
    Tensor *image = random_tensor(INTS(1, 2, 2, 1), -1, 1);
    Tensor *index = tn_tensor(TN_INT32, INTS(4), NULL);
    Tensor *y = tn_cropAndResize(image, boxes, index, INTS(2, 2), SAMPLE_BILINEAR, 0);
    assert_no_error();
    assert_int_equal(tn_size(y), 16);
    ((int *)tn_data(index))[2] = -1;
    tn_cropAndResize(image, boxes, index, INTS(2, 2), SAMPLE_BILINEAR, 0);
    assert_failed(TN_INDEX, "boxInd[2] is -1, which is not in [0, 0]");
    const float wild[] = {1e30f, -INFINITY, NAN, 1e38f, 1, -1e20f, -1, 1e-30f};
    Tensor *t = tn_tensor(TN_FLOAT32, INTS(1, 8), wild);
    for (int mode = FILL_CONSTANT; mode <= FILL_NEAREST; mode++)
        for (int how = SAMPLE_NEAREST; how <= SAMPLE_BILINEAR; how++)
            assert_int_equal(tn_size(tn_transform(image, t, how, mode, 1, INTS(3, 3))), 9);
    tn_rotateWithOffset(image, 1e300, tn_scalar(NAN), tn_scalar(INFINITY));
    assert_no_error();
    tn_scope_end(s);
}

/* ---- dilation2d ---- */

static Tensor *f_dilation(Tensor **in) {
    return tn_dilation2d(in[0], in[1], INTS(1), PAD_SAME, INTS(2, 1), FORMAT_NHWC);
}

static void dilations(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 5, 6, 3), -2, 2), *f = random_tensor(INTS(2, 3, 3), -2, 2);
    Tensor *y = tn_dilation2d(x, f, INTS(2, 1), PAD_VALID, INTS(1), FORMAT_NHWC);
    assert_no_error();
    assert_int_equal(tn_size(y), 2 * 2 * 4 * 3);
    for (int i = 0; i < tn_size(y); i++) {
        const int c = i % 3, column = i / 3 % 4, row = i / 12 % 2 * 2, image = i / 24;
        double most = -INFINITY;
        for (int t = 0; t < 6; t++) {
            const int at = ((image * 5 + row + t / 3) * 6 + column + t % 3) * 3 + c;
            most = fmax(most, tn_floats(x)[at] + tn_floats(f)[t * 3 + c]);
        }
        assert_near(tn_floats(y)[i], most, 1e-6, "dilation2d", i);
    }
    Tensor *none =
        tn_dilation2d(random_tensor(INTS(1, 1, 1), 0, 1), random_tensor(INTS(2, 2, 1), 0, 1),
                      INTS(1), PAD_SAME, INTS(5), FORMAT_NHWC);
    assert_no_error();
    assert_true(tn_floats(none)[0] == -INFINITY); /* no tap is inside */
    tn_scope_end(s);
    Tensor *in[] = {distinct_tensor(INTS(1, 3, 3, 2), 0.11f),
                    distinct_tensor(INTS(2, 2, 2), 0.27f)};
    check_gradients("dilation2d", f_dilation, 2, in, 2);
}

/* ---- localResponseNormalization ---- */

static Tensor *f_response(Tensor **in) {
    return tn_localResponseNormalization(in[0], 2, 1.5f, 0.8f, 0.75f);
}

static void responses(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    for (int radius = 0; radius < 9; radius += 2) {
        Tensor *x = random_tensor(INTS(2, 3, 7), -3, 3);
        Tensor *y = tn_localResponseNormalization(x, radius, 1, 0.5f, radius % 4 ? 0.5f : 0.75f);
        assert_no_error();
        for (int i = 0; i < tn_size(y); i++) {
            double sum = 0;
            for (int k = i / 7 * 7; k < i / 7 * 7 + 7; k++)
                if (abs(k - i) <= radius) sum += (double)tn_floats(x)[k] * tn_floats(x)[k];
            const double want = tn_floats(x)[i] * pow(1 + 0.5 * sum, radius % 4 ? -0.5 : -0.75);
            assert_near(tn_floats(y)[i], want, 2e-6, "localResponseNormalization", i);
        }
    }
    tn_scope_end(s);
    Tensor *in[] = {random_tensor(INTS(1, 2, 5), -1, 1)};
    check_gradients("localResponseNormalization", f_response, 1, in, 2);
}

/* ---- maxPoolWithArgmax ---- */

static Tensor *f_argmax(Tensor **in) {
    return tn_maxPoolWithArgmax(in[0], INTS(2, 2), INTS(1), PAD_SAME, false, NULL);
}

static void argmaxes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = distinct_tensor(INTS(3, 5, 4, 5), 0.1f), *index, *batch;
    Tensor *y = tn_maxPoolWithArgmax(x, INTS(3, 2), INTS(2), INTS(1), false, &index);
    tn_maxPoolWithArgmax(x, INTS(3, 2), INTS(2), INTS(1), true, &batch);
    assert_no_error();
    for (int i = 0; i < tn_size(y); i++) {
        const int at = ((const int *)tn_data(batch))[i], image = i / (tn_size(y) / 3);
        assert_int_equal(((const int *)tn_data(index))[i] + image * 100, at);
        assert_true(tn_floats(x)[at] == tn_floats(y)[i]);
    }
    tn_scope_end(s);
    Tensor *in[] = {distinct_tensor(INTS(1, 3, 3, 2), 0.1f)};
    check_gradients("maxPoolWithArgmax", f_argmax, 1, in, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(crop_values),
        OP_TEST(crop_gradients),
        OP_TEST(transform_values),
        OP_TEST(warp_gradients),
        OP_TEST(rotations),
        OP_TEST(suppressions),
        OP_TEST(suppression_gradients),
        OP_TEST(hostile_boxes),
        OP_TEST(dilations),
        OP_TEST(responses),
        OP_TEST(argmaxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
