/* Ops that move data: gradients of first and second order against differences, bad input, and what
** happens when memory runs out. */
#include "grad_check.h"

/* Not linear, so that second derivatives are not 0. */
static Tensor *bent(Tensor *x) { return tn_mul(x, tn_add(x, tn_square(x))); }
static Tensor *index_of(int n, const int *v) { return tn_tensor(TN_INT32, INTS(n), v); }

static Tensor *slice(Tensor **x) { return bent(tn_slice(x[0], INTS(1, 0, 1), INTS(1, -1, 2))); }
static Tensor *empty_slice(Tensor **x) {
    return tn_add(tn_sum(bent(tn_slice(x[0], INTS(1), INTS(0))), NULL, false), bent(x[0]));
}
static Tensor *every_other(Tensor **x) {
    return bent(
        tn_stridedSlice(x[0], INTS(-1, 0, 3), INTS(-9, 1, 0), INTS(-1, 1, -2), 0, 0, 0, 2, 0));
}
static Tensor *reverse(Tensor **x) { return bent(tn_reverse(x[0], INTS(0, 2))); }
static Tensor *transpose(Tensor **x) { return bent(tn_transpose(x[0], INTS(1, 2, 0), false)); }
static Tensor *transpose_view(Tensor **x) {
    return bent(tn_transpose(tn_reshape(x[0], INTS(2, 1, 12)), INTS(1, 0, 2), false));
}
static Tensor *pad(Tensor **x) { return bent(tn_pad(x[0], INTS(1, 0, 0, 2, 1, 1), 2)); }
static Tensor *reflect(Tensor **x) {
    return bent(tn_mirrorPad(x[0], INTS(1, 0, 2, 1, 0, 3), MIRROR_REFLECT));
}
static Tensor *symmetric(Tensor **x) {
    return bent(tn_mirrorPad(x[0], INTS(2, 1, 0, 0, 0, 4), MIRROR_SYMMETRIC));
}
static Tensor *tile(Tensor **x) { return bent(tn_tile(x[0], INTS(2, 1, 3))); }
static Tensor *concat(Tensor **x) { return bent(tn_concat(LIST(x[0], x[1], x[0]), 1)); }
static Tensor *stack(Tensor **x) { return bent(tn_stack(LIST(x[0], x[1], tn_square(x[0])), -1)); }
static Tensor *split(Tensor **x) {
    const List *parts = tn_split(x[0], INTS(1, 3), 2);
    Tensor *a = parts->v[0], *b = parts->v[1];
    return tn_add(bent(a), tn_mul(b, a));
}
static Tensor *one_part(Tensor **x) { return bent(tn_split(x[0], INTS(2), 2)->v[1]); }
static Tensor *unstack(Tensor **x) {
    const List *parts = tn_unstack(x[0], 1);
    Tensor *a = parts->v[0], *c = parts->v[2];
    return tn_mul(bent(a), c);
}
static Tensor *gather(Tensor **x) {
    return bent(tn_gather(x[0], index_of(4, (int[]){2, 0, 2, 1}), 1, 0));
}
static Tensor *gather_rows(Tensor **x) {
    return bent(tn_gather(x[0], index_of(2, (int[]){1, 1}), 0, 0));
}
static Tensor *gather_batch(Tensor **x) {
    Tensor *index = tn_reshape(index_of(4, (int[]){3, 0, 1, 1}), INTS(2, 2));
    return bent(tn_gather(x[0], index, 2, 1));
}
static Tensor *topk(Tensor **x) { return bent(tn_topk(x[0], 2, true, NULL)); }
static Tensor *cumsum(Tensor **x) { return bent(tn_cumsum(x[0], 2, false, false)); }
static Tensor *cumsum_back(Tensor **x) { return bent(tn_cumsum(x[0], 1, true, true)); }
static Tensor *cumprod(Tensor **x) { return tn_cumprod(x[0], 2, false, false); }
static Tensor *cumprod_back(Tensor **x) { return tn_cumprod(x[0], 1, false, true); }
static Tensor *cumprod_less(Tensor **x) { return tn_cumprod(x[0], -1, true, false); }
static Tensor *cumprod_less_back(Tensor **x) { return tn_cumprod(x[0], 1, true, true); }
static Tensor *dropout(Tensor **x) { return bent(tn_dropout(x[0], 0.4, NULL, "8")); }
static Tensor *bilinear(Tensor **x) {
    return bent(tn_resizeBilinear(x[0], INTS(3, 5), false, false));
}
static Tensor *bilinear_corners(Tensor **x) {
    return bent(tn_resizeBilinear(x[0], INTS(3, 2), true, false));
}
static Tensor *bilinear_half(Tensor **x) {
    return bent(tn_resizeBilinear(tn_expandDims(x[0], 0), INTS(1, 7), false, true));
}
static Tensor *near(Tensor **x) {
    return bent(tn_resizeNearestNeighbor(x[0], INTS(3, 2), false, true));
}
static Tensor *near_corners(Tensor **x) {
    return bent(tn_resizeNearestNeighbor(x[0], INTS(1, 5), true, false));
}
static Tensor *flip(Tensor **x) { return bent(tn_flipLeftRight(tn_expandDims(x[0], 0))); }
static Tensor *colours(Tensor **x) {
    return bent(tn_grayscaleToRGB(tn_rgbToGrayscale(tn_reshape(x[0], INTS(8, 3)))));
}

