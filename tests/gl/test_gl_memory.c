/* The limit of the GPU's memory, what gives way to it, and pictures that become tensors. */
#include "gl_check.h"
#include "backend/webgl/gl.h"
#include <math.h>

enum { ELEMENTS = 1 << 14, BYTES = 4 * ELEMENTS };

static double taken(void) { return tn_memory()->texture_bytes + tn_memory()->texture_pooled; }
static Tensor *drawn(void) { return tn_randomUniform(INTS(ELEMENTS), 0, 1, TN_FLOAT32, NULL); }

static void lift(void) {
    tn_clear_error();
    tn_gl_limit(INFINITY);
}

static void want_limit_error(void) {
    assert_int_equal(tn_error_code(), TN_MEMORY);
    assert_non_null(strstr(tn_error(), "beyond the limit of 196608"));
    tn_clear_error();
}

static void the_limit_is_kept(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(ELEMENTS)), *y = filled(UNIFORM, INTS(ELEMENTS));
    Scope *inner = tn_scope_begin();
    tn_data(tn_sum(tn_add(x, y), NULL, false));
    tn_scope_end(inner);
    assert_non_null(x->storage->texture);
    tn_trim();
    tn_gl_limit(3 * BYTES);
    Tensor *a = drawn(), *b = drawn(), *c = drawn();
    assert_null(tn_error());
    assert_null(x->storage->texture);
    assert_null(y->storage->texture);
    assert_true(taken() == 3 * BYTES);
    assert_true(tn_memory()->texture_peak >= taken());
    inner = tn_scope_begin();
    drawn();
    want_limit_error();
    tn_data(tn_add(b, c));
    want_limit_error();
    tn_data(tn_add(x, c));
    want_limit_error();
    tn_scope_end(inner);
    const float first = tn_floats(a)[0];
    Tensor *d = drawn(); /* a is in memory too, so its texture went */
    assert_null(tn_error());
    assert_null(a->storage->texture);
    tn_dispose(d), tn_dispose(b);
    assert_true(tn_floats(tn_add(a, a))[0] == first + first);
    assert_true(taken() <= 3 * BYTES);
    lift();
    tn_scope_end(s);
}

/* What a pending result is made of stays, though it is in memory too. */
static void what_is_needed_stays(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(ELEMENTS)), *y = filled(UNIFORM, INTS(ELEMENTS));
    Scope *first = tn_scope_begin(); /* an op's first result is drawn at once */
    tn_data(tn_sub(tn_mul(x, y), x));
    tn_scope_end(first);
    tn_trim();
    tn_gl_limit(3 * BYTES);
    Tensor *product = tn_mul(x, y), *sum = tn_sub(product, x);
    tn_dispose(product); /* else it is drawn too */
    Tensor *a = drawn();
    assert_null(tn_error());
    drawn();
    want_limit_error();
    assert_true(x->storage->texture && y->storage->texture);
    tn_dispose(a);
    const float *got = tn_floats(sum);
    for (int i = 0; i < ELEMENTS; i++)
        assert_true(fabsf(got[i] - (f32(x)[i] * f32(y)[i] - f32(x)[i])) < 1e-6f);
    lift();
    tn_scope_end(s);
}

static void a_small_limit_fails_all(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(40, 50)), *w = filled(UNIFORM, INTS(50, 20));
    tn_trim();
    for (int limit = 0; limit < 60000; limit += 4000) {
        Scope *inner = tn_scope_begin();
        tn_gl_limit(limit);
        tn_data(tn_softmax(tn_relu(tn_matMul(x, w, false, false)), -1));
        assert_true(!tn_error() || tn_error_code() == TN_MEMORY);
        assert_true(limit > 20000 || tn_error());
        assert_true(taken() <= limit);
        tn_clear_error();
        tn_scope_end(inner);
    }
    lift();
    tn_data(tn_softmax(tn_relu(tn_matMul(x, w, false, false)), -1));
    assert_null(tn_error());
    tn_scope_end(s);
}

static void hidden_pages_keep_nothing(void **state) {
    (void)state;
    tn_dispose(drawn());
    assert_true(tn_gl_picture(8, 4));
    assert_true(tn_memory()->texture_pooled > 0);
    tn_gl_trim();
    assert_true(tn_memory()->texture_pooled == 0);
}

/* ---- pictures ---- */

static void from_pictures(void **state) {
    (void)state;
    enum { WIDTH = 37, HEIGHT = 5 };
    uint8_t rgba[WIDTH * HEIGHT * 4];
    for (size_t i = 0; i < sizeof rgba; i++) rgba[i] = (uint8_t)(i * 37);
    for (int channels = 1; channels <= 4; channels++) {
        assert_true(tn_gl_picture(WIDTH, HEIGHT));
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
        Tensor *x = tn_gl_from_picture(channels);
        Tensor *want = tn_from_pixels(rgba, WIDTH, HEIGHT, channels);
        assert_null(tn_error());
        assert_memory_equal(tn_data(x), tn_data(want), (size_t)tn_size(want) * 4);
        tn_dispose(x), tn_dispose(want);
    }
    assert_false(tn_gl_picture(0, 5) || tn_gl_picture(5, -1) || tn_gl_picture(1 << 20, 1));
    assert_false(tn_gl_picture(gl_limits.side, gl_limits.side));
    assert_true(tn_gl_picture(2, 2));
    tn_gl_from_picture(5);
    assert_int_equal(tn_error_code(), TN_VALUE);
    tn_clear_error();
    tn_gl_limit(64); /* holds the picture or the tensor */
    assert_true(tn_gl_picture(2, 2));
    tn_gl_from_picture(4);
    assert_int_equal(tn_error_code(), TN_MEMORY);
    lift();
    tn_gl_stop();
    assert_false(tn_gl_picture(2, 2));
    assert_true(tn_gl_start());
    tn_gl_trim();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_limit_is_kept, leaves_nothing),
        cmocka_unit_test_teardown(what_is_needed_stays, leaves_nothing),
        cmocka_unit_test_teardown(a_small_limit_fails_all, leaves_nothing),
        cmocka_unit_test_teardown(hidden_pages_keep_nothing, leaves_nothing),
        cmocka_unit_test_teardown(from_pictures, leaves_nothing),
    };
    return cmocka_run_group_tests(tests, starts_gl, NULL);
}
