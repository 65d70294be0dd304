/* Programs run again and again, failing the first allocation, the second, and so on until they get
** through: each time a typed error or the right answer, nothing left, and the library goes on. */
#include "engine_check.h"
#include <stdio.h>

/* Each program works in the scope it is given and returns a number to be compared, read at the end
** of all calls; the answer of a run that failed does not matter. */
typedef float (*Program)(void);

static float total(Tensor *x) {
    Tensor *sum = tn_sum(tn_cast(x, TN_FLOAT32), NULL, false);
    return failed() ? 0 : tn_floats(sum)[0];
}

static float eager(void) {
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (const float[]){1, 2, 3, 4});
    Tensor *y = tn_matMul(x, tn_exp(tn_mul(x, tn_scalar(0.1f))), false, true);
    return total(tn_where(tn_greater(y, x), y, tn_neg(x)));
}

static float nested_scopes(void) {
    Scope *a = tn_scope_begin();
    Tensor *x = tn_ones(INTS(3, 3), TN_FLOAT32);
    Scope *b = tn_scope_begin();
    Tensor *y = tn_softmax(tn_add(x, x), -1);
    tn_scope_out(b, y);
    tn_scope_end(b);
    float answer = total(y);
    tn_scope_end(a);
    return answer;
}

static float lists(void) {
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(4), (const float[]){1, 2, 3, 4});
    const List *parts = tn_split(x, INTS(4), 0);
    if (failed()) return 0;
    Tensor *copies[4];
    for (int i = 0; i < 4; i++) copies[i] = parts->v[i];
    return total(tn_concat(LIST(copies[3], copies[1], copies[1]), 0));
}

static float variables(void) {
    Tensor *v = tn_variable(tn_scalar(3), true);
    tn_assign(v, tn_add(v, tn_scalar(1)));
    Tensor *y = tn_square(v);
    float answer = total(y);
    if (v->id) tn_dispose(v);
    return answer;
}

static float first_gradient(void) {
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (const float[]){1, 2, 3, 4});
    if (!tn_tape_begin()) return 0;
    Tensor *y = tn_sum(tn_square(tn_matMul(x, x, false, false)), NULL, false);
    const List *g = tn_gradients(y, LIST(x), NULL);
    float answer = g->n && g->v[0] ? total(g->v[0]) : 0;
    tn_tape_end();
    return answer;
}

static float second_gradient(void) {
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(3), (const float[]){0.1f, 0.2f, 0.3f});
    tn_tape_begin();
    tn_tape_begin();
    Tensor *y = tn_mean(tn_tanh(tn_mul(x, x)), NULL, false);
    const List *g = tn_gradients(y, LIST(x), NULL);
    Tensor *dx = g->n && g->v[0] ? g->v[0] : nothing();
    tn_tape_end();
    const List *h = tn_gradients(tn_sum(dx, NULL, false), LIST(x), NULL);
    float answer = h->n && h->v[0] ? total(h->v[0]) : 0;
    tn_tape_end();
    return answer;
}

static float snapshot(void) {
    Tensor *v = tn_variable(tn_scalar(3), true);
    tn_tape_begin();
    Tensor *y = tn_mul(v, v);
    tn_assign(v, tn_scalar(10));
    const List *g = tn_gradients(tn_add(y, v), LIST(v), NULL);
    float answer = g->n && g->v[0] ? total(g->v[0]) : 0;
    tn_tape_end();
    if (v->id) tn_dispose(v);
    return answer;
}

static float many_calls(void) { /* the tape and its pass must grow */
    Tensor *x = tn_scalar(1);
    tn_tape_begin();
    Tensor *y = x;
    for (int i = 0; i < 70; i++) y = tn_add(y, x);
    const List *g = tn_gradients(y, LIST(x), NULL);
    float answer = g->n && g->v[0] ? total(g->v[0]) : 0;
    tn_tape_end();
    return answer;
}

/* One run with the n-th allocation failing. True if it got through. */
static bool run_failing(Program program, float right, int n) {
    Scope *s = tn_scope_begin();
    tn_fail_allocation(n);
    float answer = program();
    tn_fail_allocation(0);
    bool through = !failed();
    if (through) assert_float_equal(answer, right, 1e-5f * fabsf(right));
    else {
        assert_int_equal(tn_error_code(), TN_MEMORY);
        assert_error(TN_MEMORY, "out of memory");
    }
    tn_scope_end(s);
    assert_false(recording());
    assert_in_use((InUse){0});
    return through;
}

static void fails_at_every_allocation(void **state) {
    Program program = *(Program *)*state;
    Scope *s = tn_scope_begin();
    float right = program();
    assert_null(tn_error());
    tn_scope_end(s);
    int n = 1;
    while (!run_failing(program, right, n)) assert_in_range(++n, 1, 100000);
    assert_true(n > 1);
    assert_true(run_failing(program, right, 0)); /* as if nothing had happened */
}

static Tensor *one_result(Tensor *x, Tensor **more) {
    (void)more;
    return tn_square(x);
}

static Tensor *two_results(Tensor *x, Tensor **more) { return tn_moments(x, NULL, false, more); }

/* A recorded call that fails gives nothing, not even to the scope around it. */
static void failing_calls_leave_nothing(void **state) {
    (void)state;
    Tensor *(*const calls[])(Tensor *, Tensor **) = {one_result, two_results};
    Scope *s = tn_scope_begin();
    Tensor *x = tn_tensor(TN_FLOAT32, INTS(2, 2), (const float[]){1, 2, 3, 4});
    const InUse before = in_use();
    int failures = 0;
    for (int k = 0; k < 2; k++) {
        bool through = false;
        for (int n = 1; !through; n++) {
            assert_in_range(n, 1, 1000);
            tn_tape_begin();
            tn_fail_allocation(n);
            Tensor *more = NULL, *y = calls[k](x, &more);
            tn_fail_allocation(0);
            if ((through = !failed())) tn_dispose(y);
            else assert_error(TN_MEMORY, "out of memory"), failures++;
            if (through && more) tn_dispose(more);
            tn_tape_end();
            assert_in_use(before);
        }
    }
    assert_true(failures > 5);
    tn_scope_end(s);
}

int main(void) {
    static Program programs[] = {eager,          nested_scopes,   lists,    variables,
                                 first_gradient, second_gradient, snapshot, many_calls};
    static const char *const names[] = {"eager",     "nested_scopes",  "lists",
                                        "variables", "first_gradient", "second_gradient",
                                        "snapshot",  "many_calls"};
    enum { N = sizeof programs / sizeof *programs };
    struct CMUnitTest tests[N + 1] = {[N] = ENGINE_TEST(failing_calls_leave_nothing)};
    for (int i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){names[i], fails_at_every_allocation, nothing_is_left,
                                       nothing_is_left, &programs[i]};
    return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
