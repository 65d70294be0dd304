/* Training from C: optimizers and what they remember, schedules, clipping, metrics that add up, and
** memory that fails at every place. */
#include "layer_check.h"

static float value(Tensor *x, int i) { return ((const float *)tn_data(x))[i]; }

/* x after some steps on sum(x^2), from [3, 4]. */
static void walk(Optimizer *o, Tensor *x, int steps) {
    for (int i = 0; i < steps; i++) {
        Scope *s = tn_scope_begin();
        tn_tape_begin();
        Tensor *y = tn_sum(tn_square(x), NULL, false);
        const List *grads = tn_gradients(y, LIST(x), NULL);
        tn_tape_end();
        tn_optimizer_apply(o, LIST(x), grads);
        tn_scope_end(s);
    }
}

static Tensor *start(void) { return tn_variable(floats(INTS(2), (float[]){3, 4}), true); }

/* ---- optimizers ---- */

static void test_states(void **state) {
    (void)state;
    static const char *const names[] = {"sgd",   "momentum", "rmsprop", "adam",    "adamax",
                                        "adamw", "nadam",    "lion",    "adagrad", "adadelta"};
    static const int states[] = {0, 1, 2, 2, 2, 2, 2, 1, 1, 2};
    for (int i = 0; i < 10; i++) {
        Scope *s = tn_scope_begin();
        const char *config = "{\"learningRate\": 0.1, \"momentum\": 0.5, \"useEma\": true}";
        Optimizer *one = tn_optimizer(names[i], config), *two = tn_optimizer(names[i], config);
        Tensor *x = start(), *same = start();
        walk(one, x, 2);
        assert_int_equal(tn_optimizer_steps(one), 2);
        assert_int_equal(tn_optimizer_states(one)->n, states[i] + 1);
        assert_int_equal(tn_optimizer_variables(one)->n, 1);
        tn_optimizer_set_states(two, 2, tn_optimizer_states(one));
        assert_int_equal(tn_optimizer_states(two)->n, states[i] + 1);
        tn_assign(same, x);
        walk(one, x, 2);
        walk(two, same, 2);
        no_error();
        for (int k = 0; k < 2; k++) near_to(value(x, k), value(same, k), 0);
        assert_true(value(x, 0) < 3);
        tn_optimizer_finish(one);
        assert_true(value(x, 0) > value(same, 0));
        tn_optimizer_release(one), tn_optimizer_release(two);
        tn_dispose(x), tn_dispose(same);
        tn_scope_end(s);
    }
}

static void test_wrong_states(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Optimizer *o = tn_optimizer("adam", NULL);
    Tensor *x = start();
    tn_optimizer_set_states(o, 1, LIST(x)); /* the second one; the first begins */
    no_error();
    const List *states = tn_optimizer_states(o);
    assert_int_equal(states->n, 2);
    assert_true(value(states->v[0], 0) == 0 && value(states->v[1], 0) == value(x, 0));
    tn_optimizer_set_states(o, 1, LIST(tn_scalar(0), tn_scalar(0)));
    no_error();
    tn_optimizer_apply(o, LIST(x), LIST(x));
    expect_error("a state has shape [], its variable [2]");
    tn_optimizer_forget(o);
    tn_optimizer_apply(o, LIST(x), LIST(tn_scalar(0)));
    expect_error("a gradient has shape [], its variable [2]");
    tn_optimizer_set(o, "beta1", NAN);
    expect_error("beta1 must be a number");
    tn_optimizer_set(o, "none", 1);
    expect_error("there is no none");
    assert_null(tn_optimizer("sgd", "{\"clipnorm\": -1}"));
    expect_error("clipnorm must be a number of at least 0");
    tn_optimizer_release(o);
    tn_dispose(x);
    tn_scope_end(s);
}

/* A variable that is gone gives its place to another. */
static void test_gone_variables(void **state) {
    (void)state;
    Optimizer *o = tn_optimizer("adam", NULL);
    for (int i = 0; i < 3; i++) {
        Scope *s = tn_scope_begin();
        Tensor *x = start();
        walk(o, x, 1);
        assert_int_equal(tn_optimizer_states(o)->n, 2);
        tn_dispose(x);
        assert_int_equal(tn_optimizer_states(o)->n, 0);
        tn_scope_end(s);
    }
    no_error();
    tn_optimizer_release(o);
}

