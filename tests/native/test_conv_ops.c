/* Convolution and pooling ops: values against loops in double, gradients against differences, where
** windows go, bad input. */
#include "grad_check.h"

/* ---- a reference: windows on one axis, from the definition of the paddings ---- */

typedef struct Axis {
    int in, window, stride, dilation, before, out;
} Axis;

/* pad: -1 'same', else zeros on both sides. */
static Axis axis_of_window(int in, int window, int stride, int dilation, int pad) {
    Axis a = {in, window, stride, dilation, pad, 0};
    int span = (window - 1) * dilation + 1;
    if (pad >= 0) {
        while (a.out * stride + span <= in + 2 * pad) a.out++;
        return a;
    }
    while (a.out * stride < in) a.out++;
    int missing = (a.out - 1) * stride + span - in;
    a.before = missing > 0 ? missing / 2 : 0;
    return a;
}

static int reads(const Axis *a, int out, int tap) {
    int at = out * a->stride - a->before + tap * a->dilation;
    return at >= 0 && at < a->in ? at : -1;
}

typedef struct Case {
    int n, h, w, cin, kh, kw, cout;
    int sh, sw, dh, dw, pad;
    Axis y, x;
} Case;

static Case random_case(int channels) {
    Case c = {random_int(1, 3),
              random_int(1, 9),
              random_int(1, 9),
              random_int(1, channels),
              random_int(1, 4),
              random_int(1, 4),
              random_int(1, channels),
              1,
              1,
              1,
              1,
              random_int(-1, 2),
              {0},
              {0}};
    if (random_int(0, 1)) c.sh = random_int(1, 3), c.sw = random_int(1, 3);
    else c.dh = random_int(1, 2), c.dw = random_int(1, 3);
    c.y = axis_of_window(c.h, c.kh, c.sh, c.dh, c.pad);
    c.x = axis_of_window(c.w, c.kw, c.sw, c.dw, c.pad);
    return c.y.out && c.x.out ? c : random_case(channels);
}

static const Pad *pad_of(const Case *c) {
    static int pad[2] = {1};
    pad[1] = c->pad;
    return (const Pad *)pad;
}

/* Sum over the taps of one output: filter element (i, j, k, o) times x (b, ., ., k). */
static double tap_sum(const Case *c, const float *x, const float *f, int b, int u, int v, int k,
                      int multiplier, int o) {
    double sum = 0;
    for (int i = 0; i < c->kh; i++)
        for (int j = 0; j < c->kw; j++) {
            int row = reads(&c->y, u, i), column = reads(&c->x, v, j);
            if (row < 0 || column < 0) continue;
            sum += (double)x[((b * c->h + row) * c->w + column) * c->cin + k] *
                   f[((i * c->kw + j) * c->cin + k) * multiplier + o];
        }
    return sum;
}

static void conv2d_case(const Case *c, DataFormat format) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(c->n, c->h, c->w, c->cin), -1, 1);
    Tensor *f = random_tensor(INTS(c->kh, c->kw, c->cin, c->cout), -1, 1);
    Tensor *in = format == FORMAT_NHWC ? x : tn_transpose(x, INTS(0, 3, 1, 2), false);
    Tensor *y =
        tn_conv2d(in, f, INTS(c->sh, c->sw), pad_of(c), format, INTS(c->dh, c->dw), ROUND_NONE);
    if (format == FORMAT_NCHW) y = tn_transpose(y, INTS(0, 2, 3, 1), false);
    assert_no_error();
    const float *got = tn_floats(y);
    assert_int_equal(tn_size(y), c->n * c->y.out * c->x.out * c->cout);
    for (int b = 0, at = 0; b < c->n; b++)
        for (int u = 0; u < c->y.out; u++)
            for (int v = 0; v < c->x.out; v++)
                for (int o = 0; o < c->cout; o++, at++) {
                    double sum = 0;
                    for (int k = 0; k < c->cin; k++)
                        sum += tap_sum(c, tn_floats(x), tn_floats(f), b, u, v, k, c->cout, o);
                    assert_near(got[at], sum, 1e-5, "conv2d", at);
                }
    tn_scope_end(s);
}

