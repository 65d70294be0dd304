/* Volumes, images seen through maps of places, and metrics' counts on the GPU. */
#include "gl_check.h"
#include "models.h"

#define BODY(name, expression)                                                                     \
    static Tensor *name(Tensor **in) { return expression; }

/* The gradient of the square of a body's result, made small, by its input k. */
static Tensor *gradient(Body *body, Tensor **in, int k) {
    tn_tape_begin();
    Tensor *y = tn_square(tn_mul(body(in), tn_scalar(0.1f)));
    Tensor *g = tn_gradients(y, LIST(in[k]), NULL)->v[0];
    tn_tape_end();
    return g;
}
#define DX(name)                                                                                   \
    static Tensor *name##_dx(Tensor **in) { return gradient(name, in, 0); }
#define DW(name)                                                                                   \
    static Tensor *name##_dw(Tensor **in) { return gradient(name, in, 1); }

/* ---- volumes ---- */

#define NDHWC FORMAT_NDHWC
BODY(conv3d, tn_conv3d(in[0], in[1], INTS(1), PAD_SAME, NDHWC, INTS(1)))
BODY(conv3d_2, tn_conv3d(in[0], in[1], INTS(2, 1, 2), PAD_SAME, NDHWC, INTS(1)))
BODY(conv3d_holes, tn_conv3d(in[0], in[1], INTS(1), PAD_VALID, NDHWC, INTS(2, 1, 1)))
BODY(back3d,
     tn_conv3dTranspose(in[0], in[1], INTS(2, 7, 5, 4, in[1]->shape[3]), INTS(2, 1, 2), PAD_SAME))
BODY(max3d, tn_maxPool3d(in[0], INTS(2, 3, 2), INTS(2, 1, 1), PAD_SAME, ROUND_NONE, NDHWC))
BODY(avg3d, tn_avgPool3d(in[0], INTS(3, 2, 2), INTS(1, 2, 1), PAD_SAME, ROUND_NONE, NDHWC))
BODY(avg3d_far, tn_avgPool3d(in[0], INTS(2), INTS(1), INTS(2), ROUND_NONE, NDHWC))
DX(conv3d)
DW(conv3d)
DX(conv3d_2)
DW(conv3d_2)
DX(conv3d_holes)
DW(conv3d_holes)
DX(back3d)
DW(back3d)
DX(max3d)
DX(avg3d)

static void volumes(void **state) {
    (void)state;
    for (int c = 3; c <= 4; c++) {
        CHECK(conv3d, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_dx, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_dw, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_2, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_2_dx, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_2_dw, F(2, 7, 5, 4, c), F(3, 3, 2, c, 5));
        CHECK(conv3d_holes, F(2, 7, 5, 4, c), F(3, 2, 2, c, 5));
        CHECK(conv3d_holes_dx, F(2, 7, 5, 4, c), F(3, 2, 2, c, 5));
        CHECK(conv3d_holes_dw, F(2, 7, 5, 4, c), F(3, 2, 2, c, 5));
        CHECK(back3d, F(2, 4, 5, 2, 3), F(3, 3, 2, c, 3));
        CHECK(back3d_dx, F(2, 4, 5, 2, 3), F(3, 3, 2, c, 3));
        CHECK(back3d_dw, F(2, 4, 5, 2, 3), F(3, 3, 2, c, 3));
        CHECK(max3d, F(2, 5, 4, 3, c));
        CHECK(max3d, ODD(2, 5, 4, 3, c));
        CHECK(max3d, I(2, 5, 4, 3, c));
        CHECK(max3d_dx, F(2, 5, 4, 3, c));
        CHECK(avg3d, F(2, 5, 4, 3, c));
        CHECK(avg3d_dx, F(2, 5, 4, 3, c));
        CHECK(avg3d_far, F(2, 5, 4, 3, c));
    }
}

/* ---- windows of images, neighbours, frames ---- */

BODY(dilation, tn_dilation2d(in[0], in[1], INTS(1, 2), PAD_SAME, INTS(1), FORMAT_NHWC))
BODY(dilation_holes, tn_dilation2d(in[0], in[1], INTS(1), PAD_VALID, INTS(2, 1), FORMAT_NHWC))
DX(dilation)
DW(dilation)
BODY(lrn, tn_localResponseNormalization(in[0], 2, 1, 0.5f, 0.5f))
BODY(lrn_wide, tn_localResponseNormalization(in[0], 9, 2, 0.5f, 0.75f))
DX(lrn)
BODY(frames, tn_frame(in[0], 7, 3, false, 0))
BODY(frames_end, tn_frame(in[0], 3, 5, true, 1.5f))
DX(frames)
DX(frames_end)