static void test_clipping_and_rates(void **state) {
    (void)state;
    static const struct {
        const char *config;
        float x, y;
    } cases[] = {
        {"{\"learningRate\": 0.1, \"clipnorm\": 5}", 2.7f, 3.6f},
        {"{\"learningRate\": 0.1, \"clipvalue\": 1}", 2.9f, 3.9f},
        {"{\"learningRate\": 0.1, \"global_clipnorm\": 1}", 2.94f, 3.92f},
        {"{\"learning_rate\": 0.1, \"weight_decay\": 0.5}", 2.25f, 3},
        {"{\"learningRate\": {\"class_name\": \"ExponentialDecay\", \"config\": {\"decay_rate\": 1,"
         " \"initial_learning_rate\": 0.1, \"decay_steps\": 1}}}",
         2.4f, 3.2f},
    };
    for (int i = 0; i < 5; i++) {
        Scope *s = tn_scope_begin();
        Optimizer *o = tn_optimizer("sgd", cases[i].config);
        no_error();
        Tensor *x = start();
        walk(o, x, 1);
        near_to(value(x, 0), cases[i].x, 1e-6);
        near_to(value(x, 1), cases[i].y, 1e-6);
        tn_optimizer_release(o);
        tn_dispose(x);
        tn_scope_end(s);
    }
}

/* ---- metrics ---- */

static void test_metrics(void **state) {
    (void)state;
    static const struct {
        const char *name, *config;
        float want;
    } cases[] = {
        {"auc", "{\"numThresholds\": 3}", .75f},
        {"auc", "{\"curve\": \"PR\", \"numThresholds\": 3}", .8206994f},
        {"precision", NULL, 1},
        {"recall", "{\"thresholds\": [0.2]}", 1},
        {"falsePositives", "{\"thresholds\": 0.4}", 1},
        {"rootMeanSquaredError", NULL, .433012702f},
        {"pearsonCorrelation", NULL, 0.5353034f},
        {"concordanceCorrelation", NULL, 0.4827585f},
        {"cosineSimilarity", NULL, 0.7912566f},
        {"r2Score", NULL, .25f},
        {"mean_squared_error", "{\"name\": \"mine\"}", .1875f},
        {"accuracy", NULL, .25f},
    };
    for (int i = 0; i < 12; i++) {
        Scope *s = tn_scope_begin();
        Tensor *y = floats(INTS(4), (float[]){0, 0, 1, 1});
        Tensor *p = floats(INTS(4), (float[]){0, .5f, .3f, .9f});
        Metric *m = tn_metric(cases[i].name, cases[i].config);
        for (int k = 0; k < 2; k++) tn_metric_add(m, y, p, NULL);
        no_error();
        double scale = i == 4 ? 2 : 1;
        near_to(value(tn_metric_result(m), 0), cases[i].want * scale, 1e-5);
        tn_metric_reset(m);
        near_to(value(tn_metric_result(m), 0), 0, 0);
        tn_metric_add(m, y, tn_scalar(1), NULL);
        if (!tn_error()) tn_metric_add(m, y, p, tn_scalar(1)); /* any weights that broadcast */
        tn_clear_error();
        tn_metric_release(m);
        tn_scope_end(s);
    }
    assert_null(tn_metric("none", NULL));
    expect_error("'none' is not known");
}

static void test_losses_of_batches(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Tensor *labels = floats(INTS(1, 2), (float[]){1, 2});
    Tensor *steps = floats(INTS(1, 2, 3), (float[]){0, 1, 0, 0, 0, 1});
    near_to(value(tn_metric_function("ctc", labels, steps), 0), 1.1028894, 1e-6);
    assert_true(
        isinf(value(tn_metric_function("ctc", labels, tn_zeros(INTS(1, 1, 3), TN_FLOAT32)), 0)));
    tn_metric_function("ctc", labels, labels);
    expect_error("ctc: y must be [batch, labels]");
    Tensor *units = floats(INTS(3, 2), (float[]){1, 0, .8f, .6f, .6f, .8f});
    Tensor *circle = tn_metric_function("circle", floats(INTS(3), (float[]){0, 0, 1}), units);
    near_to(value(circle, 0), 6.4016602, 1e-4);
    near_to(value(circle, 2), 0, 0);
    tn_metric_function("circle", labels, units);
    expect_error("circle: p must be [examples, size]");
    Tensor *waves = tn_initializer("{\"className\": \"STFT\", \"config\": {\"side\": \"imag\","
                                   "\"window\": null}}",
                                   INTS(2, 1, 3));
    near_to(value(waves, 4), -1, 1e-6);
    no_error();
    tn_scope_end(s);
}