static void depthwise_case(const Case *c) {
    Scope *s = tn_scope_begin();
    int multiplier = 1 + c->cout % 3;
    Tensor *x = random_tensor(INTS(c->n, c->h, c->w, c->cin), -1, 1);
    Tensor *f = random_tensor(INTS(c->kh, c->kw, c->cin, multiplier), -1, 1);
    Tensor *y = tn_depthwiseConv2d(x, f, INTS(c->sh, c->sw), pad_of(c), FORMAT_NHWC,
                                   INTS(c->dh, c->dw), ROUND_NONE);
    assert_no_error();
    const float *got = tn_floats(y);
    assert_int_equal(tn_size(y), c->n * c->y.out * c->x.out * c->cin * multiplier);
    for (int b = 0, at = 0; b < c->n; b++)
        for (int u = 0; u < c->y.out; u++)
            for (int v = 0; v < c->x.out; v++)
                for (int o = 0; o < c->cin * multiplier; o++, at++) {
                    double sum = tap_sum(c, tn_floats(x), tn_floats(f), b, u, v, o / multiplier,
                                         multiplier, o % multiplier);
                    assert_near(got[at], sum, 1e-5, "depthwiseConv2d", at);
                }
    tn_scope_end(s);
}

static void conv_values(void **state) {
    (void)state;
    for (int i = 0; i < 300; i++) {
        Case c = random_case(i % 3 ? 5 : 20);
        conv2d_case(&c, i % 4 ? FORMAT_NHWC : FORMAT_NCHW);
        depthwise_case(&c);
    }
}

/* ---- pooling ---- */

/* The window of output (u, v) on channel k of image b: indices into x, and how many. */
static int window_of(const Case *c, int b, int u, int v, int k, int *at) {
    int n = 0;
    for (int i = 0; i < c->kh * c->kw; i++) {
        int row = reads(&c->y, u, i / c->kw), column = reads(&c->x, v, i % c->kw);
        if (row >= 0 && column >= 0) at[n++] = ((b * c->h + row) * c->w + column) * c->cin + k;
    }
    return n;
}

/* What pooling makes of x, and the gradient of the weighted results, in double. */
static void reference_pool(const Case *c, Pooling type, const float *x, double *y, double *dx) {
    int at[16], out = 0;
    for (int b = 0; b < c->n; b++)
        for (int u = 0; u < c->y.out; u++)
            for (int v = 0; v < c->x.out; v++)
                for (int k = 0; k < c->cin; k++, out++) {
                    int n = window_of(c, b, u, v, k, at), first = 0;
                    double sum = 0;
                    for (int i = 0; i < n; i++) {
                        sum += x[at[i]];
                        if (type == POOL_AVG) dx[at[i]] += (double)weight_of(out) / n;
                        if (x[at[i]] > x[at[first]]) first = i;
                    }
                    if (type == POOL_MAX && n) dx[at[first]] += weight_of(out);
                    y[out] = type == POOL_AVG ? sum / n : n ? x[at[first]] : -INFINITY;
                }
}

static void pool_case(const Case *c, Pooling type) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(c->n, c->h, c->w, c->cin), -1, 1);
    tn_tape_begin();
    Tensor *y = tn_pool(x, INTS(c->kh, c->kw), type, pad_of(c), INTS(c->dh, c->dw),
                        INTS(c->sh, c->sw), ROUND_NONE);
    const List *g = tn_gradients(weighted(y), LIST(x), NULL);
    tn_tape_end();
    assert_no_error();
    int n = c->n * c->y.out * c->x.out * c->cin;
    double *want = calloc((size_t)n, sizeof *want);
    double *slope = calloc((size_t)tn_size(x), sizeof *slope);
    reference_pool(c, type, tn_floats(x), want, slope);
    assert_int_equal(tn_size(y), n);
    for (int i = 0; i < n; i++) assert_near(tn_floats(y)[i], want[i], 1e-6, "pool", i);
    for (int i = 0; i < tn_size(x); i++)
        assert_near(tn_floats(g->v[0])[i], slope[i], 1e-5, "gradient of pool", i);
    free(want), free(slope);
    tn_scope_end(s);
}

static void pool_values(void **state) {
    (void)state;
    for (int i = 0; i < 300; i++) {
        Case c = random_case(i % 3 ? 5 : 37);
        pool_case(&c, POOL_AVG);
        pool_case(&c, POOL_MAX);
    }
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(1, 4, 1), (float[]){3, NAN, 1, 2});
    ASSERT_FLOATS(tn_maxPool(x, INTS(1, 2), INTS(1, 2), PAD_VALID, ROUND_NONE), 3, 2);
    ASSERT_FLOATS(tn_avgPool(x, INTS(1, 2), INTS(1, 2), PAD_VALID, ROUND_NONE), NAN, 1.5f);
    Tensor *whole = tn_maxPool(tn_tensor(TN_INT32, INTS(1, 2, 1), (int[]){4, -7}), INTS(1, 2),
                               INTS(1), PAD_VALID, ROUND_NONE);
    assert_int_equal(tn_dtype(whole), TN_INT32);
    assert_int_equal(((const int *)tn_data(whole))[0], 4);
    tn_scope_end(s);
}