#define CASE(fn, inputs)                                                                           \
    {                                                                                              \
#fn, fn, inputs                                                                            \
    }
static const struct {
    const char *name;
    CheckFn fn;
    int inputs;
} cases[] = {
    CASE(slice, 1),
    CASE(empty_slice, 1),
    CASE(every_other, 1),
    CASE(reverse, 1),
    CASE(transpose, 1),
    CASE(transpose_view, 1),
    CASE(pad, 1),
    CASE(reflect, 1),
    CASE(symmetric, 1),
    CASE(tile, 1),
    CASE(concat, 2),
    CASE(stack, 2),
    CASE(split, 1),
    CASE(one_part, 1),
    CASE(unstack, 1),
    CASE(gather, 1),
    CASE(gather_rows, 1),
    CASE(gather_batch, 1),
    CASE(topk, 1),
    CASE(cumsum, 1),
    CASE(cumsum_back, 1),
    CASE(cumprod, 1),
    CASE(cumprod_back, 1),
    CASE(cumprod_less, 1),
    CASE(cumprod_less_back, 1),
    CASE(dropout, 1),
    CASE(bilinear, 1),
    CASE(bilinear_corners, 1),
    CASE(bilinear_half, 1),
    CASE(near, 1),
    CASE(near_corners, 1),
    CASE(flip, 1),
    CASE(colours, 1),
};
enum { CASES = sizeof cases / sizeof *cases };

static void gradients(void **state) {
    (void)state;
    for (int k = 0; k < CASES; k++) {
        Tensor *in[2];
        for (int i = 0; i < cases[k].inputs; i++) in[i] = distinct_tensor(INTS(2, 3, 4), 0.07f);
        check_gradients(cases[k].name, cases[k].fn, cases[k].inputs, in, 2);
    }
}

/* A zero in a line, and two in another. */
static void cumprod_at_zero(void **state) {
    (void)state;
    static const CheckFn fns[] = {cumprod, cumprod_back, cumprod_less, cumprod_less_back};
    for (int k = 0; k < 4; k++) {
        Tensor *x = distinct_tensor(INTS(2, 3, 4), 0.07f);
        float *v = (float *)tn_data(x);
        v[1] = v[4] = v[6] = v[23] = 0;
        check_gradients("cumprod at 0", fns[k], 1, &x, 2);
    }
}

/* ---- bad input ---- */