static void neighbours(void **state) {
    (void)state;
    for (int c = 3; c <= 4; c++) {
        CHECK(dilation, F(2, 6, 5, c), F(3, 2, c));
        CHECK(dilation, ODD(2, 6, 5, c), ODD(3, 2, c));
        CHECK(dilation, I(2, 6, 5, c), D(3, 2, c));
        CHECK(dilation_holes, F(2, 6, 5, c), F(3, 2, c));
        CHECK(dilation_dx, F(2, 6, 5, c), F(3, 2, c));
        CHECK(dilation_dw, F(2, 6, 5, c), F(3, 2, c));
        CHECK(lrn, F(2, 3, 4, 2 * c));
        CHECK(lrn, ODD(2, 3, 4, 2 * c));
        CHECK(lrn_dx, F(2, 3, 4, 2 * c));
        CHECK(lrn_wide, F(3, 4, c));
    }
    CHECK(frames, F(3, 40));
    CHECK(frames_dx, F(3, 40));
    CHECK(frames_end_dx, F(41));
}

/* ---- crops ---- */

static Tensor *which(void) { return tn_tensor(TN_INT32, INTS(5), (int[]){1, 0, 0, 1, 1}); }
#define CROP(name, size, method)                                                                   \
    BODY(name, tn_cropAndResize(in[0], in[1], which(), size, method, 2.5f))
CROP(crop, INTS(4, 5), SAMPLE_BILINEAR)
CROP(crop_one, INTS(1, 3), SAMPLE_BILINEAR)
CROP(crop_near, INTS(5, 4), SAMPLE_NEAREST)
DX(crop)
DW(crop)
DX(crop_near)

/* Boxes whose pixels lie on pixels of images of 7 by 5, or between two of them. */
static Tensor *even_boxes(void) {
    static const float v[] = {0, 0,     1, 1, 1, 1,    0,     0,      0.5f, 0.25f,
                              1, 0.75f, 0, 0, 2, 1.5f, -0.5f, 0.125f, 0.5f, 1};
    return tn_tensor(TN_FLOAT32, INTS(5, 4), v);
}
BODY(crop_even, tn_cropAndResize(in[0], even_boxes(), which(), INTS(4, 9), SAMPLE_NEAREST, -1))
BODY(crop_between, tn_cropAndResize(in[0], even_boxes(), which(), INTS(7, 3), SAMPLE_BILINEAR, -1))

static void crops(void **state) {
    (void)state;
    for (int c = 3; c <= 4; c++) {
        CHECK(crop, F(2, 7, 5, c), F(5, 4));
        CHECK(crop, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop, F(2, 7, 5, c), ODD(5, 4));
        CHECK(crop_one, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop_near, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop_dx, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop_dw, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop_near_dx, F(2, 7, 5, c), POS(5, 4));
        CHECK(crop_even, F(2, 7, 5, c));
        CHECK(crop_between, I(2, 7, 5, c));
    }
}

/* ---- warps ---- */