/* ---- where windows go: output sizes of every padding and rounding ---- */

static void out_size(int in, int window, int stride, const Pad *pad, Rounding rounding, int want) {
    Scope *s = tn_scope_begin();
    Tensor *x = random_tensor(INTS(in, 3, 1), 0, 1);
    Tensor *y = tn_maxPool(x, INTS(window, 1), INTS(stride, 1), pad, rounding);
    assert_no_error();
    assert_int_equal(tn_shape(y)[0], want);
    tn_scope_end(s);
}

static void output_sizes(void **state) {
    (void)state;
    out_size(7, 3, 2, PAD_VALID, ROUND_NONE, 3);
    out_size(8, 3, 2, PAD_VALID, ROUND_NONE, 3);
    out_size(7, 3, 2, PAD_SAME, ROUND_NONE, 4);
    out_size(5, 2, 4, PAD_SAME, ROUND_NONE, 2);
    out_size(8, 3, 2, INTS(0), ROUND_CEIL, 4);
    out_size(8, 3, 2, INTS(0), ROUND_NEAREST, 4);
    out_size(8, 2, 4, INTS(0), ROUND_NEAREST, 3);
    out_size(7, 2, 4, INTS(0), ROUND_NEAREST, 2);
    out_size(8, 2, 4, INTS(0), ROUND_FLOOR, 2);
    out_size(8, 3, 2, INTS(1), ROUND_NONE, 4);
    out_size(5, 3, 1, INTS(2, 1, 0, 0), ROUND_NONE, 6);
    out_size(5, 3, 1, INTS(0, 0, 2, 1, 0, 0, 0, 0), ROUND_NONE, 6);
    out_size(0, 3, 2, PAD_SAME, ROUND_NONE, 0);
}

/* ---- gradients ---- */

static Case at_hand; /* the geometry of the functions below */

static Tensor *f_conv2d(Tensor **in) {
    return tn_conv2d(in[0], in[1], INTS(at_hand.sh, at_hand.sw), pad_of(&at_hand), FORMAT_NHWC,
                     INTS(at_hand.dh, at_hand.dw), ROUND_NONE);
}
static Tensor *f_conv2d_planes(Tensor **in) {
    return tn_conv2d(in[0], in[1], INTS(1), PAD_SAME, FORMAT_NCHW, INTS(1), ROUND_NONE);
}
static Tensor *f_depthwise(Tensor **in) {
    return tn_depthwiseConv2d(in[0], in[1], INTS(at_hand.sh, at_hand.sw), pad_of(&at_hand),
                              FORMAT_NHWC, INTS(at_hand.dh, at_hand.dw), ROUND_NONE);
}
static Tensor *f_transpose(Tensor **in) {
    return tn_conv2dTranspose(in[0], in[1], INTS(1, 5, 4, 2), INTS(2), PAD_SAME, ROUND_NONE);
}
static Tensor *f_conv1d(Tensor **in) {
    return tn_conv1d(in[0], in[1], 2, INTS(1), FORMAT_NWC, 1, ROUND_NONE);
}
static Tensor *f_separable(Tensor **in) {
    return tn_separableConv2d(in[0], in[1], in[2], INTS(1), PAD_VALID, INTS(1), FORMAT_NHWC);
}
static Tensor *f_pool_avg(Tensor **in) {
    return tn_pool(in[0], INTS(at_hand.kh, at_hand.kw), POOL_AVG, pad_of(&at_hand),
                   INTS(at_hand.dh, at_hand.dw), INTS(at_hand.sh, at_hand.sw), ROUND_NONE);
}
static Tensor *f_pool_max(Tensor **in) {
    return tn_pool(in[0], INTS(at_hand.kh, at_hand.kw), POOL_MAX, pad_of(&at_hand),
                   INTS(at_hand.dh, at_hand.dw), INTS(at_hand.sh, at_hand.sw), ROUND_NONE);
}
/* Squared, so that its second order is more than 0. */
static Tensor *f_pool_max_squared(Tensor **in) { return tn_square(f_pool_max(in)); }