static void bad_places(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_zeros(INTS(2, 3), TN_FLOAT32), *one = tn_scalar(1);
    tn_slice(one, INTS(0), NULL);
    assert_failed(TN_SHAPE, "slice: x has rank 0");
    tn_slice(x, INTS(-1), NULL);
    assert_failed(TN_VALUE, "slice() does not support negative begin indexing.");
    tn_slice(x, INTS(0, 2), INTS(1, 2));
    assert_failed(TN_VALUE, "begin[1] + size[1] (4) would overflow x.shape[1] (3)");
    tn_slice(x, INTS(INT32_MAX), INTS(INT32_MAX));
    assert_failed(TN_VALUE, "(4294967294) would overflow");
    tn_slice(x, INTS(0, 0, 0), NULL);
    assert_failed(TN_SHAPE, "begin has 3 numbers, x has rank 2");
    tn_slice(x, INTS(0), INTS(-2));
    assert_failed(TN_VALUE, "size[0] is -2");
    tn_stridedSlice(x, INTS(0), INTS(1), INTS(0), 0, 0, 0, 0, 0);
    assert_failed(TN_VALUE, "strides[0] must be non-zero");
    tn_stridedSlice(x, INTS(2), INTS(3), NULL, 0, 0, 0, 0, 1);
    assert_failed(TN_INDEX, "slice index 2 of 2 elements out of bounds");
    tn_stridedSlice(x, INTS(0, 0), INTS(1, 1), NULL, 0, 0, 3, 0, 0);
    assert_failed(TN_VALUE, "Multiple ellipses");
    tn_stridedSlice(x, INTS(0, 0, 0), INTS(1, 1, 1), NULL, 0, 0, 0, 0, 0);
    assert_failed(TN_SHAPE, "input has only 2 dims");
    tn_stridedSlice(x, INTS(0, 0, 0, 0, 0, 0, 0), INTS(1, 1, 1, 1, 1, 1, 1), NULL, 0, 0, 0, 127, 0);
    assert_failed(TN_SHAPE, "rank 9, above 8");
    tn_transpose(x, INTS(0, 0), false);
    assert_failed(TN_VALUE, "All entries in 'perm' must be between 0 and 1");
    tn_pad(x, INTS(1, 1), 0);
    assert_failed(TN_SHAPE, "paddings has 2 numbers, x has rank 2");
    tn_pad(x, INTS(0, 0, INT32_MAX, INT32_MAX), 0);
    assert_failed(TN_SHAPE, "is too much");
    tn_mirrorPad(x, INTS(2, 0, 0, 0), MIRROR_REFLECT);
    assert_failed(TN_VALUE, "paddings[0][0] is 2, but x.shape[0] (2) allows 1");
    tn_tile(x, INTS(1 << 30, 1 << 30));
    assert_failed(TN_SHAPE, "tile: 1073741824 times 2 elements");
    tn_scope_end(s);
}

static void bad_choices(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_zeros(INTS(2, 3), TN_FLOAT32), *one = tn_scalar(1), *i;
    tn_concat(LIST(x, one), 0);
    assert_failed(TN_SHAPE, "tensors[1] has shape [], which does not fit [2, 3]");
    tn_concat((const List *)(int[sizeof(List)]){0}, 0);
    assert_failed(TN_VALUE, "Pass at least one tensor");
    tn_stack(LIST(x, one), 0);
    assert_failed(TN_SHAPE, "tensors[1] has shape [], tensors[0] has [2, 3]");
    assert_int_equal(tn_split(x, INTS(2), 1)->n, 0);
    assert_failed(TN_VALUE, "2 does not divide 3");
    tn_split(x, INTS(1, 1), 1);
    assert_failed(TN_VALUE, "2 is not 3");
    tn_split(x, INTS(-1, 1, -1), 1);
    assert_failed(TN_VALUE, "only one negative value");
    tn_unstack(x, 2);
    assert_failed(TN_VALUE, "Axis = 2 is not in [-2, 2)");
    tn_gather(x, one, 1, 0);
    assert_failed(TN_DTYPE,
                  "Argument 'indices' passed to 'gather' must be int32 tensor, but got float32");
    tn_gather(x, tn_fill(INTS(1), 3, TN_INT32), 1, 0);
    assert_failed(TN_INDEX, "indices[0]: GatherV2: the index value 3 is not in [0, 2]");
    tn_gather(x, tn_tensor(TN_INT32, INTS(2), (int[]){0, -1}), 0, 0);
    assert_failed(TN_INDEX, "indices[1]: GatherV2: the index value -1 is not in [0, 1]");
    tn_gather(x, tn_zeros(INTS(3, 1), TN_INT32), 1, 1);
    assert_failed(TN_SHAPE, "x.shape[0]: 2 should be equal to indices.shape[0]: 3");
    tn_gather(x, tn_zeros(INTS(2, 1), TN_INT32), 0, 1);
    assert_failed(TN_VALUE, "batchDims (1) must be less than or equal to axis (0)");
    tn_topk(x, 4, true, &i);
    assert_failed(TN_VALUE, "the last dimension (3) but got 4");
    tn_argMax(tn_zeros(INTS(0, 2), TN_FLOAT32), 0);
    assert_failed(TN_SHAPE, "argMax: axis 0 of x has 0 elements");
    tn_oneHot(one, 2, 1, 0, TN_INT32);
    assert_failed(TN_DTYPE, "Argument 'indices' passed to 'oneHot' must be int32 tensor");
    one = tn_cast(one, TN_INT32);
    tn_oneHot(one, 1, 1, 0, TN_INT32);
    assert_failed(TN_VALUE, "depth must be >=2, but it is 1");
    tn_oneHot(one, 2, 3e9f, 0, TN_INT32);
    assert_failed(TN_VALUE, "does not fit int32");
    tn_scope_end(s);
}