/* Transforms near the one that changes nothing. */
static Tensor *near_same(Tensor *t) {
    static const float same[] = {1, 0, 0, 0, 1, 0, 0, 0};
    static const float much[] = {0.2f, 0.2f, 4, 0.2f, 0.2f, 4, 0.01f, 0.01f};
    return tn_add(tn_tensor(TN_FLOAT32, INTS(1, 8), same),
                  tn_mul(t, tn_tensor(TN_FLOAT32, INTS(1, 8), much)));
}
/* Turned by quarters, shifted by halves, enlarged, nowhere. */
static Tensor *round_ones(void) {
    static const float v[] = {0,    -1, 6,    1, 0,    0, 0, 0, 1, 0, 0.5f, 0, 1, -0.5f, 0, 0,
                              0.5f, 0,  0.5f, 0, 0.5f, 1, 0, 0, 1, 2, 3,    4, 5, 6,     0, -1};
    return tn_tensor(TN_FLOAT32, INTS(4, 8), v);
}
#define WARP(name, method, fill)                                                                   \
    BODY(name, tn_transform(in[0], near_same(in[1]), method, fill, 2.5f, INTS(6, 9)))              \
    BODY(name##_round, tn_transform(in[0], round_ones(), method, fill, 2.5f, INTS(6, 9)))          \
    BODY(name##_odd, tn_transform(in[0], in[1], method, fill, 2.5f, NULL))
WARP(warp, SAMPLE_BILINEAR, FILL_CONSTANT)
WARP(warp_reflect, SAMPLE_BILINEAR, FILL_REFLECT)
WARP(warp_wrap, SAMPLE_BILINEAR, FILL_WRAP)
WARP(warp_edge, SAMPLE_BILINEAR, FILL_NEAREST)
WARP(near_warp, SAMPLE_NEAREST, FILL_CONSTANT)
WARP(near_reflect, SAMPLE_NEAREST, FILL_REFLECT)
WARP(near_wrap, SAMPLE_NEAREST, FILL_WRAP)
WARP(near_edge, SAMPLE_NEAREST, FILL_NEAREST)
DX(warp)
DW(warp)
DX(warp_reflect)
DW(warp_reflect)
DW(warp_wrap)
DW(warp_edge)
DX(near_wrap)

#define EACH(name)                                                                                 \
    CHECK(name, F(4, 7, 8, c), F(4, 8));                                                           \
    CHECK(name, F(4, 7, 8, c), F(1, 8));                                                           \
    CHECK(name, F(4, 1, 8, c), F(4, 8));                                                           \
    CHECK(name##_round, F(4, 7, 8, c));                                                            \
    CHECK(name##_odd, F(5, 7, 8, c), ODD(5, 8));

static void warps(void **state) {
    (void)state;
    for (int c = 3; c <= 4; c++) {
        EACH(warp)
        EACH(warp_reflect)
        EACH(warp_wrap)
        EACH(warp_edge)
        EACH(near_warp)
        EACH(near_reflect)
        EACH(near_wrap)
        EACH(near_edge)
        CHECK(warp_dx, F(4, 7, 8, c), F(4, 8));
        CHECK(warp_dw, F(4, 7, 8, c), F(4, 8));
        CHECK(warp_reflect_dx, F(4, 7, 8, c), F(4, 8));
        CHECK(warp_reflect_dw, F(4, 7, 8, c), F(4, 8));
        CHECK(warp_wrap_dw, F(4, 7, 8, c), F(1, 8));
        CHECK(warp_edge_dw, F(4, 7, 8, c), F(4, 8));
        CHECK(near_wrap_dx, F(4, 7, 8, c), F(4, 8));
    }
}

/* ---- counts of metrics ---- */

/* What a metric says after two batches: truths in[0], predictions in[1], weights in[2]. */
static Tensor *counted(const char *name, const char *config, Tensor **in) {
    Metric *m = tn_metric(name, config);
    tn_metric_add(m, in[0], tn_sigmoid(in[1]), in[2]);
    tn_metric_add(m, in[0], tn_sigmoid(tn_neg(in[1])), in[2]);
    Tensor *y = tn_metric_result(m);
    tn_metric_release(m);
    return y;
}
BODY(precision, counted("precision", NULL, in))
BODY(recalls, counted("recall", "{\"thresholds\": [0.2, 0.5, 0.9]}", in))
BODY(auc, counted("auc", NULL, in))
BODY(auc_upper, counted("auc", "{\"summationMethod\": \"majoring\"}", in))
BODY(auc_lower, counted("auc", "{\"summationMethod\": \"minoring\", \"curve\": \"PR\"}", in))
BODY(auc_pr, counted("auc", "{\"curve\": \"PR\"}", in))

static void counts(void **state) {
    (void)state;
    static const int sizes[] = {1, 7, 300, 3001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int n = sizes[i];
        CHECK(precision, B(n), F(n), POS(n));
        CHECK(recalls, B(n), F(n), POS(n));
        CHECK(auc, B(n), F(n), POS(n));
        CHECK(auc_upper, B(n), F(n), POS(n));
        CHECK(auc_lower, B(n), F(n), POS(n));
        CHECK(auc_pr, B(n), F(n), POS(n));
    }
    CHECK(recalls, B(40), ODD(40), POS(40));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(volumes, leaves_nothing),
        cmocka_unit_test_teardown(neighbours, leaves_nothing),
        cmocka_unit_test_teardown(crops, leaves_nothing),
        cmocka_unit_test_teardown(warps, leaves_nothing),
        cmocka_unit_test_teardown(counts, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl images", tests, starts_gl, NULL);
}