/* Small images, windows that always meet some of the image. */
static Case gradient_case(int i) {
    Case c = {1 + i % 2,
              random_int(3, 5),
              random_int(3, 5),
              random_int(1, 2),
              random_int(1, 3),
              random_int(1, 3),
              random_int(1, 3),
              1,
              1,
              1,
              1,
              random_int(-1, 0),
              {0},
              {0}};
    if (i % 3 == 1) c.sh = random_int(1, 3), c.sw = 2;
    if (i % 3 == 2) c.dh = 2, c.dw = random_int(1, 2);
    if (i % 3 == 2 && c.pad == 0) c.kh = c.kw = 2;
    return c;
}

static void conv_gradients(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        Case c = at_hand = gradient_case(i);
        Tensor *in[] = {random_tensor(INTS(c.n, c.h, c.w, c.cin), -1, 1),
                        random_tensor(INTS(c.kh, c.kw, c.cin, c.cout), -1, 1)};
        check_gradients("conv2d", f_conv2d, 2, in, 2);
        Tensor *deep[] = {random_tensor(INTS(c.n, c.h, c.w, c.cin), -1, 1),
                          random_tensor(INTS(c.kh, c.kw, c.cin, 2), -1, 1)};
        check_gradients("depthwiseConv2d", f_depthwise, 2, deep, 2);
    }
    Tensor *planes[] = {random_tensor(INTS(2, 3, 3), -1, 1),
                        random_tensor(INTS(2, 2, 2, 3), -1, 1)};
    check_gradients("conv2d NCHW", f_conv2d_planes, 2, planes, 2);
    Tensor *transpose[] = {random_tensor(INTS(1, 3, 2, 3), -1, 1),
                           random_tensor(INTS(3, 2, 2, 3), -1, 1)};
    check_gradients("conv2dTranspose", f_transpose, 2, transpose, 2);
    Tensor *sequence[] = {random_tensor(INTS(2, 5, 2), -1, 1), random_tensor(INTS(3, 2, 2), -1, 1)};
    check_gradients("conv1d", f_conv1d, 2, sequence, 2);
    Tensor *separable[] = {random_tensor(INTS(3, 3, 2), -1, 1),
                           random_tensor(INTS(2, 2, 2, 2), -1, 1),
                           random_tensor(INTS(1, 1, 4, 2), -1, 1)};
    check_gradients("separableConv2d", f_separable, 3, separable, 2);
}

static void pool_gradients(void **state) {
    (void)state;
    for (int i = 0; i < 12; i++) {
        Case c = at_hand = gradient_case(i);
        const Ints *shape = INTS(c.n, c.h, c.w, c.cin);
        check_gradients("avg", f_pool_avg, 1, (Tensor *[]){random_tensor(shape, -1, 1)}, 2);
        check_gradients("max", f_pool_max, 1, (Tensor *[]){distinct_tensor(shape, 0.05f)}, 2);
        check_gradients("max", f_pool_max_squared, 1, (Tensor *[]){distinct_tensor(shape, 0.05f)},
                        2);
    }
    Scope *s = tn_scope_begin(); /* of equal elements the first gets it all */
    Tensor *x = tn_ones(INTS(2, 2, 1), TN_FLOAT32);
    tn_tape_begin();
    Tensor *y = tn_maxPool(x, INTS(2), INTS(1), PAD_VALID, ROUND_NONE);
    const List *g = tn_gradients(y, LIST(x), NULL);
    tn_tape_end();
    ASSERT_FLOATS(g->v[0], 1, 0, 0, 0);
    tn_scope_end(s);
}

/* ---- zero sizes ---- */

static void zero_sizes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *f = tn_ones(INTS(2, 2, 3, 4), TN_FLOAT32);
    Tensor *none = tn_zeros(INTS(0, 5, 5, 3), TN_FLOAT32);
    assert_int_equal(tn_size(tn_conv2d(none, f, INTS(1), PAD_VALID, 0, INTS(1), -1)), 0);
    assert_int_equal(tn_size(tn_avgPool(none, INTS(2), INTS(1), PAD_VALID, -1)), 0);
    Tensor *hollow = tn_zeros(INTS(1, 3, 3, 0), TN_FLOAT32);
    Tensor *wide = tn_zeros(INTS(2, 2, 0, 2), TN_FLOAT32);
    Tensor *y = tn_conv2d(hollow, wide, INTS(1), PAD_VALID, 0, INTS(1), -1);
    ASSERT_FLOATS(y, 0, 0, 0, 0, 0, 0, 0, 0);
    tn_tape_begin();
    y = tn_conv2d(none, f, INTS(1), PAD_VALID, 0, INTS(1), -1);
    const List *g = tn_gradients(y, LIST(none, f), NULL);
    tn_tape_end();
    assert_no_error();
    assert_int_equal(tn_size(g->v[0]), 0);
    assert_int_equal(tn_size(g->v[1]), 48);
    for (int i = 0; i < 48; i++) assert_true(tn_floats(g->v[1])[i] == 0);
    tn_scope_end(s);
}