static void bad_makers(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_zeros(INTS(2, 3), TN_FLOAT32);
    tn_range(0, 1e12, 1, TN_FLOAT32);
    assert_failed(TN_VALUE, "range: 1000000000000 numbers are too many");
    tn_range(0, NAN, 1, TN_FLOAT32);
    assert_failed(TN_VALUE, "must be finite");
    tn_range(3e9, 3e9 + 2, 1, TN_INT32);
    assert_failed(TN_VALUE, "does not fit int32");
    tn_linspace(0, 1, 0);
    assert_failed(TN_VALUE, "num is 0");
    tn_eye(70000, NULL, NULL, TN_FLOAT32);
    assert_failed(TN_SHAPE, "more than 2 GiB");
    tn_randomNormal(INTS(2), 0, 1, TN_BOOL, NULL);
    assert_failed(TN_DTYPE, "must be float32 or int32, but is bool");
    tn_truncatedNormal(INTS(2), 0, -1, TN_FLOAT32, NULL);
    assert_failed(TN_VALUE, "stdDev -1 is not possible");
    tn_randomUniform(INTS(2), 0, 1e10, TN_INT32, NULL);
    assert_failed(TN_VALUE, "does not fit int32");
    tn_randomUniform(INTS(-2), 0, 1, TN_FLOAT32, NULL);
    assert_failed(TN_SHAPE, "negative");
    tn_dropout(x, 1, NULL, NULL);
    assert_failed(TN_VALUE, "rate must be a float in the range [0, 1), but got 1.");
    tn_dropout(x, 0.5, INTS(4, 2, 3), NULL);
    assert_failed(TN_SHAPE, "noiseShape [4, 2, 3] does not broadcast to x's shape [2, 3]");
    tn_resizeBilinear(x, INTS(2, 2), false, false);
    assert_failed(TN_SHAPE, "must be rank 3 or 4, but got rank 2");
    tn_resizeBilinear(tn_zeros(INTS(2, 0, 1), TN_FLOAT32), INTS(2, 2), false, false);
    assert_failed(TN_SHAPE, "nothing to resize");
    tn_resizeNearestNeighbor(tn_zeros(INTS(2, 2, 1), TN_FLOAT32), INTS(2, 1 << 30), true, false);
    assert_failed(TN_SHAPE, "more than 2 GiB");
    tn_flipLeftRight(tn_zeros(INTS(1, 1, 1, 1), TN_INT32));
    assert_failed(TN_DTYPE, "Argument 'image' passed to 'flipLeftRight' must be float32");
    tn_rgbToGrayscale(tn_scalar(1));
    assert_failed(TN_SHAPE, "images must be at least rank 2");
    tn_scope_end(s);
}

/* ---- no memory ---- */

/* Each case with the n-th allocation failing, for all n: an error, no crash, nothing left. */
static void allocations(void **state) {
    (void)state;
    for (int k = 0; k < CASES; k++) {
        bool done = false;
        for (int n = 1; !done; n++) {
            Scope *s = tn_scope_begin();
            Tensor *in[2] = {distinct_tensor(INTS(2, 3, 4), 0.1f),
                             distinct_tensor(INTS(2, 3, 4), 0.1f)};
            tn_trim();
            tn_fail_allocation(n);
            first_order(cases[k].fn, cases[k].inputs, in);
            tn_fail_allocation(0);
            done = !tn_error();
            if (!done) assert_failed(TN_MEMORY, "out of memory");
            tn_scope_end(s);
            assert_int_equal(tn_memory()->tensors, check_live);
            assert_true(n < 1000);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OP_TEST(gradients),   OP_TEST(cumprod_at_zero), OP_TEST(bad_places),
        OP_TEST(bad_choices), OP_TEST(bad_makers),      OP_TEST(allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
