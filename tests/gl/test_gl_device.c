/* The device itself: data on its way there and back, the pool, reads that do not wait, what is left
** to the CPU, and the loss of the context. */
#include "gl_check.h"
#include "backend/webgl/gl.h"

static void same_floats(Tensor *x, const float *want) {
    const float *got = tn_floats(x);
    assert_non_null(got);
    for (int i = 0; i < tn_size(x); i++) assert_true(got[i] == want[i]);
}

static float *copy_of(Tensor *x) {
    size_t bytes = (size_t)tn_size(x) * sizeof(float);
    float *copy = malloc(bytes);
    memcpy(copy, tn_floats(x), bytes);
    return copy;
}

static void there_and_back(void **state) {
    (void)state;
    static const int sizes[] = {1, 2, 3, 4, 5, 7, 8, 511, 513, 2047, 2048, 2049, 2051, 4099, 70001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        Tensor *x = filled(UNIFORM, INTS(sizes[i])), *flags = filled(BOOLS, INTS(sizes[i]));
        assert_true(tn_gl_start());
        Tensor *y = tn_reverse(x, NULL), *back = tn_reverse(y, NULL);
        Tensor *other = tn_reverse(flags, NULL);
        assert_null(y->storage->data);
        same_floats(back, tn_floats(x));
        const uint8_t *bools = tn_data(other);
        for (int k = 0; k < sizes[i]; k++) assert_int_equal(bools[k], u8(flags)[sizes[i] - 1 - k]);
        tn_dispose(x), tn_dispose(y), tn_dispose(back), tn_dispose(flags), tn_dispose(other);
    }
}

static void devices_can_be_switched(void **state) {
    (void)state;
    Tensor *x = filled(UNIFORM, INTS(40, 50));
    assert_true(tn_gl_start());
    Tensor *on_gpu = tn_square(x);
    assert_null(on_gpu->storage->data);
    tn_gl_stop();
    Tensor *on_cpu = tn_neg(on_gpu);
    assert_non_null(on_gpu->storage->data);
    assert_null(on_cpu->storage->texture);
    assert_true(tn_gl_start());
    Tensor *again = tn_add(on_cpu, on_gpu);
    for (int i = 0; i < 2000; i++) assert_true(tn_floats(again)[i] == 0);
    tn_dispose(x), tn_dispose(on_gpu), tn_dispose(on_cpu), tn_dispose(again);
}

static void a_variable_moves_with_its_value(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(POSITIVE, INTS(100, 30)), *v = tn_variable(x, true);
    assert_true(tn_gl_start());
    for (int i = 0; i < 5; i++) {
        Scope *step = tn_scope_begin();
        tn_assign(v, tn_mul(v, tn_scalar(0.5f)));
        tn_scope_end(step);
    }
    for (int i = 0; i < 3000; i++) assert_true(tn_floats(v)[i] == f32(x)[i] / 32);
    tn_dispose(v);
    tn_scope_end(s);
}

static Tensor *program(Tensor *x, Tensor *w) {
    Scope *s = tn_scope_begin();
    Tensor *y = tn_relu(tn_matMul(x, w, false, false));
    return leave(s, tn_softmax(tn_sub(y, tn_mean(y, INTS(0), false)), -1));
}

static void nothing_is_made_anew_when_repeated(void **state) {
    (void)state;
    Tensor *x = filled(UNIFORM, INTS(60, 48)), *w = filled(UNIFORM, INTS(48, 36));
    assert_true(tn_gl_start());
    tn_dispose(program(x, w));
    double all = tn_memory()->texture_bytes + tn_memory()->texture_pooled;
    for (int i = 0; i < 20; i++) {
        tn_dispose(program(x, w));
        assert_true(tn_memory()->texture_bytes + tn_memory()->texture_pooled == all);
    }
    tn_dispose(x), tn_dispose(w);
    tn_trim();
    assert_true(tn_memory()->texture_pooled == 0);
}

static void reads_do_not_wait(void **state) {
    (void)state;
    Tensor *x = filled(UNIFORM, INTS(1001)), *flags = filled(BOOLS, INTS(77));
    assert_true(tn_gl_start());
    assert_int_equal(tn_gl_read_begin(x), 0);
    Tensor *y = tn_reverse(x, NULL), *z = tn_reverse(flags, NULL), *gone = tn_square(x);
    int first = tn_gl_read_begin(y), second = tn_gl_read_begin(z), third = tn_gl_read_begin(gone);
    assert_true(first > 0 && second > 0 && third > 0);
    assert_null(y->storage->data);
    tn_dispose(gone);
    while (!tn_gl_read_done(first) || !tn_gl_read_done(second)) continue;
    tn_gl_read_end(second), tn_gl_read_end(first), tn_gl_read_end(third);
    assert_non_null(y->storage->data);
    assert_false(y->storage->stale_data);
    for (int i = 0; i < 1001; i++) assert_true(f32(y)[i] == f32(x)[1000 - i]);
    for (int i = 0; i < 77; i++) assert_int_equal(u8(z)[i], u8(flags)[76 - i]);
    tn_dispose(x), tn_dispose(y), tn_dispose(z), tn_dispose(flags);
}