/* ---- no memory: wherever an allocation fails, an error and nothing left behind ---- */

static Tensor *small_net(Tensor **in) {
    Tensor *y = tn_conv2d(in[0], in[1], INTS(1), PAD_SAME, FORMAT_NCHW, INTS(1), ROUND_NONE);
    y = tn_batchNorm(y, in[2], in[3], NULL, in[3], 0.1f);
    y = tn_depthwiseConv2d(y, in[4], INTS(1), PAD_SAME, FORMAT_NHWC, INTS(1), ROUND_NONE);
    y = tn_maxPool(y, INTS(2), INTS(1), PAD_VALID, ROUND_NONE);
    y = tn_avgPool(y, INTS(2), INTS(1), PAD_SAME, ROUND_NONE);
    return tn_softmaxCrossEntropy(tn_onesLike(y), y, NULL, 0, 3);
}

static void failing_memory(void **state) {
    (void)state;
    Tensor *in[] = {random_tensor(INTS(1, 2, 3, 4), -1, 1), random_tensor(INTS(2, 2, 2, 4), -1, 1),
                    random_tensor(INTS(4), -1, 1), random_tensor(INTS(4), 1, 2),
                    random_tensor(INTS(2, 2, 4, 2), -1, 1)};
    int before = tn_memory()->tensors, fails = 0;
    for (bool failing = true; failing;) {
        Scope *s = tn_scope_begin();
        tn_fail_allocation(++fails);
        first_order(small_net, 5, in);
        failing = tn_error() != NULL;
        tn_fail_allocation(0);
        if (failing) assert_failed(TN_MEMORY, "out of memory");
        tn_scope_end(s);
        assert_int_equal(tn_memory()->tensors, before);
        tn_trim();
    }
    assert_true(fails > 50);
    for (int i = 0; i < 5; i++) tn_dispose(in[i]);
}

/* ---- bad input ---- */

