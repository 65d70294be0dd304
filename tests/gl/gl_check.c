/* See gl_check.h. */
#include "gl_check.h"

static uint32_t seed = 1;

static float next(void) {
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) / (1 << 23) - 1;
}

static float special(int i) {
    static const float values[] = {0,     -0.0f,  1,    -1,    NAN,  INFINITY, -INFINITY,
                                   1e-6f, -1e-6f, 0.3f, -0.3f, 7.5f, -7.5f,    88,
                                   -88,   200,    -200, 2.5f,  3.5f, -2.5f};
    int n = sizeof values / sizeof *values;
    return values[(i + i / n) % n]; /* two inputs of different length meet in many pairs */
}

static int whole(int i) {
    static const int ends[] = {INT32_MIN, INT32_MAX,     0,       -1,
                               1,         INT32_MIN + 1, 1 << 24, -(1 << 24) - 1};
    next();
    return i % 3 ? (int)(seed * 2654435761u) : ends[i / 3 % (int)(sizeof ends / sizeof *ends)];
}

Tensor *filled(Fill fill, const Ints *shape) {
    const bool ints = fill == WHOLE || fill == DIGITS;
    Tensor *x = tn_tensor(fill == BOOLS ? TN_BOOL : ints ? TN_INT32 : TN_FLOAT32, shape, NULL);
    assert_null(tn_error());
    for (int i = 0; i < x->size; i++) {
        float v = 3 * next();
        if (fill == BOOLS) u8(x)[i] = v > 0;
        else if (ints) i32(x)[i] = fill == WHOLE ? whole(i) : (int)(3 * v);
        else f32(x)[i] = fill == SPECIAL ? special(i) : fill == POSITIVE ? fabsf(v) + 0.1f : v;
    }
    return x;
}

static double value(Tensor *x, int i) {
    const void *data = tn_data(x);
    assert_non_null(data);
    if (x->dtype == TN_FLOAT32) return ((const float *)data)[i];
    return x->dtype == TN_INT32 ? ((const int *)data)[i] : ((const uint8_t *)data)[i];
}

static void compare(const char *name, Tensor *cpu, Tensor *gpu, double tolerance) {
    assert_true(same_shape(cpu, gpu));
    assert_int_equal(cpu->dtype, gpu->dtype);
    for (int i = 0; i < cpu->size; i++) {
        double want = value(cpu, i), got = value(gpu, i);
        double bound = cpu->dtype == TN_FLOAT32 ? tolerance * fmax(1, fabs(want)) : 0;
        if ((isnan(want) && isnan(got)) || want == got || fabs(want - got) <= bound) continue;
        fail_msg("%s: element %d of %d is %g on the GPU, %g on the CPU", name, i, cpu->size, got,
                 want);
    }
}

static void all_on_gpu(const char *name, const char *cpu) {
    for (int i = 0; i < tn_profile_count(); i++) {
        const ProfileRow *row = &tn_profile_rows()[i];
        const ProfileShape *result = &row->shapes[row->nin];
        if (!row->on_device && !strstr(cpu, row->op))
            fail_msg("%s: %s with result %s ran on the CPU", name, row->op,
                     ints_text(result->rank, result->sizes));
    }
}

void check_case(const char *name, Body *body, int count, const In *in, double tolerance,
                const char *cpu) {
    Tensor *x[8];
    Scope *s = tn_scope_begin();
    for (int i = 0; i < count; i++) x[i] = filled(in[i].fill, in[i].shape);
    tn_gl_stop();
    Tensor *want = body(x);
    if (tn_error()) fail_msg("%s: %s", name, tn_error());
    assert_true(tn_gl_start());
    assert_true(tn_profile_begin());
    Tensor *got = body(x);
    if (tn_error()) fail_msg("%s: %s", name, tn_error());
    all_on_gpu(name, cpu);
    tn_profile_end();
    compare(name, want, got, tolerance);
    tn_scope_end(s);
}

int starts_gl(void **state) {
    (void)state;
    if (!tn_gl_start()) {
        print_error("%s\n", tn_error());
        return -1;
    }
    tn_gl_debug(true);
    tn_gl_forward(false);
    return 0;
}

int leaves_nothing(void **state) {
    (void)state;
    assert_null(tn_error());
    assert_int_equal(tn_memory()->tensors, 0);
    assert_int_equal(tn_memory()->storages, 0);
    assert_int_equal(tn_memory()->textures, 0);
    assert_true(tn_memory()->texture_bytes == 0);
    assert_int_equal(test_complaints, 0);
    return 0;
}
