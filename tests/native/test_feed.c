/* Training and evaluating on batches that are fed: the same as fit and evaluate on all of them. And
** layers that are released after their weights were disposed. */
#include "layer_check.h"

static const float xs[] = {0, 0.5f, 1, -1, 0.25f, 0.75f, -0.5f, 2}, ys[] = {1, 0, 2, 1};

static Layer *small(void) {
    Layer *model = tn_sequential("m");
    add_layer(model, "Dense", "'units': 1, 'inputShape': [2], 'kernelInitializer': 'ones'");
    compile_model(model, "sgd", "{\"loss\": \"meanSquaredError\", \"metrics\": [\"mae\"]}");
    no_error();
    return model;
}

static Tensor *x_rows(int from, int n) { return floats(INTS(n, 2), xs + 2 * from); }
static Tensor *y_rows(int from, int n) { return floats(INTS(n, 1), ys + from); }

static void same_values(const List *a, const List *b) {
    no_error();
    assert_int_equal(a->n, b->n);
    for (int i = 0; i < a->n; i++) near_to(at(a->v[i], 0), at(b->v[i], 0), 1e-6);
}

static void test_fit(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *one = small(), *other = small();
    const char *options = "{\"batchSize\": 3, \"shuffle\": false, "
                          "\"classWeight\": {\"0\": 2, \"1\": 1, \"2\": 1}}";
    Fit *whole =
        tn_fit_begin(one, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)), NULL, NULL, NULL, NULL, options);
    Fit *fed = tn_fit_begin(other, NULL, NULL, NULL, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)), NULL,
                            options);
    no_error();
    for (int epoch = 0; epoch < 3; epoch++) {
        assert_int_equal(tn_fit_epoch(whole), 2);
        tn_fit_epoch(fed);
        for (int b = 0; b < 2; b++) {
            const int n = b ? 1 : 3;
            assert_int_equal(tn_fit_batch(whole, b), n);
            assert_int_equal(tn_fit_feed(fed, LIST(x_rows(3 * b, n)), LIST(y_rows(3 * b, n))), n);
            same_values(tn_fit_values(whole, TN_FIT_BATCH), tn_fit_values(fed, TN_FIT_BATCH));
        }
        same_values(tn_fit_values(whole, TN_FIT_EPOCH), tn_fit_values(fed, TN_FIT_EPOCH));
    }
    assert_true(tn_fit_validates(fed));
    tn_fit_validate(fed);
    same_values(tn_fit_values(fed, TN_FIT_VALIDATION),
                tn_evaluate(one, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)), NULL, 4));
    assert_int_equal(tn_fit_feed(fed, LIST(x_rows(0, 2)), LIST(y_rows(0, 1))), 0);
    expect_error("Found 2 input sample(s) and 1 target sample(s)");
    tn_fit_end(whole);
    tn_fit_end(fed);
    tn_layer_release(one);
    tn_layer_release(other);
    tn_scope_end(s);
}

static void test_evaluation(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Layer *model = small();
    Evaluation *e = tn_evaluation_begin(model);
    assert_int_equal(tn_evaluation_values(e)->n, 0);
    expect_error("no batches");
    assert_int_equal(tn_evaluation_feed(e, LIST(x_rows(0, 3)), LIST(y_rows(0, 3))), 3);
    assert_int_equal(tn_evaluation_feed(e, LIST(x_rows(3, 1)), LIST(y_rows(3, 1))), 1);
    assert_int_equal(tn_evaluation_feed(e, LIST(x_rows(0, 1)), LIST(y_rows(0, 2))), 0);
    expect_error("Found 1 input sample(s) and 2 target sample(s)");
    same_values(tn_evaluation_values(e),
                tn_evaluate(model, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)), NULL, 2));
    tn_evaluation_end(e);
    tn_layer_release(model);
    Layer *plain = tn_sequential("p");
    assert_null(tn_evaluation_begin(plain));
    expect_error("compile()");
    tn_layer_release(plain);
    tn_scope_end(s);
}

static void test_failing_memory(void **state) {
    (void)state;
    for (int n = 1, failed = 1; failed; n++) {
        Scope *s = tn_scope_begin();
        Layer *model = small();
        tn_fail_allocation(n);
        Fit *fed = tn_fit_begin(model, NULL, NULL, NULL, NULL, NULL, NULL,
                                "{\"classWeight\": {\"0\": 2, \"1\": 1, \"2\": 1}}");
        Evaluation *e = tn_evaluation_begin(model);
        if (fed) tn_fit_feed(fed, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)));
        if (e) tn_evaluation_feed(e, LIST(x_rows(0, 4)), LIST(y_rows(0, 4)));
        failed = tn_error() != NULL;
        if (failed) assert_int_equal(tn_error_code(), TN_MEMORY);
        tn_fail_allocation(0);
        tn_clear_error();
        if (fed) tn_fit_end(fed);
        if (e) tn_evaluation_end(e);
        tn_layer_release(model);
        tn_scope_end(s);
        assert_int_equal(tn_memory()->tensors, 0);
    }
}

/* The memory of disposed weights goes to other tensors, which a later release must leave alone. */
static void test_release_after_dispose(void **state) {
    (void)state;
    Layer *model = small();
    assert_int_equal(tn_layer_dispose(model), 2);
    Tensor *others[8];
    for (int i = 0; i < 8; i++) others[i] = tn_keep(tn_scalar((float)i));
    tn_layer_release(model);
    assert_int_equal(tn_memory()->tensors, 8);
    for (int i = 0; i < 8; i++) {
        near_to(at(others[i], 0), i, 0);
        tn_dispose(others[i]);
    }
}

int main(void) {
#define T(name) cmocka_unit_test_teardown(name, nothing_left)
    const struct CMUnitTest tests[] = {T(test_fit), T(test_evaluation), T(test_failing_memory),
                                       T(test_release_after_dispose)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