static void bad_windows(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_ones(INTS(1, 4, 4, 3), TN_FLOAT32), *f = tn_ones(INTS(2, 2, 3, 4), TN_FLOAT32);
    const Ints *one = INTS(1);
    tn_conv2d(x, f, INTS(0), PAD_VALID, 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: Strides should be larger than 0, but got [0]");
    tn_conv2d(x, f, INTS(1, -2), PAD_VALID, 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: Strides should be larger than 0");
    tn_conv2d(x, f, INTS(1, 1, 1), PAD_VALID, 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: Strides must be one number or two, but are 3");
    tn_conv2d(x, f, one, PAD_VALID, 0, INTS(0), -1);
    assert_failed(TN_VALUE, "conv2d: Dilated rates should be larger than 0");
    tn_conv2d(x, f, INTS(2), PAD_VALID, 0, INTS(1, 2), -1);
    assert_failed(TN_VALUE, "conv2d: Either strides or dilations must be 1. Got strides [2, 2]");
    tn_conv2d(x, f, one, PAD_SAME, 0, one, ROUND_CEIL);
    assert_failed(TN_VALUE, "pad must be an integer when using dimRoundingMode but got pad same");
    tn_conv2d(x, f, one, PAD_VALID, 0, one, ROUND_FLOOR);
    assert_failed(TN_VALUE, "got pad valid");
    tn_conv2d(x, f, one, INTS(1, 2), 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: pad must be");
    tn_conv2d(x, f, one, INTS(1, 2, -1, 0), 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: pad [1, 2, -1, 0] must not be negative");
    tn_conv2d(x, f, one, INTS(0, 0, 1, 1, 1, -1, 0, 0), 0, one, -1);
    assert_failed(TN_VALUE, "must not be negative");
    tn_conv2d(x, f, one, INTS(-2), 0, one, -1);
    assert_failed(TN_VALUE, "conv2d: pad [-2] must not be negative");
    tn_conv2d(x, f, one, INTS(INT32_MAX), 0, one, -1);
    assert_failed(TN_SHAPE, "conv2d: size 4 with padding 2147483647");
    tn_conv2d(x, f, one, PAD_SAME, 0, INTS(INT32_MAX), -1);
    assert_failed(TN_SHAPE, "conv2d: size 4 with padding 0, window 2147483648");
    tn_conv2d(x, f, one, INTS(100000), 0, one, -1);
    assert_failed(TN_SHAPE, "more than 2 GiB");
    tn_conv2d(x, tn_ones(INTS(5, 2, 3, 1), TN_FLOAT32), one, PAD_VALID, 0, one, -1);
    assert_failed(TN_SHAPE, "conv2d: a window of 5 does not fit into 4 elements");
    tn_conv2d(x, tn_ones(INTS(0, 2, 3, 1), TN_FLOAT32), one, PAD_VALID, 0, one, -1);
    assert_failed(TN_SHAPE, "conv2d: a window of 0 x 2 has no elements");
    tn_maxPool(x, INTS(-1), one, PAD_SAME, -1);
    assert_failed(TN_VALUE, "maxPool: Window sizes should be larger than 0, but got [-1]");
    tn_scope_end(s);
}

static void bad_shapes(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_ones(INTS(1, 4, 4, 3), TN_FLOAT32), *f = tn_ones(INTS(2, 2, 3, 4), TN_FLOAT32);
    Tensor *flat = tn_ones(INTS(4, 4), TN_FLOAT32), *whole = tn_cast(x, TN_INT32);
    const Ints *one = INTS(1);
    tn_conv2d(flat, f, one, PAD_VALID, 0, one, -1);
    assert_failed(TN_SHAPE, "conv2d: x must be rank 4 (or 3: one image), but got rank 2");
    tn_conv2d(x, flat, one, PAD_VALID, 0, one, -1);
    assert_failed(TN_SHAPE, "conv2d: filter must be of rank 4");
    tn_conv2d(whole, f, one, PAD_VALID, 0, one, -1);
    assert_failed(TN_DTYPE, "Argument 'x' passed to 'conv2d' must be float32");
    tn_conv2d(x, f, one, PAD_VALID, FORMAT_NCHW, one, -1);
    assert_failed(TN_SHAPE, "conv2d: depth of input (4) must match input depth for filter 3");
    tn_depthwiseConv2d(x, tn_ones(INTS(2, 2, 4, 1), TN_FLOAT32), one, PAD_VALID, 0, one, -1);
    assert_failed(TN_SHAPE, "depthwiseConv2d: number of input channels (3) must match");
    tn_conv1d(x, f, 1, PAD_VALID, 0, 1, -1);
    assert_failed(TN_SHAPE, "conv1d: filter must be of rank 3");
    tn_conv1d(flat, tn_ones(INTS(2, 4, 1), TN_FLOAT32), 1, PAD_VALID, FORMAT_NCW, 1, -1);
    assert_failed(TN_VALUE, "conv1d: got dataFormat of NCW");
    tn_conv2dTranspose(x, f, INTS(1, 5, 5, 3), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "conv2dTranspose: depth of x (3) must match output depth for filter 4");
    f = tn_ones(INTS(2, 2, 4, 3), TN_FLOAT32);
    tn_conv2dTranspose(x, f, INTS(1, 5, 5, 3), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "conv2dTranspose: depth of outputShape (3) must match filter's 4");
    tn_conv2dTranspose(x, f, INTS(5, 5, 4), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "conv2dTranspose: Length of outputShape (3) and rank of x (4)");
    tn_conv2dTranspose(x, f, INTS(2, 5, 5, 4), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "conv2dTranspose: outputShape has 2 images, x has 1");
    tn_conv2dTranspose(x, f, INTS(1, 6, 5, 4), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "outputShape [1, 6, 5, 4] makes x 5 x 4, but it is 4 x 4");
    tn_conv2dTranspose(x, f, INTS(1, -5, 5, 4), one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "conv2dTranspose: size -5");
    tn_avgPool(whole, one, one, PAD_VALID, -1);
    assert_failed(TN_DTYPE, "Argument 'x' passed to 'avgPool' must be float32");
    tn_maxPool(flat, one, one, PAD_VALID, -1);
    assert_failed(TN_SHAPE, "maxPool: x must be rank 4");
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(conv_values),    OP_TEST(pool_values),    OP_TEST(output_sizes),
        OP_TEST(conv_gradients), OP_TEST(pool_gradients), OP_TEST(zero_sizes),
        OP_TEST(failing_memory), OP_TEST(bad_windows),    OP_TEST(bad_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
