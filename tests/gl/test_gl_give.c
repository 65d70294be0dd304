/* What the page gets of the GPU, and floats of 16 bits. */
#include "gl_check.h"
#include <math.h>

static void want_same(Tensor *x, Tensor *y) {
    const uint8_t *a = tn_data(x), *b = tn_data(y);
    assert_non_null(a);
    assert_non_null(b);
    assert_memory_equal(a, b, (size_t)tn_size(x) * (tn_dtype(x) == TN_BOOL ? 1 : 4));
}

static void give_and_compare(Tensor *x, int height, int width) {
    Tensor *y = tn_gl_export(x, height, width);
    assert_null(tn_error());
    assert_true(tn_gl_exported(y, 0) != 0);
    assert_true(!height || tn_gl_exported(y, 1) == (unsigned)height);
    assert_true(!width || tn_gl_exported(y, 2) == (unsigned)width);
    assert_true((double)tn_gl_exported(y, 1) * tn_gl_exported(y, 2) * 4 >= tn_size(x));
    Tensor *doubled = tn_add(y, y); /* the CPU's: no op reads such a texture */
    want_same(tn_add(x, x), doubled);
    want_same(x, y);
    tn_dispose(y);
}

static void gives(void **state) {
    (void)state;
    static const int sizes[] = {1, 3, 4, 5, 64, 1023, 5000, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Scope *s = tn_scope_begin();
        const int n = sizes[i], texels = (n + 3) / 4;
        Tensor *x = filled(UNIFORM, INTS(n)), *b = filled(BOOLS, INTS(n));
        give_and_compare(x, 0, 0);
        give_and_compare(x, 1 + texels / 7, 7);
        give_and_compare(tn_mul(x, x), 3, texels);
        give_and_compare(b, 2, texels);
        give_and_compare(tn_cast(tn_mul(x, tn_scalar(1e6f)), TN_INT32), 0, 0);
        tn_scope_end(s);
    }
}

static void want_error(Tensor *x, int height, int width, const char *text) {
    tn_gl_export(x, height, width);
    assert_non_null(tn_error());
    if (!strstr(tn_error(), text)) print_error("%s\n", tn_error());
    assert_non_null(strstr(tn_error(), text));
    tn_clear_error();
}

static void refuses(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(9));
    want_error(x, 1, 2, "customTexShape [1, 2]");
    want_error(x, -3, -1, "customTexShape [-3, -1]");
    want_error(x, 0, 5, "customTexShape [0, 5]");
    want_error(x, 1, 1 << 30, "sides up to");
    want_error(tn_complex(x, x), 0, 0, "complex64 dtype");
    want_error(tn_zeros(INTS(0), TN_FLOAT32), 0, 0, "no elements");
    want_error(tn_gl_export(x, 0, 0), 0, 0, "in no texture");
    tn_gl_stop();
    want_error(x, 0, 0, "readToGPU");
    assert_true(tn_gl_start());
    tn_scope_end(s);
}

static void near_all(Tensor *x, Tensor *y, double tolerance) {
    const float *a = tn_data(x), *b = tn_data(y);
    for (int i = 0; i < tn_size(x); i++)
        if (!(fabs(a[i] - b[i]) <= tolerance * fmax(1, fabs(a[i])))) {
            print_error("[%d] %g, not %g\n", i, b[i], a[i]);
            fail();
        }
}

static void halves(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(40, 33)), *w = filled(UNIFORM, INTS(33, 21));
    Tensor *product = tn_matMul(x, w, false, false), *sum = tn_add(x, x);
    tn_gl_half(true);
    Tensor *a = tn_tensor(TN_FLOAT32, INTS(40, 33), tn_data(x));
    Tensor *b = tn_tensor(TN_FLOAT32, INTS(33, 21), tn_data(w));
    near_all(sum, tn_add(a, a), 1e-3);
    near_all(product, tn_matMul(a, b, false, false), 2e-2);
    float odd[] = {65504, 65519, 0x1p-14f, 0x1p-24f, 0x1.8p-25f, -0x1p-26f, 1.00048828125f, -2049};
    float want[] = {65504, 65504, 0x1p-14f, 0x1p-24f, 0x1p-24f, 0, 1, -2048};
    const float *got = tn_data(tn_clone(tn_mul(tn_tensor(TN_FLOAT32, INTS(8), odd), tn_scalar(1))));
    for (int i = 0; i < 8; i++) assert_true(got[i] == want[i] || (i > 2 && i < 6 && got[i] == 0));
    Tensor *at = tn_cast(tn_tensor(TN_FLOAT32, INTS(2), (float[]){3001, 4099}), TN_INT32);
    Tensor *from = tn_tensor(TN_FLOAT32, INTS(5000), NULL);
    assert_true(((const float *)tn_data(tn_gather(tn_add(from, tn_scalar(2)), at, 0, 0)))[1] == 2);
    tn_gl_half(false);
    near_all(product, tn_matMul(x, w, false, false), 1e-4);
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(gives, leaves_nothing),
        cmocka_unit_test_teardown(refuses, leaves_nothing),
        cmocka_unit_test_teardown(halves, leaves_nothing),
    };
    return cmocka_run_group_tests(tests, starts_gl, NULL);
}
