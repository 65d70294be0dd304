/* Gradients: orders, tapes inside tapes, several results, customGrad, variables assigned
** between. */
#include "engine_check.h"

/* What JavaScript calls: see tape.c. */
void tn_on_custom(void (*call)(int, Tensor *, int, Tensor **, Tensor **), void (*drop)(int));
Tensor *tn_custom(const List *inputs, Tensor *y, int id);

/* d y / d x, in the open scope. */
static Tensor *gradient(Tensor *y, Tensor *x) {
    const List *found = tn_gradients(y, LIST(x), NULL);
    return found->n ? found->v[0] : NULL;
}

static void orders_of_a_power(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(2), *four = tn_scalar(4);
    for (int i = 0; i < 4; i++) tn_tape_begin();
    Tensor *y = tn_pow(x, four);
    const float expected[] = {32, 48, 48, 24}; /* 4 x^3, 12 x^2, 24 x, 24 */
    for (int i = 0; i < 4; i++) {
        y = gradient(y, x);
        assert_non_null(y);
        ASSERT_FLOATS(y, expected[i]);
        tn_tape_end();
    }
    tn_scope_end(s);
}

static void a_used_value_counts_each_time(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = VEC(1, 2, 3), *b = tn_scalar(10), *off = VEC(1, 1, 1);
    tn_tape_begin();
    Tensor *y = tn_sum(tn_add(tn_mul(x, x), tn_mul(x, b)), NULL, false);
    const List *g = tn_gradients(y, LIST(x, b, off, y), NULL);
    ASSERT_FLOATS(g->v[0], 12, 14, 16);
    ASSERT_FLOATS(g->v[1], 6); /* summed over what broadcasting repeated */
    assert_null(g->v[2]);
    ASSERT_FLOATS(g->v[3], 1);
    tn_tape_end();
    tn_scope_end(s);
}

static void dy_is_given(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = VEC(1, 2, 3);
    tn_tape_begin();
    Tensor *y = tn_square(x);
    ASSERT_FLOATS(tn_gradients(y, LIST(x), VEC(1, 0, -1))->v[0], 2, 0, -6);
    tn_gradients(y, LIST(x), tn_scalar(1));
    assert_error(TN_SHAPE, "grad: dy has shape [], y has [3]");
    tn_tape_end();
    tn_gradients(y, LIST(x), NULL);
    assert_error(TN_GRADIENT, "no tape is open");
    tn_scope_end(s);
}

static void an_inner_tape_sees_its_own_calls(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(3);
    tn_tape_begin();
    Tensor *y = tn_mul(x, x);
    tn_tape_begin();
    Tensor *z = tn_mul(y, y);
    ASSERT_FLOATS(gradient(z, y), 18);
    assert_null(gradient(z, x)); /* y was made outside the inner tape */
    tn_tape_end();
    ASSERT_FLOATS(gradient(z, x), 108);
    tn_tape_end();
    tn_scope_end(s);
}

static void a_pause_records_nothing(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(3);
    tn_tape_begin();
    tn_tape_pause(true);
    tn_tape_pause(true);
    Tensor *y = tn_mul(x, x);
    tn_tape_pause(false);
    assert_false(recording());
    tn_tape_pause(false);
    assert_true(recording());
    assert_null(gradient(y, x));
    ASSERT_FLOATS(gradient(tn_mul(y, x), x), 9);
    tn_tape_end();
    tn_scope_end(s);
}

static void disposed_steps_live_on_in_the_tape(void **state) {
    (void)state;
    InUse before = in_use();
    Tensor *x = tn_scalar(3);
    tn_tape_begin();
    Tensor *a = tn_square(x), *y = tn_square(a);
    tn_dispose(a);
    const List *g = tn_gradients(y, LIST(x), NULL);
    Tensor *dx = g->v[0];
    ASSERT_FLOATS(dx, 108);
    tn_dispose(y);
    tn_tape_end();
    tn_dispose(x);
    tn_dispose(dx);
    assert_in_use(before);
}

static void no_gradient_is_an_error_only_where_it_is_needed(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = VEC(1, 5, 3), *y = VEC(2, 2, 2);
    tn_tape_begin();
    Tensor *bigger = tn_greater(x, y);
    Tensor *z = tn_sum(tn_where(bigger, x, y), NULL, false);
    const List *g = tn_gradients(z, LIST(x, y), NULL);
    ASSERT_FLOATS(g->v[0], 0, 1, 1);
    ASSERT_FLOATS(g->v[1], 1, 0, 0);
    tn_tape_end();
    tn_scope_end(s);
}

static void whole_numbers_have_float_gradients(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_INT32, INTS(2), (const int[]){3, 4});
    tn_tape_begin();
    Tensor *y = tn_reshape(tn_mul(x, x), INTS(2, 1));
    Tensor *dx = gradient(y, x);
    assert_int_equal(dx->dtype, TN_FLOAT32);
    ASSERT_FLOATS(dx, 6, 8);
    Tensor *flat = gradient(tn_floor(tn_cast(tn_greater(x, y), TN_FLOAT32)), x);
    ASSERT_FLOATS(flat, 0, 0); /* it depends, but only through a comparison */
    tn_tape_end();
    tn_scope_end(s);
}

