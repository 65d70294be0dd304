/* Convolution and pooling of volumes over random geometries, written out tap by tap in double;
** gradients against differences. */
#include "grad_check.h"

/* One axis of a window. */
typedef struct Line {
    int in, window, stride, dilation, before, out;
} Line;

static Line random_line(bool same, int pad, bool dilate, bool stride) {
    Line a = {.window = random_int(1, 3),
              .stride = stride ? random_int(1, 3) : 1,
              .dilation = dilate ? random_int(1, 2) : 1};
    const int span = (a.window - 1) * a.dilation + 1;
    a.in = span + random_int(0, 4);
    if (same) {
        a.out = (a.in + a.stride - 1) / a.stride;
        const int missing = (a.out - 1) * a.stride + span - a.in;
        a.before = missing > 0 ? missing / 2 : 0;
    } else {
        a.before = pad;
        a.out = (a.in + 2 * pad - span) / a.stride + 1;
    }
    return a;
}

typedef struct Box {
    int n, c, k;
    Line axis[3];
} Box;

static int out_size(const Box *b) { return b->axis[0].out * b->axis[1].out * b->axis[2].out; }

/* The element of the volume that tap t reads for output o, or -1 outside. */
static int place(const Box *b, const int *o, const int *t) {
    int at = 0;
    for (int i = 0; i < 3; i++) {
        const Line *a = b->axis + i;
        const int v = o[i] * a->stride - a->before + t[i] * a->dilation;
        if (v < 0 || v >= a->in) return -1;
        at = at * a->in + v;
    }
    return at;
}

/* The i-th of all positions in a box of these sizes. */
static void position(int i, int h, int w, int *at) {
    at[0] = i / w / h, at[1] = i / w % h, at[2] = i % w;
}

static int volume_size(const Box *b) { return b->axis[0].in * b->axis[1].in * b->axis[2].in; }

static double conv_at(const Box *b, const float *x, const float *f, int out, int channel) {
    int o[3], t[3];
    double sum = 0;
    position(out, b->axis[1].out, b->axis[2].out, o);
    const int kh = b->axis[1].window, kw = b->axis[2].window, taps = b->axis[0].window * kh * kw;
    for (int i = 0; i < taps; i++) {
        position(i, kh, kw, t);
        const int at = place(b, o, t);
        for (int c = 0; at >= 0 && c < b->c; c++)
            sum += (double)x[at * b->c + c] * f[(i * b->c + c) * b->k + channel];
    }
    return sum;
}

#define THREE(b, field) INTS((b)->axis[0].field, (b)->axis[1].field, (b)->axis[2].field)

static Tensor *volume(const Box *b, int channels) {
    return random_tensor(INTS(b->n, b->axis[0].in, b->axis[1].in, b->axis[2].in, channels), -2, 2);
}

static Box random_box(bool same, int pad) {
    const bool dilate = random_int(0, 1);
    Box b = {random_int(1, 2), random_int(1, 5), random_int(1, 5), {{0}}};
    for (int i = 0; i < 3; i++) b.axis[i] = random_line(same, pad, dilate, !dilate);
    return b;
}

static void check_conv(const Box *b, const Pad *pad) {
    Scope *s = tn_scope_begin();
    Tensor *x = volume(b, b->c);
    Tensor *f = random_tensor(
        INTS(b->axis[0].window, b->axis[1].window, b->axis[2].window, b->c, b->k), -1, 1);
    Tensor *y = tn_conv3d(x, f, THREE(b, stride), pad, FORMAT_NDHWC, THREE(b, dilation));
    assert_no_error();
    assert_int_equal(tn_size(y), b->n * out_size(b) * b->k);
    for (int i = 0; i < tn_size(y); i++) {
        const int image = i / b->k / out_size(b), out = i / b->k % out_size(b);
        const float *from = tn_floats(x) + image * volume_size(b) * b->c;
        assert_near(tn_floats(y)[i], conv_at(b, from, tn_floats(f), out, i % b->k), 1e-5, "conv3d",
                    i);
    }
    tn_scope_end(s);
}