static void more_reads_than_slots_still_read(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(9)), *y[100];
    int reads[100];
    assert_true(tn_gl_start());
    for (int i = 0; i < 100; i++) {
        y[i] = tn_mul(x, tn_scalar((float)i));
        reads[i] = tn_gl_read_begin(y[i]);
    }
    for (int i = 0; i < 100; i++) {
        if (reads[i]) tn_gl_read_end(reads[i]);
        for (int k = 0; k < 9; k++) assert_true(tn_floats(y[i])[k] == f32(x)[k] * (float)i);
    }
    tn_scope_end(s);
}

static void what_is_not_taken_runs_on_the_cpu(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    assert_true(tn_gl_start());
    Tensor *x = filled(UNIFORM, INTS(30));
    assert_null(tn_complex(x, x)->storage->texture);
    assert_null(tn_nonzero(tn_greater(x, tn_scalar(0)))->storage->texture);
    const int most = gl_limits.texels;
    gl_limits.texels = 4;
    assert_null(tn_square(x)->storage->texture);
    gl_limits.texels = most;
    tn_gl_forward(true);
    assert_null(tn_square(x)->storage->texture);
    tn_gl_forward(false);
    assert_non_null(tn_square(x)->storage->texture);
    tn_scope_end(s);
}

static void double_cpu(Call *c) {
    for (int i = 0; i < c->out[0]->size; i++) f32(c->out[0])[i] = 2 * f32(c->in[0])[i];
}

static void a_bad_shader_is_told_once_and_the_cpu_runs(void **state) {
    (void)state;
    static const Op bad = {.name = "bad", .cpu = double_cpu, .gl = "=unheard_of(x)"};
    Scope *s = tn_scope_begin();
    Tensor *x = filled(UNIFORM, INTS(30));
    assert_true(tn_gl_start());
    for (int i = 0; i < 3; i++) {
        Tensor *y = run(&bad, IN(x), OUT(make_like(x)), NULL, 0);
        assert_true(tn_floats(y)[7] == 2 * f32(x)[7]);
        if (i == 0) assert_true(test_complaints > 3);
        if (i == 0) test_complaints = 0;
    }
    assert_int_equal(test_complaints, 0);
    tn_scope_end(s);
}

static void failing_allocations(void **state) {
    (void)state;
    Tensor *x = filled(UNIFORM, INTS(60, 48)), *w = filled(UNIFORM, INTS(48, 35));
    assert_true(tn_gl_start());
    for (int n = 1, done = 0; !done; n++) {
        texture_pool_clear();
        programs_clear();
        texture_drop(x->storage);
        tn_fail_allocation(n);
        Tensor *y = program(x, w);
        const float *data = tn_floats(y);
        done = n > 10 && data && !tn_error() && tn_memory()->textures > 0 && n > 60;
        tn_fail_allocation(0);
        if (tn_error()) assert_int_equal(tn_error_code(), TN_MEMORY);
        tn_clear_error();
        tn_dispose(y);
    }
    tn_dispose(x), tn_dispose(w);
}

static void a_lost_context(void **state) {
    (void)state;
    Tensor *weights = filled(UNIFORM, INTS(48, 36)), *x = filled(UNIFORM, INTS(60, 48));
    assert_true(tn_gl_start());
    Tensor *before = program(x, weights), *kept = program(x, weights);
    float *want = copy_of(kept);
    int read = tn_gl_read_begin(before);
    assert_true(read > 0);
    test_lose_context();
    tn_gl_lost();
    assert_true(tn_gl_read_done(read));
    tn_gl_read_end(read);
    assert_null(tn_data(before));
    assert_int_equal(tn_error_code(), TN_DEVICE);
    assert_non_null(strstr(tn_error(), "context was lost"));
    tn_clear_error();
    same_floats(kept, want);
    Tensor *on_cpu = program(x, weights);
    assert_null(on_cpu->storage->texture);
    for (int i = 0; i < tn_size(kept); i++) assert_true(fabsf(f32(on_cpu)[i] - want[i]) < 1e-5f);
    Tensor *lost = tn_square(before);
    assert_int_equal(tn_error_code(), TN_DEVICE);
    tn_clear_error();
    tn_dispose(lost);
    assert_true(test_restore_context());
    tn_gl_restored();
    Tensor *again = program(x, weights);
    assert_non_null(again->storage->texture);
    for (int i = 0; i < tn_size(kept); i++)
        assert_true(fabsf(tn_floats(again)[i] - want[i]) < 1e-5f);
    free(want);
    tn_dispose(weights), tn_dispose(x), tn_dispose(before), tn_dispose(kept), tn_dispose(on_cpu);
    tn_dispose(again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(there_and_back, leaves_nothing),
        cmocka_unit_test_teardown(devices_can_be_switched, leaves_nothing),
        cmocka_unit_test_teardown(a_variable_moves_with_its_value, leaves_nothing),
        cmocka_unit_test_teardown(nothing_is_made_anew_when_repeated, leaves_nothing),
        cmocka_unit_test_teardown(reads_do_not_wait, leaves_nothing),
        cmocka_unit_test_teardown(more_reads_than_slots_still_read, leaves_nothing),
        cmocka_unit_test_teardown(what_is_not_taken_runs_on_the_cpu, leaves_nothing),
        cmocka_unit_test_teardown(a_bad_shader_is_told_once_and_the_cpu_runs, leaves_nothing),
        cmocka_unit_test_teardown(failing_allocations, leaves_nothing),
        cmocka_unit_test_teardown(a_lost_context, leaves_nothing),
    };
    return cmocka_run_group_tests_name("gl device", tests, starts_gl, NULL);
}