static void several_results(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *x = VEC(1, 2, 3, 4);
    tn_tape_begin();
    const List *parts = tn_split(x, INTS(2), 0);
    Tensor *a = parts->v[0], *b = parts->v[1];
    Tensor *y = tn_sum(tn_mul(tn_square(a), tn_scalar(10)), NULL, false);
    ASSERT_FLOATS(gradient(y, x), 20, 40, 0, 0); /* nothing came back for b */
    Tensor *z = tn_sum(tn_mul(a, b), NULL, false);
    ASSERT_FLOATS(gradient(z, x), 3, 4, 1, 2);
    tn_tape_end();
    tn_scope_end(s);
}

static void variables_assigned_between(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *v = tn_variable(tn_scalar(3), true), *ten = tn_scalar(10);
    tn_tape_begin();
    Tensor *y = tn_mul(v, v);
    tn_assign(v, ten);
    Tensor *z = tn_mul(v, tn_scalar(7));
    ASSERT_FLOATS(gradient(y, v), 6); /* at the value it had */
    ASSERT_FLOATS(gradient(tn_add(y, z), v), 13);
    tn_tape_end();
    ASSERT_FLOATS(v, 10);
    tn_dispose(v);
    tn_scope_end(s);
}

static void tapes_have_a_limit(void **state) {
    (void)state;
    int depth = 0;
    while (tn_tape_begin()) depth++;
    assert_error(TN_GRADIENT, "gradients inside each other");
    assert_in_range(depth, 16, 1000);
    while (depth--) tn_tape_end();
    tn_tape_end(); /* none open: nothing happens */
}

/* ---- custom gradients ---- */

static int dropped;

/* dx = 5 saved dy; id 2 fails, id 3 asks for a gradient inside. */
static void custom(int id, Tensor *dy, int count, Tensor **dx, Tensor **in) {
    if (id == 2) {
        fail(TN_GRADIENT, "customGrad: no");
        return;
    }
    Tensor *saved = in[count - 1];
    if (id == 3) {
        tn_tape_begin();
        dx[0] = gradient(tn_square(dy), dy); /* 2 dy */
        tn_tape_end();
        return;
    }
    dx[0] = tn_mul(tn_mul(dy, saved), tn_scalar(5));
}

static void drop(int id) { dropped += id; }

static Tensor *custom_square(Tensor *x, int id) {
    tn_tape_pause(true);
    Tensor *y = tn_square(x), *saved = tn_add(x, tn_scalar(0));
    tn_tape_pause(false);
    return tn_custom(LIST(x, saved), y, id);
}

static void custom_gradients(void **state) {
    (void)state;
    tn_on_custom(custom, drop);
    dropped = 0;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(2);
    tn_tape_begin();
    tn_tape_begin();
    Tensor *y = custom_square(x, 1);
    ASSERT_FLOATS(y, 4);
    Tensor *dx = gradient(tn_mul(y, x), x); /* y + 5 x^2, saved being x to this tape */
    ASSERT_FLOATS(dx, 4 + 20);
    tn_tape_end();
    assert_int_equal(dropped, 0);
    tn_tape_end();
    assert_int_equal(dropped, 1);
    tn_scope_end(s);
}

static void custom_gradients_may_fail_or_ask_for_more(void **state) {
    (void)state;
    tn_on_custom(custom, drop);
    dropped = 0;
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(3);
    tn_tape_begin();
    gradient(custom_square(x, 2), x);
    assert_error(TN_GRADIENT, "customGrad: no");
    ASSERT_FLOATS(gradient(tn_mul(custom_square(x, 3), tn_scalar(4)), x), 8);
    tn_tape_end();
    assert_int_equal(dropped, 5);
    custom_square(x, 4); /* no tape: dropped at once */
    assert_int_equal(dropped, 9);
    tn_scope_end(s);
}

/* A pass that fails leaves marks and sums as they were: the next one is right. */
static void a_failed_pass_leaves_no_trace(void **state) {
    (void)state;
    tn_on_custom(custom, drop);
    Scope *s = tn_scope_begin();
    Tensor *x = tn_scalar(3);
    tn_tape_begin();
    Tensor *y = tn_square(x), *bad = tn_mul(y, custom_square(x, 2));
    gradient(bad, x);
    assert_error(TN_GRADIENT, "customGrad: no");
    ASSERT_FLOATS(gradient(y, x), 6);
    tn_tape_end();
    tn_scope_end(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(orders_of_a_power),
        ENGINE_TEST(a_used_value_counts_each_time),
        ENGINE_TEST(dy_is_given),
        ENGINE_TEST(an_inner_tape_sees_its_own_calls),
        ENGINE_TEST(a_pause_records_nothing),
        ENGINE_TEST(disposed_steps_live_on_in_the_tape),
        ENGINE_TEST(no_gradient_is_an_error_only_where_it_is_needed),
        ENGINE_TEST(whole_numbers_have_float_gradients),
        ENGINE_TEST(several_results),
        ENGINE_TEST(variables_assigned_between),
        ENGINE_TEST(tapes_have_a_limit),
        ENGINE_TEST(custom_gradients),
        ENGINE_TEST(custom_gradients_may_fail_or_ask_for_more),
        ENGINE_TEST(a_failed_pass_leaves_no_trace),
    };
    return cmocka_run_group_tests_name("tape", tests, NULL, NULL);
}