static void convolutions(void **state) {
    (void)state;
    for (int i = 0; i < 60; i++) {
        const bool same = random_int(0, 1);
        const int pad = same ? 0 : random_int(0, 2);
        const Box b = random_box(same, pad);
        check_conv(&b, same ? PAD_SAME : pad ? INTS(pad) : PAD_VALID);
    }
}

static void check_pool(const Box *b, const Pad *pad) {
    Scope *s = tn_scope_begin();
    Tensor *x = volume(b, b->c);
    Tensor *max =
        tn_maxPool3d(x, THREE(b, window), THREE(b, stride), pad, ROUND_NONE, FORMAT_NDHWC);
    Tensor *avg =
        tn_avgPool3d(x, THREE(b, window), THREE(b, stride), pad, ROUND_NONE, FORMAT_NDHWC);
    assert_no_error();
    const int kh = b->axis[1].window, kw = b->axis[2].window, taps = b->axis[0].window * kh * kw;
    for (int i = 0; i < tn_size(max); i++) {
        int o[3], t[3], count = 0;
        double most = -INFINITY, sum = 0;
        position(i / b->c % out_size(b), b->axis[1].out, b->axis[2].out, o);
        for (int k = 0; k < taps; k++) {
            position(k, kh, kw, t);
            const int at = place(b, o, t);
            if (at < 0) continue;
            const int from = i / b->c / out_size(b) * volume_size(b) + at;
            const double v = tn_floats(x)[from * b->c + i % b->c];
            most = fmax(most, v), sum += v, count++;
        }
        assert_near(tn_floats(max)[i], most, 0, "maxPool3d", i);
        assert_near(tn_floats(avg)[i], count ? sum / count : 0, 1e-6, "avgPool3d", i);
    }
    tn_scope_end(s);
}

static void poolings(void **state) {
    (void)state;
    for (int i = 0; i < 60; i++) {
        const bool same = random_int(0, 1);
        const int pad = same ? 0 : random_int(0, 3);
        Box b = random_box(same, pad);
        for (int k = 0; k < 3; k++) b.axis[k] = random_line(same, pad, false, true);
        check_pool(&b, same ? PAD_SAME : pad ? INTS(pad) : PAD_VALID);
    }
}

/* ---- gradients ---- */

static Tensor *f_conv(Tensor **in) {
    return tn_conv3d(in[0], in[1], INTS(2, 1, 2), PAD_SAME, FORMAT_NDHWC, INTS(1));
}
static Tensor *f_dilated(Tensor **in) {
    return tn_conv3d(in[0], in[1], INTS(1), INTS(1), FORMAT_NDHWC, INTS(2, 1, 2));
}
static Tensor *f_transposed(Tensor **in) {
    return tn_conv3dTranspose(in[0], in[1], INTS(1, 4, 3, 3, 2), INTS(2), PAD_SAME);
}
static Tensor *f_max(Tensor **in) {
    return tn_maxPool3d(in[0], INTS(2, 2, 3), INTS(1, 2, 1), PAD_SAME, ROUND_NONE, FORMAT_NDHWC);
}
static Tensor *f_avg(Tensor **in) {
    return tn_avgPool3d(in[0], INTS(2), INTS(1), INTS(2), ROUND_FLOOR, FORMAT_NDHWC);
}