/* Running means take the variable's place and leave it, once. */
static void test_swapped_means(void **state) {
    (void)state;
    Scope *s = tn_scope_begin();
    Optimizer *o =
        tn_optimizer("adam", "{\"useEma\": true, \"emaMomentum\": 0.5, \"amsgrad\": true}");
    Tensor *x = start();
    walk(o, x, 3);
    assert_int_equal(tn_optimizer_states(o)->n, 4); /* m, v, the largest v, the mean */
    const float trained = value(x, 0), mean = value(tn_optimizer_states(o)->v[3], 0);
    assert_true(trained != mean);
    for (int twice = 0; twice < 2; twice++) tn_optimizer_swap(o, false);
    near_to(value(x, 0), mean, 0);
    for (int twice = 0; twice < 2; twice++) tn_optimizer_swap(o, true);
    near_to(value(x, 0), trained, 0);
    tn_optimizer_swap(o, false);
    tn_optimizer_finish(o);
    near_to(value(x, 0), mean, 0);
    no_error();
    tn_optimizer_release(o);
    tn_dispose(x);
    tn_scope_end(s);
}

static void test_a_models_optimizer(void **state) {
    (void)state;
    Layer *model = tn_sequential(NULL);
    add_layer(model, "Dense", "'units': 2, 'inputShape': [2]");
    assert_null(tn_model_optimizer(model));
    Optimizer *o = tn_optimizer("sgd", "{\"learningRate\": 0.25}");
    tn_compile(model, o, "{\"loss\": \"mse\"}");
    assert_ptr_equal(tn_model_optimizer(model), o);
    tn_optimizer_release(o);
    o = tn_model_optimizer(model);
    tn_optimizer_retain(o);
    tn_layer_release(model);
    near_to((float)tn_optimizer_rate(o), 0.25f, 0); /* it outlives the model */
    tn_optimizer_release(o);
    no_error();
}

/* ---- memory ---- */

static void compile_and_fit(void) {
    Scope *s = tn_scope_begin();
    Layer *model = tn_sequential(NULL);
    Optimizer *o =
        tn_optimizer("adamw", "{\"useEma\": true, \"globalClipnorm\": 1, \"learningRate\":"
                              "{\"className\": \"CosineDecay\", \"config\": {\"decaySteps\": 9,"
                              "\"initialLearningRate\": 0.1}}}");
    if (model) add_layer(model, "Dense", "'units': 2, 'inputShape': [2], 'activation': 'sigmoid'");
    Tensor *x = floats(INTS(3, 2), (float[]){1, 2, 3, 4, 5, 6}),
           *y = tn_ones(INTS(3, 2), TN_FLOAT32);
    if (model && o && !tn_error())
        tn_compile(model, o, "{\"loss\": \"mse\", \"metrics\": [\"auc\", \"f1Score\", \"acc\"]}");
    if (model && o && !tn_error()) {
        tn_fit(model, LIST(x), LIST(y), "{\"epochs\": 2, \"batchSize\": 2}");
        tn_optimizer_set_states(o, 1, tn_optimizer_states(o));
    }
    tn_optimizer_release(o), tn_layer_release(model);
    tn_scope_end(s);
}

static void losses_and_metrics(void) {
    Scope *s = tn_scope_begin();
    Tensor *labels = floats(INTS(2, 2), (float[]){1, 2, 1, 0});
    tn_metric_function("ctc", labels, tn_zeros(INTS(2, 3, 3), TN_FLOAT32));
    tn_metric_function("circle", tn_ones(INTS(2), TN_FLOAT32), labels);
    static const char *const names[] = {"pearsonCorrelation", "r2Score", "hinge"};
    for (int i = 0; i < 3; i++) {
        Metric *m = tn_metric(names[i], "{\"name\": \"mine\"}");
        if (m) tn_metric_add(m, labels, labels, NULL);
        if (m) tn_metric_result(m);
        tn_metric_release(m);
    }
    tn_scope_end(s);
}

/* Fails the first allocation of f, the second... until it goes well. */
static void without_memory(void (*f)(void)) {
    f();
    no_error();
    for (int n = 1; n < 3000; n++) {
        tn_fail_allocation(n);
        f();
        tn_fail_allocation(0);
        bool went_well = !tn_error();
        tn_clear_error();
        assert_int_equal(tn_memory()->tensors, 0);
        if (went_well) return;
    }
    fail_msg("it needs more than 3000 allocations");
}

static void test_no_memory(void **state) {
    (void)state;
    without_memory(compile_and_fit);
    without_memory(losses_and_metrics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_states, nothing_left),
        cmocka_unit_test_teardown(test_wrong_states, nothing_left),
        cmocka_unit_test_teardown(test_gone_variables, nothing_left),
        cmocka_unit_test_teardown(test_clipping_and_rates, nothing_left),
        cmocka_unit_test_teardown(test_metrics, nothing_left),
        cmocka_unit_test_teardown(test_losses_of_batches, nothing_left),
        cmocka_unit_test_teardown(test_swapped_means, nothing_left),
        cmocka_unit_test_teardown(test_a_models_optimizer, nothing_left),
        cmocka_unit_test_teardown(test_no_memory, nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