static void gradients(void **state) {
    (void)state;
    Tensor *conv[] = {random_tensor(INTS(1, 3, 3, 4, 2), -1, 1),
                      random_tensor(INTS(2, 2, 2, 2, 2), -1, 1)};
    check_gradients("conv3d", f_conv, 2, conv, 2);
    Tensor *dilated[] = {random_tensor(INTS(3, 2, 3, 1), -1, 1),
                         random_tensor(INTS(2, 2, 2, 1, 2), -1, 1)};
    check_gradients("dilated conv3d", f_dilated, 2, dilated, 2);
    Tensor *back[] = {random_tensor(INTS(1, 2, 2, 2, 1), -1, 1),
                      random_tensor(INTS(2, 2, 1, 2, 1), -1, 1)};
    check_gradients("conv3dTranspose", f_transposed, 2, back, 2);
    Tensor *max[] = {distinct_tensor(INTS(1, 3, 3, 4, 2), 0.1f)};
    check_gradients("maxPool3d", f_max, 1, max, 2);
    Tensor *avg[] = {random_tensor(INTS(1, 2, 3, 2, 1), -1, 1)};
    check_gradients("avgPool3d", f_avg, 1, avg, 2);
}

/* <transposed convolution of y, x> is <y, convolution of x>. */
static void transposes(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++) {
        Scope *s = tn_scope_begin();
        Box b = random_box(true, 0);
        for (int k = 0; k < 3; k++) b.axis[k] = random_line(true, 0, false, true);
        Tensor *x = volume(&b, b.c);
        Tensor *f = random_tensor(
            INTS(b.axis[0].window, b.axis[1].window, b.axis[2].window, b.c, b.k), -1, 1);
        Tensor *y = tn_conv3d(x, f, THREE(&b, stride), PAD_SAME, FORMAT_NDHWC, INTS(1));
        int shape[6] = {5};
        memcpy(shape + 1, tn_shape(y), 5 * sizeof *shape);
        Tensor *dy = random_tensor((const Ints *)shape, -1, 1);
        memcpy(shape + 1, tn_shape(x), 5 * sizeof *shape);
        Tensor *dx = tn_conv3dTranspose(dy, f, (const Ints *)shape, THREE(&b, stride), PAD_SAME);
        assert_no_error();
        double left = 0, right = 0;
        for (int k = 0; k < tn_size(x); k++) left += (double)tn_floats(dx)[k] * tn_floats(x)[k];
        for (int k = 0; k < tn_size(y); k++) right += (double)tn_floats(dy)[k] * tn_floats(y)[k];
        assert_near(left, right, 1e-4, "transpose", i);
        tn_scope_end(s);
    }
}

static void bad_input(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(2, 2, 2, 3), -1, 1),
           *f = random_tensor(INTS(1, 1, 1, 2, 1), -1, 1);
    tn_conv3d(x, f, INTS(1), PAD_VALID, FORMAT_NDHWC, INTS(1));
    assert_failed(TN_SHAPE, "depth of input (3) must match input depth for filter 2");
    tn_maxPool3d(x, INTS(2), INTS(0), PAD_VALID, ROUND_NONE, FORMAT_NDHWC);
    assert_failed(TN_VALUE, "maxPool3d: Strides should be larger than 0, but got [0]");
    tn_maxPool3d(x, INTS(2, 2), INTS(1), PAD_VALID, ROUND_NONE, FORMAT_NDHWC);
    assert_failed(TN_VALUE, "Window sizes must be one number or three, but are 2");
    tn_avgPool3d(x, INTS(2), INTS(1), PAD_SAME, ROUND_CEIL, FORMAT_NDHWC);
    assert_failed(TN_VALUE, "pad must be an integer when using dimRoundingMode");
    tn_conv3dTranspose(x, f, INTS(2, 2, 2, 7), INTS(1), PAD_VALID);
    assert_failed(TN_SHAPE, "depth of outputShape (7) must match input depth for filter 2");
    assert_int_equal(
        tn_size(tn_avgPool3d(x, INTS(3), INTS(1), PAD_VALID, ROUND_NONE, FORMAT_NDHWC)), 0);
    assert_no_error();
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(convolutions), OP_TEST(poolings),  OP_TEST(gradients),
        OP_TEST(transposes),   OP_TEST(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
